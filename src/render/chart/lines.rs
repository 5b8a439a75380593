//! Amounts by month: each line named at its end, dated events marked, months that are still being answered shaded.

use chrono::Datelike as _;

use super::panel::{Heading, Panel, Scale, cents, money_grid, tick_room, ticks};
use crate::domain::Date;
use crate::render::scene::{ACCENT, AXIS, DEEP, EMPTY, LABEL, Look, PLAIN, SMALL, SOFT, Scene, WIDTH, mix};
use crate::render::words::short_money;
use crate::report::LineChart;

/// Height of the plot.
const PLOT: f64 = 560.0;
/// Height of one row of event labels.
const EVENT_ROW: f64 = 28.0;

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
    let step = (right - left) / chart.months.len() as f64;
    let x_of = |i: f64| left + (i + 0.5) * step;

    let events = place_events(chart, left, step, right);
    let event_rows = events.iter().map(|e| e.row + 1).max().unwrap_or(0) as f64;
    let mut panel = Panel::new(heading, event_rows * EVENT_ROW + 16.0 + PLOT + 70.0);
    let top = panel.top + event_rows * EVENT_ROW + 16.0;
    let base = top + PLOT;
    let ends = (marks.first().copied().unwrap_or(0.0), marks.last().copied().unwrap_or(1.0));
    let scale = Scale::new(ends, (base, top));
    if let Some(from) = chart.incomplete_from.and_then(|d| month_position(&chart.months, d)) {
        let x = left + from.max(0.0) * step;
        if x < right {
            panel.scene.rect(x, top, right - x, base - top, EMPTY);
            panel.note("Shaded: months still being answered; what is paid and lost there will change.");
        }
    }
    let scene = &mut panel.scene;
    money_grid(scene, &marks, &scale, (left, right));
    months(scene, chart, &x_of, base, step);
    for event in &events {
        scene.dashes((event.x, panel.top + event.row as f64 * EVENT_ROW + 8.0), (event.x, base), AXIS, 2);
        let look = Look::size(SMALL).color(SOFT);
        let look = if event.leftwards { look.end() } else { look };
        let x = if event.leftwards { event.x - 8.0 } else { event.x + 8.0 };
        scene.text((x, panel.top + event.row as f64 * EVENT_ROW + 22.0), &event.label, look);
    }

    let colors = colors(chart.series.iter().map(|s| s.accent));
    // The accent line lies on top of the others.
    let mut order: Vec<usize> = (0..chart.series.len()).collect();
    order.sort_by_key(|i| chart.series[*i].accent);
    let mut labels = Vec::new();
    for i in order {
        let series = &chart.series[i];
        let width = if series.accent { 6 } else { 4 };
        let mut run: Vec<(f64, f64)> = Vec::new();
        let mut last = None;
        for (m, value) in series.values.iter().take(chart.months.len()).enumerate() {
            match value {
                Some(value) => {
                    let point = (x_of(m as f64), scale.money(*value));
                    run.push(point);
                    last = Some((point, *value));
                }
                None => flush(scene, &mut run, colors[i], width),
            }
        }
        flush(scene, &mut run, colors[i], width);
        if let Some((point, value)) = last {
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
        if x - point.0 > step + 14.0 || (y - point.1).abs() > LABEL {
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

fn flush(scene: &mut Scene, run: &mut Vec<(f64, f64)>, color: plotters::style::RGBColor, width: u32) {
    match run.as_slice() {
        // One month between two gaps is a dot, or it would be invisible.
        [only] => scene.dot(only.0, only.1, 5.0, color),
        _ => scene.line(run.clone(), color, width),
    }
    run.clear();
}

/// The accent for what matters, greys and blues of clearly different darkness for the rest.
pub(super) fn colors(accents: impl Iterator<Item = bool>) -> Vec<plotters::style::RGBColor> {
    let rest = [DEEP, PLAIN, mix(DEEP, PLAIN, 0.5), crate::render::scene::PALE];
    let mut next = 0;
    accents
        .map(|accent| {
            if accent {
                ACCENT
            } else {
                next += 1;
                rest[(next - 1) % rest.len()]
            }
        })
        .collect()
}

/// A pale line's colour is too pale for its name.
fn darker(color: plotters::style::RGBColor) -> plotters::style::RGBColor {
    if crate::render::scene::luminance(color) > 0.22 { mix(color, crate::render::scene::INK, 0.45) } else { color }
}

/// Where a day lies, counted in months from the first (with the part of its month).
fn month_position(months: &[Date], day: Date) -> Option<f64> {
    let first = months.first()?;
    let whole = (day.year() - first.year()) * 12 + day.month() as i32 - first.month() as i32;
    Some(f64::from(whole) + f64::from(day.day0()) / 31.0)
}

/// Ticks and names of months, with the years below.
fn months(scene: &mut Scene, chart: &LineChart, x_of: &dyn Fn(f64) -> f64, base: f64, step: f64) {
    let every = if step >= 56.0 {
        1
    } else if step >= 22.0 {
        3
    } else {
        12
    };
    let look = Look::size(SMALL).color(SOFT).middle();
    let mut year_from = 0;
    for (i, month) in chart.months.iter().enumerate() {
        let x = x_of(i as f64);
        if month.month0() % every == 0 {
            scene.line(vec![(x, base), (x, base + 8.0)], AXIS, 2);
            if every < 12 {
                scene.text((x, base + 30.0), &month.format("%b").to_string(), look);
            }
        }
        let year_ends = chart.months.get(i + 1).is_none_or(|next| next.year() != month.year());
        if year_ends {
            let middle = (x_of(year_from as f64) + x) / 2.0;
            if (x_of(i as f64) - x_of(year_from as f64)) + step > 60.0 {
                scene.text((middle, base + 58.0), &month.year().to_string(), look);
            }
            if i + 1 < chart.months.len() {
                let edge = x + step / 2.0;
                scene.line(vec![(edge, base + 38.0), (edge, base + 62.0)], AXIS, 2);
            }
            year_from = i + 1;
        }
    }
}

/// An event with the row that its label stands in.
struct Event {
    x: f64,
    row: usize,
    leftwards: bool,
    label: String,
}

/// Puts each label in the first row where it does not touch another one.
fn place_events(chart: &LineChart, left: f64, step: f64, right: f64) -> Vec<Event> {
    let look = Look::size(SMALL);
    let mut rows: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut out = Vec::new();
    for (day, label) in &chart.events {
        let Some(position) = month_position(&chart.months, *day) else { continue };
        let x = left + position * step;
        if x < left || x > right {
            continue;
        }
        let label = format!("{}: {label}", day.format("%-d %b %Y"));
        let label = look.shorten(&label, (right - left) * 0.6);
        let width = look.width(&label) + 24.0;
        let leftwards = x + width > WIDTH - 40.0;
        let span = if leftwards { (x - width, x) } else { (x, x + width) };
        let free = |row: &Vec<(f64, f64)>| row.iter().all(|s| span.1 < s.0 || span.0 > s.1);
        let row = rows.iter().position(free).unwrap_or_else(|| {
            rows.push(Vec::new());
            rows.len() - 1
        });
        rows[row].push(span);
        out.push(Event { x, row, leftwards, label });
    }
    out
}

/// Places near the wanted ones (ascending), at least `gap` apart, within the bounds as far as they fit.
fn spread(wanted: &[f64], gap: f64, (low, high): (f64, f64)) -> Vec<f64> {
    let mut places = wanted.to_vec();
    for i in 0..places.len() {
        let floor = if i == 0 { low } else { places[i - 1] + gap };
        places[i] = places[i].max(floor);
    }
    let mut ceiling = high;
    for place in places.iter_mut().rev() {
        *place = place.min(ceiling);
        ceiling = *place - gap;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_apart_and_inside() {
        assert_eq!(spread(&[10.0, 12.0, 300.0], 50.0, (20.0, 400.0)), [20.0, 70.0, 300.0]);
        assert_eq!(spread(&[390.0, 395.0], 50.0, (20.0, 400.0)), [350.0, 400.0]);
    }

    #[test]
    fn a_day_lies_in_its_month() {
        let day = |y, m, d| Date::from_ymd_opt(y, m, d).unwrap();
        let months = [day(2023, 11, 1), day(2023, 12, 1), day(2024, 1, 1)];
        assert_eq!(month_position(&months, day(2024, 1, 1)), Some(2.0));
        assert!(month_position(&months, day(2023, 10, 5)).unwrap() < 0.0);
    }
}
