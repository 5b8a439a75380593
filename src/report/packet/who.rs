//! Who we are to the payer: services by code.

use std::collections::BTreeMap;

use super::FEW;
use super::basis::Basis;
use crate::domain::{Code, Money};
use crate::report::model::{Cell, Column, ColumnKind, Section, Table};
use crate::report::words::count;

/// The payer's lines by code, for those codes that are shown by themselves, and all others together. Where the others are fewer
/// than [`FEW`], the code with the fewest lines joins them: what is left of a total would show them.
pub(super) fn by_code(basis: &Basis<'_>) -> (BTreeMap<Code, Vec<usize>>, Vec<usize>, Option<Code>) {
    let mut by: BTreeMap<Code, Vec<usize>> = BTreeMap::new();
    for i in &basis.own {
        by.entry(basis.line(*i).0.code).or_default().push(*i);
    }
    let (mut shown, few): (BTreeMap<_, _>, BTreeMap<_, _>) = by.into_iter().partition(|(_, lines)| lines.len() >= FEW);
    let mut others: Vec<usize> = few.into_values().flatten().collect();
    let mut joined = None;
    if !others.is_empty() && others.len() < FEW {
        let small = |(code, lines): &(&Code, &Vec<usize>)| (lines.len(), basis.sums_of(lines).expected, **code);
        joined = shown.iter().min_by_key(small).map(|(code, _)| *code);
        others.extend(joined.and_then(|code| shown.remove(&code)).unwrap_or_default());
    }
    (shown, others, joined)
}

pub(super) fn section(basis: &Basis<'_>) -> Section {
    let (shown, others, joined) = by_code(basis);
    let together = joined.map_or_else(
        || format!("codes with fewer than {FEW} lines"),
        |code| format!("{code} and codes with fewer than {FEW} lines"),
    );
    let mut groups: Vec<(Option<Code>, Vec<usize>)> =
        shown.into_iter().map(|(code, lines)| (Some(code), lines)).collect();
    if !others.is_empty() {
        groups.push((None, others));
    }
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
        let name = code.map_or_else(|| together.clone(), |code| code.to_string());
        cells(name.into(), lines)
    });
    let share = {
        let all = basis.sums_of(&basis.others).expected + basis.sums().expected;
        basis.sums().expected.percent_of(all)
    };
    // How much the practice depends on the payer is not for the payer.
    let share = share.filter(|_| !basis.input.hand_over);
    let share =
        share.map_or_else(String::new, |p| format!(", {p}% of all that the practice expects by contract or schedule"));
    let mut notes = Vec::new();
    if basis.left_out > 0 {
        notes.push(format!(
            "{} more are in no sum: not payable, without a known rate, or compared with a benchmark alone.",
            count(i64::try_from(basis.left_out).unwrap_or(i64::MAX), "line", "lines")
        ));
    }
    Section {
        id: "services".to_owned(),
        title: format!("{}, {} expected{share}", basis.span(), basis.sums().expected.pretty_dollars()),
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
    }
}
