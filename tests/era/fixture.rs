//! The invented pair `small.835` and `small.837`: claims of one day (1 December 2025) in North Carolina, picked by hand.
//!
//! The contract below pays 140 % of Medicare for one plan and a schedule for the other. Medicare of 2025 in 11502-00 (GPCI
//! 1.000, 0.926, 0.665; conversion factor 32.3465), rounded once:
//!
//! - 96372: (0.17 + 0.25 × 0.926 + 0.01 × 0.665) × 32.3465 = 0.40815 × 32.3465 = 13.2022… → 13.20
//! - 96374: (0.18 + 0.85 × 0.926 + 0.02 × 0.665) × 32.3465 = 0.98040 × 32.3465 = 31.7125… → 31.71
//! - 96375: (0.10 + 0.33 × 0.926 + 0.01 × 0.665) × 32.3465 = 0.41223 × 32.3465 = 13.3341… → 13.33
//! - 99213: (1.30 + 1.35 × 0.926 + 0.10 × 0.665) × 32.3465 = 2.61660 × 32.3465 = 84.6378… → 84.64
//! - 99214: (1.92 + 1.80 × 0.926 + 0.15 × 0.665) × 32.3465 = 3.68655 × 32.3465 = 119.2469… → 119.25
//!
//! × 1.40: 18.48, 44.39 (44.394), 18.66 (18.662), 118.50 (118.496), 166.95.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use polars::prelude::{DataFrame, DataType, ParquetReader, SerReader};
use tempfile::TempDir;

use crate::common::{Said, names, run};

const PROJECT: &str = r#"
title = "Test practice"
[[schedule]]
name = "ppo"
path = "ppo.csv"
[[payer]]
id = "EHP"
name = "EXAMPLE HEALTH PLAN"
kind = "commercial"
[[payer.terms]]
basis = "percent-of-medicare"
percent = "140"
[[payer]]
id = "PPO"
name = "Test Commercial PPO"
kind = "commercial"
aliases = ["99004"]
[[payer.terms]]
basis = "schedule"
schedule = "ppo"
"#;

const SCHEDULE: &str = "payer,area,code,modifier,setting,rate,unit_basis,effective_from,effective_to,source
PPO,,96372,,,22.00,per unit,2025-01-01,2026-12-31,invented
PPO,,J1885,,,5.00,per unit,2025-01-01,2026-12-31,invented
PPO,,99213,,,110.00,per unit,2025-01-01,2026-12-31,invented
";

/// What `allowable report` made of some of the files.
struct Reported {
    dir: TempDir,
    said: Said,
    lines: BTreeMap<String, BTreeMap<String, String>>,
}

/// Writes the project and the pair into a folder and runs the report over `files`.
fn reported(files: &[&str]) -> Reported {
    let dir = TempDir::new().unwrap();
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/x12");
    fs::create_dir(dir.path().join("era")).unwrap();
    for name in ["small.835", "small.837"] {
        fs::copy(oracle.join(name), dir.path().join("era").join(name)).unwrap();
    }
    fs::write(dir.path().join("p.toml"), PROJECT).unwrap();
    fs::write(dir.path().join("ppo.csv"), SCHEDULE).unwrap();
    let args = [&["report"], files, &["--project", "p.toml", "--out", "out"]].concat();
    let said = run(dir.path(), &args).ends(0);
    let slugs = names(&dir.path().join("out"));
    let [slug] = slugs.as_slice() else { panic!("{slugs:?}") };
    let file = fs::File::open(dir.path().join("out").join(slug).join("priced_lines.parquet")).unwrap();
    let frame = ParquetReader::new(file).finish().unwrap();
    Reported { lines: by_line(&frame), dir, said }
}

/// Every cell as text, by `CLAIM:LINE` and column.
fn by_line(frame: &DataFrame) -> BTreeMap<String, BTreeMap<String, String>> {
    let columns: Vec<(String, Vec<String>)> = frame
        .columns()
        .iter()
        .map(|c| {
            let text = c.cast(&DataType::String).unwrap();
            let cells = text.str().unwrap().iter().map(|cell| cell.unwrap_or_default().to_owned()).collect();
            (c.name().to_string(), cells)
        })
        .collect();
    let row = |i: usize| -> BTreeMap<String, String> {
        columns.iter().map(|(name, cells)| (name.clone(), cells[i].clone())).collect()
    };
    (0..frame.height()).map(row).map(|r| (format!("{}:{}", r["claim_id"], r["line_number"]), r)).collect()
}

impl Reported {
    /// The cells of a line in these columns, ` | ` between them.
    fn cells(&self, claim: u32, line: u32, columns: &[&str]) -> String {
        let row = &self.lines[&format!("ACCT{claim:08}:{line}")];
        columns.iter().map(|c| row[*c].as_str()).collect::<Vec<_>>().join(" | ")
    }

    /// Standing, cause, expected, paid, patient, denied, underpaid, overpaid.
    fn told(&self, claim: u32, line: u32) -> String {
        let columns = ["standing", "cause", "expected", "paid", "patient", "denied", "underpaid", "overpaid"];
        self.cells(claim, line, &columns)
    }

    /// The sum of a column in cents; an empty cell is not known and adds nothing.
    fn sum(&self, column: &str) -> i64 {
        let cents = |cell: &String| cell.replace('.', "").parse::<i64>().unwrap_or(0);
        self.lines.values().map(|row| cents(&row[column])).sum()
    }
}

/// The report over both files.
fn both() -> &'static Reported {
    static BOTH: OnceLock<Reported> = OnceLock::new();
    BOTH.get_or_init(|| reported(&["era/small.837", "era/small.835"]))
}

#[test]
fn every_line_of_the_claims_is_there_once_and_the_money_of_the_payers_too() {
    let run = both();
    // 1,060 SV1 segments; small.truth.json: ΣSVC03 = 51,001.40 over all answers, reversals included.
    assert_eq!((run.lines.len(), run.sum("paid")), (1060, 5_100_140));
    // Of a deductible or coinsurance (PR-1 3,527.29, PR-2 12,747.73) nothing is lost: 16,275.02.
    assert_eq!(run.sum("patient"), 1_627_502);
    // Every answer found its line: nothing is said of remittances without one.
    let findings = fs::read_to_string(run.folder().join("findings.csv")).unwrap();
    assert!(!findings.contains("remit-without-line") && !findings.contains("claim-sent-again"), "{findings}");
    assert!(run.said.out.contains("1 December 2025"), "{}", run.said.out);
}

impl Reported {
    fn folder(&self) -> std::path::PathBuf {
        let out = self.dir.path().join("out");
        out.join(&names(&out)[0])
    }
}

#[test]
fn the_identity_holds_over_all_lines_and_for_each() {
    let run = both();
    for (id, row) in &run.lines {
        let cents = |column: &str| row[column].replace('.', "").parse::<i64>().unwrap_or(0);
        if row["cohort"] == "unknown" {
            continue;
        }
        let right = ["paid", "patient", "reductions", "denied", "underpaid", "pending"].map(cents).iter().sum::<i64>();
        assert_eq!(cents("expected"), right - cents("overpaid"), "{id}: {row:?}");
    }
}

#[test]
fn a_plain_claim_is_compared_with_the_contract() {
    let run = both();
    // 99213: expected 118.50; paid 79.51 + coinsurance 19.87 = 99.38: 19.12 short.
    assert_eq!(run.told(1, 1), "underpaid | underpaid:no-explanation | 118.50 | 79.51 | 19.87 | 0.00 | 19.12 | 0.00");
    // 99214: expected 166.95; 126.31 + 31.57 = 157.88: 9.07 short.
    assert_eq!(run.told(1, 2), "underpaid | underpaid:no-explanation | 166.95 | 126.31 | 31.57 | 0.00 | 9.07 | 0.00");
    // 96374: expected 44.39; 41.67 + 10.41 = 52.08: 7.69 over.
    assert_eq!(run.told(4, 2), "overpaid |  | 44.39 | 41.67 | 10.41 | 0.00 | 0.00 | 7.69");
    // 96372: expected 18.48; 12.64 + 3.16 = 15.80: 2.68 short.
    assert_eq!(run.told(6, 2), "underpaid | underpaid:no-explanation | 18.48 | 12.64 | 3.16 | 0.00 | 2.68 | 0.00");
    // 96375 after a 96374: expected 18.66; 15.97 + 3.99 = 19.96: 1.30 over.
    assert_eq!(run.told(54, 2), "overpaid |  | 18.66 | 15.97 | 3.99 | 0.00 | 0.00 | 1.30");
    // 96375 without one: not payable (add-on-push-no-parent); 14.81 + 3.70 = 18.51 were allowed by mistake.
    assert_eq!(run.told(6, 1), "overpaid |  | 0.00 | 14.81 | 3.70 | 0.00 | 0.00 | 18.51");
    assert_eq!(run.cells(6, 1, &["outcome", "basis"]), "not-payable | add-on-push-no-parent");
    // All of it went to the deductible: 17.76 of 18.48 allowed, paid nothing.
    assert_eq!(run.told(9, 2), "underpaid | underpaid:no-explanation | 18.48 | 0.00 | 17.76 | 0.00 | 0.72 | 0.00");
}

#[test]
fn a_denied_visit_beside_a_paid_injection() {
    // CO-50 on the 99214-25: medical necessity, 166.95 expected; initial and final are the same.
    let run = both();
    assert_eq!(run.told(4, 1), "denied | denied:medical_necessity | 166.95 | 0.00 | 0.00 | 166.95 | 0.00 | 0.00");
    assert_eq!(run.cells(4, 1, &["carc", "initial_category"]), "CO-50 | medical_necessity");
}

#[test]
fn a_recoded_visit_is_the_99214_that_was_billed() {
    // ACCT37 line 2: 99214-25 billed for 310.97, answered as 99213 (SVC06 = 99214:25): 133.40 + 33.34 = 166.74,
    // 0.21 below 166.95.
    let run = both();
    assert_eq!(run.cells(37, 2, &["code", "charge"]), "99214 | 310.97");
    assert_eq!(run.told(37, 2), "underpaid | underpaid:no-explanation | 166.95 | 133.40 | 33.34 | 0.00 | 0.21 | 0.00");
    // ACCT16: recoded as well, but billed without 25 beside 96372: the visit was not payable (ncci-office-visit), whatever
    // its code; 134.87 + 33.71 = 168.58 were allowed by mistake. 59 on the injection does not help the visit.
    assert_eq!(run.cells(16, 1, &["code", "charge"]), "99214 | 310.78");
    assert_eq!(run.told(16, 1), "overpaid |  | 0.00 | 134.87 | 33.71 | 0.00 | 0.00 | 168.58");
    assert_eq!(run.cells(16, 1, &["outcome", "basis"]), "not-payable | ncci-office-visit");
    // Its injection was filed too late: CO-29.
    assert_eq!(run.told(16, 2), "denied | denied:timely_filing | 18.48 | 0.00 | 0.00 | 18.48 | 0.00 | 0.00");
    // ACCT69 line 3, without 25, too: 121.81 + 30.45 = 152.26 by mistake; its injection lacked the authorisation (CO-197).
    assert_eq!(run.told(69, 3), "overpaid |  | 0.00 | 121.81 | 30.45 | 0.00 | 0.00 | 152.26");
    assert_eq!(run.told(69, 4), "denied | denied:authorisation | 18.48 | 0.00 | 0.00 | 18.48 | 0.00 | 0.00");
}

#[test]
fn a_reversal_and_its_correction_leave_the_corrected_payment() {
    // ACCT139: 137.94, taken back, then 136.94 + 34.48 = 171.42 (CO-59 took 1.00); 166.95 expected: 4.47 over.
    let run = both();
    assert_eq!(run.told(139, 1), "overpaid |  | 166.95 | 136.94 | 34.48 | 0.00 | 0.00 | 4.47");
    // ACCT281: 78.31, taken back, then 77.31 + 19.57 = 96.88; 118.50 expected: 21.62 short.
    assert_eq!(run.told(281, 1), "underpaid | underpaid:no-explanation | 118.50 | 77.31 | 19.57 | 0.00 | 21.62 | 0.00");
    // ACCT153, 96375 alone on its day, which is not payable (add-on-push-no-parent): 17.28 + 4.57 = 21.85 by mistake.
    assert_eq!(run.told(153, 1), "overpaid |  | 0.00 | 17.28 | 4.57 | 0.00 | 0.00 | 21.85");
    // ACCT441 of the PPO, J1885 × 2 at 5.00 = 10.00: 6.73 + 1.93 = 8.66: 1.34 short.
    assert_eq!(run.told(441, 1), "underpaid | underpaid:no-explanation | 10.00 | 6.73 | 1.93 | 0.00 | 1.34 | 0.00");
}

#[test]
fn a_claim_denied_reversed_and_denied_again_is_denied_once() {
    // ACCT334: the injection is bundled (CO-97) before and after the reversal.
    let run = both();
    assert_eq!(run.told(334, 3), "denied | denied:bundled | 18.48 | 0.00 | 0.00 | 18.48 | 0.00 | 0.00");
    assert_eq!(run.cells(334, 3, &["carc", "rarc", "initial_category"]), "CO-97 | N390 | bundled");
    // The payer had it the wrong way round: of the two it is the visit without 25 that falls (ncci-office-visit). Its
    // 97.56 + 24.63 = 122.19 were allowed by mistake.
    assert_eq!(run.told(334, 1), "overpaid |  | 0.00 | 97.56 | 24.63 | 0.00 | 0.00 | 122.19");
    assert_eq!(run.cells(334, 1, &["outcome", "basis"]), "not-payable | ncci-office-visit");
}

#[test]
fn an_injection_in_a_hospital_is_never_payable() {
    // ACCT12, place of service 19: paid 13.26 + 3.31 = 16.57 by mistake.
    let run = both();
    assert_eq!(run.cells(12, 1, &["outcome", "cohort", "expected"]), "not-payable | not-payable | 0.00");
    assert_eq!(run.told(12, 1), "overpaid |  | 0.00 | 13.26 | 3.31 | 0.00 | 0.00 | 16.57");
}

#[test]
fn explain_shows_the_sum_of_an_x12_line() {
    let dir = both().dir.path();
    let project = fs::read_to_string(dir.join("p.toml")).unwrap();
    fs::write(dir.join("explain.toml"), format!("inputs = [\"era/small.837\", \"era/small.835\"]\n{project}")).unwrap();
    let said = run(dir, &["explain", "ACCT00000139:1", "--project", "explain.toml", "--format", "json"]).ends(0).json();
    assert_eq!((&said[0]["code"], &said[0]["expected"]), (&"99214".into(), &"166.95".into()));
    let answers = said[0]["answers"].as_str().unwrap();
    assert!(answers.contains("3 answers") && answers.contains("allowed $171.42 = paid $136.94"), "{answers}");
    let text = run(dir, &["explain", "ACCT00000004", "--project", "explain.toml"]).ends(0).out;
    assert!(text.contains("11502-00") && text.contains("denied CO-50"), "{text}");
}

#[test]
fn the_claims_alone_are_all_pending() {
    let run = reported(&["era/small.837"]);
    assert_eq!(run.lines.len(), 1060);
    assert!(run.lines.values().all(|row| row["standing"] == "pending"));
    assert_eq!(run.told(1, 1), "pending |  | 118.50 | 0.00 | 0.00 | 0.00 | 0.00 | 0.00");
    assert_eq!(run.cells(1, 1, &["pending"]), "118.50");
}

#[test]
fn the_remittances_alone_give_the_same_lines_and_answers() {
    // Every claim of the 837 is answered in the 835, so that the lines, and what became of them, are the same. The payee's
    // address is not in this 835: what depends on the place is not known, and never 0.
    let (run, whole) = (reported(&["era/small.835"]), both());
    assert_eq!(run.lines.len(), 1060);
    assert_eq!(run.sum("paid"), 5_100_140);
    for (id, row) in &whole.lines {
        for column in ["code", "charge", "units", "pos", "paid", "patient", "carc", "initial_category"] {
            assert_eq!(run.lines[id][column], row[column], "{id} {column}");
        }
        assert_eq!(run.lines[id]["standing"] == "denied", row["standing"] == "denied", "{id}");
    }
    assert_eq!(run.cells(1, 1, &["cohort", "basis", "expected"]), "unknown | no-area | ");
    // The schedule of the PPO does not depend on the place.
    assert_eq!(run.told(441, 1), "underpaid | underpaid:no-explanation | 10.00 | 6.73 | 1.93 | 0.00 | 1.34 | 0.00");
}
