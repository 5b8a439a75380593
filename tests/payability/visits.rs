//! Visits beside the injection: the direction of the edit decides which of the two falls.

use super::sums::{
    F96372, F96372_2020, F96372_2021, F96372_2022, F96372_2023, F96373, F99202, F99211, F99212, F99213, F99214, F99215,
    J3420,
};
use super::{Case, MEDICARE, NCCI, case};

pub(super) fn cases() -> Vec<Case> {
    office().into_iter().chain(others()).collect()
}

fn office() -> Vec<Case> {
    vec![
        case(
            "an injection and its drug",
            MEDICARE,
            "96372 | pays 13.58
             J3420 | pays 1.42",
            "Medicare physician fee schedule and drug payment limits",
            &[F96372, J3420],
        )
        .misses("injection-without-drug"),
        case(
            "an injection of 2020, as published for Ohio",
            "MCR 43215 2020-06-15",
            "96372 | pays 13.78; warns injection-without-drug",
            "DOMAIN §1: 13.78, verified against the published Ohio fees",
            &[F96372_2020],
        ),
        case(
            "never more than the charge",
            MEDICARE,
            "96372 $12.00 | pays 12.00
             J3420 | pays 1.42",
            "Medicare pays the lesser of the charge and the schedule",
            &["12.00: the charge, below 13.58", J3420],
        ),
        case(
            "a visit without 25 falls beside the injection",
            MEDICARE,
            "99213 | falls ncci-office-visit beside 96372 would 87.04
             96372 | pays 13.58
             J3420 | pays 1.42",
            NCCI,
            &[F99213, F96372, J3420],
        ),
        case(
            "modifier 25 parts the visit from the injection",
            MEDICARE,
            "99213-25 | pays 87.04
             96372 | pays 13.58
             J3420 | pays 1.42",
            NCCI,
            &[F99213, F96372, J3420],
        )
        .misses("ncci-office-visit"),
        case(
            "the order of the lines is of no matter",
            MEDICARE,
            "J3420 | pays 1.42
             96372 | pays 13.58
             99214 | falls ncci-office-visit beside 96372 would 123.01",
            NCCI,
            &[J3420, F96372, F99214],
        ),
        case(
            "a new patient's visit falls like any other",
            MEDICARE,
            "99202 | falls ncci-office-visit beside 96372 would 68.89
             96372 | pays 13.58
             J3420 | pays 1.42",
            NCCI,
            &[F99202, F96372, J3420],
        ),
        case(
            "the shortest visit, and 24 after surgery",
            MEDICARE,
            "99212-24 | pays 53.87
             96372 | pays 13.58
             J3420 | pays 1.42",
            "24 is an NCCI-associated modifier: a visit not related to the surgery",
            &[F99212, F96372, J3420],
        ),
        case(
            "the longest visit, and 57 for the decision to operate",
            MEDICARE,
            "99215-57 | pays 173.55
             96372 | pays 13.58
             J3420 | pays 1.42",
            "57 is an NCCI-associated modifier",
            &[F99215, F96372, J3420],
        ),
        case(
            "59 on the injection does not help the visit",
            MEDICARE,
            "99213 | falls ncci-office-visit beside 96372 would 87.04
             96372-59 | pays 13.58
             J3420 | pays 1.42",
            "policy rule N2 (datasets/ncci/policy_rules.csv): 25 on the visit, not 59 on the injection",
            &[F99213, F96372, J3420],
        ),
        case(
            "59 on the visit is the wrong modifier",
            MEDICARE,
            "99213-59 | falls ncci-office-visit beside 96372 would 87.04; warns 59-on-visit
             96372 | pays 13.58
             J3420 | pays 1.42",
            "59 is for procedures; a visit takes 25",
            &[F99213, F96372, J3420],
        ),
        case(
            "25 on the injection in place of the visit costs both",
            MEDICARE,
            "99213 | falls ncci-office-visit beside 96372 would 87.04
             96372-25 | falls modifier-25-on-injection would 13.58
             J3420 | pays 1.42",
            "DOMAIN §3: 25 never goes on 96372",
            &[F99213, F96372, J3420],
        ),
        case(
            "a nurse visit is never paid beside the injection",
            MEDICARE,
            "99211 | falls ncci-99211 beside 96372 would 21.80
             96372 | pays 13.58; warns injection-without-drug",
            NCCI,
            &[F99211, F96372],
        ),
        case(
            "25 does not help the nurse visit",
            MEDICARE,
            "99211-25 | falls ncci-99211 beside 96372 would 21.80
             96372 | pays 13.58; warns injection-without-drug",
            NCCI,
            &[F99211, F96372],
        ),
        case(
            "a nurse visit beside an injection into an artery",
            MEDICARE,
            "99211 | pays 21.80
             96373 | pays 17.53",
            "the table joins 99211 with 96372; of other injections it says nothing",
            &[F99211, F96373],
        )
        .misses("ncci-99211"),
        case(
            "99201 falls to the end of 2020",
            "MCR 43215 2020-12-31",
            "99201 | falls ncci-office-visit beside 96372
             96372 | pays 13.78; warns injection-without-drug",
            NCCI,
            &[F96372_2020],
        ),
        case(
            "99201 was deleted with 2021: the edit has ended",
            "MCR 43215 2021-01-01",
            "99201 | unknown no-rate
             96372 | pays 13.64; warns injection-without-drug",
            NCCI,
            &[F96372_2021],
        )
        .misses("ncci-office-visit"),
    ]
}

fn others() -> Vec<Case> {
    vec![
        case(
            "a hospital clinic visit falls without 25",
            MEDICARE,
            "G0463 | falls ncci-clinic-visit beside 96372
             96372 | pays 13.58
             J3420 | pays 1.42",
            "policy rule N3; no fee for G0463 in the physician schedule",
            &[F96372, J3420],
        ),
        case(
            "25 parts the hospital clinic visit",
            MEDICARE,
            "G0463-25 | unknown no-rate
             96372 | pays 13.58
             J3420 | pays 1.42",
            "policy rule N3",
            &[F96372, J3420],
        )
        .misses("ncci-clinic-visit"),
        case(
            "a visit for dementia planning falls without 25",
            MEDICARE,
            "99483 | falls ncci-other-visit beside 96372
             96372 | pays 13.58
             J3420 | pays 1.42",
            NCCI,
            &[F96372, J3420],
        ),
        case(
            "25 parts the visit for dementia planning",
            MEDICARE,
            "99483-25 | unknown no-rate
             96372 | pays 13.58
             J3420 | pays 1.42",
            NCCI,
            &[F96372, J3420],
        )
        .misses("ncci-other-visit"),
        case(
            "a prolonged visit falls to the end of 2022",
            "MCR 43215 2022-12-31",
            "99354 | falls ncci-other-visit beside 96372
             96372 | pays 13.84; warns injection-without-drug",
            NCCI,
            &[F96372_2022],
        ),
        case(
            "the edit of the prolonged visit ended with 2022",
            "MCR 43215 2023-01-01",
            "99354 | unknown no-rate
             96372 | pays 13.54; warns injection-without-drug",
            NCCI,
            &[F96372_2023],
        )
        .misses("ncci-other-visit"),
        case(
            "beside a home visit it is the injection that falls",
            MEDICARE,
            "99348 @12 | unknown no-rate
             96372 @12 | falls ncci-facility-visit beside 99348 would 13.58
             J3420 @12 | pays 1.42",
            "policy rule N4: the visit is column 1",
            &[F96372, J3420],
        ),
        case(
            "25 on the home visit does not help the injection",
            MEDICARE,
            "99348-25 @12 | unknown no-rate
             96372 @12 | falls ncci-facility-visit beside 99348 would 13.58
             J3420 @12 | pays 1.42",
            "policy rule N4: 59 or X{EPSU}; CMS CR 11168 lets those alone stand on column 1",
            &[F96372, J3420],
        ),
        case(
            "59 parts the injection from the home visit",
            MEDICARE,
            "99348 @12 | unknown no-rate
             96372-59 @12 | pays 13.58
             J3420 @12 | pays 1.42",
            "policy rule N4",
            &[F96372, J3420],
        )
        .misses("ncci-facility-visit"),
        case(
            "XE parts it, too",
            MEDICARE,
            "99348 @12 | unknown no-rate
             96372-XE @12 | pays 13.58
             J3420 @12 | pays 1.42",
            "X{EPSU} are subsets of 59",
            &[F96372, J3420],
        )
        .misses("ncci-facility-visit"),
        case(
            "in the emergency room no modifier makes it the practice's",
            MEDICARE,
            "99284 @23 | unknown no-rate
             96372 @23 | falls facility-incident-to; also ncci-facility-visit beside 99284; warns injection-without-drug",
            "DOMAIN §1: PC/TC 5 in POS 23; 59 would not change that",
            &[],
        ),
        case(
            "beside a later visit in a nursing facility, never",
            MEDICARE,
            "99309 @32 | unknown no-rate
             96372-59 @32 | falls ncci-injection-never beside 99309 would 13.58
             J3420 @32 | pays 1.42",
            "policy rule N5: indicator 0; POS 32 is no facility of Medicare's map",
            &[F96372, J3420],
        ),
        case(
            "beside the first visit there, with 59",
            MEDICARE,
            "99306 @32 | unknown no-rate
             96372-59 @32 | pays 13.58
             J3420 @32 | pays 1.42",
            "policy rule N4: indicator 1",
            &[F96372, J3420],
        )
        .misses("ncci-injection-never"),
        case(
            "beside a day in hospital, never",
            MEDICARE,
            "99232 @21 | unknown no-rate
             96372 @21 | falls ncci-injection-never beside 99232; warns injection-without-drug",
            "policy rule N5; in POS 21 nobody would pay the practice",
            &[],
        ),
        case(
            "beside a day of observation, never, to the end of 2022",
            "MCR 43215 2022-12-31",
            "99225 @22 | unknown no-rate
             96372 @22 | falls ncci-injection-never beside 99225; warns injection-without-drug",
            NCCI,
            &[],
        ),
        case(
            "codes of observation ended with 2022: the place remains",
            "MCR 43215 2023-01-01",
            "99225 @22 | unknown no-rate
             96372 @22 | falls facility-incident-to; warns injection-without-drug",
            NCCI,
            &[],
        )
        .misses("ncci-injection-never"),
    ]
}
