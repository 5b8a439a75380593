//! The same claim sent more than once: each service counts once, and every submission stands in the account.

use allowable::finding::FindingCode;

use super::{adds_up, builder, found, has, line, lines, links, read, rows};

/// One file of claims with the day it was made.
fn sent(day: &str, rows: &str) -> String {
    builder::claims(&format!("made {day}\n{rows}"))
}

#[test]
fn a_replacement_takes_the_place_of_the_original() {
    let original = sent("2024-05-07", "claim C1\nline 99213 120.00\nline 96372 45.00");
    let replacement = sent("2024-06-10", "claim C1 frequency=7\n> REF*F8*ICN1\nline 99213:25 120.00\nline 96372 48.00");
    for files in [[&*original, &replacement], [&*replacement, &original]] {
        let intake = read(&files);
        assert_eq!(lines(&intake), ["C1:1 99213-25 120.00", "C1:2 96372 48.00"]);
        assert_eq!(rows(&intake.account), "4 read 333.00, 2 kept 168.00, 2 sent again 165.00");
        assert_eq!(found(&intake)["claim-sent-again"], 1);
    }
}

#[test]
fn a_replacement_may_change_every_code_of_its_day() {
    let original = sent("2024-05-07", "claim C1\nline 96374 80.00");
    let replacement = sent("2024-06-10", "claim C1 frequency=7\nline 96372 45.00");
    assert_eq!(lines(&read(&[&original, &replacement])), ["C1:1 96372 45.00"]);
}

#[test]
fn a_replacement_may_correct_the_day_itself() {
    let original = sent("2024-05-07", "claim C1\nline 96372 45.00 day=2024-05-06");
    let replacement = sent("2024-06-10", "claim C1 frequency=7\n> REF*F8*ICN1\nline 96372 45.00 day=2024-05-03");
    let intake = read(&[&original, &replacement]);
    assert_eq!(lines(&intake), ["C1:1 96372 45.00"]);
    assert_eq!(line(&intake, "C1", 1).service_date.to_string(), "2024-05-03");
    assert_eq!(rows(&intake.account), "2 read 90.00, 1 kept 45.00, 1 sent again 45.00");
}

#[test]
fn a_void_takes_back_what_was_sent() {
    let original = sent("2024-05-07", "claim C1\nline 96372 45.00\nclaim C2\nline 96372 45.00");
    let void = sent("2024-05-20", "claim C1 frequency=8\nline 96372 45.00");
    let intake = read(&[&void, &original]);
    assert_eq!(lines(&intake), ["C2:1 96372 45.00"]);
    assert_eq!(rows(&intake.account), "3 read 135.00, 1 kept 45.00, 2 sent again 90.00");
}

#[test]
fn after_a_void_a_new_original_counts() {
    let original = sent("2024-05-07", "claim C1\nline 96372 45.00");
    let void = sent("2024-05-20", "claim C1 frequency=8\nline 96372 45.00");
    let again = sent("2024-05-21", "claim C1\nline 96372:59 50.00");
    let intake = read(&[&again, &original, &void]);
    assert_eq!(lines(&intake), ["C1:1 96372-59 50.00"]);
    assert_eq!(rows(&intake.account), "3 read 140.00, 1 kept 50.00, 2 sent again 90.00");
}

#[test]
fn within_one_batch_the_order_of_its_claims_counts() {
    // A void of what an earlier batch sent, then the claim anew; and the other way round.
    let anew = sent("2024-05-07", "claim C1 frequency=8\nline 96372 45.00\nclaim C1\nline 96372 45.00");
    let taken_back = sent("2024-05-07", "claim C1\nline 96372 45.00\nclaim C1 frequency=8\nline 96372 45.00");
    for (batch, kept, resent) in [(&anew, 1, 1), (&taken_back, 0, 2)] {
        let intake = read(&[batch]);
        assert_eq!((intake.lines.len(), intake.account.resent_rows), (kept, resent));
        adds_up(&intake);
    }
}

#[test]
fn the_same_claim_sent_twice_is_billed_once() {
    let file = sent("2024-05-07", "claim C1\nline 99213:25 120.00\nline 96372 45.00");
    let again = sent("2024-05-14", "claim C1\nline 99213:25 120.00\nline 96372 45.00");
    for files in [vec![&*file, &*again], vec![&*file, &*file], vec![&*again, &*file, &*again]] {
        let intake = read(&files);
        assert_eq!(lines(&intake), ["C1:1 99213-25 120.00", "C1:2 96372 45.00"]);
        assert_eq!(intake.account.resent_rows, 2 * (files.len() as u64 - 1));
    }
}

#[test]
fn two_equal_lines_of_one_claim_are_two_services() {
    let file = sent("2024-05-07", "claim C1\nline 96372 45.00\nline 96372 45.00");
    let intake = read(&[&file, &file]);
    assert_eq!(lines(&intake), ["C1:1 96372 45.00", "C1:2 96372 45.00"]);
    assert_eq!(rows(&intake.account), "4 read 180.00, 2 kept 90.00, 2 sent again 90.00");
}

#[test]
fn what_is_sent_to_the_second_payer_is_no_second_service() {
    let first = sent("2024-05-07", "subscriber MEM1 MEDICARE filing=MB\nclaim C1\nline 96372 45.00");
    let second = sent("2024-06-10", "subscriber MEM2 SECOND_MUTUAL rank=S\nclaim C1\nline 96372 45.00");
    for files in [[&*first, &second], [&*second, &first]] {
        let intake = read(&files);
        assert_eq!((lines(&intake), &*line(&intake, "C1", 1).payer), (vec!["C1:1 96372 45.00".to_owned()], "MCR"));
        assert_eq!(rows(&intake.account), "2 read 90.00, 1 kept 45.00, 1 sent again 45.00");
    }
    // A practice that gives only the second file still has one line, billed to whom it was sent.
    assert_eq!(&*line(&read(&[&second]), "C1", 1).payer, "SEC");
}

#[test]
fn an_account_number_used_again_is_two_claims_and_answers_go_by_day() {
    let bills = sent(
        "2024-06-10",
        "claim A7
         line 96372 45.00 day=2024-05-06
         claim A7
         line 96372 45.00 day=2024-06-03",
    );
    let answers = builder::remits(
        "check EFT1 2024-06-24 MEDICARE
         claim A7 1 ICN2
         svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22 day=2024-06-03
         claim A7 4 ICN1
         svc 96372 45.00 0.00 CO-16:45.00 rarc=M76 day=2024-05-06",
    );
    let intake = read(&[&bills, &answers]);
    assert_eq!(lines(&intake), ["A7@2024-05-06:1 96372 45.00", "A7@2024-06-03:1 96372 45.00"]);
    assert_eq!(links(&intake), ["A7@2024-05-06:1 code-and-charge 0.00", "A7@2024-06-03:1 code-and-charge 10.64"]);
    assert!(has(&intake, FindingCode::ClaimNumberReused));
    assert_eq!(rows(&intake.account), "2 read 90.00, 2 kept 90.00");
}

#[test]
fn of_an_account_number_used_again_only_the_visit_meant_is_replaced() {
    let bills = "claim A7\nline 96372 45.00 day=2024-05-06\nclaim A7\nline 96372 45.00 day=2024-06-03";
    let bills = sent("2024-06-10", bills);
    let replacement = sent("2024-07-01", "claim A7 frequency=7\nline 96372 50.00 day=2024-06-03");
    let intake = read(&[&replacement, &bills]);
    assert_eq!(lines(&intake), ["A7@2024-05-06:1 96372 45.00", "A7@2024-06-03:1 96372 50.00"]);
    assert_eq!(rows(&intake.account), "3 read 140.00, 2 kept 95.00, 1 sent again 45.00");
}

#[test]
fn one_visit_sent_as_two_claims_of_one_number_is_one_claim() {
    // The visit and the drug were sent apart, under the patient's account number.
    let file = sent("2024-05-07", "claim A7\nline 99213:25 120.00\nclaim A7\nline 96372 45.00\nline J3420 12.00");
    let billed = |file: &str| {
        let intake = read(&[file]);
        assert!(intake.lines.iter().zip(1..).all(|(line, n)| (&*line.claim_id, line.line_number) == ("A7", n)));
        let mut lines: Vec<String> = lines(&intake).iter().map(|l| l.split_once(' ').unwrap().1.to_owned()).collect();
        lines.sort();
        (lines.join(", "), rows(&intake.account))
    };
    let kept = "3 read 177.00, 3 kept 177.00".to_owned();
    assert_eq!(billed(&file), ("96372 45.00, 99213-25 120.00, J3420 12.00".to_owned(), kept));
    // A replacement replaces the part that has a code in common, not the other one of the day.
    let replaced = builder::claims(
        "made 2024-05-07
         claim A7
         line 99213:25 120.00
         claim A7
         line 96372 45.00
         made 2024-06-10
         claim A7 frequency=7
         line 96372:59 50.00",
    );
    let account = "3 read 215.00, 2 kept 170.00, 1 sent again 45.00".to_owned();
    assert_eq!(billed(&replaced), ("96372-59 50.00, 99213-25 120.00".to_owned(), account));
}

#[test]
fn a_refused_row_of_a_claim_sent_twice_is_refused_twice() {
    let file = sent("2024-05-07", "claim C1\nline 96372 45.00 units=0\nline J3420 12.00");
    let intake = read(&[&file, &file]);
    assert_eq!(rows(&intake.account), "4 read 114.00, 1 kept 12.00, 1 sent again 12.00, 2 quarantined 90.00");
}
