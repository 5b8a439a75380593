//! Every chart of the report as a scene: the finding on top, the unit below it, the picture, where the figures come from in
//! the corner. One file per kind of chart; an empty one says so instead of drawing axes around nothing.

mod bars;
mod curve;
mod dots;
mod fan;
mod grid;
mod heatmap;
mod horizons;
mod key;
mod lines;
mod panel;
mod pareto;
mod rates;
mod tiles;
mod timeline;
mod tornado;
mod waterfall;

use panel::{Heading, Panel};

use super::scene::{LABEL, Look, SOFT, Scene};
use crate::report::{Chart, DataKind};

/// What the title line says and what a reader who cannot see the picture is told.
pub(super) fn words(chart: &Chart) -> (&str, &str) {
    let (title, alt) = match chart {
        Chart::Waterfall(c) | Chart::Bridge(c) => (&c.title, &c.alt),
        Chart::Pareto(c) => (&c.title, &c.alt),
        Chart::HeatMap(c) => (&c.title, &c.alt),
        Chart::Lines(c) => (&c.title, &c.alt),
        Chart::Bars(c) => (&c.title, &c.alt),
        Chart::Dots(c) => (&c.title, &c.alt),
        Chart::Rates(c) => (&c.title, &c.alt),
        Chart::Tiles(c) => (&c.title, &c.alt),
        Chart::Fan(c) => (&c.title, &c.alt),
        Chart::Horizons(c) => (&c.title, &c.alt),
        Chart::Grid(c) => (&c.title, &c.alt),
        Chart::Tornado(c) => (&c.title, &c.alt),
    };
    // A picture without a description is at least named.
    (title, if alt.trim().is_empty() { title } else { alt })
}

/// Draws a chart. `titled` is false where the finding stands above the picture already, as in the HTML report.
pub(super) fn draw(chart: &Chart, kind: DataKind, titled: bool) -> Scene {
    let title = titled.then(|| words(chart).0);
    let heading = |unit| Heading { title, unit, kind };
    match chart {
        Chart::Waterfall(c) => waterfall::draw(c, &heading(&c.value_axis)),
        Chart::Bridge(c) => waterfall::draw_cut(c, &heading(&c.value_axis)),
        Chart::Pareto(c) => pareto::draw(c, &heading(&c.value_axis)),
        Chart::HeatMap(c) => heatmap::draw(c, &heading(&c.value_name)),
        Chart::Lines(c) => lines::draw(c, &heading(&c.value_axis)),
        Chart::Bars(c) => bars::draw(c, &heading(&c.value_axis)),
        Chart::Dots(c) => dots::draw(c, &heading(&c.value_axis)),
        Chart::Rates(c) => rates::draw(c, &heading(&c.value_axis)),
        Chart::Tiles(c) => tiles::draw(c, &heading(&c.value_name)),
        Chart::Fan(c) => fan::draw(c, &heading(&c.value_axis)),
        Chart::Horizons(c) => horizons::draw(c, &heading(&c.value_axis)),
        Chart::Grid(c) => grid::draw(c, &heading(&c.value_name)),
        Chart::Tornado(c) => tornado::draw(c, &heading(&c.value_axis)),
    }
}

/// A panel for a chart without data.
fn nothing(heading: &Heading<'_>) -> Scene {
    let mut panel = Panel::new(heading, 160.0);
    let middle = ((panel.left + panel.right) / 2.0, panel.top + 90.0);
    panel.scene.text(
        middle,
        "Nothing to show: no line of this data falls here.",
        Look::size(LABEL).color(SOFT).middle(),
    );
    panel.scene
}
