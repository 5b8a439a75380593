//! Walks over the records of delimited text with the exact line of each, and recovers from unclosed quotes.
//!
//! A quote that is never closed makes a CSV reader swallow the rows that follow. Such a record is given up after its first
//! line, and reading goes on at the next: one slip costs one row, not the rest of the file.

use csv::{Position, ReaderBuilder, StringRecord};

/// One record, or a line that is none.
pub(super) enum Step {
    /// A record begins on this line; its cells are in the walker's buffer.
    Record(u32),
    /// The line has an unclosed quote.
    Unclosed(u32),
    /// The end of the text.
    End,
}

/// The walker over one text.
pub(super) struct Records<'t> {
    text: &'t str,
    delimiter: u8,
    /// Cells that a good record has; records over several lines with another count are suspected. 0: not known yet.
    pub(super) width: usize,
    reader: csv::Reader<&'t [u8]>,
    /// Byte at which the reader began.
    base: usize,
    /// Byte up to which lines are counted, and the line there.
    counted: (usize, u32),
    /// The cells of the record.
    pub(super) cells: StringRecord,
}

impl<'t> Records<'t> {
    /// Walks from the start of the text.
    pub(super) fn new(text: &'t str, delimiter: u8, width: usize) -> Self {
        Self {
            text,
            delimiter,
            width,
            reader: reader(text, delimiter),
            base: 0,
            counted: (0, 1),
            cells: StringRecord::new(),
        }
    }

    /// Goes to the next record that is not wholly blank.
    pub(super) fn next(&mut self) -> Step {
        loop {
            let from = self.base + offset(self.reader.position());
            let Ok(more) = self.reader.read_record(&mut self.cells) else {
                // The text is valid UTF-8 and any width is accepted: nothing is left to fail.
                return Step::End;
            };
            if !more {
                return Step::End;
            }
            // The reader skips blank lines, but counts them to the record.
            let rest = &self.text.as_bytes()[from.min(self.text.len())..];
            let start = from + rest.iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
            let end = self.base + offset(self.reader.position());
            let line = self.line_of(start);
            let body = self.text.as_bytes().get(start..end).unwrap_or_default();
            if body.trim_ascii().contains(&b'\n') && self.is_unclosed(start, end) {
                let next =
                    self.text.as_bytes()[start..].iter().position(|b| *b == b'\n').map_or(end, |n| start + n + 1);
                self.reader = reader(&self.text[next..], self.delimiter);
                self.base = next;
                return Step::Unclosed(line);
            }
            if !self.cells.iter().all(|cell| cell.trim().is_empty()) {
                return Step::Record(line);
            }
        }
    }

    /// Bytes read so far.
    pub(super) fn position(&self) -> usize {
        self.base + offset(self.reader.position())
    }

    /// The line on which this byte stands; bytes must be asked in rising order.
    fn line_of(&mut self, byte: usize) -> u32 {
        let (from, line) = self.counted;
        let between = self.text.as_bytes().get(from..byte).unwrap_or_default();
        // Old Macintosh files end lines with \r only.
        let newline = |i: usize, b: u8| b == b'\n' || b == b'\r' && between.get(i + 1).is_some_and(|n| *n != b'\n');
        let lines = if between.contains(&b'\n') {
            between.iter().filter(|b| **b == b'\n').count()
        } else {
            between.iter().enumerate().filter(|(i, b)| newline(*i, **b)).count() + usize::from(between.ends_with(b"\r"))
        };
        self.counted = (byte.max(from), line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX)));
        self.counted.1
    }

    /// Whether a record over several lines is really rows swallowed by a quote: it has the wrong number of cells, or one
    /// of its later lines is a whole row by itself.
    fn is_unclosed(&self, start: usize, end: usize) -> bool {
        if self.width == 0 {
            return false;
        }
        if self.cells.len() != self.width {
            return true;
        }
        let body = &self.text[start..end];
        let mut lines = body.lines();
        lines.next();
        lines.any(|line| {
            let mut record = StringRecord::new();
            let mut one = reader(line, self.delimiter);
            one.read_record(&mut record).is_ok_and(|more| more && record.len() == self.width)
        })
    }
}

fn offset(position: &Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX)
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(text: &str, width: usize) -> Vec<String> {
        let mut records = Records::new(text, b',', width);
        let mut seen = Vec::new();
        loop {
            match records.next() {
                Step::Record(line) => {
                    seen.push(format!("{line}:{}", records.cells.iter().collect::<Vec<_>>().join("|")))
                }
                Step::Unclosed(line) => seen.push(format!("{line}!")),
                Step::End => return seen,
            }
        }
    }

    #[test]
    fn lines_are_exact_over_blank_lines_and_line_breaks_in_cells() {
        assert_eq!(walk("a,b\n\n\r\n1,\"x\ny\"\n3,4\n", 2), ["1:a|b", "4:1|x\ny", "6:3|4"]);
        assert_eq!(walk("a,b\r\n1,2\r\n,\r\n3,4", 2), ["1:a|b", "2:1|2", "4:3|4"]);
    }

    #[test]
    fn an_unclosed_quote_costs_one_row() {
        assert_eq!(walk("a,b\n1,\"x\n3,4\n5,6\n", 2), ["1:a|b", "2!", "3:3|4", "4:5|6"]);
        // The quote of line 2 is closed by the one of line 4: by chance the cells are two again.
        assert_eq!(walk("a,b\n1,\"x\n3,4\n5,\"y\"\n", 2), ["1:a|b", "2!", "3:3|4", "4:5|y"]);
    }
}
