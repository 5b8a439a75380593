//! Reading whole inputs: what becomes a line, a remittance, a volume, and that the account adds up.

use std::borrow::Cow;

use allowable::domain::{ClaimStatus, Money};
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
