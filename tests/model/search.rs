//! Grids and break-evens against single scenarios; the tornado lever by lever; questions about no line.

use allowable::domain::Money;
use allowable::scenario::{Answer, Lines};

use super::{Ran, cents, of, page};
use crate::common::Practice;

#[test]
fn a_cell_of_the_grid_is_the_single_scenario() {
    let practice = Practice::new(1_500, 11);
    let ran = Ran::new(practice.project, practice.reference, &practice.claims, &practice.remits);
    let grid = "[grid]\npayer = \"COM1\"\ncodes = [\"96372-96375\"]\nyear = \"2024\"\n\
                percent_of_medicare = { from = \"100\", to = \"160\", step = \"30\" }\ndenial = [\"2\", \"7.5\", \"20\"]\n";
    let grid = ran.model(grid).grid.unwrap();
    assert_eq!(grid.cells.len(), 3);
    for (rate, row) in ["100", "130", "160"].iter().zip(&grid.cells) {
        for (denial, cell) in ["2", "7.5", "20"].iter().zip(row) {
            let lines = "payer = \"COM1\"\ncodes = [\"96372-96375\"]\n";
            let (_, played) = ran.play(&format!(
                "[[scenario.rate]]\n{lines}percent_of_medicare = \"{rate}\"\nyear = \"2024\"\n\
                 [[scenario.denial]]\n{lines}rate = \"{denial}\"\n"
            ));
            assert_eq!(*cell, played.outcome.total(), "{rate} {denial}");
        }
    }
    // More pays more, more denied less.
    assert!(grid.cells.windows(2).all(|rows| rows[0][0].net < rows[1][0].net));
    assert!(grid.cells.iter().all(|row| row.windows(2).all(|cells| cells[0].net > cells[1].net)));
}

#[test]
fn a_break_even_is_the_first_that_reaches_and_its_reverse_the_last() {
    let ran = Ran::small();
    let ask = |more: &str| {
        let plan = format!("[[breakeven]]\npayer = \"COM\"\ncodes = [\"96372\"]\n{more}");
        ran.model(&plan).breakevens.remove(0)
    };
    let percent = |text: &str| text.parse().unwrap();
    // Ten lines at r, a tenth denied: 10 r − r must reach 141.20, so r = 15.69 (141.21; 15.68 gives 141.12).
    // 13.58 × 1.1551 = 15.68626 → 15.69; × 1.1550 = 15.6849 → 15.68.
    let found = ask("denial = \"10\"\n");
    assert_eq!(found.rate, Some(Answer::At(percent("115.51"), cents(14_121))));
    assert_eq!((found.target, found.present, found.denial), (cents(14_120), cents(14_120), None));
    // At 150 %: 203.70; 62.50 may be denied: 203.70 × 0.3068 = 62.495 → 62.50, × 0.3069 = 62.5155 → 62.52.
    let found = ask("percent_of_medicare = \"150\"\n");
    assert_eq!((found.rate, found.denial), (None, Some(Answer::At(percent("30.68"), cents(14_120)))));
    // As it is denied, eight lines of ten: 8 r = 141.20, r = 17.65: 13.58 × 1.2994 = 17.6459 → 17.65, × 1.2993 = 17.6445 → 17.64.
    assert_eq!(ask("").rate, Some(Answer::At(percent("129.94"), cents(14_120))));
    // Nothing denied at 100 % is 135.80: even that is less.
    let found = ask("percent_of_medicare = \"100\"\n");
    assert_eq!(found.denial, Some(Answer::Never(cents(13_580))));
    // 1,000 % is the end: 8 × 135.80.
    assert_eq!(ask("target = \"5000\"\n").rate, Some(Answer::Never(cents(108_640))));
    // A scenario as the target.
    let plan = "[[scenario]]\nname = \"ask\"\n[[scenario.rate]]\npayer = \"COM\"\nflat = \"22\"\n\
                [[breakeven]]\npayer = \"COM\"\ncodes = [\"96372\"]\ntarget = \"ask\"\n";
    assert_eq!(ran.model(plan).breakevens[0].target, cents(17_600));
}

#[test]
fn a_break_even_played_as_a_scenario_reaches_its_target() {
    let practice = Practice::new(1_500, 5);
    let ran = Ran::new(practice.project, practice.reference, &practice.claims, &practice.remits);
    for payer in ["COM1", "COM5", "MA3"] {
        let lines = format!("payer = \"{payer}\"\ncodes = [\"96372\"]\n");
        let asked = ran.model(&format!("[[breakeven]]\n{lines}denial = \"9\"\nyear = \"2024\"\n"));
        let Some(Answer::At(rate, net)) = asked.breakevens[0].rate else { panic!("{payer}: no rate") };
        let played = |rate: rust_decimal::Decimal| {
            let (modelled, played) = ran.play(&format!(
                "[[scenario.rate]]\n{lines}percent_of_medicare = \"{rate}\"\nyear = \"2024\"\n\
                 [[scenario.denial]]\n{lines}rate = \"9\"\n"
            ));
            cents(of(&modelled, &played, payer, "96372")[2])
        };
        assert_eq!(played(rate), net);
        assert!(net >= asked.breakevens[0].target, "{payer}");
        assert!(played(rate - rust_decimal::Decimal::new(1, 2)) < asked.breakevens[0].target, "{payer}");
    }
}

#[test]
fn a_tornado_is_each_lever_alone_with_the_largest_on_top() {
    let ran = Ran::small();
    let bars = ran.model("[tornado]\nchange = \"10\"").tornado.1;
    let found: Vec<(String, &str, i64, i64)> = bars
        .iter()
        .map(|bar| (bar.of.to_string(), bar.moved.as_str(), bar.down.unwrap_or_default().cents(), bar.up.cents()))
        .collect();
    let sizes: Vec<Money> = bars.iter().map(allowable::scenario::TornadoBar::size).collect();
    assert!(sizes.windows(2).all(|pair| pair[0] >= pair[1]));
    let of = |lines: &str, moved: &str| found.iter().find(|b| b.0 == lines && b.1 == moved).map(|b| (b.2, b.3));
    // 8 × (19.42 − 17.65) + 2 × (48.58 − 44.16): 44.161 × 1.1 = 48.5771; down 8 × (15.89 − 17.65) + 2 × (39.74 − 44.16).
    assert_eq!(of("COM", "rate"), Some((-1408 - 884, 1416 + 884)));
    // 10 % of what is denied, 35.30.
    assert_eq!(of("COM", "denials"), Some((353, -353)));
    assert_eq!(of("MCR", "volume"), Some((-543, 543)));
    // Nothing of CHG is denied, and no charge limits anything: such bars are left out.
    assert_eq!((of("CHG", "denials"), of("MCR", "lesser-of removed")), (None, None));
    // MCR 4 × (14.94 − 13.58): 36.61625 × 0.40808 = 14.9424. COM 8 × (19.42 − 17.65) and 2 × (48.58 − 44.16):
    // 14.94 × 1.3 = 19.422; 36.61625 × 1.02056 = 37.3691 → 37.37 × 1.3 = 48.581.
    assert_eq!(of("all lines", "conversion factor").unwrap().1, 544 + 1416 + 884);
    let by_code = ran.model("[tornado]\nby = \"payer-code\"\npayer = \"COM\"\nrate = \"5\"").tornado.1;
    assert!(
        by_code.iter().any(|bar| bar.of.to_string() == "COM 96374" && bar.by == Some(rust_decimal::Decimal::from(5)))
    );
    assert!(by_code.iter().all(|bar| bar.of == Lines::default() || bar.of.payer.as_deref() == Some("COM")));
}

/// Lines without a price are in no sum, so that every rate brings the nothing of today: no answer may be given.
#[test]
fn questions_about_no_priced_line_have_no_answer() {
    let ran = Ran::small();
    for lines in ["payer = \"OTH\"", "payer = \"COM\"\ncodes = [\"J3420\"]"] {
        for question in ["denial = \"5\"", "percent_of_medicare = \"120\""] {
            let modelled =
                ran.model(&format!("[grid]\n{lines}\npercent = [\"0\", \"10\"]\n[[breakeven]]\n{lines}\n{question}\n"));
            let found = &modelled.breakevens[0];
            assert_eq!((found.rate, found.denial, found.matched), (None, None, 0), "{lines}: {question}");
            let report = page(&ran, &modelled);
            for id in ["break-even", "grid"] {
                let section = report.sections.iter().find(|s| s.id == id).unwrap();
                assert!(section.title.contains("no priced line"), "{}", section.title);
                assert!(section.chart.is_none());
                assert!(section.notes.iter().any(|n| n.contains("stand in no sum")), "{:?}", section.notes);
            }
        }
    }
}
