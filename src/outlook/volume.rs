//! Volumes: lines per month and working day, forecast where there are enough of them, and split below.
//!
//! A *stem* is a payer with enough lines for a model of its own, or all smaller payers together. Its leaves share its paths by
//! their shares of the last twelve months, drawn anew for each path and month as multinomial counts scatter. All stems meet
//! the same months of the past in a path, so that what moved together stays together.

#![expect(clippy::float_arithmetic, reason = "volumes to come are estimates")]

use rayon::prelude::*;

use super::book::Book;
use super::chance::gamma;
use crate::forecast::calendar::WorkWeek;
use crate::forecast::{Combination, Draws, Fitted, Joined, Model, Month, Seasonal, SeasonalNaive, Series};

/// Fewer lines in a mean month have no model of their own.
const ENOUGH_LINES: f64 = 10.0;

/// Shorter histories cannot show a season of their own: it is borrowed from all payers together.
const OWN_SEASON: usize = 24;

/// What is forecast as one series.
#[derive(Debug, Clone)]
pub struct Stem {
    /// The payer's name, or `smaller payers`.
    pub name: String,
    /// Its leaves, as places in [`Book::leaves`].
    pub leaves: Vec<usize>,
    /// Lines by month.
    pub lines: Vec<f64>,
    /// What was fitted.
    pub model: String,
    /// Fallbacks, to be said.
    pub notes: Vec<String>,
}

/// The stems of a book, without models.
#[must_use]
pub fn stems(book: &Book) -> Vec<Stem> {
    let months = book.months().count();
    let recent = months.saturating_sub(12);
    let of = |name: String, payers: &[usize]| {
        let leaves: Vec<usize> = (0..book.leaves.len()).filter(|l| payers.contains(&book.leaves[*l].payer)).collect();
        let month = |at: usize| leaves.iter().map(|l| f64::from(book.leaves[*l].months[at].lines)).sum();
        let lines = (0..months).map(month).collect();
        Stem { name, leaves, lines, model: String::new(), notes: Vec::new() }
    };
    let (mut stems, mut small) = (Vec::new(), Vec::new());
    for (at, payer) in book.payers.iter().enumerate() {
        let stem = of(payer.name.clone(), &[at]);
        let last = &stem.lines[recent..];
        if last.iter().sum::<f64>() >= ENOUGH_LINES * last.iter().map(|_| 1.0).sum::<f64>() {
            stems.push(stem);
        } else {
            small.push(at);
        }
    }
    if !small.is_empty() {
        let mut stem = of(if stems.is_empty() { "all payers" } else { "smaller payers" }.to_owned(), &small);
        stem.notes.push(format!(
            "{} payers with fewer than 10 lines a month are forecast together and split by their lines of the last twelve months",
            small.len()
        ));
        stems.push(stem);
    }
    stems
}

/// A model fitted to lines per working day, with a borrowed season where the history is short.
pub(super) struct StemFit {
    fitted: Fitted,
    /// The borrowed season and the step of it that the first future month is.
    season: Option<(Seasonal, usize)>,
    pub(super) notes: Vec<String>,
}

impl StemFit {
    /// Fits `lines` of the months from `first` on; `all` are those of all stems, for a season to borrow.
    pub(super) fn new(lines: &[f64], all: &[f64], first: Month, week: WorkWeek) -> Option<Self> {
        let daily = per_day(lines, first, week);
        // Months before the payer's first line are not months without lines.
        let begun = daily.iter().position(|y| *y > 0.0).unwrap_or(0);
        let own = &daily[begun..];
        let mut notes = Vec::new();
        let borrow = (own.len() < OWN_SEASON && daily.len() >= OWN_SEASON).then(|| per_day(all, first, week));
        let season = borrow.and_then(|all| Seasonal::of(Series::new(&all, 12).ok()?, Joined::Multiplicative));
        let season = season.filter(|s| s.figures.iter().all(|f| *f > 0.01));
        let (values, period): (Vec<f64>, usize) = match &season {
            Some(season) => {
                notes.push(format!("{} months of history: the season is that of all payers together", own.len()));
                (own.iter().enumerate().map(|(t, y)| season.without(begun + t, *y)).collect(), 1)
            }
            None => (own.to_vec(), 12),
        };
        let fitted = Combination::usual().fit(&values, period).ok()?;
        Some(Self { season: season.map(|s| (s, daily.len())), fitted, notes })
    }

    pub(super) fn name(&self) -> &str {
        self.fitted.name()
    }

    fn seasoned(&self, values: &mut [f64], days: &[f64]) {
        for (i, value) in values.iter_mut().enumerate() {
            let with = self.season.as_ref().map_or(*value, |(season, from)| season.with(from + i, *value));
            *value = (with * days[i]).max(0.0);
        }
    }

    /// Expected lines of the next months, which have these working days.
    pub(super) fn mean(&self, days: &[f64]) -> Vec<f64> {
        let mut mean = self.fitted.mean(days.len());
        self.seasoned(&mut mean, days);
        mean
    }

    /// Paths of lines, one after the other; path `p` meets the same moments of the past in every stem.
    pub(super) fn paths(&self, days: &[f64], paths: usize, seed: u64) -> Vec<f64> {
        let h = days.len();
        let mut out = vec![0.0; h * paths];
        for (p, path) in (0u64..).zip(out.chunks_mut(h.max(1))) {
            self.fitted.simulate(&mut Draws::stream(seed, p), path);
            self.seasoned(path, days);
        }
        out
    }
}

fn per_day(lines: &[f64], first: Month, week: WorkWeek) -> Vec<f64> {
    (0..).zip(lines).map(|(n, y)| y / days_of(first.plus(n), week)).collect()
}

/// Never less than a day, to divide by.
fn days_of(month: Month, week: WorkWeek) -> f64 {
    week.business_days(month).max(1.0)
}

/// Working days of the months after `last`.
pub(super) fn days_after(last: Month, horizon: usize, week: WorkWeek) -> Vec<f64> {
    (1..).take(horizon).map(|n| days_of(last.plus(n), week)).collect()
}

/// Lines of all stems by month.
pub(super) fn total(stems: &[Stem]) -> Vec<f64> {
    let months = stems.first().map_or(0, |s| s.lines.len());
    (0..months).map(|t| stems.iter().map(|s| s.lines[t]).sum()).collect()
}

/// Stems with their paths.
pub(super) struct Volumes {
    pub(super) stems: Vec<Stem>,
    /// For each stem its paths: path × month.
    pub(super) paths: Vec<Vec<f64>>,
    pub(super) horizon: usize,
}

/// Forecasts all stems, in parallel. `stretch` widens or narrows the paths about their mean, by month, as the errors of earlier
/// forecasts ask for.
pub(super) fn forecast(book: &Book, horizon: usize, paths: usize, seed: u64, stretch: &[f64]) -> Volumes {
    let mut stems = stems(book);
    let all = total(&stems);
    let days = days_after(book.last_service, horizon, book.week);
    let fits: Vec<Option<StemFit>> =
        stems.par_iter().map(|s| StemFit::new(&s.lines, &all, book.first, book.week)).collect();
    let drawn = fits
        .par_iter()
        .map(|fit| {
            let Some(fit) = fit else { return vec![0.0; horizon * paths] };
            let mut drawn = fit.paths(&days, paths, seed);
            stretch_paths(&mut drawn, horizon, stretch);
            drawn
        })
        .collect();
    for (stem, fit) in stems.iter_mut().zip(&fits) {
        match fit {
            Some(fit) => {
                stem.model = fit.name().to_owned();
                stem.notes.extend(fit.notes.iter().cloned());
            }
            None => stem.notes.push("no model could be fitted: no lines are forecast".to_owned()),
        }
    }
    Volumes { stems, paths: drawn, horizon }
}

/// Moves each path away from (or towards) the middle of its month by the factor of the month; never below zero.
fn stretch_paths(paths: &mut [f64], horizon: usize, stretch: &[f64]) {
    let count = paths.chunks(horizon.max(1)).map(|_| 1.0).sum::<f64>();
    for (step, factor) in stretch.iter().enumerate().take(horizon) {
        let mean = paths.iter().skip(step).step_by(horizon).sum::<f64>() / count;
        for value in paths.iter_mut().skip(step).step_by(horizon) {
            *value = (mean + (*value - mean) * factor).max(0.0);
        }
    }
}

impl Volumes {
    /// The lines of every leaf in a path: `out[leaf × horizon + month]`. Shares scatter about those of the last twelve months as
    /// counts do: as much as the month's lines and the twelve months' lines are few.
    pub(super) fn leaves(&self, book: &Book, path: usize, seed: u64, out: &mut [f64]) {
        for (at, stem) in (0u64..).zip(&self.stems) {
            let paths = &self.paths[usize::try_from(at).unwrap_or(0)];
            let lines = &paths[path * self.horizon..(path + 1) * self.horizon];
            let counts: Vec<f64> = stem.leaves.iter().map(|l| recent(book, *l)).collect();
            let known: f64 = counts.iter().sum();
            let stream = at.wrapping_mul(1 << 32).wrapping_add(u64::try_from(path).unwrap_or(0));
            let mut draws = Draws::stream(seed ^ 0x5eed, stream);
            for (step, lines) in lines.iter().enumerate() {
                let scale = if known > 0.0 { lines / (known + lines) } else { 0.0 };
                let weights: Vec<f64> = counts.iter().map(|n| gamma(&mut draws, n * scale)).collect();
                let all: f64 = weights.iter().sum();
                for ((leaf, weight), count) in stem.leaves.iter().zip(weights).zip(&counts) {
                    let share = if all > 0.0 {
                        weight / all
                    } else if known > 0.0 {
                        count / known
                    } else {
                        0.0
                    };
                    out[leaf * self.horizon + step] = lines * share;
                }
            }
        }
    }
}

/// Lines of a leaf in the last twelve months.
fn recent(book: &Book, leaf: usize) -> f64 {
    let months = &book.leaves[leaf].months;
    months[months.len().saturating_sub(12)..].iter().map(|c| f64::from(c.lines)).sum()
}

/// What the same month of the last known year had; `None` without one.
pub(super) fn seasonal_naive(lines: &[f64], horizon: usize) -> Option<Vec<f64>> {
    SeasonalNaive.fit(lines, 12).ok().map(|fitted| fitted.mean(horizon))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_history_borrows_the_season_of_all() {
        // All: 100 a working day, half as much in July. The short one: ten a day, first line a year before the end.
        let first = Month::new(2022, 1).unwrap();
        let season = |month: Month| if month.number() == 7 { 0.5 } else { 1.0 };
        let month = |n: i32| first.plus(n);
        let all: Vec<f64> = (0..36).map(|n| 100.0 * season(month(n)) * days_of(month(n), WorkWeek::OFFICE)).collect();
        let short: Vec<f64> = (0..36)
            .map(|n| if n < 24 { 0.0 } else { 10.0 * season(month(n)) * days_of(month(n), WorkWeek::OFFICE) })
            .collect();
        let fit = StemFit::new(&short, &all, first, WorkWeek::OFFICE).unwrap();
        assert!(fit.notes[0].contains("12 months of history"), "{:?}", fit.notes);
        let days = days_after(month(35), 12, WorkWeek::OFFICE);
        let mean = fit.mean(&days);
        for (i, (mean, days)) in mean.iter().zip(&days).enumerate() {
            let expected = if i == 6 { 5.0 } else { 10.0 };
            assert!((mean / days / expected - 1.0).abs() < 0.05, "{i}: {}", mean / days);
        }
    }

    #[test]
    fn stretched_paths_keep_their_mean() {
        // Month 1: 4 and 8, mean 6, twice as wide: 2 and 10. Month 2: 1 and 9, untouched.
        let mut paths = [4.0, 1.0, 8.0, 9.0];
        stretch_paths(&mut paths, 2, &[2.0, 1.0]);
        assert_eq!(paths, [2.0, 1.0, 10.0, 9.0]);
    }
}
