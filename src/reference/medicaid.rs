//! What is known of Medicaid payments without a state's schedule: observed payments and a fee index. Neither is a rate; a
//! difference from them is shown as a band and never called leakage.

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use crate::domain::{Code, State};
use crate::finding::Result;

use super::sheet::{Row, Sheet};

/// How far observed payments of one state can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reliability {
    /// Too few providers or claims: never used.
    Low,
    /// Some.
    Medium,
    /// Many.
    Higher,
}

/// Observed Medicaid payments of one code in one state, 2018–2024: dollars per *claim* (not per unit), quartiles over
/// providers.
#[derive(Debug, Clone)]
pub struct Observed {
    /// Where it was read.
    pub row: Row,
    /// A quarter of the providers are paid less.
    pub p25: Decimal,
    /// Half of the providers are paid less.
    pub median: Decimal,
    /// A quarter of the providers are paid more.
    pub p75: Decimal,
    /// Claims behind it.
    pub claims: u64,
    /// Billing providers behind it.
    pub providers: u32,
    /// How far it can be trusted.
    pub reliability: Reliability,
}

/// Observed Medicaid payments of one code in the nation: dollars per claim, percentiles over providers.
#[derive(Debug, Clone)]
pub struct ObservedNation {
    /// Where it was read.
    pub row: Row,
    /// Claims behind it.
    pub claims: u64,
    /// 10th, 25th, 50th, 75th, 90th, 95th and 99th percentile.
    pub percentiles: [Decimal; 7],
}

/// The Medicaid tables.
#[derive(Debug, Clone)]
pub struct Medicaid {
    observed: FxHashMap<(Code, State), Observed>,
    nation: FxHashMap<Code, ObservedNation>,
    index: FxHashMap<State, (Decimal, Row)>,
}

impl Medicaid {
    /// Reads the embedded tables.
    pub(super) fn load() -> Result<Self> {
        let mut medicaid =
            Self { observed: FxHashMap::default(), nation: FxHashMap::default(), index: FxHashMap::default() };
        for record in Sheet::embedded("datasets/medicaid/observed_state.csv")?.records() {
            let reliability = match record.text("reliability")? {
                "low" => Reliability::Low,
                "medium" => Reliability::Medium,
                "higher" => Reliability::Higher,
                _ => return Err(record.bad("reliability", "low, medium or higher")),
            };
            let observed = Observed {
                row: record.row(),
                p25: record.decimal("p25")?,
                median: record.decimal("median")?,
                p75: record.decimal("p75")?,
                claims: record.number("claims")?,
                providers: record.number("providers")?,
                reliability,
            };
            medicaid.observed.insert((record.value("code")?, record.value("state")?), observed);
        }
        for record in Sheet::embedded("datasets/medicaid/observed_national.csv")?.records() {
            let mut percentiles = [Decimal::ZERO; 7];
            for (slot, column) in percentiles.iter_mut().zip(["p10", "p25", "median", "p75", "p90", "p95", "p99"]) {
                *slot = record.decimal(column)?;
            }
            let nation = ObservedNation { row: record.row(), claims: record.number("claims")?, percentiles };
            medicaid.nation.insert(record.value("code")?, nation);
        }
        for record in Sheet::embedded("datasets/medicaid/fee_index.csv")?.records() {
            if let Some(index) = record.optional_decimal("all_services")? {
                medicaid.index.insert(record.value("state")?, (index, record.row()));
            }
        }
        Ok(medicaid)
    }

    /// Observed payments of a code in a state; `None` when there are none, or too few to be relied on.
    #[must_use]
    pub fn observed(&self, code: Code, state: State) -> Option<&Observed> {
        self.observed.get(&(code, state)).filter(|observed| observed.reliability > Reliability::Low)
    }

    /// Observed payments of a code in the nation.
    #[must_use]
    pub fn observed_nation(&self, code: Code) -> Option<&ObservedNation> {
        self.nation.get(&code)
    }

    /// The states that have a fee index, in order; the nation is `US`.
    #[must_use]
    pub fn indexed_states(&self) -> Vec<State> {
        let mut states: Vec<State> = self.index.keys().copied().collect();
        states.sort_unstable();
        states
    }

    /// Medicaid fees as a share of Medicare's in a state (all services); `None` for Tennessee and the territories.
    #[must_use]
    pub fn index(&self, state: State) -> Option<&(Decimal, Row)> {
        self.index.get(&state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreliable_observations_are_not_offered() {
        let medicaid = Medicaid::load().unwrap();
        let low = medicaid.observed.iter().filter(|(_, o)| o.reliability == Reliability::Low);
        let (code, state) = *low.map(|(key, _)| key).min().unwrap();
        assert!(medicaid.observed(code, state).is_none());
        assert!(medicaid.observed("96372".parse().unwrap(), "CA".parse().unwrap()).is_some());
    }

    #[test]
    fn figures_of_the_domain() {
        let medicaid = Medicaid::load().unwrap();
        let nation = medicaid.observed_nation("96372".parse().unwrap()).unwrap();
        // DOMAIN §2: p10 1.57, p25 4.89, median 9.56, p75 13.98, p90 22.47, p99 126.78.
        let texts = nation.percentiles.map(|p| p.to_string());
        assert_eq!([&texts[..5], &texts[6..]].concat(), ["1.57", "4.89", "9.56", "13.98", "22.47", "126.78"]);
        assert!(medicaid.index("TN".parse().unwrap()).is_none());
        assert_eq!(medicaid.index("AL".parse().unwrap()).unwrap().0.to_string(), "0.92");
    }
}
