//! The ask, the fallback and the walk-away in dollars a year; rate against denials.

use rust_decimal::Decimal;

use super::basis::{At, Basis, less, tenth, times};
use super::{Asks, signed};
use crate::domain::Money;
use crate::report::effects::GridChart;
use crate::report::model::{Cell, Chart, Column, ColumnKind, Section, Table};

/// A row of the ask.
struct Offer {
    name: &'static str,
    words: String,
    at: At,
}

/// The offers from the terms in force to the ask.
fn offers(basis: &Basis<'_>, asks: &Asks) -> Vec<Offer> {
    let at = |name: &'static str, percent: Decimal| Offer { name, words: asks.words(percent), at: basis.at(percent) };
    let mut offers = vec![Offer { name: "Today's terms", words: String::new(), at: basis.today() }];
    if !basis.input.hand_over {
        offers.extend(asks.walk_away.map(|percent| at("Walk away below", percent)));
        offers.push(at("Fallback", asks.fallback));
    }
    offers.push(at("Ask", asks.ask));
    offers
}

pub(super) fn section(basis: &Basis<'_>, asks: &Asks) -> Section {
    let input = basis.input;
    let own_desk = !input.hand_over;
    let spread = input.spread.as_ref().ok().filter(|_| own_desk);
    let (today, at) = (basis.today(), basis.at(asks.ask));
    let rows = offers(basis, asks).into_iter().map(|offer| {
        let mut row = vec![
            offer.name.into(),
            offer.words.into(),
            offer.at.of_medicare.map(tenth).into(),
            basis.a_year(offer.at.amount).into(),
            basis.a_year(offer.at.amount - today.amount).into(),
        ];
        if own_desk {
            row.push(basis.a_year(offer.at.net).into());
        }
        if let Some(spread) = spread {
            let next = |factor| Cell::Number(times(basis.a_year(offer.at.amount), factor).dollars());
            row.extend([next(spread.low), next(spread.high)]);
        }
        row
    });
    let mut columns = vec![
        Column::new("offer", "Offer", ColumnKind::Text),
        Column::new("at", "At", ColumnKind::Text),
        Column::new("percent_of_medicare", "All lines, % of Medicare", ColumnKind::Percent),
        Column::new("expected", "Expected a year", ColumnKind::Money),
        Column::new("change", "Change a year", ColumnKind::Money),
    ];
    if own_desk {
        columns.push(Column::new("after_denials", "After denials a year", ColumnKind::Money));
    }
    if spread.is_some() {
        columns.push(Column::new("next_low", "Next year, low", ColumnKind::Estimate));
        columns.push(Column::new("next_high", "Next year, high", ColumnKind::Estimate));
    }
    Section {
        id: "ask".to_owned(),
        title: format!(
            "{} would bring {} a year ({})",
            asks.words(asks.ask),
            signed(basis.a_year(at.amount - today.amount)),
            basis.span()
        ),
        lead: format!("{} under each rate. {}", basis.span(), scale(basis)),
        kind: input.run.report.kind,
        chart: None,
        table: Table { columns, rows: rows.collect(), total: None },
        notes: notes(basis, asks, &at),
    }
}

/// How sums of the months become sums of a year.
fn scale(basis: &Basis<'_>) -> String {
    match basis.months() {
        12 => "Exact, as the lines are known; the months are a year.".to_owned(),
        months => format!("A year: what they come to, exactly, times 12 / {months} months."),
    }
}

fn notes(basis: &Basis<'_>, asks: &Asks, at: &At) -> Vec<String> {
    let input = basis.input;
    let mut notes = vec![format!(
        "The percentage is of Medicare of the day and place of each service, rounded once per line{}. It prices {} of {} lines; the others (drugs or codes without a Medicare rate, or not asked for) keep today's amount.",
        if input.payer.lesser_of { ", never more than the charge" } else { "" },
        at.priced,
        basis.own.len()
    )];
    if input.hand_over {
        return notes;
    }
    let pending = basis.sums().pending;
    let open = if pending.is_zero() {
        String::new()
    } else {
        format!("; {} without an answer so far count as not denied", pending.pretty_dollars())
    };
    notes.push(format!(
        "After denials: without the lines that were denied in the end, each at its rate, as in `allowable model`{open}."
    ));
    notes.push(match &input.spread {
        Ok(spread) => format!(
            "Next year's dollars: the services forecast for the payer, {}% of a year at the pace of these months, {}% to {}% in 8 of 10 drawn futures.",
            tenth(spread.mean * Decimal::ONE_HUNDRED),
            tenth(spread.low * Decimal::ONE_HUNDRED),
            tenth(spread.high * Decimal::ONE_HUNDRED)
        ),
        Err(why) => format!("No range for next year: {why}."),
    });
    if asks.walk_away.is_none() {
        notes.push("No walk-away was set: name one with --walk-away.".to_owned());
    }
    notes
}

/// Denial rates of the grid, in percent.
const DENIALS: [i64; 6] = [0, 2, 5, 10, 15, 20];

/// Most steps between the rates of the grid.
const STEPS: i64 = 8;

/// Rates of the grid, the highest the ask (or today's, where that is more) in round tens, the ask itself always among them.
fn percents(today: Decimal, asks: &Asks) -> Vec<Decimal> {
    let low = (today.min(asks.fallback) / Decimal::TEN).floor() * Decimal::TEN;
    let high = (asks.ask.max(today) / Decimal::TEN).ceil() * Decimal::TEN;
    // A coarser step, in tens, where the way is long.
    let step = ((high - low) / Decimal::TEN / Decimal::from(STEPS)).ceil().max(Decimal::ONE) * Decimal::TEN;
    let steps = (0..=STEPS).map(|n| low + step * Decimal::from(n));
    let mut out: Vec<Decimal> = steps.filter(|at| *at <= high).chain([asks.ask]).map(|p| p.normalize()).collect();
    out.sort();
    out.dedup();
    out
}

/// Rate against denials: what is left of expected.
pub(super) fn grid(basis: &Basis<'_>, asks: &Asks) -> Section {
    let today = basis.today();
    let current = today.of_medicare.unwrap_or(Decimal::ONE_HUNDRED);
    let percents = percents(current, asks);
    let left = |amount: Money, denied: i64| basis.a_year(less(amount, Decimal::from(denied)));
    let today_net = basis.a_year(today.net);
    let mut values = Vec::new();
    let mut rows = Vec::new();
    for percent in &percents {
        let amount = basis.at(*percent).amount;
        let net: Vec<Money> = DENIALS.iter().map(|denied| left(amount, *denied)).collect();
        values.push(net.iter().map(|net| Some(*net - today_net)).collect());
        let mut row = vec![Cell::Number(percent.normalize())];
        row.extend(net.into_iter().map(Cell::from));
        rows.push(row);
    }
    // A point of denials takes a hundredth of what is expected; a point of the rate brings what is left of it after denials.
    let point = (basis.at(current + Decimal::TEN).net - basis.at(current).net).dollars() / Decimal::TEN;
    let worth = (today.amount.dollars() / Decimal::ONE_HUNDRED).checked_div(point);
    let title = worth.filter(|worth| *worth > Decimal::ZERO).map_or_else(
        || "Rate against denials".to_owned(),
        |worth| format!("One point of denials costs as much as {} points of the rate", tenth(worth)),
    );
    let column = |denied: &i64| format!("{denied}% denied");
    let mut columns = vec![Column::new("percent_of_medicare", "% of Medicare", ColumnKind::Percent)];
    columns.extend(DENIALS.iter().map(|d| Column::new(&format!("denied_{d}"), &column(d), ColumnKind::Money)));
    Section {
        id: "sensitivity".to_owned(),
        title: title.clone(),
        lead: format!(
            "Expected less denied, dollars a year from {}; today {}, with {} denied.",
            basis.span(),
            today_net.pretty_dollars(),
            today.denied().percent_of(today.amount).map_or_else(|| "nothing".to_owned(), |p| format!("{p}%"))
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_reaches_the_ask_in_few_rows() {
        let asks = |ask: i64| Asks {
            ask: Decimal::from(ask),
            fallback: Decimal::from(125),
            walk_away: None,
            codes: Vec::new(),
        };
        let percents = |ask: i64| -> Vec<String> {
            percents(Decimal::new(1384, 1), &asks(ask)).iter().map(ToString::to_string).collect()
        };
        assert_eq!(percents(150), ["120", "130", "140", "150"]);
        assert_eq!(percents(155), ["120", "130", "140", "150", "155", "160"]);
        // From 120 to 500 in tens are 38 steps: by fifty, and the ask.
        assert_eq!(percents(500), ["120", "170", "220", "270", "320", "370", "420", "470", "500"]);
    }
}
