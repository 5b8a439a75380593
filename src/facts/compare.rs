//! The four injection codes by payer type, from real rates: Medicare's fees, observed Medicaid payments, the project's own
//! contracts. No statement in circulation enters here.

use serde::Serialize;

use crate::domain::{Area, Code, Evidence, Money, PayerKind, round_cents};

use super::grounds::Grounds;
use super::verdict::Ground;
use super::words::{list, number};

/// What one payer type (or one payer of the project) pays for one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// The code.
    pub code: String,
    /// `Medicare`, `Medicaid`, or the kind of the payer.
    pub payer_type: String,
    /// The payer's name, where the row is one of the project's payers, or the state.
    pub name: String,
    /// The lower end; `None` where there is only one figure, or none.
    pub low: Option<Money>,
    /// The figure in the middle.
    pub middle: Option<Money>,
    /// The upper end.
    pub high: Option<Money>,
    /// What the three figures are, or why there are none.
    pub what: String,
    /// What the figures rest on.
    pub ground: Ground,
    /// Where they were read.
    pub sources: Vec<String>,
}

/// The codes by payer type on the day, code by code.
#[must_use]
pub fn compare(grounds: &Grounds<'_>, codes: &[Code]) -> Vec<Compared> {
    codes.iter().flat_map(|code| of_code(grounds, *code)).collect()
}

fn of_code(grounds: &Grounds<'_>, code: Code) -> Vec<Compared> {
    let row = |payer_type: &str, name: &str, what: String, ground: Ground| Compared {
        code: code.to_string(),
        payer_type: payer_type.to_owned(),
        name: name.to_owned(),
        low: None,
        middle: None,
        high: None,
        what,
        ground,
        sources: Vec::new(),
    };
    let mut rows = Vec::new();
    let mut medicare = row("Medicare", "nation", "no fee".to_owned(), Ground::Published);
    if let Some((national, sources)) = grounds.reference().medicare.national_fee(code, grounds.day(), false) {
        let fees = grounds.fees_of_day(code, grounds.day());
        medicare.middle = Some(national);
        if let [first, .., last] = fees.as_slice() {
            let median = fees[(fees.len() - 1) / 2].0;
            (medicare.low, medicare.high) = (Some(first.0), Some(last.0));
            medicare.what = format!(
                "lowest locality {} ({}), before local indices, highest locality {} ({}); median of {} localities {}",
                first.1,
                first.2,
                last.1,
                last.2,
                fees.len(),
                median.pretty()
            );
        }
        medicare.sources = sources.map(ToString::to_string).to_vec();
    }
    rows.push(medicare);
    if grounds.area() != Area::Nowhere {
        let name = grounds.area().to_string();
        let mut here = row("Medicare", &name, String::new(), Ground::Published);
        match grounds.medicare_allows(code) {
            Ok((fee, basis, sources)) => {
                here.middle = Some(fee);
                here.what = basis;
                here.sources = sources;
                if matches!(grounds.area(), Area::State(_)) {
                    here.ground = Ground::Estimated;
                }
            }
            Err(why) => here.what = why,
        }
        rows.push(here);
    }
    let mut medicaid = row("Medicaid", "nation", "no observed payments".to_owned(), Ground::Nothing);
    if let Some(nation) = grounds.reference().medicaid.observed_nation(code) {
        let [_, p25, median, p75, ..] = nation.percentiles;
        (medicaid.low, medicaid.middle, medicaid.high) = (round_cents(p25), round_cents(median), round_cents(p75));
        let claims = number(nation.claims);
        medicaid.what =
            format!("per claim 2018–2024: 25th, 50th and 75th percentile of the providers ({claims} claims)");
        medicaid.sources = vec![nation.row.to_string()];
        medicaid.ground = Ground::Observed;
    }
    rows.push(medicaid);
    if let Some(state) = grounds.area().state() {
        let mut here = row("Medicaid", state.as_str(), "too few observed payments".to_owned(), Ground::Nothing);
        if let Some(seen) = grounds.reference().medicaid.observed(code, state) {
            (here.low, here.middle, here.high) =
                (round_cents(seen.p25), round_cents(seen.median), round_cents(seen.p75));
            here.what = format!("per claim 2018–2024: quartiles over {} providers", seen.providers);
            here.sources = vec![seen.row.to_string()];
            here.ground = Ground::Observed;
        }
        rows.push(here);
    }
    let mut commercial = false;
    for payer in grounds.payers().iter().filter(|payer| payer.kind != PayerKind::Medicare) {
        commercial |= payer.kind == PayerKind::Commercial;
        let mut own = row(payer.kind.label(), &payer.name, String::new(), Ground::Contract);
        match grounds.by_contract(payer, code) {
            Ok((rate, basis)) => {
                own.middle = Some(rate);
                own.what = basis.as_str().to_owned();
                own.ground = match basis.evidence() {
                    Evidence::Observed => Ground::Observed,
                    Evidence::Estimated => Ground::Estimated,
                    Evidence::Published | Evidence::Contract => Ground::Contract,
                };
            }
            Err(why) => {
                own.what = why;
                own.ground = Ground::Nothing;
            }
        }
        if grounds.synthetic() {
            own.ground = Ground::Synthetic;
        }
        rows.push(own);
    }
    if !commercial {
        let what = "no public rates; your own contracts in allowable.toml stand here".to_owned();
        rows.push(row("Commercial", "", what, Ground::Nothing));
    }
    rows
}

/// Medicare's fees of one code in one year, outside a facility.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct YearRates {
    /// The code.
    pub code: String,
    /// The calendar year.
    pub year: i32,
    /// The lowest locality's fee on the last day of the year.
    pub low: Money,
    /// The middle one of the localities' fees.
    pub median: Money,
    /// The highest locality's fee.
    pub high: Money,
    /// The fee before local indices, on the last day of the year.
    pub national: Money,
    /// What changed within the year; empty when nothing did.
    pub note: String,
}

/// Medicare's fees by year, as far as the releases go; of a year within which they change, those of its last day.
#[must_use]
pub fn medicare_by_year(grounds: &Grounds<'_>, codes: &[Code]) -> Vec<YearRates> {
    let medicare = &grounds.reference().medicare;
    let mut years: Vec<i32> = medicare.releases().iter().map(|period| chrono::Datelike::year(&period.from())).collect();
    years.dedup();
    let of = |code: Code, year: i32| {
        let last = crate::domain::Date::from_ymd_opt(year, 12, 31)?;
        let fees = grounds.fees_of_day(code, last);
        let (national, _) = medicare.national_fee(code, last, false)?;
        let before = medicare.conversion_factors().filter(|factor| {
            let first = crate::domain::Date::from_ymd_opt(year, 1, 1);
            first.is_some_and(|first| factor.period.until() > first && factor.period.last() < last)
        });
        let earlier: Vec<String> = before
            .filter_map(|factor| {
                let (fee, _) = medicare.national_fee(code, factor.period.from(), false)?;
                Some(format!("{} to {}", fee.pretty(), factor.period.last()))
            })
            .collect();
        Some(YearRates {
            code: code.to_string(),
            year,
            low: fees.first()?.0,
            median: fees[(fees.len() - 1) / 2].0,
            high: fees.last()?.0,
            national,
            note: if earlier.is_empty() { String::new() } else { format!("national {} before", list(&earlier)) },
        })
    };
    codes.iter().flat_map(|code| years.iter().filter_map(move |year| of(*code, *year))).collect()
}
