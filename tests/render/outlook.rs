//! A forecast as a practice would get it: made-up months with a season, a trend and two rate steps, and the same charts with
//! everything as bad as it gets.

use allowable::domain::{Date, Money, round_cents};
use allowable::report::{
    Cell, Chart, Column, ColumnKind, DataKind, FanBand, FanChart, HorizonChart, HorizonLine, LineWeight, Report,
    Section, Table, ValueUnit, Waterfall,
};
use rust_decimal::Decimal;

use super::extreme::HOSTILE;
use super::fixture::{columns, day, dec, months, step};

const LONG: &str = "A new schedule of the Amalgamated Mutual Benefit Association of Retired Longshoremen and Clerks";

/// Months of history, and of forecast.
const PAST: usize = 36;
const AHEAD: usize = 12;

/// Percent of a year's average by month.
const SEASON: [i64; 12] = [108, 97, 104, 101, 99, 96, 92, 94, 100, 107, 101, 101];

fn cents(value: Decimal) -> Decimal {
    round_cents(value).unwrap().dollars()
}

/// What a month is worth without noise: 92,000 dollars, 350 more each month, season, +4 % from July 2024, +6 % from 2026.
fn level(month: usize) -> Decimal {
    let base = Decimal::from(92_000 + 350 * month as i64) * Decimal::new(SEASON[month % 12], 2);
    let step = |from: usize, percent: i64| if month >= from { Decimal::new(100 + percent, 2) } else { Decimal::ONE };
    cents(base * step(18, 4) * step(36, 6))
}

/// Between −2,500 and 2,500 dollars, and never another time something else.
fn noise(month: usize) -> Decimal {
    Decimal::from((month * month * 7_919 + month * 104_729) as i64 % 5_000 - 2_500)
}

fn fan(title: &str, unit: ValueUnit, divide: i64, with_actual: bool) -> FanChart {
    let scaled = |v: Decimal| Some(cents(v / Decimal::from(divide)));
    let of = |range: std::ops::Range<usize>, f: &dyn Fn(usize) -> Decimal| -> Vec<Option<Decimal>> {
        (0..PAST + AHEAD).map(|m| if range.contains(&m) { scaled(f(m)) } else { None }).collect()
    };
    let share = |m: usize| Decimal::new([97, 88, 61][m - (PAST - 3)], 2);
    let recorded = |m: usize| if m >= PAST - 3 { (level(m) + noise(m)) * share(m) } else { level(m) + noise(m) };
    let (partial, future) = (PAST - 3..PAST, PAST..PAST + AHEAD);
    let band = |level_: u8, width: i64| FanBand {
        level: level_,
        low: of(future.clone(), &|m| level(m) - Decimal::from(width * (20 + (m - PAST) as i64))),
        high: of(future.clone(), &|m| level(m) + Decimal::from(width * (22 + (m - PAST) as i64))),
    };
    FanChart {
        title: title.into(),
        alt: "Three years of recorded months, the last three completed, and twelve months of forecast with ranges."
            .into(),
        value_axis: "Dollars allowed per month of service, 96372 and the codes billed around it".into(),
        months: months((PAST + AHEAD) as u32),
        history: of(0..PAST, &|m| if with_actual { level(m) + noise(m) } else { recorded(m) }),
        completed: if with_actual { vec![] } else { of(partial, &|m| level(m) + noise(m)) },
        middle: of(future.clone(), &level),
        bands: vec![band(50, 110), band(80, 210), band(95, 320)],
        actual: if with_actual { of(future.clone(), &|m| level(m) + noise(m) * Decimal::TWO) } else { vec![] },
        events: vec![
            (day(2024, 7, 1), "Northstar PPO +4%".into()),
            (day(2026, 1, 1), "2026 Medicare fee schedule".into()),
            (day(2026, 7, 1), "Meridian HMO renewal +3%".into()),
        ],
        forecast_from: day(2026, 1, 1),
        unit,
    }
}

fn fan_table(chart: &FanChart) -> Table {
    let kind = if chart.unit == ValueUnit::Dollars { ColumnKind::Estimate } else { ColumnKind::EstimatedCount };
    let list = [
        ("month", "Month", ColumnKind::Date),
        ("recorded", "Recorded so far", kind),
        ("completed", "Completed", kind),
        ("forecast", "Forecast", kind),
        ("low_80", "80% from", kind),
        ("high_80", "80% to", kind),
    ];
    let at = |list: &[Option<Decimal>], m: usize| Cell::from(list.get(m).copied().flatten());
    let band = chart.bands.iter().find(|b| b.level == 80).unwrap();
    let row = |m: usize| {
        let lists = [&chart.history, &chart.completed, &chart.middle, &band.low, &band.high];
        std::iter::once(Cell::Date(chart.months[m])).chain(lists.into_iter().map(|l| at(l, m))).collect()
    };
    let total: Decimal = chart.middle.iter().flatten().sum();
    let mut last = vec![Cell::from("Total"), Cell::Empty, Cell::Empty, Cell::Number(total)];
    last.extend([Cell::Empty, Cell::Empty]);
    Table { columns: columns(&list), rows: (0..chart.months.len()).map(row).collect(), total: Some(last) }
}

fn line(name: &str, weight: LineWeight, values: &[&str]) -> HorizonLine {
    HorizonLine { name: name.into(), values: values.iter().map(|v| Some(dec(v))).collect(), weight }
}

pub(crate) fn coverage() -> HorizonChart {
    use LineWeight::{Accent, Plain};
    let lines = vec![
        line("95% range", Plain, &["96", "95", "95", "94", "93", "94", "92", "93", "92", "91", "92", "91"]),
        line("80% range", Accent, &["83", "81", "80", "78", "79", "77", "76", "77", "75", "74", "75", "74"]),
        line("50% range", Plain, &["55", "52", "51", "49", "50", "48", "49", "47", "48", "46", "47", "45"]),
    ];
    HorizonChart {
        title: "The 80% range held 77% of the months it was made for; a year ahead it is a little too narrow".into(),
        alt: "Share of months within their range by months ahead, for the ranges of 50, 80 and 95 percent.".into(),
        value_axis: "Months within their range, in percent of 24 forecasts each".into(),
        step_axis: "Months ahead".into(),
        steps: (1..=12).collect(),
        lines,
        references: [50, 80, 95].map(|n| (Decimal::from(n), format!("should be {n}%"))).to_vec(),
        unit: ValueUnit::Percent,
    }
}

pub(crate) fn errors() -> HorizonChart {
    use LineWeight::{Accent, Muted, Plain};
    let mase = |from: i64, by: i64, bend: i64| -> Vec<Option<Decimal>> {
        (0..12).map(|i| Some(Decimal::new(from + by * i + bend * (i % 3), 2))).collect()
    };
    let line = |name: &str, weight, values| HorizonLine { name: name.into(), values, weight };
    HorizonChart {
        title: "The blend beats every single method at every distance".into(),
        alt: "Scaled error by months ahead for five methods.".into(),
        value_axis: "Mean absolute scaled error (1 is as wrong as last year's month)".into(),
        step_axis: "Months ahead".into(),
        steps: (1..=12).collect(),
        lines: vec![
            line("Seasonal naive", Muted, mase(98, 1, 2)),
            line("AutoETS", Plain, mase(84, 2, 1)),
            line("Theta", Plain, mase(83, 2, -1)),
            line("Log-linear", Plain, mase(90, 3, 1)),
            line("Blend", Accent, mase(76, 2, 0)),
        ],
        references: vec![(Decimal::ONE, "as naive: 1".into())],
        unit: ValueUnit::Number,
    }
}

/// 1,180,400 − 14,250.25 + 22,310.10 − 6,118.40 − 9,004.45 + 3,663 = 1,177,000.
pub(crate) fn bridge() -> Waterfall {
    let steps = vec![
        step("Last forecast", 118_040_000, true, false),
        step("Volume", -1_425_025, false, false),
        step("Rates", 2_231_010, false, false),
        step("Mix of payers and codes", -611_840, false, false),
        step("Denials", -900_445, false, true),
        step("Timing of answers", 366_300, false, false),
        step("Actual", 117_700_000, true, false),
    ];
    assert_eq!(steps.iter().filter(|s| !s.is_level).map(|s| s.amount).sum::<Money>(), Money::from_cents(-340_000));
    Waterfall {
        title: "The year came $3,400 below the last forecast: denials and fewer visits ate the rate increase".into(),
        alt: "Bridge from the last forecast to the actual year.".into(),
        value_axis: "Dollars allowed, service dates 2025".into(),
        steps,
    }
}

fn section(id: &str, kind: DataKind, chart: Chart, table: Table) -> Section {
    let title = match &chart {
        Chart::Fan(c) => c.title.clone(),
        Chart::Horizons(c) => c.title.clone(),
        Chart::Bridge(c) | Chart::Waterfall(c) => c.title.clone(),
        _ => unreachable!(),
    };
    Section {
        id: id.into(),
        title,
        lead: "Twelve months from January 2026, known rate steps included.".into(),
        kind,
        chart: Some(chart),
        table,
        notes: vec!["A range of 80% misses one month in five.".into()],
    }
}

fn horizon_table(chart: &HorizonChart) -> Table {
    let kind = if chart.unit == ValueUnit::Percent { ColumnKind::Percent } else { ColumnKind::Number };
    let mut heads = vec![Column::new("ahead", "Months ahead", ColumnKind::Count)];
    heads.extend(
        chart.lines.iter().map(|l| Column::new(&l.name.to_lowercase().replace([' ', '%', '-'], "_"), &l.name, kind)),
    );
    let rows = chart.steps.iter().enumerate().map(|(i, s)| {
        std::iter::once(Cell::Count(i64::from(*s))).chain(chart.lines.iter().map(|l| l.values[i].into())).collect()
    });
    Table { columns: heads, rows: rows.collect(), total: None }
}

/// A forecast as a practice would get it.
pub(crate) fn forecast() -> Report {
    let dollars = fan(
        "2026 is expected to bring $1.41M; the new fee schedule in January raises every month",
        ValueUnit::Dollars,
        1,
        false,
    );
    let mut counts = fan("Injections grow by 3% a year", ValueUnit::Count, 21, false);
    counts.value_axis = "Injections (96372) per month of service".into();
    let hindcast =
        fan("Made a year ago, the forecast followed the season and the new rates", ValueUnit::Dollars, 1, true);
    let bridge = bridge();
    let rows = bridge.steps.iter().map(|s| vec![s.label.as_str().into(), s.amount.into()]).collect();
    let bridge_table = Table {
        columns: columns(&[("step", "Step", ColumnKind::Text), ("amount", "Amount", ColumnKind::Money)]),
        rows,
        total: None,
    };
    let (tables, kind) = ([&dollars, &counts, &hindcast].map(fan_table), DataKind::Synthetic);
    let [first, second, third] = tables;
    let sections = vec![
        section("allowed", kind, Chart::Fan(dollars), first),
        section("injections", kind, Chart::Fan(counts), second),
        section("hindcast", DataKind::Estimated, Chart::Fan(hindcast), third),
        section("coverage", DataKind::Estimated, Chart::Horizons(coverage()), horizon_table(&coverage())),
        section("errors", DataKind::Own, Chart::Horizons(errors()), horizon_table(&errors())),
        section("bridge", kind, Chart::Bridge(bridge), bridge_table),
    ];
    let mut report = Report::of("Demo practice", "Forecast for 2026", day(2025, 12, 31), kind, sections);
    report.finding = "2026 is expected to bring $1.41M, with the rate steps that are known".into();
    report.notes = vec!["All figures are synthetic.".into()];
    report
}

/// A fan of nothing over these months.
fn bare(months: Vec<Date>) -> FanChart {
    let forecast_from = months.last().copied().unwrap_or(day(2025, 1, 1));
    FanChart {
        title: format!("{LONG} {LONG} {LONG} {LONG}"),
        alt: HOSTILE.into(),
        value_axis: "Dollars".into(),
        months,
        history: vec![],
        completed: vec![],
        middle: vec![],
        bands: vec![],
        actual: vec![],
        events: vec![],
        forecast_from,
        unit: ValueUnit::Dollars,
    }
}

/// Every new chart with inputs that no model should give.
pub(crate) fn extreme_charts() -> Vec<(&'static str, Chart)> {
    let some = |n: i64| Some(Decimal::from(n));
    let one = FanChart { history: vec![some(5)], ..bare(months(1)) };
    let one_ahead = FanChart {
        middle: vec![some(0)],
        bands: vec![FanBand { level: 80, low: vec![some(-3)], high: vec![some(4)] }],
        ..bare(months(1))
    };
    // Ten years of history, three of forecast, an event a month.
    let long = FanChart {
        history: (0..120).map(|i| (i % 11 != 5).then(|| Decimal::from(10_000_000_000_i64 - i * 77_000_000))).collect(),
        completed: (0..120).map(|i| if i > 113 { some(1_500_000_000) } else { None }).collect(),
        middle: (0..156).map(|i| if i >= 120 { some(900_000_000 - i * 9_000_000) } else { None }).collect(),
        bands: vec![
            FanBand {
                level: 95,
                low: (0..156).map(|i| if i >= 120 { some(-9_000_000 * i) } else { None }).collect(),
                high: (0..156).map(|i| if i >= 120 { some(99_000_000 * i) } else { None }).collect(),
            },
            FanBand { level: 80, low: vec![None; 300], high: vec![some(3); 300] },
        ],
        events: (0..24).map(|i| (day(2030 + i / 12, i as u32 % 12 + 1, 1), format!("{LONG} {i}"))).collect(),
        forecast_from: day(2033, 1, 1),
        ..bare(months(156))
    };
    let huge = FanChart {
        history: vec![Some(Decimal::MAX), Some(Decimal::MIN), None],
        middle: vec![None, None, Some(Decimal::MAX)],
        bands: vec![FanBand {
            level: 255,
            low: vec![None, None, Some(Decimal::MIN)],
            high: vec![None, None, Some(Decimal::MAX)],
        }],
        actual: vec![Some(Decimal::ZERO); 9],
        ..bare(months(3))
    };
    // Ends the wrong way round, equal, and not at all; equal values; a forecast that begins outside.
    let odd = FanChart {
        history: vec![some(-7); 6],
        middle: vec![None, some(-7), None, some(-7), None, None],
        bands: vec![
            FanBand { level: 50, low: vec![some(9), some(2), some(3)], high: vec![some(1), some(2)] },
            FanBand { level: 50, low: vec![some(1); 6], high: vec![] },
            FanBand { level: 0, low: vec![Some(dec("0.001")); 6], high: vec![Some(dec("0.002")); 6] },
        ],
        forecast_from: day(1999, 1, 1),
        unit: ValueUnit::Count,
        ..bare(months(6))
    };
    let horizon = |steps: Vec<u32>, lines: Vec<HorizonLine>, references| HorizonChart {
        title: LONG.into(),
        alt: HOSTILE.into(),
        value_axis: LONG.into(),
        step_axis: format!("{LONG} {LONG}"),
        steps,
        lines,
        references,
        unit: ValueUnit::Number,
    };
    let many = (0..24)
        .map(|i| HorizonLine {
            name: format!("{LONG} {i}"),
            values: (0..60).map(|m| (m % 7 != i % 7).then(|| Decimal::from(m * i - 40))).collect(),
            weight: [LineWeight::Accent, LineWeight::Plain, LineWeight::Muted][i as usize % 3],
        })
        .collect();
    let references = (0..40).map(|i| (Decimal::from(i / 9), format!("{LONG} {i}"))).collect();
    let single = vec![line("=1", LineWeight::Plain, &["0"]), line("", LineWeight::Accent, &["0"])];
    let far = vec![line("huge", LineWeight::Muted, &["79228162514264337593543950335", "-1"])];
    let same = [118_040_000, 0, -1, 1, 118_040_000].into_iter().enumerate();
    let same = same.map(|(i, c)| step(LONG, c, i == 0 || i == 4, i == 2)).collect();
    vec![
        ("fan-one", Chart::Fan(one)),
        ("fan-one-ahead", Chart::Fan(one_ahead)),
        ("fan-long", Chart::Fan(long)),
        ("fan-huge", Chart::Fan(huge)),
        ("fan-odd", Chart::Fan(odd)),
        ("horizons-many", Chart::Horizons(horizon((1..=60).collect(), many, references))),
        ("horizons-single", Chart::Horizons(horizon(vec![6], single, vec![]))),
        ("horizons-far", Chart::Horizons(horizon(vec![1, 4_000_000_000], far, vec![]))),
        ("bridge-same", Chart::Bridge(Waterfall { steps: same, ..bridge() })),
    ]
}

/// The new charts without a value.
pub(crate) fn empty_charts() -> Vec<(&'static str, Chart)> {
    let nothing = HorizonChart { steps: vec![], ..coverage() };
    let gaps = FanChart {
        history: vec![None; 48],
        middle: vec![None; 48],
        events: vec![(day(2024, 1, 1), "An event".into())],
        ..bare(months(48))
    };
    vec![
        ("empty-fan", Chart::Fan(bare(vec![]))),
        ("empty-fan-gaps", Chart::Fan(gaps)),
        ("empty-horizons", Chart::Horizons(nothing)),
        ("empty-bridge", Chart::Bridge(Waterfall { steps: vec![step("Forecast", 0, true, false)], ..bridge() })),
    ]
}
