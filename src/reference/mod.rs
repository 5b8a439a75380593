//! Everything that is true from a date to a date: Medicare's schedules, Medicaid benchmarks, loaded fee schedules, NCCI edits,
//! places of service and the meaning of adjustment codes.
//!
//! Looks figures up and says where each was read; never prices a line (that is `price`) and never reads claims.

#![deny(clippy::float_arithmetic)]

mod denials;
mod drugs;
mod edits;
mod embedded;
mod medicaid;
mod medicare;
mod places;
mod rework;
mod rules;
mod schedule;
mod sheet;
mod sources;

pub use denials::{AmountClass, Answer, BILLING_STEPS, Class, DenialCategory, DenialMap, EvidenceItem};
pub use drugs::{Administers, Drug, Drugs, Route, Strength};
pub use edits::{Edits, Indicator, Mue, Pair};
pub use embedded::bytes as embedded_file;
pub use medicaid::{Medicaid, Observed, ObservedNation, Reliability};
pub use medicare::{
    Asp, Cap, ConversionFactor, Gpci, Medicare, Opps, Parts, RateFilter, RateRow, Rvu, ZipLocality, fee, unrounded_fee,
};
pub use places::Places;
pub use rework::{Benchmark, Rework};
pub use rules::{AnyOf, Check, CodeSet, Effect, NdcTest, PosSet, Rule, Rules};
pub use schedule::{Listed, Query, ScheduleRate, Schedules, UnitBasis};
pub use sheet::Row;
pub(crate) use sheet::{Record, Sheet, shipped_rows};
pub use sources::SourceFile;

use std::sync::{Arc, OnceLock};

use crate::domain::{Code, Date};
use crate::finding::{Error, Finding, Place, Result};

/// All reference data of a run. Cloning is cheap: the embedded tables are shared.
#[derive(Debug, Clone)]
pub struct Reference {
    /// What Medicare publishes.
    pub medicare: Arc<Medicare>,
    /// Observed and estimated Medicaid payments.
    pub medicaid: Arc<Medicaid>,
    /// Schedules the user loaded.
    pub schedules: Schedules,
    /// The names of those that are a state's own Medicaid schedule, in the order of loading.
    state_schedules: Vec<Arc<str>>,
    /// NCCI pairs and unlikely units.
    pub edits: Arc<Edits>,
    /// Which lines can be paid.
    pub rules: Arc<Rules>,
    /// What adjustment codes mean.
    pub denials: Arc<DenialMap>,
    /// Drugs: routes, packages, and what administers them.
    pub drugs: Arc<Drugs>,
    /// Places of service.
    pub places: Arc<Places>,
    /// What rework costs and how often it is won.
    pub rework: Arc<Rework>,
    /// What every reference file is and where it comes from.
    pub sources: Arc<Vec<SourceFile>>,
    /// The codes the program is about: those of its shipped Medicare tables, sorted.
    family: Arc<[Code]>,
    /// Days on which something changes, sorted.
    boundaries: Vec<Date>,
}

impl Reference {
    /// The reference data that is part of the program; read once per process.
    ///
    /// # Errors
    /// When an embedded table is not well-formed (a fault of the program, found by its tests).
    pub fn embedded() -> Result<Self> {
        static READ: OnceLock<Reference> = OnceLock::new();
        if let Some(reference) = READ.get() {
            return Ok(reference.clone());
        }
        let medicare = Medicare::load()?;
        let drugs = Drugs::load()?;
        let mut boundaries = medicare.boundaries();
        boundaries.sort_unstable();
        boundaries.dedup();
        let reference = Self {
            family: medicare.codes().into(),
            medicare: Arc::new(medicare),
            medicaid: Arc::new(Medicaid::load()?),
            schedules: Schedules::default(),
            state_schedules: Vec::new(),
            edits: Arc::new(Edits::load()?),
            rules: Arc::new(Rules::load(&sets(&drugs))?),
            denials: Arc::new(DenialMap::load()?),
            drugs: Arc::new(drugs),
            places: Arc::new(Places::load()?),
            rework: Arc::new(Rework::load()?),
            sources: Arc::new(sources::load()?),
            boundaries,
        };
        Ok(READ.get_or_init(|| reference).clone())
    }

    /// Lays a table of an import over the shipped one of its path (`medicare/rvu.csv`); `name` is how `explain` calls the file.
    /// The codes of the family stay the shipped ones, so that what a report is about does not change.
    ///
    /// # Errors
    /// When the table is not one that an import has written.
    pub fn lay_over(&mut self, path: &str, name: &str, csv: &[u8]) -> Result<()> {
        let sheet = Sheet::parse(name, csv)?;
        let edits = match path {
            "ncci/ptp.csv" => Arc::make_mut(&mut self.edits).replace_pairs(&sheet).map(|()| true)?,
            "ncci/mue.csv" => Arc::make_mut(&mut self.edits).replace_mues(&sheet).map(|()| true)?,
            _ => false,
        };
        if !edits && !Arc::make_mut(&mut self.medicare).lay_over(path, name, &sheet)? {
            return Err(Error::input(format!("{path} is no reference table")).at(Place::file(name)));
        }
        self.boundaries.extend(self.medicare.boundaries());
        if path == "ncci/ptp.csv" {
            // So that a price with its reason names the row that holds on its days.
            self.boundaries.extend(self.edits.boundaries());
        }
        self.boundaries.sort_unstable();
        self.boundaries.dedup();
        Ok(())
    }

    /// Loads a schedule from CSV bytes under a name; `file` is how findings and `explain` call it. Rows that cannot be read are
    /// left out and named, as are overlapping, missing and repeated days.
    pub fn add_schedule(&mut self, name: &str, file: &str, csv: &[u8]) -> Vec<Finding> {
        let findings = self.schedules.add(name, file, csv);
        self.boundaries.extend(self.schedules.boundaries());
        self.boundaries.sort_unstable();
        self.boundaries.dedup();
        findings
    }

    /// Says that a loaded schedule is what a state publishes for its Medicaid: it pays where such a payer has no terms.
    pub fn set_state_schedule(&mut self, name: &str) {
        if !self.state_schedules.iter().any(|known| **known == *name) {
            self.state_schedules.push(name.into());
        }
    }

    /// The loaded Medicaid schedules of states, in the order of loading.
    #[must_use]
    pub fn state_schedules(&self) -> &[Arc<str>] {
        &self.state_schedules
    }

    /// Loads a table of payability rules from CSV bytes; `file` is how findings and `explain` call it. Rows that cannot be
    /// read are left out and named.
    pub fn add_rules(&mut self, file: &str, csv: &[u8]) -> Vec<Finding> {
        Arc::make_mut(&mut self.rules).add(file, csv)
    }

    /// Adds a day on which something outside the reference changes (a contract's terms), so that no epoch spans it.
    pub fn add_boundary(&mut self, day: Date) {
        if let Err(at) = self.boundaries.binary_search(&day) {
            self.boundaries.insert(at, day);
        }
    }

    /// Whether a code belongs to the family this program is about: the codes of its shipped Medicare tables, and drugs.
    /// Imported releases price every code and make none of them the family's.
    #[must_use]
    pub fn is_in_family(&self, code: Code) -> bool {
        code.is_drug() || self.family.binary_search(&code).is_ok()
    }

    /// The number of the interval of days, from 0, within which nothing in the reference changes.
    #[must_use]
    pub fn epoch(&self, day: Date) -> u32 {
        u32::try_from(self.boundaries.partition_point(|boundary| *boundary <= day)).unwrap_or(u32::MAX)
    }

    /// The first day of an epoch; epoch 0 begins with the calendar.
    #[must_use]
    pub fn epoch_start(&self, epoch: u32) -> Date {
        let at = usize::try_from(epoch).unwrap_or(usize::MAX).checked_sub(1);
        at.and_then(|at| self.boundaries.get(at)).copied().unwrap_or(Date::MIN)
    }
}

/// The sets of codes that the table of drugs defines for the rules.
fn sets(drugs: &Drugs) -> [(&'static str, Vec<Code>); 2] {
    let of = |wanted: fn(&Drug) -> bool| drugs.all().into_iter().filter(|d| wanted(d)).map(|d| d.code).collect();
    [
        ("single-dose", of(|drug| drug.single_dose == Some(true))),
        ("self-administered", of(|drug| drug.self_administered)),
    ]
}
