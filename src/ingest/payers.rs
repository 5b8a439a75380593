//! Which payer of the project an X12 file means: by number, by name, else by what kind of payer the claim says it is.

use std::sync::Arc;

use crate::domain::PayerKind;
use crate::project::Project;

/// How a payer was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// By its number or name.
    ByName,
    /// By the filing code of the claim alone: the project has one payer of that kind.
    ByKind,
    /// Not at all.
    Unknown,
}

/// The payer with these numbers, this name and this claim filing indicator (CLP06, SBR09). One that the project does not
/// know keeps its name, or its first number.
pub(super) fn find<'t>(
    project: &Project,
    numbers: impl Iterator<Item = &'t str> + Clone,
    name: &'t str,
    filing: &str,
) -> (Arc<str>, Known) {
    let told = numbers.clone().chain([name]).filter(|text| !text.is_empty());
    if let Some(payer) = told.clone().find_map(|text| project.payer(text)) {
        return (payer.id.clone(), Known::ByName);
    }
    let kind = match filing {
        "MB" => Some(PayerKind::Medicare),
        "MC" => Some(PayerKind::Medicaid),
        "16" => Some(PayerKind::MedicareAdvantage),
        _ => None,
    };
    let mut of_kind = project.payers.iter().filter(|payer| Some(payer.kind) == kind);
    if let (Some(payer), None) = (of_kind.next(), of_kind.next()) {
        return (payer.id.clone(), Known::ByKind);
    }
    let called =
        if name.is_empty() { numbers.into_iter().find(|n| !n.is_empty()).unwrap_or("unnamed payer") } else { name };
    (called.into(), Known::Unknown)
}
