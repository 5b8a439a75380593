//! Elements of an 835 that must be amounts, what may be shown of those that are none, and what is expected instead.

use super::claim::Broken;
use crate::finding::{Finding, FindingCode, Place};
use crate::ingest::x12::{Amount, Segment};

pub(super) const AMOUNT: &str = "an amount, such as 14.72";
pub(super) const UNITS: &str = "a number with at most three decimals";
pub(super) const GROUP: &str = "CO, PR, OA, PI or CR";
pub(super) const REASON: &str = "a reason, such as 45 or B7";

/// An element with its name.
type Named = (usize, &'static str);

/// Reason, amount and quantity of the six triplets of a CAS.
pub(super) const TRIPLETS: [(Named, Named, usize); 6] = [
    ((2, "CAS02"), (3, "CAS03"), 4),
    ((5, "CAS05"), (6, "CAS06"), 7),
    ((8, "CAS08"), (9, "CAS09"), 10),
    ((11, "CAS11"), (12, "CAS12"), 13),
    ((14, "CAS14"), (15, "CAS15"), 16),
    ((17, "CAS17"), (18, "CAS18"), 19),
];

/// An amount that must be there, when it is needed.
pub(super) fn read_amount(
    segment: &Segment<'_>,
    element: usize,
    name: &'static str,
    needed: bool,
) -> Result<Option<Amount>, Broken> {
    match Amount::parse(segment.element(element)) {
        Ok(None) if needed => Err(()),
        Ok(amount) => Ok(amount),
        Err(_) => Err(()),
    }
    .map_err(|()| Broken { segment: segment.number, element: name, code: FindingCode::BadMoney, expected: AMOUNT })
}

pub(super) fn bad_amount(file: &str, segment: u32, element: &str, found: &[u8]) -> Finding {
    let place = Place::line(file, segment).column(element);
    Finding::new(FindingCode::BadMoney, place, shown(found)).expected(AMOUNT)
}

/// What may be shown of an element that should be an amount: figures of an amount's length with signs around them, never
/// words, and no figures with dashes between them, for these are days and numbers of persons.
pub(super) fn shown(element: &[u8]) -> String {
    let text = element.trim_ascii();
    let around = |b: &u8| b"-+$() ".contains(b);
    let from = text.iter().take_while(|b| around(b)).count();
    let behind = text[from..].iter().rev().take_while(|b| around(b)).count();
    let figures = &text[from..text.len() - behind];
    let harmless = |b: &u8| b.is_ascii_digit() || b".,".contains(b);
    match text {
        [] => "no amount".to_owned(),
        _ if text.len() <= 12 && figures.iter().all(harmless) => format!("\"{}\"", String::from_utf8_lossy(text)),
        _ => format!("{} characters that are no amount", text.len()),
    }
}

pub(super) fn length(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Replaces a text by an element; bytes that are not UTF-8 are read as Latin-1.
pub(super) fn keep(text: &mut String, element: &[u8]) {
    text.clear();
    match std::str::from_utf8(element.trim_ascii()) {
        Ok(value) => text.push_str(value),
        Err(_) => text.extend(element.trim_ascii().iter().map(|b| char::from(*b))),
    }
}
