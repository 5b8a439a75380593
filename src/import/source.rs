//! From the bytes of a file to sheets: CSV, tab-separated text, spreadsheets, and archives of them, as they are downloaded.

use std::io::{Cursor, Read};

use calamine::{Data, Reader as _, Xlsx};

use crate::domain::Date;
use crate::finding::{Finding, FindingCode, LineCounter, Place};
use crate::ingest::{Content, content};

use super::grid::{Grid, Line};
use super::sha256;

/// A member of an archive may unpack to this much; CMS's largest table has 60 MB.
const LIMIT: u64 = 1 << 30;

/// What to do about a file of which nothing could be read.
const AGAIN: &str = "get the file again; nothing of it was read";

/// What to do about a file of a kind that is not read.
const FORMATS: &str = "give the file as it was downloaded: CSV, XLSX, text, or an archive of them";

/// How deep archives may stand in archives.
const DEPTH: u8 = 3;

/// The sheets of the file `name`; what could not be read is said.
pub(super) fn grids(name: &str, bytes: &[u8], findings: &mut Vec<Finding>) -> Vec<Grid> {
    let mut grids = Vec::new();
    let given = (name.to_owned(), sha256(bytes));
    read(name, bytes, DEPTH, &given, &mut grids, findings);
    grids
}

fn read(
    name: &str,
    bytes: &[u8],
    depth: u8,
    given: &(String, String),
    grids: &mut Vec<Grid>,
    findings: &mut Vec<Finding>,
) {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        match zip::ZipArchive::new(Cursor::new(bytes)) {
            Ok(archive) if archive.index_for_name("[Content_Types].xml").is_some() => {
                workbook(name, bytes, given, grids, findings);
            }
            Ok(archive) => members(name, archive, depth, given, grids, findings),
            Err(error) => {
                let found = format!("the archive cannot be read: {error}");
                findings.push(Finding::new(FindingCode::TruncatedFile, Place::file(name), found).help(AGAIN));
            }
        }
        return;
    }
    match content(name, bytes) {
        Ok(Content::Text(text)) => {
            findings.extend(text.findings);
            let mut grid =
                Grid { name: name.to_owned(), given: given.clone(), lines: lines(&text.text), cut_off: false };
            grid.cut_off = text.cut_off || !text.text.ends_with(['\n', '\r']);
            grids.push(grid);
        }
        Ok(Content::Parquet(_)) => {
            findings.push(
                Finding::new(FindingCode::BinaryFile, Place::file(name), "this is Parquet, not CSV or XLSX")
                    .help(FORMATS),
            );
        }
        Err(finding) if finding.code == FindingCode::BinaryFile => findings.push(finding.help(FORMATS)),
        Err(finding) => findings.push(*finding),
    }
}

/// The tables of an archive by name. CMS packs each of them two or three times: of one name the CSV is taken, then the
/// spreadsheet, then the text.
fn members(
    name: &str,
    mut archive: zip::ZipArchive<Cursor<&[u8]>>,
    depth: u8,
    given: &(String, String),
    grids: &mut Vec<Grid>,
    findings: &mut Vec<Finding>,
) {
    let mut found: Vec<(String, u8, String, usize)> = Vec::new();
    for index in 0..archive.len() {
        let Ok(member) =
            archive.by_index_raw(index).map(|file| file.name().map(|n| n.into_owned()).unwrap_or_default())
        else {
            continue;
        };
        if member.is_empty() || member.ends_with('/') || member.starts_with("__MACOSX/") {
            continue;
        }
        let (stem, extension) = member.rsplit_once('.').unwrap_or((&member, ""));
        let rank = match extension.to_ascii_lowercase().as_str() {
            "csv" => 0,
            "xlsx" => 1,
            "txt" => 2,
            "zip" => 3,
            _ => 4,
        };
        found.push((stem.to_ascii_lowercase(), rank, member, index));
    }
    found.sort();
    let mut last: Option<(String, String)> = None;
    for (stem, rank, member, index) in found {
        let full = format!("{name}/{member}");
        let pass = |why: String| {
            Finding::new(FindingCode::FilePassedOver, Place::file(&full), why).help("nothing, if it is no table")
        };
        if rank > 3 || (rank == 3 && depth == 0) {
            findings.push(pass("it is no CSV, spreadsheet, text or archive".to_owned()));
            continue;
        }
        if let Some((_, other)) = last.as_ref().filter(|(earlier, _)| *earlier == stem && rank < 3) {
            findings.push(pass(format!("{other} holds the same table")));
            continue;
        }
        let mut bytes = Vec::new();
        let read_all = archive.by_index(index).map_err(std::io::Error::other).and_then(|file| {
            let size = file.take(LIMIT).read_to_end(&mut bytes)? as u64;
            if size == LIMIT { Err(std::io::Error::other("it unpacks to more than 1 GB")) } else { Ok(()) }
        });
        if let Err(error) = read_all {
            let found = format!("the member cannot be unpacked: {error}");
            findings.push(Finding::new(FindingCode::TruncatedFile, Place::file(&full), found).help(AGAIN));
            continue;
        }
        read(&full, &bytes, depth.saturating_sub(1), given, grids, findings);
        last = Some((stem, member));
    }
}

/// The sheets of a workbook; a workbook with one sheet goes by the name of its file.
fn workbook(name: &str, bytes: &[u8], given: &(String, String), grids: &mut Vec<Grid>, findings: &mut Vec<Finding>) {
    let damaged = |error: String| {
        Finding::new(FindingCode::TruncatedFile, Place::file(name), format!("the spreadsheet cannot be read: {error}"))
            .help(AGAIN)
    };
    // Readers of other people's formats have panicked on damaged files; that must not end the program.
    let opened = std::panic::catch_unwind(|| {
        let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
        let names = book.sheet_names();
        let mut sheets = Vec::new();
        for sheet in names {
            let range = book.worksheet_range(&sheet).map_err(|e| e.to_string())?;
            let first = range.start().map_or(0, |(row, _)| row);
            let left = range.start().map_or(0, |(_, column)| column as usize);
            let rows = range.rows().zip(first + 1..).map(|(row, number)| {
                let cells = std::iter::repeat_n(String::new(), left).chain(row.iter().map(cell)).collect();
                Line { number, cells }
            });
            sheets.push((sheet, rows.filter(|line| !line.is_blank()).collect::<Vec<_>>()));
        }
        Ok::<_, String>(sheets)
    });
    match opened {
        Ok(Ok(mut sheets)) => {
            sheets.retain(|(_, lines)| !lines.is_empty());
            if sheets.is_empty() {
                findings.push(Finding::new(FindingCode::EmptyFile, Place::file(name), "the spreadsheet is empty"));
            }
            let single = sheets.len() == 1;
            for (sheet, lines) in sheets {
                let name = if single { name.to_owned() } else { format!("{name}/{sheet}") };
                grids.push(Grid { name, given: given.clone(), lines, cut_off: false });
            }
        }
        Ok(Err(error)) => findings.push(damaged(error)),
        Err(_) => findings.push(damaged("it is damaged".to_owned())),
    }
}

/// The text of a spreadsheet cell, days as `2024-03-09`. A number that a formula gave may be 0.9110000000000001: nothing is
/// published with more than nine decimals, so what stands behind them is no figure of the file.
fn cell(data: &Data) -> String {
    match data {
        Data::Empty | Data::Error(_) => String::new(),
        Data::DateTime(day) if day.is_datetime() => serial_day(day.as_f64()).unwrap_or_default(),
        Data::DateTime(day) => day.as_f64().to_string(),
        Data::Float(number) => {
            let text = format!("{number:.9}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        other => other.to_string().trim().to_owned(),
    }
}

/// The day of a spreadsheet's serial number: 1 is 1 January 1900, and 1900 is wrongly a leap year.
fn serial_day(serial: f64) -> Option<String> {
    let whole: i64 = format!("{:.0}", serial.trunc()).parse().ok()?;
    let day = Date::from_ymd_opt(1899, 12, 30)?.checked_add_signed(chrono::TimeDelta::try_days(whole)?)?;
    (whole > 60).then(|| day.to_string())
}

/// The rows of a text: fixed-width ZIP files by their columns, everything else by its most frequent separator.
fn lines(text: &str) -> Vec<Line> {
    if let Some(lines) = super::medicare::fixed_zip_lines(text) {
        return lines;
    }
    let head: String = text.lines().take(40).collect::<Vec<_>>().join("\n");
    let count = |separator: u8| head.bytes().filter(|b| *b == separator).count();
    let separator = [b'\t', b'|', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    let mut numbers = LineCounter::new(text.as_bytes());
    // A text in memory cannot fail to be read, and it is UTF-8: only an error of a whole reader ends the loop.
    for record in reader.records().map_while(Result::ok) {
        let number = numbers.line(record.position());
        let line = Line { number, cells: record.iter().map(|cell| cell.trim().to_owned()).collect() };
        if !line.is_blank() {
            lines.push(line);
        }
    }
    lines
}
