//! (in work)

use super::panel::Heading;
use crate::render::scene::Scene;
use crate::report::TileGrid;

pub(super) fn draw(_chart: &TileGrid, heading: &Heading<'_>) -> Scene {
    super::nothing(heading)
}
