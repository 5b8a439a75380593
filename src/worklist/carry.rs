//! Earlier work set against what the remittances say now: statuses are taken over, and what was paid since is recovered.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Date, Money, ServiceLine};
use crate::finding::{Finding, FindingCode, Findings};
use crate::leakage::JudgedLine;
use crate::reconcile::Standing;

use super::item::{Item, Stage};
use super::state::{Entry, LineKey, State, Status};

/// A line that earlier worklists held and later answers paid, in whole or in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The practice's claim number.
    pub claim_id: String,
    /// The line of the claim.
    pub line_number: u32,
    /// The payer's id; nothing when the line is not in these files.
    pub payer: Option<Arc<str>>,
    /// The payer's name, likewise.
    pub payer_name: Option<Arc<str>>,
    /// What was done, when the line is in these files: code and day of service.
    pub service: Option<(crate::domain::Code, Date)>,
    /// What was missing when the line was last listed.
    pub was_missing: Option<Money>,
    /// What later answers have brought; `None` when the state file does not tell what had been allowed before.
    pub amount: Option<Money>,
    /// The day of the last of these answers.
    pub on: Option<Date>,
    /// What is still missing.
    pub still_missing: Money,
    /// Whether this run has found it.
    pub is_new: bool,
    /// What had been done about it.
    pub worked: Status,
    /// The user's note.
    pub note: String,
}

/// What the rows of the state meet.
pub(super) struct Now<'a> {
    pub(super) lines: &'a [ServiceLine],
    pub(super) judged: &'a [JudgedLine],
    pub(super) items: &'a mut [Item],
    /// The name of a payer.
    pub(super) name: &'a dyn Fn(&Arc<str>) -> Arc<str>,
}

/// Takes earlier work over into the items, moves what was paid to recovered, and adds the new lines to the state.
pub(super) fn carry_over(state: &mut State, now: Now<'_>, findings: &mut Findings) -> Vec<Recovered> {
    let of_line: BTreeMap<(&str, u32), usize> =
        now.lines.iter().enumerate().map(|(i, l)| ((&*l.claim_id, l.line_number), i)).collect();
    let mut of_item: BTreeMap<LineKey, usize> =
        now.items.iter().enumerate().map(|(i, item)| ((item.claim_id.to_string(), item.line_number), i)).collect();
    let mut recovered = Vec::new();
    let mut said = Vec::new();
    for (key, row, entry) in state.entries_mut() {
        let item = of_item.remove(key).map(|i| &mut now.items[i]);
        let line = of_line.get(&(&*key.0, key.1)).map(|i| (&now.lines[*i], &now.judged[*i]));
        let before = entry.clone();
        if let Some(found) = update(entry, item.as_deref(), line.map(|l| l.1)) {
            said.push((row, found));
        }
        if entry.recovered.is_some_and(|m| !m.is_zero()) || entry.status == Status::Recovered && item.is_none() {
            recovered.push(Recovered {
                claim_id: key.0.clone(),
                line_number: key.1,
                payer: line.map(|(l, _)| l.payer.clone()),
                payer_name: line.map(|(l, _)| (now.name)(&l.payer)),
                service: line.map(|(l, _)| (l.code, l.service_date)),
                was_missing: before.amount,
                amount: entry.recovered,
                on: entry.recovered_on,
                still_missing: item.as_ref().map_or(Money::ZERO, |i| i.amount),
                is_new: entry.recovered != before.recovered || entry.status != before.status,
                worked: before.status,
                note: entry.note.clone(),
            });
        }
        if let Some(item) = item {
            item.status = entry.status;
            item.worked_on = entry.worked_on;
            item.note.clone_from(&entry.note);
            item.recovered = entry.recovered;
            item.stage = stage(item);
        }
    }
    for (row, (code, found)) in said {
        findings.push(Finding::new(code, state.place(row), found));
    }
    for (key, i) in of_item {
        let item = &now.items[i];
        if item.stage != Stage::Rounding {
            let entry = Entry { amount: Some(item.amount), allowed: Some(item.allowed), ..Entry::default() };
            state.add(key, entry);
        }
    }
    recovered
}

/// Brings one row up to date. What does not fit together is said.
fn update(entry: &mut Entry, item: Option<&Item>, judged: Option<&JudgedLine>) -> Option<(FindingCode, &'static str)> {
    let Some(judged) = judged else {
        // What is finished may leave the files.
        let open = !matches!(entry.status, Status::Recovered | Status::WrittenOff);
        return open.then_some((FindingCode::WorkStateUnknown, "a claim line that is not in these files"));
    };
    let answers = &judged.money.answers;
    let gained = gained(entry, answers.allowed(), item.map_or(Money::ZERO, |i| i.amount));
    if gained.is_some_and(|m| m > Money::ZERO) {
        entry.recovered = Some(entry.recovered.unwrap_or_default() + gained.unwrap_or_default());
        entry.recovered_on = answers.last_answer;
    }
    let verdict = match item {
        Some(_) if entry.status == Status::Recovered => {
            Some((FindingCode::WorkStateDiffers, "recovered, but the remittances still leave the line short"))
        }
        Some(_) => None,
        None if gained.is_some_and(|m| m > Money::ZERO) => {
            entry.status = Status::Recovered;
            None
        }
        // The row does not tell what was missing: that it was paid is known, how much is not.
        None if gained.is_none() && entry.status != Status::Recovered && answers.allowed() > Money::ZERO => {
            (entry.status, entry.recovered_on) = (Status::Recovered, answers.last_answer);
            None
        }
        None if matches!(entry.status, Status::Recovered | Status::WrittenOff) => None,
        None if judged.money.standing == Standing::Pending => {
            Some((FindingCode::WorkStateDiffers, "no longer short: the payer took its answer back and owes a new one"))
        }
        None => Some((
            FindingCode::WorkStateDiffers,
            "no longer short, though nothing more was allowed: it is expected otherwise now",
        )),
    };
    if let Some(item) = item {
        entry.amount = Some(item.amount);
    }
    entry.allowed = Some(answers.allowed());
    verdict
}

/// What was allowed since the row was written, up to what was missing then. `None` when the row tells neither.
fn gained(entry: &Entry, allowed: Money, missing: Money) -> Option<Money> {
    let more = match (entry.allowed, entry.amount) {
        (Some(then), _) => allowed - then,
        (None, Some(then)) => (then - missing).min(allowed),
        (None, None) => return None,
    };
    Some(entry.amount.map_or(more, |missing| more.min(missing)).or_zero())
}

/// Where an item stands, from what it is, what was done and until when.
pub(super) fn stage(item: &Item) -> Stage {
    if item.stage == Stage::Rounding {
        return Stage::Rounding;
    }
    let open = if item.deadline.is_open { Stage::ToWork } else { Stage::Closed };
    match item.status {
        Status::ToDo | Status::InWork => open,
        Status::WrittenOff => Stage::WrittenOff,
        Status::Recovered => Stage::SaidRecovered,
        Status::Appealed | Status::Corrected => match item.worked_on {
            Some(day) if item.answered > day && item.deadline.is_open => Stage::AnsweredAgain,
            Some(day) if item.answered > day => Stage::Closed,
            _ => Stage::Waiting,
        },
    }
}
