//! Finds the delimiter and the header row of a text: the pair under which most cells of one row are known headers.

use super::mapping::header_score;
use super::records::{Records, Step};
use crate::project::ColumnMap;

/// How many records from the top may stand above the header.
const DEPTH: usize = 30;

/// A row with fewer known headers is not taken for one.
const ENOUGH: usize = 3;

/// Delimiter, header and what stands above it.
pub(super) struct Layout {
    pub(super) delimiter: u8,
    pub(super) header_line: u32,
    pub(super) headers: Vec<String>,
    /// How many filled lines stand above the header.
    pub(super) above: usize,
}

/// The layout of the text, or `None` when no row looks like a header.
pub(super) fn layout(text: &str, wanted: &ColumnMap) -> Option<Layout> {
    let mut best: Option<(usize, Layout)> = None;
    for delimiter in [b',', b'\t', b';', b'|'] {
        let mut records = Records::new(text, delimiter, 0);
        for above in 0..DEPTH {
            let Step::Record(header_line) = records.next() else { break };
            let score = header_score(records.cells.iter(), wanted);
            if score >= ENOUGH && best.as_ref().is_none_or(|(most, _)| score > *most) {
                let headers = records.cells.iter().map(|h| h.trim().to_owned()).collect();
                best = Some((score, Layout { delimiter, header_line, headers, above }));
            }
        }
    }
    best.map(|(_, layout)| layout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_may_stand_below_a_title_and_use_any_delimiter() {
        for (text, delimiter, line) in [
            ("claim id,dos,cpt\n1,2,3\n", b',', 1),
            ("claim id\tdos\tcpt\n", b'\t', 1),
            ("Report of 2024, North Clinic\n\nclaim id;dos;cpt\n", b';', 3),
            ("claim id|dos|cpt\n", b'|', 1),
        ] {
            let layout = layout(text, &ColumnMap::new()).unwrap();
            assert_eq!((layout.delimiter, layout.header_line), (delimiter, line), "{text}");
        }
        assert!(layout("1,2,3\n4,5,6\n", &ColumnMap::new()).is_none());
    }
}
