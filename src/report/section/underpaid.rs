//! Underpayments by the mistake that gives exactly the amount that was allowed.

use crate::domain::Money;
use crate::finding::Result;
use crate::leakage::{Cohort, UnderpaymentCause};
use crate::report::model::{Cell, Section};
use crate::report::words::share;

use super::{Context, money_table};

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let short = polars::prelude::col("underpaid_cents").gt(polars::prelude::lit(0i64));
    let mut groups = context.ledger.group_where(&["cause"], &[Cohort::Firm], short)?;
    groups.sort_by(|a, b| b.gaps.underpaid.cmp(&a.gaps.underpaid).then_with(|| a.keys.cmp(&b.keys)));
    let all: Money = groups.iter().map(|g| g.gaps.underpaid).sum();
    let cause = |key: &str| {
        let word = key.strip_prefix("underpaid:").unwrap_or(key);
        UnderpaymentCause::ALL.iter().copied().find(|c| c.as_str() == word)
    };
    let title = match groups.first() {
        Some(first) => format!(
            "{} is the largest cause of underpayment: {} of {}",
            cause(&first.keys[0]).map_or(first.keys[0].as_str(), |c| c.label()),
            first.gaps.underpaid.pretty_dollars(),
            all.pretty_dollars()
        ),
        None => "No line is underpaid".to_owned(),
    };
    let rows = groups
        .iter()
        .map(|g| {
            let known = cause(&g.keys[0]);
            vec![
                Cell::from(known.map_or(g.keys[0].as_str(), |c| c.label())),
                Cell::from(known.map_or("", |c| c.action())),
                Cell::Count(g.lines),
                Cell::Money(g.gaps.expected),
                Cell::Money(g.allowed()),
                Cell::Money(g.gaps.underpaid),
            ]
        })
        .collect();
    let sum = |f: fn(&crate::leakage::Group) -> Money| Cell::Money(groups.iter().map(f).sum());
    let total = vec![
        Cell::from("All underpayments"),
        Cell::Empty,
        Cell::Count(groups.iter().map(|g| g.lines).sum()),
        sum(|g| g.gaps.expected),
        sum(crate::leakage::Group::allowed),
        sum(|g| g.gaps.underpaid),
    ];
    Ok(Section {
        id: "underpayments".to_owned(),
        title,
        lead: format!(
            "{} of what these payers should have allowed. A cause is named only when it gives the allowed amount to the cent.",
            share(all, context.totals.firm.gaps.expected)
        ),
        kind: context.kind,
        chart: None,
        table: money_table(
            &[("cause", "Cause"), ("action", "What to do")],
            &[("expected", "Expected"), ("allowed", "Allowed"), ("underpaid", "Underpaid")],
            rows,
            total,
        ),
        notes: Vec::new(),
    })
}
