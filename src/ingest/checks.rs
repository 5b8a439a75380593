//! What a file says of itself: its own totals against the sum of its rows, and charges that look like claim totals.

use rustc_hash::FxHashMap;

use super::out::{FileOutput, TotalRow};
use super::read::FileReport;
use crate::domain::Money;
use crate::finding::{Finding, FindingCode, Place};
use crate::project::Project;

/// Adds the findings that need the whole file.
pub(super) fn after_reading(project: &Project, report: &FileReport, output: &mut FileOutput) {
    control_totals(report, output);
    repeated_claim_totals(report, output);
    unknown_payers(project, report, output);
    columns(report, output);
}

fn header(report: &FileReport, field: &str) -> String {
    report
        .mapping
        .iter()
        .find(|(name, _)| *name == field)
        .map_or_else(|| field.to_owned(), |(_, header)| header.clone())
}

/// The file's total row, or the sum of its partial totals, against the sum of its rows.
fn control_totals(report: &FileReport, output: &mut FileOutput) {
    let named: Vec<&TotalRow> = output.totals.iter().filter(|t| t.grand).collect();
    let totals: Vec<&TotalRow> = if named.is_empty() { output.totals.iter().collect() } else { named };
    let Some(last) = totals.last() else { return };
    let mut found = Vec::new();
    for (field, sum, of) in [
        ("charge", output.charge, (|t: &TotalRow| t.charge) as fn(&TotalRow) -> Option<Money>),
        ("paid", output.paid, |t: &TotalRow| t.paid),
    ] {
        let told: Vec<Money> = totals.iter().filter_map(|t| of(t)).collect();
        // A last total over everything, or several that add up to everything.
        let (Some(whole), parts) = (told.last().copied(), told.iter().copied().sum::<Money>()) else { continue };
        if whole != sum && parts != sum {
            let unread = output.account.rows_charge_unknown;
            let unread = match unread {
                0 => String::new(),
                1 => "; the charge of 1 row could not be read".to_owned(),
                n => format!("; the charges of {n} rows could not be read"),
            };
            let text = format!("the total row says {}, the rows add up to {}{unread}", whole.pretty(), sum.pretty());
            let place = Place::line(&report.name, last.line).column(header(report, field));
            found.push(Finding::new(FindingCode::ControlTotalDiffers, place, text));
        }
    }
    output.findings.extend(found);
}

/// At least five claims of several codes, four fifths of which carry one and the same charge on every line.
fn repeated_claim_totals(report: &FileReport, output: &mut FileOutput) {
    /// Lines, first charge, first code, whether charges are all the same, whether codes differ, first line.
    struct Claim {
        charge: Money,
        code: crate::domain::Code,
        same: bool,
        codes: bool,
        line: u32,
    }
    let mut claims: FxHashMap<&str, Claim> = FxHashMap::default();
    for row in &output.lines {
        let line = &row.line;
        let fresh = Claim { charge: line.charge, code: line.code, same: true, codes: false, line: line.source.line };
        let claim = claims.entry(&line.claim_id).or_insert(fresh);
        claim.same &= claim.charge == line.charge;
        claim.codes |= claim.code != line.code;
    }
    let several = claims.values().filter(|c| c.codes && !c.charge.is_zero());
    let (mut all, mut same, mut first) = (0_u64, 0_u64, u32::MAX);
    for claim in several {
        all += 1;
        if claim.same {
            same += 1;
            first = first.min(claim.line);
        }
    }
    if all >= 5 && same * 5 >= all * 4 {
        let place = Place::line(&report.name, first).column(header(report, "charge"));
        let text = format!("{same} of {all} claims with several codes carry the same charge on every line");
        output.findings.push(Finding::new(FindingCode::RepeatedClaimTotal, place, text).times(same));
    }
}

/// Payers that the project does not know, the most frequent first, in one finding.
pub(super) fn unknown_payers(project: &Project, report: &FileReport, output: &mut FileOutput) {
    let mut unknown: Vec<(&str, u64, u32)> =
        output.unknown_payers.iter().map(|(p, (n, line))| (&**p, *n, *line)).collect();
    unknown.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let Some(line) = unknown.iter().map(|u| u.2).min() else { return };
    let rows = |count: u64| match (unknown.len(), count) {
        // One payer: the finding's own count says it.
        (1, _) => String::new(),
        (_, 1) => " (1 row)".to_owned(),
        (_, n) => format!(" ({n} rows)"),
    };
    let shown: Vec<String> = unknown
        .iter()
        .take(5)
        .map(|(payer, count, _)| {
            let payer: String = payer.chars().take(40).collect();
            format!("\"{payer}\"{}", rows(*count))
        })
        .collect();
    let more = if unknown.len() > 5 { format!(" and {} more", unknown.len() - 5) } else { String::new() };
    let column = ["payer_id", "payer"].into_iter().find(|f| report.mapping.iter().any(|(name, _)| name == f));
    let place = Place::line(&report.name, line).column(header(report, column.unwrap_or("payer")));
    let count = unknown.iter().map(|u| u.1).sum();
    let found = format!("not in allowable.toml: {}{more}", shown.join(", "));
    let finding = Finding::new(FindingCode::UnknownPayer, place, found).times(count);
    output.findings.push(match unknown.iter().find_map(|(payer, ..)| Some((payer, project.payer_like(payer)?))) {
        Some((payer, meant)) => {
            let help = format!("did you mean {meant}? then add \"{payer}\" to its aliases; {}", finding.help);
            finding.help(help)
        }
        None => finding,
    });
}

/// What became of columns that are not read.
fn columns(report: &FileReport, output: &mut FileOutput) {
    let place = |header: &String| Place::line(&report.name, report.header_line.max(1)).column(header.clone());
    for header in &report.unmapped {
        output.findings.push(Finding::new(FindingCode::UnmappedColumn, place(header), "no field of this name"));
    }
    for header in &report.dropped_patient_columns {
        output.findings.push(Finding::new(FindingCode::PatientColumnDropped, place(header), "not read"));
    }
    let unit = report.mapping.iter().find(|(name, _)| *name == "unit_charge");
    if let Some((_, header)) = unit.filter(|_| !report.mapping.iter().any(|(name, _)| *name == "charge")) {
        let found = "a charge per unit, multiplied by the units";
        output.findings.push(Finding::new(FindingCode::UnitChargeColumn, place(header), found));
    }
}
