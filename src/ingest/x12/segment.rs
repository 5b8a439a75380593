//! One segment, borrowed from the chunk it stands in.

use super::Delimiters;

/// A segment: an id and its elements. Elements are counted from 1 as in the guides (`SVC03` is `element(3)`); 0 is the id.
/// Line breaks that are no delimiters are gone already; other bytes are as they came.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'b> {
    pub(super) bytes: &'b [u8],
    /// The end of every element within `bytes`.
    pub(super) ends: &'b [u32],
    /// The delimiters in force.
    pub delimiters: &'b Delimiters,
    /// Which segment of the file this is, from 1. A file with one segment per line has its line numbers here.
    pub number: u32,
    /// The byte of the (decoded) file at which it begins.
    pub offset: u64,
    /// Whether its terminator was seen. The last segment of a file that breaks off has none.
    pub terminated: bool,
}

impl<'b> Segment<'b> {
    /// The id: `SVC`, `CAS`.
    #[must_use]
    pub fn id(&self) -> &'b [u8] {
        self.element(0)
    }

    /// An element; one that is not there is empty.
    #[must_use]
    pub fn element(&self, n: usize) -> &'b [u8] {
        let Some(&end) = self.ends.get(n) else { return &[] };
        let start = if n == 0 { 0 } else { self.ends[n - 1] as usize + 1 };
        self.bytes.get(start..end as usize).unwrap_or_default()
    }

    /// How many elements follow the id.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len().saturating_sub(1)
    }

    /// Whether there is nothing but the id.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The components of an element, in order; a simple element is its only component. Where the header names no separator
    /// (ISA16 is blank), the first sign of the element is taken for it.
    pub fn components(&self, n: usize) -> impl Iterator<Item = &'b [u8]> + use<'b> {
        let element = self.element(n);
        let sign = |b: &u8| !b.is_ascii_alphanumeric() && !matches!(b, b' ' | b'.' | b'-' | b',');
        let separator = self.delimiters.component.or_else(|| element.iter().copied().find(sign));
        element.split(move |b| Some(*b) == separator)
    }

    /// One component of an element, counted from 1 (`SVC01-2` is `component(1, 2)`); one that is not there is empty.
    #[must_use]
    pub fn component(&self, n: usize, part: usize) -> &'b [u8] {
        self.components(n).nth(part - 1).unwrap_or_default()
    }

    /// The bytes between the terminators, without line breaks that are no delimiters.
    #[must_use]
    pub const fn bytes(&self) -> &'b [u8] {
        self.bytes
    }
}
