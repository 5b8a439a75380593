//! What a new contract would change, and drafts of contracts, on a practice small enough to be worked out by hand.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::run;

const PROJECT: &str = "title = \"t\"\ninputs = [\"claims.csv\", \"remits.csv\"]\n\
    [[payer]]\nid = \"ACME\"\nname = \"Acme Health\"\nkind = \"commercial\"\nlesser_of = false\n";

const HEAD: &str = "[contract]\npayer = \"ACME\"\n[[version]]\n";

/// Injections of 10.00 and pushes of 30.00 a unit.
const OLD: &str = "from = \"2023-01-01\"\nto = \"2024-12-31\"\n\
    [[version.term]]\ncodes = [\"96372\"]\npays = \"per-unit\"\namount = \"10.00\"\n\
    [[version.term]]\ncodes = [\"96374\"]\npays = \"per-unit\"\namount = \"30.00\"\n";

/// From 2025: injections of 11.50, pushes of 29.00; visits, which the old one does not price.
const NEW: &str = "from = \"2025-01-01\"\n\
    [[version.term]]\ncodes = [\"96372\"]\npays = \"per-unit\"\namount = \"11.50\"\n\
    [[version.term]]\ncodes = [\"96374\"]\npays = \"per-unit\"\namount = \"29.00\"\n\
    [[version.term]]\ncodes = [\"99213\"]\npays = \"flat\"\namount = \"80.00\"\n";

/// 2023: 10 injections and 10 pushes. 2024: 10 injections and 20 pushes (10 in March), and a visit.
fn practice() -> TempDir {
    let dir = TempDir::new().unwrap();
    let mut claims = "claim_id,line_number,service_date,payer_id,code,units,pos,state,charge\n".to_owned();
    let mut remits = "claim_id,line_number,payer_id,remit_date,code,charge,paid,allowed\n".to_owned();
    let mut n = 0;
    let mut add = |day: &str, code: &str, times: usize, allowed: &str| {
        for _ in 0..times {
            n += 1;
            claims.push_str(&format!("C{n},1,{day},ACME,{code},1,11,OH,150.00\n"));
            remits.push_str(&format!("C{n},1,ACME,2024-12-20,{code},150.00,{allowed},{allowed}\n"));
        }
    };
    add("2023-02-01", "96372", 10, "10.00");
    add("2023-03-01", "96374", 10, "30.00");
    add("2024-02-01", "96372", 10, "10.00");
    add("2024-03-01", "96374", 10, "30.00");
    add("2024-12-02", "96374", 10, "30.00");
    add("2024-12-02", "99213", 1, "90.00");
    fs::write(dir.path().join("allowable.toml"), PROJECT).unwrap();
    fs::write(dir.path().join("claims.csv"), claims).unwrap();
    fs::write(dir.path().join("remits.csv"), remits).unwrap();
    fs::write(dir.path().join("old.toml"), format!("{HEAD}{OLD}")).unwrap();
    fs::write(dir.path().join("new.toml"), format!("{HEAD}{NEW}")).unwrap();
    dir
}

fn diff(dir: &TempDir, new: &str) -> Value {
    run(dir.path(), &["contract", "diff", "old.toml", new, "--format", "json"]).ends(0).json()
}

#[test]
fn a_difference_is_split_into_volume_mix_and_rate_by_hand() {
    let dir = practice();
    let diff = diff(&dir, "new.toml");
    // 2023 under the old contract: 10 × 10 + 10 × 30 = 400. 2024: 10 × 10 + 20 × 30 = 700; under the new one
    // 10 × 11.50 + 20 × 29 = 695. Half as many services again: volume +50 and +150, mix −50 and +150, rate +15 and −20.
    let step = |code: &str, before: &str, volume: &str, mix: &str, rate: &str, now: &str| {
        let place = if code.is_empty() { "" } else { "11" };
        serde_json::json!({"code": code, "pos": place, "before": before, "volume": volume, "mix": mix, "rate": rate, "now": now})
    };
    assert_eq!(diff["steps"][0], step("96372", "100.00", "50.00", "-50.00", "15.00", "115.00"));
    assert_eq!(diff["steps"][1], step("96374", "300.00", "150.00", "150.00", "-20.00", "580.00"));
    assert_eq!(diff["total"], step("", "400.00", "200.00", "100.00", "-5.00", "695.00"));
    assert_eq!(diff["now"], serde_json::json!(["2024-01-01", "2024-12-31"]));
    let months: Vec<(&str, &str)> = diff["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["month"].as_str().unwrap(), row["effect"].as_str().unwrap()))
        .collect();
    assert_eq!(months, [("2024-02", "15.00"), ("2024-03", "-10.00"), ("2024-12", "-10.00")]);
    // The visit is priced by the new one alone: it is in no sum, and said.
    assert_eq!(diff["unpriced"]["only_new"], 1);
    assert_eq!(diff["unpriced"]["only_new_dollars"], "80.00");
    let text = run(dir.path(), &["contract", "diff", "old.toml", "new.toml"]).ends(0).out;
    assert!(text.contains("30 lines of 2024-01-01 to 2024-12-31"), "{text}");
    assert!(text.contains("in no sum: 1 lines priced by the new contract alone ($80.00)"), "{text}");
}

#[test]
fn what_one_contract_does_not_price_is_neither_before_nor_now() {
    let dir = practice();
    // An offer that drops the pushes: the 10 of 2023 (300.00) and the 20 of 2024 (600.00) are in no sum. Injections: 10 and 10,
    // 100.00 before, as many now, 11.50 each.
    let offer = NEW.replace("codes = [\"96374\"]", "codes = [\"96375\"]");
    fs::write(dir.path().join("offer.toml"), format!("{HEAD}{offer}")).unwrap();
    let diff = diff(&dir, "offer.toml");
    let total = &diff["total"];
    let sums = ["before", "volume", "mix", "rate", "now"].map(|part| total[part].as_str().unwrap());
    assert_eq!(sums, ["100.00", "0.00", "0.00", "15.00", "115.00"]);
    assert_eq!((&diff["unpriced"]["before"], &diff["unpriced"]["only_old"]), (&10.into(), &20.into()));
}

#[test]
fn a_code_that_nobody_prices_in_the_months_before_is_no_growth() {
    let dir = practice();
    let claims = fs::read_to_string(dir.path().join("claims.csv")).unwrap();
    // The pushes of 2023 carry a modifier for which neither contract has a term.
    let claims = claims
        .lines()
        .map(|l| if l.contains("2023-03-01") { format!("{l},59\n") } else { format!("{l},\n") })
        .collect::<String>()
        .replacen("charge,", "charge,modifiers", 1);
    fs::write(dir.path().join("claims.csv"), claims).unwrap();
    for (name, text) in [("old.toml", OLD), ("new.toml", NEW)] {
        let text = text.replace("codes = [\"96374\"]", "codes = [\"96374\"]\nwithout = [\"59\"]");
        fs::write(dir.path().join(name), format!("{HEAD}{text}")).unwrap();
    }
    let diff = diff(&dir, "new.toml");
    let total = &diff["total"];
    let sums = ["before", "volume", "mix", "rate", "now"].map(|part| total[part].as_str().unwrap());
    assert_eq!(sums, ["100.00", "0.00", "0.00", "15.00", "115.00"]);
    assert_eq!((&diff["unpriced"]["before"], &diff["unpriced"]["without_before"]), (&10.into(), &20.into()));
    // The effect of the new contract on the 20 pushes of 2024 stays: 20 × 29 − 20 × 30 = −20, with the injections −5.
    let text = run(dir.path(), &["contract", "diff", "old.toml", "new.toml"]).ends(0).out;
    assert!(text.contains("$700.00 under the old, $695.00 under the new, −$5.00"), "{text}");
    assert!(text.contains("not in the way from before: 20 lines"), "{text}");
}

#[test]
fn months_without_lines_are_said_to_be_empty() {
    let dir = practice();
    let text = run(dir.path(), &["contract", "diff", "old.toml", "new.toml", "--until", "2030-01"]).ends(0).out;
    assert!(text.contains("no line of 2029-02-01 to 2030-01-31 is priced by both contracts"), "{text}");
}

#[test]
fn the_same_contract_changes_no_rate() {
    let dir = practice();
    let diff = diff(&dir, "old.toml");
    assert_eq!(diff["total"]["rate"], "0.00");
    assert!(diff["rows"].as_array().unwrap().iter().all(|row| row["effect"] == "0.00"));
    assert_eq!(diff["total"]["now"], "700.00");
}

#[test]
fn contracts_of_two_payers_are_not_compared() {
    let dir = practice();
    let other = format!("{HEAD}{OLD}").replace("\"ACME\"", "\"OTHER\"\nkind = \"commercial\"");
    fs::write(dir.path().join("other.toml"), other).unwrap();
    let err = run(dir.path(), &["contract", "diff", "old.toml", "other.toml"]).ends(2).err;
    assert!(err.contains("old.toml is a contract of ACME, other.toml of OTHER"), "{err}");
    let err = run(dir.path(), &["contract", "diff", "old.toml", "nowhere.toml"]).ends(2).err;
    assert!(err.contains("there is no contract file nowhere.toml"), "{err}");
}

#[test]
fn a_draft_from_payments_gives_what_was_paid() {
    let dir = practice();
    run(dir.path(), &["contract", "init", "--payer", "acme health", "--out", "draft.toml"]).ends(0);
    let draft = fs::read_to_string(dir.path().join("draft.toml")).unwrap();
    assert!(draft.contains("inferred = true"), "{draft}");
    assert!(
        draft.contains(
            "# 20 of 20 lines were allowed this per unit\ncodes = [\"96374\"]\npays = \"per-unit\"\namount = \"30.00\""
        ),
        "{draft}"
    );
    run(dir.path(), &["contract", "test", "draft.toml"]).ends(0);
    let err = run(dir.path(), &["contract", "init", "--payer", "ACME", "--out", "draft.toml"]).ends(1).err;
    assert!(err.contains("choose a name that is free"), "{err}");
}

#[test]
fn a_draft_from_a_schedule_prices_as_the_schedule_does() {
    let dir = practice();
    let fees = "code,modifier,setting,area,rate,unit_basis,effective_from,effective_to\n\
        96372,,,,21.00,per unit,2024-01-01,2024-06-30\n\
        96372,,,,22.00,per unit,2024-07-01,\n\
        96372,,22,,9.00,per unit,2024-01-01,\n\
        96372,59,,,15.00,per unit,2024-01-01,\n\
        96372,,,NY,25.00,per unit,2024-01-01,\n\
        99213,,,,88.00,per line,2024-01-01,\n";
    fs::write(dir.path().join("fees.csv"), fees).unwrap();
    let mut draft = run(dir.path(), &["contract", "init", "--payer", "ACME", "--fees", "fees.csv"]).ends(0).out;
    // What the schedule lists for each, by its own rule: area before modifier before place.
    for (day, pos, area, modifier, code, amount) in [
        ("2024-06-30", "11", "OH", "", "96372", "21.00"),
        ("2024-07-01", "11", "OH", "", "96372", "22.00"),
        ("2024-07-01", "22", "OH", "", "96372", "9.00"),
        ("2024-07-01", "11", "OH", "59", "96372", "15.00"),
        ("2024-07-01", "11", "NY", "59", "96372", "25.00"),
        ("2024-07-01", "11", "OH", "", "99213", "88.00"),
    ] {
        draft.push_str(&format!(
            "\n[[expect]]\ncode = \"{code}\"\ndate = \"{day}\"\npos = \"{pos}\"\narea = \"{area}\"\nmodifiers = \"{modifier}\"\nunits = 1\namount = \"{amount}\"\n"
        ));
    }
    fs::write(dir.path().join("draft.toml"), &draft).unwrap();
    let said = run(dir.path(), &["contract", "test", "draft.toml"]);
    assert_eq!(said.code, Some(0), "{}\n{draft}", said.out);
}

#[test]
fn the_example_shows_every_key_and_passes_its_own_tests() {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("contracts")).unwrap();
    fs::write(dir.path().join("allowable.toml"), "title = \"t\"\n").unwrap();
    run(dir.path(), &["contract", "init", "--out", "contracts/acme.toml"]).ends(0);
    let said = run(dir.path(), &["contract", "test"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.ends_with("6 passed, 0 failed\n"), "{}", said.out);
    let example = fs::read_to_string(dir.path().join("contracts/acme.toml")).unwrap();
    let source = fs::read_to_string("src/project/contract.rs").unwrap();
    let keys = source
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|word| source.contains(&format!("(\"{word}\")?")) || source.contains(&format!(", \"{word}\")?")));
    for key in keys {
        assert!(example.contains(key), "the example does not show `{key}`");
    }
}
