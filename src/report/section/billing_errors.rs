//! Lines that were never payable: avoidable billing errors, not leakage.

use crate::finding::Result;
use crate::leakage::Cohort;
use crate::report::model::{Cell, Section};
use crate::report::words::count;

use super::{Context, money_table};

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let groups = context.ledger.group(&["basis", "payer_kind"], &[Cohort::NotPayable])?;
    let total = &context.totals.not_payable;
    if groups.is_empty() {
        return Ok(None);
    }
    let why = |word: &str| match word {
        "facility-incident-to" => "Incident-to service in a facility: the facility bills it",
        "telehealth" => "Injection billed as telehealth",
        "bundled-always" => "Never paid beside another code of the day (NCCI indicator 0)",
        "bundled-without-modifier" => "Bundled without a separating modifier",
        "status-not-paid" => "Not paid separately by the schedule's status",
        "contract-excludes" => "Excluded by contract",
        _ => "Other",
    };
    let rows = groups
        .iter()
        .map(|g| {
            vec![
                Cell::from(why(&g.keys[0])),
                Cell::from(g.keys[1].clone()),
                Cell::Count(g.lines),
                Cell::Money(g.charge),
                Cell::Money(g.gaps.overpaid),
            ]
        })
        .collect();
    Ok(Some(Section {
        id: "billing-errors".to_owned(),
        title: format!(
            "{} were never payable: stop billing them, do not appeal them",
            count(total.lines, "line", "lines")
        ),
        lead: "Nothing is expected of these lines. A denial here is right; a payment here may be taken back."
            .to_owned(),
        kind: context.kind,
        chart: None,
        table: money_table(
            &[("reason", "Reason"), ("kind", "Kind of payer")],
            &[("charge", "Charges"), ("paid_by_mistake", "Allowed by mistake")],
            rows,
            vec![
                Cell::from("All"),
                Cell::Empty,
                Cell::Count(total.lines),
                Cell::Money(total.charge),
                Cell::Money(total.gaps.overpaid),
            ],
        ),
        notes: vec!["Allowed by mistake is a refund risk and stands in no other total of this report.".to_owned()],
    }))
}
