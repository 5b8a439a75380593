//! Reading single cells: money, dates, codes, places, units, reasons. Each either reads a cell exactly or says why not.
//!
//! No cell is guessed at: what has two readings is an error, and nothing unreadable becomes 0.

mod code;
mod date;
mod money;
mod place;
mod reason;

pub(super) use code::{code_cell, modifiers_cell};
pub(super) use date::{Order, day_cell};
pub(crate) use date::{month_name, us_day};
pub(super) use money::{LIMIT_CENTS, money_cell, units_cell};
pub(super) use place::{pos_cell, rank_cell, state_cell, status_cell};
pub(super) use reason::{Reason, adjustments_cell, reasons_cell, remarks_cell};

use crate::finding::FindingCode;

/// Why a cell could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bad {
    /// What kind of finding it is.
    pub(super) code: FindingCode,
    /// What a good cell looks like.
    pub(super) expected: &'static str,
}

impl Bad {
    pub(super) const fn new(code: FindingCode, expected: &'static str) -> Self {
        Self { code, expected }
    }
}

/// Whether a cell holds nothing: empty, or one of the words that programs write for nothing.
pub(super) fn is_blank(cell: &str) -> bool {
    let cell = cell.trim();
    cell.is_empty()
        || ["n/a", "na", "null", "none", "nan", "#n/a", "(null)", "<null>", "(blank)"]
            .iter()
            .any(|word| cell.eq_ignore_ascii_case(word))
}

/// The cell without surrounding space, or nothing.
pub(super) fn filled(cell: &str) -> Option<&str> {
    let cell = cell.trim();
    (!is_blank(cell)).then_some(cell)
}

/// Digits that a spreadsheet wrote as a power of ten: `1.23E+11`.
pub(super) fn is_scientific(cell: &str) -> bool {
    let cell = cell.trim();
    let Some((mantissa, exponent)) = cell.split_once(['E', 'e']) else { return false };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    digits(whole) && digits(fraction) && digits(exponent) && exponent.len() <= 3 && cell.contains(['+', '.'])
}

/// What may be shown of a cell: short, and nothing that may be a name, a patient's number or a day of birth that slipped
/// into the wrong column. So: no words, no run of six digits, no year before 2000, no two letters beside four digits.
pub(super) fn excerpt(cell: &str) -> String {
    let cell = cell.trim();
    if cell.is_empty() {
        return "an empty cell".to_owned();
    }
    let length = cell.chars().count();
    let runs =
        |of: fn(&char) -> bool| -> Vec<&str> { cell.split(|c: char| !of(&c)).filter(|run| !run.is_empty()).collect() };
    let (letters, digits) = (runs(|c| c.is_alphabetic()), runs(char::is_ascii_digit));
    // A short word without a digit ("Lee") is no figure either.
    if letters.iter().any(|run| run.chars().count() > 3) || !letters.is_empty() && digits.is_empty() {
        return format!("words ({length} characters)");
    }
    let number = digits.iter().any(|run| run.len() >= 6)
        || digits.iter().any(|run| run.len() >= 4) && letters.iter().any(|run| run.len() >= 2)
        || digits.iter().map(|run| run.len()).collect::<Vec<_>>() == [3, 2, 4];
    let birth = digits.iter().any(|run| run.len() == 4 && (run.starts_with("19") || run.starts_with("18")));
    if number || birth {
        return format!("figures ({length} characters)");
    }
    let shown: String = cell.chars().take(24).map(|c| if c.is_control() { '·' } else { c }).collect();
    if length > 24 { format!("\"{shown}…\"") } else { format!("\"{shown}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_shows_figures_and_never_words() {
        assert_eq!(excerpt("13/45/2024"), "\"13/45/2024\"");
        assert_eq!(excerpt("Mary Smith"), "words (10 characters)");
        assert_eq!(excerpt("Lee"), "words (3 characters)");
        assert_eq!(excerpt("9-Mar-20x4"), "\"9-Mar-20x4\"");
        assert_eq!(excerpt(""), "an empty cell");
        assert_eq!(excerpt("$12O.50"), "\"$12O.50\"");
        assert_eq!(excerpt("1.234,50"), "\"1.234,50\"");
    }

    #[test]
    fn an_excerpt_shows_no_number_of_a_patient_and_no_day_of_birth() {
        for cell in ["MRN00777", "1234567", "123-45-6789", "01/02/1950", "Feb 2, 1950", "AB-1234"] {
            assert!(excerpt(cell).starts_with("figures ("), "{cell}");
        }
    }

    #[test]
    fn scientific_notation_is_told_from_codes() {
        assert!(is_scientific("1.23E+11") && is_scientific("1.5e9") && is_scientific("2E+05"));
        for code in ["J3420", "1E5", "E0100", "12.50", "CLM-1E2"] {
            assert!(!is_scientific(code), "{code}");
        }
    }
}
