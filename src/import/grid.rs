//! A sheet of cells as text, whatever kind of file it was: the lines keep their numbers.

/// One row of a sheet.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Line of the file or row of the sheet, from 1.
    pub(super) number: u32,
    /// The cells without surrounding blanks.
    pub(super) cells: Vec<String>,
}

impl Line {
    /// The cell, empty when the row is shorter.
    pub(super) fn cell(&self, at: usize) -> &str {
        self.cells.get(at).map_or("", String::as_str)
    }

    /// Whether no cell holds anything.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }

    /// How many cells hold something.
    pub(super) fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.is_empty()).count()
    }
}

/// A sheet with the name of its file; a member of an archive is named `archive.zip/member.csv`.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    /// How findings call it.
    pub(super) name: String,
    /// The file the user gave, and its SHA-256.
    pub(super) given: (String, String),
    /// Its rows, blank ones left out.
    pub(super) lines: Vec<Line>,
    /// The file ends in the middle of a line: that line is not to be trusted.
    pub(super) cut_off: bool,
}

impl Grid {
    /// The name of the member or file without folders.
    pub(super) fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

/// Lower-case words of letters and digits: `NON-FAC  PE RVU` → `nonfac pe rvu`; hyphens join, everything else parts.
pub(super) fn words(text: &str) -> String {
    let joined: String = text.chars().filter(|c| *c != '-' && *c != '\'').collect();
    let parts = joined.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}
