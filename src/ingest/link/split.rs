//! Splitting an amount over lines so that the parts add up to it, to the cent.

use crate::domain::{Adjustment, Money};

/// Splits an amount in proportion to weights (their signs do not matter), the cents left over going to the largest
/// remainders, first come first served. Without any weight all goes to the first part.
pub(super) fn split(amount: Money, weights: &[Money]) -> Vec<Money> {
    let weights: Vec<i128> = weights.iter().map(|w| i128::from(w.cents()).abs()).collect();
    let whole: i128 = weights.iter().sum();
    if whole == 0 {
        let first = |i| if i == 0 { amount } else { Money::ZERO };
        return (0..weights.len()).map(first).collect();
    }
    let sign = if amount < Money::ZERO { -1 } else { 1 };
    let total = i128::from(amount.cents()).abs();
    let mut parts: Vec<i128> = weights.iter().map(|w| total * w / whole).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|i| (std::cmp::Reverse(total * weights[*i] % whole), *i));
    let left = total - parts.iter().sum::<i128>();
    for i in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        parts[i] += 1;
    }
    parts.into_iter().map(|part| Money::from_cents(sign * i64::try_from(part).unwrap_or(i64::MAX))).collect()
}

/// Splits every adjustment; the adjustments of each part. Quantities are not split: they stay with none.
pub(super) fn split_adjustments(adjustments: &[Adjustment], weights: &[Money]) -> Vec<Vec<Adjustment>> {
    let mut parts = vec![Vec::new(); weights.len()];
    for adjustment in adjustments {
        for (part, amount) in parts.iter_mut().zip(split(adjustment.amount, weights)) {
            if !amount.is_zero() || adjustment.amount.is_zero() {
                part.push(Adjustment { amount, quantity: None, ..adjustment.clone() });
            }
        }
    }
    parts
}

/// Splits adjustments that add up to the weights, so that the parts of each line add up to its weight to the cent: every
/// adjustment gets what the sum up to it adds.
pub(super) fn split_exactly(adjustments: &[Adjustment], weights: &[Money]) -> Vec<Vec<Adjustment>> {
    let mut parts = vec![Vec::new(); weights.len()];
    let (mut sum, mut before) = (Money::ZERO, vec![Money::ZERO; weights.len()]);
    for adjustment in adjustments {
        sum += adjustment.amount;
        let now = split(sum, weights);
        for ((part, now), before) in parts.iter_mut().zip(&now).zip(&before) {
            let amount = *now - *before;
            if !amount.is_zero() {
                part.push(Adjustment { amount, quantity: None, ..adjustment.clone() });
            }
        }
        before = now;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(amounts: &[i64]) -> Vec<Money> {
        amounts.iter().map(|c| Money::from_cents(*c)).collect()
    }

    #[test]
    fn parts_add_up_and_the_largest_remainder_gets_the_cent() {
        // 10.00 over 45 : 45 : 85 of 175: 2.5714…, 2.5714…, 4.8571… → 2.57 + 2.57 + 4.86.
        assert_eq!(split(Money::from_cents(1000), &cents(&[4500, 4500, 8500])), cents(&[257, 257, 486]));
        assert_eq!(split(Money::from_cents(-1), &cents(&[1, 1])), cents(&[-1, 0]));
        assert_eq!(split(Money::from_cents(5), &cents(&[0, 0])), cents(&[5, 0]));
        assert_eq!(split(Money::from_cents(100), &cents(&[-300, 100])), cents(&[75, 25]));
    }
}
