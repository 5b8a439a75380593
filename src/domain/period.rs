//! Dates and half-open periods: from the first day (inclusive) to the day after the last (exclusive).

use std::fmt;

use super::Unreadable;

/// A calendar day.
pub type Date = chrono::NaiveDate;

/// Reads `2024-03-09`, and nothing else: the one date format of our own files.
///
/// # Errors
/// When the text is not a day of the calendar written so.
pub fn parse_iso_date(text: &str) -> Result<Date, Unreadable> {
    const EXPECTED: Unreadable = Unreadable { expected: "a date as year-month-day, such as 2024-03-09" };
    let text = text.trim();
    if text.len() != 10 {
        return Err(EXPECTED);
    }
    Date::parse_from_str(text, "%Y-%m-%d").map_err(|_| EXPECTED)
}

/// A half-open period of days: `from` belongs to it, `until` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    from: Date,
    until: Date,
}

impl Period {
    /// A period from its first day up to, not including, `until`; `None` when it would be empty.
    #[must_use]
    pub fn new(from: Date, until: Date) -> Option<Self> {
        (from < until).then_some(Self { from, until })
    }

    /// A period from its first day to its last, both included, as published schedules write it.
    #[must_use]
    pub fn inclusive(from: Date, last: Date) -> Option<Self> {
        Self::new(from, last.succ_opt()?)
    }

    /// The first day.
    #[must_use]
    pub const fn from(self) -> Date {
        self.from
    }

    /// The day after the last day.
    #[must_use]
    pub const fn until(self) -> Date {
        self.until
    }

    /// The last day.
    #[must_use]
    pub fn last(self) -> Date {
        self.until.pred_opt().unwrap_or(self.from)
    }

    /// Whether the day lies in the period.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && day < self.until
    }

    /// The days common to both, if any.
    #[must_use]
    pub fn intersect(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.until.min(other.until))
    }
}

/// `2023-01-01 to 2025-12-31`, both days included.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from, self.last())
    }
}

/// Values that each hold for a span of days; finds the one in force and reports gaps and overlaps.
#[derive(Debug, Clone)]
pub struct DateSpan<T> {
    spans: Vec<(Period, T)>,
}

impl<T> DateSpan<T> {
    /// Sorts the values by their first day. Overlaps are kept: [`Self::overlaps`] names them.
    #[must_use]
    pub fn new(mut spans: Vec<(Period, T)>) -> Self {
        spans.sort_by_key(|(period, _)| *period);
        Self { spans }
    }

    /// The value in force on the day: of overlapping ones, the one that began last.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<&(Period, T)> {
        let begun = self.spans.partition_point(|(period, _)| period.from() <= day);
        self.spans[..begun].iter().rev().find(|(period, _)| period.contains(day))
    }

    /// All values with their periods, by first day.
    pub fn iter(&self) -> impl Iterator<Item = &(Period, T)> {
        self.spans.iter()
    }

    /// The days that two neighbours both claim.
    pub fn overlaps(&self) -> impl Iterator<Item = (Period, &T, &T)> {
        self.spans.windows(2).filter_map(|pair| Some((pair[0].0.intersect(pair[1].0)?, &pair[0].1, &pair[1].1)))
    }

    /// The days between two neighbours that neither covers.
    pub fn gaps(&self) -> impl Iterator<Item = Period> + '_ {
        self.spans.windows(2).filter_map(|pair| Period::new(pair[0].0.until(), pair[1].0.from()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        parse_iso_date(text).unwrap()
    }

    #[test]
    fn the_last_day_belongs_to_an_inclusive_period() {
        let winter = Period::inclusive(day("2024-01-01"), day("2024-03-08")).unwrap();
        assert!(winter.contains(day("2024-03-08")) && !winter.contains(day("2024-03-09")));
        assert_eq!(winter.to_string(), "2024-01-01 to 2024-03-08");
        assert_eq!(Period::new(day("2024-01-01"), day("2024-01-01")), None);
    }

    #[test]
    fn a_span_finds_what_is_in_force_and_names_gaps_and_overlaps() {
        let until = |from, last| Period::inclusive(day(from), day(last)).unwrap();
        let span = DateSpan::new(vec![
            (until("2024-07-01", "2024-12-31"), "b"),
            (until("2024-01-01", "2024-07-15"), "a"),
            (until("2025-02-01", "2025-12-31"), "c"),
        ]);
        assert_eq!(span.on(day("2024-06-30")).map(|s| s.1), Some("a"));
        assert_eq!(span.on(day("2024-07-10")).map(|s| s.1), Some("b"));
        assert_eq!(span.on(day("2025-01-10")).map(|s| s.1), None);
        assert_eq!(span.overlaps().map(|o| o.0).collect::<Vec<_>>(), [until("2024-07-01", "2024-07-15")]);
        assert_eq!(span.gaps().collect::<Vec<_>>(), [until("2025-01-01", "2025-01-31")]);
    }

    #[test]
    fn only_iso_dates_are_read_here() {
        for wrong in ["2024-3-9", "03/09/2024", "2024-02-30", "20240309", ""] {
            assert!(parse_iso_date(wrong).is_err(), "{wrong}");
        }
    }
}
