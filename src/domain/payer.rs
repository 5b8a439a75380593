//! Payers and the terms on which they pay.

use std::sync::Arc;

use super::contract::TermList;
use super::{Locality, Period, Pos, Rate};

/// What kind of payer this is: decides which rules hold (sequestration, NPP 85 %, incident-to).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PayerKind {
    /// Original Medicare, Part B.
    Medicare,
    /// A Medicare Advantage plan.
    MedicareAdvantage,
    /// A state Medicaid programme, fee for service.
    Medicaid,
    /// A managed Medicaid plan.
    MedicaidManaged,
    /// A commercial insurer.
    Commercial,
}

impl PayerKind {
    /// The word of the project file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Medicare => "medicare",
            Self::MedicareAdvantage => "medicare-advantage",
            Self::Medicaid => "medicaid",
            Self::MedicaidManaged => "medicaid-managed",
            Self::Commercial => "commercial",
        }
    }

    /// The name for readers.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Medicare => "Medicare",
            Self::MedicareAdvantage => "Medicare Advantage",
            Self::Medicaid => "Medicaid",
            Self::MedicaidManaged => "Managed Medicaid",
            Self::Commercial => "Commercial",
        }
    }
}

impl PayerKind {
    /// Days from the service within which such payers usually take a claim, for payers whose window nobody stated: one
    /// calendar year by law for Medicare (42 CFR 424.44) and for a state's Medicaid (42 CFR 447.45(d)); plans set their own,
    /// and 180 days is an assumption that is on the short side of common contracts.
    #[must_use]
    pub const fn usual_filing_days(self) -> u16 {
        match self {
            Self::Medicare | Self::Medicaid => 365,
            Self::MedicareAdvantage | Self::MedicaidManaged | Self::Commercial => 180,
        }
    }
}

/// The year of the Medicare schedule that a percentage refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YearRule {
    /// The schedule in force on the day of service.
    Current,
    /// The schedule of a named year (as in force on 31 December), whatever the day of service.
    Fixed(i32),
}

/// The locality of the Medicare schedule that a percentage refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalityRule {
    /// The locality of the service.
    Own,
    /// One named locality for all services.
    Fixed(Locality),
}

/// What a schedule pays for a code it does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlistedRule {
    /// Nothing is known: the line is Unknown, and said so.
    Unknown,
    /// A percentage of the charge (0.40 = 40 %).
    PercentOfCharge(Rate),
    /// A percentage of Medicare of the day and place of service (1.10 = 110 %).
    PercentOfMedicare(Rate),
}

/// The terms of one payer for one period, in the order in which they are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Terms {
    /// Medicare's own rules: physician schedule, ASP limits.
    Medicare,
    /// A factor on Medicare's rate (1.35 = 135 %).
    PercentOfMedicare {
        /// The factor.
        factor: Rate,
        /// Which year's schedule.
        year: YearRule,
        /// Which locality's schedule.
        locality: LocalityRule,
    },
    /// A fee schedule loaded from a file; `schedule` is its name in the reference.
    Schedule {
        /// Name of the loaded schedule.
        schedule: Arc<str>,
        /// What holds for a code the schedule does not list.
        unlisted: UnlistedRule,
    },
    /// A factor on the charge (0.60 = 60 %).
    PercentOfCharge {
        /// The factor.
        factor: Rate,
    },
    /// The terms of a contract file, first match first.
    Contract(Arc<TermList>),
    /// Medicaid without a schedule or contract: observed, then estimated, then unknown (DOMAIN §2).
    MedicaidBenchmark,
}

/// A payer of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    /// The short name that lines carry (`MCR`, `COM2`).
    pub id: Arc<str>,
    /// The name for readers.
    pub name: Arc<str>,
    /// What kind of payer.
    pub kind: PayerKind,
    /// Other spellings found in files; matched after normalising.
    pub aliases: Vec<Arc<str>>,
    /// Terms with the period in which each is in force; for one day the first that holds it is taken.
    pub terms: Vec<(Period, Terms)>,
    /// Pays the lesser of the charge and the rate.
    pub lesser_of: bool,
    /// The practice participates (Medicare: non-participating is 95 %).
    pub participating: bool,
    /// Factor for services under a nurse practitioner's or physician assistant's own NPI (Medicare: 0.85).
    pub npp_factor: Option<Rate>,
    /// Takes the 2 % sequestration off its payment (Original Medicare; plans only by contract).
    pub sequestration: bool,
    /// Places of service this payer treats as facility (`true`) or office (`false`) against Medicare's map.
    pub pos_overrides: Vec<(Pos, bool)>,
    /// A difference up to this many cents is rounding, not an underpayment.
    pub tolerance_cents: i64,
    /// A specialty pharmacy sends the drugs for this payer's patients: an injection without a drug line is then as it should be.
    pub sends_drugs: bool,
    /// Days from the denial within which an appeal or corrected claim is taken.
    pub appeal_days: u16,
    /// Days from the service within which a claim, also a corrected one, must be filed.
    pub timely_filing_days: u16,
    /// Which of the two windows nobody stated.
    pub assumed: AssumedWindows,
}

/// Windows of a payer that the project file does not state: the defaults are assumptions and said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AssumedWindows {
    /// `appeal_days` is the default.
    pub appeal: bool,
    /// `timely_filing_days` is the default.
    pub filing: bool,
}

impl Payer {
    /// A payer of whom nothing but the name is known.
    #[must_use]
    pub fn stranger(id: Arc<str>) -> Self {
        Self {
            name: id.clone(),
            id,
            kind: PayerKind::Commercial,
            terms: Vec::new(),
            npp_factor: None,
            sequestration: false,
            ..Self::medicare()
        }
    }

    /// Original Medicare by its public rules: a participating practice, lesser of charge and fee, NPP 85 %, sequestration.
    #[must_use]
    pub fn medicare() -> Self {
        let always = Period::new(super::Date::MIN, super::Date::MAX).into_iter();
        Self {
            id: "MCR".into(),
            name: "Medicare".into(),
            kind: PayerKind::Medicare,
            aliases: Vec::new(),
            terms: always.map(|period| (period, Terms::Medicare)).collect(),
            lesser_of: true,
            participating: true,
            npp_factor: Some(Rate::new(85, 2)),
            sequestration: true,
            pos_overrides: Vec::new(),
            tolerance_cents: 0,
            sends_drugs: false,
            appeal_days: 120,
            timely_filing_days: PayerKind::Medicare.usual_filing_days(),
            assumed: AssumedWindows::default(),
        }
    }
}
