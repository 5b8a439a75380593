//! Recent months of service are not paid in full yet: how complete each is, and what it will come to.

use rust_decimal::Decimal;

use super::ForecastPage;
use super::cells::{
    dollars, estimate, first_day, maybe_percent, month_cell, rounded_dollars, share, text, whole_cents,
};
use crate::forecast::Month;
use crate::forecast::runout::Method;
use crate::outlook::{CompletedMonth, spans};
use crate::report::estimates::{FanChart, ValueUnit};
use crate::report::model::{Cell, Chart, Section, Table};

/// Months shown together.
const SHOWN: i32 = 18;
/// Months shown by payer.
const BY_PAYER: i32 = 6;
/// A month as complete as this is not drawn as incomplete.
const COMPLETE: f64 = 0.995;

/// A month of all payers, in whole cents that are sums over the payers.
struct Sum {
    month: Month,
    /// `None` of a month whose services are missing: nothing can have been paid on lines that are in no file.
    paid: Option<i64>,
    /// `None` when a payer's is not known.
    ultimate: Option<i64>,
    /// Squared standard error; payers err apart.
    variance: f64,
}

impl Sum {
    fn completion(&self) -> Option<f64> {
        let ultimate = self.ultimate.filter(|u| *u > 0)?;
        Some(self.paid? as f64 / ultimate as f64)
    }
}

impl ForecastPage<'_> {
    fn completed(&self) -> Vec<Sum> {
        let from = self.book.last_service.plus(1 - SHOWN).max(self.book.first);
        let months = (0..=self.book.last_service.since(from)).map(|n| from.plus(n));
        let sum = |month: Month| {
            let mut sum = Sum { month, paid: Some(0), ultimate: Some(0), variance: 0.0 };
            if self.book.missing.contains(&month) {
                return Sum { paid: None, ultimate: None, ..sum };
            }
            for m in self.cash.iter().flat_map(|cash| &cash.months).filter(|m| m.month == month) {
                sum.paid = sum.paid.map(|paid| paid + whole_cents(m.paid).unwrap_or(0));
                sum.ultimate = sum.ultimate.zip(m.ultimate.and_then(whole_cents)).map(|(a, b)| a + b);
                sum.variance += m.std_err * m.std_err;
            }
            sum
        };
        months.map(sum).collect()
    }

    pub(super) fn recent(&self) -> Section {
        let sums = self.completed();
        let row = |s: &Sum| {
            vec![
                month_cell(s.month),
                s.paid.map_or(Cell::Empty, dollars),
                maybe_percent(s.completion()),
                s.ultimate.map_or(Cell::Empty, dollars),
                s.ultimate.zip(s.paid).map_or(Cell::Empty, |(u, paid)| dollars(u - paid)),
                rounded_dollars(s.paid.map(|_| s.variance.sqrt())),
            ]
        };
        // Of missing months nothing is known: the totals are those of the others.
        let told = || sums.iter().filter(|s| s.paid.is_some());
        let paid: i64 = told().filter_map(|s| s.paid).sum();
        let ultimate = told().map(|s| s.ultimate).try_fold(0, |sum: i64, u| Some(sum + u?));
        let last = sums.last();
        let title = match last.and_then(|s| Some((s.month, s.completion()?))) {
            Some((month, completion)) => format!(
                "{month} is paid to {}: what recent months will come to, as of the postings of {}",
                super::cells::shown(completion),
                self.book.last_posting
            ),
            None => "How complete recent months are is not known".to_owned(),
        };
        let is_open = |s: &Sum| s.completion().is_some_and(|c| c < COMPLETE);
        let decimal = |cents: i64| Some(Decimal::new(cents, 2));
        let after = self.book.last_service.plus(1);
        let chart = first_day(after).map(|after| FanChart {
            title: title.clone(),
            alt: format!(
                "{title}. A line of what is paid so far by month of service, and rings of what it will come to."
            ),
            value_axis: "Paid by payers by month of service, dollars".to_owned(),
            months: sums.iter().filter_map(|s| first_day(s.month)).collect(),
            history: sums.iter().map(|s| s.paid.and_then(decimal)).collect(),
            completed: sums.iter().map(|s| s.ultimate.filter(|_| is_open(s)).and_then(decimal)).collect(),
            middle: Vec::new(),
            bands: Vec::new(),
            actual: Vec::new(),
            events: Vec::new(),
            forecast_from: after,
            unit: ValueUnit::Dollars,
        });
        Section {
            chart: chart.map(Chart::Fan),
            table: Table {
                columns: vec![
                    text("month", "Month of service"),
                    estimate("paid", "Paid so far"),
                    share("completion", "Complete to"),
                    estimate("ultimate", "Paid in the end"),
                    estimate("open", "Still to come"),
                    estimate("std_err", "Standard error"),
                ],
                rows: sums.iter().map(row).collect(),
                total: Some(vec![
                    Cell::from(if told().count() < sums.len() { "All that are known" } else { "All" }),
                    dollars(paid),
                    maybe_percent(ultimate.filter(|u| *u > 0).map(|u| paid as f64 / u as f64)),
                    ultimate.map_or(Cell::Empty, dollars),
                    ultimate.map_or(Cell::Empty, |u| dollars(u - paid)),
                    Cell::Empty,
                ]),
            },
            notes: (told().count() < sums.len())
                .then(|| format!("Services of {} are in no file: what was paid on them is not known.", spans(&self.book.missing)))
                .into_iter()
                .collect(),
            ..self.section(
                "completion",
                title,
                "Payments of all payers by month of service up to the last whole month of postings, and what will have been paid in the end. A month that looks weak may only be young.",
            )
        }
    }

    pub(super) fn recent_by_payer(&self) -> Section {
        let from = self.book.last_service.plus(1 - BY_PAYER);
        let row = |name: &str, m: &CompletedMonth| {
            let is_told = !self.book.missing.contains(&m.month);
            let told = |amount: f64| rounded_dollars(is_told.then_some(amount));
            vec![
                Cell::from(name),
                month_cell(m.month),
                told(m.paid),
                maybe_percent(is_told.then_some(m.completion)),
                rounded_dollars(m.ultimate),
                told(m.std_err),
                Cell::from(match m.method {
                    Some(Method::ChainLadder) => "chain ladder",
                    Some(Method::BornhuetterFerguson) => "Bornhuetter–Ferguson",
                    None => "not known",
                }),
            ]
        };
        let payers = self.book.payers.iter().zip(self.cash);
        let rows = payers.flat_map(|(payer, cash)| {
            cash.months.iter().filter(|m| m.month >= from).map(|m| row(&payer.name, m)).collect::<Vec<_>>()
        });
        Section {
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
                rows: rows.collect(),
                total: None,
            },
            notes: vec![
                "Chain ladder: what is paid ÷ the share that has usually come by then. Bornhuetter–Ferguson, for the newest months: what is paid, and of what is expected the share that usually comes later.".to_owned(),
            ],
            ..self.section(
                "completion-by-payer",
                "How complete the last six months are, by payer".to_owned(),
                "The share that has usually come by then is that of the payer's own payments, or of all payers' where it has few.",
            )
        }
    }
}
