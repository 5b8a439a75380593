//! What the generator put in: the answer key of the demo, kept while events are made, never read back from the pipeline.
//!
//! Amounts are exact dollars. Every line is in exactly one cohort; within the firm cohort
//! `expected = paid + patient_share + known_reductions + denied + underpaid + pending − overpaid`, line by line.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::plants::{PLANTS, Plant};
use crate::domain::{Date, Expected, Money, RuleId, ServiceLine};

/// Why a line was paid short. The pipeline is expected to recognise each but the last by its own arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Fewer whole units allowed than billed.
    UnitsCut,
    /// Allowed at the rate before an escalation of the contract.
    MissedEscalator,
    /// Allowed at the rate in force before the last change of the schedule.
    OldSchedule,
    /// 2% taken off the allowed amount and not reported as CARC 253.
    SequestrationOnAllowed,
    /// 85% of the rate, where the contract knows no such reduction.
    NppReduction,
    /// 50% of the rate.
    MultipleServiceReduction,
    /// Allowed at the rate of another locality of the same state.
    OtherLocality,
    /// Allowed at the rate of a facility for a service in the office.
    FacilityRate,
    /// Allowed by Medicare's schedule of another year than the agreed one.
    OtherYear,
    /// Allowed at another percentage of Medicare than the agreed one.
    OtherPercentage,
    /// An odd amount.
    NoExplanation,
}

impl Cause {
    /// All causes, in the order in which a diagnosis should try them.
    pub const ALL: [Self; 11] = [
        Self::UnitsCut,
        Self::MissedEscalator,
        Self::OldSchedule,
        Self::SequestrationOnAllowed,
        Self::NppReduction,
        Self::MultipleServiceReduction,
        Self::OtherLocality,
        Self::FacilityRate,
        Self::OtherYear,
        Self::OtherPercentage,
        Self::NoExplanation,
    ];

    /// The kebab-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnitsCut => "units-cut",
            Self::MissedEscalator => "missed-escalator",
            Self::OldSchedule => "old-schedule",
            Self::SequestrationOnAllowed => "sequestration-on-allowed",
            Self::NppReduction => "npp-reduction",
            Self::MultipleServiceReduction => "multiple-service-reduction",
            Self::OtherLocality => "other-locality",
            Self::FacilityRate => "facility-rate",
            Self::OtherYear => "other-year",
            Self::OtherPercentage => "other-percentage",
            Self::NoExplanation => "no-explanation",
        }
    }
}

/// A count of lines and their dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// How many lines.
    pub lines: u64,
    /// How many dollars.
    pub dollars: Money,
}

impl Tally {
    fn add(&mut self, dollars: Money) {
        self.lines += 1;
        self.dollars += dollars;
    }
}

/// What happened to money on a set of lines, whatever was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Received {
    /// Net of all payers of the line, reversals netted.
    pub paid: Money,
    /// Of it, what secondary payers paid.
    pub paid_by_secondary: Money,
    /// What the patient owes after all payers (a denial moved to the patient is denied, not patient share).
    pub patient_share: Money,
    /// CARC 253.
    pub known_reductions: Money,
}

/// Lines whose expected amount is firm (published or contract).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Firm {
    /// How many lines.
    pub lines: u64,
    /// Their charges.
    pub charge: Money,
    /// Their expected amounts.
    pub expected: Money,
    /// What came in.
    pub received: Received,
    /// Finally denied lines with their expected amounts, by category of the last denial.
    pub denied: BTreeMap<&'static str, Tally>,
    /// Lines allowed less than expected, by cause, with expected − allowed.
    pub underpaid: BTreeMap<&'static str, Tally>,
    /// Lines allowed more than expected, with allowed − expected.
    pub overpaid: Tally,
    /// Lines without any answer, and lines whose answers were all reversed, with their expected amounts.
    pub pending: Tally,
    /// Lines whose first answer was a denial, with their expected amounts.
    pub initially_denied: Tally,
    /// Of these, the ones finally allowed, with the amounts allowed.
    pub recovered: Tally,
}

/// Lines that are not payable where or how they were billed; expected is 0.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct NotPayableLines {
    /// How many lines.
    pub lines: u64,
    /// Their charges.
    pub charge: Money,
    /// Finally denied.
    pub denied: u64,
    /// Without an answer, or all answers reversed.
    pub pending: u64,
    /// Allowed by mistake, with the amounts allowed.
    pub overpaid: Tally,
    /// What came in.
    pub received: Received,
    /// By the rule that lets them fall.
    pub by_rule: BTreeMap<String, Fallen>,
}

/// Lines that fall by one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Fallen {
    /// How many lines.
    pub lines: u64,
    /// Their charges.
    pub charge: Money,
    /// Finally denied.
    pub denied: u64,
    /// What a firm rate would have allowed without the rule.
    pub would_have_paid: Money,
}

/// Findings of one kind of missed charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct MissedTally {
    /// How many.
    pub findings: u64,
    /// What firm rates would have allowed for the missed (or unduly billed) service.
    pub dollars: Money,
}

impl MissedTally {
    pub(super) fn take(&mut self, worth: &Expected) {
        match worth {
            Expected::NotPayable(_) => {}
            Expected::Payable(amount, basis) => {
                self.findings += 1;
                if basis.evidence().is_firm() {
                    self.dollars += *amount;
                }
            }
            Expected::Unknown(_) => self.findings += 1,
        }
    }
}

/// Charges that were missed, and codes that do not fit the drug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct MissedTruth {
    /// Claim days with a drug and nothing that gives it.
    pub drug_without_administration: MissedTally,
    /// Claim days with a push for a drug that is never given into a vein.
    pub venous_code_for_injection: MissedTally,
    /// Claim days with an injection and no drug, of payers whose pharmacy does not send it.
    pub injection_without_drug: u64,
}

/// A wrong rate that one payer applies for a stretch of days, and what it came to in the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Planted {
    /// The payer.
    pub payer: &'static str,
    /// The cause of the underpayments.
    pub cause: Cause,
    /// What is applied instead of what.
    pub what: &'static str,
    /// First day of the wrong rate.
    pub from: String,
    /// Last day of the wrong rate.
    pub to: String,
    /// Lines that stay paid at it.
    pub lines: u64,
    /// What they are short.
    pub dollars: Money,
    /// Day of service of the first of them.
    pub first: Option<String>,
    /// Day of service of the last of them.
    pub last: Option<String>,
}

impl Planted {
    fn new(plant: &Plant) -> Self {
        let (from, to) = plant.days();
        Self {
            payer: plant.payer,
            cause: plant.cause,
            what: plant.what,
            from: from.to_string(),
            to: to.to_string(),
            lines: 0,
            dollars: Money::ZERO,
            first: None,
            last: None,
        }
    }

    fn take(&mut self, day: Date, short: Money) {
        self.lines += 1;
        self.dollars += short;
        let day = day.to_string();
        // ISO days sort as days do.
        self.first = Some(self.first.take().map_or_else(|| day.clone(), |first| first.min(day.clone())));
        self.last = Some(self.last.take().map_or_else(|| day.clone(), |last| last.max(day.clone())));
    }
}

/// Lines priced on observed or estimated evidence (`expected` is a benchmark), or not priced at all (`expected` is 0).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct NotFirm {
    /// How many lines.
    pub lines: u64,
    /// Their charges.
    pub charge: Money,
    /// Sum of the benchmarks.
    pub expected: Money,
    /// Finally denied.
    pub denied: u64,
    /// Without an answer, or all answers reversed.
    pub pending: u64,
    /// First answer was a denial.
    pub initially_denied: u64,
    /// What came in.
    pub received: Received,
}

/// One payer's lines, by cohort.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PayerTruth {
    /// All lines, out of scope ones included.
    pub lines: u64,
    /// Their charges.
    pub charge: Money,
    /// Priced firmly.
    pub firm: Firm,
    /// Not payable.
    pub not_payable: NotPayableLines,
    /// Observed or estimated.
    pub benchmark: NotFirm,
    /// Unknown.
    pub unknown: NotFirm,
    /// Codes the product does not price: counted, with their charges.
    pub out_of_scope: Tally,
}

/// Where a line belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cohort {
    /// Firm expected amount.
    Firm,
    /// Not payable.
    NotPayable,
    /// Observed or estimated.
    Benchmark,
    /// Unknown.
    Unknown,
    /// Out of scope.
    OutOfScope,
}

impl Cohort {
    /// The kebab-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firm => "firm",
            Self::NotPayable => "not-payable",
            Self::Benchmark => "benchmark",
            Self::Unknown => "unknown",
            Self::OutOfScope => "out-of-scope",
        }
    }
}

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Allowed as expected (or, without a firm expectation, allowed at all).
    Paid,
    /// Allowed less than expected.
    Underpaid(Cause),
    /// Allowed more than expected.
    Overpaid,
    /// Finally denied, for this category.
    Denied(&'static str),
    /// No answer, or all answers reversed.
    Pending,
}

impl Ending {
    /// `paid`, `underpaid`, `overpaid`, `denied` or `pending`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Underpaid(_) => "underpaid",
            Self::Overpaid => "overpaid",
            Self::Denied(_) => "denied",
            Self::Pending => "pending",
        }
    }

    /// The cause of an underpayment or the category of a denial; empty otherwise.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Underpaid(cause) => cause.as_str(),
            Self::Denied(category) => category,
            _ => "",
        }
    }
}

/// The truth of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTruth {
    /// The claim.
    pub claim_id: Arc<str>,
    /// Its line.
    pub line_number: u32,
    /// The payer of the line.
    pub payer: Arc<str>,
    /// Where the line belongs.
    pub cohort: Cohort,
    /// The expected amount; a benchmark in that cohort, none when unknown or out of scope.
    pub expected: Option<Money>,
    /// What the payer finally allowed: paid + patient share + known reductions.
    pub allowed: Money,
    /// What came in.
    pub received: Received,
    /// How it ended.
    pub ending: Ending,
    /// The first answer was a denial.
    pub initially_denied: bool,
    /// The rule that lets it fall.
    pub rule: Option<RuleId>,
    /// What a firm rate would have allowed without the rule.
    pub otherwise: Option<Money>,
    /// Paid at one of the wrong rates of [`Truth::planted`]: which one.
    pub planted: Option<usize>,
}

/// The answer key of one generated practice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// Always true.
    pub synthetic: bool,
    /// Lines asked for.
    pub lines_asked: u32,
    /// The seed.
    pub seed: u64,
    /// The last day of which answers are known.
    pub as_of: String,
    /// By payer.
    pub payers: BTreeMap<Arc<str>, PayerTruth>,
    /// Missed charges.
    pub missed: MissedTruth,
    /// Wrong rates that payers apply for a stretch of days.
    pub planted: Vec<Planted>,
    /// Line by line, in the order of the claim lines.
    #[serde(skip)]
    pub lines: Vec<LineTruth>,
}

impl Truth {
    pub(super) fn new(lines_asked: u32, seed: u64) -> Self {
        let as_of = super::calendar::as_of().to_string();
        let (payers, missed) = (BTreeMap::new(), MissedTruth::default());
        let planted = PLANTS.iter().map(Planted::new).collect();
        Self { synthetic: true, lines_asked, seed, as_of, payers, missed, planted, lines: Vec::new() }
    }

    /// Takes a line with its ending into the sums.
    pub(super) fn take(&mut self, line: &ServiceLine, truth: LineTruth) {
        if !self.payers.contains_key(&truth.payer) {
            self.payers.insert(truth.payer.clone(), PayerTruth::default());
        }
        if let Some(payer) = self.payers.get_mut(&truth.payer) {
            payer.take(line.charge, &truth);
        }
        if let Some(planted) = truth.planted.and_then(|plant| self.planted.get_mut(plant)) {
            planted.take(line.service_date, truth.expected.unwrap_or_default() - truth.allowed);
        }
        self.lines.push(truth);
    }
}

impl Received {
    fn add(&mut self, other: &Self) {
        self.paid += other.paid;
        self.paid_by_secondary += other.paid_by_secondary;
        self.patient_share += other.patient_share;
        self.known_reductions += other.known_reductions;
    }
}

impl PayerTruth {
    fn take(&mut self, charge: Money, line: &LineTruth) {
        self.lines += 1;
        self.charge += charge;
        match line.cohort {
            Cohort::Firm => self.firm.take(charge, line),
            Cohort::NotPayable => self.not_payable.take(charge, line),
            Cohort::Benchmark => self.benchmark.take(charge, line),
            Cohort::Unknown => self.unknown.take(charge, line),
            Cohort::OutOfScope => self.out_of_scope.add(charge),
        }
    }
}

impl Firm {
    fn take(&mut self, charge: Money, line: &LineTruth) {
        let expected = line.expected.unwrap_or_default();
        self.lines += 1;
        self.charge += charge;
        self.expected += expected;
        self.received.add(&line.received);
        match line.ending {
            Ending::Paid => {}
            Ending::Underpaid(cause) => self.underpaid.entry(cause.as_str()).or_default().add(expected - line.allowed),
            Ending::Overpaid => self.overpaid.add(line.allowed - expected),
            Ending::Denied(category) => self.denied.entry(category).or_default().add(expected),
            Ending::Pending => self.pending.add(expected),
        }
        if line.initially_denied {
            self.initially_denied.add(expected);
            if matches!(line.ending, Ending::Paid | Ending::Underpaid(_) | Ending::Overpaid) {
                self.recovered.add(line.allowed);
            }
        }
    }
}

impl NotPayableLines {
    fn take(&mut self, charge: Money, line: &LineTruth) {
        self.lines += 1;
        self.charge += charge;
        self.received.add(&line.received);
        match line.ending {
            Ending::Denied(_) => self.denied += 1,
            Ending::Pending => self.pending += 1,
            _ => self.overpaid.add(line.allowed),
        }
        if let Some(rule) = line.rule {
            let fallen = self.by_rule.entry(rule.to_string()).or_default();
            fallen.lines += 1;
            fallen.charge += charge;
            fallen.denied += u64::from(matches!(line.ending, Ending::Denied(_)));
            fallen.would_have_paid += line.otherwise.unwrap_or_default();
        }
    }
}

impl NotFirm {
    fn take(&mut self, charge: Money, line: &LineTruth) {
        self.lines += 1;
        self.charge += charge;
        self.expected += line.expected.unwrap_or_default();
        self.received.add(&line.received);
        self.denied += u64::from(matches!(line.ending, Ending::Denied(_)));
        self.pending += u64::from(matches!(line.ending, Ending::Pending));
        self.initially_denied += u64::from(line.initially_denied);
    }
}
