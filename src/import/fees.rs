//! A state's Medicaid schedule or a payer's fee table as it comes → a schedule in the program's own layout.
//!
//! Every state and payer has its own headers; usual ones are known, and the user maps the others. What cannot be read is left
//! out and named; a cell without an amount ("by report") is no rate and never 0.

use std::str::FromStr;

use rust_decimal::Decimal;

use crate::domain::{Code, Date, Locality, Modifiers, Pos, State, grouped_decimal};
use crate::finding::{Finding, FindingCode, Findings, Place};
use crate::ingest::us_day;

use super::grid::{Grid, words};
use super::{sha256, source};

/// The columns of a schedule in the program's own layout.
pub(super) const COLUMNS: [&str; 10] =
    ["payer", "area", "code", "modifier", "setting", "rate", "unit_basis", "effective_from", "effective_to", "source"];

/// What a fee table may tell: field and usual headers. Two rates side by side are split into two rows.
const FIELDS: [(&str, &[&str]); 11] = [
    (
        "code",
        &[
            "code",
            "cpt",
            "hcpcs",
            "cpt code",
            "hcpcs code",
            "cpt hcpcs",
            "cpt hcpcs code",
            "hcpcs cpt code",
            "procedure",
            "procedure code",
            "proc code",
            "proc cd",
            "service code",
            "billing code",
        ],
    ),
    ("modifier", &["modifier", "modifiers", "mod", "mod 1", "mod1", "modifier 1"]),
    (
        "rate",
        &[
            "rate",
            "fee",
            "allowed",
            "allowed amount",
            "amount",
            "max fee",
            "maximum fee",
            "maximum allowable",
            "maximum allowable fee",
            "current rate",
            "medicaid rate",
            "medicaid fee",
            "fee schedule amount",
            "price",
            "contract rate",
            "negotiated rate",
            "total fee",
        ],
    ),
    (
        "nonfacility_rate",
        &[
            "nonfacility rate",
            "nonfacility fee",
            "nonfac fee",
            "nonfac rate",
            "non facility rate",
            "non facility fee",
            "office rate",
        ],
    ),
    ("facility_rate", &["facility rate", "facility fee", "fac fee", "fac rate"]),
    ("setting", &["setting", "place of service", "pos", "setting or pos"]),
    ("area", &["area", "locality", "region", "state"]),
    ("unit_basis", &["unit basis", "basis", "per"]),
    (
        "effective_from",
        &[
            "effective from",
            "effective date",
            "effective",
            "eff date",
            "begin date",
            "start date",
            "start",
            "from",
            "from date",
            "rate effective date",
        ],
    ),
    (
        "effective_to",
        &[
            "effective to",
            "end date",
            "end",
            "thru date",
            "through date",
            "to",
            "to date",
            "until",
            "termination date",
            "rate end date",
        ],
    ),
    ("payer", &["payer", "payer id", "payer name"]),
];

/// Where each field stands.
type Places = [Option<usize>; FIELDS.len()];

/// A sheet, the line of its header, where the fields stand, and fields that two headers claim.
type Layout<'a> = (&'a Grid, usize, Places, Vec<String>);

/// What the user says of the table.
#[derive(Debug, Clone, Default)]
pub struct FeeOptions {
    /// The headers of fields, as the file spells them: `("code", "Proc Cd")`. They go before the usual ones.
    pub map: Vec<(String, String)>,
    /// The area of rows that tell none.
    pub state: Option<State>,
    /// The first day of rows that tell none.
    pub from: Option<Date>,
    /// The last day of rows that tell none.
    pub to: Option<Date>,
    /// The name of the schedule, for the `source` of its rows.
    pub name: String,
}

/// A fee table in the program's own layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fees {
    /// The schedule as CSV; `None` when nothing of the file can be used.
    pub csv: Option<Vec<u8>>,
    /// How many rates it has.
    pub rates: usize,
    /// How many rows set no amount ("by report", blank).
    pub without_rate: usize,
    /// How many rates could not be read: they are not in the schedule.
    pub left_out: usize,
    /// SHA-256 of the file the user gave.
    pub source_sha256: String,
}

/// The fields that can be mapped.
#[must_use]
pub fn fee_fields() -> Vec<&'static str> {
    FIELDS.iter().map(|(field, _)| *field).collect()
}

/// Reads the fee table `name`. Of a workbook, the first sheet that has a code and a rate.
#[must_use]
pub fn fees(name: &str, bytes: &[u8], options: &FeeOptions) -> (Fees, Vec<Finding>) {
    let mut findings = Vec::new();
    let grids = source::grids(name, bytes, &mut findings);
    let mut best: Option<Layout<'_>> = None;
    for grid in &grids {
        for at in 0..grid.lines.len().min(40) {
            let (places, twice) = places(grid, at, options);
            let score = places.iter().flatten().count();
            let most = best.as_ref().map_or(0, |(.., places, _)| places.iter().flatten().count());
            if score > most {
                best = Some((grid, at, places, twice));
            }
        }
    }
    let mut fees = Fees { csv: None, rates: 0, without_rate: 0, left_out: 0, source_sha256: sha256(bytes) };
    match best {
        None if grids.is_empty() => {}
        None => {
            let found = "no row looks like a header of codes and rates";
            findings.push(
                Finding::new(FindingCode::NoHeader, Place::file(name), found)
                    .help("map the columns: --map code=\"Proc Cd\" --map rate=\"Max Fee\""),
            );
        }
        Some((grid, at, places, twice)) => convert(grid, at, &places, &twice, options, &mut fees, &mut findings),
    }
    let mut folded = Findings::default();
    for finding in findings {
        // Every faulty row has to be found.
        if finding.code == FindingCode::ScheduleRowBad {
            folded.push_apart(finding);
        } else {
            folded.push(finding);
        }
    }
    (fees, folded.into_sorted())
}

/// Where the fields stand when this line is the header, and which of them two headers claim.
fn places(grid: &Grid, at: usize, options: &FeeOptions) -> (Places, Vec<String>) {
    let headers: Vec<String> = grid.lines[at].cells.iter().map(|cell| words(cell)).collect();
    let mut twice = Vec::new();
    let places = FIELDS.map(|(field, usual)| {
        if let Some((_, header)) = options.map.iter().find(|(name, _)| name == field) {
            return headers.iter().position(|cell| !cell.is_empty() && *cell == words(header));
        }
        // A header the user gave to another field is not free.
        let taken = |cell: &String| options.map.iter().any(|(_, header)| words(header) == *cell);
        let mut found = headers.iter().enumerate().filter(|(_, cell)| usual.contains(&cell.as_str()) && !taken(cell));
        let first = found.next();
        if let (Some((_, a)), Some((_, b))) = (first, found.next()) {
            twice.push(format!("\"{a}\" and \"{b}\" could both be the {field}"));
        }
        first.map(|(at, _)| at)
    });
    (places, twice)
}

fn convert(
    grid: &Grid,
    at: usize,
    places: &Places,
    twice: &[String],
    options: &FeeOptions,
    fees: &mut Fees,
    findings: &mut Vec<Finding>,
) {
    let header = || Place::line(&grid.name, grid.lines[at].number);
    let place = |field: &str| FIELDS.iter().position(|(name, _)| *name == field).and_then(|i| places[i]);
    for both in twice {
        findings.push(
            Finding::new(FindingCode::AmbiguousColumn, header(), both.clone())
                .help("say which: --map rate=\"Max Fee\""),
        );
    }
    for (field, column) in options.map.iter().filter(|(field, _)| place(field).is_none()) {
        let found = format!("no column is headed \"{column}\"");
        findings.push(
            Finding::new(FindingCode::MissingColumn, header().column(field), found)
                .help("write the header as it stands in the file"),
        );
    }
    let mapped = |field: &str| options.map.iter().any(|(name, _)| name == field);
    let mut two = [place("nonfacility_rate"), place("facility_rate")];
    let by_setting = mapped("nonfacility_rate") || mapped("facility_rate");
    let both = place("rate").is_some() && two.iter().any(Option::is_some) && mapped("rate") == by_setting;
    if both {
        let found = "one column holds a rate, others hold rates by setting";
        findings.push(
            Finding::new(FindingCode::AmbiguousColumn, header().column("rate"), found)
                .help("say which: --map rate=\"Max Fee\", or --map nonfacility_rate=\"Office Fee\""),
        );
    }
    if mapped("rate") && !by_setting {
        two = [None, None];
    }
    let no_rate = place("rate").is_none() && two.iter().all(Option::is_none);
    let no_day = place("effective_from").is_none() && options.from.is_none();
    let lacks = [("code", place("code").is_none()), ("rate", no_rate), ("effective_from", no_day)];
    for (field, lacking) in lacks {
        if lacking && !options.map.iter().any(|(name, _)| name == field) {
            let help = match field {
                "effective_from" => "say from when the rates hold: --from 2024-07-01",
                "rate" => "map it: --map rate=\"Max Fee\"",
                _ => "map it: --map code=\"Proc Cd\"",
            };
            let found = format!("the table has no column for {field}");
            findings.push(Finding::new(FindingCode::MissingColumn, header().column(field), found).help(help));
        }
    }
    if lacks.iter().any(|(_, lacking)| *lacking)
        || both
        || !twice.is_empty()
        || options.map.iter().any(|(field, _)| place(field).is_none())
    {
        return;
    }
    let mut rows: Vec<[String; COLUMNS.len()]> = Vec::new();
    for line in &grid.lines[at + 1..] {
        let cell = |field: &str| place(field).map_or("", |at| line.cell(at));
        let rates = match two {
            [None, None] => vec![("", "rate", cell("rate"))],
            _ => vec![
                ("nonfacility", "nonfacility_rate", cell("nonfacility_rate")),
                ("facility", "facility_rate", cell("facility_rate")),
            ],
        };
        // Titles and notes between the rows have neither code nor rate.
        let sets_rate = rates.iter().any(|(.., rate)| rate.bytes().any(|b| b.is_ascii_digit()));
        if line.filled() < 2 || (cell("code").is_empty() && !sets_rate) {
            continue;
        }
        for (side, column, rate) in rates {
            match row(&cell, side, rate, options) {
                Ok(Some(row)) => rows.push(row),
                Ok(None) => fees.without_rate += 1,
                Err((field, expected)) => {
                    fees.left_out += 1;
                    let field = if field == "rate" { column } else { field };
                    let place = Place::line(&grid.name, line.number).column(field);
                    let shown: String = cell(field).chars().take(40).collect();
                    let found = format!("{}: found \"{shown}\"", cell("code")).trim_start_matches(": ").to_owned();
                    findings.push(Finding::new(FindingCode::ScheduleRowBad, place, found).expected(expected));
                }
            }
        }
    }
    let before = rows.len();
    // The order of the file stays: of two rates for the same days the later row is used, and that is said.
    let mut seen = std::collections::BTreeSet::new();
    rows.retain(|row| seen.insert(row.clone()));
    if rows.len() < before {
        let repeats = before - rows.len();
        let found =
            if repeats == 1 { "1 row repeats another".to_owned() } else { format!("{repeats} rows repeat others") };
        let finding = Finding::new(FindingCode::DuplicateRow, Place::file(&grid.name), found);
        findings.push(finding.help("nothing, if each rate was meant once; it was taken once"));
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = std::iter::once(COLUMNS.map(str::to_owned))
        .chain(rows.iter().cloned())
        .try_for_each(|row| writer.write_record(&row));
    fees.rates = rows.len();
    fees.csv = written.ok().and_then(|()| writer.into_inner().ok()).filter(|_| !rows.is_empty());
}

/// One row of the schedule; `None` when it sets no amount.
fn row<'a>(
    cell: &impl Fn(&str) -> &'a str,
    side: &str,
    rate: &str,
    options: &FeeOptions,
) -> Result<Option<[String; COLUMNS.len()]>, (&'static str, &'static str)> {
    let parsed = |text: &str| -> Option<Decimal> {
        grouped_decimal(text.trim_start_matches('$').trim()).filter(|rate| !rate.is_sign_negative())
    };
    let digits = rate.bytes().any(|b| b.is_ascii_digit());
    // "BR", "IC", "N/A", "manually priced": no amount is set.
    if !digits {
        return Ok(None);
    }
    let rate =
        parsed(rate).ok_or(("rate", "a rate of zero or more, such as 13.78, with a comma only between thousands"))?;
    let code: Code = read(cell("code"), "code", "a code of five characters")?;
    let modifiers: Modifiers = read(cell("modifier"), "modifier", "modifiers of two characters")?;
    let area = match cell("area") {
        "" => options.state.map_or_else(String::new, |state| state.to_string()),
        text => match (text.parse::<State>(), text.parse::<Locality>()) {
            (Ok(state), _) => state.to_string(),
            (_, Ok(locality)) => locality.to_string(),
            _ => return Err(("area", "a state (OH), a locality (15202-00), or nothing")),
        },
    };
    let setting = match (side, words(cell("setting")).replace(' ', "").as_str()) {
        (side, "") => side.to_owned(),
        ("", "facility" | "fac" | "f") => "facility".to_owned(),
        ("", "nonfacility" | "nonfac" | "nf" | "office") => "nonfacility".to_owned(),
        ("", "any" | "all") => String::new(),
        ("", pos) => match pos.trim_start_matches("pos").parse::<Pos>() {
            Ok(pos) => pos.to_string(),
            Err(_) => return Err(("setting", "facility, nonfacility, or a place of service such as 11")),
        },
        _ => return Err(("setting", "nothing beside two rates of settings")),
    };
    let basis = match words(cell("unit_basis")).as_str() {
        "" | "per unit" | "perunit" | "unit" => "per-unit",
        "per line" | "perline" | "line" => "per-line",
        _ => return Err(("unit_basis", "per-unit, per-line or nothing")),
    };
    let day = |field: &'static str, other: Option<Date>| match cell(field) {
        "" => Ok(other),
        text => us_day(text).map(Some).ok_or((field, "a day such as 2024-07-01 or 07/01/2024")),
    };
    let from = day("effective_from", options.from)?.ok_or(("effective_from", "a day such as 2024-07-01"))?;
    // States write an open end as the last day of the calendar.
    let to = match cell("effective_to") {
        open if open.contains("9999") || open.contains("2299") => None,
        _ => day("effective_to", options.to)?,
    };
    if to.is_some_and(|to| to < from) {
        return Err(("effective_to", "a day not before the first"));
    }
    let payer = cell("payer").trim_start_matches(['=', '+', '-', '@']).to_owned();
    let text = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    Ok(Some([
        payer,
        area,
        code.to_string(),
        modifiers.to_string(),
        setting,
        rate.to_string(),
        basis.to_owned(),
        text(Some(from)),
        text(to),
        options.name.trim_start_matches(['=', '+', '-', '@']).to_owned(),
    ]))
}

fn read<T: FromStr>(
    text: &str,
    field: &'static str,
    expected: &'static str,
) -> Result<T, (&'static str, &'static str)> {
    text.parse().map_err(|_| (field, expected))
}
