//! The suite itself: whether it is large enough, says where it has things from, and leaves no rule out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, Outcome, REFERENCE, cases, sums};

/// The rule of line edits (MAI 1): the table of MUEs has no such row around 96372. The rules for the rest of the pairs: the
/// shipped pairs all belong to others (`families`); `imported_edits` provokes them.
const NOT_PROVOKED: [&str; 3] = ["mue-line", "ncci-pair-never", "ncci-pair-modifier"];

#[test]
fn cases_have_names_sources_and_sums() {
    let cases = cases();
    assert!(cases.len() >= 90, "{} cases", cases.len());
    let names: BTreeSet<&str> = cases.iter().map(|c| c.name).collect();
    assert_eq!(names.len(), cases.len(), "names are unique");
    for case in &cases {
        assert!(case.source.len() > 1, "{}: no source", case.name);
        let results: BTreeSet<String> = case.sums.iter().map(|equation| sums::result(equation)).collect();
        for line in &case.lines {
            let amount = match line.outcome {
                Outcome::Pays(amount) | Outcome::About(amount) => Some(amount),
                Outcome::Falls { would, .. } => would,
                Outcome::Unknown(_) => None,
            };
            let shown = amount.is_none_or(|amount| results.contains(amount));
            assert!(shown, "{}: {amount:?} is not among {results:?}", case.name);
        }
    }
}

fn provoked(case: &Case) -> BTreeSet<&'static str> {
    case.lines.iter().flat_map(super::Line::rules).collect()
}

#[test]
fn every_rule_is_provoked_and_has_a_case_one_condition_short_of_it() {
    let cases = cases();
    let mut missing = Vec::new();
    for rule in REFERENCE.rules.all() {
        let id = rule.id.as_str();
        let hits: Vec<&Case> = cases.iter().filter(|c| provoked(c).contains(id)).collect();
        let misses: Vec<&Case> = cases.iter().filter(|c| c.misses.contains(&id)).collect();
        if NOT_PROVOKED.contains(&id) {
            let mue = std::fs::read_to_string("datasets/ncci/mue.csv").unwrap();
            let line_edit = mue.lines().find(|row| row.split(',').nth(2) == Some("1"));
            assert_eq!(line_edit, None, "{id} can be provoked by now");
            continue;
        }
        if hits.is_empty() || misses.is_empty() {
            missing.push(format!("{id}: {} cases, {} near misses", hits.len(), misses.len()));
        }
        for miss in misses {
            assert!(!provoked(miss).contains(id), "\"{}\": {id} applies", miss.name);
            let nearest = hits.iter().map(|hit| distance(hit, miss)).min();
            assert_eq!(nearest, Some(1), "\"{}\" is not one condition short of {id}", miss.name);
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    let known: BTreeSet<&str> = REFERENCE.rules.all().iter().map(|rule| rule.id.as_str()).collect();
    for case in &cases {
        let named = provoked(case).into_iter().chain(case.misses.iter().copied());
        named.for_each(|id| assert!(known.contains(id), "\"{}\" names {id}", case.name));
    }
}

/// In how many things two cases differ: payer, place, day, words of a line, a whole line.
fn distance(a: &Case, b: &Case) -> usize {
    let header = a.day.split(' ').zip(b.day.split(' ')).filter(|(x, y)| x != y).count();
    let (long, short) = if a.lines.len() >= b.lines.len() { (a, b) } else { (b, a) };
    let lines = |skipped: Option<usize>| -> usize {
        let kept = long.lines.iter().enumerate().filter(|(i, _)| Some(*i) != skipped).map(|(_, line)| line);
        kept.zip(&short.lines).map(|(x, y)| words(&x.told, &y.told)).sum()
    };
    let between = match long.lines.len() - short.lines.len() {
        0 => lines(None),
        1 => 1 + (0..long.lines.len()).map(|i| lines(Some(i))).min().unwrap(),
        many => many,
    };
    header + between
}

fn words(a: &[&str], b: &[&str]) -> usize {
    let only = |x: &[&str], y: &[&str]| x.iter().filter(|word| !y.contains(word)).count();
    only(a, b).max(only(b, a))
}

#[test]
fn of_every_family_of_edits_one_line_falls_and_the_other_does_not() {
    let mut families: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases() {
        for line in &case.lines {
            let Outcome::Falls { rule, other: Some(other), .. } = line.outcome else { continue };
            if !rule.starts_with("ncci-") {
                continue;
            }
            let against = case.lines.iter().find(|l| l.told[0] == other).unwrap_or_else(|| panic!("{}", case.name));
            assert!(
                against.rules().all(|other_rule| !other_rule.starts_with("ncci-")),
                "\"{}\": {other} falls as well",
                case.name
            );
            *families.entry(rule).or_default() += 1;
        }
    }
    let of_table = REFERENCE.rules.all().iter().map(|rule| rule.id.as_str()).filter(|id| id.starts_with("ncci-"));
    for id in of_table.filter(|id| !NOT_PROVOKED.contains(id)) {
        assert!(families.contains_key(id), "no case of {id}");
    }
}

#[test]
fn every_rule_of_the_payers_file_has_a_case() {
    let sources: Vec<&str> = cases().iter().map(|c| c.source).collect();
    let named = |id: &str| {
        let whole = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == id);
        sources.iter().any(|source| whole(source))
    };
    let table = std::fs::read_to_string("datasets/medicaid/payer_rules.csv").unwrap();
    let ids: Vec<&str> = table.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
    assert_eq!(ids.len(), 14);
    ids.iter().for_each(|id| assert!(named(id), "no case of {id}"));
}
