//! stub
pub struct FeeOptions;
pub struct Fees;
pub fn fees() {}
