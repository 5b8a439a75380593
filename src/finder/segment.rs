//! Stretches of a sequence with the highest sums: all disjoint maximal ones in one pass (Ruzzo and Tompa, 1999).

use std::ops::Range;

/// A stretch under work: the sums before and after it.
struct Open {
    range: Range<usize>,
    before: i64,
    after: i64,
}

/// All maximal stretches of positive sum, in order: none can be lengthened or shortened without losing.
pub(super) fn segments(scores: impl IntoIterator<Item = i64>) -> Vec<Range<usize>> {
    let (mut done, mut open): (Vec<Range<usize>>, Vec<Open>) = (Vec::new(), Vec::new());
    let mut sum = 0i64;
    for (i, score) in scores.into_iter().enumerate() {
        let before = sum;
        sum = sum.saturating_add(score);
        if score <= 0 {
            continue;
        }
        let mut new = Open { range: i..i + 1, before, after: sum };
        loop {
            match open.iter().rposition(|earlier| earlier.before < new.before) {
                // No sum so far was lower: nothing that comes later can reach back over this point.
                None => {
                    done.extend(open.drain(..).map(|open| open.range));
                    break;
                }
                Some(j) if open[j].after >= new.after => break,
                Some(j) => {
                    new.range.start = open[j].range.start;
                    new.before = open[j].before;
                    open.truncate(j);
                }
            }
        }
        open.push(new);
    }
    done.extend(open.into_iter().map(|open| open.range));
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every maximal stretch by trying all of them: the best one, then the same left and right of it.
    fn by_force(scores: &[i64], from: usize, out: &mut Vec<Range<usize>>) {
        let mut best: Option<(i64, Range<usize>)> = None;
        for start in 0..scores.len() {
            let mut sum = 0;
            for end in start + 1..=scores.len() {
                sum += scores[end - 1];
                // Of equal sums the shorter one, then the earlier one.
                let better = best.as_ref().is_none_or(|(s, r)| sum > *s || (sum == *s && end - start < r.len()));
                if sum > 0 && better {
                    best = Some((sum, start..end));
                }
            }
        }
        let Some((_, range)) = best else { return };
        by_force(&scores[..range.start], from, out);
        out.push(from + range.start..from + range.end);
        by_force(&scores[range.end..], from + range.end, out);
    }

    #[test]
    fn the_example_of_the_paper_and_many_sequences_by_force() {
        // Ruzzo and Tompa 1999, section 2: (4, −5, 3, −3, 1, 2, −2, 2, −2, 1, 5) has (4), (3) and (1, 2, −2, 2, −2, 1, 5).
        assert_eq!(segments([4, -5, 3, -3, 1, 2, -2, 2, -2, 1, 5]), [0..1, 2..3, 4..11]);
        let mut state = 12_345u64;
        for length in 0..60 {
            let scores: Vec<i64> = (0..length)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    // Powers of two times odd numbers hardly give equal sums, which are cut differently.
                    i64::try_from((state >> 33) % 20_011).unwrap() - 10_000
                })
                .collect();
            let mut force = Vec::new();
            by_force(&scores, 0, &mut force);
            assert_eq!(segments(scores.iter().copied()), force, "{scores:?}");
        }
    }

    #[test]
    fn nothing_positive_gives_nothing() {
        assert!(segments([]).is_empty() && segments([0, -1, 0]).is_empty());
    }
}
