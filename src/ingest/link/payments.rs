//! From the payments of X12 files to remittances of billed lines: repeats left out, adjustments of whole claims spread over
//! their lines, every answer joined to its line by the firmest sign that fits. Without a file of claims the remittances
//! themselves supply the billed lines.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::split::{split, split_adjustments, split_exactly};
use super::tiers::{Target, targets};
use crate::domain::{Adjustment, Code, Date, Link, Modifiers, Money, Remit, ServiceLine, Source, Units};
use crate::finding::{Finding, FindingCode};
use crate::ingest::account::{Account, Fate};
use crate::ingest::cash::Cash;
use crate::ingest::claim837::Reused;
use crate::ingest::gather::Books;
use crate::ingest::remit835::{AnsweredClaim, AnsweredLine, Payment, patient_share};

/// Joins all payments with the billed lines, and the rows of `remit_lines` tables that were made of 835 files (`tabled`). `supply`: no file bears services, so the answers supply them; what they
/// supply is booked in the account that comes back. Last come the sums of the payments.
pub(in crate::ingest) fn payments(
    payments: Vec<Payment>,
    tabled: Vec<Remit>,
    lines: &mut Vec<ServiceLine>,
    reused: &Reused,
    supply: bool,
    books: &mut Books<'_>,
) -> (Vec<Remit>, Account, Cash) {
    let payments = without_repeats(payments, books);
    let cash = Cash::of(payments.iter().map(|payment| &*payment.tally));
    let mut claims: Vec<AnsweredClaim> = payments.into_iter().flat_map(|payment| payment.claims).collect();
    claims.extend(super::tabled::claims(tabled));
    as_billed(&mut claims, lines);
    claims.sort_by(by_content);
    for claim in &mut claims {
        spread(claim, books);
    }
    let supplied = if supply { supply_lines(&claims, lines) } else { Account::default() };
    let by_claim = by_claim(lines);
    let by_control = if claims.is_empty() { FxHashMap::default() } else { by_control(lines) };
    let mut remits = Vec::new();
    let mut of_claim: Vec<(Remit, Option<u8>)> = Vec::new();
    let mut number: Arc<str> = "".into();
    for claim in claims {
        if claim.claim_id != number {
            rank(&mut of_claim, lines, &by_claim);
            remits.extend(of_claim.drain(..).map(|(remit, _)| remit));
            number = claim.claim_id.clone();
        }
        let range = billed(&claim, lines, &by_claim, reused);
        let range = if range.is_empty() { elsewhere(&claim, lines, &by_control) } else { range };
        answer(&claim, &lines[range], supply, books, &mut of_claim);
    }
    rank(&mut of_claim, lines, &by_claim);
    remits.extend(of_claim.into_iter().map(|(remit, _)| remit));
    (remits, supplied, cash)
}

/// A payment with the same payer, trace number, amount, day and content as an earlier one is read once, whatever its file
/// is called and however it is written.
fn without_repeats(mut payments: Vec<Payment>, books: &mut Books<'_>) -> Vec<Payment> {
    payments.sort_by(|a, b| (&a.key, a.content, a.source).cmp(&(&b.key, b.content, b.source)));
    let mut kept: Vec<Payment> = Vec::with_capacity(payments.len());
    for payment in payments {
        match kept.last() {
            Some(first)
                if (&first.key, first.content) == (&payment.key, payment.content) && !payment.claims.is_empty() =>
            {
                let place = books.place(payment.source).column("TRN02");
                let found = format!("the same remittance as in {}", books.name(first.source));
                books.findings.push(Finding::new(FindingCode::DuplicatePayment, place, found));
                for claim in &payment.claims {
                    if claim.lines.is_empty() {
                        books.move_to(Fate::Duplicate, claim.source, claim.charge);
                    }
                    for line in &claim.lines {
                        books.move_to(Fate::Duplicate, line.source, line.charge);
                    }
                }
            }
            _ => kept.push(payment),
        }
    }
    kept
}

/// By claim, day and content; where a claim stands in its file says nothing.
fn by_content(a: &AnsweredClaim, b: &AnsweredClaim) -> std::cmp::Ordering {
    let key = |c: &AnsweredClaim| (c.remit_date, c.status != 22, c.status, c.charge, c.paid);
    let of_line = |c: &AnsweredClaim| -> Vec<_> {
        c.lines.iter().map(|l| (l.control.clone(), l.code, l.modifiers, l.charge, l.paid, l.date)).collect()
    };
    (&a.claim_id, key(a), &a.control, &a.trace, &a.payer)
        .cmp(&(&b.claim_id, key(b), &b.control, &b.trace, &b.payer))
        .then_with(|| of_line(a).cmp(&of_line(b)))
        .then_with(|| a.source.cmp(&b.source))
}

/// Adjustments of the claim as a whole lower what its lines were paid: they are spread by payment, else by charge. Where the
/// payments of the lines add up to the claim's already, they lower nothing more.
fn spread(claim: &mut AnsweredClaim, books: &mut Books<'_>) {
    if claim.level.is_empty() || claim.lines.is_empty() {
        return;
    }
    let level = std::mem::take(&mut claim.level);
    let open: Vec<Money> = claim.lines.iter().map(AnsweredLine::open).collect();
    let left: Money = open.iter().copied().sum();
    let settled = claim.paid == claim.lines.iter().map(|l| l.paid).sum();
    if settled && left.is_zero() {
        // They repeat what the lines say: that the claim does not balance was told when it was read.
        return;
    }
    let place = books.place(claim.source).column("CAS");
    let found = "adjustments of the claim as a whole";
    books.findings.push(Finding::new(FindingCode::ClaimLevelAdjustment, place, found));
    let paid: Vec<Money> = claim.lines.iter().map(|l| l.paid).collect();
    let weights = if paid.iter().all(|p| p.is_zero()) { claim.lines.iter().map(|l| l.charge).collect() } else { paid };
    // The payer gave its reasons once, for the claim: each line takes what it leaves open.
    let explains = settled && left == level.iter().map(|a| a.amount).sum();
    let parts = if explains { split_exactly(&level, &open) } else { split_adjustments(&level, &weights) };
    for (line, adjustments) in claim.lines.iter_mut().zip(parts) {
        if !explains {
            line.paid -= adjustments.iter().map(|a| a.amount).sum();
        }
        line.adjustments.extend(adjustments);
    }
}

/// Payers may return a claim's number in capitals: it gets back the letters it was billed with, where only one claim can be
/// meant.
fn as_billed(claims: &mut [AnsweredClaim], lines: &[ServiceLine]) {
    let mut in_capitals: FxHashMap<String, Option<Arc<str>>> = FxHashMap::default();
    for id in lines.iter().map(|line| &line.claim_id).filter(|id| id.bytes().any(|b| b.is_ascii_lowercase())) {
        let known = in_capitals.entry(id.to_ascii_uppercase()).or_insert_with(|| Some(id.clone()));
        if known.as_ref() != Some(id) {
            *known = None;
        }
    }
    for claim in claims.iter_mut().filter(|_| !in_capitals.is_empty()) {
        if let Some(Some(billed)) = in_capitals.get(&*claim.claim_id) {
            claim.claim_id = billed.clone();
        }
    }
}

/// The range of lines of every claim; lines are sorted by claim.
fn by_claim(lines: &[ServiceLine]) -> FxHashMap<Arc<str>, std::ops::Range<usize>> {
    let mut ranges: FxHashMap<Arc<str>, std::ops::Range<usize>> = FxHashMap::default();
    for (i, line) in lines.iter().enumerate() {
        ranges.entry(line.claim_id.clone()).or_insert(i..i).end = i + 1;
    }
    ranges
}

/// Lines whose own number is the only one of its kind.
fn by_control(lines: &[ServiceLine]) -> FxHashMap<Arc<str>, Option<usize>> {
    let mut found = FxHashMap::default();
    for (i, line) in lines.iter().enumerate() {
        if let Some(control) = &line.control_number {
            found.entry(control.clone()).and_modify(|at| *at = None).or_insert(Some(i));
        }
    }
    found
}

/// The billed lines with the answered claim's number; of claims that share one, those of its day.
fn billed(
    claim: &AnsweredClaim,
    lines: &[ServiceLine],
    by_claim: &FxHashMap<Arc<str>, std::ops::Range<usize>>,
    reused: &Reused,
) -> std::ops::Range<usize> {
    let Some(numbers) = reused.get(&claim.claim_id) else {
        return by_claim.get(&claim.claim_id).cloned().unwrap_or_default();
    };
    let days: Vec<Date> = claim.lines.iter().filter_map(|l| l.date).chain(claim.day).collect();
    let of_day =
        |range: &std::ops::Range<usize>| lines[range.clone()].iter().any(|line| days.contains(&line.service_date));
    numbers.iter().filter_map(|n| by_claim.get(n)).find(|range| of_day(range)).cloned().unwrap_or_default()
}

/// A claim whose number the payer changed is found by its lines' own numbers, where each names one line of its day and
/// charge: some practices number the lines of every claim from 1.
fn elsewhere(
    claim: &AnsweredClaim,
    lines: &[ServiceLine],
    by_control: &FxHashMap<Arc<str>, Option<usize>>,
) -> std::ops::Range<usize> {
    let mut range: Option<std::ops::Range<usize>> = None;
    for line in &claim.lines {
        let found = line.control.as_ref().and_then(|c| by_control.get(c)).copied().flatten();
        let fits = |at: &usize| {
            let billed = &lines[*at];
            line.date.is_none_or(|day| day == billed.service_date) && line.charge_as_billed(claim) == billed.charge
        };
        let Some(at) = found.filter(fits) else { return 0..0 };
        range = Some(range.map_or(at..at + 1, |r| r.start.min(at)..r.end.max(at + 1)));
    }
    // Lines of one claim stand together: a wider range would reach into other claims.
    range.filter(|r| r.len() <= claim.lines.len()).unwrap_or_default()
}

/// Turns one answered claim into remittances of the billed lines.
fn answer(
    claim: &AnsweredClaim,
    lines: &[ServiceLine],
    supply: bool,
    books: &mut Books<'_>,
    out: &mut Vec<(Remit, Option<u8>)>,
) {
    let mut tell_split = |source: Source, found: &str| {
        books.findings.push(Finding::new(FindingCode::AnswerSplit, books.place(source), found));
    };
    if claim.lines.is_empty() {
        let whole = AnsweredLine::whole(claim);
        let covered = |l: &&ServiceLine| {
            claim.day.is_none_or(|day| (day..=claim.last_day.unwrap_or(day)).contains(&l.service_date))
        };
        let of_day: Vec<&ServiceLine> = lines.iter().filter(covered).collect();
        match &of_day[..] {
            [] => out.push((remit(claim, &whole, None, Link::None), claim.rank)),
            _ => {
                tell_split(claim.source, "the claim was answered without service lines");
                out.extend(parts(claim, &whole, &of_day, Link::WholeClaim));
            }
        }
        return;
    }
    for (line, target) in claim.lines.iter().zip(targets(claim, lines, supply)) {
        match target {
            Target::Nothing => out.push((remit(claim, line, None, Link::None), claim.rank)),
            Target::Line(at, link) => {
                let link = if supply { Link::Supplied } else { link };
                out.push((remit(claim, line, Some(&lines[at]), link), claim.rank));
            }
            Target::Lines(several) => {
                tell_split(line.source, "one answer to several billed lines");
                let several: Vec<&ServiceLine> = several.iter().map(|i| &lines[*i]).collect();
                out.extend(parts(claim, line, &several, Link::Bundled));
            }
        }
    }
}

/// An answer split over several lines by their charges.
fn parts(claim: &AnsweredClaim, line: &AnsweredLine, targets: &[&ServiceLine], link: Link) -> Vec<(Remit, Option<u8>)> {
    let weights: Vec<Money> = targets.iter().map(|t| t.charge).collect();
    let charges = split(line.charge, &weights);
    let adjustments = split_adjustments(&line.adjustments, &weights);
    // What is paid follows from the two, so that every part balances where the whole does.
    let explained: Money = line.charge - line.adjustments.iter().map(|a| a.amount).sum();
    let rest = split(line.paid - explained, &weights);
    let allowed = line.allowed.map(|allowed| split(allowed, &weights));
    let one = |i: usize, target: &ServiceLine| {
        let adjustments = adjustments[i].clone();
        let part = AnsweredLine {
            charge: charges[i],
            paid: charges[i] - adjustments.iter().map(|a| a.amount).sum() + rest[i],
            allowed: allowed.as_ref().map(|a| a[i]),
            units: target.units,
            adjustments,
            ..line.clone()
        };
        (remit(claim, &part, Some(target), link), claim.rank)
    };
    targets.iter().enumerate().map(|(i, target)| one(i, target)).collect()
}

impl AnsweredLine {
    /// What its adjustments and its payment leave of the charge.
    fn open(&self) -> Money {
        self.charge - self.paid - self.adjustments.iter().map(|a| a.amount).sum()
    }

    /// The answer to a claim as a whole, as if it were one line.
    fn whole(claim: &AnsweredClaim) -> Self {
        Self {
            code: None,
            modifiers: Modifiers::NONE,
            submitted: None,
            submitted_modifiers: Modifiers::NONE,
            charge: claim.charge,
            paid: claim.paid,
            units: Units::ONE,
            submitted_units: None,
            date: claim.day,
            control: None,
            rendering_npi: None,
            allowed: None,
            adjustments: claim.level.clone(),
            source: claim.source,
        }
    }
}

fn remit(claim: &AnsweredClaim, line: &AnsweredLine, target: Option<&ServiceLine>, link: Link) -> Remit {
    let code = line.code.or(target.map(|t| t.code));
    Remit {
        claim_id: target.map_or_else(|| claim.claim_id.clone(), |t| t.claim_id.clone()),
        line_number: target.map_or(0, |t| t.line_number),
        payer: claim.payer.clone(),
        payer_rank: claim.rank.unwrap_or(1),
        payer_claim_control_number: claim.control.clone(),
        claim_status: crate::domain::ClaimStatus::from_number(claim.status),
        // A notice without any day is as old as its service.
        remit_date: claim.remit_date.or(line.date).or(target.map(|t| t.service_date)).unwrap_or_default(),
        posted_date: None,
        code,
        modifiers: line.modifiers,
        submitted_code: line.submitted.filter(|submitted| Some(*submitted) != code),
        units: line.units,
        charge: line.charge,
        paid: line.paid,
        allowed: line.allowed,
        patient_responsibility: Some(patient_share(&line.adjustments)),
        adjustments: line.adjustments.clone(),
        trace_number: claim.trace.clone(),
        service_date: line.date,
        line_control_number: line.control.clone(),
        link,
        source: line.source,
    }
}

/// Gives every answer of one claim the rank of its payer. Denials and reversals do not tell it: they follow the other answers
/// of the same payer's claim, else of the same payer; else a payer to whom the claim was not billed comes behind those who
/// answered, and behind an earlier payer that its adjustments name.
fn rank(
    answers: &mut [(Remit, Option<u8>)],
    lines: &[ServiceLine],
    by_claim: &FxHashMap<Arc<str>, std::ops::Range<usize>>,
) {
    let told: Vec<(Option<Arc<str>>, Arc<str>, u8)> = answers
        .iter()
        .filter_map(|(r, rank)| Some((r.payer_claim_control_number.clone(), r.payer.clone(), (*rank)?)))
        .collect();
    let payers: Vec<Arc<str>> = answers.iter().map(|(r, _)| r.payer.clone()).collect();
    for (remit, rank) in answers.iter_mut().filter(|(_, rank)| rank.is_none()) {
        let others = || told.iter().filter(|(_, p, _)| *p != remit.payer).map(|(.., rank)| *rank);
        let of_control =
            told.iter().find(|(c, p, _)| c.is_some() && *c == remit.payer_claim_control_number && *p == remit.payer);
        let of_payer = || told.iter().find(|(_, p, _)| *p == remit.payer);
        let billed_to = || by_claim.get(&remit.claim_id).map(|range| lines[range.start].payer.clone());
        let behind = || (2..3).find(|rank| others().all(|other| other != *rank)).unwrap_or(3);
        let first_answered = || others().any(|rank| rank == 1) || billed_to().is_some_and(|p| payers.contains(&p));
        *rank = match of_control.or_else(of_payer) {
            Some((.., rank)) => Some(*rank),
            None if billed_to().is_some_and(|payer| payer == remit.payer) => Some(1),
            None if names_an_earlier_payer(&remit.adjustments) || first_answered() => Some(behind()),
            None => Some(1),
        };
        remit.payer_rank = rank.unwrap_or(1);
    }
}

/// OA-23: the impact of an earlier payer's adjudication.
fn names_an_earlier_payer(adjustments: &[Adjustment]) -> bool {
    adjustments.iter().any(|a| a.carc.as_str() == "23")
}

/// Takes billed lines from the answers: of every claim the lines of its first answer, then those of later answers that speak
/// of none of them. Reversals and lines without a procedure code bill nothing.
fn supply_lines(claims: &[AnsweredClaim], lines: &mut Vec<ServiceLine>) -> Account {
    let mut account = Account::default();
    let mut first = 0;
    for (i, claim) in claims.iter().enumerate() {
        if i > 0 && claims[i - 1].claim_id != claim.claim_id {
            first = lines.len();
        }
        if claim.status == 22 || claim.status == 25 {
            continue;
        }
        let of_claim = lines[first..].to_vec();
        let known = targets(claim, &of_claim, true);
        for (line, target) in claim.lines.iter().zip(known) {
            let (Target::Nothing, Some(code), Some(date)) = (target, billed_code(line), line.date) else { continue };
            if line.charge < Money::ZERO {
                continue;
            }
            account.book(Fate::Kept, Some(line.charge));
            let changed = line.submitted.is_some_and(|s| s == code);
            lines.push(ServiceLine {
                claim_id: claim.claim_id.clone(),
                line_number: u32::try_from(lines.len() - first).unwrap_or(u32::MAX - 1) + 1,
                service_date: date,
                payer: claim.payer.clone(),
                plan: None,
                state: claim.state,
                zip: claim.zip,
                locality: None,
                pos: claim.pos,
                code,
                modifiers: if changed { line.submitted_modifiers } else { line.modifiers },
                units: line.submitted_units.unwrap_or(line.units),
                charge: line.charge,
                diagnosis: None,
                ndc: None,
                ndc_quantity: None,
                rendering_npi: line.rendering_npi.clone(),
                billing_npi: claim.billing_npi.clone(),
                patient_key: None,
                control_number: line.control.clone(),
                source: line.source,
            });
        }
    }
    account
}

/// The code that was billed: as submitted where the payer changed it.
fn billed_code(line: &AnsweredLine) -> Option<Code> {
    line.submitted.or(line.code)
}
