//! The rates of a schedule, ready to be looked up: (payer, area, code, modifier, setting) → the rate in force on a day.
//!
//! Rates are whole micro-dollars, so up to six decimals are exact. Rows that claim the same days become findings here, so
//! a claim line never meets two rates. Nothing is read from files here.

use rustc_hash::FxHashMap;

use super::cells::{self, AreaKind, Day};
use crate::domain::{Code, Modifier};
use crate::finding::{Error, Finding, FindingCode, Place, Result};

/// Decimals of a rate: micro-dollars.
pub(super) const RATE_PLACES: u32 = 6;
/// Decimals of units: thousandths.
pub(super) const UNIT_PLACES: u32 = 3;

/// An index that stands for "the schedule does not know this".
pub(super) const UNLISTED: u32 = u32::MAX;

/// One row of a schedule.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) payer: String,
    pub(super) area: (AreaKind, String),
    pub(super) code: Code,
    /// `None` is the base rate.
    pub(super) modifier: Option<Modifier>,
    pub(super) facility: bool,
    pub(super) from: Day,
    /// The last day, included.
    pub(super) to: Day,
    /// Micro-dollars per unit.
    pub(super) rate: i64,
    /// Line of the file, or row of a Parquet file counted from 1.
    pub(super) line: u32,
}

/// Days, both included, and the rate that holds on them, while the book is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct InForce {
    from: Day,
    to: Day,
    rate: i64,
    line: u32,
}

/// How the areas of a payer are named in its schedule.
#[derive(Debug, Clone, Copy, Default)]
struct Areas {
    localities: bool,
    states: bool,
}

/// A whole schedule. Indices are dense and mean nothing outside the book.
///
/// A line in a million costs one lookup here at a random place, so what is looked at lies close together: the first days
/// of a key side by side, then the one last day and rate that matter.
#[derive(Debug, Default)]
pub struct RateBook {
    payers: FxHashMap<String, u32>,
    kinds: Vec<Areas>,
    areas: FxHashMap<String, u32>,
    codes: FxHashMap<Code, u32>,
    modifiers: FxHashMap<Modifier, u32>,
    index: Index,
    from: Vec<Day>,
    to_and_rate: Vec<(Day, i64)>,
}

/// Where the periods of a key begin and end.
#[derive(Debug)]
enum Index {
    /// One slot per possible key, the next slot is its end: for the usual schedule, which lists most of them.
    Dense(Vec<u32>),
    /// By packed key: for a schedule that lists few of very many.
    Sparse(FxHashMap<u64, (u32, u32)>),
}

impl Default for Index {
    fn default() -> Self {
        Self::Sparse(FxHashMap::default())
    }
}

/// What of a claim line decides its rate, as indices of the book.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) payer: u32,
    pub(super) state: u32,
    pub(super) locality: u32,
    pub(super) code: u32,
    /// 0 is the base rate.
    pub(super) modifier: u32,
    pub(super) facility: bool,
}

/// Where the periods of one key lie in the book.
#[derive(Debug, Clone, Copy)]
pub(super) struct Periods {
    start: u32,
    end: u32,
}

/// Bits of the packed key: payer, area, code, modifier, setting; 63 in all.
const BITS: [u32; 5] = [14, 18, 18, 12, 1];

fn pack(payer: u32, area: u32, code: u32, modifier: u32, facility: bool) -> u64 {
    [payer, area, code, modifier, u32::from(facility)]
        .into_iter()
        .zip(BITS)
        .fold(0, |key, (part, bits)| key << bits | u64::from(part))
}

fn unpack(mut key: u64) -> [u32; 5] {
    let mut parts = [0; 5];
    for (part, bits) in parts.iter_mut().zip(BITS).rev() {
        *part = u32::try_from(key & ((1 << bits) - 1)).unwrap_or(0);
        key >>= bits;
    }
    parts
}

fn index<K: std::hash::Hash + Eq>(map: &mut FxHashMap<K, u32>, key: K, first: u32) -> u32 {
    let next = first + map.len() as u32;
    *map.entry(key).or_insert(next)
}

impl RateBook {
    /// Builds the book. Overlapping rows are reported with both lines; the row that begins later (of those that begin
    /// together, the later of the file) holds.
    ///
    /// # Errors
    /// When a schedule has more payers, areas, codes or modifiers than any real one.
    pub(super) fn new(rows: Vec<Row>, file: &str) -> Result<(Self, Vec<Finding>)> {
        let mut book = Self::default();
        let mut by_key: FxHashMap<u64, Vec<InForce>> = FxHashMap::default();
        for row in rows {
            let payer = index(&mut book.payers, row.payer, 0);
            book.kinds.resize(book.payers.len(), Areas::default());
            match row.area.0 {
                AreaKind::Locality => book.kinds[payer as usize].localities = true,
                AreaKind::State => book.kinds[payer as usize].states = true,
            }
            let area = index(&mut book.areas, row.area.1, 0);
            let code = index(&mut book.codes, row.code, 0);
            let modifier = row.modifier.map_or(0, |m| index(&mut book.modifiers, m, 1));
            if [payer, area, code, modifier].iter().zip(BITS).any(|(part, bits)| *part >> bits != 0) {
                return Err(Error::input("the schedule has too many payers, areas, codes or modifiers to be one")
                    .at(Place::line(file, row.line)));
            }
            let period = InForce { from: row.from, to: row.to, rate: row.rate, line: row.line };
            by_key.entry(pack(payer, area, code, modifier, row.facility)).or_default().push(period);
        }
        let mut keyed: Vec<_> = by_key.into_iter().collect();
        keyed.sort_unstable_by_key(|(key, _)| *key);
        let mut findings = Vec::new();
        let mut ranges = Vec::with_capacity(keyed.len());
        for (key, mut periods) in keyed {
            periods.sort_unstable_by_key(|p| (p.from, p.line));
            if periods.windows(2).any(|pair| pair[1].from <= pair[0].to) {
                overlaps(&periods, file, &mut findings);
                periods = without_overlaps(&periods);
            }
            let start = book.from.len() as u32;
            book.from.extend(periods.iter().map(|p| p.from));
            book.to_and_rate.extend(periods.iter().map(|p| (p.to, p.rate)));
            ranges.push((key, start, book.from.len() as u32));
        }
        book.index = book.index_of(&ranges);
        findings.sort_by(|a, b| a.place.cmp(&b.place));
        Ok((book, findings))
    }

    /// The place of a key among all possible ones.
    fn slot(&self, parts: [u32; 5]) -> usize {
        let sizes = [self.payers.len(), self.areas.len(), self.codes.len(), self.modifiers.len() + 1, 2];
        parts.into_iter().zip(sizes).fold(0, |slot, (part, size)| slot * size + part as usize)
    }

    /// The index of these keys with their ranges, which are sorted by key and lie one behind the other.
    fn index_of(&self, ranges: &[(u64, u32, u32)]) -> Index {
        let sizes = [self.payers.len(), self.areas.len(), self.codes.len(), self.modifiers.len() + 1, 2];
        let possible = sizes.iter().try_fold(1_usize, |all, size| all.checked_mul(*size));
        match possible.filter(|possible| *possible <= 1 << 16 || *possible / 16 <= ranges.len()) {
            None => Index::Sparse(ranges.iter().map(|(key, start, end)| (*key, (*start, *end))).collect()),
            Some(possible) => {
                let mut slots = vec![0; possible + 1];
                let (mut filled, mut last) = (0, 0);
                for (key, start, end) in ranges {
                    // The packed key sorts as the slots do, so a slot without a key begins where the next key does.
                    let slot = self.slot(unpack(*key));
                    slots[filled..=slot].fill(*start);
                    (filled, last) = (slot + 1, *end);
                }
                slots[filled..].fill(last);
                Index::Dense(slots)
            }
        }
    }

    /// The index of a payer, or [`UNLISTED`].
    pub(super) fn payer(&self, id: &str) -> u32 {
        self.payers.get(id).copied().unwrap_or(UNLISTED)
    }

    /// The index of an area in its one spelling, or [`UNLISTED`].
    pub(super) fn area(&self, name: &str) -> u32 {
        self.areas.get(name).copied().unwrap_or(UNLISTED)
    }

    /// The index of a code, or [`UNLISTED`].
    pub(super) fn code(&self, code: Code) -> u32 {
        self.codes.get(&code).copied().unwrap_or(UNLISTED)
    }

    /// The index of a line's modifiers: 0, the base rate, unless the line has exactly one and the schedule prices it
    /// apart. A line with such a modifier never falls back to the base rate: that would hide a hole in the schedule.
    pub(super) fn modifier(&self, modifiers: crate::domain::Modifiers) -> u32 {
        let mut all = modifiers.iter();
        match (all.next(), all.next()) {
            (Some(only), None) => self.modifiers.get(&only).copied().unwrap_or(0),
            _ => 0,
        }
    }

    /// Whether any payer is priced by locality, and whether any by state.
    pub(super) fn areas_used(&self) -> (bool, bool) {
        (self.kinds.iter().any(|k| k.localities), self.kinds.iter().any(|k| k.states))
    }

    /// The periods of the line's key, if the schedule lists it. A payer whose schedule names both localities and states
    /// is looked up by locality first.
    pub(super) fn periods(&self, w: &Wanted) -> Option<Periods> {
        let kind = *self.kinds.get(w.payer as usize)?;
        if w.code == UNLISTED {
            return None;
        }
        let of = |area: u32| {
            if area == UNLISTED {
                return None;
            }
            let (start, end) = match &self.index {
                Index::Dense(slots) => {
                    let slot = self.slot([w.payer, area, w.code, w.modifier, u32::from(w.facility)]);
                    (*slots.get(slot)?, *slots.get(slot + 1)?)
                }
                Index::Sparse(keys) => *keys.get(&pack(w.payer, area, w.code, w.modifier, w.facility))?,
            };
            (start < end).then_some(Periods { start, end })
        };
        let by_locality = if kind.localities { of(w.locality) } else { None };
        by_locality.or_else(|| if kind.states { of(w.state) } else { None })
    }

    /// The rate in force on the day, in micro-dollars per unit.
    pub(super) fn rate(&self, periods: Periods, day: Day) -> Option<i64> {
        let (start, end) = (periods.start as usize, periods.end as usize);
        let begun = self.from[start..end].partition_point(|from| *from <= day);
        let (to, rate) = self.to_and_rate[(start + begun).checked_sub(1)?];
        (begun > 0 && day <= to).then_some(rate)
    }
}

/// Reports every pair of neighbouring rows that claim the same days.
fn overlaps(periods: &[InForce], file: &str, findings: &mut Vec<Finding>) {
    for pair in periods.windows(2).filter(|pair| pair[1].from <= pair[0].to) {
        let (a, b) = (pair[0], pair[1]);
        let code = if (a.from, a.to) == (b.from, b.to) && a.rate != b.rate {
            FindingCode::DuplicateRate
        } else {
            FindingCode::ScheduleOverlap
        };
        let days = |p: InForce| format!("{} to {}", iso(p.from), iso(p.to));
        findings.push(Finding::new(
            code,
            Place::line(file, b.line),
            format!("this row ({}) and line {} ({}) price the same key on the same days", days(b), a.line, days(a)),
        ));
    }
}

/// The same days with one rate each: of overlapping rows the one that begins later holds. Sorted by first day.
fn without_overlaps(periods: &[InForce]) -> Vec<InForce> {
    let mut starts: Vec<Day> = periods.iter().flat_map(|p| [p.from, p.to + 1]).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut out: Vec<InForce> = Vec::new();
    for pair in starts.windows(2) {
        // `periods` is sorted by (first day, line): the last one that holds these days is the one that counts.
        let Some(p) = periods.iter().rev().find(|p| p.from <= pair[0] && pair[1] - 1 <= p.to) else { continue };
        match out.last_mut() {
            Some(last) if last.line == p.line && last.to + 1 == pair[0] => last.to = pair[1] - 1,
            _ => out.push(InForce { from: pair[0], to: pair[1] - 1, ..*p }),
        }
    }
    out
}

/// The day as `2024-03-09`.
pub(super) fn iso(day: Day) -> String {
    cells::date(day).to_string()
}

/// Rate × units in cents, rounded once, half away from zero. `rate` in micro-dollars, `units` in thousandths.
/// `None` when the amount does not fit.
pub(super) fn extend(rate: i64, units: i64) -> Option<i64> {
    /// Billionths of a dollar in a cent.
    const CENT: i64 = 10_i64.pow(RATE_PLACES + UNIT_PLACES - 2);
    match rate.checked_mul(units) {
        Some(product) if product.unsigned_abs() < i64::MAX as u64 - CENT as u64 => {
            Some((product + product.signum() * (CENT / 2)) / CENT)
        }
        _ => {
            let product = i128::from(rate) * i128::from(units);
            let half = product.signum() * i128::from(CENT / 2);
            i64::try_from((product + half) / i128::from(CENT)).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(from: Day, to: Day, rate: i64, line: u32) -> Row {
        Row {
            payer: "P".into(),
            area: (AreaKind::State, "OH".into()),
            code: "96372".parse().unwrap(),
            modifier: None,
            facility: false,
            from,
            to,
            rate,
            line,
        }
    }

    fn on(book: &RateBook, day: Day) -> Option<i64> {
        let code = book.code("96372".parse().unwrap());
        let (payer, state) = (book.payer("P"), book.area("OH"));
        let wanted = Wanted { payer, state, locality: UNLISTED, code, modifier: 0, facility: false };
        book.rate(book.periods(&wanted)?, day)
    }

    #[test]
    fn one_rounding_half_away_from_zero() {
        // 12.345 × 1 = 12.345 → 12.35 (half to even would give 12.34); 0.5 × 0.01 = 0.005 → 0.01
        assert_eq!(extend(12_345_000, 1000), Some(1235));
        assert_eq!(extend(10_000, 500), Some(1));
        // 0.2749 × 12 = 3.2988 → 3.30; rounding the rate first would give 0.27 × 12 = 3.24
        assert_eq!(extend(274_900, 12_000), Some(330));
        assert_eq!(extend(-12_345_000, 1000), Some(-1235));
        // 900,000,000.123456 × 500,000 = 450,000,000,061,728.00: beyond i64 billionths, within i64 cents.
        assert_eq!(extend(900_000_000_123_456, 500_000_000), Some(45_000_000_006_172_800));
        assert_eq!(extend(i64::MAX, i64::MAX), None);
    }

    #[test]
    fn both_ends_of_a_period_belong_to_it_and_gaps_have_no_rate() {
        let (book, findings) = RateBook::new(vec![row(100, 199, 5, 2), row(210, 300, 6, 3)], "s.csv").unwrap();
        assert!(findings.is_empty());
        let rates: Vec<_> = [99, 100, 199, 200, 209, 210, 300, 301].map(|day| on(&book, day)).into();
        assert_eq!(rates, [None, Some(5), Some(5), None, None, Some(6), Some(6), None]);
    }

    #[test]
    fn a_sparse_schedule_gives_the_same_rates_as_a_dense_one() {
        // 40 payers with a state, a code and a modifier of their own: 40 of 40 × 40 × 40 × 41 × 2 possible keys.
        let own = |i: u32| Row {
            payer: format!("P{i}"),
            area: (AreaKind::State, format!("S{i}")),
            code: format!("9{i:04}").parse().unwrap(),
            modifier: Some(format!("{i:02}").parse().unwrap()),
            ..row(100, 199, i64::from(i), i)
        };
        let (book, _) = RateBook::new((0..40).map(own).collect(), "s.csv").unwrap();
        assert!(matches!(book.index, Index::Sparse(_)));
        let (small, _) = RateBook::new((7..9).map(own).collect(), "s.csv").unwrap();
        assert!(matches!(small.index, Index::Dense(_)));
        for (i, j) in [(7, 7), (7, 8), (8, 8), (8, 7)] {
            for day in [99, 100, 199, 200] {
                let rate = |book: &RateBook| {
                    let (a, b) = (own(i), own(j));
                    let modifier: crate::domain::Modifiers = b.modifier.unwrap().as_str().parse().unwrap();
                    let (payer, state, code) = (book.payer(&a.payer), book.area(&a.area.1), book.code(b.code));
                    let modifier = book.modifier(modifier);
                    let wanted = Wanted { payer, state, locality: UNLISTED, code, modifier, facility: false };
                    book.rate(book.periods(&wanted)?, day)
                };
                let expected = (i == j && (100..=199).contains(&day)).then_some(i64::from(i));
                assert_eq!((rate(&book), rate(&small)), (expected, expected), "{i} {j} {day}");
            }
        }
    }

    #[test]
    fn overlapping_rows_are_reported_and_the_later_begun_holds() {
        // Line 2 holds days 100–300, line 3 days 150–200 inside it.
        let (book, findings) = RateBook::new(vec![row(100, 300, 5, 2), row(150, 200, 6, 3)], "s.csv").unwrap();
        let rates: Vec<_> = [100, 149, 150, 200, 201, 300, 301].map(|day| on(&book, day)).into();
        assert_eq!(rates, [Some(5), Some(5), Some(6), Some(6), Some(5), Some(5), None]);
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].code, findings[0].place.line), (FindingCode::ScheduleOverlap, Some(3)));
        assert!(findings[0].found.contains("line 2"), "{}", findings[0].found);
        let (book, findings) = RateBook::new(vec![row(100, 300, 5, 2), row(100, 300, 6, 9)], "s.csv").unwrap();
        assert_eq!((on(&book, 200), findings[0].code), (Some(6), FindingCode::DuplicateRate));
    }
}
