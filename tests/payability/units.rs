//! Units at and over the limit of a day: appealable (MAI 3), absolute (MAI 2), and none at all.

use super::sums::{F90471, F96365, F96368, F96372, F96373, F96374, F96375, F99202, F99211, J3420};
use super::{Case, MEDICARE, MUE, case};

pub(super) fn cases() -> Vec<Case> {
    appealable().into_iter().chain(absolute()).collect()
}

fn appealable() -> Vec<Case> {
    vec![
        case(
            "four injections are the limit",
            MEDICARE,
            "96372 x4 | pays 54.32
             J3420 | pays 1.42",
            MUE,
            &["13.58 × 4 = 54.32", J3420],
        )
        .misses("mue-day-records"),
        case(
            "five want records",
            MEDICARE,
            "96372 x5 | pays 67.90; records mue-day-records
             J3420 | pays 1.42",
            MUE,
            &["13.58 × 5 = 67.90", J3420],
        ),
        case(
            "five on two lines want records all the same",
            MEDICARE,
            "96372 x3 | pays 40.74; records mue-day-records
             96372-76 x2 | pays 27.16; records mue-day-records
             J3420 | pays 1.42",
            MUE,
            &["13.58 × 3 = 40.74", "13.58 × 2 = 27.16", J3420],
        ),
        case(
            "two injections into arteries are the limit",
            MEDICARE,
            "96373 x2 | pays 35.06",
            MUE,
            &["17.53 × 2 = 35.06", F96373],
        ),
        case(
            "three want records",
            MEDICARE,
            "96373 x3 | pays 52.59; records mue-day-records",
            MUE,
            &["17.53 × 3 = 52.59"],
        ),
        case("one first push is the limit", MEDICARE, "96374 | pays 33.97", MUE, &[F96374]).misses("mue-day-records"),
        case(
            "two first pushes want records",
            MEDICARE,
            "96374 x2 | pays 67.94; records mue-day-records",
            MUE,
            &["33.97 × 2 = 67.94"],
        ),
        case(
            "six further pushes are the limit",
            MEDICARE,
            "96374 | pays 33.97
             96375 x6 | pays 85.74",
            MUE,
            &[F96374, "14.29 × 6 = 85.74"],
        ),
        case(
            "seven want records",
            MEDICARE,
            "96374 | pays 33.97
             96375 x7 | pays 100.03; records mue-day-records",
            MUE,
            &[F96374, F96375, "14.29 × 7 = 100.03"],
        ),
        case(
            "one dose of the vitamin is the limit",
            MEDICARE,
            "96372 | pays 13.58
             J3420 x2 | pays 2.85; records mue-day-records",
            MUE,
            &[F96372, "1.423 × 2 = 2.85"],
        ),
        case(
            "120 mg of dexamethasone are the limit",
            MEDICARE,
            "96372 | pays 13.58
             J1100 x120 | pays 14.04",
            MUE,
            &[F96372, "0.117 × 120 = 14.04"],
        )
        .misses("mue-day-records"),
        case(
            "121 mg want records",
            MEDICARE,
            "96372 | pays 13.58
             J1100 x121 | pays 14.16; records mue-day-records",
            MUE,
            &[F96372, "0.117 × 121 = 14.16"],
        ),
    ]
}

fn absolute() -> Vec<Case> {
    vec![
        case(
            "two infusions at the same time are not possible",
            MEDICARE,
            "96365 | pays 57.80
             96368 x2 | falls mue-day-absolute would 36.88",
            "MUE of 96368: 1, MAI 2",
            &[F96365, "18.44 × 2 = 36.88"],
        ),
        case(
            "one is",
            MEDICARE,
            "96365 | pays 57.80
             96368 | pays 18.44",
            "MUE of 96368: 1, MAI 2",
            &[F96365, F96368],
        )
        .misses("mue-day-absolute"),
        case(
            "a new patient twice on a day",
            MEDICARE,
            "99202-25 | falls mue-day-absolute would 68.89
             99202-25 | falls mue-day-absolute would 68.89",
            "MUE of 99202: 1, MAI 2",
            &[F99202],
        ),
        case(
            "two nurse visits want records",
            MEDICARE,
            "99211 x2 | pays 43.60; records mue-day-records",
            "MUE of 99211: 1, MAI 3",
            &[F99211, "21.80 × 2 = 43.60"],
        ),
        case(
            "two first vaccines are not possible",
            MEDICARE,
            "90471 x2 | falls mue-day-absolute would 38.70",
            "MUE of 90471: 1, MAI 2",
            &[F90471, "19.35 × 2 = 38.70"],
        ),
        case(
            "no unit of 96376 is a practitioner's",
            MEDICARE,
            "96376 | falls mue-day-absolute",
            "MUE of 96376: 0; its MAI is 3, but records make nothing out of none",
            &[],
        ),
        case(
            "a rule of the day's units is not asked of other codes",
            MEDICARE,
            "20610 x3 | pays 186.93
             96372-59 | pays 13.58
             J3420 | pays 1.42",
            "20610 is not in the table of MUEs",
            &["62.31 × 3 = 186.93", F96372, J3420],
        ),
    ]
}
