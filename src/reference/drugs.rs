//! Drugs that are given by injection or infusion: how, in what packages, and by which codes their administration is billed.
//!
//! Route, package and self-administration are read from labels and contractors' lists in own words, not from a published
//! table: `strength` says how sure a row is.

use std::fmt;

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use crate::domain::{Code, NdcUnit, Units};
use crate::finding::Result;

use super::sheet::{Record, Row, Sheet};

/// How a drug reaches the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// Into a muscle.
    Intramuscular,
    /// Under the skin.
    Subcutaneous,
    /// Into a vein, at once.
    Push,
    /// Into a vein, over time.
    Infusion,
    /// Into a joint.
    Joint,
    /// Into a lesion of the skin.
    Lesion,
    /// As an implant.
    Implant,
    /// By a procedure whose code includes it.
    Procedure,
}

impl Route {
    /// Whether 96372 is the code of this route.
    #[must_use]
    pub const fn is_injection(self) -> bool {
        matches!(self, Self::Intramuscular | Self::Subcutaneous)
    }

    /// Whether it goes into a vein.
    #[must_use]
    pub const fn is_venous(self) -> bool {
        matches!(self, Self::Push | Self::Infusion)
    }

    /// The word for readers.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Intramuscular => "into a muscle",
            Self::Subcutaneous => "under the skin",
            Self::Push => "into a vein",
            Self::Infusion => "by infusion",
            Self::Joint => "into a joint",
            Self::Lesion => "into a lesion",
            Self::Implant => "as an implant",
            Self::Procedure => "by a procedure",
        }
    }

    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "IM" => Self::Intramuscular,
            "SC" => Self::Subcutaneous,
            "IVP" => Self::Push,
            "INF" => Self::Infusion,
            "IART" => Self::Joint,
            "LESION" => Self::Lesion,
            "IMPLANT" => Self::Implant,
            "PROCEDURE" => Self::Procedure,
            _ => return None,
        })
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// How sure a row of the drugs' table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// The label leaves no other choice, or the usual one is beyond doubt.
    High,
    /// Payers or labels differ: look at the record before acting.
    Medium,
}

/// A drug by its HCPCS code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drug {
    /// The HCPCS code.
    pub code: Code,
    /// The ingredient, in lower case.
    pub ingredient: String,
    /// The amount of drug in one billing unit (`1000 MCG`), as Medicare's drug price file writes it.
    pub dosage: String,
    /// Its routes, the usual one of an office first.
    pub routes: Vec<Route>,
    /// The code under which its administration is usually billed; `None` where a procedure includes it.
    pub administration: Option<Code>,
    /// Whether its containers are for one dose (modifier JZ or JW); `None` when both kinds are sold or it is not known.
    pub single_dose: Option<bool>,
    /// Whether it stands on Medicare contractors' lists of drugs that patients usually give themselves: then Part B does not
    /// pay for it, nor for its injection.
    pub self_administered: bool,
    /// Billing units in one mL, where one strength only is sold.
    pub units_per_ml: Option<Decimal>,
    /// How sure this is.
    pub strength: Strength,
    /// What it rests on, in own words.
    pub note: String,
    /// Where it was read.
    pub row: Row,
}

impl Drug {
    /// Whether 96372 can be its administration.
    #[must_use]
    pub fn may_be_injected(&self) -> bool {
        self.routes.iter().any(|route| route.is_injection())
    }

    /// Whether it can go into a vein.
    #[must_use]
    pub fn may_go_into_a_vein(&self) -> bool {
        self.routes.iter().any(|route| route.is_venous())
    }

    /// Billing units for a quantity of the drug as its NDC counts it, a part of a unit being billed as a whole one: grams and
    /// milligrams by the dosage of the unit, millilitres where one strength only is sold. `None` where that does not tell.
    #[must_use]
    pub fn billing_units(&self, quantity: Units, unit: NdcUnit) -> Option<Units> {
        let quantity = quantity.decimal();
        let units = match unit {
            NdcUnit::Millilitre => quantity.checked_mul(self.units_per_ml?),
            NdcUnit::Milligram => quantity.checked_div(self.milligrams()?),
            NdcUnit::Gram => quantity.checked_mul(Decimal::ONE_THOUSAND)?.checked_div(self.milligrams()?),
            NdcUnit::Unit | NdcUnit::InternationalUnit => None,
        };
        Units::begun(units?)
    }

    /// Milligrams of drug in one billing unit, where it is measured so.
    fn milligrams(&self) -> Option<Decimal> {
        let (amount, measure) = self.dosage.split_once(' ')?;
        let amount = Decimal::from_str_exact(amount).ok().filter(|amount| !amount.is_zero())?;
        match measure {
            "MG" => Some(amount),
            "MCG" => amount.checked_div(Decimal::ONE_THOUSAND),
            _ => None,
        }
    }
}

/// What a procedure code does with a drug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Administers {
    /// Injects it into a muscle or under the skin.
    Injection,
    /// Injects it into an artery (96373).
    IntraArterial,
    /// Pushes it into a vein.
    Push,
    /// Infuses it.
    Infusion,
    /// Includes its injection in another service: a joint, a nerve, an implant, a stress test.
    Procedure,
}

/// Drugs, and the procedure codes that administer drugs.
#[derive(Debug, Clone)]
pub struct Drugs {
    drugs: FxHashMap<Code, Drug>,
    administrations: Vec<(Code, Code, Administers)>,
}

impl Drugs {
    /// Reads the embedded tables.
    pub(super) fn load() -> Result<Self> {
        let mut drugs = FxHashMap::default();
        for record in Sheet::embedded("datasets/drugs/drugs.csv")?.records() {
            let drug = read(&record)?;
            drugs.insert(drug.code, drug);
        }
        let mut administrations = Vec::new();
        for record in Sheet::embedded("datasets/drugs/administrations.csv")?.records() {
            let how = match record.text("how")? {
                "injection" => Administers::Injection,
                "intra-arterial" => Administers::IntraArterial,
                "push" => Administers::Push,
                "infusion" => Administers::Infusion,
                "procedure" => Administers::Procedure,
                _ => return Err(record.bad("how", "injection, intra-arterial, push, infusion or procedure")),
            };
            administrations.push((record.value("from")?, record.value("to")?, how));
        }
        administrations.sort_unstable();
        Ok(Self { drugs, administrations })
    }

    /// The drug of a code, when it is in the table.
    #[must_use]
    pub fn get(&self, code: Code) -> Option<&Drug> {
        self.drugs.get(&code)
    }

    /// All drugs, by code.
    #[must_use]
    pub fn all(&self) -> Vec<&Drug> {
        let mut drugs: Vec<&Drug> = self.drugs.values().collect();
        drugs.sort_unstable_by_key(|drug| drug.code);
        drugs
    }

    /// How a procedure code administers a drug; `None` when it does not. Immunisations and allergy shots administer their own
    /// substances only and are not among them.
    #[must_use]
    pub fn administers(&self, code: Code) -> Option<Administers> {
        let after = self.administrations.partition_point(|(from, _, _)| *from <= code);
        let (_, to, how) = self.administrations.get(after.checked_sub(1)?)?;
        (code <= *to).then_some(*how)
    }

    /// Whether a code is a drug or biological that somebody has to inject or infuse: `J` without the oral and inhaled ones,
    /// the drugs among `Q`, `S` and `C`, and immune globulins. Whether it is in the table does not matter.
    #[must_use]
    pub fn is_injectable(code: Code) -> bool {
        const RANGES: &[(&[u8; 5], &[u8; 5])] = &[
            (b"J0000", b"J7602"),
            (b"J7700", b"J8497"),
            (b"J9000", b"J9999"),
            (b"Q0138", b"Q0139"),
            (b"Q2009", b"Q2058"),
            (b"Q5101", b"Q5199"),
            (b"Q9991", b"Q9992"),
            (b"S0012", b"S0197"),
            (b"C9000", b"C9399"),
            (b"90281", b"90399"),
        ];
        let text = code.as_str().as_bytes();
        RANGES.iter().any(|(from, to)| from.as_slice() <= text && text <= to.as_slice())
    }
}

fn read(record: &Record<'_>) -> Result<Drug> {
    let yes_or_no = |column: &str| match record.text(column)? {
        "Y" => Ok(Some(true)),
        "N" => Ok(Some(false)),
        "" => Ok(None),
        _ => Err(record.bad(column, "Y, N or nothing")),
    };
    let routes: Option<Vec<Route>> = record.text("routes")?.split('|').map(Route::read).collect();
    Ok(Drug {
        code: record.value("code")?,
        ingredient: record.text("ingredient")?.to_owned(),
        dosage: record.text("dosage_unit")?.to_owned(),
        routes: routes.ok_or_else(|| record.bad("routes", "routes such as IM|SC"))?,
        administration: match record.text("administration")? {
            "procedure" => None,
            _ => Some(record.value("administration")?),
        },
        single_dose: yes_or_no("single_dose")?,
        self_administered: yes_or_no("self_administered")? == Some(true),
        units_per_ml: record.optional_decimal("units_per_ml")?,
        strength: match record.text("strength")? {
            "high" => Strength::High,
            "medium" => Strength::Medium,
            _ => return Err(record.bad("strength", "high or medium")),
        },
        note: record.text("note")?.to_owned(),
        row: record.row(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;

    fn code(text: &str) -> Code {
        text.parse().unwrap()
    }

    #[test]
    fn every_drug_that_medicare_prices_here_is_known_by_the_same_dosage() {
        let reference = Reference::embedded().unwrap();
        let sheet = Sheet::embedded("datasets/medicare/asp_limits.csv").unwrap();
        for record in sheet.records() {
            let (code, dosage) = (record.value::<Code>("code").unwrap(), record.text("dosage_unit").unwrap());
            assert_eq!(reference.drugs.get(code).map(|d| d.dosage.as_str()), Some(dosage), "{code}");
        }
    }

    #[test]
    fn rows_do_not_contradict_themselves() {
        let drugs = Drugs::load().unwrap();
        for drug in drugs.all() {
            let usual = drug.routes[0];
            match drug.administration.map(|code| drugs.administers(code)) {
                Some(Some(Administers::Injection)) => assert!(usual.is_injection(), "{}", drug.code),
                Some(Some(Administers::Push)) => assert_eq!(usual, Route::Push, "{}", drug.code),
                Some(Some(Administers::Infusion)) => assert_eq!(usual, Route::Infusion, "{}", drug.code),
                Some(other) => panic!("{}: {other:?}", drug.code),
                None => {}
            }
            assert!(Drugs::is_injectable(drug.code) && !drug.note.is_empty(), "{}", drug.code);
        }
        for ((_, to, _), (from, _, _)) in drugs.administrations.iter().zip(&drugs.administrations[1..]) {
            assert!(to < from, "{to} overlaps {from}");
        }
    }

    #[test]
    fn what_administers_and_what_does_not() {
        let drugs = Drugs::load().unwrap();
        let how = |text: &str| drugs.administers(code(text));
        assert_eq!(how("96372"), Some(Administers::Injection));
        assert_eq!(how("96373"), Some(Administers::IntraArterial));
        assert_eq!((how("96374"), how("96375")), (Some(Administers::Push), Some(Administers::Push)));
        assert_eq!((how("96365"), how("96368")), (Some(Administers::Infusion), Some(Administers::Infusion)));
        assert_eq!((how("20610"), how("T1502")), (Some(Administers::Procedure), Some(Administers::Injection)));
        // A visit, a blood draw, a vaccine's and an allergen's administration give no drug.
        for none in ["99213", "36415", "90471", "95115", "J3420", "00000", "Z9999"] {
            assert_eq!(how(none), None, "{none}");
        }
    }

    #[test]
    fn injectable_codes() {
        for yes in ["J3420", "J0135", "Q5101", "90384", "S0080", "J9217"] {
            assert!(Drugs::is_injectable(code(yes)), "{yes}");
        }
        // Oral (J8), inhaled (J7611), a vaccine, a supply.
        for no in ["J8540", "J7611", "90686", "A4206", "96372"] {
            assert!(!Drugs::is_injectable(code(no)), "{no}");
        }
    }

    #[test]
    fn billing_units_of_a_quantity() {
        let drugs = Drugs::load().unwrap();
        let units = |drug: &str, thousandths: i64, unit| {
            drugs.get(code(drug)).unwrap().billing_units(Units::from_thousandths(thousandths), unit)
        };
        // One unit is 10 mg: 40 mg are four units, 45 mg five begun ones; 0.04 g as well.
        assert_eq!(units("J3301", 40_000, NdcUnit::Milligram), Some(Units::whole(4)));
        assert_eq!(units("J3301", 45_000, NdcUnit::Milligram), Some(Units::whole(5)));
        assert_eq!(units("J3301", 40, NdcUnit::Gram), Some(Units::whole(4)));
        // 15 mg: two of them are 30 mg.
        assert_eq!(units("J1885", 30_000, NdcUnit::Milligram), Some(Units::whole(2)));
        // 1000 mcg in 1 mL: half a mL begins a unit.
        assert_eq!(units("J3420", 500, NdcUnit::Millilitre), Some(Units::whole(1)));
        // Sold in two strengths, or counted in vials: not told.
        assert_eq!(units("J1885", 1000, NdcUnit::Millilitre), None);
        assert_eq!(units("J0696", 1000, NdcUnit::Unit), None);
    }
}
