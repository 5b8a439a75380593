//! `allowable completions SHELL`: a completion script on standard output.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::finding::Result;

/// Arguments of `allowable completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell to complete for
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Cli::command(), "allowable", &mut script);
    super::print_out(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
