//! `allowable import`: small files in the layouts that CMS publishes, fees by hand, and everything that can be wrong with them.
//!
//! The header of the relative value file is that of PPRRVU25_JAN.csv (spread over six rows below the title), the rows of 76977
//! and 76941 are its rows; rows of other codes are made up, as are the indices.

mod cms;
mod columns;
mod fees;
mod refusals;

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use allowable::finding::{Finding, FindingCode};
use allowable::import::{Kind, MedicareOptions, Release, medicare};
use allowable::reference::Reference;
use rust_xlsxwriter::Workbook;
use serde_json::Value;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use crate::common::{run, tree};

/// Title and header of the relative value file.
const PPRRVU_HEAD: &str = "\
,,2025 National Physician Fee Schedule Relative Value File January Release,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,,CPT codes and descriptions only are copyright 2024 American Medical Association.  All Rights Reserved. ,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,, ,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,,RELEASED 12/23/2024,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,, , ,,,,,,,,,,,,,,,,,,,,,,,,,NON-FACILITY,FACILITY,
,,,,NOT USED,,,,,,,,,,,,,,,,,,,,,PHYSICIAN,,DIAGNOSTIC,PE USED,PE USED,MP USED
,,,,FOR,,,NON-FAC,,FACILITY ,,,,,,,,,,,,,,,,SUPERVISION OF,,IMAGING,FOR OPPS,FOR OPPS,FOR OPPS
,,,STATUS,MEDICARE ,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,ASST,CO-,TEAM,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT
HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,SURG,SURG,SURG,SURG,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT
";

/// code, modifier, status, work, non-facility PE, NA, facility PE, NA, MP, totals, PC/TC, global, OPPS PE (both), OPPS MP.
const PPRRVU_ROWS: [&str; 13] = [
    "99213 - A 1.30 1.33 - 0.55 - 0.10 2.73 1.95 0 XXX 0.00 0.00",
    "76977 - A 0.05 0.15 - 0.15 NA 0.02 0.22 0.22 1 XXX 3.07 0.24",
    "76977 TC A 0.00 0.13 - 0.13 NA 0.01 0.14 0.14 1 XXX 3.05 0.23",
    "76977 26 A 0.05 0.02 - 0.02 - 0.01 0.08 0.08 1 XXX 0.00 0.00",
    "76941 - C 0.00 0.00 - 0.00 NA 0.00 0.00 0.00 1 XXX 0.00 0.00",
    "76941 26 A 1.34 0.52 - 0.52 - 0.03 1.89 1.89 1 XXX 0.00 0.00",
    "73221 - A 1.35 8.00 - 8.00 NA 0.09 9.44 9.44 1 XXX 5.00 0.05",
    "99366 - B 0.82 0.37 - 0.37 - 0.04 1.23 1.23 0 XXX 0.00 0.00",
    "00100 - J 0.00 0.00 - 0.00 - 0.00 0.00 0.00 9 XXX 0.00 0.00",
    "A0425 - X 0.00 0.00 - 0.00 - 0.00 0.00 0.00 9 XXX 0.00 0.00",
    "27130 - A 19.60 14.00 NA 13.43 - 3.87 37.47 36.90 0 090 0.00 0.00",
    "92353 - T 0.50 0.20 - 0.10 - 0.02 0.72 0.62 0 XXX 0.00 0.00",
    "45378 53 A 1.69 5.23 - 0.85 - 0.20 7.12 2.74 0 000 0.00 0.00",
];

/// A row as CMS writes it.
fn pprrvu_row(short: &str) -> String {
    let cells: Vec<&str> = short.split(' ').map(|cell| if cell == "-" { "" } else { cell }).collect();
    let [code, part, status, work, nf, nf_na, fac, fac_na, mp, nf_total, fac_total, pctc, global, opps, opps_mp] =
        cells.try_into().unwrap();
    format!(
        "{code},{part},\"Short, name\",{status},,{work},{nf},{nf_na},{fac},{fac_na},{mp},{nf_total},{fac_total},{pctc},{global},\
         0.00,0.00,0.00,0,0,0,0,0,,32.3465,09,0,99,{opps},{opps},{opps_mp}\n"
    )
}

pub(crate) fn pprrvu() -> String {
    PPRRVU_HEAD.to_owned() + &PPRRVU_ROWS.map(pprrvu_row).concat()
}

pub(crate) const GPCI: &str = "\
ADDENDUM E. FINAL CY 2025 GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE AND MEDICARE LOCALITY,,,,,,
,,,,,,
Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,2025 PW GPCI (with 1.0 Floor),2025 PE GPCI,2025 MP GPCI
15202,OH,00,OHIO,1.000,0.917,0.963
01112,CA,05,\"SAN FRANCISCO-OAKLAND-BERKELEY (SAN FRANCISCO CNTY)\",1.085,1.381,0.472
* Payment locality is serviced by two carriers.,,,,,,
";

const PROJECT: &str = "title = \"t\"\n[[payer]]\nid = \"MCR\"\nkind = \"medicare\"\nname = \"Medicare\"\n";

/// An archive of these members.
pub(crate) fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Reads files without writing anything.
pub(crate) fn read(files: &[(&str, &[u8])]) -> (Vec<Release>, Vec<Finding>) {
    read_for(files, None)
}

fn read_for(files: &[(&str, &[u8])], year: Option<i32>) -> (Vec<Release>, Vec<Finding>) {
    let reference = Reference::embedded().unwrap();
    let options = MedicareOptions { year, from: None, pairs_of: None, known: &reference.medicare };
    let files: Vec<(String, Vec<u8>)> =
        files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
    medicare(&files, &options)
}

/// The codes of findings that are not mere notes.
fn codes(findings: &[Finding]) -> Vec<FindingCode> {
    findings.iter().filter(|f| f.severity > allowable::finding::Severity::Note).map(|f| f.code).collect()
}

/// A project with the release pair imported from the archive.
fn imported() -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("allowable.toml"), PROJECT).unwrap();
    let zip = archive(&[
        ("PPRRVU25_JAN.csv", pprrvu().as_bytes()),
        ("PPRRVU25_JAN.txt", b"HDR fixed width, the same table"),
        ("GPCI2025.csv", GPCI.as_bytes()),
        ("RVU25A.pdf", b"%PDF-1.7"),
    ]);
    fs::write(dir.path().join("rvu25a.zip"), zip).unwrap();
    let said = run(dir.path(), &["import", "medicare", "rvu25a.zip", "--year", "2025", "--replace"]).ends(0);
    assert!(said.out.contains("medicare/rvu.csv") && said.out.contains("RVU25A"), "{}", said.out);
    dir
}

/// The explanation of one line in an office of this locality.
fn explain(dir: &Path, code: &str, modifiers: &str, locality: &str, pos: &str) -> Value {
    let args = ["explain", "--code", code, "--modifiers", modifiers, "--locality", locality, "--pos", pos];
    let more = ["--date", "2025-03-03", "--format", "json"];
    let said = run(dir, &args.iter().chain(&more).copied().collect::<Vec<_>>()).ends(0);
    said.json()[0].clone()
}

fn outcome(explained: &Value) -> (String, String, String) {
    let text = |field: &str| explained[field].as_str().unwrap_or_default().to_owned();
    (text("outcome"), text("basis"), explained["expected"].as_str().map_or_else(String::new, str::to_owned))
}

#[test]
fn every_active_code_is_priced_in_every_locality() {
    let dir = imported();
    let price = |code, modifiers, locality, pos| outcome(&explain(dir.path(), code, modifiers, locality, pos));
    let paid = |amount: &str| ("payable".to_owned(), "medicare-pfs".to_owned(), amount.to_owned());
    // Ohio, office: 1.30·1.000 + 1.33·0.917 + 0.10·0.963 = 2.61591; · 32.3465 = 84.6155… → 84.62.
    assert_eq!(price("99213", "", "15202-00", "11"), paid("84.62"));
    // Ohio, hospital: 1.30 + 0.55·0.917 + 0.0963 = 1.90065; · 32.3465 = 61.4793… → 61.48.
    assert_eq!(price("99213", "", "15202-00", "22"), paid("61.48"));
    // San Francisco: 1.4105 + 1.83673 + 0.0472 = 3.29443; · 32.3465 = 106.5632… → 106.56.
    assert_eq!(price("99213", "", "01112-05", "11"), paid("106.56"));
    // The parts of a service. Whole: 0.05 + 0.15·0.917 + 0.02·0.963 = 0.20681 → 6.6895… → 6.69; the cap is far higher.
    assert_eq!(price("76977", "", "15202-00", "11"), paid("6.69"));
    // 26: 0.05 + 0.02·0.917 + 0.01·0.963 = 0.07797 → 2.5220… → 2.52. TC: 0.13·0.917 + 0.00963 = 0.12884 → 4.1675… → 4.17.
    assert_eq!(price("76977", "26", "15202-00", "11"), paid("2.52"));
    assert_eq!(price("76977", "TC", "15202-00", "11"), paid("4.17"));
    assert_eq!(price("76977", "59,26", "15202-00", "22"), paid("2.52"));
    // Discontinued: 1.69 + 5.23·0.917 + 0.20·0.963 = 6.67851 → · 32.3465 = 216.0264… → 216.03.
    assert_eq!(price("45378", "53", "15202-00", "11"), paid("216.03"));
    // Paid by the formula, with a word on when: 0.50 + 0.20·0.917 + 0.02·0.963 = 0.70266 → 22.7285… → 22.73.
    assert_eq!(price("92353", "", "15202-00", "11"), paid("22.73"));
    assert!(explain(dir.path(), "92353", "", "15202-00", "11")["rule"].as_str().unwrap().contains("status T"));
}

#[test]
fn what_is_not_done_outside_a_facility_is_paid_the_facility_rate_there_and_says_so() {
    let dir = imported();
    // CMS, Addendum B: of "NA" outside a facility the facility PE RVU pays if the contractor takes the service there.
    // 19.60 + 13.43·0.917 + 3.87·0.963 = 35.64212; · 32.3465 = 1152.8978… → 1152.90 (with the printed 14.00: 1169.81).
    for pos in ["11", "22"] {
        let explained = explain(dir.path(), "27130", "", "15202-00", pos);
        assert_eq!(outcome(&explained).2, "1152.90", "{pos}");
        let rule = explained["rule"].as_str().unwrap();
        assert_eq!(rule.contains("(NA: rarely or never done there; the facility rate applies"), pos == "11", "{rule}");
    }
    // `price` and the report say the same of a line.
    fs::write(
        dir.path().join("claims.csv"),
        "claim_id,line_number,service_date,payer_id,locality,state,pos,code,modifiers,units,billed_amount,allowed_amount,\
         paid_amount,patient_amount,group_code,carc\n\
         H1,1,2025-03-03,MCR,15202-00,OH,11,27130,,1,3000.00,1152.90,900.00,252.90,CO,45\n",
    )
    .unwrap();
    let said = run(dir.path(), &["price", "claims.csv", "--project", "allowable.toml"]).ends(0);
    assert!(said.out.contains("1152.90") && said.out.contains("NA: rarely or never done there"), "{}", said.out);
    fs::write(dir.path().join("allowable.toml"), format!("inputs = [\"claims.csv\"]\n{PROJECT}")).unwrap();
    assert!(run(dir.path(), &["explain", "H1"]).ends(0).out.contains("$1,152.90"));
}

#[test]
fn why_the_facility_bills_a_service_is_told_by_its_own_flags() {
    let dir = imported();
    // 76977 has PC/TC 1: the whole falls, 26 alone is the professional's.
    let explained = explain(dir.path(), "76977", "", "15202-00", "22");
    let rule = explained["rule"].as_str().unwrap();
    assert!(rule.contains("PC/TC 1") && rule.contains("modifier 26") && !rule.contains("PC/TC 5"), "{rule}");
    let fix = explained["payability"]["fix"].as_str().unwrap();
    assert!(!fix.contains("injection"), "{fix}");
    // TC: the technical part itself.
    let explained = explain(dir.path(), "76977", "TC", "15202-00", "22");
    let rule = explained["rule"].as_str().unwrap();
    assert!(rule.contains("technical part; the facility bills it"), "{rule}");
}

#[test]
fn imaging_is_never_paid_more_than_the_outpatient_cap_and_the_steps_say_so() {
    let dir = imported();
    // Ohio by the schedule: 1.35 + 8.00·0.917 + 0.09·0.963 = 8.77267 → 283.7651… → 283.77.
    // By the cap: 1.35 + 5.00·0.917 + 0.05·0.963 = 5.98315 → · 32.3465 = 193.5339… → 193.53.
    let explained = explain(dir.path(), "73221", "", "15202-00", "11");
    assert_eq!(outcome(&explained).2, "193.53");
    let steps: Vec<(String, String)> = explained["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["what"].as_str().unwrap().to_owned(), s["result"].as_str().unwrap().to_owned()))
        .collect();
    for (what, result) in [
        ("Medicare fee", "283.77"),
        ("outpatient cap", "193.53"),
        ("lesser of the fee and the outpatient cap", "193.53"),
    ] {
        assert!(steps.contains(&(what.to_owned(), result.to_owned())), "{what}: {steps:?}");
    }
    // San Francisco: 1.46475 + 6.905 + 0.0236 = 8.39335 → · 32.3465 = 271.4954… → 271.50.
    assert_eq!(outcome(&explain(dir.path(), "73221", "", "01112-05", "11")).2, "271.50");
}

#[test]
fn what_the_schedule_does_not_price_is_not_payable_or_unknown_with_its_reason_never_zero() {
    let dir = imported();
    let price = |code, modifiers, pos| {
        let (outcome, basis, amount) = outcome(&explain(dir.path(), code, modifiers, "15202-00", pos));
        assert!(amount.is_empty(), "{code}: {amount}");
        format!("{outcome} {basis}")
    };
    assert_eq!(price("76941", "", "11"), "unknown carrier-priced");
    assert!(price("99366", "", "11").starts_with("not-payable"), "bundled");
    assert_eq!(price("00100", "", "11"), "unknown no-rate");
    assert_eq!(price("A0425", "", "11"), "unknown no-rate");
    // A part that the release does not list has no fee; another discontinued service is the contractor's to price.
    assert_eq!(price("99213", "26", "11"), "unknown no-rate");
    assert_eq!(price("99213", "53", "11"), "unknown carrier-priced");
    // The whole of an imaging service in a hospital: the facility bills the technical part.
    assert!(price("76977", "", "22").starts_with("not-payable"));
}

#[test]
fn rates_lists_all_codes_with_their_parts() {
    let dir = imported();
    let args = [
        "rates",
        "--payer",
        "medicare",
        "--code",
        "ALL",
        "--locality",
        "15202-00",
        "--from",
        "2025-01-01",
        "--to",
        "2025-12-31",
        "--format",
        "csv",
    ];
    let said = run(dir.path(), &args).ends(0);
    let row = |start: &str| said.out.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned();
    assert!(row("medicare,76977,26,15202,00,OH,nonfacility,").contains(",true,2.52,2025-01-01,"), "{}", said.out);
    assert!(row("medicare,73221,,15202,00,OH,nonfacility,").contains(",true,193.53,"), "{}", said.out);
    assert!(row("medicare,99213,,15202,00,OH,nonfacility,").contains(",true,84.62,"), "{}", said.out);
    assert!(row("medicare,27130,,15202,00,OH,nonfacility,").contains(",true,1152.90,"), "{}", said.out);
    assert!(row("medicare,27130,,15202,00,OH,nonfacility,").contains(",facility-rate-for-na,"), "{}", said.out);
    // The source is the row of the imported table.
    assert!(row("medicare,27130,,").contains("reference/medicare/rvu.csv:"), "{}", said.out);
    // Carrier-priced codes have no rate; 96372 of the shipped tables has one still.
    assert!(
        said.err.contains("have no Medicare rate there in these days: ") && said.err.contains("99366"),
        "{}",
        said.err
    );
    assert!(row("medicare,76941,,").is_empty() && !row("medicare,96372,,").is_empty());
}

#[test]
fn all_shipped_codes_in_all_localities_can_be_listed_too() {
    let dir = TempDir::new().unwrap();
    let said = run(dir.path(), &["rates", "--code", "all", "--from", "2026-01-01", "--format", "csv"]).ends(0);
    // 109 localities of 2026, two settings.
    assert_eq!(said.out.lines().filter(|line| line.starts_with("medicare,96372,")).count(), 218);
}

#[test]
fn the_report_keeps_its_scope() {
    let dir = imported();
    let rows = "1,1,2025-03-03,MCR,96372,,1,11,15202-00,40.00\n1,2,2025-03-03,MCR,73221,,1,11,15202-00,900.00\n";
    let claims = format!("claim_id,line_number,service_date,payer_id,code,modifiers,units,pos,locality,charge\n{rows}");
    fs::write(dir.path().join("c.csv"), claims).unwrap();
    let said = run(dir.path(), &["report", "c.csv", "--project", "allowable.toml", "--out", "r"]);
    assert_eq!(said.code, Some(0), "{}\n{}", said.out, said.err);
    let files = tree(&dir.path().join("r"));
    let report: Value =
        serde_json::from_slice(files.iter().find(|(name, _)| name.ends_with("report.json")).unwrap().1).unwrap();
    let text = report.to_string();
    // One line of the family, one outside it: counted, not dropped. The imported table is named among the findings.
    assert!(text.contains("out-of-scope-code") && text.contains("import-replaces"), "{text}");
}

#[test]
fn the_manifest_names_source_and_hash_and_a_second_import_gives_the_same_bytes() {
    let dir = imported();
    let folder = dir.path().join("reference");
    let before = tree(&folder);
    assert_eq!(
        before.keys().map(String::as_str).collect::<Vec<_>>(),
        ["MANIFEST.csv", "medicare/conversion_factors.csv", "medicare/gpci.csv", "medicare/rvu.csv"]
    );
    let manifest = String::from_utf8(before["MANIFEST.csv"].clone()).unwrap();
    let hash = |bytes: &[u8]| allowable::import::sha256(bytes);
    let zip = hash(&fs::read(dir.path().join("rvu25a.zip")).unwrap());
    let table = hash(&before["medicare/rvu.csv"]);
    assert!(
        manifest.contains(&format!(
            "medicare/rvu.csv,{table},RVU25A,2025-01-01,13,2024-12-23,rvu25a.zip/PPRRVU25_JAN.csv,{zip},"
        )),
        "{manifest}"
    );
    run(dir.path(), &["import", "medicare", "rvu25a.zip"]).ends(0);
    assert_eq!(tree(&folder), before);
    // A hand in the table is said, and the table is used.
    let path = folder.join("medicare/gpci.csv");
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("0.917", "0.918")).unwrap();
    let said = run(dir.path(), &["rates", "--code", "99213", "--locality", "15202-00", "--from", "2025-01-01"]).ends(0);
    assert!(said.err.contains("import-edited"), "{}", said.err);
}

#[test]
fn a_later_release_begins_on_its_day_and_replaces_only_its_own() {
    let dir = imported();
    let april = pprrvu()
        .replace("January Release", "April Release")
        .replace("1.30,1.33,,0.55,,0.10,2.73,1.95", "1.30,1.43,,0.55,,0.10,2.83,1.95");
    fs::write(dir.path().join("PPRRVU25_APR.csv"), april).unwrap();
    run(dir.path(), &["import", "medicare", "PPRRVU25_APR.csv"]).ends(0);
    let args = [
        "rates",
        "--code",
        "99213",
        "--locality",
        "15202-00",
        "--pos",
        "11",
        "--from",
        "2025-01-01",
        "--to",
        "2025-09-30",
        "--format",
        "csv",
    ];
    let said = run(dir.path(), &args).ends(0);
    // April: 1.30 + 1.43·0.917 + 0.0963 = 2.70761; · 32.3465 = 87.5817… → 87.58.
    assert!(
        said.out.contains(",84.62,2025-01-01,2025-03-31,") && said.out.contains(",87.58,2025-04-01,"),
        "{}",
        said.out
    );
    // The first release of a year that begins within it stands for the days before: said.
    let other = TempDir::new().unwrap();
    fs::copy(dir.path().join("PPRRVU25_APR.csv"), other.path().join("PPRRVU25_APR.csv")).unwrap();
    run(other.path(), &["import", "medicare", "PPRRVU25_APR.csv", "--replace"]).ends(0);
    let said =
        run(other.path(), &["rates", "--code", "73221", "--locality", "15202-00", "--from", "2025-01-01"]).ends(0);
    assert!(said.err.contains("import-stretched"), "{}", said.err);
}

#[test]
fn a_failed_import_changes_nothing_and_says_why() {
    let dir = imported();
    let before = tree(&dir.path().join("reference"));
    let shifted = pprrvu().replace("WORK,NON-FAC,NA,FACILITY", "NON-FAC,WORK,NA,FACILITY");
    fs::write(dir.path().join("PPRRVU25_JAN.csv"), shifted).unwrap();
    let said = run(dir.path(), &["import", "medicare", "PPRRVU25_JAN.csv"]).ends(1);
    assert!(said.err.contains("import-column-missing") && said.err.contains("no table was changed"), "{}", said.err);
    assert_eq!(tree(&dir.path().join("reference")), before);
    // One table of two is refused: all or nothing, unless the user says otherwise.
    fs::write(dir.path().join("GPCI2025.csv"), GPCI).unwrap();
    let said = run(dir.path(), &["import", "medicare", "PPRRVU25_JAN.csv", "GPCI2025.csv"]).ends(1);
    assert!(said.err.contains("a table was refused"), "{}", said.err);
    assert_eq!(tree(&dir.path().join("reference")), before);
    run(dir.path(), &["import", "medicare", "PPRRVU25_JAN.csv", "GPCI2025.csv", "--partial"]).ends(0);
}

#[test]
fn moved_columns_are_found_out_whatever_the_header_says() {
    // Two values swapped below their headers: the printed totals do not come out.
    let swap = |row: &str| {
        let mut cells: Vec<&str> = row.split(',').collect();
        cells.swap(6, 7);
        cells.join(",")
    };
    let rows: String = PPRRVU_ROWS.map(|row| swap(&pprrvu_row(row))).concat();
    let (releases, findings) = read(&[("PPRRVU25_JAN.csv", (PPRRVU_HEAD.to_owned() + &rows).as_bytes())]);
    assert!(releases.is_empty());
    assert!(codes(&findings).contains(&FindingCode::ImportShifted), "{findings:#?}");
    // Two headers swapped, facility and non-facility: likewise.
    let text = pprrvu()
        .replace("WORK,NON-FAC,NA,FACILITY,NA,MP", "WORK,FACILITY,NA,NON-FAC,NA,MP")
        .replace(",,,,FOR,,,NON-FAC,,FACILITY ,", ",,,,FOR,,,FACILITY,,NON-FAC,");
    let (releases, findings) = read(&[("PPRRVU25_JAN.csv", text.as_bytes())]);
    let bad = findings.iter().filter(|f| f.code == FindingCode::ImportRowBad).map(|f| f.count).sum::<u64>();
    // Rows whose two values are equal still fit; those that differ (99213, 27130, 92353, 45378) do not.
    assert_eq!(bad, 4, "{findings:#?}");
    assert!(releases.iter().filter(|r| r.kind == Kind::Rvu).all(|r| r.rows.iter().all(|row| row[7] == row[8])));
    // A header row from another edition, one cell longer than its rows.
    let text =
        pprrvu().replace("POST,MULT,BILAT", "POST,NEW,MULT,BILAT").replace("OP,OP,OP,PROC", "OP,OP,OP,COLUMN,PROC");
    let (releases, findings) = read(&[("PPRRVU25_JAN.csv", text.as_bytes())]);
    assert!(releases.is_empty() && !codes(&findings).is_empty(), "{findings:#?}");
}

#[test]
fn an_unknown_column_is_said_and_the_others_are_used() {
    let add = |text: &str| {
        text.lines()
            .map(|line| if line.starts_with("HCPCS") { format!("{line},NEW FLAG\n") } else { format!("{line},\n") })
            .collect::<String>()
    };
    let (releases, findings) = read(&[("PPRRVU25_JAN.csv", add(&pprrvu()).as_bytes())]);
    assert_eq!(codes(&findings), [FindingCode::ImportColumnUnknown], "{findings:#?}");
    assert_eq!(releases.len(), 2);
    assert!(findings.iter().any(|f| f.found.contains("NEW FLAG")));
}

#[test]
fn years_must_agree() {
    let pair: [(&str, &[u8]); 1] = [("PPRRVU25_JAN.csv", pprrvu().leak().as_bytes())];
    let (releases, findings) = read_for(&pair, Some(2024));
    assert!(releases.is_empty());
    assert_eq!(codes(&findings), [FindingCode::ImportWrongYear]);
    assert!(findings[0].found.contains("2025") && findings[0].found.contains("--year says 2024"), "{}", findings[0]);
    let (releases, findings) = read(&[("PPRRVU24_JAN.csv", pprrvu().as_bytes()), ("GPCI2024.csv", GPCI.as_bytes())]);
    assert!(releases.is_empty());
    assert_eq!(codes(&findings), [FindingCode::ImportWrongYear, FindingCode::ImportWrongYear]);
    let (_, findings) = read(&[("values.csv", pprrvu().replace("2025 National", "National").as_bytes())]);
    assert_eq!(codes(&findings), [FindingCode::ImportUndated]);
}

#[test]
fn repeats_contradictions_and_overlaps() {
    let repeat = pprrvu() + &pprrvu_row(PPRRVU_ROWS[0]);
    let (releases, findings) = read(&[("PPRRVU25_JAN.csv", repeat.as_bytes())]);
    assert_eq!((codes(&findings), releases.len()), (vec![FindingCode::DuplicateRow], 2));
    let other = pprrvu() + &pprrvu_row("99213 - A 1.31 1.33 - 0.55 - 0.10 2.74 1.96 0 XXX 0.00 0.00");
    let (releases, findings) = read(&[("PPRRVU25_JAN.csv", other.as_bytes())]);
    assert_eq!(codes(&findings), [FindingCode::ImportDuplicate]);
    let rvu = releases.iter().find(|r| r.kind == Kind::Rvu).unwrap();
    assert!(rvu.rows.iter().all(|row| row[3] != "99213"), "neither is taken");
    let changed = pprrvu().replace("1.30,1.33,,0.55,,0.10,2.73,1.95", "1.30,1.43,,0.55,,0.10,2.83,1.95");
    let (releases, findings) =
        read(&[("a/PPRRVU25_JAN.csv", pprrvu().as_bytes()), ("b/PPRRVU25_JAN.csv", changed.as_bytes())]);
    assert!(codes(&findings).contains(&FindingCode::ImportOverlap), "{findings:#?}");
    assert!(releases.iter().all(|r| r.kind != Kind::Rvu));
}

#[test]
fn factors_are_compared_and_the_middle_of_a_quarter_is_known_by_its_factor() {
    let two = pprrvu().replacen("32.3465", "32.3466", 1);
    let (releases, findings) = read(&[("PPRRVU25_JAN.csv", two.as_bytes())]);
    assert!(releases.is_empty());
    assert_eq!(codes(&findings), [FindingCode::ImportFactors]);
    let other = pprrvu().replace("32.3465", "33.0000");
    let (releases, findings) = read(&[("PPRRVU25_JAN.csv", other.as_bytes())]);
    assert_eq!((codes(&findings), releases.len()), (vec![FindingCode::ImportFactorDiffers], 2));
    // DOMAIN §1: 33.2875 is the factor from 9 March 2024.
    let march = pprrvu().replace("2025 National", "2024 National").replace("32.3465", "33.2875");
    let (releases, _) = read(&[("PPRRVU24_JAN.csv", march.as_bytes())]);
    let rvu = releases.iter().find(|r| r.kind == Kind::Rvu).unwrap();
    assert_eq!((rvu.release.as_str(), rvu.key.as_str()), ("RVU24AR", "2024-03-09"));
}

#[test]
fn the_two_files_of_2026_give_one_table_and_two_factors() {
    let of_2026 = pprrvu().replace("2025 National", "2026 National");
    let (non, qp) = (of_2026.replace("32.3465", "33.4009"), of_2026.replace("32.3465", "33.5675"));
    let (releases, findings) =
        read(&[("PPRRVU2026_Jan_nonQPP.csv", non.as_bytes()), ("PPRRVU2026_Jan_QPP.csv", qp.as_bytes())]);
    assert_eq!(codes(&findings), []);
    let factors: Vec<&Vec<String>> =
        releases.iter().filter(|r| r.kind == Kind::Factors).flat_map(|r| &r.rows).collect();
    assert_eq!(
        factors.iter().map(|row| (row[2].as_str(), row[3].as_str())).collect::<Vec<_>>(),
        [("33.4009", "no"), ("33.5675", "yes")]
    );
    assert_eq!(releases.iter().filter(|r| r.kind == Kind::Rvu).count(), 1);
}

#[test]
fn damaged_and_foreign_files() {
    // Breaks off within a line.
    let whole = pprrvu();
    let (releases, findings) = read(&[("PPRRVU25_JAN.csv", &whole.as_bytes()[..whole.len() - 60])]);
    assert!(codes(&findings).contains(&FindingCode::TruncatedFile), "{findings:#?}");
    assert!(releases.iter().filter(|r| r.kind == Kind::Rvu).all(|r| r.rows.len() == 12));
    let (releases, findings) = read(&[("PPRRVU25_JAN.csv", b"\x00\x01\x02\x03\x04\x05\x06\x07".as_slice())]);
    assert_eq!((releases.len(), codes(&findings)), (0, vec![FindingCode::BinaryFile]));
    let zip = archive(&[("PPRRVU25_JAN.csv", whole.as_bytes())]);
    let (releases, findings) = read(&[("rvu25a.zip", &zip[..zip.len() / 2])]);
    assert_eq!((releases.len(), codes(&findings)), (0, vec![FindingCode::TruncatedFile]));
    let (releases, findings) = read(&[("claims.csv", b"claim,day\n1,2025-01-01\n".as_slice())]);
    assert_eq!((releases.len(), codes(&findings)), (0, vec![FindingCode::ImportNotRecognised]));
    // A mark at the beginning, Windows letters in a description, Windows line ends.
    let windows: Vec<u8> = whole
        .replace("Short, name", "Caf\u{e9}")
        .replace('\n', "\r\n")
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let (releases, findings) = read(&[("PPRRVU25_JAN.csv", &windows)]);
    assert_eq!((releases.len(), codes(&findings)), (2, vec![]));
    let (releases, findings) = read(&[("PPRRVU25_JAN.csv", &[b"\xef\xbb\xbf", whole.as_bytes()].concat())]);
    assert_eq!((releases.len(), codes(&findings)), (2, vec![]));
}

#[test]
fn a_spreadsheet_gives_the_same_table() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(pprrvu().leak().as_bytes());
    for (row, record) in (0..).zip(reader.records()) {
        for (column, cell) in (0..).zip(record.unwrap().iter()) {
            // Numbers as numbers, codes as text, as CMS has them.
            match cell.parse::<f64>() {
                Ok(number) if column > 4 && cell.contains('.') => sheet.write_number(row, column, number).unwrap(),
                _ => sheet.write_string(row, column, cell).unwrap(),
            };
        }
    }
    let bytes = book.save_to_buffer().unwrap();
    let (from_book, findings) = read(&[("PPRRVU25_JAN.xlsx", &bytes)]);
    assert_eq!(codes(&findings), [], "{findings:#?}");
    let (from_text, _) = read(&[("PPRRVU25_JAN.csv", pprrvu().as_bytes())]);
    let rows = |releases: &[Release]| releases.iter().map(|r| r.rows.clone()).collect::<Vec<_>>();
    assert_eq!(rows(&from_book), rows(&from_text));
}

/// One row of the ZIP5 text file.
fn zip5(state: &str, zip: &str, locality: &str, plus4: char) -> String {
    format!("{state}{zip}{locality}RZ9R  {plus4} A{:52}20254\n", "")
}

#[test]
fn zip_codes_drugs_and_edits() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("allowable.toml"), PROJECT).unwrap();
    let zips = zip5("OH", "43215", "1520200", '0') + &zip5("EM", "63101", "0530201", '1');
    fs::write(dir.path().join("ZIP5_OCT2025.txt"), &zips).unwrap();
    let asp = "Payment Allowance Limits for Medicare Part B Drugs,,,,,,,,,,\n,,,,,,,,,,\n\
        \"Effective April 1, 2026 through June 30, 2026\",,,,,,,,,,\n,,,,,,,,,,\n\
        Note 1: limits are based on 4Q25 ASP data.,,,,,,,,,,\n\
        HCPCS Code,Short Description,HCPCS Code Dosage,Payment Limit,Co-insurance Percentage,Vaccine AWP%,Vaccine Limit,Blood AWP%,Blood limit,Clotting Factor,Notes\n\
        J0696,Ceftriaxone sodium injection,250 MG,0.500,20.000,,,,,,\n\
        J0897,Denosumab injection,1 MG,29.380,17.508,,,,,,Inflation-adjusted coinsurance\n\
        A9606,Radium,1 microCurie,N/A,20.000,,,,,,\"100% AWP = $202.82\n100% WAC = $169.02\"\n";
    fs::write(dir.path().join("section 508 version of April 2026 ASP Pricing File 031826.csv"), asp).unwrap();
    let ptp = "CPT only copyright 2025 American Medical Association.\t\t\t\t\t\t\nColumn1/Column2 Edits\t\t\t\t\t\t\n\
        Column 1\tColumn 2\t*=in existence prior to 1996\tEffective Date\tDeletion Date\tModifier\tPTP Edit Rationale\n\
        \t\t\t\t*=no data\t0=not allowed\t\n\t\t\t\t\t1=allowed\t\n\t\t\t\t\t9=not applicable\t\n\
        96372\t99213\t\t20090401\t*\t1\tStandards\n96372\t99211\t\t20050101\t20251231\t0\tMisuse\n\
        00100\t64400\t*\t19960101\t*\t1\tAnesthesia\n00102\t96372\t\t20000101\t20000101\t9\tNot applicable\n";
    fs::write(dir.path().join("ccipra-v322r0-f1.TXT"), ptp).unwrap();
    let mue = "\"Current Procedural Terminology (CPT) codes are copyright the AMA.\n\nAll rights reserved.\",,,\n\
        \"HCPCS/\nCPT Code\",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n\
        96372,5,3 Date of Service Edit: Clinical,Clinical: Data\n0001U,1,2 Date of Service Edit: Policy,Code Descriptor / CPT Instruction\n";
    fs::write(dir.path().join("MCR_MUE_PractitionerServices_Eff_07-01-2026.csv"), mue).unwrap();
    let names: Vec<String> =
        crate::common::names(dir.path()).into_iter().filter(|name| name != "allowable.toml").collect();
    // They are far shorter than what ships.
    let args = ["import", "medicare", "--replace"].into_iter().chain(names.iter().map(String::as_str));
    let said = run(dir.path(), &args.collect::<Vec<_>>()).ends(0);
    let warnings = said.err.matches("warning[").count() + said.err.matches("error[").count();
    assert!(warnings == 1 && said.err.contains("warning[import-parts-missing]"), "{}", said.err);
    let text = |path: &str| fs::read_to_string(dir.path().join("reference").join(path)).unwrap();
    assert_eq!(
        text("medicare/zip_locality.csv"),
        "edition,zip,locality,state,plus4\n2025-10-01,43215,15202-00,OH,0\n2025-10-01,63101,05302-01,MO,1\n"
    );
    assert_eq!(
        text("medicare/asp_limits.csv"),
        "quarter,code,dosage_unit,limit,coinsurance_percent,note\n2026-04-01,J0696,250 MG,0.500,20.000,\n\
         2026-04-01,J0897,1 MG,29.380,17.508,Inflation-adjusted coinsurance\n"
    );
    // Only pairs of the family, none that never applied; 32.2 is the edition of July 2026.
    assert_eq!(
        text("ncci/ptp.csv"),
        "edition,column1,column2,indicator,from,until\n2026-07-01,96372,99211,0,2005-01-01,2025-12-31\n2026-07-01,96372,99213,1,2009-04-01,\n"
    );
    assert!(text("ncci/mue.csv").contains("2026-07-01,96372,5,3,Clinical: Data\n"));
    // A quarter that the program does not ship: 0.500 × 4 units.
    let args = [
        "explain",
        "--code",
        "J0696",
        "--modifiers",
        "JZ",
        "--units",
        "4",
        "--zip",
        "43215",
        "--date",
        "2026-05-05",
        "--format",
        "json",
    ];
    let said = run(dir.path(), &args).ends(0);
    assert_eq!(said.json()[0]["expected"], "2.00", "{}", said.out);
}

#[test]
fn a_state_schedule_is_mapped_and_used() {
    let dir = TempDir::new().unwrap();
    let project = PROJECT.to_owned()
        + "[[payer]]\nid = \"MCD\"\nkind = \"medicaid\"\nname = \"Medicaid\"\n[[payer.terms]]\nfrom = \"2024-01-01\"\nto = \"2026-12-31\"\nbasis = \"schedule\"\nschedule = \"medicaid-oh\"\nunlisted = \"unknown\"\n";
    let file = "Ohio Department of Medicaid,,,,\nAppendix DD,,,,\nProc Cd,Mod,Descr,Max Fee,Begin Dt\n\
        96372,,Injection,$13.10,07/01/2024\n96372,,Injection,$12.00,01/01/2024\n27130,,Hip,\"1,234.56\",07/01/2024\n\
        99070,,Supplies,BR,07/01/2024\nJ3490,,Drug,,07/01/2024\n96374,,Push,12.x,07/01/2024\n";
    fs::write(dir.path().join("fees.csv"), file).unwrap();
    let map = ["--map", "code=Proc Cd", "--map", "rate=Max Fee", "--map", "effective_from=Begin Dt"];
    let args: Vec<&str> = ["import", "medicaid", "fees.csv", "--state", "OH"].into_iter().chain(map).collect();
    // A row in error refuses the whole, and is named with what was found.
    let said = run(dir.path(), &args).ends(1);
    assert!(said.err.contains("96374: found \"12.x\"") && !dir.path().join("reference").exists(), "{}", said.err);
    let said = run(dir.path(), &[&args[..], &["--partial"]].concat()).ends(0);
    assert!(said.out.contains("3 rates") && said.out.contains("2 rows set no amount"), "{}", said.out);
    assert!(said.out.contains("name = \"medicaid-oh\"") && said.out.contains("kind = \"medicaid\""), "{}", said.out);
    assert!(said.err.contains("fees.csv:9, column \"rate\": error[schedule-row-bad]"), "{}", said.err);
    // Both rows of 96372 are open: the overlap is said.
    assert!(said.err.contains("schedule-overlap"), "{}", said.err);
    fs::write(dir.path().join("allowable.toml"), project.replace("[[payer]]\nid = \"MCD\"", "[[schedule]]\nname = \"medicaid-oh\"\npath = \"reference/schedules/medicaid_oh.csv\"\nkind = \"medicaid\"\n[[payer]]\nid = \"MCD\"")).unwrap();
    let args =
        ["explain", "--payer", "MCD", "--code", "27130", "--state", "OH", "--date", "2024-08-01", "--format", "json"];
    assert_eq!(run(dir.path(), &args).ends(0).json()[0]["expected"], "1234.56");
    // Without a mapping the table is not understood, and nothing is written.
    let said = run(dir.path(), &["import", "medicaid", "fees.csv", "--state", "TX"]).ends(1);
    assert!(said.err.contains("missing-column") || said.err.contains("no-header"), "{}", said.err);
    assert!(!dir.path().join("reference/schedules/medicaid_tx.csv").exists());
}

#[test]
fn a_payers_fees_are_saved_into_the_project() {
    let dir = TempDir::new().unwrap();
    let project = PROJECT.to_owned() + "[[payer]]\nid = \"ACME\"\nkind = \"commercial\"\nname = \"Acme Health\"\n";
    fs::write(dir.path().join("allowable.toml"), project).unwrap();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in (0..).zip(["CPT Code", "Non-Facility Fee", "Facility Fee"]) {
        sheet.write_string(0, column, header).unwrap();
    }
    sheet.write_number(1, 0, 96372.0).unwrap();
    sheet.write_number(1, 1, 21.5).unwrap();
    sheet.write_string(1, 2, "N/A").unwrap();
    fs::write(dir.path().join("acme.xlsx"), book.save_to_buffer().unwrap()).unwrap();
    let said =
        run(dir.path(), &["import", "fees", "acme.xlsx", "--payer", "acme health", "--from", "2025-01-01", "--save"])
            .ends(0);
    assert!(said.out.contains("1 rate of acme.xlsx"), "{}", said.out);
    assert_eq!(
        fs::read_to_string(dir.path().join("reference/schedules/acme.csv")).unwrap(),
        "payer,area,code,modifier,setting,rate,unit_basis,effective_from,effective_to,source\n,,96372,,nonfacility,21.5,per-unit,2025-01-01,,acme.xlsx\n"
    );
    let project = fs::read_to_string(dir.path().join("allowable.toml")).unwrap();
    assert!(
        project
            .ends_with("[[schedule]]\nname = \"acme\"\npath = \"reference/schedules/acme.csv\"\nkind = \"contract\"\n"),
        "{project}"
    );
    run(dir.path(), &["import", "fees", "acme.xlsx", "--payer", "ACNE", "--from", "2025-01-01"]).ends(2);
}

#[test]
fn a_loaded_state_schedule_pays_its_medicaid_without_terms() {
    let dir = TempDir::new().unwrap();
    let payer = |id: &str, kind: &str| format!("[[payer]]\nid = \"{id}\"\nkind = \"{kind}\"\nname = \"{id} plan\"\n");
    fs::write(
        dir.path().join("allowable.toml"),
        format!("title = \"t\"\n{}{}", payer("MCD", "medicaid"), payer("MCO", "medicaid-managed")),
    )
    .unwrap();
    let explained = |payer: &str, code: &str, state: &str, date: &str| {
        let args = ["explain", "--payer", payer, "--code", code, "--state", state, "--date", date, "--format", "json"];
        run(dir.path(), &args).ends(0).json()[0].clone()
    };
    let basis = |e: &Value| {
        let text = |field: &str| e[field].as_str().unwrap_or_default().to_owned();
        (text("basis"), text("evidence"), text("expected"))
    };
    // Without a schedule the observed median.
    assert_eq!(basis(&explained("MCD", "96372", "OH", "2024-08-01")).0, "medicaid-observed");
    fs::write(dir.path().join("oh.csv"), "code,rate,effective\n96372,13.10,07/01/2024\n27130,1234.56,07/01/2024\n")
        .unwrap();
    run(dir.path(), &["import", "medicaid", "oh.csv", "--state", "OH", "--save"]).ends(0);
    let published = |amount: &str| ("medicaid-schedule".to_owned(), "published".to_owned(), amount.to_owned());
    let e = explained("MCD", "96372", "OH", "2024-08-01");
    assert_eq!(basis(&e), published("13.10"));
    assert!(e["rule"].as_str().unwrap().contains("published by OH for fee for service"), "{e}");
    assert_eq!(basis(&explained("MCD", "27130", "OH", "2024-08-01")), published("1234.56"));
    // Another state, a day before the schedule, and a plan, which pays by its contract: observed, and said why.
    for (payer, state, day, why) in [
        ("MCD", "NY", "2024-08-01", "no loaded schedule of NY Medicaid lists 96372 on 2024-08-01"),
        ("MCD", "OH", "2024-06-30", "no loaded schedule of OH Medicaid lists 96372 on 2024-06-30"),
        ("MCO", "OH", "2024-08-01", "is for fee for service"),
    ] {
        let e = explained(payer, "96372", state, day);
        assert_eq!((basis(&e).0.as_str(), basis(&e).1.as_str()), ("medicaid-observed", "observed"), "{payer} {state}");
        assert!(e["passed_over"][0].as_str().unwrap().contains(why), "{e}");
    }
    // In a hospital the facility bills it: the schedule lists no rate for the place.
    let args = ["explain", "--payer", "MCD", "--code", "96372", "--state", "NY", "--pos", "22", "--date", "2024-08-01"];
    assert!(run(dir.path(), &args).ends(0).out.contains("facility-incident-to"));
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), cut in 0..4000_usize, at in 0..4000_usize, with in any::<u8>()) {
            let _ = read(&[("x.csv", &bytes)]);
            let zip = archive(&[("PPRRVU25_JAN.csv", pprrvu().as_bytes()), ("GPCI2025.csv", GPCI.as_bytes())]);
            let mut damaged = zip.clone();
            let place = at % damaged.len();
            damaged[place] = with;
            let _ = read(&[("rvu.zip", &damaged)]);
            let _ = read(&[("rvu.zip", &zip[..cut % zip.len()])]);
            let mut text = pprrvu().into_bytes();
            let place = at % text.len();
            text[place] = with;
            let _ = read(&[("PPRRVU25_JAN.csv", &text)]);
        }
    }
}
