//! Joins what stands in different files: adjustments to their remittance line, remittances without a line number to the
//! billed line they can only mean.

use std::sync::Arc;

use rustc_hash::FxHashMap;

mod payments;
mod split;
mod tabled;
mod tiers;

pub(super) use payments::payments;

use super::TableKind;
use super::account::Fate;
use super::out::{FileOutput, LooseAdjustment, QuarantinedRow};
use super::read::FileReport;
use crate::domain::{Code, Date, Link, Remit, ServiceLine};
use crate::finding::{Finding, FindingCode, Findings, Place};

/// File and position of a remittance.
type At = (usize, usize);

/// Adds every row of an adjustments table to its remittance: by the row's index in the remittance file given before it
/// (else the first one), or by claim, line, payer and day. Rows that fit none, or several, are quarantined.
pub(super) fn adjustments(files: &[FileReport], outputs: &mut [FileOutput], findings: &mut Findings) {
    let loose: Vec<(usize, Vec<LooseAdjustment>)> = outputs
        .iter_mut()
        .enumerate()
        .map(|(file, output)| (file, std::mem::take(&mut output.adjustments)))
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    if loose.is_empty() {
        return;
    }
    let mut by_row: FxHashMap<(usize, u32), At> = FxHashMap::default();
    let mut by_key: FxHashMap<(Arc<str>, u32), Vec<At>> = FxHashMap::default();
    for (file, output) in outputs.iter().enumerate() {
        for (position, (row, remit)) in output.remits.iter().enumerate() {
            by_row.insert((file, *row), (file, position));
            by_key.entry((remit.claim_id.clone(), remit.line_number)).or_default().push((file, position));
        }
    }
    for (file, rows) in loose {
        let is_remits = |f: &usize| files[*f].kind == Some(TableKind::Remits);
        let owner = (0..file).rev().find(is_remits).or_else(|| (0..files.len()).find(is_remits));
        for row in rows {
            let at = match row.remit_row {
                Some(index) => owner.and_then(|owner| by_row.get(&(owner, index))).copied(),
                None => by_key.get(&(row.claim_id.clone(), row.line_number)).and_then(|all| {
                    let fits = |at: &&At| matches(&outputs[at.0].remits[at.1].1, row.payer.as_deref(), row.remit_date);
                    let mut found = all.iter().filter(fits);
                    found.next().filter(|_| found.next().is_none()).copied()
                }),
            };
            match at {
                Some((file, position)) => outputs[file].remits[position].1.adjustments.push(row.adjustment),
                None => unjoined(&files[file].name, &mut outputs[file], row.line, findings),
            }
        }
    }
    for output in outputs {
        for (_, remit) in &mut output.remits {
            remit.adjustments.sort_by(|a, b| {
                (a.group, a.carc, a.amount, &a.rarcs, a.quantity)
                    .cmp(&(b.group, b.carc, b.amount, &b.rarcs, b.quantity))
            });
        }
    }
}

fn matches(remit: &Remit, payer: Option<&str>, day: Option<Date>) -> bool {
    payer.is_none_or(|payer| *remit.payer == *payer) && day.is_none_or(|day| remit.remit_date == day)
}

fn unjoined(name: &str, output: &mut FileOutput, line: u32, findings: &mut Findings) {
    let found = "an adjustment that belongs to no remittance line, or to several";
    output.account.rebook(Fate::Quarantined, crate::domain::Money::ZERO);
    output.account.rows_charge_unknown += 1;
    output.quarantined.push(QuarantinedRow {
        file: name.to_owned(),
        line,
        column: String::new(),
        code: FindingCode::BadAdjustment,
        reason: found.to_owned(),
    });
    let help = "give the remittance file before its adjustments, and the same claim, line, payer and date in both";
    findings.push(Finding::new(FindingCode::BadAdjustment, Place::line(name, line), found).help(help));
}

/// Gives a remittance without a line number the number of the one line of its claim with its code; leaves 0 where there is
/// none, or more than one.
pub(super) fn line_numbers(lines: &[ServiceLine], remits: &mut [Remit]) {
    if remits.iter().all(|remit| remit.line_number > 0) {
        return;
    }
    let mut of_code: FxHashMap<(&str, Code), Option<u32>> = FxHashMap::default();
    for line in lines {
        of_code.entry((&line.claim_id, line.code)).and_modify(|n| *n = None).or_insert(Some(line.line_number));
    }
    for remit in remits.iter_mut().filter(|remit| remit.line_number == 0) {
        let code = remit.submitted_code.or(remit.code);
        match code.and_then(|code| of_code.get(&(&*remit.claim_id, code))) {
            Some(Some(number)) => (remit.line_number, remit.link) = (*number, Link::Code),
            _ => remit.link = Link::None,
        }
    }
}
