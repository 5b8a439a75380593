//! Reports to render: one as a practice would get it, one with every extreme. The figures are made up; their sums are right.

use allowable::domain::{Date, Money};
use allowable::finding::{Finding, FindingCode, Place};
use allowable::report::{
    Bar, BarChart, Cell, Chart, Column, ColumnKind, DataKind, Definition, DotChart, DotRow, HeatMap, LineChart, Pareto,
    Report, Section, Series, Stat, Step, Table, Tile, TileGrid, Waterfall,
};
use rust_decimal::Decimal;

pub(crate) fn usd(dollars: i64) -> Money {
    Money::from_cents(dollars * 100)
}

pub(crate) fn day(y: i32, m: u32, d: u32) -> Date {
    Date::from_ymd_opt(y, m, d).unwrap()
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn money(cents: i64) -> Cell {
    Cell::Money(Money::from_cents(cents))
}

fn step(label: &str, cents: i64, is_level: bool, accent: bool) -> Step {
    Step { label: label.into(), amount: Money::from_cents(cents), is_level, accent }
}

pub(crate) fn section(id: &str, title: &str, chart: Option<Chart>, table: Table) -> Section {
    Section {
        id: id.into(),
        title: title.into(),
        lead: "Service dates 2023–2025, lines answered by 31 January 2026.".into(),
        kind: DataKind::Synthetic,
        chart,
        table,
        notes: vec!["Underpayments and overpayments are never netted.".into()],
    }
}

pub(crate) const PAYERS: [&str; 12] = [
    "Medicare Part B",
    "Harbor Medicare Advantage",
    "Lakeland Senior Choice",
    "Prairie Gold Advantage",
    "Northstar PPO",
    "Meridian HMO",
    "Summit Commercial",
    "Cascade Health Plan",
    "Union Trades Fund",
    "Ohio Medicaid",
    "Buckeye Community Plan",
    "Tri-State Medicaid MCO",
];

pub(crate) const CAUSES: [&str; 17] = [
    "Missing documentation",
    "Medical necessity",
    "Modifier",
    "Bundled",
    "Missing NDC",
    "Eligibility",
    "Authorisation",
    "Timely filing",
    "Duplicate",
    "Coordination of benefits",
    "Non-covered",
    "Frequency (MUE)",
    "Place of service",
    "Provider enrolment",
    "Missing primary line",
    "Coding, other",
    "Other",
];

/// A number that looks random and never changes.
fn noise(seed: u32) -> i64 {
    let mut x = seed.wrapping_mul(2_654_435_761) ^ 0x9e37_79b9;
    x ^= x >> 15;
    x = x.wrapping_mul(0x85eb_ca6b);
    x ^= x >> 13;
    i64::from(x % 10_000)
}

fn columns(list: &[(&str, &str, ColumnKind)]) -> Vec<Column> {
    list.iter().map(|(n, h, k)| Column::new(n, h, *k)).collect()
}

/// 401,236.50 expected − 88,310.25 − 5,120.44 − 31,870.12 − 12,404.98 − 9,215.31 + 1,204.16 = 255,519.56 paid.
pub(crate) fn waterfall() -> Section {
    let steps = vec![
        step("Expected", 40_123_650, true, false),
        step("Patient share", -8_831_025, false, false),
        step("Known reductions", -512_044, false, false),
        step("Denied", -3_187_012, false, true),
        step("Underpaid", -1_240_498, false, true),
        step("Pending", -921_531, false, false),
        step("Overpaid", 120_416, false, false),
        step("Paid", 25_551_956, true, false),
        step("Could not be priced (billed)", 1_874_300, true, false),
    ];
    let rows =
        steps.iter().map(|s| vec![s.label.as_str().into(), s.amount.into(), s.amount.percent_of(usd(401_236)).into()]);
    let table = Table {
        columns: columns(&[
            ("step", "Step", ColumnKind::Text),
            ("amount", "Amount", ColumnKind::Money),
            ("share", "Share of expected", ColumnKind::Percent),
        ]),
        rows: rows.collect(),
        total: None,
    };
    let title = "Of $401,237 expected, $44,275 leaked: denials cost twice as much as underpayments";
    let chart = Waterfall {
        title: title.into(),
        alt:
            "Waterfall from 401,237 dollars expected down to 255,520 dollars paid; denied 31,870 and underpaid 12,405."
                .into(),
        value_axis: "Dollars, service dates 2023–2025, 21,004 priced lines".into(),
        steps,
    };
    section("waterfall", title, Some(Chart::Waterfall(chart)), table)
}

pub(crate) fn pareto() -> Section {
    let mut bars: Vec<Bar> = CAUSES
        .iter()
        .enumerate()
        .map(|(i, c)| Bar {
            label: (*c).into(),
            amount: Money::from_cents(900_000 / (i as i64 * i as i64 / 3 + 1) + noise(i as u32) * 3),
            lines: 820 / (i as i64 + 1) + 3,
        })
        .collect();
    bars[..16].sort_by_key(|b| -b.amount.cents());
    let total: Money = bars.iter().map(|b| b.amount).sum();
    let mut cells: Vec<Vec<Cell>> = Vec::new();
    for b in &bars {
        cells.push(vec![b.label.as_str().into(), b.amount.into(), b.lines.into(), b.amount.percent_of(total).into()]);
    }
    let lines: i64 = bars.iter().map(|b| b.lines).sum();
    let table = Table {
        columns: columns(&[
            ("cause", "Cause", ColumnKind::Text),
            ("denied", "Denied", ColumnKind::Money),
            ("lines", "Lines", ColumnKind::Count),
            ("share", "Share", ColumnKind::Percent),
        ]),
        rows: cells,
        total: Some(vec!["Total".into(), total.into(), lines.into(), Cell::Empty]),
    };
    let title =
        "Four causes make up most of what is denied, and three of them are preventable before the claim is sent";
    let chart = Pareto {
        title: title.into(),
        alt: "Bars of denied dollars by cause with the cumulative share.".into(),
        value_axis: "Expected dollars denied, and their running share of all denials".into(),
        bars,
    };
    section("denials", title, Some(Chart::Pareto(chart)), table)
}

pub(crate) fn heat_map() -> Section {
    let value = |r: usize, c: usize| {
        let n = noise((r * 31 + c * 7 + 5) as u32);
        (n > 3_500).then(|| Money::from_cents(n * n / 60 / (c as i64 + 1) + 500))
    };
    let values: Vec<Vec<Option<Money>>> = (0..12).map(|r| (0..17).map(|c| value(r, c)).collect()).collect();
    let mut list = vec![("payer", "Payer", ColumnKind::Text)];
    list.extend(CAUSES.iter().map(|c| (*c, *c, ColumnKind::Money)));
    let rows = values
        .iter()
        .zip(PAYERS)
        .map(|(row, p)| std::iter::once(Cell::from(p)).chain(row.iter().map(|v| Cell::from(*v))).collect());
    let mut columns = columns(&list);
    for column in &mut columns {
        column.name = column.name.to_lowercase().replace([' ', ',', '(', ')', '-'], "_");
    }
    let title = "Missing documentation at three payers is the largest single block of denials";
    let chart = HeatMap {
        title: title.into(),
        alt: "Payers by causes, denied dollars as shade.".into(),
        value_name: "Expected dollars denied, by payer and cause; blank where nothing was denied".into(),
        rows: PAYERS.iter().map(|p| (*p).into()).collect(),
        columns: CAUSES.iter().map(|p| (*p).into()).collect(),
        values: values.clone(),
    };
    section("by-payer", title, Some(Chart::HeatMap(chart)), Table { columns, rows: rows.collect(), total: None })
}

fn months(n: u32) -> Vec<Date> {
    (0..n).map(|i| day(2023 + (i / 12) as i32, i % 12 + 1, 1)).collect()
}

pub(crate) fn monthly() -> Section {
    let months = months(36);
    let expected: Vec<Money> =
        (0..36).map(|i| Money::from_cents(980_000 + i64::from(i) * 6_000 + noise(i) * 14)).collect();
    let paid: Vec<Option<Money>> = expected
        .iter()
        .enumerate()
        .map(|(i, e)| {
            let share = if i > 33 {
                38
            } else if i > 32 {
                52
            } else {
                66
            };
            Some(Money::from_cents(e.cents() * share / 100 - noise(i as u32 + 77) * 4))
        })
        .collect();
    let leak: Vec<Option<Money>> =
        (0..36).map(|i| (i < 34).then(|| Money::from_cents(90_000 + noise(i + 900) * 8))).collect();
    let rows =
        (0..36).map(|i| vec![Cell::Date(months[i]), expected[i].into(), paid[i].into(), leak[i].into()]).collect();
    let table = Table {
        columns: columns(&[
            ("month", "Month", ColumnKind::Date),
            ("expected", "Expected", ColumnKind::Money),
            ("paid", "Paid", ColumnKind::Money),
            ("leakage", "Leakage", ColumnKind::Money),
        ]),
        rows,
        total: None,
    };
    let title = "Leakage rose after the schedule change of July 2024; the last months are still being answered";
    let series = |name: &str, values, accent| Series { name: name.into(), values, accent };
    let chart = LineChart {
        title: title.into(),
        alt: "Monthly expected, paid and leakage.".into(),
        value_axis: "Dollars per month of service".into(),
        months: months.clone(),
        series: vec![
            series("Expected", expected.into_iter().map(Some).collect(), false),
            series("Paid", paid, false),
            series("Leakage", leak, true),
        ],
        events: vec![
            (day(2024, 3, 9), "Medicare conversion factor".into()),
            (day(2024, 7, 1), "New commercial schedule".into()),
            (day(2025, 1, 1), "2025 fee schedule".into()),
        ],
        incomplete_from: Some(day(2025, 10, 1)),
    };
    section("monthly", title, Some(Chart::Lines(chart)), table)
}

pub(crate) fn places() -> Section {
    let groups =
        ["11 Office", "20 Urgent care", "22 Outpatient hospital", "31 Skilled nursing", "12 Home", "02 Telehealth"];
    let values = [
        [22_400_000, 15_100_000, 2_310_000],
        [8_150_000, 5_020_000, 990_000],
        [0, 0, 0],
        [0, 1_240, 0],
        [1_220_000, 804_000, 141_000],
        [312_000, 0, 298_000],
    ];
    let series = ["Expected", "Paid", "Leakage"]
        .iter()
        .enumerate()
        .map(|(s, name)| Series {
            name: (*name).into(),
            values: values.iter().enumerate().map(|(g, v)| (g != 2).then(|| Money::from_cents(v[s]))).collect(),
            accent: s == 2,
        })
        .collect();
    let rows =
        groups.iter().zip(values).map(|(g, v)| vec![(*g).into(), money(v[0]), money(v[1]), money(v[2])]).collect();
    let table = Table {
        columns: columns(&[
            ("place", "Place of service", ColumnKind::Text),
            ("expected", "Expected", ColumnKind::Money),
            ("paid", "Paid", ColumnKind::Money),
            ("leakage", "Leakage", ColumnKind::Money),
        ]),
        rows,
        total: None,
    };
    let title = "Urgent care loses a larger share than the office; hospital lines are not payable to the professional";
    let chart = BarChart {
        title: title.into(),
        alt: "Expected, paid and leakage by place of service.".into(),
        value_axis: "Dollars, by place of service".into(),
        groups: groups.iter().map(|g| (*g).into()).collect(),
        series,
    };
    section("places", title, Some(Chart::Bars(chart)), table)
}

pub(crate) fn dots() -> Section {
    let allowed =
        ["100.0", "97.2", "91.4", "88.0", "134.6", "127.9", "121.3", "104.8", "140.2", "52.1", "49.7", "61.3"];
    let target = ["", "100", "100", "95", "135", "135", "125", "110", "140", "", "", ""];
    let number = |t: &str| (!t.is_empty()).then(|| dec(t));
    let rows: Vec<DotRow> = PAYERS
        .iter()
        .zip(allowed.iter().zip(target))
        .enumerate()
        .map(|(i, (p, (a, t)))| DotRow {
            label: (*p).into(),
            value: if i == 11 { None } else { number(a) },
            target: number(t),
            accent: i == 2 || i == 3 || i == 7,
        })
        .collect();
    let cells = rows.iter().map(|r| vec![r.label.as_str().into(), r.value.into(), r.target.into()]).collect();
    let table = Table {
        columns: columns(&[
            ("payer", "Payer", ColumnKind::Text),
            ("percent_of_medicare", "Allowed, % of Medicare", ColumnKind::Percent),
            ("contract", "Contract", ColumnKind::Percent),
        ]),
        rows: cells,
        total: None,
    };
    let title = "Three payers allow less than their contracts promise";
    let chart = DotChart {
        title: title.into(),
        alt: "Allowed amount in percent of Medicare by payer, against the contract.".into(),
        value_axis: "Allowed, in percent of the Medicare fee of the same lines".into(),
        rows,
        reference: Some((dec("100"), "Medicare".into())),
    };
    section("percent-of-medicare", title, Some(Chart::Dots(chart)), table)
}

pub(crate) fn tiles() -> Section {
    let states = "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH \
                  OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR VI GU";
    let tiles: Vec<Tile> = states
        .split_whitespace()
        .enumerate()
        .filter(|(_, s)| *s != "WY")
        .map(|(i, s)| Tile { state: s.into(), value: Decimal::new(700 + noise(i as u32) / 45, 1) })
        .collect();
    let rows = tiles.iter().map(|t| vec![t.state.as_str().into(), Cell::Number(t.value)]).collect();
    let table = Table {
        columns: columns(&[
            ("state", "State", ColumnKind::Text),
            ("ratio", "Paid, % of modelled", ColumnKind::Percent),
        ]),
        rows,
        total: None,
    };
    let title =
        "Medicare paid between 70% and 92% of the modelled allowed amount, as coinsurance and mix would suggest";
    let chart = TileGrid {
        title: title.into(),
        alt: "States as tiles, payment ratio as shade.".into(),
        value_name: "Payment as % of the modelled allowed amount, 96372, 2023".into(),
        tiles,
    };
    let mut section = section("states", title, Some(Chart::Tiles(chart)), table);
    section.kind = DataKind::Observed;
    section
}

/// A report as a practice would get it.
pub(crate) fn practice() -> Report {
    let stat = |label: &str, value: &str, basis: &str, accent| Stat {
        label: label.into(),
        value: value.into(),
        basis: basis.into(),
        accent,
    };
    Report {
        title: "Demo practice".into(),
        period_slug: "2023-01-01_2025-12-31".into(),
        period: "1 January 2023 to 31 December 2025".into(),
        as_of: day(2026, 1, 31),
        kind: DataKind::Synthetic,
        finding: "$44,275 of $401,237 expected (11.0%) leaked; $31,870 of it was denied, most of it for missing documentation".into(),
        headline: vec![
            stat("Leakage", "$44,275", "of $401,237 expected on 21,004 priced lines, service dates 2023–2025", true),
            stat("Denied", "$31,870", "1,842 of 20,113 answered lines (9.2%), final as of 31 January 2026", false),
            stat("Underpaid", "$12,405", "967 of 18,271 lines allowed above $0 (5.3%), beyond each payer's tolerance", false),
            stat("Worth appealing", "$9,873", "in 14 batches above the break-even of 4 lines", false),
            stat("Pending", "$9,215", "614 lines unanswered at 31 January 2026", false),
            stat("Not priced", "4.5%", "of $419,979 billed-and-in-scope could not be priced", false),
        ],
        sections: vec![waterfall(), pareto(), heat_map(), monthly(), places(), dots(), tiles()],
        definitions: vec![
            Definition { term: "Expected".into(), meaning: "What the contract or fee schedule allows for the line on its day and place.".into() },
            Definition { term: "Leakage".into(), meaning: "Denied plus underpaid, on lines that could be priced exactly.".into() },
        ],
        sources: Table {
            columns: columns(&[
                ("file", "File", ColumnKind::Text),
                ("release", "Release", ColumnKind::Text),
                ("retrieved", "Retrieved", ColumnKind::Date),
                ("sha256", "SHA-256", ColumnKind::Text),
            ]),
            rows: vec![vec![
                "datasets/medicare/rvu.csv".into(),
                "RVU24A–RVU26C".into(),
                Cell::Date(day(2026, 11, 2)),
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            ]],
            total: None,
        },
        findings: vec![
            Finding::new(FindingCode::BadDate, Place::line("claims.csv", 418).column("DOS"), "\"13/45/2024\"")
                .expected("a date")
                .times(7),
            Finding::new(FindingCode::UnknownPayer, Place::line("claims.csv", 77).column("Payer"), "\"BCBS of ??\""),
            Finding::new(FindingCode::PreambleSkipped, Place::line("claims.csv", 1), "2 lines"),
        ],
        notes: vec!["All figures are synthetic: the demo practice does not exist.".into()],
        version: "0.1.0".into(),
    }
}

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
    let (title, alt, value_name) = text();
    let tiles = TileGrid { title, alt, value_name, tiles: vec![] };
    vec![
        ("empty-waterfall", Chart::Waterfall(waterfall)),
        ("empty-pareto", Chart::Pareto(pareto)),
        ("empty-heat", Chart::HeatMap(heat)),
        ("empty-lines", Chart::Lines(lines)),
        ("empty-bars", Chart::Bars(bars)),
        ("empty-dots", Chart::Dots(dots)),
        ("empty-tiles", Chart::Tiles(tiles)),
    ]
}
