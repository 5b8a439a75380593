//! The causes of missing money.

use std::fmt;

use crate::reference::DenialCategory;

/// Why a payer allowed less than was due, as far as the amount itself tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnderpaymentCause {
    /// Fewer units were allowed than billed.
    UnitsCut,
    /// The rate before an escalation of the contract was paid.
    MissedEscalator,
    /// The rate of an earlier schedule was paid.
    OldSchedule,
    /// 2% sequestration was taken off the allowed amount instead of the payment.
    SequestrationOnAllowed,
    /// The 85% of a nurse practitioner or physician assistant was paid without a reason.
    NppReduction,
    /// Half the rate was paid, as for a second procedure.
    MultipleServiceReduction,
    /// The rate of another locality of the state was paid.
    OtherLocality,
    /// The rate of a facility was paid for a service in an office.
    FacilityRate,
    /// Medicare's schedule of another year than the agreed one was paid.
    OtherYear,
    /// Another percentage of Medicare than the agreed one was paid, one of those that contracts use.
    OtherPercentage,
    /// Nothing was allowed and no denial explains it.
    NothingAllowed,
    /// The amount fits no known cause.
    NoExplanation,
    /// Within the payer's tolerance: rounding, not an underpayment.
    WithinTolerance,
}

impl UnderpaymentCause {
    /// All causes, in the order in which they are tried and shown.
    pub const ALL: &'static [Self] = &[
        Self::UnitsCut,
        Self::MissedEscalator,
        Self::OldSchedule,
        Self::SequestrationOnAllowed,
        Self::NppReduction,
        Self::MultipleServiceReduction,
        Self::OtherLocality,
        Self::FacilityRate,
        Self::OtherYear,
        Self::OtherPercentage,
        Self::NothingAllowed,
        Self::NoExplanation,
        Self::WithinTolerance,
    ];

    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnitsCut => "units-cut",
            Self::MissedEscalator => "missed-escalator",
            Self::OldSchedule => "old-schedule",
            Self::SequestrationOnAllowed => "sequestration-on-allowed",
            Self::NppReduction => "npp-reduction",
            Self::MultipleServiceReduction => "multiple-service-reduction",
            Self::OtherLocality => "other-locality",
            Self::FacilityRate => "facility-rate",
            Self::OtherYear => "other-year",
            Self::OtherPercentage => "other-percentage",
            Self::NothingAllowed => "nothing-allowed",
            Self::NoExplanation => "no-explanation",
            Self::WithinTolerance => "within-tolerance",
        }
    }

    /// The name for readers.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::UnitsCut => "Units cut",
            Self::MissedEscalator => "Contract's raise missed",
            Self::OldSchedule => "Old schedule paid",
            Self::SequestrationOnAllowed => "2% taken off allowed",
            Self::NppReduction => "85% without reason",
            Self::MultipleServiceReduction => "Half rate paid",
            Self::OtherLocality => "Other locality's rate",
            Self::FacilityRate => "Facility rate in office",
            Self::OtherYear => "Other year's Medicare",
            Self::OtherPercentage => "Other percentage of Medicare",
            Self::NothingAllowed => "Nothing allowed, no reason",
            Self::NoExplanation => "Unexplained",
            Self::WithinTolerance => "Rounding",
        }
    }

    /// The billing step (1–8, [`crate::reference::BILLING_STEPS`]) at which the practice can stop it: units when the claim is
    /// sent, everything else when the payment is posted and held against the contract.
    #[must_use]
    pub const fn step(self) -> u8 {
        match self {
            Self::UnitsCut => 6,
            _ => 7,
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::UnitsCut => "send the units documented; check the MUE of the code",
            Self::MissedEscalator => "cite the escalator of the contract and ask for a reprocessing project",
            Self::OldSchedule => "send the payer the schedule in force and ask for a reprocessing project",
            Self::SequestrationOnAllowed => {
                "dispute: sequestration is taken from the payment, not from the allowed amount"
            }
            Self::NppReduction => "show that the service was incident-to, or that the contract has no NPP reduction",
            Self::MultipleServiceReduction => "dispute: the code is not subject to a multiple-procedure reduction",
            Self::OtherLocality => "ask the payer to correct the practice's locality",
            Self::FacilityRate => "show the place of service; ask for the rate of an office and a reprocessing project",
            Self::OtherYear => "cite the year of the schedule that the contract names",
            Self::OtherPercentage => "cite the percentage of the contract and ask for a reprocessing project",
            Self::NothingAllowed => "ask for the reason; the remittance gives none",
            Self::NoExplanation => "ask the payer how it arrived at the amount",
            Self::WithinTolerance => "nothing",
        }
    }
}

/// The one cause of a line's shortfall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Denied, for a reason of this category.
    Denied(DenialCategory),
    /// Allowed, but too little.
    Underpaid(UnderpaymentCause),
}

impl Cause {
    /// `denied:modifier`, `underpaid:old-schedule`.
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::Denied(category) => format!("denied:{}", category.as_str()),
            Self::Underpaid(cause) => format!("underpaid:{}", cause.as_str()),
        }
    }

    /// The cause of a key as [`Self::key`] writes it.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        let underpaid = |word: &str| UnderpaymentCause::ALL.iter().copied().find(|cause| cause.as_str() == word);
        match key.split_once(':')? {
            ("denied", word) => DenialCategory::from_word(word).map(Self::Denied),
            ("underpaid", word) => underpaid(word).map(Self::Underpaid),
            _ => None,
        }
    }

    /// The billing step (1–8) that could have stopped it.
    #[must_use]
    pub const fn step(self) -> u8 {
        match self {
            Self::Denied(category) => category.step(),
            Self::Underpaid(cause) => cause.step(),
        }
    }

    /// The name for readers.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Denied(category) => category.label(),
            Self::Underpaid(cause) => cause.label(),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back_and_every_cause_has_a_step() {
        let denied = DenialCategory::ALL.iter().map(|c| Cause::Denied(*c));
        for cause in denied.chain(UnderpaymentCause::ALL.iter().map(|c| Cause::Underpaid(*c))) {
            assert_eq!(Cause::from_key(&cause.key()), Some(cause));
            assert!((1..=8).contains(&cause.step()), "{cause}");
        }
        assert_eq!(Cause::from_key("denied:nothing"), None);
        assert_eq!(Cause::from_key(""), None);
    }
}
