//! How often rework is won, by payer and cause: learned from the shortfalls that somebody visibly worked.
//!
//! A denial is *decided* when the payer that denied it answered again: won when the line is allowed in the end, lost when it is
//! not. A denial with a single answer is not decided, whatever its window: nobody visibly worked it, and counting it as lost
//! would make rework look hopeless. The same holds for lines that were first allowed too little.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::ServiceLine;

use super::judge::JudgedLine;
use super::shrink::{Chance, Pool};

/// One reworked shortfall and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The payer's id.
    pub payer: Arc<str>,
    /// The cause as of the first answer, by [`super::Cause::key`]: `denied:modifier`, `underpaid:old-schedule`.
    pub cause: String,
    /// Whether the rework was won.
    pub won: bool,
}

/// The reworked shortfalls among these lines; `lines` and `judged` run in parallel.
#[must_use]
pub fn decided(lines: &[ServiceLine], judged: &[JudgedLine]) -> Vec<Decided> {
    let one = |(line, judged): (&ServiceLine, &JudgedLine)| {
        let (cause, won) = judged.first_cause.zip(judged.won)?;
        Some(Decided { payer: Arc::clone(&line.payer), cause: cause.key(), won })
    };
    lines.iter().zip(judged).filter_map(one).collect()
}

/// Won and decided.
type Counts = (u32, u32);

/// One cause over all payers, and each payer's cases.
#[derive(Debug, Clone)]
struct CauseChances {
    pool: Pool,
    payers: BTreeMap<Arc<str>, Counts>,
}

/// How often rework of each kind was won: payer × cause, drawn towards the cause over all payers, drawn towards all denials
/// (or all underpayments). The draws are those of [`Pool`].
#[derive(Debug, Clone)]
pub struct Overturns {
    denials: Pool,
    underpayments: Pool,
    causes: BTreeMap<String, CauseChances>,
}

impl Overturns {
    /// Learns from what was decided, in whatever order.
    pub fn learn(decided: impl IntoIterator<Item = Decided>) -> Self {
        let mut causes: BTreeMap<String, BTreeMap<Arc<str>, Counts>> = BTreeMap::new();
        for case in decided {
            let counts = causes.entry(case.cause).or_default().entry(case.payer).or_default();
            counts.0 = counts.0.saturating_add(u32::from(case.won));
            counts.1 = counts.1.saturating_add(1);
        }
        let of_kind = |denials: bool| -> Pool {
            let kind = causes.iter().filter(|(cause, _)| is_denial(cause) == denials);
            Pool::learn(&kind.map(|(_, payers)| sum(payers)).collect::<Vec<_>>())
        };
        let (denials, underpayments) = (of_kind(true), of_kind(false));
        let below = |(cause, payers): (String, BTreeMap<Arc<str>, Counts>)| {
            let kind = if is_denial(&cause) { &denials } else { &underpayments };
            let pool = kind.part(&payers.values().copied().collect::<Vec<_>>());
            (cause, CauseChances { pool, payers })
        };
        Self { causes: causes.into_iter().map(below).collect(), denials, underpayments }
    }

    /// The chance of a payer's id and a cause ([`super::Cause::key`]). What was never decided is judged by its pool.
    #[must_use]
    pub fn of(&self, payer: &str, cause: &str) -> Chance {
        let Some(known) = self.causes.get(cause) else { return self.kind(is_denial(cause)).group(0, 0) };
        let (won, decided) = known.payers.get(payer).copied().unwrap_or_default();
        known.pool.group(won, decided)
    }

    /// All denials, or all underpayments, together.
    #[must_use]
    pub fn overall(&self, is_denial: bool) -> Chance {
        self.kind(is_denial).overall()
    }

    const fn kind(&self, denials: bool) -> &Pool {
        if denials { &self.denials } else { &self.underpayments }
    }
}

fn is_denial(cause: &str) -> bool {
    cause.starts_with("denied:")
}

fn sum(payers: &BTreeMap<Arc<str>, Counts>) -> Counts {
    payers.values().fold((0, 0), |sum, c| (sum.0.saturating_add(c.0), sum.1.saturating_add(c.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(payer: &str, cause: &str, won: u32, decided: u32) -> impl Iterator<Item = Decided> {
        let one = Decided { payer: payer.into(), cause: cause.to_owned(), won: true };
        (0..decided).map(move |i| Decided { won: i < won, ..one.clone() })
    }

    #[expect(clippy::float_arithmetic, reason = "probabilities")]
    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn nothing_decided_is_a_coin_with_a_wide_interval() {
        let none = Overturns::learn([]);
        for chance in [none.of("P", "denied:modifier"), none.overall(true), none.overall(false)] {
            assert_eq!((chance.won, chance.decided), (0, 0));
            near(chance.mean, 0.5);
            assert!(chance.low < 0.03 && chance.high > 0.97, "{chance:?}");
        }
    }

    #[test]
    fn a_payer_without_cases_is_judged_by_the_cause_and_a_cause_without_cases_by_all() {
        let learned = Overturns::learn(
            cases("A", "denied:modifier", 7, 10).chain(cases("B", "denied:modifier", 3, 10)).chain(cases(
                "A",
                "underpaid:old-schedule",
                4,
                4,
            )),
        );
        // One cause only, so it is all denials: (½ + 10)/21. Its payers are worth 34/11 cases to each other (see `shrink`).
        near(learned.overall(true).mean, 0.5);
        near(learned.of("C", "denied:modifier").mean, 0.5);
        near(learned.of("A", "denied:modifier").mean, 94.0 / 144.0);
        near(learned.of("B", "denied:modifier").mean, 50.0 / 144.0);
        near(learned.of("A", "denied:duplicate").mean, 0.5);
        // Underpayments stand apart: 4 of 4 under Jeffreys is 4.5/5, and so is every unknown cause of theirs.
        near(learned.overall(false).mean, 0.9);
        near(learned.of("A", "underpaid:old-schedule").mean, 0.9);
        near(learned.of("A", "underpaid:units-cut").mean, 0.9);
    }

    #[test]
    fn the_order_of_the_cases_changes_nothing() {
        let mut all: Vec<Decided> =
            cases("A", "denied:modifier", 2, 5).chain(cases("B", "denied:bundled", 1, 3)).collect();
        let one = Overturns::learn(all.clone());
        all.reverse();
        let other = Overturns::learn(all);
        assert_eq!(one.of("A", "denied:modifier"), other.of("A", "denied:modifier"));
        assert_eq!(one.overall(true), other.overall(true));
    }
}
