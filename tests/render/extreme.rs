//! A report with everything as bad as it gets, and every kind of chart without data.

use allowable::domain::{Date, Money};
use allowable::finding::{Finding, FindingCode, Place};
use allowable::report::{
    Bar, BarChart, Cell, Chart, ColumnKind, DataKind, DotChart, DotRow, HeatMap, LineChart, Pareto, RateChart, RateRow,
    Report, Series, Table, Tile, TileGrid, Waterfall,
};

use super::fixture::{columns, day, dec, money, months, practice, section, step, usd};

/// Text that must stay text everywhere: a formula, markup, and a control sign.
pub(crate) const HOSTILE: &str = "=HYPERLINK(\"http://x\",\"y\")<script>alert('1')</script>&\u{1b}[31m";

const LONG: &str =
    "The Amalgamated Mutual Benefit Association of Retired Longshoremen, Warehousemen and Clerks of the Upper Midwest";

/// The same report with everything as bad as it gets: long words, one month, sixty months, huge and negative amounts, names
/// that try to run, and every chart once without data.
pub(crate) fn extreme() -> Report {
    let mut report = practice();
    report.title = format!("{LONG} {HOSTILE}");
    report.finding = HOSTILE.into();
    report.kind = DataKind::Own;
    report.headline[0].value = "$1,234,567,890,123".into();
    report.headline[1].label = HOSTILE.into();
    report.findings =
        vec![Finding::new(FindingCode::BadCode, Place::file(HOSTILE).column("@x"), HOSTILE).expected("-1")];
    report.definitions[0].term = HOSTILE.into();
    report.sections.clear();
    let words = columns(&[("name", "Name", ColumnKind::Text), ("amount", "Amount", ColumnKind::Money)]);
    let table = |total| Table {
        columns: words.clone(),
        rows: vec![
            vec![HOSTILE.into(), money(-1)],
            vec!["+1".into(), money(123_456_789_012_345)],
            vec!["@a".into(), Cell::Empty],
        ],
        total,
    };
    let mut add = |id: &str, chart: Option<Chart>| {
        report.sections.push(section(id, &format!("{id}: {LONG}, and so it goes on and on"), chart, table(None)));
    };
    let title = format!(
        "{LONG} lost more than {LONG}, and also more than anybody else did in any quarter of the last three years"
    );
    let (alt, axis) = (HOSTILE.to_owned(), "Dollars".to_owned());

    let mut steps = vec![step("Expected", 123_456_789_000, true, false)];
    steps.extend(
        (0..14)
            .map(|i| step(if i % 2 == 0 { LONG } else { "Uncharacteristically" }, -8_000_000_000, false, i % 3 == 0)),
    );
    steps.push(step("Paid", 11_456_789_000, true, false));
    add(
        "waterfall",
        Some(Chart::Waterfall(Waterfall { title: title.clone(), alt: alt.clone(), value_axis: axis.clone(), steps })),
    );
    let below = vec![
        step("Expected", 10_000, true, false),
        step("Recouped", -25_000, false, true),
        step("Paid", -15_000, true, false),
    ];
    add(
        "below-zero",
        Some(Chart::Waterfall(Waterfall {
            title: "Down".into(),
            alt: alt.clone(),
            value_axis: axis.clone(),
            steps: below,
        })),
    );

    let bars = vec![
        Bar { label: LONG.into(), amount: Money::from_cents(98_765_432_100), lines: 1_234_567 },
        Bar { label: HOSTILE.into(), amount: Money::from_cents(1), lines: 1 },
        Bar { label: "Zero".into(), amount: Money::ZERO, lines: 0 },
        Bar { label: "Below".into(), amount: usd(-90_000_000), lines: 2 },
    ];
    add(
        "pareto",
        Some(Chart::Pareto(Pareto { title: title.clone(), alt: alt.clone(), value_axis: axis.clone(), bars })),
    );

    let values =
        (0..22).map(|r| (0..22).map(|c| ((r + c) % 3 > 0).then(|| usd((r * c) * 54_321 - 20))).collect()).collect();
    let names =
        |n: usize| (0..n).map(|i| if i % 2 == 0 { LONG.to_owned() } else { format!("P{i}") }).collect::<Vec<_>>();
    let map = |rows, columns, values| {
        Chart::HeatMap(HeatMap {
            title: title.clone(),
            alt: alt.clone(),
            value_name: axis.clone(),
            rows,
            columns,
            values,
        })
    };
    add("heat", Some(map(names(22), names(22), values)));
    add(
        "heat-small",
        Some(map(vec!["One".into()], vec!["Two words".into()], vec![vec![Some(Money::from_cents(1_378))]])),
    );

    let line = |months: Vec<Date>, count: i64, events, incomplete_from| {
        let series = (0..count)
            .map(|s| Series {
                name: if s == 3 { LONG.into() } else { format!("Payer {s}") },
                values: (0..months.len() as i64)
                    .map(|i| (i % 9 != 4).then(|| usd(1_000_000 - s * 900 - i * 10)))
                    .collect(),
                accent: s == 1,
            })
            .collect();
        let title = title.clone();
        Chart::Lines(LineChart {
            title,
            alt: alt.clone(),
            value_axis: axis.clone(),
            months,
            series,
            events,
            incomplete_from,
        })
    };
    let events = (0..8).map(|i| (day(2024, 1 + i, 3), format!("Event {i} of {LONG}"))).collect();
    add("lines", Some(line(months(72), 7, events, Some(day(2028, 11, 1)))));
    add("lines-one", Some(line(months(1), 2, Vec::new(), Some(day(2023, 1, 1)))));

    let series = |name: &str, cents: [i64; 2], accent| Series {
        name: name.into(),
        values: cents.iter().map(|c| Some(Money::from_cents(*c))).collect(),
        accent,
    };
    let groups = vec![LONG.to_owned(), "11".to_owned()];
    let values = vec![series("Expected", [99_999_999_999, -50_000_000_000], false), series("Paid", [5, 0], true)];
    let bar = BarChart { title: title.clone(), alt: alt.clone(), value_axis: axis.clone(), groups, series: values };
    add("bars", Some(Chart::Bars(bar)));

    let row = |label: &str, value: Option<&str>, target: Option<&str>| DotRow {
        label: label.into(),
        value: value.map(dec),
        target: target.map(dec),
        accent: false,
    };
    let rows = vec![
        row(LONG, Some("1250.55"), Some("99")),
        row("Equal", Some("100"), Some("100")),
        row("Below", Some("-12"), None),
    ];
    let reference = Some((dec("100"), "Medicare".to_owned()));
    let dot = DotChart { title: title.clone(), alt: alt.clone(), value_axis: axis.clone(), rows, reference };
    add("dots", Some(Chart::Dots(dot)));

    let rate = |label: &str, [low, value, high]: [&str; 3]| RateRow {
        label: label.into(),
        value: dec(value),
        low: dec(low),
        high: dec(high),
        accent: true,
    };
    let rows = vec![rate(LONG, ["0", "0", "100"]), rate("=1", ["100", "100", "100"]), rate("", ["1", "2", "3"])];
    let reference = Some((dec("100"), LONG.to_owned()));
    let rates = RateChart { title: title.clone(), alt: alt.clone(), value_axis: axis.clone(), rows, reference };
    add("rates", Some(Chart::Rates(rates)));

    let tile = |state: &str, value: &str| Tile { state: state.into(), value: dec(value) };
    let tiles = vec![tile("OH", "-1234567.891"), tile("TX", "0"), tile("ZZ", "5")];
    let grid = TileGrid { title: title.clone(), alt: alt.clone(), value_name: axis.clone(), tiles };
    add("tiles", Some(Chart::Tiles(grid)));

    for (id, chart) in empty_charts() {
        add(id, Some(chart));
    }
    report.sections[0].table.total = Some(vec!["Total".into(), money(123_456_789_012_344)]);
    report.sections.push(section(
        "no-chart",
        "No chart, no rows",
        None,
        Table { columns: words.clone(), rows: vec![], total: None },
    ));
    report
}

/// Every kind of chart without data.
pub(crate) fn empty_charts() -> Vec<(&'static str, Chart)> {
    let text = || ("Nothing happened".to_owned(), "Nothing.".to_owned(), "Dollars".to_owned());
    let (title, alt, value_axis) = text();
    let waterfall = Waterfall { title, alt, value_axis, steps: vec![step("Expected", 0, true, false)] };
    let (title, alt, value_axis) = text();
    let pareto = Pareto { title, alt, value_axis, bars: vec![] };
    let (title, alt, value_name) = text();
    let heat = HeatMap { title, alt, value_name, rows: vec![], columns: vec![], values: vec![] };
    let (title, alt, value_axis) = text();
    let lines =
        LineChart { title, alt, value_axis, months: vec![], series: vec![], events: vec![], incomplete_from: None };
    let (title, alt, value_axis) = text();
    let bars = BarChart { title, alt, value_axis, groups: vec![], series: vec![] };
    let (title, alt, value_axis) = text();
    let dots = DotChart { title, alt, value_axis, rows: vec![], reference: None };
    let (title, alt, value_axis) = text();
    let rates = RateChart { title, alt, value_axis, rows: vec![], reference: None };
    let (title, alt, value_name) = text();
    let tiles = TileGrid { title, alt, value_name, tiles: vec![] };
    vec![
        ("empty-waterfall", Chart::Waterfall(waterfall)),
        ("empty-pareto", Chart::Pareto(pareto)),
        ("empty-heat", Chart::HeatMap(heat)),
        ("empty-lines", Chart::Lines(lines)),
        ("empty-bars", Chart::Bars(bars)),
        ("empty-dots", Chart::Dots(dots)),
        ("empty-rates", Chart::Rates(rates)),
        ("empty-tiles", Chart::Tiles(tiles)),
    ]
}
