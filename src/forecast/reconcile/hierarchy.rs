//! Leaves and the groups they add up to.

use std::collections::BTreeMap;
use std::fmt;

/// Why keys make no hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAHierarchy {
    /// There is no leaf.
    Empty,
    /// This leaf (from 0) has another number of parts than the first.
    Parts(usize),
    /// This leaf (from 0) has the key of an earlier one.
    Repeated(usize),
    /// A level groups by a part that no key has.
    NoPart(usize),
}

impl fmt::Display for NotAHierarchy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "there are no series to add up"),
            Self::Parts(leaf) => write!(f, "the key of series {} has another number of parts than the first", leaf + 1),
            Self::Repeated(leaf) => write!(f, "series {} has the key of an earlier one", leaf + 1),
            Self::NoPart(part) => write!(f, "no key has a part {} to group by", part + 1),
        }
    }
}

impl std::error::Error for NotAHierarchy {}

/// A leaf or a group of leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The parts of the key that its leaves have in common by its level, in the order of the level; none for the total.
    pub key: Vec<String>,
    /// Its leaves, from 0.
    pub leaves: Vec<usize>,
}

/// Groups above leaves: level by level as they were asked for, each sorted by key, then the leaves in their own order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    nodes: Vec<Node>,
    leaves: usize,
}

impl Hierarchy {
    /// From the keys of the leaves, such as (payer, state, place), and the parts by which each level groups them: `[]`
    /// for the total, `[0]` for payers, `[0, 1]` for payers by state.
    ///
    /// # Errors
    /// See [`NotAHierarchy`].
    pub fn new(keys: &[Vec<String>], levels: &[&[usize]]) -> Result<Self, NotAHierarchy> {
        let Some(first) = keys.first() else { return Err(NotAHierarchy::Empty) };
        if let Some(part) = levels.iter().flat_map(|l| l.iter()).find(|part| **part >= first.len()) {
            return Err(NotAHierarchy::NoPart(*part));
        }
        let mut seen = BTreeMap::new();
        for (leaf, key) in keys.iter().enumerate() {
            if key.len() != first.len() {
                return Err(NotAHierarchy::Parts(leaf));
            }
            if seen.insert(key, leaf).is_some() {
                return Err(NotAHierarchy::Repeated(leaf));
            }
        }
        let mut nodes = Vec::new();
        for level in levels {
            let mut groups: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
            for (leaf, key) in keys.iter().enumerate() {
                groups.entry(level.iter().map(|part| key[*part].clone()).collect()).or_default().push(leaf);
            }
            nodes.extend(groups.into_iter().map(|(key, leaves)| Node { key, leaves }));
        }
        nodes.extend(keys.iter().enumerate().map(|(leaf, key)| Node { key: key.clone(), leaves: vec![leaf] }));
        Ok(Self { nodes, leaves: keys.len() })
    }

    /// All nodes; the leaves come last.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn leaves(&self) -> usize {
        self.leaves
    }

    /// The summing matrix: a row for each node with 1 for its leaves and 0 for the others.
    #[must_use]
    pub fn summing_matrix(&self) -> Vec<Vec<f64>> {
        let row = |node: &Node| {
            let mut row = vec![0.0; self.leaves];
            node.leaves.iter().for_each(|leaf| row[*leaf] = 1.0);
            row
        };
        self.nodes.iter().map(row).collect()
    }

    /// The values of all nodes from those of the leaves.
    pub(super) fn sum_up(&self, leaves: &[f64]) -> Vec<f64> {
        self.nodes.iter().map(|node| node.leaves.iter().map(|leaf| leaves[*leaf]).sum()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&[&str]]) -> Vec<Vec<String>> {
        keys.iter().map(|key| key.iter().map(|part| (*part).to_owned()).collect()).collect()
    }

    #[test]
    fn payers_and_states_cross() {
        let keys = keys(&[&["B", "OH"], &["A", "OH"], &["A", "IN"]]);
        let crossed = Hierarchy::new(&keys, &[&[], &[0], &[1]]).unwrap();
        let nodes: Vec<(String, &[usize])> = crossed.nodes().iter().map(|n| (n.key.join("/"), &n.leaves[..])).collect();
        let expected: [(&str, &[usize]); 8] = [
            ("", &[0, 1, 2]),
            ("A", &[1, 2]),
            ("B", &[0]),
            ("IN", &[2]),
            ("OH", &[0, 1]),
            ("B/OH", &[0]),
            ("A/OH", &[1]),
            ("A/IN", &[2]),
        ];
        assert_eq!(nodes, expected.map(|(key, leaves)| (key.to_owned(), leaves)));
        assert_eq!(crossed.summing_matrix()[4], [1.0, 1.0, 0.0]);
        assert_eq!(crossed.sum_up(&[1.0, 2.0, 4.0]), [7.0, 6.0, 1.0, 4.0, 3.0, 1.0, 2.0, 4.0]);
    }

    #[test]
    fn keys_that_do_not_fit() {
        assert_eq!(Hierarchy::new(&[], &[&[]]), Err(NotAHierarchy::Empty));
        assert_eq!(Hierarchy::new(&keys(&[&["A"], &["B", "OH"]]), &[]), Err(NotAHierarchy::Parts(1)));
        assert_eq!(Hierarchy::new(&keys(&[&["A"], &["B"], &["A"]]), &[]), Err(NotAHierarchy::Repeated(2)));
        assert_eq!(Hierarchy::new(&keys(&[&["A"]]), &[&[0, 1]]), Err(NotAHierarchy::NoPart(1)));
    }
}
