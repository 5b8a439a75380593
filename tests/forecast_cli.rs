//! `allowable forecast` from end to end: the same cents in text, JSON, CSV, HTML and the workbook; sums that are sums; bridges and
//! scenarios; what is said when something is wrong.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::Value;
use tempfile::TempDir;

use crate::common::{Said, run};
use crate::render::sheet::{Book, Value as CellValue};

/// A small practice in a folder of its own, with a forecast of it that was kept half a year before its end.
fn practice() -> &'static Path {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let dir = MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        run(dir.path(), &["demo", "--lines", "3000", "--out", "."]).ends(0);
        forecast(dir.path(), &["--as-of", "2025-06-30", "--save", "june.json"]).ends(0);
        dir
    });
    dir.path()
}

/// A quick forecast: few futures, nothing tested.
fn forecast(dir: &Path, arguments: &[&str]) -> Said {
    let mut all = vec!["forecast", "--no-backtest", "--paths", "40"];
    all.extend(arguments);
    run(dir, &all)
}

/// A table of the report, as its JSON has it.
struct Table {
    names: Vec<String>,
    kinds: Vec<String>,
    headers: Vec<String>,
    rows: Vec<Vec<Value>>,
    total: Option<Vec<Value>>,
}

/// Money in cents; nothing where the cell is empty. More than two decimals are no money.
#[track_caller]
fn cents(cell: &Value) -> Option<i64> {
    let text = cell.as_str()?;
    let value = text.parse::<Decimal>().unwrap_or_else(|_| panic!("{text} is no amount")) * Decimal::ONE_HUNDRED;
    assert!(value.fract().is_zero(), "{text} has parts of cents");
    value.to_i64()
}

impl Table {
    fn of(report: &Value, id: &str) -> Self {
        let sections = report["sections"].as_array().unwrap();
        let section = sections.iter().find(|s| s["id"] == id).unwrap_or_else(|| panic!("no section {id}"));
        let table = &section["table"];
        let of = |key: &str| -> Vec<String> {
            table["columns"].as_array().unwrap().iter().map(|c| c[key].as_str().unwrap().to_owned()).collect()
        };
        let cells = |row: &Value| row.as_array().unwrap().clone();
        Self {
            names: of("name"),
            kinds: of("kind"),
            headers: of("header"),
            rows: table["rows"].as_array().unwrap().iter().map(cells).collect(),
            total: table["total"].as_array().cloned(),
        }
    }

    fn at(&self, name: &str) -> usize {
        self.names.iter().position(|n| n == name).unwrap_or_else(|| panic!("no column {name} in {:?}", self.names))
    }

    /// The cents of a column by row; nothing counts as nothing.
    fn column(&self, name: &str) -> Vec<i64> {
        let at = self.at(name);
        self.rows.iter().map(|row| cents(&row[at]).unwrap_or(0)).collect()
    }

    fn total(&self, name: &str) -> i64 {
        cents(&self.total.as_ref().unwrap()[self.at(name)]).unwrap()
    }

    #[track_caller]
    fn assert_sums(&self, names: &[&str]) {
        for name in names {
            assert_eq!(self.column(name).iter().sum::<i64>(), self.total(name), "{name}");
        }
    }

    fn is_money(&self, at: usize) -> bool {
        ["estimate", "money"].contains(&self.kinds[at].as_str())
    }

    /// Rows with the total last.
    fn all(&self) -> Vec<&Vec<Value>> {
        self.rows.iter().chain(&self.total).collect()
    }
}

/// A column of a spreadsheet: A, B, …, AA.
fn letter(at: usize) -> String {
    let one = |n: usize| char::from(b'A' + u8::try_from(n).unwrap());
    if at < 26 { one(at).to_string() } else { format!("{}{}", one(at / 26 - 1), one(at % 26)) }
}

/// The cells of the table of a section of the page, row by row, without tags.
fn html_rows(page: &str, id: &str) -> Vec<Vec<String>> {
    let section = page.split(&format!("<section id=\"{id}\"")).nth(1).unwrap_or_else(|| panic!("no section {id}"));
    let section = section.split("</section>").next().unwrap();
    let table = section.split("<table>").nth(1).unwrap().split("</table>").next().unwrap();
    let text = |cell: &str| {
        let inner = cell.split_once('>').unwrap().1;
        let inner = inner.split("</t").next().unwrap();
        inner.replace("&amp;", "&").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">")
    };
    let row = |row: &str| {
        let cells = row.replace("<th", "<td");
        cells.split("<td").skip(1).map(text).collect::<Vec<_>>()
    };
    table.split("<tr>").skip(1).map(row).collect()
}

/// An amount for people in cents: `−$1,234.56`.
fn read_amount(text: &str) -> Option<i64> {
    let plain: String = text.chars().filter(|c| c.is_ascii_digit()).collect();
    let cents = plain.parse::<i64>().ok()?;
    Some(if text.starts_with('−') { -cents } else { cents })
}

struct Outputs {
    json: Value,
    printed: String,
    dir: TempDir,
}

/// Everything of one forecast: by payer and place, against the kept one, with a scenario that changes nothing.
fn outputs() -> &'static Outputs {
    static MADE: OnceLock<Outputs> = OnceLock::new();
    MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let arguments = ["--by", "payer,pos", "--against", "june.json", "--scenario", "rate=+0%", "--out"];
        let mut arguments = arguments.to_vec();
        arguments.push(out.to_str().unwrap());
        let said = forecast(practice(), &arguments).ends(0);
        let json = serde_json::from_slice(&fs::read(out.join("forecast.json")).unwrap()).unwrap();
        Outputs { json, printed: said.out, dir }
    })
}

/// Sections with a table.
fn ids(report: &Value) -> Vec<&str> {
    let with_rows = |s: &&Value| !s["table"]["columns"].as_array().unwrap().is_empty();
    report["sections"].as_array().unwrap().iter().filter(with_rows).map(|s| s["id"].as_str().unwrap()).collect()
}

const GROUP: [&str; 7] = ["expected", "denied", "underpaid", "overpaid", "off_benchmark", "net", "cash"];

#[test]
fn columns_sum_to_their_totals_and_tables_to_each_other() {
    let report = &outputs().json;
    let service = ["expected", "denied", "underpaid", "overpaid", "off_benchmark", "net"];
    let months = Table::of(report, "expected");
    months.assert_sums(&service);
    // expected − denied − underpaid + overpaid − off benchmark = allowed, in every row and the total.
    for row in months.all() {
        let of = |name: &str| cents(&row[months.at(name)]).unwrap();
        let net = of("expected") - of("denied") - of("underpaid") + of("overpaid") - of("off_benchmark");
        assert_eq!(net, of("net"));
        for name in ["expected", "net"] {
            assert!(of(&format!("{name}_low")) <= of(&format!("{name}_high")));
        }
    }
    let cash = Table::of(report, "cash");
    cash.assert_sums(&["cash", "posted", "of_served", "of_forecast"]);
    for row in cash.all() {
        let of = |name: &str| cents(&row[cash.at(name)]).unwrap();
        assert_eq!(of("posted") + of("of_served") + of("of_forecast"), of("cash"));
    }
    // January 2026 has postings and no services: a table of its own, beside the totals; of one month the row is the sum.
    let between = Table::of(report, "between");
    assert_eq!(between.rows.iter().map(|r| r[0].as_str().unwrap()).collect::<Vec<_>>(), ["2026-01"]);
    assert!(between.total.is_none());
    let of = |name: &str| between.column(name)[0];
    let net = of("expected") - of("denied") - of("underpaid") + of("overpaid") - of("off_benchmark");
    assert!(net == of("net") && of("paid") > 0);
    assert!(outputs().printed.contains("2026-01 between the files and the months to come is in no total"));

    let groups = Table::of(report, "groups");
    groups.assert_sums(&GROUP);
    for name in service {
        assert_eq!(groups.total(name), months.total(name), "{name}");
    }
    assert_eq!(groups.total("cash"), cash.total("cash"));

    let by_month = Table::of(report, "groups-by-month");
    by_month.assert_sums(&GROUP);
    let month_at = by_month.at("month");
    for name in GROUP {
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for (row, amount) in by_month.rows.iter().zip(by_month.column(name)) {
            *sums.entry(row[month_at].as_str().unwrap()).or_default() += amount;
        }
        let table = if name == "cash" { &cash } else { &months };
        let wanted: BTreeMap<&str, i64> =
            table.rows.iter().map(|r| r[0].as_str().unwrap()).zip(table.column(name)).collect();
        assert_eq!(sums, wanted, "{name}");
    }
    // Every group over its months is the group.
    for (group, row) in groups.rows.iter().enumerate() {
        let label = (&row[0], &row[1]);
        for name in GROUP {
            let own = by_month.rows.iter().zip(by_month.column(name)).filter(|(r, _)| (&r[0], &r[1]) == label);
            assert_eq!(own.map(|(_, amount)| amount).sum::<i64>(), groups.column(name)[group], "{label:?} {name}");
        }
    }

    let leakage = Table::of(report, "leakage");
    leakage.assert_sums(&["mean"]);
    assert_eq!(leakage.total("mean"), months.total("denied") + months.total("underpaid"));
    let recent = Table::of(report, "completion");
    recent.assert_sums(&["paid", "ultimate", "open"]);
    for row in recent.all() {
        let of = |name: &str| cents(&row[recent.at(name)]).unwrap();
        assert_eq!(of("paid") + of("open"), of("ultimate"));
    }
}

#[test]
fn every_amount_is_the_same_in_json_csv_workbook_and_page() {
    let Outputs { json, dir, .. } = outputs();
    let out = dir.path().join("out");
    let book = Book::open(&fs::read(out.join("forecast.xlsx")).unwrap());
    let page = fs::read_to_string(out.join("forecast.html")).unwrap();
    let mut compared = 0;
    for id in ids(json) {
        let table = Table::of(json, id);
        let mut reader = csv::Reader::from_path(out.join(format!("tables/{id}.csv"))).unwrap();
        let csv: Vec<Vec<String>> = reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(csv.len(), table.all().len(), "{id}");
        let words = id.replace('-', " ");
        let sheet = book.sheet(&format!("{}{}", words[..1].to_uppercase(), &words[1..]));
        // A table of more than thirty rows is not on the page: it says where it is.
        let html = if table.rows.len() > 30 {
            assert!(
                page.contains(&format!("A table of {} rows: <a href=\"tables/{id}.csv\"", table.rows.len())),
                "{id}"
            );
            Vec::new()
        } else {
            html_rows(&page, id)
        };
        assert!(html.first().is_none_or(|head| *head == table.headers), "{id}");
        for (n, row) in table.all().iter().enumerate() {
            let is_total = n == table.rows.len();
            let shown = if is_total { html.last() } else { html.get(n + 1) };
            for (at, cell) in row.iter().enumerate().filter(|(at, _)| table.is_money(*at)) {
                let place = format!("{id}, row {n}, {}", table.names[at]);
                let cents = cents(cell);
                let in_csv = (!csv[n][at].is_empty()).then(|| csv[n][at].parse::<Decimal>().unwrap());
                assert_eq!(in_csv.map(|d| d * Decimal::ONE_HUNDRED), cents.map(Decimal::from), "{place}");
                let in_book = match sheet.cell(&format!("{}{}", letter(at), n + 5)) {
                    Some(CellValue::Number(text)) => {
                        // The double nearest to the cents, and no other.
                        let value: f64 = text.parse().unwrap();
                        let found = (value * 100.0).round();
                        assert_eq!(value, format!("{:.2}", found / 100.0).parse::<f64>().unwrap(), "{place}");
                        Some(found as i64)
                    }
                    None => None,
                    other => panic!("{place}: {other:?}"),
                };
                assert_eq!(in_book, cents, "{place}");
                if let Some(shown) = shown {
                    assert_eq!(read_amount(&shown[at]), cents, "{place}: {}", shown[at]);
                }
                compared += 1;
            }
        }
    }
    assert!(compared > 5_000, "only {compared} amounts were compared");
}

#[test]
fn the_long_table_and_the_terminal_tell_the_same() {
    let Outputs { json, printed, dir } = outputs();
    let mut sums: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    let mut reader = csv::Reader::from_path(dir.path().join("out/forecast.csv")).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(header[..5], ["payer", "pos", "month", "measure", "mean"].map(str::to_owned));
    assert_eq!(header.last().unwrap(), "payer_name");
    for record in reader.records() {
        let record = record.unwrap();
        let amount = cents(&Value::from(record[4].to_owned())).unwrap();
        let sum = sums.entry((record[2].to_owned(), record[3].to_owned())).or_default();
        // The payer's id is for programs, its name for people.
        match &record[0] {
            "MCR" => assert_eq!(&record[12], "Medicare Part B"),
            "all" => assert_eq!(&record[12], "all"),
            _ => {}
        }
        if &record[0] == "all" {
            sum.1 += amount;
        } else {
            sum.0 += amount;
        }
    }
    let tables = [Table::of(json, "expected"), Table::of(json, "cash")];
    for ((month, measure), (parts, all)) in &sums {
        assert_eq!(parts, all, "{month} {measure}");
        if measure == "lines" {
            continue;
        }
        let name = measure.replace('-', "_");
        let table = &tables[usize::from(measure == "cash")];
        let at = table.rows.iter().position(|r| r[0] == month.as_str()).unwrap();
        assert_eq!(table.column(&name)[at], *all, "{month} {measure}");
    }
    assert_eq!(sums.len(), 12 * 8);
    // The totals of the tables on the terminal.
    let money = |c: i64| allowable::domain::Money::from_cents(c).pretty();
    let line = |start: &str, wanted: &[i64]| {
        let found = printed.lines().map(str::trim).filter(|l| l.starts_with(start));
        let has = found.clone().any(|l| wanted.iter().all(|c| l.contains(&money(*c))));
        assert!(has, "{start} {wanted:?} in:\n{printed}");
    };
    // What stands in a row of the terminal adds: expected less what is not allowed is allowed.
    let across = |of: &Table| [of.total("expected"), of.total("expected") - of.total("net"), of.total("net")];
    line("All months", &across(&tables[0]));
    let cash = &tables[1];
    let in_files = cash.total("posted") + cash.total("of_served");
    line("All months", &[cash.total("cash"), in_files, cash.total("of_forecast")]);
    line("All ", &across(&Table::of(json, "groups")));
    // The largest group comes first, also where the terminal shows twelve rows of many.
    assert!(printed.lines().any(|l| l.starts_with(" Medicare Part B ")), "{printed}");
}

#[test]
fn a_scenario_that_changes_nothing_is_zero_everywhere_and_one_that_does_is_not() {
    let report = &outputs().json;
    let all = Table::of(report, "scenario");
    for name in ["difference", "low", "high"] {
        assert!(all.column(name).iter().all(|c| *c == 0), "{name}");
    }
    for id in ["scenario-by-month", "scenario-by-group"] {
        let table = Table::of(report, id);
        for measure in ["expected", "net", "cash"] {
            let [base, scenario, difference] =
                ["base", "scenario", "difference"].map(|part| table.column(&format!("{measure}_{part}")));
            assert!(base == scenario && difference.iter().all(|c| *c == 0), "{id} {measure}");
            assert_eq!(base.iter().sum::<i64>(), table.total(&format!("{measure}_base")), "{id} {measure}");
        }
    }
    assert!(outputs().printed.contains("With no change, as much is allowed and comes in as without"));
    let said = forecast(practice(), &["--format", "json", "--scenario", "payer=COM2 rate=+5%"]).ends(0).json();
    assert!(said.to_string().contains("With Great Lakes Mutual: rate +5%, "));

    // A tenth more lines: a tenth more of everything but rounding, in the same futures; half denied less.
    let said = forecast(practice(), &["--format", "json", "--scenario", "volume=+10%"]).ends(0).json();
    let table = Table::of(&said, "scenario");
    let (base, difference) = (table.column("base")[0], table.column("difference")[0]);
    assert!((difference * 10 - base).abs() < base / 100, "{difference} of {base}");
    // The luck is the same: even the range of the difference is a tenth of the range.
    let months = Table::of(&said, "expected");
    let (low, high) = (months.total("expected_low"), months.total("expected_high"));
    assert!((table.column("low")[0] * 10 - low).abs() < base / 100, "{} {low}", table.column("low")[0]);
    assert!((table.column("high")[0] * 10 - high).abs() < base / 100);
}

#[test]
fn a_bridge_sums_to_the_cent_and_ends_where_the_tables_are() {
    let report = &outputs().json;
    let table = Table::of(report, "bridge");
    let money: Vec<&str> = table.names.iter().skip(1).map(String::as_str).collect();
    assert_eq!(
        money,
        ["allowed_all", "cash_all", "allowed_came", "cash_came", "allowed_ahead", "cash_ahead"],
        "all months, those that came, those to come"
    );
    // The last forecast and the five steps sum to what is now.
    table.assert_sums(&money);
    for (all, came, ahead) in [(0, 2, 4), (1, 3, 5)] {
        for row in table.all() {
            let of = |at: usize| cents(&row[1 + at]).unwrap();
            assert_eq!(of(came) + of(ahead), of(all));
        }
    }
    // What is compared with this forecast is this forecast: the months from February to June 2026, which the kept one had, too.
    let months = Table::of(report, "expected");
    let cash = Table::of(report, "cash");
    let until = |table: &Table, name: &str| -> i64 { table.column(name)[..5].iter().sum() };
    assert_eq!(table.total("allowed_ahead"), until(&months, "net"));
    assert_eq!(table.total("cash_ahead"), until(&cash, "cash"));
    // January 2026 has no services in the files, but its postings came: what was kept is compared whole, month by month.
    let kept: Value = serde_json::from_slice(&fs::read(practice().join("june.json")).unwrap()).unwrap();
    let leaves = kept["months"].as_object().unwrap().values().flat_map(|m| m.as_array().unwrap());
    let cash_kept: i64 = leaves.map(|l| l["level"]["cash"].as_i64().unwrap()).sum();
    assert_eq!(table.column("cash_all")[0], cash_kept);
    let section = report["sections"].as_array().unwrap().iter().find(|s| s["id"] == "bridge").unwrap();
    assert!(section["title"].as_str().unwrap().ends_with("2025-07 to 2026-06"), "{}", section["title"]);
    assert!(section["notes"][0].as_str().unwrap().starts_with("Of 2026-01 the postings"), "{}", section["notes"]);
    // Another length than that of January is said, in the title as well: what is not compared is tied to what was kept.
    let said = forecast(practice(), &["--against", "june.json", "--horizon", "2", "--format", "json"]).ends(0).json();
    let short = Table::of(&said, "bridge");
    let section = said["sections"].as_array().unwrap().iter().find(|s| s["id"] == "bridge").unwrap();
    let money = |cents: i64| allowable::domain::Money::from_cents(cents).pretty();
    let note = section["notes"][1].as_str().unwrap();
    assert!(section["title"].as_str().unwrap().ends_with("without 2026-04 to 2026-06"), "{}", section["title"]);
    assert!(note.contains(&money(short.column("cash_all")[0])) && note.contains(&money(cash_kept)), "{note}");
    // Against itself nothing changes.
    forecast(practice(), &["--save", "now.json"]).ends(0);
    let said = forecast(practice(), &["--against", "now.json", "--format", "json"]).ends(0).json();
    let table = Table::of(&said, "bridge");
    for name in table.names.iter().skip(1) {
        assert!(table.column(name)[1..].iter().all(|c| *c == 0), "{name}: {:?}", table.column(name));
    }
}

#[test]
fn a_month_is_not_told_as_a_span_and_words_are_no_table() {
    let said = forecast(practice(), &["--horizon", "1", "--format", "json"]).ends(0).json();
    assert_eq!(said["period"], "2026-02");
    let sections = said["sections"].as_array().unwrap().iter().filter(|s| s["id"] != "rates");
    for told in sections.chain([&said["headline"], &said["notes"], &said["finding"]]) {
        let text = told.to_string();
        assert!(!text.contains("2026-02 to 2026-02") && !text.contains("2025-02 to 2025-02"), "{text}");
    }
    let tables = outputs().dir.path().join("out/tables");
    assert!(tables.join("expected.csv").is_file() && !tables.join("notes.csv").exists());
    // The tile and the column of the terminal are told apart, in amounts that add.
    let months = Table::of(&outputs().json, "expected");
    let [denied, under, over, off, all, net] =
        ["denied", "underpaid", "overpaid", "off_benchmark", "expected", "net"].map(|name| months.total(name));
    let money = |cents: i64| allowable::domain::Money::from_cents(cents).pretty();
    let printed = outputs().printed.split_whitespace().collect::<Vec<_>>().join(" ");
    let lost =
        format!("Not allowed, net, is {} denied or underpaid, less {} overpaid", money(denied + under), money(over));
    assert!(printed.contains(&lost), "{lost} is not in {printed}");
    assert_eq!(denied + under - over + off, all - net);
    assert!(printed.contains(&format!("benchmarks: {}.", money(all - net))), "{printed}");
}

#[test]
fn groups_of_any_kind_have_the_same_total() {
    let wanted = Table::of(&outputs().json, "groups");
    for by in ["state", "family,payer", "none"] {
        let said = forecast(practice(), &["--by", by, "--format", "json"]).ends(0).json();
        let months = Table::of(&said, "expected");
        for name in GROUP.iter().filter(|n| **n != "cash") {
            assert_eq!(months.total(name), wanted.total(name), "{by} {name}");
        }
        assert_eq!(by == "none", said["sections"].as_array().unwrap().iter().all(|s| s["id"] != "groups"));
    }
}

#[test]
fn past_forecasts_are_tested_as_of_their_day_and_closes_are_counted() {
    let run_ = |arguments: &[&str]| {
        let mut all = vec!["forecast", "--paths", "20", "--horizon", "2", "--origins", "2", "--format", "json"];
        all.extend(arguments);
        run(practice(), &all).ends(0).json()
    };
    let said = run_(&[]);
    for measure in ["lines", "expected", "cash"] {
        let table = Table::of(&said, &format!("backtest-{measure}"));
        // From two months: two forecasts one month ahead, one two months ahead, three in all.
        let counts: Vec<i64> = table.all().iter().map(|r| r[table.at("forecasts")].as_i64().unwrap()).collect();
        assert_eq!(counts, [2, 1, 3], "{measure}");
        for name in ["wape", "bias", "mase", "coverage80", "msis", "naive_wape", "naive_mase", "naive_msis"] {
            assert!(table.total.as_ref().unwrap()[table.at(name)].is_string(), "{measure} {name}");
        }
    }
    let closes = Table::of(&said, "closes-cash");
    let months: Vec<&str> = closes.rows.iter().map(|r| r[0].as_str().unwrap()).collect();
    assert_eq!(months, ["2025-11", "2025-12"]);
    let sections = said["sections"].as_array().unwrap();
    let of = |id: &str| sections.iter().find(|s| s["id"] == id).unwrap();
    let title = of("closes-cash")["title"].as_str().unwrap();
    let notes = of("closes-cash")["notes"].to_string();
    assert!(notes.contains("2026-01 is no close") && !of("closes-expected")["notes"].to_string().contains("no close"));
    let held = closes.rows.iter().filter(|r| r[closes.at("held")] == "held").count();
    assert_eq!(title, format!("The 80% range of cash held in {held} of the last 2 closes"));
    // The tile is of all past forecasts, at the level that was asked for.
    for (level, column) in [("80", "coverage80"), ("95", "coverage95")] {
        let said = run_(&["--level", level]);
        let table = Table::of(&said, "backtest-cash");
        let held = table.total.as_ref().unwrap()[table.at(column)].as_str().unwrap().to_owned();
        // So is the title of the section, which says how many months the forecasts were made from.
        let sections = said["sections"].as_array().unwrap();
        let coverage = sections.iter().find(|s| s["id"] == "coverage").unwrap();
        let (title, lead) = (coverage["title"].as_str().unwrap(), coverage["lead"].as_str().unwrap());
        assert!(title.starts_with(&format!("Past forecasts that came within their {level}% range: ")), "{title}");
        assert!(title.ends_with(&format!("{held}% of cash")), "{title}");
        assert!(lead.contains("at the ends of 2 months, each for up to 2 months ahead: they overlap"), "{lead}");
        let tile = said["headline"].as_array().unwrap().iter().find(|s| s["label"] == "Past ranges that held").unwrap();
        assert_eq!(tile["value"], format!("{held}%"));
        assert!(
            tile["basis"].as_str().unwrap().starts_with("of 3 forecasts of a month's cash, made at the "),
            "{tile}"
        );
        assert!(tile["basis"].as_str().unwrap().contains(&format!("{level}% range")), "{tile}");
    }
    // What the close of December was forecast to be is what a forecast at the end of November says.
    let november = ["--as-of", "2025-11-30", "--horizon", "1", "--paths", "20", "--by", "none", "--format", "json"];
    let mut all = vec!["forecast", "--no-backtest"];
    all.extend(november);
    let then = run(practice(), &all).ends(0).json();
    let forecast_then = Table::of(&then, "cash").column("cash")[0];
    assert_eq!(closes.column("forecast")[1], forecast_then);
}

#[test]
fn what_is_wrong_is_said_and_the_nearest_is_named() {
    let dir = practice();
    fs::write(dir.join("cut.json"), &fs::read(dir.join("june.json")).unwrap()[..200]).unwrap();
    fs::write(dir.join("newer.json"), r#"{"allowable_forecast":9,"as_of":"2025-06-30","paths":[]}"#).unwrap();
    fs::write(dir.join("other.json"), r#"{"title":"a report"}"#).unwrap();
    for (arguments, code, says) in [
        (vec!["--horizon", "0"], 2, "0 is not in 1..=36"),
        (vec!["--horizon", "1000"], 2, "1000 is not in 1..=36"),
        (vec!["--level", "70"], 2, "expected 50, 80 or 95"),
        (vec!["--by", "payor"], 2, "did you mean payer?"),
        (vec!["--by", "payer,place"], 2, "did you mean pos?"),
        (vec!["--by", ""], 2, "or none"),
        (vec!["--by", "payer,payer"], 2, "payer stands there twice"),
        (vec!["--out", "june.json/folder"], 1, "june.json is a file"),
        (vec!["--out", "."], 1, "no earlier report wrote"),
        (vec!["--by", "xyzzy"], 2, "expected payer, state, pos or family"),
        (vec!["--as-of", "2025-13-01"], 2, "such as 2024-03-09"),
        (vec!["--as-of", "1990-01-01"], 1, "no line in scope was served up to 1990-01-01"),
        (vec!["--scenario", "rate"], 2, "has no ="),
        (vec!["--scenario", "rate=5"], 2, "no change in percent"),
        (vec!["--scenario", "payer=COM2"], 2, "nothing is changed"),
        (vec!["--scenario", "payer=HARBOR MUTUAL (SYNTHETIC) rate=+5%"], 1, "has a price"),
        (vec!["--scenario", "payer=COM2 rate=+5%", "--scenario", "payer=COM2 rate=+5%"], 2, "COM2 stands twice"),
        (vec!["--against", "nowhere.json"], 1, "cannot be read"),
        (vec!["--against", "cut.json"], 1, "damaged"),
        (vec!["--against", "newer.json"], 1, "newer version"),
        (vec!["--against", "other.json"], 1, "no kept forecast"),
        // A bridge never leads backwards.
        (vec!["--as-of", "2025-01-31", "--against", "june.json"], 2, "later than this one of 2025-01-31"),
        (vec!["--out", "forecast.pdf"], 2, "no format of the forecast"),
    ] {
        let said = forecast(dir, &arguments).ends(code);
        assert!(said.err.contains(says) && said.out.is_empty(), "{arguments:?}: {}", said.err);
    }
    // Not on a terminal: no bar, nothing on standard error.
    let said = forecast(dir, &["--format", "csv", "--horizon", "1"]).ends(0);
    assert_eq!(said.err, "");
    assert!(said.out.starts_with("payer,month,measure,mean,median,lo50"), "{}", said.out);
}

#[test]
fn with_series_what_would_do_nothing_is_refused_and_the_level_is_that_asked() {
    let dir = tempfile::tempdir().unwrap();
    let rows: String = (1..=30).map(|t| format!("a,{t},{}\n", 100 + t % 7)).collect();
    fs::write(dir.path().join("s.csv"), format!("series,t,y\n{rows}")).unwrap();
    for option in [&["--by", "payer"][..], &["--reconcile"], &["--seed", "1"], &["--paths", "50"], &["--no-backtest"]] {
        let said = run(dir.path(), &[&["forecast", "--series", "s.csv"], option].concat()).ends(2);
        assert!(said.err.contains("cannot be used with") && said.err.contains(option[0]), "{}", said.err);
    }
    let of = |level: &str| {
        let said = run(dir.path(), &["forecast", "--series", "s.csv", "--horizon", "1", "--level", level]).ends(0).out;
        let line = said.lines().find(|l| l.contains("%:")).unwrap().to_owned();
        let (told, range) = line.split_once("%: ").unwrap();
        assert!(told.ends_with(level), "{line}");
        let ends: Vec<f64> = range.split(" to ").map(|n| n.trim().parse().unwrap()).collect();
        ends[1] - ends[0]
    };
    let (narrow, middle, wide) = (of("50"), of("80"), of("95"));
    assert!(narrow < middle && middle < wide, "{narrow} {middle} {wide}");
}
