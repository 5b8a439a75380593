//! Which bytes part elements, components and segments. Read from the interchange header itself, never from fixed positions:
//! one in five real headers is not 106 bytes long. Where there is no header they are inferred from what follows.

use memchr::memmem;

/// Bytes after the start of a header within which it must be complete.
pub(super) const HEADER: usize = 512;
/// How many segments are looked at to infer what ends a segment.
const VOTES: usize = 64;
/// Segment ids with which a file without a header may begin, or that follow soon.
const KNOWN: [&[u8]; 18] = [
    b"GS", b"ST", b"BPR", b"TRN", b"REF", b"DTM", b"N1", b"N3", b"N4", b"LX", b"CLP", b"SVC", b"CAS", b"BHT", b"HL",
    b"NM1", b"CLM", b"SV1",
];
/// With one of these (and the kind of file behind it) an interchange without its header may begin.
const FIRST: [&[u8]; 5] = [b"GS", b"ST", b"BPR", b"CLP", b"BHT"];

/// The delimiters of one interchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    /// Parts the elements of a segment; the byte after `ISA`.
    pub element: u8,
    /// Parts the components of an element (ISA16); an interchange may have none.
    pub component: Option<u8>,
    /// Parts repetitions of an element (ISA11 since 5010).
    pub repetition: Option<u8>,
    /// Ends a segment.
    pub terminator: u8,
}

impl Delimiters {
    /// Whether segments end at line breaks. Then CR and LF both do, for files mix them.
    #[must_use]
    pub const fn ends_at_line_breaks(&self) -> bool {
        is_break(self.terminator)
    }

    /// Whether this byte is a line break that means nothing: neither parts nor ends anything here.
    #[must_use]
    pub fn is_noise(&self, byte: u8) -> bool {
        is_break(byte) && byte != self.element && Some(byte) != self.component && !self.ends_at_line_breaks()
    }
}

const fn is_break(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// A byte that may part or end something.
const fn may_delimit(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && byte != b' '
}

/// The delimiters of the interchange header that begins at the start of `bytes`; `None` when it is none, or is damaged.
pub(super) fn of_header(bytes: &[u8]) -> Option<Delimiters> {
    let bytes = &bytes[..bytes.len().min(HEADER)];
    let mut at = after_id(bytes, 0, b"ISA")?;
    let element = *bytes.get(at).filter(|b| may_delimit(**b))?;
    // The sixteen separators, wherever they are. A word such as "ISA-" in a mail has no second one so near.
    let mut eleventh: Option<u8> = None;
    for n in 0..15 {
        let next = at + 1 + bytes.get(at + 1..)?.iter().position(|b| *b == element)?;
        let value = &bytes[at + 1..next];
        // The next segment begins before there were sixteen: the header is damaged.
        if ends_in_segment(value) {
            return None;
        }
        if n == 0 && value.iter().filter(|b| !is_break(**b)).count() > 4 {
            return None;
        }
        if n == 10 {
            eleventh = Some(value).and_then(|v| (v.len() == 1).then(|| v[0])).filter(|b| may_delimit(*b));
        }
        at = next;
    }
    // ISA16 and the terminator stand before the next segment.
    let from = at + 1;
    let next = (from..bytes.len()).find(|p| *p <= from + 24 && starts_segment(bytes, *p, element))?;
    let tail = &bytes[from..next];
    if tail.contains(&element) {
        return None;
    }
    let (component, terminator) = split_tail(tail, &bytes[next..], element)?;
    let component = component.filter(|b| may_delimit(*b));
    (may_delimit(terminator) && terminator != element).then_some(Delimiters {
        element,
        component,
        repetition: eleventh,
        terminator,
    })
}

/// Whether this value is a second header, or the id of another segment stands behind a terminator at its end. A line break
/// alone is one only before the ids of envelopes: elsewhere it may be a wrap.
fn ends_in_segment(value: &[u8]) -> bool {
    let is_sign = |b: u8| may_delimit(b) && !matches!(b, b'-' | b'.' | b'_' | b'&' | b'/');
    let follows = |id: &[u8]| {
        value.strip_suffix(id).is_some_and(|before| {
            before.iter().copied().rev().find(|b| !is_break(*b)).is_some_and(is_sign)
                || before.last().is_some_and(|b| is_break(*b)) && matches!(id, b"GS" | b"ST" | b"ISA")
        })
    };
    value.trim_ascii() == b"ISA" || follows(b"ISA") || KNOWN.iter().any(|id| follows(id))
}

/// The component separator and the terminator, from the bytes between the sixteenth separator and the next segment.
fn split_tail(tail: &[u8], rest: &[u8], element: u8) -> Option<(Option<u8>, u8)> {
    let signs: Vec<u8> = tail.iter().copied().filter(|b| !is_break(*b) && !matches!(b, b' ' | b'\t')).collect();
    let breaks: Vec<u8> = tail.iter().copied().filter(|b| is_break(*b)).collect();
    // How the next segment ends decides where one sign could be either.
    let ends = || {
        let next = (1..rest.len()).find(|p| starts_known(rest, *p, element))?;
        Some(&rest[..next])
    };
    match (&signs[..], &breaks[..]) {
        ([], []) => Some((None, *ends()?.last()?)),
        ([], [one]) => Some((None, *one)),
        ([], [first, second, ..]) => match ends() {
            // A carriage return may part components where each segment ends with a line feed alone.
            Some(end) if !end.ends_with(&[*first, *second]) && end.ends_with(&[*second]) => {
                Some((Some(*first), *second))
            }
            _ => Some((None, *first)),
        },
        ([one], breaks) => {
            let sign_ends = ends().is_some_and(|end| end.trim_ascii_end().ends_with(&[*one]));
            match breaks.first() {
                Some(line_break) if !sign_ends => Some((Some(*one), *line_break)),
                _ => Some((None, *one)),
            }
        }
        ([first, .., last], _) => Some((Some(*first), *last)),
    }
}

/// Where an interchange header begins in `bytes`, from `from` on; with its delimiters.
pub(super) fn find_header(bytes: &[u8], from: usize) -> Option<(usize, Delimiters)> {
    let rest = bytes.get(from..)?;
    memmem::find_iter(rest, b"ISA").find_map(|at| Some((from + at, of_header(&rest[at..])?)))
}

/// As [`find_header`] from the start, but also a header whose id is broken over lines. Too slow for whole files: for places
/// where a header must follow.
pub(super) fn find_any_header(bytes: &[u8]) -> Option<(usize, Delimiters)> {
    let whole = find_header(bytes, 0);
    let before = &bytes[..whole.map_or(bytes.len(), |(at, _)| at)];
    let broken = memchr::memchr_iter(b'I', before)
        .filter(|at| before[at + 1..].iter().find(|b| !is_break(**b)) == Some(&b'S'))
        .find_map(|at| Some((at, of_header(&bytes[at..])?)));
    broken.or(whole)
}

/// Where a set without an interchange header begins, and the delimiters that follow from the segments themselves.
pub(super) fn infer(bytes: &[u8]) -> Option<(usize, Delimiters)> {
    let start = (0..bytes.len()).find(|p| {
        bytes[*p].is_ascii_uppercase() && (*p == 0 || !bytes[p - 1].is_ascii_alphanumeric()) && is_first(bytes, *p)
    })?;
    let element = *bytes[start..].iter().find(|b| may_delimit(**b))?;
    let terminator = vote(&bytes[start..], element)?;
    let component = component(&bytes[start..], element).or(Some(b':'));
    Some((start, Delimiters { element, component, repetition: None, terminator }))
}

/// Whether a segment of [`FIRST`] with a plausible content begins here.
fn is_first(bytes: &[u8], at: usize) -> bool {
    FIRST.iter().any(|id| {
        let Some(sep) = after_id(bytes, at, id) else { return false };
        let Some(element) = bytes.get(sep).copied().filter(|b| may_delimit(*b) && *b != b',' && !is_break(*b)) else {
            return false;
        };
        let mut values = bytes[sep + 1..].split(|b| *b == element);
        let (first, second) = (values.next().unwrap_or_default(), values.next().unwrap_or_default());
        match *id {
            b"ST" => first.len() == 3 && first.iter().all(u8::is_ascii_digit),
            b"GS" => first.len() == 2 && first.iter().all(u8::is_ascii_uppercase),
            b"BPR" => first.len() == 1 && first[0].is_ascii_uppercase() && super::Amount::parse(second).is_ok(),
            b"BHT" => first.len() == 4 && first.iter().all(u8::is_ascii_digit),
            _ => !first.is_empty() && !second.is_empty() && second.iter().all(u8::is_ascii_digit),
        }
    })
}

/// The byte that stands most often before known segments.
fn vote(bytes: &[u8], element: u8) -> Option<u8> {
    let mut votes = [0_u32; 256];
    let mut seen = 0;
    for at in 1..bytes.len() {
        if !starts_known(bytes, at, element) {
            continue;
        }
        let before = &bytes[..at];
        let sign = before.iter().rev().copied().find(|b| !is_break(*b) && *b != b' ');
        // A line break counts only where no sign that could be the terminator stands before it.
        let voted = match (before.last().copied().filter(|b| is_break(*b)), sign) {
            (_, Some(sign)) if may_delimit(sign) && sign != element => sign,
            (Some(line_break), _) => line_break,
            _ => continue,
        };
        votes[usize::from(voted)] += 1;
        seen += 1;
        if seen == VOTES {
            break;
        }
    }
    let (byte, count) = votes.iter().enumerate().max_by_key(|(_, n)| **n)?;
    (*count > 0).then(|| u8::try_from(byte).ok()).flatten()
}

/// The byte after the qualifier of the first procedure code.
fn component(bytes: &[u8], element: u8) -> Option<u8> {
    [b"SVC", b"SV1"].into_iter().find_map(|id| {
        let at = memmem::find_iter(bytes, id).find(|at| bytes.get(at + 3) == Some(&element))?;
        let code = bytes.get(at + 4..at + 7)?;
        (code.starts_with(b"HC") && may_delimit(code[2]) && code[2] != element).then(|| code[2])
    })
}

/// The position behind an id that begins here, over line breaks within it.
fn after_id(bytes: &[u8], at: usize, id: &[u8]) -> Option<usize> {
    let mut p = at;
    for (n, wanted) in id.iter().enumerate() {
        while n > 0 && is_break(*bytes.get(p)?) {
            p += 1;
        }
        if bytes.get(p)? != wanted {
            return None;
        }
        p += 1;
    }
    // A wrap may fall between the id and its first separator.
    let skip = bytes[p..].iter().take_while(|b| is_break(**b)).count();
    let next = bytes.get(p + skip)?;
    Some(if skip > 0 && next.is_ascii_alphanumeric() {
        p
    } else if skip > 0 && may_delimit(*next) {
        p + skip
    } else {
        p
    })
}

/// Whether something like a segment begins here: a letter, one or two letters or digits, the separator.
fn starts_segment(bytes: &[u8], at: usize, element: u8) -> bool {
    if !bytes[at].is_ascii_uppercase() {
        return false;
    }
    let mut after = bytes[at + 1..].iter().copied().filter(|b| *b == element || !is_break(*b)).take(3);
    let mut letters = 0;
    loop {
        match after.next() {
            Some(b) if b == element => return letters >= 1,
            Some(b) if b.is_ascii_uppercase() || b.is_ascii_digit() => letters += 1,
            _ => return false,
        }
    }
}

fn starts_known(bytes: &[u8], at: usize, element: u8) -> bool {
    bytes[at].is_ascii_uppercase()
        && KNOWN.iter().any(|id| bytes[at..].starts_with(id) && bytes.get(at + id.len()) == Some(&element))
        && !bytes[at - 1].is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with these delimiters, followed by the segment that comes next.
    fn header(element: char, eleventh: &str, tail: &str, end: &str) -> String {
        let text = format!(
            "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260101*0800*{eleventh}*00501*000000001*0*T*{tail}\
             GS*HP*A*B*20260101*0800*1*X*005010X221A1{end}ST*835*0001{end}"
        );
        text.replace('*', &element.to_string())
    }

    fn read(text: &str) -> (u8, Option<u8>, u8) {
        let d = of_header(text.as_bytes()).unwrap();
        (d.element, d.component, d.terminator)
    }

    #[test]
    fn the_tail_of_the_header_tells_component_and_terminator() {
        let cases = [
            ('*', ":~", "~", (b'*', Some(b':'), b'~')),
            ('*', ":~\n", "~\n", (b'*', Some(b':'), b'~')),
            ('*', ":~\r\n", "~\r\n", (b'*', Some(b':'), b'~')),
            ('|', ">\n", "\n", (b'|', Some(b'>'), b'\n')),
            ('|', ">\r\n", "\r\n", (b'|', Some(b'>'), b'\r')),
            ('*', "~", "~", (b'*', None, b'~')),
            ('*', "~\n", "~\n", (b'*', None, b'~')),
            ('+', ":\u{1c}", "\u{1c}", (b'+', Some(b':'), 0x1c)),
            ('\u{1d}', "\u{1f}\u{1c}", "\u{1c}", (0x1d, Some(0x1f), 0x1c)),
            ('^', "$}", "}", (b'^', Some(b'$'), b'}')),
            ('*', "\r\n", "\r\n", (b'*', None, b'\r')),
            ('*', "\r\n", "\n", (b'*', Some(b'\r'), b'\n')),
        ];
        for (element, tail, end, want) in cases {
            let text = header(element, "U", tail, end);
            assert_eq!(read(&text), want, "{element:?} {tail:?} {end:?}");
        }
    }

    #[test]
    fn headers_of_any_width_are_read_and_words_are_not() {
        let narrow = "ISA*00**00**ZZ*A*ZZ*B*260101*0800*U*00401*1*0*P*>~GS*HP*A*B*20260101*0800*1*X*004010X091A1~";
        assert_eq!(read(narrow), (b'*', Some(b'>'), b'~'));
        let wrapped = header('*', "^", ":~", "~");
        let wrapped = format!("{}\n{}", &wrapped[..80], &wrapped[80..]);
        assert_eq!(read(&wrapped), (b'*', Some(b':'), b'~'));
        assert!(of_header(b"ISA*00*short~GS*HP*").is_none());
        assert!(of_header(b"ISA - our agreement - is in force - today").is_none());
    }

    #[test]
    fn without_a_header_the_segments_tell() {
        let text = b"GS|HP|A|B|20260101|0800|1|X|005010X221A1'\nST|835|0001'\nBPR|I|5|C|ACH'\nSVC|HC>96372|5|5'";
        let (at, d) = infer(text).unwrap();
        assert_eq!((at, d.element, d.component, d.terminator), (0, b'|', Some(b'>'), b'\''));
        let (at, d) = infer(b"junk\nST*835*0001\nBPR*I*5*C*ACH\nTRN*1*9*1\nCLP*1*1*5*5\n").unwrap();
        assert_eq!((at, d.element, d.component, d.terminator), (5, b'*', Some(b':'), b'\n'));
        assert!(infer(b"claim id,ST,GS\n1,OH,x\n").is_none());
    }
}
