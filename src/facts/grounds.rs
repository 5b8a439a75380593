//! What statements are held against: the reference on a day, the project's payers, a place. Asks; never judges.

use std::sync::Arc;

use chrono::Datelike;
use rust_decimal::Decimal;

use crate::domain::{
    Area, Basis, Code, Date, Expected, Locality, Modifiers, Money, Payer, PayerKind, Period, Pos, State, Units,
};
use crate::finding::{Error, Result};
use crate::payability::{DayLine, ruled_alone};
use crate::price::{Key, Limits, Per, Priced, Pricer, UnitPrice, extend};
use crate::reference::{Asp, Observed, Opps, RateFilter, RateRow, Reference, Row};

/// The last year of the observed Medicaid payments: a later Medicare rate is not set beside them.
const LAST_OBSERVED_YEAR: i32 = 2024;

/// The reference on a day, with the payers whose terms may be asked for.
#[derive(Debug)]
pub struct Grounds<'a> {
    reference: &'a Reference,
    payers: &'a [Payer],
    synthetic: bool,
    day: Date,
    area: Area,
    medicare: [Payer; 1],
}

/// The fees of one code in a year, outside a facility, over all localities and all days of the year.
#[derive(Debug, Clone)]
pub(super) struct YearSpan {
    /// The lowest fee.
    pub(super) low: RateRow,
    /// The highest fee.
    pub(super) high: RateRow,
}

/// What a place of service pays the professional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PlacePay {
    /// This for one unit.
    Pays(Money),
    /// Nothing, by a rule.
    Never(String),
    /// Not known: the place is not assigned, or the code has no fee.
    Unknown,
}

impl<'a> Grounds<'a> {
    /// The grounds on a day, in a place ([`Area::Nowhere`] is the nation) and for these payers; `synthetic` payers are never
    /// held against a statement.
    ///
    /// # Errors
    /// When no release of the physician schedule covers the day.
    pub fn new(reference: &'a Reference, payers: &'a [Payer], synthetic: bool, day: Date, area: Area) -> Result<Self> {
        if !reference.medicare.covers(day) {
            let releases = reference.medicare.releases();
            let years = releases.first().map(|p| p.from().year()).zip(releases.last().map(|p| p.last().year()));
            let known =
                years.map_or_else(String::new, |(first, last)| format!("there are the years {first} to {last}"));
            return Err(Error::usage(format!("no Medicare schedule of {day}")).help(known));
        }
        Ok(Self { reference, payers, synthetic, day, area, medicare: [Payer::medicare()] })
    }

    /// The day in a year for which statements are checked: the last one for which the limits of drugs are known as well as
    /// the fees, else the last day of the year. `None` when no schedule covers the year.
    #[must_use]
    pub fn day_of_year(reference: &Reference, year: i32) -> Option<Date> {
        let vitamin: Code = "J3420".parse().ok()?;
        let last = Date::from_ymd_opt(year, 12, 31).filter(|day| reference.medicare.covers(*day))?;
        let quarters = [12, 9, 6, 3].into_iter().filter_map(|month| last_of_month(year, month));
        Some(quarters.into_iter().find(|day| reference.medicare.asp(vitamin, *day).is_some()).unwrap_or(last))
    }

    /// The last year that the physician schedule covers.
    #[must_use]
    pub fn last_year(reference: &Reference) -> Option<i32> {
        reference.medicare.releases().last().map(|period| period.last().year())
    }

    /// The reference.
    #[must_use]
    pub const fn reference(&self) -> &'a Reference {
        self.reference
    }

    /// The day.
    #[must_use]
    pub const fn day(&self) -> Date {
        self.day
    }

    /// The year of the day: statements on rates are held against the whole of it.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.day.year()
    }

    /// The place.
    #[must_use]
    pub const fn area(&self) -> Area {
        self.area
    }

    /// The project's payers.
    #[must_use]
    pub const fn payers(&self) -> &'a [Payer] {
        self.payers
    }

    /// Whether the payers are made up.
    #[must_use]
    pub const fn synthetic(&self) -> bool {
        self.synthetic
    }

    /// The lowest and the highest fee of a code in a year; `None` where Medicare sets none.
    pub(super) fn year_span(&self, code: Code, year: i32) -> Option<YearSpan> {
        let days = Period::inclusive(Date::from_ymd_opt(year, 1, 1)?, Date::from_ymd_opt(year, 12, 31)?);
        let filter = RateFilter { days, facility: Some(false), ..RateFilter::default() };
        let rates: Vec<RateRow> =
            self.reference.medicare.rates(code, &filter).into_iter().filter(|r| r.rate.is_some()).collect();
        let order = |row: &&RateRow| (row.rate, row.area.map(|(locality, _)| locality), row.period);
        let (low, high) = (rates.iter().min_by_key(order)?, rates.iter().max_by_key(order)?);
        Some(YearSpan { low: low.clone(), high: high.clone() })
    }

    /// The fees of a code in every locality of a day, outside a facility, from the lowest up.
    pub(super) fn fees_of_day(&self, code: Code, day: Date) -> Vec<(Money, Locality, State)> {
        let medicare = &self.reference.medicare;
        let mut fees: Vec<(Money, Locality, State)> = medicare
            .localities(day)
            .filter_map(|(locality, gpci)| {
                let area = Area::Locality(locality, gpci.state);
                let fee = self.medicare_unit(code, Modifiers::NONE, office(), day, area);
                Some((amount(&fee.unit).ok()?.0, locality, gpci.state))
            })
            .collect();
        fees.sort_unstable();
        fees
    }

    /// What Medicare pays for a code, by the program's own rules.
    fn medicare_unit(&self, code: Code, modifiers: Modifiers, pos: Option<Pos>, day: Date, area: Area) -> Priced {
        let payer = self.medicare[0].id.clone();
        Pricer::new(self.reference, &self.medicare).price(&self.key(payer, code, modifiers, pos, day, area))
    }

    fn key(&self, payer: Arc<str>, code: Code, modifiers: Modifiers, pos: Option<Pos>, day: Date, area: Area) -> Key {
        let line = DayLine::bare(code, modifiers, pos, area.state());
        let known = self.medicare.iter().chain(self.payers).find(|known| known.id == payer);
        let ruled = known.and_then(|known| ruled_alone(self.reference, known, day, line));
        let day = self.reference.epoch_start(self.reference.epoch(day));
        Key { payer, day, area, code, modifiers, pos, npp: false, further: false, ruled }
    }

    /// What Medicare allows for one unit in the office at the place, on the day; without a place, the fee before any local
    /// index. The basis in words, and the rows.
    ///
    /// # Errors
    /// Why there is no amount.
    pub(super) fn medicare_allows(&self, code: Code) -> std::result::Result<(Money, String, Vec<String>), String> {
        if self.area == Area::Nowhere && self.reference.medicare.asp(code, self.day).is_none() {
            let fee = self.reference.medicare.national_fee(code, self.day, false);
            let (fee, rows) = fee.ok_or_else(|| format!("Medicare sets no fee for {code} on {}", self.day))?;
            return Ok((fee, "national fee before local indices".to_owned(), rows.map(ToString::to_string).to_vec()));
        }
        let priced = self.medicare_unit(code, Modifiers::NONE, office(), self.day, self.area);
        match amount(&priced.unit) {
            Ok((fee, basis)) => {
                let rows = priced.steps.iter().flat_map(|s| &s.operands).filter_map(|o| o.source.as_ref());
                let mut rows: Vec<String> = rows.map(ToString::to_string).collect();
                rows.sort_unstable();
                rows.dedup();
                let mean = if basis == Basis::MedicareStateMean { "mean over the state's localities" } else { "" };
                let words = if mean.is_empty() { basis.as_str() } else { mean };
                Ok((fee, words.to_owned(), rows))
            }
            Err(_) => Err(priced.rule),
        }
    }

    /// What Medicare pays the professional in a place of service: at the place, or before local indices when none is known.
    /// Whether it is payable at all is the same in every locality.
    pub(super) fn in_place(&self, code: Code, pos: Pos) -> PlacePay {
        let first = || self.reference.medicare.localities(self.day).next().map(|(l, g)| Area::Locality(l, g.state));
        let here = matches!(self.area, Area::Locality(..));
        let area = if here { self.area } else { first().unwrap_or(Area::Nowhere) };
        let priced = self.medicare_unit(code, Modifiers::NONE, Some(pos), self.day, area);
        match (priced.unit, amount(&priced.unit)) {
            (UnitPrice::NotPayable(_), _) => PlacePay::Never(priced.rule),
            (_, Ok((fee, _))) if here => PlacePay::Pays(fee),
            (_, Ok(_)) => {
                let facility = self.reference.places.is_facility(pos).unwrap_or(false);
                let national = self.reference.medicare.national_fee(code, self.day, facility);
                national.map_or(PlacePay::Unknown, |(fee, _)| PlacePay::Pays(fee))
            }
            _ => PlacePay::Unknown,
        }
    }

    /// In how many states the published index of Medicaid fees (all services) lies below Medicare's, of how many, with the
    /// nation's index.
    pub(super) fn fee_index(&self) -> Option<(usize, usize, Decimal, &'a Row)> {
        let states: Vec<State> = self.reference.medicaid.indexed_states();
        let nation: State = "US".parse().ok()?;
        let (index, row) = self.reference.medicaid.index(nation)?;
        let of_states = || states.iter().filter(|state| **state != nation);
        let below =
            of_states().filter_map(|state| self.reference.medicaid.index(*state)).filter(|(i, _)| *i < Decimal::ONE);
        Some((below.count(), of_states().count(), *index, row))
    }

    /// What one unit in the office is allowed by a payer of the project, at the place and on the day.
    ///
    /// # Errors
    /// Why there is no amount, in a few words.
    pub(super) fn by_contract(&self, payer: &Payer, code: Code) -> std::result::Result<(Money, Basis), String> {
        let key = self.key(payer.id.clone(), code, Modifiers::NONE, office(), self.day, self.area);
        let priced = Pricer::new(self.reference, self.payers).price(&key);
        amount(&priced.unit)
    }

    /// The rates of a code by the project's commercial contracts, from the lowest up, with the payers' names; none when the
    /// payers are made up.
    pub(super) fn commercial(&self, code: Code) -> Vec<(Money, &'a str)> {
        if self.synthetic {
            return Vec::new();
        }
        let payers = self.payers.iter().filter(|payer| payer.kind == PayerKind::Commercial);
        let mut rates: Vec<(Money, &str)> =
            payers.filter_map(|payer| Some((self.by_contract(payer, code).ok()?.0, &*payer.name))).collect();
        rates.sort_unstable();
        rates
    }

    /// The states in which observed Medicaid payments can be relied on, each with the state's Medicare fee of the same time,
    /// and the day of that fee.
    pub(super) fn states(&self, code: Code) -> (Date, Vec<(State, &'a Observed, Money)>) {
        let early = Date::from_ymd_opt(LAST_OBSERVED_YEAR, 12, 31).unwrap_or(self.day);
        let day = self.day.min(early);
        let medicare = &self.reference.medicare;
        let mut states: Vec<State> = medicare.localities(day).map(|(_, gpci)| gpci.state).collect();
        states.sort_unstable();
        states.dedup();
        let fee = |state: State| {
            let area = match medicare.localities_of(state, day).as_slice() {
                [only] => Area::Locality(*only, state),
                _ => Area::State(state),
            };
            Some(amount(&self.medicare_unit(code, Modifiers::NONE, office(), day, area).unit).ok()?.0)
        };
        let seen = states.into_iter().filter_map(|state| {
            let observed = self.reference.medicaid.observed(code, state)?;
            Some((state, observed, fee(state)?))
        });
        (day, seen.collect())
    }

    /// The limit of a drug in the last quarter of the year, up to the day's year, that has one.
    pub(super) fn drug(&self, code: Code) -> Option<&'a Asp> {
        let quarters = [12, 9, 6, 3].into_iter().filter_map(|month| last_of_month(self.year(), month));
        quarters.into_iter().find_map(|day| self.reference.medicare.asp(code, day))
    }

    /// What a hospital outpatient department is paid, from the last file up to the day, with the day it is taken for.
    pub(super) fn hospital(&self, code: Code) -> Option<(&'a Opps, i32)> {
        let medicare = &self.reference.medicare;
        if let Some(opps) = medicare.opps(code, self.day) {
            return Some((opps, self.year()));
        }
        let years = (1..=10).filter_map(|back| self.year().checked_sub(back));
        years
            .filter_map(|year| Some((year, Date::from_ymd_opt(year, 12, 31)?)))
            .find_map(|(year, day)| Some((medicare.opps(code, day)?, year)))
    }
}

/// The office.
const fn office() -> Option<Pos> {
    Pos::new(11)
}

/// One unit of a unit price, rounded once; why there is none.
fn amount(unit: &UnitPrice) -> std::result::Result<(Money, Basis), String> {
    if let UnitPrice::OfCharge { factor, .. } | UnitPrice::Limited(Limits { per: Per::Charge, rate: factor, .. }) = unit
    {
        let percent = (factor * Decimal::ONE_HUNDRED).normalize();
        return Err(format!("{percent}% of the charge: no rate without one"));
    }
    // Without a charge nothing can be less than it.
    match extend(unit, Units::ONE, Money::from_cents(i64::MAX)) {
        Expected::Payable(amount, basis) => Ok((amount, basis)),
        other => Err(other.why().replace('-', " ")),
    }
}

/// The last day of a month.
fn last_of_month(year: i32, month: u32) -> Option<Date> {
    let next = Date::from_ymd_opt(if month == 12 { year.checked_add(1)? } else { year }, month % 12 + 1, 1)?;
    next.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_a_year_is_one_on_which_drugs_have_limits() {
        let reference = Reference::embedded().unwrap();
        let day = |year| Grounds::day_of_year(&reference, year).map(|day| day.to_string());
        // Drug limits: all quarters of 2024 and 2025, the first of 2026; none before.
        assert_eq!(day(2026).as_deref(), Some("2026-03-31"));
        assert_eq!(day(2025).as_deref(), Some("2025-12-31"));
        assert_eq!(day(2020).as_deref(), Some("2020-12-31"));
        assert_eq!((day(2018), day(2027)), (None, None));
        assert_eq!(Grounds::last_year(&reference), Some(2026));
    }

    #[test]
    fn a_share_of_the_charge_is_no_rate() {
        let unit = UnitPrice::OfCharge { factor: "0.62".parse().unwrap(), basis: Basis::PercentOfCharge };
        assert!(amount(&unit).unwrap_err().starts_with("62% of the charge"));
    }
}
