//! Expected down to paid: the whole story in one picture.

use crate::domain::Money;
use crate::finding::Result;
use crate::report::model::{Cell, Chart, Column, ColumnKind, Section, Step, Table, Waterfall};
use crate::report::words::share;

use super::Context;

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let firm = &context.totals.firm;
    let gaps = &firm.gaps;
    let unknown = &context.totals.unknown;
    let leakage = firm.leakage();
    let title = if leakage.is_zero() {
        format!("All of {} expected is accounted for without leakage", gaps.expected.pretty_dollars())
    } else {
        format!(
            "{} of {} expected leaked: {} denied and {} underpaid",
            leakage.pretty_dollars(),
            gaps.expected.pretty_dollars(),
            gaps.denied.pretty_dollars(),
            gaps.underpaid.pretty_dollars()
        )
    };
    let step = |label: &str, amount: Money, is_level: bool, accent: bool| Step {
        label: label.to_owned(),
        amount,
        is_level,
        accent,
    };
    let mut steps = vec![
        step("Expected", gaps.expected, true, false),
        step("Denied", -gaps.denied, false, true),
        step("Underpaid", -gaps.underpaid, false, true),
        step("Pending", -gaps.pending, false, false),
        step("Patient share", -gaps.patient, false, false),
        step("Known reductions", -gaps.reductions, false, false),
        step("Overpaid", gaps.overpaid, false, false),
        step("Paid", gaps.paid, true, false),
    ];
    // What cannot be priced has no expected amount: its charges stand apart, never as zero.
    steps.push(step("Not priced (charges)", unknown.charge, true, false));
    let rows: Vec<Vec<Cell>> = steps
        .iter()
        .map(|s| {
            let of_expected = (s.label != "Not priced (charges)").then(|| s.amount.percent_of(gaps.expected)).flatten();
            vec![Cell::from(s.label.clone()), Cell::Money(s.amount), of_expected.into()]
        })
        .collect();
    let alt = format!(
        "Waterfall from {} expected to {} paid: denied {}, underpaid {}, pending {}, patient share {}, known reductions {}, overpaid {}.",
        gaps.expected.pretty(),
        gaps.paid.pretty(),
        gaps.denied.pretty(),
        gaps.underpaid.pretty(),
        gaps.pending.pretty(),
        gaps.patient.pretty(),
        gaps.reductions.pretty(),
        gaps.overpaid.pretty()
    );
    Ok(Section {
        id: "expected-to-paid".to_owned(),
        title: title.clone(),
        lead: format!(
            "Lines with a published or contracted rate. Leakage is {} of expected; the patient's share and known reductions are not leakage.",
            share(leakage, gaps.expected)
        ),
        kind: context.kind,
        chart: Some(Chart::Waterfall(Waterfall { title, alt, value_axis: "Dollars".to_owned(), steps })),
        table: Table {
            columns: vec![
                Column::new("step", "Step", ColumnKind::Text),
                Column::new("amount", "Amount", ColumnKind::Money),
                Column::new("percent_of_expected", "% of expected", ColumnKind::Percent),
            ],
            rows,
            total: None,
        },
        notes: vec![
            format!(
                "{} lines with charges of {} could not be priced and stand apart: they have no expected amount, which is not the same as zero.",
                unknown.lines,
                unknown.charge.pretty()
            ),
            "Underpayments and overpayments are never netted against each other.".to_owned(),
        ],
    })
}
