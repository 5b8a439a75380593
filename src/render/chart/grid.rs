//! Rows × columns of changes: blue where something is gained, vermilion where something is lost, the more the darker, with
//! the amount written in every cell, and a line where gain meets loss.
//!
//! The two hues stay apart for every kind of colour vision; in grey the sign that is written tells them apart.

use plotters::style::RGBColor;

use super::panel::{Heading, Panel, cents};
use crate::domain::Money;
use crate::render::scene::{ACCENT, DEEP, EMPTY, INK, LABEL, Look, PAPER, SMALL, SOFT, Scene, WIDTH, ink_on, mix};
use crate::render::words::short_money;
use crate::report::GridChart;

/// Height of a cell.
const ROW: f64 = 50.0;
/// Height of the heads of the columns with the name of their axis.
const HEAD: f64 = 84.0;
/// Widest cell.
const WIDEST: f64 = 200.0;
/// Room that the name of the rows' axis takes at most.
const AXIS_NAME: f64 = 420.0;

pub(super) fn draw(chart: &GridChart, heading: &Heading<'_>) -> Scene {
    let value = |r: usize, c: usize| chart.values.get(r).and_then(|row| row.get(c)).copied().flatten();
    let all = || chart.values.iter().flatten().flatten().copied();
    let Some(largest) = all().map(Money::abs).max().filter(|_| !chart.columns.is_empty()) else {
        return super::nothing(heading);
    };
    let mut panel = Panel::new(heading, HEAD + ROW * chart.rows.len() as f64 + 8.0);
    let (name, note) = (Look::size(LABEL).end(), Look::size(SMALL).color(SOFT));
    let axis = note.shorten(&chart.row_axis, AXIS_NAME);
    let names = chart.rows.iter().map(|r| name.width(r)).fold(note.width(&axis), f64::max).min(AXIS_NAME);
    let left = panel.left + names + 16.0;
    let cell = ((WIDTH - 40.0 - left) / chart.columns.len() as f64).min(WIDEST);
    let top = panel.top + HEAD;
    let scene = &mut panel.scene;
    scene.text((left, panel.top + 24.0), &note.shorten(&chart.column_axis, panel.right - left), note);
    scene.text((left - 16.0, top - 14.0), &axis, note.end());
    let widest = |size: f64| chart.columns.iter().map(|c| Look::size(size).width(c)).fold(0.0, f64::max);
    let size = [LABEL, SMALL, 18.0].into_iter().find(|size| widest(*size) <= cell - 8.0).unwrap_or(16.0);
    let head = Look::size(size).middle();
    for (c, column) in chart.columns.iter().enumerate() {
        let middle = left + (c as f64 + 0.5) * cell;
        scene.text((middle, top - 14.0), &head.shorten(column, cell - 4.0), head);
    }
    // One look for all cells: the largest in which each of them can be written, with its sign of dollars if that fits.
    let bare = |value: Money| signed(value, largest).replacen('$', "", 1);
    let fits = |size: f64, text: &dyn Fn(Money) -> String| {
        all().all(|value| Look::size(size).width(&text(value)) <= cell - 8.0)
    };
    let full = |value: Money| signed(value, largest);
    let dollars = [SMALL, 18.0, 16.0].into_iter().find(|size| fits(*size, &full));
    let size = dollars.or_else(|| [18.0, 16.0, 14.0].into_iter().find(|size| fits(*size, &bare))).unwrap_or(13.0);
    let written = |value: Money| {
        let text = if dollars.is_some() { full(value) } else { bare(value) };
        Some(text).filter(|text| Look::size(size).width(text) <= cell - 4.0)
    };
    for (r, row) in chart.rows.iter().enumerate() {
        let y = top + r as f64 * ROW;
        scene.text((left - 16.0, y + ROW * 0.64), &name.shorten(row, names), name);
        for c in 0..chart.columns.len() {
            let x = left + c as f64 * cell;
            let Some(value) = value(r, c) else {
                scene.rect(x + 1.5, y + 1.5, cell - 3.0, ROW - 3.0, EMPTY);
                continue;
            };
            let fill = shade(value, largest);
            scene.rect(x + 1.5, y + 1.5, cell - 3.0, ROW - 3.0, fill);
            if let Some(text) = written(value) {
                let look = Look::size(size).middle().color(ink_on(fill));
                scene.text((x + cell / 2.0, y + ROW * 0.63), &text, look);
            }
        }
    }
    // Where a gain stands beside a loss.
    let loses = |r: usize, c: usize| value(r, c).map(|v| v < Money::ZERO);
    for r in 0..chart.rows.len() {
        for c in 0..chart.columns.len() {
            let (x, y) = (left + c as f64 * cell, top + r as f64 * ROW);
            let differs = |other: Option<bool>| loses(r, c).zip(other).is_some_and(|(a, b)| a != b);
            if differs(loses(r, c + 1)) {
                scene.line(vec![(x + cell, y - 1.0), (x + cell, y + ROW + 1.0)], INK, 4);
            }
            if differs(loses(r + 1, c)) {
                scene.line(vec![(x - 1.0, y + ROW), (x + cell + 1.0, y + ROW)], INK, 4);
            }
        }
    }
    if all().any(|v| v < Money::ZERO) && all().any(|v| v >= Money::ZERO) {
        panel.note("The black line runs where a gain turns into a loss.");
    }
    panel.scene
}

/// `+$1,240`, `−$340`, `$0`; whole dollars where cells are large, so that they compare at a glance.
fn signed(value: Money, largest: Money) -> String {
    let whole = largest >= Money::from_cents(100_000) && value.abs() >= Money::from_cents(100);
    let text =
        if whole && value.abs() < Money::from_cents(10_000) { value.pretty_dollars() } else { short_money(value) };
    format!("{}{text}", if value > Money::ZERO { "+" } else { "" })
}

/// From nearly paper to the full hue, by the square root, so that one large cell does not make all others look empty.
fn shade(value: Money, largest: Money) -> RGBColor {
    if value.is_zero() || largest.is_zero() {
        return EMPTY;
    }
    let hue = if value < Money::ZERO { ACCENT } else { DEEP };
    let t = (cents(value.abs()) / cents(largest)).sqrt();
    mix(mix(PAPER, hue, 0.08), hue, t)
}
