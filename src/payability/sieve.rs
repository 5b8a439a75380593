//! For millions of lines: settles most of them without asking any rule.
//!
//! Each thing that a rule looks at (payer, modifiers, place, state, code, another code of the day) has bits, computed once
//! per distinct value: which rules it lets through. A line of which no bit is left after a few ANDs cannot fall; of the
//! others only the rules that are left are asked, by the same engine that the [`Judge`](super::Judge) uses. Bits may let too
//! much through, never too little, so the verdict is that of the judge.

use crate::domain::{Code, Date, Modifiers, Payer, Pos, State};
use crate::reference::{Check, CodeSet, Indicator, Reference, Rule};

use super::judge::{Answer, Case, DayLine, drugs};

/// Rules in one word of bits. With more rules than that, bit 0 stands for rules 0, 64, 128 …
const WORD: usize = u64::BITS as usize;

/// Asks the rules that let lines fall, in their order, and only those that can concern the line.
#[derive(Debug)]
pub struct Sieve<'a> {
    reference: &'a Reference,
    drugs: &'a CodeSet,
    /// The places in [`crate::reference::Rules::all`] of the rules that are asked here.
    asked: Vec<usize>,
}

/// The rules that hold for a payer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayerRules(Box<[u64]>);

impl PayerRules {
    /// The bits of all of them.
    #[must_use]
    pub fn bits(&self) -> u64 {
        self.0.iter().fold(0, |bits, word| bits | word)
    }
}

impl<'a> Sieve<'a> {
    /// A sieve of all rules that let lines fall, except those that are tested with the price.
    #[must_use]
    pub fn new(reference: &'a Reference) -> Self {
        let is_asked = |rule: &Rule| rule.effect.falls() && !matches!(rule.check, Check::Facility | Check::Status);
        let all = reference.rules.all().iter().enumerate();
        let asked = all.filter(|(_, rule)| is_asked(rule)).map(|(i, _)| i).collect();
        Self { reference, drugs: drugs(reference), asked }
    }

    fn rules(&self) -> impl Iterator<Item = &'a Rule> {
        self.asked.iter().map(|i| &self.reference.rules.all()[*i])
    }

    fn bits(&self, lets_through: impl Fn(&Rule) -> bool) -> u64 {
        let passes = self.rules().enumerate().filter(|(_, rule)| lets_through(rule));
        passes.fold(0, |bits, (i, _)| bits | 1 << (i % WORD))
    }

    /// The rules that hold for a payer.
    #[must_use]
    pub fn payer(&self, payer: &Payer) -> PayerRules {
        let mut words = vec![0; self.asked.len().div_ceil(WORD)];
        for (i, _) in self.rules().enumerate().filter(|(_, rule)| rule.is_for(payer)) {
            words[i / WORD] |= 1 << (i % WORD);
        }
        PayerRules(words.into())
    }

    /// The bits of a line's modifiers.
    #[must_use]
    pub fn modifiers(&self, modifiers: &Modifiers) -> u64 {
        self.bits(|rule| rule.has.iter().all(|any| any.is_on(modifiers)) && !rule.lacks.is_on(modifiers))
    }

    /// The bits of a place of service.
    #[must_use]
    pub fn pos(&self, pos: Option<Pos>) -> u64 {
        self.bits(|rule| rule.pos.is_empty() || pos.is_some_and(|pos| rule.pos.contains(pos)))
    }

    /// The bits of a state of service.
    #[must_use]
    pub fn state(&self, state: Option<State>) -> u64 {
        self.bits(|rule| rule.states.is_empty() || state.is_some_and(|state| rule.states.contains(&state)))
    }

    /// The rules that can let a line with this code fall whatever else stands on the day.
    #[must_use]
    pub fn alone(&self, code: Code) -> u64 {
        self.bits(|rule| self.concerns(rule, code) && !self.needs_another(rule, code))
    }

    /// The rules that can let a line with this code fall because `other` stands on another line of the day.
    #[must_use]
    pub fn beside(&self, code: Code, other: Code) -> u64 {
        self.bits(|rule| self.concerns(rule, code) && self.is_met_by(rule, code, other))
    }

    fn concerns(&self, rule: &Rule, code: Code) -> bool {
        let mai = || self.reference.edits.mue(code).map(|(_, mai)| mai);
        (rule.codes.is_empty() || rule.codes.contains(code))
            && match rule.check {
                Check::UnitsLine => mai() == Some(1),
                // MAI 3 is for rules that ask for records; those let no line fall.
                Check::UnitsDay => mai() == Some(2),
                _ => true,
            }
    }

    fn needs_another(&self, rule: &Rule, code: Code) -> bool {
        match rule.check {
            Check::NcciNever | Check::NcciModifier | Check::OneInitial | Check::Repeated => true,
            Check::Line => !rule.beside.is_empty() || (!rule.only_drugs.is_empty() && !self.is_such_a_drug(rule, code)),
            Check::UnitsLine | Check::UnitsDay | Check::SeparatesNothing | Check::Facility | Check::Status => false,
        }
    }

    fn is_met_by(&self, rule: &Rule, code: Code, other: Code) -> bool {
        // An edit that has ended lets too much through; the day is looked at when the rule is asked.
        let edit = || self.reference.edits.falls(other, code, Date::MIN);
        let is_asked = rule.beside.first().is_none_or(|set| set.contains(other));
        match rule.check {
            Check::NcciNever => is_asked && edit() == Some(Indicator::Never),
            Check::NcciModifier => is_asked && edit() == Some(Indicator::WithModifier),
            Check::OneInitial => rule.codes.rank(other).is_some_and(|r| Some(r) <= rule.codes.rank(code)),
            Check::Repeated => code == other,
            Check::Line if rule.beside.is_empty() => !rule.only_drugs.is_empty() && self.is_such_a_drug(rule, other),
            Check::Line => is_asked,
            Check::UnitsLine | Check::UnitsDay | Check::SeparatesNothing | Check::Facility | Check::Status => false,
        }
    }

    fn is_such_a_drug(&self, rule: &Rule, code: Code) -> bool {
        self.drugs.contains(code) && rule.only_drugs.contains(code)
    }

    /// The first rule that lets line `at` of a day fall, as its place in [`crate::reference::Rules::all`]. `bits` are those
    /// of the line's payer, modifiers, place and state, ANDed with those of [`alone`](Self::alone) and
    /// [`beside`](Self::beside) each other line, ORed.
    ///
    /// `not_asked` is emptied and, when no rule lets the line fall, gets those that could not be asked because the file does
    /// not tell what they look at.
    pub fn first(
        &self,
        bits: u64,
        payer: &PayerRules,
        day: Date,
        lines: &[DayLine<'_>],
        at: usize,
        not_asked: &mut Vec<usize>,
    ) -> Option<usize> {
        not_asked.clear();
        let line = lines.get(at)?;
        for (word, own) in payer.0.iter().enumerate() {
            let mut left = bits & own;
            while left != 0 {
                let index = self.asked[word * WORD + left.trailing_zeros() as usize];
                left &= left - 1;
                let rule = &self.reference.rules.all()[index];
                // A bit stands for several rules where there are more than bits.
                if !self.concerns(rule, line.code) {
                    continue;
                }
                let case = Case { rule, edits: &self.reference.edits, drugs: self.drugs, day, lines, at, line };
                match case.answer() {
                    Answer::Applies(_) => {
                        not_asked.clear();
                        return Some(index);
                    }
                    Answer::NotAsked => not_asked.push(index),
                    Answer::No => {}
                }
            }
        }
        None
    }
}
