//! Cuts a text file into blocks that begin and end between records, so that several workers can read it at once.
//!
//! A line break inside quotes is no boundary. The rules of quotes are those of the `csv` crate: a quote opens a field only
//! at its beginning, a doubled quote is one quote, any other quote ends the quoted part. Nothing is parsed here, except that
//! blocks of whole claims look at the claim numbers around the cut.

use std::io::Read;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

use super::cuts;
use crate::finding::{Error, Place, Result};

/// A record longer than this is taken for an unclosed quote.
const LONGEST_RECORD: usize = 16 << 20;

/// A claim longer than this is none: the same number stands on many claims.
const LONGEST_CLAIM: usize = 64 << 20;

/// Whole records of a file.
pub(super) struct Block {
    /// The records with their line ends.
    pub(super) bytes: Vec<u8>,
    /// Counts the blocks of the file from 0.
    pub(super) index: usize,
    /// Line of the file on which the block begins, from 1.
    pub(super) first_line: u64,
    /// Neither quotes nor carriage returns: fields end at commas, records at line feeds.
    pub(super) plain: bool,
}

impl Block {
    /// Hands out each record with its first byte in the block.
    pub(super) fn records(&self, mut each: impl FnMut(&csv::ByteRecord, usize)) {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&self.bytes[..]);
        let mut record = csv::ByteRecord::new();
        // Reading from memory does not fail, and a flexible reader takes records of any width.
        while reader.read_byte_record(&mut record).unwrap_or(false) {
            let begun = record.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0));
            each(&record, begun);
        }
    }

    /// Tells the lines of the block's records, in order.
    pub(super) fn lines(&self) -> LineOf<'_> {
        LineOf { bytes: &self.bytes, line: self.first_line, counted: 0 }
    }
}

/// Counts lines only as far as somebody asks: most records are fine and nobody does.
pub(super) struct LineOf<'b> {
    bytes: &'b [u8],
    line: u64,
    counted: usize,
}

impl LineOf<'_> {
    /// The line of the file on which the record begins that was handed out with this byte. Records are asked for in order.
    pub(super) fn at(&mut self, begun: usize) -> u64 {
        // Line ends before the record belong to the one before it, or to blank lines.
        let blank = self.bytes[begun..].iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
        self.line += memchr_iter(b'\n', &self.bytes[self.counted..begun + blank]).count() as u64;
        self.counted = begun + blank;
        self.line
    }
}

/// The blocks of one file, in order.
pub(super) struct Blocks<'a> {
    source: Box<dyn Read + Send + 'a>,
    name: String,
    size: usize,
    carry: Vec<u8>,
    line: u64,
    index: usize,
    ended: bool,
    /// The column of the claim number, when no claim may lie in two blocks.
    claims: Option<usize>,
}

impl<'a> Blocks<'a> {
    /// Blocks of about `size` bytes. `name` is used in errors.
    pub(super) fn new(source: Box<dyn Read + Send + 'a>, name: &str, size: usize) -> Self {
        let (name, size, carry) = (name.to_owned(), size.max(1), Vec::new());
        Self { source, name, size, carry, line: 1, index: 0, ended: false, claims: None }
    }

    /// From now on no block ends within a claim: records that follow one another and carry the same number in this column.
    pub(super) fn keep_claims(&mut self, column: usize) {
        self.claims = Some(column);
    }

    /// Reads the first record, which names the columns. `None` when the file holds no record.
    pub(super) fn header(&mut self) -> Result<Option<csv::ByteRecord>> {
        let Some(block) = self.next(Vec::new())? else { return Ok(None) };
        let bytes = block.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&block.bytes);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut header = csv::ByteRecord::new();
        let found =
            reader.read_byte_record(&mut header).map_err(|e| Error::input("cannot read the header").because(e))?;
        let end = usize::try_from(reader.position().byte()).unwrap_or(bytes.len());
        let mut rest = bytes[end..].to_vec();
        rest.extend_from_slice(&self.carry);
        self.carry = rest;
        self.line = 1 + memchr_iter(b'\n', &bytes[..end]).count() as u64;
        self.index = 0;
        Ok(found.then_some(header))
    }

    /// The next block, in `buffer` (its old content is dropped).
    pub(super) fn next(&mut self, mut buffer: Vec<u8>) -> Result<Option<Block>> {
        buffer.clear();
        buffer.append(&mut self.carry);
        let mut scan = Scan { keep_unquoted: self.claims.is_some(), ..Scan::default() };
        scan.advance(&buffer, self.ended);
        let mut settled = 0;
        let cut = loop {
            if self.ended {
                break buffer.len();
            }
            if buffer.len() >= self.size {
                let cut = match self.claims {
                    None => Some(scan.cut).filter(|cut| *cut > 0),
                    Some(column) => cuts::between_claims(&buffer, &scan.unquoted, scan.cut, column, &mut settled),
                };
                if let Some(cut) = cut {
                    break cut;
                }
            }
            self.refuse_endless(&buffer, &scan)?;
            let read = (&mut self.source).take(self.size as u64).read_to_end(&mut buffer);
            let read = read.map_err(|e| Error::input(format!("cannot read {}", self.name)).because(e))?;
            self.ended = read == 0;
            scan.advance(&buffer, self.ended);
        };
        self.carry.extend_from_slice(&buffer[cut..]);
        buffer.truncate(cut);
        if buffer.is_empty() {
            return Ok(None);
        }
        let block = Block {
            index: self.index,
            first_line: self.line,
            plain: !scan.quotes && memchr(b'\r', &buffer).is_none(),
            bytes: buffer,
        };
        self.index += 1;
        self.line += memchr_iter(b'\n', &block.bytes).count() as u64;
        Ok(Some(block))
    }

    /// A record or a claim that never ends would take all memory.
    fn refuse_endless(&self, buffer: &[u8], scan: &Scan) -> Result<()> {
        let (what, help) = if buffer.len() - scan.cut > LONGEST_RECORD + self.size {
            ("a record that begins here or below is longer than 16 MB", "look for an unclosed quote")
        } else if buffer.len() > LONGEST_CLAIM + self.size {
            (
                "the rows of a claim that begins here are longer than 64 MB",
                "a claim_id must tell one claim from another",
            )
        } else {
            return Ok(());
        };
        let place = Place::line(&self.name, u32::try_from(self.line).unwrap_or(u32::MAX));
        Err(Error::input(what).at(place).help(help))
    }
}

/// How far a buffer that begins with a record has been looked through.
#[derive(Default)]
struct Scan {
    position: usize,
    quoted: bool,
    /// A quote was seen anywhere.
    quotes: bool,
    /// The end of the last whole record; 0 when there is none yet.
    cut: usize,
    /// Whether the parts outside quotes are wanted.
    keep_unquoted: bool,
    /// The parts outside quotes, in order.
    unquoted: Vec<Range<usize>>,
}

impl Scan {
    /// Looks through what was added to the buffer.
    fn advance(&mut self, buffer: &[u8], ended: bool) {
        while self.position < buffer.len() {
            let rest = &buffer[self.position..];
            let quote = memchr(b'"', rest);
            if self.quoted {
                let Some(i) = quote else {
                    self.position = buffer.len();
                    return;
                };
                match buffer.get(self.position + i + 1) {
                    Some(b'"') => self.position += i + 2,
                    // Whether this quote is doubled stands in bytes not read yet.
                    None if !ended => {
                        self.position += i;
                        return;
                    }
                    _ => {
                        self.quoted = false;
                        self.position += i + 1;
                    }
                }
            } else {
                let open = quote.unwrap_or(rest.len());
                if let Some(end) = memrchr(b'\n', &rest[..open]) {
                    self.cut = self.position + end + 1;
                }
                if self.keep_unquoted {
                    self.unquoted.push(self.position..self.position + open);
                }
                self.position += open;
                if quote.is_some() {
                    self.quotes = true;
                    let before = self.position.checked_sub(1).map(|i| buffer[i]);
                    self.quoted = matches!(before, None | Some(b',' | b'\n' | b'\r'));
                    self.position += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records of each block, cut by the `csv` crate.
    fn records(text: &str, size: usize) -> (usize, Vec<(u64, Vec<String>)>) {
        let mut blocks = Blocks::new(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())), "x.csv", size);
        let (mut count, mut all) = (0, Vec::new());
        while let Some(block) = blocks.next(Vec::new()).unwrap() {
            assert_eq!(block.index, count);
            count += 1;
            let mut lines = block.lines();
            block.records(|record, begun| {
                all.push((
                    lines.at(begun),
                    record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect(),
                ));
            });
        }
        (count, all)
    }

    #[test]
    fn a_line_break_inside_quotes_is_no_boundary() {
        let text = "a,\"one\ntwo\"\nb,\"he said \"\"no\"\"\n\"\nc,5\" needle\nd,\"x\"y\"\ne,f";
        let whole = records(text, 1 << 20);
        assert_eq!(whole.0, 1);
        assert_eq!(whole.1.iter().map(|r| r.0).collect::<Vec<_>>(), [1, 3, 5, 6, 7]);
        for size in 1..40 {
            assert_eq!(records(text, size).1, whole.1, "blocks of {size} bytes");
        }
    }

    proptest::proptest! {
        #[test]
        fn cutting_never_changes_the_records(text in "[ab,\"\n\r]{0,60}", size in 1_usize..20) {
            proptest::prop_assert_eq!(records(&text, size).1, records(&text, 1 << 20).1);
        }

        #[test]
        fn no_claim_lies_in_two_blocks(text in "[ab,\"\n\r]{0,80}", size in 1_usize..20, column in 0_usize..3) {
            let blocks = claims(&text, size, column);
            proptest::prop_assert_eq!(blocks.concat(), claims(&text, 1 << 20, column).concat());
            let filled: Vec<_> = blocks.iter().filter(|block| !block.is_empty()).collect();
            for pair in filled.windows(2) {
                proptest::prop_assert_ne!(pair[0].last(), pair[1].first());
            }
        }
    }

    /// The claim numbers of each block's records.
    fn claims(text: &str, size: usize, column: usize) -> Vec<Vec<String>> {
        let mut blocks = Blocks::new(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())), "x.csv", size);
        blocks.keep_claims(column);
        let mut all = Vec::new();
        while let Some(block) = blocks.next(Vec::new()).unwrap() {
            let mut own = Vec::new();
            block.records(|record, _| {
                own.push(String::from_utf8_lossy(record.get(column).unwrap_or_default()).into_owned())
            });
            all.push(own);
        }
        all
    }

    #[test]
    fn blocks_end_where_a_claim_does() {
        let text = "A,1\nA,2\n\"B\nB\",1\n\nC,1\nC,2\r\nC,3\n\" C \",4\nD,1\nD,2";
        let small = claims(text, 1, 0);
        assert_eq!(small, [vec!["A", "A"], vec!["B\nB"], vec!["C", "C", "C", " C "], vec!["D", "D"]]);
        assert_eq!(claims(text, 1 << 10, 0).len(), 1);
    }

    #[test]
    fn a_claim_that_never_ends_stops_the_run() {
        /// Rows of 4095 letters, all the same.
        struct Endless(usize);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                buffer.fill(b'x');
                let first = 4095 - self.0 % 4096;
                buffer.iter_mut().skip(first).step_by(4096).for_each(|byte| *byte = b'\n');
                self.0 += buffer.len();
                Ok(buffer.len())
            }
        }
        let mut blocks = Blocks::new(Box::new(b"a,b\n".chain(Endless(0))), "x.csv", 1 << 20);
        blocks.keep_claims(0);
        assert_eq!(blocks.next(Vec::new()).unwrap().unwrap().bytes, b"a,b\n");
        let Err(error) = blocks.next(Vec::new()) else { panic!("an endless claim was accepted") };
        assert!(error.to_string().starts_with("x.csv:2: the rows of a claim"), "{error}");
    }

    #[test]
    fn an_unclosed_quote_stops_the_run_before_it_eats_the_memory() {
        let endless = std::io::Read::chain(&b"a,b\nx,\"y\n"[..], std::io::repeat(b'z'));
        let mut blocks = Blocks::new(Box::new(endless), "x.csv", 1 << 16);
        let first = blocks.next(Vec::new()).unwrap().unwrap();
        assert_eq!(first.bytes, b"a,b\n");
        let Err(error) = blocks.next(Vec::new()) else { panic!("an endless record was accepted") };
        assert!(error.to_string().starts_with("x.csv:2: a record"), "{error}");
    }
}
