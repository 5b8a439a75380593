//! Whether a line can be paid at all, before any rate is asked for: the rules over a claim day.

mod day;

pub use day::days;
