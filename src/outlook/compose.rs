//! Volumes × rates × what becomes of them → money, path by path, and the tables that are read from the paths.
//!
//! In every path each leaf and month is rounded to cents, and everything above is added in cents: so the parts of a total are the
//! total in every path, and at every quantile, which is the value of a path. Means are rounded once per leaf and month and
//! added as well: every printed total is the sum of what is printed for its leaves.

#![expect(clippy::float_arithmetic, reason = "estimates, before they are rounded to cents")]

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::book::{Book, LeafKey};
use super::cash::PayerCash;
use super::chance::{about, cents, float, normal, part};
use super::rates::Rates;
use super::short::widen;
use super::together::Coherence;
use super::volume::{Stem, Volumes, Wanted, forecast};
use super::workdays::OFFICE_MONTH;
use crate::domain::{Date, Money};
use crate::forecast::{Draws, Month};
use crate::leakage::Cause;
use crate::reference::DenialCategory;

/// What is forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Lines served, in hundredths of a line.
    Lines,
    /// Expected allowed amounts of lines with a price.
    Expected,
    /// Of it, denied in the end.
    Denied,
    /// Of it, allowed too little.
    Underpaid,
    /// Allowed too much, beyond expected.
    Overpaid,
    /// Benchmark less allowed, where there is only a benchmark (negative when more is allowed).
    OffBenchmark,
    /// Allowed: expected − denied − underpaid + overpaid − off benchmark.
    Net,
    /// What payers pay in the month, of this month's services and of earlier ones: the sum of the next three.
    Cash,
    /// Of cash, what is paid on services that are in the files: what was open on the day of the forecast.
    CashOfServed,
    /// Of cash, what is paid on services that are forecast.
    CashOfForecast,
    /// Of cash, what was posted by the day of the forecast in a month that had begun: known, and the same in every path.
    CashPosted,
}

impl Measure {
    /// Those that stand in every table, in its order: all but the parts of cash.
    pub const ALL: [Self; 8] = [
        Self::Lines,
        Self::Expected,
        Self::Denied,
        Self::Underpaid,
        Self::Overpaid,
        Self::OffBenchmark,
        Self::Net,
        Self::Cash,
    ];

    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Expected => "expected",
            Self::Denied => "denied",
            Self::Underpaid => "underpaid",
            Self::Overpaid => "overpaid",
            Self::OffBenchmark => "off-benchmark",
            Self::Net => "net",
            Self::Cash => "cash",
            Self::CashOfServed => "cash-of-served",
            Self::CashOfForecast => "cash-of-forecast",
            Self::CashPosted => "cash-posted",
        }
    }

    const fn at(self) -> usize {
        self as usize
    }
}

/// How many measures there are: those of [`Measure::ALL`], then the parts of cash.
pub const MEASURES: usize = Measure::ALL.len() + 3;

/// What groups are made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dim {
    /// Payer.
    Payer,
    /// State of service.
    State,
    /// Place of service.
    Pos,
    /// Code family.
    Family,
}

impl Dim {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Payer, Self::State, Self::Pos, Self::Family];

    /// The word of the command line and of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payer => "payer",
            Self::State => "state",
            Self::Pos => "pos",
            Self::Family => "family",
        }
    }

    /// The value of a leaf; `unknown` where the files do not tell it.
    #[must_use]
    pub fn of(self, key: &LeafKey) -> String {
        let unknown = || "unknown".to_owned();
        match self {
            Self::Payer => key.payer.to_string(),
            Self::State => key.state.map_or_else(unknown, |s| s.as_str().to_owned()),
            Self::Pos => key.pos.map_or_else(unknown, |p| p.to_string()),
            Self::Family => key.family.as_str().to_owned(),
        }
    }
}

/// A change of assumptions, for a scenario: factors on what one payer (or all) does.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjust {
    /// The payer's id; `None` for all.
    pub payer: Option<Arc<str>>,
    /// On lines.
    pub volume: f64,
    /// On expected amounts.
    pub rate: f64,
    /// On the share that is denied in the end.
    pub denial: f64,
}

/// How to forecast.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Months to come.
    pub horizon: usize,
    /// Drawn futures.
    pub paths: usize,
    /// Where chance begins.
    pub seed: u64,
    /// What the groups are made by.
    pub by: Vec<Dim>,
    /// Factors on the width of the paths of volumes by month after the last of services, from the errors of earlier forecasts; beyond its end its
    /// last factor holds.
    pub stretch: Vec<f64>,
    /// How the volumes of all payers are made from those of each.
    pub coherence: Coherence,
    /// Changes of assumptions.
    pub adjust: Vec<Adjust>,
}

/// A measure of a month, or of all months: the mean and central ranges. In cents (lines: in hundredths).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Band {
    /// The mean; means of parts add up.
    pub mean: i64,
    /// The middle path.
    pub median: i64,
    /// Half of the paths lie within.
    pub i50: (i64, i64),
    /// Four fifths.
    pub i80: (i64, i64),
    /// Nineteen twentieths.
    pub i95: (i64, i64),
}

impl Band {
    /// The band of the values that paths take; a quantile is the value of a path.
    #[must_use]
    pub fn of(mean: i64, mut paths: Vec<i64>) -> Self {
        paths.sort_unstable();
        let at = |share: f64| rank(paths.len(), share).and_then(|i| paths.get(i)).copied().unwrap_or_default();
        Self { mean, median: at(0.5), i50: (at(0.25), at(0.75)), i80: (at(0.1), at(0.9)), i95: (at(0.025), at(0.975)) }
    }

    /// The range of a level of 50, 80 or 95 percent; 80 for any other.
    #[must_use]
    pub const fn range(&self, level: u8) -> (i64, i64) {
        match level {
            50 => self.i50,
            95 => self.i95,
            _ => self.i80,
        }
    }
}

/// The place of a quantile among sorted paths: that of a path, not between two.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a small count"
)]
fn rank(n: usize, share: f64) -> Option<usize> {
    n.checked_sub(1).map(|last| (share * last as f64).round() as usize)
}

/// A group, or the total: means and paths of all measures.
#[derive(Debug, Clone)]
pub struct GroupOutlook {
    /// The values of the dimensions; empty for the total.
    pub label: Vec<String>,
    /// Means by month and measure.
    means: Vec<[i64; MEASURES]>,
    /// Path × month × measure.
    paths: Vec<[i64; MEASURES]>,
    horizon: usize,
}

impl GroupOutlook {
    /// A measure of a month to come, from 0.
    #[must_use]
    pub fn month(&self, at: usize, measure: Measure) -> Band {
        let mean = self.means.get(at).map_or(0, |m| m[measure.at()]);
        let paths = self.paths.iter().skip(at).step_by(self.horizon.max(1));
        Band::of(mean, paths.map(|p| p[measure.at()]).collect())
    }

    /// A measure over all months to come. Its ranges are those of the sums of the paths.
    #[must_use]
    pub fn sum(&self, measure: Measure) -> Band {
        Band::of(self.means.iter().map(|m| m[measure.at()]).sum(), self.path_sums(measure))
    }

    /// The sum of each path over all months.
    #[must_use]
    pub fn path_sums(&self, measure: Measure) -> Vec<i64> {
        let sum = |path: &[[i64; MEASURES]]| path.iter().map(|m| m[measure.at()]).sum();
        self.paths.chunks(self.horizon.max(1)).map(sum).collect()
    }
}

/// A cause of leakage, in all months to come together, in cents.
#[derive(Debug, Clone, PartialEq)]
pub struct CauseOutlook {
    /// The cause.
    pub cause: Cause,
    /// Its mean and ranges; means add up to those of denied and underpaid.
    pub band: Band,
}

/// The forecast of a practice.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// The day on which it was known.
    pub as_of: Date,
    /// The months to come.
    pub months: Vec<Month>,
    /// Dimensions of the groups.
    pub by: Vec<Dim>,
    /// The groups, sorted by label.
    pub groups: Vec<GroupOutlook>,
    /// All of them.
    pub total: GroupOutlook,
    /// Months that lie between the last of services in the files and the months to come: their postings are whole and in the book,
    /// their services are forecast and stand in no sum.
    pub between_months: Vec<Month>,
    /// All groups in these months: what was served in them, by forecast. Their cash is that of [`Book::cash_of`].
    pub between: GroupOutlook,
    /// Leakage by cause, largest first.
    pub causes: Vec<CauseOutlook>,
    /// Means of every leaf by month: what all printed means are sums of.
    pub leaves: Vec<(LeafKey, Vec<[i64; MEASURES]>)>,
    /// How the volumes were forecast.
    pub stems: Vec<Stem>,
    /// Lines without a price among the lines to come, mean, in hundredths.
    pub unpriced: i64,
    /// Payments of the horizon on services that are in the files, mean: the sum of [`Measure::CashOfServed`].
    pub of_earlier_services: Money,
    /// Whether any line is answered, and whether any payment is known: without, see [`Self::knows`].
    pub answers: (bool, bool),
    /// What became of the plan.
    pub notes: Vec<String>,
}

impl Outlook {
    /// Whether anything tells of a measure. Without any answer it is not known what is denied, allowed or paid, and without any
    /// payment not what comes in: their figures mean nothing and are not to be shown.
    #[must_use]
    pub const fn knows(&self, measure: Measure) -> bool {
        match measure {
            Measure::Lines | Measure::Expected => true,
            Measure::Cash | Measure::CashOfServed | Measure::CashOfForecast | Measure::CashPosted => self.answers.1,
            _ => self.answers.0,
        }
    }

    /// A measure of all groups over all months; `None` when nothing tells of it.
    #[must_use]
    pub fn known_sum(&self, measure: Measure) -> Option<Band> {
        self.knows(measure).then(|| self.total.sum(measure))
    }

    /// A measure of all groups in a month to come, from 0; `None` when nothing tells of it.
    #[must_use]
    pub fn known_month(&self, at: usize, measure: Measure) -> Option<Band> {
        self.knows(measure).then(|| self.total.month(at, measure))
    }
}

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
    /// For each leaf the factors on lines, rate, denial.
    factors: Vec<[f64; 3]>,
    /// The days of services, and of postings, of each month from the last of services on, over those of an average month.
    days: Vec<[f64; 2]>,
    /// For each payer the size of its payments in cents.
    sizes: Vec<f64>,
}

/// The number of months after the last service during which an open month's services stand for what is outstanding.
const RECENT: usize = 4;

impl<'a> Parts<'a> {
    fn new(book: &'a Book, rates: &'a Rates, cash: &'a [PayerCash], volumes: &'a Volumes, plan: &'a Plan) -> Self {
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
            let of = plan.adjust.iter().filter(|a| a.payer.as_ref().is_none_or(|p| *p == leaf.key.payer));
            of.fold([1.0; 3], |f, a| [f[0] * a.volume, f[1] * a.rate, f[2] * a.denial])
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
            let [volume, rate, denial] = self.factors[at];
            let short: f64 = payer.shares.underpaid_by.iter().map(|u| u.1).sum();
            let spread = self.rates.spread[at];
            // A leaf of few lines is lumpy: it has a dear line or none, a denial or none, a payment or none.
            let mut lumps = Draws::stream(self.plan.seed ^ 0x1e4f, lane(at, path));
            // What is paid in the end, and what it would be without any change of assumptions: luck is that of the latter.
            let mut ultimate = vec![[0.0; 2]; all];
            for step in 0..all {
                let n = lines[at * all + step];
                let usual = n * self.rates.per_line[at][step];
                let lumpy = if n > 0.0 { about(&mut lumps, usual, usual * usual * spread / n) } else { usual };
                let expected = cents(lumpy * volume * rate);
                let denied = part(&mut lumps, luck.denied, n / (1.0 + spread));
                let unpriced = self.rates.unpriced[at] * payer.shares.paid_per_unpriced;
                let kept = 1.0 - denied - short + payer.shares.overpaid - payer.shares.off_benchmark;
                let unchanged = lumpy * kept * payer.shares.paid_of_net + n * unpriced;
                let n = n * volume;
                let of = |share: f64| cents(float(expected) * share);
                let denied = of((denied * denial).clamp(0.0, 1.0));
                let (under, over) = (of(short), of(payer.shares.overpaid));
                let off = of(payer.shares.off_benchmark);
                let net = expected - denied - under + over - off;
                ultimate[step] = [float(net) * payer.shares.paid_of_net + n * unpriced, unchanged];
                let zero = Money::ZERO;
                let values = [cents(n * 100.0), expected, denied, under, over, off, net, zero, zero, zero, zero];
                let values = values.map(Money::cents);
                match step.checked_sub(gap) {
                    Some(month) => out[at * h + month] = values,
                    None => between[step].iter_mut().zip(values).for_each(|(sum, value)| *sum += value),
                }
            }
            let (lag, size) = (&self.cash[leaf.payer].lag, self.sizes[leaf.payer]);
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
                    variance += size * paid[1] * part * (1.0 - share).clamp(0.0, 1.0);
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
    let h = plan.horizon;
    let wanted = Wanted {
        months: book.gap() + h,
        paths: plan.paths,
        seed: plan.seed,
        stretch: &plan.stretch,
        coherence: plan.coherence,
    };
    let mut volumes = forecast(book, &wanted);
    widen(&mut volumes, plan.seed);
    let parts = Parts::new(book, rates, cash, &volumes, plan);
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

fn added<'m>(parts: impl Iterator<Item = &'m [[i64; MEASURES]]>, horizon: usize) -> Vec<[i64; MEASURES]> {
    let mut all = vec![[0; MEASURES]; horizon];
    for part in parts {
        for (all, part) in all.iter_mut().zip(part) {
            all.iter_mut().zip(part).for_each(|(a, p)| *a += p);
        }
    }
    all
}

/// Leakage by cause: each payer's denied and underpaid money in the proportions of its history. The means are split to the cent,
/// so that they add up.
fn causes(book: &Book, paths: &[(usize, Vec<[i64; 2]>)], means: &[[i64; MEASURES]], h: usize) -> Vec<CauseOutlook> {
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

impl Outlook {
    /// The groups in the future in which the total of a measure is at a quantile (0.1: one in ten is lower): their parts add up
    /// to the total to the cent. By the sum over all months.
    #[must_use]
    pub fn at_quantile(&self, measure: Measure, share: f64) -> (i64, Vec<i64>) {
        let total = self.total.path_sums(measure);
        let mut order: Vec<usize> = (0..total.len()).collect();
        order.sort_by_key(|i| (total[*i], *i));
        let Some(path) = rank(order.len(), share).and_then(|at| order.get(at)).copied() else {
            return (0, vec![0; self.groups.len()]);
        };
        (total[path], self.groups.iter().map(|g| g.path_sums(measure)[path]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_rounded_half_away_from_zero() {
        assert_eq!((mean(5, 2), mean(-5, 2), mean(4, 3), mean(0, 7)), (3, -3, 1, 0));
    }

    #[test]
    fn parts_of_a_split_are_the_whole() {
        let cause = Cause::from_key("denied:modifier").unwrap();
        let parts = [(cause, 1.0 / 3.0), (cause, 1.0 / 3.0), (cause, 1.0 / 3.0)];
        assert_eq!(split(100, &parts), [33, 34, 33]);
        assert_eq!(split(-1, &parts).iter().sum::<i64>(), -1);
        assert!(split(100, &[]).is_empty());
    }

    #[test]
    fn quantiles_are_values_of_paths() {
        // 11 paths: the tenth percentile is the second, the median the sixth.
        let band = Band::of(7, (0..11).rev().collect());
        assert_eq!((band.median, band.i80, band.i50, band.i95), (5, (1, 9), (3, 8), (0, 10)));
        assert_eq!(Band::of(0, Vec::new()).median, 0);
    }
}
