//! `allowable init`: writes a commented project file, with the column mappings of input files when some are given.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::finding::{Error, Place, Result};
use crate::ingest::{Input, examine};
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
    let inputs: Vec<Input> = args.files.iter().cloned().map(Input::File).collect();
    let intake = examine(&inputs, &Project::default(), &|_| ())?;
    if let Some(finding) = intake.files.iter().flat_map(|f| &f.unreadable).next() {
        return Err(Error::input(format!("error[{}]: {}", finding.code, finding.found))
            .at(finding.place.clone())
            .help(finding.help.clone()));
    }
    write_beside(&args.out, with_inputs(Project::template(), &args.out, &args.files).as_bytes())?;
    if !args.files.is_empty() {
        save(&args.out, &intake.files)?;
    }
    print_out(&format!("wrote {}\n", args.out.display()))?;
    Ok(ExitCode::SUCCESS)
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
