//! What will be denied or underpaid if nothing changes, by cause.

use super::ForecastPage;
use super::cells::{dollars, estimate, pretty, text};
use crate::domain::Money;
use crate::leakage::Cause;
use crate::outlook::Measure;
use crate::outlook::{Band, CauseOutlook};
use crate::report::model::{BarChart, Cell, Chart, Section, Series, Table};

/// Causes in the chart.
const CHARTED: usize = 12;

impl ForecastPage<'_> {
    pub(super) fn leakage(&self) -> Section {
        let outlook = self.outlook;
        let level = self.level;
        if !outlook.knows(Measure::Denied) {
            let why = self.unknown(Measure::Denied);
            return self.section(
                "leakage",
                format!("What will be denied or underpaid is not known: {why}"),
                "Denials and underpayments are learned from the answers of payers.",
            );
        }
        let all = self.lost();
        let cells = |band: &Band| {
            let (low, high) = band.range(level);
            [band.mean, low, high].map(dollars)
        };
        let row = |c: &CauseOutlook| {
            let kind = if matches!(c.cause, Cause::Denied(_)) { "Denied" } else { "Underpaid" };
            [Cell::from(kind), Cell::from(c.cause.label())].into_iter().chain(cells(&c.band)).collect()
        };
        let title = match outlook.causes.first() {
            _ if self.no_price() => "What will be denied or underpaid is not known: no line has a price".to_owned(),
            Some(first) => format!(
                "{} will be denied or underpaid if nothing changes; the largest cause is {}, {}",
                pretty(all.mean),
                first.cause.label(),
                pretty(first.band.mean)
            ),
            None => "Nothing is known to be denied or underpaid".to_owned(),
        };
        let mut notes = vec!["The causes of a payer share its luck: only their sum varies by itself.".to_owned()];
        if outlook.causes.len() > CHARTED {
            notes.push(format!("The chart shows the {CHARTED} largest of {} causes.", outlook.causes.len()));
        }
        let charted = || outlook.causes.iter().take(CHARTED);
        let chart = BarChart {
            title: title.clone(),
            alt: format!("{title}. Bars by cause, the largest first."),
            value_axis: format!("Denied or underpaid over {} months, dollars", outlook.months.len()),
            groups: charted().map(|c| c.cause.label().to_owned()).collect(),
            series: vec![Series {
                name: "Denied or underpaid".to_owned(),
                values: charted().map(|c| Some(Money::from_cents(c.band.mean))).collect(),
                accent: true,
            }],
        };
        Section {
            chart: (!outlook.causes.is_empty()).then_some(Chart::Bars(chart)),
            table: Table {
                columns: vec![
                    text("kind", "Kind"),
                    text("cause", "Cause"),
                    estimate("mean", "Dollars"),
                    estimate("low", &format!("Low ({level}%)")),
                    estimate("high", &format!("High ({level}%)")),
                ],
                rows: outlook.causes.iter().map(row).collect(),
                total: Some([Cell::from("All"), Cell::Empty].into_iter().chain(cells(&all)).collect()),
            },
            notes,
            ..self.section(
                "leakage",
                title,
                "Each payer's denials and underpayments go on in the proportions of its history. The sum is that of the columns denied and underpaid by month.",
            )
        }
    }
}
