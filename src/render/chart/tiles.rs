//! The states as tiles of one size, roughly where they lie: a small state reads as well as a large one.

use plotters::style::RGBColor;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::panel::{Heading, Panel};
use crate::render::scene::{AXIS, EMPTY, LABEL, Look, SMALL, SOFT, Scene, ink_on, mix};
use crate::render::words::minus;
use crate::report::TileGrid;

/// Width and height of a tile with its gap.
const TILE: (f64, f64) = (118.0, 96.0);

/// The common tile map of the United States; territories at the lower right.
const MAP: [&str; 8] = [
    "AK .. .. .. .. .. .. .. .. .. ME",
    ".. .. .. .. .. WI .. .. .. VT NH",
    "WA ID MT ND MN IL MI .. NY MA ..",
    "OR NV WY SD IA IN OH PA NJ CT RI",
    "CA UT CO NE MO KY WV VA MD DE ..",
    ".. AZ NM KS AR TN NC SC DC .. ..",
    ".. .. .. OK LA MS AL GA .. .. PR",
    "HI .. .. TX .. .. .. .. FL GU VI",
];

/// Territories that are drawn only when they have a value.
const TERRITORIES: [&str; 3] = ["PR", "VI", "GU"];

pub(super) fn draw(chart: &TileGrid, heading: &Heading<'_>) -> Scene {
    let value_of = |state: &str| chart.tiles.iter().find(|t| t.state == state).map(|t| t.value);
    let shown = || chart.tiles.iter().filter(|t| place(&t.state).is_some());
    let (Some(low), Some(high)) = (shown().map(|t| t.value).min(), shown().map(|t| t.value).max()) else {
        return super::nothing(heading);
    };
    let legend = 70.0;
    let mut panel = Panel::new(heading, legend + TILE.1 * MAP.len() as f64 + 10.0);
    let left = panel.left + (panel.right - panel.left - TILE.0 * 11.0) / 2.0;
    let top = panel.top + legend;
    let scene = &mut panel.scene;
    let gaps = MAP.iter().flat_map(|r| r.split(' ')).any(|s| is_state(s) && value_of(s).is_none());
    legend_bar(scene, (left, panel.top), low, high, gaps);
    for (r, row) in MAP.iter().enumerate() {
        for (c, state) in row.split(' ').enumerate() {
            let value = value_of(state);
            if state == ".." || (value.is_none() && !is_state(state)) {
                continue;
            }
            let (x, y) = (left + c as f64 * TILE.0, top + r as f64 * TILE.1);
            let (w, h) = (TILE.0 - 6.0, TILE.1 - 6.0);
            let fill = value.map_or(EMPTY, |v| shade(share(v, low, high)));
            scene.rect(x, y, w, h, fill);
            let ink = if value.is_some() { ink_on(fill) } else { SOFT };
            scene.text((x + w / 2.0, y + 38.0), state, Look::size(SMALL).middle().color(ink));
            let text = value.map_or_else(|| "–".to_owned(), |v| minus(&v.to_string()));
            let look = Look::size(LABEL).bold().middle().color(ink);
            scene.text((x + w / 2.0, y + 70.0), &look.shorten(&text, w - 4.0), look);
        }
    }
    let unknown: Vec<&str> =
        chart.tiles.iter().filter(|t| place(&t.state).is_none()).map(|t| t.state.as_str()).collect();
    if !unknown.is_empty() {
        panel.note(&format!("Not on the map: {}", unknown.join(", ")));
    }
    panel.scene
}

/// Drawn even without a value.
fn is_state(name: &str) -> bool {
    name != ".." && !TERRITORIES.contains(&name)
}

/// Row and column of a state.
fn place(state: &str) -> Option<(usize, usize)> {
    MAP.iter().enumerate().find_map(|(r, row)| row.split(' ').position(|s| s == state && s != "..").map(|c| (r, c)))
}

/// Where a value lies between the lowest and the highest, for its shade only.
fn share(value: Decimal, low: Decimal, high: Decimal) -> f64 {
    if high == low {
        return 0.5;
    }
    ((value - low) / (high - low)).to_f64().unwrap_or(0.5)
}

/// One hue from light to dark; darker than the plain bars at the top, so that the order survives printing in grey.
fn shade(t: f64) -> RGBColor {
    let (light, middle, dark) = (RGBColor(0xe8, 0xf0, 0xf7), RGBColor(0x7f, 0xae, 0xd3), RGBColor(0x0f, 0x3d, 0x69));
    if t < 0.5 { mix(light, middle, t * 2.0) } else { mix(middle, dark, t * 2.0 - 1.0) }
}

fn legend_bar(scene: &mut Scene, (x, y): (f64, f64), low: Decimal, high: Decimal, gaps: bool) {
    let note = Look::size(SMALL).color(SOFT);
    let low_text = minus(&low.to_string());
    let start = x + note.width(&low_text) + 12.0;
    scene.text((x, y + 24.0), &low_text, note);
    for i in 0..60 {
        scene.rect(start + f64::from(i) * 4.0, y + 6.0, 4.0, 22.0, shade((f64::from(i) + 0.5) / 60.0));
    }
    scene.text((start + 252.0, y + 24.0), &minus(&high.to_string()), note);
    if !gaps {
        return;
    }
    let empty = start + 252.0 + note.width(&high.to_string()) + 40.0;
    scene.rect(empty, y + 6.0, 36.0, 22.0, EMPTY);
    scene.frame(empty, y + 6.0, 36.0, 22.0, AXIS);
    scene.text((empty + 48.0, y + 24.0), "no value", note);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_holds_every_state_once() {
        let mut states: Vec<&str> = MAP.iter().flat_map(|row| row.split(' ')).filter(|s| *s != "..").collect();
        states.sort_unstable();
        states.dedup();
        // Fifty states, the District of Columbia, three territories.
        assert_eq!(states.len(), 54);
        assert!(MAP.iter().all(|row| row.split(' ').count() == 11));
        assert_eq!(place("OH"), Some((3, 6)));
        assert_eq!(place(".."), None);
    }
}
