//! Yearly volumes: breaks that stand out of them, and how little so few points say of the years to come.

#![expect(clippy::float_arithmetic, reason = "estimates")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::Datelike;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::chance::float;
use super::sheet::{Commas, Row, Sheet};
use crate::domain::{Money, Volume};
use crate::finding::{Error, Place, Result};
use crate::forecast::events::{Band, FEW_CHANGES, Scale, Scatter, band_at_least, shifts};

/// Units and payments by year; payments are `None` where they are not told of every row.
pub type Years = BTreeMap<i32, (Decimal, Option<Money>)>;

/// A table of years, as read.
#[derive(Debug, Clone, PartialEq)]
pub struct YearTable {
    /// Its sums by year.
    pub years: Years,
    /// What was guessed or added.
    pub notes: Vec<String>,
}

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

/// What columns of years, units and payments are called in tables of volumes: the Medicare utilisation files of the CMS, extracts of
/// them, and our own.
const YEAR: [&str; 3] = ["year", "period", "calendar_year"];
const UNITS: [&str; 7] = ["services", "units", "tot_srvcs", "total_services", "lines", "volume", "count"];
const PAID: [&str; 5] = ["paid", "payments", "medicare_payments", "total_payments", "payment"];

/// Columns that tell the rows of a year apart even where they hold numbers.
const PARTS: [&str; 20] = [
    "state",
    "payer",
    "payer_id",
    "pos",
    "place",
    "place_of_service",
    "place_of_srvc",
    "code",
    "cpt",
    "hcpcs",
    "hcpcs_cd",
    "modifiers",
    "modifier",
    "locality",
    "provider",
    "npi",
    "rndrng_npi",
    "rndrng_prvdr_geo_cd",
    "site",
    "clinic",
];

/// Columns of words that tell no rows apart, by parts of their names.
const REMARKS: [&str; 6] = ["source", "note", "comment", "remark", "date", "updated"];

/// Cells of rows that sum others.
const TOTALS: [&str; 6] = ["total", "totals", "all", "national", "nation", "united states"];

/// No practice, payer or nation counts more services in a year, and no year is paid more dollars.
const LARGEST: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0);

/// Reads a table with a row (or several) for each year: a column of years and one of services or units, and where there is one, a
/// column of payments, all by their names. Rows of a year are added where another column tells them apart (states, payers, codes);
/// that is noted. `None` when it is another table; `place` is its name in errors.
///
/// # Errors
/// The first cell under these columns that makes no sense, by line and column; two rows of one year that nothing tells apart; a row
/// of totals among those that it sums.
pub fn read_years(bytes: &[u8], place: &str) -> Result<Option<YearTable>> {
    // Whatever reads the file next says what it is.
    let Ok(sheet) = Sheet::read(bytes, place) else { return Ok(None) };
    let names = &sheet.header;
    let find = |wanted: &[&str]| wanted.iter().find_map(|w| names.iter().position(|n| n == w));
    let is_long = names.iter().any(|n| n == "series");
    let (Some(year), Some(units)) = (find(&YEAR), find(&UNITS)) else { return Ok(None) };
    let paid = find(&PAID);
    if is_long {
        return Ok(None);
    }
    let columns =
        Columns { place, names, year, units, paid, commas: [units, paid.unwrap_or(units)].map(|c| usual(&sheet, c)) };
    let parts = parts(&sheet, &columns);
    let mut years = Years::new();
    let mut seen: BTreeMap<i32, BTreeMap<Vec<&str>, &Row>> = BTreeMap::new();
    for row in &sheet.rows {
        let Some((of, count, amount)) = columns.row(row)? else { return Ok(None) };
        let key: Vec<&str> = parts.iter().map(|at| row.cell(*at)).collect();
        if let Some(first) = seen.entry(of).or_default().insert(key, row) {
            return Err(columns.twice(of, first, row));
        }
        let sum = years.entry(of).or_insert((Decimal::ZERO, Some(Money::ZERO)));
        sum.0 += count;
        let add = |(a, b): (Money, Money)| a.cents().checked_add(b.cents()).map(Money::from_cents);
        let both = sum.1.zip(amount);
        sum.1 = both.and_then(add);
        if both.is_some() && sum.1.is_none() {
            return Err(columns.wrong(row, paid.unwrap_or(units), "a smaller amount"));
        }
    }
    let mut notes = sheet.notes.clone();
    if sheet.rows.len() > years.len() && !years.is_empty() {
        let apart: Vec<usize> = parts
            .iter()
            .copied()
            .filter(|at| sheet.rows.iter().any(|r| r.cell(*at) != sheet.rows[0].cell(*at)))
            .collect();
        columns.no_totals(&sheet.rows, &apart)?;
        let named: Vec<&str> = apart.iter().map(|at| names[*at].as_str()).collect();
        notes.push(format!(
            "{} rows are added up to {} years: {} tells those of a year apart",
            sheet.rows.len(),
            years.len(),
            named.join(", ")
        ));
    }
    Ok((!years.is_empty()).then_some(YearTable { years, notes }))
}

/// How a column uses commas. Where cells are separated by commas, one inside a cell stands between thousands, as Excel writes it.
fn usual(sheet: &Sheet, column: usize) -> Commas {
    match sheet.commas(column) {
        Commas::Unsettled if sheet.separator == b',' => Commas::Thousands,
        settled => settled,
    }
}

/// The columns that can tell rows of one year apart: of known names, or with words in them.
fn parts(sheet: &Sheet, columns: &Columns<'_>) -> Vec<usize> {
    let is_word = |cell: &str| !cell.is_empty() && cell.replace([',', '$', '%', ' '], "").parse::<f64>().is_err();
    (0..columns.names.len())
        .filter(|at| ![Some(columns.year), Some(columns.units), columns.paid].contains(&Some(*at)))
        .filter(|at| {
            let name = columns.names[*at].as_str();
            let is_remark = REMARKS.iter().any(|r| name.contains(r));
            PARTS.contains(&name) || !is_remark && sheet.rows.iter().any(|row| is_word(row.cell(*at)))
        })
        .collect()
}

/// The columns of a table of years.
struct Columns<'s> {
    place: &'s str,
    names: &'s [String],
    year: usize,
    units: usize,
    paid: Option<usize>,
    commas: [Commas; 2],
}

impl Columns<'_> {
    fn wrong(&self, row: &Row, at: usize, expected: &str) -> Error {
        Error::input(format!("found \"{}\", expected {expected}", super::excerpt(row.cell(at))))
            .at(Place::line(self.place, row.line).column(self.names.get(at).map_or("", String::as_str)))
    }

    /// A number not beyond [`LARGEST`], digit by digit.
    fn number(&self, row: &Row, at: usize, commas: Commas, expected: &str) -> Result<Decimal> {
        let cell = row.cell(at);
        if cell.bytes().any(|b| b.eq_ignore_ascii_case(&b'e')) && cell.parse::<f64>().is_ok() {
            return Err(self.wrong(row, at, "all its digits: a spreadsheet has shortened it"));
        }
        let plain = commas.plain(cell).map_err(|expected| self.wrong(row, at, &expected))?;
        let number = plain.replace('$', "").parse::<Decimal>();
        // What Decimal cannot hold is a number all the same.
        let is_large =
            number.as_ref().map_or_else(|_| plain.parse::<f64>().is_ok_and(|n| n.abs() > 1e12), |n| n.abs() > LARGEST);
        if is_large {
            return Err(self.wrong(row, at, "a number that a year can have: at most 1,000,000,000,000"));
        }
        number.map_err(|_| self.wrong(row, at, expected))
    }

    /// Year, units and payment of a row; `None` when its period is none of years.
    fn row(&self, row: &Row) -> Result<Option<(i32, Decimal, Option<Money>)>> {
        let cell = row.cell(self.year);
        let Some(of) =
            cell.strip_suffix(".0").unwrap_or(cell).parse::<i32>().ok().filter(|y| (1900..=2200).contains(y))
        else {
            // Periods other than years: months, spans of days.
            if self.names.get(self.year).is_some_and(|n| n == "period") {
                return Ok(None);
            }
            return Err(self.wrong(row, self.year, "a year; leave out rows of totals"));
        };
        let expected = "a number of services that is not negative";
        let count = self.number(row, self.units, self.commas[0], expected)?;
        if count.is_sign_negative() && !count.is_zero() {
            return Err(self.wrong(row, self.units, expected));
        }
        let amount = match self.paid {
            Some(at) if !row.cell(at).is_empty() => {
                let dollars = self.number(row, at, self.commas[1], "an amount of dollars")?;
                let cents = crate::domain::round_cents(dollars);
                Some(cents.ok_or_else(|| self.wrong(row, at, "an amount of dollars"))?)
            }
            _ => None,
        };
        Ok(Some((of, count, amount)))
    }

    /// Two rows of a year that nothing tells apart.
    fn twice(&self, year: i32, first: &Row, row: &Row) -> Error {
        let name = self.names.get(self.units).map_or("", String::as_str);
        let cells = [first, row].map(|r| super::excerpt(r.cell(self.units)));
        Error::input(format!(
            "{year} stands twice: on line {} with {} {name}, and here with {}",
            first.line, cells[0], cells[1]
        ))
        .at(Place::line(self.place, row.line).column(self.names.get(self.year).map_or("", String::as_str)))
        .help(
            "keep one of the two rows, or sum them; rows of a year are added only where another column (state, payer, pos, code) \
             tells them apart",
        )
    }

    /// Rows of totals would be counted beside what they sum.
    fn no_totals(&self, rows: &[Row], apart: &[usize]) -> Result<()> {
        for at in apart {
            let different: BTreeSet<&str> = rows.iter().map(|r| r.cell(*at)).collect();
            let total = rows.iter().find(|r| TOTALS.contains(&r.cell(*at).to_lowercase().as_str()));
            if let Some(total) = total.filter(|_| different.len() > 1) {
                return Err(self
                    .wrong(total, *at, "no sum of the other rows of its year among them")
                    .help("leave out the rows of totals, or keep nothing but them"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn tables_of_years_are_known_by_their_columns() {
        let found = read("\u{feff}Year,Services,medicare payments\n2020,7,1\n2021,\"1,005\",\n2022,3,$12.50\n")
            .unwrap()
            .unwrap();
        // A payment that is not told of every row of a year is not known of the year.
        let paid = |cents| Some(Money::from_cents(cents));
        let expected = [(2020, (7.into(), paid(100))), (2021, (1005.into(), None)), (2022, (3.into(), paid(1250)))];
        assert!(found.years.into_iter().eq(expected));
        for other in ["series,t,y\na,1,2\n", "period,units\n2024-01,3\n", "year,price\n2020,1\n", "year,units\n", ""] {
            assert_eq!(read(other).unwrap(), None, "{other}");
        }
        for (text, place) in [
            ("year,units\n20x0,1\n", "y.csv:2, column \"year\""),
            ("year,units\n2020,1\n2021,-1\n", "y.csv:3, column \"units\""),
            ("year,units,paid\n2020,1,abc\n", "y.csv:2, column \"paid\""),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(place), "{error}");
        }
    }

    #[test]
    fn semicolons_tabs_and_decimal_commas_are_read() {
        for text in [
            "YEAR;Services;Payments\n2020;5;12,50\n\n2021;6;103,865\n",
            "year\tunits\tpaid\n2020.0\t5\t12.50\n2021\t6\t103.865\n",
        ] {
            let found = read(text).unwrap().unwrap().years;
            // 103.865 rounds to 103.87.
            assert_eq!(found[&2020], (5.into(), Some(Money::from_cents(1250))));
            assert_eq!(found[&2021], (6.into(), Some(Money::from_cents(10_387))));
        }
        // Eight thousand and nine, or eight and a bit?
        let error = read("year;services\n2020;8,009\n").unwrap_err().to_string();
        assert!(error.contains("y.csv:2, column \"services\"") && error.contains("8.009 or 8009"), "{error}");
    }

    #[test]
    fn a_year_twice_is_refused_unless_something_tells_the_rows_apart() {
        let error = read("year,services,source\n2020,5,a\n2021,6,a\n2021,7,b\n").unwrap_err();
        assert!(
            error.to_string().contains("y.csv:4")
                && error.to_string().contains("on line 3 with 6 services, and here with 7"),
            "{error}"
        );
        assert!(error.remedy().unwrap().contains("keep one"));
        let found =
            read("year,state,pos,services\n2020,OH,11,5\n2020,OH,22,1\n2020,TX,11,5\n2021,OH,11,6\n").unwrap().unwrap();
        assert_eq!((found.years[&2020].0, found.years[&2021].0), (11.into(), 6.into()));
        assert_eq!(found.notes, ["4 rows are added up to 2 years: state, pos tells those of a year apart"]);
        let error = read("year,geo,services\n2020,Ohio,5\n2020,National,9\n").unwrap_err().to_string();
        assert!(error.contains("y.csv:3, column \"geo\""), "{error}");
    }

    #[test]
    fn sizes_that_no_year_has_are_refused() {
        assert_eq!(LARGEST, Decimal::from(1_000_000_000_000_i64));
        for (cell, says) in [
            ("79228162514264337593543950335", "at most 1,000,000,000,000"),
            ("99999999999999999999999999999", "at most 1,000,000,000,000"),
            ("1e3", "all its digits"),
        ] {
            let error = read(&format!("year,services\n2020,{cell}\n")).unwrap_err().to_string();
            assert!(error.contains("y.csv:2, column \"services\"") && error.contains(says), "{error}");
        }
        // From 1000 to 6 to 7 the range of the third year reaches beyond a million: nothing is said of it and later.
        let found = years("year,services\n2020,1000\n2021,6\n2022,7\n", 0.8);
        assert!(found.bands.iter().all(|(_, b)| b.high < 1e6) && found.bands.len() == 1, "{:?}", found.bands);
        assert!(found.notes.iter().any(|n| n.contains("no forecast of 2024")), "{:?}", found.notes);
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
