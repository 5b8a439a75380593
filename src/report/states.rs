//! Public volumes by state: observed Medicare payments against the modelled allowed amount.
//!
//! An aggregate row is priced like a line, at a coarser grain: by the state's one locality, or by the mean over its localities.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{Basis, Date, Expected, Money, Volume};
use crate::finding::Result;
use crate::price::{Pricer, UnitPrice, extend};

use super::model::{Cell, Chart, Column, ColumnKind, DataKind, Section, Table, Tile, TileGrid};

/// One state: its volume with what was modelled.
struct Row<'a> {
    volume: &'a Volume,
    rate: Decimal,
    expected: Money,
    paid: Money,
    is_mean: bool,
}

/// The section on volumes that carry payments; `None` when there are none.
pub(super) fn section(pricer: &Pricer<'_>, volumes: &[Volume]) -> Result<Option<Section>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut unpriced: Vec<&Volume> = Vec::new();
    for volume in volumes {
        match (expected(pricer, volume), volume.paid, volume.state) {
            (Some((rate, expected, basis)), Some(paid), Some(_)) => {
                rows.push(Row { volume, rate, expected, paid, is_mean: basis == Basis::MedicareStateMean });
            }
            _ => unpriced.push(volume),
        }
    }
    if rows.is_empty() {
        return Ok(None);
    }
    let state = |r: &Row<'_>| r.volume.state.map(|s| s.to_string()).unwrap_or_default();
    let ratio = |r: &Row<'_>| r.paid.percent_of(r.expected).unwrap_or_default();
    rows.sort_by(|a, b| ratio(a).cmp(&ratio(b)).then_with(|| state(a).cmp(&state(b))));
    let expected_sum: Money = rows.iter().map(|r| r.expected).sum();
    let paid_sum: Money = rows.iter().map(|r| r.paid).sum();
    let (Some(lowest), Some(highest)) = (rows.first(), rows.last()) else { return Ok(None) };
    let title = format!(
        "Medicare paid {}% of the modelled allowed amount for {}: {} {}%, {} {}%",
        paid_sum.percent_of(expected_sum).unwrap_or_default(),
        lowest.volume.code,
        state(lowest),
        ratio(lowest),
        state(highest),
        ratio(highest)
    );
    let means = rows.iter().filter(|r| r.is_mean).count();
    let alt = rows.iter().map(|r| format!("{} {}%", state(r), ratio(r))).collect::<Vec<_>>().join(", ");
    let tiles = rows.iter().map(|r| Tile { state: state(r), value: ratio(r) }).collect();
    let cells = |r: &Row<'_>| {
        let units = r.volume.units.thousandths() / 1000;
        vec![
            Cell::from(state(r)),
            Cell::Count(units),
            Cell::Number(r.rate.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero)),
            Cell::from(if r.is_mean { "mean of localities" } else { "one locality" }),
            Cell::Money(r.expected),
            Cell::Money(r.paid),
            Cell::Number(ratio(r)),
        ]
    };
    let mut notes = vec![
        "What this can tell: where payments run low or high against the schedule. A line paid in full would show about 78% (80% after the coinsurance, less 2% sequestration).".to_owned(),
        "What it cannot tell: these are payments, not allowed amounts. Deductibles, services of nurse practitioners at 85%, patients with other insurance first, and units across localities lower the share; none of that is leakage.".to_owned(),
        format!("In {means} states the locality is not known: the rate is the unweighted mean over the state's localities, an estimate."),
        "Place of service is not told: the office rate was taken, because the professional line is not payable in a facility.".to_owned(),
    ];
    if !unpriced.is_empty() {
        let mut names: Vec<String> =
            unpriced.iter().map(|v| v.state.map_or_else(|| "no state".to_owned(), |s| s.to_string())).collect();
        names.sort();
        notes.push(format!("Not modelled, because no locality is known: {}.", names.join(", ")));
    }
    Ok(Some(Section {
        id: "states".to_owned(),
        title: title.clone(),
        lead: format!(
            "{} observed payments on {} modelled allowed, {}.",
            paid_sum.pretty_dollars(),
            expected_sum.pretty_dollars(),
            lowest.volume.period
        ),
        kind: DataKind::Observed,
        chart: Some(Chart::Tiles(TileGrid {
            title,
            alt: format!("Tile grid of states, payment in percent of modelled allowed: {alt}."),
            value_name: "Payment in % of modelled allowed".to_owned(),
            tiles,
        })),
        table: Table {
            columns: vec![
                Column::new("state", "State", ColumnKind::Text),
                Column::new("services", "Services", ColumnKind::Count),
                Column::new("rate", "Modelled rate", ColumnKind::Rate),
                Column::new("rate_basis", "Rate is", ColumnKind::Text),
                Column::new("expected", "Modelled allowed", ColumnKind::Money),
                Column::new("paid", "Medicare payments", ColumnKind::Money),
                Column::new("ratio", "Payment, % of modelled", ColumnKind::Percent),
            ],
            rows: rows.iter().map(cells).collect(),
            total: Some(vec![
                Cell::from("All"),
                Cell::Count(rows.iter().map(|r| r.volume.units.thousandths() / 1000).sum()),
                Cell::Empty,
                Cell::Empty,
                Cell::Money(expected_sum),
                Cell::Money(paid_sum),
                paid_sum.percent_of(expected_sum).into(),
            ]),
        },
        notes,
    }))
}

/// Rate per unit, expected amount and basis of a volume; `None` when it has no price, or more than one within its period.
fn expected(pricer: &Pricer<'_>, volume: &Volume) -> Option<(Decimal, Money, Basis)> {
    let reference = pricer.reference();
    let mut found: Option<UnitPrice> = None;
    let mut day: Date = volume.period.from();
    // Every interval of the reference that the period touches; they must agree, or no single rate is right.
    loop {
        let unit = pricer.price(&pricer.volume_key(volume, day)).unit;
        if *found.get_or_insert(unit) != unit {
            return None;
        }
        let epoch = reference.epoch(day);
        let next = reference.epoch_start(epoch + 1);
        if next <= day || next >= volume.period.until() {
            break;
        }
        day = next;
    }
    let Some(UnitPrice::PerUnit { rate, basis, .. }) = found else { return None };
    // Charges of aggregates are not line charges: lesser-of cannot be applied to them.
    let unit = UnitPrice::PerUnit { rate, basis, lesser_of: false };
    match extend(&unit, volume.units, volume.charge.unwrap_or_default()) {
        Expected::Payable(amount, basis) => Some((rate, amount, basis)),
        _ => None,
    }
}
