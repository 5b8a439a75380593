//! NCCI edits around 96372: pairs of codes that are not paid together, and the most units that are plausible. One edition
//! (2024-07-01, or the one that was imported) stands for all days; a pair that ended and came back has a row per period.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::domain::{Code, Date};
use crate::finding::Result;

use super::sheet::{Row, Sheet};

/// Whether a modifier can separate the two codes of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indicator {
    /// 0: column 2 is never paid beside column 1.
    Never,
    /// 1: column 2 is paid with a modifier that separates it (25 on a visit, 59 or X{EPSU} on a procedure).
    WithModifier,
    /// 9: the edit does not apply.
    NotApplicable,
}

/// A procedure-to-procedure edit: of the two codes on one day, `column2` is the line that falls.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The code that is paid.
    pub column1: Code,
    /// The code that falls.
    pub column2: Code,
    /// Whether a modifier helps.
    pub indicator: Indicator,
    /// The first day on which the edit holds; `None` when the table does not tell (the shipped one does not).
    pub from: Option<Date>,
    /// The last day on which the edit holds; `None` while it is in force.
    pub until: Option<Date>,
    /// Where it was read.
    pub row: Row,
}

impl Pair {
    /// Whether the edit holds on a day.
    fn holds(&self, day: Date) -> bool {
        self.from.is_none_or(|first| day >= first) && self.until.is_none_or(|last| day <= last)
    }

    /// By which of the rows of a pair the latest is found: first by its last day, then by its first.
    fn age(&self) -> (Date, Date) {
        (self.until.unwrap_or(Date::MAX), self.from.unwrap_or(Date::MIN))
    }
}

/// The most plausible units of a code.
#[derive(Debug, Clone)]
pub struct Mue {
    /// Units of a line (MAI 1) or of a day (MAI 2 and 3).
    pub units: u32,
    /// 1: per line; 2: per day, absolute; 3: per day, appealable with records.
    pub mai: u8,
    /// Where it was read.
    pub row: Row,
}

/// The practitioner edits that name 96372, and the practitioner MUEs of the codes around it.
#[derive(Debug, Clone)]
pub struct Edits {
    /// Of each pair all periods, the latest last.
    pairs: FxHashMap<(Code, Code), Vec<Pair>>,
    mues: FxHashMap<Code, Mue>,
    pair_edition: Arc<str>,
    mue_edition: Arc<str>,
}

/// The edition of the shipped tables.
const SHIPPED: &str = "2024-07-01";

/// The edition of a table; imported ones name theirs in every row.
fn edition(sheet: &Sheet) -> Arc<str> {
    let told = sheet.records().next().map_or("", |record| record.text_if_any("edition"));
    if told.is_empty() { SHIPPED.into() } else { told.into() }
}

impl Edits {
    /// Reads the embedded tables.
    pub(super) fn load() -> Result<Self> {
        let mut edits = Self {
            pairs: FxHashMap::default(),
            mues: FxHashMap::default(),
            pair_edition: SHIPPED.into(),
            mue_edition: SHIPPED.into(),
        };
        edits.replace_pairs(&Sheet::embedded("datasets/ncci/ptp.csv")?)?;
        edits.replace_mues(&Sheet::embedded("datasets/ncci/mue.csv")?)?;
        Ok(edits)
    }

    /// Reads a table of pairs in place of the one that was read. A pair that ended and came back is listed once per period.
    pub(super) fn replace_pairs(&mut self, sheet: &Sheet) -> Result<()> {
        self.pairs.clear();
        self.pair_edition = edition(sheet);
        for record in sheet.records() {
            let indicator = match record.text("indicator")? {
                "0" => Indicator::Never,
                "1" => Indicator::WithModifier,
                "9" => Indicator::NotApplicable,
                _ => return Err(record.bad("indicator", "0, 1 or 9")),
            };
            let (column1, column2) = (record.value("column1")?, record.value("column2")?);
            let until = record.optional_date("until")?;
            let from = match record.text_if_any("from") {
                "" => None,
                _ => record.optional_date("from")?,
            };
            let pair = Pair { column1, column2, indicator, from, until, row: record.row() };
            let periods = self.pairs.entry((column1, column2)).or_default();
            // Rows of one age stay in the order of the table.
            periods.insert(periods.partition_point(|other| other.age() <= pair.age()), pair);
        }
        Ok(())
    }

    /// Reads a table of units in place of the one that was read.
    pub(super) fn replace_mues(&mut self, sheet: &Sheet) -> Result<()> {
        self.mues.clear();
        self.mue_edition = edition(sheet);
        for record in sheet.records() {
            let mue = Mue { units: record.number("units")?, mai: record.number("mai")?, row: record.row() };
            self.mues.insert(record.value("code")?, mue);
        }
        Ok(())
    }

    /// The latest periods of the pairs whose column 2 is this code, by their rows: where this is the line that falls.
    #[must_use]
    pub fn falls_beside(&self, code: Code) -> Vec<&Pair> {
        let latest = self.pairs.values().filter_map(|periods| periods.last());
        let mut pairs: Vec<&Pair> = latest.filter(|pair| pair.column2 == code).collect();
        pairs.sort_unstable_by(|a, b| a.row.cmp(&b.row));
        pairs
    }

    /// How `column2` falls beside `column1` on a day; `None` when no edit joins them in this direction.
    ///
    /// The direction matters: 96372 falls beside 99231, but beside 99211 it is 99211 that falls.
    #[must_use]
    pub fn falls(&self, column1: Code, column2: Code, day: Date) -> Option<Indicator> {
        self.falling(column1, column2, day).map(|pair| pair.indicator)
    }

    /// The row by which `column2` falls beside `column1` on a day: of several the latest.
    #[must_use]
    pub fn falling(&self, column1: Code, column2: Code, day: Date) -> Option<&Pair> {
        self.pairs.get(&(column1, column2))?.iter().rev().find(|pair| pair.holds(day))
    }

    /// Whether `column2` falls in this way beside `column1` on some day or other.
    #[must_use]
    pub fn may_fall(&self, column1: Code, column2: Code, indicator: Indicator) -> bool {
        self.pairs.get(&(column1, column2)).is_some_and(|periods| periods.iter().any(|p| p.indicator == indicator))
    }

    /// The edit between two codes on a day, in whichever direction it is published.
    #[must_use]
    pub fn pair_on(&self, a: Code, b: Code, day: Date) -> Option<&Pair> {
        self.falling(a, b, day).or_else(|| self.falling(b, a, day))
    }

    /// The edit between two codes, in force or not any more, in whichever direction it is published; its latest period.
    #[must_use]
    pub fn pair(&self, a: Code, b: Code) -> Option<&Pair> {
        self.pairs.get(&(a, b)).or_else(|| self.pairs.get(&(b, a)))?.last()
    }

    /// The edition of the table of pairs, as its first day.
    #[must_use]
    pub fn pair_edition(&self) -> &str {
        &self.pair_edition
    }

    /// The edition of the table of units, as its first day.
    #[must_use]
    pub fn mue_edition(&self) -> &str {
        &self.mue_edition
    }

    /// The days from which a pair holds, or holds no longer; unordered, with repeats.
    pub(super) fn boundaries(&self) -> Vec<Date> {
        let after = |pair: &Pair| pair.until.and_then(|last| last.succ_opt());
        self.pairs.values().flatten().flat_map(|pair| pair.from.into_iter().chain(after(pair))).collect()
    }

    /// The most plausible units of a code and its adjudication indicator (MAI): (4, 3) for 96372.
    #[must_use]
    pub fn mue(&self, code: Code) -> Option<(u32, u8)> {
        self.mues.get(&code).map(|mue| (mue.units, mue.mai))
    }

    /// Another limit for a code, to test what no row of the table has.
    #[cfg(test)]
    pub(crate) fn set_mue(&mut self, code: Code, units: u32, mai: u8) {
        let row = Row { file: "a test".into(), line: 0 };
        self.mues.insert(code, Mue { units, mai, row });
    }

    /// The same with its source.
    #[must_use]
    pub fn mue_row(&self, code: Code) -> Option<&Mue> {
        self.mues.get(&code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        text.parse().unwrap()
    }

    #[test]
    fn direction_decides_which_line_falls() {
        let edits = Edits::load().unwrap();
        let injection = code("96372");
        let day = crate::domain::parse_iso_date("2024-07-01").unwrap();
        let falls = |column1: &str, column2: &str| edits.falls(code(column1), code(column2), day);
        // DOMAIN §3: with an office visit the visit is column 2 and 25 helps; 99211 never.
        assert_eq!(falls("96372", "99213"), Some(Indicator::WithModifier));
        assert_eq!(falls("99213", "96372"), None);
        assert_eq!(falls("96372", "99211"), Some(Indicator::Never));
        // Emergency visits are column 1: the injection falls, a modifier helps.
        assert_eq!(falls("99284", "96372"), Some(Indicator::WithModifier));
        // Subsequent hospital and nursing facility visits, anaesthesia: never.
        for never in ["99231", "99232", "99233", "99307", "99310", "00400"] {
            assert_eq!(falls(never, "96372"), Some(Indicator::Never), "{never}");
        }
        assert!(edits.pair_on(injection, code("J3420"), day).is_none());
        // 0191T was deleted after 2021: it parts nothing any more.
        let on = |day: &str| edits.falls(code("0191T"), injection, crate::domain::parse_iso_date(day).unwrap());
        assert_eq!(on("2021-12-31"), Some(Indicator::WithModifier));
        assert_eq!(on("2022-01-01"), None);
    }

    #[test]
    fn unlikely_units() {
        let edits = Edits::load().unwrap();
        // DOMAIN §3: 96372 4/3, 96373 2/3, 96374 1/3, 96375 6/3.
        for (text, mue) in [("96372", (4, 3)), ("96373", (2, 3)), ("96374", (1, 3)), ("96375", (6, 3))] {
            assert_eq!(edits.mue(code(text)), Some(mue), "{text}");
        }
        assert_eq!(edits.mue(code("20610")), None);
    }
}
