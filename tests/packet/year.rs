//! Sums of months as those of a year, and the packet's net as the model's.

use std::fs;

use super::{ARGS, cell, practice, section};
use crate::common::run;

/// What `allowable model` makes of the same ask on the same lines is what the packet says, a quarter of it.
#[test]
fn an_offer_is_the_scenario_of_the_same_rate() {
    let dir = practice();
    let plan = "period = { from = \"2024-04-01\", to = \"2024-06-30\" }\n[[scenario]]\nname = \"ask\"\n[[scenario.rate]]\n\
                payer = \"ACME\"\ncodes = [\"injections\"]\npercent_of_medicare = \"140\"\n";
    fs::write(dir.path().join("scenario.toml"), plan).unwrap();
    let model = run(dir.path(), &["model", "scenario.toml", "--format", "json"]).ends(0).json();
    let by_payer = section(&model, "by-payer");
    let row = &by_payer["table"]["rows"][0];
    let cents = |value: &serde_json::Value| value.as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    let packet = run(dir.path(), &[&ARGS[..], &["--codes", "injections", "--format", "json"]].concat()).ends(0).json();
    let ask = section(&packet, "ask");
    let offer = |at: usize| &ask["table"]["rows"][at];
    for (column, of_model) in [("expected", "expected"), ("after_denials", "net")] {
        assert_eq!(cents(cell(ask, offer(3), column)), 4 * cents(cell(by_payer, row, of_model)), "{column}");
        assert_eq!(cents(cell(ask, offer(0), column)), 4 * cents(cell(by_payer, row, &format!("{of_model}_before"))));
    }
}

#[test]
fn sums_are_those_of_a_year_and_say_so() {
    let dir = practice();
    let packet = run(dir.path(), &[&ARGS[..], &["--format", "json"]].concat()).ends(0).json();
    let ask = section(&packet, "ask");
    assert!(
        ask["lead"]
            .as_str()
            .unwrap()
            .contains("24 lines in 3 months under each rate. A year: what they come to, exactly, times 12 / 3"),
        "{ask}"
    );
    // At 140 % today's 256.35 becomes 11 × 19.01 + 2 × 47.56 + 11 × 1.99:
    // 1.423 × 1.4 = 1.9922 → 1.99; 209.11 + 95.12 + 21.89 = 326.12, and 69.77 more in three months are 279.08 in a year.
    assert_eq!(cell(ask, &ask["table"]["rows"][3], "change"), "279.08");
    let codes = section(&packet, "codes");
    // 96372 alone: 11 × (19.01 − 14.94) = 44.77, four times.
    assert_eq!(cell(codes, &codes["table"]["rows"][0], "gain"), "179.08");
    // Five points of denials of 326.12 are 16.306; 326.12 × 0.95 = 309.814 → 309.81, so 16.31 in three months.
    let tornado = section(&packet, "tornado");
    let rows = tornado["table"]["rows"].as_array().unwrap();
    let denials = rows.iter().find(|row| row[0] == "Denial rate").unwrap();
    assert_eq!((cell(tornado, denials, "down"), cell(tornado, denials, "up")), (&"65.24".into(), &"-65.24".into()));
    // A lever that moves nothing (there is no lesser of, and no charge below the rates) has no row.
    assert!(rows.iter().all(|row| row[0] != "Lesser of charge and rate"), "{rows:#?}");
}
