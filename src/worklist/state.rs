//! What was done so far: a CSV file that the user keeps, one row per claim line, read and written whole.
//!
//! Nothing of the user's is ever lost: rows that cannot be read, rows of claims that are not in the files, and columns of the
//! user's own stay as they are.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::domain::{Date, Money, parse_iso_date, round_cents};
use crate::finding::{Error, Finding, FindingCode, Findings, Place, Result};

/// What was done about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Status {
    /// Nothing yet.
    #[default]
    ToDo,
    /// Somebody is at it.
    InWork,
    /// An appeal or dispute was sent.
    Appealed,
    /// A corrected claim was sent.
    Corrected,
    /// Given up.
    WrittenOff,
    /// Paid in the end.
    Recovered,
}

impl Status {
    /// All, in the order of the list that the workbook offers.
    pub const ALL: &'static [Self] =
        &[Self::ToDo, Self::InWork, Self::Appealed, Self::Corrected, Self::WrittenOff, Self::Recovered];

    /// The words of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ToDo => "to do",
            Self::InWork => "in work",
            Self::Appealed => "appealed",
            Self::Corrected => "corrected",
            Self::WrittenOff => "written off",
            Self::Recovered => "recovered",
        }
    }

    /// The status that a cell names; blank is `to do`.
    #[must_use]
    pub fn read(cell: &str) -> Option<Self> {
        let words = cell.trim().to_lowercase().replace(['-', '_'], " ");
        if words.is_empty() || words == "todo" {
            return Some(Self::ToDo);
        }
        Self::ALL.iter().copied().find(|status| status.as_str() == words)
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Our columns, in the order in which they are written.
pub(super) const COLUMNS: [&str; 9] =
    ["claim_id", "line_number", "status", "worked_on", "amount", "allowed", "recovered_amount", "recovered_on", "note"];

/// The columns without which a file is no state: claim, line, status.
const NEEDED: usize = 3;

/// What is kept of one claim line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// What was done.
    pub status: Status,
    /// When.
    pub worked_on: Option<Date>,
    /// What was missing when the line was last listed.
    pub amount: Option<Money>,
    /// What was allowed when the line was last listed.
    pub allowed: Option<Money>,
    /// What later answers have brought since it was first listed.
    pub recovered: Option<Money>,
    /// The day of the last of these answers.
    pub recovered_on: Option<Date>,
    /// The user's note.
    pub note: String,
}

/// A claim number and a line of it.
pub(super) type LineKey = (String, u32);

/// One row.
#[derive(Debug, Clone)]
enum Row {
    /// Read, with the cells of the user's own columns.
    Read { key: LineKey, line: u32, entry: Entry, own: Vec<String> },
    /// Kept as it stands: our cells, then the others.
    Kept(Vec<String>),
}

/// The rows of the state file.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The file, for findings.
    name: String,
    /// The headers of the user's own columns.
    own: Vec<String>,
    rows: Vec<Row>,
}

impl State {
    /// Reads a state file; `name` is said in findings. A row that cannot be read is a finding and kept.
    ///
    /// # Errors
    /// When the file is no state file at all: it has no columns `claim_id`, `line_number` and `status`.
    pub fn read(name: &str, bytes: &[u8], findings: &mut Findings) -> Result<Self> {
        let text = text(bytes);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter(&text))
            .from_reader(text.as_bytes());
        let bad = |e: csv::Error| Error::input("the state file cannot be read").at(Place::file(name)).because(e);
        let mut records = Vec::new();
        for record in reader.records() {
            records.push(record.map_err(bad)?);
        }
        let mut state = Self { name: name.to_owned(), ..Self::default() };
        let Some((header, rows)) = records.split_first() else { return Ok(state) };
        let columns: Vec<Option<usize>> = COLUMNS.map(|c| header.iter().position(|h| named(h, c))).to_vec();
        if let Some(missing) = columns.iter().take(NEEDED).position(Option::is_none) {
            return Err(Error::input(format!("the state file has no column \"{}\"", COLUMNS[missing]))
                .at(Place::line(name, 1))
                .help(format!("its first row must be {}", COLUMNS.join(","))));
        }
        let others: Vec<usize> = (0..header.len()).filter(|i| !columns.contains(&Some(*i))).collect();
        state.own = others.iter().map(|i| header[*i].to_owned()).collect();
        for record in rows {
            let line = record.position().and_then(|p| u32::try_from(p.line()).ok()).unwrap_or(0);
            let cell = |i: usize| record.get(i).unwrap_or_default();
            let ours: Vec<&str> = columns.iter().map(|i| i.map_or("", cell)).collect();
            // Cells beyond the header belong to no column; they are kept behind the others.
            let beyond = (header.len()..record.len()).map(|i| cell(i).to_owned());
            let own: Vec<String> = others.iter().map(|i| cell(*i).to_owned()).chain(beyond).collect();
            if ours.iter().all(|c| c.trim().is_empty()) && own.iter().all(|c| c.trim().is_empty()) {
                continue;
            }
            match entry(&ours) {
                Ok((key, entry)) => state.rows.push(Row::Read { key, line, entry, own }),
                Err((column, expected)) => {
                    let place = Place::line(name, line).column(COLUMNS[column]);
                    // Notes and claim numbers are not repeated: a cell may hold anything.
                    let found = "a cell that cannot be read";
                    findings.push(Finding::new(FindingCode::WorkStateBad, place, found).expected(expected));
                    state.rows.push(Row::Kept(ours.into_iter().map(str::to_owned).chain(own).collect()));
                }
            }
        }
        state.settle_repeats(findings);
        Ok(state)
    }

    /// Takes over statuses, days and notes from the sheet Lines of a workbook, saved as CSV. Lines above its header and rows
    /// without status are passed over.
    ///
    /// # Errors
    /// When no row holds the headers Claim, Line and Status.
    pub fn take_over(&mut self, name: &str, bytes: &[u8], findings: &mut Findings) -> Result<()> {
        let text = text(bytes);
        if self.name.is_empty() {
            name.clone_into(&mut self.name);
        }
        // The title above the header has no delimiter of its own.
        let header = text.lines().find(|l| l.contains("Status") || l.contains("status")).unwrap_or_default();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter(header))
            .from_reader(text.as_bytes());
        let bad = |e: csv::Error| Error::input("the sheet cannot be read").at(Place::file(name)).because(e);
        let mut columns: Option<[Option<usize>; 5]> = None;
        for record in reader.records() {
            let record = record.map_err(bad)?;
            let Some([claim, line, status, worked, note]) = columns else {
                let at = |names: [&str; 2]| record.iter().position(|h| names.iter().any(|n| named(h, n)));
                let found = [
                    ["claim_id", "claim"],
                    ["line_number", "line"],
                    ["status", "status"],
                    ["worked_on", "worked on"],
                    ["note", "note"],
                ]
                .map(at);
                columns = found[..NEEDED].iter().all(Option::is_some).then_some(found);
                continue;
            };
            let cell = |i: Option<usize>| i.and_then(|i| record.get(i)).unwrap_or_default();
            if cell(status).trim().is_empty() {
                continue;
            }
            let ours = [cell(claim), cell(line), cell(status), cell(worked), "", "", "", "", cell(note)];
            match entry(&ours) {
                Ok((key, new)) => self.merge(key, new),
                Err((column, expected)) => {
                    let line = record.position().and_then(|p| u32::try_from(p.line()).ok()).unwrap_or(0);
                    let place = Place::line(name, line).column(COLUMNS[column]);
                    let found = "a cell that cannot be read";
                    findings.push(Finding::new(FindingCode::WorkStateBad, place, found).expected(expected));
                }
            }
        }
        if columns.is_some() {
            return Ok(());
        }
        Err(Error::input("the sheet has no row with the headers Claim, Line and Status")
            .at(Place::file(name))
            .help("save the sheet Lines of the workbook as CSV"))
    }

    /// Sets what was done; a note or day that the sheet leaves empty stays.
    fn merge(&mut self, key: LineKey, new: Entry) {
        for row in &mut self.rows {
            if let Row::Read { key: known, entry, .. } = row
                && *known == key
            {
                entry.status = new.status;
                entry.worked_on = new.worked_on.or(entry.worked_on);
                if !new.note.is_empty() {
                    entry.note = new.note;
                }
                return;
            }
        }
        self.add(key, new);
    }

    /// Of several rows of one claim line the last one holds; the others are kept as they stand.
    fn settle_repeats(&mut self, findings: &mut Findings) {
        let mut last: BTreeMap<LineKey, usize> = BTreeMap::new();
        let mut earlier = Vec::new();
        for (i, row) in self.rows.iter().enumerate() {
            if let Row::Read { key, .. } = row {
                earlier.extend(last.insert(key.clone(), i));
            }
        }
        for i in earlier {
            let Row::Read { line, .. } = &self.rows[i] else { continue };
            let place = Place::line(&self.name, *line);
            findings.push(Finding::new(FindingCode::WorkStateTwice, place, "a claim line that a later row repeats"));
            self.rows[i] = Row::Kept(cells(&self.rows[i]));
        }
    }

    /// The rows that could be read, in the order of the file, with their lines.
    pub(super) fn entries_mut(&mut self) -> impl Iterator<Item = (&LineKey, u32, &mut Entry)> {
        self.rows.iter_mut().filter_map(|row| match row {
            Row::Read { key, line, entry, .. } => Some((&*key, *line, entry)),
            Row::Kept(_) => None,
        })
    }

    /// The rows that could be read.
    pub fn entries(&self) -> impl Iterator<Item = (&str, u32, &Entry)> {
        self.rows.iter().filter_map(|row| match row {
            Row::Read { key, entry, .. } => Some((key.0.as_str(), key.1, entry)),
            Row::Kept(_) => None,
        })
    }

    /// Adds a line at the end.
    pub(super) fn add(&mut self, key: LineKey, entry: Entry) {
        self.rows.push(Row::Read { key, line: 0, entry, own: Vec::new() });
    }

    /// The place of a row, for findings; rows that were not read from the file have no line.
    pub(super) fn place(&self, line: u32) -> Place {
        if line == 0 { Place::file(&self.name) } else { Place::line(&self.name, line) }
    }

    /// Number of rows, read or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The whole file as rows of cells, the header first. Cells are plain: whoever writes them guards them.
    #[must_use]
    pub fn table(&self) -> Vec<Vec<String>> {
        let header = COLUMNS.iter().map(|c| (*c).to_owned()).chain(self.own.iter().cloned()).collect();
        let width = COLUMNS.len() + self.own.len();
        let row = |row: &Row| {
            let mut cells = cells(row);
            cells.resize(cells.len().max(width), String::new());
            cells
        };
        std::iter::once(header).chain(self.rows.iter().map(row)).collect()
    }
}

/// The cells of a row in the order in which they are written.
fn cells(row: &Row) -> Vec<String> {
    let (key, entry, own) = match row {
        Row::Kept(cells) => return cells.clone(),
        Row::Read { key, entry, own, .. } => (key, entry, own),
    };
    let day = |day: Option<Date>| day.map(|d| d.format("%Y-%m-%d").to_string()).unwrap_or_default();
    let money = |money: Option<Money>| money.map(|m| m.to_string()).unwrap_or_default();
    let ours = [
        key.0.clone(),
        key.1.to_string(),
        entry.status.as_str().to_owned(),
        day(entry.worked_on),
        money(entry.amount),
        money(entry.allowed),
        money(entry.recovered),
        day(entry.recovered_on),
        entry.note.clone(),
    ];
    ours.into_iter().chain(own.iter().cloned()).collect()
}

/// UTF-8, or what spreadsheets on Windows write.
fn text(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
    }
}

/// Spreadsheets write what their country separates by.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |sign: char| header.matches(sign).count();
    [(',', b','), (';', b';'), ('\t', b'\t')]
        .into_iter()
        .max_by_key(|(sign, _)| (count(*sign), *sign == ','))
        .map_or(b',', |d| d.1)
}

/// Whether a header names a column, whatever its case, spaces and underscores.
fn named(header: &str, column: &str) -> bool {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    plain(header) == plain(column)
}

/// A text without the apostrophe by which we keep spreadsheets from running it.
fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) => rest,
        _ => cell,
    }
}

/// Reads our cells; an error is the column and what it should hold.
fn entry(cells: &[&str]) -> std::result::Result<(LineKey, Entry), (usize, &'static str)> {
    let [claim, line, status, worked, amount, allowed, recovered, on, note] = cells else {
        return Err((0, "a row of the state file"));
    };
    let claim = unguarded(claim.trim());
    if claim.is_empty() {
        return Err((0, "a claim number"));
    }
    let line = line.trim().parse::<u32>().ok().filter(|n| *n > 0).ok_or((1, "the number of a line, from 1"))?;
    const STATUS: &str = "to do, in work, appealed, corrected, written off or recovered";
    const DAY: &str = "a day, such as 2024-03-09 (or, month first, 03/09/2024)";
    const MONEY: &str = "an amount, such as 13.58";
    let entry = Entry {
        status: Status::read(status).ok_or((2, STATUS))?,
        worked_on: day(worked).ok_or((3, DAY))?,
        amount: money(amount).ok_or((4, MONEY))?,
        allowed: money(allowed).ok_or((5, MONEY))?,
        recovered: money(recovered).ok_or((6, MONEY))?,
        recovered_on: day(on).ok_or((7, DAY))?,
        note: unguarded(note).to_owned(),
    };
    Ok(((claim.to_owned(), line), entry))
}

/// A day or nothing; `None` when it is neither. Spreadsheets rewrite days their own way: month first, as in America.
fn day(cell: &str) -> Option<Option<Date>> {
    let cell = cell.trim();
    if cell.is_empty() {
        return Some(None);
    }
    let american = || Date::parse_from_str(cell, "%m/%d/%Y").ok();
    parse_iso_date(cell).ok().or_else(american).filter(|d| (1990..2100).contains(&chrono::Datelike::year(d))).map(Some)
}

/// An amount in whole cents or nothing; `None` when it is neither.
fn money(cell: &str) -> Option<Option<Money>> {
    let plain: String = cell.trim().chars().filter(|c| !matches!(c, '$' | ',')).collect();
    if plain.is_empty() {
        return Some(None);
    }
    let dollars = Decimal::from_str_exact(&plain).ok().filter(|d| d.abs() < Decimal::from(1_000_000_000))?;
    round_cents(dollars).filter(|m| m.dollars() == dollars).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (State, Vec<Finding>) {
        let mut findings = Findings::default();
        let state = State::read("s.csv", text.as_bytes(), &mut findings).unwrap();
        (state, findings.into_sorted())
    }

    const HEADER: &str = "claim_id,line_number,status,worked_on,amount,allowed,recovered_amount,recovered_on,note";

    #[test]
    fn what_is_written_is_read_back() {
        let row = "C1,2,appealed,2024-03-09,13.58,0.00,,,\"called, then wrote\"";
        let (state, findings) = read(&format!("{HEADER}\n{row}\n"));
        assert!(findings.is_empty());
        let (claim, line, entry) = state.entries().next().unwrap();
        assert_eq!((claim, line, entry.status), ("C1", 2, Status::Appealed));
        assert_eq!(
            (entry.amount, entry.allowed, entry.recovered),
            (Some(Money::from_cents(1358)), Some(Money::ZERO), None)
        );
        assert_eq!(entry.note, "called, then wrote");
        let cells = "C1,2,appealed,2024-03-09,13.58,0.00,,".split(',').map(str::to_owned);
        assert_eq!(state.table()[1], cells.chain(["called, then wrote".to_owned()]).collect::<Vec<_>>());
    }

    #[test]
    fn a_spreadsheets_own_ways_are_understood() {
        let (state, findings) =
            read("Claim ID;Line number;Status;Worked on;Amount;Owner\nC1;1;In-Work;3/9/2024;\"$1,013.58\";Ann\n");
        assert!(findings.is_empty(), "{findings:?}");
        let (_, _, entry) = state.entries().next().unwrap();
        assert_eq!((entry.status, entry.worked_on), (Status::InWork, parse_iso_date("2024-03-09").ok()));
        assert_eq!(entry.amount, Some(Money::from_cents(101_358)));
        // The user's own column is kept.
        assert_eq!(state.table()[0].last().unwrap(), "Owner");
        assert_eq!(state.table()[1].last().unwrap(), "Ann");
    }

    #[test]
    fn a_guarded_claim_number_is_itself() {
        let (state, _) = read(&format!("{HEADER}\n'=1+1,1,to do,,,,,,'-not a formula\n'kept,1,,,,,,,\n"));
        let names: Vec<&str> = state.entries().map(|e| e.0).collect();
        assert_eq!(names, ["=1+1", "'kept"]);
        assert_eq!(state.entries().next().unwrap().2.note, "-not a formula");
    }

    #[test]
    fn bad_rows_are_findings_and_stay() {
        let rows = [
            ",1,to do,,,,,,x",
            "C1,0,to do,,,,,,x",
            "C1,1,done,,,,,,x",
            "C1,1,to do,2024-13-01,,,,,x",
            "C1,1,to do,,12.345,,,,x",
            "C1,1,to do,,,1e5,,,x",
            "C1,1,to do,,,,abc,,x",
            "C1,1,to do,,,,,1024-01-01,x",
            "C1,1,to do,,,,,,fine,,beyond",
        ];
        let (state, findings) = read(&format!("{HEADER}\n{}\n\n", rows.join("\n")));
        let places: Vec<String> = findings.iter().map(|f| f.place.to_string()).collect();
        let columns =
            ["allowed", "amount", "claim_id", "line_number", "recovered_amount", "recovered_on", "status", "worked_on"];
        for column in columns {
            let found = findings.iter().find(|f| f.place.column.as_deref() == Some(column));
            let found = found.unwrap_or_else(|| panic!("{column}: {places:?}"));
            assert!(!found.expected.is_empty() && found.place.line.is_some() && !found.help.is_empty());
        }
        assert_eq!(findings.len(), columns.len());
        assert_eq!((state.len(), state.entries().count()), (rows.len(), 1));
        // Every row is written as it was, in our order; what stood beyond the header stands behind.
        let table = state.table();
        assert_eq!(table[3], "C1,1,done,,,,,,x".split(',').collect::<Vec<_>>());
        assert_eq!(table[9].last().unwrap(), "beyond");
    }

    #[test]
    fn the_later_of_two_rows_holds_and_both_stay() {
        let (state, findings) = read(&format!("{HEADER}\nC1,1,to do,,,,,,first\nC1,1,appealed,,,,,,second\n"));
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].code, findings[0].place.line), (FindingCode::WorkStateTwice, Some(2)));
        assert_eq!(state.entries().map(|e| e.2.note.as_str()).collect::<Vec<_>>(), ["second"]);
        assert_eq!(state.table().iter().map(|r| r[8].as_str()).collect::<Vec<_>>(), ["note", "first", "second"]);
    }

    #[test]
    fn the_sheet_of_a_workbook_is_taken_over() {
        let (mut state, _) = read(&format!("{HEADER}\nC1,1,to do,2024-01-02,13.58,0.00,,,old\nC1,2,to do,,,,,,keep\n"));
        let sheet = "\"North, Clinic: lines to work\",,,,,\n3 of 4 open,,,,,\n,,,,,\nRank,Batch,Claim,Line,Status,Worked on,Note\n\
                     1,1,C1,1,appealed,3/9/2024,faxed\n2,1,C1,2,in work,,\n3,1,C9,1,corrected,,\n4,1,C9,2,?,,\n,,All lines,,,,\n";
        let mut findings = Findings::default();
        state.take_over("lines.csv", sheet.as_bytes(), &mut findings).unwrap();
        let entries: Vec<_> = state.entries().map(|(c, l, e)| (c.to_owned(), l, e.status, e.note.clone())).collect();
        assert_eq!(
            entries,
            [
                ("C1".to_owned(), 1, Status::Appealed, "faxed".to_owned()),
                ("C1".to_owned(), 2, Status::InWork, "keep".to_owned()),
                ("C9".to_owned(), 1, Status::Corrected, String::new()),
            ]
        );
        let (_, _, first) = state.entries().next().unwrap();
        assert_eq!((first.worked_on, first.amount), (parse_iso_date("2024-03-09").ok(), Some(Money::from_cents(1358))));
        let findings = findings.into_sorted();
        assert_eq!(findings[0].place.to_string(), "lines.csv:8, column \"status\"");
        assert!(state.take_over("x.csv", b"a,b\n", &mut Findings::default()).is_err());
    }

    #[test]
    fn a_file_of_something_else_is_refused_and_arbitrary_bytes_do_not_panic() {
        let mut findings = Findings::default();
        let error = State::read("s.csv", b"a,b\n1,2\n", &mut findings).unwrap_err();
        assert_eq!(error.to_string(), "s.csv:1: the state file has no column \"claim_id\"");
        assert!(State::read("s.csv", b"", &mut findings).unwrap().is_empty());
        for bytes in
            [&b"\xff\xfe\x00"[..], b"claim_id,line_number,status\n\"open", b"claim_id,line_number,status\n\x80,1,"]
        {
            let _ = State::read("s.csv", bytes, &mut findings);
        }
    }
}
