//! Over all groups of a payer: the same rate on several codes is one pattern, which takes in codes with too few lines to stand
//! alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{Code, Date, Money, Rate};
use crate::price::{UnitPrice, Variant};

use super::Settings;
use super::candidate::{Amounts, Candidate};
use super::observe::{Group, Seen, View};
use super::segment::segments;
use super::select::{Hit, Says, hits, says, score};

/// Days by which stretches of the same rate may lie apart and still be one.
const APART: i64 = 31;

/// How many other explanations of the same lines are named.
const NAMED: usize = 8;

/// A line of a pattern with its sum.
#[derive(Debug, Clone)]
pub struct Example {
    /// The claim.
    pub claim: Arc<str>,
    /// Its line.
    pub line_number: u32,
    /// Day of service.
    pub day: Date,
    /// The code.
    pub code: Code,
    /// Units billed.
    pub units: String,
    /// The agreed amount.
    pub expected: Money,
    /// What was allowed.
    pub allowed: Money,
    /// Dollars per unit (or factor of the charge) as agreed.
    pub agreed_rate: Option<Rate>,
    /// The same as applied.
    pub applied_rate: Option<Rate>,
    /// The rule that gives the agreed amount.
    pub rule: String,
}

/// A rate that a payer applies in place of the agreed one.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// The payer's id.
    pub payer: Arc<str>,
    /// The codes.
    pub codes: Vec<Code>,
    /// The settings: facility (`true`) or office.
    pub facility: Vec<Option<bool>>,
    /// What is applied.
    pub applied: Candidate,
    /// Other rates that explain exactly the same lines, the plainest first.
    pub ties: Vec<Candidate>,
    /// Lines that match to the cent.
    pub lines: u64,
    /// Lines of these codes and settings between the first and the last day on which the rate would show.
    pub would_show: u64,
    /// Of these, lines that are paid as agreed.
    pub as_agreed: u64,
    /// What the lines are short.
    pub short: Money,
    /// What lines are paid beyond the agreed amount; never netted.
    pub over: Money,
    /// Day of service of the first line.
    pub first: Date,
    /// Day of service of the last line.
    pub last: Date,
    /// Different pairs of agreed and applied rate: repeated amounts are no further evidence.
    pub distinct: u64,
    /// Candidates that were tried.
    pub tried: u64,
    /// An estimate, in percent with one decimal: 100 less the number of candidates that would fit all pairs by chance, if
    /// amounts fell anywhere within half of the agreed one.
    pub confidence: Decimal,
    /// Indices of other patterns on the same codes in the same days: the payer mixes rates.
    pub mixed_with: Vec<usize>,
    /// The most frequent case.
    pub example: Option<Example>,
    /// Indices of its lines, in order.
    pub members: Vec<u32>,
}

impl Pattern {
    /// Whether both the wrong and the agreed rate are applied to a good part of the lines, or several wrong ones.
    #[must_use]
    pub fn is_mixture(&self, settings: &Settings) -> bool {
        let share = u64::from(settings.min_share);
        !self.mixed_with.is_empty() || self.as_agreed * 100 > self.would_show * share
    }

    /// `strong` from 99 %, `fair` from 90 %, otherwise `weak`; with other explanations never more than `fair`.
    #[must_use]
    pub fn strength(&self) -> &'static str {
        let from = |percent: i64| self.confidence >= Decimal::from(percent);
        match (from(99), from(90), self.ties.is_empty()) {
            (true, _, true) => "strong",
            (_, true, _) => "fair",
            _ => "weak",
        }
    }
}

/// A pattern under work: its candidate and its lines by group.
struct Draft {
    candidates: Vec<Candidate>,
    seen: BTreeMap<usize, Vec<usize>>,
    first: Date,
    last: Date,
    tried: u64,
    far_fetched: bool,
}

/// All patterns, by money at stake.
pub(super) fn patterns(view: &View<'_>, groups: &[Group], settings: &Settings) -> Vec<Pattern> {
    let mut out = Vec::new();
    let payers: BTreeSet<&Arc<str>> = groups.iter().map(|group| &group.payer).collect();
    for payer in payers {
        let own: Vec<usize> = (0..groups.len()).filter(|i| groups[*i].payer == *payer).collect();
        let of_payer: Vec<&Group> = own.iter().map(|i| &groups[*i]).collect();
        let mut amounts = Amounts::new(view);
        let found: Vec<Hit> =
            own.iter().flat_map(|i| hits(view, &mut amounts, *i, groups, &of_payer, settings)).collect();
        let mut drafts = joined(groups, found);
        take_in(&mut amounts, groups, &own, &mut drafts, settings);
        // What is far-fetched and could be chance is no explanation.
        drafts.retain(|draft| {
            !draft.far_fetched || finished(view, &mut amounts, groups, draft).confidence >= Decimal::from(90)
        });
        out.extend(drafts.iter().map(|draft| finished(view, &mut amounts, groups, draft)));
        let mixed: Vec<Vec<usize>> = (0..drafts.len()).map(|i| mixed(&drafts, i)).collect();
        let base = out.len() - drafts.len();
        for (i, others) in mixed.into_iter().enumerate() {
            out[base + i].mixed_with = others.into_iter().map(|other| base + other).collect();
        }
    }
    sorted(out)
}

/// By money at stake, most first; the references between patterns move along.
fn sorted(patterns: Vec<Pattern>) -> Vec<Pattern> {
    let mut order: Vec<usize> = (0..patterns.len()).collect();
    order.sort_by_key(|i| (std::cmp::Reverse(patterns[*i].short + patterns[*i].over), patterns[*i].first, *i));
    let place = |old: usize| order.iter().position(|i| *i == old);
    let mut out: Vec<Pattern> = order.iter().map(|i| patterns[*i].clone()).collect();
    for pattern in &mut out {
        pattern.mixed_with = pattern.mixed_with.iter().filter_map(|old| place(*old)).collect();
        pattern.mixed_with.sort_unstable();
    }
    out
}

/// Joins hits of the same candidate in overlapping days; of each hit's candidates the one with most lines over the payer.
fn joined(groups: &[Group], mut hits: Vec<Hit>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    while !hits.is_empty() {
        let mut lines: BTreeMap<&Candidate, usize> = BTreeMap::new();
        for hit in &hits {
            for candidate in &hit.candidates {
                *lines.entry(candidate).or_default() += hit.seen.len();
            }
        }
        // Most lines, then the plainest, then in order.
        let best = lines
            .into_iter()
            .min_by_key(|(candidate, lines)| (std::cmp::Reverse(*lines), candidate.rank(), (*candidate).clone()));
        let Some(best) = best.map(|(candidate, _)| candidate.clone()) else { break };
        let (mut with, without): (Vec<Hit>, Vec<Hit>) =
            hits.into_iter().partition(|hit| hit.candidates.contains(&best));
        hits = without;
        let day = |hit: &Hit, at: Option<&usize>| at.map_or(Date::MIN, |i| groups[hit.group].seen[*i].day);
        with.sort_by_key(|hit| (day(hit, hit.seen.first()), hit.group));
        let mut own: Vec<Draft> = Vec::new();
        for hit in with {
            let (first, last) = (day(&hit, hit.seen.first()), day(&hit, hit.seen.last()));
            match own.last_mut().filter(|draft| (first - draft.last).num_days() <= APART) {
                Some(draft) => {
                    draft.candidates.retain(|candidate| hit.candidates.contains(candidate));
                    draft.seen.entry(hit.group).or_default().extend(hit.seen);
                    draft.last = draft.last.max(last);
                    draft.tried = draft.tried.max(hit.tried);
                    draft.far_fetched &= hit.far_fetched;
                }
                None => {
                    let seen = BTreeMap::from([(hit.group, hit.seen)]);
                    let Hit { candidates, tried, far_fetched, .. } = hit;
                    own.push(Draft { candidates, seen, first, last, tried, far_fetched });
                }
            }
        }
        for draft in &mut own {
            draft.candidates.retain(|candidate| *candidate != best);
            draft.candidates.insert(0, best.clone());
        }
        drafts.extend(own);
    }
    drafts
}

/// Takes lines of other groups of the payer into each pattern: too few to stand alone, but of the same rate in the same days.
fn take_in(amounts: &mut Amounts<'_>, groups: &[Group], own: &[usize], drafts: &mut [Draft], settings: &Settings) {
    let mut taken: BTreeSet<(usize, usize)> =
        drafts.iter().flat_map(|d| d.seen.iter().flat_map(|(g, seen)| seen.iter().map(|i| (*g, *i)))).collect();
    for draft in drafts {
        let Some(candidate) = draft.candidates.first().cloned() else { continue };
        let (mut first, mut last) = (draft.first, draft.last);
        for index in own.iter().filter(|index| !draft.seen.contains_key(index)).copied().collect::<Vec<_>>() {
            let near = |day: Date| (draft.first - day).num_days() <= APART && (day - draft.last).num_days() <= APART;
            let places: Vec<usize> =
                (0..groups[index].seen.len()).filter(|i| near(groups[index].seen[*i].day)).collect();
            let told: Vec<Says> = places
                .iter()
                .map(|i| match says(amounts, &candidate, &groups[index].seen[*i]) {
                    Says::For if taken.contains(&(index, *i)) => Says::Against,
                    other => other,
                })
                .collect();
            let inside = |at: &usize| (draft.first..=draft.last).contains(&groups[index].seen[places[*at]].day);
            // Beyond the days of the pattern only as far as a stretch reaches that began within them.
            let matched: Vec<usize> = segments(told.iter().map(|says| score(*says, settings)))
                .into_iter()
                .filter(|stretch| stretch.clone().any(|at| inside(&at)))
                .flatten()
                .filter(|at| told[*at] == Says::For)
                .map(|at| places[at])
                .collect();
            let count = |wanted: Says| (0..places.len()).filter(inside).filter(|at| told[*at] == wanted).count();
            let (with, against) = (count(Says::For), count(Says::Against));
            if with == 0 || with * 100 < (with + against) * settings.min_share as usize {
                continue;
            }
            taken.extend(matched.iter().map(|i| (index, *i)));
            first = matched.iter().map(|i| groups[index].seen[*i].day).fold(first, Date::min);
            last = matched.iter().map(|i| groups[index].seen[*i].day).fold(last, Date::max);
            // Another explanation must hold for these lines, too.
            draft.candidates.retain(|other| {
                *other == candidate
                    || matched.iter().all(|i| says(amounts, other, &groups[index].seen[*i]) == Says::For)
            });
            draft.seen.insert(index, matched);
        }
        (draft.first, draft.last) = (first, last);
    }
}

/// Other drafts with a group in common in overlapping days.
fn mixed(drafts: &[Draft], of: usize) -> Vec<usize> {
    let own = &drafts[of];
    (0..drafts.len())
        .filter(|i| *i != of)
        .filter(|i| drafts[*i].first <= own.last && own.first <= drafts[*i].last)
        .filter(|i| drafts[*i].seen.keys().any(|group| own.seen.contains_key(group)))
        .collect()
}

fn finished(view: &View<'_>, amounts: &mut Amounts<'_>, groups: &[Group], draft: &Draft) -> Pattern {
    let applied = draft.candidates.first().cloned().unwrap_or(Candidate::Charge);
    let members: Vec<Seen> =
        draft.seen.iter().flat_map(|(group, seen)| seen.iter().map(|i| groups[*group].seen[*i])).collect();
    let (mut would_show, mut as_agreed) = (0, 0);
    for index in draft.seen.keys() {
        for seen in groups[*index].seen.iter().filter(|seen| (draft.first..=draft.last).contains(&seen.day)) {
            let said = says(amounts, &applied, seen);
            would_show += u64::from(said != Says::Nothing);
            as_agreed += u64::from(said == Says::Against && !seen.odd);
        }
    }
    let ties = draft.candidates.iter().skip(1).filter(|tie| !renamed(amounts, &applied, tie, &members));
    let ties = ties.take(NAMED).cloned().collect();
    let pairs = pairs(amounts, &applied, &members);
    let mut lines: Vec<u32> = members.iter().map(|seen| seen.line).collect();
    lines.sort_unstable();
    let of_groups = |f: fn(&Group) -> Option<bool>| -> Vec<Option<bool>> {
        draft.seen.keys().map(|i| f(&groups[*i])).collect::<BTreeSet<_>>().into_iter().collect()
    };
    Pattern {
        payer: draft.seen.keys().next().map_or_else(|| "".into(), |i| groups[*i].payer.clone()),
        codes: draft.seen.keys().map(|i| groups[*i].code).collect::<BTreeSet<_>>().into_iter().collect(),
        facility: of_groups(|group| group.facility),
        ties,
        lines: members.len() as u64,
        would_show,
        as_agreed,
        short: members.iter().map(|seen| (seen.expected - seen.allowed).or_zero()).sum(),
        over: members.iter().map(|seen| (seen.allowed - seen.expected).or_zero()).sum(),
        first: draft.first,
        last: draft.last,
        distinct: pairs.len() as u64,
        tried: draft.tried,
        confidence: confidence(draft.tried, &pairs),
        mixed_with: Vec::new(),
        example: example(view, amounts, &applied, &members),
        members: lines,
        applied,
    }
}

/// Whether a tie is the applied rate by another name: 98 % of an agreed 100 % of Medicare is 98 % of Medicare.
fn renamed(amounts: &mut Amounts<'_>, applied: &Candidate, tie: &Candidate, members: &[Seen]) -> bool {
    let by_percent = matches!(tie, Candidate::Rate(Variant::Percent(_))) && matches!(applied, Candidate::Share(_));
    by_percent
        && members.iter().all(|seen| {
            let rate = |unit: Option<UnitPrice>| unit.as_ref().and_then(rate);
            rate(amounts.unit(applied, seen)) == rate(amounts.unit(tie, seen))
        })
}

/// For each pair of agreed and applied rate the least agreed amount of its lines, in cents. Of lines that a rate does not
/// describe (the charge is paid), for each amount.
fn pairs(amounts: &mut Amounts<'_>, applied: &Candidate, members: &[Seen]) -> Vec<i64> {
    let mut pairs: BTreeMap<(Option<Rate>, Option<Rate>, Money), i64> = BTreeMap::new();
    for seen in members {
        let (agreed, other) = (rate(&amounts.agreed(seen)), amounts.unit(applied, seen).as_ref().and_then(rate));
        let amount = if agreed.is_some() && other.is_some() { Money::ZERO } else { seen.allowed };
        let least = pairs.entry((agreed, other, amount)).or_insert(i64::MAX);
        *least = (*least).min(seen.expected.cents());
    }
    pairs.into_values().collect()
}

/// The rate of a unit price as a plain number.
fn rate(unit: &UnitPrice) -> Option<Rate> {
    match unit {
        UnitPrice::PerUnit { rate, .. } | UnitPrice::PerLine { rate, .. } => Some(rate.normalize()),
        UnitPrice::OfCharge { factor, .. } => Some(factor.normalize()),
        UnitPrice::Limited(limits) => Some(limits.rate.normalize()),
        UnitPrice::NotPayable(_) | UnitPrice::Unknown(_) => None,
    }
}

/// 100 less the candidates that would fit all pairs by chance, in percent, never below 0.
fn confidence(tried: u64, pairs: &[i64]) -> Decimal {
    let mut by_chance = Decimal::from(tried) * Decimal::ONE_HUNDRED;
    for expected in pairs {
        // Cents within half of the agreed amount.
        by_chance /= Decimal::from((expected / 2).max(1));
        if by_chance < Decimal::new(1, 6) {
            break;
        }
    }
    let left = (Decimal::ONE_HUNDRED - by_chance).max(Decimal::ZERO);
    // Never certain.
    left.round_dp_with_strategy(1, RoundingStrategy::ToZero).min(Decimal::new(999, 1))
}

/// The first line of the most frequent case.
fn example(view: &View<'_>, amounts: &mut Amounts<'_>, applied: &Candidate, members: &[Seen]) -> Option<Example> {
    let mut cases: BTreeMap<(u32, Money, Money), (usize, Seen)> = BTreeMap::new();
    for seen in members {
        let case = cases.entry((seen.price, seen.expected, seen.allowed)).or_insert((0, *seen));
        case.0 += 1;
    }
    let most = cases.values().max_by_key(|(count, seen)| (*count, std::cmp::Reverse((seen.day, seen.line))));
    let seen = most.map(|(_, seen)| *seen)?;
    let line = view.line(&seen);
    Some(Example {
        claim: line.claim_id.clone(),
        line_number: line.line_number,
        day: line.service_date,
        code: line.code,
        units: line.units.to_string(),
        expected: seen.expected,
        allowed: seen.allowed,
        agreed_rate: rate(&amounts.agreed(&seen)),
        applied_rate: amounts.unit(applied, &seen).as_ref().and_then(rate),
        rule: view.priced.prices[seen.price as usize].priced.rule.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_amount_is_weak_and_two_are_strong() {
        // 400 candidates, one amount of $13.20: 660 cents lie within its half; 400 / 660 = 60.6 % would fit by chance.
        assert_eq!(confidence(400, &[1320]).to_string(), "39.3");
        // A second amount of $85.17, 4,258 cents: 60.606 % / 4258 = 0.01 %.
        assert_eq!(confidence(400, &[1320, 8517]).to_string(), "99.9");
        // Forty-four cents: 22 amounts for 400 candidates, so that any would fit.
        assert_eq!(confidence(400, &[44]).to_string(), "0");
    }
}
