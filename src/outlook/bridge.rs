//! From one forecast to another, or to what came: how much of the difference is volume, mix, rate, denial and timing. The parts
//! sum to the difference to the cent.
//!
//! net = Σ lines × rate × share kept. One factor is changed after the other, in this order: all lines together (volume), their
//! spread over the leaves (mix), expected per line (rate), allowed per expected (denial). Each part is the difference between
//! two levels that are rounded once. Cash moves by the same factors in its own dollars: cash = Σ lines × rate × share kept ×
//! cash per dollar allowed, and the change of the last factor (payments of earlier and later months, the patients' share) is
//! timing. Months whose postings have come while their services are in no file are a part of their own, of cash alone.

#![expect(clippy::float_arithmetic, reason = "levels are estimates before they are rounded to cents")]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::band::Outlook;
use super::book::{Book, LeafKey};
use super::chance::{cents, float};
use super::measure::{Dim, Measure};
use crate::domain::{Date, Money, parse_iso_date};
use crate::finding::{Error, Place, Result};
use crate::forecast::Month;

/// Lines (in hundredths), expected, net and cash (in cents) of a leaf in some months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Hundredths of lines.
    pub lines: i64,
    /// Expected, in cents.
    pub expected: i64,
    /// Allowed, in cents.
    pub net: i64,
    /// Paid by payers, in cents.
    pub cash: i64,
}

impl std::ops::AddAssign for Level {
    fn add_assign(&mut self, other: Self) {
        // A file may hold any number.
        self.lines = self.lines.saturating_add(other.lines);
        self.expected = self.expected.saturating_add(other.expected);
        self.net = self.net.saturating_add(other.net);
        self.cash = self.cash.saturating_add(other.cash);
    }
}

/// Levels by leaf, by month: a forecast as it is kept for a later bridge, or what came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels {
    /// The day on which it was known.
    pub as_of: Date,
    /// By month and leaf (payer, state, place of service, family).
    pub months: BTreeMap<Month, BTreeMap<[String; 4], Level>>,
    /// Cash of months whose postings are whole, but whose services are in no file.
    pub cash: BTreeMap<Month, Money>,
}

/// The form of the file of a kept forecast.
const FORM: u64 = 1;

/// No sum of a kept forecast is beyond this: ten trillion dollars, or lines.
const LARGEST: i128 = 1_000_000_000_000_000;

/// The number that tells the form of a kept forecast, whatever else stands in the file.
#[derive(Debug, Deserialize)]
struct Form {
    allowable_forecast: u64,
}

/// The file of a kept forecast.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    allowable_forecast: u64,
    as_of: String,
    months: BTreeMap<String, Vec<KeptLeaf>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptLeaf {
    payer: String,
    state: String,
    pos: String,
    family: String,
    level: Level,
}

fn name(key: &LeafKey) -> [String; 4] {
    Dim::ALL.map(|dim| dim.of(key))
}

impl Levels {
    /// The means of a forecast.
    #[must_use]
    pub fn of(outlook: &Outlook) -> Self {
        let mut months: BTreeMap<Month, BTreeMap<[String; 4], Level>> = BTreeMap::new();
        for (key, means) in &outlook.leaves {
            for (month, mean) in outlook.months.iter().zip(means) {
                let get = |measure: Measure| mean[measure as usize];
                let level = Level {
                    lines: get(Measure::Lines),
                    expected: get(Measure::Expected),
                    net: get(Measure::Net),
                    cash: get(Measure::Cash),
                };
                *months.entry(*month).or_default().entry(name(key)).or_default() += level;
            }
        }
        Self { as_of: outlook.as_of, months, cash: BTreeMap::new() }
    }

    /// What came, as known now: net of a month is what is not denied or short as of now, so that what is not answered yet counts
    /// as to come; cash is what was paid in the month. Only months of which services and postings are whole, and of those
    /// whose postings are whole and whose services are in no file the cash.
    #[must_use]
    pub fn actual(book: &Book) -> Self {
        let mut months: BTreeMap<Month, BTreeMap<[String; 4], Level>> = BTreeMap::new();
        let told = |month: &Month| *month <= book.last_posting && !book.missing.contains(month);
        for (at, month) in book.months().enumerate().filter(|(_, m)| told(m)) {
            let of_month = months.entry(month).or_default();
            for leaf in &book.leaves {
                let cell = leaf.months[at];
                let net = cell.expected - cell.denied - cell.underpaid + cell.overpaid - cell.off_benchmark;
                *of_month.entry(name(&leaf.key)).or_default() += Level {
                    lines: i64::from(cell.lines) * 100,
                    expected: cell.expected.cents(),
                    net: net.cents(),
                    cash: leaf.cash.get(at).map_or(0, |c| c.cents()),
                };
            }
        }
        let after = (1..).map(|n| book.last_service.plus(n)).take_while(|m| *m <= book.last_posting);
        let missing = book.missing.iter().copied().filter(|m| *m <= book.last_posting);
        let cash = missing.chain(after).filter_map(|m| Some((m, book.cash_of(m)?))).collect();
        Self { as_of: book.as_of, months, cash }
    }

    /// Without some payers, by their ids: those of whom nothing tells what they pay cannot be compared.
    #[must_use]
    pub fn without(mut self, payers: &[&str]) -> Self {
        for leaves in self.months.values_mut() {
            leaves.retain(|[payer, ..], _| !payers.contains(&payer.as_str()));
        }
        self
    }

    /// As JSON, for a later bridge.
    ///
    /// # Errors
    /// When it has no JSON form, which does not happen.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        let leaf = |(name, level): (&[String; 4], &Level)| {
            let [payer, state, pos, family] = name.clone();
            KeptLeaf { payer, state, pos, family, level: *level }
        };
        let kept = Kept {
            allowable_forecast: FORM,
            as_of: self.as_of.to_string(),
            months: self.months.iter().map(|(m, l)| (m.to_string(), l.iter().map(leaf).collect())).collect(),
        };
        let mut bytes =
            serde_json::to_vec_pretty(&kept).map_err(|e| Error::output("the forecast has no JSON form").because(e))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads what [`Self::to_json`] wrote; `place` is the file's name in errors.
    ///
    /// # Errors
    /// When it is something else, of another version, damaged, or holds amounts that no practice has.
    pub fn from_json(bytes: &[u8], place: &str) -> Result<Self> {
        let wrong = |what: String| {
            Error::input(what)
                .at(Place::file(place))
                .help("give a file that `allowable forecast --save FILE.json` wrote")
        };
        let form: Form = serde_json::from_slice(bytes).map_err(|e| {
            // A file that is no JSON at all was cut off or changed; one without the number is another file.
            let what = if e.is_data() { "this is no kept forecast" } else { "the kept forecast is damaged" };
            wrong(what.into()).because(e)
        })?;
        match form.allowable_forecast {
            FORM => {}
            0 => return Err(wrong("the forecast is kept in form 0, which there never was".into())),
            newer => {
                return Err(Error::input(format!(
                    "the forecast is kept in form {newer}, by a newer version of this program, which reads form {FORM}"
                ))
                .at(Place::file(place))
                .help("use the version that kept it, or keep it anew with --save"));
            }
        }
        let kept: Kept =
            serde_json::from_slice(bytes).map_err(|e| wrong("the kept forecast is damaged".into()).because(e))?;
        let as_of = parse_iso_date(&kept.as_of).map_err(|e| wrong(format!("as_of: {e}")))?;
        let mut months = BTreeMap::new();
        let mut sums = [0_i128; 4];
        for (text, leaves) in kept.months {
            let day = parse_iso_date(&format!("{text}-01")).map_err(|_| wrong(format!("\"{text}\" is no month")))?;
            let mut levels: BTreeMap<[String; 4], Level> = BTreeMap::new();
            for leaf in leaves {
                if leaf.level.lines < 0 {
                    return Err(wrong(format!("{text}, {}: {} lines", leaf.payer, leaf.level.lines)));
                }
                let Level { lines, expected, net, cash } = leaf.level;
                for (sum, part) in sums.iter_mut().zip([lines, expected, net, cash]) {
                    *sum += i128::from(part).abs();
                }
                *levels.entry([leaf.payer, leaf.state, leaf.pos, leaf.family]).or_default() += leaf.level;
            }
            months.insert(Month::of(day), levels);
        }
        if sums.iter().any(|sum| *sum > LARGEST) {
            return Err(wrong("the kept forecast holds more than ten trillion dollars or lines".into()));
        }
        Ok(Self { as_of, months, cash: BTreeMap::new() })
    }
}

/// Two amounts: of net, and of cash.
pub type Both = (Money, Money);

/// Why net, and cash, differ between two sets of levels: of each its own dollars. In cents; the parts sum to the differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bridge {
    /// The first and the last month that both have; those of cash alone are not among them. `None` when there are only those.
    pub months: Option<(Month, Month)>,
    /// Before.
    pub from: Both,
    /// More lines.
    pub volume: Both,
    /// Other leaves.
    pub mix: Both,
    /// More expected per line.
    pub rate: Both,
    /// More allowed per expected.
    pub denial: Both,
    /// More cash per dollar allowed.
    pub timing: Money,
    /// What more was paid in months whose services are in no file.
    pub unserved: Money,
    /// After.
    pub to: Both,
}

fn plus(a: Both, b: Both) -> Both {
    (a.0 + b.0, a.1 + b.1)
}

/// From a kept forecast to what is known and forecast now: over the months that have come, and over those that are still to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bridges {
    /// The day of the kept forecast.
    pub kept: Date,
    /// To what came; `None` when none of its months has come.
    pub came: Option<Bridge>,
    /// To this forecast; `None` when none of its months is still to come.
    pub ahead: Option<Bridge>,
    /// Its months of which cash came, while their services are in no file: part of `came`, of cash alone.
    pub unserved: Vec<Month>,
    /// Its months that are neither whole in the files nor forecast now.
    pub left_out: Vec<Month>,
    /// Cash of the kept forecast in `left_out`: with it, what is compared is all of it.
    pub left_out_cash: Money,
}

impl Bridges {
    /// Bridges from `kept` to what came (`actual`) and to a forecast (`now`).
    #[must_use]
    pub fn new(kept: &Levels, actual: &Levels, now: &Levels) -> Self {
        let has = |levels: &Levels, month: &Month| levels.months.contains_key(month);
        let others = || kept.months.keys().filter(|m| !has(actual, m) && !has(now, m)).copied();
        let unserved: Vec<Month> = others().filter(|m| actual.cash.contains_key(m)).collect();
        let left_out: Vec<Month> = others().filter(|m| !actual.cash.contains_key(m)).collect();
        // A month that has come is not forecast any more.
        let ahead = now.months.iter().filter(|(m, _)| !has(actual, m)).map(|(m, l)| (*m, l.clone())).collect();
        let ahead = Levels { as_of: now.as_of, months: ahead, cash: BTreeMap::new() };
        let cash_of = |months: &[Month]| -> Money {
            let leaves = months.iter().filter_map(|m| kept.months.get(m)).flat_map(BTreeMap::values);
            leaves.map(|l| Money::from_cents(l.cash)).sum()
        };
        let (before, after) = (cash_of(&unserved), unserved.iter().filter_map(|m| actual.cash.get(m)).copied().sum());
        let came = bridge(kept, actual);
        let came = if unserved.is_empty() { came } else { Some(came.unwrap_or(Bridge::NONE).with_cash(before, after)) };
        let left_out_cash = cash_of(&left_out);
        Self { kept: kept.as_of, came, ahead: bridge(kept, &ahead), unserved, left_out, left_out_cash }
    }

    /// Over all months: what came, then this forecast. Its parts are the sums of the parts of both.
    #[must_use]
    pub fn together(&self) -> Option<Bridge> {
        match (self.came, self.ahead) {
            (Some(a), Some(b)) => Some(Bridge {
                months: match (a.months, b.months) {
                    (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                    (a, b) => a.or(b),
                },
                from: plus(a.from, b.from),
                volume: plus(a.volume, b.volume),
                mix: plus(a.mix, b.mix),
                rate: plus(a.rate, b.rate),
                denial: plus(a.denial, b.denial),
                timing: a.timing + b.timing,
                unserved: a.unserved + b.unserved,
                to: plus(a.to, b.to),
            }),
            (came, ahead) => came.or(ahead),
        }
    }
}

impl Bridge {
    /// Over no month.
    const NONE: Self = {
        const ZERO: Both = (Money::ZERO, Money::ZERO);
        Self {
            months: None,
            from: ZERO,
            volume: ZERO,
            mix: ZERO,
            rate: ZERO,
            denial: ZERO,
            timing: Money::ZERO,
            unserved: Money::ZERO,
            to: ZERO,
        }
    };

    /// With cash of months that have nothing else.
    fn with_cash(self, before: Money, after: Money) -> Self {
        Self {
            from: (self.from.0, self.from.1 + before),
            unserved: self.unserved + (after - before),
            to: (self.to.0, self.to.1 + after),
            ..self
        }
    }
}

/// What the levels of a leaf are after each step: net, and cash.
#[derive(Debug, Clone, Copy, Default)]
struct Chain {
    mixed: (f64, f64),
    rated: (f64, f64),
    kept: f64,
}

impl std::ops::AddAssign for Chain {
    fn add_assign(&mut self, other: Self) {
        self.mixed = (self.mixed.0 + other.mixed.0, self.mixed.1 + other.mixed.1);
        self.rated = (self.rated.0 + other.rated.0, self.rated.1 + other.rated.1);
        self.kept += other.kept;
    }
}

fn dollars(cents: i64) -> f64 {
    float(Money::from_cents(cents))
}

fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole != 0).then(|| dollars(part) / dollars(whole))
}

/// A leaf that was `was` and is `now`.
fn chain(was: Level, now: Level) -> Chain {
    // A leaf that was not there, or had nothing, is judged by what it is now: all of it is mix.
    let rate = ratio(was.expected, was.lines).or_else(|| ratio(now.expected, now.lines)).unwrap_or(0.0);
    let kept = ratio(was.net, was.expected).or_else(|| ratio(now.net, now.expected)).unwrap_or(0.0);
    let mixed = dollars(now.lines) * rate * kept;
    let rated = dollars(now.expected) * kept;
    // Cash in its own dollars: as much per line as it was, then as rate and share kept change it. Where they were nothing (lines
    // without a price) or below, they change nothing that could be told.
    let per_line = ratio(was.cash, was.lines).or_else(|| ratio(now.cash, now.lines)).unwrap_or(0.0);
    let grown = |now: Option<f64>, was: f64| now.filter(|now| was > 0.0 && *now >= 0.0).map_or(1.0, |now| now / was);
    let cash = dollars(now.lines) * per_line;
    let cash_rated = cash * grown(ratio(now.expected, now.lines), rate);
    let cash_kept = cash_rated * grown(ratio(now.net, now.expected), kept);
    Chain { mixed: (mixed, cash), rated: (rated, cash_rated), kept: cash_kept }
}

/// The bridge over the months that both have; `None` when there is none.
#[must_use]
pub fn bridge(from: &Levels, to: &Levels) -> Option<Bridge> {
    let common: Vec<Month> = from.months.keys().filter(|m| to.months.contains_key(m)).copied().collect();
    let sums = |levels: &Levels| {
        let mut leaves: BTreeMap<[String; 4], Level> = BTreeMap::new();
        for (name, level) in common.iter().filter_map(|m| levels.months.get(m)).flatten() {
            *leaves.entry(name.clone()).or_default() += *level;
        }
        leaves
    };
    let (a, b) = (sums(from), sums(to));
    let all = |leaves: &BTreeMap<[String; 4], Level>| {
        let mut sum = Level::default();
        leaves.values().for_each(|l| sum += *l);
        sum
    };
    let (before, after) = (all(&a), all(&b));
    let mut chained = Chain::default();
    b.iter().for_each(|(name, now)| chained += chain(a.get(name).copied().unwrap_or_default(), *now));
    let growth = ratio(after.lines, before.lines).unwrap_or(1.0);
    let grown = [before.net, before.cash].map(|level| cents(dollars(level) * growth));
    let whole = |level: i64| Money::from_cents(level);
    let net = [whole(before.net), grown[0], cents(chained.mixed.0), cents(chained.rated.0), whole(after.net)];
    let cash = [whole(before.cash), grown[1], cents(chained.mixed.1), cents(chained.rated.1), cents(chained.kept)];
    let step = |at: usize| (net[at] - net[at - 1], cash[at] - cash[at - 1]);
    Some(Bridge {
        months: Some((*common.first()?, *common.last()?)),
        from: (net[0], cash[0]),
        volume: step(1),
        mix: step(2),
        rate: step(3),
        denial: step(4),
        timing: whole(after.cash) - cash[4],
        unserved: Money::ZERO,
        to: (net[4], whole(after.cash)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(rows: &[(&str, [i64; 4])]) -> Levels {
        let leaf = |(payer, [lines, expected, net, cash]): &(&str, [i64; 4])| {
            let name = [(*payer).to_owned(), "OH".into(), "11".into(), "visit".into()];
            (name, Level { lines: *lines, expected: *expected, net: *net, cash: *cash })
        };
        let month = Month::new(2025, 1).unwrap();
        Levels {
            as_of: parse_iso_date("2025-01-31").unwrap(),
            months: BTreeMap::from([(month, rows.iter().map(leaf).collect())]),
            cash: BTreeMap::new(),
        }
    }

    #[test]
    fn one_change_after_the_other_by_hand() {
        // Before: A 10 lines × $10, B 10 × $20, both keep 90 %: expected 300, net 270; paid 250.
        let from = levels(&[("A", [1000, 10_000, 9_000, 8_000]), ("B", [1000, 20_000, 18_000, 17_000])]);
        // After: A 20 lines × $11 keep 80 %: 220, 176. B 10 × $20 keep 90 %: 200, 180. Paid 340.
        let to = levels(&[("A", [2000, 22_000, 17_600, 16_000]), ("B", [1000, 20_000, 18_000, 18_000])]);
        let b = bridge(&from, &to).unwrap();
        // Volume: 270 × 30/20 = 405. Mix: 20 × 10 × 0.9 + 10 × 20 × 0.9 = 360. Rate: 220 × 0.9 + 180 = 378. Net: 356.
        let parts = [b.volume, b.mix, b.rate, b.denial];
        assert_eq!(parts.map(|p| p.0.cents()), [13_500, -4_500, 1_800, -2_200]);
        assert_eq!((b.from.0.cents(), b.to.0.cents()), (27_000, 35_600));
        // Cash in its own dollars: A was paid 8 a line, B 17. Volume: 250 × 30/20 = 375. Mix: 20 × 8 + 10 × 17 = 330. Rate: A
        // from 10 to 11: 160 × 1.1 + 170 = 346. Denial: A from 90 % to 80 %: 176 × 8/9 + 170 = 326.44. Came: 340.
        assert_eq!(parts.map(|p| p.1.cents()), [12_500, -4_500, 1_600, -1_956]);
        assert_eq!((b.from.1.cents(), b.timing.cents(), b.to.1.cents()), (25_000, 1_356, 34_000));
    }

    #[test]
    fn a_month_of_postings_alone_is_compared_in_cash_and_the_whole_forecast_is_the_start() {
        let month = |n: u32| Month::new(2025, n).unwrap();
        let mut kept = levels(&[("A", [1000, 10_000, 9_000, 8_000])]);
        let leaf = kept.months[&month(1)].clone();
        kept.months.extend([(month(2), leaf.clone()), (month(3), leaf)]);
        // January came as forecast; of February only the postings came, $75 for $80; March is not over.
        let mut actual = levels(&[("A", [1000, 10_000, 9_000, 8_000])]);
        actual.cash.insert(month(2), Money::from_cents(7_500));
        let now = Levels { months: BTreeMap::new(), ..actual.clone() };
        let all = Bridges::new(&kept, &actual, &now);
        assert_eq!((all.unserved, all.left_out), (vec![month(2)], vec![month(3)]));
        let b = all.came.unwrap();
        // 80 + 80 before, and 80 of March beside it: the 240 that were forecast.
        assert_eq!((b.from.1.cents(), b.unserved.cents(), b.to.1.cents()), (16_000, -500, 15_500));
        assert_eq!((all.left_out_cash.cents(), b.from.0.cents()), (8_000, 9_000));
        assert_eq!(b.months, Some((month(1), month(1))));
    }

    #[test]
    fn parts_sum_to_the_difference_whatever_the_numbers() {
        let cases = [
            (levels(&[]), levels(&[("A", [333, 1_001, 777, 5])])),
            (levels(&[("A", [333, 1_001, 777, 5])]), levels(&[])),
            (levels(&[("A", [0, 0, 0, 9])]), levels(&[("A", [7, 3, 2, 1]), ("B", [1, 0, -4, 0])])),
            (levels(&[("A", [101, 3_333, 3_332, 1]), ("C", [7, 7, 7, 7])]), levels(&[("A", [99, 3_334, 1, 2])])),
        ];
        for (from, to) in cases {
            let b = bridge(&from, &to).unwrap();
            assert_eq!(b.from.0 + b.volume.0 + b.mix.0 + b.rate.0 + b.denial.0, b.to.0);
            assert_eq!(b.from.1 + b.volume.1 + b.mix.1 + b.rate.1 + b.denial.1 + b.timing + b.unserved, b.to.1);
        }
        let mut later = levels(&[]);
        later.months.clear();
        assert_eq!(bridge(&later, &levels(&[])), None);
    }

    /// The sums of a bridge: those of net, and those of cash.
    fn assert_sums(b: &Bridge) {
        assert_eq!(b.from.0 + b.volume.0 + b.mix.0 + b.rate.0 + b.denial.0, b.to.0);
        assert_eq!(b.from.1 + b.volume.1 + b.mix.1 + b.rate.1 + b.denial.1 + b.timing + b.unserved, b.to.1);
    }

    proptest::proptest! {
        /// Whatever leaves there are, before and after, the parts sum to the cent, also together over months that came and
        /// months to come; and from a forecast to itself nothing changes.
        #[test]
        fn parts_sum_to_the_cent_for_any_leaves(
            rows in proptest::collection::vec(
                (0_usize..4, 0_i32..6, 0_usize..3, 0_i64..10_000_000, -9_000_000_000_i64..9_000_000_000,
                 -9_000_000_000_i64..9_000_000_000, -9_000_000_000_i64..9_000_000_000),
                0..60,
            ),
        ) {
            let start = Month::new(2025, 1).unwrap();
            let as_of = parse_iso_date("2025-01-31").unwrap();
            let mut levels = [0, 1, 2].map(|_| Levels { as_of, months: BTreeMap::new(), cash: BTreeMap::new() });
            for (payer, month, which, lines, expected, net, cash) in rows {
                let name = [["A", "B", "C", "D"][payer].to_owned(), "OH".into(), "11".into(), "visit".into()];
                let leaves = levels[which].months.entry(start.plus(month)).or_default();
                *leaves.entry(name).or_default() += Level { lines, expected, net, cash };
            }
            let [kept, came, now] = levels;
            let all = Bridges::new(&kept, &came, &now);
            let together = all.together();
            for b in [all.came, all.ahead, together].iter().flatten() {
                assert_sums(b);
            }
            // The ends are the levels themselves, summed over the months that are compared.
            let compared = |m: &Month| came.months.contains_key(m) || now.months.contains_key(m);
            let cash: i64 = kept.months.iter().filter(|(m, _)| compared(m)).flat_map(|(_, l)| l.values()).map(|l| l.cash).sum();
            assert_eq!(together.map_or(0, |b| b.from.1.cents()), cash);
            let months = kept.months.keys().filter(|m| !compared(m)).count();
            assert_eq!(all.left_out.len(), months);
            if let Some(same) = bridge(&kept, &kept) {
                let parts = [same.volume, same.mix, same.rate, same.denial, (Money::ZERO, same.timing)];
                // A leaf with lines or money but no lines before has no rate: what it is then, it is after as well.
                assert_eq!(parts.iter().copied().fold((Money::ZERO, Money::ZERO), plus), (Money::ZERO, Money::ZERO));
                assert_eq!(same.volume, (Money::ZERO, Money::ZERO));
            }
        }
    }

    #[test]
    fn a_kept_forecast_is_read_back_and_nothing_else_is() {
        let kept = levels(&[("A", [333, 1_001, 777, 5])]);
        assert_eq!(Levels::from_json(&kept.to_json().unwrap(), "f.json").unwrap(), kept);
        let file = |month: &str, level: &str| {
            let leaf = r#"{"payer":"A","state":"OH","pos":"11","family":"visit","level":"#;
            format!(r#"{{"allowable_forecast":1,"as_of":"2025-01-31","months":{{"{month}":[{leaf}{level}}}]}}}}"#)
        };
        let sound = r#"{"lines":100,"expected":1,"net":1,"cash":1}"#;
        assert!(Levels::from_json(file("2025-01", sound).as_bytes(), "f.json").is_ok());
        let cut_off = &file("2025-01", sound)[..80];
        for (wrong, says) in [
            ("", "damaged"),
            (cut_off, "damaged"),
            ("{}", "no kept forecast"),
            ("[1]", "damaged"),
            (r#"{"allowable_forecast":2,"as_of":"2025-01-01","of":{}}"#, "newer version"),
            (r#"{"allowable_forecast":0,"as_of":"2025-01-01","months":{}}"#, "form 0"),
            (r#"{"allowable_forecast":1,"as_of":"2025-01-01"}"#, "damaged"),
            (r#"{"allowable_forecast":1,"as_of":"yesterday","months":{}}"#, "as_of"),
            (file("January", sound).as_str(), "no month"),
            (file("2025-01", r#"{"lines":-1,"expected":1,"net":1,"cash":1}"#).as_str(), "-1 lines"),
            (
                file("2025-01", r#"{"lines":1,"expected":9223372036854775807,"net":1,"cash":1}"#).as_str(),
                "ten trillion",
            ),
            (file("2025-01", r#"{"lines":1,"expected":1.5,"net":1,"cash":1}"#).as_str(), "damaged"),
        ] {
            let error = Levels::from_json(wrong.as_bytes(), "f.json").unwrap_err().to_string();
            assert!(error.contains("f.json") && error.contains(says), "{wrong}: {error}");
        }
    }
}
