//! `allowable demo`: writes a synthetic practice as a project folder.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use super::print_out;
use crate::demo;
use crate::finding::{Error, Result};

#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// How many claim lines
    #[arg(long, default_value_t = demo::LINES, value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    lines: u32,
    /// The same seed gives the same practice, on every machine
    #[arg(long, default_value_t = demo::SEED)]
    seed: u64,
    /// The folder to write
    #[arg(long, value_name = "DIR", default_value = "synthetic-demo")]
    out: PathBuf,
    /// Also write the truth of every line
    #[arg(long)]
    truth_lines: bool,
}

/// Runs the command: names the files on stdout, says what to do next on stderr.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn run(args: &DemoArgs) -> Result<ExitCode> {
    if args.out.is_file() {
        return Err(Error::usage(format!("{} is a file; --out needs a folder", args.out.display())));
    }
    let (project, reference) = demo::load()?;
    let made = demo::generate(args.lines, args.seed, &reference, &project)?;
    let written = demo::write(&made, &args.out, args.truth_lines)?;
    let mut names = String::new();
    for file in &written.files {
        let _ = writeln!(names, "{}", file.display());
    }
    print_out(&names)?;
    super::say(&format!(
        "{} claim lines and {} remittance lines, all synthetic (seed {}, answers up to {})",
        made.lines.len(),
        made.remits.len(),
        args.seed,
        demo::as_of()
    ));
    super::say(&format!("next: allowable report --project {}", args.out.join("allowable.toml").display()));
    Ok(ExitCode::SUCCESS)
}
