//! `allowable remits` as a biller uses it: the sums of a file, its tables, what is wrong with it, and what must never be shown.
//!
//! The small remittances are written here by hand, one segment a line, so that the line of a finding is the line of the text.
//! Their arithmetic stands beside them.

mod claims;
mod files;
mod private;

use std::fs;
use std::path::Path;

use polars::prelude::{AnyValue, DataFrame, ParquetReader, SerReader};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{Said, run};
use crate::x12_dirty::{TEXT, cents, clean, dollars, equal, sums, truth};

/// A folder with files.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// A folder with one file, `era.835`.
    fn with(text: &str) -> Self {
        let desk = Self::new();
        desk.put("era.835", text);
        desk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn run(&self, args: &[&str]) -> Said {
        run(self.path(), &[&["remits"], args].concat())
    }

    fn json(&self, args: &[&str]) -> Value {
        self.run(&[args, &["--format", "json"]].concat()).ends(0).json()
    }

    /// The only file, as told with `--format json`.
    fn file(&self) -> Value {
        self.json(&["era.835"])["files"][0].clone()
    }

    /// Rows of the tables written for these files.
    fn tables(&self, files: &[&str]) -> (Rows, Rows) {
        self.run(&[files, &["--out", "out"]].concat()).ends(0);
        (self.table("remit_lines"), self.table("adjustments"))
    }

    fn table(&self, name: &str) -> Rows {
        let file = fs::File::open(self.path().join(format!("out/{name}.parquet"))).unwrap();
        Rows(ParquetReader::new(file).finish().unwrap())
    }
}

/// A table as text; what is null is empty.
struct Rows(DataFrame);

impl Rows {
    fn column(&self, name: &str) -> Vec<String> {
        let column = self.0.column(name).unwrap();
        let text = |row| match column.get(row).unwrap() {
            AnyValue::Null => String::new(),
            AnyValue::String(text) => text.to_owned(),
            AnyValue::StringOwned(text) => text.to_string(),
            other => other.to_string(),
        };
        (0..self.0.height()).map(text).collect()
    }

    /// The cells of these columns, row by row: `96372 60.00 40.00`.
    fn rows(&self, columns: &[&str]) -> Vec<String> {
        let columns: Vec<Vec<String>> = columns.iter().map(|name| self.column(name)).collect();
        (0..self.0.height()).map(|row| columns.iter().map(|c| c[row].as_str()).collect::<Vec<_>>().join(" ")).collect()
    }

    /// The sum of a column of dollars.
    fn sum(&self, name: &str) -> String {
        dollars(self.column(name).iter().filter(|t| !t.is_empty()).map(|t| cents(t)).sum())
    }
}

/// A remittance around these segments, which are separated by blanks or line breaks: the payment stands on line 4, its number
/// on 5, what follows begins on line 8.
fn era(paid: &str, body: &str) -> String {
    let body: Vec<&str> = body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let head = [
        "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *260105*0800*^*00501*000000001*0*P*:",
        "GS*HP*PAYER*CLINIC*20260105*0800*1*X*005010X221A1",
        "ST*835*0001",
        &format!("BPR*I*{paid}*C*CHK************20260106"),
        "TRN*1*CHECK1*1990000000",
        "N1*PR*MADE UP PLAN*XV*99001",
        "N1*PE*SYNTH CLINIC*XX*1999999984",
    ]
    .map(str::to_owned);
    let tail = [format!("SE*{}*0001", 6 + body.len()), "GE*1*1".to_owned(), "IEA*1*000000001".to_owned()];
    let all = head.iter().map(String::as_str).chain(body).chain(tail.iter().map(String::as_str));
    all.map(|segment| format!("{segment}~\n")).collect()
}

/// Findings as `code line element`, without their texts.
fn told(file: &Value) -> Vec<String> {
    let findings = file["findings"].as_array().unwrap().iter();
    let text = |f: &Value| {
        let place = &f["place"];
        let line = place["line"].as_u64().map_or(String::new(), |n| format!(" {n}"));
        let column = place["column"].as_str().map_or(String::new(), |c| format!(" {c}"));
        format!("{}{line}{column}", f["code"].as_str().unwrap())
    };
    findings.map(text).collect()
}

#[track_caller]
fn has(value: &Value, want: &Value) {
    equal(value, want.as_object().unwrap());
}

#[test]
fn the_invented_file_gives_its_truth_in_every_field() {
    let desk = Desk::with(TEXT);
    let file = desk.file();
    equal(&file, &truth());
    equal(&file, &sums(clean()));
    assert_eq!(file["findings"], json!([]));
    assert_eq!(file["segments_read"], json!(clean().len()));
    for name in ["transactions", "segments_used", "zero_paid_lines", "balance"] {
        assert!(!file[name].is_null(), "{name}");
    }
}

#[test]
fn the_tables_add_up_to_the_truth() {
    let desk = Desk::with(TEXT);
    let (lines, adjustments) = desk.tables(&["era.835"]);
    let truth = truth();
    assert_eq!(json!(lines.0.height()), truth["service_lines"]);
    assert_eq!(json!(lines.sum("charge")), truth["sum_clp03"]);
    assert_eq!(json!(lines.sum("paid")), truth["sum_clp04"]);
    assert_eq!(json!(lines.sum("allowed")), truth["allowed_b6"]);
    assert_eq!(json!(lines.sum("patient_responsibility")), truth["cas_by_group"]["PR"]);
    let (groups, carcs) = (adjustments.column("group_code"), adjustments.column("carc"));
    let amounts = adjustments.column("amount");
    let sum = |wanted: &dyn Fn(usize) -> bool| {
        dollars((0..amounts.len()).filter(|row| wanted(*row)).map(|row| cents(&amounts[row])).sum())
    };
    for (group, amount) in truth["cas_by_group"].as_object().unwrap() {
        assert_eq!(json!(sum(&|row| groups[row] == *group)), *amount, "{group}");
    }
    for (reason, amount) in truth["cas_by_group_carc"].as_object().unwrap() {
        let is = |row: usize| format!("{}-{}", groups[row], carcs[row]) == *reason;
        assert_eq!(json!(sum(&is)), *amount, "{reason}");
    }
    // Every adjustment belongs to a row: charge − adjustments = paid, row by row.
    let mut left: Vec<i64> = lines.column("charge").iter().map(|t| cents(t)).collect();
    for (row, amount) in adjustments.column("remit_row").iter().zip(&amounts) {
        left[row.parse::<usize>().unwrap()] -= cents(amount);
    }
    assert_eq!(left, lines.column("paid").iter().map(|t| cents(t)).collect::<Vec<_>>());
}

/// Two claims and a provider adjustment.
///
/// C1: 60 − 15 − 5 = 40 and 40 − 5 − 5 = 30, so 100 − 30 = 70 of which the patient owes 10. C2: 50 − 20 = 30.
/// 70 + 30 − 10 (withheld) = 90.
const TWO: &str = "LX*1
    CLP*C1*1*100*70*10*12*ICN1*11*1
    SVC*HC:96372*60*40**1
    CAS*CO*45*15
    CAS*PR*2*5
    SVC*HC:99213*40*30**1
    CAS*CO*45*5
    CAS*PR*2*5
    CLP*C2*1*50*30*0*12*ICN2*11*1
    CAS*CO*45*20
    PLB*1999999984*20261231*WO:1*10";

#[test]
fn two_claims_by_hand() {
    let file = Desk::with(&era("90", TWO)).file();
    has(
        &file,
        &json!({
            "transactions": 1, "claims": 2, "service_lines": 2, "unreadable": 0,
            "sum_clp03": "150.00", "sum_clp04": "100.00", "sum_clp05": "10.00", "sum_svc02": "100.00", "sum_svc03": "70.00",
            "bpr02_total": "90.00", "plb_total": "10.00", "plb_by_reason": { "WO": "10.00" },
            "cas_by_group": { "CO": "40.00", "PR": "10.00" },
            "balance": {
                "transactions": { "balanced": 1, "total": 1 },
                "claims": { "balanced": 2, "total": 2 },
                "lines": { "balanced": 2, "total": 2 },
            },
            "findings": [],
        }),
    );
}

/// `TWO` with a segment changed; what is told of it, and its tables.
#[track_caller]
fn with_bad(from: &str, to: &str, paid: &str, finding: &str, want: &Value) -> (Rows, Rows) {
    assert_eq!(TWO.matches(from).count(), 1, "{from}");
    let desk = Desk::with(&era(paid, &TWO.replace(from, to)));
    let file = desk.file();
    let told = told(&file);
    assert!(told.contains(&finding.to_owned()), "{finding} is not in {told:?}");
    has(&file, want);
    desk.tables(&["era.835"])
}

#[test]
fn a_charge_of_a_line_that_is_none() {
    // Without the first line: charges 40, paid 30, adjusted 5 + 20 and 5.
    let want = json!({
        "unreadable": 1, "service_lines": 1, "sum_svc02": "40.00", "sum_svc03": "30.00", "lines_96372": 0,
        "sum_clp03": "150.00", "sum_clp04": "100.00", "cas_by_group": { "CO": "25.00", "PR": "5.00" },
    });
    for bad in ["6O", "60,00", "$60", "", "1.2.3", "60.12345"] {
        let (lines, _) = with_bad("96372*60*", &format!("96372*{bad}*"), "90", "bad-money 10 SVC02", &want);
        assert_eq!(lines.rows(&["claim_id", "code", "charge", "paid"]), ["C1 99213 40.00 30.00", "C2  50.00 30.00"]);
    }
}

#[test]
fn a_payment_of_a_line_that_is_none() {
    let want = json!({ "unreadable": 1, "service_lines": 1, "sum_svc02": "40.00", "sum_svc03": "30.00" });
    let (lines, adjustments) = with_bad("*60*40*", "*60*n/a*", "90", "bad-money 10 SVC03", &want);
    assert_eq!(lines.column("code"), ["99213", ""]);
    assert_eq!(adjustments.rows(&["group_code", "carc", "amount"]), ["CO 45 5.00", "PR 2 5.00", "CO 45 20.00"]);
}

#[test]
fn an_adjustment_of_a_line_that_is_none() {
    let want = json!({
        "unreadable": 1, "service_lines": 1, "sum_svc02": "40.00", "cas_by_group": { "CO": "25.00", "PR": "5.00" },
    });
    let (lines, _) = with_bad("CAS*CO*45*15", "CAS*CO*45*l5", "90", "bad-money 11 CAS03", &want);
    assert_eq!(lines.column("code"), ["99213", ""]);
    // In a later triplet, and with a reason that is missing.
    with_bad("CAS*CO*45*15", "CAS*CO*45*15**97*x", "90", "bad-money 11 CAS06", &want);
    with_bad("CAS*CO*45*15", "CAS*CO**15", "90", "bad-adjustment 11 CAS02", &want);
    with_bad("CAS*CO*45*15", "CAS*XX*45*15", "90", "bad-adjustment 11 CAS01", &want);
}

#[test]
fn an_adjustment_of_a_claim_that_is_none() {
    // C2 has no line: nothing of it can be used, but what it was charged and paid was read.
    let want = json!({
        "unreadable": 1, "service_lines": 2, "sum_clp03": "150.00", "sum_clp04": "100.00",
        "cas_by_group": { "CO": "20.00", "PR": "10.00" },
    });
    let (lines, _) = with_bad("CAS*CO*45*20", "CAS*CO*45*two", "90", "bad-money 17 CAS03", &want);
    assert_eq!(lines.column("claim_id"), ["C1", "C1"]);
}

#[test]
fn amounts_of_a_claim_that_are_none() {
    let want = json!({ "unreadable": 1, "sum_clp03": "50.00", "sum_clp04": "100.00", "sum_svc02": "100.00" });
    with_bad("C1*1*100*70", "C1*1*1OO*70", "90", "bad-money 9 CLP03", &want);
    let want = json!({ "unreadable": 1, "sum_clp03": "150.00", "sum_clp04": "30.00", "sum_svc03": "70.00" });
    with_bad("C1*1*100*70", "C1*1*100*", "90", "bad-money 9 CLP04", &want);
    let want = json!({ "unreadable": 1, "sum_clp03": "150.00", "sum_clp05": "0.00" });
    with_bad("*70*10*", "*70*ten*", "90", "bad-money 9 CLP05", &want);
}

#[test]
fn a_provider_adjustment_that_is_none() {
    let want = json!({ "plb_total": "0.00", "bpr02_total": "90.00", "sum_clp04": "100.00" });
    with_bad("WO:1*10", "WO:1*1O", "90", "bad-money 18 PLB04", &want);
    // The readable one of two counts.
    let want = json!({ "plb_total": "10.00", "plb_by_reason": { "WO": "10.00" } });
    with_bad("WO:1*10", "WO:1*10*72:2*x", "90", "bad-money 18 PLB06", &want);
}

#[test]
fn the_amount_of_a_payment_that_is_none() {
    let want = json!({
        "bpr02_total": "0.00", "sum_clp04": "100.00",
        "balance": {
            "transactions": { "balanced": 0, "total": 1 },
            "claims": { "balanced": 2, "total": 2 },
            "lines": { "balanced": 2, "total": 2 },
        },
    });
    let file = Desk::with(&era("9O", TWO)).file();
    assert_eq!(told(&file), ["bad-money 4 BPR02", "payment-does-not-balance 4 BPR02"]);
    has(&file, &want);
    let file = Desk::with(&era("", TWO)).file();
    assert_eq!(told(&file), ["payment-does-not-balance 4 BPR02"]);
    has(&file, &want);
}

#[test]
fn a_stated_amount_that_is_none_leaves_its_line() {
    let want = json!({ "unreadable": 0, "service_lines": 2, "allowed_b6": "0.00", "sum_svc02": "100.00" });
    with_bad("CAS*PR*2*5\n    SVC", "CAS*PR*2*5\n    AMT*B6*4S\n    SVC", "90", "bad-money 13 AMT02", &want);
}

#[test]
fn units_that_are_none_are_not_one() {
    let want = json!({ "unreadable": 1, "service_lines": 1, "sum_svc02": "40.00" });
    let (lines, _) = with_bad("60*40**1", "60*40**one", "90", "bad-units 10 SVC05", &want);
    assert_eq!(lines.column("code"), ["99213", ""]);
}

#[test]
fn what_does_not_balance_is_told_with_the_difference() {
    let off = TWO.replace("CAS*CO*45*15", "CAS*CO*45*14").replace("CAS*CO*45*20", "CAS*CO*45*19.5");
    let file = Desk::with(&era("91", &off)).file();
    // Line: 60 − 14 − 5 = 41. Claims: 100 − 29 = 71, and 50 − 19.50 = 30.50. Payment: 100 − 10 = 90.
    assert_eq!(
        told(&file),
        ["payment-does-not-balance 4 BPR02", "claim-does-not-balance 9 CLP04", "does-not-balance 10 SVC03"]
    );
    let text = |n: usize| file["findings"][n]["found"].as_str().unwrap().to_owned();
    assert!(text(0).ends_with("is 90.00, but the payment is 91.00: -1.00 apart"), "{}", text(0));
    assert!(text(1).ends_with("is 71.00, but paid is 70.00: 1.00 apart"), "{}", text(1));
    assert!(text(2).ends_with("is 41.00, but paid is 40.00: 1.00 apart"), "{}", text(2));
    assert_eq!(file["findings"][1]["count"], json!(2));
    // Nothing is left out for it.
    has(&file, &json!({ "sum_svc02": "100.00", "cas_by_group": { "CO": "38.50", "PR": "10.00" }, "unreadable": 0 }));
}
