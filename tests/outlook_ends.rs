//! Files that end otherwise than a forecast would have it: lone days far beyond, no answers, answers that stop early, months of
//! which services are missing.

use std::fs;
use std::path::Path;

use crate::common::run;
use crate::outlook_parts::{Hand, two_years};

/// The project of the practice by hand.
const PROJECT: &str = "title = \"By hand\"\ninputs = [\"c.csv\", \"r.csv\"]\n[[payer]]\nid = \"MCR\"\nname = \"Medicare\"\nkind = \"medicare\"\n[[payer.terms]]\nfrom = \"2020-01-01\"\nto = \"2029-12-31\"\nbasis = \"medicare\"\n[[payer]]\nid = \"A\"\nname = \"A\"\nkind = \"commercial\"\n[[payer.terms]]\nfrom = \"2020-01-01\"\nto = \"2029-12-31\"\nbasis = \"percent-of-medicare\"\npercent = \"120\"\nyear = \"current\"\nlocality = \"own\"\n";

/// Writes the files of a practice.
fn lay(dir: &Path, hand: &Hand) {
    fs::write(dir.join("allowable.toml"), PROJECT).unwrap();
    fs::write(dir.join("c.csv"), &hand.claims).unwrap();
    fs::write(dir.join("r.csv"), &hand.remits).unwrap();
}

fn forecast(dir: &Path, more: &[&str]) -> serde_json::Value {
    let always = ["forecast", "--no-backtest", "--paths", "40", "--horizon", "6", "--format", "json"];
    run(dir, &[&always, more].concat()).ends(0).json()
}

fn codes(page: &serde_json::Value) -> Vec<String> {
    let of = |f: &serde_json::Value| format!("{} {}", f["code"].as_str().unwrap(), f["place"]["line"]);
    page["findings"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn one_mistyped_year_does_not_move_the_forecast() {
    let dir = tempfile::tempdir().unwrap();
    let mut hand = two_years();
    lay(dir.path(), &hand);
    let clean = forecast(dir.path(), &[]);
    // 520 weekdays of ten lines: the mistyped service stands on line 5,202 of the claims, its answer on the same of the answers.
    let days = crate::outlook_parts::weekdays("2022-01-03", "2023-12-29").len();
    assert_eq!(days, 520);
    hand.line("MCR", 11, crate::outlook_planted::day("2035-03-05"), Some(40));
    lay(dir.path(), &hand);
    let page = forecast(dir.path(), &[]);
    assert_eq!(page["as_of"], clean["as_of"]);
    assert_eq!(page["sections"][0]["table"], clean["sections"][0]["table"]);
    assert_eq!(codes(&page), ["lone-date 5202", "lone-date 5202"]);
    let said = page["findings"][0].to_string();
    assert!(said.contains("2035-03-05") && said.contains("c.csv"), "{said}");
    // A day that is named is obeyed, and asks no more.
    let told = forecast(dir.path(), &["--as-of", "2035-04-14"]);
    assert_eq!(told["as_of"], "2035-04-14");
    assert!(codes(&told).is_empty());
}
