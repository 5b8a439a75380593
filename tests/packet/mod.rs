//! The negotiation packet: its sums are the leakage report's, its offers are worked out by hand, and it tells of no patient and
//! names no other payer.

mod edition;
mod year;

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::run;

/// A section of a report as JSON, by its id.
fn section<'a>(report: &'a Value, id: &str) -> &'a Value {
    report["sections"].as_array().unwrap().iter().find(|s| s["id"] == id).unwrap_or_else(|| panic!("no section {id}"))
}

/// The cell of a named column in a row.
fn cell<'a>(section: &'a Value, row: &'a Value, column: &str) -> &'a Value {
    let columns = section["table"]["columns"].as_array().unwrap();
    let at = columns.iter().position(|c| c["name"] == column).unwrap_or_else(|| panic!("no column {column}"));
    &row[at]
}

#[test]
fn sums_are_those_of_the_leakage_report() {
    let dir = TempDir::new().unwrap();
    run(dir.path(), &["report", "--out", "report"]).ends(0);
    let folder = fs::read_dir(dir.path().join("report")).unwrap().next().unwrap().unwrap().path();
    let file = if folder.is_dir() { folder.join("report.json") } else { dir.path().join("report/report.json") };
    let report: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let payers = section(&report, "payers");
    for (id, name) in [("COM1", "Larkspur PPO"), ("MCR", "Medicare Part B")] {
        let months = ["--from", "2023-01", "--to", "2025-12", "--no-forecast", "--format", "json", "--ask", "160"];
        let packet = run(dir.path(), &[&["packet", "--payer", id][..], &months].concat()).ends(0).json();
        let services = section(&packet, "services");
        let total = &services["table"]["total"];
        let row = payers["table"]["rows"].as_array().unwrap().iter().find(|row| row[0] == name).unwrap();
        for column in ["lines", "expected", "denied", "underpaid"] {
            assert_eq!(cell(services, total, column), cell(payers, row, column), "{name}: {column}");
        }
        // The rows of the codes add up to the total, and the first offer is a third of what is expected in three years.
        let cents = |value: &Value| value.as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
        let rows = services["table"]["rows"].as_array().unwrap();
        let sum: i64 = rows.iter().map(|row| cents(cell(services, row, "expected"))).sum();
        assert_eq!(sum, cents(cell(services, total, "expected")));
        let ask = section(&packet, "ask");
        let all = cents(cell(services, total, "expected"));
        assert_eq!(cents(cell(ask, &ask["table"]["rows"][0], "expected")), (2 * all + 3) / 6);
    }
}

/// Eleven injections (two of them denied) and eleven vitamin B12, and two pushes, in Ohio from April to June 2024; another payer's
/// beside it, and four of a small one. Medicare's amounts are those of May in all three months.
fn practice() -> TempDir {
    let dir = TempDir::new().unwrap();
    let project = "title = \"Small\"\ninputs = [\"claims.csv\", \"remits.csv\"]\nscope = [\"96372\", \"96374\", \"J3420\"]\n\
        [[payer]]\nid = \"ACME\"\nname = \"Acme Health\"\nkind = \"commercial\"\nlesser_of = false\n\
        terms = [{ basis = \"percent-of-medicare\", percent = \"110\" }]\n\
        [[payer]]\nid = \"ZED\"\nname = \"Zed Secret Plan\"\nkind = \"commercial\"\nlesser_of = false\n\
        terms = [{ basis = \"percent-of-medicare\", percent = \"150\" }]\n\
        [[payer]]\nid = \"TINY\"\nname = \"Tiny Trust\"\nkind = \"commercial\"\n\
        terms = [{ basis = \"percent-of-medicare\", percent = \"150\" }]\n\
        [[payer]]\nid = \"MCD\"\nname = \"State Medicaid\"\nkind = \"medicaid\"\nterms = [{ basis = \"medicaid-benchmark\" }]\n";
    let mut claims =
        "claim_id,line_number,service_date,payer_id,code,modifiers,units,pos,zip,charge,patient_id\n".to_owned();
    let mut remits = "claim_id,line_number,payer_id,remit_date,code,charge,paid,allowed,adjustments\n".to_owned();
    let mut n = 0;
    let mut add = |payer: &str, code: &str, allowed: &str| {
        n += 1;
        claims.push_str(&format!(
            "K{n},1,2024-0{}-{:02},{payer},{code},,1,11,43215,60.00,PATIENT{n}\n",
            4 + n % 3,
            1 + n % 28
        ));
        let reason = if allowed == "0.00" { "CO-50:60.00" } else { "" };
        remits.push_str(&format!("K{n},1,{payer},2024-07-20,{code},60.00,{allowed},{allowed},{reason}\n"));
    };
    for i in 0..11 {
        // 13.58 × 1.10 = 14.938 → 14.94; 1.423 × 1.10 = 1.5653 → 1.57.
        add("ACME", "96372", if i < 2 { "0.00" } else { "14.94" });
        add("ACME", "J3420", "1.57");
        // 13.58 × 1.50 = 20.37.
        add("ZED", "96372", "20.37");
    }
    for _ in 0..2 {
        // 33.97 × 1.10 = 37.367 → 37.37.
        add("ACME", "96374", "37.37");
    }
    for _ in 0..4 {
        add("TINY", "96372", "20.37");
    }
    for _ in 0..13 {
        add("MCD", "96372", "9.00");
    }
    fs::write(dir.path().join("allowable.toml"), project).unwrap();
    fs::write(dir.path().join("claims.csv"), claims).unwrap();
    fs::write(dir.path().join("remits.csv"), remits).unwrap();
    dir
}

const ARGS: [&str; 10] =
    ["packet", "--payer", "acme", "--ask", "140", "--fallback", "125", "--walk-away", "110", "--no-forecast"];

#[test]
fn offers_are_worked_out_line_by_line() {
    let dir = practice();
    let args = [&ARGS[..], &["--codes", "injections", "--format", "json"]].concat();
    let packet = run(dir.path(), &args).ends(0).json();
    let ask = section(&packet, "ask");
    let row = |name: &str| ask["table"]["rows"].as_array().unwrap().iter().find(|row| row[0] == name).unwrap();
    let money = |name: &str, column: &str| cell(ask, row(name), column).as_str().unwrap().to_owned();
    // Today: 11 × 14.94 + 11 × 1.57 + 2 × 37.37 = 164.34 + 17.27 + 74.74 = 256.35 in three months, four times that in a year.
    assert_eq!(money("Today's terms", "expected"), "1025.40");
    // Ask: injections and pushes at 140 %: 13.58 × 1.4 = 19.012 → 19.01, 33.97 × 1.4 = 47.558 → 47.56; the drug keeps its rate:
    // 11 × 19.01 + 2 × 47.56 + 17.27 = 209.11 + 95.12 + 17.27 = 321.50.
    assert_eq!(money("Ask", "expected"), "1286.00");
    assert_eq!(money("Ask", "change"), "260.60");
    // Fallback at 125 %: 13.58 × 1.25 = 16.975 → 16.98, 33.97 × 1.25 = 42.4625 → 42.46: 186.78 + 84.92 + 17.27 = 288.97.
    assert_eq!(money("Fallback", "expected"), "1155.88");
    assert_eq!(money("Walk away below", "expected"), "1025.40");
    // Two of the injections are denied: 321.50 − 2 × 19.01 = 283.48; today 256.35 − 2 × 14.94 = 226.47.
    assert_eq!(
        (money("Ask", "after_denials"), money("Today's terms", "after_denials")),
        ("1133.92".to_owned(), "905.88".to_owned())
    );
    // 321.50 of Medicare's 11 × 13.58 + 2 × 33.97 + 11 × 1.42 = 232.94: all lines are at 138.0 %, those asked for at 140 %.
    assert_eq!(cell(ask, row("Ask"), "percent_of_medicare").as_str().unwrap().trim_end_matches(".0"), "138");
    assert_eq!(cell(ask, row("Ask"), "at"), "140% of Medicare for injections");
    assert_eq!(packet["finding"], "140% of Medicare for injections would bring +$261 a year (24 lines in 3 months)");
    // A point of denials costs 2.5635 in three months. A point of the rate, from 110 % to 120 %: nine injections from 14.94 to 16.30
    // and two pushes from 37.37 to 40.76, 12.24 + 6.78 = 19.02 for ten points: 2.5635 / 1.902 = 1.348.
    assert_eq!(
        section(&packet, "sensitivity")["title"],
        "One point of denials costs as much as 1.3 points of the rate"
    );
}

#[test]
fn few_lines_stand_together_and_nobody_else_is_named() {
    let dir = practice();
    let args = [&ARGS[..], &["--out", "packet"]].concat();
    run(dir.path(), &args).ends(0);
    let page = fs::read_to_string(dir.path().join("packet/packet.html")).unwrap();
    let json = fs::read_to_string(dir.path().join("packet/packet.json")).unwrap();
    for text in [&page, &json] {
        // Two pushes only, which a total less the other codes would show: the code with the least joins them.
        assert!(text.contains("J3420 and codes with fewer than 11 lines"));
        // Two pushes only: the code is not shown. No claim, no patient, no other payer.
        for hidden in ["96374", "PATIENT", "K17", "Zed", "ZED"] {
            assert!(!text.contains(hidden), "{hidden}");
        }
        assert!(text.contains("payer A"));
    }
    assert!(dir.path().join("packet/packet.xlsx").is_file());
    for chart in ["percent-of-medicare", "sensitivity", "tornado", "drift"] {
        assert!(dir.path().join(format!("packet/charts/{chart}.png")).is_file(), "{chart}");
    }
    let named = run(dir.path(), &[&ARGS[..], &["--name-others", "--format", "json"]].concat()).ends(0).out;
    assert!(named.contains("Zed Secret Plan"));
}

#[test]
fn what_cannot_be_made_is_said() {
    let dir = practice();
    for (args, words) in [
        (vec!["packet", "--payer", "acne"], "did you mean ACME?"),
        (vec!["packet", "--payer", "ACME", "--ask", "0"], "expected a percentage of Medicare"),
        (vec!["packet", "--payer", "ACME", "--ask", "120", "--fallback", "130"], "each must not be more than the next"),
        (vec!["packet", "--payer", "ACME", "--from", "2025-13"], "expected a month, such as 2025-01"),
        (vec!["packet", "--payer", "ACME", "--from", "2024-06", "--to", "2024-05"], "--to lies before --from"),
        (vec!["packet", "--payer", "ACME", "--to", "2023-05", "--no-forecast"], "the files have services"),
        (vec!["packet", "--payer", "ACME", "--from", "2024-05", "--no-forecast"], "2 months of services are too few"),
        (vec!["packet", "--payer", "ACME", "--from", "2024-03", "--no-forecast"], "the files begin in 2024-04"),
        (vec!["packet", "--payer", "ACME", "--from", "2026-01", "--no-forecast"], "--from lies after 2024-06"),
        (
            vec!["packet", "--payer", "ACME", "--codes", "96732", "--no-forecast"],
            "--codes 96732: Acme Health has no line for it",
        ),
        (
            vec!["packet", "--payer", "ACME", "--codes", "96372,96732", "--no-forecast"],
            "--codes 96732: Acme Health has no line",
        ),
        (vec!["packet", "--payer", "TINY", "--no-forecast"], "fewer than 11 lines with a published or contracted rate"),
        // All thirteen are held against a benchmark; which is said, whatever is asked.
        (
            vec!["packet", "--payer", "MCD", "--no-forecast"],
            "has 13 lines of service in 2024-04-01 to 2024-06-30, and none of them has a published or contracted rate: 13 can only be compared with a benchmark, 0 have no known rate, 0 are not payable",
        ),
        (
            vec!["packet", "--payer", "MCD", "--ask", "140", "--fallback", "125", "--no-forecast"],
            "has 13 lines of service",
        ),
        (vec!["packet", "--payer", "ACME", "--hand-over", "--name-others"], "cannot be used with"),
        (vec!["packet", "--payer", "ACME", "--codes", "shots"], "expected a code, a range"),
        (vec!["packet", "--payer", "ACME", "--no-forecast", "--out", "x.docx"], "is no format of the packet"),
    ] {
        let said = run(dir.path(), &args);
        assert!(matches!(said.code, Some(1 | 2)), "{args:?}: {:?}", said.code);
        assert!(said.err.contains(words), "{args:?}: {}", said.err);
    }
}
