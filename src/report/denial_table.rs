//! Denial rates as one table for files and for people: counts, rates with intervals, dollars, and what to do about each reason.

use crate::domain::{Carc, Group, Pos, Rarc};
use crate::leakage::{DenialRates, DenialRow, DenialsBy};
use crate::reference::{BILLING_STEPS, Class, DenialCategory, Reference};

use super::model::{Cell, Column, ColumnKind, Table};
use super::words::{count, rate};

/// What to do about a denial: the category's usual, or that of its reason codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Category of the denial map.
    pub category: DenialCategory,
    /// What the codes mean, in our own words; empty of a category.
    pub meaning: String,
    /// Whether the practice can prevent it.
    pub preventable: &'static str,
    /// Whether an appeal has a point.
    pub appealable: &'static str,
    /// The first thing to do.
    pub first_action: String,
    /// What fixes it.
    pub fix: String,
    /// What to attach.
    pub evidence: Vec<String>,
}

impl Advice {
    /// What is usual for the category.
    #[must_use]
    pub fn of_category(category: DenialCategory, reference: &Reference) -> Self {
        Self {
            category,
            meaning: String::new(),
            preventable: category.preventable().as_str(),
            appealable: category.appealable().as_str(),
            first_action: action(reference.denials.usual_action(category)),
            fix: category.fix().to_owned(),
            evidence: evidence(category, reference),
        }
    }

    /// What the codes ask for; `reason` as [`crate::reconcile::Denial::reason`] writes it. `None` when they cannot be read.
    #[must_use]
    pub fn of_reason(reason: &str, reference: &Reference) -> Option<Self> {
        let class = class_of(reason, reference)?;
        Some(Self {
            category: class.category,
            meaning: class.meaning.to_string(),
            preventable: class.preventable.as_str(),
            appealable: class.appealable.as_str(),
            first_action: action(&class.first_action),
            fix: class.fix.to_string(),
            evidence: evidence(class.category, reference),
        })
    }

    /// The billing step that could have stopped it: `3 Document the drug and the administration`.
    #[must_use]
    pub fn step(&self) -> String {
        step_name(self.category.step())
    }
}

/// `3 Document the drug and the administration`.
pub(super) fn step_name(step: u8) -> String {
    let name = usize::from(step).checked_sub(1).and_then(|i| BILLING_STEPS.get(i));
    name.map_or_else(|| step.to_string(), |name| format!("{step} {name}"))
}

/// The words of an action: `corrected_claim` → `corrected claim`.
fn action(word: &str) -> String {
    word.replace('_', " ")
}

fn evidence(category: DenialCategory, reference: &Reference) -> Vec<String> {
    reference.denials.evidence(category).iter().map(|e| e.item.to_string()).collect()
}

fn class_of(reason: &str, reference: &Reference) -> Option<Class> {
    let (group, codes) = reason.split_once('-')?;
    let (carc, rarc) = codes.split_once('/').map_or((codes, None), |(carc, rarc)| (carc, Some(rarc)));
    let rarcs: Vec<Rarc> = rarc.and_then(|r| r.parse().ok()).into_iter().collect();
    Some(reference.denials.classify(group.parse::<Group>().ok()?, carc.parse::<Carc>().ok()?, &rarcs))
}

/// What a row is called by people.
#[must_use]
pub fn denial_row_name(by: DenialsBy, row: &DenialRow, reference: &Reference) -> String {
    let key = row.key.as_str();
    if row.pooled > 0 {
        let few = crate::leakage::SMALL_PROVIDER;
        let providers = i64::try_from(row.pooled).unwrap_or(i64::MAX);
        return format!("{} with fewer than {few} lines each", count(providers, "provider", "providers"));
    }
    if key.is_empty() {
        return "not told".to_owned();
    }
    let name = match by {
        DenialsBy::Category => DenialCategory::from_word(key).map(|c| c.label().to_owned()),
        DenialsBy::Step => key.parse().ok().map(step_name),
        DenialsBy::Pos => {
            key.parse::<Pos>().ok().and_then(|pos| Some(format!("{key} {}", reference.places.name(pos)?)))
        }
        _ => None,
    };
    name.unwrap_or_else(|| key.to_owned())
}

/// What to do about the denials of a row, when the row is a reason.
#[must_use]
pub fn denial_advice(by: DenialsBy, row: &DenialRow, reference: &Reference) -> Option<Advice> {
    match by {
        DenialsBy::Category => Some(Advice::of_category(DenialCategory::from_word(&row.key)?, reference)),
        DenialsBy::Carc => Advice::of_reason(&row.key, reference),
        _ => None,
    }
}

/// All these counts as one table of tidy rows: `by` tells what a row is a group of; the row `all` of each is its total.
#[must_use]
pub fn denial_table(rates: &[DenialRates], reference: &Reference) -> Table {
    let mut rows = Vec::new();
    for counted in rates {
        for row in &counted.rows {
            let name = denial_row_name(counted.by, row, reference);
            let key = if row.pooled > 0 { "small" } else { row.key.as_str() };
            rows.push(cells(counted.by, key, &name, row, denial_advice(counted.by, row, reference)));
        }
        rows.push(cells(counted.by, "all", "All lines", &counted.total, None));
    }
    Table { columns: columns(), rows, total: None }
}

fn columns() -> Vec<Column> {
    use ColumnKind::{Count, Money, Percent, Text};
    let columns = [
        ("by", "By", Text),
        ("group", "Group", Text),
        ("name", "Name", Text),
        ("answered", "Answered lines", Count),
        ("initially_denied", "Denied at first", Count),
        ("initial_percent", "Initial denial %", Percent),
        ("initial_pooled_percent", "Initial denial %, pooled", Percent),
        ("initial_low_percent", "80% interval from", Percent),
        ("initial_high_percent", "80% interval to", Percent),
        ("finally_denied", "Denied in the end", Count),
        ("final_percent", "Final denial %", Percent),
        ("recovered", "Recovered lines", Count),
        ("recovered_dollars", "Recovered", Money),
        ("decided", "Denials decided", Count),
        ("won", "Won", Count),
        ("overturn_percent", "Overturned %", Percent),
        ("overturn_pooled_percent", "Overturned %, pooled", Percent),
        ("overturn_low_percent", "80% interval from", Percent),
        ("overturn_high_percent", "80% interval to", Percent),
        ("denied", "Denied dollars", Money),
        ("open", "Still open", Money),
        ("lost", "Window closed", Money),
        ("category", "Category", Text),
        ("preventable", "Preventable", Text),
        ("appealable", "Appealable", Text),
        ("first_action", "First action", Text),
        ("fix", "Fix", Text),
        ("evidence", "Evidence to attach", Text),
        ("step", "Billing step", Text),
    ];
    columns.map(|(name, header, kind)| Column::new(name, header, kind)).to_vec()
}

fn cells(by: DenialsBy, key: &str, name: &str, row: &DenialRow, advice: Option<Advice>) -> Vec<Cell> {
    let group = &row.group;
    let [initial, initial_low, initial_high] = row.initial.percents().map(Cell::Number);
    let [overturn, overturn_low, overturn_high] = row.overturn.percents().map(Cell::Number);
    let mut cells = vec![
        Cell::from(by.as_str()),
        Cell::from(key),
        Cell::from(name),
        Cell::Count(row.answered),
        Cell::Count(group.initially_denied),
        row.initial.raw_percent().into(),
        initial,
        initial_low,
        initial_high,
        Cell::Count(group.denied_lines),
        rate(group.denied_lines, row.answered).into(),
        Cell::Count(group.recovered_lines),
        Cell::Money(group.recovered),
        Cell::Count(group.denials_decided),
        Cell::Count(group.denials_won),
        row.overturn.raw_percent().into(),
        overturn,
        overturn_low,
        overturn_high,
        Cell::Money(group.gaps.denied),
        Cell::Money(group.gaps.denied - group.denied_lost),
        Cell::Money(group.denied_lost),
    ];
    cells.extend(match advice {
        Some(advice) => [
            advice.category.label().into(),
            advice.preventable.into(),
            advice.appealable.into(),
            Cell::from(advice.first_action.clone()),
            Cell::from(advice.fix.clone()),
            Cell::from(advice.evidence.join("; ")),
            Cell::from(advice.step()),
        ],
        None => [const { Cell::Empty }; 7],
    });
    cells
}
