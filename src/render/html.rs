//! The report as one HTML page: headline, findings with chart and table, data problems, definitions, sources.
//!
//! The styles are in `report.css`. Every text of the report is escaped; nothing is loaded from anywhere.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::escape::escape;
use super::words::{cell, is_number};
use super::{Files, chart, font, paint};
use crate::finding::Result;
use crate::report::{Cell, Column, ColumnKind, DataKind, Report, Section, Stat, Table};

const STYLE: &str = include_str!("report.css");

/// A table with more columns than this is set smaller.
const WIDE: usize = 9;
/// A table with more columns than this is set as small as can be read.
const DENSE: usize = 10;
/// A table with more columns than this is printed across the page.
const ACROSS: usize = 13;

/// A table with more columns than this fits on no paper.
const WIDEST: usize = 16;

/// A cell with more characters than this is a sentence.
const SENTENCE: usize = 90;

/// The page.
pub(super) fn page(report: &Report, files: &Files) -> Result<String> {
    let mut out = String::with_capacity(1 << 18);
    head(&mut out, report, files);
    out.push_str("<main>\n");
    headline(&mut out, &report.headline);
    if files.notes_below {
        notes(&mut out, &report.notes);
    }
    contents(&mut out, report);
    for section in &report.sections {
        self::section(&mut out, section, files)?;
    }
    if !files.brief || !report.findings.is_empty() {
        findings(&mut out, report, files);
    }
    definitions(&mut out, report);
    sources(&mut out, report, files);
    out.push_str("</main>\n");
    let _ = writeln!(
        out,
        "<footer>The same figures are in {}, summary.csv, tables/ and {} beside this page; the charts are in charts/. \
         Made by allowable {}. {} {}. Code numbers only; CPT descriptors belong to the American Medical Association.\
         </footer>\n</body>\n</html>",
        files.book,
        files.data,
        escape(&report.version),
        files.as_of,
        report.as_of.format("%Y-%m-%d"),
    );
    Ok(out)
}

fn head(out: &mut String, report: &Report, files: &Files) {
    let title = escape(&report.title);
    let period = escape(&report.period);
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}: {period}</title>\n<style>\n"
    );
    for (weight, bytes) in [(400, font::REGULAR_WOFF2), (600, font::BOLD_WOFF2)] {
        let _ = writeln!(
            out,
            "@font-face{{font-family:Inter;font-weight:{weight};src:url(data:font/woff2;base64,{}) format(\"woff2\")}}",
            base64(bytes)
        );
    }
    let _ = write!(
        out,
        "{STYLE}</style>\n</head>\n<body{}>\n<header>\n<p class=\"kicker\">{title} · {period} {}</p>\n<h1>{}</h1>\n",
        if files.brief { " class=\"brief\"" } else { "" },
        badge(report.kind),
        escape(&report.finding)
    );
    if !files.notes_below {
        notes(out, &report.notes);
    }
    out.push_str("</header>\n");
}

fn badge(kind: DataKind) -> String {
    format!("<span class=\"badge {}\">{}</span>", super::csv_files::kind_word(kind), kind.label())
}

fn notes(out: &mut String, notes: &[String]) {
    if notes.is_empty() {
        return;
    }
    out.push_str("<ul class=\"notes\">\n");
    for note in notes {
        let _ = writeln!(out, "<li>{}</li>", escape(note));
    }
    out.push_str("</ul>\n");
}

fn headline(out: &mut String, stats: &[Stat]) {
    if stats.is_empty() {
        return;
    }
    out.push_str("<section aria-label=\"Headline\"><dl class=\"cards\">\n");
    for stat in stats {
        let class = if stat.accent { "card accent" } else { "card" };
        let _ = writeln!(
            out,
            "<div class=\"{class}\"><dt>{}</dt><dd class=\"value\">{}</dd><dd class=\"basis\">{}</dd></div>",
            escape(&stat.label),
            escape(&stat.value),
            escape(&stat.basis)
        );
    }
    out.push_str("</dl></section>\n");
}

fn contents(out: &mut String, report: &Report) {
    if report.sections.len() < 3 {
        return;
    }
    out.push_str("<nav aria-label=\"Contents\"><h2>What this report says</h2>\n<ol>\n");
    for section in &report.sections {
        let _ = writeln!(out, "<li><a href=\"#{}\">{}</a></li>", escape(&section.id), escape(&section.title));
    }
    out.push_str("</ol></nav>\n");
}

fn section(out: &mut String, section: &Section, files: &Files) -> Result<()> {
    let id = escape(&section.id);
    // On a brief paper the picture stands for its long table.
    let long = files.brief && section.chart.is_some() && section.table.rows.len() > files.printed;
    let class = if long { " class=\"pictured\"" } else { "" };
    let folded = files.folded.iter().any(|start| section.id.starts_with(start));
    let _ = writeln!(out, "<section id=\"{id}\"{class}>");
    let title = escape(&section.title);
    let _ = if folded {
        writeln!(out, "<details><summary><h2>{title}</h2></summary>")
    } else {
        writeln!(out, "<h2>{title}</h2>")
    };
    let _ = writeln!(out, "<p class=\"lead\">{} {}</p>", escape(&section.lead), badge(section.kind));
    if let Some(picture) = &section.chart {
        let (title, alt) = chart::words(picture);
        let svg = paint::inline_svg(&chart::draw(picture, section.kind, false), alt)?;
        let caption = if title == section.title { "" } else { title };
        out.push_str("<figure>\n");
        if !caption.is_empty() {
            let _ = writeln!(out, "<figcaption>{}</figcaption>", escape(caption));
        }
        let _ = writeln!(out, "<div class=\"scroll\">{svg}</div>\n</figure>");
    }
    // Before the table: a long table would hide what the reader must know, and on paper push it to a page of its own.
    notes(out, &section.notes);
    table(out, &upright(&section.table), &section.title, &format!("tables/{}.csv", section.id), files);
    out.push_str(if folded { "</details>\n</section>\n" } else { "</section>\n" });
    Ok(())
}

/// A table of one measure that is wider than paper and wider than high is turned, as its heat map is: names that stand as
/// headers become the names of rows. The other files keep it as it is.
fn upright(table: &Table) -> Cow<'_, Table> {
    let [name, measures @ ..] = table.columns.as_slice() else { return Cow::Borrowed(table) };
    let alike = measures.iter().all(|m| m.kind == measures[0].kind && is_number(m.kind));
    if table.columns.len() <= WIDEST || table.rows.len() + 1 >= table.columns.len() || !alike || is_number(name.kind) {
        return Cow::Borrowed(table);
    }
    let lines: Vec<_> = table.rows.iter().chain(&table.total).collect();
    let corner = Column::new(&name.name, "", ColumnKind::Text);
    let heads = lines.iter().map(|l| Column::new("", &cell(&l[0], name.kind), measures[0].kind));
    let turned = measures.iter().enumerate().map(|(i, measure)| {
        std::iter::once(Cell::from(measure.header.as_str())).chain(lines.iter().map(|l| l[i + 1].clone())).collect()
    });
    let mut rows: Vec<Vec<Cell>> = turned.collect();
    let totals = lines.iter().all(|l| is_sum(&l[1..]));
    let total = if totals { rows.pop() } else { None };
    Cow::Owned(Table { columns: std::iter::once(corner).chain(heads).collect(), rows, total })
}

/// Whether the last amount is the sum of those before it: a column of totals.
fn is_sum(cells: &[Cell]) -> bool {
    let amount = |cell: &Cell| match cell {
        Cell::Money(money) => Some(*money),
        _ => None,
    };
    let [parts @ .., whole] = cells else { return false };
    amount(whole) == Some(parts.iter().filter_map(amount).sum())
}

/// A table; `place` names the file that holds all of it.
fn table(out: &mut String, table: &Table, name: &str, place: &str, files: &Files) {
    if table.columns.is_empty() {
        return;
    }
    if table.rows.is_empty() {
        out.push_str("<p class=\"none\">No rows.</p>\n");
        return;
    }
    if files.whole && table.rows.len() > files.rows {
        let (rows, place) = (table.rows.len(), escape(place));
        let book = files.book;
        let sheet =
            if place == book { String::new() } else { format!(", and a sheet of <a href=\"{book}\">{book}</a>") };
        let _ = writeln!(out, "<p class=\"none\">A table of {rows} rows: <a href=\"{place}\">{place}</a>{sheet}.</p>");
        return;
    }
    let _ = writeln!(
        out,
        "<div class=\"scroll{}\" tabindex=\"0\" role=\"region\" aria-label=\"Table: {}\"><table>\n<thead><tr>",
        match table.columns.len() {
            0..=WIDE => "",
            // On a brief paper no table has a page of its own.
            n if files.brief && n > DENSE => " wide dense",
            n if n <= ACROSS || files.brief => " wide",
            _ => " wide across",
        },
        escape(name)
    );
    for column in &table.columns {
        let class = if is_number(column.kind) { " class=\"num\"" } else { "" };
        let _ = write!(out, "<th scope=\"col\"{class}>{}</th>", escape(&column.header));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in table.rows.iter().take(files.rows) {
        line(out, table, row);
    }
    out.push_str("</tbody>\n");
    if let Some(total) = &table.total {
        out.push_str("<tfoot>\n");
        line(out, table, total);
        out.push_str("</tfoot>\n");
    }
    out.push_str("</table></div>\n");
    if table.rows.len() > files.rows {
        let more = table.rows.len() - files.rows;
        let rows = if more == 1 { "row" } else { "rows" };
        let _ = writeln!(out, "<p class=\"none\">{more} more {rows} in {}.</p>", escape(place));
    }
}

fn line(out: &mut String, table: &Table, cells: &[Cell]) {
    out.push_str("<tr>");
    for (i, (column, value)) in table.columns.iter().zip(cells).enumerate() {
        let text = words(&cell(value, column.kind));
        let _ = match (i, is_number(column.kind)) {
            (0, false) => write!(out, "<th scope=\"row\">{text}</th>"),
            (_, true) => write!(out, "<td class=\"num\">{text}</td>"),
            _ if matches!(value, Cell::Date(_)) => write!(out, "<td class=\"day\">{text}</td>"),
            // A sentence gets room of its own, or a table of many columns would squeeze it to a word a line.
            _ if text.len() > SENTENCE => write!(out, "<td class=\"long\">{text}</td>"),
            _ => write!(out, "<td>{text}</td>"),
        };
    }
    out.push_str("</tr>\n");
}

/// The text of a cell; of a hash its beginning, with the whole of it at hand (and in the other files).
fn words(text: &str) -> String {
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return format!("<code title=\"{text}\">{}…</code>", &text[..12]);
    }
    escape(text)
}

fn findings(out: &mut String, report: &Report, files: &Files) {
    out.push_str("<section id=\"data-findings\">\n<h2>What is wrong with the data</h2>\n");
    if report.findings.is_empty() {
        out.push_str("<p class=\"lead\">Nothing was found.</p>\n");
    } else {
        out.push_str(
            "<p class=\"lead\">What was left out, assumed or contradictory, with its first place and what to do. \
             Errors first.</p>\n",
        );
        table(out, &super::findings_table(report), "What is wrong with the data", "findings.csv", files);
    }
    out.push_str("</section>\n");
}

fn definitions(out: &mut String, report: &Report) {
    if report.definitions.is_empty() {
        return;
    }
    out.push_str("<section id=\"definitions\">\n<h2>Words used</h2>\n<dl class=\"words\">\n");
    for word in &report.definitions {
        let _ = writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", escape(&word.term), escape(&word.meaning));
    }
    out.push_str("</dl>\n</section>\n");
}

fn sources(out: &mut String, report: &Report, files: &Files) {
    if report.sources.columns.is_empty() {
        return;
    }
    out.push_str("<section id=\"sources\">\n<h2>Sources</h2>\n");
    table(out, &report.sources, "Sources", files.book, files);
    out.push_str("</section>\n");
}

/// Bytes as base64 (RFC 4648), for the embedded typeface.
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let padded = [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let word = u32::from_be_bytes([0, padded[0], padded[1], padded[2]]);
        for i in 0..4 {
            let sign = SIGNS[(word >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= chunk.len() { char::from(sign) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (text, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(super::base64(text.as_bytes()), coded);
        }
    }
}
