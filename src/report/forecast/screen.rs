//! The page for a terminal: the answer, and tables of few columns that add across.

use super::ForecastPage;
use super::cells::{dollars, estimate, month_cell, text};
use crate::domain::Money;
use crate::outlook::{Band, GroupOutlook, Measure};
use crate::report::model::{Cell, Column, Report, Section, Table};

/// Columns of the bridge: the step, and both amounts of all months.
const BRIDGE: usize = 3;

/// What of expected is not allowed: denied, underpaid, less what is overpaid, and off benchmark.
fn not_allowed(of: impl Fn(Measure) -> Band) -> i64 {
    of(Measure::Expected).mean - of(Measure::Net).mean
}

fn known(cents: Option<i64>) -> Cell {
    cents.map_or(Cell::Empty, dollars)
}

impl ForecastPage<'_> {
    /// What a terminal shows, with the number of its tables: the same figures as the page.
    #[must_use]
    pub fn screen(&self) -> (Report, usize) {
        let mut report = self.report();
        let wanted = ["scenario", "bridge"];
        let asked = report.sections.iter().filter(|s| wanted.contains(&s.id.as_str())).cloned().map(|mut section| {
            if section.id == "bridge" {
                let table = &mut section.table;
                table.columns.truncate(BRIDGE);
                table.rows.iter_mut().chain(&mut table.total).for_each(|row| row.truncate(BRIDGE));
            }
            section
        });
        let asked: Vec<Section> = asked.collect();
        let mut sections = vec![self.months_of_service(), self.months_of_cash(&report)];
        sections.extend((!self.outlook.by.is_empty()).then(|| self.groups_in_short(&report)));
        sections.extend(asked);
        let tables = sections.len();
        report.sections = sections;
        (report, tables)
    }

    fn months_of_service(&self) -> Section {
        let (outlook, level) = (self.outlook, self.level);
        let row = |name: Cell, of: &dyn Fn(Measure) -> Band| {
            let priced = !self.no_price();
            let answered = priced && outlook.knows(Measure::Net);
            let expected = of(Measure::Expected);
            let (low, high) = expected.range(level);
            let worth = [expected.mean, low, high].map(|cents| known(priced.then_some(cents)));
            let becomes = [not_allowed(of), of(Measure::Net).mean].map(|cents| known(answered.then_some(cents)));
            std::iter::once(name).chain(worth).chain(becomes).collect::<Vec<_>>()
        };
        let months = outlook.months.iter().enumerate();
        Section {
            table: Table {
                columns: vec![
                    text("month", "Month of service"),
                    estimate("expected", "Expected"),
                    estimate("expected_low", &format!("Low ({level}%)")),
                    estimate("expected_high", &format!("High ({level}%)")),
                    estimate("not_allowed", "Not allowed, net"),
                    estimate("net", "Allowed"),
                ],
                rows: months.map(|(at, m)| row(month_cell(*m), &|measure| outlook.total.month(at, measure))).collect(),
                total: Some(row(Cell::from("All months"), &|measure| outlook.total.sum(measure))),
            },
            ..self.section("expected", self.worth(), "")
        }
    }

    /// Cash in two parts that add across: what is posted or open of services in the files, and what comes of later ones.
    fn months_of_cash(&self, report: &Report) -> Section {
        let section = Section { title: "Cash from payers by month of posting".to_owned(), ..self.part(report, "cash") };
        let (outlook, level) = (self.outlook, self.level);
        if !outlook.knows(Measure::Cash) {
            return section;
        }
        let posted = outlook.total.sum(Measure::CashPosted).mean != 0;
        let row = |name: Cell, of: &dyn Fn(Measure) -> Band| {
            let (low, high) = of(Measure::Cash).range(level);
            let in_files = of(Measure::CashPosted).mean + of(Measure::CashOfServed).mean;
            let amounts = [of(Measure::Cash).mean, low, high, in_files, of(Measure::CashOfForecast).mean];
            std::iter::once(name).chain(amounts.map(dollars)).collect::<Vec<_>>()
        };
        let months = outlook.months.iter().enumerate();
        let table = Table {
            columns: vec![
                text("month", "Month of posting"),
                estimate("cash", "Cash"),
                estimate("cash_low", &format!("Low ({level}%)")),
                estimate("cash_high", &format!("High ({level}%)")),
                estimate("in_files", if posted { "Posted or open" } else { "Of services in the files" }),
                estimate("of_forecast", "Of services to come"),
            ],
            rows: months.map(|(at, m)| row(month_cell(*m), &|measure| outlook.total.month(at, measure))).collect(),
            total: Some(row(Cell::from("All months"), &|measure| outlook.total.sum(measure))),
        };
        Section { table, ..section }
    }

    fn groups_in_short(&self, report: &Report) -> Section {
        let row = |names: Vec<Cell>, group: &GroupOutlook, is_total: bool| {
            let of = |m: Measure| group.sum(m);
            let of_group = |m: Measure| match is_total {
                true => self.all(m).is_some(),
                false => self.known(group, m, of).is_some(),
            };
            let amounts = [
                (Measure::Expected, of(Measure::Expected).mean),
                (Measure::Net, not_allowed(of)),
                (Measure::Net, of(Measure::Net).mean),
                (Measure::Cash, of(Measure::Cash).mean),
            ];
            let cells = amounts.map(|(measure, cents)| known(of_group(measure).then_some(cents)));
            names.into_iter().chain(cells).collect::<Vec<_>>()
        };
        let names = |g: &GroupOutlook| self.group_name(g).into_iter().map(Cell::from).collect::<Vec<_>>();
        let mut columns: Vec<Column> = self.group_columns();
        columns.extend([
            estimate("expected", "Expected"),
            estimate("not_allowed", "Not allowed, net"),
            estimate("net", "Allowed"),
            estimate("cash", "Cash"),
        ]);
        Section {
            table: Table {
                columns,
                rows: self.sorted().into_iter().map(|g| row(names(g), g, false)).collect(),
                total: Some(row(self.total_name(0), &self.outlook.total, true)),
            },
            ..self.part(report, "groups")
        }
    }

    fn part(&self, report: &Report, id: &str) -> Section {
        let found = report.sections.iter().find(|s| s.id == id).cloned();
        found.unwrap_or_else(|| self.section(id, String::new(), ""))
    }

    /// What must be said under the tables.
    #[must_use]
    pub fn screen_notes(&self) -> Vec<String> {
        let mut notes = vec![format!("Known as of {}.", self.outlook.as_of)];
        notes.extend(self.important());
        notes.extend(self.between().into_iter().map(|section| format!("{}.", section.title)));
        notes.extend(self.not_allowed_words());
        notes
    }

    /// What the terminal's column of what is not allowed is made of, beside the tile of what is denied or underpaid.
    fn not_allowed_words(&self) -> Option<String> {
        let of = |measure: Measure| self.all(measure).map(|band| band.mean);
        let lost = of(Measure::Denied)? + of(Measure::Underpaid)?;
        let (over, off) = (of(Measure::Overpaid)?, of(Measure::OffBenchmark)?);
        let money = |cents: i64| Money::from_cents(cents).pretty();
        let off = match off {
            less @ ..0 => format!("less {} allowed above benchmarks", money(-less)),
            more => format!("and {} allowed below benchmarks", money(more)),
        };
        Some(format!(
            "Not allowed, net, is {} denied or underpaid, less {} overpaid, {off}: {}. Each stands in tables/expected.csv (--out).",
            money(lost),
            money(over),
            money(self.outlook.total.sum(Measure::Expected).mean - self.outlook.total.sum(Measure::Net).mean)
        ))
    }
}
