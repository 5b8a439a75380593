//! Fee schedules the user loads: a state's Medicaid schedule, a payer's contract rates. Every match says what matched.
//!
//! Columns: payer, area, code, modifier, setting or POS, rate, unit basis, effective_from, effective_to, source. Days are both
//! included; an empty `effective_to` is open; an empty area, modifier or setting is "any".

mod read;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use crate::domain::{Code, Date, Evidence, Locality, Modifiers, Period, Pos, State};
use crate::finding::Finding;

use super::sheet::Row;

/// What a rate multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum UnitBasis {
    /// Each unit.
    #[default]
    PerUnit,
    /// The line, whatever its units.
    PerLine,
}

/// Where a rate holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum RateArea {
    Everywhere,
    State(State),
    Locality(Locality),
}

/// In which setting a rate holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Setting {
    Any,
    Facility,
    NonFacility,
    Pos(Pos),
}

/// What a rate is for, apart from the code and the days. The order is the order of matching: later is more exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key {
    area: RateArea,
    modifiers: Modifiers,
    setting: Setting,
}

/// `area OH, modifier 25, POS 11`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.area {
            RateArea::Everywhere => f.write_str("any area")?,
            RateArea::State(state) => write!(f, "area {state}")?,
            RateArea::Locality(locality) => write!(f, "locality {locality}")?,
        }
        if self.modifiers.is_empty() {
            f.write_str(", any modifier")?;
        } else {
            write!(f, ", modifier {}", self.modifiers)?;
        }
        match self.setting {
            Setting::Any => f.write_str(", any setting"),
            Setting::Facility => f.write_str(", facility"),
            Setting::NonFacility => f.write_str(", non-facility"),
            Setting::Pos(pos) => write!(f, ", POS {pos}"),
        }
    }
}

/// One row of a schedule.
#[derive(Debug, Clone)]
struct Entry {
    row: Row,
    period: Period,
    rate: Decimal,
    basis: UnitBasis,
    source: Option<Arc<str>>,
}

/// The rows of one code by what they are for; of each, by first day, later rows of the file last.
type Rates = FxHashMap<Code, BTreeMap<Key, Vec<Entry>>>;

/// What a rate is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    /// The code.
    pub code: Code,
    /// The modifiers of the line.
    pub modifiers: Modifiers,
    /// The state of service, when known.
    pub state: Option<State>,
    /// The Medicare locality of service, when known.
    pub locality: Option<Locality>,
    /// The place of service, when known.
    pub pos: Option<Pos>,
    /// Whether that place is a facility for this payer.
    pub facility: bool,
    /// The day of service.
    pub day: Date,
}

/// The rate found, and why this one.
#[derive(Debug, Clone)]
pub struct ScheduleRate {
    /// Dollars per unit or line, as many decimals as the file has.
    pub rate: Decimal,
    /// What it multiplies.
    pub unit_basis: UnitBasis,
    /// Where it was read.
    pub row: Row,
    /// The days for which the row holds; open ones end with the calendar.
    pub period: Period,
    /// What the row is for: `area OH, modifier 25, POS 11`.
    pub matched: String,
    /// The row names a place of service or a setting (so that a facility rate was meant).
    pub names_place: bool,
    /// Loaded schedules are firm.
    pub evidence_kind: Evidence,
    /// The row's own `source` cell.
    pub source: Option<Arc<str>>,
}

/// A row of a schedule, as a term of a contract.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The code.
    pub code: Code,
    /// Its conditions as keys and values of a contract file: `("pos", "[\"11\"]")`.
    pub conditions: Vec<(&'static str, String)>,
    /// The days for which it holds.
    pub period: Period,
    /// Dollars.
    pub rate: Decimal,
    /// What it multiplies.
    pub unit_basis: UnitBasis,
    /// Where it was read.
    pub row: Row,
    /// How exact it is: of two rows that fit a line, the greater one is taken.
    pub exactness: (u8, usize, u8),
}

/// All loaded schedules by name.
#[derive(Debug, Clone, Default)]
pub struct Schedules(BTreeMap<Arc<str>, Rates>);

impl Schedules {
    /// Reads a schedule and keeps it under `name` (replacing one of the same name). Rows that cannot be read are left out and
    /// named; a file with the rates of several payers is also kept under `name:payer` for each of them, and under `name` only
    /// its rows without a payer.
    pub fn add(&mut self, name: &str, file: &str, csv: &[u8]) -> Vec<Finding> {
        let (schedules, findings) = read::schedule(name, file, csv);
        self.0.extend(schedules);
        findings
    }

    /// The rate that fits best of those in force on the day: locality before state before everywhere; then the row whose
    /// modifiers are on the line (more of them first) before one without; then POS before setting before any.
    #[must_use]
    pub fn find(&self, name: &str, query: &Query) -> Option<ScheduleRate> {
        let rates = self.0.get(name)?.get(&query.code)?;
        let in_force = rates.iter().filter(|(key, _)| fits(key, query)).filter_map(|(key, entries)| {
            let entry = entries.iter().rev().find(|entry| entry.period.contains(query.day))?;
            Some((key, entry))
        });
        let (key, entry) = in_force.max_by_key(|(key, _)| rank(key, query))?;
        Some(ScheduleRate {
            rate: entry.rate,
            unit_basis: entry.basis,
            row: entry.row.clone(),
            period: entry.period,
            matched: key.to_string(),
            names_place: key.setting != Setting::Any,
            evidence_kind: Evidence::Contract,
            source: entry.source.clone(),
        })
    }

    /// The rows for the code that [`Self::find`] passed over, each with the reason: for `explain`.
    #[must_use]
    pub fn passed_over(&self, name: &str, query: &Query) -> Vec<String> {
        let taken = self.find(name, query).map(|found| found.row);
        let Some(rates) = self.0.get(name).and_then(|rates| rates.get(&query.code)) else { return Vec::new() };
        let mut passed = Vec::new();
        for (key, entries) in rates {
            for entry in entries.iter().filter(|entry| taken.as_ref() != Some(&entry.row)) {
                let why = if !fits(key, query) {
                    "for another place or modifier"
                } else if !entry.period.contains(query.day) {
                    "not in force on the day"
                } else {
                    "less exact, or replaced by a later row"
                };
                passed.push(format!("{key}: {} ({}): {why}", entry.rate, entry.row));
            }
        }
        passed
    }

    /// All rows of a schedule, by code and from the most exact to the least; of rows for the same days the later one alone.
    #[must_use]
    pub fn listed(&self, name: &str) -> Vec<Listed> {
        let Some(rates) = self.0.get(name) else { return Vec::new() };
        let mut rows = Vec::new();
        for (code, by_key) in rates {
            for (key, entries) in by_key {
                for (i, entry) in entries.iter().enumerate() {
                    if entries[i + 1..].iter().any(|later| later.period == entry.period) {
                        continue;
                    }
                    let (conditions, exactness) = (conditions(key), exactness(key));
                    let (period, rate, unit_basis, row) = (entry.period, entry.rate, entry.basis, entry.row.clone());
                    rows.push(Listed { code: *code, conditions, period, rate, unit_basis, row, exactness });
                }
            }
        }
        rows.sort_by(|a, b| {
            (a.code, a.period).cmp(&(b.code, b.period)).then(b.exactness.cmp(&a.exactness)).then(a.row.cmp(&b.row))
        });
        rows
    }

    /// Whether a schedule of this name is loaded.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names of the loaded schedules, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|name| &**name)
    }

    /// Every day on which a rate begins or ends; unordered, with repeats.
    pub(super) fn boundaries(&self) -> Vec<Date> {
        let rates = self.0.values().flat_map(FxHashMap::values).flat_map(BTreeMap::values).flatten();
        rates.flat_map(|entry| [entry.period.from(), entry.period.until()]).collect()
    }
}

/// The conditions of a row as a contract file writes them.
fn conditions(key: &Key) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    match key.area {
        RateArea::Everywhere => {}
        RateArea::State(state) => out.push(("area", format!("[\"{state}\"]"))),
        RateArea::Locality(locality) => out.push(("area", format!("[\"{locality}\"]"))),
    }
    if !key.modifiers.is_empty() {
        let list: Vec<String> = key.modifiers.iter().map(|modifier| format!("\"{modifier}\"")).collect();
        out.push(("modifiers", format!("[{}]", list.join(", "))));
    }
    match key.setting {
        Setting::Any => {}
        Setting::Facility => out.push(("setting", "\"facility\"".to_owned())),
        Setting::NonFacility => out.push(("setting", "\"office\"".to_owned())),
        Setting::Pos(pos) => out.push(("pos", format!("[\"{pos}\"]"))),
    }
    out
}

/// How exact a row is, apart from the line it is asked for.
fn exactness(key: &Key) -> (u8, usize, u8) {
    let area = match key.area {
        RateArea::Everywhere => 0,
        RateArea::State(_) => 1,
        RateArea::Locality(_) => 2,
    };
    let setting = match key.setting {
        Setting::Any => 0,
        Setting::Facility | Setting::NonFacility => 1,
        Setting::Pos(_) => 2,
    };
    (area, key.modifiers.iter().count(), setting)
}

/// Whether a row is for what is asked.
fn fits(key: &Key, query: &Query) -> bool {
    let area = match key.area {
        RateArea::Everywhere => true,
        RateArea::State(state) => query.state == Some(state),
        RateArea::Locality(locality) => query.locality == Some(locality),
    };
    let setting = match key.setting {
        Setting::Any => true,
        Setting::Facility => query.facility,
        Setting::NonFacility => !query.facility,
        Setting::Pos(pos) => query.pos == Some(pos),
    };
    area && setting && key.modifiers.iter().all(|modifier| query.modifiers.iter().any(|m| m == modifier))
}

/// How exactly a fitting row fits. Of two rows with as many modifiers, the one whose first modifier stands first on the line.
fn rank(key: &Key, query: &Query) -> (u8, usize, Reverse<usize>, u8) {
    let area = match key.area {
        RateArea::Everywhere => 0,
        RateArea::State(_) => 1,
        RateArea::Locality(_) => 2,
    };
    let first = key.modifiers.iter().filter_map(|m| query.modifiers.iter().position(|on_line| on_line == m)).min();
    let setting = match key.setting {
        Setting::Any => 0,
        Setting::Facility | Setting::NonFacility => 1,
        Setting::Pos(_) => 2,
    };
    (area, key.modifiers.iter().count(), Reverse(first.unwrap_or(usize::MAX)), setting)
}
