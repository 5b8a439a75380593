//! ZIP code to Medicare locality. Never guesses between localities: a ZIP code that needs four more digits says so.

use std::sync::Arc;

use crate::domain::{Locality, State, Zip};
use crate::finding::Result;
use crate::reference::sheet::{Row, Sheet};

const FILE: &str = "datasets/medicare/zip_locality.csv.gz";

/// The locality of a ZIP code.
#[derive(Debug, Clone)]
pub struct ZipLocality {
    /// Where it was read.
    pub row: Row,
    /// The locality (the main one when `needs_plus4`).
    pub locality: Locality,
    /// The state of the ZIP code; not always the state under which the locality is listed.
    pub state: State,
    /// The ZIP code lies in several localities and ZIP+4 decides. The ZIP+4 file is not part of the program.
    pub needs_plus4: bool,
}

/// One row, kept small: there are 43,000.
#[derive(Debug, Clone, Copy)]
struct Entry {
    five: u32,
    line: u32,
    locality: Locality,
    state: State,
    needs_plus4: bool,
}

/// All ZIP codes in order.
#[derive(Debug, Clone)]
pub(super) struct Zips {
    file: Arc<str>,
    entries: Vec<Entry>,
}

impl Zips {
    pub(super) fn load() -> Result<Self> {
        Self::read(FILE, &Sheet::embedded(FILE)?)
    }

    /// The table of an imported quarter, which takes the place of the shipped one.
    pub(super) fn read(file: &str, sheet: &Sheet) -> Result<Self> {
        let mut entries = Vec::new();
        for record in sheet.records() {
            entries.push(Entry {
                five: record.value::<Zip>("zip")?.five(),
                line: record.line(),
                locality: record.value("locality")?,
                state: record.value("state")?,
                needs_plus4: record.text("plus4")? == "1",
            });
        }
        entries.sort_by_key(|entry| entry.five);
        Ok(Self { file: Arc::from(file), entries })
    }

    /// The locality of a ZIP code; the four more digits are not looked at.
    pub(super) fn find(&self, zip: Zip) -> Option<ZipLocality> {
        let at = self.entries.binary_search_by_key(&zip.five(), |entry| entry.five).ok()?;
        let entry = self.entries[at];
        Some(ZipLocality {
            row: Row { file: Arc::clone(&self.file), line: entry.line },
            locality: entry.locality,
            state: entry.state,
            needs_plus4: entry.needs_plus4,
        })
    }
}
