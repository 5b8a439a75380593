//! What a payer may apply in place of the agreed rate: another year, place, setting or percentage, a raise that was left out.
//!
//! Each variant gives a unit price by the same kernel as the agreed one, so that an amount can be held against it to the cent.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::contract::{Pays, Term, TermList};
use crate::domain::{Area, Basis, Code, Date, Locality, LocalityRule, Modifiers, Period, Pos, Rate, Terms, YearRule};
use crate::reference::Reference;

use super::key::{Key, Pricer};
use super::unit_price::{Limits, UnitPrice};

/// A rate other than the agreed one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variant {
    /// Only the first so many escalations of the contract.
    Escalations(usize),
    /// All terms and schedules as they stood on an earlier day.
    TermsOf(Date),
    /// The agreed terms on Medicare's schedule of another day.
    MedicareOf(Date),
    /// The rate of a facility (`true`) or an office, whatever the place of service.
    Setting(bool),
    /// The rate of another Medicare locality.
    Locality(Locality),
    /// This factor on Medicare in place of the agreed one, of the agreed year and locality.
    Percent(Rate),
    /// This factor on Medicare of the day and place, where something else is agreed.
    PercentOfMedicare(Rate),
    /// The rate of the code with these modifiers instead of those on the line.
    Modifiers(Modifiers),
    /// The rate of another code.
    Code(Code),
}

/// The places of service that stand for an office and for a facility.
const OFFICE: u8 = 11;
const FACILITY: u8 = 22;

impl Pricer<'_> {
    /// The price of a key by a variant; `None` where it does not apply (a payer without a contract file misses no escalation,
    /// a line in a facility is rightly paid its rate) and where it gives no amount.
    #[must_use]
    pub fn varied(&self, key: &Key, variant: &Variant) -> Option<UnitPrice> {
        if key.ruled.is_some() {
            return None;
        }
        let payer = self.payer(&key.payer)?;
        let terms = self.terms(key)?;
        let unit = match variant {
            Variant::Escalations(kept) => {
                let Terms::Contract(list) = terms else { return None };
                let escalations = list.escalations.get(..*kept)?;
                if escalations.len() == list.escalations.len() {
                    return None;
                }
                let list = TermList { escalations: escalations.to_vec(), ..(**list).clone() };
                self.by(&Terms::Contract(Arc::new(list)), key)
            }
            Variant::TermsOf(day) => {
                let day = self.reference().epoch_start(self.reference().epoch(*day));
                self.price(&Key { day, ..key.clone() }).unit
            }
            Variant::MedicareOf(day) => {
                let unit = self.by(&of_the_day(terms), &Key { day: *day, ..key.clone() });
                return by_medicare(&unit).then_some(unit);
            }
            Variant::Setting(facility) => {
                let pos = key.pos?;
                if self.is_facility(payer, pos)? == *facility {
                    return None;
                }
                let pos = Pos::new(if *facility { FACILITY } else { OFFICE });
                self.by(terms, &Key { pos, ..key.clone() })
            }
            Variant::Locality(locality) => {
                let state = self.reference().medicare.gpci(*locality, key.day)?.state;
                let area = Area::Locality(*locality, state);
                self.by(&of_the_place(terms), &Key { area, ..key.clone() })
            }
            Variant::Percent(factor) => scaled(&self.at_par(key)?, *factor)?,
            Variant::PercentOfMedicare(factor) => {
                let UnitPrice::PerUnit { rate, .. } = self.medicare(key)? else { return None };
                let (basis, lesser_of) = (Basis::PercentOfMedicare, payer.lesser_of);
                UnitPrice::PerUnit { rate: rate.checked_mul(*factor)?, basis, lesser_of }
            }
            Variant::Modifiers(modifiers) => self.by(terms, &Key { modifiers: *modifiers, ..key.clone() }),
            Variant::Code(code) => self.by(terms, &Key { code: *code, ..key.clone() }),
        };
        (!matches!(unit, UnitPrice::NotPayable(_) | UnitPrice::Unknown(_))).then_some(unit)
    }

    /// What the agreed terms would give at 100 % of Medicare; `None` where they are no percentage of Medicare.
    #[must_use]
    pub fn at_par(&self, key: &Key) -> Option<UnitPrice> {
        let unit = match self.terms(key)? {
            Terms::PercentOfMedicare { year, locality, .. } => {
                self.by(&Terms::PercentOfMedicare { factor: Rate::ONE, year: *year, locality: *locality }, key)
            }
            Terms::Medicare => self.by(&Terms::Medicare, key),
            Terms::Contract(list) => {
                let par = each_term(list, |pays| match pays {
                    Pays::PercentOfMedicare { year, locality, .. } => {
                        Pays::PercentOfMedicare { factor: Rate::ONE, year: *year, locality: *locality }
                    }
                    other => other.clone(),
                });
                self.by(&Terms::Contract(Arc::new(par)), key)
            }
            Terms::Schedule { .. } | Terms::PercentOfCharge { .. } | Terms::MedicaidBenchmark => return None,
        };
        by_medicare(&unit).then_some(unit)
    }
}

/// Whether a price follows Medicare's schedules.
fn by_medicare(unit: &UnitPrice) -> bool {
    let (UnitPrice::PerUnit { basis, .. } | UnitPrice::Limited(Limits { basis, .. })) = unit else { return false };
    matches!(basis, Basis::MedicarePfs | Basis::MedicareAsp | Basis::PercentOfMedicare)
}

/// A price times a factor.
#[must_use]
pub fn scaled(unit: &UnitPrice, by: Decimal) -> Option<UnitPrice> {
    Some(match *unit {
        UnitPrice::PerUnit { rate, basis, lesser_of } => {
            UnitPrice::PerUnit { rate: rate.checked_mul(by)?, basis, lesser_of }
        }
        UnitPrice::PerLine { rate, basis, lesser_of } => {
            UnitPrice::PerLine { rate: rate.checked_mul(by)?, basis, lesser_of }
        }
        UnitPrice::OfCharge { factor, basis } => UnitPrice::OfCharge { factor: factor.checked_mul(by)?, basis },
        UnitPrice::Limited(limits) => UnitPrice::Limited(Limits { rate: limits.rate.checked_mul(by)?, ..limits }),
        UnitPrice::NotPayable(_) | UnitPrice::Unknown(_) => return None,
    })
}

/// The last day of each stretch within which Medicare's conversion factor stands, as far as there is a schedule: 2024 has two.
#[must_use]
pub fn medicare_days(reference: &Reference) -> Vec<Date> {
    let medicare = &reference.medicare;
    let plain = medicare.conversion_factors().filter(|factor| factor.qualifying_apm != Some(true));
    let mut days: Vec<Date> = plain
        .filter_map(|factor| {
            let within = |release: &Period| release.intersect(factor.period).map(Period::last);
            medicare.releases().iter().filter_map(within).max()
        })
        .collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// A list of terms with each term's pay changed.
fn each_term(list: &TermList, change: impl Fn(&Pays) -> Pays) -> TermList {
    let changed = |term: &Term| Term { pays: change(&term.pays), ..term.clone() };
    TermList {
        terms: list.terms.iter().map(changed).collect(),
        unlisted: list.unlisted.as_ref().map(changed),
        ..list.clone()
    }
}

/// The same terms, reading Medicare's schedule of the day that is asked for.
fn of_the_day(terms: &Terms) -> Terms {
    match terms {
        Terms::PercentOfMedicare { factor, locality, .. } => {
            Terms::PercentOfMedicare { factor: *factor, year: YearRule::Current, locality: *locality }
        }
        Terms::Contract(list) => Terms::Contract(Arc::new(each_term(list, |pays| match pays {
            Pays::PercentOfMedicare { factor, locality, .. } => {
                Pays::PercentOfMedicare { factor: *factor, year: YearRule::Current, locality: *locality }
            }
            other => other.clone(),
        }))),
        other => other.clone(),
    }
}

/// The same terms, reading Medicare's schedule of the place that is asked for.
fn of_the_place(terms: &Terms) -> Terms {
    let own = LocalityRule::Own;
    match terms {
        Terms::PercentOfMedicare { factor, year, .. } => {
            Terms::PercentOfMedicare { factor: *factor, year: *year, locality: own }
        }
        Terms::Contract(list) => Terms::Contract(Arc::new(each_term(list, |pays| match pays {
            Pays::PercentOfMedicare { factor, year, .. } => {
                Pays::PercentOfMedicare { factor: *factor, year: *year, locality: own }
            }
            other => other.clone(),
        }))),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Payer, PayerKind, parse_iso_date};

    fn date(text: &str) -> Date {
        parse_iso_date(text).unwrap()
    }

    #[test]
    fn the_schedule_of_another_day_place_or_percentage_is_that_of_the_published_table() {
        let reference = Reference::embedded().unwrap();
        let terms = Terms::PercentOfMedicare {
            factor: "1.40".parse().unwrap(),
            year: YearRule::Current,
            locality: LocalityRule::Own,
        };
        let always = Period::new(Date::MIN, Date::MAX).unwrap();
        let payer = Payer { kind: PayerKind::Commercial, terms: vec![(always, terms)], ..Payer::medicare() };
        let payers = [payer];
        let pricer = Pricer::new(&reference, &payers);
        let (area, _) = pricer.area(date("2025-05-05"), None, Some("10016".parse().unwrap()), None);
        let key = Key {
            payer: "MCR".into(),
            day: date("2025-05-05"),
            area,
            code: "99213".parse().unwrap(),
            modifiers: Modifiers::NONE,
            pos: Pos::new(11),
            npp: false,
            further: false,
            ruled: None,
        };
        let rate = |variant: &Variant| match pricer.varied(&key, variant) {
            Some(UnitPrice::PerUnit { rate, .. }) => Some(rate.normalize().to_string()),
            _ => None,
        };
        // Manhattan: 101.06 in 2025, 103.22 from 9 March 2024, 101.54 before. 1.4 × 103.22 = 144.508, 1.4 × 101.54 = 142.156.
        assert_eq!(rate(&Variant::MedicareOf(date("2024-12-31"))).as_deref(), Some("144.508"));
        assert_eq!(rate(&Variant::MedicareOf(date("2024-03-08"))).as_deref(), Some("142.156"));
        // Rest of New York 2025: 85.86 × 1.4 = 120.204; 110 % of Manhattan: 111.166.
        assert_eq!(rate(&Variant::Locality("13282-99".parse().unwrap())).as_deref(), Some("120.204"));
        assert_eq!(rate(&Variant::Percent("1.10".parse().unwrap())).as_deref(), Some("111.166"));
        assert_eq!(rate(&Variant::Setting(false)), None, "it was an office");
        assert_eq!(rate(&Variant::Escalations(0)), None, "no contract file, no escalation");
        let days = medicare_days(&reference);
        assert!(days.contains(&date("2024-03-08")) && days.contains(&date("2024-12-31")), "{days:?}");
    }
}
