//! A payer contract: dated versions of terms in the order in which they are tried, with the tests that stand in its file.
//!
//! What a contract says, as data. Read by `project`, priced by `price`.

use std::fmt;
use std::sync::Arc;

use super::{
    Code, Date, Locality, LocalityRule, Modifier, Modifiers, Money, Period, Pos, Rate, State, Units, YearRule, Zip,
};

/// Where something stands in a contract file; the line counts from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The file, as the project names it.
    pub file: Arc<str>,
    /// The line.
    pub line: u32,
}

/// `contracts/acme.toml:14`.
impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A contract: who, which product, its versions and its tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// The file it was read from.
    pub file: Arc<str>,
    /// The id of the payer that it belongs to.
    pub payer: Arc<str>,
    /// Product or plan, as the contract names it.
    pub product: Option<Arc<str>>,
    /// The document (name, date), for letters and the packet.
    pub document: Option<Arc<str>>,
    /// Not signed but worked out from what was paid: nothing in it may be called owed.
    pub inferred: bool,
    /// Its versions, by first day.
    pub versions: Vec<Version>,
    /// The tests of the file, in order.
    pub expects: Vec<Expect>,
}

/// A contract's terms for one stretch of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// What it is called (`2024 amendment`).
    pub name: Arc<str>,
    /// The days on which it is in force.
    pub period: Period,
    /// The last day on which notice can be given.
    pub notice: Option<Date>,
    /// How it goes on when no notice is given.
    pub renewal: Option<Arc<str>>,
    /// Where it stands in the document.
    pub cite: Option<Arc<str>>,
    /// Where it stands in the file.
    pub spot: Spot,
    /// The rates of the days on which nothing changes, by first day: one, and one more from each escalation on.
    pub stretches: Vec<(Period, Arc<TermList>)>,
}

/// The terms in force between two escalations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermList {
    /// `Larkspur PPO, 2024 amendment`.
    pub label: Arc<str>,
    /// The terms, first match first.
    pub terms: Vec<Term>,
    /// What holds for a code that no term lists; `None`: nothing is known.
    pub unlisted: Option<Term>,
    /// Factors for modifiers, all of those on the line one after another.
    pub adjustments: Vec<ModifierFactor>,
    /// What further units and lines of a day are paid.
    pub multiple: Option<Multiple>,
    /// The escalations that have taken effect, in order.
    pub escalations: Vec<Escalation>,
}

/// A raise (or cut) of the contract's own amounts from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// The first day.
    pub day: Date,
    /// The factor (1.03 = plus 3 %).
    pub factor: Rate,
    /// In words: `3 % on 2024-01-01`, `CPI 4.1 %, capped at 3 %`.
    pub words: Arc<str>,
    /// Where it stands.
    pub spot: Spot,
}

/// One term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What it is called.
    pub name: Arc<str>,
    /// What it is for.
    pub when: Conditions,
    /// What it pays.
    pub pays: Pays,
    /// Never more than the charge.
    pub lesser_of: bool,
    /// At least this much (dollars per unit; of terms per line and shares of the charge, per line).
    pub floor: Option<Rate>,
    /// At most this much, likewise.
    pub cap: Option<Rate>,
    /// Units paid of one line at most.
    pub max_units: Option<u32>,
    /// Whether escalations raise it.
    pub escalates: bool,
    /// Document and page.
    pub cite: Option<Arc<str>>,
    /// Where it stands.
    pub spot: Spot,
}

/// What a term pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pays {
    /// A factor on Medicare's rate (1.35 = 135 %).
    PercentOfMedicare {
        /// The factor.
        factor: Rate,
        /// Whose year.
        year: YearRule,
        /// Whose locality.
        locality: LocalityRule,
    },
    /// Dollars per line, whatever the units.
    Flat(Rate),
    /// Dollars per unit.
    PerUnit(Rate),
    /// A factor on the charge.
    PercentOfCharge(Rate),
    /// A drug's average sales price times this factor (1.08 = ASP + 8 %).
    Asp(Rate),
    /// The rate of a loaded schedule; a code it does not list goes on to the next term.
    Schedule(Arc<str>),
    /// Nothing: the contract excludes it.
    NotCovered,
}

/// Codes of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codes {
    /// Codes from one to another, both included; a single code is a range of one.
    Range(Code, Code),
    /// A family by its word.
    Family(Family),
}

/// Families of codes that contracts speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Therapeutic injections, 96372–96379.
    Injections,
    /// Infusions, hydration and injections, 96360–96379.
    Infusions,
    /// Office visits, 99202–99215.
    OfficeVisits,
    /// Evaluation and management, 99202–99499.
    Visits,
    /// Drugs of HCPCS Level II, J codes.
    Drugs,
    /// Vaccines and their administration, 90460–90474 and 90476–90756.
    Vaccines,
}

impl Family {
    /// The words of contract files.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("injections", Self::Injections),
        ("infusions", Self::Infusions),
        ("office-visits", Self::OfficeVisits),
        ("visits", Self::Visits),
        ("drugs", Self::Drugs),
        ("vaccines", Self::Vaccines),
    ];

    /// The word of contract files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(_, family)| *family == self).map_or("", |(word, _)| word)
    }

    /// Whether a code belongs to it.
    #[must_use]
    pub fn holds(self, code: Code) -> bool {
        let within = |low: &str, high: &str| (low..=high).contains(&code.as_str());
        match self {
            Self::Injections => within("96372", "96379"),
            Self::Infusions => within("96360", "96379"),
            Self::OfficeVisits => code.is_office_visit(),
            Self::Visits => within("99202", "99499"),
            Self::Drugs => code.is_drug(),
            Self::Vaccines => within("90460", "90474") || within("90476", "90756"),
        }
    }
}

impl Codes {
    /// Reads a code, a range or the word of a family: `96372`, `96372-96375`, `drugs`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((_, family)) = Family::WORDS.iter().find(|(word, _)| *word == text) {
            return Some(Self::Family(*family));
        }
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        let (low, high): (Code, Code) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
        (low <= high).then_some(Self::Range(low, high))
    }

    /// Reads a list of them.
    ///
    /// # Errors
    /// Says which word is none of them, and what would be.
    pub fn list(texts: &[String]) -> Result<Vec<Self>, String> {
        let words = Family::WORDS.map(|(word, _)| word).join(", ");
        let read = |text: &String| {
            Self::read(text).ok_or_else(|| {
                format!(
                    "found \"{}\", expected a code, a range such as \"96372-96375\", or a family: {words}",
                    text.trim()
                )
            })
        };
        texts.iter().map(read).collect()
    }

    /// Whether a code is meant.
    #[must_use]
    pub fn holds(&self, code: Code) -> bool {
        match self {
            Self::Range(low, high) => (*low..=*high).contains(&code),
            Self::Family(family) => family.holds(code),
        }
    }
}

/// `96372`, `96372-96379`, `drugs`.
impl fmt::Display for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(low, high) if low == high => write!(f, "{low}"),
            Self::Range(low, high) => write!(f, "{low}-{high}"),
            Self::Family(family) => f.write_str(family.as_str()),
        }
    }
}

/// Where a term holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermArea {
    /// A state.
    State(State),
    /// A Medicare locality.
    Locality(Locality),
}

/// Who served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// A nurse practitioner or physician assistant under the own number (or modifier SA).
    Npp,
    /// Anyone else.
    Physician,
}

/// What a term is for. An empty list means "any".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conditions {
    /// One of these codes.
    pub codes: Vec<Codes>,
    /// None of these codes.
    pub not_codes: Vec<Codes>,
    /// All of these modifiers stand on the line.
    pub modifiers: Vec<Modifier>,
    /// None of these modifiers stands on the line.
    pub without: Vec<Modifier>,
    /// One of these places of service.
    pub pos: Vec<Pos>,
    /// A facility (`true`) or an office, as the payer sees the place.
    pub facility: Option<bool>,
    /// One of these areas.
    pub areas: Vec<TermArea>,
    /// Served by.
    pub provider: Option<Provider>,
}

/// A factor for lines with a modifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModifierFactor {
    /// The modifier.
    pub modifier: Modifier,
    /// The factor (0.85 = 85 %).
    pub factor: Rate,
    /// Only these codes; empty: all.
    pub codes: Vec<Codes>,
    /// Where it stands.
    pub spot: Spot,
}

/// Multiple services: the first unit of a day is paid in full, each further one at a factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Multiple {
    /// The codes it holds for, each by itself.
    pub codes: Vec<Codes>,
    /// The factor of further units and lines (0.50 = half).
    pub further: Rate,
    /// Where it stands.
    pub spot: Spot,
}

/// A test of a contract file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    /// What it shows.
    pub name: Option<Arc<str>>,
    /// The code.
    pub code: Code,
    /// The day of service.
    pub day: Date,
    /// Place of service.
    pub pos: Pos,
    /// Where.
    pub area: ExpectArea,
    /// Modifiers.
    pub modifiers: Modifiers,
    /// Units.
    pub units: Units,
    /// The charge; without one nothing is limited by it, and shares of it are unknown.
    pub charge: Option<Money>,
    /// A further service of the code on the same day.
    pub further: bool,
    /// What must come out.
    pub outcome: Wanted,
    /// Where it stands.
    pub spot: Spot,
}

/// Where a test's service was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectArea {
    /// By state.
    State(State),
    /// By Medicare locality.
    Locality(Locality),
    /// By ZIP code.
    Zip(Zip),
    /// Nowhere in particular.
    Nowhere,
}

/// What a test wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// This amount, to the cent.
    Amount(Money),
    /// Not payable.
    NotPayable,
    /// Not known.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_hold_their_codes_and_no_neighbour() {
        let code = |text: &str| text.parse::<Code>().unwrap();
        for (family, within, without) in [
            (Family::Injections, ["96372", "96379"], ["96371", "96401"]),
            (Family::Infusions, ["96360", "96375"], ["96359", "96380"]),
            (Family::OfficeVisits, ["99202", "99215"], ["99201", "99216"]),
            (Family::Visits, ["99215", "99499"], ["99201", "J3420"]),
            (Family::Drugs, ["J3420", "J0696"], ["Q5101", "96372"]),
            (Family::Vaccines, ["90471", "90756"], ["90475", "90785"]),
        ] {
            assert!(within.iter().all(|c| family.holds(code(c))), "{family:?}");
            assert!(!without.iter().any(|c| family.holds(code(c))), "{family:?}");
            assert_eq!(Family::WORDS.iter().filter(|w| w.0 == family.as_str()).count(), 1);
        }
        let range = Codes::Range(code("96372"), code("96375"));
        assert!(range.holds(code("96374")) && !range.holds(code("96376")));
        assert_eq!(range.to_string(), "96372-96375");
    }
}
