//! When services are given and answered: working days, the seasons of an injection practice, payment lags.

use chrono::{Datelike, Days, Weekday};

use super::dice::Dice;
use crate::domain::Date;

/// Weight of each month: allergy and flu seasons bring more injections, summer fewer.
const MONTHS: [u32; 12] = [118, 112, 110, 108, 100, 92, 86, 88, 96, 104, 100, 94];

/// A date that is known to exist; the first day of the era otherwise (never in practice: all callers pass real dates).
pub(super) fn date(year: i32, month: u32, day: u32) -> Date {
    Date::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// The first day of service of the demo.
pub(super) fn first_day() -> Date {
    date(2023, 1, 1)
}

/// The last day of service of the demo.
pub(super) fn last_day() -> Date {
    date(2025, 12, 31)
}

/// The day on which the files were cut: no answer after it is known.
pub(super) fn as_of() -> Date {
    date(2026, 2, 15)
}

/// Whether the practice (and every payer) works on the day: no weekends, no fixed holidays, no Thanksgiving.
pub(super) fn is_working_day(day: Date) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let fixed = matches!((day.month(), day.day()), (1, 1) | (7, 4) | (12, 25));
    let thanksgiving = day.month() == 11 && day.weekday() == Weekday::Thu && (22..=28).contains(&day.day());
    !weekend && !fixed && !thanksgiving
}

/// The day itself when it is a working day, otherwise the next one.
pub(super) fn on_working_day(day: Date) -> Date {
    let mut day = day;
    while !is_working_day(day) {
        day = day + Days::new(1);
    }
    day
}

/// The working day at least `days` calendar days later.
pub(super) fn later(day: Date, days: u32) -> Date {
    on_working_day(day + Days::new(u64::from(days)))
}

/// The days of service with their cumulative weights: months by season, growing by 0.6% of the first month each month.
pub(super) struct ServiceDays {
    days: Vec<(u32, Date)>,
    total: u32,
}

impl ServiceDays {
    pub(super) fn new() -> Self {
        let (mut days, mut total, mut day) = (Vec::new(), 0, first_day());
        while day <= last_day() {
            if is_working_day(day) {
                let months = u32::try_from((day.year() - 2023) * 12).unwrap_or(0) + day.month0();
                total += MONTHS[day.month0() as usize] * (1000 + 6 * months);
                days.push((total, day));
            }
            day = day + Days::new(1);
        }
        Self { days, total }
    }

    /// A day of service, by weight.
    pub(super) fn draw(&self, dice: &mut Dice) -> Date {
        let at = dice.below(self.total);
        let index = self.days.partition_point(|(upto, _)| *upto <= at);
        self.days[index.min(self.days.len() - 1)].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_works_on_sundays_or_holidays() {
        assert!(!is_working_day(date(2024, 7, 4)) && !is_working_day(date(2024, 11, 28)));
        assert!(!is_working_day(date(2024, 3, 9)) && is_working_day(date(2024, 3, 11)));
        // 2024-12-24 is a Tuesday; the day after is Christmas, so one day later means the 26th.
        assert_eq!(later(date(2024, 12, 24), 1), date(2024, 12, 26));
    }

    #[test]
    fn the_first_quarter_brings_more_services_than_the_third() {
        let (days, mut dice) = (ServiceDays::new(), Dice::new(3));
        let drawn: Vec<Date> = (0..20_000).map(|_| days.draw(&mut dice)).collect();
        assert!(drawn.iter().all(|d| (first_day()..=last_day()).contains(d) && is_working_day(*d)));
        let quarter = |q: u32| drawn.iter().filter(|d| d.month0() / 3 == q).count();
        assert!(quarter(0) > quarter(2) * 115 / 100, "{} {}", quarter(0), quarter(2));
    }
}
