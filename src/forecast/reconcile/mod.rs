//! Forecasts that add up: leaves (payer × state × place of service …) and their sums, forecast apart, made coherent.
//!
//! [`Hierarchy`] makes the groups from the keys of the leaves, [`Reconciler`] moves all forecasts as little as their
//! weights say until every group is the sum of its leaves: ỹ = S (SᵀW⁻¹S)⁻¹ SᵀW⁻¹ ŷ (Wickramasuriya, Athanasopoulos and
//! Hyndman, Journal of the American Statistical Association 114 (2019) 804–819).

mod hierarchy;
mod reconciler;
mod shrink;

pub use hierarchy::{Hierarchy, Node, NotAHierarchy};
pub use reconciler::{CannotReconcile, Coherent, Method, Reconciler};
