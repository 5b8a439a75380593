//! Rows of a table of rules.

use std::sync::Arc;

use crate::domain::{Date, PayerKind, Period, RuleId};
use crate::finding::{Finding, FindingCode, Place, Result};

use super::super::sheet::{Record, Sheet};
use super::set::Named;
use super::{AnyOf, Check, CodeSet, Effect, NdcTest, Payers, PosSet, Rule, plain};

const CHECKS: [(&str, Check); 13] = [
    ("line", Check::Line),
    ("ncci-never", Check::NcciNever),
    ("ncci-modifier", Check::NcciModifier),
    ("ncci-never-rest", Check::NcciNeverRest),
    ("ncci-modifier-rest", Check::NcciModifierRest),
    ("units-line", Check::UnitsLine),
    ("units-day", Check::UnitsDay),
    ("one-initial", Check::OneInitial),
    ("separates-nothing", Check::SeparatesNothing),
    ("repeated", Check::Repeated),
    ("facility", Check::Facility),
    ("contract", Check::Contract),
    ("status", Check::Status),
];

const KINDS: [PayerKind; 5] = [
    PayerKind::Medicare,
    PayerKind::MedicareAdvantage,
    PayerKind::Medicaid,
    PayerKind::MedicaidManaged,
    PayerKind::Commercial,
];

/// A row as a rule; nothing when its effect is `off`.
pub(super) fn rule(record: &Record<'_>, named: &Named) -> Result<Option<Rule>> {
    let codes = |column| CodeSet::read(record.text(column)?, named).map_err(|e| record.bad(column, &e));
    let any_of = |column, text: &str| AnyOf::read(text).map_err(|e| record.bad(column, &e));
    let groups = |column| -> Result<Vec<&str>> {
        Ok(record.text(column)?.split('&').map(str::trim).filter(|part| !part.is_empty()).collect())
    };
    let effect = match record.text("effect")? {
        "not-payable" => Effect::NotPayable,
        "payable-with" => Effect::PayableWith,
        "records" => Effect::Records,
        "warn" => Effect::Warn,
        "off" => return Ok(None),
        _ => return Err(record.bad("effect", "not-payable, payable-with, records, warn or off")),
    };
    let word = record.text("check")?;
    let check = CHECKS.iter().find(|(name, _)| *name == word).map(|(_, check)| *check);
    let check = check.ok_or_else(|| record.bad("check", &CHECKS.map(|(name, _)| name).join(", ")))?;
    let step: u8 = record.number("step")?;
    if !(1..=8).contains(&step) {
        return Err(record.bad("step", "a step of the billing process, 1 to 8"));
    }
    let lacks = any_of("lacks", record.text("lacks")?)?;
    let lacks_there = match record.text("modifier_on")? {
        "either" => lacks.clone(),
        "line" | "" => AnyOf::default(),
        modifiers => AnyOf::read(modifiers).map_err(|_| record.bad("modifier_on", "line, either, or modifiers"))?,
    };
    let ndc = match record.text("ndc")? {
        "" => None,
        "missing" => Some(NdcTest::Missing),
        "malformed" => Some(NdcTest::Malformed),
        _ => return Err(record.bad("ndc", "missing or malformed")),
    };
    let from = record.optional_date("from")?.unwrap_or(Date::MIN);
    let last = record.optional_date("until")?;
    let period = last.map_or_else(|| Period::new(from, Date::MAX), |last| Period::inclusive(from, last));
    let state = |text: &str| text.parse().map_err(|_| record.bad("states", "states of two letters"));
    let text = |column| record.text(column).map(Arc::<str>::from);
    let beside = groups("beside")?.into_iter().map(|part| CodeSet::read(part, named));
    let has = groups("has")?.into_iter().map(|part| any_of("has", part));
    Ok(Some(Rule {
        id: record.value::<RuleId>("id")?,
        title: text("title")?,
        check,
        codes: codes("codes")?,
        beside: beside.collect::<std::result::Result<_, _>>().map_err(|e| record.bad("beside", &e))?,
        without: codes("without")?,
        only_drugs: codes("only_drugs")?,
        has: has.collect::<Result<_>>()?,
        lacks,
        lacks_there,
        pos: PosSet::read(record.text("pos")?).map_err(|e| record.bad("pos", &e))?,
        states: record.text("states")?.split_whitespace().map(state).collect::<Result<_>>()?,
        ndc,
        diagnosis_lacks: record.text("diagnosis_lacks")?.split_whitespace().map(Arc::from).collect(),
        period: period.ok_or_else(|| record.bad("until", "a day on or after `from`"))?,
        effect,
        step,
        fix: text("fix")?,
        source: text("source")?,
        strength: text("strength")?,
        row: record.row(),
        payers: payers(record)?,
    }))
}

/// Kinds of payers, and `name:` parts of names.
fn payers(record: &Record<'_>) -> Result<Payers> {
    let mut payers = Payers::default();
    for word in record.text("payers")?.split_whitespace() {
        if word == "drugs-bought" {
            payers.drugs_bought = true;
            continue;
        }
        match word.strip_prefix("name:") {
            Some(part) if !plain(part).is_empty() => payers.names.push(plain(part)),
            _ => {
                let kind = KINDS.into_iter().find(|kind| kind.as_str() == word);
                payers.kinds.push(kind.ok_or_else(|| {
                    record.bad(
                        "payers",
                        &format!("{}, drugs-bought, or name:part-of-a-name", KINDS.map(PayerKind::as_str).join(", ")),
                    )
                })?);
            }
        }
    }
    Ok(payers)
}

/// Takes a table of the user into the rules.
pub(super) fn add(rules: &mut Vec<Rule>, named: &Named, file: &str, csv: &[u8]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut wrong = |place: Option<&Place>, found: String| {
        let place = place.cloned().unwrap_or_else(|| Place::file(file));
        findings.push(Finding::new(FindingCode::BadRule, place, found));
    };
    let sheet = match Sheet::parse(file, csv) {
        Ok(sheet) => sheet,
        Err(error) => {
            wrong(error.place(), error.message().to_owned());
            return findings;
        }
    };
    for record in sheet.records() {
        let read = record.value::<RuleId>("id").and_then(|id| Ok((id, rule(&record, named)?)));
        match read {
            Ok((id, rule)) => match (rules.iter().position(|known| known.id == id), rule) {
                (Some(at), Some(rule)) => rules[at] = rule,
                (Some(at), None) => drop(rules.remove(at)),
                (None, Some(rule)) => rules.push(rule),
                (None, None) => {}
            },
            Err(error) => wrong(error.place(), error.message().to_owned()),
        }
    }
    findings
}
