//! All judged lines as a frame, and sums over it. Every sum that is given out balances, or there is none.

use std::borrow::Cow;

use chrono::Datelike;
use polars::prelude::{
    Column, DataFrame, Expr, IntoColumn, IntoLazy, NamedFrom, NewChunkedArray, PolarsError, Series, StringChunked, col,
    len, lit,
};

use crate::domain::{Money, Payer, ServiceLine};
use crate::finding::{Error, Result};
use crate::reconcile::{Denial, Gaps, Standing};

use super::cause::Cause;
use super::judge::{Cohort, JudgedLine};

/// The sums of one group of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Values of the grouping columns, in the order asked for; empty text where a line has none.
    pub keys: Vec<String>,
    /// Number of lines.
    pub lines: i64,
    /// Number of lines with an answer.
    pub answered: i64,
    /// Number of lines denied at their first answer.
    pub initially_denied: i64,
    /// Number of lines denied in the end.
    pub denied_lines: i64,
    /// Number of lines denied at first and allowed in the end.
    pub recovered_lines: i64,
    /// Number of underpaid lines.
    pub underpaid_lines: i64,
    /// Number of overpaid lines.
    pub overpaid_lines: i64,
    /// Number of lines without an answer.
    pub pending_lines: i64,
    /// Number of lines on which something is allowed.
    pub allowed_lines: i64,
    /// Number of lines denied at first whose denial was visibly worked (see [`super::decided`]).
    pub denials_decided: i64,
    /// Number of these that were won.
    pub denials_won: i64,
    /// Number of lines first allowed too little that the payer looked at again.
    pub underpayments_decided: i64,
    /// Number of these that were won.
    pub underpayments_won: i64,
    /// Number of lines old enough that nothing more is to be expected.
    pub mature_lines: i64,
    /// Charges.
    pub charge: Money,
    /// Units in thousandths.
    pub units_thousandths: i64,
    /// Expected of lines denied at their first answer.
    pub initially_denied_expected: Money,
    /// Expected of denied lines whose window has closed.
    pub denied_lost: Money,
    /// Allowed on lines denied at first and allowed in the end.
    pub recovered: Money,
    /// Allowed on lines for which Medicare has a rate and something is allowed.
    pub allowed_with_medicare: Money,
    /// Medicare's rate of those lines.
    pub medicare: Money,
    /// Expected of those lines.
    pub expected_with_medicare: Money,
    /// Sum of the lower ends of the bands, of lines whose expectation is only observed or estimated.
    pub band_low: Money,
    /// Sum of the upper ends.
    pub band_high: Money,
    /// What lines that a rule lets fall would have been expected to be allowed without it, where that is firm.
    pub otherwise: Money,
    /// The amounts of the identity.
    pub gaps: Gaps,
}

/// All lines, judged.
#[derive(Debug)]
pub struct Ledger {
    frame: DataFrame,
}

const GAPS: [&str; 10] = [
    "expected_cents",
    "paid_cents",
    "patient_cents",
    "reductions_cents",
    "denied_cents",
    "underpaid_cents",
    "overpaid_cents",
    "pending_cents",
    "below_benchmark_cents",
    "above_benchmark_cents",
];

const OTHER_SUMS: [&str; 11] = [
    "otherwise_cents",
    "band_low_cents",
    "band_high_cents",
    "charge_cents",
    "units_thousandths",
    "initially_denied_expected_cents",
    "denied_lost_cents",
    "recovered_cents",
    "allowed_with_medicare_cents",
    "medicare_cents",
    "expected_with_medicare_cents",
];

const FLAGS: [&str; 13] = [
    "answered",
    "initially_denied",
    "is_denied",
    "recovered",
    "is_underpaid",
    "is_overpaid",
    "is_pending",
    "is_allowed",
    "denial_decided",
    "denial_won",
    "underpayment_decided",
    "underpayment_won",
    "mature",
];

impl Ledger {
    /// Puts judged lines into a frame. `lines` and `judged` run in parallel.
    ///
    /// # Errors
    /// When the frame cannot be built.
    pub fn new(lines: &[ServiceLine], judged: &[JudgedLine], payer_of: impl Fn(&str) -> Option<Payer>) -> Result<Self> {
        let frame = build(lines, judged, payer_of)
            .map_err(|e| Error::input("the frame of lines could not be built").because(e))?;
        Ok(Self { frame })
    }

    /// The frame itself: one row per line, in the order of the lines.
    #[must_use]
    pub const fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// Sums by these columns over the lines of these cohorts, sorted by the columns; each sum is checked to balance.
    ///
    /// # Errors
    /// An imbalance, or a column that does not exist.
    pub fn group(&self, by: &[&str], cohorts: &[Cohort]) -> Result<Vec<Group>> {
        self.group_where(by, cohorts, lit(true))
    }

    /// As [`Self::group`], over the lines for which the condition holds.
    ///
    /// # Errors
    /// An imbalance, or a column that does not exist.
    pub fn group_where(&self, by: &[&str], cohorts: &[Cohort], condition: Expr) -> Result<Vec<Group>> {
        let groups = self
            .sums(by, cohorts, condition)
            .map_err(|e| Error::input(format!("lines could not be grouped by {}", by.join(", "))).because(e))?;
        for group in &groups {
            let name = if group.keys.is_empty() { "all lines".to_owned() } else { group.keys.join(", ") };
            if !cohorts.contains(&Cohort::Unknown) {
                group.gaps.check(&name)?;
            }
        }
        Ok(groups)
    }

    /// The sum over all lines of these cohorts.
    ///
    /// # Errors
    /// An imbalance.
    pub fn total(&self, cohorts: &[Cohort]) -> Result<Group> {
        let mut groups = self.group(&[], cohorts)?;
        Ok(groups.pop().unwrap_or_else(Group::empty))
    }

    fn sums(&self, by: &[&str], cohorts: &[Cohort], condition: Expr) -> std::result::Result<Vec<Group>, PolarsError> {
        let in_cohort =
            cohorts.iter().map(|c| col("cohort").eq(lit(c.as_str()))).reduce(Expr::or).unwrap_or_else(|| lit(false));
        let mut aggregates: Vec<Expr> = GAPS.iter().chain(&OTHER_SUMS).chain(&FLAGS).map(|c| col(*c).sum()).collect();
        aggregates.push(len().cast(polars::prelude::DataType::Int64).alias("lines"));
        let lines = self.frame.clone().lazy().filter(in_cohort.and(condition));
        let sums = if by.is_empty() {
            lines.select(aggregates).collect()?
        } else {
            let keys: Vec<Expr> = by.iter().map(|c| col(*c)).collect();
            let order = polars::prelude::SortMultipleOptions::default();
            lines.group_by(keys).agg(aggregates).sort(by.iter().copied(), order).collect()?
        };
        if by.is_empty() && sums.column("lines")?.i64()?.get(0) == Some(0) {
            return Ok(Vec::new());
        }
        (0..sums.height()).map(|row| Group::read(&sums, by, row)).collect()
    }
}

impl Group {
    /// A group without lines.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            keys: Vec::new(),
            lines: 0,
            answered: 0,
            initially_denied: 0,
            denied_lines: 0,
            recovered_lines: 0,
            underpaid_lines: 0,
            overpaid_lines: 0,
            pending_lines: 0,
            allowed_lines: 0,
            denials_decided: 0,
            denials_won: 0,
            underpayments_decided: 0,
            underpayments_won: 0,
            mature_lines: 0,
            charge: Money::ZERO,
            units_thousandths: 0,
            initially_denied_expected: Money::ZERO,
            denied_lost: Money::ZERO,
            recovered: Money::ZERO,
            allowed_with_medicare: Money::ZERO,
            medicare: Money::ZERO,
            expected_with_medicare: Money::ZERO,
            band_low: Money::ZERO,
            band_high: Money::ZERO,
            otherwise: Money::ZERO,
            gaps: Gaps::default(),
        }
    }

    /// Denied and underpaid: what the report calls leakage.
    #[must_use]
    pub fn leakage(&self) -> Money {
        self.gaps.denied + self.gaps.underpaid
    }

    /// Paid + patient share + known reductions.
    #[must_use]
    pub fn allowed(&self) -> Money {
        self.gaps.paid + self.gaps.patient + self.gaps.reductions
    }

    fn read(sums: &DataFrame, by: &[&str], row: usize) -> std::result::Result<Self, PolarsError> {
        let count = |name: &str| Ok::<i64, PolarsError>(sums.column(name)?.i64()?.get(row).unwrap_or(0));
        let money = |name: &str| count(name).map(Money::from_cents);
        let keys = by
            .iter()
            .map(|name| Ok(sums.column(name)?.str()?.get(row).unwrap_or("").to_owned()))
            .collect::<std::result::Result<_, PolarsError>>()?;
        Ok(Self {
            keys,
            lines: count("lines")?,
            answered: count("answered")?,
            initially_denied: count("initially_denied")?,
            denied_lines: count("is_denied")?,
            recovered_lines: count("recovered")?,
            underpaid_lines: count("is_underpaid")?,
            overpaid_lines: count("is_overpaid")?,
            pending_lines: count("is_pending")?,
            allowed_lines: count("is_allowed")?,
            denials_decided: count("denial_decided")?,
            denials_won: count("denial_won")?,
            underpayments_decided: count("underpayment_decided")?,
            underpayments_won: count("underpayment_won")?,
            mature_lines: count("mature")?,
            charge: money("charge_cents")?,
            units_thousandths: count("units_thousandths")?,
            initially_denied_expected: money("initially_denied_expected_cents")?,
            denied_lost: money("denied_lost_cents")?,
            recovered: money("recovered_cents")?,
            allowed_with_medicare: money("allowed_with_medicare_cents")?,
            medicare: money("medicare_cents")?,
            expected_with_medicare: money("expected_with_medicare_cents")?,
            band_low: money("band_low_cents")?,
            band_high: money("band_high_cents")?,
            otherwise: money("otherwise_cents")?,
            gaps: Gaps {
                expected: money("expected_cents")?,
                paid: money("paid_cents")?,
                patient: money("patient_cents")?,
                reductions: money("reductions_cents")?,
                denied: money("denied_cents")?,
                underpaid: money("underpaid_cents")?,
                overpaid: money("overpaid_cents")?,
                pending: money("pending_cents")?,
                below_benchmark: money("below_benchmark_cents")?,
                above_benchmark: money("above_benchmark_cents")?,
            },
        })
    }
}

fn build(
    lines: &[ServiceLine],
    judged: &[JudgedLine],
    payer_of: impl Fn(&str) -> Option<Payer>,
) -> std::result::Result<DataFrame, PolarsError> {
    // Most words are a few fixed ones: they are borrowed, not copied a million times.
    let of_line = |name: &str, f: &dyn Fn(&'_ ServiceLine) -> Cow<'_, str>| -> Column {
        StringChunked::from_iter_values(name.into(), lines.iter().map(f)).into_column()
    };
    let of_judged = |name: &str, f: &dyn Fn(&'_ JudgedLine) -> Cow<'_, str>| -> Column {
        StringChunked::from_iter_values(name.into(), judged.iter().map(f)).into_column()
    };
    let cents = |name: &str, f: &dyn Fn(&JudgedLine) -> Money| -> Column {
        Series::new(name.into(), judged.iter().map(|j| f(j).cents()).collect::<Vec<i64>>()).into()
    };
    let flag = |name: &str, f: &dyn Fn(&JudgedLine) -> bool| -> Column {
        Series::new(name.into(), judged.iter().map(|j| i64::from(f(j))).collect::<Vec<i64>>()).into()
    };
    let names: std::collections::BTreeMap<&str, Option<Payer>> = lines
        .iter()
        .map(|l| &*l.payer)
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .map(|id| (id, payer_of(id)))
        .collect();
    let payer = |line: &ServiceLine| names.get(&*line.payer).and_then(Option::as_ref);
    let with_medicare = |j: &JudgedLine| j.medicare.filter(|_| j.money.answers.allowed().cents() > 0);
    let none = || Cow::Borrowed("");
    let mut columns = vec![
        of_line("claim_id", &|l| Cow::Borrowed(&*l.claim_id)),
        Series::new("line_number".into(), lines.iter().map(|l| i64::from(l.line_number)).collect::<Vec<_>>()).into(),
        days("service_date", lines.iter().map(|l| Some(l.service_date)).collect())?,
        days("first_answer", judged.iter().map(|j| j.money.answers.first_answer).collect())?,
        days("last_answer", judged.iter().map(|j| j.money.answers.last_answer).collect())?,
        of_line("month", &|l| Cow::Owned(format!("{:04}-{:02}", l.service_date.year(), l.service_date.month()))),
        of_line("payer_id", &|l| Cow::Borrowed(&*l.payer)),
        of_line("payer", &|l| Cow::Owned(payer(l).map_or_else(|| l.payer.to_string(), |p| p.name.to_string()))),
        of_line("payer_kind", &|l| payer(l).map_or_else(none, |p| Cow::Borrowed(p.kind.label()))),
        of_line("pos", &|l| l.pos.map_or_else(none, |p| Cow::Owned(p.to_string()))),
        of_line("code", &|l| Cow::Borrowed(l.code.as_str())),
        of_line("modifiers", &|l| Cow::Owned(l.modifiers.to_string())),
        of_line("provider", &|l| {
            l.rendering_npi.as_ref().or(l.billing_npi.as_ref()).map_or(Cow::Borrowed(""), |npi| Cow::Borrowed(&**npi))
        }),
        of_judged("outcome", &|j| Cow::Borrowed(j.money.expected.outcome())),
        of_judged("basis", &|j| Cow::Borrowed(j.money.expected.why())),
        of_judged("cohort", &|j| Cow::Borrowed(j.cohort.as_str())),
        of_judged("standing", &|j| Cow::Borrowed(j.money.standing.as_str())),
        of_judged("cause", &|j| j.cause.map_or_else(none, |c| Cow::Owned(c.key()))),
        of_judged("carc", &|j| {
            j.money.answers.denial.map_or_else(none, |d| Cow::Owned(format!("{}-{}", d.group, d.carc)))
        }),
        of_judged("rarc", &|j| {
            j.money.answers.denial.and_then(|d| d.rarc).map_or_else(none, |r| Cow::Owned(r.to_string()))
        }),
        of_judged("initial_category", &|j| {
            j.money.answers.initial_denial.map_or_else(none, |d| Cow::Borrowed(d.category.as_str()))
        }),
        of_judged("denial_category", &|j| denial_of(j).map_or_else(none, |d| Cow::Borrowed(d.category.as_str()))),
        of_judged("denial_reason", &|j| denial_of(j).map_or_else(none, |d| Cow::Owned(d.reason()))),
        of_judged("denial_step", &|j| denial_of(j).map_or_else(none, |d| Cow::Owned(d.category.step().to_string()))),
        of_judged("first_cause", &|j| j.first_cause.map_or_else(none, |c| Cow::Owned(c.key()))),
        of_judged("rework", &|j| Cow::Borrowed(j.won.map_or("", |won| if won { "won" } else { "lost" }))),
        of_judged("link", &|j| j.money.answers.link.map_or_else(none, |l| Cow::Borrowed(l.as_str()))),
        of_judged("denial_state", &|j| j.denial_state.map_or_else(none, |s| Cow::Borrowed(s.as_str()))),
        Series::new("days_to_answer".into(), judged.iter().map(|j| j.days_to_answer).collect::<Vec<Option<i32>>>())
            .into(),
        Series::new("days_to_payment".into(), judged.iter().map(|j| j.days_to_payment).collect::<Vec<Option<i32>>>())
            .into(),
        Series::new("days_to_posting".into(), judged.iter().map(|j| j.days_to_posting).collect::<Vec<Option<i32>>>())
            .into(),
        Series::new("charge_cents".into(), lines.iter().map(|l| l.charge.cents()).collect::<Vec<_>>()).into(),
        Series::new("units_thousandths".into(), lines.iter().map(|l| l.units.thousandths()).collect::<Vec<_>>()).into(),
    ];
    columns.extend([
        cents("expected_cents", &|j| j.money.gaps.expected),
        cents("paid_cents", &|j| j.money.gaps.paid),
        cents("patient_cents", &|j| j.money.gaps.patient),
        cents("reductions_cents", &|j| j.money.gaps.reductions),
        cents("denied_cents", &|j| j.money.gaps.denied),
        cents("underpaid_cents", &|j| j.money.gaps.underpaid),
        cents("overpaid_cents", &|j| j.money.gaps.overpaid),
        cents("pending_cents", &|j| j.money.gaps.pending),
        cents("below_benchmark_cents", &|j| j.money.gaps.below_benchmark),
        cents("above_benchmark_cents", &|j| j.money.gaps.above_benchmark),
        cents("band_low_cents", &|j| j.band.map_or(Money::ZERO, |b| b.0)),
        cents("band_high_cents", &|j| j.band.map_or(Money::ZERO, |b| b.1)),
        cents("otherwise_cents", &|j| j.otherwise.unwrap_or_default()),
        cents("initially_denied_expected_cents", &|j| {
            if j.money.answers.initial_denial.is_some() { j.money.gaps.expected } else { Money::ZERO }
        }),
        cents("denied_lost_cents", &|j| {
            if j.denial_state == Some(super::judge::DenialState::Lost) { j.money.gaps.denied } else { Money::ZERO }
        }),
        cents("recovered_cents", &|j| if j.recovered { j.money.answers.allowed() } else { Money::ZERO }),
        cents("allowed_with_medicare_cents", &|j| with_medicare(j).map_or(Money::ZERO, |_| j.money.answers.allowed())),
        cents("medicare_cents", &|j| with_medicare(j).unwrap_or_default()),
        cents("expected_with_medicare_cents", &|j| with_medicare(j).map_or(Money::ZERO, |_| j.money.gaps.expected)),
    ]);
    columns.extend([
        flag("answered", &|j| j.money.answers.answers > 0),
        flag("initially_denied", &|j| j.money.answers.initial_denial.is_some()),
        flag("is_denied", &|j| j.money.standing == Standing::Denied),
        flag("recovered", &|j| j.recovered),
        flag("is_underpaid", &|j| matches!(j.money.standing, Standing::Underpaid | Standing::PaidNothing)),
        flag("is_overpaid", &|j| j.money.standing == Standing::Overpaid),
        flag("is_pending", &|j| j.money.standing == Standing::Pending),
        flag("is_allowed", &|j| j.money.answers.allowed().cents() > 0),
        flag("denial_decided", &|j| worked(j, true).is_some()),
        flag("denial_won", &|j| worked(j, true) == Some(true)),
        flag("underpayment_decided", &|j| worked(j, false).is_some()),
        flag("underpayment_won", &|j| worked(j, false) == Some(true)),
        flag("mature", &|j| j.mature),
    ]);
    DataFrame::new(lines.len(), columns)
}

/// The denial under which a line stands: that of its first answer, else the one in force.
fn denial_of(judged: &JudgedLine) -> Option<Denial> {
    judged.money.answers.initial_denial.or(judged
        .money
        .answers
        .denial
        .filter(|_| judged.money.standing == Standing::Denied))
}

/// How the rework of a denial (or of an underpayment) ended, if there was any.
fn worked(judged: &JudgedLine, denial: bool) -> Option<bool> {
    judged.won.filter(|_| matches!(judged.first_cause, Some(Cause::Denied(_))) == denial)
}

/// Days as a column of dates.
fn days(name: &str, days: Vec<Option<crate::domain::Date>>) -> std::result::Result<Column, PolarsError> {
    let epoch = crate::domain::Date::default();
    let since = days.into_iter().map(|d| d.and_then(|d| i32::try_from((d - epoch).num_days()).ok()));
    Ok(Series::new(name.into(), since.collect::<Vec<Option<i32>>>()).cast(&polars::prelude::DataType::Date)?.into())
}
