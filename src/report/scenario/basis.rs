//! What the scenarios rest on: the months to come, the levers that were moved, the baseline.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::ScenarioPage;
use super::words::{change_words, denial_words, factor_words, money, percent_words, rate_words, signed, text};
use crate::domain::Money;
use crate::report::model::{Cell, Column, ColumnKind, DataKind, Section, Table};
use crate::report::words::count;
use crate::scenario::{Ahead, BaseCell, DenialLever, DenialTo, Lines, Lost, LostOfFirst};

impl ScenarioPage<'_> {
    pub(super) fn ahead(&self, ahead: &Ahead) -> Section {
        let estimate = |name: &str, header: &str| Column::new(name, header, ColumnKind::Estimate);
        let cell = |amount: Money| Cell::Number(amount.dollars());
        let rows = ahead.rows.iter().map(|row| {
            vec![
                row.scenario.as_str().into(),
                row.measure.as_str().into(),
                cell(row.baseline),
                cell(row.mean),
                cell(row.change),
                cell(row.range.0),
                cell(row.range.1),
            ]
        });
        let months = ahead.months.first().zip(ahead.months.last());
        let span = months.map_or_else(String::new, |(from, to)| format!("{from} to {to}"));
        let table = Table {
            columns: vec![
                text("scenario", "Scenario"),
                text("measure", "Measure"),
                estimate("baseline", "Without it"),
                estimate("with", "With it"),
                estimate("change", "Change"),
                estimate("change_low", "Change, low (80%)"),
                estimate("change_high", "Change, high (80%)"),
            ],
            rows: rows.collect(),
            total: None,
        };
        let lead = self.lead().map(|lead| lead.scenario.name.clone()).unwrap_or_default();
        let net = ahead.rows.iter().find(|r| r.scenario == lead && r.measure == crate::outlook::Measure::Net);
        let title = net.map_or_else(
            || format!("The scenarios in {span}"),
            |row| {
                format!(
                    "In {span} \"{lead}\" would change net by {} ({} to {} in four of five futures)",
                    signed(row.change),
                    signed(row.range.0),
                    signed(row.range.1)
                )
            },
        );
        let mut section = self.section(
            "months-to-come",
            title,
            "The same scenarios on the forecast of the practice: estimates, where all else on this page is counted.",
            None,
            table,
        );
        section.kind = if self.kind == DataKind::Synthetic { self.kind } else { DataKind::Estimated };
        section.notes.clone_from(&ahead.notes);
        section
    }

    pub(super) fn levers(&self) -> Section {
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for played in &self.modelled.scenarios {
            let scenario = &played.scenario;
            let mut row = |what: &str, of: &Lines, to: String, at: String| {
                let of = of.to_string();
                rows.push(vec![scenario.name.as_str().into(), what.into(), of.into(), to.into(), at.into()]);
            };
            for lever in &scenario.rates {
                row("rate", &lever.lines, rate_words(&lever.to, lever.lesser_of), lever.spot.to_string());
            }
            for lever in &scenario.volumes {
                row("volume", &lever.lines, change_words(lever.factor), lever.spot.to_string());
            }
            for lever in &scenario.denials {
                let to = format!("{}{}", denial_words(lever.to), self.won_words(lever));
                row("denials", &lever.lines, to, lever.spot.to_string());
            }
            if let Some(lever) = &scenario.factor {
                let to = factor_words(lever, played.schedule_of);
                row("conversion factor", &Lines::default(), to, lever.factor.row.to_string());
            }
            if scenario.rates.is_empty()
                && scenario.volumes.is_empty()
                && scenario.denials.is_empty()
                && scenario.factor.is_none()
            {
                row("nothing", &Lines::default(), "no change".to_owned(), String::new());
            }
        }
        let columns = vec![
            text("scenario", "Scenario"),
            text("what", "What"),
            text("lines", "Of"),
            text("to", "Changed to"),
            text("at", "Stands at"),
        ];
        self.section(
            "changes",
            "What each scenario changes".to_owned(),
            "For each line the first change of a kind that holds for it counts.",
            None,
            Table { columns, rows, total: None },
        )
    }

    /// What is won back of denials, where a change of the first ones leaves it as it is: the payer's own share, or all payers'.
    fn won_words(&self, lever: &DenialLever) -> String {
        let DenialTo::First { share: Some(_), overturn: None, .. } = lever.to else { return String::new() };
        let base = &self.modelled.base;
        let lost = LostOfFirst::new(base);
        let held = base.cells.iter().filter(|c| lever.lines.hold(&c.key.payer, c.key.code, c.key.pos));
        let of: BTreeMap<&str, Lost> = held.map(|cell| (&*cell.key.payer, lost.of(&cell.key.payer))).collect();
        let percent = |lost: &Lost| lost.won_percent().map(percent_words);
        let own: BTreeSet<Decimal> = of.values().filter(|l| !l.is_pooled).filter_map(Lost::won_percent).collect();
        let own = match (own.first(), own.last()) {
            (Some(low), Some(high)) if low == high => Some(percent_words(*low)),
            (Some(low), Some(high)) => {
                Some(format!("each payer's own share, {} to {}", percent_words(*low), percent_words(*high)))
            }
            _ => None,
        };
        let pooled = of.values().find(|lost| lost.is_pooled).map(|lost| {
            percent(lost).map_or_else(
                || "nothing, because nothing was denied at first".to_owned(),
                |all| format!("{all}, the share of all payers, where a payer denied nothing at first"),
            )
        });
        let parts: Vec<String> = own.into_iter().chain(pooled).collect();
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
    }

    pub(super) fn baseline(&self) -> Section {
        let base = &self.modelled.base;
        let mut groups: BTreeMap<_, (i64, [Money; 6])> = BTreeMap::new();
        let amounts = |cell: &BaseCell| {
            [cell.sums.expected, cell.sums.denied, cell.net(), cell.paid, cell.pending, cell.benchmark]
        };
        for cell in &base.cells {
            let group = groups.entry((cell.key.payer.clone(), cell.key.code)).or_default();
            group.0 += cell.lines;
            for (sum, amount) in group.1.iter_mut().zip(amounts(cell)) {
                *sum += amount;
            }
        }
        let row = |names: [Cell; 2], lines: i64, amounts: [Money; 6]| -> Vec<Cell> {
            names.into_iter().chain([lines.into()]).chain(amounts.map(Cell::Money)).collect()
        };
        let rows = groups.iter().map(|((payer, code), (lines, sums))| {
            row([base.name(payer).into(), code.to_string().into()], *lines, *sums)
        });
        let mut all = (0, [Money::ZERO; 6]);
        for cell in &base.cells {
            all.0 += cell.lines;
            for (sum, amount) in all.1.iter_mut().zip(amounts(cell)) {
                *sum += amount;
            }
        }
        let table = Table {
            columns: vec![
                text("payer", "Payer"),
                text("code", "Code"),
                Column::new("lines", "Lines", ColumnKind::Count),
                money("expected", "Expected"),
                money("denied", "Denied"),
                money("net", "Net"),
                money("cash", "Cash"),
                money("pending", "Pending"),
                money("benchmark", "Observed or estimated"),
            ],
            rows: rows.collect(),
            total: Some(row(["All".into(), Cell::Empty], all.0, all.1)),
        };
        let mut section = self.section(
            "baseline",
            format!("The baseline: {} of {}", count(all.0, "line", "lines"), base.period),
            "What the same lines come to in the leakage report: expected, denied in the end, and paid by payers (cash).",
            None,
            table,
        );
        section.notes.push(
            "Pending: expected amounts without an answer; they count as net. Observed or estimated: expected amounts that rest on a \
             benchmark and not on a contract or published schedule."
                .to_owned(),
        );
        section
    }
}
