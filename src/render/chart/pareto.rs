//! (in work)

use super::panel::Heading;
use crate::render::scene::Scene;
use crate::report::Pareto;

pub(super) fn draw(_chart: &Pareto, heading: &Heading<'_>) -> Scene {
    super::nothing(heading)
}
