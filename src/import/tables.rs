//! The project's reference tables: their columns, what one import replaces of an earlier one, and the manifest.
//!
//! A release replaces what was there for its days. So that a part of a file cannot pass for the whole, a table that would lose
//! more than a tenth of its rows is refused, and the rows before and after are told of every table.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Date;
use crate::finding::{Error, Finding, FindingCode, Place, Result};
use crate::reference::shipped_rows;

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

    /// The shipped table that its rows take the place of.
    const fn shipped(self) -> &'static str {
        match self {
            Self::Rvu => "datasets/medicare/rvu.csv",
            Self::Gpci => "datasets/medicare/gpci.csv",
            Self::Factors => "datasets/medicare/conversion_factors.csv",
            Self::Zip => "datasets/medicare/zip_locality.csv.gz",
            Self::Asp => "datasets/medicare/asp_limits.csv",
            Self::Ptp => "datasets/ncci/ptp.csv",
            Self::Mue => "datasets/ncci/mue.csv",
        }
    }

    /// The cells that say what a row is about.
    fn identity(self, row: &[String]) -> Vec<&str> {
        let columns: &[usize] = match self {
            Self::Rvu => &[3, 4],
            Self::Gpci => &[2],
            Self::Factors => &[3],
            Self::Zip | Self::Asp | Self::Mue => &[1],
            Self::Ptp => &[1, 2],
        };
        columns.iter().filter_map(|at| row.get(*at)).map(String::as_str).collect()
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
    /// How many rows of the file could not be read, or contradict each other: they are not among the rows.
    pub left_out: usize,
    /// The rows, in the columns of [`Kind::columns`], sorted.
    pub rows: Vec<Vec<String>>,
}

/// What an import does to the rows of one release's days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which table.
    pub kind: Kind,
    /// The release's [`Release::key`].
    pub key: String,
    /// How many rows held for these days before, those of an earlier import or else the shipped ones.
    pub before: usize,
    /// How many hold now.
    pub after: usize,
    /// How many of them are earlier rows: of rows that could not be read, and of the other parts of the edition.
    pub kept: usize,
}

/// The files of the folder after an import.
#[derive(Debug, Clone, Default)]
pub struct Merged {
    /// Path → bytes, the manifest included.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What happened to each release, in the order of the tables. A release that was refused is not among them.
    pub changes: Vec<Change>,
    /// Why a release was refused, and which parts of an edition are not there.
    pub findings: Vec<Finding>,
}

/// The files of the folder after these releases were imported. `old` gives the bytes of an earlier table by its path. Rows of
/// the same first day, year or quarter are replaced, all others kept; so are the rows of which the release could not be read,
/// and the other parts of an edition of pairs. A release after which a table would have less than nine tenths of its rows is
/// refused, unless `replace` says that it is meant so.
///
/// # Errors
/// When an earlier table or manifest cannot be read: nothing must then be written.
pub fn merge(releases: &[Release], old: &dyn Fn(&str) -> Result<Option<Vec<u8>>>, replace: bool) -> Result<Merged> {
    let mut merged = Merged::default();
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
            Some(bytes) => rows(path, kind.columns(), &bytes)?,
            None => Vec::new(),
        };
        let shipped = shipped_rows(kind.shipped(), kind.columns())?;
        for release in new {
            let entry_key = (path.to_owned(), manifest_key(release));
            let earlier = earlier(release, &table, &shipped);
            let others = manifest.get(&entry_key).filter(|_| kind == Kind::Ptp).map(|entry| entry[4].clone());
            let (own, all) = (parts(&release.source), others.as_deref().map(parts).unwrap_or_default());
            // A part of an edition is laid beside the parts that are there; a new whole takes their place.
            let beside = !own.is_empty() && !all.is_subset(&own);
            let mut kept: Vec<Vec<String>> = Vec::new();
            if release.left_out > 0 || beside {
                let new: BTreeSet<Vec<&str>> = release.rows.iter().map(|row| kind.identity(row)).collect();
                kept.extend(earlier.iter().filter(|row| !new.contains(&kind.identity(row))).map(|row| (*row).clone()));
            }
            if kind == Kind::Ptp {
                // They hold in this edition now; its line in the manifest says how many were kept.
                kept.iter_mut().for_each(|row| row[0].clone_from(&release.key));
            }
            let change = Change {
                kind,
                key: release.key.clone(),
                before: earlier.len(),
                after: release.rows.len() + kept.len(),
                kept: kept.len(),
            };
            let all: BTreeSet<u32> = if beside { own.union(&all).copied().collect() } else { own };
            let lacking = (1..=PARTS).filter(|part| !all.is_empty() && !all.contains(part)).collect::<Vec<_>>();
            if !lacking.is_empty() {
                merged.findings.push(parts_missing(release, &lacking));
            }
            let usual = usual(release, &earlier, &table, &shipped);
            if !replace && kind != Kind::Factors && change.after * 10 < usual * 9 {
                merged.findings.push(shrinks(release, change.after, usual, earlier.is_empty()));
                continue;
            }
            let mut entry = [
                String::new(),
                release.release.clone(),
                change.after.to_string(),
                release.released.clone(),
                release.source.clone(),
                release.source_sha256.clone(),
                release.note.clone(),
            ];
            if let Some(other) = manifest.get(&entry_key).filter(|_| beside) {
                for (at, text) in [(4, &other[4]), (5, &other[5])] {
                    entry[at] = joined(text, &entry[at]);
                }
            } else if !kept.is_empty() {
                let note = format!("rows not read: {}, earlier rows kept: {}", release.left_out, kept.len());
                entry[6] = if entry[6].is_empty() { note } else { format!("{}; {note}", entry[6]) };
            }
            if kind.stands_alone() {
                table.clear();
                manifest.retain(|(other, _), _| other != path);
            } else {
                // Two factors may begin on one day, for two kinds of participants.
                let same = |row: &Vec<String>| {
                    row[0] == release.key && (kind != Kind::Factors || release.rows.iter().any(|own| own[3] == row[3]))
                };
                table.retain(|row| !same(row));
            }
            table.extend(release.rows.iter().cloned());
            table.extend(kept);
            manifest.insert(entry_key, entry);
            merged.changes.push(change);
        }
        if merged.changes.iter().any(|change| change.kind == kind) {
            table.sort();
            table.dedup();
            merged.files.insert(path.to_owned(), csv_bytes(kind.columns(), &table)?);
        }
    }
    let mut list = Vec::new();
    for ((path, key), [_, release, count, released, source, hash, note]) in manifest {
        let bytes = match merged.files.get(&path) {
            Some(bytes) => Some(bytes.clone()),
            None => old(&path)?,
        };
        let sum = bytes.map(|bytes| sha256(&bytes)).unwrap_or_default();
        list.push(vec![path, sum, release, key, count, released, source, hash, note]);
    }
    if !merged.files.is_empty() {
        merged.files.insert(MANIFEST.to_owned(), csv_bytes(&MANIFEST_COLUMNS, &list)?);
    }
    Ok(merged)
}

/// CMS publishes the pairs of an edition in this many files.
const PARTS: u32 = 4;

/// The parts of an edition that files are: `ccipra-v312r0-f2.txt` is the second.
fn parts(sources: &str) -> BTreeSet<u32> {
    let lower = sources.to_ascii_lowercase();
    let numbers = lower.split("; ").filter_map(|source| {
        let (_, number) = source.rsplit('/').next()?.split_once("-f")?;
        number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    });
    numbers.filter(|part| (1..=PARTS).contains(part)).collect()
}

/// Two lists with semicolons as one, each thing once.
fn joined(a: &str, b: &str) -> String {
    let all: BTreeSet<&str> = a.split("; ").chain(b.split("; ")).filter(|text| !text.is_empty()).collect();
    all.into_iter().collect::<Vec<_>>().join("; ")
}

/// The rows that hold for the days of the release before it is imported: those of an earlier import, or else the shipped ones.
fn earlier<'a>(release: &Release, table: &'a [Vec<String>], shipped: &'a [Vec<String>]) -> Vec<&'a Vec<String>> {
    let same = |row: &&Vec<String>| release.kind.stands_alone() || row[0] == release.key;
    let own: Vec<_> = table.iter().filter(same).collect();
    if own.is_empty() { shipped.iter().filter(same).collect() } else { own }
}

/// How many rows such a release has: those of the same days, or else those of the nearest ones.
fn usual(release: &Release, earlier: &[&Vec<String>], table: &[Vec<String>], shipped: &[Vec<String>]) -> usize {
    if !earlier.is_empty() {
        return earlier.len();
    }
    let rows = if table.is_empty() { shipped } else { table };
    let keys: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let before = keys.range(..release.key.as_str()).next_back();
    let nearest = before.or_else(|| keys.first());
    rows.iter().filter(|row| nearest.is_some_and(|key| row[0] == *key)).count()
}

/// The finding that a table would lose rows.
fn shrinks(release: &Release, after: usize, usual: usize, of_neighbour: bool) -> Finding {
    let which = if of_neighbour { "the release before it" } else { "the table of these days" };
    let found = format!("{} from {} has {after} rows, {which} {usual}", release.release, release.key);
    Finding::new(FindingCode::ImportShrinks, Place::file(&release.source), found)
}

/// The finding that parts of an edition are not there.
fn parts_missing(release: &Release, lacking: &[u32]) -> Finding {
    let list: Vec<String> = lacking.iter().map(|part| format!("f{part}")).collect();
    let found = format!("of {} the parts {} are not there", release.release, list.join(", "));
    Finding::new(FindingCode::ImportPartsMissing, Place::file(&release.source), found)
}

/// What tells two releases of one table apart.
fn manifest_key(release: &Release) -> String {
    match (release.kind, release.rows.first()) {
        (Kind::Factors, Some(row)) if row[3] != "all" => format!("{} apm {}", release.key, row[3]),
        _ => release.key.clone(),
    }
}

/// The rows of one of our tables, in these columns.
pub(super) fn rows(path: &str, columns: &[&str], bytes: &[u8]) -> Result<Vec<Vec<String>>> {
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

/// A table of ours as CSV.
pub(super) fn csv_bytes(columns: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>> {
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
