//! The demo as files: what is embedded in the program, and how a generated practice is written. Decides nothing.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Demo, LINES, SEED};
use crate::domain::{Adjustment, Money, Remit, ServiceLine};
use crate::finding::{Error, Place, Result};
use crate::project::{Project, ScheduleKind};
use crate::reference::{Reference, embedded_file};
use crate::table::schema::{CLAIM_LINES, REMIT_LINES};

const CLAIMS: &str = "synthetic_claims.csv.gz";
const REMITS: &str = "synthetic_remits.csv.gz";
const TRUTH: &str = "synthetic_truth.json";
const TRUTH_LINES: &str = "synthetic_truth_lines.csv.gz";
const VOLUMES: &str = "volumes_96372_state_2023.csv";

/// The invented schedules.
const SCHEDULES: &[(&str, &[u8])] = &[
    ("synthetic_schedule_com2.csv", include_bytes!("../../datasets/demo/synthetic_schedule_com2.csv")),
    ("synthetic_schedule_medicaid_oh.csv", include_bytes!("../../datasets/demo/synthetic_schedule_medicaid_oh.csv")),
    ("synthetic_schedule_mco1.csv", include_bytes!("../../datasets/demo/synthetic_schedule_mco1.csv")),
];

/// The invented contract.
const CONTRACTS: &[(&str, &str)] =
    &[("synthetic_contract_com4.toml", include_str!("../../datasets/demo/synthetic_contract_com4.toml"))];

const README: &str = include_str!("../../datasets/demo/README.md");

/// The text of the demo's `allowable.toml`.
const fn project_text() -> &'static str {
    include_str!("../../datasets/demo/allowable.toml")
}

/// Every file that the demo's `allowable.toml` names, by the name it uses there: claims, remittances, the public volumes, the
/// contract and the schedules. `.gz` files are gzip as they stand.
#[must_use]
pub fn embedded() -> Vec<(&'static str, &'static [u8])> {
    let mut files: Vec<(&str, &[u8])> = vec![
        (CLAIMS, include_bytes!("../../datasets/demo/synthetic_claims.csv.gz")),
        (REMITS, include_bytes!("../../datasets/demo/synthetic_remits.csv.gz")),
        (VOLUMES, volumes()),
    ];
    files.extend(SCHEDULES);
    files.extend(CONTRACTS.iter().map(|(name, text)| (*name, text.as_bytes())));
    files
}

/// The demo's project with its contract.
///
/// # Errors
/// When an embedded file is not well-formed (a fault of the program, found by its tests).
pub fn project() -> Result<Project> {
    let mut project = Project::parse(project_text(), "demo practice")?;
    for name in project.contract_files.clone() {
        let text = CONTRACTS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        let text = text.ok_or_else(|| Error::config(format!("the demo has no contract file {name}")))?;
        project.add_contract(text, &name)?;
    }
    Ok(project)
}

fn volumes() -> &'static [u8] {
    embedded_file("datasets/medicare/volumes_96372_state_2023.csv").unwrap_or_default()
}

/// The demo's project and the reference with its schedules and the first days of its terms.
///
/// # Errors
/// When an embedded file is not well-formed (a fault of the program, found by its tests).
pub fn load() -> Result<(Project, Reference)> {
    let project = project()?;
    let mut reference = Reference::embedded()?;
    for schedule in &project.schedules {
        let bytes = SCHEDULES.iter().find(|(name, _)| *name == schedule.path).map(|(_, bytes)| *bytes);
        let bytes = bytes.ok_or_else(|| Error::config(format!("the demo has no schedule file {}", schedule.path)))?;
        let findings = reference.add_schedule(&schedule.name, &schedule.path, bytes);
        if schedule.kind == ScheduleKind::Medicaid {
            reference.set_state_schedule(&schedule.name);
        }
        if let Some(finding) = findings.first() {
            return Err(Error::config(format!("the demo's schedule is not clean: {finding}")));
        }
    }
    for (period, _) in project.payers.iter().flat_map(|payer| &payer.terms) {
        reference.add_boundary(period.from());
        reference.add_boundary(period.until());
    }
    Ok((project, reference))
}

/// What was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// The files, in the order of writing.
    pub files: Vec<PathBuf>,
    /// Their bytes together.
    pub bytes: u64,
}

/// Writes a generated practice as a project folder. Every file is written beside its place and renamed at the end, so that a
/// failed run leaves earlier files as they were. With `truth_lines`, the truth of every line is written too.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write(demo: &Demo, dir: &Path, truth_lines: bool) -> Result<Written> {
    let failed = |path: &Path, e: std::io::Error| {
        Error::output("the file cannot be written").at(Place::file(path.display().to_string())).because(e)
    };
    fs::create_dir_all(dir).map_err(|e| failed(dir, e))?;
    let (claims, remits) = rayon::join(
        || claims_csv(&demo.lines).and_then(|csv| gzip(&csv)),
        || remits_csv(&demo.remits).and_then(|csv| gzip(&csv)),
    );
    let mut files: Vec<(String, Vec<u8>)> = vec![
        (CLAIMS.into(), claims?),
        (REMITS.into(), remits?),
        (TRUTH.into(), truth_json(demo)?),
        (VOLUMES.into(), volumes().to_vec()),
        ("allowable.toml".into(), project_text().into()),
        ("README.md".into(), readme(demo).into()),
    ];
    files.extend(SCHEDULES.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())));
    files.extend(CONTRACTS.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())));
    if truth_lines {
        files.push((TRUTH_LINES.into(), gzip(&truth_lines_csv(demo)?)?));
    }
    let mut moves = Vec::new();
    for (name, bytes) in &files {
        let (part, path) = (dir.join(format!(".{name}.part")), dir.join(name));
        fs::write(&part, bytes).map_err(|e| failed(&part, e))?;
        moves.push((part, path));
    }
    for (part, path) in &moves {
        fs::rename(part, path).map_err(|e| failed(path, e))?;
    }
    let bytes = files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    Ok(Written { files: moves.into_iter().map(|(_, path)| path).collect(), bytes })
}

fn readme(demo: &Demo) -> String {
    let command = |lines, seed| format!("allowable demo --lines {lines} --seed {seed}");
    README.replace(&command(LINES, SEED), &command(demo.truth.lines_asked, demo.truth.seed))
}

fn truth_json(demo: &Demo) -> Result<Vec<u8>> {
    let mut json = serde_json::to_vec_pretty(&demo.truth)
        .map_err(|e| Error::output("the truth cannot be written as JSON").because(e))?;
    json.push(b'\n');
    Ok(json)
}

/// Gzip without a time stamp: the same content gives the same bytes.
fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 8), Compression::default());
    let done = encoder.write_all(bytes).and_then(|()| encoder.finish());
    done.map_err(|e| Error::output("a file cannot be compressed").because(e))
}

/// A CSV file in memory: its header and its rows.
fn csv_bytes<R: Iterator<Item = [String; N]>, const N: usize>(header: [&str; N], rows: R) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |e: csv::Error| Error::output("a row cannot be written").because(e);
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        writer.write_record(&row).map_err(failed)?;
    }
    writer.into_inner().map_err(|e| Error::output("a file cannot be finished").because(e.into_error()))
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}

/// The claim lines as CSV, in the columns of [`CLAIM_LINES`].
///
/// # Errors
/// When the columns of the schema are not the ones written here.
fn claims_csv(lines: &[ServiceLine]) -> Result<Vec<u8>> {
    let header: [&str; 18] = CLAIM_LINES.try_into().map_err(|_| Error::output("claim_lines has other columns now"))?;
    let rows = lines.iter().map(|line| {
        [
            line.claim_id.to_string(),
            line.line_number.to_string(),
            line.service_date.to_string(),
            line.payer.to_string(),
            text(line.plan.as_ref()),
            text(line.state.as_ref()),
            text(line.zip.as_ref()),
            text(line.locality.as_ref()),
            text(line.pos.as_ref()),
            line.code.to_string(),
            line.modifiers.to_string(),
            line.units.to_string(),
            line.charge.to_string(),
            text(line.diagnosis.as_ref()),
            text(line.ndc.as_ref()),
            text(line.rendering_npi.as_ref()),
            text(line.billing_npi.as_ref()),
            text(line.patient_key.as_ref()),
        ]
    });
    csv_bytes(header, rows)
}

/// The remittances as CSV: the columns of [`REMIT_LINES`] but for the two that reading adds, then `adjustments`.
fn remits_csv(remits: &[Remit]) -> Result<Vec<u8>> {
    let kept: [&str; 17] =
        REMIT_LINES[..17].try_into().map_err(|_| Error::output("remit_lines has other columns now"))?;
    let mut header = [""; 18];
    header[..17].copy_from_slice(&kept);
    header[17] = "adjustments";
    let rows = remits.iter().map(|remit| {
        [
            remit.claim_id.to_string(),
            remit.line_number.to_string(),
            remit.payer.to_string(),
            remit.payer_rank.to_string(),
            text(remit.payer_claim_control_number.as_ref()),
            remit.claim_status.number().to_string(),
            remit.remit_date.to_string(),
            text(remit.posted_date.as_ref()),
            remit.code.map_or_else(String::new, |c| c.to_string()),
            remit.modifiers.to_string(),
            text(remit.submitted_code.as_ref()),
            remit.units.to_string(),
            remit.charge.to_string(),
            remit.paid.to_string(),
            text(remit.allowed.as_ref()),
            text(remit.patient_responsibility.as_ref()),
            text(remit.trace_number.as_ref()),
            adjustments(&remit.adjustments),
        ]
    });
    csv_bytes(header, rows)
}

/// `CO-45:12.30;PR-2:3.00;CO-16(M119|N290):85.00`.
fn adjustments(adjustments: &[Adjustment]) -> String {
    let mut out = String::new();
    for (i, adjustment) in adjustments.iter().enumerate() {
        if i > 0 {
            out.push(';');
        }
        out.push_str(&format!("{}-{}", adjustment.group, adjustment.carc));
        if !adjustment.rarcs.is_empty() {
            let rarcs: Vec<&str> = adjustment.rarcs.iter().map(crate::domain::Rarc::as_str).collect();
            out.push_str(&format!("({})", rarcs.join("|")));
        }
        out.push_str(&format!(":{}", adjustment.amount));
    }
    out
}

fn truth_lines_csv(demo: &Demo) -> Result<Vec<u8>> {
    let header = [
        "claim_id",
        "line_number",
        "payer_id",
        "cohort",
        "expected",
        "allowed",
        "paid",
        "paid_by_secondary",
        "patient_share",
        "known_reductions",
        "ending",
        "why",
        "initially_denied",
    ];
    let rows = demo.truth.lines.iter().map(|line| {
        let money = |amount: Money| amount.to_string();
        [
            line.claim_id.to_string(),
            line.line_number.to_string(),
            line.payer.to_string(),
            line.cohort.as_str().to_owned(),
            line.expected.map(money).unwrap_or_default(),
            money(line.allowed),
            money(line.received.paid),
            money(line.received.paid_by_secondary),
            money(line.received.patient_share),
            money(line.received.known_reductions),
            line.ending.as_str().to_owned(),
            line.ending.why().to_owned(),
            line.initially_denied.to_string(),
        ]
    });
    csv_bytes(header, rows)
}
