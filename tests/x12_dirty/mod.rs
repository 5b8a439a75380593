//! One remittance file in every shape in which payers and clearing houses send it: the sums stay those that its generator
//! accumulated, or a finding says exactly what is missing and everything that can be read is kept.
//!
//! What must come out is never taken from the code under test: the file is cut at `~` and `*` here, its sums are added up
//! here in whole cents, and both are held against the truth file first.

mod renderings;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use allowable::ingest::remit835::Tally;
use allowable::ingest::{RemitFile, remits};
use allowable::project::Project;
use serde_json::{Map, Value, json};

use crate::common::input;

/// The elements of a segment; the id is the first.
pub(crate) type Seg = Vec<String>;

pub(crate) const TEXT: &str = include_str!("../oracle/x12/small.835");
pub(crate) const CLAIMS: &str = include_str!("../oracle/x12/small.837");

/// What the generator added up while it wrote the file; the size of the file is not of interest here.
pub(crate) fn truth() -> Map<String, Value> {
    let mut truth: Map<String, Value> = serde_json::from_str(include_str!("../oracle/x12/small.truth.json")).unwrap();
    truth.remove("bytes");
    truth
}

/// The segments of a clean file, in the simplest way there is.
pub(crate) fn cut(text: &str) -> Vec<Seg> {
    let segments = text.split('~').map(|s| s.trim_start_matches('\n')).filter(|s| !s.is_empty());
    segments.map(|s| s.split('*').map(str::to_owned).collect()).collect()
}

pub(crate) fn clean() -> &'static [Seg] {
    static CLEAN: OnceLock<Vec<Seg>> = OnceLock::new();
    CLEAN.get_or_init(|| cut(TEXT))
}

/// Cents of an amount with at most two decimals: `-12.5`.
pub(crate) fn cents(text: &str) -> i64 {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part: i64 = format!("{part:0<2}").parse().unwrap();
    assert!(part < 100, "{text} has parts of a cent");
    sign * (whole.parse::<i64>().unwrap() * 100 + part)
}

pub(crate) fn dollars(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

fn id(segment: &Seg) -> &str {
    &segment[0]
}

/// An amount; an element that is not there is 0, as in the truth.
fn amount(segment: &Seg, element: usize) -> i64 {
    segment.get(element).filter(|t| !t.is_empty()).map_or(0, |t| cents(t))
}

/// One thing that must balance: what is due, and what was paid.
#[derive(Default)]
struct Scale {
    due: i64,
    /// Nothing where the amount of a payment is missing: then nothing balances.
    paid: Option<i64>,
}

fn balance(scales: &[Scale]) -> Value {
    json!({ "balanced": scales.iter().filter(|s| Some(s.due) == s.paid).count(), "total": scales.len() })
}

/// Everything the truth file tells, the transactions, the lines paid nothing and the three balances, added up here.
pub(crate) fn sums(segments: &[Seg]) -> Map<String, Value> {
    let mut money: BTreeMap<&str, i64> = BTreeMap::new();
    for name in [
        "sum_clp03",
        "sum_clp04",
        "sum_clp05",
        "sum_svc02",
        "sum_svc03",
        "bpr02_total",
        "plb_total",
        "charge_96372",
        "paid_96372",
        "allowed_b6",
    ] {
        money.insert(name, 0);
    }
    let mut add = |name, cents| *money.get_mut(name).unwrap() += cents;
    let (mut by_group, mut by_reason) = (BTreeMap::new(), BTreeMap::new());
    let mut status: BTreeMap<String, u64> = BTreeMap::new();
    let (mut st835, mut lines_96372, mut zero_paid) = (0, 0, 0);
    let (mut transactions, mut claims, mut lines) = (Vec::<Scale>::new(), Vec::<Scale>::new(), Vec::<Scale>::new());
    // Whether adjustments belong to the last line; else to its claim.
    let mut in_line = false;
    for (at, s) in segments.iter().enumerate() {
        match id(s) {
            "ST" => {
                transactions.push(Scale::default());
                st835 += u64::from(s[1] == "835");
            }
            "BPR" => {
                if at == 0 || id(&segments[at - 1]) != "ST" {
                    transactions.push(Scale::default());
                }
                add("bpr02_total", amount(s, 2));
                transactions.last_mut().unwrap().paid = Some(amount(s, 2));
            }
            "CLP" => {
                *status.entry(s[2].clone()).or_default() += 1;
                for (name, n) in [("sum_clp03", 3), ("sum_clp04", 4), ("sum_clp05", 5)] {
                    add(name, amount(s, n));
                }
                claims.push(Scale { due: amount(s, 3), paid: Some(amount(s, 4)) });
                transactions.last_mut().unwrap().due += amount(s, 4);
                in_line = false;
            }
            "SVC" => {
                let (charge, paid) = (amount(s, 2), amount(s, 3));
                add("sum_svc02", charge);
                add("sum_svc03", paid);
                zero_paid += u64::from(paid == 0);
                let code = |n: usize| s.get(n).and_then(|e| e.split(':').nth(1)) == Some("96372");
                if code(1) || code(6) {
                    lines_96372 += 1;
                    add("charge_96372", charge);
                    add("paid_96372", paid);
                }
                lines.push(Scale { due: charge, paid: Some(paid) });
                in_line = true;
            }
            "CAS" => {
                for n in (2..s.len()).step_by(3) {
                    let taken = amount(s, n + 1);
                    *by_group.entry(s[1].clone()).or_insert(0) += taken;
                    *by_reason.entry(format!("{}-{}", s[1], s[n])).or_insert(0) += taken;
                    claims.last_mut().unwrap().due -= taken;
                    if in_line {
                        lines.last_mut().unwrap().due -= taken;
                    }
                }
            }
            "AMT" if s[1] == "B6" => add("allowed_b6", amount(s, 2)),
            "PLB" => {
                for n in (4..s.len()).step_by(2) {
                    add("plb_total", amount(s, n));
                    transactions.last_mut().unwrap().due -= amount(s, n);
                }
            }
            _ => {}
        }
    }
    let text = |sums: BTreeMap<String, i64>| -> Value {
        sums.into_iter().map(|(key, cents)| (key, Value::from(dollars(cents)))).collect::<Map<_, _>>().into()
    };
    let mut out: Map<String, Value> = money.into_iter().map(|(k, v)| (k.to_owned(), dollars(v).into())).collect();
    let more = json!({
        "transactions": transactions.len(),
        "st835": st835,
        "claims": claims.len(),
        "service_lines": lines.len(),
        "lines_96372": lines_96372,
        "zero_paid_lines": zero_paid,
        "claim_status": status,
        "cas_by_group": text(by_group),
        "cas_by_group_carc": text(by_reason),
        "balance": {
            "transactions": balance(&transactions),
            "claims": balance(&claims),
            "lines": balance(&lines),
        },
    });
    out.extend(more.as_object().unwrap().clone());
    out
}

/// All fields of `want`, each named when it differs.
#[track_caller]
pub(crate) fn equal(got: &Value, want: &Map<String, Value>) {
    let wrong: Vec<String> = want
        .iter()
        .filter(|(key, value)| got[key.as_str()] != **value)
        .map(|(key, value)| format!("{key}: got {}, want {value}", got[key.as_str()]))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What `allowable remits` reads from these files.
pub(crate) fn read(files: Vec<(&str, Vec<u8>)>) -> Vec<RemitFile> {
    let inputs: Vec<_> = files.into_iter().map(|(name, bytes)| input(name, bytes)).collect();
    remits(&inputs, &Project::default(), 2, &|_| (), None).unwrap()
}

/// Imbalances are counted against the balances worked out here, not against a text.
const IMBALANCES: [(&str, &str); 3] =
    [("payment-does-not-balance", "transactions"), ("claim-does-not-balance", "claims"), ("does-not-balance", "lines")];

/// `missing-trailer 12 SE: a set has no trailer (SE)`; without the imbalances.
fn told(file: &RemitFile) -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    for f in file.findings.iter().filter(|f| !IMBALANCES.iter().any(|(code, _)| *code == f.code.as_str())) {
        let line = f.place.line.map_or(String::new(), |n| format!(" {n}"));
        let column = f.place.column.as_deref().map_or(String::new(), |c| format!(" {c}"));
        let times = if f.count > 1 { format!(" ({} times)", f.count) } else { String::new() };
        told.insert(format!("{}{line}{column}: {}{times}", f.code, f.found));
    }
    told
}

/// The file keeps all that these segments hold, and says this of what it lacks, and nothing else.
#[track_caller]
fn keeps(bytes: Vec<u8>, kept: &[Seg], findings: &[String]) -> RemitFile {
    let mut files = read(vec![("dirty.835", bytes)]);
    assert_eq!(files.len(), 1);
    let file = files.remove(0);
    assert!(!file.unreadable, "{:#?}", file.findings);
    assert_eq!(told(&file), findings.iter().cloned().collect());
    let want = sums(kept);
    equal(&serde_json::to_value(&file).unwrap(), &want);
    for (code, what) in IMBALANCES {
        let balance = &want["balance"][what];
        let apart = balance["total"].as_u64().unwrap() - balance["balanced"].as_u64().unwrap();
        let said: u64 = file.findings.iter().filter(|f| f.code.as_str() == code).map(|f| f.count).sum();
        assert_eq!(said, apart, "{code}");
    }
    file
}

/// The file is as good as the clean one: all sums are those of the truth, and there is nothing to say.
#[track_caller]
fn is_whole(bytes: Vec<u8>) -> RemitFile {
    let file = keeps(bytes, clean(), &[]);
    equal(&serde_json::to_value(&file.tally).unwrap(), &truth());
    file
}

/// As [`is_whole`], for archives with several files.
#[track_caller]
fn together_whole(files: &[RemitFile]) {
    let mut total = Tally::default();
    for file in files {
        assert_eq!(told(file), BTreeSet::new());
        total.add(&file.tally);
    }
    let total = serde_json::to_value(&total).unwrap();
    equal(&total, &truth());
    equal(&total, &sums(clean()));
}

/// What parts and ends things.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) element: char,
    pub(crate) component: char,
    pub(crate) repetition: char,
    /// The terminator, with a line break behind it where there is one.
    pub(crate) end: &'static str,
}

pub(crate) const PLAIN: Style = Style { element: '*', component: ':', repetition: '^', end: "~\n" };

/// The segments in this style. The clean file has `:` between components only.
pub(crate) fn render(segments: &[Seg], style: Style) -> Vec<u8> {
    let mut out = String::new();
    for segment in segments {
        for (n, element) in segment.iter().enumerate() {
            if n > 0 {
                out.push(style.element);
            }
            out.push_str(&styled(element, style));
        }
        out.push_str(style.end);
    }
    out.into_bytes()
}

/// An element in this style.
pub(crate) fn styled(element: &str, style: Style) -> String {
    let sign = |c| match c {
        ':' => style.component,
        '^' => style.repetition,
        c => c,
    };
    element.chars().map(sign).collect()
}

/// The file without line breaks, broken anew after so many bytes.
fn wrapped(bytes: &[u8], width: usize, line_break: &str) -> Vec<u8> {
    let flat: Vec<u8> = bytes.iter().copied().filter(|b| !b"\r\n".contains(b)).collect();
    flat.chunks(width).flat_map(|line| [line, line_break.as_bytes()].concat()).collect()
}

/// The segment with this id that comes after so many others of it.
fn nth(segments: &[Seg], wanted: &str, n: usize) -> usize {
    let all = segments.iter().enumerate().filter(|(_, s)| id(s) == wanted);
    all.map(|(at, _)| at).nth(n).unwrap()
}

/// The transactions of the clean file, each from ST to SE.
fn transactions() -> Vec<Vec<Seg>> {
    let mut out: Vec<Vec<Seg>> = Vec::new();
    for segment in clean().iter().filter(|s| !["ISA", "GS", "GE", "IEA"].contains(&id(s))) {
        if id(segment) == "ST" {
            out.push(Vec::new());
        }
        out.last_mut().unwrap().push(segment.clone());
    }
    out
}

/// Transactions in an interchange of their own.
fn interchange(transactions: &[Vec<Seg>]) -> Vec<Seg> {
    let (head, tail) = (clean()[..2].to_vec(), clean()[clean().len() - 2..].to_vec());
    let mut out = [head, transactions.concat(), tail].concat();
    let trailer = out.len() - 2;
    out[trailer][1] = transactions.len().to_string();
    out
}

#[test]
fn the_arithmetic_of_these_tests_agrees_with_the_truth() {
    let mine = sums(clean());
    equal(&Value::from(mine.clone()), &truth());
    // The generator lets everything balance.
    for what in ["transactions", "claims", "lines"] {
        assert_eq!(mine["balance"][what]["balanced"], mine["balance"][what]["total"], "{what}");
    }
    assert_eq!(render(clean(), PLAIN), TEXT.as_bytes());
    assert_eq!(interchange(&transactions()), clean());
}
