//! Where each subject of a billing guide stands in this program: a command or a section of the report.

use serde::Serialize;

use crate::finding::Result;
use crate::reference::Sheet;

/// What one subject leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "where", rename_all = "kebab-case")]
pub enum Where {
    /// A command line to type.
    Command(String),
    /// A section of the report by its name.
    Section(String),
}

/// One subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Topic {
    /// The topic of the statements (`rates`, `modifiers` …).
    pub topic: String,
    /// The question, in our own words.
    pub subject: String,
    /// Where it is answered.
    #[serde(flatten)]
    pub place: Where,
}

/// All subjects, in their order.
///
/// # Errors
/// When the table is not well-formed (a fault of the program, found by its tests).
pub fn topics() -> Result<Vec<Topic>> {
    let mut topics = Vec::new();
    for record in Sheet::embedded("datasets/circulating/topics.csv")?.records() {
        let place = record.text("where")?.to_owned();
        topics.push(Topic {
            topic: record.text("topic")?.to_owned(),
            subject: record.text("subject")?.to_owned(),
            place: match record.text("kind")? {
                "command" => Where::Command(place),
                "section" => Where::Section(place),
                _ => return Err(record.bad("kind", "command or section")),
            },
        });
    }
    Ok(topics)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_topic_of_a_statement_leads_somewhere() {
        let known: BTreeSet<String> = super::topics().unwrap().into_iter().map(|t| t.topic).collect();
        for claim in crate::facts::claims().unwrap() {
            assert!(known.contains(&claim.topic), "{}: {}", claim.id, claim.topic);
        }
        // The subjects of a guide on 96372, each of which must have a place.
        for topic in [
            "billability",
            "modifiers",
            "documentation",
            "ndc",
            "denials",
            "appeals",
            "places",
            "audit",
            "patient",
            "steps",
            "code-comparison",
            "related-codes",
            "faq",
            "rates",
        ] {
            assert!(known.contains(topic), "{topic}");
        }
    }
}
