//! The practice as it was known on a day, by leaf and month: lines, expected amounts, answers, payments, and the mix that is
//! priced on.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::cut::{cut, known_on};
use super::denial::PayerShares;
use super::judged::{Judged, judge_known, pricer};
use crate::domain::{Code, Date, Money, Payer, PayerKind, Pos, State, Units};
use crate::finding::{Error, Result};
use crate::forecast::Month;
use crate::forecast::calendar::WorkWeek;
use crate::ingest::Intake;
use crate::leakage::Cohort;
use crate::price::Key;
use crate::project::Project;
use crate::reference::Reference;

/// What belongs together by code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Injections, pushes, infusions.
    Administration,
    /// Drugs and biologicals.
    Drug,
    /// Visits.
    Visit,
    /// Everything else.
    Other,
}

impl Family {
    /// The family of a code.
    #[must_use]
    pub fn of(code: Code) -> Self {
        let text = code.to_string();
        if code.is_drug() {
            Self::Drug
        } else if text.starts_with("963") || text.starts_with("964") {
            Self::Administration
        } else if text.starts_with("992") {
            Self::Visit
        } else {
            Self::Other
        }
    }

    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administration => "administration",
            Self::Drug => "drug",
            Self::Visit => "visit",
            Self::Other => "other",
        }
    }
}

/// What a forecast is made for, at its finest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafKey {
    /// The payer's id.
    pub payer: Arc<str>,
    /// State of the service.
    pub state: Option<State>,
    /// Place of service.
    pub pos: Option<Pos>,
    /// What was done.
    pub family: Family,
}

/// A month of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Lines served.
    pub lines: u32,
    /// Of them, lines without a price: their money is not known, and stands in no sum of expected amounts.
    pub unpriced: u32,
    /// Expected amounts of the others (0 of lines that are not payable).
    pub expected: Money,
    /// Of `expected`, what is denied as of the day.
    pub denied: Money,
    /// What is allowed too little: firm expectations.
    pub underpaid: Money,
    /// What is allowed too much.
    pub overpaid: Money,
    /// Benchmark less allowed, where the expectation is only observed or estimated; negative where more is allowed.
    pub off_benchmark: Money,
    /// Not answered yet.
    pub pending: Money,
    /// Paid by payers as of the day.
    pub paid: Money,
}

impl std::ops::AddAssign for Cell {
    fn add_assign(&mut self, other: Self) {
        self.lines += other.lines;
        self.unpriced += other.unpriced;
        self.expected += other.expected;
        self.denied += other.denied;
        self.underpaid += other.underpaid;
        self.overpaid += other.overpaid;
        self.off_benchmark += other.off_benchmark;
        self.pending += other.pending;
        self.paid += other.paid;
    }
}

/// Lines of equal price in the last twelve months of a leaf.
#[derive(Debug, Clone)]
pub(super) struct MixLine {
    pub(super) key: Key,
    pub(super) units: Units,
    pub(super) charge: Money,
    pub(super) count: u32,
    pub(super) priced: bool,
}

/// The mix of a leaf while it is counted.
#[derive(Debug, Default)]
struct Mix {
    lines: Vec<MixLine>,
    places: FxHashMap<(Key, Units, Money), usize>,
}

impl Mix {
    fn add(&mut self, key: &Key, units: Units, charge: Money, priced: bool) {
        let next = self.lines.len();
        let at = *self.places.entry((key.clone(), units, charge)).or_insert(next);
        match self.lines.get_mut(at) {
            Some(line) => line.count += 1,
            None => self.lines.push(MixLine { key: key.clone(), units, charge, count: 1, priced }),
        }
    }
}

/// One leaf.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// Which.
    pub key: LeafKey,
    /// Index of its payer in [`Book::payers`].
    pub payer: usize,
    /// Its months of service, from [`Book::first`] to [`Book::last_service`].
    pub months: Vec<Cell>,
    /// What payers paid, by month of posting, from [`Book::first`] to [`Book::last_posting`].
    pub cash: Vec<Money>,
    pub(super) mix: Vec<MixLine>,
}

/// One payment: months of service and of posting, and the amount (negative when taken back).
pub(super) type Payment = (Month, Month, Money);

/// One payer.
#[derive(Debug, Clone)]
pub struct PayerBook {
    /// Its id.
    pub id: Arc<str>,
    /// Its name, as the project file has it.
    pub name: String,
    /// What kind of payer; `None` when the project does not know it.
    pub kind: Option<PayerKind>,
    pub(super) payments: Vec<Payment>,
    pub(super) shares: PayerShares,
}

impl PayerBook {
    /// What becomes of its expected money.
    #[must_use]
    pub const fn shares(&self) -> &PayerShares {
        &self.shares
    }
}

/// The practice as it was known on a day.
#[derive(Debug, Clone)]
pub struct Book {
    /// The day.
    pub as_of: Date,
    /// First month of service.
    pub first: Month,
    /// Last whole month of service.
    pub last_service: Month,
    /// Last whole month of postings.
    pub last_posting: Month,
    /// The leaves, sorted by their keys.
    pub leaves: Vec<Leaf>,
    /// The payers, sorted by their ids.
    pub payers: Vec<PayerBook>,
    /// How much of a working day each weekday and holiday is.
    pub week: WorkWeek,
    /// What the reader must know.
    pub notes: Vec<String>,
}

/// Services of so many days at the end of a month may be missing before it counts as not whole: a weekend and a holiday.
const SLACK_DAYS: i64 = 6;

/// Months whose mix is priced on.
const MIX_MONTHS: i32 = 12;

impl Book {
    /// Takes what the inputs tell as of a day into months.
    ///
    /// # Errors
    /// When no line in scope is known by then, or none of a whole month.
    pub fn new(intake: &Intake, project: &Project, reference: &Reference, as_of: Date) -> Result<Self> {
        let known = judge_known(cut(intake, as_of), project, reference, as_of)?;
        let services = || known.lines.iter().map(|l| l.service_date);
        let (Some(first), Some(last)) = (services().min(), services().max()) else {
            return Err(Error::input(format!("no line in scope was served up to {as_of}"))
                .help("give a later day with --as-of, or claims of earlier days"));
        };
        let first = Month::of(first);
        let mut notes = Vec::new();
        let month = Month::of(last);
        let end = end_of(month).unwrap_or(last);
        let whole = as_of >= end && (end - last).num_days() <= SLACK_DAYS;
        let last_service = if whole { month } else { month.plus(-1) };
        if last_service < first {
            return Err(Error::input(format!("no whole month of services is known as of {as_of}"))
                .help("a forecast needs at least one whole month of claims"));
        }
        if !whole {
            notes.push(format!("{month} is not whole: its services stand in no history."));
        }
        let posted = Month::of(as_of);
        let last_posting = if end_of(posted) == Some(as_of) { posted } else { posted.plus(-1) };
        let served = services().map(|day| (day, 1.0));
        let (from, until) = (start_of(first), end_of(last_service).and_then(|end| end.succ_opt()));
        let week = from.zip(until).and_then(|(from, until)| WorkWeek::learn(served, from, until));
        if week.is_none() {
            notes.push("Too few weeks show on which days the practice works: Monday to Friday without federal holidays is assumed.".to_owned());
        }
        let week = week.unwrap_or(WorkWeek::OFFICE);
        let book =
            Self { as_of, first, last_service, last_posting, leaves: Vec::new(), payers: Vec::new(), week, notes };
        Ok(book.filled(&known, project, reference))
    }

    fn filled(mut self, known: &Judged, project: &Project, reference: &Reference) -> Self {
        let pricer = pricer(project, reference);
        let span = |last: Month, first: Month| usize::try_from(last.since(first) + 1).unwrap_or(0);
        let (services, postings) = (span(self.last_service, self.first), span(self.last_posting, self.first));
        let mut payers: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
        let mut leaves: BTreeMap<LeafKey, (Vec<Cell>, Vec<Money>, Mix)> = BTreeMap::new();
        let mut payments: BTreeMap<Arc<str>, Vec<Payment>> = BTreeMap::new();
        let mix_from = self.last_service.plus(1 - MIX_MONTHS);
        for (i, line) in known.lines.iter().enumerate() {
            payers.entry(Arc::clone(&line.payer)).or_default().push(i);
            let key = LeafKey {
                payer: Arc::clone(&line.payer),
                state: line.state.or_else(|| known.priced.of(i).key.area.state()),
                pos: line.pos,
                family: Family::of(line.code),
            };
            let leaf = leaves
                .entry(key)
                .or_insert_with(|| (vec![Cell::default(); services], vec![Money::ZERO; postings], Mix::default()));
            let month = Month::of(line.service_date);
            for remit in known.linked[i].iter().map(|r| &known.remits[*r as usize]) {
                let posted = Month::of(known_on(remit));
                if remit.paid.is_zero() || remit.claim_status == crate::domain::ClaimStatus::Predetermination {
                    continue;
                }
                payments.entry(Arc::clone(&line.payer)).or_default().push((month, posted, remit.paid));
                if let Some(cash) = usize::try_from(posted.since(self.first)).ok().and_then(|at| leaf.1.get_mut(at)) {
                    *cash += remit.paid;
                }
            }
            let at = usize::try_from(month.since(self.first)).unwrap_or(usize::MAX);
            let Some(cell) = leaf.0.get_mut(at) else { continue };
            *cell += cell_of(&known.judged[i]);
            if month >= mix_from {
                let priced = known.judged[i].cohort != Cohort::Unknown;
                let key = &known.priced.of(i).key;
                leaf.2.add(key, line.units, line.charge, priced);
            }
        }
        let shares = PayerShares::learn(&payers, &known.lines, &known.judged);
        let index: BTreeMap<Arc<str>, usize> = payers.keys().cloned().zip(0..).collect();
        self.payers = payers
            .keys()
            .zip(shares)
            .map(|(id, shares)| {
                let payer: Option<&Payer> = pricer.payer(id);
                PayerBook {
                    id: Arc::clone(id),
                    name: payer.map_or_else(|| id.to_string(), |p| p.name.to_string()),
                    kind: payer.map(|p| p.kind),
                    payments: payments.remove(id).unwrap_or_default(),
                    shares,
                }
            })
            .collect();
        self.leaves = leaves
            .into_iter()
            .map(|(key, (months, cash, mix))| {
                let payer = index.get(&key.payer).copied().unwrap_or(0);
                Leaf { key, payer, months, cash, mix: mix.lines }
            })
            .collect();
        self
    }

    /// The months of service, in order.
    pub fn months(&self) -> impl Iterator<Item = Month> + '_ {
        (0..=self.last_service.since(self.first)).map(|n| self.first.plus(n))
    }

    /// A month of service over all leaves.
    #[must_use]
    pub fn cell(&self, at: usize) -> Cell {
        let mut sum = Cell::default();
        for leaf in &self.leaves {
            sum += leaf.months.get(at).copied().unwrap_or_default();
        }
        sum
    }

    /// What payers paid in a month of posting; `None` for a month that is not whole or not known.
    #[must_use]
    pub fn cash_of(&self, month: Month) -> Option<Money> {
        let at = usize::try_from(month.since(self.first)).ok()?;
        (month <= self.last_posting).then(|| self.leaves.iter().filter_map(|l| l.cash.get(at)).copied().sum())
    }
}

/// The last day of a month.
pub(super) fn end_of(month: Month) -> Option<Date> {
    let next = month.plus(1);
    Date::from_ymd_opt(next.year(), next.number(), 1)?.pred_opt()
}

/// The first day of a month.
pub(super) fn start_of(month: Month) -> Option<Date> {
    Date::from_ymd_opt(month.year(), month.number(), 1)
}

fn cell_of(judged: &crate::leakage::JudgedLine) -> Cell {
    let gaps = &judged.money.gaps;
    let unknown = judged.cohort == Cohort::Unknown;
    Cell {
        lines: 1,
        unpriced: u32::from(unknown),
        expected: if unknown { Money::ZERO } else { gaps.expected },
        denied: gaps.denied,
        underpaid: gaps.underpaid,
        overpaid: gaps.overpaid,
        off_benchmark: gaps.below_benchmark - gaps.above_benchmark,
        pending: gaps.pending,
        paid: judged.money.answers.paid,
    }
}
