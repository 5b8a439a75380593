//! The payer's record against the other payers: denials, underpayments, days to payment.

use rust_decimal::Decimal;

use super::FEW;
use super::basis::{Basis, percentile};
use crate::finding::Result;
use crate::leakage::Cause;
use crate::reconcile::Standing;
use crate::report::model::{Cell, Column, ColumnKind, Section, Table};
use crate::report::words::rate;

/// A share with what it is made of.
struct Share {
    part: i64,
    whole: i64,
}

impl Share {
    fn percent(&self) -> Option<Decimal> {
        rate(self.part, self.whole)
    }

    fn words(&self) -> String {
        if usize::try_from(self.whole).is_ok_and(|n| n < FEW) {
            format!("fewer than {FEW} lines")
        } else {
            format!("{} of {}", self.part, self.whole)
        }
    }
}

pub(super) fn section(basis: &Basis<'_>) -> Result<Section> {
    let lines = |of: &[usize], whole: &dyn Fn(usize) -> bool, part: &dyn Fn(usize) -> bool| {
        let answered: Vec<usize> = of.iter().copied().filter(|i| whole(*i)).collect();
        let n = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Share { part: n(answered.iter().filter(|i| part(**i)).count()), whole: n(answered.len()) }
    };
    let judged = |i: usize| basis.line(i).1;
    let answered = |i: usize| judged(i).money.answers.answers > 0 && judged(i).money.standing != Standing::Pending;
    let first_denied = |i: usize| matches!(judged(i).first_cause, Some(Cause::Denied(_)));
    let denied = |i: usize| judged(i).money.standing == Standing::Denied;
    let allowed = |i: usize| answered(i) && !denied(i);
    let short = |i: usize| judged(i).money.standing == Standing::Underpaid;
    let decided = |i: usize| first_denied(i) && judged(i).won.is_some();
    let won = |i: usize| judged(i).won == Some(true);
    let mut rows = Vec::new();
    let mut worse = 0;
    let mut compared = 0;
    let mut add = |what: &str, whole: &dyn Fn(usize) -> bool, part: &dyn Fn(usize) -> bool, high_is_bad: bool| {
        let (own, others) = (lines(&basis.own, whole, part), lines(&basis.others, whole, part));
        let shown = usize::try_from(own.whole).is_ok_and(|n| n >= FEW);
        if let (true, Some(a), Some(b)) = (shown, own.percent(), others.percent()) {
            compared += 1;
            worse += usize::from(if high_is_bad { a > b } else { a < b });
        }
        rows.push(vec![
            what.into(),
            if shown { own.percent().into() } else { Cell::Empty },
            own.words().into(),
            others.percent().into(),
            others.words().into(),
        ]);
    };
    add("Denied at first, of answered lines (%)", &answered, &first_denied, true);
    add("Denied in the end, of answered lines (%)", &answered, &denied, true);
    add("Denials won, of reworked and decided (%)", &decided, &won, false);
    add("Paid less than the terms, of allowed lines (%)", &allowed, &short, true);
    for (what, own, others) in [
        (
            "Denied in the end, of expected dollars (%)",
            basis.denied_share(&basis.own),
            basis.denied_share(&basis.others),
        ),
        ("Underpaid, of expected dollars (%)", underpaid(basis, &basis.own), underpaid(basis, &basis.others)),
    ] {
        let (a, b) = (basis.sums(), basis.sums_of(&basis.others));
        rows.push(vec![
            what.into(),
            own.into(),
            format!("of {}", (a.expected - a.pending).pretty_dollars()).into(),
            others.into(),
            format!("of {}", (b.expected - b.pending).pretty_dollars()).into(),
        ]);
        if let (Some(a), Some(b)) = (own, others) {
            compared += 1;
            worse += usize::from(a > b);
        }
    }
    let days = |of: &[usize]| {
        let mut days: Vec<i32> = of.iter().filter_map(|i| judged(*i).days_to_payment).collect();
        days.sort_unstable();
        days
    };
    let (own_days, other_days) = (days(&basis.own), days(&basis.others));
    for (what, percent) in
        [("Days from service to payment, median", 50), ("Days from service to payment, 90th percentile", 90)]
    {
        let at = |days: &[i32]| if days.len() < FEW { None } else { percentile(days, percent) };
        let (a, b) = (at(&own_days), at(&other_days));
        let cell = |days: Option<i32>| days.map_or(Cell::Empty, |days| Cell::Number(Decimal::from(days)));
        let of = |days: &[i32]| {
            if days.len() < FEW { format!("fewer than {FEW} lines") } else { format!("{} paid lines", days.len()) }
        };
        rows.push(vec![what.into(), cell(a), of(&own_days).into(), cell(b), of(&other_days).into()]);
        if let (Some(a), Some(b)) = (a, b) {
            compared += 1;
            worse += usize::from(a > b);
        }
    }
    Ok(Section {
        id: "record".to_owned(),
        title: format!(
            "On {worse} of {compared} measures the payer does worse than the practice's other payers together"
        ),
        lead: "By service date in these months, lines whose rate is published or contracted.".to_owned(),
        kind: basis.input.run.report.kind,
        chart: None,
        table: Table {
            columns: vec![
                Column::new("measure", "Measure", ColumnKind::Text),
                Column::new("payer", "This payer", ColumnKind::Number),
                Column::new("payer_of", "Made of", ColumnKind::Text),
                Column::new("others", "All others", ColumnKind::Number),
                Column::new("others_of", "Made of", ColumnKind::Text),
            ],
            rows,
            total: None,
        },
        notes: vec!["Small differences may be chance; `allowable denials --by payer` gives intervals.".to_owned()],
    })
}

fn underpaid(basis: &Basis<'_>, lines: &[usize]) -> Option<Decimal> {
    let sums = basis.sums_of(lines);
    sums.underpaid.percent_of(sums.expected - sums.pending)
}
