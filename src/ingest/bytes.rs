//! From the bytes of a file to text: gzip, encodings, and what is no text at all. Knows nothing of columns or rows.

use std::borrow::Cow;
use std::io::Read;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::read::MultiGzDecoder;

use crate::finding::{Finding, FindingCode, Place};

/// Gzip may blow up a small file: more than this is refused.
pub(super) const LIMIT: u64 = 8 << 30;

/// What a file turned out to be.
pub(crate) enum Content<'b> {
    /// Text in UTF-8.
    Text(Text<'b>),
    /// A Parquet file.
    Parquet(Cow<'b, [u8]>),
}

/// The text of a file and how it was read.
pub(crate) struct Text<'b> {
    pub(crate) text: Cow<'b, str>,
    pub(super) encoding: &'static str,
    pub(super) gzip: bool,
    /// What is worth saying of the bytes.
    pub(crate) findings: Vec<Finding>,
    /// The compressed file was cut off: its last line is not to be trusted.
    pub(crate) cut_off: bool,
}

/// Reads the bytes of the file `name`.
///
/// # Errors
/// A finding that says what the file is, when it is neither text nor Parquet, or holds nothing.
pub(crate) fn content<'b>(name: &str, bytes: &'b [u8]) -> Result<Content<'b>, Box<Finding>> {
    let place = || Place::file(name);
    let mut findings = Vec::new();
    let (mut cut_off, mut gzip) = (false, false);
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        gzip = true;
        let mut plain = Vec::new();
        let end = MultiGzDecoder::new(bytes).take(LIMIT).read_to_end(&mut plain);
        if let Err(error) = end {
            cut_off = true;
            let found = format!("the compressed file breaks off after {} bytes of text: {error}", plain.len());
            if plain.is_empty() {
                return Err(Box::new(Finding::new(FindingCode::TruncatedFile, place(), found)));
            }
            findings.push(Finding::new(FindingCode::TruncatedFile, place(), found));
        }
        if plain.len() as u64 == LIMIT {
            let found = "the compressed file holds more than 8 GB";
            return Err(Box::new(
                Finding::new(FindingCode::BinaryFile, place(), found).help("split it into smaller files"),
            ));
        }
        Cow::Owned(plain)
    } else {
        Cow::Borrowed(bytes)
    };
    if bytes.starts_with(b"PAR1") {
        return Ok(Content::Parquet(bytes));
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Box::new(Finding::new(FindingCode::EmptyFile, place(), "the file is empty")));
    }
    if let Some((what, help)) = not_text(&bytes) {
        return Err(Box::new(
            Finding::new(FindingCode::BinaryFile, place(), format!("this is {what}, not CSV")).help(help),
        ));
    }
    let (text, encoding) = decode(bytes);
    if encoding != "UTF-8" {
        findings.push(Finding::new(FindingCode::EncodingGuessed, place(), format!("read as {encoding}")));
    }
    if text.bytes().take(1 << 16).any(|b| b == 0) {
        let found = "the file holds NUL bytes: it is not text";
        return Err(Box::new(Finding::new(FindingCode::BinaryFile, place(), found)));
    }
    Ok(Content::Text(Text { text, encoding, gzip, findings, cut_off }))
}

/// Well-known files that are no CSV, with what to do about each.
fn not_text(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const SHEET: &str = "open it in the spreadsheet program and save the sheet as \"CSV UTF-8\"";
    let head: String = bytes.iter().take(512).map(|b| char::from(b.to_ascii_lowercase())).collect();
    let start = head.trim_start_matches(['\u{ef}', '\u{bb}', '\u{bf}']).trim_start();
    let whole = |what: &str| bytes.windows(what.len()).take(1 << 16).any(|w| w == what.as_bytes());
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        let sheet = whole("xl/") || whole("[Content_Types].xml");
        return Some(if sheet {
            ("an Excel workbook (.xlsx)", SHEET)
        } else {
            ("a ZIP archive", "unpack it and give the files in it")
        });
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Some(("an old Excel workbook (.xls)", SHEET));
    }
    if bytes.starts_with(b"%PDF") {
        return Some(("a PDF", "ask for the data as CSV, or for the 835 behind the printed remittance"));
    }
    if bytes.starts_with(b"\x89PNG") || bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return Some(("a picture", "ask for the data as CSV"));
    }
    if start.starts_with("<html") || start.starts_with("<!doctype") || start.starts_with("<table") {
        return Some(("a web page (many programs call it .xls)", SHEET));
    }
    if start.starts_with("<?xml") {
        return Some(("XML", "export it as CSV"));
    }
    if start.starts_with('{') || start.starts_with("[{") {
        return Some(("JSON", "export it as CSV or Parquet"));
    }
    if start.starts_with("isa*") || start.starts_with("isa|") {
        return Some((
            "a damaged X12 file: its interchange header cannot be read",
            "get the file again from the sender",
        ));
    }
    None
}

/// Decodes to UTF-8: by byte-order mark, by the zeros of UTF-16, as UTF-8, else as Windows-1252.
fn decode(bytes: Cow<'_, [u8]>) -> (Cow<'_, str>, &'static str) {
    let utf16 = |encoding: &'static Encoding, name| (Cow::Owned(encoding.decode(&bytes).0.into_owned()), name);
    if bytes.starts_with(&[0xff, 0xfe]) {
        return utf16(UTF_16LE, "UTF-16 LE");
    }
    if bytes.starts_with(&[0xfe, 0xff]) {
        return utf16(UTF_16BE, "UTF-16 BE");
    }
    // Without a mark: text of western letters has a zero in every second byte.
    let head = &bytes[..bytes.len().min(4096)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    if head.len() >= 8 && zeros(1) * 10 > head.len() * 4 && zeros(0) == 0 {
        return utf16(UTF_16LE, "UTF-16 LE");
    }
    if head.len() >= 8 && zeros(0) * 10 > head.len() * 4 && zeros(1) == 0 {
        return utf16(UTF_16BE, "UTF-16 BE");
    }
    let skip = if bytes.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
    if let Err(error) = std::str::from_utf8(&bytes) {
        // Bytes that are not UTF-8 in a file that otherwise uses it damage their rows only; a file without a single
        // multi-byte letter was written in the encoding of an older Windows program.
        let text = if has_multibyte(&bytes, error.valid_up_to(), skip) {
            (Cow::Owned(String::from_utf8_lossy(&bytes[skip..]).into_owned()), "UTF-8")
        } else {
            (Cow::Owned(WINDOWS_1252.decode(&bytes[skip..]).0.into_owned()), "Windows-1252")
        };
        return text;
    }
    let text = match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(std::str::from_utf8(&bytes[skip..]).unwrap_or_default()),
        Cow::Owned(mut bytes) => {
            bytes.drain(..skip);
            Cow::Owned(String::from_utf8(bytes).unwrap_or_default())
        }
    };
    (text, "UTF-8")
}

/// Whether the file holds a letter of several bytes anywhere, or a UTF-8 mark at its start.
fn has_multibyte(bytes: &[u8], valid: usize, mark: usize) -> bool {
    mark > 0
        || bytes[..valid].iter().any(|b| !b.is_ascii())
        || bytes[valid..].utf8_chunks().any(|chunk| !chunk.valid().is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> (String, &'static str) {
        match content("x", bytes) {
            Ok(Content::Text(text)) => (text.text.into_owned(), text.encoding),
            Ok(Content::Parquet(_)) => ("parquet".to_owned(), ""),
            Err(finding) => (finding.found, ""),
        }
    }

    #[test]
    fn recognises_encodings() {
        let wide: Vec<u8> = "Zürich,1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text("Zürich,1\n".as_bytes()), ("Zürich,1\n".to_owned(), "UTF-8"));
        assert_eq!(text(b"\xef\xbb\xbfa,b"), ("a,b".to_owned(), "UTF-8"));
        assert_eq!(text(&[&[0xff, 0xfe], &wide[..]].concat()), ("Zürich,1\n".to_owned(), "UTF-16 LE"));
        assert_eq!(text(&wide), ("Zürich,1\n".to_owned(), "UTF-16 LE"));
        assert_eq!(text(b"Z\xfcrich,1\n"), ("Zürich,1\n".to_owned(), "Windows-1252"));
        assert_eq!(text("é,\n".as_bytes().iter().copied().chain([0xfc]).collect::<Vec<_>>().as_slice()).1, "UTF-8");
    }

    #[test]
    fn says_what_a_file_is_that_is_no_text() {
        assert!(text(b"PK\x03\x04....xl/workbook.xml").0.contains("Excel workbook"));
        assert!(text(b"%PDF-1.7").0.contains("PDF"));
        assert!(text(b"\x00\x01\x02\x03\x04\x05").0.contains("NUL"));
        assert!(text(b" \n").0.contains("empty"));
        assert!(text(b"ISA*00*").0.contains("X12"));
    }
}
