//! A forecast after what is recorded: ranges lighter outwards, known rate steps marked, the last month written at its end.

use plotters::style::RGBColor;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::curve::{runs, trace};
use super::key::{Key, Sign};
use super::panel::{Heading, Panel, Scale, cut_note, value_grid, value_names, value_room, value_ticks};
use super::timeline::{self, Timeline};
use crate::domain::Date;
use crate::render::scene::{ACCENT, AXIS, DEEP, LABEL, Look, PAPER, PLAIN, SMALL, SOFT, Scene, WIDTH, mix};
use crate::render::words::{fitting_value, value};
use crate::report::{FanBand, FanChart};

/// A point of the picture.
type Point = (f64, f64);

/// Height of the plot.
const PLOT: f64 = 600.0;
/// Room for the label at the end, at most.
const ENDS: f64 = 330.0;
/// The range that is written out.
const WRITTEN: u8 = 80;

pub(super) fn draw(chart: &FanChart, heading: &Heading<'_>) -> Scene {
    let count = chart.months.len();
    let lists = [&chart.history, &chart.completed, &chart.middle, &chart.actual].into_iter();
    let lists = lists.chain(chart.bands.iter().flat_map(|b| [&b.low, &b.high]));
    let all: Vec<f64> = lists.flat_map(|l| l.iter().take(count)).flatten().map(|v| number(*v)).collect();
    if all.is_empty() {
        return super::nothing(heading);
    }
    let (low, high) = all.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    let marks = value_ticks(low, high, 0.4);
    let room = value_room(&marks, chart.unit);
    let bands = outermost_first(&chart.bands);
    let end = end_label(chart, &bands);
    let words = end.iter().flat_map(|e| &e.lines).map(|(text, look)| look.width(text)).fold(0.0, f64::max);
    let (left, right) = (40.0 + room, WIDTH - 40.0 - if end.is_some() { words.min(ENDS) + 24.0 } else { 0.0 });

    let line = Timeline::new(&chart.months, (left, right));
    let mut events = chart.events.clone();
    if has_forecast(chart) {
        events.push((chart.forecast_from, "forecast begins".to_owned()));
    }
    let events = line.events(&events);
    let entries = entries(chart, &bands);
    let key = Key::new(&entries, (left, WIDTH - 40.0));
    let above = key.height + timeline::height(&events) + 16.0;
    let mut panel = Panel::new(heading, above + PLOT + 70.0);
    let (top, base) = (panel.top + above, panel.top + above + PLOT);
    let ends = (marks.first().copied().unwrap_or(0.0), marks.last().copied().unwrap_or(1.0));
    let scale = Scale::new(ends, (base, top));
    if let Some(note) = cut_note(&marks, chart.unit) {
        panel.note(&note);
    }
    let from = panel.top;
    let scene = &mut panel.scene;
    key.draw(scene, from);

    let point = |(m, v): (usize, &Option<Decimal>)| v.map(|v| (line.x(m), scale.at(number(v))));
    let points = |list: &[Option<Decimal>]| -> Vec<Option<Point>> {
        (0..count).map(|m| list.get(m).and_then(|v| point((m, v)))).collect()
    };
    for (band, shade) in &bands {
        let pairs = points(&band.low).into_iter().zip(points(&band.high)).map(|(l, h)| l.zip(h));
        for run in runs(pairs) {
            area(scene, &run, line.step, *shade);
        }
    }
    // Over the ranges, so that a value can be read off within them.
    value_grid(scene, &marks, &scale, (left, right));
    value_names(scene, &marks, &scale, left, chart.unit, |_| true);
    line.axis(scene, base);
    timeline::draw(scene, &events, from + key.height, base);
    if let Some(x) = line.day(chart.forecast_from).filter(|x| has_forecast(chart) && (left..=right).contains(x)) {
        scene.line(vec![(x, top), (x, base)], AXIS, 3);
    }

    let (history, completed) = (points(&chart.history), points(&chart.completed));
    let known = recorded(scene, &history, &completed, line.step);
    let middle = points(&chart.middle);
    let begin = middle.iter().position(Option::is_some);
    if let (Some(from), Some(to)) = (begin.and_then(|b| known.iter().take(b).flatten().next_back()), begin) {
        // The way from the last month known to the first one forecast is no value of its own.
        if let Some(to) = middle[to] {
            scene.dashes(*from, to, mix(ACCENT, PAPER, 0.3), 3);
        }
    }
    trace(scene, middle.into_iter(), ACCENT, 6);
    let actual = points(&chart.actual);
    trace(scene, actual.iter().copied(), DEEP, 3);
    for (x, y) in actual.into_iter().flatten() {
        scene.dot(x, y, mark_size(line.step), DEEP);
    }
    if let Some(end) = end {
        let (x, y) = (line.x(end.month), scale.at(number(end.value)));
        scene.dot(x, y, 8.0, end.color);
        // The block of words is kept beside its point, within the plot.
        let height = end.lines.len() as f64 * LABEL * 1.15;
        let first = (y + 8.0).clamp(top + LABEL, (base - height + LABEL).max(top + LABEL));
        let start = right + 12.0;
        if start - x > line.step + 14.0 || (first - 8.0 - y).abs() > LABEL {
            scene.dashes((x + 10.0, y), (start - 4.0, first - 8.0), mix(end.color, AXIS, 0.5), 2);
        }
        for (i, (text, look)) in end.lines.iter().enumerate() {
            let y = first + i as f64 * LABEL * 1.15;
            scene.text((start, y), &look.shorten(text, ENDS), *look);
        }
    }
    panel.scene
}

/// For pixels only.
fn number(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}

/// Radius of the marks on single months: smaller where months are narrow.
fn mark_size(step: f64) -> f64 {
    (step * 0.28).clamp(3.0, 7.0)
}

fn has_forecast(chart: &FanChart) -> bool {
    chart.middle.iter().chain(chart.bands.iter().flat_map(|b| b.low.iter().chain(&b.high))).any(Option::is_some)
}

/// The ranges with their shades, the widest first; one hue whose darkness survives printing in grey.
fn outermost_first(bands: &[FanBand]) -> Vec<(&FanBand, RGBColor)> {
    let mut sorted: Vec<&FanBand> = bands.iter().collect();
    sorted.sort_by_key(|b| std::cmp::Reverse(b.level));
    let inner = sorted.len().saturating_sub(1).max(1) as f64;
    let strength = |i: usize| if sorted.len() == 1 { 0.26 } else { 0.13 + 0.33 * i as f64 / inner };
    let shades: Vec<RGBColor> = (0..sorted.len()).map(|i| mix(PAPER, ACCENT, strength(i))).collect();
    sorted.into_iter().zip(shades).collect()
}

/// One unbroken stretch of a range: forth along its upper end, back along its lower one.
fn area(scene: &mut Scene, run: &[(Point, Point)], step: f64, shade: RGBColor) {
    if let [(low, high)] = run {
        // A single month has no length: it is a bar.
        let half = (step * 0.35).clamp(2.0, 16.0);
        scene.rect(low.0 - half, high.1.min(low.1), 2.0 * half, (low.1 - high.1).abs(), shade);
        return;
    }
    let corners = run.iter().map(|r| r.1).chain(run.iter().rev().map(|r| r.0));
    scene.area(corners.collect(), shade);
}

/// What is recorded, pale where it is known to be incomplete, with the completed months beside it; gives the best known point
/// of each month.
fn recorded(
    scene: &mut Scene,
    history: &[Option<Point>],
    completed: &[Option<Point>],
    step: f64,
) -> Vec<Option<Point>> {
    let is_partial = |m: usize| completed.get(m).is_some_and(Option::is_some);
    // The pale line begins at the last full month.
    let pale = |(m, p): (usize, &Option<Point>)| p.filter(|_| is_partial(m) || is_partial(m + 1));
    let full = |(m, p): (usize, &Option<Point>)| p.filter(|_| !is_partial(m));
    if completed.iter().any(Option::is_some) {
        trace(scene, history.iter().enumerate().map(pale), PLAIN, 4);
    }
    trace(scene, history.iter().enumerate().map(full), DEEP, 4);
    let known: Vec<_> = history.iter().zip(completed).map(|(h, c)| c.or(*h)).collect();
    for (m, pair) in known.windows(2).enumerate() {
        if let ([Some(from), Some(to)], true) = (pair, is_partial(m) || is_partial(m + 1)) {
            scene.dashes(*from, *to, DEEP, 3);
        }
    }
    for (x, y) in completed.iter().flatten() {
        scene.ring(*x, *y, mark_size(step).max(4.0), DEEP);
    }
    known
}

/// The entries of the key: only of what is in the picture.
fn entries(chart: &FanChart, bands: &[(&FanBand, RGBColor)]) -> Vec<(Sign, String)> {
    let any = |list: &[Option<Decimal>]| list.iter().any(Option::is_some);
    let mut out = Vec::new();
    if any(&chart.history) {
        out.push((Sign::Line(DEEP, 4), "recorded".to_owned()));
    }
    if any(&chart.completed) {
        out.push((Sign::Line(PLAIN, 4), "recorded so far".to_owned()));
        out.push((Sign::Hollow(DEEP), "completed for what is still to come".to_owned()));
    }
    if any(&chart.middle) {
        out.push((Sign::Line(ACCENT, 6), "forecast".to_owned()));
    }
    let ranges = || bands.iter().rev().filter(|(b, _)| any(&b.low) && any(&b.high));
    if ranges().next().is_some() {
        let levels: Vec<String> = ranges().map(|(b, _)| format!("{}%", b.level)).collect();
        let word = if levels.len() == 1 { "range" } else { "ranges" };
        out.push((Sign::Boxes(ranges().map(|(_, shade)| *shade).collect()), format!("{} {word}", levels.join(", "))));
    }
    if any(&chart.actual) {
        out.push((Sign::Dotted(DEEP), "what came".to_owned()));
    }
    out
}

/// What is written at the end.
struct End {
    month: usize,
    value: Decimal,
    color: RGBColor,
    lines: Vec<(String, Look)>,
}

/// The last month of the forecast with its range; without a forecast the last month that is known.
fn end_label(chart: &FanChart, bands: &[(&FanBand, RGBColor)]) -> Option<End> {
    let count = chart.months.len();
    let last = |list: &[Option<Decimal>]| {
        list.iter().take(count).enumerate().filter_map(|(m, v)| Some((m, (*v)?))).next_back()
    };
    let name = |day: &Date| day.format("%b %Y").to_string();
    let (bold, small) = (Look::size(LABEL).bold(), Look::size(SMALL).color(SOFT));
    let Some((month, value_)) = last(&chart.middle) else {
        let (month, value_) =
            [&chart.history, &chart.completed].into_iter().filter_map(|l| last(l)).max_by_key(|l| l.0)?;
        let lines = vec![(value(value_, chart.unit), bold), (name(chart.months.get(month)?), small)];
        return Some(End { month, value: value_, color: DEEP, lines });
    };
    let text = fitting_value(value_, chart.unit, |t| bold.width(t) <= ENDS);
    let mut lines = vec![(text, bold.color(ACCENT)), (name(chart.months.get(month)?), small)];
    let at = |list: &[Option<Decimal>]| list.get(month).copied().flatten();
    let written = bands.iter().filter_map(|(b, _)| Some((b.level, at(&b.low)?, at(&b.high)?)));
    if let Some((level, low, high)) = written.min_by_key(|b| b.0.abs_diff(WRITTEN)) {
        let range = |[low, high]: [String; 2]| format!("{level}%: {low} to {high}");
        let full = range([low, high].map(|v| value(v, chart.unit)));
        let text = if small.width(&full) <= ENDS {
            full
        } else {
            range([low, high].map(|v| fitting_value(v, chart.unit, |_| false)))
        };
        lines.push((text, small));
    }
    Some(End { month, value: value_, color: ACCENT, lines })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ValueUnit;

    fn band(level: u8, low: i64, high: i64) -> FanBand {
        FanBand { level, low: vec![None, Some(low.into())], high: vec![None, Some(high.into())] }
    }

    fn chart(bands: Vec<FanBand>) -> FanChart {
        let month = |m| Date::from_ymd_opt(2025, m, 1).unwrap();
        FanChart {
            title: String::new(),
            alt: String::new(),
            value_axis: String::new(),
            months: vec![month(11), month(12)],
            history: vec![Some(100.into()), None],
            completed: vec![],
            middle: vec![None, Some(12_345.into())],
            bands,
            actual: vec![],
            events: vec![],
            forecast_from: month(12),
            unit: ValueUnit::Dollars,
        }
    }

    #[test]
    fn the_end_says_the_value_and_its_80_percent_range() {
        let chart = chart(vec![band(50, 12_000, 13_000), band(95, 9_000, 16_000), band(80, 10_200, 14_300)]);
        let bands = outermost_first(&chart.bands);
        assert_eq!(bands.iter().map(|b| b.0.level).collect::<Vec<_>>(), [95, 80, 50]);
        let end = end_label(&chart, &bands).unwrap();
        let lines: Vec<_> = end.lines.iter().map(|l| l.0.as_str()).collect();
        assert_eq!(lines, ["$12,345", "Dec 2025", "80%: $10,200 to $14,300"]);
        let names: Vec<_> = entries(&chart, &bands).into_iter().map(|e| e.1).collect();
        assert_eq!(names, ["recorded", "forecast", "50%, 80%, 95% ranges"]);
    }

    #[test]
    fn without_a_forecast_the_last_known_month_is_written() {
        let mut chart = chart(vec![]);
        chart.middle = vec![None, None, Some(5.into())];
        let end = end_label(&chart, &[]).unwrap();
        assert_eq!((end.month, end.lines[0].0.as_str(), end.lines[1].0.as_str()), (0, "$100", "Nov 2025"));
        // What the month will come to says more than what is recorded of it.
        chart.completed = vec![Some(140.into())];
        assert_eq!(end_label(&chart, &[]).unwrap().lines[0].0, "$140");
        assert!(!entries(&chart, &[]).is_empty());
    }
}
