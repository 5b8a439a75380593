//! The fields that files may carry, and the many headers under which they are known.
//!
//! The headers come from `datasets/ingest/column_synonyms.csv` and from our own tables. A header is compared after dropping
//! case, spaces and punctuation: `Claim #`, `claim_no` and `CLAIM-NO` are looked up as letters and digits only.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

/// Declares the fields in one table: variant, our name, name in the list of synonyms (empty: only ours), further headers.
macro_rules! fields {
    ($($variant:ident $name:literal $logical:literal [$($more:literal),*])*) => {
        /// A field of an input file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Field {
            /// All fields.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Our own name of the field, as the project file spells it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            const fn logical(self) -> &'static str {
                match self { $(Self::$variant => $logical,)* }
            }

            const fn more(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($more),*],)* }
            }
        }
    };
}

fields! {
    ClaimId "claim_id" "claim_id" []
    LineNumber "line_number" "line_no" []
    AccountId "account_id" "account_id" []
    PatientId "patient_id" "patient_id" []
    PatientName "patient_name" "patient_name" ["patient first name", "member name"]
    Dob "dob" "dob" ["birthdate", "patient date of birth"]
    ServiceDate "service_date" "service_date" []
    ServiceToDate "service_to_date" "service_to_date" []
    BillDate "bill_date" "bill_date" []
    RemitDate "remit_date" "remit_date" []
    PostedDate "posted_date" "post_date" []
    DeniedDate "denied_date" "denied_date" []
    Payer "payer" "payer" []
    PayerId "payer_id" "payer_id" []
    Plan "plan" "plan" []
    FinancialClass "financial_class" "financial_class" []
    PayerRank "payer_rank" "payer_sequence" ["payer rank"]
    Code "code" "cpt" []
    Modifier1 "modifiers" "" ["mod", "mods", "modifier", "modifier 1", "mod 1", "m1", "mod a"]
    Modifier2 "modifier_2" "" ["mod 2", "m2", "mod b"]
    Modifier3 "modifier_3" "" ["mod 3", "m3", "mod c"]
    Modifier4 "modifier_4" "" ["mod 4", "m4", "mod d"]
    Units "units" "units" []
    Pos "pos" "pos" []
    Ndc "ndc" "ndc" []
    NdcQuantity "ndc_quantity" "ndc_qty" []
    NdcUnit "ndc_unit" "ndc_uom" []
    Diagnosis "diagnosis" "" ["dx", "diag", "diag 1", "icd", "icd10", "primary diagnosis", "dx1", "dx_1", "principal dx"]
    Charge "charge" "charge" []
    UnitCharge "unit_charge" "" ["charge per unit", "unit price"]
    Allowed "allowed" "allowed" []
    ExpectedByOthers "expected_pm" "expected_pm" []
    Paid "paid" "paid_insurance" []
    PaidPatient "paid_patient" "paid_patient" []
    AdjContractual "adj_contractual" "adj_contractual" []
    AdjOther "adj_other" "adj_other" []
    PatientResponsibility "patient_responsibility" "patient_resp" ["patient amount", "pat resp", "pt responsibility", "patient resp amount"]
    Deductible "deductible" "deductible" []
    Coinsurance "coinsurance" "coinsurance" []
    Copay "copay" "copay" []
    CobPaid "cob_paid" "cob_paid" []
    Balance "balance" "balance" []
    Group "group_code" "carc_group" []
    Carc "carc" "carc" []
    Rarc "rarc" "rarc" []
    ClaimStatus "claim_status" "claim_status" []
    RenderingNpi "rendering_npi" "rendering_npi" []
    BillingNpi "billing_npi" "billing_npi" []
    Provider "provider" "provider" []
    Tin "tin" "tin" []
    Facility "facility" "facility" []
    State "state" "state" []
    Zip "zip" "zip" []
    Locality "locality" "locality" []
    AppealStatus "appeal_status" "appeal_status" []
    AppealDate "appeal_date" "appeal_date" []
    Owner "owner" "owner" []
    PatientKey "patient_key" "" []
    PayerClaimControlNumber "payer_claim_control_number" "" ["icn", "dcn", "tcn", "payer icn"]
    SubmittedCode "submitted_code" "" []
    TraceNumber "trace_number" "" ["check number", "check no", "eft number", "check eft number", "trn"]
    LineControlNumber "line_control_number" "" ["line item control number"]
    Adjustments "adjustments" "" []
    SourceFile "source_file" "" []
    SourceLine "source_line" "" []
    Period "period" "" ["month", "year", "service month", "service year"]
    RemitRow "remit_row" "" []
    Amount "amount" "" ["adjustment amount"]
}

/// How many fields there are.
pub(super) const FIELDS: usize = Field::ALL.len();

/// The list of headers, one row per field.
const SYNONYMS: &str = include_str!("../../datasets/ingest/column_synonyms.csv");

impl Field {
    /// The field of this name, ours or the one of the list of synonyms.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let wanted = normalised(name);
        let is = |own: &str| !own.is_empty() && normalised(own) == wanted;
        Self::ALL.iter().copied().find(|f| is(f.name())).or_else(|| Self::ALL.iter().copied().find(|f| is(f.logical())))
    }

    /// The field that a header is known to hold; `ndc_cents` forms are looked up without their unit.
    pub(super) fn of_header(header: &str) -> Option<Self> {
        let header = normalised(header);
        known().get(&header).copied()
    }

    /// Known headers of this field, normalised, for "did you mean".
    pub(super) fn headers(self) -> impl Iterator<Item = &'static str> {
        known().iter().filter(move |(_, f)| **f == self).map(|(header, _)| header.as_str())
    }

    /// Whether the field names a patient or tells the day of birth: dropped at read, always.
    pub(super) const fn is_dropped(self) -> bool {
        matches!(self, Self::PatientName | Self::Dob)
    }

    /// Whether a cell of the field may be shown in a finding.
    pub(super) const fn may_be_shown(self) -> bool {
        !matches!(
            self,
            Self::PatientName | Self::Dob | Self::PatientId | Self::AccountId | Self::PatientKey | Self::ClaimId
        )
    }

    /// Whether the field holds money.
    pub(super) const fn is_money(self) -> bool {
        matches!(
            self,
            Self::Charge
                | Self::UnitCharge
                | Self::Allowed
                | Self::Paid
                | Self::PatientResponsibility
                | Self::Deductible
                | Self::Coinsurance
                | Self::Copay
                | Self::CobPaid
                | Self::AdjContractual
                | Self::AdjOther
                | Self::Amount
        )
    }

    /// The place of the field in tables by field.
    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

/// Letters and digits, lower case.
pub(super) fn normalised(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Normalised header → field.
fn known() -> &'static FxHashMap<String, Field> {
    static KNOWN: OnceLock<FxHashMap<String, Field>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut known = FxHashMap::default();
        // Our own names first: they win over a synonym of another field.
        for field in Field::ALL {
            for header in std::iter::once(&field.name()).chain(field.more()) {
                known.entry(normalised(header)).or_insert(*field);
            }
        }
        for row in csv::Reader::from_reader(SYNONYMS.as_bytes()).records().flatten() {
            let logical = row.get(0).unwrap_or_default();
            let field = Field::ALL.iter().find(|f| !f.logical().is_empty() && f.logical() == logical);
            let Some(field) = field else { continue };
            for header in row.get(3).unwrap_or_default().split('|').chain([logical]) {
                known.entry(normalised(header)).or_insert(*field);
            }
        }
        // "adjustments" is a column of amounts in practice exports; the mapping looks at its cells to tell.
        known.insert("adjustments".to_owned(), Field::AdjOther);
        known
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_whatever_their_punctuation() {
        for (header, field) in [
            ("DOS", Field::ServiceDate),
            ("Claim #", Field::ClaimId),
            ("CPT/HCPCS", Field::Code),
            ("Place of Service", Field::Pos),
            ("billed_amount", Field::Charge),
            ("Unit Charge", Field::UnitCharge),
            ("Payer ID", Field::PayerId),
            ("Payer Type", Field::FinancialClass),
            ("Expected Amount", Field::ExpectedByOthers),
            ("ICN", Field::PayerClaimControlNumber),
            ("patient_amount", Field::PatientResponsibility),
            ("Date of\nService", Field::ServiceDate),
        ] {
            assert_eq!(Field::of_header(header), Some(field), "{header}");
        }
        assert_eq!(Field::of_header("colour"), None);
    }

    #[test]
    fn every_field_of_the_list_is_one_of_ours_and_no_header_names_two() {
        let mut seen: FxHashMap<String, String> = FxHashMap::default();
        for row in csv::Reader::from_reader(SYNONYMS.as_bytes()).records() {
            let row = row.unwrap();
            let logical = &row[0];
            let ours = ["modifier_1..4", "dx_1..12"].contains(&logical) || Field::named(logical).is_some();
            assert!(ours, "{logical}");
            for header in row[3].split('|') {
                if let Some(other) = seen.insert(normalised(header), logical.to_owned()) {
                    // "COB" is a payer's rank or an amount; the mapping looks at its cells.
                    assert!(other == logical || header == "cob", "{header}");
                }
                assert!(Field::of_header(header).is_some(), "{header}");
            }
        }
    }

    #[test]
    fn the_columns_of_our_own_tables_are_known() {
        use crate::table::schema;
        for name in [
            schema::CLAIM_LINES,
            schema::CLAIM_LINES_DRUG,
            schema::REMIT_LINES,
            schema::ADJUSTMENTS,
            schema::CLAIM_VOLUMES,
        ]
        .concat()
        {
            assert!(Field::of_header(name).is_some(), "{name}");
        }
    }
}
