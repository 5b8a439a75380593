//! The invented practice: its sites, payers, visits and prices. Facts only; what happens to them is decided elsewhere.
//!
//! Names, NPIs and drug codes are invented and cannot be taken for real ones (NPIs begin with 9, labellers are 99999).

use super::truth::Cause;
use crate::domain::PayerKind;

/// A place where the practice works.
#[derive(Debug)]
pub(super) struct Site {
    /// Two letters.
    pub(super) state: &'static str,
    /// Empty when the practice's system exports the state only.
    pub(super) zip: &'static str,
    /// Share of the visits.
    pub(super) weight: u32,
}

const fn site(state: &'static str, zip: &'static str, weight: u32) -> Site {
    Site { state, zip, weight }
}

/// Real ZIP codes, so that localities are real. 91304 needs ZIP+4; the last two sites export no ZIP code: Ohio has one
/// locality, so its price is exact; Texas has eight, so it is a mean.
pub(super) const SITES: &[Site] = &[
    site("OH", "43215", 250),
    site("OH", "44113", 140),
    site("TX", "75201", 110),
    site("TX", "77030", 80),
    site("CA", "90012", 90),
    site("CA", "94110", 60),
    site("NY", "10016", 70),
    site("NY", "14604", 50),
    site("FL", "33130", 60),
    site("FL", "32801", 55),
    site("CA", "91304", 15),
    site("OH", "", 10),
    site("TX", "", 10),
];

/// What the generator knows of a payer beyond its terms in `allowable.toml`.
#[derive(Debug)]
pub(super) struct PayerFacts {
    /// The id in `allowable.toml`.
    pub(super) id: &'static str,
    pub(super) kind: PayerKind,
    /// Share of the visits in its states.
    pub(super) weight: u32,
    /// States it serves; empty for all.
    pub(super) states: &'static [&'static str],
    /// Days from submission to the first answer.
    pub(super) lag: (u32, u32),
    /// First answers that are denials, per 10,000 lines.
    pub(super) denials: u32,
    /// Paid lines that are paid short, per 10,000.
    pub(super) underpaid: u32,
    /// How it pays short, by weight.
    pub(super) causes: &'static [(u32, Cause)],
    /// Coinsurance in percent.
    pub(super) coinsurance: u32,
    /// Copay of an office visit, in cents.
    pub(super) copay: i64,
    /// Full yearly deductible, in cents.
    pub(super) deductible: i64,
    /// Whether its remittances state the allowed amount (AMT*B6).
    pub(super) states_allowed: bool,
}

use Cause::{
    MultipleServiceReduction, NoExplanation, NppReduction, OldSchedule, OtherLocality, SequestrationOnAllowed, UnitsCut,
};
use PayerKind::{Commercial, Medicaid, MedicaidManaged, Medicare, MedicareAdvantage};

const MEDICARE_CAUSES: &[(u32, Cause)] =
    &[(35, OldSchedule), (30, OtherLocality), (15, UnitsCut), (12, MultipleServiceReduction), (8, NoExplanation)];
const ADVANTAGE_CAUSES: &[(u32, Cause)] =
    &[(40, SequestrationOnAllowed), (25, OldSchedule), (15, OtherLocality), (10, UnitsCut), (10, NoExplanation)];
const COMMERCIAL_CAUSES: &[(u32, Cause)] =
    &[(30, OldSchedule), (25, NppReduction), (15, MultipleServiceReduction), (15, UnitsCut), (15, NoExplanation)];
const MEDICAID_CAUSES: &[(u32, Cause)] =
    &[(30, OldSchedule), (25, UnitsCut), (20, NppReduction), (15, NoExplanation), (10, MultipleServiceReduction)];

/// Initial denial rates by kind of payer follow `datasets/denials/benchmarks.csv` (hospital survey of 2022: Medicare 8.4%,
/// Medicare Advantage 15.7%, commercial 13.9%, managed Medicaid 15.1%, Medicaid 16.7%).
const fn facts(id: &'static str, kind: PayerKind, weight: u32, states: &'static [&'static str]) -> PayerFacts {
    let (lag, denials, underpaid, causes, coinsurance, copay, deductible) = match kind {
        Medicare => ((14, 30), 840, 150, MEDICARE_CAUSES, 20, 0, 24_000),
        MedicareAdvantage => ((18, 45), 1570, 500, ADVANTAGE_CAUSES, 0, 2000, 0),
        Commercial => ((20, 60), 1390, 450, COMMERCIAL_CAUSES, 20, 3000, 100_000),
        MedicaidManaged => ((20, 60), 1510, 400, MEDICAID_CAUSES, 0, 0, 0),
        Medicaid => ((20, 75), 1670, 250, MEDICAID_CAUSES, 0, 0, 0),
    };
    let states_allowed = matches!(kind, Commercial);
    PayerFacts {
        id,
        kind,
        weight,
        states,
        lag,
        denials,
        underpaid,
        causes,
        coinsurance,
        copay,
        deductible,
        states_allowed,
    }
}

/// The twelve payers.
pub(super) const PAYERS: &[PayerFacts] = &[
    facts("MCR", Medicare, 260, &[]),
    facts("MA1", MedicareAdvantage, 120, &["OH", "NY"]),
    facts("MA2", MedicareAdvantage, 140, &["TX", "CA"]),
    facts("MA3", MedicareAdvantage, 120, &["FL", "CA"]),
    facts("COM1", Commercial, 90, &[]),
    facts("COM2", Commercial, 110, &[]),
    facts("COM3", Commercial, 50, &[]),
    facts("COM4", Commercial, 70, &[]),
    facts("COM5", Commercial, 70, &[]),
    facts("MCD_OH", Medicaid, 110, &["OH"]),
    facts("MCO1", MedicaidManaged, 110, &["OH", "FL"]),
    facts("MCD_TX", Medicaid, 120, &["TX"]),
];

/// A payer that the project file does not know: its lines stay unknown.
pub(super) const STRANGER: PayerFacts = facts("HARBOR MUTUAL (SYNTHETIC)", Commercial, 0, &[]);

/// Lines per 10,000 visits that go to the stranger.
pub(super) const STRANGERS: u32 = 35;

/// What is done in one visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visit {
    /// An injection of a drug the patient or a pharmacy supplied.
    Injection,
    /// An injection with the drug billed.
    InjectionAndDrug,
    /// Two injections of one drug: two units.
    TwoInjections,
    /// A second injection on its own line, modifier 76.
    RepeatInjection,
    /// Visit (modifier 25) and injection.
    OfficeVisitAndInjection,
    /// Visit (modifier 25), injection and drug.
    OfficeVisitInjectionAndDrug,
    /// Visit of a new patient (modifier 25) and injection.
    NewPatientAndInjection,
    /// Visit alone.
    Seen,
    /// Nurse visit alone: 99211 never goes with 96372.
    SeenByNurse,
    /// IV push, sometimes a second drug (96375).
    Push,
    /// IV push and, at another site, an injection (modifier 59).
    PushAndInjection,
    /// Intra-arterial injection.
    IntraArterial,
    /// Joint injection with drug.
    Joint,
    /// Joint injection with drug and, at another site, an injection (modifier 59).
    JointAndInjection,
    /// Denosumab: injection and 60 units of drug.
    Denosumab,
    /// Injection and a blood panel (codes that the product does not price).
    InjectionAndPanel,
    /// Drug without its injection: a charge was missed.
    DrugAlone,
    /// A push billed for a drug that is never given into a vein.
    PushOfVitamin,
    /// Billed wrongly: the visit lacks modifier 25.
    SeenWithout25,
    /// Billed wrongly: modifier 25 stands on the injection.
    InjectionWith25,
    /// Billed wrongly: a nurse visit beside the injection.
    NurseVisitAndInjection,
    /// Billed wrongly: a subsequent push without its first service.
    SecondPushAlone,
    /// Billed wrongly: two initial pushes.
    TwoFirstPushes,
    /// Billed wrongly: no 59 on the injection beside a push.
    PushAndInjectionWithout59,
    /// Billed wrongly: no 59 on the injection beside a joint injection.
    JointAndInjectionWithout59,
    /// Billed wrongly: no 59 on the injection beside an allergy shot.
    AllergyAndInjection,
    /// Billed wrongly: a vaccine given as an injection.
    VaccineAsInjection,
    /// Billed wrongly: a single-dose drug without JZ (Medicare, once that is enforced).
    DrugWithoutJz,
    /// Billed wrongly: a drug without its NDC (Medicaid).
    DrugWithoutNdc,
    /// Billed wrongly: a drug that Medicare leaves to the pharmacy benefit.
    SelfAdministered,
    /// Billed wrongly: an injection with a telehealth modifier.
    InjectionByTelehealth,
}

/// How often each visit happens.
pub(super) const VISITS: &[(u32, Visit)] = &[
    (4350, Visit::Injection),
    (2500, Visit::InjectionAndDrug),
    (420, Visit::TwoInjections),
    (180, Visit::RepeatInjection),
    (420, Visit::OfficeVisitAndInjection),
    (520, Visit::OfficeVisitInjectionAndDrug),
    (120, Visit::NewPatientAndInjection),
    (420, Visit::Seen),
    (120, Visit::SeenByNurse),
    (260, Visit::Push),
    (60, Visit::PushAndInjection),
    (50, Visit::IntraArterial),
    (220, Visit::Joint),
    (60, Visit::JointAndInjection),
    (14, Visit::Denosumab),
    (40, Visit::InjectionAndPanel),
    (45, Visit::DrugAlone),
    (12, Visit::PushOfVitamin),
    (60, Visit::SeenWithout25),
    (18, Visit::InjectionWith25),
    (14, Visit::NurseVisitAndInjection),
    (10, Visit::SecondPushAlone),
    (6, Visit::TwoFirstPushes),
    (9, Visit::PushAndInjectionWithout59),
    (12, Visit::JointAndInjectionWithout59),
    (9, Visit::AllergyAndInjection),
    (8, Visit::VaccineAsInjection),
    (40, Visit::DrugWithoutJz),
    (40, Visit::DrugWithoutNdc),
    (12, Visit::SelfAdministered),
    (10, Visit::InjectionByTelehealth),
];

/// Drugs given by injection: weight, code, least and most units, single-dose container (modifier JZ), NDC (invented).
pub(super) const DRUGS: &[(u32, Drug)] = &[
    (42, Drug { code: "J3420", units: (1, 1), single_dose: false, ndc: "99999003420" }),
    (18, Drug { code: "J1100", units: (4, 10), single_dose: false, ndc: "99999001100" }),
    (15, Drug { code: "J0696", units: (2, 8), single_dose: true, ndc: "99999000696" }),
    (25, Drug { code: "J1885", units: (2, 4), single_dose: true, ndc: "99999001885" }),
];

/// Drugs that may be given into a vein.
pub(super) const PUSHED: &[(u32, Drug)] = &[
    (30, Drug { code: "J1100", units: (4, 10), single_dose: false, ndc: "99999001100" }),
    (30, Drug { code: "J0696", units: (2, 8), single_dose: true, ndc: "99999000696" }),
    (40, Drug { code: "J1885", units: (2, 4), single_dose: true, ndc: "99999001885" }),
];

/// Never given into a vein.
pub(super) const VITAMIN: Drug = Drug { code: "J3420", units: (1, 1), single_dose: false, ndc: "99999003420" };

/// Ketorolac: in containers for one dose.
pub(super) const KETOROLAC: Drug = Drug { code: "J1885", units: (2, 4), single_dose: true, ndc: "99999001885" };

/// Patients give it to themselves.
pub(super) const ADALIMUMAB: Drug = Drug { code: "J0135", units: (2, 2), single_dose: true, ndc: "99999000135" };

/// For joints.
pub(super) const TRIAMCINOLONE: Drug = Drug { code: "J3301", units: (2, 8), single_dose: false, ndc: "99999003301" };

/// 60 mg, one unit per mg; billed from January 2024 on, when the practice opened its osteoporosis clinic.
pub(super) const DENOSUMAB: Drug = Drug { code: "J0897", units: (60, 60), single_dose: true, ndc: "99999000897" };

/// A drug the practice buys and bills.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drug {
    pub(super) code: &'static str,
    pub(super) units: (u32, u32),
    pub(super) single_dose: bool,
    pub(super) ndc: &'static str,
}

/// The charge master of 2023, cents per unit.
const CHARGES: &[(&str, i64)] = &[
    ("96372", 3800),
    ("96373", 4800),
    ("96374", 9800),
    ("96375", 4900),
    ("99202", 19_500),
    ("99203", 29_500),
    ("99204", 43_000),
    ("99211", 6600),
    ("99212", 14_900),
    ("99213", 23_500),
    ("99214", 33_000),
    ("99215", 46_500),
    ("20610", 17_500),
    ("95115", 2200),
    ("90686", 2600),
    ("J0135", 85_000),
    ("J3420", 1800),
    ("J1100", 150),
    ("J0696", 600),
    ("J1885", 700),
    ("J3301", 650),
    ("J0897", 5500),
    ("80053", 4500),
    ("85025", 3200),
];

/// What the practice charges for one unit in a year, in cents: 4% more each year, in steps of ten cents.
pub(super) fn unit_charge(code: &str, year: i32) -> i64 {
    let base = CHARGES.iter().find(|(c, _)| *c == code).map_or(10_000, |(_, cents)| *cents);
    let raised = base * (100 + 4 * i64::from(year - 2023));
    raised / 1000 * 10
}

/// Diagnoses that go with injections (ICD-10 codes are public).
pub(super) const DIAGNOSES: &[(u32, &str)] = &[
    (30, "E53.8"),
    (15, "D51.0"),
    (15, "M54.50"),
    (10, "J30.9"),
    (10, "R11.2"),
    (8, "M17.11"),
    (7, "L20.9"),
    (5, "J02.9"),
];

/// NPIs that cannot exist: no NPI begins with 9.
pub(super) const RENDERING: &[&str] = &["9000000011", "9000000029", "9000000037", "9000000045", "9000000052"];

/// The practice's own, which cannot exist either.
pub(super) const BILLING: &str = "9000000995";
