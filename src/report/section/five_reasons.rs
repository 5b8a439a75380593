//! The five reasons for denials that billing guides name first, with their fixes, and all others together.

use crate::domain::Money;
use crate::finding::Result;
use crate::leakage::{DenialFilter, DenialRates, DenialRow, DenialsBy, Group};
use crate::reference::DenialCategory;
use crate::report::denial_table::Advice;
use crate::report::model::{Cell, Column, ColumnKind, Section, Table};
use crate::report::words::{count, rate};

use super::Context;

/// The five, in the order of the guide.
const FIVE: [DenialCategory; 5] = [
    DenialCategory::MissingDocumentation,
    DenialCategory::MedicalNecessity,
    DenialCategory::Modifier,
    DenialCategory::Bundled,
    DenialCategory::MissingNdc,
];

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let rates = DenialRates::of(context.ledger, DenialsBy::Category, &DenialFilter::default())?;
    let all = &rates.total.group;
    if all.initially_denied + all.denied_lines == 0 {
        return Ok(None);
    }
    let is_one = |row: &&DenialRow| FIVE.iter().any(|category| category.as_str() == row.key);
    let sum = |f: &dyn Fn(&Group) -> i64| rates.rows.iter().filter(is_one).map(|r| f(&r.group)).sum::<i64>();
    let money = |f: &dyn Fn(&Group) -> Money| rates.rows.iter().filter(is_one).map(|r| f(&r.group)).sum::<Money>();
    let figures = |group: &Group| {
        vec![
            Cell::Count(group.initially_denied),
            rate(group.initially_denied, all.initially_denied).into(),
            Cell::Money(group.initially_denied_expected),
            Cell::Count(group.denied_lines),
            Cell::Money(group.gaps.denied),
            group.gaps.denied.percent_of(all.gaps.denied).into(),
        ]
    };
    let mut rows = Vec::new();
    for category in FIVE {
        let none = Group::empty();
        let group = rates.rows.iter().find(|r| r.key == category.as_str()).map_or(&none, |r| &r.group);
        let advice = Advice::of_category(category, context.reference);
        let mut row = vec![Cell::from(category.label())];
        row.extend(figures(group));
        row.extend([
            Cell::from(advice.step()),
            Cell::from(advice.fix.clone()),
            Cell::from(advice.first_action.clone()),
            Cell::from(advice.evidence.join("; ")),
        ]);
        rows.push(row);
    }
    let five = sum(&|g| g.initially_denied);
    let mut other = all.clone();
    other.initially_denied -= five;
    other.initially_denied_expected -= money(&|g| g.initially_denied_expected);
    other.denied_lines -= sum(&|g| g.denied_lines);
    other.gaps.denied -= money(&|g| g.gaps.denied);
    let worded = |name: &str, group: &Group| {
        let mut row = vec![Cell::from(name)];
        row.extend(figures(group));
        row.extend([const { Cell::Empty }; 4]);
        row
    };
    rows.push(worded("All other reasons", &other));
    let title = match rate(five, all.initially_denied) {
        Some(share) => format!(
            "The five best-known reasons make {share}% of {}",
            count(all.initially_denied, "initial denial", "initial denials")
        ),
        None => {
            format!("{} without an initial denial", count(all.denied_lines, "line was denied", "lines were denied"))
        }
    };
    Ok(Some(Section {
        id: "five-reasons".to_owned(),
        title,
        lead: "The five reasons that billing guides for injections name first: how often each occurs here, what fixes it, and what to send."
            .to_owned(),
        kind: context.kind,
        chart: None,
        table: Table { columns: columns(), rows, total: Some(worded("All denials", all)) },
        notes: vec![
            "A line stands under the reason of its first denial, also when a later answer gave another; lines that are never payable are left out. Dollars are expected amounts and leave out lines without a price.".to_owned(),
        ],
    }))
}

fn columns() -> Vec<Column> {
    use ColumnKind::{Count, Money, Percent, Text};
    let columns = [
        ("reason", "Reason", Text),
        ("initial_lines", "Denied at first", Count),
        ("initial_percent", "% of initial denials", Percent),
        ("initial", "Denied at first, dollars", Money),
        ("denied_lines", "Denied in the end", Count),
        ("denied", "Denied, dollars", Money),
        ("denied_percent", "% of denied dollars", Percent),
        ("step", "Billing step", Text),
        ("fix", "Fix", Text),
        ("first_action", "First action", Text),
        ("evidence", "Evidence to attach", Text),
    ];
    columns.map(|(name, header, kind)| Column::new(name, header, kind)).to_vec()
}
