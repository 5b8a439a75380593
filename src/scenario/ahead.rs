//! The same question of the months to come: scenarios as factors on the forecast of the practice, payer by payer, under the
//! same luck, so that the ranges of a difference are those of the difference and not of two forecasts apart.

#![expect(clippy::float_arithmetic, reason = "forecasts are estimates")]

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Datelike;
use rust_decimal::prelude::ToPrimitive;

use super::outcome::{Amounts, Outcome};
use super::run::{Modelled, Played};
use crate::domain::{Date, Money};
use crate::finding::Result;
use crate::forecast::Month;
use crate::ingest::Intake;
use crate::outlook::{
    Adjust, Book, GroupOutlook, Later, Measure, Outlook, Plan as Forecast, Rates, cash, outlook_with,
};
use crate::project::Project;
use crate::reference::Reference;

/// A forecast of the practice that scenarios are played on.
#[derive(Debug)]
pub struct Horizon {
    book: Book,
    rates: Rates,
    cash: Vec<crate::outlook::PayerCash>,
    plan: Forecast,
}

impl Horizon {
    /// Prepares a forecast of so many months with so many drawn futures.
    ///
    /// # Errors
    /// When no whole month of services is known on the day.
    pub fn new(
        intake: &Intake,
        project: &Project,
        reference: &Reference,
        as_of: Date,
        (months, paths, seed): (usize, usize, u64),
    ) -> Result<Self> {
        let book = Book::new(intake, project, reference, as_of)?;
        let rates = Rates::known(&book, project, reference, months);
        let cash = cash(&book);
        let plan = Forecast {
            horizon: months,
            paths,
            seed,
            by: Vec::new(),
            stretch: Vec::new(),
            adjust: Vec::new(),
            coherence: crate::outlook::Coherence::BottomUp,
        };
        Ok(Self { book, rates, cash, plan })
    }

    fn outlook(&self, adjust: Vec<Adjust>, later: &[Later]) -> Outlook {
        outlook_with(&self.book, &self.rates, &self.cash, &Forecast { adjust, ..self.plan.clone() }, later)
    }
}

/// One measure of one scenario over all months to come, in dollars that a model gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AheadRow {
    /// The scenario.
    pub scenario: String,
    /// What.
    pub measure: Measure,
    /// Without the scenario, mean.
    pub baseline: Money,
    /// With it, mean.
    pub mean: Money,
    /// Change, mean.
    pub change: Money,
    /// Four fifths of the changes lie between.
    pub range: (Money, Money),
}

/// Scenarios in the months to come.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// The months.
    pub months: Vec<Month>,
    /// Every scenario's measures.
    pub rows: Vec<AheadRow>,
    /// What must be known.
    pub notes: Vec<String>,
}

/// What is shown of the months to come.
const MEASURES: [Measure; 4] = [Measure::Expected, Measure::Denied, Measure::Net, Measure::Cash];

/// Plays the scenarios of a model on the months to come.
#[must_use]
pub fn ahead(horizon: &Horizon, modelled: &Modelled) -> Ahead {
    let before = horizon.outlook(Vec::new(), &[]);
    let mut out = Ahead { months: before.months.clone(), rows: Vec::new(), notes: horizon.rates.all_notes() };
    out.notes.push(
        "Each scenario moves volumes, rates and denials of a payer in the months to come by the factors that it has on the payer's \
         baseline; both are drawn under the same luck. Ranges hold four of five drawn futures."
            .to_owned(),
    );
    if !before.knows(Measure::Cash) {
        out.notes.push("No payment is in the files: what comes in of it is not known.".to_owned());
    }
    out.notes.push(
        "Net is expected less denied, as everywhere on this page; what `allowable forecast` calls net also takes off what is \
         expected to be underpaid."
            .to_owned(),
    );
    for played in &modelled.scenarios {
        let by_payer = |outcome: &Outcome| outcome.by(&modelled.base, |key| Arc::clone(&key.payer));
        let (then, now) = (by_payer(&modelled.baseline), by_payer(&played.outcome));
        // A conversion factor that begins on a day holds for services from that day on; all else holds from the first month on.
        let (adjust, apart, later) = match begin(played).zip(played.without_factor.as_ref()) {
            None => {
                let (adjust, apart) = factors(&then, &now);
                (adjust, apart, Vec::new())
            }
            Some((from, without)) => {
                let without = by_payer(without);
                let (adjust, apart) = factors(&then, &without);
                let later: Vec<Later> =
                    factors(&without, &now).0.into_iter().map(|adjust| Later { from, adjust }).collect();
                out.notes.push(begin_note(&played.scenario.name, from, &out.months));
                (adjust, apart, later)
            }
        };
        for payer in apart {
            out.notes.push(format!(
                "{}: nothing of {payer} was denied in the baseline; its new denials stand in no forecast.",
                played.scenario.name
            ));
        }
        let after = horizon.outlook(adjust, &later);
        for measure in MEASURES.into_iter().filter(|measure| before.knows(*measure)) {
            let (old, old_paths) = sums(&before.total, measure);
            let (new, new_paths) = sums(&after.total, measure);
            let mut changes: Vec<i64> = new_paths.iter().zip(&old_paths).map(|(new, old)| new - old).collect();
            changes.sort_unstable();
            let at = |tenths: usize| {
                let last = changes.len().saturating_sub(1);
                Money::from_cents(changes.get((tenths * last + 5) / 10).copied().unwrap_or_default())
            };
            out.rows.push(AheadRow {
                scenario: played.scenario.name.clone(),
                measure,
                baseline: Money::from_cents(old),
                mean: Money::from_cents(new),
                change: Money::from_cents(new - old),
                range: (at(1), at(9)),
            });
        }
    }
    out
}

/// A measure over all months: its mean and every path. Net is expected less denied, in the mean and in every path.
fn sums(total: &GroupOutlook, measure: Measure) -> (i64, Vec<i64>) {
    let of = |measure: Measure| (total.sum(measure).mean, total.path_sums(measure));
    if measure != Measure::Net {
        return of(measure);
    }
    let ((expected, expected_paths), (denied, denied_paths)) = (of(Measure::Expected), of(Measure::Denied));
    let paths = expected_paths.iter().zip(&denied_paths).map(|(expected, denied)| expected - denied);
    (expected - denied, paths.collect())
}

/// The first whole month of services under a scenario's conversion factor, where it begins on a day.
fn begin(played: &Played) -> Option<Month> {
    let day = played.scenario.factor.as_ref()?.from?;
    let month = Month::of(day);
    Some(if day.day() == 1 { month } else { month.plus(1) })
}

fn begin_note(scenario: &str, from: Month, months: &[Month]) -> String {
    match (months.first(), months.last()) {
        (Some(first), _) if from <= *first => {
            format!("{scenario}: the conversion factor holds for all services of these months.")
        }
        (_, Some(last)) if from > *last => {
            format!("{scenario}: the conversion factor begins in {from}, after these months, and changes none of them.")
        }
        _ => format!("{scenario}: the conversion factor holds for services from {from} on."),
    }
}

type ByPayer = BTreeMap<Arc<str>, (Amounts, super::outcome::NetEffects)>;

/// By payer what a scenario multiplies, and the payers whose denials cannot be multiplied, there being none.
fn factors(then: &ByPayer, now: &ByPayer) -> (Vec<Adjust>, Vec<Arc<str>>) {
    let (mut adjust, mut apart) = (Vec::new(), Vec::new());
    for (payer, (after, _)) in now {
        let Some((before, _)) = then.get(payer) else { continue };
        if before == after {
            continue;
        }
        let ratio = |new: i64, old: i64| match (new.to_f64(), old.to_f64()) {
            (Some(new), Some(old)) if old != 0.0 => new / old,
            _ => 1.0,
        };
        let volume = ratio(after.volume, before.volume);
        let expected = ratio(after.expected.cents(), before.expected.cents());
        let rate = if volume > 0.0 { expected / volume } else { 1.0 };
        let denied = ratio(after.denied.cents(), before.denied.cents());
        if before.denied.is_zero() && !after.denied.is_zero() {
            apart.push(Arc::clone(payer));
        }
        let denial = if expected > 0.0 { denied / expected } else { 1.0 };
        adjust.push(Adjust { payer: Some(Arc::clone(payer)), volume, rate, denial });
    }
    (adjust, apart)
}
