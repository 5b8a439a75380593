//! The verdict on every line of a practice: which rule lets it fall, and what else is to be said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::domain::{Code, Payer, RuleId, ServiceLine};
use crate::finding::{Finding, FindingCode, Findings, Place};
use crate::ingest::{FileReport, TableKind};
use crate::reference::Reference;

use super::day::days;
use super::judge::{DayLine, Hit, Judge, Told};

/// The rule that lets a line fall, with the other code of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ruled {
    /// The rule.
    pub rule: RuleId,
    /// The other code of the day that makes it apply.
    pub other: Option<Code>,
}

/// What the file of a line tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tells {
    /// Modifiers.
    pub modifiers: bool,
    /// NDCs.
    pub ndc: bool,
    /// Diagnoses.
    pub diagnosis: bool,
}

impl Tells {
    /// A claim: all of it.
    pub const ALL: Self = Self { modifiers: true, ndc: true, diagnosis: true };
    /// A remittance: modifiers alone.
    pub const OF_REMITTANCE: Self = Self { modifiers: true, ndc: false, diagnosis: false };

    /// What each file tells, by its columns. Modifiers may stand in the code cells, too.
    #[must_use]
    pub fn of_files(files: &[FileReport], lines: &[ServiceLine]) -> Vec<Self> {
        let column = |file: &FileReport, name: &str| file.mapping.iter().any(|(field, _)| *field == name);
        let of_columns = |file: &FileReport| match file.kind {
            Some(TableKind::Remits) => Self::OF_REMITTANCE,
            // X12 has no columns: an 837 tells all.
            Some(TableKind::ClaimLines) if file.mapping.is_empty() => Self::ALL,
            _ => Self {
                modifiers: column(file, "modifiers"),
                ndc: column(file, "ndc"),
                diagnosis: column(file, "diagnosis"),
            },
        };
        let mut tells: Vec<Self> = files.iter().map(of_columns).collect();
        for line in lines.iter().filter(|line| !line.modifiers.is_empty()) {
            if let Some(tells) = tells.get_mut(usize::from(line.source.file)) {
                tells.modifiers = true;
            }
        }
        tells
    }
}

/// The verdicts on lines.
#[derive(Debug, Clone, Default)]
pub struct Verdicts {
    /// For each line the first rule that lets it fall.
    pub falls: Vec<Option<Ruled>>,
    /// Everything else that rules say of lines: line and rule, in the order of the lines.
    pub remarks: Vec<(u32, Ruled)>,
    /// Lines of which a rule that could let them fall was not asked, because their file does not tell what it looks at.
    pub not_asked: Vec<(u32, RuleId)>,
}

impl Verdicts {
    /// The verdicts on these lines alone, given by their places in ascending order; remarks name the new places.
    #[must_use]
    pub fn of(&self, kept: &[u32]) -> Self {
        let falls = kept.iter().map(|place| self.falls.get(*place as usize).copied().flatten()).collect();
        let new = |old: u32| kept.binary_search(&old).ok().and_then(|at| u32::try_from(at).ok());
        let remarks = self.remarks.iter().filter_map(|(line, ruled)| Some((new(*line)?, *ruled))).collect();
        let not_asked = self.not_asked.iter().filter_map(|(line, rule)| Some((new(*line)?, *rule))).collect();
        Self { falls, remarks, not_asked }
    }

    /// Says which rules could not be asked of how many lines, once per file: what a file does not tell is not held against
    /// its lines.
    pub fn note_not_asked(&self, lines: &[ServiceLine], name: impl Fn(u16) -> String, out: &mut Findings) {
        let mut files: BTreeMap<u16, (BTreeSet<RuleId>, BTreeSet<u32>)> = BTreeMap::new();
        for (line, rule) in &self.not_asked {
            let Some(source) = lines.get(*line as usize).map(|line| line.source) else { continue };
            let (rules, rows) = files.entry(source.file).or_default();
            rules.insert(*rule);
            rows.insert(source.line);
        }
        for (file, (rules, rows)) in files {
            let place = rows.first().map_or_else(|| Place::file(name(file)), |row| Place::line(name(file), *row));
            let rules: Vec<&str> = rules.iter().map(RuleId::as_str).collect();
            let found = format!("the file does not tell what these rules look at: {}", rules.join(", "));
            let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            out.push(Finding::new(FindingCode::RulesNotAsked, place, found).times(count));
        }
    }
}

/// Judges all lines by claim day. Lines of payers that are not in the project are judged by the rules for all payers.
#[must_use]
pub fn judge_lines(
    reference: &Reference,
    payer_of: impl Fn(&str) -> Option<Payer>,
    lines: &[ServiceLine],
    tells: &[Tells],
) -> Verdicts {
    let mut payers: FxHashMap<Arc<str>, (usize, Payer)> = FxHashMap::default();
    let mut judge = Judge::new(reference, |_| true);
    let mut verdicts = Verdicts { falls: vec![None; lines.len()], ..Verdicts::default() };
    let (mut day_lines, mut hits): (Vec<DayLine<'_>>, Vec<Hit>) = (Vec::new(), Vec::new());
    for day in days(lines) {
        let Some(first) = day.first().map(|i| &lines[*i as usize]) else { continue };
        let next = payers.len();
        let (index, payer) = payers
            .entry(first.payer.clone())
            .or_insert_with(|| (next, payer_of(&first.payer).unwrap_or_else(|| Payer::stranger(first.payer.clone()))));
        day_lines.clear();
        day_lines.extend(day.iter().map(|i| {
            let line = &lines[*i as usize];
            day_line(reference, line, of(tells, line.source.file))
        }));
        judge.day(payer, *index, first.service_date, &day_lines, &mut hits);
        for hit in &hits {
            let rule = &reference.rules.all()[hit.rule];
            let (line, ruled) = (day[hit.line], Ruled { rule: rule.id, other: hit.other });
            let falls = &mut verdicts.falls[line as usize];
            if rule.effect.falls() && falls.is_none() {
                *falls = Some(ruled);
            } else {
                verdicts.remarks.push((line, ruled));
            }
        }
        for hit in judge.not_asked() {
            let rule = &reference.rules.all()[hit.rule];
            if rule.effect.falls() {
                verdicts.not_asked.push((day[hit.line], rule.id));
            }
        }
    }
    verdicts.remarks.sort_by_key(|(line, _)| *line);
    verdicts.not_asked.sort_unstable();
    verdicts
}

fn of(tells: &[Tells], file: u16) -> Tells {
    tells.get(usize::from(file)).copied().unwrap_or(Tells::ALL)
}

fn day_line<'a>(reference: &Reference, line: &'a ServiceLine, tells: Tells) -> DayLine<'a> {
    let by_zip = || {
        let found = line.zip.and_then(|zip| reference.medicare.zip(zip));
        found.map(|place| place.state)
    };
    DayLine {
        code: line.code,
        modifiers: line.modifiers,
        modifiers_told: tells.modifiers,
        pos: line.pos,
        state: line.state.or_else(by_zip),
        units: line.units,
        ndc: if tells.ndc { Told::Told(line.ndc.as_deref()) } else { Told::NotTold },
        diagnosis: if tells.diagnosis { Told::Told(line.diagnosis.as_deref()) } else { Told::NotTold },
    }
}
