//! Known future rates: what a line of each leaf is expected to be allowed in each month to come.
//!
//! The mix of the last twelve months (codes, modifiers, places, units, charges) is kept and priced at the schedules and terms of
//! each future day, weighted by the working days on which they hold. Beyond the last known schedule or terms the last rate is
//! carried forward, and that is said. Dated changes of the project file (`[[rate_change]]`) come on top.

#![expect(clippy::float_arithmetic, reason = "means over a mix are estimates")]

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::prelude::ToPrimitive;
use rustc_hash::FxHashMap;

use super::book::{Book, MixLine, start_of};
use super::chance::float;
use super::judged::pricer;
use crate::domain::{Basis, Date, Terms, Unknown, YearRule};
use crate::forecast::Month;
use crate::price::{Key, Pricer, UnitPrice, extend};
use crate::project::{ChangeOf, Project, RateChange};
use crate::reference::Reference;

/// A day from which a payer pays another rate for the same mix.
#[derive(Debug, Clone, PartialEq)]
pub struct RateStep {
    /// The first day at the new rate; of a change that began in the history the first day to come, which is the first that has it.
    pub from: Date,
    /// Its month: the first month at the new rate, whole or in part.
    pub month: Month,
    /// The payer's id.
    pub payer: Arc<str>,
    /// The new rate over the old one, on the payer's mix.
    pub ratio: f64,
    /// The labels of the dated changes of the project file that are part of it.
    pub labels: Vec<String>,
    /// Where dated changes of the project file began in the history, whose expected amounts do not have them: the day of the first.
    pub since: Option<Date>,
}

/// Expected cents per line, by leaf and month.
#[derive(Debug, Clone)]
pub struct Rates {
    /// For each leaf and each month after the last of services, expected cents per line of the leaf (lines without a price count
    /// as lines).
    pub per_line: Vec<Vec<f64>>,
    /// For each leaf the share of lines without a price.
    pub unpriced: Vec<f64>,
    /// For each leaf how much the expected amounts of its lines differ: their variance over their squared mean.
    pub(super) spread: Vec<f64>,
    /// Where the rate of a payer steps by half a percent or more.
    pub steps: Vec<RateStep>,
    /// What was carried forward, and what else must be known.
    pub notes: Vec<String>,
    /// Dated changes of the project file that began in the history and hold in all months to come, each as a sentence.
    pub begun: Vec<String>,
}

/// A smaller step is no step to mark.
const SMALLEST_STEP: f64 = 0.005;

/// Prices of keys by day, each once.
struct Prices<'a> {
    pricer: Pricer<'a>,
    reference: &'a Reference,
    known: FxHashMap<(Key, u32), (UnitPrice, Option<Date>)>,
    /// By payer: from which day rates are carried forward.
    carried: BTreeMap<Arc<str>, Date>,
}

impl Prices<'_> {
    /// The price of a key in an epoch; where the reference ends, the last one it knows.
    fn of(&mut self, key: &Key, epoch: u32) -> UnitPrice {
        let at = (key.clone(), epoch);
        if let Some((unit, carried)) = self.known.get(&at) {
            note(&mut self.carried, key, *carried);
            return *unit;
        }
        let own = self.reference.epoch(key.day);
        let mut tried = epoch;
        let unit = loop {
            let day = self.reference.epoch_start(tried);
            let unit = self.pricer.price(&Key { day, ..key.clone() }).unit;
            let ended = matches!(
                unit,
                UnitPrice::Unknown(
                    Unknown::NoScheduleThatDay | Unknown::NoTerms | Unknown::NoRate | Unknown::NoLocalityThatYear
                )
            );
            if !ended || tried <= own {
                break unit;
            }
            tried -= 1;
        };
        // The day after the last epoch that had a price.
        let carried = (tried < epoch).then(|| self.reference.epoch_start(tried + 1));
        note(&mut self.carried, key, carried);
        self.known.insert(at, (unit, carried));
        unit
    }
}

fn note(all: &mut BTreeMap<Arc<str>, Date>, key: &Key, carried: Option<Date>) {
    if let Some(day) = carried {
        let first = all.entry(Arc::clone(&key.payer)).or_insert(day);
        *first = (*first).min(day);
    }
}

/// Whether a price moves with Medicare's conversion factor.
fn follows_factor(pricer: &Pricer<'_>, key: &Key, unit: &UnitPrice, day: Date) -> bool {
    let (UnitPrice::PerUnit { basis, .. } | UnitPrice::PerLine { basis, .. }) = unit else { return false };
    match basis {
        Basis::MedicarePfs | Basis::MedicareStateMean => true,
        Basis::PercentOfMedicare if !key.code.is_drug() => {
            let terms = pricer.payer(&key.payer).map(|p| p.terms.as_slice()).unwrap_or_default();
            let in_force = terms.iter().find(|(period, _)| period.contains(day)).or_else(|| terms.last());
            !matches!(in_force, Some((_, Terms::PercentOfMedicare { year: YearRule::Fixed(_), .. })))
        }
        _ => false,
    }
}

/// The factor of the dated changes on a day.
fn changed(changes: &[RateChange], pricer: &Pricer<'_>, key: &Key, unit: &UnitPrice, day: Date) -> f64 {
    let applies = |change: &&RateChange| {
        change.date <= day
            && match &change.of {
                ChangeOf::ConversionFactor => follows_factor(pricer, key, unit, day),
                ChangeOf::Payer(id) => *id == key.payer,
            }
    };
    let factor = |change: &RateChange| 1.0 + change.percent.to_f64().unwrap_or(0.0) / 100.0;
    changes.iter().filter(applies).map(factor).product()
}

/// A part of a month within which nothing changes: a day of it, its epoch, its share of the month's working days.
fn parts(reference: &Reference, changes: &[RateChange], month: Month, book: &Book) -> Vec<(Date, u32, f64)> {
    let mut parts: Vec<((u32, usize), Date, f64)> = Vec::new();
    for day in month.days() {
        let begun = changes.iter().filter(|c| c.date <= day).count();
        let key = (reference.epoch(day), begun);
        let weight = book.workdays.worth_of_all(day);
        match parts.iter_mut().find(|p| p.0 == key) {
            Some(part) => part.2 += weight,
            None => parts.push((key, day, weight)),
        }
    }
    let all: f64 = parts.iter().map(|p| p.2).sum();
    let share = |weight: f64| if all > 0.0 { weight / all } else { 0.0 };
    parts.into_iter().map(|((epoch, _), day, weight)| (day, epoch, share(weight))).filter(|p| p.2 > 0.0).collect()
}

impl Rates {
    /// The notes, with those of the changes that began in the history.
    #[must_use]
    pub fn all_notes(&self) -> Vec<String> {
        self.notes.iter().chain(&self.begun).cloned().collect()
    }

    /// Prices the mix of each leaf in `horizon` months, and in those between the last month of services and them.
    #[must_use]
    pub fn known(book: &Book, project: &Project, reference: &Reference, horizon: usize) -> Self {
        let mut prices = Prices {
            pricer: pricer(project, reference),
            reference,
            known: FxHashMap::default(),
            carried: BTreeMap::new(),
        };
        let months: Vec<Month> = book.ahead(horizon).collect();
        let parts: Vec<Vec<(Date, u32, f64)>> =
            months.iter().map(|m| parts(reference, &project.rate_changes, *m, book)).collect();
        let mut per_line = Vec::with_capacity(book.leaves.len());
        let mut unpriced = Vec::with_capacity(book.leaves.len());
        let mut spread = Vec::with_capacity(book.leaves.len());
        let mut last_known: Vec<[f64; 2]> = Vec::with_capacity(book.leaves.len());
        let mut by_day: Vec<Vec<f64>> = Vec::with_capacity(book.leaves.len());
        for leaf in &book.leaves {
            let all: f64 = leaf.mix.iter().map(|m| f64::from(m.count)).sum();
            let none: f64 = leaf.mix.iter().filter(|m| !m.priced).map(|m| f64::from(m.count)).sum();
            unpriced.push(if all > 0.0 { none / all } else { 0.0 });
            let mut on = |day: Date, epoch: u32, changes: &[RateChange]| -> f64 {
                let priced = leaf.mix.iter().filter(|m| m.priced);
                let sum: f64 = priced.map(|line| amount(&mut prices, changes, line, day, epoch)).sum();
                if all > 0.0 { sum / all } else { 0.0 }
            };
            let months = parts.iter().map(|parts| {
                parts.iter().map(|(day, epoch, _)| on(*day, *epoch, &project.rate_changes)).collect::<Vec<f64>>()
            });
            let months: Vec<Vec<f64>> = months.collect();
            let mean = |(parts, rates): (&Vec<(Date, u32, f64)>, &Vec<f64>)| -> f64 {
                parts.iter().zip(rates).map(|((_, _, share), rate)| share * rate).sum()
            };
            per_line.push(parts.iter().zip(&months).map(mean).collect::<Vec<f64>>());
            by_day.push(months.into_iter().flatten().collect());
            // What was expected of the history has no dated change of the project file in it, also none that had begun.
            let before = self::parts(reference, &[], book.last_service, book);
            let begun = begun(&project.rate_changes, book).cloned().collect::<Vec<_>>();
            let mut last = |changes: &[RateChange]| {
                let day = book.last_service.days().last();
                before.last().zip(day).map_or(0.0, |((_, epoch, _), day)| on(day, *epoch, changes))
            };
            last_known.push([last(&[]), last(&begun)]);
            spread.push(self::spread(leaf, &mut prices, reference));
        }
        let days: Vec<Date> = parts.iter().flatten().map(|part| part.0).collect();
        let steps = steps(book, &prices.pricer, &project.rate_changes, &days, &last_known, &by_day);
        let mut notes: Vec<String> = prices
            .carried
            .iter()
            .filter(|(_, day)| months.last().and_then(|m| start_of(m.plus(1))).is_some_and(|end| **day < end))
            .map(|(payer, day)| {
                format!(
                    "{payer}: no rate is known for some codes from {day} on; the last known one is carried forward."
                )
            })
            .collect();
        notes.push(format!(
            "Rates of {} to {} are those of the schedules and terms at hand, whenever they were published.",
            book.start,
            months.last().map_or_else(String::new, ToString::to_string)
        ));
        let begun = begun(&project.rate_changes, book).map(|change| begun_words(change, book)).collect();
        Self { per_line, unpriced, spread, steps, notes, begun }
    }
}

/// Expected cents of one line of the mix on a day.
fn amount(prices: &mut Prices<'_>, changes: &[RateChange], line: &MixLine, day: Date, epoch: u32) -> f64 {
    let unit = prices.of(&line.key, epoch);
    let amount = extend(&unit, line.units, line.charge).amount().map_or(0.0, float);
    amount * f64::from(line.count) * changed(changes, &prices.pricer, &line.key, &unit, day)
}

/// How much the amounts of the lines of a leaf differ, on the days of their services.
fn spread(leaf: &super::book::Leaf, prices: &mut Prices<'_>, reference: &Reference) -> f64 {
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for line in &leaf.mix {
        let lines = f64::from(line.count);
        let unit = prices.of(&line.key, reference.epoch(line.key.day));
        let amount = if line.priced { extend(&unit, line.units, line.charge).amount().map_or(0.0, float) } else { 0.0 };
        count += lines;
        sum += lines * amount;
        squares += lines * amount * amount;
    }
    if sum > 0.0 { (count * squares / (sum * sum) - 1.0).max(0.0) } else { 0.0 }
}

/// Days (of those on which anything may change) from which a payer's rate on its own mix differs from that of the days before. A
/// change within a month is one step, on its day. `last_known` are the last rates of the history by leaf, without the dated changes
/// that had begun, and with them: the step between these two is one of its own, before any other.
fn steps(
    book: &Book,
    pricer: &Pricer<'_>,
    changes: &[RateChange],
    days: &[Date],
    last_known: &[[f64; 2]],
    by_day: &[Vec<f64>],
) -> Vec<RateStep> {
    let mut steps = Vec::new();
    for (at, payer) in book.payers.iter().enumerate() {
        let weight = |leaf: usize| book.leaves[leaf].mix.iter().map(|m| f64::from(m.count)).sum::<f64>();
        let own: Vec<usize> = (0..book.leaves.len()).filter(|l| book.leaves[*l].payer == at).collect();
        let of = |rate: &dyn Fn(usize) -> f64| -> f64 { own.iter().map(|l| weight(*l) * rate(*l)).sum() };
        let concerns = |change: &&RateChange| match &change.of {
            ChangeOf::Payer(id) => *id == payer.id,
            ChangeOf::ConversionFactor => own.iter().flat_map(|l| &book.leaves[*l].mix).any(|line| {
                let unit = pricer.price(&line.key).unit;
                follows_factor(pricer, &line.key, &unit, change.date)
            }),
        };
        let mut step = |from: Date, [before, now]: [f64; 2], begun: &[&RateChange], since: Option<Date>| {
            if before > 0.0 && (now / before - 1.0).abs() >= SMALLEST_STEP {
                let labels = begun.iter().filter_map(|c| c.label.clone()).collect();
                let (month, payer) = (Month::of(from), Arc::clone(&payer.id));
                steps.push(RateStep { from, month, payer, ratio: now / before, labels, since });
            }
        };
        let Some(first) = days.first() else { continue };
        let old: Vec<&RateChange> = begun(changes, book).filter(concerns).collect();
        let bounds = [0, 1].map(|with| of(&|leaf| last_known[leaf][with]));
        step(*first, bounds, &old, old.iter().map(|c| c.date).min());
        let new: Vec<&RateChange> = changes.iter().filter(concerns).filter(|c| !old.contains(c)).collect();
        let mut before = bounds[1];
        for (at, day) in days.iter().enumerate() {
            let now = of(&|leaf| by_day[leaf][at]);
            let fresh = new.iter().copied().filter(|c| c.date <= *day && (at == 0 || c.date > days[at - 1]));
            step(*day, [before, now], &fresh.collect::<Vec<_>>(), None);
            before = now;
        }
    }
    steps.sort_by(|a, b| (a.from, a.since.is_none(), &a.payer).cmp(&(b.from, b.since.is_none(), &b.payer)));
    steps
}

/// Dated changes that had begun before the months to come.
fn begun<'a>(changes: &'a [RateChange], book: &Book) -> impl Iterator<Item = &'a RateChange> {
    let first = start_of(book.last_service.plus(1));
    changes.iter().filter(move |c| first.is_some_and(|first| c.date < first))
}

/// What a reader must know of such a change.
fn begun_words(change: &RateChange, book: &Book) -> String {
    let name = change.label.as_ref().map_or_else(|| "A change".to_owned(), |label| format!("\"{label}\""));
    let whose = match &change.of {
        ChangeOf::ConversionFactor => "what follows Medicare's conversion factor",
        ChangeOf::Payer(id) => book.payers.iter().find(|p| p.id == *id).map_or(&**id, |p| &*p.name),
    };
    let percent = format!("{:+}%", change.percent.normalize()).replace('-', "−");
    format!(
        "{name}, {percent} from {} on, of {whose}, began before the months to come: it holds in all of them, on top of the schedules and terms, and stands in no expected amount of the history. If the schedules or terms hold it already, take it out of the project file.",
        change.date
    )
}
