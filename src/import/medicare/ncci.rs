//! NCCI edits: pairs of codes that are not paid together (PTP) and the most plausible units (MUE), practitioner tables.

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::domain::{Code, Date};
use crate::finding::{Finding, FindingCode};

use super::super::header::{Column, Layout};
use super::super::tables::{Kind, Release};
use super::{MedicareOptions, Row, Sheet, dates, plain};

const fn needed(name: &'static str, headers: &'static [&'static str]) -> Column {
    Column { name, headers, needed: true }
}

/// The pairs. CMS explains the signs of three columns below their headers.
pub(super) static PTP: Layout = Layout {
    what: "NCCI pairs (PTP)",
    columns: &[
        needed("column 1", &["column 1", "column1"]),
        needed("column 2", &["column 2", "column2"]),
        needed("effective date", &["effective date"]),
        needed("deletion date", &["deletion date", "deletion date no data"]),
        needed(
            "modifier indicator",
            &["modifier", "modifier indicator", "modifier 0 not allowed 1 allowed 9 not applicable"],
        ),
    ],
    unused: &["in existence prior to 1996", "ptp edit rationale"],
    key: &["column 1", "column 2"],
};

/// The units. The tables for hospitals and suppliers have another second column.
pub(super) static MUE: Layout = Layout {
    what: "unlikely units (MUE)",
    columns: &[
        needed("code", &["hcpcs cpt code", "hcpcs code", "cpt hcpcs code"]),
        needed("units", &["practitioner services mue values", "practitioner mue values"]),
        needed("MAI", &["mue adjudication indicator", "practitioner mue adjudication indicator"]),
        Column { name: "rationale", headers: &["mue rationale"], needed: false },
    ],
    unused: &[],
    key: &["code"],
};

/// The first day of the edition: as the user says, in the title, in the name (`Eff_07-01-2026`, `ccipra-v322r0`).
fn edition(sheet: &Sheet<'_>, options: &MedicareOptions<'_>, findings: &mut Vec<Finding>) -> Option<Date> {
    let name = sheet.grid.name.replace(['-', '_'], "/");
    let day = options
        .from
        .or_else(|| dates::long_day(&sheet.title()))
        .or_else(|| dates::slashed_day(&name))
        .or_else(|| version(&sheet.grid.name));
    let Some(day) = day else {
        let found = format!(
            "{}: neither title nor name tells the quarter; nothing was imported from the table",
            sheet.layout.what
        );
        findings.push(sheet.finding(FindingCode::ImportUndated, found));
        return None;
    };
    if let Some(year) = options.year.filter(|year| *year != day.year()) {
        let found = format!(
            "{}: the edition is of {}, --year says {year}; nothing was imported from the table",
            sheet.layout.what,
            day.year()
        );
        findings.push(sheet.finding(FindingCode::ImportWrongYear, found));
        return None;
    }
    Some(day)
}

/// The quarter of an edition's number: v30.2 is the third of 2024 (the first edition was of 1994).
fn version(name: &str) -> Option<Date> {
    let lower = name.to_ascii_lowercase();
    let at = lower.rfind("-v")?;
    let digits: String = lower[at + 2..].chars().take_while(char::is_ascii_digit).collect();
    let (major, minor) = (digits.get(..2)?.parse::<i32>().ok()?, digits.get(2..3)?.parse::<u32>().ok()?);
    if digits.len() == 3 && minor <= 3 { Date::from_ymd_opt(1994 + major, minor * 3 + 1, 1) } else { None }
}

/// Reads a table of pairs. Pairs whose last day lies before 2019, and pairs that never applied, are left out; so are rows of
/// one pair that say different things of the same days.
pub(super) fn ptp(sheet: &Sheet<'_>, options: &MedicareOptions<'_>, findings: &mut Vec<Finding>) -> Option<Release> {
    let day = edition(sheet, options, findings)?;
    let first = Date::from_ymd_opt(2019, 1, 1)?;
    let mut rows = Vec::new();
    let mut kept: Vec<(Row<'_>, Pair<'_>)> = Vec::new();
    let (mut good, mut faults) = (0_usize, Vec::new());
    for row in sheet.rows(findings).collect::<Vec<_>>() {
        if row.line.filled() < 4 {
            continue;
        }
        match pair(&row) {
            Ok((codes, indicator, from, until)) => {
                good += 1;
                let wanted = options.pairs_of.is_none_or(|wanted| codes.iter().any(|code| wanted.contains(code)));
                if wanted && until.is_none_or(|last| last >= first && last > from) && indicator != "9" {
                    kept.push((row, (codes, indicator, from, until)));
                }
            }
            Err(finding) => faults.push(*finding),
        }
    }
    if faults.len() > good {
        sheet.shifted(faults, good, findings);
        return None;
    }
    findings.extend(faults);
    // By pair and first day: rows of one pair whose days overlap stand one after the other.
    kept.sort_by_key(|(row, (codes, _, from, _))| (*codes, *from, row.line.number));
    for of_pair in kept.chunk_by(|(_, a), (_, b)| a.0 == b.0) {
        let contradicted = |at: usize| {
            let (_, (_, indicator, from, until)) = of_pair[at];
            of_pair.iter().position(|(_, (_, other, first, last))| {
                *other != indicator && until.is_none_or(|until| *first <= until) && last.is_none_or(|last| from <= last)
            })
        };
        for (at, (row, (codes, indicator, from, until))) in of_pair.iter().enumerate() {
            let [column1, column2] = codes.map(|code| code.to_string());
            if let Some(other) = contradicted(at) {
                // Said once for two rows.
                if other < at {
                    let found = format!(
                        "{column1} and {column2} stand twice, with indicators {} and {indicator} on the same days",
                        of_pair[other].1.1
                    );
                    findings.push(row.contradicts("modifier indicator", found));
                }
                continue;
            }
            let until = until.map_or_else(String::new, |last| last.to_string());
            rows.push(vec![day.to_string(), column1, column2, (*indicator).to_owned(), from.to_string(), until]);
        }
    }
    rows.sort();
    rows.dedup();
    let name = format!("PTP {day}");
    let mut release = sheet.release(Kind::Ptp, day.to_string(), name, day);
    release.note =
        options.pairs_of.map_or_else(String::new, |codes| format!("only pairs with one of {} codes", codes.len()));
    release.rows = rows;
    Some(release)
}

/// The two codes, the indicator, the first day, and the last day of a pair that has ended.
type Pair<'a> = ([Code; 2], &'a str, Date, Option<Date>);

fn pair<'a>(row: &Row<'a>) -> Result<Pair<'a>, Box<Finding>> {
    let bad = |column: &str, expected: &str| Box::new(row.bad(column, expected));
    let code =
        |column: &'static str| row.cell(column).parse::<Code>().map_err(|_| bad(column, "a code of five characters"));
    let day = |column: &'static str| {
        let text = row.cell(column);
        let date = crate::domain::parse_iso_date(text).ok().or_else(|| {
            let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| {
                Date::from_ymd_opt(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?)
            })?
        });
        date.ok_or_else(|| bad(column, "a day such as 20240701"))
    };
    let indicator = row.cell("modifier indicator");
    if !matches!(indicator, "0" | "1" | "9") {
        return Err(bad("modifier indicator", "0, 1 or 9"));
    }
    let until = match row.cell("deletion date") {
        "" | "*" => None,
        _ => Some(day("deletion date")?),
    };
    Ok(([code("column 1")?, code("column 2")?], indicator, day("effective date")?, until))
}

/// Reads the table of units.
pub(super) fn mue(sheet: &Sheet<'_>, options: &MedicareOptions<'_>, findings: &mut Vec<Finding>) -> Option<Release> {
    let day = edition(sheet, options, findings)?;
    let mut rows: BTreeMap<Code, Vec<String>> = BTreeMap::new();
    let (mut good, mut faults, mut twice) = (0_usize, Vec::new(), Vec::new());
    for row in sheet.rows(findings).collect::<Vec<_>>() {
        if row.line.filled() < 2 {
            continue;
        }
        match units(&row) {
            Ok((code, cells)) => {
                good += 1;
                if let Some(other) = rows.get(&code)
                    && other[..2] != cells[..2]
                {
                    findings.push(row.contradicts("code", format!("{code} stands twice, with different units")));
                    twice.push(code);
                }
                rows.insert(code, cells);
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
    let mut release = sheet.release(Kind::Mue, day.to_string(), format!("MUE {day}"), day);
    let row =
        |(code, cells): (Code, Vec<String>)| [day.to_string(), code.to_string()].into_iter().chain(cells).collect();
    release.rows = rows.into_iter().map(row).collect();
    Some(release)
}

fn units(row: &Row<'_>) -> Result<(Code, Vec<String>), Box<Finding>> {
    let bad = |column: &str, expected: &str| Box::new(row.bad(column, expected));
    let code: Code = row.cell("code").parse().map_err(|_| bad("code", "a code of five characters"))?;
    let units: u32 = row.cell("units").parse().map_err(|_| bad("units", "a whole number"))?;
    // "3 Date of Service Edit: Clinical".
    let mai = row.cell("MAI").get(..1).filter(|mai| matches!(*mai, "1" | "2" | "3"));
    let mai = mai.ok_or_else(|| bad("MAI", "1, 2 or 3 at the beginning"))?;
    Ok((code, vec![units.to_string(), mai.to_owned(), plain(row.cell("rationale"))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_an_edition_is_its_quarter() {
        let day = |text| crate::domain::parse_iso_date(text).ok();
        // CMS: version 30.2 of NCCI was in force from 1 July 2024.
        assert_eq!(version("ccipra-v302r0-f1.TXT"), day("2024-07-01"));
        assert_eq!(version("ccipra-v320r0.zip/ccipra-v320r0-f1.txt"), day("2026-01-01"));
        assert_eq!(version("pairs.txt"), None);
    }
}
