//! The last closes: each month as it was forecast at the end of the month before, and what came.

use super::ForecastPage;
use super::cells::{dollars, estimate, first_day, measure_name, month_cell, span_of, text};
use crate::outlook::{Close, Measure, MoneyTest};
use crate::report::estimates::{FanBand, FanChart, ValueUnit};
use crate::report::model::{Cell, Chart, Column, ColumnKind, Section, Table};

/// How many closes are looked back on.
const LAST: usize = 12;

/// The last closes of a measure, in order.
pub(super) fn last(money: &MoneyTest, measure: Measure) -> Vec<&Close> {
    let mut closes: Vec<&Close> = money.closes.iter().filter(|c| c.measure == measure).collect();
    closes.sort_by_key(|c| c.month);
    closes.split_off(closes.len().saturating_sub(LAST))
}

impl ForecastPage<'_> {
    /// Cash, then expected amounts; said when there is no month that could have been forecast.
    pub(super) fn closes(&self, money: &MoneyTest) -> Vec<Section> {
        let sections: Vec<Section> =
            [Measure::Cash, Measure::Expected].into_iter().filter_map(|m| self.closes_of(money, m)).collect();
        if !sections.is_empty() {
            return sections;
        }
        vec![self.section(
            "closes",
            "No close could be forecast from what was known then".to_owned(),
            "A forecast is looked back on from the fourteenth month of history: it needs a year and a month before it.",
        )]
    }

    fn closes_of(&self, money: &MoneyTest, measure: Measure) -> Option<Section> {
        // Without a price nothing was forecast: nothing compared with nothing holds.
        self.all(measure)?;
        let closes = last(money, measure);
        let (from, to) = (closes.first()?.month, closes.last()?.month);
        let held = closes.iter().filter(|c| c.held()).count();
        let name = if measure == Measure::Cash { "cash" } else { "expected amounts" };
        let title = match closes.len() {
            1 => format!(
                "Of the last close, the 80% range of {name} {}",
                if held == 1 { "held" } else { "did not hold" }
            ),
            n => format!("The 80% range of {name} held in {held} of the last {n} closes"),
        };
        let row = |c: &&Close| {
            vec![
                month_cell(c.month),
                dollars(c.mean.cents()),
                dollars(c.range.0.cents()),
                dollars(c.range.1.cents()),
                Cell::Money(c.actual),
                Cell::Money(c.actual - c.mean),
                Cell::from(if c.held() { "held" } else { "missed" }),
            ]
        };
        // Every month of the axis, also one between them that could not be forecast.
        let axis: Vec<_> = (0..=to.since(from)).map(|n| from.plus(n)).collect();
        let at = |of: &dyn Fn(&Close) -> crate::domain::Money| {
            let value = |m: &crate::forecast::Month| closes.iter().find(|c| c.month == *m).map(|c| of(c).dollars());
            axis.iter().map(value).collect::<Vec<_>>()
        };
        let chart = FanChart {
            title: title.clone(),
            alt: format!(
                "{title}. For each month a forecast made at the end of the month before with its 80 percent range, and a dot where it came out."
            ),
            value_axis: format!("{} by month, dollars", measure_name(measure)),
            months: axis.iter().filter_map(|m| first_day(*m)).collect(),
            history: Vec::new(),
            completed: Vec::new(),
            middle: at(&|c| c.mean),
            bands: vec![FanBand { level: 80, low: at(&|c| c.range.0), high: at(&|c| c.range.1) }],
            actual: at(&|c| c.actual),
            events: Vec::new(),
            // Each month is a forecast of its own: none of them begins one.
            forecast_from: first_day(from.plus(-12))?,
            unit: ValueUnit::Dollars,
        };
        let mut notes = vec![
            "Rates of a month were taken as known at the end of the month before, also where their schedule was published later; and services from their day on, also where they were billed later.".to_owned(),
        ];
        let between = &self.outlook.between_months;
        if let (Measure::Cash, Some(first), Some(last)) = (measure, between.first(), between.last()) {
            notes.push(format!(
                "{} {} no close: the postings are known, but cash that was forecast for services of {} cannot be told in them, because these services are in no file.",
                span_of(*first, *last),
                if first == last { "is" } else { "are" },
                if first == last { "that month" } else { "these months" }
            ));
        }
        if closes.len() < LAST {
            notes.push(format!(
                "{} of the last {LAST} months could be forecast: the others have no year and a month of history before them, or their books were not whole.",
                closes.len()
            ));
        }
        Some(Section {
            chart: Some(Chart::Fan(chart)),
            table: Table {
                columns: vec![
                    text("month", "Month"),
                    estimate("forecast", "Forecast the month before"),
                    estimate("low", "Low (80%)"),
                    estimate("high", "High (80%)"),
                    Column::new("actual", "Came", ColumnKind::Money),
                    Column::new("off", "Came more (−: less)", ColumnKind::Money),
                    text("held", "Range"),
                ],
                rows: closes.iter().map(row).collect(),
                total: Some(vec![
                    Cell::from("All"),
                    dollars(closes.iter().map(|c| c.mean.cents()).sum()),
                    Cell::Empty,
                    Cell::Empty,
                    Cell::Money(closes.iter().map(|c| c.actual).sum()),
                    Cell::Money(closes.iter().map(|c| c.actual - c.mean).sum()),
                    Cell::from(format!("{held} of {} held", closes.len())),
                ]),
            },
            notes,
            ..self.section(
                if measure == Measure::Cash { "closes-cash" } else { "closes-expected" },
                title,
                "Each month as it was forecast at the end of the month before, by books made anew from what was known then. An 80% range misses one month in five.",
            )
        })
    }
}
