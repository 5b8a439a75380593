//! The renderings, each a test of its own. First those that lack nothing, then those of which something is missing or wrong.

use std::io::{Cursor, Read as _, Write as _};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{
    PLAIN, Seg, Style, cents, clean, cut, dollars, id, interchange, is_whole, keeps, nth, read, render, sums,
    together_whole, transactions, wrapped,
};

const fn style(element: char, component: char, end: &'static str) -> Style {
    Style { element, component, repetition: 'U', end }
}

/// The clean file with some of its segments changed.
fn changed(change: impl Fn(&mut Seg)) -> Vec<Seg> {
    let mut segments = clean().to_vec();
    segments.iter_mut().for_each(change);
    segments
}

fn without(wanted: &str, n: usize) -> Vec<Seg> {
    let mut segments = clean().to_vec();
    segments.remove(nth(clean(), wanted, n));
    segments
}

fn plain(segments: &[Seg]) -> Vec<u8> {
    render(segments, PLAIN)
}

fn utf16(bytes: &[u8], unit: fn(u16) -> [u8; 2], mark: bool) -> Vec<u8> {
    let mark = mark.then_some(0xfeff_u16).into_iter();
    mark.chain(bytes.iter().map(|b| u16::from(*b))).flat_map(unit).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The elements that carry amounts.
fn amounts(segment: &Seg) -> Vec<usize> {
    match id(segment) {
        "BPR" => vec![2],
        "CLP" => vec![3, 4, 5],
        "SVC" => vec![2, 3],
        "CAS" => (3..segment.len()).step_by(3).collect(),
        "AMT" => vec![2],
        "PLB" => (4..segment.len()).step_by(2).collect(),
        _ => Vec::new(),
    }
}

/// An amount written in one of the ways in which payers write it.
fn written(amount: &str, way: usize) -> String {
    let value = cents(amount);
    let (sign, whole, part) = (if value < 0 { "-" } else { "" }, value.abs() / 100, value.abs() % 100);
    match way % 6 {
        0 if value >= 0 => format!("+{}", dollars(value)),
        1 => format!("{sign}{whole:08}.{part:02}"),
        2 if whole == 0 => format!("{sign}.{part:02}"),
        3 => format!("{sign}{whole}.{part:02}00"),
        4 if part == 0 => format!("{sign}{whole}."),
        5 => format!(" {} ", dollars(value)),
        _ => dollars(value),
    }
}

/// Each amount of the file in the next way of writing it.
fn all_ways() -> Vec<Seg> {
    let mut way = 0;
    let mut segments = clean().to_vec();
    for segment in &mut segments {
        for n in amounts(segment) {
            if !segment[n].is_empty() {
                segment[n] = written(&segment[n], way);
                way += 1;
            }
        }
    }
    segments
}

/// Two interchanges in one file, the second in another style.
fn two(first: Style, second: Style) -> Vec<u8> {
    let all = transactions();
    [render(&interchange(&all[..2]), first), render(&interchange(&all[2..]), second)].concat()
}

macro_rules! whole {
    ($($name:ident: $bytes:expr;)+) => { $(
        #[test]
        fn $name() {
            is_whole($bytes);
        }
    )+ };
}

whole! {
    as_the_guide_writes_it: render(clean(), PLAIN);
    without_line_breaks: render(clean(), Style { end: "~", ..PLAIN });
    lines_end_with_crlf: render(clean(), Style { end: "~\r\n", ..PLAIN });
    blank_lines_and_blanks_between_segments: render(clean(), Style { end: "~ \r\n\r\n\t ", ..PLAIN });

    pipes_and_greater_signs: render(clean(), style('|', '>', "~"));
    plus_signs_and_apostrophes: render(clean(), style('+', ':', "'\n"));
    greater_sign_pipe_plus: render(clean(), style('>', '|', "+"));
    caret_dollar_brace: render(clean(), style('^', '$', "}"));
    brace_caret_dollar: render(clean(), style('}', '^', "$\r\n"));
    the_usual_signs_in_each_others_place: render(clean(), style('~', '*', ":"));
    control_characters_part_everything: render(clean(), style('\u{1d}', '\u{1f}', "\u{1c}"));
    control_characters_with_line_breaks: render(clean(), style('\u{1e}', '\u{1c}', "\u{1d}\r\n"));
    line_feeds_end_segments: render(clean(), style('*', ':', "\n"));
    carriage_returns_end_segments: render(clean(), style('*', '>', "\r"));
    crlf_ends_segments: render(clean(), style('|', ':', "\r\n"));
    line_feeds_end_segments_of_control_characters: render(clean(), style('\u{1d}', '\u{1f}', "\n"));
    carriage_returns_part_elements: render(clean(), style('\r', '>', "~"));
    line_feeds_part_elements: render(clean(), style('\n', ':', "\u{1c}"));
    carriage_returns_part_components: render(clean(), style('*', '\r', "\n"));

    wrapped_at_80_columns: wrapped(&plain(clean()), 80, "\n");
    wrapped_at_80_columns_with_crlf: wrapped(&plain(clean()), 80, "\r\n");
    wrapped_within_every_id: wrapped(&plain(clean()), 2, "\n");
    wrapped_after_every_byte: wrapped(&plain(clean()), 1, "\r\n");
    wrapped_before_the_component_separator: wrapped(&plain(clean()), 104, "\r\n");
    wrapped_before_the_terminator: wrapped(&plain(clean()), 105, "\n");
    wrapped_with_control_characters: wrapped(&render(clean(), style('\u{1d}', '\u{1f}', "\u{1e}")), 80, "\r\n");

    a_byte_order_mark_before_it: [b"\xef\xbb\xbf", &plain(clean())[..]].concat();
    utf16_little_endian: utf16(&plain(clean()), u16::to_le_bytes, true);
    utf16_big_endian: utf16(&plain(clean()), u16::to_be_bytes, true);
    utf16_little_endian_without_mark: utf16(&plain(clean()), u16::to_le_bytes, false);
    utf16_big_endian_without_mark: utf16(&plain(clean()), u16::to_be_bytes, false);
    utf16_wrapped_at_80_columns: utf16(&wrapped(&plain(clean()), 80, "\r\n"), u16::to_le_bytes, true);
    blanks_and_lines_before_it: [b"  \r\n\r\n \t", &plain(clean())[..]].concat();
    the_end_of_file_sign_of_dos: [&plain(clean())[..], b"\x1a"].concat();
    padded_with_blanks_and_zeros_to_a_block: [&plain(clean())[..], &[b' '; 300], &[0; 500]].concat();
    no_terminator_at_the_very_end: plain(clean()).strip_suffix(b"~\n").unwrap().to_vec();

    header_fields_that_are_not_padded: plain(&changed(|s| {
        if id(s) == "ISA" {
            s.iter_mut().for_each(|e| *e = e.trim_end().to_owned());
        }
    }));
    header_fields_that_are_too_long: plain(&changed(|s| {
        if id(s) == "ISA" {
            s[6] += "          ";
        }
    }));
    no_component_separator_in_the_header: plain(&changed(|s| {
        if id(s) == "ISA" {
            s[16] = String::new();
        }
    }));
    a_blank_in_the_place_of_the_component_separator: plain(&changed(|s| {
        if id(s) == "ISA" {
            s[16] = " ".to_owned();
        }
    }));
    amounts_written_in_every_way: plain(&all_ways());
    a_blank_number_of_units: plain(&changed(|s| {
        if id(s) == "SVC" && s[5] == "1" {
            s[5] = String::new();
        }
    }));
    codes_without_their_qualifier: plain(&changed(|s| {
        if id(s) == "SVC" && s[1].split(':').count() == 2 {
            s[1] = s[1].strip_prefix("HC:").unwrap().to_owned();
        }
    }));
    empty_elements_at_the_end: plain(&changed(|s| {
        if id(s) != "ISA" {
            s.extend([String::new(), String::new()]);
        }
    }));
    no_lx_before_the_claims: plain(&{
        let mut segments: Vec<Seg> = clean().iter().filter(|s| id(s) != "LX").cloned().collect();
        segments.iter_mut().filter(|s| id(s) == "SE").for_each(|s| s[1] = (s[1].parse::<u32>().unwrap() - 1).to_string());
        segments
    });

    two_interchanges_with_other_delimiters: two(PLAIN, style('|', '>', "\n"));
    two_interchanges_the_first_by_lines: two(style('*', ':', "\r\n"), style('\u{1d}', '\u{1f}', "\u{1c}"));
    two_interchanges_one_behind_the_other_without_a_break:
        two(style('*', ':', "~"), Style { element: '^', component: '|', repetition: 'U', end: "!" });
    two_wrapped_interchanges: {
        let all = transactions();
        // Widths of 3 and 2 break the letters of both headers.
        let first = wrapped(&render(&interchange(&all[..1]), style('*', ':', "~")), 3, "\n");
        [first, wrapped(&render(&interchange(&all[1..]), style('|', '>', "^")), 2, "\r\n")].concat()
    };
    an_interchange_for_every_payment: transactions().iter().flat_map(|t| plain(&interchange(std::slice::from_ref(t)))).collect();
    two_groups_in_an_interchange: plain(&{
        let (mut first, mut second) = (interchange(&transactions()[..1]), interchange(&transactions()[1..]));
        first.pop();
        second.remove(0);
        second.last_mut().unwrap()[1] = "2".to_owned();
        [first, second].concat()
    });
    gzipped: gzip(&plain(clean()));
    gzipped_in_two_pieces: {
        let (first, second) = (&plain(clean())[..70_000], &plain(clean())[70_000..]);
        [gzip(first), gzip(second)].concat()
    };
    gzipped_utf16: gzip(&utf16(&plain(clean()), u16::to_be_bytes, true));
}

#[test]
fn letters_of_latin_1_in_names() {
    let text = String::from_utf8(plain(clean())).unwrap().replace("TESTVILLE", "Z~RICH").replace("PATIENT", "M~LLER");
    // A tilde ends segments: it stands for the letter only where no line ends.
    let mut bytes = text.into_bytes();
    for at in 0..bytes.len() {
        if bytes[at] == b'~' && bytes.get(at + 1).is_some_and(u8::is_ascii_uppercase) {
            bytes[at] = 0xdc;
        }
    }
    assert!(std::str::from_utf8(&bytes).is_err());
    is_whole(bytes);
}

#[test]
fn a_file_of_version_4010() {
    let file = is_whole(plain(&changed(|s| match id(s) {
        "ISA" => (s[11], s[12]) = ("U".to_owned(), "00401".to_owned()),
        "GS" => s[8] = "004010X091A1".to_owned(),
        _ => {}
    })));
    assert_eq!(file.format, "X12 835 4010");
}

#[test]
fn an_archive_of_two_files() {
    let all = transactions();
    let second = wrapped(&render(&interchange(&all[2..]), style('|', '>', "^")), 80, "\r\n");
    let files = read(vec![(
        "era.zip",
        zip(&[("week/tuesday.835", second), ("week/monday.835", plain(&interchange(&all[..2])))]),
    )]);
    let names: Vec<&str> = files.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["era.zip/week/monday.835", "era.zip/week/tuesday.835"]);
    together_whole(&files);
}

/// Every segment of the clean file that is not the header, with its number.
fn number(segments: &[Seg], wanted: &str, n: usize) -> usize {
    nth(segments, wanted, n) + 1
}

const NO_ISA: &str =
    "missing-header 1 ISA: no interchange header (ISA): the delimiters were inferred from the segments";

/// What is said where the file ends at this segment with everything open.
fn open_end(last: usize) -> String {
    format!("missing-trailer {last} SE: the file ends without SE, GE, IEA")
}

#[test]
fn no_interchange_header() {
    let segments = &clean()[1..];
    for with in
        [style('*', ':', "~\n"), style('|', '>', "\n"), style('\u{1d}', '\u{1f}', "\u{1c}"), style('^', '$', "}")]
    {
        keeps(render(segments, with), segments, &[NO_ISA.to_owned()]);
    }
    // Its trailer is missing, too: that is said once.
    let segments = &segments[..segments.len() - 1];
    keeps(plain(segments), segments, &[NO_ISA.to_owned()]);
}

#[test]
fn no_interchange_header_and_wrapped() {
    keeps(wrapped(&plain(&clean()[1..]), 80, "\r\n"), &clean()[1..], &[NO_ISA.to_owned()]);
}

#[test]
fn neither_interchange_nor_group() {
    let segments = transactions().concat();
    for with in [PLAIN, style('|', '>', "'"), style('*', ':', "\r\n")] {
        keeps(render(&segments, with), &segments, &[NO_ISA.to_owned()]);
    }
}

#[test]
fn nothing_but_a_payment_with_its_claims() {
    let segments = &transactions()[0][1..];
    let no_st = "missing-header 1 ST: a set begins without its header (ST)".to_owned();
    keeps(plain(segments), segments, &[NO_ISA.to_owned(), no_st]);
}

#[test]
fn a_group_without_its_header() {
    let segments = without("GS", 0);
    let (ge, iea) = (segments.len() - 1, segments.len());
    let findings = [
        format!("missing-header {ge} GS: a trailer (GE) without a group header (GS)"),
        format!("count-differs {iea} IEA01: the trailer says 1, 0 groups were read in the interchange"),
    ];
    keeps(plain(&segments), &segments, &findings);
}

#[test]
fn a_set_without_its_header() {
    let segments = without("ST", 1);
    let at = number(&segments, "BPR", 1);
    keeps(plain(&segments), &segments, &[format!("missing-header {at} ST: a set begins without its header (ST)")]);
}

#[test]
fn a_set_without_its_trailer() {
    let segments = without("SE", 0);
    let at = number(&segments, "ST", 1);
    keeps(plain(&segments), &segments, &[format!("missing-trailer {at} SE: a set has no trailer (SE)")]);
}

#[test]
fn a_group_without_its_trailer() {
    let segments = without("GE", 0);
    let at = segments.len();
    keeps(plain(&segments), &segments, &[format!("missing-trailer {at} GE: a group has no trailer (GE)")]);
}

#[test]
fn an_interchange_without_its_trailer() {
    let segments = without("IEA", 0);
    let at = segments.len();
    keeps(plain(&segments), &segments, &[format!("missing-trailer {at} IEA: the file ends without IEA")]);
}

#[test]
fn all_trailers_are_missing() {
    let segments = &clean()[..clean().len() - 3];
    keeps(plain(segments), segments, &[open_end(segments.len())]);
}

#[test]
fn counts_that_are_wrong() {
    // The last set of the clean file holds 1705 segments by its own trailer.
    assert_eq!(transactions()[2].len(), 1705);
    let mut segments = clean().to_vec();
    let [se, ge, iea] = [number(clean(), "SE", 2), number(clean(), "GE", 0), number(clean(), "IEA", 0)];
    segments[se - 1][1] = "1704".to_owned();
    segments[ge - 1][1] = "4".to_owned();
    segments[iea - 1][1] = "x".to_owned();
    let findings = [
        format!("count-differs {se} SE01: the trailer says 1704, 1705 segments were read in the set"),
        format!("count-differs {ge} GE01: the trailer says 4, 3 sets were read in the group"),
        format!("count-differs {iea} IEA01: the trailer says no number, 1 groups were read in the interchange"),
    ];
    keeps(plain(&segments), &segments, &findings);
}

#[test]
fn control_numbers_that_are_not_those_of_the_header() {
    let mut segments = clean().to_vec();
    let [se, ge, iea] = [number(clean(), "SE", 1), number(clean(), "GE", 0), number(clean(), "IEA", 0)];
    segments[se - 1][2] = "0009".to_owned();
    segments[ge - 1][2] = "77".to_owned();
    segments[iea - 1][2] = "000000002".to_owned();
    let of = |at, element, header| {
        format!(
            "control-number-differs {at} {element}: \
             the control number of the trailer is not that of its header ({header})"
        )
    };
    keeps(plain(&segments), &segments, &[of(se, "SE02", "ST02"), of(ge, "GE02", "GS06"), of(iea, "IEA02", "ISA13")]);
}

#[test]
fn a_segment_is_lost_on_the_way() {
    // A whole claim with its lines, so that the set counts fewer segments and the payment no longer adds up.
    let (from, to) = (nth(clean(), "CLP", 7), nth(clean(), "CLP", 8));
    let lost = to - from;
    let segments: Vec<Seg> = [&clean()[..from], &clean()[to..]].concat();
    let (told, se) = (transactions()[0].len(), number(&segments, "SE", 0));
    let left = told - lost;
    let finding = format!("count-differs {se} SE01: the trailer says {told}, {left} segments were read in the set");
    let file = keeps(plain(&segments), &segments, &[finding]);
    assert_eq!(file.tally.balance.transactions.balanced, 2);
}

#[test]
fn mail_around_the_file() {
    let before = "From: a payer\r\nSubject: ISA and GS of July\r\n\r\nDear office,\r\nISA - our agreement - is in force.\r\n\r\n";
    let after = "\r\n-- \r\nThis message is confidential.\r\n";
    let count = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let noise = |n, byte, line| format!("noise-skipped {line}: {n} bytes around byte {byte} belong to no interchange");
    let file = plain(clean());
    let whole = [before.as_bytes(), &file].concat();
    keeps(whole.clone(), clean(), &[noise(count(before), before.len(), 1)]);
    // Both are one finding, seen twice.
    let both = format!("{} (2 times)", noise(count(before), before.len(), 1));
    keeps([&whole[..], after.as_bytes()].concat(), clean(), &[both]);
    let end = noise(count(after), file.len() + after.len(), clean().len() + 1);
    keeps([&file[..], after.as_bytes()].concat(), clean(), &[end]);
}

#[test]
fn a_header_that_is_damaged() {
    let junk = "ISA*00*          *00*~\n";
    let file = [junk.as_bytes(), &plain(&clean()[1..])].concat();
    let count = junk.chars().filter(|c| !c.is_whitespace()).count();
    let noise = format!("noise-skipped 1: {count} bytes around byte {} belong to no interchange", junk.len());
    keeps(file, &clean()[1..], &[NO_ISA.to_owned(), noise]);
}

#[test]
fn sets_of_other_kinds_between_the_remittances() {
    let mut segments = clean().to_vec();
    let at = nth(clean(), "ST", 1);
    let other = cut("ST*999*0009~AK1*HC*1*005010X222A1~AK9*A*1*1*1~SE*4*0009~");
    segments.splice(at..at, other);
    let ge = number(&segments, "GE", 0);
    segments[ge - 1][1] = "4".to_owned();
    let finding = format!("set-not-read {} ST01: a 999 (acknowledgement) was passed over", at + 1);
    keeps(plain(&segments), clean(), &[finding]);
}

/// Where a segment begins in the plain rendering.
fn offset(at: usize) -> usize {
    plain(&clean()[..at]).len()
}

fn breaks_off(at: usize, offset: usize) -> String {
    format!("broken-segment {}: the segment at byte {offset} breaks off; it was not used", at + 1)
}

/// The file up to this many bytes into a segment.
#[track_caller]
fn broken_in(at: usize, bytes: usize) {
    let file = plain(&clean()[..=at]);
    let cut = offset(at) + bytes;
    assert!(cut < file.len() - 2, "the break falls into the segment");
    keeps(file[..cut].to_vec(), &clean()[..at], &[breaks_off(at, offset(at)), open_end(at + 1)]);
}

#[test]
fn breaks_off_within_an_amount() {
    // 132.4 of 132.45 would look whole.
    let long = |n: &usize| {
        let segment = &clean()[*n];
        id(segment) == "SVC" && segment[3].len() > 4
    };
    let at = (nth(clean(), "CLP", 300)..).find(long).unwrap();
    broken_in(at, clean()[at][..4].join("*").len() - 1);
}

#[test]
fn breaks_off_within_an_adjustment() {
    let at = nth(clean(), "CAS", 900);
    broken_in(at, clean()[at][..4].join("*").len() - 1);
}

#[test]
fn breaks_off_within_the_letters_of_a_segment() {
    broken_in(nth(clean(), "CLP", 17), 2);
}

#[test]
fn breaks_off_within_the_payment() {
    broken_in(nth(clean(), "BPR", 2), 9);
}

#[test]
fn breaks_off_between_two_segments() {
    for claim in [1, 250, 511] {
        let segments = &clean()[..nth(clean(), "CLP", claim)];
        keeps(plain(segments), segments, &[open_end(segments.len())]);
    }
}

#[test]
fn breaks_off_where_lines_end_segments() {
    let (at, style) = (nth(clean(), "SVC", 40), style('|', '>', "\r\n"));
    let (start, whole) = (render(&clean()[..at], style).len(), render(&clean()[..=at], style));
    let findings = [breaks_off(at, start), open_end(at + 1)];
    keeps(whole[..start + 12].to_vec(), &clean()[..at], &findings);
}

#[test]
fn a_gzip_that_breaks_off() {
    let packed = gzip(&plain(clean()));
    let packed = &packed[..packed.len() / 2];
    let mut text = Vec::new();
    MultiGzDecoder::new(packed).read_to_end(&mut text).unwrap_err();
    let text = String::from_utf8(text).unwrap();
    let whole = &text[..text.rfind('~').unwrap()];
    let kept = cut(whole);
    let mut files = read(vec![("dirty.835", packed.to_vec())]);
    let file = files.remove(0);
    super::equal(&serde_json::to_value(&file).unwrap(), &sums(&kept));
    let told = super::told(&file);
    let said = |code: &str| told.iter().find(|t| t.starts_with(code)).unwrap_or_else(|| panic!("{code}: {told:#?}"));
    assert!(said("truncated-file").contains(&format!("reading failed after {} bytes: ", text.len())), "{told:#?}");
    assert!(said("missing-trailer").ends_with("the file ends without SE, GE, IEA"));
}

/// Two interchanges of which the first breaks off so.
fn behind(broken: &[u8], kept: &[Seg], findings: &[String]) {
    let second = interchange(&transactions()[1..]);
    let file = [broken, &render(&second, style('|', '>', "\n"))].concat();
    keeps(file, &[kept, &second].concat(), findings);
}

/// These trailers are missed where the interchange that begins with this segment shows it.
fn missed(at: usize, trailers: &[&str]) -> Vec<String> {
    let what = |id: &str| match id {
        "SE" => "a set",
        "GE" => "a group",
        _ => "an interchange",
    };
    trailers.iter().map(|t| format!("missing-trailer {at} {t}: {} has no trailer ({t})", what(t))).collect()
}

#[test]
fn an_interchange_behind_one_without_its_trailers() {
    let first = interchange(&transactions()[..1]);
    for (lost, trailers) in [(1, &["IEA"][..]), (2, &["GE", "IEA"]), (3, &["SE", "GE", "IEA"])] {
        let kept = &first[..first.len() - lost];
        behind(&plain(kept), kept, &missed(kept.len() + 1, trailers));
    }
}

#[test]
fn an_interchange_behind_one_that_breaks_off_within_a_segment() {
    let at = nth(clean(), "SVC", 30);
    let whole = plain(&clean()[..=at]);
    for bytes in [2, 9, 15] {
        let mut findings = missed(at + 2, &["SE", "GE", "IEA"]);
        findings.push(breaks_off(at, offset(at)));
        behind(&whole[..offset(at) + bytes], &clean()[..at], &findings);
    }
}

#[test]
fn what_is_no_remittance_is_said_and_adds_nothing() {
    // The header alone breaks off: there is nothing to read.
    let head = &plain(clean())[..60];
    let mut files = read(vec![("dirty.835", head.to_vec())]);
    let file = files.remove(0);
    assert!(file.unreadable);
    assert_eq!(file.findings[0].code.as_str(), "binary-file");
    assert_eq!(file.findings[0].found, "no X12 interchange and no 835 begins in it");
    assert_eq!(file.tally, allowable::ingest::remit835::Tally::default());
}
