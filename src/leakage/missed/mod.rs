//! Missed charges: what a claim day shows to have been done and not billed, or billed as something else; both directions.
//!
//! Each finding is a question to the record, not a claim: a charge may be added only when the record shows the service.
//! [`missed_charges`] looks at the lines alone, before any answer of a payer; nothing of it stands in the identity of the
//! report.

mod administration;
mod desk;
mod kind;
mod units;
mod visit;

pub use kind::{Direction, MissedKind, PassedOver, Worth};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Code, Date, Money, ServiceLine, Units};
use crate::payability;
use crate::price::Pricer;
use crate::reference::Reference;

use desk::Desk;
pub(in crate::leakage) use visit::Visit;

/// From how many cases on a habit of the practice, or a rate, says something.
pub(in crate::leakage) const ENOUGH: usize = 11;

/// One finding on one claim day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// What kind of finding.
    pub kind: MissedKind,
    /// Whether the practice billed too little or too much.
    pub direction: Direction,
    /// The payer's id.
    pub payer: Arc<str>,
    /// The claim of the first line concerned.
    pub claim: Arc<str>,
    /// The day of service.
    pub day: Date,
    /// NPI of the person who served, of the first line concerned.
    pub provider: Option<Arc<str>>,
    /// The lines concerned, as indices into the lines that were looked at.
    pub lines: Vec<u32>,
    /// Their line numbers.
    pub line_numbers: Vec<u32>,
    /// The codes that were billed, of the lines concerned, each once.
    pub billed: Vec<Code>,
    /// The codes that the record may show instead or in addition, with repetition.
    pub instead: Vec<Code>,
    /// Units billed and units that fit, of findings about units.
    pub units: Option<(Units, Units)>,
    /// The money at stake.
    pub worth: Worth,
    /// All claims of the patient on the day were seen together; otherwise the other line may stand on another claim.
    pub whole_day: bool,
}

/// The findings of one kind and direction, added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissedSum {
    /// The kind.
    pub kind: MissedKind,
    /// The direction.
    pub direction: Direction,
    /// Number of findings.
    pub findings: i64,
    /// Number of lines concerned.
    pub lines: i64,
    /// Money by published or contracted rates.
    pub money: Money,
    /// Money by observed or estimated rates: stands in no total with `money`.
    pub benchmark: Money,
    /// Money that is at most at stake, where the record may show something else: stands in no total with `money`.
    pub up_to: Money,
    /// Number of findings without an amount.
    pub unknown: i64,
}

/// All findings, and what was seen and passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MissedCharges {
    /// The findings, by kind, day, claim and line.
    pub found: Vec<Missed>,
    /// Cases that were passed over, by reason.
    pub passed_over: BTreeMap<PassedOver, i64>,
}

impl MissedCharges {
    /// The findings added up by kind and direction, in the order of the kinds; only those that occur.
    #[must_use]
    pub fn sums(&self) -> Vec<MissedSum> {
        let mut sums: BTreeMap<(MissedKind, Direction), MissedSum> = BTreeMap::new();
        for missed in &self.found {
            let (kind, direction) = (missed.kind, missed.direction);
            let sum = sums.entry((kind, direction)).or_insert(MissedSum {
                kind,
                direction,
                findings: 0,
                lines: 0,
                money: Money::ZERO,
                benchmark: Money::ZERO,
                up_to: Money::ZERO,
                unknown: 0,
            });
            sum.findings += 1;
            sum.lines += i64::try_from(missed.lines.len()).unwrap_or(i64::MAX);
            match missed.worth {
                Worth::Firm(money) => sum.money += money,
                Worth::Benchmark(money) => sum.benchmark += money,
                Worth::UpTo(money) => sum.up_to += money,
                Worth::Unknown(_) => sum.unknown += 1,
            }
        }
        sums.into_values().collect()
    }

    /// Money by published or contracted rates of one direction.
    #[must_use]
    pub fn money(&self, direction: Direction) -> Money {
        let firm = |m: &Missed| match m.worth {
            Worth::Firm(money) if m.direction == direction => Some(money),
            _ => None,
        };
        self.found.iter().filter_map(firm).sum()
    }

    fn pass_over(&mut self, why: PassedOver) {
        *self.passed_over.entry(why).or_insert(0) += 1;
    }
}

impl Missed {
    /// A finding about these lines, without an amount yet; `None` of no lines.
    fn new(kind: MissedKind, direction: Direction, all: &[ServiceLine], concerned: Vec<u32>) -> Option<Self> {
        let lines: Vec<&ServiceLine> = concerned.iter().map(|i| &all[*i as usize]).collect();
        let first = *lines.first()?;
        let mut billed: Vec<Code> = lines.iter().map(|line| line.code).collect();
        billed.sort_unstable();
        billed.dedup();
        Some(Self {
            kind,
            direction,
            payer: first.payer.clone(),
            claim: first.claim_id.clone(),
            day: first.service_date,
            provider: first.rendering_npi.clone(),
            line_numbers: lines.iter().map(|line| line.line_number).collect(),
            lines: concerned,
            billed,
            instead: Vec::new(),
            units: None,
            worth: Worth::Unknown("no-rate"),
            whole_day: first.patient_key.is_some(),
        })
    }
}

/// Whether a code says something of missed charges although it is out of scope: a drug, what gives one, a vaccine, or a code
/// that is never paid beside 96372.
#[must_use]
pub fn tells_of_missed_charges(reference: &Reference, code: Code) -> bool {
    let edits = &reference.edits;
    let beside = |injection: Code| edits.pair(injection, code).is_some();
    visit::is_product(code) || reference.drugs.administers(code).is_some() || "96372".parse().is_ok_and(beside)
}

/// Looks at all claim days. `lines` should hold the lines out of scope, too, as far as they are drugs or give drugs: what is
/// not seen looks missing.
///
/// The order of the lines changes nothing but the indices in [`Missed::lines`].
#[must_use]
pub fn missed_charges(pricer: &Pricer<'_>, lines: &[ServiceLine]) -> MissedCharges {
    let drugs = &pricer.reference().drugs;
    let visits: Vec<Visit> =
        payability::days(lines).into_iter().map(|day| Visit::new(drugs, lines, day)).filter(Visit::matters).collect();
    let mut desk = Desk::new(pricer, lines);
    let mut missed = MissedCharges::default();
    administration::look(&mut desk, lines, &visits, &mut missed);
    units::look(&mut desk, lines, &mut missed);
    missed.found.sort_by(|a, b| {
        let key = |m: &Missed| (m.kind, m.direction, m.day);
        key(a).cmp(&key(b)).then_with(|| a.claim.cmp(&b.claim)).then_with(|| a.line_numbers.cmp(&b.line_numbers))
    });
    missed
}
