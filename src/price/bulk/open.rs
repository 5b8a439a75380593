//! Opens files: Parquet is known by its first bytes, gzip is unpacked on the way.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::finding::{Error, Result};

/// Told how many more bytes of the file have been read.
pub type Progress<'a> = &'a (dyn Fn(u64) + Sync);

fn cannot_open(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    move |e| Error::input(format!("cannot open {}", path.display())).because(e)
}

/// Whether the file is Parquet.
pub(super) fn is_parquet(path: &Path) -> Result<bool> {
    Ok(first_bytes(path)?.starts_with(b"PAR1"))
}

fn first_bytes(path: &Path) -> Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(path).and_then(|f| f.take(4).read_to_end(&mut start)).map_err(cannot_open(path))?;
    Ok(start)
}

/// The text of the file; every read is told to `progress`.
pub(super) fn text<'a>(path: &Path, progress: Progress<'a>) -> Result<Box<dyn Read + Send + 'a>> {
    let gzip = first_bytes(path)?.starts_with(&[0x1f, 0x8b]);
    let file = File::open(path).map_err(cannot_open(path))?;
    let counted = Counted { source: file, progress };
    Ok(if gzip { Box::new(flate2::read::MultiGzDecoder::new(counted)) } else { Box::new(counted) })
}

/// Tells what it reads.
struct Counted<'a> {
    source: File,
    progress: Progress<'a>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buffer)?;
        (self.progress)(read as u64);
        Ok(read)
    }
}

/// Bytes of the file.
pub(super) fn size(path: &Path) -> Result<u64> {
    File::open(path).and_then(|mut f| f.seek(SeekFrom::End(0))).map_err(cannot_open(path))
}
