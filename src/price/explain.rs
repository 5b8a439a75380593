//! The whole sum for one line as data: rule, every step with its source row, fallbacks, and what was passed over.

use serde::Serialize;

use crate::domain::{Area, Expected, Money, Units, Unknown};

use super::key::{Key, Pricer};
use super::step::Step;
use super::unit_price::{Per, Priced, UnitPrice, extend};

/// Why a line is expected to be allowed what it is.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// The payer's id.
    pub payer: String,
    /// The payer's name.
    pub payer_name: String,
    /// The code.
    pub code: String,
    /// Its modifiers, `25,59`.
    pub modifiers: String,
    /// The day of service.
    pub service_date: String,
    /// Place of service, two digits.
    pub pos: Option<String>,
    /// Medicare locality, when the price needed one.
    pub locality: Option<String>,
    /// State of service.
    pub state: Option<String>,
    /// Units billed.
    pub units: String,
    /// Charge of the line.
    pub charge: Option<Money>,
    /// `payable`, `not-payable` or `unknown`.
    pub outcome: &'static str,
    /// The basis, or the reason why there is no amount.
    pub basis: String,
    /// `published`, `contract`, `observed` or `estimated`; of a payable line.
    pub evidence: Option<&'static str>,
    /// The expected amount; of a payable line.
    pub expected: Option<Money>,
    /// The rule or terms that decided.
    pub rule: String,
    /// Where the rule stands that makes the line not payable, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payability: Option<Payability>,
    /// The sum, step by step.
    pub steps: Vec<Step>,
    /// Alternatives that were tried first, and why they did not apply.
    pub passed_over: Vec<String>,
    /// Assumptions that were made, as finding codes.
    pub assumptions: Vec<String>,
}

/// The rule that makes a line not payable.
#[derive(Debug, Clone, Serialize)]
pub struct Payability {
    /// Its id.
    pub rule: String,
    /// Its row.
    pub row: crate::reference::Row,
    /// What follows.
    pub effect: &'static str,
    /// What to do.
    pub fix: String,
    /// Where it comes from.
    pub source: String,
    /// What the line would have been expected to be allowed if the rule did not stand against it.
    pub would_have_paid: Option<Money>,
    /// The terms of that amount.
    pub by: String,
}

impl Explanation {
    /// Explains a priced key for these units and this charge; without a charge, lesser-of is left out.
    #[must_use]
    pub fn new(
        pricer: &Pricer<'_>,
        key: &Key,
        priced: &Priced,
        day: crate::domain::Date,
        units: Units,
        charge: Option<Money>,
    ) -> Self {
        // Without a charge nothing can be less than it.
        let charge_or_more = charge.unwrap_or(Money::from_cents(i64::MAX));
        let of_charge = |unit: &UnitPrice| match unit {
            UnitPrice::OfCharge { .. } => true,
            UnitPrice::Limited(limits) => limits.per == Per::Charge,
            _ => false,
        };
        let expected = if charge.is_none() && of_charge(&priced.unit) {
            Expected::Unknown(Unknown::NoCharge)
        } else {
            extend(&priced.unit, units, charge_or_more)
        };
        let mut steps = match expected {
            Expected::Unknown(Unknown::NoCharge) => Vec::new(),
            _ => priced.line_steps(units, charge_or_more),
        };
        if charge.is_none() {
            // Other leasts (a cap, units paid at most) stay: only the charge was not given.
            steps.retain(|step| step.what != super::unit_price::LESSER_OF_CHARGE);
        }
        let payability = match priced.unit {
            UnitPrice::NotPayable(id) => pricer.reference().rules.get(id).map(|rule| {
                let otherwise = pricer.otherwise(key);
                let amount = otherwise.as_ref().map(|priced| extend(&priced.unit, units, charge_or_more));
                Payability {
                    rule: id.to_string(),
                    row: rule.row.clone(),
                    effect: rule.effect.as_str(),
                    fix: rule.fix.to_string(),
                    source: rule.source_on(&pricer.reference().edits, key.code, key.ruled.and_then(|r| r.other), day),
                    would_have_paid: match amount {
                        Some(Expected::Payable(amount, _)) => Some(amount),
                        _ => None,
                    },
                    by: otherwise.map(|priced| priced.rule).unwrap_or_default(),
                }
            }),
            _ => None,
        };
        let (evidence, amount) = match expected {
            Expected::Payable(amount, basis) => (Some(basis.evidence().as_str()), Some(amount)),
            Expected::NotPayable(_) | Expected::Unknown(_) => (None, None),
        };
        let locality = match key.area {
            Area::Locality(locality, _) => Some(locality.to_string()),
            Area::State(_) | Area::Nowhere => None,
        };
        Self {
            payer: key.payer.to_string(),
            payer_name: pricer.payer(&key.payer).map_or_else(String::new, |p| p.name.to_string()),
            code: key.code.to_string(),
            modifiers: key.modifiers.to_string(),
            service_date: day.to_string(),
            pos: key.pos.map(|pos| pos.to_string()),
            locality,
            state: key.area.state().map(|state| state.to_string()),
            units: units.to_string(),
            charge,
            outcome: expected.outcome(),
            basis: expected.why().to_owned(),
            evidence,
            expected: amount,
            rule: priced.rule.clone(),
            payability,
            steps,
            passed_over: priced.rejected.clone(),
            assumptions: priced.fallbacks.iter().map(|f| format!("{f}: {}", f.meaning())).collect(),
        }
    }
}
