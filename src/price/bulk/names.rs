//! Turns the words of a line into small numbers. Each distinct spelling is checked and normalised once; a line then costs
//! one lookup per word. Every worker has its own numbers, so nothing is shared or locked.

use rustc_hash::FxHashMap;

use super::cells;
use super::rates::{RateBook, UNLISTED};
use crate::domain::{Carc, Code, Modifiers, Pos};
use crate::finding::FindingCode;

/// The number of a blank cell.
pub(super) const BLANK: u32 = 0;

/// Numbers fit in this many bits, so that several pack into one key.
pub(super) const ID_BITS: u32 = 20;

/// The words of one column: spelling → number, number → the one spelling and its index in the rate book.
#[derive(Debug)]
pub(super) struct Words {
    short: FxHashMap<u64, u32>,
    long: FxHashMap<Box<[u8]>, u32>,
    canonical: FxHashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
    listed: Vec<u32>,
}

impl Words {
    fn new() -> Self {
        Self {
            short: FxHashMap::default(),
            long: FxHashMap::default(),
            canonical: FxHashMap::default(),
            texts: vec!["".into()],
            listed: vec![UNLISTED],
        }
    }

    /// The word of a number.
    pub(super) fn text(&self, id: u32) -> &str {
        &self.texts[id as usize]
    }

    /// The words from this number on.
    pub(super) fn since(&self, id: usize) -> impl Iterator<Item = &str> {
        self.texts.iter().skip(id).map(AsRef::as_ref)
    }

    /// Its index in the rate book.
    pub(super) fn listed(&self, id: u32) -> u32 {
        self.listed[id as usize]
    }

    /// The number of a cell; `learn` gives the one spelling and the book's index of a spelling not met before.
    fn id(&mut self, cell: &[u8], learn: impl FnOnce(&str) -> Option<(Box<str>, u32)>) -> Option<u32> {
        let mut packed = [0; 8];
        if cell.len() < 8 {
            packed[..cell.len()].copy_from_slice(cell);
            // The length tells "a" from "a\0".
            packed[7] = cell.len() as u8;
            if let Some(id) = self.short.get(&u64::from_le_bytes(packed)) {
                return Some(*id);
            }
        } else if let Some(id) = self.long.get(cell) {
            return Some(*id);
        }
        let text = std::str::from_utf8(cells::trim(cell)).ok()?;
        let id = if text.is_empty() {
            BLANK
        } else {
            let (text, listed) = learn(text)?;
            match self.canonical.get(&text) {
                Some(id) => *id,
                None => {
                    let id = u32::try_from(self.texts.len()).ok().filter(|id| id >> ID_BITS == 0)?;
                    self.canonical.insert(text.clone(), id);
                    self.texts.push(text);
                    self.listed.push(listed);
                    id
                }
            }
        };
        if cell.len() < 8 {
            self.short.insert(u64::from_le_bytes(packed), id);
        } else {
            self.long.insert(cell.into(), id);
        }
        Some(id)
    }
}

/// The words of all columns that decide a price or a group.
#[derive(Debug)]
pub(super) struct Names<'a> {
    book: &'a RateBook,
    pub(super) payers: Words,
    pub(super) states: Words,
    pub(super) localities: Words,
    pub(super) codes: Words,
    pub(super) modifiers: Words,
    pub(super) carcs: Words,
}

/// What is wrong with a word: its kind.
type Read<T> = std::result::Result<T, FindingCode>;

impl<'a> Names<'a> {
    pub(super) fn new(book: &'a RateBook) -> Self {
        let new = Words::new;
        Self { book, payers: new(), states: new(), localities: new(), codes: new(), modifiers: new(), carcs: new() }
    }

    /// The payer; a line needs one.
    pub(super) fn payer(&mut self, cell: &[u8]) -> Read<u32> {
        let book = self.book;
        match self.payers.id(cell, |text| Some((text.into(), book.payer(text)))) {
            Some(BLANK) => Err(FindingCode::MissingValue),
            Some(id) => Ok(id),
            None => Err(FindingCode::BadRow),
        }
    }

    /// The state, any two letters; other words are kept as they are and have no rate.
    pub(super) fn state(&mut self, cell: &[u8]) -> Read<u32> {
        let book = self.book;
        self.states.id(cell, |text| place(text, book)).ok_or(FindingCode::BadPlace)
    }

    /// The Medicare locality; other words are kept as they are and have no rate.
    pub(super) fn locality(&mut self, cell: &[u8]) -> Read<u32> {
        let book = self.book;
        self.localities.id(cell, |text| place(text, book)).ok_or(FindingCode::BadPlace)
    }

    /// The procedure code; a line needs one.
    pub(super) fn code(&mut self, cell: &[u8]) -> Read<u32> {
        let book = self.book;
        let id = self.codes.id(cell, |text| {
            let code: Code = text.parse().ok()?;
            Some((code.as_str().into(), book.code(code)))
        });
        match id {
            Some(BLANK) => Err(FindingCode::MissingValue),
            Some(id) => Ok(id),
            None => Err(FindingCode::BadCode),
        }
    }

    /// The modifiers of the line as one word.
    pub(super) fn modifiers(&mut self, cell: &[u8]) -> Read<u32> {
        let book = self.book;
        let learn = |text: &str| {
            let modifiers: Modifiers = text.parse().ok()?;
            Some((modifiers.to_string().into(), book.modifier(modifiers)))
        };
        self.modifiers.id(cell, learn).ok_or(FindingCode::BadModifier)
    }

    /// The index in the rate book of the line's modifiers.
    pub(super) fn priced_modifier(&self, id: u32) -> u32 {
        if id == BLANK { 0 } else { self.modifiers.listed(id) }
    }

    /// The adjustment reason.
    pub(super) fn carc(&mut self, cell: &[u8]) -> Read<u32> {
        let learn = |text: &str| Some((text.parse::<Carc>().ok()?.as_str().into(), UNLISTED));
        self.carcs.id(cell, learn).ok_or(FindingCode::BadAdjustment)
    }
}

fn place(text: &str, book: &RateBook) -> Option<(Box<str>, u32)> {
    let name = cells::area(text).map_or_else(|| text.to_owned(), |(_, name)| name);
    let listed = book.area(&name);
    Some((name.into(), listed))
}

/// The place of service, 0 when the cell is blank.
pub(super) fn pos(cell: &[u8]) -> Read<u8> {
    match cell {
        [] => Ok(0),
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] if (*tens, *ones) != (b'0', b'0') => {
            Ok((tens - b'0') * 10 + (ones - b'0'))
        }
        _ => {
            let text = std::str::from_utf8(cell).map_err(|_| FindingCode::BadPos)?.trim();
            if text.is_empty() {
                return Ok(0);
            }
            text.parse::<Pos>().map(Pos::number).map_err(|_| FindingCode::BadPos)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_share_its_number() {
        let book = RateBook::default();
        let mut names = Names::new(&book);
        let id = names.locality(b"1520200").unwrap();
        assert_eq!(names.locality(b"15202-00"), Ok(id));
        assert_eq!(names.locality(b" 1520200 "), Ok(id));
        assert_eq!(names.code(b"j3420"), names.code(b"J3420"));
        assert_eq!(names.modifiers(b"59, 25"), names.modifiers(b"59,25"));
        assert_eq!(names.state(b""), Ok(BLANK));
        assert_eq!(names.carc(b"CO-45"), Err(FindingCode::BadAdjustment));
        assert_eq!(names.payer(b"  "), Err(FindingCode::MissingValue));
        assert_eq!(names.localities.text(id), "1520200");
    }

    #[test]
    fn a_place_of_service_may_lack_its_zero_and_may_be_blank() {
        assert_eq!([pos(b"02"), pos(b"2"), pos(b""), pos(b" 11")], [Ok(2), Ok(2), Ok(0), Ok(11)]);
        assert_eq!([pos(b"00"), pos(b"x1"), pos(b"111")], [Err(FindingCode::BadPos); 3]);
    }
}
