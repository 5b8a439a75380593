//! Another conversion factor from a day on: Medicare's relative values and localities of that day, where a schedule is known; and a
//! percentage of Medicare for a practitioner under an own NPI.
//!
//! Ohio in 2026 (33.4009; indices 1.000, 0.913, 1.008): 96372 0.17 + 0.28 × 0.913 + 0.01 × 1.008 = 0.43572 → 14.5534 → 14.55;
//! 96374 0.18 + 0.93 × 0.913 + 0.02 × 1.008 = 1.04925 → 35.0459 → 35.05.

use allowable::domain::Money;
use allowable::project::Project;
use allowable::reference::Reference;
use allowable::report::Cell;

use super::{PROJECT, Ran, claims, of, page, remits};

/// What a scenario's change is said to be in the table of changes.
fn said(ran: &Ran, modelled: &super::Modelled) -> String {
    let report = page(ran, modelled);
    let changes = report.sections.into_iter().find(|s| s.id == "changes").unwrap();
    match &changes.table.rows[0][3] {
        Cell::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn from_a_day_on_means_the_schedule_of_that_day() {
    let ran = Ran::small();
    let factor = "[scenario.conversion_factor]\nfactor = \"33.4009\"\nfrom = \"2026-01-01\"\n";
    let (modelled, played) = ran.play(factor);
    let expected = |payer: &str, code: &str| of(&modelled, &played, payer, code)[0];
    // 14.55 × 1.3 = 18.915 → 18.92; 35.05 × 1.3 = 45.565 → 45.57.
    assert_eq!((expected("MCR", ""), expected("COM", "96372"), expected("COM", "96374")), (5820, 18_920, 9114));
    // What follows no Medicare stays.
    assert_eq!(expected("CHG", ""), 7503);
    assert_eq!(
        said(&ran, &modelled),
        "$33.4009 per RVU, with the RVUs and localities of 2026-01-01; drugs and contract terms stay those of the day of service"
    );
    // A change of nothing on that day's factor is that day's schedule.
    let percent = "[scenario.conversion_factor]\npercent = \"0\"\nfrom = \"2026-01-01\"\n";
    let (same, by_percent) = ran.play(percent);
    assert_eq!(by_percent.outcome, played.outcome);
    assert!(said(&ran, &same).starts_with("0% on the factor of 2026-01-01, with the RVUs"), "{}", said(&ran, &same));
    // A named year keeps its own.
    let (modelled, played) = ran.play(&format!("[[scenario.rate]]\npayer = \"COM\"\nyear = \"2023\"\n{factor}"));
    assert_eq!(of(&modelled, &played, "COM", "96372")[0], 17_600);
}

#[test]
fn without_a_schedule_of_the_day_it_is_the_factor_alone_and_the_page_says_so() {
    let ran = Ran::small();
    // 0.40808 × 33.4009 = 13.6302 → 13.63.
    for (from, words) in [
        (
            "from = \"2035-01-01\"\n",
            "$33.4009 per RVU from 2035-01-01; no schedule of that day is known, so RVUs and localities stay",
        ),
        ("", "$33.4009 per RVU; RVUs and localities stay those of the day of service"),
    ] {
        let (modelled, played) = ran.play(&format!("[scenario.conversion_factor]\nfactor = \"33.4009\"\n{from}"));
        assert_eq!(of(&modelled, &played, "MCR", "")[0], 4 * 1363);
        assert!(said(&ran, &modelled).starts_with(words), "{}", said(&ran, &modelled));
    }
}

/// A practitioner's claims have 85 % by Medicare's own terms: 13.58 × 0.85 = 11.543 → 11.54.
#[test]
fn a_percentage_of_medicare_keeps_the_practitioners_percentage() {
    let claims = claims()
        .replace(",code,units,", ",code,modifiers,units,")
        .replace(",96372,", ",96372,SA,")
        .replace(",96374,", ",96374,,");
    let project = Project::parse(PROJECT, "allowable.toml").unwrap();
    let ran = Ran::new(project, Reference::embedded().unwrap(), &claims, &remits());
    let play =
        |percent: &str| ran.play(&format!("[[scenario.rate]]\npayer = \"MCR\"\npercent_of_medicare = \"{percent}\"\n"));
    let (modelled, played) = play("100");
    assert_eq!(of(&modelled, &played, "MCR", "")[0], 4 * 1154);
    assert_eq!(modelled.change(&played).net, Money::ZERO);
    // 11.54 × 1.2 = 13.848 → 13.85.
    let (modelled, played) = play("120");
    assert_eq!(of(&modelled, &played, "MCR", "")[0], 4 * 1385);
    // Of 2023: 13.54 × 0.85 = 11.509 → 11.51.
    let (modelled, played) =
        ran.play("[[scenario.rate]]\npayer = \"MCR\"\npercent_of_medicare = \"100\"\nyear = \"2023\"\n");
    assert_eq!(of(&modelled, &played, "MCR", "")[0], 4 * 1151);
}
