//! A report replaces the previous one as a whole or not at all, also when the run is killed or the disk is full.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::common::{Practice, names, program, run, tree};

type Files = BTreeMap<String, Vec<u8>>;

/// A folder with two practices of the same period, and the report on the first.
struct Desk {
    dir: TempDir,
    slug: String,
    old: Files,
    new: Files,
}

const FIRST: [&str; 6] = ["report", "--project", "p/allowable.toml", "first.csv", "--out", "reports"];
const SECOND: [&str; 7] = ["report", "--project", "p/allowable.toml", "second.csv", "remits.csv", "--out", "reports"];

impl Desk {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        run(dir.path(), &["demo", "--lines", "5", "--out", "p"]).ends(0);
        let practice = Practice::new(700, 1);
        // The first practice lacks most lines of the second, but neither its first day nor its last.
        let rows: Vec<&str> = practice.claims.lines().collect();
        let few = [&rows[..100], &rows[rows.len() - 100..]].concat().join("\n");
        for (name, text) in [("first.csv", &few), ("second.csv", &practice.claims), ("remits.csv", &practice.remits)] {
            fs::write(dir.path().join(name), text).unwrap();
        }
        let mut second = SECOND;
        second[6] = "apart";
        run(dir.path(), &FIRST).ends(0);
        run(dir.path(), &second).ends(0);
        let slug = names(&dir.path().join("reports")).pop().unwrap();
        let old = tree(&dir.path().join("reports").join(&slug));
        let new = tree(&dir.path().join("apart").join(&slug));
        assert!(old["report.json"] != new["report.json"]);
        Self { dir, slug, old, new }
    }

    fn reports(&self) -> std::path::PathBuf {
        self.dir.path().join("reports")
    }

    fn now(&self) -> Files {
        tree(&self.reports().join(&self.slug))
    }
}

fn has_part(reports: &Path) -> bool {
    names(reports).iter().any(|name| name.contains(".part-"))
}

#[test]
fn a_run_that_is_killed_leaves_the_old_report_or_the_new_one_and_never_a_mix() {
    let desk = Desk::new();
    let (mut kept, mut parts) = (0, 0);
    // Milliseconds after the unfinished folder appears; the first before it does.
    for wait in [None, Some(0), Some(50), Some(200), Some(500), Some(900)] {
        let mut child = program(desk.dir.path(), &SECOND).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        match wait {
            None => std::thread::sleep(Duration::from_millis(60)),
            Some(wait) => {
                let begun = Instant::now();
                while !has_part(&desk.reports()) && child.try_wait().unwrap().is_none() {
                    assert!(begun.elapsed() < Duration::from_secs(120));
                    std::thread::sleep(Duration::from_millis(2));
                }
                std::thread::sleep(Duration::from_millis(wait));
            }
        }
        let _ = child.kill();
        let ended = child.wait().unwrap();
        let now = desk.now();
        if now == desk.old {
            kept += 1;
        } else {
            assert!(now == desk.new, "after {wait:?} ms the folder is neither the old report nor the new one");
            // Back to the old one for the next round.
            assert!(ended.success() || now == desk.new);
            run(desk.dir.path(), &FIRST).ends(0);
        }
        parts += usize::from(has_part(&desk.reports()));
    }
    assert!(kept >= 3 && parts >= 2, "the kills came too late to prove anything: {kept} kept, {parts} parts left");
    run(desk.dir.path(), &SECOND).ends(0);
    assert!(desk.now() == desk.new);
    assert_eq!(names(&desk.reports()), [desk.slug.as_str()], "what dead runs left is cleared away");
}

#[test]
#[cfg(unix)]
fn a_run_that_cannot_write_leaves_the_old_report() {
    let desk = Desk::new();
    // Files of at most 30 KB: the workbook or a picture does not fit. The signal is ignored, so that the write fails.
    let script = "trap '' XFSZ; ulimit -f 60; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_allowable")])
        .args(SECOND)
        .current_dir(desk.dir.path())
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("could not be written") && output.stdout.is_empty(), "{err}");
    assert!(desk.now() == desk.old);
    assert_eq!(names(&desk.reports()), [desk.slug.as_str()], "the unfinished folder is gone");

    // A folder of the period that is not ours is not touched.
    let foreign = desk.dir.path().join("apart").join(&desk.slug);
    fs::remove_file(foreign.join(".allowable-files")).unwrap();
    let mut second = SECOND;
    second[6] = "apart";
    let said = run(desk.dir.path(), &second).ends(1);
    assert!(said.err.contains("no earlier report wrote") && said.err.contains("help: "), "{}", said.err);
    assert_eq!(tree(&foreign).len(), desk.new.len() - 1);
}
