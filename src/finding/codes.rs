//! Every kind of finding: its code, how much it matters, and what to do about it.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Severity;

/// Declares the finding codes in one table, so that code, severity and remedy cannot drift apart.
macro_rules! finding_codes {
    ($($name:ident $code:literal $severity:ident $meaning:literal $help:literal)*) => {
        /// A kind of finding. The kebab-case code is stable: people filter by it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingCode {
            $(#[doc = $meaning] $name,)*
        }

        impl FindingCode {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The kebab-case code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// How much it matters.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }

            /// What to do about it.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $(Self::$name => $help,)* }
            }
        }
    };
}

finding_codes! {
    // Reading files.
    UnopenedFile "unopened-file" Error "The file cannot be opened." "check the path and the permissions"
    FilePassedOver "file-passed-over" Note "A file of a folder is nothing known and was passed over." "nothing, if it is no claims or remittance file; name it by itself to see why"
    EmptyFile "empty-file" Error "The file holds no rows." "export it again, or leave it out"
    BinaryFile "binary-file" Error "The file is not text and not Parquet." "export it as CSV or Parquet; a spreadsheet must be saved as CSV first"
    TruncatedFile "truncated-file" Error "The file breaks off before its end." "get the file again; the rows up to the break were read, its last line was not"
    NoHeader "no-header" Error "No row of the file looks like a header." "give the file a header row, or map its columns in allowable.toml"
    PreambleSkipped "preamble-skipped" Note "Lines above the header were skipped." "nothing, if these lines are only a title"
    EncodingGuessed "encoding-guessed" Note "The file is not UTF-8; its encoding was recognised or guessed." "nothing, if names and signs read well; otherwise export as UTF-8"
    UnmappedColumn "unmapped-column" Note "A column is not used." "map it in allowable.toml if it carries something the report needs"
    AmbiguousColumn "ambiguous-column" Error "Two columns claim the same field." "say in allowable.toml which one to use"
    MissingColumn "missing-column" Error "A field the report needs has no column." "add the column, or map an existing one in allowable.toml"
    PatientColumnDropped "patient-column-dropped" Note "A column with patient data was dropped at read." "nothing; it is never needed here"
    RowTooShort "row-too-short" Error "A row has fewer cells than the header." "look for a line break inside a cell, or a cut-off file"
    RowTooLong "row-too-long" Error "A row has more cells than the header." "look for an unquoted separator inside a cell"
    BadRow "bad-row" Error "A row could not be read." "look for an unclosed quote"
    BadDate "bad-date" Error "A date could not be read." "write dates as 2024-03-09 or 03/09/2024"
    AmbiguousDate "ambiguous-date" Warning "Dates of this column could be month-first or day-first." "they were read month-first; write dates as 2024-03-09 to be sure"
    DayFirstDates "day-first-dates" Note "Dates of this column are day-first: some can be read no other way." "nothing, if days stand before months; otherwise write dates as 2024-03-09"
    ImplausibleDate "implausible-date" Error "A date lies far outside the years of service." "check the year"
    BadMoney "bad-money" Error "An amount could not be read." "write amounts as 1234.50; the row was quarantined, not read as 0"
    BadCode "bad-code" Error "A procedure code could not be read." "write codes as 96372, with modifiers in their own column"
    BadModifier "bad-modifier" Error "A modifier could not be read." "write modifiers as two characters, such as 25"
    BadPos "bad-pos" Error "A place of service could not be read." "write it as two digits, such as 11"
    BadUnits "bad-units" Error "Units could not be read." "write units as a number with at most three decimals"
    BadNdc "bad-ndc" Warning "The quantity of a drug, or its unit, could not be read." "write the NDC quantity as a number and its unit as F2, GR, ME, ML or UN; units against the NDC are not checked on these lines"
    BadNumber "bad-number" Error "A line or row number could not be read." "write whole numbers, such as 1"
    BadPlace "bad-place" Warning "A state, ZIP code or locality could not be read." "write states as OH, ZIP codes as 43215, localities as 15202-00"
    BadAdjustment "bad-adjustment" Error "An adjustment group or reason could not be read." "write them as CO and 45, or CO-45"
    MissingValue "missing-value" Error "A row lacks a value that every line needs." "complete the row"
    BlankUnits "blank-units" Warning "Units are blank; 1 was taken." "fill in the units"
    NonPositiveUnits "non-positive-units" Error "Units are zero or negative." "correct the units; a reversal belongs on the remittance, not on the billed line"
    NegatedColumn "negated-column" Warning "All amounts of a column are negative; its sign was turned." "nothing, if the program that exported it writes payments as negative amounts"
    NegativeCharge "negative-charge" Error "A charge is negative." "a reversal belongs on the remittance, not on the billed line"
    ScientificNumber "scientific-number" Error "A number was mangled by a spreadsheet into scientific notation." "format the column as text before exporting"
    TotalRow "total-row" Note "A row of totals was left out." "nothing; totals are not lines"
    ControlTotalDiffers "control-total-differs" Warning "The file's own total differs from the sum of its rows." "find the missing or doubled rows before trusting the report"
    RepeatedClaimTotal "repeated-claim-total" Warning "The same charge stands on every line of many claims: it looks like a claim total." "export line charges; claim totals on each line count the money several times"
    DuplicateRow "duplicate-row" Error "A row repeats an earlier one in every field; it was left out." "remove the repeat, or give each service its own line number"
    DuplicateLine "duplicate-line" Error "Two rows carry the same claim and line with different content; one was kept." "give each line of a claim its own number"
    DuplicateFile "duplicate-file" Error "The same file was given twice; it was read once." "give each file once"
    UnitChargeColumn "unit-charge-column" Warning "The charge column is per unit; it was multiplied by the units." "nothing, if that is what the column holds"
    // The form of X12 files. Lines of an X12 file are its segments, counted from 1.
    MissingHeader "missing-header" Warning "An envelope header of the X12 file is missing or damaged; what follows was read." "ask the sender for whole files, from ISA to IEA"
    MissingTrailer "missing-trailer" Warning "An envelope trailer of the X12 file is missing: the end may be missing, too." "get the file again; compare its totals with the payment"
    CountDiffers "count-differs" Warning "A trailer of the X12 file counts more or fewer parts than were read." "get the file again; segments may be missing or doubled"
    ControlNumberDiffers "control-number-differs" Warning "A trailer of the X12 file does not belong to its header." "get the file again; parts of several files may be mixed"
    BrokenSegment "broken-segment" Error "A segment of the X12 file breaks off." "get the file again; everything before it was read"
    NoiseSkipped "noise-skipped" Note "Bytes around the X12 interchange were skipped." "nothing, if they are a mail's text or padding"
    SetNotRead "set-not-read" Note "The X12 file holds a set that is no 835 and no professional 837." "nothing; acknowledgements and status answers carry no payments"
    PaymentDoesNotBalance "payment-does-not-balance" Warning "The claims of a remittance less its provider adjustments are not its payment." "ask the payer; a claim or a provider adjustment is missing"
    ClaimDoesNotBalance "claim-does-not-balance" Warning "The charge of a claim less its adjustments is not what was paid." "ask the payer for the complete remittance; some adjustments are missing"
    PartOfACent "part-of-a-cent" Warning "An amount has parts of a cent; it was rounded half away from zero." "nothing; sums of the file are exact"
    DuplicatePayment "duplicate-payment" Warning "The same remittance (payer, trace number, amount, day and content) was given before; it was read once." "give each remittance once"
    // Joining the inputs.
    UnknownPayer "unknown-payer" Warning "A payer of the file is not a payer of the project." "add it, or an alias, to allowable.toml"
    RemitWithoutLine "remit-without-line" Warning "A remittance names a claim line that was not billed in these files." "add the missing claims; the remittance is reported apart"
    PayerByKind "payer-by-kind" Warning "A payer of an X12 file was recognised only by the claim filing code: the project has one payer of that kind." "add its name or number to the payer's aliases in allowable.toml"
    ClaimSentAgain "claim-sent-again" Note "A claim was sent more than once: again, corrected, to a further payer, or to take it back." "nothing; each service is counted once, by its last submission to the first payer"
    ClaimNumberReused "claim-number-reused" Warning "One claim number stands on claims of different days." "nothing, if it is the patient's account number; the date was added to tell the claims apart"
    AnswerSplit "answer-split" Warning "A payer answered several lines at once; the answer was split over them by charge." "the sums are exact, their split over the lines is not; ask the payer for service lines"
    ClaimLevelAdjustment "claim-level-adjustment" Note "A payer adjusted a claim as a whole; the adjustment was spread over its lines by what they were paid." "the sums are exact, their split over the lines is not"
    PracticePlaceUsed "practice-place-used" Note "Lines tell no place of service; the practice's own (practice_place) was taken." "nothing, if the practice serves in one place"
    RemitBeforeService "remit-before-service" Warning "A remittance is dated before its service." "check the dates of service"
    ChargeMismatch "charge-mismatch" Warning "The payer repeats another charge than was billed." "check that claim and line numbers match between the files"
    DoesNotBalance "does-not-balance" Warning "Charge less adjustments is not what was paid." "ask for the complete remittance; some adjustments are missing"
    AllowedMismatch "allowed-mismatch" Note "The file's allowed amount is not paid + patient share + sequestration." "the sum was used, not the column"
    DatelessAnswer "dateless-answer" Warning "A payment has no remittance date; the date of service was used." "export the remittance date, so that days to pay can be told"
    // Looking ahead.
    LoneDate "lone-date" Warning "A few rows lie more than 60 days beyond all others; the forecast is made as of the last day of the others." "check the year; when the day is right, name the day of the forecast with --as-of"
    AnswersStopEarly "answers-stop-early" Warning "The last answers are posted more than 60 days before the last services." "add the remittances of the months after it; until then later services are forecast as open"
    ServicesMissing "services-missing" Warning "Months between others have no services at all; they are taken as missing, not as zero." "add the claims of these months; until then they stand in no fit, and their cash is not known"
    PayerMissing "payer-missing" Warning "A payer with 30 lines a month or more has no services in months between others; they count as none." "add the claims of these months; if there were none, nothing"
    PayerUnanswered "payer-unanswered" Warning "A payer has old claims and not one answer while others answer; its cash is taken as not known." "add the remittances of the payer; if it really never answered, ask it for the status of its claims"
    // The state of earlier work.
    WorkStateBad "work-state-bad" Error "A row of the worklist's state file could not be read; it stays in the file and is not used." "correct the cell"
    WorkStateTwice "work-state-twice" Warning "A row of the worklist's state file is repeated by a later one, which holds." "remove one of the rows"
    WorkStateUnknown "work-state-unknown" Warning "The worklist's state file names a claim line that is not in these files." "give the files of the claim, too, or leave the row; it stays in the file"
    WorkStateDiffers "work-state-differs" Warning "The worklist's state file says otherwise than the remittances." "post the missing remittance, or correct the row"
    // Reference data.
    ScheduleOverlap "schedule-overlap" Warning "Two rows of a schedule claim the same days." "end the earlier row the day before the later begins; the later was used"
    ScheduleGap "schedule-gap" Warning "A schedule has days without a rate between two rows." "add the missing row; lines of these days are unknown"
    ScheduleRowBad "schedule-row-bad" Error "A row of a schedule could not be read." "correct the row; lines that need it are unknown"
    ZeroRate "zero-rate" Warning "A schedule sets a rate of zero." "nothing, if the payer pays nothing; if it means that no amount is set, leave the cell empty"
    DuplicateRate "duplicate-rate" Error "A schedule lists the same key and days twice with different rates." "remove one of the rows; the later row was used"
    BadRule "bad-rule" Error "A row of a table of rules could not be read." "correct the row: the columns are told in datasets/payability/README.md; the rule was left out"
    // Importing public releases and payer files.
    ImportNotRecognised "import-not-recognised" Error "The file holds no table of a release that is known." "give the files as they were downloaded: PPRRVU and GPCI, ZIP5, ASP, practitioner PTP and MUE, as CSV, XLSX or the archive"
    ImportColumnMissing "import-column-missing" Error "A column that the table needs has no known header; nothing was imported from the table." "compare the header with the release notes; CMS may have renamed or moved the column"
    ImportColumnUnknown "import-column-unknown" Warning "A column of the release is not known; it was not used." "nothing, if it carries nothing a price depends on"
    ImportShifted "import-shifted" Error "The figures do not fit their headers; nothing was imported from the table." "get the file again; a header or a column was moved"
    ImportRowBad "import-row-bad" Error "A row of a release could not be read." "correct the row; or import with --partial, which leaves it out and keeps its earlier figures"
    ImportDuplicate "import-duplicate" Error "A release lists the same thing twice with different figures; neither was taken." "remove the wrong row; or import with --partial, which leaves both out and keeps the earlier figures"
    ImportShrinks "import-shrinks" Error "A table would lose more than a tenth of its rows; nothing was imported from the file." "give the whole release, all its parts together; if it is whole, --replace takes it as it is"
    ImportPartsMissing "import-parts-missing" Warning "An edition of pairs is not there in all its parts." "import the other parts, too; pairs that stand in them are not known"
    ImportDisagrees "import-disagrees" Error "Most figures of a column are not those that are known of these days; nothing was imported from the table." "compare the headers with the figures below them: columns were moved or swapped"
    ImportWrongYear "import-wrong-year" Error "The years or quarters of a release contradict each other; nothing was imported from the table." "give the files of one year, and the year they are for"
    ImportUndated "import-undated" Error "A release does not tell from when it holds; nothing was imported from the table." "keep the file's own name and title, or say --from DAY"
    ImportFactors "import-factors" Error "A release has several conversion factors, or none; nothing was imported from the table." "get the file again; each PPRRVU file has one factor"
    ImportFactorDiffers "import-factor-differs" Warning "The conversion factor of a release is not the shipped one; the imported one is used." "compare it with the final rule"
    ImportOverlap "import-overlap" Error "Two files give different figures for the same days; neither was imported." "give one of them"
    ImportReplaces "import-replaces" Note "Imported figures are used in place of shipped ones." "nothing; the manifest of the imports tells their source"
    ImportStretched "import-stretched" Warning "The first release imported for a year begins within it; it stands for the earlier days, too." "import the earlier releases of the year"
    ImportEdited "import-edited" Warning "An imported table is not as it was written: its hash differs from the manifest." "import the release again, or leave it so if the change is yours"
    // Pricing fallbacks.
    RulesNotAsked "rules-not-asked" Note "Rules that look at what the file does not tell were not asked of its lines." "export modifiers, NDCs and diagnoses with the claim lines, or give the 837"
    ZipNeedsPlus4 "zip-needs-plus4" Warning "The ZIP code lies in several localities; without the four more digits the carrier's main one was taken." "export ZIP+4 for these lines"
    ZipUnknown "zip-unknown" Warning "The ZIP code is in no Medicare locality file." "check the ZIP code of the place of service"
    StateMean "state-mean" Warning "The locality is not known; the mean over the state's localities was used and is an estimate." "export the ZIP code or locality of the place of service"
    ContractUnlisted "contract-unlisted" Warning "No term of the contract lists the code; its rule for unlisted codes was taken." "add a term for the code to the contract, or see that the contract really says so"
    PosMissing "pos-missing" Warning "The place of service is missing; the office was assumed." "export the place of service"
    NotFirm "not-firm" Note "Lines were priced by an observed or estimated Medicaid rate; their variance is shown as a band, never as leakage." "load the state's fee schedule to get exact amounts"
    // Judging the answers.
    UnknownCarc "unknown-carc" Warning "An adjustment reason is not in the denial map; it went to 'other'." "check the code; new reasons are added to datasets/denials"
    OutOfScopeCode "out-of-scope-code" Note "Lines carry codes outside the 96372 family; they are counted, not priced." "nothing, or add the codes to the scope in allowable.toml"
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for FindingCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_kebab_case_and_every_one_says_what_to_do() {
        let mut seen = std::collections::BTreeSet::new();
        for code in FindingCode::ALL {
            let text = code.as_str();
            assert!(seen.insert(text), "{text} twice");
            assert!(text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{text}");
            assert!(code.meaning().ends_with('.') && !code.help().is_empty(), "{text}");
        }
    }
}
