//! One dot per row against a reference line: filled is what was allowed, hollow what the contract promises.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::panel::{Heading, Panel, Scale, ticks};
use crate::render::scene::{ACCENT, AXIS, DEEP, GRID, INK, LABEL, Look, SMALL, SOFT, Scene, WIDTH, mix};
use crate::render::words::percent;
use crate::report::DotChart;

/// Height of a row.
const ROW: f64 = 52.0;
/// Space above the rows for the name of the reference line and the key.
const HEAD: f64 = 84.0;

pub(super) fn draw(chart: &DotChart, heading: &Heading<'_>) -> Scene {
    let number = |d: Decimal| d.to_f64().unwrap_or(0.0);
    let values = || chart.rows.iter().flat_map(|r| [r.value, r.target]).flatten();
    if values().next().is_none() {
        return super::nothing(heading);
    }
    let all: Vec<f64> = values().chain(chart.reference.iter().map(|r| r.0)).map(number).collect();
    let (low, high) = all.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    let marks = ticks(if low > 0.0 && low < high * 0.2 { 0.0 } else { low }, high, 6.0);
    let mut panel = Panel::new(heading, HEAD + ROW * chart.rows.len() as f64 + 34.0);
    let name = Look::size(LABEL).end();
    let names = chart.rows.iter().map(|r| name.width(&r.label)).fold(0.0, f64::max).min(WIDTH * 0.3);
    let left = panel.left + names + 16.0;
    let (from, to) = (left + 90.0, panel.right - 110.0);
    let ends = (marks.first().copied().unwrap_or(0.0), marks.last().copied().unwrap_or(1.0));
    let scale = Scale::new(ends, (from, to));
    let (top, base) = (panel.top + HEAD, panel.top + HEAD + ROW * chart.rows.len() as f64);
    let scene = &mut panel.scene;
    // Without promises there is nothing to tell the dots from: the axis says what they are.
    if chart.rows.iter().any(|r| r.target.is_some()) {
        key(scene, (from, panel.top + 22.0));
    }
    let note = Look::size(SMALL).color(SOFT);
    for mark in &marks {
        let x = scale.at(*mark);
        scene.line(vec![(x, top), (x, base)], GRID, 2);
        scene.text((x, base + 28.0), &format!("{}%", (mark * 1e6).round() / 1e6).replacen('-', "−", 1), note.middle());
    }
    if let Some((value, label)) = &chart.reference {
        let x = scale.at(number(*value));
        scene.line(vec![(x, top - 8.0), (x, base)], INK, 3);
        let label = format!("{label} {}%", value.normalize());
        scene.text((x, top - 18.0), &label, Look::size(SMALL).bold().middle());
    }
    for (i, row) in chart.rows.iter().enumerate() {
        let y = top + (i as f64 + 0.5) * ROW;
        scene.text((left, y + 8.0), &name.shorten(&row.label, names), name);
        let color = if row.accent { ACCENT } else { DEEP };
        let value = row.value.map(|v| scale.at(number(v)));
        let target = row.target.map(|v| scale.at(number(v)));
        if let (Some(v), Some(t)) = (value, target) {
            // The gap between promise and payment is the message; it is drawn.
            if (v - t).abs() > 20.0 {
                let side = (t - v).signum();
                scene.line(vec![(v + side * 10.0, y), (t - side * 10.0, y)], mix(color, AXIS, 0.4), 4);
            }
        }
        if let Some(t) = target {
            scene.ring(t, y, 11.0, color);
        }
        if let Some(v) = value {
            // Within the hollow mark the dot is smaller, so that both are seen.
            scene.dot(v, y, if target.is_some_and(|t| (t - v).abs() < 22.0) { 6.0 } else { 10.0 }, color);
            let look = Look::size(SMALL).bold().color(if row.accent { ACCENT } else { INK });
            // On the side away from the promise, so that the two never touch.
            let leftwards = target.is_some_and(|t| t > v + 1.0);
            let text = row.value.map(percent).unwrap_or_default();
            let (x, look) = if leftwards { (v - 18.0, look.end()) } else { (v + 18.0, look) };
            scene.label((x, y + 7.0), &text, look);
        } else {
            let x = target.map_or(from + 14.0, |t| t + 20.0);
            scene.label((x, y + 7.0), "no priced line", note);
        }
    }
    panel.scene
}

fn key(scene: &mut Scene, (x, y): (f64, f64)) {
    let look = Look::size(LABEL);
    scene.dot(x + 12.0, y - 8.0, 10.0, DEEP);
    scene.text((x + 32.0, y), "allowed", look);
    let next = x + 32.0 + look.width("allowed") + 40.0;
    scene.ring(next + 12.0, y - 8.0, 11.0, DEEP);
    scene.text((next + 34.0, y), "contract", look);
}
