//! Rows × columns with the amount written in each cell and shown as shade: one hue from light to dark.
//!
//! The shade follows the square root of the amount, so that one large cell does not make all others look empty.

use super::panel::{Heading, Panel, cents};
use crate::domain::Money;
use crate::render::scene::{ACCENT, EMPTY, GRID, INK, LABEL, Look, PAPER, SMALL, SOFT, Scene, WIDTH, ink_on, mix};
use crate::render::words::short_money;
use crate::report::HeatMap;

/// Height of a cell.
const ROW: f64 = 52.0;
/// Size of a name that needs two lines.
const SMALLEST: f64 = 18.0;
/// Width of the column of totals.
const TOTAL: f64 = 110.0;
/// Highest head of a turned column name.
const TURNED: f64 = 300.0;

/// The grid as it will be drawn: perhaps turned, so that its names fit.
struct Grid<'a> {
    rows: &'a [String],
    columns: &'a [String],
    values: Vec<Vec<Option<Money>>>,
}

impl<'a> Grid<'a> {
    /// As given, or with rows and columns swapped when there are more columns than rows: names stand on the left at any
    /// length, above a column they have little room.
    fn new(chart: &'a HeatMap) -> Self {
        let value = |r: usize, c: usize| chart.values.get(r).and_then(|row| row.get(c)).copied().flatten();
        let (rows, columns) = (chart.rows.len(), chart.columns.len());
        if columns > rows {
            let values = (0..columns).map(|c| (0..rows).map(|r| value(r, c)).collect()).collect();
            Self { rows: &chart.columns, columns: &chart.rows, values }
        } else {
            let values = (0..rows).map(|r| (0..columns).map(|c| value(r, c)).collect()).collect();
            Self { rows: &chart.rows, columns: &chart.columns, values }
        }
    }
}

pub(super) fn draw(chart: &HeatMap, heading: &Heading<'_>) -> Scene {
    let grid = Grid::new(chart);
    let largest = grid.values.iter().flatten().flatten().map(|m| m.abs()).max().unwrap_or_default();
    if largest.is_zero() {
        return super::nothing(heading);
    }
    let name = Look::size(LABEL).end();
    let names = grid.rows.iter().map(|r| name.width(r)).fold(0.0, f64::max).min(WIDTH * 0.24);
    let left = 40.0 + names + 16.0;
    let cell = ((WIDTH - 40.0 - TOTAL - left) / grid.columns.len() as f64).min(220.0);
    let size = if cell < 74.0 { 16.0 } else { SMALL };

    // Column names stand level where each word fits, else they are turned.
    let head = Look::size(size).color(SOFT);
    let level = grid.columns.iter().all(|c| c.split_whitespace().all(|w| head.width(w) <= cell - 6.0));
    let wrapped: Vec<_> = grid.columns.iter().map(|c| head.wrap(c, cell - 6.0, 4)).collect();
    let head_height = if level {
        wrapped.iter().map(Vec::len).max().unwrap_or(1) as f64 * size * 1.25 + 14.0
    } else {
        grid.columns.iter().map(|c| head.width(c)).fold(0.0, f64::max).min(TURNED) + 20.0
    };
    let mut panel = Panel::new(heading, head_height + ROW * (grid.rows.len() + 1) as f64);
    let top = panel.top + head_height;
    let scene = &mut panel.scene;
    let middle = |c: usize| left + (c as f64 + 0.5) * cell;
    for (c, column) in grid.columns.iter().enumerate() {
        if level {
            let first = top - 12.0 - (wrapped[c].len() as f64 - 1.0) * size * 1.25;
            scene.lines((middle(c), first), &wrapped[c], head.middle());
        } else {
            scene.text((middle(c) + size * 0.35, top - 10.0), &head.shorten(column, TURNED), head.up());
        }
    }
    let total_x = left + cell * grid.columns.len() as f64 + TOTAL - 8.0;
    scene.text((total_x, top - 12.0), "Total", head.end());

    let fits = |text: &str| Look::size(size).width(text) <= cell - 6.0;
    let amount = |value: Money| cell_money(value, largest);
    for (r, row) in grid.rows.iter().enumerate() {
        let y = top + r as f64 * ROW;
        // A name that is too long for its line stands in two smaller ones.
        if name.width(row) <= names {
            scene.text((left - 16.0, y + ROW * 0.64), row, name);
        } else {
            let small = Look::size(SMALLEST).end();
            let lines = small.wrap(row, names, 2);
            let first = y + ROW * 0.5 + SMALLEST * (0.35 - 0.6 * (lines.len() as f64 - 1.0));
            scene.lines((left - 16.0, first), &lines, small);
        }
        for (c, value) in grid.values[r].iter().enumerate() {
            let x = left + c as f64 * cell;
            let Some(value) = value else {
                scene.rect(x + 1.5, y + 1.5, cell - 3.0, ROW - 3.0, EMPTY);
                continue;
            };
            let fill = shade(*value, largest);
            scene.rect(x + 1.5, y + 1.5, cell - 3.0, ROW - 3.0, fill);
            let text = amount(*value);
            let text = [text.replacen('$', "", 1), text].into_iter().rev().find(|t| fits(t));
            if let Some(text) = text {
                scene.text((middle(c), y + ROW * 0.63), &text, Look::size(size).middle().color(ink_on(fill)));
            }
        }
        let total: Money = grid.values[r].iter().flatten().copied().sum();
        scene.text((total_x, y + ROW * 0.63), &amount(total), Look::size(size).bold().end());
    }
    let base = top + grid.rows.len() as f64 * ROW;
    scene.line(vec![(left, base + 4.0), (total_x, base + 4.0)], GRID, 2);
    scene.text((left - 16.0, base + ROW * 0.66), "Total", head.end());
    for c in 0..grid.columns.len() {
        let total: Money = grid.values.iter().filter_map(|row| row[c]).sum();
        let text = amount(total);
        if fits(&text) {
            scene.text((middle(c), base + ROW * 0.66), &text, Look::size(size).bold().middle());
        }
    }
    let all: Money = grid.values.iter().flatten().flatten().copied().sum();
    scene.text((total_x, base + ROW * 0.66), &amount(all), Look::size(size).bold().end().color(INK));
    panel.scene
}

/// Whole dollars, so that cells compare at a glance; cents only where all amounts are small.
fn cell_money(value: Money, largest: Money) -> String {
    let small = value.abs() < Money::from_cents(10_000);
    if !small || largest < Money::from_cents(100_000) {
        return short_money(value);
    }
    let whole = value.pretty_dollars();
    // Half a dollar is little, but not nothing.
    if whole.ends_with("$0") && !value.is_zero() { "<$1".to_owned() } else { whole }
}

/// Nothing is nearly paper, the largest is the accent darkened; a negative amount stays pale, its sign is written.
fn shade(value: Money, largest: Money) -> plotters::style::RGBColor {
    let t = (cents(value.or_zero()) / cents(largest)).sqrt();
    let light = mix(PAPER, ACCENT, 0.06);
    let dark = mix(ACCENT, plotters::style::RGBColor(0x40, 0x10, 0x00), 0.35);
    if t < 0.75 { mix(light, ACCENT, t / 0.75) } else { mix(ACCENT, dark, (t - 0.75) / 0.25) }
}
