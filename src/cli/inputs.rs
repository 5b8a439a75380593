//! From the arguments that every command shares to what it works on: the project, its files, and the reference.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::demo;
use crate::domain::Payer;
use crate::domain::contract::Contract;
use crate::finding::{Error, Finding, Place, Result};
use crate::import;
use crate::ingest::{Input, Intake, read};
use crate::project::{FILE_NAME, Project, ScheduleKind};
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
        let project = if is_demo { demo::project()? } else { Project::open(args.project.as_deref())? };
        // The demo is what ships with the program, whatever was imported.
        if !is_demo {
            findings.extend(lay_over(&project.folder, &mut reference)?);
        }
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
            if schedule.kind == ScheduleKind::Medicaid {
                reference.set_state_schedule(&schedule.name);
            }
        }
        findings.extend(add_rules(&project, &mut reference)?);
        add_boundaries(&project.payers, &mut reference);
        let inputs = if is_demo {
            let inputs = project.inputs.iter().filter_map(|path| {
                let wanted = path.to_string_lossy();
                let (name, bytes) = embedded.iter().find(|(name, _)| *name == wanted)?;
                Some(Input::Bytes { name: (*name).to_owned(), bytes: (*bytes).into() })
            });
            inputs.collect()
        } else if files.is_empty() {
            expand(&project.inputs.iter().map(|path| project.folder.join(path)).collect::<Vec<_>>())?
        } else {
            expand(files)?
        };
        Ok(Self { project, reference, inputs, findings, is_demo })
    }

    /// Reads a contract file: its payer with the terms of the file alone, and the contract. The project stays as it is.
    pub(super) fn contract(&mut self, path: &std::path::Path) -> Result<(Payer, Contract)> {
        let place = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|e| Error::config("the contract file cannot be read").at(Place::file(&place)).because(e))?;
        let (payer, contract) = self.project.read_contract(&text, &place)?;
        add_boundaries([&payer], &mut self.reference);
        Ok((payer, contract))
    }

    /// Reads all inputs.
    pub(super) fn read(&self) -> Result<Intake> {
        self.read_with(&|_| ())
    }

    /// Reads all inputs, telling how many bytes have been read.
    pub(super) fn read_with(&self, progress: &(dyn Fn(u64) + Sync)) -> Result<Intake> {
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
        bytes(&self.inputs)
    }
}

/// Days on which a payer's terms change, so that no interval of the reference spans one.
fn add_boundaries<'p>(payers: impl IntoIterator<Item = &'p Payer>, reference: &mut Reference) {
    for (period, _) in payers.into_iter().flat_map(|payer| &payer.terms) {
        reference.add_boundary(period.from());
        reference.add_boundary(period.until());
    }
}

/// Lays the tables that `allowable import` wrote beside the project file over the shipped ones.
pub(super) fn lay_over(folder: &Path, reference: &mut Reference) -> Result<Vec<Finding>> {
    let tables = folder.join(import::FOLDER);
    import::lay_over(reference, import::FOLDER, &|path| read_if_any(&tables.join(path)))
}

/// The bytes of a file; nothing when there is none.
pub(super) fn read_if_any(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(Error::input("the file cannot be read").at(Place::file(path.display().to_string())).because(error))
        }
    }
}

/// Adds the project's own tables of rules to the reference; rows that cannot be read are named.
pub(super) fn add_rules(project: &Project, reference: &mut Reference) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for table in &project.rules {
        let path = project.folder.join(table);
        let bytes = std::fs::read(&path).map_err(|e| {
            Error::config("the table of rules cannot be read")
                .at(Place::file(path.display().to_string()))
                .because(e)
                .help("correct its path under `rules` in the project file")
        })?;
        findings.extend(reference.add_rules(table, &bytes));
    }
    Ok(findings)
}

/// The bytes of inputs together, as far as they can be told beforehand.
pub(super) fn bytes(inputs: &[Input]) -> u64 {
    let size = |input: &Input| match input {
        Input::File(path) | Input::Found(path) => std::fs::metadata(path).map_or(0, |m| m.len()),
        Input::Bytes { bytes, .. } => bytes.len() as u64,
        Input::Stdin => 0,
    };
    inputs.iter().map(size).sum()
}

/// Files, folders (all their files, at any depth), patterns such as `era/*.835` that the shell left alone, and `-` for
/// standard input; each file once, those of folders and patterns in the order of their names.
pub(super) fn expand(paths: &[PathBuf]) -> Result<Vec<Input>> {
    let mut inputs: Vec<Input> = Vec::with_capacity(paths.len());
    let mut seen = std::collections::BTreeSet::new();
    let mut add = |path: PathBuf, found: bool, inputs: &mut Vec<Input>| {
        // A file named twice is left for the reader to tell; one that a folder gives again is not.
        if seen.insert(path.clone()) || !found {
            inputs.push(if found { Input::Found(path) } else { Input::File(path) });
        }
    };
    for path in paths {
        let text = path.to_string_lossy();
        if text == "-" {
            inputs.push(Input::Stdin);
        } else if path.is_dir() {
            let mut files = Vec::new();
            walk(path, &mut files)?;
            files.into_iter().for_each(|file| add(file, true, &mut inputs));
        } else if !path.exists() && text.contains(['*', '?', '[']) {
            let bad = |e: glob::PatternError| Error::usage(format!("the pattern {text} cannot be used")).because(e);
            let mut files: Vec<PathBuf> = glob::glob(&text).map_err(bad)?.filter_map(std::result::Result::ok).collect();
            files.retain(|file| file.is_file());
            files.sort();
            if files.is_empty() {
                return Err(Error::usage(format!("no file fits the pattern {text}")));
            }
            files.into_iter().for_each(|file| add(file, false, &mut inputs));
        } else {
            add(path.clone(), false, &mut inputs);
        }
    }
    Ok(inputs)
}

/// The files below a folder by name; hidden ones are left out.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let failed = |e: std::io::Error| {
        Error::input("the folder cannot be read").at(Place::file(folder.display().to_string())).because(e)
    };
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    entries.sort();
    for entry in entries {
        if entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            continue;
        }
        // A link to a folder could lead in a circle.
        if entry.is_dir() && !entry.is_symlink() {
            walk(&entry, files)?;
        } else if entry.is_file() {
            files.push(entry);
        }
    }
    Ok(())
}
