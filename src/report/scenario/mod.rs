//! Scenarios as a page: what each comes to against today, what the change is made of, by payer and code; the grid, break-evens,
//! which lever matters most, the months to come, and the baseline that all of it rests on.

mod basis;
mod changes;
mod search;
mod words;

use self::words::{name, signed};
use crate::domain::Date;
use crate::report::model::{Chart, DataKind, Definition, Report, Section, Stat, Table};
use crate::report::words::{count, share};
use crate::scenario::{Ahead, Modelled, Played, Role};

/// Scenarios on top of the page.
const CARDS: usize = 3;

/// Everything that is shown of a model.
#[derive(Debug)]
pub struct ScenarioPage<'a> {
    /// The practice.
    pub title: &'a str,
    /// Where the claims come from.
    pub kind: DataKind,
    /// The day as of which claims are judged.
    pub as_of: Date,
    /// The answers.
    pub modelled: &'a Modelled,
    /// The same in the months to come.
    pub ahead: Option<&'a Ahead>,
}

impl ScenarioPage<'_> {
    /// The page.
    #[must_use]
    pub fn report(&self) -> Report {
        let base = &self.modelled.base;
        let period = base.period.to_string();
        let mut sections: Vec<Section> = Vec::new();
        if !self.modelled.scenarios.is_empty() {
            sections.push(self.changes());
            sections.push(self.amounts());
            sections.push(self.effects());
            sections.push(self.by_payer());
            sections.push(self.by_code());
            sections.push(self.effects_by_code());
        }
        sections.extend(self.modelled.grid.as_ref().map(|grid| self.grid(grid)));
        if !self.modelled.breakevens.is_empty() {
            sections.push(self.break_evens());
        }
        sections.extend(self.tornado());
        sections.extend(self.ahead.map(|ahead| self.ahead(ahead)));
        if !self.modelled.scenarios.is_empty() {
            sections.push(self.levers());
        }
        sections.push(self.baseline());
        let mut report = Report::of(self.title, &period, self.as_of, self.kind, sections);
        report.period_slug = format!("{}_{}", base.period.from(), base.period.last());
        report.finding = report.sections.first().map(|s| s.title.clone()).unwrap_or_default();
        report.headline = self.headline();
        report.definitions = definitions();
        report.notes = self.notes();
        report
    }

    fn headline(&self) -> Vec<Stat> {
        let before = self.modelled.baseline.total();
        let mut stats = vec![Stat {
            label: "Net today".to_owned(),
            value: before.net.pretty_dollars(),
            basis: format!(
                "{} expected less {} denied in the end, {}, services of {}",
                before.expected.pretty_dollars(),
                before.denied.pretty_dollars(),
                count(self.modelled.base.cells.iter().map(|c| c.lines).sum(), "line", "lines"),
                self.modelled.base.period
            ),
            accent: false,
        }];
        let lead = self.lead().map(|lead| lead.scenario.name.clone());
        for played in self.modelled.scenarios.iter().take(CARDS) {
            let change = self.modelled.change(played);
            stats.push(Stat {
                label: name(played),
                value: signed(change.net),
                basis: format!(
                    "net against today: expected {}, denied {}; payers' payments {}",
                    signed(change.expected),
                    signed(change.denied),
                    signed(change.cash)
                ),
                accent: lead.as_ref() == Some(&played.scenario.name),
            });
        }
        stats
    }

    /// The scenario that the page is about: the one asked for, else the first.
    fn lead(&self) -> Option<&Played> {
        self.modelled.of_role(Role::Ask).or_else(|| self.modelled.scenarios.first())
    }

    fn section(&self, id: &str, title: String, lead: &str, chart: Option<Chart>, table: Table) -> Section {
        Section { id: id.to_owned(), title, lead: lead.to_owned(), kind: self.kind, chart, table, notes: Vec::new() }
    }
    fn notes(&self) -> Vec<String> {
        let base = &self.modelled.base;
        let total = self.modelled.baseline.total();
        let mut notes = Vec::new();
        if self.kind == DataKind::Synthetic {
            notes.push("The claims of this page are synthetic: payers, patients and amounts are made up. The Medicare figures are published.".to_owned());
        }
        let pending = base.sum(|cell| cell.pending);
        if !pending.is_zero() {
            notes.push(format!(
                "{} of the baseline's expected amounts ({}) have no answer yet: their denials and payments are still to come.",
                share(pending, total.expected),
                pending.pretty_dollars()
            ));
        }
        if base.unpriced.lines > 0 {
            notes.push(format!(
                "{} in no sum, before or after, for want of a known price: charged {}, paid by payers {}.",
                count(base.unpriced.lines, "line stands", "lines stand"),
                base.unpriced.charge.pretty_dollars(),
                base.unpriced.paid.pretty_dollars()
            ));
        }
        notes.push(
            "Cash moves with net: each payer, code and place is paid the share of net that it was paid in the baseline, so patients' \
             shares, sequestration, underpayments and pending amounts stay what they are in proportion. What payers paid where nothing \
             was net (lines that are not payable, or denied in the end) stays paid."
                .to_owned(),
        );
        notes
    }
}

fn definitions() -> Vec<Definition> {
    let define = |term: &str, meaning: &str| Definition { term: term.to_owned(), meaning: meaning.to_owned() };
    vec![
        define(
            "Expected",
            "What should be allowed: the rates of the scenario (in the baseline the schedule or contract in force on the day of service), line by line, rounded once to cents.",
        ),
        define("Denied", "Expected of lines denied in the end, after all corrections; a scenario may set its share."),
        define("Net", "Expected less denied: what comes in from payers and patients when the rest is paid as agreed."),
        define(
            "Cash",
            "Paid by payers: in the baseline what they paid, in a scenario the same share of net; what was paid where nothing was net stays.",
        ),
        define(
            "Baseline",
            "The services of the period at today's terms: figures of the leakage report for the same days.",
        ),
        define("Walk-away", "What comes without an agreement: an offer below it is worth less than none."),
        define("Break-even", "The rate, or the share denied, at which net reaches a target."),
    ]
}
