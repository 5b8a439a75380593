//! The report in one screen of a terminal: the finding, the headline, the first tables cut short.
//!
//! Returns text; only `cli` prints.

use std::fmt::Write as _;

use comfy_table::{Cell as Box_, CellAlignment, ContentArrangement, Row, Table as Grid, presets};

use super::csv_files::label_columns;
use super::words::{cell, is_number};
use crate::report::{Column, ColumnKind, DataKind, Report, Section, Table};

/// Tables shown.
const TABLES: usize = 2;
/// Rows of each.
const ROWS: usize = 12;
/// So few rows more are shown rather than told of.
const SPARE: usize = 2;
/// Columns of each.
const COLUMNS: usize = 6;

/// The summary, at most `width` columns wide; `colour` allows bold and colour (the caller knows `NO_COLOR` and the terminal).
#[must_use]
pub fn terminal(report: &Report, colour: bool, width: u16) -> String {
    terminal_of(report, TABLES, colour, width)
}

/// As [`terminal`], with the tables of so many sections.
#[must_use]
pub fn terminal_of(report: &Report, tables: usize, colour: bool, width: u16) -> String {
    let width = width.clamp(40, 120);
    let paint =
        |code: &str, text: &str| if colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() };
    let mut out = String::new();
    let mut kicker = format!("{} · {}", report.title, report.period);
    if report.kind == DataKind::Synthetic {
        let _ = write!(kicker, " · {}", report.kind.label());
    }
    for line in fill(&clean(&kicker), usize::from(width)) {
        let _ = writeln!(out, "{}", paint("2", &line));
    }
    for line in fill(&clean(&report.finding), usize::from(width)) {
        let _ = writeln!(out, "{}", paint("1", &line));
    }
    if !report.headline.is_empty() {
        out.push('\n');
        headline(&mut out, report, width, &paint);
    }
    for section in report.sections.iter().filter(|s| !s.table.rows.is_empty()).take(tables) {
        out.push('\n');
        // The first section often says the finding itself, which stands above already.
        let title = if section.title == report.finding { String::new() } else { clean(&section.title) };
        for line in fill(&title, usize::from(width)) {
            let _ = writeln!(out, "{}", paint("1", &line));
        }
        table(&mut out, section, width);
    }
    if !report.findings.is_empty() {
        let count = |word| report.findings.iter().filter(|f| f.severity.as_str() == word).count();
        let part = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
        let parts = ["error", "warning", "note"].map(|w| part(count(w), w)).join(", ");
        let _ = writeln!(out, "\nThe data: {parts} (findings.csv)");
    }
    out
}

pub(super) fn grid(width: u16) -> Grid {
    let mut grid = Grid::new();
    grid.load_preset(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    grid.remove_style(comfy_table::TableComponent::HorizontalLines);
    grid.remove_style(comfy_table::TableComponent::MiddleIntersections);
    grid.remove_style(comfy_table::TableComponent::LeftBorderIntersections);
    grid.remove_style(comfy_table::TableComponent::RightBorderIntersections);
    grid
}

fn headline(out: &mut String, report: &Report, width: u16, paint: &dyn Fn(&str, &str) -> String) {
    let label = report.headline.iter().map(|s| clean(&s.label).chars().count()).max().unwrap_or(0);
    let value = report.headline.iter().map(|s| clean(&s.value).chars().count()).max().unwrap_or(0);
    let room = usize::from(width).saturating_sub(label + value + 6).max(20);
    for stat in &report.headline {
        let basis = fill(&clean(&stat.basis), room);
        let shown = format!("{:>value$}", clean(&stat.value));
        let shown = if stat.accent { paint("1;31", &shown) } else { paint("1", &shown) };
        for (i, line) in basis.iter().enumerate() {
            let _ = if i == 0 {
                writeln!(out, "  {:label$}  {shown}  {}", clean(&stat.label), paint("2", line))
            } else {
                writeln!(out, "  {:label$}  {:value$}  {}", "", "", paint("2", line))
            };
        }
        if basis.is_empty() {
            let _ = writeln!(out, "  {:label$}  {shown}", clean(&stat.label));
        }
    }
}

fn table(out: &mut String, section: &Section, width: u16) {
    let Table { columns, rows, total } = &section.table;
    let mut grid = grid(width);
    let shown = pick(columns);
    grid.set_header(Row::from(
        shown.iter().map(|i| aligned(clean(&columns[*i].header), columns[*i].kind)).collect::<Vec<_>>(),
    ));
    let room = if rows.len() <= ROWS + SPARE { rows.len() } else { ROWS };
    for row in rows.iter().take(room).chain(total) {
        let cells = shown.iter().map(|i| {
            let kind = columns[*i].kind;
            aligned(shorten(&clean(&cell(&row[*i], kind)), 40), kind)
        });
        grid.add_row(Row::from(cells.collect::<Vec<_>>()));
    }
    let _ = writeln!(out, "{}", grid.trim_fmt());
    let hidden = rows.len() - room;
    if hidden > 0 {
        let rows = if hidden == 1 { "row" } else { "rows" };
        let _ = writeln!(out, "  {hidden} more {rows} in tables/{}.csv", section.id);
    }
}

/// A cell of a grid, figures to the right.
pub(super) fn aligned(text: String, kind: ColumnKind) -> Box_ {
    Box_::new(text).set_alignment(if is_number(kind) { CellAlignment::Right } else { CellAlignment::Left })
}

/// The columns that fit: the name of the row, then what the report is about.
fn pick(columns: &[Column]) -> Vec<usize> {
    const FIRST: [&str; 7] = ["expected", "paid", "denied", "net", "underpaid", "leakage", "lines"];
    if columns.len() <= COLUMNS {
        return (0..columns.len()).collect();
    }
    // All words that name a row, or two rows would look alike.
    let labels = label_columns(columns);
    let rank = |i: &usize| match *i {
        i if i < labels => 0,
        i => 1 + FIRST.iter().position(|f| columns[i].name.starts_with(f)).unwrap_or(FIRST.len()),
    };
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(rank);
    order.truncate(COLUMNS);
    // A low without its high says less than neither.
    let all = order.clone();
    let partner = |name: &str| {
        let other = name.strip_suffix("_low").map(|n| format!("{n}_high"));
        other.or_else(|| name.strip_suffix("_high").map(|n| format!("{n}_low")))
    };
    order.retain(|i| {
        partner(&columns[*i].name).is_none_or(|other| {
            let at = columns.iter().position(|column| column.name == other);
            at.is_none_or(|at| all.contains(&at))
        })
    });
    order.sort_unstable();
    order
}

/// The text without signs that could steer the terminal.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

pub(super) fn shorten(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let kept: String = text.chars().take(room - 1).collect();
    format!("{}…", kept.trim_end())
}

/// The text in lines of at most `room` characters, broken at words.
pub(super) fn fill(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
