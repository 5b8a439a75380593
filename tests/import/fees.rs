//! Fee tables: decimal commas, rows that would be lost, and tables that follow one another.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::PROJECT;
use crate::common::{Said, run};

fn project() -> TempDir {
    let dir = TempDir::new().unwrap();
    let payer = "[[payer]]\nid = \"ACME\"\nkind = \"commercial\"\nname = \"Acme Health\"\n";
    fs::write(dir.path().join("allowable.toml"), PROJECT.to_owned() + payer).unwrap();
    dir
}

fn import(dir: &Path, table: &str, more: &[&str]) -> Said {
    fs::write(dir.join("acme.csv"), table).unwrap();
    run(dir, &[&["import", "fees", "acme.csv", "--payer", "ACME"], more].concat())
}

fn schedule(dir: &Path) -> Vec<String> {
    let text = fs::read_to_string(dir.join("reference/schedules/acme.csv")).unwrap_or_default();
    text.lines().skip(1).map(|line| line.split(',').skip(2).take(7).collect::<Vec<_>>().join(",")).collect()
}

const FROM: [&str; 2] = ["--from", "2025-01-01"];

#[test]
fn a_decimal_comma_is_an_error_that_shows_the_cell() {
    let dir = project();
    let said = import(dir.path(), "code;rate\r\n96372;13,54\r\n99213;1.234,50\r\n", &FROM).ends(1);
    for (line, code, cell) in [(2, "96372", "13,54"), (3, "99213", "1.234,50")] {
        let place = format!("acme.csv:{line}, column \"rate\": error[schedule-row-bad]: {code}: found \"{cell}\"");
        assert!(said.err.contains(&place), "{place}: {}", said.err);
    }
    assert!(schedule(dir.path()).is_empty());
    import(dir.path(), "code,rate\n27130,\"$1,234.50\"\n", &FROM).ends(0);
    assert_eq!(schedule(dir.path()), ["27130,,,1234.50,per-unit,2025-01-01,"]);
}

#[test]
fn one_row_in_error_refuses_the_table_unless_a_part_is_wanted() {
    let dir = project();
    import(dir.path(), "code,rate\n96372,20.00\n99213,90.00\n", &FROM).ends(0);
    let before = schedule(dir.path());
    let bad = "code,rate\n96372,2o.50\n99213,91.00\n";
    let said = import(dir.path(), bad, &FROM).ends(1);
    assert!(said.err.contains("--partial") && schedule(dir.path()) == before, "{}", said.err);
    let said = import(dir.path(), bad, &["--from", "2025-01-01", "--partial"]).ends(0);
    assert!(said.out.contains("1 rate in error left out"), "{}", said.out);
    // The earlier rate of 96372 stays.
    assert_eq!(schedule(dir.path()), ["96372,,,20.00,per-unit,2025-01-01,", "99213,,,91.00,per-unit,2025-01-01,"]);
}

#[test]
fn next_years_table_leaves_this_years_rates() {
    let dir = project();
    import(dir.path(), "code,rate\n96372,20.00\n99213,90.00\nJ1100,1.00\n", &["--from", "2024-01-01"]).ends(0);
    let said = import(dir.path(), "code,rate\n96372,21.00\n99213,92.00\n", &FROM).ends(0);
    assert!(said.out.contains("3 earlier rates of other days kept; 3 of them now end"), "{}", said.out);
    assert!(said.out.contains("without a rate from then on: J1100"), "{}", said.out);
    let expected = [
        "96372,,,20.00,per-unit,2024-01-01,2024-12-31",
        "99213,,,90.00,per-unit,2024-01-01,2024-12-31",
        "J1100,,,1.00,per-unit,2024-01-01,2024-12-31",
        "96372,,,21.00,per-unit,2025-01-01,",
        "99213,,,92.00,per-unit,2025-01-01,",
    ];
    assert_eq!(schedule(dir.path()), expected);
    assert!(!said.err.contains("schedule-overlap"), "{}", said.err);
    import(dir.path(), "code,rate\n96372,21.00\n", &["--from", "2025-01-01", "--replace"]).ends(0);
    assert_eq!(schedule(dir.path()), ["96372,,,21.00,per-unit,2025-01-01,"]);
}

#[test]
fn nothing_of_a_table_is_passed_over_in_silence() {
    let dir = project();
    // A rate without a code.
    let said = import(dir.path(), "code,description,rate\n96372,Injection,20.00\n,No code,44.00\n", &FROM).ends(1);
    assert!(said.err.contains("acme.csv:3, column \"code\": error[schedule-row-bad]"), "{}", said.err);
    // A rate beside rates by setting.
    let both = "code,rate,non-facility fee\n96372,20.00,21.00\n";
    let said = import(dir.path(), both, &FROM).ends(1);
    assert!(said.err.contains("ambiguous-column"), "{}", said.err);
    import(dir.path(), both, &["--from", "2025-01-01", "--map", "rate=rate"]).ends(0);
    assert_eq!(schedule(dir.path()), ["96372,,,20.00,per-unit,2025-01-01,"]);
    // A second header for a field.
    let said = import(dir.path(), both, &["--from", "2025-01-01", "--map", "code=code", "--map", "code=cpt"]).ends(2);
    assert!(said.err.contains("mapped twice"), "{}", said.err);
    // A rate of zero.
    let said = import(dir.path(), "code,rate\nJ0696,0.00\n96372,20.00\n", &FROM).ends(0);
    assert!(said.err.contains("warning[zero-rate]: J0696"), "{}", said.err);
}

#[test]
fn bulk_pricing_takes_open_ends_and_both_settings_and_names_the_other_layout() {
    let dir = project();
    let head = "claim_id,line_number,service_date,payer_id,state,locality,pos,code,modifiers,units,billed_amount,\
                allowed_amount,paid_amount,patient_amount,group_code,carc";
    let line = |claim, pos| format!("{claim},1,2025-03-03,ACME,OH,,{pos},96372,,2,50.00,40.00,40.00,0.00,,\n");
    fs::write(dir.path().join("lines.csv"), format!("{head}\n{}{}", line("1", "11"), line("2", "22"))).unwrap();
    let columns = "payer_id,area,code,modifier,facility,effective_from,effective_to,rate";
    fs::write(dir.path().join("fees.csv"), format!("{columns}\nACME,OH,96372,,,2025-01-01,,20.00\n")).unwrap();
    let said = run(dir.path(), &["price", "lines.csv", "--fees", "fees.csv", "--group", "payer_id"]).ends(0);
    // Two lines of two units at 20.00, one in an office and one in a hospital: 80.00.
    assert!(said.err.contains("expected $80.00"), "{}", said.err);
    // A schedule of which no row can be read prices nothing and says so.
    fs::write(dir.path().join("fees.csv"), format!("{columns}\nACME,OH,96372,,,2025-01-01,,2x\n")).unwrap();
    let said = run(dir.path(), &["price", "lines.csv", "--fees", "fees.csv"]);
    assert!(said.code == Some(1) && said.err.contains("no row of the schedule can be read"), "{}", said.err);
    import(dir.path(), "code,rate\n96372,20.00\n", &FROM).ends(0);
    let said = run(dir.path(), &["price", "lines.csv", "--fees", "reference/schedules/acme.csv"]);
    assert!(said.code == Some(1) && said.err.contains("--project"), "{}", said.err);
}
