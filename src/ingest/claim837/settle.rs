//! From submissions to services: a claim that was sent several times is kept once.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::BilledClaim;
use crate::domain::{Code, Date, ServiceLine};
use crate::finding::{Finding, FindingCode};
use crate::ingest::account::Fate;
use crate::ingest::gather::Books;
use crate::ingest::out::LineRow;

/// Frequency codes that say what a submission is to the ones before it.
const REPLACEMENT: u8 = 7;
const VOID: u8 = 8;

/// The claim numbers that stand on claims of different days: the number as sent → the numbers with their day.
pub(in crate::ingest) type Reused = FxHashMap<Arc<str>, Vec<Arc<str>>>;

/// Keeps every service once: of all submissions for the same days and codes the last one to the first payer. A void takes
/// back what was sent before it. Other submissions are booked as sent again.
pub(in crate::ingest) fn settle(mut claims: Vec<BilledClaim>, books: &mut Books<'_>) -> (Vec<LineRow>, Reused) {
    claims.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| content(a).cmp(&content(b))));
    let mut rows = Vec::new();
    let mut reused = Reused::default();
    let mut rest = claims.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut same = vec![first];
        while let Some(next) = rest.next_if(|next| next.claim_id == same[0].claim_id) {
            same.push(next);
        }
        let mut kept: Vec<BilledClaim> = visits(same).into_iter().filter_map(|visit| last_word(visit, books)).collect();
        // Claims of the same day with other codes are one claim sent in parts.
        let mut days: Vec<BilledClaim> = Vec::new();
        for claim in kept.drain(..) {
            match days.iter_mut().find(|c| first_day(c) == first_day(&claim)) {
                Some(begun) => {
                    let last = begun.lines.iter().map(|l| l.line_number).max().unwrap_or(0);
                    begun.lines.extend(claim.lines.into_iter().zip(1..).map(|(mut line, n)| {
                        line.line_number = last + n;
                        line
                    }));
                }
                None => days.push(claim),
            }
        }
        if days.len() > 1 {
            let number = days[0].claim_id.clone();
            for claim in &mut days {
                let told: Arc<str> = format!("{number}@{}", first_day(claim)).into();
                for line in &mut claim.lines {
                    line.claim_id = told.clone();
                }
                reused.entry(number.clone()).or_default().push(told);
            }
            let source = days[0].lines[0].source;
            let found = "the claim's number stands on claims of other days, too";
            books.findings.push(Finding::new(FindingCode::ClaimNumberReused, books.place(source), found));
        }
        rows.extend(days.into_iter().flat_map(|c| c.lines).map(|line| LineRow { line, answer: None }));
    }
    (rows, reused)
}

fn key(claim: &BilledClaim) -> impl Ord + '_ {
    // Of the same minute the later one in its file; a void or a replacement speaks of what stands before it.
    let position = claim.lines.first().map(|l| l.source.line);
    (&claim.claim_id, claim.submitted.0, &claim.submitted.1, position, claim.frequency)
}

/// What makes the order of submissions the same, whatever the order of files.
fn content(claim: &BilledClaim) -> Vec<impl Ord + '_> {
    let line = |l: &ServiceLine| {
        (
            l.line_number,
            l.service_date,
            l.code,
            l.modifiers,
            l.units,
            l.charge,
            l.payer.clone(),
            l.control_number.clone(),
        )
    };
    claim.lines.iter().map(line).collect()
}

fn first_day(claim: &BilledClaim) -> Date {
    claim.lines.iter().map(|l| l.service_date).min().unwrap_or_default()
}

/// What a visit is known by.
type Signs = BTreeSet<(Date, Code)>;

/// The submissions of one number, apart by visit: those of the same days with a code in common, and what corrects them.
fn visits(submissions: Vec<BilledClaim>) -> Vec<Vec<BilledClaim>> {
    let signs = |c: &BilledClaim| -> Signs { c.lines.iter().map(|l| (l.service_date, l.code)).collect() };
    let mut visits: Vec<(Signs, Vec<BilledClaim>)> = Vec::new();
    for claim in submissions {
        let of_claim = signs(&claim);
        let days: BTreeSet<Date> = of_claim.iter().map(|s| s.0).collect();
        let common = visits.iter().position(|(seen, _)| seen.iter().any(|sign| of_claim.contains(sign)));
        // A correction may change every code of its day.
        let corrects = matches!(claim.frequency, REPLACEMENT | VOID);
        let of_day = || visits.iter().position(|(seen, _)| corrects && seen.iter().any(|sign| days.contains(&sign.0)));
        // A replacement may correct the day itself. Of several visits it is not told which one it means.
        let only = || (claim.frequency == REPLACEMENT && visits.len() == 1).then_some(0);
        match common.or_else(of_day).or_else(only) {
            Some(at) => {
                visits[at].0.extend(of_claim);
                visits[at].1.push(claim);
            }
            None => visits.push((of_claim, vec![claim])),
        }
    }
    visits.into_iter().map(|(_, visit)| visit).collect()
}

/// Of the submissions of one visit, in the order of their making, the one that counts; `None` when the last takes all back.
fn last_word(visit: Vec<BilledClaim>, books: &mut Books<'_>) -> Option<BilledClaim> {
    let after_void = visit.iter().rposition(|c| c.frequency == VOID).map_or(0, |at| at + 1);
    let first_payer = visit[after_void..].iter().map(|c| c.rank).min();
    let counts = (after_void..visit.len()).rev().find(|at| Some(visit[*at].rank) == first_payer);
    let mut kept = None;
    for (at, claim) in visit.into_iter().enumerate() {
        if Some(at) == counts {
            kept = Some(claim);
            continue;
        }
        let found = match (claim.frequency, claim.rank) {
            (VOID, _) => "a void: it takes back what was sent before",
            (_, 1) => "sent again later, or taken back",
            _ => "sent to a further payer",
        };
        let place = books.place(claim.lines[0].source).column("CLM");
        books.findings.push(Finding::new(FindingCode::ClaimSentAgain, place, found));
        for line in &claim.lines {
            books.move_to(Fate::Resent, line.source, line.charge);
        }
    }
    kept
}
