//! Money as it would have been forecast in the past, and what came: the books are made anew as they were known at the end of each
//! month, from the inputs cut to that day (services up to it, answers posted up to it), and forecast from there, with ranges
//! stretched only by errors that were known then. One month ahead this is a close: what was said before it, and what it brought.
//!
//! Two things are known better than then: rates are those of the schedules at hand, also where they were published later, and a
//! claim is known from its service on, for the files do not tell when it was billed.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::backtest::{Backtest, origins_of};
use super::band::{Band, GroupOutlook};
use super::book::{Book, end_of};
use super::cash::cash;
use super::chance::float;
use super::compose::outlook;
use super::measure::{Dim, Measure};
use super::plan::Plan;
use super::rates::Rates;
use super::score::{Past, TestedGroup, is_empty, naive, tested};
use crate::domain::Money;
use crate::forecast::Month;
use crate::ingest::Intake;
use crate::project::Project;
use crate::reference::Reference;

/// A month that closed: what had been forecast for it at the end of the month before, and what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Close {
    /// The month.
    pub month: Month,
    /// What was forecast of it: expected amounts, or cash.
    pub measure: Measure,
    /// Mean.
    pub mean: Money,
    /// The 80 % range.
    pub range: (Money, Money),
    /// What came.
    pub actual: Money,
}

impl Close {
    /// Whether the range held what came.
    #[must_use]
    pub fn held(&self) -> bool {
        self.range.0 <= self.actual && self.actual <= self.range.1
    }
}

/// How past forecasts of one measure of money did: all of it first, then the groups.
#[derive(Debug, Clone, PartialEq)]
pub struct TestedMoney {
    /// Expected, or cash.
    pub measure: Measure,
    /// The total, named `all`, then the groups by their labels.
    pub groups: Vec<TestedGroup>,
}

/// A test of past forecasts of money.
#[derive(Debug, Clone, PartialEq)]
pub struct MoneyTest {
    /// How many months were forecast from.
    pub origins: usize,
    /// Expected, then cash.
    pub measures: Vec<TestedMoney>,
    /// Every month that was forecast from the end of the month before, in order; expected before cash.
    pub closes: Vec<Close>,
}

/// The measures that are tested.
const TESTED: [Measure; 2] = [Measure::Expected, Measure::Cash];

/// What is forecast in the past, and with what.
pub struct PastPlan<'a> {
    /// All inputs, cut to the day of the forecast.
    pub known: &'a Intake,
    /// The project.
    pub project: &'a Project,
    /// Its schedules.
    pub reference: &'a Reference,
    /// The practice as known on the day of the forecast: what came.
    pub full: &'a Book,
    /// The test of volumes, of which errors known at each origin stretch its ranges.
    pub volumes: &'a Backtest,
    /// At most so many months are forecast from.
    pub origins: usize,
    /// How each is forecast; [`Plan::adjust`] and [`Plan::stretch`] are not used.
    pub plan: &'a Plan,
}

/// A group of leaves by its label; empty for all of them.
type Label = Vec<String>;

/// The past forecasts of one origin, by measure and label.
type Forecasts = Vec<(Measure, Label, Past, Option<Close>)>;

/// The last month of which both services and postings are whole.
fn last_whole(book: &Book) -> Month {
    book.last_service.min(book.last_posting)
}

/// What came by label and month, in cents: of a measure, over the months of a book in which it is whole.
fn history(book: &Book, by: &[Dim], measure: Measure) -> BTreeMap<Label, Vec<Money>> {
    let last = match measure {
        Measure::Cash => book.last_posting,
        _ => book.last_service,
    };
    let months = usize::try_from(last.since(book.first) + 1).unwrap_or(0);
    let mut all: BTreeMap<Label, Vec<Money>> = BTreeMap::from([(Vec::new(), vec![Money::ZERO; months])]);
    for leaf in &book.leaves {
        let label: Label = by.iter().map(|dim| dim.of(&leaf.key)).collect();
        // Without dimensions the total alone is tested.
        let labels = if by.is_empty() { vec![label] } else { vec![Vec::new(), label] };
        for label in labels {
            let sums = all.entry(label).or_insert_with(|| vec![Money::ZERO; months]);
            for (at, sum) in sums.iter_mut().enumerate() {
                *sum += match measure {
                    Measure::Cash => leaf.cash.get(at).copied().unwrap_or_default(),
                    _ => leaf.months.get(at).map_or(Money::ZERO, |cell| cell.expected),
                };
            }
        }
    }
    all
}

/// Forecasts from the end of the month that `months` months of history end with, made of what was known then.
fn from(with: &PastPlan<'_>, came: &[BTreeMap<Label, Vec<Money>>; 2], months: usize) -> Forecasts {
    let full = with.full;
    let origin = full.first.plus(i32::try_from(months).unwrap_or(i32::MAX) - 1);
    let book = end_of(origin).and_then(|day| Book::new(with.known, with.project, with.reference, day).ok());
    // Books that begin later, or whose last month was not whole, would be another forecast than the one that is tested.
    let Some(book) = book.filter(|b| b.first == full.first && b.last_service == origin && b.start == origin.plus(1))
    else {
        return Vec::new();
    };
    // Only months of which services and postings are whole can be compared.
    let whole = usize::try_from(last_whole(full).since(origin)).unwrap_or(0);
    let h = with.plan.horizon.min(whole).min(full.told_from(months));
    if h == 0 {
        return Vec::new();
    }
    let plan =
        Plan { horizon: h, adjust: Vec::new(), stretch: with.volumes.stretch_known(months), ..with.plan.clone() };
    let rates = Rates::known(&book, with.project, with.reference, h);
    let made = outlook(&book, &rates, &cash(&book), &plan);
    let mut forecasts = Vec::new();
    for (measure, came) in TESTED.into_iter().zip(came).filter(|(measure, _)| made.knows(*measure)) {
        let known = history(&book, &plan.by, measure);
        let groups = if plan.by.is_empty() { &[][..] } else { &made.groups[..] };
        for group in groups.iter().chain([&made.total]) {
            let none = || vec![Money::ZERO; months];
            let own: Vec<Money> =
                known.get(&group.label).cloned().unwrap_or_else(none).into_iter().take(months).collect();
            // What a group brought that had nothing later is nothing.
            let actual: Vec<Money> = match came.get(&group.label) {
                Some(all) => all.iter().skip(months).take(h).copied().collect(),
                None => Vec::new(),
            };
            let close = group.label.is_empty().then(|| close(group, measure, &actual, book.start)).flatten();
            forecasts.push((measure, group.label.clone(), past(group, measure, &own, &actual), close));
        }
    }
    forecasts
}

fn past(group: &GroupOutlook, measure: Measure, own: &[Money], actual: &[Money]) -> Past {
    let cents = |n: i64| float(Money::from_cents(n));
    let bands: Vec<Band> = (0..actual.len()).map(|step| group.month(step, measure)).collect();
    let range = |(low, high): (i64, i64)| (cents(low), cents(high));
    let history: Vec<f64> = own.iter().copied().map(float).collect();
    Past {
        origin: history.len(),
        actual: actual.iter().copied().map(float).collect(),
        mean: bands.iter().map(|b| cents(b.mean)).collect(),
        ranges: bands.iter().map(|b| [range(b.i50), range(b.i80), range(b.i95)]).collect(),
        naive: naive(&history, actual.len()),
        history,
    }
}

fn close(group: &GroupOutlook, measure: Measure, actual: &[Money], month: Month) -> Option<Close> {
    let band = group.month(0, measure);
    let range = (Money::from_cents(band.i80.0), Money::from_cents(band.i80.1));
    Some(Close { month, measure, mean: Money::from_cents(band.mean), range, actual: *actual.first()? })
}

/// Forecasts money from each of the last months that have a year before them, with what was known then, and compares expected
/// amounts and cash with what came, together and by group. Months whose books cannot be made are left out. `progress` is told
/// of each origin that is done.
#[must_use]
pub fn test_money(with: &PastPlan<'_>, progress: &(dyn Fn() + Sync)) -> MoneyTest {
    let full = with.full;
    let months = usize::try_from(last_whole(full).since(full.first) + 1).unwrap_or(0);
    let by = &with.plan.by;
    let came = TESTED.map(|measure| {
        let mut came = history(full, by, measure);
        // What is compared is whole: of services and of postings.
        came.values_mut().for_each(|months_| months_.truncate(months));
        came
    });
    let origins: Vec<usize> = origins_of(months, with.origins).collect();
    let done: Vec<Forecasts> = origins
        .par_iter()
        .map(|months| {
            let forecasts = from(with, &came, *months);
            progress();
            forecasts
        })
        .collect();
    let mut pasts: BTreeMap<(Measure, Label), Vec<Past>> = BTreeMap::new();
    let mut closes = Vec::new();
    let made = done.iter().filter(|forecasts| !forecasts.is_empty()).count();
    for (measure, label, past, close) in done.into_iter().flatten() {
        pasts.entry((measure, label)).or_default().push(past);
        closes.extend(close);
    }
    let name = |label: &Label| -> String {
        let words = by.iter().zip(label).map(|(dim, value)| match dim {
            Dim::Payer => {
                full.payers.iter().find(|p| *p.id == **value).map_or_else(|| value.clone(), |p| p.name.clone())
            }
            _ => value.clone(),
        });
        if label.is_empty() { "all".to_owned() } else { words.collect::<Vec<_>>().join(", ") }
    };
    let measure = |measure: Measure| TestedMoney {
        measure,
        groups: pasts
            .iter()
            .filter(|((m, _), pasts)| *m == measure && !is_empty(pasts))
            .map(|((_, label), pasts)| tested(&name(label), pasts, with.plan.horizon, &|_, _| 1.0))
            .collect(),
    };
    MoneyTest { origins: made, measures: TESTED.map(measure).into(), closes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_is_held_with_its_ends() {
        let money = Money::from_cents;
        let close = |actual| Close {
            month: Month::new(2024, 1).unwrap(),
            measure: Measure::Cash,
            mean: money(5),
            range: (money(4), money(6)),
            actual: money(actual),
        };
        assert!(close(4).held() && close(6).held() && !close(7).held() && !close(3).held());
    }
}
