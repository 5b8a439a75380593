//! Providers beside each other: which rates are given out, who stands apart, and the money; and the command that says so.

use allowable::finding::Result;
use allowable::leakage::{Audit, Direction, Measure, Provider, ProviderRate, Side};
use allowable::project::Project;
use allowable::reference::Reference;
use allowable::report::{self, Run};

use crate::common::{input, run};

const PROJECT: &str = r#"
title = "t"
[[payer]]
id = "MCR"
kind = "medicare"
name = "Medicare"
"#;

const HEADER: &str = "Claim #,Line,DOS,Payer ID,CPT,Mod,Units,POS,ZIP,Charge,NPI,Paid,Patient Resp,Remit Date";

/// A practice export. Each case is a claim: NPI, how many such claims, and its lines as `code modifiers units paid`; paid lines
/// have no patient share, a line paid 0.00 is answered with nothing.
fn practice(cases: &[(&str, u32, &[&str])]) -> String {
    let mut text = HEADER.to_owned() + "\n";
    for (c, (npi, times, lines)) in cases.iter().enumerate() {
        for i in 0..*times {
            for (n, line) in lines.iter().enumerate() {
                let [code, modifiers, units, paid] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
                let modifiers = modifiers.replace('-', "");
                text += &format!(
                    "C{c}-{i},{},2024-03-25,MCR,{code},{modifiers},{units},11,43215,400.00,{npi},{paid},0.00,2024-04-09\n",
                    n + 1
                );
            }
        }
    }
    text
}

fn report_of(text: &str) -> Result<Run> {
    let project = Project::parse(PROJECT, "allowable.toml")?;
    let intake = allowable::ingest::read(&[input("c.csv", text)], &project, &|_| ())?;
    report::run(intake, &project, &Reference::embedded()?)
}

fn audit_of(cases: &[(&str, u32, &[&str])]) -> Audit {
    report_of(&practice(cases)).unwrap().audit
}

/// The rates of one measure.
fn of(audit: &Audit, measure: Measure) -> Vec<&ProviderRate> {
    audit.rates.iter().filter(|rate| rate.measure == measure).collect()
}

fn npi(text: &str) -> Provider {
    Provider::Npi(text.into())
}

/// Side, direction and cents of a flag.
fn flag(rate: &ProviderRate) -> Option<(Side, Direction, Option<i64>)> {
    rate.flag.map(|f| (f.side, f.direction, f.money.map(|m| m.cents())))
}

const A: &str = "9000000011";
const B: &str = "9000000029";
const C: &str = "9000000037";

#[test]
fn a_rate_is_given_out_from_eleven_cases_on_and_small_providers_are_pooled() {
    let plain: &[&str] = &["96372 - 1 13.58", "J3420 - 1 1.44"];
    let rates = |a: u32, b: u32, c: u32| {
        let audit = audit_of(&[(A, a, plain), (B, b, plain), (C, c, plain)]);
        of(&audit, Measure::SeparatingModifier).iter().map(|r| (r.provider.clone(), r.whole)).collect::<Vec<_>>()
    };
    assert_eq!(rates(11, 10, 1), [(npi(A), 11), (Provider::FewerThanEleven(2), 11)]);
    // Ten cases together stay unsaid.
    assert_eq!(rates(11, 9, 1), [(npi(A), 11)]);
    assert_eq!(rates(10, 10, 11), [(npi(C), 11), (Provider::FewerThanEleven(2), 20)]);
    // Peers of fewer than eleven cases are none.
    let audit = audit_of(&[(A, 11, plain), (B, 10, plain)]);
    assert_eq!(of(&audit, Measure::SeparatingModifier)[0].peers, None);
}

#[test]
fn a_provider_stands_apart_by_the_interval_of_the_own_rate() {
    // Of 20 lines without any, Wilson's interval ends at 16.1 % (Newcombe 1998); all of 11 begins at 11 ÷ (11 + 3.8415) = 74.1 %.
    let audit = audit_of(&[(A, 11, &["96372 59 1 13.58"]), (B, 20, &["96372 - 1 13.58"])]);
    let rates = of(&audit, Measure::SeparatingModifier);
    assert_eq!((rates[0].part, rates[0].whole, rates[0].peers), (11, 11, Some((0, 20))));
    assert_eq!(rates[0].interval.map(|(low, high)| (low.to_string(), high.to_string())).unwrap().0, "74.1");
    assert_eq!(rates[1].interval.unwrap().1.to_string(), "16.1");
    // 11 × 13.58 = 149.38 could be asked back; to use 59 less than others is no reason to look.
    assert_eq!(flag(rates[0]), Some((Side::High, Direction::Over, Some(14_938))));
    assert_eq!(flag(rates[1]), None);
    // Everybody alike: nobody.
    let audit = audit_of(&[(A, 20, &["96372 59 1 13.58"]), (B, 20, &["96372 59 1 13.58"])]);
    assert!(of(&audit, Measure::SeparatingModifier).iter().all(|r| r.flag.is_none()));
}

#[test]
fn modifier_25_on_visits_is_looked_at_in_both_directions() {
    // 99213 in Ohio in March 2024: the report's own price; what was allowed is given here.
    let audit = audit_of(&[
        (A, 11, &["99213 25 1 80.00", "96372 - 1 13.58"]),
        (B, 20, &["99213 - 1 0.00", "96372 - 1 13.58"]),
        // A visit without an injection does not count.
        (B, 5, &["99213 - 1 80.00"]),
    ]);
    let rates = of(&audit, Measure::VisitModifier25);
    assert_eq!((rates[0].part, rates[0].whole), (11, 11));
    assert_eq!((rates[1].part, rates[1].whole), (0, 20));
    // 11 × 80.00.
    assert_eq!(flag(rates[0]), Some((Side::High, Direction::Over, Some(88_000))));
    // 99213, 2024: 1.30 + 1.33 × 0.911 + 0.10 × 1.033 = 2.61493 of RVU24AR, × 33.2875 = 87.0445 → 87.04 a visit, 20 times.
    assert_eq!(flag(rates[1]), Some((Side::Low, Direction::Under, Some(20 * 8704))));
}

#[test]
fn units_of_a_day_and_what_is_wrong_at_any_rate() {
    let audit = audit_of(&[
        (A, 11, &["96372 - 2 27.16", "96372 59 2 27.16"]),
        (B, 30, &["96372 - 1 13.58"]),
        (B, 1, &["96373 - 1 17.53"]),
        (C, 12, &["96372 - 1 13.58"]),
        (C, 1, &["96372 25 1 0.00"]),
    ]);
    let by = |measure: Measure, provider: &str| {
        let all = of(&audit, measure);
        let rate = all.into_iter().find(|r| r.provider == npi(provider)).unwrap();
        (rate.part, rate.whole, rate.ratio.map(|r| r.normalize().to_string()), flag(rate))
    };
    // Two lines of two units make days of four: 11 × 54.32 = 597.52.
    let apart = Some((Side::High, Direction::Over, Some(59_752)));
    assert_eq!(by(Measure::SeveralUnits, A), (11, 11, Some("4".into()), apart));
    assert_eq!(by(Measure::FourUnits, A), (11, 11, Some("4".into()), apart));
    assert_eq!(by(Measure::FourUnits, B), (0, 30, Some("1".into()), None));
    // One 96373 among 31 is within chance, and still an injection into an artery in an office.
    let wrong = Some((Side::High, Direction::Over, Some(1753)));
    assert_eq!(by(Measure::IntraArterial, B), (1, 31, None, wrong));
    assert_eq!(by(Measure::IntraArterial, C), (0, 13, None, None));
    // Modifier 25 on 96372 was paid nothing: 13.58 missed.
    let missed = Some((Side::High, Direction::Under, Some(1358)));
    assert_eq!(by(Measure::InjectionModifier25, C), (1, 13, None, missed));
}

#[test]
fn drugs_and_administrations_per_provider() {
    let audit = audit_of(&[
        (A, 11, &["J3420 - 1 1.44"]),
        (B, 20, &["J3420 - 1 1.44", "96372 - 2 27.16"]),
        (B, 20, &["96372 - 1 13.58"]),
        (C, 20, &["J3420 - 1 1.44", "96372 - 1 13.58"]),
        // A code outside the family that gives the drug is seen.
        (C, 5, &["J1885 - 1 0.49", "T1502 - 1 5.00"]),
    ]);
    let given = of(&audit, Measure::DrugsGiven);
    let shown: Vec<_> = given.iter().map(|r| (r.part, r.whole, r.ratio.map(|x| x.normalize().to_string()))).collect();
    // Administration units per drug: none; 40 of 20; 25 of 25.
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(shown, [(0, 11, some("0")), (20, 20, some("2")), (25, 25, some("1"))]);
    // 11 missed injections of 13.58, on the practice's usual charge of 200.00 a unit or more.
    assert_eq!(flag(given[0]), Some((Side::Low, Direction::Under, Some(14_938))));
    assert_eq!((flag(given[1]), flag(given[2])), (None, None));
    let with_drug = of(&audit, Measure::InjectionsWithDrug);
    assert_eq!(with_drug.iter().map(|r| (r.part, r.whole)).collect::<Vec<_>>(), [(20, 40), (20, 20)]);
    assert_eq!(flag(with_drug[0]), Some((Side::Low, Direction::Under, None)), "what the drug was is not known");
    // No drug line tells its NDC: all alike.
    assert!(of(&audit, Measure::NdcMissing).iter().all(|r| r.part == r.whole && r.flag.is_none()));
}

#[test]
fn lines_that_do_not_tell_who_served_are_no_peers() {
    let audit = audit_of(&[("", 12, &["96372 59 1 13.58"]), (A, 12, &["96372 - 1 13.58"])]);
    let rates = of(&audit, Measure::SeparatingModifier);
    assert_eq!((rates[0].provider.clone(), rates[0].peers), (npi(A), None));
    assert_eq!((rates[1].provider.clone(), rates[1].flag), (Provider::NotTold, None));
}

#[test]
fn the_report_shows_both_and_the_command_prints_them() {
    let text = practice(&[
        (A, 60, &["J3420 - 1 1.44"]),
        (B, 20, &["J3420 - 1 1.44", "96372 - 1 13.58"]),
        (C, 11, &["96374 - 1 33.97", "J3420 - 1 1.44"]),
    ]);
    let run_of = report_of(&text).unwrap();
    let section = |id: &str| run_of.report.sections.iter().find(|s| s.id == id).unwrap();
    // 60 × 13.58 = 814.80 too little; 11 × (33.97 − 13.58) = 224.29 too much.
    assert_eq!(section("missed-charges").title, "Missed charges are worth $815, charges too many $224");
    assert_eq!(section("missed-claims").table.rows.len(), 50);
    assert!(
        section("missed-claims").notes[1]
            .contains("21 findings with less money are not listed: firm money under-billed $")
    );
    assert!(section("audit").chart.is_some());

    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("allowable.toml"), PROJECT).unwrap();
    std::fs::write(dir.path().join("c.csv"), text.replace("C0-0,", "=C0,")).unwrap();
    let said = run(dir.path(), &["audit", "c.csv"]).ends(0);
    assert!(said.out.contains("under-billed $814.80, over-billed $224.29"), "{}", said.out);
    let json = run(dir.path(), &["audit", "c.csv", "--format", "json"]).ends(0).json();
    assert_eq!(json["missed_charges"]["sums"][0]["money"], "814.80");
    assert_eq!(json["missed_charges"]["findings"].as_array().unwrap().len(), 71);
    assert!(json["providers"]["rates"].as_array().unwrap().iter().any(|r| r["provider"] == A));
    run(dir.path(), &["audit", "c.csv", "--format", "csv", "--out", "charges.csv"]).ends(0);
    let charges = std::fs::read_to_string(dir.path().join("charges.csv")).unwrap();
    assert_eq!(charges.lines().count(), 72);
    assert!(charges.contains(",'=C0,") && !charges.contains(",=C0,"), "no cell becomes a formula");
    let rates = run(dir.path(), &["audit", "c.csv", "--format", "csv", "--list", "providers"]).ends(0).out;
    assert!(rates.starts_with("measure,provider,") && rates.contains("\ndrugs-given,9000000011,1,0,60,0,"), "{rates}");
    run(dir.path(), &["audit", "nowhere.csv"]).ends(1);
}
