//! Any monthly (or quarterly, or yearly) table of series: `series,t,y`.
//!
//! The table is long: a row per series and time. `t` is a whole number, a month (`2024-03`, `202403`) or a day (`2024-03-09`, which
//! stands for its month); times of a series follow each other without gap. Optional columns: `frequency` (steps after which a
//! season comes round; 12 when absent) and `start` (not used: an order is enough). Rows may stand in any order.

use std::collections::BTreeMap;

use chrono::Datelike;

use super::excerpt;
use super::sheet::{Commas, Row, Sheet};
use crate::domain::parse_iso_date;
use crate::finding::{Error, Place, Result};
use crate::forecast::{MAX_PERIOD, Series};

/// One series of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct LongSeries {
    /// Its name, as written.
    pub name: String,
    /// Its values in the order of time.
    pub values: Vec<f64>,
    /// Steps after which a season comes round.
    pub frequency: usize,
    /// The first line of the file that names it.
    pub line: u32,
}

/// The series of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesTable {
    /// In the order of their first lines.
    pub series: Vec<LongSeries>,
    /// How what could be read in several ways was read.
    pub notes: Vec<String>,
}

/// A time as a number that rises by one from step to step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    /// As written.
    Number(i64),
    /// Months since the year 0.
    Month(i64),
}

impl Time {
    fn read(text: &str) -> Option<Self> {
        // Programs that know of no whole numbers write 7.0.
        if let Ok(number) = text.strip_suffix(".0").unwrap_or(text).parse::<i32>() {
            return Some(Self::Number(i64::from(number)));
        }
        let day = if text.len() == 7 { parse_iso_date(&format!("{text}-01")) } else { parse_iso_date(text) };
        day.ok().map(|day| Self::Month(12 * i64::from(day.year()) + i64::from(day.month0())))
    }

    const fn number(self) -> (i64, bool) {
        match self {
            Self::Number(n) => (n, false),
            Self::Month(n) => (n, true),
        }
    }
}

/// The month that `202403` stands for, as in [`Time::Month`].
fn year_and_month(number: i64) -> Option<i64> {
    let (year, month) = (number / 100, number % 100);
    ((1900..=2100).contains(&year) && (1..=12).contains(&month)).then_some(12 * year + month - 1)
}

/// The columns of the file.
struct Columns {
    series: usize,
    t: usize,
    y: usize,
    frequency: Option<usize>,
}

impl Columns {
    fn of(sheet: &Sheet, place: &str) -> Result<Self> {
        let at = |name: &str| -> Vec<usize> { (0..sheet.header.len()).filter(|i| sheet.header[*i] == name).collect() };
        let wrong = |what: String| {
            Error::input(what)
                .at(Place::line(place, sheet.header_line))
                .help("a long table has the columns series, t and y, and may have start and frequency")
        };
        let find = |name: &str| match at(name).as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            _ => Err(wrong(format!("the file has several columns \"{name}\""))),
        };
        let need = |name: &str| find(name)?.ok_or_else(|| wrong(format!("the file has no column \"{name}\"")));
        Ok(Self { series: need("series")?, t: need("t")?, y: need("y")?, frequency: find("frequency")? })
    }
}

/// The rows of one series.
struct Rows {
    line: u32,
    frequency: Option<usize>,
    dated: bool,
    values: BTreeMap<i64, (f64, u32)>,
}

/// Between what a cell holds and what it should hold.
const EXPECTED: &str = ", expected ";

/// So many wrong cells are named; of the others the number is told.
const NAMED: usize = 6;

/// Everything that is wrong as one error: the first at its place, the others in the remedy.
fn together(mut errors: Vec<Error>) -> Option<Error> {
    if errors.is_empty() {
        return None;
    }
    let rest = errors.split_off(1);
    let first = errors.pop()?;
    if rest.is_empty() {
        return Some(first);
    }
    let mut help: Vec<String> = first.remedy().map(str::to_owned).into_iter().collect();
    // What is expected of all of them is said once.
    let expected = |e: &Error| e.message().split_once(EXPECTED).map(|(_, expected)| expected.to_owned());
    let same = expected(&first);
    let named = rest.iter().take(NAMED).map(|e| {
        let place = e.place().map_or_else(String::new, |p| {
            let column = p.column.as_ref().map_or_else(String::new, |c| format!(", column \"{c}\""));
            format!("line {}{column}: ", p.line.unwrap_or(0))
        });
        let is_same = same.is_some() && expected(e) == same;
        let short = e.message().split_once(EXPECTED).map(|(found, _)| found).filter(|_| is_same);
        format!("{place}{}", short.unwrap_or(e.message()))
    });
    let named: Vec<String> = named.collect();
    help.push(format!("also wrong: {}", named.join("; ")));
    if rest.len() > NAMED {
        help.push(format!("and {} more", rest.len() - NAMED));
    }
    Some(first.help(help.join("; ")))
}

/// Reads a long table, separated by commas, semicolons or tabs; `place` is its name in errors. Rows of blank cells are nothing.
///
/// # Errors
/// The cells that make no sense, by line and column: a column is missing, `t` or `y` cannot be read, a time stands twice
/// or is missing, two frequencies of one series, no row at all.
pub fn read_series(bytes: &[u8], place: &str) -> Result<SeriesTable> {
    let sheet = Sheet::read(bytes, place)?;
    let columns = Columns::of(&sheet, place)?;
    let commas = sheet.commas(columns.y);
    let mut order: Vec<&str> = Vec::new();
    let mut all: BTreeMap<&str, Rows> = BTreeMap::new();
    let mut errors = Vec::new();
    for row in &sheet.rows {
        let name = row.cell(columns.series);
        if let Err(wrong) = add(&mut all, &columns, row, commas) {
            let Wrong { column, found, expected } = wrong;
            let of = if name.is_empty() { String::new() } else { format!(" in series \"{}\"", excerpt(name)) };
            let error = Error::input(format!("found \"{}\"{of}{EXPECTED}{expected}", excerpt(&found)));
            errors.push(error.at(Place::line(place, row.line).column(column)));
        } else if all.get(name).is_some_and(|rows| rows.values.len() == 1) {
            order.push(name);
        }
    }
    if let Some(error) = together(errors) {
        return Err(error);
    }
    if order.is_empty() {
        return Err(Error::input("the file has a header and no row").at(Place::file(place)));
    }
    let mut notes = sheet.notes.clone();
    if commas == Commas::Decimal {
        notes.push("y is read with decimal commas".to_owned());
    }
    let (mut read_as_months, mut like_years) = (Vec::new(), Vec::new());
    for (name, rows) in &mut all {
        if rows.dated {
            continue;
        }
        let months: Option<BTreeMap<i64, (f64, u32)>> =
            rows.values.iter().map(|(t, value)| Some((year_and_month(*t)?, *value))).collect();
        if let Some(months) = months {
            (rows.values, rows.dated) = (months, true);
            read_as_months.push(*name);
        } else if rows.frequency.is_none()
            && rows.values.len() > 1
            && rows.values.keys().all(|t| (1900..=2100).contains(t))
        {
            like_years.push(*name);
        }
    }
    if !read_as_months.is_empty() {
        notes.push(format!("t of {} is read as months (202403 is March 2024)", listed(&read_as_months)));
    }
    if !like_years.is_empty() {
        notes.push(format!(
            "t of {} looks like years, but is read as steps of which 12 make a season: give a column frequency with 1 when each is a \
             year",
            listed(&like_years)
        ));
    }
    let errors = order.iter().filter_map(|name| gap(name, all.get(name)?, place)).collect();
    if let Some(error) = together(errors) {
        return Err(error);
    }
    let series = order.into_iter().filter_map(|name| {
        let rows = all.remove(name)?;
        let values = rows.values.into_values().map(|(y, _)| y).collect();
        Some(LongSeries { name: name.to_owned(), values, frequency: rows.frequency.unwrap_or(12), line: rows.line })
    });
    Ok(SeriesTable { series: series.collect(), notes })
}

/// `3 series ("a", "b", "c")`; at most three are named.
fn listed(names: &[&str]) -> String {
    let named: Vec<String> = names.iter().take(3).map(|n| format!("\"{}\"", excerpt(n))).collect();
    let more = if names.len() > 3 { ", …" } else { "" };
    format!("{} series ({}{more})", names.len(), named.join(", "))
}

/// A cell that makes no sense.
struct Wrong {
    column: &'static str,
    found: String,
    expected: String,
}

/// Adds a row to the series that it names.
fn add<'r>(
    all: &mut BTreeMap<&'r str, Rows>,
    columns: &Columns,
    row: &'r Row,
    commas: Commas,
) -> std::result::Result<(), Wrong> {
    let wrong = |column: &'static str, found: &str, expected: &str| Wrong {
        column,
        found: found.to_owned(),
        expected: expected.to_owned(),
    };
    let name = row.cell(columns.series);
    if name.is_empty() {
        return Err(wrong("series", "", "the name of a series"));
    }
    let at = row.cell(columns.t);
    let time = Time::read(at);
    let time = time.ok_or_else(|| wrong("t", at, "a whole number, a month (2024-03) or a day (2024-03-09)"))?;
    let (t, dated) = time.number();
    let written = row.cell(columns.y);
    let plain = commas.plain(written).map_err(|expected| wrong("y", written, &expected))?;
    let y = plain.parse::<f64>().ok().filter(|y| y.is_finite());
    let y = y.ok_or_else(|| wrong("y", written, "a number; a value that is not known cannot be left blank"))?;
    if Series::new(&[y], 1).is_err() {
        let expected = "a number between −1e100 and 1e100: correct it, or leave the series out";
        return Err(wrong("y", written, expected));
    }
    let told = columns.frequency.map(|c| row.cell(c)).filter(|c| !c.is_empty());
    let read = |text: &str| {
        let steps = text.strip_suffix(".0").unwrap_or(text).parse::<usize>().ok();
        steps.filter(|f| (1..=MAX_PERIOD).contains(f)).ok_or_else(|| {
            wrong("frequency", text, "steps per season: 12 for months, 4 for quarters, 1 for none, 24 at most")
        })
    };
    let frequency = told.map(read).transpose()?;
    let rows = all.entry(name).or_insert_with(|| Rows { line: row.line, frequency, dated, values: BTreeMap::new() });
    // A blank cell says nothing.
    match (rows.frequency, frequency) {
        (Some(above), Some(here)) if above != here => {
            return Err(wrong("frequency", told.unwrap_or_default(), &format!("{above}, as above for this series")));
        }
        (None, Some(here)) => rows.frequency = Some(here),
        _ => {}
    }
    if rows.dated != dated {
        return Err(wrong("t", at, "times of one series written in one way"));
    }
    if let Some((_, first)) = rows.values.get(&t) {
        let once = format!("each time once; it stands on line {first}, too");
        let once = if dated { format!("{once} (times are months: sum days and weeks to months)") } else { once };
        return Err(wrong("t", at, &once));
    }
    rows.values.insert(t, (y, row.line));
    Ok(())
}

/// The first gap of a series.
fn gap(name: &str, rows: &Rows, place: &str) -> Option<Error> {
    let times: Vec<(i64, u32)> = rows.values.iter().map(|(t, (_, line))| (*t, *line)).collect();
    let gap = times.windows(2).find(|w| w[1].0 - w[0].0 != 1)?;
    let missing = gap[1].0 - gap[0].0 - 1;
    let shown = |t: i64| if rows.dated { format!("{:04}-{:02}", t / 12, t % 12 + 1) } else { t.to_string() };
    let (first, last) = (shown(gap[0].0 + 1), shown(gap[1].0 - 1));
    let named = match missing {
        1 => first,
        2 => format!("{first} and {last}"),
        _ => format!("{first} to {last}"),
    };
    let word = match (rows.dated, missing) {
        (true, 1) => "month is",
        (true, _) => "months are",
        (false, 1) => "time is",
        (false, _) => "times are",
    };
    let error =
        Error::input(format!("{missing} {word} missing before this row in series \"{}\": {named}", excerpt(name)))
            .at(Place::line(place, gap[1].1).column("t"));
    Some(error.help(match (rows.dated, missing) {
        (true, 2) => "quarters? Number them 1, 2, 3 … in t and give a column frequency with 4",
        _ => "write a row with 0 where nothing happened; what is not known cannot be left out",
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<LongSeries>> {
        Ok(read_series(text.as_bytes(), "s.csv")?.series)
    }

    fn notes(text: &str) -> Vec<String> {
        read_series(text.as_bytes(), "s.csv").unwrap().notes
    }

    #[test]
    fn rows_in_any_order_become_series_in_the_order_of_their_names_first_line() {
        let found = read("series,t,y\nb,2,4\na,2024-02,1.5\nb,1,3\na,2024-01-31,-1\n").unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].name.as_str(), found[0].values.as_slice(), found[0].line),
            ("b", [3.0, 4.0].as_slice(), 2)
        );
        assert_eq!((found[1].name.as_str(), found[1].values.as_slice()), ("a", [-1.0, 1.5].as_slice()));
        assert_eq!(found[0].frequency, 12);
        let quarters = read("y,frequency,series,start,t\n1,4,q,2020-01,1\n").unwrap();
        assert_eq!(quarters[0].frequency, 4);
    }

    #[test]
    fn semicolons_and_tabs_separate_as_well() {
        for text in ["series;t;y\na;1;4\na;2;5.5\n", "series\tt\ty\na\t1\t4\na\t2\t5.5\n"] {
            assert_eq!(read(text).unwrap()[0].values, [4.0, 5.5]);
        }
    }

    #[test]
    fn quarters_given_as_months_and_days_are_told_what_to_do() {
        let said = |text: &str| read(text).unwrap_err().to_string();
        let quarters = read("series,t,y\na,2024-01,1\na,2024-04,1\n").unwrap_err();
        assert!(
            quarters.to_string().contains("2 months are missing before this row in series \"a\": 2024-02 and 2024-03")
        );
        assert!(quarters.remedy().unwrap().contains("frequency with 4"));
        assert!(said("series,t,y\na,2024-01-01,1\na,2024-01-02,1\n").contains("sum days and weeks to months"));
    }

    #[test]
    fn headers_blank_rows_and_decimal_commas_are_read_as_people_write_them() {
        let found = read("sep=;\nSeries;T;Y\na;1;12,5\n;;\na;2;103,865\n ; ;\n").unwrap();
        assert_eq!(found[0].values, [12.5, 103.865]);
        assert_eq!(notes("Series;T;Y\na;1;12,5\n"), ["y is read with decimal commas"]);
        let error = read("series;t;y\na;1;103,865\n").unwrap_err().to_string();
        assert!(error.contains("103.865 or 103865"), "{error}");
    }

    #[test]
    fn years_with_months_are_months_and_their_gaps_are_named() {
        let found = read("series,t,y\na,202012,1\na,202101,2\na,202011,0\n").unwrap();
        assert_eq!(found[0].values, [0.0, 1.0, 2.0]);
        assert!(notes("series,t,y\na,202012,1\na,202101,2\n")[0].contains("1 series (\"a\") is read as months"));
        for text in ["series,t,y\na,202011,1\na,202101,2\n", "series,t,y\na,2020-11-30,1\na,2021-01-31,2\n"] {
            let error = read(text).unwrap_err().to_string();
            assert!(
                error.contains("s.csv:3") && error.contains("1 month is missing") && error.contains(": 2020-12"),
                "{error}"
            );
        }
        // A thirteenth month: plain numbers, and a plain gap.
        let error = read("series,t,y\na,202012,1\na,202013,1\na,202016,2\n").unwrap_err().to_string();
        assert!(error.contains("2 times are missing") && error.contains(": 202014 and 202015"), "{error}");
    }

    #[test]
    fn times_that_look_like_years_are_noted_unless_a_frequency_is_told() {
        let said = notes("series,t,y\na,2000,1\na,2001,2\nb,1,1\nb,2,1\n");
        assert!(said.len() == 1 && said[0].contains("t of 1 series (\"a\") looks like years"), "{said:?}");
        assert!(notes("series,t,y,frequency\na,2000,1,1\na,2001,2,1\n").is_empty());
        assert!(notes("series,t,y\na,2000,1\n").is_empty() && notes("series,t,y\na,1,1\na,2,1\n").is_empty());
    }

    #[test]
    fn a_blank_frequency_says_nothing() {
        let of = |cells: [&str; 3]| {
            let rows: String = cells.iter().enumerate().map(|(i, f)| format!("a,{i},1,{f}\n")).collect();
            read(&format!("series,t,y,frequency\n{rows}")).map(|found| found[0].frequency)
        };
        assert_eq!([of(["4", "", ""]).unwrap(), of(["", "4", ""]).unwrap(), of(["", "", ""]).unwrap()], [4, 4, 12]);
        assert_eq!(of(["4.0", "4", "4"]).unwrap(), 4);
        assert!(of(["4", "", "12"]).unwrap_err().to_string().contains("found \"12\""));
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let rows: String = (1..=12).map(|t| format!("a,{t},{}\n", if t % 4 == 0 { "1e200" } else { "1" })).collect();
        let error = read(&format!("series,t,y\n{rows}b,1,NA\n")).unwrap_err();
        assert!(error.to_string().starts_with("s.csv:5, column \"y\": found \"1e200\" in series \"a\""), "{error}");
        assert!(error.message().contains("1e100: correct it, or leave the series out"), "{error}");
        let help = error.remedy().unwrap();
        assert!(
            help.contains("line 9, column \"y\": found \"1e200\" in series \"a\"; line 13")
                && help.contains("line 14, column \"y\": found \"NA\""),
            "{help}"
        );
        let many: String = (1..=20).map(|t| format!("a,{t},x\n")).collect();
        let error = read(&format!("series,t,y\n{many}")).unwrap_err();
        // The first, six more, and thirteen.
        assert!(error.remedy().unwrap().ends_with("and 13 more"), "{error:?}");
        for text in ["", "\n\n"] {
            assert!(read(text).unwrap_err().to_string().contains("s.csv: the file is empty"));
        }
        assert!(read("series,t,y,Y\na,1,2,3\n").unwrap_err().to_string().contains("several columns \"y\""));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_column() {
        for (text, line, column) in [
            ("series,t\na,1\n", 1, None),
            ("series,t,y\na,1,1\na,2,x\n", 3, Some("y")),
            ("series,t,y\na,1,\n", 2, Some("y")),
            ("series,t,y\na,1,inf\n", 2, Some("y")),
            ("series,t,y\na,1.5,1\n", 2, Some("t")),
            ("series,t,y\na,1,1\na,1,2\n", 3, Some("t")),
            ("series,t,y\na,1,1\na,3,2\n", 3, Some("t")),
            ("series,t,y\na,1,1\na,2024-01,2\n", 3, Some("t")),
            ("series,t,y\n,1,1\n", 2, Some("series")),
            ("series,t,y,frequency\na,1,1,0\n", 2, Some("frequency")),
            ("series,t,y,frequency\na,1,1,12\na,2,1,4\n", 3, Some("frequency")),
        ] {
            let error = read(text).unwrap_err().to_string();
            let place = match column {
                Some(column) => format!("s.csv:{line}, column \"{column}\""),
                None => format!("s.csv:{line}"),
            };
            assert!(error.contains(&place), "{text}: {error}");
        }
        assert!(read("series,t,y\n").is_err());
        assert!(read_series(&[0xff, 0xfe, 0x00, b'\n', b'"'], "s.csv").is_err());
    }
}
