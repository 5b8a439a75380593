//! A schedule that is imported again: what it says of other days stays.
//!
//! Next year's fees take the place of this year's from their first day on; the claims of this year are still priced by its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::parse_iso_date;
use crate::finding::{Error, Place, Result};

use super::fees::COLUMNS;
use super::tables::{csv_bytes, rows};

/// Where the cells stand in a row of a schedule.
const CODE: usize = 2;
const KEY: usize = 5;
const FROM: usize = 7;
const TO: usize = 8;

/// A schedule with the rates of an earlier import of the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// The schedule as CSV: the earlier rates that are kept, then the new ones.
    pub csv: Vec<u8>,
    /// Earlier rates that are kept, for other days.
    pub kept: usize,
    /// How many of these had no end, or a later one, and end the day before the new rates begin.
    pub ended: usize,
    /// Earlier rates from the same first days, whose place the new ones take.
    pub replaced: usize,
    /// Codes of which an earlier rate ends and that the new table does not list: they have no rate from then on.
    pub without_successor: Vec<String>,
}

/// Lays the rates of `new` beside those of `earlier`, both in the layout of an import. Earlier rates from a first day of the
/// new ones are replaced (with `keep_missing` only those that the new table lists); those from other days stay, and end where
/// the new ones begin.
///
/// # Errors
/// When the earlier file has another layout: it is then not one of ours to change.
pub fn renewed(file: &str, earlier: &[u8], new: &[u8], keep_missing: bool) -> Result<Renewal> {
    let other = |_| {
        Error::input("the file there is not a schedule of an import; it was not changed")
            .at(Place::file(file))
            .help("write to another name (--name, --out), or say --replace")
    };
    let earlier = rows(file, &COLUMNS, earlier).map_err(other)?;
    let new = rows(file, &COLUMNS, new)?;
    let first_days: BTreeSet<&str> = new.iter().map(|row| row[FROM].as_str()).collect();
    let first = first_days.first().copied().unwrap_or_default();
    let listed: BTreeSet<(&[String], &str)> = new.iter().map(|row| (&row[..KEY], row[FROM].as_str())).collect();
    let codes: BTreeSet<&str> = new.iter().map(|row| row[CODE].as_str()).collect();
    let (mut kept, mut ended, mut replaced) = (Vec::new(), 0, 0);
    let mut lost = BTreeSet::new();
    for mut row in earlier {
        let same_days = first_days.contains(row[FROM].as_str());
        if same_days && (!keep_missing || listed.contains(&(&row[..KEY], row[FROM].as_str()))) {
            replaced += 1;
            continue;
        }
        if row[FROM].as_str() < first && (row[TO].is_empty() || row[TO].as_str() >= first) {
            row[TO] = day_before(first);
            ended += 1;
            if !codes.contains(row[CODE].as_str()) {
                lost.insert(row[CODE].clone());
            }
        }
        kept.push(row);
    }
    let count = kept.len();
    let mut all = kept;
    all.extend(new.iter().cloned());
    end_before_the_next(&mut all, count);
    let csv = csv_bytes(&COLUMNS, &all)?;
    Ok(Renewal { csv, kept: count, ended, replaced, without_successor: lost.into_iter().collect() })
}

/// Of an earlier and a new rate for the same thing, the one that begins first ends the day before the other begins. What two
/// new rates do to each other is the file's own, and is said where schedules are read.
fn end_before_the_next(rows: &mut [Vec<String>], kept: usize) {
    let mut by_key: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        by_key.entry(row[..KEY].to_vec()).or_default().push(at);
    }
    for mut own in by_key.into_values() {
        own.sort_by_key(|at| rows[*at][FROM].clone());
        for pair in own.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            let next = rows[after][FROM].clone();
            let open = rows[before][TO].is_empty() || rows[before][TO] >= next;
            if (before < kept) != (after < kept) && open && rows[before][FROM] < next {
                rows[before][TO] = day_before(&next);
            }
        }
    }
}

/// The day before a day of ours, `2024-12-31` of `2025-01-01`.
fn day_before(day: &str) -> String {
    parse_iso_date(day).ok().and_then(|day| day.pred_opt()).map_or_else(String::new, |day| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(rows: &[&str]) -> Vec<u8> {
        let rows = rows.iter().map(|row| {
            let [code, rate, from, to] = row.split(' ').collect::<Vec<_>>().try_into().unwrap();
            let to = if to == "-" { "" } else { to };
            ["", "", code, "", "", rate, "per-unit", from, to, "x.csv"].map(str::to_owned).to_vec()
        });
        csv_bytes(&COLUMNS, &rows.collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn rates_of_other_days_stay_and_end_where_the_new_begin() {
        let of_2024 =
            schedule(&["96372 20.00 2024-01-01 -", "20610 80.00 2024-01-01 2024-06-30", "J1100 1.00 2024-01-01 -"]);
        let of_2025 = schedule(&["96372 21.00 2025-01-01 -", "20610 81.00 2025-01-01 -"]);
        let both = renewed("s.csv", &of_2024, &of_2025, false).unwrap();
        assert_eq!((both.kept, both.ended, both.replaced), (3, 2, 0));
        assert_eq!(both.without_successor, ["J1100"]);
        let expected = schedule(&[
            "96372 20.00 2024-01-01 2024-12-31",
            "20610 80.00 2024-01-01 2024-06-30",
            "J1100 1.00 2024-01-01 2024-12-31",
            "96372 21.00 2025-01-01 -",
            "20610 81.00 2025-01-01 -",
        ]);
        assert_eq!(both.csv, expected);
        // Once more the same, and nothing changes but what was replaced is said.
        let again = renewed("s.csv", &both.csv, &of_2025, false).unwrap();
        assert_eq!((again.csv, again.kept, again.ended, again.replaced), (expected, 3, 0, 2));
        // An older table that comes later ends before what is there.
        let backwards = renewed("s.csv", &of_2025, &schedule(&["96372 20.00 2024-01-01 -"]), false).unwrap();
        let expected =
            schedule(&["96372 21.00 2025-01-01 -", "20610 81.00 2025-01-01 -", "96372 20.00 2024-01-01 2024-12-31"]);
        assert_eq!(backwards.csv, expected);
    }

    #[test]
    fn what_a_partial_import_could_not_read_stays_and_foreign_files_are_left_alone() {
        let old = schedule(&["96372 20.00 2024-01-01 -", "20610 80.00 2024-01-01 -"]);
        let new = schedule(&["20610 81.00 2024-01-01 -"]);
        let both = renewed("s.csv", &old, &new, true).unwrap();
        assert_eq!(both.csv, schedule(&["96372 20.00 2024-01-01 -", "20610 81.00 2024-01-01 -"]));
        assert!(renewed("s.csv", b"code,rate\n96372,20\n", &new, false).is_err());
    }
}
