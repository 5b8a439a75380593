//! The worklist: totals that are the report's, a cut line that moves with the cost as worked out by hand, earlier work that is
//! carried over, and files that spreadsheets open as they should.

use std::fs;
use std::path::Path;

use allowable::domain::Money;
use allowable::finding::Findings;
use allowable::leakage::{Cohort, DenialState};
use allowable::project::Project;
use allowable::reference::Reference;
use allowable::worklist::{By, OddsBasis, Stage, State, Verdict, Worklist, build};
use allowable::{ingest, render, report};
use proptest::prelude::*;

use crate::common::{Practice, given, input, run, tree};
use crate::render::sheet::{Book, Value};

/// Half of the charge is due; half of what is worked is won.
const PROJECT: &str = r#"
title = "North Clinic"
inputs = ["claims.csv", "remits.csv"]
[worklist]
overturn_denied = "50"
overturn_underpaid = "50"
[[payer]]
id = "COM"
name = "Example Health"
kind = "commercial"
lesser_of = false
appeal_days = 90
timely_filing_days = 180
tolerance_cents = 5
[[payer.terms]]
basis = "percent-of-charge"
percent = "50"
"#;

const CLAIMS: &str = "\
Claim #,Line,DOS,Payer ID,CPT,Mod,Units,POS,ZIP,Charge,Patient Name,MRN,Diagnosis
C1,1,03/25/2024,COM,96372,,1,11,43215,40.00,ZZPATIENT Ann,MRN7654321,E538
C2,1,03/25/2024,COM,96372,,1,11,43215,40.00,ZZPATIENT Ann,MRN7654321,E538
C3,1,03/25/2024,COM,96372,,1,11,43215,40.00,ZZPATIENT Ann,MRN7654321,E538
=1+1,1,03/25/2024,COM,J0897,,60,11,43215,400.00,ZZPATIENT Ann,MRN7654321,E538
C5,1,03/25/2024,COM,96372,,1,11,43215,40.00,ZZPATIENT Ann,MRN7654321,E538
C6,1,03/25/2024,COM,96372,,1,11,43215,40.00,ZZPATIENT Ann,MRN7654321,E538
C7,1,03/25/2024,COM,96372,,1,11,43215,40.00,ZZPATIENT Ann,MRN7654321,E538
C8,1,01/02/2024,COM,96372,,1,11,43215,40.00,ZZPATIENT Ann,MRN7654321,E538
C9,1,05/01/2024,COM,96372,,1,11,43215,40.00,ZZPATIENT Ann,MRN7654321,E538
";

/// Four denials of 20, 20, 20 and 200 for medical necessity in an open window, and one of 20 in a closed one; short by 8, by
/// half (10), and by 3 cents. C9 has no answer: its service makes 1 May the last day.
const REMITS: &str = "\
claim_id,line_number,payer_id,remit_date,code,charge,paid,adjustments
C1,1,COM,2024-04-10,96372,40.00,0.00,CO-50:40.00
C2,1,COM,2024-04-10,96372,40.00,0.00,CO-50:40.00
C3,1,COM,2024-04-10,96372,40.00,0.00,CO-50:40.00
=1+1,1,COM,2024-04-10,J0897,400.00,0.00,CO-50:400.00
C5,1,COM,2024-04-10,96372,40.00,12.00,CO-45:28.00
C6,1,COM,2024-04-10,96372,40.00,10.00,CO-45:30.00
C7,1,COM,2024-04-10,96372,40.00,19.97,CO-45:20.03
C8,1,COM,2024-01-15,96372,40.00,0.00,CO-50:40.00
";

fn cents(n: i64) -> Money {
    Money::from_cents(n)
}

fn worked(project: &str, claims: &str, remits: &str, state: &mut State) -> Worklist {
    let project = Project::parse(project, "allowable.toml").unwrap();
    let reference = Reference::embedded().unwrap();
    let inputs = [input("claims.csv", claims), input("remits.csv", remits)];
    let intake = ingest::read(&inputs, &project, &|_| ()).unwrap();
    let run = report::run(intake, &project, &reference).unwrap();
    build(&given(&run, &project, &reference), state, &mut Findings::default()).unwrap()
}

fn with_costs(contact: &str, line: &str) -> Worklist {
    let costs = format!("[worklist]\ncost_per_appeal = \"{contact}\"\ncost_per_line = \"{line}\"\n");
    worked(&PROJECT.replace("[worklist]\n", &costs), CLAIMS, REMITS, &mut State::default())
}

#[test]
fn every_short_line_is_there_once_and_the_totals_are_the_reports() {
    let list = with_costs("25", "2");
    // 20 + 20 + 20 + 200 + 20 denied; 8.00 + 10.00 + 0.03 underpaid.
    assert_eq!((list.report_denied, list.report_underpaid), (cents(28_000), cents(1803)));
    let splits: Vec<_> = list.splits().into_iter().filter(|s| s.denied_lines + s.underpaid_lines > 0).collect();
    let of = |stage| {
        splits.iter().find(|s| s.stage == stage).map(|s| (s.denied_lines, s.denied, s.underpaid_lines, s.underpaid))
    };
    assert_eq!(of(Stage::ToWork), Some((4, cents(26_000), 2, cents(1800))));
    assert_eq!(of(Stage::Closed), Some((1, cents(2000), 0, Money::ZERO)));
    assert_eq!(of(Stage::Rounding), Some((0, Money::ZERO, 1, cents(3))));
    assert_eq!((splits.len(), list.items.len()), (3, 8));
    let item = |claim: &str| list.items.iter().find(|i| &*i.claim_id == claim).unwrap();
    let closed = item("C8");
    // 15 January + 90 days is 14 April: 17 days before 1 May.
    assert_eq!((closed.deadline.appeal_by.to_string(), closed.deadline.days_left), ("2024-04-14".to_owned(), -17));
    // 10 April + 90 days; the appeal is what helps, so the filing window (25 March + 180) does not bind.
    let open = item("C1");
    assert_eq!(open.deadline.act_by.to_string(), "2024-07-09");
    assert_eq!(
        (open.reason.as_deref(), open.odds.basis, open.odds.interval),
        (Some("CO-50"), OddsBasis::Setting, None)
    );
    assert_eq!(&*open.rule, "Example Health: 50% of the charge");
}

/// Recoveries are half: three of 10, one of 100 (medical necessity), one of 4 (unexplained), one of 5 (half rate).
#[test]
fn the_cut_line_moves_with_the_cost_as_worked_out_by_hand() {
    // contact, further line → lines, claims and batches above the line; net of the three open batches by rank.
    type Case = (&'static str, &'static str, usize, usize, usize, [i64; 3]);
    let cases: [Case; 9] = [
        // 130 − (25 + 3 × 2) = 99; 5 − 25; 4 − 25. Alone only the line of 100 pays.
        ("25", "2", 1, 1, 1, [9900, -2000, -2100]),
        // 43.84: 130 − 49.84.
        ("43.84", "2", 1, 1, 1, [8016, -3884, -3984]),
        // 10.00: the three of 10 just pay, too: 130 − 16.
        ("10", "2", 4, 4, 1, [11_400, -500, -600]),
        // 10.01: they do not.
        ("10.01", "2", 1, 1, 1, [11_399, -501, -601]),
        // 5.00: the half rate just pays.
        ("5", "2", 5, 5, 2, [11_900, 0, -100]),
        // 4.00: all pay.
        ("4", "2", 6, 6, 3, [12_000, 100, 0]),
        // 101: no line pays alone, the batch does: 130 − 107.
        ("101", "2", 0, 0, 1, [2300, -9600, -9700]),
        // 124: the batch just pays; a cent more and nothing does.
        ("124", "2", 0, 0, 1, [0, -11_900, -12_000]),
        ("124.01", "2", 0, 0, 0, [-1, -11_901, -12_001]),
    ];
    for (contact, line, lines, claims, batches, nets) in cases {
        let list = with_costs(contact, line);
        let above = (list.above(By::Line), list.above(By::Claim), list.above(By::Batch));
        assert_eq!(above, (lines, claims, batches), "at {contact}");
        let found: Vec<i64> = list.batches.iter().filter_map(|b| Some(b.work.as_ref()?.net().cents())).collect();
        assert_eq!(found, nets, "at {contact}");
        assert_eq!(list.report_denied + list.report_underpaid, cents(29_803), "the totals do not move");
        let ranked: Vec<u32> = list.batches.iter().map(|b| b.number).collect();
        assert_eq!(ranked, (1..=4).collect::<Vec<u32>>(), "rounding comes last");
    }
}

#[test]
fn verdicts_and_break_even_sizes_are_those_of_the_arithmetic() {
    let list = with_costs("25", "2");
    let verdict = |claim: &str| list.items.iter().find(|i| &*i.claim_id == claim).unwrap().verdict;
    assert_eq!(verdict("=1+1"), Some(Verdict::Alone));
    assert_eq!(verdict("C1"), Some(Verdict::Together));
    // 23.00 / (5.00 − 2.00) = 7.67 and 23.00 / (4.00 − 2.00) = 11.5.
    assert_eq!((verdict("C6"), verdict("C5")), (Some(Verdict::TooFew(8)), Some(Verdict::TooFew(12))));
    assert_eq!((verdict("C7"), verdict("C8")), (None, None));
    // With 11.00 for each further line only the line of 100 is worth a place in the batch: 100 − 25.
    let dear = with_costs("25", "11");
    let first = dear.batches[0].work.as_ref().unwrap();
    assert_eq!((first.lines.len(), first.net(), first.alone), (1, cents(7500), 1));
    assert!(dear.items.iter().filter(|i| i.verdict == Some(Verdict::Never)).count() >= 3);
    assert_eq!(dear.batches[0].items.len(), 5, "all its lines are still listed, the closed one too");
}

#[test]
fn without_history_or_setting_the_chance_is_published_and_said() {
    let project = PROJECT
        .replace("overturn_denied = \"50\"\noverturn_underpaid = \"50\"\n", "")
        .replace("appeal_days = 90\n", "");
    let list = worked(&project, CLAIMS, REMITS, &mut State::default());
    assert!(list.items.iter().all(|i| i.odds.basis == OddsBasis::Published && i.odds.mean.to_string() == "0.44"));
    let said = list.assumptions.join("\n");
    for part in [
        "Cost per contact $25.00: simple rework, physician practices, undated, attributed to MGMA (tertiary source)",
        "Cost per further line of the same contact $2.00: an assumption without a source",
        "a published 44% of internal appeals won, marketplace, 2023, KFF brief (primary source)",
        "for underpayments no figure is published",
        "appeals are taken within 120 days of the answer (appeal_days) by Example Health",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

#[test]
fn own_history_takes_the_place_of_published_figures() {
    // C5 was denied before it was paid: one reworked denial, won.
    let remits = format!("{REMITS}C5,1,COM,2024-04-01,96372,40.00,0.00,CO-50:40.00\n");
    let list = worked(PROJECT, CLAIMS, &remits, &mut State::default());
    let denied = list.items.iter().find(|i| &*i.claim_id == "C1").unwrap();
    assert_eq!(denied.odds.basis, OddsBasis::Own { won: 1, decided: 1 });
    let (low, high) = denied.odds.interval.unwrap();
    assert!(low < denied.odds.mean && denied.odds.mean < high);
    let (least, most) = denied.recovery_interval.unwrap();
    assert!(least <= denied.recovery && denied.recovery <= most);
}

#[test]
fn a_generated_practice_ties_to_its_report_and_splits_as_it_does() {
    let practice = Practice::new(1500, 11);
    let inputs = [input("claims.csv", practice.claims.as_str()), input("remits.csv", practice.remits.as_str())];
    let intake = ingest::read(&inputs, &practice.project, &|_| ()).unwrap();
    let run = report::run(intake, &practice.project, &practice.reference).unwrap();
    let list =
        build(&given(&run, &practice.project, &practice.reference), &mut State::default(), &mut Findings::default())
            .unwrap();
    let total = run.ledger.total(&[Cohort::Firm]).unwrap();
    let splits = list.splits();
    assert_eq!(splits.iter().map(|s| s.denied).sum::<Money>(), total.gaps.denied);
    assert_eq!(splits.iter().map(|s| s.underpaid).sum::<Money>(), total.gaps.underpaid);
    let lost = splits.iter().find(|s| s.stage == Stage::Closed).unwrap();
    assert_eq!(lost.denied, total.denied_lost);
    let open = run.judged.iter().filter(|j| j.cohort == Cohort::Firm && j.denial_state == Some(DenialState::Open));
    assert_eq!(splits.iter().find(|s| s.stage == Stage::ToWork).unwrap().denied_lines, open.count());
    // Ranked by what is left after cost, and every line in one batch and one claim.
    let nets: Vec<Option<Money>> = list.batches.iter().map(|b| b.work.as_ref().map(|w| w.net())).collect();
    assert!(nets.is_sorted_by(|a, b| a >= b), "batches are ranked by net recovery");
    let mut in_batches: Vec<usize> = list.batches.iter().flat_map(|b| b.items.clone()).collect();
    in_batches.sort_unstable();
    assert_eq!(in_batches, (0..list.items.len()).collect::<Vec<_>>());
}

/// A folder with the hand-made practice.
fn practice(remits: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("allowable.toml"), PROJECT).unwrap();
    fs::write(dir.path().join("claims.csv"), CLAIMS).unwrap();
    fs::write(dir.path().join("remits.csv"), remits).unwrap();
    dir
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).unwrap();
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn row<'a>(rows: &'a [Vec<String>], claim: &str) -> &'a [String] {
    rows.iter().find(|r| r[0] == claim).unwrap_or_else(|| panic!("no {claim} in {rows:?}"))
}

#[test]
fn earlier_work_is_carried_over_and_later_answers_move_lines_to_recovered() {
    let dir = practice(REMITS);
    let state = dir.path().join("state.csv");
    run(dir.path(), &["worklist", "--state", "state.csv"]).ends(0);
    let first = rows(&state);
    // All short lines but the rounding one, with what is missing and what was allowed.
    assert_eq!(first.len(), 7);
    assert_eq!(row(&first, "C1")[2..6], ["to do", "", "20.00", "0.00"]);
    assert_eq!(row(&first, "C5")[2..6], ["to do", "", "8.00", "12.00"]);
    assert_eq!(row(&first, "'=1+1")[4], "200.00");

    // The user works: C1 and C2 are appealed, C3 and C8 are given up; a claim of another file and a broken row are there, too.
    let text = fs::read_to_string(&state).unwrap();
    let text = text
        .replace("C1,1,to do,,20.00,0.00,,,", "C1,1,appealed,2024-05-02,20.00,0.00,,,\"faxed, 3 pages\"")
        .replace("C2,1,to do,,20.00,0.00,,,", "C2,1,appealed,2024-05-02,20.00,0.00,,,")
        .replace("C3,1,to do,,20.00,0.00,,,", "C3,1,written off,,20.00,0.00,,,")
        + "OLD,1,appealed,2023-02-03,10.00,0.00,,,from last year\nC6,1,later,,,,,,my note\n";
    fs::write(&state, text).unwrap();
    let said = run(dir.path(), &["worklist", "--state", "state.csv", "--format", "json"]).ends(0).json();
    let standing = |stage: &str| {
        let all = said["standing"].as_array().unwrap();
        all.iter().find(|s| s["stage"] == stage).map(|s| (s["denied_lines"].clone(), s["denied"].clone()))
    };
    // 4 open denials: two wait, one is written off, one of 200 is left.
    assert_eq!(standing("waiting for an answer"), Some((2.into(), "40.00".into())));
    assert_eq!(standing("written off"), Some((1.into(), "20.00".into())));
    assert_eq!(standing("to work"), Some((1.into(), "200.00".into())));
    let codes: Vec<&str> = said["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["work-state-bad", "work-state-unknown"]);

    // Later remittances: C1 is paid in full, C2 in part (12 of 20), and OLD is still nowhere.
    let later = format!(
        "{REMITS}C1,1,COM,2024-06-01,96372,40.00,20.00,CO-45:20.00\nC2,1,COM,2024-06-01,96372,40.00,12.00,CO-45:28.00\n"
    );
    fs::write(dir.path().join("remits.csv"), later).unwrap();
    let said = run(dir.path(), &["worklist", "--state", "state.csv", "--format", "json"]).ends(0).json();
    // Denied 280 − 40 = 240; underpaid 18.03 + 8.00.
    assert_eq!((&said["denied"], &said["underpaid"]), (&"240.00".into(), &"26.03".into()));
    let recovered = said["recovered"].as_array().unwrap();
    let of = |claim: &str| {
        let r = recovered.iter().find(|r| r["claim_id"] == claim).unwrap();
        ["recovered", "recovered_on", "still_missing", "worked", "found", "note"]
            .map(|k| r[k].as_str().unwrap_or("-").to_owned())
    };
    assert_eq!(of("C1"), ["20.00", "2024-06-01", "0.00", "appealed", "now", "faxed, 3 pages"]);
    assert_eq!(of("C2"), ["12.00", "2024-06-01", "8.00", "appealed", "now", "-"]);
    assert_eq!(recovered.len(), 2);
    // C2 was appealed on 2 May and answered on 1 June: it is to be worked again.
    let lines = said["lines"].as_array().unwrap();
    let again = lines.iter().find(|l| l["claim_id"] == "C2").unwrap();
    assert_eq!((&again["stage"], &again["missing"]), (&"answered again, still short".into(), &"8.00".into()));
    let after = rows(&state);
    assert_eq!(
        row(&after, "C1")[2..9],
        ["recovered", "2024-05-02", "20.00", "20.00", "20.00", "2024-06-01", "faxed, 3 pages"]
    );
    assert_eq!(row(&after, "C2")[2..8], ["appealed", "2024-05-02", "8.00", "12.00", "12.00", "2024-06-01"]);
    // Nothing of the user's is lost: the row of last year, the broken row and its note.
    assert_eq!(row(&after, "OLD")[8], "from last year");
    assert!(after.iter().any(|r| r[0] == "C6" && r[2] == "later" && r[8] == "my note"));

    // A third run over the same files changes nothing.
    let before = fs::read(&state).unwrap();
    let said = run(dir.path(), &["worklist", "--state", "state.csv", "--format", "json"]).ends(0).json();
    assert_eq!(fs::read(&state).unwrap(), before);
    assert!(said["recovered"].as_array().unwrap().iter().all(|r| r["found"] == "earlier"));
}

#[test]
fn a_state_file_that_is_none_is_refused_and_left_alone() {
    let dir = practice(REMITS);
    fs::write(dir.path().join("state.csv"), "a,b\n1,2\n").unwrap();
    let said = run(dir.path(), &["worklist", "--state", "state.csv"]).ends(1);
    assert!(said.err.contains("state.csv:1: the state file has no column \"claim_id\""), "{}", said.err);
    assert_eq!(fs::read_to_string(dir.path().join("state.csv")).unwrap(), "a,b\n1,2\n");
    // The project's own state is read, never written.
    fs::write(dir.path().join("kept.csv"), "claim_id,line_number,status\nC1,1,appealed\n").unwrap();
    fs::write(dir.path().join("allowable.toml"), PROJECT.replace("[worklist]\n", "[worklist]\nstate = \"kept.csv\"\n"))
        .unwrap();
    let said = run(dir.path(), &["worklist", "--by", "line", "--format", "csv"]).ends(0);
    assert!(said.out.lines().any(|l| l.contains(",C1,1,appealed,")), "{}", said.out);
    assert_eq!(rows(&dir.path().join("kept.csv")).len(), 1);
}

/// The column of a header, as letters; sheets of the worklist have their header in row 4.
fn place(book: &Book, sheet: &str, header: &str) -> String {
    let letters = |i: usize| match i {
        0..26 => char::from(b'A' + i as u8).to_string(),
        _ => format!("{}{}", char::from(b'A' + (i / 26 - 1) as u8), char::from(b'A' + (i % 26) as u8)),
    };
    let found =
        (0..60).map(letters).find(|l| book.sheet(sheet).cell(&format!("{l}4")) == Some(Value::Text(header.to_owned())));
    found.unwrap_or_else(|| panic!("no {header} on {sheet}"))
}

#[test]
fn the_workbook_has_filters_numbers_days_and_the_reports_totals() {
    let dir = practice(REMITS);
    run(dir.path(), &["worklist", "--out", "w.xlsx"]).ends(0);
    let bytes = fs::read(dir.path().join("w.xlsx")).unwrap();
    let book = Book::open(&bytes);
    let names: Vec<&str> = book.sheets.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["Batches", "Claims", "Lines", "Recovered", "Read me"]);
    assert!(!book.has_formulas(), "no cell is a formula");
    // The header is row 4, so the total of n rows stands in row 5 + n and outside of the filter.
    for (sheet, rows) in [("Batches", 4), ("Claims", 8), ("Lines", 8)] {
        let xml = &book.sheet(sheet).xml;
        assert!(xml.contains("<autoFilter ref=\"A4:"), "{sheet} has a filter");
        assert!(xml.contains(&format!("{}\"/>", 4 + rows)) && xml.contains("state=\"frozen\""), "{sheet}");
        let missing = format!("{}{}", place(&book, sheet, "Missing"), 5 + rows);
        assert_eq!(book.sheet(sheet).cell(&missing), Some(Value::Number("298.03".to_owned())), "{sheet}");
        assert!(book.sheet(sheet).format(&missing).contains("$#,##0.00"), "{sheet}");
    }
    let lines = book.sheet("Lines");
    let at = |header: &str| format!("{}5", place(&book, "Lines", header));
    // The line of 200 is worth most; its claim number stays a text.
    assert_eq!(lines.cell(&at("Claim")), Some(Value::Text("=1+1".to_owned())));
    assert_eq!(lines.cell(&at("Missing")), Some(Value::Number("200".to_owned())));
    assert_eq!(lines.cell(&at("Net alone")), Some(Value::Number("75".to_owned())));
    // 25 March 2024 is day 45376 of Excel's calendar.
    assert_eq!(lines.cell(&at("Service")), Some(Value::Number("45376".to_owned())));
    assert_eq!(lines.format(&at("Service")), "yyyy-mm-dd");
    assert_eq!(lines.format(&at("Act by")), "yyyy-mm-dd");
    assert_eq!(lines.cell(&at("Chance won")), Some(Value::Number("0.5".to_owned())));
    assert!(lines.xml.contains("to do,in work,appealed,corrected,written off,recovered"), "a list of statuses");
    assert!(lines.xml.contains("<conditionalFormatting"), "deadlines show");
    // The stages and the report's totals.
    let read_me = book.sheet("Read me");
    assert_eq!(read_me.cell("A8"), Some(Value::Text("As in the report".to_owned())));
    assert_eq!(
        (read_me.cell("C8"), read_me.cell("E8")),
        (Some(Value::Number("280".to_owned())), Some(Value::Number("18.03".to_owned())))
    );
    // Two runs write the same bytes.
    run(dir.path(), &["worklist", "--out", "again.xlsx"]).ends(0);
    assert_eq!(fs::read(dir.path().join("again.xlsx")).unwrap(), bytes);
}

#[test]
fn lists_for_other_programs_are_guarded_and_the_order_of_rows_does_not_matter() {
    let dir = practice(REMITS);
    run(dir.path(), &["worklist", "--out", "w", "--by", "line"]).ends(0);
    let files = tree(&dir.path().join("w"));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            ".allowable-files",
            "batches.csv",
            "claims.csv",
            "lines.csv",
            "recovered.csv",
            "worklist.json",
            "worklist.xlsx"
        ]
    );
    let lines = String::from_utf8(files["lines.csv"].clone()).unwrap();
    assert!(lines.contains(",'=1+1,1,to do,"), "{lines}");
    let reversed = |text: &str| {
        let (head, body) = text.split_once('\n').unwrap();
        let mut rows: Vec<&str> = body.lines().collect();
        rows.reverse();
        format!("{head}\n{}\n", rows.join("\n"))
    };
    fs::write(dir.path().join("claims.csv"), reversed(CLAIMS)).unwrap();
    fs::write(dir.path().join("remits.csv"), reversed(REMITS)).unwrap();
    run(dir.path(), &["worklist", "--out", "w", "--by", "line"]).ends(0);
    assert_eq!(tree(&dir.path().join("w")), files);
}

#[test]
fn letters_say_what_is_asked_and_nothing_of_patients_or_of_costs() {
    let dir = practice(REMITS);
    let said = run(dir.path(), &["worklist", "--packets", "letters", "--out", "w"]).ends(0);
    assert!(said.out.contains("1 letter (Markdown and HTML) in letters"), "{}", said.out);
    let files = tree(&dir.path().join("letters"));
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    let (md, html) = (text("01-example-health-medical-necessity.md"), text("01-example-health-medical-necessity.html"));
    for letter in [&md, &html] {
        // The open lines: 20 + 20 + 20 + 200; the closed one is not asked for.
        for part in [
            "Example Health",
            "North Clinic",
            "$260.00",
            "CO-50",
            "50% of the charge",
            "C1 line 1",
            "lot number",
            "NDC with unit",
        ] {
            assert!(letter.contains(part), "{part} is not in\n{letter}");
        }
        for secret in ["C8", "ZZPATIENT", "MRN", "7654321", "E538", "chance", "$25.00", "$99.00", "http://", "<script"]
        {
            assert!(!letter.contains(secret), "{secret} is in\n{letter}");
        }
    }
    assert!(md.contains("| =1+1 line 1 |"));
    for (name, bytes) in tree(&dir.path().join("w")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("ZZPATIENT") && !text.contains("7654321") && !text.contains("E538"), "{name}");
    }
}

#[test]
fn options_narrow_the_list_and_move_the_day() {
    let dir = practice(REMITS);
    let json = |args: &[&str]| run(dir.path(), &[&["worklist", "--format", "json"], args].concat()).ends(0).json();
    // The cost of the command line stands before the project's.
    assert_eq!(json(&["--cost-per-appeal", "4"])["above_the_line"]["lines"], 6);
    assert_eq!(json(&["--cost-per-appeal", "124.01"])["above_the_line"]["batches"], 0);
    assert_eq!(json(&["--payer", "example health"])["denied"], "280.00");
    // A day after the last window nothing is open; the totals stay.
    let late = json(&["--as-of", "2024-07-10"]);
    assert_eq!((&late["above_the_line"]["lines"], &late["denied"]), (&0.into(), &"280.00".into()));
    for (args, word) in [
        (["--cost-per-appeal", "1.005"], "--cost-per-appeal"),
        (["--cost-per-line", "-1"], "--cost-per-line"),
        (["--as-of", "soon"], "--as-of"),
        (["--payer", "nobody"], "nobody"),
        (["--out", "w.pdf"], "w.pdf"),
    ] {
        let args = [format!("{}={}", args[0], args[1])];
        let said = run(dir.path(), &["worklist", &args[0]]).ends(2);
        assert!(said.err.contains(word), "{}", said.err);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever a state file holds below its header, nothing panics, no row is lost, and writing it again changes nothing more.
    #[test]
    fn any_state_is_read_and_written_without_loss(
        rows in prop::collection::vec(prop::collection::vec("(C[12]|=1|[-+@ 0-9,;\"'a-z\\n]{0,6}|appealed|2024-03-09|13\\.58)?", 1..12), 0..12)
    ) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        writer.write_record(["status", "claim_id", "line_number", "owner", "note", "amount"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let read = |bytes: &[u8]| State::read("s.csv", bytes, &mut Findings::default()).unwrap();
        let filled = rows.iter().filter(|r| r.iter().any(|c| !c.trim().is_empty())).count();
        let state = read(&text);
        prop_assert_eq!(state.len(), filled);
        let once = render::state_csv(&state).unwrap();
        let twice = render::state_csv(&read(&once)).unwrap();
        prop_assert_eq!(String::from_utf8(once).unwrap(), String::from_utf8(twice).unwrap());
    }
}
