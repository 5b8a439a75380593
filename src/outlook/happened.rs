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
///
/// The size of an event that is told, or was estimated of all payers, is taken out as the factor that it is: that needs no other
/// month, and a month without lines stays one. The others are estimated about the logarithms of the months, which must not be
/// without lines. An estimate that chance would show as well is left out and said: taking it out would bend the history by it, and
/// what remains when a true but small one stays in is some scatter. Of several that chance would show the least distinct one goes
/// first, for without it the others may be told.
pub(super) struct Happened {
    values: Vec<f64>,
    /// What acts: logarithms of factors, with their standard errors where they are estimates.
    effects: Vec<(Event, f64, Option<f64>)>,
}

/// Effects of events of all payers whose size is not told: estimated once, on the lines of all payers, those that may be chance
/// among them. What one outage did to a single payer of a few lines a day is mostly chance.
pub(super) type Pooled = Vec<Effect>;

/// Estimates the effects of the events of all payers on the lines of all payers per working day, of the months from `from` on.
pub(super) fn pooled(from: Month, daily: &[f64], events: &[VolumeEvent]) -> Pooled {
    let common: Vec<Event> = events.iter().filter(|e| e.payer.is_none() && e.percent.is_none()).map(event).collect();
    let begun = daily.iter().position(|y| *y > 0.0).unwrap_or(0);
    let start = from.plus(i32::try_from(begun).unwrap_or(i32::MAX));
    // What is told of all payers is known before anything is estimated.
    let told = events.iter().filter(|e| e.payer.is_none()).filter_map(told_size).collect::<Vec<_>>();
    let values = without(start, &daily[begun..], &told);
    let Estimates { kept, by_chance, .. } = estimates(start, &values, common, &mut Vec::new());
    kept.into_iter().chain(by_chance).collect()
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
        let (mut effects, mut open) = (Vec::new(), Vec::new());
        for told in events.iter().filter(concerns).filter(known) {
            let own = event(told);
            let of_all = pool.iter().find(|effect| told.payer.is_none() && effect.event == own);
            match (told_size(told), of_all) {
                (Some((event, size)), _) => effects.push((event, size, None)),
                (None, Some(effect)) if effect.is_apart_from_chance() => {
                    notes.push(said(effect));
                    effects.push((own, effect.size, effect.std_err));
                }
                (None, Some(effect)) => notes.push(left_out(effect)),
                (None, None) => open.push(own),
            }
        }
        let values = without(from, daily, &effects.iter().map(|(e, size, _)| (e.clone(), *size)).collect::<Vec<_>>());
        let Estimates { values, kept, by_chance } = estimates(from, &values, open, notes);
        notes.extend(kept.iter().map(said));
        notes.extend(by_chance.iter().map(left_out));
        effects.extend(kept.into_iter().map(|effect| (effect.event, effect.size, effect.std_err)));
        Self { values, effects }
    }

    /// The history without events.
    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    /// Whether no effect is estimated.
    pub(super) fn is_certain(&self) -> bool {
        self.effects.iter().all(|(_, _, error)| error.is_none())
    }

    /// The factors of the months from `next` on, when estimated effects come out `z` standard errors above their estimates.
    pub(super) fn factors(&self, next: Month, months: usize, z: f64) -> Vec<f64> {
        let one = |month: Month| {
            let of = self.effects.iter().map(|(e, size, error)| (size + error.unwrap_or(0.0) * z) * e.acts(month));
            of.sum::<f64>().exp()
        };
        (0..).map(|n| one(next.plus(n))).take(months).collect()
    }
}

/// Values of the months from `from` on, divided by the factors of events (their logarithms).
fn without(from: Month, daily: &[f64], told: &[(Event, f64)]) -> Vec<f64> {
    let effect = |month: Month| told.iter().map(|(e, size)| size * e.acts(month)).sum::<f64>();
    (0..).zip(daily).map(|(n, value)| value / effect(from.plus(n)).exp()).collect()
}

/// A history with what was estimated taken out of it, and what that was.
struct Estimates {
    values: Vec<f64>,
    kept: Vec<Effect>,
    by_chance: Vec<Effect>,
}

/// Estimates events; those that cannot be told are said.
fn estimates(from: Month, daily: &[f64], mut open: Vec<Event>, notes: &mut Vec<String>) -> Estimates {
    let baseline = match daily.len() {
        n if n >= SEASON_MONTHS => Baseline::TrendAndSeason,
        n if n >= TREND_MONTHS => Baseline::Trend,
        _ => Baseline::Constant,
    };
    let mut by_chance: Vec<Effect> = Vec::new();
    while !open.is_empty() {
        match WithoutEvents::fit(from, daily, &open, Scale::Log, baseline) {
            Ok(fit) => {
                let kept = fit.effects().to_vec();
                let Some((at, _)) = least_distinct(&kept) else {
                    return Estimates { values: fit.values().to_vec(), kept, by_chance };
                };
                by_chance.push(kept[at].clone());
                open.remove(at);
            }
            Err(CannotAdjust::NotTold(name)) => {
                let before = open.len();
                open.retain(|e| e.name != name);
                notes.push(cannot(&name, &CannotAdjust::NotTold(name.clone())));
                if open.len() == before {
                    break;
                }
            }
            Err(why) => {
                notes.extend(open.iter().map(|e| cannot(&e.name, &why)));
                break;
            }
        }
    }
    Estimates { values: daily.to_vec(), kept: Vec::new(), by_chance }
}

/// Of the effects that chance would show as well, the one that it would show most often, with its distance from none.
fn least_distinct(effects: &[Effect]) -> Option<(usize, f64)> {
    let distance = |e: &Effect| e.std_err.filter(|error| *error > 0.0).map_or(0.0, |error| e.size.abs() / error);
    let by_chance = effects.iter().enumerate().filter(|(_, e)| !e.is_apart_from_chance());
    by_chance.map(|(at, e)| (at, distance(e))).min_by(|a, b| a.1.total_cmp(&b.1))
}

fn event(told: &VolumeEvent) -> Event {
    Event {
        name: told.label.clone(),
        from: Month::of(told.date),
        shape: told.months.map_or(Shape::LevelShift, Shape::Pulse),
        size: Size::Estimated,
    }
}

/// The event with the logarithm of its factor, where the project file tells its size.
fn told_size(told: &VolumeEvent) -> Option<(Event, f64)> {
    let percent = told.percent?.to_f64()?;
    // Closer to −100 % than any number tells is nothing at all, which no month can be divided by.
    let factor = (1.0 + percent / 100.0).max(1e-9);
    Some((Event { size: Size::Known(factor), ..event(told) }, factor.ln()))
}

fn cannot(name: &str, why: &CannotAdjust) -> String {
    match why {
        CannotAdjust::NotTold(_) => format!(
            "\"{name}\" is left out of the forecast: its effect cannot be told, as it lies outside the history or coincides with another event; give its size"
        ),
        _ => format!("\"{name}\" is left out of the forecast, as its effect cannot be told: {why}; give its size"),
    }
}

/// `+14.2% (80% range +9.1% to +19.6%)`.
fn estimated(effect: &Effect) -> String {
    let percent = |log: f64| format!("{:+.1}%", (log.exp() - 1.0) * 100.0).replace('-', "−");
    let range = effect.half_width(0.8).map_or_else(String::new, |half| {
        format!(" (80% range {} to {})", percent(effect.size - half), percent(effect.size + half))
    });
    format!("{}{range}", percent(effect.size))
}

/// `"second site opened" changed volumes by +14.2% (80% range +9.1% to +19.6%), as the history shows`.
fn said(effect: &Effect) -> String {
    format!("\"{}\" changed volumes by {}, as the history shows", effect.event.name, estimated(effect))
}

fn left_out(effect: &Effect) -> String {
    let why = if effect.std_err.is_some() {
        "which may be chance (its 99% range holds none at all)"
    } else {
        "of too few months to tell it from chance"
    };
    format!(
        "\"{}\" is left out of the forecast: the history shows {}, {why}; give its size where it is known",
        effect.event.name,
        estimated(effect)
    )
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
        assert!(notes[0].contains("by +100.0%"), "{notes:?}");
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
        assert!(notes.len() == 1 && notes[0].contains("−50.0%"), "{notes:?}");
        // By itself it would seem to have doubled.
        let alone = Happened::new(first, &[1.0, 1.0, 1.0, 2.0, 1.0], &outage, None, true, &Vec::new(), &mut notes);
        near(alone.values(), &[1.0; 5]);
    }

    #[test]
    fn a_stated_size_needs_no_history() {
        // A month without lines; a fifth more from month 3 of the history on, half as many for two months after it.
        let daily = [10.0, 0.0, 12.0, 0.0, 24.0];
        let events = [told("2024-03-01", None, Some(20)), told("2024-06-01", Some(2), Some(-50))];
        let first = Month::new(2024, 1).unwrap();
        let mut notes = Vec::new();
        let found = Happened::new(first, &daily, &events, None, true, &Vec::new(), &mut notes);
        near(found.values(), &[10.0, 0.0, 10.0, 0.0, 20.0]);
        near(&found.factors(first.plus(5), 3, 0.0), &[0.6, 0.6, 1.2]);
        assert!(notes.is_empty() && found.is_certain(), "{notes:?}");
        // Beside one whose size the months without lines hide, too: that one alone is left out.
        let hidden = [&events[..], &[told("2024-05-01", None, None)]].concat();
        let found = Happened::new(first, &daily, &hidden, None, true, &Vec::new(), &mut notes);
        near(found.values(), &[10.0, 0.0, 10.0, 0.0, 20.0]);
        assert!(notes.len() == 1 && notes[0].starts_with("\"event of 2024-05-01\" is left out"), "{notes:?}");
    }

    #[test]
    fn what_may_be_chance_is_left_in_the_history_and_said() {
        // Months of 8 and 12 in turn, about √96 as logarithms go; then one of 13, which is hardly more than 12.
        let daily = [8.0, 12.0, 8.0, 12.0, 8.0, 12.0, 8.0, 13.0, 8.0, 12.0];
        let pulse = [told("2024-08-01", Some(1), None)];
        let first = Month::new(2024, 1).unwrap();
        let mut notes = Vec::new();
        let found = Happened::new(first, &daily, &pulse, None, true, &Vec::new(), &mut notes);
        assert_eq!((found.values(), found.is_certain()), (&daily[..], true));
        assert!(notes.len() == 1 && notes[0].contains("may be chance"), "{notes:?}");
        // What is chance to all payers together is not asked of a single one again.
        let pool = pooled(first, &daily, &pulse);
        let steady = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0];
        let found = Happened::new(first, &steady, &pulse, None, true, &pool, &mut Vec::new());
        assert_eq!(found.values(), &steady[..]);
        // By itself the same month would be a doubling.
        let alone = Happened::new(first, &steady, &pulse, None, true, &Vec::new(), &mut Vec::new());
        near(alone.values(), &[1.0; 10]);
    }

    #[test]
    fn a_telling_event_is_kept_where_another_one_is_chance() {
        // Ten a day, a tenth up and down; half of it in month 9. Nothing happened in month 3.
        let daily = [9.5, 10.5, 9.5, 10.5, 9.5, 10.5, 9.5, 10.5, 5.0, 10.5, 9.5, 10.5];
        let events = [told("2024-03-01", Some(1), None), told("2024-09-01", Some(1), None)];
        let mut notes = Vec::new();
        let found = Happened::new(Month::new(2024, 1).unwrap(), &daily, &events, None, true, &Vec::new(), &mut notes);
        let differs: Vec<usize> = (0..12).filter(|t| (found.values()[*t] - daily[*t]).abs() > 1e-9).collect();
        assert_eq!(differs, [8]);
        let says = |n: usize, what: &str| notes[n].contains(what);
        assert!(says(0, "event of 2024-09-01\" changed") && says(1, "2024-03-01\" is left out"), "{notes:?}");
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
