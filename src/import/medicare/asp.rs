//! The drug payment limits (ASP pricing file), one quarter per file. The quarter stands in the title, not in the rows.

use std::collections::BTreeMap;

use chrono::Datelike;
use rust_decimal::Decimal;

use crate::domain::{Code, Date, grouped_decimal};
use crate::finding::{Finding, FindingCode};

use super::super::header::{Column, Layout};
use super::super::tables::{Kind, Release};
use super::{MedicareOptions, Row, Sheet, compare, dates, plain, rvu};

const fn needed(name: &'static str, headers: &'static [&'static str]) -> Column {
    Column { name, headers, needed: true }
}

/// The pricing file; files before 2023 have no column of coinsurance.
pub(super) static LAYOUT: Layout = Layout {
    what: "drug payment limits (ASP)",
    columns: &[
        needed("code", &["hcpcs code", "hcpcs"]),
        needed("dosage", &["hcpcs code dosage", "dosage"]),
        needed("limit", &["payment limit", "medicare payment limit"]),
        Column { name: "coinsurance", headers: &["coinsurance percentage", "coinsurance percent"], needed: false },
        Column { name: "note", headers: &["notes", "note"], needed: false },
    ],
    unused: &[
        "short description",
        "vaccine awp",
        "vaccine limit",
        "blood awp",
        "blood limit",
        "clotting factor",
        "infusion awp",
        "infusion limit",
        "dme infusion awp",
        "dme infusion limit",
    ],
    key: &["code"],
};

/// Reads the file.
pub(super) fn read(sheet: &Sheet<'_>, options: &MedicareOptions<'_>, findings: &mut Vec<Finding>) -> Option<Release> {
    let title = sheet.title();
    let effective = title.lines().find(|line| line.to_lowercase().contains("effective")).unwrap_or(&title);
    let name = sheet.grid.file_name();
    let of_name = || {
        let year = super::super::header::year_in(name)?;
        Date::from_ymd_opt(year, dates::month_of(dates::letter_of(dates::month_in(name)?)), 1)
    };
    let Some(day) = options.from.or_else(|| dates::long_day(effective)).or_else(of_name) else {
        let found =
            format!("{}: neither title nor name tells the quarter; nothing was imported from the table", LAYOUT.what);
        findings.push(sheet.finding(FindingCode::ImportUndated, found));
        return None;
    };
    let told = [
        ("the first day", Some(day.year())),
        ("the file's name", super::super::header::year_in(name)),
        ("--year", options.year),
    ];
    rvu::agree(sheet, &told, findings)?;
    if options.from.is_none() {
        let told = [
            ("the title", dates::long_day(effective).map(|day| day.month())),
            ("the file's name", dates::month_in(name)),
        ];
        rvu::agree_on_quarter(sheet, &told, findings)?;
    }
    let quarter = Date::from_ymd_opt(day.year(), dates::month_of(dates::letter_of(day.month())), 1);
    if quarter != Some(day) {
        let found =
            format!("{}: {day} is not the first day of a quarter; nothing was imported from the table", LAYOUT.what);
        findings.push(sheet.finding(FindingCode::ImportUndated, found).expected("a file of one quarter"));
        return None;
    }
    let mut rows: BTreeMap<Code, (Vec<String>, u32)> = BTreeMap::new();
    let (mut good, mut faults, mut twice) = (0_usize, Vec::new(), Vec::new());
    for row in sheet.rows(findings).collect::<Vec<_>>() {
        if row.line.filled() < 3 {
            continue;
        }
        match figures(&row) {
            Ok(None) => good += 1,
            Ok(Some((code, cells))) => {
                good += 1;
                if let Some((other, line)) = rows.get(&code)
                    && other[1..3] != cells[1..3]
                {
                    let found = format!("{code} stands with another limit on line {line}, too");
                    findings.push(row.contradicts("code", found));
                    twice.push(code);
                }
                rows.insert(code, (cells, row.line.number));
            }
            Err(finding) => faults.push(*finding),
        }
    }
    if faults.len() > good {
        sheet.shifted(faults, good, findings);
        return None;
    }
    findings.extend(faults);
    for code in twice {
        rows.remove(&code);
    }
    let all: Vec<(Code, Vec<String>)> = rows.into_iter().map(|(code, (cells, _))| (code, cells)).collect();
    if !compare::limits(sheet, options.known, day, &all, findings) {
        return None;
    }
    let name = format!("ASP {} Q{}", day.year(), (dates::letter_of(day.month()) as u32) - u32::from(b'A') + 1);
    let mut release = sheet.release(Kind::Asp, day.to_string(), name, day);
    release.rows = all
        .into_iter()
        .map(|(code, cells)| [day.to_string(), code.to_string()].into_iter().chain(cells).collect())
        .collect();
    Some(release)
}

/// The limit of one drug; `None` when the file sets none ("N/A").
fn figures(row: &Row<'_>) -> Result<Option<(Code, Vec<String>)>, Box<Finding>> {
    let bad = |column: &str, expected: &str| Box::new(row.bad(column, expected));
    let code: Code = row.cell("code").parse().map_err(|_| bad("code", "a code of five characters"))?;
    if row.runs_over() {
        return Err(bad("code", "no cells beyond the header"));
    }
    let limit = row.cell("limit");
    if limit.eq_ignore_ascii_case("n/a") || limit.is_empty() {
        return Ok(None);
    }
    let number = |text: &str| grouped_decimal(text.trim_start_matches('$'));
    let plausible = |v: &Decimal| *v > Decimal::ZERO && v.normalize().scale() <= 3;
    let mut limit = number(limit).filter(plausible).ok_or_else(|| bad("limit", "dollars with three decimals"))?;
    limit.rescale(3);
    let share = match row.cell("coinsurance") {
        // The law's 20 %; lower shares are written in the files that have the column.
        "" => Decimal::new(20_000, 3),
        text => number(text)
            .filter(|v| v.is_zero() || (*v >= Decimal::ONE && *v <= Decimal::from(20)))
            .ok_or_else(|| bad("coinsurance", "a percentage from 1 to 20, such as 20.000"))?,
    };
    let cells = vec![plain(row.cell("dosage")), limit.to_string(), share.to_string(), plain(row.cell("note"))];
    Ok(Some((code, cells)))
}
