//! On which days the practice works, by place of service: what each weekday and each federal holiday is worth, as its own services
//! show it.
//!
//! Urgent care works at weekends and the office next door does not; most practices are closed on Christmas and many work on
//! Columbus Day. A place with enough services is judged by its own; the others by all places together.

#![expect(clippy::float_arithmetic, reason = "shares of days are estimates")]

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::domain::{Date, Pos};
use crate::forecast::Month;
use crate::forecast::calendar::federal_holidays;

/// A shorter history shows no week.
const LEAST_DAYS: i64 = 56;

/// A place with fewer services on Monday to Friday is judged by all places.
const ENOUGH_SERVICES: f64 = 400.0;

/// A holiday on which fewer services would be usual is judged by all holidays together.
const ENOUGH_ON_HOLIDAY: f64 = 30.0;

/// What kind of day a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Days since Monday.
    Weekday(usize),
    /// A federal holiday on a day from Monday to Friday.
    Holiday(&'static str),
    /// A day from Monday to Friday on which a holiday of a weekend is observed.
    Observed,
    /// A holiday at the weekend: it tells neither how weekends are nor how holidays are.
    HolidayAtWeekend,
}

/// The special days of some years.
#[derive(Debug, Clone, Default, PartialEq)]
struct Holidays(BTreeMap<Date, Kind>);

impl Holidays {
    fn of(years: impl Iterator<Item = i32>) -> Self {
        let weekend = |day: Date| day.weekday().num_days_from_monday() > 4;
        let mut days = BTreeMap::new();
        for holiday in years.flat_map(federal_holidays) {
            if weekend(holiday.day) {
                days.entry(holiday.day).or_insert(Kind::HolidayAtWeekend);
                days.entry(holiday.observed).or_insert(Kind::Observed);
            } else {
                days.insert(holiday.day, Kind::Holiday(holiday.name));
            }
        }
        Self(days)
    }

    fn kind(&self, day: Date) -> Kind {
        let weekday = || Kind::Weekday(usize::try_from(day.weekday().num_days_from_monday()).unwrap_or(0));
        self.0.get(&day).copied().unwrap_or_else(weekday)
    }
}

/// What the days of a place are worth, in average days from Monday to Friday.
#[derive(Debug, Clone, PartialEq)]
struct Week {
    weekdays: [f64; 7],
    /// Holidays that show their own worth.
    holidays: BTreeMap<&'static str, f64>,
    /// All others.
    holiday: f64,
    /// Observed holidays.
    observed: f64,
}

impl Week {
    /// Monday to Friday, closed on holidays.
    const fn office() -> Self {
        Self { weekdays: [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0], holidays: BTreeMap::new(), holiday: 0.0, observed: 0.0 }
    }

    /// From days and services by kind of day; `None` when they are too few.
    fn learn(days: &BTreeMap<Kind, f64>, services: &BTreeMap<Kind, f64>, least: f64) -> Option<Self> {
        let of = |map: &BTreeMap<Kind, f64>, kind: Kind| map.get(&kind).copied().unwrap_or(0.0);
        let office = (0..5).map(Kind::Weekday);
        let worked: f64 = office.clone().map(|k| of(days, k)).sum();
        let served: f64 = office.map(|k| of(services, k)).sum();
        if served < least.max(1.0) || worked < 1.0 {
            return None;
        }
        let usual = served / worked;
        let worth = |kind: Kind, without: f64| {
            let days = of(days, kind);
            if days > 0.0 { of(services, kind) / days / usual } else { without }
        };
        let is_holiday = |kind: &Kind| matches!(kind, Kind::Holiday(_) | Kind::Observed);
        let on_holidays = |map: &BTreeMap<Kind, f64>| map.iter().filter(|(k, _)| is_holiday(k)).map(|(_, n)| n).sum();
        let (all_days, all_services): (f64, f64) = (on_holidays(days), on_holidays(services));
        // No holiday was seen: it is taken as closed.
        let holiday = if all_days > 0.0 { all_services / all_days / usual } else { 0.0 };
        let tells = |kind: &Kind| of(days, *kind) * usual >= ENOUGH_ON_HOLIDAY;
        let holidays = days.keys().filter(|k| tells(k)).filter_map(|kind| match kind {
            Kind::Holiday(name) => Some((*name, worth(*kind, holiday))),
            _ => None,
        });
        Some(Self {
            weekdays: std::array::from_fn(|day| worth(Kind::Weekday(day), 0.0)),
            holidays: holidays.collect(),
            holiday,
            observed: if tells(&Kind::Observed) { worth(Kind::Observed, holiday) } else { holiday },
        })
    }

    fn worth(&self, kind: Kind, day: Date) -> f64 {
        let weekday = usize::try_from(day.weekday().num_days_from_monday()).ok();
        let usual = weekday.and_then(|at| self.weekdays.get(at)).copied().unwrap_or(0.0);
        let holiday = match kind {
            Kind::Weekday(_) => return usual,
            Kind::Holiday(name) => self.holidays.get(name).copied().unwrap_or(self.holiday),
            Kind::Observed => self.observed,
            Kind::HolidayAtWeekend => self.holiday,
        };
        // A holiday is never more than the weekday that it falls on.
        if usual > 0.0 && matches!(kind, Kind::HolidayAtWeekend) { usual.min(holiday) } else { holiday.min(usual) }
    }
}

/// The places of service of something, with their weights: working days are a mean over them.
pub type Places = Vec<(Option<Pos>, f64)>;

/// The week of a place, and what it makes of months.
#[derive(Debug, Clone)]
struct Place {
    week: Week,
    /// Days of an average month, so that months of different places can be put together.
    average: f64,
    /// Days of the months from the first on, over those of an average month.
    months: Vec<f64>,
}

impl Place {
    fn new(week: Week, first: Month, months: i32) -> Self {
        let days: Vec<f64> = (0..months).map(|n| days(&week, first.plus(n))).collect();
        // Whole years only.
        let whole = days.len() / 12 * 12;
        let average = days.iter().take(whole).sum::<f64>() / days.iter().take(whole).map(|_| 1.0).sum::<f64>();
        let mut place = Self { week, average, months: Vec::new() };
        place.months = days.into_iter().map(|days| place.relative(days)).collect();
        place
    }

    /// How much more days that is than an average month has: 1.05 is 5 % more. Never less than a hundredth, to divide by.
    fn relative(&self, days: f64) -> f64 {
        if self.average > 0.0 { (days / self.average).max(0.01) } else { 1.0 }
    }
}

fn days(week: &Week, month: Month) -> f64 {
    let holidays = Holidays::of(month.year() - 1..=month.year().saturating_add(1));
    month.days().map(|day| week.worth(holidays.kind(day), day)).sum()
}

/// Working days by place of service and month.
#[derive(Debug, Clone)]
pub struct Workdays {
    /// Places that are judged by their own services.
    places: BTreeMap<Option<Pos>, Place>,
    all: Place,
    first: Month,
}

/// Months that are counted beforehand, beyond the last of the history: as far as forecasts go, and more.
const AHEAD: i32 = 60;

impl Workdays {
    /// Learns from services, each `(place, day)`, of the days from the first day of `first` to the last of `last`; the second is
    /// `false` where too few weeks are known and Monday to Friday without holidays is assumed.
    #[must_use]
    pub fn learn(services: impl Iterator<Item = (Option<Pos>, Date)>, first: Month, last: Month) -> (Self, bool) {
        let holidays = Holidays::of(first.year() - 1..=last.year().saturating_add(1));
        let mut days: BTreeMap<Kind, f64> = BTreeMap::new();
        let mut count = 0;
        for day in (0..=last.since(first)).flat_map(|n| first.plus(n).days()) {
            *days.entry(holidays.kind(day)).or_default() += 1.0;
            count += 1;
        }
        let mut all: BTreeMap<Kind, f64> = BTreeMap::new();
        let mut places: BTreeMap<Option<Pos>, BTreeMap<Kind, f64>> = BTreeMap::new();
        for (place, day) in services.filter(|(_, day)| (first..=last).contains(&Month::of(*day))) {
            let kind = holidays.kind(day);
            *all.entry(kind).or_default() += 1.0;
            *places.entry(place).or_default().entry(kind).or_default() += 1.0;
        }
        let week = (count >= LEAST_DAYS).then(|| Week::learn(&days, &all, 1.0)).flatten();
        let learned = week.is_some();
        let months = last.since(first).max(0).saturating_add(AHEAD);
        let place = |week: Week| Place::new(week, first, months);
        let own = places.into_iter().filter(|_| learned);
        let own = own.filter_map(|(at, own)| Some((at, place(Week::learn(&days, &own, ENOUGH_SERVICES)?))));
        (Self { places: own.collect(), all: place(week.unwrap_or_else(Week::office)), first }, learned)
    }

    /// The places that are judged by their own services.
    pub fn own_places(&self) -> impl Iterator<Item = Option<Pos>> + '_ {
        self.places.keys().copied()
    }

    fn place(&self, place: Option<Pos>) -> &Place {
        self.places.get(&place).unwrap_or(&self.all)
    }

    /// What a day at a place is worth, in its average days from Monday to Friday.
    #[must_use]
    pub fn worth(&self, place: Option<Pos>, day: Date) -> f64 {
        let holidays = Holidays::of(day.year() - 1..=day.year().saturating_add(1));
        self.place(place).week.worth(holidays.kind(day), day)
    }

    /// The same, over all places together.
    #[must_use]
    pub fn worth_of_all(&self, day: Date) -> f64 {
        let holidays = Holidays::of(day.year() - 1..=day.year().saturating_add(1));
        self.all.week.worth(holidays.kind(day), day)
    }

    fn relative(&self, place: &Place, month: Month) -> f64 {
        let counted = usize::try_from(month.since(self.first)).ok().and_then(|at| place.months.get(at));
        counted.copied().unwrap_or_else(|| place.relative(days(&place.week, month)))
    }

    /// Working days of a month over places, in days of an average office month (21). Without any place, those of all
    /// together.
    #[must_use]
    pub fn days(&self, places: &Places, month: Month) -> f64 {
        let weight: f64 = places.iter().map(|p| p.1).sum();
        if weight <= 0.0 {
            return OFFICE_MONTH * self.relative(&self.all, month);
        }
        let one = |(at, share): &(Option<Pos>, f64)| share * self.relative(self.place(*at), month);
        OFFICE_MONTH * places.iter().map(one).sum::<f64>() / weight
    }
}

/// Working days of an average month, to speak of days and not of ratios.
pub(super) const OFFICE_MONTH: f64 = 21.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parse_iso_date;

    fn day(text: &str) -> Date {
        parse_iso_date(text).unwrap()
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    /// Three years: an office with 20 services on each day from Monday to Friday, closed on Christmas, Thanksgiving, New Year's
    /// Day and 4 July, and an urgent care with 10 every day of the year.
    fn three_years() -> Workdays {
        let (office, urgent) = (Pos::new(11), Pos::new(20));
        let (first, last) = (Month::new(2023, 1).unwrap(), Month::new(2025, 12).unwrap());
        let closed = |d: &Date| {
            let thanksgiving = ["2023-11-23", "2024-11-28", "2025-11-27"].map(day);
            matches!((d.month(), d.day()), (1, 1) | (7, 4) | (12, 25)) || thanksgiving.contains(d)
        };
        let days: Vec<Date> = (0..36).flat_map(|n| first.plus(n).days()).collect();
        let at_office = days.iter().filter(|d| d.weekday().num_days_from_monday() < 5 && !closed(d));
        let services = at_office.flat_map(|d| [(office, *d); 20]).chain(days.iter().flat_map(|d| [(urgent, *d); 10]));
        Workdays::learn(services, first, last).0
    }

    #[test]
    fn each_place_has_its_own_week_and_each_holiday_its_own_worth() {
        let week = three_years();
        let (office, urgent) = (Pos::new(11), Pos::new(20));
        assert_eq!(week.own_places().collect::<Vec<_>>(), [office, urgent]);
        // Saturday, Columbus Day, Thanksgiving, and 2 January 2023, on which New Year's Day was observed and they worked.
        let days = ["2024-03-09", "2024-10-14", "2024-11-28", "2023-01-02"].map(day);
        assert_eq!(days.map(|d| week.worth(office, d)), [0.0, 1.0, 0.0, 1.0]);
        assert_eq!(days.map(|d| week.worth(urgent, d)), [1.0; 4]);
        // A place that was never seen works like all together: 10 of the 30 on a Saturday.
        near(week.worth(Pos::new(12), days[0]), 10.0 / 30.0);
    }

    #[test]
    fn months_are_counted_by_the_days_of_their_places() {
        let week = three_years();
        // February 2024 has 29 days; the 84 months of the years 2023 to 2029 have 7 · 365 + 2.
        let (urgent, office) = (vec![(Pos::new(20), 3.0)], vec![(Pos::new(11), 1.0)]);
        let february = Month::new(2024, 2).unwrap();
        near(week.days(&urgent, february), 21.0 * 29.0 / (2557.0 / 84.0));
        let both = vec![(Pos::new(20), 1.0), (Pos::new(11), 1.0)];
        near(week.days(&both, february), (week.days(&urgent, february) + week.days(&office, february)) / 2.0);
        // A month beyond what is counted beforehand is counted when it is asked for.
        let far = Month::new(2040, 2).unwrap();
        near(week.days(&urgent, far), week.days(&urgent, february));
    }

    #[test]
    fn too_few_weeks_are_an_office() {
        let first = Month::new(2024, 1).unwrap();
        let (week, learned) = Workdays::learn(std::iter::empty(), first, first);
        assert!(!learned);
        // January 2024: the 1st and the 15th are holidays, the 6th is a Saturday.
        let worth = ["2024-01-01", "2024-01-06", "2024-01-08"].map(|d| week.worth(None, day(d)));
        assert_eq!(worth, [0.0, 0.0, 1.0]);
    }
}
