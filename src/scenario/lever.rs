//! What can be changed: the content of a scenario file as data.

use std::fmt;
use std::sync::Arc;

use crate::domain::contract::{Codes, Pays, Spot};
use crate::domain::{Code, Date, Money, Period, Pos, Rate, YearRule};
use crate::price::OtherFactor;

/// A scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What the question is, for the page.
    pub title: Option<String>,
    /// The days of service of the baseline; `None`: the last twelve whole months of the data.
    pub period: Option<Period>,
    /// The scenarios, in the order of the file.
    pub scenarios: Vec<Scenario>,
    /// A grid of rates and denial rates.
    pub grid: Option<Grid>,
    /// Questions for the rate, or the denial rate, at which something is reached.
    pub breakevens: Vec<BreakEven>,
    /// How much each lever is moved to see which matters most; `None` where neither it nor a scenario was asked for.
    pub tornado: Option<Tornado>,
}

/// What a scenario is in a negotiation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// What is asked for.
    Ask,
    /// What would still be taken.
    Fallback,
    /// What comes without a contract: less than this is no deal.
    WalkAway,
}

impl Role {
    /// The words of scenario files.
    pub const WORDS: [(&'static str, Self); 3] =
        [("ask", Self::Ask), ("fallback", Self::Fallback), ("walk-away", Self::WalkAway)];

    /// The word of scenario files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(_, role)| *role == self).map_or("", |(word, _)| word)
    }
}

/// Changes that are made together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// What it is in a negotiation.
    pub role: Option<Role>,
    /// Changes of rates; for each line the first that holds for it counts.
    pub rates: Vec<RateLever>,
    /// Changes of volumes, likewise.
    pub volumes: Vec<VolumeLever>,
    /// Changes of denials, likewise.
    pub denials: Vec<DenialLever>,
    /// Another conversion factor of Medicare.
    pub factor: Option<FactorLever>,
}

/// Which lines a change is for. An empty list means "any".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lines {
    /// The payer's id.
    pub payer: Option<Arc<str>>,
    /// Codes.
    pub codes: Vec<Codes>,
    /// Places of service.
    pub pos: Vec<Pos>,
}

impl Lines {
    /// Whether a line is meant.
    #[must_use]
    pub fn hold(&self, payer: &str, code: Code, pos: Option<Pos>) -> bool {
        self.payer.as_deref().is_none_or(|wanted| wanted == payer)
            && (self.codes.is_empty() || self.codes.iter().any(|codes| codes.holds(code)))
            && (self.pos.is_empty() || pos.is_some_and(|pos| self.pos.contains(&pos)))
    }
}

/// `COM1 96372, 96374 at 11`; `all lines`.
impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |items: Vec<String>| items.join(", ");
        let mut words: Vec<String> = self.payer.iter().map(ToString::to_string).collect();
        if !self.codes.is_empty() {
            words.push(list(self.codes.iter().map(ToString::to_string).collect()));
        }
        if !self.pos.is_empty() {
            words.push(format!("at {}", list(self.pos.iter().map(ToString::to_string).collect())));
        }
        if words.is_empty() { f.write_str("all lines") } else { f.write_str(&words.join(" ")) }
    }
}

/// A change of rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLever {
    /// Of these lines.
    pub lines: Lines,
    /// To what.
    pub to: RateTo,
    /// Whether the charge limits what is paid; `None` leaves it as it is.
    pub lesser_of: Option<bool>,
    /// Where it stands.
    pub spot: Spot,
}

/// What a rate becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RateTo {
    /// As it is; only the limit by the charge changes.
    Kept,
    /// The present rate times this.
    Times(Rate),
    /// The present percentage of Medicare, of another year.
    Year(YearRule),
    /// Something else altogether: a carve-out, a percentage of Medicare, nothing.
    Pays(Pays),
}

/// A change of volumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeLever {
    /// Of these lines.
    pub lines: Lines,
    /// Their number times this.
    pub factor: Rate,
    /// Where it stands.
    pub spot: Spot,
}

/// A change of what is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenialLever {
    /// Of these lines.
    pub lines: Lines,
    /// To what.
    pub to: DenialTo,
    /// Where it stands.
    pub spot: Spot,
}

/// What denials become. All shares are factors (0.04 = 4 %) and count dollars that are expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenialTo {
    /// This share of the expected dollars is denied in the end.
    Final(Rate),
    /// What is denied in the end, times this.
    Times(Rate),
    /// Denied at the first answer, and how much of that is won back.
    First {
        /// The share of the expected dollars; `None`: as it is, times `times`.
        share: Option<Rate>,
        /// A factor on what is denied at first, where `share` is not given.
        times: Rate,
        /// The share of what is denied at first that is won back; `None`: as it is.
        overturn: Option<Rate>,
    },
}

/// Another conversion factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorLever {
    /// The first day on which it holds, where it is told. Medicare's relative values and localities are those of that day, where a
    /// schedule of it is known; drugs and contract terms stay those of the day of service.
    pub from: Option<Date>,
    /// What it is.
    pub factor: OtherFactor,
}

/// What the rows of a grid change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateAxis {
    /// Percent of Medicare, of this year.
    OfMedicare(YearRule),
    /// The present rate, by a percentage.
    Change,
}

/// Rates × denial rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Of these lines.
    pub lines: Lines,
    /// What the rates are.
    pub axis: RateAxis,
    /// Percentages: of Medicare (140), or of change (−5).
    pub rates: Vec<Rate>,
    /// Percentages of the expected dollars that are denied in the end; empty: as they are.
    pub denials: Vec<Rate>,
    /// Where it stands.
    pub spot: Spot,
}

/// What a break-even must reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The net of the same lines in the baseline.
    Baseline,
    /// The net of the same lines in a scenario (by its place in the file).
    Scenario(usize),
    /// So many dollars.
    Amount(Money),
}

/// A question for the rate at which a target is reached, or for the denial rate up to which it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakEven {
    /// Of these lines.
    pub lines: Lines,
    /// What is to be reached.
    pub target: Target,
    /// Whose percentages are asked for.
    pub year: YearRule,
    /// At this percentage of the expected dollars denied in the end: which rate? `None` with no `percent`: as it is.
    pub denial: Option<Rate>,
    /// At this percentage of Medicare: up to which denial rate?
    pub percent: Option<Rate>,
    /// Where it stands.
    pub spot: Spot,
}

/// What bars of a tornado are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TornadoBy {
    /// Each payer.
    Payer,
    /// Each code.
    Code,
    /// Each payer and code.
    PayerCode,
}

/// How far levers are moved to see which matters most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tornado {
    /// Only these lines.
    pub lines: Lines,
    /// By what the levers are told apart.
    pub by: TornadoBy,
    /// Percent of the present rates, down and up.
    pub rate: Rate,
    /// Percent of the present volumes.
    pub volume: Rate,
    /// Percent of what is denied in the end.
    pub denial: Rate,
    /// Percent of Medicare's conversion factor.
    pub factor: Rate,
}

impl Default for Tornado {
    /// Ten percent of everything, by payer.
    fn default() -> Self {
        let ten = Rate::TEN;
        Self { lines: Lines::default(), by: TornadoBy::Payer, rate: ten, volume: ten, denial: ten, factor: ten }
    }
}
