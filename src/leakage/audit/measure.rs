//! What is compared between providers, and what it may mean when one stands apart.

use super::interval::Side;
use crate::leakage::missed::Direction;

/// A rate of one provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Office visits with modifier 25, of those with 96372 on the same day.
    VisitModifier25,
    /// Lines of 96372 with modifier 59 or X{EPSU}.
    SeparatingModifier,
    /// Days with two or more units of 96372, of days with 96372.
    SeveralUnits,
    /// Days with four or more units of 96372, of days with 96372.
    FourUnits,
    /// Lines of 96373 (into an artery), of the injections and pushes in an office.
    IntraArterial,
    /// Lines of 96372 that carry modifier 25, which belongs on the visit.
    InjectionModifier25,
    /// Drugs of a day that something of the day gives, of all drugs.
    DrugsGiven,
    /// Days with 96372 on which a drug is billed, too, where the payer does not send it.
    InjectionsWithDrug,
    /// Drug lines without an NDC.
    NdcMissing,
}

impl Measure {
    /// All measures, in the order in which they are shown.
    pub const ALL: &'static [Self] = &[
        Self::VisitModifier25,
        Self::SeparatingModifier,
        Self::SeveralUnits,
        Self::FourUnits,
        Self::IntraArterial,
        Self::InjectionModifier25,
        Self::DrugsGiven,
        Self::InjectionsWithDrug,
        Self::NdcMissing,
    ];

    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VisitModifier25 => "visit-modifier-25",
            Self::SeparatingModifier => "modifier-59",
            Self::SeveralUnits => "two-or-more-units",
            Self::FourUnits => "four-or-more-units",
            Self::IntraArterial => "96373-in-office",
            Self::InjectionModifier25 => "96372-25",
            Self::DrugsGiven => "drugs-given",
            Self::InjectionsWithDrug => "injections-with-drug",
            Self::NdcMissing => "ndc-missing",
        }
    }

    /// The name for readers.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::VisitModifier25 => "Modifier 25 on visits with 96372",
            Self::SeparatingModifier => "Modifier 59 or X on 96372",
            Self::SeveralUnits => "Days with 2 or more units of 96372",
            Self::FourUnits => "Days with 4 or more units of 96372",
            Self::IntraArterial => "96373 in an office",
            Self::InjectionModifier25 => "Modifier 25 on 96372",
            Self::DrugsGiven => "Drugs with an administration",
            Self::InjectionsWithDrug => "96372 days with a drug",
            Self::NdcMissing => "Drug lines without NDC",
        }
    }

    /// What is wrong at any rate, whatever the peers do: there a single line is enough.
    #[must_use]
    pub const fn is_always_wrong(self) -> bool {
        matches!(self, Self::IntraArterial | Self::InjectionModifier25)
    }

    /// Which way money may have gone when a provider stands on this side; `None` where that side is no reason to look.
    #[must_use]
    pub const fn direction(self, side: Side) -> Option<Direction> {
        match (self, side) {
            (
                Self::VisitModifier25
                | Self::SeparatingModifier
                | Self::SeveralUnits
                | Self::FourUnits
                | Self::IntraArterial,
                Side::High,
            ) => Some(Direction::Over),
            (Self::VisitModifier25 | Self::DrugsGiven | Self::InjectionsWithDrug, Side::Low)
            | (Self::InjectionModifier25 | Self::NdcMissing, Side::High) => Some(Direction::Under),
            _ => None,
        }
    }

    /// What an auditor would ask, and what to do.
    #[must_use]
    pub const fn action(self, side: Side) -> &'static str {
        match (self, side) {
            (Self::VisitModifier25, Side::High) => {
                "read a sample of visits: each needs a significant, separately identifiable service beside the injection"
            }
            (Self::VisitModifier25, Side::Low) => {
                "visits without 25 are denied beside 96372: add it where it is earned"
            }
            (Self::SeparatingModifier, _) => "read a sample: 59 needs a separate site or encounter",
            (Self::SeveralUnits | Self::FourUnits, _) => {
                "compare units with the injections documented; several drugs, several sites"
            }
            (Self::IntraArterial, _) => "96373 is an injection into an artery: look whether 96372 or 96374 was meant",
            (Self::InjectionModifier25, _) => "move 25 to the visit; send corrected claims",
            (Self::DrugsGiven, _) => "see the missed charges: drugs without an administration",
            (Self::InjectionsWithDrug, _) => "see the missed charges: 96372 without a drug",
            (Self::NdcMissing, _) => "add the 11-digit NDC with qualifier, unit and quantity",
        }
    }
}
