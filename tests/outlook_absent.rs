//! What should be in the files and is not: services of months, claims of answers, answers of a payer. The page, the terminal and the
//! findings say so, and nothing of it is called whole or nothing.

use std::fmt::Write as _;
use std::path::Path;

use allowable::outlook::{Dim, Ground, Measure};
use serde_json::Value;

use crate::common::run;
use crate::outlook_ends::lay;
use crate::outlook_parts::{Hand, make, near, two_years, weekdays};
use crate::outlook_planted::{day, plan};

fn json(dir: &Path, more: &[&str]) -> Value {
    let always = ["forecast", "--no-backtest", "--paths", "40", "--format", "json"];
    run(dir, &[&always, more].concat()).ends(0).json()
}

fn printed(dir: &Path, more: &[&str]) -> String {
    let said = run(dir, &[&["forecast", "--no-backtest", "--paths", "40"], more].concat()).ends(0).out;
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn section<'v>(page: &'v Value, id: &str) -> &'v Value {
    page["sections"].as_array().unwrap().iter().find(|s| s["id"] == id).unwrap_or_else(|| panic!("no {id}"))
}

fn tile<'v>(page: &'v Value, label: &str) -> &'v str {
    page["headline"].as_array().unwrap().iter().find(|s| s["label"] == label).unwrap()["basis"].as_str().unwrap()
}

fn codes(page: &Value) -> Vec<&str> {
    page["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect()
}

/// The notes of a section in one text.
fn notes(section: &Value) -> String {
    section["notes"].to_string()
}

/// Rows of a table without those of some months, the dates in a column.
fn without(table: &str, column: usize, months: &[&str]) -> String {
    let is_kept = |row: &&str| {
        let cell = row.split(',').nth(column).unwrap_or_default();
        !months.iter().any(|month| cell.starts_with(month))
    };
    table.lines().filter(is_kept).map(|row| format!("{row}\n")).collect()
}

#[test]
fn months_without_services_are_gaps_on_the_page_and_nothing_is_compared_with_them() {
    // Ten lines a day in 2022 and 2023; claims of June to August 2023 were not loaded, all answers were, the last of 7 February.
    let mut hand = two_years();
    hand.claims = without(&hand.claims, 2, &["2023-06", "2023-07", "2023-08"]);
    let dir = tempfile::tempdir().unwrap();
    lay(dir.path(), &hand);
    let page = json(dir.path(), &["--horizon", "6"]);
    let chart = &section(&page, "expected")["chart"];
    let months = chart["months"].as_array().unwrap();
    let unknown: Vec<&str> = months
        .iter()
        .zip(chart["history"].as_array().unwrap())
        .filter(|(month, value)| value.is_null() && month.as_str().unwrap() < "2024")
        .map(|(month, _)| month.as_str().unwrap())
        .collect();
    assert_eq!(unknown, ["2023-06-01", "2023-07-01", "2023-08-01"]);
    let completion = section(&page, "completion");
    for row in completion["table"]["rows"].as_array().unwrap() {
        let month = row[0].as_str().unwrap();
        let is_missing = ["2023-06", "2023-07", "2023-08"].contains(&month);
        assert_eq!((1..6).all(|at| row[at].is_null()), is_missing, "{row}");
    }
    assert_eq!(completion["table"]["total"][0], "All that are known");
    // February to July 2024 beside the year before, in which June and July are missing.
    assert!(!tile(&page, "Expected").contains("it was"), "{}", tile(&page, "Expected"));
    // Cash of these months: what was served from 23 December 2022 (40 days before 1 February) to 31 May, ten lines of $10.83 a
    // weekday; and on claims that are in no file the 15 weekdays from 1 to 21 June (40 days before 31 July): $1,624.50.
    let paid = weekdays("2022-12-23", "2023-05-31").len() as i64 * 10_830;
    let paid = allowable::domain::Money::from_cents(paid).pretty_dollars();
    assert_eq!(weekdays("2023-06-01", "2023-06-21").len(), 15);
    let words = format!("it was {paid} in 2023-02 to 2023-07 on claims in the files, and $1,625 on others");
    assert!(tile(&page, "Cash from payers").ends_with(&words), "{words}: {}", tile(&page, "Cash from payers"));
    // June to August have 66 weekdays: 660 answers, $7,147.80.
    assert_eq!(codes(&page), ["services-missing", "remit-without-line"]);
    assert_eq!(page["findings"][1]["count"], 660);
    let said = printed(dir.path(), &["--horizon", "6"]);
    assert!(said.contains("Services of 2023-06 to 2023-08 are in no file"), "{said}");
    assert!(said.contains("660 answers posted in 2023-07 to 2023-10 are to lines that are not in the files"), "{said}");
    assert!(said.contains("the $7,148 paid on them"), "{said}");

    // Where the answers are missing as well, nothing tells what was paid: no comparison, and the chart's months are named.
    let kept: Vec<&str> = hand.claims.lines().skip(1).map(|row| row.split(',').next().unwrap()).collect();
    let kept: std::collections::HashSet<&str> = kept.into_iter().chain(["claim_id"]).collect();
    hand.remits = hand
        .remits
        .lines()
        .filter(|row| kept.contains(row.split(',').next().unwrap()))
        .map(|row| format!("{row}\n"))
        .collect();
    lay(dir.path(), &hand);
    let page = json(dir.path(), &["--horizon", "6"]);
    assert_eq!(codes(&page), ["services-missing"]);
    assert!(!tile(&page, "Cash from payers").contains("it was"), "{}", tile(&page, "Cash from payers"));
    // What June to August would have brought came from July to October.
    let cash = notes(section(&page, "cash"));
    assert!(cash.contains("too low in 2023-07 to 2023-10"), "{cash}");
}

#[test]
fn payments_on_claims_that_are_not_in_the_files_stand_beside_what_is_counted() {
    // Claims up to September 2023, answers of all: as of 7 February what was served from 1 October on is answered up to then.
    let mut hand = two_years();
    hand.claims = without(&hand.claims, 2, &["2023-10", "2023-11", "2023-12"]);
    let made = make(&hand, "", "2024-02-07", &plan(&[]));
    // 1 October to 29 December 2023 are 65 weekdays; posted from 11 November on.
    let apart = &made.book.without_line;
    assert_eq!((weekdays("2023-10-01", "2023-12-29").len(), apart.answers), (65, 650));
    assert_eq!(apart.paid.values().map(|m| m.cents()).sum::<i64>(), 650 * 1083);
    let month = |text: &str| allowable::forecast::Month::of(day(text));
    // November: what was served from 1 to 21 October (40 days before 30 November).
    let november = apart.paid_in(month("2023-11-01"), month("2023-11-30"));
    assert_eq!(november.cents(), weekdays("2023-10-01", "2023-10-21").len() as i64 * 10_830);
    // As of the end of September none of it is known.
    let then = make(&hand, "", "2023-09-30", &plan(&[])).book;
    assert_eq!((then.without_line.answers, then.findings.len()), (0, 0));

    let dir = tempfile::tempdir().unwrap();
    lay(dir.path(), &hand);
    let said = printed(dir.path(), &["--horizon", "6"]);
    // Between October and January: of claims in the files what was served from 22 August (40 days before 1 October) to 29 September,
    // of others what was served from 1 October to 22 December (40 days before 31 January).
    let money = |from: &str, to: &str| {
        allowable::domain::Money::from_cents(weekdays(from, to).len() as i64 * 10_830).pretty_dollars()
    };
    let words = format!(
        "payers paid {} in them on lines in the files, and {} on claims that are not.",
        money("2023-08-22", "2023-09-29"),
        money("2023-10-01", "2023-12-22")
    );
    assert!(said.contains(&words), "{words} is not in {said}");
}

#[test]
fn a_payer_without_an_answer_has_no_cash_and_its_denials_are_those_of_all() {
    // Five lines a day of each; not one answer of A.
    let mut hand = two_years();
    hand.remits = hand.remits.lines().filter(|row| !row.contains(",1,A,")).map(|row| format!("{row}\n")).collect();
    let made = make(&hand, "", "2024-02-07", &plan(&[Dim::Payer]));
    let of = |id: &str| made.book.payers.iter().find(|p| &*p.id == id).unwrap();
    assert!(of("A").unanswered && !of("MCR").unanswered);
    assert_eq!((of("A").shares().ground, of("MCR").shares().ground), (Ground::AllPayers, Ground::Mature));
    let [finding] = &made.book.findings[..] else { panic!("{:?}", made.book.findings) };
    assert_eq!((finding.code.as_str(), finding.place.file.as_str()), ("payer-unanswered", "claims.csv"));
    // 520 days of five claims.
    assert!(finding.found.contains("no answer of A to any of 2600 claims"), "{finding}");
    let cash = |label: &str| made.outlook.groups.iter().find(|g| g.label == [label]).unwrap().sum(Measure::Cash);
    assert_eq!(made.outlook.total.sum(Measure::Cash).mean, cash("MCR").mean);
    // Twelve months of Medicare: some 261 days of five lines at $10.83, the rates of 2024 within two percent of those of 2023.
    near(cash("MCR").mean as f64 / 100.0, 261.0 * 5.0 * 10.83, 0.06 * 261.0 * 5.0 * 10.83);
    assert!(!made.book.knows_cash(&[Dim::Payer], &["A".to_owned()]));
    assert!(made.book.knows_cash(&[Dim::Payer], &["MCR".to_owned()]) && made.book.knows_cash(&[], &[]));
    // With nineteen claims, nothing can be said of it.
    let rows = |payer: &str| hand.claims.lines().filter(|r| r.contains(payer)).map(str::to_owned).collect::<Vec<_>>();
    let few = [rows(",MCR,"), rows(",A,").split_off(2581)].concat();
    let head = hand.claims.lines().next().unwrap();
    let claims = format!("{head}\n{}\n", few.join("\n"));
    let few = Hand { claims, remits: hand.remits.clone(), next: 0 };
    let book = make(&few, "", "2024-02-07", &plan(&[])).book;
    assert!(book.findings.is_empty() && book.payers.iter().all(|p| !p.unanswered), "{:?}", book.findings);

    let dir = tempfile::tempdir().unwrap();
    lay(dir.path(), &hand);
    let page = json(dir.path(), &[]);
    let words = "without A, of which no answer is in the files";
    assert!(page["finding"].as_str().unwrap().ends_with(words), "{}", page["finding"]);
    assert!(tile(&page, "Cash from payers").contains(words));
    let table = &section(&page, "groups")["table"];
    let columns = table["columns"].as_array().unwrap();
    let at = columns.iter().position(|c| c["name"] == "cash").unwrap();
    let rows = table["rows"].as_array().unwrap();
    let cells = ["A", "Medicare"].map(|name| &rows.iter().find(|r| r[0] == name).unwrap()[at]);
    assert!(cells[0].is_null() && *cells[1] == table["total"][at], "{table}");
    let csv = run(dir.path(), &["forecast", "--no-backtest", "--paths", "40", "--format", "csv"]).ends(0).out;
    let row = csv.lines().find(|l| l.starts_with("A,") && l.contains(",cash,")).unwrap();
    assert!(row.contains(",cash,,,,,,,,"), "{row}");
    let said = printed(dir.path(), &[]);
    assert!(said.contains("No answer of A is in the files"), "{said}");
}

#[test]
fn without_answers_page_and_terminal_say_that_cash_is_not_known() {
    let mut hand = two_years();
    hand.remits.truncate(hand.remits.find('\n').unwrap() + 1);
    let dir = tempfile::tempdir().unwrap();
    lay(dir.path(), &hand);
    let page = json(dir.path(), &[]);
    let answer = page["finding"].as_str().unwrap();
    assert!(answer.starts_with("Services to come are worth $") && answer.contains("cash is not known"), "{answer}");
    let groups = section(&page, "groups");
    let series = groups["chart"]["series"].as_array().unwrap();
    assert_eq!(series.iter().map(|s| s["name"].as_str().unwrap()).collect::<Vec<_>>(), ["Expected"]);
    assert!(series[0]["values"].as_array().unwrap().iter().all(Value::is_string));
    assert!(notes(groups).contains("A dash under cash: no payment is in the files"), "{}", notes(groups));
    assert!(!notes(groups).contains("no line of the group has a price"), "{}", notes(groups));
    // The terminal: expected of months and payers as on the page, the rest dashes.
    let said = run(dir.path(), &["forecast", "--no-backtest", "--paths", "40"]).ends(0).out;
    assert!(!said.contains("$0"), "{said}");
    let table = &section(&page, "groups")["table"];
    let at = table["columns"].as_array().unwrap().iter().position(|c| c["name"] == "expected").unwrap();
    let expected: f64 = table["total"][at].as_str().unwrap().parse().unwrap();
    let expected = allowable::domain::Money::from_cents((expected * 100.0).round() as i64).pretty();
    let rows: Vec<&str> = said.lines().filter(|l| l.trim_start().starts_with("All ")).collect();
    assert_eq!(rows.len(), 2, "{said}");
    assert!(rows.iter().all(|row| row.contains(&expected) && row.trim_end().ends_with('–')), "{rows:?}");
}

#[test]
fn as_of_an_earlier_day_only_rows_without_a_day_are_told() {
    let mut hand = two_years();
    writeln!(hand.claims, "8888,1,2205-03-05,MCR,OH,43215,11,96372,1,40.00").unwrap();
    writeln!(hand.claims, "8889,1,2023-12-05,MCR,OH,43215,11,96372,1,4O.00").unwrap();
    writeln!(hand.claims, "8890,1,2023-03-06,HMO9,OH,43215,11,96372,1,40.00").unwrap();
    writeln!(hand.claims, "8891,1,2023-12-06,HMO8,OH,43215,11,96372,1,40.00").unwrap();
    let dir = tempfile::tempdir().unwrap();
    lay(dir.path(), &hand);
    let whole = json(dir.path(), &[]);
    assert_eq!(codes(&whole), ["implausible-date", "bad-money", "unknown-payer"]);
    let earlier = json(dir.path(), &["--as-of", "2023-11-30"]);
    assert_eq!(codes(&earlier), ["implausible-date", "unknown-payer"]);
    // The header and 520 days of ten lines stand before the row of the year 2205.
    assert_eq!((&earlier["findings"][0]["place"]["line"], &earlier["findings"][0]["count"]), (&5202.into(), &1.into()));
    let unknown = earlier["findings"][1].to_string();
    assert!(unknown.contains("HMO9") && !unknown.contains("HMO8"), "{unknown}");
    assert!(earlier["notes"].to_string().contains("`allowable check` lists all"), "{}", earlier["notes"]);
    assert!(!whole["notes"].to_string().contains("`allowable check` lists all"));
}

#[test]
fn a_payer_that_stopped_and_one_that_paused_are_named() {
    // Five lines a day of each; A has none from July 2023 on.
    let mut hand = two_years();
    let months: Vec<String> = (7..=12).map(|m| format!("2023-{m:02}")).collect();
    let months: Vec<&str> = months.iter().map(String::as_str).collect();
    let of_a = |hand: &Hand, months: &[&str]| -> String {
        let is_gone = |row: &&str| row.contains(",A,") && months.iter().any(|m| row.contains(&format!(",1,{m}")));
        hand.claims.lines().filter(|row| !is_gone(row)).map(|row| format!("{row}\n")).collect()
    };
    let whole = hand.claims.clone();
    hand.claims = of_a(&hand, &months);
    let dir = tempfile::tempdir().unwrap();
    lay(dir.path(), &hand);
    let page = json(dir.path(), &["--as-of", "2023-12-31"]);
    let told = page["notes"].as_array().unwrap().iter().filter_map(Value::as_str);
    let told = told.filter(|n| n.starts_with("No line of A after 2023-06: ")).collect::<Vec<_>>();
    assert_eq!(told.len(), 1, "{}", page["notes"]);
    let table = &section(&page, "groups")["table"];
    let lines = table["rows"].as_array().unwrap().iter().find(|r| r[0] == "A").unwrap()[1].as_str().unwrap().to_owned();
    let is_nothing = lines.parse::<f64>().unwrap() < 0.5;
    assert_eq!(told[0].contains("forecast at nothing"), is_nothing, "{lines}: {}", told[0]);
    assert!(printed(dir.path(), &["--as-of", "2023-12-31"]).contains("No line of A after 2023-06"));

    // A pauses in March and April 2023, and goes on.
    hand.claims = whole;
    hand.claims = of_a(&hand, &["2023-03", "2023-04"]);
    hand.remits = without(&hand.remits, 4, &[]);
    let book = make(&hand, "", "2023-12-31", &plan(&[])).book;
    let found: Vec<&str> = book.findings.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(found, ["payer-missing", "remit-without-line"]);
    assert_eq!(book.findings[0].found, "no services of A in 2023-03 to 2023-04");
    assert!(book.missing.is_empty());
}

#[test]
fn months_of_the_start_are_not_compared() {
    // Ten lines a day in 2023, five paid after 40 days and five after 130: for months payers also pay for services of 2022, which are
    // in no file. Only what was posted in 2023 is there.
    let mut hand = Hand::new();
    for served in weekdays("2023-01-02", "2023-12-29") {
        for days in [40, 130].into_iter().cycle().take(10) {
            let is_posted = served + chrono::Days::new(days) <= day("2023-12-31");
            hand.line("MCR", 11, served, is_posted.then_some(days));
        }
    }
    let dir = tempfile::tempdir().unwrap();
    lay(dir.path(), &hand);
    let page = json(dir.path(), &["--as-of", "2023-12-31"]);
    assert!(tile(&page, "Expected").contains(" in 2023-01 to 2023-12"), "{}", tile(&page, "Expected"));
    assert!(!tile(&page, "Cash from payers").contains("it was"), "{}", tile(&page, "Cash from payers"));
    let cash = notes(section(&page, "cash"));
    assert!(cash.contains("payers also pay for services before 2023-01"), "{cash}");
    // Two months of services: what comes later is taken to come as in the demo practice, of which 88.5 % have come two months after the
    // service, 95.3 % after three and 99.1 % after four. So January lacks 11.5 % of a month's cash, that of services up to October,
    // February 4.7 %, and March less than one.
    let gone: Vec<String> = (1..=10).map(|m| format!("2023-{m:02}")).collect();
    hand.claims = without(&hand.claims, 2, &gone.iter().map(String::as_str).collect::<Vec<_>>());
    let kept = hand.claims.clone();
    let is_kept = |row: &&str| {
        let claim = format!("\n{},", row.split(',').next().unwrap());
        row.starts_with("claim_id") || kept.contains(&claim)
    };
    hand.remits = hand.remits.lines().filter(is_kept).map(|row| format!("{row}\n")).collect();
    lay(dir.path(), &hand);
    let said = printed(dir.path(), &["--as-of", "2023-12-31"]);
    let words = "Cash of 2024-01 to 2024-02 is without what is still paid for services before 2023-11";
    assert!(said.contains(words), "{said}");
}
