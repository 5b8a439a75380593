//! The forecast of a practice.

use std::path::Path;
use std::process::ExitCode;

use super::output::{Shown, long_csv, print, write};
use super::words::{changes, dims, scenario};
use super::{ForecastArgs, bar, years};
use crate::cli::check::write_beside;
use crate::cli::inputs::Loaded;
use crate::domain::{Date, parse_iso_date};
use crate::finding::{Error, Place, Result};
use crate::ingest::Intake;
use crate::outlook::{
    Adjust, Backtest, Book, Bridges, Coherence, Dim, Levels, Measure, MoneyTest, Outlook, PastPlan, PayerCash, Plan,
    Rates, RestsOn, backtest_volumes, cash, cut, known_findings, last_usual_day, lone_dates, outlook, rests_on,
    test_money,
};
use crate::report::{DataKind, ForecastPage};

/// A forecast and everything shown beside it.
pub(super) struct Made {
    pub(super) book: Book,
    rates: Rates,
    cash: Vec<PayerCash>,
    rests_on: RestsOn,
    pub(super) outlook: Outlook,
    tests: Option<(Backtest, MoneyTest)>,
    scenario: Option<(Outlook, String)>,
    bridges: Option<Bridges>,
}

/// At most so many months ahead are tested.
const TESTED: usize = 12;

pub(super) fn run(args: &ForecastArgs) -> Result<ExitCode> {
    let by = dims(&args.by)?;
    if let Some((name, found)) = years::of(args)? {
        return years::of_table(args, &name, found);
    }
    let loaded = Loaded::with_inputs(&args.project, &args.inputs)?;
    let against = args.against.as_deref().map(kept).transpose()?;
    let mut intake = loaded.read()?;
    let adjust: Vec<Adjust> =
        args.scenario.iter().map(|text| scenario(&loaded, &intake, text)).collect::<Result<_>>()?;
    let as_of = match &args.as_of {
        Some(text) => parse_iso_date(text).map_err(|e| Error::usage(format!("--as-of \"{text}\": {e}")))?,
        None => last_usual_day(&intake).unwrap_or(Date::MIN),
    };
    let kind = if loaded.project.synthetic { DataKind::Synthetic } else { DataKind::Own };
    if intake.lines.is_empty() && !intake.volumes.is_empty() {
        return years::of_project(args, &loaded, &intake, kind);
    }
    // Findings speak of whole files: of an earlier day most would tell of later ones.
    let whole = last_usual_day(&intake).is_none_or(|last| as_of >= last);
    let mut findings = std::mem::take(&mut intake.findings);
    if args.as_of.is_none() {
        findings.extend(lone_dates(&intake, as_of));
    }
    let mut made = make(args, &loaded, &intake, as_of, by, adjust, against.as_ref())?;
    if !whole {
        findings = known_findings(&findings, &cut(&intake, as_of), &loaded.project);
        made.book.notes.push("Findings of whole files may speak of later days: only those are listed that cannot. `allowable check` lists all.".to_owned());
    }
    // Each of them tells of something of its own.
    made.book.findings.iter().cloned().for_each(|f| findings.push_apart(f));
    let findings = findings.into_sorted();
    if (args.save.is_some() || args.against.is_some()) && !made.outlook.knows(Measure::Cash) {
        return Err(Error::input("no payment is in the files: cash is not known, and cannot be kept or compared")
            .help("add the remittances, or leave out --save and --against"));
    }
    let page = ForecastPage {
        project: &loaded.project,
        reference: &loaded.reference,
        kind,
        findings,
        book: &made.book,
        rates: &made.rates,
        cash: &made.cash,
        rests_on: &made.rests_on,
        outlook: &made.outlook,
        level: args.level,
        tests: made.tests.as_ref().map(|(lines, money)| (lines, money)),
        scenario: made.scenario.as_ref().map(|(outlook, words)| (outlook, words.as_str())),
        bridges: made.bridges.as_ref(),
    };
    let report = page.report();
    let csv = || long_csv(&made);
    let mut wrote = Vec::new();
    if let Some(out) = &args.out {
        wrote.push(write(&report, out, csv)?);
    }
    // Last: a forecast is kept when all else is written.
    if let Some(path) = &args.save {
        write_beside(path, &Levels::of(&made.outlook).to_json()?)?;
        wrote.push(format!("forecast kept in {}", path.display()));
    }
    let (screen, tables) = page.screen();
    let shown = Shown { report: &report, screen: &screen, tables, notes: page.screen_notes() };
    print(args, &shown, csv, &wrote, loaded.is_demo)
}

fn make(
    args: &ForecastArgs,
    loaded: &Loaded,
    intake: &Intake,
    as_of: Date,
    by: Vec<Dim>,
    adjust: Vec<Adjust>,
    against: Option<&Levels>,
) -> Result<Made> {
    let (project, reference) = (&loaded.project, &loaded.reference);
    let number = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let (horizon, origins) = (number(args.horizon), number(args.origins));
    let book = Book::new(intake, project, reference, as_of)?;
    if let Some(last) = against.filter(|last| last.as_of > book.as_of) {
        return Err(Error::usage(format!(
            "--against: the kept forecast is of {}, later than this one of {}",
            last.as_of, book.as_of
        ))
        .help("a bridge leads from an earlier forecast to a later one: give one kept before, or a later --as-of"));
    }
    let rates = Rates::known(&book, project, reference, horizon);
    // Before the tests: they take a while.
    sensible(&adjust, &book, &rates)?;
    let steps =
        u64::from(args.origins.min(u32::try_from(book.months().count()).unwrap_or(u32::MAX).saturating_sub(13)));
    let lines = (!args.no_backtest).then(|| {
        let bar = bar(steps, "testing past forecasts of lines");
        let tested = backtest_volumes(&book, horizon.min(TESTED), origins, args.seed, &|| bar.inc(1));
        bar.finish_and_clear();
        tested
    });
    let mut plan = Plan {
        horizon,
        coherence: if args.reconcile { Coherence::MinT } else { Coherence::BottomUp },
        paths: number(args.paths),
        seed: args.seed,
        by,
        stretch: lines.as_ref().map_or_else(Vec::new, |b| b.stretch.clone()),
        adjust: Vec::new(),
    };
    let tests = lines.map(|lines| {
        let bar = bar(steps, "testing past forecasts of money");
        let past = Plan { horizon: horizon.min(TESTED), paths: plan.paths.min(120), ..plan.clone() };
        // What is posted later than the day is known to nobody.
        let known = cut(intake, as_of);
        let with = PastPlan { known: &known, project, reference, full: &book, volumes: &lines, origins, plan: &past };
        let money = test_money(&with, &|| bar.inc(1));
        bar.finish_and_clear();
        (lines, money)
    });
    let bar = bar(if adjust.is_empty() { 1 } else { 2 }, "drawing futures");
    let cash = cash(&book);
    let made = outlook(&book, &rates, &cash, &plan);
    bar.inc(1);
    let scenario = (!adjust.is_empty()).then(|| {
        plan.adjust = adjust;
        let words = plan.adjust.iter().map(|a| changes(a, &book)).collect::<Vec<_>>().join("; ");
        (outlook(&book, &rates, &cash, &plan), words)
    });
    bar.finish_and_clear();
    let unanswered: Vec<&str> = book.payers.iter().filter(|p| p.unanswered).map(|p| &*p.id).collect();
    let without = |levels: Levels| levels.without(&unanswered);
    let bridges = against
        .map(|last| Bridges::new(&without(last.clone()), &without(Levels::actual(&book)), &without(Levels::of(&made))));
    let rests_on = rests_on(&book);
    Ok(Made { book, rates, cash, rests_on, outlook: made, tests, scenario, bridges })
}

/// Refuses changes that would change nothing known, and the same change twice.
fn sensible(adjust: &[Adjust], book: &Book, rates: &Rates) -> Result<()> {
    for (at, one) in adjust.iter().enumerate() {
        let Some(payer) = &one.payer else { continue };
        let mut leaves = book.leaves.iter().zip(&rates.per_line).filter(|(leaf, _)| leaf.key.payer == *payer);
        let is_unpriced = leaves.all(|(_, rates)| rates.iter().all(|rate| *rate == 0.0));
        if is_unpriced && (one.rate != 1.0 || one.denial != 1.0) {
            return Err(Error::input(format!(
                "--scenario: no line of {payer} has a price, so that nothing tells what another rate or denial would change"
            ))
            .help("add its terms or schedule to the project file; volume can be changed"));
        }
        if adjust[..at].contains(one) {
            return Err(Error::usage(format!("--scenario: the same change of {payer} stands twice")));
        }
    }
    Ok(())
}

fn kept(path: &Path) -> Result<Levels> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|e| Error::input("the kept forecast cannot be read").at(Place::file(&name)).because(e))?;
    Levels::from_json(&bytes, &name)
}
