//! National drug codes and their quantities, as practice exports and claims write them.

use super::cells;
use super::fields::Field;
use super::row::{FileReader, Row};
use crate::domain::{NdcQuantity, NdcUnit, Units};
use crate::finding::FindingCode;

/// What a quantity of a drug looks like.
pub(super) const QUANTITY: &str = "a quantity above 0 with at most three decimals, and F2, GR, ME, ML or UN";

/// A quantity in a unit; nothing when it is not more than 0.
pub(super) fn quantity(quantity: Option<Units>, unit: &str) -> Option<NdcQuantity> {
    let quantity = quantity.filter(|q| *q > Units::default())?;
    Some(NdcQuantity { quantity, unit: unit.parse::<NdcUnit>().ok()? })
}

/// A national drug code as 11 digits; hyphenated ones of ten digits get their zero where it belongs. What paper claims write
/// around it is left off: `N400409488801 ML0.5`.
pub(super) fn ndc(cell: &str) -> Option<String> {
    let cell = paper(cell).map_or(cell, |(ndc, _)| ndc);
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = cell.split('-').collect();
    let text = match parts[..] {
        [all] => all.to_owned(),
        [a, b, c] => format!("{a:0>5}{b:0>4}{c:0>2}"),
        _ => return None,
    };
    (text.len() == 11 && digits(&text)).then_some(text)
}

/// The NDC of a cell; what cannot be one is kept in outline, so that the rules of payability can tell a wrong code from a
/// missing one: at most 15 signs, of which only digits and hyphens are as they were written.
pub(super) fn told_ndc(cell: &str) -> String {
    ndc(cell).unwrap_or_else(|| {
        cell.chars().take(15).map(|c| if c.is_ascii_digit() || c == '-' { c } else { 'x' }).collect()
    })
}

/// The number and the rest of the shaded line of a paper claim: the qualifier `N4`, the number, the unit and the quantity.
fn paper(cell: &str) -> Option<(&str, &str)> {
    let rest = cell.get(..2).filter(|q| q.eq_ignore_ascii_case("N4")).and_then(|_| cell.get(2..))?;
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(rest.len());
    Some((rest.get(..end)?, rest.get(end..)?.trim()))
}

impl FileReader<'_> {
    /// The quantity of the drug of a row: from its own two columns, or from the drug's cell of a paper claim. One that cannot
    /// be read is left out with a warning; the row stays.
    pub(super) fn ndc_quantity(&mut self, row: &impl Row, line: u32) -> Option<NdcQuantity> {
        let columns = (self.filled(row, Field::NdcQuantity), self.filled(row, Field::NdcUnit));
        let (amount, unit, [of_amount, of_unit]) = match columns {
            (None, None) => {
                let (_, rest) = self.filled(row, Field::Ndc).and_then(paper).filter(|(_, rest)| !rest.is_empty())?;
                let (unit, amount) = rest.split_at_checked(2).unwrap_or((rest, ""));
                (amount.trim(), unit, [Field::Ndc; 2])
            }
            (amount, unit) => {
                (amount.unwrap_or_default(), unit.unwrap_or_default(), [Field::NdcQuantity, Field::NdcUnit])
            }
        };
        let units = cells::units_cell(amount).ok().flatten();
        let read = quantity(units, unit);
        if read.is_none() {
            let amount_is_good = units.is_some_and(|units| units > Units::default());
            let (field, cell) = if amount_is_good { (of_unit, unit) } else { (of_amount, amount) };
            self.warn(FindingCode::BadNdc, field, line, cells::excerpt(cell), QUANTITY);
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drug_codes_get_their_zero_where_it_belongs() {
        assert_eq!(ndc("0517-0031-25").as_deref(), Some("00517003125"));
        assert_eq!(ndc("00517-031-25").as_deref(), Some("00517003125"));
        assert_eq!(ndc("00517003125").as_deref(), Some("00517003125"));
        assert_eq!(ndc("0517003125"), None);
    }

    #[test]
    fn the_shaded_line_of_a_paper_claim() {
        for cell in ["N400517003125 ML0.5", "N4 00517003125 ML 0.5", "n40517-0031-25ML0.5"] {
            assert_eq!(ndc(cell).as_deref(), Some("00517003125"), "{cell}");
        }
        assert_eq!(paper("N400517003125 ML0.5"), Some(("00517003125", "ML0.5")));
        assert_eq!(paper("00517003125"), None);
        assert_eq!(paper("Né"), None);
    }

    #[test]
    fn a_quantity_is_more_than_nothing_in_a_known_unit() {
        let half = Units::from_thousandths(500);
        assert_eq!(quantity(Some(half), "ml").map(|q| q.to_string()).as_deref(), Some("0.5 ML"));
        assert_eq!(quantity(Some(half), "MG"), None);
        assert_eq!(quantity(Some(Units::default()), "ML"), None);
        assert_eq!(quantity(None, "ML"), None);
    }
}
