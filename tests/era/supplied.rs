//! Remittances alone: the answers themselves supply the billed lines, each once.

use allowable::finding::FindingCode;

use super::{builder, found, has, line, lines, links, read, rows, run, story};

#[test]
fn a_line_is_what_the_remittance_repeats_of_the_bill() {
    let intake = read(&[&builder::remits(
        "check EFT1 2024-06-03 MEDICARE
         claim C1 1 ICN1 pos=11
         svc 96372:59 90.00 21.28 CO-45:62.84 PR-2:5.44 CO-253:0.44 units=2 6r=C1L1",
    )]);
    assert_eq!(lines(&intake), ["C1:1 96372-59 90.00"]);
    let line = line(&intake, "C1", 1);
    assert_eq!((line.units.thousandths(), line.pos.unwrap().to_string()), (2000, "11".to_owned()));
    assert_eq!((line.service_date.to_string(), &*line.payer), ("2024-05-06".to_owned(), "MCR"));
    // Where: the payee's address. Who: the payee, in whose name it was billed.
    assert_eq!((line.zip.unwrap().to_string(), line.state.unwrap().to_string()), ("43215".to_owned(), "OH".to_owned()));
    assert_eq!((line.billing_npi.as_deref(), line.control_number.as_deref()), (Some("1999999984"), Some("C1L1")));
    assert_eq!(line.patient_key, None);
    assert_eq!(links(&intake), ["C1:1 supplied 21.28"]);
    assert_eq!(rows(&intake.account), "1 read 90.00, 1 kept 90.00");
}

#[test]
fn the_code_is_the_one_submitted_not_the_one_paid() {
    let text = builder::remits(
        "check EFT1 2024-06-03 MEDICARE
         claim C1 1 ICN1
         svc 99213:25 185.00 68.23 CO-45:97.96 PR-2:17.41 CO-253:1.40 was=99214:25",
    );
    assert_eq!(lines(&read(&[&text])), ["C1:1 99214-25 185.00"]);
    // Expected is a 99214: (1.92 × 1.000 + 1.79 × 0.911 + 0.14 × 1.033) × 33.2875 = 3.69531 × 33.2875 = 123.0076… → 123.01.
    // Allowed: 68.23 + 17.41 + 1.40 = 87.04, a 99213: 35.97 short.
    assert_eq!(
        story(&run(&[&text]), "C1", 1),
        "underpaid: expected 123.01, paid 68.23, patient 17.41, reductions 1.40, underpaid 35.97"
    );
}

#[test]
fn units_as_submitted_when_the_payer_cut_them() {
    let cut = builder::remits("check EFT1 2024-06-03 MEDICARE\nclaim C1 1 ICN1\n> SVC*HC:96372*90.00*10.64**1**2\n> DTM*472*20240506\n> CAS*CO*45*76.64**253*.22\n> CAS*PR*2*2.72")
        .replace("CLP*C1*1*0.00*0.00*0.00", "CLP*C1*1*90.00*10.64*2.72");
    // 90.00 − 76.64 − 0.22 − 2.72 = 10.42: kept all the same, with a finding that 0.22 have no explanation.
    let intake = read(&[&cut]);
    assert_eq!((line(&intake, "C1", 1).units.thousandths(), intake.remits[0].units.thousandths()), (2000, 1000));
}

#[test]
fn a_line_without_a_day_takes_that_of_its_claim() {
    let intake = read(&[&builder::remits(
        "check EFT1 2024-06-03 MEDICARE
         claim C1 1 ICN1
         > DTM*232*20240507
         svc 96372 45.00 10.64 CO-45:34.36 day=none",
    )]);
    assert_eq!(line(&intake, "C1", 1).service_date.to_string(), "2024-05-07");
}

#[test]
fn corrections_and_reversals_do_not_double_the_line() {
    let first = "check EFT1 2024-06-03 MEDICARE
                 claim C1 4 ICN1
                 svc 99213:25 120.00 0.00 CO-16:120.00
                 svc 96372 45.00 0.00 CO-16:45.00 rarc=M127";
    let correction = "check EFT2 2024-07-01 MEDICARE
                      claim C1 1 ICN1
                      svc 99213:25 120.00 68.23 CO-45:32.96 PR-2:17.41 CO-253:1.40
                      svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22
                      claim C1 22 ICN1
                      svc 99213:25 -120.00 0.00 CO-16:-120.00
                      svc 96372 -45.00 0.00 CO-16:-45.00 rarc=M127";
    let (one, two) = (builder::remits(first), builder::remits(correction));
    for files in [[&*one, &two], [&*two, &one]] {
        let intake = read(&files);
        assert_eq!(lines(&intake), ["C1:1 99213-25 120.00", "C1:2 96372 45.00"]);
        assert_eq!(rows(&intake.account), "2 read 165.00, 2 kept 165.00");
        // Six rows: 165.00 − 165.00 + 165.00.
        assert_eq!(rows(&intake.remit_account), "6 read 165.00, 6 kept 165.00");
        let run = run(&files);
        assert_eq!(story(&run, "C1", 2), "paid: expected 13.58, paid 10.64, patient 2.72, reductions 0.22");
        assert!(run.judged.iter().all(|j| j.recovered), "both were denied at first");
        assert!(run.unlinked.is_empty());
    }
}

#[test]
fn a_corrected_bill_with_another_charge_is_the_same_line() {
    let intake = read(&[&builder::remits(
        "check EFT1 2024-06-03 MEDICARE
         claim C1 1 ICN1
         svc 96372 45.00 8.00 CO-45:37.00
         check EFT2 2024-07-01 MEDICARE
         claim C1 22 ICN1
         svc 96372 -45.00 -8.00 CO-45:-37.00
         claim C1 1 ICN1
         svc 96372:59 50.00 10.64 CO-45:39.36",
    )]);
    assert_eq!(lines(&intake), ["C1:1 96372 45.00"]);
    assert_eq!(links(&intake).len(), 3);
    assert!(intake.remits.iter().all(|r| r.line_number == 1));
}

#[test]
fn further_payers_do_not_double_the_line_either() {
    let intake = read(&[&builder::remits(
        "check EFT1 2024-06-03 MEDICARE
         claim C1 1 ICN1
         svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22
         check S1 2024-06-20 SECOND_MUTUAL
         claim C1 2 S-ICN
         svc 96372 45.00 2.72 OA-23:42.28",
    )]);
    assert_eq!((lines(&intake), &*line(&intake, "C1", 1).payer), (vec!["C1:1 96372 45.00".to_owned()], "MCR"));
    assert_eq!(rows(&intake.account), "1 read 45.00, 1 kept 45.00");
}

#[test]
fn two_equal_lines_are_two_and_stay_two_when_corrected() {
    let pair = "svc 96372 45.00 10.64 CO-45:34.36\nsvc 96372 45.00 10.64 CO-45:34.36";
    let back = "svc 96372 -45.00 -10.64 CO-45:-34.36\nsvc 96372 -45.00 -10.64 CO-45:-34.36";
    let intake = read(&[&builder::remits(&format!(
        "check EFT1 2024-06-03 MEDICARE\nclaim C1 1 ICN1\n{pair}
         check EFT2 2024-07-01 MEDICARE\nclaim C1 22 ICN1\n{back}\nclaim C1 1 ICN1\n{pair}"
    ))]);
    assert_eq!(lines(&intake), ["C1:1 96372 45.00", "C1:2 96372 45.00"]);
    let of_line = |n: u32| intake.remits.iter().filter(|r| r.line_number == n).map(|r| r.paid.cents()).sum::<i64>();
    assert_eq!((of_line(1), of_line(2)), (1064, 1064));
}

#[test]
fn a_claim_number_used_on_two_days_has_a_line_of_each_day() {
    let intake = read(&[&builder::remits(
        "check EFT1 2024-06-03 MEDICARE
         claim A7 1 ICN1
         svc 96372 45.00 10.64 CO-45:34.36 day=2024-05-06
         check EFT2 2024-07-03 MEDICARE
         claim A7 1 ICN2
         svc 96372 45.00 10.64 CO-45:34.36 day=2024-06-06",
    )]);
    assert_eq!(lines(&intake), ["A7:1 96372 45.00", "A7:2 96372 45.00"]);
}

#[test]
fn what_bills_nothing_supplies_nothing_and_is_told() {
    // A reversal of something older, a predetermination, a claim without lines, a revenue code: no line, and no rest.
    let text = builder::remits(
        "check EFT1 2024-06-03 MEDICARE
         claim C1 22 ICN1
         svc 96372 -45.00 -10.64 CO-45:-34.36
         claim C2 25 ICN2
         svc 96372 45.00 0.00 OA-101:45.00
         claim C3 4 ICN3 charge=45.00 paid=0.00
         cas CO-29:45.00
         claim C4 1 ICN4
         svc 96372 45.00 10.64 CO-45:34.36",
    );
    let intake = read(&[&text]);
    assert_eq!(lines(&intake), ["C4:1 96372 45.00"]);
    assert_eq!(links(&intake), ["C1:0 none -10.64", "C2:0 none 0.00", "C3:0 none 0.00", "C4:1 supplied 10.64"]);
    assert_eq!(rows(&intake.remit_account), "4 read 90.00, 4 kept 90.00");
    assert_eq!(run(&[&text]).unlinked.len(), 3);
}

#[test]
fn a_broken_row_is_quarantined_and_the_rest_of_the_claim_stands() {
    let text = builder::remits(
        "check EFT1 2024-06-03 MEDICARE
         claim C1 1 ICN1
         svc 96372 45.00 10.64 CO-45:34.36
         svc J3420 12.00 1.00 CO-45:11.00",
    );
    let broken = text.replace("SVC*HC:96372*45.00*10.64", "SVC*HC:96372*45.00*1O.64");
    let intake = read(&[&broken]);
    assert_eq!(lines(&intake), ["C1:1 J3420 12.00"]);
    assert_eq!(rows(&intake.remit_account), "2 read 57.00, 1 kept 12.00, 1 quarantined 45.00");
    assert_eq!(intake.quarantined[0].column, "SVC03");
}

#[test]
fn with_a_file_of_claims_the_remittances_supply_nothing() {
    let bills = builder::claims("claim C1\nline 96372 45.00");
    let answers = builder::remits("check EFT1 2024-06-03 MEDICARE\nclaim C9 1 ICN9\nsvc 96372 45.00 10.64 CO-45:34.36");
    let intake = read(&[&answers, &bills]);
    assert_eq!(
        (lines(&intake), links(&intake)),
        (vec!["C1:1 96372 45.00".to_owned()], vec!["C9:0 none 10.64".to_owned()])
    );
    assert!(!has(&intake, FindingCode::DuplicatePayment), "{:?}", found(&intake));
}

#[test]
fn a_claim_that_the_payer_answers_in_parts_has_all_its_lines() {
    // The payer split the claim in two under one number. That the charges are equal proves nothing: the lines' own numbers
    // differ.
    let split = |second: &str| {
        builder::remits(&format!(
            "check EFT1 2024-06-03 MEDICARE
             claim C1 1 ICN1
             svc 96372 45.00 10.64 CO-45:34.36 6r=A1
             claim C1 1 ICN2
             svc {second} 45.00 1.00 CO-45:44.00 6r=A2
             check S1 2024-06-20 SECOND_MUTUAL
             claim C1 2 S-ICN
             svc {second} 45.00 0.25 OA-23:44.75 6r=OTHER"
        ))
    };
    for second in ["J3420", "96372:59", "96372"] {
        let intake = read(&[&split(second)]);
        let mut charges: Vec<i64> = intake.lines.iter().map(|l| l.charge.cents()).collect();
        charges.sort_unstable();
        assert_eq!(charges, [4500, 4500], "{second}: {:?}", lines(&intake));
        let of = |control: &str| {
            let line = intake.lines.iter().find(|l| l.control_number.as_deref() == Some(control)).unwrap();
            let answers = intake.remits.iter().filter(|r| r.line_number == line.line_number && &*r.payer == "MCR");
            answers.map(|r| r.paid.cents()).sum::<i64>()
        };
        assert_eq!((of("A1"), of("A2")), (1064, 100), "{second}");
    }
}
