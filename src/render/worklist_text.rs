//! The worklist on one screen: what is short, what to work first, where the line is.

use std::fmt::Write as _;

use comfy_table::Row;

use super::terminal::{aligned, clean, fill, grid, shorten};
use super::words::cell;
use super::worklist::{WorklistBy, table};
use super::worklist_tables::{self as tables, column, verdict_of};
use crate::domain::Money;
use crate::report::{DataKind, Table};
use crate::worklist::{Work, Worklist};

/// Rows of the ranking.
const ROWS: usize = 12;

/// The summary, at most `width` columns wide; `colour` allows bold and colour.
#[must_use]
pub fn text(worklist: &Worklist, by: WorklistBy, colour: bool, width: u16) -> String {
    let width = width.clamp(60, 140);
    let paint = |code: &str, text: &str| if colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() };
    let mut out = String::new();
    let mut para = |out: &mut String, code: &str, text: &str| {
        for line in fill(&clean(text), usize::from(width)) {
            let _ = writeln!(out, "{}", paint(code, &line));
        }
    };
    let mut kicker = format!("{} · worklist as of {}", worklist.title, worklist.as_of);
    if worklist.synthetic {
        let _ = write!(kicker, " · {}", DataKind::Synthetic.label());
    }
    para(&mut out, "2", &kicker);
    para(&mut out, "1", &finding(worklist));
    out.push('\n');
    list(&mut out, &tables::standing(worklist), usize::MAX, None, width);
    out.push('\n');
    para(&mut out, "1", &tables::cut(worklist, by));
    let (columns, names): (_, &[&str]) = match by {
        WorklistBy::Batch => (
            tables::BATCHES,
            &["rank", "payer", "cause", "lines_to_work", "expected_recovery", "cost", "net_recovery", "break_even_lines", "act_by"],
        ),
        WorklistBy::Claim => (
            tables::CLAIMS,
            &["rank", "claim_id", "payer", "lines_to_work", "expected_recovery", "cost", "net_recovery", "verdict", "act_by"],
        ),
        WorklistBy::Line => (
            tables::LINES,
            &["rank", "claim_id", "line_number", "payer", "cause", "expected_recovery", "net_alone", "verdict", "act_by"],
        ),
    };
    let shown: Vec<usize> = names.iter().filter_map(|n| column(columns, n)).map(usize::from).collect();
    let (open, above) = match by {
        WorklistBy::Batch => (worklist.batches.iter().filter(|b| b.work.is_some()).count(), worklist.batches_above()),
        WorklistBy::Claim => (worklist.claims.iter().filter(|c| c.work.is_some()).count(), worklist.claims_above()),
        WorklistBy::Line => (worklist.items.iter().filter(|i| i.stage.is_workable()).count(), worklist.lines_above()),
    };
    if open > 0 {
        let full = table(worklist, by);
        let pick = |row: &Vec<crate::report::Cell>| shown.iter().map(|i| row[*i].clone()).collect();
        let open_rows = full.rows.iter().take(open).map(pick).collect();
        let columns = shown.iter().map(|i| full.columns[*i].clone()).collect();
        list(&mut out, &Table { columns, rows: open_rows, total: None }, ROWS, Some(above), width);
    }
    if let Some(best) = best(worklist) {
        out.push('\n');
        para(&mut out, "", &best);
    }
    for assumption in &worklist.assumptions {
        para(&mut out, "2", &format!("Assumed: {assumption}"));
    }
    out
}

/// `$4,000 of $49,731 denied and underpaid can be won …`.
fn finding(worklist: &Worklist) -> String {
    let all = worklist.report_denied + worklist.report_underpaid;
    let paying = || worklist.batches.iter().filter_map(|b| b.work.as_ref()).filter(|w| w.pays());
    let (recovery, cost): (Money, Money) = (paying().map(|w| w.recovery).sum(), paying().map(|w| w.cost).sum());
    let lines: usize = paying().map(|w| w.lines.len()).sum();
    format!(
        "Of {} denied and underpaid, working {lines} lines in {} batches is expected to bring {} for {}: {} net",
        all.pretty_dollars(),
        paying().count(),
        recovery.pretty_dollars(),
        cost.pretty_dollars(),
        (recovery - cost).pretty_dollars()
    )
}

/// What the first batch asks for, in a sentence.
fn best(worklist: &Worklist) -> Option<String> {
    let batch = worklist.batches.first()?;
    let work: &Work = batch.work.as_ref()?;
    let (verdict, _) = verdict_of(Some(work), String::new);
    Some(format!("First: {}, {}, {} ({verdict}). {}.", batch.payer_name, batch.cause.label(), batch.action, batch.fix))
}

fn list(out: &mut String, table: &Table, rows: usize, above: Option<usize>, width: u16) {
    let mut grid = grid(width);
    grid.set_header(Row::from(table.columns.iter().map(|c| aligned(clean(&c.header), c.kind)).collect::<Vec<_>>()));
    let cells = |row: &Vec<crate::report::Cell>| {
        let cells = row.iter().zip(&table.columns);
        Row::from(cells.map(|(v, c)| aligned(shorten(&clean(&cell(v, c.kind)), 36), c.kind)).collect::<Vec<_>>())
    };
    for (i, row) in table.rows.iter().take(rows).enumerate() {
        if above == Some(i) {
            let mut cut: Vec<_> = table.columns.iter().map(|c| aligned("┄┄".to_owned(), c.kind)).collect();
            if let (Some(cell), Some(column)) = (cut.get_mut(1), table.columns.get(1)) {
                *cell = aligned("below: loses money".to_owned(), column.kind);
            }
            grid.add_row(Row::from(cut));
        }
        grid.add_row(cells(row));
    }
    if let Some(total) = &table.total {
        grid.add_row(cells(total));
    }
    let _ = writeln!(out, "{}", grid.trim_fmt());
    let hidden = table.rows.len().saturating_sub(rows);
    if hidden > 0 {
        let _ = writeln!(out, "  {hidden} more; all of them with --out FILE.xlsx");
    }
}
