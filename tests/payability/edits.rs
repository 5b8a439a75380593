//! Procedures, allergens, chemotherapy, infusions and vaccines beside the injection, in both directions.

use super::sums::{F20610, F90460, F96365, F96372, F96372_2021, F96372_2022, F96374, F96401, F96402, J3420};
use super::{Case, MEDICARE, NCCI, case};

/// CMS CR 11168: since 1 July 2019, 59 and X{EPSU} count on either column; every other modifier on column 2 alone.
const EITHER: &str = "CMS CR 11168, from 2019-07-01: 59 and X{EPSU} on column 1 or 2, other modifiers on column 2";

pub(super) fn cases() -> Vec<Case> {
    procedures().into_iter().chain(administrations()).chain(fall_beside_the_injection()).collect()
}

fn procedures() -> Vec<Case> {
    vec![
        case(
            "an injection falls beside a joint injection",
            MEDICARE,
            "20610 | pays 62.31
             96372 | falls ncci-procedure beside 20610 would 13.58
             J3420 | pays 1.42",
            "policy rule N7",
            &[F20610, F96372, J3420],
        ),
        case(
            "59 parts it from the joint injection",
            MEDICARE,
            "20610 | pays 62.31
             96372-59 | pays 13.58
             J3420 | pays 1.42",
            "policy rule N7",
            &[F20610, F96372, J3420],
        )
        .misses("ncci-procedure ncci-anaesthesia 59-separates-nothing"),
        case(
            "XS parts it, too",
            MEDICARE,
            "20610 | pays 62.31
             96372-XS | pays 13.58
             J3420 | pays 1.42",
            "policy rule N7: another site",
            &[F20610, F96372, J3420],
        )
        .misses("ncci-procedure"),
        case(
            "59 on the joint injection parts them as well",
            MEDICARE,
            "20610-59 | pays 62.31
             96372 | pays 13.58
             J3420 | pays 1.42",
            EITHER,
            &[F20610, F96372, J3420],
        )
        .misses("ncci-procedure"),
        case(
            "the side of the joint does not part them",
            MEDICARE,
            "20610-RT | pays 62.31
             96372 | falls ncci-procedure beside 20610 would 13.58
             J3420 | pays 1.42",
            EITHER,
            &[F20610, F96372, J3420],
        ),
        case(
            "a side of its own on the injection does",
            MEDICARE,
            "20610-RT | pays 62.31
             96372-LT | pays 13.58
             J3420 | pays 1.42",
            "LT is an NCCI-associated modifier, here on column 2",
            &[F20610, F96372, J3420],
        )
        .misses("ncci-procedure"),
        case(
            "two procedures, one of them with 59: the other joins",
            MEDICARE,
            "20610-59 | pays 62.31
             11900 | unknown no-rate
             96372 | falls ncci-procedure beside 11900 would 13.58
             J3420 | pays 1.42",
            NCCI,
            &[F20610, F96372, J3420],
        ),
        case(
            "in anaesthesia, never",
            MEDICARE,
            "00400 | unknown no-rate
             96372-59 | falls ncci-anaesthesia beside 00400 would 13.58
             J3420 | pays 1.42",
            "policy rule N6",
            &[F96372, J3420],
        ),
        case(
            "a procedure of 2021, on its last day",
            "MCR 43215 2021-12-31",
            "0191T | unknown no-rate
             96372 | falls ncci-procedure beside 0191T would 13.64; warns injection-without-drug",
            "0191T/96372 was deleted with 2021 (datasets/ncci/ptp.csv, `until`)",
            &[F96372_2021],
        ),
        case(
            "the day after, the edit has ended",
            "MCR 43215 2022-01-01",
            "0191T | unknown no-rate
             96372 | pays 13.84; warns injection-without-drug",
            "0191T/96372 was deleted with 2021 (datasets/ncci/ptp.csv, `until`)",
            &[F96372_2022],
        )
        .misses("ncci-procedure"),
    ]
}

fn administrations() -> Vec<Case> {
    vec![
        case(
            "an allergen beside the injection",
            MEDICARE,
            "95115 | unknown no-rate
             96372 | falls ncci-allergy beside 95115 would 13.58
             J3420 | pays 1.42",
            "policy rule N8, payer rule P5",
            &[F96372, J3420],
        ),
        case(
            "an allergen and an injection of something else",
            MEDICARE,
            "95117 | unknown no-rate
             96372-59 | pays 13.58
             J3420 | pays 1.42",
            "policy rule N8",
            &[F96372, J3420],
        ),
        case(
            "59 parts the injection from the allergen",
            MEDICARE,
            "95115 | unknown no-rate
             96372-59 | pays 13.58
             J3420 | pays 1.42",
            "policy rule N8, payer rule P5",
            &[F96372, J3420],
        )
        .misses("ncci-allergy"),
        case(
            "a hormone given as chemotherapy",
            MEDICARE,
            "96402 | pays 32.79
             96372 | falls ncci-chemotherapy beside 96402 would 13.58
             J3420 | pays 1.42",
            "policy rule N9",
            &[F96402, F96372, J3420],
        ),
        case(
            "and another drug, with 59",
            MEDICARE,
            "96402 | pays 32.79
             96372-59 | pays 13.58
             J3420 | pays 1.42",
            "policy rule N9",
            &[F96402, F96372, J3420],
        )
        .misses("ncci-chemotherapy"),
        case(
            "chemotherapy under the skin",
            MEDICARE,
            "96372 | falls ncci-chemotherapy beside 96401 would 13.58
             96401 | pays 65.98
             J3420 | pays 1.42",
            "policy rule N9",
            &[F96372, F96401, J3420],
        ),
        case(
            "an infusion beside the injection",
            MEDICARE,
            "96365 | pays 57.80
             96372 | falls ncci-infusion beside 96365 would 13.58
             J3420 | pays 1.42",
            "policy rule N10",
            &[F96365, F96372, J3420],
        ),
        case(
            "59 parts the injection from the infusion",
            MEDICARE,
            "96365 | pays 57.80
             96372-59 | pays 13.58
             J3420 | pays 1.42",
            "policy rule N10",
            &[F96365, F96372, J3420],
        )
        .misses("ncci-infusion"),
        case(
            "a push beside the injection",
            MEDICARE,
            "96374 | pays 33.97
             96372 | falls ncci-infusion beside 96374 would 13.58
             J3420 | pays 1.42",
            "policy rule N10",
            &[F96374, F96372, J3420],
        ),
        case(
            "hydration beside the injection",
            MEDICARE,
            "96360 | unknown no-rate
             96372 | falls ncci-infusion beside 96360 would 13.58
             J3420 | pays 1.42",
            "policy rule N10",
            &[F96372, J3420],
        ),
        case(
            "a vaccine with counselling beside the injection",
            MEDICARE,
            "90460 | pays 21.72
             96372 | falls ncci-vaccine beside 90460 would 13.58
             J3420 | pays 1.42",
            "policy rule N11",
            &[F90460, F96372, J3420],
        ),
        case(
            "59 parts the injection from the vaccine",
            MEDICARE,
            "90460 | pays 21.72
             96372-59 | pays 13.58
             J3420 | pays 1.42",
            "policy rule N11",
            &[F90460, F96372, J3420],
        )
        .misses("ncci-vaccine"),
        case(
            "a skin test for tuberculosis",
            MEDICARE,
            "86580 | unknown no-rate
             96372 | falls ncci-vaccine beside 86580 would 13.58
             J3420 | pays 1.42",
            NCCI,
            &[F96372, J3420],
        ),
    ]
}

fn fall_beside_the_injection() -> Vec<Case> {
    vec![
        case(
            "blood from a port is never paid beside the injection",
            MEDICARE,
            "36591-59 | falls ncci-other-never beside 96372
             96372 | pays 13.58
             J3420 | pays 1.42",
            "policy rule N12",
            &[F96372, J3420],
        ),
        case(
            "blood from a vein is",
            MEDICARE,
            "36415-59 | unknown no-rate
             96372 | pays 13.58
             J3420 | pays 1.42",
            "36415 is in no pair with 96372; it is paid by the laboratory schedule",
            &[F96372, J3420],
        )
        .misses("ncci-other-never"),
        case(
            "flushing a port beside the injection",
            MEDICARE,
            "96523 | falls ncci-other-never beside 96372
             96372 | pays 13.58
             J3420 | pays 1.42",
            "policy rule N12",
            &[F96372, J3420],
        ),
        case(
            "a cataract operation of which the table says that it falls",
            MEDICARE,
            "66987 | falls ncci-other beside 96372
             96372 | pays 13.58
             J3420 | pays 1.42",
            NCCI,
            &[F96372, J3420],
        ),
        case(
            "59 parts it",
            MEDICARE,
            "66987-59 | unknown no-rate
             96372 | pays 13.58
             J3420 | pays 1.42",
            NCCI,
            &[F96372, J3420],
        )
        .misses("ncci-other"),
    ]
}
