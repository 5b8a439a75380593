//! Wrong rates that payers of the demo apply for a stretch of days, to every line that they concern: what the rate finder is
//! to find. Facts only.

use super::calendar::date;
use super::truth::Cause;
use crate::domain::{Date, Rate, ServiceLine};
use crate::price::Variant;

/// What is applied instead of the agreed rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applies {
    /// Medicare's schedule of this day.
    MedicareOf((i32, u32, u32)),
    /// The rate of this locality.
    Locality(&'static str),
    /// The rate of a facility.
    Facility,
    /// This percentage of Medicare.
    Percent(i64),
    /// The first so many escalations of the contract.
    Escalations(usize),
    /// The schedule before the last change, and on most lines only: decided by chance, line by line.
    OldScheduleMostly,
}

/// A wrong rate that a payer applies.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plant {
    pub(super) payer: &'static str,
    /// Codes from one to another.
    codes: (&'static str, &'static str),
    /// Only this place of service.
    pos: Option<u8>,
    /// Only this state.
    state: Option<&'static str>,
    pub(super) from: (i32, u32, u32),
    pub(super) to: (i32, u32, u32),
    pub(super) cause: Cause,
    pub(super) applies: Applies,
    /// Agreed, and applied instead.
    pub(super) what: &'static str,
}

/// All of them, by payer.
pub(super) const PLANTS: &[Plant] = &[
    Plant {
        payer: "COM1",
        codes: ("20610", "99499"),
        pos: None,
        state: None,
        from: (2025, 1, 1),
        to: (2025, 9, 30),
        cause: Cause::OtherYear,
        applies: Applies::MedicareOf((2025, 12, 31)),
        what: "135 % of Medicare of 2025 instead of 2023",
    },
    Plant {
        payer: "COM2",
        codes: ("20610", "99499"),
        pos: None,
        state: None,
        from: (2024, 7, 1),
        to: (2024, 10, 31),
        cause: Cause::OldSchedule,
        applies: Applies::OldScheduleMostly,
        what: "the schedule before July 2024, on most lines",
    },
    Plant {
        payer: "COM4",
        codes: ("96372", "99499"),
        pos: None,
        state: None,
        from: (2025, 7, 1),
        to: (2025, 12, 31),
        cause: Cause::MissedEscalator,
        applies: Applies::Escalations(1),
        what: "the amounts before the escalation of July 2025",
    },
    Plant {
        payer: "COM5",
        codes: ("96372", "96375"),
        pos: None,
        state: None,
        from: (2025, 3, 1),
        to: (2025, 8, 31),
        cause: Cause::OtherPercentage,
        applies: Applies::Percent(110),
        what: "110 % instead of 140 % of Medicare",
    },
    Plant {
        payer: "MA1",
        codes: ("20610", "99499"),
        pos: None,
        state: Some("NY"),
        from: (2024, 4, 1),
        to: (2025, 6, 30),
        cause: Cause::OtherLocality,
        applies: Applies::Locality("13282-99"),
        what: "Manhattan at the rates of the rest of New York (13282-99)",
    },
    Plant {
        payer: "MA3",
        codes: ("99202", "99215"),
        pos: Some(11),
        state: None,
        from: (2024, 1, 1),
        to: (2024, 12, 31),
        cause: Cause::FacilityRate,
        applies: Applies::Facility,
        what: "visits in the office at the facility rate",
    },
];

impl Plant {
    /// Whether it concerns a line.
    pub(super) fn covers(&self, line: &ServiceLine) -> bool {
        let day = |(year, month, day)| date(year, month, day);
        *line.payer == *self.payer
            && (self.codes.0..=self.codes.1).contains(&line.code.as_str())
            && (day(self.from)..=day(self.to)).contains(&line.service_date)
            && self.state.is_none_or(|state| line.state.is_some_and(|s| s.as_str() == state))
            && self.pos.is_none_or(|pos| line.pos.is_some_and(|p| p.number() == pos))
    }

    /// What is applied, for the price kernel; `None` where chance decides.
    pub(super) fn variant(&self) -> Option<Variant> {
        match self.applies {
            Applies::MedicareOf((year, month, day)) => Some(Variant::MedicareOf(date(year, month, day))),
            Applies::Locality(locality) => locality.parse().ok().map(Variant::Locality),
            Applies::Facility => Some(Variant::Setting(true)),
            Applies::Percent(percent) => Some(Variant::Percent(Rate::new(percent, 2))),
            Applies::Escalations(kept) => Some(Variant::Escalations(kept)),
            Applies::OldScheduleMostly => None,
        }
    }

    /// First and last day.
    pub(super) fn days(&self) -> (Date, Date) {
        let day = |(year, month, day)| date(year, month, day);
        (day(self.from), day(self.to))
    }
}

/// The one that decides the rate of a line, if any.
pub(super) fn of_line(line: &ServiceLine) -> Option<&'static Plant> {
    PLANTS.iter().find(|plant| plant.covers(line))
}
