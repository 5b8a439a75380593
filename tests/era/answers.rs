//! Several answers to one line: repeats, reversals, corrections, further payers. Ohio, 6 May 2024: 96372 is 13.58.
//!
//! Medicare's usual answer to a charge of 45.00: allowed 13.58, coinsurance 20 % = 2.72, program 10.86, of which 2 % = 0.22
//! are held back: paid 10.64; 31.42 is contractual. 31.42 + 2.72 + 0.22 + 10.64 = 45.00.

use allowable::domain::ClaimStatus;
use allowable::finding::FindingCode;
use allowable::ingest::Intake;
use allowable::reference::DenialCategory;
use allowable::report::Run;

use super::{builder, found, has, links, read, rows, run, story};

const BILL: &str = "claim C1\nline 96372 45.00 6r=C1L1";
const PAID: &str = "svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22 6r=C1L1";
const TAKEN_BACK: &str = "svc 96372 -45.00 -10.64 CO-45:-31.42 PR-2:-2.72 CO-253:-0.22 6r=C1L1";
const DENIED: &str = "svc 96372 45.00 0.00 CO-16:45.00 rarc=M127 6r=C1L1";
const DENIAL_TAKEN_BACK: &str = "svc 96372 -45.00 0.00 CO-16:-45.00 rarc=M127 6r=C1L1";
/// The same line paid in full.
const IN_FULL: &str = "paid: expected 13.58, paid 10.64, patient 2.72, reductions 0.22";

/// The bill above with checks: each is a file of its own.
fn with(checks: &[&str]) -> Vec<String> {
    std::iter::once(builder::claims(BILL)).chain(checks.iter().map(|c| builder::remits(c))).collect()
}

fn intake(checks: &[&str]) -> Intake {
    let files = with(checks);
    read(&files.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The run over these checks in their own files, and that one file with all of them gives the same.
fn whole(checks: &[&str]) -> Run {
    let files = with(checks);
    let apart = run(&files.iter().map(String::as_str).collect::<Vec<_>>());
    let together = run(&[&files[0], &builder::remits(&checks.join("\n"))]);
    assert_eq!(story(&apart, "C1", 1), story(&together, "C1", 1));
    apart
}

fn initial(run: &Run) -> Option<DenialCategory> {
    run.judged[0].money.answers.initial_denial.map(|d| d.category)
}

/// Payer and rank of every answer, sorted.
fn ranks(intake: &Intake) -> Vec<(String, u8, u8)> {
    let one = |r: &allowable::domain::Remit| (r.payer.to_string(), r.claim_status.number(), r.payer_rank);
    let mut all: Vec<_> = intake.remits.iter().map(one).collect();
    all.sort();
    all
}

fn ranked(told: &[(&str, u8, u8)]) -> Vec<(String, u8, u8)> {
    told.iter().map(|(payer, status, rank)| ((*payer).to_owned(), *status, *rank)).collect()
}

#[test]
fn the_same_check_given_twice_counts_once_however_it_is_named_or_written() {
    let check = format!("check EFT1 2024-06-03 MEDICARE\nclaim C1 1 ICN1\n{PAID}");
    let once = builder::remits(&check);
    let delimited =
        once.replace('*', "|").replace(":~", "\u{1}~").replace("HC:96372", "HC\u{1}96372").replace("~\n", "\r\n");
    let twice_in_one = builder::remits(&format!("{check}\n{check}"));
    for second in [&once, &delimited] {
        let intake = read(&[&builder::claims(BILL), &once, second]);
        assert_eq!(links(&intake), ["C1:1 control-number 10.64"]);
        assert_eq!(found(&intake)["duplicate-payment"], 1);
        assert_eq!(rows(&intake.remit_account), "2 read 90.00, 1 kept 45.00, 1 repeated 45.00");
    }
    assert_eq!(links(&read(&[&builder::claims(BILL), &twice_in_one])), ["C1:1 control-number 10.64"]);
}

#[test]
fn two_checks_that_pay_the_same_are_two_payments() {
    // Paid twice under two numbers: 21.28 + 2 × 2.72 + 2 × 0.22 = 27.16 allowed, 13.58 too much.
    let one = format!("check EFT1 2024-06-03 MEDICARE\nclaim C1 1 ICN1\n{PAID}");
    let two = format!("check EFT2 2024-06-10 MEDICARE\nclaim C1 1 ICN2\n{PAID}");
    assert!(!has(&intake(&[&one, &two]), FindingCode::DuplicatePayment));
    assert_eq!(
        story(&whole(&[&one, &two]), "C1", 1),
        "overpaid: expected 13.58, paid 21.28, patient 5.44, reductions 0.44, overpaid 13.58"
    );
}

#[test]
fn a_denial_that_is_paid_later_is_an_initial_denial() {
    let first = format!("check EFT1 2024-06-03 MEDICARE\nclaim C1 4 ICN1\n{DENIED}");
    let correction =
        format!("check EFT2 2024-07-01 MEDICARE\nclaim C1 22 ICN1\n{DENIAL_TAKEN_BACK}\nclaim C1 1 ICN1\n{PAID}");
    let run = whole(&[&first, &correction]);
    assert_eq!((story(&run, "C1", 1).as_str(), initial(&run)), (IN_FULL, Some(DenialCategory::MissingDocumentation)));
    assert!(run.judged[0].recovered);
}

#[test]
fn a_denial_that_stays_is_final() {
    let first = format!("check EFT1 2024-06-03 MEDICARE\nclaim C1 4 ICN1\n{DENIED}");
    let run = whole(&[&first]);
    assert_eq!(story(&run, "C1", 1), "denied: expected 13.58, denied 13.58");
    assert!(initial(&run).is_some() && !run.judged[0].recovered);
    assert_eq!(run.judged[0].cause.unwrap().key(), "denied:missing_documentation");
}

#[test]
fn a_correction_nets_right_before_and_after_its_reversal_and_in_another_file() {
    let first = "check EFT1 2024-06-03 MEDICARE\nclaim C1 1 ICN1\nsvc 96372 45.00 8.00 CO-45:37.00 6r=C1L1";
    let reversal = "claim C1 22 ICN1\nsvc 96372 -45.00 -8.00 CO-45:-37.00 6r=C1L1";
    let correction = format!("claim C1 1 ICN1\n{PAID}");
    let day = "2024-07-01 MEDICARE";
    let after = format!("check EFT2 {day}\n{reversal}\n{correction}");
    let before = format!("check EFT2 {day}\n{correction}\n{reversal}");
    assert_eq!(story(&whole(&[first, &after]), "C1", 1), IN_FULL);
    assert_eq!(story(&whole(&[first, &before]), "C1", 1), IN_FULL);
    // A week apart, in either order.
    let alone = |trace: &str, day: &str, claim: &str| format!("check {trace} {day} MEDICARE\n{claim}");
    for (reversed, corrected) in [("2024-07-01", "2024-07-08"), ("2024-07-08", "2024-07-01")] {
        let (reversal, correction) = (alone("EFT2", reversed, reversal), alone("EFT3", corrected, &correction));
        assert_eq!(story(&whole(&[&correction, first, &reversal]), "C1", 1), IN_FULL);
    }
}

#[test]
fn a_payment_taken_back_is_pending_again() {
    let first = format!("check EFT1 2024-06-03 MEDICARE\nclaim C1 1 ICN1\n{PAID}");
    let reversal = format!("check EFT2 2024-07-01 MEDICARE\nclaim C1 22 ICN1\n{TAKEN_BACK}");
    assert_eq!(story(&whole(&[&first, &reversal]), "C1", 1), "pending: expected 13.58, pending 13.58");
}

#[test]
fn a_reversal_without_line_numbers_finds_its_line_by_the_negated_charge() {
    let bills = builder::claims("claim C1\nline 96372 45.00\nline 96372 50.00");
    let answers = builder::remits(
        "check EFT1 2024-06-03 MEDICARE
         claim C1 1 ICN1
         svc 96372 50.00 2.00 CO-45:48.00
         svc 96372 45.00 1.00 CO-45:44.00
         check EFT2 2024-07-01 MEDICARE
         claim C1 22 ICN1
         svc 96372 -45.00 -1.00 CO-45:-44.00
         svc 96372 -50.00 -2.00 CO-45:-48.00",
    );
    let intake = read(&[&bills, &answers]);
    let mut sums = std::collections::BTreeMap::new();
    for remit in &intake.remits {
        *sums.entry(remit.line_number).or_insert(0) += remit.paid.cents();
    }
    assert_eq!(sums.into_iter().collect::<Vec<_>>(), [(1, 0), (2, 0)]);
}

#[test]
fn the_second_payer_pays_out_of_the_patients_share() {
    let first = format!("check EFT1 2024-06-03 MEDICARE\nclaim C1 1 ICN1\n{PAID}");
    // The second repeats the full charge: 45.00 − 42.28 (what came before) = 2.72, the coinsurance.
    let second = "check S1 2024-06-20 SECOND_MUTUAL\nclaim C1 2 S-ICN\nsvc 96372 45.00 2.72 OA-23:42.28 6r=C1L1";
    assert_eq!(ranks(&intake(&[&first, second])), ranked(&[("MCR", 1, 1), ("SEC", 2, 2)]));
    assert_eq!(story(&whole(&[&first, second]), "C1", 1), "paid: expected 13.58, paid 13.36, reductions 0.22");
}

#[test]
fn three_payers_one_after_the_other() {
    let first = format!("check EFT1 2024-06-03 MEDICARE\nclaim C1 1 ICN1\n{PAID}");
    let second =
        "check S1 2024-06-20 SECOND_MUTUAL\nclaim C1 2 S-ICN\nsvc 96372 45.00 2.00 OA-23:42.28 PR-3:0.72 6r=C1L1";
    let third = "check T1 2024-07-09 THIRD_LIFE\nclaim C1 3 T-ICN\nsvc 96372 45.00 0.50 OA-23:44.28 PR-3:0.22 6r=C1L1";
    assert_eq!(ranks(&intake(&[third, second, &first])), ranked(&[("MCR", 1, 1), ("SEC", 2, 2), ("THIRD", 3, 3)]));
    // 10.64 + 2.00 + 0.50 = 13.14 paid; of the patient's 2.72 are left 0.22.
    assert_eq!(
        story(&whole(&[&first, second, third]), "C1", 1),
        "paid: expected 13.58, paid 13.14, patient 0.22, reductions 0.22"
    );
}

#[test]
fn denials_and_reversals_have_the_rank_of_their_payer() {
    let first = format!("check EFT1 2024-06-03 MEDICARE\nclaim C1 1 ICN1\n{PAID}");
    let back = format!("check EFT2 2024-07-15 MEDICARE\nclaim C1 22 ICN1\n{TAKEN_BACK}\nclaim C1 1 ICN1\n{PAID}");
    let second = "check S1 2024-06-20 SECOND_MUTUAL\nclaim C1 2 S-ICN\nsvc 96372 45.00 2.72 OA-23:42.28 6r=C1L1";
    let second_back =
        "check S2 2024-07-20 SECOND_MUTUAL\nclaim C1 22 S-ICN\nsvc 96372 -45.00 -2.72 OA-23:-42.28 6r=C1L1
                       claim C1 4 S-ICN\nsvc 96372 45.00 0.00 OA-23:42.28 CO-29:2.72 6r=C1L1";
    let checks = [&*first, &*back, second, second_back];
    assert_eq!(
        ranks(&intake(&checks)),
        ranked(&[("MCR", 1, 1), ("MCR", 1, 1), ("MCR", 22, 1), ("SEC", 2, 2), ("SEC", 4, 2), ("SEC", 22, 2)])
    );
    // What the second took back is the patient's again, as far as this line is concerned.
    assert_eq!(story(&whole(&checks), "C1", 1), IN_FULL);
}

#[test]
fn a_second_payer_that_only_denies_is_still_the_second() {
    let first = format!("check EFT1 2024-06-03 MEDICARE\nclaim C1 1 ICN1\n{PAID}");
    let second = "check S1 2024-06-20 SECOND_MUTUAL\nclaim C1 4 S-ICN\nsvc 96372 45.00 0.00 CO-29:45.00 6r=C1L1";
    assert_eq!(ranks(&intake(&[&first, second])), ranked(&[("MCR", 1, 1), ("SEC", 4, 2)]));
    assert_eq!(story(&whole(&[&first, second]), "C1", 1), IN_FULL);
    // Both deny: the first payer's reason is the initial one.
    let denied = format!("check EFT1 2024-06-03 MEDICARE\nclaim C1 4 ICN1\n{DENIED}");
    assert_eq!(ranks(&intake(&[&denied, second])), ranked(&[("MCR", 4, 1), ("SEC", 4, 2)]));
    let run = whole(&[second, &denied]);
    assert_eq!(initial(&run), Some(DenialCategory::MissingDocumentation));
    assert_eq!(story(&run, "C1", 1), "denied: expected 13.58, denied 13.58");
}

#[test]
fn a_denial_that_names_an_earlier_payer_is_of_the_second() {
    let second =
        "check S1 2024-06-20 SECOND_MUTUAL\nclaim C1 4 S-ICN\nsvc 96372 45.00 0.00 OA-23:42.28 CO-29:2.72 6r=C1L1";
    assert_eq!(ranks(&intake(&[second])), ranked(&[("SEC", 4, 2)]));
}

#[test]
fn a_predetermination_answers_nothing() {
    let estimate = "check EFT1 2024-06-03 MEDICARE\nclaim C1 25 ICN1\nsvc 96372 45.00 0.00 OA-101:45.00 6r=C1L1";
    let intake = intake(&[estimate]);
    assert_eq!(intake.remits[0].claim_status, ClaimStatus::Predetermination);
    assert_eq!(story(&whole(&[estimate]), "C1", 1), "pending: expected 13.58, pending 13.58");
}

#[test]
fn a_forwarded_claim_is_answered_by_its_first_payer() {
    let first = format!("check EFT1 2024-06-03 MEDICARE\nclaim C1 19 ICN1\n{PAID}\n> NM1*TT*2*SECOND MUTUAL*****PI*2");
    assert_eq!(ranks(&intake(&[&first])), ranked(&[("MCR", 19, 1)]));
    assert_eq!(story(&whole(&[&first]), "C1", 1), IN_FULL);
    let second = "check S1 2024-06-20 SECOND_MUTUAL\nclaim C1 2 S-ICN\nsvc 96372 45.00 2.72 OA-23:42.28 6r=C1L1";
    assert_eq!(story(&whole(&[&first, second]), "C1", 1), "paid: expected 13.58, paid 13.36, reductions 0.22");
}

#[test]
fn remarks_of_the_line_and_of_the_claim_decide_what_reason_16_means() {
    let of_line = "check EFT1 2024-06-03 MEDICARE\nclaim C1 4 ICN1\nsvc 96372 45.00 0.00 CO-16:45.00 rarc=M119 6r=C1L1";
    assert_eq!(whole(&[of_line]).judged[0].cause.unwrap().key(), "denied:missing_ndc");
    let of_claim =
        "check EFT1 2024-06-03 MEDICARE\nclaim C1 4 ICN1\n> MOA***M127\nsvc 96372 45.00 0.00 CO-16:45.00 6r=C1L1";
    assert_eq!(whole(&[of_claim]).judged[0].cause.unwrap().key(), "denied:missing_documentation");
}

#[test]
fn a_deductible_is_the_patients_and_a_denial_moved_to_the_patient_is_a_denial() {
    let deductible =
        "check EFT1 2024-06-03 MEDICARE\nclaim C1 1 ICN1\nsvc 96372 45.00 0.00 CO-45:31.42 PR-1:13.58 6r=C1L1";
    assert_eq!(story(&whole(&[deductible]), "C1", 1), "paid: expected 13.58, patient 13.58");
    let moved = "check EFT1 2024-06-03 MEDICARE\nclaim C1 4 ICN1\nsvc 96372 45.00 0.00 PR-204:45.00 6r=C1L1";
    assert_eq!(story(&whole(&[moved]), "C1", 1), "denied: expected 13.58, denied 13.58");
}

#[test]
fn money_of_the_provider_and_interest_belong_to_no_line() {
    // Interest 0.37 is paid beside the claim (AMT*I) and once more in PLB; the line is paid what its SVC says.
    let interest = format!(
        "check EFT1 2024-06-03 MEDICARE\nclaim C1 1 ICN1\n> AMT*I*0.37\n{PAID}\n> PLB*1999999984*20241231*L6:X*-0.37"
    );
    assert_eq!(story(&whole(&[&interest]), "C1", 1), IN_FULL);
}
