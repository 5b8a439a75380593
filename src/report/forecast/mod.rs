//! A forecast as pages: by month with fan charts, by group, by cause, what it rests on, how complete recent months are, how right
//! earlier forecasts were, scenarios, and bridges from the last one.
//!
//! ```text
//!  months   what comes by month of service, and cash by month of posting   ─ fan
//!  groups   by payer, state, place, family; by month; in single futures
//!  leakage  what will be denied or underpaid, by cause
//!  scenario, bridge   differences: of assumptions, from the last forecast
//!  basis    rates, shares, lags, growth, season: what it rests on
//!  recent   how complete recent months are
//!  tested, closes     how earlier forecasts did
//! ```

mod basis;
mod bridge;
mod cells;
mod closes;
mod fan;
mod groups;
mod leakage;
mod months;
mod recent;
mod scenario;
mod tested;
mod words;
mod yearly;

pub use yearly::yearly_report;

use rust_decimal::{Decimal, RoundingStrategy};

use self::cells::{more, pretty};
use super::model::{DataKind, Report, Section, Stat};
use super::run::sources;
use crate::finding::Finding;
use crate::outlook::{Backtest, Book, Bridges, Measure, MoneyTest, Outlook, PayerCash, Rates, RestsOn};
use crate::project::Project;
use crate::reference::Reference;

/// Everything that is shown of a forecast.
#[derive(Debug)]
pub struct ForecastPage<'a> {
    /// The practice: its title, its payers with their terms, its dated events.
    pub project: &'a Project,
    /// The schedules used.
    pub reference: &'a Reference,
    /// Where the figures come from.
    pub kind: DataKind,
    /// What is wrong with the inputs.
    pub findings: Vec<Finding>,
    /// The practice as known on the day.
    pub book: &'a Book,
    /// Known future rates.
    pub rates: &'a Rates,
    /// Run-out and lag by payer.
    pub cash: &'a [PayerCash],
    /// Growth, season, and how long payers take to answer.
    pub rests_on: &'a RestsOn,
    /// The forecast.
    pub outlook: &'a Outlook,
    /// The level of the printed ranges: 50, 80 or 95.
    pub level: u8,
    /// How earlier forecasts did, of lines and of money; `None` when it was not asked.
    pub tests: Option<(&'a Backtest, &'a MoneyTest)>,
    /// Another set of assumptions under the same luck, and what they are.
    pub scenario: Option<(&'a Outlook, &'a str)>,
    /// From a kept forecast to what came and to this one.
    pub bridges: Option<&'a Bridges>,
}

impl ForecastPage<'_> {
    /// The page.
    #[must_use]
    pub fn report(&self) -> Report {
        let outlook = self.outlook;
        let (from, to) = (outlook.months.first(), outlook.months.last());
        let period = from.zip(to).map(|(from, to)| format!("{from} to {to}")).unwrap_or_default();
        // What was asked for stands first: the terminal shows the first tables only.
        let mut sections = vec![self.by_month(), self.cash_by_month()];
        sections.extend((!outlook.by.is_empty()).then(|| self.by_group()));
        sections.extend(self.scenario.map(|(other, words)| self.compared(other, words)));
        sections.extend(self.bridges.map(|b| self.bridge(b)));
        sections.extend(self.scenario.iter().flat_map(|(other, words)| self.compared_in_parts(other, words)));
        if !outlook.by.is_empty() {
            sections.push(self.by_group_and_month());
            sections.extend(outlook.knows(Measure::Net).then(|| self.futures()));
        }
        sections.push(self.leakage());
        if outlook.knows(Measure::Cash) {
            sections.extend([self.recent(), self.recent_by_payer()]);
        }
        if let Some((lines, money)) = self.tests {
            sections.extend(self.closes(money));
            sections.extend(self.tested(lines, money));
        }
        sections.extend(self.basis());
        let title = format!("{}: forecast", self.project.title);
        let mut report = Report::of(&title, &period, outlook.as_of, self.kind, sections);
        report.period_slug = from.zip(to).map(|(from, to)| format!("forecast_{from}_{to}")).unwrap_or_default();
        report.finding = report.sections.first().map(|s| s.title.clone()).unwrap_or_default();
        report.headline = self.headline();
        report.notes = self.notes();
        report.definitions = words::definitions();
        report.sources = sources(self.reference);
        report.findings = self.findings.clone();
        report
    }

    /// How many of the first sections a terminal shows: what comes, and what was asked for.
    #[must_use]
    pub fn asked(&self) -> usize {
        let others = [!self.outlook.by.is_empty(), self.scenario.is_some(), self.bridges.is_some()];
        2 + others.into_iter().filter(|asked| *asked).count()
    }

    fn section(&self, id: &str, title: String, lead: impl Into<String>) -> Section {
        Section {
            id: id.to_owned(),
            title,
            lead: lead.into(),
            kind: self.kind,
            chart: None,
            table: super::model::Table::default(),
            notes: Vec::new(),
        }
    }

    fn headline(&self) -> Vec<Stat> {
        let months = self.outlook.months.len();
        let stat = |label: &str, measure: Measure, what: &str, accent| {
            let Some(band) = self.outlook.known_sum(measure) else {
                let basis = self.unknown(measure).to_owned();
                return Stat { label: label.to_owned(), value: "not known".to_owned(), basis, accent };
            };
            let (low, high) = band.range(self.level);
            let basis = format!(
                "{} to {} in {}% of the drawn futures; {months} months {what}",
                pretty(low),
                pretty(high),
                self.level
            );
            Stat { label: label.to_owned(), value: pretty(band.mean), basis, accent }
        };
        let mut stats = vec![
            stat("Expected", Measure::Expected, "of service", false),
            stat("Allowed after denials", Measure::Net, "of service", false),
            stat("Cash from payers", Measure::Cash, "of posting", true),
        ];
        let quiet =
            |label: &str, value: String, basis: String| Stat { label: label.to_owned(), value, basis, accent: false };
        if let Some((other, words)) = self.scenario {
            let (measure, name) = match self.outlook.knows(Measure::Cash) {
                true => (Measure::Cash, "cash"),
                false => (Measure::Expected, "expected"),
            };
            let delta = other.total.sum(measure).mean - self.outlook.total.sum(measure).mean;
            stats.push(quiet("Scenario", more(delta), format!("{name} with {words}, under the same luck")));
        }
        if let Some(bridge) = self.bridges.and_then(crate::outlook::Bridges::together) {
            let basis = format!(
                "cash than the forecast of {} had, {} to {}",
                self.outlook_kept(),
                bridge.months.0,
                bridge.months.1
            );
            stats.push(quiet("Since the last forecast", more((bridge.to.1 - bridge.from.1).cents()), basis));
        }
        if let Some((_, money)) = self.tests {
            let last = closes::last(money, Measure::Cash);
            if !last.is_empty() {
                let held = last.iter().filter(|c| c.held()).count();
                let basis = "closes in which the 80% range of cash, made the month before, held".to_owned();
                stats.push(quiet("Last closes held", format!("{held} of {}", last.len()), basis));
            }
        }
        stats
    }

    /// Why a measure is not known.
    fn unknown(&self, measure: Measure) -> &'static str {
        match measure {
            Measure::Cash | Measure::CashOfServed | Measure::CashOfForecast | Measure::CashPosted => {
                "no payment is in the files"
            }
            _ => "no line with a price is answered in the files",
        }
    }

    fn outlook_kept(&self) -> String {
        self.bridges.map(|b| b.kept.to_string()).unwrap_or_default()
    }

    /// What holds for all sections; what concerns one stands there.
    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            format!("Known as of {}: services after that day and answers posted after it were cut away first.", self.outlook.as_of),
            "When a claim was billed the files do not tell: services that were not billed yet on that day are not known to be missing.".to_owned(),
            "Every total is the sum of its parts to the cent, in every table and file. Ranges are quantiles of the drawn futures: those of a total are of the summed futures, and never the sum of its parts' ranges.".to_owned(),
        ];
        notes.extend(self.book.notes.iter().cloned());
        notes.extend(self.outlook.notes.iter().cloned());
        if self.outlook.unpriced > 0 {
            notes.push(format!(
                "{} of the lines to come have no price: they stand in no expected amount, and in cash with what such lines were paid.",
                Decimal::new(self.outlook.unpriced, 2).round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
            ));
        }
        if self.tests.is_none() {
            notes.push("Earlier forecasts were not tested (--no-backtest): ranges are those of the models alone, which tend to be too narrow.".to_owned());
        }
        notes
    }

    /// A payer's name by its id.
    fn payer_name(&self, id: &str) -> String {
        self.book.payers.iter().find(|p| *p.id == *id).map_or_else(|| id.to_owned(), |p| p.name.clone())
    }
}
