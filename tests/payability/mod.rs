//! The rules of payability case by case: a claim day goes in, which lines are payable, for how much, and why not comes out.
//!
//! A case is a payer, a place, a day and lines as text. It runs the way of every file: through the reader of tables, the
//! rules, the prices and the judgement of answers; and `explain` and the table of lines must say the same of it. Every line
//! is denied by its payer, so that the suite also holds that no denial of a line that is not payable is called leakage.
//!
//! ```text
//! 96372-59 x2 @11 ndc=00517003125 dx=E53.8 $40.00 | pays 27.16; warns 59-separates-nothing
//! ```
//! Before the bar: code and modifiers, units (1), place of service (11), charge (1000.00). After it: `pays` an amount by a
//! schedule or a contract, `about` an amount that is only observed or estimated, `unknown` for a reason, or `falls` by a
//! rule, `beside` the code that makes it fall, and what it `would` have been allowed without the rule. Then what else the
//! rules say: `records`, `warns`, and `also` for a further rule that would have let the line fall.

mod complete;
mod drugs;
mod edits;
mod families;
mod infusions;
mod modifiers;
mod payers;
mod places;
pub(crate) mod sums;
mod together;
mod told;
mod units;
mod user_rules;
mod visits;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use allowable::ingest::read;
use allowable::leakage::Cohort;
use allowable::price::{Explanation, Pricer};
use allowable::project::Project;
use allowable::reference::{Effect, Reference};
use allowable::report::{Run, run as report_of};

use crate::common::input;

/// Ohio, 6 May 2024, Medicare: the figures of `sums`.
const MEDICARE: &str = "MCR 43215 2024-05-06";
const NCCI: &str = "NCCI practitioner PTP edits of 2024-07-01 (datasets/ncci/ptp.csv)";
const MUE: &str = "NCCI practitioner MUEs of 2024-07-01 (datasets/ncci/mue.csv)";

/// Payers that differ in kind, name and places; where they pay by Medicare's schedule, all of it.
const PAYERS: &str = r#"
[[payer]]
id = "MCR"
name = "Medicare"
kind = "medicare"
[[payer]]
id = "MCR32"
name = "Medicare of a contractor that takes nursing facilities for facilities"
kind = "medicare"
pos.facility = ["32"]
[[payer]]
id = "MA"
name = "Valley Advantage"
kind = "medicare-advantage"
terms = [{ basis = "percent-of-medicare", percent = "100" }]
[[payer]]
id = "COM"
name = "Larkspur"
kind = "commercial"
terms = [{ basis = "percent-of-medicare", percent = "100" }]
[[payer]]
id = "COM22"
name = "Larkspur, hospital clinics as offices"
kind = "commercial"
pos.office = ["22"]
terms = [{ basis = "percent-of-medicare", percent = "100" }]
[[payer]]
id = "LISTS"
name = "Lists Places"
kind = "commercial"
terms = [{ basis = "schedule", schedule = "lists", unlisted = "percent-of-medicare:100" }]
[[schedule]]
name = "lists"
path = "lists.csv"
[[payer]]
id = "ANTHEM"
name = "Anthem Blue Cross"
kind = "commercial"
terms = [{ basis = "percent-of-medicare", percent = "100" }]
[[payer]]
id = "CIGNA"
name = "Cigna"
kind = "commercial"
terms = [{ basis = "percent-of-medicare", percent = "100" }]
[[payer]]
id = "BCBSMS"
name = "Blue Cross & Blue Shield of Mississippi"
kind = "commercial"
terms = [{ basis = "percent-of-medicare", percent = "100" }]
[[payer]]
id = "MCD"
name = "State Medicaid"
kind = "medicaid"
[[payer]]
id = "MCO"
name = "Managed Medicaid"
kind = "medicaid-managed"
terms = [{ basis = "percent-of-medicare", percent = "100" }]
"#;

/// A contract that leaves single codes out.
const CONTRACT: &str = r#"
[contract]
payer = "CTR"
name = "Carves Out"
kind = "commercial"
[[version]]
from = "2020-01-01"
[[version.term]]
codes = ["96372"]
pays = "not-covered"
[version.unlisted]
pays = "medicare"
"#;

/// The schedule of the payer that lists a rate for 96372 in facilities.
const LISTED: &str = "payer,area,code,modifier,setting,rate,unit_basis,effective_from,effective_to,source
LISTS,,96372,,facility,21.00,per unit,2020-01-01,2026-12-31,invented
";

/// A claim day and what must come out.
struct Case {
    name: &'static str,
    /// Payer, ZIP code and day of service.
    day: &'static str,
    lines: Vec<Line>,
    /// Where the field says so.
    source: &'static str,
    /// The amounts, worked out.
    sums: Vec<&'static str>,
    /// The rules that must not apply here, and do in a case that differs in one thing.
    misses: Vec<&'static str>,
}

fn case(
    name: &'static str,
    day: &'static str,
    lines: &'static str,
    source: &'static str,
    sums: &[&'static str],
) -> Case {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(Line::new).collect();
    Case { name, day, lines, source, sums: sums.to_vec(), misses: Vec::new() }
}

impl Case {
    /// The same case, one condition short of these rules.
    fn misses(mut self, rules: &'static str) -> Self {
        self.misses.extend(rules.split_whitespace());
        self
    }
}

/// What becomes of a line.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Pays(&'static str),
    About(&'static str),
    Unknown(&'static str),
    Falls { rule: &'static str, other: Option<&'static str>, would: Option<&'static str>, firm: bool },
}

/// A line of a case.
struct Line {
    /// The words before the bar, with code and modifiers apart.
    told: Vec<&'static str>,
    outcome: Outcome,
    /// `warns RULE` and the like; with ` beside CODE` where another line is to blame.
    remarks: Vec<&'static str>,
}

impl Line {
    fn new(text: &'static str) -> Self {
        let (told, expected) = text.split_once('|').unwrap_or_else(|| panic!("{text}: no bar"));
        let mut words: Vec<&str> = told.split_whitespace().collect();
        let code = words.remove(0);
        let told = code.split('-').chain(words).collect();
        let mut parts = expected.split(';').map(str::trim);
        let words: Vec<&str> = parts.next().unwrap().split_whitespace().collect();
        let after = |word: &str| words.iter().position(|w| *w == word).map(|at| words[at + 1]);
        let outcome = match words[..] {
            ["pays", amount] => Outcome::Pays(amount),
            ["about", amount] => Outcome::About(amount),
            ["unknown", reason] => Outcome::Unknown(reason),
            ["falls", rule, ..] => Outcome::Falls {
                rule,
                other: after("beside"),
                would: after("would").or(after("about")),
                firm: after("about").is_none(),
            },
            _ => panic!("{text}: what becomes of it?"),
        };
        Self { told, outcome, remarks: parts.collect() }
    }

    fn option(&self, key: &str) -> &'static str {
        self.told[1..].iter().find_map(|word| word.strip_prefix(key)).unwrap_or_default()
    }

    /// Code, modifiers, units, place, charge, NDC and diagnosis, as cells.
    fn cells(&self) -> String {
        let or = |key: &str, default| Some(self.option(key)).filter(|text| !text.is_empty()).unwrap_or(default);
        let modifiers: Vec<&str> = self.told[1..]
            .iter()
            .copied()
            .filter(|word| word.len() == 2 && !word.starts_with('x') && !word.starts_with('$'))
            .collect();
        format!(
            "{},{},{},{},{},{},{}",
            self.told[0],
            modifiers.join(" "),
            or("x", "1"),
            or("@", "11"),
            or("$", "1000.00"),
            self.option("ndc="),
            self.option("dx=")
        )
    }

    /// The rules that are said to apply.
    fn rules(&self) -> impl Iterator<Item = &'static str> {
        let falls = match self.outcome {
            Outcome::Falls { rule, .. } => Some(rule),
            _ => None,
        };
        falls.into_iter().chain(self.remarks.iter().filter_map(|remark| remark.split_whitespace().nth(1)))
    }
}

/// All cases.
fn cases() -> Vec<Case> {
    [
        visits::cases(),
        edits::cases(),
        infusions::cases(),
        units::cases(),
        places::cases(),
        drugs::cases(),
        modifiers::cases(),
        payers::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The project: the payers, and every code of the cases in its scope.
fn project(cases: &[Case]) -> Project {
    let mut project = Project::parse(&project_text(cases), "allowable.toml").unwrap();
    project.add_contract(CONTRACT, "contract.toml").unwrap();
    project
}

fn project_text(cases: &[Case]) -> String {
    let codes: std::collections::BTreeSet<&str> = cases.iter().flat_map(|c| &c.lines).map(|l| l.told[0]).collect();
    let codes: Vec<String> = codes.iter().map(|code| format!("\"{code}\"")).collect();
    format!("title = \"Cases\"\nscope = [{}]\ninputs = [\"c.csv\", \"r.csv\"]\n{PAYERS}", codes.join(", "))
}

static REFERENCE: LazyLock<Reference> = LazyLock::new(|| {
    let mut reference = Reference::embedded().unwrap();
    assert_eq!(reference.add_schedule("lists", "lists.csv", LISTED.as_bytes()), []);
    reference
});

const CLAIMS: &str =
    "claim_id,line_number,patient_id,service_date,payer_id,zip,code,modifiers,units,pos,charge,ndc,diagnosis";
const REMITS: &str = "claim_id,line_number,payer_id,remit_date,code,charge,paid,allowed,adjustments";

/// The cases as rows of a claim file: a claim and a patient for each.
fn claims(cases: &[Case]) -> Vec<String> {
    let mut rows = Vec::new();
    for (n, case) in (1..).zip(cases) {
        let [payer, zip, day] = case.day.split(' ').collect::<Vec<_>>()[..] else { panic!("{}", case.day) };
        for (number, line) in (1..).zip(&case.lines) {
            let cells = line.cells();
            let [code, modifiers, units, pos, charge, ndc, dx] = cells.split(',').collect::<Vec<_>>()[..] else {
                panic!("{cells}")
            };
            rows.push(format!(
                "K{n:03},{number},P{n:03},{day},{payer},{zip},{code},{modifiers},{units},{pos},{charge},{ndc},{dx}"
            ));
        }
    }
    rows
}

/// A denial (CO-50) of every line.
fn denials(cases: &[Case]) -> Vec<String> {
    let mut rows = Vec::new();
    for (n, case) in (1..).zip(cases) {
        let payer = case.day.split(' ').next().unwrap();
        for (number, line) in (1..).zip(&case.lines) {
            let cells = line.cells();
            let cells: Vec<&str> = cells.split(',').collect();
            let (code, charge) = (cells[0], cells[4]);
            rows.push(format!("K{n:03},{number},{payer},2026-02-02,{code},{charge},0.00,0.00,CO-50:{charge}"));
        }
    }
    rows
}

fn table(header: &str, rows: &[String]) -> String {
    let mut text = format!("{header}\n");
    for row in rows {
        let _ = writeln!(text, "{row}");
    }
    text
}

fn run_of(cases: &[Case], claims: &[String], denials: &[String]) -> Run {
    let project = project(cases);
    let inputs = [input("c.csv", table(CLAIMS, claims)), input("r.csv", table(REMITS, denials))];
    let intake = read(&inputs, &project, &|_| ()).unwrap();
    report_of(intake, &project, &REFERENCE).unwrap()
}

/// What a line was said to be, in the words of the cases; and that every part of the run says the same.
fn said(run: &Run, pricer: &Pricer<'_>, at: usize) -> String {
    let (line, judged) = (&run.lines[at], &run.judged[at]);
    let ruled = run.verdicts.falls[at];
    let (key, _) = pricer.key(line, ruled);
    let e = Explanation::new(pricer, &key, &pricer.price(&key), line.service_date, line.units, Some(line.charge));
    let expected = judged.money.expected;
    let id = format!("{}:{}", line.claim_id, line.line_number);
    assert_eq!((e.outcome, e.basis.as_str()), (expected.outcome(), expected.why()), "{id}: explain");
    let cell = |name: &str| run.ledger.frame().column(name).unwrap().get(at).unwrap().to_string();
    assert_eq!(cell("outcome").trim_matches('"'), e.outcome, "{id}");
    assert_eq!(cell("basis").trim_matches('"'), e.basis, "{id}");
    let gaps = &judged.money.gaps;
    let would = e.payability.as_ref().and_then(|p| p.would_have_paid);
    let mut out = match e.outcome {
        "payable" => {
            assert_eq!(e.expected, expected.amount(), "{id}");
            let word = if judged.cohort == Cohort::Firm { "pays" } else { "about" };
            if word == "pays" {
                assert_eq!(Some(gaps.denied), expected.amount(), "{id}: all of it was denied");
            }
            format!("{word} {}", expected.amount().unwrap())
        }
        "unknown" => format!("unknown {}", e.basis),
        _ => {
            assert_eq!(judged.cohort, Cohort::NotPayable, "{id}");
            assert!(gaps.expected.is_zero() && gaps.denied.is_zero() && gaps.underpaid.is_zero(), "{id}: {gaps:?}");
            assert_eq!((e.expected, judged.cause), (None, None), "{id}");
            let payability = e.payability.as_ref().unwrap_or_else(|| panic!("{id}: no rule"));
            assert_eq!(payability.rule, e.basis, "{id}");
            let other = ruled.filter(|r| r.rule.as_str() == e.basis).and_then(|r| r.other);
            let other = other.map_or_else(String::new, |code| format!(" beside {code}"));
            // Only what a schedule or a contract would have allowed stands in a total.
            let firm = judged.otherwise;
            assert!(firm.is_none() || firm == would, "{id}: {firm:?} {would:?}");
            let would = would.map_or_else(String::new, |amount| {
                format!(" {} {amount}", if firm.is_some() { "would" } else { "about" })
            });
            format!("falls {}{other}{would}", e.basis)
        }
    };
    // A rule that let the line fall and gave way to the facility's is one more remark.
    let gave_way = ruled.filter(|r| r.rule.as_str() != e.basis);
    let remarks = run.verdicts.remarks.iter().filter(|(line, _)| *line as usize == at).map(|(_, ruled)| *ruled);
    for ruled in gave_way.into_iter().chain(remarks) {
        let effect = pricer.reference().rules.get(ruled.rule).unwrap().effect;
        let word = match effect {
            Effect::NotPayable | Effect::PayableWith => "also",
            Effect::Records => "records",
            Effect::Warn => "warns",
        };
        let _ = write!(out, "; {word} {}", ruled.rule);
        if let Some(code) = ruled.other {
            let _ = write!(out, " beside {code}");
        }
    }
    out
}

/// What every line of the run was said to be, by claim and line.
fn all_said(run: &Run, project: &Project) -> BTreeMap<(String, u32), String> {
    let pricer = Pricer::new(&REFERENCE, &project.payers);
    let one = |at: usize| {
        let line = &run.lines[at];
        ((line.claim_id.to_string(), line.line_number), said(run, &pricer, at))
    };
    (0..run.lines.len()).map(one).collect()
}

impl Line {
    /// The same in the words of `said`.
    fn wanted(&self) -> String {
        let mut out = match &self.outcome {
            Outcome::Pays(amount) => format!("pays {amount}"),
            Outcome::About(amount) => format!("about {amount}"),
            Outcome::Unknown(reason) => format!("unknown {reason}"),
            Outcome::Falls { rule, other, would, firm } => {
                let other = other.map_or_else(String::new, |code| format!(" beside {code}"));
                let word = if *firm { "would" } else { "about" };
                format!("falls {rule}{other}{}", would.map_or_else(String::new, |sum| format!(" {word} {sum}")))
            }
        };
        self.remarks.iter().for_each(|remark| out.push_str(&format!("; {remark}")));
        out
    }
}

#[test]
fn every_case_comes_out_as_the_field_has_it() {
    let cases = cases();
    let run = run_of(&cases, &claims(&cases), &denials(&cases));
    let said = all_said(&run, &project(&cases));
    assert_eq!(said.len(), cases.iter().map(|c| c.lines.len()).sum::<usize>(), "every line is there");
    let mut wrong = Vec::new();
    for (n, case) in (1..).zip(&cases) {
        for (number, line) in (1..).zip(&case.lines) {
            let (said, wanted) = (&said[&(format!("K{n:03}"), number)], line.wanted());
            if *said != wanted {
                wrong.push(format!(
                    "K{n:03} \"{}\", {}: {}\n  wanted {wanted}\n  said   {said}\n  source {}",
                    case.name,
                    case.day,
                    line.told.join(" "),
                    case.source
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn no_denial_of_a_line_that_is_not_payable_is_leakage() {
    let cases = cases();
    let run = run_of(&cases, &claims(&cases), &denials(&cases));
    let lines = || cases.iter().flat_map(|c| &c.lines);
    let cents = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
    let paying: i64 =
        lines().filter_map(|l| if let Outcome::Pays(sum) = l.outcome { Some(cents(sum)) } else { None }).sum();
    let falling: Vec<&Line> = lines().filter(|l| matches!(l.outcome, Outcome::Falls { .. })).collect();
    let would = |l: &&Line| match l.outcome {
        Outcome::Falls { would: Some(sum), firm: true, .. } => cents(sum),
        _ => 0,
    };
    let (firm, fallen) = (run.ledger.total(&[Cohort::Firm]).unwrap(), run.ledger.total(&[Cohort::NotPayable]).unwrap());
    // Everything was denied: leakage is what the payable lines should have been allowed, and not a cent more.
    assert_eq!((firm.leakage().cents(), firm.gaps.expected.cents()), (paying, paying));
    assert_eq!(fallen.lines, i64::try_from(falling.len()).unwrap());
    assert_eq!((fallen.leakage().cents(), fallen.gaps.expected.cents()), (0, 0));
    assert_eq!(fallen.otherwise.cents(), falling.iter().map(would).sum::<i64>());
}

#[test]
fn the_command_says_the_same_of_a_claim_of_the_files() {
    let cases = cases();
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    std::fs::write(at("allowable.toml"), project_text(&cases)).unwrap();
    std::fs::write(at("lists.csv"), LISTED).unwrap();
    std::fs::write(at("c.csv"), table(CLAIMS, &claims(&cases))).unwrap();
    std::fs::write(at("r.csv"), table(REMITS, &denials(&cases))).unwrap();
    // One of each kind: payable, corrected, never, beside another line, by the price, by an estimate, unknown.
    for name in [
        "modifier 25 parts the visit from the injection",
        "a visit without 25 falls beside the injection",
        "a nurse visit is never paid beside the injection",
        "an injection falls beside a joint injection",
        "an injection in a hospital clinic is the hospital's",
        "Arkansas Medicaid wants another code",
        "no unit of 96376 is a practitioner's",
    ] {
        let n = cases.iter().position(|c| c.name == name).unwrap_or_else(|| panic!("no case \"{name}\""));
        let claim = format!("K{:03}", n + 1);
        let said = crate::common::run(dir.path(), &["explain", &claim, "--format", "json"]).ends(0).json();
        let all = said.as_array().unwrap();
        assert_eq!(all.len(), cases[n].lines.len(), "{name}");
        for (e, line) in all.iter().zip(&cases[n].lines) {
            let of = |key: &str| e["payability"][key].as_str();
            let (outcome, basis) = (e["outcome"].as_str().unwrap(), e["basis"].as_str().unwrap());
            match line.outcome {
                Outcome::Pays(sum) | Outcome::About(sum) => {
                    assert_eq!((outcome, e["expected"].as_str(), of("rule")), ("payable", Some(sum), None), "{name}");
                }
                Outcome::Unknown(reason) => assert_eq!((outcome, basis), ("unknown", reason), "{name}"),
                Outcome::Falls { rule, other, would, .. } => {
                    assert_eq!((outcome, basis, of("rule")), ("not-payable", rule, Some(rule)), "{name}");
                    assert_eq!(of("would_have_paid"), would, "{name}");
                    assert!(e["expected"].is_null(), "{name}");
                    assert!(other.is_none_or(|code| e["rule"].as_str().unwrap().contains(code)), "{name}: {e:#}");
                }
            }
            assert!(e["answers"].as_str().unwrap().contains("denied CO-50"), "{name}");
        }
    }
}
