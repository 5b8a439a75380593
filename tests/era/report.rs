//! A handmade practice of six claims, from its X12 files to the written report. Ohio, 6 May 2024, Medicare.
//!
//! 96372: (0.17 × 1.000 + 0.25 × 0.911 + 0.01 × 1.033) × 33.2875 = 0.40808 × 33.2875 = 13.5839… → 13.58
//! 99214: (1.92 × 1.000 + 1.79 × 0.911 + 0.14 × 1.033) × 33.2875 = 3.69531 × 33.2875 = 123.0076… → 123.01

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;

use allowable::domain::Money;
use allowable::leakage::Cohort;
use polars::prelude::{DataType, ParquetReader, SerReader};

use super::{PROJECT, builder, run, story};
use crate::common::{names, run as program, tree};

const BILLS: &str = "
    claim C1
    line 96372 45.00
    claim C2
    line 96372 45.00
    claim C3
    line 96372 45.00
    claim C4
    line 96372 45.00
    claim C5
    line 99214:25 185.00
    line 96372 45.00
    claim C6
    line 96372 45.00";

/// June: C1 and C2 denied, C3 underpaid, C4 paid, C5 recoded to a 99213, which Medicare allows with 87.04: coinsurance 17.41,
/// 2 % of 69.63 = 1.39, paid 68.24. July: C1 and C3 corrected, C4's second payer.
const CHECKS: [&str; 3] = [
    "check EFT1 2024-06-03 MEDICARE
    claim C1 4 ICN1
    svc 96372 45.00 0.00 CO-16:45.00 rarc=M127
    claim C2 4 ICN2
    svc 96372 45.00 0.00 CO-97:45.00
    claim C3 1 ICN3
    svc 96372 45.00 8.00 CO-45:37.00
    claim C4 1 ICN4
    svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22
    claim C5 1 ICN5
    svc 99213:25 185.00 68.24 CO-45:97.96 PR-2:17.41 CO-253:1.39 was=99214:25
    svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22",
    "check EFT2 2024-07-01 MEDICARE
    claim C1 22 ICN1
    svc 96372 -45.00 0.00 CO-16:-45.00 rarc=M127
    claim C1 1 ICN1
    svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22
    claim C3 22 ICN3
    svc 96372 -45.00 -8.00 CO-45:-37.00
    claim C3 1 ICN3
    svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22",
    "check S1 2024-07-08 SECOND_MUTUAL
    claim C4 2 S-ICN4
    svc 96372 45.00 2.72 OA-23:42.28",
];

#[test]
fn each_claim_tells_its_story() {
    let run = run(&[&builder::claims(BILLS), &builder::remits(&CHECKS.join("\n"))]);
    let in_full = "paid: expected 13.58, paid 10.64, patient 2.72, reductions 0.22";
    assert_eq!(story(&run, "C1", 1), in_full);
    assert_eq!(story(&run, "C2", 1), "denied: expected 13.58, denied 13.58");
    assert_eq!(story(&run, "C3", 1), in_full);
    assert_eq!(story(&run, "C4", 1), "paid: expected 13.58, paid 13.36, reductions 0.22");
    // The bill was a 99214: 123.01 − 87.04 = 35.97.
    let recoded = "underpaid: expected 123.01, paid 68.24, patient 17.41, reductions 1.39, underpaid 35.97";
    assert_eq!(story(&run, "C5", 1), recoded);
    assert_eq!(story(&run, "C5", 2), in_full);
    assert_eq!(story(&run, "C6", 1), "pending: expected 13.58, pending 13.58");
}

#[test]
fn the_totals_are_those_of_the_hand() {
    let run = run(&[&builder::claims(BILLS), &builder::remits(&CHECKS.join("\n"))]);
    let total = run.ledger.total(&[Cohort::Firm]).unwrap();
    let gaps = &total.gaps;
    let cents = Money::from_cents;
    // 6 × 13.58 + 123.01 = 204.49; charges 6 × 45.00 + 185.00.
    assert_eq!((gaps.expected, total.charge, total.lines), (cents(20449), cents(45500), 7));
    // Paid: 3 × 10.64 + 13.36 + 68.24 = 113.52. Patients: 3 × 2.72 + 17.41 = 25.57. Held back: 4 × 0.22 + 1.39 = 2.27.
    assert_eq!((gaps.paid, gaps.patient, gaps.reductions), (cents(11352), cents(2557), cents(227)));
    assert_eq!((gaps.denied, gaps.underpaid, gaps.pending), (cents(1358), cents(3597), cents(1358)));
    // 113.52 + 25.57 + 2.27 + 13.58 + 35.97 + 13.58 = 204.49.
    assert_eq!((gaps.overpaid, gaps.residue()), (Money::ZERO, Money::ZERO));
    let (denied_first, denied, recovered) = (total.initially_denied, total.denied_lines, total.recovered_lines);
    assert_eq!((denied_first, denied, recovered), (2, 1, 1), "C1 and C2 were denied at first, C1 was recovered");
    assert!(run.unlinked.is_empty());
}

/// The practice as a folder: `era/` with one file per check, `claims/` with the bills, and the project.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for name in ["pile/era", "pile/claims"] {
        fs::create_dir_all(at(name)).unwrap();
    }
    fs::write(at("pile/claims/may.837"), builder::claims(BILLS)).unwrap();
    for (n, check) in (1..).zip(CHECKS) {
        fs::write(at(&format!("pile/era/{n}.835")), builder::remits(check)).unwrap();
    }
    fs::write(at("allowable.toml"), format!("inputs = [\"pile\"]\n{PROJECT}")).unwrap();
    dir
}

/// The only report below `out`.
fn written(dir: &Path) -> std::path::PathBuf {
    let slugs = names(&dir.join("out"));
    let [slug] = slugs.as_slice() else { panic!("{slugs:?}") };
    dir.join("out").join(slug)
}

#[test]
fn a_folder_of_everything_is_one_report() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    // Beside the X12 files: a list of claims of another system, an acknowledgement, and a letter.
    let csv = "Claim #,Line,DOS,Payer,CPT,Units,POS,ZIP,Charge\nK1,1,2024-05-06,Medicare,96372,1,11,43215,45.00\n";
    fs::write(at("pile/other.csv"), csv).unwrap();
    let acknowledged = builder::claims("claim C1\nline 96372 45.00").replace("ST*837", "ST*999");
    fs::write(at("pile/era/ack.999"), acknowledged).unwrap();
    fs::write(at("pile/letter.txt"), "Dear colleague,\nplease find enclosed the checks of June.\n").unwrap();
    program(dir.path(), &["report", "--out", "out"]).ends(0);
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(written(dir.path()).join("report.json")).unwrap()).unwrap();
    let findings: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
    assert!(findings.contains(&"file-passed-over") && findings.contains(&"set-not-read"), "{findings:?}");
    // Seven lines of the 837 and one of the list, which nobody has answered: 13.58 more expected, and pending.
    let summary = fs::read_to_string(written(dir.path()).join("summary.csv")).unwrap();
    assert!(summary.contains("218.07"), "204.49 + 13.58 expected: {summary}");
}

#[test]
fn the_lines_of_the_written_report_can_be_explained() {
    let dir = folder();
    let said = program(dir.path(), &["explain", "C5:1", "--format", "json"]).ends(0).json();
    assert_eq!((&said[0]["code"], &said[0]["expected"]), (&"99214".into(), &"123.01".into()));
    let answers = said[0]["answers"].as_str().unwrap();
    // 68.24 + 17.41 + 1.39 = 87.04.
    assert!(answers.contains("allowed $87.04 = paid $68.24 + patient $17.41 + known reductions $1.39"), "{answers}");
    let text = program(dir.path(), &["explain", "C2:1"]).ends(0).out;
    assert!(text.contains("expected: $13.58") && text.contains("denied CO-97"), "{text}");
}

/// Names, numbers and days of birth that the builder writes into every claim and remittance, as they may be written.
const PATIENTS: [&str; 13] = [
    "ZZPATIENT",
    "MARY",
    "ANNA",
    "MEM7654321",
    "7654321",
    "MEM1",
    "MEM77",
    "19510203",
    "1951-02-03",
    "20150304",
    "2015-03-04",
    "ZZSTREET",
    "ZZOTHER",
];

/// Everything readable in a file: the parts of a workbook, the cells of a Parquet file, or its bytes.
fn content(name: &str, bytes: &[u8]) -> String {
    let mut all = String::new();
    if name.ends_with(".xlsx") {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        for i in 0..zip.len() {
            zip.by_index(i).unwrap().read_to_string(&mut all).unwrap();
        }
    } else if name.ends_with(".parquet") {
        let frame = ParquetReader::new(Cursor::new(bytes)).finish().unwrap();
        for column in frame.columns() {
            let cells = column.cast(&DataType::String).unwrap();
            cells.str().unwrap().iter().flatten().for_each(|cell| all.push_str(cell));
        }
    } else {
        all = String::from_utf8_lossy(bytes).into_owned();
    }
    all
}

#[test]
fn no_patient_of_an_x12_file_reaches_a_file_or_a_stream() {
    let dir = folder();
    // More claims: dependants, another payer's member, and rows that are refused or do not balance, so that there is much
    // to be told of.
    let more = builder::claims(
        "subscriber MEM77 NOBODY_INC
         dependant ANNA 2015-03-04
         claim P1
         line 96372 45.00 units=0
         line 96372 45.00 day=none
         > SBR*S*18*******12
         > NM1*IL*1*ZZOTHER*JOHN****MI*MEM7654321
         claim P2 total=1.00
         line ZZPATIENT 45.00
         > LX*2
         > SV1*HC:96372*ZZPATIENT*UN*MARY*ANNA**1
         line 96372 45.00
         > DTP*472*D8*ZZPATIENT",
    );
    fs::write(dir.path().join("pile/claims/more.837"), more).unwrap();
    let bad = builder::remits(
        "check EFT9 2024-06-09 NOBODY_INC
         claim P2 1 ICN9
         svc 96372 45.00 7.00 CO-45:1.00
         > SVC*HC:96372*ZZPATIENT*MEM7654321**MARY
         > CAS*ZZPATIENT*ANNA*19510203",
    );
    fs::write(dir.path().join("pile/era/bad.835"), bad).unwrap();
    for args in [
        &["report", "--out", "out"][..],
        &["check", "pile", "--quarantine", "out/q.csv"],
        &["check", "pile", "--format", "json"],
        &["explain", "P1"],
        &["explain", "C1"],
        &["remits", "pile/era", "--format", "json", "--out", "out/remits"],
    ] {
        let said = program(dir.path(), args);
        for (what, text) in [("stdout", &said.out), ("stderr", &said.err)] {
            for marker in PATIENTS {
                assert!(!text.contains(marker), "{marker} is in {what} of {args:?}: {text}");
            }
        }
    }
    let files = tree(&dir.path().join("out"));
    assert!(files.keys().filter(|name| name.ends_with(".parquet")).count() == 3, "{:?}", files.keys());
    for (name, bytes) in &files {
        let text = content(name, bytes);
        for marker in PATIENTS {
            assert!(!text.contains(marker), "{marker} is in {name}");
        }
    }
}
