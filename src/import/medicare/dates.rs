//! From when a release holds: read from its title, its header or its name, never from the day of the import.

use crate::domain::Date;
use crate::ingest::month_name;

/// The month a word means: `Jan`, `JANUARY`, `Sept`.
fn month(word: &str) -> Option<u32> {
    if word.eq_ignore_ascii_case("sept") { Some(9) } else { month_name(word) }
}

/// The words of a text: runs of letters, runs of digits.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut last = None;
    for c in text.chars() {
        let class = if c.is_ascii_digit() { Some(true) } else { c.is_alphabetic().then_some(false) };
        match (class, last, tokens.last_mut()) {
            (Some(class), Some(before), Some(token)) if class == before => token.push(c),
            (Some(_), ..) => tokens.push(c.to_string()),
            (None, ..) => {}
        }
        last = class;
    }
    tokens
}

/// The first `October 1, 2025` of a text.
pub(super) fn long_day(text: &str) -> Option<Date> {
    let tokens = tokens(text);
    tokens.windows(3).find_map(|w| {
        let month = month(&w[0])?;
        let year = w[2].parse().ok().filter(|year| (2000..2100).contains(year))?;
        Date::from_ymd_opt(year, month, w[1].parse().ok()?)
    })
}

/// The first `12/23/2024` of a text.
pub(super) fn slashed_day(text: &str) -> Option<Date> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '/')).find_map(|word| {
        let mut parts = word.trim_matches('/').split('/');
        let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
        Date::from_ymd_opt(
            year.parse().ok().filter(|y| (2000..2100).contains(y))?,
            month.parse().ok()?,
            day.parse().ok()?,
        )
    })
}

/// The first month named in a text.
pub(super) fn month_in(text: &str) -> Option<u32> {
    tokens(text).iter().find_map(|token| month(token))
}

/// The year and the quarter's first month in a file's name: `PPRRVU25_JAN`, `PPRRVU2024_Oct`, `GPCI2025`.
pub(super) fn year_of_name(name: &str) -> Option<i32> {
    let tokens = tokens(name);
    tokens.iter().skip(1).find_map(|token| match token.len() {
        4 => token.parse().ok().filter(|year| (2000..2100).contains(year)),
        2 => token.parse::<i32>().ok().map(|year| 2000 + year),
        _ => None,
    })
}

/// The release that a name such as `rvu24ar_0.zip` tells: year, letter, revised.
pub(super) fn rvu_release(name: &str) -> Option<(i32, char, bool)> {
    let lower = name.to_ascii_lowercase();
    let mut rest = lower.as_str();
    while let Some(at) = rest.find("rvu") {
        rest = &rest[at + 3..];
        let bytes = rest.as_bytes();
        let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
        let letter = bytes.get(digits).copied().filter(|b| (b'a'..=b'd').contains(b));
        // A month's name begins with a letter, too: `PPRRVU25apr`.
        let revised = bytes.get(digits + 1) == Some(&b'r');
        let after = bytes.get(digits + 1 + usize::from(revised));
        let ends = after.is_none_or(|b| !b.is_ascii_alphabetic());
        if let (2 | 4, Some(letter), true) = (digits, letter, ends) {
            let year = rest[..digits].parse::<i32>().ok()?;
            let year = if digits == 2 { 2000 + year } else { year };
            return Some((year, char::from(letter.to_ascii_uppercase()), revised));
        }
    }
    None
}

/// The first month of the quarter with this letter (A January … D October).
pub(super) const fn month_of(letter: char) -> u32 {
    match letter {
        'B' => 4,
        'C' => 7,
        'D' => 10,
        _ => 1,
    }
}

/// The letter of the quarter in which a month lies.
pub(super) const fn letter_of(month: u32) -> char {
    match month {
        1..=3 => 'A',
        4..=6 => 'B',
        7..=9 => 'C',
        _ => 'D',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<Date> {
        crate::domain::parse_iso_date(text).ok()
    }

    #[test]
    fn reads_the_days_of_titles_and_names() {
        assert_eq!(long_day("Effective October 1, 2025 through December 31, 2025"), day("2025-10-01"));
        assert_eq!(slashed_day("RELEASED 12/23/2024"), day("2024-12-23"));
        assert_eq!(month_in("2025 National Physician Fee Schedule Relative Value File January Release"), Some(1));
        assert_eq!(month_in("PPRRVU2024_Oct.csv"), Some(10));
        assert_eq!((year_of_name("PPRRVU25_JAN.csv"), year_of_name("GPCI2024.csv")), (Some(2025), Some(2024)));
        assert_eq!(year_of_name("notes.csv"), None);
    }

    #[test]
    fn reads_the_release_of_an_archive() {
        assert_eq!(rvu_release("rvu24ar_0.zip"), Some((2024, 'A', true)));
        assert_eq!(rvu_release("RVU25D.zip/PPRRVU25_OCT.csv"), Some((2025, 'D', false)));
        assert_eq!(rvu_release("PPRRVU25_APR.csv"), None);
        assert_eq!(rvu_release("PPRRVU25apr.csv"), None);
    }
}
