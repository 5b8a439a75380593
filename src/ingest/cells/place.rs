//! Places of service, states, payer ranks and claim statuses.

use super::Bad;
use crate::domain::{ClaimStatus, Pos, State};
use crate::finding::FindingCode;

/// Words for places of service, letters only, in our own spelling of the usual names.
const PLACES: &[(&str, u8)] = &[
    ("ambulatorysurgerycenter", 24),
    ("ambulatorysurgicalcenter", 24),
    ("asc", 24),
    ("assistedliving", 13),
    ("assistedlivingfacility", 13),
    ("clinic", 11),
    ("ed", 23),
    ("emergencydepartment", 23),
    ("emergencyroom", 23),
    ("er", 23),
    ("federallyqualifiedhealthcenter", 50),
    ("fqhc", 50),
    ("home", 12),
    ("inpatient", 21),
    ("inpatienthospital", 21),
    ("nursingfacility", 32),
    ("offcampusoutpatienthospital", 19),
    ("office", 11),
    ("officevisit", 11),
    ("oncampusoutpatienthospital", 22),
    ("outpatient", 22),
    ("outpatienthospital", 22),
    ("patienthome", 12),
    ("pharmacy", 1),
    ("physicianoffice", 11),
    ("rhc", 72),
    ("ruralhealthclinic", 72),
    ("skillednursingfacility", 31),
    ("snf", 31),
    ("telehealth", 2),
    ("telehealthhome", 10),
    ("urgentcare", 20),
    ("urgentcarefacility", 20),
    ("walkinclinic", 17),
];

/// Reads `11`, `11.0`, `2`, `Office`, `11 - Office`.
pub(crate) fn pos_cell(cell: &str) -> Result<Pos, Bad> {
    let bad =
        Bad::new(FindingCode::BadPos, "a place of service of two digits, such as 11, or its name, such as Office");
    let text = cell.trim();
    let digits: &str = &text[..text.bytes().take_while(u8::is_ascii_digit).count()];
    if !digits.is_empty() {
        let rest = text[digits.len()..].trim();
        let rest = rest.strip_prefix(".0").unwrap_or(rest);
        // Behind the number only a name may stand.
        return if rest.bytes().any(|b| b.is_ascii_digit()) { Err(bad) } else { digits.parse().map_err(|_| bad) };
    }
    let word: String = text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let found = PLACES.iter().find(|(name, _)| *name == word);
    found.and_then(|(_, number)| Pos::new(*number)).ok_or(bad)
}

/// The states and territories for which there are localities, with their names as letters only.
const STATES: &[(&str, &str)] = &[
    ("AK", "alaska"),
    ("AL", "alabama"),
    ("AR", "arkansas"),
    ("AS", "americansamoa"),
    ("AZ", "arizona"),
    ("CA", "california"),
    ("CO", "colorado"),
    ("CT", "connecticut"),
    ("DC", "districtofcolumbia"),
    ("DE", "delaware"),
    ("FL", "florida"),
    ("GA", "georgia"),
    ("GU", "guam"),
    ("HI", "hawaii"),
    ("IA", "iowa"),
    ("ID", "idaho"),
    ("IL", "illinois"),
    ("IN", "indiana"),
    ("KS", "kansas"),
    ("KY", "kentucky"),
    ("LA", "louisiana"),
    ("MA", "massachusetts"),
    ("MD", "maryland"),
    ("ME", "maine"),
    ("MI", "michigan"),
    ("MN", "minnesota"),
    ("MO", "missouri"),
    ("MP", "northernmarianaislands"),
    ("MS", "mississippi"),
    ("MT", "montana"),
    ("NC", "northcarolina"),
    ("ND", "northdakota"),
    ("NE", "nebraska"),
    ("NH", "newhampshire"),
    ("NJ", "newjersey"),
    ("NM", "newmexico"),
    ("NV", "nevada"),
    ("NY", "newyork"),
    ("OH", "ohio"),
    ("OK", "oklahoma"),
    ("OR", "oregon"),
    ("PA", "pennsylvania"),
    ("PR", "puertorico"),
    ("RI", "rhodeisland"),
    ("SC", "southcarolina"),
    ("SD", "southdakota"),
    ("TN", "tennessee"),
    ("TX", "texas"),
    ("UT", "utah"),
    ("VA", "virginia"),
    ("VI", "virginislands"),
    ("VT", "vermont"),
    ("WA", "washington"),
    ("WI", "wisconsin"),
    ("WV", "westvirginia"),
    ("WY", "wyoming"),
];

/// Reads `OH`, `oh`, `Ohio`.
pub(crate) fn state_cell(cell: &str) -> Result<State, Bad> {
    let word: String = cell.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let found = STATES.iter().find(|(code, name)| code.eq_ignore_ascii_case(&word) || *name == word);
    found.and_then(|(code, _)| code.parse().ok()).ok_or(Bad::new(FindingCode::BadPlace, "a state, such as OH"))
}

/// Reads the rank of a payer: `1`, `P`, `primary`, `secondary`, `T`; nothing when it is something else.
pub(crate) fn rank_cell(cell: &str) -> Option<u8> {
    match cell.trim().to_ascii_lowercase().as_str() {
        "1" | "1.0" | "p" | "pri" | "primary" | "first" => Some(1),
        "2" | "2.0" | "s" | "sec" | "secondary" | "second" => Some(2),
        "3" | "3.0" | "t" | "ter" | "tertiary" | "third" => Some(3),
        _ => None,
    }
}

/// Reads a claim status: the number of an 835 (CLP02) or a plain word; nothing when it says neither.
pub(crate) fn status_cell(cell: &str) -> Option<ClaimStatus> {
    let text = cell.trim().to_ascii_lowercase();
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if let Ok(number) = text.parse::<u8>() {
        return (number > 0).then(|| ClaimStatus::from_number(number));
    }
    match text {
        "denied" | "denial" | "rejected" => Some(ClaimStatus::Denied),
        "reversal" | "reversed" | "reversal of previous payment" => Some(ClaimStatus::Reversal),
        "processed as primary" => Some(ClaimStatus::Primary),
        "processed as secondary" => Some(ClaimStatus::Secondary),
        "processed as tertiary" => Some(ClaimStatus::Tertiary),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbers_or_names() {
        for (cell, expected) in [
            ("11", "11"),
            ("11.0", "11"),
            ("2", "02"),
            ("Office", "11"),
            ("11 - Office", "11"),
            ("Urgent Care", "20"),
            ("02", "02"),
        ] {
            assert_eq!(pos_cell(cell).unwrap().to_string(), expected, "{cell}");
        }
        for cell in ["", "0", "100", "11 22", "11.5", "Moon", "é"] {
            assert!(pos_cell(cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn states_are_real_ones() {
        assert_eq!(state_cell("oh").unwrap().as_str(), "OH");
        assert_eq!(state_cell("New York").unwrap().as_str(), "NY");
        assert!(state_cell("XX").is_err() && state_cell("").is_err());
    }

    #[test]
    fn statuses_are_numbers_or_words() {
        assert_eq!(status_cell("22"), Some(ClaimStatus::Reversal));
        assert_eq!(status_cell("Denied"), Some(ClaimStatus::Denied));
        assert_eq!(status_cell("Paid"), None);
        assert_eq!(rank_cell("Secondary"), Some(2));
    }
}
