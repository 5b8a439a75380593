//! Lines that were not payable as billed: avoidable billing errors by rule, not leakage. And what else the rules remark.

use std::collections::BTreeMap;

use crate::domain::{Money, RuleId};
use crate::finding::Result;
use crate::leakage::Cohort;
use crate::reference::{Effect, Rule};
use crate::report::model::{Cell, Column, ColumnKind, Section, Table};
use crate::report::words::count;

use super::Context;

const RULES: &str = "The number behind a rule is its row in datasets/payability/rules.csv (or in your own table), which tells its source.";

/// The rule's id with its row.
fn named(rule: &Rule) -> String {
    let built_in = &*rule.row.file == "datasets/payability/rules.csv";
    if built_in { format!("{} ({})", rule.id, rule.row.line) } else { format!("{} ({})", rule.id, rule.row) }
}

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let mut groups = context.ledger.group(&["basis"], &[Cohort::NotPayable])?;
    let total = &context.totals.not_payable;
    if groups.is_empty() {
        return Ok(None);
    }
    groups.sort_by(|a, b| b.charge.cmp(&a.charge).then_with(|| a.keys.cmp(&b.keys)));
    let rule = |word: &str| word.parse::<RuleId>().ok().and_then(|id| context.reference.rules.get(id));
    let mut correctable = (0, Money::ZERO);
    let mut rows = Vec::new();
    for group in &groups {
        let word = &group.keys[0];
        let rule = rule(word);
        if rule.is_some_and(|rule| rule.effect == Effect::PayableWith) {
            correctable = (correctable.0 + group.lines, correctable.1 + group.otherwise);
        }
        rows.push(vec![
            Cell::from(rule.map_or_else(|| word.clone(), |rule| rule.title.to_string())),
            Cell::from(rule.map_or("", |rule| rule.effect.label())),
            Cell::Count(group.lines),
            Cell::Money(group.charge),
            Cell::Count(group.denied_lines),
            if group.otherwise.is_zero() { Cell::Empty } else { Cell::Money(group.otherwise) },
            Cell::Money(group.gaps.overpaid),
            rule.map_or(Cell::Empty, |rule| Cell::Count(i64::from(rule.step))),
            Cell::from(rule.map_or_else(String::new, |rule| rule.fix.to_string())),
            Cell::from(rule.map_or_else(|| word.clone(), named)),
        ]);
    }
    let lines = count(total.lines, "line was", "lines were");
    let title = if correctable.0 == 0 {
        format!("{lines} never payable: stop billing them, do not appeal them")
    } else {
        format!(
            "{lines} not payable as billed; corrected in time, {} of them would bring {}",
            correctable.0,
            correctable.1.pretty_dollars()
        )
    };
    let column = |name: &str, header: &str, kind| Column::new(name, header, kind);
    Ok(Some(Section {
        id: "billing-errors".to_owned(),
        title,
        lead: "Nothing is expected of these lines as they were billed. A denial here is right and stands in no total of leakage; a payment here may be taken back."
            .to_owned(),
        kind: context.kind,
        chart: None,
        table: Table {
            columns: vec![
                column("reason", "What is wrong", ColumnKind::Text),
                column("effect", "Effect", ColumnKind::Text),
                column("lines", "Lines", ColumnKind::Count),
                column("charge", "Charges", ColumnKind::Money),
                column("denied_lines", "Denied lines", ColumnKind::Count),
                column("would_have_paid", "Without the error", ColumnKind::Money),
                column("paid_by_mistake", "Allowed by mistake", ColumnKind::Money),
                column("billing_step", "Billing step", ColumnKind::Count),
                column("fix", "Fix", ColumnKind::Text),
                column("rule", "Rule", ColumnKind::Text),
            ],
            rows,
            total: Some(vec![
                Cell::from("All"),
                Cell::Empty,
                Cell::Count(total.lines),
                Cell::Money(total.charge),
                Cell::Count(total.denied_lines),
                Cell::Money(total.otherwise),
                Cell::Money(total.gaps.overpaid),
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
            ]),
        },
        notes: vec![
            RULES.to_owned(),
            "Allowed by mistake is a refund risk and stands in no other total of this report.".to_owned(),
            "Without the error: what a published or contracted rate would allow for the same line, had the rule not stood against it; empty where nobody would pay the practice.".to_owned(),
        ],
    }))
}

/// What rules say of lines that stay payable, or that have fallen by another rule already.
pub(super) fn remarks(context: &Context<'_>) -> Option<Section> {
    let mut by_rule: BTreeMap<RuleId, (i64, Money, Money)> = BTreeMap::new();
    for (line, ruled) in &context.verdicts.remarks {
        let Some(judged) = context.judged.get(*line as usize) else { continue };
        let entry = by_rule.entry(ruled.rule).or_default();
        entry.0 += 1;
        entry.1 += judged.money.answers.allowed();
        entry.2 += judged.money.gaps.denied;
    }
    let mut rules: Vec<_> =
        by_rule.into_iter().filter_map(|(id, sums)| Some((context.reference.rules.get(id)?, sums))).collect();
    rules.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.0.id.cmp(&b.0.id)));
    let (first, _) = rules.first()?;
    let column = |name: &str, header: &str, kind| Column::new(name, header, kind);
    Some(Section {
        id: "billing-remarks".to_owned(),
        title: format!("Worth a look before the payer looks: {} leads", first.title.to_lowercase()),
        lead: "These lines stay payable. A rule asks for records, or a payer or an auditor may ask questions."
            .to_owned(),
        kind: context.kind,
        chart: None,
        table: Table {
            columns: vec![
                column("remark", "Remark", ColumnKind::Text),
                column("effect", "Effect", ColumnKind::Text),
                column("lines", "Lines", ColumnKind::Count),
                column("allowed", "Allowed", ColumnKind::Money),
                column("denied", "Denied", ColumnKind::Money),
                column("billing_step", "Billing step", ColumnKind::Count),
                column("fix", "What to do", ColumnKind::Text),
                column("rule", "Rule", ColumnKind::Text),
            ],
            rows: rules
                .iter()
                .map(|(rule, (lines, allowed, denied))| {
                    vec![
                        Cell::from(rule.title.to_string()),
                        Cell::from(rule.effect.label()),
                        Cell::Count(*lines),
                        Cell::Money(*allowed),
                        Cell::Money(*denied),
                        Cell::Count(i64::from(rule.step)),
                        Cell::from(rule.fix.to_string()),
                        Cell::from(named(rule)),
                    ]
                })
                .collect(),
            total: None,
        },
        notes: vec![
            RULES.to_owned(),
            "A line may stand under several remarks, so the rows are not added up.".to_owned(),
        ],
    })
}
