//! (in work)

use super::panel::Heading;
use crate::render::scene::Scene;
use crate::report::LineChart;

pub(super) fn draw(_chart: &LineChart, heading: &Heading<'_>) -> Scene {
    super::nothing(heading)
}
