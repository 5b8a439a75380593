//! Drafts of contract files: from a fee schedule, row by row, or worked out from what was allowed, and marked so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{Code, Date, LocalityRule, Money, Payer, Period, Pos, ServiceLine, Terms, YearRule, round_cents};
use crate::price::{Pricer, UnitPrice};
use crate::reference::{Listed, Reference, UnitBasis};

/// Who the draft is for.
#[derive(Debug, Clone)]
pub struct Head<'a> {
    /// The payer.
    pub payer: &'a Payer,
    /// Where its figures come from, for the comment at the top.
    pub source: String,
}

/// The years of Medicare schedules that a percentage is looked for in.
const YEARS: std::ops::RangeInclusive<i32> = 2018..=2026;

/// The share of lines, in percent, that one percentage of Medicare must give to the cent to be taken for the contract.
const MOST: usize = 80;

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn head(head: &Head<'_>, inferred: bool) -> String {
    let payer = head.payer;
    let mut out = format!(
        "# {}\n# Compare with the signed contract before use; `allowable contract test` runs the [[expect]] tables.\n\n",
        head.source
    );
    let _ = writeln!(out, "[contract]\npayer = {}\nname = {}", quoted(&payer.id), quoted(&payer.name));
    let _ = writeln!(out, "kind = {}", quoted(payer.kind.as_str()));
    if inferred {
        out.push_str("inferred = true             # worked out, not signed: nothing in it may be called owed\n");
    }
    let _ = writeln!(out, "lesser_of = {}", payer.lesser_of);
    out
}

/// A contract with one term per row of a loaded schedule, the more exact rows first; a version for each stretch of days within
/// which the rows do not change. Days on which no row is in force have no version.
#[must_use]
pub fn from_schedule(of: &Head<'_>, rows: &[Listed]) -> String {
    let mut out = head(of, false);
    let mut days: BTreeSet<Date> = BTreeSet::new();
    for row in rows {
        days.extend([row.period.from(), row.period.until()]);
    }
    let days: Vec<Date> = days.into_iter().collect();
    for pair in days.windows(2) {
        let Some(period) = Period::new(pair[0], pair[1]) else { continue };
        let mut in_force: Vec<&Listed> = rows.iter().filter(|row| row.period.contains(period.from())).collect();
        if in_force.is_empty() {
            continue;
        }
        in_force.sort_by(|a, b| a.code.cmp(&b.code).then(b.exactness.cmp(&a.exactness)));
        let _ = write!(out, "\n[[version]]\nfrom = \"{}\"\n", period.from());
        if period.until() < last_day() {
            let _ = writeln!(out, "to = \"{}\"", period.last());
        }
        for row in &in_force {
            let pays = if row.unit_basis == UnitBasis::PerLine { "flat" } else { "per-unit" };
            let _ = write!(out, "\n[[version.term]]\ncodes = [\"{}\"]\n", row.code);
            for (key, value) in &row.conditions {
                let _ = writeln!(out, "{key} = {value}");
            }
            let _ = writeln!(out, "pays = \"{pays}\"\namount = \"{}\"", row.rate);
            let _ = writeln!(out, "cite = {}", quoted(&row.row.to_string()));
        }
    }
    out
}

/// The first day that stands for "open".
fn last_day() -> Date {
    Date::from_ymd_opt(2100, 1, 1).unwrap_or(Date::MAX)
}

/// A line that was allowed something.
#[derive(Debug, Clone, Copy)]
pub struct Allowed<'a> {
    /// The line.
    pub line: &'a ServiceLine,
    /// What was allowed, above zero.
    pub amount: Money,
}

/// A contract that gives what was allowed: one percentage of Medicare where it gives most lines to the cent, and for the codes
/// that it does not give, the amount per unit that was allowed most often. `None` without lines.
#[must_use]
pub fn from_paid(of: &Head<'_>, reference: &Reference, lines: &[Allowed<'_>]) -> Option<String> {
    let first = lines.iter().map(|a| a.line.service_date).min()?;
    let last = lines.iter().map(|a| a.line.service_date).max()?;
    let mut out = head(of, true);
    let _ = write!(
        out,
        "\n[[version]]\nname = \"worked out from {} lines of {first} to {last}\"\nfrom = \"{first}\"\n",
        lines.len()
    );
    let places = Pricer::new(reference, std::slice::from_ref(of.payer));
    let facility = |pos: Pos| places.is_facility(of.payer, pos) == Some(true);
    let share = best_of(percentage(of.payer, reference, lines), of_charge(lines));
    let mut given: BTreeSet<usize> = BTreeSet::new();
    let mut tail = String::new();
    if let Some(found) = &share {
        given.extend(found.lines.iter().copied());
        let _ = write!(
            tail,
            "\n[[version.term]]\nname = \"the rest\"             # gives {} of {} lines to the cent\n{}",
            found.lines.len(),
            found.of,
            found.terms
        );
    }
    for amount in amounts(lines, &given) {
        let Amount { code, times, all, ref pos, .. } = amount;
        let rate = dollars(amount.rate);
        // Beside a percentage that gives most lines, one or two others are payments to look into, not terms.
        if times * 2 <= all || (share.is_some() && times < 3) {
            let _ = write!(
                out,
                "\n# {code}: no amount per unit stands out ({times} of {all} lines were allowed {rate}); left out.\n"
            );
            continue;
        }
        given.extend(amount.lines.iter().copied());
        // A place is named where a code is paid differently by place, and where a facility would have the service.
        let named = !amount.everywhere || pos.iter().any(|pos| pos.is_some_and(facility));
        let list: Vec<String> = pos.iter().flatten().map(|pos| format!("\"{pos}\"")).collect();
        let place = if named && !list.is_empty() { format!("pos = [{}]\n", list.join(", ")) } else { String::new() };
        let _ = write!(
            out,
            "\n[[version.term]]                # {times} of {all} lines were allowed this per unit\ncodes = [\"{code}\"]\n{place}pays = \"per-unit\"\namount = \"{rate}\"\n"
        );
    }
    out.push_str(&tail);
    for example in examples(lines, &given) {
        let line = example.line;
        let area = match (line.zip, line.state) {
            (Some(zip), _) => format!("area = \"{zip}\"\n"),
            (None, Some(state)) => format!("area = \"{state}\"\n"),
            (None, None) => String::new(),
        };
        let modifiers = line.modifiers.to_string();
        let modifiers = if modifiers.is_empty() { modifiers } else { format!("modifiers = \"{modifiers}\"\n") };
        let pos = line.pos.map_or_else(String::new, |pos| format!("pos = \"{pos}\"\n"));
        let _ = write!(
            out,
            "\n[[expect]]                      # allowed so\ncode = \"{}\"\ndate = \"{}\"\n{pos}{area}{modifiers}units = \"{}\"\ncharge = \"{}\"\namount = \"{}\"\n",
            line.code, line.service_date, line.units, line.charge, example.amount
        );
    }
    Some(out)
}

/// A share as a percentage, to the next half percent.
fn half_percents(share: Decimal) -> Decimal {
    rounded(share * Decimal::from(200), 0) / Decimal::TWO
}

fn rounded(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// An amount with at least two decimals.
fn dollars(rate: Decimal) -> String {
    let rate = rate.normalize();
    if rate.scale() < 2 { format!("{rate:.2}") } else { rate.to_string() }
}

/// A percentage that gives many lines, of Medicare or of the charge.
struct Share {
    /// Its term, as TOML.
    terms: String,
    /// The lines it gives to the cent.
    lines: Vec<usize>,
    /// The lines it could give.
    of: usize,
}

/// The one that gives more lines; a percentage of Medicare before one of the charge.
fn best_of(a: Option<Share>, b: Option<Share>) -> Option<Share> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.lines.len() > a.lines.len() { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// The percentage of the charge, by half percents, that gives most lines to the cent; `None` when they are too few, or when
/// all charges are one and the same.
fn of_charge(lines: &[Allowed<'_>]) -> Option<Share> {
    let mut by_percent: BTreeMap<Decimal, (Vec<usize>, BTreeSet<Money>)> = BTreeMap::new();
    let mut of = 0;
    for (i, allowed) in lines.iter().enumerate() {
        let charge = allowed.line.charge;
        let Some(share) = allowed.amount.dollars().checked_div(charge.dollars()) else { continue };
        of += 1;
        let percent = half_percents(share);
        if round_cents(charge.dollars() * percent / Decimal::ONE_HUNDRED) == Some(allowed.amount) {
            let entry = by_percent.entry(percent).or_default();
            entry.0.push(i);
            entry.1.insert(charge);
        }
    }
    let (percent, (lines, charges)) = by_percent.into_iter().max_by_key(|(_, (lines, _))| lines.len())?;
    // All of the charge is what a payer allows that limits nothing: no contract.
    let known = charges.len() > 1 && lines.len() * 100 >= of * MOST && percent < Decimal::ONE_HUNDRED;
    let terms = format!("pays = \"percent-of-charge\"\npercent = \"{}\"\n", percent.normalize());
    known.then_some(Share { terms, lines, of })
}

/// The percentage, by half percents, and year that give most lines to the cent; `None` when they are too few, or when all their
/// Medicare amounts are one and the same, so that any year could be meant.
fn percentage(payer: &Payer, reference: &Reference, lines: &[Allowed<'_>]) -> Option<Share> {
    let mut best: Option<Share> = None;
    for year in std::iter::once(None).chain(YEARS.map(Some)) {
        let rule = year.map_or(YearRule::Current, YearRule::Fixed);
        let full = Terms::PercentOfMedicare { factor: Decimal::ONE, year: rule, locality: LocalityRule::Own };
        let always = Period::new(Date::MIN, Date::MAX)?;
        let payers = [Payer { terms: vec![(always, full)], lesser_of: false, ..payer.clone() }];
        let pricer = Pricer::new(reference, &payers);
        let mut by_percent: BTreeMap<Decimal, (Vec<usize>, BTreeSet<Decimal>)> = BTreeMap::new();
        let mut of = 0;
        for (i, allowed) in lines.iter().enumerate() {
            let (key, _) = pricer.key(allowed.line, None);
            let UnitPrice::PerUnit { rate, .. } = pricer.price(&key).unit else { continue };
            let Some(whole) = rate.checked_mul(allowed.line.units.decimal()).filter(|d| !d.is_zero()) else { continue };
            of += 1;
            let percent = half_percents(allowed.amount.dollars() / whole);
            if round_cents(whole * percent / Decimal::ONE_HUNDRED) == Some(allowed.amount) {
                let entry = by_percent.entry(percent).or_default();
                entry.0.push(i);
                entry.1.insert(rate);
            }
        }
        for (percent, (given, rates)) in by_percent {
            let better = best.as_ref().is_none_or(|best| given.len() > best.lines.len());
            if better && rates.len() > 1 && given.len() * 100 >= of * MOST {
                let year = year.map_or_else(|| "current".to_owned(), |year| year.to_string());
                let percent = percent.normalize();
                let terms = format!("pays = \"percent-of-medicare\"\npercent = \"{percent}\"\nyear = \"{year}\"\n");
                best = Some(Share { terms, lines: given, of });
            }
        }
    }
    best
}

/// A code and a place of service.
type Place = (Code, Option<Pos>);

/// An amount per unit of a code.
struct Amount {
    code: Code,
    /// The places where it is the most frequent.
    pos: Vec<Option<Pos>>,
    /// Whether those are all places of the code.
    everywhere: bool,
    rate: Decimal,
    /// Lines that were allowed it.
    times: usize,
    /// Lines in these places.
    all: usize,
    lines: Vec<usize>,
}

/// Per code and place the amount per unit that was allowed most often, where the lines are not given otherwise; places with the
/// same amount together.
fn amounts(lines: &[Allowed<'_>], given: &BTreeSet<usize>) -> Vec<Amount> {
    let mut groups: BTreeMap<Place, Vec<(usize, Decimal)>> = BTreeMap::new();
    for (i, allowed) in lines.iter().enumerate() {
        let units = allowed.line.units.decimal();
        if let Some(rate) = allowed.amount.dollars().checked_div(units) {
            groups.entry((allowed.line.code, allowed.line.pos)).or_default().push((i, rounded(rate, 4).normalize()));
        }
    }
    let mut places: BTreeMap<Code, usize> = BTreeMap::new();
    groups.keys().for_each(|(code, _)| *places.entry(*code).or_default() += 1);
    let mut found: BTreeMap<(Code, Decimal), Amount> = BTreeMap::new();
    for ((code, pos), group) in groups {
        // A group that the percentage gives for the most part needs no amount of its own.
        if group.iter().filter(|(i, _)| given.contains(i)).count() * 2 >= group.len() {
            continue;
        }
        let mut counts: BTreeMap<Decimal, usize> = BTreeMap::new();
        group.iter().for_each(|(_, rate)| *counts.entry(*rate).or_default() += 1);
        // Of equally frequent amounts the higher one, which is the less likely to be a reduction.
        let Some((rate, times)) = counts.into_iter().max_by_key(|(rate, times)| (*times, *rate)) else { continue };
        let none = || Amount { code, pos: Vec::new(), everywhere: false, rate, times: 0, all: 0, lines: Vec::new() };
        let amount = found.entry((code, rate)).or_insert_with(none);
        amount.pos.push(pos);
        amount.times += times;
        amount.all += group.len();
        amount.lines.extend(group.iter().filter(|(_, r)| *r == rate).map(|(i, _)| *i));
        amount.everywhere = places.get(&code).is_some_and(|places| *places == amount.pos.len());
    }
    found.into_values().collect()
}

/// The last line of each code and place that the draft gives, as a test.
fn examples<'a>(lines: &[Allowed<'a>], given: &BTreeSet<usize>) -> Vec<Allowed<'a>> {
    let mut last: BTreeMap<Place, Allowed<'a>> = BTreeMap::new();
    for allowed in given.iter().filter_map(|i| lines.get(*i)) {
        let at = last.entry((allowed.line.code, allowed.line.pos)).or_insert(*allowed);
        if allowed.line.service_date >= at.line.service_date {
            *at = *allowed;
        }
    }
    last.into_values().collect()
}
