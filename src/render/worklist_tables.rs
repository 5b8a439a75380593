//! The worklist as tables: batches, claims, lines, what was recovered, and where everything stands. Every format of the
//! worklist is made from these; no figure is worked out here.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::domain::{Date, Money, Units};
use crate::report::{Cell, Column, ColumnKind, DataKind, Table};
use crate::worklist::{Item, Odds, OddsBasis, Stage, Verdict, Work, Worklist};

use ColumnKind::{Count, Date as Day, Money as Dollars, Percent, Text};

/// Columns as name, header, kind.
type Columns = [(&'static str, &'static str, ColumnKind)];

pub(super) const BATCHES: &Columns = &[
    ("rank", "Rank", Count),
    ("payer", "Payer", Text),
    ("kind", "Kind", Text),
    ("cause", "Cause", Text),
    ("first_action", "First action", Text),
    ("fix", "Fix", Text),
    ("lines", "Lines", Count),
    ("missing", "Missing", Dollars),
    ("lines_to_work", "Lines to work", Count),
    ("missing_to_work", "Missing on these", Dollars),
    ("chance", "Chance won", Percent),
    ("chance_low", "Chance, low", Percent),
    ("chance_high", "Chance, high", Percent),
    ("chance_from", "Chance from", Text),
    ("expected_recovery", "Expected recovery", Dollars),
    ("recovery_low", "Recovery, low", Dollars),
    ("recovery_high", "Recovery, high", Dollars),
    ("cost", "Cost to work", Dollars),
    ("net_recovery", "Expected net recovery", Dollars),
    ("verdict", "Verdict", Text),
    ("break_even_lines", "Break-even lines", Count),
    ("lines_paying_alone", "Lines that pay alone", Count),
    ("act_by", "Act by", Day),
    ("days_left", "Days left", Count),
    ("waiting", "Waiting for an answer", Dollars),
    ("closed", "Window closed", Dollars),
    ("rule", "Contract or rule", Text),
    ("evidence", "Evidence to attach", Text),
];

pub(super) const CLAIMS: &Columns = &[
    ("rank", "Rank", Count),
    ("claim_id", "Claim", Text),
    ("payer", "Payer", Text),
    ("service_date", "Service", Day),
    ("causes", "Causes", Text),
    ("status", "Status", Text),
    ("lines", "Lines", Count),
    ("missing", "Missing", Dollars),
    ("lines_to_work", "Lines to work", Count),
    ("missing_to_work", "Missing on these", Dollars),
    ("expected_recovery", "Expected recovery", Dollars),
    ("recovery_low", "Recovery, low", Dollars),
    ("recovery_high", "Recovery, high", Dollars),
    ("cost", "Cost alone", Dollars),
    ("net_recovery", "Net alone", Dollars),
    ("verdict", "Verdict", Text),
    ("act_by", "Act by", Day),
    ("days_left", "Days left", Count),
];

pub(super) const LINES: &Columns = &[
    ("rank", "Rank", Count),
    ("batch", "Batch", Count),
    ("claim_id", "Claim", Text),
    ("line_number", "Line", Count),
    ("status", "Status", Text),
    ("worked_on", "Worked on", Day),
    ("note", "Note", Text),
    ("stage", "Stage", Text),
    ("payer", "Payer", Text),
    ("service_date", "Service", Day),
    ("code", "Code", Text),
    ("modifiers", "Modifiers", Text),
    ("pos", "Place", Text),
    ("units", "Units", Count),
    ("charge", "Charge", Dollars),
    ("expected", "Expected", Dollars),
    ("allowed", "Allowed", Dollars),
    ("missing", "Missing", Dollars),
    ("kind", "Kind", Text),
    ("cause", "Cause", Text),
    ("reason", "Reason", Text),
    ("remark", "Remark", Text),
    ("first_action", "First action", Text),
    ("chance", "Chance won", Percent),
    ("expected_recovery", "Expected recovery", Dollars),
    ("recovery_low", "Recovery, low", Dollars),
    ("recovery_high", "Recovery, high", Dollars),
    ("net_alone", "Net alone", Dollars),
    ("verdict", "Verdict", Text),
    ("break_even_lines", "Lines like this that cover a contact", Count),
    ("answered", "Answered", Day),
    ("appeal_by", "Appeal by", Day),
    ("file_by", "File by", Day),
    ("act_by", "Act by", Day),
    ("days_left", "Days left", Count),
    ("windows", "Windows", Text),
    ("recovered", "Recovered so far", Dollars),
    ("rule", "Contract or rule", Text),
    ("source", "Where it stands", Text),
];

const RECOVERED: &Columns = &[
    ("claim_id", "Claim", Text),
    ("line_number", "Line", Count),
    ("payer", "Payer", Text),
    ("service_date", "Service", Day),
    ("code", "Code", Text),
    ("was_missing", "Was missing", Dollars),
    ("recovered", "Recovered", Dollars),
    ("recovered_on", "Answered", Day),
    ("still_missing", "Still missing", Dollars),
    ("worked", "Status before", Text),
    ("found", "Found", Text),
    ("note", "Note", Text),
];

const STANDING: &Columns = &[
    ("stage", "Stage", Text),
    ("denied_lines", "Denied lines", Count),
    ("denied", "Denied", Dollars),
    ("underpaid_lines", "Underpaid lines", Count),
    ("underpaid", "Underpaid", Dollars),
    ("total", "Total", Dollars),
];

/// Where a column stands.
pub(super) fn column(columns: &Columns, name: &str) -> Option<u16> {
    columns.iter().position(|c| c.0 == name).and_then(|i| u16::try_from(i).ok())
}

pub(super) const fn kind(worklist: &Worklist) -> DataKind {
    if worklist.synthetic { DataKind::Synthetic } else { DataKind::Own }
}

/// A table whose totals are the given columns.
fn table(columns: &Columns, rows: Vec<Vec<Cell>>, label: (&str, &str), totals: &[(&str, Cell)]) -> Table {
    let of = |name: &str| {
        if name == label.0 {
            return Cell::from(label.1);
        }
        totals.iter().find(|t| t.0 == name).map_or(Cell::Empty, |t| t.1.clone())
    };
    let total = columns.iter().map(|c| of(c.0)).collect();
    let columns = columns.iter().map(|(name, header, kind)| Column::new(name, header, *kind)).collect();
    Table { columns, rows, total: Some(total) }
}

fn count(n: usize) -> Cell {
    Cell::Count(i64::try_from(n).unwrap_or(i64::MAX))
}

fn text(text: Option<&str>) -> Cell {
    text.map_or(Cell::Empty, Cell::from)
}

fn day(day: Option<Date>) -> Cell {
    day.map_or(Cell::Empty, Cell::Date)
}

fn percent(share: Decimal) -> Cell {
    Cell::Number((share * Decimal::ONE_HUNDRED).normalize())
}

fn interval<T: Copy>(ends: Option<(T, T)>, cell: impl Fn(T) -> Cell) -> [Cell; 2] {
    ends.map_or([Cell::Empty, Cell::Empty], |(low, high)| [cell(low), cell(high)])
}

fn sum<'a, T: 'a>(of: impl IntoIterator<Item = &'a T>, amount: impl Fn(&T) -> Money) -> Cell {
    Cell::Money(of.into_iter().map(amount).sum())
}

/// Whole units as a number.
fn units(units: Units) -> Cell {
    match units.thousandths() {
        n if n % 1000 == 0 => Cell::Count(n / 1000),
        _ => Cell::from(units.to_string()),
    }
}

const fn kind_of(item_is_denial: bool) -> &'static str {
    if item_is_denial { "denied" } else { "underpaid" }
}

fn basis(odds: &Odds) -> String {
    match odds.basis {
        OddsBasis::Own { won, decided } => {
            format!("{won} of {decided} reworked lines of this payer and cause won, pooled with all")
        }
        OddsBasis::Setting => "your setting".to_owned(),
        OddsBasis::Published => "published figure, not yours (see Read me)".to_owned(),
    }
}

/// The verdict on some lines put into one contact, and how many lines like these would cover it.
pub(super) fn verdict_of(work: Option<&Work>, stages: impl Fn() -> String) -> (String, Cell) {
    let Some(work) = work else { return (stages(), Cell::Empty) };
    let lines = work.break_even.map_or(Cell::Empty, |n| Cell::Count(i64::try_from(n).unwrap_or(i64::MAX)));
    let words = match (work.pays(), work.break_even) {
        (true, _) => "pays",
        (false, Some(_)) => "too few lines",
        (false, None) => "never pays",
    };
    (words.to_owned(), lines)
}

/// The stages of some items, without repeats.
fn stages(worklist: &Worklist, items: &[usize]) -> String {
    let all: BTreeSet<_> = items.iter().map(|i| worklist.items[*i].stage).collect();
    all.into_iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", ")
}

fn days_left(worklist: &Worklist, work: &Work) -> Cell {
    Cell::Count((work.act_by - worklist.as_of).num_days())
}

pub(super) fn batches(worklist: &Worklist) -> Table {
    let items = &worklist.items;
    let rows = worklist.batches.iter().map(|b| {
        let at = |stage| sum(b.items.iter().filter(|i| items[**i].stage == stage), |i| items[*i].amount);
        let odds = b.items.first().map(|i| items[*i].odds);
        let work = b.work.as_ref();
        let (verdict, break_even) = verdict_of(work, || stages(worklist, &b.items));
        let [low, high] = interval(odds.and_then(|o| o.interval), percent);
        let [least, most] = interval(work.and_then(|w| w.recovery_interval), Cell::Money);
        let rules: BTreeSet<&str> = b.items.iter().map(|i| &*items[*i].rule).collect();
        let rule = match rules.len() {
            0 | 1 => rules.first().copied().unwrap_or_default().to_owned(),
            n => format!("{} (and {} more, see Lines)", rules.first().copied().unwrap_or_default(), n - 1),
        };
        vec![
            Cell::Count(b.number.into()),
            Cell::from(&*b.payer_name),
            Cell::from(kind_of(b.items.first().is_some_and(|i| items[*i].is_denial()))),
            Cell::from(b.cause.label()),
            Cell::from(&*b.action),
            Cell::from(&*b.fix),
            count(b.items.len()),
            Cell::Money(b.amount),
            work.map_or(Cell::Empty, |w| count(w.lines.len())),
            work.map(|w| w.amount).into(),
            odds.map_or(Cell::Empty, |o| percent(o.mean)),
            low,
            high,
            odds.map_or(Cell::Empty, |o| Cell::from(basis(&o))),
            work.map(|w| w.recovery).into(),
            least,
            most,
            work.map(|w| w.cost).into(),
            work.map(Work::net).into(),
            Cell::from(verdict),
            break_even,
            work.map_or(Cell::Empty, |w| count(w.alone)),
            day(work.map(|w| w.act_by)),
            work.map_or(Cell::Empty, |w| days_left(worklist, w)),
            at(Stage::Waiting),
            at(Stage::Closed),
            Cell::from(rule),
            Cell::from(b.evidence.join("; ")),
        ]
    });
    let at = |stage| sum(items.iter().filter(|i| i.stage == stage), |i| i.amount);
    let totals = [
        ("lines", count(items.len())),
        ("missing", sum(items, |i| i.amount)),
        ("waiting", at(Stage::Waiting)),
        ("closed", at(Stage::Closed)),
    ];
    table(BATCHES, rows.collect(), ("payer", "All, as in the report"), &totals)
}

pub(super) fn claims(worklist: &Worklist) -> Table {
    let items = &worklist.items;
    let rows = worklist.claims.iter().map(|c| {
        let work = c.work.as_ref();
        let (verdict, _) = verdict_of(work, || stages(worklist, &c.items));
        // A claim has as many lines as it has: to wait for more of them makes no sense.
        let verdict = if matches!(work, Some(work) if !work.pays()) { "loses money alone".to_owned() } else { verdict };
        let [least, most] = interval(work.and_then(|w| w.recovery_interval), Cell::Money);
        let causes: BTreeSet<&str> = c.items.iter().map(|i| items[*i].cause.label()).collect();
        let status: BTreeSet<&str> = c.items.iter().map(|i| items[*i].status.as_str()).collect();
        vec![
            Cell::Count(c.number.into()),
            Cell::from(&*c.claim_id),
            Cell::from(&*c.payer_name),
            Cell::Date(c.service_date),
            Cell::from(causes.into_iter().collect::<Vec<_>>().join(", ")),
            Cell::from(status.into_iter().collect::<Vec<_>>().join(", ")),
            count(c.items.len()),
            Cell::Money(c.amount),
            work.map_or(Cell::Empty, |w| count(w.lines.len())),
            work.map(|w| w.amount).into(),
            work.map(|w| w.recovery).into(),
            least,
            most,
            work.map(|w| w.cost).into(),
            work.map(Work::net).into(),
            Cell::from(verdict),
            day(work.map(|w| w.act_by)),
            work.map_or(Cell::Empty, |w| days_left(worklist, w)),
        ]
    });
    let totals = [("lines", count(items.len())), ("missing", sum(items, |i| i.amount))];
    table(CLAIMS, rows.collect(), ("claim_id", "All, as in the report"), &totals)
}

pub(super) fn lines(worklist: &Worklist) -> Table {
    let rows = worklist.items.iter().map(|i| line(worklist, i)).collect();
    let items = &worklist.items;
    let totals = [
        ("expected", sum(items, |i| i.expected)),
        ("allowed", sum(items, |i| i.allowed)),
        ("missing", sum(items, |i| i.amount)),
    ];
    table(LINES, rows, ("claim_id", "All, as in the report"), &totals)
}

fn line(worklist: &Worklist, i: &Item) -> Vec<Cell> {
    let [least, most] = interval(i.recovery_interval, Cell::Money);
    let workable = i.stage.is_workable();
    let pays = |cell: Cell| if workable { cell } else { Cell::Empty };
    let break_even = match i.verdict {
        Some(Verdict::TooFew(n)) => Some(n),
        _ => worklist.costs.break_even(i.recovery, 1),
    };
    let windows = match (i.deadline.assumed.appeal, i.deadline.assumed.filing) {
        (true, true) => "both assumed",
        (true, false) => "appeal assumed",
        (false, true) => "filing assumed",
        (false, false) => "as set",
    };
    let late = if i.deadline.too_late_to_correct { "; too late to correct" } else { "" };
    vec![
        Cell::Count(i.rank.into()),
        Cell::Count(i.batch.into()),
        Cell::from(&*i.claim_id),
        Cell::Count(i.line_number.into()),
        Cell::from(i.status.as_str()),
        day(i.worked_on),
        text(Some(i.note.as_str()).filter(|n| !n.is_empty())),
        Cell::from(i.stage.as_str()),
        Cell::from(&*i.payer_name),
        Cell::Date(i.service_date),
        Cell::from(i.code.as_str()),
        Cell::from(i.modifiers.to_string()),
        i.pos.map_or(Cell::Empty, |p| Cell::from(p.to_string())),
        units(i.units),
        Cell::Money(i.charge),
        Cell::Money(i.expected),
        Cell::Money(i.allowed),
        Cell::Money(i.amount),
        Cell::from(kind_of(i.is_denial())),
        Cell::from(i.cause.label()),
        text(i.reason.as_deref()),
        text(i.remark.as_deref()),
        Cell::from(&*i.action),
        percent(i.odds.mean),
        pays(Cell::Money(i.recovery)),
        pays(least),
        pays(most),
        pays(Cell::Money(i.net_alone)),
        text(i.verdict.map(Verdict::as_str)),
        pays(break_even.map_or(Cell::Empty, |n| Cell::Count(i64::try_from(n).unwrap_or(i64::MAX)))),
        Cell::Date(i.answered),
        Cell::Date(i.deadline.appeal_by),
        day(i.deadline.file_by),
        Cell::Date(i.deadline.act_by),
        Cell::Count(i.deadline.days_left),
        Cell::from(format!("{windows}{late}")),
        i.recovered.into(),
        Cell::from(&*i.rule),
        text(i.source.as_deref()),
    ]
}

pub(super) fn recovered(worklist: &Worklist) -> Table {
    let rows = worklist.recovered.iter().map(|r| {
        vec![
            Cell::from(r.claim_id.as_str()),
            Cell::Count(r.line_number.into()),
            text(r.payer_name.as_deref()),
            day(r.service.map(|s| s.1)),
            text(r.service.as_ref().map(|s| s.0.as_str())),
            r.was_missing.into(),
            r.amount.into(),
            day(r.on),
            Cell::Money(r.still_missing),
            Cell::from(r.worked.as_str()),
            Cell::from(if r.is_new { "now" } else { "earlier" }),
            text(Some(r.note.as_str()).filter(|n| !n.is_empty())),
        ]
    });
    let known = sum(worklist.recovered.iter().filter(|r| r.amount.is_some()), |r| r.amount.unwrap_or_default());
    let totals = [("recovered", known), ("still_missing", sum(&worklist.recovered, |r| r.still_missing))];
    table(RECOVERED, rows.collect(), ("claim_id", "All recovered"), &totals)
}

/// Where the money stands; the totals are the report's denied and underpaid.
pub(super) fn standing(worklist: &Worklist) -> Table {
    let splits = worklist.splits();
    let rows = splits.iter().filter(|s| s.denied_lines + s.underpaid_lines > 0).map(|s| {
        vec![
            Cell::from(s.stage.as_str()),
            count(s.denied_lines),
            Cell::Money(s.denied),
            count(s.underpaid_lines),
            Cell::Money(s.underpaid),
            Cell::Money(s.denied + s.underpaid),
        ]
    });
    let totals = [
        ("denied_lines", count(splits.iter().map(|s| s.denied_lines).sum())),
        ("denied", Cell::Money(worklist.report_denied)),
        ("underpaid_lines", count(splits.iter().map(|s| s.underpaid_lines).sum())),
        ("underpaid", Cell::Money(worklist.report_underpaid)),
        ("total", Cell::Money(worklist.report_denied + worklist.report_underpaid)),
    ];
    table(STANDING, rows.collect(), ("stage", "As in the report"), &totals)
}
