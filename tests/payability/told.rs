//! What a file does not tell is not held against its lines, and is told: lists without columns, remittances alone, and
//! claims of X12, which tell all.

use allowable::finding::{Finding, FindingCode};
use allowable::ingest::examine;
use allowable::project::Project;
use allowable::report::{Run, run as report_of};

use super::{PAYERS, REFERENCE};
use crate::common::input;
use crate::era::builder;

/// The run over files by name; no code is out of scope.
fn run(files: &[(&str, String)]) -> Run {
    let project = format!("title = \"t\"\nscope = [\"99213\", \"96372\", \"J3420\", \"90378\"]\n{PAYERS}");
    let project = Project::parse(&project, "allowable.toml").unwrap();
    let inputs: Vec<_> = files.iter().map(|(name, text)| input(name, text.as_str())).collect();
    report_of(examine(&inputs, &project, &|_| ()).unwrap(), &project, &REFERENCE).unwrap()
}

/// The basis or the rule of every line, in the order of the file.
fn told(run: &Run) -> Vec<&str> {
    run.judged.iter().map(|j| j.money.expected.why()).collect()
}

/// The rules that were not asked: `FILE:LINE RULES` of the first line, and how many lines it is about.
fn not_asked(run: &Run) -> Vec<(String, u64)> {
    let one = |f: &Finding| {
        let rules = f.found.rsplit(": ").next().unwrap_or_default();
        (format!("{}:{} {rules}", f.place.file, f.place.line.unwrap_or_default()), f.count)
    };
    run.report.findings.iter().filter(|f| f.code == FindingCode::RulesNotAsked).map(one).collect()
}

#[test]
fn a_list_without_modifiers() {
    let list = |visit: &str| {
        format!(
            "claim_id,line_number,payer_id,zip,pos,units,charge,service_date,code\n\
             A,1,MCR,43215,11,1,200.00,2024-05-06,99213\n\
             A,2,MCR,43215,11,1,45.00,2024-05-06,96372\n\
             B,1,MCR,43215,11,1,200.00,2024-05-06,{visit}\n\
             B,2,MCR,43215,11,1,45.00,2024-05-06,96372\n"
        )
    };
    let silent = run(&[("c.csv", list("99213"))]);
    assert_eq!(told(&silent), ["medicare-pfs"; 4]);
    assert_eq!(not_asked(&silent), [("c.csv:2 ncci-office-visit".to_owned(), 2)]);
    // A modifier in a cell of codes tells that the file knows modifiers: the visit without one has none.
    let told_once = run(&[("c.csv", list("99213-25"))]);
    assert_eq!(told(&told_once), ["ncci-office-visit", "medicare-pfs", "medicare-pfs", "medicare-pfs"]);
    assert_eq!(not_asked(&told_once), []);
}

#[test]
fn each_file_tells_for_itself() {
    let with = "claim_id,line_number,payer_id,zip,pos,units,charge,service_date,code,modifiers\n\
                A,1,MCR,43215,11,1,200.00,2024-05-06,99213,\nA,2,MCR,43215,11,1,45.00,2024-05-06,96372,\n";
    let without = "claim_id,line_number,payer_id,zip,pos,units,charge,service_date,code\n\
                   B,1,MCR,43215,11,1,200.00,2024-05-06,99213\nB,2,MCR,43215,11,1,45.00,2024-05-06,96372\n";
    let run = run(&[("a.csv", with.to_owned()), ("b.csv", without.to_owned())]);
    assert_eq!(told(&run), ["ncci-office-visit", "medicare-pfs", "medicare-pfs", "medicare-pfs"]);
    assert_eq!(not_asked(&run), [("b.csv:2 ncci-office-visit".to_owned(), 1)]);
}

#[test]
fn a_list_without_drug_codes_or_diagnoses() {
    let head = "claim_id,line_number,payer_id,zip,pos,units,charge,service_date,code,modifiers";
    let rows = [
        "A,1,MCO,30303,11,1,9.00,2024-05-06,J3420,",
        "B,1,MCO,30303,11,1,900.00,2024-05-06,90378,",
        "B,2,MCO,30303,11,1,45.00,2024-05-06,96372,",
    ];
    let silent = run(&[("c.csv", format!("{head}\n{}\n", rows.join("\n")))]);
    // A drug by its payment limit; no rate is known for 90378.
    assert_eq!(told(&silent), ["percent-of-medicare", "no-medicaid-rate", "percent-of-medicare"]);
    let said = "c.csv:2 georgia-palivizumab, ndc-malformed, ndc-missing";
    assert_eq!(not_asked(&silent), [(said.to_owned(), 2)]);
    // With the columns, empty cells are what they are.
    let rows: Vec<String> = rows.iter().map(|row| format!("{row},,")).collect();
    let asked = run(&[("c.csv", format!("{head},ndc,diagnosis\n{}\n", rows.join("\n")))]);
    assert_eq!(told(&asked), ["ndc-missing", "georgia-palivizumab", "percent-of-medicare"]);
    assert_eq!(not_asked(&asked), []);
}

#[test]
fn remittances_alone_tell_modifiers_and_no_drug_codes() {
    // C1: a visit without 25 beside the injection, which the payer paid all the same; C2 with 25. C3: a drug for Medicaid.
    let era = builder::remits(
        "check EFT1 2024-06-03 MEDICARE
         claim C1 1 ICN1
         svc 99213 200.00 69.63 CO-45:112.96 PR-2:17.41
         svc 96372 45.00 10.86 CO-45:31.42 PR-2:2.72
         claim C2 1 ICN2
         svc 99213:25 200.00 69.63 CO-45:112.96 PR-2:17.41
         svc 96372 45.00 10.86 CO-45:31.42 PR-2:2.72
         check EFT2 2024-06-03 MANAGED_MEDICAID
         claim C3 1 ICN3
         svc J3420 9.00 1.42 CO-45:7.58",
    );
    let run = run(&[("r.835", era)]);
    assert_eq!(
        told(&run),
        ["ncci-office-visit", "medicare-pfs", "medicare-pfs", "medicare-pfs", "percent-of-medicare"]
    );
    // 69.63 + 17.41 = 87.04, allowed by mistake: a risk, not a gain.
    assert_eq!(run.judged[0].money.gaps.overpaid.to_string(), "87.04");
    assert_eq!(run.judged[0].otherwise.map(|sum| sum.to_string()).as_deref(), Some("87.04"));
    let said = not_asked(&run);
    assert!(matches!(said.as_slice(), [(place, 1)] if place.ends_with(" ndc-malformed, ndc-missing")), "{said:?}");
}

#[test]
fn claims_of_x12_tell_all() {
    let claim = |lin: &str| {
        let text =
            format!("subscriber MEM1 MANAGED_MEDICAID filing=MC\nclaim C1\nline J3420 9.00{lin}\nline 96372 45.00");
        run(&[("c.837", builder::claims(&text))])
    };
    for (lin, rule) in [
        ("", "ndc-missing"),
        ("\n> LIN**N4*0517003125", "ndc-malformed"),
        ("\n> LIN**N4*00517003125", "percent-of-medicare"),
    ] {
        let run = claim(lin);
        assert_eq!(told(&run), [rule, "percent-of-medicare"], "{lin}");
        assert_eq!(not_asked(&run), []);
    }
}
