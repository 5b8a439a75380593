//! The baseline at other rates: every distinct price is asked for again in the exact kernel, every line is rounded once.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::contract::{Conditions, Pays, Spot, Term, TermList};
use crate::domain::{Basis, Money, Payer, Rate, Terms, YearRule, round_cents};
use crate::finding::Result;
use crate::price::{Key, Limits, OtherFactor, Pricer, UnitPrice, extend};
use crate::reference::Reference;

use super::base::{Base, Given, Sums};
use super::lever::{RateLever, RateTo};

/// Lines for which a change has no price: they keep their present one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The change.
    pub spot: Spot,
    /// Why there is no price.
    pub why: String,
    /// How many lines.
    pub lines: i64,
}

/// The baseline's cells at other rates.
#[derive(Debug, Clone)]
pub struct Repriced {
    /// Cell by cell.
    pub sums: Vec<Sums>,
    /// Lines that keep their rate, because the change gives none.
    pub kept: Vec<Kept>,
    /// For each change of rates the lines for which it holds.
    pub matched: Vec<i64>,
}

/// Prices the baseline again.
///
/// # Errors
/// When a sum does not fit.
pub fn reprice(base: &Base, given: &Given<'_>, rates: &[RateLever], factor: Option<&OtherFactor>) -> Result<Repriced> {
    let mut repriced = Repriced {
        sums: base.cells.iter().map(|cell| cell.sums).collect(),
        kept: Vec::new(),
        matched: vec![0; rates.len()],
    };
    if rates.is_empty() && factor.is_none() {
        return Ok(repriced);
    }
    let lever_of: Vec<Option<usize>> = base
        .cells
        .iter()
        .map(|cell| rates.iter().position(|lever| lever.lines.hold(&cell.key.payer, cell.key.code, cell.key.pos)))
        .collect();
    let payers = &given.project.payers;
    let other = Pricer::new(given.reference, payers).with_factor(factor.cloned());
    let changed: Vec<Option<Vec<Payer>>> = rates.iter().map(|lever| with_terms(lever, payers)).collect();
    let pricers: Vec<Option<Pricer<'_>>> = changed
        .iter()
        .map(|payers| payers.as_ref().map(|payers| Pricer::new(given.reference, payers).with_factor(factor.cloned())))
        .collect();
    for (cell, lever) in lever_of.iter().enumerate() {
        if lever.is_some() || factor.is_some() {
            repriced.sums[cell] = Sums::default();
        }
        if let Some(lever) = lever {
            repriced.matched[*lever] += base.cells[cell].lines;
        }
    }
    let mut known: Vec<Option<(UnitPrice, Option<String>)>> = vec![None; given.priced.prices.len()];
    let mut kept: BTreeMap<(Option<usize>, String), i64> = BTreeMap::new();
    for bundle in &base.bundles {
        let lever = lever_of[bundle.cell];
        if lever.is_none() && factor.is_none() {
            continue;
        }
        let priced = &given.priced.prices[bundle.price as usize];
        let (unit, why) = known[bundle.price as usize].get_or_insert_with(|| {
            let now = if factor.is_some() { other.price(&priced.key).unit } else { priced.priced.unit };
            match (lever, now) {
                (None, UnitPrice::Unknown(why)) => {
                    (priced.priced.unit, Some(format!("{} ({})", priced.key.code, why.as_str())))
                }
                (None, now) => (now, None),
                (Some(at), now) => changed_price(&rates[at], pricers[at].as_ref(), &other, &priced.key, now),
            }
        });
        if let Some(why) = why {
            *kept.entry((lever, why.clone())).or_default() += bundle.lines;
        }
        let one = extend(unit, bundle.units, bundle.charge).amount();
        // What was known stays known: a price that the change does not give is the present one.
        let present = || extend(&priced.priced.unit, bundle.units, bundle.charge).amount();
        repriced.sums[bundle.cell].take(bundle, one.or_else(present).unwrap_or(Money::ZERO))?;
    }
    let of_factor = factor.map(|factor| Spot { file: factor.row.file.clone(), line: factor.row.line });
    let told = |((lever, why), lines): ((Option<usize>, String), i64)| {
        let spot = lever.map(|lever| rates[lever].spot.clone()).or_else(|| of_factor.clone())?;
        Some(Kept { spot, why, lines })
    };
    repriced.kept = kept.into_iter().filter_map(told).collect();
    Ok(repriced)
}

/// The price under a change, and why it is still the present one where it is.
fn changed_price(
    lever: &RateLever,
    pricer: Option<&Pricer<'_>>,
    present: &Pricer<'_>,
    key: &Key,
    now: UnitPrice,
) -> (UnitPrice, Option<String>) {
    let unit = match (&lever.to, pricer) {
        (RateTo::Times(by), _) => match times(&now, *by) {
            Some(unit) => unit,
            None => return (now, Some("the changed rate does not fit".to_owned())),
        },
        (RateTo::Year(_) | RateTo::Pays(_), Some(pricer)) => {
            let unit = pricer.price(key).unit;
            if matches!(lever.to, RateTo::Year(_)) && !is_percentage(&unit, present.terms(key)) {
                return (now, Some(format!("{} (its terms are no percentage of Medicare)", key.code)));
            }
            match (unit, &lever.to) {
                (UnitPrice::Unknown(why), _) => return (now, Some(format!("{} ({})", key.code, why.as_str()))),
                (unit, RateTo::Pays(Pays::PercentOfMedicare { factor, .. })) if is_medicare(present.terms(key)) => {
                    let own = present.payer(&key.payer).map_or(unit, |payer| with_own_percentages(payer, key, unit));
                    match times(&own, *factor) {
                        Some(unit) => unit,
                        None => return (now, Some("the changed rate does not fit".to_owned())),
                    }
                }
                (unit, _) => unit,
            }
        }
        (RateTo::Kept, _) | (_, None) => now,
    };
    (lever.lesser_of.map_or(unit, |lesser_of| limited_by_charge(unit, lesser_of)), None)
}

/// What a key would be paid under a change, one by one; `None` where the change gives no price.
#[must_use]
pub fn units_under(
    reference: &Reference,
    payers: &[Payer],
    lever: &RateLever,
    keys: &[&Key],
) -> Vec<Option<UnitPrice>> {
    let present = Pricer::new(reference, payers);
    let changed = with_terms(lever, payers);
    let pricer = changed.as_ref().map(|payers| Pricer::new(reference, payers));
    let unit = |key: &&Key| {
        let (unit, why) = changed_price(lever, pricer.as_ref(), &present, key, present.price(key).unit);
        why.is_none().then_some(unit)
    };
    keys.iter().map(unit).collect()
}

const fn is_medicare(terms: Option<&Terms>) -> bool {
    matches!(terms, Some(Terms::Medicare))
}

/// Whether a price is a percentage of Medicare by its terms, so that another year has another one. What is not payable is not
/// asked: no year pays it.
fn is_percentage(unit: &UnitPrice, terms: Option<&Terms>) -> bool {
    match unit {
        UnitPrice::PerUnit { basis, .. }
        | UnitPrice::PerLine { basis, .. }
        | UnitPrice::OfCharge { basis, .. }
        | UnitPrice::Limited(Limits { basis, .. }) => match basis {
            Basis::PercentOfMedicare => true,
            Basis::MedicareStateMean => !is_medicare(terms),
            _ => false,
        },
        UnitPrice::NotPayable(_) | UnitPrice::Unknown(_) => true,
    }
}

/// Medicare's rate with what Medicare's own terms take off it: 95 % without participation, the practitioner's percentage under
/// an own NPI. A percentage of Medicare is then taken of what Medicare pays for the line; fees are rounded to cents, as published.
fn with_own_percentages(payer: &Payer, key: &Key, unit: UnitPrice) -> UnitPrice {
    let UnitPrice::PerUnit { rate, basis, lesser_of } = unit else { return unit };
    if key.code.is_drug() {
        return unit;
    }
    let fee = |rate: Rate, by: Rate| rate.checked_mul(by).and_then(round_cents).map_or(rate, |amount| amount.dollars());
    let mut rate = if payer.participating { rate } else { fee(rate, Decimal::new(95, 2)) };
    if let Some(npp) = payer.npp_factor.filter(|_| key.npp) {
        rate = fee(rate, npp);
    }
    UnitPrice::PerUnit { rate, basis, lesser_of }
}

/// A price times a factor; floors and caps go along.
fn times(unit: &UnitPrice, by: Rate) -> Option<UnitPrice> {
    Some(match *unit {
        UnitPrice::PerUnit { rate, basis, lesser_of } => {
            UnitPrice::PerUnit { rate: rate.checked_mul(by)?, basis, lesser_of }
        }
        UnitPrice::PerLine { rate, basis, lesser_of } => {
            UnitPrice::PerLine { rate: rate.checked_mul(by)?, basis, lesser_of }
        }
        UnitPrice::OfCharge { factor, basis } => UnitPrice::OfCharge { factor: factor.checked_mul(by)?, basis },
        UnitPrice::Limited(limits) => {
            let bound = |bound: Option<Rate>| match bound {
                None => Some(None),
                Some(bound) => bound.checked_mul(by).map(Some),
            };
            let (floor, cap) = (bound(limits.floor)?, bound(limits.cap)?);
            UnitPrice::Limited(Limits { rate: limits.rate.checked_mul(by)?, floor, cap, ..limits })
        }
        other @ (UnitPrice::NotPayable(_) | UnitPrice::Unknown(_)) => other,
    })
}

/// The same price with or without the limit by the charge; a share of the charge has none.
fn limited_by_charge(unit: UnitPrice, lesser_of: bool) -> UnitPrice {
    match unit {
        UnitPrice::PerUnit { rate, basis, .. } => UnitPrice::PerUnit { rate, basis, lesser_of },
        UnitPrice::PerLine { rate, basis, .. } => UnitPrice::PerLine { rate, basis, lesser_of },
        UnitPrice::Limited(limits) => UnitPrice::Limited(Limits { lesser_of, ..limits }),
        other => other,
    }
}

/// The payers with the terms that a change gives them; `None` for changes of a price that is known.
fn with_terms(lever: &RateLever, payers: &[Payer]) -> Option<Vec<Payer>> {
    let change = |payer: &Payer, terms: &Terms| match &lever.to {
        RateTo::Year(year) => of_year(terms, *year),
        // Of Medicare's own terms the percentage is taken after what they take off (`with_own_percentages`).
        RateTo::Pays(Pays::PercentOfMedicare { year, locality, .. }) if is_medicare(Some(terms)) => {
            let all = Pays::PercentOfMedicare { factor: Rate::ONE, year: *year, locality: *locality };
            Terms::Contract(Arc::new(replaced(lever, payer, terms, &all)))
        }
        RateTo::Pays(pays) => Terms::Contract(Arc::new(replaced(lever, payer, terms, pays))),
        RateTo::Kept | RateTo::Times(_) => terms.clone(),
    };
    if matches!(lever.to, RateTo::Kept | RateTo::Times(_)) {
        return None;
    }
    let mut changed = payers.to_vec();
    for payer in changed.iter_mut().filter(|p| lever.lines.payer.as_ref().is_none_or(|wanted| *wanted == p.id)) {
        let terms = payer.terms.iter().map(|(period, terms)| (*period, change(payer, terms))).collect();
        payer.terms = terms;
    }
    Some(changed)
}

/// One term for everything, beside what the present contract says of modifiers and of further services of a day.
fn replaced(lever: &RateLever, payer: &Payer, terms: &Terms, pays: &Pays) -> TermList {
    let present = match terms {
        Terms::Contract(list) => Some(list),
        _ => None,
    };
    let name: Arc<str> = format!("scenario, {}", lever.lines).into();
    TermList {
        label: payer.name.clone(),
        terms: vec![Term {
            name,
            when: Conditions { pos: lever.lines.pos.clone(), ..Conditions::default() },
            pays: pays.clone(),
            lesser_of: lever.lesser_of.unwrap_or(payer.lesser_of),
            floor: None,
            cap: None,
            max_units: None,
            escalates: false,
            cite: None,
            spot: lever.spot.clone(),
        }],
        unlisted: None,
        adjustments: present.map(|list| list.adjustments.clone()).unwrap_or_default(),
        multiple: present.and_then(|list| list.multiple.clone()),
        escalations: Vec::new(),
    }
}

/// The same terms with their percentages taken of another year's Medicare.
fn of_year(terms: &Terms, year: YearRule) -> Terms {
    match terms {
        Terms::PercentOfMedicare { factor, locality, .. } => {
            Terms::PercentOfMedicare { factor: *factor, year, locality: *locality }
        }
        Terms::Contract(list) => {
            let mut list = TermList::clone(list);
            for term in list.terms.iter_mut().chain(&mut list.unlisted) {
                if let Pays::PercentOfMedicare { year: of, .. } = &mut term.pays {
                    *of = year;
                }
            }
            Terms::Contract(Arc::new(list))
        }
        other => other.clone(),
    }
}
