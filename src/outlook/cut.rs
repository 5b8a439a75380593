//! What was known on a day: everything that happened or was posted later is cut away before anything is judged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::excerpt;
use crate::domain::{Date, Link, Remit};
use crate::finding::{Finding, FindingCode, Findings, Place};
use crate::ingest::{Cash, Intake};
use crate::project::Project;

/// Payers named in a finding.
const TOLD: usize = 5;

/// The day from which an answer is known: that of its posting where the files tell one, never before the answer itself.
#[must_use]
pub fn known_on(remit: &Remit) -> Date {
    remit.posted_date.map_or(remit.remit_date, |posted| posted.max(remit.remit_date))
}

/// The last day that any service or answer mentions.
#[must_use]
pub fn last_day(intake: &Intake) -> Option<Date> {
    let services = intake.lines.iter().map(|l| l.service_date);
    services.chain(intake.remits.iter().map(known_on)).max()
}

/// The same inputs as they were known at the end of a day: services of later days and answers posted later are gone, and so
/// are lines that only a later answer told of, and counts of periods that were not over. Sums of files and findings, which speak
/// of whole files, are gone too. When a claim was billed the files do not tell: a service is taken as known from its day on.
#[must_use]
pub fn cut(intake: &Intake, as_of: Date) -> Intake {
    let (known, later): (Vec<&Remit>, Vec<&Remit>) = intake.remits.iter().partition(|r| known_on(r) <= as_of);
    let name = |r: &&Remit| (Arc::clone(&r.claim_id), r.line_number);
    let told: BTreeSet<(Arc<str>, u32)> = known.iter().map(name).collect();
    // Lines that were taken from a remittance are known from the first of their answers on.
    let untold: BTreeSet<(Arc<str>, u32)> =
        later.iter().filter(|r| r.link == Link::Supplied).map(name).filter(|name| !told.contains(name)).collect();
    let is_known = |line: &&crate::domain::ServiceLine| {
        line.service_date <= as_of && !untold.contains(&(Arc::clone(&line.claim_id), line.line_number))
    };
    Intake {
        files: intake.files.clone(),
        lines: intake.lines.iter().filter(is_known).cloned().collect(),
        remits: known.into_iter().cloned().collect(),
        volumes: intake.volumes.iter().filter(|v| v.period.last() <= as_of).cloned().collect(),
        cash: Cash::default(),
        ..Intake::default()
    }
}

/// Of the findings of whole files those that a forecast as of an earlier day may tell: of the files themselves, and of rows that were
/// left out because no day could be read from them. All others could speak of later days. Payers that the project does not know
/// are told anew, from the lines known on the day.
#[must_use]
pub fn known_findings(whole: &Findings, known: &Intake, project: &Project) -> Findings {
    use FindingCode as F;
    let mut findings = Findings::default();
    let is_kept = |f: &&Finding| {
        let of_files = matches!(
            f.code,
            F::UnopenedFile | F::EmptyFile | F::BinaryFile | F::TruncatedFile | F::NoHeader | F::AmbiguousColumn
        );
        let undated = matches!(f.code, F::BadDate | F::ImplausibleDate | F::BadRow | F::RowTooShort | F::RowTooLong);
        of_files || f.code == F::MissingColumn || undated
    };
    whole.iter().filter(is_kept).for_each(|f| findings.push_apart(f.clone()));
    let mut unknown: BTreeMap<u16, BTreeMap<&str, (u64, u32)>> = BTreeMap::new();
    for line in known.lines.iter().filter(|l| project.payer_of_id(&l.payer).is_none()) {
        let (count, first) =
            unknown.entry(line.source.file).or_default().entry(&line.payer).or_insert((0, line.source.line));
        (*count, *first) = (*count + 1, (*first).min(line.source.line));
    }
    for (file, payers) in unknown {
        let name = known.files.get(usize::from(file)).map_or_else(String::new, |f| f.name.clone());
        let place = payers.values().map(|p| p.1).min().map_or_else(|| Place::file(&name), |l| Place::line(&name, l));
        let told: Vec<String> = payers.keys().take(TOLD).map(|payer| format!("\"{}\"", excerpt(payer))).collect();
        let more = if payers.len() > TOLD { format!(" and {} more", payers.len() - TOLD) } else { String::new() };
        let found = format!("not in allowable.toml: {}{more}", told.join(", "));
        findings.push_apart(
            Finding::new(F::UnknownPayer, place, found).times(payers.values().map(|(count, _)| count).sum()),
        );
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::*;
    use crate::demo;
    use crate::domain::{ClaimStatus, Money, parse_iso_date};
    use crate::outlook::{Book, Coherence, Dim, Measure, Plan, Rates, cash, outlook, rests_on};
    use crate::project::Project;
    use crate::reference::Reference;

    fn day(text: &str) -> Date {
        parse_iso_date(text).unwrap()
    }

    fn made() -> &'static (Project, Reference, Intake) {
        static MADE: OnceLock<(Project, Reference, Intake)> = OnceLock::new();
        MADE.get_or_init(|| {
            let (project, reference) = demo::load().unwrap();
            let made = demo::generate(3000, 5, &reference, &project).unwrap();
            let intake = Intake { lines: made.lines, remits: made.remits, ..Intake::default() };
            (project, reference, intake)
        })
    }

    /// All figures of a forecast of a book, and what it rests on, as text.
    fn forecast(book: &Book) -> String {
        let (project, reference, _) = made();
        let plan = Plan {
            horizon: 3,
            paths: 20,
            seed: 1,
            by: vec![Dim::Payer],
            stretch: Vec::new(),
            coherence: Coherence::BottomUp,
            adjust: Vec::new(),
        };
        let (rates, cash) = (Rates::known(book, project, reference, 3), cash(book));
        let made = outlook(book, &rates, &cash, &plan);
        let months = |g: &crate::outlook::GroupOutlook| {
            (0..3).flat_map(|at| Measure::ALL.map(|m| g.month(at, m))).collect::<Vec<_>>()
        };
        let shares: Vec<_> = book.payers.iter().map(|p| p.shares()).collect();
        format!(
            "{:?} {:?} {:?} {shares:?} {:?} {:?} {:?}",
            made.months,
            made.groups.iter().map(months).collect::<Vec<_>>(),
            made.causes,
            cash,
            rests_on(book),
            book.notes
        )
    }

    /// What only later days tell, one kind at a time.
    fn later(intake: &Intake, as_of: Date) -> Vec<(&'static str, Intake)> {
        let changed = |change: &dyn Fn(&mut Remit)| {
            let mut intake = intake.clone();
            intake.remits.iter_mut().filter(|r| known_on(r) > as_of).for_each(change);
            intake
        };
        let denied = changed(&|r| {
            r.paid = Money::ZERO;
            r.claim_status = ClaimStatus::Denied;
            r.adjustments.clear();
        });
        let doubled = changed(&|r| r.paid = r.paid + r.paid);
        let mut none = intake.clone();
        none.remits.retain(|r| known_on(r) <= as_of);
        let mut services = intake.clone();
        services.lines.retain(|l| l.service_date <= as_of);
        vec![
            ("denied later", denied),
            ("paid double later", doubled),
            ("no answer later", none),
            ("no service later", services),
        ]
    }

    #[test]
    fn later_days_change_nothing_and_a_forecast_that_looks_at_them_is_caught() {
        let (project, reference, intake) = made();
        let as_of = day("2024-08-31");
        let honest = |intake: &Intake| forecast(&Book::new(intake, project, reference, as_of).unwrap());
        // The leak: inputs that are not cut.
        let leaking = |intake: &Intake| forecast(&Book::of_known(intake.clone(), project, reference, as_of).unwrap());
        let (clean, leaked) = (honest(intake), leaking(intake));
        assert_ne!(clean, leaked);
        for (what, changed) in later(intake, as_of) {
            assert!(honest(&changed) == clean, "{what}");
            assert!(leaking(&changed) != leaked, "a leak of what is {what} is not seen");
        }
    }

    #[test]
    fn an_answer_is_known_from_its_posting_on_and_its_line_with_it() {
        let (_, _, intake) = made();
        let mut remit = intake.remits[0].clone();
        remit.remit_date = day("2024-03-01");
        remit.posted_date = Some(day("2024-03-05"));
        assert_eq!(known_on(&remit), day("2024-03-05"));
        // A posting before the answer is a wrong date; without one the answer's own day counts.
        remit.posted_date = Some(day("2024-02-01"));
        assert_eq!(known_on(&remit), day("2024-03-01"));
        remit.posted_date = None;
        assert_eq!(known_on(&remit), day("2024-03-01"));
        // A line that only this answer tells of is not known before it.
        let mut line = intake.lines[0].clone();
        (line.claim_id, line.line_number) = (Arc::clone(&remit.claim_id), remit.line_number);
        line.service_date = day("2024-01-10");
        remit.link = Link::Supplied;
        let one = Intake { lines: vec![line], remits: vec![remit], ..Intake::default() };
        let known = |text: &str| (cut(&one, day(text)).lines.len(), cut(&one, day(text)).remits.len());
        assert_eq!((known("2024-02-29"), known("2024-03-01")), ((0, 0), (1, 1)));
        let mut billed = one.clone();
        billed.remits[0].link = Link::LineNumber;
        assert_eq!(cut(&billed, day("2024-02-29")).lines.len(), 1);
        assert_eq!(cut(&billed, day("2024-01-09")).lines.len(), 0);
    }
}
