//! What the payer decides on one line: allow it, rightly or wrongly, or deny it.

use super::denials::{self, Denial, NOT_PAYABLE_DENIALS};
use super::dice::Dice;
use super::fees::{Due, Fees, share};
use super::plants::{self, PLANTS, Plant};
use super::practice::PayerFacts;
use super::truth::{Cause, Cohort, Ending};
use super::visits::Billed;
use crate::domain::{Expected, Money, PayerKind, ServiceLine, Units};

/// A payer's decision on a line.
#[derive(Debug, Clone, Copy)]
pub(super) enum Decision {
    /// Allowed this much for these units.
    Allowed { amount: Money, units: Units, cause: Option<Cause> },
    /// Denied.
    Denied(Denial),
}

impl Decision {
    pub(super) const fn is_denial(&self) -> bool {
        matches!(self, Self::Denied(_))
    }
}

/// A billed line with all that is decided once for it.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) line: ServiceLine,
    pub(super) due: Due,
    pub(super) cohort: Cohort,
    /// What the payer allows when it makes no mistake. Payers know their rates even where the reference does not.
    pub(super) rightly: Money,
    /// What it allows on every such line, because it applies a wrong rate in these days.
    applied: Option<(&'static Plant, Money)>,
}

impl Case {
    pub(super) fn new(billed: Billed, fees: &mut Fees<'_>, dice: &mut Dice) -> Self {
        let Billed { line, falls } = billed;
        let due = fees.due(&line, falls);
        let of_charge = |dice: &mut Dice| share(line.charge, dice.between(30, 60)).unwrap_or_default();
        let (cohort, rightly) = if fees.in_scope(line.code) {
            match due.expected {
                Expected::Payable(amount, basis) if basis.evidence().is_firm() => (Cohort::Firm, amount),
                Expected::Payable(amount, _) => {
                    let paid = share(amount, dice.between(72, 125)).unwrap_or(amount);
                    (Cohort::Benchmark, paid.min(line.charge))
                }
                Expected::NotPayable(_) => {
                    let office = fees.in_office(&due, &line).filter(|amount| *amount <= line.charge);
                    (Cohort::NotPayable, office.unwrap_or_else(|| of_charge(dice)))
                }
                Expected::Unknown(_) => (Cohort::Unknown, of_charge(dice)),
            }
        } else {
            (Cohort::OutOfScope, of_charge(dice))
        };
        let applied = plants::of_line(&line).filter(|_| cohort == Cohort::Firm).and_then(|plant| {
            let amount = fees.applied(plant, &due, &line, rightly)?;
            Some((plant, amount))
        });
        Self { line, due, cohort, rightly, applied }
    }

    /// The expected amount that the truth states.
    pub(super) fn expected(&self) -> Option<Money> {
        match self.cohort {
            Cohort::OutOfScope => None,
            _ => self.due.expected.amount(),
        }
    }

    /// The decision without denial or mistake of the moment: by the rate that the payer has loaded, right or wrong.
    pub(super) fn correct(&self) -> Decision {
        let (amount, cause) = self.applied.map_or((self.rightly, None), |(plant, amount)| (amount, Some(plant.cause)));
        Decision::Allowed { amount, units: self.line.units, cause }
    }

    /// Whether a decision is short by a mistake of the moment, which the payer corrects when asked.
    pub(super) fn is_slip(&self, decision: &Decision) -> bool {
        matches!(decision, Decision::Allowed { cause: Some(_), .. }) && self.planted(Some(decision)).is_none()
    }

    /// Which of the wrong rates that payers apply a decision follows.
    pub(super) fn planted(&self, decision: Option<&Decision>) -> Option<usize> {
        let Some(Decision::Allowed { amount, cause: Some(cause), .. }) = decision else { return None };
        let plant = match self.applied {
            Some((plant, applied)) => Some(plant).filter(|_| applied == *amount),
            None => plants::of_line(&self.line).filter(|plant| plant.variant().is_none()),
        };
        let plant = plant.filter(|plant| plant.cause == *cause)?;
        PLANTS.iter().position(|known| known == plant)
    }

    /// The payer's first decision.
    pub(super) fn first(&self, payer: &PayerFacts, fees: &mut Fees<'_>, dice: &mut Dice) -> Decision {
        match self.cohort {
            Cohort::OutOfScope => self.correct(),
            Cohort::NotPayable if dice.chance(8800) => Decision::Denied(*dice.pick(self.rightful_denials())),
            Cohort::NotPayable => self.correct(),
            _ if dice.chance(payer.denials) => Decision::Denied(self.denial(payer, dice)),
            Cohort::Firm => self.mistaken(payer, fees, dice).unwrap_or(self.correct()),
            Cohort::Benchmark | Cohort::Unknown => self.correct(),
        }
    }

    /// How payers refuse a line that is not payable, by the rule that lets it fall.
    fn rightful_denials(&self) -> &'static [(u32, Denial)] {
        match self.due.expected {
            Expected::NotPayable(rule) => denials::by_rule(rule),
            _ => NOT_PAYABLE_DENIALS,
        }
    }

    /// A denial that fits the line; plans other than Medicare sometimes say PI where CO would do.
    pub(super) fn denial(&self, payer: &PayerFacts, dice: &mut Dice) -> Denial {
        let mut denial = denials::draw(dice, self.line.code.is_drug());
        // Medicaid takes no drug line without an NDC at all: what it misses is not the number, it calls it wrong.
        if payer.kind.is_medicaid() && denial.category == "missing_ndc" {
            denial.rarc = "N846";
        }
        let plan = matches!(payer.kind, PayerKind::Commercial | PayerKind::MedicaidManaged);
        if plan && denial.group == crate::domain::Group::Co && dice.chance(800) {
            denial.group = crate::domain::Group::Pi;
        }
        denial
    }

    /// A payment that is wrong in a known way, as often as this payer makes mistakes.
    fn mistaken(&self, payer: &PayerFacts, fees: &mut Fees<'_>, dice: &mut Dice) -> Option<Decision> {
        if dice.chance(60) {
            let twice = dice.chance(5000);
            let amount = fees.over(&self.due, &self.line, self.rightly, twice)?;
            return Some(Decision::Allowed { amount, units: self.line.units, cause: None });
        }
        // One payer loaded its schedule of July 2024 four months late.
        let late = payer.id == "COM2" && {
            let day = self.line.service_date;
            (super::calendar::date(2024, 7, 1)..super::calendar::date(2024, 11, 1)).contains(&day)
        };
        let several = self.line.units >= Units::whole(3);
        let mut cause = if late && dice.chance(8500) {
            Cause::OldSchedule
        } else if several && dice.chance(800) {
            Cause::UnitsCut
        } else if dice.chance(payer.underpaid) {
            *dice.pick(payer.causes)
        } else {
            return None;
        };
        // Not every mistake is possible, or unmistakable, on every line: then another one is made.
        for _ in 0..6 {
            let odd = dice.between(61, 94);
            if let Some((amount, units)) = fees.short(cause, &self.due, &self.line, self.rightly, odd) {
                return Some(Decision::Allowed { amount, units, cause: Some(cause) });
            }
            cause = *dice.pick(payer.causes);
        }
        None
    }

    /// How the line ended, given its final decision (`None`: no answer, or all reversed).
    pub(super) fn ending(&self, decision: Option<&Decision>) -> Ending {
        match decision {
            None => Ending::Pending,
            Some(Decision::Denied(denial)) => Ending::Denied(denial.category),
            Some(Decision::Allowed { cause: Some(cause), .. }) => Ending::Underpaid(*cause),
            Some(Decision::Allowed { amount, .. }) => match self.cohort {
                Cohort::Firm if *amount > self.rightly => Ending::Overpaid,
                Cohort::NotPayable => Ending::Overpaid,
                _ => Ending::Paid,
            },
        }
    }
}
