//! Column names of the canonical tables (DESIGN §5) and of the priced output.

/// Columns of `claim_lines`, in order.
pub const CLAIM_LINES: &[&str] = &[
    "claim_id",
    "line_number",
    "service_date",
    "payer_id",
    "plan",
    "state",
    "zip",
    "locality",
    "pos",
    "code",
    "modifiers",
    "units",
    "charge",
    "diagnosis",
    "ndc",
    "rendering_npi",
    "billing_npi",
    "patient_key",
];

/// Columns of `claim_lines` after the others: how much of a drug was used. Files of before them are read as well.
pub const CLAIM_LINES_DRUG: &[&str] = &["ndc_quantity", "ndc_unit"];

/// Columns of `remit_lines`, in order.
pub const REMIT_LINES: &[&str] = &[
    "claim_id",
    "line_number",
    "payer_id",
    "payer_rank",
    "payer_claim_control_number",
    "claim_status",
    "remit_date",
    "posted_date",
    "code",
    "modifiers",
    "submitted_code",
    "units",
    "charge",
    "paid",
    "allowed",
    "patient_responsibility",
    "trace_number",
    "source_file",
    "source_line",
];

/// Columns of `adjustments`, in order. `remit_row` is the index (from 0) of the remittance row.
pub const ADJUSTMENTS: &[&str] = &["remit_row", "group_code", "carc", "rarc", "amount", "quantity"];

/// Columns of `claim_volumes`, in order. `period` is a month (`2023-04`) or a year (`2023`).
pub const CLAIM_VOLUMES: &[&str] =
    &["period", "payer_id", "state", "locality", "pos", "code", "modifiers", "units", "charge", "allowed", "paid"];
