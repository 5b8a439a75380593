//! The relative value file (PPRRVU): one row per code and modifier, and the conversion factor.
//!
//! The file prints the sums of its own figures (NON-FACILITY TOTAL, FACILITY TOTAL). Every row is added up again: figures that
//! stand under a wrong header do not give these sums, so a shifted file is found out whatever its header says.

use std::collections::BTreeMap;

use chrono::Datelike;
use rust_decimal::Decimal;

use crate::domain::{Code, Date, Modifier};
use crate::finding::{Finding, FindingCode, Place};

use super::super::header::{Column, Layout, year_in};
use super::super::tables::{Kind, Release};
use super::{MedicareOptions, Row, Sheet, compare, dates};

const fn needed(name: &'static str, headers: &'static [&'static str]) -> Column {
    Column { name, headers, needed: true }
}

const fn optional(name: &'static str, headers: &'static [&'static str]) -> Column {
    Column { name, headers, needed: false }
}

/// PPRRVU since 2014; the spreadsheets and the CSV have the same headers.
pub(super) static LAYOUT: Layout = Layout {
    what: "relative values (PPRRVU)",
    columns: &[
        needed("code", &["hcpcs", "hcpcs code", "hcpcs cpt code", "cpt hcpcs"]),
        needed("modifier", &["mod", "modifier"]),
        needed("status", &["status code", "status"]),
        needed("work RVU", &["work rvu"]),
        needed("non-facility PE RVU", &["nonfac pe rvu", "nonfacility pe rvu"]),
        needed("non-facility NA", &["nonfac na indicator", "nonfacility na indicator"]),
        needed("facility PE RVU", &["facility pe rvu", "fac pe rvu"]),
        needed("facility NA", &["facility na indicator", "fac na indicator"]),
        needed("MP RVU", &["mp rvu"]),
        needed("non-facility total", &["nonfacility total", "nonfac total"]),
        needed("facility total", &["facility total", "fac total"]),
        needed("PC/TC", &["pctc ind", "pc tc ind", "pctc indicator", "pc tc indicator"]),
        needed("global", &["glob days", "global days"]),
        needed("conversion factor", &["conv factor", "conversion factor"]),
        optional("OPPS non-facility PE", &["nonfacility pe used for opps payment amount"]),
        optional("OPPS facility PE", &["facility pe used for opps payment amount"]),
        optional("OPPS MP", &["mp used for opps payment amount"]),
    ],
    unused: &[
        "description",
        "short description",
        "not used for medicare payment",
        "medicare payment",
        "pre op",
        "intra op",
        "post op",
        "mult proc",
        "bilat surg",
        "asst surg",
        "co surg",
        "cosurg",
        "team surg",
        "endo base",
        "physician supervision of diagnostic procedures",
        "calculation flag",
        "diagnostic imaging family indicator",
    ],
    key: &["code", "modifier"],
};

/// The figures of one row.
struct Figures {
    row: Vec<String>,
    code: Code,
    modifier: Option<Modifier>,
    factor: Option<Decimal>,
    active: bool,
}

/// Reads the file; with the QP file of a year with two factors, only its factor.
pub(super) fn read(sheet: &Sheet<'_>, options: &MedicareOptions<'_>, findings: &mut Vec<Finding>) -> Option<Release> {
    let year = year(sheet, options, findings)?;
    let apm = apm(sheet.grid.file_name());
    let mut rows: BTreeMap<(Code, Option<Modifier>), (Figures, u32)> = BTreeMap::new();
    let mut twice = Vec::new();
    let (mut good, mut faults) = (0_usize, Vec::new());
    for row in sheet.rows(findings).collect::<Vec<_>>() {
        // Notes below the table.
        if row.line.filled() < 3 {
            continue;
        }
        match figures(&row) {
            Ok(figures) => {
                good += 1;
                let key = (figures.code, figures.modifier);
                match rows.get(&key) {
                    Some((other, line)) => {
                        let same = other.row == figures.row;
                        let part = figures.modifier.map_or_else(String::new, |part| format!("-{part}"));
                        let name = format!("{}{part}", figures.code);
                        findings.push(if same {
                            let place = Place::line(&sheet.grid.name, row.line.number).column("code");
                            Finding::new(FindingCode::DuplicateRow, place, format!("{name} stands on line {line}, too"))
                                .help("nothing; it was taken once")
                        } else {
                            row.contradicts("code", format!("{name} stands with other figures on line {line}, too"))
                        });
                        if !same {
                            twice.push(key);
                        }
                    }
                    None => {
                        rows.insert(key, (figures, row.line.number));
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
    for key in twice {
        rows.remove(&key);
    }
    let factor = factor(sheet, rows.values().map(|(figures, _)| figures), findings)?;
    let title = sheet.title();
    let from = first_day(sheet, options, year, &title, factor, apm, findings)?;
    let letter = dates::letter_of(from.month());
    let quarter = Date::from_ymd_opt(from.year(), dates::month_of(letter), 1);
    let revised = if quarter == Some(from) { "" } else { "R" };
    // A day that the user gave and on which nothing is known to begin has no name among CMS's releases.
    let nameless = options.from.is_some()
        && quarter != Some(from)
        && options.known.conversion_factors().all(|known| known.period.from() != from);
    let name = if nameless {
        format!("RVU{:02} from {from}", year % 100)
    } else {
        format!("RVU{:02}{letter}{revised}", year % 100)
    };
    compare_factor(sheet, options, from, factor, apm, findings);
    let all: Vec<Vec<String>> = rows.into_values().map(|(figures, _)| figures.row).collect();
    if !compare::relative_values(sheet, options.known, from, &all, findings) {
        return None;
    }
    let released =
        title.lines().find(|line| line.to_lowercase().contains("release")).and_then(|_| dates::slashed_day(&title));
    let released = released.map_or_else(String::new, |day| day.to_string());
    // The factor rides along with the values and is taken apart by the caller.
    let mut release = sheet.release(Kind::Rvu, from.to_string(), name.clone(), from);
    release.released = released;
    let head = [from.to_string(), year.to_string(), name];
    release.rows = all.into_iter().map(|row| head.iter().cloned().chain(row).collect()).collect();
    release.rows.sort();
    release.note = format!("{} {}", factor.normalize(), apm_word(apm));
    Some(release)
}

/// Takes the conversion factors off the releases of relative values, as releases of their own.
pub(super) fn with_factors(releases: Vec<Release>) -> Vec<Release> {
    let mut all = Vec::new();
    for mut release in releases {
        if release.kind == Kind::Rvu {
            let note = std::mem::take(&mut release.note);
            let (factor, apm) = note.split_once(' ').unwrap_or((&note, "all"));
            let last = Date::from_ymd_opt(release.from.year(), 12, 31).map_or_else(String::new, |day| day.to_string());
            let row = vec![release.key.clone(), last, factor.to_owned(), apm.to_owned()];
            all.push(Release { kind: Kind::Factors, rows: vec![row], left_out: 0, ..release.clone() });
            // The file for qualifying participants differs by the factor alone.
            if apm == "yes" {
                continue;
            }
        }
        all.push(release);
    }
    all
}

const fn apm_word(apm: Option<bool>) -> &'static str {
    match apm {
        None => "all",
        Some(true) => "yes",
        Some(false) => "no",
    }
}

/// Whether the file is for qualifying participants in an advanced payment model; since 2026 there are two files.
fn apm(name: &str) -> Option<bool> {
    let name = name.to_lowercase().replace(['-', '_'], "");
    match () {
        () if name.contains("nonqp") => Some(false),
        () if name.contains("qpp") || name.contains("qp.") => Some(true),
        () => None,
    }
}

/// The year of the title, which the file's name and the user must not contradict.
fn year(sheet: &Sheet<'_>, options: &MedicareOptions<'_>, findings: &mut Vec<Finding>) -> Option<i32> {
    let title = sheet.title();
    let first = title.lines().find(|line| line.to_lowercase().contains("fee schedule")).unwrap_or_default();
    let told = [
        ("the title", year_in(first)),
        (
            "the file's name",
            dates::year_of_name(sheet.grid.file_name())
                .filter(|_| sheet.grid.file_name().to_lowercase().starts_with("pprrvu")),
        ),
        ("the archive's name", dates::rvu_release(&sheet.grid.name).map(|(year, ..)| year)),
        ("--from", options.from.map(|day| day.year())),
        ("--year", options.year),
    ];
    agree(sheet, &told, findings)
}

/// The year on which all that tell one agree.
pub(super) fn agree(sheet: &Sheet<'_>, told: &[(&str, Option<i32>)], findings: &mut Vec<Finding>) -> Option<i32> {
    let told: Vec<(&str, i32)> = told.iter().filter_map(|(who, year)| year.map(|year| (*who, year))).collect();
    let Some((who, year)) = told.first() else {
        let found = format!(
            "{}: neither title nor name tells the year; nothing was imported from the table",
            sheet.layout.what
        );
        findings.push(sheet.finding(FindingCode::ImportUndated, found));
        return None;
    };
    if let Some((other, differs)) = told.iter().find(|(_, other)| other != year) {
        let found = format!(
            "{}: {who} says {year}, {other} says {differs}; nothing was imported from the table",
            sheet.layout.what
        );
        findings.push(sheet.finding(FindingCode::ImportWrongYear, found));
        return None;
    }
    Some(*year)
}

/// Says when two that tell a month tell different quarters: then nothing is known of the quarter. `--from` settles it.
pub(super) fn agree_on_quarter(
    sheet: &Sheet<'_>,
    told: &[(&str, Option<u32>)],
    findings: &mut Vec<Finding>,
) -> Option<()> {
    let mut told = told.iter().filter_map(|(who, month)| month.map(|month| (*who, dates::letter_of(month), month)));
    let Some((who, letter, month)) = told.next() else { return Some(()) };
    let Some((other, _, differs)) = told.find(|(_, other, _)| *other != letter) else { return Some(()) };
    let found = format!(
        "{}: {who} says month {month}, {other} month {differs}; nothing was imported from the table",
        sheet.layout.what
    );
    let help = "get the file again; if it is the right one, say --from DAY";
    findings.push(sheet.finding(FindingCode::ImportWrongYear, found).expected("one quarter").help(help));
    None
}

/// The first day of the release. A release in the middle of a quarter (2024, from 9 March) is known by its conversion factor.
fn first_day(
    sheet: &Sheet<'_>,
    options: &MedicareOptions<'_>,
    year: i32,
    title: &str,
    factor: Decimal,
    apm: Option<bool>,
    findings: &mut Vec<Finding>,
) -> Option<Date> {
    if options.from.is_some() {
        return options.from;
    }
    let first = title.lines().find(|line| line.to_lowercase().contains("fee schedule")).unwrap_or_default();
    let of_name = || dates::rvu_release(&sheet.grid.name).map(|(_, letter, _)| dates::month_of(letter));
    let told = [
        ("the title", dates::month_in(first)),
        ("the file's name", dates::month_in(sheet.grid.file_name())),
        ("the archive's name", of_name()),
    ];
    agree_on_quarter(sheet, &told, findings)?;
    let month = told.iter().find_map(|(_, month)| *month);
    let Some(day) = month.and_then(|month| Date::from_ymd_opt(year, dates::month_of(dates::letter_of(month)), 1))
    else {
        let found = format!(
            "{}: neither title nor name tells the quarter; nothing was imported from the table",
            sheet.layout.what
        );
        findings.push(sheet.finding(FindingCode::ImportUndated, found));
        return None;
    };
    let next = day.checked_add_months(chrono::Months::new(3)).unwrap_or(day);
    let known = |day| options.known.conversion_factor(day, apm == Some(true)).map(|known| known.value);
    if known(day) != Some(factor) {
        let later = options
            .known
            .conversion_factors()
            .find(|known| known.value == factor && known.period.from() > day && known.period.from() < next);
        if let Some(later) = later {
            return Some(later.period.from());
        }
    }
    Some(day)
}

/// The one factor of the rows with a fee; several are a finding, and no release.
fn factor<'a>(
    sheet: &Sheet<'_>,
    rows: impl Iterator<Item = &'a Figures>,
    findings: &mut Vec<Finding>,
) -> Option<Decimal> {
    let mut factors: BTreeMap<Decimal, u64> = BTreeMap::new();
    for figures in rows.filter(|figures| figures.active) {
        if let Some(factor) = figures.factor {
            *factors.entry(factor).or_default() += 1;
        }
    }
    if factors.len() == 1 {
        return factors.pop_first().map(|(factor, _)| factor);
    }
    let found = if factors.is_empty() {
        "no active row has a conversion factor; nothing was imported from the table".to_owned()
    } else {
        let list: Vec<String> = factors.iter().map(|(factor, count)| format!("{factor} on {count} rows")).collect();
        format!(
            "active rows have several conversion factors ({}); nothing was imported from the table",
            list.join(", ")
        )
    };
    findings
        .push(sheet.finding(FindingCode::ImportFactors, format!("{}: {found}", LAYOUT.what)).expected("one factor"));
    None
}

/// Says when the factor is another than the shipped one of that day; the imported one is used.
fn compare_factor(
    sheet: &Sheet<'_>,
    options: &MedicareOptions<'_>,
    from: Date,
    factor: Decimal,
    apm: Option<bool>,
    findings: &mut Vec<Finding>,
) {
    if let Some(known) = options.known.conversion_factor(from, apm == Some(true)).filter(|known| known.value != factor)
    {
        let found =
            format!("the conversion factor from {from} is {factor}, the shipped one {} ({})", known.value, known.row);
        findings.push(sheet.finding(FindingCode::ImportFactorDiffers, found));
    }
}

/// Reads one row and adds it up.
fn figures(row: &Row<'_>) -> Result<Figures, Box<Finding>> {
    let bad = |column: &str, expected: &str| Box::new(row.bad(column, expected));
    let code: Code = row.cell("code").parse().map_err(|_| bad("code", "a code of five characters"))?;
    if row.runs_over() {
        return Err(bad("code", "no cells beyond the header"));
    }
    let modifier = match row.cell("modifier") {
        "" => None,
        text => Some(text.parse::<Modifier>().map_err(|_| bad("modifier", "26, TC, 53 or nothing"))?),
    };
    let status = row.cell("status").to_ascii_uppercase();
    if status.len() != 1 || !status.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(bad("status", "a status of one letter"));
    }
    let value = |column: &'static str| -> Result<Decimal, Box<Finding>> {
        let value = Decimal::from_str_exact(row.cell(column)).ok();
        let mut value = value.filter(|v| !v.is_sign_negative() && v.normalize().scale() <= 2);
        if let Some(value) = &mut value {
            value.rescale(2);
        }
        value.ok_or_else(|| bad(column, "a number with two decimals"))
    };
    // CMS prints zeros where no cap applies: an empty cell under these headers belongs to a shorter row than the header's.
    let has_caps = row.sheet.header.place(&LAYOUT, "OPPS MP").is_some();
    let capped = |column: &'static str| if has_caps { value(column) } else { Ok(Decimal::ZERO) };
    let na = |column: &'static str| match row.cell(column) {
        "" => Ok(""),
        "NA" => Ok("NA"),
        _ => Err(bad(column, "NA or nothing")),
    };
    let (work, nf, fac, mp) =
        (value("work RVU")?, value("non-facility PE RVU")?, value("facility PE RVU")?, value("MP RVU")?);
    for (column, pe) in [("non-facility total", nf), ("facility total", fac)] {
        if value(column)? != work + pe + mp {
            let expected = format!("{work} + {pe} + {mp} = {}", work + pe + mp);
            return Err(Box::new(row.bad(column, &expected)));
        }
    }
    let pctc = row.cell("PC/TC");
    if pctc.len() > 1 {
        return Err(bad("PC/TC", "one digit"));
    }
    let global = row.cell("global").to_ascii_uppercase();
    // A spreadsheet makes 0 of 000 and 10 of 010.
    let global =
        if global.bytes().all(|b| b.is_ascii_digit()) && !global.is_empty() { format!("{global:0>3}") } else { global };
    if global.len() != 3 {
        return Err(bad("global", "XXX, YYY, ZZZ, MMM or a number of days"));
    }
    // No factor has ever been below 30 or above 40: a figure far from that stands under the wrong header.
    let factor = match row.cell("conversion factor") {
        "" => None,
        text => Some(
            Decimal::from_str_exact(text)
                .ok()
                .filter(|factor| *factor > Decimal::from(20) && *factor < Decimal::from(60) && factor.scale() <= 6)
                .ok_or_else(|| bad("conversion factor", "dollars such as 32.3465"))?,
        ),
    };
    let cells = [
        code.to_string(),
        modifier.map_or_else(String::new, |m| m.to_string()),
        status.clone(),
        work.to_string(),
        nf.to_string(),
        fac.to_string(),
        mp.to_string(),
        na("non-facility NA")?.to_owned(),
        na("facility NA")?.to_owned(),
        pctc.to_owned(),
        global,
        capped("OPPS non-facility PE")?.to_string(),
        capped("OPPS facility PE")?.to_string(),
        capped("OPPS MP")?.to_string(),
    ];
    let active = matches!(status.as_str(), "A" | "R" | "T");
    Ok(Figures { row: cells.to_vec(), code, modifier, factor, active })
}
