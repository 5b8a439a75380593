//! Lines put together: the batches of one payer, cause and fix, and claims; what working each brings after its cost.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Date, Money};
use crate::leakage::Cause;

use super::cost::Costs;
use super::item::{Item, Verdict};

/// Some lines worked in one contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Indices of the lines to put into the contact: those that bring at least their own cost.
    pub lines: Vec<usize>,
    /// What is missing on them.
    pub amount: Money,
    /// What is expected of it.
    pub recovery: Money,
    /// The same at either end of the chances' intervals, when all have one.
    pub recovery_interval: Option<(Money, Money)>,
    /// One contact with these lines.
    pub cost: Money,
    /// How many lines like these cover one contact; `None` when no number does.
    pub break_even: Option<u64>,
    /// How many of them would cover a contact of their own.
    pub alone: usize,
    /// The day until which all of them can be sent.
    pub act_by: Date,
}

impl Work {
    /// The best contact about the workable ones among these lines; `None` when none is workable.
    #[must_use]
    pub fn of(items: &[Item], lines: &[usize], costs: Costs) -> Option<Self> {
        let workable: Vec<usize> = lines.iter().copied().filter(|i| items[*i].stage.is_workable()).collect();
        let recoveries: Vec<Money> = workable.iter().map(|i| items[*i].recovery).collect();
        let lines: Vec<usize> = costs.choose(&recoveries).into_iter().map(|i| workable[i]).collect();
        let chosen = || lines.iter().map(|i| &items[*i]);
        let recovery: Money = chosen().map(|i| i.recovery).sum();
        let intervals: Option<Vec<(Money, Money)>> = chosen().map(|i| i.recovery_interval).collect();
        let sum = |ends: Vec<(Money, Money)>| (ends.iter().map(|e| e.0).sum(), ends.iter().map(|e| e.1).sum());
        Some(Self {
            amount: chosen().map(|i| i.amount).sum(),
            recovery,
            recovery_interval: intervals.map(sum),
            cost: costs.of(lines.len()),
            break_even: costs.break_even(recovery, lines.len()),
            alone: chosen().filter(|i| i.net_alone >= Money::ZERO).count(),
            act_by: chosen().map(|i| i.deadline.act_by).min()?,
            lines,
        })
    }

    /// Expected recovery less cost.
    #[must_use]
    pub fn net(&self) -> Money {
        self.recovery - self.cost
    }

    /// Whether it is worth the contact: it does not lose money.
    #[must_use]
    pub fn pays(&self) -> bool {
        self.net() >= Money::ZERO
    }
}

/// The lines of one payer, cause and fix.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Its rank by expected net recovery, from 1.
    pub number: u32,
    /// The payer's id.
    pub payer: Arc<str>,
    /// The payer's name.
    pub payer_name: Arc<str>,
    /// Why the lines are short.
    pub cause: Cause,
    /// The first thing to do.
    pub action: Arc<str>,
    /// What to do.
    pub fix: Arc<str>,
    /// Documents to attach.
    pub evidence: Vec<Arc<str>>,
    /// Indices of all its lines, whatever their stage.
    pub items: Vec<usize>,
    /// What is missing on all its lines.
    pub amount: Money,
    /// What to work now; `None` when nothing is workable.
    pub work: Option<Work>,
}

/// The lines of one claim.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Its rank by expected net recovery, from 1.
    pub number: u32,
    /// The claim number.
    pub claim_id: Arc<str>,
    /// The payer's name.
    pub payer_name: Arc<str>,
    /// The first day of its services that are short.
    pub service_date: Date,
    /// Indices of its lines that are short.
    pub items: Vec<usize>,
    /// What is missing on them.
    pub amount: Money,
    /// What to work now, in a contact about this claim alone.
    pub work: Option<Work>,
}

/// What pays first, then what does not, then what cannot be worked.
fn rank(work: Option<&Work>, amount: Money) -> impl Ord + use<> {
    std::cmp::Reverse((work.map(Work::net), amount))
}

fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

/// Payer, cause, first action and fix.
type BatchKey = (Arc<str>, Cause, Arc<str>, Arc<str>);

/// All batches, by expected net recovery; tells every item its batch and its verdict.
pub(super) fn batches(items: &mut [Item], costs: Costs, evidence: impl Fn(Cause) -> Vec<Arc<str>>) -> Vec<Batch> {
    let mut groups: BTreeMap<BatchKey, Vec<usize>> = BTreeMap::new();
    for (i, item) in items.iter().enumerate() {
        let key = (item.payer.clone(), item.cause, item.action.clone(), item.fix.clone());
        groups.entry(key).or_default().push(i);
    }
    let of = |((payer, cause, action, fix), lines): (BatchKey, Vec<usize>)| Batch {
        number: 0,
        payer,
        payer_name: lines.first().map_or_else(|| Arc::from(""), |i| items[*i].payer_name.clone()),
        cause,
        action,
        fix,
        evidence: evidence(cause),
        amount: lines.iter().map(|i| items[*i].amount).sum(),
        work: Work::of(items, &lines, costs),
        items: lines,
    };
    let mut batches: Vec<Batch> = groups.into_iter().map(of).collect();
    // Equal ones stay in the order of payer, cause and fix.
    batches.sort_by_key(|b| rank(b.work.as_ref(), b.amount));
    for (n, batch) in batches.iter_mut().enumerate() {
        batch.number = number(n);
        for i in &batch.items {
            let item = &mut items[*i];
            item.batch = batch.number;
            item.verdict = batch.work.as_ref().filter(|_| item.stage.is_workable()).map(|work| {
                match (item.net_alone >= Money::ZERO, work.lines.contains(i), work.pays(), work.break_even) {
                    (true, ..) => Verdict::Alone,
                    (_, true, true, _) => Verdict::Together,
                    (_, true, false, Some(n)) => Verdict::TooFew(n),
                    _ => Verdict::Never,
                }
            });
        }
    }
    batches
}

/// All claims, by expected net recovery.
pub(super) fn claims(items: &[Item], costs: Costs) -> Vec<Claim> {
    let mut groups: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (i, item) in items.iter().enumerate() {
        groups.entry(item.claim_id.clone()).or_default().push(i);
    }
    let of = |(claim_id, mut lines): (_, Vec<usize>)| {
        lines.sort_by_key(|i| items[*i].line_number);
        let first = items.get(*lines.first()?)?;
        Some(Claim {
            number: 0,
            claim_id,
            payer_name: first.payer_name.clone(),
            service_date: lines.iter().map(|i| items[*i].service_date).min()?,
            amount: lines.iter().map(|i| items[*i].amount).sum(),
            work: Work::of(items, &lines, costs),
            items: lines,
        })
    };
    let mut claims: Vec<Claim> = groups.into_iter().filter_map(of).collect();
    claims.sort_by_key(|c| rank(c.work.as_ref(), c.amount));
    for (n, claim) in claims.iter_mut().enumerate() {
        claim.number = number(n);
    }
    claims
}
