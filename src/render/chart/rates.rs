//! One rate per row with its interval, against the rate of all: the shorter its bar, the better a rate is known.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::panel::{Heading, Panel, Scale, ticks};
use crate::render::scene::{ACCENT, AXIS, DEEP, GRID, INK, LABEL, Look, SMALL, SOFT, Scene, WIDTH, mix};
use crate::render::words::percent;
use crate::report::RateChart;

/// Height of a row.
const ROW: f64 = 46.0;
/// Space above the rows for the name of the reference line.
const HEAD: f64 = 44.0;

pub(super) fn draw(chart: &RateChart, heading: &Heading<'_>) -> Scene {
    let number = |d: Decimal| d.to_f64().unwrap_or(0.0);
    if chart.rows.is_empty() {
        return super::nothing(heading);
    }
    let ends = chart.rows.iter().flat_map(|r| [r.low, r.value, r.high]);
    let all: Vec<f64> = ends.chain(chart.reference.iter().map(|r| r.0)).map(number).collect();
    let (low, high) = all.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    let marks = ticks(if low > 0.0 && low < high * 0.5 { 0.0 } else { low }, high, 6.0);
    let rows = ROW * chart.rows.len() as f64;
    let mut panel = Panel::new(heading, HEAD + rows + 34.0);
    let name = Look::size(LABEL).end();
    let names = chart.rows.iter().map(|r| name.width(&r.label)).fold(0.0, f64::max).min(WIDTH * 0.3);
    let left = panel.left + names + 16.0;
    let look = Look::size(SMALL).bold();
    // The figure stands behind the interval: the longest must fit beside one that ends at the edge.
    let room = chart.rows.iter().map(|r| look.width(&percent(r.value))).fold(0.0, f64::max) + 40.0;
    let scale = Scale::new(
        (marks.first().copied().unwrap_or(0.0), marks.last().copied().unwrap_or(1.0)),
        (left + 24.0, panel.right - room),
    );
    let (top, base) = (panel.top + HEAD, panel.top + HEAD + rows);
    let scene = &mut panel.scene;
    let note = Look::size(SMALL).color(SOFT);
    for mark in &marks {
        let x = scale.at(*mark);
        scene.line(vec![(x, top), (x, base)], GRID, 2);
        scene.text((x, base + 28.0), &format!("{mark}%").replacen('-', "−", 1), note.middle());
    }
    if let Some((value, label)) = &chart.reference {
        let x = scale.at(number(*value));
        scene.line(vec![(x, top - 6.0), (x, base)], INK, 3);
        let text = look.shorten(&format!("{label} {}", percent(*value)), panel.right - left);
        // A rate near an edge would push its name out of the picture.
        let half = look.width(&text) / 2.0;
        let at = x.clamp(left + half, (panel.right - half).max(left + half));
        scene.text((at, top - 16.0), &text, look.middle());
    }
    for (i, row) in chart.rows.iter().enumerate() {
        let y = top + (i as f64 + 0.5) * ROW;
        scene.text((left, y + 8.0), &name.shorten(&row.label, names), name);
        let color = if row.accent { ACCENT } else { DEEP };
        let [from, at, to] = [row.low, row.value, row.high].map(|v| scale.at(number(v)));
        scene.line(vec![(from, y), (to, y)], mix(color, AXIS, 0.4), 6);
        scene.dot(at, y, 9.0, color);
        scene.label(
            (to.max(at) + 18.0, y + 7.0),
            &percent(row.value),
            look.color(if row.accent { ACCENT } else { INK }),
        );
    }
    panel.scene
}
