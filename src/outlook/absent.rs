//! What should be in the files and is not: the claims of answers, the answers of a payer, a payer's services of months between
//! others. None of it is nothing: it is said, and no figure that it would change is called whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::count::Wait;
use super::cut::known_on;
use super::ends::{Sources, spans};
use super::judged::Judged;
use crate::domain::{Money, ServiceLine};
use crate::finding::{Finding, FindingCode, Findings, Place};
use crate::forecast::Month;
use crate::reconcile::without_line;

/// So many claims of a payer that are older than answers usually take, and not one answer: its answers are in no file.
const UNANSWERED: usize = 20;

/// A payer with so many lines a month (the median of those with lines) is never without one for a whole month.
const MANY: usize = 30;

/// Answers to lines that are not in the files, as of the day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WithoutLine {
    /// How many.
    pub answers: u64,
    /// What payers paid on such lines, by month of posting: it stands in no cash.
    pub paid: BTreeMap<Month, Money>,
}

impl WithoutLine {
    /// What was paid on such lines in these months of posting, both included.
    #[must_use]
    pub fn paid_in(&self, from: Month, to: Month) -> Money {
        if from > to { Money::ZERO } else { self.paid.range(from..=to).map(|(_, paid)| *paid).sum() }
    }
}

/// What is not in the files, with what is to be said of it.
#[derive(Debug, Default)]
pub(super) struct Absent {
    pub(super) without_line: WithoutLine,
    /// Payers of which no answer is in the files.
    pub(super) unanswered: BTreeSet<Arc<str>>,
    pub(super) findings: Findings,
    /// What the reader must know.
    pub(super) notes: Vec<String>,
}

/// What is looked through.
pub(super) struct Given<'a> {
    pub(super) known: &'a Judged,
    pub(super) sources: &'a Sources,
    pub(super) waits: &'a BTreeMap<Arc<str>, Vec<Wait>>,
    /// The first month of services, and the last whole one.
    pub(super) span: (Month, Month),
    /// Months of which all services are missing.
    pub(super) missing: &'a [Month],
    pub(super) name: &'a dyn Fn(&str) -> String,
}

impl Absent {
    /// Looks through what was known on the day.
    pub(super) fn of(given: &Given<'_>) -> Self {
        let mut absent = Self::default();
        absent.months(given);
        absent.claims(given);
        absent.answers(given);
        absent.months_of_payers(given);
        absent
    }

    /// Months without any service.
    fn months(&mut self, Given { known, sources, missing, .. }: &Given<'_>) {
        let Some(finding) = sources.missing(missing, &known.lines) else { return };
        self.findings.push_apart(finding);
        self.notes.push(format!(
            "Services of {} are in no file: they are taken as missing, not as nothing. What payers paid on them is in no cash here, so that cash of these months and the next ones is known in part. Add their claims.",
            spans(missing)
        ));
    }

    /// Answers to lines that are not in the files.
    fn claims(&mut self, Given { known, sources, .. }: &Given<'_>) {
        let remits = || known.unlinked.iter().filter_map(|at| known.remits.get(*at as usize));
        for remit in remits() {
            self.findings.push(without_line(remit, Place::line(sources.name(remit.source.file), remit.source.line)));
            self.without_line.answers += 1;
            if !remit.paid.is_zero() && remit.claim_status != crate::domain::ClaimStatus::Predetermination {
                *self.without_line.paid.entry(Month::of(known_on(remit))).or_default() += remit.paid;
            }
        }
        let months = remits().map(|r| Month::of(known_on(r)));
        let (Some(from), Some(to)) = (months.clone().min(), months.max()) else { return };
        let paid: Money = self.without_line.paid.values().copied().sum();
        let (answers, are) = match self.without_line.answers {
            1 => ("One answer".to_owned(), "is"),
            n => (format!("{n} answers"), "are"),
        };
        self.notes.push(format!(
            "{answers} posted in {} {are} to lines that are not in the files: the {} paid on them is in no cash here. Add their claims.",
            span(from, to),
            paid.pretty_dollars()
        ));
    }

    /// Payers with old claims and not one answer, while others answer.
    fn answers(&mut self, Given { known, sources, waits, name, .. }: &Given<'_>) {
        let mut days: Vec<i64> = waits.values().flatten().filter(|w| w.answered).map(|w| w.days).collect();
        days.sort_unstable();
        let ninth_tenth = (days.len() * 9).div_ceil(10);
        let Some(usual) = ninth_tenth.checked_sub(1).and_then(|rank| days.get(rank)).copied() else { return };
        let mut named = Vec::new();
        for (payer, waits) in *waits {
            let old = waits.iter().filter(|w| w.days > usual).count();
            if old < UNANSWERED || waits.iter().any(|w| w.answered) {
                continue;
            }
            let Some(line) = first(known.lines.iter().filter(|l| l.payer == *payer)) else { continue };
            let found = format!("no answer of {} to any of {} claims", name(payer), waits.len());
            self.findings.push_apart(
                Finding::new(FindingCode::PayerUnanswered, Place::file(sources.name(line.source.file)), found)
                    .expected(format!(
                        "answers to the {old} claims that are more than {usual} days old, as other payers give them"
                    ))
                    .times(u64::try_from(waits.len()).unwrap_or(u64::MAX)),
            );
            named.push(name(payer));
            self.unanswered.insert(Arc::clone(payer));
        }
        if !named.is_empty() {
            self.notes.push(format!(
                "No answer of {} is in the files: what such a payer will pay is not known and stands in no cash; what it denies is taken to be as with all payers. Add its remittances.",
                named.join(", ")
            ));
        }
    }

    /// Payers without a line in months between others, though they usually have many.
    fn months_of_payers(&mut self, Given { known, sources, span: (from, to), missing, name, .. }: &Given<'_>) {
        let mut counts: BTreeMap<&Arc<str>, BTreeMap<Month, usize>> = BTreeMap::new();
        let inside = |l: &&ServiceLine| (*from..=*to).contains(&Month::of(l.service_date));
        for line in known.lines.iter().filter(inside) {
            *counts.entry(&line.payer).or_default().entry(Month::of(line.service_date)).or_default() += 1;
        }
        for (payer, months) in counts {
            let gaps = gaps(&months, missing);
            let Some(last) = gaps.last() else { continue };
            let later = known.lines.iter().filter(|l| l.payer == *payer && Month::of(l.service_date) > *last);
            let Some(line) = first(later) else { continue };
            let found = format!("no services of {} in {}", name(payer), spans(&gaps));
            self.findings.push_apart(
                Finding::new(FindingCode::PayerMissing, Place::file(sources.name(line.source.file)), found)
                    .expected(format!("services in every month, as in those around, with {MANY} lines or more"))
                    .times(u64::try_from(gaps.len()).unwrap_or(u64::MAX)),
            );
            self.notes.push(format!(
                "{} has no services in {}, between months with many: they count as none. If its claims are missing, add them.",
                name(payer),
                spans(&gaps)
            ));
        }
    }
}

/// The months between others without a line of a payer that usually has many.
fn gaps(months: &BTreeMap<Month, usize>, missing: &[Month]) -> Vec<Month> {
    let mut sizes: Vec<usize> = months.values().copied().collect();
    sizes.sort_unstable();
    let is_many = sizes.get(sizes.len() / 2).is_some_and(|median| *median >= MANY);
    let (Some(from), Some(to)) = (months.keys().next(), months.keys().next_back()) else { return Vec::new() };
    let between = (0..to.since(*from)).map(|n| from.plus(n));
    between.filter(|m| is_many && !months.contains_key(m) && !missing.contains(m)).collect()
}

/// The first line by day and place.
fn first<'l>(lines: impl Iterator<Item = &'l ServiceLine>) -> Option<&'l ServiceLine> {
    lines.min_by_key(|l| (l.service_date, l.source.file, l.source.line))
}

/// `2025-01`, `2025-01 to 2025-03`.
fn span(from: Month, to: Month) -> String {
    if from == to { from.to_string() } else { format!("{from} to {to}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(number: u32) -> Month {
        Month::new(2024, number).unwrap()
    }

    #[test]
    fn a_payer_of_many_lines_has_gaps_and_one_of_few_has_none() {
        let of = |sizes: &[(u32, usize)]| sizes.iter().map(|(m, n)| (month(*m), *n)).collect::<BTreeMap<_, _>>();
        let many = of(&[(1, 30), (2, 31), (5, 30), (6, 2)]);
        assert_eq!(gaps(&many, &[]), [month(3), month(4)]);
        // A month that is missing for all is said once.
        assert_eq!(gaps(&many, &[month(4)]), [month(3)]);
        assert!(gaps(&of(&[(1, 29), (2, 29), (5, 30)]), &[]).is_empty());
        assert!(gaps(&of(&[]), &[]).is_empty() && gaps(&of(&[(1, 50)]), &[]).is_empty());
    }

    #[test]
    fn what_was_paid_without_a_line_is_summed_by_month_of_posting() {
        let paid = [(1, 100), (2, 20), (4, 3)].map(|(m, cents)| (month(m), Money::from_cents(cents)));
        let apart = WithoutLine { answers: 3, paid: paid.into() };
        assert_eq!(apart.paid_in(month(1), month(2)), Money::from_cents(120));
        assert_eq!(apart.paid_in(month(3), month(3)), Money::ZERO);
        assert_eq!(apart.paid_in(month(4), month(2)), Money::ZERO);
    }
}
