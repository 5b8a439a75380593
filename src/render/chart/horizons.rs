//! Measures of a forecast by how far ahead it was made: one line per method or range, thin lines for what to compare with.

use plotters::style::RGBColor;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::curve::{colors, darker, spread, trace};
use super::panel::{Heading, Panel, Scale, cut_note, value_grid, value_names, value_room, value_ticks};
use crate::render::scene::{AXIS, LABEL, Look, SMALL, SOFT, Scene, WIDTH, mix};
use crate::render::words::fitting_value;
use crate::report::{HorizonChart, LineWeight};

/// Height of the plot.
const PLOT: f64 = 560.0;
/// Room for a name at either side, at most.
const NAMES: f64 = 300.0;
/// Space between two names of comparison lines.
const NAME_GAP: f64 = 26.0;

pub(super) fn draw(chart: &HorizonChart, heading: &Heading<'_>) -> Scene {
    let number = |d: Decimal| d.to_f64().unwrap_or(0.0);
    let count = chart.steps.len();
    let values = chart.lines.iter().flat_map(|l| l.values.iter().take(count)).flatten().copied();
    let mut all: Vec<f64> = values.map(number).collect();
    if all.is_empty() {
        return super::nothing(heading);
    }
    all.extend(chart.references.iter().map(|r| number(r.0)));
    let (low, high) = all.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    let marks = value_ticks(low, high, 0.3);
    let (name, note) = (Look::size(LABEL).bold(), Look::size(SMALL).color(SOFT));
    let aside = Look::size(SMALL).bold().color(SOFT);
    let aside_room = chart.references.iter().map(|r| aside.width(&r.1) + 18.0).fold(0.0, f64::max).min(NAMES);
    let room = value_room(&marks, chart.unit).max(aside_room);
    let names = chart.lines.iter().map(|l| name.width(&l.name)).fold(110.0, f64::max).min(NAMES) + 24.0;
    let (left, right) = (40.0 + room, WIDTH - 40.0 - names);

    let mut panel = Panel::new(heading, 16.0 + PLOT + 76.0);
    let (top, base) = (panel.top + 16.0, panel.top + 16.0 + PLOT);
    let ends = (marks.first().copied().unwrap_or(0.0), marks.last().copied().unwrap_or(1.0));
    let scale = Scale::new(ends, (base, top));
    if let Some(text) = cut_note(&marks, chart.unit) {
        panel.note(&text);
    }
    let scene = &mut panel.scene;
    value_grid(scene, &marks, &scale, (left, right));
    let across = steps(scene, chart, (left, right), base);

    // The names of the comparison lines stand on the axis; a grid line that would touch one has no name.
    let mut asides: Vec<(f64, &str)> = chart.references.iter().map(|r| (scale.at(number(r.0)), r.1.as_str())).collect();
    asides.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
    let wanted: Vec<f64> = asides.iter().map(|a| a.0).collect();
    let gap = NAME_GAP.min(PLOT / asides.len().max(1) as f64);
    let places = spread(&wanted, gap, (top, base));
    for ((y, text), place) in asides.iter().zip(&places) {
        scene.dashes((left, *y), (right, *y), SOFT, 2);
        scene.text((left - 12.0, place + 7.0), &aside.shorten(text, room - 18.0), aside.end());
    }
    let free = |y: f64| places.iter().all(|p| (y - p).abs() >= NAME_GAP);
    value_names(scene, &marks, &scale, left, chart.unit, free);

    let colors = line_colors(chart);
    // What matters lies on top, what all are measured against at the bottom.
    let mut order: Vec<usize> = (0..chart.lines.len()).collect();
    order.sort_by_key(|i| match chart.lines[*i].weight {
        LineWeight::Muted => 0,
        LineWeight::Plain => 1,
        LineWeight::Accent => 2,
    });
    let mut labels = Vec::new();
    for i in order {
        let line = &chart.lines[i];
        let accent = line.weight == LineWeight::Accent;
        let points: Vec<_> = chart
            .steps
            .iter()
            .zip(&line.values)
            .map(|(s, v)| v.map(|v| (across.at(f64::from(*s)), scale.at(number(v)))))
            .collect();
        trace(scene, points.iter().copied(), colors[i], if accent { 6 } else { 4 });
        for (x, y) in points.iter().flatten() {
            match line.weight {
                LineWeight::Accent => scene.dot(*x, *y, 7.0, colors[i]),
                LineWeight::Plain => scene.dot(*x, *y, 5.0, colors[i]),
                // Hollow: greys and pale blues are one when printed.
                LineWeight::Muted => scene.ring(*x, *y, 7.0, colors[i]),
            }
        }
        let value = line.values.iter().take(count).flatten().next_back();
        if let (Some(point), Some(value)) = (points.into_iter().flatten().next_back(), value) {
            labels.push((i, point, *value));
        }
    }
    labels.sort_by(|a, b| a.1.1.total_cmp(&b.1.1).then(a.0.cmp(&b.0)));
    let wanted: Vec<f64> = labels.iter().map(|l| l.1.1).collect();
    let gap = (LABEL * 2.4).min((PLOT - LABEL) / labels.len().max(1) as f64);
    let both = gap >= LABEL * 2.2;
    for ((i, point, value), y) in labels.iter().zip(spread(&wanted, gap, (top + 8.0, base - LABEL))) {
        let x = right + 12.0;
        if x - point.0 > 44.0 || (y - point.1).abs() > LABEL {
            scene.dashes((point.0 + 10.0, point.1), (x - 4.0, y), mix(colors[*i], AXIS, 0.5), 2);
        }
        let text = name.shorten(&chart.lines[*i].name, names - 14.0);
        scene.text((x, y + 2.0), &text, name.color(darker(colors[*i])));
        if both {
            let text = fitting_value(*value, chart.unit, |t| note.width(t) <= names - 14.0);
            scene.text((x, y + 2.0 + LABEL * 1.05), &text, note);
        }
    }
    panel.scene
}

/// The x axis with its title; gives its scale.
fn steps(scene: &mut Scene, chart: &HorizonChart, (left, right): (f64, f64), base: f64) -> Scale {
    let note = Look::size(SMALL).color(SOFT).middle();
    let first = chart.steps.iter().min().copied().unwrap_or(0);
    let last = chart.steps.iter().max().copied().unwrap_or(1);
    let across = if first == last {
        // One step stands in the middle.
        Scale::new((f64::from(first) - 1.0, f64::from(first) + 1.0), (left, right))
    } else {
        Scale::new((f64::from(first), f64::from(last)), (left + 30.0, right - 30.0))
    };
    let mut free = f64::MIN;
    for step in &chart.steps {
        let (x, text) = (across.at(f64::from(*step)), step.to_string());
        scene.line(vec![(x, base), (x, base + 8.0)], AXIS, 2);
        let half = note.width(&text) / 2.0;
        if x - half > free {
            scene.text((x, base + 30.0), &text, note);
            free = x + half + 14.0;
        }
    }
    let title = note.shorten(&chart.step_axis, right - left);
    scene.text(((left + right) / 2.0, base + 60.0), &title, note);
    across
}

/// Accent, greys and blues; grey for what all are measured against.
fn line_colors(chart: &HorizonChart) -> Vec<RGBColor> {
    let weights = || chart.lines.iter().map(|l| l.weight);
    let mut others = colors(weights().filter(|w| *w != LineWeight::Muted).map(|w| w == LineWeight::Accent)).into_iter();
    weights().map(|w| if w == LineWeight::Muted { AXIS } else { others.next().unwrap_or(AXIS) }).collect()
}
