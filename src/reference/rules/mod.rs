//! The rules of payability as data: which lines can be paid, from when to when, for whom, and what to do otherwise.
//!
//! One row is one rule; what the columns mean is told in `datasets/payability/README.md`. Users add tables of their own
//! (`rules` in the project file); a row with an id that is already there takes its place, and the effect `off` ends it.
//! The engine that applies them to a claim day is `payability`.

mod read;
mod set;

pub use set::{AnyOf, CodeSet, PosSet};

use std::sync::Arc;

use crate::domain::{Code, Date, Payer, PayerKind, Period, RuleId, State};
use crate::finding::{Finding, Result};

use super::edits::{Edits, Indicator};
use super::sheet::{Row, Sheet};
use set::Named;

/// What kind of test a rule makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The conditions of the row alone.
    Line,
    /// The line is column 2 of an NCCI pair that no modifier parts.
    NcciNever,
    /// The line is column 2 of an NCCI pair, and no modifier parts it.
    NcciModifier,
    /// As [`Self::NcciNever`], of a pair of which no shipped row of that kind speaks.
    NcciNeverRest,
    /// As [`Self::NcciModifier`], of a pair of which no shipped row of that kind speaks.
    NcciModifierRest,
    /// The units of one line are above the MUE (MAI 1).
    UnitsLine,
    /// The units of the day are above the MUE: MAI 2 with the effect `not-payable`, MAI 3 with `records`.
    UnitsDay,
    /// Another code of the set, earlier in its order, stands on the day; or the same code again.
    OneInitial,
    /// No pair joins the line with another line of the day.
    SeparatesNothing,
    /// The same code stands on an earlier line of the day.
    Repeated,
    /// An incident-to service in a facility: tested with the price.
    Facility,
    /// Excluded by a term of the payer's contract: tested with the price.
    Contract,
    /// The status of the schedule: tested with the price.
    Status,
}

/// What follows when a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The line is not payable.
    NotPayable,
    /// The line is payable only with what the rule asks for; as billed it is not.
    PayableWith,
    /// The line is payable, but only with records.
    Records,
    /// The line is payable; somebody should look at it.
    Warn,
}

impl Effect {
    /// The word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotPayable => "not-payable",
            Self::PayableWith => "payable-with",
            Self::Records => "records",
            Self::Warn => "warn",
        }
    }

    /// The words for readers.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotPayable => "never payable",
            Self::PayableWith => "payable when corrected",
            Self::Records => "payable with records",
            Self::Warn => "look at it",
        }
    }

    /// Whether the line falls.
    #[must_use]
    pub const fn falls(self) -> bool {
        matches!(self, Self::NotPayable | Self::PayableWith)
    }
}

/// What is the matter with the NDC of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NdcTest {
    /// There is none.
    Missing,
    /// It has not 11 digits.
    Malformed,
}

/// For which payers a rule holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Payers {
    kinds: Vec<PayerKind>,
    /// Parts of names, small letters and digits only.
    names: Vec<String>,
    /// Not for payers whose pharmacy sends the drugs.
    drugs_bought: bool,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// What is wrong, for readers.
    pub title: Arc<str>,
    /// What it tests.
    pub check: Check,
    /// The codes whose lines fall; empty: all.
    pub codes: CodeSet,
    /// Of each of these sets a code must stand on another line of the day.
    pub beside: Vec<CodeSet>,
    /// None of these codes stands on the day.
    pub without: CodeSet,
    /// The drugs of the day are all of this set, and there is one.
    pub only_drugs: CodeSet,
    /// Of each of these a modifier must stand on the line.
    pub has: Vec<AnyOf>,
    /// None of these modifiers stands on the line.
    pub lacks: AnyOf,
    /// Modifiers of which one helps on another line as well: on that of the pair, or on another of the same code.
    pub lacks_there: AnyOf,
    /// Places of service; empty: all.
    pub pos: PosSet,
    /// States of service; empty: all.
    pub states: Vec<State>,
    /// What is the matter with the NDC.
    pub ndc: Option<NdcTest>,
    /// The diagnosis does not begin with any of these (without dots); empty: not tested.
    pub diagnosis_lacks: Vec<Arc<str>>,
    /// Days of service for which it holds.
    pub period: Period,
    /// What follows.
    pub effect: Effect,
    /// The step of the billing process (1–8) that prevents it.
    pub step: u8,
    /// What to do.
    pub fix: Arc<str>,
    /// Where it comes from.
    pub source: Arc<str>,
    /// How sure it is: `published`, `high`, `practice rule`, or the user's own word.
    pub strength: Arc<str>,
    /// The row of the table.
    pub row: Row,
    payers: Payers,
}

impl Rule {
    /// Whether the rule holds for this payer.
    #[must_use]
    pub fn is_for(&self, payer: &Payer) -> bool {
        let Payers { kinds, names, drugs_bought } = &self.payers;
        if *drugs_bought && payer.sends_drugs {
            return false;
        }
        if kinds.is_empty() && names.is_empty() {
            return true;
        }
        let named = || {
            let all = [&payer.id, &payer.name].into_iter().chain(&payer.aliases);
            let all: Vec<String> = all.map(|name| plain(name)).collect();
            names.iter().any(|part| all.iter().any(|name| name.contains(part)))
        };
        kinds.contains(&payer.kind) || named()
    }

    /// Whether the rule looks at nothing but the line itself: it can be asked of aggregate volumes, too.
    #[must_use]
    pub fn is_about_one_line(&self) -> bool {
        self.check == Check::Line
            && self.beside.is_empty()
            && self.without.is_empty()
            && self.only_drugs.is_empty()
            && self.ndc.is_none()
            && self.diagnosis_lacks.is_empty()
    }

    /// Whether the answer depends on modifiers.
    #[must_use]
    pub fn asks_for_modifiers(&self) -> bool {
        !self.lacks.is_empty()
    }

    /// The rule with the code that makes the line fall, for `explain`.
    #[must_use]
    pub fn words(&self, edits: &Edits, code: Code, other: Option<Code>, day: Date) -> String {
        let beside = other.map_or_else(String::new, |other| format!(" beside {other}"));
        let source = self.source_on(edits, code, other, day);
        format!("{}: {code}{beside}; {}; fix: {} ({source})", self.title, self.effect.label(), self.fix)
    }

    /// Where the rule comes from; of an edit with the edition and the row that decides on the day.
    #[must_use]
    pub fn source_on(&self, edits: &Edits, code: Code, other: Option<Code>, day: Date) -> String {
        let cited = match self.check {
            Check::NcciNever | Check::NcciModifier | Check::NcciNeverRest | Check::NcciModifierRest => {
                let pair = other.and_then(|other| edits.falling(other, code, day));
                pair.map(|pair| (edits.pair_edition(), &pair.row))
            }
            Check::UnitsLine | Check::UnitsDay => edits.mue_row(code).map(|mue| (edits.mue_edition(), &mue.row)),
            _ => None,
        };
        cited.map_or_else(
            || self.source.to_string(),
            |(edition, row)| format!("{}, edition {edition} ({row})", self.source),
        )
    }
}

/// Small letters and digits only.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// All rules, in the order in which they are asked.
#[derive(Debug, Clone)]
pub struct Rules {
    rules: Vec<Rule>,
    named: Named,
    /// The pairs of which shipped rows speak. What the user makes of these rows changes nothing here: a rule that is ended
    /// must not come back as the one for the rest.
    spoken_for: Arc<[SpokenFor]>,
}

/// The pairs of which a shipped row speaks.
#[derive(Debug)]
struct SpokenFor {
    indicator: Indicator,
    column2: CodeSet,
    /// `None`: any.
    column1: Option<CodeSet>,
}

impl Rules {
    /// Reads the embedded tables. `sets` are sets that other tables of the reference define.
    pub(super) fn load(sets: &[(&str, Vec<Code>)]) -> Result<Self> {
        let mut named: Named =
            sets.iter().map(|(name, codes)| ((*name).to_owned(), CodeSet::of(codes.iter().copied()))).collect();
        for record in Sheet::embedded("datasets/payability/sets.csv")?.records() {
            let set = CodeSet::read(record.text("codes")?, &named).map_err(|e| record.bad("codes", &e))?;
            named.insert(record.text("set")?.to_owned(), set);
        }
        let mut rules = Self { rules: Vec::new(), named, spoken_for: Arc::new([]) };
        for record in Sheet::embedded("datasets/payability/rules.csv")?.records() {
            if let Some(rule) = read::rule(&record, &rules.named)? {
                rules.rules.push(rule);
            }
        }
        let of_pairs = rules.rules.iter().filter_map(|rule| {
            let indicator = match rule.check {
                Check::NcciNever => Indicator::Never,
                Check::NcciModifier => Indicator::WithModifier,
                _ => return None,
            };
            Some(SpokenFor { indicator, column2: rule.codes.clone(), column1: rule.beside.first().cloned() })
        });
        rules.spoken_for = of_pairs.collect();
        Ok(rules)
    }

    /// Whether a shipped row speaks of this pair with this indicator, so that the rows for the rest do not.
    #[must_use]
    pub fn speak_of(&self, column1: Code, column2: Code, indicator: Indicator) -> bool {
        self.spoken_for.iter().any(|row| {
            row.indicator == indicator
                && row.column2.contains(column2)
                && row.column1.as_ref().is_none_or(|set| set.contains(column1))
        })
    }

    /// Adds a table of the user; rows that cannot be read are left out and named. A known id is replaced in its place,
    /// `off` takes it away, new ones are asked last.
    pub(super) fn add(&mut self, file: &str, csv: &[u8]) -> Vec<Finding> {
        read::add(&mut self.rules, &self.named, file, csv)
    }

    /// The rules, in the order in which they are asked.
    #[must_use]
    pub fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of this name.
    #[must_use]
    pub fn get(&self, id: RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// A set by its name.
    #[must_use]
    pub fn set(&self, name: &str) -> Option<&CodeSet> {
        self.named.get(name)
    }
}
