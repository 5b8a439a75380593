//! The kinds of missed charges, their direction and their worth.

use serde::{Serialize, Serializer};

use crate::domain::{Expected, Money};

/// What does not fit on a claim day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MissedKind {
    /// A drug was billed, and nothing that gives it.
    DrugWithoutAdministration,
    /// 96372 was billed, and no drug.
    InjectionWithoutDrug,
    /// 96372 was billed with drugs that are given into a vein only.
    InjectionOfVenousDrug,
    /// A push or an infusion was billed with drugs that are never given into a vein.
    VenousCodeForInjection,
    /// Units do not fit the NDC quantity by the drug's billing unit.
    UnitsAgainstDosage,
    /// Units do not fit the NDC quantity as the practice itself bills this NDC nearly always.
    UnitsAgainstHabit,
}

impl MissedKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: &'static [Self] = &[
        Self::DrugWithoutAdministration,
        Self::InjectionWithoutDrug,
        Self::InjectionOfVenousDrug,
        Self::VenousCodeForInjection,
        Self::UnitsAgainstDosage,
        Self::UnitsAgainstHabit,
    ];

    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DrugWithoutAdministration => "drug-without-administration",
            Self::InjectionWithoutDrug => "injection-without-drug",
            Self::InjectionOfVenousDrug => "injection-of-venous-drug",
            Self::VenousCodeForInjection => "venous-code-for-injection",
            Self::UnitsAgainstDosage => "units-against-dosage",
            Self::UnitsAgainstHabit => "units-against-habit",
        }
    }

    /// The name for readers.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::DrugWithoutAdministration => "Drug, no administration",
            Self::InjectionWithoutDrug => "96372, no drug",
            Self::InjectionOfVenousDrug => "96372, drug for a vein only",
            Self::VenousCodeForInjection => "Push, drug never for a vein",
            Self::UnitsAgainstDosage => "Units against the NDC quantity",
            Self::UnitsAgainstHabit => "Units against the usual ratio of the NDC",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::DrugWithoutAdministration => {
                "look for the administration in the record; bill it within timely filing (a visit of the day then needs modifier 25), or take the drug back if it was handed out"
            }
            Self::InjectionWithoutDrug => {
                "look for the drug in the record and the stock; bill it, or note who supplied it (`sends_drugs` for a payer whose pharmacy does)"
            }
            Self::InjectionOfVenousDrug => {
                "look for the route in the record; correct the claim to the push or infusion"
            }
            Self::VenousCodeForInjection => "look for the route in the record; correct the claim and pay back",
            Self::UnitsAgainstDosage => {
                "recompute the units from the dose given; correct the claim in either direction"
            }
            Self::UnitsAgainstHabit => "compare the dose given with units and NDC quantity; one of the two is wrong",
        }
    }
}

/// Whether the practice billed too little or too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Too little: money missed.
    Under,
    /// Too much: money that may be taken back.
    Over,
}

impl Direction {
    /// The word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Under => "under",
            Self::Over => "over",
        }
    }

    /// The name for readers.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Under => "under-billed",
            Self::Over => "over-billed",
        }
    }
}

/// The money at stake. Only firm amounts may be added up with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// By a published or contracted rate.
    Firm(Money),
    /// By an observed or estimated rate.
    Benchmark(Money),
    /// At most this, where the record may show something else.
    UpTo(Money),
    /// Not known, for this reason.
    Unknown(&'static str),
}

impl Worth {
    /// `firm`, `benchmark`, `up-to` or `unknown`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firm(_) => "firm",
            Self::Benchmark(_) => "benchmark",
            Self::UpTo(_) => "up-to",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The amount, of whatever sureness.
    #[must_use]
    pub const fn amount(self) -> Option<Money> {
        match self {
            Self::Firm(money) | Self::Benchmark(money) | Self::UpTo(money) => Some(money),
            Self::Unknown(_) => None,
        }
    }

    /// The worth of an expectation; `None` when it is not payable.
    pub(super) const fn of(expected: Expected) -> Option<Self> {
        match expected {
            Expected::Payable(money, basis) if basis.evidence().is_firm() => Some(Self::Firm(money)),
            Expected::Payable(money, _) => Some(Self::Benchmark(money)),
            Expected::NotPayable(_) => None,
            Expected::Unknown(why) => Some(Self::Unknown(why.as_str())),
        }
    }

    /// The sum or difference: as sure as the less sure of the two.
    pub(super) fn with(self, other: Self, add: impl Fn(Money, Money) -> Money) -> Self {
        let (Some(a), Some(b)) = (self.amount(), other.amount()) else {
            return if self.amount().is_none() { self } else { other };
        };
        let money = add(a, b);
        match (self, other) {
            (Self::UpTo(_), _) | (_, Self::UpTo(_)) => Self::UpTo(money),
            (Self::Benchmark(_), _) | (_, Self::Benchmark(_)) => Self::Benchmark(money),
            _ => Self::Firm(money),
        }
    }

    /// The same amount as an upper bound.
    pub(super) const fn at_most(self) -> Self {
        match self {
            Self::Firm(money) | Self::Benchmark(money) => Self::UpTo(money),
            other => other,
        }
    }
}

/// Why a case was looked at and is no finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PassedOver {
    /// Nothing would be paid there: a facility bills it, or a rule forbids it.
    NotPayable,
    /// The administration is never paid beside another code of the day (NCCI indicator 0).
    NeverBeside,
    /// The drug is given by a procedure whose code includes it (an implant, a stress test).
    GivenByProcedure,
    /// Medicare pays neither for the drug nor for its injection: patients usually give it themselves.
    SelfAdministered,
    /// The payer's own pharmacy sends the drug.
    SentByPayer,
}

impl PassedOver {
    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotPayable => "not-payable",
            Self::NeverBeside => "never-beside",
            Self::GivenByProcedure => "given-by-procedure",
            Self::SelfAdministered => "self-administered",
            Self::SentByPayer => "sent-by-payer",
        }
    }

    /// The name for readers.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotPayable => "not payable there",
            Self::NeverBeside => "never paid beside another code of the day",
            Self::GivenByProcedure => "given by a procedure",
            Self::SelfAdministered => "self-administered drug",
            Self::SentByPayer => "drug sent by the payer's pharmacy",
        }
    }
}

/// Writes the kebab-case word.
macro_rules! as_word {
    ($($kind:ty)*) => {
        $(impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        })*
    };
}

as_word! { MissedKind PassedOver }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_as_sure_as_its_less_sure_part() {
        let money = Money::from_cents;
        let firm = Worth::Firm(money(300));
        assert_eq!(firm.with(Worth::Firm(money(100)), |a, b| a - b), Worth::Firm(money(200)));
        assert_eq!(firm.with(Worth::Benchmark(money(100)), |a, b| a + b), Worth::Benchmark(money(400)));
        assert_eq!(Worth::UpTo(money(1)).with(Worth::Benchmark(money(1)), |a, b| a + b), Worth::UpTo(money(2)));
        assert_eq!(firm.with(Worth::Unknown("no-rate"), |a, b| a + b), Worth::Unknown("no-rate"));
        assert_eq!(Worth::Unknown("no-rate").at_most(), Worth::Unknown("no-rate"));
    }
}
