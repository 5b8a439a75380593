//! The Medicare payment floor as a sanity check of payment dates and payment lags.
//!
//! A contractor may not pay a clean claim before its payment floor date: the 14th day after receipt for electronic
//! claims, the 29th for paper (received from 2006-01-01 on, as Medicare contractors state it under "payment floor
//! standards"; the manual they refer to, chapter 1, section 80.2.1.2, was not read). What is paid earlier is a wrong
//! date, another payer, or a claim that was received before it is said to have been.

use crate::domain::Date;
use crate::forecast::Month;

/// How a claim reached the contractor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Medium {
    /// By a transmission of the HIPAA format.
    Electronic,
    /// On paper or by fax.
    Paper,
}

impl Medium {
    /// The first day on which a clean claim may be paid, counted from the day after its receipt.
    #[must_use]
    pub const fn floor_days(self) -> u16 {
        match self {
            Self::Electronic => 14,
            Self::Paper => 29,
        }
    }
}

/// A claim that was paid before its payment floor date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaidTooSoon {
    /// Which of the claims given, from 0.
    pub claim: usize,
    /// Days from receipt to payment; negative when it was paid before.
    pub days: i64,
    /// Days that the floor asks for.
    pub floor: u16,
}

/// The claims, as (received, paid, medium), that were paid before the floor allows. Where the day of receipt is not
/// known, the day of service does as well: no claim is received earlier, so what is too soon after the service is too
/// soon after receipt.
pub fn paid_too_soon(claims: impl IntoIterator<Item = (Date, Date, Medium)>) -> Vec<PaidTooSoon> {
    let broken = |(claim, (received, paid, medium)): (usize, (Date, Date, Medium))| {
        let (days, floor) = ((paid - received).num_days(), medium.floor_days());
        (days < i64::from(floor)).then_some(PaidTooSoon { claim, days, floor })
    };
    claims.into_iter().enumerate().filter_map(broken).collect()
}

/// The largest share of a month's services that can be paid in the same month, when every day has as many services as
/// any other and every claim is received on the day of service. 0 for a month that the calendar does not reach.
#[must_use]
pub fn most_in_same_month(month: Month, medium: Medium) -> f64 {
    let days: u16 = month.days().map(|_| 1).sum();
    let in_time = days.saturating_sub(medium.floor_days());
    if days == 0 { 0.0 } else { f64::from(in_time) / f64::from(days) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parse_iso_date;

    #[test]
    fn the_floor_is_the_fourteenth_and_the_twenty_ninth_day() {
        use Medium::{Electronic, Paper};
        let claims = [
            ("2024-03-01", "2024-03-15", Electronic),
            ("2024-03-01", "2024-03-14", Electronic),
            ("2024-03-01", "2024-03-30", Paper),
            ("2024-03-01", "2024-03-29", Paper),
            ("2024-03-01", "2024-02-28", Electronic),
        ];
        let days = claims.map(|(r, p, m)| (parse_iso_date(r).unwrap(), parse_iso_date(p).unwrap(), m));
        let found: Vec<_> = paid_too_soon(days).iter().map(|b| (b.claim, b.days, b.floor)).collect();
        assert_eq!(found, [(1, 13, 14), (3, 28, 29), (4, -2, 14)]);
    }

    #[test]
    fn at_most_half_of_a_month_is_paid_within_it() {
        // January: services of 1 to 17 January can be paid by the 31st; on paper those of the 1st and the 2nd.
        let january = Month::new(2024, 1).unwrap();
        assert_eq!(most_in_same_month(january, Medium::Electronic), 17.0 / 31.0);
        assert_eq!(most_in_same_month(january, Medium::Paper), 2.0 / 31.0);
        assert_eq!(most_in_same_month(Month::new(2023, 2).unwrap(), Medium::Paper), 0.0);
    }
}
