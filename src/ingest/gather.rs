//! Gathers what the files gave: joins adjustments, leaves duplicates out, numbers lines. Nothing here depends on the
//! order of rows or files: everything is sorted by content first.

use std::cmp::Ordering;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::account::Fate;
use super::out::{FileOutput, LineRow, QuarantinedRow};
use super::read::FileReport;
use super::{Intake, TableKind, claim837};
use crate::domain::{Money, Remit, ServiceLine, Source, Volume};
use crate::finding::{Finding, FindingCode, Findings, Place};

/// Puts the outputs of all files together.
pub(super) fn gather(mut files: Vec<FileReport>, mut outputs: Vec<FileOutput>) -> Intake {
    let mut findings = Findings::default();
    super::link::adjustments(&files, &mut outputs, &mut findings);
    let mut rows = Vec::new();
    let (mut remits, mut tabled) = (Vec::new(), Vec::new());
    let mut volumes = Vec::new();
    let (mut claims, mut payments) = (Vec::new(), Vec::new());
    let mut quarantined: Vec<QuarantinedRow> = Vec::new();
    for (report, output) in files.iter_mut().zip(outputs) {
        report.account = output.account;
        rows.extend(output.lines);
        let of_file = output.remits.into_iter().map(|(_, remit)| remit);
        // Rows of an 835 that look the same are several answers.
        if report.mapping.iter().any(|(field, _)| *field == "line_control_number") {
            tabled.extend(of_file);
        } else {
            remits.extend(of_file);
        }
        volumes.extend(output.volumes);
        claims.extend(output.claims);
        payments.extend(output.payments);
        quarantined.extend(output.quarantined);
        findings.extend(output.findings.iter().cloned());
        findings.extend(report.unreadable.iter().cloned());
    }
    let bears_lines = |kind: Option<TableKind>| matches!(kind, Some(TableKind::ClaimLines | TableKind::Practice));
    let supply = !files.iter().any(|f| bears_lines(f.kind));
    let mut books = Books { files: &mut files, findings: &mut findings };
    let (billed, reused) = claim837::settle(claims, &mut books);
    rows.extend(billed);
    let remits = without_repeats(remits, &mut books);
    let volumes = volumes_without_repeats(volumes, &mut books);
    let (mut lines, answers) = settle(rows, &mut books);
    let (paid, supplied, cash) = super::link::payments(payments, tabled, &mut lines, &reused, supply, &mut books);
    let mut remits = remits;
    remits.extend(answers);
    super::link::line_numbers(&lines, &mut remits);
    remits.extend(paid);
    remits.sort_by(by_content_of_remit);
    quarantined.sort();
    let mut intake = Intake { files, lines, remits, volumes, cash, findings, quarantined, ..Intake::default() };
    intake.account.add(&supplied);
    for file in &intake.files {
        let services = file.kind.is_some_and(TableKind::bears_services);
        if services { intake.account.add(&file.account) } else { intake.remit_account.add(&file.account) }
    }
    intake
}

/// The accounts of the files and the findings, for rows that turn out not to be kept.
pub(super) struct Books<'f> {
    pub(super) files: &'f mut Vec<FileReport>,
    pub(super) findings: &'f mut Findings,
}

impl Books<'_> {
    pub(super) fn move_to(&mut self, fate: Fate, source: Source, charge: Money) {
        if let Some(file) = self.files.get_mut(usize::from(source.file)) {
            file.account.rebook(fate, charge);
        }
    }

    pub(super) fn place(&self, source: Source) -> Place {
        Place::line(self.name(source), source.line)
    }

    pub(super) fn name(&self, source: Source) -> String {
        self.files.get(usize::from(source.file)).map(|f| f.name.clone()).unwrap_or_default()
    }

    /// A row that repeats another.
    fn duplicate(&mut self, code: FindingCode, row: Source, first: Source, charge: Money) {
        self.move_to(Fate::Duplicate, row, charge);
        let of = if row.file == first.file { String::new() } else { format!(" of {}", self.name(first)) };
        let found = match code {
            FindingCode::DuplicateRow => format!("the same row as line {}{of}", first.line),
            _ => format!("the same claim and line as line {}{of}", first.line),
        };
        self.findings.push(Finding::new(code, self.place(row), found));
    }
}

/// What the practice billed, without where it stands and whom it was sent to.
fn service_key(line: &ServiceLine) -> impl Ord + '_ {
    (
        (line.service_date, line.code, line.modifiers, line.units, line.charge, line.pos, line.state, line.zip),
        (line.locality, &line.diagnosis, &line.ndc, line.ndc_quantity),
        (&line.rendering_npi, &line.billing_npi, line.patient_key),
    )
}

fn by_service(a: &ServiceLine, b: &ServiceLine) -> Ordering {
    service_key(a).cmp(&service_key(b))
}

/// Everything of a remittance but its source.
fn by_content_of_remit(a: &Remit, b: &Remit) -> Ordering {
    let key = |r: &Remit| {
        (
            (r.line_number, r.payer_rank, r.claim_status, r.remit_date, r.posted_date, r.code, r.modifiers),
            (r.submitted_code, r.units, r.charge, r.paid, r.allowed, r.patient_responsibility),
        )
    };
    let adjustments = |r: &Remit| -> Vec<_> {
        r.adjustments.iter().map(|a| (a.group, a.carc, a.rarcs.clone(), a.amount, a.quantity)).collect()
    };
    a.claim_id
        .cmp(&b.claim_id)
        .then_with(|| key(a).cmp(&key(b)))
        .then_with(|| a.payer.cmp(&b.payer))
        .then_with(|| a.payer_claim_control_number.cmp(&b.payer_claim_control_number))
        .then_with(|| a.trace_number.cmp(&b.trace_number))
        .then_with(|| adjustments(a).cmp(&adjustments(b)))
}

fn without_repeats(mut remits: Vec<Remit>, books: &mut Books<'_>) -> Vec<Remit> {
    remits.sort_by(|a, b| by_content_of_remit(a, b).then(a.source.cmp(&b.source)));
    let mut kept: Vec<Remit> = Vec::with_capacity(remits.len());
    for remit in remits {
        match kept.last() {
            Some(first) if by_content_of_remit(first, &remit) == Ordering::Equal => {
                books.duplicate(FindingCode::DuplicateRow, remit.source, first.source, remit.charge);
            }
            _ => kept.push(remit),
        }
    }
    kept
}

fn volumes_without_repeats(mut volumes: Vec<Volume>, books: &mut Books<'_>) -> Vec<Volume> {
    let key = |v: &Volume| {
        (
            (v.period, v.payer.clone(), v.state, v.locality, v.pos, v.code, v.modifiers),
            (v.units, v.charge, v.allowed, v.paid),
        )
    };
    volumes.sort_by_cached_key(|v| (key(v), v.source));
    let mut kept: Vec<Volume> = Vec::with_capacity(volumes.len());
    for volume in volumes {
        match kept.last() {
            Some(first) if key(first) == key(&volume) => {
                let charge = volume.charge.unwrap_or_default();
                books.duplicate(FindingCode::DuplicateRow, volume.source, first.source, charge);
            }
            _ => kept.push(volume),
        }
    }
    kept
}

/// One line per claim and line number, with the answers of all its rows.
fn settle(mut rows: Vec<LineRow>, books: &mut Books<'_>) -> (Vec<ServiceLine>, Vec<Remit>) {
    sort_rows(&mut rows);
    let mut lines: Vec<ServiceLine> = Vec::with_capacity(rows.len());
    // Answers with the index of their line; those of the last line begin at `first`.
    let mut answers: Vec<(usize, Remit)> = Vec::new();
    let mut first = 0;
    for LineRow { line, answer } in rows {
        let answer = answer.map(|a| *a);
        let numbered = line.line_number > 0;
        let current = lines.last().filter(|l| l.claim_id == line.claim_id);
        let open = current.filter(|l| if numbered { l.line_number == line.line_number } else { is_same(l, &line) });
        let verdict = match open {
            None => Verdict::Line,
            Some(open) => judge(open, &line, answer.as_ref(), &answers[first..]),
        };
        let first_source = open.map_or(line.source, |l| l.source);
        match verdict {
            Verdict::Line => {
                first = answers.len();
                answers.extend(answer.map(|a| (lines.len(), a)));
                lines.push(line);
            }
            Verdict::Answer => {
                books.move_to(Fate::Answer, line.source, line.charge);
                answers.extend(answer.map(|a| (lines.len() - 1, a)));
            }
            Verdict::Repeat(code) => books.duplicate(code, line.source, first_source, line.charge),
        }
    }
    number(&mut lines);
    for (line, answer) in &mut answers {
        answer.line_number = lines[*line].line_number;
    }
    lines.sort_by(|a, b| (&a.claim_id, a.line_number).cmp(&(&b.claim_id, b.line_number)));
    (lines, answers.into_iter().map(|(_, answer)| answer).collect())
}

/// By claim, line and content; a row with an answer before the same row without one.
fn sort_rows(rows: &mut [LineRow]) {
    let rank = |row: &LineRow| row.answer.as_ref().map_or(1, |a| a.payer_rank);
    rows.sort_by(|a, b| {
        (&a.line.claim_id, a.line.line_number)
            .cmp(&(&b.line.claim_id, b.line.line_number))
            .then_with(|| by_service(&a.line, &b.line))
            .then_with(|| rank(a).cmp(&rank(b)))
            .then_with(|| (&a.line.payer, &a.line.plan).cmp(&(&b.line.payer, &b.line.plan)))
            .then_with(|| match (&a.answer, &b.answer) {
                (Some(a), Some(b)) => by_content_of_remit(a, b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            })
            .then_with(|| a.line.source.cmp(&b.line.source))
    });
}

/// What a row is to the line that carries its claim and number (or, without numbers, its content).
enum Verdict {
    Line,
    Answer,
    Repeat(FindingCode),
}

fn judge(open: &ServiceLine, line: &ServiceLine, answer: Option<&Remit>, known: &[(usize, Remit)]) -> Verdict {
    let numbered = line.line_number > 0;
    let same_payer = (&open.payer, &open.plan) == (&line.payer, &line.plan);
    if !is_same(open, line) {
        return Verdict::Repeat(FindingCode::DuplicateLine);
    }
    let Some(answer) = answer else {
        // The same service sent to another payer, unanswered, says nothing new of the line itself.
        let code = if same_payer { FindingCode::DuplicateRow } else { FindingCode::DuplicateLine };
        return Verdict::Repeat(code);
    };
    if known.iter().any(|(_, k)| by_content_of_remit(k, answer) == Ordering::Equal) {
        return Verdict::Repeat(FindingCode::DuplicateRow);
    }
    // Without line numbers, a second answer of the same payer on the same day is the answer to a second service.
    let twice = known.iter().any(|(_, k)| k.payer == answer.payer && k.remit_date == answer.remit_date);
    if !numbered && twice { Verdict::Line } else { Verdict::Answer }
}

fn is_same(a: &ServiceLine, b: &ServiceLine) -> bool {
    by_service(a, b) == Ordering::Equal
}

/// Gives lines without a number the next free one of their claim, in the order of their content.
fn number(lines: &mut [ServiceLine]) {
    let mut last: FxHashMap<Arc<str>, u32> = FxHashMap::default();
    if lines.iter().all(|line| line.line_number > 0) {
        return;
    }
    for line in lines.iter() {
        let highest = last.entry(line.claim_id.clone()).or_insert(0);
        *highest = line.line_number.max(*highest);
    }
    for line in lines.iter_mut().filter(|line| line.line_number == 0) {
        let next = last.entry(line.claim_id.clone()).or_insert(0);
        *next += 1;
        line.line_number = *next;
    }
}
