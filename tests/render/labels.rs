//! Where each text of an SVG chart stands, measured with the typeface of the charts.

use ab_glyph::{Font, FontRef};

/// A text and the box around its letters, in the units of the picture.
#[derive(Debug)]
pub(crate) struct Label {
    #[allow(dead_code, reason = "read by whoever reads a failure")]
    pub(crate) text: String,
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()
}

/// Height of the picture.
pub(crate) fn height(svg: &str) -> f64 {
    attribute(svg, "viewBox").unwrap().split(' ').nth(3).unwrap().parse().unwrap()
}

/// All texts of the picture.
pub(crate) fn read(svg: &str) -> Vec<Label> {
    let regular = FontRef::try_from_slice(include_bytes!("../../datasets/fonts/Inter-Regular-subset.otf")).unwrap();
    let bold = FontRef::try_from_slice(include_bytes!("../../datasets/fonts/Inter-SemiBold-subset.otf")).unwrap();
    let texts = svg.split("<text ").skip(1).map(|rest| {
        let (tag, rest) = rest.split_once('>').unwrap();
        let text = rest.split("</text>").next().unwrap().trim();
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
        let text = text.replace("&amp;", "&");
        let number = |name: &str| -> f64 { attribute(tag, name).unwrap().parse().unwrap() };
        let size = number("font-size");
        let font = if tag.contains("font-weight=\"bold\"") { &bold } else { &regular };
        let em = f64::from(font.units_per_em().unwrap());
        let width: f64 =
            text.chars().map(|c| f64::from(font.h_advance_unscaled(font.glyph_id(c)))).sum::<f64>() * size / em;
        let from = match attribute(tag, "text-anchor").unwrap() {
            "start" => 0.0,
            "middle" => -width / 2.0,
            _ => -width,
        };
        // The baseline lies 0.76 em below y; capitals are 0.73 em high, descenders 0.2 em deep.
        let (x, y) = (number("x"), number("y"));
        let (ascent, descent) = (0.03 * size, 0.96 * size);
        if tag.contains("rotate(270") {
            // Turned to read upwards: what was right is up, what was down is right.
            Label { left: x + ascent, right: x + descent, top: y - from - width, bottom: y - from, text }
        } else {
            Label { left: x + from, right: x + from + width, top: y + ascent, bottom: y + descent, text }
        }
    });
    texts.collect()
}
