//! The letter to a payer about one batch: argument, cited rules, table of lines, enclosures, what is asked. It holds what the
//! payer may know: no chance, no cost, and of patients nothing beyond the claim number.

use std::sync::Arc;

use crate::domain::{Date, Money};
use crate::leakage::Cause;

use super::argument::{argument, asked};
use super::batch::Batch;
use super::build::Worklist;
use super::item::Item;

/// One line of the letter's table.
#[derive(Debug, Clone)]
pub struct PacketLine<'a> {
    /// The line.
    pub item: &'a Item,
    /// The letter of the rule that is cited for it, `A`.
    pub rule: String,
}

/// A rule that the letter cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// `A`, `B` …
    pub letter: String,
    /// The contract or rule, as `explain` says it.
    pub rule: Arc<str>,
    /// Where it stands: file and row.
    pub source: Option<Arc<str>>,
}

/// The letter's content; `render` makes Markdown or HTML of it.
#[derive(Debug, Clone)]
pub struct Packet<'a> {
    /// `01-great-lakes-mutual-bundled`: names the file.
    pub name: String,
    /// The practice.
    pub practice: &'a str,
    /// The payer's name.
    pub payer: &'a str,
    /// Why, in a few words.
    pub cause: Cause,
    /// The day of the letter: the day as of which the worklist was made.
    pub day: Date,
    /// Until when it must be sent.
    pub send_by: Date,
    /// Why the lines are payable.
    pub argument: &'static str,
    /// What is asked for.
    pub asked: &'static str,
    /// The reasons the payer gave: `CO-16 M119`.
    pub reasons: Vec<String>,
    /// The rules by which the lines should have been allowed.
    pub citations: Vec<Citation>,
    /// The lines.
    pub lines: Vec<PacketLine<'a>>,
    /// What is missing on all of them.
    pub missing: Money,
    /// What to enclose.
    pub evidence: &'a [Arc<str>],
    /// Drug codes that the claims carry.
    pub ndcs: Vec<Arc<str>>,
    /// Whether the data is made up.
    pub synthetic: bool,
}

/// What every record of an injection holds; a reviewer ticks them off.
pub const RECORD: [&str; 9] = [
    "order with date and signature",
    "drug and strength",
    "dose given",
    "lot number",
    "expiry",
    "route",
    "site",
    "NDC with unit and quantity",
    "signature and credentials of who gave it",
];

/// The letters about all batches that cover their contact, by rank.
#[must_use]
pub fn packets(worklist: &Worklist) -> Vec<Packet<'_>> {
    worklist.batches.iter().filter_map(|batch| packet(worklist, batch)).collect()
}

fn packet<'a>(worklist: &'a Worklist, batch: &'a Batch) -> Option<Packet<'a>> {
    let work = batch.work.as_ref().filter(|work| work.pays())?;
    let mut items: Vec<&Item> = work.lines.iter().map(|i| &worklist.items[*i]).collect();
    items.sort_by_key(|i| (i.service_date, i.claim_id.clone(), i.line_number));
    let mut citations: Vec<Citation> = Vec::new();
    let mut lines = Vec::with_capacity(items.len());
    for item in items {
        let known = citations.iter().position(|c| (&c.rule, &c.source) == (&item.rule, &item.source));
        let at = known.unwrap_or_else(|| {
            let letter = letter(citations.len());
            citations.push(Citation { letter, rule: item.rule.clone(), source: item.source.clone() });
            citations.len() - 1
        });
        lines.push(PacketLine { item, rule: citations[at].letter.clone() });
    }
    let mut reasons: Vec<String> = lines
        .iter()
        .filter_map(|l| {
            let remark = l.item.remark.as_deref().map(|r| format!(" {r}")).unwrap_or_default();
            l.item.reason.as_ref().map(|reason| format!("{reason}{remark}"))
        })
        .collect();
    reasons.sort();
    reasons.dedup();
    let mut ndcs: Vec<Arc<str>> = lines.iter().filter_map(|l| l.item.ndc.clone()).collect();
    ndcs.sort();
    ndcs.dedup();
    Some(Packet {
        name: format!("{:02}-{}-{}", batch.number, slug(&batch.payer_name), slug(batch.cause.label())),
        practice: &worklist.title,
        payer: &batch.payer_name,
        cause: batch.cause,
        day: worklist.as_of,
        send_by: work.act_by,
        argument: argument(batch.cause),
        asked: asked(batch.cause, &batch.action),
        reasons,
        citations,
        lines,
        missing: work.amount,
        evidence: &batch.evidence,
        ndcs,
        synthetic: worklist.synthetic,
    })
}

/// A … Z, AA, AB …
fn letter(index: usize) -> String {
    let mut rest = index;
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
        if rest == 0 {
            break;
        }
        rest -= 1;
    }
    letters.iter().rev().collect()
}

/// Lower-case letters, digits and single hyphens, short enough for a file's name.
fn slug(text: &str) -> String {
    let words = text.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), " ");
    let slug: String = words.split_whitespace().collect::<Vec<_>>().join("-").chars().take(40).collect();
    if slug.is_empty() { "payer".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_lettered_like_columns() {
        assert_eq!([0, 25, 26, 27, 51, 52, 701, 702].map(letter), ["A", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn a_file_name_is_harmless() {
        assert_eq!(slug("Great Lakes / Mutual (2%)"), "great-lakes-mutual-2");
        assert_eq!(slug("../.."), "payer");
    }
}
