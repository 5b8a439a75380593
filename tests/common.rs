//! What several topics share: running the program in a folder of its own, folders as content, demo practices as text.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output};

use allowable::demo;
use allowable::finding::{Finding, Findings};
use allowable::ingest::{Input, examine};
use allowable::project::Project;
use allowable::reference::Reference;
use allowable::report;
use allowable::worklist::{Given, State, build};
use flate2::read::GzDecoder;

/// What the program printed and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: Option<i32>,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { out: text(output.stdout), err: text(output.stderr), code: output.status.code() }
    }
}

impl Said {
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}:\n{}", self.out))
    }
}

/// The program with these arguments, to be run in `dir`.
pub(crate) fn program(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_allowable"));
    command.args(args).current_dir(dir).env_remove("NO_COLOR").env_remove("COLUMNS");
    command
}

/// Runs the program to its end.
pub(crate) fn run(dir: &Path, args: &[&str]) -> Said {
    program(dir, args).output().unwrap().into()
}

/// Every file below a folder by its relative path.
pub(crate) fn tree(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(dir: &Path, prefix: &str, out: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().unwrap().is_dir() {
                walk(&entry.path(), &format!("{name}/"), out);
            } else {
                out.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut out = BTreeMap::new();
    walk(dir, "", &mut out);
    out
}

/// The names in a folder, hidden ones too.
pub(crate) fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A generated practice as the text of its two files.
pub(crate) struct Practice {
    pub(crate) project: Project,
    pub(crate) reference: Reference,
    pub(crate) claims: String,
    pub(crate) remits: String,
}

impl Practice {
    pub(crate) fn new(lines: u32, seed: u64) -> Self {
        let (project, reference) = demo::load().unwrap();
        let made = demo::generate(lines, seed, &reference, &project).unwrap();
        let dir = tempfile::tempdir().unwrap();
        demo::write(&made, dir.path(), false).unwrap();
        let text = |name: &str| {
            let mut text = String::new();
            GzDecoder::new(fs::File::open(dir.path().join(name)).unwrap()).read_to_string(&mut text).unwrap();
            text
        };
        let (claims, remits) = (text("synthetic_claims.csv.gz"), text("synthetic_remits.csv.gz"));
        Self { project, reference, claims, remits }
    }
}

pub(crate) fn input(name: &str, bytes: impl Into<Vec<u8>>) -> Input {
    Input::Bytes { name: name.to_owned(), bytes: bytes.into().into() }
}

/// All findings that a run over these files makes, as far as it gets. Schedules and tables of rules of the project are looked
/// up among the files by their path; without any file, one that does not exist is read.
pub(crate) fn findings(project: &str, files: &[(&str, &[u8])]) -> Vec<Finding> {
    let mut project = Project::parse(project, "allowable.toml").unwrap();
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".toml")) {
        project.add_contract(std::str::from_utf8(bytes).unwrap(), name).unwrap();
    }
    let mut reference = Reference::embedded().unwrap();
    let mut found = Vec::new();
    let mut inputs = Vec::new();
    let mut kept = None;
    for (name, bytes) in files {
        // What was done so far is no input of the report.
        if *name == "state.csv" {
            kept = Some(*bytes);
            continue;
        }
        match project.schedules.iter().find(|schedule| schedule.path == *name) {
            Some(schedule) => found.extend(reference.add_schedule(&schedule.name, name, bytes)),
            None if project.rules.iter().any(|table| table == name) => found.extend(reference.add_rules(name, bytes)),
            None if name.ends_with(".toml") => {}
            // The licence text stands for a file found in a folder of claims.
            None if *name == "LICENSE" => inputs.push(Input::Found("LICENSE".into())),
            None => inputs.push(input(name, *bytes)),
        }
    }
    if files.is_empty() {
        inputs.push(Input::File("nowhere.csv".into()));
    }
    let mut intake = examine(&inputs, &project, &|_| ()).unwrap();
    intake.findings.extend(found);
    if intake.lines.is_empty() && intake.volumes.is_empty() {
        return intake.findings.into_sorted();
    }
    let run = report::run(intake, &project, &reference).unwrap();
    let mut found = run.report.findings.clone();
    if let Some(bytes) = kept {
        let mut findings = Findings::default();
        let mut state = State::read("state.csv", bytes, &mut findings).unwrap();
        build(&given(&run, &project, &reference), &mut state, &mut findings).unwrap();
        found.extend(findings.into_sorted());
    }
    found
}

/// The worklist is made of a report's run.
pub(crate) fn given<'a>(run: &'a report::Run, project: &'a Project, reference: &'a Reference) -> Given<'a> {
    Given {
        project,
        reference,
        lines: &run.lines,
        judged: &run.judged,
        priced: &run.priced,
        ledger: &run.ledger,
        as_of: run.report.as_of,
        payer: None,
    }
}
