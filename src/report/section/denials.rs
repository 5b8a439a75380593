//! Final denials by category, largest first, with what to do about each.

use crate::domain::Money;
use crate::finding::Result;
use crate::leakage::Cohort;
use crate::reference::DenialCategory;
use crate::report::model::{Bar, Cell, Chart, Column, ColumnKind, Pareto, Section, Table};
use crate::report::words::share;

use super::Context;

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let denied = polars::prelude::col("is_denied").eq(polars::prelude::lit(1i64));
    let mut groups = context.ledger.group_where(&["cause"], &[Cohort::Firm], denied)?;
    groups.sort_by(|a, b| b.gaps.denied.cmp(&a.gaps.denied).then_with(|| a.keys.cmp(&b.keys)));
    let category = |key: &str| {
        let word = key.strip_prefix("denied:").unwrap_or(key);
        DenialCategory::ALL.iter().copied().find(|c| c.as_str() == word)
    };
    let all: Money = groups.iter().map(|g| g.gaps.denied).sum();
    let label = |key: &str| category(key).map_or_else(|| key.to_owned(), |c| c.label().to_owned());
    let mut bars = Vec::new();
    let mut rows = Vec::new();
    let mut so_far = Money::ZERO;
    for group in &groups {
        let key = &group.keys[0];
        so_far += group.gaps.denied;
        bars.push(Bar { label: label(key), amount: group.gaps.denied, lines: group.denied_lines });
        let known = category(key);
        rows.push(vec![
            Cell::from(label(key)),
            Cell::Count(group.denied_lines),
            Cell::Money(group.gaps.denied),
            so_far.percent_of(all).into(),
            Cell::Money(group.gaps.denied - group.denied_lost),
            Cell::Money(group.denied_lost),
            known.map_or(Cell::Empty, |c| Cell::from(c.preventable().as_str())),
            known.map_or(Cell::Empty, |c| Cell::from(c.fix())),
        ]);
    }
    let title = match groups.as_slice() {
        [] => "Nothing is finally denied".to_owned(),
        [only] => format!("All {} of final denials are {}", all.pretty_dollars(), label(&only.keys[0]).to_lowercase()),
        [first, ..] => {
            let mut sum = Money::ZERO;
            let few = groups.iter().take_while(|g| {
                let short = sum.cents().saturating_mul(100) < all.cents().saturating_mul(80);
                sum += g.gaps.denied;
                short
            });
            let few = few.count();
            let made: Money = groups[..few].iter().map(|g| g.gaps.denied).sum();
            format!(
                "{few} of {} categories make {} of {} finally denied; {} leads with {}",
                groups.len(),
                share(made, all),
                all.pretty_dollars(),
                label(&first.keys[0]).to_lowercase(),
                first.gaps.denied.pretty_dollars()
            )
        }
    };
    let lost: Money = groups.iter().map(|g| g.denied_lost).sum();
    let total = vec![
        Cell::from("All denials"),
        Cell::Count(groups.iter().map(|g| g.denied_lines).sum()),
        Cell::Money(all),
        Cell::Empty,
        Cell::Money(all - lost),
        Cell::Money(lost),
        Cell::Empty,
        Cell::Empty,
    ];
    let alt = groups.iter().map(|g| format!("{} {}", label(&g.keys[0]), g.gaps.denied.pretty())).collect::<Vec<_>>();
    Ok(Section {
        id: "denials".to_owned(),
        title: title.clone(),
        lead: "Expected amounts of finally denied lines by category, and what usually fixes each.".to_owned(),
        kind: context.kind,
        chart: (!bars.is_empty()).then(|| {
            Chart::Pareto(Pareto {
                title,
                alt: format!("Denied dollars by category, largest first: {}.", alt.join(", ")),
                value_axis: "Expected dollars denied".to_owned(),
                bars,
            })
        }),
        table: Table {
            columns: vec![
                Column::new("category", "Category", ColumnKind::Text),
                Column::new("lines", "Lines", ColumnKind::Count),
                Column::new("denied", "Denied", ColumnKind::Money),
                Column::new("cumulative_percent", "Cumulative %", ColumnKind::Percent),
                Column::new("open", "Still open", ColumnKind::Money),
                Column::new("lost", "Window closed", ColumnKind::Money),
                Column::new("preventable", "Preventable", ColumnKind::Text),
                Column::new("fix", "Usual fix", ColumnKind::Text),
            ],
            rows,
            total: Some(total),
        },
        notes: vec![
            format!("Open or closed is judged as of {} by each payer's appeal window in the project file.", context.as_of),
            "One 96372 line is worth about $14 and fighting one denial costs $25 to $57 (see datasets/denials/benchmarks.csv): correct and resend in batches, or prevent.".to_owned(),
        ],
    })
}
