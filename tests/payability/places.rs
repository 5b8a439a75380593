//! Places of service: facilities, telehealth, Part A stays, and payers with maps of their own.

use super::sums::{F96372, F99213, F99213_IN_FACILITY, J3420};
use super::{Case, MEDICARE, case};

const INCIDENT_TO: &str =
    "DOMAIN §1: PC/TC 5, facility PE NA (datasets/medicare/rvu.csv), POS of datasets/medicare/pos.csv";
const TELEHEALTH: &str = "DOMAIN §3: no injection by telehealth (POS 02 and 10, modifiers 93, 95, GT, GQ)";

pub(super) fn cases() -> Vec<Case> {
    facilities().into_iter().chain(telehealth()).collect()
}

fn facilities() -> Vec<Case> {
    vec![
        case(
            "urgent care pays like the office",
            MEDICARE,
            "96372 @20 | pays 13.58
             J3420 @20 | pays 1.42",
            "DOMAIN §4: POS 20 pays like 11 under Medicare",
            &[F96372, J3420],
        ),
        case(
            "an injection in a hospital clinic is the hospital's",
            MEDICARE,
            "96372 @22 | falls facility-incident-to
             J3420 @11 | pays 1.42",
            INCIDENT_TO,
            &[J3420],
        ),
        case(
            "the same in the office is the practice's",
            MEDICARE,
            "96372 @11 | pays 13.58
             J3420 @11 | pays 1.42",
            INCIDENT_TO,
            &[F96372, J3420],
        )
        .misses("facility-incident-to"),
        case(
            "off campus, in a bed, in emergency, in surgery: none is payable",
            MEDICARE,
            "96372 @19 | falls facility-incident-to; warns injection-without-drug
             96372-76 @21 | falls facility-incident-to; warns injection-without-drug
             96372-76 @23 | falls facility-incident-to; warns injection-without-drug
             96372-76 @24 | falls facility-incident-to; warns injection-without-drug",
            INCIDENT_TO,
            &[],
        ),
        case(
            "a visit in a facility is paid, with the facility's practice expense",
            MEDICARE,
            "99213-25 @22 | pays 63.69
             96372 @22 | falls facility-incident-to; warns injection-without-drug",
            "99213 has no PC/TC 5",
            &[F99213_IN_FACILITY],
        ),
        case(
            "the hospital bills its drug",
            MEDICARE,
            "96372 @22 | falls facility-incident-to
             J3420 @22 | falls hospital-drug would 1.42",
            "drugs incident to a hospital service",
            &[J3420],
        ),
        case(
            "a drug in a surgery centre stands beside no hospital",
            MEDICARE,
            "96372 @22 | falls facility-incident-to
             J3420 @24 | pays 1.42",
            "POS 24 is no hospital",
            &[J3420],
        )
        .misses("hospital-drug"),
        case(
            "the rule of the hospital's drug is Medicare's",
            "COM 43215 2024-05-06",
            "96372 @22 | falls facility-incident-to
             J3420 @22 | pays 1.42",
            "no such rule of the payer is known",
            &[J3420],
        )
        .misses("hospital-drug"),
        case(
            "a Part A stay: the nursing facility's payment includes the drug",
            MEDICARE,
            "96372 @31 | falls facility-incident-to
             J3420 @31 | falls snf-part-a-drug would 1.42",
            "DOMAIN §3: consolidated billing of Part A stays",
            &[J3420],
        ),
        case(
            "a nursing facility without Part A",
            MEDICARE,
            "96372 @32 | pays 13.58
             J3420 @32 | pays 1.42",
            "POS 32 is no facility of Medicare's map",
            &[F96372, J3420],
        ),
        case(
            "the drug there, beside a line of a Part A stay",
            MEDICARE,
            "96372 @31 | falls facility-incident-to
             J3420 @32 | pays 1.42",
            "each line has its own place",
            &[J3420],
        )
        .misses("snf-part-a-drug"),
        case(
            "a payer that takes POS 32 for a facility",
            "MCR32 43215 2024-05-06",
            "96372 @32 | falls facility-incident-to
             J3420 @32 | pays 1.42",
            "DOMAIN §1: the map can be overridden per payer",
            &[J3420],
        ),
        case(
            "the same payer's office",
            "MCR32 43215 2024-05-06",
            "96372 @11 | pays 13.58
             J3420 @32 | pays 1.42",
            "DOMAIN §1",
            &[F96372, J3420],
        )
        .misses("facility-incident-to"),
        case(
            "a payer that takes POS 22 for an office",
            "COM22 43215 2024-05-06",
            "96372 @22 | pays 13.58
             J3420 @22 | pays 1.42",
            "DOMAIN §1",
            &[F96372, J3420],
        )
        .misses("facility-incident-to"),
        case(
            "a schedule that lists the place",
            "LISTS 43215 2024-05-06",
            "96372 @22 | pays 21.00
             J3420 @22 | pays 1.42",
            "a contract may pay in a facility: its own row says so",
            &["21.00: the schedule's rate for 96372 in a facility", J3420],
        )
        .misses("facility-incident-to"),
        case(
            "there a procedure beside it is in want of 59 again",
            "LISTS 43215 2024-05-06",
            "99284 @23 | unknown no-rate
             96372 @23 | falls ncci-facility-visit beside 99284 would 21.00
             J3420 @23 | pays 1.42",
            "where the place is payable, the edit decides",
            &["21.00: the schedule's rate for 96372 in a facility", J3420],
        ),
    ]
}

fn telehealth() -> Vec<Case> {
    vec![
        case(
            "an injection by telehealth into the home",
            MEDICARE,
            "96372 @10 | falls telehealth-place would 13.58
             J3420 | pays 1.42",
            TELEHEALTH,
            &[F96372, J3420],
        ),
        case(
            "an injection by telehealth elsewhere: POS 02 is a facility as well",
            MEDICARE,
            "96372 @02 | falls telehealth-place
             J3420 | pays 1.42",
            TELEHEALTH,
            &[J3420],
        ),
        case(
            "an injection at home",
            MEDICARE,
            "96372 @12 | pays 13.58
             J3420 | pays 1.42",
            TELEHEALTH,
            &[F96372, J3420],
        )
        .misses("telehealth-place"),
        case(
            "a visit by telehealth is paid",
            MEDICARE,
            "99213-95 @10 | pays 87.04",
            "POS 10 is no facility: the visit is paid at the office's rate",
            &[F99213],
        ),
        case(
            "modifier 95 on the injection",
            MEDICARE,
            "99213-25-95 | pays 87.04
             96372-95 | falls telehealth-modifier would 13.58
             J3420 | pays 1.42",
            TELEHEALTH,
            &[F99213, F96372, J3420],
        ),
        case(
            "modifier 95 on the visit alone",
            MEDICARE,
            "99213-25-95 | pays 87.04
             96372 | pays 13.58
             J3420 | pays 1.42",
            TELEHEALTH,
            &[F99213, F96372, J3420],
        )
        .misses("telehealth-modifier"),
        case(
            "modifiers 93, GT and GQ",
            MEDICARE,
            "96372-93 | falls telehealth-modifier would 13.58
             96372-76-GT | falls telehealth-modifier would 13.58
             96372-76-GQ | falls telehealth-modifier would 13.58
             J3420 | pays 1.42",
            TELEHEALTH,
            &[F96372, J3420],
        ),
    ]
}
