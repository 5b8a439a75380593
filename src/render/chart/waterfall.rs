//! Expected down to paid, step by step: levels stand on zero, changes float, leakage is in the accent colour.

use super::panel::{Heading, Panel, Scale, cents, money_grid, tick_room, ticks};
use crate::domain::Money;
use crate::render::scene::{ACCENT, AXIS, DEEP, EMPTY, INK, LABEL, Look, PLAIN, SMALL, Scene};
use crate::render::words::{fitting_money, short_money};
use crate::report::{Step, Waterfall};

/// Height of the bars' box and of the names below it.
const PLOT: f64 = 560.0;

pub(super) fn draw(chart: &Waterfall, heading: &Heading<'_>) -> Scene {
    if chart.steps.iter().all(|s| s.amount.is_zero()) {
        return super::nothing(heading);
    }
    let spans = spans(&chart.steps);
    let low = spans.iter().map(|s| cents(s.0.min(s.1))).fold(0.0, f64::min);
    let high = spans.iter().map(|s| cents(s.0.max(s.1))).fold(0.0, f64::max);
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
        let (y0, y1) = (scale.money(*from), scale.money(*to));
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
    panel.scene
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
}
