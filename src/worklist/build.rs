//! From judged lines to the worklist: items, earlier work, batches, claims; refused when it does not tie to the report.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Date, Money, Payer, ServiceLine};
use crate::finding::{Error, Findings, Result};
use crate::leakage::{Cause, Cohort, JudgedLine, Ledger, Overturns, UnderpaymentCause, decided};
use crate::price::PricedLines;
use crate::project::Project;
use crate::reconcile::Denial;
use crate::reference::{DenialMap, Reference};

use super::batch::{Batch, Claim, Work, batches, claims};
use super::carry::{Now, Recovered, carry_over, stage};
use super::chance::{Chances, OddsBasis};
use super::cost::{Costs, recovery};
use super::deadline::deadline;
use super::item::{Item, Stage};
use super::state::{State, Status};

/// What an appeal of one line more costs, when nobody says: an assumption, for no source tells it.
const FURTHER_LINE: Money = Money::from_cents(200);

/// What a worklist is made from.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The project, with payers and settings.
    pub project: &'a Project,
    /// The reference.
    pub reference: &'a Reference,
    /// The billed lines in scope.
    pub lines: &'a [ServiceLine],
    /// The same lines, judged.
    pub judged: &'a [JudgedLine],
    /// Their prices.
    pub priced: &'a PricedLines,
    /// The same lines as a ledger, to whose totals the worklist must tie.
    pub ledger: &'a Ledger,
    /// The day as of which windows are open or closed.
    pub as_of: Date,
    /// Only this payer's lines.
    pub payer: Option<&'a str>,
}

/// What a row of a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The lines of one payer, cause and fix.
    Batch,
    /// The lines of one claim.
    Claim,
    /// One line.
    Line,
}

/// Lines and dollars at one stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// The stage.
    pub stage: Stage,
    /// Number of denied lines.
    pub denied_lines: usize,
    /// What is denied.
    pub denied: Money,
    /// Number of underpaid lines.
    pub underpaid_lines: usize,
    /// What is underpaid.
    pub underpaid: Money,
}

/// The whole worklist.
#[derive(Debug, Clone)]
pub struct Worklist {
    /// The practice or data set.
    pub title: String,
    /// Whether the data is made up.
    pub synthetic: bool,
    /// The day as of which windows are open or closed.
    pub as_of: Date,
    /// What working costs.
    pub costs: Costs,
    /// All denied and underpaid lines of firm expectation, by what each brings when it is worked alone.
    pub items: Vec<Item>,
    /// The same lines by payer, cause and fix, by expected net recovery.
    pub batches: Vec<Batch>,
    /// The same lines by claim, by expected net recovery.
    pub claims: Vec<Claim>,
    /// What earlier worklists held and later answers paid.
    pub recovered: Vec<Recovered>,
    /// What the report calls denied, from its own ledger.
    pub report_denied: Money,
    /// What the report calls underpaid.
    pub report_underpaid: Money,
    /// What the figures rest on: costs, chances and windows that nobody stated.
    pub assumptions: Vec<String>,
}

/// Makes the worklist; `state` is brought up to date, and what does not fit is said in `findings`.
///
/// # Errors
/// When its totals are not those of the ledger (exit code 4).
pub fn build(given: &Given<'_>, state: &mut State, findings: &mut Findings) -> Result<Worklist> {
    let settings = &given.project.worklist;
    let rework = &given.reference.rework;
    let costs = Costs {
        contact: settings.cost_per_appeal.unwrap_or(rework.cost.value),
        further_line: settings.cost_per_line.unwrap_or(FURTHER_LINE),
    };
    let overturns = Overturns::learn(decided(given.lines, given.judged));
    let chances = Chances { overturns: &overturns, settings, rework };
    let mut items = items(given, &chances, costs);
    let name = |id: &Arc<str>| payer(given, id).map_or_else(|| id.clone(), |p| p.name.clone());
    let now = Now { lines: given.lines, judged: given.judged, items: &mut items, name: &name };
    let mut recovered = carry_over(state, now, findings);
    if let Some(payer) = given.payer {
        items.retain(|i| *i.payer == *payer);
        recovered.retain(|r| r.payer.as_deref() == Some(payer));
    }
    items.sort_by(|a, b| order(a).cmp(&order(b)));
    for (rank, item) in (1..).zip(&mut items) {
        item.rank = rank;
    }
    let denials = &given.reference.denials;
    let batches = batches(&mut items, costs, |cause| evidence(denials, cause));
    let (report_denied, report_underpaid) = reported(given)?;
    let worklist = Worklist {
        title: given.project.title.clone(),
        synthetic: given.project.synthetic,
        as_of: given.as_of,
        costs,
        claims: claims(&items, costs),
        batches,
        recovered,
        report_denied,
        report_underpaid,
        assumptions: assumptions(given, costs, &items),
        items,
    };
    worklist.ties()?;
    Ok(worklist)
}

fn payer<'a>(given: &Given<'a>, id: &str) -> Option<&'a Payer> {
    given.project.payers.iter().find(|p| *p.id == *id)
}

/// What can be worked first; of these the one that brings most.
fn order(item: &Item) -> impl Ord + '_ {
    use std::cmp::Reverse;
    let workable = item.stage.is_workable();
    (Reverse((workable, item.recovery, item.amount)), &item.claim_id, item.line_number)
}

/// The report's denied and underpaid amounts, by its own sums.
fn reported(given: &Given<'_>) -> Result<(Money, Money)> {
    let groups = given.ledger.group(&["payer_id"], &[Cohort::Firm])?;
    let wanted = groups.iter().filter(|g| given.payer.is_none_or(|payer| g.keys.iter().any(|k| k == payer)));
    Ok(wanted.fold((Money::ZERO, Money::ZERO), |sum, g| (sum.0 + g.gaps.denied, sum.1 + g.gaps.underpaid)))
}

impl Worklist {
    /// Lines and dollars at each stage; they add up to the report's.
    #[must_use]
    pub fn splits(&self) -> Vec<Split> {
        let of = |stage: Stage| {
            let at = |denial: bool| self.items.iter().filter(move |i| i.stage == stage && i.is_denial() == denial);
            Split {
                stage,
                denied_lines: at(true).count(),
                denied: at(true).map(|i| i.amount).sum(),
                underpaid_lines: at(false).count(),
                underpaid: at(false).map(|i| i.amount).sum(),
            }
        };
        Stage::ALL.iter().map(|stage| of(*stage)).collect()
    }

    /// How many rows of a list can be worked.
    #[must_use]
    pub fn open(&self, by: By) -> usize {
        match by {
            By::Batch => self.batches.iter().filter(|b| b.work.is_some()).count(),
            By::Claim => self.claims.iter().filter(|c| c.work.is_some()).count(),
            By::Line => self.items.iter().filter(|i| i.stage.is_workable()).count(),
        }
    }

    /// How many rows of a list, from the first, cover a contact of their own. Below them working loses money.
    #[must_use]
    pub fn above(&self, by: By) -> usize {
        let pays = |work: &Option<Work>| work.as_ref().is_some_and(Work::pays);
        match by {
            By::Batch => self.batches.iter().filter(|b| pays(&b.work)).count(),
            By::Claim => self.claims.iter().filter(|c| pays(&c.work)).count(),
            By::Line => self.items.iter().filter(|i| i.stage.is_workable() && i.net_alone >= Money::ZERO).count(),
        }
    }

    /// The sentence about the row below which working loses money.
    #[must_use]
    pub fn cut(&self, by: By) -> String {
        let (what, below) = match by {
            By::Line => ("lines", "working a line alone loses money"),
            By::Claim => ("claims", "working a claim alone loses money"),
            By::Batch => {
                ("batches", "even a whole batch loses money: wait until it has its break-even lines, or prevent")
            }
        };
        let above = self.above(by);
        let (verb, own) = if above == 1 { ("is", "its own") } else { ("are", "their own") };
        format!(
            "{above} of {} open {what} {verb} worth a contact of {own}, at {} a contact and {} each further line of it. Below that, {below}.",
            self.open(by),
            self.costs.contact.pretty(),
            self.costs.further_line.pretty()
        )
    }

    /// What all batches that pay are expected to bring together: lines, recovery and cost.
    #[must_use]
    pub fn worth_working(&self) -> (usize, Money, Money) {
        let paying = || self.batches.iter().filter_map(|b| b.work.as_ref()).filter(|w| w.pays());
        (paying().map(|w| w.lines.len()).sum(), paying().map(|w| w.recovery).sum(), paying().map(|w| w.cost).sum())
    }

    /// Refuses a worklist whose parts are not the report's totals.
    fn ties(&self) -> Result<()> {
        let splits = self.splits();
        let denied: Money = splits.iter().map(|s| s.denied).sum();
        let underpaid: Money = splits.iter().map(|s| s.underpaid).sum();
        let all = denied + underpaid;
        let batches: Money = self.batches.iter().map(|b| b.amount).sum();
        let claims: Money = self.claims.iter().map(|c| c.amount).sum();
        if (denied, underpaid, batches, claims) == (self.report_denied, self.report_underpaid, all, all) {
            return Ok(());
        }
        Err(Error::imbalance(format!(
            "the worklist holds {denied} denied and {underpaid} underpaid (batches {batches}, claims {claims}); the report says {} \
             and {}",
            self.report_denied, self.report_underpaid
        ))
        .help("this is an error of the program: nothing was written; please report it with the version"))
    }
}

/// Every denied and underpaid line of firm expectation, once.
fn items(given: &Given<'_>, chances: &Chances<'_>, costs: Costs) -> Vec<Item> {
    let rows = given.lines.iter().zip(given.judged).enumerate();
    let firm = rows.filter(|(_, (_, judged))| judged.cohort == Cohort::Firm);
    firm.filter_map(|(i, (line, judged))| item(given, chances, costs, i, line, judged)).collect()
}

fn item(
    given: &Given<'_>,
    chances: &Chances<'_>,
    costs: Costs,
    index: usize,
    line: &ServiceLine,
    judged: &JudgedLine,
) -> Option<Item> {
    let cause = judged.cause?;
    let gaps = &judged.money.gaps;
    let answers = &judged.money.answers;
    let amount = gaps.denied + gaps.underpaid;
    let payer = payer(given, &line.payer);
    let (action, fix, corrects) = match cause {
        Cause::Denied(_) => of_denial(&given.reference.denials, answers.denial?),
        Cause::Underpaid(cause) => (Arc::from("dispute"), Arc::from(cause.action()), false),
    };
    let answered = answers.last_answer.unwrap_or(line.service_date);
    let odds = chances.of(&line.payer, cause);
    let recovery_of = |chance| recovery(amount, chance);
    let price = given.priced.of(index);
    let denial = answers.denial.filter(|_| matches!(cause, Cause::Denied(_)));
    let mut item = Item {
        rank: 0,
        claim_id: line.claim_id.clone(),
        line_number: line.line_number,
        payer: line.payer.clone(),
        payer_name: payer.map_or_else(|| line.payer.clone(), |p| p.name.clone()),
        service_date: line.service_date,
        code: line.code,
        modifiers: line.modifiers,
        pos: line.pos,
        units: line.units,
        ndc: line.ndc.clone(),
        charge: line.charge,
        expected: gaps.expected,
        allowed: answers.allowed(),
        amount,
        cause,
        reason: denial.map(|d| format!("{}-{}", d.group, d.carc)),
        remark: denial.and_then(|d| d.rarc).map(|r| r.to_string()),
        action,
        fix,
        rule: Arc::from(price.priced.rule.as_str()),
        source: price
            .priced
            .steps
            .iter()
            .flat_map(|s| &s.operands)
            .find_map(|o| o.source.as_ref())
            .map(|row| Arc::from(row.to_string())),
        answered,
        deadline: deadline(payer, line.service_date, answered, corrects, given.as_of),
        odds,
        recovery: recovery_of(odds.mean),
        recovery_interval: odds.interval.map(|(low, high)| (recovery_of(low), recovery_of(high))),
        net_alone: costs.net_alone(recovery_of(odds.mean)),
        stage: if cause == Cause::Underpaid(UnderpaymentCause::WithinTolerance) {
            Stage::Rounding
        } else {
            Stage::ToWork
        },
        verdict: None,
        batch: 0,
        status: Status::ToDo,
        worked_on: None,
        note: String::new(),
        recovered: None,
    };
    item.stage = stage(&item);
    Some(item)
}

/// Action and fix of a denial, and whether a corrected claim is meant.
fn of_denial(map: &DenialMap, denial: Denial) -> (Arc<str>, Arc<str>, bool) {
    let remarks: Vec<_> = denial.rarc.into_iter().collect();
    let class = map.classify(denial.group, denial.carc, &remarks);
    if class.category != denial.category {
        // Another remark of the line decided the category; only its general fix is known.
        return (Arc::from("review"), Arc::from(denial.category.fix()), false);
    }
    let corrects = &*class.first_action == "corrected_claim";
    (Arc::from(class.first_action.replace('_', " ")), class.fix, corrects)
}

/// What to attach.
fn evidence(map: &DenialMap, cause: Cause) -> Vec<Arc<str>> {
    match cause {
        Cause::Denied(category) => map.evidence(category).iter().map(|e| e.item.clone()).collect(),
        Cause::Underpaid(UnderpaymentCause::WithinTolerance) => Vec::new(),
        Cause::Underpaid(_) => [
            "the page of the contract or fee schedule that is cited",
            "the remittance of each claim",
            "each claim as it was sent",
        ]
        .map(Arc::from)
        .to_vec(),
    }
}

/// What the figures rest on that nobody stated.
fn assumptions(given: &Given<'_>, costs: Costs, items: &[Item]) -> Vec<String> {
    let settings = &given.project.worklist;
    let rework = &given.reference.rework;
    let mut out = Vec::new();
    if settings.cost_per_appeal.is_none() {
        out.push(format!(
            "Cost per contact {}: simple rework, {}; {}. Set your own as cost_per_appeal under [worklist] in allowable.toml.",
            costs.contact.pretty(),
            rework.cost.said,
            rework.cost.row
        ));
    }
    if settings.cost_per_line.is_none() {
        out.push(format!(
            "Cost per further line of the same contact {}: an assumption without a source. Set cost_per_line.",
            costs.further_line.pretty()
        ));
    }
    for (denial, what, key) in [(true, "denials", "overturn_denied"), (false, "underpayments", "overturn_underpaid")] {
        let published = |i: &&Item| i.is_denial() == denial && i.odds.basis == OddsBasis::Published;
        if items.iter().any(|i| published(&i)) {
            let caution = if denial { "" } else { " It speaks of denials; for underpayments no figure is published." };
            out.push(format!(
                "No reworked {what} are decided in these files: the chance is a published {}% of internal appeals won, {}; {}.{caution} \
                 No interval is known of it. Set {key}.",
                rework.overturned.value, rework.overturned.said, rework.overturned.row
            ));
        }
    }
    // Payers with the same assumption are said together.
    let mut windows: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for payer in given.project.payers.iter().filter(|p| items.iter().any(|i| i.payer == p.id)) {
        if payer.assumed.appeal {
            let text = format!("appeals are taken within {} days of the answer (appeal_days)", payer.appeal_days);
            windows.entry(text).or_default().push(&payer.name);
        }
        if payer.assumed.filing {
            let days = payer.timely_filing_days;
            let text = format!("claims are taken within {days} days of the service (timely_filing_days)");
            windows.entry(text).or_default().push(&payer.name);
        }
    }
    out.extend(windows.into_iter().map(|(text, payers)| {
        format!("Windows: {text} by {}. Set what the contract or manual of each says.", payers.join(", "))
    }));
    out
}
