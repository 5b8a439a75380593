//! Key figures with numerator, denominator and date basis beside each.

use crate::domain::Money;
use crate::finding::Result;
use crate::leakage::Cohort;
use crate::report::model::{Cell, Column, ColumnKind, Section, Table};
use crate::report::words::rate;

use super::Context;

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let firm = &context.totals.firm;
    let priced = [Cohort::Firm, Cohort::Benchmark];
    let both = context.ledger.total(&priced)?;
    let all = context.ledger.total(&[Cohort::Firm, Cohort::Benchmark, Cohort::NotPayable, Cohort::Unknown])?;
    let (median, p90) = days_to_answer(context)?;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut lines = |name: &str, part: i64, whole: i64, what: &str| {
        rows.push(vec![
            Cell::from(name),
            rate(part, whole).into(),
            Cell::from(part.to_string()),
            Cell::from(whole.to_string()),
            Cell::from(what),
        ]);
    };
    lines(
        "Initial denial rate, lines",
        both.initially_denied,
        both.answered,
        "payable lines denied at first answer ÷ payable lines answered; service date",
    );
    lines(
        "Final denial rate, lines",
        both.denied_lines,
        both.answered,
        "payable lines denied in the end ÷ payable lines answered; service date",
    );
    lines(
        "Recovered of initial denials",
        both.recovered_lines,
        both.initially_denied,
        "denied at first, allowed in the end ÷ denied at first; service date",
    );
    lines(
        "First-pass yield",
        both.answered - both.initially_denied,
        both.answered,
        "payable lines allowed at first answer ÷ answered; service date",
    );
    lines(
        "Underpayment rate",
        firm.underpaid_lines,
        firm.answered - firm.denied_lines,
        "firm lines allowed too little ÷ firm lines answered and not denied; service date",
    );
    lines(
        "Share of lines priced",
        both.lines + context.totals.not_payable.lines,
        all.lines,
        "lines with a known expectation ÷ lines in scope; service date",
    );
    lines("Share of lines answered", all.answered, all.lines, "lines with an answer ÷ lines in scope; service date");
    let mut money = |name: &str, part: Money, whole: Money, what: &str| {
        rows.push(vec![
            Cell::from(name),
            part.percent_of(whole).into(),
            Cell::from(part.pretty()),
            Cell::from(whole.pretty()),
            Cell::from(what),
        ]);
    };
    let gaps = &firm.gaps;
    money(
        "Initial denial rate, dollars",
        firm.initially_denied_expected,
        gaps.expected - gaps.pending,
        "expected of firm lines denied at first ÷ expected of firm lines answered; service date",
    );
    money(
        "Denials lost, % of expected",
        firm.denied_lost,
        gaps.expected,
        "denied with a closed window ÷ expected, firm lines; service date",
    );
    money(
        "Net collection of answered lines",
        firm.allowed(),
        gaps.expected - gaps.pending,
        "allowed ÷ expected of firm lines answered; service date",
    );
    money(
        "Percent of Medicare",
        firm.allowed_with_medicare,
        firm.medicare,
        "allowed ÷ Medicare's rate, same lines, something allowed; service date",
    );
    let days = |value: Option<i64>| value.map_or(Cell::Empty, Cell::Count);
    let first_answer = "days from service to first answer, all answered lines";
    rows.push(vec![
        Cell::from("Days to first answer, median"),
        days(median),
        Cell::Empty,
        Cell::Empty,
        Cell::from(first_answer),
    ]);
    rows.push(vec![
        Cell::from("Days to first answer, 90th percentile"),
        days(p90),
        Cell::Empty,
        Cell::Empty,
        Cell::from(first_answer),
    ]);
    Ok(Section {
        id: "indicators".to_owned(),
        title: match (rate(both.initially_denied, both.answered), rate(both.denied_lines, both.answered)) {
            (Some(initial), Some(last)) => format!("{initial}% of answered lines are denied at first, {last}% in the end"),
            _ => "No payable line has been answered yet".to_owned(),
        },
        lead: "Key figures with what each is made of; in percent unless the name says days.".to_owned(),
        kind: context.kind,
        chart: None,
        table: Table {
            columns: vec![
                Column::new("indicator", "Key figure", ColumnKind::Text),
                Column::new("value", "Value", ColumnKind::Percent),
                Column::new("numerator", "Numerator", ColumnKind::Text),
                Column::new("denominator", "Denominator", ColumnKind::Text),
                Column::new("basis", "What it is", ColumnKind::Text),
            ],
            rows,
            total: None,
        },
        notes: vec!["Not computable from claims and remittances alone: days in accounts receivable (needs the ledger), clean-claim rate (needs the scrubber), cost to collect.".to_owned()],
    })
}

/// Median and 90th percentile (nearest rank) of the days from service to first answer.
fn days_to_answer(context: &Context<'_>) -> Result<(Option<i64>, Option<i64>)> {
    let read = || -> std::result::Result<Vec<i32>, polars::prelude::PolarsError> {
        Ok(context.ledger.frame().column("days_to_answer")?.i32()?.iter().flatten().collect())
    };
    let mut days = read().map_err(|e| crate::finding::Error::input("days to answer could not be read").because(e))?;
    days.sort_unstable();
    let nearest = |percent: usize| {
        let rank = (days.len() * percent).div_ceil(100);
        rank.checked_sub(1).and_then(|i| days.get(i)).map(|d| i64::from(*d))
    };
    Ok((nearest(50), nearest(90)))
}
