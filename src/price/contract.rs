//! Contract terms: percentages of Medicare or of the charge, and loaded schedules.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::{Area, Basis, Date, LocalityRule, Payer, PayerKind, Rate, RuleId, Unknown, UnlistedRule, YearRule};
use crate::reference::{Query, UnitBasis};

use super::key::{Key, Pricer};
use super::step::{Op, Operand, Step};
use super::unit_price::{Priced, UnitPrice};
use super::{medicare, rules};

/// A factor on Medicare's rate of the named year and locality. Keeps all decimals: the line amount is rounded, not the unit.
pub(super) fn percent_of_medicare(
    pricer: &Pricer<'_>,
    payer: &Payer,
    key: &Key,
    factor: Rate,
    year: YearRule,
    locality: LocalityRule,
) -> Priced {
    let day = match year {
        YearRule::Current => key.day,
        YearRule::Fixed(year) => match Date::from_ymd_opt(year, 12, 31) {
            Some(day) => day,
            None => return Priced::unknown(Unknown::NoScheduleThatDay, format!("no schedule of the year {year}")),
        },
    };
    let area = match locality {
        LocalityRule::Own => key.area,
        LocalityRule::Fixed(fixed) => match pricer.area(day, Some(fixed), None, key.area.state()).0 {
            Area::Nowhere => Area::Nowhere,
            area => area,
        },
    };
    // A named year's rate is what was published for it, whatever another conversion factor may be asked for.
    let published = if matches!(year, YearRule::Fixed(_)) { pricer.published() } else { None };
    let mut priced = medicare::rate(published.as_ref().unwrap_or(pricer), payer, key, day, area);
    if let UnitPrice::PerUnit { rate, basis, .. } = priced.unit {
        let operands = vec![Operand::given("Medicare rate", rate), Operand::given("contract factor", factor)];
        let Some(step) = Step::new("contract rate", Op::Multiply, operands) else {
            return Priced::unknown(Unknown::TooLarge, "the contract rate does not fit");
        };
        // A mean over localities stays an estimate, whatever the contract makes of it.
        let basis = if basis == Basis::MedicareStateMean { basis } else { Basis::PercentOfMedicare };
        priced.scale_band(step.result);
        priced.unit = UnitPrice::PerUnit { rate: step.result, basis, lesser_of: payer.lesser_of };
        priced.steps.push(step);
        let percent = (factor * Decimal::ONE_HUNDRED).normalize();
        let of = match year {
            YearRule::Current => "of the day".to_owned(),
            YearRule::Fixed(year) => format!("of {year}"),
        };
        priced.rule = format!("{}: {percent}% of Medicare {of}; {}", payer.name, priced.rule);
    }
    priced
}

/// The rate of a loaded schedule that fits best; `None` when it lists none, or none for the facility that bills the service.
pub(super) fn listed(pricer: &Pricer<'_>, payer: &Payer, key: &Key, name: &Arc<str>) -> Option<Priced> {
    let query = query(pricer, payer, key);
    // What a plan pays by a schedule of its own is its contract; only a state's schedule is published.
    let state_pays = payer.kind == PayerKind::Medicaid || pricer.reference().state_schedules().contains(name);
    let basis = if payer.kind.is_medicaid() && state_pays { Basis::MedicaidSchedule } else { Basis::ContractSchedule };
    let found = pricer.reference().schedules.find(name, &query)?;
    if !found.names_place && rules::facility_bills_it(pricer, payer, key) {
        return None;
    }
    let step = Step::new("scheduled rate", Op::Take, vec![Operand::read("rate", found.rate, &found.row)]);
    let lesser_of = payer.lesser_of;
    let unit = match found.unit_basis {
        UnitBasis::PerUnit => UnitPrice::PerUnit { rate: found.rate, basis, lesser_of },
        UnitBasis::PerLine => UnitPrice::PerLine { rate: found.rate, basis, lesser_of },
    };
    Some(Priced {
        unit,
        rule: format!("{}: schedule {name}, {}", payer.name, found.matched),
        steps: step.into_iter().collect(),
        rejected: Vec::new(),
        fallbacks: Vec::new(),
        band: None,
    })
}

/// Whether the row that a schedule has for the key is one of the key's state or locality, not one for everywhere.
pub(super) fn names_the_state(pricer: &Pricer<'_>, payer: &Payer, key: &Key, name: &Arc<str>) -> bool {
    let query = query(pricer, payer, key);
    let schedules = &pricer.reference().schedules;
    let row = |query: &Query| schedules.find(name, query).map(|found| found.row);
    let here = row(&query);
    here.is_some() && here != row(&Query { state: None, locality: None, ..query })
}

/// What is asked of a loaded schedule for a key.
fn query(pricer: &Pricer<'_>, payer: &Payer, key: &Key) -> Query {
    let locality = match key.area {
        Area::Locality(locality, _) => Some(locality),
        Area::State(_) | Area::Nowhere => None,
    };
    Query {
        code: key.code,
        modifiers: key.modifiers,
        state: key.area.state(),
        locality,
        pos: key.pos,
        facility: key.pos.and_then(|pos| pricer.is_facility(payer, pos)).unwrap_or(false),
        day: key.day,
    }
}

/// A loaded schedule; a code it does not list follows the terms' rule for unlisted codes.
pub(super) fn schedule(
    pricer: &Pricer<'_>,
    payer: &Payer,
    key: &Key,
    name: &Arc<str>,
    unlisted: UnlistedRule,
) -> Priced {
    let facility_bills_it = rules::facility_bills_it(pricer, payer, key);
    if let Some(listed) = listed(pricer, payer, key, name) {
        return listed;
    }
    if facility_bills_it {
        let rule = format!("{}: incident-to in a facility and no rate for the place; the facility bills it", key.code);
        return Priced::not_payable(RuleId::FACILITY, rule);
    }
    let passed_over = format!("schedule {name} of {} lists no rate for {} on {}", payer.name, key.code, key.day);
    let mut priced = match unlisted {
        UnlistedRule::Unknown => Priced::unknown(Unknown::NoRate, passed_over.clone()),
        UnlistedRule::PercentOfCharge(factor) => percent_of_charge(pricer, payer, key, factor),
        UnlistedRule::PercentOfMedicare(factor) => {
            percent_of_medicare(pricer, payer, key, factor, YearRule::Current, LocalityRule::Own)
        }
    };
    priced.rejected.insert(0, passed_over);
    priced
}

/// A factor on the charge. Never more than the charge as long as the factor is at most one, which the project file checks.
pub(super) fn percent_of_charge(pricer: &Pricer<'_>, payer: &Payer, key: &Key, factor: Rate) -> Priced {
    if rules::facility_bills_it(pricer, payer, key) {
        let rule = format!("{}: incident-to in a facility; the facility bills it", key.code);
        return Priced::not_payable(RuleId::FACILITY, rule);
    }
    Priced {
        unit: UnitPrice::OfCharge { factor, basis: Basis::PercentOfCharge },
        rule: format!("{}: {}% of the charge", payer.name, (factor * Decimal::ONE_HUNDRED).normalize()),
        steps: Vec::new(),
        rejected: Vec::new(),
        fallbacks: Vec::new(),
        band: None,
    }
}
