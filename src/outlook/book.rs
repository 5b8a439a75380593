//! The practice as it was known on a day, by leaf and month: lines, expected amounts, answers, payments, and the mix that is
//! priced on.

#![expect(clippy::float_arithmetic, reason = "sizes of payments and claims, for estimates")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::absent::{Absent, Given, WithoutLine};
use super::chance::float;
use super::count::{Wait, visits, waits};
use super::cut::{cut, known_on, last_day};
use super::denial::PayerShares;
use super::ends::{Answers, Sources, no_lines};
use super::judged::judge_known;
use super::measure::Dim;
use super::missing::missing;
use super::workdays::Workdays;
use crate::domain::{Code, Date, Money, PayerKind, Pos, State, Units};
use crate::finding::{Error, Finding, Result};
use crate::forecast::Month;
use crate::forecast::calendar::is_holiday;
use crate::ingest::Intake;
use crate::leakage::Cohort;
use crate::price::Key;
use crate::project::{Project, VolumeEvent};
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
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Administration, Self::Drug, Self::Visit, Self::Other];

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
    /// What payers paid in [`Book::start`] so far, when it had begun on the day: of services up to [`Book::last_service`], and of
    /// later ones.
    pub posted: (Money, Money),
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
    /// It has old claims and not one answer, while others answer: what it pays is not known, and stands in no cash.
    pub unanswered: bool,
    /// What other payers (second ones) paid on its services in the last twelve whole months of postings: it is part of its cash.
    pub by_others: Money,
    pub(super) payments: Vec<Payment>,
    pub(super) shares: PayerShares,
    /// Lines of the last twelve months, and the squares of the lines of each of their claims: lines of one claim come together.
    pub(super) together: (f64, f64),
}

impl PayerBook {
    /// The size of its payments in cents, larger ones for more: so many cents come or do not come at a time.
    pub(super) fn payment_size(&self) -> f64 {
        let sizes = self.payments.iter().map(|p| float(p.2)).filter(|size| *size > 0.0);
        let (sum, squares) = sizes.fold((0.0, 0.0), |(sum, squares), size| (sum + size, squares + size * size));
        if sum > 0.0 { squares / sum } else { 0.0 }
    }

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
    /// The first month to forecast: services and postings of the months before it are whole, or are not in the files.
    pub start: Month,
    /// The leaves, sorted by their keys.
    pub leaves: Vec<Leaf>,
    /// The payers, sorted by their ids.
    pub payers: Vec<PayerBook>,
    /// On which days the practice works.
    pub workdays: Workdays,
    /// On which days payments are posted.
    pub posting_days: Workdays,
    /// Visits (claims by day) by month of service: volume, however many lines a visit has.
    pub visits: Vec<u32>,
    /// What changes the number of services.
    pub events: Vec<VolumeEvent>,
    /// Whether any line with a price is answered: without an answer nothing tells what is denied, allowed or paid.
    pub answered: bool,
    /// Months between others of which the services are missing: what was served in them is not known.
    pub missing: Vec<Month>,
    /// Answers to lines that are not in the files: their payments are in no cash.
    pub without_line: WithoutLine,
    /// What is wrong with the files for a forecast.
    pub findings: Vec<Finding>,
    /// For each payer, how many days pass from the service to the first answer.
    pub(super) waits: BTreeMap<Arc<str>, Vec<Wait>>,
    /// What the reader must know.
    pub notes: Vec<String>,
}

/// Services of so many days at the end of a month may be missing before it counts as not whole: a weekend and a holiday.
const SLACK_DAYS: i64 = 6;

/// Fewer answered lines, of all payers, are said to be few.
const FEW_ANSWERS: usize = 30;

impl Book {
    /// Takes what the inputs tell as of a day into months: later services and answers are cut away first. A day on which the
    /// files had long ended is taken as their last day, which is said.
    ///
    /// # Errors
    /// When no line in scope is known by then, or none of a whole month.
    pub fn new(intake: &Intake, project: &Project, reference: &Reference, as_of: Date) -> Result<Self> {
        Self::of_known(cut(intake, as_of), project, reference, as_of)
    }

    /// The same of inputs that are already cut to the day.
    pub(super) fn of_known(known: Intake, project: &Project, reference: &Reference, as_of: Date) -> Result<Self> {
        let asked = as_of;
        let (files_end, slack) = end_and_slack(&known, as_of);
        let as_of = if (as_of - files_end).num_days() > slack { files_end } else { as_of };
        let answers = Answers::of(&known);
        // Where answers stop early, what is not answered by then never had the time to be.
        let answers_end = answers.stop_early().unwrap_or(as_of);
        let mut findings: Vec<Finding> = answers.finding().into_iter().collect();
        let no_lines = no_lines(&known, as_of);
        let places = Sources::of(&known);
        let known = judge_known(known, project, reference, as_of, answers_end)?;
        let services = || known.lines.iter().map(|l| l.service_date);
        let (Some(first), Some(last)) = (services().min(), services().max()) else { return Err(no_lines) };
        let first = Month::of(first);
        let mut notes = Vec::new();
        if as_of < asked {
            notes.push(format!(
                "The files end on {as_of}: nothing of the days from then to {asked} is known, so the forecast is made as of {as_of}."
            ));
        }
        let month = Month::of(last);
        let end = end_of(month).unwrap_or(last);
        let whole = over(month, as_of) && (end - last).num_days() <= SLACK_DAYS;
        let last_service = if whole { month } else { month.plus(-1) };
        if last_service < first {
            return Err(Error::input(format!("no whole month of services is known as of {as_of}"))
                .help("a forecast needs at least one whole month of claims"));
        }
        if !whole {
            notes.push(format!("{month} is not whole: its services stand in no history."));
        }
        let whole_until = |day: Date, end: Date, slack: i64| {
            let posted = Month::of(day);
            let whole = over(posted, day) && end_of(posted).is_none_or(|last| (last - end).num_days() <= slack);
            if whole { posted } else { posted.plus(-1) }
        };
        let last_posting = match answers.stop_early() {
            Some(end) => {
                let last = whole_until(end_of(Month::of(end)).unwrap_or(end), end, SLACK_DAYS);
                notes.push(format!(
                    "Answers end on {end}, services on {last_day}: months are completed as far as the postings of {last} go, denials are counted on what was old enough by then, and of later services everything is open.",
                    last_day = services().max().unwrap_or(end)
                ));
                last
            }
            // Postings are otherwise never less whole than services.
            None => whole_until(as_of, files_end, slack).max(last_service),
        };
        let start = last_posting.max(last_service).plus(1);
        let has_answer = |j: &&crate::leakage::JudgedLine| {
            j.money.answers.answers > 0 && matches!(j.cohort, Cohort::Firm | Cohort::Benchmark)
        };
        let answered = known.judged.iter().filter(has_answer).count();
        if answered == 0 {
            notes.push(
                "No line with a price is answered in the files: what is denied and allowed is not known.".to_owned(),
            );
        } else if answered < FEW_ANSWERS {
            notes.push(format!(
                "Only {answered} lines with a price are answered: what is denied and paid rests on these few, all payers together."
            ));
        }
        if let (Some(from), to) = (Some(last_service.plus(1)).filter(|m| *m < start), last_posting) {
            let months = if from == to { from.to_string() } else { format!("{from} to {to}") };
            notes.push(format!(
                "The files hold services up to {last} and postings up to {files_end}: services of {months} are taken to have gone on as forecast, and their cash is part of the months to come."
            ));
        }
        if Month::of(as_of) == start {
            notes.push(format!(
                "{start} had begun on {as_of}: its cash is what was posted in it by then, and what is still to come of it."
            ));
        }
        let missing = missing(&known.lines, &known.remits, (first, last_service));
        let waits = waits(&known, answers_end);
        let name = |id: &str| project.payer_of_id(id).map_or_else(|| id.to_owned(), |p| p.name.to_string());
        let absent = Absent::of(&Given {
            known: &known,
            sources: &places,
            waits: &waits,
            span: (first, last_service),
            missing: &missing,
            name: &name,
        });
        findings.extend(absent.findings.into_sorted());
        // What is not there changes the reading most.
        notes.splice(0..0, absent.notes);
        let served = known.lines.iter().map(|l| (l.pos, l.service_date));
        let (workdays, learned) = Workdays::learn(served, first, last_service);
        if !learned {
            notes.push("Too few weeks show on which days the practice works: Monday to Friday without federal holidays is assumed.".to_owned());
        }
        let postings = known.remits.iter().filter(|r| !r.paid.is_zero()).map(|r| (None, known_on(r)));
        let (posting_days, _) = Workdays::learn(postings, first, last_posting.max(first));
        let book = Self {
            as_of,
            first,
            last_service,
            last_posting,
            start,
            leaves: Vec::new(),
            payers: Vec::new(),
            workdays,
            posting_days,
            visits: visits(&known, first, last_service),
            events: project.volume_events.clone(),
            answered: answered > 0,
            missing,
            without_line: absent.without_line,
            findings,
            waits,
            notes,
        };
        Ok(book.filled(&known, &absent.unanswered, project, reference))
    }

    /// How many months lie between the last month of services and the first to forecast.
    #[must_use]
    pub fn gap(&self) -> usize {
        usize::try_from(self.start.since(self.last_service) - 1).unwrap_or(0)
    }

    /// The share of the first month to forecast that was left on the day, by the days on which payments are posted; 1 of a month
    /// that had not begun.
    pub(super) fn left_of_start(&self) -> f64 {
        if Month::of(self.as_of) != self.start {
            return 1.0;
        }
        let worth = |from: Date| -> f64 {
            self.start.days().filter(|day| *day > from).map(|day| self.posting_days.worth_of_all(day)).sum()
        };
        let all = start_of(self.start).and_then(|first| first.pred_opt()).map_or(0.0, worth);
        if all > 0.0 { worth(self.as_of) / all } else { 0.0 }
    }

    /// The months after the last of services up to the end of a horizon: those of the gap, then those to forecast.
    pub(super) fn ahead(&self, horizon: usize) -> impl Iterator<Item = Month> + '_ {
        (1..).take(self.gap().saturating_add(horizon)).map(|n| self.last_service.plus(n))
    }

    /// The months of service, in order.
    pub fn months(&self) -> impl Iterator<Item = Month> + '_ {
        (0..=self.last_service.since(self.first)).map(|n| self.first.plus(n))
    }

    /// How many months of service from this one on (counted from [`Self::first`]) are in the files, before one that is missing.
    pub(super) fn told_from(&self, at: usize) -> usize {
        self.months().skip(at).take_while(|month| !self.missing.contains(month)).count()
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

    /// Whether the cash of a group of leaves is known: not where no payer of it ever answered.
    #[must_use]
    pub fn knows_cash(&self, by: &[Dim], label: &[String]) -> bool {
        let is_in = |leaf: &&Leaf| by.iter().zip(label).all(|(dim, name)| dim.of(&leaf.key) == *name);
        let mut own = self.leaves.iter().filter(is_in).map(|leaf| self.payers.get(leaf.payer)).peekable();
        own.peek().is_none() || own.any(|payer| payer.is_some_and(|p| !p.unanswered))
    }

    /// What payers paid in a month of posting, on lines in the files; `None` for a month that is not whole or not known.
    #[must_use]
    pub fn cash_of(&self, month: Month) -> Option<Money> {
        let at = usize::try_from(month.since(self.first)).ok()?;
        (month <= self.last_posting).then(|| self.leaves.iter().filter_map(|l| l.cash.get(at)).copied().sum())
    }
}

/// Whether a month is over for a practice at the end of a day: what is left of it are weekends and holidays.
fn over(month: Month, day: Date) -> bool {
    let weekend = |day: Date| chrono::Datelike::weekday(&day).number_from_monday() > 5;
    month.days().filter(|d| *d > day).all(|d| weekend(d) || is_holiday(d))
}

/// The last day up to `as_of` of which the files tell anything, and how many days without anything are usual: the longest time
/// between two days with services or postings in the year before, six days at least.
fn end_and_slack(known: &Intake, as_of: Date) -> (Date, i64) {
    let services = known.lines.iter().map(|l| l.service_date);
    let days: BTreeSet<Date> = services.chain(known.remits.iter().map(known_on)).filter(|d| *d <= as_of).collect();
    let end = last_day(known).unwrap_or(as_of).min(as_of);
    let year: Vec<Date> = days.into_iter().filter(|d| (end - *d).num_days() <= 365).collect();
    let longest = year.windows(2).map(|pair| (pair[1] - pair[0]).num_days()).max().unwrap_or(0);
    (end, longest.max(SLACK_DAYS))
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
