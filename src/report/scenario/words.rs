//! Columns and phrases that the parts of the page share.

use rust_decimal::Decimal;

use crate::domain::{Date, Money, YearRule};
use crate::price::FactorValue;
use crate::report::model::{Cell, Column, ColumnKind};
use crate::scenario::{DenialTo, FactorLever, Kept, NetEffects, Played, RateTo, kept_note};

pub(super) fn text(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Text)
}

pub(super) fn money(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Money)
}

pub(super) fn lines(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::EstimatedCount)
}

pub(super) fn percent(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Percent)
}

/// `+$1,234`, `−$45`, `$0`.
pub(super) fn signed(amount: Money) -> String {
    let sign = if amount > Money::ZERO { "+" } else { "" };
    format!("{sign}{}", amount.pretty_dollars())
}

/// `$1,234 more`, `$45 less`, `no more and no less`.
pub(super) fn more(amount: Money) -> String {
    match amount.cents() {
        0 => "no more and no less".to_owned(),
        c if c > 0 => format!("{} more", amount.pretty_dollars()),
        _ => format!("{} less", amount.abs().pretty_dollars()),
    }
}

/// `Medicare 2025`, `Medicare of the day of service`.
pub(super) fn medicare(year: YearRule) -> String {
    match year {
        YearRule::Current => "Medicare of the day of service".to_owned(),
        YearRule::Fixed(year) => format!("Medicare {year}"),
    }
}

pub(super) fn percent_words(percent: Decimal) -> String {
    format!("{}%", percent.normalize()).replacen('-', "−", 1)
}

/// A factor as a change: 1.05 is `+5%`.
pub(super) fn change_words(factor: Decimal) -> String {
    let percent = (factor - Decimal::ONE) * Decimal::ONE_HUNDRED;
    let sign = if percent > Decimal::ZERO { "+" } else { "" };
    format!("{sign}{}", percent_words(percent))
}

/// With its first letter large.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(super) fn name(played: &Played) -> String {
    match played.scenario.role {
        Some(role) if role.as_str() != played.scenario.name => format!("{} ({})", played.scenario.name, role.as_str()),
        _ => played.scenario.name.clone(),
    }
}

pub(super) fn quoted(played: &Played) -> String {
    format!("\"{}\"", played.scenario.name)
}

pub(super) fn effect_columns() -> [Column; 5] {
    [
        money("rate_effect", "From rates"),
        money("mix_effect", "From mix"),
        money("volume_effect", "From volume"),
        money("denial_effect", "From denials"),
        money("net_change", "Net, change"),
    ]
}

pub(super) fn effect_cells(effects: &NetEffects) -> [Cell; 5] {
    let terms = effects.of_terms;
    [terms.rate, terms.mix, terms.volume, effects.denial, effects.total()].map(Cell::Money)
}

pub(super) fn kept_notes(kept: &[Kept]) -> impl Iterator<Item = String> + '_ {
    kept.iter().map(kept_note)
}

pub(super) fn rate_words(to: &RateTo, lesser_of: Option<bool>) -> String {
    use crate::domain::contract::Pays;
    let of_charge = |factor: &Decimal| percent_words(factor * Decimal::ONE_HUNDRED);
    let words = match to {
        RateTo::Kept => "as it is".to_owned(),
        RateTo::Times(by) => change_words(*by),
        RateTo::Year(year) => format!("today's percentage, of {}", medicare(*year)),
        RateTo::Pays(pays) => match pays {
            Pays::PercentOfMedicare { factor, year, .. } => {
                format!("{} of {}", of_charge(factor), medicare(*year))
            }
            Pays::Flat(rate) => format!("${rate} per line"),
            Pays::PerUnit(rate) => format!("${rate} per unit"),
            Pays::PercentOfCharge(factor) => format!("{} of the charge", of_charge(factor)),
            Pays::Asp(factor) => format!("{} of ASP", of_charge(factor)),
            Pays::Schedule(name) => format!("schedule {name}"),
            Pays::NotCovered => "not covered".to_owned(),
        },
    };
    match lesser_of {
        None => words,
        Some(true) => format!("{words}, never more than the charge"),
        Some(false) => format!("{words}, not limited by the charge"),
    }
}

/// What a conversion factor is, and whose relative values go with it.
pub(super) fn factor_words(lever: &FactorLever, schedule_of: Option<Date>) -> String {
    let by = match lever.factor.value {
        FactorValue::Dollars(dollars) => format!("${dollars} per RVU"),
        FactorValue::Times(by) => change_words(by),
    };
    match (lever.from, schedule_of, lever.factor.value) {
        (None, ..) => format!("{by}; RVUs and localities stay those of the day of service"),
        (Some(day), None, _) => format!(
            "{by} from {day}; no schedule of that day is known, so RVUs and localities stay those of the day of service"
        ),
        (Some(_), Some(day), FactorValue::Dollars(_)) => {
            format!(
                "{by}, with the RVUs and localities of {day}; drugs and contract terms stay those of the day of service"
            )
        }
        (Some(_), Some(day), FactorValue::Times(_)) => format!(
            "{by} on the factor of {day}, with the RVUs and localities of that day; drugs and contract terms stay those of the day of service"
        ),
    }
}

pub(super) fn denial_words(to: DenialTo) -> String {
    let share = |share: Decimal| percent_words(share * Decimal::ONE_HUNDRED);
    match to {
        DenialTo::Final(rate) => format!("{} of expected dollars denied in the end", share(rate)),
        DenialTo::Times(by) => format!("{} of what is denied in the end", change_words(by)),
        DenialTo::First { share: first, times, overturn } => {
            let first = match first {
                Some(first) => format!("{} denied at first", share(first)),
                None if times == Decimal::ONE => "as much denied at first".to_owned(),
                None => format!("{} denied at first", change_words(times)),
            };
            let won = overturn.map_or_else(|| "as much won back".to_owned(), |won| format!("{} won back", share(won)));
            format!("{first}, {won}")
        }
    }
}
