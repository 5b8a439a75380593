//! The audit: how each provider bills injections beside the others of the practice, in both directions.
//!
//! A rate is given out only from eleven cases on; smaller providers are pooled. A provider stands apart when the 95 % interval
//! of the own rate (Wilson) excludes the rate of all other providers together. That is a reason to read records, no verdict:
//! of twenty equal providers one stands apart by chance.

mod interval;
mod measure;

pub use interval::Side;
pub use measure::Measure;

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::{Code, Money, ServiceLine, Units};
use crate::payability;
use crate::price::Pricer;
use crate::reference::{Administers, Drugs};

use super::judge::{Cohort, JudgedLine};
use super::missed::{Direction, ENOUGH, MissedCharges, MissedKind, Visit, Worth};

/// Whose rate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    /// The person of this NPI.
    Npi(Arc<str>),
    /// All persons with fewer than eleven cases together; how many they are.
    FewerThanEleven(u32),
    /// Lines that do not tell who served.
    NotTold,
}

/// A provider that stands apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    /// On which side of the others.
    pub side: Side,
    /// Which way money may have gone.
    pub direction: Direction,
    /// Over: allowed on the lines in question, which an auditor could ask back. Under: firm money expected on the lines in
    /// question and not allowed, or missed. `None` where no line tells an amount.
    pub money: Option<Money>,
}

/// One rate of one provider. Counts are exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderRate {
    /// What is counted.
    pub measure: Measure,
    /// Whose.
    pub provider: Provider,
    /// How many of `whole`.
    pub part: i64,
    /// Of how many; eleven or more.
    pub whole: i64,
    /// Part and whole of all other providers together, where they have eleven cases or more.
    pub peers: Option<(i64, i64)>,
    /// The 95 % interval of the rate, in percent.
    pub interval: Option<(Decimal, Decimal)>,
    /// Units of 96372 for a day (of the measures of units), administration units for a drug (of the drugs given).
    pub ratio: Option<Decimal>,
    /// Set when the provider stands apart.
    pub flag: Option<Flag>,
}

impl ProviderRate {
    /// The rate in percent with one decimal.
    #[must_use]
    pub fn percent(&self) -> Decimal {
        percent(self.part, self.whole)
    }

    /// The rate of the others in percent with one decimal.
    #[must_use]
    pub fn peers_percent(&self) -> Option<Decimal> {
        self.peers.map(|(part, whole)| percent(part, whole))
    }
}

/// `part / whole` in percent with one decimal, half away from zero; 0 of nothing.
fn percent(part: i64, whole: i64) -> Decimal {
    let share = Decimal::from(part) * Decimal::ONE_HUNDRED;
    let share = share.checked_div(Decimal::from(whole)).unwrap_or_default();
    share.round_dp_with_strategy(1, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

/// All rates that may be given out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// By measure, then provider.
    pub rates: Vec<ProviderRate>,
    /// How many rates were compared with those of peers.
    pub compared: i64,
}

impl Audit {
    /// The rates that stand apart, from the most money down.
    #[must_use]
    pub fn flagged(&self) -> Vec<&ProviderRate> {
        let mut flagged: Vec<&ProviderRate> = self.rates.iter().filter(|rate| rate.flag.is_some()).collect();
        let money = |rate: &ProviderRate| rate.flag.and_then(|flag| flag.money);
        flagged.sort_by(|a, b| {
            money(b).cmp(&money(a)).then_with(|| (a.measure, &a.provider).cmp(&(b.measure, &b.provider)))
        });
        flagged
    }
}

/// What is counted of one provider under one measure.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    part: i64,
    whole: i64,
    /// Counted for the ratio beside the rate.
    units: Units,
    /// Allowed on the lines of `part`.
    allowed_part: Money,
    /// Firm money expected and not allowed on the lines of `part`.
    short_part: Money,
    /// The same of the lines that are not of `part`.
    short_rest: Money,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.part += other.part;
        self.whole += other.whole;
        self.units = self.units + other.units;
        self.allowed_part += other.allowed_part;
        self.short_part += other.short_part;
        self.short_rest += other.short_rest;
    }

    /// Counts one case with its judged lines.
    fn case<'j>(&mut self, is_part: bool, judged: impl Iterator<Item = &'j JudgedLine>) {
        self.whole += 1;
        self.part += i64::from(is_part);
        for line in judged {
            let allowed = line.money.answers.allowed();
            // A line that a rule lets fall as it was billed is worth what it would have paid billed right.
            let due = if line.cohort == Cohort::Firm { Some(line.money.gaps.expected) } else { line.otherwise };
            let answered = line.money.answers.answers > 0;
            let short = due.filter(|_| answered).map_or(Money::ZERO, |due| (due - allowed).or_zero());
            if is_part {
                self.allowed_part += allowed;
                self.short_part += short;
            } else {
                self.short_rest += short;
            }
        }
    }
}

type Tallies = BTreeMap<(Measure, Option<Arc<str>>), Tally>;

/// Audits all claim days. `judged` runs beside the first lines; lines beyond are out of scope and only tell what else was done
/// on a day. `missed` are the missed charges of the same lines.
#[must_use]
pub fn audit(pricer: &Pricer<'_>, lines: &[ServiceLine], judged: &[JudgedLine], missed: &MissedCharges) -> Audit {
    let drugs = &pricer.reference().drugs;
    let mut tallies = Tallies::new();
    for day in payability::days(lines) {
        let visit = Visit::new(drugs, lines, day);
        count_visit(pricer, lines, judged, &visit, &mut tallies);
    }
    let mut result = Audit::default();
    for measure in Measure::ALL {
        let of_measure: Vec<(Option<Arc<str>>, Tally)> = tallies
            .iter()
            .filter(|((m, _), _)| m == measure)
            .map(|((_, provider), tally)| (provider.clone(), *tally))
            .collect();
        compare(*measure, &of_measure, missed, &mut result);
    }
    result
}

/// Counts a claim day under every measure that applies, for the provider of each line.
fn count_visit(
    pricer: &Pricer<'_>,
    lines: &[ServiceLine],
    judged: &[JudgedLine],
    visit: &Visit,
    tallies: &mut Tallies,
) {
    let drugs = &pricer.reference().drugs;
    let line = |i: u32| &lines[i as usize];
    let judged = |i: u32| judged.get(i as usize);
    let mut tally = |measure: Measure, provider: &Option<Arc<str>>, part: bool, of: &[u32]| {
        let tally = tallies.entry((measure, provider.clone())).or_default();
        tally.case(part, of.iter().filter_map(|i| judged(*i)));
        tally.units = tally.units + of.iter().map(|i| line(*i).units).sum();
    };
    for &i in &visit.all {
        let l = line(i);
        let is_visit = l.code.is_office_visit() && l.code.as_str() != "99211";
        if is_visit && !visit.injections.is_empty() {
            tally(Measure::VisitModifier25, &l.rendering_npi, l.modifiers.has("25"), &[i]);
        }
        if Drugs::is_injectable(l.code) {
            tally(Measure::NdcMissing, &l.rendering_npi, l.ndc.is_none(), &[i]);
        }
        let injects = matches!(l.code.as_str(), "96372" | "96373" | "96374" | "96375" | "96376");
        if injects && l.pos.is_some_and(|pos| pos.number() == 11) {
            tally(Measure::IntraArterial, &l.rendering_npi, l.code.as_str() == "96373", &[i]);
        }
    }
    for &i in &visit.injections {
        let l = line(i);
        let separates = ["59", "XE", "XP", "XS", "XU"].iter().any(|m| l.modifiers.has(m));
        tally(Measure::SeparatingModifier, &l.rendering_npi, separates, &[i]);
        tally(Measure::InjectionModifier25, &l.rendering_npi, l.modifiers.has("25"), &[i]);
    }
    for (provider, of) in by_provider(lines, &visit.injections) {
        let units: Units = of.iter().map(|i| line(*i).units).sum();
        tally(Measure::SeveralUnits, &provider, units >= Units::whole(2), &of);
        tally(Measure::FourUnits, &provider, units >= Units::whole(4), &of);
        let sent = of.first().and_then(|i| pricer.payer(&line(*i).payer)).is_some_and(|payer| payer.sends_drugs);
        if !sent {
            tally(Measure::InjectionsWithDrug, &provider, visit.has_product, &of);
        }
    }
    let distinct: Vec<(Code, u32)> = visit.distinct_drugs(lines);
    let mut first = true;
    for (code, i) in distinct {
        // What an implant's or a stress test's procedure gives needs no administration of its own.
        if drugs.get(code).is_some_and(|drug| drug.administration.is_none()) {
            continue;
        }
        let tally = tallies.entry((Measure::DrugsGiven, line(i).rendering_npi.clone())).or_default();
        tally.case(!visit.administrations.is_empty(), std::iter::empty());
        if std::mem::take(&mut first) {
            let given = visit.administrations.iter().filter(|(_, how)| *how != Administers::Procedure);
            tally.units = tally.units + given.map(|(i, _)| line(*i).units).sum();
        }
    }
}

/// Lines by who served.
fn by_provider(lines: &[ServiceLine], of: &[u32]) -> BTreeMap<Option<Arc<str>>, Vec<u32>> {
    let mut by: BTreeMap<Option<Arc<str>>, Vec<u32>> = BTreeMap::new();
    for &i in of {
        by.entry(lines[i as usize].rendering_npi.clone()).or_default().push(i);
    }
    by
}

fn enough(whole: i64) -> bool {
    usize::try_from(whole).is_ok_and(|whole| whole >= ENOUGH)
}

/// Compares the providers of one measure; what is too small is pooled, and given out only if together it is large enough.
fn compare(measure: Measure, tallies: &[(Option<Arc<str>>, Tally)], missed: &MissedCharges, result: &mut Audit) {
    let mut all = Tally::default();
    tallies.iter().filter(|(provider, _)| provider.is_some()).for_each(|(_, tally)| all.add(tally));
    let (mut few, mut how_many) = (Tally::default(), 0);
    let mut not_told = None;
    for (provider, tally) in tallies {
        match provider {
            Some(npi) if enough(tally.whole) => {
                let peers = Some((all.part - tally.part, all.whole - tally.whole)).filter(|(_, whole)| enough(*whole));
                result.compared += i64::from(peers.is_some());
                let side = match peers {
                    _ if measure.is_always_wrong() => (tally.part > 0).then_some(Side::High),
                    Some(peers) => interval::apart((tally.part, tally.whole), peers),
                    None => None,
                };
                let flag = side.and_then(|side| {
                    let direction = measure.direction(side)?;
                    Some(Flag { side, direction, money: money(measure, side, tally, npi, missed) })
                });
                result.rates.push(rate(measure, Provider::Npi(npi.clone()), tally, peers, flag));
            }
            Some(_) => {
                few.add(tally);
                how_many += 1;
            }
            None => not_told = Some(*tally),
        }
    }
    let rest = [(Provider::FewerThanEleven(how_many), Some(few)), (Provider::NotTold, not_told)];
    for (provider, tally) in rest {
        if let Some(tally) = tally.filter(|tally| enough(tally.whole)) {
            result.rates.push(rate(measure, provider, &tally, None, None));
        }
    }
}

fn rate(
    measure: Measure,
    provider: Provider,
    tally: &Tally,
    peers: Option<(i64, i64)>,
    flag: Option<Flag>,
) -> ProviderRate {
    let (low, high) = interval::wilson(tally.part, tally.whole);
    let per_case = || {
        let ratio = tally.units.decimal().checked_div(Decimal::from(tally.whole))?;
        Some(ratio.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
    };
    let has_ratio = matches!(measure, Measure::SeveralUnits | Measure::FourUnits | Measure::DrugsGiven);
    ProviderRate {
        measure,
        provider,
        part: tally.part,
        whole: tally.whole,
        peers,
        interval: interval::percent(low).zip(interval::percent(high)),
        ratio: if has_ratio { per_case() } else { None },
        flag,
    }
}

/// The money behind a flag.
fn money(measure: Measure, side: Side, tally: &Tally, npi: &Arc<str>, missed: &MissedCharges) -> Option<Money> {
    match (measure, side) {
        (Measure::DrugsGiven, _) => {
            let of_provider = |m: &&super::missed::Missed| {
                m.kind == MissedKind::DrugWithoutAdministration && m.provider.as_ref() == Some(npi)
            };
            let firm = |m: &super::missed::Missed| match m.worth {
                Worth::Firm(money) => money,
                _ => Money::ZERO,
            };
            Some(missed.found.iter().filter(of_provider).map(firm).sum())
        }
        (Measure::InjectionsWithDrug, _) => None,
        (_, Side::Low) => Some(tally.short_rest),
        (Measure::InjectionModifier25 | Measure::NdcMissing, Side::High) => Some(tally.short_part),
        (_, Side::High) => Some(tally.allowed_part),
    }
}
