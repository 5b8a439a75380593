//! Finds the cause of an underpayment by asking which mistake would give exactly the amount that was allowed.

use rust_decimal::Decimal;

use crate::domain::{Area, Date, Money, ServiceLine, Terms, Units, round_cents};
use crate::price::{Key, Pricer, UnitPrice, Variant, extend, medicare_days, scaled};

use super::cause::UnderpaymentCause;

/// The first cause, in the order of [`UnderpaymentCause::ALL`], that gives the allowed amount to the cent.
#[must_use]
pub fn diagnose(
    pricer: &Pricer<'_>,
    line: &ServiceLine,
    key: &Key,
    unit: &UnitPrice,
    expected: Money,
    allowed: Money,
) -> UnderpaymentCause {
    let share = |factor: Decimal| round_cents(expected.dollars() * factor) == Some(allowed);
    if allowed.is_zero() {
        UnderpaymentCause::NothingAllowed
    } else if units_cut(line, unit, allowed) {
        UnderpaymentCause::UnitsCut
    } else if missed_escalator(pricer, line, key, allowed) {
        UnderpaymentCause::MissedEscalator
    } else if old_schedule(pricer, line, key, allowed) {
        UnderpaymentCause::OldSchedule
    } else if share(Decimal::new(98, 2)) {
        UnderpaymentCause::SequestrationOnAllowed
    } else if share(Decimal::new(85, 2)) {
        UnderpaymentCause::NppReduction
    } else if share(Decimal::new(50, 2)) {
        UnderpaymentCause::MultipleServiceReduction
    } else if other_locality(pricer, line, key, allowed) {
        UnderpaymentCause::OtherLocality
    } else if by(pricer, line, key, &Variant::Setting(true), allowed) {
        UnderpaymentCause::FacilityRate
    } else if other_year(pricer, line, key, allowed) {
        UnderpaymentCause::OtherYear
    } else if other_percentage(pricer, line, key, allowed) {
        UnderpaymentCause::OtherPercentage
    } else {
        UnderpaymentCause::NoExplanation
    }
}

fn units_cut(line: &ServiceLine, unit: &UnitPrice, allowed: Money) -> bool {
    let billed = line.units.thousandths() / 1000;
    // Drugs come in hundreds of units at most; beyond that the search would only find coincidences.
    (1..billed.min(1000)).any(|u| pays(unit, line, Units::whole(u), allowed))
}

/// Whether a rate in force before the present one gives the amount: the last different one, or that of the year before.
fn old_schedule(pricer: &Pricer<'_>, line: &ServiceLine, key: &Key, allowed: Money) -> bool {
    let now = pricer.price(key).unit;
    let at = |day: Date| {
        let day = pricer.reference().epoch_start(pricer.reference().epoch(day));
        pricer.price(&Key { day, ..key.clone() }).unit
    };
    let mut day = key.day;
    for _ in 0..LOOK_BACK {
        let Some(before) = day.pred_opt() else { break };
        let unit = at(before);
        if unit != now {
            if pays(&unit, line, line.units, allowed) {
                return true;
            }
            break;
        }
        day = pricer.reference().epoch_start(pricer.reference().epoch(before));
    }
    let year = chrono::Datelike::year(&line.service_date);
    Date::from_ymd_opt(year - 1, 12, 31).is_some_and(|day| pays(&at(day), line, line.units, allowed))
}

/// How many intervals back a different rate is looked for.
const LOOK_BACK: usize = 24;

fn other_locality(pricer: &Pricer<'_>, line: &ServiceLine, key: &Key, allowed: Money) -> bool {
    let Area::Locality(own, state) = key.area else { return false };
    let others = pricer.reference().medicare.localities_of(state, key.day);
    others.into_iter().filter(|l| *l != own).any(|locality| {
        let elsewhere = Key { area: Area::Locality(locality, state), ..key.clone() };
        pays(&pricer.price(&elsewhere).unit, line, line.units, allowed)
    })
}

fn by(pricer: &Pricer<'_>, line: &ServiceLine, key: &Key, variant: &Variant, allowed: Money) -> bool {
    pricer.varied(key, variant).is_some_and(|unit| pays(&unit, line, line.units, allowed))
}

/// Whether fewer of the contract's escalations give the amount.
fn missed_escalator(pricer: &Pricer<'_>, line: &ServiceLine, key: &Key, allowed: Money) -> bool {
    let Some(Terms::Contract(list)) = pricer.terms(key) else { return false };
    (0..list.escalations.len()).any(|kept| by(pricer, line, key, &Variant::Escalations(kept), allowed))
}

fn other_year(pricer: &Pricer<'_>, line: &ServiceLine, key: &Key, allowed: Money) -> bool {
    if pricer.at_par(key).is_none() {
        return false;
    }
    let days = medicare_days(pricer.reference());
    days.into_iter().any(|day| by(pricer, line, key, &Variant::MedicareOf(day), allowed))
}

/// Percentages that contracts use: any other would fit an odd amount by chance too often for one line to tell.
fn other_percentage(pricer: &Pricer<'_>, line: &ServiceLine, key: &Key, allowed: Money) -> bool {
    let Some(par) = pricer.at_par(key).filter(|_| pricer.terms(key) != Some(&Terms::Medicare)) else { return false };
    (20..=40).any(|fives| {
        scaled(&par, Decimal::new(fives * 5, 2)).is_some_and(|unit| pays(&unit, line, line.units, allowed))
    })
}

fn pays(unit: &UnitPrice, line: &ServiceLine, units: Units, amount: Money) -> bool {
    !matches!(unit, UnitPrice::NotPayable(_) | UnitPrice::Unknown(_))
        && extend(unit, units, line.charge).amount() == Some(amount)
}
