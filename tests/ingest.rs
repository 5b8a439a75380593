//! Reading whole inputs: what becomes a line, a remittance, a volume, and that the account adds up.

use std::borrow::Cow;

use allowable::domain::{ClaimStatus, Money};
use allowable::finding::FindingCode;
use allowable::ingest::{Input, Intake, TableKind, read};
use allowable::project::Project;

const PROJECT: &str = r#"
title = "North Clinic"
[[payer]]
id = "MCR"
name = "Medicare"
kind = "medicare"
aliases = ["Medicare Part B"]
[[payer]]
id = "COM1"
kind = "commercial"
aliases = ["BCBS of TX"]
"#;

fn input(name: &str, text: &str) -> Input {
    Input::Bytes { name: name.to_owned(), bytes: Cow::Owned(text.as_bytes().to_vec()) }
}

fn intake(files: &[(&str, &str)]) -> Intake {
    let inputs: Vec<Input> = files.iter().map(|(name, text)| input(name, text)).collect();
    let intake = read(&inputs, &Project::parse(PROJECT, "allowable.toml").unwrap(), &|_| ()).unwrap();
    assert!(intake.account.balances() && intake.remit_account.balances());
    intake
}

fn dollars(text: &str) -> Money {
    let cents = text.replace('.', "").parse().unwrap();
    Money::from_cents(cents)
}

#[test]
fn claim_lines_and_remittances_are_read_with_their_adjustments() {
    let intake = intake(&[
        (
            "claims.csv",
            "claim_id,line_number,service_date,payer_id,zip,pos,code,modifiers,units,charge\n\
             C1,1,2024-03-09,MCR,43215,11,96372,\"25,59\",1,40.00\n\
             C1,2,2024-03-09,MCR,43215,11,J3420,,2,5.00\n",
        ),
        (
            "remits.csv",
            "claim_id,line_number,payer_id,payer_rank,claim_status,remit_date,code,units,charge,paid,adjustments\n\
             C1,1,MCR,1,1,2024-03-30,96372,1,40.00,11.02,CO-45:26.22;PR-2:2.76\n\
             C1,2,MCR,1,4,2024-03-30,J3420,2,5.00,0.00,CO-16(M119|N290):5.00x2\n",
        ),
    ]);
    assert_eq!(intake.files[0].kind, Some(TableKind::ClaimLines));
    assert_eq!(intake.files[1].kind, Some(TableKind::Remits));
    assert_eq!((intake.lines.len(), intake.remits.len()), (2, 2));
    assert_eq!(intake.lines[0].modifiers.to_string(), "25,59");
    assert_eq!(intake.account.charge_kept, dollars("45.00"));
    let paid = &intake.remits[0];
    // 40.00 − 26.22 − 2.76 = 11.02
    assert_eq!(paid.charge - paid.adjustments.iter().map(|a| a.amount).sum(), paid.paid);
    assert_eq!(intake.remits[1].claim_status, ClaimStatus::Denied);
    assert_eq!(intake.remits[1].adjustments[0].rarcs.len(), 2);
    assert!(intake.findings.is_empty(), "{:?}", intake.findings);
}

#[test]
fn how_much_of_a_drug_was_used_is_read_from_columns_and_from_the_line_of_a_paper_claim() {
    let header = "Claim #,DOS,Payer ID,CPT,Units,POS,Charge,NDC";
    let row = "J3420,1,11,20.00,00517003125";
    let columns = format!(
        "{header},NDC Quantity,NDC Unit of Measure\n\
         1,2024-03-09,MCR,{row},0.5,ml\n2,2024-03-09,MCR,{row},,\n3,2024-03-09,MCR,{row},1,MG\n\
         4,2024-03-09,MCR,{row},0,ML\n5,2024-03-09,MCR,{row},1.0005,ML\n6,2024-03-09,MCR,{row},1,\n"
    );
    let read = intake(&[("c.csv", &columns)]);
    let quantities = |read: &Intake| {
        let text = |l: &allowable::domain::ServiceLine| l.ndc_quantity.map_or("-".to_owned(), |q| q.to_string());
        read.lines.iter().map(text).collect::<Vec<_>>()
    };
    // No row is lost; what is no quantity is left out with a warning in the column that is to blame.
    assert_eq!(quantities(&read), ["0.5 ML", "-", "-", "-", "-", "-"]);
    let said: Vec<_> = read
        .findings
        .iter()
        .filter(|f| f.code == FindingCode::BadNdc)
        .map(|f| (f.place.line, f.place.column.as_deref(), f.count))
        .collect();
    assert_eq!(said, [(Some(4), Some("NDC Unit of Measure"), 2), (Some(5), Some("NDC Quantity"), 2)]);
    let paper = format!("{header}\n1,2024-03-09,MCR,J3420,1,11,20.00,N400517003125 ML0.5\n");
    let read = intake(&[("c.csv", &paper)]);
    assert_eq!((quantities(&read), read.lines[0].ndc.as_deref()), (vec!["0.5 ML".to_owned()], Some("00517003125")));
}

#[test]
fn a_practice_export_is_split_into_lines_and_answers() {
    let intake = intake(&[(
        "export.csv",
        "Claim #,DOS,Patient Name,Payer Name,CPT,Qty,POS,Billed Amount,Allowed Amt,Ins Paid,Patient Resp,Reason Code,EOB Date\n\
         7,3/9/2024,\"Doe, Jane\",Medicare Part B,96372-59,1,Office,$40.00,13.78,11.02,2.76,PR-2,3/30/2024\n\
         8,3/25/2024,\"Roe, Rick\",BCBS of TX,96372,1,11,$40.00,0.00,0.00,0.00,CO-97,4/30/2024\n\
         9,3/26/2024,\"Poe, Paul\",BCBS of TX,96372,1,11,$40.00,,0.00,,,\n",
    )]);
    assert_eq!(intake.files[0].kind, Some(TableKind::Practice));
    assert_eq!(intake.files[0].dropped_patient_columns, ["Patient Name"]);
    // The third line has no answer yet.
    assert_eq!((intake.lines.len(), intake.remits.len()), (3, 2));
    assert_eq!(&*intake.lines[0].payer, "MCR");
    let text = |i: usize| {
        let all = intake.remits[i].adjustments.iter().map(|a| format!("{}-{}:{}", a.group, a.carc, a.amount));
        all.collect::<Vec<_>>().join(";")
    };
    assert_eq!(text(0), "PR-2:2.76;CO-45:26.22");
    assert_eq!(text(1), "CO-97:40.00");
    assert_eq!(intake.remits[1].claim_status, ClaimStatus::Denied);
    assert_eq!((intake.remits[0].line_number, intake.lines[0].line_number), (1, 1));
}

const EXPORT: &str =
    "Claim #,Line,DOS,Payer,COB,CPT,Units,POS,Charge,Allowed,Paid,Patient Resp,Denial Code,Check Date\n";

#[test]
fn the_answer_of_a_second_payer_is_another_answer_of_the_same_line() {
    let intake = intake(&[(
        "export.csv",
        &format!(
            "{EXPORT}7,1,2024-03-09,Medicare,P,96372,1,11,40.00,13.78,11.02,2.76,PR-2,2024-03-30\n\
             7,1,2024-03-09,BCBS of TX,S,96372,1,11,40.00,2.76,2.76,0.00,,2024-04-20\n"
        ),
    )]);
    // One service of 40.00, two answers; the charge counts once.
    assert_eq!((intake.lines.len(), intake.remits.len()), (1, 2));
    assert_eq!((&*intake.lines[0].payer, intake.account.charge_kept), ("MCR", dollars("40.00")));
    assert_eq!((intake.account.answer_rows, intake.account.charge_answer_rows), (1, dollars("40.00")));
    let ranks: Vec<_> = intake.remits.iter().map(|r| (r.payer_rank, r.claim_status)).collect();
    assert_eq!(ranks, [(1, ClaimStatus::Primary), (2, ClaimStatus::Secondary)]);
}

#[test]
fn payments_written_as_negative_amounts_are_turned_and_said_so() {
    let rows: String = (1..=4)
        .map(|c| format!("{c},1,2024-03-09,Medicare,,96372,1,11,40.00,13.78,(11.02),2.76,PR-2,2024-03-30\n"))
        .collect();
    let intake = intake(&[("export.csv", &format!("{EXPORT}{rows}"))]);
    assert!(intake.remits.iter().all(|r| r.paid == dollars("11.02")));
    let found = intake.findings.iter().find(|f| f.code.as_str() == "negated-column").unwrap();
    assert_eq!((found.place.column.as_deref(), &*found.found), (Some("Paid"), "all 4 amounts are negative"));
}

#[test]
fn a_take_back_stays_negative() {
    let intake = intake(&[(
        "export.csv",
        &format!(
            "{EXPORT}7,1,2024-03-09,Medicare,,96372,1,11,40.00,13.78,11.02,2.76,PR-2,2024-03-30\n\
             7,1,2024-03-09,Medicare,,96372,1,11,40.00,,-11.02,,,2024-05-30\n"
        ),
    )]);
    assert_eq!((intake.lines.len(), intake.remits.len()), (1, 2));
    let taken: Vec<_> = intake.remits.iter().filter(|r| r.claim_status == ClaimStatus::Reversal).collect();
    assert_eq!((taken.len(), taken[0].paid), (1, dollars("-11.02")));
}

#[test]
fn lines_without_numbers_are_numbered_by_content_and_find_their_answers() {
    let claims = "claim_id,service_date,payer_id,code,units,charge\n\
                  C1,2024-03-09,MCR,J3420,1,5.00\nC1,2024-03-09,MCR,96372,1,40.00\n";
    let remits = "claim_id,payer_id,remit_date,code,charge,paid\nC1,MCR,2024-03-30,J3420,5.00,1.00\n";
    let intake = intake(&[("claims.csv", claims), ("remits.csv", remits)]);
    let numbered: Vec<_> = intake.lines.iter().map(|l| (l.line_number, l.code.to_string())).collect();
    assert_eq!(numbered, [(1, "96372".to_owned()), (2, "J3420".to_owned())]);
    assert_eq!(intake.remits[0].line_number, 2);
}

#[test]
fn without_a_claim_number_claims_are_told_apart_by_patient_day_and_payer() {
    let text = "MRN,DOS,Payer,CPT,Units,Charge\nA,3/25/2024,MCR,96372,1,40.00\nA,3/25/2024,MCR,J3420,1,5.00\n\
                B,3/25/2024,MCR,96372,1,40.00\n";
    let intake = intake(&[("claims.csv", text)]);
    let claims: std::collections::BTreeSet<_> = intake.lines.iter().map(|l| l.claim_id.clone()).collect();
    assert_eq!((intake.lines.len(), claims.len()), (3, 2));
    assert!(claims.iter().all(|c| c.starts_with("auto-")), "{claims:?}");
}

#[test]
fn a_charge_per_unit_is_multiplied_by_the_units() {
    let text = "Claim,Line,DOS,Payer,CPT,Units,Unit Charge\n1,1,3/25/2024,MCR,J3420,2.5,10.01\n";
    let intake = intake(&[("claims.csv", text)]);
    // 2.5 × 10.01 = 25.025, half away from zero: 25.03.
    assert_eq!(intake.lines[0].charge, dollars("25.03"));
    assert!(intake.findings.iter().any(|f| f.code.as_str() == "unit-charge-column"));
}

#[test]
fn codes_outside_the_scope_are_kept_for_the_rules_and_counted_apart_in_the_report() {
    let project = Project::parse("scope = [\"96372\"]\n[[payer]]\nid = \"MCR\"\nkind = \"medicare\"\n", "t").unwrap();
    let text = "claim_id,line_number,service_date,payer_id,code,units,charge\n\
                C1,1,2024-03-09,MCR,96372,1,40.00\nC1,2,2024-03-09,MCR,99213,1,90.00\n";
    let intake = read(&[input("c.csv", text)], &project, &|_| ()).unwrap();
    let account = &intake.account;
    assert!(account.balances());
    assert_eq!((account.rows_kept, account.charge_kept), (2, dollars("130.00")));
    let run = allowable::report::run(intake, &project, &allowable::reference::Reference::embedded().unwrap()).unwrap();
    assert_eq!(run.lines.len(), 1);
    let accounting = run.report.sections.iter().find(|s| s.id == "accounting").unwrap();
    let row = accounting.table.rows.iter().find(|r| format!("{:?}", r[0]).contains("Out of scope")).unwrap();
    assert!(format!("{row:?}").contains("Count(1)") && format!("{row:?}").contains("9000"), "{row:?}");
}

#[test]
fn patient_numbers_become_keys_that_differ_from_project_to_project() {
    let text = "Claim,Line,DOS,Payer,CPT,Units,Charge,MRN\n1,1,3/25/2024,MCR,96372,1,40.00,777\n";
    let key = |title: &str| {
        let project = Project::parse(&format!("title = \"{title}\""), "t").unwrap();
        read(&[input("c.csv", text)], &project, &|_| ()).unwrap().lines[0].patient_key.unwrap()
    };
    assert_eq!(key("a"), key("a"));
    assert_ne!(key("a"), key("b"));
    assert_ne!(key("a"), 777);
}

#[test]
fn a_file_that_cannot_be_read_stops_the_run_and_says_why() {
    let error = read(&[input("c.csv", "")], &Project::default(), &|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "c.csv: error[empty-file]: the file is empty");
    assert_eq!((error.kind().exit_code(), error.remedy()), (1, Some("export it again, or leave it out")));
}
