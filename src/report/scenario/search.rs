//! The grid of rates and denials, break-evens, and which lever matters most.

use rust_decimal::Decimal;

use super::ScenarioPage;
use super::words::{capital, change_words, kept_notes, medicare, money, percent, percent_words, signed, text};
use crate::domain::Money;
use crate::domain::contract::Spot;
use crate::report::effects::{GridChart, TornadoChart, TornadoRow};
use crate::report::model::{Cell, Chart, Column, ColumnKind, Section, Table};
use crate::report::words::count;
use crate::scenario::{Amounts, Answer, BreakEvenResult, GridResult, Lines, Moved, RateAxis, Target, TornadoBar};

/// Bars of a tornado that the picture shows; the table has them all.
const BARS: usize = 14;

impl ScenarioPage<'_> {
    pub(super) fn grid(&self, result: &GridResult) -> Section {
        let before = self.modelled.baseline.total();
        let grid = &result.grid;
        let (row_axis, rate_name) = match grid.axis {
            RateAxis::OfMedicare(year) => (format!("Percent of {}", medicare(year)), "percent of Medicare"),
            RateAxis::Change => ("Change of today's rates".to_owned(), "change of rates in percent"),
        };
        let row_name = |rate: Decimal| match grid.axis {
            RateAxis::OfMedicare(_) => percent_words(rate),
            RateAxis::Change => change_words(Decimal::ONE + rate / Decimal::ONE_HUNDRED),
        };
        let denials: Vec<Option<Decimal>> =
            if grid.denials.is_empty() { vec![None] } else { grid.denials.iter().copied().map(Some).collect() };
        let mut rows = Vec::new();
        for (rate, cells) in grid.rates.iter().zip(&result.cells).filter(|_| result.matched > 0) {
            for (denial, amounts) in denials.iter().zip(cells) {
                rows.push(vec![
                    Cell::Number(*rate),
                    (*denial).into(),
                    (amounts.net - before.net).into(),
                    amounts.net.into(),
                    amounts.expected.into(),
                    amounts.denied.into(),
                    (amounts.cash - before.cash).into(),
                ]);
            }
        }
        let table = Table {
            columns: vec![
                percent("rate", &format!("Rate, {rate_name}")),
                percent("denial", "Denied in the end, %"),
                money("net_change", "Net, change"),
                money("net", "Net"),
                money("expected", "Expected"),
                money("denied", "Denied"),
                money("cash_change", "Cash, change"),
            ],
            rows,
            total: None,
        };
        let values: Vec<Vec<Option<Money>>> =
            result.cells.iter().map(|row| row.iter().map(|cell| Some(cell.net - before.net)).collect()).collect();
        let title = match result.matched {
            0 => format!("The grid holds for no priced line: {}", grid.lines),
            _ => grid_title(&grid.lines, &denials, &result.cells, before.net, |at| {
                let change = grid.axis == RateAxis::Change;
                let named = |rate: &Decimal| match (change, rate.is_zero()) {
                    (true, true) => "today's rates".to_owned(),
                    (true, false) => format!("a change of {}", row_name(*rate)),
                    (false, _) => row_name(*rate),
                };
                grid.rates.get(at).map(named).unwrap_or_default()
            }),
        };
        let columns = denials.iter().map(|d| d.map_or_else(|| "as it is".to_owned(), percent_words)).collect();
        let chart = Chart::Grid(GridChart {
            alt: format!(
                "Change of net by {rate_name} (rows) and percent of expected dollars denied in the end (columns), for {}. {title}.",
                grid.lines
            ),
            title: title.clone(),
            value_name: "Change of net against the baseline, dollars; blue is gained, orange is lost".to_owned(),
            row_axis,
            column_axis: "Denied in the end, percent of expected dollars".to_owned(),
            rows: grid.rates.iter().map(|rate| row_name(*rate)).collect(),
            columns,
            values,
        });
        let mut section = self.section(
            "grid",
            title,
            &format!(
                "{} of {} in every cell; everything else stays as it is.",
                count(result.matched, "line", "lines"),
                grid.lines
            ),
            Some(chart).filter(|_| result.matched > 0),
            table,
        );
        section.notes.extend(kept_notes(&result.kept));
        if result.matched == 0 {
            section.notes.push(no_priced_line("the grid", &grid.lines, &grid.spot));
        }
        section
    }

    pub(super) fn break_evens(&self) -> Section {
        let mut rows = Vec::new();
        let mut notes = Vec::new();
        for result in &self.modelled.breakevens {
            let asked = &result.asked;
            let target = match &asked.target {
                Target::Baseline => "baseline".to_owned(),
                Target::Amount(amount) => amount.pretty(),
                Target::Scenario(at) => {
                    self.modelled.scenarios.get(*at).map(|p| p.scenario.name.clone()).unwrap_or_default()
                }
            };
            let start = |question: String| -> Vec<Cell> {
                vec![asked.lines.to_string().into(), question.into(), target.as_str().into(), result.target.into()]
            };
            let mut answered = |question: String, answer: Answer, over: &str| {
                let mut row = start(question);
                match answer {
                    Answer::At(percent, net) => row.extend([Cell::Number(percent), net.into(), over.into()]),
                    Answer::Never(net) => row.extend([Cell::Empty, net.into(), "none reaches it".into()]),
                }
                rows.push(row);
            };
            if let Some(rate) = result.rate {
                let denial = asked.denial.map_or_else(
                    || "denials as they are".to_owned(),
                    |d| format!("{} denied", percent_words(d * Decimal::ONE_HUNDRED)),
                );
                let question = format!("lowest percent of {} at {denial}", medicare(asked.year));
                answered(question, rate, "or more");
            }
            if let Some((denial, percent)) = result.denial.zip(asked.percent) {
                let question = format!(
                    "highest percent denied in the end at {} of {}",
                    percent_words(percent),
                    medicare(asked.year)
                );
                answered(question, denial, "or less");
            }
            if result.matched == 0 {
                let mut row = start("no priced line".to_owned());
                row.extend([Cell::Empty, Cell::Empty, "no priced line".into()]);
                rows.push(row);
                notes.push(no_priced_line("a break-even", &asked.lines, &asked.spot));
            }
            notes.extend(kept_notes(&result.kept));
        }
        let table = Table {
            columns: vec![
                text("lines", "Lines"),
                text("question", "Question"),
                text("target", "Reaches"),
                money("target_net", "Net to reach"),
                Column::new("answer", "Answer, percent", ColumnKind::Number),
                money("net_there", "Net there"),
                text("note", ""),
            ],
            rows,
            total: None,
        };
        let title = self.modelled.breakevens.first().map_or_else(String::new, break_even_title);
        let mut section = self.section(
            "break-even",
            title,
            "Net of the lines that the question is about; found in steps of a hundredth of a percent, every step priced in full.",
            None,
            table,
        );
        section.notes = notes;
        section
    }

    pub(super) fn tornado(&self) -> Option<Section> {
        let (asked, bars) = &self.modelled.tornado;
        let first = bars.first()?;
        let base = &self.modelled.base;
        let of = |bar: &TornadoBar| -> String {
            let lines = Lines { payer: None, ..bar.of.clone() };
            let narrow = lines != Lines::default();
            match (&bar.of.payer, bar.moved) {
                (_, Moved::Factor) => "Medicare".to_owned(),
                (Some(payer), _) if narrow => format!("{} {lines}", base.name(payer)),
                (Some(payer), _) => base.name(payer).to_owned(),
                (None, _) => lines.to_string(),
            }
        };
        let by = |bar: &TornadoBar| bar.by.map_or_else(String::new, |by| format!("±{}", percent_words(by)));
        let rows = bars.iter().map(|bar| {
            vec![
                of(bar).into(),
                bar.moved.as_str().into(),
                bar.by.into(),
                bar.down.into(),
                bar.up.into(),
                bar.size().into(),
            ]
        });
        let table = Table {
            columns: vec![
                text("lines", "Of"),
                text("lever", "Lever"),
                percent("by", "Moved by, ±%"),
                money("down", "Net, moved down"),
                money("up", "Net, moved up or taken away"),
                money("size", "Largest effect"),
            ],
            rows: rows.collect(),
            total: None,
        };
        let label = |bar: &TornadoBar| match bar.moved {
            Moved::Factor => "Medicare's conversion factor".to_owned(),
            _ => format!("{}: {}", of(bar), bar.moved.as_str()),
        };
        let moved = first.by.map_or_else(|| "taken away".to_owned(), |by| format!("moved by {}", percent_words(by)));
        let title = format!(
            "What matters most is {}: {moved}, it changes net by {}",
            lever_words(first, &of(first)),
            first.size().pretty_dollars()
        );
        let shown: Vec<TornadoRow> = bars
            .iter()
            .take(BARS)
            .enumerate()
            .map(|(at, bar)| TornadoRow { label: label(bar), by: by(bar), down: bar.down, up: bar.up, accent: at == 0 })
            .collect();
        let told: Vec<String> = shown.iter().take(5).map(|row| format!("{} {}", row.label, signed(row.up))).collect();
        let chart = Chart::Tornado(TornadoChart {
            title: title.clone(),
            alt: format!("Each lever moved alone, largest effect first. Moved up: {}.", told.join(", ")),
            value_axis: "Change of net against the baseline, dollars".to_owned(),
            bars: shown,
        });
        let mut section = self.section(
            "tornado",
            title,
            "Each lever moved alone, down and up by what the row says, everything else as it is; levers without an effect are left out.",
            Some(chart),
            table,
        );
        if bars.len() > BARS {
            section
                .notes
                .push(format!("The picture shows the largest {BARS} of {}; the table has them all.", bars.len()));
        }
        if asked.lines != Lines::default() {
            section.notes.push(format!("Only {}; the conversion factor moves all lines that follow it.", asked.lines));
        }
        Some(section)
    }
}

/// Said of a question about lines that stand in no sum.
fn no_priced_line(what: &str, lines: &Lines, spot: &Spot) -> String {
    let what = capital(what);
    format!(
        "{what} holds for no priced line: {lines} ({spot}); lines without a known price stand in no sum, so there is nothing to answer."
    )
}

/// `the rate of Larkspur PPO`.
fn lever_words(bar: &TornadoBar, of: &str) -> String {
    match bar.moved {
        Moved::Rate => format!("the rate of {of}"),
        Moved::LesserOf => format!("the limit by the charge of {of}"),
        Moved::Volume => format!("the volume of {of}"),
        Moved::Denial => format!("the denials of {of}"),
        Moved::Factor => "Medicare's conversion factor".to_owned(),
    }
}

/// From which row on a grid gains, at the first and the last column.
fn grid_title(
    lines: &Lines,
    denials: &[Option<Decimal>],
    cells: &[Vec<Amounts>],
    before: Money,
    row_name: impl Fn(usize) -> String,
) -> String {
    let gains = |column: usize| cells.iter().position(|row| row.get(column).is_some_and(|cell| cell.net >= before));
    let at = |column: usize| denials.get(column).copied().flatten();
    let words = |column: usize| match (gains(column), at(column)) {
        (Some(row), Some(denial)) => format!("from {} on at {} denied", row_name(row), percent_words(denial)),
        (Some(row), None) => format!("from {} on", row_name(row)),
        (None, Some(denial)) => format!("at no rate shown at {} denied", percent_words(denial)),
        (None, None) => "at no rate shown".to_owned(),
    };
    let last = denials.len().saturating_sub(1);
    let rest = if last > 0 { format!(", {}", words(last)) } else { String::new() };
    format!("{lines}: as much as today {}{rest}", words(0))
}

fn break_even_title(result: &BreakEvenResult) -> String {
    let asked = &result.asked;
    if result.matched == 0 {
        return format!("The break-even holds for no priced line: {}", asked.lines);
    }
    let goal = match asked.target {
        Target::Baseline => "today's net".to_owned(),
        _ => format!("{} net", result.target.pretty_dollars()),
    };
    match (result.rate, result.denial) {
        (Some(Answer::At(percent, _)), _) => {
            let denial = asked.denial.map_or_else(
                || "at today's denials".to_owned(),
                |d| format!("with {} denied", percent_words(d * Decimal::ONE_HUNDRED)),
            );
            format!("{} of {} brings {goal} {denial}", percent_words(percent), medicare(asked.year))
        }
        (None, Some(Answer::At(percent, _))) => {
            let at = asked.percent.map(percent_words).unwrap_or_default();
            format!(
                "At {at} of {} up to {} may be denied before {goal} is lost",
                medicare(asked.year),
                percent_words(percent)
            )
        }
        _ => format!("Nothing that was tried brings {goal}"),
    }
}
