//! How little a short series supports: the highest level that can be claimed of its own errors, and the narrowest band
//! that is honest.

use std::fmt;

use super::effect::Scale;
use crate::forecast::draws::{normal_quantile, student_half_width};

/// The highest level of a two-sided interval that so many past errors support by themselves, whatever their
/// distribution: the next one lies between the smallest and the largest of n with probability (n − 1)/(n + 1). Anything
/// above rests on an assumption.
#[must_use]
pub fn highest_claim(errors: usize) -> f64 {
    let n = errors as f64;
    if errors == 0 { 0.0 } else { (n - 1.0) / (n + 1.0) }
}

/// Why a series supports no band.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsupported {
    /// Two changes at least are needed to see how they vary, so three values.
    TooShort,
    /// A value is no number, or has no logarithm where one is needed.
    Value,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort => write!(f, "fewer than three values support no band"),
            Self::Value => write!(f, "a value is not a number, or not positive where only a factor makes sense"),
        }
    }
}

impl std::error::Error for Unsupported {}

/// How much changes scatter elsewhere: what a series with few changes of its own is held to at least.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scatter {
    /// The standard deviation of the changes about their mean, on the scale of the band.
    pub spread: f64,
    /// So many changes it was seen in.
    pub changes: usize,
}

/// Fewer changes than this do not show how much they scatter: two that happen to be alike would promise a narrow band.
pub const FEW_CHANGES: usize = 6;

/// A smaller spread is that of rounding alone: changes that do not scatter at all.
const NO_SPREAD: f64 = 1e-9;

/// The narrowest band that is honest for a series of which nothing is known but its changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The values that it rests on.
    pub values: usize,
    /// Its level.
    pub level: f64,
    /// The last value carried on by the mean change.
    pub middle: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// How much wider it is than if the spread of the changes were known and not estimated.
    pub wider: f64,
    /// Whether its width is that of a [`Scatter`] seen elsewhere, because its own changes would make it narrower.
    pub borrowed: bool,
}

impl Band {
    /// Whether the level is more than the changes support by themselves.
    #[must_use]
    pub fn rests_on_an_assumption(&self) -> bool {
        self.level > highest_claim(self.values - 1)
    }
}

/// `10 values support only a wide band: …`.
impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (level, most) = (100.0 * self.level, 100.0 * highest_claim(self.values - 1));
        if self.borrowed {
            write!(
                f,
                "{} values support only a wide band: their {} changes by themselves allow at most {most:.0} %, and lie too close \
                 together to be believed",
                self.values,
                self.values - 1
            )
        } else if self.rests_on_an_assumption() {
            write!(
                f,
                "{} values support only a wide band: their {} changes by themselves allow at most {most:.0} %; \
                 {level:.0} % assumes normal changes and is {:.2} times as wide as if their spread were known",
                self.values,
                self.values - 1,
                self.wider
            )
        } else {
            write!(
                f,
                "{} values support a band of {level:.0} %, {:.2} times as wide as if their spread were known",
                self.values, self.wider
            )
        }
    }
}

/// The band of the value `steps` after the last, at a level such as 0.8: a random walk with drift, whose changes are
/// all taken as chance, breaks included, with Student's distribution for the spread that so few changes leave unknown.
///
/// # Errors
/// Fewer than three values, or one without a number on the scale.
pub fn band(values: &[f64], scale: Scale, steps: u32, level: f64) -> Result<Band, Unsupported> {
    band_of(values, scale, steps, level, None)
}

/// As [`band`]; with fewer than [`FEW_CHANGES`] changes, or such as do not scatter at all, it is at least as wide as this
/// scatter makes it, with Student's distribution for the changes that were seen there.
///
/// # Errors
/// As [`band`].
pub fn band_at_least(
    values: &[f64],
    scale: Scale,
    steps: u32,
    level: f64,
    least: Scatter,
) -> Result<Band, Unsupported> {
    band_of(values, scale, steps, level, Some(least))
}

fn band_of(values: &[f64], scale: Scale, steps: u32, level: f64, least: Option<Scatter>) -> Result<Band, Unsupported> {
    let on = |v: &f64| match scale {
        Scale::Level => *v,
        Scale::Log => v.ln(),
    };
    let scaled: Vec<f64> = values.iter().map(on).collect();
    if scaled.iter().any(|v| !v.is_finite()) {
        return Err(Unsupported::Value);
    }
    let [first, .., last] = scaled.as_slice() else { return Err(Unsupported::TooShort) };
    let changes = (scaled.len() - 1) as f64;
    let freedom = changes - 1.0;
    if freedom < 1.0 {
        return Err(Unsupported::TooShort);
    }
    let drift = (last - first) / changes;
    let squares: f64 = scaled.windows(2).map(|pair| (pair[1] - pair[0] - drift).powi(2)).sum();
    let h = f64::from(steps);
    let student = student_half_width(level, freedom);
    // The drift is a mean of the changes: its error adds up over the steps.
    let reach = (h + h * h / changes).sqrt();
    let spread = (squares / freedom).sqrt();
    let own = student * spread * reach;
    let few = scaled.len() - 1 < FEW_CHANGES || spread < NO_SPREAD;
    let least = least.filter(|s| few && s.changes > 1);
    let least = least.map_or(0.0, |s| student_half_width(level, (s.changes - 1) as f64) * s.spread * reach);
    let half = own.max(least);
    let middle = last + h * drift;
    let back = |v: f64| match scale {
        Scale::Level => v,
        Scale::Log => v.exp(),
    };
    let normal = normal_quantile(f64::midpoint(level, 1.0));
    Ok(Band {
        values: values.len(),
        level,
        middle: back(middle),
        low: back(middle - half),
        high: back(middle + half),
        wider: student / normal * (1.0 + h / changes).sqrt(),
        borrowed: least > own,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_errors_support_eighty_percent() {
        assert_eq!([0, 1, 3, 9, 39].map(highest_claim), [0.0, 0.0, 0.5, 0.8, 0.95]);
    }

    #[test]
    fn a_band_by_hand() {
        // 10 12 13 17: changes 2 1 4, drift 7/3; squares (1/9 + 16/9 + 25/9) = 14/3, over two degrees of freedom 7/3.
        // One step at 95 %: 17 + 7/3 ± 4.3027 · √(7/3 · (1 + ⅓)).
        let found = band(&[10.0, 12.0, 13.0, 17.0], Scale::Level, 1, 0.95).unwrap();
        let half = 4.302_653 * (28.0f64 / 9.0).sqrt();
        assert!((found.middle - 58.0 / 3.0).abs() < 1e-9);
        assert!((found.high - found.middle - half).abs() < 1e-5 && (found.middle - found.low - half).abs() < 1e-5);
        assert!((found.wider - 4.302_653 / 1.959_964 * (4.0f64 / 3.0).sqrt()).abs() < 1e-5);
        // On the log scale the same of the logarithms.
        let logs = band(&[10.0, 12.0, 13.0, 17.0].map(f64::exp), Scale::Log, 1, 0.95).unwrap();
        assert!((logs.high.ln() - found.high).abs() < 1e-9 && (logs.middle.ln() - found.middle).abs() < 1e-9);
        // Farther away it is wider.
        assert!(band(&[10.0, 12.0, 13.0, 17.0], Scale::Level, 2, 0.95).unwrap().low < found.low);
    }

    #[test]
    fn few_changes_are_held_to_a_scatter_seen_elsewhere() {
        // 10 11 12: no scatter of their own. At 80 % with nine changes of spread 0.5 elsewhere: Student's 1.3968 with eight
        // degrees of freedom, times 0.5, times √(1 + ½).
        let least = Scatter { spread: 0.5, changes: 9 };
        let found = band_at_least(&[10.0, 11.0, 12.0], Scale::Level, 1, 0.8, least).unwrap();
        assert!((found.high - 13.0 - 1.396_815 * 0.5 * 1.5f64.sqrt()).abs() < 1e-5 && found.borrowed, "{found:?}");
        assert!(found.to_string().starts_with("3 values support only a wide band: their 2 changes"), "{found}");
        // Changes that scatter more than that are believed: 10 12 13 17, as above.
        let own = band_at_least(&[10.0, 12.0, 13.0, 17.0], Scale::Level, 1, 0.95, least).unwrap();
        assert_eq!(own, band(&[10.0, 12.0, 13.0, 17.0], Scale::Level, 1, 0.95).unwrap());
        // Six changes speak for themselves, unless they are all the same.
        let six = [10.0, 11.0, 12.01, 13.0, 14.01, 15.0, 16.0];
        assert!(!band_at_least(&six, Scale::Level, 1, 0.8, least).unwrap().borrowed);
        assert!(band_at_least(&six[..6], Scale::Level, 1, 0.8, least).unwrap().borrowed);
        assert!(band_at_least(&[5.0; 10], Scale::Level, 1, 0.8, least).unwrap().borrowed);
    }

    #[test]
    fn it_says_what_it_rests_on() {
        let values: Vec<f64> = (0..10).map(f64::from).collect();
        let wide = band(&values, Scale::Level, 1, 0.95).unwrap();
        // 2.306/1.960 · √(10/9) = 1.24.
        assert_eq!(
            wide.to_string(),
            "10 values support only a wide band: their 9 changes by themselves allow at most 80 %; \
             95 % assumes normal changes and is 1.24 times as wide as if their spread were known"
        );
        assert!(!band(&values, Scale::Level, 1, 0.8).unwrap().rests_on_an_assumption());
    }

    #[test]
    fn nothing_is_made_of_too_little() {
        for values in [&[][..], &[1.0], &[1.0, 2.0]] {
            assert_eq!(band(values, Scale::Level, 1, 0.8), Err(Unsupported::TooShort));
        }
        assert_eq!(band(&[1.0, 0.0, 2.0], Scale::Log, 1, 0.8), Err(Unsupported::Value));
        assert!(band(&[1.0, 2.0, 4.0], Scale::Level, u32::MAX, 1.0).unwrap().high.is_infinite());
    }
}
