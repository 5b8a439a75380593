//! What adjustment reasons mean: contractual, patient share, denial and its category. Judges codes only; amounts are judged in
//! `reconcile`. A code the map does not know goes to "other" and says so; it is never dropped.

mod category;

pub use category::{AmountClass, Answer, BILLING_STEPS, DenialCategory};

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Serialize;

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
    /// The remark that decided; `None` when the reason alone did.
    pub remark: Option<Rarc>,
    /// The row that decided; `None` for unknown codes.
    pub row: Option<Row>,
}

/// A document to attach when a denial is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceItem {
    /// The document, in our own words.
    pub item: Arc<str>,
    /// What it shows.
    pub why: Arc<str>,
}

/// Which codes a row speaks of: with or without a remark, for any group or one.
type Key = (Carc, Option<Rarc>, Option<Group>);

/// The map from adjustment codes to their meaning.
#[derive(Debug, Clone)]
pub struct DenialMap {
    classes: FxHashMap<Key, Class>,
    groups: FxHashMap<Group, Arc<str>>,
    evidence: FxHashMap<DenialCategory, Vec<EvidenceItem>>,
    usual_actions: FxHashMap<DenialCategory, Arc<str>>,
}

impl DenialMap {
    /// Reads the embedded tables.
    pub(super) fn load() -> Result<Self> {
        let mut map = Self {
            classes: FxHashMap::default(),
            groups: FxHashMap::default(),
            evidence: FxHashMap::default(),
            usual_actions: FxHashMap::default(),
        };
        for record in Sheet::embedded("datasets/denials/categories.csv")?.records() {
            let key = (record.value("carc")?, record.optional("rarc")?, record.optional("group")?);
            if map.classes.insert(key, class(record)?).is_some() {
                return Err(record.bad("carc", "each combination of codes only once"));
            }
        }
        for record in Sheet::embedded("datasets/denials/groups.csv")?.records() {
            map.groups.insert(record.value("group")?, Arc::from(record.text("meaning")?));
        }
        for record in Sheet::embedded("datasets/denials/evidence.csv")?.records() {
            let category = DenialCategory::from_word(record.text("category")?)
                .ok_or_else(|| record.bad("category", "a category of denials"))?;
            let item = EvidenceItem { item: Arc::from(record.text("item")?), why: Arc::from(record.text("why")?) };
            map.evidence.entry(category).or_default().push(item);
        }
        map.usual_actions = usual_actions(map.classes.values());
        Ok(map)
    }

    /// What an adjustment means. The reason with one of its remarks (in their order) decides before the reason alone, and a
    /// row for the group before one for all groups.
    #[must_use]
    pub fn classify(&self, group: Group, carc: Carc, rarcs: &[Rarc]) -> Class {
        let remarks = rarcs.iter().copied().map(Some).chain([None]);
        let found = remarks
            .flat_map(|rarc| [(carc, rarc, Some(group)), (carc, rarc, None)])
            .find_map(|key| Some((key, self.classes.get(&key)?)));
        let mut class = found.map_or_else(|| unknown(group), |(key, class)| Class { remark: key.1, ..class.clone() });
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

    /// The first thing to do that most rows of the category name; `review` for the category "other".
    #[must_use]
    pub fn usual_action(&self, category: DenialCategory) -> &str {
        self.usual_actions.get(&category).map_or("review", |action| &**action)
    }

    /// What to attach when a denial of this category is answered, the most telling first; nothing of what is no denial.
    #[must_use]
    pub fn evidence(&self, category: DenialCategory) -> &[EvidenceItem] {
        self.evidence.get(&category).map_or(&[], Vec::as_slice)
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

/// The most frequent first action of each category; of equal ones the first by its word.
fn usual_actions<'a>(classes: impl Iterator<Item = &'a Class>) -> FxHashMap<DenialCategory, Arc<str>> {
    let mut counts: BTreeMap<(DenialCategory, &Arc<str>), u32> = BTreeMap::new();
    // "Other" holds what has nothing in common: its first action is to review.
    let in_common = |class: &&Class| class.is_denial && class.category != DenialCategory::Other;
    for class in classes.filter(in_common) {
        *counts.entry((class.category, &class.first_action)).or_default() += 1;
    }
    let mut usual: FxHashMap<DenialCategory, (u32, Arc<str>)> = FxHashMap::default();
    for ((category, action), count) in counts {
        let most = usual.entry(category).or_default();
        if count > most.0 {
            *most = (count, Arc::clone(action));
        }
    }
    usual.into_iter().map(|(category, (_, action))| (category, action)).collect()
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
        remark: None,
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
        remark: None,
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
    fn the_usual_action_is_the_one_most_rows_name() {
        let map = DenialMap::load().unwrap();
        for (category, action) in [
            (DenialCategory::MissingDocumentation, "send_records"),
            (DenialCategory::MedicalNecessity, "appeal"),
            (DenialCategory::Modifier, "corrected_claim"),
            (DenialCategory::Bundled, "check_ncci"),
            (DenialCategory::MissingNdc, "corrected_claim"),
            (DenialCategory::Other, "review"),
        ] {
            assert_eq!(map.usual_action(category), action, "{category}");
        }
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
            assert_ne!(map.usual_action(*category), "", "{category}");
            let evidence = map.evidence(*category);
            assert!(!evidence.is_empty(), "{category} names no evidence");
            assert!(evidence.iter().all(|e| !e.item.is_empty() && !e.why.is_empty()), "{category}");
        }
    }
}
