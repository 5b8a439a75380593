//! Joins remittances with the lines they answer, and checks that each remittance balances by itself.

use rustc_hash::FxHashMap;
use std::sync::Arc;

use crate::domain::{ClaimStatus, Link, Money, Remit, ServiceLine};
use crate::finding::{Finding, FindingCode, Findings, Place};
use crate::reference::DenialMap;

use super::answers::shares;
use super::open::open;

/// For each line the indices of its remittances; remittances of lines that were not billed here come back apart.
#[must_use]
pub fn link(lines: &[ServiceLine], remits: &[Remit]) -> (Vec<Vec<u32>>, Vec<u32>) {
    let line_of: FxHashMap<(&Arc<str>, u32), usize> =
        lines.iter().enumerate().map(|(i, line)| ((&line.claim_id, line.line_number), i)).collect();
    let mut linked = vec![Vec::new(); lines.len()];
    let mut unlinked = Vec::new();
    for (i, remit) in (0u32..).zip(remits) {
        match line_of.get(&(&remit.claim_id, remit.line_number)) {
            Some(&line) => linked[line].push(i),
            None => unlinked.push(i),
        }
    }
    (linked, unlinked)
}

/// What is to be said of an answer to a line that is not in the files.
#[must_use]
pub fn without_line(remit: &Remit, place: Place) -> Finding {
    let found = format!("a remittance of {} paid names no billed line", remit.paid.pretty());
    Finding::new(FindingCode::RemitWithoutLine, place, found)
}

/// Remittances that contradict themselves or their line become findings; amounts are used as they stand.
pub fn check_remits(
    map: &DenialMap,
    sequestration: impl Fn(&str) -> bool,
    lines: &[ServiceLine],
    remits: &[Remit],
    linked: &[Vec<u32>],
    file_name: impl Fn(u16) -> String,
    findings: &mut Findings,
) {
    let place = |remit: &Remit| Place::line(file_name(remit.source.file), remit.source.line);
    for remit in remits {
        let adjusted: Money = remit.adjustments.iter().map(|a| a.amount).sum();
        let left = open(map, remit, sequestration(&remit.payer)).unexplained;
        if !left.is_zero() {
            let found = format!(
                "charge {} − adjustments {} is {}, but paid is {}; {} has no explanation",
                remit.charge.pretty(),
                adjusted.pretty(),
                (remit.charge - adjusted).pretty(),
                remit.paid.pretty(),
                left.pretty()
            );
            findings.push(Finding::new(FindingCode::DoesNotBalance, place(remit), found));
        }
        // A later payer repeats what the first allowed; a reversal may state it with either sign.
        let first = remit.payer_rank <= 1 && remit.claim_status != ClaimStatus::Reversal;
        if let Some(stated) = remit.allowed.filter(|_| first) {
            let (patient, reductions) = shares(map, remit);
            let stated_apart = open(map, remit, sequestration(&remit.payer));
            let (patient, reductions) = (patient + stated_apart.patient, reductions + stated_apart.sequestration);
            let sum = remit.paid + patient + reductions;
            if stated != sum {
                let found = format!(
                    "allowed {}, but paid {} + patient share {} + known reductions {} is {}",
                    stated.pretty(),
                    remit.paid.pretty(),
                    patient.pretty(),
                    reductions.pretty(),
                    sum.pretty()
                );
                findings.push(Finding::new(FindingCode::AllowedMismatch, place(remit), found));
            }
        }
    }
    for (line, answers) in lines.iter().zip(linked) {
        for remit in answers.iter().map(|i| &remits[*i as usize]) {
            if remit.remit_date < line.service_date {
                let found = format!("remittance of {} for a service of {}", remit.remit_date, line.service_date);
                findings.push(Finding::new(FindingCode::RemitBeforeService, place(remit), found));
            }
            let reversal = remit.claim_status == ClaimStatus::Reversal;
            let charge = if reversal { -remit.charge } else { remit.charge };
            // Several answers to one line repeat its charge only together.
            if charge != line.charge && remit.link != Link::Unbundled {
                let found = format!("the payer repeats {}, billed was {}", charge.pretty(), line.charge.pretty());
                findings.push(Finding::new(FindingCode::ChargeMismatch, place(remit), found));
            }
        }
    }
}
