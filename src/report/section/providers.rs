//! Denials by provider, those with few lines together: whom to help, not whom to blame.

use crate::finding::Result;
use crate::leakage::{DenialFilter, DenialRates, DenialsBy, SMALL_PROVIDER};
use crate::report::denial_table::denial_row_name;
use crate::report::model::Section;
use crate::report::words::{count, rate};

use super::Context;
use super::denial_rates::{pooling_note, table};

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let mut rates = DenialRates::of(context.ledger, DenialsBy::Provider, &DenialFilter::default())?;
    rates.rows.retain(|row| row.answered > 0);
    if rates.rows.len() < 2 {
        return Ok(None);
    }
    let whole = rate(rates.total.group.initially_denied, rates.total.answered);
    let named = || rates.rows.iter().filter(|row| row.pooled == 0 && !row.key.is_empty());
    let above = named().filter(|row| whole.is_some_and(|whole| row.initial.percents()[1] > whole)).count();
    let title = match i64::try_from(above).unwrap_or(i64::MAX) {
        0 => "No provider is denied more than the practice as a whole, beyond chance".to_owned(),
        n => format!(
            "{} denied more than the practice as a whole, beyond chance",
            count(n, "provider is", "providers are")
        ),
    };
    let mut notes = vec![
        format!(
            "Providers with fewer than {SMALL_PROVIDER} lines are put together. Names are NPIs as billed: the rendering provider's, else the practice's."
        ),
        pooling_note(),
    ];
    if rates.left_out > 0 {
        let few = count(i64::try_from(rates.left_out).unwrap_or(i64::MAX), "provider", "providers");
        notes.push(format!("{few} with fewer than {SMALL_PROVIDER} lines even together stand in the total only."));
    }
    Ok(Some(Section {
        id: "providers".to_owned(),
        title,
        lead: "Initial and final denials by provider. A provider whose interval lies above the practice's rate may need a template or a second look before claims go out."
            .to_owned(),
        kind: context.kind,
        chart: None,
        table: table("provider", "Provider (NPI)", &rates, |row| {
            denial_row_name(DenialsBy::Provider, row, context.reference)
        }),
        notes,
    }))
}
