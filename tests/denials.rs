//! `allowable denials` and the denial tables of the report, on a practice small enough to count by hand.
//!
//! 23 lines of 96372 in Ohio on 6 May 2024 (Medicare 13.58 each), three providers. Of the 12 of the first, one is denied and
//! then paid, one denied twice, one denied once; of the 3 of the second, one is denied once; the 8 of the third are paid.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{Said, run};

const PROJECT: &str = "title = \"t\"\n[[payer]]\nid = \"MCR\"\nkind = \"medicare\"\nname = \"Medicare\"\n";
const PAID: &str = "10.64,,CO-45:31.42;PR-2:2.72;CO-253:0.22";

fn practice() -> TempDir {
    let mut claims = "claim_id,line_number,service_date,payer_id,code,units,pos,zip,charge,rendering_npi\n".to_owned();
    for claim in 1..=23 {
        let npi = match claim {
            1..=12 => "9000000011",
            13..=15 => "9000000029",
            _ => "9000000037",
        };
        let _ = writeln!(claims, "C{claim},1,2024-05-06,MCR,96372,1,11,43215,45.00,{npi}");
    }
    let mut remits = "claim_id,line_number,payer_id,remit_date,code,charge,paid,allowed,adjustments\n".to_owned();
    let mut answer = |claim: u32, day: &str, what: &str| {
        let _ = writeln!(remits, "C{claim},1,MCR,{day},96372,45.00,{what}");
    };
    answer(1, "2024-06-03", "0.00,,CO-16(M127):45.00");
    answer(1, "2024-07-01", PAID);
    answer(2, "2024-06-03", "0.00,,CO-16(M127):45.00");
    answer(2, "2024-09-01", "0.00,,CO-16(M127):45.00");
    answer(3, "2024-06-03", "0.00,,CO-97:45.00");
    answer(13, "2024-06-03", "0.00,,CO-4:45.00");
    for claim in (4..=12).chain(14..=22) {
        answer(claim, "2024-06-03", PAID);
    }
    // The last answer: everything is judged as of its day.
    answer(23, "2024-12-01", PAID);
    let dir = TempDir::new().unwrap();
    for (name, text) in [("p.toml", PROJECT), ("claims.csv", claims.as_str()), ("remits.csv", remits.as_str())] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn denials(dir: &TempDir, args: &[&str]) -> Said {
    run(dir.path(), &[&["denials", "claims.csv", "remits.csv", "--project", "p.toml"], args].concat())
}

/// The row of a group, by the names of its columns.
fn row(json: &Value, by: &str, group: &str) -> Value {
    let rows = json["rows"].as_array().unwrap();
    let found = rows.iter().find(|r| r["by"] == by && r["group"] == group);
    found.unwrap_or_else(|| panic!("no {group} by {by}: {rows:#?}")).clone()
}

fn cells(row: &Value, names: &[&str]) -> Vec<String> {
    let plain = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    names.iter().map(|name| plain(&row[name])).collect()
}

const COUNTS: [&str; 6] = ["answered", "initially_denied", "finally_denied", "recovered", "decided", "won"];

#[test]
fn initial_and_final_denials_and_what_lies_between() {
    let json = denials(&practice(), &["--by", "category,payer,code,pos,month,step", "--format", "json"]).ends(0).json();
    for (by, group) in [("payer", "Medicare"), ("code", "96372"), ("pos", "11"), ("month", "2024-05"), ("payer", "all")]
    {
        let row = row(&json, by, group);
        assert_eq!(cells(&row, &COUNTS), ["23", "4", "3", "1", "2", "1"], "{by}");
        // 4/23 = 17.39…; the only group is all lines: Jeffreys, (½ + 4)/24 = 18.75. Won (½ + 1)/(1 + 2) = 50.
        let rates = ["initial_percent", "initial_pooled_percent", "overturn_percent", "overturn_pooled_percent"];
        assert_eq!(cells(&row, &rates), ["17.4", "18.8", "50", "50"], "{by}");
        // Denied 3 × 13.58; open the second answer of C2 (91 days of 120), lost C3 and C13 (181 days).
        let dollars = ["recovered_dollars", "denied", "open", "lost"];
        assert_eq!(cells(&row, &dollars), ["13.58", "40.74", "13.58", "27.16"], "{by}");
    }
    // By reason all answered lines are the whole: (½ + 2)/24 = 10.41…, (½ + 1)/24 = 6.25.
    let documentation = row(&json, "category", "missing_documentation");
    assert_eq!(cells(&documentation, &COUNTS), ["23", "2", "1", "1", "2", "1"]);
    assert_eq!(cells(&documentation, &["initial_percent", "initial_pooled_percent"]), ["8.7", "10.4"]);
    assert_eq!(cells(&row(&json, "category", "bundled"), &COUNTS), ["23", "1", "1", "0", "0", "0"]);
    assert_eq!(row(&json, "category", "bundled")["initial_pooled_percent"], "6.3");
    // Modifiers and bundling are both step 5; documentation is step 3.
    assert_eq!(cells(&row(&json, "step", "5"), &COUNTS), ["23", "2", "2", "0", "0", "0"]);
    assert_eq!(cells(&row(&json, "step", "3"), &COUNTS), ["23", "2", "1", "1", "2", "1"]);
}

#[test]
fn a_reason_comes_with_what_to_do_about_it() {
    let dir = practice();
    let json = denials(&dir, &["--by", "carc", "--format", "json"]).ends(0).json();
    let row = row(&json, "carc", "CO-16/M127");
    assert_eq!(cells(&row, &COUNTS), ["23", "2", "1", "1", "2", "1"]);
    let advice = cells(&row, &["category", "preventable", "appealable", "first_action", "step"]);
    let step = "3 Document the drug and the administration";
    assert_eq!(advice, ["Missing documentation", "yes", "partly", "send records", step]);
    for (column, word) in [("fix", "send the records"), ("evidence", "lot number"), ("evidence", "signature")] {
        assert!(row[column].as_str().unwrap().contains(word), "{column}: {row}");
    }
    let text = denials(&dir, &["--by", "carc"]).ends(0).out;
    for word in
        ["first action  send records", "attach", "billing step  5 Apply modifiers", "preventable   yes; appealable"]
    {
        assert!(text.contains(word), "{word} is missing:\n{text}");
    }
}

#[test]
fn providers_with_few_lines_stand_together() {
    let dir = practice();
    let json = denials(&dir, &["--by", "provider", "--format", "json"]).ends(0).json();
    assert_eq!(cells(&row(&json, "provider", "9000000011"), &COUNTS), ["12", "3", "2", "1", "2", "1"]);
    let small = row(&json, "provider", "small");
    assert_eq!(cells(&small, &COUNTS), ["11", "1", "1", "0", "0", "0"]);
    assert_eq!(small["name"], "2 providers with fewer than 11 lines each");
    let text = json.to_string();
    assert!(!text.contains("9000000029") && !text.contains("9000000037"), "{text}");
    // Drawn towards all: above the rate of all lines (17.4), below its own (25.0).
    let pooled: f64 = row(&json, "provider", "9000000011")["initial_pooled_percent"].as_str().unwrap().parse().unwrap();
    assert!((17.4..25.0).contains(&pooled), "{pooled}");
}

#[test]
fn lines_are_chosen_by_payer_and_day() {
    let dir = practice();
    let all = denials(&dir, &["--by", "payer", "--payer", "medicare", "--from", "2024-05-06", "--format", "json"]);
    assert_eq!(row(&all.ends(0).json(), "payer", "all")["answered"], 23);
    let none = denials(&dir, &["--by", "category,payer", "--to", "2024-05-05", "--format", "json"]).ends(0).json();
    assert_eq!(cells(&row(&none, "payer", "all"), &COUNTS), ["0"; 6]);
    assert_eq!(row(&none, "payer", "all")["initial_percent"], Value::Null);
    let unknown = denials(&dir, &["--payer", "Medicaer"]).ends(2);
    assert!(unknown.err.contains("there is MCR (Medicare)"), "{}", unknown.err);
}

#[test]
fn the_same_counts_go_to_a_file_for_spreadsheets() {
    let dir = practice();
    denials(&dir, &["--by", "category,month", "--format", "csv", "--out", "d.csv"]).ends(0);
    let text = fs::read_to_string(dir.path().join("d.csv")).unwrap();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("by,group,name,answered,initially_denied,initial_percent,"));
    // Three categories, one month, and all lines of each.
    assert_eq!(lines.count(), 6);
}

#[test]
fn the_report_tells_the_key_figures_with_what_they_are_made_of() {
    let dir = practice();
    run(dir.path(), &["report", "claims.csv", "remits.csv", "--project", "p.toml", "--out", "out"]).ends(0);
    let folder = fs::read_dir(dir.path().join("out")).unwrap().next().unwrap().unwrap().path();
    let table = |name: &str| {
        let mut reader = csv::Reader::from_path(folder.join("tables").join(name)).unwrap();
        reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let indicators = table("indicators.csv");
    let figure = |name: &str| {
        let found = indicators.iter().find(|row| row[0] == name);
        found.unwrap_or_else(|| panic!("no {name}: {indicators:#?}"))[1..4].to_vec()
    };
    // 23 × 13.58 = 312.34 expected, 20 × 13.58 = 271.60 allowed, 4 × 13.58 = 54.32 denied at first.
    assert_eq!(figure("Initial denial rate, lines"), ["17.4", "4", "23"]);
    assert_eq!(figure("Initial denial rate, dollars"), ["17.4", "$54.32", "$312.34"]);
    assert_eq!(figure("Final denial rate, lines"), ["13.0", "3", "23"]);
    assert_eq!(figure("Final denial rate, dollars"), ["13.0", "$40.74", "$312.34"]);
    assert_eq!(figure("Denial write-off, % of expected"), ["8.7", "$27.16", "$312.34"]);
    assert_eq!(figure("Recovered of initial denials"), ["25", "1", "4"]);
    assert_eq!(figure("Overturn rate of denials"), ["50", "1", "2"]);
    assert_eq!(figure("First-pass yield"), ["82.6", "19", "23"]);
    assert_eq!(figure("Underpayment rate"), ["0", "0", "20"]);
    // Nine of ten first answers come within 28 days; with 120 days of appeal a line is mature after 148, and all are 209 old.
    assert_eq!(figure("Net collection rate at maturity"), ["87.0", "$271.60", "$312.34"]);
    assert_eq!(figure("Share of lines matured"), ["100", "23", "23"]);
    assert_eq!(figure("Percent of Medicare"), ["100", "$271.60", "$271.60"]);
    // 271.60 / 23 = 11.808…
    assert_eq!(figure("Dollars allowed per 96372, denied ones counted"), ["11.81", "$271.60", "23"]);
    assert_eq!(figure("Dollars allowed per 96372, denied ones left out"), ["13.58", "$271.60", "20"]);
    // 3 June is day 28; 18 of 20 payments came then.
    assert_eq!(figure("Days to pay, median"), ["28", "", "20"]);
    assert_eq!(figure("Days to pay, 90th percentile"), ["28", "", "20"]);
    for unknown in ["Days to posting", "Days in accounts receivable", "Clean-claim rate"] {
        assert_eq!(figure(unknown), ["", "", ""]);
        let row = indicators.iter().find(|row| row[0] == unknown).unwrap();
        assert!(row[4].starts_with("not computable: "), "{row:?}");
    }
    let five = table("five-reasons.csv");
    let lines: Vec<(&str, &str, &str)> = five.iter().map(|r| (&*r[0], &*r[1], &*r[5])).collect();
    let expected = [
        ("Missing documentation", "2", "13.58"),
        ("Medical necessity", "0", "0.00"),
        ("Modifier", "1", "13.58"),
        ("Bundled", "1", "13.58"),
        ("Missing NDC", "0", "0.00"),
        ("All other reasons", "0", "0.00"),
        ("All denials", "4", "40.74"),
    ];
    assert_eq!(lines, expected);
    assert!(five[..5].iter().all(|row| row[7..11].iter().all(|cell| !cell.is_empty())), "{five:#?}");
    // Bundled and modifier are stopped at step 5, documentation at step 3.
    let steps = table("steps.csv");
    let lost: Vec<&str> = steps.iter().map(|row| row[5].as_str()).collect();
    assert_eq!(lost, ["0.00", "0.00", "13.58", "0.00", "27.16", "0.00", "0.00", "0.00", "40.74"]);
    let providers = fs::read_to_string(folder.join("tables/providers.csv")).unwrap();
    assert!(providers.contains("2 providers with fewer than 11 lines each") && !providers.contains("9000000029"));
}
