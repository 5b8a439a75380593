//! What working costs and when it pays: exact, in cents, each product rounded once.

use rust_decimal::Decimal;

use crate::domain::{Money, round_cents};

/// What it costs to work a shortfall. A contact is an appeal, a corrected claim, a dispute: it has a first line and may have
/// further ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// A contact with its first line.
    pub contact: Money,
    /// Each further line of the same contact.
    pub further_line: Money,
}

impl Costs {
    /// The cost of one contact about so many lines: contact + further line × (lines − 1); nothing for no line.
    #[must_use]
    pub fn of(self, lines: usize) -> Money {
        let Some(further) = lines.checked_sub(1) else { return Money::ZERO };
        let further = i64::try_from(further).unwrap_or(i64::MAX);
        self.contact + Money::from_cents(self.further_line.cents().saturating_mul(further))
    }

    /// What a line brings when it is worked alone.
    #[must_use]
    pub fn net_alone(self, recovery: Money) -> Money {
        recovery - self.contact
    }

    /// Which of these lines to put into one contact: all that bring at least the cost of a further line; when none does, the
    /// first of the largest. Indices, in order.
    #[must_use]
    pub fn choose(self, recoveries: &[Money]) -> Vec<usize> {
        let worth: Vec<usize> = (0..recoveries.len()).filter(|i| recoveries[*i] >= self.further_line).collect();
        if !worth.is_empty() {
            return worth;
        }
        let largest = recoveries.iter().max();
        recoveries.iter().position(|r| Some(r) == largest).into_iter().collect()
    }

    /// The smallest number of lines of this mean recovery (`recovery` over `lines`) that cover one contact: the smallest n with
    /// n × mean ≥ contact + further line × (n − 1). `None` when no number does.
    #[must_use]
    pub fn break_even(self, recovery: Money, lines: usize) -> Option<u64> {
        let lines = i128::try_from(lines).ok().filter(|n| *n > 0)?;
        let (sum, contact, further) =
            (i128::from(recovery.cents()), i128::from(self.contact.cents()), i128::from(self.further_line.cents()));
        if sum >= contact * lines {
            return Some(1);
        }
        // n × (sum/lines − further) ≥ contact − further, without leaving whole numbers.
        let gain = sum - further * lines;
        let missing = (contact - further) * lines;
        if gain <= 0 {
            return None;
        }
        u64::try_from((missing + gain - 1) / gain).ok()
    }
}

/// Expected recovery: the amount at stake times the chance, rounded once.
#[must_use]
pub fn recovery(amount: Money, chance: Decimal) -> Money {
    // A chance of at most 1 cannot take an amount out of range.
    round_cents(amount.dollars() * chance).unwrap_or(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(n: i64) -> Money {
        Money::from_cents(n)
    }

    fn costs(contact: i64, further: i64) -> Costs {
        Costs { contact: cents(contact), further_line: cents(further) }
    }

    /// Amount, chance, cost per contact and per further line → recovery, net alone, break-even size. All by hand.
    #[test]
    fn hand_worked_cases() {
        type Case = (i64, &'static str, i64, i64, i64, i64, Option<u64>);
        let cases: [Case; 16] = [
            // 14.00 × 0.44 = 6.16; 6.16 − 25.00; n × (6.16 − 2.00) ≥ 23.00: 23.00 / 4.16 = 5.53 → 6.
            (1400, "0.44", 2500, 200, 616, -1884, Some(6)),
            // The same at 43.84 per contact: 41.84 / 4.16 = 10.06 → 11.
            (1400, "0.44", 4384, 200, 616, -3768, Some(11)),
            // The same at 5.00 per contact: 6.16 covers it alone.
            (1400, "0.44", 500, 200, 616, 116, Some(1)),
            // 13.58 × 0.5 = 6.79; no cost of further lines: 25.00 / 6.79 = 3.68 → 4.
            (1358, "0.5", 2500, 0, 679, -1821, Some(4)),
            // 100.00 × 0.25 = 25.00: exactly the contact.
            (10_000, "0.25", 2500, 200, 2500, 0, Some(1)),
            // A cent less: 24.99 − 25.00; 23.00 / 22.99 = 1.0004 → 2.
            (9996, "0.25", 2500, 200, 2499, -1, Some(2)),
            // 4.00 × 0.5 = 2.00 is the cost of its own line: never.
            (400, "0.5", 2500, 200, 200, -2300, None),
            // 4.02 × 0.5 = 2.01: one cent over it: 23.00 / 0.01 = 2300.
            (402, "0.5", 2500, 200, 201, -2299, Some(2300)),
            // 0.05 × 0.5 = 0.025 → 0.03, half away from zero.
            (5, "0.5", 2500, 0, 3, -2497, Some(834)),
            // 0.03 × 0.44 = 0.0132 → 0.01: 25.00 / 0.01.
            (3, "0.44", 2500, 0, 1, -2499, Some(2500)),
            // No chance at all.
            (100_000, "0", 2500, 200, 0, -2500, None),
            // A sure thing: 1,000.00 − 25.00.
            (100_000, "1", 2500, 200, 100_000, 97_500, Some(1)),
            // A chance of four places: 250.00 × 0.1234 = 30.85.
            (25_000, "0.1234", 2500, 200, 3085, 585, Some(1)),
            // Nothing costs anything.
            (1400, "0.44", 0, 0, 616, 616, Some(1)),
            // A further line dearer than the contact: 6.16 < 7.00, and more lines only lose more.
            (1400, "0.44", 700, 800, 616, -84, None),
            // 118.00, the dearest cost in circulation: 116.00 / 4.16 = 27.88 → 28.
            (1400, "0.44", 11_800, 200, 616, -11_184, Some(28)),
        ];
        for (amount, chance, contact, further, brings, net, size) in cases {
            let costs = costs(contact, further);
            let brought = recovery(cents(amount), chance.parse().unwrap());
            assert_eq!(brought, cents(brings), "{amount} × {chance}");
            assert_eq!(costs.net_alone(brought), cents(net), "{amount} × {chance} at {contact}");
            assert_eq!(costs.break_even(brought, 1), size, "{amount} × {chance} at {contact} + {further}");
            // What break-even means: so many lines cover the contact, one fewer does not.
            if let Some(n) = size {
                let net = |n: u64| cents(brings * i64::try_from(n).unwrap()) - costs.of(usize::try_from(n).unwrap());
                assert!(net(n) >= Money::ZERO && (n == 1 || net(n - 1) < Money::ZERO), "{amount} × {chance}");
            }
        }
    }

    #[test]
    fn a_contact_costs_once_and_its_further_lines_each() {
        let costs = costs(2500, 200);
        // 25.00; 25.00 + 2.00; 25.00 + 9 × 2.00.
        assert_eq!([0, 1, 2, 10].map(|n| costs.of(n).cents()), [0, 2500, 2700, 4300]);
    }

    #[test]
    fn lines_that_do_not_bring_their_own_cost_are_left_out() {
        let costs = costs(2500, 200);
        let of = |recoveries: &[i64]| costs.choose(&recoveries.iter().map(|r| cents(*r)).collect::<Vec<_>>());
        assert_eq!(of(&[616, 199, 200, 0]), [0, 2]);
        assert_eq!(of(&[5, 150, 150]), [1]);
        assert!(of(&[]).is_empty());
    }

    #[test]
    fn the_mean_of_unequal_lines_decides() {
        // (6.16 + 10.00 + 2.84) / 3 = 6.3333: 23.00 / 4.3333 = 5.31 → 6.
        assert_eq!(costs(2500, 200).break_even(cents(616 + 1000 + 284), 3), Some(6));
        assert_eq!(costs(2500, 200).break_even(Money::ZERO, 0), None);
    }
}
