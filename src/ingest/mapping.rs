//! Which column holds which field, and which table a file is.
//!
//! The project's mapping is stronger than the list of synonyms. Two columns for one field that is used are an error that
//! names both: the program never picks one.

use std::fmt;

use serde::Serialize;

use super::cells::{adjustments_cell, rank_cell};
use super::fields::{FIELDS, Field, normalised};
use crate::finding::{Finding, FindingCode, Place};
use crate::project::ColumnMap;

/// What a file holds, told from its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TableKind {
    /// Billed lines.
    ClaimLines,
    /// Answers of payers, one row per remittance line.
    Remits,
    /// Adjustments of remittance lines, one row each.
    Adjustments,
    /// A practice export: billed lines with their answer in the same row.
    Practice,
    /// Aggregate volumes.
    Volumes,
}

impl TableKind {
    /// The name for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::ClaimLines => "claim lines",
            Self::Remits => "remittance lines",
            Self::Adjustments => "adjustments of remittance lines",
            Self::Practice => "practice export (claim lines with their answers)",
            Self::Volumes => "aggregate volumes",
        }
    }

    /// Whether the rows are services with a charge (and not answers to them).
    #[must_use]
    pub const fn bears_services(self) -> bool {
        matches!(self, Self::ClaimLines | Self::Practice | Self::Volumes)
    }

    /// The fields without which the table cannot be read; one of each group must be there.
    const fn needs(self) -> &'static [&'static [Field]] {
        use Field::{
            AccountId, Amount, Carc, Charge, ClaimId, Code, Group, Paid, PatientId, Payer, PayerId, Period, RemitDate,
            RemitRow, ServiceDate, UnitCharge, Units,
        };
        match self {
            Self::ClaimLines | Self::Practice => {
                &[&[ClaimId, AccountId, PatientId], &[ServiceDate], &[PayerId, Payer], &[Code], &[Charge, UnitCharge]]
            }
            Self::Remits => &[&[ClaimId], &[PayerId, Payer], &[RemitDate], &[Code], &[Charge], &[Paid]],
            Self::Adjustments => &[&[RemitRow, ClaimId], &[Group], &[Carc], &[Amount]],
            Self::Volumes => &[&[Period], &[PayerId, Payer], &[Code], &[Units]],
        }
    }

    /// Whether the reader looks at the field.
    fn uses(self, field: Field) -> bool {
        use Field as F;
        let service = matches!(
            field,
            F::ClaimId
                | F::LineNumber
                | F::ServiceDate
                | F::Payer
                | F::PayerId
                | F::Plan
                | F::State
                | F::Zip
                | F::Locality
                | F::Pos
                | F::Code
                | F::Modifier1
                | F::Modifier2
                | F::Modifier3
                | F::Modifier4
                | F::Units
                | F::Charge
                | F::UnitCharge
                | F::Diagnosis
                | F::Ndc
                | F::NdcQuantity
                | F::NdcUnit
                | F::RenderingNpi
                | F::BillingNpi
                | F::PatientKey
                | F::AccountId
                | F::PatientId
        );
        let answer = matches!(
            field,
            F::PayerRank
                | F::PayerClaimControlNumber
                | F::ClaimStatus
                | F::RemitDate
                | F::PostedDate
                | F::DeniedDate
                | F::SubmittedCode
                | F::Paid
                | F::Allowed
                | F::PatientResponsibility
                | F::Deductible
                | F::Coinsurance
                | F::Copay
                | F::CobPaid
                | F::AdjContractual
                | F::Group
                | F::Carc
                | F::Rarc
                | F::TraceNumber
                | F::Adjustments
        );
        match self {
            Self::ClaimLines => service,
            Self::Practice => service || answer,
            Self::Remits => {
                answer
                    || matches!(
                        field,
                        F::ClaimId
                            | F::LineNumber
                            | F::LineControlNumber
                            | F::ServiceDate
                            | F::Payer
                            | F::PayerId
                            | F::Code
                            | F::Modifier1
                            | F::Modifier2
                            | F::Modifier3
                            | F::Modifier4
                            | F::Units
                            | F::Charge
                    )
            }
            Self::Adjustments => matches!(
                field,
                F::RemitRow
                    | F::ClaimId
                    | F::LineNumber
                    | F::PayerId
                    | F::Payer
                    | F::RemitDate
                    | F::Group
                    | F::Carc
                    | F::Rarc
                    | F::Amount
                    | F::Units
            ),
            Self::Volumes => matches!(
                field,
                F::Period
                    | F::PayerId
                    | F::Payer
                    | F::State
                    | F::Locality
                    | F::Pos
                    | F::Code
                    | F::Modifier1
                    | F::Modifier2
                    | F::Modifier3
                    | F::Modifier4
                    | F::Units
                    | F::Charge
                    | F::Allowed
                    | F::Paid
            ),
        }
    }
}

impl fmt::Display for TableKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

/// Where each field stands in a row.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    /// What the file holds.
    pub(super) kind: TableKind,
    /// The headers, as written.
    pub(super) headers: Vec<String>,
    /// Field → column.
    columns: [Option<usize>; FIELDS],
    /// Columns whose amounts are whole cents (`charge_cents`).
    pub(super) cents: Vec<bool>,
    /// Headers that no field claims.
    pub(super) unmapped: Vec<String>,
    /// Headers of known fields that this reader does not look at.
    pub(super) unused: Vec<String>,
    /// Headers of columns dropped because they hold patient data.
    pub(super) dropped: Vec<String>,
    /// Why the file cannot be read, when something is ambiguous or missing.
    pub(super) problems: Vec<Finding>,
}

impl Mapping {
    /// The column of a field, when the table has and uses it.
    pub(super) const fn column(&self, field: Field) -> Option<usize> {
        self.columns[field.index()]
    }

    /// Whether the table has the field.
    pub(super) const fn has(&self, field: Field) -> bool {
        self.column(field).is_some()
    }

    /// The header of a field's column.
    pub(super) fn header(&self, field: Field) -> Option<&str> {
        self.headers.get(self.column(field)?).map(String::as_str)
    }

    /// Field names with their headers, in the order of the columns.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut found: Vec<(usize, Field)> =
            Field::ALL.iter().filter_map(|field| Some((self.column(*field)?, *field))).collect();
        found.sort_unstable();
        found.into_iter().map(|(column, field)| (field.name(), self.headers[column].clone())).collect()
    }
}

/// How many different fields a row would name if it were the header.
pub(super) fn header_score<'c>(cells: impl Iterator<Item = &'c str>, wanted: &ColumnMap) -> usize {
    let mut fields: Vec<Field> = cells
        .filter_map(|cell| {
            let own = wanted.iter().find(|(_, header)| !header.is_empty() && same(header, cell));
            own.and_then(|(field, _)| Field::named(field)).or_else(|| field_of(cell).map(|(field, _)| field))
        })
        .collect();
    fields.sort_unstable();
    fields.dedup();
    fields.len()
}

/// The field of a header and whether it counts in cents.
fn field_of(header: &str) -> Option<(Field, bool)> {
    if let Some(field) = Field::of_header(header) {
        return Some((field, false));
    }
    let name = normalised(header);
    let field = Field::of_header(name.strip_suffix("cents")?)?;
    field.is_money().then_some((field, true))
}

fn same(a: &str, b: &str) -> bool {
    a == b || normalised(a) == normalised(b)
}

/// Maps the headers of a file. `sample` gives a few cells of a column; `line` is the header's line.
pub(super) fn map<'s>(
    file: &str,
    line: u32,
    headers: Vec<String>,
    wanted: &ColumnMap,
    sample: impl Fn(usize) -> Vec<&'s str>,
) -> Mapping {
    let place = || Place::line(file, line);
    let mut problems = Vec::new();
    // Every column with the field it is known for.
    let mut found: Vec<Option<(Field, bool)>> = headers.iter().map(|h| field_of(h)).collect();
    for (column, slot) in found.iter_mut().enumerate() {
        let inline = |cell: &&str| adjustments_cell(cell).is_ok_and(|all| !all.is_empty());
        if slot.is_some_and(|(f, _)| f == Field::AdjOther) && sample(column).iter().any(inline) {
            *slot = Some((Field::Adjustments, false));
        }
        let cells = || sample(column);
        if normalised(&headers[column]) == "cob" && !cells().iter().all(|cell| rank_cell(cell).is_some()) {
            *slot = Some((Field::CobPaid, false));
        }
    }
    // A payer's claim number stands in for the claim number only where there is no other.
    let claim_like = |f: &Option<(Field, bool)>| f.is_some_and(|(f, _)| f == Field::ClaimId);
    if !found.iter().any(claim_like)
        && !wanted.contains_key(Field::ClaimId.name())
        && let Some(slot) = found.iter_mut().find(|f| f.is_some_and(|(f, _)| f == Field::PayerClaimControlNumber))
    {
        *slot = Some((Field::ClaimId, false));
    }
    let mut kind = None;
    for (name, header) in wanted {
        if name == "table" {
            kind = kind_named(header);
            if kind.is_none() {
                let found = format!("table = \"{header}\" in allowable.toml");
                let expected = "claim_lines, remit_lines, adjustments, practice or claim_volumes";
                problems.push(Finding::new(FindingCode::MissingColumn, place(), found).expected(expected));
            }
            continue;
        }
        let Some(field) = Field::named(name) else {
            let found = format!("allowable.toml maps \"{name}\", which is no field");
            let help = match near(name, Field::ALL.iter().map(|f| f.name())) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => "use the names that `allowable check FILE` prints".to_owned(),
            };
            problems.push(Finding::new(FindingCode::MissingColumn, place(), found).help(help));
            continue;
        };
        let chosen = headers.iter().position(|h| h == header).or_else(|| headers.iter().position(|h| same(h, header)));
        if chosen.is_none() && !header.is_empty() {
            let found = format!("allowable.toml maps {} to \"{header}\", which the file does not have", field.name());
            let help = match near(header, headers.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean \"{meant}\"? correct the mapping in allowable.toml"),
                None => format!("the file has: {}", list(&headers)),
            };
            problems.push(Finding::new(FindingCode::MissingColumn, place(), found).help(help));
        }
        for (column, slot) in found.iter_mut().enumerate() {
            if Some(column) == chosen {
                let cents = normalised(&headers[column]).ends_with("cents") && field.is_money();
                *slot = Some((field, cents));
            } else if slot.is_some_and(|(f, _)| f == field) {
                *slot = None;
            }
        }
    }
    let kind = kind.unwrap_or_else(|| kind_of(|field| found.iter().any(|f| f.is_some_and(|(f, _)| f == field))));
    let mut mapping = Mapping {
        kind,
        columns: [None; FIELDS],
        cents: found.iter().map(|f| f.is_some_and(|(_, cents)| cents)).collect(),
        unmapped: Vec::new(),
        unused: Vec::new(),
        dropped: Vec::new(),
        problems: Vec::new(),
        headers,
    };
    let number = found.iter().any(claim_like);
    for (column, slot) in found.iter().enumerate() {
        let header = &mapping.headers[column];
        match slot {
            None if header.trim().is_empty() => {}
            None => mapping.unmapped.push(header.clone()),
            Some((field, _)) if field.is_dropped() => mapping.dropped.push(header.clone()),
            Some((field, _)) if !kind.uses(*field) => mapping.unused.push(header.clone()),
            // Several numbers of the patient are common and none of them matters, unless claims are told apart by them.
            Some((field, _)) if mapping.columns[field.index()].is_some() && number && is_patient(*field) => {
                mapping.unused.push(header.clone());
            }
            Some((field, _)) => match mapping.columns[field.index()] {
                None => mapping.columns[field.index()] = Some(column),
                Some(other) => problems.push(ambiguous(file, line, *field, &mapping.headers, other, column)),
            },
        }
    }
    for group in kind.needs() {
        if !group.iter().any(|field| mapping.has(*field)) {
            problems.push(missing(file, line, kind, group, &mapping.unmapped));
        }
    }
    mapping.problems = problems;
    mapping
}

const fn is_patient(field: Field) -> bool {
    matches!(field, Field::AccountId | Field::PatientId)
}

fn ambiguous(file: &str, line: u32, field: Field, headers: &[String], a: usize, b: usize) -> Finding {
    let found = format!(
        "two columns claim the field {}: \"{}\" (column {}) and \"{}\" (column {})",
        field.name(),
        headers[a],
        a + 1,
        headers[b],
        b + 1
    );
    let help = if headers[a] == headers[b] {
        "rename one of the two headers in the file".to_owned()
    } else {
        let name = std::path::Path::new(file).file_name().map_or_else(|| file.into(), |n| n.to_string_lossy());
        format!("say which in allowable.toml: [columns.\"{name}\"] {} = \"{}\"", field.name(), headers[a])
    };
    // Each field is its own finding: the field stands as the column.
    Finding::new(FindingCode::AmbiguousColumn, Place::line(file, line).column(headers[b].clone()), found).help(help)
}

fn missing(file: &str, line: u32, kind: TableKind, group: &[Field], unmapped: &[String]) -> Finding {
    let names = group.iter().map(|f| f.name()).collect::<Vec<_>>().join(" or ");
    let found = format!("no column for {names}, which {kind} need");
    let known: Vec<&str> = group.iter().flat_map(|f| f.headers()).collect();
    let close = unmapped.iter().find(|h| near(&normalised(h), known.iter().copied()).is_some());
    let name = std::path::Path::new(file).file_name().map_or_else(|| file.into(), |n| n.to_string_lossy());
    let help = match close {
        Some(header) => {
            format!(
                "is it \"{header}\"? then write in allowable.toml: [columns.\"{name}\"] {} = \"{header}\"",
                group[0].name()
            )
        }
        None if unmapped.is_empty() => "add the column to the export".to_owned(),
        None => format!("add the column, or map one in allowable.toml; not used so far: {}", list(unmapped)),
    };
    Finding::new(FindingCode::MissingColumn, Place::line(file, line).column(group[0].name()), found).help(help)
}

fn list(headers: &[String]) -> String {
    let shown: Vec<String> =
        headers.iter().filter(|h| !h.trim().is_empty()).take(12).map(|h| format!("\"{h}\"")).collect();
    let more = if headers.len() > shown.len() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn near<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names
        .map(|name| (strsim::osa_distance(wanted, name), name))
        .filter(|(distance, name)| *distance <= name.len().min(wanted.len()) / 4)
        .min()
        .map(|(_, name)| name)
}

fn kind_named(name: &str) -> Option<TableKind> {
    match name {
        "claim_lines" => Some(TableKind::ClaimLines),
        "remit_lines" => Some(TableKind::Remits),
        "adjustments" => Some(TableKind::Adjustments),
        "practice" => Some(TableKind::Practice),
        "claim_volumes" => Some(TableKind::Volumes),
        _ => None,
    }
}

/// Tells the table from its fields. A remittance file has no day of service of its own; or it has no place of service and
/// carries what only a remittance has (check number, payer's claim number, all adjustments).
fn kind_of(has: impl Fn(Field) -> bool) -> TableKind {
    use Field as F;
    if has(F::RemitRow) || has(F::Amount) && has(F::Carc) && !has(F::Charge) && !has(F::Paid) {
        return TableKind::Adjustments;
    }
    if has(F::Period) && has(F::Units) && !has(F::ServiceDate) && !has(F::ClaimId) {
        return TableKind::Volumes;
    }
    let own = has(F::TraceNumber) || has(F::Adjustments) || has(F::PayerClaimControlNumber) || has(F::PayerRank);
    // The rows of an 835 name the line's own number, and days and places of service, too.
    let era = has(F::LineControlNumber);
    if has(F::Paid) && has(F::RemitDate) && (era || !has(F::ServiceDate) || own && !has(F::Pos)) {
        return TableKind::Remits;
    }
    let answered = [F::Paid, F::Allowed, F::PatientResponsibility, F::Carc, F::Adjustments].into_iter().any(has);
    if answered { TableKind::Practice } else { TableKind::ClaimLines }
}
