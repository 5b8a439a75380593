//! From what was read to the report: price, reconcile, judge, sum, and refuse when anything does not balance.

use rustc_hash::FxHashMap;

use crate::domain::{Date, Link, Money, Period, Remit, ServiceLine, Volume};
use crate::facts::{Grounds, Question};
use crate::finder::{self, Found};
use crate::finding::{Error, Finding, FindingCode, Findings, Place, Result};
use crate::ingest::{Account, Intake};
use crate::leakage::{
    Audit, Cohort, Group, JudgedLine, Ledger, MissedCharges, audit, judge, mark_mature, missed_charges,
    tells_of_missed_charges,
};
use crate::payability::{Tells, Verdicts, judge_lines as judge_payability};
use crate::price::{PricedLines, Pricer, price_lines};
use crate::project::{PracticePlace, Project};
use crate::reconcile::{adjudicate, check_remits, link, reconcile, without_line};
use crate::reference::Reference;
use crate::worklist::{self, Given, State};

use super::model::{Cell, Column, ColumnKind, DataKind, Report, Section, Table};
use super::section::{self, Context};
use super::{facts, headline, states, words};

/// Sums over all lines, by cohort.
#[derive(Debug)]
pub(super) struct Totals {
    pub(super) firm: Group,
    pub(super) benchmark: Group,
    pub(super) not_payable: Group,
    pub(super) unknown: Group,
}

impl Totals {
    fn of(ledger: &Ledger) -> Result<Self> {
        Ok(Self {
            firm: ledger.total(&[Cohort::Firm])?,
            benchmark: ledger.total(&[Cohort::Benchmark])?,
            not_payable: ledger.total(&[Cohort::NotPayable])?,
            unknown: ledger.total(&[Cohort::Unknown])?,
        })
    }

    /// Charges of all lines in scope.
    pub(super) fn charge(&self) -> Money {
        self.firm.charge + self.benchmark.charge + self.not_payable.charge + self.unknown.charge
    }

    fn lines(&self) -> i64 {
        self.firm.lines + self.benchmark.lines + self.not_payable.lines + self.unknown.lines
    }
}

/// Lines whose code is outside the scope: counted, not priced.
#[derive(Debug, Default)]
pub(super) struct ScopeCount {
    pub(super) out_lines: i64,
    pub(super) out_charge: Money,
}

/// Everything a run has worked out.
#[derive(Debug)]
pub struct Run {
    /// What it says.
    pub report: Report,
    /// The lines in scope.
    pub lines: Vec<ServiceLine>,
    /// What the rules of payability say of them.
    pub verdicts: Verdicts,
    /// The same lines, judged.
    pub judged: Vec<JudgedLine>,
    /// Their prices.
    pub priced: PricedLines,
    /// The same lines as a frame.
    pub ledger: Ledger,
    /// Missed charges of the claim days.
    pub missed: MissedCharges,
    /// Providers beside each other.
    pub audit: Audit,
    /// Rates that payers apply in place of the agreed ones, and days on which amounts moved.
    pub found: Found,
    /// Remittances of lines that were not billed in these files.
    pub unlinked: Vec<Remit>,
    /// What was read: files, accounts, quarantine (its lines and findings have moved on).
    pub intake: Intake,
}

/// Takes what was read to a report.
///
/// # Errors
/// When nothing could be read, and when a sum does not balance (exit code 4): then there is no report.
pub fn run(mut intake: Intake, project: &Project, reference: &Reference) -> Result<Run> {
    let mut findings = std::mem::take(&mut intake.findings);
    if intake.lines.is_empty() && intake.volumes.is_empty() {
        return Err(Error::input("no claim line and no volume could be read")
            .help("run `allowable check` on the files: it says what is wrong with each"));
    }
    let names: Vec<String> = intake.files.iter().map(|f| f.name.clone()).collect();
    let name = |file: u16| names.get(usize::from(file)).cloned().unwrap_or_default();
    // Lines outside the scope take part: an injection may fall beside a procedure that is not reported on.
    let tells = Tells::of_files(&intake.files, &intake.lines);
    let verdicts = judge_payability(reference, |id| project.payer_of_id(id).cloned(), &intake.lines, &tells);
    let (mut lines, kept, scope) =
        in_scope(std::mem::take(&mut intake.lines), project, reference, &name, &mut findings);
    let verdicts = verdicts.of(&kept);
    verdicts.note_not_asked(&lines, name, &mut findings);
    let pricer = Pricer::new(reference, &project.payers).with_npp_npis(project.npp_npis.clone());
    let priced = price_lines(&pricer, &lines, &verdicts.falls, name, &mut findings)?;
    let (linked, unlinked) = link(&lines, &intake.remits);
    let sequestration = |id: &str| pricer.payer(id).is_some_and(|p| p.sequestration);
    check_remits(&reference.denials, sequestration, &lines, &intake.remits, &linked, name, &mut findings);
    let as_of = as_of(&lines, &intake.remits);
    let mut judged = judge_lines(&pricer, &lines, &priced, &linked, &intake.remits, as_of, &name, &mut findings);
    let maturity = mark_mature(&lines, &mut judged, |id| pricer.payer(id), as_of);
    let out_of_scope_claims: rustc_hash::FxHashSet<_> =
        scope.claims.iter().map(|(claim, line)| (claim, *line)).collect();
    let unlinked: Vec<Remit> = unlinked
        .into_iter()
        .map(|i| intake.remits[i as usize].clone())
        .filter(|r| !out_of_scope_claims.contains(&(&r.claim_id, r.line_number)))
        .collect();
    for remit in &unlinked {
        let place = Place::line(name(remit.source.file), remit.source.line);
        findings.push(without_line(remit, place));
    }
    let links = links(&linked, &intake.remits);
    let ledger = Ledger::new(&lines, &judged, |id| pricer.payer(id).cloned())?;
    let totals = Totals::of(&ledger)?;
    let in_scope = lines.len();
    lines.extend(scope.near);
    let missed = missed_charges(&pricer, &lines);
    let audit = audit(&pricer, &lines, &judged, &missed);
    lines.truncate(in_scope);
    let scope = scope.count;
    check_rows(&intake.account, &totals, &scope, &intake.volumes)?;

    let given = Given {
        project,
        reference,
        lines: &lines,
        judged: &judged,
        priced: &priced,
        ledger: &ledger,
        as_of,
        payer: None,
    };
    let worklist = worklist::build(&given, &mut State::default(), &mut Findings::default())?;
    let found = finder::find(&pricer, &lines, &judged, &priced, &finder::Settings::default());
    let kind = if project.synthetic { DataKind::Synthetic } else { DataKind::Own };
    let context = Context {
        ledger: &ledger,
        totals: &totals,
        kind,
        as_of,
        events: &project.events,
        intake: &intake.account,
        volumes: &intake.volumes,
        scope: &scope,
        unlinked: (i64::try_from(unlinked.len()).unwrap_or(i64::MAX), unlinked.iter().map(|r| r.paid).sum()),
        links: &links,
        cash: &intake.cash,
        verdicts: &verdicts,
        judged: &judged,
        reference,
        maturity,
        missed: &missed,
        audit: &audit,
        found: &found,
        payer_name: &|id| pricer.payer(id).map_or_else(|| id.to_owned(), |payer| payer.name.to_string()),
        worklist: &worklist,
    };
    let mut sections = if lines.is_empty() { Vec::new() } else { section::all(&context)? };
    sections.extend(states::section(&pricer, &intake.volumes)?);
    sections.extend(statements(&pricer, project, &lines, as_of)?);
    let period = period(&lines, &intake).ok_or_else(|| {
        Error::input(format!("none of the {} lines read has a code in scope", scope.out_lines))
            .help("name the codes to report on under `scope` in allowable.toml")
    })?;
    let years = period.to_string();
    let report = Report {
        title: project.title.clone(),
        period_slug: format!("{}_{}", period.from(), period.last()),
        period: format!("{} to {}", long_date(period.from()), long_date(period.last())),
        as_of,
        kind,
        finding: sections.first().map(|s| s.title.clone()).unwrap_or_default(),
        headline: if lines.is_empty() { Vec::new() } else { headline::stats(&totals, &years) },
        sections,
        definitions: words::definitions(),
        sources: sources(reference),
        findings: findings.into_sorted(),
        notes: notes(kind),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Ok(Run { report, lines, verdicts, judged, priced, ledger, missed, audit, found, unlinked, intake })
}

/// The sections on statements in circulation: on the day the report is judged, in the project's place or the one that most
/// lines name. A day that no schedule covers is taken for the last year that one does.
fn statements(pricer: &Pricer<'_>, project: &Project, lines: &[ServiceLine], as_of: Date) -> Result<Vec<Section>> {
    let reference = pricer.reference();
    let last = Grounds::last_year(reference).and_then(|year| Grounds::day_of_year(reference, year));
    let Some(day) = Some(as_of).filter(|day| reference.medicare.covers(*day)).or(last) else { return Ok(Vec::new()) };
    let (zip, locality, state) = match project.place {
        Some(PracticePlace::Zip(zip)) => (Some(zip), None, None),
        Some(PracticePlace::Locality(locality)) => (None, Some(locality), None),
        Some(PracticePlace::State(state)) => (None, None, Some(state)),
        None => {
            let mut places: std::collections::BTreeMap<_, u64> = std::collections::BTreeMap::new();
            for line in lines {
                *places.entry((line.zip, line.locality, line.state)).or_default() += 1;
            }
            // The first of equally frequent places.
            let most = places.into_iter().max_by_key(|(place, count)| (*count, std::cmp::Reverse(*place)));
            most.map(|(place, _)| place).unwrap_or_default()
        }
    };
    let (area, _) = pricer.area(day, locality, zip, state);
    let grounds = Grounds::new(reference, &project.payers, project.synthetic, day, area)?;
    facts::fact_sections(&grounds, &Question::default())
}

/// Answers by how they were joined to their line, firmest first.
fn links(linked: &[Vec<u32>], remits: &[Remit]) -> Vec<(Link, i64)> {
    let joined = linked.iter().flatten().map(|i| remits[*i as usize].link);
    let mut counts: Vec<(Link, i64)> = Link::ALL.iter().map(|link| (*link, 0)).collect();
    for link in joined {
        if let Some((_, count)) = counts.iter_mut().find(|(known, _)| *known == link) {
            *count += 1;
        }
    }
    counts.retain(|(_, count)| *count > 0);
    counts
}

/// What was left out.
struct Scoped {
    count: ScopeCount,
    claims: Vec<(std::sync::Arc<str>, u32)>,
    /// Those that tell of missed charges on the days of others.
    near: Vec<ServiceLine>,
}

/// The lines in scope with their places in the list, and what was left out.
fn in_scope(
    lines: Vec<ServiceLine>,
    project: &Project,
    reference: &Reference,
    name: &impl Fn(u16) -> String,
    findings: &mut Findings,
) -> (Vec<ServiceLine>, Vec<u32>, Scoped) {
    let mut known: FxHashMap<crate::domain::Code, bool> = FxHashMap::default();
    let mut scoped = Scoped { count: ScopeCount::default(), claims: Vec::new(), near: Vec::new() };
    let mut first = None;
    let mut kept = Vec::with_capacity(lines.len());
    let mut places = Vec::with_capacity(lines.len());
    for (place, line) in (0..).zip(lines) {
        let inside = *known.entry(line.code).or_insert_with(|| match &project.scope {
            Some(scope) => scope.contains(&line.code),
            None => reference.is_in_family(line.code),
        });
        if inside {
            kept.push(line);
            places.push(place);
        } else {
            scoped.count.out_lines += 1;
            scoped.count.out_charge += line.charge;
            first.get_or_insert_with(|| Place::line(name(line.source.file), line.source.line));
            scoped.claims.push((line.claim_id.clone(), line.line_number));
            if tells_of_missed_charges(reference, line.code) {
                scoped.near.push(line);
            }
        }
    }
    if let Some(place) = first {
        let count = u64::try_from(scoped.count.out_lines).unwrap_or(0);
        let found = "a code outside the 96372 family";
        findings.push(Finding::new(FindingCode::OutOfScopeCode, place, found).times(count));
    }
    (kept, places, scoped)
}

#[expect(clippy::too_many_arguments, reason = "the stages of one line side by side")]
fn judge_lines(
    pricer: &Pricer<'_>,
    lines: &[ServiceLine],
    priced: &PricedLines,
    linked: &[Vec<u32>],
    remits: &[Remit],
    as_of: Date,
    name: &impl Fn(u16) -> String,
    findings: &mut Findings,
) -> Vec<JudgedLine> {
    let mut judged = Vec::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        let answers: Vec<&Remit> = linked[i].iter().map(|r| &remits[*r as usize]).collect();
        let payer = pricer.payer(&line.payer);
        let sequestration = payer.is_some_and(|p| p.sequestration);
        let adjudication = adjudicate(&pricer.reference().denials, &answers, sequestration);
        let unknown = adjudication.unknown_carc;
        let names_it = |r: &&&Remit| r.adjustments.iter().any(|a| Some(a.carc) == unknown);
        if let (Some(carc), Some(remit)) = (unknown, answers.iter().find(names_it)) {
            let place = Place::line(name(remit.source.file), remit.source.line).column("carc");
            findings.push(Finding::new(FindingCode::UnknownCarc, place, format!("reason {carc}")));
        }
        let tolerance = payer.map_or(0, |p| p.tolerance_cents);
        let money = reconcile(priced.expected[i], adjudication, tolerance);
        judged.push(judge(pricer, line, priced.of(i), money, payer, as_of));
    }
    judged
}

/// Every row that was read ended somewhere: kept rows are lines that are priced, unknown or out of scope, or volumes; in
/// number and in charges.
fn check_rows(account: &Account, totals: &Totals, scope: &ScopeCount, volumes: &[Volume]) -> Result<()> {
    let rows = totals.lines() + scope.out_lines + i64::try_from(volumes.len()).unwrap_or(i64::MAX);
    let charge = totals.charge() + scope.out_charge + volumes.iter().filter_map(|v| v.charge).sum();
    if account.balances() && i64::try_from(account.rows_kept).ok() == Some(rows) && account.charge_kept == charge {
        return Ok(());
    }
    Err(Error::imbalance(format!(
        "{} rows with charges of {} were read and kept, but {rows} rows with charges of {charge} were judged",
        account.rows_kept, account.charge_kept
    ))
    .help("this is an error of the program: nothing was written; please report it with the version"))
}

/// The last day that any line or remittance mentions: the state of claims is judged as of it.
fn as_of(lines: &[ServiceLine], remits: &[Remit]) -> Date {
    let services = lines.iter().map(|l| l.service_date);
    let answers = remits.iter().map(|r| r.posted_date.unwrap_or(r.remit_date).max(r.remit_date));
    services.chain(answers).max().unwrap_or(Date::MIN)
}

/// The days of service: of the lines, or of the volumes when there are no lines.
fn period(lines: &[ServiceLine], intake: &Intake) -> Option<Period> {
    let days = lines.iter().map(|l| l.service_date);
    let (first, last) = (days.clone().min(), days.max());
    let of_lines = first.zip(last).and_then(|(first, last)| Period::inclusive(first, last));
    let of_volumes = || {
        let first = intake.volumes.iter().map(|v| v.period.from()).min()?;
        Period::new(first, intake.volumes.iter().map(|v| v.period.until()).max()?)
    };
    of_lines.or_else(of_volumes)
}

fn long_date(day: Date) -> String {
    day.format("%-d %B %Y").to_string()
}

/// The reference files used, with their hashes.
pub(super) fn sources(reference: &Reference) -> Table {
    let text = |name: &str, header: &str| Column::new(name, header, ColumnKind::Text);
    let rows = reference
        .sources
        .iter()
        .map(|s| [&s.path, &s.what, &s.kind, &s.release, &s.limits, &s.sha256].map(|t| Cell::from(t.clone())).to_vec());
    Table {
        columns: vec![
            text("path", "File"),
            text("what", "What"),
            text("kind", "Kind"),
            text("release", "Release"),
            text("limits", "Limits"),
            text("sha256", "SHA-256"),
        ],
        rows: rows.collect(),
        total: None,
    }
}

fn notes(kind: DataKind) -> Vec<String> {
    let mut notes = Vec::new();
    if kind == DataKind::Synthetic {
        notes.push("The claims of this report are synthetic: payers, patients and amounts are made up. The Medicare figures are published.".to_owned());
    }
    notes.push("Medicare rates: work, practice expense and malpractice RVUs × the locality's indices × the conversion factor of the day of service, rounded once.".to_owned());
    notes
}
