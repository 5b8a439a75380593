//! The geographic indices (Addendum E): one row per locality. The year stands in the headers of the indices.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::domain::{Date, Locality, State};
use crate::finding::Finding;

use super::super::header::{Column, Layout, year_in};
use super::super::tables::{Kind, Release};
use super::{MedicareOptions, Row, Sheet, compare, dates, plain, rvu};

const fn needed(name: &'static str, headers: &'static [&'static str]) -> Column {
    Column { name, headers, needed: true }
}

/// GPCI since 2017. An index without the floor of 1.0 is known and not used: Medicare does not pay by it.
pub(super) static LAYOUT: Layout = Layout {
    what: "geographic indices (GPCI)",
    columns: &[
        needed(
            "MAC",
            &["medicare administrative contractor mac", "medicare administrative contractor", "mac", "carrier"],
        ),
        needed("state", &["state"]),
        needed("locality", &["locality number", "locality"]),
        needed("name", &["locality name"]),
        needed(
            "work index",
            &[
                "# pw gpci with 1 0 floor",
                "# pw gpci",
                "# work gpci with 1 0 floor",
                "# work gpci",
                "pw gpci",
                "work gpci",
            ],
        ),
        needed("PE index", &["# pe gpci", "pe gpci"]),
        needed("MP index", &["# mp gpci", "mp gpci"]),
    ],
    unused: &["# pw gpci without 1 0 floor", "# work gpci without 1 0 floor", "footnotes"],
    key: &["MAC", "state", "locality"],
};

/// Reads the file.
pub(super) fn read(sheet: &Sheet<'_>, options: &MedicareOptions<'_>, findings: &mut Vec<Finding>) -> Option<Release> {
    let index =
        |name| LAYOUT.columns.iter().position(|column| column.name == name).map_or("", |i| &sheet.header.texts[i]);
    let year = rvu::agree(
        sheet,
        &[
            ("the work index", year_in(index("work index"))),
            ("the PE index", year_in(index("PE index"))),
            ("the MP index", year_in(index("MP index"))),
            (
                "the title",
                sheet.title().lines().find(|line| line.to_lowercase().contains("geographic")).and_then(year_in),
            ),
            (
                "the file's name",
                dates::year_of_name(sheet.grid.file_name())
                    .filter(|_| sheet.grid.file_name().to_lowercase().starts_with("gpci")),
            ),
            ("the archive's name", dates::rvu_release(&sheet.grid.name).map(|(year, ..)| year)),
            ("--year", options.year),
        ],
        findings,
    )?;
    let mut rows: BTreeMap<Locality, (Vec<String>, u32)> = BTreeMap::new();
    let (mut good, mut faults, mut twice) = (0_usize, Vec::new(), Vec::new());
    for row in sheet.rows(findings).collect::<Vec<_>>() {
        // Footnotes below the table stand in one cell.
        if row.line.filled() < 3 {
            continue;
        }
        match figures(&row) {
            Ok((locality, cells)) => {
                good += 1;
                match rows.get(&locality) {
                    Some((other, _)) if *other == cells => {}
                    Some((_, line)) => {
                        let found = format!("{locality} stands with other indices on line {line}, too");
                        findings.push(row.contradicts("locality", found));
                        twice.push(locality);
                    }
                    None => {
                        rows.insert(locality, (cells, row.line.number));
                    }
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
    for locality in twice {
        rows.remove(&locality);
    }
    let from = Date::from_ymd_opt(year, 1, 1)?;
    let all: Vec<Vec<String>> = rows.into_values().map(|(cells, _)| cells).collect();
    if !compare::indices(sheet, options.known, from, &all, findings) {
        return None;
    }
    let name = format!("GPCI{year}");
    let mut release = sheet.release(Kind::Gpci, year.to_string(), name.clone(), from);
    let head = [year.to_string(), name];
    release.rows = all.into_iter().map(|cells| head.iter().cloned().chain(cells).collect()).collect();
    release.rows.sort();
    Some(release)
}

/// Reads one row.
fn figures(row: &Row<'_>) -> Result<(Locality, Vec<String>), Box<Finding>> {
    let bad = |column: &str, expected: &str| Box::new(row.bad(column, expected));
    let digits = |column: &'static str, width: usize| -> Result<String, Box<Finding>> {
        let cell = row.cell(column);
        let good = !cell.is_empty() && cell.len() <= width && cell.bytes().all(|b| b.is_ascii_digit());
        // Spreadsheets drop leading zeros.
        if good { Ok(format!("{cell:0>width$}")) } else { Err(bad(column, "digits only")) }
    };
    let text = format!("{}-{}", digits("MAC", 5)?, digits("locality", 2)?);
    let locality: Locality = text.parse().map_err(|_| bad("locality", "a locality of two digits"))?;
    let state: State = row.cell("state").parse().map_err(|_| bad("state", "a state of two letters"))?;
    if row.runs_over() {
        return Err(bad("MP index", "no cells beyond the header"));
    }
    let index = |column: &'static str| -> Result<String, Box<Finding>> {
        let value = Decimal::from_str_exact(row.cell(column)).ok();
        // No index has ever lain outside 0.1 and 4: a figure that does is another column's.
        let plausible = |v: &Decimal| *v >= Decimal::new(1, 1) && *v <= Decimal::from(4) && v.normalize().scale() <= 3;
        let mut value =
            value.filter(plausible).ok_or_else(|| bad(column, "an index from 0.1 to 4 with three decimals"))?;
        value.rescale(3);
        Ok(value.to_string())
    };
    let cells = vec![
        locality.to_string(),
        state.to_string(),
        plain(row.cell("name").trim_end_matches('*')),
        index("work index")?,
        index("PE index")?,
        index("MP index")?,
    ];
    Ok((locality, cells))
}
