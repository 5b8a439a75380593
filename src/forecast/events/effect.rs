//! The effect of dated events on a monthly series, by least squares, and the series without it.

use std::fmt;

use crate::forecast::Month;
use crate::forecast::draws::student_half_width;
use crate::forecast::linear::{Cholesky, dot};

/// How an event acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// From its month on, for good: a new schedule, a second site.
    LevelShift,
    /// For so many months: an outage, a campaign. None at all acts on nothing.
    Pulse(u32),
}

/// How large the effect is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Size {
    /// As large as the series says.
    Estimated,
    /// Known from elsewhere: an amount on [`Scale::Level`], a factor on [`Scale::Log`]. The only choice for events to
    /// come.
    Known(f64),
}

/// What an effect is added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// The values: an effect is an amount.
    Level,
    /// Their logarithms: an effect is a factor. All values must be positive.
    Log,
}

/// What the series would be without events, as far as their effects are estimated against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Baseline {
    /// One level.
    Constant,
    /// A straight line.
    Trend,
    /// A straight line with a level for each month of the year; needs more than a year.
    TrendAndSeason,
}

/// A dated event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What happened.
    pub name: String,
    /// Its first month.
    pub from: Month,
    /// How it acts.
    pub shape: Shape,
    /// How large it is.
    pub size: Size,
}

impl Event {
    /// 1 in the months on which it acts, 0 in the others.
    #[must_use]
    pub fn acts(&self, month: Month) -> f64 {
        let since = month.since(self.from);
        let acts = match self.shape {
            Shape::LevelShift => since >= 0,
            Shape::Pulse(months) => since >= 0 && since.cast_unsigned() < months,
        };
        if acts { 1.0 } else { 0.0 }
    }
}

/// The effect of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The event.
    pub event: Event,
    /// On the scale of the fit: an amount, or the logarithm of a factor.
    pub size: f64,
    /// Its standard error on the same scale, wider where months that follow each other lie on the same side of the baseline;
    /// `None` when it was known, or the series has no more months than unknowns.
    pub std_err: Option<f64>,
    /// Months less unknowns of the fit that estimated it; 0 when it was known.
    pub freedom: f64,
}

impl Effect {
    /// How far a range of this level reaches on both sides of an estimate (Student's t); `None` without a standard error.
    #[must_use]
    pub fn half_width(&self, level: f64) -> Option<f64> {
        Some(student_half_width(level, self.freedom) * self.std_err?)
    }

    /// Whether an estimate lies so far from none that months without any event would hardly show it: once in a hundred such
    /// events (Student's t, about three standard errors in a short history). With fewer months than tell an error it does not.
    /// An effect that was known is no estimate, and always does.
    ///
    /// Five in a hundred would be too many: an effect of chance that is taken out of a history bends it for good, while one that
    /// is left in it only makes it scatter more.
    #[must_use]
    pub fn is_apart_from_chance(&self) -> bool {
        const LEVEL: f64 = 0.99;
        match self.event.size {
            Size::Known(_) => true,
            Size::Estimated => self.half_width(LEVEL).is_some_and(|half| self.size.abs() > half),
        }
    }
}

/// Why effects could not be estimated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotAdjust {
    /// The value of this month is not a number.
    NotFinite(Month),
    /// The value of this month has no logarithm.
    NotPositive(Month),
    /// There are fewer months than unknowns.
    TooShort {
        /// Months there are.
        months: usize,
        /// Levels, slopes and effects to be estimated.
        unknowns: usize,
    },
    /// The series does not tell this event's effect from the rest: it lies outside, or coincides with another event.
    NotTold(String),
    /// The season cannot be told: a month of the year is missing.
    NoSeason,
    /// The known size of this event is no number, or no positive factor.
    Size(String),
}

impl fmt::Display for CannotAdjust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite(month) => write!(f, "the value of {month} is not a number"),
            Self::NotPositive(month) => {
                write!(f, "the value of {month} is not positive, and an event that acts as a factor needs that")
            }
            Self::TooShort { months, unknowns } => {
                write!(f, "{months} months cannot tell {unknowns} levels, slopes and effects")
            }
            Self::NotTold(event) => write!(
                f,
                "the series does not tell the effect of \"{event}\": it lies outside or coincides with another; give its size"
            ),
            Self::NoSeason => write!(f, "the series has not every month of the year more than by its own level"),
            Self::Size(event) => write!(f, "the size of \"{event}\" is no number, or no positive factor"),
        }
    }
}

impl std::error::Error for CannotAdjust {}

/// A series without the effects of its events.
#[derive(Debug, Clone, PartialEq)]
pub struct WithoutEvents {
    scale: Scale,
    values: Vec<f64>,
    effects: Vec<Effect>,
}

impl WithoutEvents {
    /// Estimates the effects on consecutive months from `start` on, by least squares about the baseline, and takes them
    /// out.
    ///
    /// # Errors
    /// See [`CannotAdjust`].
    pub fn fit(
        start: Month,
        values: &[f64],
        events: &[Event],
        scale: Scale,
        baseline: Baseline,
    ) -> Result<Self, CannotAdjust> {
        let months: Vec<Month> = (0..).map(|n| start.plus(n)).take(values.len()).collect();
        let mut scaled = to_scale(&months, values, scale)?;
        let known = |event: &Event| match event.size {
            Size::Estimated => Ok(None),
            Size::Known(size) => on_scale(size, scale).map(Some).ok_or_else(|| CannotAdjust::Size(event.name.clone())),
        };
        let known: Vec<Option<f64>> = events.iter().map(known).collect::<Result<_, _>>()?;
        for (event, size) in events.iter().zip(&known) {
            take_out(&mut scaled, &months, event, size.unwrap_or(0.0));
        }
        let open: Vec<&Event> = events.iter().zip(&known).filter(|(_, k)| k.is_none()).map(|(e, _)| e).collect();
        let mut estimates = estimate(&months, &scaled, &open, baseline)?.into_iter();
        let effect = |(event, known): (&Event, &Option<f64>)| {
            let (size, std_err, freedom) = known.map(|size| (size, None, 0.0)).or_else(|| estimates.next())?;
            Some(Effect { event: event.clone(), size, std_err, freedom })
        };
        let effects: Vec<Effect> = events.iter().zip(&known).filter_map(effect).collect();
        for effect in effects.iter().filter(|e| e.event.size == Size::Estimated) {
            take_out(&mut scaled, &months, &effect.event, effect.size);
        }
        let values = scaled.into_iter().map(|v| from_scale(v, scale)).collect();
        Ok(Self { scale, values, effects })
    }

    /// The series without the effects.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The effects, in the order of the events.
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// Values of consecutive months from `start` on, with the effects put back in. On [`Scale::Log`] the effects are
    /// factors, so that any value can be given, also the ends of an interval.
    #[must_use]
    pub fn put_back(&self, start: Month, values: &[f64]) -> Vec<f64> {
        let one = |(month, value): (Month, &f64)| {
            let effect: f64 = self.effects.iter().map(|e| e.size * e.event.acts(month)).sum();
            match self.scale {
                Scale::Level => value + effect,
                Scale::Log => value * effect.exp(),
            }
        };
        (0..).map(|n| start.plus(n)).zip(values).map(one).collect()
    }
}

fn on_scale(size: f64, scale: Scale) -> Option<f64> {
    match scale {
        Scale::Level => size.is_finite().then_some(size),
        Scale::Log => (size.is_finite() && size > 0.0).then(|| size.ln()),
    }
}

fn from_scale(value: f64, scale: Scale) -> f64 {
    match scale {
        Scale::Level => value,
        Scale::Log => value.exp(),
    }
}

fn to_scale(months: &[Month], values: &[f64], scale: Scale) -> Result<Vec<f64>, CannotAdjust> {
    let one = |(month, value): (&Month, &f64)| {
        if !value.is_finite() {
            return Err(CannotAdjust::NotFinite(*month));
        }
        on_scale(*value, scale).ok_or(CannotAdjust::NotPositive(*month))
    };
    months.iter().zip(values).map(one).collect()
}

fn take_out(scaled: &mut [f64], months: &[Month], event: &Event, size: f64) {
    for (value, month) in scaled.iter_mut().zip(months) {
        *value -= size * event.acts(*month);
    }
}

/// Effect, standard error and degrees of freedom of each event: ordinary least squares by the normal equations. Practices drift:
/// where residuals of neighbouring months go together (correlation ρ > 0), those k months apart are taken to do so by ρᵏ.
fn estimate(
    months: &[Month],
    scaled: &[f64],
    events: &[&Event],
    baseline: Baseline,
) -> Result<Vec<(f64, Option<f64>, f64)>, CannotAdjust> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let n = months.len();
    let mut columns: Vec<Vec<f64>> = vec![vec![1.0; n]];
    if baseline >= Baseline::Trend {
        // From −1 to 1, so that the equations are well conditioned.
        let half = (n.max(2) - 1) as f64 / 2.0;
        columns.push((0..n).map(|i| (i as f64 - half) / half).collect());
    }
    if baseline == Baseline::TrendAndSeason {
        let of = |number| months.iter().map(|m| if m.number() == number { 1.0 } else { 0.0 }).collect();
        columns.extend((2..=12).map(of));
    }
    let first_event = columns.len();
    columns.extend(events.iter().map(|e| months.iter().map(|m| e.acts(*m)).collect::<Vec<f64>>()));
    let unknowns = columns.len();
    if n < unknowns {
        return Err(CannotAdjust::TooShort { months: n, unknowns });
    }
    let normal: Vec<Vec<f64>> = columns.iter().map(|a| columns.iter().map(|b| dot(a, b)).collect()).collect();
    let cholesky = Cholesky::of(&normal).map_err(|singular| {
        let event = singular.row.checked_sub(first_event).and_then(|i| events.get(i));
        event.map_or(CannotAdjust::NoSeason, |e| CannotAdjust::NotTold(e.name.clone()))
    })?;
    let right: Vec<f64> = columns.iter().map(|a| dot(a, scaled)).collect();
    let sizes = cholesky.solve(&right);
    let residual = |i: usize| scaled[i] - columns.iter().zip(&sizes).map(|(c, s)| c[i] * s).sum::<f64>();
    let residuals: Vec<f64> = (0..n).map(residual).collect();
    let squares = dot(&residuals, &residuals);
    let neighbours = dot(&residuals[1..], &residuals[..n - 1]);
    let together = if squares > 0.0 { (neighbours / squares).clamp(0.0, MOST_TOGETHER) } else { 0.0 };
    let freedom = (n - unknowns) as f64;
    let std_err = |column: usize| {
        let unit: Vec<f64> = (0..unknowns).map(|i| if i == column { 1.0 } else { 0.0 }).collect();
        let solved = cholesky.solve(&unit);
        // The effect is a sum of the months by these weights. Passing over the months, `before` is Σ ρᵏ × the weight k months ago.
        let weight = |i: usize| columns.iter().zip(&solved).map(|(c, s)| c[i] * s).sum::<f64>();
        let (mut own, mut with_others, mut before) = (0.0, 0.0, 0.0);
        for weight in (0..n).map(weight) {
            own += weight * weight;
            with_others += weight * before;
            before = together * (before + weight);
        }
        (n > unknowns).then(|| (squares / freedom * (own + 2.0 * with_others).max(own)).sqrt())
    };
    Ok((first_event..unknowns).map(|column| (sizes[column], std_err(column), freedom)).collect())
}

/// Neighbouring months are taken to go together no more than this: beyond it nothing could be told from a drift.
const MOST_TOGETHER: f64 = 0.9;

#[cfg(test)]
mod tests {
    use super::*;

    fn month(year: i32, number: u32) -> Month {
        Month::new(year, number).unwrap()
    }

    fn event(name: &str, from: Month, shape: Shape, size: Size) -> Event {
        Event { name: name.to_owned(), from, shape, size }
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    fn near_all(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        found.iter().zip(expected).for_each(|(a, b)| near(*a, *b));
    }

    #[test]
    fn a_level_shift_is_the_difference_of_the_means() {
        // 9 11 | 19 21 23: means 10 and 21, shift 11. Squares 2 + 8 = 10 over three degrees of freedom; (½ + ⅓)·10/3.
        let shift = event("second site", month(2024, 3), Shape::LevelShift, Size::Estimated);
        let start = month(2024, 1);
        let fit = WithoutEvents::fit(start, &[9.0, 11.0, 19.0, 21.0, 23.0], &[shift], Scale::Level, Baseline::Constant);
        let fit = fit.unwrap();
        near(fit.effects()[0].size, 11.0);
        near(fit.effects()[0].std_err.unwrap(), (25.0f64 / 9.0).sqrt());
        near_all(fit.values(), &[9.0, 11.0, 8.0, 10.0, 12.0]);
        near_all(&fit.put_back(month(2024, 6), &[10.0, 10.0]), &[21.0, 21.0]);
        near_all(&fit.put_back(start, fit.values()), &[9.0, 11.0, 19.0, 21.0, 23.0]);
    }

    #[test]
    fn a_pulse_is_taken_out_and_does_not_come_back() {
        // 10 20 30 100 50 60: on the line 10·n but for the fourth, which lies 60 above.
        let outage = event("campaign", month(2024, 4), Shape::Pulse(1), Size::Estimated);
        let values = [10.0, 20.0, 30.0, 100.0, 50.0, 60.0];
        let fit = WithoutEvents::fit(month(2024, 1), &values, &[outage], Scale::Level, Baseline::Trend).unwrap();
        near(fit.effects()[0].size, 60.0);
        near_all(fit.values(), &[10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        near_all(&fit.put_back(month(2024, 7), &[70.0]), &[70.0]);
    }

    #[test]
    fn on_the_log_scale_an_effect_is_a_factor() {
        // 8 doubles to 16 for good in March, then a known halving in May that is to come.
        let events = [
            event("new payer", month(2024, 3), Shape::LevelShift, Size::Estimated),
            event("new schedule", month(2024, 5), Shape::LevelShift, Size::Known(0.5)),
        ];
        let fit = WithoutEvents::fit(month(2024, 1), &[8.0, 8.0, 16.0, 16.0], &events, Scale::Log, Baseline::Constant)
            .unwrap();
        near(fit.effects()[0].size.exp(), 2.0);
        near_all(fit.values(), &[8.0; 4]);
        near_all(&fit.put_back(month(2024, 4), &[8.0, 8.0]), &[16.0, 8.0]);
        assert_eq!(fit.effects()[1].std_err, None);
    }

    #[test]
    fn a_season_is_not_taken_for_an_event() {
        // Two years: 100, twice that in December, and 50 more from July of the second year on.
        let value = |i: u32| if i % 12 == 11 { 200.0 } else { 100.0 } + if i >= 18 { 50.0 } else { 0.0 };
        let values: Vec<f64> = (0..24).map(value).collect();
        let shift = event("second site", month(2025, 7), Shape::LevelShift, Size::Estimated);
        let fit = |events: &[Event]| {
            WithoutEvents::fit(month(2024, 1), &values, events, Scale::Level, Baseline::TrendAndSeason)
        };
        let fitted = fit(std::slice::from_ref(&shift)).unwrap();
        assert!((fitted.effects()[0].size - 50.0).abs() < 1e-6);
        assert!((fitted.values()[23] - 200.0).abs() < 1e-6 && (fitted.values()[22] - 100.0).abs() < 1e-6);
        // The same event twice cannot be told apart.
        let twice = fit(&[shift, event("same", month(2025, 7), Shape::LevelShift, Size::Estimated)]);
        assert_eq!(twice, Err(CannotAdjust::NotTold("same".to_owned())));
    }

    #[test]
    fn what_the_series_cannot_tell_is_refused() {
        let start = month(2024, 1);
        let fit = |values: &[f64], event: Event, scale, baseline| {
            WithoutEvents::fit(start, values, &[event], scale, baseline).unwrap_err()
        };
        let shift = |from| event("x", from, Shape::LevelShift, Size::Estimated);
        let not_told = CannotAdjust::NotTold("x".to_owned());
        // Before the first month, after the last, and for no month.
        for from in [month(2023, 12), start, month(2024, 5)] {
            assert_eq!(fit(&[1.0, 2.0, 3.0, 4.0], shift(from), Scale::Level, Baseline::Constant), not_told);
        }
        let none = event("x", month(2024, 2), Shape::Pulse(0), Size::Estimated);
        assert_eq!(fit(&[1.0, 2.0, 3.0], none, Scale::Level, Baseline::Constant), not_told);
        let two = month(2024, 2);
        assert_eq!(
            fit(&[1.0, 2.0], shift(two), Scale::Level, Baseline::Trend),
            CannotAdjust::TooShort { months: 2, unknowns: 3 }
        );
        assert_eq!(fit(&[1.0, 0.0], shift(two), Scale::Log, Baseline::Constant), CannotAdjust::NotPositive(two));
        assert_eq!(fit(&[f64::NAN, 0.0], shift(two), Scale::Level, Baseline::Constant), CannotAdjust::NotFinite(start));
        let zero = event("x", two, Shape::LevelShift, Size::Known(0.0));
        assert_eq!(fit(&[1.0, 1.0], zero, Scale::Log, Baseline::Constant), CannotAdjust::Size("x".to_owned()));
        // Fourteen months that are all in the first half of the year do not exist; thirteen without an estimate are
        // fine.
        assert!(WithoutEvents::fit(start, &[], &[], Scale::Log, Baseline::TrendAndSeason).unwrap().values().is_empty());
    }

    #[test]
    fn months_that_go_together_tell_less_of_an_effect() {
        // 9 9 11 11 | 20 20 22 22: means 10 and 21. Residuals −1 −1 1 1 | −1 −1 1 1: squares 8, six degrees of freedom; neighbours
        // 1 − 1 + 1 − 1 + 1 − 1 + 1 = 1, ρ = ⅛.
        let shift = event("second site", month(2024, 5), Shape::LevelShift, Size::Estimated);
        let values = [9.0, 9.0, 11.0, 11.0, 20.0, 20.0, 22.0, 22.0];
        let fit = WithoutEvents::fit(month(2024, 1), &values, &[shift], Scale::Level, Baseline::Constant).unwrap();
        let effect = &fit.effects()[0];
        // Weights −¼ four times, ¼ four times: neighbours 6 pairs of 1/16 less one, two apart 4 less 2, three 2 less 3, four −4,
        // five −3, six −2, seven −1.
        let rho = 0.125f64;
        let pairs = [5.0, 2.0, -1.0, -4.0, -3.0, -2.0, -1.0];
        let together: f64 = (1..).zip(pairs).map(|(k, n)| n * rho.powi(k)).sum();
        near(effect.std_err.unwrap(), (8.0f64 / 6.0 * (8.0 + 2.0 * together) / 16.0).sqrt());
        assert_eq!(effect.freedom, 6.0);
    }

    #[test]
    fn an_effect_that_one_event_in_a_hundred_would_show_is_not_apart_from_chance() {
        // Student's t of six degrees of freedom lies beyond 3.707 once in a hundred times, beyond 2.447 once in twenty.
        let effect = |size: f64, std_err| {
            let event = event("x", month(2024, 5), Shape::LevelShift, Size::Estimated);
            Effect { event, size, std_err, freedom: 6.0 }.is_apart_from_chance()
        };
        assert!(effect(3.71, Some(1.0)) && effect(-3.71, Some(1.0)) && effect(0.1, Some(0.0)));
        assert!(!effect(3.70, Some(1.0)) && !effect(-2.5, Some(1.0)) && !effect(100.0, None));
        let told = event("x", month(2024, 5), Shape::LevelShift, Size::Known(1.01));
        assert!(Effect { event: told, size: 0.01, std_err: None, freedom: 0.0 }.is_apart_from_chance());
    }

    #[test]
    fn two_levels_through_two_months_leave_no_error() {
        let shift = event("x", month(2024, 2), Shape::LevelShift, Size::Estimated);
        let fit = WithoutEvents::fit(month(2024, 1), &[1.0, 3.0], &[shift], Scale::Level, Baseline::Constant).unwrap();
        assert_eq!(fit.effects()[0].std_err, None);
        near(fit.effects()[0].size, 2.0);
    }
}
