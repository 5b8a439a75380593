//! The end of a claim: its sums, two of the three balances, and what makes it this claim.

use std::hash::Hash;

use rustc_hash::FxHasher;

use super::claim::Claim;
use super::elements::length;
use super::read::{Interpreter, Sink};
use crate::domain::Code;
use crate::finding::{Finding, FindingCode, Findings, Place};
use crate::ingest::x12::Total;

impl<S: Sink> Interpreter<S> {
    /// Gives the lists that grew since the last line to their owner.
    pub(super) fn close_lists(&mut self) {
        let claim = &mut self.claim;
        let (adjusted, remarks) = (length(claim.adjusted.len()), length(claim.remarks.len()));
        match claim.lines.last_mut() {
            None => (claim.level, claim.level_remarks) = (0..adjusted, 0..remarks),
            Some(line) => (line.adjusted.end, line.remarks.end) = (adjusted, remarks),
        }
    }

    pub(super) fn end_claim(&mut self, findings: &mut Findings) {
        if !self.open {
            return;
        }
        self.open = false;
        self.close_lists();
        self.tally.claims += 1;
        self.statuses[usize::from(self.claim.status)] += 1;
        self.tally.patients_corrected += u64::from(self.claim.patient_corrected);
        let claim = &self.claim;
        let mut whole = claim.broken.is_none();
        self.tally.unreadable += u64::from(!whole);
        let mut adjusted = Total::default();
        for a in claim.adjustments(&claim.level) {
            adjusted += a.amount;
            *self.by_reason.entry((a.group, a.carc)).or_default() += a.amount;
        }
        self.tally.interest += claim.interest.unwrap_or_default();
        for line in &claim.lines {
            self.tally.balance.lines.total += 1;
            if line.broken.is_some() {
                self.tally.unreadable += 1;
                whole = false;
                continue;
            }
            let mut of_line = Total::default();
            for a in claim.adjustments(&line.adjusted) {
                of_line += a.amount;
                *self.by_reason.entry((a.group, a.carc)).or_default() += a.amount;
            }
            adjusted += of_line;
            let tally = &mut self.tally;
            tally.service_lines += 1;
            tally.sum_svc02 += line.charge;
            tally.sum_svc03 += line.paid;
            tally.zero_paid_lines += u64::from(line.paid.is_zero());
            tally.allowed_b6 += line.allowed.unwrap_or_default();
            let is_injection = |code: Option<Code>| code.is_some_and(|c| c.as_str() == "96372");
            if is_injection(line.code) || is_injection(line.submitted) {
                tally.lines_96372 += 1;
                tally.charge_96372 += line.charge;
                tally.paid_96372 += line.paid;
            }
            let due = Total::from(line.charge) - of_line;
            if due == Total::from(line.paid) {
                tally.balance.lines.balanced += 1;
            } else {
                let found = format!(
                    "charge {} − adjustments {of_line} is {due}, but paid is {}: {} apart",
                    line.charge,
                    line.paid,
                    due - Total::from(line.paid)
                );
                let place = Place::line(&self.file, line.segment).column("SVC03");
                findings.push(Finding::new(FindingCode::DoesNotBalance, place, found));
            }
        }
        self.tally.balance.claims.total += 1;
        let due = Total::from(claim.charge) - adjusted;
        if whole && due == Total::from(claim.paid) {
            self.tally.balance.claims.balanced += 1;
        } else if whole {
            let found = format!(
                "charge {} − adjustments {adjusted} is {due}, but paid is {}: {} apart",
                claim.charge,
                claim.paid,
                due - Total::from(claim.paid)
            );
            let place = Place::line(&self.file, claim.segment).column("CLP04");
            findings.push(Finding::new(FindingCode::ClaimDoesNotBalance, place, found));
        }
        hash(claim, &mut self.content);
        self.sink.claim(&self.transaction, &mut self.claim);
    }
}

/// Everything that makes a claim this claim, whatever the delimiters.
fn hash(claim: &Claim, hasher: &mut FxHasher) {
    claim.text(claim.id).hash(hasher);
    claim.text(claim.control).hash(hasher);
    (claim.status, claim.charge, claim.paid, claim.patient).hash(hasher);
    for a in &claim.adjusted {
        (a.group, a.carc, a.amount).hash(hasher);
    }
    for line in &claim.lines {
        claim.text(line.raw_code).hash(hasher);
        (line.modifiers, line.charge, line.paid, line.units, line.date).hash(hasher);
    }
}
