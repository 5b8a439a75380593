//! What claims of an 835 look like, each with its arithmetic.

use serde_json::json;

use super::{Desk, era, has};

#[test]
fn claims_without_lines_and_adjustments_of_the_whole_claim() {
    // C1 has no line: 80 − 30 = 50. C2 has a line of 60 − 10 = 50 and 5 taken off the whole claim: 60 − 15 = 45.
    let desk = Desk::with(&era(
        "95",
        "CLP*C1*1*80*50*30*12*ICN1*11*1
        CAS*PR*3*30
        CLP*C2*1*60*45*0*12*ICN2*11*1
        CAS*OA*23*5
        SVC*HC:96372*60*50**1
        CAS*CO*45*10",
    ));
    let file = desk.file();
    has(
        &file,
        &json!({
            "claims": 2, "service_lines": 1, "sum_clp03": "140.00", "sum_clp04": "95.00", "sum_svc02": "60.00",
            "sum_svc03": "50.00", "cas_by_group": { "CO": "10.00", "OA": "5.00", "PR": "30.00" }, "findings": [],
        }),
    );
    let (lines, adjustments) = desk.tables(&["era.835"]);
    // The rows of a claim add up to its charge and its payment.
    assert_eq!(
        lines.rows(&["claim_id", "code", "charge", "paid", "patient_responsibility"]),
        ["C1  80.00 50.00 30.00", "C2  0.00 -5.00 0.00", "C2 96372 60.00 50.00 0.00"]
    );
    assert_eq!(
        adjustments.rows(&["remit_row", "group_code", "carc", "amount"]),
        ["0 PR 3 30.00", "1 OA 23 5.00", "2 CO 45 10.00"]
    );
}

#[test]
fn several_reasons_in_one_segment_and_negative_ones() {
    // 100 − (20 + 5.50 − 3 + 7.25 + 0.25 + 10) = 60: six reasons of one group; the third is taken back.
    let desk = Desk::with(&era(
        "60",
        "CLP*C1*1*100*60**12*ICN1*11*1
        SVC*HC:96372:59:25*100*60**2
        CAS*CO*45*20*1*97*5.5**45*-3**253*7.25**59*.25*2*B7*10",
    ));
    has(
        &desk.file(),
        &json!({
            "cas_by_group": { "CO": "40.00" },
            "cas_by_group_carc": {
                "CO-253": "7.25", "CO-45": "17.00", "CO-59": "0.25", "CO-97": "5.50", "CO-B7": "10.00",
            },
            "findings": [],
        }),
    );
    let (lines, adjustments) = desk.tables(&["era.835"]);
    assert_eq!(lines.rows(&["code", "modifiers", "units"]), ["96372 59,25 2.000"]);
    assert_eq!(
        adjustments.rows(&["carc", "amount", "quantity"]),
        ["45 20.00 1.000", "97 5.50 ", "45 -3.00 ", "253 7.25 ", "59 0.25 2.000", "B7 10.00 ",]
    );
}

#[test]
fn a_reversal_and_its_correction() {
    // 40 − 10 = 30; all of it taken back; then 40 − 15 = 25. 30 − 30 + 25 = 25.
    let desk = Desk::with(&era(
        "25",
        "CLP*C1*1*40*30**12*ICN1*11*1
        SVC*HC:96372*40*30**1
        CAS*CO*45*10
        CLP*C1*22*-40*-30**12*ICN1*11*1
        SVC*HC:96372*-40*-30**1
        CAS*CO*45*-10
        CLP*C1*1*40*25**12*ICN1R*11*7
        SVC*HC:96372*40*25**1
        CAS*CO*45*15",
    ));
    has(
        &desk.file(),
        &json!({
            "claims": 3, "sum_clp03": "40.00", "sum_clp04": "25.00", "sum_svc02": "40.00", "sum_svc03": "25.00",
            "lines_96372": 3, "charge_96372": "40.00", "paid_96372": "25.00",
            "cas_by_group": { "CO": "15.00" }, "claim_status": { "1": 2, "22": 1 }, "findings": [],
        }),
    );
    let (lines, _) = desk.tables(&["era.835"]);
    assert_eq!(
        lines.rows(&["claim_status", "charge", "paid", "payer_claim_control_number"]),
        ["1 40.00 30.00 ICN1", "22 -40.00 -30.00 ICN1", "1 40.00 25.00 ICN1R",]
    );
}

#[test]
fn how_claims_were_processed() {
    // Forwarded as primary: 40 − 10 = 30. Secondary: 40 − 30 paid by the first = 10. Predetermination: nothing is paid.
    // Denied: 40 − 40 = 0. Third payer: 40 − 38 = 2. 30 + 10 + 0 + 0 + 2 = 42.
    let claim = |id: u32, status: u32, paid: &str, group: &str, amount: &str| {
        format!("CLP*C{id}*{status}*40*{paid}**12*ICN{id}*11*1\nSVC*HC:96372*40*{paid}**1\nCAS*{group}*{amount}\n")
    };
    let body = [
        claim(1, 19, "30", "CO*45", "10"),
        claim(2, 2, "10", "OA*23", "30"),
        claim(3, 25, "0", "OA*101", "40"),
        claim(4, 4, "0", "CO*50", "40"),
        claim(5, 21, "2", "OA*23", "38"),
    ];
    let desk = Desk::with(&era("42", &body.concat()));
    has(
        &desk.file(),
        &json!({
            "sum_clp03": "200.00", "sum_clp04": "42.00", "zero_paid_lines": 2,
            "claim_status": { "19": 1, "2": 1, "21": 1, "25": 1, "4": 1 },
            "cas_by_group_carc": { "CO-45": "10.00", "CO-50": "40.00", "OA-101": "40.00", "OA-23": "68.00" },
            "findings": [],
        }),
    );
    let (lines, _) = desk.tables(&["era.835"]);
    // A denial and a predetermination do not tell which payer of the claim this is.
    assert_eq!(lines.rows(&["claim_status", "payer_rank"]), ["19 1", "2 2", "25 ", "4 ", "21 3"]);
}

#[test]
fn provider_adjustments_with_several_reasons() {
    // 100 − (20 − 5 + 0.50 + 14.50) = 70; interest of 1.25 lies within L6 and in no balance of the claim.
    let desk = Desk::with(&era(
        "70",
        "CLP*C1*1*100*100**12*ICN1*11*1
        AMT*I*1.25
        SVC*HC:99213*100*100**1
        PLB*1999999984*20261231*WO:A*20*L6:B*-5*CS*.5
        PLB*1999999984*20261231*WO:C*14.5",
    ));
    has(
        &desk.file(),
        &json!({
            "plb_total": "30.00", "plb_by_reason": { "CS": "0.50", "L6": "-5.00", "WO": "34.50" }, "interest": "1.25",
            "balance": {
                "transactions": { "balanced": 1, "total": 1 },
                "claims": { "balanced": 1, "total": 1 },
                "lines": { "balanced": 1, "total": 1 },
            },
            "findings": [],
        }),
    );
    // Provider adjustments are no line's.
    let (lines, adjustments) = desk.tables(&["era.835"]);
    assert_eq!((lines.sum("paid"), adjustments.0.height()), ("100.00".to_owned(), 0));
}

#[test]
fn a_code_that_the_payer_changed() {
    // Billed 96372, answered as 96401: it is a line of 96372 all the same. 60 − 20 = 40.
    let desk = Desk::with(&era(
        "40",
        "CLP*C1*1*60*40**12*ICN1*11*1
        SVC*HC:96401*60*40**1*HC:96372:59*2
        CAS*CO*45*20",
    ));
    has(&desk.file(), &json!({ "lines_96372": 1, "charge_96372": "60.00", "paid_96372": "40.00", "findings": [] }));
    let (lines, _) = desk.tables(&["era.835"]);
    assert_eq!(lines.rows(&["code", "submitted_code", "units"]), ["96401 96372 1.000"]);
}

#[test]
fn units_with_decimals_and_blank_ones() {
    let desk = Desk::with(&era(
        "30",
        "CLP*C1*1*30*30**12*ICN1*11*1
        SVC*HC:J3420*10*10**.5
        SVC*HC:J1885*10*10
        SVC*J0696*10*10**12.125",
    ));
    has(&desk.file(), &json!({ "service_lines": 3, "findings": [] }));
    let (lines, _) = desk.tables(&["era.835"]);
    assert_eq!(lines.rows(&["code", "units"]), ["J3420 0.500", "J1885 1.000", "J0696 12.125"]);
}

#[test]
fn remarks_of_claims_and_lines() {
    // The remarks of the claim stand with the adjustments of each of its lines; an unknown list of codes (RX) is left out.
    let desk = Desk::with(&era(
        "0",
        "CLP*C1*4*50*0**12*ICN1*11*1
        MOA***MA01*MA130
        SVC*HC:96372*20*0**1
        CAS*CO*16*20
        LQ*HE*N290
        LQ*HE*M76
        LQ*RX*75
        SVC*HC:99213*30*0**1
        CAS*CO*97*30
        CLP*C2*4*10*0**12*ICN2*11*1
        CAS*CO*16*10
        MOA***N4",
    ));
    has(&desk.file(), &json!({ "zero_paid_lines": 2, "findings": [] }));
    let (_, adjustments) = desk.tables(&["era.835"]);
    assert_eq!(
        adjustments.rows(&["carc", "rarc", "amount"]),
        ["16 N290,M76,MA01,MA130 20.00", "97 MA01,MA130 30.00", "16 N4 10.00"]
    );
}

#[test]
fn dates_numbers_and_names_of_lines_and_claims() {
    // The first line has a day of its own, the second has that of the claim; the third claim tells none.
    let desk = Desk::with(&era(
        "30",
        "CLP*C1*1*20*20**12*ICN1*22*1
        NM1*82*1*DOCTOR*ONE****XX*1999999984
        DTM*232*20251201
        DTM*233*20251203
        SVC*HC:96372*10*10**1
        DTM*472*20251202
        REF*6R*L7
        AMT*B6*10
        SVC*HC:99213*10*10**1
        CLP*C2*1*10*10**12*ICN2*11*1
        SVC*HC:99213*10*10**1",
    ));
    has(&desk.file(), &json!({ "allowed_b6": "10.00", "findings": [] }));
    let (lines, _) = desk.tables(&["era.835"]);
    let columns =
        ["service_date", "line_control_number", "allowed", "pos", "rendering_npi", "remit_date", "trace_number"];
    assert_eq!(
        lines.rows(&columns),
        [
            "2025-12-02 L7 10.00 22 1999999984 2026-01-06 CHECK1",
            "2025-12-01   22 1999999984 2026-01-06 CHECK1",
            "   11  2026-01-06 CHECK1",
        ]
    );
    assert_eq!(
        lines.rows(&["payer_id", "source_file", "source_line"]),
        ["MADE UP PLAN era.835 12", "MADE UP PLAN era.835 16", "MADE UP PLAN era.835 18",]
    );
}

#[test]
fn parts_of_a_cent_are_exact_in_the_sums_and_told() {
    // 10.005 + 10.005 = 20.01; the rows are cents, rounded half away from zero.
    let desk = Desk::with(&era(
        "20.01",
        "CLP*C1*1*20.01*20.01**12*ICN1*11*1
        SVC*HC:96372*10.005*10.005**1
        SVC*HC:J3420*10.005*10.005**1",
    ));
    has(&desk.file(), &json!({ "sum_svc02": "20.01", "sum_svc03": "20.01", "findings": [] }));
    let (lines, _) = desk.tables(&["era.835"]);
    assert_eq!(lines.column("charge"), ["10.01", "10.01"]);
    let said = desk.run(&["era.835", "--out", "out"]).ends(0);
    assert!(said.out.contains("part-of-a-cent"), "{}", said.out);
}
