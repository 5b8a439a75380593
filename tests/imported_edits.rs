//! NCCI edits of an import: used wherever lines are judged, by the shipped rule that speaks of the pair or else by the one for
//! the rest, on the days of each of their periods.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::run;

const CLAIMS_HEAD: &str = "claim_id,line_number,service_date,payer_id,state,locality,pos,code,modifiers,units,\
                           billed_amount,allowed_amount,paid_amount,patient_amount,group_code,carc";

const PROJECT: &str = "title = \"t\"\ninputs = [\"claims.csv\"]\npractice_place = \"15202-00\"\n\
                       [[payer]]\nid = \"MCR\"\nkind = \"medicare\"\nname = \"Medicare\"\n";

const FEES: &str = "payer_id,area,code,modifier,facility,effective_from,effective_to,rate
MCR,OH,96372,,false,2020-01-01,2025-12-31,13.00
MCR,OH,99213,,false,2020-01-01,2025-12-31,85.00
MCR,OH,20610,,false,2020-01-01,2025-12-31,62.00
MCR,OH,36415,,false,2020-01-01,2025-12-31,8.00
";

/// Rows in the layout of CMS: column 1, column 2, first day, last day, indicator.
fn pairs(rows: &[&str]) -> String {
    let mut out = "CPT only\t\t\t\t\t\t\nColumn 1\tColumn 2\t*=in existence prior to 1996\tEffective Date\t\
                   Deletion Date *=no data\tModifier 0=not allowed 1=allowed 9=not applicable\tPTP Edit Rationale\n"
        .to_owned();
    for row in rows {
        let [column1, column2, from, until, indicator] = row.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        out += &format!("{column1}\t{column2}\t\t{from}\t{until}\t{indicator}\tA\n");
    }
    out
}

const IMPORT: [&str; 6] = ["import", "medicare", "ccipra-v312r0-f1.txt", "--all-pairs", "--replace", "--partial"];

/// A project with these edits of the edition of 2025-07-01 and these lines: claim, number, day, code, modifiers.
fn project(edits: &[&str], lines: &[&str]) -> TempDir {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("allowable.toml"), PROJECT).unwrap();
    fs::write(at("fees.csv"), FEES).unwrap();
    fs::write(at("ccipra-v312r0-f1.txt"), pairs(edits)).unwrap();
    let mut claims = format!("{CLAIMS_HEAD}\n");
    for line in lines {
        let [claim, number, day, code, modifiers] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let modifiers = if modifiers == "-" { "" } else { modifiers };
        claims += &format!(
            "{claim},{number},{day},MCR,OH,15202-00,11,{code},\"{modifiers}\",1,200.00,10.00,8.00,2.00,CO,45\n"
        );
    }
    fs::write(at("claims.csv"), claims).unwrap();
    // A few rows in place of the shipped table: wanted here, and a row that cannot stand is left out.
    run(dir.path(), &IMPORT).ends(0);
    dir
}

/// The rule of each line by `price --rules`, in the order of the file; empty where it stands.
fn in_bulk(dir: &TempDir) -> Vec<String> {
    let said = run(
        dir.path(),
        &["price", "claims.csv", "--fees", "fees.csv", "--rules", "--project", "allowable.toml", "--threads", "2"],
    )
    .ends(0);
    said.out.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().to_owned()).collect()
}

/// The same by `explain` of each claim, as the report judges them.
fn explained(dir: &TempDir, claims: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    for claim in claims {
        let said = run(dir.path(), &["explain", claim, "--format", "json"]).ends(0);
        let lines: Value = said.json();
        let rule = |line: &Value| line["payability"]["rule"].as_str().unwrap_or_default().to_owned();
        out.extend(lines.as_array().unwrap().iter().map(rule));
    }
    out
}

#[test]
fn a_pair_that_no_shipped_rule_expects_lets_its_second_column_fall() {
    let dir = project(
        &[
            "20610 96372 20200101 * 0",
            "96372 99213 20200101 * 0",
            "96372 36415 20200101 * 1",
            "25003 96372 20200101 20250630 0",
        ],
        &[
            // Shipped, 20610/96372 has indicator 1 and 59 parts it; imported, nothing does.
            "X1 1 2025-05-05 96372 59",
            "X1 2 2025-05-05 20610 -",
            "X2 1 2025-05-06 96372 -",
            "X2 2 2025-05-06 99213 25",
            "X3 1 2025-05-07 96372 -",
            "X3 2 2025-05-07 36415 -",
            // Both signs of 59 part a pair of indicator 1; of the others those on column 2 alone.
            "X4 1 2025-05-08 96372 -",
            "X4 2 2025-05-08 36415 LT",
            "X5 1 2025-05-09 96372 LT",
            "X5 2 2025-05-09 36415 -",
            "X6 1 2025-05-12 96372 XS",
            "X6 2 2025-05-12 36415 -",
            // The last day of a pair, and the day after.
            "X7 1 2025-06-30 96372 -",
            "X7 2 2025-06-30 25003 -",
            "X8 1 2025-07-01 96372 -",
            "X8 2 2025-07-01 25003 -",
            // In the shipped table 96374/96372 is a pair; the imported one takes its place.
            "X9 1 2025-05-13 96372 -",
            "X9 2 2025-05-13 96374 -",
        ],
    );
    let (never, modifier) = ("ncci-pair-never", "ncci-pair-modifier");
    let expected = [never, "", "", never, "", modifier, "", "", "", modifier, "", "", never, "", "", "", "", ""];
    assert_eq!(in_bulk(&dir), expected);
    assert_eq!(explained(&dir, &["X1", "X2", "X3", "X4", "X5", "X6", "X7", "X8", "X9"]), expected);
    // The report counts the same lines: X1, X2 and X7 never, X3 and X5 without a modifier.
    run(dir.path(), &["report", "--out", "out"]).ends(0);
    let table = dir.path().join("out/2025-05-05_2025-07-01/tables/billing-errors.csv");
    let table = fs::read_to_string(table).unwrap();
    assert!(table.contains(",never payable,3,") && table.contains(",payable when corrected,2,"), "{table}");
}

#[test]
fn the_row_that_decides_is_cited_with_its_edition() {
    let dir = project(&["20610 96372 20200101 * 0"], &["X1 1 2025-05-05 96372 -", "X1 2 2025-05-05 20610 -"]);
    let said = run(dir.path(), &["explain", "X1:1"]).ends(0).out;
    // Edition v31.2 is of the third quarter of 2025; the row is the second line of the imported table.
    assert!(said.contains("edition 2025-07-01 (reference/ncci/ptp.csv:2)"), "{said}");
    assert!(!said.contains("2024-07-01"), "{said}");
}

#[test]
fn every_period_of_a_pair_holds_on_its_own_days() {
    let dir = project(
        &["96372 99213 20200101 20231231 1", "96372 99213 20250101 * 0"],
        &[
            "P1 1 2023-05-05 96372 -",
            "P1 2 2023-05-05 99213 -",
            "P2 1 2023-05-08 96372 -",
            "P2 2 2023-05-08 99213 25",
            "P3 1 2024-05-06 96372 -",
            "P3 2 2024-05-06 99213 -",
            "P4 1 2025-05-05 96372 -",
            "P4 2 2025-05-05 99213 25",
        ],
    );
    // The first period is of indicator 1, which is the shipped rule's; then a year without; then never.
    let expected = ["", "ncci-office-visit", "", "", "", "", "", "ncci-pair-never"];
    assert_eq!(in_bulk(&dir), expected);
    assert_eq!(explained(&dir, &["P1", "P2", "P3", "P4"]), expected);
    // The table is sorted by pair, then indicator: the later period stands first.
    let said = run(dir.path(), &["explain", "P1:2"]).ends(0).out;
    assert!(said.contains("reference/ncci/ptp.csv:3)"), "{said}");
    let said = run(dir.path(), &["explain", "P4:2"]).ends(0).out;
    assert!(said.contains("reference/ncci/ptp.csv:2)"), "{said}");
}

#[test]
fn a_pair_with_two_indicators_on_the_same_days_is_named_and_left_out() {
    let dir = project(
        &[
            "96372 36415 20200101 20241231 0",
            // The last day of the one is the first of the other.
            "96372 36415 20241231 * 1",
            "96372 36591 20200101 20241231 0",
            "96372 36591 20250101 * 1",
        ],
        &["X1 1 2025-05-05 96372 -"],
    );
    let said = run(dir.path(), &IMPORT).ends(0).err;
    assert!(
        said.contains("error[import-duplicate]: 96372 and 36415 stand twice, with indicators 0 and 1 on the same days"),
        "{said}"
    );
    let table = fs::read_to_string(dir.path().join("reference/ncci/ptp.csv")).unwrap();
    // The shipped rows stay, for a row was not read; of the two pairs the sound one is there in both its periods.
    let rows: Vec<&str> = table.lines().skip(1).collect();
    let of = |pair: &str| rows.iter().filter(|row| row.contains(pair)).copied().collect::<Vec<_>>();
    assert_eq!(
        of(",96372,36591,"),
        ["2025-07-01,96372,36591,0,2020-01-01,2024-12-31", "2025-07-01,96372,36591,1,2025-01-01,"],
        "{said}"
    );
    assert!(of(",96372,36415,").is_empty() && rows.iter().all(|row| row.starts_with("2025-07-01,")));
}

#[test]
fn an_ended_shipped_rule_does_not_come_back_as_the_one_for_the_rest() {
    let lines = ["X1 1 2025-05-05 96372 -", "X1 2 2025-05-05 99213 -"];
    let dir = project(&["96372 99213 20200101 * 1"], &lines);
    assert_eq!(in_bulk(&dir), ["", "ncci-office-visit"]);
    fs::write(
        dir.path().join("own.csv"),
        "id,title,check,codes,beside,without,only_drugs,has,lacks,modifier_on,pos,payers,states,ndc,diagnosis_lacks,from,\
         until,effect,step,fix,source,strength\nncci-office-visit,,line,,,,,,,,,,,,,,,off,1,,,\n",
    )
    .unwrap();
    fs::write(dir.path().join("allowable.toml"), format!("rules = [\"own.csv\"]\n{PROJECT}")).unwrap();
    assert_eq!(in_bulk(&dir), ["", ""]);
    assert_eq!(explained(&dir, &["X1"]), ["", ""]);
}
