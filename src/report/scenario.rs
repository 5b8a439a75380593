//! Scenarios as a page: what each comes to against today, what the change is made of, by payer and code; the grid, break-evens,
//! which lever matters most, the months to come, and the baseline that all of it rests on.

use rust_decimal::Decimal;

use super::effects::{GridChart, TornadoChart, TornadoRow};
use super::model::{
    BarChart, Cell, Chart, Column, ColumnKind, DataKind, Definition, Report, Section, Series, Stat, Step, Table,
    Waterfall,
};
use super::words::{count, share};
use crate::domain::{Date, Money, YearRule};
use crate::scenario::{
    Ahead, Amounts, Answer, BaseCell, BreakEvenResult, CellKey, DenialTo, GridResult, Kept, Lines, Modelled, Moved,
    NetEffects, Played, RateAxis, RateTo, Role, Target, TornadoBar, kept_note,
};

/// Bars of a tornado that the picture shows; the table has them all.
const BARS: usize = 14;

/// Scenarios on top of the page.
const CARDS: usize = 3;

/// Everything that is shown of a model.
#[derive(Debug)]
pub struct ScenarioPage<'a> {
    /// The practice.
    pub title: &'a str,
    /// Where the claims come from.
    pub kind: DataKind,
    /// The day as of which claims are judged.
    pub as_of: Date,
    /// The answers.
    pub modelled: &'a Modelled,
    /// The same in the months to come.
    pub ahead: Option<&'a Ahead>,
}

fn text(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Text)
}

fn money(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Money)
}

fn lines(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::EstimatedCount)
}

fn percent(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Percent)
}

/// `+$1,234`, `−$45`, `$0`.
fn signed(amount: Money) -> String {
    let sign = if amount > Money::ZERO { "+" } else { "" };
    format!("{sign}{}", amount.pretty_dollars())
}

/// `$1,234 more`, `$45 less`, `no more and no less`.
fn more(amount: Money) -> String {
    match amount.cents() {
        0 => "no more and no less".to_owned(),
        c if c > 0 => format!("{} more", amount.pretty_dollars()),
        _ => format!("{} less", amount.abs().pretty_dollars()),
    }
}

/// `Medicare 2025`, `Medicare of the day of service`.
fn medicare(year: YearRule) -> String {
    match year {
        YearRule::Current => "Medicare of the day of service".to_owned(),
        YearRule::Fixed(year) => format!("Medicare {year}"),
    }
}

fn percent_words(percent: Decimal) -> String {
    format!("{}%", percent.normalize()).replacen('-', "−", 1)
}

/// A factor as a change: 1.05 is `+5%`.
fn change_words(factor: Decimal) -> String {
    let percent = (factor - Decimal::ONE) * Decimal::ONE_HUNDRED;
    let sign = if percent > Decimal::ZERO { "+" } else { "" };
    format!("{sign}{}", percent_words(percent))
}

impl ScenarioPage<'_> {
    /// The page.
    #[must_use]
    pub fn report(&self) -> Report {
        let base = &self.modelled.base;
        let period = base.period.to_string();
        let mut sections: Vec<Section> = Vec::new();
        if !self.modelled.scenarios.is_empty() {
            sections.push(self.changes());
            sections.push(self.amounts());
            sections.push(self.effects());
            sections.push(self.by_payer());
            sections.push(self.by_code());
            sections.push(self.effects_by_code());
        }
        sections.extend(self.modelled.grid.as_ref().map(|grid| self.grid(grid)));
        if !self.modelled.breakevens.is_empty() {
            sections.push(self.break_evens());
        }
        sections.extend(self.tornado());
        sections.extend(self.ahead.map(|ahead| self.ahead(ahead)));
        if !self.modelled.scenarios.is_empty() {
            sections.push(self.levers());
        }
        sections.push(self.baseline());
        let mut report = Report::of(self.title, &period, self.as_of, self.kind, sections);
        report.period_slug = format!("{}_{}", base.period.from(), base.period.last());
        report.finding = report.sections.first().map(|s| s.title.clone()).unwrap_or_default();
        report.headline = self.headline();
        report.definitions = definitions();
        report.notes = self.notes();
        report
    }

    fn headline(&self) -> Vec<Stat> {
        let before = self.modelled.baseline.total();
        let mut stats = vec![Stat {
            label: "Net today".to_owned(),
            value: before.net.pretty_dollars(),
            basis: format!(
                "{} expected less {} denied in the end, {}, services of {}",
                before.expected.pretty_dollars(),
                before.denied.pretty_dollars(),
                count(self.modelled.base.cells.iter().map(|c| c.lines).sum(), "line", "lines"),
                self.modelled.base.period
            ),
            accent: false,
        }];
        let lead = self.lead().map(|lead| lead.scenario.name.clone());
        for played in self.modelled.scenarios.iter().take(CARDS) {
            let change = self.modelled.change(played);
            stats.push(Stat {
                label: name(played),
                value: signed(change.net),
                basis: format!(
                    "net against today: expected {}, denied {}; payers' payments {}",
                    signed(change.expected),
                    signed(change.denied),
                    signed(change.cash)
                ),
                accent: lead.as_ref() == Some(&played.scenario.name),
            });
        }
        stats
    }

    /// The scenario that the page is about: the one asked for, else the first.
    fn lead(&self) -> Option<&Played> {
        self.modelled.of_role(Role::Ask).or_else(|| self.modelled.scenarios.first())
    }

    fn section(&self, id: &str, title: String, lead: &str, chart: Option<Chart>, table: Table) -> Section {
        Section { id: id.to_owned(), title, lead: lead.to_owned(), kind: self.kind, chart, table, notes: Vec::new() }
    }

    fn changes(&self) -> Section {
        let modelled = self.modelled;
        let walk_away = modelled.of_role(Role::WalkAway).map(|played| played.outcome.total().net);
        let rows = modelled.scenarios.iter().map(|played| {
            let change = modelled.change(played);
            vec![
                played.scenario.name.as_str().into(),
                played.scenario.role.map_or("", Role::as_str).into(),
                change.expected.into(),
                change.net.into(),
                change.cash.into(),
                walk_away.map(|least| played.outcome.total().net - least).into(),
            ]
        });
        let table = Table {
            columns: vec![
                text("scenario", "Scenario"),
                text("kind", "Kind"),
                money("expected_change", "Expected, change"),
                money("net_change", "Net, change"),
                money("cash_change", "Cash, change"),
                money("net_over_walk_away", "Net over walk-away"),
            ],
            rows: rows.collect(),
            total: None,
        };
        let title = match self.lead() {
            Some(lead) => {
                let net = modelled.change(lead).net;
                let rest = modelled.scenarios.iter().filter(|p| p.scenario.name != lead.scenario.name);
                let best = rest.max_by_key(|p| modelled.change(p).net);
                let beside = best.map_or_else(String::new, |other| {
                    format!("; {} would bring {}", quoted(other), more(modelled.change(other).net))
                });
                format!("{} would bring {} net than today{beside}", quoted(lead), more(net))
            }
            None => String::new(),
        };
        let of = |amount: fn(&Amounts) -> Money| -> Vec<Option<Money>> {
            modelled.scenarios.iter().map(|played| Some(amount(&modelled.change(played)))).collect()
        };
        let series = |name: &str, values, accent| Series { name: name.to_owned(), values, accent };
        let told: Vec<String> = modelled
            .scenarios
            .iter()
            .map(|played| format!("{} {}", played.scenario.name, signed(modelled.change(played).net)))
            .collect();
        let chart = Chart::Bars(BarChart {
            title: title.clone(),
            alt: format!("Bars of the change of net and cash against the baseline. Net: {}.", told.join(", ")),
            value_axis: "Change against the baseline, dollars".to_owned(),
            groups: modelled.scenarios.iter().map(name).collect(),
            series: vec![series("Net", of(|a| a.net), true), series("Cash", of(|a| a.cash), false)],
        });
        let mut section = self.section(
            "scenarios",
            title,
            "What each scenario comes to against the baseline: the same services at other rates, volumes and denials.",
            Some(chart),
            table,
        );
        section.notes.extend(modelled.scenarios.iter().flat_map(|played| played.notes.clone()));
        let net = |role| modelled.of_role(role).map(|played| played.outcome.total().net);
        for (better, worse) in
            [(Role::Ask, Role::Fallback), (Role::Ask, Role::WalkAway), (Role::Fallback, Role::WalkAway)]
        {
            if let Some((a, b)) = net(better).zip(net(worse)).filter(|(a, b)| a < b) {
                section.notes.push(format!(
                    "The {} brings {} less than the {}.",
                    better.as_str(),
                    (b - a).pretty(),
                    worse.as_str()
                ));
            }
        }
        section
    }

    fn amounts(&self) -> Section {
        let row = |name: &str, amounts: Amounts| -> Vec<Cell> {
            vec![
                name.into(),
                Cell::Number(amounts.lines()),
                amounts.expected.into(),
                amounts.denied.into(),
                amounts.net.into(),
                amounts.cash.into(),
            ]
        };
        let mut rows = vec![row("baseline", self.modelled.baseline.total())];
        rows.extend(self.modelled.scenarios.iter().map(|p| row(&p.scenario.name, p.outcome.total())));
        let columns = vec![
            text("scenario", "Scenario"),
            lines("lines", "Lines"),
            money("expected", "Expected"),
            money("denied", "Denied"),
            money("net", "Net"),
            money("cash", "Cash"),
        ];
        self.section(
            "amounts",
            "What each scenario comes to".to_owned(),
            "All payers of the baseline; the baseline's figures are those of the leakage report for the same days.",
            None,
            Table { columns, rows, total: None },
        )
    }

    fn effects(&self) -> Section {
        let row = |played: &Played| -> Vec<Cell> {
            let effects = played.outcome.net_effects();
            let mut row: Vec<Cell> = vec![played.scenario.name.as_str().into()];
            row.extend(effect_cells(&effects));
            row
        };
        let mut columns = vec![text("scenario", "Scenario")];
        columns.extend(effect_columns());
        let table = Table { columns, rows: self.modelled.scenarios.iter().map(row).collect(), total: None };
        let lead = self.lead();
        let effects = lead.map(|lead| lead.outcome.net_effects()).unwrap_or_default();
        let named = [
            ("rates", effects.of_terms.rate),
            ("mix", effects.of_terms.mix),
            ("volume", effects.of_terms.volume),
            ("denials", effects.denial),
        ];
        let moved = named.iter().filter(|(_, amount)| !amount.is_zero()).count();
        let largest = named.iter().max_by_key(|(_, amount)| amount.abs()).filter(|(_, amount)| !amount.is_zero());
        let title = match (lead, largest) {
            (Some(lead), Some((what, amount))) if *amount == effects.total() && moved == 1 => {
                format!("All of the {} of {} comes from {what}", signed(*amount), quoted(lead))
            }
            (Some(lead), Some((what, amount))) => {
                format!("{what} alone would change the net of {} by {}", quoted(lead), signed(*amount))
            }
            _ => "Nothing changes".to_owned(),
        };
        let title = capital(&title);
        let before = self.modelled.baseline.total().net;
        let step = |label: &str, amount: Money, is_level: bool| Step {
            label: label.to_owned(),
            amount,
            is_level,
            accent: !is_level && largest.is_some_and(|(_, most)| *most == amount),
        };
        let chart = lead.map(|lead| {
            let mut steps = vec![step("Net today", before, true)];
            for (label, (_, amount)) in ["Rates", "Mix", "Volume", "Denials"].into_iter().zip(named) {
                steps.push(step(label, amount, false));
            }
            steps.push(step(&format!("Net: {}", lead.scenario.name), before + effects.total(), true));
            let told: Vec<String> = named.iter().map(|(what, amount)| format!("{what} {}", signed(*amount))).collect();
            Chart::Bridge(Waterfall {
                title: title.clone(),
                alt: format!("Net of the baseline to net of {}: {}.", lead.scenario.name, told.join(", ")),
                value_axis: "Net, dollars".to_owned(),
                steps,
            })
        });
        let mut section = self.section(
            "effects",
            title,
            "What the change of net is made of; the parts add up to it to the cent, in every row.",
            chart,
            table,
        );
        section.notes.push(
            "Rates: other rates at the new volume. Mix: other shares of payer, code and place in the lines, at the old rates. \
             Volume: more or fewer lines of the same mix. Denials: another share denied in the end."
                .to_owned(),
        );
        section
    }

    /// A table of groups of cells: those that a scenario changes.
    fn groups<K: Ord>(
        &self,
        id: &str,
        title: &str,
        (names, key): (Vec<Column>, impl Fn(&CellKey) -> K),
        cells: impl Fn(&K) -> Vec<Cell>,
    ) -> Section {
        let mut columns = vec![text("scenario", "Scenario")];
        columns.extend(names);
        columns.extend([
            lines("lines_before", "Lines today"),
            lines("lines", "Lines"),
            money("expected_before", "Expected today"),
            money("expected", "Expected"),
            money("denied_before", "Denied today"),
            money("denied", "Denied"),
            money("net_before", "Net today"),
            money("net", "Net"),
            money("net_change", "Net, change"),
            money("cash_change", "Cash, change"),
        ]);
        let before = self.modelled.baseline.by(&self.modelled.base, &key);
        let mut rows = Vec::new();
        for played in &self.modelled.scenarios {
            for (group, (now, _)) in played.outcome.by(&self.modelled.base, &key) {
                let Some((then, _)) = before.get(&group).filter(|(then, _)| *then != now) else { continue };
                let mut row: Vec<Cell> = vec![played.scenario.name.as_str().into()];
                row.extend(cells(&group));
                row.extend([Cell::Number(then.lines()), Cell::Number(now.lines())]);
                let pairs = [(then.expected, now.expected), (then.denied, now.denied), (then.net, now.net)];
                row.extend(pairs.into_iter().flat_map(|(then, now)| [then.into(), now.into()]));
                row.extend([(now.net - then.net).into(), (now.cash - then.cash).into()]);
                rows.push(row);
            }
        }
        let table = Table { columns, rows, total: None };
        let mut section = self.section(id, title.to_owned(), "Only what a scenario changes.", None, table);
        if section.table.rows.is_empty() {
            section.notes.push("No scenario changes anything.".to_owned());
        }
        section
    }

    /// What the changes are made of, cell by cell.
    fn effects_by_code(&self) -> Section {
        let base = &self.modelled.base;
        let mut columns = vec![text("scenario", "Scenario"), text("payer", "Payer"), text("code", "Code")];
        columns.extend(effect_columns());
        let mut rows = Vec::new();
        for played in &self.modelled.scenarios {
            let groups = played.outcome.by(base, |key| (key.payer.clone(), key.code));
            for ((payer, code), (_, effects)) in groups.iter().filter(|(_, (_, e))| *e != NetEffects::default()) {
                let mut row: Vec<Cell> =
                    vec![played.scenario.name.as_str().into(), base.name(payer).into(), code.to_string().into()];
                row.extend(effect_cells(effects));
                rows.push(row);
            }
        }
        self.section(
            "effects-by-payer-and-code",
            "What the changes are made of, by payer and code".to_owned(),
            "In every row the parts add up to the change, and the rows of a scenario to the scenario. Where the volume of one payer \
             changes, the shares of all others change with it: their mix and volume cancel out.",
            None,
            Table { columns, rows, total: None },
        )
    }

    fn by_payer(&self) -> Section {
        let base = &self.modelled.base;
        self.groups(
            "by-payer",
            "By payer",
            (vec![text("payer", "Payer")], |key: &CellKey| key.payer.clone()),
            |payer| vec![base.name(payer).into()],
        )
    }

    fn by_code(&self) -> Section {
        let base = &self.modelled.base;
        self.groups(
            "by-payer-and-code",
            "By payer and code",
            (vec![text("payer", "Payer"), text("code", "Code")], |key: &CellKey| (key.payer.clone(), key.code)),
            |(payer, code)| vec![base.name(payer).into(), code.to_string().into()],
        )
    }

    fn grid(&self, result: &GridResult) -> Section {
        let before = self.modelled.baseline.total();
        let grid = &result.grid;
        let (row_axis, rate_name) = match grid.axis {
            RateAxis::OfMedicare(year) => (format!("Percent of {}", medicare(year)), "percent of Medicare"),
            RateAxis::Change => ("Change of today's rates".to_owned(), "change of rates in percent"),
        };
        let row_name = |rate: Decimal| match grid.axis {
            RateAxis::OfMedicare(_) => percent_words(rate),
            RateAxis::Change => change_words(Decimal::ONE + rate / Decimal::ONE_HUNDRED),
        };
        let denials: Vec<Option<Decimal>> =
            if grid.denials.is_empty() { vec![None] } else { grid.denials.iter().copied().map(Some).collect() };
        let mut rows = Vec::new();
        for (rate, cells) in grid.rates.iter().zip(&result.cells) {
            for (denial, amounts) in denials.iter().zip(cells) {
                rows.push(vec![
                    Cell::Number(*rate),
                    (*denial).into(),
                    (amounts.net - before.net).into(),
                    amounts.net.into(),
                    amounts.expected.into(),
                    amounts.denied.into(),
                    (amounts.cash - before.cash).into(),
                ]);
            }
        }
        let table = Table {
            columns: vec![
                percent("rate", &format!("Rate, {rate_name}")),
                percent("denial", "Denied in the end, %"),
                money("net_change", "Net, change"),
                money("net", "Net"),
                money("expected", "Expected"),
                money("denied", "Denied"),
                money("cash_change", "Cash, change"),
            ],
            rows,
            total: None,
        };
        let values: Vec<Vec<Option<Money>>> =
            result.cells.iter().map(|row| row.iter().map(|cell| Some(cell.net - before.net)).collect()).collect();
        let title = grid_title(grid.lines.to_string(), &denials, &result.cells, before.net, |at| {
            grid.rates.get(at).map(|rate| row_name(*rate)).unwrap_or_default()
        });
        let columns = denials.iter().map(|d| d.map_or_else(|| "as it is".to_owned(), percent_words)).collect();
        let chart = Chart::Grid(GridChart {
            alt: format!(
                "Change of net by {rate_name} (rows) and percent of expected dollars denied in the end (columns), for {}. {title}.",
                grid.lines
            ),
            title: title.clone(),
            value_name: "Change of net against the baseline, dollars; blue is gained, orange is lost".to_owned(),
            row_axis,
            column_axis: "Denied in the end, percent of expected dollars".to_owned(),
            rows: grid.rates.iter().map(|rate| row_name(*rate)).collect(),
            columns,
            values,
        });
        let mut section = self.section(
            "grid",
            title,
            &format!(
                "{} of {} in every cell; everything else stays as it is.",
                count(result.matched, "line", "lines"),
                grid.lines
            ),
            Some(chart),
            table,
        );
        section.notes.extend(kept_notes(&result.kept));
        if result.matched == 0 {
            section.notes.push(format!("The grid holds for no line: {} ({}).", grid.lines, grid.spot));
        }
        section
    }

    fn break_evens(&self) -> Section {
        let mut rows = Vec::new();
        let mut notes = Vec::new();
        for result in &self.modelled.breakevens {
            let asked = &result.asked;
            let target = match &asked.target {
                Target::Baseline => "baseline".to_owned(),
                Target::Amount(amount) => amount.pretty(),
                Target::Scenario(at) => {
                    self.modelled.scenarios.get(*at).map(|p| p.scenario.name.clone()).unwrap_or_default()
                }
            };
            let start = |question: String| -> Vec<Cell> {
                vec![asked.lines.to_string().into(), question.into(), target.as_str().into(), result.target.into()]
            };
            let mut answered = |question: String, answer: Answer, over: &str| {
                let mut row = start(question);
                match answer {
                    Answer::At(percent, net) => row.extend([Cell::Number(percent), net.into(), over.into()]),
                    Answer::Never(net) => row.extend([Cell::Empty, net.into(), "none reaches it".into()]),
                }
                rows.push(row);
            };
            if let Some(rate) = result.rate {
                let denial = asked.denial.map_or_else(
                    || "denials as they are".to_owned(),
                    |d| format!("{} denied", percent_words(d * Decimal::ONE_HUNDRED)),
                );
                let question = format!("lowest percent of {} at {denial}", medicare(asked.year));
                answered(question, rate, "or more");
            }
            if let Some((denial, percent)) = result.denial.zip(asked.percent) {
                let question = format!(
                    "highest percent denied in the end at {} of {}",
                    percent_words(percent),
                    medicare(asked.year)
                );
                answered(question, denial, "or less");
            }
            if result.matched == 0 {
                notes.push(format!("A break-even holds for no line: {} ({}).", asked.lines, asked.spot));
            }
            notes.extend(kept_notes(&result.kept));
        }
        let table = Table {
            columns: vec![
                text("lines", "Lines"),
                text("question", "Question"),
                text("target", "Reaches"),
                money("target_net", "Net to reach"),
                Column::new("answer", "Answer, percent", ColumnKind::Number),
                money("net_there", "Net there"),
                text("note", ""),
            ],
            rows,
            total: None,
        };
        let title = self.modelled.breakevens.first().map_or_else(String::new, break_even_title);
        let mut section = self.section(
            "break-even",
            title,
            "Net of the lines that the question is about; found in steps of a hundredth of a percent, every step priced in full.",
            None,
            table,
        );
        section.notes = notes;
        section
    }

    fn tornado(&self) -> Option<Section> {
        let (asked, bars) = &self.modelled.tornado;
        let first = bars.first()?;
        let base = &self.modelled.base;
        let of = |bar: &TornadoBar| -> String {
            let lines = Lines { payer: None, ..bar.of.clone() };
            let narrow = lines != Lines::default();
            match (&bar.of.payer, bar.moved) {
                (_, Moved::Factor) => "Medicare".to_owned(),
                (Some(payer), _) if narrow => format!("{} {lines}", base.name(payer)),
                (Some(payer), _) => base.name(payer).to_owned(),
                (None, _) => lines.to_string(),
            }
        };
        let by = |bar: &TornadoBar| bar.by.map_or_else(String::new, |by| format!("±{}", percent_words(by)));
        let rows = bars.iter().map(|bar| {
            vec![
                of(bar).into(),
                bar.moved.as_str().into(),
                bar.by.into(),
                bar.down.into(),
                bar.up.into(),
                bar.size().into(),
            ]
        });
        let table = Table {
            columns: vec![
                text("lines", "Of"),
                text("lever", "Lever"),
                percent("by", "Moved by, ±%"),
                money("down", "Net, moved down"),
                money("up", "Net, moved up or taken away"),
                money("size", "Largest effect"),
            ],
            rows: rows.collect(),
            total: None,
        };
        let label = |bar: &TornadoBar| match bar.moved {
            Moved::Factor => "Medicare's conversion factor".to_owned(),
            _ => format!("{}: {}", of(bar), bar.moved.as_str()),
        };
        let moved = first.by.map_or_else(|| "taken away".to_owned(), |by| format!("moved by {}", percent_words(by)));
        let title = format!(
            "What matters most is {}: {moved}, it changes net by {}",
            lever_words(first, &of(first)),
            first.size().pretty_dollars()
        );
        let shown: Vec<TornadoRow> = bars
            .iter()
            .take(BARS)
            .enumerate()
            .map(|(at, bar)| TornadoRow { label: label(bar), by: by(bar), down: bar.down, up: bar.up, accent: at == 0 })
            .collect();
        let told: Vec<String> = shown.iter().take(5).map(|row| format!("{} {}", row.label, signed(row.up))).collect();
        let chart = Chart::Tornado(TornadoChart {
            title: title.clone(),
            alt: format!("Each lever moved alone, largest effect first. Moved up: {}.", told.join(", ")),
            value_axis: "Change of net against the baseline, dollars".to_owned(),
            bars: shown,
        });
        let mut section = self.section(
            "tornado",
            title,
            "Each lever moved alone, down and up by what the row says, everything else as it is; levers without an effect are left out.",
            Some(chart),
            table,
        );
        if bars.len() > BARS {
            section
                .notes
                .push(format!("The picture shows the largest {BARS} of {}; the table has them all.", bars.len()));
        }
        if asked.lines != Lines::default() {
            section.notes.push(format!("Only {}; the conversion factor moves all lines that follow it.", asked.lines));
        }
        Some(section)
    }

    fn ahead(&self, ahead: &Ahead) -> Section {
        let estimate = |name: &str, header: &str| Column::new(name, header, ColumnKind::Estimate);
        let cell = |amount: Money| Cell::Number(amount.dollars());
        let rows = ahead.rows.iter().map(|row| {
            vec![
                row.scenario.as_str().into(),
                row.measure.as_str().into(),
                cell(row.baseline),
                cell(row.mean),
                cell(row.change),
                cell(row.range.0),
                cell(row.range.1),
            ]
        });
        let months = ahead.months.first().zip(ahead.months.last());
        let span = months.map_or_else(String::new, |(from, to)| format!("{from} to {to}"));
        let table = Table {
            columns: vec![
                text("scenario", "Scenario"),
                text("measure", "Measure"),
                estimate("baseline", "Without it"),
                estimate("with", "With it"),
                estimate("change", "Change"),
                estimate("change_low", "Change, low (80%)"),
                estimate("change_high", "Change, high (80%)"),
            ],
            rows: rows.collect(),
            total: None,
        };
        let lead = self.lead().map(|lead| lead.scenario.name.clone()).unwrap_or_default();
        let net = ahead.rows.iter().find(|r| r.scenario == lead && r.measure == crate::outlook::Measure::Net);
        let title = net.map_or_else(
            || format!("The scenarios in {span}"),
            |row| {
                format!(
                    "In {span} \"{lead}\" would change net by {} ({} to {} in four of five futures)",
                    signed(row.change),
                    signed(row.range.0),
                    signed(row.range.1)
                )
            },
        );
        let mut section = self.section(
            "months-to-come",
            title,
            "The same scenarios on the forecast of the practice: estimates, where all else on this page is counted.",
            None,
            table,
        );
        section.kind = if self.kind == DataKind::Synthetic { self.kind } else { DataKind::Estimated };
        section.notes.clone_from(&ahead.notes);
        section
    }

    fn levers(&self) -> Section {
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for played in &self.modelled.scenarios {
            let scenario = &played.scenario;
            let mut row = |what: &str, of: &Lines, to: String, at: String| {
                let of = of.to_string();
                rows.push(vec![scenario.name.as_str().into(), what.into(), of.into(), to.into(), at.into()]);
            };
            for lever in &scenario.rates {
                row("rate", &lever.lines, rate_words(&lever.to, lever.lesser_of), lever.spot.to_string());
            }
            for lever in &scenario.volumes {
                row("volume", &lever.lines, change_words(lever.factor), lever.spot.to_string());
            }
            for lever in &scenario.denials {
                row("denials", &lever.lines, denial_words(lever.to), lever.spot.to_string());
            }
            if let Some(lever) = &scenario.factor {
                let to = match lever.factor.value {
                    crate::price::FactorValue::Dollars(dollars) => format!("${dollars} per RVU"),
                    crate::price::FactorValue::Times(by) => change_words(by),
                };
                let from = lever.from.map_or_else(String::new, |day| format!(" (as if served on {day})"));
                row("conversion factor", &Lines::default(), format!("{to}{from}"), lever.factor.row.to_string());
            }
            if scenario.rates.is_empty()
                && scenario.volumes.is_empty()
                && scenario.denials.is_empty()
                && scenario.factor.is_none()
            {
                row("nothing", &Lines::default(), "no change".to_owned(), String::new());
            }
        }
        let columns = vec![
            text("scenario", "Scenario"),
            text("what", "What"),
            text("lines", "Of"),
            text("to", "Changed to"),
            text("at", "Stands at"),
        ];
        self.section(
            "changes",
            "What each scenario changes".to_owned(),
            "For each line the first change of a kind that holds for it counts.",
            None,
            Table { columns, rows, total: None },
        )
    }

    fn baseline(&self) -> Section {
        let base = &self.modelled.base;
        let mut groups: std::collections::BTreeMap<_, (i64, [Money; 6])> = std::collections::BTreeMap::new();
        let amounts = |cell: &BaseCell| {
            [cell.sums.expected, cell.sums.denied, cell.net(), cell.paid, cell.pending, cell.benchmark]
        };
        for cell in &base.cells {
            let group = groups.entry((cell.key.payer.clone(), cell.key.code)).or_default();
            group.0 += cell.lines;
            for (sum, amount) in group.1.iter_mut().zip(amounts(cell)) {
                *sum += amount;
            }
        }
        let row = |names: [Cell; 2], lines: i64, amounts: [Money; 6]| -> Vec<Cell> {
            names.into_iter().chain([lines.into()]).chain(amounts.map(Cell::Money)).collect()
        };
        let rows = groups.iter().map(|((payer, code), (lines, sums))| {
            row([base.name(payer).into(), code.to_string().into()], *lines, *sums)
        });
        let mut all = (0, [Money::ZERO; 6]);
        for cell in &base.cells {
            all.0 += cell.lines;
            for (sum, amount) in all.1.iter_mut().zip(amounts(cell)) {
                *sum += amount;
            }
        }
        let table = Table {
            columns: vec![
                text("payer", "Payer"),
                text("code", "Code"),
                Column::new("lines", "Lines", ColumnKind::Count),
                money("expected", "Expected"),
                money("denied", "Denied"),
                money("net", "Net"),
                money("cash", "Cash"),
                money("pending", "Pending"),
                money("benchmark", "Observed or estimated"),
            ],
            rows: rows.collect(),
            total: Some(row(["All".into(), Cell::Empty], all.0, all.1)),
        };
        let mut section = self.section(
            "baseline",
            format!("The baseline: {} of {}", count(all.0, "line", "lines"), base.period),
            "What the same lines come to in the leakage report: expected, denied in the end, and paid by payers (cash).",
            None,
            table,
        );
        section.notes.push(
            "Pending: expected amounts without an answer; they count as net. Observed or estimated: expected amounts that rest on a \
             benchmark and not on a contract or published schedule."
                .to_owned(),
        );
        section
    }

    fn notes(&self) -> Vec<String> {
        let base = &self.modelled.base;
        let total = self.modelled.baseline.total();
        let mut notes = Vec::new();
        if self.kind == DataKind::Synthetic {
            notes.push("The claims of this page are synthetic: payers, patients and amounts are made up. The Medicare figures are published.".to_owned());
        }
        let pending = base.sum(|cell| cell.pending);
        if !pending.is_zero() {
            notes.push(format!(
                "{} of the baseline's expected amounts ({}) have no answer yet: their denials and payments are still to come.",
                share(pending, total.expected),
                pending.pretty_dollars()
            ));
        }
        if base.unpriced.lines > 0 {
            notes.push(format!(
                "{} charged at {} stand in no sum, before or after, because their price is not known; payers paid {} on them.",
                count(base.unpriced.lines, "line", "lines"),
                base.unpriced.charge.pretty_dollars(),
                base.unpriced.paid.pretty_dollars()
            ));
        }
        notes.push(
            "Cash moves with net: each payer, code and place is paid the share of net that it was paid in the baseline, so patients' \
             shares, sequestration, underpayments and pending amounts stay what they are in proportion."
                .to_owned(),
        );
        notes
    }
}

/// With its first letter large.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn name(played: &Played) -> String {
    match played.scenario.role {
        Some(role) if role.as_str() != played.scenario.name => format!("{} ({})", played.scenario.name, role.as_str()),
        _ => played.scenario.name.clone(),
    }
}

fn quoted(played: &Played) -> String {
    format!("\"{}\"", played.scenario.name)
}

fn effect_columns() -> [Column; 5] {
    [
        money("rate_effect", "From rates"),
        money("mix_effect", "From mix"),
        money("volume_effect", "From volume"),
        money("denial_effect", "From denials"),
        money("net_change", "Net, change"),
    ]
}

fn effect_cells(effects: &NetEffects) -> [Cell; 5] {
    let terms = effects.of_terms;
    [terms.rate, terms.mix, terms.volume, effects.denial, effects.total()].map(Cell::Money)
}

fn kept_notes(kept: &[Kept]) -> impl Iterator<Item = String> + '_ {
    kept.iter().map(kept_note)
}

/// `the rate of Larkspur PPO`.
fn lever_words(bar: &TornadoBar, of: &str) -> String {
    match bar.moved {
        Moved::Rate => format!("the rate of {of}"),
        Moved::LesserOf => format!("the limit by the charge of {of}"),
        Moved::Volume => format!("the volume of {of}"),
        Moved::Denial => format!("the denials of {of}"),
        Moved::Factor => "Medicare's conversion factor".to_owned(),
    }
}

/// From which row on a grid gains, at the first and the last column.
fn grid_title(
    lines: String,
    denials: &[Option<Decimal>],
    cells: &[Vec<Amounts>],
    before: Money,
    row_name: impl Fn(usize) -> String,
) -> String {
    let gains = |column: usize| cells.iter().position(|row| row.get(column).is_some_and(|cell| cell.net >= before));
    let at = |column: usize| denials.get(column).copied().flatten();
    let words = |column: usize| match (gains(column), at(column)) {
        (Some(row), Some(denial)) => format!("from {} on at {} denied", row_name(row), percent_words(denial)),
        (Some(row), None) => format!("from {} on", row_name(row)),
        (None, Some(denial)) => format!("at no rate shown at {} denied", percent_words(denial)),
        (None, None) => "at no rate shown".to_owned(),
    };
    let last = denials.len().saturating_sub(1);
    let rest = if last > 0 { format!(", {}", words(last)) } else { String::new() };
    format!("{lines}: as much as today {}{rest}", words(0))
}

fn break_even_title(result: &BreakEvenResult) -> String {
    let asked = &result.asked;
    let goal = match asked.target {
        Target::Baseline => "today's net".to_owned(),
        _ => format!("{} net", result.target.pretty_dollars()),
    };
    match (result.rate, result.denial) {
        (Some(Answer::At(percent, _)), _) => {
            let denial = asked.denial.map_or_else(
                || "at today's denials".to_owned(),
                |d| format!("with {} denied", percent_words(d * Decimal::ONE_HUNDRED)),
            );
            format!("{} of {} brings {goal} {denial}", percent_words(percent), medicare(asked.year))
        }
        (None, Some(Answer::At(percent, _))) => {
            let at = asked.percent.map(percent_words).unwrap_or_default();
            format!(
                "At {at} of {} up to {} may be denied before {goal} is lost",
                medicare(asked.year),
                percent_words(percent)
            )
        }
        _ => format!("Nothing that was tried brings {goal}"),
    }
}

fn rate_words(to: &RateTo, lesser_of: Option<bool>) -> String {
    use crate::domain::contract::Pays;
    let of_charge = |factor: &Decimal| percent_words(factor * Decimal::ONE_HUNDRED);
    let words = match to {
        RateTo::Kept => "as it is".to_owned(),
        RateTo::Times(by) => change_words(*by),
        RateTo::Year(year) => format!("today's percentage, of {}", medicare(*year)),
        RateTo::Pays(pays) => match pays {
            Pays::PercentOfMedicare { factor, year, .. } => {
                format!("{} of {}", of_charge(factor), medicare(*year))
            }
            Pays::Flat(rate) => format!("${rate} per line"),
            Pays::PerUnit(rate) => format!("${rate} per unit"),
            Pays::PercentOfCharge(factor) => format!("{} of the charge", of_charge(factor)),
            Pays::Asp(factor) => format!("{} of ASP", of_charge(factor)),
            Pays::Schedule(name) => format!("schedule {name}"),
            Pays::NotCovered => "not covered".to_owned(),
        },
    };
    match lesser_of {
        None => words,
        Some(true) => format!("{words}, never more than the charge"),
        Some(false) => format!("{words}, not limited by the charge"),
    }
}

fn denial_words(to: DenialTo) -> String {
    let share = |share: Decimal| percent_words(share * Decimal::ONE_HUNDRED);
    match to {
        DenialTo::Final(rate) => format!("{} of expected dollars denied in the end", share(rate)),
        DenialTo::Times(by) => format!("{} of what is denied in the end", change_words(by)),
        DenialTo::First { share: first, times, overturn } => {
            let first = match first {
                Some(first) => format!("{} denied at first", share(first)),
                None if times == Decimal::ONE => "as much denied at first".to_owned(),
                None => format!("{} denied at first", change_words(times)),
            };
            let won = overturn.map_or_else(|| "as much won back".to_owned(), |won| format!("{} won back", share(won)));
            format!("{first}, {won}")
        }
    }
}

fn definitions() -> Vec<Definition> {
    let define = |term: &str, meaning: &str| Definition { term: term.to_owned(), meaning: meaning.to_owned() };
    vec![
        define(
            "Expected",
            "What should be allowed: the rates of the scenario (in the baseline the schedule or contract in force on the day of service), line by line, rounded once to cents.",
        ),
        define("Denied", "Expected of lines denied in the end, after all corrections; a scenario may set its share."),
        define("Net", "Expected less denied: what comes in from payers and patients when the rest is paid as agreed."),
        define("Cash", "Paid by payers: in the baseline what they paid, in a scenario the same share of net."),
        define(
            "Baseline",
            "The services of the period at today's terms: figures of the leakage report for the same days.",
        ),
        define("Walk-away", "What comes without an agreement: an offer below it is worth less than none."),
        define("Break-even", "The rate, or the share denied, at which net reaches a target."),
    ]
}
