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
    let made = demo::generate(4000, 11, &reference, &project).unwrap();
    demo::write(&made, dir.path(), false).unwrap();
    let forecast = |more: &[&str]| {
        let always = ["forecast", "--as-of", AS_OF, "--paths", "20", "--horizon", "3", "--by", "payer,state,pos"];
        run(dir.path(), &[&always, more].concat()).ends(0).out
    };
    // With the backtest and the last closes, whose past forecasts are cut as well; and every group and measure by itself.
    let asked: [&[&str]; 2] = [&["--format", "json"], &["--no-backtest", "--format", "csv"]];
    let [json, csv] = asked.map(forecast);
    assert!(json.contains("2025-01") && csv.contains("2025-03"));
    turn(dir.path());
    assert!(forecast(asked[0]) == json && forecast(asked[1]) == csv, "something of later days was used");
    // As of the last day of the files it is another forecast.
    assert_ne!(run(dir.path(), &["forecast", "--no-backtest", "--paths", "20", "--format", "csv"]).ends(0).out, csv);
}

/// The columns of the utilisation file of Medicare's 96372 by year, with its figures of services and payments.
const UTILISATION: &str = "year,services,medicare_payments,avg_payment,national_total_rvu,cf,source
2014,8009834,138514961.15,17.2931,,,CMS
2015,8083510,141237258.48,17.4723,,,CMS
2016,8324224,143403668.61,17.2273,,,CMS
2017,8473003,146603974.84,17.3025,,,CMS
2018,8298349,116468879.43,14.0352,,,CMS
2019,8343627,96780557.86,11.5993,0.47,36.0391,CMS
2020,6552961,64818217.92,9.8914,0.4,36.0896,CMS
2021,6701322,68156453.91,10.1706,0.41,34.8931,CMS
2022,6386619,64314958.7,10.0703,0.42,34.6062,CMS
2023,6021379,59238778.05,9.8381,0.42,33.8872,CMS
";

#[test]
fn yearly_volumes_show_their_breaks_and_how_little_ten_points_support() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("util_96372_national.csv"), UTILISATION).unwrap();
    fs::copy("datasets/medicare/volumes_96372_national.csv", dir.path().join("volumes.csv")).unwrap();
    let asked: [&[&str]; 4] = [
        &["--series", "util_96372_national.csv"],
        &["util_96372_national.csv"],
        &["--series", "volumes.csv"],
        &["volumes.csv"],
    ];
    for args in asked {
        let said = run(dir.path(), &[&["forecast", "--level", "95", "--format", "json"], args].concat()).ends(0).json();
        let (history, ahead) = (&said["sections"][0], &said["sections"][1]);
        let title = history["title"].as_str().unwrap();
        assert!(title.contains("paid per unit in 2018") && title.contains("units in 2020"), "{title}");
        // 4,748,646 and 7,166,096 (see below), in words.
        let wide = "10 yearly points support only a wide band: 4.7 to 7.2 million units in 2024 (95%)";
        assert_eq!(ahead["title"], wide);
        assert!(ahead["notes"][0].as_str().unwrap().contains("their 9 changes by themselves allow at most 80 %"));
        // The next year by hand (see `tests/coherence.rs`): 4.75 to 7.17 million around 5.83.
        let row = ahead["table"]["rows"][0].to_string().replace(['"', ' '], "");
        assert!(row.starts_with("[2024,58") && row.contains(",47") && row.contains(",71"), "{row}");
    }
    // A cell that is no number is named.
    fs::write(dir.path().join("bad.csv"), UTILISATION.replace("8298349", "many")).unwrap();
    let said = run(dir.path(), &["forecast", "--series", "bad.csv"]);
    assert!(said.code != Some(0) && said.err.contains("bad.csv:6, column \"services\""), "{}", said.err);
}
