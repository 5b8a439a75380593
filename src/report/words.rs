//! Wording that several sections share: shares, counts, definitions.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{LocalityRule, Money, Terms, UnlistedRule, YearRule};

use super::model::Definition;

/// `12.3 %`, or `no share` of nothing.
pub(super) fn share(part: Money, whole: Money) -> String {
    part.percent_of(whole).map_or_else(|| "no share".to_owned(), |p| format!("{p}%"))
}

/// `part / whole` in percent with one decimal; `None` when the whole is zero.
pub(super) fn rate(part: i64, whole: i64) -> Option<Decimal> {
    if whole == 0 {
        return None;
    }
    let share = Decimal::from(part) * Decimal::ONE_HUNDRED / Decimal::from(whole);
    Some(share.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero))
}

/// `1 line`, `1,234 lines`.
pub(super) fn count(n: i64, one: &str, many: &str) -> String {
    let digits = Money::from_cents(n.saturating_mul(100)).pretty_dollars().replace('$', "");
    format!("{digits} {}", if n == 1 { one } else { many })
}

/// Terms in a few words.
pub(super) fn terms_words(terms: &Terms) -> String {
    let of = |factor: crate::domain::Rate| format!("{}%", (factor * Decimal::ONE_HUNDRED).normalize());
    match terms {
        Terms::Medicare => "Medicare's fee schedule and drug limits of the day".to_owned(),
        Terms::PercentOfMedicare { factor, year, locality } => {
            let year = match year {
                YearRule::Current => "of the day".to_owned(),
                YearRule::Fixed(year) => format!("of {year}"),
            };
            let place = match locality {
                LocalityRule::Own => String::new(),
                LocalityRule::Fixed(locality) => format!(", locality {locality}"),
            };
            format!("{} of Medicare {year}{place}", of(*factor))
        }
        Terms::Schedule { schedule, unlisted } => {
            let others = match unlisted {
                UnlistedRule::Unknown => String::new(),
                UnlistedRule::PercentOfCharge(factor) => format!("; other codes {} of charges", of(*factor)),
                UnlistedRule::PercentOfMedicare(factor) => format!("; other codes {} of Medicare", of(*factor)),
            };
            format!("the schedule {schedule}{others}")
        }
        Terms::PercentOfCharge { factor } => format!("{} of charges", of(*factor)),
        Terms::Contract(list) => format!("the contract file: {}", list.label),
        Terms::MedicaidBenchmark => "observed or estimated Medicaid payments (a benchmark, no contract)".to_owned(),
    }
}

/// The words of the report, for people who have not met them.
pub(super) fn definitions() -> Vec<Definition> {
    let define = |term: &str, meaning: &str| Definition { term: term.to_owned(), meaning: meaning.to_owned() };
    vec![
        define(
            "Expected",
            "What should have been allowed: the fee schedule or contract in force on the day of service, times the units, rounded once to cents.",
        ),
        define(
            "Allowed",
            "Paid by payers + the patient's share + known reductions. Compared with expected; the paid amount alone is not.",
        ),
        define("Patient share", "Deductible, coinsurance and copay that remain with the patient after the last payer."),
        define(
            "Known reductions",
            "Reductions of the payment that law or contract foresee, such as the 2% Medicare sequestration (CARC 253).",
        ),
        define(
            "Denied",
            "Expected of lines on which nothing is allowed and a denial reason explains it; after all corrections and reversals.",
        ),
        define(
            "Underpaid",
            "Expected less allowed, where positive and the rate is published or contracted. Never netted with overpayments.",
        ),
        define("Overpaid", "Allowed less expected, where positive: money the payer may take back."),
        define("Pending", "Expected of lines without an answer, or whose answers were all taken back."),
        define("Leakage", "Denied + underpaid, on lines with a published or contracted rate."),
        define(
            "Identity",
            "expected = paid + patient share + known reductions + denied + underpaid + pending − overpaid, to the cent, in every row of every table.",
        ),
        define(
            "Not payable",
            "Lines that no rule pays (for example the professional injection line in a hospital). Expected nothing; billing them is an avoidable error, not leakage.",
        ),
        define("Unknown", "Lines that could not be priced. Counted apart; never taken as zero."),
        define(
            "Benchmark",
            "Medicaid lines whose only yardstick is observed payments or Medicare times a state index. Differences are a band, never leakage.",
        ),
        define(
            "Initial denial rate",
            "Lines denied at their first answer ÷ lines with an answer; lines that are never payable are left out.",
        ),
        define(
            "Decided / overturn rate",
            "A denial (or underpayment) is decided when the same payer answered again on a later day: won when the line is allowed (or paid as expected) in the end. One that nobody worked is neither won nor lost. Overturn rate: won ÷ decided.",
        ),
        define(
            "Pooled rate, 80% interval",
            "A rate drawn towards that of all lines, the more the fewer lines it rests on; the interval holds the true rate in 8 of 10 cases.",
        ),
        define(
            "Mature",
            "A line whose payer's usual time to answer (90th percentile) and whole appeal window have passed since the service.",
        ),
        define(
            "Billing step",
            "The eight steps from verifying coverage to working denials; each cause is laid to the step that could have stopped it.",
        ),
        define(
            "Open / lost",
            "A denial is open while the payer's window for appeals and corrected claims runs (days after the last answer), lost afterwards.",
        ),
    ]
}
