//! Medicaid without terms that pay: the state's own schedule if one is loaded, then observed payments, then an estimate, then
//! unknown (DOMAIN §2; the plan's contract, between the first two, is terms).
//!
//! Neither observed nor estimated payments are a rate. A difference from either is a band in the report, never leakage.

use rust_decimal::Decimal;

use std::sync::Arc;

use crate::domain::{Basis, Payer, PayerKind, RuleId, Unknown};
use crate::finding::FindingCode;

use super::key::{Key, Pricer};
use super::step::{Op, Operand, Step};
use super::unit_price::{Priced, UnitPrice};
use super::{contract, medicare, rules};

/// How far Medicare × index misses observed medians, in percent, at the median over the states (DOMAIN §2).
const MEDIAN_ERROR: i64 = 45;

/// The price by the first loaded schedule of the key's state that lists it.
fn state_schedule(pricer: &Pricer<'_>, payer: &Payer, key: &Key) -> Option<(Arc<str>, Priced)> {
    pricer
        .reference()
        .state_schedules()
        .iter()
        .filter(|name| contract::names_the_state(pricer, payer, key, name))
        .find_map(|name| Some((Arc::clone(name), contract::listed(pricer, payer, key, name)?)))
}

/// The benchmark of a key: the state's observed median, or Medicare times the state's fee index.
pub(super) fn benchmark(pricer: &Pricer<'_>, payer: &Payer, key: &Key) -> Priced {
    let reference = pricer.reference();
    let facility = || {
        let rule = format!("{}: incident-to in a facility; the facility bills it", key.code);
        rules::facility_bills_it(pricer, payer, key).then(|| Priced::not_payable(RuleId::FACILITY, rule))
    };
    let Some(state) = key.area.state() else {
        let unknown = || Priced::unknown(Unknown::NoArea, "the state of service is not known");
        return facility().unwrap_or_else(unknown);
    };
    let of_state = state_schedule(pricer, payer, key);
    let mut rejected = Vec::new();
    match (of_state, payer.kind) {
        (Some((_, mut priced)), PayerKind::Medicaid) => {
            priced.rule =
                format!("{}; published by {state} for fee for service, and the payer has no terms of its own", priced.rule);
            return priced;
        }
        (Some((name, _)), _) => rejected.push(format!(
            "schedule {name} of {state} Medicaid: is for fee for service; a plan pays by its contract, which no terms name"
        )),
        (None, _) => rejected.push(format!(
            "no loaded schedule of {state} Medicaid lists {} on {}, and no contract of {} does",
            key.code, key.day, payer.name
        )),
    }
    // A schedule may list a rate for the place; without one the facility bills it.
    if let Some(not_paid) = facility() {
        return not_paid;
    }
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
