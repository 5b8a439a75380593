//! Finds where a text may be cut so that no claim is torn: between two records that carry different claim numbers.
//!
//! Only the end of a block is looked at, backwards, one record after the other.

use std::ops::Range;

use memchr::{memchr2, memrchr};

use super::cells;

/// The last place up to `end` where one claim ends and another begins. When there is none from `settled` on, that is raised:
/// up to there the text is known to be one claim. `unquoted` are the parts of the text outside quotes, `end` the end of a
/// record. What follows `end` is not known, so the last claim is never let go.
pub(super) fn between_claims(
    text: &[u8],
    unquoted: &[Range<usize>],
    end: usize,
    column: usize,
    settled: &mut usize,
) -> Option<usize> {
    let mut at = end;
    // The end of the last claim, blank lines aside, and the number of the record that begins at `at`.
    let mut after: Option<(usize, Vec<u8>)> = None;
    while at > 0 && (at > *settled || (at == *settled && after.is_some())) {
        let begin = previous_end(text, unquoted, at);
        if let Some((first, last)) = claims(&text[begin..at], column) {
            let claim_end = match after {
                Some((_, after)) if after != last => return Some(at),
                Some((claim_end, _)) => claim_end,
                None => at,
            };
            after = Some((claim_end, first));
        }
        at = begin;
    }
    if let Some((claim_end, _)) = after {
        *settled = claim_end;
    }
    None
}

/// Where the record before this one begins: after the last line end outside quotes.
fn previous_end(text: &[u8], unquoted: &[Range<usize>], at: usize) -> usize {
    let last = at - 1;
    let before = &unquoted[..unquoted.partition_point(|part| part.start < last)];
    let line_end = |part: &Range<usize>| {
        let end = part.end.min(last);
        memrchr(b'\n', &text[part.start..end]).map(|i| part.start + i + 1)
    };
    before.iter().rev().find_map(line_end).unwrap_or(0)
}

/// The claim numbers of the first and the last record of a piece of text; there is one record, but for carriage returns.
fn claims(piece: &[u8], column: usize) -> Option<(Vec<u8>, Vec<u8>)> {
    let line = piece.strip_suffix(b"\n").unwrap_or(piece);
    if memchr2(b'"', b'\r', line).is_none() {
        let claim = line.split(|b| *b == b',').nth(column).map_or(&[][..], cells::trim).to_vec();
        return (!line.is_empty()).then(|| (claim.clone(), claim));
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(piece);
    let mut record = csv::ByteRecord::new();
    let mut found: Option<(Vec<u8>, Vec<u8>)> = None;
    // Reading from memory does not fail, and a flexible reader takes records of any width.
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        let claim = record.get(column).map_or(&[][..], cells::trim).to_vec();
        found = Some(match found {
            None => (claim.clone(), claim),
            Some((first, _)) => (first, claim),
        });
    }
    found
}
