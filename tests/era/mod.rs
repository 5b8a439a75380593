//! What payers really send: 837P claims and 835 remittances, from their text to the report. Every case is worked by hand.

mod answers;
pub(crate) mod builder;
mod claims;
mod fixture;
mod linking;
mod report;
mod rework;
mod submissions;
mod supplied;
mod tables;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use allowable::domain::{Money, Remit, ServiceLine};
use allowable::finding::FindingCode;
use allowable::ingest::{Account, Intake, examine};
use allowable::project::Project;
use allowable::reference::Reference;
use allowable::report::{Run, run as report_of};

use crate::common::input;

/// Medicare by its own rules, and three plans that pay what Medicare pays.
const PROJECT: &str = r#"
title = "Test practice"
[[payer]]
id = "MCR"
name = "Medicare"
kind = "medicare"
[[payer]]
id = "HP"
name = "Example Health Plan"
kind = "commercial"
aliases = ["99001"]
terms = [{ basis = "percent-of-medicare", percent = "100" }]
[[payer]]
id = "SEC"
name = "Second Mutual"
kind = "commercial"
terms = [{ basis = "percent-of-medicare", percent = "100" }]
[[payer]]
id = "THIRD"
name = "Third Life"
kind = "commercial"
terms = [{ basis = "percent-of-medicare", percent = "100" }]
"#;

static REFERENCE: LazyLock<Reference> = LazyLock::new(|| Reference::embedded().unwrap());

fn project() -> Project {
    Project::parse(PROJECT, "allowable.toml").unwrap()
}

/// Reads files of one run and checks what must always hold of their accounts.
fn read(files: &[&str]) -> Intake {
    read_as(&project(), files)
}

fn read_as(project: &Project, files: &[&str]) -> Intake {
    let inputs: Vec<_> = (1..).zip(files).map(|(n, text)| input(&format!("{n}.x12"), *text)).collect();
    let intake = examine(&inputs, project, &|_| ()).unwrap();
    adds_up(&intake);
    intake
}

/// Rows and charges of both sides end in exactly one place each, and the kept ones are the lines.
#[track_caller]
fn adds_up(intake: &Intake) {
    for account in [&intake.account, &intake.remit_account].into_iter().chain(intake.files.iter().map(|f| &f.account)) {
        assert!(account.balances(), "{account:#?}");
    }
    let kept = (intake.account.rows_kept, intake.account.charge_kept);
    let lines = (intake.lines.len() as u64, intake.lines.iter().map(|l| l.charge).sum::<Money>());
    assert_eq!(kept, lines, "rows and charges kept are the lines");
}

/// Rows read, kept, sent again and quarantined, with their charges.
fn rows(account: &Account) -> String {
    let parts = [
        ("read", account.rows_read, account.charge_read),
        ("kept", account.rows_kept, account.charge_kept),
        ("sent again", account.resent_rows, account.charge_resent),
        ("repeated", account.duplicate_rows, account.charge_duplicate_rows),
        ("quarantined", account.rows_quarantined, account.charge_quarantined),
    ];
    parts.iter().filter(|p| p.1 > 0).map(|(what, n, sum)| format!("{n} {what} {sum}")).collect::<Vec<_>>().join(", ")
}

fn line<'i>(intake: &'i Intake, claim: &str, number: u32) -> &'i ServiceLine {
    let found = intake.lines.iter().find(|l| *l.claim_id == *claim && l.line_number == number);
    found.unwrap_or_else(|| panic!("no line {claim}:{number} among {:?}", lines(intake)))
}

/// `C1:1 96372-59 45.00` of all billed lines.
fn lines(intake: &Intake) -> Vec<String> {
    let one = |l: &ServiceLine| {
        let modifiers: String = l.modifiers.iter().map(|m| format!("-{m}")).collect();
        format!("{}:{} {}{modifiers} {}", l.claim_id, l.line_number, l.code, l.charge)
    };
    intake.lines.iter().map(one).collect()
}

/// `C1:1 code-and-charge 10.64` of all answers: the line, how it was found, and what was paid; sorted.
fn links(intake: &Intake) -> Vec<String> {
    let one = |r: &Remit| format!("{}:{} {} {}", r.claim_id, r.line_number, r.link.as_str(), r.paid);
    let mut all: Vec<String> = intake.remits.iter().map(one).collect();
    all.sort();
    all
}

/// The findings by code, with how often each was made.
fn found(intake: &Intake) -> BTreeMap<&'static str, u64> {
    let mut all = BTreeMap::new();
    for finding in intake.findings.clone().into_sorted() {
        *all.entry(finding.code.as_str()).or_insert(0) += finding.count;
    }
    all
}

fn has(intake: &Intake, code: FindingCode) -> bool {
    found(intake).contains_key(code.as_str())
}

/// The whole run over these files. That its sums balance is checked by the run itself.
fn run(files: &[&str]) -> Run {
    run_as(&project(), files)
}

fn run_as(project: &Project, files: &[&str]) -> Run {
    let run = report_of(read_as(project, files), project, &REFERENCE).unwrap();
    for judged in &run.judged {
        assert_eq!(judged.money.gaps.residue(), Money::ZERO, "{:?}", judged.money);
    }
    run
}

/// `paid: expected 13.58, paid 10.64, patient 2.72, reductions 0.22`: where a line stands, and its amounts that are not 0.
fn story(run: &Run, claim: &str, number: u32) -> String {
    let at = run.lines.iter().position(|l| *l.claim_id == *claim && l.line_number == number);
    let judged = &run.judged[at.unwrap_or_else(|| panic!("no line {claim}:{number}"))];
    let gaps = &judged.money.gaps;
    let amounts = [
        ("expected", gaps.expected),
        ("paid", gaps.paid),
        ("patient", gaps.patient),
        ("reductions", gaps.reductions),
        ("denied", gaps.denied),
        ("underpaid", gaps.underpaid),
        ("overpaid", gaps.overpaid),
        ("pending", gaps.pending),
    ];
    let told = amounts.iter().filter(|(_, sum)| !sum.is_zero()).map(|(what, sum)| format!("{what} {sum}"));
    format!("{}: {}", judged.money.standing.as_str(), told.collect::<Vec<_>>().join(", "))
}
