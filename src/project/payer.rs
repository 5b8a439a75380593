//! `[[payer]]` and `[[payer.terms]]` of the project file, validated.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::section::Section;
use super::{ScheduleSource, closest};
use crate::domain::{AssumedWindows, Date, LocalityRule, Payer, PayerKind, Period, Pos, Terms, UnlistedRule, YearRule};
use crate::finding::Result;

pub(super) const KINDS: &[(&str, PayerKind)] = &[
    ("medicare", PayerKind::Medicare),
    ("medicare-advantage", PayerKind::MedicareAdvantage),
    ("medicaid", PayerKind::Medicaid),
    ("medicaid-managed", PayerKind::MedicaidManaged),
    ("commercial", PayerKind::Commercial),
];

#[derive(Clone, Copy)]
enum BasisWord {
    Medicare,
    PercentOfMedicare,
    Schedule,
    PercentOfCharge,
    MedicaidBenchmark,
}

const BASES: &[(&str, BasisWord)] = &[
    ("medicare", BasisWord::Medicare),
    ("percent-of-medicare", BasisWord::PercentOfMedicare),
    ("schedule", BasisWord::Schedule),
    ("percent-of-charge", BasisWord::PercentOfCharge),
    ("medicaid-benchmark", BasisWord::MedicaidBenchmark),
];

/// Reads a payer; also says where it stands.
pub(super) fn payer(mut section: Section<'_, '_>, schedules: &[ScheduleSource]) -> Result<(Payer, usize)> {
    let offset = section.offset();
    let id: Arc<str> = section.required("id")?.into();
    section.rename(format!("payer \"{id}\""));
    let kind = section.choice("kind", KINDS)?.ok_or_else(|| section.error("lacks `kind`"))?;
    let mut terms = Vec::new();
    for mut section in section.sections("terms")? {
        section.rename(format!("terms of payer \"{id}\""));
        terms.push(period_and_terms(section, schedules)?);
    }
    let medicare = matches!(kind, PayerKind::Medicare);
    let medicare_rules = matches!(kind, PayerKind::Medicare | PayerKind::MedicareAdvantage);
    let appeal_days = days(&mut section, "appeal_days")?;
    let timely_filing_days = days(&mut section, "timely_filing_days")?;
    let payer = Payer {
        name: section.text("name")?.map_or_else(|| id.clone(), Into::into),
        aliases: section.texts("aliases")?.into_iter().map(|(alias, _)| alias.into()).collect(),
        lesser_of: section.flag("lesser_of")?.unwrap_or(true),
        participating: section.flag("participating")?.unwrap_or(true),
        npp_factor: section.decimal("npp_factor")?.or_else(|| medicare_rules.then(|| Decimal::new(85, 2))),
        sequestration: section.flag("sequestration")?.unwrap_or(medicare),
        pos_overrides: pos_overrides(&mut section)?,
        tolerance_cents: section.whole("tolerance_cents", 100_000)?.unwrap_or(0).into(),
        sends_drugs: section.flag("sends_drugs")?.unwrap_or(false),
        appeal_days: appeal_days.unwrap_or(120),
        timely_filing_days: timely_filing_days.unwrap_or(kind.usual_filing_days()),
        assumed: AssumedWindows { appeal: appeal_days.is_none(), filing: timely_filing_days.is_none() },
        terms: if terms.is_empty() { default_terms(kind) } else { terms },
        id,
        kind,
    };
    section.finish()?;
    Ok((payer, offset))
}

/// A payer of this kind of whom only the name is known, as the project file's defaults make it.
pub(super) fn unknown(id: Arc<str>, name: Arc<str>, kind: PayerKind) -> Payer {
    let medicare_rules = matches!(kind, PayerKind::Medicare | PayerKind::MedicareAdvantage);
    Payer {
        name,
        kind,
        npp_factor: medicare_rules.then(|| Decimal::new(85, 2)),
        sequestration: matches!(kind, PayerKind::Medicare),
        timely_filing_days: kind.usual_filing_days(),
        assumed: AssumedWindows { appeal: true, filing: true },
        terms: default_terms(kind),
        ..Payer::stranger(id)
    }
}

/// A window in days, up to ten years.
pub(super) fn days(section: &mut Section<'_, '_>, key: &'static str) -> Result<Option<u16>> {
    Ok(section.whole(key, 3650)?.and_then(|n| u16::try_from(n).ok()))
}

/// Without terms: Medicare by its own rules, Medicaid by observed or estimated rates; others are unknown, never guessed.
pub(super) fn default_terms(kind: PayerKind) -> Vec<(Period, Terms)> {
    let terms = match kind {
        PayerKind::Medicare => Terms::Medicare,
        PayerKind::Medicaid | PayerKind::MedicaidManaged => Terms::MedicaidBenchmark,
        PayerKind::MedicareAdvantage | PayerKind::Commercial => return Vec::new(),
    };
    Period::new(first_day(), end()).map(|always| (always, terms)).into_iter().collect()
}

fn first_day() -> Date {
    Date::from_ymd_opt(1990, 1, 1).unwrap_or(Date::MIN)
}

/// The day after the last day of open-ended terms.
pub(super) fn end() -> Date {
    Date::from_ymd_opt(2100, 1, 1).unwrap_or(Date::MAX)
}

fn period_and_terms(mut section: Section<'_, '_>, schedules: &[ScheduleSource]) -> Result<(Period, Terms)> {
    let from = section.date("from")?.unwrap_or_else(first_day);
    let until = section.date("to")?.and_then(|d| d.succ_opt()).unwrap_or_else(end);
    let period = Period::new(from, until).ok_or_else(|| section.error("`to` lies before `from`"))?;
    let basis = section.choice("basis", BASES)?.ok_or_else(|| section.error("lacks `basis`"))?;
    let terms = match basis {
        BasisWord::Medicare => Terms::Medicare,
        BasisWord::MedicaidBenchmark => Terms::MedicaidBenchmark,
        BasisWord::PercentOfCharge => Terms::PercentOfCharge { factor: percent(&mut section)? },
        BasisWord::PercentOfMedicare => Terms::PercentOfMedicare {
            factor: percent(&mut section)?,
            year: year(&mut section)?,
            locality: locality(&mut section)?,
        },
        BasisWord::Schedule => {
            let name = section.required("schedule")?;
            if !schedules.iter().any(|s| *s.name == *name) {
                let error = section.error(format!("schedule \"{name}\" is not one of the [[schedule]] tables"));
                return Err(match closest(&name, schedules.iter().map(|s| (&*s.name, ()))) {
                    Some((meant, ())) => error.help(format!("did you mean \"{meant}\"?")),
                    None => error.help(format!("add [[schedule]] with name = \"{name}\" and path = \"FILE.csv\"")),
                });
            }
            Terms::Schedule { schedule: name.into(), unlisted: unlisted(&mut section)? }
        }
    };
    section.finish()?;
    Ok((period, terms))
}

/// `percent = "135"` as the factor 1.35.
fn percent(section: &mut Section<'_, '_>) -> Result<Decimal> {
    let percent = section.decimal("percent")?.ok_or_else(|| section.error("lacks `percent`"))?;
    factor(percent).ok_or_else(|| section.error("`percent` must lie above 0"))
}

pub(super) fn factor(percent: Decimal) -> Option<Decimal> {
    (!percent.is_zero()).then(|| (percent / Decimal::ONE_HUNDRED).normalize())
}

/// `year = "current"` or `year = "2023"`.
pub(super) fn year(section: &mut Section<'_, '_>) -> Result<YearRule> {
    match section.text("year")?.as_deref() {
        None | Some("current") => Ok(YearRule::Current),
        Some(text) => match text.parse::<i32>() {
            Ok(year) if (2000..2100).contains(&year) => Ok(YearRule::Fixed(year)),
            _ => {
                Err(section.error(format!("year: found \"{text}\", expected \"current\" or a year, such as \"2023\"")))
            }
        },
    }
}

/// `locality = "own"` or `locality = "15202-00"`.
pub(super) fn locality(section: &mut Section<'_, '_>) -> Result<LocalityRule> {
    match section.text("locality")?.as_deref() {
        None | Some("own") => Ok(LocalityRule::Own),
        Some(text) => match text.parse() {
            Ok(locality) => Ok(LocalityRule::Fixed(locality)),
            Err(e) => Err(section.error(format!("locality: found \"{text}\", expected \"own\" or {}", e.expected))),
        },
    }
}

/// `unlisted = "unknown"`, `"percent-of-charge:40"` or `"percent-of-medicare:110"`.
fn unlisted(section: &mut Section<'_, '_>) -> Result<UnlistedRule> {
    const EXPECTED: &str = "\"unknown\", \"percent-of-charge:40\" or \"percent-of-medicare:110\"";
    let Some(text) = section.text("unlisted")? else { return Ok(UnlistedRule::Unknown) };
    let (word, number) = text.split_once(':').unwrap_or((&text, ""));
    let factor = Decimal::from_str_exact(number.trim()).ok().filter(|n| !n.is_sign_negative()).and_then(factor);
    match (word.trim(), factor) {
        ("unknown", None) if number.is_empty() => Ok(UnlistedRule::Unknown),
        ("percent-of-charge", Some(factor)) => Ok(UnlistedRule::PercentOfCharge(factor)),
        ("percent-of-medicare", Some(factor)) => Ok(UnlistedRule::PercentOfMedicare(factor)),
        _ => Err(section.error(format!("unlisted: found \"{text}\", expected {EXPECTED}"))),
    }
}

/// `pos.facility = ["32"]`, `pos.office = ["19"]`.
pub(super) fn pos_overrides(section: &mut Section<'_, '_>) -> Result<Vec<(Pos, bool)>> {
    let Some(mut pos) = section.section("pos")? else { return Ok(Vec::new()) };
    let mut overrides: Vec<(Pos, bool)> = Vec::new();
    for (key, facility) in [("facility", true), ("office", false)] {
        for (text, _) in pos.texts(key)? {
            let place = text.parse().map_err(|e| pos.error(format!("{key}: found \"{text}\", {e}")))?;
            if overrides.iter().any(|(other, _)| *other == place) {
                return Err(pos.error(format!("place of service {place} is listed twice")));
            }
            overrides.push((place, facility));
        }
    }
    pos.finish()?;
    Ok(overrides)
}
