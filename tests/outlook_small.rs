//! Forecasts that rest on little: payers that just began, a few lines without a price, months missing between two.

use allowable::outlook::{Dim, GroupOutlook, Measure};
use chrono::{Datelike, Days};

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
