//! The program as its users meet it: files, exit codes, streams, help. Every test works in a folder of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Stdio;
use std::sync::OnceLock;

use allowable::finding::ErrorKind;
use allowable::ingest::read;
use allowable::report;
use tempfile::TempDir;

use crate::common::{Practice, Said, input, names, program, run, tree};

/// The report on the embedded demo, run once for all tests.
struct DemoRun {
    dir: TempDir,
    said: Said,
    slug: String,
    files: BTreeMap<String, Vec<u8>>,
}

fn demo_run() -> &'static DemoRun {
    static RUN: OnceLock<DemoRun> = OnceLock::new();
    RUN.get_or_init(|| {
        let dir = TempDir::new().unwrap();
        let said = run(dir.path(), &["report"]).ends(0);
        let slugs = names(&dir.path().join("reports"));
        let [slug] = slugs.as_slice() else { panic!("{slugs:?}") };
        let files = tree(&dir.path().join("reports").join(slug));
        DemoRun { said, slug: slug.clone(), files, dir }
    })
}

#[test]
fn report_without_arguments_leaves_exactly_the_documented_files() {
    let demo = demo_run();
    // Days of service of the demo: its first and its last.
    assert!(demo.slug.starts_with("2023-01-0") && demo.slug.contains("_2025-12-3"), "{}", demo.slug);
    let mut expected: BTreeSet<String> = [
        ".allowable-files",
        "report.html",
        "leakage.xlsx",
        "summary.csv",
        "priced_lines.parquet",
        "findings.csv",
        "report.json",
        "quarantine.csv",
    ]
    .map(str::to_owned)
    .into();
    // Beside these: for every section of the report its table, and its chart twice when it has one.
    let report: serde_json::Value = serde_json::from_slice(&demo.files["report.json"]).unwrap();
    let mut charts = Vec::new();
    for section in report["sections"].as_array().unwrap() {
        let id = section["id"].as_str().unwrap();
        expected.insert(format!("tables/{id}.csv"));
        if !section["chart"].is_null() {
            charts.push(id);
            expected.extend(["svg", "png"].map(|kind| format!("charts/{id}.{kind}")));
        }
    }
    let needed = ["denials", "expected-to-paid", "months", "payer-by-cause", "percent-of-medicare", "places", "states"];
    assert!(needed.iter().all(|id| charts.contains(id)), "{charts:?}");
    let found: BTreeSet<String> = demo.files.keys().cloned().collect();
    assert_eq!(found, expected);
    assert!(demo.files.values().all(|bytes| !bytes.is_empty()));
    assert_eq!(names(demo.dir.path()), ["reports"], "nothing is left anywhere else");
}

#[test]
fn the_terminal_says_what_was_written_and_that_it_is_synthetic() {
    let said = &demo_run().said;
    assert!(
        said.out.contains("report.html") && said.out.contains("embedded demo practice (synthetic)"),
        "{}",
        said.out
    );
    assert!(!said.out.contains('\u{1b}'), "no colours where no terminal is");
    assert_eq!(said.err, "", "nothing to say on stderr where no terminal is");
}

#[test]
fn two_runs_are_byte_identical_whatever_the_number_of_threads() {
    let demo = demo_run();
    let dir = TempDir::new().unwrap();
    let args = ["report", "--format", "json", "--deny", "warning", "--out", "elsewhere"];
    let mut command = program(dir.path(), &args);
    command.env("POLARS_MAX_THREADS", "1").env("RAYON_NUM_THREADS", "1").env("NO_COLOR", "1");
    // The demo has warnings (an unknown payer): 3, and everything is written all the same.
    let said = Said::from(command.output().unwrap()).ends(3);
    let again = tree(&dir.path().join("elsewhere").join(&demo.slug));
    assert_eq!(again.keys().collect::<Vec<_>>(), demo.files.keys().collect::<Vec<_>>());
    for (name, bytes) in &demo.files {
        assert!(again[name] == *bytes, "{name} differs between two runs");
    }
    assert_eq!(said.out.as_bytes(), demo.files["report.json"], "--format json prints the report");
    assert!(said.json()["sections"].is_array());
}

#[test]
fn json_is_json_for_every_command_that_has_it() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("c.csv"), "Claim #,DOS,Payer,CPT,Charge\n1,2024-03-25,Medicare,96372,40.00\n").unwrap();
    let explained =
        run(dir.path(), &["explain", "--code", "96372", "--zip", "43215", "--date", "2024-03-25", "--format", "json"]);
    // Ohio from 9 March 2024: (0.17 × 1.000 + 0.25 × 0.911 + 0.01 × 1.033) × 33.2875 = 13.58.
    assert_eq!(explained.ends(0).json()[0]["expected"], "13.58");
    let rates =
        run(dir.path(), &["rates", "--state", "OH", "--from", "2024-03-25", "--to", "2024-03-25", "--format", "json"]);
    assert!(rates.ends(0).json().as_array().unwrap().iter().any(|row| row["rate"] == "13.58"));
    let check = run(dir.path(), &["check", "c.csv", "--format", "json"]).ends(0).json();
    assert_eq!((&check["lines"], &check["account"]["charge_kept"]), (&1.into(), &"40.00".into()));
}

#[test]
fn usage_errors_are_2_and_go_to_stderr() {
    let dir = TempDir::new().unwrap();
    let cases: [&[&str]; 7] = [
        &["raport"],
        &["report", "--format", "yaml"],
        &["explain"],
        &["explain", "--code", "96372", "--date", "6 May 2024"],
        &["explain", "--code", "96372", "--date", "2024-05-06", "--payer", "Nobody"],
        &["rates", "--code", "9"],
        &["price", "c.csv"],
    ];
    for args in cases {
        let said = run(dir.path(), args).ends(2);
        assert!(said.out.is_empty() && said.err.starts_with("error"), "{args:?}\n{}\n{}", said.out, said.err);
    }
    // Nothing at all shows the help, as usage.
    assert!(run(dir.path(), &[]).ends(2).err.contains("Usage: allowable"));
    assert_eq!(names(dir.path()), [""; 0], "no folder is left by a command that did nothing");
}

#[test]
fn a_project_file_with_a_typo_names_the_line_and_the_word_that_was_meant() {
    let dir = TempDir::new().unwrap();
    let project = "title = \"t\"\n\n[[payer]]\nid = \"MCR\"\nkind = \"medicare\"\nname = \"M\"\naliasses = []\n";
    fs::write(dir.path().join("allowable.toml"), project).unwrap();
    for command in ["report", "check"] {
        let said = run(dir.path(), &[command]).ends(1);
        assert!(said.out.is_empty());
        assert!(said.err.starts_with("error: ") && said.err.contains("allowable.toml:7: "), "{}", said.err);
        assert!(said.err.contains("`aliasses`") && said.err.contains("did you mean `aliases`?"), "{}", said.err);
    }
}

#[test]
fn a_file_that_is_not_there_is_1_and_named() {
    let dir = TempDir::new().unwrap();
    let said = run(dir.path(), &["report", "nowhere.csv"]).ends(1);
    assert!(said.out.is_empty() && said.err.contains("nowhere.csv") && said.err.contains("help: "), "{}", said.err);
}

#[test]
fn a_bad_output_folder_fails_before_the_work() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("taken"), "a file").unwrap();
    // The input does not exist either: the complaint about the folder comes first.
    let said = run(dir.path(), &["report", "nowhere.csv", "--out", "taken"]).ends(1);
    assert!(said.err.contains("taken") && !said.err.contains("nowhere"), "{}", said.err);
    assert_eq!(fs::read_to_string(dir.path().join("taken")).unwrap(), "a file");
}

#[test]
fn books_that_do_not_balance_are_4_and_give_no_report() {
    let practice = Practice::new(60, 1);
    let inputs = [input("claims.csv", practice.claims.as_str()), input("remits.csv", practice.remits.as_str())];
    let good = read(&inputs, &practice.project, &|_| ()).unwrap();
    // A row that was counted and is not there; a cent that was counted and is not there.
    let (mut row, mut cent) = (good.clone(), good);
    row.account.rows_read += 1;
    row.account.rows_kept += 1;
    cent.account.charge_read += allowable::domain::Money::from_cents(1);
    cent.account.charge_kept += allowable::domain::Money::from_cents(1);
    for tampered in [row, cent] {
        let error = report::run(tampered, &practice.project, &practice.reference).unwrap_err();
        assert_eq!((error.kind(), error.kind().exit_code()), (ErrorKind::Imbalance, 4), "{error}");
        assert!(error.remedy().is_some_and(|help| help.contains("nothing was written")));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let dir = TempDir::new().unwrap();
    let long = ["rates", "--code", "96372", "--from", "2019-01-01", "--format", "csv"];
    let cases: [&[&str]; 4] = [&long, &["completions", "bash"], &["--help"], &["demo", "--lines", "5", "--out", "d"]];
    for args in cases {
        let mut command = program(dir.path(), args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}");
    }
}

#[test]
fn completions_are_there_for_every_shell_and_every_flag_has_words() {
    let dir = TempDir::new().unwrap();
    let commands = ["report", "check", "init", "rates", "price", "demo", "explain", "completions"];
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = run(dir.path(), &["completions", shell]).ends(0);
        for command in commands {
            assert!(said.out.contains(command), "{shell}: {command}");
        }
    }
    let fish = run(dir.path(), &["completions", "fish"]).out;
    for command in commands {
        let help = run(dir.path(), &[command, "--help"]).ends(0);
        assert!(help.err.is_empty() && help.out.contains(&format!("Usage: allowable {command}")));
        let scope = format!("__fish_allowable_using_subcommand {command}\"");
        let mut flags = 0;
        for line in fish.lines().filter(|line| line.contains(&scope) && line.contains(" -l ")) {
            let flag = line.split(" -l ").nth(1).unwrap().split(' ').next().unwrap();
            let words = line.split(" -d '").nth(1).unwrap_or_default();
            assert!(words.len() > 8, "{command} --{flag} has no description");
            assert!(help.out.contains(&format!("--{flag}")), "{command} --help does not name --{flag}");
            flags += 1;
        }
        assert!(flags > 0, "{command}");
        // The arguments have words, too: no line of the help is a bare name.
        let bare = help.out.lines().zip(help.out.lines().skip(1).chain([""])).find(|(line, next)| {
            let name = line.trim_start();
            let option = name.starts_with("--") || name.starts_with('<') || name.starts_with('[');
            option
                && !name.starts_with("[default")
                && !name.starts_with("[possible")
                && !name.contains("  ")
                && next.trim().is_empty()
        });
        assert!(bare.is_none(), "{command}: {bare:?}");
    }
}

#[test]
fn public_volumes_alone_make_a_report_without_a_project_file() {
    let folder = tempfile::tempdir().unwrap();
    let volumes =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/medicare/volumes_96372_state_2023.csv");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_allowable"))
        .args(["report", volumes.to_str().unwrap(), "--format", "json"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let states = report["sections"].as_array().unwrap().iter().find(|s| s["id"] == "states").unwrap();
    assert_eq!(states["kind"], "observed");
    // Mississippi has one locality: 207,594 services × 12.89 = 2,675,886.66; the file says 1,689,805.91 were paid: 63.1 %.
    let row = states["table"]["rows"].as_array().unwrap().iter().find(|r| r[0] == "MS").unwrap();
    assert_eq!((&row[4], &row[5], &row[6]), (&"2675886.66".into(), &"1689805.91".into(), &"63.1".into()));
    let notes = states["notes"].to_string();
    assert!(notes.contains("these are payments, not allowed amounts") && notes.contains("an estimate"), "{notes}");
}
