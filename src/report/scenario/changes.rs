//! What each scenario comes to, and what its change is made of: in all, by payer and by code.

use super::ScenarioPage;
use super::words::{capital, effect_cells, effect_columns, lines, money, more, name, quoted, signed, text};
use crate::domain::Money;
use crate::report::model::{BarChart, Cell, Chart, Column, Section, Series, Step, Table, Waterfall};
use crate::scenario::{Amounts, CellKey, NetEffects, Played, Role};

impl ScenarioPage<'_> {
    pub(super) fn changes(&self) -> Section {
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
                // The first of equally good ones.
                let best = rest.rev().max_by_key(|p| modelled.change(p).net);
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

    pub(super) fn amounts(&self) -> Section {
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

    pub(super) fn effects(&self) -> Section {
        let row = |played: &Played| -> Vec<Cell> {
            let effects = played.outcome.net_effects();
            let mut row: Vec<Cell> = vec![played.scenario.name.as_str().into()];
            row.extend(effect_cells(&effects));
            row
        };
        let mut columns = vec![text("scenario", "Scenario")];
        columns.extend(effect_columns());
        let table = Table { columns, rows: self.modelled.scenarios.iter().map(row).collect(), total: None };
        // The lead, unless it changes nothing and another does.
        let moves = |played: &&Played| played.outcome.net_effects() != NetEffects::default();
        let lead =
            self.lead().filter(moves).or_else(|| self.modelled.scenarios.iter().find(moves)).or_else(|| self.lead());
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
                let (of, all) = (quoted(lead), signed(effects.total()));
                format!("of the {all} of {of}, {} comes from {what}", signed(*amount))
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
    pub(super) fn groups<K: Ord>(
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
    pub(super) fn effects_by_code(&self) -> Section {
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

    pub(super) fn by_payer(&self) -> Section {
        let base = &self.modelled.base;
        self.groups(
            "by-payer",
            "By payer",
            (vec![text("payer", "Payer")], |key: &CellKey| key.payer.clone()),
            |payer| vec![base.name(payer).into()],
        )
    }

    pub(super) fn by_code(&self) -> Section {
        let base = &self.modelled.base;
        self.groups(
            "by-payer-and-code",
            "By payer and code",
            (vec![text("payer", "Payer"), text("code", "Code")], |key: &CellKey| (key.payer.clone(), key.code)),
            |(payer, code)| vec![base.name(payer).into(), code.to_string().into()],
        )
    }
}
