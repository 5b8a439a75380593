//! What comes by month of service, and cash by month of posting.

use rust_decimal::{Decimal, RoundingStrategy};

use super::ForecastPage;
use super::cells::{cells, columns, dollars, estimate, month_cell, pretty, text};
use crate::forecast::Month;
use crate::outlook::{Band, Measure};
use crate::report::model::{Cell, Section, Table};

/// The measures by month of service.
const SERVICE: [(Measure, bool); 7] = [
    (Measure::Lines, false),
    (Measure::Expected, true),
    (Measure::Denied, false),
    (Measure::Underpaid, false),
    (Measure::Overpaid, false),
    (Measure::OffBenchmark, false),
    (Measure::Net, true),
];

impl ForecastPage<'_> {
    pub(super) fn by_month(&self) -> Section {
        let (outlook, level) = (self.outlook, self.level);
        let title = self.sentence("Services to come are expected to be worth", Measure::Expected);
        let row = |(at, month): (usize, &Month)| {
            let of = |measure: Measure| outlook.known_month(at, measure);
            std::iter::once(month_cell(*month)).chain(cells(&SERVICE, level, of)).collect()
        };
        let total = cells(&SERVICE, level, |m| outlook.known_sum(m));
        Section {
            chart: self.fan(Measure::Expected, &title),
            table: Table {
                columns: std::iter::once(text("month", "Month")).chain(columns(&SERVICE, level)).collect(),
                rows: outlook.months.iter().enumerate().map(row).collect(),
                total: Some(std::iter::once(Cell::from("All months")).chain(total).collect()),
            },
            notes: self.between().into_iter().chain([
                "Expected − denied − underpaid + overpaid − off benchmark = allowed, to the cent, in every row.".to_owned(),
            ]).collect(),
            ..self.section(
                "expected",
                title,
                "Lines to come × what the schedules and terms at hand pay for the mix of the last twelve months, less what is denied or short in the proportions of each payer's history.",
            )
        }
    }

    pub(super) fn cash_by_month(&self) -> Section {
        let outlook = self.outlook;
        if !outlook.knows(Measure::Cash) {
            let why = self.unknown(Measure::Cash);
            return self.section(
                "cash",
                format!("Cash is not known: {why}"),
                "What payers pay, and when, is learned from their payments.",
            );
        }
        let title = self.sentence("Payers will pay about", Measure::Cash);
        let others = [50, 80, 95].into_iter().filter(|level| *level != self.level);
        let levels: Vec<u8> = std::iter::once(self.level).chain(others).collect();
        let of = |cash: Band, posted: Band, served: Band, forecast: Band| {
            let mut row = vec![dollars(cash.mean)];
            let range = |level: &u8| [dollars(cash.range(*level).0), dollars(cash.range(*level).1)];
            row.extend(levels.iter().take(1).flat_map(range));
            row.extend([posted, served, forecast].map(|part| dollars(part.mean)));
            row.push(dollars(cash.median));
            row.extend(levels.iter().skip(1).flat_map(range));
            row
        };
        let parts = [Measure::Cash, Measure::CashPosted, Measure::CashOfServed, Measure::CashOfForecast];
        let row = |(at, month): (usize, &Month)| {
            let [cash, posted, served, forecast] = parts.map(|m| outlook.total.month(at, m));
            std::iter::once(month_cell(*month)).chain(of(cash, posted, served, forecast)).collect()
        };
        let [cash, posted, served, forecast] = parts.map(|m| outlook.total.sum(m));
        let range = |level: &u8| {
            [
                estimate(&format!("low{level}"), &format!("Low ({level}%)")),
                estimate(&format!("high{level}"), &format!("High ({level}%)")),
            ]
        };
        let mut columns = vec![text("month", "Month"), estimate("cash", "Cash")];
        columns.extend(levels.iter().take(1).flat_map(range));
        columns.extend([
            estimate("posted", "Posted so far"),
            estimate("of_served", "Of services in the files"),
            estimate("of_forecast", "Of services to come"),
            estimate("median", "Median"),
        ]);
        columns.extend(levels.iter().skip(1).flat_map(range));
        let mut notes = Vec::new();
        let so_far = outlook.total.month(0, Measure::CashPosted).mean;
        if let Some(first) = outlook.months.first().filter(|_| so_far != 0) {
            let to_come = outlook.total.month(0, Measure::Cash).mean - so_far;
            notes.push(format!(
                "Cash of {first} is {} that was posted in it by {}, and {} that is still to come.",
                pretty(so_far),
                outlook.as_of,
                pretty(to_come)
            ));
        }
        let begin = self.cash_from();
        if begin > self.book.first {
            notes.push(format!(
                "The chart begins with {begin}: in the months before it payers still paid for services before {}, which are in no file.",
                self.book.first
            ));
        }
        Section {
            chart: self.fan(Measure::Cash, &title),
            table: Table {
                columns,
                rows: outlook.months.iter().enumerate().map(row).collect(),
                total: Some(std::iter::once(Cell::from("All months")).chain(of(cash, posted, served, forecast)).collect()),
            },
            notes,
            ..self.section(
                "cash",
                title,
                format!(
                    "What is allowed comes in by each payer's payment lag; {} of it is for services that are in the files and was still open on {}. Cash is the sum of both and of what was already posted, to the cent.",
                    pretty(served.mean),
                    outlook.as_of
                ),
            )
        }
    }

    /// Months between the services in the files and those to come: each with what it is taken to have brought.
    fn between(&self) -> Vec<String> {
        let outlook = self.outlook;
        let one = |(at, month): (usize, &Month)| {
            let [lines, expected, net] =
                [Measure::Lines, Measure::Expected, Measure::Net].map(|m| outlook.between.month(at, m).mean);
            let allowed =
                if outlook.knows(Measure::Net) { format!(", {} allowed", pretty(net)) } else { String::new() };
            let paid = self.book.cash_of(*month);
            let paid = paid.map_or_else(String::new, |paid| format!("; payers paid {} in it", paid.pretty_dollars()));
            format!(
                "{month} lies between the services in the files and the months to come, and is in no total: about {} lines, {} expected{allowed}{paid}.",
                Decimal::new(lines, 2).round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero),
                pretty(expected)
            )
        };
        outlook.between_months.iter().enumerate().map(one).collect()
    }

    /// `Payers will pay about $1 over 12 months, $1 to $2 with 80% confidence`.
    fn sentence(&self, what: &str, measure: Measure) -> String {
        let sum = self.outlook.total.sum(measure);
        let (low, high) = sum.range(self.level);
        let months = match self.outlook.months.len() {
            1 => "one month".to_owned(),
            n => format!("{n} months"),
        };
        format!(
            "{what} {} over {months}, {} to {} with {}% confidence",
            pretty(sum.mean),
            pretty(low),
            pretty(high),
            self.level
        )
    }
}
