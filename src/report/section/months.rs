//! Expected, allowed and leakage by month of service.

use crate::domain::{Date, Money, parse_iso_date};
use crate::finding::Result;
use crate::leakage::{Cohort, Group};
use crate::report::model::{Cell, Chart, Column, ColumnKind, LineChart, Section, Series, Table};

use super::{Context, identity_cells, identity_columns};

/// A month with more than this share of its expected still pending is shown as incomplete, in percent.
const INCOMPLETE_PERCENT: i64 = 5;

/// The finding of the complete months: when leakage was largest, or how large it was where there is one.
fn title(complete: &[Group]) -> String {
    let Some(peak) = complete.iter().max_by_key(|g| g.leakage()) else {
        return "No month is complete yet".to_owned();
    };
    let month = parse_iso_date(&format!("{}-01", peak.keys[0]))
        .map_or_else(|_| peak.keys[0].clone(), |day| day.format("%B %Y").to_string());
    let leakage = peak.leakage().pretty_dollars();
    let share = crate::report::words::share(peak.leakage(), peak.gaps.expected);
    match complete.len() {
        _ if peak.leakage() <= Money::ZERO => "No complete month has any leakage".to_owned(),
        1 => format!("Leakage of {month} was {leakage}, {share} of what was expected"),
        _ => format!("Leakage peaked in {month} at {leakage}, {share} of that month's expected"),
    }
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let groups = context.ledger.group(&["month"], &[Cohort::Firm])?;
    let first_day = |g: &Group| parse_iso_date(&format!("{}-01", g.keys[0])).ok();
    let months: Vec<Date> = groups.iter().filter_map(first_day).collect();
    let late = |g: &&Group| {
        g.gaps.pending.cents().saturating_mul(100) > g.gaps.expected.cents().saturating_mul(INCOMPLETE_PERCENT)
    };
    // Only the tail of the series can be incomplete; a pending month amid complete ones is an odd month.
    let complete = groups.len() - groups.iter().rev().take_while(late).count();
    let incomplete_from = groups.get(complete).and_then(first_day);
    let title = title(&groups[..complete]);
    let series = |name: &str, accent: bool, value: fn(&Group) -> Money| Series {
        name: name.to_owned(),
        values: groups.iter().map(|g| Some(value(g))).collect(),
        accent,
    };
    let mut notes = Vec::new();
    if let Some(from) = incomplete_from {
        notes.push(format!(
            "Months from {} are incomplete: more than {INCOMPLETE_PERCENT}% of their expected amount is still unanswered.",
            from.format("%B %Y")
        ));
    }
    Ok(Section {
        id: "months".to_owned(),
        title: title.clone(),
        lead: "By month of service, lines with a published or contracted rate.".to_owned(),
        kind: context.kind,
        chart: (months.len() > 1).then(|| {
            Chart::Lines(LineChart {
                title,
                alt: format!("Lines of expected, allowed and leakage over {} months of service.", months.len()),
                value_axis: "Dollars per month of service".to_owned(),
                months,
                series: vec![
                    series("Expected", false, |g| g.gaps.expected),
                    series("Allowed", false, Group::allowed),
                    series("Leakage", true, Group::leakage),
                ],
                events: context.events.to_vec(),
                incomplete_from,
            })
        }),
        table: Table {
            columns: months_first(identity_columns(&[("month", "Month of service")])),
            rows: groups.iter().map(|g| row(g, first_day(g))).collect(),
            total: Some(identity_cells(&["All months"], &context.totals.firm)),
        },
        notes,
    })
}

/// The first column holds days: the first of each month, so that a spreadsheet can sort and chart it.
fn months_first(mut columns: Vec<Column>) -> Vec<Column> {
    if let Some(first) = columns.first_mut() {
        first.kind = ColumnKind::Date;
    }
    columns
}

fn row(group: &Group, first_day: Option<Date>) -> Vec<Cell> {
    let mut cells = identity_cells(&[&group.keys[0]], group);
    if let (Some(cell), Some(day)) = (cells.first_mut(), first_day) {
        *cell = Cell::Date(day);
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(key: &str, expected: i64, denied: i64) -> Group {
        let mut group = Group { keys: vec![key.to_owned()], ..Group::empty() };
        (group.gaps.expected, group.gaps.denied) = (Money::from_cents(expected), Money::from_cents(denied));
        group
    }

    #[test]
    fn one_month_has_no_peak() {
        let (may, june) = (month("2025-05", 100_000, 10_000), month("2025-06", 100_000, 20_000));
        assert_eq!(title(std::slice::from_ref(&may)), "Leakage of May 2025 was $100, 10% of what was expected");
        assert_eq!(title(&[may, june]), "Leakage peaked in June 2025 at $200, 20% of that month's expected");
        assert_eq!(title(&[month("2025-05", 100_000, 0)]), "No complete month has any leakage");
        assert_eq!(title(&[]), "No month is complete yet");
    }
}
