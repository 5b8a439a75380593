//! Remittances as answers to be linked with billed lines: everything of a claim that pricing and reconciling need, kept.

use std::sync::Arc;

use super::{Adjusted, Claim, Line, Sink, Tally, Transaction, TransactionEnd, key, rank};
use crate::domain::{Adjustment, Code, Date, Group, Modifiers, Money, Pos, Rarc, Source, State, Units, Zip};
use crate::finding::{Finding, FindingCode, Place};
use crate::ingest::account::Fate;
use crate::ingest::cells;
use crate::ingest::out::{FileOutput, QuarantinedRow};
use crate::ingest::payers::{self, Known};
use crate::ingest::row::Names;
use crate::ingest::x12::Amount;
use crate::project::Project;

/// One payment (or notice) with the claims it answers.
#[derive(Debug, Clone)]
pub(in crate::ingest) struct Payment {
    /// Payer, trace number, amount and day.
    pub(in crate::ingest) key: String,
    /// A hash of its content.
    pub(in crate::ingest) content: u64,
    /// Where it begins.
    pub(in crate::ingest) source: Source,
    /// Its claims.
    pub(in crate::ingest) claims: Vec<AnsweredClaim>,
    /// Its sums.
    pub(in crate::ingest) tally: Box<Tally>,
}

/// One claim as answered once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ingest) struct AnsweredClaim {
    pub(in crate::ingest) claim_id: Arc<str>,
    pub(in crate::ingest) payer: Arc<str>,
    /// CLP02.
    pub(in crate::ingest) status: u8,
    /// 1, 2, 3; nothing where the status does not tell.
    pub(in crate::ingest) rank: Option<u8>,
    pub(in crate::ingest) control: Option<Arc<str>>,
    pub(in crate::ingest) trace: Option<Arc<str>>,
    pub(in crate::ingest) remit_date: Option<Date>,
    pub(in crate::ingest) charge: Money,
    pub(in crate::ingest) paid: Money,
    /// Adjustments of the claim as a whole.
    pub(in crate::ingest) level: Vec<Adjustment>,
    pub(in crate::ingest) lines: Vec<AnsweredLine>,
    /// First day of the claim.
    pub(in crate::ingest) day: Option<Date>,
    /// Last day of the claim, when told.
    pub(in crate::ingest) last_day: Option<Date>,
    pub(in crate::ingest) pos: Option<Pos>,
    pub(in crate::ingest) state: Option<State>,
    pub(in crate::ingest) zip: Option<Zip>,
    pub(in crate::ingest) billing_npi: Option<Arc<str>>,
    pub(in crate::ingest) source: Source,
}

/// One line as answered once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ingest) struct AnsweredLine {
    pub(in crate::ingest) code: Option<Code>,
    pub(in crate::ingest) modifiers: Modifiers,
    pub(in crate::ingest) submitted: Option<Code>,
    pub(in crate::ingest) submitted_modifiers: Modifiers,
    pub(in crate::ingest) charge: Money,
    pub(in crate::ingest) paid: Money,
    pub(in crate::ingest) units: Units,
    pub(in crate::ingest) submitted_units: Option<Units>,
    pub(in crate::ingest) date: Option<Date>,
    pub(in crate::ingest) control: Option<Arc<str>>,
    pub(in crate::ingest) rendering_npi: Option<Arc<str>>,
    pub(in crate::ingest) allowed: Option<Money>,
    pub(in crate::ingest) adjustments: Vec<Adjustment>,
    pub(in crate::ingest) source: Source,
}

/// Keeps what an 835 answers.
pub(in crate::ingest) struct Answers<'p> {
    file: u16,
    name: String,
    project: &'p Project,
    names: Names,
    claims: Vec<AnsweredClaim>,
    by_kind: u64,
    pub(in crate::ingest) out: FileOutput,
}

impl<'p> Answers<'p> {
    pub(in crate::ingest) fn new(file: u16, name: &str, project: &'p Project) -> Self {
        Self {
            file,
            name: name.to_owned(),
            project,
            names: Names::default(),
            claims: Vec::new(),
            by_kind: 0,
            out: FileOutput::default(),
        }
    }

    /// Ends the file.
    pub(in crate::ingest) fn finish(mut self) -> FileOutput {
        if self.by_kind > 0 {
            let found = "payers were recognised only by the kind of claim (CLP06)";
            let finding = Finding::new(FindingCode::PayerByKind, Place::file(&self.name).column("CLP06"), found);
            self.out.findings.push(finding.times(self.by_kind));
        }
        self.out
    }

    fn cents(&mut self, amount: Amount, segment: u32, element: &str) -> Money {
        if !amount.is_whole_cents() {
            let place = Place::line(&self.name, segment).column(element);
            self.out.findings.push(Finding::new(FindingCode::PartOfACent, place, amount.to_string()));
        }
        amount.money()
    }

    fn kept(&mut self, text: &str) -> Option<Arc<str>> {
        (!text.is_empty()).then(|| self.names.text(text))
    }

    fn adjustments(&mut self, adjusted: &[Adjusted], remarks: [&[Rarc]; 2], segment: u32) -> Vec<Adjustment> {
        let mut rarcs: Vec<Rarc> = Vec::new();
        for remark in remarks.into_iter().flatten() {
            if !rarcs.contains(remark) {
                rarcs.push(*remark);
            }
        }
        let one = |a: &Adjusted| Adjustment {
            group: a.group,
            carc: a.carc,
            rarcs: rarcs.clone(),
            amount: self.cents(a.amount, segment, "CAS"),
            quantity: a.quantity,
        };
        adjusted.iter().map(one).collect()
    }

    fn line(&mut self, claim: &Claim, line: &Line) -> AnsweredLine {
        let rendering = match claim.text(line.provider.rendering) {
            "" => claim.text(claim.provider.rendering),
            npi => npi,
        };
        let remarks = [claim.remarks(&line.remarks), claim.remarks(&claim.level_remarks)];
        AnsweredLine {
            code: line.code,
            modifiers: line.modifiers,
            submitted: line.submitted,
            submitted_modifiers: line.submitted_modifiers,
            charge: self.cents(line.charge, line.segment, "SVC02"),
            paid: self.cents(line.paid, line.segment, "SVC03"),
            units: line.units,
            submitted_units: line.submitted_units,
            date: claim.day_of(line),
            control: self.kept(claim.text(line.control)),
            rendering_npi: self.kept(rendering),
            allowed: line.allowed.map(|a| self.cents(a, line.segment, "AMT02")),
            adjustments: self.adjustments(claim.adjustments(&line.adjusted), remarks, line.segment),
            source: Source { file: self.file, line: line.segment },
        }
    }

    fn quarantine(&mut self, broken: super::Broken, charge: Option<Money>) {
        self.out.quarantined.push(QuarantinedRow {
            file: self.name.clone(),
            line: broken.segment,
            column: broken.element.to_owned(),
            code: broken.code,
            reason: format!("an element that cannot be read, expected {}", broken.expected),
        });
        self.out.account.book(Fate::Quarantined, charge);
    }
}

impl Sink for Answers<'_> {
    fn claim(&mut self, transaction: &Transaction, claim: &mut Claim) {
        let numbers = transaction.payer_ids.iter().map(String::as_str);
        let (payer, known) = payers::find(self.project, numbers, &transaction.payer_name, claim.text(claim.filing));
        let payer = self.names.text(&payer);
        let rows = claim.lines.len().max(1) as u64;
        match known {
            Known::ByName => {}
            Known::ByKind => self.by_kind += rows,
            Known::Unknown => {
                self.out.unknown_payers.entry(payer.clone()).or_insert((0, claim.segment)).0 += rows;
            }
        }
        let charge = self.cents(claim.charge, claim.segment, "CLP03");
        let paid = self.cents(claim.paid, claim.segment, "CLP04");
        if let Some(broken) = claim.broken.filter(|_| claim.lines.is_empty()) {
            self.quarantine(broken, None);
            return;
        }
        let level = if claim.broken.is_some() { &[][..] } else { claim.adjustments(&claim.level) };
        let level = self.adjustments(level, [claim.remarks(&claim.level_remarks), &[]], claim.segment);
        let mut lines = Vec::with_capacity(claim.lines.len());
        for line in &claim.lines {
            if let Some(broken) = line.broken {
                // The charge counts as far as it could be read.
                let charge = (broken.element != "SVC02").then(|| line.charge.money());
                self.out.charge += charge.unwrap_or_default();
                self.quarantine(broken, charge);
                continue;
            }
            let answered = self.line(claim, line);
            self.out.charge += answered.charge;
            self.out.paid += answered.paid;
            self.out.account.book(Fate::Kept, Some(answered.charge));
            lines.push(answered);
        }
        if claim.lines.is_empty() {
            self.out.charge += charge;
            self.out.paid += paid;
            self.out.account.book(Fate::Kept, Some(charge));
        }
        if let Some(day) = transaction.date() {
            self.out.saw(day);
        }
        let answered = AnsweredClaim {
            claim_id: self.names.text(claim.text(claim.id)),
            payer,
            status: claim.status,
            rank: rank(claim.status),
            control: self.kept(claim.text(claim.control)),
            trace: self.kept(&transaction.trace),
            remit_date: transaction.date(),
            charge,
            paid,
            level,
            lines,
            day: claim.days.0.or(claim.days.1),
            last_day: claim.days.1,
            pos: cells::pos_cell(claim.text(claim.pos)).ok(),
            state: transaction.payee_state.parse().ok(),
            zip: transaction.payee_zip.parse().ok(),
            billing_npi: self.kept(&transaction.payee_npi),
            source: Source { file: self.file, line: claim.segment },
        };
        // A claim all of whose lines are quarantined answers nothing.
        if claim.lines.is_empty() || !answered.lines.is_empty() {
            self.claims.push(answered);
        }
    }

    fn end(&mut self, transaction: &Transaction, end: TransactionEnd) {
        self.out.payments.push(Payment {
            key: key(transaction),
            content: end.content,
            source: Source { file: self.file, line: transaction.segment },
            claims: std::mem::take(&mut self.claims),
            tally: end.tally,
        });
    }
}

/// The patient's part of adjustments.
pub(in crate::ingest) fn patient_share(adjustments: &[Adjustment]) -> Money {
    adjustments.iter().filter(|a| a.group == Group::Pr).map(|a| a.amount).sum()
}
