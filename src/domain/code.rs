//! Procedure codes, modifiers and places of service, as they stand on a claim line.

use std::fmt;
use std::str::FromStr;

use super::Unreadable;

/// A CPT or HCPCS Level II code: five characters, upper case (`96372`, `J3420`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code([u8; 5]);

impl Code {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("?????")
    }

    /// The code that these five letters and digits spell.
    #[must_use]
    pub fn from_ascii(text: &[u8]) -> Option<Self> {
        let bytes: [u8; 5] = text.try_into().ok()?;
        let code = bytes.map(|b| b.to_ascii_uppercase());
        let (first, rest) = (code[0], &code[1..4]);
        let shaped =
            first.is_ascii_alphanumeric() && rest.iter().all(u8::is_ascii_digit) && code[4].is_ascii_alphanumeric();
        shaped.then_some(Self(code))
    }

    /// A drug or supply code of HCPCS Level II `J` (priced by ASP, not by the physician schedule).
    #[must_use]
    pub const fn is_drug(self) -> bool {
        self.0[0] == b'J'
    }

    /// An evaluation-and-management office visit, 99202–99215.
    #[must_use]
    pub fn is_office_visit(self) -> bool {
        matches!(self.as_str(), "99202" | "99203" | "99204" | "99205" | "99211" | "99212" | "99213" | "99214" | "99215")
    }
}

impl FromStr for Code {
    type Err = Unreadable;

    /// Reads a bare code: exactly five letters or digits, the first four after the first being digits for Level II codes.
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const EXPECTED: Unreadable =
            Unreadable { expected: "a procedure code of five characters, such as 96372 or J3420" };
        Self::from_ascii(text.trim().as_bytes()).ok_or(EXPECTED)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One two-character modifier (`25`, `59`, `XS`, `JZ`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Modifier([u8; 2]);

impl Modifier {
    /// The modifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl Modifier {
    /// The modifier that these two letters or digits spell.
    #[must_use]
    pub fn from_ascii(text: &[u8]) -> Option<Self> {
        let bytes: [u8; 2] = text.try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphanumeric).then(|| Self(bytes.map(|b| b.to_ascii_uppercase())))
    }
}

impl FromStr for Modifier {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const EXPECTED: Unreadable = Unreadable { expected: "a modifier of two characters, such as 25 or XS" };
        Self::from_ascii(text.trim().as_bytes()).ok_or(EXPECTED)
    }
}

impl fmt::Display for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Up to four modifiers in the order of the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Modifiers([Option<Modifier>; 4]);

impl Modifiers {
    /// No modifier.
    pub const NONE: Self = Self([None; 4]);

    /// The modifiers in order.
    pub fn iter(&self) -> impl Iterator<Item = Modifier> + '_ {
        self.0.iter().flatten().copied()
    }

    /// Whether no modifier stands on the line.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0[0].is_none()
    }

    /// Whether this modifier stands on the line.
    #[must_use]
    pub fn has(&self, modifier: &str) -> bool {
        self.iter().any(|m| m.as_str() == modifier)
    }

    /// Adds one at the end; `false` when four are there already.
    pub fn push(&mut self, modifier: Modifier) -> bool {
        match self.0.iter_mut().find(|slot| slot.is_none()) {
            Some(slot) => {
                *slot = Some(modifier);
                true
            }
            None => false,
        }
    }
}

impl FromStr for Modifiers {
    type Err = Unreadable;

    /// Reads `25,59`, `25 59` or `25:59`; an empty text is no modifier.
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut modifiers = Self::NONE;
        for part in text.split([',', ' ', ':', ';', '|', '/']).filter(|p| !p.is_empty()) {
            if !modifiers.push(part.parse()?) {
                return Err(Unreadable { expected: "at most four modifiers" });
            }
        }
        Ok(modifiers)
    }
}

/// `25,59`; empty when there is none.
impl fmt::Display for Modifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, modifier) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            f.write_str(modifier.as_str())?;
        }
        Ok(())
    }
}

/// A place of service, 01–99 (`11` office, `22` on-campus outpatient hospital).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pos(u8);

impl Pos {
    /// A place of service from its number, 1–99.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number >= 1 && number <= 99 { Some(Self(number)) } else { None }
    }

    /// The number, 1–99.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl FromStr for Pos {
    type Err = Unreadable;

    /// Reads `11`, `2`, `02`.
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const EXPECTED: Unreadable = Unreadable { expected: "a place of service of two digits, such as 11" };
        let text = text.trim();
        if text.len() > 2 {
            return Err(EXPECTED);
        }
        text.parse().ok().and_then(Self::new).ok_or(EXPECTED)
    }
}

/// Two digits, `02`.
impl fmt::Display for Pos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_codes_in_any_case_and_refuses_other_shapes() {
        assert_eq!("j3420".parse::<Code>().unwrap().as_str(), "J3420");
        assert_eq!("0232T".parse::<Code>().unwrap().as_str(), "0232T");
        for wrong in ["", "9637", "963722", "96A72", "9637 ", "TOTAL"] {
            assert!(wrong.parse::<Code>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn keeps_the_order_of_modifiers() {
        let modifiers: Modifiers = "59, 25:jz".parse().unwrap();
        assert_eq!(modifiers.to_string(), "59,25,JZ");
        assert!(modifiers.has("25") && !modifiers.has("26"));
        assert!("1,2".parse::<Modifiers>().is_err());
        assert!("AA BB CC DD EE".parse::<Modifiers>().is_err());
    }

    #[test]
    fn a_place_of_service_has_two_digits() {
        assert_eq!("2".parse::<Pos>().unwrap().to_string(), "02");
        assert!("0".parse::<Pos>().is_err() && "100".parse::<Pos>().is_err());
    }
}
