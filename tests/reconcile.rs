//! What became of a line over all its answers: cases a biller would recognise, each with its sum.

use allowable::domain::{
    Adjustment, Basis, ClaimStatus, Expected, Group, Money, Remit, RuleId, Source, Units, Unknown, parse_iso_date,
};
use allowable::reconcile::{Adjudication, Gaps, Reconciled, Standing, adjudicate, reconcile};
use allowable::reference::{DenialCategory, Reference};

fn cents(n: i64) -> Money {
    Money::from_cents(n)
}

/// `CO-45:30.00 PR-2:3.00 CO-16/M119:50.00` → adjustments.
fn adjustments(text: &str) -> Vec<Adjustment> {
    let one = |part: &str| {
        let (reason, amount) = part.split_once(':').unwrap();
        let (group, carc) = reason.split_once('-').unwrap();
        let (carc, rarc) = carc.split_once('/').map_or((carc, None), |(c, r)| (c, Some(r)));
        let amount = amount.parse().ok().and_then(allowable::domain::round_cents).unwrap();
        Adjustment {
            group: group.parse::<Group>().unwrap(),
            carc: carc.parse().unwrap(),
            rarcs: rarc.map(|r| r.parse().unwrap()).into_iter().collect(),
            amount,
            quantity: None,
        }
    };
    text.split_whitespace().map(one).collect()
}

fn remit(day: &str, rank: u8, status: u8, paid: i64, adjusted: &str) -> Remit {
    let adjustments = adjustments(adjusted);
    let charge = cents(paid) + adjustments.iter().map(|a| a.amount).sum();
    Remit {
        claim_id: "C1".into(),
        line_number: 1,
        payer: "MCR".into(),
        payer_rank: rank,
        payer_claim_control_number: None,
        claim_status: ClaimStatus::from_number(status),
        remit_date: parse_iso_date(day).unwrap(),
        posted_date: None,
        code: "96372".parse().ok(),
        modifiers: allowable::domain::Modifiers::NONE,
        submitted_code: None,
        units: Units::ONE,
        charge,
        paid: cents(paid),
        allowed: None,
        patient_responsibility: None,
        adjustments,
        trace_number: None,
        service_date: None,
        line_control_number: None,
        link: allowable::domain::Link::LineNumber,
        source: Source::default(),
    }
}

fn answers(remits: &[Remit]) -> Adjudication {
    let reference = Reference::embedded().unwrap();
    let all: Vec<&Remit> = remits.iter().collect();
    let forward = adjudicate(&reference.denials, &all, true);
    let backward: Vec<&Remit> = remits.iter().rev().collect();
    assert_eq!(forward, adjudicate(&reference.denials, &backward, true), "the order of the answers does not matter");
    forward
}

fn firm(expected: i64, remits: &[Remit]) -> Reconciled {
    let line = reconcile(Expected::Payable(cents(expected), Basis::MedicarePfs), answers(remits), 0);
    assert_eq!(line.gaps.residue(), Money::ZERO, "{:?}", line.gaps);
    line
}

#[test]
fn medicare_pays_eighty_percent_less_two() {
    // Charge 45.00, allowed 13.78: coinsurance 2.76, program payment 11.02, sequestration 0.22, paid 10.80; 31.22 is contractual.
    let line = firm(1378, &[remit("2024-06-01", 1, 1, 1080, "CO-45:31.22 PR-2:2.76 CO-253:0.22")]);
    assert_eq!(line.standing, Standing::Paid);
    let want = Gaps {
        expected: cents(1378),
        paid: cents(1080),
        patient: cents(276),
        reductions: cents(22),
        ..Gaps::default()
    };
    assert_eq!(line.gaps, want);
}

#[test]
fn a_line_without_an_answer_is_pending() {
    let line = firm(1378, &[]);
    assert_eq!((line.standing, line.gaps.pending), (Standing::Pending, cents(1378)));
}

#[test]
fn co_carries_both_contract_and_denial() {
    let contract = firm(1378, &[remit("2024-06-01", 1, 1, 1378, "CO-45:31.22")]);
    assert_eq!(contract.standing, Standing::Paid);
    let bundled = firm(1378, &[remit("2024-06-01", 1, 4, 0, "CO-97:45.00")]);
    assert_eq!((bundled.standing, bundled.gaps.denied), (Standing::Denied, cents(1378)));
    assert_eq!(bundled.answers.denial.unwrap().category, DenialCategory::Bundled);
}

#[test]
fn the_remark_decides_what_reason_16_means() {
    let line = firm(1378, &[remit("2024-06-01", 1, 4, 0, "CO-16/M119:45.00")]);
    assert_eq!(line.answers.denial.unwrap().category, DenialCategory::MissingNdc);
    let line = firm(1378, &[remit("2024-06-01", 1, 4, 0, "CO-16/M127:45.00")]);
    assert_eq!(line.answers.denial.unwrap().category, DenialCategory::MissingDocumentation);
}

#[test]
fn a_denial_moved_to_the_patient_is_a_denial_and_a_deductible_is_not() {
    let not_covered = firm(1378, &[remit("2024-06-01", 1, 4, 0, "PR-96:45.00")]);
    assert_eq!((not_covered.standing, not_covered.gaps.patient), (Standing::Denied, Money::ZERO));
    let deductible = firm(1378, &[remit("2024-02-01", 1, 1, 0, "CO-45:31.22 PR-1:13.78")]);
    assert_eq!((deductible.standing, deductible.gaps.patient), (Standing::Paid, cents(1378)));
}

#[test]
fn a_reversal_and_a_correction_leave_the_final_answer_and_remember_the_first() {
    let line = firm(
        1378,
        &[
            remit("2024-06-01", 1, 4, 0, "CO-16/M127:45.00"),
            remit("2024-07-01", 1, 22, 0, "CO-16/M127:-45.00"),
            remit("2024-07-01", 1, 1, 1378, "CO-45:31.22"),
        ],
    );
    assert_eq!((line.standing, line.answers.paid), (Standing::Paid, cents(1378)));
    assert_eq!(line.answers.initial_denial.unwrap().category, DenialCategory::MissingDocumentation);
    assert_eq!(line.answers.denial, None);
}

#[test]
fn a_payment_taken_back_and_not_replaced_is_pending_again() {
    let line = firm(
        1378,
        &[remit("2024-06-01", 1, 1, 1378, "CO-45:31.22"), remit("2024-08-01", 1, 22, -1378, "CO-45:-31.22")],
    );
    assert_eq!((line.standing, line.gaps.pending), (Standing::Pending, cents(1378)));
}

#[test]
fn a_denial_in_a_file_that_repeats_no_charge_is_a_denial_not_pending() {
    let mut answer = remit("2024-06-01", 1, 4, 0, "CO-50:45.00");
    answer.charge = Money::ZERO;
    let line = firm(1378, &[answer]);
    assert_eq!((line.standing, line.gaps.denied), (Standing::Denied, cents(1378)));
}

#[test]
fn the_second_payer_pays_out_of_the_patients_share() {
    // Primary allows 13.78 and leaves 2.76 to the patient; the secondary repeats the charge and pays those 2.76.
    let line = firm(
        1378,
        &[
            remit("2024-06-01", 1, 1, 1080, "CO-45:31.22 PR-2:2.76 CO-253:0.22"),
            remit("2024-06-20", 2, 2, 276, "OA-23:42.24"),
        ],
    );
    let want = Gaps { expected: cents(1378), paid: cents(1356), reductions: cents(22), ..Gaps::default() };
    assert_eq!((line.standing, line.gaps), (Standing::Paid, want));
}

#[test]
fn short_and_over_are_never_netted() {
    let short = firm(1378, &[remit("2024-06-01", 1, 1, 1000, "CO-45:35.00")]);
    assert_eq!(
        (short.standing, short.gaps.underpaid, short.gaps.overpaid),
        (Standing::Underpaid, cents(378), Money::ZERO)
    );
    let over = firm(1378, &[remit("2024-06-01", 1, 1, 1500, "CO-45:30.00")]);
    assert_eq!((over.standing, over.gaps.underpaid, over.gaps.overpaid), (Standing::Overpaid, Money::ZERO, cents(122)));
}

#[test]
fn nothing_allowed_without_a_denial_is_an_underpayment_not_a_denial() {
    let line = firm(1378, &[remit("2024-06-01", 1, 1, 0, "CO-45:45.00")]);
    assert_eq!(
        (line.standing, line.gaps.underpaid, line.gaps.denied),
        (Standing::PaidNothing, cents(1378), Money::ZERO)
    );
}

#[test]
fn within_the_tolerance_the_amount_stays_but_the_name_does_not() {
    let answer = answers(&[remit("2024-06-01", 1, 1, 1377, "CO-45:31.23")]);
    let line = reconcile(Expected::Payable(cents(1378), Basis::ContractSchedule), answer, 1);
    assert_eq!((line.standing, line.gaps.underpaid, line.gaps.residue()), (Standing::Paid, cents(1), Money::ZERO));
}

#[test]
fn a_payment_on_a_line_that_is_not_payable_is_overpaid() {
    let paid = answers(&[remit("2024-06-01", 1, 1, 1378, "CO-45:31.22")]);
    let line = reconcile(Expected::NotPayable(RuleId::FACILITY), paid, 0);
    assert_eq!((line.gaps.overpaid, line.gaps.expected, line.gaps.residue()), (cents(1378), Money::ZERO, Money::ZERO));
    let denied = answers(&[remit("2024-06-01", 1, 4, 0, "CO-5:45.00")]);
    let line = reconcile(Expected::NotPayable(RuleId::FACILITY), denied, 0);
    assert_eq!((line.standing, line.gaps.denied), (Standing::Denied, Money::ZERO));
}

#[test]
fn against_a_yardstick_a_shortfall_is_a_band_and_unknown_is_not_zero() {
    let paid = || answers(&[remit("2024-06-01", 1, 1, 700, "CO-45:38.00")]);
    let line = reconcile(Expected::Payable(cents(956), Basis::MedicaidObserved), paid(), 0);
    assert_eq!((line.gaps.underpaid, line.gaps.below_benchmark), (Money::ZERO, cents(256)));
    assert_eq!(line.gaps.residue(), Money::ZERO);
    let line = reconcile(Expected::Unknown(Unknown::NoRate), paid(), 0);
    assert_eq!((line.gaps.expected, line.gaps.underpaid, line.gaps.paid), (Money::ZERO, Money::ZERO, cents(700)));
}

#[test]
fn a_predetermination_is_no_answer() {
    assert_eq!(firm(1378, &[remit("2024-06-01", 1, 25, 0, "CO-101:45.00")]).standing, Standing::Pending);
}

/// A row of a practice export: the patient's share and the allowed amount in columns, reasons only for the contract.
fn export_row(paid: i64, patient: Option<i64>, allowed: Option<i64>, adjusted: &str) -> Remit {
    let mut row = remit("2024-06-01", 1, 1, paid, adjusted);
    row.charge = cents(4500);
    row.patient_responsibility = patient.map(cents);
    row.allowed = allowed.map(cents);
    row
}

#[test]
fn a_stated_patient_share_without_a_reason_is_believed_as_far_as_the_row_adds_up() {
    // 45.00 − 31.22 contractual = 13.78 allowed: 11.02 paid + 2.76 to the patient, stated in a column only.
    let line = firm(1378, &[export_row(1102, Some(276), None, "CO-45:31.22")]);
    assert_eq!((line.standing, line.gaps.patient), (Standing::Paid, cents(276)));
    // The column says 5.00, but only 2.76 are open.
    let line = firm(1378, &[export_row(1102, Some(500), None, "CO-45:31.22")]);
    assert_eq!(line.gaps.patient, cents(276));
}

#[test]
fn sequestration_shown_only_as_a_difference_is_a_known_reduction() {
    // Allowed 13.78, coinsurance 2.76, program payment 11.02, of which 2 % = 0.22 are held back: paid 10.80.
    let line = firm(1378, &[export_row(1080, Some(276), Some(1378), "CO-45:31.22")]);
    assert_eq!((line.standing, line.gaps.reductions, line.gaps.underpaid), (Standing::Paid, cents(22), Money::ZERO));
    // A larger difference is not sequestration: 1.00 is missing and stays missing.
    let line = firm(1378, &[export_row(1002, Some(276), Some(1378), "CO-45:31.22")]);
    assert_eq!((line.gaps.reductions, line.gaps.underpaid), (Money::ZERO, cents(100)));
}

#[test]
fn two_answers_of_one_day_do_not_depend_on_their_lines_in_the_file() {
    let reference = Reference::embedded().unwrap();
    let place = |mut remit: Remit, line: u32| {
        remit.source = Source { file: 0, line };
        remit
    };
    // Denied twice on one day, for different reasons.
    let (a, b) = (remit("2024-04-09", 1, 4, 0, "CO-16:40.00"), remit("2024-04-09", 1, 4, 0, "CO-97:40.00"));
    let one = [place(a.clone(), 2), place(b.clone(), 3)];
    let other = [place(a, 3), place(b, 2)];
    let found = |remits: &[Remit]| adjudicate(&reference.denials, &remits.iter().collect::<Vec<_>>(), false);
    assert_eq!(found(&one), found(&other));
}
