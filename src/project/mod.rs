//! The project file `allowable.toml`: inputs, payers and their terms, schedules, column mappings, options.
//!
//! Parsed in two steps: TOML with the line of every key (`section`), then a validated [`Project`]. An error names the
//! file, the line, the key, what was found, what was expected and, where something close exists, what was probably meant.
//! Nothing here reads claims or rates.

mod payer;
mod rate_change;
mod save;
mod section;
mod worklist;

pub use rate_change::{ChangeOf, RateChange};
pub use save::{schedule_lines, with_columns};
pub use worklist::WorklistSettings;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::domain::{Code, Date, Locality, Payer, State, Zip};
use crate::finding::{Error, Place, Result, Severity};
use section::Section;

/// The name of the project file that commands look for in the current folder.
pub const FILE_NAME: &str = "allowable.toml";

/// What a fee schedule of the user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleKind {
    /// A state's Medicaid schedule: published, precedes every Medicaid estimate.
    Medicaid,
    /// A contract's schedule.
    Contract,
}

/// A fee schedule to load, from a CSV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleSource {
    /// The name that terms refer to.
    pub name: Arc<str>,
    /// The CSV file, relative to the project file's folder.
    pub path: String,
    /// What it is.
    pub kind: ScheduleKind,
}

/// Where the practice serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PracticePlace {
    /// Its ZIP code.
    Zip(Zip),
    /// Its Medicare locality.
    Locality(Locality),
    /// Its state.
    State(State),
}

impl PracticePlace {
    fn read(text: &str) -> Option<Self> {
        let zip = || text.parse().ok().map(Self::Zip);
        let locality = || text.parse().ok().map(Self::Locality);
        text.parse().ok().map(Self::State).or_else(locality).or_else(zip)
    }
}

/// Which header holds which field: field name → header. An empty header means "do not use any column for this field".
pub type ColumnMap = BTreeMap<String, String>;

/// A validated project.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The practice or data set, as it stands on the report.
    pub title: String,
    /// Whether the data is made up; said on every page.
    pub synthetic: bool,
    /// Input files, as written in the project file.
    pub inputs: Vec<PathBuf>,
    /// The folder of the project file; inputs and schedules are relative to it.
    pub folder: PathBuf,
    /// The payers with their terms.
    pub payers: Vec<Payer>,
    /// The fee schedules to load.
    pub schedules: Vec<ScheduleSource>,
    /// Column mappings by file name (or a pattern with `*`), stronger than the synonyms.
    pub columns: BTreeMap<String, ColumnMap>,
    /// The codes to report on; `None` keeps every code.
    pub scope: Option<Vec<Code>>,
    /// Dated events drawn into charts over time.
    pub events: Vec<(Date, String)>,
    /// Changes of rates that are known for days to come, for forecasts.
    pub rate_changes: Vec<RateChange>,
    /// NPIs of nurse practitioners and physician assistants who bill under their own number.
    pub npp_npis: Vec<Arc<str>>,
    /// Tables of payability rules of the user, relative to the project file's folder.
    pub rules: Vec<String>,
    /// Where the practice serves, for lines whose file tells no place (835 remittances without claims mostly do not).
    pub place: Option<PracticePlace>,
    /// What working a shortfall costs, how often it is won, and where earlier work is kept.
    pub worklist: WorklistSettings,
    /// Findings of this severity or more make the exit code 3.
    pub deny: Option<Severity>,
    /// Normalised id, name or alias → index into `payers`.
    names: FxHashMap<String, usize>,
}

impl Project {
    /// Reads a project file's text; `place` is its path, for errors.
    ///
    /// # Errors
    /// When the text is not TOML, has an unknown key, lacks a key, or holds a value that makes no sense; the error names
    /// the line.
    pub fn parse(text: &str, place: &str) -> Result<Self> {
        let document = section::Document::new(text, place);
        let table = document.table()?;
        let mut root = Section::new(&document, table, "the project file");
        let mut project = Self {
            title: root.text("title")?.unwrap_or_else(|| "Untitled practice".to_owned()),
            synthetic: root.flag("synthetic")?.unwrap_or(false),
            inputs: root.texts("inputs")?.into_iter().map(|(input, _)| PathBuf::from(input)).collect(),
            folder: Path::new(place).parent().map(Path::to_path_buf).unwrap_or_default(),
            ..Self::default()
        };
        for mut section in root.sections("schedule")? {
            let source = ScheduleSource {
                name: section.required("name")?.into(),
                path: section.required("path")?,
                kind: section
                    .choice("kind", &[("contract", ScheduleKind::Contract), ("medicaid", ScheduleKind::Medicaid)])?
                    .unwrap_or(ScheduleKind::Contract),
            };
            section.finish()?;
            project.schedules.push(source);
        }
        for section in root.sections("payer")? {
            let (payer, offset) = payer::payer(section, &project.schedules)?;
            project.add_payer(payer).map_err(|message| document.error(offset, message))?;
        }
        project.columns = columns(&mut root)?;
        project.npp_npis = root.texts("npp_npis")?.into_iter().map(|(npi, _)| npi.into()).collect();
        project.rules = root.texts("rules")?.into_iter().map(|(path, _)| path).collect();
        project.place = match root.text("practice_place")? {
            None => None,
            Some(text) => Some(PracticePlace::read(&text).ok_or_else(|| {
                root.error(format!(
                    "practice_place: found \"{text}\", expected a ZIP code, a locality or a state: \"43215\", \"15202-00\", \"OH\""
                ))
            })?),
        };
        let scope = root.texts("scope")?;
        if !scope.is_empty() {
            let codes = scope.into_iter().map(|(code, offset)| {
                code.parse::<Code>().map_err(|e| document.error(offset, format!("scope: found \"{code}\", {e}")))
            });
            project.scope = Some(codes.collect::<Result<_>>()?);
        }
        for mut section in root.sections("event")? {
            let date = section.required_date("date")?;
            project.events.push((date, section.required("label")?));
            section.finish()?;
        }
        for section in root.sections("rate_change")? {
            let id = |name: &str| project.payer(name).map(|payer| payer.id.clone());
            let change = rate_change::rate_change(section, id)?;
            project.rate_changes.push(change);
        }
        project.worklist = root.section("worklist")?.map(worklist::settings).transpose()?.unwrap_or_default();
        project.deny = root
            .choice("deny", &[("error", Severity::Error), ("warning", Severity::Warning), ("note", Severity::Note)])?;
        root.finish()?;
        Ok(project)
    }

    /// The project at this path; without one, `allowable.toml` of the current folder, or a project that knows Medicare alone.
    ///
    /// # Errors
    /// When the file cannot be read or is wrong.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let path = match path {
            Some(path) => path,
            None if Path::new(FILE_NAME).exists() => Path::new(FILE_NAME),
            // Without a project file Medicare is known by its public rules, and nobody else.
            None => {
                let template = Self::parse(Self::template(), FILE_NAME)?;
                let title = "Untitled practice".to_owned();
                return Ok(Self { title, inputs: Vec::new(), folder: PathBuf::new(), ..template });
            }
        };
        let place = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| {
            Error::config("the project file cannot be read")
                .at(Place::file(&place))
                .because(e)
                .help("write one with `allowable init`, or give its path with --project")
        })?;
        Self::parse(&text, &place)
    }

    /// Adds a payer.
    ///
    /// # Errors
    /// When its id, name or an alias belongs to another payer already: says so.
    pub fn add_payer(&mut self, payer: Payer) -> std::result::Result<(), String> {
        let index = self.payers.len();
        for name in [&payer.id, &payer.name].into_iter().chain(&payer.aliases) {
            if let Some(&other) = self.names.get(&normalised(name)).filter(|i| **i != index) {
                return Err(format!(
                    "payer \"{}\": the name \"{name}\" already belongs to payer \"{}\"",
                    payer.id, self.payers[other].id
                ));
            }
            self.names.insert(normalised(name), index);
        }
        self.payers.push(payer);
        Ok(())
    }

    /// The payer that a cell names by id, name or alias; case, spaces and punctuation do not matter.
    #[must_use]
    pub fn payer(&self, raw: &str) -> Option<&Payer> {
        self.names.get(&normalised(raw)).and_then(|i| self.payers.get(*i))
    }

    /// The payer of this id, exactly.
    #[must_use]
    pub fn payer_of_id(&self, id: &str) -> Option<&Payer> {
        self.payers.iter().find(|payer| &*payer.id == id)
    }

    /// The id of the payer whose id, name or alias is closest to a name that is not known; `None` when none is close.
    #[must_use]
    pub fn payer_like(&self, raw: &str) -> Option<&str> {
        let wanted = normalised(raw);
        let mut names: Vec<(&String, &usize)> = self.names.iter().collect();
        names.sort();
        let (name, index) = closest(&wanted, names.iter().map(|(name, i)| (name.as_str(), **i)))?;
        (!name.is_empty()).then(|| &*self.payers[index].id)
    }

    /// The column mapping that holds for a file: its own, over patterns with `*`. Fields of the more exact one win.
    #[must_use]
    pub fn columns_for(&self, file: &str) -> ColumnMap {
        let name = Path::new(file).file_name().map_or_else(|| file.into(), |n| n.to_string_lossy());
        let mut matching: Vec<(&String, &ColumnMap)> =
            self.columns.iter().filter(|(pattern, _)| matches(pattern, &name) || *pattern == file).collect();
        // The pattern with the fewest free characters last, so that it overwrites the others.
        matching.sort_by_key(|(pattern, _)| (!pattern.contains('*'), pattern.len()));
        matching.into_iter().flat_map(|(_, map)| map.clone()).collect()
    }

    /// The commented project file that `allowable init` writes.
    #[must_use]
    pub const fn template() -> &'static str {
        include_str!("template.toml")
    }
}

/// `[columns."claims.csv"]` tables.
fn columns(root: &mut Section<'_, '_>) -> Result<BTreeMap<String, ColumnMap>> {
    let mut columns = BTreeMap::new();
    if let Some(tables) = root.section("columns")? {
        for (file, mut table) in tables.subsections()? {
            columns.insert(file, table.all_texts()?);
        }
    }
    Ok(columns)
}

/// Lower-case letters and digits only: `BCBS of TX` and `bcbs-of-tx` are the same name.
fn normalised(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The candidate closest to `wanted`, when it is close enough to be a slip.
fn closest<'a, T>(wanted: &str, candidates: impl Iterator<Item = (&'a str, T)>) -> Option<(&'a str, T)> {
    candidates
        .map(|(name, value)| (strsim::osa_distance(wanted, name), name, value))
        .filter(|(distance, name, _)| *distance <= 1 + name.len().min(wanted.len()) / 4)
        .min_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)))
        .map(|(_, name, value)| (name, value))
}

/// Whether a file name fits a pattern in which `*` stands for any characters.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests;
