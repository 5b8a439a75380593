//! Medicaid without a schedule or a contract: observed payments, then an estimate, then unknown (DOMAIN §2).
//!
//! Neither is a rate. A difference from either is a band in the report, never leakage.

use rust_decimal::Decimal;

use crate::domain::{Basis, Payer, RuleId, Unknown};
use crate::finding::FindingCode;

use super::key::{Key, Pricer};
use super::step::{Op, Operand, Step};
use super::unit_price::{Priced, UnitPrice};
use super::{medicare, rules};

/// How far Medicare × index misses observed medians, in percent, at the median over the states (DOMAIN §2).
const MEDIAN_ERROR: i64 = 45;

/// The benchmark of a key: the state's observed median, or Medicare times the state's fee index.
pub(super) fn benchmark(pricer: &Pricer<'_>, payer: &Payer, key: &Key) -> Priced {
    let reference = pricer.reference();
    if rules::facility_bills_it(pricer, payer, key) {
        let rule = format!("{}: incident-to in a facility; the facility bills it", key.code);
        return Priced::not_payable(RuleId::FACILITY, rule);
    }
    let Some(state) = key.area.state() else {
        return Priced::unknown(Unknown::NoArea, "the state of service is not known");
    };
    let mut rejected = vec![format!("no schedule of {state} Medicaid and no contract is loaded for {}", key.code)];
    if let Some(observed) = reference.medicaid.observed(key.code, state) {
        let what = format!("observed median in {state}");
        let step = Step::new(&*what, Op::Take, vec![Operand::read(&*what, observed.median, &observed.row)]);
        return Priced {
            unit: UnitPrice::PerLine {
                rate: observed.median,
                basis: Basis::MedicaidObserved,
                lesser_of: payer.lesser_of,
            },
            rule: format!(
                "{}: median of observed payments per claim in {state} ({} claims; middle half ${} to ${}); not a rate",
                payer.name, observed.claims, observed.p25, observed.p75
            ),
            steps: step.into_iter().collect(),
            rejected,
            fallbacks: vec![FindingCode::NotFirm],
            band: Some((observed.p25, observed.p75)),
        };
    }
    rejected.push(format!("too few observed payments of {} in {state}", key.code));
    let Some((index, row)) = reference.medicaid.index(state) else {
        let mut priced = Priced::unknown(Unknown::NoMedicaidRate, format!("no Medicaid fee index for {state}"));
        priced.rejected = rejected;
        return priced;
    };
    let mut priced = medicare::rate(pricer, payer, key, key.day, key.area);
    rejected.append(&mut priced.rejected);
    priced.rejected = rejected;
    match priced.unit {
        UnitPrice::PerUnit { rate, basis, .. } if basis != Basis::MedicareAsp => {
            let operands = vec![
                Operand::given("Medicare rate", rate),
                Operand::read(format!("Medicaid fee index of {state}"), *index, row),
            ];
            let Some(step) = Step::new("estimated rate", Op::Multiply, operands) else {
                return Priced::unknown(Unknown::TooLarge, "the estimate does not fit");
            };
            priced.unit =
                UnitPrice::PerUnit { rate: step.result, basis: Basis::MedicaidEstimated, lesser_of: payer.lesser_of };
            let off = |factor: i64| step.result.checked_mul(Decimal::new(factor, 2));
            priced.band = off(100 - MEDIAN_ERROR).zip(off(100 + MEDIAN_ERROR));
            priced.steps.push(step);
            priced.rule = format!("{}: Medicare × Medicaid fee index of {state}; an estimate, not a rate", payer.name);
            priced.fallbacks.push(FindingCode::NotFirm);
        }
        // The index is of physician services: it says nothing of drugs.
        UnitPrice::PerUnit { .. } => priced.unit = UnitPrice::Unknown(Unknown::NoMedicaidRate),
        UnitPrice::Unknown(Unknown::NoRate) => priced.unit = UnitPrice::Unknown(Unknown::NoMedicaidRate),
        _ => {}
    }
    priced
}
