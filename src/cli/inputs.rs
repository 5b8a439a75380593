//! From the arguments that every command shares to what it works on: the project, its files, and the reference.

use std::path::PathBuf;

use clap::Args;

use crate::demo;
use crate::finding::{Error, Finding, Place, Result};
use crate::ingest::{Input, Intake, read};
use crate::project::{FILE_NAME, Project};
use crate::reference::Reference;

/// Which project and which files.
#[derive(Debug, Args)]
pub(crate) struct ProjectArgs {
    /// Project file; without one, ./allowable.toml, or the embedded demo practice
    #[arg(long, value_name = "FILE")]
    pub(super) project: Option<PathBuf>,
}

/// A project with its files and a reference that knows its schedules.
pub(super) struct Loaded {
    /// The project.
    pub(super) project: Project,
    /// The reference with the project's schedules.
    pub(super) reference: Reference,
    /// The files to read.
    pub(super) inputs: Vec<Input>,
    /// What is wrong with the schedules.
    pub(super) findings: Vec<Finding>,
    /// Whether this is the embedded demo.
    pub(super) is_demo: bool,
}

impl Loaded {
    /// The project of the arguments with the inputs it names itself.
    pub(super) fn open(args: &ProjectArgs) -> Result<Self> {
        Self::with_inputs(args, &[])
    }

    /// The project of the arguments; files given on the command line take the place of those it names.
    pub(super) fn with_inputs(args: &ProjectArgs, files: &[PathBuf]) -> Result<Self> {
        let is_demo = args.project.is_none() && files.is_empty() && !PathBuf::from(FILE_NAME).exists();
        let mut reference = Reference::embedded()?;
        let mut findings = Vec::new();
        let project = if is_demo {
            Project::parse(demo::project_text(), "demo practice")?
        } else {
            Project::open(args.project.as_deref())?
        };
        let embedded = if is_demo { demo::embedded() } else { Vec::new() };
        for schedule in &project.schedules {
            let bytes = match embedded.iter().find(|(name, _)| *name == schedule.path) {
                Some((_, bytes)) => bytes.to_vec(),
                None => {
                    let path = project.folder.join(&schedule.path);
                    std::fs::read(&path).map_err(|e| {
                        Error::config(format!("schedule \"{}\" cannot be read", schedule.name))
                            .at(Place::file(path.display().to_string()))
                            .because(e)
                            .help("correct its path in the project file")
                    })?
                }
            };
            findings.extend(reference.add_schedule(&schedule.name, &schedule.path, &bytes));
        }
        for (period, _) in project.payers.iter().flat_map(|payer| &payer.terms) {
            reference.add_boundary(period.from());
            reference.add_boundary(period.until());
        }
        let inputs = if is_demo {
            let inputs = project.inputs.iter().filter_map(|path| {
                let wanted = path.to_string_lossy();
                let (name, bytes) = embedded.iter().find(|(name, _)| *name == wanted)?;
                Some(Input::Bytes { name: (*name).to_owned(), bytes: (*bytes).into() })
            });
            inputs.collect()
        } else if files.is_empty() {
            project.inputs.iter().map(|path| Input::File(project.folder.join(path))).collect()
        } else {
            files.iter().cloned().map(Input::File).collect()
        };
        Ok(Self { project, reference, inputs, findings, is_demo })
    }

    /// Reads all inputs.
    pub(super) fn read(&self) -> Result<Intake> {
        self.read_with(&|_| ())
    }

    /// Reads all inputs, telling how many bytes have been read.
    pub(super) fn read_with(&self, progress: &dyn Fn(u64)) -> Result<Intake> {
        if self.inputs.is_empty() {
            return Err(Error::usage("no input files")
                .help("name files on the command line, or under `inputs` in allowable.toml"));
        }
        let mut intake = read(&self.inputs, &self.project, progress)?;
        intake.findings.extend(self.findings.iter().cloned());
        Ok(intake)
    }

    /// The bytes of all inputs together, as far as they can be told beforehand.
    pub(super) fn bytes(&self) -> u64 {
        let size = |input: &Input| match input {
            Input::File(path) => std::fs::metadata(path).map_or(0, |m| m.len()),
            Input::Bytes { bytes, .. } => bytes.len() as u64,
        };
        self.inputs.iter().map(size).sum()
    }
}
