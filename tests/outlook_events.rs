//! Dated events and changes of rates from the project file to the forecast: what is told is applied to all, what may be chance to
//! none, and every change stands on its day.

use std::fs;
use std::path::Path;

use allowable::outlook::{Dim, Measure, Plan};
use allowable::project::Project;
use serde_json::Value;

use crate::common::run;
use crate::outlook_parts::{Hand, make, near, two_years, weekdays};
use crate::outlook_planted::{day, plan};

#[test]
fn a_stated_event_of_all_payers_moves_those_with_months_without_lines_as_well() {
    // Ten lines of Medicare on every weekday; one of A on the 15th (or next weekday) of each month but June and November 2022.
    let mut hand = Hand::new();
    let mut last = 0;
    for served in weekdays("2022-01-03", "2023-12-29") {
        (0..10).for_each(|_| hand.line("MCR", 11, served, Some(40)));
        let month = chrono::Datelike::month(&served) + 12 * u32::from(served >= day("2023-01-01"));
        if chrono::Datelike::day(&served) >= 15 && month != last {
            last = month;
            if ![6, 11].contains(&month) {
                hand.line("A", 11, served, Some(40));
            }
        }
    }
    let event =
        "[[event]]\ndate = \"2024-04-01\"\nlabel = \"New doctor\"\neffect = \"level-shift\"\nvolume = \"+20%\"\n";
    let plan = Plan { horizon: 6, ..plan(&[Dim::Payer]) };
    let [without, with] = ["", event].map(|more| make(&hand, more, "2023-12-31", &plan));
    for id in ["A", "MCR"] {
        let of = |made: &crate::outlook_parts::Made| {
            let group = made.outlook.groups.iter().find(|g| g.label == [id]).unwrap().clone();
            (0..6).map(|at| group.month(at, Measure::Lines).mean as f64).collect::<Vec<f64>>()
        };
        let (before, after) = (of(&without), of(&with));
        assert_eq!(before[..3], after[..3], "{id}");
        for at in 3..6 {
            // Hundredths of lines are rounded: half of one in about a hundred before, and in 120 after.
            near(after[at] / before[at], 1.2, 1.2 * (0.5 / 95.0 + 0.5 / 115.0));
        }
    }
    let small = with.outlook.stems.iter().find(|s| s.name == "smaller payers").unwrap();
    assert!(!small.notes.iter().any(|n| n.contains("left out")), "{:?}", small.notes);
}

#[test]
fn an_event_that_chance_would_show_changes_no_forecast_and_one_that_it_would_not_does() {
    // Eight and twelve lines a day in turn, month by month; in August 2023 twelve where eight would be due, or forty.
    let practice = |august: u32| {
        let mut hand = Hand::new();
        for served in weekdays("2022-01-03", "2023-12-29") {
            let is_august = (day("2023-08-01")..=day("2023-08-31")).contains(&served);
            let usual = if chrono::Datelike::month(&served) % 2 == 0 { 8 } else { 12 };
            (0..if is_august { august } else { usual }).for_each(|_| hand.line("MCR", 11, served, Some(40)));
        }
        hand
    };
    let storm = "[[event]]\ndate = \"2023-08-01\"\nlabel = \"Storm\"\neffect = \"pulse\"\n";
    let lines = |hand: &Hand, more: &str| {
        let made = make(hand, more, "2023-12-31", &Plan { paths: 60, ..plan(&[]) });
        let note = made.outlook.stems[0].notes.iter().find(|n| n.contains("Storm")).cloned().unwrap_or_default();
        (made.outlook.total.path_sums(Measure::Lines), note)
    };
    let usual = practice(12);
    let ((untold, _), (told, note)) = (lines(&usual, ""), lines(&usual, storm));
    assert_eq!(untold, told);
    assert!(note.contains("may be chance") && note.contains("left out"), "{note}");
    let (flood, note) = lines(&practice(40), storm);
    assert!(note.contains("\"Storm\" changed volumes by +") && !note.contains("chance"), "{note}");
    // Four times as many lines in one month are one month's: what goes on is ten a day, as without them.
    let mean = |paths: &[i64]| paths.iter().sum::<i64>() as f64 / paths.len() as f64;
    near(mean(&flood) / mean(&told), 1.0, 0.06);
}

#[test]
fn what_stands_twice_is_refused_with_its_line() {
    let payers = "[[payer]]\nid = \"A\"\nname = \"Acme\"\nkind = \"commercial\"\n";
    let parse = |more: &str| Project::parse(&format!("{payers}{more}"), "allowable.toml");
    let refused = |more: &str, what: &str, line: u32| {
        let error = parse(more).unwrap_err().to_string();
        assert!(error.contains(what) && error.contains("stands twice"), "{error}");
        assert!(error.contains(&format!("allowable.toml:{line}")), "{error}");
    };
    let change = |payer: &str, percent: &str, more: &str| {
        format!("[[rate_change]]\ndate = \"2026-05-16\"\npayer = \"{payer}\"\npercent = \"{percent}\"\n{more}")
    };
    // Another name of the same payer, and 10.0 for 10: the same. The second begins on line 9.
    refused(&(change("A", "10", "") + &change("Acme", "+10.0%", "")), "[[rate_change]]: +10% from 2026-05-16", 9);
    for (first, second) in [
        (change("A", "10", ""), change("A", "10", "label = \"x\"\n")),
        (change("A", "10", ""), change("A", "11", "")),
        (change("A", "10", ""), change("A", "10", "").replace("payer = \"A\"\n", "")),
        (change("A", "10", ""), change("A", "10", "").replace("05-16", "05-17")),
    ] {
        assert_eq!(parse(&(first + &second)).unwrap().rate_changes.len(), 2);
    }
    let event = |more: &str| format!("[[event]]\ndate = \"2026-06-01\"\nlabel = \"New doctor\"\n{more}");
    let shift = event("effect = \"level-shift\"\nvolume = \"+20%\"\n");
    refused(&(shift.clone() + &shift), "[[event]]: \"New doctor\" of 2026-06-01", 10);
    let of_a = event("effect = \"level-shift\"\nvolume = \"+20%\"\npayer = \"A\"\n");
    assert_eq!(parse(&(shift + &of_a)).unwrap().volume_events.len(), 2);
}

/// A practice of Medicare and A in files, with more in its project file.
fn written(dir: &Path, more: &str) {
    let hand = two_years();
    let project = "title = \"By hand\"\ninputs = [\"claims.csv\", \"remits.csv\"]\n\
        [[payer]]\nid = \"MCR\"\nname = \"Medicare\"\nkind = \"medicare\"\n\
        [[payer.terms]]\nfrom = \"2020-01-01\"\nto = \"2029-12-31\"\nbasis = \"medicare\"\n\
        [[payer]]\nid = \"A\"\nname = \"Acme Health\"\nkind = \"commercial\"\n\
        [[payer.terms]]\nfrom = \"2020-01-01\"\nto = \"2029-12-31\"\nbasis = \"percent-of-medicare\"\npercent = \"120\"\nyear = \"current\"\nlocality = \"own\"\n";
    for (name, text) in
        [("claims.csv", hand.claims), ("remits.csv", hand.remits), ("allowable.toml", format!("{project}{more}"))]
    {
        fs::write(dir.join(name), text).unwrap();
    }
}

fn section<'r>(report: &'r Value, id: &str) -> &'r Value {
    report["sections"].as_array().unwrap().iter().find(|s| s["id"] == id).unwrap_or_else(|| panic!("no section {id}"))
}

#[test]
fn changes_of_rates_stand_on_their_days_in_table_chart_and_notes() {
    let dir = tempfile::tempdir().unwrap();
    let change = |date: &str, percent: &str, label: &str, payer: &str| {
        format!("[[rate_change]]\ndate = \"{date}\"\npercent = \"{percent}\"\nlabel = \"{label}\"\n{payer}")
    };
    let of_a = "payer = \"A\"\n";
    let all = change("2024-05-16", "10", "Raise", of_a)
        + &change("2023-05-16", "-10", "Past cut", of_a)
        + &change("2024-07-01", "-2.8", "CF cut", "");
    written(dir.path(), &all);
    // A pays what Medicare left of a line of December.
    let mut remits = fs::read_to_string(dir.path().join("remits.csv")).unwrap();
    remits.push_str("5101,1,A,2,2024-01-22,2024-01-22,96372,1,40.00,2.71,0.00,\n");
    fs::write(dir.path().join("remits.csv"), remits).unwrap();
    let quick = ["forecast", "--no-backtest", "--paths", "20"];
    let said = run(dir.path(), &[&quick[..], &["--format", "json"]].concat()).ends(0).json();
    let rates = section(&said, "rates");
    let row = rates["table"]["rows"].as_array().unwrap().iter().find(|r| r[0] == "Acme Health").unwrap();
    // The schedule steps in January 2024 (−1.4%: $16.03 after $16.25), on 9 March (+1.7%: $16.30), and in January 2025 with Medicare's
    // conversion factor (32.3465 after 33.2875: −2.8%).
    assert_eq!(
        row[4],
        "since 2023-05-16 −10% (Past cut; not in the recorded months), 2024-01 −1.4%, 2024-03-09 +1.7%, \
         2024-05-16 +10% (Raise), 2024-07 −2.8% (CF cut), 2025-01 −2.8%"
    );
    let notes = rates["notes"].to_string();
    assert!(notes.contains("−10% from 2023-05-16 on, of Acme Health, began before"), "{notes}");
    let notes = section(&said, "payers")["notes"].to_string();
    assert!(notes.contains("second) payers paid on services billed first to: Medicare $3."), "{notes}");
    // The page's chart: the picture beside it says the same days.
    let out = dir.path().join("out");
    run(dir.path(), &[&quick[..], &["--out", out.to_str().unwrap()]].concat()).ends(0);
    let page = fs::read_to_string(out.join("forecast.html")).unwrap();
    for label in [
        "1 Jan 2024: since 2023-05-16, Past cut, rates: −10% Acme Health",
        "16 May 2024: Raise, known rates: Acme Health +10%",
        "1 Jul 2024: CF cut, known rates: ",
    ] {
        assert!(page.contains(label), "{label}");
    }
    assert!(!page.contains("1 May 2024"));
}

#[test]
fn a_scenario_names_payers_by_names_with_blanks_and_as_the_files_do() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), "");
    // A payer that the project does not know: one line a month.
    let mut claims = fs::read_to_string(dir.path().join("claims.csv")).unwrap();
    for month in 1..=12 {
        claims.push_str(&format!("h{month},1,2023-{month:02}-14,HARBOR MUTUAL,OH,43215,11,96372,1,40.00\n"));
    }
    fs::write(dir.path().join("claims.csv"), claims).unwrap();
    let scenario = |text: &str| {
        run(dir.path(), &["forecast", "--no-backtest", "--paths", "20", "--horizon", "2", "--scenario", text])
    };
    for (text, says) in [
        ("payer=Acme Health rate=+5%", "With Acme Health: rate +5%"),
        ("volume=+10% payer=harbor mutual", "With HARBOR MUTUAL: volume +10%"),
        ("payer=A, rate=−5%, denial=+20%", "With Acme Health: rate −5%, denial +20%"),
    ] {
        let said = scenario(text).ends(0).out;
        assert!(said.contains(says), "{text}: {said}");
    }
    for (text, says) in [
        ("payer=Harbour Mutual rate=5%", "did you mean HARBOR MUTUAL?"),
        (
            "payer=Great Lakes Mutual rate=5%",
            "no payer \"Great Lakes Mutual\" in the project or the files; there are A, HARBOR MUTUAL, MCR",
        ),
        ("rate=+5% rate=+5%", "rate stands twice"),
        ("payer=A payer=MCR rate=+5%", "payer stands twice"),
        ("denial=+2000%", "denial: +2000% is out of range, which is from −100%"),
        ("volume=-101%", "volume: -101% is out of range"),
    ] {
        let said = scenario(text).ends(2).err;
        assert!(said.contains(says), "{text}: {said}");
    }
}

#[test]
fn growth_is_said_in_percent_a_year_and_ranges_say_their_level() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), "");
    let of = |level: &str| {
        let args = ["forecast", "--no-backtest", "--paths", "20", "--level", level, "--format", "json"];
        let said = run(dir.path(), &args).ends(0).json();
        section(&said, "growth")["title"].as_str().unwrap().to_owned()
    };
    let (narrow, wide) = (of("80"), of("95"));
    assert!(narrow.contains(" a year") && narrow.contains("(80% range"), "{narrow}");
    assert!(wide.contains("(95% range"), "{wide}");
}

#[test]
fn what_is_the_same_of_several_payers_is_one_note() {
    // A month of history: the lag of both payers is borrowed, in the same words.
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), "");
    for name in ["claims.csv", "remits.csv"] {
        let text = fs::read_to_string(dir.path().join(name)).unwrap();
        let mut lines = text.lines();
        let head = lines.next().unwrap();
        // The claims of December 2023 and their answers.
        let recent = if name == "claims.csv" {
            lines.filter(|l| l.contains(",1,2023-12")).collect::<Vec<_>>()
        } else {
            let claims = fs::read_to_string(dir.path().join("claims.csv")).unwrap();
            let ids: Vec<String> = claims.lines().skip(1).map(|l| l.split(',').next().unwrap().to_owned()).collect();
            lines.filter(|l| ids.iter().any(|id| l.starts_with(&format!("{id},")))).collect()
        };
        fs::write(dir.path().join(name), format!("{head}\n{}\n", recent.join("\n"))).unwrap();
    }
    let said = run(dir.path(), &["forecast", "--no-backtest", "--paths", "20", "--format", "json"]).ends(0).json();
    let notes: Vec<&str> =
        section(&said, "lags")["notes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(!notes.is_empty() && notes.iter().all(|n| n.starts_with("Acme Health, Medicare: ")), "{notes:?}");
}

#[test]
fn an_event_that_is_left_out_and_a_change_that_began_are_said_beside_the_answer() {
    let dir = tempfile::tempdir().unwrap();
    written(
        dir.path(),
        "[[event]]\ndate = \"2023-08-01\"\nlabel = \"Storm\"\neffect = \"pulse\"\nmonths = 1\n\
         [[rate_change]]\ndate = \"2023-05-16\"\npercent = \"-10\"\nlabel = \"Past cut\"\npayer = \"A\"\n",
    );
    let said = run(dir.path(), &["forecast", "--no-backtest", "--paths", "20", "--format", "json"]).ends(0).json();
    let notes: Vec<&str> = said["notes"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
    let storm: Vec<&&str> = notes.iter().filter(|n| n.starts_with("\"Storm\" is left out of the forecast")).collect();
    // Of both payers alike: one note, and no name.
    assert!(storm.len() == 1 && !storm[0].contains("(Medicare"), "{notes:?}");
    assert!(notes.iter().any(|n| n.contains("\"Past cut\", −10% from 2023-05-16 on")), "{notes:?}");
}
