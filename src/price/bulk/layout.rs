//! Which column of a file is which field of the canonical layout. Headers are exact names, in any order.

use crate::finding::{Error, ErrorKind, Place, Result};

use super::Dimension;
use super::rates::RateBook;

/// A field of a claim line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Field {
    ClaimId,
    LineNumber,
    ServiceDate,
    PayerId,
    State,
    Locality,
    Pos,
    Code,
    Modifiers,
    Units,
    Billed,
    Allowed,
    Paid,
    Patient,
    GroupCode,
    Carc,
}

impl Field {
    pub(super) const ALL: [Self; 16] = [
        Self::ClaimId,
        Self::LineNumber,
        Self::ServiceDate,
        Self::PayerId,
        Self::State,
        Self::Locality,
        Self::Pos,
        Self::Code,
        Self::Modifiers,
        Self::Units,
        Self::Billed,
        Self::Allowed,
        Self::Paid,
        Self::Patient,
        Self::GroupCode,
        Self::Carc,
    ];

    /// The header, as written and as read.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ClaimId => "claim_id",
            Self::LineNumber => "line_number",
            Self::ServiceDate => "service_date",
            Self::PayerId => "payer_id",
            Self::State => "state",
            Self::Locality => "locality",
            Self::Pos => "pos",
            Self::Code => "code",
            Self::Modifiers => "modifiers",
            Self::Units => "units",
            Self::Billed => "billed_amount",
            Self::Allowed => "allowed_amount",
            Self::Paid => "paid_amount",
            Self::Patient => "patient_amount",
            Self::GroupCode => "group_code",
            Self::Carc => "carc",
        }
    }

    /// The one other header that is read as this field.
    const fn synonym(self) -> Option<&'static str> {
        match self {
            Self::Billed => Some("charge"),
            Self::Allowed => Some("allowed"),
            Self::Paid => Some("paid"),
            _ => None,
        }
    }

    /// Fields that decide nothing and are only carried from input to output.
    pub(super) const fn is_carried(self) -> bool {
        matches!(self, Self::ClaimId | Self::LineNumber | Self::Patient | Self::GroupCode)
    }
}

/// The columns of one file.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Column of each field, in the order of [`Field::ALL`].
    columns: [Option<usize>; 16],
    /// How many columns the header has.
    pub(super) width: usize,
}

impl Layout {
    /// Finds the fields among the headers.
    ///
    /// # Errors
    /// When two columns claim one field, or a field that pricing, grouping or (`by_claim`) judging needs has none.
    pub(super) fn new<'h>(
        headers: impl IntoIterator<Item = &'h str>,
        file: &str,
        book: &RateBook,
        by: &[Dimension],
        by_claim: bool,
    ) -> Result<Self> {
        let headers: Vec<String> = headers.into_iter().map(|h| h.trim().to_ascii_lowercase()).collect();
        let mut columns = [None; 16];
        for (column, field) in columns.iter_mut().zip(Field::ALL) {
            let matches = |h: &&String| h.as_str() == field.name() || Some(h.as_str()) == field.synonym();
            let mut found = headers.iter().enumerate().filter(|(_, h)| matches(h));
            *column = found.next().map(|(i, _)| i);
            if let (Some(first), Some((_, second))) = (*column, found.next()) {
                let message = format!("columns \"{}\" and \"{second}\" are both {}", headers[first], field.name());
                return Err(Error::input(message).at(Place::file(file)).help("remove or rename one of them"));
            }
        }
        let layout = Self { columns, width: headers.len() };
        let (localities, states) = book.areas_used();
        let needs = |field: Field| match field {
            Field::Locality => localities || by.contains(&Dimension::Locality),
            Field::State => states || by.contains(&Dimension::State),
            Field::Modifiers => false,
            Field::ClaimId => by_claim,
            other => !other.is_carried(),
        };
        let missing: Vec<&str> =
            Field::ALL.into_iter().filter(|f| needs(*f) && layout.column(*f).is_none()).map(Field::name).collect();
        if missing.is_empty() {
            return Ok(layout);
        }
        Err(Error::new(ErrorKind::Input, format!("no column {}", missing.join(", ")))
            .at(Place::file(file))
            .help(format!("this command reads the columns {}", Field::ALL.map(Field::name).join(","))))
    }

    /// The column of a field, from 0.
    pub(super) fn column(&self, field: Field) -> Option<usize> {
        self.columns[field as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_any_order_and_clashes_are_named() {
        let book = RateBook::default();
        let header = "carc,paid,allowed,charge,units,code,pos,payer_id, Service_Date ";
        let layout = Layout::new(header.split(','), "x.csv", &book, &[], false).unwrap();
        assert_eq!(layout.column(Field::Billed), Some(3));
        assert_eq!((layout.column(Field::ServiceDate), layout.column(Field::State)), (Some(8), None));
        let error = Layout::new(header.split(','), "x.csv", &book, &[Dimension::State], true).unwrap_err();
        assert_eq!(error.to_string(), "x.csv: no column claim_id, state");
        let error =
            Layout::new([header, "billed_amount"].join(",").split(','), "x.csv", &book, &[], false).unwrap_err();
        assert_eq!(error.to_string(), "x.csv: columns \"charge\" and \"billed_amount\" are both billed_amount");
    }
}
