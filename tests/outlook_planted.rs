//! What the demo generator plants, recovered from its files: growth, season, the schedule of 2024, payment lags; and forecasts of the
//! past held against what came. The planted figures are those of `src/demo`, written down here, or counted from its constants.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use allowable::demo;
use allowable::domain::{Date, parse_iso_date};
use allowable::forecast::Month;
use allowable::ingest::{Input, Intake, read};
use allowable::outlook::{Book, Coherence, Dim, Measure, Outlook, Plan, Rates, cash, outlook, rests_on};
use allowable::project::Project;
use allowable::reference::Reference;

use crate::outlook_parts::near;

pub(crate) fn day(text: &str) -> Date {
    parse_iso_date(text).unwrap()
}

pub(crate) struct Practice {
    pub(crate) project: Project,
    pub(crate) reference: Reference,
    pub(crate) intake: Intake,
    books: Mutex<BTreeMap<String, Arc<Book>>>,
}

impl Practice {
    /// As the program reads it from the generator's files.
    fn new(lines: u32, seed: u64) -> Self {
        let (project, reference) = demo::load().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let written =
            demo::write(&demo::generate(lines, seed, &reference, &project).unwrap(), dir.path(), false).unwrap();
        let data = |name: &str| name.ends_with("claims.csv.gz") || name.ends_with("remits.csv.gz");
        let inputs: Vec<Input> =
            written.files.into_iter().filter(|f| data(f.to_str().unwrap())).map(Input::File).collect();
        let intake = read(&inputs, &project, &|_| ()).unwrap();
        Self { project, reference, intake, books: Mutex::default() }
    }

    /// The practice as known on a day; each made once for all tests.
    pub(crate) fn book(&self, as_of: &str) -> Arc<Book> {
        let make = || Arc::new(Book::new(&self.intake, &self.project, &self.reference, day(as_of)).unwrap());
        Arc::clone(self.books.lock().unwrap().entry(as_of.to_owned()).or_insert_with(make))
    }

    pub(crate) fn outlook(&self, book: &Book, plan: &Plan) -> Outlook {
        outlook(book, &Rates::known(book, &self.project, &self.reference, plan.horizon), &cash(book), plan)
    }
}

/// The demo, and two larger practices of other seeds.
pub(crate) fn practices() -> &'static [Practice; 3] {
    static MADE: OnceLock<[Practice; 3]> = OnceLock::new();
    MADE.get_or_init(|| [Practice::new(demo::LINES, demo::SEED), Practice::new(40_000, 1), Practice::new(40_000, 2)])
}

pub(crate) fn plan(by: &[Dim]) -> Plan {
    Plan {
        horizon: 12,
        paths: 300,
        seed: 7,
        by: by.to_vec(),
        stretch: Vec::new(),
        coherence: Coherence::BottomUp,
        adjust: Vec::new(),
    }
}

/// How often a range holds: within, and asked.
#[derive(Debug, Default, Clone, Copy)]
struct Held(u32, u32);

impl Held {
    fn ask(&mut self, holds: bool) {
        self.0 += u32::from(holds);
        self.1 += 1;
    }
}

fn within(range: (f64, f64), value: f64) -> bool {
    range.0 <= value && value <= range.1
}

/// `calendar.rs`: services grow "by 0.6% of the first month each month". What grows is visits; lines grow more, because from 2024 on
/// Medicare patients' drugs are billed as well, which their growth shows.
#[test]
fn planted_growth_lies_within_its_stated_range() {
    // In the middle of 36 months, 17.5 after the first, 0.6% of the first month's level is 0.6 / 1.105 = 0.543% of what there is by
    // then: (1 + 0.00543)¹² is 6.7% a year.
    let planted = (1.0 + 0.006 / (1.0 + 0.006 * 17.5_f64)).powi(12) - 1.0;
    for practice in practices() {
        let found = rests_on(&practice.book("2026-02-28"));
        let of = |name: &str| found.growth.iter().find(|g| g.name == name).unwrap();
        for name in ["visits", "lines: administration"] {
            let growth = of(name);
            assert!(within(growth.i95, planted), "{growth:?}");
            assert!(growth.i80.0 > growth.i95.0 && growth.i80.1 < growth.i95.1);
            // The range says something: no growth at all lies outside.
            assert!(growth.i95.0 > 0.0, "{growth:?}");
        }
        assert!(of("lines: drug").per_year > of("visits").per_year);
        // The third year over the second: 1.177 over 1.105, 6.5%; a year scatters more than three.
        near(of("visits").last_year.unwrap(), 0.072 / 1.105, 0.06);
        assert_eq!((of("visits").from, of("visits").months), (Month::new(2023, 1).unwrap(), 36));
    }
}

/// `calendar.rs`: the weights of the months per working day; they sum to 1,208.
#[test]
fn the_planted_season_lies_within_its_stated_ranges() {
    const MONTHS: [u32; 12] = [118, 112, 110, 108, 100, 92, 86, 88, 96, 104, 100, 94];
    let (mut i80, mut i95) = (Held::default(), Held::default());
    for practice in practices() {
        let found = rests_on(&practice.book("2026-02-28"));
        assert_eq!(found.seasons.len(), 12);
        for (season, weight) in found.seasons.iter().zip(MONTHS) {
            let planted = f64::from(weight) * 12.0 / 1208.0;
            i80.ask(within(season.i80, planted));
            i95.ask(within(season.i95, planted));
            assert!((season.index / planted - 1.0).abs() < 0.08, "{season:?} {planted}");
        }
    }
    // Of 36, 28.8 and 34.2 are expected; fewer than these happen by chance less than once in a hundred times.
    assert!(i80.0 >= 22 && i95.0 >= 31, "{i80:?} {i95:?}");
    // And the other way round: ranges that hold everything are too wide.
    assert!(i80.0 < 36, "{i80:?}");
}

/// Days from the service to the posting of the first answer by the constants of `claims.rs` and `practice.rs`: sent 2 to 6 days
/// later, answered after the payer's lag (7 % are held 25 to 90 days more), posted two days after that, each on a working day;
/// 0.9 % are lost. Counted over every working day of 2024.
fn planted_median(lag: (u32, u32)) -> i64 {
    use chrono::{Datelike, Days, Weekday};
    let works = |d: Date| {
        let thanksgiving = d.month() == 11 && d.weekday() == Weekday::Thu && (22..=28).contains(&d.day());
        let fixed = matches!((d.month(), d.day()), (1, 1) | (7, 4) | (12, 25));
        !matches!(d.weekday(), Weekday::Sat | Weekday::Sun) && !fixed && !thanksgiving
    };
    let later = |d: Date, days: u32| {
        let mut d = d + Days::new(u64::from(days));
        while !works(d) {
            d = d + Days::new(1);
        }
        d
    };
    let mut shares: BTreeMap<i64, f64> = BTreeMap::new();
    let mut all = 0.0;
    for served in day("2024-01-01").iter_days().take(366).filter(|d| works(*d)) {
        for sent in (2..=6).map(|n| later(served, n)) {
            for wait in lag.0..=lag.1 {
                for (held, weight) in [(0..=0, 0.93), (25..=90, 0.07)] {
                    let weight = weight / f64::from(*held.end() - *held.start() + 1);
                    for held in held {
                        let posted = later(later(sent, wait + held), 2);
                        *shares.entry((posted - served).num_days()).or_default() += weight;
                        all += weight;
                    }
                }
            }
        }
    }
    let mut sum = 0.0;
    let half = |share: f64| {
        sum += share / all * 0.991;
        sum >= 0.5
    };
    let mut half = half;
    shares.into_iter().find(|(_, share)| half(*share)).unwrap().0
}

#[test]
fn planted_days_to_pay_lie_within_their_stated_ranges_although_many_claims_still_wait() {
    // Days from sending to the answer, by kind of payer (`practice.rs`).
    let [medicare, advantage, commercial, medicaid] = [(14, 30), (18, 45), (20, 60), (20, 75)].map(planted_median);
    let kinds = [("MCR", medicare), ("MA", advantage), ("MCO", commercial), ("COM", commercial), ("MCD", medicaid)];
    let (mut i80, mut i95) = (Held::default(), Held::default());
    for practice in practices() {
        // A day on which a good part of the last months' claims has no answer yet.
        let book = practice.book("2024-03-31");
        let waits = rests_on(&book).waits;
        for (payer, wait) in book.payers.iter().zip(&waits) {
            let Some((_, planted)) = kinds.iter().find(|(kind, _)| payer.id.starts_with(kind)) else { continue };
            assert!(wait.answered < wait.claims, "{wait:?}");
            let holds =
                |range: (Option<i64>, Option<i64>)| range.0.unwrap() <= *planted && *planted <= range.1.unwrap();
            i80.ask(holds(wait.i80));
            i95.ask(holds(wait.i95));
            assert!((wait.median.unwrap() - planted).abs() <= 3, "{wait:?} {planted}");
        }
    }
    // 36 medians: as with the season.
    assert!(i80.1 == 36 && i80.0 >= 22 && i95.0 >= 31, "{i80:?} {i95:?}");
}

/// What a payer's lag curve says as of the end of 2024 against what came of the services of 2023 and 2024 in the end.
#[test]
fn payment_lags_by_month_are_recovered() {
    let (mut near, mut held) = (Held::default(), Held::default());
    for practice in practices() {
        let (then, now) = (practice.book("2024-12-31"), practice.book("2026-02-28"));
        for (payer, cash) in then.payers.iter().zip(cash(&then)).filter(|(_, c)| !c.borrowed) {
            // Counted here from the remittances themselves.
            let mut by_lag = [0i64; 14];
            let lines: BTreeMap<(&str, u32), Date> = practice
                .intake
                .lines
                .iter()
                .filter(|l| l.payer == payer.id && l.service_date <= day("2024-12-31"))
                .map(|l| ((&*l.claim_id, l.line_number), l.service_date))
                .collect();
            for remit in &practice.intake.remits {
                let Some(served) = lines.get(&(&*remit.claim_id, remit.line_number)) else { continue };
                let posted = remit.posted_date.unwrap_or(remit.remit_date);
                let lag = Month::of(posted).since(Month::of(*served)).clamp(0, 13);
                by_lag[usize::try_from(lag).unwrap()] += remit.paid.cents();
            }
            let all: i64 = by_lag.iter().sum();
            let mut came = 0;
            for (lag, share) in cash.curve.as_ref().unwrap().shares().iter().enumerate().take(4) {
                came += by_lag[lag];
                let came = came as f64 / all as f64;
                near.ask((share.share - came).abs() < 0.05);
                // A payer that never pays in the month of service has a curve without ranges: its first factor is from nothing.
                if let Some(interval) = share.interval {
                    held.ask(within(interval, came));
                }
            }
        }
        assert!(now.last_posting > then.last_posting);
    }
    assert!(near.1 >= 140 && f64::from(near.0) >= 0.95 * f64::from(near.1), "{near:?}");
    // Lags of a payer go together: its four shares are no four independent cases.
    assert!(f64::from(held.0) >= 0.65 * f64::from(held.1), "{held:?}");
}

/// The forecast of 2025 from the end of 2024 against what 2025 brought, at the total, by payer, and by the finest group.
#[test]
fn ranges_of_a_forecast_of_the_past_hold_what_came() {
    let practice = &practices()[1];
    let (then, now) = (practice.book("2024-12-31"), practice.book("2026-02-28"));
    assert_eq!((then.start, then.gap()), (Month::new(2025, 1).unwrap(), 0));
    for by in [&[][..], &[Dim::Payer], &[Dim::Payer, Dim::State, Dim::Pos]] {
        let made = practice.outlook(&then, &Plan { paths: 100, ..plan(by) });
        let mut held: BTreeMap<Measure, [Held; 2]> = BTreeMap::new();
        for group in &made.groups {
            let leaves: Vec<_> =
                now.leaves.iter().filter(|l| by.iter().map(|d| d.of(&l.key)).eq(group.label.iter().cloned())).collect();
            for (at, month) in made.months.iter().enumerate() {
                let i = usize::try_from(month.since(now.first)).unwrap();
                let lines = leaves.iter().map(|l| i64::from(l.months[i].lines) * 100).sum::<i64>();
                let expected = leaves.iter().map(|l| l.months[i].expected.cents()).sum::<i64>();
                let cash = leaves.iter().map(|l| l.cash[i].cents()).sum::<i64>();
                for (measure, came) in [(Measure::Lines, lines), (Measure::Expected, expected), (Measure::Cash, cash)] {
                    let band = group.month(at, measure);
                    let held = held.entry(measure).or_default();
                    held[0].ask(band.i80.0 <= came && came <= band.i80.1);
                    held[1].ask(band.i95.0 <= came && came <= band.i95.1);
                }
            }
        }
        for (measure, [i80, i95]) in held {
            let share = |h: Held| f64::from(h.0) / f64::from(h.1);
            // Twelve months of the total go together: 8 of 12 is no sign against 80 %. Thousands of small groups tell more.
            let (low, high) = match by.len() {
                0 => (8.0 / 12.0, 1.0),
                1 => (0.68, 0.92),
                _ => (0.72, 0.9),
            };
            assert!((low..=high).contains(&share(i80)), "{by:?} {measure:?} 80 %: {i80:?}");
            assert!(share(i95) >= 0.87, "{by:?} {measure:?} 95 %: {i95:?}");
        }
    }
}
