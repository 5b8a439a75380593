//! What a scenario comes to, cell by cell: volumes and denials on the re-priced baseline, and what each kind of change adds.
//!
//! Every amount of a cell is rounded to cents once; every total is the sum of its cells.

use std::collections::BTreeMap;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{Money, Rate};
use crate::finding::Result;

use super::base::{Base, BaseCell, CellKey, Sums};
use super::decompose::{Cell, Effects, decompose, scaled};
use super::lever::{DenialLever, DenialTo, VolumeLever};
use super::too_large;

/// Millionths: what volumes are counted in, so that a change by hundredths of a percent stays exact.
const MILLION: i64 = 1_000_000;

/// Volume and money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amounts {
    /// Lines, in millionths.
    pub volume: i64,
    /// What should be allowed.
    pub expected: Money,
    /// Of it, denied in the end.
    pub denied: Money,
    /// Expected less denied.
    pub net: Money,
    /// Paid by payers.
    pub cash: Money,
}

impl Amounts {
    /// Lines as a number.
    #[must_use]
    pub fn lines(&self) -> Decimal {
        Decimal::new(self.volume, 6).normalize()
    }
}

impl std::ops::AddAssign for Amounts {
    fn add_assign(&mut self, other: Self) {
        self.volume += other.volume;
        self.expected += other.expected;
        self.denied += other.denied;
        self.net += other.net;
        self.cash += other.cash;
    }
}

/// What of a change of net comes from what; the parts add up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NetEffects {
    /// Rates, mix and volume, at the present denials.
    pub of_terms: Effects,
    /// Other denials.
    pub denial: Money,
}

impl NetEffects {
    /// The change of net.
    #[must_use]
    pub fn total(&self) -> Money {
        self.of_terms.total() + self.denial
    }
}

impl std::ops::AddAssign for NetEffects {
    fn add_assign(&mut self, other: Self) {
        self.of_terms += other.of_terms;
        self.denial += other.denial;
    }
}

/// A scenario's amounts, in the order of the baseline's cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Cell by cell.
    pub cells: Vec<Amounts>,
    /// What the change of expected amounts is made of.
    pub expected: Vec<Effects>,
    /// What the change of net is made of.
    pub net: Vec<NetEffects>,
}

impl Outcome {
    /// All cells together.
    #[must_use]
    pub fn total(&self) -> Amounts {
        self.over(|_| true)
    }

    /// The cells for which this holds (by their place) together.
    #[must_use]
    pub fn over(&self, such: impl Fn(usize) -> bool) -> Amounts {
        let mut sum = Amounts::default();
        for (_, cell) in self.cells.iter().enumerate().filter(|(at, _)| such(*at)) {
            sum += *cell;
        }
        sum
    }

    /// What the change of net of all cells is made of.
    #[must_use]
    pub fn net_effects(&self) -> NetEffects {
        let mut sum = NetEffects::default();
        for cell in &self.net {
            sum += *cell;
        }
        sum
    }

    /// What the change of the expected amounts of all cells is made of.
    #[must_use]
    pub fn expected_effects(&self) -> Effects {
        let mut sum = Effects::default();
        for cell in &self.expected {
            sum += *cell;
        }
        sum
    }

    /// Groups of cells by what `key` says of them, in its order.
    pub fn by<K: Ord>(&self, base: &Base, key: impl Fn(&CellKey) -> K) -> BTreeMap<K, (Amounts, NetEffects)> {
        let mut groups: BTreeMap<K, (Amounts, NetEffects)> = BTreeMap::new();
        for ((cell, amounts), effects) in base.cells.iter().zip(&self.cells).zip(&self.net) {
            let group = groups.entry(key(&cell.key)).or_default();
            group.0 += *amounts;
            group.1 += *effects;
        }
        groups
    }
}

/// Applies volumes and denials to the re-priced cells.
///
/// # Errors
/// When an amount does not fit.
pub fn apply(base: &Base, sums: &[Sums], volumes: &[VolumeLever], denials: &[DenialLever]) -> Result<Outcome> {
    let shares = paid_shares(base);
    let lost = LostOfFirst::new(base);
    let mut outcome =
        Outcome { cells: Vec::with_capacity(sums.len()), expected: Vec::new(), net: Vec::with_capacity(sums.len()) };
    let (mut old, mut new) = (Vec::with_capacity(sums.len()), Vec::with_capacity(sums.len()));
    let mut carried = Vec::with_capacity(sums.len());
    for (cell, sums) in base.cells.iter().zip(sums) {
        let CellKey { payer, code, pos } = &cell.key;
        let volume_lever = volumes.iter().find(|lever| lever.lines.hold(payer, *code, *pos));
        let denial_lever = denials.iter().find(|lever| lever.lines.hold(payer, *code, *pos));
        let factor = volume_lever.map_or(Decimal::ONE, |lever| lever.factor);
        let present = cell.lines.checked_mul(MILLION).ok_or_else(too_large)?;
        let volume = rounded(Decimal::from(present).checked_mul(factor).ok_or_else(too_large)?)?;
        let expected = times(sums.expected, factor)?;
        let as_it_is = times(sums.denied, factor)?;
        let denied = match denial_lever {
            None => as_it_is,
            Some(lever) => denied(lever.to, expected, as_it_is, (sums, lost.of(payer)), factor)?,
        };
        let net = expected - denied;
        let cash = cash(cell, net, factor, shares.get(payer).copied())?;
        outcome.cells.push(Amounts { volume, expected, denied, net, cash });
        old.push((present, cell.sums.expected, cell.sums.denied));
        new.push((volume, expected, as_it_is));
        carried.push(as_it_is - denied);
    }
    let cells = |of: &[(i64, Money, Money)], denied: bool| -> Vec<Cell> {
        of.iter().map(|cell| Cell { volume: cell.0, amount: if denied { cell.2 } else { cell.1 } }).collect()
    };
    outcome.expected = decompose(&cells(&old, false), &cells(&new, false)).cells;
    // Expected and denied are rounded apart, and so are their effects: more of the same has no effect of rates, not even a cent's.
    let of_denied = decompose(&cells(&old, true), &cells(&new, true)).cells;
    let of_terms = outcome.expected.iter().zip(of_denied).map(|(expected, denied)| *expected - denied);
    outcome.net = of_terms.zip(carried).map(|(of_terms, denial)| NetEffects { of_terms, denial }).collect();
    Ok(outcome)
}

/// What payers leave denied of what they deny at first, in the baseline.
#[derive(Debug, Clone)]
pub struct LostOfFirst {
    by_payer: BTreeMap<std::sync::Arc<str>, Lost>,
    pooled: Lost,
}

/// Of amounts denied at first, those denied in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lost {
    /// Denied in the end; never more than at first.
    pub lost: Money,
    /// Denied at first.
    pub first: Money,
    /// All payers together, because this one denied nothing at first.
    pub is_pooled: bool,
}

impl Lost {
    /// The share that is won back, in percent with one decimal; `None` where nothing was denied at first.
    #[must_use]
    pub fn won_percent(&self) -> Option<Decimal> {
        (self.first - self.lost).percent_of(self.first)
    }
}

impl LostOfFirst {
    /// Of all cells of a baseline.
    #[must_use]
    pub fn new(base: &Base) -> Self {
        let mut by_payer: BTreeMap<std::sync::Arc<str>, Lost> = BTreeMap::new();
        let mut pooled = Lost { is_pooled: true, ..Lost::default() };
        for cell in &base.cells {
            for sum in [by_payer.entry(cell.key.payer.clone()).or_default(), &mut pooled] {
                sum.first += cell.sums.first_denied;
                // A payment taken back is lost without a first denial.
                sum.lost += cell.sums.denied.min(cell.sums.first_denied);
            }
        }
        Self { by_payer, pooled }
    }

    /// The payer's own; of all payers, where it denied nothing at first.
    #[must_use]
    pub fn of(&self, payer: &str) -> Lost {
        self.by_payer.get(payer).copied().filter(|own| own.first > Money::ZERO).unwrap_or(self.pooled)
    }
}

/// What is denied in the end under a change, never more than is expected.
fn denied(to: DenialTo, expected: Money, as_it_is: Money, (sums, own): (&Sums, Lost), volume: Rate) -> Result<Money> {
    let denied = match to {
        DenialTo::Final(share) => times(expected, share)?,
        DenialTo::Times(by) => times(sums.denied, product(volume, by)?)?,
        DenialTo::First { share, times: by, overturn } => {
            let lost = overturn.map(|won| Decimal::ONE - won);
            match (share, lost) {
                (Some(share), Some(lost)) => times(expected, product(share, lost)?)?,
                (None, Some(lost)) => times(sums.first_denied, product(product(volume, by)?, lost)?)?,
                // What is won back stays the payer's share; where nothing at all was denied at first, nothing is known to be won.
                (Some(share), None) => {
                    let first = times(expected, share)?;
                    if own.first > Money::ZERO {
                        scaled(first, own.lost.cents().into(), own.first.cents().into())
                    } else {
                        first
                    }
                }
                (None, None) => as_it_is,
            }
        }
    };
    Ok(denied.min(expected.max(Money::ZERO)))
}

/// What payers pay: the share of net that the cell was paid in the baseline; where it had no net, the payer's share.
fn cash(cell: &BaseCell, net: Money, volume: Rate, share: Option<(Money, Money)>) -> Result<Money> {
    let before = cell.net();
    if before.cents() != 0 {
        let sign = i128::from(before.cents().signum());
        return Ok(scaled(cell.paid, sign * i128::from(net.cents()), sign * i128::from(before.cents())));
    }
    let paid = times(cell.paid, volume)?;
    let more = share.filter(|(_, of)| *of > Money::ZERO);
    Ok(more.map_or(paid, |(part, of)| paid + scaled(net, part.cents().into(), of.cents().into())))
}

/// By payer what it paid, and the net that it was paid of; a payer that has no net has all payers' share.
fn paid_shares(base: &Base) -> BTreeMap<std::sync::Arc<str>, (Money, Money)> {
    let mut shares: BTreeMap<std::sync::Arc<str>, (Money, Money)> = BTreeMap::new();
    let mut all = (Money::ZERO, Money::ZERO);
    for cell in &base.cells {
        let share = shares.entry(cell.key.payer.clone()).or_default();
        share.0 += cell.paid;
        share.1 += cell.net();
        all.0 += cell.paid;
        all.1 += cell.net();
    }
    for share in shares.values_mut().filter(|share| share.1 <= Money::ZERO) {
        *share = all;
    }
    shares
}

fn product(a: Rate, b: Rate) -> Result<Rate> {
    a.checked_mul(b).ok_or_else(too_large)
}

/// An amount times a factor, rounded once, half away from zero.
pub(super) fn times(amount: Money, factor: Rate) -> Result<Money> {
    let cents = Decimal::from(amount.cents()).checked_mul(factor).ok_or_else(too_large)?;
    rounded(cents).map(Money::from_cents)
}

fn rounded(number: Decimal) -> Result<i64> {
    number.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64().ok_or_else(too_large)
}
