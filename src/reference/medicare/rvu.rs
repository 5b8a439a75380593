//! Relative value units of the Medicare physician fee schedule, by code and release.

use std::sync::Arc;

use rust_decimal::Decimal;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::domain::{Code, Date, Modifier, Period};
use crate::finding::Result;
use crate::reference::sheet::{Record, Row, Sheet};

use super::{Parts, fee};
use crate::domain::Money;

const FILE: &str = "datasets/medicare/rvu.csv";

/// The modifiers that have rows of their own in the physician schedule.
pub(super) const PARTS: [&str; 3] = ["26", "53", "TC"];

/// The values of one code in one release. RVUs have two decimals.
#[derive(Debug, Clone)]
pub struct Rvu {
    /// Where it was read.
    pub row: Row,
    /// `26` professional part, `TC` technical part, `53` discontinued; `None` is the whole service. Shipped rows have none.
    pub modifier: Option<Modifier>,
    /// The row comes from an imported release, which lists every code and every modifier.
    pub imported: bool,
    /// `RVU24AR`.
    pub release: Arc<str>,
    /// The first day for which CMS published the release.
    pub published_from: Date,
    /// The days for which the release is used here: a year's first release also covers the days of that year before it.
    pub period: Period,
    /// Status of the code (`A` active, `B` bundled, `E`/`X` excluded, `I` not valid for Medicare); 2019 has none.
    pub status: Option<char>,
    /// Work RVU.
    pub work: Decimal,
    /// Practice expense RVU outside a facility.
    pub nf_pe: Decimal,
    /// Practice expense RVU in a facility. Printed even where `fac_na` says that it does not apply.
    pub fac_pe: Decimal,
    /// Malpractice RVU.
    pub mp: Decimal,
    /// The non-facility value does not apply: the service is rarely or never given outside a facility. CMS has no practice
    /// expense for it there; where the contractor takes it nevertheless, it is paid at the facility value (Addendum B of the
    /// physician fee schedule).
    pub nf_na: bool,
    /// The facility value does not apply: the professional line is not payable in a facility.
    pub fac_na: bool,
    /// PC/TC indicator as printed (`0` physician service, `1` diagnostic test, `4` whole test, `5` incident-to); 2019 has none.
    pub pctc: Option<char>,
    /// PC/TC indicator 5: incident to a physician's service, not payable to the professional in a facility.
    pub incident_to: bool,
    /// Global period ZZZ: an add-on, billed only beside the service it adds to. 2019 rows do not tell.
    pub add_on: bool,
    /// The values by which the payment of imaging is capped at the hospital outpatient rate; `None` where no cap applies.
    pub cap: Option<Cap>,
}

/// The relative values of the outpatient cap (DRA §5102(b)); the work is that of the row itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    /// Practice expense outside a facility.
    pub nf_pe: Decimal,
    /// Practice expense in a facility.
    pub fac_pe: Decimal,
    /// Malpractice.
    pub mp: Decimal,
}

impl Rvu {
    /// Whether the facility value is the one that pays in the setting: in a facility, and where the other one is "NA".
    #[must_use]
    pub const fn takes_facility_value(&self, facility: bool) -> bool {
        facility || self.nf_na
    }

    /// The practice expense RVU that pays in the setting.
    #[must_use]
    pub const fn pe(&self, facility: bool) -> Decimal {
        if self.takes_facility_value(facility) { self.fac_pe } else { self.nf_pe }
    }

    /// The practice expense RVU of the outpatient cap in the setting.
    #[must_use]
    pub const fn cap_pe(&self, cap: &Cap, facility: bool) -> Decimal {
        if self.takes_facility_value(facility) { cap.fac_pe } else { cap.nf_pe }
    }

    /// The published fee of the setting: by the formula, and never more than the outpatient cap of imaging.
    #[must_use]
    pub fn fee(&self, gpci: Parts, conversion_factor: Decimal, facility: bool) -> Option<Money> {
        let own = fee(Parts { work: self.work, pe: self.pe(facility), mp: self.mp }, gpci, conversion_factor)?;
        let Some(cap) = self.cap else { return Some(own) };
        let capped =
            fee(Parts { work: self.work, pe: self.cap_pe(&cap, facility), mp: cap.mp }, gpci, conversion_factor)?;
        Some(own.min(capped))
    }

    /// Whether the physician schedule sets a fee for the code at all: an active status, and some value.
    ///
    /// The 2019 rows carry no status; there a code without any value (drugs, 36415) has no fee.
    #[must_use]
    pub fn has_fee(&self) -> bool {
        let active = self.status.is_none_or(|status| matches!(status, 'A' | 'R' | 'T'));
        active && !(self.work + self.nf_pe + self.fac_pe + self.mp).is_zero()
    }

    /// Whether the professional line is payable in the setting (DOMAIN §1: in a facility PC/TC 5 or "NA" is not). Outside one
    /// "NA" sends to the facility value; with both "NA" there is none.
    #[must_use]
    pub fn payable_in(&self, facility: bool) -> bool {
        self.has_fee() && if facility { !(self.incident_to || self.fac_na) } else { !(self.nf_na && self.fac_na) }
    }
}

/// The incident-to codes of DOMAIN §1. Only asked for 2019, whose rows carry no PC/TC indicator: these codes have had
/// indicator 5 in every release that carries one.
fn incident_to_in_2019(code: Code) -> bool {
    matches!(
        code.as_str(),
        "96372"
            | "96373"
            | "96374"
            | "96375"
            | "96365"
            | "96366"
            | "96367"
            | "96368"
            | "96401"
            | "96402"
            | "90471"
            | "90472"
    )
}

/// All releases by code, each code's rows by first day.
#[derive(Debug, Clone)]
pub(super) struct Rvus {
    by_code: FxHashMap<Code, Vec<Rvu>>,
    by_modifier: FxHashMap<(Code, Modifier), Vec<Rvu>>,
    releases: Vec<Period>,
}

/// A release by its calendar year and first day.
type Start = (i32, Date);

impl Rvus {
    pub(super) fn load() -> Result<Self> {
        Self::read(&Sheet::embedded(FILE)?, None)
    }

    /// The shipped releases with imported ones laid over them. Shipped releases list the family alone: of other codes only the
    /// imported releases tell from when to when a row holds.
    pub(super) fn with(imported: &Sheet) -> Result<Self> {
        Self::read(&Sheet::embedded(FILE)?, Some(imported))
    }

    fn read(shipped: &Sheet, imported: Option<&Sheet>) -> Result<Self> {
        let starts = |sheet: &Sheet| -> Result<Vec<Start>> {
            let mut starts = Vec::new();
            for record in sheet.records() {
                let start = (record.number::<i32>("year")?, record.date("effective_from")?);
                if !starts.contains(&start) {
                    starts.push(start);
                }
            }
            starts.sort_unstable();
            Ok(starts)
        };
        let full = imported.map_or_else(|| Ok(Vec::new()), starts)?;
        let mut of_family = starts(shipped)?;
        of_family.extend(&full);
        of_family.sort_unstable();
        of_family.dedup();
        let mut rvus = Self { by_code: FxHashMap::default(), by_modifier: FxHashMap::default(), releases: Vec::new() };
        let mut family = FxHashSet::default();
        for record in shipped.records() {
            family.insert(record.value::<Code>("code")?);
        }
        for record in shipped.records() {
            let start = (record.number::<i32>("year")?, record.date("effective_from")?);
            if !full.contains(&start) {
                rvus.push(&record, start, &of_family, false)?;
            }
        }
        for record in imported.iter().flat_map(|sheet| sheet.records()) {
            let start = (record.number::<i32>("year")?, record.date("effective_from")?);
            let starts = if family.contains(&record.value::<Code>("code")?) { &of_family } else { &full };
            rvus.push(&record, start, starts, true)?;
        }
        for rows in rvus.by_code.values_mut().chain(rvus.by_modifier.values_mut()) {
            rows.sort_by_key(|rvu| rvu.period);
        }
        rvus.releases = of_family.iter().filter_map(|(year, from)| period(&of_family, *year, *from)).collect();
        rvus.releases.sort_unstable();
        Ok(rvus)
    }

    /// Adds a row of the release that begins with `start`; `starts` are all that tell when it ends.
    fn push(&mut self, record: &Record<'_>, start: Start, starts: &[Start], imported: bool) -> Result<()> {
        let (year, published_from) = start;
        let period = period(starts, year, published_from)
            .ok_or_else(|| record.bad("effective_from", "a day of the row's year"))?;
        let code: Code = record.value("code")?;
        let modifier = match record.text_if_any("mod") {
            "" => None,
            _ => Some(record.value::<Modifier>("mod")?),
        };
        let pctc = record.text("pctc")?;
        let indicator = pctc.chars().next();
        let capped = |column: &str| match record.text_if_any(column) {
            "" => Ok(Decimal::ZERO),
            _ => record.decimal(column),
        };
        let cap = Cap { nf_pe: capped("opps_nf_pe")?, fac_pe: capped("opps_fac_pe")?, mp: capped("opps_mp")? };
        let rvu = Rvu {
            row: record.row(),
            modifier,
            imported,
            release: Arc::from(record.text("release")?),
            published_from,
            period,
            status: record.text("status")?.chars().next(),
            work: record.decimal("work")?,
            nf_pe: record.decimal("nf_pe")?,
            fac_pe: record.decimal("fac_pe")?,
            mp: record.decimal("mp")?,
            nf_na: record.text("nf_na")? == "NA",
            fac_na: record.text("fac_na")? == "NA",
            add_on: record.text("global")? == "ZZZ",
            pctc: indicator,
            incident_to: pctc == "5" || (pctc.is_empty() && year == 2019 && incident_to_in_2019(code)),
            // The file prints zeros where the cap does not apply.
            cap: Some(cap).filter(|cap| !(cap.nf_pe + cap.fac_pe + cap.mp).is_zero()),
        };
        match modifier {
            None => self.by_code.entry(code).or_default().push(rvu),
            Some(modifier) => self.by_modifier.entry((code, modifier)).or_default().push(rvu),
        }
        Ok(())
    }

    /// The row of a part of the service (26, TC, 53) in force on the day.
    pub(super) fn part_on(&self, code: Code, modifier: Modifier, day: Date) -> Option<&Rvu> {
        self.by_modifier.get(&(code, modifier))?.iter().find(|rvu| rvu.period.contains(day))
    }

    /// The modifiers with which some release lists the code, sorted.
    pub(super) fn parts_of(&self, code: Code) -> Vec<Modifier> {
        let mut parts: Vec<Modifier> = PARTS.iter().filter_map(|part| part.parse().ok()).collect();
        parts.retain(|part| self.by_modifier.contains_key(&(code, *part)));
        parts
    }

    /// The row in force on the day.
    pub(super) fn on(&self, code: Code, day: Date) -> Option<&Rvu> {
        let rows = self.by_code.get(&code)?;
        let begun = rows.partition_point(|rvu| rvu.period.from() <= day);
        rows[..begun].last().filter(|rvu| rvu.period.contains(day))
    }

    /// The days of each release, by first day; they do not overlap.
    pub(super) fn releases(&self) -> &[Period] {
        &self.releases
    }

    /// All codes, unordered.
    pub(super) fn codes(&self) -> Vec<Code> {
        self.by_code.keys().copied().chain(self.by_modifier.keys().map(|(code, _)| *code)).collect()
    }
}

/// The days for which a release is used, given the (year, first day) of all releases in order.
fn period(starts: &[(i32, Date)], year: i32, published_from: Date) -> Option<Period> {
    let at = starts.iter().position(|start| *start == (year, published_from))?;
    let first_of_year = at == 0 || starts[at - 1].0 != year;
    let from = if first_of_year { Date::from_ymd_opt(year, 1, 1)? } else { published_from };
    let until = match starts.get(at + 1) {
        Some((next_year, next)) if *next_year == year => *next,
        _ => Date::from_ymd_opt(year + 1, 1, 1)?,
    };
    Period::new(from, until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        crate::domain::parse_iso_date(text).unwrap()
    }

    #[test]
    fn the_first_release_of_a_year_covers_the_days_before_it() {
        let starts = [(2019, day("2019-10-01")), (2024, day("2024-01-01")), (2024, day("2024-03-09"))];
        let all_of_2019 = Period::new(day("2019-01-01"), day("2020-01-01"));
        assert_eq!(period(&starts, 2019, day("2019-10-01")), all_of_2019);
        assert_eq!(period(&starts, 2024, day("2024-01-01")), Period::new(day("2024-01-01"), day("2024-03-09")));
        assert_eq!(period(&starts, 2024, day("2024-03-09")), Period::new(day("2024-03-09"), day("2025-01-01")));
    }

    #[test]
    fn injections_are_incident_to_in_every_year_2019_included() {
        let rvus = Rvus::load().unwrap();
        let injection: Code = "96372".parse().unwrap();
        for year in 2019..=2026 {
            let rvu = rvus.on(injection, Date::from_ymd_opt(year, 6, 1).unwrap()).unwrap();
            assert!(rvu.incident_to && rvu.payable_in(false) && !rvu.payable_in(true), "{year}");
        }
        let visit = rvus.on("99213".parse().unwrap(), day("2019-06-01")).unwrap();
        assert!(!visit.incident_to && visit.payable_in(true));
        assert!(rvus.on(injection, day("2018-12-31")).is_none() && rvus.on(injection, day("2027-01-01")).is_none());
    }

    #[test]
    fn drugs_and_blood_draws_have_no_fee_in_the_physician_schedule() {
        let rvus = Rvus::load().unwrap();
        for code in ["J3420", "36415"] {
            for year in 2019..=2024 {
                let rvu = rvus.on(code.parse().unwrap(), Date::from_ymd_opt(year, 6, 1).unwrap()).unwrap();
                assert!(!rvu.has_fee(), "{code} {year}");
            }
        }
    }
}
