//! The schedule that follows from a contract: what one unit of each code pays, by stretch of days, setting and area.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

use crate::domain::contract::{Codes, Contract, TermList};
use crate::domain::{Area, Code, Date, Expected, Modifiers, Money, Period, Pos, Units};
use crate::price::{Key, Pricer, UnitPrice, extend};

/// A contract's resolved schedule.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// By code, office before facility, by first day.
    pub rows: Vec<ShownRow>,
    /// Ranges and families of which no code is listed: said beside the table.
    pub left_out: Vec<String>,
}

/// What one unit of a code pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownRow {
    /// The version.
    pub version: String,
    /// First day.
    pub from: Date,
    /// Last day, included.
    pub to: Date,
    /// The area it was resolved in.
    pub area: String,
    /// The code.
    pub code: String,
    /// `office` or `facility`.
    pub setting: &'static str,
    /// What it pays: an amount, a share of the charge, or why there is none.
    pub pays: String,
    /// Dollars and cents of one unit, where it does not depend on the charge.
    pub amount: Option<Money>,
    /// In percent of Medicare's own rate of the day and place, one decimal.
    pub of_medicare: Option<String>,
    /// The rule that decides, down to the line of the contract file.
    pub rule: String,
}

/// Resolves a contract for the codes it names and those asked for, in one area. Where something in the reference changes
/// within a stretch (a new Medicare schedule), the stretch is divided; rows that pay the same are joined again.
#[must_use]
pub fn show(pricer: &Pricer<'_>, contract: &Contract, area: Area, more: &[Code], within: Period) -> Shown {
    let mut left_out = BTreeSet::new();
    let mut rows: Vec<ShownRow> = Vec::new();
    for version in &contract.versions {
        for (stretch, list) in &version.stretches {
            let codes = codes(list, more, &mut left_out);
            let from = stretch.from().max(within.from());
            let until = stretch.until().min(within.until());
            let Some(days) = Period::new(from, until) else { continue };
            for code in codes {
                for (setting, pos) in [("office", 11), ("facility", 22)] {
                    for part in parts(pricer, days) {
                        let row = row(pricer, contract, &version.name, area, code, (setting, Pos::new(pos)), part);
                        match rows.last_mut().filter(|last| same(last, &row)) {
                            Some(last) => last.to = row.to,
                            None => rows.push(row),
                        }
                    }
                }
            }
        }
    }
    rows.sort_by(|a, b| (&a.code, Reverse(a.setting), a.from).cmp(&(&b.code, Reverse(b.setting), b.from)));
    Shown { rows, left_out: left_out.into_iter().collect() }
}

/// A share as percent with one decimal, rounded half away from zero: a format's precision would cut a Decimal off.
fn percent(share: Decimal) -> String {
    let percent = (share * Decimal::ONE_HUNDRED).round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    format!("{percent:.1}")
}

fn same(a: &ShownRow, b: &ShownRow) -> bool {
    let what = |row: &ShownRow| {
        (row.code.clone(), row.setting, row.version.clone(), row.pays.clone(), row.of_medicare.clone())
    };
    what(a) == what(b) && a.to.succ_opt() == Some(b.from)
}

/// The codes of a list: single codes and short ranges that it names, and those asked for.
fn codes(list: &TermList, more: &[Code], left_out: &mut BTreeSet<String>) -> Vec<Code> {
    let mut codes: BTreeSet<Code> = more.iter().copied().collect();
    for term in &list.terms {
        for named in &term.when.codes {
            match named {
                Codes::Range(low, high) if low == high => drop(codes.insert(*low)),
                Codes::Range(..) | Codes::Family(_) => {
                    if !more.iter().any(|code| named.holds(*code)) {
                        left_out.insert(named.to_string());
                    }
                }
            }
        }
    }
    codes.into_iter().collect()
}

/// The parts of some days within which nothing in the reference changes.
fn parts(pricer: &Pricer<'_>, days: Period) -> Vec<Period> {
    let reference = pricer.reference();
    let (first, last) = (reference.epoch(days.from()), reference.epoch(days.last()));
    (first..=last)
        .filter_map(|epoch| {
            let from = reference.epoch_start(epoch).max(days.from());
            let until = if epoch == last { days.until() } else { reference.epoch_start(epoch + 1) };
            Period::new(from, until)
        })
        .collect()
}

fn row(
    pricer: &Pricer<'_>,
    contract: &Contract,
    version: &str,
    area: Area,
    code: Code,
    (setting, pos): (&'static str, Option<Pos>),
    days: Period,
) -> ShownRow {
    let reference = pricer.reference();
    let key = Key {
        payer: contract.payer.clone(),
        day: reference.epoch_start(reference.epoch(days.from())),
        area,
        code,
        modifiers: Modifiers::NONE,
        pos,
        npp: false,
        further: false,
        ruled: None,
    };
    let priced = pricer.price(&key);
    // Without a charge nothing can be less than it.
    let charge = Money::from_cents(i64::MAX);
    let by_charge = super::of_charge(&priced.unit);
    let expected = extend(&priced.unit, Units::ONE, charge);
    let amount = match (expected, by_charge) {
        (Expected::Payable(amount, _), None) => Some(amount),
        _ => None,
    };
    let pays = match (by_charge, expected) {
        (Some(factor), _) => format!("{}% of charge", (factor * Decimal::ONE_HUNDRED).normalize()),
        (None, Expected::Payable(amount, _)) => amount.pretty(),
        (None, other) => other.why().replace('-', " "),
    };
    let medicare = pricer.medicare(&key);
    let of_medicare = match (amount, medicare) {
        (Some(amount), Some(UnitPrice::PerUnit { rate, .. })) => amount.dollars().checked_div(rate).map(percent),
        _ => None,
    };
    ShownRow {
        version: version.to_owned(),
        from: days.from(),
        to: days.last(),
        area: area.to_string(),
        code: code.to_string(),
        setting,
        pays,
        amount,
        of_medicare,
        rule: priced.rule,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_rounded_not_cut_off() {
        let of =
            |amount: &str, rate: &str| percent(amount.parse::<Decimal>().unwrap() / rate.parse::<Decimal>().unwrap());
        // 841.61 / 748.10 = 1.124996…; 18.54 / 13.20 = 1.404545…; 13.20 / 13.20 = 1.
        assert_eq!(of("841.61", "748.10"), "112.5");
        assert_eq!(of("18.54", "13.20"), "140.5");
        assert_eq!(of("13.20", "13.20"), "100.0");
    }
}
