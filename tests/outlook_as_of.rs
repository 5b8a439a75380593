//! A forecast as of an earlier day knows nothing of later days: whatever is served, answered, taken back or decided afterwards, the
//! bytes are the same. That this check can see a leak, the tests of `src/outlook/cut.rs` show.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use allowable::demo;
use allowable::domain::parse_iso_date;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::common::run;

const AS_OF: &str = "2024-12-31";

/// A gzipped table of the demo practice, rewritten row by row: none, one or several rows for each.
fn rewrite(path: &Path, row: impl Fn(&csv::StringRecord, &csv::StringRecord) -> Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(GzDecoder::new(fs::File::open(path).unwrap()));
    let header = reader.headers().unwrap().clone();
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(&header).unwrap();
    for record in reader.records() {
        for row in row(&header, &record.unwrap()) {
            out.write_record(&row).unwrap();
        }
    }
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(&out.into_inner().unwrap()).unwrap();
    fs::write(path, gz.finish().unwrap()).unwrap();
}

fn at(header: &csv::StringRecord, name: &str) -> usize {
    header.iter().position(|h| h == name).unwrap()
}

fn texts(record: &csv::StringRecord) -> Vec<String> {
    record.iter().map(str::to_owned).collect()
}

/// After the day everything turns: of the answers posted later a third never comes, a third denies all, a third pays the whole
/// charge, months later; each service of later days comes five times over, and each claim of earlier days without a later answer
/// is answered by nobody.
fn turn(dir: &Path) {
    rewrite(&dir.join("synthetic_remits.csv.gz"), |header, record| {
        let mut row = texts(record);
        if record.get(at(header, "posted_date")).unwrap() <= AS_OF {
            return vec![row];
        }
        let charge = record.get(at(header, "charge")).unwrap().to_owned();
        let claim: u32 = record.get(0).unwrap()[4..].parse().unwrap();
        match claim % 3 {
            0 => return Vec::new(),
            1 => {
                row[at(header, "claim_status")] = "4".into();
                row[at(header, "paid")] = "0.00".into();
                row[at(header, "adjustments")] = format!("CO-50:{charge}");
            }
            _ => {
                let posted = parse_iso_date(record.get(at(header, "posted_date")).unwrap()).unwrap();
                row[at(header, "posted_date")] = (posted + chrono::Days::new(200)).to_string();
                row[at(header, "paid")] = charge;
                row[at(header, "adjustments")] = String::new();
                row[at(header, "patient_responsibility")] = "0.00".into();
            }
        }
        vec![row]
    });
    rewrite(&dir.join("synthetic_claims.csv.gz"), |header, record| {
        let row = texts(record);
        if record.get(at(header, "service_date")).unwrap() <= AS_OF {
            return vec![row];
        }
        let again = |n: u32| {
            let mut row = row.clone();
            row[0] = format!("{}-{n}", row[0]);
            row
        };
        std::iter::once(row.clone()).chain((0..4).map(again)).collect()
    });
}

#[test]
fn nothing_that_is_known_later_changes_a_byte() {
    let dir = tempfile::tempdir().unwrap();
    let (project, reference) = demo::load().unwrap();
    let made = demo::generate(5000, 11, &reference, &project).unwrap();
    demo::write(&made, dir.path(), false).unwrap();
    // With the backtest and the last closes, whose past forecasts are cut as well.
    let forecast = |format: &str| {
        let args = ["forecast", "--as-of", AS_OF, "--paths", "60", "--horizon", "6", "--by", "payer,state,pos", "--format", format];
        run(dir.path(), &args).ends(0).out
    };
    let (json, csv) = (forecast("json"), forecast("csv"));
    assert!(json.contains("2025-01") && csv.contains("2025-06"));
    turn(dir.path());
    assert!(forecast("json") == json, "something of later days was used");
    assert!(forecast("csv") == csv, "something of later days was used");
    // As of the last day of the files it is another forecast.
    assert_ne!(run(dir.path(), &["forecast", "--no-backtest", "--paths", "20", "--format", "csv"]).ends(0).out, csv);
}
