//! The facts for reading: statements with their verdicts, tables, and where each subject stands. Returns text.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::domain::Money;
use crate::facts::{Compared, Service, Share, Split, Topic, Verdict, Where, YearRates};

use super::{Facts, Judged};

/// Columns of the text.
const WIDTH: u16 = 100;

/// All parts for reading, at most [`WIDTH`] columns wide.
pub(super) fn text(facts: &Facts<'_>) -> String {
    let mut out = String::new();
    if let Some(claims) = &facts.claims {
        statements(&mut out, facts, claims);
    }
    if let Some(rows) = &facts.comparison {
        comparison(&mut out, facts, rows);
    }
    if let Some(years) = &facts.medicare_by_year {
        by_year(&mut out, years);
    }
    if let (Some(lines), Some(rows)) = (&facts.lines_of_the_day, &facts.patient) {
        patient(&mut out, facts, lines, rows);
    }
    if let Some(topics) = &facts.topics {
        places(&mut out, topics);
    }
    out
}

/// An empty line between the parts.
fn heading(out: &mut String, text: &str) {
    if !out.is_empty() {
        out.push('\n');
    }
    for line in fill(text, usize::from(WIDTH)) {
        let _ = writeln!(out, "{line}");
    }
}

fn statements(out: &mut String, facts: &Facts<'_>, claims: &[Judged<'_>]) {
    heading(out, &format!("Statements in circulation on 96372, beside the figures of {}", facts.year));
    let words = |(verdict, count): &(Verdict, usize)| format!("{verdict} {count}");
    let counts = facts.verdicts.iter().flatten().map(words).collect::<Vec<_>>().join(", ");
    let _ = writeln!(out, "{} statements: {counts}", claims.len());
    let mut topic = "";
    for claim in claims {
        if claim.topic != topic {
            topic = claim.topic;
            let _ = writeln!(out, "\n{topic}");
        }
        let verdict = claim.answer.verdict.as_str();
        labelled(out, 2, 18, verdict, claim.statement);
        let right = if claim.answer.verdict == Verdict::Agrees { "note" } else { "right" };
        let sources = claim.answer.sources.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
        let more = claim.answer.sources.len().saturating_sub(3);
        let sources = if more > 0 { format!("{sources} and {more} more") } else { sources };
        let sources =
            if sources.is_empty() { String::new() } else { format!("{} ({sources})", claim.answer.ground.as_str()) };
        for (label, text) in [("found", &claim.answer.found), (right, &claim.answer.right), ("figures", &sources)] {
            if !text.is_empty() {
                labelled(out, 4, 16, label, text);
            }
        }
    }
}

/// A label and its text, wrapped beside it.
fn labelled(out: &mut String, indent: usize, label_width: usize, label: &str, text: &str) {
    let room = usize::from(WIDTH).saturating_sub(indent + label_width + 2);
    for (i, line) in fill(text, room).iter().enumerate() {
        let label = if i == 0 { label } else { "" };
        let _ = writeln!(out, "{:indent$}{label:label_width$}  {line}", "");
    }
}

/// A table without lines, at most [`WIDTH`] columns wide; the columns of these numbers are right-aligned.
fn grid(header: &[&str], numbers: std::ops::Range<usize>, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(header);
    for row in rows {
        table.add_row(row.into_iter().map(|cell| cell.replace(char::is_control, " ")));
    }
    for column in numbers {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn amount(money: Option<Money>) -> String {
    money.map_or_else(|| "–".to_owned(), |money| money.pretty())
}

fn comparison(out: &mut String, facts: &Facts<'_>, rows: &[Compared]) {
    heading(out, &format!("The injection codes by payer type on {}: what one is allowed, from real rates", facts.date));
    let cells = |row: &Compared| {
        let payer =
            if row.name.is_empty() { row.payer_type.clone() } else { format!("{}: {}", row.payer_type, row.name) };
        let figures = format!("{}; {}", row.ground.as_str(), row.what);
        vec![row.code.clone(), payer, amount(row.low), amount(row.middle), amount(row.high), figures]
    };
    out.push_str(&grid(&["code", "payer", "low", "middle", "high", "figures are"], 2..5, rows.iter().map(cells)));
}

fn by_year(out: &mut String, years: &[YearRates]) {
    heading(out, "Medicare by year: before local indices (lowest to highest locality), on the last day of the year");
    let mut codes: Vec<&str> = years.iter().map(|row| row.code.as_str()).collect();
    codes.dedup();
    let mut all: Vec<i32> = years.iter().map(|row| row.year).collect();
    all.sort_unstable();
    all.dedup();
    let header: Vec<&str> = std::iter::once("year").chain(codes.iter().copied()).collect();
    let rows = all.iter().map(|year| {
        let of = |code: &&str| {
            let row = years.iter().find(|row| row.year == *year && row.code == **code);
            row.map_or_else(|| "–".to_owned(), |row| format!("{} ({}–{})", row.national, row.low, row.high))
        };
        std::iter::once(year.to_string()).chain(codes.iter().map(of)).collect()
    });
    out.push_str(&grid(&header, 1..codes.len() + 1, rows));
    for row in years.iter().filter(|row| !row.note.is_empty()) {
        let _ = writeln!(out, "  {} {}: {}", row.code, row.year, row.note);
    }
}

fn patient(out: &mut String, facts: &Facts<'_>, lines: &[Service], rows: &[Share]) {
    heading(out, &format!("What the patient owes on {}, in {}", facts.date, facts.place));
    for line in lines {
        let said = match line.allowed {
            Some(allowed) => format!("{} allowed under Medicare ({})", allowed.pretty(), line.basis),
            None => format!("not known: {}", line.basis),
        };
        labelled(out, 2, 6, &line.code, &said);
    }
    let _ =
        writeln!(out, "  Injection, drug and visit are separate lines: that is why a patient sees several amounts.\n");
    let cells = |(i, row): (usize, &Share)| {
        let of = |pick: fn(&Split) -> Money| amount(row.injection.as_ref().map(pick));
        let amounts = [of(|s| s.allowed), of(|s| s.patient), of(|s| s.paid), of(|s| s.cut), of(|s| s.other)];
        let names = [(i + 1).to_string(), row.payer.clone(), row.situation.clone()];
        let day = amount(row.day.map(|split| split.patient));
        names.into_iter().chain(amounts).chain([day]).collect()
    };
    let header = ["", "payer", "situation", "allowed", "patient", "payer pays", "cut", "others", "whole day"];
    out.push_str(&grid(&header, 3..9, rows.iter().enumerate().map(cells)));
    let _ = writeln!(out, "  cut: sequestration; whole day: what the patient owes with drug and visit");
    for (i, row) in rows.iter().enumerate() {
        labelled(out, 2, 2, &(i + 1).to_string(), &row.how);
    }
}

fn places(out: &mut String, topics: &[Topic]) {
    heading(out, "Where each subject of a billing guide stands in this program");
    let mut last = "";
    for topic in topics {
        let label = if topic.topic == last { "" } else { topic.topic.as_str() };
        last = &topic.topic;
        let place = match &topic.place {
            Where::Command(line) => format!("`{line}`"),
            Where::Section(name) => format!("section {name} of `allowable report`"),
        };
        labelled(out, 2, 16, label, &topic.subject);
        labelled(out, 2, 16, "", &format!("→ {place}"));
    }
}

/// The text in lines of at most `room` characters, broken at words; signs that could steer the terminal are blanks.
fn fill(text: &str, room: usize) -> Vec<String> {
    let clean = text.replace(char::is_control, " ");
    let mut lines: Vec<String> = Vec::new();
    for word in clean.split_whitespace() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_words() {
        assert_eq!(fill("one two three", 8), ["one two", "three"]);
        assert_eq!(fill("a\u{1b}[2Jb", 10), ["a [2Jb"]);
    }
}
