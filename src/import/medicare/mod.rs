//! CMS release files → reference tables. Each table has a module of its own; here it is found out which one a sheet is.

mod asp;
mod compare;
mod dates;
mod gpci;
mod ncci;
mod rvu;
mod zip5;

pub(super) use zip5::fixed_lines as fixed_zip_lines;

use std::collections::BTreeMap;

use crate::domain::{Code, Date};
use crate::finding::{Finding, FindingCode, Findings, Place};
use crate::reference::Medicare;

use super::grid::{Grid, Line};
use super::header::{self, Header, Layout};
use super::source;
use super::tables::{Kind, Release};

/// What the user says of the files, and what is known already.
#[derive(Debug)]
pub struct MedicareOptions<'a> {
    /// The year the release is for; files of another year are refused.
    pub year: Option<i32>,
    /// The first day for which the release holds, where the files do not tell or the user knows better.
    pub from: Option<Date>,
    /// Keeps only NCCI pairs that name one of these codes; `None` keeps all (about two million).
    pub pairs_of: Option<&'a [Code]>,
    /// The shipped tables, to compare conversion factors with.
    pub known: &'a Medicare,
}

/// The table a sheet turned out to be.
type Read = fn(&Sheet<'_>, &MedicareOptions<'_>, &mut Vec<Finding>) -> Option<Release>;

/// A sheet with its header.
struct Sheet<'a> {
    grid: &'a Grid,
    layout: &'static Layout,
    header: Header,
}

/// The layouts, a word of their files' names, and who reads them.
const LAYOUTS: [(&Layout, &str, Read); 6] = [
    (&rvu::LAYOUT, "pprrvu", rvu::read),
    (&gpci::LAYOUT, "gpci", gpci::read),
    (&zip5::LAYOUT, "zip5", zip5::read),
    (&asp::LAYOUT, "asp pricing file", asp::read),
    (&ncci::PTP, "ccipra", ncci::ptp),
    (&ncci::MUE, "mue_practitioner", ncci::mue),
];

/// Reads files as CMS publishes them: archives, CSV, spreadsheets and text. What is wrong is said; a table with a wrong or
/// unknown header gives no release at all.
#[must_use]
pub fn medicare(files: &[(String, Vec<u8>)], options: &MedicareOptions<'_>) -> (Vec<Release>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut releases = Vec::new();
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (name, bytes) in files {
        let grids = source::grids(name, bytes, &mut findings);
        if let Some(hash) = grids.first().map(|grid| grid.given.1.clone())
            && let Some(other) = seen.insert(hash, name)
        {
            let found = format!("it is the same as {other}");
            findings.push(Finding::new(FindingCode::DuplicateFile, Place::file(name), found));
            continue;
        }
        let mut recognised = false;
        let mut passed = Vec::new();
        for grid in &grids {
            match recognise(grid) {
                Some((sheet, read)) => {
                    recognised = true;
                    if sheet.header.check(sheet.layout, grid, &mut findings)
                        && compare::words_are_words(&sheet, &mut findings)
                    {
                        let said = findings.len();
                        let release = read(&sheet, options, &mut findings);
                        let left_out = findings[said..].iter().filter(|f| LEFT_OUT.contains(&f.code)).count();
                        releases.extend(release.map(|release| Release { left_out, ..release }));
                    }
                }
                None => passed.push(&grid.name),
            }
        }
        for name in passed {
            let (code, found) = if recognised {
                (FindingCode::FilePassedOver, "no table that is imported")
            } else {
                (FindingCode::ImportNotRecognised, "no header of a known release")
            };
            let finding = Finding::new(code, Place::file(name), found);
            findings.push(if recognised { finding.help("nothing, if it is no table that you need") } else { finding });
        }
    }
    let releases = joined(rvu::with_factors(releases), &mut findings);
    let mut folded = Findings::default();
    for finding in findings {
        // Every faulty row has to be found.
        if matches!(finding.code, FindingCode::ImportRowBad | FindingCode::ImportDuplicate) {
            folded.push_apart(finding);
        } else {
            folded.push(finding);
        }
    }
    (releases, folded.into_sorted())
}

/// Findings after which a row of a release is not among its rows.
const LEFT_OUT: [FindingCode; 3] =
    [FindingCode::ImportRowBad, FindingCode::ImportDuplicate, FindingCode::TruncatedFile];

/// Which table the sheet is: the layout of which it has the most, and at least half; or the one its file is named after.
fn recognise(grid: &Grid) -> Option<(Sheet<'_>, Read)> {
    let name = grid.file_name().to_lowercase();
    let mut best: Option<(usize, usize, Sheet<'_>, Read)> = None;
    for (layout, word_of_name, read) in LAYOUTS {
        let Some(header) = header::find(grid, layout) else { continue };
        let needed = layout.columns.iter().filter(|column| column.needed).count();
        let score = header.score(layout);
        let named = name.contains(word_of_name);
        if (score * 2 < needed || score < 3) && !named {
            continue;
        }
        // Parts of a hundred, so that a small table does not lose against a large one of which some headers fit.
        let share = score * 100 / needed;
        if best.as_ref().is_none_or(|(most, of, ..)| (share, score) > (*most, *of)) {
            best = Some((share, score, Sheet { grid, layout, header }, read));
        }
    }
    best.map(|(_, _, sheet, read)| (sheet, read))
}

impl Sheet<'_> {
    /// The rows below the header; a line that breaks off is left out and named.
    fn rows(&self, findings: &mut Vec<Finding>) -> impl Iterator<Item = Row<'_>> {
        let mut lines = &self.grid.lines[self.header.at + 1..];
        let last_needed = self.layout.columns.iter().zip(&self.header.places).filter(|(c, _)| c.needed);
        let least = last_needed.filter_map(|(_, at)| *at).max().map_or(0, |at| at + 1);
        if let Some((last, before)) = lines.split_last()
            && self.grid.cut_off
            && last.cells.len() < least.max(before.last().map_or(0, |line| line.cells.len()))
            && last.filled() > 1
        {
            let found = "the last line has fewer cells than the others, and no end: it was left out";
            findings.push(Finding::new(FindingCode::TruncatedFile, Place::line(&self.grid.name, last.number), found));
            lines = before;
        }
        lines.iter().map(move |line| Row { sheet: self, line })
    }

    /// The text above the header: titles and notes.
    fn title(&self) -> String {
        let lines = &self.grid.lines[..=self.header.at];
        let cells = lines.iter().filter(|line| line.filled() < 3).flat_map(|line| &line.cells);
        cells.filter(|cell| !cell.is_empty()).cloned().collect::<Vec<_>>().join("\n")
    }

    /// A finding at the header.
    fn finding(&self, code: FindingCode, found: impl Into<String>) -> Finding {
        // The header of the fixed-width file is ours and stands on no line.
        let place = match self.header.line {
            0 => Place::file(&self.grid.name),
            line => Place::line(&self.grid.name, line),
        };
        Finding::new(code, place, found)
    }

    /// Says that most rows do not fit the header, with the first of them: the table must then not be used.
    fn shifted(&self, faults: Vec<Finding>, good: usize, findings: &mut Vec<Finding>) {
        let (bad, all) = (faults.len(), faults.len() + good);
        let found = format!(
            "{}: {bad} of {all} rows do not fit the header; nothing was imported from the table",
            self.layout.what
        );
        let expected = "figures that stand under their own headers";
        findings.push(self.finding(FindingCode::ImportShifted, found).expected(expected));
        findings.extend(faults.into_iter().next());
    }

    /// A release of this sheet without rows.
    fn release(&self, kind: Kind, key: String, release: String, from: Date) -> Release {
        let (_, source_sha256) = self.grid.given.clone();
        let source = self.grid.name.clone();
        let (released, note) = (String::new(), String::new());
        Release { kind, key, release, from, released, source, source_sha256, note, left_out: 0, rows: Vec::new() }
    }
}

/// One row of a sheet.
#[derive(Clone, Copy)]
struct Row<'a> {
    sheet: &'a Sheet<'a>,
    line: &'a Line,
}

impl<'a> Row<'a> {
    /// The cell of a column; empty when the sheet has no such column.
    fn cell(&self, column: &str) -> &'a str {
        self.sheet.header.place(self.sheet.layout, column).map_or("", |at| self.line.cell(at))
    }

    /// Whether cells beyond the last header hold something: the row is not the header's.
    fn runs_over(&self) -> bool {
        self.line.cells.iter().skip(self.sheet.header.width).any(|cell| !cell.is_empty())
    }

    /// The finding that an earlier row says something else of the same thing: neither is taken.
    fn contradicts(&self, column: &str, found: String) -> Finding {
        let place = Place::line(&self.sheet.grid.name, self.line.number).column(column);
        Finding::new(FindingCode::ImportDuplicate, place, found)
    }

    /// The finding that a cell of this row cannot be read: what the row is about, and the cell.
    fn bad(&self, column: &str, expected: &str) -> Finding {
        let place = Place::line(&self.sheet.grid.name, self.line.number).column(column);
        let about: Vec<&str> = self.sheet.layout.key.iter().map(|key| self.cell(key)).collect();
        let cell: String = self.cell(column).chars().take(40).collect();
        let found = format!("{}, {}: found \"{cell}\"", self.sheet.layout.what, about.join(" ").trim_end());
        Finding::new(FindingCode::ImportRowBad, place, found).expected(expected)
    }
}

/// Free text of other people for our tables: one line, and never the beginning of a formula.
fn plain(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_start_matches(['=', '+', '-', '@']).trim_start().to_owned()
}

/// Joins the parts of one edition; two files with different rows for the same days give neither.
fn joined(releases: Vec<Release>, findings: &mut Vec<Finding>) -> Vec<Release> {
    let mut by_key: BTreeMap<(Kind, String, String), Vec<Release>> = BTreeMap::new();
    for release in releases {
        let apm = if release.kind == Kind::Factors { release.rows[0][3].clone() } else { String::new() };
        by_key.entry((release.kind, release.key.clone(), apm)).or_default().push(release);
    }
    let mut kept: Vec<Release> = Vec::new();
    for ((kind, ..), mut group) in by_key {
        let Some(mut first) = group.pop() else { continue };
        group.reverse();
        if kind == Kind::Ptp {
            for other in group {
                first.rows.extend(other.rows);
                first.source = format!("{}; {}", other.source, first.source);
                first.source_sha256 = format!("{}; {}", other.source_sha256, first.source_sha256);
                first.left_out += other.left_out;
            }
            first.rows.sort();
            first.rows.dedup();
            kept.push(first);
        } else if group.iter().all(|other| other.rows == first.rows) {
            kept.push(first);
        } else {
            let others: Vec<&str> = group.iter().map(|other| other.source.as_str()).collect();
            let found =
                format!("{} gives other figures from {} on; neither was imported", others.join(", "), first.key);
            findings.push(Finding::new(FindingCode::ImportOverlap, Place::file(&first.source), found));
        }
    }
    // Of a table of which only one edition is kept, the latest.
    for kind in [Kind::Zip, Kind::Ptp, Kind::Mue] {
        let latest = kept.iter().filter(|r| r.kind == kind).map(|r| r.key.clone()).max();
        kept.retain(|release| {
            let keep = release.kind != kind || Some(&release.key) == latest.as_ref();
            if !keep {
                let found = format!(
                    "the edition of {} is kept, this one of {} is not",
                    latest.clone().unwrap_or_default(),
                    release.key
                );
                let finding = Finding::new(FindingCode::FilePassedOver, Place::file(&release.source), found);
                findings.push(finding.help("nothing; one edition of the table is kept, the latest"));
            }
            keep
        });
    }
    kept
}
