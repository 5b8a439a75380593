//! Geographic practice cost indices: one row per locality and year.

use std::collections::BTreeMap;

use chrono::Datelike;
use rust_decimal::Decimal;

use crate::domain::{Date, Locality, State};
use crate::finding::Result;
use crate::reference::sheet::{Row, Sheet};

/// The indices of one locality in one calendar year, three decimals each.
#[derive(Debug, Clone)]
pub struct Gpci {
    /// Where it was read.
    pub row: Row,
    /// The calendar year of service for which the indices hold.
    pub year: i32,
    /// The state the locality is listed under (Washington and its suburbs: DC).
    pub state: State,
    /// Name of the locality as CMS writes it.
    pub name: String,
    /// Work index, with the floor of 1.0.
    pub work: Decimal,
    /// Practice expense index.
    pub pe: Decimal,
    /// Malpractice index.
    pub mp: Decimal,
}

/// All years; a year's localities in order.
#[derive(Debug, Clone)]
pub(super) struct Gpcis {
    by_year: BTreeMap<i32, BTreeMap<Locality, Gpci>>,
}

impl Gpcis {
    pub(super) fn load() -> Result<Self> {
        Self::read(&Sheet::embedded("datasets/medicare/gpci.csv")?)
    }

    /// Lays imported years over these: a year's localities are replaced as a whole.
    pub(super) fn lay_over(&mut self, imported: &Sheet) -> Result<()> {
        self.by_year.extend(Self::read(imported)?.by_year);
        Ok(())
    }

    fn read(sheet: &Sheet) -> Result<Self> {
        let mut by_year: BTreeMap<i32, BTreeMap<Locality, Gpci>> = BTreeMap::new();
        for record in sheet.records() {
            let gpci = Gpci {
                row: record.row(),
                year: record.number("year")?,
                state: record.value("state")?,
                name: record.text("name")?.to_owned(),
                work: record.decimal("work")?,
                pe: record.decimal("pe")?,
                mp: record.decimal("mp")?,
            };
            let locality = record.value("locality")?;
            if by_year.entry(gpci.year).or_default().insert(locality, gpci).is_some() {
                return Err(record.bad("locality", "a locality only once a year"));
            }
        }
        Ok(Self { by_year })
    }

    /// The indices of the locality in the year of the day.
    pub(super) fn on(&self, locality: Locality, day: Date) -> Option<&Gpci> {
        self.by_year.get(&day.year())?.get(&locality)
    }

    /// The localities of the year of the day, in order.
    pub(super) fn all(&self, day: Date) -> impl Iterator<Item = (Locality, &Gpci)> {
        self.by_year.get(&day.year()).into_iter().flatten().map(|(locality, gpci)| (*locality, gpci))
    }

    /// The years that have indices.
    pub(super) fn years(&self) -> impl Iterator<Item = i32> {
        self.by_year.keys().copied()
    }
}
