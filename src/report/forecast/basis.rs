//! What a forecast rests on: rates with their source, what becomes of expected money, lags, and the growth and season of volumes.

use rust_decimal::{Decimal, RoundingStrategy};

use super::ForecastPage;
use super::cells::{lines, percent, percent_of, share, shown, signed_percent, text};
use crate::outlook::{Growth, Measure, PayerWait, SeasonIndex, Stem};
use crate::report::model::{Cell, Chart, Column, ColumnKind, RateChart, RateRow, Section, Table};
use crate::report::words::terms_words;

impl ForecastPage<'_> {
    pub(super) fn basis(&self) -> Vec<Section> {
        let mut sections = vec![self.shares(), self.lags(), self.series(), self.growth()];
        sections.extend(self.season());
        sections
    }

    pub(super) fn known_rates(&self) -> Section {
        let outlook = self.outlook;
        let last = outlook.months.len().saturating_sub(1);
        let row = |payer: &crate::outlook::PayerBook| {
            let per_line = |at: usize| {
                let own = outlook.leaves.iter().filter(|(key, _)| key.payer == payer.id);
                let (lines, expected) = own
                    .filter_map(|(_, means)| means.get(at))
                    .fold((0, 0), |(l, e), m| (l + m[Measure::Lines as usize], e + m[Measure::Expected as usize]));
                // Cents over hundredths of lines: dollars per line.
                let rate = Decimal::from(expected).checked_div(Decimal::from(lines)).filter(|rate| !rate.is_zero());
                Cell::from(rate.map(|r| r.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)))
            };
            let steps: Vec<String> = self
                .rates
                .steps
                .iter()
                .filter(|s| s.payer == payer.id)
                .map(|s| {
                    let from = match s.since {
                        Some(since) => format!("since {since}"),
                        None if s.month.days().next() == Some(s.from) => s.month.to_string(),
                        None => s.from.to_string(),
                    };
                    let labels = (!s.labels.is_empty()).then(|| s.labels.join(", "));
                    let words: Vec<String> =
                        labels.into_iter().chain(s.since.map(|_| "not in the recorded months".to_owned())).collect();
                    let words = if words.is_empty() { String::new() } else { format!(" ({})", words.join("; ")) };
                    format!("{from} {}{words}", signed_percent(s.ratio - 1.0))
                })
                .collect();
            vec![
                Cell::from(payer.name.clone()),
                Cell::from(self.terms(&payer.id)),
                per_line(0),
                per_line(last),
                Cell::from(if steps.is_empty() { "none".to_owned() } else { steps.join(", ") }),
            ]
        };
        let payers = self.rates.steps.iter().map(|s| &s.payer).collect::<std::collections::BTreeSet<_>>().len();
        let changes = self.project.rate_changes.len();
        let mut notes = self.grouped(&self.rates.all_notes());
        match changes {
            0 => {}
            1 => notes.push("One dated change of rates of the project file is in it.".to_owned()),
            n => notes.push(format!("{n} dated changes of rates of the project file are in it.")),
        }
        Section {
            table: Table {
                columns: vec![
                    text("payer", "Payer"),
                    text("terms", "Priced by"),
                    Column::new("per_line_first", "Expected per line, first month", ColumnKind::Rate),
                    Column::new("per_line_last", "Expected per line, last month", ColumnKind::Rate),
                    text("steps", "Known steps of the rate"),
                ],
                rows: self.book.payers.iter().map(row).collect(),
                total: None,
            },
            notes,
            ..self.section(
                "rates",
                match payers {
                    0 => format!("No known rate changes after {}", self.book.last_service),
                    1 => format!("The known rate of one payer changes after {}", self.book.last_service),
                    n => format!("The known rates of {n} payers change after {}", self.book.last_service),
                },
                "The mix of the last twelve months priced at the schedules and terms of each day to come. A step is a change of half a percent or more on the same mix; the amounts per line also move with the mix.",
            )
        }
    }

    /// The terms that hold in the first month, in words.
    fn terms(&self, id: &str) -> String {
        let Some(payer) = self.project.payers.iter().find(|p| *p.id == *id) else {
            return "not in the project file: no price is known".to_owned();
        };
        let day = self.outlook.months.first().and_then(|m| m.days().next());
        let in_force = payer.terms.iter().find(|(period, _)| day.is_some_and(|day| period.contains(day)));
        match in_force.or_else(|| payer.terms.last()) {
            Some((_, terms)) if in_force.is_some() => terms_words(terms),
            Some((period, terms)) => format!("{} (ended {}; carried forward)", terms_words(terms), period.last()),
            None => "no terms: no price is known".to_owned(),
        }
    }

    fn shares(&self) -> Section {
        let rows = self.book.payers.iter().map(|payer| {
            let s = payer.shares();
            let short: f64 = s.underpaid_by.iter().map(|u| u.1).sum();
            // Without a line that has a price nothing was counted.
            let counted = |share: f64| if s.lines > 0 { percent(share) } else { Cell::Empty };
            let chance = |share: f64| if self.book.answered { percent(share) } else { Cell::Empty };
            vec![
                Cell::from(payer.name.clone()),
                chance(s.initial.mean),
                chance(s.initial.low),
                chance(s.initial.high),
                chance(s.overturn.mean),
                chance(s.overturn.low),
                chance(s.overturn.high),
                chance(s.denied(0.0, 0.0)),
                counted(short),
                counted(s.paid_of_net),
                Cell::Count(i64::try_from(s.lines).unwrap_or(i64::MAX)),
                Cell::from(if self.book.answered { s.ground.label() } else { "no answered line" }),
            ]
        });
        Section {
            table: Table {
                columns: vec![
                    text("payer", "Payer"),
                    share("initial_denial", "Denied at first"),
                    share("initial_low", "At first, low (80%)"),
                    share("initial_high", "At first, high (80%)"),
                    share("overturned", "Of it, won back"),
                    share("overturned_low", "Won back, low (80%)"),
                    share("overturned_high", "Won back, high (80%)"),
                    share("denied", "Denied in the end"),
                    share("underpaid", "Underpaid"),
                    share("paid_of_allowed", "Paid of allowed, second payers included"),
                    Column::new("lines", "Lines", ColumnKind::Count),
                    text("ground", "Counted on"),
                ],
                rows: rows.collect(),
                total: None,
            },
            notes: self.others(),
            ..self.section(
                "payers",
                "What becomes of expected money, by payer".to_owned(),
                "In dollars, of lines old enough to be decided; payers with few lines are drawn towards all.",
            )
        }
    }

    /// What other payers paid on the services of each.
    fn others(&self) -> Vec<String> {
        let paid = self.book.payers.iter().filter(|p| !p.by_others.is_zero());
        let named: Vec<String> = paid.map(|p| format!("{} {}", p.name, p.by_others.pretty_dollars())).collect();
        let mut notes = vec![
            "Paid of allowed can be more than all: what was paid on lines of which nothing was expected is in it."
                .to_owned(),
        ];
        if !named.is_empty() {
            notes.push(format!(
                "Cash and shares of a payer are those of the services billed to it first, whoever paid. In the twelve months up to {}, other (second) payers paid on services billed first to: {}.",
                self.book.last_posting,
                named.join(", ")
            ));
        }
        notes
    }

    fn lags(&self) -> Section {
        let rows = self.book.payers.iter().zip(self.cash).zip(&self.rests_on.waits).map(|((payer, cash), wait)| {
            let by = |lag: usize| match &cash.curve {
                Some(_) => percent(cash.lag.iter().take(lag + 1).sum()),
                None => Cell::Empty,
            };
            let days = |days: Option<i64>| days.map_or(Cell::Empty, Cell::Count);
            let PayerWait { claims, answered, median, i80, i95, .. } = wait;
            let count = |n: &usize| Cell::Count(i64::try_from(*n).unwrap_or(i64::MAX));
            vec![
                Cell::from(payer.name.clone()),
                count(claims),
                count(answered),
                days(*median),
                days(i80.0),
                days(i80.1),
                days(i95.0),
                days(i95.1),
                by(0),
                by(1),
                by(2),
                by(5),
                Cell::from(match (&cash.curve, cash.borrowed) {
                    (None, _) => "not known",
                    (_, true) => "of all payers",
                    (_, false) => "its own",
                }),
            ]
        });
        let of_payers = self.book.payers.iter().zip(self.cash);
        let notes: Vec<String> =
            of_payers.flat_map(|(payer, cash)| cash.notes.iter().map(|n| format!("{}: {n}.", payer.id))).collect();
        let day = |name: &str, header: &str| Column::new(name, header, ColumnKind::Count);
        Section {
            table: Table {
                columns: vec![
                    text("payer", "Payer"),
                    day("claims", "Claims"),
                    day("answered", "Answered"),
                    day("median_days", "Days to the first answer, median"),
                    day("days_low80", "Median, low (80%)"),
                    day("days_high80", "Median, high (80%)"),
                    day("days_low95", "Median, low (95%)"),
                    day("days_high95", "Median, high (95%)"),
                    share("paid_0", "Paid in the month of service"),
                    share("paid_1", "By a month later"),
                    share("paid_2", "By two"),
                    share("paid_5", "By five"),
                    text("lag_of", "Payment lag"),
                ],
                rows: rows.collect(),
                total: None,
            },
            notes: self.grouped(&notes),
            ..self.section(
                "lags",
                "How long payers take, and how their payments come in".to_owned(),
                "Days from the service to the posting of the first answer; claims without an answer have waited at least until the day of the forecast. Shares of the final payment by months after the service.",
            )
        }
    }

    /// Dated events whose size the project file tells, as far as they act on the months to come.
    pub(super) fn events(&self) -> Vec<String> {
        let Some(last) = self.outlook.months.last() else { return Vec::new() };
        let acts = |e: &&crate::project::VolumeEvent| crate::forecast::Month::of(e.date) <= *last;
        let one = |e: &crate::project::VolumeEvent| {
            let percent = e.percent?;
            let whose = e.payer.as_ref().map_or_else(|| "all payers".to_owned(), |id| self.payer_name(id));
            let lasts = match e.months {
                None => "for good".to_owned(),
                Some(1) => "for one month".to_owned(),
                Some(n) => format!("for {n} months"),
            };
            let from = crate::forecast::Month::of(e.date);
            let percent = format!("{:+}%", percent.normalize()).replace('-', "−");
            Some(format!("\"{}\": {percent} lines of {whose} from {from} on, {lasts}.", e.label))
        };
        self.book.events.iter().filter(acts).filter_map(one).collect()
    }

    fn series(&self) -> Section {
        let outlook = self.outlook;
        let to_come = |stem: &Stem| -> i64 {
            let leaves = stem.leaves.iter().filter_map(|at| outlook.leaves.get(*at));
            leaves.flat_map(|(_, means)| means.iter().map(|m| m[Measure::Lines as usize])).sum()
        };
        let last_year = |stem: &Stem| -> i64 {
            let months = stem.leaves.iter().filter_map(|at| self.book.leaves.get(*at));
            months.flat_map(|leaf| leaf.months.iter().rev().take(12).map(|c| i64::from(c.lines))).sum()
        };
        let hundredths = |n: i64| Cell::Number(Decimal::new(n, 2));
        let row = |stem: &Stem| {
            let notes = if stem.notes.is_empty() {
                "what the model finds in its own months".to_owned()
            } else {
                stem.notes.join("; ")
            };
            vec![
                Cell::from(stem.name.clone()),
                Cell::Count(last_year(stem)),
                hundredths(to_come(stem)),
                Cell::from(stem.model.clone()),
                Cell::from(notes),
            ]
        };
        let total = vec![
            Cell::from("All"),
            Cell::Count(outlook.stems.iter().map(last_year).sum()),
            hundredths(outlook.total.sum(Measure::Lines).mean),
            Cell::Empty,
            Cell::Empty,
        ];
        Section {
            table: Table {
                columns: vec![
                    text("series", "Series"),
                    Column::new("last_year", "Lines of the last twelve months", ColumnKind::Count),
                    lines("to_come", &format!("Lines to come ({} months)", outlook.months.len())),
                    text("model", "Model"),
                    text("basis", "What it rests on"),
                ],
                rows: outlook.stems.iter().map(row).collect(),
                total: Some(total),
            },
            notes: self.events(),
            ..self.section(
                "series",
                match outlook.stems.len() {
                    1 => "Volumes are forecast as one series".to_owned(),
                    n => format!("Volumes are forecast as {n} series"),
                },
                "Lines per working day. Payers with enough lines are a series of their own; places and codes within it keep their shares of the last twelve months.",
            )
        }
    }

    /// The level of the ranges in the titles of growth and season, which are known at 80 and 95 %: that asked for, if it is one of
    /// them.
    const fn level_of_history(&self) -> u8 {
        if self.level == 95 { 95 } else { 80 }
    }

    fn growth(&self) -> Section {
        let row = |g: &Growth| {
            let mut row = vec![
                Cell::from(g.name.clone()),
                Cell::from(g.from.to_string()),
                Cell::Count(i64::try_from(g.months).unwrap_or(i64::MAX)),
            ];
            row.extend([g.per_year, g.i80.0, g.i80.1, g.i95.0, g.i95.1].map(percent));
            row.push(g.last_year.map_or(Cell::Empty, percent));
            row.push(Cell::from(if g.without_season { "yes" } else { "no" }));
            row
        };
        let level = self.level_of_history();
        let title = match self.rests_on.growth.first() {
            Some(g) => grown(&g.name, g.per_year, if level == 95 { g.i95 } else { g.i80 }, level),
            None => "The history is too short to tell growth".to_owned(),
        };
        Section {
            table: Table {
                columns: vec![
                    text("what", "What"),
                    text("from", "From"),
                    Column::new("months", "Months", ColumnKind::Count),
                    share("per_year", "Growth a year"),
                    share("low80", "Low (80%)"),
                    share("high80", "High (80%)"),
                    share("low95", "Low (95%)"),
                    share("high95", "High (95%)"),
                    share("last_year", "Last twelve months over the twelve before"),
                    text("without_season", "Season taken out"),
                ],
                rows: self.rests_on.growth.iter().map(row).collect(),
                total: None,
            },
            notes: self.rests_on.notes.iter().map(|n| capital(n)).collect(),
            ..self.section(
                "growth",
                title,
                "What the history as a whole shows, per working day: the growth of a straight line through it, as percent a year of its level in the middle of the history. Where volumes rose in one step, the last twelve months tell more. Ranges are of 80 and 95%, whatever level was asked for. The models of the forecast let growth change over time.",
            )
        }
    }

    fn season(&self) -> Option<Section> {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let seasons = &self.rests_on.seasons;
        let name = |s: &SeasonIndex| {
            usize::try_from(s.month).ok().and_then(|m| MONTHS.get(m.wrapping_sub(1))).copied().unwrap_or("–")
        };
        let strongest = seasons.iter().max_by(|a, b| a.index.total_cmp(&b.index))?;
        let weakest = seasons.iter().min_by(|a, b| a.index.total_cmp(&b.index))?;
        let title = format!(
            "{} is the strongest month ({} of an average one, per working day), {} the weakest ({})",
            name(strongest),
            shown(strongest.index),
            name(weakest),
            shown(weakest.index)
        );
        let row = |s: &SeasonIndex| -> Vec<Cell> {
            let ends = [s.index, s.i80.0, s.i80.1, s.i95.0, s.i95.1].map(percent);
            std::iter::once(Cell::from(name(s))).chain(ends).collect()
        };
        let level = self.level_of_history();
        let rate = |s: &SeasonIndex| {
            let range = if level == 95 { s.i95 } else { s.i80 };
            let [value, low, high] = [s.index, range.0, range.1].map(percent_of);
            Some(RateRow {
                label: name(s).to_owned(),
                value: value?,
                low: low?,
                high: high?,
                accent: s.month == strongest.month,
            })
        };
        Some(Section {
            chart: Some(Chart::Rates(RateChart {
                title: title.clone(),
                alt: format!("{title}. A dot with its range of {level} percent for each month of the year."),
                value_axis: format!("Visits per working day, percent of an average month, with ranges of {level}%"),
                rows: seasons.iter().filter_map(rate).collect(),
                reference: Some((Decimal::ONE_HUNDRED, "average month".to_owned())),
            })),
            table: Table {
                columns: vec![
                    text("month", "Month of the year"),
                    share("index", "Of an average month"),
                    share("low80", "Low (80%)"),
                    share("high80", "High (80%)"),
                    share("low95", "Low (95%)"),
                    share("high95", "High (95%)"),
                ],
                rows: seasons.iter().map(row).collect(),
                total: None,
            },
            ..self.section(
                "season",
                title,
                "Visits per working day, growth taken out. Ranges are of 80 and 95%, whatever level was asked for.",
            )
        })
    }
}

/// `Visits grew by about 6.7% a year (80% range 5.1% to 8.3%)`, or shrank; where the ends differ in sign, with their signs.
fn grown(name: &str, mean: f64, (low, high): (f64, f64), level: u8) -> String {
    let what = capital(name);
    let range = |a: String, b: String| format!("({level}% range {a} to {b})");
    if high <= 0.0 {
        return format!("{what} shrank by about {} a year {}", shown(-mean), range(shown(-high), shown(-low)));
    }
    if low >= 0.0 {
        return format!("{what} grew by about {} a year {}", shown(mean), range(shown(low), shown(high)));
    }
    let ends = range(signed_percent(low), signed_percent(high));
    format!("{what} changed by about {} a year, which may be chance {ends}", signed_percent(mean))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{LocalityRule, Terms, UnlistedRule, YearRule};

    #[test]
    fn terms_are_said_in_words() {
        let factor = Decimal::new(135, 2);
        let own = LocalityRule::Own;
        let medicare = |year| terms_words(&Terms::PercentOfMedicare { factor, year, locality: own });
        assert_eq!(medicare(YearRule::Current), "135% of Medicare of the day");
        assert_eq!(medicare(YearRule::Fixed(2022)), "135% of Medicare of 2022");
        let unlisted = UnlistedRule::PercentOfCharge(Decimal::new(4, 1));
        let schedule = Terms::Schedule { schedule: "Plan A".into(), unlisted };
        assert_eq!(terms_words(&schedule), "the schedule Plan A; other codes 40% of charges");
        assert_eq!(terms_words(&Terms::PercentOfCharge { factor: Decimal::new(6, 1) }), "60% of charges");
        assert_eq!((capital("fewer"), capital("")), ("Fewer".into(), String::new()));
        assert_eq!(
            grown("visits", 0.067, (0.051, 0.083), 80),
            "Visits grew by about 6.7% a year (80% range 5.1% to 8.3%)"
        );
        assert_eq!(
            grown("visits", -0.11, (-0.15, -0.06), 95),
            "Visits shrank by about 11% a year (95% range 6% to 15%)"
        );
        assert_eq!(
            grown("visits", -0.012, (-0.03, 0.02), 80),
            "Visits changed by about −1.2% a year, which may be chance (80% range −3% to +2%)"
        );
    }
}
