//! What must hold of reading X12 whatever the bytes are: nothing panics, where chunks end changes nothing, what was read and
//! is written again is read as the same, and the delimiters do not matter.

use std::fmt;
use std::io::{self, Read};

use allowable::ingest::x12::{Reader, Trouble};
use allowable::ingest::{examine, remits};
use allowable::project::Project;
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use proptest::test_runner::RngSeed;

use crate::common::input;
use crate::x12_dirty::{CLAIMS, PLAIN, Seg, Style, TEXT, clean, cut, render, styled};

/// A segment as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    elements: Vec<Vec<u8>>,
    number: u32,
    offset: u64,
    terminated: bool,
}

/// All that was read, and in the same order what was said of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reading {
    tokens: Vec<Token>,
    troubles: Vec<(Trouble, u32, u64)>,
    /// The segments written again, each with the delimiters under which it was read.
    again: Vec<u8>,
    end: u64,
}

fn tokens(source: impl Read, chunk: usize) -> Reading {
    let mut reader = Reader::with_chunk(source, chunk);
    let mut reading = Reading::default();
    while let Some(segment) = reader.next().unwrap() {
        let elements = (0..=segment.len()).map(|n| segment.element(n).to_vec()).collect();
        reading.again.extend(segment.bytes());
        reading.again.push(segment.delimiters.terminator);
        reading.tokens.push(Token {
            elements,
            number: segment.number,
            offset: segment.offset,
            terminated: segment.terminated,
        });
        reading.troubles.extend(reader.troubles());
    }
    reading.troubles.extend(reader.troubles());
    reading.end = reader.position();
    reading
}

/// The elements alone, a line for each segment.
fn elements(reading: &Reading) -> Vec<String> {
    reading.tokens.iter().map(|t| line(&t.elements)).collect()
}

fn line(elements: &[Vec<u8>]) -> String {
    elements.iter().map(|e| e.escape_ascii().to_string()).collect::<Vec<_>>().join(" , ")
}

/// The first segment that differs.
fn apart(a: &[String], b: &[String]) -> Option<(usize, Option<String>, Option<String>)> {
    (0..a.len().max(b.len())).find(|n| a.get(*n) != b.get(*n)).map(|n| (n, a.get(n).cloned(), b.get(n).cloned()))
}

/// Reads the bytes in every way the library offers.
fn look(bytes: &[u8]) {
    tokens(bytes, 64);
    let file = || vec![input("x.835", bytes)];
    remits(&file(), &Project::default(), 1, &|_| (), None).unwrap();
    let mut rows = 0;
    remits(
        &file(),
        &Project::default(),
        1,
        &|_| (),
        Some(&mut |frames| {
            rows += frames.lines.height();
            Ok(())
        }),
    )
    .unwrap();
    let intake = examine(&file(), &Project::default(), &|_| ()).unwrap();
    for account in intake.files.iter().map(|f| &f.account).chain([&intake.account, &intake.remit_account]) {
        assert!(account.balances(), "{account:?}");
    }
}

/// The first claims of the clean file in an interchange that is whole: some 2 KB.
fn short() -> Vec<Seg> {
    let end = clean().iter().enumerate().filter(|(_, s)| s[0] == "CLP").map(|(at, _)| at).nth(5).unwrap();
    let set = clean()[..end].to_vec();
    // ISA and GS are not segments of the set; its SE is.
    let trailer = format!("SE*{}*0001~GE*1*1~IEA*1*000000001", set.len() - 2 + 1);
    [set, cut(&trailer)].concat()
}

/// Remittances and claims, as whole files of some 2 KB.
fn shapes() -> Vec<Vec<u8>> {
    let claims = &CLAIMS[..CLAIMS.match_indices("HL*").nth(5).unwrap().0];
    let claims = format!("{claims}SE*1*0001~\nGE*1*2~\nIEA*1*000000002~\n");
    let by_lines = Style { element: '|', component: '>', repetition: 'U', end: "\r\n" };
    let controls = Style { element: '\u{1d}', component: '\u{1f}', repetition: '\u{1e}', end: "\u{1c}" };
    vec![
        render(&short(), PLAIN),
        render(&short(), by_lines),
        render(&short(), controls),
        [render(&short(), by_lines), render(&short(), PLAIN)].concat(),
        render(&short()[2..], PLAIN),
        render(&short(), PLAIN).chunks(80).flat_map(|line| [line, b"\r\n"].concat()).collect(),
        claims.into_bytes(),
    ]
}

/// One thing that happens to a file on its way.
#[derive(Debug, Clone)]
enum Damage {
    Flip(Index, u8),
    Set(Index, u8),
    Delete(Index, usize),
    Repeat(Index, usize),
    /// Bytes of the whole 835 or 837 are put in.
    Splice(Index, Index, usize, bool),
    Cut(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    let byte = prop_oneof![any::<u8>(), proptest::sample::select(b"*~:|>^\r\n\x1c\x1d\x1e\x1f -.0ISAG".to_vec())];
    prop_oneof![
        (at(), 0_u8..8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        (at(), byte).prop_map(|(at, byte)| Damage::Set(at, byte)),
        (at(), 1_usize..300).prop_map(|(at, n)| Damage::Delete(at, n)),
        (at(), 1_usize..600).prop_map(|(at, n)| Damage::Repeat(at, n)),
        (at(), at(), 1_usize..600, any::<bool>()).prop_map(|(at, from, n, claims)| Damage::Splice(at, from, n, claims)),
        at().prop_map(Damage::Cut),
    ]
}

fn apply(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        if bytes.is_empty() {
            return bytes;
        }
        let len = bytes.len();
        match damage {
            Damage::Flip(at, bit) => bytes[at.index(len)] ^= 1 << bit,
            Damage::Set(at, byte) => bytes[at.index(len)] = *byte,
            Damage::Delete(at, n) => {
                let at = at.index(len);
                bytes.drain(at..len.min(at + n));
            }
            Damage::Repeat(at, n) => {
                let at = at.index(len);
                let piece = bytes[at..len.min(at + n)].to_vec();
                bytes.splice(at..at, piece);
            }
            Damage::Splice(at, from, n, claims) => {
                let source = if *claims { CLAIMS } else { TEXT }.as_bytes();
                // Headers and trailers are put in often: the first and the last bytes of the files.
                let from = match from.index(4) {
                    0 => 0,
                    1 => source.len() - n,
                    _ => from.index(source.len() - n),
                };
                let at = at.index(len);
                bytes.splice(at..at, source[from..from + n].iter().copied());
            }
            Damage::Cut(at) => bytes.truncate(at.index(len)),
        }
    }
    bytes
}

/// Bytes that are shown as text where a property fails.
#[derive(Clone)]
struct Bytes(Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

fn damaged() -> impl Strategy<Value = Bytes> {
    (0..shapes().len(), proptest::collection::vec(damage(), 1..8))
        .prop_map(|(shape, damages)| Bytes(apply(shapes().swap_remove(shape), &damages)))
}

/// Gives its bytes in pieces of changing sizes, as pipes do.
struct Trickle<'b>(&'b [u8], usize);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = (self.1 * 7 + 3) % 61;
        let n = (self.1 + 1).min(buffer.len()).min(self.0.len());
        buffer[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

/// Signs that part or end things somewhere; no letter, no figure, no sign of the clean file's values.
const SIGNS: &[char] = &[
    '*', '|', '+', '>', '<', '^', '$', '}', '{', ':', '~', '!', '%', '&', '\'', '"', '=', '?', '@', '#', ';', '`',
    '\\', '\u{1c}', '\u{1d}', '\u{1e}', '\u{1f}',
];

/// Text of names and numbers, without anything that could be a delimiter.
const VALUE: &str = "[A-Z0-9 .-]{0,12}[A-Z0-9.]";

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, rng_seed: RngSeed::Fixed(96_372), ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_an_x12_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        look(&bytes);
    }

    #[test]
    fn no_bytes_behind_a_good_header_make_an_x12_reader_panic(
        shape in 0_usize..7,
        bytes in proptest::collection::vec(prop_oneof![any::<u8>(), proptest::sample::select(b"*~:\r\n0SVCLPT.-".to_vec())], 0..500),
        keep in 0_usize..600,
    ) {
        let head = &shapes()[shape];
        look(&[&head[..keep.min(head.len())], &bytes].concat());
    }

    #[test]
    fn no_damage_makes_an_x12_reader_panic(Bytes(bytes) in damaged()) {
        look(&bytes);
    }

    #[test]
    fn where_chunks_end_changes_nothing(Bytes(bytes) in damaged(), chunk in 1_usize..3000) {
        let whole = tokens(&bytes[..], 1 << 20);
        for chunk in [chunk, 1, 7, 100, 4096] {
            prop_assert_eq!(&tokens(&bytes[..], chunk), &whole, "chunks of {}", chunk);
        }
        prop_assert_eq!(&tokens(Trickle(&bytes, chunk), 100), &whole, "a trickle");
    }

    #[test]
    fn segments_that_follow_each_other_are_numbered_and_stand_where_they_say(Bytes(bytes) in damaged()) {
        let reading = tokens(&bytes[..], 512);
        prop_assert_eq!(reading.end, bytes.len() as u64);
        let mut last = 0;
        for (n, token) in (1_u32..).zip(&reading.tokens) {
            prop_assert_eq!(token.number, n);
            prop_assert!(token.offset >= last && token.offset < bytes.len() as u64);
            // Its id begins there; a wrap may follow its first letter, but none comes before.
            if let Some(first) = token.elements[0].first() {
                prop_assert_eq!(&bytes[usize::try_from(token.offset).unwrap()], first);
            }
            last = token.offset;
        }
    }

    #[test]
    fn what_was_read_and_is_written_again_is_read_as_the_same(Bytes(bytes) in damaged()) {
        let first = tokens(&bytes[..], 1 << 20);
        let second = tokens(&first.again[..], 1 << 20);
        prop_assert_eq!(apart(&elements(&second), &elements(&first)), None);
    }

    #[test]
    fn delimiters_do_not_matter(
        signs in subsequence(SIGNS, 4).prop_shuffle(),
        ends_at_line in 0_usize..5,
        from in any::<Index>(),
        values in proptest::collection::vec(proptest::collection::vec(VALUE, 1..9), 0..8),
        // 0: none; else wrapped after so many bytes.
        wrap in prop_oneof![Just(0_usize), Just(80), 1_usize..200],
    ) {
        let mut segments = short();
        // Segments of any content, somewhere in the set.
        let at = 3 + from.index(segments.len() - 6);
        let ids = ["N3", "REF", "DTM", "LX", "PER", "ZZZ", "K3", "CLP"];
        let more = values.iter().zip(ids).map(|(values, id)| [&[id.to_owned()], &values[..]].concat());
        segments.splice(at..at, more.collect::<Vec<_>>());
        let own = signs[2].to_string();
        let end = match ends_at_line {
            0 => "\n".to_owned(),
            1 => "\r\n".to_owned(),
            2 => own.clone() + "\n",
            3 => own.clone() + "\r\n",
            _ => own,
        };
        let style = Style { element: signs[0], component: signs[1], repetition: signs[3], end: end.leak() };
        let mut bytes = render(&segments, style);
        if wrap > 0 && ends_at_line > 1 {
            bytes = bytes.chunks(wrap).flat_map(|line| [line, b"\n"].concat()).collect();
        }
        let reading = tokens(&bytes[..], 333);
        let own = |element: &String| styled(element, style).into_bytes();
        let want: Vec<String> = segments.iter().map(|s| line(&s.iter().map(own).collect::<Vec<_>>())).collect();
        prop_assert_eq!(apart(&elements(&reading), &want), None);
        prop_assert_eq!(reading.troubles, vec![]);
    }
}

#[test]
fn the_whole_file_in_chunks_of_any_size() {
    let whole = tokens(TEXT.as_bytes(), 1 << 20);
    assert_eq!(whole.tokens.len(), clean().len());
    for chunk in [511, 512, 513, 4096, 65_536, 100_000] {
        assert!(tokens(TEXT.as_bytes(), chunk) == whole, "chunks of {chunk}");
    }
}
