//! The lines of a packet, their sums, and what they would be allowed at another percentage of Medicare.

use std::collections::BTreeMap;

use chrono::Datelike;
use rust_decimal::{Decimal, RoundingStrategy};
use rustc_hash::FxHashMap;

use super::PacketInput;
use crate::domain::contract::{Pays, Spot};
use crate::domain::{Expected, LocalityRule, Money, Period, ServiceLine, YearRule};
use crate::finding::Result;
use crate::leakage::{Cohort, JudgedLine};
use crate::price::{Key, UnitPrice, extend};
use crate::reconcile::{Gaps, Standing};
use crate::report::words::count;
use crate::scenario::{Lines, RateLever, RateTo, units_under};

/// The lines that a packet tells of.
pub(super) struct Basis<'a> {
    pub(super) input: &'a PacketInput<'a>,
    /// The payer's firm lines of the months, as places in the run.
    pub(super) own: Vec<usize>,
    /// Those of all other payers.
    pub(super) others: Vec<usize>,
    /// The payer's lines that cannot be paid or priced: not payable, unknown, or only compared with a benchmark.
    pub(super) left_out: usize,
}

/// The payer's lines at another rate, in its months.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    /// What they would be expected to be allowed.
    pub(super) amount: Money,
    /// Of it, what is not denied in the end: expected less denied, line by line, as in `allowable model`. Lines without an answer
    /// count as not denied.
    pub(super) net: Money,
    /// Lines that the percentage prices; the others keep their terms.
    pub(super) priced: usize,
    /// Of all lines that Medicare prices, in percent of Medicare with one decimal.
    pub(super) of_medicare: Option<Decimal>,
}

impl At {
    /// What is denied in the end.
    pub(super) fn denied(&self) -> Money {
        self.amount - self.net
    }
}

impl<'a> Basis<'a> {
    pub(super) fn new(input: &'a PacketInput<'a>) -> Result<Self> {
        let run = input.run;
        let (mut own, mut others, mut left_out) = (Vec::new(), Vec::new(), 0);
        for (i, (line, judged)) in run.lines.iter().zip(&run.judged).enumerate() {
            if !input.months.contains(line.service_date) {
                continue;
            }
            let is_own = line.payer == input.payer.id;
            match (is_own, judged.cohort) {
                (true, Cohort::Firm) => own.push(i),
                (true, _) => left_out += 1,
                (false, Cohort::Firm) => others.push(i),
                (false, _) => {}
            }
        }
        let basis = Self { input, own, others, left_out };
        basis.sums().check(&input.payer.name)?;
        Ok(basis)
    }

    pub(super) fn line(&self, i: usize) -> (&'a ServiceLine, &'a JudgedLine) {
        (&self.input.run.lines[i], &self.input.run.judged[i])
    }

    /// The amounts of the payer's lines.
    pub(super) fn sums(&self) -> Gaps {
        self.sums_of(&self.own)
    }

    /// The amounts of some lines.
    pub(super) fn sums_of(&self, lines: &[usize]) -> Gaps {
        lines.iter().fold(Gaps::default(), |mut sum, i| {
            let gaps = &self.line(*i).1.money.gaps;
            sum.expected += gaps.expected;
            sum.paid += gaps.paid;
            sum.patient += gaps.patient;
            sum.reductions += gaps.reductions;
            sum.denied += gaps.denied;
            sum.underpaid += gaps.underpaid;
            sum.overpaid += gaps.overpaid;
            sum.pending += gaps.pending;
            sum.below_benchmark += gaps.below_benchmark;
            sum.above_benchmark += gaps.above_benchmark;
            sum
        })
    }

    /// Expected over Medicare's amount, of the lines that Medicare prices, in percent with one decimal.
    pub(super) fn percent_of_medicare(&self, lines: &[usize]) -> Option<Decimal> {
        let (mut expected, mut medicare) = (Money::ZERO, Money::ZERO);
        for i in lines {
            let (_, judged) = self.line(*i);
            if let Some(amount) = judged.medicare {
                expected += judged.money.gaps.expected;
                medicare += amount;
            }
        }
        expected.percent_of(medicare)
    }

    /// Other payers with their lines, by id.
    pub(super) fn by_payer(&self) -> BTreeMap<&'a str, Vec<usize>> {
        let mut by: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for i in &self.others {
            by.entry(&self.line(*i).0.payer).or_default().push(*i);
        }
        by
    }

    /// The months that are told of.
    pub(super) fn months(&self) -> i64 {
        months_of(self.input.months)
    }

    /// A sum of these months as one of twelve, rounded once.
    pub(super) fn a_year(&self, sum: Money) -> Money {
        times(sum, Decimal::from(12) / Decimal::from(self.months().max(1)))
    }

    /// `570 lines in 12 months`.
    pub(super) fn span(&self) -> String {
        let lines = i64::try_from(self.own.len()).unwrap_or(i64::MAX);
        format!("{} in {}", count(lines, "line", "lines"), count(self.months(), "month", "months"))
    }

    /// The payer's lines under the terms in force.
    pub(super) fn today(&self) -> At {
        let sums = self.sums();
        let of_medicare = self.percent_of_medicare(&self.own);
        At { amount: sums.expected, net: sums.expected - sums.denied, priced: self.own.len(), of_medicare }
    }

    /// The payer's lines at a percentage of Medicare of the day, each rounded once; lines that are not asked for, and those that
    /// Medicare does not price, keep their terms.
    pub(super) fn at(&self, percent: Decimal) -> At {
        self.at_with(percent, self.input.payer.lesser_of)
    }

    /// As [`Self::at`], with or without the lesser of charge and rate.
    pub(super) fn at_with(&self, percent: Decimal, lesser_of: bool) -> At {
        let prices = self.prices(percent, lesser_of);
        let mut at = At { amount: Money::ZERO, net: Money::ZERO, priced: 0, of_medicare: None };
        let (mut of, mut medicare) = (Money::ZERO, Money::ZERO);
        for i in &self.own {
            let (line, judged) = self.line(*i);
            let unit = self.input.run.priced.price_of.get(*i).and_then(|key| prices.get(key));
            let new = unit.and_then(|unit| match extend(unit, line.units, line.charge) {
                Expected::Payable(amount, _) => Some(amount),
                _ => None,
            });
            at.priced += usize::from(new.is_some());
            let amount = new.unwrap_or(judged.money.gaps.expected);
            at.amount += amount;
            if judged.money.standing != Standing::Denied {
                at.net += amount;
            }
            if let Some(whole) = judged.medicare {
                of += amount;
                medicare += whole;
            }
        }
        at.of_medicare = of.percent_of(medicare);
        at
    }

    /// What each line would be expected to be allowed at a percentage, where the percentage prices it.
    pub(super) fn each_at(&self, percent: Decimal) -> Vec<Option<Money>> {
        let prices = self.prices(percent, self.input.payer.lesser_of);
        let of = |i: &usize| {
            let line = self.line(*i).0;
            let unit = self.input.run.priced.price_of.get(*i).and_then(|key| prices.get(key))?;
            extend(unit, line.units, line.charge).amount().filter(|amount| *amount > Money::ZERO)
        };
        self.own.iter().map(of).collect()
    }

    /// The unit prices of the payer's distinct keys at a percentage of Medicare, where it gives one: as a scenario prices them, so
    /// that a practitioner's percentage and what the contract says of modifiers stay.
    fn prices(&self, percent: Decimal, lesser_of: bool) -> FxHashMap<u32, UnitPrice> {
        let input = self.input;
        let factor = percent / Decimal::ONE_HUNDRED;
        let lever = RateLever {
            lines: Lines { payer: Some(input.payer.id.clone()), ..Lines::default() },
            to: RateTo::Pays(Pays::PercentOfMedicare { factor, year: YearRule::Current, locality: LocalityRule::Own }),
            lesser_of: Some(lesser_of),
            spot: Spot { file: "".into(), line: 0 },
        };
        let mut keys: BTreeMap<u32, &Key> = BTreeMap::new();
        for i in &self.own {
            let key: &Key = &input.run.priced.of(*i).key;
            if input.asks.as_ref().is_none_or(|asks| asks.for_code(key.code)) {
                keys.insert(input.run.priced.price_of[*i], key);
            }
        }
        let wanted: Vec<&Key> = keys.values().copied().collect();
        let units = units_under(input.reference, std::slice::from_ref(input.payer), &lever, &wanted);
        let priced = keys.into_keys().zip(units).filter_map(|(ix, unit)| Some((ix, unit?)));
        priced.filter(|(_, unit)| !matches!(unit, UnitPrice::NotPayable(_) | UnitPrice::Unknown(_))).collect()
    }

    /// Denied in the end, over what was expected of answered lines, in percent with one decimal: for comparing payers, whose
    /// unanswered lines say nothing yet.
    pub(super) fn denied_of_answered(&self, lines: &[usize]) -> Option<Decimal> {
        let sums = self.sums_of(lines);
        sums.denied.percent_of(sums.expected - sums.pending)
    }
}

/// Calendar months of a period that begins and ends with a month.
pub(super) fn months_of(period: Period) -> i64 {
    let month = |day: crate::domain::Date| i64::from(day.year()) * 12 + i64::from(day.month0());
    month(period.until()) - month(period.from())
}

/// An amount less a percentage of it, rounded once.
pub(super) fn less(amount: Money, percent: Decimal) -> Money {
    times(amount, Decimal::ONE - percent / Decimal::ONE_HUNDRED)
}

/// An amount times a factor, rounded once.
pub(super) fn times(amount: Money, factor: Decimal) -> Money {
    amount.dollars().checked_mul(factor).and_then(crate::domain::round_cents).unwrap_or(amount)
}

/// A percentage with one decimal.
pub(super) fn tenth(percent: Decimal) -> Decimal {
    percent.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero).normalize()
}

/// The value of which this share of the sorted values is not greater (nearest rank).
pub(super) fn percentile<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_of_the_list() {
        let values = [10, 20, 30, 40];
        // Nearest rank: ceil(4 × 25 %) = 1, ceil(4 × 50 %) = 2, ceil(4 × 75 %) = 3, ceil(4 × 100 %) = 4.
        assert_eq!([25, 50, 75, 100].map(|p| percentile(&values, p)), [Some(10), Some(20), Some(30), Some(40)]);
        assert_eq!(percentile::<i32>(&[], 50), None);
        assert_eq!(percentile(&[7], 1), Some(7));
    }

    #[test]
    fn a_share_is_rounded_once() {
        let amount = Money::from_cents(10_005);
        // 100.05 less 2.5 % = 97.54875 → 97.55; 100.05 × 1.1 = 110.055 → 110.06.
        assert_eq!(less(amount, Decimal::new(25, 1)).cents(), 9_755);
        assert_eq!(times(amount, Decimal::new(11, 1)).cents(), 11_006);
    }
}
