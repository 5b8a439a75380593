//! Which shortfalls were worked, and how it ended. Ohio, 6 May 2024: 96372 is 13.58 (see `answers`).

use allowable::leakage::{Decided, Overturns, decided};
use allowable::report::Run;

use super::{builder, run};

const BILL: &str = "claim C1\nline 96372 45.00 6r=C1L1";
const PAID: &str = "claim C1 1 ICN1\nsvc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 CO-253:0.22 6r=C1L1";
const DENIED: &str = "claim C1 4 ICN1\nsvc 96372 45.00 0.00 CO-16:45.00 rarc=M127 6r=C1L1";
const BACK: &str = "claim C1 22 ICN1\nsvc 96372 -45.00 0.00 CO-16:-45.00 rarc=M127 6r=C1L1";
const BUNDLED: &str = "claim C1 4 ICN1\nsvc 96372 45.00 0.00 CO-97:45.00 6r=C1L1";
/// Allowed 8.00 of 13.58.
const SHORT: &str = "claim C1 1 ICN1\nsvc 96372 45.00 8.00 CO-45:37.00 6r=C1L1";
const SHORT_BACK: &str = "claim C1 22 ICN1\nsvc 96372 -45.00 -8.00 CO-45:-37.00 6r=C1L1";

/// The bill and these answers, each `(day, payer, claims)` in a file of its own.
fn with(answers: &[(&str, &str, &[&str])]) -> Run {
    let checks = (1..).zip(answers).map(|(n, (day, payer, claims))| {
        builder::remits(&format!("check EFT{n} {day} {payer}\n{}", claims.join("\n")))
    });
    let files: Vec<String> = std::iter::once(builder::claims(BILL)).chain(checks).collect();
    run(&files.iter().map(String::as_str).collect::<Vec<_>>())
}

/// `MCR denied:modifier won`, or nothing.
fn ended(run: &Run) -> String {
    let tell = |d: Decided| format!("{} {} {}", d.payer, d.cause, if d.won { "won" } else { "lost" });
    decided(&run.lines, &run.judged).into_iter().map(tell).collect()
}

#[test]
fn a_denial_that_is_paid_after_rework_is_won() {
    let run = with(&[("2024-06-03", "MEDICARE", &[DENIED]), ("2024-07-01", "MEDICARE", &[BACK, PAID])]);
    assert_eq!(ended(&run), "MCR denied:missing_documentation won");
    assert!(run.judged[0].recovered && run.judged[0].cause.is_none());
    // Also when the first denial is never taken back on paper.
    let run = with(&[("2024-06-03", "MEDICARE", &[DENIED]), ("2024-07-01", "MEDICARE", &[PAID])]);
    assert_eq!(ended(&run), "MCR denied:missing_documentation won");
}

#[test]
fn a_denial_that_is_denied_again_is_lost_under_its_first_reason() {
    let run = with(&[("2024-06-03", "MEDICARE", &[DENIED]), ("2024-07-01", "MEDICARE", &[BACK, BUNDLED])]);
    assert_eq!(ended(&run), "MCR denied:missing_documentation lost");
    assert_eq!(run.judged[0].cause.unwrap().key(), "denied:bundled");
    assert_eq!(run.judged[0].first_cause.unwrap().key(), "denied:missing_documentation");
}

#[test]
fn a_denial_that_nobody_worked_is_neither_won_nor_lost() {
    let once = with(&[("2024-06-03", "MEDICARE", &[DENIED])]);
    assert_eq!((ended(&once).as_str(), once.judged[0].won), ("", None));
    // Taken back, and nothing put in its place: not decided yet.
    let back = with(&[("2024-06-03", "MEDICARE", &[DENIED]), ("2024-07-01", "MEDICARE", &[BACK])]);
    assert_eq!(ended(&back), "");
    // Two answers of one day are parts of one answer.
    let same_day = with(&[("2024-06-03", "MEDICARE", &[DENIED]), ("2024-06-03", "MEDICARE", &[BUNDLED])]);
    assert_eq!(ended(&same_day), "");
}

#[test]
fn what_a_second_payer_does_is_no_rework_of_the_first_ones_denial() {
    let second = "claim C1 2 S-ICN\nsvc 96372 45.00 9.00 OA-23:36.00 6r=C1L1";
    let run = with(&[("2024-06-03", "MEDICARE", &[DENIED]), ("2024-07-01", "SECOND_MUTUAL", &[second])]);
    assert_eq!(run.judged[0].money.answers.allowed().cents(), 900);
    assert_eq!(ended(&run), "");
}

#[test]
fn an_underpayment_is_decided_when_the_payer_answers_again() {
    let corrected = with(&[("2024-06-03", "MEDICARE", &[SHORT]), ("2024-07-01", "MEDICARE", &[SHORT_BACK, PAID])]);
    assert_eq!(ended(&corrected), "MCR underpaid:no-explanation won");
    let kept = with(&[("2024-06-03", "MEDICARE", &[SHORT]), ("2024-07-01", "MEDICARE", &[SHORT_BACK, SHORT])]);
    assert_eq!(ended(&kept), "MCR underpaid:no-explanation lost");
    let once = with(&[("2024-06-03", "MEDICARE", &[SHORT])]);
    assert_eq!(ended(&once), "");
    assert_eq!(once.judged[0].first_cause.unwrap().key(), "underpaid:no-explanation");
    // Paid right at first, looked at again: nothing was short, so nothing was won.
    let right = with(&[("2024-06-03", "MEDICARE", &[PAID]), ("2024-07-01", "MEDICARE", &[BUNDLED])]);
    assert_eq!((ended(&right).as_str(), right.judged[0].first_cause), ("", None));
}

#[test]
fn what_was_decided_teaches_the_chances() {
    let run = with(&[("2024-06-03", "MEDICARE", &[DENIED]), ("2024-07-01", "MEDICARE", &[BACK, PAID])]);
    let learned = Overturns::learn(decided(&run.lines, &run.judged));
    // One of one under Jeffreys' prior: 1.5 of 2.
    let chance = learned.of("MCR", "denied:missing_documentation");
    assert_eq!((chance.won, chance.decided, chance.mean), (1, 1, 0.75));
    assert_eq!(learned.overall(false).decided, 0);
}
