//! Yearly volumes as a page: their breaks, and the band that so few points support.

use rust_decimal::prelude::FromPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::cells::{percent, share, signed_percent, text};
use crate::domain::Date;
use crate::outlook::Yearly;
use crate::report::model::{Cell, Column, ColumnKind, DataKind, Report, Section, Table};

/// The page of yearly volumes: their breaks, and the band that so few points support.
#[must_use]
pub fn yearly_report(title: &str, kind: DataKind, yearly: &Yearly, as_of: Date) -> Report {
    let broken = |year: i32, what: &str| {
        let found = yearly.breaks.iter().find(|b| b.year == year && b.what == what);
        found.map_or(Cell::Empty, |b| percent(b.factor - 1.0))
    };
    let rows = yearly.years.iter().map(|(year, units, paid)| {
        let per_unit = paid.and_then(|p| p.dollars().checked_div(*units));
        let rounded = per_unit.map(|p| p.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero));
        vec![
            Cell::from(year.to_string()),
            Cell::Number(*units),
            Cell::from(*paid),
            Cell::from(rounded),
            broken(*year, "units"),
            broken(*year, "paid per unit"),
        ]
    });
    let listed: Vec<String> = yearly
        .breaks
        .iter()
        .map(|b| format!("{} in {} ({})", b.what, b.year, signed_percent(b.factor - 1.0)))
        .collect();
    let found =
        if listed.is_empty() { "No year stands out".to_owned() } else { format!("Breaks: {}", listed.join("; ")) };
    let history = Section {
        id: "yearly-volumes".to_owned(),
        title: found.clone(),
        lead: "A break is a change from one year to the next that the other changes do not explain, and that stayed."
            .to_owned(),
        kind,
        chart: None,
        table: Table {
            columns: vec![
                text("year", "Year"),
                Column::new("units", "Units", ColumnKind::Number),
                Column::new("paid", "Paid", ColumnKind::Money),
                Column::new("paid_per_unit", "Paid per unit", ColumnKind::Rate),
                share("break_units", "Break in units"),
                share("break_paid_per_unit", "Break in paid per unit"),
            ],
            rows: rows.collect(),
            total: None,
        },
        notes: Vec::new(),
    };
    let whole = |value: f64| {
        let rounded = Decimal::from_f64(value)
            .map(|d| d.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).normalize());
        Cell::from(rounded)
    };
    let bands = yearly.bands.iter().map(|(year, b)| {
        vec![Cell::from(year.to_string()), whole(b.middle), whole(b.low), whole(b.high), percent(b.level)]
    });
    let ahead = Section {
        id: "yearly-bands".to_owned(),
        title: format!("{} yearly points support only a wide band", yearly.years.len()),
        lead: "The last value carried on by the mean change, and the range that changes as large as those seen leave, breaks included.".to_owned(),
        kind,
        chart: None,
        table: Table {
            columns: vec![
                text("year", "Year"),
                Column::new("units", "Units", ColumnKind::Number),
                Column::new("low", "Low", ColumnKind::Number),
                Column::new("high", "High", ColumnKind::Number),
                share("level", "Level"),
            ],
            rows: bands.collect(),
            total: None,
        },
        notes: yearly.notes.clone(),
    };
    let period = yearly.years.first().zip(yearly.years.last()).map(|(a, b)| format!("{} to {}", a.0, b.0));
    let mut report =
        Report::of(&format!("{title}: yearly volumes"), &period.unwrap_or_default(), as_of, kind, vec![history, ahead]);
    report.period_slug = "forecast_yearly".to_owned();
    report.finding = found;
    report
}
