//! Within one group: which candidates explain which odd lines over which stretch, the one with the most lines first.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::domain::{Area, Money, State, Units};

use super::Settings;
use super::candidate::{Amounts, Candidate, far_fetched, plain};
use super::chance::is_beyond_chance;
use super::observe::{Group, Seen, View};
use super::segment::segments;

/// What an observed line says of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// Allowed is what the candidate gives, and that is not the agreed amount.
    For,
    /// The candidate would show, and does not.
    Against,
    /// The candidate gives the agreed amount, or does not apply.
    Nothing,
}

/// A stretch of a group that candidates explain equally well.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    /// Index of the group.
    pub(super) group: usize,
    /// All candidates that explain exactly these lines, the plainest first.
    pub(super) candidates: Vec<Candidate>,
    /// Indices into the group's observations, in order.
    pub(super) seen: Vec<usize>,
    /// How many candidates were tried.
    pub(super) tried: u64,
    /// Only far-fetched candidates explain it.
    pub(super) far_fetched: bool,
}

/// What a line says of a candidate.
pub(super) fn says(amounts: &mut Amounts<'_>, candidate: &Candidate, seen: &Seen) -> Says {
    match amounts.of(candidate, seen) {
        Some(amount) if amount == seen.expected => Says::Nothing,
        // A difference within the tolerance is no sign of another rate.
        Some(amount) if amount == seen.allowed && seen.odd => Says::For,
        Some(_) => Says::Against,
        None => Says::Nothing,
    }
}

/// The score of a line: a stretch has a positive sum when the share of lines for the candidate lies above the least one.
pub(super) fn score(says: Says, settings: &Settings) -> i64 {
    let share = i64::from(settings.min_share.clamp(1, 99));
    match says {
        Says::For => 100 - share,
        Says::Against => -share,
        Says::Nothing => 0,
    }
}

/// Lines that no candidate can tell apart: the same price, units, charge and allowed amount.
type Case = (u32, Units, Money, Money);

/// A candidate with what each line of the group says of it.
struct Tried {
    candidate: Candidate,
    says: Vec<Says>,
}

/// The hits of a group, most lines first.
pub(super) fn hits(
    view: &View<'_>,
    amounts: &mut Amounts<'_>,
    index: usize,
    groups: &[Group],
    of_payer: &[&Group],
    settings: &Settings,
) -> Vec<Hit> {
    let group = &groups[index];
    let enough = settings.min_lines.max(1) as usize;
    let suspect = suspects(view, group, settings);
    if suspect.is_empty() {
        return Vec::new();
    }
    let odd: Vec<Seen> = suspect.iter().map(|i| group.seen[*i]).collect();
    let mut taken = vec![false; group.seen.len()];
    let mut out = Vec::new();
    let mut tried = 0;
    for tier in 0..2 {
        let left: Vec<Seen> = suspect.iter().filter(|i| !taken[**i]).map(|i| group.seen[*i]).collect();
        let candidates = if tier == 0 {
            plain(view, &odd)
        } else if (odd.len() - left.len()) * 100 < odd.len() * settings.explained as usize && left.len() >= enough {
            far_fetched(view, &left, of_payer)
        } else {
            break;
        };
        tried += candidates.len() as u64;
        let weighed = weigh(view, amounts, group, candidates, enough);
        while let Some((candidates, seen)) = best(&group.seen, &weighed, &taken, settings) {
            seen.iter().for_each(|i| taken[*i] = true);
            out.push(Hit { group: index, candidates, seen, tried, far_fetched: tier > 0 });
        }
    }
    out
}

/// The odd lines of stretches in which odd lines are too many for chance mistakes: over the whole group, in a state, or in a
/// place, because a wrong rate may concern one of them alone.
fn suspects(view: &View<'_>, group: &Group, settings: &Settings) -> Vec<usize> {
    let enough = settings.min_lines.max(1) as usize;
    if group.seen.iter().filter(|seen| seen.odd).count() < enough {
        return Vec::new();
    }
    let mut parts: BTreeMap<(Option<State>, Option<Area>), Vec<usize>> = BTreeMap::new();
    for (i, seen) in group.seen.iter().enumerate() {
        let area = view.key(seen).area;
        for part in [(None, None), (area.state(), None), (area.state(), Some(area))] {
            // Of a place that tells no state, all three are not different.
            let part = parts.entry(part).or_default();
            if part.last() != Some(&i) {
                part.push(i);
            }
        }
    }
    let odd = |i: &usize| if group.seen[*i].odd { Says::For } else { Says::Against };
    let mut out = BTreeSet::new();
    for part in parts.values() {
        for stretch in segments(part.iter().map(|i| score(odd(i), settings))) {
            let odd: Vec<usize> = part[stretch].iter().copied().filter(|i| group.seen[*i].odd).collect();
            if odd.len() >= enough {
                out.extend(odd);
            }
        }
    }
    out.into_iter().collect()
}

/// What the lines say of each candidate; candidates with too few lines are dropped at once.
fn weigh(
    view: &View<'_>,
    amounts: &mut Amounts<'_>,
    group: &Group,
    candidates: Vec<Candidate>,
    enough: usize,
) -> Vec<Tried> {
    let mut cases: FxHashMap<Case, usize> = FxHashMap::default();
    let mut firsts: Vec<(Seen, usize)> = Vec::new();
    let mut case_of = Vec::with_capacity(group.seen.len());
    for seen in &group.seen {
        let line = view.line(seen);
        let case = *cases.entry((seen.price, line.units, line.charge, seen.allowed)).or_insert_with(|| {
            firsts.push((*seen, 0));
            firsts.len() - 1
        });
        firsts[case].1 += 1;
        case_of.push(case);
    }
    let mut weighed = Vec::new();
    for candidate in candidates {
        // Odd lines first: most candidates fit none of them.
        let mut of_case = vec![None; firsts.len()];
        let mut lines = 0;
        for (case, (seen, count)) in firsts.iter().enumerate().filter(|(_, (seen, _))| seen.odd) {
            let says = says(amounts, &candidate, seen);
            lines += if says == Says::For { *count } else { 0 };
            of_case[case] = Some(says);
        }
        if lines < enough {
            continue;
        }
        for (case, (seen, _)) in firsts.iter().enumerate().filter(|(_, (seen, _))| !seen.odd) {
            of_case[case] = Some(says(amounts, &candidate, seen));
        }
        let says = case_of.iter().map(|case| of_case[*case].unwrap_or(Says::Nothing)).collect();
        weighed.push(Tried { candidate, says });
    }
    weighed
}

/// The candidates with the most lines over one stretch, and these lines. Lines that are explained already count against.
fn best(seen: &[Seen], weighed: &[Tried], taken: &[bool], settings: &Settings) -> Option<(Vec<Candidate>, Vec<usize>)> {
    let enough = settings.min_lines.max(1) as usize;
    let mut found: Vec<(Vec<usize>, &Candidate)> = Vec::new();
    for tried in weighed {
        let left = |at: usize| match tried.says[at] {
            Says::For if taken[at] => Says::Against,
            other => other,
        };
        for segment in segments((0..tried.says.len()).map(|at| score(left(at), settings))) {
            let lines: Vec<usize> = segment.clone().filter(|at| left(*at) == Says::For).collect();
            if lines.len() < enough {
                continue;
            }
            // Held against lines of the same prices: those of other years or places could not show the same amount.
            let prices: BTreeSet<u32> = lines.iter().map(|at| seen[*at].price).collect();
            let count = |range: Range<usize>| {
                let told = range.filter(|at| prices.contains(&seen[*at].price)).map(left);
                told.fold((0, 0), |(with, all), says| {
                    (with + usize::from(says == Says::For), all + usize::from(says != Says::Nothing))
                })
            };
            let (within, whole) = (count(segment), count(0..tried.says.len()));
            if is_beyond_chance(within, whole) {
                found.push((lines, &tried.candidate));
            }
        }
    }
    // Of equally many lines the plainest candidate, then the stretch that begins earlier.
    found.sort_by(|a, b| {
        b.0.len().cmp(&a.0.len()).then_with(|| a.1.rank().cmp(&b.1.rank())).then_with(|| a.0.cmp(&b.0))
    });
    let lines = found.first()?.0.clone();
    let candidates = found.into_iter().filter(|(same, _)| *same == lines).map(|(_, candidate)| candidate.clone());
    Some((candidates.collect(), lines))
}
