//! Places of service: what a 96372 brings in each, per line.

use crate::domain::{Money, Pos};
use crate::finding::Result;
use crate::leakage::{Cohort, Group};
use crate::report::model::{BarChart, Cell, Chart, Column, ColumnKind, Section, Series, Table};

use super::Context;

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let injection = polars::prelude::col("code").eq(polars::prelude::lit("96372"));
    let all = [Cohort::Firm, Cohort::NotPayable];
    let groups = context.ledger.group_where(&["pos"], &all, injection)?;
    if groups.is_empty() {
        return Ok(None);
    }
    let name = |g: &Group| {
        let place = g.keys[0].parse::<Pos>().ok();
        let words = place.and_then(|pos| context.reference.places.name(pos)).unwrap_or("not told");
        if g.keys[0].is_empty() { words.to_owned() } else { format!("{} {words}", g.keys[0]) }
    };
    let per_line = |amount: Money, lines: i64| {
        (lines > 0).then(|| crate::domain::round_cents(amount.dollars() / rust_decimal::Decimal::from(lines))).flatten()
    };
    let zero: Vec<&Group> = groups.iter().filter(|g| g.gaps.expected.is_zero()).collect();
    let zero_lines: i64 = zero.iter().map(|g| g.lines).sum();
    let title = if zero_lines > 0 {
        format!(
            "{} of 96372 stand in places where the professional line is not payable",
            crate::report::words::count(zero_lines, "line", "lines")
        )
    } else {
        "96372 by place of service: expected and allowed per line".to_owned()
    };
    let series = |label: &str, accent: bool, value: &dyn Fn(&Group) -> Option<Money>| Series {
        name: label.to_owned(),
        values: groups.iter().map(value).collect(),
        accent,
    };
    let expected = |g: &Group| per_line(g.gaps.expected, g.lines);
    let allowed = |g: &Group| per_line(g.allowed(), g.lines);
    let rows = groups
        .iter()
        .map(|g| {
            vec![
                Cell::from(name(g)),
                Cell::Count(g.lines),
                Cell::Count(g.denied_lines),
                Cell::Money(g.gaps.expected),
                Cell::Money(g.allowed()),
                expected(g).into(),
                allowed(g).into(),
            ]
        })
        .collect();
    let sum = |f: fn(&Group) -> Money| groups.iter().map(f).sum::<Money>();
    let lines: i64 = groups.iter().map(|g| g.lines).sum();
    let (expected_sum, allowed_sum) = (sum(|g| g.gaps.expected), sum(Group::allowed));
    let total = vec![
        Cell::from("All places"),
        Cell::Count(lines),
        Cell::Count(groups.iter().map(|g| g.denied_lines).sum()),
        Cell::Money(expected_sum),
        Cell::Money(allowed_sum),
        per_line(expected_sum, lines).into(),
        per_line(allowed_sum, lines).into(),
    ];
    Ok(Some(Section {
        id: "places".to_owned(),
        title: title.clone(),
        lead: "The average 96372 line by place of service. Under Medicare urgent care (20) pays like the office (11); in a hospital or a skilled nursing facility the facility bills, not the professional.".to_owned(),
        kind: context.kind,
        chart: Some(Chart::Bars(BarChart {
            title,
            alt: "Bars of expected and allowed dollars per 96372 line by place of service.".to_owned(),
            value_axis: "Dollars per 96372 line".to_owned(),
            groups: groups.iter().map(name).collect(),
            series: vec![series("Expected", false, &expected), series("Allowed", false, &allowed)],
        })),
        table: Table {
            columns: vec![
                Column::new("pos", "Place of service", ColumnKind::Text),
                Column::new("lines", "Lines of 96372", ColumnKind::Count),
                Column::new("denied_lines", "Denied lines", ColumnKind::Count),
                Column::new("expected", "Expected", ColumnKind::Money),
                Column::new("allowed", "Allowed", ColumnKind::Money),
                Column::new("expected_per_line", "Expected per line", ColumnKind::Money),
                Column::new("allowed_per_line", "Allowed per line", ColumnKind::Money),
            ],
            rows,
            total: Some(total),
        },
        notes: vec!["Lines may carry several units; Medicaid lines with only a benchmark are left out.".to_owned()],
    }))
}
