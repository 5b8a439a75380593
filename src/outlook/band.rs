//! What is read from the paths: means and central ranges of months and sums, by group and in all.

use super::book::LeafKey;
use super::measure::{Dim, MEASURES, Measure};
use super::volume::Stem;
use crate::domain::{Date, Money};
use crate::forecast::Month;
use crate::leakage::Cause;

/// A measure of a month, or of all months: the mean and central ranges. In cents (lines: in hundredths).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Band {
    /// The mean; means of parts add up.
    pub mean: i64,
    /// The middle path.
    pub median: i64,
    /// Half of the paths lie within.
    pub i50: (i64, i64),
    /// Four fifths.
    pub i80: (i64, i64),
    /// Nineteen twentieths.
    pub i95: (i64, i64),
}

impl Band {
    /// The band of the values that paths take; a quantile is the value of a path.
    #[must_use]
    pub fn of(mean: i64, mut paths: Vec<i64>) -> Self {
        paths.sort_unstable();
        let at = |share: f64| rank(paths.len(), share).and_then(|i| paths.get(i)).copied().unwrap_or_default();
        Self { mean, median: at(0.5), i50: (at(0.25), at(0.75)), i80: (at(0.1), at(0.9)), i95: (at(0.025), at(0.975)) }
    }

    /// The range of a level of 50, 80 or 95 percent; 80 for any other.
    #[must_use]
    pub const fn range(&self, level: u8) -> (i64, i64) {
        match level {
            50 => self.i50,
            95 => self.i95,
            _ => self.i80,
        }
    }
}

/// The place of a quantile among sorted paths: that of a path, not between two.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a small count"
)]
fn rank(n: usize, share: f64) -> Option<usize> {
    n.checked_sub(1).map(|last| (share * last as f64).round() as usize)
}

/// A group, or the total: means and paths of all measures.
#[derive(Debug, Clone)]
pub struct GroupOutlook {
    /// The values of the dimensions; empty for the total.
    pub label: Vec<String>,
    /// Means by month and measure.
    pub(super) means: Vec<[i64; MEASURES]>,
    /// Path × month × measure.
    pub(super) paths: Vec<[i64; MEASURES]>,
    pub(super) horizon: usize,
}

impl GroupOutlook {
    /// A measure of a month to come, from 0.
    #[must_use]
    pub fn month(&self, at: usize, measure: Measure) -> Band {
        let mean = self.means.get(at).map_or(0, |m| m[measure.at()]);
        let paths = self.paths.iter().skip(at).step_by(self.horizon.max(1));
        Band::of(mean, paths.map(|p| p[measure.at()]).collect())
    }

    /// A measure over all months to come. Its ranges are those of the sums of the paths.
    #[must_use]
    pub fn sum(&self, measure: Measure) -> Band {
        Band::of(self.means.iter().map(|m| m[measure.at()]).sum(), self.path_sums(measure))
    }

    /// The sum of each path over all months.
    #[must_use]
    pub fn path_sums(&self, measure: Measure) -> Vec<i64> {
        let sum = |path: &[[i64; MEASURES]]| path.iter().map(|m| m[measure.at()]).sum();
        self.paths.chunks(self.horizon.max(1)).map(sum).collect()
    }
}

/// A cause of leakage, in all months to come together, in cents.
#[derive(Debug, Clone, PartialEq)]
pub struct CauseOutlook {
    /// The cause.
    pub cause: Cause,
    /// Its mean and ranges; means add up to those of denied and underpaid.
    pub band: Band,
}

/// The forecast of a practice.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// The day on which it was known.
    pub as_of: Date,
    /// The months to come.
    pub months: Vec<Month>,
    /// Dimensions of the groups.
    pub by: Vec<Dim>,
    /// The groups, sorted by label.
    pub groups: Vec<GroupOutlook>,
    /// All of them.
    pub total: GroupOutlook,
    /// Months that lie between the last of services in the files and the months to come: their postings are whole and in the book,
    /// their services are forecast and stand in no sum.
    pub between_months: Vec<Month>,
    /// All groups in these months: what was served in them, by forecast. Their cash is that of [`Book::cash_of`].
    pub between: GroupOutlook,
    /// Leakage by cause, largest first.
    pub causes: Vec<CauseOutlook>,
    /// Means of every leaf by month: what all printed means are sums of.
    pub leaves: Vec<(LeafKey, Vec<[i64; MEASURES]>)>,
    /// How the volumes were forecast.
    pub stems: Vec<Stem>,
    /// Lines without a price among the lines to come, mean, in hundredths.
    pub unpriced: i64,
    /// Payments of the horizon on services that are in the files, mean: the sum of [`Measure::CashOfServed`].
    pub of_earlier_services: Money,
    /// Whether any line is answered, and whether any payment is known: without, see [`Self::knows`].
    pub answers: (bool, bool),
    /// What became of the plan.
    pub notes: Vec<String>,
}

impl Outlook {
    /// Whether anything tells of a measure. Without any answer it is not known what is denied, allowed or paid, and without any
    /// payment not what comes in: their figures mean nothing and are not to be shown.
    #[must_use]
    pub const fn knows(&self, measure: Measure) -> bool {
        match measure {
            Measure::Lines | Measure::Expected => true,
            Measure::Cash | Measure::CashOfServed | Measure::CashOfForecast | Measure::CashPosted => self.answers.1,
            _ => self.answers.0,
        }
    }

    /// A measure of all groups over all months; `None` when nothing tells of it.
    #[must_use]
    pub fn known_sum(&self, measure: Measure) -> Option<Band> {
        self.knows(measure).then(|| self.total.sum(measure))
    }

    /// A measure of all groups in a month to come, from 0; `None` when nothing tells of it.
    #[must_use]
    pub fn known_month(&self, at: usize, measure: Measure) -> Option<Band> {
        self.knows(measure).then(|| self.total.month(at, measure))
    }

    /// The groups in the future in which the total of a measure is at a quantile (0.1: one in ten is lower): their parts add up
    /// to the total to the cent. By the sum over all months.
    #[must_use]
    pub fn at_quantile(&self, measure: Measure, share: f64) -> (i64, Vec<i64>) {
        let total = self.total.path_sums(measure);
        let mut order: Vec<usize> = (0..total.len()).collect();
        order.sort_by_key(|i| (total[*i], *i));
        let Some(path) = rank(order.len(), share).and_then(|at| order.get(at)).copied() else {
            return (0, vec![0; self.groups.len()]);
        };
        (total[path], self.groups.iter().map(|g| g.path_sums(measure)[path]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_of_paths() {
        // 11 paths: the tenth percentile is the second, the median the sixth.
        let band = Band::of(7, (0..11).rev().collect());
        assert_eq!((band.median, band.i80, band.i50, band.i95), (5, (1, 9), (3, 8), (0, 10)));
        assert_eq!(Band::of(0, Vec::new()).median, 0);
    }
}
