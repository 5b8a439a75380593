//! How earlier forecasts of lines, expected amounts and cash did, by months ahead and by group, beside the same month of the year
//! before.

use rust_decimal::Decimal;

use super::ForecastPage;
use super::cells::{maybe_percent, measure_name, number, percent_of, share, shown, text};
use crate::outlook::{Backtest, LEVELS, Measure, MoneyTest, Score, TestedGroup};
use crate::report::estimates::{HorizonChart, HorizonLine, LineWeight, ValueUnit};
use crate::report::model::{Cell, Chart, Column, ColumnKind, Section, Table};

/// So many forecasts at a horizon are enough for a judgement.
const ENOUGH: usize = 12;

/// Forecasts that are too high or too low by no more than this on balance are as good as unbiased.
const BALANCED: f64 = 0.02;

/// A range of 95 % that held less often than this was too narrow.
const TOO_NARROW: f64 = 0.9;

/// ` On balance they were too low by 4.1%.`, where that is worth a word.
fn on_balance(bias: Option<f64>) -> String {
    match bias {
        Some(bias) if bias > BALANCED => format!(" On balance they were too high by {}.", shown(bias)),
        Some(bias) if bias < -BALANCED => format!(" On balance they were too low by {}.", shown(-bias)),
        _ => String::new(),
    }
}

/// Groups whose ranges of 95 % held less often than [`TOO_NARROW`], of all that were tested: those below all lines and all money.
fn too_narrow<'a>(groups: impl Iterator<Item = &'a TestedGroup>) -> (usize, usize) {
    let held = groups.filter(|g| g.name != "all").filter_map(|g| g.overall.coverage[2]);
    held.fold((0, 0), |(narrow, all), held| (narrow + usize::from(held < TOO_NARROW), all + 1))
}

/// The tests of each measure: all of it first, then its groups.
fn measures<'a>(lines: &'a Backtest, money: &'a MoneyTest) -> Vec<(Measure, &'a [TestedGroup])> {
    let money = money.measures.iter().map(|m| (m.measure, m.groups.as_slice()));
    std::iter::once((Measure::Lines, lines.groups.as_slice())).chain(money).collect()
}

/// A measure within a sentence.
const fn noun(measure: Measure) -> &'static str {
    match measure {
        Measure::Lines => "lines",
        Measure::Expected => "expected amounts",
        _ => "cash",
    }
}

fn columns(first: Vec<Column>) -> Vec<Column> {
    let plain = |name: &str, header: &str| Column::new(name, header, ColumnKind::Number);
    let mut columns = first;
    columns.extend([
        Column::new("forecasts", "Forecasts", ColumnKind::Count),
        share("wape", "Off by (WAPE)"),
        share("bias", "Bias (−: too low)"),
        plain("mase", "MASE"),
        share("coverage50", "Within 50% range"),
        share("coverage80", "Within 80% range"),
        share("coverage95", "Within 95% range"),
        plain("msis", "MSIS (95%)"),
        share("naive_wape", "Year before: off by"),
        share("naive_bias", "Year before: bias"),
        plain("naive_mase", "Year before: MASE"),
        share("naive_coverage80", "Year before: within 80% range"),
        plain("naive_msis", "Year before: MSIS"),
    ]);
    columns
}

fn cells(score: &Score) -> Vec<Cell> {
    let n = &score.naive;
    vec![
        Cell::Count(i64::try_from(score.forecasts).unwrap_or(i64::MAX)),
        maybe_percent(score.wape),
        maybe_percent(score.bias),
        number(score.mase),
        maybe_percent(score.coverage[0]),
        maybe_percent(score.coverage[1]),
        maybe_percent(score.coverage[2]),
        number(score.msis),
        maybe_percent(n.wape),
        maybe_percent(n.bias),
        number(n.mase),
        maybe_percent(n.coverage80),
        number(n.msis),
    ]
}

fn line(name: &str, weight: LineWeight, group: &TestedGroup, of: impl Fn(&Score) -> Option<f64>) -> HorizonLine {
    HorizonLine {
        name: name.to_owned(),
        values: group.by_horizon.iter().map(|s| of(s).and_then(percent_of)).collect(),
        weight,
    }
}

/// The steps of a group: as many as were forecast.
fn steps(group: &TestedGroup) -> Vec<u32> {
    (1..).zip(&group.by_horizon).map(|(step, _)| step).collect()
}

impl ForecastPage<'_> {
    pub(super) fn tested(&self, lines: &Backtest, money: &MoneyTest) -> Vec<Section> {
        let mut measures = measures(lines, money);
        measures.retain(|(m, _)| self.all(*m).is_some());
        let mut sections: Vec<Section> =
            measures.iter().filter_map(|(m, groups)| self.tested_measure(*m, groups.first()?, lines, money)).collect();
        let tested = measures.iter().any(|(_, groups)| groups.first().is_some_and(|g| g.overall.forecasts > 0));
        if tested {
            sections.push(self.coverage(&measures, lines, money));
            sections.push(self.tested_groups(&measures));
        }
        sections
    }

    fn tested_measure(
        &self,
        measure: Measure,
        all: &TestedGroup,
        lines: &Backtest,
        money: &MoneyTest,
    ) -> Option<Section> {
        let id = format!("backtest-{}", measure.as_str());
        let name = noun(measure);
        let history = self.book.months().count();
        if all.overall.forecasts == 0 {
            // Said once, for lines.
            return (measure == Measure::Lines).then(|| {
                self.section(
                    &id,
                    "There is too little history to test forecasts".to_owned(),
                    format!("{history} months are known; a past forecast needs 13 before it, and one after it to be compared with."),
                )
            });
        }
        let (own, naive) = (all.overall.wape, all.overall.naive.wape);
        let title = match (own, naive) {
            (Some(own), Some(naive)) => format!(
                "Earlier forecasts of {name} were off by {}, the same month of the year before by {}",
                shown(own),
                shown(naive)
            ),
            (Some(own), None) => format!("Earlier forecasts of {name} were off by {}", shown(own)),
            _ => format!("Earlier forecasts of {name}"),
        };
        let origins = if measure == Measure::Lines { lines.origins } else { money.origins };
        let how = match measure {
            Measure::Lines => "with the lines served up to it",
            _ => {
                "with books made anew from what was known at its end: services up to that day, answers posted up to it"
            }
        };
        let row = |(i, s): (usize, &Score)| std::iter::once(Cell::from((i + 1).to_string())).chain(cells(s)).collect();
        let few = all.by_horizon.iter().position(|s| s.forecasts < ENOUGH);
        let mut notes = Vec::new();
        if let Some(few) = few {
            notes.push(format!(
                "From {} months ahead on there are fewer than {ENOUGH} forecasts to compare: {history} months are known, and a forecast needs 13 before it.",
                few + 1
            ));
        }
        if measure == Measure::Lines {
            notes.push(lines.note.clone());
        }
        let weights = [LineWeight::Accent, LineWeight::Muted];
        let chart = HorizonChart {
            title: title.clone(),
            alt: format!(
                "{title}. The mean error in percent of what came, by months ahead, of the forecast and of the same month of the year before."
            ),
            value_axis: format!("Off by, percent of the {name} that came"),
            step_axis: "Months ahead".to_owned(),
            steps: steps(all),
            lines: vec![
                line("Forecast", weights[0], all, |s| s.wape),
                line("Year before", weights[1], all, |s| s.naive.wape),
            ],
            // The axis begins at no error: a cut one would make small differences large.
            references: vec![(Decimal::ZERO, "exact".to_owned())],
            unit: ValueUnit::Percent,
        };
        Some(Section {
            chart: Some(Chart::Horizons(chart)),
            table: Table {
                columns: columns(vec![text("months_ahead", "Months ahead")]),
                rows: all.by_horizon.iter().enumerate().map(row).collect(),
                total: Some(std::iter::once(Cell::from("All")).chain(cells(&all.overall)).collect()),
            },
            notes,
            ..self.section(
                &id,
                title,
                format!(
                    "All groups together, forecast from the end of each of {origins} months {how}; ranges stretched only by errors known then.{}",
                    on_balance(all.overall.bias)
                ),
            )
        })
    }

    fn coverage(&self, measures: &[(Measure, &[TestedGroup])], lines: &Backtest, money: &MoneyTest) -> Section {
        let all: Vec<(Measure, &TestedGroup)> =
            measures.iter().filter_map(|(m, groups)| Some((*m, groups.first()?))).collect();
        let level = self.level;
        let at = LEVELS.iter().position(|l| (l * 100.0).round() as u8 == level).unwrap_or(1);
        let words: Vec<String> = all
            .iter()
            .filter_map(|(m, g)| Some(format!("{} of {}", shown(g.overall.coverage[at]?), noun(*m))))
            .collect();
        let title = format!("Past forecasts that came within their {level}% range: {}", words.join(", "));
        let mut head = vec![text("months_ahead", "Months ahead")];
        for (m, _) in &all {
            for level in [50, 80, 95] {
                head.push(share(
                    &format!("{}{level}", m.as_str()),
                    &format!("{}, 50%", measure_name(*m)).replace("50", &level.to_string()),
                ));
            }
        }
        let row = |name: String, of: &dyn Fn(&TestedGroup) -> Option<Score>| -> Vec<Cell> {
            let values = all.iter().flat_map(|(_, g)| of(g).map_or([None; 3], |s| s.coverage)).map(maybe_percent);
            std::iter::once(Cell::from(name)).chain(values).collect()
        };
        let longest = all.iter().map(|(_, g)| g.by_horizon.len()).max().unwrap_or(0);
        let weights = [LineWeight::Muted, LineWeight::Plain, LineWeight::Accent];
        let chart = HorizonChart {
            title: title.clone(),
            alt: format!(
                "{title}. The share of past forecasts within their range of {level} percent, by months ahead, for lines, expected amounts and cash."
            ),
            value_axis: format!("Past forecasts within their {level}% range, percent"),
            step_axis: "Months ahead".to_owned(),
            steps: all.first().map_or_else(Vec::new, |(_, g)| steps(g)),
            lines: all
                .iter()
                .zip(weights)
                .map(|((m, g), weight)| line(measure_name(*m), weight, g, |s| s.coverage[at]))
                .collect(),
            references: vec![(Decimal::from(level), format!("should be {level}%"))],
            unit: ValueUnit::Percent,
        };
        let starts = lines.origins.max(money.origins);
        let mut notes = vec![lines.note.clone()];
        let (narrow, tested) = too_narrow(measures.iter().flat_map(|(_, groups)| *groups));
        if narrow > 0 {
            notes.insert(
                0,
                format!("The 95% range held less than 90% of the forecasts in {narrow} of {tested} groups of lines, expected amounts and cash: their ranges are too narrow (next table)."),
            );
        }
        Section {
            chart: Some(Chart::Horizons(chart)),
            table: Table {
                columns: head,
                rows: (0..longest).map(|i| row((i + 1).to_string(), &|g| g.by_horizon.get(i).copied())).collect(),
                total: Some(row("All".to_owned(), &|g| Some(g.overall))),
            },
            notes,
            ..self.section(
                "coverage",
                title,
                format!("Share of the forecasts that came out within the range made for them. {} {longest} months ahead: they overlap, and many forecasts are of the same month. More than promised: ranges are too wide; less: too narrow. With so few starts a share scatters by ten points and more.",
                    match starts {
                        1 => "They were made at the end of one month, each for up to".to_owned(),
                        n => format!("They were made at the ends of {n} months, each for up to"),
                    }
                ),
            )
        }
    }

    fn tested_groups(&self, measures: &[(Measure, &[TestedGroup])]) -> Section {
        let rows = measures.iter().flat_map(|(m, groups)| groups.iter().map(move |g| (*m, g)));
        let (mut nearer, mut of) = (0, 0);
        for (_, g) in rows.clone().filter(|(_, g)| g.name != "all") {
            if let Some((own, naive)) = g.overall.wape.zip(g.overall.naive.wape) {
                of += 1;
                nearer += usize::from(own < naive);
            }
        }
        let row = |(m, g): (Measure, &TestedGroup)| {
            let name = if g.name == "all" { "All".to_owned() } else { g.name.clone() };
            [Cell::from(measure_name(m)), Cell::from(name)].into_iter().chain(cells(&g.overall)).collect()
        };
        Section {
            table: Table {
                columns: columns(vec![text("measure", "What"), text("group", "Group")]),
                rows: rows.map(row).collect(),
                total: None,
            },
            ..self.section(
                "backtest-groups",
                format!("Beside the same month of the year before, the forecast was nearer for {nearer} of {of} groups"),
                "Over all months ahead. Lines by the series that are forecast, money by the groups asked for; a group that was not in the books of an origin was not forecast from it.",
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bias_is_said_where_it_is_more_than_two_percent() {
        assert_eq!(on_balance(Some(-0.041)), " On balance they were too low by 4.1%.");
        assert_eq!(on_balance(Some(0.025)), " On balance they were too high by 2.5%.");
        assert_eq!([on_balance(Some(0.02)), on_balance(Some(-0.019)), on_balance(None)], [""; 3]);
    }

    #[test]
    fn groups_with_ranges_too_narrow_are_counted_without_all() {
        let group = |name: &str, held| {
            let coverage = [None, None, held];
            TestedGroup { name: name.into(), overall: Score { coverage, ..Score::default() }, by_horizon: Vec::new() }
        };
        let groups = [
            group("all", Some(0.5)),
            group("A", Some(0.899)),
            group("B", Some(0.9)),
            group("C", None),
            group("D", Some(0.1)),
        ];
        assert_eq!(too_narrow(groups.iter()), (2, 3));
    }
}
