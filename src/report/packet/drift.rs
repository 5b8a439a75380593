//! How the payer's own rate has moved: its most frequent code, in the place with the most lines.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::FEW;
use super::basis::Basis;
use super::rates::{top, usual};
use crate::domain::{Area, Date, Money, Pos};
use crate::leakage::Cohort;
use crate::report::model::{Cell, Chart, Column, ColumnKind, LineChart, Section, Series, Table};

/// How what the payer allows for its most frequent code has moved, month by month.
pub(super) fn section(basis: &Basis<'_>) -> Section {
    let code = top(basis).into_iter().max_by_key(|(code, lines)| (lines.len(), std::cmp::Reverse(*code)));
    let run = basis.input.run;
    let mut lines: Vec<usize> = Vec::new();
    if let Some((code, _)) = &code {
        lines.extend((0..run.lines.len()).filter(|i| {
            let line = &run.lines[*i];
            run.judged[*i].cohort == Cohort::Firm && line.code == *code && line.payer == basis.input.payer.id
        }));
    }
    // Of one place: rates differ by place, and the mix of places is no drift.
    let place = |i: usize| {
        let key = &run.priced.of(i).key;
        (key.area, key.pos)
    };
    let mut places: BTreeMap<(Area, Option<Pos>), usize> = BTreeMap::new();
    lines.iter().for_each(|i| *places.entry(place(*i)).or_default() += 1);
    let most = places.iter().max_by_key(|(place, n)| (**n, std::cmp::Reverse(**place))).map(|(place, _)| *place);
    lines.retain(|i| Some(place(*i)) == most);
    // All months of the files: a drift shows over years.
    let mut months: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for i in &lines {
        months.entry(run.lines[*i].service_date.format("%Y-%m").to_string()).or_default().push(*i);
    }
    let first_of = |month: &str| crate::domain::parse_iso_date(&format!("{month}-01")).ok();
    let mut rows = Vec::new();
    let (mut days, mut expected_line, mut allowed_line): (Vec<Date>, Vec<Option<Money>>, Vec<Option<Money>>) =
        Default::default();
    let mut apart = 0;
    for (month, lines) in &months {
        let Some(day) = first_of(month) else { continue };
        let of = |i: usize| Some(basis.line(i).1.money.gaps.expected).filter(|amount| *amount > Money::ZERO);
        let paid = |i: usize| Some(basis.line(i).1.money.answers.allowed()).filter(|amount| *amount > Money::ZERO);
        let (expected, allowed) = (usual(basis, lines, of), usual(basis, lines, paid));
        let money = |rate: Option<Decimal>| rate.and_then(crate::domain::round_cents);
        if let (Some(e), Some(a)) = (expected, allowed)
            && a < e
        {
            apart += 1;
        }
        days.push(day);
        expected_line.push(money(expected));
        allowed_line.push(money(allowed));
        // Few lines are not counted out: they could be single patients.
        let n = i64::try_from(lines.len()).ok().filter(|_| lines.len() >= FEW).map_or(Cell::Empty, Cell::Count);
        rows.push(vec![month.clone().into(), n, expected.into(), allowed.into()]);
    }
    let name = code.as_ref().map_or_else(String::new, |(code, _)| code.to_string());
    let at = most.map_or_else(String::new, |(area, pos)| {
        let area = if area == Area::Nowhere { String::new() } else { format!(" in {area}") };
        pos.map_or_else(|| area.clone(), |pos| format!("{area}, place of service {pos}"))
    });
    let title = match (code.is_some(), apart) {
        (false, _) => format!("No code has {FEW} lines: no rate can be followed"),
        (true, 0) => format!("The usual amount for {name} was below the terms in no month"),
        (true, n) => format!("In {} of {} months the usual amount for {name} was below the terms", n, months.len()),
    };
    let chart = LineChart {
        title: title.clone(),
        alt: format!(
            "The amount most often allowed per unit of {name} by month, beside the amount that the terms give."
        ),
        value_axis: "Dollars per unit".to_owned(),
        months: days,
        series: vec![
            Series { name: "by the terms".to_owned(), values: expected_line, accent: false },
            Series { name: "allowed".to_owned(), values: allowed_line, accent: true },
        ],
        events: Vec::new(),
        incomplete_from: None,
    };
    Section {
        id: "drift".to_owned(),
        title,
        lead: format!(
            "The amount per unit of {name} that most lines of the month are expected to be, and were, allowed{at}: the place with the most lines."
        ),
        kind: run.report.kind,
        chart: code.is_some().then_some(Chart::Lines(chart)),
        table: Table {
            columns: vec![
                Column::new("month", "Month", ColumnKind::Text),
                Column::new("lines", "Lines", ColumnKind::Count),
                Column::new("by_terms", "By the terms", ColumnKind::Rate),
                Column::new("allowed", "Allowed", ColumnKind::Rate),
            ],
            rows,
            total: None,
        },
        notes: vec!["All months of the files; fewer than 11 lines of a month are not counted out; of equally frequent amounts the higher one.".to_owned()],
    }
}
