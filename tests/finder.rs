//! The rate finder: what was planted is found to the line and the cent, nothing is found where nothing is, ties and mixtures are
//! told, and alarms name the day.

use std::collections::BTreeSet;

use allowable::demo;
use allowable::domain::{Date, Modifiers, Money, Pos, ServiceLine, Source, Units, parse_iso_date};
use allowable::finder::{AlarmKind, Candidate, Found, Settings, find};
use allowable::finding::Findings;
use allowable::leakage::{JudgedLine, judge};
use allowable::payability::{Tells, judge_lines};
use allowable::price::{PricedLines, Pricer, Variant, price_lines};
use allowable::project::Project;
use allowable::reconcile::{Adjudication, adjudicate, link, reconcile};
use allowable::reference::Reference;

use crate::common::{names, program, run};

fn date(text: &str) -> Date {
    parse_iso_date(text).unwrap()
}

fn cents(n: i64) -> Money {
    Money::from_cents(n)
}

/// A practice whose payer is agreed to pay this percentage of Medicare of the day and place.
fn project(percent: &str) -> Project {
    let text = format!(
        "[[payer]]\nid = \"P\"\nname = \"Plan\"\nkind = \"commercial\"\nlesser_of = false\n[[payer.terms]]\nfrom = \"2022-01-01\"\nto = \"2026-12-31\"\nbasis = \"percent-of-medicare\"\npercent = \"{percent}\"\nyear = \"current\"\nlocality = \"own\"\n"
    );
    Project::parse(&text, "allowable.toml").unwrap()
}

/// One line in Columbus, Ohio, in the office.
fn line(number: u32, day: Date, code: &str, units: i64) -> ServiceLine {
    ServiceLine {
        claim_id: format!("C{number}").into(),
        line_number: 1,
        service_date: day,
        payer: "P".into(),
        plan: None,
        state: None,
        zip: Some("43215".parse().unwrap()),
        locality: None,
        pos: Pos::new(11),
        code: code.parse().unwrap(),
        modifiers: Modifiers::NONE,
        units: Units::whole(units),
        charge: cents(50_000),
        diagnosis: None,
        ndc: None,
        ndc_quantity: None,
        rendering_npi: None,
        billing_npi: None,
        patient_key: None,
        control_number: None,
        source: Source::default(),
    }
}

/// Lines on days `step` days apart.
fn every(step: u64, from: &str, count: u32, code: &str) -> Vec<ServiceLine> {
    let from = date(from);
    (0..count).map(|n| line(n, from + chrono::Days::new(step * u64::from(n)), code, 1)).collect()
}

fn price(pricer: &Pricer<'_>, lines: &[ServiceLine]) -> PricedLines {
    let falls = vec![None; lines.len()];
    price_lines(pricer, lines, &falls, |_| String::new(), &mut Findings::default()).unwrap()
}

/// The lines, each answered with an allowed amount.
fn answered(
    pricer: &Pricer<'_>,
    lines: &[ServiceLine],
    priced: &PricedLines,
    allowed: impl Fn(usize) -> Money,
) -> Vec<JudgedLine> {
    let one = |(i, line): (usize, &ServiceLine)| {
        let answers = Adjudication {
            paid: allowed(i),
            first_allowed: Some(allowed(i)),
            answers: 1,
            first_answer: Some(line.service_date),
            last_answer: Some(line.service_date),
            ..Adjudication::NONE
        };
        let money = reconcile(priced.expected[i], answers, 0);
        judge(pricer, line, priced.of(i), money, pricer.payer(&line.payer), date("2026-02-15"))
    };
    lines.iter().enumerate().map(one).collect()
}

fn found(project: &Project, lines: &[ServiceLine], allowed: impl Fn(usize) -> Money) -> Found {
    let reference = Reference::embedded().unwrap();
    let pricer = Pricer::new(&reference, &project.payers);
    let priced = price(&pricer, lines);
    let judged = answered(&pricer, lines, &priced, allowed);
    find(&pricer, lines, &judged, &priced, &Settings::default())
}

/// A demo practice through the stages, and what the finder says of it. `allowed`: `None` keeps the answers of the practice.
fn practice(lines: u32, seed: u64, as_agreed: bool) -> (demo::Demo, Found) {
    let (project, reference) = demo::load().unwrap();
    let made = demo::generate(lines, seed, &reference, &project).unwrap();
    let pricer = Pricer::new(&reference, &project.payers);
    let verdicts = judge_lines(&reference, |id| project.payer_of_id(id).cloned(), &made.lines, &[Tells::ALL]);
    let priced =
        price_lines(&pricer, &made.lines, &verdicts.falls, |_| String::new(), &mut Findings::default()).unwrap();
    let judged: Vec<JudgedLine> = if as_agreed {
        answered(&pricer, &made.lines, &priced, |i| priced.expected[i].amount().unwrap_or_default())
    } else {
        let (linked, _) = link(&made.lines, &made.remits);
        let one = |i: usize| {
            let line = &made.lines[i];
            let remits: Vec<_> = linked[i].iter().map(|r| &made.remits[*r as usize]).collect();
            let money = reconcile(priced.expected[i], adjudicate(&reference.denials, &remits, true), 0);
            judge(&pricer, line, priced.of(i), money, pricer.payer(&line.payer), demo::as_of())
        };
        (0..made.lines.len()).map(one).collect()
    };
    let found = find(&pricer, &made.lines, &judged, &priced, &Settings::default());
    (made, found)
}

/// Every planted rate, and no other, with its lines, dollars and days.
fn recovers(lines: u32, seed: u64) {
    let (made, found) = practice(lines, seed, false);
    let planted = &made.truth.planted;
    assert_eq!(planted.len(), 6);
    for plant in planted {
        let of_payer: Vec<_> = found.patterns.iter().filter(|p| *p.payer == *plant.payer).collect();
        let [pattern] = of_payer.as_slice() else { panic!("{plant:?}: {of_payer:#?}") };
        let cause = match plant.cause {
            demo::Cause::OldSchedule => "earlier-terms",
            other => other.as_str(),
        };
        let members: BTreeSet<usize> = pattern.members.iter().map(|i| *i as usize).collect();
        let which = planted.iter().position(|p| p == plant);
        let told: BTreeSet<usize> = (0..made.lines.len()).filter(|i| made.truth.lines[*i].planted == which).collect();
        // The payer that pays by the old schedule on most lines of its months does so now and then afterwards, too: such a line
        // right behind the last of them belongs to the stretch as far as anyone can see.
        let behind: Vec<usize> = members.difference(&told).copied().collect();
        assert_eq!(told.difference(&members).count(), 0, "{}", plant.what);
        assert!(
            behind.len() <= usize::from(plant.cause == demo::Cause::OldSchedule && seed != demo::SEED),
            "{behind:?}"
        );
        let mut days = (plant.first.clone(), plant.last.clone());
        let (mut count, mut dollars) = (plant.lines, plant.dollars);
        for i in behind {
            let truth = &made.truth.lines[i];
            assert_eq!((&*truth.payer, truth.ending), ("COM2", demo::Ending::Underpaid(demo::Cause::OldSchedule)));
            count += 1;
            dollars += truth.expected.unwrap() - truth.allowed;
            days.1 = days.1.max(Some(made.lines[i].service_date.to_string()));
        }
        assert_eq!(
            (pattern.applied.as_str(), pattern.lines, pattern.short, pattern.over),
            (cause, count, dollars, Money::ZERO),
            "{}",
            plant.what
        );
        assert_eq!((Some(pattern.first.to_string()), Some(pattern.last.to_string())), days, "{}", plant.what);
        // What is applied is what was planted, and nothing else explains it.
        assert_eq!((pattern.strength(), &pattern.ties), ("strong", &Vec::new()), "{}", plant.what);
    }
    assert_eq!(found.patterns.len(), planted.len(), "{:#?}", found.patterns);
    // 135 % of 2025, the schedule up to June 2024, one raise of two, 110 %, the rest of New York, the facility.
    let words: BTreeSet<String> = found.patterns.iter().map(|p| p.applied.words()).collect();
    let told = [
        "Medicare's schedule of 2025",
        "the rates that were agreed up to 2024-06-30",
        "the contract's amounts with its first raise only",
        "110 % of Medicare in place of the agreed percentage",
        "the rate of locality 13282-99 to services in NY",
        "the rate of a facility",
    ];
    assert_eq!(words, told.iter().map(|w| (*w).to_owned()).collect());
    // The payer that is wrong on most lines only is said to mix.
    let mixed: Vec<&str> =
        found.patterns.iter().filter(|p| p.is_mixture(&Settings::default())).map(|p| &*p.payer).collect();
    assert_eq!(mixed, ["COM2"]);
}

#[test]
fn every_planted_rate_of_the_committed_demo_is_found_to_the_line_and_the_cent() {
    recovers(demo::LINES, demo::SEED);
}

#[test]
fn and_of_another_practice() {
    recovers(40_000, 7);
}

#[test]
fn where_everything_is_paid_as_agreed_nothing_is_found() {
    let (_, found) = practice(12_000, 3, true);
    assert!(found.looked_at > 9_000, "{}", found.looked_at);
    assert_eq!((found.odd, found.patterns.len(), found.alarms.len()), (0, 0, 0));
}

/// Ohio 2025: 96372 is 13.20 by Medicare, 18.48 at the agreed 140 %. By turns 110 % (14.52) and 125 % (16.50) are paid.
#[test]
fn a_mixture_of_two_rates_is_two_entries() {
    let lines = every(3, "2025-01-06", 60, "96372");
    let found = found(&project("140"), &lines, |i| if i % 2 == 0 { cents(1452) } else { cents(1650) });
    let told: Vec<_> =
        found.patterns.iter().map(|p| (p.applied.words(), p.lines, p.short, p.mixed_with.clone())).collect();
    // 30 × 3.96 = 118.80 and 30 × 1.98 = 59.40.
    let at = |percent: &str| format!("{percent} % of Medicare in place of the agreed percentage");
    assert_eq!(told, [(at("110"), 30, cents(11_880), vec![1]), (at("125"), 30, cents(5_940), vec![0])]);
    assert_eq!((found.patterns[0].first, found.patterns[1].first), (date("2025-01-06"), date("2025-01-09")));
    assert!(found.patterns.iter().all(|p| p.is_mixture(&Settings::default())));
    assert_eq!(
        (found.odd, found.explained, found.short, found.short_explained),
        (60, 60, cents(17_820), cents(17_820))
    );
}

/// First one wrong rate, then another: two entries that do not overlap, and the day between them.
#[test]
fn one_rate_after_the_other_is_two_entries_with_their_days() {
    let lines = every(2, "2025-01-06", 80, "96372");
    let found = found(&project("140"), &lines, |i| if i < 40 { cents(1452) } else { cents(1650) });
    let told: Vec<_> = found.patterns.iter().map(|p| (p.lines, p.first, p.last, p.mixed_with.len())).collect();
    // Line 39 is 78 days, line 40 is 80 days and line 79 is 158 days after 6 January.
    let days = ["2025-01-06", "2025-03-25", "2025-03-27", "2025-06-13"].map(date);
    assert_eq!(told, [(40, days[0], days[1], 0), (40, days[2], days[3], 0)]);
    let alarms: Vec<_> = found.alarms.iter().map(|a| (a.kind, a.day, a.last_before)).collect();
    assert_eq!(alarms, [(AlarmKind::Moved, days[2], days[1])]);
}

/// At 140 %, Medicare's 13.58 of late 2024 gives 19.012 → 19.01 in 2025, and so does 144 % of 13.20: 19.008 → 19.01.
#[test]
fn rates_that_explain_the_same_lines_are_all_named() {
    let lines = every(5, "2025-02-03", 10, "96372");
    let one = found(&project("140"), &lines, |_| cents(1901));
    let [pattern] = one.patterns.as_slice() else { panic!("{one:#?}") };
    assert_eq!(pattern.applied, Candidate::Rate(Variant::MedicareOf(date("2024-12-31"))));
    assert!(pattern.ties.contains(&Candidate::Rate(Variant::Percent("1.44".parse().unwrap()))), "{pattern:#?}");
    assert_eq!((pattern.distinct, pattern.strength()), (1, "weak"));
    // 10 × (19.01 − 18.48): paid beyond the agreed rate, never netted.
    assert_eq!((pattern.short, pattern.over), (Money::ZERO, cents(530)));
    // A second code decides: 99213 is 87.04 in late 2024, 121.856 → 121.86 at 140 %; 144 % of 85.17 is 122.64.
    let mut both = every(5, "2025-02-03", 10, "99213");
    both.extend(every(5, "2025-02-04", 10, "96372"));
    let two = found(&project("140"), &both, |i| if i < 10 { cents(12_186) } else { cents(1901) });
    let [pattern] = two.patterns.as_slice() else { panic!("{two:#?}") };
    assert_eq!((pattern.lines, pattern.distinct, pattern.ties.len(), pattern.strength()), (20, 2, 0, "strong"));
}

/// 98 % of 13.20 is 12.936 → 12.94, whether it is called a share of the rate or 98 % of Medicare: no tie.
#[test]
fn one_rate_by_two_names_is_no_tie() {
    let lines = every(5, "2025-02-03", 12, "96372");
    let found = found(&project("100"), &lines, |_| cents(1294));
    let [pattern] = found.patterns.as_slice() else { panic!("{found:#?}") };
    assert_eq!(pattern.applied, Candidate::Share("0.98".parse().unwrap()));
    assert_eq!((pattern.ties.len(), pattern.short), (0, cents(12 * 26)));
}

/// Single mistakes, however exact, are no rate that is applied; nor are odd amounts.
#[test]
fn scattered_mistakes_are_no_pattern() {
    let lines = every(1, "2025-01-06", 300, "96372");
    let half = |i: usize| if i.is_multiple_of(20) { cents(924) } else { cents(1848) };
    let scattered = found(&project("140"), &lines, half);
    assert_eq!((scattered.odd, scattered.patterns.len(), scattered.alarms.len()), (15, 0, 0));
    // 18.48 less 1 to 300 cents: what fits a percentage by chance is on one line each.
    let noise = found(&project("140"), &lines, |i| cents(1847 - i64::try_from((i * 37) % 300).unwrap()));
    assert_eq!((noise.odd, noise.patterns.len(), noise.alarms.len()), (300, 0, 0));
}

/// From 12 May 2025 on, a Monday, 14.52 instead of 18.48 is allowed; one line a week.
#[test]
fn an_alarm_names_the_day_and_what_it_costs_a_year() {
    let mut lines = every(7, "2024-06-03", 80, "96372");
    lines[79].units = Units::whole(2);
    let start = lines.iter().position(|line| line.service_date == date("2025-05-12")).unwrap();
    let agreed = |line: &ServiceLine| if line.service_date < date("2025-01-01") { cents(1901) } else { cents(1848) };
    let found = found(&project("140"), &lines, |i| match i {
        79 => cents(2904),
        i if i >= start => cents(1452),
        i => agreed(&lines[i]),
    });
    let [alarm] = found.alarms.as_slice() else { panic!("{:#?}", found.alarms) };
    assert_eq!((alarm.kind, alarm.day, alarm.last_before), (AlarmKind::Left, date("2025-05-12"), date("2025-05-05")));
    let rates = (alarm.allowed.0.to_string(), alarm.allowed.1.to_string(), alarm.agreed.1.to_string());
    assert_eq!(rates, ("18.48".to_owned(), "14.52".to_owned(), "18.48".to_owned()));
    assert_eq!(alarm.agreed.0, alarm.agreed.1);
    // Weeks 49 to 79, and within 365 days of the last one 53 Mondays with 54 units: 54 × 3.96 = 213.84.
    assert_eq!((start, alarm.lines, alarm.until), (49, 31, date("2025-12-08")));
    assert_eq!(alarm.a_year, Some(cents(21_384)));
}

/// As many lines as are needed to tell (five) at the agreed rate after the last wrong one: too few for a stretch of their own, and
/// enough not to say that it goes on.
#[test]
fn an_alarm_is_over_when_later_lines_are_as_agreed() {
    let lines = every(7, "2024-06-03", 80, "96372");
    let agreed = |line: &ServiceLine| if line.service_date < date("2025-01-01") { cents(1901) } else { cents(1848) };
    let until = |last: usize| {
        let found =
            found(&project("140"), &lines, |i| if (49..=last).contains(&i) { cents(1452) } else { agreed(&lines[i]) });
        let [alarm] = found.alarms.as_slice() else { panic!("{:#?}", found.alarms) };
        (alarm.until, alarm.lasts)
    };
    assert_eq!(until(79), (date("2025-12-08"), true));
    assert_eq!(until(75), (date("2025-11-10"), true));
    assert_eq!(until(74), (date("2025-11-03"), false));
}

/// Medicare's step of 1 January 2025 (13.58 → 13.20 in Ohio) moves what is agreed and what is allowed.
#[test]
fn a_known_step_of_the_schedule_is_no_alarm() {
    let lines = every(7, "2024-06-03", 70, "96372");
    let by_schedule = |line: &ServiceLine, old: i64, new: i64| {
        if line.service_date < date("2025-01-01") { cents(old) } else { cents(new) }
    };
    let right = found(&project("100"), &lines, |i| by_schedule(&lines[i], 1358, 1320));
    assert!(right.alarms.is_empty() && right.patterns.is_empty(), "{right:#?}");
    // 95 % before and after: 12.901 → 12.90 and 12.54. Wrong all along, but nothing moved.
    let wrong = found(&project("100"), &lines, |i| by_schedule(&lines[i], 1290, 1254));
    assert!(wrong.alarms.is_empty(), "{:#?}", wrong.alarms);
    assert_eq!((wrong.patterns.len(), wrong.patterns[0].lines), (1, 70));
    // The payer that stays at the rate of 2024 is told of, on the first day of service in 2025: Monday 6 January.
    let late = found(&project("100"), &lines, |_| cents(1358));
    let [alarm] = late.alarms.as_slice() else { panic!("{:#?}", late.alarms) };
    assert_eq!((alarm.kind, alarm.day), (AlarmKind::DidNotFollow, date("2025-01-06")));
    // 39 lines of 2025 (6 January to 29 September) in the last year; 53 Mondays within 365 days: 53 × −0.38 = −20.14.
    assert_eq!((alarm.lines, alarm.a_year), (39, Some(cents(-2014))));
}

#[test]
fn sums_are_those_of_the_lines_and_the_order_of_lines_changes_nothing() {
    let (project, reference) = demo::load().unwrap();
    let made = demo::generate(9_000, 11, &reference, &project).unwrap();
    let pricer = Pricer::new(&reference, &project.payers);
    let lines: Vec<ServiceLine> = made.lines.iter().filter(|line| &*line.payer == "COM5").cloned().collect();
    let priced = price(&pricer, &lines);
    // Two of three lines at 110 %, where the kernel has such a rate; a few at the charge.
    let allowed = |line: &ServiceLine, expected: Money| {
        let n: u32 = line.claim_id[4..].parse().unwrap();
        let (key, _) = pricer.key(line, None);
        let unit = pricer.varied(&key, &Variant::Percent("1.1".parse().unwrap()));
        let wrong = unit.and_then(|unit| allowable::price::extend(&unit, line.units, line.charge).amount());
        match n % 3 {
            0 => expected,
            _ => wrong.unwrap_or(expected),
        }
    };
    let amounts: Vec<Money> =
        lines.iter().zip(&priced.expected).map(|(l, e)| allowed(l, e.amount().unwrap_or_default())).collect();
    let judged = answered(&pricer, &lines, &priced, |i| amounts[i]);
    let found = find(&pricer, &lines, &judged, &priced, &Settings::default());
    assert!(!found.patterns.is_empty());
    let mut seen = BTreeSet::new();
    for pattern in &found.patterns {
        let of = |f: &dyn Fn(usize) -> Money| -> Money { pattern.members.iter().map(|i| f(*i as usize)).sum() };
        let expected = |i: usize| priced.expected[i].amount().unwrap();
        assert_eq!(pattern.short, of(&|i| (expected(i) - amounts[i]).or_zero()));
        assert_eq!(pattern.over, of(&|i| (amounts[i] - expected(i)).or_zero()));
        assert_eq!(pattern.lines, pattern.members.len() as u64);
        assert!(pattern.members.iter().all(|i| seen.insert(*i)), "a line is explained once");
    }
    assert_eq!(found.explained, seen.len() as u64);
    assert!(found.short_explained <= found.short && found.explained <= found.odd);

    let backwards: Vec<ServiceLine> = lines.iter().rev().cloned().collect();
    let priced = price(&pricer, &backwards);
    let judged = answered(&pricer, &backwards, &priced, |i| amounts[lines.len() - 1 - i]);
    let turned = find(&pricer, &backwards, &judged, &priced, &Settings::default());
    let told = |found: &Found| -> Vec<String> {
        let one = |p: &allowable::finder::Pattern| {
            format!("{:?} {:?} {} {} {} {} {:?}", p.applied, p.codes, p.lines, p.short, p.first, p.last, p.ties)
        };
        let alarm = |a: &allowable::finder::Alarm| format!("{:?} {} {} {:?}", a.kind, a.code, a.day, a.a_year);
        found.patterns.iter().map(one).chain(found.alarms.iter().map(alarm)).collect()
    };
    assert_eq!(told(&found), told(&turned));
}

#[test]
fn the_command_tells_rates_and_alarms_and_says_plainly_when_there_are_none() {
    let dir = tempfile::tempdir().unwrap();
    let said = run(dir.path(), &["finder", "--format", "json"]).ends(0);
    let json = said.json();
    let rates = json["rates"].as_array().unwrap();
    assert_eq!(rates.len(), 6);
    assert!(rates.iter().any(|r| r["cause"] == "missed-escalator" && r["payer_id"] == "COM4"), "{rates:#?}");
    assert!(!json["alarms"].as_array().unwrap().is_empty());
    let none = run(dir.path(), &["finder", "--payer", "Pioneer Employers Trust"]).ends(0);
    assert!(none.out.contains("No other rate was found"), "{}", none.out);
    assert!(none.out.contains("No usual amount moved"), "{}", none.out);
    run(dir.path(), &["finder", "--list", "alarms", "--format", "csv", "--code", "96372", "--out", "alarms.csv"])
        .ends(0);
    assert_eq!(names(dir.path()), ["alarms.csv"]);
    let csv = std::fs::read_to_string(dir.path().join("alarms.csv")).unwrap();
    assert!(csv.starts_with("payer_id,code,setting,") && csv.lines().skip(1).all(|l| l.contains(",96372,")), "{csv}");
    run(dir.path(), &["finder", "--from", "2025-01-01", "--to", "2024-01-01"]).ends(2);
    let nothing = run(dir.path(), &["finder", "--code", "99999"]).ends(1);
    assert!(nothing.err.contains("nothing was checked"), "{}", nothing.err);
    let wrong = program(dir.path(), &["finder", "--payer", "Nobody"]).output().unwrap();
    assert!(!wrong.status.success());
}
