//! Amounts and units. Text to whole cents without a float on the way.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Bad, is_blank, is_scientific};
use crate::domain::{Money, Units};
use crate::finding::FindingCode;

/// No single amount, not even of a row of volumes, is a billion dollars; the bound also keeps sums far from overflow.
pub(crate) const LIMIT_CENTS: i64 = 100_000_000_000;

const EXPECTED: &str = "an amount, such as 1234.50";

/// Reads `$1,234.50`, `(45.00)`, `45.00-`, `-$45`, `45.00 CR` (a credit: negative), `$ -` (an accountant's zero).
/// Blank is no amount. With `float`, tiny binary fractions (0.30000000000000004) are taken off; with `cents`, the text
/// counts cents.
pub(crate) fn money_cell(cell: &str, float: bool, cents: bool) -> Result<Option<Money>, Bad> {
    let bad = |expected| Bad::new(FindingCode::BadMoney, expected);
    if is_blank(cell) {
        return Ok(None);
    }
    if is_scientific(cell) {
        return Err(Bad::new(FindingCode::ScientificNumber, EXPECTED));
    }
    let text: String = cell.chars().map(|c| if matches!(c, '−' | '–') { '-' } else { c }).collect();
    let mut text = text.trim_matches(|c: char| c.is_whitespace());
    let mut negative = false;
    let mut signs = 0;
    let upper = text.to_ascii_uppercase();
    if upper.ends_with("CR") || upper.ends_with("DR") {
        negative = upper.ends_with("CR");
        signs += 1;
        text = text[..text.len() - 2].trim_end();
    }
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        (negative, signs, text) = (true, signs + 1, inner.trim());
    }
    let mut currency = false;
    loop {
        if let Some(rest) = text.strip_prefix('$').filter(|_| !currency) {
            (currency, text) = (true, rest.trim_start());
        } else if let Some(rest) = text.strip_prefix('-') {
            (negative, signs, text) = (true, signs + 1, rest.trim_start());
        } else if let Some(rest) = text.strip_suffix('-').filter(|_| !text.is_empty()) {
            (negative, signs, text) = (true, signs + 1, rest.trim_end());
        } else {
            break;
        }
    }
    if signs > 1 {
        return Err(bad(EXPECTED));
    }
    if text.is_empty() {
        // "-" or "$ -" is how spreadsheets show zero; a lone "$" is nothing at all.
        return if signs == 1 { Ok(Some(Money::ZERO)) } else { Err(bad(EXPECTED)) };
    }
    let digits = plain_number(text).ok_or_else(|| {
        let decimal_comma = text.bytes().all(|b| b.is_ascii_digit() || b == b',' || b == b'.');
        bad(if decimal_comma {
            "an amount with a decimal point and thousands in threes, such as 1234.50 or 1,234.50"
        } else {
            EXPECTED
        })
    })?;
    let number = Decimal::from_str_exact(&digits)
        .or_else(|e| if float { digits.parse::<Decimal>() } else { Err(e) })
        .map_err(|_| bad(EXPECTED))?;
    let amount = if cents { number } else { number.checked_mul(Decimal::ONE_HUNDRED).ok_or_else(|| bad(EXPECTED))? };
    let whole = whole_cents(amount, float).ok_or_else(|| bad("whole cents: at most two decimals"))?;
    let cents = i64::try_from(whole.mantissa()).ok().filter(|c| *c <= LIMIT_CENTS);
    let cents = cents.ok_or_else(|| bad("an amount below a billion dollars"))?;
    Ok(Some(Money::from_cents(if negative { -cents } else { cents })))
}

/// The number of cents as a decimal of scale 0, when it is whole (for floats: within a ten-thousandth of a cent).
fn whole_cents(amount: Decimal, float: bool) -> Option<Decimal> {
    let mut whole = amount.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    let off = (amount - whole).abs();
    let allowed = if float { Decimal::new(1, 4) } else { Decimal::ZERO };
    whole.rescale(0);
    (off <= allowed).then_some(whole)
}

/// Digits with at most one decimal point; thousands separators only where they stand in threes.
fn plain_number(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() && fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let grouped = whole.contains(',');
    if !first.bytes().all(|b| b.is_ascii_digit()) || grouped && !(1..=3).contains(&first.len()) {
        return None;
    }
    if !groups.all(|g| g.len() == 3 && g.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let whole: String = whole.chars().filter(|c| *c != ',').collect();
    if whole.len() > 20 {
        return None;
    }
    Some(format!(
        "{}{whole}.{}",
        if whole.is_empty() { "0" } else { "" },
        if fraction.is_empty() { "0" } else { fraction }
    ))
}

/// Reads `1`, `1.000`, `0.5`, `-1`. Blank is no number; at most three decimals, at most a billion.
pub(crate) fn units_cell(cell: &str) -> Result<Option<Units>, Bad> {
    const EXPECTED: &str = "a number of units with at most three decimals, such as 1 or 0.5";
    if is_blank(cell) {
        return Ok(None);
    }
    if is_scientific(cell) {
        return Err(Bad::new(FindingCode::ScientificNumber, EXPECTED));
    }
    let text = cell.trim();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    plain_number(digits)
        .and_then(|d| Decimal::from_str_exact(&d).ok())
        .filter(|n| *n <= Decimal::from(1_000_000_000))
        .and_then(|n| Units::from_decimal(n * Decimal::from(sign)))
        .map(Some)
        .ok_or(Bad::new(FindingCode::BadUnits, EXPECTED))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(cell: &str) -> Option<i64> {
        money_cell(cell, false, false).unwrap().map(Money::cents)
    }

    #[test]
    fn reads_the_ways_in_which_offices_write_money() {
        for (cell, expected) in [
            ("$1,234.50", 123_450),
            ("1234.5", 123_450),
            ("(45.00)", -4500),
            ("($1,045.00)", -104_500),
            ("45.00-", -4500),
            ("-$45", -4500),
            ("$-45", -4500),
            ("−45", -4500),
            ("45.00 CR", -4500),
            ("45.00 DR", 4500),
            ("$ -", 0),
            ("-", 0),
            (".5", 50),
            ("7.", 700),
            ("45.0000", 4500),
            ("\u{a0}12.00\u{a0}", 1200),
        ] {
            assert_eq!(cents(cell), Some(expected), "{cell}");
        }
        for blank in ["", "  ", "N/A", "NULL"] {
            assert_eq!(cents(blank), None, "{blank}");
        }
    }

    #[test]
    fn does_not_guess() {
        for cell in [
            "1.234,50",
            "1234,50",
            "12,34",
            "45.125",
            "--45",
            "(-45)",
            "-45-",
            "$",
            "abc",
            "1.2.3",
            "12 34",
            "1e5x",
            "99999999999999999999999",
            "1000000000.01",
            "€45",
        ] {
            let bad = money_cell(cell, false, false).unwrap_err();
            assert_eq!(bad.code, FindingCode::BadMoney, "{cell}");
        }
        assert_eq!(money_cell("1.23E+05", false, false).unwrap_err().code, FindingCode::ScientificNumber);
    }

    #[test]
    fn floats_are_taken_only_when_they_are_cents() {
        let float = |cell| money_cell(cell, true, false).map(|m| m.map(Money::cents));
        assert_eq!(float("0.30000000000000004"), Ok(Some(30)));
        assert!(float("45.125").is_err());
        assert_eq!(money_cell("4512", false, true).unwrap().map(Money::cents), Some(4512));
    }

    #[test]
    fn units_may_be_thousandths() {
        let units = |cell| units_cell(cell).map(|u| u.map(Units::thousandths));
        assert_eq!(units("1.000"), Ok(Some(1000)));
        assert_eq!(units("0.5"), Ok(Some(500)));
        assert_eq!(units("-1"), Ok(Some(-1000)));
        assert_eq!(units(" "), Ok(None));
        assert!(units("1.0005").is_err() && units("one").is_err() && units("9999999999").is_err());
    }
}
