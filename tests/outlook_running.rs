//! Where a forecast begins: short histories, a month that had begun on the day, a month between the files and the months to come.

use allowable::domain::Money;
use allowable::outlook::{Measure, cash};
use chrono::Days;

use crate::outlook_parts::{Hand, make, near, two_years, weekdays};
use crate::outlook_planted::{day, plan};

#[test]
fn a_month_of_history_promises_no_narrow_range_and_is_not_paid_in_full() {
    // Ten lines on each of the 21 weekdays of December 2023, all paid after 33 days, from 3 to 31 January.
    let mut hand = Hand::new();
    for served in weekdays("2023-12-01", "2023-12-29") {
        (0..10).for_each(|_| hand.line("MCR", 11, served, Some(33)));
    }
    let made = make(&hand, "", "2024-01-31", &plan(&[]));
    let stem = &made.outlook.stems[0];
    assert!(
        stem.notes.iter().any(|n| n.contains("1 month of history") && n.contains("demo practice")),
        "{:?}",
        stem.notes
    );
    // February is the second month ahead: 0.13 × √2 = 18 %, so that four fifths lie within ± 1.28 × 18 %; months further ahead 20 %.
    for (at, error) in [(0, 0.184), (1, 0.20), (11, 0.20)] {
        let lines = made.outlook.total.month(at, Measure::Lines);
        let width = (lines.i80.1 - lines.i80.0) as f64 / lines.mean as f64;
        // 300 futures show the width to about a tenth.
        near(width, 2.0 * 1.28 * error, 0.2 * 2.0 * 1.28 * error);
    }
    let sum = made.outlook.total.sum(Measure::Expected);
    assert!(sum.i80.1 - sum.i80.0 > sum.mean * 2 / 5, "{sum:?}");
    // By the end of the month after the service 53.5 % have usually come: $10.83 × 210 are paid, and 46.5 % of as much is open.
    let money = &cash(&made.book)[0];
    near(money.months[0].completion, 0.535, 1e-9);
    let paid = 210.0 * 10.83;
    near(money.months[0].paid / 100.0, paid, 0.01);
    let open = (money.months[0].ultimate.unwrap() - money.months[0].paid) / 100.0;
    near(open, 0.465 * paid, 0.02 * paid);
    // It comes as the demo's does: 35 of 46.5 in February, 6.8 in March.
    let by_month: Vec<f64> = money.outstanding.iter().map(|(_, amount)| amount / 100.0).collect();
    near(by_month[0], open * 0.35 / 0.465, 0.01 * open);
    near(by_month[1], open * 0.068 / 0.465, 0.01 * open);
    assert!(money.notes.iter().any(|n| n.contains("up to 1 months after the service")), "{:?}", money.notes);
    assert!(money.relative_error >= 0.2);
}

#[test]
fn what_was_posted_in_the_running_month_is_no_more_to_come() {
    // Services up to 29 December, paid after 40 days. By Wednesday 7 February what was served up to the 29th is paid: in February that
    // of 25 to 29 December, five days of ten lines at $10.83. Then nothing of December is open.
    let made = make(&two_years(), "", "2024-02-07", &plan(&[]));
    let total = &made.outlook.total;
    let first = |measure: Measure| total.month(0, measure);
    let posted = first(Measure::CashPosted);
    assert_eq!((posted.mean, posted.i95), (54_150, (54_150, 54_150)));
    assert_eq!(total.sum(Measure::CashPosted).mean, 54_150);
    let parts = [Measure::CashPosted, Measure::CashOfServed, Measure::CashOfForecast].map(|m| first(m).mean);
    assert_eq!(first(Measure::Cash).mean, parts.iter().sum::<i64>());
    // At the end of January all of December's open money was to come; what came of it since is taken off.
    let before = make(&two_years(), "", "2024-01-31", &plan(&[])).outlook.total;
    let served = |of: &allowable::outlook::GroupOutlook| of.sum(Measure::CashOfServed).mean as f64;
    assert_eq!(before.sum(Measure::CashPosted).mean, 0);
    assert!(served(&before) > 50_000.0);
    near(served(total), served(&before) - 54_150.0, 3_000.0);
    // February is worth the same, whether the day is its first or its seventh.
    near(before.month(0, Measure::Cash).mean as f64, first(Measure::Cash).mean as f64, 15_000.0);
}

#[test]
fn a_month_between_the_files_and_the_months_to_come_is_a_row_of_its_own() {
    let made = make(&two_years(), "", "2024-02-07", &plan(&[]));
    let outlook = &made.outlook;
    let months: Vec<String> = outlook.between_months.iter().map(ToString::to_string).collect();
    assert_eq!(months, ["2024-01"]);
    // January 2024: 23 weekdays, five lines of Medicare at $13.36 and five of A at $16.03 on each.
    let of = |m: Measure| outlook.between.month(0, m).mean;
    near(of(Measure::Lines) as f64, 23.0 * 10.0 * 100.0, 700.0);
    near(of(Measure::Expected) as f64, 23.0 * 5.0 * (1336.0 + 1603.0), 10_000.0);
    let net = of(Measure::Expected) - of(Measure::Denied) - of(Measure::Underpaid) + of(Measure::Overpaid)
        - of(Measure::OffBenchmark);
    assert_eq!(of(Measure::Net), net);
    // What was paid in it is known: of 23 November (40 days before 2 January) to 22 December 22 weekdays, ten lines of $10.83.
    let paid = weekdays("2023-11-22", "2023-12-22").len() as i64 * 10 * 1083;
    assert_eq!(made.book.cash_of(outlook.between_months[0]).map(|m| m.cents()), Some(paid));
    // Nothing lies between when the files end with a month.
    assert!(make(&two_years(), "", "2023-12-31", &plan(&[])).outlook.between_months.is_empty());
}

#[test]
fn what_second_payers_paid_is_part_of_the_first_ones_cash_and_counted() {
    // On the first of every ten of Medicare's lines of 2023 A pays the $2.71 that Medicare leaves, 45 days after the service.
    let mut hand = Hand::new();
    let mut second = 0;
    for served in weekdays("2022-01-03", "2023-12-29") {
        for n in 0..10 {
            hand.line("MCR", 11, served, Some(40));
            let posted = served + Days::new(45);
            if n == 0 && served >= day("2023-01-01") {
                let claim = hand.next - 1;
                hand.remits.push_str(&format!("{claim},1,A,2,{posted},{posted},96372,1,40.00,2.71,0.00,\n"));
                second += i64::from(posted <= day("2023-12-31"));
            }
        }
    }
    let made = make(&hand, "", "2023-12-31", &plan(&[]));
    let of = |id: &str| made.book.payers.iter().find(|p| &*p.id == id).map(|p| p.by_others);
    // 2 January to Thursday 16 November, whose 45 days end on 31 December: 229 weekdays.
    assert_eq!(second, 229);
    assert_eq!(of("MCR"), Some(Money::from_cents(229 * 271)));
}

#[test]
fn a_change_within_a_month_is_one_step_with_its_label_and_one_that_had_begun_is_said() {
    let steps = |change: &str| {
        let made = make(&two_years(), change, "2023-12-31", &plan(&[]));
        let own = made.rates.steps.iter().filter(|s| &*s.payer == "A");
        let since = |s: &allowable::outlook::RateStep| s.since.map_or_else(String::new, |d| d.to_string());
        let told: Vec<(String, f64, String, String)> =
            own.map(|s| (s.from.to_string(), s.ratio, s.labels.join(", "), since(s))).collect();
        (told, made.rates.begun.join(" "), made.rates.per_line[0][4])
    };
    let change = |date: &str| {
        format!("[[rate_change]]\ndate = \"{date}\"\npercent = \"-50\"\npayer = \"A\"\nlabel = \"halved\"\n")
    };
    // A pays 120 % of Medicare: $16.25 in 2023 (13.54 × 1.2), $16.03 from January and $16.30 from 9 March on.
    let (told, _, may) = steps(&change("2024-05-15"));
    let dates: Vec<&str> = told.iter().map(|s| s.0.as_str()).collect();
    assert_eq!(dates, ["2024-01-01", "2024-03-09", "2024-05-15"]);
    assert_eq!((told[1].2.as_str(), told[2].2.as_str()), ("", "halved"));
    near(told[2].1, 0.5, 1e-9);
    // Ten of May's 23 weekdays lie before the 15th.
    near(may, 1630.0 * (10.0 + 13.0 * 0.5) / 23.0, 1e-6);
    // A change of the past halves all months to come: a step of its own before the schedule's, with its date; and a note.
    let (told, notes, may) = steps(&change("2023-03-01"));
    let of = |at: usize| (told[at].0.as_str(), told[at].2.as_str(), told[at].3.as_str());
    assert_eq!((told.len(), of(0)), (3, ("2024-01-01", "halved", "2023-03-01")));
    assert_eq!((of(1), of(2)), (("2024-01-01", "", ""), ("2024-03-09", "", "")));
    near(told[0].1, 0.5, 1e-9);
    near(told[1].1, 16.03 / 16.25, 1e-9);
    near(may, 815.0, 1e-6);
    assert!(notes.starts_with("\"halved\", −50% from 2023-03-01 on, of A, began"), "{notes}");
    assert!(notes.contains("take it out"), "{notes}");
    // Also one of the last month of the history, whose schedule began before it; and one of the first day to come is none of these.
    let (told, _, _) = steps(&change("2023-12-20"));
    assert_eq!((told[0].1, told[0].3.as_str()), (0.5, "2023-12-20"));
    let (told, notes, _) = steps(&change("2024-01-01"));
    near(told[0].1, 0.5 * 16.03 / 16.25, 1e-9);
    assert_eq!((told[0].2.as_str(), told[0].3.as_str(), notes.as_str()), ("halved", "", ""));
}

#[test]
fn an_outage_of_all_payers_is_estimated_of_all_of_them() {
    // Thirty lines a day of Medicare, one a day in July 2023; A has one a day, and by chance three in that July.
    let mut hand = Hand::new();
    for served in weekdays("2022-01-03", "2023-12-29") {
        let is_out = (day("2023-07-01")..=day("2023-07-31")).contains(&served);
        (0..if is_out { 1 } else { 30 }).for_each(|_| hand.line("MCR", 11, served, Some(40)));
        (0..if is_out { 3 } else { 1 }).for_each(|_| hand.line("A", 11, served, Some(40)));
    }
    let event = "[[event]]\ndate = \"2023-07-01\"\nlabel = \"July outage\"\neffect = \"pulse\"\nmonths = 1\n";
    let made = make(&hand, event, "2023-12-31", &plan(&[]));
    let notes: Vec<&String> =
        made.outlook.stems.iter().filter_map(|s| s.notes.iter().find(|n| n.contains("July outage"))).collect();
    assert_eq!((notes.len(), notes[0]), (2, notes[1]));
    // 4 a day instead of 31: 87.1 % fewer, to half a percent (days of a month count by how much is done on them). A by itself
    // would have said three times as many.
    let percent =
        notes[0].split_whitespace().find_map(|word| word.strip_prefix('−')?.trim_end_matches('%').parse::<f64>().ok());
    near(percent.unwrap_or_else(|| panic!("{notes:?}")), 87.1, 0.5);
}
