//! What matters most: each lever of the ask alone, moved down and up.

use rust_decimal::Decimal;

use super::basis::{Basis, less, tenth, times};
use super::{Asks, signed};
use crate::domain::Money;
use crate::report::effects::{TornadoChart, TornadoRow};
use crate::report::model::{Cell, Chart, Column, ColumnKind, Section, Table};

/// A lever alone, and what it takes away or adds a year.
struct Lever {
    name: &'static str,
    by: String,
    /// `None` where it moves only one way.
    down: Option<Money>,
    up: Money,
}

impl Lever {
    /// The larger of the two effects.
    fn size(&self) -> Money {
        self.up.abs().max(self.down.unwrap_or_default().abs())
    }
}

/// Points of denials by which their lever moves.
const POINTS: i64 = 5;

fn levers(basis: &Basis<'_>, asks: &Asks) -> Vec<Lever> {
    let (at, ten) = (basis.at(asks.ask), Decimal::TEN);
    let base = basis.a_year(at.net);
    let against = |net: Money| basis.a_year(net) - base;
    let mut levers = vec![Lever {
        name: "Rate",
        by: "10 points of Medicare".to_owned(),
        down: Some(against(basis.at(asks.ask - ten).net)),
        up: against(basis.at(asks.ask + ten).net),
    }];
    // A point of denials is a hundredth of what is expected; no more can be won than is denied, and none lost twice.
    let part = at.amount - less(at.amount, Decimal::from(POINTS));
    let denied = at.denied().percent_of(at.amount).unwrap_or_default();
    let by = if at.denied() < part {
        format!("{POINTS} points more, {} less: to none", tenth(denied))
    } else {
        format!("{POINTS} points")
    };
    levers.push(Lever {
        name: "Denial rate",
        by,
        down: Some(against(at.net + part.min(at.denied()))),
        up: against(at.net - part.min(at.net)),
    });
    let services = |low: Decimal, high: Decimal| (times(base, low) - base, times(base, high) - base);
    let (by, (down, up)) = match &basis.input.spread {
        Ok(spread) => ("the range forecast for next year", services(spread.low, spread.high)),
        Err(_) => ("10%", services(Decimal::new(9, 1), Decimal::new(11, 1))),
    };
    levers.push(Lever { name: "Number of services", by: by.to_owned(), down: Some(down), up });
    let (now, other) = (basis.input.payer.lesser_of, !basis.input.payer.lesser_of);
    levers.push(Lever {
        name: "Lesser of charge and rate",
        by: if now { "taken away" } else { "agreed" }.to_owned(),
        down: None,
        up: against(basis.at_with(asks.ask, other).net),
    });
    levers.retain(|lever| !lever.size().is_zero());
    levers.sort_by_key(|lever| (std::cmp::Reverse(lever.size()), lever.name));
    levers
}

/// Each lever alone, down and up.
pub(super) fn section(basis: &Basis<'_>, asks: &Asks) -> Section {
    let levers = levers(basis, asks);
    let base = basis.a_year(basis.at(asks.ask).net);
    let title = levers.first().map_or_else(
        || "No lever changes anything".to_owned(),
        |first| {
            let (low, high) = match first.down {
                Some(down) => (down.min(first.up), down.max(first.up)),
                None => (first.up.min(Money::ZERO), first.up.max(Money::ZERO)),
            };
            let name = first.name.to_lowercase();
            format!("The most depends on the {name}: {} to {} a year", signed(low), signed(high))
        },
    );
    let rows = levers.iter().map(|lever| -> Vec<Cell> {
        vec![lever.name.into(), lever.by.clone().into(), lever.down.into(), lever.up.into()]
    });
    let bars = levers.iter().enumerate().map(|(at, lever)| TornadoRow {
        label: lever.name.to_owned(),
        by: lever.by.clone(),
        down: lever.down,
        up: lever.up,
        accent: at == 0,
    });
    Section {
        id: "tornado".to_owned(),
        title: title.clone(),
        lead: format!(
            "Each lever alone, against {} a year after denials at the ask, from {}.",
            base.pretty_dollars(),
            basis.span()
        ),
        kind: basis.input.run.report.kind,
        chart: Some(Chart::Tornado(TornadoChart {
            title,
            alt: "Per lever the dollars a year it takes away or adds, the largest first.".to_owned(),
            value_axis: "Dollars a year against the ask".to_owned(),
            bars: bars.collect(),
        })),
        table: Table {
            columns: vec![
                Column::new("lever", "Lever", ColumnKind::Text),
                Column::new("by", "Moved by", ColumnKind::Text),
                Column::new("down", "Moved down", ColumnKind::Money),
                Column::new("up", "Moved up or changed", ColumnKind::Money),
            ],
            rows: rows.collect(),
            total: None,
        },
        notes: Vec::new(),
    }
}
