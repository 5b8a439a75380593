//! Cash: how payments of a month of service come in, by payer; what is still to come of months that are served; and how complete
//! each recent month is.

#![expect(clippy::float_arithmetic, reason = "run-out is an estimate")]

use std::collections::BTreeMap;

use super::book::{Book, PayerBook};
use super::chance::float;
use super::short::PAID_BY;
use crate::domain::{Money, PayerKind};
use crate::forecast::Month;
use crate::forecast::runout::{
    CashMonth, ChainLadder, Completion, Mack, Medium, Method, Open, PaymentLag, Prior, SigmaRule, Tail, Triangle,
    bornhuetter_ferguson,
};

/// Payments later than this many months after the service are taken together with the last of them.
const LAGS: usize = 13;

/// What stands for no payment at all in the month of service, in cents.
const TRIFLE: f64 = 1e-3;

/// Fewer payments show no curve of their own.
const ENOUGH: usize = 60;

/// The least relative standard error of what is open where the history is a few months.
const SHORT_ERROR: f64 = 0.2;

/// The newest months, judged by what was expected of them.
const NEWEST: usize = 3;

/// A recent month of service of a payer, completed for run-out. Amounts in cents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompletedMonth {
    /// The month of service.
    pub month: Month,
    /// Paid so far.
    pub paid: f64,
    /// The share of the final amount that has usually come by now.
    pub completion: f64,
    /// What will have been paid in the end; `None` when nothing tells.
    pub ultimate: Option<f64>,
    /// How it was completed.
    pub method: Option<Method>,
    /// Standard error of what is still to come.
    pub std_err: f64,
}

/// How a payer's payments come in.
#[derive(Debug, Clone)]
pub struct PayerCash {
    /// The share of the final amount that comes in each month after the service; empty where no answer is in the files.
    pub lag: Vec<f64>,
    /// The curve itself, with intervals of 80 %.
    pub curve: Option<PaymentLag>,
    /// The curve is that of all payers: this one has too few payments.
    pub borrowed: bool,
    /// The months of service, completed.
    pub months: Vec<CompletedMonth>,
    /// What is still to come of them, by month of payment after the last whole month of postings, in cents.
    pub outstanding: Vec<(Month, f64)>,
    /// Its standard error over its amount.
    pub relative_error: f64,
    /// What must be known.
    pub notes: Vec<String>,
}

/// A curve with its ladder and errors.
struct Ladder {
    mack: Option<Mack>,
    ladder: ChainLadder,
    /// What has come by the lags after those that the history is long enough to tell.
    tail: Vec<f64>,
}

impl Ladder {
    fn curve(&self) -> PaymentLag {
        let own = match &self.mack {
            Some(mack) => PaymentLag::with_intervals(mack, 0.8),
            None => PaymentLag::of(&self.ladder),
        };
        own.followed_by(&self.tail)
    }
}

fn ladder(payments: impl Iterator<Item = (Month, Month, Money)>, book: &Book) -> Option<Ladder> {
    let known = payments
        .filter(|(service, posted, _)| *service <= book.last_service && posted >= service)
        .map(|(service, posted, amount)| (service, u32::try_from(posted.since(service)).unwrap_or(0), float(amount)))
        // What comes later than the curve is long belongs to its end.
        .map(|(service, lag, amount)| (service, lag.min(u32::try_from(LAGS).unwrap_or(13) - 1), amount));
    let mut known: Vec<(Month, u32, f64)> = known.collect();
    // A payer that never pays in the month of service has no factor from nothing to something: a trifle stands for nothing.
    let never_at_once = !known.is_empty() && known.iter().filter(|p| p.1 == 0).map(|p| p.2).sum::<f64>() <= 0.0;
    if never_at_once {
        known.extend(book.months().map(|month| (month, 0, TRIFLE)));
    }
    let whole = Triangle::from_payments(known, book.last_posting, &std::collections::BTreeSet::new()).ok()?;
    let mut lags = whole.developments().min(LAGS);
    // Payments go on beyond a history of a few months.
    let is_short = lags <= PAID_BY.len();
    // A development that no month tells of ends the curve.
    while lags > 0 {
        let triangle = whole.cut(lags).ok()?;
        let known = lags.checked_sub(1).and_then(|last| PAID_BY.get(last)).copied().filter(|_| is_short);
        let end = known.map_or(Tail::Closed, |share| Tail::Factor(1.0 / share));
        match ChainLadder::fit(&triangle, end) {
            Ok(ladder) => {
                // Factors from a trifle scatter without end: they tell a curve, but no error.
                let errors = || Mack::fit(&triangle, end, SigmaRule::Mack).ok().flatten();
                let mack = if never_at_once { None } else { errors() };
                let later = PAID_BY.iter().copied().skip(lags).chain([1.0]);
                let tail = if known.is_some() { later.collect() } else { Vec::new() };
                return Some(Ladder { mack, ladder, tail });
            }
            Err(no) => lags = no.development.min(lags - 1),
        }
    }
    None
}

/// The cash of every payer of a book, in its order.
#[must_use]
pub fn cash(book: &Book) -> Vec<PayerCash> {
    let all = ladder(book.payers.iter().flat_map(|p| p.payments.iter().copied()), book);
    (0..book.payers.len()).map(|at| of_payer(book, at, all.as_ref())).collect()
}

/// The cash of a payer of which nothing tells how it pays.
fn unknown(lag: Vec<f64>, borrowed: bool, why: &str) -> PayerCash {
    PayerCash {
        lag,
        curve: None,
        borrowed,
        months: Vec::new(),
        outstanding: Vec::new(),
        relative_error: 0.0,
        notes: vec![why.to_owned()],
    }
}

fn of_payer(book: &Book, at: usize, all: Option<&Ladder>) -> PayerCash {
    let payer = &book.payers[at];
    let own = (payer.payments.len() >= ENOUGH).then(|| ladder(payer.payments.iter().copied(), book)).flatten();
    // A payer of a few months has the curve of all payers, where that one is told to its end.
    let is_whole = |ladder: &Ladder| ladder.tail.is_empty();
    let own = own.filter(|own| is_whole(own) || !all.is_some_and(is_whole));
    let borrowed = own.is_none();
    if payer.unanswered {
        return unknown(Vec::new(), borrowed, "no answer is in the files: what it pays, and when, is not known");
    }
    let used = own.as_ref().or(all);
    let Some(used) = used else {
        let why = "no payment is known: nothing tells how much of the expected money comes in, or when";
        return unknown(vec![1.0], borrowed, why);
    };
    let mut notes = Vec::new();
    if borrowed {
        notes.push(format!("{} payments: the payment lag is that of all payers together", payer.payments.len()));
    }
    let curve = used.curve();
    let is_short = !used.tail.is_empty();
    if is_short {
        notes.push(format!(
            "payments are known up to {} months after the service: what comes later comes as in the demo practice (synthetic), where {:.0} % have come by then",
            used.ladder.developments() - 1,
            curve.share(used.ladder.developments() - 1) * 100.0
        ));
    }
    if payer.kind == Some(PayerKind::Medicare)
        && let Some((said, allowed)) = curve.above_the_floor(book.last_service, Medium::Electronic)
    {
        notes.push(format!(
            "{:.0} % is paid in the month of service, but Medicare's payment floor of 14 days allows {:.0} % at most: check the dates",
            said * 100.0,
            allowed * 100.0
        ));
    }
    let mut months = months(book, at, payer, own.as_ref(), &curve);
    for month in months.iter_mut().filter(|m| book.missing.contains(&m.month)) {
        (month.ultimate, month.method) = (None, None);
    }
    let outstanding = still_to_come(book, payer, &months, &curve);
    let sum: f64 = outstanding.values().sum();
    let error: f64 = months.iter().map(|m| m.std_err * m.std_err).sum::<f64>().sqrt();
    let relative_error = if sum > 0.0 { (error / sum).min(1.0) } else { 0.0 };
    PayerCash {
        lag: curve.shares().iter().map(|s| s.increment).collect(),
        borrowed,
        outstanding: outstanding.into_iter().collect(),
        // A few months show no error of their own.
        relative_error: if is_short { relative_error.max(SHORT_ERROR) } else { relative_error },
        months,
        curve: Some(curve),
        notes,
    }
}

/// What is still to come of the months of service, by month of payment: what is open of each, less what was posted of it since the
/// last whole month of postings, as the rest of the curve says. Of a month that had begun only the days that are left bring anything.
fn still_to_come(
    book: &Book,
    payer: &PayerBook,
    months: &[CompletedMonth],
    curve: &PaymentLag,
) -> BTreeMap<Month, f64> {
    let left = book.left_of_start();
    let mut since: BTreeMap<Month, f64> = BTreeMap::new();
    for (service, _, amount) in payer.payments.iter().filter(|(_, posted, _)| *posted > book.last_posting) {
        *since.entry(*service).or_default() += float(*amount);
    }
    let mut sums: BTreeMap<Month, f64> = BTreeMap::new();
    for m in months {
        let Some(ultimate) = m.ultimate else { continue };
        let open = ultimate - m.paid;
        let posted = since.get(&m.month).copied().unwrap_or(0.0);
        // More than was open may have come: then nothing more is expected, and nothing is taken back.
        let rest = if open > 0.0 { (open - posted).max(0.0) } else { open };
        let seen = usize::try_from(book.last_posting.since(m.month)).ok();
        let spread = curve.spread(&[Open { origin: m.month, seen, outstanding: open }]);
        let share = |one: &CashMonth| if one.month == book.start { one.amount * left } else { one.amount };
        let (all, to_come) =
            spread.months.iter().fold((0.0, 0.0), |(all, to_come), one| (all + one.amount, to_come + share(one)));
        // The same part of it comes in known months as without the postings.
        let scale = if to_come == 0.0 || open == 0.0 { 0.0 } else { rest * (all / open) / to_come };
        for one in &spread.months {
            *sums.entry(one.month).or_default() += share(one) * scale;
        }
    }
    sums
}

/// The months of service of a payer, completed: by its own ladder, or what is expected of them by a borrowed curve.
fn months(book: &Book, at: usize, payer: &PayerBook, own: Option<&Ladder>, curve: &PaymentLag) -> Vec<CompletedMonth> {
    let expected = |month: Month| {
        let index = usize::try_from(month.since(book.first)).unwrap_or(usize::MAX);
        let cells = book.leaves.iter().filter(|l| l.payer == at).filter_map(|l| l.months.get(index));
        cells.map(|c| expected_cash(payer, c)).sum::<f64>()
    };
    if let Some(mack) = own.and_then(|o| o.mack.as_ref()) {
        // That expected months come out otherwise is known from the months that are complete.
        let prior =
            |month: Month| Prior { origin: month, expected: expected(month), std_err: 0.1 * expected(month).abs() };
        let priors: Vec<Prior> = book.months().map(prior).collect();
        let gone = mack.ladder().projections().iter().filter(|p| p.origin > book.last_service).count();
        let Completion { months } = bornhuetter_ferguson(mack, &priors, NEWEST + gone);
        let completed = months.into_iter().filter(|m| m.origin <= book.last_service).map(|m| CompletedMonth {
            month: m.origin,
            paid: m.latest,
            completion: m.completion,
            ultimate: m.ultimate,
            method: m.method,
            std_err: m.std_err(),
        });
        // Of services after the last postings nothing can have come.
        let open = book.months().filter(|month| *month > book.last_posting).map(|month| CompletedMonth {
            month,
            paid: 0.0,
            completion: 0.0,
            ultimate: Some(expected(month)),
            method: Some(Method::BornhuetterFerguson),
            std_err: expected(month).abs() * 0.2,
        });
        return completed.chain(open).collect();
    }
    let paid = |month: Month| {
        let of = payer.payments.iter().filter(|(service, posted, _)| *service == month && *posted <= book.last_posting);
        of.map(|p| float(p.2)).sum::<f64>()
    };
    book.months()
        .map(|month| {
            let lag = usize::try_from(book.last_posting.since(month)).ok();
            let completion = lag.map_or(0.0, |lag| curve.share(lag));
            let paid = paid(month);
            let open = (1.0 - completion) * expected(month);
            CompletedMonth {
                month,
                paid,
                completion,
                ultimate: Some(paid + open),
                method: Some(Method::BornhuetterFerguson),
                std_err: open.abs() * 0.2,
            }
        })
        .collect()
}

/// What payers are expected to pay in the end on a month of a leaf, in cents.
pub(super) fn expected_cash(payer: &PayerBook, cell: &super::book::Cell) -> f64 {
    let s = &payer.shares;
    let short: f64 = s.underpaid_by.iter().map(|u| u.1).sum();
    let net = float(cell.expected) * (1.0 - s.denied(0.0, 0.0) - short + s.overpaid - s.off_benchmark);
    net * s.paid_of_net + f64::from(cell.unpriced) * s.paid_per_unpriced.0
}
