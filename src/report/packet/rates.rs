//! Rates: top codes beside Medicare and the other payers, and all payers beside Medicare.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::FEW;
use super::basis::{Basis, percentile};
use super::who::by_code;
use crate::domain::{Code, Money};
use crate::report::model::{Cell, Chart, Column, ColumnKind, DotChart, DotRow, Section, Table};

/// Codes that are shown one by one.
const TOP: usize = 12;

/// Other payers below which percentiles would tell single ones.
const ENOUGH: usize = 3;

/// The codes of the payer by expected dollars, those that are shown by themselves.
pub(super) fn top(basis: &Basis<'_>) -> Vec<(Code, Vec<usize>)> {
    let mut all: Vec<(Code, Vec<usize>)> = by_code(basis).0.into_iter().collect();
    all.sort_by(|a, b| basis.sums_of(&b.1).expected.cmp(&basis.sums_of(&a.1).expected).then(a.0.cmp(&b.0)));
    all.truncate(TOP);
    all
}

/// What one unit pays most often, in dollars.
pub(super) fn usual(basis: &Basis<'_>, lines: &[usize], of: impl Fn(usize) -> Option<Money>) -> Option<Decimal> {
    let mut counts: BTreeMap<Decimal, usize> = BTreeMap::new();
    for i in lines {
        let (line, _) = basis.line(*i);
        if let Some(rate) = of(*i).and_then(|amount| amount.dollars().checked_div(line.units.decimal())) {
            *counts.entry(cents(rate)).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|(rate, times)| (*times, *rate)).map(|(rate, _)| rate)
}

fn cents(rate: Decimal) -> Decimal {
    rate.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

/// Each other payer's percent of Medicare on some code, for those with enough lines of it.
fn of_others(basis: &Basis<'_>, code: Code) -> Vec<Decimal> {
    let mut percents: Vec<Decimal> = basis
        .by_payer()
        .into_values()
        .filter_map(|lines| {
            let lines: Vec<usize> = lines.into_iter().filter(|i| basis.line(*i).0.code == code).collect();
            (lines.len() >= FEW).then(|| basis.percent_of_medicare(&lines)).flatten()
        })
        .collect();
    percents.sort();
    percents
}

/// Top codes: volume, today's rate, Medicare, the other payers, the ask and what it brings.
pub(super) fn codes(basis: &Basis<'_>) -> Section {
    let at_ask = basis.input.asks.as_ref().map(|asks| basis.each_at(asks.ask));
    let place: BTreeMap<usize, usize> = basis.own.iter().enumerate().map(|(at, i)| (*i, at)).collect();
    let asked = |i: usize| place.get(&i).and_then(|at| at_ask.as_ref()?.get(*at)).copied().flatten();
    let (mut rows, mut below, mut compared) = (Vec::new(), 0, 0);
    let (mut all_lines, mut all_gain, mut all_expected) = (0, Money::ZERO, Money::ZERO);
    let top = top(basis);
    for (code, lines) in &top {
        let sums = basis.sums_of(lines);
        let percent = basis.percent_of_medicare(lines);
        let others = of_others(basis, *code);
        let at = |p: usize| if others.len() >= ENOUGH { percentile(&others, p) } else { None };
        if let (Some(own), Some(median)) = (percent, at(50)) {
            compared += 1;
            below += usize::from(own < median);
        }
        let expected_of = |i: usize| Some(basis.line(i).1.money.gaps.expected).filter(|amount| *amount > Money::ZERO);
        let gain: Money =
            lines.iter().filter_map(|i| asked(*i).map(|new| new - basis.line(*i).1.money.gaps.expected)).sum();
        let gain = basis.a_year(gain);
        let n = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        (all_lines, all_gain, all_expected) = (all_lines + n, all_gain + gain, all_expected + sums.expected);
        let mut row: Vec<Cell> = vec![
            code.to_string().into(),
            Cell::Count(n),
            sums.expected.into(),
            usual(basis, lines, expected_of).into(),
            percent.into(),
            at(25).into(),
            at(50).into(),
            at(75).into(),
        ];
        if at_ask.is_some() {
            row.extend([usual(basis, lines, asked).into(), gain.into()]);
        }
        rows.push(row);
    }
    let mut columns = vec![
        Column::new("code", "Code", ColumnKind::Text),
        Column::new("lines", "Lines", ColumnKind::Count),
        Column::new("expected", "Expected", ColumnKind::Money),
        Column::new("rate", "Rate today", ColumnKind::Rate),
        Column::new("percent_of_medicare", "% of Medicare", ColumnKind::Percent),
        Column::new("others_25", "Others, 25th", ColumnKind::Percent),
        Column::new("others_50", "Others, median", ColumnKind::Percent),
        Column::new("others_75", "Others, 75th", ColumnKind::Percent),
    ];
    let mut total = vec!["All shown".into(), Cell::Count(all_lines), all_expected.into()];
    total.extend([Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty]);
    if at_ask.is_some() {
        columns.push(Column::new("rate_asked", "Rate asked", ColumnKind::Rate));
        columns.push(Column::new("gain", "A year more", ColumnKind::Money));
        total.extend([Cell::Empty, all_gain.into()]);
    }
    let title = match compared {
        0 => "The payer's codes beside Medicare".to_owned(),
        _ => format!("On {below} of {compared} codes the payer is below the median of the practice's other payers"),
    };
    Section {
        id: "codes".to_owned(),
        title,
        lead: format!(
            "What one unit is expected to be allowed most often, in percent of Medicare of the same days and places; quartiles are of other payers with at least {FEW} lines of the code."
        ),
        kind: basis.input.run.report.kind,
        chart: None,
        table: Table { columns, rows, total: Some(total) },
        notes: vec![
            format!(
                "The {} codes with most expected dollars among those with at least {FEW} lines. A rate is that of the most lines and may differ by place, day and modifier; the percentage of Medicare is of all lines of the code, so that it is not that of the rate.",
                top.len()
            ),
            format!(
                "Quartiles stand only where {ENOUGH} or more other payers can be compared. They are of {}.",
                kinds(basis)
            ),
        ],
    }
}

/// What the other payers are: `3 commercial, 2 medicare-advantage`.
fn kinds(basis: &Basis<'_>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, _) in basis.by_payer().into_iter().filter(|(_, lines)| lines.len() >= FEW) {
        if let Some(payer) = basis.input.project.payer_of_id(id) {
            *counts.entry(payer.kind.as_str()).or_default() += 1;
        }
    }
    let parts: Vec<String> = counts.into_iter().map(|(kind, n)| format!("{n} {kind}")).collect();
    if parts.is_empty() { "no other payer".to_owned() } else { format!("payers of all kinds: {}", parts.join(", ")) }
}

/// All payers in percent of Medicare: what their terms say, and what they allowed.
pub(super) fn payers(basis: &Basis<'_>) -> Section {
    struct One {
        name: String,
        own: bool,
        lines: usize,
        terms: Option<Decimal>,
        allowed: Option<Decimal>,
    }
    // Denied lines are told apart: a denial is no rate. Both percentages are of the same lines.
    let compared = |lines: &[usize]| -> Vec<usize> {
        let allowed = |i: &usize| {
            let judged = basis.line(*i).1;
            judged.medicare.is_some() && judged.money.answers.allowed() > Money::ZERO
        };
        lines.iter().copied().filter(allowed).collect()
    };
    let one = |name: String, own: bool, lines: &[usize]| -> Option<One> {
        let lines = compared(lines);
        let (mut sum, mut medicare) = (Money::ZERO, Money::ZERO);
        for judged in lines.iter().map(|i| basis.line(*i).1) {
            sum += judged.money.answers.allowed();
            medicare += judged.medicare.unwrap_or_default();
        }
        let (terms, allowed) = (basis.percent_of_medicare(&lines), sum.percent_of(medicare));
        (lines.len() >= FEW).then_some(One { name, own, lines: lines.len(), terms, allowed })
    };
    let mut all: Vec<One> = one(basis.input.payer.name.to_string(), true, &basis.own).into_iter().collect();
    for (id, lines) in basis.by_payer() {
        let name = basis.input.project.payer_of_id(id).map_or_else(|| id.to_owned(), |payer| payer.name.to_string());
        all.extend(one(name, false, &lines));
    }
    all.sort_by(|a, b| b.allowed.cmp(&a.allowed).then(a.name.cmp(&b.name)));
    if !basis.input.name_others {
        let letters = ('A'..='Z').map(|letter| format!("payer {letter}")).chain((27..).map(|n| format!("payer {n}")));
        for (one, name) in all.iter_mut().filter(|one| !one.own).zip(letters) {
            one.name = name;
        }
    }
    let rank = all.iter().position(|one| one.own).map_or(0, |at| at + 1);
    let (payer, of) = (&basis.input.payer.name, all.len());
    let own = all.iter().find(|one| one.own).and_then(|one| one.allowed);
    let title = match own {
        Some(percent) => {
            format!("{payer} allowed {percent}% of Medicare where it did not deny: place {rank} of {of} payers")
        }
        None => format!("{payer} allowed fewer than {FEW} lines that Medicare prices"),
    };
    let rows: Vec<DotRow> = all
        .iter()
        .map(|one| DotRow { label: one.name.clone(), value: one.allowed, target: one.terms, accent: one.own })
        .collect();
    let table = all
        .iter()
        .map(|one| {
            let lines = Cell::Count(i64::try_from(one.lines).unwrap_or(i64::MAX));
            vec![one.name.clone().into(), lines, one.terms.into(), one.allowed.into()]
        })
        .collect();
    Section {
        id: "percent-of-medicare".to_owned(),
        title: title.clone(),
        lead: "Of lines that Medicare prices and that were not denied, on their own days and places. Hollow: what the terms give on them. Filled: what was allowed.".to_owned(),
        kind: basis.input.run.report.kind,
        chart: Some(Chart::Dots(DotChart {
            title,
            alt: format!("A dot per payer in percent of Medicare; {payer} is marked, at place {rank} of {of}."),
            value_axis: "Percent of Medicare".to_owned(),
            rows,
            reference: Some((Decimal::ONE_HUNDRED, "Medicare".to_owned())),
        })),
        table: Table {
            columns: vec![
                Column::new("payer", "Payer", ColumnKind::Text),
                Column::new("lines", "Lines", ColumnKind::Count),
                Column::new("terms", "By its terms, % of Medicare", ColumnKind::Percent),
                Column::new("allowed", "Allowed, % of Medicare", ColumnKind::Percent),
            ],
            rows: table,
            total: None,
        },
        notes: vec![format!("Payers with fewer than {FEW} such lines are left out.")],
    }
}
