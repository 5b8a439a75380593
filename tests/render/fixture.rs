//! A report as a practice would get it. The figures are made up; their sums are right.

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

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn money(cents: i64) -> Cell {
    Cell::Money(Money::from_cents(cents))
}

pub(crate) fn step(label: &str, cents: i64, is_level: bool, accent: bool) -> Step {
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

pub(crate) fn columns(list: &[(&str, &str, ColumnKind)]) -> Vec<Column> {
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

pub(crate) fn months(n: u32) -> Vec<Date> {
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
