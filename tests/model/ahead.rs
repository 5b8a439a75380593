//! Scenarios in the months to come: a conversion factor holds from its day on, and net is expected less denied.

use std::fs;

use serde_json::Value;

use crate::common::run;

/// The rows of the months to come: measure with the cents of a named column.
fn months_to_come<const N: usize>(plan: &str, months: &str, columns: [&str; N]) -> [Vec<(String, i64)>; N] {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("scenario.toml"), plan).unwrap();
    let args = ["model", "scenario.toml", "--format", "json", "--horizon", months, "--paths", "20"];
    let json = run(dir.path(), &args).ends(0).json();
    let section = json["sections"].as_array().unwrap().iter().find(|s| s["id"] == "months-to-come").unwrap();
    let cents = |value: &Value| -> i64 {
        let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let dollars: rust_decimal::Decimal = text.parse().unwrap();
        allowable::domain::round_cents(dollars).unwrap().cents()
    };
    let rows = section["table"]["rows"].as_array().unwrap();
    columns.map(|column| {
        let at = section["table"]["columns"].as_array().unwrap().iter().position(|c| c["name"] == column).unwrap();
        rows.iter().map(|row| (row[1].as_str().unwrap().to_owned(), cents(&row[at]))).collect()
    })
}

fn of(rows: &[(String, i64)], measure: &str) -> i64 {
    rows.iter().find(|(name, _)| name == measure).unwrap_or_else(|| panic!("{measure} in {rows:?}")).1
}

/// The demo's services end in January 2026, so that the months to come begin in February.
#[test]
fn a_factor_that_begins_later_changes_only_later_months() {
    let plan = |from: &str| {
        format!("[[scenario]]\nname = \"cut\"\n[scenario.conversion_factor]\nfactor = \"20\"\nfrom = \"{from}\"\n")
    };
    let change = |from: &str| {
        let [rows] = months_to_come(&plan(from), "3", ["change"]);
        rows
    };
    // After all months to come: nothing at all, where it used to lower all of them.
    let after = change("2035-01-01");
    assert!(after.iter().all(|(_, cents)| *cents == 0), "{after:?}");
    // From the third of three months on it is a part of what it is from the first on.
    let all = of(&change("2026-02-01"), "expected");
    let last = of(&change("2026-04-01"), "expected");
    assert!(all < last && last < 0, "{all} {last}");
    let share = last * 100 / all;
    assert!((20..50).contains(&share), "a third, more or less: {share} %");
}

#[test]
fn net_is_expected_less_denied_as_everywhere() {
    let plan = "[[scenario]]\nname = \"more\"\n[[scenario.rate]]\npercent = \"10\"\n";
    for rows in months_to_come(plan, "3", ["baseline", "with", "change"]) {
        assert_eq!(of(&rows, "net"), of(&rows, "expected") - of(&rows, "denied"), "{rows:?}");
    }
}
