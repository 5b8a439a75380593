//! Checks of what patients owe, by the same sums as `facts::patient`.

use rust_decimal::Decimal;

use crate::domain::{Code, Money, round_cents};
use crate::facts::grounds::Grounds;
use crate::facts::patient::{Split, Terms, split};
use crate::facts::verdict::{Answer, Verdict};
use crate::facts::words::dollars;

use super::missing;

/// The patient's percentage of an allowed amount, the deductible met.
fn share(allowed: Money, percent: Decimal) -> Option<Split> {
    let fraction = percent.checked_div(Decimal::ONE_HUNDRED)?;
    split(allowed, Terms::Coinsurance { deductible_left: Money::ZERO, fraction }, Decimal::ZERO)
}

/// Whether the patient's percentage is small, outside a facility and in the hospital.
pub(super) fn small_share(grounds: &Grounds<'_>, code: Code, percent: Decimal, most: Decimal) -> Answer {
    let fee = grounds.reference().medicare.national_fee(code, grounds.day(), false);
    let Some((fee, rows)) = fee else { return missing(format!("Medicare sets no fee for {code}")) };
    let Some(own) = share(fee, percent) else { return missing("the share does not fit") };
    let hospital = grounds.hospital(code).and_then(|(opps, year)| Some((opps.copay?, year, &opps.row)));
    let small = |amount: Decimal| if amount <= most { Verdict::Agrees } else { Verdict::Disagrees };
    let verdict =
        Verdict::over([small(own.patient.dollars())].into_iter().chain(hospital.map(|(copay, ..)| small(copay))));
    let there = hospital.map_or_else(String::new, |(copay, year, _)| {
        format!("; in a hospital outpatient department {} ({year})", dollars(copay))
    });
    let found =
        format!("Medicare {}: {percent}% of {} is {}{there}", grounds.year(), fee.pretty(), own.patient.pretty());
    let rows = rows.into_iter().chain(hospital.map(|(_, _, row)| row));
    Answer::published(verdict, found)
        .right(format!("small ({} or less) outside facilities only", dollars(most)))
        .cited(rows)
}

/// Whether the patient owes all of it as long as the deductible is open.
pub(super) fn full_until_deductible(grounds: &Grounds<'_>, code: Code) -> Answer {
    let fee = grounds.reference().medicare.national_fee(code, grounds.day(), false);
    let Some((fee, rows)) = fee else { return missing(format!("Medicare sets no fee for {code}")) };
    let terms = |left| Terms::Coinsurance { deductible_left: left, fraction: Decimal::new(20, 2) };
    let patient = |left| split(fee, terms(left), Decimal::ZERO).map(|split| split.patient);
    let (open, met) = (patient(fee), patient(Money::ZERO));
    let (Some(open), Some(met)) = (open, met) else { return missing("the share does not fit") };
    let verdict = if open == fee && met < fee { Verdict::Agrees } else { Verdict::Disagrees };
    let found = format!(
        "of {} allowed, {} with the deductible open, {} once it is met",
        fee.pretty(),
        open.pretty(),
        met.pretty()
    );
    Answer::published(verdict, found).right("not in full").cited(rows)
}

/// Whether the share is smaller where the rate is higher.
pub(super) fn higher_pay_lower_share(grounds: &Grounds<'_>, code: Code, percent: Decimal) -> Answer {
    let Some(span) = grounds.year_span(code, grounds.year()) else {
        return missing(format!("Medicare sets no fee for {code}"));
    };
    let of = |rate: Option<Decimal>| {
        let fee = round_cents(rate?)?;
        Some((fee, share(fee, percent)?.patient))
    };
    let (Some((low, less)), Some((high, more))) = (of(span.low.rate), of(span.high.rate)) else {
        return missing("the share does not fit");
    };
    let verdict = if more < less { Verdict::Agrees } else { Verdict::Disagrees };
    let found = format!(
        "at {percent}% the patient owes {} of the lowest locality's {} and {} of the highest's {} ({})",
        less.pretty(),
        low.pretty(),
        more.pretty(),
        high.pretty(),
        grounds.year()
    );
    Answer::published(verdict, found)
        .right("with a coinsurance the patient's share rises with the rate; a flat copay stays as it is")
        .cited(span.low.sources.iter().chain(&span.high.sources))
}
