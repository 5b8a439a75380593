//! The project file `allowable.toml`: inputs, payers and their terms, schedules, column mappings, options.
//!
//! Parsed in two steps: TOML with the line of every key (`section`), then a validated [`Project`]. An error names the
//! file, the line, the key, what was found, what was expected and, where something close exists, what was probably meant.
//! Nothing here reads claims or rates.

mod contract;
mod event;
mod payer;
mod rate_change;
mod save;
pub(crate) mod section;
mod worklist;

pub(crate) use contract::codes;
pub use event::VolumeEvent;
pub use rate_change::{ChangeOf, RateChange};
pub use save::{schedule_lines, with_columns};
pub use worklist::WorklistSettings;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::domain::contract::Contract;
use crate::domain::{Code, Date, Locality, Payer, Period, State, Terms, Zip};
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
    /// Reads a state, a locality or a ZIP code.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
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
    /// The contract files to read, relative to the project file's folder: paths or patterns.
    pub contract_files: Vec<String>,
    /// The contracts that were read from them; their terms stand with their payers.
    pub contracts: Vec<Contract>,
    /// The fee schedules to load.
    pub schedules: Vec<ScheduleSource>,
    /// Column mappings by file name (or a pattern with `*`), stronger than the synonyms.
    pub columns: BTreeMap<String, ColumnMap>,
    /// The codes to report on; `None` keeps every code.
    pub scope: Option<Vec<Code>>,
    /// Dated events drawn into charts over time.
    pub events: Vec<(Date, String)>,
    /// Those of them that change volumes, for forecasts.
    pub volume_events: Vec<VolumeEvent>,
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
        project.contract_files = root.texts("contracts")?.into_iter().map(|(path, _)| path).collect();
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
        let mut told = Vec::new();
        for section in root.sections("event")? {
            let id = |name: &str| project.payer(name).map(|payer| payer.id.clone());
            let offset = section.offset();
            let (date, label, effect) = event::event(section, id)?;
            let event = (date, label.clone(), effect.clone());
            if told.contains(&event) {
                return Err(twice(&document, offset, "event", &format!("\"{label}\" of {date}")));
            }
            told.push(event);
            project.events.push((date, label));
            project.volume_events.extend(effect);
        }
        for section in root.sections("rate_change")? {
            let id = |name: &str| project.payer(name).map(|payer| payer.id.clone());
            let offset = section.offset();
            let change = rate_change::rate_change(section, id)?;
            if project.rate_changes.contains(&change) {
                let percent = change.percent.normalize();
                return Err(twice(&document, offset, "rate_change", &format!("{percent:+}% from {} on", change.date)));
            }
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
        let mut project = Self::parse(&text, &place)?;
        project.read_contracts()?;
        Ok(project)
    }

    /// Reads the project's contract files: those it names, or all of the folder `contracts` beside it.
    fn read_contracts(&mut self) -> Result<()> {
        let named = !self.contract_files.is_empty();
        let patterns = if named { self.contract_files.clone() } else { vec!["contracts/*.toml".to_owned()] };
        for pattern in patterns {
            let full = self.folder.join(&pattern);
            let paths: Vec<PathBuf> = match glob::glob(&full.to_string_lossy()) {
                // In the order of their names.
                Ok(paths) => paths.filter_map(std::result::Result::ok).collect(),
                Err(e) => {
                    return Err(Error::config(format!("contracts: the pattern {pattern} cannot be used")).because(e));
                }
            };
            if paths.is_empty() && named {
                return Err(Error::config(format!("contracts: no file fits {pattern}"))
                    .help("correct it in the project file; paths are relative to that file"));
            }
            for path in paths {
                let shown = path.display().to_string();
                let text = std::fs::read_to_string(&path).map_err(|e| {
                    Error::config("the contract file cannot be read").at(Place::file(&shown)).because(e)
                })?;
                self.add_contract(&text, &shown)?;
            }
        }
        Ok(())
    }

    /// Reads a contract file's text and gives its terms to its payer, which is added where the project has none of the name;
    /// `place` is its path, for errors and citations.
    ///
    /// # Errors
    /// When the text is not a contract, or claims days for which the payer has terms already.
    pub fn add_contract(&mut self, text: &str, place: &str) -> Result<()> {
        let (payer, contract) = self.read_contract(text, place)?;
        let failed = |message: String| Error::config(message).at(Place::file(place));
        let Some(index) = self.payers.iter().position(|known| known.id == payer.id) else {
            self.add_payer(payer).map_err(failed)?;
            self.contracts.push(contract);
            return Ok(());
        };
        let known = &self.payers[index];
        // Terms that only follow from the kind of payer give way; stated ones do not.
        let mut terms = if known.terms == payer::default_terms(known.kind) { Vec::new() } else { known.terms.clone() };
        for (period, of) in &payer.terms {
            let overlaps =
                |(other, _): &&(Period, Terms)| other.from() < period.until() && period.from() < other.until();
            if let Some((other, _)) = terms.iter().find(overlaps) {
                let message = format!("payer \"{}\" has terms already, {other}, which overlap {period}", payer.id);
                return Err(
                    failed(message).help("keep one of them: the [[payer.terms]] of the project file, or the contract")
                );
            }
            terms.push((*period, of.clone()));
        }
        for alias in &payer.aliases {
            match self.names.get(&normalised(alias)) {
                Some(other) if *other != index => {
                    let other = &self.payers[*other].id;
                    return Err(failed(format!("the alias \"{alias}\" already belongs to payer \"{other}\"")));
                }
                _ => drop(self.names.insert(normalised(alias), index)),
            }
        }
        self.payers[index] = Payer { terms, ..payer };
        self.contracts.push(contract);
        Ok(())
    }

    /// Reads a contract file's text without taking it into the project: the payer as the contract has it, with its terms alone,
    /// and the contract.
    ///
    /// # Errors
    /// When the text is not a contract, or names a payer that the project does not have and says too little of it.
    pub fn read_contract(&self, text: &str, place: &str) -> Result<(Payer, Contract)> {
        let of_payer = |name: &str| self.payer(name).map(|payer| payer.lesser_of);
        let contract::ContractFile { mut contract, name, kind, about } =
            contract::contract(text, place, &self.schedules, of_payer)?;
        let mut payer = match (self.payer(&contract.payer), kind) {
            (Some(payer), _) => payer.clone(),
            (None, Some(kind)) => {
                let id = contract.payer.clone();
                let name = name.map_or_else(|| id.clone(), Into::into);
                payer::unknown(id, name, kind)
            }
            (None, None) => {
                let found = format!("payer \"{}\" is not in the project, and [contract] has no kind", contract.payer);
                let error = Error::config(found).at(Place::file(place));
                return Err(match self.payer_like(&contract.payer) {
                    Some(like) => error.help(format!("did you mean \"{like}\"?")),
                    None => error
                        .help("add kind = \"commercial\" and a name to [contract], or the payer to the project file"),
                });
            }
        };
        contract.payer = payer.id.clone();
        payer.terms = contract::terms(&contract);
        about.apply(&mut payer);
        Ok((payer, contract))
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

    /// A commented contract file that shows every key.
    #[must_use]
    pub const fn contract_template() -> &'static str {
        include_str!("contract_template.toml")
    }

    /// The commented project file that `allowable init` writes.
    #[must_use]
    pub const fn template() -> &'static str {
        include_str!("template.toml")
    }
}

/// Two equal tables would act twice: `[[rate_change]]: +10% from 2026-05-16 on stands twice`.
fn twice(document: &section::Document<'_>, offset: usize, table: &str, what: &str) -> Error {
    document
        .error(offset, format!("[[{table}]]: {what} stands twice"))
        .help("leave out one of them; where both are meant, give them different labels")
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
pub(crate) fn normalised(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The candidate closest to `wanted`, when it is close enough to be a slip.
pub(crate) fn closest<'a, T>(wanted: &str, candidates: impl Iterator<Item = (&'a str, T)>) -> Option<(&'a str, T)> {
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
