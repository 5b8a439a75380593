//! What adjustment reasons mean: contractual, patient share, denial and its category. Judges codes only; amounts are judged in
//! `reconcile`. A code the map does not know goes to "other" and says so; it is never dropped.

mod category;

pub use category::{AmountClass, Answer, BILLING_STEPS, DenialCategory};

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::domain::{Carc, Group, Rarc};
use crate::finding::Result;

use super::sheet::{Record, Row, Sheet};

/// What one adjustment means.
#[derive(Debug, Clone)]
pub struct Class {
    /// Category of the denial; [`DenialCategory::NotADenial`] when it is none.
    pub category: DenialCategory,
    /// The word of the map, finer than the category for what is no denial (`contractual`, `interest`, `pending`).
    pub word: Arc<str>,
    /// Whether it is a refusal to pay.
    pub is_denial: bool,
    /// A refusal that the payer lays on the patient (group PR).
    pub moved_to_patient: bool,
    /// What the amount is.
    pub amount_class: AmountClass,
    /// Whether the practice can prevent it.
    pub preventable: Answer,
    /// Whether an appeal has a point.
    pub appealable: Answer,
    /// The first thing to do (`corrected_claim`, `send_records`, `appeal`, `post_only` …).
    pub first_action: Arc<str>,
    /// What it means, in our own words.
    pub meaning: Arc<str>,
    /// What to do, in our own words.
    pub fix: Arc<str>,
    /// Whether the map knows the code.
    pub known: bool,
    /// The row that decided; `None` for unknown codes.
    pub row: Option<Row>,
}

/// Which codes a row speaks of: with or without a remark, for any group or one.
type Key = (Carc, Option<Rarc>, Option<Group>);

/// The map from adjustment codes to their meaning.
#[derive(Debug, Clone)]
pub struct DenialMap {
    classes: FxHashMap<Key, Class>,
    groups: FxHashMap<Group, Arc<str>>,
}

impl DenialMap {
    /// Reads the embedded tables.
    pub(super) fn load() -> Result<Self> {
        let mut map = Self { classes: FxHashMap::default(), groups: FxHashMap::default() };
        for record in Sheet::embedded("datasets/denials/categories.csv")?.records() {
            let key = (record.value("carc")?, record.optional("rarc")?, record.optional("group")?);
            if map.classes.insert(key, class(record)?).is_some() {
                return Err(record.bad("carc", "each combination of codes only once"));
            }
        }
        for record in Sheet::embedded("datasets/denials/groups.csv")?.records() {
            map.groups.insert(record.value("group")?, Arc::from(record.text("meaning")?));
        }
        Ok(map)
    }

    /// What an adjustment means. The reason with one of its remarks (in their order) decides before the reason alone, and a
    /// row for the group before one for all groups.
    #[must_use]
    pub fn classify(&self, group: Group, carc: Carc, rarcs: &[Rarc]) -> Class {
        let remarks = rarcs.iter().copied().map(Some).chain([None]);
        let found = remarks
            .flat_map(|rarc| [(carc, rarc, Some(group)), (carc, rarc, None)])
            .find_map(|key| self.classes.get(&key));
        let mut class = found.cloned().unwrap_or_else(|| unknown(group));
        if group == Group::Pr {
            class.moved_to_patient = class.is_denial;
            // What the contract does not oblige the provider to give up, the patient owes.
            if class.amount_class == AmountClass::Contractual {
                class.amount_class = AmountClass::PatientResp;
            }
        }
        class
    }

    /// Whether the map knows the reason, with whatever remark.
    #[must_use]
    pub fn knows(&self, carc: Carc) -> bool {
        self.classes.contains_key(&(carc, None, None))
    }

    /// The reasons (with their remarks) that stand for a category of denials, in their order, each with its row.
    #[must_use]
    pub fn reasons(&self, category: DenialCategory) -> Vec<(Carc, Option<Rarc>, &Row)> {
        let of_category = self.classes.iter().filter(|(_, class)| class.is_denial && class.category == category);
        let rows = of_category.filter_map(|((carc, rarc, _), class)| Some((*carc, *rarc, class.row.as_ref()?)));
        let mut reasons: Vec<_> = rows.collect();
        reasons.sort_unstable_by(|a, b| a.2.cmp(b.2));
        reasons
    }

    /// What a group means, in our own words.
    #[must_use]
    pub fn group_meaning(&self, group: Group) -> Option<&str> {
        self.groups.get(&group).map(|meaning| &**meaning)
    }
}

/// A row of the map.
fn class(record: Record<'_>) -> Result<Class> {
    let word = record.text("category")?;
    let is_denial = match record.text("is_denial")? {
        "Y" => true,
        "N" => false,
        _ => return Err(record.bad("is_denial", "Y or N")),
    };
    let amount_class = AmountClass::from_word(record.text("amount_class")?)
        .ok_or_else(|| record.bad("amount_class", "a class of amounts"))?;
    if is_denial != (amount_class == AmountClass::Denial) {
        return Err(record.bad("amount_class", "denial exactly where is_denial is Y"));
    }
    let category = match DenialCategory::from_word(word) {
        Some(category) if is_denial => category,
        // "upheld": the payer kept to its decision; the reason stands on the first remittance.
        None if is_denial => DenialCategory::Other,
        _ => DenialCategory::NotADenial,
    };
    let answer = |column| match record.text(column)? {
        "Y" => Ok(Answer::Yes),
        "N" => Ok(Answer::No),
        "Partly" => Ok(Answer::Partly),
        _ => Err(record.bad(column, "Y, N or Partly")),
    };
    let fix = record.text("fix")?;
    Ok(Class {
        category,
        word: Arc::from(word),
        is_denial,
        moved_to_patient: false,
        amount_class,
        preventable: answer("preventable")?,
        appealable: answer("appealable")?,
        first_action: Arc::from(record.text("first_action")?),
        meaning: Arc::from(record.text("meaning")?),
        fix: Arc::from(if fix.is_empty() { category.fix() } else { fix }),
        known: true,
        row: Some(record.row()),
    })
}

/// A reason the map does not know. The group tells whether it is the patient's or a refusal.
fn unknown(group: Group) -> Class {
    let amount_class = match group {
        Group::Co | Group::Pi | Group::Oa => AmountClass::Denial,
        Group::Pr => AmountClass::PatientResp,
        Group::Cr => AmountClass::Informational,
    };
    Class {
        category: DenialCategory::Other,
        word: Arc::from("unknown"),
        is_denial: amount_class == AmountClass::Denial,
        moved_to_patient: false,
        amount_class,
        preventable: DenialCategory::Other.preventable(),
        appealable: DenialCategory::Other.appealable(),
        first_action: Arc::from("review"),
        meaning: Arc::from("a reason that is not in the denial map"),
        fix: Arc::from(DenialCategory::Other.fix()),
        known: false,
        row: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classify(group: Group, carc: &str, rarcs: &[&str]) -> Class {
        let map = DenialMap::load().unwrap();
        let rarcs: Vec<Rarc> = rarcs.iter().map(|r| r.parse().unwrap()).collect();
        map.classify(group, carc.parse().unwrap(), &rarcs)
    }

    #[test]
    fn the_contractual_write_off_is_not_a_denial_but_bundling_under_the_same_group_is() {
        let write_off = classify(Group::Co, "45", &[]);
        assert!(!write_off.is_denial && write_off.amount_class == AmountClass::Contractual && write_off.known);
        assert_eq!(write_off.category, DenialCategory::NotADenial);
        let bundled = classify(Group::Co, "97", &[]);
        assert!(bundled.is_denial && bundled.category == DenialCategory::Bundled);
    }

    #[test]
    fn denials_laid_on_the_patient_are_still_denials() {
        for carc in ["96", "204", "27"] {
            let class = classify(Group::Pr, carc, &[]);
            assert!(class.is_denial && class.moved_to_patient, "{carc}");
            assert!(!classify(Group::Co, carc, &[]).moved_to_patient, "{carc}");
        }
        for carc in ["1", "2", "3"] {
            let class = classify(Group::Pr, carc, &[]);
            assert!(!class.is_denial && class.amount_class == AmountClass::PatientResp, "{carc}");
        }
    }

    #[test]
    fn the_remark_decides_before_the_reason() {
        assert_eq!(classify(Group::Co, "16", &["M119"]).category, DenialCategory::MissingNdc);
        assert_eq!(classify(Group::Co, "16", &["N182", "M119"]).category, DenialCategory::MissingNdc);
        assert_eq!(classify(Group::Co, "16", &[]).category, DenialCategory::CodingOther);
        assert_eq!(classify(Group::Co, "16", &["M127"]).category, DenialCategory::MissingDocumentation);
    }

    #[test]
    fn what_is_never_a_denial() {
        for carc in ["45", "1", "2", "3", "253", "23", "24", "44", "59", "94", "104", "131", "187", "246"] {
            assert!(!classify(Group::Co, carc, &[]).is_denial, "{carc}");
        }
        assert_eq!(classify(Group::Co, "253", &[]).amount_class, AmountClass::Sequestration);
        assert_eq!(classify(Group::Oa, "23", &[]).amount_class, AmountClass::Offset);
        assert_eq!(classify(Group::Co, "225", &[]).amount_class, AmountClass::Interest);
    }

    #[test]
    fn an_unknown_reason_goes_to_other_and_says_so() {
        let class = classify(Group::Co, "9999", &["M119"]);
        assert!(!class.known && class.is_denial && class.category == DenialCategory::Other);
        assert_eq!(classify(Group::Pr, "9999", &[]).amount_class, AmountClass::PatientResp);
    }

    #[test]
    fn every_row_of_the_map_is_a_category_or_says_that_it_is_no_denial() {
        let map = DenialMap::load().unwrap();
        for (key, class) in &map.classes {
            assert_eq!(class.is_denial, class.category != DenialCategory::NotADenial, "{key:?}");
            assert!(!class.meaning.is_empty() && !class.fix.is_empty(), "{key:?}");
        }
        for category in DenialCategory::ALL {
            assert!((1..=8).contains(&category.step()) && !category.label().is_empty());
        }
    }
}
