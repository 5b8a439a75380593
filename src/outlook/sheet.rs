//! A table as people save one: any encoding, commas, semicolons or tabs, Excel's `sep=` line, blank rows, decimal commas.

use crate::finding::{Error, Place, Result};
use crate::ingest::{Content, content};

/// A table of text: the header and the rows that hold something.
pub(super) struct Sheet {
    /// The names of the columns: small letters, `_` for spaces.
    pub(super) header: Vec<String>,
    /// The line of the header.
    pub(super) header_line: u32,
    /// The rows.
    pub(super) rows: Vec<Row>,
    /// The sign between cells.
    pub(super) separator: u8,
    /// What was guessed.
    pub(super) notes: Vec<String>,
}

/// A row that holds something.
pub(super) struct Row {
    /// Its line in the file.
    pub(super) line: u32,
    cells: csv::StringRecord,
}

impl Row {
    /// The cell without spaces around it; empty where the row is shorter.
    pub(super) fn cell(&self, at: usize) -> &str {
        self.cells.get(at).unwrap_or_default().trim()
    }
}

impl Sheet {
    /// Reads the bytes of the file `place`: UTF-8, UTF-16 or Windows-1252, gzipped or not.
    ///
    /// # Errors
    /// The file is empty or no text, or its quotes never end.
    pub(super) fn read(bytes: &[u8], place: &str) -> Result<Self> {
        let text = match content(place, bytes) {
            Ok(Content::Text(text)) => text,
            Ok(Content::Parquet(_)) => {
                return Err(Error::input("this is a Parquet file, not CSV")
                    .at(Place::file(place))
                    .help("export it as CSV"));
            }
            Err(finding) => {
                let error = Error::input(finding.found.clone()).at(Place::file(place));
                return Err(if finding.help.is_empty() { error } else { error.help(finding.help.clone()) });
            }
        };
        let notes = text.findings.iter().map(|f| format!("the file is {}", f.found)).collect();
        let (declared, body) = declared(&text.text);
        let separator = declared.unwrap_or_else(|| separator(body));
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .delimiter(separator)
            .from_reader(body.as_bytes());
        let (mut header, mut rows) = (None, Vec::new());
        let mut lines = Lines { rest: body.as_bytes(), at: 0, line: 1 + u32::from(declared.is_some()) };
        for record in reader.records() {
            let cells = record.map_err(|e| Error::input("the file is no CSV").at(Place::file(place)).because(e))?;
            let line = lines.of(cells.position().map_or(0, csv::Position::byte));
            if cells.iter().all(|c| c.trim().is_empty()) {
                continue;
            }
            match header {
                None => header = Some((cells, line)),
                Some(_) => rows.push(Row { line, cells }),
            }
        }
        let Some((names, header_line)) = header else {
            return Err(Error::input("the file is empty").at(Place::file(place)));
        };
        let name = |h: &str| h.trim().to_lowercase().replace(' ', "_");
        Ok(Self { header: names.iter().map(name).collect(), header_line, rows, separator, notes })
    }

    /// How the numbers of a column use commas.
    pub(super) fn commas(&self, column: usize) -> Commas {
        let mut seen = [false; 2];
        for row in &self.rows {
            match Comma::of(row.cell(column)) {
                Comma::Decimal => seen[0] = true,
                Comma::Thousands => seen[1] = true,
                Comma::None | Comma::Either | Comma::Wrong => {}
            }
        }
        match seen {
            [true, false] => Commas::Decimal,
            [false, true] => Commas::Thousands,
            _ => Commas::Unsettled,
        }
    }
}

/// Counts lines from record to record. The reader's own count is that of the blank lines before a record, and knows of no line that
/// ends with a carriage return alone.
struct Lines<'t> {
    rest: &'t [u8],
    at: u64,
    line: u32,
}

impl Lines<'_> {
    /// The line on which the record begins that was looked for from this byte on.
    fn of(&mut self, byte: u64) -> u32 {
        while let Some((first, rest)) = self.rest.split_first() {
            if self.at >= byte && !matches!(first, b'\n' | b'\r') {
                break;
            }
            let ends = *first == b'\n' || *first == b'\r' && rest.first() != Some(&b'\n');
            self.line = self.line.saturating_add(u32::from(ends));
            (self.rest, self.at) = (rest, self.at + 1);
        }
        self.line
    }
}

/// Excel's first line `sep=;`, when there is one, and the rest.
fn declared(text: &str) -> (Option<u8>, &str) {
    let first = text.split(['\r', '\n']).next().unwrap_or_default();
    let sign = first.trim_matches('"').strip_prefix("sep=").map(str::as_bytes);
    let Some([sign]) = sign else { return (None, text) };
    let rest = &text[first.len()..];
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\r', '\n'])).unwrap_or(rest);
    (Some(*sign), rest)
}

/// Comma, semicolon or tab, whichever the first line that holds something has most of.
fn separator(text: &str) -> u8 {
    let first = text.split(['\r', '\n']).find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: u8| first.bytes().filter(|b| *b == separator).count();
    // The last of equals: a comma.
    [b';', b'\t', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

/// How the numbers of a column use commas, as far as its cells settle it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Commas {
    /// `12,5` stands somewhere: a comma is the decimal mark.
    Decimal,
    /// `1,234,567` or `1,234.5` stands somewhere: commas stand between thousands.
    Thousands,
    /// Neither, or both.
    Unsettled,
}

/// What the comma of one cell can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comma {
    None,
    Decimal,
    Thousands,
    Either,
    Wrong,
}

impl Comma {
    fn of(cell: &str) -> Self {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let bare = cell.trim_start_matches(['+', '-', '$']);
        let Some((whole, after)) = bare.split_once(',') else { return Self::None };
        if grouped(bare.split_once('.').map_or(bare, |(whole, _)| whole), ',') {
            let several = after.contains(',') || after.contains('.');
            // Nobody writes 0,123 for 123.
            let is_fraction = whole.starts_with('0');
            return match (several, is_fraction) {
                (true, false) => Self::Thousands,
                (true, true) => Self::Wrong,
                (false, true) => Self::Decimal,
                (false, false) => Self::Either,
            };
        }
        if digits(after) && (whole.is_empty() || digits(whole) || grouped(whole, '.')) {
            Self::Decimal
        } else {
            Self::Wrong
        }
    }
}

/// Whether these are digits in groups of three: `1,234`, `12,345,678`.
fn grouped(text: &str, sign: char) -> bool {
    let mut groups = text.split(sign);
    let is = |group: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&group.len()) && group.bytes().all(|b| b.is_ascii_digit())
    };
    let first = groups.next().is_some_and(|g| is(g, 1..=3));
    first && groups.clone().next().is_some() && groups.all(|g| is(g, 3..=3))
}

impl Commas {
    /// The number with a point as its decimal mark and nothing between thousands.
    ///
    /// # Errors
    /// What the cell should hold instead, when it can be read in two ways.
    pub(super) fn plain(self, cell: &str) -> std::result::Result<String, String> {
        let without = |sign: char| cell.replace(sign, "");
        match (Comma::of(cell), self) {
            // Beside decimal commas a point would separate thousands.
            (Comma::None, Self::Decimal) if cell.contains('.') => {
                Err("a decimal comma, as in other rows, and nothing between thousands".to_owned())
            }
            (Comma::None, _) => Ok(cell.to_owned()),
            (Comma::Decimal, Self::Decimal | Self::Unsettled) | (Comma::Either, Self::Decimal) => {
                Ok(without('.').replace(',', "."))
            }
            (Comma::Thousands, Self::Thousands | Self::Unsettled) | (Comma::Either, Self::Thousands) => {
                Ok(without(','))
            }
            (Comma::Either, Self::Unsettled) => Err(format!(
                "a number that can be read in one way only, {} or {}: write it with a point, and nothing between thousands",
                cell.replace(',', "."),
                without(',')
            )),
            (Comma::Wrong, _) => Err("a number".to_owned()),
            (Comma::Decimal, Self::Thousands) | (Comma::Thousands, Self::Decimal) => {
                Err("a number whose comma means what it does in other rows".to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(text: &str) -> Sheet {
        Sheet::read(text.as_bytes(), "t.csv").unwrap()
    }

    #[test]
    fn separators_blank_rows_and_the_line_of_excel_are_understood() {
        for text in
            ["A;B b\n1;2\n;\n \n3;4\n", "sep=;\r\nA;B b\r\n1;2\r\n\r\n3;4\r\n", "\"sep=\t\"\nA\tB b\n1\t2\n\n3\t4\n"]
        {
            let found = sheet(text);
            assert_eq!(found.header, ["a", "b_b"], "{text}");
            assert_eq!(found.rows.iter().map(|r| [r.cell(0), r.cell(1)]).collect::<Vec<_>>(), [["1", "2"], ["3", "4"]]);
        }
        // Lines are those of the file: that of `sep=` counts, as blank ones do.
        let found = sheet("sep=;\nA;B\n\n;\n1;2\n");
        assert_eq!((found.header_line, found.rows[0].line), (2, 5));
        for text in
            ["\n\na,b\n\n\"1\n\",2\n3,4\n", "\r\n\r\na,b\r\n\r\n\"1\r\n\",2\r\n3,4\r\n", "\r\ra,b\r\r\"1\r\",2\r3,4\r"]
        {
            let found = sheet(text);
            assert_eq!((found.header_line, found.rows[0].line, found.rows[1].line), (3, 5, 7), "{text:?}");
        }
    }

    #[test]
    fn encodings_are_read_and_said() {
        let wide: Vec<u8> = "\u{feff}a,b\nÜ,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let found = Sheet::read(&wide, "t.csv").unwrap();
        assert_eq!((found.rows[0].cell(0), found.notes[0].as_str()), ("Ü", "the file is read as UTF-16 LE"));
        for (bytes, says) in [(&b""[..], "the file is empty"), (b"%PDF-1.7", "a PDF"), (b",,\n,,\n", "empty")] {
            let error = Sheet::read(bytes, "t.csv").err().unwrap().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_comma_is_read_as_the_column_uses_it_and_never_guessed() {
        let column = |cells: &[&str]| {
            let found =
                sheet(&format!("a;b\n{}\n", cells.iter().map(|c| format!("{c};x")).collect::<Vec<_>>().join("\n")));
            let commas = found.commas(0);
            cells.iter().map(|c| commas.plain(c).unwrap_or_else(|_| "?".to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(column(&["12,5", "103,865", "1.234,5", "7"]), ["12.5", "103.865", "1234.5", "7"]);
        assert_eq!(column(&["1,234,567", "103,865", "-1,234.5", "0.5"]), ["1234567", "103865", "-1234.5", "0.5"]);
        assert_eq!(column(&["103,865", "1.5"]), ["?", "1.5"]);
        assert_eq!(column(&["0,125", "1234,567"]), ["0.125", "1234.567"]);
        // Both ways in one column: each is clear by itself, but what could be either is not.
        assert_eq!(column(&["12,5", "1,234,567", "1,234"]), ["12.5", "1234567", "?"]);
        // A point beside decimal commas stands between thousands: 1.234 would be taken for a little more than one.
        assert_eq!(column(&["12,5", "1.234"]), ["12.5", "?"]);
        assert_eq!(column(&["1,2,3", "12,34.5", ",", "a,b"]), ["?", "?", "?", "?"]);
    }
}
