//! Amounts by origin (service month) and development (months since): the triangle that run-out is read from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::forecast::Month;

/// No triangle is larger: fifty years of months. A longer one comes from a mistyped date.
const LONGEST: usize = 600;

/// Why amounts make no triangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotATriangle {
    /// There is no amount at all.
    Empty,
    /// Rows and origins differ in number, or the origins are not in ascending order without repeats.
    Origins,
    /// An amount of this origin is not a finite number.
    NotFinite(Month),
    /// More than fifty years lie between the first origin, which is given, and the last.
    TooLong(Month),
}

impl fmt::Display for NotATriangle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "there are no payments to make a run-out triangle of"),
            Self::Origins => write!(f, "each origin of a triangle needs one row, and the origins ascend"),
            Self::NotFinite(origin) => write!(f, "an amount of {origin} is not a number"),
            Self::TooLong(origin) => {
                write!(f, "a triangle from {origin} on is longer than fifty years; check the dates")
            }
        }
    }
}

impl std::error::Error for NotATriangle {}

/// Cumulative amounts by origin and development. A cell is unknown when its month has not come yet or its payments were
/// not delivered; that is never 0. Rows may be ragged, and reversals may make them fall.
#[derive(Debug, Clone, PartialEq)]
pub struct Triangle {
    origins: Vec<Month>,
    developments: usize,
    cumulative: Vec<Vec<Option<f64>>>,
}

impl Triangle {
    /// From cumulative rows, one for each origin in ascending order; rows may differ in length.
    ///
    /// # Errors
    /// See [`NotATriangle`].
    pub fn from_cumulative(origins: Vec<Month>, mut rows: Vec<Vec<Option<f64>>>) -> Result<Self, NotATriangle> {
        if origins.len() != rows.len() || !origins.is_sorted_by(|a, b| a < b) {
            return Err(NotATriangle::Origins);
        }
        let known = |row: &Vec<Option<f64>>| row.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        let developments = rows.iter().map(known).max().unwrap_or(0);
        if developments == 0 {
            return Err(NotATriangle::Empty);
        }
        for (origin, row) in origins.iter().zip(&mut rows) {
            if row.iter().flatten().any(|amount| !amount.is_finite()) {
                return Err(NotATriangle::NotFinite(*origin));
            }
            row.resize(developments, None);
        }
        Ok(Self { origins, developments, cumulative: rows })
    }

    /// From incremental rows. After an unknown increment the rest of the row is unknown: the level is lost.
    ///
    /// # Errors
    /// See [`NotATriangle`].
    pub fn from_incremental(origins: Vec<Month>, rows: &[Vec<Option<f64>>]) -> Result<Self, NotATriangle> {
        let summed = |row: &Vec<Option<f64>>| {
            let mut level = Some(0.0);
            row.iter()
                .map(|increment| {
                    level = level.zip(*increment).map(|(level, increment)| level + increment);
                    level
                })
                .collect()
        };
        Self::from_cumulative(origins, rows.iter().map(summed).collect())
    }

    /// From payments as (service month, months until the payment, amount; reversals negative), as known at the end of
    /// `as_of`: later payments are left out, so that a past date gives what could have been known then. The payments
    /// are taken as complete: a month without any is 0. The payment months in `undelivered` are not, and what follows
    /// them in a row is unknown.
    ///
    /// # Errors
    /// See [`NotATriangle`].
    pub fn from_payments(
        payments: impl IntoIterator<Item = (Month, u32, f64)>,
        as_of: Month,
        undelivered: &BTreeSet<Month>,
    ) -> Result<Self, NotATriangle> {
        let mut sums: BTreeMap<(Month, u32), f64> = BTreeMap::new();
        for (origin, lag, amount) in payments {
            if !amount.is_finite() {
                return Err(NotATriangle::NotFinite(origin));
            }
            if i32::try_from(lag).is_ok_and(|lag| origin.plus(lag) <= as_of) {
                *sums.entry((origin, lag)).or_default() += amount;
            }
        }
        let Some(((first, _), _)) = sums.first_key_value() else { return Err(NotATriangle::Empty) };
        let months = usize::try_from(as_of.since(*first)).unwrap_or(0) + 1;
        if months > LONGEST {
            return Err(NotATriangle::TooLong(*first));
        }
        let origins: Vec<Month> = (0..).map(|n| first.plus(n)).take(months).collect();
        let row = |(n, origin): (usize, &Month)| -> Vec<Option<f64>> {
            let paid = |(lag, month): (u32, &Month)| {
                (!undelivered.contains(month)).then(|| sums.get(&(*origin, lag)).copied().unwrap_or(0.0))
            };
            // The payment months of an origin are the origins from it on.
            (0..).zip(&origins[n..]).map(paid).collect()
        };
        let rows: Vec<_> = origins.iter().enumerate().map(row).collect();
        Self::from_incremental(origins, &rows)
    }

    /// The same triangle without the developments from `developments` on.
    ///
    /// # Errors
    /// When nothing is left.
    pub fn cut(&self, developments: usize) -> Result<Self, NotATriangle> {
        let rows = self.cumulative.iter().map(|row| row.iter().take(developments).copied().collect()).collect();
        Self::from_cumulative(self.origins.clone(), rows)
    }

    /// The origins, ascending.
    #[must_use]
    pub fn origins(&self) -> &[Month] {
        &self.origins
    }

    /// How many developments there are: lags 0 up to, not including, this.
    #[must_use]
    pub const fn developments(&self) -> usize {
        self.developments
    }

    /// The amount up to and including a development, when known.
    #[must_use]
    pub fn cumulative(&self, origin: usize, development: usize) -> Option<f64> {
        *self.cumulative.get(origin)?.get(development)?
    }

    /// The amount of a development alone, when known.
    #[must_use]
    pub fn incremental(&self, origin: usize, development: usize) -> Option<f64> {
        let upto = self.cumulative(origin, development)?;
        match development.checked_sub(1) {
            None => Some(upto),
            Some(before) => Some(upto - self.cumulative(origin, before)?),
        }
    }

    /// The last known development of an origin and the amount up to it.
    #[must_use]
    pub fn latest(&self, origin: usize) -> Option<(usize, f64)> {
        let row = self.cumulative.get(origin)?;
        row.iter().enumerate().rev().find_map(|(development, amount)| Some((development, (*amount)?)))
    }

    /// The pairs of neighbouring cells at a development and the next, both known, with their origin.
    pub(super) fn pairs(&self, development: usize) -> impl Iterator<Item = (usize, f64, f64)> {
        let pair = move |origin| {
            Some((origin, self.cumulative(origin, development)?, self.cumulative(origin, development + 1)?))
        };
        (0..self.origins.len()).filter_map(pair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(number: u32) -> Month {
        Month::new(2024, number).unwrap()
    }

    fn cells(triangle: &Triangle) -> Vec<Vec<Option<f64>>> {
        (0..triangle.origins().len())
            .map(|i| (0..triangle.developments()).map(|j| triangle.cumulative(i, j)).collect())
            .collect()
    }

    /// January: 10 at once, 5 a month later, 2 taken back in March. February: nothing at once, 7 in March. March: 4.
    const PAYMENTS: [(u32, u32, f64); 6] =
        [(1, 0, 6.0), (1, 0, 4.0), (1, 1, 5.0), (1, 2, -2.0), (2, 1, 7.0), (3, 0, 4.0)];

    fn triangle(as_of: u32, undelivered: &[u32]) -> Result<Triangle, NotATriangle> {
        let payments = PAYMENTS.map(|(origin, lag, amount)| (month(origin), lag, amount));
        Triangle::from_payments(payments, month(as_of), &undelivered.iter().map(|m| month(*m)).collect())
    }

    #[test]
    fn payments_add_up_along_the_rows_and_a_month_without_any_is_zero() {
        let all = triangle(3, &[]).unwrap();
        let expected = [[Some(10.0), Some(15.0), Some(13.0)], [Some(0.0), Some(7.0), None], [Some(4.0), None, None]];
        assert_eq!(cells(&all), expected);
        assert_eq!(
            (all.incremental(0, 2), all.incremental(1, 0), all.incremental(1, 2)),
            (Some(-2.0), Some(0.0), None)
        );
        assert_eq!((all.latest(0), all.latest(1), all.latest(3)), (Some((2, 13.0)), Some((1, 7.0)), None));
    }

    #[test]
    fn an_earlier_day_gives_what_was_known_then_and_a_later_one_more_zeros() {
        assert_eq!(cells(&triangle(1, &[]).unwrap()), [[Some(10.0)]]);
        let later = triangle(4, &[]).unwrap();
        assert_eq!(cells(&later)[0], [Some(10.0), Some(15.0), Some(13.0), Some(13.0)]);
        assert_eq!(later.latest(3), Some((0, 0.0)));
    }

    #[test]
    fn what_was_not_delivered_is_unknown_and_so_is_what_follows_it() {
        let gap = triangle(3, &[2]).unwrap();
        // February's payments are missing: January's second cell and on, February's first and on. March is whole.
        assert_eq!(cells(&gap), [[Some(10.0)], [None], [Some(4.0)]]);
        assert_eq!(gap.latest(1), None);
    }

    #[test]
    fn a_hole_in_a_cumulative_row_loses_only_the_increments_beside_it() {
        let rows = vec![vec![Some(1.0), None, Some(5.0), Some(6.0)], vec![Some(2.0)]];
        let holed = Triangle::from_cumulative(vec![month(1), month(2)], rows).unwrap();
        assert_eq!((0..4).map(|j| holed.incremental(0, j)).collect::<Vec<_>>(), [Some(1.0), None, None, Some(1.0)]);
        assert_eq!(holed.pairs(2).collect::<Vec<_>>(), [(0, 5.0, 6.0)]);
        assert_eq!(holed.pairs(0).count(), 0);
    }

    #[test]
    fn what_makes_no_triangle_is_refused() {
        assert_eq!(Triangle::from_payments([], month(1), &BTreeSet::new()), Err(NotATriangle::Empty));
        // All payments lie after the day.
        assert_eq!(Triangle::from_payments([(month(5), 0, 1.0)], month(1), &BTreeSet::new()), Err(NotATriangle::Empty));
        assert_eq!(Triangle::from_cumulative(vec![], vec![]), Err(NotATriangle::Empty));
        assert_eq!(Triangle::from_cumulative(vec![month(1)], vec![vec![None]]), Err(NotATriangle::Empty));
        let row = || vec![Some(1.0)];
        assert_eq!(Triangle::from_cumulative(vec![month(2), month(1)], vec![row(), row()]), Err(NotATriangle::Origins));
        assert_eq!(Triangle::from_cumulative(vec![month(2)], vec![]), Err(NotATriangle::Origins));
        let not = Triangle::from_payments([(month(1), 0, f64::NAN)], month(1), &BTreeSet::new());
        assert_eq!(not, Err(NotATriangle::NotFinite(month(1))));
        let old = Month::new(1924, 1).unwrap();
        let typo = Triangle::from_payments([(old, 0, 1.0)], month(1), &BTreeSet::new());
        assert_eq!(typo, Err(NotATriangle::TooLong(old)));
        assert_eq!(
            Triangle::from_payments([(month(1), u32::MAX, 1.0)], month(1), &BTreeSet::new()),
            Err(NotATriangle::Empty)
        );
    }

    #[test]
    fn a_cut_triangle_keeps_its_origins() {
        let cut = triangle(3, &[]).unwrap().cut(1).unwrap();
        assert_eq!(cells(&cut), [[Some(10.0)], [Some(0.0)], [Some(4.0)]]);
        assert_eq!(triangle(3, &[]).unwrap().cut(0), Err(NotATriangle::Empty));
    }
}
