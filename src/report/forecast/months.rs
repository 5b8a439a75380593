//! What comes by month of service, and cash by month of posting.

use super::ForecastPage;
use super::cells::{cells, columns, dollars, estimate, month_cell, pretty, span_of, text, whole_lines};
use super::headline::SLIGHT;
use crate::domain::Money;
use crate::forecast::Month;
use crate::outlook::{Band, Measure, spans};
use crate::report::model::{Cell, Column, ColumnKind, Section, Table};

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
        let title = self.worth();
        let row = |(at, month): (usize, &Month)| {
            let of = |measure: Measure| self.all(measure).and_then(|_| outlook.known_month(at, measure));
            std::iter::once(month_cell(*month)).chain(cells(&SERVICE, level, of)).collect()
        };
        let total = cells(&SERVICE, level, |m| self.all(m));
        Section {
            chart: self.fan(Measure::Expected, &title),
            table: Table {
                columns: std::iter::once(text("month", "Month")).chain(columns(&SERVICE, level)).collect(),
                rows: outlook.months.iter().enumerate().map(row).collect(),
                total: Some(std::iter::once(Cell::from("All months")).chain(total).collect()),
            },
            notes: std::iter::once(match outlook.knows(Measure::Net) {
                true => "Expected − denied − underpaid + overpaid − off benchmark = allowed, to the cent, in every row."
                    .to_owned(),
                false => format!("A dash is not known: {}.", self.unknown(Measure::Net)),
            })
            .chain((!self.book.missing.is_empty()).then(|| {
                format!("The gap in the chart's line: services of {} are in no file.", spans(&self.book.missing))
            }))
            .chain(outlook.between_months.first().map(|first| {
                format!("The chart's forecast begins with {first}, which is in no total: its services are in no file.")
            }))
            .collect(),
            ..self.section(
                "expected",
                title,
                match outlook.knows(Measure::Net) {
                    true => "Lines to come × what the schedules and terms at hand pay for the mix of the last twelve months, less what is denied or short in the proportions of each payer's history.",
                    false => "Lines to come × what the schedules and terms at hand pay for the mix of the last twelve months.",
                },
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
        let title = self.paid();
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
                "Cash of {first} is {} that was posted in it by {} on lines in the files, and {} that is still to come.",
                pretty(so_far),
                outlook.as_of,
                pretty(to_come)
            ));
        }
        notes.extend(self.partial_cash());
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

    /// Months to come in which payers still pay for services that are in no file: from before it begins, or missing.
    pub(super) fn lacking_ahead(&self) -> Option<String> {
        let book = self.book;
        let part = |is_absent: &dyn Fn(Month) -> bool, of: String| {
            let lacking = |month: &&Month| self.lacking(**month, is_absent) > SLIGHT;
            let months: Vec<Month> = self.outlook.months.iter().filter(lacking).copied().collect();
            (!months.is_empty()).then(|| {
                let months = spans(&months);
                format!("Cash of {months} is without what is still paid for services {of}, which are in no file: more will come.")
            })
        };
        let parts = [
            part(&|month| month < book.first, format!("before {}", book.first)),
            part(&|month| book.missing.contains(&month), format!("of {}", spans(&book.missing))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// Where cash of the past or of the months to come is not that of all services, because some are in no file.
    fn partial_cash(&self) -> Vec<String> {
        let book = self.book;
        let mut notes = Vec::new();
        if let Some(without) = self.unanswered_words() {
            notes.push(format!(
                "Cash is {without}: neither what is recorded nor what is to come has any of its payments."
            ));
        }
        let (begin, whole) = (self.cash_from(), self.whole_cash_from());
        if begin > book.first {
            notes.push(format!(
                "The chart begins with {begin}: in the months before it payers still paid for services before {}, which are in no file.",
                book.first
            ));
        } else if whole > book.first {
            notes.push(format!(
                "Up to {} payers also pay for services before {}, which are in no file: the line of the chart is too low in these months.",
                whole.plus(-1),
                book.first
            ));
        }
        notes.extend(self.lacking_ahead());
        let absent: Vec<Month> = book.missing.iter().chain(&self.outlook.between_months).copied().collect();
        let partial: Vec<Month> = (0..=book.last_posting.since(whole))
            .map(|n| whole.plus(n))
            .filter(|month| !self.is_whole_cash(*month))
            .collect();
        if !partial.is_empty() {
            notes.push(format!(
                "The line of the chart is too low in {}: services of {} are in no file, and payments are counted by the lines they pay.",
                spans(&partial),
                spans(&absent)
            ));
        }
        let apart = &book.without_line.paid;
        if let (Some(from), Some(to)) = (apart.keys().next(), apart.keys().next_back()) {
            notes.push(format!(
                "Cash is that of lines in the files: beside it payers paid {} in {} on claims that are not in them.",
                book.without_line.paid_in(*from, *to).pretty_dollars(),
                span_of(*from, *to)
            ));
        }
        notes
    }

    /// What services to come are worth; how many of them have no price where that changes the figure.
    pub(super) fn worth(&self) -> String {
        if self.all(Measure::Expected).is_none() {
            return "What services to come are worth is not known: no line has a price".to_owned();
        }
        let sentence = self.sentence("Services to come are worth", Measure::Expected);
        match self.unpriced_words().filter(|_| self.many_unpriced()) {
            Some(words) => format!("{sentence}; {words}"),
            None => sentence,
        }
    }

    /// Months between the services in the files and those to come: what they are taken to have brought, and what was paid in them.
    pub(super) fn between(&self) -> Option<Section> {
        let (outlook, level) = (self.outlook, self.level);
        let (first, last) = (outlook.between_months.first()?, outlook.between_months.last()?);
        let paid = |month: &Month| self.book.cash_of(*month).map(Money::cents);
        let row = |name: Cell, of: &dyn Fn(Measure) -> Band, paid: Option<i64>| {
            let of = |measure: Measure| {
                (outlook.knows(measure) && (measure == Measure::Lines || !self.no_price())).then(|| of(measure))
            };
            let paid = paid.map_or(Cell::Empty, |paid| Cell::from(Money::from_cents(paid)));
            std::iter::once(name).chain(cells(&SERVICE, level, of)).chain([paid]).collect::<Vec<_>>()
        };
        let months = outlook.between_months.iter().enumerate();
        let all = outlook.between_months.iter().map(paid).sum::<Option<i64>>();
        let worth = match (outlook.knows(Measure::Net), self.no_price()) {
            (_, true) => String::new(),
            (true, _) => format!(", {} allowed", pretty(outlook.between.sum(Measure::Net).mean)),
            (false, _) => format!(", {} expected", pretty(outlook.between.sum(Measure::Expected).mean)),
        };
        let apart = self.book.without_line.paid_in(*first, *last);
        let paid_in_all = all.map_or_else(String::new, |all| {
            let it = if first == last { "it" } else { "them" };
            match apart.is_zero() {
                true => format!("; payers paid {} in {it}", pretty(all)),
                false => format!(
                    "; payers paid {} in {it} on lines in the files, and {} on claims that are not",
                    pretty(all),
                    apart.pretty_dollars()
                ),
            }
        });
        let title = format!(
            "{} between the files and the months to come {} in no total: about {} lines{worth}{paid_in_all}",
            span_of(*first, *last),
            if first == last { "is" } else { "are" },
            whole_lines(outlook.between.sum(Measure::Lines).mean),
        );
        let mut head = vec![text("month", "Month")];
        head.extend(columns(&SERVICE, level));
        head.push(Column::new("paid", "Paid in the month on lines in the files", ColumnKind::Money));
        Some(Section {
            table: Table {
                columns: head,
                rows: months
                    .map(|(at, m)| row(month_cell(*m), &|measure| outlook.between.month(at, measure), paid(m)))
                    .collect(),
                // Of one month the row is the sum.
                total: (first != last).then(|| row(Cell::from("All"), &|measure| outlook.between.sum(measure), all)),
            },
            ..self.section(
                "between",
                title,
                "The files hold postings of these months and no services: what was served is forecast, and paid in the months to come as their services are; what was paid on lines in the files is counted.",
            )
        })
    }

    /// `Payers will pay about $1 over 12 months, $1 to $2 with 80% confidence`.
    pub(super) fn paid(&self) -> String {
        let sentence = self.sentence("Payers will pay about", Measure::Cash);
        match self.unanswered_words() {
            Some(without) => format!("{sentence}, {without}"),
            None => sentence,
        }
    }

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
