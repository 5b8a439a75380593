//! The tables that `allowable remits --out` writes are read back to the report that the 835 files themselves give.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{PROJECT, builder};
use crate::common::{run, tree};

const BILL: &str = "claim C1\nline 96372 45.00 6r=C1L1\nline 99213:25 120.00\nclaim C2\nline 96372 45.00\nline 96372 45.00\n\
                    claim C3\nline 96372 45.00\nclaim C4\nline 96372 30.00\nline J1885 15.00";

/// A denial taken back and paid, two equal lines of one claim, an adjustment of a claim as a whole (2.00 off the line's 10.64),
/// and a claim answered without lines.
const CHECKS: &str = "check EFT1 2024-06-03 MEDICARE
    claim C1 1 ICN1
    svc 96372 45.00 0.00 CO-16:45.00 rarc=M127 6r=C1L1
    svc 99213:25 120.00 68.24 CO-45:32.96 PR-2:17.41 CO-253:1.39
    claim C2 1 ICN2
    svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22
    svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22
    claim C3 1 ICN3
    cas PR-3:2.00
    svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22
    claim C4 4 ICN4 charge=45.00 paid=0.00
    cas CO-29:45.00
    check EFT2 2024-07-01 MEDICARE
    claim C1 22 ICN1
    svc 96372 -45.00 0.00 CO-16:-45.00 rarc=M127 6r=C1L1
    svc 99213:25 -120.00 -68.24 CO-45:-32.96 PR-2:-17.41 CO-253:-1.39
    claim C1 1 ICN1R
    svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22 6r=C1L1
    svc 99213:25 120.00 68.24 CO-45:32.96 PR-2:17.41 CO-253:1.39";

/// The figures of the report over these files: every CSV table but the findings, which name the files.
fn figures(dir: &Path, out: &str, files: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let args = [&["report"], files, &["--out", out]].concat();
    run(dir, &args).ends(0);
    let mut tables = tree(&dir.join(out));
    tables.retain(|name, _| name.ends_with(".csv") && !name.ends_with("findings.csv"));
    assert!(tables.len() > 8, "{:?}", tables.keys());
    tables
}

#[test]
fn the_tables_of_an_era_give_the_report_of_the_era() {
    let small = |name: &str| fs::read_to_string(format!("tests/oracle/x12/{name}")).unwrap();
    let by_hand = (builder::claims(BILL), builder::remits(CHECKS));
    for (claims, era) in [by_hand, (small("small.837"), small("small.835"))] {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        fs::write(dir.join("allowable.toml"), PROJECT).unwrap();
        fs::write(dir.join("c.837"), claims).unwrap();
        fs::write(dir.join("r.835"), era).unwrap();
        run(dir, &["remits", "r.835", "--out", "tables"]).ends(0);
        let tables = ["c.837", "tables/remit_lines.parquet", "tables/adjustments.parquet"];
        let (mut direct, back) = (figures(dir, "direct", &["c.837", "r.835"]), figures(dir, "back", &tables));
        // What was sent stands in the payments of the files, not in their lines.
        direct.retain(|name, _| !name.ends_with("/payments.csv"));
        assert_eq!(direct.keys().collect::<Vec<_>>(), back.keys().collect::<Vec<_>>());
        for (name, bytes) in &direct {
            let text = |bytes: &[u8]| {
                let text = String::from_utf8_lossy(bytes).into_owned();
                text.lines().filter(|l| !l.starts_with("payments,")).map(|l| format!("{l}\n")).collect::<String>()
            };
            assert_eq!(text(bytes), text(&back[name]), "{name}");
        }
    }
}

#[test]
fn the_bridge_from_claims_to_what_was_sent_counts_each_payment_once() {
    // The sums of the generator's truth: 51,001.40 on claims less 28.23 of provider adjustments is 50,973.17.
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::write(dir.join("allowable.toml"), PROJECT).unwrap();
    for name in ["r.835", "again.835"] {
        fs::copy("tests/oracle/x12/small.835", dir.join(name)).unwrap();
    }
    let tables = figures(dir, "out", &["r.835", "again.835"]);
    let (_, bridge) = tables.iter().find(|(name, _)| name.ends_with("tables/payments.csv")).unwrap();
    let amounts: Vec<String> = String::from_utf8_lossy(bridge)
        .lines()
        .skip(1)
        .filter_map(|l| Some(l.rsplit(',').nth(1)?.to_owned()))
        .collect();
    assert_eq!(amounts, ["51001.40", "-28.23", "50973.17"]);
}

#[test]
fn bulk_pricing_takes_an_era_with_its_claims() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("x12")).unwrap();
    for name in ["small.835", "small.837"] {
        fs::copy(format!("tests/oracle/x12/{name}"), dir.join("x12").join(name)).unwrap();
    }
    let head = "payer_id,area,code,modifier,facility,effective_from,effective_to,rate";
    fs::write(dir.join("fees.csv"), format!("{head}\nEXAMPLE HEALTH PLAN,NC,96372,,0,2025-01-01,2025-12-31,16.10\n"))
        .unwrap();
    let args = ["price", "x12", "--fees", "fees.csv", "--group", "code", "--out", "out.csv", "--format", "json"];
    let summary = run(dir, &args).ends(0).json();
    // A line for every SV1 of the claims; charges of the claims and payments of the generator's truth. Reversed claims are
    // answered again, so that the truth's charges of 835 and 837 are the same.
    let billed = fs::read_to_string("tests/oracle/x12/small.837").unwrap().matches("\nSV1*").count();
    assert_eq!(summary["rows_read"], billed);
    assert_eq!(summary["billed_amount"], "129163.46");
    assert_eq!(summary["paid_amount"], "51001.40");
}
