//! The pairs of the edits are divided among the rules: every pair belongs to exactly one, which says what to do about it.

use allowable::reference::{Check, Indicator, Rule};

use super::REFERENCE;

#[test]
fn every_pair_of_the_edits_belongs_to_one_rule() {
    let mut pairs = 0;
    let mut wrong = Vec::new();
    for record in csv::Reader::from_path("datasets/ncci/ptp.csv").unwrap().records() {
        let record = record.unwrap();
        let (column1, column2) = (record[0].parse().unwrap(), record[1].parse().unwrap());
        let (check, indicator) = match &record[2] {
            "0" => (Check::NcciNever, Indicator::Never),
            _ => (Check::NcciModifier, Indicator::WithModifier),
        };
        // So that none is left to the rules for the rest.
        assert!(REFERENCE.rules.speak_of(column1, column2, indicator), "{column1}/{column2}");
        let takes = |rule: &&Rule| {
            rule.check == check
                && (rule.codes.is_empty() || rule.codes.contains(column2))
                && rule.beside.first().is_none_or(|set| set.contains(column1))
        };
        let rules: Vec<&str> = REFERENCE.rules.all().iter().filter(takes).map(|rule| rule.id.as_str()).collect();
        if rules.len() != 1 {
            wrong.push(format!("{column1}/{column2} ({}): {rules:?}", &record[2]));
        }
        pairs += 1;
    }
    assert!(wrong.is_empty(), "{} of {pairs}: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
    assert_eq!(pairs, 6710);
}
