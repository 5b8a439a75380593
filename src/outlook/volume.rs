//! Volumes: lines per month and working day, forecast where there are enough of them, and split below.
//!
//! A *stem* is a payer with enough lines for a model of its own, or all smaller payers together. Its leaves share its paths by
//! their shares of the last twelve months, drawn anew for each path and month as multinomial counts scatter. All stems meet
//! the same months of the past in a path, so that what moved together stays together.

#![expect(clippy::float_arithmetic, reason = "volumes to come are estimates")]

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::book::Book;
use super::chance::{gamma, normal};
use super::happened::{Happened, pooled};
use super::missing::filled;
use super::together::{self, Coherence};
use super::workdays::{OFFICE_MONTH, Places};
use crate::forecast::{Combination, Draws, Fitted, Joined, Model, Month, Seasonal, Series};

/// Fewer lines in a mean month have no model of their own.
const ENOUGH_LINES: f64 = 10.0;

/// Shorter histories cannot show a season.
const SHOWS_SEASON: usize = 24;

/// A payer without a line for so many months has stopped: none are forecast, and none of its past counts for others.
const STOPPED: usize = 6;

/// What is forecast as one series.
#[derive(Debug, Clone)]
pub struct Stem {
    /// The payer's name, or `smaller payers`.
    pub name: String,
    /// Its leaves, as places in [`Book::leaves`].
    pub leaves: Vec<usize>,
    /// Lines by month.
    pub lines: Vec<f64>,
    /// Places of service with their lines of the last twelve months: its working days are theirs.
    pub places: Places,
    /// The payer's id; `None` for several payers together.
    pub payer: Option<Arc<str>>,
    /// What was fitted.
    pub model: String,
    /// Fallbacks, to be said.
    pub notes: Vec<String>,
}

/// The stems of a book, without models. A payer that had enough lines in any twelve months since it began is a stem of its own, for what it had
/// would be given to others; so is one that has stopped, and one of which the project file tells an event of its own.
#[must_use]
pub fn stems(book: &Book) -> Vec<Stem> {
    let months = book.months().count();
    let of = |name: String, payers: &[usize]| {
        let leaves: Vec<usize> = (0..book.leaves.len()).filter(|l| payers.contains(&book.leaves[*l].payer)).collect();
        let month = |at: usize| leaves.iter().map(|l| f64::from(book.leaves[*l].months[at].lines)).sum();
        let lines: Vec<f64> = (0..months).map(month).collect();
        let payer = match payers {
            [one] => Some(Arc::clone(&book.payers[*one].id)),
            _ => None,
        };
        let places = places(book, &leaves);
        let lines = filled(book, &places, lines);
        Stem { name, places, leaves, lines, payer, model: String::new(), notes: Vec::new() }
    };
    let (mut stems, mut small) = (Vec::new(), Vec::new());
    for (at, payer) in book.payers.iter().enumerate() {
        let stem = of(payer.name.clone(), &[at]);
        let had_enough = had_enough(&stem.lines);
        let has_event = book.events.iter().any(|e| e.payer.as_ref() == Some(&payer.id));
        if had_enough || has_event || stopped(&stem.lines) {
            stems.push(stem);
        } else {
            small.push(at);
        }
    }
    if !small.is_empty() {
        let mut stem = of(if stems.is_empty() { "all payers" } else { "smaller payers" }.to_owned(), &small);
        stem.notes.push(format!(
            "payers with fewer than 10 lines a month ({} of them) are forecast together and split by their lines of the last twelve months",
            small.len()
        ));
        stems.push(stem);
    }
    stems
}

/// Whether there were enough lines in any twelve months since the first line, or in all of them when they are fewer: a payer that has
/// just begun is judged by the months it has.
fn had_enough(lines: &[f64]) -> bool {
    let begun = lines.iter().position(|n| *n > 0.0).unwrap_or(lines.len());
    let year = (lines.len() - begun).clamp(1, 12);
    let enough = ENOUGH_LINES * (0..year).map(|_| 1.0).sum::<f64>();
    lines[begun..].windows(year).any(|lines| lines.iter().sum::<f64>() >= enough)
}

/// Whether lines came, and none for months.
fn stopped(lines: &[f64]) -> bool {
    lines.len() > STOPPED && lines[lines.len() - STOPPED..].iter().all(|n| *n <= 0.0)
}

/// The places of service of leaves, weighted by their lines of the last twelve months.
fn places(book: &Book, leaves: &[usize]) -> Places {
    let mut places: BTreeMap<_, f64> = BTreeMap::new();
    for leaf in leaves {
        *places.entry(book.leaves[*leaf].key.pos).or_default() += recent(book, *leaf);
    }
    places.into_iter().filter(|(_, lines)| *lines > 0.0).collect()
}

/// A model fitted to lines per working day, without dated events and without the season of all payers together. A payer's own
/// thirty lines a month hardly show a season, and a model that finds none forecasts none: the season of all of them, drawn in
/// as far as it scatters, is taken out first and put back after; what is left of a payer's own the model may find.
pub(super) struct StemFit {
    fitted: Fitted,
    /// The borrowed season and the step of it that the first future month is.
    season: Option<(Seasonal, usize)>,
    /// Effects of dated events.
    happened: Happened,
    /// The first month after the history.
    next: Month,
    /// Working days of the months of the fitted values, times their season where one was taken out.
    days: Vec<f64>,
    /// Filled months scatter less than those that were seen: the paths are drawn wider by this factor.
    unseen: f64,
    pub(super) notes: Vec<String>,
}

/// What is known of the volumes of a stem up to a month.
pub(super) struct Known<'a> {
    /// Lines of the months of a book from its first on.
    pub(super) lines: &'a [f64],
    /// Its places.
    pub(super) places: &'a Places,
    /// Its payer.
    pub(super) payer: Option<&'a Arc<str>>,
    /// Lines of all stems in the same months, for a season to borrow.
    pub(super) all: &'a [f64],
    /// Whether events that the project file tells of later months are known: not in a forecast of the past.
    pub(super) plans: bool,
}

impl StemFit {
    /// Fits what is known.
    pub(super) fn new(book: &Book, known: &Known<'_>) -> Option<Self> {
        let next = book.first.plus(i32::try_from(known.lines.len()).unwrap_or(i32::MAX));
        let days: Vec<f64> = days_before(book, known.places, known.lines.len());
        let daily: Vec<f64> = known.lines.iter().zip(&days).map(|(lines, days)| lines / days).collect();
        // Months before the payer's first line are not months without lines.
        let begun = daily.iter().position(|y| *y > 0.0).unwrap_or(0);
        let mut notes = Vec::new();
        let from = book.first.plus(i32::try_from(begun).unwrap_or(i32::MAX));
        let of_all: Vec<f64> =
            known.all.iter().zip(days_before(book, &Places::new(), known.all.len())).map(|(y, d)| y / d).collect();
        let pool = pooled(book.first, &of_all, &book.events);
        let happened = Happened::new(from, &daily[begun..], &book.events, known.payer, known.plans, &pool, &mut notes);
        let own = happened.values().to_vec();
        if stopped(known.lines) {
            return None;
        }
        let season = together_season(book, &of_all, known.plans, own.len(), &mut notes);
        let values: Vec<f64> = match &season {
            Some(season) => own.iter().enumerate().map(|(t, y)| season.without(begun + t, *y)).collect(),
            None => own,
        };
        let period = if season.is_some() && values.len() < SHOWS_SEASON { 1 } else { 12 };
        let fitted = Combination::usual().fit(&values, period).ok()?;
        let with_season = |(t, days): (usize, &f64)| season.as_ref().map_or(*days, |s| days * s.at(t));
        let days = days.iter().enumerate().map(with_season).skip(begun).collect();
        let unseen = unseen(book.months().take(daily.len()).skip(begun).map(|month| book.missing.contains(&month)));
        Some(Self { season: season.map(|s| (s, daily.len())), fitted, happened, next, days, unseen, notes })
    }

    pub(super) fn name(&self) -> &str {
        self.fitted.name()
    }

    /// Errors of the fit in lines, month by month; the last is that of the last month known.
    pub(super) fn errors(&self) -> Vec<f64> {
        let errors = self.fitted.residuals();
        // The first months of a model have no error yet.
        let begun = errors.iter().rposition(|e| !e.is_finite()).map_or(0, |at| at + 1);
        let errors = &errors[begun..];
        let days = &self.days[self.days.len().saturating_sub(errors.len())..];
        errors.iter().zip(days).map(|(e, d)| e * d).collect()
    }

    /// Values per working day as lines, with season and events; `z` is how the effects of events come out.
    fn as_lines(&self, values: &mut [f64], days: &[f64], z: f64) {
        let happened = self.happened.factors(self.next, days.len(), z);
        for (i, value) in values.iter_mut().enumerate() {
            let with = self.season.as_ref().map_or(*value, |(season, from)| season.with(from + i, *value));
            *value = (with * happened[i] * days[i]).max(0.0);
        }
    }

    /// Expected lines of the next months, which have these working days.
    pub(super) fn mean(&self, days: &[f64]) -> Vec<f64> {
        let mut mean = self.fitted.mean(days.len());
        self.as_lines(&mut mean, days, 0.0);
        mean
    }

    /// Paths of lines, one after the other; path `p` meets the same moments of the past in every stem.
    pub(super) fn paths(&self, days: &[f64], paths: usize, seed: u64) -> Vec<f64> {
        let h = days.len();
        let mut out = vec![0.0; h * paths];
        for (p, path) in (0u64..).zip(out.chunks_mut(h.max(1))) {
            self.fitted.simulate(&mut Draws::stream(seed, p), path);
            let z = if self.happened.is_certain() { 0.0 } else { normal(&mut Draws::stream(seed ^ 0xe7e7, p)) };
            self.as_lines(path, days, z);
        }
        if self.unseen > 1.0 {
            stretch_paths(&mut out, h, &[self.unseen]);
        }
        out
    }
}

/// By how much errors are larger than a fit to so many months shows when these are missing: what stands for a missing month lies on
/// the fit, as if its error were none, so that the mean square is that of the others times their share.
fn unseen(missing: impl Iterator<Item = bool>) -> f64 {
    let (all, seen) =
        missing.fold((0.0, 0.0), |(all, seen), missing| (all + 1.0, seen + if missing { 0.0 } else { 1.0 }));
    if seen > 0.0 { f64::sqrt(all / seen) } else { 1.0 }
}

/// The season of all payers together, to be taken out of a series with so many months of its own.
fn together_season(book: &Book, daily: &[f64], plans: bool, own: usize, notes: &mut Vec<String>) -> Option<Seasonal> {
    let happened = Happened::new(book.first, daily, &book.events, None, plans, &Vec::new(), &mut Vec::new());
    let series = Series::new(happened.values(), 12).ok()?;
    let safe = |season: &Seasonal| season.figures.iter().all(|f| *f > 0.01);
    let short = || format!("{own} months of history: the season is that of all payers together");
    if let Some(drawn) = Seasonal::drawn_in(series).filter(|drawn| safe(&drawn.seasonal)) {
        let kept = format!("{:.0} % of what the months of the years show", 100.0 * drawn.kept);
        notes.push(if own < SHOWS_SEASON {
            format!("{} ({kept})", short())
        } else {
            format!("the season of all payers together ({kept}), and what the model finds beside it")
        });
        return Some(drawn.seasonal);
    }
    // Two years show a season and not how it scatters: who has them has their own.
    let season = Seasonal::of(series, Joined::Multiplicative).filter(|s| own < SHOWS_SEASON && safe(s))?;
    notes.push(short());
    Some(season)
}

/// Working days of the first months of a book at these places.
fn days_before(book: &Book, places: &Places, months: usize) -> Vec<f64> {
    (0..).take(months).map(|n| book.workdays.days(places, book.first.plus(n))).collect()
}

/// Working days of the months after `last` at these places.
pub(super) fn days_after(book: &Book, places: &Places, last: Month, horizon: usize) -> Vec<f64> {
    (1..).take(horizon).map(|n| book.workdays.days(places, last.plus(n))).collect()
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
    /// For each stem how its lines are split over its leaves.
    pub(super) splits: Vec<Split>,
    /// What became of a wish.
    pub(super) notes: Vec<String>,
}

/// How volumes are forecast.
pub(super) struct Wanted<'a> {
    /// Months after the last of services, those of the gap among them.
    pub(super) months: usize,
    pub(super) paths: usize,
    pub(super) seed: u64,
    /// Widens or narrows the paths about their mean, by month, as the errors of earlier forecasts ask for; beyond its end its
    /// last factor holds.
    pub(super) stretch: &'a [f64],
    pub(super) coherence: Coherence,
}

/// Forecasts all stems, in parallel.
pub(super) fn forecast(book: &Book, wanted: &Wanted<'_>) -> Volumes {
    let mut stems = stems(book);
    let all = total(&stems);
    let horizon = wanted.months;
    let fit = |lines: &[f64], places: &Places, payer: Option<&Arc<str>>| {
        StemFit::new(book, &Known { lines, places, payer, all: &all, plans: true })
    };
    let fits: Vec<Option<StemFit>> = stems.par_iter().map(|s| fit(&s.lines, &s.places, s.payer.as_ref())).collect();
    let mut notes = Vec::new();
    let days: Vec<Vec<f64>> = stems.iter().map(|s| days_after(book, &s.places, book.last_service, horizon)).collect();
    let moved = match wanted.coherence {
        Coherence::BottomUp => None,
        Coherence::MinT => {
            let everywhere = places(book, &(0..book.leaves.len()).collect::<Vec<_>>());
            let top = fit(&all, &everywhere, None);
            let top_days = days_after(book, &everywhere, book.last_service, horizon);
            let parts: Vec<(Option<&StemFit>, &[f64])> =
                fits.iter().zip(&days).map(|(fit, days)| (fit.as_ref(), days.as_slice())).collect();
            together::moved(top.as_ref().map(|top| (top, top_days.as_slice())), &parts, &mut notes)
        }
    };
    let drawn = fits
        .par_iter()
        .enumerate()
        .map(|(at, fit)| {
            let Some(fit) = fit else { return vec![0.0; horizon * wanted.paths] };
            let mut drawn = fit.paths(&days[at], wanted.paths, wanted.seed);
            stretch_paths(&mut drawn, horizon, wanted.stretch);
            if let Some(moved) = &moved {
                for (step, value) in drawn.iter_mut().enumerate() {
                    *value *= moved[at][step % horizon.max(1)];
                }
            }
            drawn
        })
        .collect();
    for (stem, fit) in stems.iter_mut().zip(&fits) {
        let lone = Series::new(&stem.lines, 12).ok().and_then(|series| series.lone());
        stem.notes.extend(
            lone.and_then(|at| book.months().nth(at))
                .map(|month| format!("{month} has ten times the lines of any other month, or more: check the files")),
        );
        match fit {
            Some(fit) => {
                stem.model = fit.name().to_owned();
                stem.notes.extend(fit.notes.iter().cloned());
            }
            None if stopped(&stem.lines) => {
                stem.notes.push(format!("no line in the last {STOPPED} months: none are forecast"));
            }
            None => stem.notes.push("no model could be fitted: no lines are forecast".to_owned()),
        }
    }
    let splits = stems.iter().map(|stem| Split::new(book, stem, horizon)).collect();
    Volumes { stems, paths: drawn, horizon, splits, notes }
}

/// Moves each path away from (or towards) the middle of its month by the factor of the month; never below zero.
fn stretch_paths(paths: &mut [f64], horizon: usize, stretch: &[f64]) {
    let count = paths.chunks(horizon.max(1)).map(|_| 1.0).sum::<f64>();
    let Some(last) = stretch.last() else { return };
    for (step, factor) in stretch.iter().chain(std::iter::repeat(last)).enumerate().take(horizon) {
        let mean = paths.iter().skip(step).step_by(horizon).sum::<f64>() / count;
        for value in paths.iter_mut().skip(step).step_by(horizon) {
            *value = (mean + (*value - mean) * factor).max(0.0);
        }
    }
}

impl Volumes {
    /// The lines of every leaf in a path: `out[leaf × horizon + month]`. Shares scatter about those of the last twelve months as
    /// counts do: as much as the month's lines and the twelve months' lines are few. Lines of one claim come together, at one
    /// place: places scatter by claims, and what was done there by lines.
    pub(super) fn leaves(&self, path: usize, seed: u64, out: &mut [f64]) {
        for ((at, split), paths) in (0u64..).zip(&self.splits).zip(&self.paths) {
            let lines = &paths[path * self.horizon..(path + 1) * self.horizon];
            let stream = at.wrapping_mul(1 << 32).wrapping_add(u64::try_from(path).unwrap_or(0));
            let mut draws = Draws::stream(seed ^ 0x5eed, stream);
            for (step, lines) in lines.iter().enumerate() {
                // Places that work at weekends have more of a month with many.
                let tilted = |cell: &Cell| cell.lines * cell.tilt[step];
                let places: Vec<f64> = split.cells.iter().map(tilted).collect();
                let of_places = shares(&mut draws, &places, *lines, split.cluster);
                for (cell, share) in split.cells.iter().zip(of_places) {
                    let lines = lines * share;
                    let inside = shares(&mut draws, &cell.counts, lines, 1.0);
                    for (leaf, share) in cell.leaves.iter().zip(inside) {
                        out[leaf * self.horizon + step] = lines * share;
                    }
                }
            }
        }
    }
}

/// How the lines of a stem are split over its leaves.
pub(super) struct Split {
    cells: Vec<Cell>,
    /// Lines that come together.
    cluster: f64,
}

/// The leaves of a stem at one place of one payer.
struct Cell {
    leaves: Vec<usize>,
    /// Their lines of the last twelve months.
    counts: Vec<f64>,
    lines: f64,
    /// By month ahead, its working days over those of an average month.
    tilt: Vec<f64>,
}

impl Split {
    fn new(book: &Book, stem: &Stem, horizon: usize) -> Self {
        let mut cells: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for leaf in &stem.leaves {
            let key = &book.leaves[*leaf].key;
            cells.entry((Arc::clone(&key.payer), key.state, key.pos)).or_default().push(*leaf);
        }
        let cell = |((_, _, pos), leaves): ((_, _, _), Vec<usize>)| {
            let days = days_after(book, &vec![(pos, 1.0)], book.last_service, horizon);
            let counts: Vec<f64> = leaves.iter().map(|l| recent(book, *l)).collect();
            Cell {
                lines: counts.iter().sum(),
                counts,
                leaves,
                tilt: days.into_iter().map(|d| d / OFFICE_MONTH).collect(),
            }
        };
        let payers: std::collections::BTreeSet<usize> = stem.leaves.iter().map(|l| book.leaves[*l].payer).collect();
        let together = payers.into_iter().map(|p| book.payers[p].together);
        let (lines, squares) = together.fold((0.0, 0.0), |(a, b), (lines, squares)| (a + lines, b + squares));
        let cluster = if lines > 0.0 { (squares / lines).max(1.0) } else { 1.0 };
        Self { cells: cells.into_iter().map(cell).collect(), cluster }
    }
}

/// Shares that scatter about those of `counts` as much as `lines` more, of which so many come together, would.
fn shares(draws: &mut Draws, counts: &[f64], lines: f64, cluster: f64) -> Vec<f64> {
    let known: f64 = counts.iter().sum();
    if counts.len() == 1 || known <= 0.0 {
        let even = counts.iter().map(|_| 1.0).sum::<f64>().max(1.0);
        return counts.iter().map(|n| if known > 0.0 { n / known } else { 1.0 / even }).collect();
    }
    let scale = lines / (known + lines) / cluster;
    let weights: Vec<f64> = counts.iter().map(|n| gamma(draws, n * scale)).collect();
    let all: f64 = weights.iter().sum();
    let share = |(weight, count): (&f64, &f64)| if all > 0.0 { weight / all } else { count / known };
    weights.iter().zip(counts).map(share).collect()
}

/// Lines of a leaf in the last twelve months.
fn recent(book: &Book, leaf: usize) -> f64 {
    let months = &book.leaves[leaf].months;
    months[months.len().saturating_sub(12)..].iter().map(|c| f64::from(c.lines)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretched_paths_keep_their_mean() {
        // Month 1: 4 and 8, mean 6, twice as wide: 2 and 10. Month 2: 1 and 9, untouched.
        let mut paths = [4.0, 1.0, 8.0, 9.0];
        stretch_paths(&mut paths, 2, &[2.0, 1.0]);
        assert_eq!(paths, [2.0, 1.0, 10.0, 9.0]);
        // The last factor holds beyond its end: month 2 (mean 5) half as wide, too.
        stretch_paths(&mut paths, 2, &[0.5]);
        assert_eq!(paths, [4.0, 3.0, 8.0, 7.0]);
    }
    #[test]
    fn a_payer_is_judged_by_the_months_since_it_began() {
        // 93 lines in the last of 36 months; 9 in it; ten a month for a year, long ago; nine a month.
        let mut lines = vec![0.0; 36];
        lines[35] = 93.0;
        assert!(had_enough(&lines));
        lines[35] = 9.0;
        assert!(!had_enough(&lines));
        lines[..12].fill(10.0);
        assert!(had_enough(&lines));
        assert!(!had_enough(&[9.0; 30]) && !had_enough(&[0.0; 12]) && !had_enough(&[]));
    }

    #[test]
    fn missing_months_show_no_error() {
        // A quarter of the months missing: mean squares are three quarters, so errors √(4/3) as large.
        let factor = unseen([false, true, false, false].into_iter());
        assert!((factor - (4.0f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!((unseen([false; 5].into_iter()), unseen([true].into_iter())), (1.0, 1.0));
    }
}
