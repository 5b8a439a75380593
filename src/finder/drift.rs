//! The day on which the usual allowed amount moved, held against the day on which the agreed rate moved.
//!
//! Per payer, code, setting and place the shortfall per unit (agreed less allowed) has a usual value. Months are divided into
//! spans of one usual value each so that as few lines as possible differ from theirs, every further span costing as much as the
//! least number of lines; then the exact day is looked for. A step of the fee schedule that the payer follows moves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::Datelike;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{Area, Code, Date, Money, Rate, round_cents};

use super::Settings;
use super::observe::{Group, Seen, View};

/// Days by which the alarms of places may lie apart and still be one.
const APART: i64 = 31;

/// What moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmKind {
    /// The allowed amount left the agreed one, which stood still.
    Left,
    /// The agreed amount moved, and the allowed one did not follow.
    DidNotFollow,
    /// The allowed amount moved from one wrong value to another.
    Moved,
    /// The allowed amount is the agreed one again.
    Returned,
}

impl AlarmKind {
    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left-agreed",
            Self::DidNotFollow => "did-not-follow",
            Self::Moved => "moved",
            Self::Returned => "returned",
        }
    }

    /// What happened, for readers.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Left => "left the agreed rate",
            Self::DidNotFollow => "did not follow the agreed rate",
            Self::Moved => "moved to another rate",
            Self::Returned => "is at the agreed rate again",
        }
    }
}

/// A day on which the usual allowed amount per unit moved without the agreed one, or stood when that moved.
#[derive(Debug, Clone)]
pub struct Alarm {
    /// The payer's id.
    pub payer: Arc<str>,
    /// The code.
    pub code: Code,
    /// A facility; `None` where the place of service is not known.
    pub facility: Option<bool>,
    /// The place with the most lines after the step.
    pub area: Area,
    /// How many places moved about then.
    pub places: u64,
    /// What moved.
    pub kind: AlarmKind,
    /// Day of service of the first line at the new value.
    pub day: Date,
    /// Day of service of the last line at the old value before it, in the place that moved first.
    pub last_before: Date,
    /// Allowed per unit before and after, in that place.
    pub allowed: (Rate, Rate),
    /// Agreed per unit before and after, in that place.
    pub agreed: (Rate, Rate),
    /// Lines at the new value until it moved again or the data ends, in all places.
    pub lines: u64,
    /// The last of them.
    pub until: Date,
    /// The new value is still the usual one at the end of the data, in some place, and fewer lines than are needed to tell follow the
    /// last one at it.
    pub lasts: bool,
    /// What the new value costs a year at the volume of the last 365 days, in all places; negative where more than agreed is
    /// allowed, nothing of [`AlarmKind::Returned`].
    pub a_year: Option<Money>,
    /// The usual amounts by month in that place: first day of the month, allowed and agreed per unit.
    pub course: Vec<(Date, Rate, Rate)>,
}

/// A line as the drift sees it.
struct Point {
    seen: Seen,
    units: Decimal,
    /// Agreed less allowed, per unit.
    short: Rate,
}

/// Months from one to another with the usual shortfall per unit.
struct Span {
    months: (usize, usize),
    usual: Rate,
}

/// All alarms, by payer, code, setting and day.
pub(super) fn alarms(view: &View<'_>, groups: &[Group], settings: &Settings) -> Vec<Alarm> {
    let mut out = Vec::new();
    for group in groups {
        let mut places: BTreeMap<Area, Vec<Point>> = BTreeMap::new();
        for seen in &group.seen {
            let units = view.line(seen).units.decimal();
            let short = (seen.expected - seen.allowed).dollars();
            let Some(short) = short.checked_div(units).filter(|_| units > Decimal::ZERO) else { continue };
            places.entry(view.key(seen).area).or_default().push(Point { seen: *seen, units, short: places6(short) });
        }
        let mut found: Vec<Alarm> =
            places.iter().flat_map(|(area, points)| of_place(group, *area, points, settings)).collect();
        found.sort_by_key(|alarm| (alarm.kind, alarm.day, alarm.area));
        let mut joined: Vec<(Alarm, BTreeSet<Area>)> = Vec::new();
        for alarm in found {
            // Where few lines are, the first one at the new value comes late: the step may have been at the same time.
            let same = |(last, _): &&mut (Alarm, BTreeSet<Area>)| {
                last.kind == alarm.kind && ((alarm.day - last.day).num_days() <= APART || alarm.last_before <= last.day)
            };
            match joined.last_mut().filter(same) {
                Some((last, areas)) => {
                    areas.insert(alarm.area);
                    join(last, alarm);
                }
                None => joined.push((alarm.clone(), BTreeSet::from([alarm.area]))),
            }
        }
        // In no single place enough lines may follow to tell that it is over; in all of them together they do.
        let since = |alarm: &Alarm, areas: &BTreeSet<Area>| {
            let of = areas.iter().filter_map(|area| places.get(area)).flatten();
            of.filter(|point| point.seen.day > alarm.until).count()
        };
        for (alarm, areas) in &mut joined {
            alarm.lasts &= since(alarm, areas) < settings.min_lines.max(1) as usize;
        }
        let mut joined: Vec<Alarm> = joined.into_iter().map(|(alarm, _)| alarm).collect();
        joined.sort_by_key(|alarm| (alarm.day, alarm.kind));
        out.extend(joined);
    }
    out
}

fn join(into: &mut Alarm, other: Alarm) {
    into.places += 1;
    let a_year = into.a_year.zip(other.a_year).map(|(a, b)| a + b);
    if other.lines > into.lines {
        (into.area, into.allowed, into.agreed, into.course) = (other.area, other.allowed, other.agreed, other.course);
    }
    into.lines += other.lines;
    into.day = into.day.min(other.day);
    into.until = into.until.max(other.until);
    into.lasts |= other.lasts;
    into.a_year = a_year;
}

/// Six decimals: shortfalls of rates that differ beyond are the same.
fn places6(rate: Decimal) -> Rate {
    rate.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero).normalize()
}

fn of_place(group: &Group, area: Area, points: &[Point], settings: &Settings) -> Vec<Alarm> {
    let enough = settings.min_lines.max(1) as usize;
    if points.len() < 2 * enough || points.iter().all(|point| point.short.is_zero()) {
        return Vec::new();
    }
    let mut months: Vec<Vec<&Point>> = Vec::new();
    for point in points {
        let month = |point: &Point| (point.seen.day.year(), point.seen.day.month());
        match months.last_mut().filter(|last| last.first().is_some_and(|first| month(first) == month(point))) {
            Some(last) => last.push(point),
            None => months.push(vec![point]),
        }
    }
    let spans = spans(&months, enough);
    let course = course(&months);
    let mut out: Vec<Alarm> = Vec::new();
    for (i, pair) in spans.windows(2).enumerate() {
        let (before, after) = (&pair[0], &pair[1]);
        let (Some(start), end) = (step(&months, before, after), spans.get(i + 2)) else { continue };
        let end = end.and_then(|next| step(&months, after, next));
        let within = |day: Date| day >= start && end.is_none_or(|end| day < end);
        let new: Vec<&Point> = points.iter().filter(|p| within(p.seen.day) && p.short == after.usual).collect();
        let old = points.iter().rev().find(|p| p.seen.day < start && p.short == before.usual);
        let (Some(old), Some(first), Some(last)) = (old, new.first(), new.last()) else { continue };
        if new.len() < enough {
            continue;
        }
        let per_unit = |money: Money, point: &Point| money.dollars().checked_div(point.units).map(places6);
        let pair = |f: fn(&Seen) -> Money| Some((per_unit(f(&old.seen), old)?, per_unit(f(&first.seen), first)?));
        let (Some(allowed), Some(agreed)) = (pair(|s| s.allowed), pair(|s| s.expected)) else { continue };
        let stood = |(before, after): (Rate, Rate)| before == after;
        let kind = match (before.usual.is_zero(), after.usual.is_zero()) {
            (_, true) => AlarmKind::Returned,
            (true, false) if !stood(agreed) && stood(allowed) => AlarmKind::DidNotFollow,
            (true, false) => AlarmKind::Left,
            // The payer goes on as before and follows a step of the schedule in its own way.
            (false, false) if !stood(agreed) => {
                if let Some(alarm) = out.last_mut() {
                    alarm.lines += new.len() as u64;
                    alarm.until = last.seen.day;
                    alarm.lasts = end.is_none();
                    alarm.a_year = a_year(points, after.usual);
                }
                continue;
            }
            (false, false) => AlarmKind::Moved,
        };
        out.push(Alarm {
            payer: group.payer.clone(),
            code: group.code,
            facility: group.facility,
            area,
            places: 1,
            kind,
            day: first.seen.day,
            last_before: old.seen.day,
            allowed,
            agreed,
            lines: new.len() as u64,
            until: last.seen.day,
            lasts: end.is_none(),
            a_year: if kind == AlarmKind::Returned { None } else { a_year(points, after.usual) },
            course: course.clone(),
        });
    }
    out
}

/// The usual amounts per unit of each month; of equally frequent ones the highest.
fn course(months: &[Vec<&Point>]) -> Vec<(Date, Rate, Rate)> {
    let usual = |month: &[&Point], of: fn(&Seen) -> Money| {
        let mut counts: BTreeMap<Rate, usize> = BTreeMap::new();
        for point in month {
            if let Some(rate) = of(&point.seen).dollars().checked_div(point.units) {
                *counts.entry(places6(rate)).or_default() += 1;
            }
        }
        counts.into_iter().max_by_key(|(rate, count)| (*count, *rate)).map(|(rate, _)| rate)
    };
    let one = |month: &Vec<&Point>| {
        let first = month.first()?.seen.day.with_day(1)?;
        Some((first, usual(month, |seen| seen.allowed)?, usual(month, |seen| seen.expected)?))
    };
    months.iter().filter_map(one).collect()
}

/// A shortfall per unit times the units of the last 365 days.
fn a_year(points: &[Point], short: Rate) -> Option<Money> {
    let last = points.last()?.seen.day;
    let units: Decimal = points.iter().filter(|p| (last - p.seen.day).num_days() < 365).map(|p| p.units).sum();
    round_cents(short.checked_mul(units)?)
}

/// Divides the months into spans: the fewest lines that differ from the usual value of their span, plus `price` per span.
fn spans(months: &[Vec<&Point>], price: usize) -> Vec<Span> {
    // best[j]: the least cost of the first j months, where its last span begins, and that span's usual value.
    let mut best: Vec<(usize, usize, Rate)> = vec![(0, 0, Rate::ZERO)];
    for end in 1..=months.len() {
        let mut counts: BTreeMap<Rate, usize> = BTreeMap::new();
        let (mut lines, mut found) = (0, (usize::MAX, 0, Rate::ZERO));
        let (mut usual, mut most) = (Rate::ZERO, 0);
        for start in (0..end).rev() {
            for point in &months[start] {
                let count = counts.entry(point.short).or_default();
                *count += 1;
                // Of equally frequent values the one nearest to the agreed rate.
                if (*count, std::cmp::Reverse(point.short.abs())) > (most, std::cmp::Reverse(usual.abs())) {
                    (usual, most) = (point.short, *count);
                }
            }
            lines += months[start].len();
            let cost = best[start].0 + (lines - most) + price;
            // Of equal costs the longer span.
            if cost <= found.0 {
                found = (cost, start, usual);
            }
        }
        best.push(found);
    }
    let mut out: Vec<Span> = Vec::new();
    let mut end = months.len();
    while end > 0 {
        let (_, start, usual) = best[end];
        out.push(Span { months: (start, end), usual });
        end = start;
    }
    out.reverse();
    // A span without a usual value says nothing: what stands before and after it is compared.
    out.retain(|span| {
        let lines = || months[span.months.0..span.months.1].iter().flatten();
        2 * lines().filter(|p| p.short == span.usual).count() >= lines().count()
    });
    let mut merged: Vec<Span> = Vec::new();
    for span in out {
        match merged.last_mut().filter(|last| last.usual == span.usual) {
            Some(last) => last.months.1 = span.months.1,
            None => merged.push(span),
        }
    }
    merged
}

/// The first day of the second of two spans: the cut with the fewest lines on the wrong side of it, on a day with a line at the
/// new value; of equally good ones the earliest.
fn step(months: &[Vec<&Point>], before: &Span, after: &Span) -> Option<Date> {
    let near: Vec<&Point> = months[before.months.1 - 1..=after.months.0].iter().flatten().copied().collect();
    let days: BTreeSet<Date> = near.iter().filter(|p| p.short == after.usual).map(|p| p.seen.day).collect();
    let wrong = |day: Date| {
        near.iter().filter(|p| if p.seen.day < day { p.short != before.usual } else { p.short != after.usual }).count()
    };
    days.iter().map(|day| (wrong(*day), *day)).min().map(|(_, day)| day)
}
