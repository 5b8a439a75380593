//! The reference tables that are part of the program. Holds bytes only; each is read by the module of its subject.

/// Embeds files of the repository under their own paths.
macro_rules! embed {
    ($($path:literal)*) => { &[$(($path, include_bytes!(concat!("../../", $path)).as_slice()),)*] };
}

/// Every embedded table with its path, sorted by path.
const FILES: &[(&str, &[u8])] = embed! {
    "datasets/MANIFEST.csv"
    "datasets/circulating/claims.csv"
    "datasets/circulating/topics.csv"
    "datasets/denials/benchmarks.csv"
    "datasets/denials/categories.csv"
    "datasets/denials/evidence.csv"
    "datasets/denials/groups.csv"
    "datasets/drugs/administrations.csv"
    "datasets/drugs/drugs.csv"
    "datasets/medicaid/fee_index.csv"
    "datasets/medicaid/observed_national.csv"
    "datasets/medicaid/observed_state.csv"
    "datasets/medicare/asp_limits.csv"
    "datasets/medicare/conversion_factors.csv"
    "datasets/medicare/gpci.csv"
    "datasets/medicare/opps.csv"
    "datasets/medicare/pos.csv"
    "datasets/medicare/rvu.csv"
    "datasets/medicare/sequestration.csv"
    "datasets/medicare/volumes_96372_state_2023.csv"
    "datasets/medicare/zip_locality.csv.gz"
    "datasets/ncci/mue.csv"
    "datasets/ncci/ptp.csv"
    "datasets/payability/rules.csv"
    "datasets/payability/sets.csv"
};

/// The bytes of an embedded table by its path in the repository; `None` when it is not embedded.
#[must_use]
pub fn bytes(path: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|(name, _)| *name == path).map(|(_, bytes)| *bytes)
}
