//! Prices a batch and adds it up by group. Partial sums of workers merge into the same totals in any order.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use rustc_hash::FxHashMap;

use super::batch::{Batch, Row};
use super::cells::Calendar;
use super::names::{BLANK, ID_BITS, Names};
use super::rates::{Periods, RateBook, Wanted, extend};
use crate::domain::{Money, Pos, Units};
use crate::finding::{Error, Result};

/// What lines may be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// The payer as it stands on the line.
    Payer,
    /// Quarter of service, `2024-Q1`.
    Quarter,
    /// Month of service, `2024-03`.
    Month,
    /// Year of service.
    Year,
    /// Place of service, two digits.
    Pos,
    /// State of service.
    State,
    /// Medicare locality, seven digits.
    Locality,
    /// Procedure code.
    Code,
    /// Adjustment reason; lines without one are a group of their own.
    Carc,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Payer,
        Self::Quarter,
        Self::Month,
        Self::Year,
        Self::Pos,
        Self::State,
        Self::Locality,
        Self::Code,
        Self::Carc,
    ];

    /// The word of the command line and of the header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payer => "payer_id",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Year => "year",
            Self::Pos => "pos",
            Self::State => "state",
            Self::Locality => "locality",
            Self::Code => "code",
            Self::Carc => "carc",
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Dimension {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|d| d.name() == text.trim())
            .ok_or_else(|| format!("lines can be grouped by {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// What became of a line. They are exclusive and complete; without rules no line is [`NotPayable`](Self::NotPayable).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Nothing was paid and a reason is given.
    Denied,
    /// Allowed less than expected.
    Under,
    /// Allowed more than expected.
    Over,
    /// Allowed as expected, to the cent.
    Ok,
    /// The schedule has no rate for the line.
    NoRate,
    /// A rule of payability lets the line fall, whatever was answered: nothing is expected.
    NotPayable,
}

impl Outcome {
    /// All of them, in the order of the columns.
    pub const ALL: [Self; 6] = [Self::Denied, Self::Under, Self::Over, Self::Ok, Self::NoRate, Self::NotPayable];

    /// The word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Under => "under",
            Self::Over => "over",
            Self::Ok => "ok",
            Self::NoRate => "norate",
            Self::NotPayable => "notpayable",
        }
    }
}

/// A line's price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Priced {
    /// Micro-dollars per unit.
    pub(super) rate: Option<i64>,
    /// Cents.
    pub(super) expected: Option<i64>,
    pub(super) outcome: Outcome,
    /// The place of the rule that lets the line fall among all rules.
    pub(super) rule: Option<u16>,
}

/// Which places of service are facilities, by number; `None` where that is not known.
pub type Facilities = [Option<bool>; 100];

/// Prices the lines of a batch. What is found lies far apart in memory, so each step runs over all lines before the next:
/// the processor then waits for many of them at once.
pub(super) fn price(
    batch: &Batch,
    names: &Names<'_>,
    book: &RateBook,
    facilities: &Facilities,
    priced: &mut Vec<Priced>,
) -> Result<()> {
    let periods: Vec<Option<Periods>> = batch.rows.iter().map(|row| periods(row, names, book, facilities)).collect();
    priced.clear();
    for (row, periods) in batch.rows.iter().zip(periods) {
        let rate = periods.and_then(|periods| book.rate(periods, row.day));
        let expected = match rate {
            Some(rate) => Some(extend(rate, row.units).ok_or_else(too_large)?),
            None => None,
        };
        let outcome = match expected {
            _ if row.carc != BLANK && row.paid == 0 => Outcome::Denied,
            None => Outcome::NoRate,
            Some(expected) if expected > row.allowed => Outcome::Under,
            Some(expected) if expected < row.allowed => Outcome::Over,
            Some(_) => Outcome::Ok,
        };
        priced.push(Priced { rate, expected, outcome, rule: None });
    }
    Ok(())
}

fn periods(row: &Row, names: &Names<'_>, book: &RateBook, facilities: &Facilities) -> Option<Periods> {
    book.periods(&Wanted {
        payer: names.payers.listed(row.payer),
        state: names.states.listed(row.state),
        locality: names.localities.listed(row.locality),
        code: names.codes.listed(row.code),
        modifier: names.priced_modifier(row.modifiers),
        facility: facilities[usize::from(row.pos)]?,
    })
}

pub(super) fn too_large() -> Error {
    Error::input("the amounts are too large to be added up exactly").help("look for amounts that lost their point")
}

/// Counts and dollars of a group of lines. The counts of the outcomes add up to `lines`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Lines.
    pub lines: u64,
    units: i64,
    billed: i64,
    allowed: i64,
    paid: i64,
    expected: i64,
    counts: [u64; Outcome::ALL.len()],
    /// 0 for the outcomes that have none.
    variances: [i64; Outcome::ALL.len()],
}

impl Sums {
    /// Units of service.
    #[must_use]
    pub const fn units(&self) -> Units {
        Units::from_thousandths(self.units)
    }

    /// Charges.
    #[must_use]
    pub const fn billed(&self) -> Money {
        Money::from_cents(self.billed)
    }

    /// Allowed amounts.
    #[must_use]
    pub const fn allowed(&self) -> Money {
        Money::from_cents(self.allowed)
    }

    /// Paid amounts.
    #[must_use]
    pub const fn paid(&self) -> Money {
        Money::from_cents(self.paid)
    }

    /// Expected amounts of the lines that have a rate, denied ones included.
    #[must_use]
    pub const fn expected(&self) -> Money {
        Money::from_cents(self.expected)
    }

    /// Lines of one outcome.
    #[must_use]
    pub const fn count(&self, outcome: Outcome) -> u64 {
        self.counts[outcome as usize]
    }

    /// Expected less allowed of the denied, underpaid (above zero), overpaid or not payable (below zero) lines; never netted.
    #[must_use]
    pub const fn variance(&self, outcome: Outcome) -> Money {
        Money::from_cents(self.variances[outcome as usize])
    }

    fn add(&mut self, row: &Row, priced: &Priced) -> Option<()> {
        let plus = |sum: &mut i64, amount: i64| sum.checked_add(amount).map(|total| *sum = total);
        self.lines += 1;
        self.counts[priced.outcome as usize] += 1;
        plus(&mut self.units, row.units)?;
        plus(&mut self.billed, row.billed)?;
        plus(&mut self.allowed, row.allowed)?;
        plus(&mut self.paid, row.paid)?;
        if let Some(expected) = priced.expected {
            plus(&mut self.expected, expected)?;
            // That of Ok is 0, and NoRate expects nothing known.
            plus(&mut self.variances[priced.outcome as usize], expected.checked_sub(row.allowed)?)?;
        }
        Some(())
    }

    /// Adds the sums of other lines.
    ///
    /// # Errors
    /// When the total does not fit.
    pub(super) fn merge(&mut self, other: &Self) -> Result<()> {
        let plus = |sum: &mut i64, amount: i64| sum.checked_add(amount).map(|total| *sum = total).ok_or_else(too_large);
        self.lines += other.lines;
        plus(&mut self.units, other.units)?;
        plus(&mut self.billed, other.billed)?;
        plus(&mut self.allowed, other.allowed)?;
        plus(&mut self.paid, other.paid)?;
        plus(&mut self.expected, other.expected)?;
        self.counts.iter_mut().zip(other.counts).for_each(|(sum, n)| *sum += n);
        self.variances.iter_mut().zip(other.variances).try_for_each(|(sum, v)| plus(sum, v))
    }
}

/// The values of a group in the order of its dimensions; `None` where the lines have none, which sorts first.
pub type GroupKey = Vec<Option<Box<str>>>;

/// The groups of one worker, by packed numbers.
pub(super) struct Partial<'a> {
    by: &'a [Dimension],
    calendar: &'a Calendar,
    /// Months of the finest period that is grouped by: 1, 3 or 12.
    months: u16,
    slots: FxHashMap<u128, u32>,
    sums: Vec<Sums>,
}

/// Where the parts of a packed group key lie.
const PAYER: u32 = 0;
const STATE: u32 = ID_BITS;
const LOCALITY: u32 = 2 * ID_BITS;
const CODE: u32 = 3 * ID_BITS;
const CARC: u32 = 4 * ID_BITS;
const POS: u32 = 5 * ID_BITS;
const MONTH: u32 = POS + 7;

impl<'a> Partial<'a> {
    pub(super) fn new(by: &'a [Dimension], calendar: &'a Calendar) -> Self {
        let months = if by.contains(&Dimension::Month) {
            1
        } else if by.contains(&Dimension::Quarter) {
            3
        } else {
            12
        };
        Self { by, calendar, months, slots: FxHashMap::default(), sums: Vec::new() }
    }

    /// Adds priced lines.
    pub(super) fn add(&mut self, batch: &Batch, priced: &[Priced]) -> Result<()> {
        let mut slots = Vec::with_capacity(batch.rows.len());
        for row in &batch.rows {
            let key = self.by.iter().fold(0_u128, |key, d| key | self.part(*d, row));
            let next = self.slots.len() as u32;
            slots.push(*self.slots.entry(key).or_insert(next));
        }
        self.sums.resize(self.slots.len(), Sums::default());
        for ((row, priced), slot) in batch.rows.iter().zip(priced).zip(slots) {
            self.sums[slot as usize].add(row, priced).ok_or_else(too_large)?;
        }
        Ok(())
    }

    fn part(&self, dimension: Dimension, row: &Row) -> u128 {
        match dimension {
            Dimension::Payer => u128::from(row.payer) << PAYER,
            Dimension::State => u128::from(row.state) << STATE,
            Dimension::Locality => u128::from(row.locality) << LOCALITY,
            Dimension::Code => u128::from(row.code) << CODE,
            Dimension::Carc => u128::from(row.carc) << CARC,
            Dimension::Pos => u128::from(row.pos) << POS,
            Dimension::Quarter | Dimension::Month | Dimension::Year => u128::from(self.period(row)) << MONTH,
        }
    }

    /// The first month of the finest period that is grouped by; the coarser ones follow from it.
    fn period(&self, row: &Row) -> u16 {
        self.calendar.month(row.day) / self.months * self.months
    }

    /// All groups together.
    pub(super) fn total(&self) -> Result<Sums> {
        let mut total = Sums::default();
        self.sums.iter().try_for_each(|sums| total.merge(sums))?;
        Ok(total)
    }

    /// Adds these groups to the total, under their words.
    pub(super) fn merge_into(&self, names: &Names<'_>, total: &mut BTreeMap<GroupKey, Sums>) -> Result<()> {
        for (key, slot) in &self.slots {
            let words = self.by.iter().map(|d| word(*d, *key, names)).collect();
            total.entry(words).or_default().merge(&self.sums[*slot as usize])?;
        }
        Ok(())
    }
}

fn word(dimension: Dimension, key: u128, names: &Names<'_>) -> Option<Box<str>> {
    let part = |shift: u32, bits: u32| u32::try_from(key >> shift & ((1 << bits) - 1)).unwrap_or(0);
    let named = |words: &super::names::Words, shift: u32| match part(shift, ID_BITS) {
        BLANK => None,
        id => Some(words.text(id).into()),
    };
    let month = part(MONTH, 16);
    match dimension {
        Dimension::Payer => named(&names.payers, PAYER),
        Dimension::State => named(&names.states, STATE),
        Dimension::Locality => named(&names.localities, LOCALITY),
        Dimension::Code => named(&names.codes, CODE),
        Dimension::Carc => named(&names.carcs, CARC),
        Dimension::Pos => u8::try_from(part(POS, 7)).ok().and_then(Pos::new).map(|pos| pos.to_string().into()),
        Dimension::Quarter => Some(format!("{}-Q{}", month / 12, month % 12 / 3 + 1).into()),
        Dimension::Month => Some(format!("{}-{:02}", month / 12, month % 12 + 1).into()),
        Dimension::Year => Some((month / 12).to_string().into()),
    }
}
