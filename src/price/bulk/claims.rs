//! Which rows of a batch belong to one claim, and how many claims stand in several places of the file.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

use crate::finding::Error;

/// More rows carry no claim, and the units of so many still add up exactly.
pub(super) const LONGEST_CLAIM: usize = 5000;

pub(super) fn too_long() -> Error {
    Error::input(format!("a claim_id stands on more than {LONGEST_CLAIM} rows one after the other"))
        .help("a claim_id must tell one claim from another")
}

/// Tells the claims of a batch apart: rows of one claim follow one another. A row that cannot be read ends a claim when it
/// carries another claim's number.
#[derive(Debug, Default)]
pub(super) struct Claims {
    present: Vec<u8>,
    run: u32,
    /// For each row of the batch the number of its claim within the batch.
    pub(super) of_row: Vec<u32>,
    /// Of all batches so far.
    pub(super) apart: Apart,
}

impl Claims {
    /// A record begins that carries this claim number.
    pub(super) fn record(&mut self, claim: &[u8]) {
        if self.present != claim {
            self.present.clear();
            self.present.extend_from_slice(claim);
            self.run += 1;
        }
    }

    /// The record became a row.
    pub(super) fn row(&mut self) {
        if self.of_row.last() != Some(&self.run) {
            self.apart.see(&self.present);
        }
        self.of_row.push(self.run);
    }

    /// Begins a batch. A claim never lies in two.
    pub(super) fn clear(&mut self) {
        self.present.clear();
        self.run = 0;
        self.of_row.clear();
    }
}

/// Claims that are counted one by one; of more than these a share is drawn. So many fit in a core's cache.
const COUNTED: usize = 1 << 13;

/// Counts claims whose rows stand in several places of the file. Of very many claims only those are kept whose hash ends in
/// `level` zeros: a share of 2^-level, the same whoever reads which part of the file.
#[derive(Debug, Default)]
pub(super) struct Apart {
    level: u32,
    places: FxHashMap<u64, u32>,
}

impl Apart {
    fn see(&mut self, claim: &[u8]) {
        let mut hasher = FxHasher::default();
        hasher.write(claim);
        let hash = hasher.finish();
        if self.is_drawn(hash) {
            *self.places.entry(hash).or_insert(0) += 1;
            self.thin_out();
        }
    }

    fn is_drawn(&self, hash: u64) -> bool {
        hash.trailing_zeros() >= self.level
    }

    fn thin_out(&mut self) {
        while self.places.len() > COUNTED && self.level < u64::BITS {
            self.level += 1;
            let level = self.level;
            self.places.retain(|hash, _| hash.trailing_zeros() >= level);
        }
    }

    /// Adds the claims that another worker has seen.
    pub(super) fn merge(&mut self, other: &Self) {
        self.level = self.level.max(other.level);
        let level = self.level;
        self.places.retain(|hash, _| hash.trailing_zeros() >= level);
        for (hash, places) in other.places.iter().filter(|(hash, _)| hash.trailing_zeros() >= level) {
            *self.places.entry(*hash).or_insert(0) += places;
        }
        self.thin_out();
    }

    /// How many claims stand in several places, and whether that is counted (else estimated from a share).
    pub(super) fn count(&self) -> (u64, bool) {
        let several = self.places.values().filter(|places| **places > 1).count() as u64;
        (several << self.level.min(u64::BITS / 2), self.level == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_that_come_back_are_counted_whoever_reads_them() {
        let claims = |n: u32| format!("C{n}").into_bytes();
        let mut all = Apart::default();
        let mut parts = [Apart::default(), Apart::default(), Apart::default()];
        // 300,000 claims, of which every tenth comes back once: 30,000.
        for n in (0..300_000).chain((0..300_000).step_by(10)) {
            all.see(&claims(n));
            parts[(n / 7 % 3) as usize].see(&claims(n));
        }
        let [mut merged, second, third] = parts;
        merged.merge(&second);
        merged.merge(&third);
        assert_eq!(merged.count(), all.count());
        let (count, counted) = all.count();
        assert!(!counted && (27_000..33_000).contains(&count), "{count}");
        let mut few = Apart::default();
        [b"A", b"B", b"A", b"C", b"A"].into_iter().for_each(|claim| few.see(claim));
        assert_eq!(few.count(), (1, true));
    }
}
