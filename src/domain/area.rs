//! Where a service was given: state, ZIP code and Medicare payment locality.

use std::fmt;
use std::str::FromStr;

use super::Unreadable;

/// A two-letter state or territory, upper case (`OH`, `PR`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State([u8; 2]);

impl State {
    /// The state as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl FromStr for State {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const EXPECTED: Unreadable = Unreadable { expected: "a state of two letters, such as OH" };
        let bytes: [u8; 2] = text.trim().as_bytes().try_into().map_err(|_| EXPECTED)?;
        if bytes.iter().all(u8::is_ascii_alphabetic) {
            Ok(Self(bytes.map(|b| b.to_ascii_uppercase())))
        } else {
            Err(EXPECTED)
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A ZIP code of five digits, with the four more when they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zip {
    five: u32,
    plus4: Option<u16>,
}

impl Zip {
    /// The first five digits as a number (`02139` is 2139).
    #[must_use]
    pub const fn five(self) -> u32 {
        self.five
    }

    /// The four digits after the hyphen, when known.
    #[must_use]
    pub const fn plus4(self) -> Option<u16> {
        self.plus4
    }
}

impl FromStr for Zip {
    type Err = Unreadable;

    /// Reads `43215`, `2139` (a leading zero lost by a spreadsheet), `43215-1234`, `432151234`.
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const EXPECTED: Unreadable = Unreadable { expected: "a ZIP code, such as 43215 or 43215-1234" };
        let text = text.trim();
        let (five, plus4) = match text.split_once('-') {
            Some((five, plus4)) => (five, Some(plus4)),
            None if text.len() == 9 && text.is_ascii() => (&text[..5], Some(&text[5..])),
            None => (text, None),
        };
        let digits = |t: &str, min: usize, max: usize| {
            (t.len() >= min && t.len() <= max && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse::<u32>().ok())
        };
        let five = digits(five, 3, 5).flatten().ok_or(EXPECTED)?;
        let plus4 = match plus4 {
            Some(text) => Some(digits(text, 4, 4).flatten().and_then(|n| u16::try_from(n).ok()).ok_or(EXPECTED)?),
            None => None,
        };
        Ok(Self { five, plus4 })
    }
}

impl fmt::Display for Zip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05}", self.five)?;
        match self.plus4 {
            Some(plus4) => write!(f, "-{plus4:04}"),
            None => Ok(()),
        }
    }
}

/// A Medicare payment locality: contractor (MAC, five digits) and locality (two), written `15202-00`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locality {
    mac: [u8; 5],
    number: [u8; 2],
}

impl Locality {
    /// The Medicare administrative contractor, five digits.
    #[must_use]
    pub fn mac(&self) -> &str {
        std::str::from_utf8(&self.mac).unwrap_or("?????")
    }

    /// The locality number within the contractor, two digits.
    #[must_use]
    pub fn number(&self) -> &str {
        std::str::from_utf8(&self.number).unwrap_or("??")
    }
}

impl FromStr for Locality {
    type Err = Unreadable;

    /// Reads `15202-00` and the seven digits `1520200`.
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const EXPECTED: Unreadable =
            Unreadable { expected: "a Medicare locality as contractor and number, such as 15202-00" };
        let digits: Vec<u8> = text.trim().bytes().filter(|b| *b != b'-' && *b != b' ').collect();
        if digits.len() != 7 || !digits.iter().all(u8::is_ascii_digit) {
            return Err(EXPECTED);
        }
        let mac = digits[..5].try_into().map_err(|_| EXPECTED)?;
        let number = digits[5..].try_into().map_err(|_| EXPECTED)?;
        Ok(Self { mac, number })
    }
}

impl fmt::Display for Locality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}-{}", self.mac(), self.number()))
    }
}

impl fmt::Debug for Locality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is known of the place of a service, as far as prices need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// One Medicare locality (which belongs to one state).
    Locality(Locality, State),
    /// Only the state is known, and it has several localities: a mean over them, said so.
    State(State),
    /// Nothing usable is known.
    Nowhere,
}

impl Area {
    /// The state, when one is known.
    #[must_use]
    pub const fn state(self) -> Option<State> {
        match self {
            Self::Locality(_, state) | Self::State(state) => Some(state),
            Self::Nowhere => None,
        }
    }
}

/// `15202-00`, `OH` or nothing.
impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locality(locality, _) => locality.fmt(f),
            Self::State(state) => state.fmt(f),
            Self::Nowhere => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_that_lost_its_zero_in_a_spreadsheet_is_read() {
        assert_eq!("2139".parse::<Zip>().unwrap().to_string(), "02139");
        assert_eq!("43215-0042".parse::<Zip>().unwrap().to_string(), "43215-0042");
        assert_eq!("432150042".parse::<Zip>().unwrap().plus4(), Some(42));
        for wrong in ["", "12", "4321x", "43215-42", "123456"] {
            assert!(wrong.parse::<Zip>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_locality_is_contractor_and_number() {
        let ohio: Locality = "1520200".parse().unwrap();
        assert_eq!(ohio, "15202-00".parse().unwrap());
        assert_eq!((ohio.mac(), ohio.number()), ("15202", "00"));
        assert!("15202".parse::<Locality>().is_err());
    }
}
