//! What a forecast rests on, with its ranges: how volumes grow, what each month of the year is like, how long payers take to answer.
//!
//! Growth and season are told apart by a quasi-Poisson fit, lines = working days × level of the month of the year × (1 + growth ×
//! months since the first), whose scatter is that of the months about it. The forecast itself is made by models that let both
//! change over time; this says what the history as a whole shows. Days to the first answer are a Kaplan–Meier median: claims
//! without an answer have waited at least until the day of the forecast.

#![expect(clippy::float_arithmetic, reason = "estimates")]

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::book::{Book, Family};
use super::count::Wait;
use super::happened::{Happened, pooled};
use super::missing::filled;
use super::volume::{stems, total};
use super::workdays::Places;
use crate::forecast::Month;

/// How volumes grow: in a year, as the level in the middle of the history grows. A straight line grows by ever less of its level;
/// of the first month's level it would seem to grow by twice as much as it does at the end of a history in which it doubled.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// `visits`, `lines`, `lines: drug` and so on, each of all payers; or a payer or group of payers that is forecast as one series.
    pub name: String,
    /// The first month with lines.
    pub from: Month,
    /// Months of history.
    pub months: usize,
    /// Growth per year of the level in the middle of the history, its growth per month compounded over twelve: 0.06 is 6 %. Working
    /// days, season and events are taken out.
    pub per_year: f64,
    /// Its range of 80 %.
    pub i80: (f64, f64),
    /// Its range of 95 %.
    pub i95: (f64, f64),
    /// Whether the season was taken out; not with less than 25 months.
    pub without_season: bool,
    /// The last twelve months over the twelve before, per working day and without events, less 1; `None` without two years that
    /// are known. What grew in a step long ago grows on in `per_year`, and not here.
    pub last_year: Option<f64>,
}

/// What a month of the year is like, per working day, beside the mean of all twelve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeasonIndex {
    /// January is 1.
    pub month: u32,
    /// 1.18 is 18 % more than the mean.
    pub index: f64,
    /// Its range of 80 %.
    pub i80: (f64, f64),
    /// Its range of 95 %.
    pub i95: (f64, f64),
}

/// How long a payer takes to answer: days from the service to the posting of the first answer.
#[derive(Debug, Clone, PartialEq)]
pub struct PayerWait {
    /// The payer's name.
    pub name: String,
    /// Claims.
    pub claims: usize,
    /// Of them, answered as of the day.
    pub answered: usize,
    /// The day by which half of the claims are answered; `None` when less than half are.
    pub median: Option<i64>,
    /// Its range of 80 %; an end is `None` when nothing tells it.
    pub i80: (Option<i64>, Option<i64>),
    /// Its range of 95 %.
    pub i95: (Option<i64>, Option<i64>),
}

/// What a forecast rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct RestsOn {
    /// Growth of visits, of lines, of the lines of each family of codes, then of the lines of each series; what has less than six
    /// months tells none. Visits are what patients come for; lines also grow when more is billed per visit.
    pub growth: Vec<Growth>,
    /// The twelve months of the year, by visits; none with less than 25 months.
    pub seasons: Vec<SeasonIndex>,
    /// By payer, in the order of the book.
    pub waits: Vec<PayerWait>,
    /// What must be known.
    pub notes: Vec<String>,
}

/// Fewer months show no growth.
const LEAST_MONTHS: usize = 6;

/// Fewer months do not tell season from growth.
const SEASON_MONTHS: usize = 25;

/// Looks at the history of a book.
#[must_use]
pub fn rests_on(book: &Book) -> RestsOn {
    let stems = stems(book);
    let mut notes = Vec::new();
    let of_all: Vec<f64> =
        book.months().zip(total(&stems)).map(|(m, y)| y / book.workdays.days(&Places::new(), m)).collect();
    let pool = pooled(book.first, &of_all, &book.events);
    let fit = |lines: &[f64], places: &Places, payer, notes: &mut Vec<String>| {
        let lines = &filled(book, places, lines.to_vec())[..];
        let begun = lines.iter().position(|y| *y > 0.0)?;
        let from = book.first.plus(i32::try_from(begun).ok()?);
        let days: Vec<f64> =
            (0..).take(lines.len() - begun).map(|n| book.workdays.days(places, from.plus(n))).collect();
        let daily: Vec<f64> = lines[begun..].iter().zip(&days).map(|(y, d)| y / d).collect();
        // Months with an event have more (or fewer) days, so to speak.
        let happened = Happened::new(from, &daily, &book.events, payer, true, &pool, notes);
        let effect = happened.factors(from, days.len(), 0.0);
        let exposure: Vec<f64> = days.iter().zip(effect).map(|(d, e)| d * e).collect();
        // Missing months tell nothing: no days, and no lines.
        let known = |n: i32| !book.missing.contains(&from.plus(n));
        let without = |values: &[f64]| -> Vec<f64> {
            (0..).zip(values).map(|(n, value)| if known(n) { *value } else { 0.0 }).collect()
        };
        Fit::new(&without(&lines[begun..]), &without(&exposure), from)
    };
    let everywhere = Places::new();
    let visits: Vec<f64> = book.visits.iter().map(|n| f64::from(*n)).collect();
    let all = fit(&visits, &everywhere, None, &mut notes);
    let mut growth: Vec<Growth> = all.iter().map(|f| f.growth("visits")).collect();
    growth.extend(fit(&total(&stems), &everywhere, None, &mut Vec::new()).map(|f| f.growth("lines")));
    for family in Family::ALL {
        let leaves = || book.leaves.iter().filter(|l| l.key.family == family);
        let month = |at: usize| leaves().map(|l| f64::from(l.months[at].lines)).sum();
        let lines: Vec<f64> = (0..book.visits.len()).map(month).collect();
        let own = fit(&lines, &everywhere, None, &mut Vec::new());
        growth.extend(own.map(|f| f.growth(&format!("lines: {}", family.as_str()))));
    }
    for stem in &stems {
        // What events do to a series is said with its forecast.
        let own = fit(&stem.lines, &stem.places, stem.payer.as_ref(), &mut Vec::new());
        growth.extend(own.map(|f| f.growth(&stem.name)));
    }
    match &all {
        None => notes.push(format!("fewer than {LEAST_MONTHS} months show neither growth nor season")),
        Some(fit) if !fit.with_season => notes.push(format!(
            "{} months do not tell season from growth: growth is that of all months, whatever their season",
            fit.months
        )),
        Some(_) => {}
    }
    notes.push(
        "Ranges of growth and season hold if months scatter about them one by one; what drifts for many months is not in them."
            .to_owned(),
    );
    let none = Vec::new();
    let wait = |payer: &super::book::PayerBook| wait(&payer.name, book.waits.get(&payer.id).unwrap_or(&none));
    RestsOn {
        growth,
        seasons: all.as_ref().map(Fit::seasons).unwrap_or_default(),
        waits: book.payers.iter().map(wait).collect(),
        notes,
    }
}

/// lines = exposure × level of the month of the year × (1 + growth × t), fitted.
struct Fit {
    from: Month,
    months: usize,
    with_season: bool,
    growth: f64,
    /// Variance of `growth`, scatter included.
    variance: f64,
    /// By month of the year (one only, without season): level, Σμ, Σμx ÷ Σμ, where x is the slope of log μ by growth.
    levels: Vec<[f64; 3]>,
    scatter: f64,
    freedom: f64,
    last_year: Option<f64>,
}

/// The last twelve months per exposure over the twelve before, less 1.
fn last_year(lines: &[f64], exposure: &[f64]) -> Option<f64> {
    let months = lines.len();
    let rate = |from: usize| {
        let days = exposure.get(from..from + 12).filter(|days| days.iter().all(|d| *d > 0.0))?;
        // The mean of the months' rates: each month of the year counts alike in both years.
        Some(lines.get(from..from + 12)?.iter().zip(days).map(|(y, d)| y / d).sum::<f64>())
    };
    let (before, last) = (rate(months.checked_sub(24)?)?, rate(months.checked_sub(12)?)?);
    (before > 0.0).then(|| last / before - 1.0)
}

impl Fit {
    fn new(lines: &[f64], exposure: &[f64], from: Month) -> Option<Self> {
        let months = lines.len();
        if months < LEAST_MONTHS {
            return None;
        }
        let told = |t: usize| exposure[t] > 0.0;
        let every = (0..12.min(months)).all(|class| (class..months).step_by(12).any(told));
        let with_season = months >= SEASON_MONTHS && every;
        let class = |t: usize| if with_season { t % 12 } else { 0 };
        let classes = if with_season { 12 } else { 1 };
        let t: Vec<f64> = (0..months).map(count).collect();
        let last = t.last().copied()?;
        // Given growth, the levels that fit best are sums over sums.
        let expected = |growth: f64| -> Vec<f64> {
            let with: Vec<f64> = exposure.iter().zip(&t).map(|(e, t)| e * (1.0 + growth * t)).collect();
            let mut sums = vec![(0.0, 0.0); classes];
            for at in 0..months {
                sums[class(at)].0 += lines[at];
                sums[class(at)].1 += with[at];
            }
            let level = |at: usize| if with[at] > 0.0 { sums[class(at)].0 / sums[class(at)].1 } else { 0.0 };
            (0..months).map(|at| with[at] * level(at)).collect()
        };
        let slope = |growth: f64, at: usize| t[at] / (1.0 + growth * t[at]);
        let score = |growth: f64| -> f64 {
            let mu = expected(growth);
            (0..months).map(|at| (lines[at] - mu[at]) * slope(growth, at)).sum()
        };
        // The score falls from the steepest decline that leaves something to the steepest rise worth the name.
        let (mut low, mut high) = (-0.999 / last, 10.0);
        if score(low) <= 0.0 || score(high) >= 0.0 {
            return None;
        }
        for _ in 0..80 {
            let middle = f64::midpoint(low, high);
            if score(middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        let growth = f64::midpoint(low, high);
        let mu = expected(growth);
        let mut sums = vec![[0.0; 4]; classes];
        for at in 0..months {
            let (x, of) = (slope(growth, at), &mut sums[class(at)]);
            of[0] += mu[at];
            of[1] += mu[at] * x;
            of[2] += mu[at] * x * x;
            of[3] += exposure[at] * (1.0 + growth * t[at]);
        }
        let freedom = count((0..months).filter(|t| told(*t)).count()) - count(classes) - 1.0;
        let pearson: f64 = lines.iter().zip(&mu).filter(|(_, m)| **m > 0.0).map(|(y, m)| (y - m).powi(2) / m).sum();
        let scatter = (pearson / freedom).max(1.0);
        let known: f64 = sums.iter().filter(|s| s[0] > 0.0).map(|s| s[2] - s[1] * s[1] / s[0]).sum();
        let sound = known > 0.0 && freedom > 0.0;
        let levels = sums.iter().map(|s| [s[0] / s[3], s[0], if s[0] > 0.0 { s[1] / s[0] } else { 0.0 }]).collect();
        let last_year = last_year(lines, exposure);
        let variance = scatter / known;
        sound.then_some(Self { from, months, with_season, growth, variance, levels, scatter, freedom, last_year })
    }

    /// So many standard errors hold a share of what may be.
    fn width(&self, level: f64) -> f64 {
        StudentsT::new(0.0, 1.0, self.freedom).map_or(f64::NAN, |t| t.inverse_cdf(f64::midpoint(1.0, level)))
    }

    /// Growth by so much of the first month's level each month, as growth per year of the level in the middle.
    fn per_year(&self, growth: f64) -> f64 {
        let last = count(self.months - 1);
        // At the steepest decline nothing is left in the last month.
        let growth = growth.max(-1.0 / last);
        let monthly = growth / (1.0 + growth * last / 2.0);
        (1.0 + monthly).powi(12) - 1.0
    }

    fn growth(&self, name: &str) -> Growth {
        let range = |level: f64| {
            let half = self.width(level) * self.variance.sqrt();
            (self.per_year(self.growth - half), self.per_year(self.growth + half))
        };
        Growth {
            name: name.to_owned(),
            from: self.from,
            months: self.months,
            per_year: self.per_year(self.growth),
            i80: range(0.8),
            i95: range(0.95),
            without_season: self.with_season,
            last_year: self.last_year,
        }
    }

    /// The months of the year, January first; none where a month of the year never has a line.
    fn seasons(&self) -> Vec<SeasonIndex> {
        if !self.with_season || self.levels.iter().any(|l| l[1] <= 0.0) {
            return Vec::new();
        }
        let all: f64 = self.levels.iter().map(|l| l[0]).sum();
        let weight = |at: usize| self.levels[at][0] / all;
        let usual_slope: f64 = (0..12).map(|at| weight(at) * self.levels[at][2]).sum();
        let index = |at: usize| {
            let index = 12.0 * weight(at);
            // log index = log level − log mean level; levels scatter by themselves and all together with growth.
            let own = |k: usize| {
                let part = if k == at { 1.0 - weight(k) } else { weight(k) };
                part * part * self.scatter / self.levels[k][1]
            };
            let together = (self.levels[at][2] - usual_slope).powi(2) * self.variance;
            let error = ((0..12).map(own).sum::<f64>() + together).sqrt();
            let range = |level: f64| {
                let half = self.width(level) * error;
                (index * (-half).exp(), index * half.exp())
            };
            let month = self.from.plus(i32::try_from(at).unwrap_or(0)).number();
            SeasonIndex { month, index, i80: range(0.8), i95: range(0.95) }
        };
        let mut seasons: Vec<SeasonIndex> = (0..12).map(index).collect();
        seasons.sort_by_key(|s| s.month);
        seasons
    }
}

/// A small number of months as a float.
fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::INFINITY, f64::from)
}

/// The median wait of claims some of which still wait, with its ranges (Brookmeyer and Crowley, Biometrics 38, 1982, 29–41, on the
/// scale log(−log S)).
fn wait(name: &str, waits: &[Wait]) -> PayerWait {
    let mut by_day: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    for wait in waits {
        let day = by_day.entry(wait.days).or_default();
        if wait.answered {
            day.0 += 1.0;
        } else {
            day.1 += 1.0;
        }
    }
    let z = |level: f64| Normal::standard().inverse_cdf(f64::midpoint(1.0, level));
    let (mut waiting, mut left, mut greenwood) = (count(waits.len()), 1.0f64, 0.0f64);
    let mut median = None;
    // The first days on which the lower and the upper end of the share that still waits is half or less.
    let mut ends = [(None, None); 2];
    for (day, (answered, censored)) in by_day {
        if answered > 0.0 {
            left *= 1.0 - answered / waiting;
            greenwood += if waiting > answered { answered / (waiting * (waiting - answered)) } else { 0.0 };
            let done = |share: f64| share <= 0.5;
            median = median.or(done(left).then_some(day));
            for (ends, level) in ends.iter_mut().zip([0.8, 0.95]) {
                let spread = if left > 0.0 && left < 1.0 { z(level) * greenwood.sqrt() / left.ln().abs() } else { 0.0 };
                let (low, high) = (left.powf(spread.exp()), left.powf((-spread).exp()));
                ends.0 = ends.0.or(done(low).then_some(day));
                ends.1 = ends.1.or(done(high).then_some(day));
            }
        }
        waiting -= answered + censored;
    }
    let answered = waits.iter().filter(|w| w.answered).count();
    PayerWait { name: name.to_owned(), claims: waits.len(), answered, median, i80: ends[0], i95: ends[1] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::Draws;

    /// Lines of a practice that grows by 1 % of its first month each month, with a season of twice as much in December, on days of
    /// 20 and 22.
    fn practice(months: usize, draws: &mut Draws) -> (Vec<f64>, Vec<f64>) {
        let days: Vec<f64> = (0..months).map(|t| if t % 2 == 0 { 20.0 } else { 22.0 }).collect();
        let lines = days.iter().enumerate().map(|(t, d)| {
            let mean = d * 10.0 * if t % 12 == 11 { 2.0 } else { 1.0 } * (1.0 + 0.01 * count(t));
            // Counts scatter by about the root of their mean; each visit here has two lines, so twice the variance.
            let scatter = (2.0 * mean).sqrt() * super::super::chance::normal(draws);
            (mean + scatter).round().max(0.0)
        });
        (lines.collect(), days)
    }

    #[test]
    fn ranges_hold_what_was_put_in_as_often_as_they_say() {
        let from = Month::new(2023, 1).unwrap();
        let (mut held, mut season_held) = ([0.0; 2], [0.0; 2]);
        let mut draws = Draws::new(3);
        for _ in 0..400 {
            let (lines, days) = practice(36, &mut draws);
            let fit = Fit::new(&lines, &days, from).unwrap();
            let (growth, seasons) = (fit.growth("all"), fit.seasons());
            assert!(seasons.iter().map(|s| s.month).eq(1..=12));
            // December 2, the others 1: mean 13/12.
            let december = 2.0 / (13.0 / 12.0);
            // 1 % of the first month is 1 / 117.5 of the level in the middle, 17.5 months later: 10.7 % a year.
            let planted = (1.0 + 0.01 / 1.175f64).powi(12) - 1.0;
            let within = |range: (f64, f64), value: f64| f64::from(u8::from(range.0 <= value && value <= range.1));
            held[0] += within(growth.i80, planted);
            held[1] += within(growth.i95, planted);
            season_held[0] += within(seasons[11].i80, december);
            season_held[1] += within(seasons[11].i95, december);
        }
        // Four standard errors of 400 trials: 8 % of 80 %, 4.4 % of 95 %.
        for held in [held, season_held] {
            assert!((held[0] / 400.0 - 0.8).abs() < 0.08 && (held[1] / 400.0 - 0.95).abs() < 0.044, "{held:?}");
        }
    }

    #[test]
    fn growth_without_scatter_is_what_was_put_in_and_few_months_say_so() {
        let from = Month::new(2024, 1).unwrap();
        let lines: Vec<f64> = (0..10).map(|t| 1000.0 * (1.0 - 0.02 * count(t))).collect();
        let fit = Fit::new(&lines, &[1.0; 10], from).unwrap();
        let growth = fit.growth("all");
        // In the middle, 4.5 months on, 910: 20 less a month is 2.1978 % of it, and 0.978022¹² = 0.76592.
        assert!((growth.per_year + 0.234_08).abs() < 1e-5 && !growth.without_season, "{growth:?}");
        assert_eq!(growth.last_year, None);
        assert!(fit.seasons().is_empty());
        assert!(Fit::new(&lines[..5], &[1.0; 5], from).is_none());
        // Nothing from the second month on: no growth can be told, and nothing divides by zero.
        let stopped: Vec<f64> = (0..30).map(|t| if t == 0 { 5.0 } else { 0.0 }).collect();
        assert!(Fit::new(&stopped, &[1.0; 30], from).is_none_or(|f| f.growth.is_finite()));
    }

    #[test]
    fn the_last_year_is_compared_with_the_one_before_month_by_month() {
        // 100 a day, from month 13 on 150, from month 25 on 156: 4 % more than in the year before, whatever the first year had. Half as
        // many days in the last months do not count.
        let days: Vec<f64> = (0..36).map(|t| if t < 30 { 20.0 } else { 10.0 }).collect();
        let level = |t: usize| [100.0, 150.0, 156.0][t / 12];
        let lines: Vec<f64> = days.iter().enumerate().map(|(t, d)| d * level(t)).collect();
        let from = Month::new(2023, 1).unwrap();
        let growth = Fit::new(&lines, &days, from).unwrap().growth("all");
        assert!((growth.last_year.unwrap() - 0.04).abs() < 1e-12 && growth.per_year > 0.15, "{growth:?}");
        // A month that is not known is not compared.
        let unknown: Vec<f64> = (0..36).map(|t| if t == 20 { 0.0 } else { days[t] }).collect();
        assert_eq!((last_year(&lines, &unknown), last_year(&lines[..23], &days[..23])), (None, None));
        // A steep end of a range leaves something: never less than all is lost.
        let fit = Fit::new(&lines, &days, from).unwrap();
        assert!((-1.0..-0.4).contains(&fit.per_year(-10.0)) && fit.per_year(0.0) == 0.0);
    }

    #[test]
    fn waits_by_hand() {
        // Answered after 10, 20, 30, 40 days; one has waited 25 so far. Share that waits: 4/5, 3/5, then 2 are left of whom one is
        // answered: 3/10. Half is passed on day 30; counting the open one as answered would say 25, leaving it out 20.
        let answered = |days| Wait { days, answered: true };
        let mut all = vec![answered(10), answered(20), answered(30), answered(40), Wait { days: 25, answered: false }];
        let found = wait("P", &all);
        assert_eq!((found.claims, found.answered, found.median), (5, 4, Some(30)));
        assert!(found.i95.0 <= found.i80.0 && found.i80.0 <= found.median);
        all.iter_mut().for_each(|w| w.answered = false);
        let open = wait("P", &all);
        assert_eq!((open.median, open.i80), (None, (None, None)));
        assert_eq!(wait("P", &[]).claims, 0);
    }

    #[test]
    fn the_range_of_a_median_holds_it_as_often_as_it_says() {
        // 200 claims, uniform over 1 to 99 days, a third of them seen for less time than they need: the median is 50.
        let mut draws = Draws::new(8);
        let mut held = 0.0;
        for _ in 0..300 {
            let waits: Vec<Wait> = (0..200)
                .map(|_| {
                    let (needs, seen) = (draws.unit() * 99.0, draws.unit() * 200.0);
                    #[expect(clippy::cast_possible_truncation, reason = "days below 200")]
                    let days = needs.min(seen).ceil() as i64;
                    Wait { days, answered: needs <= seen }
                })
                .collect();
            let found = wait("P", &waits);
            held += f64::from(u8::from(found.i80.0 <= Some(50) && found.i80.1.is_none_or(|high| high >= 50)));
        }
        // Whole days make ranges a little wider than they say.
        assert!((0.72..=0.92).contains(&(held / 300.0)), "{held}");
    }
}
