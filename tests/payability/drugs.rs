//! Drugs: vaccines, self-administered drugs, the discarded part, the NDC, and what administers a drug.

use super::sums::{F90471, F96372, J0696, J3420};
use super::{Case, MEDICARE, case};

const JW_JZ: &str =
    "DOMAIN §3: required from 2023-07-01, enforced from 2023-10-01; datasets/drugs/drugs.csv says single-dose";
const NDC: &str = "Deficit Reduction Act of 2005: Medicaid pays physician drugs with an NDC of 11 digits";
const SELF: &str = "exclusion lists of Medicare contractors; datasets/drugs/drugs.csv, `self_administered`";

pub(super) fn cases() -> Vec<Case> {
    [vaccines(), self_administered(), discarded(), national_drug_codes(), globulins()].into_iter().flatten().collect()
}

fn vaccines() -> Vec<Case> {
    vec![
        case(
            "a vaccine given by the injection code",
            MEDICARE,
            "90686 | unknown no-rate
             96372 | falls vaccine-as-injection beside 90686 would 13.58; warns injection-without-drug",
            "DOMAIN §3: vaccines are administered by 90460–90474, 90480, G0008–G0010",
            &[F96372],
        ),
        case(
            "a vaccine, and a drug by injection",
            MEDICARE,
            "90686 | unknown no-rate
             96372 | pays 13.58
             J3420 | pays 1.42",
            "the injection is the drug's",
            &[F96372, J3420],
        )
        .misses("vaccine-as-injection"),
        case(
            "a vaccine, and how it was administered",
            MEDICARE,
            "90686 | unknown no-rate
             96372 | pays 13.58; warns vaccine-beside-injection beside 90471; warns injection-without-drug
             90471 | pays 19.35",
            "whatever the injection was, the vaccine has its own code",
            &[F96372, F90471],
        )
        .misses("vaccine-as-injection"),
        case(
            "90480 administers a vaccine and is none",
            MEDICARE,
            "90480 | unknown no-rate
             96372 | pays 13.58; warns vaccine-beside-injection beside 90480
             J3420 | pays 1.42",
            "DOMAIN §3 lists 90480 among the administrations",
            &[F96372, J3420],
        ),
        case(
            "a vaccine of 2023 by the injection code",
            MEDICARE,
            "91320 | unknown no-rate
             96372 | falls vaccine-as-injection beside 91320 would 13.58; warns injection-without-drug",
            "91318–91322 are vaccines",
            &[F96372],
        ),
        case(
            "an injection beside a vaccine: some payers bundle it",
            MEDICARE,
            "90471 | pays 19.35
             96372 | pays 13.58; warns vaccine-beside-injection beside 90471
             J3420 | pays 1.42",
            "payer rule P8; no NCCI pair for 90471–90474 (policy rule N11)",
            &[F90471, F96372, J3420],
        ),
        case(
            "the same with 59, which the payer rule asks for",
            MEDICARE,
            "90471 | pays 19.35
             96372-59 | pays 13.58
             J3420 | pays 1.42",
            "payer rule P8",
            &[F90471, F96372, J3420],
        )
        .misses("vaccine-beside-injection"),
        case(
            "an influenza vaccine of Medicare",
            MEDICARE,
            "G0008 | unknown no-rate
             96372-XU | pays 13.58
             J3420 | pays 1.42",
            "payer rule P8 lists G0008–G0010; XU is a subset of 59",
            &[F96372, J3420],
        ),
    ]
}

fn self_administered() -> Vec<Case> {
    vec![
        case(
            "a drug that patients give themselves",
            MEDICARE,
            "96372 | falls self-administered-injection beside J1438 would 13.58
             J1438 | falls self-administered-drug",
            SELF,
            &[F96372],
        ),
        case(
            "the exclusion is Medicare's",
            "COM 43215 2024-05-06",
            "96372 | pays 13.58
             J1438 | unknown no-rate",
            SELF,
            &[F96372],
        )
        .misses("self-administered-drug self-administered-injection"),
        case(
            "another drug on the day makes the injection payable",
            MEDICARE,
            "96372 | pays 13.58
             J1438 | falls self-administered-drug
             J3420 | pays 1.42",
            SELF,
            &[F96372, J3420],
        )
        .misses("self-administered-injection"),
        case(
            "adalimumab, in a single dose",
            MEDICARE,
            "96372 | falls self-administered-injection beside J0135 would 13.58
             J0135 x2 | falls self-administered-drug; also jw-jz-missing",
            "DOMAIN §3: J0135",
            &[F96372],
        ),
        case(
            "insulin",
            MEDICARE,
            "96372 | falls self-administered-injection beside J1815 would 13.58
             J1815 | falls self-administered-drug",
            SELF,
            &[F96372],
        ),
    ]
}

fn discarded() -> Vec<Case> {
    vec![
        case("before July 2023 nothing was asked for", "MCR 43215 2023-06-30", "J0696 | unknown no-rate", JW_JZ, &[])
            .misses("jw-jz-soon"),
        case(
            "from July 2023 a word of warning",
            "MCR 43215 2023-07-01",
            "J0696 | unknown no-rate; warns jw-jz-soon",
            JW_JZ,
            &[],
        ),
        case(
            "to the end of September",
            "MCR 43215 2023-09-30",
            "J0696 | unknown no-rate; warns jw-jz-soon",
            JW_JZ,
            &[],
        )
        .misses("jw-jz-missing"),
        case("from October 2023 the line falls", "MCR 43215 2023-10-01", "J0696 | falls jw-jz-missing", JW_JZ, &[])
            .misses("jw-jz-soon"),
        case(
            "a single dose without JW or JZ",
            MEDICARE,
            "96372 | pays 13.58
             J0696 | falls jw-jz-missing would 0.45",
            JW_JZ,
            &[F96372, J0696],
        ),
        case(
            "two units of a single dose without JW or JZ",
            MEDICARE,
            "96372 | pays 13.58
             J0696 x2 | falls jw-jz-missing would 0.91",
            JW_JZ,
            &[F96372, "0.454 × 2 = 0.91"],
        ),
        case(
            "JZ: nothing was discarded",
            MEDICARE,
            "96372 | pays 13.58
             J0696-JZ x2 | pays 0.91",
            JW_JZ,
            &[F96372, "0.454 × 2 = 0.91"],
        )
        .misses("jw-jz-missing"),
        case(
            "JW on the discarded part, and the given part without JZ",
            MEDICARE,
            "96372 | pays 13.58
             J0696 | pays 0.45
             J0696-JW | pays 0.45",
            "the given part stands on a line of its own; JZ would say that nothing was discarded",
            &[F96372, J0696],
        )
        .misses("jw-jz-missing"),
        case(
            "a vial of many doses needs neither",
            MEDICARE,
            "96372 | pays 13.58
             J3420 | pays 1.42",
            JW_JZ,
            &[F96372, J3420],
        ),
        case(
            "the policy is Medicare's",
            "COM 43215 2024-05-06",
            "96372 | pays 13.58
             J0696 x2 | pays 0.91",
            JW_JZ,
            &[F96372, "0.454 × 2 = 0.91"],
        )
        .misses("jw-jz-missing"),
    ]
}

fn national_drug_codes() -> Vec<Case> {
    vec![
        case(
            "no NDC for Medicaid",
            "MCO 43215 2024-05-06",
            "96372 | pays 13.58
             J3420 | falls ndc-missing would 1.42",
            NDC,
            &[F96372, J3420],
        ),
        case(
            "an NDC of eleven digits",
            "MCO 43215 2024-05-06",
            "96372 | pays 13.58
             J3420 ndc=00517003125 | pays 1.42",
            NDC,
            &[F96372, J3420],
        )
        .misses("ndc-missing ndc-malformed"),
        case(
            "ten digits with hyphens are eleven",
            "MCO 43215 2024-05-06",
            "96372 | pays 13.58
             J3420 ndc=0517-0031-25 | pays 1.42",
            "the place of the lacking zero is told by the hyphens: 4-4-2 becomes 5-4-2",
            &[F96372, J3420],
        )
        .misses("ndc-missing ndc-malformed"),
        case(
            "ten digits without hyphens may be three codes",
            "MCO 43215 2024-05-06",
            "96372 | pays 13.58
             J3420 ndc=0517003125 | falls ndc-malformed would 1.42",
            NDC,
            &[F96372, J3420],
        ),
        case(
            "Medicare asks for no NDC",
            "MCR 43215 2024-05-06",
            "96372 | pays 13.58
             J3420 | pays 1.42",
            NDC,
            &[F96372, J3420],
        )
        .misses("ndc-malformed-other"),
        case(
            "but a wrong one is worth a look",
            "MCR 43215 2024-05-06",
            "96372 | pays 13.58
             J3420 ndc=0517003125 | pays 1.42; warns ndc-malformed-other",
            "an NDC has 11 digits",
            &[F96372, J3420],
        )
        .misses("ndc-malformed"),
    ]
}

fn globulins() -> Vec<Case> {
    vec![
        case(
            "an immune globulin without its administration",
            MEDICARE,
            "90371 | unknown no-rate; warns immune-globulin-alone",
            "payer rule P7",
            &[],
        ),
        case(
            "an immune globulin by injection",
            MEDICARE,
            "90371 | unknown no-rate
             96372 | pays 13.58",
            "payer rule P7; a globulin is a drug, too",
            &[F96372],
        )
        .misses("immune-globulin-alone"),
        case(
            "an antibody for infants without its administration",
            MEDICARE,
            "90380 | unknown no-rate; warns immune-globulin-alone",
            "payer rule P7",
            &[],
        ),
        case(
            "an antibody for infants has codes of its own",
            MEDICARE,
            "90380 | unknown no-rate
             96380 | unknown no-rate",
            "96380 and 96381 administer 90380 and 90381 since October 2023",
            &[],
        )
        .misses("immune-globulin-alone"),
        case(
            "an injection of nothing",
            MEDICARE,
            "96372 | pays 13.58; warns injection-without-drug",
            "payer rule P2; DOMAIN §3: 96372 with no drug",
            &[F96372],
        ),
    ]
}
