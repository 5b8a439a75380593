//! From the last forecast to what came and to this one: volume, mix, rate, denial, timing.

use super::ForecastPage;
use super::cells::{dollars, estimate, more, text};
use crate::domain::Money;
use crate::outlook::{Bridge, Bridges};
use crate::report::model::{Cell, Chart, Section, Step, Table, Waterfall};

/// The steps of allowed amounts and of cash with their names; levels first and last.
fn steps(b: &Bridge) -> [(&'static str, Money, Money); 7] {
    [
        ("Last forecast", b.from.0, b.from.1),
        ("Volume: more or fewer lines", b.volume, b.volume),
        ("Mix: other payers, places and codes", b.mix, b.mix),
        ("Rate: more or less expected per line", b.rate, b.rate),
        ("Denial: more or less allowed of what is expected", b.denial, b.denial),
        ("Timing, and the patients' share", Money::ZERO, b.timing),
        ("Now", b.to.0, b.to.1),
    ]
}

impl ForecastPage<'_> {
    /// One table of all months, those that came and those to come, and the charts of cash.
    pub(super) fn bridge(&self, bridges: &Bridges) -> Section {
        let kept = bridges.kept;
        let left_out: Vec<String> = bridges.left_out.iter().map(ToString::to_string).collect();
        let mut notes = Vec::new();
        if !left_out.is_empty() {
            notes.push(format!(
                "{} of the last forecast {} not compared: not whole in the files, and not forecast now.",
                left_out.join(", "),
                if left_out.len() == 1 { "is" } else { "are" }
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
        let parts: Vec<(&str, &str, Option<Bridge>)> =
            vec![("came", "came", bridges.came), ("ahead", "to come", bridges.ahead), ("all", "all", Some(together))];
        let parts: Vec<(&str, &str, Bridge)> = parts.into_iter().filter_map(|(n, h, b)| Some((n, h, b?))).collect();
        // With one kind of months, all of them are these.
        let parts = if parts.len() == 2 { &parts[..1] } else { &parts[..] };
        let mut columns = vec![text("step", "Step")];
        for (name, header, b) in parts {
            let months = format!("{header}, {} to {}", b.months.0, b.months.1);
            columns.push(estimate(&format!("allowed_{name}"), &format!("Allowed: {months}")));
            columns.push(estimate(&format!("cash_{name}"), &format!("Cash: {months}")));
        }
        let line = |at: usize| -> Vec<Cell> {
            let mut row = vec![Cell::from(steps(&together)[at].0)];
            for (_, _, b) in parts {
                let (_, net, cash) = steps(b)[at];
                row.extend([net, cash].map(|m| dollars(m.cents())));
            }
            row
        };
        let title = format!(
            "Since the forecast of {kept}, {}: {} to {}",
            match (together.to.1 - together.from.1).cents() {
                0 => "cash is as forecast".to_owned(),
                cents => format!("{} cash", more(cents)),
            },
            together.months.0,
            together.months.1
        );
        let chart = |b: &Bridge, title: &str| {
            let step = |(at, (label, _, cash)): (usize, (&str, Money, Money))| Step {
                label: label.split(':').next().unwrap_or(label).to_owned(),
                amount: cash,
                is_level: at == 0 || at == 6,
                accent: at == 6,
            };
            Chart::Bridge(Waterfall {
                title: title.to_owned(),
                alt: format!("{title}. Steps from the last forecast: volume, mix, rate, denial, timing."),
                value_axis: format!("Cash from payers, {} to {}, dollars", b.months.0, b.months.1),
                steps: steps(b).into_iter().enumerate().map(step).collect(),
            })
        };
        Section {
            chart: Some(chart(&together, &title)),
            table: Table { columns, rows: (0..6).map(line).collect(), total: Some(line(6)) },
            notes,
            ..self.section(
                "bridge",
                title.clone(),
                "One change after the other, in this order; the steps sum to the difference to the cent. Months that came are compared with what is known of them now, months to come with this forecast.",
            )
        }
    }
}
