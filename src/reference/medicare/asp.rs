//! Medicare payment limits of injected drugs (ASP files), by quarter. A quarter without a row has no limit here: limits change
//! every quarter and are never carried forward.

use chrono::Months;
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use crate::domain::{Code, Date, Period};
use crate::finding::Result;
use crate::reference::sheet::{Row, Sheet};

/// The limit of one drug in one quarter.
#[derive(Debug, Clone)]
pub struct Asp {
    /// Where it was read.
    pub row: Row,
    /// The quarter.
    pub period: Period,
    /// The amount of drug in one billing unit (`1000 MCG`).
    pub dosage: String,
    /// Dollars per billing unit, three decimals: multiply by the units before rounding.
    pub limit: Decimal,
    /// The patient's share as a fraction (0.2 is 20 %); lower for some drugs.
    pub coinsurance: Decimal,
}

/// All limits by drug, each drug's rows by quarter.
#[derive(Debug, Clone)]
pub(super) struct Asps(FxHashMap<Code, Vec<Asp>>);

impl Asps {
    pub(super) fn load() -> Result<Self> {
        Self::read(&Sheet::embedded("datasets/medicare/asp_limits.csv")?)
    }

    /// Lays imported quarters over these: a quarter's limits are replaced as a whole.
    pub(super) fn lay_over(&mut self, imported: &Sheet) -> Result<()> {
        let imported = Self::read(imported)?;
        let quarters: Vec<Period> = imported.periods().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        for rows in self.0.values_mut() {
            rows.retain(|asp| !quarters.contains(&asp.period));
        }
        for (code, rows) in imported.0 {
            let own = self.0.entry(code).or_default();
            own.extend(rows);
            own.sort_by_key(|asp| asp.period);
        }
        self.0.retain(|_, rows| !rows.is_empty());
        Ok(())
    }

    fn read(sheet: &Sheet) -> Result<Self> {
        let mut by_code: FxHashMap<Code, Vec<Asp>> = FxHashMap::default();
        for record in sheet.records() {
            let asp = Asp {
                row: record.row(),
                period: quarter(record.date("quarter")?).ok_or_else(|| record.bad("quarter", "a first day"))?,
                dosage: record.text("dosage_unit")?.to_owned(),
                limit: record.decimal("limit")?,
                coinsurance: record.decimal("coinsurance_percent")? / Decimal::ONE_HUNDRED,
            };
            by_code.entry(record.value("code")?).or_default().push(asp);
        }
        for rows in by_code.values_mut() {
            rows.sort_by_key(|asp| asp.period);
        }
        Ok(Self(by_code))
    }

    /// The limit of the drug in the quarter of the day.
    pub(super) fn on(&self, code: Code, day: Date) -> Option<&Asp> {
        self.0.get(&code)?.iter().find(|asp| asp.period.contains(day))
    }

    /// The limits of the drug, by quarter.
    pub(super) fn of(&self, code: Code) -> &[Asp] {
        self.0.get(&code).map_or(&[], Vec::as_slice)
    }

    /// All drugs, unordered.
    pub(super) fn codes(&self) -> impl Iterator<Item = Code> {
        self.0.keys().copied()
    }

    /// All quarters of all drugs, unordered.
    pub(super) fn periods(&self) -> impl Iterator<Item = Period> {
        self.0.values().flatten().map(|asp| asp.period)
    }
}

/// The three months that begin on this day.
pub(super) fn quarter(first: Date) -> Option<Period> {
    Period::new(first, first.checked_add_months(Months::new(3))?)
}
