//! A table of volumes by year: units and payments, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::sheet::{Commas, Row, Sheet};
use crate::domain::Money;
use crate::finding::{Error, Place, Result};

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
    use super::super::yearly::of_years;
    use super::*;

    fn read(text: &str) -> Result<Option<YearTable>> {
        read_years(text.as_bytes(), "y.csv")
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
        let found =
            of_years(read("year,services\n2020,1000\n2021,6\n2022,7\n").unwrap().unwrap().years, 5, 0.8).unwrap();
        assert!(found.bands.iter().all(|(_, b)| b.high < 1e6) && found.bands.len() == 1, "{:?}", found.bands);
        assert!(found.notes.iter().any(|n| n.contains("no forecast of 2024")), "{:?}", found.notes);
    }
}
