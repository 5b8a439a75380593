//! The name of a rule that decides whether a line can be paid.

use std::fmt;
use std::str::FromStr;

use super::Unreadable;

/// The id of a payability rule: kebab-case, at most 31 characters (`ncci-office-visit`). The rules stand in
/// `datasets/payability/rules.csv` and in the tables that users add.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId {
    text: [u8; Self::LONGEST],
    length: u8,
}

impl RuleId {
    /// The most characters of an id.
    pub const LONGEST: usize = 31;

    /// An incident-to service (PC/TC 5) in a facility: decided with the price, since a schedule may list the place.
    pub const FACILITY: Self = Self::known("facility-incident-to");
    /// Not paid separately by the status of the schedule: decided with the price.
    pub const STATUS: Self = Self::known("status-not-paid");
    /// Excluded by the payer's contract: decided with the price.
    pub const CONTRACT: Self = Self::known("contract-excludes");

    /// An id that is known when the program is built.
    const fn known(id: &str) -> Self {
        let bytes = id.as_bytes();
        assert!(bytes.len() <= Self::LONGEST, "the id of a rule is too long");
        let (mut text, mut i) = ([0; Self::LONGEST], 0);
        while i < bytes.len() {
            text[i] = bytes[i];
            i += 1;
        }
        Self { text, length: bytes.len() as u8 }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..usize::from(self.length)]).unwrap_or("?")
    }
}

impl FromStr for RuleId {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > Self::LONGEST || !text.bytes().all(plain) {
            return Err(Unreadable { expected: "an id of at most 31 small letters, digits and hyphens" });
        }
        Ok(Self::known(text))
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_and_plain() {
        assert_eq!("ncci-99211".parse::<RuleId>().unwrap().as_str(), "ncci-99211");
        assert_eq!(RuleId::FACILITY.to_string(), "facility-incident-to");
        for wrong in ["", "With-Capitals", "a b", "é", &"x".repeat(32)] {
            assert!(wrong.parse::<RuleId>().is_err(), "{wrong}");
        }
        assert!("x".repeat(31).parse::<RuleId>().is_ok());
    }
}
