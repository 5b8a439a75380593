//! What to work first: batches of short lines by what is left after the cost of working them.

use rust_decimal::Decimal;

use crate::domain::Money;
use crate::report::model::{Cell, Column, ColumnKind, Section, Table};
use crate::worklist::{By, Work};

use super::Context;

/// Batches shown; `allowable worklist` has all of them.
const SHOWN: usize = 15;

/// Nothing when there is nothing to work.
pub(super) fn section(context: &Context<'_>) -> Option<Section> {
    let list = context.worklist;
    let (open, above) = (list.open(By::Batch), list.above(By::Batch));
    if open == 0 {
        return None;
    }
    let (lines, recovery, cost) = list.worth_working();
    let title = if above == 0 {
        format!("No batch of denied and underpaid lines is worth working at {} a contact", list.costs.contact.pretty())
    } else {
        format!(
            "{above} of {open} batches of denied and underpaid lines are worth working: {} expected for {}",
            recovery.pretty_dollars(),
            cost.pretty_dollars()
        )
    };
    let shown = list.batches.iter().take(open.min(SHOWN));
    let rows = shown.filter_map(|batch| {
        let work = batch.work.as_ref()?;
        let chance = batch
            .items
            .first()
            .and_then(|i| list.items.get(*i))
            .map(|i| (i.odds.mean * Decimal::ONE_HUNDRED).normalize());
        Some(vec![
            Cell::from(format!("{}: {}", batch.payer_name, batch.cause.label().to_lowercase())),
            Cell::from(&*batch.action),
            Cell::Count(count(work.lines.len())),
            Cell::Money(work.amount),
            chance.into(),
            Cell::Money(work.recovery),
            Cell::Money(work.cost),
            Cell::Money(work.net()),
            work.break_even.map_or(Cell::Empty, |n| Cell::Count(i64::try_from(n).unwrap_or(i64::MAX))),
            Cell::Date(work.act_by),
        ])
    });
    let paying = || list.batches.iter().filter_map(|b| b.work.as_ref()).filter(|w| w.pays());
    let total = vec![
        Cell::from(format!("All {above} that pay")),
        Cell::Empty,
        Cell::Count(count(lines)),
        Cell::Money(paying().map(|w| w.amount).sum::<Money>()),
        Cell::Empty,
        Cell::Money(recovery),
        Cell::Money(cost),
        Cell::Money(paying().map(Work::net).sum::<Money>()),
        Cell::Empty,
        Cell::Empty,
    ];
    let mut notes = vec![list.cut(By::Batch)];
    if open > SHOWN {
        notes.push(format!(
            "The first {SHOWN} are shown; allowable worklist has all of them, with claims, lines and letters."
        ));
    }
    notes.push("What has been done so far is not known here; allowable worklist --state carries it over.".to_owned());
    notes.extend(list.assumptions.iter().cloned());
    Some(Section {
        id: "worklist".to_owned(),
        title,
        lead: "Open lines of one payer, cause and fix, worked in one contact, by expected recovery less cost. Expected recovery is \
               what is missing times the chance of winning it: an estimate."
            .to_owned(),
        kind: context.kind,
        chart: None,
        table: Table {
            columns: vec![
                Column::new("batch", "Payer and cause", ColumnKind::Text),
                Column::new("first_action", "First action", ColumnKind::Text),
                Column::new("lines", "Lines", ColumnKind::Count),
                Column::new("missing", "Missing", ColumnKind::Money),
                Column::new("chance_percent", "Chance won", ColumnKind::Percent),
                Column::new("expected_recovery", "Expected recovery", ColumnKind::Money),
                Column::new("cost", "Cost to work", ColumnKind::Money),
                Column::new("net_recovery", "Net", ColumnKind::Money),
                Column::new("break_even_lines", "Break-even lines", ColumnKind::Count),
                Column::new("act_by", "Act by", ColumnKind::Date),
            ],
            rows: rows.collect(),
            total: Some(total),
        },
        notes,
    })
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
