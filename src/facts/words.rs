//! Wording that the checks share: dollars, places, lists.

use rust_decimal::Decimal;

use crate::domain::{Area, Money};
use crate::reference::Reference;

/// `$13.88`; a limit with three decimals keeps them.
pub(super) fn dollars(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    format!("${amount}")
}

/// `$13.88 to $19.97`.
pub(super) fn span(low: Decimal, high: Decimal) -> String {
    format!("{} to {}", dollars(low), dollars(high))
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1,234`.
pub(super) fn number(n: u64) -> String {
    let whole = Money::from_cents(i64::try_from(n).unwrap_or(i64::MAX / 100).saturating_mul(100));
    whole.pretty_dollars().replace('$', "")
}

/// The place for which something is priced, in words: `15202-00 (OHIO)`, `OH`, or that none is known.
#[must_use]
pub fn place(reference: &Reference, area: Area, day: crate::domain::Date) -> String {
    match area {
        Area::Locality(locality, state) => match reference.medicare.gpci(locality, day) {
            Some(gpci) => format!("{locality} ({})", gpci.name),
            None => format!("{locality} ({state})"),
        },
        Area::State(state) => format!("{state}, a mean over its localities"),
        Area::Nowhere => "the nation, before any local index".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_lists_read_well() {
        assert_eq!(dollars("1.4".parse().unwrap()), "$1.40");
        assert_eq!(dollars("0.638".parse().unwrap()), "$0.638");
        assert_eq!(dollars("71.170".parse().unwrap()), "$71.17");
        let parts = |n: usize| ["a", "b", "c"][..n].iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!([0, 1, 2, 3].map(|n| list(&parts(n))), ["", "a", "a and b", "a, b and c"]);
        assert_eq!(number(44_561_426), "44,561,426");
    }
}
