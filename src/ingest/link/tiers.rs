//! Which billed lines the lines of one answered claim speak of: the firmest sign first.

use crate::domain::{Link, Money, ServiceLine};
use crate::ingest::remit835::{AnsweredClaim, AnsweredLine};

/// CLP02 of a reversal.
const REVERSAL: u8 = 22;

/// What an answered line speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// One billed line, by its index.
    Line(usize, Link),
    /// Several billed lines: the answer is split over them.
    Lines(Vec<usize>),
    /// None.
    Nothing,
}

/// The targets of all lines of the claim among `lines`, the billed lines with its claim number. `supplied`: these were
/// taken from remittances, and so carry the numbers that their payer repeats.
pub(super) fn targets(claim: &AnsweredClaim, lines: &[ServiceLine], supplied: bool) -> Vec<Target> {
    let mut matching = Matching {
        claim,
        supplied,
        lines,
        found: vec![Target::Nothing; claim.lines.len()],
        taken: vec![false; lines.len()],
    };
    matching.each(Link::ControlNumber, true, |a, l| a.control.is_some() && a.control == l.control_number);
    matching.each(Link::CodeAndCharge, false, |a, l| {
        names(a, l) && modifiers(a, l) && day(a, l) && a.charge_as_billed(claim) == l.charge
    });
    matching.unbundled();
    matching.each(Link::Code, false, |a, l| names(a, l) && day(a, l));
    matching.each(Link::Charge, false, |a, l| day(a, l) && a.charge_as_billed(claim) == l.charge);
    matching.bundled();
    matching.found
}

impl AnsweredLine {
    /// The charge with the sign of the bill: reversals repeat it negated.
    pub(super) fn charge_as_billed(&self, claim: &AnsweredClaim) -> Money {
        if claim.status == REVERSAL { -self.charge } else { self.charge }
    }
}

/// The code as submitted, or as adjudicated.
fn names(a: &AnsweredLine, l: &ServiceLine) -> bool {
    a.submitted.or(a.code) == Some(l.code) || a.code == Some(l.code)
}

/// The modifiers as submitted, or as adjudicated; their order does not matter.
fn modifiers(a: &AnsweredLine, l: &ServiceLine) -> bool {
    let same = |told: &crate::domain::Modifiers| {
        told.iter().all(|m| l.modifiers.has(m.as_str())) && l.modifiers.iter().all(|m| told.has(m.as_str()))
    };
    same(&a.modifiers) || a.submitted.is_some() && same(&a.submitted_modifiers)
}

/// A day that is told must be the line's: claim numbers are used again.
fn day(a: &AnsweredLine, l: &ServiceLine) -> bool {
    a.date.is_none_or(|day| day == l.service_date)
}

struct Matching<'c> {
    claim: &'c AnsweredClaim,
    supplied: bool,
    lines: &'c [ServiceLine],
    found: Vec<Target>,
    /// Billed lines that an answer of this claim speaks of already.
    taken: Vec<bool>,
}

impl Matching<'_> {
    fn open(&self, answer: usize) -> bool {
        self.found[answer] == Target::Nothing
    }

    /// A payer that repeats numbers of lines means another line by another number. Of billed lines that the practice's own
    /// file tells this proves nothing: the payer may have changed the number.
    fn may(&self, answer: usize, line: usize) -> bool {
        let (answer, line) = (&self.claim.lines[answer], &self.lines[line]);
        let apart = matches!((&answer.control, &line.control_number), (Some(a), Some(l)) if a != l);
        !(self.supplied && apart && self.claim.payer == line.payer)
    }

    /// Joins answers to the first free line that fits. With `shared` a line that is taken fits, too: the payer may answer a
    /// line in several parts that all carry its number.
    fn each(&mut self, link: Link, shared: bool, fits: impl Fn(&AnsweredLine, &ServiceLine) -> bool) {
        for answer in 0..self.claim.lines.len() {
            if !self.open(answer) {
                continue;
            }
            let fitting = |i: &usize| self.may(answer, *i) && fits(&self.claim.lines[answer], &self.lines[*i]);
            let free = (0..self.lines.len()).filter(fitting).find(|i| !self.taken[*i]);
            let found = free.or_else(|| (0..self.lines.len()).find(fitting).filter(|_| shared));
            if let Some(line) = found {
                self.taken[line] = true;
                self.found[answer] = Target::Line(line, link);
            }
        }
    }

    /// Several answers with the code of one free line, whose charges add up to it.
    fn unbundled(&mut self) {
        let claim = self.claim;
        for line in 0..self.lines.len() {
            if self.taken[line] {
                continue;
            }
            let billed = &self.lines[line];
            let of_line = |i: &usize| {
                let a = &claim.lines[*i];
                self.open(*i) && self.may(*i, line) && day(a, billed) && names(a, billed)
            };
            let parts: Vec<usize> = (0..claim.lines.len()).filter(of_line).collect();
            let sum: Money = parts.iter().map(|i| claim.lines[*i].charge_as_billed(claim)).sum();
            if parts.len() > 1 && sum == billed.charge {
                self.taken[line] = true;
                for part in parts {
                    self.found[part] = Target::Line(line, Link::Unbundled);
                }
            }
        }
    }

    /// What is left over on both sides, when the charges add up: one answer to several lines, or several to one.
    fn bundled(&mut self) {
        let claim = self.claim;
        let answers: Vec<usize> = (0..claim.lines.len()).filter(|i| self.open(*i)).collect();
        let may = |a: &usize, i: usize| self.may(*a, i) && day(&claim.lines[*a], &self.lines[i]);
        let fits = |i: &usize| !self.taken[*i] && answers.iter().all(|a| may(a, *i));
        let lines: Vec<usize> = (0..self.lines.len()).filter(fits).collect();
        let answered: Money = answers.iter().map(|i| claim.lines[*i].charge_as_billed(claim)).sum();
        let billed: Money = lines.iter().map(|i| self.lines[*i].charge).sum();
        if answered != billed || answered.is_zero() && claim.status != REVERSAL {
            return;
        }
        match (&answers[..], &lines[..]) {
            ([answer], [_, _, ..]) => {
                lines.iter().for_each(|i| self.taken[*i] = true);
                self.found[*answer] = Target::Lines(lines);
            }
            ([_, _, ..], [line]) => {
                self.taken[*line] = true;
                answers.iter().for_each(|i| self.found[*i] = Target::Line(*line, Link::Unbundled));
            }
            _ => {}
        }
    }
}
