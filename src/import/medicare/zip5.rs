//! The ZIP5 carrier locality file: fixed-width text, or a spreadsheet with the same columns.

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::domain::{Date, Locality, State, Zip};
use crate::finding::{Finding, FindingCode, Place};

use super::super::grid::Line;
use super::super::header::{Column, Layout};
use super::super::tables::{Kind, Release};
use super::{MedicareOptions, Row, Sheet, dates};

const fn needed(name: &'static str, headers: &'static [&'static str]) -> Column {
    Column { name, headers, needed: true }
}

/// The columns of the spreadsheet; the text file has no header and is given this one.
pub(super) static LAYOUT: Layout = Layout {
    what: "ZIP codes (ZIP5)",
    columns: &[
        needed("state", &["state"]),
        needed("zip", &["zip code", "zip", "zip5"]),
        needed("carrier", &["carrier"]),
        needed("locality", &["locality", "pricing locality"]),
        needed("plus4", &["plus 4 flag", "plus four flag", "plus4 flag"]),
        needed("quarter", &["year qtr", "year quarter", "yearqtr"]),
    ],
    unused: &[
        "rural ind",
        "rural indicator",
        "lab cb locality",
        "bene lab cb locality",
        "rural ind2",
        "rural ind 2",
        "rural indicator2",
        "part b drug indicator",
        "part b payment indicator",
        "filler",
    ],
    key: &["state", "zip"],
};

/// The rows of the fixed-width file, below a header of their own; `None` when the text is not that file.
pub(in super::super) fn fixed_lines(text: &str) -> Option<Vec<Line>> {
    let is_row = |line: &str| {
        let b = line.as_bytes();
        b.len() >= 80
            && b.is_ascii()
            && b[..2].iter().all(u8::is_ascii_uppercase)
            && b[2..12].iter().all(u8::is_ascii_digit)
            && b[75..80].iter().all(u8::is_ascii_digit)
    };
    let mut head = text.lines().filter(|line| !line.trim().is_empty()).take(20).peekable();
    head.peek()?;
    if !head.all(is_row) {
        return None;
    }
    let header = ["state", "zip", "carrier", "locality", "plus4 flag", "year qtr"];
    let mut lines = vec![Line { number: 0, cells: header.map(str::to_owned).to_vec() }];
    for (number, line) in (1..).zip(text.lines()) {
        // A row of another form is kept with what it has: it is named where it is read.
        let part = |from: usize, to: usize| line.get(from..to).unwrap_or_default().trim().to_owned();
        if !line.trim().is_empty() {
            let cells = vec![part(0, 2), part(2, 7), part(7, 12), part(12, 14), part(20, 21), part(75, 80)];
            lines.push(Line { number, cells });
        }
    }
    Some(lines)
}

/// Reads the file.
pub(super) fn read(sheet: &Sheet<'_>, options: &MedicareOptions<'_>, findings: &mut Vec<Finding>) -> Option<Release> {
    let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut quarters: BTreeMap<String, (usize, u32)> = BTreeMap::new();
    let (mut good, mut faults, mut twice) = (0_usize, Vec::new(), Vec::new());
    for row in sheet.rows(findings).collect::<Vec<_>>() {
        if row.line.filled() < 3 {
            continue;
        }
        match cells(&row) {
            Ok((zip, cells)) => {
                good += 1;
                quarters.entry(row.cell("quarter").to_owned()).or_insert((0, row.line.number)).0 += 1;
                if let Some(other) = rows.get(&zip.five())
                    && *other != cells
                {
                    findings.push(row.contradicts("zip", format!("{zip} stands twice, with different localities")));
                    twice.push(zip.five());
                }
                rows.insert(zip.five(), cells);
            }
            Err(finding) => faults.push(*finding),
        }
    }
    if faults.len() > good {
        sheet.shifted(faults, good, findings);
        return None;
    }
    findings.extend(faults);
    for zip in twice {
        rows.remove(&zip);
    }
    if quarters.len() > 1 {
        // The rows of the rarest are the ones to look at.
        let list: Vec<String> = quarters
            .iter()
            .map(|(quarter, (rows, line))| format!("{quarter} in {rows}, first on line {line}"))
            .collect();
        let found = format!(
            "{}: rows are of several quarters ({}); nothing was imported from the table",
            LAYOUT.what,
            list.join("; ")
        );
        let rarest = quarters.values().min().map_or(0, |(_, line)| *line);
        let place = Place::line(&sheet.grid.name, rarest).column("quarter");
        findings.push(Finding::new(FindingCode::ImportWrongYear, place, found).help("give the rows of one quarter"));
        return None;
    }
    let quarter = quarters.into_keys().next()?;
    let day = (quarter.len() == 5)
        .then(|| {
            Date::from_ymd_opt(
                quarter[..4].parse().ok()?,
                quarter[4..].parse::<u32>().ok()?.checked_mul(3)?.checked_sub(2)?,
                1,
            )
        })
        .flatten();
    let Some(day) = day else {
        let found =
            format!("{}: \"{quarter}\" is no year and quarter; nothing was imported from the table", LAYOUT.what);
        findings.push(sheet.finding(FindingCode::ImportUndated, found));
        return None;
    };
    if let Some(year) = options.year.filter(|year| *year != day.year()) {
        let found = format!(
            "{}: the rows say {}, --year says {year}; nothing was imported from the table",
            LAYOUT.what,
            day.year()
        );
        findings.push(sheet.finding(FindingCode::ImportWrongYear, found));
        return None;
    }
    let name = format!("ZIP5 {} Q{}", day.year(), (dates::letter_of(day.month()) as u32) - u32::from(b'A') + 1);
    let mut release = sheet.release(Kind::Zip, day.to_string(), name, day);
    release.rows = rows.into_values().map(|cells| std::iter::once(day.to_string()).chain(cells).collect()).collect();
    Some(release)
}

/// Reads one row. The halves of Missouri and Kansas, which CMS writes as states of their own, become their states.
fn cells(row: &Row<'_>) -> Result<(Zip, Vec<String>), Box<Finding>> {
    let bad = |column: &str, expected: &str| Box::new(row.bad(column, expected));
    let zip: Zip = row.cell("zip").parse().map_err(|_| bad("zip", "a ZIP code of five digits"))?;
    let state = match row.cell("state") {
        "EM" | "WM" => "MO",
        "EK" | "WK" => "KS",
        state => state,
    };
    let state: State = state.parse().map_err(|_| bad("state", "a state of two letters"))?;
    let (carrier, number) = (row.cell("carrier"), row.cell("locality"));
    let locality: Locality =
        format!("{carrier:0>5}-{number:0>2}").parse().map_err(|_| bad("locality", "two digits"))?;
    let plus4 = match row.cell("plus4") {
        "1" => "1",
        "0" | "" => "0",
        _ => return Err(bad("plus4", "0 or 1")),
    };
    let quarter = row.cell("quarter");
    if quarter.len() != 5 || !quarter.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad("quarter", "a year and a quarter such as 20254"));
    }
    Ok((zip, vec![format!("{:05}", zip.five()), locality.to_string(), state.to_string(), plus4.to_owned()]))
}
