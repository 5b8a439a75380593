//! Leakage by cause, in the proportions of each payer's history.

#![expect(clippy::float_arithmetic, reason = "estimates, before they are rounded to cents")]

use std::collections::BTreeMap;

use super::band::{Band, CauseOutlook};
use super::book::Book;
use super::chance::{cents, float};
use super::compose::added;
use super::measure::{MEASURES, Measure};
use crate::domain::Money;
use crate::leakage::Cause;
use crate::reference::DenialCategory;

/// Leakage by cause: each payer's denied and underpaid money in the proportions of its history. The means are split to the cent,
/// so that they add up.
pub(super) fn causes(
    book: &Book,
    paths: &[(usize, Vec<[i64; 2]>)],
    means: &[[i64; MEASURES]],
    h: usize,
) -> Vec<CauseOutlook> {
    let mut all: BTreeMap<Cause, (i64, Vec<f64>)> = BTreeMap::new();
    for (at, payer) in book.payers.iter().enumerate() {
        let leaves = (0..book.leaves.len()).filter(|l| book.leaves[*l].payer == at);
        let own = added(leaves.map(|l| &means[l * h..(l + 1) * h]), h);
        let short: f64 = payer.shares.underpaid_by.iter().map(|u| u.1).sum();
        let underpaid: Vec<(Cause, f64)> =
            payer.shares.underpaid_by.iter().map(|(c, s)| (*c, if short > 0.0 { s / short } else { 0.0 })).collect();
        for (which, parts, measure) in
            [(0, &payer.shares.denied_by, Measure::Denied), (1, &underpaid, Measure::Underpaid)]
        {
            let mean: i64 = own.iter().map(|m| m[measure.at()]).sum();
            // Denials are expected of a payer that has none yet: by no known cause.
            let unnamed = [(Cause::Denied(DenialCategory::Other), 1.0)];
            let parts: &[(Cause, f64)] = if parts.is_empty() && mean != 0 { &unnamed } else { parts };
            for ((cause, share), cents) in parts.iter().zip(split(mean, parts)) {
                let entry = all.entry(*cause).or_insert_with(|| (0, vec![0.0; paths.len()]));
                entry.0 += cents;
                for (sum, (_, path)) in entry.1.iter_mut().zip(paths) {
                    *sum += float(Money::from_cents(path[at][which])) * share;
                }
            }
        }
    }
    let mut causes: Vec<CauseOutlook> = all
        .into_iter()
        .map(|(cause, (mean, paths))| {
            let paths = paths.into_iter().map(|p| cents(p).cents()).collect();
            CauseOutlook { cause, band: Band::of(mean, paths) }
        })
        .collect();
    causes.sort_by(|a, b| b.band.mean.cmp(&a.band.mean).then(a.cause.cmp(&b.cause)));
    causes
}

/// Cents split by shares that sum to 1: each part down to its running end, so that the parts are the whole.
fn split(whole: i64, parts: &[(Cause, f64)]) -> Vec<i64> {
    let (mut before, mut upto) = (0, 0.0);
    let last = parts.len().saturating_sub(1);
    parts
        .iter()
        .enumerate()
        .map(|(i, (_, share))| {
            upto += share;
            let end = if i == last { whole } else { cents(float(Money::from_cents(whole)) * upto).cents() };
            let part = end - before;
            before = end;
            part
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_split_are_the_whole() {
        let cause = Cause::from_key("denied:modifier").unwrap();
        let parts = [(cause, 1.0 / 3.0), (cause, 1.0 / 3.0), (cause, 1.0 / 3.0)];
        assert_eq!(split(100, &parts), [33, 34, 33]);
        assert_eq!(split(-1, &parts).iter().sum::<i64>(), -1);
        assert!(split(100, &[]).is_empty());
    }
}
