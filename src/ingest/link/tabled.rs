//! Rows of a `remit_lines` table that was made of 835 files, as the claims they were: linked as if the files had been given.

use crate::domain::{ClaimStatus, Money, Remit, Units};
use crate::ingest::remit835::{AnsweredClaim, AnsweredLine, rank};

/// The claims of these rows: what one payer answered to one claim on one day, in one way.
pub(super) fn claims(mut rows: Vec<Remit>) -> Vec<AnsweredClaim> {
    let key = |r: &Remit| {
        (
            (r.claim_id.clone(), r.payer.clone(), r.remit_date, r.claim_status),
            (r.payer_claim_control_number.clone(), r.trace_number.clone()),
        )
    };
    rows.sort_by(|a, b| key(a).cmp(&key(b)).then(a.source.cmp(&b.source)));
    let same = |a: &Remit, b: &Remit| key(a) == key(b);
    rows.chunk_by(same).filter_map(claim).collect()
}

fn claim(rows: &[Remit]) -> Option<AnsweredClaim> {
    let first = rows.first()?;
    // A row without code and charge beside others adjusts the claim as a whole; alone without code it answers all of it.
    let (whole, lines): (Vec<&Remit>, Vec<&Remit>) =
        rows.iter().partition(|r| r.code.is_none() && (r.charge.is_zero() || rows.len() == 1));
    let status = first.claim_status.number();
    let told = rank(status).or_else(|| (first.payer_rank > 1).then_some(first.payer_rank));
    Some(AnsweredClaim {
        claim_id: first.claim_id.clone(),
        payer: first.payer.clone(),
        status,
        rank: if first.claim_status == ClaimStatus::Forwarded { Some(first.payer_rank) } else { told },
        control: first.payer_claim_control_number.clone(),
        trace: first.trace_number.clone(),
        remit_date: Some(first.remit_date),
        charge: rows.iter().map(|r| r.charge).sum(),
        paid: rows.iter().map(|r| r.paid).sum::<Money>(),
        level: whole.iter().flat_map(|r| r.adjustments.clone()).collect(),
        lines: lines.into_iter().map(line).collect(),
        day: rows.iter().find_map(|r| r.service_date),
        last_day: rows.iter().filter_map(|r| r.service_date).max(),
        pos: None,
        state: None,
        zip: None,
        billing_npi: None,
        source: first.source,
    })
}

fn line(row: &Remit) -> AnsweredLine {
    AnsweredLine {
        code: row.code,
        modifiers: row.modifiers,
        submitted: row.submitted_code,
        // The table tells the modifiers once: payers change the code, hardly ever its modifiers.
        submitted_modifiers: row.modifiers,
        charge: row.charge,
        paid: row.paid,
        units: if row.units == Units::default() { Units::ONE } else { row.units },
        submitted_units: None,
        date: row.service_date,
        control: row.line_control_number.clone(),
        rendering_npi: None,
        allowed: row.allowed,
        adjustments: row.adjustments.clone(),
        source: row.source,
    }
}
