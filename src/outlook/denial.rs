//! What becomes of expected money, by payer: denied at first, won back, allowed too little or too much, paid by the payer.
//!
//! Counted on lines that are old enough to be decided (`leakage::mark_mature`), in dollars: lines of larger amounts count for
//! more. How sure a share is, is judged by the number of lines that these dollars are worth (Kish: (Σw)² / Σw²), and payers with
//! few lines are drawn towards all payers (beta-binomial, `leakage::Pool`). A practice of few lines is itself drawn towards
//! published rates: one dear line of a first month, denied, is no rate.

#![expect(clippy::float_arithmetic, reason = "shares are estimates")]

use std::collections::BTreeMap;
use std::sync::Arc;

use super::chance::{float, share};
use super::judged::allowed;
use crate::domain::ServiceLine;
use crate::leakage::{Cause, Chance, Cohort, JudgedLine, Pool, Prior};
use crate::reference::DenialCategory;

/// Which lines the shares were counted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// The payer's lines that are old enough to be decided.
    Mature,
    /// All answered lines of the payer: too few are old enough, so what is won back later is not seen in full.
    Answered,
    /// The lines of all payers: this one has too few.
    AllPayers,
}

impl Ground {
    /// The words for readers.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Mature => "lines old enough to be decided",
            Self::Answered => "answered lines (few are old enough to be decided)",
            Self::AllPayers => "lines of all payers (this one has too few)",
        }
    }
}

/// Fewer lines tell no share of their own.
const ENOUGH: usize = 30;

/// Fewer decided lines of all payers are drawn towards [`PUBLISHED`].
const MANY: f64 = 1000.0;

/// Shares denied at first, and of them paid in the end: commercial payers and all private ones, hospitals, 2022 (Premier's survey;
/// `datasets/denials/benchmarks.csv`). Rates of practices are quoted without a source; they lie in the same range.
const PUBLISHED: [f64; 2] = [0.139, 0.543];

/// What is known of a share before the lines of a practice: what was published is worth as many lines as a payer must have for
/// shares of its own, and less the more lines the practice has itself.
fn prior(published: f64, decided: u32) -> Prior {
    let lines = float_count(ENOUGH) * (1.0 - f64::from(decided) / MANY).max(0.0);
    Prior::new(0.5 + published * lines, 0.5 + (1.0 - published) * lines)
}

/// What is known of the share of a payer before its lines: that of the pool, and of few lines at least as firmly as [`prior`] says.
fn of_payers(pool: &Pool, published: Prior) -> Prior {
    let (known, mean) = (pool.prior_of(0, 0), pool.overall().mean);
    let lines = published.strength() - Prior::JEFFREYS.strength();
    if known.strength() < lines { Prior::new(mean * lines, (1.0 - mean) * lines) } else { known }
}

/// A small count.
#[expect(clippy::cast_precision_loss, reason = "a small count")]
fn float_count(n: usize) -> f64 {
    n as f64
}

/// What becomes of a payer's expected money, as shares of it.
#[derive(Debug, Clone)]
pub struct PayerShares {
    /// Denied at first.
    pub initial: Chance,
    /// Of it, won back.
    pub overturn: Chance,
    /// Finally denied, by cause: parts that sum to 1.
    pub denied_by: Vec<(Cause, f64)>,
    /// Allowed too little, by cause, as shares of expected.
    pub underpaid_by: Vec<(Cause, f64)>,
    /// Allowed too much, as a share of expected.
    pub overpaid: f64,
    /// Benchmark less allowed where there is only a benchmark, as a share of expected.
    pub off_benchmark: f64,
    /// Paid by payers of what is allowed; the rest is the patients' and known reductions.
    pub paid_of_net: f64,
    /// Paid by payers per line without a price: the mean in cents, and the mean of the squares in cents².
    pub paid_per_unpriced: (f64, f64),
    /// How many lines without a price were paid: the mean rests on them.
    pub unpriced_paid: usize,
    /// Which lines were counted.
    pub ground: Ground,
    /// How many.
    pub lines: usize,
}

/// Sums over lines, in cents.
#[derive(Debug, Default, Clone)]
struct Sums {
    lines: usize,
    expected: f64,
    squares: f64,
    initial: f64,
    initial_squares: f64,
    recovered: f64,
    denied: BTreeMap<Cause, f64>,
    underpaid: BTreeMap<Cause, f64>,
    overpaid: f64,
    off_benchmark: f64,
    allowed: f64,
    paid: f64,
    unpriced: f64,
    unpriced_paid: usize,
    unpriced_sum: f64,
    unpriced_squares: f64,
}

impl Sums {
    fn take(&mut self, judged: &JudgedLine) {
        let gaps = &judged.money.gaps;
        let paid = float(judged.money.answers.paid);
        match judged.cohort {
            Cohort::Unknown => {
                self.unpriced += 1.0;
                self.unpriced_paid += usize::from(paid != 0.0);
                self.unpriced_sum += paid;
                self.unpriced_squares += paid * paid;
                return;
            }
            // Paid by mistake: expected nothing, and yet it comes in.
            Cohort::NotPayable => {
                self.paid += paid;
                return;
            }
            Cohort::Firm | Cohort::Benchmark => {}
        }
        let amount = float(gaps.expected);
        self.lines += 1;
        self.expected += amount;
        self.squares += amount * amount;
        self.allowed += float(allowed(judged));
        self.paid += paid;
        self.overpaid += float(gaps.overpaid);
        self.off_benchmark += float(gaps.below_benchmark) - float(gaps.above_benchmark);
        if judged.money.answers.initial_denial.is_some() {
            self.initial += amount;
            self.initial_squares += amount * amount;
            self.recovered += if judged.recovered { amount } else { 0.0 };
        }
        match judged.cause {
            Some(cause @ Cause::Denied(_)) => *self.denied.entry(cause).or_default() += amount,
            Some(cause @ Cause::Underpaid(_)) => *self.underpaid.entry(cause).or_default() += float(gaps.underpaid),
            None => {}
        }
    }

    fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.expected += other.expected;
        self.squares += other.squares;
        self.initial += other.initial;
        self.initial_squares += other.initial_squares;
        self.recovered += other.recovered;
        for (cause, amount) in &other.denied {
            *self.denied.entry(*cause).or_default() += amount;
        }
        for (cause, amount) in &other.underpaid {
            *self.underpaid.entry(*cause).or_default() += amount;
        }
        self.overpaid += other.overpaid;
        self.off_benchmark += other.off_benchmark;
        self.allowed += other.allowed;
        self.paid += other.paid;
        self.unpriced += other.unpriced;
        self.unpriced_paid += other.unpriced_paid;
        self.unpriced_sum += other.unpriced_sum;
        self.unpriced_squares += other.unpriced_squares;
    }

    /// (denied at first, all) and (won back, denied at first) as numbers of lines of equal weight.
    fn counts(&self) -> [(u32, u32); 2] {
        [of(self.initial, self.expected, self.squares), of(self.recovered, self.initial, self.initial_squares)]
    }
}

/// A share of dollars as `won` of `decided` lines of equal weight.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of lines, not negative")]
fn of(part: f64, whole: f64, squares: f64) -> (u32, u32) {
    if whole <= 0.0 || squares <= 0.0 {
        return (0, 0);
    }
    let decided = whole * whole / squares;
    ((decided * part / whole).round() as u32, decided.round() as u32)
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Parts by cause that sum to 1, of which one without a known cause is `unnamed`; none where nothing is denied.
fn by_cause(denied: &BTreeMap<Cause, f64>, unnamed: f64) -> Vec<(Cause, f64)> {
    let all: f64 = denied.values().sum();
    let mut parts: BTreeMap<Cause, f64> =
        denied.iter().map(|(cause, amount)| (*cause, ratio(*amount, all) * (1.0 - unnamed))).collect();
    if !parts.is_empty() && unnamed > 0.0 {
        *parts.entry(Cause::Denied(DenialCategory::Other)).or_default() += unnamed;
    }
    parts.into_iter().collect()
}

impl PayerShares {
    /// Learns the shares of each payer, in the order of the map; `payers` has the places of each payer's lines.
    pub(super) fn learn(
        payers: &BTreeMap<Arc<str>, Vec<usize>>,
        lines: &[ServiceLine],
        judged: &[JudgedLine],
    ) -> Vec<Self> {
        debug_assert_eq!(lines.len(), judged.len());
        let sums = |places: &[usize], wanted: &dyn Fn(&JudgedLine) -> bool| {
            let mut sums = Sums::default();
            places.iter().map(|i| &judged[*i]).filter(|j| wanted(j)).for_each(|j| sums.take(j));
            sums
        };
        let answered = |j: &JudgedLine| j.money.answers.answers > 0 && !j.money.answers.reversed;
        let mature = |j: &JudgedLine| j.mature;
        let by_payer: Vec<(Sums, Ground)> = payers
            .values()
            .map(|places| {
                let old = sums(places, &mature);
                if old.lines >= ENOUGH || (old.lines == 0 && old.unpriced >= 1.0) {
                    (old, Ground::Mature)
                } else {
                    (sums(places, &answered), Ground::Answered)
                }
            })
            .collect();
        let mut all = Sums::default();
        by_payer.iter().for_each(|(sums, _)| all.add(sums));
        let counts: Vec<[(u32, u32); 2]> = by_payer.iter().map(|(sums, _)| sums.counts()).collect();
        // How many lines are overturned of few denied ones says as little as how many are denied of few lines: both by all decided.
        let decided: u32 = counts.iter().map(|c| c[0].1).fold(0, u32::saturating_add);
        let pool = |which: usize| {
            let groups: Vec<(u32, u32)> = counts.iter().map(|c| c[which]).collect();
            let published = prior(PUBLISHED[which], decided);
            let pool = Pool::below(published, &groups);
            (pool, of_payers(&pool, published))
        };
        // A payer that is all of them is not drawn towards itself.
        let chance = |(pool, of_payers): (Pool, Prior), (won, lines): (u32, u32)| {
            if pool.overall().decided == lines { pool.overall() } else { of_payers.group(won, lines) }
        };
        let (initial, overturn) = (pool(0), pool(1));
        // Of what is denied by the published rates alone no cause is known.
        let before = prior(PUBLISHED[0], decided).strength() - Prior::JEFFREYS.strength();
        let unnamed = before * PUBLISHED[0] * (1.0 - PUBLISHED[1]) * ratio(all.squares, all.expected);
        let all_denied: f64 = all.denied.values().sum();
        // The same part of each payer's denials.
        let unnamed = ratio(unnamed, all_denied + unnamed);
        // A prior alone knows of no denial.
        let none = Self::none();
        let nothing_known = all.lines == 0;
        by_payer
            .iter()
            .zip(&counts)
            .map(|((own, ground), counts)| {
                // Shares of causes and of payment have no interval of their own: too few lines are those of all payers.
                let few = own.lines < ENOUGH && own.unpriced < 1.0;
                let (sums, ground) = if few { (&all, Ground::AllPayers) } else { (own, *ground) };
                Self {
                    initial: if nothing_known { none.initial } else { chance(initial, counts[0]) },
                    overturn: if nothing_known { none.overturn } else { chance(overturn, counts[1]) },
                    denied_by: by_cause(&sums.denied, unnamed),
                    underpaid_by: sums
                        .underpaid
                        .iter()
                        .map(|(c, amount)| (*c, ratio(*amount, sums.expected)))
                        .collect(),
                    overpaid: ratio(sums.overpaid, sums.expected),
                    off_benchmark: ratio(sums.off_benchmark, sums.expected),
                    paid_of_net: ratio(sums.paid, sums.allowed),
                    paid_per_unpriced: (
                        ratio(sums.unpriced_sum, sums.unpriced),
                        ratio(sums.unpriced_squares, sums.unpriced),
                    ),
                    unpriced_paid: sums.unpriced_paid,
                    ground,
                    lines: own.lines,
                }
            })
            .collect()
    }

    /// The share that is finally denied when both chances come out at these normal numbers; 0 and 0 give the middle.
    #[must_use]
    pub fn denied(&self, z_initial: f64, z_overturn: f64) -> f64 {
        share(&self.initial, z_initial) * (1.0 - share(&self.overturn, z_overturn))
    }

    /// Nothing denied, nothing short, all of it paid by the payer: the shares of an ideal payer.
    #[must_use]
    pub fn none() -> Self {
        let never = Prior::new(0.5, 1e9).group(0, 0);
        Self {
            initial: never,
            overturn: never,
            denied_by: Vec::new(),
            underpaid_by: Vec::new(),
            overpaid: 0.0,
            off_benchmark: 0.0,
            paid_of_net: 1.0,
            paid_per_unpriced: (0.0, 0.0),
            unpriced_paid: 0,
            ground: Ground::AllPayers,
            lines: 0,
        }
    }
}

/// What is to be said of shares that rest on few decided lines, all payers together.
pub(super) fn few_decided(shares: &[PayerShares]) -> Option<String> {
    let decided = shares.iter().map(|s| s.initial.decided).fold(0, u32::saturating_add);
    (decided > 0 && f64::from(decided) < MANY).then(|| {
        format!(
            "Denials rest on decided lines worth {decided} of equal size: they are drawn towards published rates ({:.1}% denied at first, {:.1}% of that paid in the end; hospitals, 2022), the less the more there are.",
            PUBLISHED[0] * 100.0,
            PUBLISHED[1] * 100.0
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_rates_are_worth_thirty_lines_and_nothing_beside_a_thousand() {
        // 30 lines: 4.17 denied and 25.83 not, and Jeffreys' two halves. Two dear lines' worth of 7 denied: 6.67 / 38 = 17.6 %.
        let none = prior(PUBLISHED[0], 0);
        assert!((none.strength() - 31.0).abs() < 1e-9 && (none.mean() - 4.67 / 31.0).abs() < 1e-9);
        assert!((none.after(2, 7).mean() - 6.67 / 38.0).abs() < 1e-9);
        assert_eq!((prior(PUBLISHED[0], 1000), prior(PUBLISHED[1], 9999)), (Prior::JEFFREYS, Prior::JEFFREYS));
        assert!((prior(PUBLISHED[1], 500).strength() - 16.0).abs() < 1e-9);
    }

    #[test]
    fn few_lines_of_a_payer_are_drawn_towards_all_as_firmly_as_all_are_towards_what_is_published() {
        // One payer 1 of 1, another 0 of 6: of 7 lines the prior is worth 30 × 0.993 = 29.79.
        let published = prior(PUBLISHED[0], 7);
        let pool = Pool::below(published, &[(1, 1), (0, 6)]);
        let mean = pool.overall().mean;
        assert!((mean - (29.79 * 0.139 + 1.5) / (29.79 + 8.0)).abs() < 1e-9);
        let one = of_payers(&pool, published).group(1, 1);
        assert!((one.mean - (mean * 29.79 + 1.0) / 30.79).abs() < 1e-9, "{one:?}");
        // With many lines it is what the payers' own spread says.
        let many = Pool::below(prior(PUBLISHED[0], 2000), &[(100, 1000), (200, 1000)]);
        assert_eq!(of_payers(&many, prior(PUBLISHED[0], 2000)), many.prior_of(0, 0));
    }

    #[test]
    fn the_published_rates_are_those_of_the_dataset() {
        let table = std::fs::read_to_string("datasets/denials/benchmarks.csv").unwrap();
        let has = |start: &str, population: &str| {
            table.lines().any(|row| row.starts_with(start) && row.contains(population) && row.contains(",2022,"))
        };
        assert!(has(&format!("initial_denial_rate,{:.1},pct", PUBLISHED[0] * 100.0), "commercial, hospitals"));
        assert!(has(
            &format!("overturn_rate,{:.1},pct", PUBLISHED[1] * 100.0),
            "private-payer denials eventually paid"
        ));
    }

    #[test]
    fn causes_are_parts_of_one_and_what_is_not_known_is_a_part() {
        let cause = |key: &str| Cause::from_key(key).unwrap();
        let denied = BTreeMap::from([(cause("denied:modifier"), 30.0), (cause("denied:bundled"), 10.0)]);
        let parts = by_cause(&denied, 0.2);
        let of = |key: &str| parts.iter().find(|p| p.0 == cause(key)).map_or(0.0, |p| p.1);
        assert!((of("denied:modifier") - 0.6).abs() < 1e-12 && (of("denied:bundled") - 0.2).abs() < 1e-12);
        assert!((of("denied:other") - 0.2).abs() < 1e-12);
        assert_eq!((by_cause(&BTreeMap::new(), 0.2).len(), by_cause(&denied, 0.0).len()), (0, 2));
    }
}
