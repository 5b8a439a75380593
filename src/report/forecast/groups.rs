//! By payer, state, place of service or family of codes: over all months, by month, and in single futures.

use rust_decimal::Decimal;

use super::ForecastPage;
use super::cells::{cells, columns, dollars, estimate, month_cell, pretty, text};
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

    fn total_name(&self, more: usize) -> Vec<Cell> {
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

    /// The band of a measure, unless it is not known because the group's lines have no price.
    pub(super) fn known(&self, group: &GroupOutlook, measure: Measure, band: impl Fn(Measure) -> Band) -> Option<Band> {
        let needs_price = !matches!(measure, Measure::Lines | Measure::Cash);
        (self.outlook.knows(measure) && (!needs_price || !self.is_unpriced(group))).then(|| band(measure))
    }

    /// The groups from the largest in allowed and cash down, with their names, for charts.
    fn largest(&self) -> Vec<(&GroupOutlook, String)> {
        let mut groups: Vec<&GroupOutlook> = self.outlook.groups.iter().collect();
        let size = |g: &GroupOutlook| (g.sum(Measure::Net).mean, g.sum(Measure::Cash).mean);
        groups.sort_by_cached_key(|g| (std::cmp::Reverse(size(g)), g.label.clone()));
        groups.into_iter().take(CHARTED).map(|g| (g, self.group_name(g).join(", "))).collect()
    }

    pub(super) fn by_group(&self) -> Section {
        let (outlook, level) = (self.outlook, self.level);
        let row = |group: &GroupOutlook| {
            let mut row: Vec<Cell> = self.group_name(group).into_iter().map(Cell::from).collect();
            row.extend(cells(&GROUP, level, |m| self.known(group, m, |m| group.sum(m))));
            row
        };
        let mut total = self.total_name(0);
        total.extend(cells(&GROUP, level, |m| outlook.known_sum(m)));
        let mut head = self.group_columns();
        head.extend(columns(&GROUP, level));
        let largest = self.largest();
        let title = match largest.first() {
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
        let mut notes = vec![
            "Cash is not allowed less the patients' share: it is also paid on earlier services and on lines without a price, and what is allowed late is paid beyond the last month.".to_owned(),
        ];
        if outlook.groups.len() > CHARTED {
            notes.push(format!(
                "The charts show the {CHARTED} largest of {} groups, the tables all.",
                outlook.groups.len()
            ));
        }
        if outlook.groups.iter().any(|g| self.is_unpriced(g)) {
            notes.push("A dash: no line of the group has a price, so what it is worth is not known. Its cash is what such lines were paid.".to_owned());
        }
        let series = |name: &str, measure: Measure, accent| Series {
            name: name.to_owned(),
            values: largest
                .iter()
                .map(|(g, _)| self.known(g, measure, |m| g.sum(m)).map(|b| Money::from_cents(b.mean)))
                .collect(),
            accent,
        };
        let chart = BarChart {
            title: title.clone(),
            alt: format!("{title}. Bars of allowed amounts and cash by group."),
            value_axis: format!("Dollars over {} months", outlook.months.len()),
            groups: largest.iter().map(|(_, name)| name.clone()).collect(),
            series: vec![series("Allowed", Measure::Net, false), series("Cash", Measure::Cash, true)],
        };
        Section {
            chart: Some(Chart::Bars(chart)),
            table: Table { columns: head, rows: outlook.groups.iter().map(row).collect(), total: Some(total) },
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
        for group in &outlook.groups {
            let name: Vec<Cell> = self.group_name(group).into_iter().map(Cell::from).collect();
            for (at, month) in outlook.months.iter().enumerate() {
                let mut row = name.clone();
                row.push(month_cell(*month));
                row.extend(cells(&GROUP, level, |m| self.known(group, m, |m| group.month(at, m))));
                rows.push(row);
            }
        }
        let mut total = self.total_name(1);
        total.extend(cells(&GROUP, level, |m| outlook.known_sum(m)));
        let mut head = self.group_columns();
        head.push(text("month", "Month"));
        head.extend(columns(&GROUP, level));
        // A group without a figure has no row of shades.
        let largest: Vec<_> = self.largest().into_iter().filter(|(g, _)| !self.is_unpriced(g)).collect();
        let value = |group: &GroupOutlook, at: usize| {
            self.known(group, Measure::Net, |m| group.month(at, m)).map(|b| Money::from_cents(b.mean))
        };
        let title = "Allowed by group and month of service".to_owned();
        let chart = HeatMap {
            title: title.clone(),
            alt: format!("{title}: a grid of dollars, darker where more is allowed."),
            value_name: "Allowed, dollars".to_owned(),
            rows: largest.iter().map(|(_, name)| name.clone()).collect(),
            columns: outlook.months.iter().map(ToString::to_string).collect(),
            values: largest.iter().map(|(g, _)| (0..outlook.months.len()).map(|at| value(g, at)).collect()).collect(),
        };
        Section {
            // A year fits; more months would be unreadable.
            chart: (outlook.months.len() <= 12 && outlook.knows(Measure::Net)).then_some(Chart::HeatMap(chart)),
            table: Table { columns: head, rows, total: Some(total) },
            ..self.section(
                "groups-by-month",
                title,
                "In every month the groups add up to the month's total, to the cent.",
            )
        }
    }

    pub(super) fn futures(&self) -> Section {
        let outlook = self.outlook;
        let shares = [(10, 0.1), (25, 0.25), (50, 0.5), (75, 0.75), (90, 0.9)];
        let at: Vec<(i64, Vec<i64>)> = shares.iter().map(|(_, s)| outlook.at_quantile(Measure::Net, *s)).collect();
        let mut head = self.group_columns();
        head.extend(shares.iter().map(|(p, _)| estimate(&format!("p{p}"), &format!("Total at its {p}th percentile"))));
        let row = |(i, group): (usize, &GroupOutlook)| {
            let mut row: Vec<Cell> = self.group_name(group).into_iter().map(Cell::from).collect();
            let known = !self.is_unpriced(group);
            row.extend(at.iter().map(|(_, parts)| if known { dollars(parts[i]) } else { Cell::Empty }));
            row
        };
        let mut total = self.total_name(0);
        total.extend(at.iter().map(|(total, _)| Cell::Number(Decimal::new(*total, 2))));
        Section {
            table: Table { columns: head, rows: outlook.groups.iter().enumerate().map(row).collect(), total: Some(total) },
            ..self.section(
                "futures",
                format!(
                    "One in ten futures allows less than {}, one in ten more than {}",
                    pretty(at[0].0),
                    pretty(at[4].0)
                ),
                "Allowed amounts: the future in which the total stands at each percentile, and what its parts are in it. They add up to the cent; a part may well be larger in a future whose total is lower.",
            )
        }
    }
}
