//! Puts a statement to its check: one function per kind, each of which looks the figures up and judges. No verdict is stored,
//! except where a convention is all there is, and then it is named.

mod patient;
mod places;
mod rates;
mod rules;

use super::claims::{Check, Claim};
use super::grounds::Grounds;
use super::verdict::{Answer, Ground, Verdict};

/// What the tables (and the project's own contracts) say of a statement.
#[must_use]
pub fn check(grounds: &Grounds<'_>, claim: &Claim) -> Answer {
    let code = claim.code;
    let answer = match &claim.check {
        Check::Range(low, high) => rates::range(grounds, code, &claim.payers, *low, *high),
        Check::Changes => rates::changes(grounds, code),
        Check::StatesBelowMedicare(percent) => rates::states_below_medicare(grounds, code, *percent),
        Check::StateAsLowAs(amount) => rates::state_as_low_as(grounds, code, *amount),
        Check::MedicaidVaries => rates::medicaid_varies(grounds, code),
        Check::MedicareLeast => rates::medicare_least(grounds, code),
        Check::CommercialAbove => rates::commercial_above(grounds, code),
        Check::PaysMore(than) => rates::pays_more(grounds, code, *than),
        Check::MostClaims(others) => rates::most_claims(grounds, code, others),
        Check::PaidSeparately => rules::paid_separately(grounds, code),
        Check::DrugApart(drugs) => rules::drug_apart(grounds, code, drugs),
        Check::Drug(unit) => rules::drug(grounds, code, unit),
        Check::OwnCode(others, all) => rules::own_code(grounds, code, others, *all),
        Check::Vaccines(first, last, also) => rules::vaccines(grounds, code, (*first, *last), *also),
        Check::FallsBeside(range) => rules::falls_beside(grounds, code, *range),
        Check::Units(or) => rules::units(grounds, code, *or),
        Check::OneADay => rules::one_a_day(grounds, code),
        Check::AddOn => rules::add_on(grounds, code),
        Check::OwnNpi => rules::own_npi(grounds, code),
        Check::IncidentTo => rules::incident_to(grounds, code),
        Check::Modifier(modifiers, on_injection) => rules::modifier(grounds, code, modifiers, *on_injection),
        Check::Visit(unrelated) => rules::visit(grounds, code, *unrelated),
        Check::Beside(others) => rules::beside(grounds, code, others),
        Check::DenialReasons(categories) => rules::denial_reasons(grounds, categories),
        Check::PlacesMatter => places::places_matter(grounds, code),
        Check::Place(places, word) => places::place(grounds, code, places, *word),
        Check::SmallShare(percent, most) => patient::small_share(grounds, code, *percent, *most),
        Check::FullUntilDeductible => patient::full_until_deductible(grounds, code),
        Check::HigherPayLowerShare(percent) => patient::higher_pay_lower_share(grounds, code, *percent),
        Check::Convention(verdict, source) => convention(*verdict, source),
        Check::None(place) => Answer::nothing("no public figures").right(format!("see {place}")),
    };
    with_note(answer, claim)
}

/// What only a named convention can tell.
fn convention(verdict: Verdict, source: &str) -> Answer {
    Answer::published(verdict, "no table tells; by convention").on(Ground::Convention).cited([source])
}

/// The note of the statement, after what is right.
fn with_note(mut answer: Answer, claim: &Claim) -> Answer {
    if !claim.note.is_empty() {
        if !answer.right.is_empty() {
            answer.right.push_str(". ");
        }
        answer.right.push_str(&claim.note);
    }
    answer
}

/// The answer that a figure is missing.
fn missing(what: impl Into<String>) -> Answer {
    Answer::nothing(what)
}
