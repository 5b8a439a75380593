//! What all charts share: the frame with its words, a linear scale with round ticks. Draws no data.

use crate::domain::Money;
use crate::render::scene::{AXIS, GRID, LABEL, Look, SMALL, SOFT, Scene, TITLE_SIZE, WIDTH};
use crate::report::{DataKind, ValueUnit};

/// Space at the left and right edge.
const MARGIN: f64 = 40.0;
/// Space below the plot, for the origin of the figures.
const FOOT: f64 = 56.0;

/// The words around a chart.
pub(super) struct Heading<'a> {
    /// The finding; `None` where it stands above the picture already.
    pub(super) title: Option<&'a str>,
    /// Title of the value axis, with its unit.
    pub(super) unit: &'a str,
    /// Where the figures come from.
    pub(super) kind: DataKind,
}

/// A scene with its words set, and the box that is left for the plot.
pub(super) struct Panel {
    pub(super) scene: Scene,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
}

impl Panel {
    /// A panel whose plot is `body` high.
    pub(super) fn new(heading: &Heading<'_>, body: f64) -> Self {
        let room = WIDTH - 2.0 * MARGIN;
        let look = Look::size(TITLE_SIZE).bold();
        let title = heading.title.map(|t| look.balance(t, room, 3)).unwrap_or_default();
        let unit = Look::size(LABEL).color(SOFT).wrap(heading.unit, room, 2);
        let title_height = if title.is_empty() { 8.0 } else { 32.0 + title.len() as f64 * TITLE_SIZE * 1.25 };
        let top = title_height + unit.len() as f64 * LABEL * 1.25 + 20.0;
        let mut scene = Scene::new((top + body + FOOT).ceil());
        scene.lines((MARGIN, 24.0 + TITLE_SIZE), &title, look);
        scene.lines((MARGIN, title_height + LABEL), &unit, Look::size(LABEL).color(SOFT));
        let origin = Look::size(SMALL).color(SOFT).end();
        let (right, base) = (WIDTH - MARGIN, scene.height - 22.0);
        let label = heading.kind.label();
        if heading.kind == DataKind::Synthetic {
            // Made-up figures must not be taken for real ones: their label is boxed.
            let w = origin.width(label) + 24.0;
            scene.frame(right - w, base - 24.0, w, 34.0, AXIS);
            scene.text((right - 12.0, base), label, origin);
        } else {
            scene.text((right, base), label, origin);
        }
        Self { scene, left: MARGIN, right, top }
    }

    /// Where a note below the plot begins (left of the origin of the figures).
    pub(super) fn note(&mut self, text: &str) {
        let y = self.scene.height - 22.0;
        let look = Look::size(SMALL).color(SOFT);
        let text = look.shorten(text, WIDTH - 2.0 * MARGIN - 280.0);
        self.scene.text((MARGIN, y), &text, look);
    }
}

/// Values onto pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    from: (f64, f64),
    to: (f64, f64),
}

impl Scale {
    /// `value.0` stands at `px.0`, `value.1` at `px.1`.
    pub(super) fn new(value: (f64, f64), px: (f64, f64)) -> Self {
        let value = if value.0 < value.1 { value } else { (value.0, value.0 + 1.0) };
        Self { from: value, to: px }
    }

    pub(super) fn at(&self, value: f64) -> f64 {
        self.to.0 + (value - self.from.0) / (self.from.1 - self.from.0) * (self.to.1 - self.to.0)
    }

    /// Where an amount of money stands; pixels are the only thing that money becomes a float for.
    pub(super) fn money(&self, money: Money) -> f64 {
        self.at(cents(money))
    }
}

/// Cents for a scale.
pub(super) fn cents(money: Money) -> f64 {
    money.cents() as f64
}

/// Round steps that cover `low..=high` in about `count` steps; the first and last lie at or outside the ends.
pub(super) fn ticks(low: f64, high: f64, count: f64) -> Vec<f64> {
    let span = if high > low { high - low } else { high.abs().max(1.0) };
    let rough = span / count;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= rough * 0.999).unwrap_or(rough);
    let (first, last) = ((low / step).floor() as i64, (high / step - 1e-9).ceil() as i64);
    (first..=last.max(first + 1)).map(|i| i as f64 * step).collect()
}

/// Horizontal grid lines with money written at the left; zero is the axis.
pub(super) fn money_grid(scene: &mut Scene, ticks: &[f64], scale: &Scale, (left, right): (f64, f64)) {
    for (tick, name) in ticks.iter().zip(money_names(ticks)) {
        let y = scale.at(*tick);
        let color = if *tick == 0.0 { AXIS } else { GRID };
        scene.line(vec![(left, y), (right, y)], color, 2);
        scene.text((left - 12.0, y + 7.0), &name, Look::size(SMALL).color(SOFT).end());
    }
}

/// The names of ticks in cents: short where that is exact for all of them, else in full. An axis that does not begin at zero
/// may step in the fourth digit.
pub(super) fn money_names(ticks: &[f64]) -> Vec<String> {
    let exact = |tick: &f64| {
        let cents = tick.abs().round();
        // Below ten thousand dollars whole dollars are written, below a hundred cents.
        if cents < 999_950.0 {
            return cents < 10_000.0 || cents % 100.0 == 0.0;
        }
        let unit = 10_f64.powf(cents.log10().floor() - 2.0);
        ((cents / unit).round() * unit - cents).abs() < unit * 1e-6
    };
    let money = |tick: &f64| Money::from_cents(tick.round() as i64);
    if ticks.iter().all(exact) {
        ticks.iter().map(|t| tick_money(*t)).collect()
    } else if ticks.iter().all(|t| money(t).cents() % 100 == 0) {
        ticks.iter().map(|t| money(t).pretty_dollars()).collect()
    } else {
        ticks.iter().map(|t| money(t).pretty()).collect()
    }
}

/// A tick in cents as money, without decimals that say nothing.
fn tick_money(tick: f64) -> String {
    let text = crate::render::words::short_money(Money::from_cents(tick.round() as i64));
    // 200k rather than 200.0k; every tick is round.
    match text.find('.').filter(|_| text.ends_with(['k', 'M', 'B'])) {
        Some(dot) => {
            let (digits, letter) = text.split_at(text.len() - 1);
            let part = digits[dot + 1..].trim_end_matches('0');
            let dot = if part.is_empty() { "" } else { "." };
            format!("{}{dot}{part}{letter}", &digits[..text.find('.').unwrap_or(0)])
        }
        None => text,
    }
}

/// Width of the widest tick label plus its gap.
pub(super) fn tick_room(ticks: &[f64]) -> f64 {
    let look = Look::size(SMALL);
    money_names(ticks).iter().map(|t| look.width(t)).fold(0.0, f64::max) + 18.0
}

/// Round steps for values of lines. They begin at zero unless the lowest value is at least this share of the highest, where
/// the lines would be squeezed into a strip; that is to be said below the chart ([`cut_note`]).
pub(super) fn value_ticks(low: f64, high: f64, share: f64) -> Vec<f64> {
    let near = |a: f64, b: f64| a > 0.0 && (a < b * share || a == b);
    let (low, high) = if near(low, high) {
        (0.0, high)
    } else if near(-high, -low) {
        (low, 0.0)
    } else {
        (low, high)
    };
    ticks(low, high, 5.0)
}

/// What to say below a chart whose value axis has no zero.
pub(super) fn cut_note(ticks: &[f64], unit: ValueUnit) -> Option<String> {
    let (first, last) = (*ticks.first()?, *ticks.last()?);
    (first > 0.0 || last < 0.0).then(|| {
        let (word, end) = if first > 0.0 { ("begins", first) } else { ("ends", last) };
        format!("The axis {word} at {}, not at zero.", value_name(end, ticks, unit))
    })
}

/// Horizontal grid lines; zero is the axis. The labels are drawn by [`value_names`].
pub(super) fn value_grid(scene: &mut Scene, ticks: &[f64], scale: &Scale, (left, right): (f64, f64)) {
    for tick in ticks {
        let color = if *tick == 0.0 { AXIS } else { GRID };
        let y = scale.at(*tick);
        scene.line(vec![(left, y), (right, y)], color, 2);
    }
}

/// Labels of the grid lines that pass, ending left of `left`.
pub(super) fn value_names(
    scene: &mut Scene,
    ticks: &[f64],
    scale: &Scale,
    left: f64,
    unit: ValueUnit,
    pass: impl Fn(f64) -> bool,
) {
    let look = Look::size(SMALL).color(SOFT).end();
    for (tick, name) in ticks.iter().zip(names(ticks, unit)) {
        let y = scale.at(*tick);
        if pass(y) {
            scene.text((left - 12.0, y + 7.0), &name, look);
        }
    }
}

/// Width of the widest label of a grid line plus its gap.
pub(super) fn value_room(ticks: &[f64], unit: ValueUnit) -> f64 {
    let look = Look::size(SMALL);
    names(ticks, unit).iter().map(|t| look.width(t)).fold(0.0, f64::max) + 18.0
}

/// The name of one of these ticks.
fn value_name(tick: f64, ticks: &[f64], unit: ValueUnit) -> String {
    ticks.iter().zip(names(ticks, unit)).find(|(t, _)| **t == tick).map(|(_, name)| name).unwrap_or_default()
}

/// The values of grid lines without decimals that say nothing.
fn names(ticks: &[f64], unit: ValueUnit) -> Vec<String> {
    // Beyond what money can be, where no report ever is.
    const HUGE: f64 = 1e14;
    let plain = |v: &f64| format!("{}", (v * 1e6).round() / 1e6).replacen('-', "−", 1);
    if ticks.iter().any(|t| t.abs() >= HUGE) {
        return ticks.iter().map(|t| format!("{t:.1e}").replacen('-', "−", 1)).collect();
    }
    let money = || money_names(&ticks.iter().map(|t| t * 100.0).collect::<Vec<_>>());
    match unit {
        ValueUnit::Dollars => money(),
        ValueUnit::Count if ticks.iter().all(|t| t.abs() < 1000.0) => ticks.iter().map(plain).collect(),
        ValueUnit::Count => money().into_iter().map(|t| t.replacen('$', "", 1)).collect(),
        ValueUnit::Percent => ticks.iter().map(|t| format!("{}%", plain(t))).collect(),
        ValueUnit::Number => ticks.iter().map(plain).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_data() {
        assert_eq!(ticks(0.0, 950.0, 5.0), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
        assert_eq!(ticks(-40.0, 95.0, 5.0), [-50.0, 0.0, 50.0, 100.0]);
        assert_eq!(ticks(0.0, 0.0, 5.0).first(), Some(&0.0));
        let tiny = ticks(0.0, 1e15, 5.0);
        assert!(tiny.len() < 12 && *tiny.last().unwrap() >= 1e15);
    }

    #[test]
    fn a_tick_has_no_idle_decimals() {
        assert_eq!(tick_money(20_000_000.0), "$200k");
        assert_eq!(tick_money(125_000_000.0), "$1.25M");
        assert_eq!(tick_money(1_250_000.0), "$12.5k");
        assert_eq!(tick_money(-150_000_000.0), "−$1.5M");
        assert_eq!(tick_money(0.0), "$0");
    }
    #[test]
    fn lines_begin_at_zero_unless_that_would_squeeze_them() {
        assert_eq!(value_ticks(20.0, 100.0, 0.5), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(value_ticks(90.0, 100.0, 0.5).first(), Some(&90.0));
        assert_eq!(value_ticks(-100.0, -20.0, 0.5).last(), Some(&0.0));
        assert_eq!(value_ticks(7.0, 7.0, 0.5).first(), Some(&0.0));
        assert_eq!(cut_note(&[0.0, 50.0], ValueUnit::Dollars), None);
        assert_eq!(cut_note(&[90.0, 100.0], ValueUnit::Percent).unwrap(), "The axis begins at 90%, not at zero.");
    }

    #[test]
    fn a_grid_line_is_named_in_its_unit() {
        let one = |tick, unit| names(&[tick], unit).remove(0);
        assert_eq!(one(12_500.0, ValueUnit::Dollars), "$12.5k");
        assert_eq!(one(12_500.0, ValueUnit::Count), "12.5k");
        assert_eq!(one(-1_500.0, ValueUnit::Count), "−1,500");
        assert_eq!(one(2.5, ValueUnit::Count), "2.5");
        assert_eq!(one(80.0, ValueUnit::Percent), "80%");
        assert_eq!(one(0.1 + 0.2, ValueUnit::Number), "0.3");
        assert_eq!(one(2e28, ValueUnit::Dollars), "2.0e28");
    }

    #[test]
    fn an_axis_that_steps_in_the_fourth_digit_is_written_in_full() {
        assert_eq!(names(&[1_420_000.0, 1_430_000.0], ValueUnit::Dollars), ["$1.42M", "$1.43M"]);
        assert_eq!(names(&[1_420_000.0, 1_425_000.0], ValueUnit::Dollars), ["$1,420,000", "$1,425,000"]);
        assert_eq!(names(&[12_340.0, 12_345.0], ValueUnit::Count), ["12,340", "12,345"]);
        assert_eq!(money_names(&[1_000_000.0, 1_000_050.0]), ["$10,000.00", "$10,000.50"]);
    }
}
