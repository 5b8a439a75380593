//! Cells of the canonical layout: exact decimals, ISO days, areas. Text in, integers out; never a float, never a guess.
//!
//! The canonical layout is written by programs, so its cells are plain: `-1234.50`, `2024-03-09`. The many spellings of
//! other people's files are read by `ingest`.

/// Days from 1970-01-01, as frames keep dates.
pub(super) type Day = i32;

/// Days before this one (1990-01-01) are taken for slips of the keyboard.
pub(super) const FIRST_DAY: Day = 7305;
/// Days after this one (2099-12-31) are taken for slips of the keyboard.
pub(super) const LAST_DAY: Day = 47_481;

/// Largest magnitude of one cell, so that a product with a rate always fits in `i128`: a billion dollars in micro-dollars.
const LARGEST: i64 = 1_000_000_000_000_000;

/// The day of the calendar.
pub(super) fn date(day: Day) -> crate::domain::Date {
    chrono::NaiveDate::default() + chrono::Duration::days(i64::from(day))
}

/// Reads a plain decimal as a whole number of `10^-places`: `decimal(b"12.5", 2)` is 1250.
///
/// `None` when the cell is not a plain decimal, has digits other than 0 beyond `places`, or is out of all proportion.
pub(super) fn decimal(cell: &[u8], places: u32) -> Option<i64> {
    let (negative, digits) = match cell {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || digits.len() > 24 {
        return None;
    }
    let (mut value, mut missing, mut point, mut seen) = (0_i64, places, false, false);
    for &b in digits {
        match b {
            b'0'..=b'9' => {
                seen = true;
                if point && missing == 0 {
                    if b != b'0' {
                        return None;
                    }
                    continue;
                }
                if value > LARGEST {
                    return None;
                }
                value = value * 10 + i64::from(b - b'0');
                missing -= u32::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    let value = value.checked_mul(10_i64.pow(missing))?;
    (seen && value <= LARGEST).then_some(if negative { -value } else { value })
}

/// Reads `2024-03-09`. `None` when the cell is not a day of the calendar written so.
pub(super) fn day(cell: &[u8]) -> Option<Day> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = cell else { return None };
    let mut parts = [0_i32; 3];
    for (part, digits) in parts.iter_mut().zip([&[*y1, *y2, *y3, *y4][..], &[*m1, *m2], &[*d1, *d2]]) {
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            *part = *part * 10 + i32::from(digit - b'0');
        }
    }
    let [year, month, day] = parts;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i32::from(leap),
        _ => return None,
    };
    if day < 1 || day > last || year == 0 {
        return None;
    }
    // Days since 0000-03-01, so that the leap day is the last of its year (the usual civil-calendar sum).
    let (shifted_year, shifted_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * shifted_month + 2) / 5 + day - 1;
    Some(365 * shifted_year + shifted_year / 4 - shifted_year / 100 + shifted_year / 400 + of_year - 719_468)
}

/// The month of each plausible day, counted from January of year 0.
#[derive(Debug)]
pub(super) struct Calendar(Vec<u16>);

impl Calendar {
    pub(super) fn new() -> Self {
        use chrono::Datelike;
        let month = |day: Day| {
            let date = date(day);
            u16::try_from(date.year() * 12 + date.month0() as i32).unwrap_or(0)
        };
        Self((FIRST_DAY..=LAST_DAY).map(month).collect())
    }

    /// The month of a day that [`is_plausible`]; January of year 0 for others.
    pub(super) fn month(&self, day: Day) -> u16 {
        usize::try_from(day - FIRST_DAY).ok().and_then(|i| self.0.get(i)).copied().unwrap_or(0)
    }
}

/// Whether the day lies in the years that claims can come from.
pub(super) fn is_plausible(day: Day) -> bool {
    (FIRST_DAY..=LAST_DAY).contains(&day)
}

/// How a schedule names the places it prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AreaKind {
    /// Seven digits: contractor and locality.
    Locality,
    /// Two letters.
    State,
}

/// An area in its one spelling: `15202-00` is `1520200`, `oh` is `OH`. `None` when it is neither locality nor state.
pub(super) fn area(text: &str) -> Option<(AreaKind, String)> {
    if let Ok(state) = text.parse::<crate::domain::State>() {
        return Some((AreaKind::State, state.to_string()));
    }
    let locality = text.parse::<crate::domain::Locality>().ok()?;
    Some((AreaKind::Locality, format!("{}{}", locality.mac(), locality.number())))
}

/// The cell without blanks around it.
pub(super) fn trim(cell: &[u8]) -> &[u8] {
    match cell {
        [b' ' | b'\t', ..] | [.., b' ' | b'\t'] => cell.trim_ascii(),
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_or_refused() {
        assert_eq!(decimal(b"12.5", 2), Some(1250));
        assert_eq!(decimal(b"-0.07", 2), Some(-7));
        assert_eq!(decimal(b"14.8600", 4), Some(148_600));
        assert_eq!(decimal(b"12.3400", 2), Some(1234));
        assert_eq!(decimal(b".5", 3), Some(500));
        assert_eq!(decimal(b"7.", 0), Some(7));
        // A third decimal of money is never dropped; nothing but a plain decimal is read.
        for wrong in [
            "12.345",
            "",
            "-",
            ".",
            "1e3",
            "$5",
            "1,000",
            "1.2.3",
            "--5",
            "9999999999999999",
            "99999999999999999999999",
        ] {
            assert_eq!(decimal(wrong.as_bytes(), 2), None, "{wrong}");
        }
    }

    #[test]
    fn days_agree_with_the_calendar_of_chrono() {
        use chrono::Datelike;
        let calendar = Calendar::new();
        let mut date = chrono::NaiveDate::from_ymd_opt(1990, 1, 1).unwrap();
        for expected in FIRST_DAY..=LAST_DAY {
            assert_eq!(day(date.to_string().as_bytes()), Some(expected), "{date}");
            assert_eq!(i32::from(calendar.month(expected)), date.year() * 12 + date.month0() as i32);
            date = date.succ_opt().unwrap();
        }
        for wrong in [
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "2024-4-01",
            "2024/04/01",
            "0000-01-01",
            "2024-04-1x",
        ] {
            assert_eq!(day(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn areas_have_one_spelling() {
        assert_eq!(area("15202-00"), Some((AreaKind::Locality, "1520200".into())));
        assert_eq!(area("oh"), Some((AreaKind::State, "OH".into())));
        assert_eq!(area("Ohio"), None);
    }
}
