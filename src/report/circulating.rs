//! Ranges of payment in circulation against published and observed figures: what may be believed.

use rust_decimal::Decimal;

use crate::domain::{Date, Period};
use crate::reference::{ClaimedRange, RateFilter, Reference};

use super::model::{Cell, Column, ColumnKind, DataKind, Section, Table};

/// What the data say of a claim: from, to, and which figures these are.
struct Found {
    low: Decimal,
    high: Decimal,
    what: String,
}

/// Compares each claim with the figures that can be had for it.
pub(super) fn section(reference: &Reference) -> Option<Section> {
    let rows: Vec<(&ClaimedRange, Option<Found>)> =
        reference.claimed_ranges.iter().map(|claim| (claim, found(reference, claim))).collect();
    let compared = rows.iter().filter(|r| r.1.is_some()).count();
    let holding = rows.iter().filter(|(claim, found)| found.as_ref().is_some_and(|f| holds(claim, f))).count();
    if compared == 0 {
        return None;
    }
    let cells = |(claim, found): &(&ClaimedRange, Option<Found>)| {
        let payers = match claim.payers.as_str() {
            "medicare" => "Medicare",
            "medicaid" => "Medicaid",
            "commercial" => "Commercial",
            _ => "All payers",
        };
        let mut cells = vec![
            Cell::from(claim.code.to_string()),
            Cell::from(payers),
            Cell::Number(claim.low),
            Cell::Number(claim.high),
        ];
        match found {
            Some(f) => cells.extend([
                Cell::Number(f.low),
                Cell::Number(f.high),
                Cell::from(verdict(claim, f)),
                Cell::from(f.what.clone()),
            ]),
            None => cells.extend([
                Cell::Empty,
                Cell::Empty,
                Cell::from("cannot be compared"),
                Cell::from("no public rates; compare with your own contracts above"),
            ]),
        }
        cells
    };
    let column = |name: &str, header: &str, kind| Column::new(name, header, kind);
    Some(Section {
        id: "ranges-in-circulation".to_owned(),
        title: format!("Of {compared} payment ranges in circulation that can be compared, {holding} agree with the figures"),
        lead: "Billing guides quote ranges without a source. Here they stand beside published and observed figures; no line is priced by them.".to_owned(),
        kind: DataKind::Published,
        chart: None,
        table: Table {
            columns: vec![
                column("code", "Code", ColumnKind::Text),
                column("payers", "Of", ColumnKind::Text),
                column("claimed_low", "Claimed from", ColumnKind::Rate),
                column("claimed_high", "Claimed to", ColumnKind::Rate),
                column("found_low", "Found from", ColumnKind::Rate),
                column("found_high", "Found to", ColumnKind::Rate),
                column("verdict", "Verdict", ColumnKind::Text),
                column("figures", "Figures", ColumnKind::Text),
            ],
            rows: rows.iter().map(cells).collect(),
            total: None,
        },
        notes: vec![
            "96373 is an intra-arterial injection and 96374 an intravenous push; guides that call 96373 an IV push or 96374 an infusion are wrong.".to_owned(),
            "In a facility the professional injection line is not \"lower\": it is not payable (PC/TC 5). Urgent care (20) pays like the office.".to_owned(),
            "A visit beside the injection must be significant and separately identifiable (modifier 25 on the visit); it need not be unrelated.".to_owned(),
        ],
    })
}

fn holds(claim: &ClaimedRange, found: &Found) -> bool {
    claim.low <= found.low && found.high <= claim.high
}

fn verdict(claim: &ClaimedRange, found: &Found) -> &'static str {
    match (holds(claim, found), found.high < claim.low || found.low > claim.high) {
        (true, _) => "agrees",
        (false, true) => "disagrees",
        (false, false) => "agrees in part",
    }
}

fn found(reference: &Reference, claim: &ClaimedRange) -> Option<Found> {
    match claim.payers.as_str() {
        "medicaid" => {
            let [p10, .., p90, _, _] = reference.medicaid.observed_nation(claim.code)?.percentiles;
            Some(Found {
                low: p10,
                high: p90,
                what: "observed Medicaid payments per claim 2018–2024, 10th to 90th percentile".to_owned(),
            })
        }
        "commercial" => None,
        _ => {
            let last = reference.medicare.conversion_factors().map(|cf| cf.period.last()).max()?;
            let year = chrono::Datelike::year(&last);
            let filter = RateFilter {
                days: Period::inclusive(Date::from_ymd_opt(year, 1, 1)?, last),
                facility: Some(false),
                ..RateFilter::default()
            };
            let rates: Vec<Decimal> =
                reference.medicare.rates(claim.code, &filter).into_iter().filter_map(|row| row.rate).collect();
            Some(Found {
                low: rates.iter().min().copied()?,
                high: rates.iter().max().copied()?,
                what: format!("Medicare {year} outside a facility, lowest to highest locality"),
            })
        }
    }
}
