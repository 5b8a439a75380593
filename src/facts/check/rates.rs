//! Checks of amounts: ranges, who pays more, how much rates vary and change.

use chrono::Datelike;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{Code, Date};
use crate::facts::grounds::{Grounds, YearSpan};
use crate::facts::verdict::{Answer, Ground, Verdict};
use crate::facts::words::{dollars, list, number, span};
use crate::reference::RateRow;

use super::missing;

/// A band of figures that stands for one payer type.
struct Band {
    name: &'static str,
    low: Decimal,
    high: Decimal,
    words: String,
    ground: Ground,
    sources: Vec<String>,
}

impl Band {
    /// Whether the claimed range holds this band, a part of it, or none of it.
    fn within(&self, low: Decimal, high: Decimal) -> Verdict {
        if low <= self.low && self.high <= high {
            Verdict::Agrees
        } else if self.high < low || high < self.low {
            Verdict::Disagrees
        } else {
            Verdict::AgreesInPart
        }
    }
}

/// A range of dollars against the figures of its payers.
pub(super) fn range(grounds: &Grounds<'_>, code: Code, payers: &str, low: Decimal, high: Decimal) -> Answer {
    let year = grounds.year();
    match payers {
        "medicare" => {
            let Some(band) = medicare(grounds, code) else {
                return missing(format!("Medicare sets no fee for {code} in {year}"));
            };
            one(&band, low, high)
        }
        "medicaid" => {
            let Some(nation) = grounds.reference().medicaid.observed_nation(code) else {
                return missing(format!("no observed Medicaid payments of {code}"));
            };
            let [p10, p25, median, p75, p90, ..] = nation.percentiles;
            let verdict = tail(&nation.percentiles, low, high);
            let mut right = format!(
                "half of the providers get {}, a tenth less than {}, a tenth more than {}",
                span(p25, p75),
                dollars(p10),
                dollars(p90)
            );
            if verdict == Verdict::AgreesInPart && low <= p25 && p75 <= high {
                right = format!(
                    "it holds for the middle half of the providers; a tenth gets less than {}, a tenth more than {}",
                    dollars(p10),
                    dollars(p90)
                );
            }
            let found = format!(
                "observed per claim 2018–2024, over providers: middle half {}, median {}, 10th to 90th percentile {} ({} claims)",
                span(p25, p75),
                dollars(median),
                span(p10, p90),
                number(nation.claims)
            );
            Answer::published(verdict, found).on(Ground::Observed).right(right).cited([&nation.row])
        }
        "commercial" => match commercial(grounds, code) {
            Some(band) => one(&band, low, high),
            None => no_contracts(grounds),
        },
        _ => all(grounds, code, low, high),
    }
}

/// The verdict on a range against observed percentiles: the 10th to the 90th must lie in it.
fn tail(percentiles: &[Decimal; 7], low: Decimal, high: Decimal) -> Verdict {
    let [p10, _, _, _, p90, ..] = *percentiles;
    let band =
        Band { name: "", low: p10, high: p90, words: String::new(), ground: Ground::Observed, sources: Vec::new() };
    band.within(low, high)
}

fn one(band: &Band, low: Decimal, high: Decimal) -> Answer {
    let verdict = band.within(low, high);
    let right = match (band.low < low, high < band.high, verdict) {
        (_, _, Verdict::Disagrees) => span(band.low, band.high),
        (true, false, _) => format!("the lowest, {}, lies below the range", dollars(band.low)),
        (false, true, _) => format!("the highest, {}, lies above the range", dollars(band.high)),
        _ => format!("the range is narrower than the figures, {}", span(band.low, band.high)),
    };
    Answer::published(verdict, &band.words).on(band.ground).right(right).cited(&band.sources)
}

/// A range said of all payers: Medicare's localities, the middle half of Medicaid, and the project's commercial contracts.
fn all(grounds: &Grounds<'_>, code: Code, low: Decimal, high: Decimal) -> Answer {
    let medicaid = grounds.reference().medicaid.observed_nation(code).map(|nation| {
        let [_, p25, _, p75, ..] = nation.percentiles;
        Band {
            name: "Medicaid",
            low: p25,
            high: p75,
            words: format!("Medicaid's middle half 2018–2024 {} ({} claims)", span(p25, p75), number(nation.claims)),
            ground: Ground::Observed,
            sources: vec![nation.row.to_string()],
        }
    });
    let bands: Vec<Band> =
        [medicare(grounds, code), medicaid, commercial(grounds, code)].into_iter().flatten().collect();
    if bands.is_empty() {
        return missing(format!("no figures of {code} in {}", grounds.year()));
    }
    let verdicts: Vec<Verdict> = bands.iter().map(|band| band.within(low, high)).collect();
    let fit = |wanted: Verdict| {
        let names = bands.iter().zip(&verdicts).filter(|(_, v)| **v == wanted).map(|(b, _)| b.name.to_owned());
        names.collect::<Vec<_>>()
    };
    let parts = [
        (Verdict::Agrees, "lies in the range", "lie in the range"),
        (Verdict::AgreesInPart, "lies partly outside it", "lie partly outside it"),
        (Verdict::Disagrees, "lies outside it", "lie outside it"),
    ];
    let right: Vec<String> = parts
        .iter()
        .filter_map(|(verdict, one, many)| {
            let names = fit(*verdict);
            (!names.is_empty()).then(|| format!("{} {}", list(&names), if names.len() == 1 { one } else { many }))
        })
        .collect();
    let words: Vec<&str> = bands.iter().map(|band| band.words.as_str()).collect();
    let ground = bands.iter().map(|band| band.ground).max().unwrap_or(Ground::Nothing);
    Answer::published(Verdict::over(verdicts), words.join("; "))
        .on(ground)
        .right(right.join("; "))
        .cited(bands.iter().flat_map(|band| &band.sources))
}

/// `$13.88 (AR, 07102-13)`.
fn at(row: &RateRow) -> String {
    let place = row.area.map_or_else(String::new, |(locality, state)| format!(" ({state}, {locality})"));
    format!("{}{place}", dollars(row.rate.unwrap_or_default()))
}

fn medicare(grounds: &Grounds<'_>, code: Code) -> Option<Band> {
    let YearSpan { low, high } = grounds.year_span(code, grounds.year())?;
    let national = grounds.reference().medicare.national_fee(code, grounds.day(), false);
    let before = national.map_or_else(String::new, |(fee, _)| format!("; {} before local indices", fee.pretty()));
    let sources = low.sources.iter().chain(&high.sources).map(ToString::to_string).collect();
    Some(Band {
        name: "Medicare",
        low: low.rate?,
        high: high.rate?,
        words: format!("Medicare {}: {} to {}{before}", grounds.year(), at(&low), at(&high)),
        ground: Ground::Published,
        sources,
    })
}

fn commercial(grounds: &Grounds<'_>, code: Code) -> Option<Band> {
    let rates = grounds.commercial(code);
    let ((low, _), (high, _)) = (rates.first()?, rates.last()?);
    Some(Band {
        name: "your commercial contracts",
        low: low.dollars(),
        high: high.dollars(),
        words: format!(
            "your {} commercial contracts on {}: {}",
            rates.len(),
            grounds.day(),
            span(low.dollars(), high.dollars())
        ),
        ground: Ground::Contract,
        sources: rates.iter().map(|(_, name)| format!("terms of {name}")).collect(),
    })
}

fn no_contracts(grounds: &Grounds<'_>) -> Answer {
    if grounds.synthetic() {
        return missing("no public rates; the contracts of this project are invented");
    }
    missing("no public rates").right("with your contracts in allowable.toml it is compared with those")
}

/// Every year another rate, and in every place another.
pub(super) fn changes(grounds: &Grounds<'_>, code: Code) -> Answer {
    let medicare = &grounds.reference().medicare;
    let mut years: Vec<i32> = medicare.releases().iter().map(|period| period.from().year()).collect();
    years.dedup();
    let fee = |year: i32| {
        let day = Date::from_ymd_opt(year, 12, 31)?;
        Some((year, medicare.national_fee(code, day, false)?))
    };
    let fees: Vec<_> = years.into_iter().filter(|year| *year <= grounds.year()).filter_map(fee).collect();
    let pairs = || fees.windows(2).map(|pair| pair[0].1.0 != pair[1].1.0);
    let span = grounds.year_span(code, grounds.year());
    let varies = span.as_ref().is_some_and(|span| span.low.rate < span.high.rate);
    let Some(span) = span.filter(|_| fees.len() > 1) else { return missing("fewer than two years are known") };
    let changed = pairs().filter(|changed| *changed).count();
    let verdict = if varies { Verdict::of_counts(changed, pairs().count() - changed) } else { Verdict::AgreesInPart };
    let series: Vec<String> = fees.iter().map(|(year, (fee, _))| format!("{} {year}", fee.pretty())).collect();
    let found = format!(
        "before local indices {}; by locality {} to {} in {}",
        list(&series),
        at(&span.low),
        at(&span.high),
        grounds.year()
    );
    let rows = fees.iter().flat_map(|(_, (_, rows))| *rows);
    Answer::published(verdict, found).right("not in every year").cited(rows)
}

/// `part / whole` in percent, one decimal.
fn percent_of(part: usize, whole: usize) -> Option<Decimal> {
    let share = Decimal::from(part).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(Decimal::from(whole))?;
    Some(share.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero))
}

/// In how many states the observed median lies below Medicare's fee.
pub(super) fn states_below_medicare(grounds: &Grounds<'_>, code: Code, percent: Decimal) -> Answer {
    let (day, states) = grounds.states(code);
    let below: Vec<_> = states.iter().filter(|(_, seen, fee)| seen.median < fee.dollars()).collect();
    let Some(share) = percent_of(below.len(), states.len()) else { return missing("no state can be compared") };
    let verdict = if share >= percent { Verdict::Agrees } else { Verdict::Disagrees };
    let index = grounds.fee_index();
    let found = format!(
        "the observed median (2018–2024, per claim) lies below Medicare's fee of {} in {} of {} states with enough claims, {share}%{}",
        day.year(),
        below.len(),
        states.len(),
        index.map_or_else(String::new, |(below, all, ..)| format!(
            "; the fee index over all services (2024) in {below} of {all}"
        ))
    );
    let rows = below.iter().map(|(_, seen, _)| &seen.row).chain(index.map(|(_, _, _, row)| row));
    Answer::published(verdict, found).on(Ground::Observed).right(format!("in {} states only", below.len())).cited(rows)
}

/// Whether some state's observed median is this low.
pub(super) fn state_as_low_as(grounds: &Grounds<'_>, code: Code, amount: Decimal) -> Answer {
    let (_, mut states) = grounds.states(code);
    states.sort_by_key(|(state, seen, _)| (seen.median, *state));
    let Some((lowest, seen, _)) = states.first() else { return missing("no state can be compared") };
    let low: Vec<_> = states.iter().take_while(|(_, seen, _)| seen.median <= amount).collect();
    let verdict = if low.is_empty() { Verdict::Disagrees } else { Verdict::Agrees };
    let names: Vec<String> = low.iter().map(|(state, seen, _)| format!("{state} {}", dollars(seen.median))).collect();
    let found = if low.is_empty() {
        format!("the lowest observed median is {} in {lowest}", dollars(seen.median))
    } else {
        format!("observed medians (2018–2024, per claim): {}", list(&names))
    };
    let rows = if low.is_empty() { vec![&seen.row] } else { low.iter().map(|(_, seen, _)| &seen.row).collect() };
    let right = format!("the lowest observed median of a state is {}", dollars(seen.median));
    Answer::published(verdict, found).on(Ground::Observed).right(right).cited(rows)
}

/// Whether Medicaid's middle half spans more than Medicare's lowest to highest locality.
pub(super) fn medicaid_varies(grounds: &Grounds<'_>, code: Code) -> Answer {
    let nation = grounds.reference().medicaid.observed_nation(code);
    let (Some(nation), Some(medicare)) = (nation, grounds.year_span(code, grounds.year())) else {
        return missing("Medicaid or Medicare is not known");
    };
    let [p10, p25, _, p75, p90, ..] = nation.percentiles;
    let times = |high: Decimal, low: Decimal| {
        high.checked_div(low).map(|x| x.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero))
    };
    let fees = medicare.high.rate.zip(medicare.low.rate).and_then(|(high, low)| times(high, low));
    let (Some(half), Some(tails), Some(fees)) = (times(p75, p25), times(p90, p10), fees) else {
        return missing("a figure is zero");
    };
    let verdict = if half > fees { Verdict::Agrees } else { Verdict::Disagrees };
    let found = format!(
        "observed payments: the 75th percentile is {half} times the 25th, the 90th {tails} times the 10th; Medicare's highest locality is {fees} times its lowest"
    );
    let rows = [&nation.row].into_iter().chain(&medicare.low.sources);
    Answer::published(verdict, found).on(Ground::Observed).right("no more than Medicare").cited(rows)
}

/// Whether anybody pays less than Medicare.
pub(super) fn medicare_least(grounds: &Grounds<'_>, code: Code) -> Answer {
    let national = grounds.reference().medicare.national_fee(code, grounds.day(), false);
    let nation = grounds.reference().medicaid.observed_nation(code);
    let (Some((fee, rows)), Some(nation)) = (national, nation) else {
        return missing("Medicaid or Medicare is not known");
    };
    let median = nation.percentiles[2];
    let (below, all) = {
        let (_, states) = grounds.states(code);
        (states.iter().filter(|(_, seen, fee)| seen.median < fee.dollars()).count(), states.len())
    };
    // Where Medicaid's median lies above, nobody is known to pay less; commercial rates are not public.
    let verdict = if median < fee.dollars() { Verdict::Disagrees } else { Verdict::AgreesInPart };
    let index = grounds.fee_index();
    let found = format!(
        "Medicare {} before local indices ({}); Medicaid's observed median {} per claim (2018–2024), below Medicare in {below} of {all} states{}",
        fee.pretty(),
        grounds.year(),
        dollars(median),
        index.map_or_else(String::new, |(_, _, index, _)| format!(
            "; Medicaid fees over all services {index} of Medicare's (index 2024)"
        ))
    );
    let right = if verdict == Verdict::Disagrees {
        format!("Medicaid pays less: at its median, and in {below} of {all} states")
    } else {
        format!("Medicaid pays less in {below} of {all} states")
    };
    let rows = rows.into_iter().chain([&nation.row]).chain(index.map(|(_, _, _, row)| row));
    Answer::published(verdict, found).on(Ground::Observed).right(right).cited(rows)
}

/// Whether the project's commercial contracts pay more than Medicare at the place.
pub(super) fn commercial_above(grounds: &Grounds<'_>, code: Code) -> Answer {
    let rates = grounds.commercial(code);
    let Ok((fee, _, rows)) = grounds.medicare_allows(code) else { return missing("Medicare's rate is not known") };
    if rates.is_empty() {
        return no_contracts(grounds);
    }
    let above = rates.iter().filter(|(rate, _)| *rate > fee).count();
    let verdict = Verdict::of_counts(above, rates.len() - above);
    let names: Vec<String> = rates.iter().map(|(rate, name)| format!("{name} {}", rate.pretty())).collect();
    let found = format!("Medicare {} on {}; your contracts: {}", fee.pretty(), grounds.day(), list(&names));
    let right = format!("{above} of your {} contracts pay more", rates.len());
    Answer::published(verdict, found).on(Ground::Contract).right(right).cited(rows)
}

/// Whether Medicare pays more for one code than for another.
pub(super) fn pays_more(grounds: &Grounds<'_>, code: Code, than: Code) -> Answer {
    let fee = |code| grounds.reference().medicare.national_fee(code, grounds.day(), false);
    let (Some((fee, rows)), Some((other, others))) = (fee(code), fee(than)) else {
        return missing("a fee is not known");
    };
    let verdict = if fee > other { Verdict::Agrees } else { Verdict::Disagrees };
    let found =
        format!("Medicare {}: {code} {}, {than} {} before local indices", grounds.year(), fee.pretty(), other.pretty());
    Answer::published(verdict, found).right("it pays no more").cited(rows.into_iter().chain(others))
}

/// Whether a code has more observed Medicaid claims than others.
pub(super) fn most_claims(grounds: &Grounds<'_>, code: Code, others: &[Code]) -> Answer {
    let seen = |code: Code| grounds.reference().medicaid.observed_nation(code);
    let Some(own) = seen(code) else { return missing(format!("no observed claims of {code}")) };
    let rest: Vec<_> = others.iter().filter_map(|other| Some((*other, seen(*other)?))).collect();
    let fewer = rest.iter().filter(|(_, other)| other.claims < own.claims).count();
    let verdict = Verdict::of_counts(fewer, rest.len() - fewer);
    let counts: Vec<String> =
        [(code, own)].iter().chain(&rest).map(|(code, seen)| format!("{code} {}", number(seen.claims))).collect();
    let found = format!("Medicaid claims 2018–2024: {}", list(&counts));
    let rows = [own].into_iter().chain(rest.iter().map(|(_, seen)| *seen)).map(|seen| &seen.row);
    Answer::published(verdict, found).on(Ground::Observed).right("others have more").cited(rows)
}
