//! By payer, state, place of service or family of codes, the largest first: over all months, and by month.

use super::ForecastPage;
use super::cells::{cells, columns, month_cell, pretty, text};
use crate::domain::Money;
use crate::outlook::{Band, Dim, GroupOutlook, Measure};
use crate::report::model::{BarChart, Cell, Chart, Column, HeatMap, Section, Series, Table};

/// The measures of a group.
const GROUP: [(Measure, bool); 8] = [
    (Measure::Lines, false),
    (Measure::Expected, false),
    (Measure::Denied, false),
    (Measure::Underpaid, false),
    (Measure::Overpaid, false),
    (Measure::OffBenchmark, false),
    (Measure::Net, true),
    (Measure::Cash, true),
];

/// More groups than this are no chart.
const CHARTED: usize = 16;

impl ForecastPage<'_> {
    pub(super) fn group_name(&self, group: &GroupOutlook) -> Vec<String> {
        let name = |(dim, label): (&Dim, &String)| match dim {
            Dim::Payer => self.payer_name(label),
            _ => label.clone(),
        };
        self.outlook.by.iter().zip(&group.label).map(name).collect()
    }

    pub(super) fn group_columns(&self) -> Vec<Column> {
        let header = |dim: &Dim| match dim {
            Dim::Payer => "Payer",
            Dim::State => "State",
            Dim::Pos => "Place of service",
            Dim::Family => "Codes",
        };
        self.outlook.by.iter().map(|d| text(d.as_str(), header(d))).collect()
    }

    pub(super) fn total_name(&self, more: usize) -> Vec<Cell> {
        let empty = (1..self.outlook.by.len() + more).map(|_| Cell::Empty);
        std::iter::once(Cell::from("All")).chain(empty).collect()
    }

    /// Whether no line of the group has a price: what it is worth is not known, and nothing is not what is shown.
    fn is_unpriced(&self, group: &GroupOutlook) -> bool {
        let leaves = self.outlook.leaves.iter().zip(&self.rates.unpriced);
        let mut own = leaves.filter(|((key, means), _)| {
            let has_lines = means.iter().any(|m| m[Measure::Lines as usize] != 0);
            has_lines && self.outlook.by.iter().map(|dim| dim.of(key)).eq(group.label.iter().cloned())
        });
        own.next().is_some_and(|(_, first)| *first >= 1.0) && own.all(|(_, share)| *share >= 1.0)
    }

    /// Whether the answers of any payer of the group are in the files.
    fn knows_cash(&self, group: &GroupOutlook) -> bool {
        self.book.knows_cash(&self.outlook.by, &group.label)
    }

    /// The band of a measure, unless it is not known because the group's lines have no price, or none of its payers answered.
    pub(super) fn known(&self, group: &GroupOutlook, measure: Measure, band: impl Fn(Measure) -> Band) -> Option<Band> {
        let needs_price = !matches!(measure, Measure::Lines | Measure::Cash);
        let told = measure != Measure::Cash || self.knows_cash(group);
        (self.outlook.knows(measure) && told && (!needs_price || !self.is_unpriced(group))).then(|| band(measure))
    }

    /// The groups from the largest in allowed and cash down.
    pub(super) fn sorted(&self) -> Vec<&GroupOutlook> {
        let mut groups: Vec<&GroupOutlook> = self.outlook.groups.iter().collect();
        let worth = if self.outlook.knows(Measure::Net) { Measure::Net } else { Measure::Expected };
        let size = |g: &GroupOutlook| (g.sum(worth).mean, g.sum(Measure::Cash).mean);
        groups.sort_by_cached_key(|g| (std::cmp::Reverse(size(g)), g.label.clone()));
        groups
    }

    /// The name of a group where no header says what its parts are: `Medicare Part B, POS 11`.
    fn full_name(&self, group: &GroupOutlook) -> String {
        let parts = self.outlook.by.iter().zip(self.group_name(group));
        let part = |(dim, name): (&Dim, String)| if *dim == Dim::Pos { format!("POS {name}") } else { name };
        parts.map(part).collect::<Vec<_>>().join(", ")
    }

    /// The largest of them with their names, for charts.
    fn largest(&self) -> Vec<(&GroupOutlook, String)> {
        self.sorted().into_iter().take(CHARTED).map(|g| (g, self.full_name(g))).collect()
    }

    pub(super) fn by_group(&self) -> Section {
        let (outlook, level) = (self.outlook, self.level);
        let row = |group: &GroupOutlook| {
            let mut row: Vec<Cell> = self.group_name(group).into_iter().map(Cell::from).collect();
            row.extend(cells(&GROUP, level, |m| self.known(group, m, |m| group.sum(m))));
            row
        };
        let mut total = self.total_name(0);
        total.extend(cells(&GROUP, level, |m| self.all(m)));
        let mut head = self.group_columns();
        head.extend(columns(&GROUP, level));
        let largest = self.largest();
        let title = match largest.first() {
            Some((group, name)) if self.outlook.knows(Measure::Cash) && self.is_unpriced(group) => format!(
                "{name} pays most: {} of {} in cash; what lines are worth is not known",
                pretty(group.sum(Measure::Cash).mean),
                pretty(outlook.total.sum(Measure::Cash).mean)
            ),
            Some((group, name)) => {
                let (measure, word) = match outlook.knows(Measure::Net) {
                    true => (Measure::Net, "allowed"),
                    false => (Measure::Expected, "expected"),
                };
                format!(
                    "{name} brings most: {} of {} {word}",
                    pretty(group.sum(measure).mean),
                    pretty(outlook.total.sum(measure).mean)
                )
            }
            None => "No group has lines to come".to_owned(),
        };
        let mut notes = Vec::new();
        if outlook.knows(Measure::Cash) {
            notes.push("Cash is not allowed less the patients' share: it is also paid on earlier services and on lines without a price, and what is allowed late is paid beyond the last month.".to_owned());
        } else {
            notes.push(format!("A dash under cash: {}.", self.unknown(Measure::Cash)));
        }
        if !outlook.knows(Measure::Net) {
            notes.push(format!(
                "A dash under what is denied, short or allowed is not known: {}.",
                self.unknown(Measure::Net)
            ));
        }
        if outlook.groups.iter().any(|g| !self.knows_cash(g)) && outlook.knows(Measure::Cash) {
            notes.push("A dash under cash: no answer of the payer is in the files, so what it pays is not known and in no total.".to_owned());
        }
        if outlook.groups.len() > CHARTED {
            notes.push(format!(
                "The charts show the {CHARTED} largest of {} groups, the tables all.",
                outlook.groups.len()
            ));
        }
        if outlook.groups.iter().any(|g| self.is_unpriced(g)) {
            let cash = if outlook.knows(Measure::Cash) { " Its cash is what such lines were paid." } else { "" };
            notes.push(format!(
                "A dash under expected: no line of the group has a price, so what it is worth is not known.{cash}"
            ));
        }
        let series = |name: &str, measure: Measure, accent| Series {
            name: name.to_owned(),
            values: largest
                .iter()
                .map(|(g, _)| self.known(g, measure, |m| g.sum(m)).map(|b| Money::from_cents(b.mean)))
                .collect(),
            accent,
        };
        let (words, series) = match outlook.knows(Measure::Net) {
            true => (
                "allowed amounts and cash",
                vec![series("Allowed", Measure::Net, false), series("Cash", Measure::Cash, true)],
            ),
            false => ("expected amounts", vec![series("Expected", Measure::Expected, true)]),
        };
        let chart = BarChart {
            title: title.clone(),
            alt: format!("{title}. Bars of {words} by group."),
            value_axis: match outlook.months.len() {
                1 => "Dollars over one month".to_owned(),
                n => format!("Dollars over {n} months"),
            },
            groups: largest.iter().map(|(_, name)| name.clone()).collect(),
            series,
        };
        Section {
            chart: Some(Chart::Bars(chart)),
            table: Table { columns: head, rows: self.sorted().into_iter().map(row).collect(), total: Some(total) },
            notes,
            ..self.section(
                "groups",
                title,
                "All months to come together. Means add up to the cent; ranges do not add, because not all groups are low at once.",
            )
        }
    }

    pub(super) fn by_group_and_month(&self) -> Section {
        let (outlook, level) = (self.outlook, self.level);
        let mut rows = Vec::with_capacity(outlook.groups.len() * outlook.months.len());
        for group in self.sorted() {
            let name: Vec<Cell> = self.group_name(group).into_iter().map(Cell::from).collect();
            for (at, month) in outlook.months.iter().enumerate() {
                let mut row = name.clone();
                row.push(month_cell(*month));
                row.extend(cells(&GROUP, level, |m| self.known(group, m, |m| group.month(at, m))));
                rows.push(row);
            }
        }
        let mut total = self.total_name(1);
        total.extend(cells(&GROUP, level, |m| self.all(m)));
        let mut head = self.group_columns();
        head.push(text("month", "Month"));
        head.extend(columns(&GROUP, level));
        // A group without a figure has no row of shades; the groups that are not shown are one row, or the totals would lack them.
        let priced: Vec<&GroupOutlook> = self.sorted().into_iter().filter(|g| !self.is_unpriced(g)).collect();
        let shown = if priced.len() > CHARTED { CHARTED - 1 } else { priced.len() };
        let (largest, others) = priced.split_at(shown);
        let months = || 0..outlook.months.len();
        let value = |groups: &[&GroupOutlook]| -> Vec<Option<Money>> {
            let of = |at| groups.iter().map(|g| Money::from_cents(g.month(at, Measure::Net).mean)).sum();
            months().map(|at| Some(of(at))).collect()
        };
        let mut names: Vec<String> = largest.iter().map(|g| self.full_name(g)).collect();
        let mut values: Vec<Vec<Option<Money>>> = largest.iter().map(|g| value(&[*g])).collect();
        if !others.is_empty() {
            names.push(format!("{} other groups", others.len()));
            values.push(value(others));
        }
        let title = "Allowed by group and month of service".to_owned();
        let chart = HeatMap {
            title: title.clone(),
            alt: format!("{title}: a grid of dollars, darker where more is allowed."),
            value_name: "Allowed, dollars".to_owned(),
            rows: names,
            columns: outlook.months.iter().map(ToString::to_string).collect(),
            values,
        };
        Section {
            // A year fits; more months would be unreadable.
            chart: (outlook.months.len() <= 12 && !priced.is_empty() && outlook.knows(Measure::Net))
                .then_some(Chart::HeatMap(chart)),
            table: Table { columns: head, rows, total: Some(total) },
            ..self.section(
                "groups-by-month",
                title,
                "In every month the groups add up to the month's total, to the cent.",
            )
        }
    }
}
