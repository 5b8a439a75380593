//! The price of one unit of a key, and its extension to a line: units, charge, and the one rounding.

use rust_decimal::Decimal;

use crate::domain::{Basis, Expected, Money, Rate, RuleId, Units, Unknown, round_cents};
use crate::finding::FindingCode;

use super::step::{Op, Operand, Step};

/// What the last step is called where the terms pay the lesser of rate and charge.
pub(super) const LESSER_OF_CHARGE: &str = "lesser of the line amount and the charge";

/// What one key pays, before units and charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitPrice {
    /// Dollars per unit. A Medicare fee is already rounded to cents, as published; other rates keep their decimals.
    PerUnit {
        /// Dollars per unit.
        rate: Rate,
        /// The rule.
        basis: Basis,
        /// Never more than the charge.
        lesser_of: bool,
    },
    /// Dollars per line, whatever the units.
    PerLine {
        /// Dollars per line.
        rate: Rate,
        /// The rule.
        basis: Basis,
        /// Never more than the charge.
        lesser_of: bool,
    },
    /// A factor on the charge of the line.
    OfCharge {
        /// The factor (0.62 = 62%).
        factor: Rate,
        /// The rule.
        basis: Basis,
    },
    /// A contract's price with limits that only the line can meet.
    Limited(Limits),
    /// Not payable, by this rule.
    NotPayable(RuleId),
    /// Not known.
    Unknown(Unknown),
}

/// What a rate of a contract multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Each unit.
    Unit,
    /// The line, whatever its units.
    Line,
    /// The charge of the line: the rate is a factor.
    Charge,
}

/// A contract's price with the limits that depend on the line's units or charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// What the rate multiplies.
    pub per: Per,
    /// Dollars, or the factor of the charge.
    pub rate: Rate,
    /// The rule.
    pub basis: Basis,
    /// Never more than the charge.
    pub lesser_of: bool,
    /// At least this for the line, in dollars.
    pub floor: Option<Rate>,
    /// At most this for the line, in dollars.
    pub cap: Option<Rate>,
    /// Units paid at most.
    pub max_units: Option<u32>,
    /// The factor for each unit after the first.
    pub further: Option<Rate>,
}

impl Limits {
    /// The amount of a line before the one rounding, with its steps; `None` when it does not fit.
    fn steps(&self, units: Units, charge: Money) -> Option<(Decimal, Vec<Step>)> {
        let mut steps = Vec::new();
        let mut push = |step: Step| {
            let result = step.result;
            steps.push(step);
            result
        };
        let mut amount = match self.per {
            Per::Line => {
                push(Step::new("rate of the line", Op::Take, vec![Operand::given("rate per line", self.rate)])?)
            }
            Per::Charge => {
                let operands = vec![Operand::given("factor", self.rate), Operand::given("charge", charge.dollars())];
                push(Step::new("factor × charge", Op::Multiply, operands)?)
            }
            Per::Unit => {
                let mut paid = units.decimal();
                if let Some(most) = self.max_units {
                    let operands =
                        vec![Operand::given("units", paid), Operand::given("units paid at most", most.into())];
                    paid = push(Step::new("units paid", Op::Least, operands)?);
                }
                if let Some(further) = self.further.filter(|_| paid > Decimal::ONE) {
                    let rest = paid.checked_sub(Decimal::ONE)?;
                    let operands =
                        vec![Operand::given("units after the first", rest), Operand::given("their factor", further)];
                    let rest = push(Step::new("further units, reduced", Op::Multiply, operands)?);
                    let operands =
                        vec![Operand::given("first unit", Decimal::ONE), Operand::given("further units", rest)];
                    paid = push(Step::new("units in full", Op::Add, operands)?);
                }
                let operands = vec![Operand::given("rate per unit", self.rate), Operand::given("units", paid)];
                push(Step::new("rate × units", Op::Multiply, operands)?)
            }
        };
        for (bound, op, what) in
            [(self.floor, Op::Most, "not below the floor"), (self.cap, Op::Least, "not above the cap")]
        {
            if let Some(bound) = bound {
                let operands = vec![Operand::given("amount", amount), Operand::given(what, bound)];
                amount = push(Step::new(what, op, operands)?);
            }
        }
        Some((amount, steps))
    }
}

/// A priced key: the unit price, the sum behind it, what was passed over, and which fallbacks were taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// What one unit pays.
    pub unit: UnitPrice,
    /// The terms or rule that decided, in words.
    pub rule: String,
    /// The sum.
    pub steps: Vec<Step>,
    /// Alternatives that were tried and why they did not apply.
    pub rejected: Vec<String>,
    /// Fallbacks that were taken; they become findings.
    pub fallbacks: Vec<FindingCode>,
    /// How far a price that is only observed or estimated may be off, in the unit of its rate; `None` where it is firm.
    pub band: Option<(Rate, Rate)>,
}

impl UnitPrice {
    /// Whether the price rests on the Medicare schedule of a locality, so that a guess of the place is a guess of the price.
    #[must_use]
    pub const fn depends_on_locality(&self) -> bool {
        let (Self::PerUnit { basis, .. }
        | Self::PerLine { basis, .. }
        | Self::OfCharge { basis, .. }
        | Self::Limited(Limits { basis, .. })) = self
        else {
            return false;
        };
        matches!(
            basis,
            Basis::MedicarePfs | Basis::MedicareStateMean | Basis::PercentOfMedicare | Basis::MedicaidEstimated
        )
    }
}

impl Priced {
    /// A key without a price.
    pub(super) fn unknown(reason: Unknown, rule: impl Into<String>) -> Self {
        Self {
            unit: UnitPrice::Unknown(reason),
            rule: rule.into(),
            steps: Vec::new(),
            rejected: Vec::new(),
            fallbacks: Vec::new(),
            band: None,
        }
    }

    /// A key that is not payable.
    pub(super) fn not_payable(id: RuleId, rule: impl Into<String>) -> Self {
        Self { unit: UnitPrice::NotPayable(id), ..Self::unknown(Unknown::NoRate, rule) }
    }

    /// Moves the band along with the rate, which is about to become `rate`.
    pub(super) fn scale_band(&mut self, rate: Rate) {
        if let (Some((low, high)), UnitPrice::PerUnit { rate: old, .. }) = (self.band, self.unit)
            && !old.is_zero()
        {
            let scaled = |bound: Rate| bound.checked_mul(rate)?.checked_div(old);
            self.band = scaled(low).zip(scaled(high));
        }
    }

    /// The band of a line whose price is only observed or estimated: its expected amount lies somewhere between.
    #[must_use]
    pub fn line_band(&self, units: Units, charge: Money) -> Option<(Money, Money)> {
        let (low, high) = self.band?;
        let at = |bound: Rate| {
            let unit = match self.unit {
                UnitPrice::PerUnit { basis, lesser_of, .. } => UnitPrice::PerUnit { rate: bound, basis, lesser_of },
                UnitPrice::PerLine { basis, lesser_of, .. } => UnitPrice::PerLine { rate: bound, basis, lesser_of },
                UnitPrice::Limited(limits) => UnitPrice::Limited(Limits { rate: bound, ..limits }),
                other => other,
            };
            extend(&unit, units, charge).amount()
        };
        Some((at(low)?, at(high)?))
    }

    /// The steps from the unit price to the amount of a line.
    #[must_use]
    pub fn line_steps(&self, units: Units, charge: Money) -> Vec<Step> {
        let mut steps = self.steps.clone();
        let round = |what: &str, amount: Decimal| {
            Step::new(what, Op::RoundToCents, vec![Operand::given("amount before rounding", amount)])
        };
        let mut push = |step: Option<Step>| {
            let result = step.as_ref().map(|s| s.result);
            steps.extend(step);
            result
        };
        let (amount, lesser_of) = match self.unit {
            UnitPrice::PerUnit { rate, lesser_of, .. } => {
                let operands = vec![Operand::given("rate per unit", rate), Operand::given("units", units.decimal())];
                (push(Step::new("rate × units", Op::Multiply, operands)), lesser_of)
            }
            UnitPrice::PerLine { rate, lesser_of, .. } => {
                (push(Step::new("rate of the line", Op::Take, vec![Operand::given("rate per line", rate)])), lesser_of)
            }
            UnitPrice::OfCharge { factor, .. } => {
                let operands = vec![Operand::given("factor", factor), Operand::given("charge", charge.dollars())];
                (push(Step::new("factor × charge", Op::Multiply, operands)), false)
            }
            UnitPrice::Limited(limits) => match limits.steps(units, charge) {
                Some((amount, own)) => {
                    for step in own {
                        push(Some(step));
                    }
                    (Some(amount), limits.lesser_of)
                }
                None => return steps,
            },
            UnitPrice::NotPayable(_) | UnitPrice::Unknown(_) => return steps,
        };
        let rounded = amount.and_then(|amount| push(round("line amount", amount)));
        if lesser_of && let Some(rounded) = rounded {
            let operands = vec![Operand::given("line amount", rounded), Operand::given("charge", charge.dollars())];
            push(Step::new(LESSER_OF_CHARGE, Op::Least, operands));
        }
        steps
    }
}

/// The expected amount of a line: rate × units, rounded once to cents, never more than the charge where the terms say so.
#[must_use]
pub fn extend(price: &UnitPrice, units: Units, charge: Money) -> Expected {
    let (amount, basis, lesser_of) = match *price {
        UnitPrice::PerUnit { rate, basis, lesser_of } => (rate.checked_mul(units.decimal()), basis, lesser_of),
        UnitPrice::PerLine { rate, basis, lesser_of } => (Some(rate), basis, lesser_of),
        UnitPrice::OfCharge { factor, basis } => (factor.checked_mul(charge.dollars()), basis, false),
        UnitPrice::Limited(limits) => {
            (limits.steps(units, charge).map(|(amount, _)| amount), limits.basis, limits.lesser_of)
        }
        UnitPrice::NotPayable(reason) => return Expected::NotPayable(reason),
        UnitPrice::Unknown(reason) => return Expected::Unknown(reason),
    };
    match amount.and_then(round_cents) {
        Some(amount) => Expected::Payable(if lesser_of { amount.min(charge) } else { amount }, basis),
        None => Expected::Unknown(Unknown::TooLarge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn per_unit(rate: &str, lesser_of: bool) -> UnitPrice {
        UnitPrice::PerUnit { rate: rate.parse().unwrap(), basis: Basis::MedicareAsp, lesser_of }
    }

    fn amount(price: &UnitPrice, units: &str, charge: i64) -> i64 {
        let units = Units::from_decimal(units.parse().unwrap()).unwrap();
        extend(price, units, Money::from_cents(charge)).amount().unwrap().cents()
    }

    #[test]
    fn a_rate_with_three_decimals_is_multiplied_first_and_rounded_once() {
        // 0.491 × 4 = 1.964 → 1.96; rounding the unit first would give 0.49 × 4 = 1.96 as well,
        // but 0.135 × 10 = 1.35 against 0.14 × 10 = 1.40.
        assert_eq!(amount(&per_unit("0.491", false), "4", 10_000), 196);
        assert_eq!(amount(&per_unit("0.135", false), "10", 10_000), 135);
        // 0.135 × 1 = 0.135 → 0.14, half away from zero.
        assert_eq!(amount(&per_unit("0.135", false), "1", 10_000), 14);
        assert_eq!(amount(&per_unit("13.78", false), "0.5", 10_000), 689);
    }

    #[test]
    fn a_band_is_extended_like_the_price_itself() {
        let mut priced = Priced::unknown(Unknown::NoRate, "");
        priced.unit = per_unit("10.00", true);
        assert_eq!(priced.line_band(Units::ONE, Money::from_cents(5_000)), None);
        priced.band = Some(("5.50".parse().unwrap(), "14.50".parse().unwrap()));
        // Two units: 11.00 to 29.00; never more than the charge.
        let band =
            |charge| priced.line_band(Units::whole(2), Money::from_cents(charge)).map(|(l, h)| (l.cents(), h.cents()));
        assert_eq!(band(5_000), Some((1_100, 2_900)));
        assert_eq!(band(2_000), Some((1_100, 2_000)));
    }

    #[test]
    fn lesser_of_takes_the_charge_when_it_is_smaller() {
        assert_eq!(amount(&per_unit("13.78", true), "1", 1200), 1200);
        assert_eq!(amount(&per_unit("13.78", true), "1", 1500), 1378);
        assert_eq!(amount(&per_unit("13.78", false), "1", 1200), 1378);
    }

    #[test]
    fn a_share_of_the_charge_is_rounded_half_away_from_zero() {
        // 0.62 × 45.25 = 28.055 → 28.06
        let price = UnitPrice::OfCharge { factor: "0.62".parse().unwrap(), basis: Basis::PercentOfCharge };
        assert_eq!(amount(&price, "3", 4525), 2806);
    }
}
