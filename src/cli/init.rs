//! `allowable init`: writes a commented project file, with the column mappings of input files when some are given.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::finding::{Error, Place, Result};
use crate::ingest::{Intake, examine};
use crate::project::{FILE_NAME, Project};

use super::check::{save, write_beside};
use super::print_out;

/// Arguments of `allowable init`.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Input files whose column mapping is to be written into the project file
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where to write the project file
    #[arg(long, value_name = "PATH", default_value = FILE_NAME)]
    out: PathBuf,
    /// Overwrite a project file that is there already
    #[arg(long)]
    force: bool,
}

/// Runs the command.
///
/// # Errors
/// When the file is there already, or cannot be written.
pub(crate) fn run(args: &InitArgs) -> Result<ExitCode> {
    if args.out.exists() && !args.force {
        return Err(Error::output("the project file is there already; nothing was written")
            .at(Place::file(args.out.display().to_string()))
            .help("write to another place with --out, or overwrite it with --force"));
    }
    let inputs = super::inputs::expand(&args.files)?;
    let template = Project::parse(Project::template(), FILE_NAME)?;
    let intake = examine(&inputs, &template, &|_| ())?;
    if let Some(finding) = intake.files.iter().flat_map(|f| &f.unreadable).next() {
        return Err(Error::input(format!("error[{}]: {}", finding.code, finding.found))
            .at(finding.place.clone())
            .help(finding.help.clone()));
    }
    let mut text = with_inputs(Project::template(), &args.out, &args.files);
    text.push_str(&payers_to_name(&intake, &template));
    write_beside(&args.out, text.as_bytes())?;
    if !args.files.is_empty() {
        save(&args.out, &intake.files)?;
    }
    print_out(&format!("wrote {}\n", args.out.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// A stub for every payer that the files name and the template does not know, the most frequent first. They stay comments:
/// what kind of payer each is, and on which terms it pays, only the user knows.
fn payers_to_name(intake: &Intake, known: &Project) -> String {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for line in intake.lines.iter().filter(|line| known.payer(&line.payer).is_none()) {
        *found.entry(&line.payer).or_default() += 1;
    }
    if found.is_empty() {
        return String::new();
    }
    let mut found: Vec<(&str, usize)> = found.into_iter().collect();
    found.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let mut text =
        "\n# Payers found in your files. Until they are named here with their terms, their lines cannot be priced.\n"
            .to_owned();
    for (payer, lines) in found {
        let lower = payer.to_lowercase();
        let kind = match () {
            () if lower.contains("medicaid") => "medicaid",
            () if lower.contains("advantage") => "medicare-advantage",
            () => "commercial",
        };
        let count = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
        // The debug form quotes and escapes like TOML's basic strings do.
        text.push_str(&format!(
            "# [[payer]]\n# id = {payer:?}   # {count}\n# name = {payer:?}\n# kind = \"{kind}\"   # a guess\n"
        ));
    }
    text
}

/// The template with its `inputs` filled in, as seen from the project file's folder.
fn with_inputs(template: &str, out: &Path, files: &[PathBuf]) -> String {
    if files.is_empty() {
        return template.to_owned();
    }
    let folder = out.parent().unwrap_or(Path::new(""));
    let list: Vec<String> = files
        .iter()
        .map(|file| format!("{:?}", file.strip_prefix(folder).unwrap_or(file).display().to_string()))
        .collect();
    let inputs = format!("inputs = [{}]", list.join(", "));
    let lines = template.lines().map(|line| if line.starts_with("inputs = ") { inputs.as_str() } else { line });
    lines.map(|line| format!("{line}\n")).collect()
}
