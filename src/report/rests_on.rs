//! What a forecast rests on, as pages: cash of services in the files beside that of services to come; growth, season and days to pay
//! with their ranges.

use rust_decimal::prelude::FromPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::model::{Cell, Column, ColumnKind, DataKind, Section, Table};
use crate::domain::Money;
use crate::outlook::{Book, Measure, Outlook, RestsOn, rests_on};

/// The sections, in the order of reading.
pub(super) fn sections(book: &Book, outlook: &Outlook, kind: DataKind) -> Vec<Section> {
    let found = rests_on(book);
    let mut sections = vec![open(book, outlook, kind)];
    sections.extend((!found.growth.is_empty()).then(|| growth(&found, kind)));
    sections.extend((!found.seasons.is_empty()).then(|| seasons(&found, kind)));
    sections.push(waits(&found, kind));
    sections
}

fn rounded(value: f64, digits: u32) -> Cell {
    let round = |d: Decimal| d.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero).normalize();
    Decimal::from_f64(value).map_or(Cell::Empty, |d| Cell::Number(round(d)))
}

fn percent(share: f64) -> Cell {
    Decimal::from_f64(share).and_then(|d| d.checked_mul(Decimal::ONE_HUNDRED)).map_or(Cell::Empty, |d| {
        Cell::Number(d.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize())
    })
}

fn text(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Text)
}

fn column(name: &str, header: &str, kind: ColumnKind) -> Column {
    Column::new(name, header, kind)
}

/// The four ends of two ranges, as columns.
fn ends(kind: ColumnKind) -> Vec<Column> {
    [("low80", "Low (80%)"), ("high80", "High (80%)"), ("low95", "Low (95%)"), ("high95", "High (95%)")]
        .map(|(name, header)| Column::new(name, header, kind))
        .to_vec()
}

fn open(book: &Book, outlook: &Outlook, kind: DataKind) -> Section {
    let measures = [Measure::Cash, Measure::CashOfServed, Measure::CashOfForecast];
    let cells = |first: Cell, of: &dyn Fn(Measure) -> i64| {
        std::iter::once(first).chain(measures.map(|m| Cell::Number(Decimal::new(of(m), 2)))).collect::<Vec<_>>()
    };
    let month = |(at, month): (usize, &crate::forecast::Month)| {
        cells(Cell::from(month.to_string()), &|m| outlook.total.month(at, m).mean)
    };
    let sum = |m: Measure| outlook.total.sum(m).mean;
    Section {
        id: "forecast-cash-open".to_owned(),
        title: format!(
            "Of {} to be paid, {} is open on services up to {}",
            Money::from_cents(sum(Measure::Cash)).pretty_dollars(),
            Money::from_cents(sum(Measure::CashOfServed)).pretty_dollars(),
            book.last_service
        ),
        lead: "Services in the files that are not paid in full yet, beside services that are forecast. The two sum to cash to the cent.".to_owned(),
        kind,
        chart: None,
        table: Table {
            columns: vec![
                text("month", "Month"),
                column("cash", "Cash", ColumnKind::Estimate),
                column("cash_of_served", "Of services already rendered", ColumnKind::Estimate),
                column("cash_of_forecast", "Of forecast services", ColumnKind::Estimate),
            ],
            rows: outlook.months.iter().enumerate().map(month).collect(),
            total: Some(cells(Cell::from("All months"), &sum)),
        },
        notes: Vec::new(),
    }
}

fn growth(found: &RestsOn, kind: DataKind) -> Section {
    let row = |g: &crate::outlook::Growth| {
        let mut row = vec![Cell::from(g.name.clone()), Cell::from(g.from.to_string()), count(g.months)];
        row.extend([g.per_month, g.i80.0, g.i80.1, g.i95.0, g.i95.1].map(percent));
        row.push(Cell::from(if g.without_season { "yes" } else { "no" }));
        row
    };
    let title = found.growth.first().map_or_else(String::new, |g| match (percent(g.per_month), percent(g.i80.0), percent(g.i80.1)) {
        (Cell::Number(mean), Cell::Number(low), Cell::Number(high)) => format!(
            "Visits per working day changed by {mean}% of the first month's level each month, {low} to {high}% with 80% confidence"
        ),
        _ => "How volumes grow".to_owned(),
    });
    let mut columns = vec![
        text("series", "What"),
        text("from", "From"),
        column("months", "Months", ColumnKind::Count),
        column("growth", "Growth per month", ColumnKind::Percent),
    ];
    columns.extend(ends(ColumnKind::Percent));
    columns.push(text("season_out", "Season taken out"));
    Section {
        id: "forecast-growth".to_owned(),
        title,
        lead: "Per working day, as a share of the level of the first month. Lines grow faster than visits when more is billed per visit.".to_owned(),
        kind,
        chart: None,
        table: Table { columns, rows: found.growth.iter().map(row).collect(), total: None },
        notes: found.notes.clone(),
    }
}

fn seasons(found: &RestsOn, kind: DataKind) -> Section {
    let row = |s: &crate::outlook::SeasonIndex| {
        let mut row = vec![Cell::from(name_of(s.month))];
        row.extend([s.index, s.i80.0, s.i80.1, s.i95.0, s.i95.1].map(|v| rounded(v, 3)));
        row
    };
    let most = found.seasons.iter().max_by(|a, b| a.index.total_cmp(&b.index));
    let least = found.seasons.iter().min_by(|a, b| a.index.total_cmp(&b.index));
    let title = match most.zip(least) {
        Some((most, least)) => {
            format!("Per working day, {} brings most visits and {} fewest", name_of(most.month), name_of(least.month))
        }
        None => "The season".to_owned(),
    };
    let mut columns = vec![text("month", "Month of the year"), column("index", "Index", ColumnKind::Number)];
    columns.extend(ends(ColumnKind::Number));
    Section {
        id: "forecast-season".to_owned(),
        title,
        lead: "Visits per working day beside the mean of all twelve months (1), with growth taken out.".to_owned(),
        kind,
        chart: None,
        table: Table { columns, rows: found.seasons.iter().map(row).collect(), total: None },
        notes: Vec::new(),
    }
}

fn waits(found: &RestsOn, kind: DataKind) -> Section {
    let days = |d: Option<i64>| d.map_or(Cell::Empty, Cell::Count);
    let row = |w: &crate::outlook::PayerWait| {
        let mut row = vec![Cell::from(w.name.clone()), count(w.claims), count(w.answered)];
        row.extend([w.median, w.i80.0, w.i80.1, w.i95.0, w.i95.1].map(days));
        row
    };
    let mut columns = vec![
        text("payer", "Payer"),
        column("claims", "Claims", ColumnKind::Count),
        column("answered", "Answered", ColumnKind::Count),
        column("median_days", "Median days", ColumnKind::Count),
    ];
    columns.extend(ends(ColumnKind::Count));
    Section {
        id: "forecast-days-to-pay".to_owned(),
        title: "Days from the service to the posting of the first answer, by payer".to_owned(),
        lead: "The day by which half of the claims are answered; claims without an answer have waited until now, at least.".to_owned(),
        kind,
        chart: None,
        table: Table { columns, rows: found.waits.iter().map(row).collect(), total: None },
        notes: Vec::new(),
    }
}

fn count(n: usize) -> Cell {
    Cell::Count(i64::try_from(n).unwrap_or(i64::MAX))
}

/// January is 1.
fn name_of(month: u32) -> &'static str {
    u8::try_from(month).ok().and_then(|m| chrono::Month::try_from(m).ok()).map_or("", |m| m.name())
}
