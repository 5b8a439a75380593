//! The fan charts: what is recorded, the forecast with its ranges, known rate steps and dated events.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::ForecastPage;
use super::cells::{first_day, percent_of, signed_percent, span_of};
use crate::domain::{Date, Money};
use crate::forecast::Month;
use crate::outlook::{Measure, spans};
use crate::report::estimates::{FanBand, FanChart, ValueUnit};
use crate::report::model::Chart;

/// Cash of the first months is left out while so large a share of what comes usually is still that of earlier services.
const RUN_IN: f64 = 0.9;

impl ForecastPage<'_> {
    /// The fan of a measure over all groups: expected amounts, cash, or lines; none of what is not known.
    pub(super) fn fan(&self, measure: Measure, title: &str) -> Option<Chart> {
        let (book, outlook) = (self.book, self.outlook);
        self.all(measure)?;
        let (from, to) = (*outlook.months.first()?, *outlook.months.last()?);
        let last = match measure {
            Measure::Cash => book.last_posting,
            _ => book.last_service,
        };
        let begin = match measure {
            Measure::Cash => self.cash_from().min(last),
            _ => book.first,
        };
        let months: Vec<Month> = (0..=to.since(begin)).map(|n| begin.plus(n)).collect();
        let recorded = |month: &Month| -> Option<Decimal> {
            let at = usize::try_from(month.since(book.first)).ok().filter(|_| *month <= last)?;
            match measure {
                Measure::Cash => book.cash_of(*month).map(Money::dollars),
                // What was served in a missing month is not known: a gap in the line.
                _ if book.missing.contains(month) => None,
                Measure::Lines => Some(Decimal::from(book.cell(at).lines)),
                _ => Some(book.cell(at).expected.dollars()),
            }
        };
        // Of months between the files and those to come the postings are recorded; what was served is forecast as well.
        let begins = outlook.between_months.first().copied().filter(|_| measure != Measure::Cash).unwrap_or(from);
        let ahead = |month: &Month| {
            let at = |first: Month| usize::try_from(month.since(first)).ok();
            match at(from) {
                Some(at) => Some(outlook.total.month(at, measure)),
                None => at(begins).map(|at| outlook.between.month(at, measure)),
            }
        };
        let band = |level: u8| FanBand {
            level,
            low: months.iter().map(|m| ahead(m).map(|b| Decimal::new(b.range(level).0, 2))).collect(),
            high: months.iter().map(|m| ahead(m).map(|b| Decimal::new(b.range(level).1, 2))).collect(),
        };
        let span = first_day(begin).zip(first_day(to))?;
        let gaps = match measure {
            Measure::Cash => String::new(),
            _ if book.missing.is_empty() => String::new(),
            _ => format!(" without {}, of which no services are in the files", spans(&book.missing)),
        };
        Some(Chart::Fan(FanChart {
            title: title.to_owned(),
            alt: format!(
                "{title}. A line of the months recorded, {}{gaps}, then the forecast of {} with its ranges of 50, 80 and 95 percent.",
                span_of(begin, last),
                span_of(begins, to)
            ),
            value_axis: match measure {
                Measure::Cash => "Cash from payers by month of posting, dollars".to_owned(),
                Measure::Lines => "Lines by month of service".to_owned(),
                _ => "Expected by month of service, dollars".to_owned(),
            },
            history: months.iter().map(recorded).collect(),
            completed: vec![None; months.len()],
            // The mean, as in the tables: means add up.
            middle: months.iter().map(|m| ahead(m).map(|b| Decimal::new(b.mean, 2))).collect(),
            bands: [50, 80, 95].map(band).to_vec(),
            actual: vec![None; months.len()],
            events: self.dated(span),
            forecast_from: first_day(begins)?,
            unit: if measure == Measure::Lines { ValueUnit::Count } else { ValueUnit::Dollars },
            months: months.iter().filter_map(|m| first_day(*m)).collect(),
        }))
    }

    /// The months after the service within which nearly everything has come, of the payer that takes longest.
    fn run_in(&self) -> i32 {
        let months = |lag: &[f64]| {
            let mut sum = 0.0;
            let is_open = |share: &&f64| {
                let open = sum < RUN_IN;
                sum += **share;
                open
            };
            lag.iter().take_while(is_open).count()
        };
        let longest = self.cash.iter().map(|cash| months(&cash.lag)).max().unwrap_or(0);
        i32::try_from(longest).unwrap_or(0)
    }

    /// The first month whose cash is whole: before it, payments came for services that are in no file.
    pub(super) fn whole_cash_from(&self) -> Month {
        self.book.first.plus(self.run_in())
    }

    /// The first month of the cash that is shown: that from which it is whole. A short history is shown from its start: half of
    /// nothing says nothing.
    pub(super) fn cash_from(&self) -> Month {
        let is_short = self.run_in() * 3 > self.book.last_posting.since(self.book.first);
        if is_short { self.book.first } else { self.whole_cash_from() }
    }

    /// The share of what would usually come in a month that comes for services in no file, as `is_absent` tells them by month.
    /// Payers count by what they paid.
    pub(super) fn lacking(&self, month: Month, is_absent: impl Fn(Month) -> bool) -> f64 {
        let absent = |lag: &[f64]| -> f64 {
            (0..).zip(lag).filter(|(months, _)| is_absent(month.plus(-*months))).map(|(_, share)| share).sum()
        };
        let (mut all, mut lacking) = (0.0, 0.0);
        for (at, cash) in self.cash.iter().enumerate() {
            let own = self.book.leaves.iter().filter(|leaf| leaf.payer == at).flat_map(|leaf| &leaf.cash);
            let paid = own.copied().sum::<Money>().cents().max(0) as f64;
            all += paid;
            lacking += paid * absent(&cash.lag);
        }
        if all > 0.0 { lacking / all } else { 0.0 }
    }

    /// The share of what would usually have come in a month of the past that came for services in no file.
    pub(super) fn lacked(&self, month: Month) -> f64 {
        let book = self.book;
        self.lacking(month, |m| m < book.first || m > book.last_service || book.missing.contains(&m))
    }

    /// Whether the cash of a month of the past is that of nearly all services it would have been paid for.
    pub(super) fn is_whole_cash(&self, month: Month) -> bool {
        month >= self.whole_cash_from() && self.lacked(month) <= 1.0 - RUN_IN
    }

    /// The project's events and the known rate steps within these days, each step on its day.
    fn dated(&self, (from, to): (Date, Date)) -> Vec<(Date, String)> {
        let mut events: Vec<(Date, String)> = self.project.events.clone();
        // What began in the history stands on the first day that has it, in words of its own.
        let mut steps: BTreeMap<(Date, bool), Vec<Labelled>> = BTreeMap::new();
        for step in &self.rates.steps {
            let of = steps.entry((step.from, step.since.is_none())).or_default();
            of.push(Labelled {
                change: step.ratio - 1.0,
                name: self.payer_name(&step.payer),
                labels: step.labels.clone(),
                since: step.since,
            });
        }
        events.extend(steps.into_iter().map(|((day, _), of)| (day, label(&of))));
        events.sort();
        events.dedup();
        // A step may lie on any day of the last month, whose first day is the end.
        let after = Month::of(to).plus(1);
        events.retain(|(day, _)| from <= *day && Month::of(*day) < after);
        events
    }
}

/// A known rate step as a chart names it.
struct Labelled {
    change: f64,
    name: String,
    labels: Vec<String>,
    since: Option<Date>,
}

/// Characters that the labels of a day have beside the payers and their changes.
const ROOM: usize = 40;

/// The known rate steps of a day, after their own labels: by name where there are two at most, else how many and how large.
fn label(steps: &[Labelled]) -> String {
    let mut labels: Vec<&str> = steps.iter().flat_map(|s| &s.labels).map(String::as_str).collect();
    labels.sort_unstable();
    labels.dedup();
    let mut said = String::new();
    for (at, one) in labels.iter().enumerate() {
        if at > 0 && said.chars().count() + one.chars().count() > ROOM {
            said.push_str(&format!("{} more, ", labels.len() - at));
            break;
        }
        said.push_str(&format!("{one}, "));
    }
    // What began in the history says since when, first: the end of a long label has no room.
    let (known, since) = match steps.iter().filter_map(|s| s.since).min() {
        Some(since) => ("rates", format!("since {since}, ")),
        None => ("known rates", String::new()),
    };
    if let [_] | [_, _] = steps {
        let word = |s: &Labelled| match s.since {
            Some(_) => format!("{} {}", signed_percent(s.change), s.name),
            None => format!("{} {}", s.name, signed_percent(s.change)),
        };
        return format!("{since}{said}{known}: {}", steps.iter().map(word).collect::<Vec<_>>().join(", "));
    }
    let ends = |least: bool| {
        let changes = steps.iter().map(|s| s.change);
        if least { changes.fold(f64::MAX, f64::min) } else { changes.fold(f64::MIN, f64::max) }
    };
    let (low, high) = (ends(true), ends(false));
    let of = format!("{since}{said}{known} of {} payers", steps.len());
    if percent_of(low) == percent_of(high) {
        return format!("{of} {}", signed_percent(low));
    }
    format!("{of}, {} to {}", signed_percent(low), signed_percent(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_steps_are_named_while_they_are_few() {
        let labelled = |change: f64, name: &str, labels: &[&str]| Labelled {
            change,
            name: name.to_owned(),
            labels: labels.iter().map(|l| (*l).to_owned()).collect(),
            since: None,
        };
        let step = |change: f64, name: &str| labelled(change, name, &[]);
        assert_eq!(label(&[step(0.05, "A")]), "known rates: A +5%");
        assert_eq!(label(&[step(0.05, "A"), step(-0.028, "B")]), "known rates: A +5%, B −2.8%");
        let three = [step(0.05, "A"), step(-0.028, "B"), step(0.01, "C")];
        assert_eq!(label(&three), "known rates of 3 payers, −2.8% to +5%");
        assert_eq!(label(&[(); 3].map(|()| step(0.03, "A"))), "known rates of 3 payers +3%");
        // The labels of the project file stand first, each once.
        let cut = [(); 3].map(|()| labelled(-0.028, "A", &["CF cut"]));
        assert_eq!(label(&cut), "CF cut, known rates of 3 payers −2.8%");
        assert_eq!(label(&cut[..1]), "CF cut, known rates: A −2.8%");
        let since = crate::domain::parse_iso_date("2025-05-16").ok();
        assert_eq!(
            label(&[Labelled { since, ..labelled(-0.1, "A", &["cut"]) }]),
            "since 2025-05-16, cut, rates: −10% A"
        );
        // 6 + 2 characters, then 33 more are too many.
        let mut many = Vec::from(cut);
        many.push(labelled(0.1, "B", &["a raise that was agreed in January", "another one"]));
        assert_eq!(label(&many), "CF cut, 2 more, known rates of 4 payers, −2.8% to +10%");
    }
}
