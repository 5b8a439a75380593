//! Missed charges: what claim days show to have been done and not billed, or billed as something else.

use crate::domain::Money;
use crate::leakage::{Direction, Missed, MissedSum, Worth};
use crate::report::model::{BarChart, Cell, Chart, Column, ColumnKind, Section, Series, Table};
use crate::report::words::count;

use super::Context;

/// How many claims are listed one by one.
const LISTED: usize = 50;

/// The kinds with their money.
pub(super) fn section(context: &Context<'_>) -> Option<Section> {
    let sums = context.missed.sums();
    if sums.is_empty() {
        return None;
    }
    let (under, over) = (context.missed.money(Direction::Under), context.missed.money(Direction::Over));
    let findings: i64 = sums.iter().map(|s| s.findings).sum();
    let title = match (under.is_zero(), over.is_zero()) {
        (true, true) => {
            format!(
                "{} where a charge may be missing; none has a firm price",
                count(findings, "claim day", "claim days")
            )
        }
        (false, true) => format!("Missed charges are worth {}", under.pretty_dollars()),
        (true, false) => format!("Charges beyond what the day shows are worth {}", over.pretty_dollars()),
        (false, false) => {
            format!("Missed charges are worth {}, charges too many {}", under.pretty_dollars(), over.pretty_dollars())
        }
    };
    let cells = |s: &MissedSum| {
        vec![
            Cell::from(s.kind.label()),
            Cell::from(s.direction.label()),
            Cell::from(s.kind.action()),
            Cell::Count(s.findings),
            Cell::Count(s.lines),
            Cell::Money(s.money),
            Cell::Money(s.benchmark),
            Cell::Money(s.up_to),
            Cell::Count(s.unknown),
        ]
    };
    let passed: Vec<String> =
        context.missed.passed_over.iter().map(|(why, n)| format!("{n} {}", why.label())).collect();
    let mut notes = vec![
        "A finding is a question to the record: bill, correct or pay back only what the record shows. Nothing here stands in expected, leakage or any other total of this report.".to_owned(),
        "Money is by the rate of the payer, place and day. \"Up to\" is an upper bound: a second drug may have been drawn into the same syringe, the drug's route may differ, or the missing drug is only the one this provider nearly always gives. Under- and over-billing are never netted.".to_owned(),
    ];
    if context.missed.found.iter().any(|m| !m.whole_day) {
        notes.push("Where the files tell no patient, only the lines of one claim are seen together: the missing line may stand on another claim of the day.".to_owned());
    }
    if !passed.is_empty() {
        notes.push(format!("Looked at and passed over: {}.", passed.join(", ")));
    }
    Some(Section {
        id: "missed-charges".to_owned(),
        title: title.clone(),
        lead: "Drugs that nothing gives, injections without a drug, codes that do not fit the drug's route, and units that do not fit the NDC quantity, by claim day.".to_owned(),
        kind: context.kind,
        chart: chart(&sums, title),
        table: Table {
            columns: vec![
                Column::new("kind", "What", ColumnKind::Text),
                Column::new("direction", "Direction", ColumnKind::Text),
                Column::new("action", "What to do", ColumnKind::Text),
                Column::new("findings", "Findings", ColumnKind::Count),
                Column::new("lines", "Lines", ColumnKind::Count),
                Column::new("money", "Money", ColumnKind::Money),
                Column::new("benchmark", "By benchmark only", ColumnKind::Money),
                Column::new("up_to", "Up to", ColumnKind::Money),
                Column::new("unpriced", "Without an amount", ColumnKind::Count),
            ],
            rows: sums.iter().map(cells).collect(),
            total: None,
        },
        notes,
    })
}

/// Bars of the kinds that have an amount.
fn chart(sums: &[MissedSum], title: String) -> Option<Chart> {
    let priced: Vec<&MissedSum> = sums.iter().filter(|s| !s.money.is_zero() || !s.up_to.is_zero()).collect();
    if priced.is_empty() {
        return None;
    }
    let bars = |name: &str, accent: bool, value: fn(&MissedSum) -> Money| Series {
        name: name.to_owned(),
        values: priced.iter().map(|s| Some(value(s))).collect(),
        accent,
    };
    let name = |s: &&MissedSum| format!("{}: {}", s.kind.label(), s.direction.label());
    let said: Vec<String> = priced
        .iter()
        .map(|s| format!("{} {}, up to {} more", name(s), s.money.pretty_dollars(), s.up_to.pretty_dollars()))
        .collect();
    let mut series = vec![bars("Firm", true, |s| s.money)];
    if priced.iter().any(|s| !s.up_to.is_zero()) {
        series.push(bars("Up to", false, |s| s.up_to));
    }
    Some(Chart::Bars(BarChart {
        title,
        alt: format!("Bars of money by kind of missed charge: {}.", said.join("; ")),
        value_axis: "Dollars".to_owned(),
        groups: priced.iter().map(name).collect(),
        series,
    }))
}

/// The claims with the most money, one by one, and the rest in one row.
pub(super) fn claims(context: &Context<'_>) -> Option<Section> {
    let mut found: Vec<&Missed> = context.missed.found.iter().filter(|m| m.worth.amount().is_some()).collect();
    if found.is_empty() {
        return None;
    }
    // Firm money first; the order within equal amounts is that of the findings.
    let sure = |m: &Missed| matches!(m.worth, Worth::Firm(_));
    found.sort_by(|a, b| sure(b).cmp(&sure(a)).then_with(|| b.worth.amount().cmp(&a.worth.amount())));
    let (listed, rest) = found.split_at(found.len().min(LISTED));
    let cells = |m: &&Missed| {
        vec![
            Cell::from(m.claim.to_string()),
            Cell::Date(m.day),
            Cell::from((context.payer_name)(&m.payer)),
            Cell::from(m.kind.label()),
            Cell::from(m.direction.label()),
            Cell::from(codes(m)),
            Cell::from(instead(m)),
            Cell::from(m.worth.as_str()),
            m.worth.amount().into(),
        ]
    };
    let rows: Vec<Vec<Cell>> = listed.iter().map(cells).collect();
    let rest_of = |direction: Direction| -> Money {
        rest.iter().filter(|m| m.direction == direction && sure(m)).filter_map(|m| m.worth.amount()).sum()
    };
    let mut notes = vec![
        "The whole list: `allowable audit --format csv --out FILE`. Findings without an amount are only counted, above.".to_owned(),
    ];
    if !rest.is_empty() {
        notes.push(format!(
            "{} with less money are not listed: firm money under-billed {}, over-billed {}.",
            count(i64::try_from(rest.len()).unwrap_or(i64::MAX), "finding", "findings"),
            rest_of(Direction::Under).pretty(),
            rest_of(Direction::Over).pretty()
        ));
    }
    let text = |name: &str, header: &str| Column::new(name, header, ColumnKind::Text);
    Some(Section {
        id: "missed-claims".to_owned(),
        title: if rest.is_empty() {
            "Missed charges, claim by claim".to_owned()
        } else {
            format!("The {LISTED} missed charges with the most money")
        },
        lead: "Firm amounts first. Claim numbers are those of the practice.".to_owned(),
        kind: context.kind,
        chart: None,
        table: Table {
            columns: vec![
                text("claim_id", "Claim"),
                Column::new("service_date", "Day", ColumnKind::Date),
                text("payer", "Payer"),
                text("kind", "What"),
                text("direction", "Direction"),
                text("billed", "Billed"),
                text("instead", "The record may show"),
                text("sureness", "Amount is"),
                Column::new("money", "Money", ColumnKind::Money),
            ],
            rows,
            total: None,
        },
        notes,
    })
}

/// The codes that were billed, with units where units are the finding.
fn codes(missed: &Missed) -> String {
    let codes: Vec<String> = missed.billed.iter().map(ToString::to_string).collect();
    match missed.units {
        Some((billed, _)) => format!("{} × {billed}", codes.join(", ")),
        None => codes.join(", "),
    }
}

/// The codes or units that the record may show.
fn instead(missed: &Missed) -> String {
    match missed.units {
        Some((_, right)) => format!("× {right}"),
        None => missed.instead.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
