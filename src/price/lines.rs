//! Many lines at once: the distinct keys are priced in the exact kernel, once each.
//!
//! Keys are a few thousand where lines are millions, so the decimals are worked out once per key. Every line keeps the index
//! of its price, a packed key on which the frame of lines is later joined with the table of prices.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::domain::{Expected, ServiceLine, Terms, Unknown};
use crate::finding::{Error, Finding, FindingCode, Findings, Place, Result};

use crate::payability::Ruled;

use super::key::{Key, Pricer};
use super::unit_price::{Priced, UnitPrice, extend};

/// A distinct key with its price.
#[derive(Debug)]
pub struct PricedKey {
    /// The key.
    pub key: Key,
    /// Its price under the payer's terms.
    pub priced: Priced,
    /// What it would be paid if no rule of the claim day let it fall; `None` where none does.
    pub otherwise: Option<UnitPrice>,
    /// What Medicare would pay for one unit of it, when Medicare has a rate: the yardstick of every contract.
    pub medicare: Option<UnitPrice>,
}

/// Lines with their prices.
#[derive(Debug)]
pub struct PricedLines {
    /// The distinct keys and their prices, in the order in which they first occur.
    pub prices: Vec<PricedKey>,
    /// For each line the index of its price.
    pub price_of: Vec<u32>,
    /// For each line what should have been allowed.
    pub expected: Vec<Expected>,
}

impl PricedLines {
    /// The price of a line.
    #[must_use]
    pub fn of(&self, line: usize) -> &PricedKey {
        &self.prices[self.price_of[line] as usize]
    }
}

/// Prices all lines; `falls` has for each line the rule that lets it fall. Fallbacks become findings, counted and placed at the first line that needed them.
///
/// # Errors
/// When there are more distinct keys than fit in 32 bits.
pub fn price_lines(
    pricer: &Pricer<'_>,
    lines: &[ServiceLine],
    falls: &[Option<Ruled>],
    file_name: impl Fn(u16) -> String,
    findings: &mut Findings,
) -> Result<PricedLines> {
    let mut index: FxHashMap<Key, u32> = FxHashMap::default();
    let mut prices: Vec<PricedKey> = Vec::new();
    let mut key_of = Vec::with_capacity(lines.len());
    let mut fallbacks: Vec<(FindingCode, usize, u64)> = Vec::new();
    let mut fall_back = |code: FindingCode, line: usize| match fallbacks.iter_mut().find(|f| f.0 == code) {
        Some(found) => found.2 += 1,
        None => fallbacks.push((code, line, 1)),
    };
    let further = further_lines(pricer, lines, falls);
    for (i, line) in lines.iter().enumerate() {
        let (mut key, area_fallback) = pricer.key(line, falls[i]);
        key.further = further.get(i).copied().unwrap_or(false);
        let next = u32::try_from(prices.len()).map_err(|_| Error::input("more than four billion distinct prices"))?;
        let ix = *index.entry(key).or_insert_with_key(|key| {
            prices.push(PricedKey {
                key: key.clone(),
                priced: pricer.price(key),
                otherwise: pricer.otherwise(key).map(|priced| priced.unit),
                medicare: pricer.medicare(key),
            });
            next
        });
        key_of.push(ix);
        let priced = &prices[ix as usize].priced;
        // A fallback for the area matters only where the price depends on the area, or for want of it there is none.
        let by_area = priced.unit.depends_on_locality() || priced.unit == UnitPrice::Unknown(Unknown::NoArea);
        for code in area_fallback.into_iter().filter(|_| by_area).chain(priced.fallbacks.iter().copied()) {
            fall_back(code, i);
        }
    }
    for (code, first, count) in fallbacks {
        let source = lines[first].source;
        let place = Place::line(file_name(source.file), source.line);
        findings.push(Finding::new(code, place, code.meaning().trim_end_matches('.')).times(count));
    }
    let expected =
        lines.iter().zip(&key_of).map(|(line, ix)| extend(&prices[*ix as usize].priced.unit, line.units, line.charge));
    let expected = expected.collect();
    Ok(PricedLines { prices, price_of: key_of, expected })
}

/// For each line whether an earlier one of the same patient (or, without a patient key, of the same claim), payer, day and code
/// is paid in full, so that a contract's reduction of multiple services falls on this one; empty when no contract has such a
/// reduction. `falls` has for each line the rule that lets it fall: such lines are no first service.
#[must_use]
pub fn further_lines(pricer: &Pricer<'_>, lines: &[ServiceLine], falls: &[Option<Ruled>]) -> Vec<bool> {
    if !pricer.any_payer(|payer| payer.terms.iter().any(|(_, terms)| reduces(terms))) {
        return Vec::new();
    }
    let mut seen = FxHashSet::default();
    let mut further = Vec::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        let who = line.patient_key.map_or_else(|| Err(line.claim_id.clone()), Ok);
        let fallen = falls.get(i).is_some_and(Option::is_some);
        further.push(!fallen && !seen.insert((who, line.payer.clone(), line.service_date, line.code)));
    }
    further
}

/// Whether terms pay further services of a day less.
fn reduces(terms: &Terms) -> bool {
    matches!(terms, Terms::Contract(list) if list.multiple.is_some())
}
