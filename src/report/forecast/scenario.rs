//! Other assumptions under the same luck: what they change, by measure, month and group.

use super::ForecastPage;
use super::cells::{dollars, estimate, measure_name, month_cell, more, text};
use crate::outlook::{Band, GroupOutlook, Measure, Outlook};
use crate::report::model::{Cell, Column, Section, Table};

/// What is compared.
const COMPARED: [Measure; 7] = [
    Measure::Expected,
    Measure::Denied,
    Measure::Underpaid,
    Measure::Overpaid,
    Measure::OffBenchmark,
    Measure::Net,
    Measure::Cash,
];

/// What is compared by month and group.
const SHORT: [Measure; 3] = [Measure::Expected, Measure::Net, Measure::Cash];

/// The band of the differences, future by future.
fn apart(base: &GroupOutlook, other: &GroupOutlook, measure: Measure) -> Band {
    let pairs = base.path_sums(measure).into_iter().zip(other.path_sums(measure));
    Band::of(other.sum(measure).mean - base.sum(measure).mean, pairs.map(|(a, b)| b - a).collect())
}

/// As forecast, scenario and difference of each measure.
fn short(of: impl Fn(Measure) -> Option<(i64, i64)>) -> Vec<Cell> {
    let cells = |pair: Option<(i64, i64)>| match pair {
        Some((base, other)) => [base, other, other - base].map(dollars),
        None => [Cell::Empty, Cell::Empty, Cell::Empty],
    };
    SHORT.iter().map(|m| of(*m)).flat_map(cells).collect()
}

fn short_columns() -> Vec<Column> {
    let of = |m: &Measure| {
        let (name, header) = (m.as_str(), measure_name(*m));
        [
            estimate(&format!("{name}_base"), &format!("{header}, as forecast")),
            estimate(&format!("{name}_scenario"), &format!("{header}, scenario")),
            estimate(&format!("{name}_difference"), &format!("{header}, difference")),
        ]
    };
    SHORT.iter().flat_map(of).collect()
}

impl ForecastPage<'_> {
    pub(super) fn compared(&self, other: &Outlook, words: &str) -> Section {
        let (base, level) = (self.outlook, self.level);
        let rows = COMPARED.iter().filter(|m| base.knows(**m)).map(|m| {
            let band = apart(&base.total, &other.total, *m);
            let (low, high) = band.range(level);
            let amounts = [base.total.sum(*m).mean, other.total.sum(*m).mean, band.mean, low, high];
            std::iter::once(Cell::from(measure_name(*m))).chain(amounts.map(dollars)).collect()
        });
        let change = |m: Measure| Some(other.known_sum(m)?.mean - base.known_sum(m)?.mean);
        let without = self.unanswered_words().map(|words| format!(", {words}")).unwrap_or_default();
        let than = |cents: i64| if cents == 0 { "as" } else { "than" };
        let title = match (change(Measure::Net), change(Measure::Cash)) {
            (Some(0), Some(0)) => format!("With {words}, as much is allowed and comes in as without{without}"),
            (Some(net), Some(cash)) => {
                format!(
                    "With {words}, {} is allowed {} without, and {} comes in{without}",
                    more(net),
                    than(net),
                    more(cash)
                )
            }
            _ => {
                let expected = change(Measure::Expected).unwrap_or(0);
                format!("With {words}, {} is expected {} without", more(expected), than(expected))
            }
        };
        Section {
            table: Table {
                columns: vec![
                    text("measure", "What"),
                    estimate("base", "As forecast"),
                    estimate("scenario", "Scenario"),
                    estimate("difference", "Difference"),
                    estimate("low", &format!("Difference, low ({level}%)")),
                    estimate("high", &format!("Difference, high ({level}%)")),
                ],
                rows: rows.collect(),
                total: None,
            },
            notes: vec![
                "The range is that of the differences, future by future. Cash of services that are in the files stays as it is: assumptions concern what is to come.".to_owned(),
            ],
            ..self.section(
                "scenario",
                title,
                "Both are drawn with the same luck: the difference is that of the assumptions alone.",
            )
        }
    }

    /// The same by month and by group.
    pub(super) fn compared_in_parts(&self, other: &Outlook, words: &str) -> Vec<Section> {
        let base = self.outlook;
        let month = |(at, month): (usize, &crate::forecast::Month)| {
            let of = |m: Measure| Some((base.known_month(at, m)?.mean, other.known_month(at, m)?.mean));
            std::iter::once(month_cell(*month)).chain(short(of)).collect()
        };
        let total = |name: &str, more: usize| {
            let of = |m: Measure| Some((base.known_sum(m)?.mean, other.known_sum(m)?.mean));
            let names = std::iter::once(Cell::from(name)).chain((0..more).map(|_| Cell::Empty));
            Some(names.chain(short(of)).collect::<Vec<Cell>>())
        };
        let by_month = Section {
            table: Table {
                columns: std::iter::once(text("month", "Month")).chain(short_columns()).collect(),
                rows: base.months.iter().enumerate().map(month).collect(),
                total: total("All months", 0),
            },
            ..self.section(
                "scenario-by-month",
                format!("With {words}, month by month"),
                "Means, which add up to the cent.",
            )
        };
        let mut sections = vec![by_month];
        if !base.by.is_empty() {
            let row = |a: &GroupOutlook| {
                let Some(b) = other.groups.iter().find(|b| b.label == a.label) else { return Vec::new() };
                let names = self.group_name(a).into_iter().map(Cell::from);
                names.chain(short(|m| self.known(a, m, |m| a.sum(m)).map(|_| (a.sum(m).mean, b.sum(m).mean)))).collect()
            };
            sections.push(Section {
                table: Table {
                    columns: self.group_columns().into_iter().chain(short_columns()).collect(),
                    rows: self.sorted().into_iter().map(row).filter(|row| !row.is_empty()).collect(),
                    total: total("All", base.by.len() - 1),
                },
                ..self.section(
                    "scenario-by-group",
                    format!("With {words}, group by group"),
                    "Means, which add up to the cent.",
                )
            });
        }
        sections
    }
}
