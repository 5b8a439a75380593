//! Forecasts that rest on little: payers that just began, a few lines without a price, months missing between two.

use allowable::outlook::{Bridges, Dim, GroupOutlook, Levels, Measure};
use chrono::{Datelike, Days};

use crate::common::run;
use crate::outlook_parts::{Hand, Made, make, near, two_years, weekdays};
use crate::outlook_planted::{day, plan};

fn group<'a>(made: &'a Made, payer: &str) -> &'a GroupOutlook {
    made.outlook.groups.iter().find(|g| g.label == [payer]).unwrap()
}

#[test]
fn a_payer_that_began_last_month_is_forecast_by_itself_and_not_with_small_ones() {
    // NEW has four lines on each of the 21 weekdays of December 2023; TINY one line a month for two years.
    let mut hand = two_years();
    for served in weekdays("2022-01-03", "2023-12-29") {
        if served >= day("2023-12-01") {
            (0..4).for_each(|_| hand.line("NEW", 11, served, Some(40)));
        }
        if served.day() <= 7 && served.weekday().number_from_monday() == 3 {
            hand.line("TINY", 11, served, Some(40));
        }
    }
    let made = make(&hand, "", "2023-12-31", &plan(&[Dim::Payer]));
    let lines = |payer: &str| group(&made, payer).sum(Measure::Lines);
    // One a month: twelve in a year; four a day: 84 in a month of 21 weekdays, about 261 weekdays a year.
    near(lines("TINY").mean as f64 / 100.0, 12.0, 3.0);
    near(lines("NEW").mean as f64 / 100.0, 4.0 * 261.0, 100.0);
    let new = lines("NEW");
    // One month shows no error: four fifths lie within ± 1.28 × about 18 %, or more.
    assert!((new.i80.1 - new.i80.0) as f64 > 0.35 * new.mean as f64, "{new:?}");
}

#[test]
fn a_line_without_a_price_is_paid_or_not_and_ranges_hold_both() {
    // X is in no project file: one line a month, of 24 two are paid $1,000.
    let mut hand = two_years();
    for served in weekdays("2022-01-03", "2023-12-29") {
        if served.day() <= 7 && served.weekday().number_from_monday() == 3 {
            hand.line("X", 11, served, None);
            if served.month() == 8 {
                let (claim, posted) = (hand.next - 1, served + Days::new(40));
                hand.remits.push_str(&format!("{claim},1,X,1,{posted},{posted},96372,1,40.00,1000.00,0.00,\n"));
            }
        }
    }
    let made = make(&hand, "", "2023-12-31", &plan(&[Dim::Payer]));
    let month = group(&made, "X").month(8, Measure::Cash);
    // In the mean one line × 2 ÷ 24 × $1,000 = $83; one month in twelve has a payment, so that the range reaches far towards it,
    // and most months have next to nothing.
    near(month.mean as f64, 8_333.0, 5_000.0);
    assert!(month.i95.1 > 40_000 && month.i80.0 < 500 && month.i50.0 < 500, "{month:?}");
}

#[test]
fn two_months_with_two_years_between_are_two_months() {
    let mut hand = Hand::new();
    for served in weekdays("2022-01-03", "2022-01-31").into_iter().chain(weekdays("2023-12-01", "2023-12-29")) {
        (0..10).for_each(|_| hand.line("MCR", 11, served, Some(40)));
    }
    let made = make(&hand, "", "2024-01-31", &plan(&[]));
    assert_eq!(made.book.missing.len(), 22);
    let stem = &made.outlook.stems[0];
    assert!(stem.notes.iter().any(|n| n.starts_with("2 months of history")), "{:?}", stem.notes);
    let month = made.outlook.total.month(5, Measure::Lines);
    // Four fifths within ± 1.28 × 20 %, ten of twelve parts of it at the least: 0.8 × 0.91 of 51 % is 37 %.
    assert!((month.i80.1 - month.i80.0) as f64 > 0.37 * month.mean as f64, "{month:?}");
}

#[test]
fn months_without_services_are_no_fewer_lines_in_a_bridge_and_payers_can_be_left_out_of_it() {
    // Ten lines of each payer a day; forecast at the end of May 2023, and looked at in December without the claims of June to August.
    let kept = Levels::of(&make(&two_years(), "", "2023-05-31", &plan(&[])).outlook);
    let mut holed = two_years();
    let is_summer = |row: &&str| ["2023-06", "2023-07", "2023-08"].iter().any(|m| row.contains(&format!(",1,{m}")));
    holed.claims = two_years().claims.lines().filter(|row| !is_summer(row)).map(|row| format!("{row}\n")).collect();
    let made = make(&holed, "", "2023-12-31", &plan(&[]));
    let (actual, now) = (Levels::actual(&made.book), Levels::of(&made.outlook));
    let bridges = Bridges::new(&kept, &actual, &now);
    let months: Vec<String> = bridges.unserved.iter().map(ToString::to_string).collect();
    assert_eq!(months, ["2023-06", "2023-07", "2023-08"]);
    // Of September to December as many lines came as were forecast; with the summer three of seven months would be lost.
    let came = bridges.came.unwrap();
    near(came.volume.0.cents() as f64, 0.0, 0.05 * came.from.0.cents() as f64);
    // Each is allowed $13.54 a line: without A, half of it.
    let one = Bridges::new(&kept.clone().without(&["A"]), &actual.without(&["A"]), &now.without(&["A"]));
    near(one.came.unwrap().from.0.cents() as f64, came.from.0.cents() as f64 / 2.0, 0.02 * came.from.0.cents() as f64);
}

#[test]
fn a_payer_of_the_last_year_is_named() {
    let mut hand = two_years();
    weekdays("2023-10-02", "2023-12-29").into_iter().for_each(|served| hand.line("NEW", 11, served, Some(40)));
    let dir = tempfile::tempdir().unwrap();
    let project = "title = \"By hand\"\ninputs = [\"c.csv\", \"r.csv\"]\n[[payer]]\nid = \"MCR\"\nname = \"Medicare\"\nkind = \"medicare\"\n[[payer.terms]]\nfrom = \"2020-01-01\"\nto = \"2029-12-31\"\nbasis = \"medicare\"\n";
    for (name, text) in [("c.csv", &hand.claims), ("r.csv", &hand.remits), ("allowable.toml", &project.to_owned())] {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let page = run(dir.path(), &["forecast", "--no-backtest", "--paths", "20", "--format", "json"]).ends(0).json();
    let notes = page["notes"].to_string();
    // Medicare and A were there from the first month on.
    assert!(notes.contains("New within the last year: NEW (2023-10)."), "{notes}");
}
