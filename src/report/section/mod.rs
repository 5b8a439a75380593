//! The sections of the report, one file each: a finding, a chart, and the same numbers in a table.

mod accounting;
mod applied;
mod audit;
mod benchmark;
mod billing_errors;
mod denial_rates;
mod denials;
mod five_reasons;
mod heat;
mod indicators;
mod medicare;
mod missed;
mod months;
mod payers;
mod payments;
mod places;
mod providers;
mod steps;
mod underpaid;
mod waterfall;
mod worklist;

use crate::domain::{Link, Money};
use crate::finding::Result;
use crate::leakage::{Audit, Group, Ledger, MissedCharges};

use super::model::{Cell, Column, ColumnKind, DataKind, Section, Table};
use super::run::Totals;

/// What the sections are made from.
pub(super) struct Context<'a> {
    /// All judged lines.
    pub(super) ledger: &'a Ledger,
    /// Sums over all lines, by cohort.
    pub(super) totals: &'a Totals,
    /// Where the claims come from.
    pub(super) kind: DataKind,
    /// The day as of which the state of claims is judged.
    pub(super) as_of: crate::domain::Date,
    /// Dated events of the project, drawn on the months.
    pub(super) events: &'a [(crate::domain::Date, String)],
    /// What was read and left out.
    pub(super) intake: &'a crate::ingest::Account,
    /// Aggregate volumes: rows that are no claim lines.
    pub(super) volumes: &'a [crate::domain::Volume],
    /// Lines in scope and out of it.
    pub(super) scope: &'a super::run::ScopeCount,
    /// Remittances that name no billed line: how many, and what they paid.
    pub(super) unlinked: (i64, Money),
    /// Answers by how they were joined to their line.
    pub(super) links: &'a [(Link, i64)],
    /// The payments of X12 remittances.
    pub(super) cash: &'a crate::ingest::Cash,
    /// What the rules of payability say of the lines.
    pub(super) verdicts: &'a crate::payability::Verdicts,
    /// All lines, judged, in the order of the verdicts.
    pub(super) judged: &'a [crate::leakage::JudgedLine],
    /// What denials mean and what places are called.
    pub(super) reference: &'a crate::reference::Reference,
    /// The shortest and the longest age in days beyond which a payer's lines are mature; none without answers.
    pub(super) maturity: Option<(i64, i64)>,
    /// Missed charges.
    pub(super) missed: &'a MissedCharges,
    /// Providers beside each other.
    pub(super) audit: &'a Audit,
    /// Rates that payers apply in place of the agreed ones, and days on which amounts moved.
    pub(super) found: &'a crate::finder::Found,
    /// The name of a payer by its id.
    pub(super) payer_name: &'a dyn Fn(&str) -> String,
    /// What is denied and underpaid as work, without regard to what was done so far.
    pub(super) worklist: &'a crate::worklist::Worklist,
}

/// All sections about claims, in the order in which they are read.
pub(super) fn all(context: &Context<'_>) -> Result<Vec<Section>> {
    let sections = [
        Some(waterfall::section(context)?),
        Some(payers::section(context)?),
        Some(denials::section(context)?),
        five_reasons::section(context)?,
        steps::section(context)?,
        denial_rates::section(context)?,
        providers::section(context)?,
        worklist::section(context),
        Some(heat::section(context)?),
        Some(underpaid::section(context)?),
        Some(months::section(context)?),
        medicare::section(context)?,
        places::section(context)?,
        billing_errors::section(context)?,
        billing_errors::remarks(context),
        missed::section(context),
        missed::claims(context),
        audit::section(context),
        benchmark::section(context)?,
        Some(indicators::section(context)?),
        payments::section(context),
        Some(accounting::section(context)),
    ];
    let mut sections: Vec<Section> = sections.into_iter().flatten().collect();
    // Beside the causes of single underpayments stands what payers do line after line.
    let after = sections.iter().position(|section| section.id == "underpayments").map_or(sections.len(), |at| at + 1);
    sections.splice(after..after, applied::section(context).into_iter().chain(applied::drifts(context)));
    Ok(sections)
}

/// Names of columns before the amounts of the identity.
fn identity_columns(first: &[(&str, &str)]) -> Vec<Column> {
    let mut columns: Vec<Column> =
        first.iter().map(|(name, header)| Column::new(name, header, ColumnKind::Text)).collect();
    columns.push(Column::new("lines", "Lines", ColumnKind::Count));
    let money = [
        ("expected", "Expected"),
        ("paid", "Paid"),
        ("patient", "Patient share"),
        ("known_reductions", "Known reductions"),
        ("denied", "Denied"),
        ("underpaid", "Underpaid"),
        ("pending", "Pending"),
        ("overpaid", "Overpaid"),
    ];
    columns.extend(money.map(|(name, header)| Column::new(name, header, ColumnKind::Money)));
    columns.push(Column::new("leakage_percent", "Leakage %", ColumnKind::Percent));
    columns
}

/// The cells that belong to [`identity_columns`], after the group's names.
fn identity_cells(names: &[&str], group: &Group) -> Vec<Cell> {
    let gaps = &group.gaps;
    let mut cells: Vec<Cell> = names.iter().map(|name| Cell::from(*name)).collect();
    cells.push(Cell::Count(group.lines));
    let amounts: [Money; 8] = [
        gaps.expected,
        gaps.paid,
        gaps.patient,
        gaps.reductions,
        gaps.denied,
        gaps.underpaid,
        gaps.pending,
        gaps.overpaid,
    ];
    cells.extend(amounts.map(Cell::Money));
    cells.push(group.leakage().percent_of(gaps.expected).into());
    cells
}

/// A table of money by one name, with a total.
fn money_table(names: &[(&str, &str)], amount: &[(&str, &str)], rows: Vec<Vec<Cell>>, total: Vec<Cell>) -> Table {
    let mut columns: Vec<Column> =
        names.iter().map(|(name, header)| Column::new(name, header, ColumnKind::Text)).collect();
    columns.push(Column::new("lines", "Lines", ColumnKind::Count));
    columns.extend(amount.iter().map(|(name, header)| Column::new(name, header, ColumnKind::Money)));
    Table { columns, rows, total: Some(total) }
}
