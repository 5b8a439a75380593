//! The sums that `explain` shows, worked out again: every step by this file's own whole-number arithmetic, every cited row
//! looked up in the data, the result against the price in the report.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use allowable::domain::{Area, Code, Locality, Pos, State, parse_iso_date};
use allowable::ingest::read;
use allowable::price::{Explanation, Key, Pricer, UnitPrice};
use allowable::{demo, report};
use polars::prelude::{DataType, ParquetReader, SerReader};
use serde_json::Value;

use crate::common::{Practice, input, run};

/// An exact number: `digits` × 10^-`scale`.
#[derive(Debug, Clone, Copy)]
struct Exact {
    digits: i128,
    scale: u32,
}

impl Exact {
    fn of(text: &str) -> Self {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{fraction}").parse().unwrap();
        Self { digits, scale: u32::try_from(fraction.len()).unwrap() }
    }

    fn at(self, scale: u32) -> i128 {
        self.digits * 10_i128.pow(scale - self.scale)
    }

    fn times(self, other: Self) -> Self {
        Self { digits: self.digits * other.digits, scale: self.scale + other.scale }
    }

    fn plus(self, other: Self) -> Self {
        let scale = self.scale.max(other.scale);
        Self { digits: self.at(scale) + other.at(scale), scale }
    }

    /// Half away from zero.
    fn cents(self) -> Self {
        if self.scale <= 2 {
            return self;
        }
        let unit = 10_i128.pow(self.scale - 2);
        let sign = self.digits.signum();
        Self { digits: sign * ((self.digits.abs() * 2 + unit) / (unit * 2)), scale: 2 }
    }

    fn is(self, other: Self) -> bool {
        let scale = self.scale.max(other.scale);
        self.at(scale) == other.at(scale)
    }
}

/// The cited row holds the value in one of its cells.
fn cited(source: &str, value: Exact) {
    let (file, line) = source.rsplit_once(':').unwrap();
    let path = if file.starts_with("datasets/") { file.to_owned() } else { format!("datasets/demo/{file}") };
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let line: usize = line.parse().unwrap();
    if file.ends_with(".toml") {
        return in_contract(source, text.lines().skip(line - 1), value);
    }
    let row = text.lines().nth(line - 1).unwrap_or_else(|| panic!("{source} does not exist"));
    let number = |cell: &&str| !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let found = row.split(',').filter(number).any(|cell| Exact::of(cell).is(value));
    assert!(found, "{source} does not hold {value:?}: {row}");
}

/// The table of a contract file that begins on the cited line holds the amount, or the percentage that raises by this factor.
fn in_contract<'a>(source: &str, mut lines: impl Iterator<Item = &'a str>, value: Exact) {
    assert!(lines.next().is_some_and(|line| line.starts_with('[')), "{source} begins no table");
    let own: Vec<&str> = lines.take_while(|line| !line.starts_with('[')).collect();
    let of = |key: &str| {
        let cell = own.iter().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'));
        cell.map(Exact::of)
    };
    // 2.5 % more is the factor 1 + 2.5 / 100.
    let raised =
        of("percent").map(|p| Exact { digits: p.digits, scale: p.scale + 2 }.plus(Exact { digits: 1, scale: 0 }));
    assert!(
        [of("amount"), raised].into_iter().flatten().any(|held| held.is(value)),
        "{source} does not hold {value:?}"
    );
}

/// Works the steps out again. Every operand is cited, or the result of an earlier step, or given with the line.
fn recomputed(e: &Value) -> Option<Exact> {
    let mut results: Vec<Exact> = Vec::new();
    let given: Vec<Exact> = ["units", "charge"].iter().filter_map(|k| e[k].as_str()).map(Exact::of).collect();
    let rule = e["rule"].as_str().unwrap();
    for step in e["steps"].as_array().unwrap() {
        let mut values = Vec::new();
        for operand in step["operands"].as_array().unwrap() {
            let value = Exact::of(operand["value"].as_str().unwrap());
            match operand["source"].as_str() {
                Some(source) if step["op"] != "mean" => cited(source, value),
                // Of a mean each fee is a sum of its own; the row says where its locality stands.
                Some(_) => {}
                None => {
                    let name = operand["name"].as_str().unwrap();
                    // The contract's percentage is said in its rule: 1.35 is "135 %" or "135%".
                    let percent = value.digits * 100 / 10_i128.pow(value.scale);
                    let contract = name.contains("factor") && rule.replace(" %", "%").contains(&format!("{percent}%"));
                    // 85 % for a nurse practitioner's or physician assistant's own services.
                    let own = name == "NPP factor" && e["modifiers"] == "SA" && value.is(Exact::of("0.85"));
                    let known = results.iter().chain(&given).any(|earlier| earlier.is(value));
                    assert!(known || contract || own, "{name} {value:?} comes from nowhere: {e:#}");
                }
            }
            values.push(value);
        }
        let (first, rest) = values.split_first().unwrap();
        let result = match step["op"].as_str().unwrap() {
            "take" => *first,
            "multiply" => rest.iter().fold(*first, |product, x| product.times(*x)),
            "add" => rest.iter().fold(*first, |sum, x| sum.plus(*x)),
            "round-to-cents" => first.cents(),
            "least" => rest.iter().fold(*first, |least, x| if x.at(4) < least.at(4) { *x } else { least }),
            "mean" => {
                // Exact to 28 digits is enough to be compared at ten decimals.
                let sum = rest.iter().fold(*first, |sum, x| sum.plus(*x));
                let mean = sum.at(20) / i128::try_from(values.len()).unwrap();
                let result = step["result"].as_str().unwrap();
                let told = Exact::of(&result[..result.len().min(12)]);
                assert!((told.at(20) - mean).abs() < 10_i128.pow(20 - told.scale), "{step:#}");
                Exact::of(result)
            }
            other => panic!("unknown operation {other}"),
        };
        assert!(result.is(Exact::of(step["result"].as_str().unwrap())), "{result:?} is not the result of {step:#}");
        results.push(result);
    }
    results.last().copied()
}

fn by_hand(args: &str) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let args: Vec<&str> = ["explain", "--format", "json"].into_iter().chain(args.split_whitespace()).collect();
    let all = run(dir.path(), &args).ends(0).json();
    assert_eq!(all.as_array().unwrap().len(), 1);
    all[0].clone()
}

#[test]
fn a_medicare_line_a_contract_line_and_an_estimate_can_be_worked_out_again() {
    for (args, basis, expected) in [
        // Ohio, from 9 March 2024: (0.17 × 1.000 + 0.25 × 0.911 + 0.01 × 1.033) × 33.2875 = 13.583963 → 13.58.
        ("--code 96372 --zip 43215 --date 2024-05-06", "medicare-pfs", "13.58"),
        // Two units of it.
        ("--code 96372 --zip 43215 --date 2024-05-06 --units 2", "medicare-pfs", "27.16"),
        // 135 % of Ohio's 2023: (0.17 × 1.000 + 0.24 × 0.912 + 0.01 × 1.063) × 33.8872 = 13.538 → 13.54; × 1.35 = 18.279.
        ("--code 96372 --zip 43215 --date 2024-05-06 --payer COM1", "percent-of-medicare", "18.28"),
        // Houston: (0.79 × 1.014 + 1.04 × 1.003 + 0.13 × 1.409) × 33.2875 = 67.485 → 67.49; × 0.63 = 42.5187.
        ("--code 20610 --zip 77002 --date 2024-05-06 --payer MCD_TX", "medicaid-estimated", "42.52"),
        // A percentage of the charge: 62 % of 45.25 = 28.055 → 28.06.
        ("--code 96372 --zip 43215 --date 2024-05-06 --payer COM3 --charge 45.25", "percent-of-charge", "28.06"),
    ] {
        let e = by_hand(args);
        assert_eq!((&e["outcome"], &e["basis"]), (&"payable".into(), &basis.into()), "{args}");
        assert_eq!(e["expected"], expected, "{args}");
        assert!(recomputed(&e).unwrap().is(Exact::of(expected)), "{args}");
    }
}

#[test]
fn a_line_that_is_not_payable_says_why_and_where_it_stands() {
    let e = by_hand("--code 96372 --zip 43215 --date 2024-05-06 --pos 22");
    assert_eq!(
        (&e["outcome"], &e["basis"], &e["expected"]),
        (&"not-payable".into(), &"facility-incident-to".into(), &Value::Null)
    );
    assert_eq!(e["steps"], Value::Array(Vec::new()));
    // The rule cites the row that says PC/TC 5, and what the hospital bills instead (published for 2024: APC 5692, $67.12).
    let rule = e["rule"].as_str().unwrap();
    let cited: Vec<&str> = rule.split('(').skip(1).map(|part| part.split(')').next().unwrap()).collect();
    let cell = |source: &str, name: &str| {
        let (file, line) = source.split_once(':').unwrap();
        let text = fs::read_to_string(file).unwrap();
        let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
        let row: Vec<&str> = text.lines().nth(line.parse::<usize>().unwrap() - 1).unwrap().split(',').collect();
        row[header.iter().position(|h| *h == name).unwrap()].to_owned()
    };
    let [rvu, opps] = cited[..] else { panic!("{rule}") };
    assert_eq!(["code", "pctc", "year"].map(|c| cell(rvu, c)), ["96372", "5", "2024"]);
    assert_eq!(["code", "status", "apc", "rate"].map(|c| cell(opps, c)), ["96372", "Q1", "5692", "67.12"]);
    assert!(rule.contains("OPPS status Q1, APC 5692, $67.12"), "{rule}");
}

#[test]
fn messages_name_the_day_that_was_asked_for() {
    let e = by_hand("--code 27130 --zip 43215 --date 2025-02-05");
    assert_eq!(e["outcome"], "unknown");
    assert!(e["rule"].as_str().unwrap().contains("not in the physician schedule of 2025-02-05"), "{e}");
}

/// Outcome, basis and expected amount of every line, read back from the written Parquet file.
fn written(run: &report::Run) -> BTreeMap<(String, i64), (String, String, String)> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("priced_lines.parquet");
    run.ledger.write_parquet(&run.lines, &run.priced, &path).unwrap();
    let frame = ParquetReader::new(fs::File::open(path).unwrap()).finish().unwrap();
    let text = |name: &str| frame.column(name).unwrap().cast(&DataType::String).unwrap().str().unwrap().clone();
    let [claim, number, outcome, basis, expected] =
        ["claim_id", "line_number", "outcome", "basis", "expected"].map(text);
    let of = |column: &polars::prelude::StringChunked, row| column.get(row).unwrap_or_default().to_owned();
    (0..frame.height())
        .map(|row| {
            let key = (of(&claim, row), of(&number, row).parse().unwrap());
            (key, (of(&outcome, row), of(&basis, row), of(&expected, row)))
        })
        .collect()
}

#[test]
fn every_price_of_a_practice_is_its_explained_sum() {
    let practice = Practice::new(900, 5);
    let inputs = [input("c.csv", practice.claims.as_str()), input("r.csv", practice.remits.as_str())];
    let intake = read(&inputs, &practice.project, &|_| ()).unwrap();
    let run_of = report::run(intake, &practice.project, &practice.reference).unwrap();
    let written = written(&run_of);
    assert_eq!(written.len(), run_of.lines.len());
    let pricer = Pricer::new(&practice.reference, &practice.project.payers);
    let mut seen = BTreeSet::new();
    let mut samples: BTreeMap<String, (String, Value)> = BTreeMap::new();
    for (line, ruled) in run_of.lines.iter().zip(&run_of.verdicts.falls) {
        let (mut key, _) = pricer.key(line, *ruled);
        // The price is that of every day of the interval; the command names the day of the line.
        key.day = line.service_date;
        let explanation =
            Explanation::new(&pricer, &key, &pricer.price(&key), line.service_date, line.units, Some(line.charge));
        let e = serde_json::to_value(&explanation).unwrap();
        let (outcome, basis, expected) = &written[&(line.claim_id.to_string(), i64::from(line.line_number))];
        let id = format!("{}:{}", line.claim_id, line.line_number);
        assert_eq!((e["outcome"].as_str(), e["basis"].as_str()), (Some(&**outcome), Some(&**basis)), "{id}");
        match outcome.as_str() {
            "payable" => {
                assert!(recomputed(&e).unwrap().is(Exact::of(expected)), "{id}: {expected} is not {e:#}");
                assert!(Exact::of(e["expected"].as_str().unwrap()).is(Exact::of(expected)), "{id}");
            }
            _ => assert_eq!(e["expected"], Value::Null, "{id}"),
        }
        seen.insert(line.payer.to_string());
        samples.entry(basis.clone()).or_insert((id, e));
    }
    // Every payer of the demo, and every kind of price.
    assert!(practice.project.payers.iter().all(|payer| seen.contains(&*payer.id)), "{seen:?}");
    for basis in [
        "medicare-pfs",
        "medicare-asp",
        "percent-of-medicare",
        "percent-of-charge",
        "contract-schedule",
        "medicaid-schedule",
        "medicaid-observed",
        "facility-incident-to",
        "telehealth-place",
    ] {
        assert!(samples.contains_key(basis), "no line with {basis}");
    }
    // The command says the same of a claim of the files.
    let dir = tempfile::tempdir().unwrap();
    let made = demo::generate(900, 5, &practice.reference, &practice.project).unwrap();
    demo::write(&made, dir.path(), false).unwrap();
    for basis in ["medicare-pfs", "contract-schedule", "medicaid-observed", "telehealth-place"] {
        let (id, e) = &samples[basis];
        let said = run(dir.path(), &["explain", id, "--format", "json"]).ends(0).json();
        for (key, value) in e.as_object().unwrap().iter().filter(|(key, _)| *key != "assumptions") {
            assert_eq!(&said[0][key], value, "{id}: {key}");
        }
        assert!(said[0]["answers"].as_str().unwrap().contains("claim SYN-"));
    }
}

#[test]
fn the_kernel_and_the_listed_rates_agree() {
    let (project, reference) = demo::load().unwrap();
    let pricer = Pricer::new(&reference, &project.payers);
    let codes: Vec<String> = reference.medicare.codes().iter().map(Code::to_string).collect();
    let dir = tempfile::tempdir().unwrap();
    let days = ["--from", "2024-01-01", "--to", "2024-12-31"];
    let list = codes.join(",");
    let args = ["rates", "--code", &list, "--format", "csv"].into_iter().chain(days).collect::<Vec<_>>();
    let csv_text = run(dir.path(), &args).ends(0).out;
    let mut reader = csv::Reader::from_reader(csv_text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let (mut rows, mut payable, mut places, mut settings) = (0, 0, BTreeSet::new(), BTreeSet::new());
    for record in reader.records() {
        let record = record.unwrap();
        let cell = |name: &str| &record[header.iter().position(|h| h == name).unwrap()];
        let area = match cell("mac") {
            "" => Area::Nowhere,
            mac => {
                places.insert(format!("{mac}-{}", cell("locality")));
                let locality: Locality = format!("{mac}-{}", cell("locality")).parse().unwrap();
                Area::Locality(locality, cell("state").parse::<State>().unwrap())
            }
        };
        settings.insert(cell("setting").to_owned());
        for day in [cell("effective_from").max("2024-01-01"), cell("effective_to").min("2024-12-31")] {
            let key = Key {
                payer: "MCR".into(),
                day: parse_iso_date(day).unwrap(),
                area,
                code: cell("code").parse().unwrap(),
                modifiers: allowable::domain::Modifiers::NONE,
                pos: Pos::new(if cell("setting") == "facility" { 22 } else { 11 }),
                npp: false,
                further: false,
                ruled: None,
            };
            let listed = (cell("payable") == "true").then(|| cell("rate").parse().unwrap());
            let priced = match pricer.price(&key).unit {
                UnitPrice::PerUnit { rate, .. } => Some(rate),
                _ => None,
            };
            assert_eq!(priced, listed, "{key:?}");
        }
        rows += 1;
        payable += usize::from(cell("payable") == "true");
    }
    // 2024 has 109 localities, two settings, and two periods around 9 March.
    assert_eq!(places.len(), 109);
    assert!(settings.contains("facility") && settings.contains("nonfacility"));
    assert!(rows > 109 * 2 * 2 * 10 && payable > rows / 2, "{rows} rows, {payable} payable");
}
