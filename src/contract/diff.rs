//! What another contract would change: the last months priced by both, by code, place and month, and the way from the months
//! before, split exactly into volume, mix and rate.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::domain::contract::Contract;
use crate::domain::{Code, Date, Expected, Money, Payer, Period, Pos, ServiceLine, Terms};
use crate::finding::{Findings, Result};
use crate::payability::Ruled;
use crate::price::{Pricer, price_lines};
use crate::reference::Reference;

/// The effect of a new contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The payer's id.
    pub payer: String,
    /// First and last day of the months that both contracts price.
    pub now: (Date, Date),
    /// First and last day of as many months before.
    pub before: (Date, Date),
    /// By code, place and month of the months now.
    pub rows: Vec<DiffRow>,
    /// By code and place: the way from the months before under the old contract to the months now under the new one; without
    /// those of which one of the two times has lines, but none that both contracts price.
    pub steps: Vec<DiffStep>,
    /// The same of all together.
    pub total: DiffStep,
    /// Lines that only one of the contracts prices, or neither; they are in no sum.
    pub unpriced: Unpriced,
}

/// One code in one place and month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffRow {
    /// The code.
    pub code: String,
    /// Place of service, empty when it is not told.
    pub pos: String,
    /// `2024-05`.
    pub month: String,
    /// Lines that both price.
    pub lines: u64,
    /// Expected under the old contract.
    pub old: Money,
    /// Expected under the new contract.
    pub new: Money,
    /// New less old.
    pub effect: Money,
}

/// The way from before to now; `before + volume + mix + rate = now`, to the cent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DiffStep {
    /// The code; empty in the total.
    pub code: String,
    /// Place of service.
    pub pos: String,
    /// The months before under the old contract.
    pub before: Money,
    /// More or fewer services, at the mix and rates of before.
    pub volume: Money,
    /// Other codes, places, units and patients, at the old contract's rates.
    pub mix: Money,
    /// The new contract's rates on the services of now.
    pub rate: Money,
    /// The months now under the new contract.
    pub now: Money,
}

/// Lines of the months now that are in no sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Unpriced {
    /// Priced by the old contract alone.
    pub only_old: u64,
    /// What it pays for them.
    pub only_old_dollars: Money,
    /// Priced by the new contract alone.
    pub only_new: u64,
    /// What it pays for them.
    pub only_new_dollars: Money,
    /// Priced by neither.
    pub neither: u64,
    /// Lines of the months before that are not priced by both.
    pub before: u64,
    /// Lines of the months now of codes and places of which the months before have lines, but none that both price: their
    /// change cannot be told, so they take part in the effect of the new contract and not in the way from before.
    pub without_before: u64,
}

/// A payer whose terms are a contract's on every day: days outside its versions are priced by the nearest one.
#[must_use]
pub fn as_if_in_force(payer: &Payer, contract: &Contract) -> Payer {
    let mut stretches: Vec<(Period, Terms)> = contract
        .versions
        .iter()
        .flat_map(|version| &version.stretches)
        .map(|(period, list)| (*period, Terms::Contract(Arc::clone(list))))
        .collect();
    stretches.sort_by_key(|(period, _)| *period);
    let mut terms: Vec<(Period, Terms)> = Vec::with_capacity(stretches.len());
    let last = stretches.len().saturating_sub(1);
    for (i, (period, of)) in stretches.iter().enumerate() {
        let from = if i == 0 { Date::MIN } else { period.from() };
        // A gap between two versions is the earlier one's.
        let until = if i == last { Date::MAX } else { stretches[i + 1].0.from() };
        terms.extend(Period::new(from, until).map(|period| (period, of.clone())));
    }
    Payer { terms, ..payer.clone() }
}

/// The months of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Months {
    /// The months that both contracts price.
    pub now: Period,
    /// As many months before.
    pub before: Period,
}

/// Compares two versions of one payer on its lines; `falls` has for each line the rule that lets it fall.
///
/// # Errors
/// When there are more distinct prices than can be counted.
pub fn diff(
    reference: &Reference,
    (old, new): (&Payer, &Payer),
    lines: &[ServiceLine],
    falls: &[Option<Ruled>],
    months: Months,
) -> Result<Diff> {
    let own: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].payer == old.id).collect();
    let own_falls: Vec<Option<Ruled>> = own.iter().map(|i| falls.get(*i).copied().flatten()).collect();
    let own: Vec<ServiceLine> = own.into_iter().map(|i| lines[i].clone()).collect();
    let by = |payer: &Payer| -> Result<Vec<Option<Money>>> {
        let payers = [payer.clone()];
        let pricer = Pricer::new(reference, &payers);
        // What is assumed for the place is said by the report; here only amounts are compared.
        let priced = price_lines(&pricer, &own, &own_falls, |_| String::new(), &mut Findings::default())?;
        let amount = |expected: &Expected| match expected {
            Expected::Unknown(_) => None,
            known => known.amount(),
        };
        Ok(priced.expected.iter().map(amount).collect())
    };
    let (by_old, by_new) = (by(old)?, by(new)?);
    let mut cells: BTreeMap<(Code, Option<Pos>), Cell> = BTreeMap::new();
    let mut rows: BTreeMap<(Code, Option<Pos>, String), Tally> = BTreeMap::new();
    let mut seen: BTreeMap<(Code, Option<Pos>), Seen> = BTreeMap::new();
    let mut unpriced = Unpriced::default();
    for ((line, old), new) in own.iter().zip(&by_old).zip(&by_new) {
        let units = line.units.thousandths();
        let key = (line.code, line.pos);
        if months.before.contains(line.service_date) {
            // Were only the old one asked, lines that the new one does not price would count before and never now.
            let seen = seen.entry(key).or_default();
            match (old, new) {
                (Some(amount), Some(_)) => {
                    let cell = cells.entry(key).or_default();
                    cell.units_before += i128::from(units);
                    cell.before += *amount;
                    seen.priced_before = true;
                }
                _ => {
                    unpriced.before += 1;
                    seen.unpriced_before = true;
                }
            }
        } else if months.now.contains(line.service_date) {
            let seen = seen.entry(key).or_default();
            match (old, new) {
                (Some(old), Some(new)) => {
                    seen.priced_now += 1;
                    let cell = cells.entry(key).or_default();
                    cell.units_now += i128::from(units);
                    cell.old += *old;
                    cell.new += *new;
                    let month = line.service_date.format("%Y-%m").to_string();
                    let row = rows.entry((line.code, line.pos, month)).or_default();
                    row.lines += 1;
                    row.old += *old;
                    row.new += *new;
                }
                (Some(old), None) => {
                    seen.unpriced_now = true;
                    unpriced.only_old += 1;
                    unpriced.only_old_dollars += *old;
                }
                (None, Some(new)) => {
                    seen.unpriced_now = true;
                    unpriced.only_new += 1;
                    unpriced.only_new_dollars += *new;
                }
                (None, None) => {
                    seen.unpriced_now = true;
                    unpriced.neither += 1;
                }
            }
        }
    }
    for (key, seen) in seen.iter().filter(|(_, seen)| seen.is_one_sided()) {
        unpriced.without_before += seen.priced_now;
        cells.remove(key);
    }
    let pos = |pos: Option<Pos>| pos.map_or_else(String::new, |pos| pos.to_string());
    let parts = split(&cells.values().copied().collect::<Vec<_>>());
    let steps: Vec<DiffStep> = cells
        .iter()
        .zip(&parts)
        // Services that neither contract pays (a facility's, an excluded one) change nothing.
        .filter(|((_, cell), _)| [cell.before, cell.old, cell.new].iter().any(|amount| *amount != Money::ZERO))
        .map(|(((code, place), cell), part)| DiffStep {
            code: code.to_string(),
            pos: pos(*place),
            before: cell.before,
            volume: part.volume,
            mix: part.mix,
            rate: part.rate,
            now: cell.new,
        })
        .collect();
    let total = steps.iter().fold(DiffStep::default(), |mut total, step| {
        total.before += step.before;
        total.volume += step.volume;
        total.mix += step.mix;
        total.rate += step.rate;
        total.now += step.now;
        total
    });
    let rows = rows
        .into_iter()
        .map(|((code, place, month), Tally { lines, old, new })| {
            let (code, pos, effect) = (code.to_string(), pos(place), new - old);
            DiffRow { code, pos, month, lines, old, new, effect }
        })
        .collect();
    let days = |period: Period| (period.from(), period.last());
    let (payer, now, before) = (old.id.to_string(), days(months.now), days(months.before));
    Ok(Diff { payer, now, before, rows, steps, total, unpriced })
}

/// Which lines of a code and place there are, and whether both contracts price them.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    priced_before: bool,
    unpriced_before: bool,
    priced_now: u64,
    unpriced_now: bool,
}

impl Seen {
    /// Whether there are lines of both times, but of one of them none that both contracts price.
    const fn is_one_sided(self) -> bool {
        (self.unpriced_before && !self.priced_before && self.priced_now > 0)
            || (self.unpriced_now && self.priced_now == 0 && self.priced_before)
    }
}

/// Lines that both contracts price.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    lines: u64,
    old: Money,
    new: Money,
}

/// Services and dollars of one code and place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Thousandths of units in the months before.
    pub units_before: i128,
    /// Their dollars under the old contract.
    pub before: Money,
    /// Thousandths of units in the months now.
    pub units_now: i128,
    /// Their dollars under the old contract.
    pub old: Money,
    /// Their dollars under the new contract.
    pub new: Money,
}

/// What one cell adds to the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CellParts {
    /// As if every cell had grown as the whole did.
    pub volume: Money,
    /// The rest at the old contract's rates.
    pub mix: Money,
    /// New less old contract on the services of now.
    pub rate: Money,
}

/// Splits each cell's change so that `before + volume + mix + rate = new`, to the cent. Without months before, everything at
/// the old rates is volume.
#[must_use]
pub fn split(cells: &[Cell]) -> Vec<CellParts> {
    let units_before: i128 = cells.iter().map(|cell| cell.units_before).sum();
    let units_now: i128 = cells.iter().map(|cell| cell.units_now).sum();
    let part = |cell: &Cell| {
        let volume = if units_before == 0 {
            cell.old - cell.before
        } else {
            grown(cell.before, units_now - units_before, units_before)
        };
        CellParts { volume, mix: cell.old - cell.before - volume, rate: cell.new - cell.old }
    };
    cells.iter().map(part).collect()
}

/// An amount times a fraction, rounded half away from zero to cents.
fn grown(amount: Money, by: i128, of: i128) -> Money {
    let product = i128::from(amount.cents()).saturating_mul(by);
    let (whole, rest) = (product / of, product % of);
    let up = rest.abs().saturating_mul(2) >= of.abs();
    let sign = if (rest < 0) == (of < 0) { 1 } else { -1 };
    let cents = whole + if rest != 0 && up { sign } else { 0 };
    Money::from_cents(i64::try_from(cents).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(units_before: i128, before: i64, units_now: i128, old: i64, new: i64) -> Cell {
        let money = Money::from_cents;
        Cell { units_before, before: money(before), units_now, old: money(old), new: money(new) }
    }

    fn cents(part: CellParts) -> (i64, i64, i64) {
        (part.volume.cents(), part.mix.cents(), part.rate.cents())
    }

    #[test]
    fn by_hand() {
        // 10 services of 10.00 and 10 of 30.00; then 10 and 20, of which the second is paid 33.00 under the new contract.
        // Half as many again: volume +50.00 and +150.00. At old rates now 100.00 and 600.00: mix −50.00 and +150.00.
        let parts = split(&[cell(10, 10_000, 10, 10_000, 10_000), cell(10, 30_000, 20, 60_000, 66_000)]);
        assert_eq!(cents(parts[0]), (5_000, -5_000, 0));
        assert_eq!(cents(parts[1]), (15_000, 15_000, 6_000));
    }

    #[test]
    fn nothing_changed_is_nothing_and_growth_alone_is_volume() {
        let same = [cell(7, 701, 7, 701, 701), cell(3, 333, 3, 333, 333)];
        assert!(split(&same).iter().all(|part| cents(*part) == (0, 0, 0)));
        let doubled = [cell(7, 701, 14, 1402, 1402), cell(3, 333, 6, 666, 666)];
        assert_eq!(split(&doubled).into_iter().map(cents).collect::<Vec<_>>(), [(701, 0, 0), (333, 0, 0)]);
        // No months before: all is volume, apart from the new rates.
        assert_eq!(cents(split(&[cell(0, 0, 5, 500, 600)])[0]), (500, 0, 100));
        // All services gone.
        assert_eq!(cents(split(&[cell(5, 500, 0, 0, 0)])[0]), (-500, 0, 0));
    }

    #[test]
    fn the_parts_sum_on_random_cells() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..2_000 {
            let cells: Vec<Cell> = (0..=next(6))
                .map(|_| {
                    let (units, now) = (next(5) * next(40_000), next(5) * next(40_000));
                    let dollars = |units: u64, rate: u64| i64::try_from(units * rate / 1000).unwrap();
                    let (rate, new) = (next(9_000), next(9_000));
                    cell(units.into(), dollars(units, rate), now.into(), dollars(now, rate), dollars(now, new))
                })
                .collect();
            for (cell, part) in cells.iter().zip(split(&cells)) {
                assert_eq!(cell.before + part.volume + part.mix + part.rate, cell.new);
            }
        }
    }
}
