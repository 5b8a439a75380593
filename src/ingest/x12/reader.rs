//! The tokenizer: segments out of a source that is read in chunks.

use std::io::{self, Read};

use memchr::{memchr, memchr2};

use super::delimiters::{self, Delimiters, HEADER};
use super::segment::Segment;

/// Bytes read from the source at a time.
const CHUNK: usize = 1 << 20;
/// A longer segment is none: the terminator was misread, or the file is damaged.
const LONGEST: usize = 1 << 16;
/// How far an interchange is searched for before a file is taken for none.
const FAR: usize = 1 << 16;

/// Something wrong with the form of the file. Reading goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The first set has no interchange header: its delimiters were inferred.
    NoHeader,
    /// So many bytes that belong to no interchange stand before or after one.
    Noise(u64),
    /// A segment breaks off: at the end of the file, or because an interchange header begins within it.
    Unterminated,
    /// A segment is longer than any real one and was passed over.
    TooLong,
    /// An interchange header is damaged: the delimiters of the one before stay in force.
    BadHeader,
}

/// Reads segments from any source. Memory is bounded by the chunk.
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    chunk: usize,
    buffer: Vec<u8>,
    /// Bytes of the buffer that are handed out already.
    start: usize,
    /// The end of the source has been reached.
    ended: bool,
    /// Where the buffer begins in the file.
    base: u64,
    delimiters: Option<Delimiters>,
    /// Element separator and terminator, where line breaks are neither these nor part components.
    plain: Option<(u8, u8)>,
    /// The next interchange header in the buffer, and up to where it was searched for.
    header: Option<usize>,
    searched: usize,
    number: u32,
    /// An interchange has been read to its trailer, or none has begun.
    between: bool,
    noise: u64,
    joined: Vec<u8>,
    ends: Vec<u32>,
    troubles: Vec<(Trouble, u32, u64)>,
}

/// A segment found in the buffer.
struct Found {
    from: usize,
    to: usize,
    terminated: bool,
}

impl<R: Read> Reader<R> {
    /// A reader at the start of the source.
    pub fn new(source: R) -> Self {
        Self::with_chunk(source, CHUNK)
    }

    /// As [`Self::new`], reading so many bytes at a time.
    pub fn with_chunk(source: R, chunk: usize) -> Self {
        Self {
            source,
            chunk: chunk.max(1),
            buffer: Vec::new(),
            start: 0,
            ended: false,
            base: 0,
            delimiters: None,
            plain: None,
            header: None,
            searched: 0,
            number: 0,
            between: true,
            noise: 0,
            joined: Vec::new(),
            ends: Vec::with_capacity(32),
            troubles: Vec::new(),
        }
    }

    /// Bytes of the source that have been handed out or passed over.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Reads no more from the source; what has been read of it is still handed out.
    pub const fn give_up(&mut self) {
        self.ended = true;
    }

    /// Whether anything has been found wrong since the last call of [`Self::troubles`].
    #[must_use]
    pub const fn is_troubled(&self) -> bool {
        !self.troubles.is_empty()
    }

    /// What has been found wrong with the form since the last call, with the segment and the byte.
    pub fn troubles(&mut self) -> std::vec::Drain<'_, (Trouble, u32, u64)> {
        self.troubles.drain(..)
    }

    /// The next segment, or `None` at the end.
    ///
    /// # Errors
    /// When the source cannot be read.
    #[expect(clippy::should_implement_trait, reason = "the segment borrows the reader")]
    pub fn next(&mut self) -> io::Result<Option<Segment<'_>>> {
        if let Some((from, to)) = self.glance() {
            return Ok(self.delimiters.as_ref().map(|delimiters| Segment {
                bytes: &self.buffer[from..to],
                ends: &self.ends,
                delimiters,
                number: self.number,
                offset: self.base + from as u64,
                terminated: true,
            }));
        }
        let Some(found) = self.advance()? else { return Ok(None) };
        let Some(delimiters) = &self.delimiters else { return Ok(None) };
        let raw = &self.buffer[found.from..found.to];
        let has_breaks = !delimiters.ends_at_line_breaks() && memchr2(b'\r', b'\n', raw).is_some();
        let bytes: &[u8] = if has_breaks {
            self.joined.clear();
            self.joined.extend(raw.iter().copied().filter(|b| !delimiters.is_noise(*b)));
            &self.joined
        } else {
            raw
        };
        self.ends.clear();
        split(bytes, delimiters.element, &mut self.ends);
        if bytes.starts_with(b"IEA") && bytes.get(3) == Some(&delimiters.element) {
            self.between = true;
        }
        Ok(Some(Segment {
            bytes,
            ends: &self.ends,
            delimiters,
            number: self.number,
            offset: self.base + found.from as u64,
            terminated: found.terminated,
        }))
    }

    /// The common case in one pass: a whole segment in the buffer without line breaks in it, that is no part of an envelope's
    /// outer layer. Everything else is left to [`Self::advance`].
    fn glance(&mut self) -> Option<(usize, usize)> {
        let (element, terminator) = self.plain.filter(|_| !self.between)?;
        let known = if self.ended { self.buffer.len() } else { self.searched };
        let limit = self.header.unwrap_or(known).min(known);
        let window = self.buffer.get(self.start..limit)?;
        let lead = window.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        let window = &window[lead..];
        // Interchange headers and trailers, and what is indented.
        if window.first().is_none_or(|b| *b == b'I' || !b.is_ascii_uppercase()) {
            return None;
        }
        self.ends.clear();
        let length = scan(window, element, terminator, &mut self.ends)?;
        let from = self.start + lead;
        self.start = from + length + 1;
        self.number = self.number.saturating_add(1);
        Some((from, from + length))
    }

    /// Goes to the next segment that is not blank.
    fn advance(&mut self) -> io::Result<Option<Found>> {
        loop {
            let Some(delimiters) = self.delimiters.filter(|_| !self.between) else {
                if self.hunt()? {
                    continue;
                }
                return Ok(None);
            };
            let Some(found) = self.find(delimiters)? else {
                // A header begins here, or the source has ended.
                if self.ended && self.start >= self.buffer.len() {
                    return Ok(None);
                }
                continue;
            };
            self.start = found.to + usize::from(found.terminated);
            let found = trim(&self.buffer, found, delimiters);
            if found.from == found.to {
                continue;
            }
            self.number = self.number.saturating_add(1);
            if !found.terminated {
                self.troubles.push((Trouble::Unterminated, self.number, self.base + found.from as u64));
            }
            return Ok(Some(found));
        }
    }

    /// Finds the end of the segment that begins at `start`. `None` when a new interchange begins there instead, or nothing
    /// is left.
    fn find(&mut self, delimiters: Delimiters) -> io::Result<Option<Found>> {
        let mut from_scan = self.start;
        loop {
            self.search_headers();
            if self.header.is_some_and(|at| at < self.start) {
                self.header = None;
                self.searched = self.start;
                continue;
            }
            let limit = self.header.unwrap_or(self.buffer.len());
            if limit == self.start && self.header.is_some() {
                self.adopt(limit);
                return Ok(None);
            }
            let window = &self.buffer[from_scan.min(limit)..limit];
            let end = end_of(window, delimiters).map(|at| from_scan + at);
            match end {
                // What lies beyond the search for headers may be the middle of one.
                Some(to) if to < self.searched || self.header.is_some() || self.ended => {
                    let found = Found { from: self.start, to, terminated: true };
                    let wrapped = self.is_wrapped_header(&found)?;
                    return Ok((!wrapped).then_some(found));
                }
                Some(to) => {
                    let moved = self.start;
                    self.fill()?;
                    from_scan = to - (moved - self.start);
                    continue;
                }
                None => from_scan = limit,
            }
            if self.header.is_some() || self.ended {
                let found = Found { from: self.start, to: limit, terminated: false };
                if limit - self.start > LONGEST {
                    self.troubles.push((Trouble::TooLong, self.number + 1, self.position()));
                    self.start = limit;
                    return Ok(None);
                }
                return Ok((limit > self.start).then_some(found));
            }
            if limit - self.start > LONGEST {
                self.troubles.push((Trouble::TooLong, self.number + 1, self.position()));
                self.skip_to(limit);
                // What is left of it up to its terminator is no segment either.
                loop {
                    if let Some(at) = end_of(&self.buffer[self.start..], delimiters) {
                        self.skip_to(self.start + at + 1);
                        return Ok(None);
                    }
                    self.skip_to(self.buffer.len());
                    if !self.fill()? {
                        return Ok(None);
                    }
                }
            }
            let moved = self.start;
            self.fill()?;
            from_scan -= moved - self.start;
        }
    }

    /// A header whose id is broken over two lines is not found by its three letters.
    fn is_wrapped_header(&mut self, found: &Found) -> io::Result<bool> {
        let mut letters = self.buffer[found.from..found.to].iter().copied().filter(|b| !b.is_ascii_whitespace());
        let id = [letters.next(), letters.next(), letters.next(), letters.next()];
        let is_header = matches!(id, [Some(b'I'), Some(b'S'), Some(b'A'), Some(next)] if !next.is_ascii_alphanumeric());
        if !is_header {
            return Ok(false);
        }
        while self.buffer.len() - self.start < HEADER + 64 && self.fill()? {}
        let lead = self.buffer[self.start..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        match delimiters::of_header(&self.buffer[self.start + lead..]) {
            // It was adopted already where it was found by its letters.
            Some(read) if Some(read) != self.delimiters => {
                self.start += lead;
                self.use_delimiters(read);
                Ok(true)
            }
            Some(_) => Ok(false),
            None => {
                self.troubles.push((Trouble::BadHeader, self.number + 1, self.position()));
                Ok(false)
            }
        }
    }

    /// An interchange (or a set without one) begins at `start`.
    fn begin_interchange(&mut self, read: Delimiters) {
        self.header = None;
        self.searched = self.start + 3;
        self.use_delimiters(read);
        self.between = false;
    }

    fn use_delimiters(&mut self, read: Delimiters) {
        let plain = read.is_noise(b'\r') && read.is_noise(b'\n');
        self.plain = plain.then_some((read.element, read.terminator));
        self.delimiters = Some(read);
    }

    /// Takes over the delimiters of the header at this position of the buffer.
    fn adopt(&mut self, at: usize) {
        if let Some(read) = delimiters::of_header(&self.buffer[at..]) {
            self.use_delimiters(read);
            self.between = false;
        }
        self.header = None;
        self.searched = at + 3;
        self.start = at;
    }

    /// Looks for the next interchange header in what has been read since the last search. One that begins so near to the end
    /// of the buffer that it cannot be judged yet is looked at again after the next chunk.
    fn search_headers(&mut self) {
        if self.header.is_some() {
            return;
        }
        let from = self.searched.max(self.start);
        let reach = if self.ended { self.buffer.len() } else { self.buffer.len().saturating_sub(HEADER) };
        if from >= reach {
            return;
        }
        match delimiters::find_header(&self.buffer, from) {
            Some((at, _)) if at < reach => self.header = Some(at),
            _ => self.searched = reach,
        }
    }

    /// Searches for the next interchange (or, at first, for a set without one). `false` at the end of the source.
    fn hunt(&mut self) -> io::Result<bool> {
        // Nearly always the next interchange follows at once: files of clearing houses hold thousands of small ones.
        while self.buffer.len() - self.start < 2 * HEADER && self.fill()? {}
        let rest = &self.buffer[self.start..];
        let lead = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        if let Some(read) = delimiters::of_header(&rest[lead..]) {
            self.start += lead;
            self.begin_interchange(read);
            self.tell_noise();
            return Ok(true);
        }
        while self.buffer.len() - self.start < FAR && self.fill()? {}
        let window = &self.buffer[self.start..];
        let header = delimiters::find_any_header(window);
        let inferred = delimiters::infer(&window[..window.len().min(FAR)])
            .filter(|(at, _)| header.is_none_or(|(header, _)| *at < header));
        let found = match (inferred, header) {
            (Some((at, read)), _) => {
                self.troubles.push((Trouble::NoHeader, self.number + 1, self.position() + at as u64));
                Some((at, read))
            }
            (None, header) => header,
        };
        match found {
            Some((at, read)) => {
                self.count_noise(at);
                self.start += at;
                self.begin_interchange(read);
                self.tell_noise();
                Ok(true)
            }
            None if self.ended => {
                self.count_noise(self.buffer.len() - self.start);
                self.start = self.buffer.len();
                self.tell_noise();
                Ok(false)
            }
            None => {
                let keep = HEADER.min(self.buffer.len() - self.start);
                let pass = self.buffer.len() - self.start - keep;
                self.count_noise(pass);
                self.skip_to(self.start + pass);
                self.fill()?;
                Ok(true)
            }
        }
    }

    /// Counts bytes that belong to no interchange; blanks, byte-order marks and the end-of-file sign of DOS are nothing.
    fn count_noise(&mut self, bytes: usize) {
        let passed = &self.buffer[self.start..self.start + bytes];
        let nothing = |b: &&u8| !b.is_ascii_whitespace() && !matches!(**b, 0 | 0x1a | 0xef | 0xbb | 0xbf);
        self.noise += passed.iter().filter(nothing).count() as u64;
    }

    fn tell_noise(&mut self) {
        if self.noise > 0 {
            self.troubles.push((Trouble::Noise(self.noise), self.number + 1, self.position()));
            self.noise = 0;
        }
    }

    fn skip_to(&mut self, at: usize) {
        self.start = at;
        if self.header.is_some_and(|h| h < at) {
            self.header = None;
        }
        self.searched = self.searched.max(at);
    }

    /// Reads one more chunk, moving what is left to the front. `false` when the source has ended.
    fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.base += self.start as u64;
            self.searched = self.searched.saturating_sub(self.start);
            self.header = self.header.and_then(|at| at.checked_sub(self.start));
            self.start = 0;
        }
        let old = self.buffer.len();
        self.buffer.resize(old + self.chunk, 0);
        let mut read = 0;
        while read < self.chunk {
            match self.source.read(&mut self.buffer[old + read..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(n) => read += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.buffer.truncate(old + read);
                    return Err(error);
                }
            }
        }
        self.buffer.truncate(old + read);
        Ok(read > 0)
    }
}

/// The first byte that ends a segment.
fn end_of(bytes: &[u8], delimiters: Delimiters) -> Option<usize> {
    if !delimiters.ends_at_line_breaks() {
        return memchr(delimiters.terminator, bytes);
    }
    // Where the other line break parts something, it ends nothing.
    let other = if delimiters.terminator == b'\n' { b'\r' } else { b'\n' };
    if other == delimiters.element || Some(other) == delimiters.component {
        memchr(delimiters.terminator, bytes)
    } else {
        memchr2(b'\r', b'\n', bytes)
    }
}

/// A segment without the blanks and line breaks around it. Bytes 0x1C to 0x1F are never blank: they may be delimiters.
fn trim(buffer: &[u8], found: Found, delimiters: Delimiters) -> Found {
    let bytes = &buffer[found.from..found.to];
    let blank = |b: u8| {
        let blank = matches!(b, b' ' | b'\t' | 0 | 0x1a) && b != delimiters.element && Some(b) != delimiters.component;
        blank || delimiters.is_noise(b)
    };
    let lead = bytes.iter().take_while(|b| blank(**b)).count();
    let tail = bytes[lead..].iter().rev().take_while(|b| delimiters.is_noise(**b) || **b == 0x1a).count();
    Found { from: found.from + lead, to: found.to - tail, ..found }
}

/// The length of the segment at the start of `bytes`, and the end of every element of it; `None` when it does not end there,
/// or a line break stands in it.
fn scan(bytes: &[u8], separator: u8, end: u8, ends: &mut Vec<u32>) -> Option<usize> {
    let [element, terminator] = [separator, end].map(|b| u64::from_le_bytes([b; 8]));
    let (mut at, mut words) = (0_u32, bytes.chunks_exact(8));
    for word in &mut words {
        let word = word.first_chunk().map_or(0, |w| u64::from_le_bytes(*w));
        let end = equal(word, terminator);
        let line_breaks = equal(word, CR) | equal(word, LF);
        // Only what stands before the end belongs to the segment.
        let before = end.wrapping_sub(1) & !end;
        if line_breaks & before != 0 {
            return None;
        }
        let mut found = equal(word, element) & before;
        while found != 0 {
            ends.push(at + found.trailing_zeros() / 8);
            found &= found - 1;
        }
        if end != 0 {
            let length = at + end.trailing_zeros() / 8;
            ends.push(length);
            return Some(length as usize);
        }
        at += 8;
    }
    for byte in words.remainder() {
        match *byte {
            b if b == end => {
                ends.push(at);
                return Some(at as usize);
            }
            b'\r' | b'\n' => return None,
            b if b == separator => ends.push(at),
            _ => {}
        }
        at += 1;
    }
    None
}

const CR: u64 = u64::from_le_bytes([b'\r'; 8]);
const LF: u64 = u64::from_le_bytes([b'\n'; 8]);

/// The top bit of each byte in which the words are equal, exactly.
const fn equal(word: u64, wanted: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let apart = word ^ wanted;
    !((apart & LOW).wrapping_add(LOW) | apart | LOW)
}

/// The end of every element. Eight bytes are compared at a time: segments are short, and there are many of them.
fn split(bytes: &[u8], element: u8, ends: &mut Vec<u32>) {
    let wanted = u64::from_le_bytes([element; 8]);
    let mut at = 0_u32;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let mut found = equal(word.first_chunk().map_or(0, |w| u64::from_le_bytes(*w)), wanted);
        while found != 0 {
            ends.push(at + found.trailing_zeros() / 8);
            found &= found - 1;
        }
        at += 8;
    }
    for byte in words.remainder() {
        if *byte == element {
            ends.push(at);
        }
        at += 1;
    }
    ends.push(at);
}
