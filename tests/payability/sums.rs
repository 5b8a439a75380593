//! The arithmetic of the cases: every amount that a case expects is the result of an equation written out beside it, and
//! every equation is worked out here, by this file's own reading of it.

use rust_decimal::{Decimal, RoundingStrategy};

/// Ohio (15202-00) from 9 March 2024: (work × 1.000 + PE × 0.911 + MP × 1.033) × 33.2875, rows `2024,RVU24B` of
/// `datasets/medicare/rvu.csv`, `2024,RVU24A,15202-00` of `gpci.csv`, the second row of 2024 of `conversion_factors.csv`.
pub(super) const F96372: &str = "(0.17 × 1.000 + 0.25 × 0.911 + 0.01 × 1.033) × 33.2875 = 13.58";
pub(super) const F96373: &str = "(0.17 × 1.000 + 0.38 × 0.911 + 0.01 × 1.033) × 33.2875 = 17.53";
pub(super) const F96374: &str = "(0.18 × 1.000 + 0.90 × 0.911 + 0.02 × 1.033) × 33.2875 = 33.97";
pub(super) const F96375: &str = "(0.10 × 1.000 + 0.35 × 0.911 + 0.01 × 1.033) × 33.2875 = 14.29";
pub(super) const F96365: &str = "(0.21 × 1.000 + 1.63 × 0.911 + 0.04 × 1.033) × 33.2875 = 57.80";
pub(super) const F96366: &str = "(0.18 × 1.000 + 0.42 × 0.911 + 0.01 × 1.033) × 33.2875 = 19.07";
pub(super) const F96367: &str = "(0.19 × 1.000 + 0.65 × 0.911 + 0.01 × 1.033) × 33.2875 = 26.38";
pub(super) const F96368: &str = "(0.17 × 1.000 + 0.41 × 0.911 + 0.01 × 1.033) × 33.2875 = 18.44";
pub(super) const F96401: &str = "(0.21 × 1.000 + 1.90 × 0.911 + 0.04 × 1.033) × 33.2875 = 65.98";
pub(super) const F96402: &str = "(0.19 × 1.000 + 0.85 × 0.911 + 0.02 × 1.033) × 33.2875 = 32.79";
pub(super) const F90460: &str = "(0.24 × 1.000 + 0.43 × 0.911 + 0.02 × 1.033) × 33.2875 = 21.72";
pub(super) const F90461: &str = "(0.18 × 1.000 + 0.07 × 0.911 + 0.01 × 1.033) × 33.2875 = 8.46";
pub(super) const F90471: &str = "(0.17 × 1.000 + 0.44 × 0.911 + 0.01 × 1.033) × 33.2875 = 19.35";
pub(super) const F90472: &str = "(0.15 × 1.000 + 0.28 × 0.911 + 0.01 × 1.033) × 33.2875 = 13.83";
pub(super) const F20610: &str = "(0.79 × 1.000 + 1.04 × 0.911 + 0.13 × 1.033) × 33.2875 = 62.31";
pub(super) const F99202: &str = "(0.93 × 1.000 + 1.16 × 0.911 + 0.08 × 1.033) × 33.2875 = 68.89";
pub(super) const F99211: &str = "(0.18 × 1.000 + 0.51 × 0.911 + 0.01 × 1.033) × 33.2875 = 21.80";
pub(super) const F99212: &str = "(0.70 × 1.000 + 0.94 × 0.911 + 0.06 × 1.033) × 33.2875 = 53.87";
pub(super) const F99213: &str = "(1.30 × 1.000 + 1.33 × 0.911 + 0.10 × 1.033) × 33.2875 = 87.04";
pub(super) const F99214: &str = "(1.92 × 1.000 + 1.79 × 0.911 + 0.14 × 1.033) × 33.2875 = 123.01";
pub(super) const F99215: &str = "(2.80 × 1.000 + 2.40 × 0.911 + 0.22 × 1.033) × 33.2875 = 173.55";
/// A visit in a facility, with the facility's practice expense.
pub(super) const F99213_IN_FACILITY: &str = "(1.30 × 1.000 + 0.56 × 0.911 + 0.10 × 1.033) × 33.2875 = 63.69";

/// Payment limits of the second quarter of 2024 (`datasets/medicare/asp_limits.csv`, rows `2024-04-01`): no rounding before
/// the units.
pub(super) const J3420: &str = "1.423 × 1 = 1.42";
pub(super) const J0696: &str = "0.454 × 1 = 0.45";

/// The other years, as needed: Ohio's row of the year, and 96372.
pub(super) const F96372_2020: &str = "(0.17 × 1.000 + 0.22 × 0.915 + 0.01 × 1.049) × 36.0896 = 13.78";
pub(super) const F96372_2021: &str = "(0.17 × 1.000 + 0.23 × 0.913 + 0.01 × 1.094) × 34.8931 = 13.64";
pub(super) const F96372_2022: &str = "(0.17 × 1.000 + 0.24 × 0.913 + 0.01 × 1.094) × 34.6062 = 13.84";
pub(super) const F96372_2023: &str = "(0.17 × 1.000 + 0.24 × 0.912 + 0.01 × 1.063) × 33.8872 = 13.54";
pub(super) const F99213_2023: &str = "(1.30 × 1.000 + 1.28 × 0.912 + 0.10 × 1.063) × 33.8872 = 87.21";
/// Until 8 March 2024.
pub(super) const F96372_EARLY_2024: &str = "(0.17 × 1.000 + 0.25 × 0.911 + 0.01 × 1.033) × 32.7442 = 13.36";

/// What an equation says its result is; `12.43: observed median` is a figure as published.
///
/// # Panics
/// When the left side, rounded to cents half away from zero, is not the right side.
pub(crate) fn result(equation: &str) -> String {
    let Some((left, right)) = equation.split_once('=') else {
        let (figure, _) = equation.split_once(':').unwrap_or_else(|| panic!("{equation}: neither = nor :"));
        return figure.trim().to_owned();
    };
    let words = left.replace('(', " ( ").replace(')', " ) ");
    let mut words = words.split_whitespace().peekable();
    let exact = sum(&mut words);
    assert_eq!(words.next(), None, "{equation}");
    let cents = exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    assert_eq!(format!("{cents:.2}"), right.trim(), "{equation}");
    right.trim().to_owned()
}

type Words<'t> = std::iter::Peekable<std::str::SplitWhitespace<'t>>;

fn sum(words: &mut Words<'_>) -> Decimal {
    let mut total = product(words);
    while words.next_if_eq(&"+").is_some() {
        total += product(words);
    }
    total
}

fn product(words: &mut Words<'_>) -> Decimal {
    let mut total = factor(words);
    loop {
        if words.next_if_eq(&"×").is_some() {
            total *= factor(words);
        } else if words.next_if_eq(&"÷").is_some() {
            total /= factor(words);
        } else {
            return total;
        }
    }
}

fn factor(words: &mut Words<'_>) -> Decimal {
    match words.next().unwrap() {
        "(" => {
            let inner = sum(words);
            assert_eq!(words.next(), Some(")"));
            inner
        }
        number => number.parse().unwrap_or_else(|_| panic!("{number} is no number")),
    }
}
