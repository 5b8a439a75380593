//! Yearly volumes as a page: their breaks, and the band that so few points support.

use rust_decimal::prelude::FromPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::cells::{percent, share, shown, signed_percent, text, whole_cents, whole_lines};
use crate::domain::Date;
use crate::forecast::events::Band;
use crate::outlook::Yearly;
use crate::report::model::{Cell, Column, ColumnKind, DataKind, Report, Section, Table};

/// The page of yearly volumes: their breaks, and the band that so few points support.
#[must_use]
pub fn yearly_report(title: &str, kind: DataKind, yearly: &Yearly, as_of: Date) -> Report {
    let rows = recorded(yearly);
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
    let bands = yearly.bands.iter().map(|(year, band)| {
        let mut row = vec![Cell::from(year.to_string())];
        row.extend(ahead_cells(band));
        row
    });
    let ahead = Section {
        id: "yearly-bands".to_owned(),
        title: width(yearly),
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

/// Every year on a row, recorded or forecast: for programs and spreadsheets.
#[must_use]
pub fn yearly_table(yearly: &Yearly) -> Table {
    let columns = vec![
        text("year", "Year"),
        text("what", "Recorded or forecast"),
        Column::new("units", "Units", ColumnKind::Number),
        Column::new("low", "Low", ColumnKind::Number),
        Column::new("high", "High", ColumnKind::Number),
        share("level", "Level"),
        Column::new("paid", "Paid", ColumnKind::Money),
        Column::new("paid_per_unit", "Paid per unit", ColumnKind::Rate),
        share("break_units", "Break in units"),
        share("break_paid_per_unit", "Break in paid per unit"),
    ];
    let mut rows = Vec::new();
    for mut cells in recorded(yearly) {
        let rest = cells.split_off(2);
        cells.insert(1, Cell::from("recorded"));
        cells.extend([Cell::Empty, Cell::Empty, Cell::Empty]);
        cells.extend(rest);
        rows.push(cells);
    }
    for (year, band) in &yearly.bands {
        let mut cells = vec![Cell::from(year.to_string()), Cell::from("forecast")];
        cells.extend(ahead_cells(band));
        cells.resize(columns.len(), Cell::Empty);
        rows.push(cells);
    }
    Table { columns, rows, total: None }
}

/// Year, units, paid, paid per unit, and the breaks of both, by year.
fn recorded(yearly: &Yearly) -> impl Iterator<Item = Vec<Cell>> {
    let broken = |year: i32, what: &str| {
        let found = yearly.breaks.iter().find(|b| b.year == year && b.what == what);
        found.map_or(Cell::Empty, |b| percent(b.factor - 1.0))
    };
    yearly.years.iter().map(move |(year, units, paid)| {
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
    })
}

/// Units, low, high and level of a year to come.
fn ahead_cells(band: &Band) -> [Cell; 4] {
    let whole = |value: f64| {
        let rounded = Decimal::from_f64(value)
            .map(|d| d.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).normalize());
        Cell::from(rounded)
    };
    [whole(band.middle), whole(band.low), whole(band.high), percent(band.level)]
}

/// How wide the band is, in words: `10 yearly points support only a wide band: 5.1 to 6.6 million units in 2024 (80%)`.
fn width(yearly: &Yearly) -> String {
    let points = yearly.years.len();
    let Some((year, band)) = yearly.bands.first() else { return format!("{points} yearly points support no forecast") };
    let (low, high) = (sized(band.low), sized(band.high));
    let low = match (low.rsplit_once(' '), high.rsplit_once(' ')) {
        (Some((figure, unit)), Some((_, same))) if unit == same => figure,
        _ => low.as_str(),
    };
    let level = shown(band.level);
    format!("{points} yearly points support only a wide band: {low} to {high} units in {year} ({level})")
}

/// `6.6 million`, `1.2 billion`; below a million whole, with separators.
fn sized(units: f64) -> String {
    for (size, word) in [(1e9, "billion"), (1e6, "million")] {
        if units >= size {
            return format!("{:.1} {word}", units / size);
        }
    }
    whole_cents(units * 100.0).map_or_else(|| "an unknown number".to_owned(), whole_lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_words() {
        let said = [5_149_916.0, 1.27e9, 999_999.4, 12.5, 0.2, f64::NAN].map(sized);
        assert_eq!(said, ["5.1 million", "1.3 billion", "999,999", "13", "0", "an unknown number"]);
    }
}
