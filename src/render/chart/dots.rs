//! (in work)

use super::panel::Heading;
use crate::render::scene::Scene;
use crate::report::DotChart;

pub(super) fn draw(_chart: &DotChart, heading: &Heading<'_>) -> Scene {
    super::nothing(heading)
}
