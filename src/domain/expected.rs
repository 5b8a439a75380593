//! What we should have been allowed: an amount with its basis, or the reason why there is none. Never a bare number.

use std::fmt;

use super::{Money, RuleId};

/// How sure an expected amount is. Only a difference from a *firm* amount may be called leakage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// A published schedule.
    Published,
    /// A contract or schedule the user loaded.
    Contract,
    /// A percentile of observed payments.
    Observed,
    /// A model.
    Estimated,
}

impl Evidence {
    /// Whether a difference from this amount may be called an underpayment or leakage.
    #[must_use]
    pub const fn is_firm(self) -> bool {
        matches!(self, Self::Published | Self::Contract)
    }

    /// The word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Contract => "contract",
            Self::Observed => "observed",
            Self::Estimated => "estimated",
        }
    }
}

/// The rule that gave an expected amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// Medicare physician fee schedule of one locality.
    MedicarePfs,
    /// Mean of the Medicare schedule over the localities of a state, because the locality is not known.
    MedicareStateMean,
    /// Medicare payment limit of a drug (ASP).
    MedicareAsp,
    /// A state Medicaid schedule the user loaded.
    MedicaidSchedule,
    /// A payer's schedule the user loaded.
    ContractSchedule,
    /// A percentage of Medicare.
    PercentOfMedicare,
    /// A percentage of the charge.
    PercentOfCharge,
    /// Median of observed Medicaid payments in the state.
    MedicaidObserved,
    /// Medicare times the state's Medicaid fee index.
    MedicaidEstimated,
}

impl Basis {
    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MedicarePfs => "medicare-pfs",
            Self::MedicareStateMean => "medicare-state-mean",
            Self::MedicareAsp => "medicare-asp",
            Self::MedicaidSchedule => "medicaid-schedule",
            Self::ContractSchedule => "contract-schedule",
            Self::PercentOfMedicare => "percent-of-medicare",
            Self::PercentOfCharge => "percent-of-charge",
            Self::MedicaidObserved => "medicaid-observed",
            Self::MedicaidEstimated => "medicaid-estimated",
        }
    }

    /// How sure amounts on this basis are.
    #[must_use]
    pub const fn evidence(self) -> Evidence {
        match self {
            Self::MedicarePfs | Self::MedicareAsp | Self::MedicaidSchedule => Evidence::Published,
            Self::ContractSchedule | Self::PercentOfMedicare | Self::PercentOfCharge => Evidence::Contract,
            Self::MedicaidObserved => Evidence::Observed,
            Self::MedicareStateMean | Self::MedicaidEstimated => Evidence::Estimated,
        }
    }
}

/// Why a line could not be priced. Unknown is its own bar in every chart; it is never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unknown {
    /// The payer is not among the payers of the project.
    NoPayer,
    /// The payer has no terms on the day of service.
    NoTerms,
    /// The place is not known well enough (no locality, ZIP or state).
    NoArea,
    /// The locality is not in the schedule of that year.
    NoLocalityThatYear,
    /// The schedule has no rate for this code.
    NoRate,
    /// The day of service lies outside the schedules.
    NoScheduleThatDay,
    /// The terms pay a share of the charge, and no charge was given.
    NoCharge,
    /// The place of service is missing, and the price depends on it.
    NoPos,
    /// Not enough is known to estimate a Medicaid rate.
    NoMedicaidRate,
    /// The schedule leaves the price to the payer (Medicare status C: carrier-priced).
    CarrierPriced,
    /// The amount does not fit the exact arithmetic.
    TooLarge,
}

impl Unknown {
    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoPayer => "no-payer",
            Self::NoTerms => "no-terms",
            Self::NoArea => "no-area",
            Self::NoLocalityThatYear => "no-locality-that-year",
            Self::NoRate => "no-rate",
            Self::NoScheduleThatDay => "no-schedule-that-day",
            Self::NoPos => "no-pos",
            Self::NoCharge => "no-charge",
            Self::NoMedicaidRate => "no-medicaid-rate",
            Self::CarrierPriced => "carrier-priced",
            Self::TooLarge => "too-large",
        }
    }
}

/// What a line should have been allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// This amount, on this basis.
    Payable(Money, Basis),
    /// Nothing, by this rule. A denial of such a line is a billing error, not leakage.
    NotPayable(RuleId),
    /// Not known, for this reason.
    Unknown(Unknown),
}

impl Expected {
    /// `payable`, `not-payable` or `unknown`.
    #[must_use]
    pub const fn outcome(&self) -> &'static str {
        match self {
            Self::Payable(..) => "payable",
            Self::NotPayable(_) => "not-payable",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The word for the basis or the reason; of a line that is not payable, the id of the rule.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Self::Payable(_, basis) => basis.as_str(),
            Self::NotPayable(rule) => rule.as_str(),
            Self::Unknown(reason) => reason.as_str(),
        }
    }

    /// The amount of a payable line, zero of a line that is not payable, nothing when unknown.
    #[must_use]
    pub const fn amount(&self) -> Option<Money> {
        match self {
            Self::Payable(amount, _) => Some(*amount),
            Self::NotPayable(_) => Some(Money::ZERO),
            Self::Unknown(_) => None,
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payable(amount, basis) => write!(f, "{} ({})", amount.pretty(), basis.as_str()),
            Self::NotPayable(rule) => write!(f, "not payable ({rule})"),
            Self::Unknown(reason) => write!(f, "unknown ({})", reason.as_str()),
        }
    }
}
