//! Groups of lying bars, one per measure, each with its amount written at its end.

use super::curve::colors;
use super::panel::{Heading, Panel, Scale, cents};
use crate::render::scene::{ACCENT, AXIS, INK, LABEL, Look, SMALL, SOFT, Scene, WIDTH};
use crate::render::words::fitting_money;
use crate::report::BarChart;

/// Height of one bar with its gap.
const BAR: f64 = 34.0;
/// Space between groups.
const GAP: f64 = 26.0;
/// Height of the key above the bars.
const KEY: f64 = 48.0;

pub(super) fn draw(chart: &BarChart, heading: &Heading<'_>) -> Scene {
    let amounts = || chart.series.iter().flat_map(|s| s.values.iter().flatten());
    if chart.groups.is_empty() || amounts().next().is_none() {
        return super::nothing(heading);
    }
    let group_height = BAR * chart.series.len() as f64 + GAP;
    let mut panel = Panel::new(heading, KEY + group_height * chart.groups.len() as f64);
    let name = Look::size(LABEL).end();
    let names = chart.groups.iter().map(|g| name.width(g)).fold(0.0, f64::max).min(WIDTH * 0.28);
    let value = Look::size(SMALL).bold();
    let values = amounts().map(|a| value.width(&fitting_money(*a, |_| true))).fold(0.0, f64::max) + 30.0;
    let low = amounts().map(|v| cents(*v)).fold(0.0, f64::min);
    let high = amounts().map(|v| cents(*v)).fold(0.0, f64::max);
    let left = panel.left + names + 16.0 + if low < 0.0 { values } else { 0.0 };
    let scale = Scale::new((low, high.max(low + 1.0)), (left, panel.right - values));
    let zero = scale.at(0.0);
    let colors = colors(chart.series.iter().map(|s| s.accent));
    let top = panel.top + KEY;
    let scene = &mut panel.scene;

    let mut x = panel.left + names + 16.0;
    for (series, color) in chart.series.iter().zip(&colors) {
        scene.rect(x, panel.top + 2.0, 22.0, 22.0, *color);
        let look = Look::size(LABEL);
        scene.text((x + 32.0, panel.top + 21.0), &series.name, look);
        x += 32.0 + look.width(&series.name) + 40.0;
    }
    for (g, group) in chart.groups.iter().enumerate() {
        let y = top + g as f64 * group_height;
        let lines = name.wrap(group, names, if chart.series.len() > 1 { 2 } else { 1 });
        let height = BAR * chart.series.len() as f64;
        let first = y + height / 2.0 - (lines.len() as f64 - 1.0) * LABEL * 0.625 + LABEL * 0.35;
        scene.lines((panel.left + names, first), &lines, name);
        let nothing = chart.series.iter().all(|s| s.values.get(g).copied().flatten().is_none());
        if nothing {
            scene.text((zero + 10.0, y + height / 2.0 + 7.0), "does not apply", Look::size(SMALL).color(SOFT));
        }
        for (s, series) in chart.series.iter().enumerate() {
            let y = y + s as f64 * BAR;
            match series.values.get(g).copied().flatten() {
                Some(amount) => {
                    let end = scale.money(amount);
                    if !amount.is_zero() {
                        scene.rect(zero, y + 2.0, end - zero, BAR - 4.0, colors[s]);
                    }
                    let look = value.color(if series.accent { ACCENT } else { INK });
                    let text = fitting_money(amount, |_| true);
                    let back = amount.cents() < 0;
                    let x = if back { end - 10.0 } else { end.max(zero) + 10.0 };
                    scene.text((x, y + BAR * 0.7), &text, if back { look.end() } else { look });
                }
                None if !nothing => {
                    scene.text((zero + 10.0, y + BAR * 0.7), "no figure", Look::size(SMALL).color(SOFT));
                }
                None => {}
            }
        }
        scene.line(vec![(zero, y - 4.0), (zero, y + height + 4.0)], AXIS, 2);
    }
    panel.scene
}
