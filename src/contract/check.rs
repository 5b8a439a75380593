//! Runs the tests that stand in a contract file: code, day, place, area → amount, to the cent.

use crate::domain::contract::{Contract, Expect, ExpectArea, Wanted};
use crate::domain::{Expected, Money};
use crate::price::{Explanation, Key, Pricer};

/// A test of a contract, run.
#[derive(Debug)]
pub struct Checked<'c> {
    /// The test.
    pub expect: &'c Expect,
    /// Whether what came out is what was wanted.
    pub passed: bool,
    /// The whole sum.
    pub explanation: Explanation,
}

/// Runs the tests of a contract, in their order. Rules of payability are not asked: a contract says what it pays, not what
/// else stands against a line.
#[must_use]
pub fn check<'c>(pricer: &Pricer<'_>, contract: &'c Contract) -> Vec<Checked<'c>> {
    contract.expects.iter().map(|expect| one(pricer, contract, expect)).collect()
}

fn one<'c>(pricer: &Pricer<'_>, contract: &Contract, expect: &'c Expect) -> Checked<'c> {
    let (locality, zip, state) = match expect.area {
        ExpectArea::Locality(locality) => (Some(locality), None, None),
        ExpectArea::Zip(zip) => (None, Some(zip), None),
        ExpectArea::State(state) => (None, None, Some(state)),
        ExpectArea::Nowhere => (None, None, None),
    };
    let (area, area_fallback) = pricer.area(expect.day, locality, zip, state);
    let key = Key {
        payer: contract.payer.clone(),
        // Not the first day of its interval: messages name the day that was asked for.
        day: expect.day,
        area,
        code: expect.code,
        modifiers: expect.modifiers,
        pos: Some(expect.pos),
        npp: expect.modifiers.has("SA"),
        further: expect.further,
        ruled: None,
    };
    let mut priced = pricer.price(&key);
    priced.fallbacks.extend(area_fallback.filter(|_| priced.unit.depends_on_locality()));
    let explanation = Explanation::new(pricer, &key, &priced, expect.day, expect.units, expect.charge);
    let passed = match expect.outcome {
        Wanted::Amount(wanted) => explanation.expected == Some(wanted),
        Wanted::NotPayable => explanation.outcome == Expected::NotPayable(crate::domain::RuleId::CONTRACT).outcome(),
        Wanted::Unknown => explanation.outcome == "unknown",
    };
    Checked { expect, passed, explanation }
}

impl Checked<'_> {
    /// What was wanted, in words.
    #[must_use]
    pub fn wanted(&self) -> String {
        match self.expect.outcome {
            Wanted::Amount(amount) => amount.pretty(),
            Wanted::NotPayable => "not payable".to_owned(),
            Wanted::Unknown => "unknown".to_owned(),
        }
    }

    /// What came out, in words.
    #[must_use]
    pub fn got(&self) -> String {
        match self.explanation.expected {
            Some(amount) => amount.pretty(),
            None => format!("{} ({})", self.explanation.outcome.replace('-', " "), self.explanation.basis),
        }
    }

    /// How far the amount that came out lies above the one wanted; where both are amounts.
    #[must_use]
    pub fn off(&self) -> Option<Money> {
        match (self.expect.outcome, self.explanation.expected) {
            (Wanted::Amount(wanted), Some(got)) => Some(got - wanted),
            _ => None,
        }
    }
}
