//! NCCI edits around 96372: pairs of codes that are not paid together, and the most units that are plausible. One edition
//! (2024-07-01) stands for all days.

use rustc_hash::FxHashMap;

use crate::domain::Code;
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
    /// Where it was read.
    pub row: Row,
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
    pairs: FxHashMap<(Code, Code), Pair>,
    mues: FxHashMap<Code, Mue>,
}

impl Edits {
    /// Reads the embedded tables.
    pub(super) fn load() -> Result<Self> {
        let mut edits = Self { pairs: FxHashMap::default(), mues: FxHashMap::default() };
        for record in Sheet::embedded("datasets/ncci/ptp.csv")?.records() {
            let indicator = match record.text("indicator")? {
                "0" => Indicator::Never,
                "1" => Indicator::WithModifier,
                "9" => Indicator::NotApplicable,
                _ => return Err(record.bad("indicator", "0, 1 or 9")),
            };
            let (column1, column2) = (record.value("column1")?, record.value("column2")?);
            edits.pairs.insert((column1, column2), Pair { column1, column2, indicator, row: record.row() });
        }
        for record in Sheet::embedded("datasets/ncci/mue.csv")?.records() {
            let mue = Mue { units: record.number("units")?, mai: record.number("mai")?, row: record.row() };
            edits.mues.insert(record.value("code")?, mue);
        }
        Ok(edits)
    }

    /// The edit between two codes, in whichever direction it is published.
    #[must_use]
    pub fn pair(&self, a: Code, b: Code) -> Option<&Pair> {
        self.pairs.get(&(a, b)).or_else(|| self.pairs.get(&(b, a)))
    }

    /// The pairs whose column 2 is this code, by their rows: where this is the line that falls.
    #[must_use]
    pub fn falls_beside(&self, code: Code) -> Vec<&Pair> {
        let mut pairs: Vec<&Pair> = self.pairs.values().filter(|pair| pair.column2 == code).collect();
        pairs.sort_unstable_by(|a, b| a.row.cmp(&b.row));
        pairs
    }

    /// The first of `others` beside which `code` is never paid (it is column 2 of a pair with indicator 0).
    ///
    /// The direction matters: 96372 falls beside 99231, but beside 99211 it is 99211 that falls.
    pub fn never_with(&self, code: Code, mut others: impl Iterator<Item = Code>) -> Option<Code> {
        others.find(|other| self.pairs.get(&(*other, code)).is_some_and(|pair| pair.indicator == Indicator::Never))
    }

    /// The edit that lets `code` fall beside one of `others` unless a modifier separates it, with the other code's edit row.
    pub fn needs_modifier_with(&self, code: Code, others: impl Iterator<Item = Code>) -> Option<&Pair> {
        let mut pairs = others.filter_map(|other| self.pairs.get(&(other, code)));
        pairs.find(|pair| pair.indicator == Indicator::WithModifier)
    }

    /// The most plausible units of a code and its adjudication indicator (MAI): (4, 3) for 96372.
    #[must_use]
    pub fn mue(&self, code: Code) -> Option<(u32, u8)> {
        self.mues.get(&code).map(|mue| (mue.units, mue.mai))
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
        // DOMAIN §3: with an office visit the visit is column 2 and 25 helps; 99211 never.
        let visit = edits.pair(injection, code("99213")).unwrap();
        assert_eq!((visit.column2, visit.indicator), (code("99213"), Indicator::WithModifier));
        assert_eq!(edits.never_with(code("99211"), [injection].into_iter()), Some(injection));
        assert_eq!(edits.never_with(injection, [code("99211"), code("99213")].into_iter()), None);
        // Emergency visits are column 1: the injection falls, a modifier helps.
        let emergency = edits.pair(injection, code("99284")).unwrap();
        assert_eq!((emergency.column2, emergency.indicator), (injection, Indicator::WithModifier));
        // Subsequent hospital and nursing facility visits, anaesthesia: never.
        for never in ["99231", "99232", "99233", "99307", "99310", "00400"] {
            assert_eq!(edits.never_with(injection, [code(never)].into_iter()), Some(code(never)), "{never}");
        }
        assert!(edits.pair(injection, code("J3420")).is_none());
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
