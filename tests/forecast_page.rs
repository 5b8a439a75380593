//! The page of a forecast: what is not known is not nothing, the answer stands beside the year before, charts are of all that is
//! totalled.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::run;

/// Cents of an amount; nothing where it is not known.
fn cents(cell: &Value) -> Option<i64> {
    let (dollars, parts) = cell.as_str()?.split_once('.').unwrap_or((cell.as_str()?, "0"));
    let parts: i64 = format!("{parts:0<2}").parse().unwrap();
    Some(dollars.parse::<i64>().unwrap() * 100 + if dollars.starts_with('-') { -parts } else { parts })
}

fn section<'r>(report: &'r Value, id: &str) -> &'r Value {
    let sections = report["sections"].as_array().unwrap();
    sections.iter().find(|s| s["id"] == id).unwrap_or_else(|| panic!("no section {id}"))
}

fn column(section: &Value, name: &str) -> usize {
    let columns = section["table"]["columns"].as_array().unwrap();
    columns.iter().position(|c| c["name"] == name).unwrap_or_else(|| panic!("no column {name}"))
}

fn tile<'r>(report: &'r Value, label: &str) -> &'r Value {
    report["headline"].as_array().unwrap().iter().find(|s| s["label"] == label).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Twenty-six months up to December 2025, each with five claims that are paid $80.00 on their day, by a payer that no project
/// knows: nothing has a price.
fn unpriced(dir: &Path) {
    let mut claims = "claim_id,line_number,service_date,payer_id,state,zip,pos,code,units,charge\n".to_owned();
    let mut remits = "claim_id,line_number,payer_id,claim_status,remit_date,posted_date,code,units,charge,paid,patient_responsibility,adjustments\n".to_owned();
    for month in 0..26 {
        let (year, number) = (2023 + (month + 10) / 12, (month + 10) % 12 + 1);
        for day in [3, 10, 17, 24, 28] {
            let (date, id) = (format!("{year}-{number:02}-{day:02}"), month * 5 + day);
            writeln!(claims, "{month}-{id},1,{date},ACME,OH,43215,11,96372,1,100.00").unwrap();
            writeln!(remits, "{month}-{id},1,ACME,1,{date},{date},96372,1,100.00,80.00,0.00,CO-45:20.00").unwrap();
        }
    }
    fs::write(dir.join("claims.csv"), claims).unwrap();
    fs::write(dir.join("remits.csv"), remits).unwrap();
}

#[test]
fn what_has_no_price_is_not_known_and_never_zero() {
    let dir = tempfile::tempdir().unwrap();
    unpriced(dir.path());
    let args = ["forecast", "claims.csv", "remits.csv", "--paths", "20", "--origins", "2"];
    let said = run(dir.path(), &[args.as_slice(), &["--format", "json"]].concat()).ends(0).json();
    for label in ["Expected", "Denied or underpaid"] {
        assert_eq!(tile(&said, label)["value"], "not known");
    }
    let expected = section(&said, "expected");
    assert_eq!(expected["title"], "What services to come are worth is not known: no line has a price");
    assert!(expected["chart"].is_null(), "a picture of nothing");
    let table = &expected["table"];
    for row in table["rows"].as_array().unwrap().iter().chain([&table["total"]]) {
        for name in ["expected", "expected_low", "denied", "underpaid", "net", "net_high"] {
            assert!(row[column(expected, name)].is_null(), "{name}: {row}");
        }
        assert!(row[column(expected, "lines")].is_string());
    }
    assert!(text(&section(&said, "groups")["title"]).starts_with("ACME pays most: "));
    assert!(text(&section(&said, "leakage")["title"]).contains("not known"));
    // Nothing that is compared with nothing holds.
    assert!(said["sections"].as_array().unwrap().iter().all(|s| s["id"] != "closes-expected"));
    // The files end on Sunday 28 December, and Monday is a working day: November is the last whole month. Five payments of $80
    // a month are $4,800 in twelve.
    let basis = text(&tile(&said, "Cash from payers")["basis"]);
    assert!(basis.ends_with("it was $4,800 in 2024-12 to 2025-11"), "{basis}");
    // Under the figures of a terminal it is said why; nowhere does it say $0.
    let printed = run(dir.path(), &args).ends(0).out;
    assert!(printed.contains("lines to come have no price"), "{printed}");
    assert!(!printed.contains("worth $0") && !printed.contains("$0 to $0"), "{printed}");
}

#[test]
fn the_terminal_says_what_changes_the_reading() {
    let dir = tempfile::tempdir().unwrap();
    unpriced(dir.path());
    let said = run(dir.path(), &["forecast", "claims.csv", "remits.csv", "--paths", "20", "--no-backtest"]).ends(0).out;
    for words in ["Known as of 2025-12-28.", "have no price", "ranges are those of the models alone"] {
        assert!(said.contains(words), "{words} is not in:\n{said}");
    }
}

#[test]
fn groups_stand_by_size_and_the_heat_map_holds_all_of_them() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), &["demo", "--lines", "3000", "--out", "."]).ends(0);
    let args = ["forecast", "--no-backtest", "--paths", "20", "--by", "payer,pos", "--format", "json"];
    let said = run(dir.path(), &args).ends(0).json();
    let groups = section(&said, "groups");
    let net = column(groups, "net");
    let rows = groups["table"]["rows"].as_array().unwrap();
    let sizes: Vec<i64> = rows.iter().map(|r| cents(&r[net]).unwrap_or(0)).collect();
    assert!(sizes.len() > 16 && sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    // Sixteen rows of shades, the last of them all other groups: their sum is the total of the tables.
    let chart = &section(&said, "groups-by-month")["chart"];
    let names = chart["rows"].as_array().unwrap();
    assert_eq!(names.len(), 16);
    assert!(text(&names[15]).ends_with(" other groups"), "{}", names[15]);
    let values = chart["values"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
    assert_eq!(values.filter_map(cents).sum::<i64>(), cents(&groups["table"]["total"][net]).unwrap());

    // The largest cause is called that, with what it is of the whole.
    let leakage = section(&said, "leakage");
    let first = &leakage["table"]["rows"][0];
    let dollars = (cents(&first[2]).unwrap() + 50) / 100;
    let plain = text(&leakage["title"]).replace(',', "");
    assert!(
        plain.ends_with(&format!("the largest cause is {} ${dollars}", text(&first[1]).replace(',', ""))),
        "{plain}"
    );
    // Four tiles at most, and the year before: the demo's services are of whole years.
    assert!(text(&tile(&said, "Expected")["basis"]).contains(" in 2025-01 to 2025-12"));
    // Notes that say the same of several payers are one.
    let notes = section(&said, "rates")["notes"].as_array().unwrap();
    let carried: Vec<&str> = notes.iter().map(text).filter(|n| n.contains("no rate is known for some codes")).collect();
    let days: std::collections::BTreeSet<&str> = carried.iter().filter_map(|n| n.split(": ").nth(1)).collect();
    assert_eq!(carried.len(), days.len(), "{carried:?}");
}
