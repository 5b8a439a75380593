//! Add-on codes without their first service, and one initial service on a day.

use super::sums::{F90460, F90461, F90471, F90472, F96365, F96366, F96367, F96368, F96372, F96374, F96375, J3420};
use super::{Case, MEDICARE, case};

const ADD_ON: &str = "add-on codes (global ZZZ in the physician schedule) are paid beside their first service alone";
const ONE_INITIAL: &str = "DOMAIN §3: one initial service per encounter; infusion before push before hydration";

pub(super) fn cases() -> Vec<Case> {
    add_ons().into_iter().chain(initial()).collect()
}

fn add_ons() -> Vec<Case> {
    vec![
        case(
            "a further push without the first",
            MEDICARE,
            "96375 | falls add-on-push-no-parent would 14.29",
            "DOMAIN §3: 96365, 96374, 96409 or 96413 on the day",
            &[F96375],
        ),
        case(
            "a further push beside an injection is still without the first",
            MEDICARE,
            "96372 | pays 13.58
             96375 | falls add-on-push-no-parent would 14.29
             J3420 | pays 1.42",
            "DOMAIN §3: an injection is no parent",
            &[F96372, F96375, J3420],
        ),
        case(
            "a further push after the first",
            MEDICARE,
            "96374 | pays 33.97
             96375 | pays 14.29",
            "DOMAIN §3",
            &[F96374, F96375],
        )
        .misses("add-on-push-no-parent"),
        case(
            "a further push after an infusion",
            MEDICARE,
            "96375 | pays 14.29
             96365 | pays 57.80",
            "DOMAIN §3",
            &[F96375, F96365],
        )
        .misses("add-on-push-no-parent"),
        case(
            "a further push after chemotherapy",
            MEDICARE,
            "96375 | pays 14.29
             96413 | unknown no-rate",
            "DOMAIN §3; no fee for 96413 in the tables",
            &[F96375],
        )
        .misses("add-on-push-no-parent"),
        case(
            "a further hour without the first",
            MEDICARE,
            "96366 | falls add-on-infusion-no-parent would 19.07",
            ADD_ON,
            &[F96366],
        ),
        case(
            "a further hour after the first",
            MEDICARE,
            "96366 | pays 19.07
             96365 | pays 57.80",
            ADD_ON,
            &[F96366, F96365],
        )
        .misses("add-on-infusion-no-parent"),
        case(
            "a further drug, and one at the same time, without the first",
            MEDICARE,
            "96367 | falls add-on-infusion-no-parent would 26.38
             96368 | falls add-on-infusion-no-parent would 18.44",
            ADD_ON,
            &[F96367, F96368],
        ),
        case("a further hour of hydration alone", MEDICARE, "96361 | falls add-on-hydration-no-parent", ADD_ON, &[]),
        case(
            "a further hour of hydration after the first",
            MEDICARE,
            "96361 | unknown no-rate
             96360 | unknown no-rate",
            ADD_ON,
            &[],
        )
        .misses("add-on-hydration-no-parent"),
        case(
            "a further hour under the skin alone",
            MEDICARE,
            "96370 | falls add-on-subcutaneous-no-parent",
            ADD_ON,
            &[],
        ),
        case(
            "a further hour under the skin after the first",
            MEDICARE,
            "96370 | unknown no-rate
             96369 | unknown no-rate",
            ADD_ON,
            &[],
        )
        .misses("add-on-subcutaneous-no-parent"),
        case(
            "a further push of chemotherapy alone",
            MEDICARE,
            "96411 | falls add-on-chemo-push-no-parent",
            ADD_ON,
            &[],
        ),
        case(
            "a further push of chemotherapy after the first",
            MEDICARE,
            "96411 | unknown no-rate
             96409 | unknown no-rate",
            ADD_ON,
            &[],
        )
        .misses("add-on-chemo-push-no-parent"),
        case(
            "a further hour of chemotherapy alone",
            MEDICARE,
            "96415 | falls add-on-chemo-infusion-no-parent",
            ADD_ON,
            &[],
        ),
        case(
            "a further hour of chemotherapy after the first",
            MEDICARE,
            "96415 | unknown no-rate
             96413 | unknown no-rate",
            ADD_ON,
            &[],
        )
        .misses("add-on-chemo-infusion-no-parent"),
        case(
            "a second vaccine alone",
            MEDICARE,
            "90472 | falls add-on-vaccine-no-parent would 13.83",
            ADD_ON,
            &[F90472],
        ),
        case(
            "a second vaccine after the first",
            MEDICARE,
            "90472 | pays 13.83
             90471 | pays 19.35",
            ADD_ON,
            &[F90472, F90471],
        )
        .misses("add-on-vaccine-no-parent"),
        case(
            "a further part of a vaccine alone",
            MEDICARE,
            "90461 | falls add-on-vaccine-part-no-parent would 8.46",
            ADD_ON,
            &[F90461],
        ),
        case(
            "a further part of a vaccine after the first",
            MEDICARE,
            "90461 | pays 8.46
             90460 | pays 21.72",
            ADD_ON,
            &[F90461, F90460],
        )
        .misses("add-on-vaccine-part-no-parent"),
    ]
}

fn initial() -> Vec<Case> {
    vec![
        case(
            "an infusion and a first push on one day",
            MEDICARE,
            "96365 | pays 57.80
             96374 | falls one-initial-service beside 96365 would 33.97",
            ONE_INITIAL,
            &[F96365, F96374],
        ),
        case(
            "the infusion is the first, wherever it stands",
            MEDICARE,
            "96374 | falls one-initial-service beside 96365 would 33.97
             96365 | pays 57.80",
            ONE_INITIAL,
            &[F96374, F96365],
        ),
        case(
            "a second line into the vein, with 59",
            MEDICARE,
            "96365 | pays 57.80
             96374-59 | pays 33.97",
            ONE_INITIAL,
            &[F96365, F96374],
        )
        .misses("one-initial-service"),
        case(
            "the push as a further one",
            MEDICARE,
            "96365 | pays 57.80
             96375 | pays 14.29",
            ONE_INITIAL,
            &[F96365, F96375],
        )
        .misses("one-initial-service"),
        case(
            "the same first push twice",
            MEDICARE,
            "96374 | pays 33.97; records mue-day-records
             96374 | falls one-initial-service beside 96374 would 33.97; records mue-day-records",
            "DOMAIN §3: MUE of 96374 is 1 (MAI 3)",
            &[F96374],
        ),
        case(
            "chemotherapy goes before infusion, infusion before hydration",
            MEDICARE,
            "96360 | falls one-initial-service beside 96413
             96365 | falls one-initial-service beside 96413 would 57.80
             96413 | unknown no-rate",
            ONE_INITIAL,
            &[F96365],
        ),
    ]
}
