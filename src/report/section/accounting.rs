//! Where every row went: the four ends of DESIGN §6.1, in lines and in charges.

use crate::domain::{Link, Money};
use crate::report::model::{Cell, Column, ColumnKind, Section, Table};
use crate::report::words::{count, share};

use super::Context;

pub(super) fn section(context: &Context<'_>) -> Section {
    let totals = context.totals;
    let account = context.intake;
    let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let priced_lines = totals.firm.lines + totals.benchmark.lines + totals.not_payable.lines;
    let priced_charge = totals.firm.charge + totals.benchmark.charge + totals.not_payable.charge;
    let mut ends: Vec<(&str, &str, i64, Money)> = vec![
        ("Priced", "expected amount known, or known not to be payable", priced_lines, priced_charge),
        ("Unknown", "no rate is known; its own bar in the charts", totals.unknown.lines, totals.unknown.charge),
        (
            "Out of scope",
            "codes outside the 96372 family or outside the project's scope",
            context.scope.out_lines + signed(account.rows_out_of_scope),
            context.scope.out_charge + account.charge_out_of_scope,
        ),
        (
            "Quarantined",
            "rows that could not be read, see quarantine.csv; charges as far as they could be read",
            signed(account.rows_quarantined),
            account.charge_quarantined,
        ),
        (
            "Repeated",
            "rows that repeat another row, or add another answer to a line",
            signed(account.duplicate_rows + account.answer_rows),
            account.charge_duplicate_rows + account.charge_answer_rows,
        ),
        (
            "Sent again",
            "lines of claims sent more than once: again, corrected, to a further payer, or to take them back",
            signed(account.resent_rows),
            account.charge_resent,
        ),
        ("Totals", "rows of totals", signed(account.total_rows), account.charge_total_rows),
        (
            "Volumes",
            "aggregate rows, priced apart",
            signed(u64::try_from(context.volumes.len()).unwrap_or(u64::MAX)),
            context.volumes.iter().filter_map(|v| v.charge).sum(),
        ),
    ];
    ends.retain(|e| e.2 > 0 || matches!(e.0, "Priced" | "Unknown" | "Quarantined"));
    let lines: i64 = ends.iter().map(|e| e.2).sum();
    let charge: Money = ends.iter().map(|e| e.3).sum();
    let rows = ends
        .into_iter()
        .map(|(end, what, lines, money)| {
            vec![
                Cell::from(end),
                Cell::from(what),
                Cell::Count(lines),
                Cell::Money(money),
                money.percent_of(charge).into(),
            ]
        })
        .collect();
    Section {
        id: "accounting".to_owned(),
        title: format!(
            "{} of charges could be priced; {} were read",
            share(priced_charge, charge),
            count(lines, "row", "rows")
        ),
        lead: "Every row of the files with services ends in exactly one of these.".to_owned(),
        kind: context.kind,
        chart: None,
        table: Table {
            columns: vec![
                Column::new("end", "Ended as", ColumnKind::Text),
                Column::new("what", "Meaning", ColumnKind::Text),
                Column::new("rows", "Rows", ColumnKind::Count),
                Column::new("charge", "Charges", ColumnKind::Money),
                Column::new("percent", "% of charges", ColumnKind::Percent),
            ],
            rows,
            total: Some(vec![Cell::from("Read"), Cell::Empty, Cell::Count(lines), Cell::Money(charge), Cell::Empty]),
        },
        notes: notes(context),
    }
}

/// How answers and lines found each other, and which did not.
fn notes(context: &Context<'_>) -> Vec<String> {
    let mut notes = vec![match context.unlinked {
        (0, _) => "Every remittance names a billed line.".to_owned(),
        (n, paid) => format!(
            "{} with {} paid name no line billed in these files; they stand in no total of this report.",
            count(n, "remittance", "remittances"),
            paid.pretty()
        ),
    }];
    // Where every answer tells its line there is nothing to say.
    if context.links.iter().any(|(link, _)| *link != Link::LineNumber) {
        let ways: Vec<String> = context
            .links
            .iter()
            .map(|(link, n)| format!("{} by {}", count(*n, "answer", "answers"), link.label()))
            .collect();
        notes.push(format!(
            "Answers were joined to their lines by the firmest sign that fits: {}. The column \"link\" of priced_lines.parquet \
             tells it for each line.",
            ways.join("; ")
        ));
    }
    notes
}
