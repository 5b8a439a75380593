//! The embedded typeface (Inter, SIL Open Font License): how wide a text is, where it breaks, and its pixels.
//!
//! The drawing library places every letter on a whole pixel and drops the space before it, so letters are set here. No layout
//! of charts, no colours.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

/// The family for browsers that open an SVG or the HTML report: our own face first, then what most systems have.
pub(super) const FAMILY: &str = "Inter, Segoe UI, Helvetica Neue, Helvetica, Arial, sans-serif";

/// The regular face for the HTML report.
pub(super) const REGULAR_WOFF2: &[u8] = include_bytes!("../../datasets/fonts/Inter-Regular-subset.woff2");
/// The semi-bold face for the HTML report.
pub(super) const BOLD_WOFF2: &[u8] = include_bytes!("../../datasets/fonts/Inter-SemiBold-subset.woff2");

static REGULAR: LazyLock<FontRef<'static>> =
    LazyLock::new(|| face(include_bytes!("../../datasets/fonts/Inter-Regular-subset.otf")));
static BOLD: LazyLock<FontRef<'static>> =
    LazyLock::new(|| face(include_bytes!("../../datasets/fonts/Inter-SemiBold-subset.otf")));

fn face(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the embedded font is a font")
}

fn pick(bold: bool) -> &'static FontRef<'static> {
    if bold { &BOLD } else { &REGULAR }
}

/// `size` is the size of the em in pixels, as in CSS; the font library wants the height of a line.
fn scale(font: &FontRef<'static>, size: f64) -> PxScale {
    let em = font.units_per_em().unwrap_or(2048.0);
    PxScale::from(size as f32 * font.height_unscaled() / em)
}

/// Width of a text in pixels at this em size.
pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let font = pick(bold);
    let scaled = font.as_scaled(scale(font, size));
    text.chars().map(|c| f64::from(scaled.h_advance(scaled.glyph_id(c)))).sum()
}

/// Calls `dot(x, y, coverage)` for each pixel of the text; the baseline begins at (`x`, `y`) and runs to the right.
pub(super) fn pixels(text: &str, size: f64, bold: bool, (x, y): (f64, f64), mut dot: impl FnMut(i64, i64, f32)) {
    let font = pick(bold);
    let scale = scale(font, size);
    let scaled = font.as_scaled(scale);
    let mut pen = x as f32;
    for c in text.chars() {
        let id = scaled.glyph_id(c);
        let glyph = id.with_scale_and_position(scale, point(pen, y as f32));
        if let Some(outline) = font.outline_glyph(glyph) {
            let origin = outline.px_bounds().min;
            outline.draw(|gx, gy, coverage| {
                dot(i64::from(gx) + origin.x as i64, i64::from(gy) + origin.y as i64, coverage);
            });
        }
        pen += scaled.h_advance(id);
    }
}

/// The text on at most `lines` lines of at most `room` pixels; what does not fit ends with `…`.
pub(super) fn wrap(text: &str, size: f64, bold: bool, room: f64, lines: usize) -> Vec<String> {
    let fits = |line: &str| width(line, size, bold) <= room;
    let mut out: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if fits(&longer) || line.is_empty() {
            line = longer;
        } else if out.len() + 1 < lines {
            out.push(std::mem::replace(&mut line, word.to_owned()));
        } else {
            // The last line takes all that is left, and is cut below.
            line = longer;
            for rest in words.by_ref() {
                line = format!("{line} {rest}");
            }
        }
    }
    if !line.is_empty() {
        out.push(line);
    }
    out.into_iter().map(|line| shorten(&line, size, bold, room)).collect()
}

/// As [`wrap`], with lines of about the same length: no single word is left on the last one.
pub(super) fn balance(text: &str, size: f64, bold: bool, room: f64, lines: usize) -> Vec<String> {
    let plain = wrap(text, size, bold, room, lines);
    let total = width(text, size, bold);
    if plain.len() < 2 || total > room * plain.len() as f64 {
        return plain;
    }
    // The narrowest room that needs no more lines; words are short, so a few steps find it.
    let mut narrow = total / plain.len() as f64;
    while narrow < room {
        let tried = wrap(text, size, bold, narrow, lines);
        if tried.len() == plain.len() && !tried.iter().any(|l| l.ends_with('…')) {
            return tried;
        }
        narrow += size;
    }
    plain
}

/// The text, cut with `…` where it is wider than `room` pixels.
pub(super) fn shorten(text: &str, size: f64, bold: bool, room: f64) -> String {
    if width(text, size, bold) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, size, bold) + width("…", size, bold) > room {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_the_reports_use_has_a_glyph() {
        for bold in [false, true] {
            for c in "AZaz09$%–—…−×·•≤≥→↓“”’éñüßŁ|()[]/&'\"".chars() {
                assert_ne!(pick(bold).glyph_id(c).0, 0, "{c}");
            }
        }
    }

    #[test]
    fn text_wraps_at_words_and_is_cut_only_at_the_end() {
        let lines = wrap("Blue Harbor Medicare Advantage of the Lower Peninsula", 20.0, false, 200.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'), "{lines:?}");
        assert!(lines.iter().all(|l| width(l, 20.0, false) <= 200.0));
        assert_eq!(wrap("one two", 20.0, false, 1000.0, 2), ["one two"]);
        assert!(wrap("", 20.0, false, 100.0, 2).is_empty());
    }
}
