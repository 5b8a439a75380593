//! Finds the header of a sheet and which column holds what.
//!
//! CMS spreads a header over up to six rows (`NON-FAC` / `PE RVU`) below a few title lines; other editions write it in one row.
//! So the texts of a column are joined upwards row by row, and a column is recognised when the joined words of some depth are
//! a known name. Nothing is ever recognised by its position.

use crate::finding::{Finding, FindingCode, Place};

use super::grid::{Grid, words};

/// The header may begin this far down.
const TOP: usize = 60;
/// Over how many rows a header may be spread.
const ROWS: usize = 7;

/// A column of a release.
pub(super) struct Column {
    /// What we call it, and the place of a finding.
    pub(super) name: &'static str,
    /// The normalised headers that mean it; `#` stands for a year.
    pub(super) headers: &'static [&'static str],
    /// Without it the table cannot be used.
    pub(super) needed: bool,
}

/// A table of a release as CMS lays it out.
pub(super) struct Layout {
    /// What it is, in words.
    pub(super) what: &'static str,
    /// The columns that are used.
    pub(super) columns: &'static [Column],
    /// Headers that are known and not used.
    pub(super) unused: &'static [&'static str],
    /// The columns that say what a row is about, for findings.
    pub(super) key: &'static [&'static str],
}

/// A header that was found.
#[derive(Debug, Clone)]
pub(super) struct Header {
    /// The index of its last row among the lines of the grid.
    pub(super) at: usize,
    /// The line number of that row.
    pub(super) line: u32,
    /// For each column of the layout, where it stands.
    pub(super) places: Vec<Option<usize>>,
    /// The whole text of each used column's header, to read a year from it.
    pub(super) texts: Vec<String>,
    /// How wide the header is: filled cells beyond it belong to no column.
    pub(super) width: usize,
    /// Columns that are known and not used, with their text.
    pub(super) unused: Vec<(usize, String)>,
    /// Columns that are not known, with their text.
    unknown: Vec<String>,
    /// Columns of the layout that two headers claim.
    twice: Vec<(usize, String)>,
}

impl Header {
    /// How many needed columns were found.
    pub(super) fn score(&self, layout: &Layout) -> usize {
        self.places.iter().zip(layout.columns).filter(|(at, column)| at.is_some() && column.needed).count()
    }

    /// Where a column stands.
    pub(super) fn place(&self, layout: &Layout, name: &str) -> Option<usize> {
        layout.columns.iter().position(|column| column.name == name).and_then(|i| self.places[i])
    }

    /// What is wrong with the header; `false` when the table must not be used.
    pub(super) fn check(&self, layout: &Layout, grid: &Grid, findings: &mut Vec<Finding>) -> bool {
        let mut usable = true;
        let place = || Place::line(&grid.name, self.line);
        for (column, at) in layout.columns.iter().zip(&self.places) {
            if at.is_none() && column.needed && !self.twice.iter().any(|(i, _)| layout.columns[*i].name == column.name)
            {
                usable = false;
                let found =
                    format!("{}: no column for {}; nothing was imported from the table", layout.what, column.name);
                let mut finding = Finding::new(FindingCode::ImportColumnMissing, place().column(column.name), found)
                    .expected(format!("a header such as \"{}\"", column.headers[0].replace('#', "2024")));
                if !self.unknown.is_empty() {
                    let unknown = self.unknown.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(", ");
                    finding = finding.help(format!(
                        "these headers are not known: {unknown}; {}",
                        FindingCode::ImportColumnMissing.help()
                    ));
                }
                findings.push(finding);
            }
        }
        for (column, text) in &self.twice {
            usable = false;
            let name = layout.columns[*column].name;
            let found =
                format!("{}: two columns are headed \"{text}\"; nothing was imported from the table", layout.what);
            findings.push(
                Finding::new(FindingCode::AmbiguousColumn, place().column(name), found).help("remove one of them"),
            );
        }
        for text in &self.unknown {
            let found = format!("{}: the column \"{text}\" is not known", layout.what);
            findings.push(Finding::new(FindingCode::ImportColumnUnknown, place().column(text.as_str()), found));
        }
        usable
    }
}

/// The header of the grid under this layout: the row that gives the most columns.
pub(super) fn find(grid: &Grid, layout: &Layout) -> Option<Header> {
    let mut best: Option<(usize, usize, Header)> = None;
    for at in 0..grid.lines.len().min(TOP) {
        if grid.lines[at].filled() < 2 {
            continue;
        }
        let header = read(grid, layout, at);
        let all = header.places.iter().flatten().count();
        let score = header.score(layout);
        if score > 0 && best.as_ref().is_none_or(|(needed, any, _)| (score, all) > (*needed, *any)) {
            best = Some((score, all, header));
        }
    }
    best.map(|(_, _, header)| header)
}

/// The header whose last row is this line.
fn read(grid: &Grid, layout: &Layout, at: usize) -> Header {
    let width = grid.lines[at].cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
    let mut header = Header {
        at,
        line: grid.lines[at].number,
        places: vec![None; layout.columns.len()],
        texts: vec![String::new(); layout.columns.len()],
        width,
        unused: Vec::new(),
        unknown: Vec::new(),
        twice: Vec::new(),
    };
    for column in 0..width {
        let joined = joined(grid, at, column);
        if joined.iter().all(String::is_empty) {
            continue;
        }
        // The deepest known name: "pe rvu" alone may mean two columns, "nonfac pe rvu" only one.
        let known = joined.iter().rev().find_map(|text| {
            let plain = without_year(text);
            let used = layout.columns.iter().position(|c| c.headers.contains(&plain.as_str()));
            match used {
                Some(i) => Some((Some(i), text.clone())),
                None => layout.unused.contains(&plain.as_str()).then(|| (None, text.clone())),
            }
        });
        match known {
            Some((Some(i), text)) => match header.places[i] {
                None => {
                    header.places[i] = Some(column);
                    header.texts[i] = text;
                }
                Some(_) => header.twice.push((i, text)),
            },
            Some((None, text)) => header.unused.push((column, text)),
            None => {
                let text = own_text(grid, at, column);
                if !text.is_empty() {
                    header.unknown.push(text);
                }
            }
        }
    }
    for (i, _) in &header.twice {
        header.places[*i] = None;
    }
    header
}

/// The normalised text of a column from the last header row upwards, over one row, two rows, and so on.
fn joined(grid: &Grid, at: usize, column: usize) -> Vec<String> {
    let mut texts = Vec::new();
    let mut text = String::new();
    for line in grid.lines[at.saturating_sub(ROWS - 1)..=at].iter().rev() {
        let cell = words(line.cell(column));
        if !cell.is_empty() {
            text = if text.is_empty() { cell } else { format!("{cell} {text}") };
        }
        texts.push(text.clone());
    }
    texts
}

/// The header of a column as it stands in the file, without title lines.
fn own_text(grid: &Grid, at: usize, column: usize) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for line in grid.lines[at.saturating_sub(ROWS - 1)..=at].iter().rev() {
        if line.filled() < 3 {
            break;
        }
        parts.push(line.cell(column));
    }
    parts.reverse();
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

/// The words with every year from 2000 to 2099 written `#`.
fn without_year(text: &str) -> String {
    let year = |word: &str| word.len() == 4 && word.starts_with("20") && word.bytes().all(|b| b.is_ascii_digit());
    text.split(' ').map(|word| if year(word) { "#" } else { word }).collect::<Vec<_>>().join(" ")
}

/// The first year from 2000 to 2099 in a text.
pub(super) fn year_in(text: &str) -> Option<i32> {
    let digits = |c: char| !c.is_ascii_digit();
    text.split(digits).filter(|part| part.len() == 4 && part.starts_with("20")).find_map(|part| part.parse().ok())
}
