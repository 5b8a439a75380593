//! Sets of codes, modifiers and places as the tables of rules write them: `96372 99202-99205 @drugs`.

use rustc_hash::FxHashMap;

use crate::domain::{Code, Modifier, Modifiers, Pos};

/// A set of codes: single ones and ranges. An empty set holds nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeSet(Vec<(Code, Code)>);

/// Sets that have a name.
pub(super) type Named = FxHashMap<String, CodeSet>;

impl CodeSet {
    /// Reads codes, ranges and names of sets, with blanks between.
    ///
    /// # Errors
    /// The first word that is none of these.
    pub(super) fn read(text: &str, named: &Named) -> Result<Self, String> {
        let mut ranges = Vec::new();
        for word in text.split_whitespace() {
            if let Some(name) = word.strip_prefix('@') {
                let set = named.get(name).ok_or_else(|| format!("there is no set {word}"))?;
                ranges.extend(&set.0);
                continue;
            }
            let (from, to) = word.split_once('-').unwrap_or((word, word));
            let code = |text: &str| text.parse::<Code>().map_err(|_| format!("\"{word}\" is no code and no range"));
            let (from, to) = (code(from)?, code(to)?);
            if from > to {
                return Err(format!("the range {word} is empty"));
            }
            ranges.push((from, to));
        }
        Ok(Self(ranges))
    }

    /// A set of these codes.
    pub(super) fn of(codes: impl IntoIterator<Item = Code>) -> Self {
        Self(codes.into_iter().map(|code| (code, code)).collect())
    }

    /// Whether the set holds the code.
    #[must_use]
    pub fn contains(&self, code: Code) -> bool {
        self.0.iter().any(|(from, to)| *from <= code && code <= *to)
    }

    /// Whether the set holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where the code stands in the order in which the set is written.
    #[must_use]
    pub fn rank(&self, code: Code) -> Option<usize> {
        self.0.iter().position(|(from, to)| *from <= code && code <= *to)
    }
}

/// Modifiers of which one is enough.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnyOf(Vec<Modifier>);

impl AnyOf {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let one = |word: &str| word.parse().map_err(|_| format!("\"{word}\" is no modifier"));
        text.split_whitespace().map(one).collect::<Result<_, _>>().map(Self)
    }

    /// Whether one of them stands on the line.
    #[must_use]
    pub fn is_on(&self, modifiers: &Modifiers) -> bool {
        modifiers.iter().any(|m| self.0.contains(&m))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `25 or 57`.
    #[must_use]
    pub fn words(&self) -> String {
        self.0.iter().map(Modifier::as_str).collect::<Vec<_>>().join(" or ")
    }
}

/// Places of service, as bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PosSet(u128);

impl PosSet {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut bits = 0;
        for word in text.split_whitespace() {
            let pos: Pos = word.parse().map_err(|_| format!("\"{word}\" is no place of service"))?;
            bits |= 1u128 << pos.number();
        }
        Ok(Self(bits))
    }

    /// Whether it holds the place.
    #[must_use]
    pub const fn contains(self, pos: Pos) -> bool {
        self.0 >> pos.number() & 1 == 1
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_codes_ranges_and_names() {
        let mut named = Named::default();
        named.insert("visits".into(), CodeSet::read("99202-99205 G0463", &Named::default()).unwrap());
        let set = CodeSet::read("96372 @visits", &named).unwrap();
        let holds = |code: &str| set.contains(code.parse().unwrap());
        assert!(holds("96372") && holds("99202") && holds("99205") && holds("G0463"));
        assert!(!holds("99206") && !holds("96373"));
        assert_eq!(set.rank("G0463".parse().unwrap()), Some(2));
        for wrong in ["@drugs", "9637", "99205-99202"] {
            assert!(CodeSet::read(wrong, &named).is_err(), "{wrong}");
        }
        assert!(CodeSet::read("", &named).unwrap().is_empty());
    }

    #[test]
    fn places_are_bits() {
        let set = PosSet::read("02 10 99").unwrap();
        assert!(set.contains(Pos::new(2).unwrap()) && set.contains(Pos::new(99).unwrap()));
        assert!(!set.contains(Pos::new(11).unwrap()) && PosSet::read("100").is_err());
    }
}
