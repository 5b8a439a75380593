//! The key of a price: everything a unit price depends on, and the pricer that turns one into the other.

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;
use std::sync::Arc;

use crate::domain::{
    Area, Code, Date, Locality, Modifiers, Payer, PayerKind, Pos, Rate, ServiceLine, State, Terms, Unknown, Volume, Zip,
};
use crate::finding::FindingCode;
use crate::payability::{DayLine, Ruled, ruled_alone};
use crate::reference::{Effect, Reference, Row};

use super::unit_price::{Priced, UnitPrice};
use super::{area, contract, medicaid, medicare, terms};

/// What a unit price depends on. Two lines with equal keys have the same unit price.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The payer's id, as on the line.
    pub payer: Arc<str>,
    /// A day of the interval within which nothing in the reference changes; its first day, when made by the pricer.
    pub day: Date,
    /// Where.
    pub area: Area,
    /// What.
    pub code: Code,
    /// Its modifiers.
    pub modifiers: Modifiers,
    /// Place of service.
    pub pos: Option<Pos>,
    /// Served under the own NPI of a nurse practitioner or physician assistant.
    pub npp: bool,
    /// A further service of a code on its day, where the payer's contract pays such ones less ([`super::further_lines`]).
    pub further: bool,
    /// The rule that lets the line fall, found beforehand over its claim day ([`crate::payability`]).
    pub ruled: Option<Ruled>,
}

/// Another conversion factor than the published one, for a question of the form "what if".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherFactor {
    /// What it is.
    pub value: FactorValue,
    /// Relative values and localities are those of this day; `None`, or where no schedule of the day is known: of the day of
    /// service.
    pub on: Option<Date>,
    /// Where it stands.
    pub row: Row,
}

/// What another conversion factor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorValue {
    /// Dollars per RVU.
    Dollars(Rate),
    /// The published one times this.
    Times(Rate),
}

/// Prices keys by the payers' terms and the reference.
#[derive(Debug, Clone)]
pub struct Pricer<'a> {
    reference: &'a Reference,
    payers: FxHashMap<Arc<str>, &'a Payer>,
    npp_npis: Vec<Arc<str>>,
    factor: Option<OtherFactor>,
}

impl<'a> Pricer<'a> {
    /// A pricer for these payers.
    #[must_use]
    pub fn new(reference: &'a Reference, payers: &'a [Payer]) -> Self {
        let payers = payers.iter().map(|payer| (payer.id.clone(), payer)).collect();
        Self { reference, payers, npp_npis: Vec::new(), factor: None }
    }

    /// The same pricer with another conversion factor for everything that is paid by the schedule of the day; terms that name
    /// a year keep that year's.
    #[must_use]
    pub fn with_factor(mut self, factor: Option<OtherFactor>) -> Self {
        self.factor = factor;
        self
    }

    /// The same pricer with the published factors, when it has another one.
    pub(super) fn published(&self) -> Option<Self> {
        self.factor.as_ref().map(|_| Self { factor: None, ..self.clone() })
    }

    /// The day whose physician schedule is asked for a service of this day.
    pub(super) fn schedule_day(&self, day: Date) -> Date {
        let on = self.factor.as_ref().and_then(|factor| factor.on);
        on.filter(|on| self.reference.medicare.covers(*on)).unwrap_or(day)
    }

    /// Dollars per RVU on a day, and where they are read.
    pub(super) fn conversion_factor(&self, day: Date) -> Option<(Decimal, &Row)> {
        let published = self.reference.medicare.conversion_factor(day, false)?;
        match &self.factor {
            None => Some((published.value, &published.row)),
            Some(OtherFactor { value: FactorValue::Dollars(dollars), row, .. }) => Some((*dollars, row)),
            Some(OtherFactor { value: FactorValue::Times(by), row, .. }) => {
                Some((published.value.checked_mul(*by)?, row))
            }
        }
    }

    /// The same pricer, which knows these NPIs as nurse practitioners' or physician assistants' own.
    #[must_use]
    pub fn with_npp_npis(mut self, npis: Vec<Arc<str>>) -> Self {
        self.npp_npis = npis;
        self
    }

    /// The reference it prices by.
    #[must_use]
    pub const fn reference(&self) -> &'a Reference {
        self.reference
    }

    /// The payer of this id.
    #[must_use]
    pub fn payer(&self, id: &str) -> Option<&'a Payer> {
        self.payers.get(id).copied()
    }

    /// Whether any payer is such a one.
    pub fn any_payer(&self, such: impl Fn(&Payer) -> bool) -> bool {
        self.payers.values().any(|payer| such(payer))
    }

    /// The area of a service and the fallback that was taken to find it.
    #[must_use]
    pub fn area(
        &self,
        day: Date,
        locality: Option<Locality>,
        zip: Option<Zip>,
        state: Option<State>,
    ) -> (Area, Option<FindingCode>) {
        area::resolve(self.reference, day, locality, zip, state)
    }

    /// The key of a line; `ruled` as found over its claim day by [`crate::payability::judge_lines`].
    #[must_use]
    pub fn key(&self, line: &ServiceLine, ruled: Option<Ruled>) -> (Key, Option<FindingCode>) {
        let day = self.reference.epoch_start(self.reference.epoch(line.service_date));
        let (area, fallback) = self.area(line.service_date, line.locality, line.zip, line.state);
        let own_npi = line.rendering_npi.as_ref().is_some_and(|npi| self.npp_npis.contains(npi));
        let key = Key {
            payer: line.payer.clone(),
            day,
            area,
            code: line.code,
            modifiers: line.modifiers,
            pos: line.pos,
            npp: own_npi || line.modifiers.has("SA"),
            further: false,
            ruled,
        };
        (key, fallback)
    }

    /// The key of an aggregate volume, on the first day of the interval of `day`.
    #[must_use]
    pub fn volume_key(&self, volume: &Volume, day: Date) -> Key {
        let (area, _) = self.area(day, volume.locality, None, volume.state);
        let line = DayLine {
            modifiers_told: !volume.modifiers.is_empty(),
            ..DayLine::bare(volume.code, volume.modifiers, volume.pos, volume.state)
        };
        let ruled = self.payer(&volume.payer).and_then(|payer| ruled_alone(self.reference, payer, day, line));
        Key {
            payer: volume.payer.clone(),
            day: self.reference.epoch_start(self.reference.epoch(day)),
            area,
            code: volume.code,
            modifiers: volume.modifiers,
            pos: volume.pos,
            npp: false,
            further: false,
            ruled,
        }
    }

    /// Prices a key: rules that make it not payable first, then the payer's terms in force, then (Medicaid) benchmarks.
    #[must_use]
    pub fn price(&self, key: &Key) -> Priced {
        let Some(payer) = self.payer(&key.payer) else {
            return Priced::unknown(Unknown::NoPayer, "the payer is not in the project");
        };
        if let Some(Ruled { rule, other }) = key.ruled {
            let found = self.reference.rules.get(rule);
            // No correction makes payable what is the facility's, or never paid: that is then the rule to name.
            if found.is_some_and(|rule| rule.effect == Effect::PayableWith) {
                let corrected = self.price(&Key { ruled: None, ..key.clone() });
                if matches!(corrected.unit, UnitPrice::NotPayable(_)) {
                    return corrected;
                }
            }
            let words = found.map(|rule| rule.words(&self.reference.edits, key.code, other, key.day));
            return Priced::not_payable(rule, words.unwrap_or_else(|| rule.to_string()));
        }
        let Some((period, terms)) = payer.terms.iter().find(|(period, _)| period.contains(key.day)) else {
            return Priced::unknown(Unknown::NoTerms, format!("{} has no terms on {}", payer.name, key.day));
        };
        let mut priced = self.by_terms(payer, terms, key);
        if payer.kind.is_medicaid()
            && !matches!(terms, Terms::MedicaidBenchmark)
            && matches!(priced.unit, UnitPrice::Unknown(Unknown::NoRate))
        {
            // DOMAIN §2: loaded schedule, then contract, then observed, then estimated, then unknown.
            let passed_over = std::mem::take(&mut priced.rejected);
            let benchmark = medicaid::benchmark(self, payer, key);
            priced = benchmark;
            priced.rejected.splice(0..0, passed_over);
        }
        if priced.rule.is_empty() {
            priced.rule = format!("terms of {} in force {period}", payer.name);
        }
        priced
    }

    /// What a key would be paid if no rule of its claim day let it fall: as a corrected claim, or at another time.
    #[must_use]
    pub fn otherwise(&self, key: &Key) -> Option<Priced> {
        key.ruled.map(|_| self.price(&Key { ruled: None, ..key.clone() }))
    }

    /// The payer's terms in force on the key's day.
    #[must_use]
    pub fn terms(&self, key: &Key) -> Option<&'a Terms> {
        self.payer(&key.payer)?.terms.iter().find(|(period, _)| period.contains(key.day)).map(|(_, terms)| terms)
    }

    /// The unit price of a key by these terms, whatever the payer's own are; no rule of its claim day is asked.
    #[must_use]
    pub fn by(&self, terms: &Terms, key: &Key) -> UnitPrice {
        match self.payer(&key.payer) {
            Some(payer) => self.by_terms(payer, terms, key).unit,
            None => UnitPrice::Unknown(Unknown::NoPayer),
        }
    }

    fn by_terms(&self, payer: &Payer, terms: &Terms, key: &Key) -> Priced {
        match terms {
            Terms::Medicare => medicare::price(self, payer, key),
            Terms::PercentOfMedicare { factor, year, locality } => {
                contract::percent_of_medicare(self, payer, key, *factor, *year, *locality)
            }
            Terms::Schedule { schedule, unlisted } => contract::schedule(self, payer, key, schedule, *unlisted),
            Terms::PercentOfCharge { factor } => contract::percent_of_charge(self, payer, key, *factor),
            Terms::Contract(list) => terms::price(self, payer, list, key),
            Terms::MedicaidBenchmark => medicaid::benchmark(self, payer, key),
        }
    }

    /// Medicare's own rate for the key, whatever the payer's terms; `None` where Medicare has none or does not pay.
    #[must_use]
    pub fn medicare(&self, key: &Key) -> Option<UnitPrice> {
        let payer = self.payer(&key.payer)?;
        let unit = medicare::rate(self, payer, key, key.day, key.area).unit;
        matches!(unit, UnitPrice::PerUnit { .. }).then_some(unit)
    }

    /// Whether this payer treats the place as a facility; `None` when the place of service is unknown to the map.
    #[must_use]
    pub fn is_facility(&self, payer: &Payer, pos: Pos) -> Option<bool> {
        let own = payer.pos_overrides.iter().find(|(p, _)| *p == pos).map(|(_, facility)| *facility);
        own.or_else(|| self.reference.places.is_facility(pos))
    }
}

impl PayerKind {
    /// Medicaid, fee for service or managed.
    #[must_use]
    pub const fn is_medicaid(self) -> bool {
        matches!(self, Self::Medicaid | Self::MedicaidManaged)
    }
}
