//! Volumes × rates × what becomes of them → money, path by path.
//!
//! In every path each leaf and month is rounded to cents, and everything above is added in cents: so the parts of a total are the
//! total in every path, and at every quantile, which is the value of a path. Means are rounded once per leaf and month and
//! added as well: every printed total is the sum of what is printed for its leaves.

#![expect(clippy::float_arithmetic, reason = "estimates, before they are rounded to cents")]

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::band::{GroupOutlook, Outlook};
use super::book::Book;
use super::cash::PayerCash;
use super::causes::causes;
use super::chance::{about, cents, float, normal, part};
use super::measure::{MEASURES, Measure};
use super::plan::{Later, Plan};
use super::rates::Rates;
use super::short::widen;
use super::volume::{Volumes, Wanted, forecast};
use super::workdays::OFFICE_MONTH;
use crate::domain::Money;
use crate::forecast::{Draws, Month};

/// What a payer's money does in one path.
struct Luck {
    denied: f64,
    outstanding: f64,
}

/// Everything the paths are composed of.
struct Parts<'a> {
    book: &'a Book,
    rates: &'a Rates,
    cash: &'a [PayerCash],
    volumes: &'a Volumes,
    plan: &'a Plan,
    /// For each payer the outstanding cents by month to come.
    outstanding: Vec<Vec<f64>>,
    /// For each leaf its part of its payer's outstanding.
    weight: Vec<f64>,
    /// For each leaf and month of services, from the first after the files on, the factors on lines, rate, denial.
    factors: Vec<Vec<[f64; 3]>>,
    /// The days of services, and of postings, of each month from the last of services on, over those of an average month.
    days: Vec<[f64; 2]>,
    /// For each payer the size of its payments in cents.
    sizes: Vec<f64>,
}

/// The number of months after the last service during which an open month's services stand for what is outstanding.
const RECENT: usize = 4;

impl<'a> Parts<'a> {
    fn new(
        book: &'a Book,
        rates: &'a Rates,
        cash: &'a [PayerCash],
        volumes: &'a Volumes,
        (plan, later): (&'a Plan, &[Later]),
    ) -> Self {
        let first = book.start;
        let outstanding =
            cash.iter()
                .map(|payer| {
                    let mut months = vec![0.0; plan.horizon];
                    // More is posted in a month with more days; what is posted in all does not change.
                    let posted = |month: &Month, amount: f64| amount * book.posting_days.days(&Vec::new(), *month);
                    let (all, tilted) = payer.outstanding.iter().fold((0.0, 0.0), |(all, tilted), (month, amount)| {
                        (all + amount, tilted + posted(month, *amount))
                    });
                    let scale = if tilted > 0.0 && all > 0.0 { Some(all / tilted) } else { None };
                    for (month, amount) in &payer.outstanding {
                        if let Some(at) = usize::try_from(month.since(first)).ok().and_then(|i| months.get_mut(i)) {
                            *at += scale.map_or(*amount, |scale| posted(month, *amount) * scale);
                        }
                    }
                    months
                })
                .collect();
        let recent = |leaf: &super::book::Leaf| {
            let from = leaf.months.len().saturating_sub(RECENT);
            leaf.months[from..].iter().map(|c| super::cash::expected_cash(&book.payers[leaf.payer], c)).sum::<f64>()
        };
        let own: Vec<f64> = book.leaves.iter().map(|l| recent(l).max(0.0)).collect();
        let mut of_payer = vec![(0.0, 0.0); book.payers.len()];
        for (leaf, own) in book.leaves.iter().zip(&own) {
            of_payer[leaf.payer].0 += own;
            of_payer[leaf.payer].1 += 1.0;
        }
        let weight = book.leaves.iter().zip(&own).map(|(leaf, own)| match of_payer[leaf.payer] {
            (all, _) if all > 0.0 => own / all,
            // Nothing recent tells: evenly.
            (_, count) => 1.0 / count,
        });
        let factors = book.leaves.iter().map(|leaf| {
            let month = |month: Month| {
                let later = later.iter().filter(|later| later.from <= month).map(|later| &later.adjust);
                let of = plan.adjust.iter().chain(later);
                of.filter(|a| a.payer.as_ref().is_none_or(|p| *p == leaf.key.payer))
                    .fold([1.0; 3], |f, a| [f[0] * a.volume, f[1] * a.rate, f[2] * a.denial])
            };
            book.ahead(plan.horizon).map(month).collect()
        });
        let days = book.ahead(plan.horizon).map(|month| {
            [&book.workdays, &book.posting_days].map(|days| (days.days(&Vec::new(), month) / OFFICE_MONTH).max(0.1))
        });
        Self {
            weight: weight.collect(),
            factors: factors.collect(),
            days: days.collect(),
            sizes: book.payers.iter().map(super::book::PayerBook::payment_size).collect(),
            book,
            rates,
            cash,
            volumes,
            plan,
            outstanding,
        }
    }

    /// All measures of all leaves in a path: leaf × month; and those of all leaves together in the months of the gap.
    fn path(&self, path: usize) -> (Vec<[i64; MEASURES]>, Vec<[i64; MEASURES]>) {
        let (h, book) = (self.plan.horizon, self.book);
        // Services of the months that the files do not hold any more are forecast as well; their cash comes later.
        let gap = book.gap();
        let all = gap + h;
        let mut lines = vec![0.0; book.leaves.len() * all];
        self.volumes.leaves(path, self.plan.seed, &mut lines);
        let mut draws = Draws::stream(self.plan.seed ^ 0xca5b, u64::try_from(path).unwrap_or(0));
        let luck: Vec<Luck> = book
            .payers
            .iter()
            .zip(self.cash)
            .map(|(payer, cash)| {
                let (initial, overturn, open) = (normal(&mut draws), normal(&mut draws), normal(&mut draws));
                // Lognormal with mean 1.
                let spread = (cash.relative_error * cash.relative_error).ln_1p();
                Luck {
                    denied: payer.shares.denied(initial, overturn),
                    outstanding: (spread.sqrt() * open - spread / 2.0).exp(),
                }
            })
            .collect();
        let mut out = vec![[0; MEASURES]; book.leaves.len() * h];
        let mut between = vec![[0; MEASURES]; gap];
        for (at, leaf) in book.leaves.iter().enumerate() {
            let (payer, luck) = (&book.payers[leaf.payer], &luck[leaf.payer]);
            let open: f64 = self.outstanding[leaf.payer].iter().map(|o| (o * self.weight[at]).abs()).sum();
            let nothing = lines[at * all..(at + 1) * all].iter().all(|n| *n == 0.0);
            if open == 0.0 && nothing && leaf.posted == (Money::ZERO, Money::ZERO) {
                continue;
            }
            let short: f64 = payer.shares.underpaid_by.iter().map(|u| u.1).sum();
            let spread = self.rates.spread[at];
            // A leaf of few lines is lumpy: it has a dear line or none, a denial or none, a payment or none.
            let mut lumps = Draws::stream(self.plan.seed ^ 0x1e4f, lane(at, path));
            // What is paid in the end, what it would be without any change of assumptions (luck is that of the latter), and what of
            // that is for lines without a price.
            let mut ultimate = vec![[0.0; 3]; all];
            for step in 0..all {
                let [volume, rate, denial] = self.factors[at].get(step).copied().unwrap_or([1.0; 3]);
                let n = lines[at * all + step];
                let usual = n * self.rates.per_line[at][step];
                let lumpy = if n > 0.0 { about(&mut lumps, usual, usual * usual * spread / n) } else { usual };
                let expected = cents(lumpy * volume * rate);
                let denied = part(&mut lumps, luck.denied, n / (1.0 + spread));
                // Lines without a price come and are paid, or do not: so many payments of the sizes that they had.
                let without = n * self.rates.unpriced[at];
                let (size, square) = payer.shares.paid_per_unpriced;
                let unpriced = about(&mut lumps, without * size, without * square);
                let kept = 1.0 - denied - short + payer.shares.overpaid - payer.shares.off_benchmark;
                let unchanged = lumpy * kept * payer.shares.paid_of_net + unpriced;
                let n = n * volume;
                let of = |share: f64| cents(float(expected) * share);
                let denied = of((denied * denial).clamp(0.0, 1.0));
                let (under, over) = (of(short), of(payer.shares.overpaid));
                let off = of(payer.shares.off_benchmark);
                let net = expected - denied - under + over - off;
                ultimate[step] = [float(net) * payer.shares.paid_of_net + unpriced * volume, unchanged, unpriced];
                let zero = Money::ZERO;
                let values = [cents(n * 100.0), expected, denied, under, over, off, net, zero, zero, zero, zero];
                let values = values.map(Money::cents);
                match step.checked_sub(gap) {
                    Some(month) => out[at * h + month] = values,
                    None => between[step].iter_mut().zip(values).for_each(|(sum, value)| *sum += value),
                }
            }
            let (lag, size) = (&self.cash[leaf.payer].lag, self.sizes[leaf.payer]);
            let without_price = payer.shares.paid_per_unpriced;
            let without_price = if without_price.0 > 0.0 { without_price.1 / without_price.0 } else { 0.0 };
            for month in 0..h {
                let step = month + gap;
                let open = self.outstanding[leaf.payer][month] * self.weight[at] * luck.outstanding;
                let open = cents(about(&mut lumps, open, size * open));
                // What is allowed on a day of services is paid by the days on which payments are posted. Of each month's money
                // a part comes in this month and the rest in others, payment by payment.
                let (mut new, mut unchanged, mut variance) = (0.0, 0.0, 0.0);
                for (s, paid) in ultimate.iter().enumerate().take(step + 1) {
                    let share = lag.get(step - s).copied().unwrap_or(0.0);
                    let part = share * self.days[step][1] / self.days[s][0];
                    new += paid[0] * part;
                    unchanged += paid[1] * part;
                    let sizes = size * (paid[1] - paid[2]) + without_price * paid[2];
                    variance += sizes * part * (1.0 - share).clamp(0.0, 1.0);
                }
                let luck = if unchanged > 0.0 { about(&mut lumps, unchanged, variance) / unchanged } else { 1.0 };
                let new = cents(new * luck);
                // What has come of a month that had begun is known; of services that are forecast it is no more to come.
                let (served, later) = if month == 0 { leaf.posted } else { (Money::ZERO, Money::ZERO) };
                let new = if later.is_zero() { new } else { (new - later).max(Money::ZERO) };
                let posted = served + later;
                let values = &mut out[at * h + month];
                values[Measure::CashPosted.at()] = posted.cents();
                values[Measure::CashOfServed.at()] = open.cents();
                values[Measure::CashOfForecast.at()] = new.cents();
                values[Measure::Cash.at()] = (posted + open + new).cents();
            }
        }
        (out, between)
    }
}

/// A stream of its own for each leaf and path.
fn lane(leaf: usize, path: usize) -> u64 {
    let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    number(leaf).wrapping_mul(1 << 32).wrapping_add(number(path))
}

/// What is taken from one path, and added over all of them.
struct Sums {
    /// Leaf × month: sums over the paths, for the means.
    leaves: Vec<[i64; MEASURES]>,
    /// By path: group × month.
    groups: Vec<(usize, Vec<[i64; MEASURES]>)>,
    /// By path: payer's denied and underpaid over all months.
    payers: Vec<(usize, Vec<[i64; 2]>)>,
    /// By path: the months of the gap.
    between: Vec<(usize, Vec<[i64; MEASURES]>)>,
}

/// The mean of sums over paths, half away from zero.
fn mean(sum: i64, paths: usize) -> i64 {
    let (sum, n) = (i128::from(sum), i128::try_from(paths.max(1)).unwrap_or(1));
    let rounded = (2 * sum.abs() + n) / (2 * n) * sum.signum();
    i64::try_from(rounded).unwrap_or(i64::MAX)
}

/// Composes the forecast of a practice; the same plan gives the same numbers, whatever the number of threads. Under another
/// [`Plan::adjust`] the luck is the same, so that differences between scenarios are those of the assumptions.
#[must_use]
pub fn outlook(book: &Book, rates: &Rates, cash: &[PayerCash], plan: &Plan) -> Outlook {
    outlook_with(book, rates, cash, plan, &[])
}

/// As [`outlook`], with changes that hold from a month of services on.
#[must_use]
pub fn outlook_with(book: &Book, rates: &Rates, cash: &[PayerCash], plan: &Plan, later: &[Later]) -> Outlook {
    let h = plan.horizon;
    let wanted = Wanted {
        months: book.gap() + h,
        paths: plan.paths,
        seed: plan.seed,
        stretch: &plan.stretch,
        coherence: plan.coherence,
    };
    let mut volumes = forecast(book, &wanted);
    widen(book, &mut volumes, plan.seed);
    let parts = Parts::new(book, rates, cash, &volumes, (plan, later));
    let labels: Vec<Vec<String>> =
        book.leaves.iter().map(|l| plan.by.iter().map(|d| d.of(&l.key)).collect::<Vec<_>>()).collect();
    let mut index: BTreeMap<&Vec<String>, usize> = labels.iter().map(|l| (l, 0)).collect();
    index.values_mut().zip(0..).for_each(|(place, at)| *place = at);
    let group_of: Vec<usize> = labels.iter().map(|l| index.get(l).copied().unwrap_or(0)).collect();
    let empty = || Sums {
        leaves: vec![[0; MEASURES]; book.leaves.len() * h],
        groups: Vec::new(),
        payers: Vec::new(),
        between: Vec::new(),
    };
    let take = |mut sums: Sums, path: usize| {
        let (leaves, between) = parts.path(path);
        let mut groups = vec![[0; MEASURES]; index.len() * h];
        let mut payers = vec![[0; 2]; book.payers.len()];
        for (at, values) in leaves.iter().enumerate() {
            let (leaf, step) = (at / h, at % h);
            for (m, value) in values.iter().enumerate() {
                sums.leaves[at][m] += value;
                groups[group_of[leaf] * h + step][m] += value;
            }
            let payer = &mut payers[book.leaves[leaf].payer];
            payer[0] += values[Measure::Denied.at()];
            payer[1] += values[Measure::Underpaid.at()];
        }
        sums.groups.push((path, groups));
        sums.payers.push((path, payers));
        sums.between.push((path, between));
        sums
    };
    let join = |mut a: Sums, b: Sums| {
        a.leaves.iter_mut().zip(b.leaves).for_each(|(a, b)| a.iter_mut().zip(b).for_each(|(a, b)| *a += b));
        a.groups.extend(b.groups);
        a.payers.extend(b.payers);
        a.between.extend(b.between);
        a
    };
    let mut sums = if h == 0 { empty() } else { (0..plan.paths).into_par_iter().fold(empty, take).reduce(empty, join) };
    sums.groups.sort_by_key(|g| g.0);
    sums.payers.sort_by_key(|p| p.0);
    sums.between.sort_by_key(|p| p.0);
    let means = leaf_means(&sums.leaves, plan.paths);
    let groups = index.iter().map(|(label, at)| {
        let leaves = (0..book.leaves.len()).filter(|l| group_of[*l] == *at);
        GroupOutlook {
            label: (*label).clone(),
            means: added(leaves.map(|l| &means[l * h..(l + 1) * h]), h),
            paths: sums.groups.iter().flat_map(|(_, g)| g[at * h..(at + 1) * h].iter().copied()).collect(),
            horizon: h,
        }
    });
    let groups: Vec<GroupOutlook> = groups.collect();
    let all_paths = sums.groups.iter().flat_map(|(_, g)| added(g.chunks(h.max(1)), h)).collect();
    let total = GroupOutlook {
        label: Vec::new(),
        means: added(groups.iter().map(|g| g.means.as_slice()), h),
        paths: all_paths,
        horizon: h,
    };
    let unpriced: f64 = (0..book.leaves.len())
        .map(|l| {
            let lines: i64 = means[l * h..(l + 1) * h].iter().map(|m| m[Measure::Lines.at()]).sum();
            float(Money::from_cents(lines)) * rates.unpriced[l]
        })
        .sum();
    Outlook {
        as_of: book.as_of,
        months: (0..).take(h).map(|n| book.start.plus(n)).collect(),
        by: plan.by.clone(),
        causes: causes(book, &sums.payers, &means, h),
        groups,
        total,
        between_months: book.ahead(0).collect(),
        between: GroupOutlook {
            label: Vec::new(),
            means: leaf_means(&added(sums.between.iter().map(|(_, m)| m.as_slice()), book.gap()), plan.paths),
            paths: sums.between.into_iter().flat_map(|(_, m)| m).collect(),
            horizon: book.gap(),
        },
        leaves: book.leaves.iter().zip(means.chunks(h.max(1))).map(|(l, m)| (l.key.clone(), m.to_vec())).collect(),
        stems: volumes.stems.clone(),
        unpriced: cents(unpriced).cents(),
        of_earlier_services: Money::from_cents(means.iter().map(|m| m[Measure::CashOfServed.at()]).sum()),
        answers: (book.answered, cash.iter().any(|c| c.curve.is_some())),
        notes: passed(book, cash).into_iter().chain(volumes.notes).collect(),
    }
}

/// What would usually have been paid in months of which the files hold no postings: it is in no month to come.
fn passed(book: &Book, cash: &[PayerCash]) -> Option<String> {
    let (from, to) = (book.last_posting.plus(1), book.start.plus(-1));
    let gone = cash.iter().flat_map(|c| &c.outstanding).filter(|(month, _)| *month < book.start).map(|(_, sum)| sum);
    let gone = cents(gone.sum());
    (from <= to && !gone.is_zero()).then(|| {
        format!(
            "{} of services up to {} would usually have been paid in {from} to {to}, of which the files hold no postings: it is part of no month to come.",
            gone.pretty_dollars(),
            book.last_service
        )
    })
}

/// Means by leaf and month, each rounded once; net and cash are what their parts make them.
fn leaf_means(sums: &[[i64; MEASURES]], paths: usize) -> Vec<[i64; MEASURES]> {
    let of = |sums: &[i64; MEASURES]| {
        let mut m = sums.map(|sum| mean(sum, paths));
        let get = |m: &[i64; MEASURES], measure: Measure| m[measure.at()];
        m[Measure::Net.at()] = get(&m, Measure::Expected) - get(&m, Measure::Denied) - get(&m, Measure::Underpaid)
            + get(&m, Measure::Overpaid)
            - get(&m, Measure::OffBenchmark);
        m[Measure::Cash.at()] =
            get(&m, Measure::CashPosted) + get(&m, Measure::CashOfServed) + get(&m, Measure::CashOfForecast);
        m
    };
    sums.iter().map(of).collect()
}

pub(super) fn added<'m>(parts: impl Iterator<Item = &'m [[i64; MEASURES]]>, horizon: usize) -> Vec<[i64; MEASURES]> {
    let mut all = vec![[0; MEASURES]; horizon];
    for part in parts {
        for (all, part) in all.iter_mut().zip(part) {
            all.iter_mut().zip(part).for_each(|(a, p)| *a += p);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_rounded_half_away_from_zero() {
        assert_eq!((mean(5, 2), mean(-5, 2), mean(4, 3), mean(0, 7)), (3, -3, 1, 0));
    }
}
