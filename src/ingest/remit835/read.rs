//! The state of reading an 835: where a segment belongs, what it says, and the balances at the end of each part.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use super::claim::{Adjusted, Broken, Claim, Line, Transaction};
use super::elements::{AMOUNT, GROUP, REASON, TRIPLETS, UNITS, bad_amount, keep, length, read_amount, shown};
use super::fields::{ascii, day, last_day, procedure, units};
use super::tally::Tally;
use crate::domain::{Carc, Date, Group, Rarc, Units};
use crate::finding::{Finding, FindingCode, Findings, Place};
use crate::ingest::x12::{Amount, Segment, Total};

/// Takes what an 835 says, claim by claim.
pub trait Sink {
    /// A claim of the transaction is complete. It may be taken: the next one is written over what is left in its place.
    fn claim(&mut self, transaction: &Transaction, claim: &mut Claim);

    /// The transaction is complete.
    fn end(&mut self, transaction: &Transaction, end: TransactionEnd);
}

/// What a transaction held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionEnd {
    /// A hash of all claims with their lines and of the provider adjustments: the same in every rendering of the same check.
    pub content: u64,
    /// Its sums.
    pub tally: Box<Tally>,
}

impl<S: Sink> Sink for &mut S {
    fn claim(&mut self, transaction: &Transaction, claim: &mut Claim) {
        (**self).claim(transaction, claim);
    }

    fn end(&mut self, transaction: &Transaction, end: TransactionEnd) {
        (**self).end(transaction, end);
    }
}

/// To whom names and addresses belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Party {
    Payer,
    Payee,
    Other,
}

/// What the segment at hand is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Header,
    Claim,
    Line,
    Summary,
}

/// Reads the segments of remittance transactions.
pub struct Interpreter<S> {
    /// Where claims go.
    pub sink: S,
    pub(super) file: String,
    within: Within,
    party: Party,
    pub(super) transaction: Transaction,
    pub(super) claim: Claim,
    pub(super) open: bool,
    pub(super) payments: Total,
    provider: Total,
    provider_unreadable: bool,
    pub(super) content: FxHasher,
    pub(super) by_reason: FxHashMap<(Group, Carc), Total>,
    pub(super) statuses: [u64; 256],
    unused: FxHashMap<[u8; 3], u64>,
    /// Sums of the transaction at hand.
    pub(super) tally: Tally,
    /// Sums of the file, up to the transaction at hand.
    whole: Tally,
    next_index: u32,
    default_day: Option<Date>,
}

impl<S: Sink> Interpreter<S> {
    /// An interpreter for the file of this name.
    pub fn new(file: &str, sink: S) -> Self {
        Self {
            sink,
            file: file.to_owned(),
            within: Within::Header,
            party: Party::Other,
            transaction: Transaction::default(),
            claim: Claim::default(),
            open: false,
            payments: Total::default(),
            provider: Total::default(),
            provider_unreadable: false,
            content: FxHasher::default(),
            by_reason: FxHashMap::default(),
            statuses: [0; 256],
            unused: FxHashMap::default(),
            tally: Tally::default(),
            whole: Tally::default(),
            next_index: 0,
            default_day: None,
        }
    }

    /// The day of the functional group, for transactions that tell no day of their own.
    pub fn set_default_day(&mut self, day: Option<Date>) {
        self.default_day = day;
    }

    /// Counts a segment that stands outside of every remittance.
    pub fn count_outside(&mut self, segment: &Segment<'_>, used: bool) {
        self.count(segment, used);
    }

    /// A transaction begins with this segment (its ST, or the first one where that is missing).
    pub fn begin(&mut self, segment: &Segment<'_>, findings: &mut Findings) {
        self.transaction.clear();
        self.transaction.index = self.next_index;
        (self.transaction.segment, self.transaction.payment_segment) = (segment.number, segment.number);
        self.transaction.produced_on = self.default_day;
        self.next_index += 1;
        self.within = Within::Header;
        self.party = Party::Other;
        (self.payments, self.provider, self.provider_unreadable) = (Total::default(), Total::default(), false);
        self.content = FxHasher::default();
        self.tally.transactions += 1;
        if segment.id() == b"ST" {
            self.tally.st835 += 1;
            self.count(segment, true);
        } else {
            self.segment(segment, findings);
        }
    }

    /// A segment of the transaction.
    pub fn segment(&mut self, segment: &Segment<'_>, findings: &mut Findings) {
        let used = match segment.id() {
            b"SVC" => self.line(segment, findings),
            b"CAS" => self.adjustments(segment, findings),
            b"DTM" => self.date(segment),
            b"REF" => self.reference(segment),
            b"AMT" => self.amount(segment, findings),
            b"LQ" => self.remark(segment),
            b"NM1" => self.name(segment),
            b"CLP" => self.begin_claim(segment, findings),
            b"MOA" => self.claim_remarks(segment, &[3, 4, 5, 6, 7]),
            b"MIA" => self.claim_remarks(segment, &[5, 20, 21, 22, 23]),
            b"N1" => self.party(segment),
            b"N4" => self.address(segment),
            b"BPR" => self.payment(segment, findings),
            b"TRN" => self.trace(segment),
            b"LX" => {
                self.end_claim(findings);
                self.within = Within::Header;
                self.party = Party::Other;
                true
            }
            b"PLB" => self.provider(segment, findings),
            _ => false,
        };
        self.count(segment, used);
    }

    /// The transaction ends: with its trailer, or because the next one begins.
    pub fn end(&mut self, trailer: Option<&Segment<'_>>, findings: &mut Findings) {
        self.end_claim(findings);
        if let Some(segment) = trailer {
            self.count(segment, true);
        }
        self.tally.balance.transactions.total += 1;
        let place = |element: &str| Place::line(&self.file, self.transaction.payment_segment).column(element);
        match self.transaction.amount {
            None => {
                let found = "the transaction tells no readable amount (BPR02): it cannot be balanced";
                findings.push(Finding::new(FindingCode::PaymentDoesNotBalance, place("BPR02"), found));
            }
            Some(amount) if self.provider_unreadable => self.tally.bpr02_total += amount,
            Some(amount) => {
                self.tally.bpr02_total += amount;
                let due = self.payments - self.provider;
                if due == Total::from(amount) {
                    self.tally.balance.transactions.balanced += 1;
                } else {
                    let found = format!(
                        "claims paid {} − provider adjustments {} is {due}, but the payment is {amount}: {} apart",
                        self.payments,
                        self.provider,
                        due - Total::from(amount)
                    );
                    findings.push(Finding::new(FindingCode::PaymentDoesNotBalance, place("BPR02"), found));
                }
            }
        }
        let tally = self.close_tally();
        self.whole.add(&tally);
        let end = TransactionEnd { content: self.content.finish(), tally: Box::new(tally) };
        self.sink.end(&self.transaction, end);
        self.within = Within::Summary;
    }

    /// Ends the file: the sums, and the sink.
    pub fn finish(mut self) -> (Tally, S) {
        // What stood outside of every transaction since the last one.
        let rest = self.close_tally();
        self.whole.add(&rest);
        (self.whole, self.sink)
    }

    /// The sums since the last transaction, with those by reason, status and segment.
    fn close_tally(&mut self) -> Tally {
        let mut tally = std::mem::take(&mut self.tally);
        for ((group, carc), total) in self.by_reason.drain() {
            *tally.cas_by_group.entry(group.to_string()).or_default() += total;
            tally.cas_by_group_carc.insert(format!("{group}-{carc}"), total);
        }
        for (status, count) in (0..=u8::MAX).zip(&mut self.statuses).filter(|(_, n)| **n > 0) {
            tally.claim_status.insert(status.to_string(), std::mem::take(count));
        }
        for (id, count) in self.unused.drain() {
            let id = String::from_utf8_lossy(&id).trim_end_matches('\0').to_owned();
            tally.segments_unused.insert(id, count);
        }
        tally
    }

    fn count(&mut self, segment: &Segment<'_>, used: bool) {
        self.tally.segments_read += 1;
        if used {
            self.tally.segments_used += 1;
            return;
        }
        let id = segment.id();
        let mut key = [0; 3];
        // What is no segment id is not shown.
        if (2..=3).contains(&id.len()) && id.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
            key[..id.len()].copy_from_slice(id);
        } else {
            key[0] = b'?';
        }
        *self.unused.entry(key).or_default() += 1;
    }

    fn payment(&mut self, segment: &Segment<'_>, findings: &mut Findings) -> bool {
        match Amount::parse(segment.element(2)) {
            Ok(amount) => self.transaction.amount = amount,
            Err(_) => findings.push(bad_amount(&self.file, segment.number, "BPR02", segment.element(2))),
        }
        self.transaction.paid_on = day(segment.element(16));
        self.transaction.payment_segment = segment.number;
        true
    }

    fn trace(&mut self, segment: &Segment<'_>) -> bool {
        if self.within == Within::Header && segment.element(1) == b"1" {
            keep(&mut self.transaction.trace, segment.element(2));
            // TRN03 is the payer's tax number behind a 1: the least telling of its numbers.
            let mut number = String::new();
            keep(&mut number, segment.element(3));
            if !number.is_empty() {
                self.transaction.payer_ids.push(number);
            }
            return true;
        }
        false
    }

    fn party(&mut self, segment: &Segment<'_>) -> bool {
        if self.within != Within::Header {
            return false;
        }
        self.party = match segment.element(1) {
            b"PR" => Party::Payer,
            b"PE" => Party::Payee,
            _ => Party::Other,
        };
        match self.party {
            Party::Payer => {
                keep(&mut self.transaction.payer_name, segment.element(2));
                self.payer_number(segment.element(4));
                true
            }
            Party::Payee => {
                if segment.element(3) == b"XX" {
                    keep(&mut self.transaction.payee_npi, segment.element(4));
                }
                true
            }
            Party::Other => false,
        }
    }

    /// Numbers of the payer's own loop go before the number of the trace.
    fn payer_number(&mut self, element: &[u8]) {
        let mut number = String::new();
        keep(&mut number, element);
        if !number.is_empty() && !self.transaction.payer_ids.contains(&number) {
            let at = self.transaction.payer_ids.len().saturating_sub(1);
            self.transaction.payer_ids.insert(at, number);
        }
    }

    fn address(&mut self, segment: &Segment<'_>) -> bool {
        if self.within != Within::Header || self.party != Party::Payee {
            return false;
        }
        keep(&mut self.transaction.payee_state, segment.element(2));
        keep(&mut self.transaction.payee_zip, segment.element(3));
        true
    }

    fn begin_claim(&mut self, segment: &Segment<'_>, findings: &mut Findings) -> bool {
        self.end_claim(findings);
        self.within = Within::Claim;
        self.open = true;
        let claim = &mut self.claim;
        claim.clear();
        claim.segment = segment.number;
        claim.id = claim.keep(segment.element(1));
        claim.status = ascii(segment.element(2)).and_then(|t| t.parse().ok()).unwrap_or(0);
        claim.filing = claim.keep(segment.element(6));
        claim.control = claim.keep(segment.element(7));
        claim.pos = claim.keep(segment.element(8));
        claim.frequency = ascii(segment.element(9)).and_then(|t| t.parse().ok()).unwrap_or(0);
        let mut amount = |element: usize, name: &'static str, needed: bool| {
            read_amount(segment, element, name, needed).unwrap_or_else(|broken| {
                findings.push(bad_amount(&self.file, segment.number, name, segment.element(element)));
                claim.broken.get_or_insert(broken);
                None
            })
        };
        let charge = amount(3, "CLP03", true);
        let paid = amount(4, "CLP04", true);
        let patient = amount(5, "CLP05", false);
        (claim.charge, claim.paid, claim.patient) = (charge.unwrap_or_default(), paid.unwrap_or_default(), patient);
        // Amounts that were read count even where the other one is broken.
        if let Some(charge) = charge {
            self.tally.sum_clp03 += charge;
        }
        if let Some(paid) = paid {
            self.tally.sum_clp04 += paid;
            self.payments += paid;
        }
        if let Some(patient) = patient {
            self.tally.sum_clp05 += patient;
        }
        true
    }

    fn line(&mut self, segment: &Segment<'_>, findings: &mut Findings) -> bool {
        if !self.open {
            let found = "a service line (SVC) outside of any claim was passed over";
            findings.push(Finding::new(FindingCode::MissingHeader, self.place(segment, "CLP"), found));
            return false;
        }
        self.close_lists();
        self.within = Within::Line;
        let claim = &mut self.claim;
        let (adjusted, remarks) = (length(claim.adjusted.len()), length(claim.remarks.len()));
        let mut line = Line::new(segment.number, adjusted, remarks);
        let billed = procedure(segment, 1);
        line.raw_code = claim.keep(billed.raw);
        (line.code, line.modifiers) = (billed.code, billed.modifiers);
        let mut bad_modifier = billed.bad_modifier;
        if !segment.element(6).is_empty() {
            let submitted = procedure(segment, 6);
            (line.submitted, line.submitted_modifiers) = (submitted.code, submitted.modifiers);
            bad_modifier |= submitted.bad_modifier;
        }
        if bad_modifier {
            let place = Place::line(&self.file, segment.number).column("SVC01");
            let found = "a modifier that is none, or a fifth one, was left out";
            let mut finding = Finding::new(FindingCode::BadModifier, place, found);
            finding.severity = crate::finding::Severity::Warning;
            findings.push(finding);
        }
        let mut broken = None;
        let mut amount = |element: usize, name: &'static str| {
            read_amount(segment, element, name, true).unwrap_or_else(|reason| {
                findings.push(bad_amount(&self.file, segment.number, name, segment.element(element)));
                broken.get_or_insert(reason);
                None
            })
        };
        line.charge = amount(2, "SVC02").unwrap_or_default();
        line.paid = amount(3, "SVC03").unwrap_or_default();
        let mut quantity = |element: usize, name: &'static str| {
            units(segment.element(element)).unwrap_or_else(|()| {
                let place = Place::line(&self.file, segment.number).column(name);
                let found = "a number of units that cannot be read";
                findings.push(Finding::new(FindingCode::BadUnits, place, found).expected(UNITS));
                broken.get_or_insert(Broken {
                    segment: segment.number,
                    element: name,
                    code: FindingCode::BadUnits,
                    expected: UNITS,
                });
                None
            })
        };
        // A blank count means one unit.
        line.units = quantity(5, "SVC05").unwrap_or(Units::ONE);
        line.submitted_units = quantity(7, "SVC07");
        line.broken = broken;
        claim.lines.push(line);
        true
    }

    /// CAS: up to six reasons with an amount and a quantity each.
    fn adjustments(&mut self, segment: &Segment<'_>, findings: &mut Findings) -> bool {
        if !self.open {
            return false;
        }
        let file = &self.file;
        let mut broken = None;
        let mut wrong = |element: &'static str, expected: &'static str, code: FindingCode, found: String| {
            let place = Place::line(file, segment.number).column(element);
            findings.push(Finding::new(code, place, found).expected(expected));
            broken.get_or_insert(Broken { segment: segment.number, element, code, expected });
        };
        match Group::from_ascii(segment.element(1)) {
            None => wrong("CAS01", GROUP, FindingCode::BadAdjustment, "a group of adjustments that is none".to_owned()),
            Some(group) => {
                for (reason, amount, quantity) in TRIPLETS {
                    if reason.0 > segment.len() {
                        break;
                    }
                    let (carc, value) =
                        (segment.element(reason.0).trim_ascii(), segment.element(amount.0).trim_ascii());
                    if carc.is_empty() && value.is_empty() {
                        continue;
                    }
                    let Some(carc) = Carc::from_ascii(carc) else {
                        let found = "an adjustment whose reason is missing or none".to_owned();
                        wrong(reason.1, REASON, FindingCode::BadAdjustment, found);
                        continue;
                    };
                    let Ok(Some(value)) = Amount::parse(value) else {
                        wrong(amount.1, AMOUNT, FindingCode::BadMoney, shown(segment.element(amount.0)));
                        continue;
                    };
                    // A quantity that cannot be read changes no amount.
                    let quantity = units(segment.element(quantity)).unwrap_or(None);
                    self.claim.adjusted.push(Adjusted { group, carc, amount: value, quantity });
                }
            }
        }
        if let Some(broken) = broken {
            let claim = &mut self.claim;
            let owner = match (self.within, claim.lines.last_mut()) {
                (Within::Line, Some(line)) => &mut line.broken,
                _ => &mut claim.broken,
            };
            owner.get_or_insert(broken);
        }
        true
    }

    fn date(&mut self, segment: &Segment<'_>) -> bool {
        let (first, last) = (day(segment.element(2)), last_day(segment.element(2)));
        match (self.within, segment.element(1)) {
            (Within::Header, b"405") if !self.open => {
                self.transaction.produced_on = first.or(self.transaction.produced_on);
            }
            (Within::Claim, b"232") => self.claim.days = (first, self.claim.days.1.or(last)),
            (Within::Claim, b"233") => self.claim.days.1 = last,
            (Within::Claim, b"472") => self.claim.days = (first, last),
            (Within::Claim, b"050") => self.claim.received = first,
            (Within::Line, b"472" | b"150") => {
                if let Some(line) = self.claim.lines.last_mut() {
                    line.date = first;
                }
            }
            _ => return false,
        }
        first.is_some()
    }

    fn reference(&mut self, segment: &Segment<'_>) -> bool {
        match (self.within, segment.element(1)) {
            (Within::Line, b"6R") => {
                let control = self.claim.keep(segment.element(2));
                if let Some(line) = self.claim.lines.last_mut() {
                    line.control = control;
                }
                true
            }
            (Within::Header, b"2U" | b"NF" | b"EO" | b"HI") if self.party == Party::Payer => {
                self.payer_number(segment.element(2));
                true
            }
            _ => false,
        }
    }

    fn amount(&mut self, segment: &Segment<'_>, findings: &mut Findings) -> bool {
        let Ok(value) = Amount::parse(segment.element(2)) else {
            // A stated amount is a cross-check; the line stands without it.
            let mut finding = bad_amount(&self.file, segment.number, "AMT02", segment.element(2));
            finding.severity = crate::finding::Severity::Warning;
            findings.push(finding.help("nothing, if the balances hold: this amount only repeats what others say"));
            return false;
        };
        match (self.within, segment.element(1)) {
            (Within::Line, b"B6") => {
                if let Some(line) = self.claim.lines.last_mut() {
                    line.allowed = value;
                }
            }
            (Within::Claim, b"AU") => self.claim.covered = value,
            (Within::Claim, b"I") => self.claim.interest = value,
            _ => return false,
        }
        true
    }

    fn remark(&mut self, segment: &Segment<'_>) -> bool {
        if self.within != Within::Line || segment.element(1) != b"HE" {
            return false;
        }
        let remark = Rarc::from_ascii(segment.element(2));
        self.claim.remarks.extend(remark);
        remark.is_some()
    }

    fn claim_remarks(&mut self, segment: &Segment<'_>, elements: &[usize]) -> bool {
        if self.within != Within::Claim {
            return false;
        }
        let before = self.claim.remarks.len();
        let remarks = elements.iter().filter_map(|n| Rarc::from_ascii(segment.element(*n)));
        self.claim.remarks.extend(remarks);
        self.claim.remarks.len() > before
    }

    fn name(&mut self, segment: &Segment<'_>) -> bool {
        match segment.element(1) {
            b"82" if segment.element(8) == b"XX" => {
                let rendering = self.claim.keep(segment.element(9));
                match (self.within, self.claim.lines.last_mut()) {
                    (Within::Line, Some(line)) => line.provider.rendering = rendering,
                    _ => self.claim.provider.rendering = rendering,
                }
                true
            }
            b"74" => {
                self.claim.patient_corrected = true;
                true
            }
            b"TT" => {
                self.claim.forwarded = true;
                true
            }
            // QC and IL are the patient and the member: not read.
            _ => false,
        }
    }

    fn provider(&mut self, segment: &Segment<'_>, findings: &mut Findings) -> bool {
        self.end_claim(findings);
        self.within = Within::Summary;
        for (reason, amount, name) in
            [(3, 4, "PLB04"), (5, 6, "PLB06"), (7, 8, "PLB08"), (9, 10, "PLB10"), (11, 12, "PLB12"), (13, 14, "PLB14")]
        {
            if segment.element(reason).is_empty() && segment.element(amount).is_empty() {
                continue;
            }
            match Amount::parse(segment.element(amount)) {
                Ok(Some(value)) => {
                    let code =
                        ascii(segment.component(reason, 1)).filter(|t| (1..=3).contains(&t.len())).unwrap_or("?");
                    *self.tally.plb_by_reason.entry(code.to_owned()).or_default() += value;
                    self.tally.plb_total += value;
                    self.provider += value;
                    value.hash(&mut self.content);
                }
                _ => {
                    self.provider_unreadable = true;
                    findings.push(bad_amount(&self.file, segment.number, name, segment.element(amount)));
                }
            }
        }
        true
    }

    fn place(&self, segment: &Segment<'_>, element: &str) -> Place {
        Place::line(&self.file, segment.number).column(element)
    }
}
