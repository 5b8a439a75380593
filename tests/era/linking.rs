//! Which billed line an answer speaks of, and by which sign it was found.

use allowable::domain::{Link, Money};
use allowable::finding::FindingCode;
use allowable::ingest::Intake;

use super::{builder, found, has, links, read, run, story};

/// Claims and one check of Medicare from their rows.
fn joined(bills: &str, answers: &str) -> Intake {
    read(&[&builder::claims(bills), &check(answers)])
}

fn check(answers: &str) -> String {
    builder::remits(&format!("check EFT1 2024-06-03 MEDICARE\n{answers}"))
}

#[test]
fn the_lines_own_number_is_the_firmest_sign() {
    // The payer turned the lines round, and both have the same code and charge.
    let intake = joined(
        "claim C1\nline 96372 45.00 6r=C1L1\nline 96372 45.00 6r=C1L2",
        "claim C1 1 ICN1
         svc 96372 45.00 0.00 CO-18:45.00 6r=C1L2
         svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22 6r=C1L1",
    );
    assert_eq!(links(&intake), ["C1:1 control-number 10.64", "C1:2 control-number 0.00"]);
}

#[test]
fn code_modifiers_day_and_charge_come_next() {
    let intake = joined(
        "claim C1\nline 96372 45.00\nline 96372:59 45.00\nline 96372 50.00",
        "claim C1 1 ICN1
         svc 96372 50.00 3.00 CO-45:47.00
         svc 96372:59 45.00 2.00 CO-45:43.00
         svc 96372 45.00 1.00 CO-45:44.00",
    );
    assert_eq!(links(&intake), ["C1:1 code-and-charge 1.00", "C1:2 code-and-charge 2.00", "C1:3 code-and-charge 3.00"]);
}

#[test]
fn the_code_alone_when_the_payer_repeats_another_charge() {
    let intake = joined(
        "claim C1\nline 99213:25 120.00\nline 96372 45.00",
        "claim C1 1 ICN1\nsvc 96372 40.00 10.64 CO-45:29.36",
    );
    assert_eq!(links(&intake), ["C1:2 code 10.64"]);
}

#[test]
fn the_charge_alone_when_the_payer_recoded_without_saying_so() {
    let intake = joined(
        "claim C1\nline 99214:25 185.00\nline 96372 45.00",
        "claim C1 1 ICN1\nsvc 99213:25 185.00 72.10 CO-45:112.90\nsvc 96372 45.00 10.64 CO-45:34.36",
    );
    assert_eq!(links(&intake), ["C1:1 charge 72.10", "C1:2 code-and-charge 10.64"]);
}

#[test]
fn a_visit_recoded_with_svc06_is_the_line_as_submitted() {
    let intake = joined(
        "claim C1\nline 99214:25 185.00\nline 96372 45.00",
        "claim C1 1 ICN1\nsvc 99213:25 185.00 72.10 CO-45:112.90 was=99214:25\nsvc 96372 45.00 10.64 CO-45:34.36",
    );
    assert_eq!(links(&intake), ["C1:1 code-and-charge 72.10", "C1:2 code-and-charge 10.64"]);
    let recoded = intake.remits.iter().find(|r| r.line_number == 1).unwrap();
    let codes = (recoded.code.unwrap().to_string(), recoded.submitted_code.unwrap().to_string());
    assert_eq!(codes, ("99213".to_owned(), "99214".to_owned()));
}

#[test]
fn one_line_answered_in_two_parts_is_paid_their_sum() {
    // Two units at 45.00 were billed as one line of 90.00; the payer pays one and denies one.
    let bills = builder::claims("claim C1\nline 96372 90.00 units=2");
    let answers = check(
        "claim C1 1 ICN1
         svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22
         svc 96372 45.00 0.00 CO-151:45.00",
    );
    assert_eq!(links(&read(&[&bills, &answers])), ["C1:1 unbundled 0.00", "C1:1 unbundled 10.64"]);
    // Expected 2 × 13.58 = 27.16; allowed 10.64 + 2.72 + 0.22 = 13.58; 13.58 short.
    let run = run(&[&bills, &answers]);
    assert_eq!(
        story(&run, "C1", 1),
        "underpaid: expected 27.16, paid 10.64, patient 2.72, reductions 0.22, underpaid 13.58"
    );
}

#[test]
fn one_line_answered_by_two_other_codes_is_unbundled_too() {
    let intake = joined(
        "claim C1\nline 96374 100.00\nline J3420 12.00",
        "claim C1 1 ICN1
         svc 96372 60.00 10.00 CO-45:50.00
         svc 96375 40.00 5.00 CO-45:35.00
         svc J3420 12.00 1.00 CO-45:11.00",
    );
    assert_eq!(links(&intake), ["C1:1 unbundled 10.00", "C1:1 unbundled 5.00", "C1:2 code-and-charge 1.00"]);
}

#[test]
fn two_lines_answered_by_one_are_split_by_charge_to_the_cent() {
    // 45.00 + 85.00 billed, one answer of 130.00 with another code. Paid 10.01: 10.01 × 45/130 = 3.465 → 3.46 and
    // 10.01 × 85/130 = 6.545 → 6.55 would be the shares; they follow from the split of what was not paid:
    // 119.99 × 45/130 = 41.535, 119.99 × 85/130 = 78.455: the cent goes to the larger remainder, equal ones to the first:
    // 41.54 + 78.45, so 45.00 − 41.54 = 3.46 and 85.00 − 78.45 = 6.55.
    let intake = joined(
        "claim C1\nline 96372 45.00\nline 96374 85.00\nline J3420 12.00",
        "claim C1 1 ICN1\nsvc 96365 130.00 10.01 CO-45:119.99\nsvc J3420 12.00 1.00 CO-45:11.00",
    );
    assert_eq!(links(&intake), ["C1:1 bundled 3.46", "C1:2 bundled 6.55", "C1:3 code-and-charge 1.00"]);
    let parts: Vec<&_> = intake.remits.iter().filter(|r| r.link == Link::Bundled).collect();
    for part in &parts {
        let adjusted: Money = part.adjustments.iter().map(|a| a.amount).sum();
        assert_eq!(part.charge - adjusted, part.paid, "every part balances by itself");
    }
    assert_eq!(parts.iter().map(|r| r.charge.cents()).collect::<Vec<_>>(), [4500, 8500]);
    assert_eq!(found(&intake)["answer-split"], 1);
}

#[test]
fn a_claim_answered_without_lines_is_split_over_its_lines() {
    // Denied as a whole: no SVC at all. 45.00 of 165.00 and 120.00 of 165.00, exactly.
    let intake = joined(
        "claim C1\nline 99213:25 120.00\nline 96372 45.00",
        "claim C1 4 ICN1 charge=165.00 paid=0.00\ncas CO-29:165.00",
    );
    assert_eq!(links(&intake), ["C1:1 whole-claim 0.00", "C1:2 whole-claim 0.00"]);
    let adjusted: Vec<i64> = intake.remits.iter().map(|r| r.adjustments[0].amount.cents()).collect();
    assert_eq!(adjusted, [12000, 4500]);
}

#[test]
fn a_claim_of_two_days_answered_without_lines_covers_both_days() {
    let intake = joined(
        "claim C1\nline 96372 45.00 day=2024-05-06\nline 96372 45.00 day=2024-05-08",
        "claim C1 4 ICN1 charge=90.00 paid=0.00\ncas CO-29:90.00\n> DTM*232*20240506\n> DTM*233*20240508",
    );
    assert_eq!(links(&intake), ["C1:1 whole-claim 0.00", "C1:2 whole-claim 0.00"]);
}

#[test]
fn adjustments_of_the_claim_are_spread_over_its_lines_by_what_they_were_paid() {
    // Lines paid 72.10 and 27.90; the claim bears a deductible of 10.00: 7.21 and 2.79. CLP04 = 100.00 − 10.00 = 90.00.
    let intake = joined(
        "claim C1\nline 99213:25 120.00\nline 96372 45.00",
        "claim C1 1 ICN1
         cas PR-1:10.00
         svc 99213:25 120.00 72.10 CO-45:47.90
         svc 96372 45.00 27.90 CO-45:17.10",
    );
    assert_eq!(links(&intake), ["C1:1 code-and-charge 64.89", "C1:2 code-and-charge 25.11"]);
    let patient: Vec<i64> = intake.remits.iter().map(|r| r.patient_responsibility.unwrap().cents()).collect();
    assert_eq!(patient, [721, 279]);
    assert!(has(&intake, FindingCode::ClaimLevelAdjustment) && !has(&intake, FindingCode::ClaimDoesNotBalance));
}

#[test]
fn adjustments_that_stand_at_the_claim_only_explain_lines_that_are_paid_already() {
    // The payer gives its reasons once, for the claim: 45.00 − 34.36 = 10.64 = CLP04 = SVC03. Nothing more is taken off.
    let intake =
        joined("claim C1\nline 96372 45.00", "claim C1 1 ICN1 paid=10.64\ncas CO-45:34.36\nsvc 96372 45.00 10.64");
    assert_eq!(links(&intake), ["C1:1 code-and-charge 10.64"]);
    // Of two lines each gets what it leaves open: 120.00 − 72.10 = 47.90 and 45.00 − 10.64 = 34.36.
    let intake = joined(
        "claim C1\nline 99213:25 120.00\nline 96372 45.00",
        "claim C1 1 ICN1 paid=82.74\ncas CO-45:82.26\nsvc 99213:25 120.00 72.10\nsvc 96372 45.00 10.64",
    );
    assert_eq!(links(&intake), ["C1:1 code-and-charge 72.10", "C1:2 code-and-charge 10.64"]);
    let adjusted: Vec<i64> = intake.remits.iter().map(|r| r.adjustments[0].amount.cents()).collect();
    assert_eq!(adjusted, [4790, 3436]);
}

#[test]
fn adjustments_that_repeat_those_of_the_lines_count_once() {
    // CLP03 − 2 × 34.36 is not CLP04: told as an imbalance of the claim, and the patient's share is not doubled.
    let intake = joined(
        "claim C1\nline 96372 45.00",
        "claim C1 1 ICN1 paid=10.64\ncas CO-45:31.64 PR-2:2.72\nsvc 96372 45.00 10.64 CO-45:31.64 PR-2:2.72",
    );
    assert_eq!(links(&intake), ["C1:1 code-and-charge 10.64"]);
    assert_eq!(intake.remits[0].patient_responsibility, Some(Money::from_cents(272)));
    assert!(has(&intake, FindingCode::ClaimDoesNotBalance));
}

#[test]
fn a_claim_under_another_number_is_found_by_its_lines_numbers() {
    let intake = joined(
        "claim C1\nline 99213:25 120.00 6r=C1L1\nline 96372 45.00 6r=C1L2",
        "claim PAYERS-OWN 1 ICN1
         svc 99213:25 120.00 72.10 CO-45:47.90 6r=C1L1
         svc 96372 45.00 10.64 CO-45:34.36 6r=C1L2",
    );
    assert_eq!(links(&intake), ["C1:1 control-number 72.10", "C1:2 control-number 10.64"]);
}

#[test]
fn numbers_that_several_claims_use_prove_nothing() {
    let intake = joined(
        "claim C1\nline 96372 45.00 6r=1\nclaim C2\nline 96372 45.00 6r=1",
        "claim UNKNOWN 1 ICN1\nsvc 96372 45.00 10.64 CO-45:34.36 6r=1",
    );
    assert_eq!(links(&intake), ["UNKNOWN:0 none 10.64"]);
    // Nor does one that happens to stand once: the charge is another.
    let intake =
        joined("claim C1\nline 96372 45.00 6r=1", "claim UNKNOWN 1 ICN1\nsvc 96372 80.00 10.64 CO-45:69.36 6r=1");
    assert_eq!(links(&intake), ["UNKNOWN:0 none 10.64"]);
}

#[test]
fn two_equal_lines_of_one_claim_get_one_answer_each() {
    let intake = joined(
        "claim C1\nline 96372 45.00\nline 96372 45.00",
        "claim C1 1 ICN1
         svc 96372 45.00 10.64 CO-45:34.36
         svc 96372 45.00 0.00 CO-18:45.00",
    );
    let mut lines: Vec<u32> = intake.remits.iter().map(|r| r.line_number).collect();
    lines.sort_unstable();
    assert_eq!(lines, [1, 2]);
    assert!(intake.remits.iter().all(|r| r.link == Link::CodeAndCharge));
}

#[test]
fn an_answer_of_another_day_is_not_this_claims() {
    let intake =
        joined("claim C1\nline 96372 45.00", "claim C1 1 ICN1\nsvc 96372 45.00 10.64 CO-45:34.36 day=2024-04-01");
    assert_eq!(links(&intake), ["C1:0 none 10.64"]);
}

#[test]
fn an_answer_without_a_day_goes_by_code_and_charge() {
    let intake = joined("claim C1\nline 96372 45.00", "claim C1 1 ICN1\nsvc 96372 45.00 10.64 CO-45:34.36 day=none");
    assert_eq!(links(&intake), ["C1:1 code-and-charge 10.64"]);
}

#[test]
fn what_finds_no_partner_is_told_on_both_sides() {
    let bills = builder::claims("claim C1\nline 96372 45.00\nclaim C2\nline 96372 45.00");
    let answers = check(
        "claim C1 1 ICN1\nsvc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22
         claim C9 1 ICN9\nsvc 96372 45.00 9.00 CO-45:36.00",
    );
    let run = run(&[&bills, &answers]);
    assert_eq!(story(&run, "C1", 1), "paid: expected 13.58, paid 10.64, patient 2.72, reductions 0.22");
    assert_eq!(story(&run, "C2", 1), "pending: expected 13.58, pending 13.58");
    let loose: Vec<(&str, i64)> = run.unlinked.iter().map(|r| (&*r.claim_id, r.paid.cents())).collect();
    assert_eq!(loose, [("C9", 900)]);
    let told = run.report.findings.iter().find(|f| f.code == FindingCode::RemitWithoutLine).unwrap();
    assert!(told.found.contains("9.00"), "{}", told.found);
}

#[test]
fn a_line_of_an_answered_claim_that_got_no_answer_is_pending() {
    let bills = builder::claims("claim C1\nline 99213:25 120.00\nline 96372 45.00");
    let answers = check("claim C1 1 ICN1\nsvc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22");
    // 99213 in Ohio from 9 March 2024: (1.30 × 1.000 + 1.33 × 0.911 + 0.10 × 1.033) × 33.2875
    // = 2.61493 × 33.2875 = 87.0444… → 87.04.
    assert_eq!(story(&run(&[&bills, &answers]), "C1", 1), "pending: expected 87.04, pending 87.04");
}

#[test]
fn the_order_of_files_and_of_transactions_changes_nothing() {
    let bills = [
        "made 2024-05-07\nclaim C1\nline 99213:25 120.00\nline 96372 45.00",
        "made 2024-05-07 0900\nclaim C2\nline 96374 100.00\nline 96372 45.00\nline 96372 45.00",
        "made 2024-06-20\nclaim C1 frequency=7\nline 99214:25 185.00\nline 96372 45.00",
    ];
    let checks = [
        "check EFT1 2024-06-03 MEDICARE\nclaim C1 4 ICN1\nsvc 99213 120.00 0.00 CO-4:120.00\nsvc 96372 45.00 0.00 CO-97:45.00",
        "check EFT2 2024-06-10 MEDICARE\nclaim C2 1 ICN2\nsvc 96372 60.00 10.00 CO-45:50.00\nsvc 96375 40.00 5.00 CO-45:35.00
         svc 96372 45.00 9.00 CO-45:36.00\nsvc 96372 45.00 0.00 CO-18:45.00",
        "check EFT3 2024-07-01 MEDICARE\nclaim C1 22 ICN1\nsvc 99213 -120.00 0.00 CO-4:-120.00\nsvc 96372 -45.00 0.00 CO-97:-45.00
         claim C1 1 ICN1\nsvc 99213:25 185.00 72.10 CO-45:112.90 was=99214:25\nsvc 96372 45.00 10.64 CO-45:34.36",
        "check EFT4 2024-07-09 SECOND_MUTUAL\nclaim C1 2 SICN1\nsvc 99213:25 185.00 18.03 OA-23:166.97 was=99214:25",
    ];
    // Everything but where a row stood.
    let told = |files: &[String]| {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let mut intake = read(&files);
        intake.lines.iter_mut().for_each(|l| l.source = allowable::domain::Source::default());
        intake.remits.iter_mut().for_each(|r| r.source = allowable::domain::Source::default());
        (intake.lines, intake.remits, intake.account, intake.remit_account)
    };
    let apart = |order: &[usize]| -> Vec<String> {
        let all: Vec<String> =
            bills.iter().map(|b| builder::claims(b)).chain(checks.iter().map(|c| builder::remits(c))).collect();
        order.iter().map(|i| all[*i].clone()).collect()
    };
    let first = told(&apart(&[0, 1, 2, 3, 4, 5, 6]));
    assert_eq!((first.0.len(), first.1.len()), (5, 11));
    for order in [[6, 5, 4, 3, 2, 1, 0], [3, 0, 5, 1, 6, 2, 4], [2, 4, 1, 6, 0, 5, 3], [5, 6, 3, 2, 0, 4, 1]] {
        assert_eq!(told(&apart(&order)), first, "files in the order {order:?}");
    }
    // The same as sets of one file each, in several orders.
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let sets = |rows: &[&str]| -> String {
            order.iter().filter_map(|i| rows.get(*i)).copied().collect::<Vec<_>>().join("\n")
        };
        let files = [builder::claims(&sets(&bills)), builder::remits(&sets(&checks))];
        assert_eq!(told(&files), first, "sets in the order {order:?}");
    }
}
