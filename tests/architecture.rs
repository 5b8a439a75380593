//! The order of the stages: each folder of `src/` uses only what stands above it in `lib.rs`.

use std::fs;
use std::path::Path;

/// The stages in the order of the flow, read from `lib.rs` itself.
fn stages() -> Vec<String> {
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    lib.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned)).collect()
}

fn rust_files(dir: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn a_stage_uses_only_the_stages_above_it() {
    let stages = stages();
    assert_eq!(stages.first().map(String::as_str), Some("domain"));
    assert_eq!(stages.last().map(String::as_str), Some("cli"));
    let mut wrong = Vec::new();
    for (i, stage) in stages.iter().enumerate() {
        let mut files = Vec::new();
        rust_files(&Path::new("src").join(stage), &mut files);
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
                for below in &stages[i + 1..] {
                    if line.contains(&format!("crate::{below}")) {
                        wrong.push(format!("{}:{}: {stage} uses {below}", file.display(), n + 1));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn drawing_printing_and_arguments_stay_where_they_belong() {
    let only_in = [("plotters::", "render"), ("clap::", "cli"), ("println!", "cli"), ("eprintln!", "cli")];
    let mut wrong = Vec::new();
    let mut files = Vec::new();
    rust_files(Path::new("src"), &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for (what, home) in only_in {
            if text.contains(what) && !file.starts_with(Path::new("src").join(home)) && file != Path::new("src/main.rs")
            {
                wrong.push(format!("{} has {what}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
