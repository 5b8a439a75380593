//! The ask, the fallback and the walk-away in dollars a year; rate against denials; what matters most.

use rust_decimal::Decimal;

use super::basis::{Basis, less, tenth, times};
use super::signed;
use crate::domain::Money;
use crate::finding::Result;
use crate::report::effects::{GridChart, TornadoChart, TornadoRow};
use crate::report::model::{Cell, Chart, Column, ColumnKind, Section, Table};

/// A row of the ask.
struct Offer {
    name: &'static str,
    percent: Option<Decimal>,
    amount: Money,
}

/// The offers from the terms in force to the ask.
fn offers(basis: &Basis<'_>) -> Result<Vec<Offer>> {
    let asks = &basis.input.asks;
    let at = |name: &'static str, percent: Decimal| -> Result<Offer> {
        Ok(Offer { name, percent: Some(percent), amount: basis.at(percent)?.amount })
    };
    let mut offers = vec![Offer { name: "Today's terms", percent: None, amount: basis.sums().expected }];
    if let Some(percent) = asks.walk_away {
        offers.push(at("Walk away below", percent)?);
    }
    offers.push(at("Fallback", asks.fallback)?);
    offers.push(at("Ask", asks.ask)?);
    Ok(offers)
}

pub(super) fn section(basis: &Basis<'_>) -> Result<Section> {
    let input = basis.input;
    let denied = basis.denied_share(&basis.own).unwrap_or_default();
    let today = basis.sums().expected;
    let spread = input.spread.as_ref().ok();
    let offers = offers(basis)?;
    let rows = offers.iter().map(|offer| {
        let shown = offer.percent.or_else(|| basis.percent_of_medicare(&basis.own));
        let next = |factor: Option<Decimal>| {
            factor.map_or(Cell::Empty, |factor| Cell::Number(times(offer.amount, factor).dollars()))
        };
        vec![
            offer.name.into(),
            shown.map(tenth).into(),
            offer.amount.into(),
            (offer.amount - today).into(),
            less(offer.amount, denied).into(),
            next(spread.map(|s| s.low)),
            next(spread.map(|s| s.high)),
        ]
    });
    let ask = offers.last().map_or(Money::ZERO, |offer| offer.amount);
    let at = basis.at(input.asks.ask)?;
    let mut notes = vec![format!(
        "The percentage is of Medicare of the day and place of each service, rounded once per line{}. It prices {} of {} lines; the others (drugs or codes without a Medicare rate, or not asked for) keep today's amount.",
        if input.payer.lesser_of { ", never more than the charge" } else { "" },
        at.priced,
        basis.own.len()
    )];
    notes.push(format!(
        "After denials: less {}%, the share of expected dollars that was denied in the end in these months.",
        tenth(denied)
    ));
    notes.push(match &input.spread {
        Ok(spread) => format!(
            "Next year's dollars: the services forecast for the payer, {}% of those of these months, {}% to {}% in 8 of 10 drawn futures.",
            tenth(spread.mean * Decimal::ONE_HUNDRED),
            tenth(spread.low * Decimal::ONE_HUNDRED),
            tenth(spread.high * Decimal::ONE_HUNDRED)
        ),
        Err(why) => format!("No range for next year: {why}."),
    });
    if input.asks.walk_away.is_none() {
        notes.push("No walk-away was set: name one with --walk-away.".to_owned());
    }
    Ok(Section {
        id: "ask".to_owned(),
        title: format!(
            "{}% of Medicare would bring {} a year on the services of these months",
            input.asks.ask.normalize(),
            signed(ask - today)
        ),
        lead: "The same lines under each rate; exact, as the lines are known.".to_owned(),
        kind: input.run.report.kind,
        chart: None,
        table: Table {
            columns: vec![
                Column::new("offer", "Offer", ColumnKind::Text),
                Column::new("percent_of_medicare", "% of Medicare", ColumnKind::Percent),
                Column::new("expected", "Expected", ColumnKind::Money),
                Column::new("change", "Change", ColumnKind::Money),
                Column::new("after_denials", "After denials", ColumnKind::Money),
                Column::new("next_low", "Next year, low", ColumnKind::Estimate),
                Column::new("next_high", "Next year, high", ColumnKind::Estimate),
            ],
            rows: rows.collect(),
            total: None,
        },
        notes,
    })
}

/// Denial rates of the grid, in percent.
const DENIALS: [i64; 6] = [0, 2, 5, 10, 15, 20];

/// Rates of the grid: from the round ten at or below today's to beyond the ask.
fn percents(basis: &Basis<'_>) -> Vec<Decimal> {
    let today = basis.percent_of_medicare(&basis.own).unwrap_or(Decimal::ONE_HUNDRED);
    let low = (today.min(basis.input.asks.fallback) / Decimal::TEN).floor() * Decimal::TEN;
    let high = ((basis.input.asks.ask.max(today)) / Decimal::TEN).ceil() * Decimal::TEN;
    let steps = ((high - low) / Decimal::TEN).normalize();
    let mut out: Vec<Decimal> = Vec::new();
    let mut at = low;
    // At most eight rows: a coarser step where the way is long.
    let step = if steps > Decimal::from(7) { Decimal::from(20) } else { Decimal::TEN };
    while at <= high && out.len() < 12 {
        out.push(at);
        at += step;
    }
    out
}

/// Rate against denials: what is left of expected.
pub(super) fn grid(basis: &Basis<'_>) -> Result<Section> {
    let percents = percents(basis);
    let today_net = less(basis.sums().expected, basis.denied_share(&basis.own).unwrap_or_default());
    let mut values = Vec::new();
    let mut rows = Vec::new();
    for percent in &percents {
        let amount = basis.at(*percent)?.amount;
        let net: Vec<Money> = DENIALS.iter().map(|denied| less(amount, Decimal::from(*denied))).collect();
        values.push(net.iter().map(|net| Some(*net - today_net)).collect());
        let mut row = vec![Cell::Number(percent.normalize())];
        row.extend(net.into_iter().map(Cell::from));
        rows.push(row);
    }
    // What one point of denials is worth in points of rate.
    let one = basis.at(Decimal::ONE_HUNDRED)?.amount;
    let two = basis.at(Decimal::from(110))?.amount;
    let point = (two - one).dollars() / Decimal::TEN;
    let today = basis.sums().expected;
    let worth = (!point.is_zero()).then(|| today.dollars() / Decimal::ONE_HUNDRED / point);
    let title = worth.map_or_else(
        || "Rate against denials".to_owned(),
        |worth| format!("One point of denials costs as much as {} points of the rate", tenth(worth)),
    );
    let column = |denied: &i64| format!("{denied}% denied");
    let mut columns = vec![Column::new("percent_of_medicare", "% of Medicare", ColumnKind::Percent)];
    columns.extend(DENIALS.iter().map(|d| Column::new(&format!("denied_{d}"), &column(d), ColumnKind::Money)));
    Ok(Section {
        id: "sensitivity".to_owned(),
        title: title.clone(),
        lead: format!(
            "Expected less denied, a year, on the services of these months; today {}.",
            today_net.pretty_dollars()
        ),
        kind: basis.input.run.report.kind,
        chart: Some(Chart::Grid(GridChart {
            title,
            alt: "A grid of rates in percent of Medicare against shares denied; each cell is how much more or less a year is left than today."
                .to_owned(),
            value_name: "Change against today after denials, dollars a year; blue is gained, orange is lost".to_owned(),
            row_axis: "Percent of Medicare".to_owned(),
            column_axis: "Denied in the end, percent of expected dollars".to_owned(),
            rows: percents.iter().map(|percent| format!("{}%", percent.normalize())).collect(),
            columns: DENIALS.iter().map(|denied| format!("{denied}%")).collect(),
            values,
        })),
        table: Table { columns, rows, total: None },
        notes: Vec::new(),
    })
}

/// Each lever alone, down and up.
pub(super) fn tornado(basis: &Basis<'_>) -> Result<Section> {
    let input = basis.input;
    let denied = basis.denied_share(&basis.own).unwrap_or_default();
    let ask = input.asks.ask;
    let base_amount = basis.at(ask)?.amount;
    let base = less(base_amount, denied);
    let ten = Decimal::TEN;
    let bounded = |percent: Decimal| percent.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED);
    let mut levers: Vec<(String, Money, Money)> = Vec::new();
    levers.push((
        "Rate, 10 points of Medicare less or more".to_owned(),
        less(basis.at(ask - ten)?.amount, denied) - base,
        less(basis.at(ask + ten)?.amount, denied) - base,
    ));
    levers.push((
        "Denial rate, 5 points more or less".to_owned(),
        less(base_amount, bounded(denied + Decimal::from(5))) - base,
        less(base_amount, bounded(denied - Decimal::from(5))) - base,
    ));
    if let Ok(spread) = &input.spread {
        levers.push((
            "Number of services, the range forecast for next year".to_owned(),
            times(base, spread.low) - base,
            times(base, spread.high) - base,
        ));
    } else {
        levers.push((
            "Number of services, 10% fewer or more".to_owned(),
            times(base, Decimal::new(9, 1)) - base,
            times(base, Decimal::new(11, 1)) - base,
        ));
    }
    let (with, without) = (basis.at_with(ask, true)?.amount, basis.at_with(ask, false)?.amount);
    levers.push((
        "Lesser of charge and rate, agreed or not".to_owned(),
        less(with, denied) - base,
        less(without, denied) - base,
    ));
    levers.sort_by_key(|(name, low, high)| (std::cmp::Reverse((*high - *low).abs()), name.clone()));
    let title = levers.first().map_or_else(String::new, |(name, low, high)| {
        let lever = name.split(',').next().unwrap_or(name).to_lowercase();
        format!("The most depends on the {lever}: {} to {} a year", signed(*low), signed(*high))
    });
    let rows = levers.iter().map(|(name, low, high)| vec![name.clone().into(), (*low).into(), (*high).into()]);
    Ok(Section {
        id: "tornado".to_owned(),
        title: title.clone(),
        lead: format!("Each lever alone, against {} a year after denials at the ask.", base.pretty_dollars()),
        kind: input.run.report.kind,
        chart: Some(Chart::Tornado(TornadoChart {
            title,
            alt: "Per lever the dollars a year it takes away or adds, the largest first.".to_owned(),
            value_axis: "Dollars a year against the ask".to_owned(),
            bars: levers
                .iter()
                .enumerate()
                .map(|(at, (name, low, high))| {
                    let (label, by) = name.split_once(", ").unwrap_or((name, ""));
                    TornadoRow {
                        label: label.to_owned(),
                        by: by.to_owned(),
                        down: Some(*low),
                        up: *high,
                        accent: at == 0,
                    }
                })
                .collect(),
        })),
        table: Table {
            columns: vec![
                Column::new("lever", "Lever", ColumnKind::Text),
                Column::new("low", "Low", ColumnKind::Money),
                Column::new("high", "High", ColumnKind::Money),
            ],
            rows: rows.collect(),
            total: None,
        },
        notes: Vec::new(),
    })
}
