//! Many scenarios at once: a grid of rates and denials, the rate that reaches a target, which lever matters most.

use rust_decimal::Decimal;

use crate::domain::contract::{Codes, Pays, Spot};
use crate::domain::{LocalityRule, Money, Rate, YearRule};
use crate::finding::Result;
use crate::price::{FactorValue, OtherFactor};
use crate::reference::Row;

use super::base::{Base, BaseCell, Given, Sums};
use super::lever::{
    BreakEven, DenialLever, DenialTo, Grid, Lines, RateAxis, RateLever, RateTo, Target, Tornado, TornadoBy, VolumeLever,
};
use super::outcome::{Amounts, Outcome, apply};
use super::reprice::{Kept, reprice};

/// The highest rate that is tried, in hundredths of a percent of Medicare.
const HIGHEST_RATE: i64 = 100_000;
/// All of it, in hundredths of a percent.
const ALL: i64 = 10_000;

/// A grid worked out.
#[derive(Debug, Clone)]
pub struct GridResult {
    /// What was asked.
    pub grid: Grid,
    /// Rates × denial rates; one column, where denials stay as they are.
    pub cells: Vec<Vec<Amounts>>,
    /// Lines that keep their rate, because there is none under the change.
    pub kept: Vec<Kept>,
    /// Lines that the grid changes.
    pub matched: i64,
}

/// The change of rates of one row of a grid.
#[must_use]
pub fn grid_lever(grid: &Grid, rate: Rate) -> RateLever {
    let to = match grid.axis {
        RateAxis::OfMedicare(year) => of_medicare(rate / Decimal::ONE_HUNDRED, year),
        RateAxis::Change => RateTo::Times(Decimal::ONE + rate / Decimal::ONE_HUNDRED),
    };
    RateLever { lines: grid.lines.clone(), to, lesser_of: None, spot: grid.spot.clone() }
}

/// The change of denials of one column of a grid.
#[must_use]
pub fn grid_denial(grid: &Grid, percent: Rate) -> DenialLever {
    DenialLever {
        lines: grid.lines.clone(),
        to: DenialTo::Final(percent / Decimal::ONE_HUNDRED),
        spot: grid.spot.clone(),
    }
}

fn of_medicare(factor: Rate, year: YearRule) -> RateTo {
    RateTo::Pays(Pays::PercentOfMedicare { factor: factor.normalize(), year, locality: LocalityRule::Own })
}

/// Works a grid out: each rate is priced once, denials come after.
///
/// # Errors
/// When an amount does not fit.
pub fn grid(base: &Base, given: &Given<'_>, grid: &Grid) -> Result<GridResult> {
    let mut result = GridResult { grid: grid.clone(), cells: Vec::new(), kept: Vec::new(), matched: 0 };
    for rate in &grid.rates {
        let repriced = reprice(base, given, &[grid_lever(grid, *rate)], None)?;
        let mut row = Vec::new();
        if grid.denials.is_empty() {
            row.push(apply(base, &repriced.sums, &[], &[])?.total());
        }
        for denial in &grid.denials {
            row.push(apply(base, &repriced.sums, &[], &[grid_denial(grid, *denial)])?.total());
        }
        result.cells.push(row);
        result.matched = repriced.matched.iter().sum();
        result.kept = repriced.kept;
    }
    Ok(result)
}

/// An answer to a question for a break-even.
#[derive(Debug, Clone)]
pub struct BreakEvenResult {
    /// What was asked.
    pub asked: BreakEven,
    /// The net of the lines in the baseline.
    pub present: Money,
    /// The net to reach.
    pub target: Money,
    /// The lowest percentage of Medicare, in hundredths, that reaches it, and the net there; no answer where no line is meant.
    pub rate: Option<Answer>,
    /// The highest denial rate, in hundredths of a percent, that still reaches it, and the net there.
    pub denial: Option<Answer>,
    /// Lines that keep their rate, because Medicare has none for them.
    pub kept: Vec<Kept>,
    /// Lines that the question is about.
    pub matched: i64,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// This percentage, and the net there.
    At(Rate, Money),
    /// None reaches the target; the best net that was found.
    Never(Money),
}

/// The lowest rate at a denial rate, or the highest denial rate at a rate, at which the net reaches a target. `scenarios` are the
/// outcomes that targets name.
///
/// # Errors
/// When an amount does not fit.
pub fn break_even(
    base: &Base,
    given: &Given<'_>,
    asked: &BreakEven,
    scenarios: &[&Outcome],
) -> Result<BreakEvenResult> {
    let meant: Vec<bool> = base.cells.iter().map(|cell| holds(&asked.lines, cell)).collect();
    let inside = |at: usize| meant.get(at).copied().unwrap_or(false);
    let present = base.cells.iter().zip(&meant).filter(|(_, meant)| **meant).map(|(cell, _)| cell.net()).sum();
    let target = match &asked.target {
        Target::Baseline => present,
        Target::Amount(amount) => *amount,
        Target::Scenario(at) => scenarios.get(*at).map_or(present, |outcome| outcome.over(inside).net),
    };
    let lever = |hundredths: i64| RateLever {
        lines: asked.lines.clone(),
        to: of_medicare(Decimal::new(hundredths, 4), asked.year),
        lesser_of: None,
        spot: asked.spot.clone(),
    };
    let denial =
        |share: Rate| DenialLever { lines: asked.lines.clone(), to: DenialTo::Final(share), spot: asked.spot.clone() };
    let net = |sums: &[Sums], denials: &[DenialLever]| -> Result<Money> {
        Ok(apply(base, sums, &[], denials)?.over(inside).net)
    };
    let mut result = BreakEvenResult {
        asked: asked.clone(),
        present,
        target,
        rate: None,
        denial: None,
        kept: Vec::new(),
        matched: base.cells.iter().zip(&meant).filter(|(_, meant)| **meant).map(|(cell, _)| cell.lines).sum(),
    };
    // Lines without a price stand in no sum: any rate would bring the nothing that they bring today.
    if result.matched == 0 {
        return Ok(result);
    }
    if asked.denial.is_some() || asked.percent.is_none() {
        let denials: Vec<DenialLever> = asked.denial.map(denial).into_iter().collect();
        let at = |hundredths: i64| net(&reprice(base, given, &[lever(hundredths)], None)?.sums, &denials);
        result.rate = Some(match lowest(HIGHEST_RATE, |h| Ok(at(h)? >= target))? {
            Some(h) => Answer::At(Decimal::new(h, 2), at(h)?),
            None => Answer::Never(at(HIGHEST_RATE)?),
        });
        result.kept = reprice(base, given, &[lever(10_000)], None)?.kept;
    }
    if let Some(percent) = asked.percent {
        let to = of_medicare(percent / Decimal::ONE_HUNDRED, asked.year);
        let repriced = reprice(base, given, &[RateLever { to, ..lever(0) }], None)?;
        let at = |hundredths: i64| net(&repriced.sums, &[denial(Decimal::new(hundredths, 4))]);
        // The first that is too high; the one before it is the highest that is not.
        let first = lowest(ALL, |h| Ok(at(h)? < target))?;
        result.denial = Some(match first.map_or(ALL, |h| h - 1) {
            h if h < 0 => Answer::Never(at(0)?),
            h => Answer::At(Decimal::new(h, 2), at(h)?),
        });
        result.kept = repriced.kept;
    }
    Ok(result)
}

/// The lowest number from 0 to `highest` that is such; from it on all are.
fn lowest(highest: i64, such: impl Fn(i64) -> Result<bool>) -> Result<Option<i64>> {
    if !such(highest)? {
        return Ok(None);
    }
    let (mut low, mut high) = (0, highest);
    while low < high {
        let middle = low + (high - low) / 2;
        if such(middle)? { high = middle } else { low = middle + 1 }
    }
    Ok(Some(high))
}

fn holds(lines: &Lines, cell: &BaseCell) -> bool {
    lines.hold(&cell.key.payer, cell.key.code, cell.key.pos)
}

/// Which lever a bar of a tornado moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moved {
    /// Rates.
    Rate,
    /// The limit by the charge, which is taken away.
    LesserOf,
    /// Volumes.
    Volume,
    /// What is denied in the end.
    Denial,
    /// Medicare's conversion factor.
    Factor,
}

impl Moved {
    /// The word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::LesserOf => "lesser-of removed",
            Self::Volume => "volume",
            Self::Denial => "denials",
            Self::Factor => "conversion factor",
        }
    }
}

/// A lever moved alone, and what that does to the net.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornadoBar {
    /// Of which lines.
    pub of: Lines,
    /// Which lever.
    pub moved: Moved,
    /// By how many percent, down and up; of a limit taken away nothing.
    pub by: Option<Rate>,
    /// The change of net when it is moved down.
    pub down: Option<Money>,
    /// The change of net when it is moved up (or taken away).
    pub up: Money,
}

impl TornadoBar {
    /// The larger of the two effects, without its sign.
    #[must_use]
    pub fn size(&self) -> Money {
        self.up.abs().max(self.down.unwrap_or_default().abs())
    }
}

/// Moves each lever alone; the bars with an effect, largest first.
///
/// # Errors
/// When an amount does not fit.
pub fn tornado(base: &Base, given: &Given<'_>, asked: &Tornado) -> Result<Vec<TornadoBar>> {
    let before = base.sum(BaseCell::net);
    let sums: Vec<Sums> = base.cells.iter().map(|cell| cell.sums).collect();
    let spot = || Spot { file: "".into(), line: 0 };
    let net = |sums: &[Sums], volumes: &[VolumeLever], denials: &[DenialLever]| -> Result<Money> {
        Ok(apply(base, sums, volumes, denials)?.total().net - before)
    };
    let by = |percent: Rate, up: bool| {
        let part = percent / Decimal::ONE_HUNDRED;
        Decimal::ONE + if up { part } else { -part }
    };
    let mut bars = Vec::new();
    for of in groups(base, asked) {
        let rate = |to: RateTo, lesser_of: Option<bool>| -> Result<Money> {
            let lever = RateLever { lines: of.clone(), to, lesser_of, spot: spot() };
            net(&reprice(base, given, &[lever], None)?.sums, &[], &[])
        };
        let volume = |up: bool| {
            net(&sums, &[VolumeLever { lines: of.clone(), factor: by(asked.volume, up), spot: spot() }], &[])
        };
        let denial = |up: bool| {
            let to = DenialTo::Times(by(asked.denial, up));
            net(&sums, &[], &[DenialLever { lines: of.clone(), to, spot: spot() }])
        };
        let mut bar = |moved: Moved, by: Option<Rate>, down: Option<Money>, up: Money| {
            bars.push(TornadoBar { of: of.clone(), moved, by, down, up });
        };
        let rate_at = |up: bool| rate(RateTo::Times(by(asked.rate, up)), None);
        bar(Moved::Rate, Some(asked.rate), Some(rate_at(false)?), rate_at(true)?);
        bar(Moved::LesserOf, None, None, rate(RateTo::Kept, Some(false))?);
        bar(Moved::Volume, Some(asked.volume), Some(volume(false)?), volume(true)?);
        bar(Moved::Denial, Some(asked.denial), Some(denial(false)?), denial(true)?);
    }
    // Of all payers whatever lines are asked for: there is only one factor.
    let factor = |up: bool| -> Result<Money> {
        let value = FactorValue::Times(by(asked.factor, up));
        let other = OtherFactor { value, on: None, row: Row { file: "".into(), line: 0 } };
        net(&reprice(base, given, &[], Some(&other))?.sums, &[], &[])
    };
    bars.push(TornadoBar {
        of: Lines::default(),
        moved: Moved::Factor,
        by: Some(asked.factor),
        down: Some(factor(false)?),
        up: factor(true)?,
    });
    bars.retain(|bar| !bar.size().is_zero());
    bars.sort_by(|a, b| {
        let name = |bar: &TornadoBar| (bar.of.to_string(), bar.moved);
        b.size().cmp(&a.size()).then_with(|| name(a).cmp(&name(b)))
    });
    Ok(bars)
}

/// The lines of each bar.
fn groups(base: &Base, asked: &Tornado) -> Vec<Lines> {
    let mut groups: Vec<Lines> = Vec::new();
    for cell in base.cells.iter().filter(|cell| holds(&asked.lines, cell)) {
        let one = || vec![Codes::Range(cell.key.code, cell.key.code)];
        let payer = Some(cell.key.payer.clone());
        let group = match asked.by {
            TornadoBy::Payer => Lines { payer, ..asked.lines.clone() },
            TornadoBy::Code => Lines { codes: one(), ..asked.lines.clone() },
            TornadoBy::PayerCode => Lines { payer, codes: one(), pos: asked.lines.pos.clone() },
        };
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}
