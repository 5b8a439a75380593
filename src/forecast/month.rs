//! A month of the calendar as one number, so that lags and horizons are plain differences.

use std::fmt;

use chrono::Datelike;

use crate::domain::Date;

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// The month of a day.
    #[must_use]
    pub fn of(day: Date) -> Self {
        Self(day.year() * 12 + day.month0().cast_signed())
    }

    /// The month of a year, 1 to 12; `None` for another number or a year that the calendar does not reach.
    #[must_use]
    pub fn new(year: i32, month: u32) -> Option<Self> {
        Date::from_ymd_opt(year, month, 1).map(Self::of)
    }

    /// The month so many months later (earlier when negative).
    #[must_use]
    pub const fn plus(self, months: i32) -> Self {
        Self(self.0.saturating_add(months))
    }

    /// How many months it lies after another (negative when before).
    #[must_use]
    pub const fn since(self, other: Self) -> i32 {
        self.0.saturating_sub(other.0)
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// The number of the month in its year, 1 to 12.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0.rem_euclid(12).cast_unsigned() + 1
    }

    /// Its days in order; none for a month that the calendar does not reach.
    pub fn days(self) -> impl Iterator<Item = Date> {
        let first = Date::from_ymd_opt(self.year(), self.number(), 1);
        first.into_iter().flat_map(|day| day.iter_days()).take_while(move |day| Self::of(*day) == self)
    }
}

/// `2024-03`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_count_over_the_turn_of_the_year() {
        let november = Month::new(2023, 11).unwrap();
        let march = november.plus(4);
        assert_eq!((march.to_string().as_str(), march.since(november), november.since(march)), ("2024-03", 4, -4));
        assert_eq!((november.plus(-11).to_string(), november.plus(-11).number()), ("2022-12".to_owned(), 12));
        assert_eq!(Month::new(2024, 13), None);
    }

    #[test]
    fn the_days_of_a_month_are_all_of_them() {
        // 2024 is a leap year; 1900 is not.
        for (year, days) in [(2024, 29), (2023, 28), (1900, 28), (2000, 29)] {
            assert_eq!(Month::new(year, 2).unwrap().days().count(), days, "{year}");
        }
        assert_eq!(Month::new(2024, 12).unwrap().days().last().unwrap().to_string(), "2024-12-31");
        assert_eq!(Month(i32::MAX).days().count(), 0);
    }
}
