//! The terms in force, as the contract file or the project file has them.

use chrono::Datelike;
use rust_decimal::Decimal;

use super::basis::Basis;
use crate::domain::contract::{Conditions, Contract, Pays, Term};
use crate::domain::{Period, Terms};
use crate::report::model::{Cell, Column, ColumnKind, Section, Table};
use crate::report::words::terms_words;

/// Terms that end in this year or later have no end.
const OPEN: i32 = 2100;

pub(super) fn section(basis: &Basis<'_>) -> Section {
    let input = basis.input;
    let contracts: Vec<&Contract> = input.project.contracts.iter().filter(|c| c.payer == input.payer.id).collect();
    let overlaps = |period: &Period| period.from() < input.months.until() && input.months.from() < period.until();
    let mut rows = Vec::new();
    for version in contracts.iter().flat_map(|contract| &contract.versions) {
        // The last stretch that the months reach: its escalations are those in force.
        let Some((period, list)) = version.stretches.iter().rfind(|(period, _)| overlaps(period)) else { continue };
        for term in list.terms.iter().chain(&list.unlisted) {
            let raised: Vec<&str> =
                list.escalations.iter().filter(|_| term.escalates).map(|escalation| &*escalation.words).collect();
            let raised = if raised.is_empty() { String::new() } else { format!("; then {}", raised.join(", ")) };
            let cite = term.cite.as_deref().or(version.cite.as_deref()).unwrap_or_default();
            rows.push(vec![
                days(*period).into(),
                term.name.to_string().into(),
                conditions(&term.when).into(),
                format!("{}{raised}", pays(term)).into(),
                cite.to_owned().into(),
            ]);
        }
    }
    if contracts.is_empty() {
        for (period, terms) in input.payer.terms.iter().filter(|(period, _)| overlaps(period)) {
            rows.push(vec![
                days(*period).into(),
                "terms of the project file".into(),
                "all codes".into(),
                terms_words(terms).into(),
                Cell::Text(String::new()),
            ]);
        }
    }
    let mut notes: Vec<String> = contracts
        .iter()
        .flat_map(|contract| &contract.versions)
        .filter_map(|version| {
            let notice = version.notice.map(|day| format!("notice by {day}"));
            let ends = (version.period.until().year() < OPEN).then(|| format!("ends {}", version.period.last()));
            let renewal = version.renewal.as_deref().map(ToOwned::to_owned);
            let parts: Vec<String> = ends.into_iter().chain(notice).chain(renewal).collect();
            (!parts.is_empty()).then(|| format!("Version \"{}\": {}.", version.name, parts.join(", ")))
        })
        .collect();
    if let Some(document) = contracts.iter().find_map(|contract| contract.document.as_deref()) {
        notes.insert(0, format!("Document: {document}."));
    }
    let lesser = if input.payer.lesser_of {
        "The lesser of charge and rate is paid"
    } else {
        "The rate is paid, whatever the charge"
    };
    notes.push(format!(
        "{lesser}, unless a term says otherwise. Claims within {} days of the service, appeals within {} days.",
        input.payer.timely_filing_days, input.payer.appeal_days
    ));
    Section {
        id: "terms".to_owned(),
        title: match contracts.first() {
            Some(contract) if contract.inferred => "The terms are worked out from payments".to_owned(),
            Some(_) => "The terms in force".to_owned(),
            None => "The terms in force, as the project file has them".to_owned(),
        },
        lead: "The first term that fits a line pays it.".to_owned(),
        kind: basis.input.run.report.kind,
        chart: None,
        table: Table {
            columns: vec![
                Column::new("in_force", "In force", ColumnKind::Text),
                Column::new("term", "Term", ColumnKind::Text),
                Column::new("for", "For", ColumnKind::Text),
                Column::new("pays", "Pays", ColumnKind::Text),
                Column::new("cite", "Document", ColumnKind::Text),
            ],
            rows,
            total: None,
        },
        notes,
    }
}

fn days(period: Period) -> String {
    if period.until().year() >= OPEN {
        format!("from {}", period.from())
    } else {
        format!("{} to {}", period.from(), period.last())
    }
}

fn percent(factor: Decimal) -> String {
    format!("{}%", (factor * Decimal::ONE_HUNDRED).normalize())
}

fn pays(term: &Term) -> String {
    let mut out = match &term.pays {
        Pays::PercentOfMedicare { factor, year, locality } => {
            terms_words(&Terms::PercentOfMedicare { factor: *factor, year: *year, locality: *locality })
        }
        Pays::Flat(amount) => format!("${amount} a line"),
        Pays::PerUnit(amount) => format!("${amount} a unit"),
        Pays::PercentOfCharge(factor) => format!("{} of the charge", percent(*factor)),
        Pays::Asp(factor) => format!("{} of the average sales price", percent(*factor)),
        Pays::Schedule(name) => format!("the schedule {name}"),
        Pays::NotCovered => "nothing".to_owned(),
    };
    for (bound, what) in [(term.floor, "at least"), (term.cap, "at most")] {
        out.push_str(&bound.map_or_else(String::new, |amount| format!(", {what} ${amount}")));
    }
    out.push_str(&term.max_units.map_or_else(String::new, |units| format!(", {units} units at most")));
    out
}

fn conditions(when: &Conditions) -> String {
    let list = |items: Vec<String>| items.join(", ");
    let mut parts = Vec::new();
    if !when.codes.is_empty() {
        parts.push(list(when.codes.iter().map(ToString::to_string).collect()));
    }
    if !when.not_codes.is_empty() {
        parts.push(format!("without {}", list(when.not_codes.iter().map(ToString::to_string).collect())));
    }
    if !when.modifiers.is_empty() {
        parts.push(format!("with modifier {}", list(when.modifiers.iter().map(ToString::to_string).collect())));
    }
    if !when.without.is_empty() {
        parts.push(format!("not with modifier {}", list(when.without.iter().map(ToString::to_string).collect())));
    }
    if !when.pos.is_empty() {
        parts.push(format!("place of service {}", list(when.pos.iter().map(ToString::to_string).collect())));
    }
    parts.extend(when.facility.map(|facility| if facility { "facilities" } else { "offices" }.to_owned()));
    if !when.areas.is_empty() {
        parts.push("some areas".to_owned());
    }
    if when.provider.is_some() {
        parts.push("some providers".to_owned());
    }
    if parts.is_empty() { "all codes".to_owned() } else { parts.join("; ") }
}
