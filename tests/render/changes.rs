//! Grids of changes and tornados: as a negotiation makes them, with nothing in them, and beyond what any makes.

use allowable::domain::Money;
use allowable::report::{Chart, GridChart, TornadoChart, TornadoRow};

use super::extreme::HOSTILE;

fn cents(n: i64) -> Money {
    Money::from_cents(n)
}

/// Rates × denials from −$4,000 to +$4,000.
fn grid(rows: i64, columns: i64) -> GridChart {
    let value = |r: i64, c: i64| Some(cents(800_000 * (r * columns - c * rows + rows) / (rows * columns) - 400_000));
    GridChart {
        title: "COM1 96372: as much as today from 140% on at 2% denied, at no rate shown at 20% denied".into(),
        alt: "Change of net by rate and denials.".into(),
        value_name: "Change of net against the baseline, dollars; blue is gained, orange is lost".into(),
        row_axis: "Percent of Medicare of the day of service".into(),
        column_axis: "Denied in the end, percent of expected dollars".into(),
        rows: (0..rows).map(|r| format!("{}%", 100 + 10 * r)).collect(),
        columns: (0..columns).map(|c| format!("{}.5%", 2 * c)).collect(),
        values: (0..rows).map(|r| (0..columns).map(|c| value(r, c)).collect()).collect(),
    }
}

fn row(label: &str, down: Option<i64>, up: i64, accent: bool) -> TornadoRow {
    TornadoRow { label: label.into(), by: "±10%".into(), down: down.map(cents), up: cents(up), accent }
}

fn tornado() -> TornadoChart {
    TornadoChart {
        title: "What matters most is the rate of Great Lakes Mutual: moved by 10%, it changes net by $3,852".into(),
        alt: "Each lever moved alone.".into(),
        value_axis: "Change of net against the baseline, dollars".into(),
        bars: vec![
            row("Great Lakes Mutual: rate", Some(-385_200), 385_200, true),
            row("Crescent Lake Choice: lesser-of removed", None, 120_050, false),
            row("Texas Medicaid (no schedule loaded): volume", Some(-22_460), 22_460, false),
            row("Larkspur PPO: denials", Some(9_050), -9_050, false),
            row("Medicare's conversion factor", Some(-12), 0, false),
        ],
    }
}

pub(crate) fn realistic_changes() -> Vec<(&'static str, Chart)> {
    vec![
        ("grid", Chart::Grid(grid(7, 6))),
        ("grid-column", Chart::Grid(grid(7, 1))),
        ("grid-large", Chart::Grid(grid(40, 15))),
        ("tornado", Chart::Tornado(tornado())),
    ]
}

pub(crate) fn extreme_changes() -> Vec<(&'static str, Chart)> {
    let far = i64::MAX / 4;
    let odd = GridChart {
        title: HOSTILE.into(),
        row_axis: HOSTILE.repeat(4),
        column_axis: HOSTILE.repeat(4),
        rows: vec![HOSTILE.repeat(3), String::new(), "third".into()],
        columns: vec![HOSTILE.repeat(3), "=1".into()],
        values: vec![vec![Some(cents(far)), Some(cents(-far))], vec![None], vec![Some(Money::ZERO); 9]],
        ..grid(1, 1)
    };
    let bars = (0..60).map(|i| row(&HOSTILE.repeat(2), (i % 2 == 0).then_some(far - i), -far, i == 3)).collect();
    let gains = vec![row("up", None, 5, true), row("both", Some(7), 5, false)];
    vec![
        ("grid-odd", Chart::Grid(odd)),
        ("grid-one", Chart::Grid(grid(1, 1))),
        ("tornado-far", Chart::Tornado(TornadoChart { bars, title: HOSTILE.repeat(3), ..tornado() })),
        ("tornado-gains", Chart::Tornado(TornadoChart { bars: gains, ..tornado() })),
    ]
}

pub(crate) fn empty_changes() -> Vec<(&'static str, Chart)> {
    let none = GridChart { values: vec![vec![None; 6]; 7], ..grid(7, 6) };
    let bare = GridChart { rows: vec![], columns: vec![], values: vec![], ..grid(1, 1) };
    let still = TornadoChart { bars: vec![row("nothing", Some(0), 0, false)], ..tornado() };
    vec![
        ("empty-grid", Chart::Grid(none)),
        ("empty-grid-bare", Chart::Grid(bare)),
        ("empty-tornado", Chart::Tornado(TornadoChart { bars: vec![], ..tornado() })),
        ("empty-tornado-still", Chart::Tornado(still)),
    ]
}
