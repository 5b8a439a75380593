//! (line, date, reference) → [`Expected`](crate::domain::Expected): what should have been allowed.
//!
//! The kernel is pure and exact and prices one [`Key`] at a time, with every step written down;
//! [`price_lines`] prices the distinct keys of many lines once. It never reads what was paid.

// Money is never a float here.
#![deny(clippy::float_arithmetic)]

pub mod bulk;

mod area;
mod contract;
mod explain;
mod key;
mod lines;
mod medicaid;
mod medicare;
mod rules;
mod step;
mod terms;
mod unit_price;
mod variant;

pub use explain::Explanation;
pub use key::{FactorValue, Key, OtherFactor, Pricer};
pub use lines::{PricedKey, PricedLines, further_lines, price_lines};
pub use step::{Op, Operand, Step};
pub use unit_price::{Limits, Per, Priced, UnitPrice, extend};
pub use variant::{Variant, medicare_days, scaled};
