//! The README tells the truth: every command of its console blocks is run, and its output is what stands there.
//!
//! A line `…` in a block stands for output that was left out at its end.

use std::fs;
use std::process::Command;

/// The commands of the console blocks, each with the output that is printed below it.
fn commands() -> Vec<(String, Vec<String>)> {
    let readme = fs::read_to_string("README.md").unwrap();
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside {
            match line.strip_prefix("$ ") {
                Some(command) => commands.push((command.to_owned(), Vec::new())),
                None => commands.last_mut().expect("output follows a command").1.push(line.to_owned()),
            }
        }
    }
    commands
}

#[test]
fn every_command_of_the_readme_prints_what_stands_below_it() {
    let commands = commands();
    assert!(commands.len() >= 4, "the README shows its commands");
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("era")).unwrap();
    fs::copy("tests/oracle/x12/small.835", folder.path().join("era/small.835")).unwrap();
    for (command, shown) in commands {
        let arguments = command.strip_prefix("cargo run --release --").or_else(|| command.strip_prefix("allowable"));
        let Some(arguments) = arguments else { continue };
        let run = Command::new(env!("CARGO_BIN_EXE_allowable"))
            .args(arguments.split_whitespace())
            .current_dir(folder.path())
            .env("COLUMNS", "100")
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        assert!(run.status.success(), "{command}: {}", String::from_utf8_lossy(&run.stderr));
        let printed = String::from_utf8(run.stdout).unwrap();
        let mut printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
        let mut shown: Vec<&str> = shown.iter().map(|l| l.trim_end()).collect();
        if shown.last() == Some(&"…") {
            shown.pop();
            printed.truncate(shown.len());
        }
        assert_eq!(printed, shown, "{command}");
    }
}

#[test]
fn every_command_of_the_program_stands_in_the_readme() {
    let readme = fs::read_to_string("README.md").unwrap();
    for command in [
        "report",
        "denials",
        "worklist",
        "audit",
        "facts",
        "forecast",
        "model",
        "remits",
        "rates",
        "explain",
        "check",
        "demo",
        "import",
        "init",
        "price",
        "contract",
        "packet",
        "completions",
    ] {
        assert!(readme.contains(&format!("`allowable {command}")), "{command}");
    }
}
