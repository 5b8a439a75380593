//! What is still short, line by line, as work: what it would bring, what it costs, until when, what was done so far.
//!
//! Every denied and underpaid line of firm expectation is one [`Item`], once, so that the totals are the report's; [`Work`] says
//! what working some of them together brings after its cost, and [`Batch`] and [`Claim`] are the two ways to put them together.
//! [`State`] carries what people did from one run to the next. The letters to payers are in [`packet`].

// Money is never a float here.
#![deny(clippy::float_arithmetic)]

mod argument;
mod batch;
mod build;
mod carry;
mod chance;
mod cost;
mod deadline;
mod item;
pub mod packet;
mod state;

pub use batch::{Batch, Claim, Work};
pub use build::{By, Given, Split, Worklist, build};
pub use carry::Recovered;
pub use chance::{Chances, Odds, OddsBasis};
pub use cost::{Costs, recovery};
pub use deadline::{Deadline, deadline};
pub use item::{Item, Stage, Verdict};
pub use state::{Entry, State, Status};
