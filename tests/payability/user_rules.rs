//! Tables of rules of the user: another row for a known id, an end to one, new ones, and rows that cannot be read.

use std::fs;

use allowable::finding::{Finding, FindingCode};
use allowable::reference::{Effect, Reference};

use super::{LISTED, PAYERS, REFERENCE};
use crate::common;

const HEAD: &str = "id,title,check,codes,beside,without,only_drugs,has,lacks,modifier_on,pos,payers,states,ndc,\
                    diagnosis_lacks,from,until,effect,step,fix,source,strength";

/// The reference with a table of these rows, and what is wrong with them.
fn with(rows: &[&str]) -> (Reference, Vec<Finding>) {
    let mut reference = Reference::embedded().unwrap();
    let found = reference.add_rules("ours.csv", format!("{HEAD}\n{}\n", rows.join("\n")).as_bytes());
    (reference, found)
}

fn position(reference: &Reference, id: &str) -> Option<usize> {
    reference.rules.all().iter().position(|rule| rule.id.as_str() == id)
}

#[test]
fn a_known_id_takes_the_place_of_the_built_in_rule() {
    let row = "ncci-office-visit,Ours,ncci-modifier,99213,,,,,25,line,,,,,,2019-01-01,,warn,5,ask,our contract,ours";
    let (reference, found) = with(&[row]);
    assert_eq!(found, []);
    assert_eq!(position(&reference, "ncci-office-visit"), position(&REFERENCE, "ncci-office-visit"));
    assert_eq!(reference.rules.all().len(), REFERENCE.rules.all().len());
    let rule = &reference.rules.all()[position(&reference, "ncci-office-visit").unwrap()];
    assert_eq!((&*rule.title, rule.effect, rule.row.to_string().as_str()), ("Ours", Effect::Warn, "ours.csv:2"));
}

#[test]
fn off_ends_a_rule_and_a_new_one_is_asked_last() {
    let (reference, found) = with(&[
        "injection-without-drug,,line,,,,,,,,,,,,,,,off,1,,,",
        "our-visits,No visits on Sundays,line,@visits,,,,,,,11,name:larkspur,,,,2024-01-01,2024-12-31,not-payable,2,none,our contract,ours",
        "never-heard-of,,line,,,,,,,,,,,,,,,off,1,,,",
    ]);
    assert_eq!(found, []);
    assert_eq!(position(&reference, "injection-without-drug"), None);
    assert_eq!(position(&reference, "our-visits"), Some(REFERENCE.rules.all().len() - 1));
    assert_eq!(position(&reference, "never-heard-of"), None);
}

#[test]
fn a_row_that_cannot_be_read_is_left_out_and_named() {
    let good = "ours,Ours,line,96372,,,,,,,,,,,,2024-01-01,,warn,5,ask,our contract,ours";
    let cells = |column: &str, value: &str| {
        let at = HEAD.split(',').position(|name| name == column).unwrap();
        let mut cells: Vec<&str> = good.split(',').collect();
        cells[at] = value;
        cells.join(",")
    };
    for (column, value) in [
        ("id", ""),
        ("id", "With Capitals"),
        ("check", "always"),
        ("codes", "9637"),
        ("codes", "96379-96372"),
        ("codes", "@nonsense"),
        ("beside", "99213 & @nonsense"),
        ("without", "@"),
        ("only_drugs", "drugs"),
        ("has", "590"),
        ("lacks", "x{epsu}"),
        ("modifier_on", "both of them"),
        ("pos", "100"),
        ("payers", "medicares"),
        ("payers", "name:"),
        ("states", "Ohio"),
        ("ndc", "wrong"),
        ("from", "01/01/2024"),
        ("until", "2023-12-31"),
        ("effect", "denied"),
        ("step", "9"),
        ("step", "five"),
    ] {
        let (reference, found) = with(&[good, &cells(column, value)]);
        let [finding] = found.as_slice() else { panic!("{column} \"{value}\": {found:#?}") };
        assert_eq!(finding.code, FindingCode::BadRule, "{column} \"{value}\"");
        assert_eq!(
            (finding.place.file.as_str(), finding.place.line, finding.place.column.as_deref()),
            ("ours.csv", Some(3), Some(column)),
            "{column} \"{value}\""
        );
        // The good row above stays.
        assert!(position(&reference, "ours").is_some());
    }
}

#[test]
fn a_table_without_a_column_or_that_is_none_is_named() {
    let mut reference = Reference::embedded().unwrap();
    let found = reference.add_rules("ours.csv", b"id,title,check\nours,Ours,line\n");
    let [finding] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((finding.code, finding.place.line), (FindingCode::BadRule, Some(2)));
    let found = reference.add_rules("ours.csv", b"id,title\n\"ours,Ours\nx,\xff\xfe,1,2\n");
    assert!(!found.is_empty() && found.iter().all(|f| f.code == FindingCode::BadRule), "{found:#?}");
    assert_eq!(reference.rules.all().len(), REFERENCE.rules.all().len());
    assert_eq!(reference.add_rules("empty.csv", b""), []);
}

/// `explain` of both lines of a claim under a project with these rules: the rule or basis of each.
fn explained(rules: Option<&str>) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("rules")).unwrap();
    let key = if rules.is_some() { "rules = [\"rules/ours.csv\"]\n" } else { "" };
    fs::write(at("allowable.toml"), format!("title = \"t\"\ninputs = [\"c.csv\"]\n{key}{PAYERS}")).unwrap();
    fs::write(at("lists.csv"), LISTED).unwrap();
    if let Some(rows) = rules {
        fs::write(at("rules/ours.csv"), format!("{HEAD}\n{rows}\n")).unwrap();
    }
    let claims = "claim_id,line_number,payer_id,zip,pos,units,charge,service_date,code,modifiers\n\
                  A,1,COM,43215,11,1,200.00,2024-05-06,99213,\nA,2,COM,43215,11,1,45.00,2024-05-06,96372,\n";
    fs::write(at("c.csv"), claims).unwrap();
    let said = common::run(dir.path(), &["explain", "A", "--format", "json"]).ends(0).json();
    said.as_array().unwrap().iter().map(|e| e["basis"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_project_names_tables_beside_it() {
    assert_eq!(explained(None), ["ncci-office-visit", "percent-of-medicare"]);
    let off = "ncci-office-visit,,ncci-modifier,,,,,,,,,,,,,,,off,5,,,";
    assert_eq!(explained(Some(off)), ["percent-of-medicare", "percent-of-medicare"]);
    let new = "larkspur-home-only,Injections at home only,line,96372,,,,,,,11,name:Larkspur,,,,,,not-payable,1,none,contract,ours";
    assert_eq!(explained(Some(new)), ["ncci-office-visit", "larkspur-home-only"]);
    let of_others =
        "cigna-home-only,Injections at home only,line,96372,,,,,,,11,name:Cigna,,,,,,not-payable,1,none,contract,ours";
    assert_eq!(explained(Some(of_others)), ["ncci-office-visit", "percent-of-medicare"]);
}

#[test]
fn a_table_that_is_not_there_stops_the_run_and_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("allowable.toml"), format!("title = \"t\"\nrules = [\"gone.csv\"]\n{PAYERS}")).unwrap();
    fs::write(dir.path().join("lists.csv"), LISTED).unwrap();
    let said = common::run(dir.path(), &["report"]).ends(1);
    assert!(said.err.contains("gone.csv") && said.err.contains("rules"), "{}", said.err);
}
