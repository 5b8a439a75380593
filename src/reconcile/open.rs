//! What a remittance leaves open between its charge, its adjustments and its payment, and what its own columns say of it.
//!
//! An 835 gives every dollar a reason. A practice export often states the allowed amount and the patient's share without
//! reasons: these columns then explain the open part, as far as the arithmetic of the row supports it, and no further.

use rust_decimal::Decimal;

use crate::domain::{Money, Remit, round_cents};
use crate::reference::{AmountClass, DenialMap};

/// The open part of one remittance, split. Reversals, whose amounts are negative, are never split: their parts are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Open {
    /// Patient share stated by the row beyond its PR adjustments.
    pub(super) patient: Money,
    /// Sequestration that follows from the stated allowed amount.
    pub(super) sequestration: Money,
    /// What nothing explains: the remittance does not balance by this much.
    pub(super) unexplained: Money,
}

/// Splits what `remit` leaves open. `sequestration`: the payer takes 2 % off its payments.
pub(super) fn open(map: &DenialMap, remit: &Remit, sequestration: bool) -> Open {
    let adjusted: Money = remit.adjustments.iter().map(|a| a.amount).sum();
    let open = remit.charge - adjusted - remit.paid;
    // Without adjustments and without stated columns there is nothing to balance.
    if remit.adjustments.is_empty() && remit.patient_responsibility.is_none() {
        return Open::default();
    }
    if open <= Money::ZERO {
        return Open { unexplained: open, ..Open::default() };
    }
    let given: Money = remit
        .adjustments
        .iter()
        .filter(|a| map.classify(a.group, a.carc, &a.rarcs).amount_class == AmountClass::PatientResp)
        .map(|a| a.amount)
        .sum();
    let stated = remit.patient_responsibility.unwrap_or_default();
    let patient = (stated - given).or_zero().min(open);
    let mut left = open - patient;
    let mut reduction = Money::ZERO;
    if sequestration && left > Money::ZERO && remit.allowed == Some(remit.paid + stated + left) {
        let program = remit.paid + left;
        let two_percent = round_cents(program.dollars() * Decimal::new(2, 2));
        // Payers round the reduction of a claim, not of a line: a cent more or less is still the 2 %.
        if two_percent.is_some_and(|due| (due - left).abs() <= Money::from_cents(1)) {
            (reduction, left) = (left, Money::ZERO);
        }
    }
    // An export without any adjustment does not claim to explain its charge.
    let unexplained = if remit.adjustments.is_empty() { Money::ZERO } else { left };
    Open { patient, sequestration: reduction, unexplained }
}
