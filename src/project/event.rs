//! `[[event]]` of the project file: a dated event, drawn into charts, and, where it says so, its effect on volumes.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::section::Section;
use crate::domain::Date;
use crate::finding::Result;

/// What an event does to the number of services, from the month of its day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeEvent {
    /// Its day. It acts on whole months, from that of the day on.
    pub date: Date,
    /// Its label.
    pub label: String,
    /// The payer whose services it moves (its id); `None` for all.
    pub payer: Option<Arc<str>>,
    /// How many months it lasts; `None` for good (a level shift).
    pub months: Option<u32>,
    /// By how many percent: −20 for a fifth less. More than −100, at most 1,000. `None`: as the history shows.
    pub percent: Option<Decimal>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    LevelShift,
    Pulse,
}

/// The most months of a pulse.
const LONGEST: u32 = 60;

/// Reads one: its day and label, and its effect on volumes, if it has one. `payer` finds the id of a payer by any of its names.
pub(super) fn event(
    mut section: Section<'_, '_>,
    payer: impl Fn(&str) -> Option<Arc<str>>,
) -> Result<(Date, String, Option<VolumeEvent>)> {
    let date = section.required_date("date")?;
    let label = section.required("label")?;
    let effect = section.choice("effect", &[("level-shift", Effect::LevelShift), ("pulse", Effect::Pulse)])?;
    let months = section.whole("months", LONGEST)?;
    let text = section.text("volume")?;
    let named = section.text("payer")?;
    let Some(effect) = effect else {
        if months.is_some() || text.is_some() || named.is_some() {
            return Err(section
                .error("effect is missing: expected \"level-shift\" or \"pulse\" beside months, volume or payer"));
        }
        section.finish()?;
        return Ok((date, label, None));
    };
    let months = match (effect, months) {
        (Effect::LevelShift, None) => None,
        (Effect::LevelShift, Some(_)) => {
            return Err(section.error("months: a level shift stays; only a pulse has months"));
        }
        (Effect::Pulse, Some(0)) => return Err(section.error("months: found 0, expected how long the pulse lasts")),
        (Effect::Pulse, months) => Some(months.unwrap_or(1)),
    };
    let percent = match text {
        None => None,
        Some(text) => {
            let percent = Decimal::from_str_exact(text.trim().trim_end_matches('%').trim().trim_start_matches('+'));
            let sound = percent.ok().filter(|p| *p > Decimal::from(-100) && *p <= Decimal::from(1000));
            Some(sound.ok_or_else(|| {
                section.error(format!("volume: found \"{text}\", expected a change in percent, such as \"-20%\""))
            })?)
        }
    };
    let payer = match named {
        None => None,
        Some(name) => {
            Some(payer(&name).ok_or_else(|| section.error(format!("payer: \"{name}\" is none of the payers above")))?)
        }
    };
    section.finish()?;
    Ok((date, label.clone(), Some(VolumeEvent { date, label, payer, months, percent })))
}
