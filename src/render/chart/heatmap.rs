//! (in work)

use super::panel::Heading;
use crate::render::scene::Scene;
use crate::report::HeatMap;

pub(super) fn draw(_chart: &HeatMap, heading: &Heading<'_>) -> Scene {
    super::nothing(heading)
}
