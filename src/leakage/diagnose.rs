//! Finds the cause of an underpayment by asking which mistake would give exactly the amount that was allowed.

use rust_decimal::Decimal;

use crate::domain::{Area, Date, Money, ServiceLine, Units, round_cents};
use crate::price::{Key, Pricer, UnitPrice, extend};

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

fn pays(unit: &UnitPrice, line: &ServiceLine, units: Units, amount: Money) -> bool {
    !matches!(unit, UnitPrice::NotPayable(_) | UnitPrice::Unknown(_))
        && extend(unit, units, line.charge).amount() == Some(amount)
}
