//! Expected down to paid, step by step: levels stand on zero, changes float, leakage is in the accent colour. A bridge between
//! two levels may be cut above zero, or its small steps would not be seen; cut bars are drawn torn.

use super::panel::{Heading, Panel, Scale, cents, money_grid, tick_room, ticks};
use crate::domain::Money;
use crate::render::scene::{ACCENT, AXIS, DEEP, EMPTY, INK, LABEL, Look, PAPER, PLAIN, SMALL, Scene};
use crate::render::words::{fitting_money, short_money};
use crate::report::{Step, Waterfall};

/// Height of the bars' box and of the names below it.
const PLOT: f64 = 560.0;

/// A bridge is cut where everything in it lies above this share of its highest level.
const CUT_ABOVE: f64 = 0.6;

pub(super) fn draw(chart: &Waterfall, heading: &Heading<'_>) -> Scene {
    picture(chart, heading, false)
}

/// As [`draw`], with the axis cut where the steps would be slivers on tall levels.
pub(super) fn draw_cut(chart: &Waterfall, heading: &Heading<'_>) -> Scene {
    picture(chart, heading, true)
}

fn picture(chart: &Waterfall, heading: &Heading<'_>, may_cut: bool) -> Scene {
    if chart.steps.iter().all(|s| s.amount.is_zero()) {
        return super::nothing(heading);
    }
    let spans = spans(&chart.steps);
    let low = spans.iter().map(|s| cents(s.0.min(s.1))).fold(0.0, f64::min);
    let high = spans.iter().map(|s| cents(s.0.max(s.1))).fold(0.0, f64::max);
    let cut = if may_cut { cut_at(&chart.steps, &spans) } else { None };
    let low = cut.unwrap_or(low);
    // Grid lines only where there are bars: the scale ends at the tallest one.
    let marks: Vec<f64> = ticks(low, high, 5.0).into_iter().filter(|t| (low..=high).contains(t)).collect();
    let name_size = if chart.steps.len() > 11 { SMALL } else { LABEL };
    let name = Look::size(name_size).middle();
    let room = tick_room(&marks);

    // The names decide how high the panel must be, so they are set first.
    let slot = (super::super::scene::WIDTH - 80.0 - room) / chart.steps.len() as f64;
    let names: Vec<_> = chart.steps.iter().map(|s| name.wrap(&s.label, slot - 10.0, 4)).collect();
    let name_lines = names.iter().map(Vec::len).max().unwrap_or(1) as f64;
    let mut panel = Panel::new(heading, 36.0 + PLOT + 20.0 + name_lines * name_size * 1.25);
    let (left, right) = (panel.left + room, panel.right);
    let (top, base) = (panel.top + 36.0, panel.top + 36.0 + PLOT);
    let scale = Scale::new((low - (high - low) * if low < 0.0 { 0.06 } else { 0.0 }, high), (base, top));
    let scene = &mut panel.scene;
    money_grid(scene, &marks, &scale, (left, right));

    let widest = chart.steps.iter().map(|s| short_money(-s.amount.abs())).max_by_key(|t| t.chars().count());
    let fits = |size: &f64| Look::size(*size).bold().width(widest.as_deref().unwrap_or("")) + 8.0 <= slot;
    let value = Look::size([LABEL, SMALL, 18.0].into_iter().find(fits).unwrap_or(16.0)).bold().middle();
    let bar = (slot * 0.68).min(130.0);
    for (i, (step, (from, to))) in chart.steps.iter().zip(&spans).enumerate() {
        let x = left + (i as f64 + 0.5) * slot;
        // A cut level begins at the foot of the plot.
        let (y0, y1) = (scale.money(*from).min(base), scale.money(*to).min(base));
        // A level that the steps before it do not lead to (what could not be priced) stands apart: hollow.
        let apart = step.is_level && i > 0 && spans[i - 1].1 != *to;
        let fill = match (step.accent, step.is_level) {
            (true, _) => ACCENT,
            (_, true) if apart => EMPTY,
            (_, true) => DEEP,
            _ => PLAIN,
        };
        // The smallest change is still seen.
        let height = if step.amount.is_zero() { 0.0 } else { (y0 - y1).abs().max(3.0) };
        scene.rect(x - bar / 2.0, y0.min(y1), bar, height, fill);
        if apart {
            scene.frame(x - bar / 2.0, y0.min(y1), bar, (y0 - y1).abs(), if step.accent { ACCENT } else { DEEP });
        }
        if cut.is_some() && step.is_level {
            tear(scene, (x - bar / 2.0, x + bar / 2.0), base - 34.0);
        }
        if spans.get(i + 1).is_some_and(|next| next.0 == *to || next.1 == *to) {
            scene.dashes((x + bar / 2.0, y1), (x + slot - bar / 2.0, y1), AXIS, 2);
        }
        let amount = if step.is_level { step.amount } else { step.amount.abs() };
        let value = value.color(if step.accent { ACCENT } else { INK });
        let text = fitting_money(amount, |t| value.width(t) + 20.0 <= slot);
        let sign = match step.amount.cents() {
            _ if step.is_level => "",
            c if c < 0 => "−",
            c if c > 0 => "+",
            _ => "",
        };
        scene.label((x, y0.min(y1) - 12.0), &format!("{sign}{text}"), value);
        scene.lines((x, base + 16.0 + name_size), &names[i], name);
    }
    if let Some(cut) = cut {
        panel.note(&format!(
            "Torn bars: the axis begins at {}, not at zero.",
            Money::from_cents(cut as i64).pretty_dollars()
        ));
    }
    panel.scene
}

/// Where the axis of a bridge begins, in cents: a round step well below everything that happens in it; `None` when it
/// need not be cut.
fn cut_at(steps: &[Step], spans: &[(Money, Money)]) -> Option<f64> {
    let changes = spans.iter().zip(steps).filter(|(_, s)| !s.is_level).flat_map(|(s, _)| [s.0, s.1]);
    let ends = changes.chain(spans.iter().zip(steps).filter(|(_, s)| s.is_level).map(|(s, _)| s.1));
    let (low, high) = ends.map(cents).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    if low <= high * CUT_ABOVE || low <= 0.0 {
        return None;
    }
    // As much again below the lowest end as lies between the ends, so that levels still look like levels.
    let span = (high - low).max(high * 0.01);
    let marks = ticks((low - span).max(0.0), high, 6.0);
    marks.first().copied().filter(|cut| *cut > 0.0)
}

/// Two slanted gaps across a bar that does not begin at zero.
fn tear(scene: &mut Scene, (left, right): (f64, f64), y: f64) {
    for drop in [0.0, 12.0] {
        scene.line(vec![(left - 4.0, y + drop + 7.0), (right + 4.0, y + drop - 7.0)], PAPER, 5);
    }
}

/// Where each bar begins and ends.
fn spans(steps: &[Step]) -> Vec<(Money, Money)> {
    let mut level = Money::ZERO;
    steps
        .iter()
        .map(|step| {
            let from = if step.is_level { Money::ZERO } else { level };
            level = from + step.amount;
            (from, level)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_float_from_the_level_before_them() {
        let step = |amount, is_level| Step {
            label: String::new(),
            amount: Money::from_cents(amount),
            is_level,
            accent: false,
        };
        // 100 − 30 + 5 = 75, and the last level stands on zero again.
        let spans = spans(&[step(100, true), step(-30, false), step(5, false), step(75, true)]);
        let cents: Vec<_> = spans.iter().map(|(a, b)| (a.cents(), b.cents())).collect();
        assert_eq!(cents, [(0, 100), (100, 70), (70, 75), (0, 75)]);
    }
    #[test]
    fn a_bridge_is_cut_only_well_above_zero() {
        let step = |dollars: i64, is_level| Step {
            label: String::new(),
            amount: Money::from_cents(dollars * 100),
            is_level,
            accent: false,
        };
        let steps = [step(100_000, true), step(-6_000, false), step(2_000, false), step(96_000, true)];
        // From 94,000 to 100,000: 6,000 below 94,000 is 88,000; steps of 2,000 begin there.
        assert_eq!(cut_at(&steps, &spans(&steps)), Some(8_800_000.0));
        let deep = [step(100_000, true), step(-60_000, false), step(40_000, true)];
        assert_eq!(cut_at(&deep, &spans(&deep)), None);
        let below = [step(-100, true), step(-3, false), step(-103, true)];
        assert_eq!(cut_at(&below, &spans(&below)), None);
    }
}
