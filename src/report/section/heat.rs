//! Payer × cause: where to start.

use std::collections::BTreeMap;

use crate::domain::Money;
use crate::finding::Result;
use crate::leakage::{Cohort, UnderpaymentCause};
use crate::reference::DenialCategory;
use crate::report::model::{Cell, Chart, Column, ColumnKind, HeatMap, Section, Table};
use crate::report::words::share;

use super::Context;

/// The name for readers of a cause's key.
fn label(key: &str) -> String {
    let found = match key.split_once(':') {
        Some(("denied", word)) => DenialCategory::ALL.iter().find(|c| c.as_str() == word).map(|c| c.label()),
        Some(("underpaid", word)) => UnderpaymentCause::ALL.iter().find(|c| c.as_str() == word).map(|c| c.label()),
        _ => None,
    };
    found.map_or_else(|| key.to_owned(), str::to_owned)
}

/// `Great Lakes Mutual` → `great_lakes_mutual`.
fn machine_name(name: &str) -> String {
    let mapped: String = name.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    mapped.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_")
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let has_cause = polars::prelude::col("cause").neq(polars::prelude::lit(""));
    let groups = context.ledger.group_where(&["payer", "cause"], &[Cohort::Firm], has_cause)?;
    let mut by_cause: BTreeMap<&str, Money> = BTreeMap::new();
    let mut by_payer: BTreeMap<&str, Money> = BTreeMap::new();
    let mut cells: BTreeMap<(&str, &str), Money> = BTreeMap::new();
    for group in &groups {
        let (payer, cause, amount) = (group.keys[0].as_str(), group.keys[1].as_str(), group.leakage());
        *by_cause.entry(cause).or_default() += amount;
        *by_payer.entry(payer).or_default() += amount;
        cells.insert((payer, cause), amount);
    }
    let ranked = |sums: &BTreeMap<&str, Money>| {
        let mut names: Vec<(String, Money)> = sums.iter().map(|(n, m)| ((*n).to_owned(), *m)).collect();
        names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        names
    };
    let (payers, causes) = (ranked(&by_payer), ranked(&by_cause));
    let all: Money = by_payer.values().copied().sum();
    let value = |payer: &str, cause: &str| cells.get(&(payer, cause)).copied();
    let largest = cells.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
    let title = match largest {
        Some(((payer, cause), amount)) => format!(
            "The largest single leak is {} at {payer}: {}, {} of all leakage",
            label(cause).to_lowercase(),
            amount.pretty_dollars(),
            share(*amount, all)
        ),
        None => "No leak has been found".to_owned(),
    };
    let values: Vec<Vec<Option<Money>>> =
        payers.iter().map(|(p, _)| causes.iter().map(|(c, _)| value(p, c)).collect()).collect();
    // The table turns the chart on its side: causes are many and payers few, and a page is taller than wide.
    let mut columns = vec![Column::new("cause", "Cause", ColumnKind::Text)];
    columns.extend(payers.iter().map(|(payer, _)| Column::new(&machine_name(payer), payer, ColumnKind::Money)));
    columns.push(Column::new("leakage", "All payers", ColumnKind::Money));
    let rows = causes
        .iter()
        .map(|(cause, sum)| {
            let mut cells = vec![Cell::from(label(cause))];
            cells.extend(payers.iter().map(|(payer, _)| Cell::from(value(payer, cause))));
            cells.push(Cell::Money(*sum));
            cells
        })
        .collect();
    let mut total = vec![Cell::from("All causes")];
    total.extend(payers.iter().map(|(_, sum)| Cell::Money(*sum)));
    total.push(Cell::Money(all));
    Ok(Section {
        id: "payer-by-cause".to_owned(),
        title: title.clone(),
        lead: "Dollars denied or underpaid by payer and cause: one column is one conversation with a payer, one row one fix in the office."
            .to_owned(),
        kind: context.kind,
        chart: (!values.is_empty()).then(|| {
            Chart::HeatMap(HeatMap {
                title,
                alt: format!("Heat map of {} payers by {} causes of leakage; the table holds every number.", payers.len(), causes.len()),
                value_name: "Dollars denied or underpaid".to_owned(),
                rows: payers.iter().map(|(p, _)| p.clone()).collect(),
                columns: causes.iter().map(|(c, _)| label(c)).collect(),
                values,
            })
        }),
        table: Table { columns, rows, total: Some(total) },
        notes: Vec::new(),
    })
}
