//! A scene as SVG and as PNG, both painted through plotters' drawing backends.
//!
//! SVG keeps text as text. The PNG is painted at twice its size and averaged down, so that edges are smooth, and then the
//! letters are set at their exact places. Never reads data.

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle};

use super::escape::escape;
use super::font;
use super::scene::{Anchor, Mark, Scene, Text};
use crate::finding::{Error, Result};

/// How much larger the PNG is painted before it is averaged down.
const OVERSAMPLE: u32 = 2;

/// The scene as an SVG document of its own, with its alternative text.
pub(super) fn svg(scene: &Scene, alt: &str) -> Result<String> {
    let inner = svg_marks(scene)?;
    let (w, h) = size(scene);
    let alt = escape(alt);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {w} {h}\" role=\"img\" \
         aria-label=\"{alt}\">\n<title>{alt}</title>\n<rect width=\"{w}\" height=\"{h}\" fill=\"#FFFFFF\"/>\n{inner}</svg>\n",
        w / 2,
        h / 2,
    ))
}

/// The scene as an SVG element to stand inside HTML: as wide as its place, no title of its own on hover.
pub(super) fn inline_svg(scene: &Scene, alt: &str) -> Result<String> {
    let inner = svg_marks(scene)?;
    let (w, h) = size(scene);
    // The page has margins of its own; a stroke at the edge keeps its width.
    let w = w - 76;
    Ok(format!("<svg viewBox=\"38 0 {w} {h}\" role=\"img\" aria-label=\"{}\">\n{inner}</svg>", escape(alt)))
}

fn size(scene: &Scene) -> (u32, u32) {
    (scene.width as u32, scene.height as u32)
}

/// The marks, without the element around them: plotters' own gives a fixed size and no name.
fn svg_marks(scene: &Scene) -> Result<String> {
    let mut document = String::new();
    {
        let mut backend = SVGBackend::with_string(&mut document, size(scene));
        for mark in &scene.marks {
            match mark {
                Mark::Text(text) => svg_text(&mut backend, text)?,
                shape => paint(&mut backend, shape, 1.0)?,
            }
        }
        backend.present().map_err(failed)?;
    }
    let body = document.split_once(">\n").map_or("", |(_, body)| body);
    Ok(body.strip_suffix("</svg>\n").unwrap_or(body).to_owned())
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::output(format!("a chart could not be drawn: {error}"))
}

fn paint<B: DrawingBackend>(backend: &mut B, mark: &Mark, scale: f64) -> Result<()> {
    let at = |x: f64, y: f64| ((x * scale).round() as i32, (y * scale).round() as i32);
    let stroke = |color: &RGBColor, width: u32| ShapeStyle {
        color: color.to_rgba(),
        filled: false,
        stroke_width: (f64::from(width) * scale) as u32,
    };
    match mark {
        Mark::Rect { x, y, w, h, fill } => {
            let (from, mut to) = (at(*x, *y), at(x + w, y + h));
            // The thinnest bar is still seen: a small amount is not no amount.
            to = (to.0.max(from.0 + 1), to.1.max(from.1 + 1));
            backend.draw_rect(from, to, &fill.filled(), true).map_err(failed)
        }
        Mark::Frame { x, y, w, h, stroke: color } => {
            let corners = vec![at(*x, *y), at(x + w, *y), at(x + w, y + h), at(*x, y + h), at(*x, *y)];
            backend.draw_path(corners, &stroke(color, 2)).map_err(failed)
        }
        Mark::Line { points, stroke: color, width } => {
            backend.draw_path(points.iter().map(|p| at(p.0, p.1)), &stroke(color, *width)).map_err(failed)
        }
        Mark::Area { corners, fill } => {
            backend.fill_polygon(corners.iter().map(|p| at(p.0, p.1)), &fill.filled()).map_err(failed)
        }
        Mark::Dot { x, y, r, fill } => {
            backend.draw_circle(at(*x, *y), (r * scale) as u32, &fill.filled(), true).map_err(failed)
        }
        Mark::Ring { x, y, r, stroke } => {
            backend.draw_circle(at(*x, *y), (r * scale) as u32, &stroke.filled(), true).map_err(failed)?;
            let hole = ((r - 3.5) * scale).max(0.0) as u32;
            backend.draw_circle(at(*x, *y), hole, &super::scene::PAPER.filled(), true).map_err(failed)
        }
        Mark::Text(_) => Ok(()),
    }
}

fn svg_text(backend: &mut SVGBackend<'_>, text: &Text) -> Result<()> {
    let h_pos = match text.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    // plotters writes size / 1.24 as the font size, and moves a text anchored at its top down by 0.76 em; both are undone
    // here so that `y` is the baseline.
    let drop = 0.76 * text.size;
    let (x, y, transform) = if text.up {
        (text.x - drop, text.y, FontTransform::Rotate270)
    } else {
        (text.x, text.y - drop, FontTransform::None)
    };
    let mut style = TextStyle::from((FontFamily::Name(font::FAMILY), text.size * 1.24)).color(&text.color);
    style = style.pos(Pos::new(h_pos, VPos::Top));
    style.font = style.font.style(if text.bold { FontStyle::Bold } else { FontStyle::Normal }).transform(transform);
    backend.draw_text(&text.text, &style, (x.round() as i32, y.round() as i32)).map_err(failed)
}

/// The scene as a PNG, one pixel per unit (1,600 wide: sharp at 200 dots per inch on a page).
pub(super) fn png(scene: &Scene) -> Result<Vec<u8>> {
    let (w, h) = size(scene);
    let (big_w, big_h) = (w * OVERSAMPLE, h * OVERSAMPLE);
    let mut big = vec![0xff_u8; (big_w * big_h * 3) as usize];
    {
        let mut backend = BitMapBackend::with_buffer(&mut big, (big_w, big_h));
        for mark in &scene.marks {
            paint(&mut backend, mark, f64::from(OVERSAMPLE))?;
        }
        backend.present().map_err(failed)?;
    }
    let mut image = average(&big, w as usize, h as usize);
    for mark in &scene.marks {
        if let Mark::Text(text) = mark {
            set_text(&mut image, (w, h), text);
        }
    }
    encode(&image, w, h)
}

/// Each pixel is the mean of the four painted for it.
fn average(big: &[u8], w: usize, h: usize) -> Vec<u8> {
    /// Pixels of the result handled at a time. Most of a chart is paper: comparing whole runs is much faster than averaging.
    const RUN: usize = 32;
    const PAPER: [u8; RUN * 6] = [0xff; RUN * 6];
    let row = w * 6;
    let mut out = Vec::with_capacity(w * h * 3);
    for pair in big.chunks_exact(row * 2).take(h) {
        let (upper, lower) = pair.split_at(row);
        for (a, b) in upper.chunks(RUN * 6).zip(lower.chunks(RUN * 6)) {
            if a == &PAPER[..a.len()] && a == b {
                out.extend_from_slice(&PAPER[..a.len() / 2]);
                continue;
            }
            for at in (0..a.len()).step_by(6) {
                for i in [at, at + 1, at + 2] {
                    let sum = u16::from(a[i]) + u16::from(a[i + 3]) + u16::from(b[i]) + u16::from(b[i + 3]);
                    out.push(((sum + 2) / 4) as u8);
                }
            }
        }
    }
    out
}

fn set_text(image: &mut [u8], (w, h): (u32, u32), text: &Text) {
    let length = font::width(&text.text, text.size, text.bold);
    let back = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => length / 2.0,
        Anchor::End => length,
    };
    let mut blend = |x: i64, y: i64, coverage: f32| {
        if x < 0 || y < 0 || x >= i64::from(w) || y >= i64::from(h) {
            return;
        }
        let at = ((y * i64::from(w) + x) * 3) as usize;
        for (i, ink) in [text.color.0, text.color.1, text.color.2].into_iter().enumerate() {
            let paper = f32::from(image[at + i]);
            image[at + i] = (paper + (f32::from(ink) - paper) * coverage.clamp(0.0, 1.0)).round() as u8;
        }
    };
    if text.up {
        let (x0, y0) = (text.x.round() as i64, text.y.round() as i64);
        font::pixels(&text.text, text.size, text.bold, (-back, 0.0), |u, v, c| blend(x0 + v, y0 - u, c));
    } else {
        font::pixels(&text.text, text.size, text.bold, (text.x - back, text.y), blend);
    }
}

fn encode(image: &[u8], w: u32, h: u32) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, w, h);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Default);
    encoder.set_filter(png::FilterType::Sub);
    // 200 dots per inch: a chart is eight inches wide on a page.
    let per_metre = 7874;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }));
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(image).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(out)
}
