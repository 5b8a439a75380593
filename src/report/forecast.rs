//! A forecast as pages: by month with fan charts, by group, by cause, how complete recent months are, how right earlier forecasts
//! were, and bridges from the last one.

use rust_decimal::prelude::FromPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::estimates::{FanBand, FanChart, HorizonChart, HorizonLine, LineWeight, ValueUnit};
use super::model::{Cell, Chart, Column, ColumnKind, DataKind, Report, Section, Stat, Step, Table, Waterfall};
use crate::domain::{Date, Money};
use crate::forecast::Month;
use crate::forecast::runout::Method;
use crate::outlook::{
    Backtest, Band, Book, Bridge, Close, Dim, GroupOutlook, LEVELS, Measure, Outlook, PayerCash, Rates, Yearly,
};

/// Everything that is shown of a forecast.
#[derive(Debug)]
pub struct ForecastPage<'a> {
    /// The practice.
    pub title: &'a str,
    /// Where the figures come from.
    pub kind: DataKind,
    /// The practice as known on the day.
    pub book: &'a Book,
    /// Known future rates.
    pub rates: &'a Rates,
    /// Run-out and lag by payer.
    pub cash: &'a [PayerCash],
    /// The forecast.
    pub outlook: &'a Outlook,
    /// The level of the printed ranges: 50, 80 or 95.
    pub level: u8,
    /// How earlier forecasts did; `None` when it was not asked.
    pub backtest: Option<&'a Backtest>,
    /// The last closes.
    pub closes: &'a [Close],
    /// Another set of assumptions under the same luck, and what they are.
    pub scenario: Option<(&'a Outlook, &'a str)>,
    /// Bridges with their names: from the last forecast to this one, or to what came.
    pub bridges: &'a [(String, Bridge)],
    /// Dated events of the project.
    pub events: &'a [(Date, String)],
}

/// Cents as dollars that a model gives.
fn dollars(cents: i64) -> Cell {
    Cell::Number(Decimal::new(cents, 2))
}

fn percent(share: f64) -> Cell {
    Decimal::from_f64(share * 100.0).map_or(Cell::Empty, |p| Cell::Number(tenth(p)))
}

fn tenth(number: Decimal) -> Decimal {
    number.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero).normalize()
}

fn number(value: Option<f64>) -> Cell {
    let rounded = |d: Decimal| d.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize();
    value.and_then(Decimal::from_f64).map_or(Cell::Empty, |d| Cell::Number(rounded(d)))
}

fn first_day(month: Month) -> Option<Date> {
    month.days().next()
}

fn month_cell(month: Month) -> Cell {
    Cell::Text(month.to_string())
}

fn pretty(cents: i64) -> String {
    Money::from_cents(cents).pretty_dollars()
}

fn text(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Text)
}

fn estimate(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Estimate)
}

fn count(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::EstimatedCount)
}

fn share(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Percent)
}

/// The columns of a forecast: what a month, or a group, has.
fn columns(level: u8) -> Vec<Column> {
    let range = |name: &str, header: &str| {
        [
            estimate(&format!("{name}_low"), &format!("{header}, low ({level}%)")),
            estimate(&format!("{name}_high"), &format!("{header}, high ({level}%)")),
        ]
    };
    let mut columns = vec![count("lines", "Lines"), estimate("expected", "Expected")];
    columns.extend(range("expected", "Expected"));
    columns.extend([
        estimate("denied", "Denied"),
        estimate("underpaid", "Underpaid"),
        estimate("overpaid", "Overpaid"),
        estimate("off_benchmark", "Off benchmark"),
        estimate("net", "Allowed"),
    ]);
    columns.extend(range("net", "Allowed"));
    columns.push(estimate("cash", "Cash"));
    columns.extend(range("cash", "Cash"));
    columns
}

/// The cells under [`columns`]; `of` gives the band of a measure.
fn cells(of: impl Fn(Measure) -> Band, level: u8) -> Vec<Cell> {
    let mut row = Vec::new();
    for measure in Measure::ALL {
        let band = of(measure);
        row.push(dollars(band.mean));
        if matches!(measure, Measure::Expected | Measure::Net | Measure::Cash) {
            let (low, high) = band.range(level);
            row.extend([dollars(low), dollars(high)]);
        }
    }
    row
}

impl ForecastPage<'_> {
    /// The page.
    #[must_use]
    pub fn report(&self) -> Report {
        let outlook = self.outlook;
        let (from, to) = (outlook.months.first(), outlook.months.last());
        let period = match from.zip(to) {
            Some((from, to)) => format!("{from} to {to}"),
            None => String::new(),
        };
        let mut sections = vec![self.by_month(Measure::Expected), self.by_month(Measure::Cash)];
        if !outlook.by.is_empty() {
            sections.push(self.by_group());
            sections.push(self.coherent());
        }
        sections.push(self.causes());
        sections.push(self.shares());
        sections.push(self.run_out());
        sections.extend(super::rests_on::sections(self.book, self.outlook, self.kind));
        sections.extend(self.backtest.map(|b| self.tested(b)));
        sections.extend(self.backtest.map(|b| self.tested_groups(b)));
        if !self.closes.is_empty() {
            sections.push(self.closed());
        }
        sections.extend(self.scenario.map(|(other, words)| self.compared(other, words)));
        sections.extend((1..).zip(self.bridges).map(|(n, (name, bridge))| self.bridge(n, name, bridge)));
        let title = format!("{}: forecast", self.title);
        let mut report = Report::of(&title, &period, outlook.as_of, self.kind, sections);
        report.period_slug = from.zip(to).map(|(from, to)| format!("forecast_{from}_{to}")).unwrap_or_default();
        report.finding = report.sections.first().map(|s| s.title.clone()).unwrap_or_default();
        report.headline = self.headline();
        report.notes = self.notes();
        report
    }

    fn headline(&self) -> Vec<Stat> {
        let stat = |label: &str, measure: Measure, accent| {
            let band = self.outlook.total.sum(measure);
            let (low, high) = band.range(self.level);
            Stat {
                label: label.to_owned(),
                value: pretty(band.mean),
                basis: format!(
                    "{} to {} in {}% of the drawn futures, {} months",
                    pretty(low),
                    pretty(high),
                    self.level,
                    self.outlook.months.len()
                ),
                accent,
            }
        };
        vec![
            stat("Expected", Measure::Expected, false),
            stat("Allowed after denials", Measure::Net, false),
            stat("Cash from payers", Measure::Cash, true),
        ]
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            format!("Known as of {}: services after that day and answers posted after it were cut away first.", self.outlook.as_of),
            "When a claim was billed the files do not tell: services that were not billed yet on that day are not known to be missing.".to_owned(),
            "Every printed total is the sum of its printed parts; the ranges of a total are those of the summed futures, and never the sum of its parts' ranges.".to_owned(),
        ];
        notes.extend(self.book.notes.iter().cloned());
        notes.extend(self.rates.notes.iter().cloned());
        if self.outlook.unpriced > 0 {
            notes.push(format!(
                "{} of the lines to come have no price: they stand in no expected amount, and in cash with what such lines were paid.",
                Decimal::new(self.outlook.unpriced, 2).round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
            ));
        }
        notes.extend(self.outlook.notes.iter().cloned());
        notes.extend(self.backtest.map(|b| b.note.clone()));
        for stem in &self.outlook.stems {
            notes.extend(stem.notes.iter().map(|note| format!("{}: {note}.", stem.name)));
        }
        for (payer, cash) in self.book.payers.iter().zip(self.cash) {
            notes.extend(cash.notes.iter().map(|note| format!("{}: {note}.", payer.name)));
        }
        notes
    }

    fn fan(&self, measure: Measure, title: &str) -> Option<Chart> {
        let book = self.book;
        let last = match measure {
            Measure::Cash => book.last_posting,
            _ => book.last_service,
        };
        let from = *self.outlook.months.first()?;
        let to = *self.outlook.months.last()?;
        let months: Vec<Month> = (0..=to.since(book.first)).map(|n| book.first.plus(n)).collect();
        let recorded = |month: &Month| -> Option<Decimal> {
            if *month > last {
                return None;
            }
            let at = usize::try_from(month.since(book.first)).ok()?;
            match measure {
                Measure::Cash => book.cash_of(*month).map(Money::dollars),
                _ => Some(book.cell(at).expected.dollars()),
            }
        };
        let ahead = |month: &Month| {
            let at = usize::try_from(month.since(from)).ok()?;
            // A month of postings that is already whole is no forecast.
            (*month > last).then(|| self.outlook.total.month(at, measure))
        };
        let band = |level: u8| FanBand {
            level,
            low: months.iter().map(|m| ahead(m).map(|b| Decimal::new(b.range(level).0, 2))).collect(),
            high: months.iter().map(|m| ahead(m).map(|b| Decimal::new(b.range(level).1, 2))).collect(),
        };
        let mut events: Vec<(Date, String)> = self.events.to_vec();
        let mut by_month: std::collections::BTreeMap<Month, Vec<String>> = std::collections::BTreeMap::new();
        for step in &self.rates.steps {
            let change = percent(step.ratio - 1.0);
            if let Cell::Number(change) = change {
                let sign = if change.is_sign_negative() { "−" } else { "+" };
                by_month.entry(step.month).or_default().push(format!("{} {sign}{}%", step.payer, change.abs()));
            }
        }
        for (month, steps) in by_month {
            let more = steps.len().saturating_sub(2);
            let mut label = format!("known rates: {}", steps.into_iter().take(2).collect::<Vec<_>>().join(", "));
            if more > 0 {
                label = format!("{label} and {more} more");
            }
            events.extend(first_day(month).map(|day| (day, label)));
        }
        events.sort();
        let span = first_day(months[0]).zip(first_day(to));
        events.retain(|(day, _)| span.is_some_and(|(a, b)| a <= *day && *day <= b));
        Some(Chart::Fan(FanChart {
            title: title.to_owned(),
            alt: format!("{title}. Months recorded, then the forecast with its ranges of 50, 80 and 95 percent."),
            value_axis: match measure {
                Measure::Cash => "Cash by month of posting, dollars".to_owned(),
                _ => "Expected by month of service, dollars".to_owned(),
            },
            history: months.iter().map(recorded).collect(),
            completed: vec![None; months.len()],
            middle: months.iter().map(|m| ahead(m).map(|b| Decimal::new(b.median, 2))).collect(),
            bands: [50, 80, 95].map(band).to_vec(),
            actual: vec![None; months.len()],
            events,
            forecast_from: first_day(last.plus(1))?,
            unit: ValueUnit::Dollars,
            months: months.iter().filter_map(|m| first_day(*m)).collect(),
        }))
    }

    fn by_month(&self, measure: Measure) -> Section {
        let outlook = self.outlook;
        let sum = outlook.total.sum(measure);
        let (low, high) = sum.range(self.level);
        let (id, what) = match measure {
            Measure::Cash => ("forecast-cash", "Payers will pay about"),
            _ => ("forecast", "Services to come are expected to be worth"),
        };
        let title = format!(
            "{what} {} over {} months, {} to {} with {}% confidence",
            pretty(sum.mean),
            outlook.months.len(),
            pretty(low),
            pretty(high),
            self.level
        );
        let (columns, rows, total) = if measure == Measure::Cash {
            let of = |band: Band| {
                vec![
                    dollars(band.mean),
                    dollars(band.median),
                    dollars(band.i50.0),
                    dollars(band.i50.1),
                    dollars(band.i80.0),
                    dollars(band.i80.1),
                    dollars(band.i95.0),
                    dollars(band.i95.1),
                ]
            };
            let mut columns = vec![text("month", "Month"), estimate("cash", "Cash"), estimate("median", "Median")];
            for level in [50, 80, 95] {
                columns.push(estimate(&format!("low{level}"), &format!("Low ({level}%)")));
                columns.push(estimate(&format!("high{level}"), &format!("High ({level}%)")));
            }
            let row = |(at, month): (usize, &Month)| {
                std::iter::once(month_cell(*month)).chain(of(outlook.total.month(at, measure))).collect()
            };
            let total = std::iter::once(Cell::from("All months")).chain(of(sum)).collect();
            (columns, outlook.months.iter().enumerate().map(row).collect(), total)
        } else {
            let row = |(at, month): (usize, &Month)| {
                let of = |measure: Measure| outlook.total.month(at, measure);
                std::iter::once(month_cell(*month)).chain(cells(of, self.level)).collect()
            };
            let total = cells(|m| outlook.total.sum(m), self.level);
            let columns = std::iter::once(text("month", "Month")).chain(columns(self.level)).collect();
            let total = std::iter::once(Cell::from("All months")).chain(total).collect();
            (columns, outlook.months.iter().enumerate().map(row).collect(), total)
        };
        let lead = match measure {
            Measure::Cash => format!(
                "What is allowed comes in by each payer's payment lag; {} of it is open on services up to {}.",
                outlook.of_earlier_services.pretty_dollars(),
                self.book.last_service
            ),
            _ => "Lines to come × what the schedules and terms at hand pay for the mix of the last twelve months."
                .to_owned(),
        };
        Section {
            id: id.to_owned(),
            chart: self.fan(measure, &title),
            title,
            lead,
            kind: self.kind,
            table: Table { columns, rows, total: Some(total) },
            notes: Vec::new(),
        }
    }

    fn group_name(&self, group: &GroupOutlook) -> Vec<Cell> {
        let name = |(dim, label): (&Dim, &String)| match dim {
            Dim::Payer => {
                self.book.payers.iter().find(|p| *p.id == **label).map_or_else(|| label.clone(), |p| p.name.clone())
            }
            _ => label.clone(),
        };
        self.outlook.by.iter().zip(&group.label).map(name).map(Cell::from).collect()
    }

    fn group_columns(&self) -> Vec<Column> {
        let header = |dim: &Dim| match dim {
            Dim::Payer => "Payer",
            Dim::State => "State",
            Dim::Pos => "Place of service",
            Dim::Family => "Codes",
        };
        self.outlook.by.iter().map(|d| text(d.as_str(), header(d))).collect()
    }

    fn total_name(&self) -> Vec<Cell> {
        let empty = self.outlook.by.iter().skip(1).map(|_| Cell::Empty);
        std::iter::once(Cell::from("All")).chain(empty).collect()
    }

    fn by_group(&self) -> Section {
        let outlook = self.outlook;
        let row = |group: &GroupOutlook| {
            let mut row = self.group_name(group);
            row.extend(cells(|m| group.sum(m), self.level));
            row
        };
        let mut total = self.total_name();
        total.extend(cells(|m| outlook.total.sum(m), self.level));
        let mut columns = self.group_columns();
        columns.extend(self::columns(self.level));
        let largest = outlook.groups.iter().max_by_key(|g| (g.sum(Measure::Net).mean, std::cmp::Reverse(&g.label)));
        let title = match largest {
            Some(group) => format!(
                "{} brings most: {} of {} allowed",
                words(&self.group_name(group)),
                pretty(group.sum(Measure::Net).mean),
                pretty(outlook.total.sum(Measure::Net).mean)
            ),
            None => "No group has lines to come".to_owned(),
        };
        Section {
            id: "forecast-groups".to_owned(),
            title,
            lead: "All months to come together. Means add up to the cent; ranges do not add, because not all groups are low at once.".to_owned(),
            kind: self.kind,
            chart: None,
            table: Table { columns, rows: outlook.groups.iter().map(row).collect(), total: Some(total) },
            notes: Vec::new(),
        }
    }

    fn coherent(&self) -> Section {
        let outlook = self.outlook;
        let shares = [0.1, 0.25, 0.5, 0.75, 0.9];
        let at: Vec<(i64, Vec<i64>)> = shares.iter().map(|s| outlook.at_quantile(Measure::Net, *s)).collect();
        let mut columns = self.group_columns();
        columns.extend(shares.iter().map(|s| {
            let p = tenth(Decimal::from_f64(s * 100.0).unwrap_or_default());
            estimate(&format!("p{p}"), &format!("Total at its {p}th percentile"))
        }));
        let row = |(i, group): (usize, &GroupOutlook)| {
            let mut row = self.group_name(group);
            row.extend(at.iter().map(|(_, parts)| dollars(parts[i])));
            row
        };
        let mut total = self.total_name();
        total.extend(at.iter().map(|(total, _)| dollars(*total)));
        Section {
            id: "forecast-futures".to_owned(),
            title: format!(
                "One in ten futures allows less than {}, one in ten more than {}",
                pretty(at[0].0),
                pretty(at[4].0)
            ),
            lead: "The future in which the total stands at each percentile, and what its parts are in it: they add up to the cent.".to_owned(),
            kind: self.kind,
            chart: None,
            table: Table { columns, rows: outlook.groups.iter().enumerate().map(row).collect(), total: Some(total) },
            notes: Vec::new(),
        }
    }

    fn causes(&self) -> Section {
        let outlook = self.outlook;
        let all: i64 = outlook.causes.iter().map(|c| c.band.mean).sum();
        let row = |c: &crate::outlook::CauseOutlook| {
            let (low, high) = c.band.range(self.level);
            let kind = if matches!(c.cause, crate::leakage::Cause::Denied(_)) { "Denied" } else { "Underpaid" };
            vec![Cell::from(kind), Cell::from(c.cause.label()), dollars(c.band.mean), dollars(low), dollars(high)]
        };
        let title = match outlook.causes.first() {
            Some(first) => format!("{} will be denied or underpaid; most of it: {}", pretty(all), first.cause.label()),
            None => "Nothing is known to be denied or underpaid".to_owned(),
        };
        Section {
            id: "forecast-leakage".to_owned(),
            title,
            lead: "If nothing changes: each payer's denials and underpayments go on in the proportions of its history."
                .to_owned(),
            kind: self.kind,
            chart: None,
            table: Table {
                columns: vec![
                    text("kind", "Kind"),
                    text("cause", "Cause"),
                    estimate("mean", "Dollars"),
                    estimate("low", &format!("Low ({}%)", self.level)),
                    estimate("high", &format!("High ({}%)", self.level)),
                ],
                rows: outlook.causes.iter().map(row).collect(),
                total: Some(vec![Cell::from("All"), Cell::Empty, dollars(all), Cell::Empty, Cell::Empty]),
            },
            notes: vec!["The causes of a payer share its luck: only their sum varies by itself.".to_owned()],
        }
    }

    fn shares(&self) -> Section {
        let rows = self.book.payers.iter().zip(self.cash).map(|(payer, cash)| {
            let s = payer.shares();
            let by = |lag: usize| -> f64 { cash.lag.iter().take(lag + 1).sum() };
            vec![
                Cell::from(payer.name.clone()),
                percent(s.initial.mean),
                percent(s.initial.low),
                percent(s.initial.high),
                percent(s.overturn.mean),
                percent(s.denied(0.0, 0.0)),
                percent(s.paid_of_net),
                percent(by(0)),
                percent(by(1)),
                percent(by(2)),
                percent(by(5)),
                Cell::from(if cash.borrowed { "of all payers" } else { "its own" }),
                Cell::from(s.ground.label()),
            ]
        });
        Section {
            id: "forecast-payers".to_owned(),
            title: "What becomes of expected money, by payer".to_owned(),
            lead: "In dollars, of lines old enough to be decided; payers with few lines are drawn towards all. Ranges of 80%.".to_owned(),
            kind: self.kind,
            chart: None,
            table: Table {
                columns: vec![
                    text("payer", "Payer"),
                    share("initial_denial", "Denied at first"),
                    share("initial_low", "Low"),
                    share("initial_high", "High"),
                    share("overturned", "Of it, won back"),
                    share("denied", "Denied in the end"),
                    share("paid_of_allowed", "Payer pays of allowed"),
                    share("paid_0", "Paid in the month of service"),
                    share("paid_1", "By a month later"),
                    share("paid_2", "By two"),
                    share("paid_5", "By five"),
                    text("lag_of", "Payment lag"),
                    text("ground", "Counted on"),
                ],
                rows: rows.collect(),
                total: None,
            },
            notes: Vec::new(),
        }
    }

    fn run_out(&self) -> Section {
        const RECENT: i32 = 6;
        let from = self.book.last_service.plus(1 - RECENT);
        let mut rows = Vec::new();
        for (payer, cash) in self.book.payers.iter().zip(self.cash) {
            for month in cash.months.iter().filter(|m| m.month >= from) {
                let ultimate = month.ultimate.and_then(Decimal::from_f64);
                rows.push(vec![
                    Cell::from(payer.name.clone()),
                    month_cell(month.month),
                    money_of(Decimal::from_f64(month.paid)),
                    percent(month.completion),
                    money_of(ultimate),
                    money_of(Decimal::from_f64(month.std_err)),
                    Cell::from(match month.method {
                        Some(Method::ChainLadder) => "chain ladder",
                        Some(Method::BornhuetterFerguson) => "Bornhuetter–Ferguson",
                        None => "not known",
                    }),
                ]);
            }
        }
        Section {
            id: "forecast-completion".to_owned(),
            title: format!("Recent months are not paid in full yet: how complete each is as of {}", self.book.last_posting),
            lead: "Payments by month of service up to the last whole month of postings, the share that has usually come by then, and what will have been paid in the end.".to_owned(),
            kind: self.kind,
            chart: None,
            table: Table {
                columns: vec![
                    text("payer", "Payer"),
                    text("month", "Month of service"),
                    estimate("paid", "Paid so far"),
                    share("completion", "Usually complete to"),
                    estimate("ultimate", "Paid in the end"),
                    estimate("std_err", "Standard error"),
                    text("method", "Completed by"),
                ],
                rows,
                total: None,
            },
            notes: Vec::new(),
        }
    }

    fn tested(&self, backtest: &Backtest) -> Section {
        let all = backtest.groups.first();
        let horizon = all.map_or(0, |g| g.by_horizon.len());
        let of = |score: &crate::outlook::Score| {
            let p = |v: Option<f64>| v.map_or(Cell::Empty, percent);
            vec![
                Cell::Count(i64::try_from(score.forecasts).unwrap_or(i64::MAX)),
                p(score.wape),
                p(score.bias),
                number(score.mase),
                p(score.coverage[0]),
                p(score.coverage[1]),
                p(score.coverage[2]),
                number(score.msis),
                p(score.naive_wape),
                number(score.naive_mase),
            ]
        };
        let rows: Vec<Vec<Cell>> = all
            .iter()
            .flat_map(|g| g.by_horizon.iter().enumerate())
            .map(|(i, s)| std::iter::once(Cell::from((i + 1).to_string())).chain(of(s)).collect())
            .collect();
        let total = all.map(|g| std::iter::once(Cell::from("All")).chain(of(&g.overall)).collect());
        let line = |level: usize, name: &str, weight| HorizonLine {
            name: name.to_owned(),
            values: all.map_or_else(Vec::new, |g| {
                g.by_horizon
                    .iter()
                    .map(|s| s.coverage[level].and_then(|c| Decimal::from_f64(c * 100.0)).map(tenth))
                    .collect()
            }),
            weight,
        };
        let overall = all.map(|g| g.overall).unwrap_or_default();
        let title = match (overall.wape, overall.naive_wape) {
            (Some(own), Some(naive)) => format!(
                "Earlier forecasts of all lines were off by {}, the same month of the year before by {}",
                shown(own),
                shown(naive)
            ),
            (Some(own), None) => format!("Earlier forecasts of all lines were off by {}", shown(own)),
            _ => "There is too little history to test forecasts".to_owned(),
        };
        Section {
            id: "forecast-backtest".to_owned(),
            chart: Some(Chart::Horizons(HorizonChart {
                title: title.clone(),
                alt: format!("{title}. Share of months within the ranges of 50, 80 and 95 percent, by months ahead."),
                value_axis: "Months within the range, percent".to_owned(),
                step_axis: "Months ahead".to_owned(),
                steps: (1..).take(horizon).collect(),
                lines: vec![
                    line(0, "50% range", LineWeight::Plain),
                    line(1, "80% range", LineWeight::Accent),
                    line(2, "95% range", LineWeight::Plain),
                ],
                references: LEVELS
                    .iter()
                    .filter_map(|l| Some((tenth(Decimal::from_f64(l * 100.0)?), "promised".to_owned())))
                    .collect(),
                unit: ValueUnit::Percent,
            })),
            title,
            lead: format!(
                "Lines of all payers together, forecast from each of {} months with what was known then, and ranges stretched only by errors known then.",
                backtest.origins
            ),
            kind: self.kind,
            table: Table { columns: score_columns("months_ahead", "Months ahead"), rows, total },
            notes: vec![backtest.note.clone()],
        }
    }

    fn tested_groups(&self, backtest: &Backtest) -> Section {
        let rows = backtest.groups.iter().map(|g| {
            let s = &g.overall;
            let p = |v: Option<f64>| v.map_or(Cell::Empty, percent);
            vec![
                Cell::from(g.name.clone()),
                Cell::Count(i64::try_from(s.forecasts).unwrap_or(i64::MAX)),
                p(s.wape),
                p(s.bias),
                number(s.mase),
                p(s.coverage[0]),
                p(s.coverage[1]),
                p(s.coverage[2]),
                number(s.msis),
                p(s.naive_wape),
                number(s.naive_mase),
            ]
        });
        let better = backtest.groups.iter().skip(1).filter(|g| g.overall.wape < g.overall.naive_wape).count();
        Section {
            id: "forecast-backtest-groups".to_owned(),
            title: format!(
                "Beside the same month of the year before, the forecast was nearer for {better} of {} series",
                backtest.groups.len().saturating_sub(1)
            ),
            lead: "Over all months ahead.".to_owned(),
            kind: self.kind,
            chart: None,
            table: Table { columns: score_columns("series", "Series"), rows: rows.collect(), total: None },
            notes: Vec::new(),
        }
    }

    fn closed(&self) -> Section {
        let of = |measure: Measure| self.closes.iter().filter(move |c| c.measure == measure);
        let held = |measure: Measure| of(measure).filter(|c| c.held()).count();
        let row = |c: &Close| {
            vec![
                month_cell(c.month),
                Cell::from(c.measure.as_str()),
                dollars(c.mean.cents()),
                dollars(c.range.0.cents()),
                dollars(c.range.1.cents()),
                Cell::Money(c.actual),
                Cell::from(if c.held() { "held" } else { "missed" }),
            ]
        };
        Section {
            id: "forecast-closes".to_owned(),
            title: format!(
                "Of the last {} closes, the 80% range of cash held {} times; of {}, that of expected {} times",
                of(Measure::Cash).count(),
                held(Measure::Cash),
                of(Measure::Expected).count(),
                held(Measure::Expected)
            ),
            lead: "Each month as it was forecast at the end of the month before, with what was known then.".to_owned(),
            kind: self.kind,
            chart: None,
            table: Table {
                columns: vec![
                    text("month", "Month"),
                    text("measure", "What"),
                    estimate("forecast", "Forecast"),
                    estimate("low", "Low (80%)"),
                    estimate("high", "High (80%)"),
                    Column::new("actual", "Came", ColumnKind::Money),
                    text("held", "Range"),
                ],
                rows: self.closes.iter().map(row).collect(),
                total: None,
            },
            notes: vec!["Rates of the month were taken as known at the end of the month before, also where their schedule was published later.".to_owned()],
        }
    }

    fn compared(&self, other: &Outlook, words: &str) -> Section {
        let measures = [Measure::Expected, Measure::Denied, Measure::Underpaid, Measure::Net, Measure::Cash];
        let rows = measures.iter().map(|m| {
            let (base, changed) = (self.outlook.total.sum(*m), other.total.sum(*m));
            let pairs = self.outlook.total.path_sums(*m).into_iter().zip(other.total.path_sums(*m));
            let mut apart: Vec<i64> = pairs.map(|(a, b)| b - a).collect();
            apart.sort_unstable();
            let at = |p: usize| apart.get((apart.len().saturating_sub(1)) * p / 100).copied().unwrap_or_default();
            vec![
                Cell::from(m.as_str()),
                dollars(base.mean),
                dollars(changed.mean),
                dollars(changed.mean - base.mean),
                dollars(at(10)),
                dollars(at(90)),
            ]
        });
        let delta = other.total.sum(Measure::Net).mean - self.outlook.total.sum(Measure::Net).mean;
        Section {
            id: "forecast-scenario".to_owned(),
            title: format!("With {words}, {} is allowed than without", more(delta)),
            lead: "Both under the same luck: the difference is that of the assumptions alone.".to_owned(),
            kind: self.kind,
            chart: None,
            table: Table {
                columns: vec![
                    text("measure", "What"),
                    estimate("base", "As forecast"),
                    estimate("scenario", "Scenario"),
                    estimate("difference", "Difference"),
                    estimate("low", "Low (80%)"),
                    estimate("high", "High (80%)"),
                ],
                rows: rows.collect(),
                total: None,
            },
            notes: Vec::new(),
        }
    }

    fn bridge(&self, n: usize, name: &str, b: &Bridge) -> Section {
        let row = |what: &str, net: Cell, cash: Cell| vec![Cell::from(what), net, cash];
        let both = |what: &str, part: Money| row(what, dollars(part.cents()), dollars(part.cents()));
        let step = |label: &str, amount: Money, is_level: bool| Step {
            label: label.to_owned(),
            amount,
            is_level,
            accent: is_level,
        };
        let title = format!("{name}, {} to {}: {} is paid", b.months.0, b.months.1, more((b.to.1 - b.from.1).cents()));
        Section {
            id: format!("forecast-bridge-{n}"),
            chart: Some(Chart::Bridge(Waterfall {
                title: title.clone(),
                alt: format!("{title}. Steps: volume, mix, rate, denial, timing."),
                value_axis: "Cash, dollars".to_owned(),
                steps: vec![
                    step("Before", b.from.1, true),
                    step("Volume", b.volume, false),
                    step("Mix", b.mix, false),
                    step("Rate", b.rate, false),
                    step("Denial", b.denial, false),
                    step("Timing", b.timing, false),
                    step("After", b.to.1, true),
                ],
            })),
            title,
            lead: "One change after the other, in this order; the steps sum to the difference to the cent.".to_owned(),
            kind: self.kind,
            table: Table {
                columns: vec![text("step", "Step"), estimate("net", "Allowed"), estimate("cash", "Cash")],
                rows: vec![
                    row("Before", dollars(b.from.0.cents()), dollars(b.from.1.cents())),
                    both("Volume: more or fewer lines", b.volume),
                    both("Mix: other payers, places and codes", b.mix),
                    both("Rate: more or less expected per line", b.rate),
                    both("Denial: more or less allowed per expected", b.denial),
                    row("Timing and the patients' share", dollars(0), dollars(b.timing.cents())),
                ],
                total: Some(row("After", dollars(b.to.0.cents()), dollars(b.to.1.cents()))),
            },
            notes: Vec::new(),
        }
    }
}

/// `$1,200 more`, `$300 less`.
fn more(cents: i64) -> String {
    let amount = Money::from_cents(cents).abs().pretty_dollars();
    format!("{amount} {}", if cents < 0 { "less" } else { "more" })
}

fn words(cells: &[Cell]) -> String {
    let texts = cells.iter().filter_map(|c| if let Cell::Text(t) = c { Some(t.as_str()) } else { None });
    texts.collect::<Vec<_>>().join(", ")
}

fn shown(share: f64) -> String {
    match percent(share) {
        Cell::Number(p) => format!("{p}%"),
        _ => "an unknown share".to_owned(),
    }
}

/// An estimate in cents as dollars.
fn money_of(cents: Option<Decimal>) -> Cell {
    let dollars = cents.and_then(|c| c.checked_div(Decimal::ONE_HUNDRED));
    dollars.map_or(Cell::Empty, |d| Cell::Number(d.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)))
}

fn score_columns(name: &str, header: &str) -> Vec<Column> {
    vec![
        text(name, header),
        Column::new("forecasts", "Forecasts", ColumnKind::Count),
        share("wape", "Off by (WAPE)"),
        share("bias", "Too high by"),
        Column::new("mase", "MASE", ColumnKind::Number),
        share("coverage50", "Within 50% range"),
        share("coverage80", "Within 80% range"),
        share("coverage95", "Within 95% range"),
        Column::new("msis", "MSIS (95%)", ColumnKind::Number),
        share("naive_wape", "Year before: off by"),
        Column::new("naive_mase", "Year before: MASE", ColumnKind::Number),
    ]
}

/// The page of yearly volumes: their breaks, and the band that so few points support.
#[must_use]
pub fn yearly_report(title: &str, kind: DataKind, yearly: &Yearly, as_of: Date) -> Report {
    let broken = |year: i32, what: &str| {
        let found = yearly.breaks.iter().find(|b| b.year == year && b.what == what);
        found.map_or(Cell::Empty, |b| percent(b.factor - 1.0))
    };
    let rows = yearly.years.iter().map(|(year, units, paid)| {
        let per_unit = paid.and_then(|p| p.dollars().checked_div(*units));
        let rounded = per_unit.map(|p| p.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero));
        vec![
            Cell::from(year.to_string()),
            Cell::Number(*units),
            Cell::from(*paid),
            Cell::from(rounded),
            broken(*year, "units"),
            broken(*year, "paid per unit"),
        ]
    });
    let listed: Vec<String> =
        yearly.breaks.iter().map(|b| format!("{} in {} ({})", b.what, b.year, change(b.factor))).collect();
    let found =
        if listed.is_empty() { "No year stands out".to_owned() } else { format!("Breaks: {}", listed.join("; ")) };
    let history = Section {
        id: "yearly-volumes".to_owned(),
        title: found.clone(),
        lead: "A break is a change from one year to the next that the other changes do not explain, and that stayed."
            .to_owned(),
        kind,
        chart: None,
        table: Table {
            columns: vec![
                text("year", "Year"),
                Column::new("units", "Units", ColumnKind::Number),
                Column::new("paid", "Paid", ColumnKind::Money),
                Column::new("paid_per_unit", "Paid per unit", ColumnKind::Rate),
                share("break_units", "Break in units"),
                share("break_paid_per_unit", "Break in paid per unit"),
            ],
            rows: rows.collect(),
            total: None,
        },
        notes: Vec::new(),
    };
    let whole = |value: f64| {
        let rounded = Decimal::from_f64(value)
            .map(|d| d.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).normalize());
        Cell::from(rounded)
    };
    let bands = yearly.bands.iter().map(|(year, b)| {
        vec![Cell::from(year.to_string()), whole(b.middle), whole(b.low), whole(b.high), percent(b.level)]
    });
    let ahead = Section {
        id: "yearly-bands".to_owned(),
        title: format!("{} yearly points support only a wide band", yearly.years.len()),
        lead: "The last value carried on by the mean change, and the range that changes as large as those seen leave, breaks included.".to_owned(),
        kind,
        chart: None,
        table: Table {
            columns: vec![
                text("year", "Year"),
                Column::new("units", "Units", ColumnKind::Number),
                Column::new("low", "Low", ColumnKind::Number),
                Column::new("high", "High", ColumnKind::Number),
                share("level", "Level"),
            ],
            rows: bands.collect(),
            total: None,
        },
        notes: yearly.notes.clone(),
    };
    let period = yearly.years.first().zip(yearly.years.last()).map(|(a, b)| format!("{} to {}", a.0, b.0));
    let mut report =
        Report::of(&format!("{title}: yearly volumes"), &period.unwrap_or_default(), as_of, kind, vec![history, ahead]);
    report.period_slug = "forecast_yearly".to_owned();
    report.finding = found;
    report
}

fn change(factor: f64) -> String {
    match percent(factor - 1.0) {
        Cell::Number(p) if p.is_sign_negative() => format!("−{}%", p.abs()),
        Cell::Number(p) => format!("+{p}%"),
        _ => "unknown".to_owned(),
    }
}
