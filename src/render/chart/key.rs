//! A key above a plot: what each kind of mark means, on as many lines as it needs.

use plotters::style::RGBColor;

use crate::render::scene::{Look, SMALL, SOFT, Scene};

/// Height of a line of the key.
const LINE: f64 = 30.0;
/// Width of a sign with its gap.
const SIGN: f64 = 48.0;
/// Space between two entries.
const GAP: f64 = 34.0;

/// Width of a filled box.
const BOX: f64 = 24.0;

/// How a sign looks.
#[derive(Debug, Clone)]
pub(super) enum Sign {
    /// A line.
    Line(RGBColor, u32),
    /// A line with a dot on it.
    Dotted(RGBColor),
    /// Dashes with a hollow mark.
    Hollow(RGBColor),
    /// Filled boxes side by side.
    Boxes(Vec<RGBColor>),
}

impl Sign {
    /// Its width with its gap.
    fn width(&self) -> f64 {
        match self {
            Self::Boxes(shades) => BOX * shades.len() as f64 + 12.0,
            _ => SIGN,
        }
    }
}

/// Where each entry stands, and how high the key is.
pub(super) struct Key<'a> {
    entries: &'a [(Sign, String)],
    places: Vec<(f64, f64)>,
    pub(super) height: f64,
}

impl<'a> Key<'a> {
    /// Sets the entries between `left` and `right`, the first line at 0.
    pub(super) fn new(entries: &'a [(Sign, String)], (left, right): (f64, f64)) -> Self {
        let look = Look::size(SMALL);
        let (mut x, mut y) = (left, 0.0);
        let mut places = Vec::new();
        for (sign, text) in entries {
            let width = sign.width() + look.width(text);
            if x > left && x + width > right {
                (x, y) = (left, y + LINE);
            }
            places.push((x, y));
            x += width + GAP;
        }
        Self { entries, places, height: if entries.is_empty() { 0.0 } else { y + LINE + 8.0 } }
    }

    pub(super) fn draw(&self, scene: &mut Scene, top: f64) {
        for ((sign, text), (x, y)) in self.entries.iter().zip(&self.places) {
            let (x, y) = (*x, top + y + 12.0);
            let ends = ((x, y), (x + SIGN - 12.0, y));
            let middle = x + (SIGN - 12.0) / 2.0;
            match sign {
                Sign::Line(color, width) => scene.line(vec![ends.0, ends.1], *color, *width),
                Sign::Boxes(shades) => {
                    for (i, shade) in shades.iter().enumerate() {
                        scene.rect(x + i as f64 * BOX, y - 11.0, BOX, 22.0, *shade);
                    }
                }
                Sign::Dotted(color) => {
                    scene.line(vec![ends.0, ends.1], *color, 3);
                    scene.dot(middle, y, 6.0, *color);
                }
                Sign::Hollow(color) => {
                    scene.dashes(ends.0, ends.1, *color, 3);
                    scene.ring(middle, y, 7.0, *color);
                }
            }
            scene.text((x + sign.width(), y + 7.0), text, Look::size(SMALL).color(SOFT));
        }
    }
}
