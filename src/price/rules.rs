//! The one rule that is asked together with the price: a schedule may list a rate for the place.

use crate::domain::Payer;

use super::key::{Key, Pricer};

/// An incident-to service or the technical part of a test in a facility: the facility bills it, the professional line is not
/// payable.
///
/// Medicare's rule (PC/TC 5, or facility PE "NA"). Other payers follow it for the family of the injection codes unless their
/// schedule lists a rate for the place, which the schedule's own match decides before this is asked.
pub(super) fn facility_bills_it(pricer: &Pricer<'_>, payer: &Payer, key: &Key) -> bool {
    let in_facility = key.pos.and_then(|pos| pricer.is_facility(payer, pos)) == Some(true);
    let (rvu, _) = pricer.reference().medicare.rvu_of_line(key.code, key.modifiers, key.day);
    in_facility && rvu.is_some_and(|rvu| rvu.incident_to || rvu.fac_na)
}
