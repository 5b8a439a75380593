//! Which payer denies most: initial denial rates with intervals, final denials, and how often rework is won.

use crate::finding::Result;
use crate::leakage::{DenialFilter, DenialRates, DenialRow, DenialsBy};
use crate::report::model::{Cell, Chart, Column, ColumnKind, RateChart, RateRow, Section, Table};
use crate::report::words::rate;

use super::Context;

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let mut rates = DenialRates::of(context.ledger, DenialsBy::Payer, &DenialFilter::default())?;
    rates.rows.retain(|row| row.answered > 0);
    if rates.total.group.initially_denied == 0 {
        return Ok(None);
    }
    rates.rows.sort_by(|a, b| b.initial.mean.total_cmp(&a.initial.mean).then_with(|| a.key.cmp(&b.key)));
    let whole = rate(rates.total.group.initially_denied, rates.total.answered);
    let title = match (rates.rows.as_slice(), whole) {
        ([first, _, ..], Some(whole)) => {
            let [mean, ..] = first.initial.percents();
            format!("{} denies most at first: {mean:.1}% of its lines, against {whole:.1}% of all", first.key)
        }
        (_, Some(whole)) => format!("{whole:.1}% of answered lines are denied at first"),
        _ => "No line has been answered yet".to_owned(),
    };
    // The accent is for payers whose whole interval lies above the rate of all.
    let above = |row: &DenialRow| whole.is_some_and(|whole| row.initial.percents()[1] > whole);
    let bars = rates.rows.iter().map(|row| {
        let [value, low, high] = row.initial.percents();
        RateRow { label: row.key.clone(), value, low, high, accent: above(row) }
    });
    let told: Vec<String> =
        rates.rows.iter().map(|row| format!("{} {:.1}%", row.key, row.initial.percents()[0])).collect();
    let chart = (rates.rows.len() > 1).then(|| {
        Chart::Rates(RateChart {
            title: title.clone(),
            alt: format!("Initial denial rate by payer, highest first: {}.", told.join(", ")),
            value_axis: "Lines denied at first, % of lines answered, with 80% intervals".to_owned(),
            rows: bars.collect(),
            reference: whole.map(|whole| (whole, "all payers".to_owned())),
        })
    });
    Ok(Some(Section {
        id: "denial-rates".to_owned(),
        title,
        lead: "Lines denied at their first answer and in the end, what was recovered between, and how often a denial that was worked was won."
            .to_owned(),
        kind: context.kind,
        chart,
        table: table("payer", "Payer", &rates, |row| row.key.clone()),
        notes: vec![pooling_note()],
    }))
}

/// How the rates of the table are to be read.
pub(super) fn pooling_note() -> String {
    "Pooled rates are drawn towards the rate of all lines, the more the fewer lines a row has (empirical Bayes, beta-binomial); \
     the interval holds the true rate in 8 of 10 cases. Decided are denials the payer looked at again: a denial nobody worked \
     is neither won nor lost."
        .to_owned()
}

/// Counts and rates of every row, and of all lines.
pub(super) fn table(column: &str, header: &str, rates: &DenialRates, name: impl Fn(&DenialRow) -> String) -> Table {
    use ColumnKind::{Count, Money, Percent, Text};
    let columns = [
        (column, header, Text),
        ("answered", "Answered lines", Count),
        ("initially_denied", "Denied at first", Count),
        ("initial_percent", "Initial denial %", Percent),
        ("initial_pooled_percent", "pooled", Percent),
        ("initial_low_percent", "80% from", Percent),
        ("initial_high_percent", "80% to", Percent),
        ("finally_denied", "Denied in the end", Count),
        ("recovered", "Recovered lines", Count),
        ("recovered_dollars", "Recovered", Money),
        ("decided", "Decided", Count),
        ("won", "Won", Count),
        ("overturn_pooled_percent", "Overturned %, pooled", Percent),
        ("overturn_low_percent", "80% from", Percent),
        ("overturn_high_percent", "80% to", Percent),
    ];
    let cells = |name: String, row: &DenialRow| {
        let group = &row.group;
        let [initial, initial_low, initial_high] = row.initial.percents().map(Cell::Number);
        let [overturn, overturn_low, overturn_high] = row.overturn.percents().map(Cell::Number);
        vec![
            Cell::from(name),
            Cell::Count(row.answered),
            Cell::Count(group.initially_denied),
            row.initial.raw_percent().into(),
            initial,
            initial_low,
            initial_high,
            Cell::Count(group.denied_lines),
            Cell::Count(group.recovered_lines),
            Cell::Money(group.recovered),
            Cell::Count(group.denials_decided),
            Cell::Count(group.denials_won),
            overturn,
            overturn_low,
            overturn_high,
        ]
    };
    Table {
        columns: columns.map(|(name, header, kind)| Column::new(name, header, kind)).to_vec(),
        rows: rates.rows.iter().map(|row| cells(name(row), row)).collect(),
        total: Some(cells("All lines".to_owned(), &rates.total)),
    }
}
