//! The manifest: what every reference file is, where it comes from and what it cannot tell.

use crate::finding::Result;

use super::sheet::Sheet;

/// One file of `datasets/`.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Path in the repository.
    pub path: String,
    /// What it holds.
    pub what: String,
    /// `published`, `observed`, `estimated`, `synthetic` or `own`.
    pub kind: String,
    /// Where the figures come from.
    pub source: String,
    /// The release or edition.
    pub release: String,
    /// What the reader must know before relying on it.
    pub limits: String,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Rows without the header.
    pub rows: u64,
}

/// Reads the embedded manifest, in its order.
pub(super) fn load() -> Result<Vec<SourceFile>> {
    let sheet = Sheet::embedded("datasets/MANIFEST.csv")?;
    let mut files = Vec::new();
    for record in sheet.records() {
        let text = |column| record.text(column).map(str::to_owned);
        files.push(SourceFile {
            path: text("path")?,
            what: text("what")?,
            kind: text("kind")?,
            source: text("source")?,
            release: text("release")?,
            limits: text("limits")?,
            sha256: text("sha256")?,
            rows: if record.text("rows")?.is_empty() { 0 } else { record.number("rows")? },
        });
    }
    Ok(files)
}
