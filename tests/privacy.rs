//! Nothing that could name a patient leaves the program: not in a file, not on a stream, not in an error.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;

use polars::prelude::{DataType, ParquetReader, SerReader};

use crate::common::{Said, run, tree};

/// What must never be seen again: a name, a number, a day of birth, as they may be written.
const MARKERS: [&str; 7] =
    ["ZZPATIENT", "zzpatient", "MRN7654321", "7654321", "987-65-4321", "02/03/1951", "1951-02-03"];

const COLUMNS: [&str; 14] = [
    "Claim #",
    "Line",
    "DOS",
    "Payer ID",
    "CPT",
    "Mod",
    "Units",
    "POS",
    "ZIP",
    "Charge",
    "Patient Name",
    "Date of Birth",
    "MRN",
    "Diagnosis",
];

fn good(claim: u32) -> Vec<String> {
    let cells = [
        "1",
        "2024-03-25",
        "MCR",
        "96372",
        "",
        "1",
        "11",
        "43215",
        "40.00",
        "ZZPATIENT Mary",
        "02/03/1951",
        "MRN7654321",
        "Z23 ZZPATIENT",
    ];
    std::iter::once(format!("C{claim}")).chain(cells.map(str::to_owned)).collect()
}

/// Claims of which every good row carries the markers in its patient columns, and every bad row in each other column in
/// turn: a row shifted by one, a name in the place of a date, a number in the place of a code.
fn claims() -> String {
    let mut rows: Vec<Vec<String>> = vec![COLUMNS.map(str::to_owned).to_vec()];
    let mut claim = 0;
    let mut next = || {
        claim += 1;
        good(claim)
    };
    rows.extend([next(), next(), next()]);
    for column in [0, 1, 2, 4, 5, 6, 7, 8, 9] {
        for marker in ["ZZPATIENT Mary", "MRN7654321", "7654321.5", "987-65-4321", "02/03/1951"] {
            // As a charge this figure is an amount like any other.
            if (column, marker) == (9, "7654321.5") {
                continue;
            }
            let mut row = next();
            row[column] = marker.to_owned();
            // The claim number of a good row is no secret: here the row is bad, too.
            if column == 0 {
                row[9] = "x".to_owned();
            }
            rows.push(row);
        }
    }
    // A name in the column of the payer, in rows that something else makes bad.
    for column in [2, 4, 7, 9] {
        let mut row = next();
        row[3] = "ZZPATIENT Mary".to_owned();
        row[column] = "?".to_owned();
        rows.push(row);
    }
    // Shifted to the right, to the left, cut short, too long, an open quote, and as totals.
    let mut right = next();
    right.rotate_right(1);
    let mut left = next();
    left.rotate_left(1);
    rows.extend([right, left, next()[..12].to_vec(), [next(), vec!["ZZPATIENT".to_owned()]].concat()]);
    let mut total = next();
    total[..10].iter_mut().for_each(String::clear);
    total[0] = "Total for ZZPATIENT".to_owned();
    rows.push(total);
    let lines: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
    format!("Printed for ZZPATIENT Mary\n{}\nC999,1,\"ZZPATIENT,\n{}\n", lines.join("\n"), good(1000).join(","))
}

fn remits() -> String {
    let header = "Claim #,Line,Payer ID,Remit Date,CPT,Charge,Paid,CARC,Group,RARC,Patient Name,Check Number,MRN";
    let good = "C1,1,MCR,2024-04-09,96372,40.00,13.58,45,CO,,ZZPATIENT Mary,ZZPATIENT7654321,MRN7654321";
    let bad =
        [("2024-04-09", "02/03/1951"), ("13.58", "ZZPATIENT"), (",45,", ",ZZPATIENT,"), ("CO,,", "CO,ZZPATIENT,")];
    let rows: Vec<String> = bad.iter().map(|(from, to)| good.replace(from, to)).collect();
    format!("{header}\n{good}\n{}\n", rows.join("\n").replace("C1,", "C2,"))
}

/// Everything readable in a file: the parts of a workbook, the cells of a Parquet file, or its bytes.
fn content(name: &str, bytes: &[u8]) -> String {
    if name.ends_with(".xlsx") {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut all = String::new();
        for i in 0..zip.len() {
            zip.by_index(i).unwrap().read_to_string(&mut all).unwrap();
        }
        return all;
    }
    if name.ends_with(".parquet") {
        let frame = ParquetReader::new(Cursor::new(bytes)).finish().unwrap();
        let texts = frame.columns().iter().map(|c| c.cast(&DataType::String).unwrap());
        return texts.flat_map(|c| c.str().unwrap().iter().flatten().map(str::to_owned).collect::<Vec<_>>()).collect();
    }
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn clean(what: &str, text: &str) {
    for marker in MARKERS {
        if let Some(at) = text.find(marker) {
            let from = text[..at].char_indices().rev().nth(200).map_or(0, |(i, _)| i);
            panic!("{marker} is in {what}: …{}", &text[from..at + marker.len()]);
        }
    }
}

fn streams(said: &Said) {
    clean("stdout", &said.out);
    clean("stderr", &said.err);
}

#[test]
fn no_patient_reaches_a_file_a_stream_or_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("claims.csv"), claims()).unwrap();
    fs::write(at("remits.csv"), remits()).unwrap();
    fs::write(at("broken.csv"), claims().replace("Charge", "Chargge")).unwrap();
    let project = "title = \"t\"\n[[payer]]\nid = \"MCR\"\nkind = \"medicare\"\nname = \"Medicare\"\n";
    fs::write(at("allowable.toml"), project).unwrap();
    let files = ["claims.csv", "remits.csv"];
    let said = run(dir.path(), &["report", files[0], files[1], "--out", "reports"]).ends(0);
    streams(&said);
    assert!(said.out.contains("error"), "the bad rows are told: {}", said.out);
    for (format, code) in [("table", 0), ("json", 0)] {
        let args = ["check", files[0], files[1], "--format", format, "--quarantine", "reports/q.csv", "--save"];
        streams(&run(dir.path(), &args).ends(code));
    }
    streams(&run(dir.path(), &["report", "broken.csv"]).ends(1));
    streams(&run(dir.path(), &["check", "broken.csv"]).ends(1));
    streams(&run(dir.path(), &["explain", "C1", "--project", "allowable.toml"]));
    let written = tree(&at("reports"));
    assert!(written.keys().any(|name| name.ends_with("priced_lines.parquet")));
    for (name, bytes) in &written {
        clean(name, &content(name, bytes));
    }
    clean("allowable.toml", &fs::read_to_string(at("allowable.toml")).unwrap());
    // Both files had rows of both kinds, so that there was something to leak.
    let quarantined = written.iter().find(|(name, _)| name.ends_with("quarantine.csv")).unwrap();
    let rows = String::from_utf8_lossy(quarantined.1).lines().count();
    assert!(rows > 30, "{rows} rows in quarantine.csv");
    assert!(Path::new(&at("reports")).is_dir());
}
