//! Dated events of the project file in the volumes of a payer: taken out of the history before a model is fitted, and put into the
//! months to come.

#![expect(clippy::float_arithmetic, reason = "effects are estimates")]

use std::sync::Arc;

use rust_decimal::prelude::ToPrimitive;

use crate::forecast::Month;
use crate::forecast::events::{Baseline, CannotAdjust, Effect, Event, Scale, Shape, Size, WithoutEvents};
use crate::project::VolumeEvent;

/// Months of history in which a season is told from an event.
const SEASON_MONTHS: usize = 25;

/// Fewer months show no trend beside an event.
const TREND_MONTHS: usize = 6;

/// A history without its events, and what they do to the months to come.
pub(super) struct Happened {
    values: Vec<f64>,
    without: Option<WithoutEvents>,
    /// Effects that are estimates, with their standard errors (logarithms of factors).
    unsure: Vec<(Event, f64)>,
}

/// Effects of events of all payers whose size is not told: estimated once, on the lines of all payers. What one outage did to a
/// single payer of a few lines a day is mostly chance.
pub(super) type Pooled = Vec<Effect>;

/// Estimates the effects of the events of all payers on the lines of all payers per working day, of the months from `from` on.
pub(super) fn pooled(from: Month, daily: &[f64], events: &[VolumeEvent]) -> Pooled {
    let common: Vec<VolumeEvent> =
        events.iter().filter(|e| e.payer.is_none() && e.percent.is_none()).cloned().collect();
    let begun = daily.iter().position(|y| *y > 0.0).unwrap_or(0);
    let start = from.plus(i32::try_from(begun).unwrap_or(i32::MAX));
    let found = Happened::new(start, &daily[begun..], &common, None, false, &Vec::new(), &mut Vec::new());
    found.without.map_or_else(Vec::new, |without| without.effects().to_vec())
}

impl Happened {
    /// Takes the events of a payer (or of all) out of its lines per working day of the months from `from` on. Effects whose size
    /// is not told are estimated, those in `pool` are taken as they were estimated of all payers; those that cannot be are left
    /// out, which `notes` say. Without `plans`, events after the history are not known.
    pub(super) fn new(
        from: Month,
        daily: &[f64],
        events: &[VolumeEvent],
        payer: Option<&Arc<str>>,
        plans: bool,
        pool: &Pooled,
        notes: &mut Vec<String>,
    ) -> Self {
        let next = from.plus(i32::try_from(daily.len()).unwrap_or(i32::MAX));
        let concerns = |e: &&VolumeEvent| e.payer.is_none() || e.payer.as_ref() == payer;
        let known = |e: &&VolumeEvent| plans || Month::of(e.date) < next;
        let of_all = |told: &VolumeEvent| {
            let own = event(told);
            pool.iter().find(|effect| told.payer.is_none() && effect.event == own)
        };
        let mut unsure = Vec::new();
        let mut wanted = Vec::new();
        for told in events.iter().filter(concerns).filter(known) {
            let own = event(told);
            let Some(effect) = of_all(told) else {
                wanted.push(own);
                continue;
            };
            notes.push(said(&own.name, effect.size, effect.std_err));
            let own = Event { size: Size::Known(effect.size.exp()), ..own };
            unsure.extend(effect.std_err.map(|error| (own.clone(), error)));
            wanted.push(own);
        }
        let baseline = match daily.len() {
            n if n >= SEASON_MONTHS => Baseline::TrendAndSeason,
            n if n >= TREND_MONTHS => Baseline::Trend,
            _ => Baseline::Constant,
        };
        let untouched = || Self { values: daily.to_vec(), without: None, unsure: Vec::new() };
        while !wanted.is_empty() {
            match WithoutEvents::fit(from, daily, &wanted, Scale::Log, baseline) {
                Ok(without) => {
                    for effect in without.effects().iter().filter(|e| e.event.size == Size::Estimated) {
                        notes.push(said(&effect.event.name, effect.size, effect.std_err));
                        unsure.extend(effect.std_err.map(|error| (effect.event.clone(), error)));
                    }
                    return Self { values: without.values().to_vec(), without: Some(without), unsure };
                }
                Err(why @ (CannotAdjust::NotTold(_) | CannotAdjust::Size(_))) => {
                    let (CannotAdjust::NotTold(name) | CannotAdjust::Size(name)) = &why else { return untouched() };
                    notes.push(format!("an event is left out of the forecast: {why}"));
                    let before = wanted.len();
                    wanted.retain(|e| e.name != *name);
                    if wanted.len() == before {
                        return untouched();
                    }
                }
                Err(why) => {
                    notes.push(format!("events are left out of the forecast: {why}"));
                    return untouched();
                }
            }
        }
        untouched()
    }

    /// The history without events.
    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    /// Whether no effect is estimated.
    pub(super) fn is_certain(&self) -> bool {
        self.unsure.is_empty()
    }

    /// The factors of the months from `next` on, when estimated effects come out `z` standard errors above their estimates.
    pub(super) fn factors(&self, next: Month, months: usize, z: f64) -> Vec<f64> {
        let Some(without) = &self.without else { return vec![1.0; months] };
        let mut factors = without.put_back(next, &vec![1.0; months]);
        if z != 0.0 {
            for (event, error) in &self.unsure {
                for (n, factor) in (0..).zip(&mut factors) {
                    if acts(event, next.plus(n)) {
                        *factor *= (error * z).exp();
                    }
                }
            }
        }
        factors
    }
}

fn acts(event: &Event, month: Month) -> bool {
    let since = month.since(event.from);
    match event.shape {
        Shape::LevelShift => since >= 0,
        Shape::Pulse(months) => since >= 0 && since.cast_unsigned() < months,
    }
}

fn event(told: &VolumeEvent) -> Event {
    Event {
        name: told.label.clone(),
        from: Month::of(told.date),
        shape: told.months.map_or(Shape::LevelShift, Shape::Pulse),
        size: match told.percent {
            Some(percent) => Size::Known(1.0 + percent.to_f64().unwrap_or(0.0) / 100.0),
            None => Size::Estimated,
        },
    }
}

/// `"second site opened" changed volumes by +14.2 % (80 % range +9.1 to +19.6 %)`.
fn said(name: &str, size: f64, error: Option<f64>) -> String {
    /// 80 % of a normal distribution lie within so many standard deviations.
    const HALF: f64 = 1.281_551_565_544_600_4;
    let percent = |log: f64| (log.exp() - 1.0) * 100.0;
    let range = error.map_or_else(String::new, |e| {
        format!(" (80% range {:+.1} to {:+.1}%)", percent(size - HALF * e), percent(size + HALF * e))
    });
    format!("\"{name}\" changed volumes by {:+.1}%{range}, as the history shows", percent(size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parse_iso_date;

    fn told(day: &str, months: Option<u32>, percent: Option<i64>) -> VolumeEvent {
        VolumeEvent {
            date: parse_iso_date(day).unwrap(),
            label: format!("event of {day}"),
            payer: None,
            months,
            percent: percent.map(rust_decimal::Decimal::from),
        }
    }

    fn near(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?} is not {expected:?}");
    }

    #[test]
    fn a_shift_is_taken_out_and_stays_and_a_plan_comes_on_top() {
        // Ten a day, twenty from month 4 on; a fifth less in months 9 and 10, as planned.
        let daily = [10.0, 10.0, 10.0, 20.0, 20.0];
        let events = [told("2024-04-15", None, None), told("2024-09-01", Some(2), Some(-20))];
        let mut notes = Vec::new();
        let first = Month::new(2024, 1).unwrap();
        let found = Happened::new(first, &daily, &events, None, true, &Vec::new(), &mut notes);
        near(found.values(), &[10.0; 5]);
        near(&found.factors(first.plus(5), 7, 0.0), &[2.0, 2.0, 2.0, 1.6, 1.6, 2.0, 2.0]);
        assert!(notes[0].contains("+100.0%"), "{notes:?}");
        // A forecast of the past does not know the plan.
        let past = Happened::new(first, &daily, &events, None, false, &Vec::new(), &mut notes);
        near(&past.factors(first.plus(5), 7, 0.0), &[2.0; 7]);
    }

    #[test]
    fn an_event_that_cannot_be_told_is_left_out_and_said() {
        let daily = [10.0, 11.0, 10.0, 12.0, 11.0];
        let mut notes = Vec::new();
        let to_come = [told("2025-01-01", None, None)];
        let found = Happened::new(Month::new(2024, 1).unwrap(), &daily, &to_come, None, true, &Vec::new(), &mut notes);
        assert_eq!((found.values(), notes.len()), (&daily[..], 1));
        assert!(notes[0].contains("give its size"), "{notes:?}");
        // A month without any line has no logarithm: nothing is taken out.
        let empty = [10.0, 0.0, 10.0];
        let shift = [told("2024-02-01", None, None)];
        let found = Happened::new(Month::new(2024, 1).unwrap(), &empty, &shift, None, true, &Vec::new(), &mut notes);
        assert_eq!((found.values(), notes.len()), (&empty[..], 2));
    }

    #[test]
    fn an_event_of_all_payers_is_what_it_was_to_all_of_them() {
        // All payers: ten a day, five in April. One of them, of one a day, had two that month by chance.
        let outage = [told("2024-04-01", Some(1), None)];
        let first = Month::new(2024, 1).unwrap();
        let pool = pooled(first, &[10.0, 10.0, 10.0, 5.0, 10.0], &outage);
        let mut notes = Vec::new();
        let found = Happened::new(first, &[1.0, 1.0, 1.0, 2.0, 1.0], &outage, None, true, &pool, &mut notes);
        // Half of it was lost to the outage: without, four.
        near(found.values(), &[1.0, 1.0, 1.0, 4.0, 1.0]);
        assert!(notes.len() == 1 && notes[0].contains("-50.0%"), "{notes:?}");
        // By itself it would seem to have doubled.
        let alone = Happened::new(first, &[1.0, 1.0, 1.0, 2.0, 1.0], &outage, None, true, &Vec::new(), &mut notes);
        near(alone.values(), &[1.0; 5]);
    }

    #[test]
    fn an_event_of_a_payer_moves_that_payer_alone() {
        let of_a = VolumeEvent { payer: Some("A".into()), ..told("2024-06-01", None, Some(50)) };
        let first = Month::new(2024, 1).unwrap();
        let factors = |payer: Option<&str>| {
            let payer: Option<Arc<str>> = payer.map(Into::into);
            let events = std::slice::from_ref(&of_a);
            Happened::new(first, &[1.0; 5], events, payer.as_ref(), true, &Vec::new(), &mut Vec::new()).factors(
                first.plus(5),
                1,
                0.0,
            )
        };
        near(&[factors(Some("A"))[0], factors(Some("B"))[0], factors(None)[0]], &[1.5, 1.0, 1.0]);
    }
}
