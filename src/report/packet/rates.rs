//! Rates: top codes beside Medicare and the other payers, all payers beside Medicare, and how the payer's own rate has moved.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::FEW;
use super::basis::{Basis, percentile};
use crate::domain::{Code, Date, Money};
use crate::finding::Result;
use crate::report::model::{Cell, Chart, Column, ColumnKind, DotChart, DotRow, LineChart, Section, Series, Table};

/// Codes that are shown one by one.
const TOP: usize = 12;

/// Other payers below which percentiles would tell single ones.
const ENOUGH: usize = 3;

/// The codes of the payer by expected dollars, those with enough lines.
fn top(basis: &Basis<'_>) -> Vec<(Code, Vec<usize>)> {
    let mut by: BTreeMap<Code, Vec<usize>> = BTreeMap::new();
    for i in &basis.own {
        by.entry(basis.line(*i).0.code).or_default().push(*i);
    }
    let mut all: Vec<(Code, Vec<usize>)> = by.into_iter().filter(|(_, lines)| lines.len() >= FEW).collect();
    all.sort_by(|a, b| basis.sums_of(&b.1).expected.cmp(&basis.sums_of(&a.1).expected).then(a.0.cmp(&b.0)));
    all.truncate(TOP);
    all
}

/// What one unit pays most often, in dollars.
fn usual(basis: &Basis<'_>, lines: &[usize], of: impl Fn(usize) -> Option<Money>) -> Option<Decimal> {
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
pub(super) fn codes(basis: &Basis<'_>) -> Result<Section> {
    let asks = &basis.input.asks;
    let at_ask = basis.each_at(asks.ask);
    let place: BTreeMap<usize, usize> = basis.own.iter().enumerate().map(|(at, i)| (*i, at)).collect();
    let asked = |i: usize| place.get(&i).and_then(|at| at_ask.get(*at)).copied().flatten();
    let (mut rows, mut below) = (Vec::new(), 0);
    let (mut all_lines, mut all_gain, mut all_expected) = (0, Money::ZERO, Money::ZERO);
    let top = top(basis);
    for (code, lines) in &top {
        let sums = basis.sums_of(lines);
        let percent = basis.percent_of_medicare(lines);
        let others = of_others(basis, *code);
        let enough = others.len() >= ENOUGH;
        let at = |p: usize| if enough { percentile(&others, p) } else { None };
        if let (Some(own), Some(median)) = (percent, at(50))
            && own < median
        {
            below += 1;
        }
        let expected_of = |i: usize| Some(basis.line(i).1.money.gaps.expected).filter(|amount| *amount > Money::ZERO);
        let gain: Money =
            lines.iter().filter_map(|i| asked(*i).map(|new| new - basis.line(*i).1.money.gaps.expected)).sum();
        let n = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        (all_lines, all_gain, all_expected) = (all_lines + n, all_gain + gain, all_expected + sums.expected);
        rows.push(vec![
            code.to_string().into(),
            Cell::Count(n),
            sums.expected.into(),
            usual(basis, lines, expected_of).into(),
            percent.into(),
            at(25).into(),
            at(50).into(),
            at(75).into(),
            usual(basis, lines, asked).into(),
            gain.into(),
        ]);
    }
    let compared = rows.iter().filter(|row| row.get(6).is_some_and(|cell| *cell != Cell::Empty)).count();
    Ok(Section {
        id: "codes".to_owned(),
        title: format!("On {below} of {compared} codes the payer is below the median of the practice's other payers"),
        lead: format!(
            "What one unit is expected to be allowed most often, in percent of Medicare of the same days and places; quartiles are of other payers with at least {FEW} lines of the code."
        ),
        kind: basis.input.run.report.kind,
        chart: None,
        table: Table {
            columns: vec![
                Column::new("code", "Code", ColumnKind::Text),
                Column::new("lines", "Lines", ColumnKind::Count),
                Column::new("expected", "Expected", ColumnKind::Money),
                Column::new("rate", "Rate today", ColumnKind::Rate),
                Column::new("percent_of_medicare", "% of Medicare", ColumnKind::Percent),
                Column::new("others_25", "Others, 25th", ColumnKind::Percent),
                Column::new("others_50", "Others, median", ColumnKind::Percent),
                Column::new("others_75", "Others, 75th", ColumnKind::Percent),
                Column::new("rate_asked", "Rate asked", ColumnKind::Rate),
                Column::new("gain", "A year more", ColumnKind::Money),
            ],
            rows,
            total: Some(vec![
                "All shown".into(),
                Cell::Count(all_lines),
                all_expected.into(),
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                all_gain.into(),
            ]),
        },
        notes: vec![format!(
            "The {} codes with most expected dollars among those with at least {FEW} lines. Quartiles stand only where {ENOUGH} or more other payers can be compared. Rates are those of the most lines; a code's rate may differ by place and modifier.",
            top.len()
        )],
    })
}

/// All payers in percent of Medicare: what their terms say, and what they allowed.
pub(super) fn payers(basis: &Basis<'_>) -> Result<Section> {
    struct One {
        name: String,
        own: bool,
        lines: usize,
        terms: Option<Decimal>,
        allowed: Option<Decimal>,
    }
    let allowed = |lines: &[usize]| {
        let (mut sum, mut medicare) = (Money::ZERO, Money::ZERO);
        for i in lines {
            let (_, judged) = basis.line(*i);
            let amount = judged.money.answers.allowed();
            // Denied lines are told apart: a denial is no rate.
            if let (Some(of), true) = (judged.medicare, amount > Money::ZERO) {
                sum += amount;
                medicare += of;
            }
        }
        sum.percent_of(medicare)
    };
    let one = |name: String, own: bool, lines: &[usize]| One {
        name,
        own,
        lines: lines.len(),
        terms: basis.percent_of_medicare(lines),
        allowed: allowed(lines),
    };
    let mut all = vec![one(basis.input.payer.name.to_string(), true, &basis.own)];
    for (id, lines) in basis.by_payer() {
        if lines.len() >= FEW {
            let name =
                basis.input.project.payer_of_id(id).map_or_else(|| id.to_owned(), |payer| payer.name.to_string());
            all.push(one(name, false, &lines));
        }
    }
    all.sort_by(|a, b| b.terms.cmp(&a.terms).then(a.name.cmp(&b.name)));
    if !basis.input.name_others {
        let letters = ('A'..='Z').map(|letter| format!("payer {letter}")).chain((27..).map(|n| format!("payer {n}")));
        for (one, name) in all.iter_mut().filter(|one| !one.own).zip(letters) {
            one.name = name;
        }
    }
    let rank = all.iter().position(|one| one.own).map_or(0, |at| at + 1);
    let (payer, of) = (&basis.input.payer.name, all.len());
    let own = all.iter().find(|one| one.own).and_then(|one| one.terms);
    let title = match own {
        Some(percent) => format!("{payer} pays {percent}% of Medicare by its terms: place {rank} of {of} payers"),
        None => format!("Medicare has no rate for what {payer} pays"),
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
    Ok(Section {
        id: "percent-of-medicare".to_owned(),
        title: title.clone(),
        lead: "Of lines that Medicare prices, on their own days and places. Hollow: by the terms. Filled: what was allowed on lines that were not denied.".to_owned(),
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
    })
}

/// How what the payer allows for its most frequent code has moved, month by month.
pub(super) fn drift(basis: &Basis<'_>) -> Result<Section> {
    let code = top(basis).into_iter().max_by_key(|(code, lines)| (lines.len(), std::cmp::Reverse(*code)));
    let run = basis.input.run;
    // All months of the files: a drift shows over years.
    let mut months: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    if let Some((code, _)) = &code {
        for (i, line) in run.lines.iter().enumerate() {
            let firm = run.judged[i].cohort == crate::leakage::Cohort::Firm;
            if firm && line.code == *code && line.payer == basis.input.payer.id {
                months.entry(line.service_date.format("%Y-%m").to_string()).or_default().push(i);
            }
        }
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
        let n = Cell::Count(i64::try_from(lines.len()).unwrap_or(i64::MAX));
        rows.push(vec![month.clone().into(), n, expected.into(), allowed.into()]);
    }
    let name = code.as_ref().map_or_else(String::new, |(code, _)| code.to_string());
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
    Ok(Section {
        id: "drift".to_owned(),
        title,
        lead: format!(
            "The amount per unit of {name} that most lines of the month are expected to be, and were, allowed."
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
        notes: vec!["All months of the files; of equally frequent amounts the higher one.".to_owned()],
    })
}
