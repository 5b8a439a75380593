//! Adjustment reasons and remarks, and the one-cell form of all adjustments of a remittance line.
//!
//! The canonical CSV of remittances has one row per remittance line with all its adjustments in one cell:
//! `CO-45:12.30;PR-2:3.00;CO-16(M119|N290):85.00x2` is group, reason, remarks in brackets, amount in dollars, units.

use super::{Bad, filled, money_cell, units_cell};
use crate::domain::{Adjustment, Carc, Group, Rarc};
use crate::finding::FindingCode;

const EXPECTED: &str = "a group and a reason, such as CO-45";

/// One reason of a cell, with its group when the cell tells it.
pub(crate) type Reason = (Option<Group>, Carc);

/// Reads `CO-97`, `CO97`, `CO 97`, `PR3`, `97`, `97.0`, `282|text`, and several: `CO-45; PR-2`.
pub(crate) fn reasons_cell(cell: &str) -> Result<Vec<Reason>, Bad> {
    let bad = Bad::new(FindingCode::BadAdjustment, EXPECTED);
    let mut reasons = Vec::new();
    let Some(cell) = filled(cell) else { return Ok(reasons) };
    // Text behind a bar describes the reason before it: "282|the procedure code …".
    if let Some((code, text)) = cell.split_once('|')
        && text.bytes().filter(u8::is_ascii_alphabetic).count() > 5
    {
        return Ok(vec![reason(code).ok_or(bad)?]);
    }
    for part in cell.split([';', ',', '|', '\n']).filter(|p| !p.trim().is_empty()) {
        if let Some(one) = reason(part) {
            reasons.push(one);
            continue;
        }
        for token in part.split_whitespace() {
            reasons.push(reason(token).ok_or(bad)?);
        }
    }
    Ok(reasons)
}

/// One reason.
fn reason(text: &str) -> Option<Reason> {
    let text = text.trim();
    let text = text.strip_suffix(".0").unwrap_or(text);
    if let Some((group, rest)) = text.get(..2).and_then(|g| g.parse::<Group>().ok()).zip(text.get(2..)) {
        let code = rest.trim_start_matches(['-', ' ', ':', '_']);
        return carc(code).map(|carc| (Some(group), carc));
    }
    carc(text).map(|carc| (None, carc))
}

/// A reason code: up to three digits, or a letter (A, B, D, P, W, Y) and up to three digits. Leading zeros are dropped.
fn carc(text: &str) -> Option<Carc> {
    let text = text.trim();
    let (letter, digits) = match text.bytes().next()? {
        b if b.is_ascii_alphabetic() => text.split_at(1),
        _ => ("", text),
    };
    if digits.is_empty() || digits.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() { None } else { format!("{letter}{digits}").parse().ok() }
}

/// Reads the remark codes of a cell: `M119`, `N290, MA130`. What is no remark code is left out and counted.
pub(crate) fn remarks_cell(cell: &str) -> (Vec<Rarc>, usize) {
    let mut remarks: Vec<Rarc> = Vec::new();
    let mut unread = 0;
    let Some(cell) = filled(cell) else { return (remarks, 0) };
    for token in cell.split([',', ';', ' ', '|', ':', '/']).filter(|t| !t.is_empty()) {
        let digits = token.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let shaped = matches!(token.len() - digits.len(), 1 | 2)
            && (1..=4).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit());
        match token.parse::<Rarc>() {
            Ok(remark) if shaped => {
                if !remarks.contains(&remark) {
                    remarks.push(remark);
                }
            }
            _ => unread += 1,
        }
    }
    (remarks, unread)
}

/// Reads all adjustments of a remittance line from one cell.
pub(crate) fn adjustments_cell(cell: &str) -> Result<Vec<Adjustment>, Bad> {
    let Some(cell) = filled(cell) else { return Ok(Vec::new()) };
    cell.split(';').filter(|part| !part.trim().is_empty()).map(adjustment).collect()
}

fn adjustment(part: &str) -> Result<Adjustment, Bad> {
    let bad = Bad::new(FindingCode::BadAdjustment, "adjustments such as CO-45:12.30;PR-2:3.00");
    let (reasons, amount) = part.trim().split_once(':').ok_or(bad)?;
    let (head, rarcs) = match reasons.split_once('(') {
        None => (reasons, Vec::new()),
        Some((head, rest)) => match remarks_cell(rest.trim().strip_suffix(')').ok_or(bad)?) {
            (rarcs, 0) => (head, rarcs),
            _ => return Err(bad),
        },
    };
    let (Some(group), carc) = reason(head).ok_or(bad)? else { return Err(bad) };
    let (amount, quantity) = match amount.split_once('x') {
        None => (amount, None),
        Some((amount, quantity)) => (amount, units_cell(quantity)?),
    };
    let amount = money_cell(amount, false, false)?.ok_or(bad)?;
    Ok(Adjustment { group, carc, rarcs, amount, quantity })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Money, Units};

    fn read(cell: &str) -> String {
        let reasons = reasons_cell(cell).unwrap();
        let text = |(group, carc): &Reason| group.map_or_else(|| carc.to_string(), |g| format!("{g}-{carc}"));
        reasons.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn reads_reasons_as_they_are_exported() {
        for (cell, expected) in [
            ("CO-97", "CO-97"),
            ("co97", "CO-97"),
            ("CO 97", "CO-97"),
            ("PR3", "PR-3"),
            ("97", "97"),
            ("97.0", "97"),
            ("016", "16"),
            ("B7", "B7"),
            ("282|THE PROCEDURE CODE IS INCONSISTENT", "282"),
            ("CO-45; PR-2", "CO-45 PR-2"),
            ("45 16", "45 16"),
            ("", ""),
        ] {
            assert_eq!(read(cell), expected, "{cell}");
        }
        for cell in ["not medically necessary", "CO", "0", "12345", "é"] {
            assert!(reasons_cell(cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn remarks_are_told_from_words() {
        let (remarks, unread) = remarks_cell("M119, N290 MA130;M119 see");
        assert_eq!(remarks.iter().map(ToString::to_string).collect::<Vec<_>>(), ["M119", "N290", "MA130"]);
        assert_eq!(unread, 1);
    }

    #[test]
    fn one_cell_holds_all_adjustments() {
        let all = adjustments_cell("CO-45:12.30;PR-2:3.00;CO-16(M119|N290):85.00x2").unwrap();
        assert_eq!(all.iter().map(|a| a.amount).sum::<Money>(), Money::from_cents(10_030));
        assert_eq!((all[2].rarcs.len(), all[2].quantity), (2, Some(Units::whole(2))));
        for wrong in ["CO-45", "45:12.30", "CO-45:", "CO-45(M119:1.00", "CO-45:1.005", "CO-45(x):1.00"] {
            assert!(adjustments_cell(wrong).is_err(), "{wrong}");
        }
    }
}
