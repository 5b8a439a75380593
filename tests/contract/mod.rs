//! Contract files by hand: every amount in `contracts/*.toml` stands with its sum in a comment, which is worked out here by the
//! suite's own arithmetic; `contract test`, `price` and `explain` must give the same cents.

mod changes;
mod errors;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use allowable::domain::Money;
use allowable::domain::contract::{Contract, Expect, ExpectArea, Wanted};
use allowable::project::Project;
use tempfile::TempDir;

use crate::common::run;
use crate::payability::sums;

const FILES: [(&str, &str); 4] = [
    ("medicare_multiples.toml", include_str!("contracts/medicare_multiples.toml")),
    ("amounts.toml", include_str!("contracts/amounts.toml")),
    ("conditions.toml", include_str!("contracts/conditions.toml")),
    ("limits.toml", include_str!("contracts/limits.toml")),
];

const PROJECT: &str = r#"
title = "Contracts"
inputs = ["claims.csv"]
[[schedule]]
name = "limits"
path = "limits.csv"
"#;

/// A rate for pushes, none for the others.
const SCHEDULE: &str = "code,rate,effective_from,effective_to\n96374,44.10,2024-01-01,2024-12-31\n";

/// The project with its contracts in a folder of its own.
fn practice() -> (TempDir, Project) {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("contracts")).unwrap();
    fs::write(dir.path().join("allowable.toml"), PROJECT).unwrap();
    fs::write(dir.path().join("limits.csv"), SCHEDULE).unwrap();
    let mut project = Project::parse(PROJECT, "allowable.toml").unwrap();
    for (name, text) in FILES {
        fs::write(dir.path().join("contracts").join(name), text).unwrap();
        project.add_contract(text, name).unwrap();
    }
    fs::write(dir.path().join("claims.csv"), claims(&project)).unwrap();
    (dir, project)
}

fn cases(project: &Project) -> Vec<(String, &Contract, &Expect)> {
    let all = project.contracts.iter().flat_map(|c| c.expects.iter().map(move |e| (c, e)));
    all.enumerate().map(|(i, (contract, expect))| (format!("C{:03}", i + 1), contract, expect)).collect()
}

/// A claim per case; a further service has the first one before it.
fn claims(project: &Project) -> String {
    let mut out = "claim_id,line_number,service_date,payer_id,code,modifiers,units,pos,state,zip,charge\n".to_owned();
    for (claim, contract, expect) in cases(project) {
        let (state, zip) = match expect.area {
            ExpectArea::State(state) => (state.to_string(), String::new()),
            ExpectArea::Zip(zip) => (String::new(), zip.to_string()),
            ExpectArea::Locality(_) => panic!("claims have no localities"),
            ExpectArea::Nowhere => (String::new(), String::new()),
        };
        let modifiers = expect.modifiers.to_string().replace(',', " ");
        // Nothing is less than this charge.
        let charge = expect.charge.map_or("9999.00".to_owned(), |charge| charge.to_string());
        for line in if expect.further { 1..=2 } else { 1..=1 } {
            let (day, units) = (expect.day, expect.units);
            writeln!(
                out,
                "{claim},{line},{day},{},{},{modifiers},{units},{},{state},{zip},{charge}",
                contract.payer, expect.code, expect.pos
            )
            .unwrap();
        }
    }
    out
}

/// Whether an outcome and an amount, as a command prints them, are what a case wants. Claims always have a charge, so that a
/// share of it is known there.
fn is_wanted(expect: &Expect, outcome: &str, amount: Option<Money>, with_charge: bool) -> bool {
    match expect.outcome {
        Wanted::Amount(wanted) => amount == Some(wanted),
        Wanted::NotPayable => outcome == "not-payable",
        Wanted::Unknown => outcome == "unknown" || (with_charge && expect.charge.is_none() && outcome == "payable"),
    }
}

fn money(text: &str) -> Option<Money> {
    let (dollars, cents) = text.split_once('.')?;
    Some(Money::from_cents(dollars.parse::<i64>().ok()? * 100 + cents.parse::<i64>().ok()?))
}

#[test]
fn every_amount_stands_with_a_sum_that_gives_it() {
    let mut amounts = 0;
    for (name, text) in FILES {
        for line in text.lines().filter(|line| line.contains("amount = ") && line.contains('#')) {
            let (amount, comment) = line.split_once('#').unwrap();
            let results: Vec<String> = comment.split(';').map(|equation| sums::result(equation.trim())).collect();
            let amount = amount.trim().trim_start_matches("amount = ").trim_matches('"');
            assert_eq!(results.last().unwrap(), amount, "{name}: {line}");
            amounts += 1;
        }
    }
    let expects: usize = FILES.iter().map(|(_, text)| text.matches("[[expect]]").count()).sum();
    let outcomes: usize = FILES.iter().map(|(_, text)| text.matches("outcome = ").count()).sum();
    assert_eq!(amounts + outcomes, expects, "an expected amount has no sum");
    assert!(amounts >= 40, "{amounts} amounts");
}

#[test]
fn contract_test_gives_the_cents() {
    let (dir, _) = practice();
    let said = run(dir.path(), &["contract", "test"]).ends(0);
    assert!(said.out.ends_with("passed, 0 failed\n"), "{}", said.out);
    assert_eq!(
        said.out.matches("  ok    ").count(),
        FILES.iter().map(|f| f.1.matches("[[expect]]").count()).sum::<usize>()
    );
}

#[test]
fn price_gives_the_same_cents() {
    let (dir, project) = practice();
    let said = run(dir.path(), &["price", "claims.csv", "--project", "allowable.toml", "--out", "priced.csv"]).ends(0);
    let text = fs::read_to_string(dir.path().join("priced.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut priced: BTreeMap<String, (String, Option<Money>)> = BTreeMap::new();
    for row in reader.records() {
        let row = row.unwrap();
        // Of the lines of a claim the last is the case.
        priced.insert(row[0].to_owned(), (row[12].to_owned(), money(&row[11])));
    }
    for (claim, _, expect) in cases(&project) {
        let (outcome, amount) = &priced[&claim];
        let name = expect.name.as_deref().unwrap_or_default();
        assert!(
            is_wanted(expect, outcome, *amount, true),
            "{claim} {name}: {outcome} {amount:?}, {:?}",
            expect.outcome
        );
    }
    assert!(said.out.contains("not payable"), "{}", said.out);
}

#[test]
fn explain_gives_the_same_cents_and_says_which_terms_did_not_fit() {
    let (dir, project) = practice();
    let cases = cases(&project);
    // Each call reads all claims: a few at a time.
    std::thread::scope(|scope| {
        for part in cases.chunks(cases.len().div_ceil(4)) {
            scope.spawn(|| part.iter().for_each(|case| explained(dir.path(), case)));
        }
    });
    let said =
        run(dir.path(), &["explain", "--payer", "PCT", "--code", "96372", "--date", "2024-05-06", "--zip", "43215"]);
    let out = said.ends(0).out;
    for told in [
        "is not for 96372",
        "fits too, but stands below",
        "PPO, 2023 to 2025: injections (contracts/medicare_multiples.toml:",
    ] {
        assert!(out.contains(told), "{told}: {out}");
    }
}

fn explained(dir: &Path, (claim, _, expect): &(String, &Contract, &Expect)) {
    let name = expect.name.as_deref().unwrap_or_default();
    let line = format!("{claim}:{}", if expect.further { 2 } else { 1 });
    let json = run(dir, &["explain", &line, "--format", "json"]).ends(0).json();
    let outcome = json[0]["outcome"].as_str().unwrap();
    // Explain asks the rules of payability as well; where one stands against the line, it says what would have been paid.
    if let (Wanted::Amount(wanted), "not-payable") = (expect.outcome, outcome) {
        let otherwise = json[0]["payability"]["would_have_paid"].as_str().and_then(money);
        assert_eq!(otherwise, Some(wanted), "{claim} {name}");
        return;
    }
    let amount = json[0]["expected"].as_str().and_then(money);
    assert!(is_wanted(expect, outcome, amount, true), "{claim} {name}: {outcome} {amount:?}, {:?}", expect.outcome);
    if let (Wanted::Amount(wanted), Some(last)) = (expect.outcome, json[0]["steps"].as_array().unwrap().last()) {
        assert_eq!(last["result"].as_str().and_then(money), Some(wanted), "{claim} {name}: the steps do not end there");
    }
}
