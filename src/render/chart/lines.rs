//! Amounts by month: each line named at its end, dated events marked, months that are still being answered shaded.

use super::curve::{colors, darker, spread, trace};
use super::panel::{Heading, Panel, Scale, cents, money_grid, tick_room, ticks};
use super::timeline::{self, Timeline};
use crate::render::scene::{AXIS, EMPTY, LABEL, Look, SMALL, SOFT, Scene, WIDTH, mix};
use crate::render::words::short_money;
use crate::report::LineChart;

/// Height of the plot.
const PLOT: f64 = 560.0;

pub(super) fn draw(chart: &LineChart, heading: &Heading<'_>) -> Scene {
    let values = || chart.series.iter().flat_map(|s| s.values.iter().flatten());
    if chart.months.is_empty() || values().next().is_none() {
        return super::nothing(heading);
    }
    let low = values().map(|v| cents(*v)).fold(0.0, f64::min);
    let high = values().map(|v| cents(*v)).fold(0.0, f64::max);
    let marks = ticks(low, high, 5.0);
    let room = tick_room(&marks);
    let name = Look::size(LABEL).bold();
    let names = chart.series.iter().map(|s| name.width(&s.name)).fold(0.0, f64::max).min(300.0) + 24.0;
    let (left, right) = (40.0 + room, WIDTH - 40.0 - names);
    let line = Timeline::new(&chart.months, (left, right));

    let events = line.events(&chart.events);
    let above = timeline::height(&events) + 16.0;
    let mut panel = Panel::new(heading, above + PLOT + 70.0);
    let top = panel.top + above;
    let base = top + PLOT;
    let ends = (marks.first().copied().unwrap_or(0.0), marks.last().copied().unwrap_or(1.0));
    let scale = Scale::new(ends, (base, top));
    if let Some(x) = chart.incomplete_from.and_then(|d| line.day(d)).map(|x| x.max(left))
        && x < right
    {
        panel.scene.rect(x, top, right - x, base - top, EMPTY);
        panel.note("Shaded: months still being answered; what is paid and lost there will change.");
    }
    let from = panel.top;
    let scene = &mut panel.scene;
    money_grid(scene, &marks, &scale, (left, right));
    line.axis(scene, base);
    timeline::draw(scene, &events, from, base);

    let colors = colors(chart.series.iter().map(|s| s.accent));
    // The accent line lies on top of the others.
    let mut order: Vec<usize> = (0..chart.series.len()).collect();
    order.sort_by_key(|i| chart.series[*i].accent);
    let mut labels = Vec::new();
    for i in order {
        let series = &chart.series[i];
        let width = if series.accent { 6 } else { 4 };
        let point = |(m, value): (usize, &Option<_>)| value.map(|v| (line.x(m), scale.money(v)));
        let shown = || series.values.iter().take(chart.months.len()).enumerate();
        trace(scene, shown().map(point), colors[i], width);
        if let Some((m, value)) = shown().filter_map(|(m, v)| Some((m, (*v)?))).next_back() {
            let point = (line.x(m), scale.money(value));
            scene.dot(point.0, point.1, if series.accent { 8.0 } else { 6.0 }, colors[i]);
            labels.push((i, point, value));
        }
    }
    // Labels at the ends: as near as possible to their line, never on each other.
    labels.sort_by(|a, b| a.1.1.total_cmp(&b.1.1).then(a.0.cmp(&b.0)));
    let wanted: Vec<f64> = labels.iter().map(|l| l.1.1).collect();
    let places = spread(&wanted, LABEL * 2.4, (top + 8.0, base - LABEL));
    for ((i, point, value), y) in labels.iter().zip(places) {
        let x = right + 12.0;
        // A line that ends early, or a label moved away from its end, is led to it.
        if x - point.0 > line.step + 14.0 || (y - point.1).abs() > LABEL {
            scene.dashes((point.0 + 10.0, point.1), (x - 4.0, y), mix(colors[*i], AXIS, 0.5), 2);
        }
        let text = name.shorten(&chart.series[*i].name, names - 14.0);
        scene.text((x, y + 2.0), &text, name.color(darker(colors[*i])));
        // What the last month is worth so far would mislead while it is still being answered.
        if chart.incomplete_from.is_none() {
            scene.text((x, y + 2.0 + LABEL * 1.05), &short_money(*value), Look::size(SMALL).color(SOFT));
        }
    }
    panel.scene
}
