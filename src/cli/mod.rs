//! The command line: the only place for `clap` and for printing. One file per command.

mod audit;
mod canonical;
mod check;
mod completions;
mod contract;
mod demo;
mod denials;
mod explain;
mod facts;
mod finder;
mod forecast;
mod init;
mod inputs;
mod packet;
mod model;
mod price;
mod price_terms;
mod rates;
mod remits;
mod report;
mod worklist;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::finding::Error;

/// What should we have been allowed, what were we paid, and where did the rest go?
///
/// Reimbursement analytics for CPT 96372 and the codes billed around it.
#[derive(Debug, Parser)]
#[command(name = "allowable", version, arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Price every claim line, compare with what was paid, and write the leakage report
    Report(report::ReportArgs),
    /// Look at input files: what they hold, whether they add up, what is wrong and what to do
    Check(check::CheckArgs),
    /// Write a commented project file
    Init(init::InitArgs),
    /// Read 835 remittances: sums, three balances, findings, canonical tables
    Remits(remits::RemitsArgs),
    /// Count denials by payer, code, place, provider, month, reason or billing step, with what to do about each
    Denials(denials::DenialsArgs),
    /// Missed charges by claim day, and providers beside each other: over- and under-billing
    Audit(audit::AuditArgs),
    /// Find the rates that payers really apply, and the days on which amounts moved
    Finder(finder::FinderArgs),
    /// List resolved rates: every locality and period of a code
    Rates(rates::RatesArgs),
    /// Price canonical claim lines by a fee schedule, in bulk
    Price(price::PriceArgs),
    /// Write a synthetic practice: claims, remittances, contracts and the truth about them
    Demo(demo::DemoArgs),
    /// Statements on 96372 in circulation beside the figures, codes by payer type, what the patient owes
    Facts(facts::FactsArgs),
    /// Rank what is denied and underpaid by what working it brings after its cost
    Worklist(worklist::WorklistArgs),
    /// Forecast volumes, expected amounts, cash and leakage with ranges, and test past forecasts; or any table of series
    Forecast(forecast::ForecastArgs),
    /// Show the whole sum behind one expected amount, down to the fee-schedule row
    Explain(explain::ExplainArgs),
    /// Contracts as text: run the tests inside them, print the schedule that follows
    Contract(contract::ContractArgs),
    /// Prepare a negotiation with one payer: its rates, record, and what an ask is worth
    Packet(packet::PacketArgs),
    /// What other rates, volumes and denials would come to: scenarios, a grid, break-evens, which lever matters most
    Model(model::ModelArgs),
    /// Print shell completions
    Completions(completions::CompletionsArgs),
}

/// Runs the command line. Exit codes: 0 done, 1 could not be done, 2 usage, 3 findings reached `--deny`, 4 does not reconcile.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come as errors, too: they go to standard output with exit code 0.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let done = match &cli.command {
        Command::Report(args) => report::run(args),
        Command::Check(args) => check::run(args),
        Command::Init(args) => init::run(args),
        Command::Remits(args) => remits::run(args),
        Command::Denials(args) => denials::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Finder(args) => finder::run(args),
        Command::Rates(args) => rates::run(args),
        Command::Price(args) => price::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Facts(args) => facts::run(args),
        Command::Worklist(args) => worklist::run(args),
        Command::Forecast(args) => forecast::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Contract(args) => contract::run(args),
        Command::Packet(args) => packet::run(args),
        Command::Model(args) => model::run(args),
        Command::Completions(args) => completions::run(args),
    };
    done.unwrap_or_else(|error| {
        print_error(&error);
        ExitCode::from(error.kind().exit_code())
    })
}

/// `error: …`, the chain of causes, and the remedy, on standard error.
fn print_error(error: &Error) {
    say(&format!("error: {error}"));
    for line in error.shown().into_iter().flatten() {
        say(&format!("  {line}"));
    }
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        say(&format!("  because: {error}"));
        cause = error.source();
    }
    if let Some(help) = error.remedy() {
        say(&format!("  help: {help}"));
    }
}

/// A line on standard error. Nobody may be listening there any more (`2>&1 | head`), which is no error.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Prints to standard output; a reader that has gone away (`| head`) is no error.
fn print_out(text: &str) -> crate::finding::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::output("standard output could not be written").because(error))
        }
        _ => Ok(()),
    }
}

/// A value as indented JSON with a line end.
fn json(value: &impl serde::Serialize) -> crate::finding::Result<String> {
    let text = serde_json::to_string_pretty(value);
    text.map(|t| t + "\n").map_err(|e| Error::output("the result could not be written as JSON").because(e))
}
