//! Months between others in which not one service is in the files, though there should be: their claims were not loaded. They are
//! missing, not zero.
//!
//! A month is missing when no payer has a line in it and either the usual month (the median of those with lines) has [`USUAL`]
//! lines or more, or the answers tell of services in it. In the series that volumes are fitted to, its place is taken by what the
//! months around it say: the mean per working day of up to [`AROUND`] months on each side, times what this month of the year
//! usually is beside the same months of other years.

#![expect(clippy::float_arithmetic, reason = "what stands for a missing month is an estimate")]

use std::collections::{BTreeMap, BTreeSet};

use super::book::Book;
use super::workdays::Places;
use crate::domain::{Remit, ServiceLine};
use crate::forecast::Month;

/// Practices with fewer lines a month have months without any.
const USUAL: usize = 10;

/// Months on each side that stand for a missing one.
const AROUND: usize = 3;

/// The missing months between two.
pub(super) fn missing(lines: &[ServiceLine], remits: &[Remit], (first, last): (Month, Month)) -> Vec<Month> {
    let mut counts: BTreeMap<Month, usize> = BTreeMap::new();
    for line in lines {
        *counts.entry(Month::of(line.service_date)).or_default() += 1;
    }
    let mut sizes: Vec<usize> = counts.values().copied().collect();
    sizes.sort_unstable();
    let is_usual = sizes.get(sizes.len() / 2).is_some_and(|median| *median >= USUAL);
    let told: BTreeSet<Month> = remits.iter().filter_map(|r| r.service_date).map(Month::of).collect();
    let months = (0..=last.since(first)).map(|n| first.plus(n));
    months.filter(|m| !counts.contains_key(m) && (is_usual || told.contains(m))).collect()
}

/// Lines by month from the first of a book on, with something in the place of missing months.
pub(super) fn filled(book: &Book, places: &Places, mut lines: Vec<f64>) -> Vec<f64> {
    if book.missing.is_empty() {
        return lines;
    }
    let months: Vec<Month> = book.months().take(lines.len()).collect();
    let days: Vec<f64> = months.iter().map(|m| book.workdays.days(places, *m)).collect();
    let daily: Vec<Option<f64>> = months
        .iter()
        .zip(lines.iter().zip(&days))
        .map(|(month, (lines, days))| (!book.missing.contains(month) && *days > 0.0).then(|| lines / days))
        .collect();
    for at in 0..lines.len() {
        if book.missing.contains(&months[at]) {
            lines[at] = usual(&daily, at).unwrap_or(0.0) * days[at];
        }
    }
    lines
}

/// What a month is taken to be by those around it and by other years.
fn usual(daily: &[Option<f64>], at: usize) -> Option<f64> {
    let before = (0..at).rev().filter(|i| daily[*i].is_some()).take(AROUND);
    let after = (at + 1..daily.len()).filter(|i| daily[*i].is_some()).take(AROUND);
    let sides = [before.collect::<Vec<_>>(), after.collect::<Vec<_>>()];
    let level = level(daily, &sides, 0)?;
    // The same months of other years.
    let years = (-50i32..=50).filter(|year| *year != 0).filter_map(|year| {
        let own = daily.get(at.checked_add_signed(isize::try_from(year * 12).ok()?)?).copied()??;
        let level = self::level(daily, &sides, year * 12)?;
        (level > 0.0).then(|| own / level)
    });
    let (sum, count) = years.fold((0.0, 0.0), |(sum, count), ratio| (sum + ratio, count + 1.0));
    Some(level * if count > 0.0 { sum / count } else { 1.0 })
}

/// The mean of the means of both sides, moved by so many months; `None` when one of them is not known.
fn level(daily: &[Option<f64>], sides: &[Vec<usize>; 2], moved: i32) -> Option<f64> {
    let mean = |side: &Vec<usize>| {
        let mut sum = (0.0, 0.0);
        for i in side {
            let value = daily.get(i.checked_add_signed(isize::try_from(moved).ok()?)?).copied()??;
            sum = (sum.0 + value, sum.1 + 1.0);
        }
        (sum.1 > 0.0).then(|| sum.0 / sum.1)
    };
    let known = sides.iter().filter(|side| !side.is_empty());
    let means: Vec<f64> = known.map(mean).collect::<Option<_>>()?;
    let count = means.iter().map(|_| 1.0).sum::<f64>();
    (count > 0.0).then(|| means.iter().sum::<f64>() / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_month_is_what_the_months_around_it_and_other_years_say() {
        // 10 10 10 ? 20 20 20: 15.
        let some = |values: &[f64]| values.iter().map(|v| (*v >= 0.0).then_some(*v)).collect::<Vec<_>>();
        assert_eq!(usual(&some(&[10.0, 10.0, 10.0, -1.0, 20.0, 20.0, 20.0]), 3), Some(15.0));
        // Two missing side by side; one side only; nothing.
        assert_eq!(usual(&some(&[8.0, 12.0, -1.0, -1.0, 30.0]), 2), Some(20.0));
        assert_eq!(usual(&some(&[8.0, 12.0, -1.0]), 2), Some(10.0));
        assert_eq!(usual(&some(&[-1.0]), 0), None);
        // In the year before the fourth month was half of those around it: 5 of 10; now half of 20.
        let mut years = vec![10.0; 24];
        years[3] = 5.0;
        years[12..].fill(20.0);
        years[15] = -1.0;
        assert_eq!(usual(&some(&years), 15), Some(10.0));
    }
}
