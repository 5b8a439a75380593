//! Causes from the largest down, and beside them the running share of the whole.
//!
//! Drawn lying, so that seventeen long names stay readable; the share has a panel of its own instead of a second axis over
//! the bars. The bars that make up the first 80 % are in the accent colour.

use super::panel::{Heading, Panel, Scale, cents};
use crate::domain::Money;
use crate::render::scene::{ACCENT, AXIS, DEEP, GRID, INK, LABEL, Look, PLAIN, SMALL, SOFT, Scene, WIDTH};
use crate::render::words::{count, fitting_money};
use crate::report::Pareto;

/// Height of one bar with its gap.
const ROW: f64 = 46.0;
/// Space above the bars for the heads of the columns.
const HEAD: f64 = 44.0;
/// The share that counts as "most".
const MOST: i64 = 80;

pub(super) fn draw(chart: &Pareto, heading: &Heading<'_>) -> Scene {
    let total: Money = chart.bars.iter().map(|b| b.amount.or_zero()).sum();
    if total.is_zero() {
        return super::nothing(heading);
    }
    let mut panel = Panel::new(heading, HEAD + ROW * chart.bars.len() as f64 + 34.0);
    let name = Look::size(LABEL).end();
    let names = chart.bars.iter().map(|b| name.width(&b.label)).fold(0.0, f64::max).min(WIDTH * 0.26);
    let left = panel.left + names + 14.0;
    let share = (panel.right - 420.0, panel.right - 100.0);
    let (top, base) = (panel.top + HEAD, panel.top + HEAD + ROW * chart.bars.len() as f64);
    // Room for the longest value with its lines to the right of the longest bar.
    let value = Look::size(LABEL).bold();
    let note = Look::size(SMALL).color(SOFT);
    let high = chart.bars.iter().map(|b| cents(b.amount)).fold(1.0, f64::max);
    let low = chart.bars.iter().map(|b| cents(b.amount)).fold(0.0, f64::min);
    let labels = chart.bars.iter().map(|b| label_width(b.amount, b.lines)).fold(0.0, f64::max);
    let bars = Scale::new((low, high), (left, share.0 - labels - 50.0));
    let shares = Scale::new((0.0, 100.0), share);

    let scene = &mut panel.scene;
    scene.text((left, panel.top + 22.0), "Dollars and lines", note);
    scene.text((share.0, panel.top + 22.0), "Running share", note);
    for tick in [0, MOST, 100] {
        let x = shares.at(tick as f64);
        if tick == MOST {
            scene.dashes((x, top), (x, base), AXIS, 2);
        } else {
            scene.line(vec![(x, top), (x, base)], GRID, 2);
        }
        scene.text((x, base + 26.0), &format!("{tick}%"), note.middle());
    }
    let zero = bars.at(0.0);
    scene.line(vec![(zero, top), (zero, base)], AXIS, 2);

    let mut running = Money::ZERO;
    let mut points = Vec::with_capacity(chart.bars.len());
    for (i, bar) in chart.bars.iter().enumerate() {
        let middle = top + (i as f64 + 0.5) * ROW;
        // Part of "most" while the bars before it have not reached it.
        let most = bar.amount > Money::ZERO && percent(running, total) < MOST as f64;
        running += bar.amount.or_zero();
        let x = bars.money(bar.amount);
        scene.rect(zero, middle - 14.0, x - zero, 28.0, if most { ACCENT } else { PLAIN });
        scene.text((left - 14.0 - (zero - left).min(0.0), middle + 8.0), &name.shorten(&bar.label, names), name);
        let text = fitting_money(bar.amount, |_| true);
        let at = x.max(zero) + 10.0;
        scene.text((at, middle + 8.0), &text, value.color(if most { ACCENT } else { INK }));
        scene.text((at + value.width(&text) + 10.0, middle + 8.0), &lines(bar.lines), note);
        points.push((shares.at(percent(running, total)), middle));
    }
    scene.line(points.clone(), DEEP, 4);
    for (i, (x, y)) in points.iter().enumerate() {
        scene.dot(*x, *y, 7.0, DEEP);
        let so_far: Money = chart.bars[..=i].iter().map(|b| b.amount.or_zero()).sum();
        let text = so_far.percent_of(total).map(crate::render::words::percent).unwrap_or_default();
        scene.text((panel.right, y + 7.0), &text, Look::size(SMALL).end());
    }
    panel.scene
}

/// `1 line`, `1,204 lines`.
fn lines(n: i64) -> String {
    format!("{} {}", count(n), if n == 1 { "line" } else { "lines" })
}

/// Width of the amount and the lines at the end of a bar.
fn label_width(amount: Money, n: i64) -> f64 {
    Look::size(LABEL).bold().width(&fitting_money(amount, |_| true)) + 20.0 + Look::size(SMALL).width(&lines(n))
}

/// For pixels and the 80 % cut only; the figures that are written are exact.
fn percent(part: Money, whole: Money) -> f64 {
    100.0 * cents(part) / cents(whole)
}
