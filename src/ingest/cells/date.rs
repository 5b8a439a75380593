//! Days as people and programs write them. Whether 03/04/2024 is in March or April is told by the whole column, not here.

use super::Bad;
use crate::domain::Date;
use crate::finding::FindingCode;

/// What a cell says about the order of day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The cell has one reading.
    Plain,
    /// Only month first makes sense (`03/25/2024`).
    MonthFirst,
    /// Only day first makes sense (`25/03/2024`).
    DayFirst,
    /// Both make sense (`03/04/2024`).
    Either,
}

/// A day that was read, and what the cell says about the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    /// The day; `None` when the cell cannot be read in the order that was asked for.
    pub(crate) date: Option<Date>,
    /// What the cell says about the order.
    pub(crate) order: Order,
}

const EXPECTED: &str = "a date, such as 2024-03-09 or 03/09/2024";

/// A day of a file whose days are month-first, as those of United States payers are.
pub(crate) fn us_day(cell: &str) -> Option<Date> {
    day_cell(cell, false).ok()?.date
}

/// Reads ISO days, `m/d/yyyy` (or `d/m/yyyy` with `day_first`), two-digit years, `20240309`, `9-Mar-2024`, `Mar 9, 2024`,
/// spreadsheet day numbers (45360), each also with a time behind it.
///
/// # Errors
/// `BadDate` when it is none of these, `ImplausibleDate` outside 2000–2035.
pub(crate) fn day_cell(cell: &str, day_first: bool) -> Result<Day, Bad> {
    let bad = Bad::new(FindingCode::BadDate, EXPECTED);
    let text = without_time(cell.trim());
    if !text.is_ascii() || text.len() > 20 {
        return Err(bad);
    }
    let (date, order) = if let Some(date) = serial(text)? {
        (Some(date), Order::Plain)
    } else {
        let parts: Vec<&str> = text.split(['/', '-', '.', ' ', ',']).filter(|part| !part.is_empty()).collect();
        let [a, b, c] = parts[..] else { return Err(bad) };
        if let Some(month) = month_name(b) {
            (ymd(year(c).ok_or(bad)?, month, number(a).ok_or(bad)?), Order::Plain)
        } else if let Some(month) = month_name(a) {
            (ymd(year(c).ok_or(bad)?, month, number(b).ok_or(bad)?), Order::Plain)
        } else if a.len() == 4 {
            (ymd(year(a).ok_or(bad)?, number(b).ok_or(bad)?, number(c).ok_or(bad)?), Order::Plain)
        } else {
            let (a, b, year) = (number(a).ok_or(bad)?, number(b).ok_or(bad)?, year(c).ok_or(bad)?);
            let (month_first, day_first_date) = (ymd(year, a, b), ymd(year, b, a));
            let order = match (month_first, day_first_date) {
                (Some(x), Some(y)) if x == y => Order::Plain,
                (Some(_), Some(_)) => Order::Either,
                (Some(_), None) => Order::MonthFirst,
                (None, Some(_)) => Order::DayFirst,
                (None, None) => return Err(bad),
            };
            let date = if day_first { day_first_date } else { month_first };
            (date, order)
        }
    };
    match date {
        None if order == Order::Plain => Err(bad),
        Some(date) if !plausible(date) => Err(Bad::new(FindingCode::ImplausibleDate, "a date from 2000 to 2035")),
        date => Ok(Day { date, order }),
    }
}

fn plausible(date: Date) -> bool {
    use chrono::Datelike;
    (2000..=2035).contains(&date.year())
}

/// Cuts a time of day off: `2024-03-09T00:00:00Z`, `11/29/2018 12:00:00 AM`.
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else { return text };
    match text[..colon].rfind([' ', 'T']) {
        Some(gap) => text[..gap].trim_end().trim_end_matches(','),
        None => text,
    }
}

/// `20240309`, or the day number of a spreadsheet (45360 is 2024-03-09), which may carry a fraction for the time.
fn serial(text: &str) -> Result<Option<Date>, Bad> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Ok(None);
    }
    let bad = Bad::new(FindingCode::BadDate, EXPECTED);
    let n: i64 = whole.parse().map_err(|_| bad)?;
    match whole.len() {
        8 if !text.contains('.') => {
            let parts = (i32::try_from(n / 10_000), u32::try_from(n / 100 % 100), u32::try_from(n % 100));
            let (Ok(year), Ok(month), Ok(day)) = parts else { return Err(bad) };
            Date::from_ymd_opt(year, month, day).map(Some).ok_or(bad)
        }
        // Day 0 of spreadsheets is 1899-12-30, as far as days after February 1900 go.
        5 => {
            let zero = Date::from_ymd_opt(1899, 12, 30).ok_or(bad)?;
            zero.checked_add_signed(chrono::TimeDelta::days(n)).map(Some).ok_or(bad)
        }
        _ => Err(bad),
    }
}

fn number(text: &str) -> Option<u32> {
    (text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Four digits, or two: 00–35 are of this century, the rest of the last (and so not plausible).
fn year(text: &str) -> Option<i32> {
    let n: i32 = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())??;
    match text.len() {
        4 => Some(n),
        2 => Some(if n <= 35 { 2000 + n } else { 1900 + n }),
        _ => None,
    }
}

/// The month that an English name or its first three letters mean, in any case.
pub(crate) fn month_name(text: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const FULL: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let lower = text.to_ascii_lowercase();
    let index = MONTHS.iter().position(|m| *m == lower).or_else(|| FULL.iter().position(|m| *m == lower))?;
    u32::try_from(index + 1).ok()
}

fn ymd(year: i32, month: u32, day: u32) -> Option<Date> {
    Date::from_ymd_opt(year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str) -> String {
        day_cell(cell, false).unwrap().date.unwrap().to_string()
    }

    #[test]
    fn reads_the_ways_in_which_days_are_written() {
        for cell in [
            "2024-03-09",
            "03/09/2024",
            "3/9/24",
            "3-9-2024",
            "20240309",
            "45360",
            "45360.75",
            "9-Mar-2024",
            "09-MAR-24",
            "March 9, 2024",
            "2024/3/9",
            "2024-03-09T10:30:00Z",
            "3/9/2024 12:00:00 AM",
            "2024-03-09 00:00:00.000000",
        ] {
            assert_eq!(read(cell), "2024-03-09", "{cell}");
        }
        // DESIGN: a datetime as seen in an export.
        assert_eq!(read("11/29/2018 12:00:00 AM"), "2018-11-29");
    }

    #[test]
    fn tells_what_a_cell_says_about_the_order() {
        let order = |cell| day_cell(cell, false).unwrap().order;
        assert_eq!(order("03/25/2024"), Order::MonthFirst);
        assert_eq!(order("25/03/2024"), Order::DayFirst);
        assert_eq!(order("03/04/2024"), Order::Either);
        assert_eq!(order("04/04/2024"), Order::Plain);
        assert_eq!(day_cell("25/03/2024", false).unwrap().date, None);
        assert_eq!(day_cell("25/03/2024", true).unwrap().date.unwrap().to_string(), "2024-03-25");
    }

    #[test]
    fn refuses_what_is_no_day() {
        for cell in
            ["13/45/2024", "2024-02-30", "2024", "3/9", "yesterday", "", "20241301", "0/0/0", "é/1/2024", "12:30"]
        {
            assert_eq!(day_cell(cell, false).unwrap_err().code, FindingCode::BadDate, "{cell}");
        }
        for cell in ["1924-03-09", "3/9/1999", "12345", "99999", "2099-01-01"] {
            assert_eq!(day_cell(cell, false).unwrap_err().code, FindingCode::ImplausibleDate, "{cell}");
        }
    }
}
