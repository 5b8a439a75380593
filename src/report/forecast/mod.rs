//! A forecast as pages: the answer first, then by month with fan charts, by group, by cause, what is known to change, how the last
//! closes came out, and what it all rests on. A terminal gets tables of few columns.
//!
//! ```text
//!  headline four tiles: expected, lost, paid, how often ranges held
//!  months   what comes by month of service, and cash by month of posting   ─ fan
//!  groups   by payer, state, place, family; by month
//!  scenario, bridge   differences: of assumptions, from the last forecast
//!  leakage  what will be denied or underpaid, by cause
//!  basis    rates, shares, lags, growth, season: what it rests on
//!  closes, tested     how earlier forecasts did
//!  recent   how complete recent months are
//!  notes    what changes the reading, and how figures are made
//!  screen   the terminal
//! ```

mod basis;
mod bridge;
mod cells;
mod closes;
mod fan;
mod groups;
mod headline;
mod leakage;
mod months;
mod notes;
mod recent;
mod scenario;
mod screen;
mod tested;
mod words;
mod yearly;

pub use yearly::{yearly_report, yearly_table};

use super::model::{DataKind, Report, Section};
use super::run::sources;
use crate::finding::Finding;
use crate::outlook::Measure;
use crate::outlook::{Backtest, Book, Bridges, MoneyTest, Outlook, PayerCash, Rates, RestsOn};
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
        let period = from.zip(to).map(|(from, to)| cells::span_of(*from, *to)).unwrap_or_default();
        let mut sections = vec![self.by_month(), self.cash_by_month()];
        sections.extend(self.between());
        if !outlook.by.is_empty() {
            sections.extend([self.by_group(), self.by_group_and_month()]);
        }
        sections.extend(self.scenario.map(|(other, words)| self.compared(other, words)));
        sections.extend(self.bridges.map(|b| self.bridge(b)));
        sections.extend([self.leakage(), self.known_rates()]);
        let tests = self.tests;
        sections.extend(tests.iter().flat_map(|(_, money)| self.closes(money)));
        // What it rests on: for those who ask.
        if outlook.knows(Measure::Cash) {
            sections.extend([self.recent(), self.recent_by_payer()]);
        }
        sections.extend(self.basis());
        sections.extend(tests.iter().flat_map(|(lines, money)| self.tested(lines, money)));
        sections.extend(self.scenario.iter().flat_map(|(other, words)| self.compared_in_parts(other, words)));
        sections.push(self.technical());
        let title = format!("{}: forecast", self.project.title);
        let mut report = Report::of(&title, &period, outlook.as_of, self.kind, sections);
        report.period_slug = from.zip(to).map(|(from, to)| format!("forecast_{from}_{to}")).unwrap_or_default();
        report.finding = self.answer();
        report.headline = self.headline();
        report.notes = self.important();
        report.definitions = words::definitions();
        report.sources = sources(self.reference);
        report.findings = self.findings.clone();
        report
    }

    /// The sentence on top: what payers will pay, or, where nothing tells of it, what services to come are worth.
    fn answer(&self) -> String {
        match self.outlook.knows(Measure::Cash) {
            true => self.paid(),
            false => format!("{}; cash is not known: {}", self.worth(), self.unknown(Measure::Cash)),
        }
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

    /// Why a measure is not known.
    fn unknown(&self, measure: Measure) -> &'static str {
        if self.outlook.knows(measure) {
            return "no line to come has a price";
        }
        match measure {
            Measure::Cash | Measure::CashOfServed | Measure::CashOfForecast | Measure::CashPosted => {
                "no payment is in the files"
            }
            _ => "no line with a price is answered in the files",
        }
    }

    /// A payer's name by its id.
    fn payer_name(&self, id: &str) -> String {
        self.book.payers.iter().find(|p| *p.id == *id).map_or_else(|| id.to_owned(), |p| p.name.clone())
    }
}
