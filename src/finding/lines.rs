//! The line of a text in which a byte stands: for the place of a finding.

/// Counts lines as the bytes of records are met from the start to the end of a text.
///
/// A CSV reader tells the line at which it stood before a record, and leaves the second half of a Windows line end for the next
/// one: in such files its lines are one too small from the second record on. Bytes are always right.
#[derive(Debug)]
pub(crate) struct LineCounter<'t> {
    text: &'t [u8],
    counted: usize,
    line: u32,
}

impl<'t> LineCounter<'t> {
    /// Counts from the start of the text.
    pub(crate) const fn new(text: &'t [u8]) -> Self {
        Self { text, counted: 0, line: 1 }
    }

    /// The line, from 1, of the record for which a reader stood at this position: line ends before it belong to no record.
    /// 0 when the reader does not tell. Positions must not go backwards.
    pub(crate) fn line(&mut self, position: Option<&csv::Position>) -> u32 {
        let Some(byte) = position.and_then(|p| usize::try_from(p.byte()).ok()) else { return 0 };
        let from = byte.min(self.text.len());
        let blank = self.text[from..].iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
        while self.counted < from + blank {
            let end = match self.text[self.counted] {
                b'\n' => true,
                b'\r' => self.text.get(self.counted + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line = self.line.saturating_add(u32::from(end));
            self.counted += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_line_ends_and_cells_over_several_lines_are_counted() {
        let lines = |text: &str| {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let mut counter = LineCounter::new(text.as_bytes());
            reader.records().map(|record| counter.line(record.unwrap().position())).collect::<Vec<_>>()
        };
        for end in ["\n", "\r\n", "\r"] {
            assert_eq!(lines(&["a,b", "\"1", "2\",c", "", "d,e"].join(end)), [1, 2, 5], "{end:?}");
        }
    }
}
