//! X12 files in the layout that `allowable price` reads: one row per billed line, with what all its answers allow.

use std::io::Write as _;
use std::path::Path;

use tempfile::NamedTempFile;

use super::inputs::expand;
use crate::domain::{Group, Money};
use crate::finding::{Error, Finding, Result};
use crate::ingest::{self, Input};
use crate::project::Project;
use crate::reconcile::{adjudicate, link};
use crate::reference::Reference;

const HEADER: [&str; 16] = [
    "claim_id",
    "line_number",
    "service_date",
    "payer_id",
    "state",
    "locality",
    "pos",
    "code",
    "modifiers",
    "units",
    "billed_amount",
    "allowed_amount",
    "paid_amount",
    "patient_amount",
    "group_code",
    "carc",
];

/// The lines of X12 files (a file, an archive, a folder or a pattern) as a CSV file that goes with the value, and what is
/// wrong with the files; payers are those of the project. Nothing when the input is no X12.
///
/// # Errors
/// When the files cannot be read, or the CSV file cannot be written.
pub(super) fn of_x12(input: &Path, project: Option<&Path>) -> Result<Option<(NamedTempFile, Vec<Finding>)>> {
    let inputs = expand(&[input.to_path_buf()])?;
    if !inputs.iter().any(Input::is_x12) {
        return Ok(None);
    }
    let project = Project::open(project)?;
    let reference = Reference::embedded()?;
    let intake = ingest::read(&inputs, &project, &|_| ())?;
    let (linked, _) = link(&intake.lines, &intake.remits);
    let failed = |e: csv::Error| Error::output("the lines of the X12 files cannot be written").because(e);
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record(HEADER).map_err(failed)?;
    for (line, answers) in intake.lines.iter().zip(&linked) {
        let answers: Vec<_> = answers.iter().map(|i| &intake.remits[*i as usize]).collect();
        let sequestration = project.payer(&line.payer).is_some_and(|p| p.sequestration);
        let answer = adjudicate(&reference.denials, &answers, sequestration);
        let reason = match answer.denial {
            Some(denial) => (denial.group.as_str().to_owned(), denial.carc.to_string()),
            None if answer.allowed() > Money::ZERO => (Group::Co.as_str().to_owned(), "45".to_owned()),
            None => (String::new(), String::new()),
        };
        let text = |value: Option<String>| value.unwrap_or_default();
        rows.write_record([
            &*line.claim_id,
            &line.line_number.to_string(),
            &line.service_date.to_string(),
            &line.payer,
            &text(line.state.map(|s| s.to_string())),
            &text(line.locality.map(|l| l.to_string())),
            &text(line.pos.map(|p| p.to_string())),
            line.code.as_str(),
            &line.modifiers.to_string(),
            &line.units.to_string(),
            &line.charge.to_string(),
            &answer.allowed().to_string(),
            &answer.paid.to_string(),
            &answer.patient.to_string(),
            &reason.0,
            &reason.1,
        ])
        .map_err(failed)?;
    }
    let written = || -> std::io::Result<NamedTempFile> {
        let mut file = tempfile::Builder::new().suffix(".csv").tempfile()?;
        file.write_all(&rows.into_inner().map_err(csv::IntoInnerError::into_error)?)?;
        Ok(file)
    };
    let file = written().map_err(|e| Error::output("the lines of the X12 files cannot be written").because(e))?;
    Ok(Some((file, intake.findings.into_sorted())))
}
