//! What the demo generator plants, recovered from its files: growth, season, the schedule of 2024, payment lags; and forecasts of the
//! past held against what came. The planted figures are those of `src/demo`, written down here, or counted from its constants.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use allowable::demo;
use allowable::domain::{Date, parse_iso_date};
use allowable::forecast::Month;
use allowable::ingest::{Input, Intake, read};
use allowable::outlook::{Book, Coherence, Dim, Measure, Outlook, Plan, Rates, cash, outlook, rests_on};
use allowable::project::Project;
use allowable::reference::Reference;

pub(crate) fn day(text: &str) -> Date {
    parse_iso_date(text).unwrap()
}

pub(crate) struct Practice {
    pub(crate) project: Project,
    pub(crate) reference: Reference,
    pub(crate) intake: Intake,
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
        Self { project, reference, intake }
    }

    pub(crate) fn book(&self, as_of: &str) -> Book {
        Book::new(&self.intake, &self.project, &self.reference, day(as_of)).unwrap()
    }

    pub(crate) fn outlook(&self, book: &Book, plan: &Plan) -> Outlook {
        outlook(book, &Rates::known(book, &self.project, &self.reference, plan.horizon), &cash(book), plan)
    }
}

/// The demo, and two practices of other seeds that are twice as large.
pub(crate) fn practices() -> &'static [Practice; 3] {
    static MADE: OnceLock<[Practice; 3]> = OnceLock::new();
    MADE.get_or_init(|| [Practice::new(demo::LINES, demo::SEED), Practice::new(50_000, 1), Practice::new(50_000, 2)])
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

#[test]
fn explore() {
    for p in practices() {
        let book = p.book("2026-02-28");
        let found = rests_on(&book);
        for g in &found.growth {
            println!("{} {:.5} {:?} {:?}", g.name, g.per_month, g.i80, g.i95);
        }
        const MONTHS: [u32; 12] = [118, 112, 110, 108, 100, 92, 86, 88, 96, 104, 100, 94];
        for s in &found.seasons {
            let truth = f64::from(MONTHS[s.month as usize - 1]) * 12.0 / 1208.0;
            println!(
                "{} {:.3} truth {:.3} {:?} {}",
                s.month,
                s.index,
                truth,
                s.i80,
                s.i80.0 <= truth && truth <= s.i80.1
            );
        }
        for w in &found.waits {
            println!("{w:?}");
        }
        println!("{:?}", found.notes);
        for pos in book.workdays.own_places() {
            let w = |d: &str| book.workdays.worth(pos, day(d));
            println!(
                "{pos:?} {:?}",
                ["2024-02-19", "2024-07-04", "2024-10-14", "2024-12-25", "2024-06-15", "2024-06-17"].map(w)
            );
        }
        let early = p.book("2024-12-31");
        println!("{:?} {} {} {}", early.notes, early.first, early.last_service, early.start);
        for by in [vec![], vec![Dim::Payer], vec![Dim::State], vec![Dim::Payer, Dim::State, Dim::Pos]] {
            let o = p.outlook(&early, &plan(&by));
            let mut held: BTreeMap<(&str, &str), [f64; 2]> = BTreeMap::new();
            for g in o.groups.iter() {
                for at in 0..12 {
                    let month = early.start.plus(at as i32);
                    let i = month.since(book.first) as usize;
                    let leaves =
                        book.leaves.iter().filter(|l| by.iter().map(|d| d.of(&l.key)).eq(g.label.iter().cloned()));
                    let (mut lines, mut expected, mut cash) = (0, 0, 0);
                    for l in leaves {
                        lines += i64::from(l.months[i].lines) * 100;
                        expected += l.months[i].expected.cents();
                        cash += l.cash[i].cents();
                    }
                    for (m, actual) in [(Measure::Lines, lines), (Measure::Expected, expected), (Measure::Cash, cash)] {
                        let b = g.month(at, m);
                        for (name, r) in [("50", b.i50), ("80", b.i80), ("95", b.i95)] {
                            let h = held.entry((m.as_str(), name)).or_default();
                            h[0] += f64::from(u8::from(r.0 <= actual && actual <= r.1));
                            h[1] += 1.0;
                        }
                        if by.is_empty() {
                            println!("{month} {} {} {:?} {}", m.as_str(), actual, b.i80, b.mean);
                        }
                    }
                }
            }
            println!("{by:?} {:?}", held.iter().map(|(k, v)| (k, v[0] / v[1], v[1])).collect::<Vec<_>>());
        }
    }
    let _ = Month::new(2024, 1);
}
