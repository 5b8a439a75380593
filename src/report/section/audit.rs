//! The audit: providers of the practice beside each other.

use rust_decimal::Decimal;

use crate::domain::Money;
use crate::leakage::{Direction, Provider, ProviderRate, Side};
use crate::report::model::{Cell, Chart, Column, ColumnKind, DotChart, DotRow, Section, Table};
use crate::report::words::count;

use super::Context;

/// Beyond so many rows only those that stand apart are shown.
const ROWS: usize = 120;

pub(super) fn section(context: &Context<'_>) -> Option<Section> {
    let audit = context.audit;
    if audit.rates.is_empty() {
        return None;
    }
    let flagged = audit.flagged();
    let money = |direction: Direction| -> Money {
        let of = |rate: &&ProviderRate| rate.flag.filter(|flag| flag.direction == direction).and_then(|f| f.money);
        flagged.iter().filter_map(of).sum()
    };
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let title = if flagged.is_empty() {
        "No provider stands apart from the others".to_owned()
    } else {
        format!("{} of providers apart from the others", count(number(flagged.len()), "rate", "rates"))
    };
    let rest = audit.rates.iter().filter(|rate| rate.flag.is_none());
    let shown: Vec<&ProviderRate> = if audit.rates.len() > ROWS && !flagged.is_empty() {
        flagged.clone()
    } else {
        flagged.iter().copied().chain(rest).take(ROWS).collect()
    };
    let mut notes = vec![
        "A provider stands apart when the 95% interval of the rate (Wilson) excludes the rate of all other providers together; 96373 in an office and modifier 25 on 96372 always do, for they are nearly always mistakes. It is a reason to read records, no verdict: patients and services differ between providers.".to_owned(),
        format!("{} were compared; by chance alone one in twenty stands apart. Rates of fewer than eleven cases are not given out: small providers are pooled.", count(audit.compared, "rate", "rates")),
        "Money of over-billing is what was allowed on all lines in question, an upper bound of what could be asked back; of under-billing, firm money expected on these lines and not allowed, or missed. One line may be in question under several rates: the amounts are not to be added up.".to_owned(),
    ];
    if shown.len() < audit.rates.len() {
        notes.push(format!(
            "{} of {} rates are shown; all: `allowable audit`.",
            shown.len(),
            count(number(audit.rates.len()), "rate", "rates")
        ));
    }
    Some(Section {
        id: "audit".to_owned(),
        title,
        lead: format!(
            "How each provider bills injections beside all others of the practice. The largest single amount at stake: {} over-billed, {} under-billed.",
            largest(&flagged, Direction::Over, money(Direction::Over)),
            largest(&flagged, Direction::Under, money(Direction::Under))
        ),
        kind: context.kind,
        chart: flagged.first().and_then(|most| chart(most, &audit.rates)),
        table: Table { columns: columns(), rows: shown.into_iter().map(cells).collect(), total: None },
        notes,
    })
}

fn largest(flagged: &[&ProviderRate], direction: Direction, all: Money) -> String {
    let of = |rate: &&ProviderRate| rate.flag.filter(|flag| flag.direction == direction).and_then(|f| f.money);
    if all.is_zero() {
        "none".to_owned()
    } else {
        flagged.iter().filter_map(of).max().unwrap_or_default().pretty_dollars()
    }
}

fn columns() -> Vec<Column> {
    let text = |name: &str, header: &str| Column::new(name, header, ColumnKind::Text);
    let percent = |name: &str, header: &str| Column::new(name, header, ColumnKind::Percent);
    vec![
        text("measure", "Rate"),
        text("provider", "Provider (NPI)"),
        text("stands", "Stands"),
        text("direction", "Direction"),
        text("action", "What to do"),
        Column::new("part", "Cases", ColumnKind::Count),
        Column::new("whole", "Of", ColumnKind::Count),
        percent("rate", "Rate"),
        percent("low", "95% from"),
        percent("high", "to"),
        percent("peers_rate", "Others' rate"),
        Column::new("ratio", "Units per case", ColumnKind::Number),
        Column::new("money", "At stake", ColumnKind::Money),
    ]
}

/// The name of a provider for readers.
fn name(provider: &Provider) -> String {
    match provider {
        Provider::Npi(npi) => npi.to_string(),
        Provider::FewerThanEleven(n) => format!("{} with fewer than 11", count(i64::from(*n), "provider", "providers")),
        Provider::NotTold => "not told".to_owned(),
    }
}

fn cells(rate: &ProviderRate) -> Vec<Cell> {
    let flag = rate.flag;
    let side = |side: Side| if side == Side::High { "above the others" } else { "below the others" };
    let stands =
        |flag: crate::leakage::Flag| if rate.measure.is_always_wrong() { "always wrong" } else { side(flag.side) };
    vec![
        Cell::from(rate.measure.label()),
        Cell::from(name(&rate.provider)),
        flag.map_or(Cell::Empty, |f| Cell::from(stands(f))),
        flag.map_or(Cell::Empty, |f| Cell::from(f.direction.label())),
        flag.map_or(Cell::Empty, |f| Cell::from(rate.measure.action(f.side))),
        Cell::Count(rate.part),
        Cell::Count(rate.whole),
        Cell::Number(rate.percent()),
        rate.interval.map(|(low, _)| low).into(),
        rate.interval.map(|(_, high)| high).into(),
        rate.peers_percent().into(),
        rate.ratio.into(),
        flag.and_then(|f| f.money).into(),
    ]
}

/// All providers under the measure of the flag with the most money.
fn chart(most: &ProviderRate, rates: &[ProviderRate]) -> Option<Chart> {
    let of_measure: Vec<&ProviderRate> =
        rates.iter().filter(|r| r.measure == most.measure && matches!(r.provider, Provider::Npi(_))).collect();
    let (part, whole) = of_measure.iter().fold((0, 0), |(p, w), r| (p + r.part, w + r.whole));
    let all = crate::report::words::rate(part, whole)?;
    let mut rows: Vec<DotRow> = of_measure
        .iter()
        .map(|r| DotRow { label: name(&r.provider), value: Some(r.percent()), target: None, accent: r.flag.is_some() })
        .collect();
    rows.sort_by(|a, b| b.value.cmp(&a.value).then_with(|| a.label.cmp(&b.label)));
    let said: Vec<String> = rows.iter().map(|r| format!("{} {}%", r.label, r.value.unwrap_or(Decimal::ZERO))).collect();
    let title = format!(
        "{}: {} at {}%, the others at {}%",
        most.measure.label(),
        name(&most.provider),
        most.percent(),
        most.peers_percent()?
    );
    Some(Chart::Dots(DotChart {
        alt: format!("Dots of the rate by provider, all together {all}%: {}.", said.join(", ")),
        title,
        value_axis: format!("{}, % of cases", most.measure.label()),
        rows,
        reference: Some((all, "all".to_owned())),
    }))
}
