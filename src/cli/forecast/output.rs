//! What is printed and written.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use super::practice::Made;
use super::{ForecastArgs, Format};
use crate::cli;
use crate::cli::check::write_beside;
use crate::cli::report::width;
use crate::finding::{Error, Result};
use crate::outlook::{Dim, Measure};
use crate::render;
use crate::report::Report;

/// What is printed: all of it for programs; for people a few tables, and what they must know to read them.
pub(super) struct Shown<'a> {
    pub(super) report: &'a Report,
    pub(super) screen: &'a Report,
    pub(super) tables: usize,
    pub(super) notes: Vec<String>,
}

/// At most so many notes; the others are on the page.
const NOTES: usize = 9;

pub(super) fn print(
    args: &ForecastArgs,
    shown: &Shown<'_>,
    csv: impl Fn() -> Result<Vec<u8>>,
    wrote: &[String],
    is_demo: bool,
) -> Result<ExitCode> {
    match args.format {
        Format::Json => cli::print_out(&String::from_utf8_lossy(&render::json(shown.report)?))?,
        Format::Csv => cli::print_out(&String::from_utf8_lossy(&csv()?))?,
        Format::Text => {
            let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            let width = width();
            let mut text = render::terminal_of(shown.screen, shown.tables, colour, width);
            notes(&mut text, &shown.notes, usize::from(width.clamp(40, 120)));
            for line in wrote {
                let _ = writeln!(text, "{line}");
            }
            if is_demo {
                let _ = writeln!(text, "This was the embedded demo practice (synthetic).");
            }
            cli::print_out(&text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The notes under the figures, in lines of the terminal's width.
fn notes(text: &mut String, notes: &[String], width: usize) {
    if notes.is_empty() {
        return;
    }
    text.push('\n');
    for note in notes.iter().take(NOTES) {
        let mut column = 0;
        for word in note.split_whitespace() {
            let long = word.chars().count();
            if column == 0 {
                text.push_str("  · ");
                column = 4;
            } else if column + 1 + long > width {
                text.push_str("\n    ");
                column = 4;
            } else {
                text.push(' ');
                column += 1;
            }
            // A name in a note could hold signs that steer the terminal.
            text.extend(word.chars().map(|c| if c.is_control() { ' ' } else { c }));
            column += long;
        }
        text.push('\n');
    }
    if notes.len() > NOTES {
        let _ = match notes.len() - NOTES {
            1 => writeln!(text, "  · One more note is on the page (--out)."),
            more => writeln!(text, "  · {more} more notes are on the page (--out)."),
        };
    }
}

/// Whether something can be written there: a known ending, or a folder that may be one of ours.
///
/// # Errors
/// When it has another ending, is in no folder, or is a folder with files of somebody else.
pub(super) fn writable(out: &Path) -> Result<()> {
    let ending = out.extension().map(|e| e.to_string_lossy().to_lowercase());
    let is_file = match ending.as_deref() {
        Some("xlsx" | "json" | "html" | "csv") => true,
        Some(other) if !out.is_dir() => return Err(no_format(out, other)),
        _ => false,
    };
    if !is_file {
        render::may_replace(out)?;
    } else if out.is_dir() {
        return Err(Error::output(format!("{} is a folder", out.display())).help("name a file"));
    }
    // The nearest that exists: the rest is made.
    let above = out.ancestors().skip(1).map(|p| if p.as_os_str().is_empty() { Path::new(".") } else { p });
    match above.into_iter().find(|p| p.exists()) {
        Some(folder) if !folder.is_dir() => {
            Err(Error::output(format!("{} is a file: nothing can be written in it", folder.display())))
        }
        _ => Ok(()),
    }
}

fn no_format(out: &Path, ending: &str) -> Error {
    Error::usage(format!("--out {}: \"{ending}\" is no format of the forecast", out.display()))
        .help("name a file that ends in .xlsx, .json, .html or .csv, or a folder")
}

/// Writes what the path's ending asks for and says so.
pub(super) fn write(report: &Report, out: &Path, csv: impl Fn() -> Result<Vec<u8>>) -> Result<String> {
    let ending = out.extension().map(|e| e.to_string_lossy().to_lowercase());
    let bytes = match ending.as_deref() {
        Some("xlsx") => render::workbook_of(report, &render::Files::FORECAST)?,
        Some("json") => render::json(report)?,
        Some("html") => render::html_of(report, &render::Files::FORECAST)?.into_bytes(),
        Some("csv") => csv()?,
        Some(other) if !out.is_dir() => return Err(no_format(out, other)),
        _ => {
            let files = render::write_files(report, &render::Files::FORECAST, out, |folder| {
                let path = folder.join("forecast.csv");
                let failed = |e| Error::output(format!("{} could not be written", path.display())).because(e);
                std::fs::write(&path, csv()?).map_err(failed)
            })?;
            return Ok(format!("{} files in {}", files.len(), out.display()));
        }
    };
    write_beside(out, &bytes)?;
    Ok(format!("forecast in {}", out.display()))
}

/// Every group, month and measure on a row: mean, median and ranges in dollars (lines as they are), empty where not known; `all` is the total. Payers
/// by their ids, and in the last column by their names.
pub(super) fn long_csv(made: &Made) -> Result<Vec<u8>> {
    let outlook = &made.outlook;
    let payer = outlook.by.iter().position(|d| *d == Dim::Payer);
    let failed = |e: csv::Error| Error::output("the forecast could not be written as CSV").because(e);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header: Vec<&str> = outlook.by.iter().map(|d| d.as_str()).collect();
    header.extend(["month", "measure", "mean", "median", "lo50", "hi50", "lo80", "hi80", "lo95", "hi95"]);
    header.extend(payer.map(|_| "payer_name"));
    writer.write_record(&header).map_err(failed)?;
    let all = |_: &Dim| "all".to_owned();
    let total = (outlook.by.iter().map(all).collect::<Vec<_>>(), &outlook.total);
    let groups = outlook.groups.iter().map(|g| (g.label.iter().map(|l| render::csv_text(l)).collect(), g));
    for (label, group) in groups.chain(std::iter::once(total)) {
        let id = payer.map(|at| group.label.get(at).map_or("all", String::as_str));
        let name = id.map(|id| made.book.payers.iter().find(|p| *p.id == *id).map_or(id, |p| p.name.as_str()));
        for (at, month) in outlook.months.iter().enumerate() {
            for measure in Measure::ALL {
                let b = group.month(at, measure);
                let numbers = [b.mean, b.median, b.i50.0, b.i50.1, b.i80.0, b.i80.1, b.i95.0, b.i95.1];
                let mut row: Vec<String> = label.clone();
                row.extend([month.to_string(), measure.as_str().to_owned()]);
                let told = measure != Measure::Cash || made.book.knows_cash(&outlook.by, &group.label);
                let known = outlook.knows(measure) && told;
                row.extend(
                    numbers.map(|n| if known { rust_decimal::Decimal::new(n, 2).to_string() } else { String::new() }),
                );
                row.extend(name.map(render::csv_text));
                writer.write_record(&row).map_err(failed)?;
            }
        }
    }
    writer.into_inner().map_err(|e| Error::output("the forecast could not be written as CSV").because(e.into_error()))
}
