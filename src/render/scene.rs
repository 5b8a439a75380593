//! A picture as a list of marks in units of the picture (1,600 wide), and the few colours all charts share.
//!
//! Holds no data and no scales; [`super::paint`] turns a scene into SVG and PNG.

use plotters::style::RGBColor;

use super::font;

/// Width of every chart in its own units.
pub(super) const WIDTH: f64 = 1600.0;

/// Titles and values.
pub(super) const INK: RGBColor = RGBColor(0x1f, 0x29, 0x33);
/// Axis labels and notes; still 5:1 on white.
pub(super) const SOFT: RGBColor = RGBColor(0x52, 0x60, 0x6d);
/// Axis lines.
pub(super) const AXIS: RGBColor = RGBColor(0x9a, 0xa5, 0xb1);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(0xe4, 0xe7, 0xeb);
/// Empty cells.
pub(super) const EMPTY: RGBColor = RGBColor(0xf4, 0xf5, 0xf7);
/// Paper.
pub(super) const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// The one colour that means "act on this": a vermilion that stays apart from the blues for every kind of colour vision, and
/// is darker than the plain bars when printed in grey.
pub(super) const ACCENT: RGBColor = RGBColor(0xc2, 0x41, 0x0c);
/// Levels (expected, paid).
pub(super) const DEEP: RGBColor = RGBColor(0x2f, 0x4a, 0x63);
/// Plain bars.
pub(super) const PLAIN: RGBColor = RGBColor(0xa3, 0xb5, 0xc6);
/// A third measure.
pub(super) const PALE: RGBColor = RGBColor(0xd3, 0xdc, 0xe4);

/// Size of the finding above a chart.
pub(super) const TITLE_SIZE: f64 = 34.0;
/// Size of labels and values.
pub(super) const LABEL: f64 = 23.0;
/// Size of ticks and notes.
pub(super) const SMALL: f64 = 20.0;

/// Where a text stands relative to its x.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// Begins there.
    Start,
    /// Centred on it.
    Middle,
    /// Ends there.
    End,
}

/// One mark.
#[derive(Debug, Clone)]
pub(super) enum Mark {
    /// A filled rectangle.
    Rect { x: f64, y: f64, w: f64, h: f64, fill: RGBColor },
    /// The outline of a rectangle.
    Frame { x: f64, y: f64, w: f64, h: f64, stroke: RGBColor },
    /// A line through points.
    Line { points: Vec<(f64, f64)>, stroke: RGBColor, width: u32 },
    /// A filled area; its corners in order.
    Area { corners: Vec<(f64, f64)>, fill: RGBColor },
    /// A filled circle.
    Dot { x: f64, y: f64, r: f64, fill: RGBColor },
    /// A circle's outline on paper.
    Ring { x: f64, y: f64, r: f64, stroke: RGBColor },
    /// A text; `y` is its baseline. `up` turns it to read from bottom to top.
    Text(Text),
}

/// A text mark.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) text: String,
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) color: RGBColor,
    pub(super) anchor: Anchor,
    pub(super) up: bool,
}

/// A picture.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) marks: Vec<Mark>,
}

impl Scene {
    pub(super) fn new(height: f64) -> Self {
        Self { width: WIDTH, height, marks: Vec::new() }
    }

    /// A filled rectangle; negative widths and heights are turned around.
    pub(super) fn rect(&mut self, x: f64, y: f64, w: f64, h: f64, fill: RGBColor) {
        let (x, w) = if w < 0.0 { (x + w, -w) } else { (x, w) };
        let (y, h) = if h < 0.0 { (y + h, -h) } else { (y, h) };
        self.marks.push(Mark::Rect { x, y, w, h, fill });
    }

    pub(super) fn frame(&mut self, x: f64, y: f64, w: f64, h: f64, stroke: RGBColor) {
        self.marks.push(Mark::Frame { x, y, w, h, stroke });
    }

    pub(super) fn line(&mut self, points: Vec<(f64, f64)>, stroke: RGBColor, width: u32) {
        if points.len() > 1 {
            self.marks.push(Mark::Line { points, stroke, width });
        }
    }

    /// A filled area between its corners.
    pub(super) fn area(&mut self, corners: Vec<(f64, f64)>, fill: RGBColor) {
        if corners.len() > 2 {
            self.marks.push(Mark::Area { corners, fill });
        }
    }

    /// A straight line of dashes.
    pub(super) fn dashes(&mut self, from: (f64, f64), to: (f64, f64), stroke: RGBColor, width: u32) {
        const DASH: f64 = 8.0;
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let count = (length / (2.0 * DASH)).floor().max(1.0);
        let at = |t: f64| (from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t);
        for i in 0..count as u32 {
            let start = f64::from(i) / count;
            self.line(vec![at(start), at(start + 0.5 / count)], stroke, width);
        }
    }

    pub(super) fn dot(&mut self, x: f64, y: f64, r: f64, fill: RGBColor) {
        self.marks.push(Mark::Dot { x, y, r, fill });
    }

    pub(super) fn ring(&mut self, x: f64, y: f64, r: f64, stroke: RGBColor) {
        self.marks.push(Mark::Ring { x, y, r, stroke });
    }

    /// A text with its baseline at `y`.
    pub(super) fn text(&mut self, (x, y): (f64, f64), text: &str, look: Look) {
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if text.trim().is_empty() {
            return;
        }
        let Look { size, bold, color, anchor, up } = look;
        self.marks.push(Mark::Text(Text { x, y, text, size, bold, color, anchor, up }));
    }

    /// A text on a patch of paper, so that grid lines do not run through it.
    pub(super) fn label(&mut self, (x, y): (f64, f64), text: &str, look: Look) {
        let w = look.width(text);
        let from = match look.anchor {
            Anchor::Start => x,
            Anchor::Middle => x - w / 2.0,
            Anchor::End => x - w,
        };
        self.rect(from - 4.0, y - look.size * 0.86, w + 8.0, look.size * 1.12, PAPER);
        self.text((x, y), text, look);
    }

    /// Lines of text, the first baseline at `y`, 1.25 em apart.
    pub(super) fn lines(&mut self, (x, y): (f64, f64), lines: &[String], look: Look) {
        for (i, line) in lines.iter().enumerate() {
            self.text((x, y + i as f64 * look.size * 1.25), line, look);
        }
    }
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    size: f64,
    bold: bool,
    color: RGBColor,
    anchor: Anchor,
    up: bool,
}

impl Look {
    /// Regular ink of this size, beginning at its x.
    pub(super) const fn size(size: f64) -> Self {
        Self { size, bold: false, color: INK, anchor: Anchor::Start, up: false }
    }

    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(super) const fn color(self, color: RGBColor) -> Self {
        Self { color, ..self }
    }

    pub(super) const fn middle(self) -> Self {
        Self { anchor: Anchor::Middle, ..self }
    }

    pub(super) const fn end(self) -> Self {
        Self { anchor: Anchor::End, ..self }
    }

    pub(super) const fn up(self) -> Self {
        Self { up: true, ..self }
    }

    /// Width of a text that looks so.
    pub(super) fn width(self, text: &str) -> f64 {
        font::width(text, self.size, self.bold)
    }

    /// The text cut to `room`.
    pub(super) fn shorten(self, text: &str, room: f64) -> String {
        font::shorten(text, self.size, self.bold, room)
    }

    /// The text on at most `lines` lines of about the same length.
    pub(super) fn balance(self, text: &str, room: f64, lines: usize) -> Vec<String> {
        font::balance(text, self.size, self.bold, room, lines)
    }

    /// The text on at most `lines` lines of `room`.
    pub(super) fn wrap(self, text: &str, room: f64, lines: usize) -> Vec<String> {
        font::wrap(text, self.size, self.bold, room, lines)
    }
}

/// The colour at `t` (0 to 1) of the way between two.
pub(super) fn mix(from: RGBColor, to: RGBColor, t: f64) -> RGBColor {
    let t = t.clamp(0.0, 1.0);
    let channel = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * t).round() as u8;
    RGBColor(channel(from.0, to.0), channel(from.1, to.1), channel(from.2, to.2))
}

/// Relative luminance as WCAG defines it: 0 black to 1 white.
pub(super) fn luminance(color: RGBColor) -> f64 {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(color.0) + 0.7152 * linear(color.1) + 0.0722 * linear(color.2)
}

/// Ink or paper, whichever reads better on this colour.
pub(super) fn ink_on(fill: RGBColor) -> RGBColor {
    let contrast = |text: RGBColor| {
        let (a, b) = (luminance(text) + 0.05, luminance(fill) + 0.05);
        if a > b { a / b } else { b / a }
    };
    if contrast(INK) >= contrast(PAPER) { INK } else { PAPER }
}
