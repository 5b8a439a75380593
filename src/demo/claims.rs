//! The life of one claim: first answer, appeal or correction, reversal, secondary payer, and how each line ended.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::adjudicate::{self, Answer, Share};
use super::calendar::{as_of, later};
use super::decide::{Case, Decision};
use super::dice::Dice;
use super::fees::Fees;
use super::practice::{PayerFacts, unit_charge};
use super::truth::{Cohort, LineTruth, Received, Truth};
use super::visits::Billed;
use crate::domain::{ClaimStatus, Date, Expected, Group, Money, Remit, ServiceLine, Source};
use crate::finding::Result;

/// What happens to a claim after its first answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Nothing.
    Nothing,
    /// The whole claim is reversed and answered anew with these corrections.
    Reprocessed(Correction),
    /// The denied lines alone are sent again and answered under a new claim number; `true`: paid, `false`: denied again.
    Resent(bool),
    /// The whole claim is reversed; the new answer is still to come.
    Reversed,
}

/// What a reprocessing changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Correction {
    /// Denied lines are allowed, wrong amounts put right.
    SetRight,
    /// Nothing: another party's data changed.
    Unchanged,
    /// The first line is denied after all.
    TakenBack,
}

/// Files of the demo grow here, claim by claim.
pub(super) struct Ledger<'a> {
    pub(super) fees: Fees<'a>,
    pub(super) remits: Vec<Remit>,
    pub(super) truth: Truth,
    traces: FxHashMap<(Arc<str>, Date), Arc<str>>,
}

/// An answer's envelope.
struct Envelope {
    payer: Arc<str>,
    rank: u8,
    control: Arc<str>,
    status: ClaimStatus,
    day: Date,
    states_allowed: bool,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(fees: Fees<'a>, truth: Truth) -> Self {
        Self { fees, remits: Vec::new(), truth, traces: FxHashMap::default() }
    }

    /// Lives through one claim; returns its lines.
    ///
    /// # Errors
    /// When the generator's own tables hold a bad code: never with the shipped ones.
    pub(super) fn live(
        &mut self,
        lines: Vec<Billed>,
        payer: &PayerFacts,
        number: u32,
        dice: &mut Dice,
    ) -> Result<Vec<ServiceLine>> {
        let mut cases: Vec<Case> = Vec::with_capacity(lines.len());
        for line in lines {
            cases.push(Case::new(line, &mut self.fees, dice));
        }
        self.missed(&cases);
        let mut first: Vec<Decision> = Vec::with_capacity(cases.len());
        for case in &cases {
            first.push(case.first(payer, &mut self.fees, dice));
        }
        let day = cases[0].line.service_date;
        let sent = later(day, dice.between(2, 6));
        // Some claims are held for questions first.
        let held = if dice.chance(700) { dice.between(25, 90) } else { 0 };
        let answered = later(sent, dice.between(payer.lag.0, payer.lag.1) + held);
        let owed = Share::draw(payer, day, dice);
        // Some claims get lost on the way.
        if dice.chance(90) || answered > as_of() {
            for case in &cases {
                self.end(case, None, None, Money::ZERO, false);
            }
            return Ok(cases.into_iter().map(|case| case.line).collect());
        }
        // A missing drug code is missing on the claim too.
        for (case, decision) in cases.iter_mut().zip(&first) {
            if matches!(decision, Decision::Denied(denial) if denial.category == "missing_ndc" && denial.rarc != "N846")
            {
                case.line.ndc = None;
            }
        }
        let payer_id = cases[0].line.payer.clone();
        let control: Arc<str> = Arc::from(format!("{}{:02}{number:07}", payer.kind_letter(), day_of_era(day) % 100));
        let envelope = |status, day| Envelope {
            payer: payer_id.clone(),
            rank: 1,
            control: control.clone(),
            status,
            day,
            states_allowed: payer.states_allowed,
        };
        let answers = self.answers(&cases, payer, &first, owed)?;
        let status = status_of(&first);
        for (case, answer) in cases.iter().zip(&answers) {
            self.post(case, &envelope(status, answered), answer);
        }
        let (next, next_day) = self.what_next(&cases, &first, answered, dice);
        let mut last: Vec<Option<Decision>> = first.iter().copied().map(Some).collect();
        let mut final_answers = answers.clone();
        match next {
            Next::Nothing => {}
            Next::Resent(paid) => {
                let control: Arc<str> = Arc::from(format!("{control}R1"));
                let mut settled = Share::draw(payer, as_of(), dice);
                for (i, case) in cases.iter().enumerate().filter(|(i, _)| is_resendable(&cases[*i], &first[*i])) {
                    let decision = if paid { case.correct() } else { first[i] };
                    let answer = adjudicate::answer(case, payer, &decision, &mut settled, &mut self.fees)?;
                    let envelope = Envelope { control: control.clone(), ..envelope(status_of(&[decision]), next_day) };
                    self.post(case, &envelope, &answer);
                    last[i] = Some(decision);
                    final_answers[i] = answer;
                }
            }
            Next::Reprocessed(_) | Next::Reversed => {
                for (case, answer) in cases.iter().zip(&answers) {
                    self.post(case, &envelope(ClaimStatus::Reversal, next_day), &adjudicate::reversed(answer));
                }
                last.fill(None);
            }
        }
        if let Next::Reprocessed(correction) = next {
            let mut second = first.clone();
            for (i, case) in cases.iter().enumerate() {
                match correction {
                    Correction::SetRight if case.cohort != Cohort::NotPayable => second[i] = case.correct(),
                    Correction::TakenBack if i == 0 => second[i] = Decision::Denied(case.denial(payer, dice)),
                    _ => {}
                }
            }
            final_answers = self.answers(&cases, payer, &second, owed)?;
            let status = status_of(&second);
            for (case, answer) in cases.iter().zip(&final_answers) {
                self.post(case, &envelope(status, next_day), answer);
            }
            last = second.into_iter().map(Some).collect();
        }
        let by_secondary = self.secondary(&cases, payer, next, &final_answers, answered, dice)?;
        for (i, case) in cases.iter().enumerate() {
            let answer = last[i].is_some().then_some(&final_answers[i]);
            self.end(case, last[i].as_ref(), answer, by_secondary[i], first[i].is_denial());
        }
        Ok(cases.into_iter().map(|case| case.line).collect())
    }

    /// Writes down what the visit shows to have been done and not billed.
    fn missed(&mut self, cases: &[Case]) {
        let Some(first) = cases.first().map(|case| &case.line) else { return };
        let has = |code: &str| cases.iter().any(|case| case.line.code.as_str() == code);
        let drugs: Vec<&Case> = cases.iter().filter(|case| case.line.code.is_drug()).collect();
        let charge = |code| Money::from_cents(unit_charge(code, chrono::Datelike::year(&first.service_date)));
        let Ok(injection) = "96372".parse() else { return };
        let given = ["96372", "96373", "96374", "96375", "20610"].iter().any(|code| has(code));
        match drugs.first() {
            Some(drug) if !given => {
                let worth = self.fees.beside(&drug.line, injection, charge("96372"));
                self.truth.missed.drug_without_administration.take(&worth);
            }
            // A push, and the only drug is one for muscles.
            Some(drug) if has("96374") && !has("96372") && drug.line.code.as_str() == "J3420" => {
                let right = self.fees.beside(&drug.line, injection, charge("96372"));
                let billed = cases.iter().find(|case| case.line.code.as_str() == "96374").map(|case| case.due.expected);
                if let (Some(Expected::Payable(billed, basis)), Expected::Payable(right, _)) = (billed, right) {
                    let worth = Expected::Payable((billed - right).or_zero(), basis);
                    self.truth.missed.venous_code_for_injection.take(&worth);
                } else if let Some(Expected::Unknown(why)) = billed {
                    self.truth.missed.venous_code_for_injection.take(&Expected::Unknown(why));
                }
            }
            None if has("96372") && !has("90686") && !self.fees.sends_drugs(&first.payer) => {
                let injections = || cases.iter().filter(|case| case.line.code == injection);
                let mut payable = false;
                for case in injections() {
                    payable |= !matches!(self.fees.otherwise(&case.due, &case.line), Expected::NotPayable(_));
                }
                if payable {
                    self.truth.missed.injection_without_drug += 1;
                }
            }
            _ => {}
        }
    }

    fn answers(
        &mut self,
        cases: &[Case],
        payer: &PayerFacts,
        decisions: &[Decision],
        owed: Share,
    ) -> Result<Vec<Answer>> {
        let mut owed = owed;
        let pairs = cases.iter().zip(decisions);
        pairs.map(|(case, decision)| adjudicate::answer(case, payer, decision, &mut owed, &mut self.fees)).collect()
    }

    /// What happens next and when; nothing, when it would be after the files were cut.
    fn what_next(&self, cases: &[Case], first: &[Decision], answered: Date, dice: &mut Dice) -> (Next, Date) {
        let denied = cases.iter().zip(first).any(|(case, decision)| is_resendable(case, decision));
        let short = cases.iter().zip(first).any(|(case, decision)| case.is_slip(decision));
        let in_scope = cases.iter().all(|case| case.cohort != Cohort::OutOfScope);
        let next = if denied {
            // About half of the denials are won in the end (benchmarks: 54% of private payers' denials).
            match dice.below(100) {
                0..=26 => Next::Reprocessed(Correction::SetRight),
                27..=50 => Next::Resent(true),
                51..=66 => Next::Resent(false),
                _ => Next::Nothing,
            }
        } else if short && dice.chance(2000) {
            Next::Reprocessed(Correction::SetRight)
        } else if in_scope {
            match dice.below(10_000) {
                0..=34 => Next::Reversed,
                35..=79 => Next::Reprocessed(Correction::TakenBack),
                80..=129 => Next::Reprocessed(Correction::Unchanged),
                _ => Next::Nothing,
            }
        } else {
            Next::Nothing
        };
        let day = later(answered, dice.between(21, 80));
        if day > as_of() { (Next::Nothing, day) } else { (next, day) }
    }

    /// Some Medicare patients have a second payer, which pays what Medicare left to them. Returns what it paid per line.
    fn secondary(
        &mut self,
        cases: &[Case],
        payer: &PayerFacts,
        next: Next,
        answers: &[Answer],
        answered: Date,
        dice: &mut Dice,
    ) -> Result<Vec<Money>> {
        let mut paid = vec![Money::ZERO; cases.len()];
        let has = payer.id == "MCR" && dice.chance(4500);
        let state = cases[0].line.state;
        let ohio = state.is_some_and(|state| state.as_str() == "OH");
        let name = if ohio && dice.chance(3000) { "MCD_OH" } else { "COM4" };
        let day = later(answered, dice.between(12, 28));
        let plain = next == Next::Nothing && cases.iter().all(|case| case.cohort == Cohort::Firm);
        let Some(second) = self.fees.payer(name).filter(|_| has && plain && day <= as_of()) else { return Ok(paid) };
        let envelope = Envelope {
            payer: second,
            rank: 2,
            control: Arc::from(format!("X{}", &cases[0].line.claim_id[4..])),
            status: ClaimStatus::Secondary,
            day,
            states_allowed: false,
        };
        let group = if name == "COM4" { Group::Oa } else { Group::Co };
        let keeps_some = dice.chance(1500);
        for (i, (case, answer)) in cases.iter().zip(answers).enumerate().filter(|(_, (_, a))| !a.patient.is_zero()) {
            let kept = if keeps_some { answer.patient.min(Money::from_cents(500)) } else { Money::ZERO };
            let reply = adjudicate::secondary(case.line.charge, answer.patient, kept, group, case.line.units)?;
            self.post(case, &envelope, &reply);
            paid[i] = reply.paid;
        }
        Ok(paid)
    }

    /// Adds a remittance line.
    fn post(&mut self, case: &Case, envelope: &Envelope, answer: &Answer) {
        let line = &case.line;
        let key = (envelope.payer.clone(), envelope.day);
        let trace = self.traces.entry(key).or_insert_with(|| {
            Arc::from(format!("SYNEFT-{}-{}", envelope.payer.replace(' ', "-"), envelope.day.format("%Y%m%d")))
        });
        let back = envelope.status == ClaimStatus::Reversal;
        self.remits.push(Remit {
            claim_id: line.claim_id.clone(),
            line_number: line.line_number,
            payer: envelope.payer.clone(),
            payer_rank: envelope.rank,
            payer_claim_control_number: Some(envelope.control.clone()),
            claim_status: envelope.status,
            remit_date: envelope.day,
            posted_date: Some(later(envelope.day, 2)),
            code: Some(line.code),
            modifiers: line.modifiers,
            submitted_code: None,
            units: answer.units,
            charge: if back { -line.charge } else { line.charge },
            paid: answer.paid,
            allowed: envelope.states_allowed.then_some(answer.allowed),
            patient_responsibility: Some(answer.marked_patient),
            adjustments: answer.adjustments.clone(),
            trace_number: Some(trace.clone()),
            service_date: None,
            line_control_number: None,
            link: crate::domain::Link::LineNumber,
            source: Source::default(),
        });
    }

    /// Writes down how a line ended.
    fn end(
        &mut self,
        case: &Case,
        last: Option<&Decision>,
        answer: Option<&Answer>,
        by_secondary: Money,
        denied_first: bool,
    ) {
        let mut received = Received::default();
        let mut allowed = Money::ZERO;
        if let Some(answer) = answer {
            received.paid = answer.paid + by_secondary;
            received.paid_by_secondary = by_secondary;
            received.patient_share = answer.patient - by_secondary;
            received.known_reductions = answer.sequestered;
            allowed = answer.allowed;
        }
        let truth = LineTruth {
            claim_id: case.line.claim_id.clone(),
            line_number: case.line.line_number,
            payer: case.line.payer.clone(),
            cohort: case.cohort,
            expected: case.expected(),
            allowed,
            received,
            ending: case.ending(last),
            planted: case.planted(last),
            initially_denied: denied_first,
            otherwise: match (case.due.expected, self.fees.otherwise(&case.due, &case.line)) {
                (Expected::NotPayable(_), Expected::Payable(amount, basis)) if basis.evidence().is_firm() => {
                    Some(amount)
                }
                _ => None,
            },
            rule: match case.due.expected {
                Expected::NotPayable(rule) if case.cohort == Cohort::NotPayable => Some(rule),
                _ => None,
            },
        };
        self.truth.take(&case.line, truth);
    }
}

/// Denied lines worth another try: what is not payable stays denied.
fn is_resendable(case: &Case, decision: &Decision) -> bool {
    decision.is_denial() && case.cohort != Cohort::NotPayable
}

/// CLP02 of a first answer: denied when every line is.
fn status_of(decisions: &[Decision]) -> ClaimStatus {
    if decisions.iter().all(Decision::is_denial) { ClaimStatus::Denied } else { ClaimStatus::Primary }
}

fn day_of_era(day: Date) -> i32 {
    chrono::Datelike::year(&day)
}

impl PayerFacts {
    /// The first letter of the payer's claim numbers.
    fn kind_letter(&self) -> char {
        self.id.chars().next().unwrap_or('X')
    }
}
