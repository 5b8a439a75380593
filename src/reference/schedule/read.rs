//! Reads a schedule file. A bad row is left out and named; overlaps, gaps and repeats are named; nothing stops the run.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::{Code, Date, Locality, Modifiers, Period, Pos, State, grouped_decimal, parse_iso_date};
use crate::finding::{Finding, FindingCode, LineCounter, Place};

use super::{Entry, Key, RateArea, Rates, Row, Setting, UnitBasis};

/// Column names, each with the other headers that mean it. An area may also stand in columns of its own (locality before
/// state), and so may the place of service (before the setting).
const COLUMNS: [(&str, &[&str]); 13] = [
    ("payer", &["payer id", "payer name"]),
    ("area", &[]),
    ("locality", &["medicare locality"]),
    ("state", &["st"]),
    ("code", &["cpt", "hcpcs", "procedure", "procedure code"]),
    ("modifier", &["modifiers", "mod"]),
    ("pos", &["place of service"]),
    ("setting", &["setting or pos"]),
    ("rate", &["fee", "allowed", "amount"]),
    ("unit basis", &["basis", "per"]),
    ("effective from", &["from", "start", "effective", "effective date"]),
    ("effective to", &["to", "end", "until", "end date"]),
    ("source", &["note"]),
];

/// A row that could not be read: the column and what was expected of it.
struct Bad {
    column: &'static str,
    expected: String,
}

/// Reads a schedule; the rates by the name under which they are kept, and what is wrong with the file.
pub(super) fn schedule(name: &str, file: &str, bytes: &[u8]) -> (Vec<(Arc<str>, Rates)>, Vec<Finding>) {
    let mut findings = Vec::new();
    let file: Arc<str> = Arc::from(file);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.byte_headers().cloned().unwrap_or_default();
    let columns = columns(&header, &file, &mut findings);
    for needed in ["code", "rate", "effective from"] {
        if COLUMNS.iter().zip(columns).any(|((column, _), at)| *column == needed && at.is_none()) {
            let found = format!("the schedule has no column \"{needed}\"");
            findings.push(Finding::new(FindingCode::MissingColumn, Place::line(&*file, 1).column(needed), found));
        }
    }
    let mut rows = Vec::new();
    if findings.is_empty() {
        let mut lines = LineCounter::new(bytes);
        for record in reader.byte_records() {
            match record {
                Ok(record) => {
                    let line = lines.line(record.position());
                    match row(&record, &columns, &file, line) {
                        Ok(row) => {
                            if row.3.rate.is_zero() {
                                let place = Place::line(&*file, line).column("rate");
                                let found = format!("{}: the rate is 0.00, so nothing is expected of its lines", row.1);
                                findings.push(Finding::new(FindingCode::ZeroRate, place, found));
                            }
                            rows.push(row);
                        }
                        Err(bad) => {
                            let place = Place::line(&*file, line).column(bad.column);
                            let found = "the row cannot be used as a rate";
                            findings
                                .push(Finding::new(FindingCode::ScheduleRowBad, place, found).expected(bad.expected));
                        }
                    }
                }
                Err(_) => {
                    let found = "the file cannot be read as CSV";
                    findings.push(Finding::new(FindingCode::ScheduleRowBad, Place::file(&*file), found));
                    break;
                }
            }
        }
    }
    (by_payer(name, &file, rows, &mut findings), findings)
}

/// Which cell of a row holds which column. The header spelled as ours goes before the others; two others for one column are
/// named, because choosing one of them would be a guess.
fn columns(header: &csv::ByteRecord, file: &str, findings: &mut Vec<Finding>) -> [Option<usize>; COLUMNS.len()] {
    let names: Vec<String> = header
        .iter()
        .map(|cell| String::from_utf8_lossy(cell).trim().to_ascii_lowercase().replace(['_', '-'], " "))
        .collect();
    COLUMNS.map(|(column, others)| {
        let exact = names.iter().position(|name| name == column);
        let mut meant = names.iter().enumerate().filter(|(_, name)| others.contains(&name.as_str()));
        let first = meant.next();
        if let (None, Some((_, a)), Some((_, b))) = (exact, first, meant.next()) {
            let found = format!("\"{a}\" and \"{b}\" could both be the {column}");
            findings.push(Finding::new(FindingCode::AmbiguousColumn, Place::line(file, 1).column(column), found));
        }
        exact.or(first.map(|(at, _)| at))
    })
}

/// A readable row: payer (normalised), code, key, entry.
type Readable = (String, Code, Key, Entry);

/// Splits the rows of a file with several payers; with one payer, or none, all rows are the schedule's.
fn by_payer(name: &str, file: &str, rows: Vec<Readable>, findings: &mut Vec<Finding>) -> Vec<(Arc<str>, Rates)> {
    let payers: BTreeSet<String> = rows.iter().map(|row| row.0.clone()).filter(|payer| !payer.is_empty()).collect();
    if payers.len() < 2 {
        return vec![(Arc::from(name), rates(file, rows.into_iter(), findings))];
    }
    let list = payers.iter().map(|payer| format!("\"{name}:{payer}\"")).collect::<Vec<_>>().join(", ");
    findings.push(
        Finding::new(
            FindingCode::ScheduleRowBad,
            Place::line(file, 1).column("payer"),
            "the file holds several payers",
        )
        .expected("terms that name one of them")
        .help(format!("write schedule = one of {list}; \"{name}\" alone has only the rows without a payer")),
    );
    let mut schedules = Vec::new();
    for payer in std::iter::once("").chain(payers.iter().map(String::as_str)) {
        let own = rows.iter().filter(|row| row.0.is_empty() || row.0 == payer).cloned();
        let full = if payer.is_empty() { name.to_owned() } else { format!("{name}:{payer}") };
        // What is wrong with the rows without a payer is said once, not once a payer.
        let mut said = Vec::new();
        schedules.push((Arc::from(full.as_str()), rates(file, own, &mut said)));
        said.retain(|finding| !findings.contains(finding));
        findings.append(&mut said);
    }
    schedules
}

/// Orders the rows of one schedule and names overlaps, gaps and repeats.
fn rates(file: &str, rows: impl Iterator<Item = Readable>, findings: &mut Vec<Finding>) -> Rates {
    let mut rates = Rates::default();
    for (_, code, key, entry) in rows {
        rates.entry(code).or_insert_with(BTreeMap::new).entry(key).or_default().push(entry);
    }
    let mut codes: Vec<Code> = rates.keys().copied().collect();
    codes.sort_unstable();
    for code in codes {
        for (key, entries) in rates.get_mut(&code).into_iter().flatten() {
            entries.sort_by_key(|entry| (entry.period.from(), entry.row.line));
            neighbours(file, code, key, entries, findings);
        }
    }
    rates
}

/// Names what neighbouring rows for the same thing do wrong.
fn neighbours(file: &str, code: Code, key: &Key, entries: &[Entry], findings: &mut Vec<Finding>) {
    let mut longest: Option<&Entry> = None;
    for entry in entries {
        let place = Place::line(file, entry.row.line);
        if let Some(earlier) = longest {
            let other = earlier.row.line;
            if let Some(both) = earlier.period.intersect(entry.period) {
                let same_days = earlier.period == entry.period;
                let (kind, found) = if !same_days {
                    (FindingCode::ScheduleOverlap, format!("{code} ({key}): line {other} also covers {}", days(both)))
                } else if earlier.rate != entry.rate || earlier.basis != entry.basis {
                    let rates = format!("{} and {}", earlier.rate, entry.rate);
                    (
                        FindingCode::DuplicateRate,
                        format!("{code} ({key}): line {other} has the same days; rates {rates}"),
                    )
                } else {
                    continue;
                };
                findings.push(Finding::new(kind, place.column("effective_from"), found));
            } else if let Some(gap) = Period::new(earlier.period.until(), entry.period.from()) {
                let found = format!("{code} ({key}): no rate from {gap}, between line {other} and this one");
                findings.push(Finding::new(FindingCode::ScheduleGap, place.column("effective_from"), found));
            }
        }
        if longest.is_none_or(|longest| longest.period.until() <= entry.period.until()) {
            longest = Some(entry);
        }
    }
}

/// The days in words: a row without an end has no last day.
fn days(period: Period) -> String {
    if period.until() == Date::MAX { format!("{} and all later days", period.from()) } else { period.to_string() }
}

/// Reads one row.
fn row(
    record: &csv::ByteRecord,
    columns: &[Option<usize>; COLUMNS.len()],
    file: &Arc<str>,
    line: u32,
) -> Result<Readable, Bad> {
    let text = |column: &'static str| -> Result<&str, Bad> {
        let at = COLUMNS.iter().position(|(name, _)| *name == column).and_then(|i| columns[i]);
        let cell = at.and_then(|i| record.get(i)).unwrap_or_default();
        std::str::from_utf8(cell).map(str::trim).map_err(|_| Bad { column, expected: "text in UTF-8".to_owned() })
    };
    let first_of = |columns: [&'static str; 3]| -> Result<&str, Bad> {
        for column in columns {
            match text(column)? {
                "" => {}
                cell => return Ok(cell),
            }
        }
        Ok("")
    };
    let code: Code = parse(text("code")?, "code")?;
    let rate = money(text("rate")?)
        .ok_or_else(|| bad("rate", "a rate of zero or more, such as 13.78, with a comma only between thousands"))?;
    let from = parse_iso_date(text("effective from")?).map_err(|e| bad("effective from", e.expected))?;
    let last = match text("effective to")? {
        "" => None,
        cell => Some(parse_iso_date(cell).map_err(|e| bad("effective to", e.expected))?),
    };
    let until = last.and_then(|last| last.succ_opt()).unwrap_or(Date::MAX);
    let period = Period::new(from, until).ok_or_else(|| bad("effective to", "a day not before the first"))?;
    let key = Key {
        area: area(first_of(["area", "locality", "state"])?)
            .ok_or_else(|| bad("area", "a state (OH), a locality (15202-00), or nothing"))?,
        modifiers: parse::<Modifiers>(text("modifier")?, "modifier")?,
        setting: setting(first_of(["pos", "setting", "setting"])?)
            .ok_or_else(|| bad("setting", "facility, nonfacility, a place of service such as 11, or nothing"))?,
    };
    let basis = match words(text("unit basis")?).as_str() {
        "" | "perunit" | "unit" => UnitBasis::PerUnit,
        "perline" | "line" => UnitBasis::PerLine,
        _ => return Err(bad("unit basis", "per-unit, per-line or nothing")),
    };
    let source = Some(text("source")?).filter(|source| !source.is_empty()).map(Arc::from);
    let entry = Entry { row: Row { file: Arc::clone(file), line }, period, rate, basis, source };
    Ok((text("payer")?.to_ascii_lowercase(), code, key, entry))
}

fn bad(column: &'static str, expected: &str) -> Bad {
    Bad { column, expected: expected.to_owned() }
}

fn parse<T: FromStr<Err = crate::domain::Unreadable>>(text: &str, column: &'static str) -> Result<T, Bad> {
    text.parse().map_err(|e: crate::domain::Unreadable| bad(column, e.expected))
}

/// A rate: digits with a point, a dollar sign and commas between thousands allowed; never negative.
fn money(text: &str) -> Option<Decimal> {
    let plain = text.strip_prefix('$').unwrap_or(text).trim();
    grouped_decimal(plain).filter(|rate| !rate.is_sign_negative())
}

fn area(text: &str) -> Option<RateArea> {
    if text.is_empty() || text.eq_ignore_ascii_case("all") || text == "*" {
        return Some(RateArea::Everywhere);
    }
    let state = text.parse::<State>().ok().map(RateArea::State);
    state.or_else(|| text.parse::<Locality>().ok().map(RateArea::Locality))
}

fn setting(text: &str) -> Option<Setting> {
    match words(text).as_str() {
        "" | "any" | "all" => Some(Setting::Any),
        "facility" | "f" => Some(Setting::Facility),
        "nonfacility" | "nf" | "office" => Some(Setting::NonFacility),
        pos => pos.trim_start_matches("pos").parse::<Pos>().ok().map(Setting::Pos),
    }
}

/// Lower-case letters and digits only: `Non-Facility` → `nonfacility`.
fn words(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
