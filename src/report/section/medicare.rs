//! Percent of Medicare by payer, on the same lines.

use crate::finding::Result;
use crate::leakage::{Cohort, Group};
use crate::report::model::{Cell, Chart, Column, ColumnKind, DotChart, DotRow, Section, Table};

use super::Context;

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let with_rate = polars::prelude::col("medicare_cents").gt(polars::prelude::lit(0i64));
    let mut groups = context.ledger.group_where(&["payer", "payer_kind"], &[Cohort::Firm], with_rate)?;
    if groups.is_empty() {
        return Ok(None);
    }
    let actual = |g: &Group| g.allowed_with_medicare.percent_of(g.medicare);
    let target = |g: &Group| g.expected_with_medicare.percent_of(g.medicare);
    groups.sort_by(|a, b| actual(b).cmp(&actual(a)).then_with(|| a.keys.cmp(&b.keys)));
    let gap = |g: &Group| g.expected_with_medicare - g.allowed_with_medicare;
    let worst = groups.iter().max_by_key(|g| gap(g)).filter(|g| gap(g).cents() > 0);
    let title = match worst {
        Some(g) => format!(
            "{} allows {}% of Medicare where its terms promise {}%",
            g.keys[0],
            actual(g).unwrap_or_default(),
            target(g).unwrap_or_default()
        ),
        None => "Every payer allows what its terms promise, in percent of Medicare".to_owned(),
    };
    let worst_name = worst.map(|g| g.keys[0].clone());
    let rows = groups
        .iter()
        .map(|g| {
            vec![
                Cell::from(g.keys[0].clone()),
                Cell::from(g.keys[1].clone()),
                Cell::Count(g.lines),
                Cell::Money(g.medicare),
                Cell::Money(g.allowed_with_medicare),
                actual(g).into(),
                target(g).into(),
            ]
        })
        .collect();
    let alt = groups.iter().filter_map(|g| Some(format!("{} {}%", g.keys[0], actual(g)?))).collect::<Vec<_>>();
    Ok(Some(Section {
        id: "percent-of-medicare".to_owned(),
        title: title.clone(),
        lead: "Allowed amounts of lines on which something was allowed, against Medicare's rate for the same lines (same day, place and units).".to_owned(),
        kind: context.kind,
        chart: Some(Chart::Dots(DotChart {
            title,
            alt: format!("Percent of Medicare by payer: {}.", alt.join(", ")),
            value_axis: "Allowed in percent of Medicare".to_owned(),
            rows: groups
                .iter()
                .map(|g| DotRow {
                    label: g.keys[0].clone(),
                    value: actual(g),
                    target: target(g),
                    accent: Some(&g.keys[0]) == worst_name.as_ref(),
                })
                .collect(),
            reference: Some((rust_decimal::Decimal::ONE_HUNDRED, "Medicare".to_owned())),
        })),
        table: Table {
            columns: vec![
                Column::new("payer", "Payer", ColumnKind::Text),
                Column::new("kind", "Kind", ColumnKind::Text),
                Column::new("lines", "Lines", ColumnKind::Count),
                Column::new("medicare", "Medicare's rate", ColumnKind::Money),
                Column::new("allowed", "Allowed", ColumnKind::Money),
                Column::new("percent_of_medicare", "% of Medicare", ColumnKind::Percent),
                Column::new("terms_percent", "Terms promise, %", ColumnKind::Percent),
            ],
            rows,
            total: None,
        },
        notes: vec!["Codes without a Medicare rate on the day are left out of both sides. Denied and pending lines are not part of this picture.".to_owned()],
    }))
}
