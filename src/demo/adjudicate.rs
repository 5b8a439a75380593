//! From a decision to a remittance line that balances: contractual part, patient share, sequestration, payment.

use super::decide::{Case, Decision};
use super::dice::Dice;
use super::fees::{Fees, share};
use super::practice::PayerFacts;
use crate::domain::{Adjustment, Date, Group, Money, PayerKind, Units, round_cents};
use crate::finding::{Error, Result};

/// What one patient still owes on the day of the visit; used up line by line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    deductible: Money,
    coinsurance: u32,
    copay: Money,
}

impl Share {
    /// Deductibles are mostly open early in the year.
    pub(super) fn draw(payer: &PayerFacts, day: Date, dice: &mut Dice) -> Self {
        const OPEN: [u32; 12] = [3200, 2000, 1200, 800, 500, 400, 300, 300, 200, 200, 100, 100];
        let open = payer.deductible > 0 && dice.chance(OPEN[chrono::Datelike::month0(&day) as usize]);
        let left = if open { i64::from(dice.between(10, 100)) * payer.deductible / 100 } else { 0 };
        Self {
            deductible: Money::from_cents(left),
            coinsurance: payer.coinsurance,
            copay: Money::from_cents(payer.copay),
        }
    }

    /// The patient's part of an allowed amount as PR-1, PR-2, PR-3.
    fn take(
        &mut self,
        payer: &PayerFacts,
        case: &Case,
        allowed: Money,
        fees: &mut Fees<'_>,
    ) -> Vec<(&'static str, Money)> {
        let mut parts = Vec::new();
        let deductible = self.deductible.min(allowed);
        self.deductible -= deductible;
        let mut rest = allowed - deductible;
        if !deductible.is_zero() {
            parts.push(("1", deductible));
        }
        let visit = case.line.code.is_office_visit();
        if visit && !self.copay.is_zero() {
            let copay = self.copay.min(rest);
            self.copay = Money::ZERO;
            rest -= copay;
            if !copay.is_zero() {
                parts.push(("3", copay));
            }
        } else if self.coinsurance > 0 {
            let coinsurance = if payer.kind == PayerKind::Medicare {
                let fraction = fees.medicare_coinsurance(case.line.code, case.line.service_date);
                round_cents(rest.dollars() * fraction).unwrap_or_default()
            } else {
                share(rest, self.coinsurance).unwrap_or_default()
            };
            if !coinsurance.is_zero() {
                parts.push(("2", coinsurance));
            }
        }
        parts
    }
}

/// One answer to one line, before it gets its dates and numbers.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) units: Units,
    pub(super) paid: Money,
    pub(super) allowed: Money,
    /// PR-1, PR-2, PR-3.
    pub(super) patient: Money,
    /// CARC 253.
    pub(super) sequestered: Money,
    /// All that is marked PR, a denial moved to the patient included.
    pub(super) marked_patient: Money,
    pub(super) adjustments: Vec<Adjustment>,
}

fn adjustment(group: Group, carc: &str, rarc: &str, amount: Money) -> Result<Adjustment> {
    let bad = |e: crate::domain::Unreadable| Error::config(format!("the demo holds a bad adjustment code: {e}"));
    let rarcs = if rarc.is_empty() { Vec::new() } else { vec![rarc.parse().map_err(bad)?] };
    Ok(Adjustment { group, carc: carc.parse().map_err(bad)?, rarcs, amount, quantity: None })
}

/// The answer that carries a decision out.
pub(super) fn answer(
    case: &Case,
    payer: &PayerFacts,
    decision: &Decision,
    owed: &mut Share,
    fees: &mut Fees<'_>,
) -> Result<Answer> {
    let charge = case.line.charge;
    let (allowed, units) = match decision {
        Decision::Allowed { amount, units, .. } => (*amount, *units),
        Decision::Denied(denial) => {
            let mut adjustments = vec![adjustment(denial.group, denial.carc, denial.rarc, charge)?];
            // Some bundling denials still show the contractual part beside the denied one.
            if denial.carc == "97" && case.rightly < charge && !case.rightly.is_zero() {
                adjustments[0].amount = case.rightly;
                adjustments.insert(0, adjustment(Group::Co, "45", "", charge - case.rightly)?);
            }
            let marked_patient = if denial.group == Group::Pr { charge } else { Money::ZERO };
            let units = case.line.units;
            let zero = Money::ZERO;
            return Ok(Answer {
                units,
                paid: zero,
                allowed: zero,
                patient: zero,
                sequestered: zero,
                marked_patient,
                adjustments,
            });
        }
    };
    let mut adjustments = Vec::with_capacity(3);
    if allowed != charge {
        adjustments.push(adjustment(Group::Co, "45", "", charge - allowed)?);
    }
    let mut patient = Money::ZERO;
    for (carc, amount) in owed.take(payer, case, allowed, fees) {
        patient += amount;
        adjustments.push(adjustment(Group::Pr, carc, "", amount)?);
    }
    let program = allowed - patient;
    let mut sequestered = Money::ZERO;
    if payer.kind == PayerKind::Medicare {
        // 2% of the payment, not of the allowed amount.
        let paid = share(program, 98).unwrap_or(program);
        sequestered = program - paid;
        if !sequestered.is_zero() {
            adjustments.push(adjustment(Group::Co, "253", "", sequestered)?);
        }
    }
    let paid = program - sequestered;
    Ok(Answer { units, paid, allowed, patient, sequestered, marked_patient: patient, adjustments })
}

/// The answer taken back: every amount negated.
pub(super) fn reversed(answer: &Answer) -> Answer {
    let mut back = answer.clone();
    for amount in
        [&mut back.paid, &mut back.allowed, &mut back.patient, &mut back.sequestered, &mut back.marked_patient]
    {
        *amount = -*amount;
    }
    for adjustment in &mut back.adjustments {
        adjustment.amount = -adjustment.amount;
    }
    back
}

/// What a secondary payer answers after the primary left this much to the patient: it pays it, but for `kept`.
pub(super) fn secondary(charge: Money, left: Money, kept: Money, group: Group, units: Units) -> Result<Answer> {
    let mut adjustments = vec![adjustment(group, "23", "", charge - left)?];
    if !kept.is_zero() {
        adjustments.push(adjustment(Group::Pr, "3", "", kept)?);
    }
    Ok(Answer {
        units,
        paid: left - kept,
        allowed: left,
        patient: kept,
        sequestered: Money::ZERO,
        marked_patient: kept,
        adjustments,
    })
}
