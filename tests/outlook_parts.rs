//! The parts of a forecast, each on a case that can be checked by hand: sums, known future rates, dated changes, events, scenarios,
//! what is borrowed, the first month.

use std::fmt::Write as _;

use allowable::domain::Date;
use allowable::forecast::Month;
use allowable::ingest::{Input, Intake, read};
use allowable::leakage::Cause;
use allowable::outlook::{Adjust, Book, Coherence, Dim, Measure, Outlook, Plan, Rates, cash, outlook, rests_on, stems};
use allowable::project::Project;
use allowable::reference::Reference;
use chrono::{Datelike, Days};

use crate::outlook_planted::{day, plan, practices};

/// What happens in a practice by hand, day by day.
pub(crate) struct Hand {
    pub(crate) claims: String,
    pub(crate) remits: String,
    pub(crate) next: u32,
}

impl Hand {
    pub(crate) fn new() -> Self {
        Self {
            claims: "claim_id,line_number,service_date,payer_id,state,zip,pos,code,units,charge\n".into(),
            remits: "claim_id,line_number,payer_id,claim_status,remit_date,posted_date,code,units,charge,paid,patient_responsibility,adjustments\n".into(),
            next: 1,
        }
    }

    /// An injection in Columbus, billed at $40; when `paid`, allowed $13.54 of which $10.83 is paid that many days later.
    pub(crate) fn line(&mut self, payer: &str, pos: u8, served: Date, paid: Option<u64>) {
        let claim = self.next;
        self.next += 1;
        writeln!(self.claims, "{claim},1,{served},{payer},OH,43215,{pos},96372,1,40.00").unwrap();
        if let Some(days) = paid {
            let posted = served + Days::new(days);
            writeln!(
                self.remits,
                "{claim},1,{payer},1,{posted},{posted},96372,1,40.00,10.83,2.71,CO-45:26.46;PR-2:2.71"
            )
            .unwrap();
        }
    }

    pub(crate) fn intake(&self, project: &Project) -> Intake {
        let input = |name: &str, text: &str| Input::Bytes { name: name.into(), bytes: text.as_bytes().to_vec().into() };
        let inputs = [input("claims.csv", &self.claims), input("remits.csv", &self.remits)];
        read(&inputs, project, &|_| ()).unwrap()
    }
}

/// The days from Monday to Friday, holidays or not.
pub(crate) fn weekdays(from: &str, until: &str) -> Vec<Date> {
    let until = day(until);
    let days = day(from).iter_days().take_while(move |d| *d <= until);
    days.filter(|d| d.weekday().number_from_monday() <= 5).collect()
}

/// A project that knows Medicare, and a payer A that pays 120 % of it; with more of the file.
pub(crate) fn project(more: &str) -> Project {
    let payer = |id: &str, kind: &str, terms: &str| {
        format!(
            "[[payer]]\nid = \"{id}\"\nname = \"{id}\"\nkind = \"{kind}\"\n[[payer.terms]]\nfrom = \"2020-01-01\"\nto = \"2029-12-31\"\n{terms}\n"
        )
    };
    let text = format!(
        "title = \"By hand\"\n{}{}{more}",
        payer("MCR", "medicare", "basis = \"medicare\""),
        payer(
            "A",
            "commercial",
            "basis = \"percent-of-medicare\"\npercent = \"120\"\nyear = \"current\"\nlocality = \"own\""
        )
    );
    Project::parse(&text, "allowable.toml").unwrap()
}

pub(crate) fn reference(project: &Project) -> Reference {
    let mut reference = Reference::embedded().unwrap();
    for (period, _) in project.payers.iter().flat_map(|payer| &payer.terms) {
        reference.add_boundary(period.from());
        reference.add_boundary(period.until());
    }
    reference
}

/// Medicare and A, ten lines each on every weekday of 2022 and 2023, paid after 40 days.
pub(crate) fn two_years() -> Hand {
    let mut hand = Hand::new();
    for served in weekdays("2022-01-03", "2023-12-29") {
        for _ in 0..5 {
            hand.line("MCR", 11, served, Some(40));
            hand.line("A", 11, served, Some(40));
        }
    }
    hand
}

pub(crate) struct Made {
    pub(crate) book: Book,
    pub(crate) rates: Rates,
    pub(crate) outlook: Outlook,
}

pub(crate) fn make(hand: &Hand, more: &str, as_of: &str, plan: &Plan) -> Made {
    let project = project(more);
    let reference = reference(&project);
    let book = Book::new(&hand.intake(&project), &project, &reference, day(as_of)).unwrap();
    let rates = Rates::known(&book, &project, &reference, plan.horizon);
    let outlook = outlook(&book, &rates, &cash(&book), plan);
    Made { book, rates, outlook }
}

pub(crate) fn near(a: f64, b: f64, within: f64) {
    assert!((a - b).abs() <= within, "{a} is not {b}");
}

#[test]
fn in_every_future_and_at_every_level_the_parts_are_the_total() {
    let practice = &practices()[0];
    let book = practice.book("2026-02-28");
    let levels: [&[Dim]; 5] = [&[], &[Dim::Payer], &[Dim::State], &[Dim::Pos], &[Dim::Payer, Dim::State, Dim::Pos]];
    let made: Vec<Outlook> = levels.iter().map(|by| practice.outlook(&book, &Plan { paths: 60, ..plan(by) })).collect();
    let measures =
        || Measure::ALL.into_iter().chain([Measure::CashOfServed, Measure::CashOfForecast, Measure::CashPosted]);
    for measure in measures() {
        let total = made[0].total.path_sums(measure);
        for one in &made {
            // The same futures, however they are grouped; and in each the groups sum to the total, to the cent.
            assert_eq!(one.total.path_sums(measure), total, "{measure:?}");
            let groups: Vec<Vec<i64>> = one.groups.iter().map(|g| g.path_sums(measure)).collect();
            for (path, total) in total.iter().enumerate() {
                assert_eq!(groups.iter().map(|g| g[path]).sum::<i64>(), *total, "{measure:?} {:?}", one.by);
            }
            for share in [0.0, 0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 1.0] {
                let (all, parts) = one.at_quantile(measure, share);
                assert_eq!(parts.iter().sum::<i64>(), all, "{measure:?} {share}");
            }
            // Means: by month and over all months, of groups and of the finest leaves.
            for at in 0..one.months.len() {
                let parts: i64 = one.groups.iter().map(|g| g.month(at, measure).mean).sum();
                let leaves: i64 = one.leaves.iter().map(|(_, m)| m[at][measure as usize]).sum();
                let all = one.total.month(at, measure).mean;
                assert_eq!((parts, leaves), (all, all), "{measure:?} {at}");
            }
            // A quantile is the value of a future: nothing lies between.
            assert!(total.contains(&one.total.sum(measure).i80.0) && total.contains(&one.total.sum(measure).median));
        }
        // Lines and money of payers cannot be negative.
        if matches!(measure, Measure::Lines | Measure::Expected | Measure::Denied) {
            assert!(made[4].groups.iter().all(|g| (0..12).all(|at| g.month(at, measure).i95.0 >= 0)));
        }
    }
    // Cash has three parts in every future, net its five.
    let all = &made[0].total;
    let of = |m: Measure| all.path_sums(m);
    for path in 0..60 {
        let parts = [Measure::CashPosted, Measure::CashOfServed, Measure::CashOfForecast].map(|m| of(m)[path]);
        assert_eq!(of(Measure::Cash)[path], parts.iter().sum::<i64>());
        let net = of(Measure::Expected)[path] - of(Measure::Denied)[path] - of(Measure::Underpaid)[path]
            + of(Measure::Overpaid)[path]
            - of(Measure::OffBenchmark)[path];
        assert_eq!(of(Measure::Net)[path], net);
    }
}

#[test]
fn leakage_by_cause_sums_to_what_is_denied_and_underpaid() {
    let practice = &practices()[0];
    let made = practice.outlook(&practice.book("2026-02-28"), &Plan { paths: 40, ..plan(&[]) });
    let mean = |m: Measure| made.total.sum(m).mean;
    let of = |denied: bool| {
        let causes = made.causes.iter().filter(|c| matches!(c.cause, Cause::Denied(_)) == denied);
        (causes.clone().count(), causes.map(|c| c.band.mean).sum::<i64>())
    };
    // The generator denies by many categories and underpays by seven causes.
    assert!(of(true).0 > 5 && of(false).0 >= 5, "{:?} {:?}", of(true), of(false));
    assert_eq!((of(true).1, of(false).1), (mean(Measure::Denied), mean(Measure::Underpaid)));
}

/// 96372 in Ohio outside a facility, by the published values (`datasets/medicare`): 2023 (0.17 × 1.000 + 0.24 × 0.912 + 0.01 ×
/// 1.063) × 33.8872 = 0.39951 × 33.8872 = $13.54. 2024 (0.17 × 1.000 + 0.25 × 0.911 + 0.01 × 1.033) = 0.40808, × 32.7442 = $13.36
/// up to 8 March, × 33.2875 = $13.58 from 9 March on.
#[test]
fn the_schedule_of_2024_is_known_at_the_end_of_2023_to_the_cent() {
    let made = make(&two_years(), "", "2023-12-31", &plan(&[Dim::Payer]));
    let leaf = made.book.leaves.iter().position(|l| &*l.key.payer == "MCR").unwrap();
    let rates = &made.rates.per_line[leaf];
    assert_eq!(made.book.start, Month::new(2024, 1).unwrap());
    near(rates[0], 1336.0, 1e-9);
    near(rates[1], 1336.0, 1e-9);
    // March 2024 has 21 days from Monday to Friday, six of them before the 9th; the practice works on all alike.
    near(rates[2], (6.0 * 1336.0 + 15.0 * 1358.0) / 21.0, 1e-9);
    assert!(rates[3..12].iter().all(|r| (r - 1358.0).abs() < 1e-9), "{rates:?}");
    // The steps are told: down from $13.54 in January, up on 9 March; that March has days of both is no step of its own.
    let steps: Vec<(String, f64)> =
        made.rates.steps.iter().filter(|s| &*s.payer == "MCR").map(|s| (s.from.to_string(), s.ratio)).collect();
    assert_eq!(steps.iter().map(|s| s.0.as_str()).collect::<Vec<_>>(), ["2024-01-01", "2024-03-09"]);
    near(steps[0].1, 13.36 / 13.54, 1e-9);
    near(steps[1].1, 13.58 / 13.36, 1e-9);
    // Payer A pays 120 % of it: $16.03 and $16.30.
    let a = made.book.leaves.iter().position(|l| &*l.key.payer == "A").unwrap();
    near(made.rates.per_line[a][0], 1603.0, 1e-9);
    near(made.rates.per_line[a][11], 1630.0, 1e-9);
}

#[test]
fn dated_changes_of_rates_come_on_top() {
    let change = |payer: &str| format!("[[rate_change]]\ndate = \"2024-07-01\"\npercent = \"-2.5\"\n{payer}");
    let rates = |more: &str| {
        let made = make(&two_years(), more, "2023-12-31", &plan(&[]));
        ["MCR", "A"].map(|id| {
            let leaf = made.book.leaves.iter().position(|l| &*l.key.payer == id).unwrap();
            (made.rates.per_line[leaf][5], made.rates.per_line[leaf][6])
        })
    };
    // The conversion factor: Medicare and who follows it.
    for (before, after) in rates(&change("")) {
        near(after, before * 0.975, 1e-9);
    }
    let [mcr, a] = rates(&change("payer = \"A\""));
    near(mcr.1, mcr.0, 1e-9);
    near(a.1, a.0 * 0.975, 1e-9);
}

#[test]
fn a_scenario_without_a_change_is_the_forecast_and_another_changes_only_what_it_names() {
    let practice = &practices()[0];
    let book = practice.book("2026-02-28");
    let base = Plan { paths: 50, ..plan(&[Dim::Payer]) };
    let made = practice.outlook(&book, &base);
    let adjust = |payer: Option<&str>, volume: f64, rate: f64, denial: f64| {
        let adjust = vec![Adjust { payer: payer.map(Into::into), volume, rate, denial }];
        practice.outlook(&book, &Plan { adjust, ..base.clone() })
    };
    let same = adjust(None, 1.0, 1.0, 1.0);
    let more = adjust(Some("COM2"), 1.0, 1.05, 1.0);
    for measure in Measure::ALL {
        assert_eq!(same.total.path_sums(measure), made.total.path_sums(measure));
        for (before, after) in made.groups.iter().zip(&more.groups) {
            let (before_paths, after_paths) = (before.path_sums(measure), after.path_sums(measure));
            if before.label != ["COM2"] || measure == Measure::Lines || measure == Measure::CashOfServed {
                assert_eq!(before_paths, after_paths, "{measure:?} {:?}", before.label);
            }
            if before.label == ["COM2"] && measure == Measure::Expected {
                // 5 % more in every future, up to the rounding of each leaf and month.
                let leaves = book.leaves.iter().filter(|l| &*l.key.payer == "COM2").count() as f64;
                for (b, a) in before_paths.iter().zip(&after_paths) {
                    near(*a as f64, *b as f64 * 1.05, leaves * 12.0);
                }
            }
        }
    }
    // Cash follows future by future: what is paid more is never less, because luck is the same.
    let cash = |o: &Outlook| o.total.path_sums(Measure::Cash);
    assert!(cash(&made).iter().zip(cash(&more)).all(|(before, after)| after >= *before));
    // A fifth fewer denials: allowed is more by just that.
    let fewer = adjust(None, 1.0, 1.0, 0.8);
    let sum = |o: &Outlook, m: Measure| o.total.sum(m).mean;
    let (denied, net) = (sum(&made, Measure::Denied), sum(&made, Measure::Net));
    near(sum(&fewer, Measure::Denied) as f64, denied as f64 * 0.8, 3000.0);
    assert_eq!(sum(&fewer, Measure::Net) - net, denied - sum(&fewer, Measure::Denied));
}

#[test]
fn months_begin_where_services_and_postings_are_whole_and_what_is_open_comes_first() {
    // Services up to 29 December 2023, the last day of work of the year; paid after 40 days: postings up to 7 February 2024.
    let hand = two_years();
    let at = |as_of: &str| make(&hand, "", as_of, &Plan { horizon: 6, ..plan(&[]) });
    // At the end of the year December is whole on its last working day, and nothing lies between.
    for as_of in ["2023-12-29", "2023-12-31"] {
        let made = at(as_of);
        assert_eq!((made.outlook.months[0].to_string().as_str(), made.book.gap()), ("2024-01", 0));
        // December (and the last days of November) is open: 21 working days and a few more, 10 lines each at $10.83.
        let served = made.outlook.total.sum(Measure::CashOfServed).mean as f64 / 100.0;
        let open = weekdays("2023-11-22", "2023-12-29").len() as f64 * 10.0 * 10.83;
        near(served, open, 0.12 * open);
        // Nothing is paid in the month of its service here, and little in the month after.
        let first = made.outlook.total.month(0, Measure::CashOfForecast).mean;
        assert!(first < made.outlook.total.month(0, Measure::CashOfServed).mean / 20, "{first}");
    }
    // On 7 February January's postings are whole; its services are not in the files and are taken to have gone on.
    let made = at("2024-02-07");
    assert_eq!((made.outlook.months[0].to_string().as_str(), made.book.gap()), ("2024-02", 1));
    assert!(
        made.book.notes.iter().any(|n| n.contains("services of 2024-01 are taken to have gone on")),
        "{:?}",
        made.book.notes
    );
    assert!(made.book.notes.iter().any(|n| n.contains("2024-02 had begun on 2024-02-07")), "{:?}", made.book.notes);
    // January's services are paid in February and March: cash does not stop. 21 days × 10 × $10.83 a month, about.
    for month in 0..6 {
        let cash = made.outlook.total.month(month, Measure::Cash).mean as f64 / 100.0;
        near(cash, 21.0 * 10.0 * 10.83, 500.0);
    }
    // A day long after the files end is taken as their end, and said to be.
    let late = at("2025-06-30");
    assert_eq!((late.book.as_of, late.outlook.months[0]), (day("2024-02-07"), made.outlook.months[0]));
    assert!(late.book.notes[0].contains("2025-06-30"), "{:?}", late.book.notes);
    // In the middle of a month of services that month is forecast whole.
    let middle = at("2023-06-14");
    assert_eq!(
        (middle.outlook.months[0].to_string().as_str(), middle.book.last_service.to_string().as_str()),
        ("2023-06", "2023-05")
    );
}

#[test]
fn the_week_of_each_place_is_its_own() {
    // Five lines at an office from Monday to Friday, five at an urgent care every day.
    let mut hand = Hand::new();
    for served in day("2023-01-01").iter_days().take(365) {
        for _ in 0..5 {
            hand.line("A", 20, served, Some(20));
            if served.weekday().number_from_monday() <= 5 {
                hand.line("A", 11, served, Some(20));
            }
        }
    }
    let made = make(&hand, "", "2023-12-31", &Plan { horizon: 12, paths: 200, ..plan(&[Dim::Pos]) });
    let lines = |pos: &str, at: usize| {
        let group = made.outlook.groups.iter().find(|g| g.label == [pos]).unwrap();
        group.month(at, Measure::Lines).mean as f64 / 100.0
    };
    // Saturdays are worth nothing at one and as much as Mondays at the other.
    let saturday = |pos| made.book.workdays.worth(allowable::domain::Pos::new(pos), day("2024-03-09"));
    assert_eq!((saturday(11), saturday(20)), (0.0, 1.0));
    // June 2024 has 20 days from Monday to Friday and 30 in all; July 23 and 31. Lines follow: 100 and 115, 150 and 155.
    near(lines("11", 6) / lines("11", 5), 23.0 / 20.0, 0.06);
    near(lines("20", 6) / lines("20", 5), 31.0 / 30.0, 0.06);
}

#[test]
fn events_of_the_project_file_change_volumes() {
    let event = |more: &str| {
        format!(
            "[[event]]\ndate = \"2024-04-01\"\nlabel = \"second site\"\neffect = \"level-shift\"\nvolume = \"+50%\"\n{more}"
        )
    };
    let lines = |more: &str| {
        let made = make(&two_years(), more, "2023-12-31", &Plan { horizon: 6, ..plan(&[Dim::Payer]) });
        ["A", "MCR"].map(|id| {
            let group = made.outlook.groups.iter().find(|g| g.label == [id]).unwrap();
            (0..6).map(|at| group.month(at, Measure::Lines).mean as f64).collect::<Vec<f64>>()
        })
    };
    let [a, mcr] = lines("");
    let [a_more, mcr_more] = lines(&event("payer = \"A\""));
    assert_eq!((&a[..3], &mcr), (&a_more[..3], &mcr_more));
    for at in 3..6 {
        near(a_more[at] / a[at], 1.5, 0.001);
    }
    // Without a payer, all; a pulse passes.
    let pulse = event("").replace("level-shift", "pulse").replace("+50%", "-20%") + "months = 2\n";
    let [_, passing] = lines(&pulse);
    let ratios: Vec<f64> = passing.iter().zip(&mcr).map(|(p, m)| p / m).collect();
    for (found, expected) in ratios.iter().zip([1.0, 1.0, 1.0, 0.8, 0.8, 1.0]) {
        near(*found, expected, 0.001);
    }
}

#[test]
fn an_event_of_the_past_is_estimated_and_does_not_stay_in_the_trend() {
    // Five lines a day; from July 2023 on, eight: a second site. The history without the event does not grow.
    let mut hand = Hand::new();
    for served in weekdays("2021-01-04", "2023-12-29") {
        for _ in 0..if served >= day("2023-07-01") { 8 } else { 5 } {
            hand.line("MCR", 11, served, Some(30));
        }
    }
    let event = "[[event]]\ndate = \"2023-07-01\"\nlabel = \"second site\"\neffect = \"level-shift\"\n";
    let made = make(&hand, event, "2023-12-31", &plan(&[]));
    let note = made.outlook.stems[0].notes.iter().find(|n| n.contains("second site")).unwrap();
    assert!(note.contains("+60.") || note.contains("+59."), "{note}");
    let found = rests_on(&made.book);
    near(found.growth[0].per_year, 0.0, 0.024);
    // Eight a day go on: 21 days or so.
    for at in 0..12 {
        let lines = made.outlook.total.month(at, Measure::Lines).mean as f64 / 100.0;
        assert!((8.0 * 19.0..8.0 * 24.0).contains(&lines), "{at}: {lines}");
    }
    // Without being told, the history as a whole seems to grow.
    let untold = make(&hand, "", "2023-12-31", &plan(&[]));
    assert!(rests_on(&untold.book).growth[0].per_year > 0.09);
}

#[test]
fn short_histories_borrow_season_and_lag_and_say_so() {
    // Medicare for three years, half as much in July; A joins in October 2023 with five lines a day, of which 50 are paid by the
    // end of the year.
    let mut hand = Hand::new();
    for served in weekdays("2021-01-04", "2023-12-29") {
        for _ in 0..if served.month() == 7 { 5 } else { 10 } {
            hand.line("MCR", 11, served, Some(40));
        }
        if served >= day("2023-10-01") {
            for _ in 0..5 {
                hand.line("A", 11, served, (served.day() < 8).then_some(40));
            }
        }
    }
    let made = make(&hand, "", "2023-12-31", &plan(&[Dim::Payer]));
    let stem = made.outlook.stems.iter().find(|s| s.name == "A").unwrap();
    assert!(
        stem.notes.iter().any(|n| n.contains("3 months of history: the season is that of all payers")),
        "{:?}",
        stem.notes
    );
    let group = made.outlook.groups.iter().find(|g| g.label == ["A"]).unwrap();
    let lines = |at| group.month(at, Measure::Lines).mean as f64;
    // July has as many days as May (23 from Monday to Friday, a holiday each), and half the lines.
    near(lines(6) / lines(4), 0.5, 0.05);
    let of_a = made.book.payers.iter().position(|p| p.name == "A").unwrap();
    let money = &cash(&made.book)[of_a];
    assert!(
        money.borrowed && money.notes.iter().any(|n| n.contains("the payment lag is that of all payers")),
        "{:?}",
        money.notes
    );
    assert_eq!(stems(&made.book).len(), 2);
}

#[test]
fn recent_months_are_completed_and_a_payment_before_the_floor_is_noticed() {
    // Half of each month's lines are paid after 20 days, half after 50: as of the end of the year December is hardly begun.
    let paid = |days: [u64; 2]| {
        let mut hand = Hand::new();
        for (n, served) in (0..).zip(weekdays("2022-01-03", "2023-12-29")) {
            for k in 0..10 {
                hand.line("MCR", 11, served, Some(days[(n + k) % 2]));
            }
        }
        make(&hand, "", "2023-12-31", &plan(&[]))
    };
    let usual = paid([20, 50]);
    let money = &cash(&usual.book)[0];
    let recent: Vec<f64> = money.months.iter().rev().take(4).map(|m| m.completion).collect();
    // December: services of up to the 11th that are paid after 20 days: about 7 of 21 days and half of them, a sixth. November: all
    // of the first half and those of up to the 11th of the second: about two thirds.
    near(recent[0], 0.17, 0.05);
    near(recent[1], 0.66, 0.06);
    assert!(recent[2] > 0.97 && recent.is_sorted(), "{recent:?}");
    let december = money.months.last().unwrap();
    // What will have been paid: 21 days × 10 × $10.83, give or take the standard error that stands beside it.
    near(december.ultimate.unwrap() / 100.0, 21.0 * 10.0 * 10.83, 3.0 * december.std_err / 100.0 + 100.0);
    assert!(!money.notes.iter().any(|n| n.contains("floor")));
    // After five days Medicare pays nobody: the floor is 14 days, so at most (31 − 14) ÷ 31 = 55 % of December's services.
    let too_soon = paid([5, 5]);
    let notes = &cash(&too_soon.book)[0].notes;
    assert!(notes.iter().any(|n| n.contains("payment floor") && n.contains("55 %")), "{notes:?}");
}

#[test]
fn minimum_trace_is_an_option_that_keeps_sums_and_says_so() {
    let practice = &practices()[0];
    let book = practice.book("2026-02-28");
    let base = Plan { paths: 40, ..plan(&[Dim::Payer]) };
    let (apart, together) =
        (practice.outlook(&book, &base), practice.outlook(&book, &Plan { coherence: Coherence::MinT, ..base.clone() }));
    assert!(apart.notes.is_empty() && together.notes[0].contains("made to agree"), "{:?}", together.notes);
    let lines = |o: &Outlook| o.total.path_sums(Measure::Lines);
    assert_ne!(lines(&apart), lines(&together));
    let parts = together.groups.iter().map(|g| g.sum(Measure::Lines).mean).sum::<i64>();
    assert_eq!(parts, together.total.sum(Measure::Lines).mean);
    // It moves forecasts, it does not make others.
    let ratio = together.total.sum(Measure::Lines).mean as f64 / apart.total.sum(Measure::Lines).mean as f64;
    near(ratio, 1.0, 0.15);
    // One payer alone has nothing to agree with.
    let mut hand = Hand::new();
    weekdays("2022-01-03", "2023-12-29").into_iter().for_each(|d| hand.line("MCR", 11, d, Some(30)));
    let alone = make(&hand, "", "2023-12-31", &Plan { coherence: Coherence::MinT, ..plan(&[]) });
    assert!(alone.outlook.notes[0].contains("not possible"), "{:?}", alone.outlook.notes);
}

#[test]
fn shares_denied_are_those_of_lines_old_enough_and_wide_where_lines_are_few() {
    // A denies nothing of its old lines; Medicare has six lines of which nothing is old.
    let mut hand = Hand::new();
    for served in weekdays("2022-01-03", "2023-12-29") {
        hand.line("A", 11, served, Some(30));
    }
    for served in weekdays("2023-12-01", "2023-12-08") {
        hand.line("MCR", 11, served, Some(20));
    }
    let made = make(&hand, "", "2024-01-31", &plan(&[]));
    let of = |id: &str| made.book.payers.iter().find(|p| &*p.id == id).unwrap().shares();
    let (a, mcr) = (of("A"), of("MCR"));
    assert!(a.initial.mean < 0.01 && a.ground == allowable::outlook::Ground::Mature, "{a:?}");
    assert_eq!(mcr.ground, allowable::outlook::Ground::AllPayers);
    assert!(mcr.initial.high - mcr.initial.low >= a.initial.high - a.initial.low);
}
