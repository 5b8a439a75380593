//! Nothing that could name a patient is shown, wherever in the file it stands.

use std::io::Cursor;

use polars::prelude::{DataType, ParquetReader, SerReader};

use super::{Desk, era, told};
use crate::common::{Said, run, tree};

/// What must never be seen again: a name, a number, a day of birth.
const MARKERS: [&str; 7] = ["ZZPATIENT", "zzpatient", "MRN7654321", "7654321", "987-65-4321", "19510203", "1951-02-03"];

/// What stands in the place of something else: a name, a number with letters, a social security number, a day.
const MISPLACED: [&str; 4] = ["ZZPATIENT MARY", "MRN7654321", "987-65-4321", "1951-02-03"];

/// A good claim, in which each element that is in brackets is to be misplaced in turn.
const CLAIM: &str = "CLP*C1*1*[40]*[30]*[10]*12*ICN1*11*1
    NM1*QC*1*ZZPATIENT*MARY****MI*MRN7654321
    NM1*IL*1*ZZPATIENT*JOHN****MI*MRN7654321
    NM1*74*1*ZZPATIENT*MARIE****C*MRN7654321
    N3*1 ZZPATIENT ROAD
    DMG*D8*19510203*F
    REF*SY*987-65-4321
    REF*EA*MRN7654321
    PER*CX*ZZPATIENT*TE*7654321
    SVC*HC:96372[:59]*[40]*[30]**[1]
    DTM*472*[20251201]
    CAS*[PR]*[2]*[10]
    AMT*B6*[40]
    LQ*HE*[N290]
    ";

/// Claims of which each has one element that is misplaced, and a payment with misplaced provider adjustments.
fn body(misplaced: &str) -> String {
    let good = |text: &str| text.replace(['[', ']'], "");
    let mut out = good(CLAIM);
    for (at, _) in CLAIM.match_indices('[') {
        let end = at + CLAIM[at..].find(']').unwrap();
        // A modifier stays one component of its element.
        let colon = if CLAIM[at..].starts_with("[:") { ":" } else { "" };
        out += &good(&format!("{}{colon}{misplaced}{}", &CLAIM[..at], &CLAIM[end..]));
    }
    // A segment that is none, and provider adjustments.
    out + &format!("ZZPATIENT*MARY\nPLB*1999999984*20261231*ZZPATIENT:{misplaced}*{misplaced}*WO:{misplaced}*\n")
}

/// Everything readable in a file.
fn content(name: &str, bytes: &[u8]) -> String {
    if name.ends_with(".parquet") {
        let frame = ParquetReader::new(Cursor::new(bytes)).finish().unwrap();
        let texts = frame.columns().iter().map(|c| c.cast(&DataType::String).unwrap());
        return texts
            .flat_map(|c| c.str().unwrap().iter().flatten().map(|t| format!("{t}\n")).collect::<Vec<_>>())
            .collect();
    }
    if name.ends_with(".xlsx") {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut all = String::new();
        for i in 0..zip.len() {
            std::io::Read::read_to_string(&mut zip.by_index(i).unwrap(), &mut all).unwrap();
        }
        return all;
    }
    String::from_utf8_lossy(bytes).into_owned()
}

/// Markers in texts, each with what stands around it.
fn leaks(what: &str, text: &str) -> Vec<String> {
    let around = |marker: &str, at: usize| {
        let from = text[..at].char_indices().rev().nth(60).map_or(0, |(i, _)| i);
        format!("{what}: …{}", &text[from..at + marker.len()])
    };
    MARKERS
        .iter()
        .flat_map(|m| text.match_indices(m).take(3).map(|(at, _)| around(m, at)).collect::<Vec<_>>())
        .collect()
}

fn streams(what: &str, said: &Said) -> Vec<String> {
    [leaks(&format!("{what}: stdout"), &said.out), leaks(&format!("{what}: stderr"), &said.err)].concat()
}

#[test]
fn no_patient_of_a_remittance_reaches_a_file_or_a_stream() {
    let desk = Desk::new();
    // Findings of one kind are folded into the first: each file has something else in the wrong place.
    let files = ["0.835", "1.835", "2.835", "3.835", "broken.835"];
    for (file, misplaced) in files.iter().zip(MISPLACED) {
        desk.put(file, era(misplaced, &body(misplaced)));
    }
    // It breaks off within a patient's name.
    let whole = era("30", &body("x"));
    desk.put("broken.835", &whole[..whole.rfind("ZZPATIENT*MARY").unwrap() + 5]);
    let project = "title = \"t\"\n[[payer]]\nid = \"P\"\nkind = \"medicare\"\nname = \"Made Up Plan\"\n";
    desk.put("allowable.toml", project);
    let with = |args: &[&'static str]| [&files[..], args].concat();
    let mut found = Vec::new();
    let text = desk.run(&with(&["--out", "out"])).ends(0);
    assert!(text.out.contains("bad-money"), "the bad elements are told: {}", text.out);
    found.extend(streams("remits", &text));
    let json = desk.run(&with(&["--format", "json"])).ends(0);
    found.extend(streams("remits --format json", &json));
    // There was something to leak: each element was found to be wrong.
    let json = json.json();
    for (n, misplaced) in MISPLACED.iter().enumerate() {
        let told = told(&json["files"][n]);
        for element in "CLP03 CLP04 CLP05 SVC01 SVC02 SVC03 SVC05 CAS01 CAS02 CAS03 AMT02 BPR02 PLB04 PLB06".split(' ')
        {
            assert!(told.iter().any(|t| t.ends_with(&format!(" {element}"))), "{misplaced} as {element}: {told:#?}");
        }
    }
    let report = run(desk.path(), &[&["report"], &with(&["--out", "reports"])[..]].concat()).ends(0);
    found.extend(streams("report", &report));
    let check = run(desk.path(), &[&["check"], &with(&["--quarantine", "reports/q.csv"])[..]].concat());
    found.extend(streams("check", &check));
    let written = [tree(&desk.path().join("out")), tree(&desk.path().join("reports"))];
    assert!(written[1].keys().any(|name| name.ends_with("report.json")));
    assert!(written[1].contains_key("q.csv"));
    for (name, bytes) in written.iter().flatten() {
        found.extend(leaks(name, &content(name, bytes)));
    }
    assert!(found.is_empty(), "{} leaks: {:#?}", found.len(), &found[..found.len().min(40)]);
}
