//! What the tables say of a statement: a verdict, the figure found, what is right instead, and where it was read.

use std::fmt;

use serde::{Serialize, Serializer};

/// Whether a statement holds. The order is that of reading: what is wrong first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The figures say otherwise.
    Disagrees,
    /// It holds for a part of what it speaks of.
    AgreesInPart,
    /// No figures can be had for it.
    NotComparable,
    /// The figures say the same.
    Agrees,
}

impl Verdict {
    /// All verdicts in the order of reading.
    pub const ALL: [Self; 4] = [Self::Disagrees, Self::AgreesInPart, Self::NotComparable, Self::Agrees];

    /// The words for readers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disagrees => "disagrees",
            Self::AgreesInPart => "agrees in part",
            Self::NotComparable => "cannot be compared",
            Self::Agrees => "agrees",
        }
    }

    /// The verdict over parts that each hold, do not hold, or hold in part; `NotComparable` of no part.
    pub(super) fn over(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts: Vec<Self> = parts.into_iter().filter(|part| *part != Self::NotComparable).collect();
        match parts.split_first() {
            None => Self::NotComparable,
            Some((first, rest)) if rest.iter().all(|part| part == first) => *first,
            Some(_) => Self::AgreesInPart,
        }
    }

    /// The verdict on a statement of which `some` things should hold and `others` do not.
    pub(super) const fn of_counts(holding: usize, failing: usize) -> Self {
        match (holding, failing) {
            (0, 0) => Self::NotComparable,
            (_, 0) => Self::Agrees,
            (0, _) => Self::Disagrees,
            (_, _) => Self::AgreesInPart,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What a verdict or a figure rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ground {
    /// Published by a government.
    Published,
    /// Observed payments.
    Observed,
    /// The project's own contracts and schedules.
    Contract,
    /// A model.
    Estimated,
    /// Invented terms of a demonstration.
    Synthetic,
    /// A named rule or convention; no table says it.
    Convention,
    /// Nothing.
    Nothing,
}

impl Ground {
    /// The word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Observed => "observed",
            Self::Contract => "contract",
            Self::Estimated => "estimated",
            Self::Synthetic => "synthetic",
            Self::Convention => "convention",
            Self::Nothing => "none",
        }
    }
}

impl Serialize for Ground {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What the tables say of one statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Whether it holds.
    pub verdict: Verdict,
    /// The figures found, with their year or release.
    pub found: String,
    /// What is right instead; empty where nothing has to be put right.
    pub right: String,
    /// What the verdict rests on.
    pub ground: Ground,
    /// Where the figures were read (`datasets/medicare/rvu.csv:779`).
    pub sources: Vec<String>,
}

impl Answer {
    /// An answer from published tables, nothing to put right.
    pub(super) fn published(verdict: Verdict, found: impl Into<String>) -> Self {
        Self { verdict, found: found.into(), right: String::new(), ground: Ground::Published, sources: Vec::new() }
    }

    /// The answer that nothing can be compared, and why.
    pub(super) fn nothing(found: impl Into<String>) -> Self {
        Self { ground: Ground::Nothing, ..Self::published(Verdict::NotComparable, found) }
    }

    /// The same answer on another ground.
    pub(super) fn on(mut self, ground: Ground) -> Self {
        self.ground = ground;
        self
    }

    /// The same answer with what is right, unless the statement agrees.
    pub(super) fn right(mut self, right: impl Into<String>) -> Self {
        if self.verdict != Verdict::Agrees {
            self.right = right.into();
        }
        self
    }

    /// The same answer with its sources, each once, in this order.
    pub(super) fn cited<T: fmt::Display>(mut self, rows: impl IntoIterator<Item = T>) -> Self {
        for row in rows {
            let row = row.to_string();
            if !self.sources.contains(&row) {
                self.sources.push(row);
            }
        }
        self
    }

    /// The same answer; when no row stands behind it, the table in which one was looked for.
    pub(super) fn or_no_row_of(mut self, file: &str) -> Self {
        if self.sources.is_empty() {
            self.sources.push(format!("{file} (no row)"));
        }
        self
    }
}

/// How many answers have each verdict, in the order of [`Verdict::ALL`].
#[must_use]
pub fn tally<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> [(Verdict, usize); 4] {
    let mut counts = Verdict::ALL.map(|verdict| (verdict, 0));
    for answer in answers {
        if let Some((_, count)) = counts.iter_mut().find(|(verdict, _)| *verdict == answer.verdict) {
            *count += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_differ_agree_in_part() {
        use Verdict::{Agrees, AgreesInPart, Disagrees, NotComparable};
        assert_eq!(Verdict::over([Agrees, Disagrees]), AgreesInPart);
        assert_eq!(Verdict::over([Agrees, NotComparable, Agrees]), Agrees);
        assert_eq!(Verdict::over([Disagrees, Disagrees]), Disagrees);
        assert_eq!(Verdict::over([NotComparable]), NotComparable);
        let counts = [(0, 0), (2, 0), (0, 1), (2, 1)].map(|(yes, no)| Verdict::of_counts(yes, no));
        assert_eq!(counts, [NotComparable, Agrees, Disagrees, AgreesInPart]);
    }
}
