//! Reads the cells of one row: the shared part of all tables. What cannot be read rejects the row with its column.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::account::{Account, Fate};
use super::cells::{self, Bad, Order};
use super::fields::{FIELDS, Field};
use super::mapping::Mapping;
use super::out::{FileOutput, QuarantinedRow};
use crate::domain::{Code, Date, Modifiers, Money, Units};
use crate::finding::{Finding, FindingCode, Place, Severity};
use crate::project::Project;

/// A row of any format: cells by column. A column the row does not have is empty.
pub(super) trait Row {
    /// The cell as text.
    fn cell(&self, column: usize) -> &str;
    /// How many cells the row has.
    fn width(&self) -> usize;
}

impl Row for csv::StringRecord {
    fn cell(&self, column: usize) -> &str {
        self.get(column).unwrap_or_default()
    }

    fn width(&self) -> usize {
        self.len()
    }
}

/// Why a row is left out.
#[derive(Debug, Clone)]
pub(super) struct Reject {
    pub(super) field: Option<Field>,
    pub(super) code: FindingCode,
    pub(super) found: String,
    pub(super) expected: &'static str,
}

impl Reject {
    pub(super) fn new(field: Field, code: FindingCode, found: impl Into<String>, expected: &'static str) -> Self {
        Self { field: Some(field), code, found: found.into(), expected }
    }

    /// An unreadable cell; shows the cell where that is allowed.
    pub(super) fn cell(field: Field, bad: Bad, cell: &str) -> Self {
        let found = if bad.code == FindingCode::ScientificNumber {
            "a number in scientific notation: its digits are lost".to_owned()
        } else if bad.code == FindingCode::ImplausibleDate {
            // It may be a date of birth in the wrong column.
            "a date of another time".to_owned()
        } else if field.may_be_shown() {
            cells::excerpt(cell)
        } else {
            "a cell that cannot be read".to_owned()
        };
        Self::new(field, bad.code, found, bad.expected)
    }
}

/// The money fields, in a fixed order.
pub(super) const MONEY: [Field; 12] = [
    Field::Charge,
    Field::UnitCharge,
    Field::Allowed,
    Field::Paid,
    Field::PatientResponsibility,
    Field::Deductible,
    Field::Coinsurance,
    Field::Copay,
    Field::CobPaid,
    Field::AdjContractual,
    Field::AdjOther,
    Field::Amount,
];

/// The amounts of one row.
#[derive(Debug, Clone, Default)]
pub(super) struct Amounts([Option<Money>; MONEY.len()]);

impl Amounts {
    pub(super) fn get(&self, field: Field) -> Option<Money> {
        MONEY.iter().position(|f| *f == field).and_then(|i| self.0[i])
    }
}

/// How dates and signs of the file are to be read; found out by a first reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Options {
    /// Date columns that are day-first.
    pub(super) day_first: [bool; FIELDS],
    /// Money columns whose sign is turned.
    pub(super) negated: [bool; FIELDS],
    /// Columns that hold floats (Parquet).
    pub(super) float: Vec<bool>,
}

/// What the columns of a file showed.
#[derive(Debug, Clone)]
pub(super) struct Stats {
    /// Per date field: rows that are month-first only, day-first only, either; and the first line that is either.
    pub(super) order: [[u64; 3]; FIELDS],
    pub(super) first_either: [u32; FIELDS],
    /// Per money field: rows below and above zero.
    pub(super) sign: [[u64; 2]; FIELDS],
}

/// Texts that many rows share, and payers as the project knows them.
#[derive(Default)]
pub(super) struct Names {
    texts: FxHashMap<Box<str>, Arc<str>>,
    /// Id and name cell, parted by a unit separator → payer, and whether the project knows it.
    payers: FxHashMap<String, (Arc<str>, bool)>,
    key: String,
}

impl Names {
    /// The shared text.
    pub(super) fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let shared: Arc<str> = text.into();
        self.texts.insert(text.into(), shared.clone());
        shared
    }

    /// The project's payer for an id and a name cell, and whether the project knows it. An id wins over a name.
    fn payer(&mut self, project: &Project, id: &str, name: &str) -> (Arc<str>, bool) {
        self.key.clear();
        self.key.extend([id, "\u{1f}", name]);
        if let Some(known) = self.payers.get(&self.key) {
            return known.clone();
        }
        let payer = project.payer(id).filter(|_| !id.is_empty()).or_else(|| project.payer(name));
        let found = match payer {
            Some(payer) => (payer.id.clone(), true),
            None => (self.text(if id.is_empty() { name } else { id }), false),
        };
        self.payers.insert(self.key.clone(), found.clone());
        found
    }
}

/// Reads the rows of one file.
pub(super) struct FileReader<'a> {
    pub(super) file: u16,
    pub(super) name: &'a str,
    pub(super) mapping: &'a Mapping,
    pub(super) project: &'a Project,
    pub(super) names: &'a mut Names,
    pub(super) options: Options,
    pub(super) stats: Stats,
    pub(super) out: FileOutput,
    /// Salt of patient keys.
    pub(super) salt: [u8; 32],
    /// The payer of the row at hand, when the project does not know it. Named only once the row is kept: in a row that
    /// cannot be read anything may stand in the column of the payer.
    pub(super) unknown_payer: Option<Arc<str>>,
}

impl FileReader<'_> {
    /// The filled cell of a field.
    pub(super) fn filled<'r>(&self, row: &'r impl Row, field: Field) -> Option<&'r str> {
        cells::filled(row.cell(self.mapping.column(field)?))
    }

    /// The filled cell of a field that every row needs.
    pub(super) fn needed<'r>(&self, row: &'r impl Row, field: Field) -> Result<&'r str, Reject> {
        let missing = || Reject::new(field, FindingCode::MissingValue, format!("{} is blank", field.name()), "a value");
        self.filled(row, field).ok_or_else(missing)
    }

    /// All amounts of the row; the first unreadable one is returned beside them.
    pub(super) fn amounts(&mut self, row: &impl Row) -> (Amounts, Option<Reject>) {
        let mut amounts = Amounts::default();
        let mut reject = None;
        for (slot, field) in amounts.0.iter_mut().zip(MONEY) {
            let Some(column) = self.mapping.column(field) else { continue };
            let cell = row.cell(column);
            let flag = |flags: &[bool]| flags.get(column).copied().unwrap_or(false);
            match cells::money_cell(cell, flag(&self.options.float), flag(&self.mapping.cents)) {
                Ok(amount) => {
                    *slot = amount.map(|a| if self.options.negated[field.index()] { -a } else { a });
                    if let Some(amount) = amount.filter(|a| !a.is_zero()) {
                        self.stats.sign[field.index()][usize::from(amount > Money::ZERO)] += 1;
                    }
                }
                Err(bad) => {
                    reject.get_or_insert_with(|| Reject::cell(field, bad, cell));
                }
            }
        }
        (amounts, reject)
    }

    /// The day of a field; blank is no day.
    pub(super) fn day(&mut self, row: &impl Row, field: Field, line: u32) -> Result<Option<Date>, Reject> {
        let Some(cell) = self.filled(row, field) else { return Ok(None) };
        let at = field.index();
        let day = cells::day_cell(cell, self.options.day_first[at]).map_err(|bad| Reject::cell(field, bad, cell))?;
        match day.order {
            Order::Plain => {}
            Order::MonthFirst => self.stats.order[at][0] += 1,
            Order::DayFirst => self.stats.order[at][1] += 1,
            Order::Either => {
                self.stats.order[at][2] += 1;
                self.stats.first_either[at] = self.stats.first_either[at].min(line);
            }
        }
        let expected = if self.options.day_first[at] { "a date, day first" } else { "a date, month first" };
        let bad = Bad::new(FindingCode::BadDate, expected);
        day.date.map(Some).ok_or_else(|| Reject::cell(field, bad, cell))
    }

    /// The code and all modifiers of the row: those in the code's cell first, then the columns in order, each once.
    pub(super) fn code(&self, row: &impl Row) -> Result<(Code, Modifiers), Reject> {
        let cell = self.needed(row, Field::Code)?;
        let (code, mut modifiers) = cells::code_cell(cell).map_err(|bad| Reject::cell(Field::Code, bad, cell))?;
        for field in [Field::Modifier1, Field::Modifier2, Field::Modifier3, Field::Modifier4] {
            let Some(cell) = self.filled(row, field) else { continue };
            for modifier in cells::modifiers_cell(cell).map_err(|bad| Reject::cell(field, bad, cell))?.iter() {
                if !modifiers.has(modifier.as_str()) && !modifiers.push(modifier) {
                    let bad = Bad::new(FindingCode::BadModifier, "at most four modifiers");
                    return Err(Reject::cell(field, bad, cell));
                }
            }
        }
        Ok((code, modifiers))
    }

    /// The units of the row; blank is nothing.
    pub(super) fn units(&self, row: &impl Row) -> Result<Option<Units>, Reject> {
        let Some(cell) = self.filled(row, Field::Units) else { return Ok(None) };
        cells::units_cell(cell).map_err(|bad| Reject::cell(Field::Units, bad, cell))
    }

    /// The payer: by its id column, else by its name.
    pub(super) fn payer(&mut self, row: &impl Row) -> Result<Arc<str>, Reject> {
        let id = self.filled(row, Field::PayerId).unwrap_or_default();
        let name = self.filled(row, Field::Payer).unwrap_or_default();
        if id.is_empty() && name.is_empty() {
            let field = if self.mapping.has(Field::PayerId) { Field::PayerId } else { Field::Payer };
            return Err(Reject::new(field, FindingCode::MissingValue, "the payer is blank", "a payer"));
        }
        let (payer, known) = self.names.payer(self.project, id, name);
        self.unknown_payer = (!known).then(|| payer.clone());
        Ok(payer)
    }

    /// A whole number of the row; blank is 0.
    pub(super) fn whole(&self, row: &impl Row, field: Field) -> Result<u32, Reject> {
        let Some(cell) = self.filled(row, field) else { return Ok(0) };
        let digits = cell.strip_suffix(".0").unwrap_or(cell);
        digits
            .parse()
            .ok()
            .filter(|n| *n <= 10_000_000)
            .ok_or_else(|| Reject::cell(field, Bad::new(FindingCode::BadNumber, "a whole number, such as 1"), cell))
    }

    /// An optional identifier kept as text; one that a spreadsheet mangled is left out with a warning.
    pub(super) fn identifier(&mut self, row: &impl Row, field: Field, line: u32) -> Option<Arc<str>> {
        let cell = self.filled(row, field)?;
        if cells::is_scientific(cell) {
            let found = "a number in scientific notation: its digits are lost";
            self.warn(FindingCode::ScientificNumber, field, line, found.to_owned(), "the number as text");
            return None;
        }
        Some(self.names.text(cell))
    }

    /// An optional cell; one that cannot be read is left out with a warning, the row stays.
    pub(super) fn lenient<T>(
        &mut self,
        row: &impl Row,
        field: Field,
        line: u32,
        read: impl Fn(&str) -> Result<T, Bad>,
    ) -> Option<T> {
        let cell = self.filled(row, field)?;
        match read(cell) {
            Ok(value) => Some(value),
            Err(bad) => {
                self.warn(bad.code, field, line, cells::excerpt(cell), bad.expected);
                None
            }
        }
    }

    /// The salted hash of a patient's number; a `patient_key` column holds such hashes already.
    pub(super) fn patient_key(&self, row: &impl Row) -> Option<u64> {
        let hash = |cell: &str| {
            let digest = Sha256::new().chain_update(self.salt).chain_update(cell.as_bytes()).finalize();
            digest.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))
        };
        if let Some(cell) = self.filled(row, Field::PatientKey) {
            return u64::from_str_radix(cell, 16).ok().or_else(|| hash(cell));
        }
        self.filled(row, Field::PatientId).or_else(|| self.filled(row, Field::AccountId)).and_then(hash)
    }

    /// Adds a warning about a cell that was left out of a row that stays.
    pub(super) fn warn(&mut self, code: FindingCode, field: Field, line: u32, found: String, expected: &'static str) {
        let mut finding = Finding::new(code, self.place(Some(field), line), found).expected(expected);
        finding.severity = Severity::Warning;
        self.out.findings.push(finding);
    }

    /// The place of a field on a line.
    pub(super) fn place(&self, field: Option<Field>, line: u32) -> Place {
        let place = Place::line(self.name, line);
        match field.and_then(|f| self.mapping.header(f).or(Some(f.name()))) {
            Some(header) => place.column(header),
            None => place,
        }
    }

    /// Leaves a row out.
    pub(super) fn quarantine(&mut self, line: u32, reject: Reject, charge: Option<Money>) {
        let place = self.place(reject.field, line);
        self.out.quarantined.push(QuarantinedRow {
            file: self.name.to_owned(),
            line,
            column: place.column.clone().unwrap_or_default(),
            code: reject.code,
            reason: format!("{}, expected {}", reject.found, reject.expected),
        });
        self.out.findings.push(Finding::new(reject.code, place, reject.found).expected(reject.expected));
        self.account().book(Fate::Quarantined, charge);
    }

    /// The file's account.
    pub(super) const fn account(&mut self) -> &mut Account {
        &mut self.out.account
    }
}
