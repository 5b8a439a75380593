//! Key figures with numerator, denominator and date basis beside each, and those that cannot be computed.

use polars::prelude::{PolarsError, col, lit};

use crate::domain::Money;
use crate::finding::{Error, Result};
use crate::leakage::{Cohort, Group, Prior};
use crate::report::model::{Cell, Column, ColumnKind, Section, Table};
use crate::report::words::{count, rate};

use super::Context;

/// Lines that may be payable: all but those that never are, whose denial is right.
const COUNTED: [Cohort; 3] = [Cohort::Firm, Cohort::Benchmark, Cohort::Unknown];

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let counted = context.ledger.total(&COUNTED)?;
    let mut rows = Rows::default();
    denials(&mut rows, context, &counted);
    amounts(&mut rows, context)?;
    services(&mut rows, context)?;
    days(&mut rows, context)?;
    coverage(&mut rows, context)?;
    not_computable(&mut rows);
    let mut notes = vec![
        "Corrected and repeated claims (frequency 7) stand for their original: a service is counted once, with all its answers."
            .to_owned(),
    ];
    notes.push(match context.maturity {
        Some((least, most)) if least == most => format!(
            "A line is mature {} after its service: the payer's 90th percentile of days to the first answer plus its appeal window.",
            count(least, "day", "days")
        ),
        Some((least, most)) => format!(
            "A line is mature when its payer's 90th percentile of days to the first answer plus its appeal window have passed since the service: {least} to {most} days, by payer."
        ),
        None => "No line has an answer, so none can be called mature.".to_owned(),
    });
    Ok(Section {
        id: "indicators".to_owned(),
        title: match (rate(counted.initially_denied, counted.answered), rate(counted.denied_lines, counted.answered)) {
            (Some(initial), Some(last)) => format!("{initial}% of answered lines are denied at first, {last}% in the end"),
            _ => "No payable line has been answered yet".to_owned(),
        },
        lead: "Key figures with what each is made of; in percent unless the name says days or dollars. All by service date, as of the last day in the files."
            .to_owned(),
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
            rows: rows.0,
            total: None,
        },
        notes,
    })
}

/// The rows of the table.
#[derive(Default)]
struct Rows(Vec<Vec<Cell>>);

impl Rows {
    fn add(&mut self, name: &str, value: Cell, part: String, whole: String, what: &str) {
        let text = |text: String| if text.is_empty() { Cell::Empty } else { Cell::from(text) };
        self.0.push(vec![Cell::from(name), value, text(part), text(whole), Cell::from(what)]);
    }

    fn lines(&mut self, name: &str, part: i64, whole: i64, what: &str) {
        self.add(name, rate(part, whole).into(), part.to_string(), whole.to_string(), what);
    }

    fn money(&mut self, name: &str, part: Money, whole: Money, what: &str) {
        self.add(name, part.percent_of(whole).into(), part.pretty(), whole.pretty(), what);
    }
}

fn denials(rows: &mut Rows, context: &Context<'_>, counted: &Group) {
    let firm = &context.totals.firm;
    let answered = firm.gaps.expected - firm.gaps.pending;
    rows.lines(
        "Initial denial rate, lines",
        counted.initially_denied,
        counted.answered,
        "lines denied at first answer ÷ lines answered, without never-payable ones; service date",
    );
    rows.money(
        "Initial denial rate, dollars",
        firm.initially_denied_expected,
        answered,
        "expected of firm lines denied at first ÷ expected of firm lines answered; service date",
    );
    rows.lines(
        "Final denial rate, lines",
        counted.denied_lines,
        counted.answered,
        "lines denied in the end ÷ lines answered, without never-payable ones; service date",
    );
    rows.money(
        "Final denial rate, dollars",
        firm.gaps.denied,
        answered,
        "expected of firm lines denied in the end ÷ expected of firm lines answered; service date",
    );
    rows.money(
        "Denial write-off, % of expected",
        firm.denied_lost,
        firm.gaps.expected,
        "denied with a closed window ÷ expected, firm lines; service date; what was really written off stands in the ledger",
    );
    rows.lines(
        "Recovered of initial denials",
        counted.recovered_lines,
        counted.initially_denied,
        "denied at first, allowed in the end ÷ denied at first; service date",
    );
    rows.lines(
        "Overturn rate of denials",
        counted.denials_won,
        counted.denials_decided,
        &format!(
            "won ÷ denials the payer looked at again (decided only); service date{}",
            interval(counted.denials_won, counted.denials_decided)
        ),
    );
    rows.lines(
        "Overturn rate of underpayments",
        firm.underpayments_won,
        firm.underpayments_decided,
        &format!(
            "corrected ÷ firm lines first allowed too little and answered again; service date{}",
            interval(firm.underpayments_won, firm.underpayments_decided)
        ),
    );
    rows.lines(
        "First-pass yield",
        counted.answered - counted.initially_denied,
        counted.answered,
        "lines not denied at first answer ÷ lines answered, without never-payable ones; service date",
    );
}

/// `; 80% interval 70.1 to 81.2`, nothing without cases.
fn interval(won: i64, decided: i64) -> String {
    let (Ok(won), Ok(decided)) = (u32::try_from(won), u32::try_from(decided)) else { return String::new() };
    if decided == 0 {
        return String::new();
    }
    let [_, low, high] = Prior::JEFFREYS.group(won, decided).percents();
    format!("; 80% interval {low:.1} to {high:.1}")
}

fn amounts(rows: &mut Rows, context: &Context<'_>) -> Result<()> {
    let firm = &context.totals.firm;
    let answered = firm.gaps.expected - firm.gaps.pending;
    let allowed = one(context, &[Cohort::Firm], col("is_allowed").eq(lit(1i64)))?;
    rows.lines(
        "Underpayment rate",
        allowed.underpaid_lines,
        allowed.lines,
        "firm lines allowed too little, beyond the payer's tolerance ÷ firm lines with something allowed; service date",
    );
    rows.money(
        "Underpayments, % of expected",
        firm.gaps.underpaid,
        answered,
        "expected less allowed where positive ÷ expected, firm lines answered; service date",
    );
    rows.money(
        "Overpayments, % of expected",
        firm.gaps.overpaid,
        answered,
        "allowed less expected where positive ÷ expected, firm lines answered; never netted with underpayments; service date",
    );
    let mature = one(context, &[Cohort::Firm], col("mature").eq(lit(1i64)))?;
    rows.money(
        "Net collection rate at maturity",
        mature.allowed(),
        mature.gaps.expected,
        "allowed (paid + patient share + known reductions) ÷ expected, firm lines old enough (see the note); whether patients paid their share is not in these files; service date",
    );
    rows.money(
        "Percent of Medicare",
        firm.allowed_with_medicare,
        firm.medicare,
        "allowed ÷ Medicare's rate, same firm lines, something allowed; service date",
    );
    let without = col("is_allowed").eq(lit(1i64)).and(col("medicare_cents").eq(lit(0i64)));
    let without = one(context, &[Cohort::Firm], without)?;
    rows.money(
        "Allowed on codes without a Medicare rate",
        without.allowed(),
        firm.allowed(),
        &format!(
            "{}, left out of the percent of Medicare ÷ allowed of all firm lines; service date",
            count(without.lines, "firm line", "firm lines")
        ),
    );
    Ok(())
}

/// What one 96372 brings in.
fn services(rows: &mut Rows, context: &Context<'_>) -> Result<()> {
    let injection = || col("code").eq(lit("96372")).and(col("answered").eq(lit(1i64)));
    let all = one(context, &COUNTED, injection())?;
    let paid = one(context, &COUNTED, injection().and(col("is_allowed").eq(lit(1i64))))?;
    let mut add = |name: &str, group: &Group, what: &str| {
        let each = (group.lines > 0)
            .then(|| crate::domain::round_cents(group.allowed().dollars() / rust_decimal::Decimal::from(group.lines)))
            .flatten();
        rows.add(name, each.into(), group.allowed().pretty(), group.lines.to_string(), what);
    };
    add(
        "Dollars allowed per 96372, denied ones counted",
        &all,
        "allowed ÷ answered lines of 96372, without never-payable ones; service date",
    );
    add(
        "Dollars allowed per 96372, denied ones left out",
        &paid,
        "allowed ÷ lines of 96372 with something allowed, without never-payable ones; service date",
    );
    Ok(())
}

fn days(rows: &mut Rows, context: &Context<'_>) -> Result<()> {
    let kinds = [
        ("days_to_answer", "Days to first answer", "days from service to first answer, answered lines"),
        ("days_to_payment", "Days to pay", "days from service to the date of the first payment, lines with a payment"),
        (
            "days_to_posting",
            "Days to posting",
            "days from service to the posting of the first payment, lines whose files tell it",
        ),
    ];
    for (column, name, what) in kinds {
        let mut days = read_days(context, column)
            .map_err(|e| Error::input(format!("the column {column} could not be read")).because(e))?;
        days.sort_unstable();
        if days.is_empty() && column == "days_to_posting" {
            rows.add(
                name,
                Cell::Empty,
                String::new(),
                String::new(),
                "not computable: no file tells when payments were posted",
            );
            continue;
        }
        let nearest = |percent: usize| {
            let rank = (days.len() * percent).div_ceil(100);
            rank.checked_sub(1).and_then(|i| days.get(i)).map_or(Cell::Empty, |d| Cell::Count(i64::from(*d)))
        };
        let of = days.len().to_string();
        rows.add(&format!("{name}, median"), nearest(50), String::new(), of.clone(), what);
        rows.add(&format!("{name}, 90th percentile"), nearest(90), String::new(), of, what);
    }
    Ok(())
}

fn read_days(context: &Context<'_>, column: &str) -> std::result::Result<Vec<i32>, PolarsError> {
    Ok(context.ledger.frame().column(column)?.i32()?.iter().flatten().collect())
}

fn coverage(rows: &mut Rows, context: &Context<'_>) -> Result<()> {
    let all = context.ledger.total(&[Cohort::Firm, Cohort::Benchmark, Cohort::NotPayable, Cohort::Unknown])?;
    let unknown = &context.totals.unknown;
    rows.lines(
        "Share of lines priced",
        all.lines - unknown.lines,
        all.lines,
        "lines with a known expectation ÷ lines in scope; service date",
    );
    rows.money(
        "Share of charges priced",
        all.charge - unknown.charge,
        all.charge,
        "charges of lines with a known expectation ÷ charges in scope; service date",
    );
    rows.lines(
        "Share of lines answered",
        all.answered,
        all.lines,
        "lines with an answer ÷ lines in scope; service date",
    );
    rows.lines(
        "Share of lines matured",
        all.mature_lines,
        all.lines,
        "lines old enough ÷ lines in scope; service date",
    );
    Ok(())
}

/// What claims and remittances alone do not tell.
fn not_computable(rows: &mut Rows) {
    let missing = [
        ("Days in accounts receivable", "needs the balances of the ledger; claims and remittances hold no balances"),
        ("Cash collected, % of net patient revenue", "needs the ledger's revenue and all cash, patients' payments too"),
        ("Clean-claim rate", "needs the scrubber's or clearinghouse's record of claims sent without an edit"),
        ("Cost to collect", "needs the practice's costs of billing"),
    ];
    for (name, why) in missing {
        rows.add(name, Cell::Empty, String::new(), String::new(), &format!("not computable: {why}"));
    }
}

/// The sums of the lines for which a condition holds.
fn one(context: &Context<'_>, cohorts: &[Cohort], condition: polars::prelude::Expr) -> Result<Group> {
    Ok(context.ledger.group_where(&[], cohorts, condition)?.pop().unwrap_or_else(Group::empty))
}
