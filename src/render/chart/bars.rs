//! (in work)

use super::panel::Heading;
use crate::render::scene::Scene;
use crate::report::BarChart;

pub(super) fn draw(_chart: &BarChart, heading: &Heading<'_>) -> Scene {
    super::nothing(heading)
}
