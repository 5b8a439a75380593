//! Procedure codes and modifiers, also where one cell holds both.

use super::{Bad, filled};
use crate::domain::{Code, Modifier, Modifiers};
use crate::finding::FindingCode;

/// Reads `96372`, `j3420`, `96372.0` (a spreadsheet's number), `HC:96372:59` (as in an 835), a code with modifiers
/// (`96372-59`, `96372 59`, `96372.59`, `96372/59`, `9637259`) and a code with its description behind it, which is dropped.
pub(crate) fn code_cell(cell: &str) -> Result<(Code, Modifiers), Bad> {
    let bad = Bad::new(FindingCode::BadCode, "a procedure code of five characters, such as 96372 or J3420");
    let text = cell.trim();
    let text = text.strip_prefix("HC:").or_else(|| text.strip_prefix("HC ")).unwrap_or(text);
    let (head, rest) = (text.get(..5).ok_or(bad)?, text.get(5..).ok_or(bad)?);
    let code: Code = head.parse().map_err(|_| bad)?;
    // 96372.0 and 96372.00 are numbers to a spreadsheet, not a code with the modifier 00.
    if rest.is_empty() || rest.strip_prefix('.').is_some_and(|zeros| zeros.bytes().all(|b| b == b'0')) {
        return Ok((code, Modifiers::NONE));
    }
    let separators = ['-', ' ', '.', '/', ':', ','];
    if !rest.starts_with(separators) {
        let glued = rest.len() <= 8 && rest.len().is_multiple_of(2) && rest.bytes().all(|b| b.is_ascii_alphanumeric());
        return if glued { modifiers_cell(rest).map(|m| (code, m)).map_err(|_| bad) } else { Err(bad) };
    }
    let tokens: Vec<&str> = rest.split(separators).filter(|t| !t.is_empty()).collect();
    if !tokens.is_empty() && tokens.len() <= 4 && tokens.iter().all(|t| t.len() == 2) {
        let mut modifiers = Modifiers::NONE;
        for token in tokens {
            modifiers.push(token.parse().map_err(|_| bad)?);
        }
        return Ok((code, modifiers));
    }
    // "96372 - injection": words behind a code describe it. Anything with digits in it is not a description.
    let described = rest.starts_with([' ', '-']) && !rest.bytes().any(|b| b.is_ascii_digit());
    if described { Ok((code, Modifiers::NONE)) } else { Err(bad) }
}

/// Reads the modifiers of one cell, in order: `25`, `25,59`, `25 59`, `25:59`, `2559`, `25.0`.
pub(crate) fn modifiers_cell(cell: &str) -> Result<Modifiers, Bad> {
    let bad = Bad::new(FindingCode::BadModifier, "up to four modifiers of two characters, such as 25,59");
    let mut modifiers = Modifiers::NONE;
    let Some(cell) = filled(cell) else { return Ok(modifiers) };
    for token in cell.split([',', ' ', ':', ';', '|', '/', '-']).filter(|t| !t.is_empty()) {
        let token = token.strip_suffix(".0").unwrap_or(token);
        if !token.is_ascii() || !token.len().is_multiple_of(2) {
            return Err(bad);
        }
        for at in (0..token.len()).step_by(2) {
            let modifier: Modifier = token[at..at + 2].parse().map_err(|_| bad)?;
            if !modifiers.push(modifier) {
                return Err(bad);
            }
        }
    }
    Ok(modifiers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cell: &str) -> String {
        let (code, modifiers) = code_cell(cell).unwrap();
        format!("{code} {modifiers}").trim().to_owned()
    }

    #[test]
    fn reads_codes_as_they_are_exported() {
        for (cell, expected) in [
            ("96372", "96372"),
            ("j3420", "J3420"),
            ("96372.0", "96372"),
            ("96372-59", "96372 59"),
            ("96372 59", "96372 59"),
            ("96372.59", "96372 59"),
            ("96372/59", "96372 59"),
            ("9637259", "96372 59"),
            ("HC:96372:59:XS", "96372 59,XS"),
            ("96372-59-76", "96372 59,76"),
            ("96372 - Injection, im/sc", "96372"),
        ] {
            assert_eq!(read(cell), expected, "{cell}");
        }
        for cell in ["", "9637", "96372x", "963725", "INJECTION", "96372 59999", "9é372", "12345678901234"] {
            assert_eq!(code_cell(cell).unwrap_err().code, FindingCode::BadCode, "{cell}");
        }
    }

    #[test]
    fn modifiers_keep_their_order() {
        for (cell, expected) in [
            ("25,59", "25,59"),
            ("59 25", "59,25"),
            ("25:59", "25,59"),
            ("2559", "25,59"),
            ("25.0", "25"),
            ("", ""),
            ("N/A", ""),
        ] {
            assert_eq!(modifiers_cell(cell).unwrap().to_string(), expected, "{cell}");
        }
        assert!(
            modifiers_cell("5").is_err() && modifiers_cell("25,59,76,77,78").is_err() && modifiers_cell("é").is_err()
        );
    }
}
