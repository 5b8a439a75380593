//! Modifiers on the wrong line, and modifiers that part nothing.

use super::sums::{F20610, F96372, J3420};
use super::{Case, MEDICARE, NCCI, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "25 on an injection alone",
            MEDICARE,
            "96372-25 | falls modifier-25-on-injection would 13.58
             J3420 | pays 1.42",
            "DOMAIN §3: 25 never goes on 96372",
            &[F96372, J3420],
        ),
        case(
            "76 on an injection alone",
            MEDICARE,
            "96372-76 | pays 13.58
             J3420 | pays 1.42",
            "76 is a procedure's modifier",
            &[F96372, J3420],
        )
        .misses("modifier-25-on-injection"),
        case(
            "59 with nothing to separate from",
            MEDICARE,
            "96372-59 | pays 13.58; warns 59-separates-nothing
             J3420 | pays 1.42",
            "59 parts codes that an edit joins; a drug is not joined with its injection",
            &[F96372, J3420],
        ),
        case(
            "no 59, nothing to separate",
            MEDICARE,
            "96372 | pays 13.58
             J3420 | pays 1.42",
            "59 is an audit flag where no edit is",
            &[F96372, J3420],
        )
        .misses("59-separates-nothing modifier-25-on-injection"),
        case(
            "59 and an X modifier on one line",
            MEDICARE,
            "20610 | pays 62.31
             96372-59-XS | pays 13.58; warns 59-and-x
             J3420 | pays 1.42",
            "X{EPSU} are subsets of 59: one of them, not both",
            &[F20610, F96372, J3420],
        ),
        case(
            "one of them",
            MEDICARE,
            "20610 | pays 62.31
             96372-XS | pays 13.58
             J3420 | pays 1.42",
            NCCI,
            &[F20610, F96372, J3420],
        )
        .misses("59-and-x"),
        case(
            "59 on a visit that is nowhere near an injection",
            MEDICARE,
            "99483-59 | unknown no-rate; warns 59-on-visit",
            "59 is for procedures",
            &[],
        ),
        case("25 on the same visit", MEDICARE, "99483-25 | unknown no-rate", "a visit takes 25", &[])
            .misses("59-on-visit"),
        case(
            "two lines of one injection",
            MEDICARE,
            "96372 | pays 13.58
             96372 | pays 13.58; warns several-injection-lines
             J3420 | pays 1.42",
            "payer rule P12: several sites are units",
            &[F96372, J3420],
        ),
        case(
            "two lines, the second with 76",
            MEDICARE,
            "96372 | pays 13.58
             96372-76 | pays 13.58
             J3420 | pays 1.42",
            "payer rule P12; 76 says that it was done again",
            &[F96372, J3420],
        )
        .misses("several-injection-lines"),
        case(
            "two lines, the second with 59 for another site",
            MEDICARE,
            "96372 | pays 13.58
             96372-59 | pays 13.58
             J3420 | pays 1.42",
            "59 has another line of its code to part it from",
            &[F96372, J3420],
        )
        .misses("several-injection-lines"),
    ]
}
