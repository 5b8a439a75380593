//! Money lost by the billing step that could have stopped it: where in the office the leak is.

use crate::domain::Money;
use crate::finding::Result;
use crate::leakage::{Cause, Cohort};
use crate::reference::BILLING_STEPS;
use crate::report::denial_table::step_name;
use crate::report::model::{BarChart, Cell, Chart, Column, ColumnKind, Section, Series, Table};
use crate::report::words::share;

use super::Context;

/// What one step lets through.
#[derive(Debug, Clone, Copy, Default)]
struct Step {
    denied_lines: i64,
    denied: Money,
    underpaid_lines: i64,
    underpaid: Money,
    error_lines: i64,
    error_charge: Money,
}

impl Step {
    fn lost(&self) -> Money {
        self.denied + self.underpaid
    }
}

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let mut steps = [Step::default(); BILLING_STEPS.len()];
    for group in context.ledger.group(&["cause"], &[Cohort::Firm])? {
        let Some(cause) = group.keys.first().and_then(|key| Cause::from_key(key)) else { continue };
        let Some(step) = steps.get_mut(usize::from(cause.step()).saturating_sub(1)) else { continue };
        step.denied += group.gaps.denied;
        step.underpaid += group.gaps.underpaid;
        match cause {
            Cause::Denied(_) => step.denied_lines += group.lines,
            Cause::Underpaid(_) => step.underpaid_lines += group.lines,
        }
    }
    for group in context.ledger.group(&["basis"], &[Cohort::NotPayable])? {
        let rule = group.keys.first().map_or("", String::as_str);
        if let Some(step) = steps.get_mut(step_of_rule(context, rule).saturating_sub(1)) {
            step.error_lines += group.lines;
            step.error_charge += group.charge;
        }
    }
    let all = steps.iter().fold(Step::default(), |sum, step| Step {
        denied_lines: sum.denied_lines + step.denied_lines,
        denied: sum.denied + step.denied,
        underpaid_lines: sum.underpaid_lines + step.underpaid_lines,
        underpaid: sum.underpaid + step.underpaid,
        error_lines: sum.error_lines + step.error_lines,
        error_charge: sum.error_charge + step.error_charge,
    });
    if all.lost().is_zero() && all.error_lines == 0 {
        return Ok(None);
    }
    let numbered = || (1u8..).zip(&steps);
    // Of equal steps the first.
    let most = numbered().max_by(|a, b| a.1.lost().cmp(&b.1.lost()).then(b.0.cmp(&a.0)));
    let title = match most {
        Some((number, step)) if !step.lost().is_zero() => format!(
            "Step {number} ({}) lets most through: {} of {} lost, {}",
            in_a_sentence(BILLING_STEPS[usize::from(number) - 1]),
            step.lost().pretty_dollars(),
            all.lost().pretty_dollars(),
            share(step.lost(), all.lost())
        ),
        _ => "No money was lost at any billing step".to_owned(),
    };
    let row = |name: String, step: &Step| {
        vec![
            Cell::from(name),
            Cell::Count(step.denied_lines),
            Cell::Money(step.denied),
            Cell::Count(step.underpaid_lines),
            Cell::Money(step.underpaid),
            Cell::Money(step.lost()),
            step.lost().percent_of(all.lost()).into(),
            Cell::Count(step.error_lines),
            Cell::Money(step.error_charge),
        ]
    };
    let series = |name: &str, accent: bool, value: fn(&Step) -> Money| Series {
        name: name.to_owned(),
        values: steps.iter().map(|step| Some(value(step))).collect(),
        accent,
    };
    let told: Vec<String> = numbered().map(|(n, step)| format!("step {n} {}", step.lost().pretty())).collect();
    let chart = (!all.lost().is_zero()).then(|| {
        Chart::Bars(BarChart {
            title: title.clone(),
            alt: format!("Denied and underpaid dollars by billing step: {}.", told.join(", ")),
            value_axis: "Dollars lost".to_owned(),
            groups: numbered().map(|(n, _)| step_name(n)).collect(),
            series: vec![series("Denied", true, |s| s.denied), series("Underpaid", false, |s| s.underpaid)],
        })
    });
    Ok(Some(Section {
        id: "steps".to_owned(),
        title,
        lead: "Final denials and underpayments by the step of the billing process that could have stopped them: denials by their category, underpayments at posting, where the payment is held against the contract."
            .to_owned(),
        kind: context.kind,
        chart,
        table: Table {
            columns: columns(),
            rows: numbered().map(|(n, step)| row(step_name(n), step)).collect(),
            total: Some(row("All steps".to_owned(), &all)),
        },
        notes: vec![
            "Lines that are never payable (avoidable billing errors) stand beside with their charges; they are no lost money and in no sum of it.".to_owned(),
            "Step 8 holds denials whose reason names no step; working denials also recovers part of all others, see the overturn rate.".to_owned(),
        ],
    }))
}

/// With a small first letter, abbreviations as they are.
fn in_a_sentence(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The step that could have stopped a line that is not payable: the rule says so; otherwise the claim's last check.
fn step_of_rule(context: &Context<'_>, rule: &str) -> usize {
    let rule = rule.parse().ok().and_then(|id| context.reference.rules.get(id));
    rule.map_or(6, |rule| usize::from(rule.step))
}

fn columns() -> Vec<Column> {
    use ColumnKind::{Count, Money, Percent, Text};
    let columns = [
        ("step", "Billing step", Text),
        ("denied_lines", "Denied lines", Count),
        ("denied", "Denied", Money),
        ("underpaid_lines", "Underpaid lines", Count),
        ("underpaid", "Underpaid", Money),
        ("lost", "Lost", Money),
        ("lost_percent", "% of lost", Percent),
        ("error_lines", "Never payable, lines", Count),
        ("error_charge", "Never payable, charges", Money),
    ];
    columns.map(|(name, header, kind)| Column::new(name, header, kind)).to_vec()
}
