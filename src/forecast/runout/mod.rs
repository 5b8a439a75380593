//! Run-out: how the payments of a service month come in over the months after it, and what is still to come.
//!
//! [`Triangle`] holds payments by service month and lag, [`ChainLadder`] completes it, [`Mack`] says how sure that is,
//! [`bornhuetter_ferguson`] judges the newest months by what was expected of them, and [`PaymentLag`] is the curve by
//! which expected net becomes cash. Recent months are completed here before they are forecast.

mod bornhuetter;
mod chain_ladder;
mod floor;
mod lag;
mod mack;
mod triangle;

pub use bornhuetter::{Completed, Completion, Method, Prior, bornhuetter_ferguson, cape_cod};
pub use chain_ladder::{ChainLadder, Factor, NoFactor, Projection, Tail, Totals};
pub use floor::{Medium, PaidTooSoon, most_in_same_month, paid_too_soon};
pub use lag::{CashMonth, LagShare, Open, PaymentLag, Spread};
pub use mack::{Mack, OriginError, SigmaRule, TotalError};
pub use triangle::{NotATriangle, Triangle};
