//! From what was known to lines with their price and their answers: the way of the report, without its sums and pages.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::domain::{Code, Date, Money, Remit, ServiceLine};
use crate::finding::{Findings, Result};
use crate::ingest::Intake;
use crate::leakage::{JudgedLine, judge, mark_mature};
use crate::payability::{Tells, judge_lines};
use crate::price::{PricedLines, Pricer, price_lines};
use crate::project::Project;
use crate::reconcile::{adjudicate, link, reconcile};
use crate::reference::Reference;

/// Lines in scope with everything that was known of them.
pub(super) struct Judged {
    pub(super) lines: Vec<ServiceLine>,
    pub(super) priced: PricedLines,
    pub(super) judged: Vec<JudgedLine>,
    pub(super) remits: Vec<Remit>,
    /// For each line the places of its answers in `remits`.
    pub(super) linked: Vec<Vec<u32>>,
    /// The places of answers to lines that are not in the files, whatever their codes.
    pub(super) unlinked: Vec<u32>,
}

/// The pricer of a project.
pub(super) fn pricer<'a>(project: &'a Project, reference: &'a Reference) -> Pricer<'a> {
    Pricer::new(reference, &project.payers).with_npp_npis(project.npp_npis.clone())
}

/// Judges what was known at the end of `as_of`; `intake` is already cut to it, and holds answers up to `answers_end`.
pub(super) fn judge_known(
    mut intake: Intake,
    project: &Project,
    reference: &Reference,
    as_of: Date,
    answers_end: Date,
) -> Result<Judged> {
    let pricer = pricer(project, reference);
    let tells = Tells::of_files(&intake.files, &intake.lines);
    let verdicts = judge_lines(reference, |id| project.payer_of_id(id).cloned(), &intake.lines, &tells);
    let inside = |code: Code| match &project.scope {
        Some(scope) => scope.contains(&code),
        None => reference.is_in_family(code),
    };
    let lines = std::mem::take(&mut intake.lines);
    let outside: FxHashSet<(Arc<str>, u32)> = lines
        .iter()
        .filter(|line| !inside(line.code))
        .map(|line| (Arc::clone(&line.claim_id), line.line_number))
        .collect();
    let (kept, lines): (Vec<u32>, Vec<ServiceLine>) = (0..).zip(lines).filter(|(_, line)| inside(line.code)).unzip();
    let verdicts = verdicts.of(&kept);
    // What is wrong with the files, the report says.
    let mut unsaid = Findings::default();
    let priced = price_lines(&pricer, &lines, &verdicts.falls, |_| String::new(), &mut unsaid)?;
    let remits = intake.remits;
    let (linked, mut unlinked) = link(&lines, &remits);
    let is_outside = |at: &u32| {
        remits.get(*at as usize).is_some_and(|r| outside.contains(&(Arc::clone(&r.claim_id), r.line_number)))
    };
    unlinked.retain(|at| !is_outside(at));
    let mut judged: Vec<JudgedLine> = Vec::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        let answers: Vec<&Remit> = linked[i].iter().map(|r| &remits[*r as usize]).collect();
        let payer = pricer.payer(&line.payer);
        let adjudication = adjudicate(&reference.denials, &answers, payer.is_some_and(|p| p.sequestration));
        let money = reconcile(priced.expected[i], adjudication, payer.map_or(0, |p| p.tolerance_cents));
        judged.push(judge(&pricer, line, priced.of(i), money, payer, as_of));
    }
    mark_mature(&lines, &mut judged, |id| pricer.payer(id), answers_end);
    Ok(Judged { lines, priced, judged, remits, linked, unlinked })
}

/// Allowed so far.
pub(super) fn allowed(judged: &JudgedLine) -> Money {
    judged.money.answers.allowed()
}
