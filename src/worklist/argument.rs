//! What a letter to the payer says about each cause: the argument, and what is asked for. The practice checks every word.

use crate::leakage::{Cause, UnderpaymentCause};
use crate::reference::DenialCategory;

/// Why the lines are payable.
pub(super) const fn argument(cause: Cause) -> &'static str {
    match cause {
        Cause::Denied(category) => of_denial(category),
        Cause::Underpaid(cause) => of_underpayment(cause),
    }
}

/// What the payer is asked to do.
pub(super) fn asked(cause: Cause, action: &str) -> &'static str {
    use UnderpaymentCause as U;
    match cause {
        Cause::Denied(DenialCategory::Other) | Cause::Underpaid(U::NothingAllowed) => {
            "Please tell the reason, or reprocess the lines below and allow the amounts in the column \"Expected\"."
        }
        Cause::Underpaid(U::NoExplanation) => {
            "Please tell how the amounts were arrived at, or reprocess the lines below and allow those in the column \"Expected\"."
        }
        _ if action == "corrected claim" => {
            "Please process the enclosed corrected claims in place of the original ones; the column \"Expected\" holds what we \
             expect to be allowed."
        }
        _ => "Please reprocess the lines below and allow the amounts in the column \"Expected\".",
    }
}

const fn of_denial(category: DenialCategory) -> &'static str {
    use DenialCategory as D;
    match category {
        D::MissingDocumentation => {
            "The services were ordered, given and recorded. The records that were said to be missing are enclosed: the order and the note \
             of each administration."
        }
        D::MedicalNecessity => {
            "The enclosed notes show the diagnosis on the day of each service and why the drug was given by injection. They meet the \
             criteria of the policy that is enclosed, as marked."
        }
        D::Modifier => {
            "The modifiers of these lines have been corrected against the records of the day. The services themselves are unchanged."
        }
        D::Bundled => {
            "The services are separate from those with which they were bundled, as the enclosed notes show, and the coding edits allow \
             them to be reported together with a modifier."
        }
        D::MissingNdc => {
            "The claims have been completed by the 11-digit drug code with its qualifier, unit and quantity."
        }
        D::Eligibility => "Coverage on each day of service was verified; the answer to the inquiry is enclosed.",
        D::Authorisation => {
            "An authorisation was in force, was not required, or is asked for now in retrospect, as the enclosed papers show."
        }
        D::TimelyFiling => {
            "The claims were filed within the window; the acknowledgements of the first filing are enclosed."
        }
        D::Duplicate => {
            "These are not repeats: each line is a service of its own, at another time or site, as the enclosed notes show."
        }
        D::CoordinationOfBenefits => {
            "The other payer's remittance is enclosed, or there is no other payer on the days of service."
        }
        D::NonCovered => "The services are a benefit of the plan under the contract; the provision is enclosed.",
        D::FrequencyMue => "The units are those that were given, as the enclosed notes show, or have been corrected.",
        D::PlaceOfService => {
            "The place of service has been checked against the records and corrected where it was wrong."
        }
        D::ProviderEnrolment => {
            "The identification of the provider has been completed; the provider was enrolled on each day of service."
        }
        D::MissingPrimaryLine => "The claims have been completed by the line to which the denied one belongs.",
        D::CodingOther => {
            "The claims have been corrected where the remark of the remittance says that they were wrong."
        }
        D::Other | D::NotADenial => "The remittances do not say why these services are not payable.",
    }
}

const fn of_underpayment(cause: UnderpaymentCause) -> &'static str {
    use UnderpaymentCause as U;
    match cause {
        U::UnitsCut => {
            "Fewer units were allowed than were given and billed; the allowed amounts are exactly those of fewer units."
        }
        U::MissedEscalator => {
            "The allowed amounts are exactly those before an escalation of the contract. The escalation and its date are cited below."
        }
        U::OldSchedule => {
            "The allowed amounts are exactly those of an earlier schedule. The schedule in force on the days of service is cited below."
        }
        U::SequestrationOnAllowed => {
            "The allowed amounts are exactly 98 % of the contracted ones. Sequestration lowers a payment; it does not lower the allowed \
             amount."
        }
        U::NppReduction => {
            "The allowed amounts are exactly 85 % of the contracted ones, as for services under the number of a nurse practitioner or \
             physician assistant. These services were not billed so."
        }
        U::MultipleServiceReduction => {
            "The allowed amounts are exactly half of the contracted ones. The codes are not subject to a reduction for multiple procedures."
        }
        U::OtherLocality => {
            "The allowed amounts are exactly those of another locality. The locality of the place of service is cited below."
        }
        U::FacilityRate => {
            "The allowed amounts are exactly those of a facility. The services were given in an office, as the place of service says."
        }
        U::OtherYear => {
            "The allowed amounts are exactly those by Medicare's schedule of another year than the one that the contract names."
        }
        U::OtherPercentage => {
            "The allowed amounts are exactly those at another percentage of Medicare than the one that the contract names."
        }
        U::NothingAllowed => "Nothing was allowed, and the remittances give no reason.",
        U::NoExplanation | U::WithinTolerance => {
            "The allowed amounts are below the contracted ones, and the remittances do not say how they were arrived at."
        }
    }
}
