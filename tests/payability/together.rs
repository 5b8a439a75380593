//! Which lines are judged together: those of one patient, payer, practice and day, in whatever order the rows come.

use allowable::ingest::read;
use allowable::report::{Run, run as report_of};

use super::{CLAIMS, all_said, cases, claims, denials, project, run_of};
use crate::common::input;

/// A visit without 25 on one claim, the injection of that day on another: payer, practice and patient as given.
fn two_claims(header: &str, visit: &str, injection: &str) -> String {
    let text = format!(
        "claim_id,line_number,payer_id,zip,pos,units,charge,code,modifiers,service_date{header}\n\
         A,1,MCR,43215,11,1,200.00,99213,,{visit}\n\
         B,1,MCR,43215,11,1,45.00,96372,,{injection}\n"
    );
    let project = project(&cases());
    let intake = read(&[input("c.csv", text)], &project, &|_| ()).unwrap();
    let run = report_of(intake, &project, &super::REFERENCE).unwrap();
    basis(&run, "A")
}

fn basis(run: &Run, claim: &str) -> String {
    let at = run.lines.iter().position(|l| *l.claim_id == *claim).unwrap();
    run.judged[at].money.expected.why().to_owned()
}

#[test]
fn two_claims_of_one_patient_on_a_day_are_one_claim_day() {
    let header = ",patient_id";
    assert_eq!(two_claims(header, "2024-05-06,P1", "2024-05-06,P1"), "ncci-office-visit");
    assert_eq!(two_claims(header, "2024-05-06,P1", "2024-05-06,P2"), "medicare-pfs", "two patients");
    assert_eq!(two_claims(header, "2024-05-06,P1", "2024-05-07,P1"), "medicare-pfs", "two days");
}

#[test]
fn without_a_patient_key_a_claim_is_all_that_is_known_of_a_patient() {
    assert_eq!(two_claims("", "2024-05-06", "2024-05-06"), "medicare-pfs");
    // An empty cell is no key.
    assert_eq!(two_claims(",patient_id", "2024-05-06,", "2024-05-06,"), "medicare-pfs");
}

#[test]
fn two_practices_are_judged_apart() {
    let header = ",patient_id,billing_npi";
    let (one, other) = ("1999999984", "1234567893");
    let day = |npi: &str| format!("2024-05-06,P1,{npi}");
    assert_eq!(two_claims(header, &day(one), &day(one)), "ncci-office-visit");
    assert_eq!(two_claims(header, &day(one), &day(other)), "medicare-pfs");
}

#[test]
fn two_payers_are_judged_apart() {
    let text = format!(
        "{CLAIMS}\n\
         A,1,P1,2024-05-06,MCR,43215,99213,,1,11,200.00,,\n\
         B,1,P1,2024-05-06,COM,43215,96372,,1,11,45.00,,\n"
    );
    let project = project(&cases());
    let intake = read(&[input("c.csv", text)], &project, &|_| ()).unwrap();
    assert_eq!(basis(&report_of(intake, &project, &super::REFERENCE).unwrap(), "A"), "medicare-pfs");
}

/// The rows in another order, the same for the same seed.
fn shuffled(rows: &[String], seed: u64) -> Vec<String> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut keyed: Vec<(u64, &String)> = rows.iter().map(|row| (next(), row)).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, row)| row.clone()).collect()
}

#[test]
fn the_order_of_rows_and_claims_changes_nothing() {
    let cases = cases();
    let (claims, denials, project) = (claims(&cases), denials(&cases), project(&cases));
    let told = all_said(&run_of(&cases, &claims, &denials), &project);
    let reversed: Vec<String> = claims.iter().rev().cloned().collect();
    assert_eq!(all_said(&run_of(&cases, &reversed, &denials), &project), told);
    for seed in 1..=5 {
        let run = run_of(&cases, &shuffled(&claims, seed), &shuffled(&denials, seed + 100));
        assert_eq!(all_said(&run, &project), told, "seed {seed}");
    }
}

#[test]
fn the_order_of_the_claims_of_a_patient_changes_nothing() {
    // Each line on a claim of its own, joined by the patient alone; the numbers of the claims in the order of the lines.
    let cases = cases();
    let project = project(&cases);
    let split = |rows: &[String]| -> Vec<String> {
        let one = |row: &String| {
            let (claim, rest) = row.split_once(',').unwrap();
            let (number, rest) = rest.split_once(',').unwrap();
            format!("{claim}-{number:0>2},1,{rest}")
        };
        rows.iter().map(one).collect()
    };
    let together = all_said(&run_of(&cases, &claims(&cases), &denials(&cases)), &project);
    let apart = run_of(&cases, &shuffled(&split(&claims(&cases)), 7), &split(&denials(&cases)));
    let apart: Vec<String> = all_said(&apart, &project).into_values().collect();
    assert_eq!(apart, together.into_values().collect::<Vec<_>>());
}
