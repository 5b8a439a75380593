//! The payer's record against the other payers: denials, underpayments, days to payment.

use rust_decimal::Decimal;

use super::FEW;
use super::basis::{Basis, percentile};
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
    /// Whether it is made of enough lines to be shown.
    fn is_shown(&self) -> bool {
        usize::try_from(self.whole).is_ok_and(|n| n >= FEW)
    }

    fn shown(&self) -> Option<Decimal> {
        rate(self.part, self.whole).filter(|_| self.is_shown())
    }

    fn words(&self) -> String {
        if self.is_shown() { format!("{} of {}", self.part, self.whole) } else { few() }
    }

    fn is_above(&self, other: &Self) -> bool {
        i128::from(self.part) * i128::from(other.whole) > i128::from(other.part) * i128::from(self.whole)
    }

    /// Whether two shares are further apart than chance lets one time in twenty: (p − q)² > 1.96² × r (1 − r) (1/n + 1/m), with r the
    /// share of both together.
    fn is_beyond_chance(&self, other: &Self) -> bool {
        let share = |part: i64, whole: i64| Decimal::from(part).checked_div(Decimal::from(whole));
        let (n, m) = (self.whole, other.whole);
        let all = share(self.part + other.part, n + m);
        let (Some(p), Some(q), Some(r)) = (share(self.part, n), share(other.part, m), all) else { return false };
        let (Some(of_n), Some(of_m)) = (share(1, n), share(1, m)) else { return false };
        (p - q) * (p - q) > Decimal::new(38_416, 4) * r * (Decimal::ONE - r) * (of_n + of_m)
    }
}

/// Said of a share of few lines.
fn few() -> String {
    format!("fewer than {FEW} lines")
}

pub(super) fn section(basis: &Basis<'_>) -> Section {
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
        if own.is_shown() && others.is_shown() {
            compared += 1;
            worse += usize::from(own.is_beyond_chance(&others) && (own.is_above(&others) == high_is_bad));
        }
        rows.push(vec![
            what.into(),
            own.shown().into(),
            own.words().into(),
            others.shown().into(),
            others.words().into(),
        ]);
    };
    add("Denied at first, of answered lines (%)", &answered, &first_denied, true);
    add("Denied in the end, of answered lines (%)", &answered, &denied, true);
    add("Denials won, of reworked and decided (%)", &decided, &won, false);
    add("Paid less than the terms, of allowed lines (%)", &allowed, &short, true);
    // Dollars of the same lines: shown, and not counted a second time.
    let enough = |of: &[usize]| of.iter().filter(|i| answered(**i)).count() >= FEW;
    let (own_shown, others_shown) = (enough(&basis.own), enough(&basis.others));
    for (what, own, others) in [
        (
            "Denied in the end, of answered dollars (%)",
            basis.denied_of_answered(&basis.own),
            basis.denied_of_answered(&basis.others),
        ),
        ("Underpaid, of answered dollars (%)", underpaid(basis, &basis.own), underpaid(basis, &basis.others)),
    ] {
        let of = |lines: &[usize], shown: bool| {
            let sums = basis.sums_of(lines);
            if shown { format!("of {}", (sums.expected - sums.pending).pretty_dollars()) } else { few() }
        };
        rows.push(vec![
            what.into(),
            own.filter(|_| own_shown).into(),
            of(&basis.own, own_shown).into(),
            others.filter(|_| others_shown).into(),
            of(&basis.others, others_shown).into(),
        ]);
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
            if days.len() < FEW { few() } else { format!("{} paid lines", days.len()) }
        };
        rows.push(vec![what.into(), cell(a), of(&own_days).into(), cell(b), of(&other_days).into()]);
        // The middle of the days counts; a tenth more is worse.
        if let (Some(a), Some(b), 50) = (a, b, percent) {
            compared += 1;
            worse += usize::from(i64::from(a) * 10 > i64::from(b) * 11);
        }
    }
    let title = match (compared, worse) {
        (0, _) => "The payer's record: too few lines to compare".to_owned(),
        (compared, 0) => {
            format!(
                "On none of {compared} measures the payer does worse than the practice's other payers together, beyond chance"
            )
        }
        (compared, worse) => format!(
            "On {worse} of {compared} measures the payer does worse than the practice's other payers together, beyond chance"
        ),
    };
    let mut notes = vec![
        "Counted are the shares of lines, where they lie further apart than chance lets one time in twenty, and the median days, where they are a tenth more.".to_owned(),
    ];
    if !basis.input.hand_over {
        notes.push("`allowable denials --by payer` gives intervals.".to_owned());
    }
    Section {
        id: "record".to_owned(),
        title,
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
        notes,
    }
}

fn underpaid(basis: &Basis<'_>, lines: &[usize]) -> Option<Decimal> {
    let sums = basis.sums_of(lines);
    sums.underpaid.percent_of(sums.expected - sums.pending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worse_is_said_only_beyond_chance() {
        let share = |part, whole| Share { part, whole };
        // 13.0 % against 12.8 % of some hundred lines: r = 192 / 1500 = 0.128, 3.8416 × 0.1116 × (1/500 + 1/1000) = 0.0013 > 0.002².
        assert!(!share(65, 500).is_beyond_chance(&share(128, 1_000)));
        // 20 % against 10 %: r = 200 / 1500 = 0.1333, 3.8416 × 0.1156 × 0.003 = 0.00133 < 0.1².
        assert!(share(100, 500).is_beyond_chance(&share(100, 1_000)));
        assert!(share(100, 500).is_above(&share(100, 1_000)));
        assert!(!share(0, 0).is_beyond_chance(&share(1, 10)) && share(6, 9).shown().is_none());
    }
}
