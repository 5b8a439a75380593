//! From what a line tells of its place to the [`Area`] that prices need.

use crate::domain::{Area, Date, Locality, State, Zip};
use crate::finding::FindingCode;
use crate::reference::Reference;

/// The area of a service and the fallback that was taken to find it, if any.
///
/// The order: a locality that the file states; the ZIP code (carrier + locality, never the state); the state, exact when it
/// has one locality and otherwise a mean over them.
#[must_use]
pub(super) fn resolve(
    reference: &Reference,
    day: Date,
    locality: Option<Locality>,
    zip: Option<Zip>,
    state: Option<State>,
) -> (Area, Option<FindingCode>) {
    let medicare = &reference.medicare;
    if let Some(locality) = locality {
        // A locality of another year still belongs to a state: the kernel says that it is not in this year's schedule.
        let known = medicare.gpci(locality, day).map(|gpci| gpci.state).or(state);
        if let Some(state) = known {
            return (Area::Locality(locality, state), None);
        }
    }
    let mut fallback = None;
    if let Some(zip) = zip {
        match medicare.zip(zip) {
            Some(found) => {
                let unsure = found.needs_plus4 && zip.plus4().is_none();
                let area = Area::Locality(found.locality, found.state);
                return (area, unsure.then_some(FindingCode::ZipNeedsPlus4));
            }
            None => fallback = Some(FindingCode::ZipUnknown),
        }
    }
    let Some(state) = state else { return (Area::Nowhere, fallback) };
    match medicare.localities_of(state, day).as_slice() {
        [only] => (Area::Locality(*only, state), fallback),
        // That a mean had to be taken is said by the rule that takes it.
        _ => (Area::State(state), fallback),
    }
}
