//! `allowable forecast` of a table that is no claims: series by `--series`, and volumes by year.

use std::fs;
use std::path::Path;

use crate::common::{Said, run};

/// Runs the forecast of a file with this text.
fn forecast(dir: &Path, name: &str, text: &str, more: &[&str]) -> Said {
    fs::write(dir.join(name), text).unwrap();
    run(dir, &[&["forecast", "--series", name, "--horizon", "2"], more].concat())
}

/// A long table of these names, 30 steps of the value by its step each.
fn long(names: &[&str], value: impl Fn(u32) -> String) -> String {
    let rows = names.iter().flat_map(|name| (1..=30).map(move |t| (name, t)));
    let rows: String = rows.map(|(name, t)| format!("{name},{t},{}\n", value(t))).collect();
    format!("series,t,y\n{rows}")
}

fn wavy(t: u32) -> String {
    (100 + t * 7 % 11).to_string()
}

#[test]
fn names_neither_steer_the_terminal_nor_run_in_a_spreadsheet_nor_become_one() {
    let dir = tempfile::tempdir().unwrap();
    let said = forecast(dir.path(), "s.csv", &long(&["\u{1b}[31mred"], wavy), &[]).ends(0);
    assert!(said.out.contains(" [31mred") && !said.out.contains('\u{1b}'), "{}", said.out);
    let table = long(&["=A", "'=A", "plain"], wavy);
    let said = forecast(dir.path(), "s.csv", &table, &["--format", "csv"]).ends(0);
    let names: Vec<&str> = said.out.lines().skip(1).step_by(2).map(|l| l.split(',').next().unwrap()).collect();
    assert_eq!(names, ["'=A", "''=A", "plain"]);
    assert!(said.err.contains("the names of 2 series (\"=A\", \"'=A\")"), "{}", said.err);
    // A file of CSV says so too, whatever is printed; JSON keeps names as they are.
    let said = forecast(dir.path(), "s.csv", &table, &["--out", "o.CSV", "--format", "json"]).ends(0);
    assert!(said.err.contains("the names of 2 series") && said.json()["series"][1]["series"] == "'=A", "{}", said.err);
    assert!(fs::read_to_string(dir.path().join("o.CSV")).unwrap().contains("\n''=A,2,"));
}

#[test]
fn notes_of_series_are_told_beside_the_csv() {
    let dir = tempfile::tempdir().unwrap();
    // Three values: no member of the mean can be fitted.
    let table = "series,t,y\na,2001,5\na,2002,6\na,2003,4\nb,1,1\nb,2,2\nb,3,1\n";
    let said = forecast(dir.path(), "s.csv", table, &["--format", "csv"]).ends(0);
    assert!(said.err.contains("2 of 2 series carry notes"), "{}", said.err);
    assert!(
        said.err.contains("2 series (\"a\", \"b\"): no model could be fitted: the last value stands in"),
        "{}",
        said.err
    );
    assert!(said.err.contains("t of 1 series (\"a\") looks like years"), "{}", said.err);
    let json = forecast(dir.path(), "s.csv", table, &["--format", "json"]).ends(0).json();
    assert!(json["notes"][0].as_str().unwrap().contains("frequency with 1"), "{}", json["notes"]);
}

#[test]
fn small_figures_are_shown_and_a_constant_stays_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let small = forecast(dir.path(), "s.csv", &long(&["a"], |_| "0.0001234".to_owned()), &[]).ends(0).out;
    assert!(small.contains("0.0001234  80%: 0.0001234 to 0.0001234"), "{small}");
    let csv = forecast(dir.path(), "s.csv", &long(&["a"], |_| "7".to_owned()), &["--format", "csv"]).ends(0).out;
    assert_eq!(csv.lines().nth(1), Some("a,1,7,7,7,7,7,7,7"));
}

#[test]
fn files_of_other_programs_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let plain = long(&["a"], wavy);
    let expected = forecast(dir.path(), "s.csv", &plain, &["--format", "csv"]).ends(0).out;
    let excel = format!("sep=;\r\n{};;\r\n", plain.replace(',', ";").replace('\n', "\r\n"));
    assert_eq!(forecast(dir.path(), "s.csv", &excel, &["--format", "csv"]).ends(0).out, expected);
    let wide: Vec<u8> = format!("\u{feff}{plain}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(dir.path().join("w.csv"), wide).unwrap();
    let said = run(dir.path(), &["forecast", "--series", "w.csv", "--horizon", "2", "--format", "csv"]).ends(0);
    assert!(said.out == expected && said.err.contains("read as UTF-16 LE"), "{}", said.err);
    // Twelve and a half with a comma.
    let half = forecast(dir.path(), "s.csv", "series;t;y\na;1;12,5\na;2;12,5\n", &["--format", "csv"]).ends(0).out;
    assert!(half.contains("a,1,12.5"), "{half}");
}

#[test]
fn what_cannot_be_written_is_said_before_anything_is_forecast() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    for (out, code, says) in [
        ("s.xlsx", 2, "FILE.csv or FILE.json"),
        ("s.pdf", 2, "no format"),
        ("file/s.csv", 1, "nothing can be written in it"),
    ] {
        // The table is wrong as well: that is found later.
        let said = forecast(dir.path(), "s.csv", "series,t,y\na,1,x\n", &["--out", out]).ends(code);
        assert!(said.err.contains(says) && said.out.is_empty(), "{out}: {}", said.err);
    }
}

/// Services of 96372 in Medicare, 2014 to 2023, without their payments.
const SERVICES: [u32; 10] =
    [8_009_834, 8_083_510, 8_324_224, 8_473_003, 8_298_349, 8_343_627, 6_552_961, 6_701_322, 6_386_619, 6_021_379];

fn years(from: usize) -> String {
    let rows = SERVICES.iter().zip(2014..).skip(from).map(|(n, year)| format!("{year},{n}\n"));
    format!("year,services\n{}", rows.collect::<String>())
}

#[test]
fn the_csv_of_years_holds_the_years_to_come() {
    let dir = tempfile::tempdir().unwrap();
    let said = forecast(dir.path(), "y.csv", &years(0), &["--format", "csv", "--out", "o"]).ends(0);
    let lines: Vec<&str> = said.out.lines().collect();
    assert!(said.err.contains("a break is no trend"), "{}", said.err);
    assert!(lines[0].starts_with("year,what,units,low,high,level,paid,"), "{}", lines[0]);
    // Ten recorded and two to come.
    assert_eq!(lines.len(), 13);
    assert!(lines[1].starts_with("2014,recorded,8009834,,,,"), "{}", lines[1]);
    // 6,021,379 · e^(−0.03171 ± 1.3968 · 0.08465 · √(10/9)) at 80 %: 5.833, 5.150 and 6.608 million.
    let next: Vec<&str> = lines[11].split(',').collect();
    assert_eq!(next[..2], ["2024", "forecast"]);
    for (cell, expected) in next[2..5].iter().zip([5_833_460.0, 5_149_915.0, 6_607_731.0]) {
        assert!((cell.parse::<f64>().unwrap() / expected - 1.0).abs() < 1e-5, "{cell}, not {expected}");
    }
    assert_eq!(next[5].parse::<f64>().unwrap(), 80.0);
    assert_eq!(fs::read_to_string(dir.path().join("o/forecast.csv")).unwrap(), said.out);
}

#[test]
fn the_terminal_says_how_little_years_support() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("y.csv"), years(0)).unwrap();
    let words = |said: &Said| said.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = words(&run(dir.path(), &["forecast", "y.csv", "--level", "95", "--horizon", "24"]).ends(0));
    for note in [
        "10 yearly points support only a wide band: 4.7 to 7.2 million units in 2024 (95%)",
        "their 9 changes by themselves allow at most 80 %",
        "without the change of 2020 (−21.5 %) it would be −0.5 %",
        "years are forecast 5 ahead at most, not 24",
    ] {
        assert!(said.contains(note), "{note}: {said}");
    }
    let three = words(&forecast(dir.path(), "y.csv", &years(7), &[]).ends(0));
    // By hand in `outlook::yearly`: 5.708 million times and through 1.1557. Two years ahead were asked for, and are given.
    assert!(
        three.contains("3 yearly points support only a wide band: 4.9 to 6.6 million units in 2024 (80%)"),
        "{three}"
    );
    assert!(three.contains("fewer than 6 changes") && !three.contains("5 ahead at most"), "{three}");
    let zeros = words(&forecast(dir.path(), "y.csv", "year,services\n2020,0\n2021,0\n2022,0\n", &[]).ends(0));
    assert!(zeros.contains("no forecast: the units of 2020, 2021, 2022 are 0"), "{zeros}");
}

#[test]
fn years_that_do_not_add_up_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let twice = format!("{}2023,6021379\n", years(0));
    let said = forecast(dir.path(), "y.csv", &twice, &[]).ends(1);
    assert!(said.err.contains("y.csv:12, column \"year\": 2023 stands twice: on line 11"), "{}", said.err);
    assert!(said.err.contains("help: keep one"), "{}", said.err);
    let gap = years(0).replace("2017,8473003\n", "");
    let said = forecast(dir.path(), "y.csv", &gap, &[]).ends(1);
    assert!(said.err.contains("y.csv") && said.err.contains("the year 2017 is missing"), "{}", said.err);
    let semi = years(0).replace(',', ";").replace("year;services", "YEAR;Services");
    assert!(forecast(dir.path(), "y.csv", &semi, &[]).ends(0).out.contains("10 yearly points"));
    let huge = "year,services\n2020,79228162514264337593543950335\n2021,6\n2022,7\n";
    let said = forecast(dir.path(), "y.csv", huge, &[]).ends(1);
    assert!(
        said.err.contains("y.csv:2, column \"services\"") && said.err.contains("at most 1,000,000,000,000"),
        "{}",
        said.err
    );
}
