//! Which denials the demo's payers give: CARC and RARC combinations of the denial map, with the weight of each.
//!
//! The categories here are what the generator *means*; a test holds that the denial map classifies each combination so.

use super::dice::Dice;
use crate::domain::{Group, RuleId};

/// On which lines a denial makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fits {
    /// Any line.
    Any,
    /// Drug lines.
    Drug,
    /// Anything but drug lines.
    Service,
}

/// One way to be denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denial {
    /// The category of the denial map, as it spells it.
    pub category: &'static str,
    /// Who bears it by default (payers may say PI instead of CO).
    pub group: Group,
    /// The reason.
    pub carc: &'static str,
    /// The remark; empty when there is none.
    pub rarc: &'static str,
    pub(super) fits: Fits,
}

/// Shorthand for a row of the table.
const fn d(category: &'static str, group: Group, carc: &'static str, rarc: &'static str, fits: Fits) -> Denial {
    Denial { category, group, carc, rarc, fits }
}

use Fits::{Any, Drug, Service};
use Group::{Co, Oa, Pr};

/// All denials with their weights. The article's five reasons make up about half; the other twelve categories the rest.
pub const DENIALS: &[(u32, Denial)] = &[
    (70, d("missing_documentation", Co, "16", "N706", Any)),
    (30, d("missing_documentation", Co, "252", "N705", Any)),
    (20, d("missing_documentation", Co, "16", "M127", Any)),
    (20, d("missing_documentation", Co, "226", "", Any)),
    (60, d("medical_necessity", Co, "50", "", Any)),
    (30, d("medical_necessity", Co, "50", "N115", Any)),
    (20, d("medical_necessity", Co, "11", "", Any)),
    (15, d("medical_necessity", Co, "16", "M76", Any)),
    (60, d("modifier", Co, "4", "", Service)),
    (30, d("modifier", Co, "4", "N519", Service)),
    (20, d("modifier", Co, "16", "N822", Service)),
    (70, d("bundled", Co, "97", "", Service)),
    (30, d("bundled", Co, "97", "M15", Service)),
    (25, d("bundled", Co, "97", "M14", Service)),
    (15, d("bundled", Co, "234", "N390", Service)),
    (130, d("missing_ndc", Co, "16", "M119", Drug)),
    (60, d("missing_ndc", Co, "16", "N846", Drug)),
    (40, d("missing_ndc", Co, "16", "N815", Drug)),
    (35, d("eligibility", Pr, "27", "", Any)),
    (25, d("eligibility", Co, "31", "", Any)),
    (10, d("eligibility", Co, "26", "", Any)),
    (35, d("authorisation", Co, "197", "", Any)),
    (10, d("authorisation", Co, "198", "", Any)),
    (30, d("timely_filing", Co, "29", "", Any)),
    (35, d("duplicate", Oa, "18", "", Any)),
    (15, d("duplicate", Co, "18", "", Any)),
    (30, d("coordination_of_benefits", Co, "22", "", Any)),
    (10, d("coordination_of_benefits", Co, "109", "", Any)),
    (20, d("non_covered", Pr, "204", "", Any)),
    (25, d("non_covered", Pr, "96", "", Any)),
    (10, d("non_covered", Co, "96", "", Any)),
    (20, d("frequency_mue", Co, "151", "", Any)),
    (15, d("frequency_mue", Co, "16", "N362", Any)),
    (10, d("frequency_mue", Co, "119", "", Any)),
    (10, d("place_of_service", Co, "5", "", Service)),
    (10, d("place_of_service", Co, "16", "M77", Service)),
    (20, d("provider_enrolment", Co, "B7", "", Any)),
    (10, d("provider_enrolment", Co, "16", "N265", Any)),
    (15, d("missing_primary_line", Co, "16", "N349", Service)),
    (10, d("missing_primary_line", Co, "B15", "", Service)),
    (15, d("coding_other", Co, "16", "", Any)),
    (8, d("coding_other", Co, "181", "", Any)),
    (6, d("other", Co, "213", "", Any)),
];

/// How payers refuse a service that is not payable where it was given.
pub const NOT_PAYABLE_DENIALS: &[(u32, Denial)] = &[
    (50, d("place_of_service", Co, "5", "M97", Service)),
    (20, d("place_of_service", Co, "96", "M97", Service)),
    (15, d("place_of_service", Co, "58", "", Service)),
    (15, d("bundled", Co, "97", "", Service)),
];

/// A column-2 code, or a modifier that is missing or stands in the wrong place.
const BUNDLED: &[(u32, Denial)] = &[
    (50, d("bundled", Co, "97", "", Service)),
    (30, d("bundled", Co, "97", "M15", Service)),
    (20, d("modifier", Co, "4", "N519", Service)),
];

/// An add-on without its first service.
const NO_PARENT: &[(u32, Denial)] = &[(1, d("missing_primary_line", Co, "B15", "", Service))];

/// A drug line without what the payer requires.
const DRUG_INCOMPLETE: &[(u32, Denial)] = &[(1, d("modifier", Co, "16", "N822", Any))];

/// A drug line without its number.
const NO_NDC: &[(u32, Denial)] = &[(1, d("missing_ndc", Co, "16", "M119", Drug))];

/// A drug that is not covered under this benefit, and its injection.
const NOT_COVERED: &[(u32, Denial)] = &[(1, d("non_covered", Co, "96", "", Any))];

/// How payers refuse a line that falls by this rule.
pub(super) fn by_rule(rule: RuleId) -> &'static [(u32, Denial)] {
    match rule.as_str() {
        "add-on-push-no-parent" => NO_PARENT,
        "jw-jz-missing" => DRUG_INCOMPLETE,
        "ndc-missing" => NO_NDC,
        "self-administered-drug" | "self-administered-injection" => NOT_COVERED,
        "facility-incident-to" | "hospital-drug" | "ohio-hospital-injection" | "telehealth-place" => {
            NOT_PAYABLE_DENIALS
        }
        _ => BUNDLED,
    }
}

/// A denial that fits the line, by weight.
pub(super) fn draw(dice: &mut Dice, drug: bool) -> Denial {
    let unfit = if drug { Service } else { Drug };
    let weights = DENIALS.iter().map(|(weight, denial)| if denial.fits == unfit { 0 } else { *weight });
    DENIALS[dice.index(weights)].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_seventeen_categories_of_the_domain_occur() {
        let categories: std::collections::BTreeSet<&str> = DENIALS.iter().map(|(_, denial)| denial.category).collect();
        assert_eq!(categories.len(), 17, "{categories:?}");
    }

    #[test]
    fn an_ndc_is_never_missing_on_an_injection() {
        let mut dice = Dice::new(5);
        assert!((0..2000).all(|_| draw(&mut dice, false).category != "missing_ndc"));
        assert!((0..2000).all(|_| draw(&mut dice, true).category != "bundled"));
    }
}
