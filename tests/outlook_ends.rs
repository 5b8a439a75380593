//! Files that end otherwise than a forecast would have it: lone days far beyond, no answers, answers that stop early, months of
//! which services are missing.

use std::fs;
use std::path::Path;

use allowable::domain::Date;
use allowable::outlook::{Measure, cash};
use chrono::Days;

use crate::common::run;
use crate::outlook_parts::{Hand, make, near, two_years, weekdays};
use crate::outlook_planted::{day, plan};

/// The project of the practice by hand.
const PROJECT: &str = "title = \"By hand\"\ninputs = [\"c.csv\", \"r.csv\"]\n[[payer]]\nid = \"MCR\"\nname = \"Medicare\"\nkind = \"medicare\"\n[[payer.terms]]\nfrom = \"2020-01-01\"\nto = \"2029-12-31\"\nbasis = \"medicare\"\n[[payer]]\nid = \"A\"\nname = \"A\"\nkind = \"commercial\"\n[[payer.terms]]\nfrom = \"2020-01-01\"\nto = \"2029-12-31\"\nbasis = \"percent-of-medicare\"\npercent = \"120\"\nyear = \"current\"\nlocality = \"own\"\n";

/// Writes the files of a practice.
pub(crate) fn lay(dir: &Path, hand: &Hand) {
    fs::write(dir.join("allowable.toml"), PROJECT).unwrap();
    fs::write(dir.join("c.csv"), &hand.claims).unwrap();
    fs::write(dir.join("r.csv"), &hand.remits).unwrap();
}

fn forecast(dir: &Path, more: &[&str]) -> serde_json::Value {
    let always = ["forecast", "--no-backtest", "--paths", "40", "--horizon", "6", "--format", "json"];
    run(dir, &[&always, more].concat()).ends(0).json()
}

fn codes(page: &serde_json::Value) -> Vec<String> {
    let of = |f: &serde_json::Value| format!("{} {}", f["code"].as_str().unwrap(), f["place"]["line"]);
    page["findings"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn one_mistyped_year_does_not_move_the_forecast() {
    let dir = tempfile::tempdir().unwrap();
    let mut hand = two_years();
    lay(dir.path(), &hand);
    let clean = forecast(dir.path(), &[]);
    // 520 weekdays of ten lines: the mistyped service stands on line 5,202 of the claims, its answer on the same of the answers.
    let days = weekdays("2022-01-03", "2023-12-29").len();
    assert_eq!(days, 520);
    hand.line("MCR", 11, day("2035-03-05"), Some(40));
    lay(dir.path(), &hand);
    let page = forecast(dir.path(), &[]);
    assert_eq!(page["as_of"], clean["as_of"]);
    assert_eq!(page["sections"][0]["table"], clean["sections"][0]["table"]);
    assert_eq!(codes(&page), ["lone-date 5202", "lone-date 5202"]);
    let said = page["findings"][0].to_string();
    assert!(said.contains("2035-03-05") && said.contains("c.csv"), "{said}");
    // A day that is named is obeyed; eleven years without services stand out.
    let told = forecast(dir.path(), &["--as-of", "2035-04-14"]);
    assert_eq!(told["as_of"], "2035-04-14");
    let [finding] = &told["findings"].as_array().unwrap()[..] else { panic!("{:?}", codes(&told)) };
    assert_eq!(finding["code"], "services-missing");
    assert!(finding.to_string().contains("2024-01 to 2035-02"), "{finding}");
}

#[test]
fn without_answers_denials_and_cash_are_not_known() {
    let mut hand = Hand::new();
    for served in weekdays("2022-01-03", "2023-12-29") {
        (0..5).for_each(|_| hand.line("MCR", 11, served, None));
    }
    let made = make(&hand, "", "2023-12-31", &plan(&[])).outlook;
    for measure in Measure::ALL {
        let known = matches!(measure, Measure::Lines | Measure::Expected);
        assert_eq!(made.known_sum(measure).is_some(), known, "{measure:?}");
        assert_eq!(made.known_month(0, measure).is_some(), known, "{measure:?}");
    }
    // Five a day at $13.36 or $13.58 on some 261 days.
    near(made.known_sum(Measure::Expected).unwrap().mean as f64 / 100.0, 261.0 * 5.0 * 13.5, 500.0);
    // On the page, in the table and in the file: nothing instead of 0, and no close of cash.
    let dir = tempfile::tempdir().unwrap();
    lay(dir.path(), &hand);
    fs::remove_file(dir.path().join("r.csv")).unwrap();
    let project = PROJECT.replace(", \"r.csv\"", "");
    fs::write(dir.path().join("allowable.toml"), project).unwrap();
    let said = run(dir.path(), &["forecast", "--paths", "40", "--origins", "3", "--format", "json"]).ends(0).json();
    let headline = |label: &str| said["headline"].as_array().unwrap().iter().find(|s| s["label"] == label).unwrap();
    assert_eq!(headline("Cash from payers")["value"], "not known");
    assert_eq!(headline("Denied or underpaid")["value"], "not known");
    let ids: Vec<&str> = said["sections"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"closes-expected") && !ids.contains(&"closes-cash"), "{ids:?}");
    let csv = run(dir.path(), &["forecast", "--no-backtest", "--paths", "40", "--format", "csv"]).ends(0).out;
    let row = |measure: &str| csv.lines().find(|l| l.contains(&format!(",{measure},"))).unwrap().to_owned();
    assert!(row("cash").contains(",cash,,,,,,,,") && row("denied").contains(",denied,,,,,,,,"), "{}", row("cash"));
    assert!(!row("expected").ends_with(",,"));
    // What is not known cannot be kept.
    let kept = run(dir.path(), &["forecast", "--no-backtest", "--paths", "40", "--save", "kept.json"]);
    assert!(kept.code != Some(0) && kept.err.contains("cash is not known"), "{}", kept.err);
}

#[test]
fn few_answers_are_pooled_and_said_to_be_few() {
    // Of 2,600 lines twelve of Medicare are answered.
    let mut hand = Hand::new();
    for (n, served) in (0..).zip(weekdays("2023-01-02", "2023-12-29")) {
        hand.line("MCR", 11, served, (n < 12).then_some(40));
        (0..9).for_each(|_| hand.line("A", 11, served, None));
    }
    let book = make(&hand, "", "2023-12-31", &plan(&[])).book;
    assert!(book.notes.iter().any(|n| n.contains("Only 12 lines with a price are answered")), "{:?}", book.notes);
    for payer in &book.payers {
        assert_eq!(payer.shares().ground, allowable::outlook::Ground::AllPayers);
    }
}

/// Ten lines a day of Medicare in 2022 and 2023, answered after 40 days up to a day: every fifth denied, the others paid.
fn answered_until(until: Date) -> Hand {
    let mut hand = Hand::new();
    for served in weekdays("2022-01-03", "2023-12-29") {
        let posted = served + Days::new(40);
        for n in 0..10 {
            let is_paid = n % 5 != 0;
            hand.line("MCR", 11, served, (is_paid && posted <= until).then_some(40));
            if !is_paid && posted <= until {
                let claim = hand.next - 1;
                hand.remits
                    .push_str(&format!("{claim},1,MCR,4,{posted},{posted},96372,1,40.00,0.00,0.00,CO-50:40.00\n"));
            }
        }
    }
    hand
}

#[test]
fn answers_that_stop_early_leave_later_services_open_and_count_in_no_rate() {
    let hand = answered_until(day("2022-12-31"));
    let made = make(&hand, "", "2023-12-31", &plan(&[]));
    let (book, outlook) = (&made.book, &made.outlook);
    // The last answered services are those of Monday 21 November 2022, 40 days before 31 December.
    assert_eq!((book.last_posting.to_string(), book.last_service.to_string()), ("2022-12".into(), "2023-12".into()));
    assert_eq!(book.start.to_string(), "2024-01");
    let [finding] = &book.findings[..] else { panic!("{:?}", book.findings) };
    assert_eq!(finding.code.as_str(), "answers-stop-early");
    assert!(finding.found.contains("2022-12-31") && finding.place.file == "remits.csv", "{finding}");
    // Two of ten are denied, whatever was served later.
    near(book.payers[0].shares().initial.mean, 0.2, 0.01);
    // June 2023 is open: nothing paid, 22 weekdays × 10 lines × 8/10 × $10.83 to come, less the two percent by which the $13.54 of 2023
    // were short of the rate of 2022.
    let money = &cash(book)[0];
    let june = money.months.iter().find(|m| m.month.to_string() == "2023-06").unwrap();
    assert_eq!((june.paid, june.completion), (0.0, 0.0));
    near(june.ultimate.unwrap() / 100.0, 22.0 * 8.0 * 10.83, 0.03 * 22.0 * 8.0 * 10.83);
    // January 2024 brings what a month brings, not the whole year that no file tells of; of that a note speaks.
    near(outlook.total.month(0, Measure::Cash).mean as f64 / 100.0, 22.0 * 8.0 * 10.83, 350.0);
    assert!(outlook.notes.iter().any(|n| n.contains("2023-01 to 2023-12")), "{:?}", outlook.notes);
    // As of the end of 2022 nothing stops early: November's services are answered within their time.
    assert!(make(&hand, "", "2022-12-31", &plan(&[])).book.findings.is_empty());
}

#[test]
fn answers_without_claims_are_told_from_days_without_services() {
    let dir = tempfile::tempdir().unwrap();
    lay(dir.path(), &two_years());
    // 520 days of ten answers.
    let said = run(dir.path(), &["forecast", "r.csv", "--no-backtest"]);
    assert!(said.code != Some(0) && said.err.contains("hold 5200 answers and no claim lines"), "{}", said.err);
    assert!(said.err.contains("add the claim files"), "{}", said.err);
}

#[test]
fn months_without_services_are_missing_and_not_zero() {
    // Ten lines a day in 2022 and 2023; the claims of June to August 2023 were not loaded, their answers were.
    let whole = two_years();
    let mut holed = two_years();
    let is_summer = |row: &&str| ["2023-06", "2023-07", "2023-08"].iter().any(|m| row.contains(&format!(",1,{m}")));
    holed.claims = whole.claims.lines().filter(|row| !is_summer(row)).map(|row| format!("{row}\n")).collect();
    let [whole, holed] = [whole, holed].map(|hand| make(&hand, "", "2023-12-31", &plan(&[])));
    let months: Vec<String> = holed.book.missing.iter().map(ToString::to_string).collect();
    assert_eq!(months, ["2023-06", "2023-07", "2023-08"]);
    // Their answers are told of by themselves.
    let [finding, answers] = &holed.book.findings[..] else { panic!("{:?}", holed.book.findings) };
    assert_eq!((finding.code.as_str(), finding.place.file.as_str()), ("services-missing", "claims.csv"));
    assert_eq!((answers.code.as_str(), answers.place.file.as_str()), ("remit-without-line", "remits.csv"));
    assert!(finding.found.contains("2023-06 to 2023-08") && whole.book.findings.is_empty());
    // Ten a day go on, as they do with the summer, and the range is about as wide.
    for at in 0..12 {
        let [with, without] = [&whole, &holed].map(|m| m.outlook.total.month(at, Measure::Lines));
        near(without.mean as f64, with.mean as f64, 0.03 * with.mean as f64);
    }
    let width = |m: &crate::outlook_parts::Made| {
        let sum = m.outlook.total.sum(Measure::Lines);
        (sum.i80.1 - sum.i80.0) as f64 / sum.mean as f64
    };
    assert!(width(&holed) < width(&whole) + 0.05, "{} {}", width(&holed), width(&whole));
    // The history shows no fall and no season of its own making.
    let growth = allowable::outlook::rests_on(&holed.book).growth;
    near(growth[0].per_year, 0.0, 0.024);
    // What a missing month will come to is not known.
    let july = cash(&holed.book)[0].months.iter().find(|m| m.month.to_string() == "2023-07").copied().unwrap();
    assert_eq!((july.ultimate, july.method), (None, None));
}
