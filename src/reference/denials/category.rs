//! The categories of denials: words, fixes, and the step of the billing process that prevents each.

use std::fmt;

use serde::{Serialize, Serializer};

/// Yes, no, or in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// In some cases.
    Partly,
}

impl Answer {
    /// `yes`, `no` or `partly`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Partly => "partly",
        }
    }
}

/// The eight steps of the billing process, in order.
pub const BILLING_STEPS: [&str; 8] = [
    "Verify coverage and benefits",
    "Confirm medical necessity and the order",
    "Document the drug and the administration",
    "Assign diagnosis codes",
    "Apply modifiers",
    "Submit the claim with drug codes and NDC",
    "Post and reconcile the payment",
    "Work denials and reimbursements",
];

/// Declares the categories in one table: name, word, label, preventable, appealable, billing step (1–8), fix.
macro_rules! categories {
    ($($name:ident $word:literal $label:literal $preventable:ident $appealable:ident $step:literal $fix:literal)*) => {
        /// Why a payer refused to pay. The five of the article come first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DenialCategory {
            $(#[doc = $label] $name,)*
            /// The adjustment is not a denial at all.
            NotADenial,
        }

        impl DenialCategory {
            /// All categories of denials, without [`Self::NotADenial`].
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The snake_case word of our files.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* Self::NotADenial => "not_a_denial" }
            }

            /// The name for readers.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* Self::NotADenial => "Not a denial" }
            }

            /// Whether the practice can prevent it.
            #[must_use]
            pub const fn preventable(self) -> Answer {
                match self { $(Self::$name => Answer::$preventable,)* Self::NotADenial => Answer::No }
            }

            /// Whether an appeal (rather than a corrected claim) has a point.
            #[must_use]
            pub const fn appealable(self) -> Answer {
                match self { $(Self::$name => Answer::$appealable,)* Self::NotADenial => Answer::No }
            }

            /// The step of [`BILLING_STEPS`] at which it is prevented, from 1; 8 when only working the denial helps.
            #[must_use]
            pub const fn step(self) -> u8 {
                match self { $(Self::$name => $step,)* Self::NotADenial => 7 }
            }

            /// What to do about it, in a few words.
            #[must_use]
            pub const fn fix(self) -> &'static str {
                match self { $(Self::$name => $fix,)* Self::NotADenial => "nothing to fix: post it" }
            }
        }
    };
}

categories! {
    MissingDocumentation "missing_documentation" "Missing documentation" Yes Yes 3 "send the order and the administration note: drug, dose, lot, route, site, time, signature"
    MedicalNecessity "medical_necessity" "Medical necessity" Partly Yes 2 "correct the diagnosis, or appeal with the policy's own criteria"
    Modifier "modifier" "Modifier" Yes No 5 "25 goes on the visit, 59 or X{EPSU} on the column-2 procedure; correct the claim"
    Bundled "bundled" "Bundled" Partly Partly 5 "find the column-1 code; unbundle only what the notes show to be separate"
    MissingNdc "missing_ndc" "Missing NDC" Yes No 6 "send the 11-digit NDC with qualifier, unit and quantity on the drug line"
    Eligibility "eligibility" "Eligibility" Yes Partly 1 "check coverage on the date of service; bill the right payer or the patient"
    Authorisation "authorisation" "Authorisation" Yes Yes 1 "ask for a retroactive authorisation, else appeal with proof"
    TimelyFiling "timely_filing" "Timely filing" Yes Partly 6 "send proof of the first filing"
    Duplicate "duplicate" "Duplicate" Yes Partly 6 "repeat injections go on one line as units, or carry 76 or 59; never resubmit blindly"
    CoordinationOfBenefits "coordination_of_benefits" "Coordination of benefits" Yes Partly 1 "bill the primary payer first, or attach its remittance"
    NonCovered "non_covered" "Not covered" Partly Partly 1 "check the benefit, the notice to the patient and the contract"
    FrequencyMue "frequency_mue" "Units or frequency" Yes Partly 6 "correct the units, or send notes of separate sites"
    PlaceOfService "place_of_service" "Place of service" Yes No 6 "correct the place of service; in a facility the facility bills the injection"
    ProviderEnrolment "provider_enrolment" "Provider enrolment" Yes Partly 6 "correct NPI, taxonomy or enrolment; name the supervising provider"
    MissingPrimaryLine "missing_primary_line" "Missing primary line" Yes Partly 6 "put the drug line or the parent procedure on the claim"
    CodingOther "coding_other" "Other coding error" Yes Partly 4 "read the remark code, correct and resubmit"
    Other "other" "Other" Partly Partly 8 "read the remittance and ask the payer"
}

impl DenialCategory {
    /// The category of a word of our files; words that are no category of denials are `None`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|category| category.as_str() == word)
    }
}

impl fmt::Display for DenialCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for DenialCategory {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What an adjusted amount is, whoever bears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AmountClass {
    /// Given up by contract or law.
    Contractual,
    /// The patient owes it.
    PatientResp,
    /// Refused.
    Denial,
    /// Paid by someone else, or paid before.
    Offset,
    /// The federal cut of the payment.
    Sequestration,
    /// Says something, takes nothing for good (pending, predetermination).
    Informational,
    /// Interest paid or owed.
    Interest,
    /// Anything else.
    OtherAdj,
}

impl AmountClass {
    /// The snake_case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contractual => "contractual",
            Self::PatientResp => "patient_resp",
            Self::Denial => "denial",
            Self::Offset => "offset",
            Self::Sequestration => "sequestration",
            Self::Informational => "informational",
            Self::Interest => "interest",
            Self::OtherAdj => "other_adj",
        }
    }

    /// The class of a word of our files.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        const ALL: [AmountClass; 8] = [
            AmountClass::Contractual,
            AmountClass::PatientResp,
            AmountClass::Denial,
            AmountClass::Offset,
            AmountClass::Sequestration,
            AmountClass::Informational,
            AmountClass::Interest,
            AmountClass::OtherAdj,
        ];
        ALL.into_iter().find(|class| class.as_str() == word)
    }
}
