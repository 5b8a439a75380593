//! How much of a drug was used, as its national drug code counts it.

use std::fmt;
use std::str::FromStr;

use super::{Units, Unreadable};

/// What an NDC quantity counts (element 355 of X12, loop 2410 CTP05).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NdcUnit {
    /// `F2`.
    InternationalUnit,
    /// `GR`.
    Gram,
    /// `ME`.
    Milligram,
    /// `ML`.
    Millilitre,
    /// `UN`: a vial of powder, a kit, a device.
    Unit,
}

impl NdcUnit {
    /// The two letters of claims.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InternationalUnit => "F2",
            Self::Gram => "GR",
            Self::Milligram => "ME",
            Self::Millilitre => "ML",
            Self::Unit => "UN",
        }
    }
}

impl fmt::Display for NdcUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for NdcUnit {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let all = [Self::InternationalUnit, Self::Gram, Self::Milligram, Self::Millilitre, Self::Unit];
        let found = all.into_iter().find(|unit| unit.as_str().eq_ignore_ascii_case(text.trim()));
        found.ok_or(Unreadable { expected: "a unit of an NDC quantity: F2, GR, ME, ML or UN" })
    }
}

/// A quantity of a drug, in the unit of its NDC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NdcQuantity {
    /// How much, exact to thousandths; more than nothing.
    pub quantity: Units,
    /// Of what.
    pub unit: NdcUnit,
}

/// `0.5 ML`.
impl fmt::Display for NdcQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.quantity, self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_the_five_of_the_standard() {
        assert_eq!("ml".parse(), Ok(NdcUnit::Millilitre));
        assert_eq!(" UN ".parse(), Ok(NdcUnit::Unit));
        assert!("MG".parse::<NdcUnit>().is_err() && "".parse::<NdcUnit>().is_err());
        let half = NdcQuantity { quantity: Units::from_thousandths(500), unit: NdcUnit::Millilitre };
        assert_eq!(half.to_string(), "0.5 ML");
    }
}
