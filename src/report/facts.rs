//! Statements in circulation beside the figures, the injection codes by payer type, and what patients owe. Words and tables
//! of what `facts` found; judges nothing itself.

use crate::domain::{Code, Money};
use crate::facts::{
    Answer, Claim, Compared, Ground, Grounds, INJECTIONS, Question, Share, check, claims, compare, place, shares, tally,
};
use crate::finding::Result;

use super::model::{BarChart, Cell, Chart, Column, ColumnKind, DataKind, Section, Series, Table};

/// The three sections: `facts`, `code-comparison`, `patient-share`.
///
/// # Errors
/// When the embedded statements are not well-formed (a fault of the program, found by its tests).
pub fn fact_sections(grounds: &Grounds<'_>, question: &Question) -> Result<Vec<Section>> {
    let claims = claims()?;
    let mut sections = vec![statements_section(grounds, &claims.iter().collect::<Vec<_>>())];
    let codes: Vec<Code> = INJECTIONS.iter().filter_map(|code| code.parse().ok()).collect();
    sections.extend(comparison_section(grounds, &codes));
    if let Some(injection) = codes.first() {
        sections.push(patient_section(grounds, *injection, question));
    }
    Ok(sections)
}

fn text(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Text)
}

fn money(name: &str, header: &str) -> Column {
    Column::new(name, header, ColumnKind::Money)
}

/// Every statement with its verdict, what is wrong first.
#[must_use]
pub fn statements_section(grounds: &Grounds<'_>, claims: &[&Claim]) -> Section {
    let mut answers: Vec<(&Claim, Answer)> = claims.iter().map(|claim| (*claim, check(grounds, claim))).collect();
    // Within a verdict the order of the table, which goes by topic.
    answers.sort_by_key(|(_, answer)| answer.verdict);
    let [disagrees, in_part, open, agrees] = tally(answers.iter().map(|(_, answer)| answer)).map(|(_, count)| count);
    let year = grounds.year();
    let cells = |(claim, answer): &(&Claim, Answer)| {
        vec![
            Cell::from(claim.text.as_str()),
            Cell::from(claim.topic.as_str()),
            Cell::from(answer.verdict.as_str()),
            Cell::from(answer.found.as_str()),
            if answer.right.is_empty() { Cell::Empty } else { Cell::from(answer.right.as_str()) },
            Cell::from(answer.ground.as_str()),
            Cell::from(few(&answer.sources)),
        ]
    };
    Section {
        id: "facts".to_owned(),
        title: format!(
            "Of {} statements in circulation on 96372, {agrees} agree with the figures of {year}, {in_part} in part, {disagrees} do not; {open} cannot be compared",
            claims.len()
        ),
        lead: "Billing guides state ranges and rules without a source. Here each stands beside the figures of the year; no line is priced by any of them.".to_owned(),
        kind: DataKind::Published,
        chart: None,
        table: Table {
            columns: vec![
                text("statement", "Statement"),
                text("topic", "Topic"),
                text("verdict", "Verdict"),
                text("found", "Found"),
                text("right", "What is right, or to know"),
                text("figures", "Figures are"),
                text("sources", "Source"),
            ],
            rows: answers.iter().map(cells).collect(),
            total: None,
        },
        notes: vec![
            "Every verdict is worked out from the tables; where only a convention can tell, the column \"Figures are\" says so. Sources are files of datasets/ with the row.".to_owned(),
            format!("Ranges are held against all localities and days of {year}; observed Medicaid payments are per claim, 2018 to 2024, hospitals included; NCCI edits are those of 1 July 2024."),
        ],
    }
}

/// The first sources, and how many more. Files of `datasets/` go by their last name: a path would crowd the figures out.
fn few(sources: &[String]) -> String {
    const SHOWN: usize = 3;
    let short = |source: &String| match source.rsplit_once('/') {
        Some((folder, file)) if folder.starts_with("datasets") && !folder.contains(' ') => file.to_owned(),
        _ => source.clone(),
    };
    let first: Vec<String> = sources.iter().take(SHOWN).map(short).collect();
    match sources.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        Some(more) => format!("{} and {more} more", first.join("; ")),
        None => first.join("; "),
    }
}

/// The codes by payer type. Invented contracts are left out: the section is about real rates.
///
/// `None` when the first code has no Medicare fee or no observed Medicaid payments.
#[must_use]
pub fn comparison_section(grounds: &Grounds<'_>, codes: &[Code]) -> Option<Section> {
    let rows: Vec<Compared> =
        compare(grounds, codes).into_iter().filter(|row| row.ground != Ground::Synthetic).collect();
    let middle = |code: &Code, payer: &str| {
        let row = rows.iter().find(|row| row.code == code.as_str() && row.payer_type == payer && row.name == "nation");
        row.and_then(|row| row.middle)
    };
    let commercial = |code: &Code| {
        let of_code = rows.iter().filter(|row| row.code == code.as_str() && row.payer_type == "Commercial");
        let mut rates: Vec<Money> = of_code.filter_map(|row| row.middle).collect();
        rates.sort_unstable();
        rates.get(rates.len().saturating_sub(1) / 2).copied()
    };
    let first = codes.first()?;
    let (medicare, medicaid) = (middle(first, "Medicare")?, middle(first, "Medicaid")?);
    let year = grounds.year();
    let title = format!(
        "For {first} Medicare pays {} before local indices ({year}); half of Medicaid's providers get less than {} a claim",
        medicare.pretty(),
        medicaid.pretty()
    );
    let values = |of: &dyn Fn(&Code) -> Option<Money>| codes.iter().map(of).collect::<Vec<_>>();
    let mut series = vec![
        Series { name: format!("Medicare {year}"), values: values(&|code| middle(code, "Medicare")), accent: false },
        Series {
            name: "Medicaid, observed median".to_owned(),
            values: values(&|code| middle(code, "Medicaid")),
            accent: false,
        },
    ];
    let own = values(&commercial);
    let mut notes = vec![
        "Medicare: one unit outside a facility on the day; in a facility the professional line of these codes is not payable.".to_owned(),
        "Medicaid: observed payments per claim (not per unit), 2018 to 2024, percentiles over providers; no rate of any state. 96373 rests on few claims.".to_owned(),
        "96372 is an injection under the skin or into a muscle, 96373 into an artery, 96374 a first intravenous push, 96375 a further push.".to_owned(),
    ];
    if own.iter().any(Option::is_some) {
        series.push(Series { name: "Your commercial contracts, middle one".to_owned(), values: own, accent: false });
    } else {
        notes.push(
            "Commercial rates are not public; a project's own contracts stand here (invented ones are left out)."
                .to_owned(),
        );
    }
    let cells = |row: &Compared| {
        vec![
            Cell::from(row.code.as_str()),
            Cell::from(row.payer_type.as_str()),
            Cell::from(row.name.as_str()),
            row.low.into(),
            row.middle.into(),
            row.high.into(),
            Cell::from(row.what.as_str()),
            Cell::from(row.ground.as_str()),
            Cell::from(few(&row.sources)),
        ]
    };
    let said = codes.iter().filter_map(|code| {
        let [medicare, medicaid] = ["Medicare", "Medicaid"].map(|payer| middle(code, payer));
        Some(format!("{code} Medicare {}, Medicaid {}", medicare?.pretty(), medicaid?.pretty()))
    });
    Some(Section {
        id: "code-comparison".to_owned(),
        title: title.clone(),
        lead: format!("The four injection codes by payer type on {}, from real rates only.", grounds.day()),
        kind: DataKind::Observed,
        chart: Some(Chart::Bars(BarChart {
            alt: format!("Bars of dollars by code and payer type: {}.", said.collect::<Vec<_>>().join("; ")),
            title,
            value_axis: "Dollars: Medicare per unit before local indices, Medicaid median per claim".to_owned(),
            groups: codes.iter().map(ToString::to_string).collect(),
            series,
        })),
        table: Table {
            columns: vec![
                text("code", "Code"),
                text("payer_type", "Payer type"),
                text("payer", "Payer or place"),
                money("low", "Low"),
                money("middle", "Middle"),
                money("high", "High"),
                text("what", "These are"),
                text("figures", "Figures are"),
                text("sources", "Source"),
            ],
            rows: rows.iter().map(cells).collect(),
            total: None,
        },
        notes,
    })
}

/// What the patient owes of one injection, alone and with the drug and the visit of the question.
#[must_use]
pub fn patient_section(grounds: &Grounds<'_>, injection: Code, question: &Question) -> Section {
    let (services, shares) = shares(grounds, injection, question);
    let synthetic = shares.iter().any(|share| share.ground == Ground::Synthetic);
    let met = shares.first().and_then(|share| share.injection);
    let code = services.first().map_or_else(String::new, |service| service.code.clone());
    let title = match met {
        Some(split) => format!(
            "Of a {code} at {} the Medicare patient owes {}, or all of it while the deductible is open",
            split.allowed.pretty(),
            split.patient.pretty()
        ),
        None => format!("What the patient owes of a {code} by payer type"),
    };
    let cells = |share: &Share| {
        let of = |pick: fn(&crate::facts::Split) -> Money| Cell::from(share.injection.as_ref().map(pick));
        vec![
            Cell::from(share.payer.as_str()),
            Cell::from(share.situation.as_str()),
            of(|split| split.allowed),
            of(|split| split.patient),
            of(|split| split.paid),
            of(|split| split.cut),
            of(|split| split.other),
            share.day.map(|split| split.allowed).into(),
            share.day.map(|split| split.patient).into(),
            Cell::from(share.how.as_str()),
            Cell::from(share.ground.as_str()),
        ]
    };
    let lines: Vec<String> = services
        .iter()
        .map(|service| match service.allowed {
            Some(allowed) => format!("{} {} ({})", service.code, allowed.pretty(), service.basis),
            None => format!("{} not known ({})", service.code, service.basis),
        })
        .collect();
    let mut notes = vec![
        "Allowed = patient + payer + sequestration + others, in every row.".to_owned(),
        format!(
            "The lines of the day under Medicare: {}. Injection and drug are separate services, so a patient sees two lines.",
            lines.join(", ")
        ),
        "Sequestration cuts Medicare's payment, never the patient's coinsurance or deductible.".to_owned(),
        "The place is that of the project, or the one that most lines name; a ZIP code in several localities counts as its main one.".to_owned(),
        "Medicare Advantage plans have copays of their own: read the copay row with the plan's copay.".to_owned(),
    ];
    if synthetic {
        notes.push(
            "The rows of Medicare are published figures; the contract of the commercial rows is invented.".to_owned(),
        );
    }
    Section {
        id: "patient-share".to_owned(),
        title,
        lead: format!(
            "By payer type and situation, on {} for {}; the injection alone, and with a drug and a visit on the same day.",
            grounds.day(),
            place(grounds.reference(), grounds.area(), grounds.day())
        ),
        kind: if synthetic { DataKind::Synthetic } else { DataKind::Published },
        chart: None,
        table: Table {
            columns: vec![
                text("payer", "Payer"),
                text("situation", "Situation"),
                money("allowed", "Allowed"),
                money("patient", "Patient owes"),
                money("paid", "Payer pays"),
                money("sequestration", "Sequestration"),
                money("other", "Others owe"),
                money("day_allowed", "Day: allowed"),
                money("day_patient", "Day: patient owes"),
                text("how", "How"),
                text("figures", "Figures are"),
            ],
            rows: shares.iter().map(cells).collect(),
            total: None,
        },
        notes,
    }
}
