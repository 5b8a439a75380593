//! Which lines are old enough to be judged for good.
//!
//! A line is mature when its payer has had the time within which it gives nine of ten first answers, and after that its whole
//! window for appeals and corrected claims has passed. What is not paid then will hardly be; what is younger makes every rate
//! of collection look worse than it is.

use std::collections::BTreeMap;

use crate::domain::{Date, Payer, ServiceLine};

use super::judge::{JudgedLine, appeal_days};

/// Marks the mature lines as of a day; `lines` and `judged` run in parallel. A payer that has answered nothing is given the
/// time of all payers together; without any answer no line is mature. Gives the shortest and the longest age in days that a
/// payer's lines must pass.
pub fn mark_mature<'p>(
    lines: &[ServiceLine],
    judged: &mut [JudgedLine],
    payer_of: impl Fn(&str) -> Option<&'p Payer>,
    as_of: Date,
) -> Option<(i64, i64)> {
    let mut all = Vec::new();
    let mut of_payer: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for (line, judged) in lines.iter().zip(judged.iter()) {
        let days = of_payer.entry(&*line.payer).or_default();
        days.extend(judged.days_to_answer);
        all.extend(judged.days_to_answer);
    }
    let of_all = ninth_tenth(&mut all)?;
    let ages: BTreeMap<&str, i64> = of_payer
        .into_iter()
        .map(|(id, mut days)| (id, i64::from(ninth_tenth(&mut days).unwrap_or(of_all)) + appeal_days(payer_of(id))))
        .collect();
    for (line, judged) in lines.iter().zip(judged) {
        let age = ages.get(&*line.payer).copied().unwrap_or(i64::MAX);
        judged.mature = (as_of - line.service_date).num_days() > age;
    }
    Some((ages.values().copied().min()?, ages.values().copied().max()?))
}

/// The 90th percentile by nearest rank.
fn ninth_tenth(days: &mut [i32]) -> Option<i32> {
    days.sort_unstable();
    let rank = (days.len() * 9).div_ceil(10);
    rank.checked_sub(1).and_then(|i| days.get(i)).copied()
}

#[cfg(test)]
mod tests {
    use super::ninth_tenth;

    #[test]
    fn the_ninth_tenth_is_a_day_that_occurred() {
        // Ten answers: the ninth; eleven: ⌈9.9⌉, the tenth.
        assert_eq!(ninth_tenth(&mut [10, 1, 9, 2, 8, 3, 7, 4, 6, 5]), Some(9));
        assert_eq!(ninth_tenth(&mut [11, 10, 1, 9, 2, 8, 3, 7, 4, 6, 5]), Some(10));
        assert_eq!(ninth_tenth(&mut [7]), Some(7));
        assert_eq!(ninth_tenth(&mut []), None);
    }
}
