//! The answer on top: what comes, what of it is lost, what is paid, beside the year before, and how often past ranges held.

use rust_decimal::{Decimal, RoundingStrategy};

use super::ForecastPage;
use super::cells::{more, pretty, shown, span_of, whole_lines};
use super::notes::names_of;
use crate::domain::Money;
use crate::forecast::Month;
use crate::outlook::{Band, Measure};
use crate::report::model::Stat;

/// So many more or fewer in a hundred held are no chance of the few months that can be tested.
const FAR: f64 = 0.1;

/// So small a share of cash may come for services in no file, and it is compared all the same.
pub(super) const SLIGHT: f64 = 0.03;

/// One line in so many without a price is said beside every sum of expected amounts.
const MANY: i64 = 20;

/// What came before.
struct Before {
    /// The months that are compared, both included.
    span: (Month, Month),
    sum: Money,
    /// Of cash: what was paid in these months on claims that are not in the files.
    apart: Money,
}

impl ForecastPage<'_> {
    /// Whether no line to come has a price: then nothing of what it is worth is known.
    pub(super) fn no_price(&self) -> bool {
        let leaves = self.outlook.leaves.iter().zip(&self.rates.unpriced);
        let mut own =
            leaves.filter(|((_, means), _)| means.iter().any(|m| m[Measure::Lines as usize] != 0)).map(|(_, s)| *s);
        own.next().is_some_and(|first| first >= 1.0) && own.all(|share| share >= 1.0)
    }

    /// A measure over all months and groups, unless it is not known because no line has a price.
    pub(super) fn all(&self, measure: Measure) -> Option<Band> {
        let needs_price = !matches!(measure, Measure::Lines | Measure::Cash);
        (!needs_price || !self.no_price()).then(|| self.outlook.known_sum(measure)).flatten()
    }

    /// Lines to come without a price, and all lines to come.
    fn unpriced(&self) -> (i64, i64) {
        (self.outlook.unpriced, self.outlook.total.sum(Measure::Lines).mean)
    }

    /// `156 of 9,624 lines to come have no price`, where there are such lines.
    pub(super) fn unpriced_words(&self) -> Option<String> {
        let (none, all) = self.unpriced();
        (none > 0).then(|| format!("{} of {} lines to come have no price", whole_lines(none), whole_lines(all)))
    }

    /// Whether so many lines have no price that a figure of the others misleads by itself.
    pub(super) fn many_unpriced(&self) -> bool {
        let (none, all) = self.unpriced();
        none > 0 && none.saturating_mul(MANY) >= all
    }

    /// What is denied or underpaid in all months to come, if nothing changes.
    pub(super) fn lost(&self) -> Band {
        let [denied, underpaid] = [Measure::Denied, Measure::Underpaid].map(|m| self.outlook.total.path_sums(m));
        let paths = denied.iter().zip(&underpaid).map(|(a, b)| a + b).collect();
        Band::of(self.outlook.causes.iter().map(|c| c.band.mean).sum(), paths)
    }

    /// What came in the same months of the year before, or, where not all of them are known, in the last twelve whole ones of a
    /// forecast of twelve. Nothing where services of some of them are in no file, or cash of some is that of such services.
    fn year_before(&self, measure: Measure) -> Option<Before> {
        let (from, to) = (*self.outlook.months.first()?, *self.outlook.months.last()?);
        let book = self.book;
        let last = if measure == Measure::Cash { book.last_posting } else { book.last_service };
        let span = match self.outlook.months.len() {
            0..=12 if to.plus(-12) <= last => (from.plus(-12), to.plus(-12)),
            12 => (last.plus(-11), last),
            _ => return None,
        };
        let months = || (0..=span.1.since(span.0)).map(|n| span.0.plus(n));
        if span.0 < book.first {
            return None;
        }
        if measure == Measure::Cash {
            // Where the services of a month's cash are in no file, what was paid on claims that are not in the files stands beside it.
            let lacked = months().map(|month| self.lacked(month)).sum::<f64>() / months().count().max(1) as f64;
            let is_whole = span.0 >= self.whole_cash_from() && lacked <= SLIGHT;
            let told =
                |month: Month| self.is_whole_cash(month) || book.without_line.paid_in(month, month) > Money::ZERO;
            if !is_whole && !months().all(told) {
                return None;
            }
            let sum = months().map(|month| book.cash_of(month)).sum::<Option<Money>>()?;
            return Some(Before { span, sum, apart: book.without_line.paid_in(span.0, span.1) });
        }
        if months().any(|month| book.missing.contains(&month)) {
            return None;
        }
        let of = |month: Month| usize::try_from(month.since(book.first)).ok().map(|at| book.cell(at).expected);
        Some(Before { span, sum: months().map(of).sum::<Option<Money>>()?, apart: Money::ZERO })
    }

    fn stat(&self, label: &str, measure: Measure, what: &str, accent: bool) -> Stat {
        let months = self.outlook.months.len();
        let Some(band) = self.all(measure) else {
            return self.unknown_stat(label, measure);
        };
        let mut basis = format!("{} over {}", self.range(&band), count(months, what));
        if let Some(words) = self.unpriced_words().filter(|_| measure == Measure::Expected && self.many_unpriced()) {
            basis = format!("{basis}; {words}");
        }
        if let Some(without) = self.unanswered_words().filter(|_| measure == Measure::Cash) {
            basis = format!("{basis}; {without}");
        }
        if let Some(Before { span, sum, apart }) = self.year_before(measure) {
            let apart = match apart.is_zero() {
                true => String::new(),
                false => format!(" on claims in the files, and {} on others", apart.pretty_dollars()),
            };
            basis = format!("{basis}; it was {} in {}{apart}", sum.pretty_dollars(), span_of(span.0, span.1));
        }
        Stat { label: label.to_owned(), value: pretty(band.mean), basis, accent }
    }

    /// `without Great Lakes Mutual, of which no answer is in the files`.
    pub(super) fn unanswered_words(&self) -> Option<String> {
        let named = self.book.payers.iter().filter(|p| p.unanswered).map(|p| p.name.clone()).collect::<Vec<_>>();
        (!named.is_empty()).then(|| format!("without {}, of which no answer is in the files", names_of(&named)))
    }

    fn unknown_stat(&self, label: &str, measure: Measure) -> Stat {
        Stat {
            label: label.to_owned(),
            value: "not known".to_owned(),
            basis: self.unknown(measure).to_owned(),
            accent: false,
        }
    }

    /// `$1 to $2 (80% range)`.
    fn range(&self, band: &Band) -> String {
        let (low, high) = band.range(self.level);
        format!("{} to {} ({}% range)", pretty(low), pretty(high), self.level)
    }

    fn lost_stat(&self) -> Stat {
        let label = "Denied or underpaid";
        let Some((expected, _)) = self.all(Measure::Expected).zip(self.all(Measure::Denied)) else {
            return self.unknown_stat(label, Measure::Denied);
        };
        let lost = self.lost();
        let mut basis = self.range(&lost);
        if let Some(share) = Decimal::from(lost.mean).checked_div(Decimal::from(expected.mean)) {
            let percent =
                (share * Decimal::ONE_HUNDRED).round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
            basis = format!("{basis}; {}% of expected", percent.normalize());
        }
        if let Some(first) = self.outlook.causes.first() {
            basis = format!("{basis}; largest cause: {}, {}", first.cause.label(), pretty(first.band.mean));
        }
        Stat { label: label.to_owned(), value: pretty(lost.mean), basis, accent: false }
    }

    /// How often the ranges of cash of the asked level held, in all past forecasts.
    fn held_stat(&self) -> Option<Stat> {
        let (_, money) = self.tests?;
        let all = money.measures.iter().find(|m| m.measure == Measure::Cash)?.groups.first()?.overall;
        let at = crate::outlook::LEVELS.iter().position(|l| (l * 100.0).round() as u8 == self.level)?;
        let held = all.coverage[at]?;
        let judged = match held - crate::outlook::LEVELS[at] {
            above if above > FAR => "the ranges are wider than they say",
            below if below < -FAR => "the ranges are narrower than they say",
            _ => "about as promised",
        };
        Some(Stat {
            label: "Past ranges that held".to_owned(),
            value: shown(held),
            basis: format!(
                "of {} forecasts of a month's cash, made at the {}, came within their {}% range: {judged}",
                all.forecasts,
                if money.origins == 1 {
                    "end of one month".to_owned()
                } else {
                    format!("ends of {} months", money.origins)
                },
                self.level
            ),
            accent: false,
        })
    }

    /// Four tiles; more where a scenario or an earlier forecast is compared.
    pub(super) fn headline(&self) -> Vec<Stat> {
        let mut stats = vec![
            self.stat("Expected", Measure::Expected, "of service", false),
            self.lost_stat(),
            self.stat("Cash from payers", Measure::Cash, "of posting", true),
        ];
        stats.extend(self.held_stat());
        let quiet =
            |label: &str, value: String, basis: String| Stat { label: label.to_owned(), value, basis, accent: false };
        if let Some((other, words)) = self.scenario {
            let (measure, name) = if self.outlook.knows(Measure::Cash) {
                (Measure::Cash, "cash")
            } else {
                (Measure::Expected, "expected")
            };
            let delta = other.total.sum(measure).mean - self.outlook.total.sum(measure).mean;
            let without = self.unanswered_words().map(|words| format!("; {words}")).unwrap_or_default();
            stats.push(quiet("Scenario", more(delta), format!("{name} with {words}, under the same luck{without}")));
        }
        if let Some((kept, (difference, months))) = self.bridges.map(|b| b.kept).zip(self.since()) {
            let basis = format!("cash than the forecast of {kept} had, {months}");
            stats.push(quiet("Since the last forecast", difference, basis));
        }
        stats
    }
}

/// `one month of service`, `12 months of service`.
fn count(months: usize, what: &str) -> String {
    match months {
        1 => format!("one month {what}"),
        n => format!("{n} months {what}"),
    }
}
