//! The sum behind a price, step by step, so that anybody can recompute it with a pocket calculator.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};

use crate::reference::Row;

/// What a step does with its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Op {
    /// Takes one figure from a source.
    Take,
    /// Multiplies all operands.
    Multiply,
    /// Adds all operands.
    Add,
    /// Rounds the one operand to cents, half away from zero.
    RoundToCents,
    /// The smallest operand.
    Least,
    /// The largest operand.
    Most,
    /// The first operand over the second, exact to 28 digits.
    Divide,
    /// The mean of all operands, exact to 28 digits.
    Mean,
}

/// One figure that goes into a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operand {
    /// What it is (`work RVU`).
    pub name: String,
    /// Its value.
    #[serde(serialize_with = "as_text")]
    pub value: Decimal,
    /// The row it was read from, when it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Row>,
}

/// One step of the sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What it gives (`work part`).
    pub what: String,
    /// What it does.
    pub op: Op,
    /// With what.
    pub operands: Vec<Operand>,
    /// What comes out.
    #[serde(serialize_with = "as_text")]
    pub result: Decimal,
}

fn as_text<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

impl Operand {
    /// A figure read from a row.
    pub fn read(name: impl Into<String>, value: Decimal, source: &Row) -> Self {
        Self { name: name.into(), value, source: Some(source.clone()) }
    }

    /// A figure that an earlier step or the line itself gave.
    pub fn given(name: impl Into<String>, value: Decimal) -> Self {
        Self { name: name.into(), value, source: None }
    }
}

impl Op {
    /// Applies the operation; `None` on overflow or without operands.
    #[must_use]
    pub fn apply(self, operands: &[Decimal]) -> Option<Decimal> {
        let (first, rest) = operands.split_first()?;
        match self {
            Self::Take => Some(*first),
            Self::Multiply => rest.iter().try_fold(*first, |product, x| product.checked_mul(*x)),
            Self::Add => rest.iter().try_fold(*first, |sum, x| sum.checked_add(*x)),
            Self::RoundToCents => Some(first.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)),
            Self::Least => operands.iter().min().copied(),
            Self::Most => operands.iter().max().copied(),
            Self::Divide => rest.iter().try_fold(*first, |quotient, x| quotient.checked_div(*x)),
            Self::Mean => {
                let sum = rest.iter().try_fold(*first, |sum, x| sum.checked_add(*x))?;
                sum.checked_div(Decimal::from(operands.len()))
            }
        }
    }
}

impl Step {
    /// A step whose result is computed from its operands; `None` on overflow.
    pub fn new(what: impl Into<String>, op: Op, operands: Vec<Operand>) -> Option<Self> {
        let values: Vec<Decimal> = operands.iter().map(|o| o.value).collect();
        Some(Self { what: what.into(), op, result: op.apply(&values)?, operands })
    }
}
