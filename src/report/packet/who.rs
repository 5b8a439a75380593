//! Who we are to the payer: services by code.

use std::collections::BTreeMap;

use super::FEW;
use super::basis::Basis;
use crate::domain::{Code, Money};
use crate::finding::Result;
use crate::report::model::{Cell, Column, ColumnKind, Section, Table};
use crate::report::words::count;

pub(super) fn section(basis: &Basis<'_>) -> Result<Section> {
    let mut by: BTreeMap<Option<Code>, Vec<usize>> = BTreeMap::new();
    for i in &basis.own {
        by.entry(Some(basis.line(*i).0.code)).or_default().push(*i);
    }
    // Codes with few lines together.
    let few: Vec<Option<Code>> = by.iter().filter(|(_, lines)| lines.len() < FEW).map(|(code, _)| *code).collect();
    for code in few {
        let lines = by.remove(&code).unwrap_or_default();
        by.entry(None).or_default().extend(lines);
    }
    let mut groups: Vec<(Option<Code>, Vec<usize>)> = by.into_iter().collect();
    let expected = |lines: &[usize]| basis.sums_of(lines).expected;
    groups.sort_by(|a, b| {
        a.0.is_none().cmp(&b.0.is_none()).then(expected(&b.1).cmp(&expected(&a.1))).then(a.0.cmp(&b.0))
    });
    let cells = |name: Cell, lines: &[usize]| {
        let sums = basis.sums_of(lines);
        let charge: Money = lines.iter().map(|i| basis.line(*i).0.charge).sum();
        vec![
            name,
            Cell::Count(i64::try_from(lines.len()).unwrap_or(i64::MAX)),
            charge.into(),
            sums.expected.into(),
            (sums.paid + sums.patient + sums.reductions).into(),
            sums.denied.into(),
            sums.underpaid.into(),
        ]
    };
    let rows = groups.iter().map(|(code, lines)| {
        let name = code.map_or_else(|| format!("codes with fewer than {FEW} lines"), |code| code.to_string());
        cells(name.into(), lines)
    });
    let lines = i64::try_from(basis.own.len()).unwrap_or(i64::MAX);
    let share = {
        let all = basis.sums_of(&basis.others).expected + basis.sums().expected;
        basis.sums().expected.percent_of(all)
    };
    let share =
        share.map_or_else(String::new, |p| format!(", {p}% of all that the practice expects by contract or schedule"));
    let mut notes = Vec::new();
    if basis.left_out > 0 {
        notes.push(format!(
            "{} more are in no sum: not payable, without a known rate, or compared with a benchmark alone.",
            count(i64::try_from(basis.left_out).unwrap_or(i64::MAX), "line", "lines")
        ));
    }
    Ok(Section {
        id: "services".to_owned(),
        title: format!("{}, {} expected{share}", count(lines, "line", "lines"), basis.sums().expected.pretty_dollars()),
        lead: "What the practice does for the payer's members, by code.".to_owned(),
        kind: basis.input.run.report.kind,
        chart: None,
        table: Table {
            columns: vec![
                Column::new("code", "Code", ColumnKind::Text),
                Column::new("lines", "Lines", ColumnKind::Count),
                Column::new("charge", "Charged", ColumnKind::Money),
                Column::new("expected", "Expected", ColumnKind::Money),
                Column::new("allowed", "Allowed", ColumnKind::Money),
                Column::new("denied", "Denied", ColumnKind::Money),
                Column::new("underpaid", "Underpaid", ColumnKind::Money),
            ],
            rows: rows.collect(),
            total: Some(cells("All".into(), &basis.own)),
        },
        notes,
    })
}
