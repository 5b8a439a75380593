//! A scenario file, answered.

use crate::domain::Date;
use crate::finding::{Error, Place, Result};

use super::base::{Base, BaseCell, Given};
use super::lever::{Lines, Plan, Role, Scenario};
use super::outcome::{Amounts, Outcome, apply};
use super::reprice::{Kept, reprice};
use super::search::{BreakEvenResult, GridResult, TornadoBar, break_even, grid, tornado};

/// A scenario with what it comes to.
#[derive(Debug, Clone)]
pub struct Played {
    /// What is changed.
    pub scenario: Scenario,
    /// What that comes to.
    pub outcome: Outcome,
    /// The same without its conversion factor, where that holds from a day on: what the months before that day are like.
    pub without_factor: Option<Outcome>,
    /// The day whose relative values and localities its conversion factor goes with; `None`: those of the day of service.
    pub schedule_of: Option<Date>,
    /// What must be known of it: changes that hold for no line, lines that keep their rate.
    pub notes: Vec<String>,
}

/// All answers.
#[derive(Debug, Clone)]
pub struct Modelled {
    /// The question.
    pub title: Option<String>,
    /// The baseline.
    pub base: Base,
    /// Its amounts, as an outcome of no change.
    pub baseline: Outcome,
    /// The scenarios, in the order of the file.
    pub scenarios: Vec<Played>,
    /// The grid.
    pub grid: Option<GridResult>,
    /// The break-evens, in the order of the file.
    pub breakevens: Vec<BreakEvenResult>,
    /// How far levers are moved, and what that does; no bars where nobody asked.
    pub tornado: (super::lever::Tornado, Vec<TornadoBar>),
}

impl Modelled {
    /// The scenario of a role; the first, where there are several.
    #[must_use]
    pub fn of_role(&self, role: Role) -> Option<&Played> {
        self.scenarios.iter().find(|played| played.scenario.role == Some(role))
    }

    /// The change of a scenario against the baseline.
    #[must_use]
    pub fn change(&self, played: &Played) -> Amounts {
        let (now, before) = (played.outcome.total(), self.baseline.total());
        Amounts {
            volume: now.volume - before.volume,
            expected: now.expected - before.expected,
            denied: now.denied - before.denied,
            net: now.net - before.net,
            cash: now.cash - before.cash,
        }
    }
}

/// Answers a scenario file.
///
/// # Errors
/// When no line lies in the baseline, a conversion factor begins inside it, or an amount does not fit.
pub fn model(plan: &Plan, given: &Given<'_>) -> Result<Modelled> {
    let base = Base::new(given, plan.period)?;
    let present: Vec<_> = base.cells.iter().map(|cell| cell.sums).collect();
    let baseline = apply(&base, &present, &[], &[])?;
    let scenarios: Vec<Played> =
        plan.scenarios.iter().map(|scenario| play(&base, given, scenario)).collect::<Result<_>>()?;
    let outcomes: Vec<&Outcome> = scenarios.iter().map(|played| &played.outcome).collect();
    let breakevens =
        plan.breakevens.iter().map(|asked| break_even(&base, given, asked, &outcomes)).collect::<Result<_>>()?;
    let grid = plan.grid.as_ref().map(|asked| grid(&base, given, asked)).transpose()?;
    let asked = plan.tornado.as_ref().map(|asked| tornado(&base, given, asked)).transpose()?;
    Ok(Modelled {
        title: plan.title.clone(),
        baseline,
        scenarios,
        grid,
        breakevens,
        tornado: (plan.tornado.clone().unwrap_or_default(), asked.unwrap_or_default()),
        base,
    })
}

fn play(base: &Base, given: &Given<'_>, scenario: &Scenario) -> Result<Played> {
    if let Some((from, lever)) = scenario.factor.as_ref().and_then(|lever| lever.from.zip(Some(lever)))
        && base.period.contains(from)
        && from != base.period.from()
    {
        return Err(Error::config(format!(
            "scenario \"{}\": the conversion factor begins on {from}, within the baseline ({})",
            scenario.name, base.period
        ))
        .at(Place::line(&*lever.factor.row.file, lever.factor.row.line))
        .help("the whole baseline is priced as if it were served then: give a day after it, or another [period]"));
    }
    let factor = scenario.factor.as_ref().map(|lever| &lever.factor);
    let repriced = reprice(base, given, &scenario.rates, factor)?;
    let outcome = apply(base, &repriced.sums, &scenario.volumes, &scenario.denials)?;
    let from = scenario.factor.as_ref().and_then(|lever| lever.from);
    let without_factor = match from {
        None => None,
        Some(_) => {
            let sums = reprice(base, given, &scenario.rates, None)?.sums;
            Some(apply(base, &sums, &scenario.volumes, &scenario.denials)?)
        }
    };
    let schedule_of = from.filter(|day| given.reference.medicare.covers(*day));
    let mut notes = Vec::new();
    let lines = |lines: &Lines, before: &[&Lines]| -> i64 {
        let holds = |lines: &Lines, cell: &BaseCell| lines.hold(&cell.key.payer, cell.key.code, cell.key.pos);
        let meant = base.cells.iter().filter(|c| holds(lines, c) && !before.iter().any(|b| holds(b, c)));
        meant.map(|cell| cell.lines).sum()
    };
    let rates = scenario.rates.iter().map(|lever| (&lever.lines, &lever.spot)).collect::<Vec<_>>();
    let volumes = scenario.volumes.iter().map(|lever| (&lever.lines, &lever.spot)).collect::<Vec<_>>();
    let denials = scenario.denials.iter().map(|lever| (&lever.lines, &lever.spot)).collect::<Vec<_>>();
    for (what, levers) in [("rate", rates), ("volume", volumes), ("denial", denials)] {
        for (at, (of, spot)) in levers.iter().enumerate() {
            let before: Vec<&Lines> = levers[..at].iter().map(|(lines, _)| *lines).collect();
            if lines(of, &before) == 0 {
                notes.push(format!("{}: the change of {what} ({spot}, {of}) holds for no line.", scenario.name));
            }
        }
    }
    notes.extend(repriced.kept.iter().map(|kept| format!("{}: {}", scenario.name, kept_note(kept))));
    Ok(Played { scenario: scenario.clone(), outcome, without_factor, schedule_of, notes })
}

/// A note in words: `12 lines keep their present rate: J3420 (no-rate), scenario.toml:14.`
#[must_use]
pub fn kept_note(kept: &Kept) -> String {
    let (noun, verb) = if kept.lines == 1 { ("line", "keeps its") } else { ("lines", "keep their") };
    format!(
        "{} {noun} {verb} present rate, for want of one under the change: {} ({}).",
        kept.lines, kept.why, kept.spot
    )
}
