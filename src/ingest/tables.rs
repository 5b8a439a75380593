//! From the cells of a row to the typed row of its table: billed lines and volumes here, answers in `answers`.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::account::Fate;
use super::cells::{self, Bad};
use super::drug;
use super::fields::Field;
use super::mapping::TableKind;
use super::out::{LineRow, TotalRow};
use super::row::{Amounts, FileReader, Reject, Row};
use crate::domain::{Code, Date, Money, Period, ServiceLine, Source, Units, Volume, round_cents};
use crate::finding::{Finding, FindingCode};

/// No line carries more.
const MOST_UNITS: Units = Units::whole(1_000_000);

impl FileReader<'_> {
    /// Reads one row and books it. `index` counts the rows of the file from 0.
    pub(super) fn row(&mut self, row: &impl Row, line: u32, index: u32) {
        let (amounts, bad_amount) = self.amounts(row);
        if self.is_total(row, &amounts) {
            self.total_row(row, line, &amounts);
            return;
        }
        let charge = self.row_charge(row, &amounts);
        if let Some(reject) = self.wrong_width(row) {
            self.quarantine(line, reject, None);
            return;
        }
        self.out.charge += charge.unwrap_or_default();
        self.out.paid += amounts.get(Field::Paid).unwrap_or_default();
        let fate = match bad_amount {
            Some(reject) => Err(reject),
            None => match self.mapping.kind {
                TableKind::ClaimLines | TableKind::Practice => self.line_row(row, line, &amounts, charge),
                TableKind::Remits => self.remit_row(row, line, index, &amounts),
                TableKind::Adjustments => self.adjustment_row(row, line, &amounts),
                TableKind::Volumes => self.volume_row(row, line, &amounts),
            },
        };
        let unknown = self.unknown_payer.take();
        match fate {
            Ok(fate) => {
                if let Some(payer) = unknown {
                    self.out.unknown_payers.entry(payer).or_insert((0, line)).0 += 1;
                }
                self.account().book(fate, charge);
            }
            Err(reject) => self.quarantine(line, reject, charge),
        }
    }

    /// A row with too few or too many cells.
    fn wrong_width(&self, row: &impl Row) -> Option<Reject> {
        let (width, expected) = (row.width(), self.mapping.headers.len());
        let spare = (expected..width).any(|column| !row.cell(column).trim().is_empty());
        let code = match width {
            w if w < expected => FindingCode::RowTooShort,
            w if w > expected && spare => FindingCode::RowTooLong,
            _ => return None,
        };
        let found = format!("{width} cells where the header has {expected}");
        Some(Reject { field: None, code, found, expected: "as many cells as the header" })
    }

    /// The fields without which a row is no row of its table.
    const fn keys(&self) -> &'static [Field] {
        match self.mapping.kind {
            TableKind::ClaimLines | TableKind::Practice => &[Field::ServiceDate, Field::Code],
            TableKind::Remits => &[Field::RemitDate, Field::Code],
            TableKind::Adjustments => &[Field::Carc],
            TableKind::Volumes => &[Field::Period, Field::Code],
        }
    }

    /// Whether this is a row of totals: no day and no code, and either the first filled cell says "total" or nothing but
    /// amounts is filled.
    fn is_total(&self, row: &impl Row, amounts: &Amounts) -> bool {
        let blank = |field| self.filled(row, field).is_none_or(says_total);
        if !self.keys().iter().all(|key| blank(*key)) {
            return false;
        }
        let first = (0..row.width()).map(|column| row.cell(column)).find(|cell| cells::filled(cell).is_some());
        if first.is_some_and(says_total) {
            return true;
        }
        let named = [Field::ClaimId, Field::Payer, Field::PayerId, Field::LineNumber];
        named.into_iter().all(blank) && super::row::MONEY.iter().any(|field| amounts.get(*field).is_some())
    }

    fn total_row(&mut self, row: &impl Row, line: u32, amounts: &Amounts) {
        let aligned = row.width() == self.mapping.headers.len();
        let charge = amounts.get(Field::Charge).filter(|_| aligned);
        let paid = amounts.get(Field::Paid).filter(|_| aligned);
        let words = (0..row.width()).find_map(|column| cells::filled(row.cell(column))).unwrap_or_default();
        let grand = words.to_ascii_lowercase().contains("grand");
        self.out.totals.push(TotalRow { line, grand, charge, paid });
        self.out.findings.push(Finding::new(FindingCode::TotalRow, self.place(None, line), "a row of totals"));
        self.account().book(Fate::Total, charge);
    }

    /// The charge of the row: the line's, or the unit's times the units.
    fn row_charge(&self, row: &impl Row, amounts: &Amounts) -> Option<Money> {
        if self.mapping.has(Field::Charge) {
            return amounts.get(Field::Charge);
        }
        let unit = amounts.get(Field::UnitCharge)?;
        let units = self.units(row).ok()?.unwrap_or(Units::ONE);
        let whole = unit.dollars().checked_mul(units.decimal()).and_then(round_cents);
        whole.filter(|charge| charge.cents().abs() <= cells::LIMIT_CENTS)
    }

    pub(super) fn source(&self, line: u32) -> Source {
        Source { file: self.file, line }
    }

    pub(super) fn in_scope(&self, code: Code) -> bool {
        self.project.scope.as_ref().is_none_or(|codes| codes.contains(&code))
    }

    /// The claim number. Without such a column: a number made from the patient or account, the payer and the day.
    pub(super) fn claim_id(&mut self, row: &impl Row, payer: &str, day: Option<Date>) -> Result<Arc<str>, Reject> {
        if self.mapping.has(Field::ClaimId) {
            let cell = self.needed(row, Field::ClaimId)?;
            if cells::is_scientific(cell) {
                return Err(Reject::cell(
                    Field::ClaimId,
                    Bad::new(FindingCode::ScientificNumber, "the whole number"),
                    cell,
                ));
            }
            // A spreadsheet writes the number 1001 as 1001.0.
            let cell = cell.strip_suffix(".0").filter(|c| c.bytes().all(|b| b.is_ascii_digit())).unwrap_or(cell);
            return Ok(self.names.text(cell));
        }
        let patient = self.patient_key(row).ok_or_else(|| {
            Reject::new(Field::AccountId, FindingCode::MissingValue, "claim and account are blank", "one of them")
        })?;
        let text = format!("{patient:016x}|{payer}|{}", day.map(|d| d.to_string()).unwrap_or_default());
        let digest = Sha256::digest(text.as_bytes());
        let hex: String = digest.iter().take(6).map(|b| format!("{b:02x}")).collect();
        Ok(self.names.text(&format!("auto-{hex}")))
    }

    /// A billed line, with its answer in a practice export.
    fn line_row(
        &mut self,
        row: &impl Row,
        line: u32,
        amounts: &Amounts,
        charge: Option<Money>,
    ) -> Result<Fate, Reject> {
        let date = self.day(row, Field::ServiceDate, line)?;
        // All days are looked at before the row can be rejected for another reason: they tell the column's order.
        let remit_date = self.day(row, Field::RemitDate, line)?;
        let denied_date = self.day(row, Field::DeniedDate, line)?;
        let posted_date = self.day(row, Field::PostedDate, line)?;
        let service_date = match date {
            Some(date) => date,
            None => return Err(self.needed(row, Field::ServiceDate).err().unwrap_or_else(unreachable_blank)),
        };
        let (code, modifiers) = self.code(row)?;
        let charge_field = if self.mapping.has(Field::Charge) { Field::Charge } else { Field::UnitCharge };
        let Some(charge) = charge else {
            return Err(Reject::new(charge_field, FindingCode::MissingValue, "the charge is blank", "an amount"));
        };
        if charge < Money::ZERO {
            let found = format!("a charge of {}", charge.pretty());
            return Err(Reject::new(charge_field, FindingCode::NegativeCharge, found, "a charge of 0 or more"));
        }
        let units = match self.units(row)? {
            Some(units) if units > Units::default() && units <= MOST_UNITS => units,
            Some(units) if units > MOST_UNITS => {
                let found = "units beyond any dose on one line";
                return Err(Reject::new(Field::Units, FindingCode::BadUnits, found, "at most a million"));
            }
            Some(_) => {
                let found = "units of 0 or less";
                return Err(Reject::new(Field::Units, FindingCode::NonPositiveUnits, found, "units above 0"));
            }
            None => {
                let found = "no units; 1 was taken".to_owned();
                self.warn(FindingCode::BlankUnits, Field::Units, line, found, "a number");
                Units::ONE
            }
        };
        let payer = self.payer(row)?;
        let pos = match self.filled(row, Field::Pos) {
            Some(cell) => Some(cells::pos_cell(cell).map_err(|bad| Reject::cell(Field::Pos, bad, cell))?),
            None => None,
        };
        let service = ServiceLine {
            claim_id: self.claim_id(row, &payer, Some(service_date))?,
            line_number: self.whole(row, Field::LineNumber)?,
            service_date,
            plan: self.filled(row, Field::Plan).map(|plan| self.names.text(plan)),
            state: self.lenient(row, Field::State, line, cells::state_cell),
            zip: self.lenient(row, Field::Zip, line, |c| place(c.strip_suffix(".0").unwrap_or(c))),
            locality: self.lenient(row, Field::Locality, line, place),
            pos,
            code,
            modifiers,
            units,
            charge,
            diagnosis: self.filled(row, Field::Diagnosis).map(|text| self.names.text(text)),
            ndc: self.filled(row, Field::Ndc).map(|cell| self.names.text(&drug::told_ndc(cell))),
            ndc_quantity: self.ndc_quantity(row, line),
            rendering_npi: self.identifier(row, Field::RenderingNpi, line),
            billing_npi: self.identifier(row, Field::BillingNpi, line),
            patient_key: self.patient_key(row),
            control_number: None,
            source: self.source(line),
            payer,
        };
        let answer = if self.mapping.kind == TableKind::Practice {
            let dates = [remit_date, denied_date, posted_date];
            self.answer(row, line, &service, amounts, dates)?.map(Box::new)
        } else {
            None
        };
        self.out.saw(service_date);
        // Codes out of scope are kept: a line in scope may fall beside them.
        self.out.lines.push(LineRow { line: service, answer });
        Ok(Fate::Kept)
    }

    /// One row of aggregate volumes.
    fn volume_row(&mut self, row: &impl Row, line: u32, amounts: &Amounts) -> Result<Fate, Reject> {
        let cell = self.needed(row, Field::Period)?;
        let bad = Bad::new(FindingCode::BadDate, "a month, such as 2023-04, or a year, such as 2023");
        let period = period(cell).ok_or_else(|| Reject::cell(Field::Period, bad, cell))?;
        let (code, modifiers) = self.code(row)?;
        let units = match self.units(row)? {
            Some(units) if units > Units::default() => units,
            Some(_) => {
                return Err(Reject::new(
                    Field::Units,
                    FindingCode::NonPositiveUnits,
                    "units of 0 or less",
                    "units above 0",
                ));
            }
            None => return Err(Reject::new(Field::Units, FindingCode::MissingValue, "units are blank", "a number")),
        };
        let payer = self.payer(row)?;
        let pos = match self.filled(row, Field::Pos) {
            Some(cell) => Some(cells::pos_cell(cell).map_err(|bad| Reject::cell(Field::Pos, bad, cell))?),
            None => None,
        };
        let volume = Volume {
            period,
            payer,
            state: self.lenient(row, Field::State, line, cells::state_cell),
            locality: self.lenient(row, Field::Locality, line, place),
            pos,
            code,
            modifiers,
            units,
            charge: amounts.get(Field::Charge),
            allowed: amounts.get(Field::Allowed),
            paid: amounts.get(Field::Paid),
            source: self.source(line),
        };
        self.out.saw(period.from());
        self.out.saw(period.last());
        if !self.in_scope(code) {
            return Ok(Fate::OutOfScope);
        }
        self.out.volumes.push(volume);
        Ok(Fate::Kept)
    }
}

/// A blank needed cell always rejects; this stands for the case that cannot come.
pub(super) fn unreachable_blank() -> Reject {
    Reject { field: None, code: FindingCode::MissingValue, found: "a blank cell".to_owned(), expected: "a value" }
}

/// A ZIP code or locality.
fn place<T: std::str::FromStr<Err = crate::domain::Unreadable>>(cell: &str) -> Result<T, Bad> {
    cell.parse().map_err(|e: crate::domain::Unreadable| Bad::new(FindingCode::BadPlace, e.expected))
}

/// Whether a cell's words say that the row holds totals: `Total`, `Grand Total:`, `Total for Aetna`, `Claim totals`.
fn says_total(cell: &str) -> bool {
    const WORDS: [&str; 5] = ["total", "totals", "subtotal", "subtotals", "sum"];
    let lower = cell.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    let first = words.next();
    [first, words.next_back().or(first)].into_iter().flatten().any(|word| WORDS.contains(&word))
}

/// `2023-04`, `04/2023`, `2023`, or any day of the month.
fn period(cell: &str) -> Option<Period> {
    let month = |year: i32, month: u32| {
        let first = Date::from_ymd_opt(year, month, 1)?;
        Period::new(first, first.checked_add_months(chrono::Months::new(1))?)
    };
    let plausible = |year: &str| year.parse::<i32>().ok().filter(|y| year.len() == 4 && (2000..=2035).contains(y));
    let cell = cell.strip_suffix(".0").unwrap_or(cell);
    if let Some(year) = plausible(cell) {
        return Period::new(Date::from_ymd_opt(year, 1, 1)?, Date::from_ymd_opt(year + 1, 1, 1)?);
    }
    if let Some((a, b)) = cell.split_once(['-', '/'])
        && !b.contains(['-', '/'])
    {
        return match plausible(a) {
            Some(year) => month(year, b.parse().ok()?),
            None => month(plausible(b)?, a.parse().ok()?),
        };
    }
    use chrono::Datelike;
    let day = cells::day_cell(cell, false).ok().filter(|d| d.order == cells::Order::Plain)?.date?;
    month(day.year(), day.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn total_rows_say_so() {
        for cell in ["Total", "Grand Total:", "TOTALS", "Total for Aetna", "Claim totals", "Sub-total", "Subtotal"] {
            assert!(says_total(cell), "{cell}");
        }
        for cell in ["TOTAL1", "Totality Health", "C100", "", "summary"] {
            assert!(!says_total(cell), "{cell}");
        }
    }

    #[test]
    fn periods_are_months_or_years() {
        let text = |cell| period(cell).map(|p| p.to_string());
        assert_eq!(text("2023").as_deref(), Some("2023-01-01 to 2023-12-31"));
        for cell in ["2023-04", "04/2023", "2023-04-17"] {
            assert_eq!(text(cell).as_deref(), Some("2023-04-01 to 2023-04-30"), "{cell}");
        }
        assert!(text("April").is_none() && text("1923").is_none() && text("13/2023").is_none());
    }
}
