//! Adjustments of a remittance: why the payer paid less than the charge.

use std::fmt;
use std::str::FromStr;

use super::{Money, Units, Unreadable};

/// Who bears an adjustment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Contractual obligation: the provider may not bill the patient.
    Co,
    /// Patient responsibility.
    Pr,
    /// Other adjustment: neither contract nor patient.
    Oa,
    /// Payer-initiated reduction.
    Pi,
    /// Correction or reversal of an earlier remittance.
    Cr,
}

impl Group {
    /// The two letters of the group.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Co => "CO",
            Self::Pr => "PR",
            Self::Oa => "OA",
            Self::Pi => "PI",
            Self::Cr => "CR",
        }
    }

    /// The group that these two letters name.
    #[must_use]
    pub const fn from_ascii(text: &[u8]) -> Option<Self> {
        let [first, second] = text.trim_ascii() else { return None };
        match [first.to_ascii_uppercase(), second.to_ascii_uppercase()] {
            [b'C', b'O'] => Some(Self::Co),
            [b'P', b'R'] => Some(Self::Pr),
            [b'O', b'A'] => Some(Self::Oa),
            [b'P', b'I'] => Some(Self::Pi),
            [b'C', b'R'] => Some(Self::Cr),
            _ => None,
        }
    }
}

impl FromStr for Group {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const EXPECTED: Unreadable = Unreadable { expected: "an adjustment group: CO, PR, OA, PI or CR" };
        Self::from_ascii(text.as_bytes()).ok_or(EXPECTED)
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A short upper-case code of letters and digits, held inline.
macro_rules! short_code {
    ($(#[$doc:meta])* $name:ident, $max:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $max]);

        impl $name {
            /// The code as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                let len = self.0.iter().position(|b| *b == 0).unwrap_or($max);
                std::str::from_utf8(&self.0[..len]).unwrap_or("?")
            }

            /// The code that these letters and digits spell.
            #[must_use]
            pub fn from_ascii(text: &[u8]) -> Option<Self> {
                let text = text.trim_ascii();
                if text.is_empty() || text.len() > $max || !text.iter().all(u8::is_ascii_alphanumeric) {
                    return None;
                }
                let mut code = [0; $max];
                for (slot, b) in code.iter_mut().zip(text) {
                    *slot = b.to_ascii_uppercase();
                }
                Some(Self(code))
            }
        }

        impl FromStr for $name {
            type Err = Unreadable;

            fn from_str(text: &str) -> Result<Self, Unreadable> {
                Self::from_ascii(text.as_bytes()).ok_or(Unreadable { expected: $expected })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

short_code!(
    /// A claim adjustment reason code (`45`, `16`, `B7`).
    Carc, 4, "a claim adjustment reason code, such as 45 or B7"
);
short_code!(
    /// A remittance advice remark code (`M119`, `N290`, `MA130`).
    Rarc, 6, "a remittance remark code, such as M119"
);

/// One adjustment of a remittance line. A positive amount lowers the payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// Who bears it.
    pub group: Group,
    /// Why.
    pub carc: Carc,
    /// Remarks that explain the reason; those of the whole line stand on each of its adjustments.
    pub rarcs: Vec<Rarc>,
    /// The amount taken off the charge.
    pub amount: Money,
    /// Units taken off, when said.
    pub quantity: Option<Units>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_short_and_upper_case() {
        assert_eq!("b7".parse::<Carc>().unwrap().as_str(), "B7");
        assert_eq!("ma130".parse::<Rarc>().unwrap().to_string(), "MA130");
        assert!("".parse::<Carc>().is_err() && "CO-45".parse::<Carc>().is_err());
    }
}
