//! `datasets/MANIFEST.csv` lists every file, and every file is what the manifest says.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

fn listed() -> BTreeMap<String, BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path("datasets/MANIFEST.csv").unwrap();
    let header = reader.headers().unwrap().clone();
    let mut files = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let row: BTreeMap<String, String> =
            header.iter().zip(record.iter()).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect();
        let path = row["path"].clone();
        assert!(files.insert(path.clone(), row).is_none(), "{path} is listed twice");
    }
    files
}

fn present(dir: &Path, out: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            present(&path, out);
        } else {
            out.push(path.to_str().unwrap().replace('\\', "/"));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn every_file_is_listed_and_every_listed_file_is_there() {
    let listed = listed();
    let mut files = Vec::new();
    present(Path::new("datasets"), &mut files);
    files.retain(|path| path != "datasets/MANIFEST.csv" && path != "datasets/README.md");
    for path in &files {
        let hash = hex(&Sha256::digest(fs::read(path).unwrap()));
        assert!(listed.contains_key(path), "datasets/MANIFEST.csv lacks {path} (sha256 {hash})");
    }
    for path in listed.keys() {
        assert!(Path::new(path).is_file(), "{path} is listed, but not there");
    }
}

#[test]
fn hashes_rows_and_kinds_are_right() {
    for (path, row) in listed() {
        let bytes = fs::read(&path).unwrap();
        assert_eq!(hex(&Sha256::digest(&bytes)), row["sha256"], "{path} has changed: is the manifest still true?");
        assert!(
            ["published", "observed", "estimated", "synthetic", "own"].contains(&row["kind"].as_str()),
            "{path}: {}",
            row["kind"]
        );
        for needed in ["what", "source", "retrieved", "licence"] {
            assert!(!row[needed].is_empty(), "{path}: {needed} is empty");
        }
        if row["rows"].is_empty() {
            continue;
        }
        let mut text = Vec::new();
        if path.ends_with(".gz") {
            flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut text).unwrap();
            assert_eq!(bytes[4..8], [0; 4], "{path}: a time stamp makes the file differ from build to build");
        } else {
            text = bytes;
        }
        let rows = csv::Reader::from_reader(&text[..]).into_records().collect::<Result<Vec<_>, _>>().unwrap().len();
        assert_eq!(rows.to_string(), row["rows"], "{path}");
    }
}

#[test]
fn the_limits_of_the_medicare_figures_are_said() {
    let listed = listed();
    let limits = |path: &str| listed[path]["limits"].clone();
    assert!(limits("datasets/medicare/rvu.csv").contains("2019 has only RVU19D and only RVUs"));
    assert!(limits("datasets/medicare/rvu.csv").contains("RVU25D stands for the whole of 2025"));
    assert!(limits("datasets/medicare/rvu.csv").contains("spot-checked on 12 codes"));
    assert!(limits("datasets/medicare/gpci.csv").contains("transcribed (99 localities re-checked)"));
    assert!(limits("datasets/medicare/gpci.csv").contains("without the floor is not available"));
    assert!(limits("datasets/medicare/gpci.csv").contains("January file is kept"));
}
