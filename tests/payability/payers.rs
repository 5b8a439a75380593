//! The rules of single payers: `datasets/medicaid/payer_rules.csv`, P1 to P14. (P2, P7, P8 and P12 are everybody's: see
//! `drugs` and `modifiers`.)

use super::sums::{F96372, F96372_2023, F96374, F99211, F99213, F99213_2023, J3420};
use super::{Case, case};

const ANTHEM: &str = "ANTHEM 43215 2024-05-06";
const CIGNA: &str = "CIGNA 43215 2024-05-06";
const COMMERCIAL: &str = "COM 43215 2024-05-06";
const GEORGIA: &str = "MCD 30303 2024-05-06";
const OHIO_MEDICAID: &str = "MCD 43215 2024-05-06";

pub(super) fn cases() -> Vec<Case> {
    [medicaid(), palivizumab(), plans(), by_status(), by_contract()].into_iter().flatten().collect()
}

fn medicaid() -> Vec<Case> {
    vec![
        case(
            "Arkansas Medicaid wants another code",
            "MCD 72201 2024-05-06",
            "96372 | falls arkansas-t1502 about 9.87; warns injection-without-drug",
            "P1; few observed payments in Arkansas, so Medicare of 07102-13 × the fee index 0.76",
            &["(0.17 × 1.000 + 0.25 × 0.860 + 0.01 × 0.518) × 33.2875 = 12.99", "12.99 × 0.76 = 9.87"],
        ),
        case(
            "Ohio Medicaid takes 96372",
            OHIO_MEDICAID,
            "96372 | about 12.43; warns injection-without-drug",
            "P1 is of Arkansas",
            &["12.43: observed median of Ohio per claim (datasets/medicaid/observed_state.csv)"],
        )
        .misses("arkansas-t1502 ohio-hospital-injection"),
        case(
            "Ohio Medicaid pays no injection in a hospital",
            OHIO_MEDICAID,
            "96372 @22 | falls ohio-hospital-injection; warns injection-without-drug",
            "P14: Ohio Adm. Code 5160-4-12(A)(3)",
            &[],
        ),
        case(
            "elsewhere the facility has it, by the general rule",
            "MCD 30303 2024-05-06",
            "96372 @22 | falls facility-incident-to; warns injection-without-drug",
            "P14 is of Ohio",
            &[],
        )
        .misses("ohio-hospital-injection"),
        case(
            "in Ohio's surgery centres, too",
            OHIO_MEDICAID,
            "96372 @24 | falls facility-incident-to; warns injection-without-drug",
            "P14 names hospital settings: POS 21, 22, 23, and 19 off campus",
            &[],
        )
        .misses("ohio-hospital-injection"),
        case(
            "Oklahoma Medicaid without the NDC",
            "MCD 73102 2024-05-06",
            "96372 | about 52.12
             J3420 | falls ndc-missing",
            "P13: OAC 317:30-5-14",
            &["52.12: observed median of Oklahoma per claim (datasets/medicaid/observed_state.csv)"],
        ),
        case(
            "Oklahoma Medicaid with the NDC",
            "MCD 73102 2024-05-06",
            "96372 | about 52.12
             J3420 ndc=00517-0031-25 | unknown no-medicaid-rate",
            "P13",
            &["52.12: observed median of Oklahoma per claim (datasets/medicaid/observed_state.csv)"],
        )
        .misses("ndc-missing"),
    ]
}

fn palivizumab() -> Vec<Case> {
    const P9: &str = "P9: with 96372, in POS 11, with Z29.11, without EP";
    const MEDIAN: &str = "20.19: observed median of Georgia per claim (datasets/medicaid/observed_state.csv)";
    vec![
        case(
            "palivizumab in Georgia as it should be",
            GEORGIA,
            "90378 dx=Z29.11 | unknown no-medicaid-rate
             96372 | about 20.19",
            P9,
            &[MEDIAN],
        )
        .misses("georgia-palivizumab georgia-palivizumab-alone georgia-palivizumab-ep georgia-palivizumab-place"),
        case(
            "with another diagnosis",
            GEORGIA,
            "90378 dx=J45.909 | falls georgia-palivizumab
             96372 | about 20.19",
            P9,
            &[MEDIAN],
        ),
        case(
            "without its injection",
            GEORGIA,
            "90378 dx=Z29.11 | falls georgia-palivizumab-alone; warns immune-globulin-alone",
            P9,
            &[],
        ),
        case(
            "with EP",
            GEORGIA,
            "90378-EP dx=Z29.11 | falls georgia-palivizumab-ep
             96372 | about 20.19",
            P9,
            &[MEDIAN],
        ),
        case(
            "in the patient's home",
            GEORGIA,
            "90378 @12 dx=Z29.11 | falls georgia-palivizumab-place
             96372 | about 20.19",
            P9,
            &[MEDIAN],
        ),
        case(
            "in Ohio nobody asks for that",
            OHIO_MEDICAID,
            "90378 dx=J45.909 | unknown no-medicaid-rate
             96372 | about 12.43",
            "P9 is of Georgia",
            &["12.43: observed median of Ohio per claim (datasets/medicaid/observed_state.csv)"],
        )
        .misses("georgia-palivizumab"),
    ]
}

fn plans() -> Vec<Case> {
    vec![
        case(
            "every payer bundles the visit without 25",
            COMMERCIAL,
            "99213 | falls ncci-office-visit beside 96372 would 87.04
             96372 | pays 13.58
             J3420 | pays 1.42",
            "P3",
            &[F99213, F96372, J3420],
        ),
        case(
            "and the nurse visit",
            "MA 43215 2024-05-06",
            "99211 | falls ncci-99211 beside 96372 would 21.80
             96372 | pays 13.58
             J3420 | pays 1.42",
            "P4",
            &[F99211, F96372, J3420],
        ),
        case(
            "Anthem wants the drug on the claim",
            ANTHEM,
            "96372 | falls anthem-drug-line would 13.58; warns injection-without-drug",
            "P6: POS 11, 17, 20, 49, 50, 72",
            &[F96372],
        ),
        case(
            "Anthem with the drug",
            ANTHEM,
            "96372 | pays 13.58
             J3420 | pays 1.42",
            "P6",
            &[F96372, J3420],
        )
        .misses("anthem-drug-line"),
        case(
            "Anthem, at the patient's home",
            ANTHEM,
            "96372 @12 | pays 13.58; warns injection-without-drug",
            "P6 names no POS 12",
            &[F96372],
        )
        .misses("anthem-drug-line"),
        case(
            "another plan lets it pass",
            COMMERCIAL,
            "96372 | pays 13.58; warns injection-without-drug",
            "P6 is Anthem's; P2 is everybody's",
            &[F96372],
        )
        .misses("anthem-drug-line"),
        case(
            "Blue Cross of Mississippi wants the NDC",
            "BCBSMS 43215 2024-05-06",
            "96372 | pays 13.58
             J3420 | falls bcbs-ms-ndc would 1.42",
            "P10",
            &[F96372, J3420],
        ),
        case(
            "and takes the drug with it",
            "BCBSMS 43215 2024-05-06",
            "96372 | pays 13.58
             J3420 ndc=00517003125 | pays 1.42",
            "P10",
            &[F96372, J3420],
        )
        .misses("bcbs-ms-ndc"),
        case(
            "Cigna's visit beside testosterone alone",
            CIGNA,
            "99213-25 | falls cigna-testosterone-visit beside 96372 would 87.04
             96372 | pays 13.58
             J1071 x200 | pays 2.00",
            "P11: J1071 or J3145 alone, from 2023-04-16",
            &[F99213, F96372, "0.010 × 200 = 2.00"],
        ),
        case(
            "with another drug besides",
            CIGNA,
            "99213-25 | pays 87.04
             96372 | pays 13.58
             J1071 x200 | pays 2.00
             J3420 | pays 1.42",
            "P11",
            &[F99213, F96372, "0.010 × 200 = 2.00", J3420],
        )
        .misses("cigna-testosterone-visit"),
        case(
            "on the first day of Cigna's rule",
            "CIGNA 43215 2023-04-16",
            "99213-25 | falls cigna-testosterone-visit beside 96372 would 87.21
             96372 | pays 13.54
             J1071 x200 | unknown no-rate",
            "P11; payment limits begin with 2024",
            &[F99213_2023, F96372_2023],
        ),
        case(
            "the day before",
            "CIGNA 43215 2023-04-15",
            "99213-25 | pays 87.21
             96372 | pays 13.54
             J1071 x200 | unknown no-rate",
            "P11",
            &[F99213_2023, F96372_2023],
        )
        .misses("cigna-testosterone-visit"),
    ]
}

fn by_status() -> Vec<Case> {
    const STATUS: &str =
        "status I from April 2024 (datasets/medicare/rvu.csv, RVU24B): Medicare takes J1010 in its place";
    vec![
        case(
            "a drug code that Medicare has replaced",
            "MCR 43215 2024-04-01",
            "96372 | pays 13.58
             J1030 | falls status-not-paid",
            STATUS,
            &[F96372],
        ),
        case(
            "the code in its place",
            "MCR 43215 2024-04-01",
            "96372 | pays 13.58
             J1010 x40 | pays 5.36",
            STATUS,
            &[F96372, "0.134 × 40 = 5.36"],
        ),
        case(
            "another payer may take the old one",
            "COM 43215 2024-04-01",
            "96372 | pays 13.58
             J1030 | unknown no-rate",
            STATUS,
            &[F96372],
        )
        .misses("status-not-paid"),
        case(
            "the same drug on the last day of the old code",
            "MCR 43215 2024-03-31",
            "96372 | pays 13.58
             J1030 | pays 6.42",
            STATUS,
            &[F96372, "6.419 × 1 = 6.42"],
        )
        .misses("status-not-paid"),
        case(
            "the conversion factor is of the day of service: the last day of the lower one",
            "MCR 43215 2024-03-08",
            "96372 | pays 13.36; warns injection-without-drug",
            "DOMAIN §1: 32.7442 to 8 March 2024",
            &[super::sums::F96372_EARLY_2024],
        ),
        case(
            "and the first of the higher one",
            "MCR 43215 2024-03-09",
            "96372 | pays 13.58; warns injection-without-drug",
            "DOMAIN §1: 33.2875 from 9 March 2024",
            &[F96372],
        ),
        case(
            "an advantage plan follows the edits of Medicare",
            "MA 43215 2024-05-06",
            "99213 | falls ncci-office-visit beside 96372 would 87.04
             96372 | pays 13.58
             J3420 | pays 1.42",
            "NCCI edits are those of Medicare and Medicaid; plans adopt them",
            &[F99213, F96372, J3420],
        ),
        case(
            "an advantage plan's visit with 25",
            "MA 43215 2024-05-06",
            "99213-25 | pays 87.04
             96372 | pays 13.58
             J3420 | pays 1.42",
            "the same edits, the same modifier",
            &[F99213, F96372, J3420],
        )
        .misses("ncci-office-visit"),
    ]
}

fn by_contract() -> Vec<Case> {
    const EXCLUDED: &str = "the contract file of the suite: a term with pays = not-covered";
    vec![
        case(
            "an injection that the contract leaves out",
            "CTR 43215 2024-05-06",
            "J3420 | pays 1.42
             96372 | falls contract-excludes",
            EXCLUDED,
            &[J3420],
        ),
        case(
            "a push that it does not leave out",
            "CTR 43215 2024-05-06",
            "J3420 | pays 1.42
             96374 | pays 33.97",
            EXCLUDED,
            &[J3420, F96374],
        )
        .misses("contract-excludes"),
    ]
}
