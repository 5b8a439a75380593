//! Whether a series is regular or sparse, and why: the scheme of Syntetos, Boylan and Croston (Journal of the
//! Operational Research Society 56 (2005) 495–503) by the mean interval between demands and the variation of their
//! sizes.

use std::fmt;

use super::demand::{NotDemand, check};

/// The mean interval from which demand is intermittent.
const LONG_INTERVAL: f64 = 1.32;

/// The squared coefficient of variation of the sizes from which demand is erratic.
const LARGE_VARIATION: f64 = 0.49;

/// What kind of demand it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nature {
    /// Nearly every period, alike.
    Smooth,
    /// Nearly every period, of very different sizes.
    Erratic,
    /// Now and then, alike.
    Intermittent,
    /// Now and then, of very different sizes.
    Lumpy,
    /// Never.
    Nothing,
}

impl Nature {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Smooth => "smooth",
            Self::Erratic => "erratic",
            Self::Intermittent => "intermittent",
            Self::Lumpy => "lumpy",
            Self::Nothing => "nothing",
        }
    }
}

/// What decides between models for regular and for sparse series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// Periods in all. Trim those before the practice began: they would make any series look sparse.
    pub periods: usize,
    /// Periods with demand.
    pub demands: usize,
    /// Periods per demand; `None` without any demand.
    pub interval: Option<f64>,
    /// The squared coefficient of variation of the sizes; 0 with fewer than two demands.
    pub variation: f64,
    /// What it comes to.
    pub nature: Nature,
}

impl Profile {
    /// Looks at a series.
    ///
    /// # Errors
    /// When the values are no demand. A series without any demand is [`Nature::Nothing`].
    pub fn of(values: &[f64]) -> Result<Self, NotDemand> {
        check(values)?;
        let sizes: Vec<f64> = values.iter().copied().filter(|v| *v > 0.0).collect();
        let (periods, demands) = (values.len(), sizes.len());
        let n = demands as f64;
        let interval = (demands > 0).then(|| periods as f64 / n);
        let mean = sizes.iter().sum::<f64>() / n;
        let variation =
            if demands < 2 { 0.0 } else { sizes.iter().map(|s| (s / mean - 1.0).powi(2)).sum::<f64>() / (n - 1.0) };
        let nature = match interval {
            None => Nature::Nothing,
            Some(interval) => match (interval >= LONG_INTERVAL, variation >= LARGE_VARIATION) {
                (false, false) => Nature::Smooth,
                (false, true) => Nature::Erratic,
                (true, false) => Nature::Intermittent,
                (true, true) => Nature::Lumpy,
            },
        };
        Ok(Self { periods, demands, interval, variation, nature })
    }

    /// Whether a model for sparse series is called for.
    #[must_use]
    pub const fn is_sparse(&self) -> bool {
        matches!(self.nature, Nature::Intermittent | Nature::Lumpy | Nature::Nothing)
    }
}

/// `sparse (lumpy): demand in 7 of 24 months, every 3.4 (sparse from 1.32); variation of sizes 0.81 (erratic from
/// 0.49)`.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { periods, demands, interval, variation, nature } = self;
        let Some(interval) = interval else { return write!(f, "sparse: no demand in {periods} months") };
        write!(
            f,
            "{} ({}): demand in {demands} of {periods} months, every {interval:.2} (sparse from {LONG_INTERVAL}); \
             variation of sizes {variation:.2} (erratic from {LARGE_VARIATION})",
            if self.is_sparse() { "sparse" } else { "regular" },
            nature.as_str()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_kinds_and_nothing() {
        // Sizes 1 and 9: mean 5, (0.8² + 0.8²)/1 = 1.28. Sizes 4 and 6: 2·0.2² = 0.08.
        let of = |values: &[f64]| Profile::of(values).unwrap();
        let cases: [(&[f64], Nature, f64); 5] = [
            (&[4.0, 6.0], Nature::Smooth, 0.08),
            (&[1.0, 9.0], Nature::Erratic, 1.28),
            (&[0.0, 4.0, 0.0, 6.0], Nature::Intermittent, 0.08),
            (&[1.0, 0.0, 9.0], Nature::Lumpy, 1.28),
            (&[0.0, 0.0], Nature::Nothing, 0.0),
        ];
        for (values, nature, variation) in cases {
            let profile = of(values);
            assert_eq!((profile.nature, profile.is_sparse()), (nature, values.contains(&0.0)), "{values:?}");
            assert!((profile.variation - variation).abs() < 1e-12, "{values:?}");
        }
        // One zero in four: an interval of 1.33 is just sparse; one in five is not.
        assert!(of(&[1.0, 1.0, 1.0, 0.0]).is_sparse() && !of(&[1.0, 1.0, 1.0, 1.0, 0.0]).is_sparse());
        assert_eq!(Profile::of(&[]), Err(NotDemand::Empty));
    }

    #[test]
    fn it_says_why() {
        assert_eq!(
            Profile::of(&[0.0, 4.0, 0.0, 6.0]).unwrap().to_string(),
            "sparse (intermittent): demand in 2 of 4 months, every 2.00 (sparse from 1.32); variation of sizes 0.08 \
             (erratic from 0.49)"
        );
        assert_eq!(Profile::of(&[0.0; 3]).unwrap().to_string(), "sparse: no demand in 3 months");
    }
}
