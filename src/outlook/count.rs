//! What the lines of the files come to, by leaf and month; visits, and how long claims waited.

#![expect(clippy::float_arithmetic, reason = "sizes of claims, for estimates")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::book::{Book, Cell, Family, Leaf, LeafKey, MixLine, PayerBook, Payment};
use super::cut::known_on;
use super::denial::{PayerShares, few_decided};
use super::judged::{Judged, pricer};
use crate::domain::{ClaimStatus, Date, Money, Payer, Units};
use crate::forecast::Month;
use crate::leakage::Cohort;
use crate::price::Key;
use crate::project::Project;
use crate::reference::Reference;

/// Months whose mix is priced on.
const MIX_MONTHS: i32 = 12;

/// The mix of a leaf while it is counted.
#[derive(Debug, Default)]
struct Mix {
    lines: Vec<MixLine>,
    places: FxHashMap<(Key, Units, Money), usize>,
}

impl Mix {
    fn add(&mut self, key: &Key, units: Units, charge: Money, priced: bool) {
        let next = self.lines.len();
        let at = *self.places.entry((key.clone(), units, charge)).or_insert(next);
        match self.lines.get_mut(at) {
            Some(line) => line.count += 1,
            None => self.lines.push(MixLine { key: key.clone(), units, charge, count: 1, priced }),
        }
    }
}

/// A leaf while it is counted, as [`Leaf`] has it.
#[derive(Debug)]
struct Counted {
    months: Vec<Cell>,
    cash: Vec<Money>,
    posted: (Money, Money),
    mix: Mix,
}

impl Book {
    /// Counts the lines and payments known on the day.
    pub(super) fn filled(
        mut self,
        known: &Judged,
        unanswered: &BTreeSet<Arc<str>>,
        project: &Project,
        reference: &Reference,
    ) -> Self {
        let pricer = pricer(project, reference);
        let span = |last: Month, first: Month| usize::try_from(last.since(first) + 1).unwrap_or(0);
        let (services, postings) = (span(self.last_service, self.first), span(self.last_posting, self.first));
        let mut payers: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
        let mut leaves: BTreeMap<LeafKey, Counted> = BTreeMap::new();
        let mut payments: BTreeMap<Arc<str>, Vec<Payment>> = BTreeMap::new();
        let mut by_others: BTreeMap<Arc<str>, Money> = BTreeMap::new();
        let mix_from = self.last_service.plus(1 - MIX_MONTHS);
        let mut claims: BTreeMap<(&Arc<str>, &str), f64> = BTreeMap::new();
        for (i, line) in known.lines.iter().enumerate() {
            payers.entry(Arc::clone(&line.payer)).or_default().push(i);
            let key = LeafKey {
                payer: Arc::clone(&line.payer),
                state: line.state.or_else(|| known.priced.of(i).key.area.state()),
                pos: line.pos,
                family: Family::of(line.code),
            };
            let leaf = leaves.entry(key).or_insert_with(|| Counted {
                months: vec![Cell::default(); services],
                cash: vec![Money::ZERO; postings],
                posted: (Money::ZERO, Money::ZERO),
                mix: Mix::default(),
            });
            let month = Month::of(line.service_date);
            for remit in known.linked[i].iter().map(|r| &known.remits[*r as usize]) {
                let posted = Month::of(known_on(remit));
                if remit.paid.is_zero() || remit.claim_status == ClaimStatus::Predetermination {
                    continue;
                }
                payments.entry(Arc::clone(&line.payer)).or_default().push((month, posted, remit.paid));
                if remit.payer != line.payer && (0..MIX_MONTHS).contains(&self.last_posting.since(posted)) {
                    *by_others.entry(Arc::clone(&line.payer)).or_default() += remit.paid;
                }
                if let Some(cash) = usize::try_from(posted.since(self.first)).ok().and_then(|at| leaf.cash.get_mut(at))
                {
                    *cash += remit.paid;
                } else if posted == self.start {
                    *(if month <= self.last_service { &mut leaf.posted.0 } else { &mut leaf.posted.1 }) += remit.paid;
                }
            }
            let at = usize::try_from(month.since(self.first)).unwrap_or(usize::MAX);
            let Some(cell) = leaf.months.get_mut(at) else { continue };
            *cell += cell_of(&known.judged[i]);
            if month >= mix_from {
                *claims.entry((&line.payer, &line.claim_id)).or_default() += 1.0;
                let priced = known.judged[i].cohort != Cohort::Unknown;
                let key = &known.priced.of(i).key;
                leaf.mix.add(key, line.units, line.charge, priced);
            }
        }
        let mut together: BTreeMap<&Arc<str>, (f64, f64)> = BTreeMap::new();
        for ((payer, _), lines) in claims {
            let sums = together.entry(payer).or_default();
            *sums = (sums.0 + lines, sums.1 + lines * lines);
        }
        // That no answer is there tells nothing of what a payer denies or pays.
        payers.iter_mut().filter(|(id, _)| unanswered.contains(*id)).for_each(|(_, lines)| lines.clear());
        let shares = PayerShares::learn(&payers, &known.lines, &known.judged);
        self.notes.extend(few_decided(&shares));
        let index: BTreeMap<Arc<str>, usize> = payers.keys().cloned().zip(0..).collect();
        self.payers = payers
            .keys()
            .zip(shares)
            .map(|(id, shares)| {
                let payer: Option<&Payer> = pricer.payer(id);
                PayerBook {
                    id: Arc::clone(id),
                    name: payer.map_or_else(|| id.to_string(), |p| p.name.to_string()),
                    kind: payer.map(|p| p.kind),
                    unanswered: unanswered.contains(id),
                    by_others: by_others.remove(id).unwrap_or_default(),
                    payments: payments.remove(id).unwrap_or_default(),
                    shares,
                    together: together.get(id).copied().unwrap_or_default(),
                }
            })
            .collect();
        self.leaves = leaves
            .into_iter()
            .map(|(key, Counted { months, cash, posted, mix })| {
                let payer = index.get(&key.payer).copied().unwrap_or(0);
                Leaf { key, payer, months, cash, posted, mix: mix.lines }
            })
            .collect();
        self
    }
}

/// Visits by month of service.
pub(super) fn visits(known: &Judged, first: Month, last: Month) -> Vec<u32> {
    let mut visits = vec![0; usize::try_from(last.since(first) + 1).unwrap_or(0)];
    let days: BTreeSet<(&str, Date)> = known.lines.iter().map(|l| (&*l.claim_id, l.service_date)).collect();
    for (_, day) in days {
        let at = usize::try_from(Month::of(day).since(first)).ok();
        if let Some(count) = at.and_then(|at| visits.get_mut(at)) {
            *count += 1;
        }
    }
    visits
}

/// How long a claim waited for its first answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait {
    /// Days from the service to the posting of the first answer, or to the day of the forecast.
    pub(super) days: i64,
    /// Whether the answer came.
    pub(super) answered: bool,
}

/// The waits of each payer's claims. Lines of a claim are answered together, so each claim counts once.
pub(super) fn waits(known: &Judged, as_of: Date) -> BTreeMap<Arc<str>, Vec<Wait>> {
    /// Day of the service and of the first answer.
    type Days = (Date, Option<Date>);
    let mut claims: BTreeMap<(&Arc<str>, &str), Days> = BTreeMap::new();
    for (line, answers) in known.lines.iter().zip(&known.linked) {
        let answers = answers.iter().map(|r| &known.remits[*r as usize]);
        let real = answers.filter(|r| r.claim_status != ClaimStatus::Predetermination);
        let first = real.map(known_on).min();
        let claim = claims.entry((&line.payer, &line.claim_id)).or_insert((line.service_date, None));
        claim.0 = claim.0.min(line.service_date);
        claim.1 = claim.1.into_iter().chain(first).min();
    }
    let mut waits: BTreeMap<Arc<str>, Vec<Wait>> = BTreeMap::new();
    for ((payer, _), (served, answer)) in claims {
        let days = (answer.unwrap_or(as_of) - served).num_days();
        // An answer before the service is a wrong date: it tells no wait.
        if days >= 0 {
            waits.entry(Arc::clone(payer)).or_default().push(Wait { days, answered: answer.is_some() });
        }
    }
    waits
}

fn cell_of(judged: &crate::leakage::JudgedLine) -> Cell {
    let gaps = &judged.money.gaps;
    let unknown = judged.cohort == Cohort::Unknown;
    Cell {
        lines: 1,
        unpriced: u32::from(unknown),
        expected: if unknown { Money::ZERO } else { gaps.expected },
        denied: gaps.denied,
        underpaid: gaps.underpaid,
        overpaid: gaps.overpaid,
        off_benchmark: gaps.below_benchmark - gaps.above_benchmark,
        pending: gaps.pending,
        paid: judged.money.answers.paid,
    }
}
