//! The worklist on one screen: what is short, what to work first, where the line is.

use std::fmt::Write as _;

use comfy_table::{ColumnConstraint, Row};

use super::terminal::{aligned, clean, fill, grid, shorten};
use super::words::cell;
use super::worklist::table;
use super::worklist_tables::{self as tables, column};
use crate::report::{Cell, Column, ColumnKind, DataKind, Table};
use crate::worklist::{By, Work, Worklist};

/// Rows of the ranking.
const FIRST: usize = 8;
/// Rows on either side of the cut.
const AROUND: usize = 2;

const AMOUNTS: [(&str, &str); 2] = [("expected_recovery", "Recovery"), ("net_recovery", "Net")];
const BATCH: &str = "Payer and cause";
const ACT_BY: (&str, &str) = ("act_by", "Act by");

/// The summary, at most `width` columns wide; `colour` allows bold and colour.
#[must_use]
pub fn text(worklist: &Worklist, by: By, colour: bool, width: u16) -> String {
    let width = width.clamp(60, 140);
    let paint =
        |code: &str, text: &str| if colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() };
    let mut out = String::new();
    let para = |out: &mut String, code: &str, text: &str| {
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
    list(&mut out, &tables::standing(worklist), width);
    out.push('\n');
    para(&mut out, "1", &worklist.cut(by));
    let (columns, names): (_, &[(&str, &str)]) = match by {
        By::Batch => (
            tables::BATCHES,
            &[
                ("rank", "Rank"),
                ("payer", BATCH),
                ("lines_to_work", "Lines"),
                AMOUNTS[0],
                ("cost", "Cost"),
                AMOUNTS[1],
                ("break_even_lines", "Needs"),
                ACT_BY,
            ],
        ),
        By::Claim => (
            tables::CLAIMS,
            &[
                ("rank", "Rank"),
                ("claim_id", "Claim"),
                ("payer", "Payer"),
                ("lines_to_work", "Lines"),
                AMOUNTS[0],
                ("cost", "Cost"),
                AMOUNTS[1],
                ACT_BY,
            ],
        ),
        By::Line => (
            tables::LINES,
            &[
                ("rank", "Rank"),
                ("claim_id", "Claim"),
                ("line_number", "Line"),
                ("payer", "Payer"),
                ("cause", "Cause"),
                AMOUNTS[0],
                ("net_alone", "Net alone"),
                ACT_BY,
            ],
        ),
    };
    let (open, above) = (worklist.open(by), worklist.above(by));
    if open > 0 {
        let full = table(worklist, by);
        let shown: Vec<(usize, &str)> =
            names.iter().filter_map(|(name, header)| Some((usize::from(column(columns, name)?), *header))).collect();
        let columns = shown.iter().map(|(i, header)| Column::new("", header, full.columns[*i].kind)).collect();
        let pick = |(n, row): (usize, &Vec<Cell>)| {
            let cell = |(i, header): &(usize, &str)| match worklist.batches.get(n) {
                // Payer and cause in one column leave room for both.
                Some(batch) if *header == BATCH => {
                    Cell::from(format!("{}: {}", batch.payer_name, batch.cause.label().to_lowercase()))
                }
                _ => row[*i].clone(),
            };
            shown.iter().map(cell).collect()
        };
        let rows = full.rows.iter().take(open).enumerate().map(pick).collect();
        ranking(&mut out, &Table { columns, rows, total: None }, above, width);
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
    let (lines, recovery, cost) = worklist.worth_working();
    format!(
        "Of {} denied and underpaid, working {lines} lines in {} batches is expected to bring {} for {}: {} net",
        all.pretty_dollars(),
        worklist.above(By::Batch),
        recovery.pretty_dollars(),
        cost.pretty_dollars(),
        (recovery - cost).pretty_dollars()
    )
}

/// What the first batch asks for, in a sentence.
fn best(worklist: &Worklist) -> Option<String> {
    let batch = worklist.batches.first()?;
    let work: &Work = batch.work.as_ref()?;
    let lines = if work.lines.len() == 1 { "line" } else { "lines" };
    Some(format!(
        "Begin with {} {lines} of {}, {}, until {}: {}; {}.",
        work.lines.len(),
        batch.payer_name,
        batch.cause.label().to_lowercase(),
        work.act_by,
        batch.action,
        batch.fix
    ))
}

/// A small table, totals last.
fn list(out: &mut String, table: &Table, width: u16) {
    let mut grid = begin(table, width);
    for row in table.rows.iter().chain(&table.total) {
        grid.add_row(cells(table, row));
    }
    let _ = writeln!(out, "{}", grid.trim_fmt());
}

/// The first rows, and those on both sides of the cut.
fn ranking(out: &mut String, table: &Table, above: usize, width: u16) {
    let mut grid = begin(table, width);
    let rows = table.rows.len();
    let shown = |i: usize| i < FIRST || i + AROUND >= above && i < above + AROUND;
    let between = |text: &str| {
        let words = |i: usize| if i == 1 { text.to_owned() } else { "·".to_owned() };
        Row::from(table.columns.iter().enumerate().map(|(i, c)| aligned(words(i), c.kind)).collect::<Vec<_>>())
    };
    let mut skipped = false;
    for (i, row) in table.rows.iter().enumerate() {
        if i == above {
            grid.add_row(between("below: a loss"));
            skipped = false;
        }
        if shown(i) {
            grid.add_row(cells(table, row));
            skipped = false;
        } else if !skipped && i < above {
            grid.add_row(between("…"));
            skipped = true;
        }
    }
    let _ = writeln!(out, "{}", grid.trim_fmt());
    let hidden = rows - (0..rows).filter(|i| shown(*i)).count();
    if hidden > 0 {
        let _ = writeln!(out, "  {hidden} more; all of them with --out FILE.xlsx");
    }
}

fn begin(table: &Table, width: u16) -> comfy_table::Table {
    let mut grid = grid(width);
    grid.set_header(Row::from(table.columns.iter().map(|c| aligned(clean(&c.header), c.kind)).collect::<Vec<_>>()));
    for (column, of) in grid.column_iter_mut().zip(&table.columns) {
        // Figures and days are never broken; words give way.
        if of.kind != ColumnKind::Text {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    grid
}

fn cells(table: &Table, row: &[Cell]) -> Row {
    let cells = row.iter().zip(&table.columns);
    Row::from(cells.map(|(v, c)| aligned(shorten(&clean(&cell(v, c.kind)), 36), c.kind)).collect::<Vec<_>>())
}
