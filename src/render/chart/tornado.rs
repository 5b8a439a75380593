//! Levers moved alone, the largest effect on top: moved down is drawn hollow, moved up is drawn filled, each with its amount.

use super::panel::{Heading, Panel, Scale, cents};
use crate::domain::Money;
use crate::render::scene::{ACCENT, AXIS, DEEP, EMPTY, INK, LABEL, Look, SMALL, SOFT, Scene, WIDTH};
use crate::render::words::short_money;
use crate::report::TornadoChart;

/// Height of a row.
const ROW: f64 = 50.0;
/// Space above the rows for the key.
const HEAD: f64 = 60.0;
/// Height of a bar.
const BAR: f64 = 30.0;

pub(super) fn draw(chart: &TornadoChart, heading: &Heading<'_>) -> Scene {
    let amounts = || chart.bars.iter().flat_map(|bar| bar.down.into_iter().chain([bar.up]));
    if amounts().all(Money::is_zero) {
        return super::nothing(heading);
    }
    let mut panel = Panel::new(heading, HEAD + ROW * chart.bars.len() as f64 + 8.0);
    let (name, by) = (Look::size(LABEL).end(), Look::size(SMALL).color(SOFT).end());
    let by_room = chart.bars.iter().map(|bar| by.width(&bar.by)).fold(0.0, f64::max);
    let names = chart.bars.iter().map(|bar| name.width(&bar.label)).fold(0.0, f64::max).min(WIDTH * 0.32);
    let left = panel.left + names + 14.0 + by_room + 20.0;
    let value = Look::size(SMALL).bold();
    let values = amounts().map(|a| value.width(&signed(a))).fold(0.0, f64::max) + 16.0;
    let far = amounts().map(|a| cents(a.abs())).fold(1.0, f64::max);
    let low = if amounts().any(|a| a < Money::ZERO) { -far } else { 0.0 };
    let from = if low < 0.0 { left + values } else { left };
    let scale = Scale::new((low, far), (from, panel.right - values));
    let (zero, top) = (scale.at(0.0), panel.top + HEAD);
    let base = top + ROW * chart.bars.len() as f64;
    let scene = &mut panel.scene;
    key(scene, (left, panel.top + 24.0), chart.bars.iter().any(|bar| bar.down.is_some()));
    for (i, bar) in chart.bars.iter().enumerate() {
        let y = top + i as f64 * ROW;
        let middle = y + ROW / 2.0;
        scene.text((panel.left + names, middle + 8.0), &name.shorten(&bar.label, names), name);
        scene.text((panel.left + names + 14.0 + by_room, middle + 8.0), &bar.by, by);
        let color = if bar.accent { ACCENT } else { DEEP };
        for (amount, filled) in bar.down.map(|down| (down, false)).into_iter().chain([(bar.up, true)]) {
            if amount.is_zero() {
                continue;
            }
            let end = scale.money(amount);
            let (x, w) = (zero.min(end), (end - zero).abs().max(3.0));
            scene.rect(x, middle - BAR / 2.0, w, BAR, if filled { color } else { EMPTY });
            scene.frame(x, middle - BAR / 2.0, w, BAR, color);
            let look = value.color(if bar.accent { ACCENT } else { INK });
            let back = amount < Money::ZERO;
            let at = if back { end - 8.0 } else { end.max(zero) + 8.0 };
            scene.text((at, middle + 7.0), &signed(amount), if back { look.end() } else { look });
        }
    }
    scene.line(vec![(zero, top - 4.0), (zero, base + 4.0)], AXIS, 2);
    panel.scene
}

/// `+$1.2k`, `−$340`, `$0`.
fn signed(value: Money) -> String {
    let sign = if value > Money::ZERO { "+" } else { "" };
    format!("{sign}{}", short_money(value))
}

fn key(scene: &mut Scene, (x, y): (f64, f64), both: bool) {
    let look = Look::size(LABEL);
    let mut x = x;
    for (filled, words) in [(false, "moved down"), (true, "moved up (or taken away)")] {
        if !filled && !both {
            continue;
        }
        scene.rect(x, y - 20.0, 22.0, 22.0, if filled { DEEP } else { EMPTY });
        scene.frame(x, y - 20.0, 22.0, 22.0, DEEP);
        scene.text((x + 32.0, y), words, look);
        x += 32.0 + look.width(words) + 40.0;
    }
}
