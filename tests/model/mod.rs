//! Scenarios on a small practice, every lever with its sum by hand; grids and break-evens against single scenarios; nothing
//! changed is zero everywhere; the baseline is the leakage report's.
//!
//! Medicare in Ohio (15202-00). From 9 March 2024 (factor 33.2875; see `missed.rs` for the sums): 96372 13.58, 96374 33.97.
//! 2023 (33.8872, indices 1.000, 0.912, 1.063): 96372 0.17 + 0.24 × 0.912 + 0.01 × 1.063 = 0.39951 → 13.54;
//! 96374 0.18 + 0.91 × 0.912 + 0.02 × 1.063 = 1.03118 → 34.94.

mod ahead;
mod denials;
mod factor;
mod file;
mod search;
mod years;

use std::fs;

use allowable::domain::Money;
use allowable::leakage::Cohort;
use allowable::project::Project;
use allowable::reference::Reference;
use allowable::report::{Cell, Chart, DataKind, ScenarioPage};
use allowable::scenario::{Amounts, BaseCell, Effects, Given, Modelled, NetEffects, Plan, Played, model};
use allowable::{ingest, report};
use polars::prelude::{col, lit};
use proptest::prelude::*;

use crate::common::{Practice, input, run, tree};

const PROJECT: &str = r#"
title = "North Clinic"
[[payer]]
id = "COM"
name = "Example Health"
kind = "commercial"
lesser_of = false
[[payer.terms]]
basis = "percent-of-medicare"
percent = "130"
[[payer]]
id = "CHG"
name = "Charge Mutual"
kind = "commercial"
[[payer.terms]]
basis = "percent-of-charge"
percent = "50"
[[payer]]
id = "MCR"
name = "Medicare"
kind = "medicare"
[[payer.terms]]
basis = "medicare"
[[payer]]
id = "OTH"
name = "Nobody Knows"
kind = "commercial"
"#;

/// 1.30 × 13.58 = 17.654 → 17.65 and 1.30 × 33.97 = 44.161 → 44.16 of COM; half of 30.01 is 15.005 → 15.01, of 60.00 30.00.
fn claims() -> String {
    let mut text = "claim_id,line_number,service_date,payer_id,code,units,pos,zip,charge\n".to_owned();
    let mut line = |claim: &str, payer: &str, code: &str, units: u32, charge: &str| {
        text += &format!("{claim},1,2024-04-15,{payer},{code},{units},11,43215,{charge}\n");
    };
    for n in 1..=10 {
        line(&format!("A{n}"), "COM", "96372", 1, "40.00");
    }
    for n in 1..=2 {
        line(&format!("B{n}"), "COM", "96374", 1, "90.00");
    }
    for n in 1..=3 {
        line(&format!("C{n}"), "CHG", "96372", 1, "30.01");
    }
    line("C4", "CHG", "96372", 2, "60.00");
    for n in 1..=4 {
        line(&format!("D{n}"), "MCR", "96372", 1, "40.00");
    }
    line("E1", "OTH", "96372", 1, "25.00");
    text
}

/// A1 and A2 are denied for good, A3 at first; the second charge line of CHG waits.
fn remits() -> String {
    let mut text = "claim_id,line_number,payer_id,remit_date,code,charge,paid,adjustments\n".to_owned();
    let mut line = |claim: &str, payer: &str, day: &str, code: &str, charge: &str, paid: &str, why: &str| {
        text += &format!("{claim},1,{payer},{day},{code},{charge},{paid},{why}\n");
    };
    for n in 1..=3 {
        line(&format!("A{n}"), "COM", "2024-05-02", "96372", "40.00", "0.00", "CO-50:40.00");
    }
    for n in 3..=10 {
        line(&format!("A{n}"), "COM", "2024-05-20", "96372", "40.00", "17.65", "CO-45:22.35");
    }
    for n in 1..=2 {
        line(&format!("B{n}"), "COM", "2024-05-20", "96374", "90.00", "40.00", "CO-45:45.84;PR-2:4.16");
    }
    for n in [1, 3] {
        line(&format!("C{n}"), "CHG", "2024-05-20", "96372", "30.01", "15.01", "CO-45:15.00");
    }
    line("C4", "CHG", "2024-05-20", "96372", "60.00", "30.00", "CO-45:30.00");
    for n in 1..=4 {
        line(&format!("D{n}"), "MCR", "2024-05-31", "96372", "40.00", "10.64", "CO-45:26.42;PR-2:2.72;CO-253:0.22");
    }
    line("E1", "OTH", "2024-05-31", "96372", "25.00", "9.00", "CO-45:16.00");
    text
}

fn cents(n: i64) -> Money {
    Money::from_cents(n)
}

/// A practice run through the report.
struct Ran {
    project: Project,
    reference: Reference,
    run: report::Run,
}

impl Ran {
    fn new(project: Project, reference: Reference, claims: &str, remits: &str) -> Self {
        let inputs = [input("claims.csv", claims), input("remits.csv", remits)];
        let intake = ingest::read(&inputs, &project, &|_| ()).unwrap();
        let run = report::run(intake, &project, &reference).unwrap();
        Self { project, reference, run }
    }

    fn small() -> Self {
        let project = Project::parse(PROJECT, "allowable.toml").unwrap();
        Self::new(project, Reference::embedded().unwrap(), &claims(), &remits())
    }

    fn given(&self) -> Given<'_> {
        Given {
            project: &self.project,
            reference: &self.reference,
            lines: &self.run.lines,
            judged: &self.run.judged,
            priced: &self.run.priced,
            as_of: self.run.report.as_of,
        }
    }

    fn model(&self, plan: &str) -> Modelled {
        let plan = Plan::parse(plan, "scenario.toml", &self.project).unwrap();
        model(&plan, &self.given()).unwrap()
    }

    /// The first scenario of changes written after `[[scenario]]`.
    fn play(&self, changes: &str) -> (Modelled, Played) {
        let modelled = self.model(&format!("[[scenario]]\nname = \"one\"\n{changes}"));
        let played = modelled.scenarios[0].clone();
        (modelled, played)
    }
}

/// The page of a model.
fn page(ran: &Ran, modelled: &Modelled) -> report::Report {
    let as_of = ran.run.report.as_of;
    ScenarioPage { title: "North Clinic", kind: DataKind::Own, as_of, modelled, ahead: None }.report()
}

/// Expected, denied, net and cash in cents of a payer's code (or of all its codes).
fn of(modelled: &Modelled, played: &Played, payer: &str, code: &str) -> [i64; 4] {
    let such = |at: usize| {
        let key = &modelled.base.cells[at].key;
        &*key.payer == payer && (code.is_empty() || key.code.as_str() == code)
    };
    let Amounts { expected, denied, net, cash, .. } = played.outcome.over(such);
    [expected, denied, net, cash].map(Money::cents)
}

#[test]
fn the_baseline_is_what_was_worked_out_by_hand() {
    let ran = Ran::small();
    let modelled = ran.model("[grid]\npercent = [\"0\"]");
    let base = &modelled.base;
    // The last whole month of services is April, begun on the 15th: no whole month, so the days served.
    assert_eq!(base.period.to_string(), "2024-04-15 to 2024-04-15");
    // 10 × 17.65 + 2 × 44.16 + 3 × 15.01 + 30.00 + 4 × 13.58; denied 2 × 17.65.
    let total = modelled.baseline.total();
    assert_eq!(total.expected, cents(17_650 + 8832 + 4503 + 3000 + 5432));
    assert_eq!((total.denied, total.net), (cents(3530), cents(35_887)));
    // 8 × 17.65 + 2 × 40.00 + 2 × 15.01 + 30.00 + 4 × 10.64.
    assert_eq!(total.cash, cents(14_120 + 8000 + 3002 + 3000 + 4256));
    assert_eq!(total.lines().to_string(), "20");
    assert_eq!(base.sum(|cell| cell.sums.first_denied), cents(3 * 1765));
    assert_eq!(base.sum(|cell| cell.pending), cents(1501));
    let unpriced = (base.unpriced.lines, base.unpriced.charge, base.unpriced.paid);
    assert_eq!(unpriced, (1, cents(2500), cents(900)));
}

#[test]
fn every_rate_lever_does_what_its_sum_says() {
    let ran = Ran::small();
    let com = "payer = \"COM\"\ncodes = [\"96372\"]\n";
    for (payer, change, wanted) in [
        // 17.654 × 1.1 = 19.4194 → 19.42, ten times, two of them denied; paid like before, all of net.
        ("COM", "percent = \"+10\"", [19_420, 3884, 15_536, 15_536]),
        // 1.5 × 13.58 = 20.37.
        ("COM", "percent_of_medicare = \"150\"", [20_370, 4074, 16_296, 16_296]),
        // 1.5 × 13.54 = 20.31.
        ("COM", "percent_of_medicare = \"150\"\nyear = \"2023\"", [20_310, 4062, 16_248, 16_248]),
        // 1.3 × 13.54 = 17.602 → 17.60.
        ("COM", "year = \"2023\"", [17_600, 3520, 14_080, 14_080]),
        ("COM", "flat = \"22.00\"", [22_000, 4400, 17_600, 17_600]),
        // No more than the charge of 40.
        ("COM", "flat = \"50\"\nlesser_of = true", [40_000, 8000, 32_000, 32_000]),
        ("COM", "not_covered = true", [0, 0, 0, 0]),
        // Four lines, five units; 60.02 paid of 75.03: × 80 / 75.03 = 63.9957; × 100 / 75.03 = 79.9947.
        ("CHG", "flat = \"20\"", [8000, 0, 8000, 6400]),
        ("CHG", "per_unit = \"20\"", [10_000, 0, 10_000, 7999]),
        // 18.006 → 18.01, three times, and 36.00; 60.02 × 90.03 / 75.03 = 72.0192.
        ("CHG", "percent_of_charge = \"60\"", [9003, 0, 9003, 7202]),
    ] {
        let lines = com.replace("COM", payer);
        let (modelled, played) = ran.play(&format!("[[scenario.rate]]\n{lines}{change}"));
        assert_eq!(of(&modelled, &played, payer, "96372"), wanted, "{payer}: {change}");
        // Nothing else moves, and all of it is rates.
        let elsewhere = played.outcome.total().net - cents(wanted[2]);
        let before = modelled
            .base
            .sum(|c| if &*c.key.payer == payer && c.key.code.as_str() == "96372" { Money::ZERO } else { c.net() });
        assert_eq!(elsewhere, before, "{change}");
        let rate = modelled.change(&played).net;
        assert_eq!(
            played.outcome.net_effects(),
            NetEffects { of_terms: Effects { rate, ..Effects::default() }, denial: Money::ZERO }
        );
        assert!(played.notes.is_empty(), "{:?}", played.notes);
    }
}

#[test]
fn the_first_change_that_holds_counts_and_places_are_told_apart() {
    let ran = Ran::small();
    let (modelled, played) = ran.play(
        "[[scenario.rate]]\npayer = \"Example Health\"\npos = [\"22\"]\nflat = \"1\"\n\
         [[scenario.rate]]\npayer = \"COM\"\ncodes = [\"96372\"]\npos = [\"11\"]\nflat = \"22\"\n\
         [[scenario.rate]]\npayer = \"COM\"\ncodes = [\"injections\"]\npercent = \"+5\"\n",
    );
    assert_eq!(of(&modelled, &played, "COM", "96372")[0], 22_000);
    // 44.161 × 1.05 = 46.36905 → 46.37.
    assert_eq!(of(&modelled, &played, "COM", "96374")[0], 9274);
    assert_eq!(played.notes, ["one: the change of rate (scenario.toml:3, COM at 22) holds for no line."]);
}

#[test]
fn volumes_and_denials_do_what_their_sums_say() {
    let ran = Ran::small();
    let lines = "payer = \"COM\"\ncodes = [\"96372\"]\n";
    for (change, wanted) in [
        // 176.50 × 1.1, 35.30 × 1.1.
        ("volume]]\npercent = \"+10\"", [19_415, 3883, 15_532, 15_532]),
        // 1.03² = 1.0609: 187.24885, 37.44977.
        ("volume]]\ngrowth = \"3\"\nyears = 2", [18_725, 3745, 14_980, 14_980]),
        ("volume]]\npercent = \"-100\"", [0, 0, 0, 0]),
        // 176.50 × 0.04 = 7.06.
        ("denial]]\nrate = \"4\"", [17_650, 706, 16_944, 16_944]),
        ("denial]]\npercent = \"-50\"", [17_650, 1765, 15_885, 15_885]),
        // Three lines, 52.95, are denied at first; 40 % of it stays denied.
        ("denial]]\noverturn = \"60\"", [17_650, 2118, 15_532, 15_532]),
        // 176.50 × 0.10 × 0.50 = 8.825 → 8.83.
        ("denial]]\ninitial = \"10\"\noverturn = \"50\"", [17_650, 883, 16_767, 16_767]),
        // 17.65 at first, two thirds of it (35.30 of 52.95) in the end: 11.7667.
        ("denial]]\ninitial = \"10\"", [17_650, 1177, 16_473, 16_473]),
        // Twice 52.95 at first, half of it lost.
        ("denial]]\npercent = \"+100\"\noverturn = \"50\"", [17_650, 5295, 12_355, 12_355]),
    ] {
        let change = change.replacen('\n', &format!("\n{lines}"), 1);
        let (modelled, played) = ran.play(&format!("[[scenario.{change}"));
        assert_eq!(of(&modelled, &played, "COM", "96372"), wanted, "{change}");
        let effects = played.outcome.net_effects();
        let net = modelled.change(&played).net;
        assert_eq!(effects.total(), net, "{change}");
        if change.starts_with("denial") {
            assert_eq!(effects, NetEffects { denial: net, ..NetEffects::default() }, "{change}");
        } else {
            // Other shares of the lines as well: only rates and denials stay.
            assert_eq!((effects.of_terms.rate, effects.denial), (Money::ZERO, Money::ZERO), "{change}");
        }
    }
    // All lines alike: volume alone.
    let (modelled, played) = ran.play("[[scenario.volume]]\npercent = \"+10\"");
    let net = modelled.change(&played).net;
    // 10 % of 141.20, 88.32, 75.03 and 54.32, each rounded: 14.12 + 8.83 + 7.50 + 5.43.
    assert_eq!(net, cents(1412 + 883 + 750 + 543));
    assert_eq!(played.outcome.net_effects().of_terms, Effects { volume: net, ..Effects::default() });
}

#[test]
fn another_conversion_factor_moves_what_follows_the_year_and_nothing_else() {
    let ran = Ran::small();
    // 0.40808 × 30 = 12.2424 → 12.24; × 1.3 = 15.912 → 15.91. 1.02056 × 30 = 30.6168 → 30.62; × 1.3 = 39.806 → 39.81.
    let factor = "[scenario.conversion_factor]\nfrom = \"2027-01-01\"\nfactor = \"30\"\n";
    let (modelled, played) = ran.play(factor);
    let expected = |payer: &str, code: &str| of(&modelled, &played, payer, code)[0];
    assert_eq!((expected("MCR", ""), expected("COM", "96372"), expected("COM", "96374")), (4896, 15_910, 7962));
    assert_eq!(expected("CHG", ""), 7503);
    // 33.2875 × 0.9 = 29.95875; × 0.40808 = 12.2256 → 12.23.
    let (modelled, played) = ran.play("[scenario.conversion_factor]\npercent = \"-10\"\n");
    assert_eq!(of(&modelled, &played, "MCR", "")[0], 4892);
    // A named year keeps its own factor: 1.3 × 13.54 = 17.602.
    let (modelled, played) = ran.play(&format!("[[scenario.rate]]\npayer = \"COM\"\nyear = \"2023\"\n{factor}"));
    assert_eq!(of(&modelled, &played, "COM", "96372")[0], 17_600);
    // Within the baseline it would hold for a part of the lines only.
    let plan = "period = { from = \"2024-01-01\", to = \"2024-12-31\" }\n[[scenario]]\nname = \"one\"\n\
                [scenario.conversion_factor]\nfrom = \"2024-06-01\"\nfactor = \"30\"\n";
    let plan = Plan::parse(plan, "scenario.toml", &ran.project).unwrap();
    let error = model(&plan, &ran.given()).unwrap_err();
    assert!(error.message().contains("begins on 2024-06-01, within the baseline"), "{error}");
    assert_eq!(error.place().unwrap().to_string(), "scenario.toml:5");
}

#[test]
fn nothing_changed_is_zero_everywhere() {
    let practice = Practice::new(1_500, 7);
    let ran = Ran::new(practice.project, practice.reference, &practice.claims, &practice.remits);
    for changes in [
        "",
        "[[scenario.rate]]\npercent = \"0\"\n[[scenario.volume]]\npercent = \"0\"\n[[scenario.denial]]\npercent = \"+0\"\n",
        "[scenario.conversion_factor]\npercent = \"0\"\n",
        // The terms that are in force anyway.
        "[[scenario.rate]]\npayer = \"COM1\"\nyear = \"2023\"\n",
        "[[scenario.rate]]\npayer = \"MA2\"\npercent_of_medicare = \"97\"\n",
        "[[scenario.rate]]\npayer = \"COM1\"\nlesser_of = false\n",
    ] {
        let (modelled, played) = ran.play(changes);
        assert_eq!(played.outcome, modelled.baseline, "{changes}");
        assert_eq!(modelled.change(&played), Amounts::default());
        assert!(played.outcome.net.iter().all(|e| *e == NetEffects::default()), "{changes}");
        assert!(played.outcome.expected.iter().all(|e| *e == Effects::default()), "{changes}");
    }
    // A tornado of no movement has no bars.
    assert!(ran.model("[tornado]\nchange = \"0\"").tornado.1.iter().all(|bar| bar.by.is_none()));
}

#[test]
fn the_baseline_ties_to_the_leakage_report() {
    let practice = Practice::new(2_000, 3);
    let ran = Ran::new(practice.project, practice.reference, &practice.claims, &practice.remits);
    let modelled = ran.model("[grid]\npercent = [\"0\"]");
    let period = modelled.base.period;
    let within = col("service_date").gt_eq(lit(period.from())).and(col("service_date").lt(lit(period.until())));
    let cohorts = [Cohort::Firm, Cohort::Benchmark, Cohort::NotPayable];
    let groups = ran.run.ledger.group_where(&["payer_id", "code"], &cohorts, within).unwrap();
    assert!(groups.len() > 30);
    let of = |key: &[String], amount: &dyn Fn(&BaseCell) -> Money| -> Money {
        let cells = modelled.base.cells.iter();
        cells.filter(|c| *c.key.payer == *key[0] && c.key.code.as_str() == key[1]).map(amount).sum()
    };
    for group in &groups {
        assert_eq!(of(&group.keys, &|c| c.sums.expected), group.gaps.expected, "{:?}", group.keys);
        assert_eq!(of(&group.keys, &|c| c.sums.denied), group.gaps.denied, "{:?}", group.keys);
        assert_eq!(of(&group.keys, &|c| c.sums.first_denied), group.initially_denied_expected, "{:?}", group.keys);
        assert_eq!(of(&group.keys, &|c| c.paid), group.gaps.paid, "{:?}", group.keys);
    }
    let total = modelled.baseline.total();
    assert_eq!(total.expected, groups.iter().map(|g| g.gaps.expected).sum());
    assert_eq!(total.cash, groups.iter().map(|g| g.gaps.paid).sum());
    assert_eq!(modelled.base.cells.iter().map(|c| c.lines).sum::<i64>(), groups.iter().map(|g| g.lines).sum::<i64>());
}

#[test]
fn lines_for_which_a_change_has_no_rate_keep_theirs_and_that_is_said() {
    let ran = Ran::small();
    let (modelled, played) = ran.play("[[scenario.rate]]\npercent_of_medicare = \"120\"\nyear = \"2035\"\n");
    assert_eq!(played.outcome.total(), modelled.baseline.total());
    let told = played.notes.join("\n");
    assert!(told.contains("18 lines keep their present rate") && told.contains("no-schedule-that-day"), "{told}");
    assert!(told.contains("scenario.toml:3"), "{told}");
}

#[test]
fn the_page_ties_and_names_what_it_shows() {
    let ran = Ran::small();
    let plan = "title = \"Renewal\"\n\
        [[scenario]]\nname = \"ask\"\nkind = \"ask\"\n[[scenario.rate]]\npayer = \"COM\"\npercent = \"+10\"\n\
        [[scenario]]\nname = \"none\"\nkind = \"walk-away\"\n[[scenario.volume]]\npayer = \"COM\"\npercent = \"-50\"\n\
        [[scenario.denial]]\npayer = \"COM\"\nrate = \"0\"\n\
        [grid]\npayer = \"COM\"\npercent = [\"-10\", \"0\", \"10\"]\ndenial = [\"0\", \"50\"]\n\
        [[breakeven]]\npayer = \"COM\"\ndenial = \"10\"\n";
    let modelled = ran.model(plan);
    let report = page(&ran, &modelled);
    let section = |id: &str| report.sections.iter().find(|s| s.id == id).unwrap();
    let money = |cell: &Cell| match cell {
        Cell::Money(amount) => *amount,
        other => panic!("{other:?}"),
    };
    let sum = |id: &str, scenario: &str, column: &str| -> Money {
        let table = &section(id).table;
        let at = table.columns.iter().position(|c| c.name == column).unwrap();
        table.rows.iter().filter(|row| row[0] == Cell::from(scenario)).map(|row| money(&row[at])).sum()
    };
    for scenario in ["ask", "none"] {
        let net = sum("scenarios", scenario, "net_change");
        assert_eq!(net, sum("amounts", scenario, "net") - sum("amounts", "baseline", "net"));
        for id in ["effects", "by-payer", "by-payer-and-code", "effects-by-payer-and-code"] {
            assert_eq!(sum(id, scenario, "net_change"), net, "{id}");
        }
        for effect in ["rate_effect", "mix_effect", "volume_effect", "denial_effect"] {
            assert_eq!(
                sum("effects", scenario, effect),
                sum("effects-by-payer-and-code", scenario, effect),
                "{effect}"
            );
        }
    }
    // 8 × 1.77 and 2 × 4.42.
    assert_eq!(report.finding.split(';').next(), Some("\"ask\" would bring $23 more net than today"));
    // All of the change is rates; the walk-away's is not, and its parts are told as such.
    assert_eq!(section("effects").title, "All of the +$23 of \"ask\" comes from rates");
    // Half of 176.50 and 88.32 remain, nothing is denied: 132.41 instead of 229.52.
    assert_eq!(sum("scenarios", "none", "net_change"), cents(8825 + 4416 - 14_120 - 8832));
    assert_eq!(sum("scenarios", "ask", "net_over_walk_away"), cents(1416 + 884 + 9711));
    let total = section("baseline").table.total.clone().unwrap();
    assert_eq!(money(&total[3]), modelled.baseline.total().expected);
    let Some(Chart::Grid(grid)) = &section("grid").chart else { panic!("no grid") };
    assert_eq!(
        (grid.rows.as_slice(), grid.columns.as_slice()),
        (["−10%", "0%", "+10%"].map(String::from).as_slice(), ["0%", "50%"].map(String::from).as_slice(),)
    );
    // As it is, with nothing denied: the two lines of 17.65 come in.
    assert_eq!(grid.values[1][0], Some(cents(3530)));
    for section in &report.sections {
        assert!(!section.title.is_empty(), "{}", section.id);
    }
}

#[test]
fn the_largest_part_of_a_change_is_told_as_a_part() {
    let ran = Ran::small();
    // Half of COM's net of 229.52 goes with the volume, and with nothing denied 17.65 comes back: 132.41 − 229.52 = −97.11. The
    // lines fall from 20 to 14, so that volume as a whole is 14 / 20 of everything: 358.87 × 0.3 = −107.66 or so.
    let modelled = ran.model(
        "[[scenario]]\nname = \"none\"\n[[scenario.volume]]\npayer = \"COM\"\npercent = \"-50\"\n\
         [[scenario.denial]]\npayer = \"COM\"\nrate = \"0\"\n",
    );
    let report = page(&ran, &modelled);
    let title = &report.sections.iter().find(|s| s.id == "effects").unwrap().title;
    assert_eq!(title, "Of the −$97 of \"none\", −$108 comes from volume");
}

#[test]
fn the_example_runs_on_the_demo_practice() {
    let dir = tempfile::tempdir().unwrap();
    let example = run(dir.path(), &["model", "--example"]).ends(0);
    fs::write(dir.path().join("scenario.toml"), &example.out).unwrap();
    let said = run(dir.path(), &["model", "scenario.toml", "--out", "model", "--format", "json"]).ends(0);
    let json = said.json();
    assert!(json["sections"].as_array().unwrap().len() > 8, "{}", said.out);
    let files = tree(&dir.path().join("model"));
    for name in ["model.html", "model.xlsx", "model.json", "charts/grid.png", "charts/tornado.svg", "tables/grid.csv"] {
        assert!(files.contains_key(name), "{name} in {:?}", files.keys());
    }
    assert_eq!(String::from_utf8(files["model.json"].clone()).unwrap(), said.out);
    let said =
        run(dir.path(), &["model", "scenario.toml", "--format", "csv", "--horizon", "3", "--paths", "40"]).ends(0);
    assert!(said.out.starts_with("scenario,payer,code,lines_before,lines,"), "{}", said.out);
    run(dir.path(), &["model"]).ends(2);
    let said = run(dir.path(), &["model", "nowhere.toml"]).ends(1);
    assert!(said.err.contains("allowable model --example"), "{}", said.err);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_changes_the_parts_are_the_total(
        rates in proptest::collection::vec((0..6usize, -60i32..200, 0..5usize), 0..4),
        volumes in proptest::collection::vec((0..6usize, -10_000i32..30_000), 0..3),
        denials in proptest::collection::vec((0..6usize, 0..10_000u32, 0..3usize), 0..3),
        factor in proptest::option::of(-20i32..20),
    ) {
        static RAN: std::sync::OnceLock<Ran> = std::sync::OnceLock::new();
        let ran = RAN.get_or_init(|| {
            let practice = Practice::new(800, 13);
            Ran::new(practice.project, practice.reference, &practice.claims, &practice.remits)
        });
        let lines = ["payer = \"COM1\"", "payer = \"MCR\"", "codes = [\"96372\"]", "payer = \"COM2\"\ncodes = [\"visits\"]", "pos = [\"11\"]", ""];
        let mut text = String::new();
        for (of, percent, how) in rates {
            let how = match how {
                0 => format!("percent_of_medicare = \"{}\"", percent + 60),
                1 => format!("flat = \"{}.37\"", percent + 60),
                2 => format!("percent_of_charge = \"{}\"", percent + 60),
                3 => "year = \"2025\"".to_owned(),
                _ => format!("percent = \"{percent}\""),
            };
            text += &format!("[[scenario.rate]]\n{}\n{how}\n", lines[of]);
        }
        for (of, hundredths) in volumes {
            let percent = rust_decimal::Decimal::new(i64::from(hundredths), 2);
            text += &format!("[[scenario.volume]]\n{}\npercent = \"{percent}\"\n", lines[of]);
        }
        for (of, hundredths, how) in denials {
            let percent = rust_decimal::Decimal::new(i64::from(hundredths), 2);
            let how = ["rate", "overturn", "initial"][how];
            text += &format!("[[scenario.denial]]\n{}\n{how} = \"{percent}\"\n", lines[of]);
        }
        if let Some(percent) = factor {
            text += &format!("[scenario.conversion_factor]\npercent = \"{percent}\"\n");
        }
        let (modelled, played) = ran.play(&text);
        let (base, outcome) = (&modelled.base, &played.outcome);
        let mut sum = Amounts::default();
        for (at, cell) in outcome.cells.iter().enumerate() {
            prop_assert_eq!(cell.net, cell.expected - cell.denied);
            prop_assert!(cell.denied <= cell.expected && cell.denied >= Money::ZERO && cell.volume >= 0);
            prop_assert_eq!(outcome.net[at].total(), cell.net - base.cells[at].net());
            prop_assert_eq!(outcome.expected[at].total(), cell.expected - base.cells[at].sums.expected);
            sum += *cell;
        }
        prop_assert_eq!(sum, outcome.total());
        let change = modelled.change(&played);
        prop_assert_eq!(outcome.net_effects().total(), change.net);
        prop_assert_eq!(outcome.expected_effects().total(), change.expected);
        let mut groups = Amounts::default();
        let mut effects = NetEffects::default();
        for (amounts, parts) in outcome.by(base, |key| (key.payer.clone(), key.code)).values() {
            groups += *amounts;
            effects += *parts;
        }
        prop_assert_eq!((groups, effects), (outcome.total(), outcome.net_effects()));
    }
}
