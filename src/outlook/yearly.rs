//! Yearly volumes: breaks that stand out of them, and how little so few points say of the years to come.

#![expect(clippy::float_arithmetic, reason = "estimates")]

use std::fmt;

use chrono::Datelike;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::chance::float;
use super::year_file::Years;
use crate::domain::{Money, Volume};
use crate::forecast::events::{Band, FEW_CHANGES, Scale, Scatter, band_at_least, shifts};

/// A sudden change that stayed.
#[derive(Debug, Clone, PartialEq)]
pub struct Break {
    /// The first year on the new level.
    pub year: i32,
    /// `units` or `paid per unit`.
    pub what: &'static str,
    /// The new level over the old one, beyond the usual change: 0.8 is a fifth less.
    pub factor: f64,
}

/// Yearly volumes and what they support.
#[derive(Debug, Clone, PartialEq)]
pub struct Yearly {
    /// By year: units, and what was paid (`None` where the files do not tell it).
    pub years: Vec<(i32, Decimal, Option<Money>)>,
    /// Breaks, by year.
    pub breaks: Vec<Break>,
    /// Units of the years to come; none where the points support nothing.
    pub bands: Vec<(i32, Band)>,
    /// What must be said.
    pub notes: Vec<String>,
}

/// Why years support nothing at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoYears {
    /// Three in a row are needed; so many there are.
    TooFew(usize),
    /// These years between the first and the last are missing.
    Gap(Vec<i32>),
}

impl fmt::Display for NoYears {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew(0) => write!(f, "no volume counts a whole year, and three years in a row are needed"),
            Self::TooFew(1) => write!(f, "one year alone: three in a row are needed"),
            Self::TooFew(n) => write!(f, "{n} years alone: three in a row are needed"),
            Self::Gap(years) => {
                let named: Vec<String> = years.iter().take(NAMED).map(i32::to_string).collect();
                let more = years.len().saturating_sub(NAMED);
                let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
                let (is, word) = if years.len() == 1 { ("is", "year") } else { ("are", "years") };
                write!(f, "the {word} {}{rest} {is} missing between the first and the last", named.join(", "))
            }
        }
    }
}

/// So many years are named in a sentence.
const NAMED: usize = 5;

/// A shift that chance makes more often than once in twenty series is none.
const RARE: f64 = 0.05;

/// How much Medicare's volumes of 96372 scatter from year to year in the whole nation: what few years of one's own are held to.
///
/// By hand from the services of 2014 to 2023 (`datasets/medicare/volumes_96372_national.csv`, sums of the CMS files "Medicare
/// Physician & Other Practitioners, by Provider and Service"): the logarithms of the nine changes are 0.0092, 0.0293, 0.0177,
/// −0.0208, 0.0054, −0.2416, 0.0224, −0.0481 and −0.0589, their mean is −0.0317; the squared distances from it, 0.00167, 0.00373,
/// 0.00244, 0.00012, 0.00138, 0.04405, 0.00293, 0.00027 and 0.00074, sum to 0.05733, over eight degrees of freedom 0.00717, whose
/// root is 0.0846. The break of 2020 (−0.2416) is included: that a short history shows no break does not say that none comes.
/// Without it the figure would be 0.0333. It is a floor and no estimate: a practice scatters more than a nation.
const PUBLISHED: Scatter = Scatter { spread: 0.0846, changes: 9 };

/// Ends of ranges beyond so many times the largest year say nothing any more.
const FARTHEST: f64 = 1000.0;

/// Sums volumes that each count a whole calendar year.
///
/// # Errors
/// Without three years in a row.
pub fn yearly(volumes: &[Volume], horizon: u32, level: f64) -> std::result::Result<Yearly, NoYears> {
    let mut sums = Years::new();
    let mut rows = 0usize;
    for volume in volumes {
        let (from, last) = (volume.period.from(), volume.period.last());
        if from.year() != last.year() || from.ordinal() != 1 || (last.month(), last.day()) != (12, 31) {
            continue;
        }
        rows += 1;
        let sum = sums.entry(from.year()).or_insert((Decimal::ZERO, Some(Money::ZERO)));
        sum.0 += volume.units.decimal();
        sum.1 = sum.1.zip(volume.paid.or(volume.allowed)).map(|(a, b)| a + b);
    }
    let years = sums.len();
    let mut found = of_years(sums, horizon, level)?;
    if rows > years {
        found.notes.push(format!("{rows} rows of volumes are added up to {years} years"));
    }
    Ok(found)
}

/// The same of sums by year.
///
/// # Errors
/// As [`yearly`].
pub fn of_years(sums: Years, horizon: u32, level: f64) -> std::result::Result<Yearly, NoYears> {
    let years: Vec<(i32, Decimal, Option<Money>)> =
        sums.into_iter().map(|(y, (units, paid))| (y, units.normalize(), paid)).collect();
    let missing: Vec<i32> = years.windows(2).flat_map(|w| w[0].0 + 1..w[1].0).collect();
    if !missing.is_empty() {
        return Err(NoYears::Gap(missing));
    }
    if years.len() < 3 {
        return Err(NoYears::TooFew(years.len()));
    }
    let units: Vec<f64> = years.iter().map(|y| y.1.to_f64().unwrap_or(0.0)).collect();
    let per_unit: Option<Vec<f64>> =
        years.iter().zip(&units).map(|(y, u)| y.2.filter(|_| *u > 0.0).map(|paid| float(paid) / u)).collect();
    let first = years[0].0;
    let year = |at: usize| first.saturating_add(i32::try_from(at).unwrap_or(i32::MAX));
    let (mut breaks, mut broken) = (Vec::new(), Vec::new());
    for (what, values) in [("units", Some(&units)), ("paid per unit", per_unit.as_ref())] {
        let Some(values) = values else { continue };
        let found = shifts(values, Scale::Log, RARE);
        if what == "units" {
            broken.extend(found.iter().map(|s| s.at));
        }
        breaks.extend(found.into_iter().map(|s| Break { year: year(s.at), what, factor: s.size.exp() }));
    }
    breaks.sort_by(|a, b| (a.year, a.what).cmp(&(b.year, b.what)));
    broken.sort_unstable();
    let (mut bands, mut notes) = (Vec::new(), Vec::new());
    let most = FARTHEST * units.iter().copied().fold(0.0, f64::max);
    for step in 1..=horizon {
        let ahead = year(units.len() - 1).saturating_add(i32::try_from(step).unwrap_or(i32::MAX));
        match band_at_least(&units, Scale::Log, step, level, PUBLISHED) {
            // What is no number is beyond everything, too.
            Ok(one) if one.high.is_nan() || one.high > most => {
                notes.push(format!(
                    "no forecast of {ahead} and later: its range would reach beyond {FARTHEST} times the largest year, which says nothing"
                ));
                break;
            }
            Ok(one) => {
                if step == 1 {
                    notes.push(one.to_string());
                    notes.extend(held(&one));
                }
                bands.push((ahead, one));
            }
            Err(_) => {
                notes.push(nothing(&years));
                break;
            }
        }
    }
    if !bands.is_empty() {
        notes.extend(without_breaks(&units, &broken, first));
    }
    Ok(Yearly { years, breaks, bands, notes })
}

/// Where few changes are held to what is published.
fn held(band: &Band) -> Option<String> {
    let few = band.values <= FEW_CHANGES;
    let why = match (band.borrowed, few) {
        (false, false) => return None,
        (_, true) => format!("fewer than {FEW_CHANGES} changes do not show how much years scatter"),
        (true, false) => "the changes do not scatter at all, which no volumes do".to_owned(),
    };
    let done =
        if band.borrowed { "so the range is the one that follows from" } else { "so the range would be held to" };
    let but = if band.borrowed { "" } else { ", but the own changes scatter more" };
    Some(format!(
        "{why}, {done} Medicare's published volumes of 96372, 2014 to 2023: {:.1} % a year, the break of 2020 included{but}; a practice \
         scatters more than the nation",
        100.0 * PUBLISHED.spread
    ))
}

/// Why there is no band: changes are factors, and nothing is a factor of zero.
fn nothing(years: &[(i32, Decimal, Option<Money>)]) -> String {
    let zeros: Vec<String> = years.iter().filter(|y| y.1.is_zero()).map(|y| y.0.to_string()).collect();
    let named = zeros.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let rest = if zeros.len() > NAMED { " and others" } else { "" };
    format!(
        "no forecast: the units of {named}{rest} are 0, and changes are taken as factors; give the true count, or begin the table \
         after the last year without any"
    )
}

/// The drift that the changes other than breaks have: a break is no trend.
fn without_breaks(units: &[f64], broken: &[usize], first: i32) -> Option<String> {
    let changes: Vec<f64> = units.windows(2).map(|w| (w[1] / w[0]).ln()).collect();
    let usual: Vec<f64> =
        changes.iter().enumerate().filter(|(i, _)| !broken.contains(&(i + 1))).map(|(_, c)| *c).collect();
    if broken.is_empty() || usual.is_empty() {
        return None;
    }
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    let (all, rest) = (mean(&changes), mean(&usual));
    let percent = |log: f64| format!("{:+.1} %", 100.0 * (log.exp() - 1.0)).replace('-', "−");
    let named: Vec<String> = broken
        .iter()
        .map(|at| {
            format!("{} ({})", i64::from(first) + i64::try_from(*at).unwrap_or(i64::MAX), percent(changes[at - 1]))
        })
        .collect();
    let word = if named.len() == 1 { "change" } else { "changes" };
    let next = units.last()? * rest.exp();
    // As whole dollars are written, with separators.
    let next = Money::from_cents((100.0 * next).to_i64()?).pretty_dollars().replace('$', "");
    Some(format!(
        "the mean change carried on is {} a year; without the {word} of {} it would be {}, and the next year {next} units: a break \
         is no trend",
        percent(all),
        named.join(", "),
        percent(rest)
    ))
}

#[cfg(test)]
mod tests {
    use super::super::year_file::{YearTable, read_years};
    use super::*;
    use crate::finding::Result;

    fn read(text: &str) -> Result<Option<YearTable>> {
        read_years(text.as_bytes(), "y.csv")
    }

    fn years(text: &str, level: f64) -> Yearly {
        of_years(read(text).unwrap().unwrap().years, 5, level).unwrap()
    }

    /// Services of 96372 in Medicare by year, 2014 to 2023.
    const SERVICES: [u32; 10] =
        [8_009_834, 8_083_510, 8_324_224, 8_473_003, 8_298_349, 8_343_627, 6_552_961, 6_701_322, 6_386_619, 6_021_379];

    fn services(last: usize) -> String {
        let rows = SERVICES.iter().zip(2014..).skip(10 - last).map(|(n, year)| format!("{year},{n}\n"));
        format!("year,services\n{}", rows.collect::<String>())
    }

    #[test]
    fn what_is_missing_or_zero_is_named() {
        let of = |text: &str| of_years(read(text).unwrap().unwrap().years, 5, 0.8);
        let gap = of("year,services\n2014,5\n2015,6\n2017,7\n2018,7\n").unwrap_err();
        assert_eq!(
            (gap.clone(), gap.to_string().contains("the year 2016 is missing")),
            (NoYears::Gap(vec![2016]), true)
        );
        assert_eq!(of("year,services\n2014,5\n2015,6\n"), Err(NoYears::TooFew(2)));
        assert!(
            of("year,services\n1900,5\n2200,6\n").unwrap_err().to_string().contains("1905 and 294 more are missing")
        );
        let zero = of("year,services\n2020,5\n2021,0\n2022,7\n2023,9\n").unwrap();
        assert!(zero.bands.is_empty() && zero.notes[0].contains("the units of 2021 are 0"), "{:?}", zero.notes);
    }

    #[test]
    fn fewer_points_never_give_a_narrower_range() {
        let width = |found: &Yearly| (found.bands[0].1.high / found.bands[0].1.low).ln();
        for level in [0.5, 0.8, 0.95] {
            let ten = width(&years(&services(10), level));
            for last in 3..10 {
                assert!(width(&years(&services(last), level)) > ten, "{last} at {level}");
            }
        }
        // The last three years at 80 %: 6,021,379 carried on by half of ln(6,021,379/6,701,322) is 5,707,734; Student's 1.3968 with
        // eight degrees of freedom times 0.0846 times √(1 + ½) is 0.1447: a factor of 1.1557 either way.
        let three = years(&services(3), 0.8);
        let (_, band) = three.bands[0];
        assert!((band.low / 5_707_734.0 * 1.1557 - 1.0).abs() < 1e-3, "{band:?}");
        assert!((band.high / 5_707_734.0 / 1.1557 - 1.0).abs() < 1e-3, "{band:?}");
        assert!(three.notes[1].contains("8.5 % a year, the break of 2020 included"), "{:?}", three.notes);
        // Four alike are not certain to stay.
        let same = years("year,services\n2020,5\n2021,5\n2022,5\n2023,5\n", 0.8);
        assert!(same.bands[0].1.low < 4.6 && same.bands[0].1.high > 5.4, "{:?}", same.bands);
    }

    #[test]
    fn the_floor_is_the_published_scatter() {
        let logs: Vec<f64> = SERVICES.windows(2).map(|w| (f64::from(w[1]) / f64::from(w[0])).ln()).collect();
        let mean = logs.iter().sum::<f64>() / 9.0;
        let spread = (logs.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / 8.0).sqrt();
        assert!((spread - PUBLISHED.spread).abs() < 1e-4 && logs.len() == PUBLISHED.changes, "{spread}");
        let file = std::fs::read("datasets/medicare/volumes_96372_national.csv").unwrap();
        let published = read_years(&file, "v.csv").unwrap().unwrap().years;
        assert!(published.values().map(|y| y.0).eq(SERVICES.map(Decimal::from)));
    }

    #[test]
    fn the_drift_is_told_without_the_break() {
        // All nine changes: ln(6,021,379/8,009,834)/9 = −0.0317, −3.1 %. Without that of 2020, ln(6,552,961/8,343,627) = −0.2416 or
        // −21.5 %: (−0.2854 + 0.2416)/8 = −0.0055, −0.5 %, so 6,021,379 · e^−0.00547 = 5,988,522 in 2024.
        let notes = years(&services(10), 0.8).notes;
        let said = notes.iter().find(|n| n.contains("a break is no trend")).unwrap();
        assert!(said.contains("−3.1 % a year") && said.contains("2020 (−21.5 %)") && said.contains("−0.5 %"), "{said}");
        assert!(said.contains("5,988,522"), "{said}");
        // Without a break nothing is said of one.
        assert!(!years(&services(3), 0.8).notes.iter().any(|n| n.contains("a break")));
    }
}
