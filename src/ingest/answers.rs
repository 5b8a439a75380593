//! From the cells of a row to a payer's answer: remittance lines, adjustments, and the answer half of a practice export.

use super::account::Fate;
use super::cells::{self, Bad};
use super::fields::Field;
use super::mapping::TableKind;
use super::out::LooseAdjustment;
use super::reasons::Told;
use super::row::{Amounts, FileReader, Reject, Row};
use super::tables::unreachable_blank;
use crate::domain::{Adjustment, ClaimStatus, Date, Group, Link, Modifiers, Money, Rarc, Remit, ServiceLine, Units};
use crate::finding::{Finding, FindingCode};

impl FileReader<'_> {
    /// What the row tells of amounts and reasons.
    fn told(&mut self, row: &impl Row, line: u32, charge: Money, amounts: &Amounts) -> Result<Told, Reject> {
        let mut reasons = match self.filled(row, Field::Carc) {
            Some(cell) => cells::reasons_cell(cell).map_err(|bad| Reject::cell(Field::Carc, bad, cell))?,
            None => Vec::new(),
        };
        if let Some(cell) = self.filled(row, Field::Group) {
            let groups: Result<Vec<Group>, _> =
                cell.split([',', ';', '|', ' ']).filter(|g| !g.is_empty()).map(str::parse).collect();
            let bad = Bad::new(FindingCode::BadAdjustment, "a group: CO, PR, OA, PI or CR");
            let groups = groups.map_err(|_| Reject::cell(Field::Group, bad, cell))?;
            for (i, reason) in reasons.iter_mut().enumerate() {
                reason.0 = reason.0.or_else(|| groups.get(i).or(groups.first()).copied());
            }
        }
        Ok(Told {
            charge,
            paid: amounts.get(Field::Paid).unwrap_or_default(),
            allowed: amounts.get(Field::Allowed),
            patient: amounts.get(Field::PatientResponsibility),
            deductible: amounts.get(Field::Deductible),
            coinsurance: amounts.get(Field::Coinsurance),
            copay: amounts.get(Field::Copay),
            contractual: amounts.get(Field::AdjContractual),
            other_payers: amounts.get(Field::CobPaid),
            reasons,
            rarcs: self.remarks(row, line),
        })
    }

    fn remarks(&mut self, row: &impl Row, line: u32) -> Vec<Rarc> {
        let Some(cell) = self.filled(row, Field::Rarc) else { return Vec::new() };
        let (remarks, unread) = cells::remarks_cell(cell);
        if unread > 0 {
            let found = "a remark that is no remark code was left out".to_owned();
            self.warn(FindingCode::BadAdjustment, Field::Rarc, line, found, "codes such as M119 or N290");
        }
        remarks
    }

    /// The answer of a practice export's row; nothing when the row tells of none (the line is pending).
    pub(super) fn answer(
        &mut self,
        row: &impl Row,
        line: u32,
        service: &ServiceLine,
        amounts: &Amounts,
        [remit_date, denied_date, posted_date]: [Option<Date>; 3],
    ) -> Result<Option<Remit>, Reject> {
        let told = self.told(row, line, service.charge, amounts)?;
        let status = self.filled(row, Field::ClaimStatus).and_then(cells::status_cell);
        let moved = [told.allowed, told.patient_share(), Some(told.paid), told.other_payers];
        let zero = moved.iter().flatten().all(|amount| amount.is_zero());
        let dated = remit_date.or(denied_date);
        let silent = told.reasons.is_empty() && dated.is_none() && status != Some(ClaimStatus::Denied);
        // Programs print 0.00 on lines that nobody has answered yet.
        if zero && silent {
            return Ok(None);
        }
        let rank = self.filled(row, Field::PayerRank).and_then(cells::rank_cell);
        let date = dated.or(posted_date).unwrap_or_else(|| {
            let place = self.place(Some(Field::RemitDate), line);
            self.out.findings.push(Finding::new(FindingCode::DatelessAnswer, place, "no remittance date"));
            service.service_date
        });
        let by_amounts = if told.paid < Money::ZERO {
            ClaimStatus::Reversal
        } else if told.is_denial() {
            ClaimStatus::Denied
        } else {
            processed_as(rank)
        };
        Ok(Some(Remit {
            claim_id: service.claim_id.clone(),
            line_number: service.line_number,
            payer: service.payer.clone(),
            payer_rank: rank.unwrap_or(1),
            payer_claim_control_number: self.identifier(row, Field::PayerClaimControlNumber, line),
            claim_status: status.unwrap_or(by_amounts),
            remit_date: date,
            posted_date,
            code: Some(service.code),
            modifiers: service.modifiers,
            submitted_code: None,
            units: service.units,
            charge: service.charge,
            paid: told.paid,
            allowed: told.allowed,
            patient_responsibility: told.patient_share(),
            adjustments: self.adjustments(row, &told)?,
            trace_number: self.identifier(row, Field::TraceNumber, line),
            service_date: None,
            line_control_number: None,
            link: Link::LineNumber,
            source: self.source(line),
        }))
    }

    /// The adjustments of a row: as listed in one cell, else as far as its columns support them.
    fn adjustments(&self, row: &impl Row, told: &Told) -> Result<Vec<Adjustment>, Reject> {
        if let Some(cell) = self.filled(row, Field::Adjustments) {
            return cells::adjustments_cell(cell).map_err(|bad| Reject::cell(Field::Adjustments, bad, cell));
        }
        let column = [Field::Carc, Field::Deductible, Field::Coinsurance, Field::Copay, Field::AdjContractual];
        let told_here = self.mapping.kind == TableKind::Practice || column.into_iter().any(|f| self.mapping.has(f));
        Ok(if told_here { told.adjustments() } else { Vec::new() })
    }

    /// One remittance line.
    pub(super) fn remit_row(
        &mut self,
        row: &impl Row,
        line: u32,
        index: u32,
        amounts: &Amounts,
    ) -> Result<Fate, Reject> {
        let remit_date = self.day(row, Field::RemitDate, line)?;
        let posted_date = self.day(row, Field::PostedDate, line)?;
        let remit_date = match remit_date {
            Some(date) => date,
            None => return Err(self.needed(row, Field::RemitDate).err().unwrap_or_else(unreachable_blank)),
        };
        // Rows of an 835 may answer a claim as a whole, or a line without a procedure code.
        let of_era = self.mapping.has(Field::LineControlNumber);
        let (code, modifiers) = match self.code(row) {
            Ok((code, modifiers)) => (Some(code), modifiers),
            Err(_) if of_era => (None, Modifiers::NONE),
            Err(reject) => return Err(reject),
        };
        let amount = |field: Field| {
            let missing =
                || Reject::new(field, FindingCode::MissingValue, format!("{} is blank", field.name()), "an amount");
            amounts.get(field).ok_or_else(missing)
        };
        let (charge, paid) = (amount(Field::Charge)?, amount(Field::Paid)?);
        let told = self.told(row, line, charge, amounts)?;
        let rank = self.filled(row, Field::PayerRank).and_then(cells::rank_cell);
        let status = self.filled(row, Field::ClaimStatus).and_then(cells::status_cell);
        let by_amounts = if paid < Money::ZERO {
            ClaimStatus::Reversal
        } else if told.is_denial() {
            ClaimStatus::Denied
        } else {
            processed_as(rank)
        };
        let submitted = self.filled(row, Field::SubmittedCode);
        let payer = self.payer(row)?;
        let remit = Remit {
            claim_id: self.claim_id(row, &payer, None)?,
            line_number: self.whole(row, Field::LineNumber)?,
            payer_rank: rank.unwrap_or(1),
            payer_claim_control_number: self.identifier(row, Field::PayerClaimControlNumber, line),
            claim_status: status.unwrap_or(by_amounts),
            remit_date,
            posted_date,
            code,
            modifiers,
            submitted_code: match submitted {
                Some(cell) => {
                    Some(cells::code_cell(cell).map_err(|bad| Reject::cell(Field::SubmittedCode, bad, cell))?.0)
                }
                None => None,
            },
            units: self.units(row)?.unwrap_or(Units::ONE),
            charge,
            paid,
            allowed: told.allowed,
            patient_responsibility: told.patient_share(),
            adjustments: self.adjustments(row, &told)?,
            trace_number: self.identifier(row, Field::TraceNumber, line),
            // It only helps to find the line: one that cannot be read is no reason to leave the answer out.
            service_date: self.day(row, Field::ServiceDate, line).unwrap_or_default(),
            line_control_number: self.identifier(row, Field::LineControlNumber, line),
            link: Link::LineNumber,
            source: self.source(line),
            payer,
        };
        self.out.saw(remit_date);
        // Of an 835 the answers of whole claims are kept until they are linked.
        let outside = code.is_some_and(|code| !self.in_scope(code));
        if !of_era && outside && !remit.submitted_code.is_some_and(|code| self.in_scope(code)) {
            return Ok(Fate::OutOfScope);
        }
        self.out.remits.push((index, remit));
        Ok(Fate::Kept)
    }

    /// One adjustment, to be joined to its remittance line.
    pub(super) fn adjustment_row(&mut self, row: &impl Row, line: u32, amounts: &Amounts) -> Result<Fate, Reject> {
        let remit_row = match self.filled(row, Field::RemitRow) {
            Some(_) => Some(self.whole(row, Field::RemitRow)?),
            None => None,
        };
        let remit_date = self.day(row, Field::RemitDate, line)?;
        let named = self.mapping.has(Field::PayerId) || self.mapping.has(Field::Payer);
        let payer = if named && remit_row.is_none() { Some(self.payer(row)?) } else { None };
        let claim_id = match remit_row {
            Some(_) => self.names.text(""),
            None => self.claim_id(row, payer.as_deref().unwrap_or_default(), None)?,
        };
        let cell = self.needed(row, Field::Group)?;
        let bad = Bad::new(FindingCode::BadAdjustment, "a group: CO, PR, OA, PI or CR");
        let group = cell.parse().map_err(|_| Reject::cell(Field::Group, bad, cell))?;
        let cell = self.needed(row, Field::Carc)?;
        let bad = Bad::new(FindingCode::BadAdjustment, "one reason, such as 45");
        let reasons = cells::reasons_cell(cell).map_err(|bad| Reject::cell(Field::Carc, bad, cell))?;
        let [(_, carc)] = reasons[..] else { return Err(Reject::cell(Field::Carc, bad, cell)) };
        let amount = amounts
            .get(Field::Amount)
            .ok_or_else(|| Reject::new(Field::Amount, FindingCode::MissingValue, "the amount is blank", "an amount"))?;
        let rarcs = self.remarks(row, line);
        let adjustment = Adjustment { group, carc, rarcs, amount, quantity: self.units(row)? };
        let line_number = self.whole(row, Field::LineNumber)?;
        self.out.adjustments.push(LooseAdjustment {
            remit_row,
            claim_id,
            line_number,
            payer,
            remit_date,
            adjustment,
            line,
        });
        Ok(Fate::Kept)
    }
}

const fn processed_as(rank: Option<u8>) -> ClaimStatus {
    match rank {
        Some(2) => ClaimStatus::Secondary,
        Some(3) => ClaimStatus::Tertiary,
        _ => ClaimStatus::Primary,
    }
}
