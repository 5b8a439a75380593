//! What an 837P says of a billed line, loop by loop.

use allowable::domain::{Money, parse_iso_date};
use allowable::finding::{FindingCode, Severity};
use allowable::ingest::Intake;
use allowable::project::Project;

use super::{PROJECT, builder, found, has, line, lines, read, read_as, rows, run_as};

/// One claim `C1` from its rows.
fn claim(rows: &str) -> Intake {
    read(&[&builder::claims(rows)])
}

/// ZIP code and state of the first line of `C1`.
fn place(intake: &Intake) -> (String, String) {
    let line = line(intake, "C1", 1);
    (line.zip.map_or_else(String::new, |z| z.to_string()), line.state.map_or_else(String::new, |s| s.to_string()))
}

#[test]
fn a_line_is_read_as_billed() {
    let intake = claim(
        "claim C1 pos=11 dx=E538,M545
         line 96372:59 45.00 units=2 6r=C1L1
         > LIN**N4*00409488801
         > CTP****1*ML",
    );
    let line = line(&intake, "C1", 1);
    assert_eq!((line.code.as_str(), line.modifiers.to_string()), ("96372", "59".to_owned()));
    assert_eq!((line.charge, line.units.thousandths()), (Money::from_cents(4500), 2000));
    assert_eq!(line.service_date, parse_iso_date("2024-05-06").unwrap());
    assert_eq!((&*line.payer, line.pos.unwrap().to_string()), ("MCR", "11".to_owned()));
    assert_eq!((line.diagnosis.as_deref(), line.ndc.as_deref()), (Some("E538,M545"), Some("00409488801")));
    assert_eq!(line.control_number.as_deref(), Some("C1L1"));
    assert_eq!(found(&intake).len(), 0, "{:?}", found(&intake));
}

#[test]
fn without_a_facility_the_service_was_at_the_billing_address() {
    // 43215-0000: four digits that only fill the field are left out. Where the member lives says nothing.
    assert_eq!(place(&claim("claim C1\nline 96372 45.00")), ("43215".to_owned(), "OH".to_owned()));
    let intake = claim("practice zip=275141234 state=NC\nclaim C1\nline 96372 45.00");
    assert_eq!(place(&intake), ("27514-1234".to_owned(), "NC".to_owned()));
}

#[test]
fn a_zip_with_a_dash_is_the_same_zip() {
    let intake = claim("practice zip=27514-1234 state=NC\nclaim C1\nline 96372 45.00");
    assert_eq!(place(&intake), ("27514-1234".to_owned(), "NC".to_owned()));
}

#[test]
fn the_facility_of_the_claim_beats_billing_and_that_of_the_line_beats_both() {
    let facility = "> NM1*77*2*NORTH CLINIC*****XX*1888888884
                    > N3*2 ELSEWHERE
                    > N4*CHAPEL HILL*NC*27514";
    let of_claim = claim(&format!("claim C1\n{facility}\nline 96372 45.00\nline J3420 12.00"));
    assert_eq!(place(&of_claim), ("27514".to_owned(), "NC".to_owned()));
    assert_eq!(line(&of_claim, "C1", 2).zip.unwrap().to_string(), "27514");
    // 2420C on the second line: it alone was elsewhere.
    let of_line = facility.replace("NC*27514", "NY*10001");
    let of_line = claim(&format!("claim C1\n{facility}\nline 96372 45.00\nline J3420 12.00\n{of_line}"));
    assert_eq!(place(&of_line).0, "27514");
    assert_eq!(line(&of_line, "C1", 2).zip.unwrap().to_string(), "10001");
}

#[test]
fn a_facility_without_a_zip_does_not_borrow_the_billing_zip() {
    // The state of the one address with the ZIP code of the other would be priced by the ZIP code: by the wrong place.
    let intake = claim("claim C1\n> NM1*77*2*SOUTH CLINIC\n> N4*CHARLESTON*SC\nline 96372 45.00");
    assert_eq!(place(&intake), (String::new(), "SC".to_owned()));
}

#[test]
fn the_pay_to_address_is_not_the_place_of_service() {
    let intake = claim(
        "practice
         > NM1*87*2
         > N3*PO BOX 1
         > N4*NEW YORK*NY*10001
         claim C1
         line 96372 45.00",
    );
    assert_eq!(place(&intake).0, "43215");
}

#[test]
fn who_served_stands_on_the_line_else_on_the_claim_else_it_is_the_practice() {
    let npis = |rows: &str| -> Vec<String> {
        let intake = claim(rows);
        intake.lines.iter().map(|l| l.rendering_npi.as_deref().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(npis("claim C1\nline 96372 45.00"), ["1999999984"]);
    let of_claim = "> NM1*82*1*DOCTOR*ANN****XX*1777777775";
    let of_line = "> NM1*82*1*NURSE*BEN****XX*1666666666";
    let both = format!("claim C1\n{of_claim}\nline 96372 45.00\nline J3420 12.00\n{of_line}");
    assert_eq!(npis(&both), ["1777777775", "1666666666"]);
    // The next claim begins anew.
    let next = format!("claim C1\n{of_claim}\nline 96372 45.00\nclaim C2\nline 96372 45.00");
    assert_eq!(npis(&next), ["1777777775", "1999999984"]);
    // The supervising (DQ) and referring (DN) providers did not serve.
    let others = "claim C1\n> NM1*DN*1*REF*R****XX*1555555557\n> NM1*DQ*1*SUP*S****XX*1444444448\nline 96372 45.00";
    assert_eq!(npis(others), ["1999999984"]);
}

/// Another payer of the claim, with everything its loops may hold.
const OTHER_PAYER: &str = "> SBR*P*18*******MB
    > CAS*CO*45*31.42
    > AMT*D*10.64
    > OI***Y*P**Y
    > NM1*IL*1*ZZOTHER*JOHN****MI*OTHER99
    > N3*1 NOWHERE
    > N4*NEW YORK*NY*10001
    > NM1*PR*2*MEDICARE*****PI*00882
    > N3*2 NOWHERE
    > N4*NEW YORK*NY*10001
    > DTP*573*D8*20240520
    > NM1*82*1
    > REF*G2*OTHER
    > NM1*77*2
    > REF*G2*OTHER";

#[test]
fn the_loops_of_another_payer_change_nothing() {
    let with = |other: &str, adjudication: &str| {
        let text =
            format!("subscriber MEM1 SECOND_MUTUAL rank=S\nclaim C1\n{other}\nline 96372 45.00 6r=A\n{adjudication}");
        claim(&text)
    };
    let svd = "> SVD*00882*10.64*HC:99999**9\n> CAS*CO*45*31.42**253*0.22\n> CAS*PR*2*2.72\n> DTP*573*D8*20240520\n> AMT*EAF*2.72";
    let (plain, rich) = (with("", ""), with(OTHER_PAYER, svd));
    let without_source = |intake: &Intake| {
        let mut line = line(intake, "C1", 1).clone();
        line.source.line = 0;
        line
    };
    assert_eq!(without_source(&plain), without_source(&rich));
    assert_eq!((&*line(&rich, "C1", 1).payer, place(&rich).0.as_str()), ("SEC", "43215"));
}

#[test]
fn the_place_of_the_line_overrides_that_of_the_claim() {
    let intake = claim("claim C1 pos=11\nline 99213 120.00\nline 96372 45.00 pos=22");
    let places: Vec<String> = intake.lines.iter().map(|l| l.pos.unwrap().to_string()).collect();
    assert_eq!(places, ["11", "22"]);
}

#[test]
fn units_may_be_parts_and_blank_is_one_but_none_and_less_are_refused() {
    let intake = claim(
        "claim C1
         line J0696 30.00 units=1.5
         > LX*2
         > SV1*HC:96372*45.00*UN****1
         > DTP*472*D8*20240506
         line J1885 20.00 units=0
         line J3420 12.00 units=-1
         line J1100 9.00 units=two",
    );
    let units: Vec<i64> = intake.lines.iter().map(|l| l.units.thousandths()).collect();
    assert_eq!(units, [1500, 1000]);
    let codes = ["blank-units", "non-positive-units", "bad-units"].map(|code| found(&intake)[code]);
    assert_eq!(codes, [1, 2, 1]);
    // 30.00 + 45.00 were kept, 20.00 + 12.00 + 9.00 were not.
    assert_eq!(rows(&intake.account), "5 read 116.00, 2 kept 75.00, 3 quarantined 41.00");
    let places: Vec<(&str, &str)> = intake.quarantined.iter().map(|q| (&*q.column, q.code.as_str())).collect();
    assert_eq!(places, [("SV104", "non-positive-units"), ("SV104", "non-positive-units"), ("SV104", "bad-units")]);
}

#[test]
fn four_modifiers_are_kept_in_order_and_what_is_none_is_left_out() {
    let intake = claim("claim C1\nline 96372:59:XS:76:GA 45.00\nline 99213:25:5# 120.00");
    assert_eq!(lines(&intake), ["C1:1 96372-59-XS-76-GA 45.00", "C1:2 99213-25 120.00"]);
    let finding = intake.findings.iter().find(|f| f.code == FindingCode::BadModifier).unwrap();
    assert_eq!((finding.severity, finding.place.column.as_deref()), (Severity::Warning, Some("SV101")));
}

#[test]
fn a_drug_number_is_eleven_digits_or_as_it_was_sent() {
    let ndc = |number: &str| {
        let intake = claim(&format!("claim C1\nline J3420 12.00\n> LIN**{number}"));
        line(&intake, "C1", 1).ndc.as_deref().map(str::to_owned)
    };
    assert_eq!(ndc("N4*00409488801").as_deref(), Some("00409488801"));
    assert_eq!(ndc("N4*0409-4888-01").as_deref(), Some("00409488801"));
    // Ten digits could be split in three ways: a wrong number, not a missing one. Another qualifier is no NDC.
    assert_eq!(ndc("N4*0409488801").as_deref(), Some("0409488801"));
    assert_eq!((ndc("N4*"), ndc("EN*00409488801")), (None, None));
    // It belongs to its own line.
    let intake = claim("claim C1\nline J3420 12.00\n> LIN**N4*00409488801\nline 96372 45.00");
    assert_eq!(line(&intake, "C1", 2).ndc, None);
}

#[test]
fn how_much_of_the_drug_was_used_follows_its_number() {
    let quantity = |ctp: &str| {
        let intake = claim(&format!("claim C1\nline J3420 12.00\n> LIN**N4*00409488801\n> {ctp}\nline 96372 45.00"));
        assert_eq!(line(&intake, "C1", 2).ndc_quantity, None, "it belongs to its own line");
        let bad = intake.findings.iter().find(|f| f.code == FindingCode::BadNdc);
        let column = bad.map(|f| (f.severity, f.place.column.clone().unwrap_or_default()));
        (line(&intake, "C1", 1).ndc_quantity.map(|q| q.to_string()), column)
    };
    assert_eq!(quantity("CTP****0.5*ML"), (Some("0.5 ML".to_owned()), None));
    assert_eq!(quantity("CTP****2*UN:1"), (Some("2 UN".to_owned()), None));
    let warned = |column: &str| (None, Some((Severity::Warning, column.to_owned())));
    assert_eq!(quantity("CTP****1*MG"), warned("CTP05"));
    assert_eq!(quantity("CTP****1"), warned("CTP05"));
    assert_eq!(quantity("CTP****0*ML"), warned("CTP04"));
    assert_eq!(quantity("CTP****x*ML"), warned("CTP04"));
    // Without a number there is nothing that a quantity could be of.
    let intake = claim("claim C1\nline J3420 12.00\n> CTP****1*ML");
    assert_eq!((line(&intake, "C1", 1).ndc_quantity, intake.findings.is_empty()), (None, true));
}

#[test]
fn a_range_of_days_begins_with_its_first_and_a_line_without_a_day_is_refused() {
    let intake = claim(
        "claim C1
         line 96372 45.00 day=none
         > DTP*472*RD8*20240506-20240508
         line J3420 12.00 day=none
         line J1885 20.00 day=none
         > DTP*472*D8*20240230",
    );
    assert_eq!(lines(&intake), ["C1:1 96372 45.00"]);
    assert_eq!(line(&intake, "C1", 1).service_date, parse_iso_date("2024-05-06").unwrap());
    assert_eq!((found(&intake)["missing-value"], intake.account.rows_quarantined), (2, 2));
}

#[test]
fn two_children_of_one_member_are_two_patients_and_neither_is_the_member() {
    let intake = claim(
        "subscriber MEM7 EXAMPLE_HEALTH_PLAN
         claim C1
         line 96372 45.00
         dependant ANNA 2015-03-04
         claim C2
         line 96372 45.00
         claim C3
         line 96372 45.00
         dependant BEN 2017-05-06
         claim C4
         line 96372 45.00
         subscriber MEM8 EXAMPLE_HEALTH_PLAN
         claim C5
         line 96372 45.00
         subscriber MEM7 EXAMPLE_HEALTH_PLAN
         claim C6
         line 96372 45.00",
    );
    let key = |claim: &str| line(&intake, claim, 1).patient_key.unwrap();
    let distinct: std::collections::BTreeSet<u64> = ["C1", "C2", "C4", "C5"].map(key).into();
    assert_eq!(distinct.len(), 4, "the member, two children, and another member");
    // Anna's second claim, and the member again.
    assert_eq!((key("C2"), key("C1")), (key("C3"), key("C6")));
}

#[test]
fn twins_of_one_member_are_two_patients() {
    let intake = claim(
        "subscriber MEM7 EXAMPLE_HEALTH_PLAN
         dependant ANNA 2015-03-04
         claim C1
         line 96372 45.00
         dependant BEN 2015-03-04
         claim C2
         line 96372 45.00",
    );
    assert_ne!(line(&intake, "C1", 1).patient_key, line(&intake, "C2", 1).patient_key);
}

#[test]
fn the_payer_is_known_by_number_by_name_and_last_by_kind() {
    let payer = |subscriber: &str| {
        let intake = claim(&format!("{subscriber}\nclaim C1\nline 96372 45.00"));
        let unknown = has(&intake, FindingCode::UnknownPayer);
        (line(&intake, "C1", 1).payer.to_string(), unknown, has(&intake, FindingCode::PayerByKind))
    };
    assert_eq!(payer("subscriber M X_PLAN id=99001"), ("HP".to_owned(), false, false));
    assert_eq!(payer("subscriber M Second_mutual"), ("SEC".to_owned(), false, false));
    assert_eq!(payer("subscriber M PALMETTO_GBA filing=MB"), ("MCR".to_owned(), false, true));
    assert_eq!(payer("subscriber M NOBODY_INC"), ("NOBODY INC".to_owned(), true, false));
}

#[test]
fn a_charge_that_cannot_be_read_is_quarantined_never_zero() {
    let intake = claim(
        "claim C1 total=165.00
         line 99213 120.00
         > LX*2
         > SV1*HC:96372*45,OO*UN*1***1
         > DTP*472*D8*20240506
         > LX*3
         > SV1*HC:J3420**UN*1***1
         > DTP*472*D8*20240506
         > LX*4
         > SV1*HC:J1885*-5*UN*1***1
         > DTP*472*D8*20240506",
    );
    assert_eq!(lines(&intake), ["C1:1 99213 120.00"]);
    let reasons: Vec<&str> = intake.quarantined.iter().map(|q| q.code.as_str()).collect();
    assert_eq!(reasons, ["bad-money", "bad-money", "negative-charge"]);
    assert_eq!(intake.account.rows_charge_unknown, 2);
    assert_eq!(rows(&intake.account), "4 read 115.00, 1 kept 120.00, 3 quarantined -5.00");
    // Which line it was is told; the numbers of the others do not move.
    assert_eq!(line(&intake, "C1", 1).line_number, 1);
    // A total cannot be compared with lines that were not read.
    assert!(!has(&intake, FindingCode::ControlTotalDiffers));
}

#[test]
fn numbers_of_lines_count_those_that_were_refused() {
    let intake = claim("claim C1\nline 96372 45.00 units=0\nline J3420 12.00");
    assert_eq!(lines(&intake), ["C1:2 J3420 12.00"]);
}

#[test]
fn a_total_that_is_not_the_sum_of_its_lines_is_told() {
    let intake = claim("claim C1 total=99.00\nline 96372 45.00\nline J3420 12.00");
    let finding = intake.findings.iter().find(|f| f.code == FindingCode::ControlTotalDiffers).unwrap();
    assert_eq!(finding.place.column.as_deref(), Some("CLM02"));
    assert!(finding.found.contains("99") && finding.found.contains("57"), "{}", finding.found);
    assert_eq!(lines(&intake).len(), 2, "both lines are kept");
}

#[test]
fn institutional_claims_are_passed_over_and_said_so() {
    let text = builder::claims("claim C1\nline 96372 45.00").replace("005010X222A1", "005010X223A2");
    let intake = read(&[&text, &builder::claims("claim C2\nline 96372 45.00")]);
    assert_eq!(lines(&intake), ["C2:1 96372 45.00"]);
    let finding = intake.findings.iter().find(|f| f.code == FindingCode::SetNotRead).unwrap();
    assert!(finding.found.contains("institutional"), "{}", finding.found);
}

#[test]
fn version_4010_is_read_alike() {
    let rows = "claim C1\nline 96372:59 45.00 6r=A";
    let old = builder::claims(rows).replace("005010X222A1", "004010X098A1").replace("ABK:M545", "BK:72420");
    let (old, new) = (read(&[&old]), claim(rows));
    assert_eq!(line(&old, "C1", 1).diagnosis.as_deref(), Some("72420"));
    assert_eq!((lines(&old), place(&old)), (lines(&new), place(&new)));
}

#[test]
fn codes_outside_the_scope_are_counted_not_priced_and_their_answers_are_not_loose() {
    let project = Project::parse(&format!("scope = [\"96372\"]\n{PROJECT}"), "allowable.toml").unwrap();
    let bill = builder::claims("claim C1\nline 99213:25 120.00\nline 96372 45.00");
    let answer = builder::remits(
        "check EFT1 2024-06-03 MEDICARE
         claim C1 1 ICN1
         svc 99213:25 120.00 72.10 CO-45:46.43 CO-253:1.47
         svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22",
    );
    let intake = read_as(&project, &[&bill, &answer]);
    assert_eq!(intake.lines.len(), 2, "both are there to be linked");
    let run = run_as(&project, &[&bill, &answer]);
    let kept: Vec<&str> = run.lines.iter().map(|l| l.code.as_str()).collect();
    assert_eq!((kept, run.unlinked.len()), (vec!["96372"], 0));
    assert!(run.report.findings.iter().any(|f| f.code == FindingCode::OutOfScopeCode && f.count == 1));
}
