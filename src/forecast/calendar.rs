//! The working calendar: federal holidays, business days of a month, and series per business day.
//!
//! A month with 23 business days has more services than one with 19 without anything having changed. A series is
//! divided by its business days before it is forecast, and the forecast is multiplied by those of the months to come,
//! which are known.

use chrono::{Datelike, Days, Weekday};

use super::Month;
use crate::domain::{Date, Pos};

/// A federal holiday (5 U.S.C. 6103).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holiday {
    /// Its name.
    pub name: &'static str,
    /// The day itself.
    pub day: Date,
    /// The day on which federal offices are closed: the Friday before a Saturday, the Monday after a Sunday.
    pub observed: Date,
}

/// The federal holidays whose day lies in this year, in order. By the law as it stands, with Martin Luther King's
/// birthday from 1986 and Juneteenth from 2021 on; before 1971 other days were kept. New Year's Day may be observed in
/// the year before.
#[must_use]
pub fn federal_holidays(year: i32) -> Vec<Holiday> {
    use Weekday::{Mon, Thu};
    let fixed = |month, day| Date::from_ymd_opt(year, month, day);
    let nth = |month, weekday, n| Date::from_weekday_of_month_opt(year, month, weekday, n);
    // The last Monday of May is one of its last seven days.
    let last_monday_of_may = fixed(5, 31).and_then(|last| last.checked_sub_days(Days::new(monday_of(last))));
    let all = [
        ("New Year's Day", fixed(1, 1)),
        ("Birthday of Martin Luther King, Jr.", nth(1, Mon, 3).filter(|_| year >= 1986)),
        ("Washington's Birthday", nth(2, Mon, 3)),
        ("Memorial Day", last_monday_of_may),
        ("Juneteenth", fixed(6, 19).filter(|_| year >= 2021)),
        ("Independence Day", fixed(7, 4)),
        ("Labor Day", nth(9, Mon, 1)),
        ("Columbus Day", nth(10, Mon, 2)),
        ("Veterans Day", fixed(11, 11)),
        ("Thanksgiving Day", nth(11, Thu, 4)),
        ("Christmas Day", fixed(12, 25)),
    ];
    all.into_iter().filter_map(|(name, day)| day.map(|day| Holiday { name, day, observed: observed(day) })).collect()
}

/// Days since the Monday of the week.
fn monday_of(day: Date) -> u64 {
    u64::from(day.weekday().num_days_from_monday())
}

fn observed(day: Date) -> Date {
    match day.weekday() {
        Weekday::Sat => day.pred_opt(),
        Weekday::Sun => day.succ_opt(),
        _ => Some(day),
    }
    .unwrap_or(day)
}

/// Whether a day is a federal holiday or one is observed on it.
#[must_use]
pub fn is_holiday(day: Date) -> bool {
    let next_year = day.year().saturating_add(1);
    [day.year(), next_year].into_iter().flat_map(federal_holidays).any(|h| h.day == day || h.observed == day)
}

/// How much of a business day each day of the week is, and a holiday.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorkWeek {
    days: [f64; 7],
    holiday: f64,
}

impl WorkWeek {
    /// Monday to Friday, closed on holidays.
    pub const OFFICE: Self = Self { days: [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0], holiday: 0.0 };

    /// Every day alike, holidays too.
    pub const EVERY_DAY: Self = Self { days: [1.0; 7], holiday: 1.0 };

    /// Weights from Monday to Sunday, and the most that a holiday counts. `None` when a weight is negative or no
    /// number, or all days count nothing.
    #[must_use]
    pub fn new(days: [f64; 7], holiday: f64) -> Option<Self> {
        let valid = |weight: f64| weight.is_finite() && weight >= 0.0;
        let some = days.iter().all(|d| valid(*d)) && valid(holiday) && days.iter().any(|d| *d > 0.0);
        some.then_some(Self { days, holiday })
    }

    /// What is assumed of a place of service where its own days are not known: urgent care (20), inpatient hospital
    /// (21), emergency room (23) and skilled nursing facilities (31) work every day, all others are offices.
    #[must_use]
    pub const fn of_place(place: Pos) -> Self {
        match place.number() {
            20 | 21 | 23 | 31 => Self::EVERY_DAY,
            _ => Self::OFFICE,
        }
    }

    /// The weights that the services of a practice show over the days `from` to `until` (not included): services per
    /// day of each weekday, and per holiday that falls on Monday to Friday, in units of an average Monday to Friday.
    /// `None` with less than eight weeks or no services from Monday to Friday.
    #[must_use]
    pub fn learn(services: impl IntoIterator<Item = (Date, f64)>, from: Date, until: Date) -> Option<Self> {
        const LEAST_DAYS: i64 = 56;
        if (until - from).num_days() < LEAST_DAYS {
            return None;
        }
        let kind = |day: Date| {
            let weekday = day.weekday().num_days_from_monday() as usize;
            match (is_holiday(day), weekday < 5) {
                (false, _) => Some(weekday),
                (true, true) => Some(7),
                // A holiday at the weekend tells neither how weekends nor how holidays are.
                (true, false) => None,
            }
        };
        let (mut days, mut sums) = ([0.0; 8], [0.0; 8]);
        for kind in from.iter_days().take_while(|day| *day < until).filter_map(kind) {
            days[kind] += 1.0;
        }
        for (day, amount) in services.into_iter().filter(|(day, _)| *day >= from && *day < until) {
            if let Some(kind) = kind(day) {
                sums[kind] += amount;
            }
        }
        let worked: f64 = days[..5].iter().sum();
        let usual = sums[..5].iter().sum::<f64>() / worked;
        // Without any holiday in the time, a holiday is taken as closed.
        let weight = |kind: usize| if days[kind] > 0.0 { sums[kind] / days[kind] / usual } else { 0.0 };
        if usual > 0.0 { Self::new(std::array::from_fn(weight), weight(7)) } else { None }
    }

    /// How much of a business day this day is. A holiday counts what holidays count, but never more than its weekday.
    #[must_use]
    pub fn weight(&self, day: Date) -> f64 {
        self.weighted(day, is_holiday(day))
    }

    /// The business days of a month, by weight.
    #[must_use]
    pub fn business_days(&self, month: Month) -> f64 {
        let years = [month.year(), month.year().saturating_add(1)];
        let holidays: Vec<Holiday> = years.into_iter().flat_map(federal_holidays).collect();
        let is_holiday = |day: Date| holidays.iter().any(|h| h.day == day || h.observed == day);
        month.days().map(|day| self.weighted(day, is_holiday(day))).sum()
    }

    fn weighted(&self, day: Date, holiday: bool) -> f64 {
        let weekday = self.days[day.weekday().num_days_from_monday() as usize];
        if holiday { weekday.min(self.holiday) } else { weekday }
    }
}

/// Turns monthly values into values per business day, and back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adjust {
    week: WorkWeek,
}

impl Adjust {
    /// By the days of this week.
    #[must_use]
    pub const fn new(week: WorkWeek) -> Self {
        Self { week }
    }

    /// Values of consecutive months from `start` on, per business day. `None` for a month without any business day.
    #[must_use]
    pub fn per_day(&self, start: Month, values: &[f64]) -> Option<Vec<f64>> {
        let one = |(month, value): (Month, &f64)| {
            let days = self.week.business_days(month);
            (days > 0.0).then(|| value / days)
        };
        months(start).zip(values).map(one).collect()
    }

    /// Values per business day of consecutive months from `start` on, as values of the months.
    #[must_use]
    pub fn back(&self, start: Month, per_day: &[f64]) -> Vec<f64> {
        months(start).zip(per_day).map(|(month, value)| value * self.week.business_days(month)).collect()
    }
}

fn months(start: Month) -> impl Iterator<Item = Month> {
    (0..).map(move |n| start.plus(n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parse_iso_date;

    fn day(text: &str) -> Date {
        parse_iso_date(text).unwrap()
    }

    /// Observed days by year, compared with the Python package `holidays` 0.109 (country US, observed days): the same, but
    /// that it counts a New Year's Day observed on 31 December to the year before.
    const KNOWN: [(i32, &str); 8] = [
        (2020, "01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-25"),
        (2021, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24"),
        (2022, "12-31 01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"),
        (2023, "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25"),
        (2024, "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25"),
        (2025, "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25"),
        (2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"),
        (1984, "01-02 02-20 05-28 07-04 09-03 10-08 11-12 11-22 12-25"),
    ];

    #[test]
    fn holidays_are_those_of_another_calendar() {
        for (year, known) in KNOWN {
            let found: Vec<String> =
                federal_holidays(year).iter().map(|h| h.observed.format("%m-%d").to_string()).collect();
            assert_eq!(found.join(" "), known, "{year}");
        }
        // New Year's Day of 2022, a Saturday, was observed in 2021.
        assert_eq!(federal_holidays(2022)[0].observed, day("2021-12-31"));
        assert!(is_holiday(day("2021-12-31")) && is_holiday(day("2022-01-01")) && !is_holiday(day("2022-01-03")));
        assert!(federal_holidays(i32::MAX).is_empty());
    }

    #[test]
    fn business_days_by_hand() {
        let days = |year, month| WorkWeek::OFFICE.business_days(Month::new(year, month).unwrap());
        // January 2024 has 23 days from Monday to Friday, less the 1st and the 15th; February 21 less the 19th.
        assert_eq!((days(2024, 1), days(2024, 2)), (21.0, 20.0));
        // December 2021 has 23, less the 24th and the 31st. November 2024 has 21, less the 11th and the 28th.
        assert_eq!((days(2021, 12), days(2024, 11)), (21.0, 19.0));
        // Saturdays count half: January 2024 has four.
        let saturdays = WorkWeek::new([1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0], 0.0).unwrap();
        assert_eq!(saturdays.business_days(Month::new(2024, 1).unwrap()), 23.0);
        // July 2026: the 4th is a Saturday and is closed, and so is the 3rd: 23 − 1 days and 3 of 4 Saturdays.
        assert_eq!(saturdays.business_days(Month::new(2026, 7).unwrap()), 22.0 + 1.5);
        let urgent = WorkWeek::of_place(Pos::new(20).unwrap());
        assert_eq!(urgent.business_days(Month::new(2024, 2).unwrap()), 29.0);
        assert_eq!(WorkWeek::of_place(Pos::new(11).unwrap()), WorkWeek::OFFICE);
    }

    #[test]
    fn a_week_needs_a_day() {
        assert_eq!(WorkWeek::new([0.0; 7], 1.0), None);
        assert_eq!(WorkWeek::new([1.0, 1.0, 1.0, 1.0, -1.0, 0.0, 0.0], 0.0), None);
        assert_eq!(WorkWeek::new([f64::NAN; 7], 0.0), None);
        assert_eq!(WorkWeek::new([1.0; 7], f64::INFINITY), None);
    }

    #[test]
    fn a_week_is_learned_from_services() {
        // Ten a day from Monday to Friday, five on Saturdays, two on holidays, over 2024.
        let (from, until) = (day("2024-01-01"), day("2025-01-01"));
        let services = from.iter_days().take_while(|d| *d < until).map(|d| {
            let amount = match d.weekday() {
                _ if is_holiday(d) => 2.0,
                Weekday::Sat => 5.0,
                Weekday::Sun => 0.0,
                _ => 10.0,
            };
            (d, amount)
        });
        let week = WorkWeek::learn(services, from, until).unwrap();
        for (found, expected) in week.days.iter().zip([1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0]) {
            assert!((found - expected).abs() < 1e-12, "{week:?}");
        }
        assert!((week.holiday - 0.2).abs() < 1e-12);
        assert_eq!(WorkWeek::learn([], from, until), None);
        assert_eq!(WorkWeek::learn([(from, 1.0)], from, day("2024-02-01")), None);
    }

    #[test]
    fn per_business_day_and_back() {
        let adjust = Adjust::new(WorkWeek::OFFICE);
        let start = Month::new(2024, 1).unwrap();
        let per_day = adjust.per_day(start, &[210.0, 100.0]).unwrap();
        assert_eq!(per_day, [10.0, 5.0]);
        assert_eq!(adjust.back(start, &per_day), [210.0, 100.0]);
        // Months that no calendar reaches have no business days.
        assert_eq!(adjust.per_day(start.plus(i32::MAX), &[1.0]), None);
    }
}
