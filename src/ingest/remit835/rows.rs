//! Remittances as rows of the tables `remit_lines` and `adjustments`, in parts of bounded size.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHasher;

use super::{Claim, Sink, Transaction, TransactionEnd};
use crate::domain::{Group, Money};
use crate::finding::{Finding, FindingCode, Findings, Place, Result};
use crate::ingest::payers;
use crate::ingest::x12::{Amount, Total};
use crate::project::Project;
use crate::table::remits::{RemitColumns, RemitRow};

/// Rows after which a part is handed on at the end of a transaction, and rows after which it is handed on anyway.
const PART: usize = 48 * 1024;
const MOST: usize = 96 * 1024;

/// Rows of one transaction within a part.
#[derive(Debug, Clone)]
pub(in crate::ingest) struct Stretch {
    /// Which transaction of the file.
    pub(in crate::ingest) transaction: u32,
    /// What the payment is known by before its content has been read.
    pub(in crate::ingest) key: u64,
    /// First row of it, in lines and in adjustments.
    pub(in crate::ingest) from: (usize, usize),
    /// Its segment in the file, for findings.
    pub(in crate::ingest) segment: u32,
    /// The hash of its content and its sums, when it ends in this part.
    pub(in crate::ingest) end: Option<TransactionEnd>,
}

impl Stretch {
    /// A transaction of which nothing has been read yet.
    pub(in crate::ingest) fn new(transaction: &Transaction, from: (usize, usize)) -> Self {
        let mut hasher = FxHasher::default();
        key(transaction).hash(&mut hasher);
        Self { transaction: transaction.index, key: hasher.finish(), from, segment: transaction.segment, end: None }
    }
}

/// Rows of some transactions.
pub(in crate::ingest) struct RowPart {
    pub(in crate::ingest) columns: RemitColumns,
    pub(in crate::ingest) stretches: Vec<Stretch>,
}

/// Turns claims into rows and hands them on part by part.
pub(in crate::ingest) struct Rows<'p, F> {
    file: String,
    project: &'p Project,
    hand_on: F,
    columns: RemitColumns,
    stretches: Vec<Stretch>,
    /// The payer of the last claim, with the transaction and filing code it was found by.
    payer: Option<(u32, String, Arc<str>)>,
    pub(in crate::ingest) findings: Findings,
    pub(in crate::ingest) failed: Result<()>,
}

impl<'p, F: FnMut(RowPart) -> Result<()>> Rows<'p, F> {
    pub(in crate::ingest) fn new(file: &str, project: &'p Project, hand_on: F) -> Self {
        Self {
            file: file.to_owned(),
            project,
            hand_on,
            columns: RemitColumns::new(file),
            stretches: Vec::new(),
            payer: None,
            findings: Findings::default(),
            failed: Ok(()),
        }
    }

    /// Hands on what is left.
    pub(in crate::ingest) fn finish(mut self) -> (Findings, Result<()>) {
        self.flush();
        (self.findings, self.failed)
    }

    fn flush(&mut self) {
        if self.stretches.is_empty() || self.failed.is_err() {
            return;
        }
        let columns = std::mem::replace(&mut self.columns, RemitColumns::new(&self.file));
        let stretches = std::mem::take(&mut self.stretches);
        self.failed = (self.hand_on)(RowPart { columns, stretches });
    }

    /// Makes sure that the last stretch is of this transaction.
    fn stretch(&mut self, transaction: &Transaction) -> &mut Stretch {
        if self.stretches.last().is_none_or(|s| s.transaction != transaction.index) {
            let from = (self.columns.rows(), self.columns.adjustments());
            self.stretches.push(Stretch::new(transaction, from));
        }
        let last = self.stretches.len() - 1;
        &mut self.stretches[last]
    }

    fn cents(&mut self, amount: Amount, segment: u32, element: &str) -> Money {
        if !amount.is_whole_cents() {
            let place = Place::line(&self.file, segment).column(element);
            self.findings.push(Finding::new(FindingCode::PartOfACent, place, format!("{amount}")));
        }
        amount.money()
    }
}

/// What a payment is known by before its content has been read.
pub(in crate::ingest) fn key(transaction: &Transaction) -> String {
    let payer = transaction.payer_ids.first().unwrap_or(&transaction.payer_name);
    let amount = transaction.amount.map(|a| a.to_string()).unwrap_or_default();
    let day = transaction.date().map(|d| d.to_string()).unwrap_or_default();
    [payer, &transaction.trace, &amount, &day].map(String::as_str).join("\u{1f}")
}

impl<F: FnMut(RowPart) -> Result<()>> Sink for Rows<'_, F> {
    fn claim(&mut self, transaction: &Transaction, claim: &mut Claim) {
        if self.columns.rows() >= MOST {
            self.flush();
        }
        self.stretch(transaction);
        let filing = claim.text(claim.filing);
        let payer = match &self.payer {
            Some((index, told, payer)) if *index == transaction.index && told == filing => payer.clone(),
            _ => {
                let numbers = transaction.payer_ids.iter().map(String::as_str);
                let (payer, _) = payers::find(self.project, numbers, &transaction.payer_name, filing);
                self.payer = Some((transaction.index, filing.to_owned(), payer.clone()));
                payer
            }
        };
        let whole = RemitRow {
            claim_id: claim.text(claim.id),
            payer_id: &payer,
            payer_rank: rank(claim.status),
            payer_claim_control_number: claim.text(claim.control),
            claim_status: claim.status,
            remit_date: transaction.date(),
            code: "",
            modifiers: crate::domain::Modifiers::NONE,
            submitted_code: None,
            units: None,
            charge: Money::ZERO,
            paid: Money::ZERO,
            allowed: None,
            patient_responsibility: None,
            trace_number: &transaction.trace,
            source_line: claim.segment,
            service_date: claim.days.0.or(claim.days.1),
            line_control_number: "",
            pos: claim.text(claim.pos),
            rendering_npi: claim.text(claim.provider.rendering),
        };
        let mut same_claim = false;
        let claim_remarks = claim.remarks(&claim.level_remarks);
        let level = claim.adjustments(&claim.level);
        // The claim as a whole has a row where it has no lines, or adjustments beside those of its lines: the rows of a claim
        // add up to what the payer says of it.
        if claim.broken.is_none() && (claim.lines.is_empty() || !level.is_empty()) {
            let (charge, paid) = if claim.lines.is_empty() {
                (self.cents(claim.charge, claim.segment, "CLP03"), self.cents(claim.paid, claim.segment, "CLP04"))
            } else {
                let taken = level.iter().map(|a| a.amount).sum::<Total>();
                (Money::ZERO, -taken.money().unwrap_or_default())
            };
            let patient = patient_share(level);
            self.columns.push(&RemitRow { charge, paid, patient_responsibility: Some(patient), ..whole }, false);
            same_claim = true;
            for a in level {
                let amount = self.cents(a.amount, claim.segment, "CAS");
                self.columns.adjust(a.group, a.carc, &[claim_remarks], amount, a.quantity);
            }
        }
        for line in claim.lines.iter().filter(|line| line.broken.is_none()) {
            let adjusted = claim.adjustments(&line.adjusted);
            let npi =
                if line.provider == claim.provider { whole.rendering_npi } else { claim.text(line.provider.rendering) };
            let row = RemitRow {
                code: claim.text(line.raw_code),
                modifiers: line.modifiers,
                submitted_code: line.submitted,
                units: Some(line.units),
                charge: self.cents(line.charge, line.segment, "SVC02"),
                paid: self.cents(line.paid, line.segment, "SVC03"),
                allowed: line.allowed.map(|a| self.cents(a, line.segment, "AMT02")),
                patient_responsibility: Some(patient_share(adjusted)),
                source_line: line.segment,
                service_date: claim.day_of(line),
                line_control_number: claim.text(line.control),
                rendering_npi: if npi.is_empty() { whole.rendering_npi } else { npi },
                ..whole
            };
            self.columns.push(&row, same_claim);
            same_claim = true;
            let remarks = [claim.remarks(&line.remarks), claim_remarks];
            for a in adjusted {
                let amount = self.cents(a.amount, line.segment, "CAS");
                self.columns.adjust(a.group, a.carc, &remarks, amount, a.quantity);
            }
        }
    }

    fn end(&mut self, transaction: &Transaction, end: TransactionEnd) {
        self.stretch(transaction).end = Some(end);
        if self.columns.rows() >= PART {
            self.flush();
        }
    }
}

fn patient_share(adjusted: &[super::Adjusted]) -> Money {
    let share: Total = adjusted.iter().filter(|a| a.group == Group::Pr).map(|a| a.amount).sum();
    share.money().unwrap_or_default()
}

/// Processed as primary, secondary or tertiary; denials and reversals do not tell.
pub(in crate::ingest) const fn rank(status: u8) -> Option<u8> {
    match status {
        1 | 19 => Some(1),
        2 | 20 => Some(2),
        3 | 21 => Some(3),
        _ => None,
    }
}
