//! One line with everything that is said of it: cohort, cause, state of its denial.

use crate::domain::{Date, Expected, Money, Payer, ServiceLine};
use crate::price::{PricedKey, Pricer, extend};
use crate::reconcile::{Denial, Reconciled, Standing};

use super::cause::{Cause, UnderpaymentCause};
use super::diagnose::diagnose;

/// Which lines may be added up with which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cohort {
    /// Expected by a published schedule or a contract: shortfalls are leakage.
    Firm,
    /// Expected only by an observed or estimated rate: differences are a band.
    Benchmark,
    /// Not payable: expected nothing; billing it was an avoidable error.
    NotPayable,
    /// Expectation unknown: its own bar in every chart, never 0.
    Unknown,
}

impl Cohort {
    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firm => "firm",
            Self::Benchmark => "benchmark",
            Self::NotPayable => "not-payable",
            Self::Unknown => "unknown",
        }
    }

    /// The cohort of an expectation.
    #[must_use]
    pub const fn of(expected: &Expected) -> Self {
        match expected {
            Expected::Payable(_, basis) if basis.evidence().is_firm() => Self::Firm,
            Expected::Payable(..) => Self::Benchmark,
            Expected::NotPayable(_) => Self::NotPayable,
            Expected::Unknown(_) => Self::Unknown,
        }
    }
}

/// What can still be done about a denied line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DenialState {
    /// The payer's window for appeals and corrected claims is still open.
    Open,
    /// The window has closed.
    Lost,
}

impl DenialState {
    /// The word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Lost => "lost",
        }
    }
}

/// A line with everything that is said of it.
#[derive(Debug, Clone)]
pub struct JudgedLine {
    /// Expected against allowed.
    pub money: Reconciled,
    /// Which lines it may be added up with.
    pub cohort: Cohort,
    /// The cause of its shortfall, if it has one.
    pub cause: Option<Cause>,
    /// The cause of the shortfall of its first answer, whatever came later; a denial counts even when the line has no price.
    pub first_cause: Option<Cause>,
    /// How the rework of that shortfall ended: won or lost. `None` when there was none, or nobody visibly worked it.
    pub won: Option<bool>,
    /// What can still be done, of a denied line.
    pub denial_state: Option<DenialState>,
    /// Denied at first and allowed in the end.
    pub recovered: bool,
    /// Days from the service to the first answer.
    pub days_to_answer: Option<i32>,
    /// Days from the service to the first payment.
    pub days_to_payment: Option<i32>,
    /// Days from the service to the posting of that payment, when the files tell it.
    pub days_to_posting: Option<i32>,
    /// Old enough that nothing more is to be expected; see [`super::mark_mature`].
    pub mature: bool,
    /// The band of an expectation that is only observed or estimated.
    pub band: Option<(Money, Money)>,
    /// What Medicare would allow for the same line, when it has a rate for it.
    pub medicare: Option<Money>,
    /// What a line that a rule lets fall would have been expected to be allowed without the rule, where that is firm.
    pub otherwise: Option<Money>,
}

/// Names the cause of a line's shortfall. `as_of` is the day as of which windows are judged open or closed.
#[must_use]
pub fn judge(
    pricer: &Pricer<'_>,
    line: &ServiceLine,
    price: &PricedKey,
    money: Reconciled,
    payer: Option<&Payer>,
    as_of: Date,
) -> JudgedLine {
    let cohort = Cohort::of(&money.expected);
    let denied: Option<Denial> = money.answers.denial.filter(|_| money.standing == Standing::Denied);
    let cause = match (cohort, denied) {
        (Cohort::NotPayable | Cohort::Unknown, _) => None,
        (_, Some(denial)) => Some(Cause::Denied(denial.category)),
        (Cohort::Firm, None) if money.gaps.underpaid.cents() > 0 => {
            Some(Cause::Underpaid(if matches!(money.standing, Standing::Underpaid | Standing::PaidNothing) {
                diagnose(pricer, line, &price.key, &price.priced.unit, money.gaps.expected, money.answers.allowed())
            } else {
                UnderpaymentCause::WithinTolerance
            }))
        }
        _ => None,
    };
    let denial_state = denied
        .and(money.answers.last_answer)
        .map(|day| if (as_of - day).num_days() <= appeal_days(payer) { DenialState::Open } else { DenialState::Lost });
    let recovered = money.answers.initial_denial.is_some() && money.answers.allowed().cents() > 0;
    let days_to = |day: Option<Date>| day.and_then(|day| i32::try_from((day - line.service_date).num_days()).ok());
    let days_to_answer = days_to(money.answers.first_answer);
    let days_to_payment = days_to(money.answers.first_payment);
    let days_to_posting = days_to(money.answers.first_posting);
    let medicare = price.medicare.as_ref().and_then(|unit| extend(unit, line.units, line.charge).amount());
    let band = price.priced.line_band(line.units, line.charge);
    let otherwise = price.otherwise.as_ref().and_then(|unit| match extend(unit, line.units, line.charge) {
        Expected::Payable(amount, basis) if basis.evidence().is_firm() => Some(amount),
        _ => None,
    });
    let first_cause = first_cause(pricer, line, price, &money, cohort, cause, payer);
    let won = first_cause.filter(|_| money.answers.reworked).and_then(|first| match (first, money.standing) {
        (_, Standing::Pending) => None,
        (Cause::Denied(_), _) => Some(money.answers.allowed().cents() > 0),
        (Cause::Underpaid(_), standing) => Some(matches!(standing, Standing::Paid | Standing::Overpaid)),
    });
    JudgedLine {
        band,
        cohort,
        cause,
        first_cause,
        won,
        denial_state,
        recovered,
        days_to_answer,
        days_to_payment,
        days_to_posting,
        mature: false,
        medicare,
        money,
        otherwise,
    }
}

/// What the first answer lacked. Not of lines that are never payable: their denial is right.
fn first_cause(
    pricer: &Pricer<'_>,
    line: &ServiceLine,
    price: &PricedKey,
    money: &Reconciled,
    cohort: Cohort,
    cause: Option<Cause>,
    payer: Option<&Payer>,
) -> Option<Cause> {
    let answers = &money.answers;
    if cohort == Cohort::NotPayable {
        return None;
    }
    if let Some(denial) = answers.initial_denial {
        return Some(Cause::Denied(denial.category));
    }
    let first = answers.first_allowed.filter(|_| cohort == Cohort::Firm)?;
    if first == answers.allowed() {
        return cause.filter(|c| *c != Cause::Underpaid(UnderpaymentCause::WithinTolerance));
    }
    let tolerance = payer.map_or(0, |p| p.tolerance_cents);
    let short = (money.gaps.expected - first).cents() > tolerance;
    short.then(|| Cause::Underpaid(diagnose(pricer, line, &price.key, &price.priced.unit, money.gaps.expected, first)))
}

/// The payer's window for appeals and corrected claims.
pub(super) fn appeal_days(payer: Option<&Payer>) -> i64 {
    i64::from(payer.map_or(DEFAULT_APPEAL_DAYS, |p| p.appeal_days))
}

/// The window when the payer is not among the project's: the shortest common one.
pub const DEFAULT_APPEAL_DAYS: u16 = 90;
