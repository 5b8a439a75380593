//! Every payer with the whole identity.

use crate::finding::Result;
use crate::leakage::Cohort;
use crate::report::model::{Section, Table};
use crate::report::words::share;

use super::{Context, identity_cells, identity_columns};

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let mut groups = context.ledger.group(&["payer"], &[Cohort::Firm])?;
    groups.sort_by(|a, b| b.leakage().cmp(&a.leakage()).then_with(|| a.keys.cmp(&b.keys)));
    let total = &context.totals.firm;
    let title = match groups.first() {
        Some(first) => format!(
            "{} leaks most: {}, {} of what it should have allowed",
            first.keys[0],
            first.leakage().pretty_dollars(),
            share(first.leakage(), first.gaps.expected)
        ),
        None => "No line has a published or contracted rate".to_owned(),
    };
    let rows = groups.iter().map(|g| identity_cells(&[&g.keys[0]], g)).collect();
    Ok(Section {
        id: "payers".to_owned(),
        title,
        lead: "Every row balances: expected = paid + patient share + known reductions + denied + underpaid + pending − overpaid."
            .to_owned(),
        kind: context.kind,
        chart: None,
        table: Table {
            columns: identity_columns(&[("payer", "Payer")]),
            rows,
            total: Some(identity_cells(&["All payers"], total)),
        },
        notes: Vec::new(),
    })
}
