//! Elements of the standard as values: dates, units, codes, procedures. Shared by remittances and claims.

use crate::domain::{Code, Date, Modifier, Modifiers, Units};
use crate::ingest::x12::Segment;

/// `20240309`, or the first day of `20240309-20240311`.
pub(in crate::ingest) fn day(element: &[u8]) -> Option<Date> {
    let text = element.trim_ascii();
    let text = if text.len() > 8 && text.get(8) == Some(&b'-') { &text[..8] } else { text };
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |digits: &[u8]| digits.iter().fold(0_u32, |n, d| n * 10 + u32::from(d - b'0'));
    // Six digits are years of this century (ISA09, and dates of older files).
    let (year, rest) = match text.len() {
        8 => (number(&text[..4]), &text[4..]),
        6 => (2000 + number(&text[..2]), &text[2..]),
        _ => return None,
    };
    let year = i32::try_from(year).ok().filter(|y| (1900..2100).contains(y))?;
    Date::from_ymd_opt(year, number(&rest[..2]), number(&rest[2..]))
}

/// The last day of a range, or the day.
pub(in crate::ingest) fn last_day(element: &[u8]) -> Option<Date> {
    let text = element.trim_ascii();
    day(if text.len() == 17 && text[8] == b'-' { &text[9..] } else { text })
}

/// A quantity with at most three decimals that are not zeros; blank is `None`.
pub(in crate::ingest) fn units(element: &[u8]) -> Result<Option<Units>, ()> {
    let thousandths = |amount: crate::ingest::x12::Amount| {
        let parts = amount.ten_thousandths();
        (parts % 10 == 0).then(|| Units::from_thousandths(parts / 10)).ok_or(())
    };
    crate::ingest::x12::Amount::parse(element).map_err(|_| ())?.map(thousandths).transpose()
}

/// A short text of ASCII letters and digits.
pub(in crate::ingest) fn ascii(element: &[u8]) -> Option<&str> {
    std::str::from_utf8(element.trim_ascii()).ok().filter(|t| t.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// A procedure: its code as written, the code, its modifiers.
pub(in crate::ingest) struct Procedure<'b> {
    pub(in crate::ingest) raw: &'b [u8],
    pub(in crate::ingest) code: Option<Code>,
    pub(in crate::ingest) modifiers: Modifiers,
    /// A modifier that is none, or one too many, was left out.
    pub(in crate::ingest) bad_modifier: bool,
}

/// Reads `HC:96372:59`, and `96372` alone.
pub(in crate::ingest) fn procedure<'b>(segment: &Segment<'b>, element: usize) -> Procedure<'b> {
    let mut parts = segment.components(element);
    let first = parts.next().unwrap_or_default().trim_ascii();
    // A qualifier has two letters; a code alone is a simple element.
    let (raw, simple) = if first.len() == 2 && first.iter().all(u8::is_ascii_alphanumeric) {
        (parts.next().unwrap_or_default().trim_ascii(), false)
    } else {
        (first, true)
    };
    let is_procedure = simple || matches!(first, b"HC" | b"HP" | b"AD" | b"WK" | b"ER" | b"IV" | b"ZZ");
    let code = Code::from_ascii(raw).filter(|_| is_procedure);
    let mut modifiers = Modifiers::NONE;
    let mut bad_modifier = false;
    for part in parts.take(4).map(<[u8]>::trim_ascii).filter(|p| !p.is_empty()) {
        match Modifier::from_ascii(part) {
            Some(modifier) => bad_modifier |= !modifiers.has(modifier.as_str()) && !modifiers.push(modifier),
            None => bad_modifier = true,
        }
    }
    Procedure { raw, code, modifiers, bad_modifier }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_ranges() {
        let text = |element: &str| day(element.as_bytes()).map(|d| d.to_string());
        assert_eq!(text("20240229").as_deref(), Some("2024-02-29"));
        assert_eq!(text("20240309-20240311").as_deref(), Some("2024-03-09"));
        assert_eq!(text("240309").as_deref(), Some("2024-03-09"));
        assert_eq!(last_day(b"20240309-20240311").map(|d| d.to_string()).as_deref(), Some("2024-03-11"));
        for wrong in ["20240230", "", "2024-03-09", "03092024x", "18991231"] {
            assert_eq!(text(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn units_keep_three_decimals() {
        assert_eq!(units(b"1.5"), Ok(Some(Units::from_thousandths(1500))));
        assert_eq!(units(b""), Ok(None));
        assert_eq!(units(b"0.1250"), Ok(Some(Units::from_thousandths(125))));
        assert!(units(b"0.1234").is_err() && units(b"one").is_err());
    }
}
