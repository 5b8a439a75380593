//! Statements in circulation beside the figures: every verdict with its reason, figures worked by hand, statements turned
//! into others that must be judged otherwise, what the patient owes, and the command that prints it all.

use std::collections::BTreeMap;

use allowable::domain::{Area, Code, Date, Money, parse_iso_date};
use allowable::facts::{
    Answer, Claim, Ground, Grounds, INJECTIONS, Question, Verdict, Where, check, claims, compare, medicare_by_year,
    parse_claims, shares, topics,
};
use allowable::project::Project;
use allowable::reference::Reference;

use crate::common;

fn day(text: &str) -> Date {
    parse_iso_date(text).unwrap()
}

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

fn ohio(reference: &Reference, on: &str) -> Area {
    let locality = "15202-00".parse().unwrap();
    Area::Locality(locality, reference.medicare.gpci(locality, day(on)).unwrap().state)
}

/// The answers to all embedded statements on a day, without a place or contracts.
fn answers(on: &str) -> BTreeMap<String, Answer> {
    let reference = Reference::embedded().unwrap();
    let grounds = Grounds::new(&reference, &[], false, day(on), Area::Nowhere).unwrap();
    claims().unwrap().iter().map(|claim| (claim.id.clone(), check(&grounds, claim))).collect()
}

/// The answer to one statement made up here: `code,payers,check,parameters`.
fn answer(on: &str, row: &str) -> Answer {
    let claim = made_up(row);
    let reference = Reference::embedded().unwrap();
    check(&Grounds::new(&reference, &[], false, day(on), Area::Nowhere).unwrap(), &claim)
}

fn made_up(row: &str) -> Claim {
    let [code, payers, kind, parameters] = row.split(',').collect::<Vec<_>>().try_into().unwrap();
    let csv =
        format!("id,topic,code,payers,claim,check,parameters,note\nx,rates,{code},{payers},x,{kind},{parameters},\n");
    parse_claims("made-up.csv", csv.as_bytes()).unwrap().remove(0)
}

#[test]
fn every_statement_of_2026_has_its_verdict() {
    use Verdict::{Agrees, AgreesInPart, Disagrees, NotComparable};
    let expected = [
        // 13.88 (AR) to 19.97 (CA-65): the top lies above 18.
        ("medicare-range", AgreesInPart),
        // Observed p10 1.57 and p90 22.47 lie outside 3 to 15, the middle half 4.89 to 13.98 within.
        ("medicaid-range", AgreesInPart),
        // No public rates.
        ("commercial-range", NotComparable),
        ("commercial-range-narrow", NotComparable),
        ("commercial-above-medicare", NotComparable),
        // Medicare within 10 to 30, Medicaid's 4.89 below.
        ("national-average", AgreesInPart),
        // Medicare within 11 to 35, Medicaid's middle half partly below.
        ("typical-payment", AgreesInPart),
        // 16.94, 14.44, 14.31, 14.53, 14.23, 14.31, 13.91, 15.36: never twice the same in a row; and localities differ.
        ("medicare-changes", Agrees),
        // 17 of the 36 states with reliable observations: more than a quarter.
        ("medicaid-below-medicare", Agrees),
        // Observed medians of Illinois 1.15 and Iowa 2.79.
        ("medicaid-as-low-as", Agrees),
        // 13.98 / 4.89 = 2.9 against 19.97 / 13.88 = 1.4.
        ("medicaid-varies", Agrees),
        // Medicaid's median 9.56 lies below 15.36.
        ("medicare-least", Disagrees),
        // Status A.
        ("medicare-separate", Agrees),
        // No NCCI pair between injection and drug.
        ("drug-apart", Agrees),
        ("billed-twice", Agrees),
        // 96401 and 96402 are codes of their own for a part of them.
        ("usual-drugs", AgreesInPart),
        // 95115 and 95117 are codes of their own for all of it, and 96372 falls beside them.
        ("allergy", Disagrees),
        // An exclusion list, by convention.
        ("humira-in-office", AgreesInPart),
        // G0008 is outside 90460 to 90474.
        ("vaccines", AgreesInPart),
        ("route-96372", Agrees),
        // 5,445 surgical codes beside which 96372 falls.
        ("part-of-a-procedure", Agrees),
        // MUE 4.
        ("units", Agrees),
        // Units yes; 96375 is an add-on of intravenous services.
        ("units-or-add-on", AgreesInPart),
        // 85 % under the own NPI.
        ("physicians", Agrees),
        // PC/TC 5: incident to, billed by the supervising practitioner.
        ("nurses-bill", Disagrees),
        // 59 may stand on the injection, 25 never.
        ("modifiers-required", AgreesInPart),
        ("modifier-on-injection", Disagrees),
        // The office visit is column 2 with indicator 1.
        ("modifier-25", Agrees),
        // 96372 is column 2 with indicator 1 of 6,234 pairs.
        ("modifier-59", Agrees),
        // Indicator 1 asks for separate, not for unrelated.
        ("visit-unrelated", Disagrees),
        // Eight visits with 25, 99211 never.
        ("visit-separate", AgreesInPart),
        ("bundled-with-visits", Agrees),
        // One fee or nothing.
        ("place-matters", AgreesInPart),
        ("place-11", Agrees),
        // 20 pays like 11.
        ("place-20", Disagrees),
        // OPPS status Q1, and nothing to the professional.
        ("place-22", Agrees),
        // Not frequently: never payable to the professional.
        ("place-31", AgreesInPart),
        // The office rate, but beside a home visit the injection falls.
        ("place-12", AgreesInPart),
        // Not lower: not payable.
        ("place-facility-lower", Disagrees),
        ("telehealth", Agrees),
        // Medicaid and some plans.
        ("ndc", AgreesInPart),
        // All five have adjustment codes.
        ("five-denials", Agrees),
        ("most-denials", NotComparable),
        ("audits", NotComparable),
        // Intra-arterial.
        ("route-96373", Disagrees),
        // MUE 1.
        ("route-96374", Agrees),
        // A push, not an infusion.
        ("purpose-96374", Disagrees),
        // Global period ZZZ.
        ("add-on-96375", Agrees),
        // Medicare 17.61 to 26.23 within 15 to 45, Medicaid's 5.12 to 13.52 below.
        ("range-96373", AgreesInPart),
        // Medicare to 51.82, Medicaid 4.45 to 53.87: both partly outside 20 to 50.
        ("range-96374", AgreesInPart),
        // Medicare 13.84 to 21.23 within 10 to 25, Medicaid 2.88 to 32.64 on both sides.
        ("range-96375", AgreesInPart),
        // 0.59 × 33.4009 = 19.71 against 15.36.
        ("order-96373", Agrees),
        // 44.6 M Medicaid claims against 36.4 M and fewer.
        ("most-common", Agrees),
        // Units of the drug limits: 1000 MCG, 1 MG, 250 MG.
        ("j3420", Agrees),
        ("j1100", Agrees),
        ("j0696", Agrees),
        // 36415 yes, 36591 never, 97597 with a modifier.
        ("blood-draws", AgreesInPart),
        // 3.07 in the office, 14.24 in the hospital outpatient department.
        ("small-copay", AgreesInPart),
        ("full-until-deductible", Agrees),
        // 2.78 of 13.88, 3.99 of 19.97.
        ("higher-pay-lower-share", Disagrees),
    ];
    let found = answers("2026-03-31");
    assert_eq!(found.len(), expected.len());
    for (id, verdict) in expected {
        assert_eq!(found[id].verdict, verdict, "{id}: {:?}", found[id]);
    }
}

#[test]
fn the_figures_stand_in_the_answers() {
    let found = answers("2026-03-31");
    for (id, figures) in [
        ("medicare-range", &["$13.88 (AR, 07102-13)", "$19.97 (CA, 01112-65)", "$15.36"][..]),
        ("medicaid-range", &["$4.89 to $13.98", "median $9.56", "$1.57 to $22.47"]),
        ("place-22", &["$71.17", "OPPS 2025", "Q1"]),
        ("vaccines", &["90460", "90461", "90471", "90472"]),
        // 15.36 × 0.85 = 13.056.
        ("physicians", &["85%: $13.06"]),
        ("units", &["4 units a day", "MAI 3"]),
        ("j3420", &["$0.638 per 1000 MCG", "2026-01-01"]),
        // 13.88 × 0.20 = 2.776, 19.97 × 0.20 = 3.994.
        ("higher-pay-lower-share", &["$2.78", "$3.99"]),
        ("small-copay", &["$3.07", "$14.24"]),
    ] {
        for figure in figures {
            assert!(found[id].found.contains(figure), "{id} lacks {figure}: {}", found[id].found);
        }
    }
    assert!(found["place-facility-lower"].right.contains("not payable"), "{:?}", found["place-facility-lower"]);
    assert!(found["route-96373"].right.contains("artery") && found["route-96373"].ground == Ground::Convention);
    assert!(found["visit-unrelated"].right.contains("separately identifiable"));
    assert!(found["medicare-range"].sources.iter().any(|row| row == "datasets/medicare/rvu.csv:779"));
}

#[test]
fn the_year_decides() {
    // 2025: 12.62 to 17.83, within 11 to 18. 2024: to 18.35 in San Jose after 9 March, 12.78 in Arkansas before.
    let range = "96372,medicare,range,low=11;high=18";
    assert_eq!(answer("2025-12-31", range).verdict, Verdict::Agrees);
    let of_2024 = answer("2024-12-31", range);
    assert_eq!(of_2024.verdict, Verdict::AgreesInPart);
    assert!(of_2024.found.contains("$12.78") && of_2024.found.contains("$18.35"), "{}", of_2024.found);
    // 2019 rows carry no status or global period: what they cannot tell is not judged.
    let of_2019 = answers("2019-12-31");
    assert_eq!(of_2019["add-on-96375"].verdict, Verdict::NotComparable);
    // No drug limits before 2024.
    assert_eq!(of_2019["j3420"].verdict, Verdict::NotComparable);
    for year in 2019..=2026 {
        for (id, answer) in answers(&format!("{year}-12-31")) {
            assert!(!answer.found.is_empty(), "{year} {id}");
            let empty = answer.sources.is_empty();
            assert_eq!(empty, answer.ground == Ground::Nothing, "{year} {id}: {answer:?}");
        }
    }
    let reference = Reference::embedded().unwrap();
    let error = Grounds::new(&reference, &[], false, day("2031-01-01"), Area::Nowhere).unwrap_err();
    assert!(error.remedy().unwrap().contains("2019 to 2026"), "{error}");
}

#[test]
fn a_statement_that_says_something_else_is_judged_otherwise() {
    use Verdict::{Agrees, AgreesInPart, Disagrees};
    for (row, verdict) in [
        // 13.88 to 19.97.
        ("96372,medicare,range,low=1;high=2", Disagrees),
        ("96372,medicare,range,low=13.88;high=19.97", Agrees),
        ("96372,medicare,range,low=13.89;high=19.97", AgreesInPart),
        ("96372,medicare,range,low=13.88;high=19.96", AgreesInPart),
        ("96372,medicare,range,low=19.98;high=50", Disagrees),
        // 1.57 to 22.47.
        ("96372,medicaid,range,low=1;high=30", Agrees),
        ("96372,medicaid,range,low=100;high=200", Disagrees),
        // Medicare and Medicaid both within, both without.
        ("96372,all,range,low=4;high=20", Agrees),
        ("96372,all,range,low=100;high=200", Disagrees),
        ("96372,medicaid,states-below-medicare,percent=90", Disagrees),
        // The lowest observed median is 1.15.
        ("96372,medicaid,state-as-low-as,amount=1", Disagrees),
        ("96372,,pays-more,than=96374", Disagrees),
        ("96373,,most-claims,codes=96372|96374", Disagrees),
        // MUE of 96372 is 4, of 96374 is 1.
        ("96372,,one-a-day,", Disagrees),
        ("96374,,units,", Disagrees),
        ("96372,,add-on,", Disagrees),
        ("J3420,,drug,unit=1 MG", Disagrees),
        ("96372,,beside,codes=36415", Agrees),
        ("96372,,beside,codes=36591|36592", Disagrees),
        ("96372,,own-code,codes=36415;share=all", Agrees),
        // Within the range there is nothing outside it.
        ("96372,,vaccines,first=90460;last=90474;also=90471", Agrees),
        // No surgical edit from 36415 to 36416.
        ("96372,,falls-beside,from=36415;to=36416", Disagrees),
        ("96372,,modifier,modifiers=59;on=visit", Disagrees),
        ("96372,,modifier,modifiers=25;on=visit", Agrees),
        ("96372,,place,pos=20;says=highest", Agrees),
        ("96372,,place,pos=22;says=highest", Disagrees),
        ("96372,,place,pos=11;says=never", Disagrees),
        ("96372,,place,pos=22|11;says=never", AgreesInPart),
        // 96373 has status S: paid apart in the hospital.
        ("96373,,place,pos=22;says=packaged", Disagrees),
        ("96372,,place,pos=11;says=included", Disagrees),
        // 20 % of 15.36 is 3.07, the hospital's copay 14.24.
        ("96372,,small-share,percent=20;most=1", Disagrees),
        ("96372,,small-share,percent=20;most=20", Agrees),
    ] {
        let found = answer("2026-03-31", row);
        assert_eq!(found.verdict, verdict, "{row}: {found:?}");
        assert_eq!(
            found.right.is_empty(),
            verdict == Agrees,
            "{row}: what is right is said where it is wrong: {found:?}"
        );
    }
    // A visit without a modifier that separates it: 99213 is paid in facilities, too, and is no incident-to service.
    assert_eq!(answer("2026-03-31", "99213,,incident-to,").verdict, Verdict::NotComparable);
    // A drug's limit is Medicare's rate for it: 0.638. A blood draw has no fee in the physician schedule.
    assert_eq!(answer("2026-03-31", "J3420,medicare,range,low=1;high=2").verdict, Disagrees);
    assert_eq!(answer("2026-03-31", "36415,medicare,range,low=1;high=2").verdict, Verdict::NotComparable);
    // An unassigned place.
    assert_eq!(answer("2026-03-31", "96372,,place,pos=28;says=never").verdict, Verdict::NotComparable);
}

#[test]
fn every_source_is_a_row_that_is_there() {
    let lines = |file: &str| std::fs::read_to_string(file).unwrap().lines().count();
    for (id, answer) in answers("2026-03-31") {
        for source in &answer.sources {
            if let Some((file, line)) = source.rsplit_once(':').filter(|_| source.starts_with("datasets/")) {
                let line: usize = line.parse().unwrap();
                assert!((2..=lines(file)).contains(&line), "{id}: {source}");
            }
            // A convention names its rule by file and number.
            for (file, rule) in
                [("datasets/ncci/policy_rules.csv", "N16"), ("datasets/medicaid/payer_rules.csv", "P10")]
            {
                if source.contains(file) && answer.ground == Ground::Convention {
                    let text = std::fs::read_to_string(file).unwrap();
                    assert!(text.lines().any(|line| line.starts_with(&format!("{rule},"))), "{id}: {source}");
                }
            }
        }
    }
}

const PROJECT: &str = r#"
title = "Contracts"
practice_place = "15202-00"
[[payer]]
id = "MCR"
kind = "medicare"
[[payer]]
id = "A"
name = "Plan A"
kind = "commercial"
[[payer.terms]]
from = "2019-01-01"
to = "2026-12-31"
basis = "percent-of-medicare"
percent = "135"
[[payer]]
id = "B"
name = "=Plan B"
kind = "commercial"
[[payer.terms]]
from = "2019-01-01"
to = "2026-12-31"
basis = "percent-of-medicare"
percent = "90"
[[payer]]
id = "C"
name = "Plan C"
kind = "commercial"
[[payer.terms]]
from = "2019-01-01"
to = "2026-12-31"
basis = "percent-of-charge"
percent = "60"
"#;

#[test]
fn commercial_statements_are_held_against_the_projects_own_contracts() {
    let project = Project::parse(PROJECT, "allowable.toml").unwrap();
    let reference = Reference::embedded().unwrap();
    let on = "2020-07-01";
    let grounds =
        |synthetic| Grounds::new(&reference, &project.payers, synthetic, day(on), ohio(&reference, on)).unwrap();
    let of = |row: &str, synthetic| check(&grounds(synthetic), &made_up(row));
    // Ohio 2020: 13.78 × 1.35 = 18.603 → 18.60; × 0.90 = 12.402 → 12.40; a share of the charge is no rate.
    let found = of("96372,commercial,range,low=12.40;high=18.60", false);
    assert_eq!((found.verdict, found.ground), (Verdict::Agrees, Ground::Contract), "{found:?}");
    assert!(
        found.found.contains("$12.40 to $18.60") && found.found.contains("your 2 commercial contracts"),
        "{found:?}"
    );
    assert_eq!(of("96372,commercial,range,low=15;high=35", false).verdict, Verdict::AgreesInPart);
    // One of the two pays more than 13.78.
    assert_eq!(of("96372,commercial,commercial-above,", false).verdict, Verdict::AgreesInPart);
    // Invented contracts prove nothing.
    assert_eq!(of("96372,commercial,range,low=12;high=19", true).verdict, Verdict::NotComparable);
    let rows = compare(&grounds(false), &[code("96372")]);
    let of_payer = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
    assert_eq!(of_payer("Plan A").middle, Some(Money::from_cents(1860)));
    assert_eq!(of_payer("15202-00").middle, Some(Money::from_cents(1378)));
    assert!(of_payer("Plan C").middle.is_none() && of_payer("Plan C").what.contains("60% of the charge"));
    assert!(compare(&grounds(true), &[code("96372")]).iter().any(|row| row.ground == Ground::Synthetic));
}

#[test]
fn the_codes_by_payer_type_are_real_rates() {
    let reference = Reference::embedded().unwrap();
    let grounds = Grounds::new(&reference, &[], false, day("2026-03-31"), Area::Nowhere).unwrap();
    let codes: Vec<Code> = INJECTIONS.iter().map(|text| code(text)).collect();
    let rows = compare(&grounds, &codes);
    let figures = |code: &str, payer: &str| {
        let row = rows.iter().find(|row| row.code == code && row.payer_type == payer).unwrap();
        [row.low, row.middle, row.high].map(|money| money.map(|money| money.to_string()).unwrap_or_default())
    };
    // DOMAIN §1: 15.36, localities 13.88 to 19.97; §2: p25 4.89, median 9.56, p75 13.98.
    assert_eq!(figures("96372", "Medicare"), ["13.88", "15.36", "19.97"]);
    assert_eq!(figures("96372", "Medicaid"), ["4.89", "9.56", "13.98"]);
    assert_eq!(figures("96372", "Commercial"), ["", "", ""]);
    // National: 0.59, 1.13 and 0.47 × 33.4009 = 19.7065…, 37.7430…, 15.6984….
    let national = ["96373", "96374", "96375"].map(|code| figures(code, "Medicare")[1].clone());
    assert_eq!(national, ["19.71", "37.74", "15.70"]);
    let years = medicare_by_year(&grounds, &codes[..1]);
    assert_eq!(years.iter().map(|row| row.year).collect::<Vec<_>>(), (2019..=2026).collect::<Vec<_>>());
    // 2020: 0.40 × 36.0896 = 14.4358…; 2024 from 9 March 0.43 × 33.2875 = 14.3136…, before × 32.7442 = 14.0800….
    assert_eq!(years[1].national.to_string(), "14.44");
    assert_eq!(years[5].national.to_string(), "14.31");
    assert!(years[5].note.contains("$14.08 to 2024-03-08"), "{:?}", years[5]);
    assert!(years.iter().all(|row| row.low <= row.median && row.median <= row.high && row.low < row.national));
}

#[test]
fn the_patients_share_in_ohio_in_2020() {
    let reference = Reference::embedded().unwrap();
    let of = |on: &str, question: &Question| {
        let grounds = Grounds::new(&reference, &[], false, day(on), ohio(&reference, on)).unwrap();
        shares(&grounds, code("96372"), question)
    };
    let plain = Question { drug: None, visit: Some(code("99213")), ..Question::default() };
    let (lines, rows) = of("2020-01-15", &plain);
    let row = |rows: &[allowable::facts::Share], situation: &str| {
        rows.iter().find(|row| row.situation == situation).unwrap_or_else(|| panic!("{situation}")).injection.unwrap()
    };
    let amounts = |s: allowable::facts::Split| [s.allowed, s.patient, s.paid, s.cut, s.other].map(|m| m.to_string());
    // 13.78 × 0.20 = 2.756 → 2.76; 11.02 less 2 % (0.2204 → 0.22) is 10.80.
    assert_eq!(amounts(row(&rows, "deductible met")), ["13.78", "2.76", "10.80", "0.22", "0.00"]);
    assert_eq!(amounts(row(&rows, "deductible not met")), ["13.78", "13.78", "0.00", "0.00", "0.00"]);
    assert_eq!(amounts(row(&rows, "with Medicaid, qualified (QMB)")), ["13.78", "0.00", "10.80", "0.22", "2.76"]);
    // 13.78 × 1.0925 = 15.05465 → 15.05; 13.09 approved, 10.47 less 0.21 reimbursed.
    assert_eq!(amounts(row(&rows, "non-participating, no assignment")), ["15.05", "4.79", "10.26", "0.00", "0.00"]);
    // No sequestration from May 2020 on.
    let (_, later) = of("2020-06-01", &plain);
    assert_eq!(amounts(row(&later, "deductible met")), ["13.78", "2.76", "11.02", "0.00", "0.00"]);
    // The visit of 2020 in Ohio is on the schedule; the day's sum holds both lines, each rounded for itself.
    let visit = lines[1].allowed.unwrap();
    let day_row = rows[0].day.unwrap();
    assert_eq!(day_row.allowed, Money::from_cents(1378) + visit);
    // A drug without a limit that year leaves the day unknown, and the injection as it is.
    let (lines, rows) = of("2020-01-15", &Question::default());
    assert!(lines[1].allowed.is_none() && lines[1].basis.contains("J3420"), "{lines:?}");
    assert!(rows[0].day.is_none() && rows[0].injection.is_some());
    // Medicaid's copay and a plan's contract are not known: not zero.
    for payer in ["Medicaid", "Commercial"] {
        let row = rows.iter().find(|row| row.payer == payer).unwrap();
        assert!(row.injection.is_none() && row.day.is_none() && !row.how.is_empty(), "{row:?}");
    }
    for share in rows.iter().filter_map(|row| row.injection).chain(rows.iter().filter_map(|row| row.day)) {
        assert_eq!(share.allowed, share.patient + share.paid + share.cut + share.other);
    }
}

#[test]
fn a_plan_whose_allowed_amount_is_given() {
    let dir = tempfile::tempdir().unwrap();
    let args = [
        "facts",
        "--part",
        "patient",
        "--allowed",
        "25",
        "--copay",
        "20",
        "--coinsurance",
        "15",
        "--deductible-left",
        "10",
    ];
    let said = common::run(dir.path(), &[&args[..], &["--format", "json"]].concat()).ends(0).json();
    let rows = said["patient"].as_array().unwrap();
    let patient = |situation: &str| {
        let row = rows.iter().find(|row| row["payer"] != "Medicare" && row["situation"] == situation);
        row.unwrap_or_else(|| panic!("{situation}"))["injection"]["patient"].as_str().unwrap().to_owned()
    };
    // Of 25.00: all; 10.00 + 15 % of 15.00 = 12.25; 2.50; 3.75; 5.00; 7.50; the copay of 20.
    let shares = [
        "deductible not met",
        "$10.00 of the deductible left",
        "coinsurance 10%",
        "coinsurance 15%",
        "coinsurance 20%",
        "coinsurance 30%",
        "copay $20.00",
    ];
    assert_eq!(shares.map(patient), ["25.00", "12.25", "2.50", "3.75", "5.00", "7.50", "20.00"]);
    // A copay above the allowed amount is cut to it.
    let args = ["facts", "--part", "patient", "--allowed", "15", "--copay", "20", "--format", "json"];
    let said = common::run(dir.path(), &args).ends(0).json();
    let copay = said["patient"].as_array().unwrap().iter().find(|row| row["situation"] == "copay $20.00").unwrap();
    assert_eq!((copay["injection"]["patient"].as_str(), copay["day"].is_null()), (Some("15.00"), true));
}

#[test]
fn the_command_prints_every_part_in_a_hundred_columns() {
    let dir = tempfile::tempdir().unwrap();
    let text = common::run(dir.path(), &["facts"]).ends(0).out;
    for part in [
        "Statements in circulation",
        "by payer type",
        "Medicare by year",
        "What the patient owes",
        "Where each subject",
    ] {
        assert!(text.contains(part), "{part}");
    }
    let of_ohio = common::run(dir.path(), &["facts", "--zip", "43215", "--date", "2024-05-06"]).ends(0).out;
    for line in text.lines().chain(of_ohio.lines()) {
        assert!(line.chars().count() <= 100, "{line}");
    }
    assert!(of_ohio.contains("15202-00 (OHIO)") && of_ohio.contains("figures of 2024"));
    let json = common::run(dir.path(), &["facts", "--format", "json", "--topic", "places"]).ends(0).json();
    let claims = json["claims"].as_array().unwrap();
    assert!(claims.len() >= 7 && claims.iter().all(|claim| claim["topic"] == "places"));
    assert!(json["topics"].as_array().unwrap().iter().all(|topic| topic["topic"] == "places"));
    let json =
        common::run(dir.path(), &["facts", "--format", "json", "--code", "96374", "--year", "2025"]).ends(0).json();
    assert!(json["claims"].as_array().unwrap().iter().all(|claim| claim["code"] == "96374"));
    assert!(json["comparison"].as_array().unwrap().iter().all(|row| row["code"] == "96374"));
    assert_eq!(json["lines_of_the_day"][0]["code"], "96374");
    // Twice the same.
    assert_eq!(common::run(dir.path(), &["facts"]).ends(0).out, text);
}

#[test]
fn parts_as_csv_hold_no_formulas() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("allowable.toml"), PROJECT).unwrap();
    let csv = |part: &str| {
        common::run(dir.path(), &["facts", "--year", "2025", "--format", "csv", "--part", part]).ends(0).out
    };
    let rows = |text: &str| {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.records().map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(rows(&csv("claims")).len(), claims().unwrap().len());
    assert_eq!(rows(&csv("topics")).len(), topics().unwrap().len());
    let comparison = csv("comparison");
    assert!(comparison.contains(",'=Plan B,"), "{comparison}");
    // The contract with the middle rate of two is the lower one: 90 % of Ohio 2025.
    assert!(csv("patient").contains("Commercial: =Plan B"));
    let named = common::run(dir.path(), &["facts", "--part", "patient", "--payer", "plan a", "--format", "json"])
        .ends(0)
        .json();
    let rows = named["patient"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["payer"] == "Commercial: Plan A"));
}

#[test]
fn what_cannot_be_answered_is_a_usage_error_that_says_what_there_is() {
    let dir = tempfile::tempdir().unwrap();
    for (args, expected) in [
        (&["facts", "--year", "2031"][..], "2019 to 2026"),
        (&["facts", "--date", "2010-01-01"], "2019 to 2026"),
        (&["facts", "--topic", "poetry"], "modifiers"),
        (&["facts", "--code", "99999"], "96372"),
        (&["facts", "--locality", "99999-99"], "allowable rates"),
        (&["facts", "--state", "OX"], "allowable rates"),
        (&["facts", "--zip", "00000"], "no locality"),
        (&["facts", "--payer", "nobody"], "no payer"),
        (&["facts", "--copay", "minus"], "dollars"),
        (&["facts", "--coinsurance", "120"], "0 to 100"),
        (&["facts", "--year", "2024", "--date", "2024-05-06"], "cannot be used with"),
        (&["facts", "--code", "J3420", "--part", "comparison", "--format", "csv"], "96372"),
    ] {
        let said = common::run(dir.path(), args).ends(2);
        assert!(said.err.contains(expected) && said.out.is_empty(), "{args:?}: {}", said.err);
    }
}

#[test]
fn the_report_has_the_sections_that_topics_name() {
    let dir = tempfile::tempdir().unwrap();
    let report = common::run(dir.path(), &["report", "--format", "json"]).ends(0).json();
    let sections: Vec<&str> =
        report["sections"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect();
    for topic in topics().unwrap() {
        if let Where::Section(name) = topic.place {
            assert!(sections.contains(&name.as_str()), "{name}");
        }
    }
    let section = |id: &str| report["sections"].as_array().unwrap().iter().find(|s| s["id"] == id).unwrap().clone();
    assert_eq!(section("facts")["table"]["rows"].as_array().unwrap().len(), claims().unwrap().len());
    // Real rates only: nothing of the invented contracts.
    assert!(!section("code-comparison").to_string().contains("synthetic"));
    assert_eq!(section("code-comparison")["chart"]["groups"], serde_json::json!(INJECTIONS));
    // Invented contracts make the page of the patient's share a synthetic one.
    assert_eq!(section("patient-share")["kind"], "synthetic");
}
