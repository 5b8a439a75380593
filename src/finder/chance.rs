//! Whether a stretch could be a coincidence of single mistakes: the more of a cause lies scattered outside, the more likely one
//! day brings several of them.

#![expect(clippy::float_arithmetic, reason = "a file of estimates: probabilities, never money")]

/// How many stretches as good as this one chance may bring, over all of a group.
const AT_MOST: f64 = 0.001;

/// Whether single mistakes as frequent as outside the stretch would hardly bring it: about how many runs of `lines` lines among
/// `all` would hold `matched` of them or more. A stretch that is most of its group has no outside to be held against.
///
/// `within` and `whole` are lines that match, and all lines on which the rate would show: in the stretch, and altogether.
pub(super) fn is_beyond_chance(within: (usize, usize), whole: (usize, usize)) -> bool {
    let ((matched, lines), (all_matched, all)) = (within, whole);
    let (outside_matched, outside) = (all_matched.saturating_sub(matched), all.saturating_sub(lines));
    if outside_matched == 0 || outside <= lines {
        return true;
    }
    let rate = outside_matched as f64 / outside as f64;
    // all × C(lines, matched) × rate^matched, by logarithms.
    let choose: f64 = (0..matched).map(|i| (lines.saturating_sub(i) as f64 / (i + 1) as f64).ln()).sum();
    (all as f64).ln() + choose + matched as f64 * rate.ln() <= AT_MOST.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_a_frequent_mistake_is_chance_and_a_run_of_a_rare_one_is_not() {
        // Outside 80 of 4,000: 4,020 × C(20, 5) × 0.02^5 = 4,020 × 15,504 × 3.2e-9 = 0.199: now and then.
        assert!(!is_beyond_chance((5, 20), (85, 4020)));
        // 4,005 × C(5, 5) × 0.02^5 = 1.3e-5: hardly ever.
        assert!(is_beyond_chance((5, 5), (85, 4005)));
        // Nothing outside, or no outside.
        assert!(is_beyond_chance((5, 25), (5, 4025)));
        assert!(is_beyond_chance((30, 60), (31, 70)));
    }
}
