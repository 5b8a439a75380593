//! Rules that make a line not payable whatever the rate (DOMAIN §1 and §3).

use crate::domain::{Code, Payer, ServiceLine};
use crate::reference::Reference;

use super::key::{Key, Pricer};

/// Injections, infusions and immunisations: they need the patient in the room.
fn is_administration(code: Code) -> bool {
    matches!(code.as_str().parse::<u32>(), Ok(96360..=96379 | 96401..=96417 | 90460..=90474))
}

/// Telehealth by place of service (02, 10) or modifier.
pub(super) fn is_telehealth(key: &Key) -> bool {
    let by_place = key.pos.is_some_and(|pos| matches!(pos.number(), 2 | 10));
    let by_modifier = ["93", "95", "GT", "GQ"].iter().any(|m| key.modifiers.has(m));
    is_administration(key.code) && (by_place || by_modifier)
}

/// An incident-to service in a facility: the facility bills it, the professional line is not payable.
///
/// Medicare's rule (PC/TC 5, facility PE "NA"). Other payers follow it for the family of the injection codes unless their
/// schedule lists a rate for the place, which the schedule's own match decides before this is asked.
pub(super) fn facility_bills_it(pricer: &Pricer<'_>, payer: &Payer, key: &Key) -> bool {
    let in_facility = key.pos.and_then(|pos| pricer.is_facility(payer, pos)) == Some(true);
    let rvu = pricer.reference().medicare.rvu(key.code, key.day);
    in_facility && rvu.is_some_and(|rvu| rvu.incident_to || rvu.fac_na)
}

/// For each line, the other code of the same claim and day that never goes with it (NCCI modifier indicator 0), if any.
#[must_use]
pub fn bundled_by(reference: &Reference, lines: &[ServiceLine]) -> Vec<Option<Code>> {
    let mut bundled = vec![None; lines.len()];
    let mut order: Vec<usize> = (0..lines.len()).collect();
    let encounter = |i: &usize| (&lines[*i].claim_id, &lines[*i].payer, lines[*i].service_date);
    order.sort_by(|a, b| encounter(a).cmp(&encounter(b)).then(lines[*a].line_number.cmp(&lines[*b].line_number)));
    for group in order.chunk_by(|a, b| encounter(a) == encounter(b)) {
        if group.len() < 2 {
            continue;
        }
        for &i in group {
            let others = group.iter().filter(|j| **j != i).map(|j| lines[*j].code);
            bundled[i] = reference.edits.never_with(lines[i].code, others);
        }
    }
    bundled
}
