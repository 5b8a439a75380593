//! What must hold whatever the files look like: every row and every dollar ends somewhere, the identity balances on every
//! grouping, and the order of rows, columns and files changes nothing.
//!
//! Invariant under shuffled rows and columns and split files: the report in every format, and the priced lines, byte for
//! byte. Not invariant: the findings, which say the file and line where something stands first.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use allowable::finding::{ErrorKind, Result};
use allowable::ingest::{Account, Input, read};
use allowable::render;
use allowable::report::{self, Run};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::common::{Practice, input};
use crate::damage::{Dice, Form, Sheet, damages, form};

const ROWS: usize = 260;

struct Clean {
    practice: Practice,
    claims: Sheet,
    remits: Sheet,
}

fn clean() -> &'static Clean {
    static CLEAN: OnceLock<Clean> = OnceLock::new();
    CLEAN.get_or_init(|| {
        let practice = Practice::new(700, 11);
        let (claims, remits) = (Sheet::of(&practice.claims), Sheet::of(&practice.remits));
        Clean { practice, claims, remits }
    })
}

fn go(inputs: &[Input]) -> Result<Run> {
    let practice = &clean().practice;
    report::run(read(inputs, &practice.project, &|_| ())?, &practice.project, &practice.reference)
}

/// Rows and cents by where they ended, summed here.
fn ends(a: &Account) -> (u64, i64) {
    let rows = a.rows_kept + a.answer_rows + a.rows_quarantined + a.rows_out_of_scope + a.total_rows + a.duplicate_rows;
    let charges = [
        a.charge_kept,
        a.charge_answer_rows,
        a.charge_quarantined,
        a.charge_out_of_scope,
        a.charge_total_rows,
        a.charge_duplicate_rows,
    ];
    (rows, charges.iter().map(|c| c.cents()).sum())
}

/// The written summary: section → row → measure → value in hundredths (money in cents).
fn summary(run: &Run) -> BTreeMap<String, BTreeMap<String, BTreeMap<String, i64>>> {
    let bytes = render::summary_csv(&run.report).unwrap();
    let mut out: BTreeMap<String, BTreeMap<String, BTreeMap<String, i64>>> = BTreeMap::new();
    for record in csv::Reader::from_reader(bytes.as_slice()).records() {
        let record = record.unwrap();
        let Some(value) = hundredths(&record[5]) else { continue };
        let row = out.entry(record[0].to_owned()).or_default().entry(record[1].to_owned()).or_default();
        row.insert(record[3].to_owned(), value);
    }
    out
}

fn hundredths(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "00"));
    let fraction = format!("{fraction:0<2}");
    Some(sign * (whole.parse::<i64>().ok()? * 100 + fraction.get(..2)?.parse::<i64>().ok()?))
}

const AMOUNTS: [&str; 10] = [
    "expected_cents",
    "paid_cents",
    "patient_cents",
    "reductions_cents",
    "denied_cents",
    "underpaid_cents",
    "pending_cents",
    "overpaid_cents",
    "below_benchmark_cents",
    "above_benchmark_cents",
];

/// expected = paid + patient + reductions + denied + underpaid + pending − overpaid + below − above.
fn residue(a: &[i64; 10]) -> i64 {
    a[0] - (a[1] + a[2] + a[3] + a[4] + a[5] + a[6] - a[7] + a[8] - a[9])
}

/// The identity on every grouping, summed here from the lines.
fn groups_balance(run: &Run) {
    let frame = run.ledger.frame();
    let texts = |name: &str| frame.column(name).unwrap().str().unwrap().clone();
    let amounts = AMOUNTS.map(|name| frame.column(name).unwrap().i64().unwrap().clone());
    let cohorts = texts("cohort");
    let groupings: [&[&str]; 9] = [
        &[],
        &["payer"],
        &["month"],
        &["pos"],
        &["code"],
        &["cause"],
        &["payer", "cause"],
        &["carc"],
        &["standing", "cohort"],
    ];
    for by in groupings {
        let columns: Vec<_> = by.iter().map(|name| texts(name)).collect();
        let mut sums: BTreeMap<Vec<&str>, [i64; 10]> = BTreeMap::new();
        for row in 0..frame.height() {
            // What is expected of an unknown line is not zero: it takes no part.
            if cohorts.get(row) == Some("unknown") {
                continue;
            }
            let key = columns.iter().map(|c| c.get(row).unwrap()).collect();
            let sum = sums.entry(key).or_default();
            for (slot, column) in sum.iter_mut().zip(&amounts) {
                *slot += column.get(row).unwrap();
            }
        }
        for (key, sum) in &sums {
            assert_eq!(residue(sum), 0, "{by:?} {key:?}: {sum:?}");
            assert!(sum[4..8].iter().all(|amount| *amount >= 0), "{by:?} {key:?}: nothing is netted: {sum:?}");
        }
    }
}

/// The identity on every row of the written tables, and their totals.
fn tables_balance(run: &Run) {
    let summary = summary(run);
    for section in ["payers", "months"] {
        let Some(rows) = summary.get(section) else { continue };
        let mut sums = BTreeMap::new();
        for (name, row) in rows {
            let get = |measure: &str| row[measure];
            let due = get("paid")
                + get("patient")
                + get("known_reductions")
                + get("denied")
                + get("underpaid")
                + get("pending")
                - get("overpaid");
            assert_eq!(get("expected"), due, "{section} row {name}");
            for (measure, value) in row.iter().filter(|(m, _)| name != "total" && *m != "leakage_percent") {
                *sums.entry(measure.clone()).or_insert(0) += value;
            }
        }
        for (measure, sum) in sums {
            assert_eq!(rows["total"][&measure], sum, "{section}: total of {measure}");
        }
    }
    // Every leak has one cause: the causes of a payer add up to what it denied and underpaid.
    if let (Some(rows), Some(payers)) = (summary.get("payer-by-cause"), summary.get("payers")) {
        let leaked: i64 = payers["total"]["denied"] + payers["total"]["underpaid"];
        assert_eq!(rows["total"].get("leakage").copied().unwrap_or(0), leaked);
        for (name, row) in rows {
            let causes: i64 = row.iter().filter(|(m, _)| *m != "leakage").map(|(_, v)| v).sum();
            assert_eq!(causes, row["leakage"], "payer-by-cause row {name}");
        }
    }
}

/// Every row and dollar of the claim files ended somewhere; `told` is what the text itself holds, where that can be told.
fn rows_balance(run: &Run, told: Option<(u64, i64)>) {
    let account = &run.intake.account;
    for account in [account, &run.intake.remit_account] {
        assert_eq!(ends(account), (account.rows_read, account.charge_read.cents()));
    }
    if let Some(told) = told {
        assert_eq!(ends(account), told, "rows and cents of the claim files: {account:#?}");
    }
    // The written table says the same, and its priced and unknown rows are the lines.
    let summary = summary(run);
    let Some(table) = summary.get("accounting") else { return };
    let parts = |measure: &str| table.iter().filter(|(n, _)| *n != "total").map(|(_, r)| r[measure]).sum::<i64>();
    assert_eq!((parts("rows"), parts("charge")), (table["total"]["rows"], table["total"]["charge"]));
    let read = i64::try_from(account.rows_read).unwrap();
    assert_eq!((parts("rows") / 100, parts("charge")), (read, account.charge_read.cents()));
    let lines = run.lines.len();
    assert_eq!((run.judged.len(), run.priced.expected.len(), run.ledger.frame().height()), (lines, lines, lines));
}

fn holds(outcome: Result<Run>, told: Option<(u64, i64)>) -> std::result::Result<(), TestCaseError> {
    match outcome {
        // A file that cannot be used stops the run with its reason; it never ends in an imbalance.
        Err(error) => prop_assert_eq!(error.kind(), ErrorKind::Input, "{}", error),
        Ok(run) => {
            rows_balance(&run, told);
            groups_balance(&run);
            tables_balance(&run);
        }
    }
    Ok(())
}

/// Everything written but the findings.
fn outputs(mut run: Run) -> BTreeMap<&'static str, Vec<u8>> {
    run.report.findings.clear();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("priced_lines.parquet");
    run.ledger.write_parquet(&run.lines, &run.priced, &path).unwrap();
    BTreeMap::from([
        ("priced_lines.parquet", std::fs::read(path).unwrap()),
        ("report.json", render::json(&run.report).unwrap()),
        ("summary.csv", render::summary_csv(&run.report).unwrap()),
        ("leakage.xlsx", render::xlsx(&run.report).unwrap()),
    ])
}

/// The findings without their places: how often each was made.
fn counts(run: &Run) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for finding in &run.report.findings {
        *counts.entry(finding.code.as_str()).or_insert(0) += finding.count;
    }
    counts
}

#[test]
fn the_clean_practice_balances_and_says_what_its_text_says() {
    let clean = clean();
    let run = go(&[input("c.csv", Form::PLAIN.bytes(&clean.claims)), input("r.csv", Form::PLAIN.bytes(&clean.remits))]);
    let run = run.unwrap();
    assert_eq!(run.intake.account.rows_read, 700);
    rows_balance(&run, Some(clean.claims.told()));
    assert_eq!(ends(&run.intake.remit_account), clean.remits.told());
    groups_balance(&run);
    tables_balance(&run);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 40, failure_persistence: None, rng_seed: RngSeed::Fixed(96_372), ..ProptestConfig::default() })]

    #[test]
    fn rows_and_dollars_of_damaged_files_add_up(
        from in 0_usize..400,
        of_claims in damages(7),
        of_remits in damages(4),
        (claim_form, remit_form) in (form(), form()),
    ) {
        let (mut claims, mut remits) = (clean().claims.slice(from, ROWS), clean().remits.clone());
        of_claims.into_iter().for_each(|damage| claims.damage(damage));
        of_remits.into_iter().for_each(|damage| remits.damage(damage));
        let told = claims.told();
        let files = [
            input("c.csv", claim_form.bytes(&claims)),
            input("r.csv", remit_form.bytes(&remits)),
        ];
        holds(go(&files), Some(told))?;
    }

    #[test]
    fn a_file_cut_at_any_byte_adds_up(from in 0_usize..400, at in any::<u64>(), form in form(), damage in damages(2)) {
        let mut claims = clean().claims.slice(from, ROWS);
        damage.into_iter().for_each(|damage| claims.damage(damage));
        let mut bytes = form.bytes(&claims);
        bytes.truncate(Dice(at).roll(bytes.len()));
        let files = [input("c.csv", bytes), input("r.csv", Form::PLAIN.bytes(&clean().remits))];
        holds(go(&files), None)?;
    }

    #[test]
    fn the_order_of_rows_columns_and_files_changes_nothing(
        from in 0_usize..400,
        damage in damages(5),
        seed in any::<u64>(),
        form in form(),
    ) {
        let (mut claims, mut remits) = (clean().claims.slice(from, ROWS), clean().remits.clone());
        damage.into_iter().for_each(|damage| claims.damage(damage));
        let straight = go(&[input("c.csv", Form::PLAIN.bytes(&claims)), input("r.csv", Form::PLAIN.bytes(&remits))]);
        let mut dice = Dice(seed);
        claims.shuffle_rows(&mut dice);
        claims.shuffle_columns(&mut dice);
        remits.shuffle_rows(&mut dice);
        remits.shuffle_columns(&mut dice);
        let (c, r) = (1 + dice.roll(claims.rows.len() - 1), 1 + dice.roll(remits.rows.len() - 1));
        let shuffled = go(&[
            input("r1.csv", form.bytes(&remits.slice(0, r))),
            input("c1.csv", Form::PLAIN.bytes(&claims.slice(0, c))),
            input("r2.csv", Form::PLAIN.bytes(&remits.slice(r, usize::MAX))),
            input("c2.csv", form.bytes(&claims.slice(c, usize::MAX))),
        ]);
        match (straight, shuffled) {
            (Ok(straight), Ok(shuffled)) => {
                prop_assert_eq!(straight.intake.account, shuffled.intake.account);
                prop_assert_eq!(straight.unlinked.len(), shuffled.unlinked.len());
                for ((name, a), b) in outputs(straight).iter().zip(outputs(shuffled).values()) {
                    prop_assert!(a == b, "{} differs", name);
                }
            }
            (a, b) => prop_assert_eq!(a.is_err(), b.is_err()),
        }
    }

    #[test]
    fn shuffled_rows_of_one_file_give_the_same_findings(seed in any::<u64>()) {
        let mut claims = clean().claims.slice(0, ROWS);
        let remits = input("r.csv", Form::PLAIN.bytes(&clean().remits));
        let straight = go(&[input("c.csv", Form::PLAIN.bytes(&claims)), remits.clone()]).unwrap();
        claims.shuffle_rows(&mut Dice(seed));
        let shuffled = go(&[input("c.csv", Form::PLAIN.bytes(&claims)), remits]).unwrap();
        prop_assert_eq!(counts(&straight), counts(&shuffled));
    }

    #[test]
    fn no_bytes_make_the_report_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        head in 0_usize..3,
    ) {
        let claims = &clean().claims;
        // Junk alone, below a header, and inside a good file.
        let mut file = match head {
            0 => Vec::new(),
            1 => Form::PLAIN.bytes(&claims.slice(0, 0)),
            _ => Form::PLAIN.bytes(&claims.slice(0, 20)),
        };
        let at = if head == 2 { file.len() / 2 } else { file.len() };
        file.splice(at..at, bytes);
        holds(go(&[input("c.csv", file)]), None)?;
    }
}
