//! What payers really apply: other rates than the agreed ones, to the cent, and the days on which amounts moved.

use std::collections::BTreeSet;

use crate::domain::{Area, Money, Rate, round_cents};
use crate::finder::{Alarm, AlarmKind, Candidate, Pattern, Settings};
use crate::report::model::{Cell, Chart, Column, ColumnKind, LineChart, Section, Series, Table};
use crate::report::words::count;

use super::Context;

/// Payers whose drift is drawn.
const DRAWN: usize = 4;

/// The rates; nothing when every answered line is paid as agreed.
pub(super) fn section(context: &Context<'_>) -> Option<Section> {
    let found = context.found;
    if found.odd == 0 {
        return None;
    }
    let title = match found.patterns.first() {
        None => "No payer applies another rate than the agreed one to a good part of its lines".to_owned(),
        Some(first) if found.patterns.len() == 1 => {
            format!("{} applies {}", (context.payer_name)(&first.payer), first.applied.words())
        }
        Some(_) => format!(
            "{} rates in place of the agreed ones explain {} of {} in amounts that are short",
            found.patterns.len(),
            found.short_explained.pretty_dollars(),
            found.short.pretty_dollars()
        ),
    };
    let text = |name: &str, header: &str| Column::new(name, header, ColumnKind::Text);
    let table = Table {
        columns: vec![
            text("payer", "Payer"),
            text("applied", "Applies"),
            text("codes", "Codes"),
            Column::new("first_day", "First day", ColumnKind::Date),
            Column::new("last_day", "Last day", ColumnKind::Date),
            Column::new("lines", "Lines to the cent", ColumnKind::Count),
            Column::new("would_show", "Lines it would show on", ColumnKind::Count),
            Column::new("as_agreed", "Of these as agreed", ColumnKind::Count),
            Column::new("short", "Short", ColumnKind::Money),
            Column::new("over", "Over", ColumnKind::Money),
            Column::new("confidence", "Confidence %", ColumnKind::Percent),
            text("strength", "Evidence"),
            text("others", "Explained as well by"),
        ],
        rows: found.patterns.iter().map(|pattern| row(context, pattern)).collect(),
        total: None,
    };
    let mixed = found.patterns.iter().filter(|pattern| pattern.is_mixture(&Settings::default())).count();
    let mut notes = vec![
        "A rate is named when it gives the allowed amounts of at least five lines of one payer to the cent and a fifth of the lines on which it would show, over a stretch of days. Single underpayments stand above, by cause. These dollars are part of the underpayments, not beside them.".to_owned(),
        "Confidence is an estimate: 100 less the number of rates tried that would fit all the different amounts by chance. Repeated amounts are no further evidence.".to_owned(),
    ];
    if mixed > 0 {
        let mixed = i64::try_from(mixed).unwrap_or(i64::MAX);
        notes.push(format!(
            "{}: in the same days the payer also pays as agreed, or at another rate of this table.",
            count(mixed, "rate is one of a mixture", "rates are part of a mixture")
        ));
    }
    Some(Section {
        id: "applied-rates".to_owned(),
        title,
        lead: "Which other rate (year, place, setting, percentage, raise left out) gives what was allowed, and from which day of service to which.".to_owned(),
        kind: context.kind,
        chart: None,
        table,
        notes,
    })
}

fn row(context: &Context<'_>, pattern: &Pattern) -> Vec<Cell> {
    let codes: Vec<String> = pattern.codes.iter().map(ToString::to_string).collect();
    let number = |n: u64| Cell::Count(i64::try_from(n).unwrap_or(i64::MAX));
    vec![
        Cell::from((context.payer_name)(&pattern.payer)),
        Cell::from(pattern.applied.words()),
        Cell::from(codes.join(", ")),
        Cell::Date(pattern.first),
        Cell::Date(pattern.last),
        number(pattern.lines),
        number(pattern.would_show),
        number(pattern.as_agreed),
        Cell::Money(pattern.short),
        Cell::Money(pattern.over),
        Cell::Number(pattern.confidence),
        Cell::from(pattern.strength()),
        Cell::from(pattern.ties.iter().map(Candidate::words).collect::<Vec<_>>().join("; ")),
    ]
}

/// For the payers whose amounts moved: the course of the costliest step, and all steps.
pub(super) fn drifts(context: &Context<'_>) -> Vec<Section> {
    let alarms = &context.found.alarms;
    let cost = |alarm: &Alarm| alarm.a_year.unwrap_or_default().abs();
    let payers: BTreeSet<_> = alarms.iter().map(|alarm| &alarm.payer).collect();
    let mut worst: Vec<&Alarm> = payers
        .iter()
        .filter_map(|payer| alarms.iter().filter(|a| a.payer == **payer).max_by_key(|a| cost(a)))
        .collect();
    worst.sort_by(|a, b| cost(b).cmp(&cost(a)).then_with(|| a.payer.cmp(&b.payer)));
    worst.into_iter().take(DRAWN).enumerate().map(|(i, alarm)| drift(context, i + 1, alarm)).collect()
}

fn drift(context: &Context<'_>, number: usize, worst: &Alarm) -> Section {
    let payer = (context.payer_name)(&worst.payer);
    let at = match worst.area {
        Area::Nowhere => String::new(),
        area => format!(" in {area}"),
    };
    let year = match worst.a_year {
        _ if !worst.lasts => format!(", until {}", worst.until.format("%-d %B %Y")),
        Some(money) if money > Money::ZERO => format!(", {} a year", money.pretty_dollars()),
        _ => String::new(),
    };
    let title = format!("{payer} {} for {} on {}{year}", worst.kind.label(), worst.code, worst.day.format("%-d %B %Y"));
    let own: Vec<&Alarm> = context.found.alarms.iter().filter(|alarm| alarm.payer == worst.payer).collect();
    let cents = |rate: &Rate| round_cents(*rate);
    let events = own
        .iter()
        .filter(|alarm| alarm.code == worst.code && alarm.facility == worst.facility)
        .map(|alarm| (alarm.day, alarm.kind.label().to_owned()))
        .collect();
    let chart = (worst.course.len() > 1).then(|| {
        Chart::Lines(LineChart {
            title: title.clone(),
            alt: format!(
                "Lines of the usual allowed and agreed amounts of one unit of {} over {} months of service{at}.",
                worst.code,
                worst.course.len()
            ),
            value_axis: "Dollars per unit, the usual amount of the month".to_owned(),
            months: worst.course.iter().map(|(month, ..)| *month).collect(),
            series: vec![
                Series {
                    name: "Agreed".to_owned(),
                    values: worst.course.iter().map(|(_, _, agreed)| cents(agreed)).collect(),
                    accent: false,
                },
                Series {
                    name: "Allowed".to_owned(),
                    values: worst.course.iter().map(|(_, allowed, _)| cents(allowed)).collect(),
                    accent: true,
                },
            ],
            events,
            incomplete_from: None,
        })
    });
    Section {
        id: format!("rate-drift-{number}"),
        title,
        lead: format!("The usual amount of one unit of {} by month of service{at}, and every day on which one of the payer's usual amounts and the agreed rate parted or met.", worst.code),
        kind: context.kind,
        chart,
        table: Table {
            columns: vec![
                Column::new("day", "Day", ColumnKind::Date),
                Column::new("code", "Code", ColumnKind::Text),
                Column::new("place", "Place with most lines", ColumnKind::Text),
                Column::new("places", "Places", ColumnKind::Count),
                Column::new("what", "What happened", ColumnKind::Text),
                Column::new("allowed_before", "Allowed before", ColumnKind::Rate),
                Column::new("allowed_after", "after", ColumnKind::Rate),
                Column::new("agreed_before", "Agreed before", ColumnKind::Rate),
                Column::new("agreed_after", "after", ColumnKind::Rate),
                Column::new("lines", "Lines at it", ColumnKind::Count),
                Column::new("until", "Last of them", ColumnKind::Date),
                Column::new("lasts", "Still so", ColumnKind::Text),
                Column::new("a_year", "A year", ColumnKind::Money),
            ],
            rows: own.iter().map(|alarm| step(alarm)).collect(),
            total: None,
        },
        notes: vec![
            "A step of the schedule that the payer follows is not listed. \"A year\" is the difference at the volume of the last 365 days with services; a negative amount is paid beyond the agreed rate.".to_owned(),
        ],
    }
}

fn step(alarm: &Alarm) -> Vec<Cell> {
    let number = |n: u64| Cell::Count(i64::try_from(n).unwrap_or(i64::MAX));
    let place = match alarm.area {
        Area::Nowhere => Cell::Empty,
        area => Cell::from(area.to_string()),
    };
    vec![
        Cell::Date(alarm.day),
        Cell::from(alarm.code.to_string()),
        place,
        number(alarm.places),
        Cell::from(alarm.kind.label()),
        Cell::Number(alarm.allowed.0),
        Cell::Number(alarm.allowed.1),
        Cell::Number(alarm.agreed.0),
        Cell::Number(alarm.agreed.1),
        number(alarm.lines),
        Cell::Date(alarm.until),
        Cell::from(if alarm.lasts { "yes" } else { "no" }),
        alarm.a_year.filter(|_| alarm.kind != AlarmKind::Returned).into(),
    ]
}
