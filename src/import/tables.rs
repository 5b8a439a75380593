//! The project's reference tables: their columns, what one import replaces of an earlier one, and the manifest.

use std::collections::BTreeMap;

use crate::domain::Date;
use crate::finding::{Error, Place, Result};

use super::sha256;

/// The name of the manifest in the folder of the tables.
pub const MANIFEST: &str = "MANIFEST.csv";

const MANIFEST_COLUMNS: [&str; 9] =
    ["path", "sha256", "release", "key", "rows", "released", "source", "source_sha256", "note"];

/// A reference table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Relative values by release, code and modifier.
    Rvu,
    /// Geographic indices by year and locality.
    Gpci,
    /// Dollars per relative value.
    Factors,
    /// ZIP code to locality.
    Zip,
    /// Drug payment limits by quarter.
    Asp,
    /// Pairs of codes that are not paid together.
    Ptp,
    /// The most plausible units.
    Mue,
}

impl Kind {
    /// All tables.
    pub const ALL: [Self; 7] = [Self::Rvu, Self::Gpci, Self::Factors, Self::Zip, Self::Asp, Self::Ptp, Self::Mue];

    /// Its path below the folder of the project's tables.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Rvu => "medicare/rvu.csv",
            Self::Gpci => "medicare/gpci.csv",
            Self::Factors => "medicare/conversion_factors.csv",
            Self::Zip => "medicare/zip_locality.csv",
            Self::Asp => "medicare/asp_limits.csv",
            Self::Ptp => "ncci/ptp.csv",
            Self::Mue => "ncci/mue.csv",
        }
    }

    /// Its columns.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Rvu => &[
                "effective_from",
                "year",
                "release",
                "code",
                "mod",
                "status",
                "work",
                "nf_pe",
                "fac_pe",
                "mp",
                "nf_na",
                "fac_na",
                "pctc",
                "global",
                "opps_nf_pe",
                "opps_fac_pe",
                "opps_mp",
            ],
            Self::Gpci => &["year", "release", "locality", "state", "name", "work", "pe", "mp"],
            Self::Factors => &["from", "to", "factor", "apm"],
            Self::Zip => &["edition", "zip", "locality", "state", "plus4"],
            Self::Asp => &["quarter", "code", "dosage_unit", "limit", "coinsurance_percent", "note"],
            Self::Ptp => &["edition", "column1", "column2", "indicator", "from", "until"],
            Self::Mue => &["edition", "code", "units", "mai", "rationale"],
        }
    }

    /// Whether an import replaces the whole table, not only the rows of its own days.
    #[must_use]
    pub const fn stands_alone(self) -> bool {
        matches!(self, Self::Zip | Self::Ptp | Self::Mue)
    }
}

/// The rows that one file of a release gives to one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Which table.
    pub kind: Kind,
    /// The value of the table's first column that all rows have: the first day, or the year.
    pub key: String,
    /// The name of the release (`RVU24A`).
    pub release: String,
    /// The first day for which it holds.
    pub from: Date,
    /// The day on which it was released, as the file says; empty when it does not.
    pub released: String,
    /// The file it was read from, and the SHA-256 of the file the user gave.
    pub source: String,
    /// Hexadecimal.
    pub source_sha256: String,
    /// What the reader must know.
    pub note: String,
    /// The rows, in the columns of [`Kind::columns`], sorted.
    pub rows: Vec<Vec<String>>,
}

/// The files of the folder after these releases were imported: path → bytes, the manifest included. `old` gives the bytes of
/// an earlier table by its path. Rows of the same first day, year or quarter are replaced, all others kept.
///
/// # Errors
/// When an earlier table or manifest cannot be read: nothing must then be written.
pub fn merge(releases: &[Release], old: &dyn Fn(&str) -> Result<Option<Vec<u8>>>) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut manifest: BTreeMap<(String, String), [String; 7]> = BTreeMap::new();
    if let Some(bytes) = old(MANIFEST)? {
        for row in rows(MANIFEST, &MANIFEST_COLUMNS, &bytes)? {
            let [path, _, release, key, count, released, source, hash, note] =
                <[String; 9]>::try_from(row).map_err(|_| Error::input("not a manifest").at(Place::file(MANIFEST)))?;
            manifest.insert((path, key), [String::new(), release, count, released, source, hash, note]);
        }
    }
    for kind in Kind::ALL {
        let new: Vec<&Release> = releases.iter().filter(|release| release.kind == kind).collect();
        if new.is_empty() {
            continue;
        }
        let path = kind.path();
        let mut table = match old(path)? {
            Some(bytes) if !kind.stands_alone() => rows(path, kind.columns(), &bytes)?,
            _ => Vec::new(),
        };
        if kind.stands_alone() {
            manifest.retain(|(other, _), _| other != path);
        }
        for release in &new {
            // Two factors may begin on one day, for two kinds of participants.
            let same = |row: &Vec<String>| {
                row[0] == release.key && (kind != Kind::Factors || release.rows.iter().any(|own| own[3] == row[3]))
            };
            table.retain(|row| !same(row));
        }
        for release in &new {
            table.extend(release.rows.iter().cloned());
            let entry = [
                String::new(),
                release.release.clone(),
                release.rows.len().to_string(),
                release.released.clone(),
                release.source.clone(),
                release.source_sha256.clone(),
                release.note.clone(),
            ];
            manifest.insert((path.to_owned(), manifest_key(release)), entry);
        }
        table.sort();
        table.dedup();
        files.insert(path.to_owned(), csv_bytes(kind.columns(), &table)?);
    }
    let mut list = Vec::new();
    for ((path, key), [_, release, count, released, source, hash, note]) in manifest {
        let bytes = match files.get(&path) {
            Some(bytes) => Some(bytes.clone()),
            None => old(&path)?,
        };
        let sum = bytes.map(|bytes| sha256(&bytes)).unwrap_or_default();
        list.push(vec![path, sum, release, key, count, released, source, hash, note]);
    }
    files.insert(MANIFEST.to_owned(), csv_bytes(&MANIFEST_COLUMNS, &list)?);
    Ok(files)
}

/// What tells two releases of one table apart.
fn manifest_key(release: &Release) -> String {
    match (release.kind, release.rows.first()) {
        (Kind::Factors, Some(row)) if row[3] != "all" => format!("{} apm {}", release.key, row[3]),
        _ => release.key.clone(),
    }
}

/// The rows of one of our tables, in these columns.
fn rows(path: &str, columns: &[&str], bytes: &[u8]) -> Result<Vec<Vec<String>>> {
    let place = |line| Place::line(path, line);
    let help = "delete the file and import its releases again";
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let header =
        reader.headers().map_err(|e| Error::input("not a table of an import").at(place(1)).because(e).help(help))?;
    if !header.iter().eq(columns.iter().copied()) {
        return Err(Error::input("the columns are not those of an import").at(place(1)).help(help));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record =
            record.map_err(|e| Error::input("not a table of an import").at(Place::file(path)).because(e).help(help))?;
        rows.push(record.iter().map(str::to_owned).collect());
    }
    Ok(rows)
}

fn csv_bytes(columns: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>> {
    let failed = |e: csv::Error| Error::output("the table could not be written as CSV").because(e);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).map_err(failed)?;
    for row in rows {
        writer.write_record(row).map_err(failed)?;
    }
    writer.into_inner().map_err(|e| Error::output("the table could not be written").because(e.into_error()))
}

/// A row of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Installed {
    pub(super) path: String,
    pub(super) sha256: String,
    pub(super) release: String,
    pub(super) key: String,
}

/// The rows of a manifest.
pub(super) fn installed(manifest: &[u8]) -> Result<Vec<Installed>> {
    let rows = rows(MANIFEST, &MANIFEST_COLUMNS, manifest)?;
    let entry = |row: Vec<String>| {
        let [path, sha256, release, key, ..] = <[String; 9]>::try_from(row).ok()?;
        Some(Installed { path, sha256, release, key })
    };
    Ok(rows.into_iter().filter_map(entry).collect())
}
