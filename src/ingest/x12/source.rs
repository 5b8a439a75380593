//! From an input to streams of bytes: plain, gzip, the members of a ZIP archive, standard input; UTF-16 becomes UTF-8.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;

use super::delimiters;

/// Bytes that are looked at to tell what a stream is.
const HEAD: usize = 1 << 16;

/// How a member of an archive is packed.
pub(crate) const ZIP: &str = "ZIP";

/// One stream of a file: the file itself, or a member of an archive.
pub(crate) struct Part<'r> {
    /// The name to say in findings: `era.zip/monday.835`.
    pub(crate) name: String,
    /// `gzip`, `ZIP`, or nothing.
    pub(crate) packed: &'static str,
    /// `UTF-16 LE`, or nothing where the bytes are text as they are.
    pub(crate) encoding: &'static str,
    /// Whether the stream begins like X12.
    pub(crate) is_x12: bool,
    /// The whole stream, the first bytes included.
    pub(crate) bytes: &'r mut dyn Read,
}

/// What can be opened.
pub(crate) enum Opened<'a> {
    /// A file on disk.
    Path(&'a Path),
    /// Bytes at hand.
    Bytes(&'a [u8]),
    /// Standard input.
    Stdin,
}

/// Whether a stream that begins with these (decoded) bytes is X12.
fn head_is_x12(head: &[u8]) -> bool {
    delimiters::find_any_header(head).is_some() || delimiters::infer(head).is_some()
}

/// Calls `each` with every stream of the input. `read` is told how many bytes of the input were read since the last time.
///
/// # Errors
/// When the input cannot be opened or read, or an archive is damaged.
pub(crate) fn each_part(
    name: &str,
    opened: &Opened<'_>,
    read: &dyn Fn(u64),
    each: &mut dyn FnMut(Part<'_>) -> io::Result<()>,
) -> io::Result<()> {
    match opened {
        Opened::Path(path) => {
            let mut file = File::open(path)?;
            if file.metadata()?.is_dir() {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
            }
            let mut magic = [0; 4];
            let n = read_full(&mut file, &mut magic)?;
            file.seek(SeekFrom::Start(0))?;
            if magic[..n] == *b"PK\x03\x04" && archive(name, BufReader::new(&file), read, each)? {
                return Ok(());
            }
            file.seek(SeekFrom::Start(0))?;
            stream(name, "", &mut Counted { inner: file, read }, each)
        }
        Opened::Bytes(bytes) => {
            if bytes.starts_with(b"PK\x03\x04") && archive(name, Cursor::new(*bytes), read, each)? {
                return Ok(());
            }
            stream(name, "", &mut Counted { inner: *bytes, read }, each)
        }
        Opened::Stdin => {
            let mut stdin = io::stdin().lock();
            let mut magic = vec![0; 4];
            let n = read_full(&mut stdin, &mut magic)?;
            magic.truncate(n);
            let mut whole = Cursor::new(magic).chain(stdin);
            if n == 4 && whole.get_ref().0.get_ref()[..] == *b"PK\x03\x04" {
                // The directory of an archive stands at its end: it must be kept whole.
                let mut file = tempfile::tempfile()?;
                io::copy(&mut whole, &mut file)?;
                file.seek(SeekFrom::Start(0))?;
                if archive(name, BufReader::new(&file), read, each)? {
                    return Ok(());
                }
                file.seek(SeekFrom::Start(0))?;
                return stream(name, "", &mut Counted { inner: file, read }, each);
            }
            stream(name, "", &mut Counted { inner: whole, read }, each)
        }
    }
}

/// The files of an archive by name. `false` for a spreadsheet, which is an archive, too, and for what only begins like one:
/// whoever reads tables says what it is.
fn archive(
    name: &str,
    file: impl Read + Seek,
    read: &dyn Fn(u64),
    each: &mut dyn FnMut(Part<'_>) -> io::Result<()>,
) -> io::Result<bool> {
    let Ok(mut archive) = zip::ZipArchive::new(file) else { return Ok(false) };
    if archive.index_for_name("[Content_Types].xml").is_some() {
        return Ok(false);
    }
    let mut members: Vec<(String, usize)> = (0..archive.len())
        .map(|i| Ok((archive.by_index_raw(i)?.name()?.into_owned(), i)))
        .collect::<zip::result::ZipResult<_>>()
        .map_err(io::Error::other)?;
    members.retain(|(member, _)| !member.ends_with('/') && !member.starts_with("__MACOSX/"));
    members.sort();
    for (member, index) in members {
        let mut file = archive.by_index(index).map_err(io::Error::other)?;
        let packed = file.compressed_size();
        stream(&format!("{name}/{member}"), ZIP, &mut file, each)?;
        read(packed);
    }
    Ok(true)
}

/// One stream: unpacked, decoded, and looked at.
fn stream(
    name: &str,
    packed: &'static str,
    bytes: &mut dyn Read,
    each: &mut dyn FnMut(Part<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut magic = [0; 2];
    let n = read_full(bytes, &mut magic)?;
    let mut whole = Cursor::new(magic[..n].to_vec()).chain(bytes);
    if magic[..n] == [0x1f, 0x8b] {
        return decoded(name, "gzip", &mut MultiGzDecoder::new(whole), each);
    }
    decoded(name, packed, &mut whole, each)
}

fn decoded(
    name: &str,
    packed: &'static str,
    bytes: &mut dyn Read,
    each: &mut dyn FnMut(Part<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut head = Vec::with_capacity(HEAD);
    // What breaks off within the head breaks off again behind it, for whoever reads the stream.
    let failed = bytes.take(HEAD as u64).read_to_end(&mut head).err();
    let wide = utf16(&head);
    let mut whole = Cursor::new(head.clone()).chain(Failing(failed)).chain(bytes);
    let mut part = |head: &[u8], encoding, bytes: &mut dyn Read| {
        let is_x12 = head_is_x12(head);
        each(Part { name: name.to_owned(), packed, encoding, is_x12, bytes })
    };
    match wide {
        None => part(&head, "", &mut whole),
        Some((decoder, encoding)) => {
            let mut narrow = Narrow { inner: whole, decoder, wide: Vec::new(), text: Vec::new(), at: 0, ended: false };
            let mut head = vec![0; HEAD / 2];
            let n = read_full(&mut narrow, &mut head)?;
            head.truncate(n);
            part(&head, encoding, &mut Cursor::new(&head).chain(narrow))
        }
    }
}

/// Whether text is UTF-16: by its mark, or by the zeros beside western letters.
fn utf16(head: &[u8]) -> Option<(Decoder, &'static str)> {
    let little = || Some((UTF_16LE.new_decoder_with_bom_removal(), "UTF-16 LE"));
    let big = || Some((UTF_16BE.new_decoder_with_bom_removal(), "UTF-16 BE"));
    match head {
        [0xff, 0xfe, ..] => return little(),
        [0xfe, 0xff, ..] => return big(),
        _ => {}
    }
    let head = &head[..head.len().min(4096)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    match (zeros(0), zeros(1)) {
        _ if head.len() < 8 => None,
        (0, odd) if odd * 10 > head.len() * 4 => little(),
        (even, 0) if even * 10 > head.len() * 4 => big(),
        _ => None,
    }
}

/// Fills the buffer as far as the source goes.
fn read_full(source: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match source.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}

/// Fails once, when there is something to fail with.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Tells how much was read.
struct Counted<'f, R> {
    inner: R,
    read: &'f dyn Fn(u64),
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        (self.read)(n as u64);
        Ok(n)
    }
}

/// UTF-16 read as UTF-8.
struct Narrow<R> {
    inner: R,
    decoder: Decoder,
    wide: Vec<u8>,
    text: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Read for Narrow<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() && !self.ended {
            self.wide.resize(HEAD, 0);
            let n = read_full(&mut self.inner, &mut self.wide)?;
            self.ended = n == 0;
            self.text.resize(HEAD * 3 + 16, 0);
            let (mut from, mut to) = (0, 0);
            loop {
                let (result, read, written, _) =
                    self.decoder.decode_to_utf8(&self.wide[from..n], &mut self.text[to..], self.ended);
                from += read;
                to += written;
                if result == CoderResult::InputEmpty {
                    break;
                }
                self.text.resize(self.text.len() * 2, 0);
            }
            self.text.truncate(to);
            self.at = 0;
        }
        let n = buffer.len().min(self.text.len() - self.at);
        buffer[..n].copy_from_slice(&self.text[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
