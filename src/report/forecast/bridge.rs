//! From the last forecast to what came and to this one: volume, mix, rate, denial, timing.

use super::ForecastPage;
use super::cells::{dollars, estimate, more, pretty, text};
use crate::domain::Money;
use crate::forecast::Month;
use crate::outlook::{Both, Bridge, Bridges, spans};
use crate::report::model::{Cell, Chart, Section, Step, Table, Waterfall};

/// A step's name with its amounts of allowed and of cash.
type Line = (String, Both);

fn span(months: (Month, Month)) -> String {
    if months.0 == months.1 { months.0.to_string() } else { format!("{} to {}", months.0, months.1) }
}

/// The months of cash: those of services, and those of postings alone.
fn cash_months(bridges: &Bridges, b: &Bridge, with_unserved: bool) -> Option<(Month, Month)> {
    let alone = bridges.unserved.iter().filter(|_| with_unserved).map(|m| (*m, *m));
    b.months.into_iter().chain(alone).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

/// The steps with their names; levels first and last.
fn steps(bridges: &Bridges, b: &Bridge) -> Vec<Line> {
    let line = |name: &str, amounts: Both| (name.to_owned(), amounts);
    let mut steps = vec![
        line("Last forecast", b.from),
        line("Volume: more or fewer lines", b.volume),
        line("Mix: other payers, places, codes", b.mix),
        line("Rate: more or less per line", b.rate),
        line("Denial: more or less of it allowed", b.denial),
        line("Timing: cash per dollar allowed", (Money::ZERO, b.timing)),
    ];
    if !bridges.unserved.is_empty() {
        steps.push((format!("Postings of {}: no services known", spans(&bridges.unserved)), (Money::ZERO, b.unserved)));
    }
    steps.push(line("Now", b.to));
    steps
}

impl ForecastPage<'_> {
    /// How much cash differs from the last forecast, and over which months: `$300 less`, `2025-07 to 2026-06`.
    pub(super) fn since(&self) -> Option<(String, String)> {
        let bridges = self.bridges?;
        let together = bridges.together()?;
        let months = cash_months(bridges, &together, true).map(span)?;
        Some((more((together.to.1 - together.from.1).cents()), months))
    }

    /// One table of all months, those that came and those to come, and the charts of cash.
    pub(super) fn bridge(&self, bridges: &Bridges) -> Section {
        let kept = bridges.kept;
        let mut notes = Vec::new();
        if !bridges.unserved.is_empty() {
            notes.push(format!(
                "Of {} the postings have come, but the services are in no file: it stands in cash, and in no allowed amount.",
                spans(&bridges.unserved)
            ));
        }
        let Some(together) = bridges.together() else {
            notes.insert(0, "No month of it is whole in the files by now, and none is forecast.".to_owned());
            return Section {
                notes,
                ..self.section(
                    "bridge",
                    format!("The forecast of {kept} has no month to compare"),
                    "A bridge needs months that both forecasts have, or months that have come.",
                )
            };
        };
        let without = if bridges.left_out.is_empty() {
            String::new()
        } else {
            let all = together.from.1 + bridges.left_out_cash;
            notes.push(format!(
                "{} not compared: not whole in the files, and not forecast now. The last forecast had {} of cash there: with the {} that are compared, the {} it had in all.",
                match bridges.left_out.len() {
                    1 => format!("{} is", spans(&bridges.left_out)),
                    _ => format!("{} are", spans(&bridges.left_out)),
                },
                bridges.left_out_cash.pretty(),
                together.from.1.pretty(),
                all.pretty()
            ));
            format!(" without {}", spans(&bridges.left_out))
        };
        // With one kind of months, all of them are these. All first: a terminal has no room for the others' last column.
        let parts: Vec<(&str, &str, Bridge)> = match (bridges.came, bridges.ahead) {
            (Some(came), Some(ahead)) => {
                vec![("all", "all", together), ("came", "came", came), ("ahead", "to come", ahead)]
            }
            (Some(came), None) => vec![("came", "came", came)],
            _ => vec![("ahead", "to come", together)],
        };
        let mut columns = vec![text("step", "Step")];
        for (name, header, b) in &parts {
            let months = |months: Option<(Month, Month)>| months.map_or_else(|| "no month".to_owned(), span);
            let (net, cash) = (months(b.months), months(cash_months(bridges, b, *name != "ahead")));
            let served = bridges.unserved.iter().filter(|m| b.months.is_some_and(|(from, to)| from < **m && **m < to));
            let gap: Vec<Month> = served.copied().collect();
            let net = if gap.is_empty() { net } else { format!("{net} without {}", spans(&gap)) };
            columns.push(estimate(&format!("allowed_{name}"), &format!("Allowed, {header}: {net}")));
            columns.push(estimate(&format!("cash_{name}"), &format!("Cash, {header}: {cash}")));
        }
        let steps: Vec<Vec<Line>> = parts.iter().map(|(_, _, b)| self::steps(bridges, b)).collect();
        let line = |at: usize| -> Vec<Cell> {
            let mut row = vec![Cell::from(steps[0][at].0.clone())];
            for ((_, _, b), steps) in parts.iter().zip(&steps) {
                let (net, cash) = steps[at].1;
                row.push(if b.months.is_some() { dollars(net.cents()) } else { Cell::Empty });
                row.push(dollars(cash.cents()));
            }
            row
        };
        let months = cash_months(bridges, &together, true).map(span).unwrap_or_default();
        let title = format!(
            "Since the forecast of {kept}, {}: {months}{without}{}",
            match (together.to.1 - together.from.1).cents() {
                0 => "cash is as forecast".to_owned(),
                cents => format!("{} cash", more(cents)),
            },
            self.unanswered_words().map(|words| format!(", {words}")).unwrap_or_default(),
        );
        let last = steps[0].len() - 1;
        let step = |(at, (label, (_, cash))): (usize, &Line)| Step {
            label: label.split(':').next().unwrap_or(label).to_owned(),
            amount: *cash,
            is_level: at == 0 || at == last,
            accent: at != 0 && at != last && *cash < Money::ZERO,
        };
        let chart = Chart::Bridge(Waterfall {
            title: title.clone(),
            alt: format!(
                "{title}. Steps from the last forecast: volume, mix, rate, denial, timing; what takes away is in another colour."
            ),
            value_axis: format!("Cash from payers, {months}{without}, dollars; less cash in colour"),
            steps: steps[0].iter().enumerate().map(step).collect(),
        });
        Section {
            chart: Some(chart),
            table: Table { columns, rows: (0..last).map(line).collect(), total: Some(line(last)) },
            notes,
            ..self.section(
                "bridge",
                title,
                format!(
                    "From {} to {} of cash. One change after the other, in this order, allowed and cash each in its own dollars; the steps sum to the difference to the cent. Months that came are compared with what is known of them now, months to come with this forecast.",
                    pretty(together.from.1.cents()),
                    pretty(together.to.1.cents())
                ),
            )
        }
    }
}
