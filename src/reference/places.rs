//! Places of service: their names and the Medicare setting of each. A payer's own map is applied in `price`.

use crate::domain::Pos;
use crate::finding::Result;

use super::sheet::Sheet;

/// One place of service.
#[derive(Debug, Clone)]
struct PlaceOfService {
    name: String,
    facility: bool,
}

/// The CMS place-of-service codes.
#[derive(Debug, Clone)]
pub struct Places(Vec<Option<PlaceOfService>>);

impl Places {
    /// Reads the embedded table.
    ///
    /// # Errors
    /// When the table that was built in cannot be read: a fault of the build.
    pub fn load() -> Result<Self> {
        let sheet = Sheet::embedded("datasets/medicare/pos.csv")?;
        let mut places = vec![None; 100];
        for record in sheet.records() {
            let pos: Pos = record.value("pos")?;
            let facility = match record.text("setting")? {
                "F" => true,
                "NF" => false,
                _ => return Err(record.bad("setting", "F or NF")),
            };
            let name = record.text("name")?.to_owned();
            places[usize::from(pos.number())] = Some(PlaceOfService { name, facility });
        }
        Ok(Self(places))
    }

    /// Whether Medicare pays the facility rate there; `None` for numbers that are not assigned.
    #[must_use]
    pub fn is_facility(&self, pos: Pos) -> Option<bool> {
        self.0[usize::from(pos.number())].as_ref().map(|place| place.facility)
    }

    /// The name of the place; `None` for numbers that are not assigned.
    #[must_use]
    pub fn name(&self, pos: Pos) -> Option<&str> {
        self.0[usize::from(pos.number())].as_ref().map(|place| place.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offices_and_urgent_care_are_not_facilities_hospitals_and_nursing_homes_are() {
        let places = Places::load().unwrap();
        let facility = |pos: u8| places.is_facility(Pos::new(pos).unwrap());
        for pos in [11, 12, 20, 32, 10] {
            assert_eq!(facility(pos), Some(false), "{pos}");
        }
        for pos in [2, 19, 21, 22, 23, 24, 31] {
            assert_eq!(facility(pos), Some(true), "{pos}");
        }
        assert_eq!(facility(28), None);
        assert_eq!(places.name(Pos::new(11).unwrap()), Some("Office"));
    }
}
