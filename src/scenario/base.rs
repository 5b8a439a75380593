//! The baseline: the lines of a period, priced and judged, as cells (payer, code, place of service) and as bundles of lines that
//! any rate prices alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, Months};
use rustc_hash::FxHashMap;

use crate::domain::{Code, Date, Money, Period, Pos, ServiceLine, Units};
use crate::finding::{Error, Result};
use crate::leakage::{Cohort, JudgedLine};
use crate::price::{PricedLines, extend};
use crate::project::Project;
use crate::reconcile::Standing;
use crate::reference::Reference;

/// What a model is made from: the lines of a run with all that was found of them.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The project with its payers.
    pub project: &'a Project,
    /// The reference that the lines were priced by.
    pub reference: &'a Reference,
    /// The lines in scope.
    pub lines: &'a [ServiceLine],
    /// The same lines, judged.
    pub judged: &'a [JudgedLine],
    /// Their prices.
    pub priced: &'a PricedLines,
    /// The day as of which they are judged.
    pub as_of: Date,
}

/// What cells are told apart by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellKey {
    /// The payer's id.
    pub payer: Arc<str>,
    /// The code.
    pub code: Code,
    /// Place of service.
    pub pos: Option<Pos>,
}

/// What rates decide of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Expected amounts.
    pub expected: Money,
    /// Of it, denied in the end.
    pub denied: Money,
    /// Of it, denied at the first answer.
    pub first_denied: Money,
}

/// A cell of the baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseCell {
    /// Which.
    pub key: CellKey,
    /// Lines with a price (and those that are not payable).
    pub lines: i64,
    /// Their money.
    pub sums: Sums,
    /// Paid by payers so far.
    pub paid: Money,
    /// Of the expected amounts, those without an answer.
    pub pending: Money,
    /// Of the expected amounts, those that rest on observed or estimated rates.
    pub benchmark: Money,
}

impl BaseCell {
    /// Expected less what is denied in the end.
    #[must_use]
    pub fn net(&self) -> Money {
        self.sums.expected - self.sums.denied
    }
}

/// Lines of one key with the same units and charge: any rate pays them alike.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bundle {
    pub(super) cell: usize,
    pub(super) price: u32,
    pub(super) units: Units,
    pub(super) charge: Money,
    pub(super) lines: i64,
    pub(super) denied: i64,
    pub(super) first_denied: i64,
}

/// Lines that stand in no sum, because no price of theirs is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unpriced {
    /// How many.
    pub lines: i64,
    /// What was charged.
    pub charge: Money,
    /// What payers paid.
    pub paid: Money,
}

/// The baseline.
#[derive(Debug, Clone)]
pub struct Base {
    /// Its days of service.
    pub period: Period,
    /// Its cells, by payer, code and place.
    pub cells: Vec<BaseCell>,
    /// Lines left out of every sum.
    pub unpriced: Unpriced,
    /// Names of payers by id.
    pub names: BTreeMap<Arc<str>, String>,
    pub(super) bundles: Vec<Bundle>,
}

impl Base {
    /// Takes the lines of a period; `None`: the last twelve whole months.
    ///
    /// # Errors
    /// When no line was served in the period, or a sum does not fit.
    pub fn new(given: &Given<'_>, wanted: Option<Period>) -> Result<Self> {
        let period = match wanted {
            Some(period) => period,
            None => last_year(given)?,
        };
        let mut cells: BTreeMap<CellKey, usize> = BTreeMap::new();
        let inside = || given.lines.iter().enumerate().filter(|(_, line)| period.contains(line.service_date));
        for (_, line) in inside() {
            cells.entry(CellKey { payer: line.payer.clone(), code: line.code, pos: line.pos }).or_default();
        }
        if cells.is_empty() {
            let served = given.lines.iter().map(|line| line.service_date);
            let help = match served.clone().min().zip(served.max()) {
                Some((first, last)) => format!("the lines in scope were served from {first} to {last}"),
                None => "there are no lines in scope".to_owned(),
            };
            return Err(Error::input(format!("no line was served in the baseline, {period}")).help(help));
        }
        for (at, place) in cells.values_mut().enumerate() {
            *place = at;
        }
        let empty = |key: &CellKey| BaseCell {
            key: key.clone(),
            lines: 0,
            sums: Sums::default(),
            paid: Money::ZERO,
            pending: Money::ZERO,
            benchmark: Money::ZERO,
        };
        let mut base = Self {
            period,
            cells: cells.keys().map(empty).collect(),
            unpriced: Unpriced::default(),
            names: BTreeMap::new(),
            bundles: Vec::new(),
        };
        let mut places: FxHashMap<(u32, Units, Money), usize> = FxHashMap::default();
        for (i, line) in inside() {
            let (judged, price) = (&given.judged[i], given.priced.price_of[i]);
            if judged.cohort == Cohort::Unknown {
                base.unpriced.lines += 1;
                base.unpriced.charge += line.charge;
                base.unpriced.paid += judged.money.gaps.paid;
                continue;
            }
            let key = CellKey { payer: line.payer.clone(), code: line.code, pos: line.pos };
            let Some(cell) = cells.get(&key).copied() else { continue };
            let denied = i64::from(judged.money.standing == Standing::Denied);
            let first_denied = i64::from(judged.money.answers.initial_denial.is_some());
            base.cells[cell].take(judged);
            let next = base.bundles.len();
            match places.entry((price, line.units, line.charge)) {
                std::collections::hash_map::Entry::Occupied(at) => {
                    let bundle = &mut base.bundles[*at.get()];
                    bundle.lines += 1;
                    bundle.denied += denied;
                    bundle.first_denied += first_denied;
                }
                std::collections::hash_map::Entry::Vacant(at) => {
                    at.insert(next);
                    let (units, charge) = (line.units, line.charge);
                    base.bundles.push(Bundle { cell, price, units, charge, lines: 1, denied, first_denied });
                }
            }
        }
        // A cell whose lines all have no price says nothing.
        let kept: Vec<bool> = base.cells.iter().map(|cell| cell.lines > 0).collect();
        let moved: Vec<usize> = kept
            .iter()
            .scan(0, |next, keep| {
                let at = *next;
                *next += usize::from(*keep);
                Some(at)
            })
            .collect();
        for bundle in &mut base.bundles {
            bundle.cell = moved[bundle.cell];
        }
        base.cells.retain(|cell| cell.lines > 0);
        for cell in &base.cells {
            let id = &cell.key.payer;
            let name = given.project.payer_of_id(id).map_or_else(|| id.to_string(), |payer| payer.name.to_string());
            base.names.insert(id.clone(), name);
        }
        base.check(given)?;
        Ok(base)
    }

    /// The bundles must come to what the ledger holds: they are what every scenario is priced from.
    fn check(&self, given: &Given<'_>) -> Result<()> {
        let mut sums = vec![Sums::default(); self.cells.len()];
        for bundle in &self.bundles {
            let unit = &given.priced.prices[bundle.price as usize].priced.unit;
            let one = extend(unit, bundle.units, bundle.charge).amount().unwrap_or_default();
            sums[bundle.cell].take(bundle, one)?;
        }
        match self.cells.iter().zip(&sums).find(|(cell, sums)| cell.sums != **sums) {
            None => Ok(()),
            Some((cell, sums)) => Err(Error::imbalance(format!(
                "the baseline of {} {} is {}, priced again {}",
                cell.key.payer, cell.key.code, cell.sums.expected, sums.expected
            ))
            .help("this is an error of the program: nothing was written; please report it with the version")),
        }
    }

    /// A sum over cells.
    #[must_use]
    pub fn sum(&self, of: impl Fn(&BaseCell) -> Money) -> Money {
        self.cells.iter().map(of).sum()
    }

    /// The name of a payer by its id.
    #[must_use]
    pub fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.names.get(id).map_or(id, String::as_str)
    }
}

impl BaseCell {
    fn take(&mut self, judged: &JudgedLine) {
        let gaps = &judged.money.gaps;
        self.lines += 1;
        self.sums.expected += gaps.expected;
        self.sums.denied += gaps.denied;
        if judged.money.answers.initial_denial.is_some() {
            self.sums.first_denied += gaps.expected;
        }
        self.paid += gaps.paid;
        if judged.money.standing == Standing::Pending {
            self.pending += gaps.expected;
        }
        if judged.cohort == Cohort::Benchmark {
            self.benchmark += gaps.expected;
        }
    }
}

impl Sums {
    /// Adds the lines of a bundle at this amount each.
    pub(super) fn take(&mut self, bundle: &Bundle, one: Money) -> Result<()> {
        for (sum, lines) in [
            (&mut self.expected, bundle.lines),
            (&mut self.denied, bundle.denied),
            (&mut self.first_denied, bundle.first_denied),
        ] {
            let added = one.cents().checked_mul(lines).and_then(|cents| sum.cents().checked_add(cents));
            *sum = Money::from_cents(added.ok_or_else(super::too_large)?);
        }
        Ok(())
    }
}

/// The last twelve whole months of services; fewer where there are fewer, and all days where no month is whole.
fn last_year(given: &Given<'_>) -> Result<Period> {
    let served = given.lines.iter().map(|line| line.service_date);
    let (Some(first), Some(last)) = (served.clone().min(), served.max()) else {
        return Err(Error::input("there are no claim lines in scope to model on")
            .help("a model needs claims; aggregate volumes are not enough"));
    };
    let month = |day: Date| day.with_day(1).unwrap_or(day);
    let next = |day: Date| month(day).checked_add_months(Months::new(1)).unwrap_or(day);
    // The month of the last service is whole when it has ended by the day that the data tells of.
    let whole = next(last).pred_opt().is_some_and(|end| given.as_of >= end);
    let until = if whole { next(last) } else { month(last) };
    let from = until.checked_sub_months(Months::new(12)).unwrap_or(until);
    let begun = if first.day() == 1 { first } else { next(first) };
    let wanted = Period::new(from.max(begun), until).or_else(|| Period::inclusive(first, last));
    wanted.ok_or_else(|| Error::input("the services of the data make no period"))
}
