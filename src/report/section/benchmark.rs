//! Medicaid lines whose only yardstick is observed or estimated: a band, never leakage.

use crate::finding::Result;
use crate::leakage::Cohort;
use crate::report::model::{Cell, DataKind, Section};

use super::{Context, money_table};

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let groups = context.ledger.group(&["payer", "basis"], &[Cohort::Benchmark])?;
    if groups.is_empty() {
        return Ok(None);
    }
    let total = &context.totals.benchmark;
    let cells = |first: [Cell; 2], g: &crate::leakage::Group| {
        let mut cells = first.to_vec();
        cells.push(Cell::Count(g.lines));
        let gaps = &g.gaps;
        cells.extend(
            [
                gaps.expected,
                g.band_low,
                g.band_high,
                g.allowed(),
                gaps.denied,
                gaps.pending,
                gaps.below_benchmark,
                gaps.above_benchmark,
            ]
            .map(Cell::Money),
        );
        cells
    };
    Ok(Some(Section {
        id: "benchmarks".to_owned(),
        title: format!(
            "{} have only a yardstick, not a rate: {} by the yardstick, {} allowed",
            crate::report::words::count(total.lines, "line", "lines"),
            total.gaps.expected.pretty_dollars(),
            total.allowed().pretty_dollars()
        ),
        lead: "No fee schedule is loaded for these lines. They are compared with observed payments or an estimate; the difference is a band, and no part of the leakage above.".to_owned(),
        kind: if context.kind == DataKind::Synthetic { DataKind::Synthetic } else { DataKind::Estimated },
        chart: None,
        table: money_table(
            &[("payer", "Payer"), ("basis", "Yardstick")],
            &[
                ("yardstick", "By the yardstick"),
                ("band_low", "Band from"),
                ("band_high", "Band to"),
                ("allowed", "Allowed"),
                ("denied", "Denied, at the yardstick"),
                ("pending", "Pending"),
                ("below", "Allowed below"),
                ("above", "Allowed above"),
            ],
            groups.iter().map(|g| cells([Cell::from(g.keys[0].clone()), Cell::from(g.keys[1].clone())], g)).collect(),
            cells([Cell::from("All"), Cell::Empty], total),
        ),
        notes: vec![
            "yardstick = allowed + denied + pending + below − above, in every row.".to_owned(),
            "The band is the middle half of observed payments, the lowest to the highest locality of a state mean, and 45% either way of an estimate; it covers all lines of the row, denied and pending ones too.".to_owned(),
            "Estimates (Medicare × state index) miss observed medians by about 45% at the median; observed medians are per claim and include hospital and encounter payments.".to_owned(),
        ],
    }))
}
