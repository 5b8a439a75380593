//! Until when something can be done about a line.

use chrono::Days;

use crate::domain::{AssumedWindows, Date, Payer};
use crate::leakage::DEFAULT_APPEAL_DAYS;

/// The windows of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// The last day for an appeal, counted from the payer's last answer.
    pub appeal_by: Date,
    /// The last day for a claim or corrected claim, counted from the service. `None` when the payer is not of the project.
    pub file_by: Option<Date>,
    /// The day until which to act: the appeal window, or the filing window when that ends first and a corrected claim is meant.
    pub act_by: Date,
    /// Days from the report's day to `act_by`; negative when it has passed.
    pub days_left: i64,
    /// Whether the appeal window is open: as the report judges it.
    pub is_open: bool,
    /// A corrected claim is meant, but the filing window has closed: only an appeal or a reopening is left.
    pub too_late_to_correct: bool,
    /// Windows that are defaults, not the payer's own.
    pub assumed: AssumedWindows,
}

/// The windows of a line that was served and last answered on these days; `corrects` when a corrected claim is what helps.
#[must_use]
pub fn deadline(payer: Option<&Payer>, served: Date, answered: Date, corrects: bool, as_of: Date) -> Deadline {
    let appeal_by = after(answered, payer.map_or(DEFAULT_APPEAL_DAYS, |p| p.appeal_days));
    let file_by = payer.map(|p| after(served, p.timely_filing_days));
    let filing_closed = file_by.is_some_and(|day| day < as_of);
    let act_by = match file_by {
        Some(day) if corrects && !filing_closed => appeal_by.min(day),
        _ => appeal_by,
    };
    Deadline {
        appeal_by,
        file_by,
        act_by,
        days_left: (act_by - as_of).num_days(),
        is_open: as_of <= appeal_by,
        too_late_to_correct: corrects && filing_closed,
        assumed: payer.map_or(AssumedWindows { appeal: true, filing: true }, |p| p.assumed),
    }
}

fn after(day: Date, days: u16) -> Date {
    day.checked_add_days(Days::new(days.into())).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parse_iso_date;

    fn day(text: &str) -> Date {
        parse_iso_date(text).unwrap()
    }

    fn payer(appeal: u16, filing: u16) -> Payer {
        Payer { appeal_days: appeal, timely_filing_days: filing, ..Payer::medicare() }
    }

    #[test]
    fn appeals_count_from_the_answer_and_claims_from_the_service() {
        // 10 April + 120 days = 8 August; 25 March 2024 + 365 days = 25 March 2025.
        let d = deadline(Some(&payer(120, 365)), day("2024-03-25"), day("2024-04-10"), true, day("2024-06-01"));
        assert_eq!((d.appeal_by, d.file_by), (day("2024-08-08"), Some(day("2025-03-25"))));
        // June has 29 more days, July 31, and 8 of August: 68.
        assert_eq!((d.act_by, d.days_left, d.is_open, d.too_late_to_correct), (d.appeal_by, 68, true, false));
    }

    #[test]
    fn a_corrected_claim_must_also_be_filed_in_time() {
        // 25 March + 90 days = 23 June, before the appeal window ends on 8 August.
        let windows = payer(120, 90);
        let on = |as_of: &str, corrects| {
            deadline(Some(&windows), day("2024-03-25"), day("2024-04-10"), corrects, day(as_of))
        };
        assert_eq!(on("2024-06-01", true).act_by, day("2024-06-23"));
        assert_eq!(on("2024-06-01", false).act_by, day("2024-08-08"));
        // Once that has passed, an appeal is left until 8 August.
        let late = on("2024-06-24", true);
        assert!(late.is_open && late.too_late_to_correct);
        assert_eq!(late.act_by, day("2024-08-08"));
    }

    #[test]
    fn the_last_day_is_still_open() {
        let on =
            |as_of: &str| deadline(Some(&payer(120, 365)), day("2024-03-25"), day("2024-04-10"), false, day(as_of));
        assert_eq!((on("2024-08-08").is_open, on("2024-08-08").days_left), (true, 0));
        assert_eq!((on("2024-08-09").is_open, on("2024-08-09").days_left), (false, -1));
    }

    #[test]
    fn days_beyond_the_calendar_are_its_last_day() {
        let d = deadline(Some(&payer(3650, 3650)), Date::MAX, Date::MAX, true, day("2024-01-01"));
        assert_eq!(d.appeal_by, Date::MAX);
    }
}
