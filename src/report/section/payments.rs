//! From what was paid on claims to what was sent: the provider adjustments of the remittances, which belong to no line.

use crate::domain::Money;
use crate::report::model::{Cell, Column, ColumnKind, Section, Table};
use crate::report::words::count;

use super::Context;

/// What a reason of a provider adjustment (PLB03-1) means.
fn meaning(reason: &str) -> &'static str {
    match reason {
        "WO" => "an earlier overpayment is taken back",
        "FB" => "a balance is carried from or to another payment",
        "L6" => "interest",
        "L3" => "a penalty",
        "72" => "a returned payment",
        "CS" => "an adjustment that the payer explains elsewhere",
        "50" => "a late charge",
        "IR" => "tax withheld",
        "LS" => "a levy",
        "J1" => "not reimbursable",
        "B2" => "a rebate",
        "AP" | "AM" => "an amount paid ahead, or set against one",
        _ => "ask the payer",
    }
}

pub(super) fn section(context: &Context<'_>) -> Option<Section> {
    let cash = context.cash;
    if cash.payments == 0 {
        return None;
    }
    let mut taken = Money::ZERO;
    let row = |step: String, what: &str, amount: Money| vec![Cell::from(step), Cell::from(what), Cell::Money(amount)];
    let on_claims = cash.on_claims.money()?;
    let sent = cash.sent.money()?;
    let mut rows =
        vec![row("Paid on claims".to_owned(), "of all claims of the remittances, in scope or not", on_claims)];
    for (reason, amount) in &cash.provider {
        let amount = amount.money()?;
        taken += amount;
        // As in the file: what lowers the payment is subtracted.
        rows.push(row(format!("Provider adjustment {reason}"), meaning(reason), -amount));
    }
    let apart = sent - (on_claims - taken);
    if !apart.is_zero() {
        rows.push(row("Not explained".to_owned(), "payments that do not balance: see the findings", apart));
    }
    let payments = count(signed(cash.payments), "payment", "payments");
    let (moved, sent_all) = (taken.abs().pretty(), sent.pretty());
    let title = match taken.cents().signum() {
        0 => format!("{payments} sent {sent_all}, as paid on their claims"),
        1 => format!("Payers took {moved} off payments for reasons beside the claims; {sent_all} was sent"),
        _ => format!("Payers added {moved} to payments for reasons beside the claims; {sent_all} was sent"),
    };
    Some(Section {
        id: "payments".to_owned(),
        title,
        lead: "From what the remittances say of claims to what they sent. Provider adjustments belong to no line and are no leakage.".to_owned(),
        kind: context.kind,
        chart: None,
        table: Table {
            columns: vec![
                Column::new("step", "Step", ColumnKind::Text),
                Column::new("what", "What it is", ColumnKind::Text),
                Column::new("amount", "Amount", ColumnKind::Money),
            ],
            rows,
            total: Some(row("Sent".to_owned(), "by check or transfer", sent)),
        },
        notes: match cash.unbalanced {
            0 => vec![format!("Balanced: {payments}.")],
            n => vec![format!("Not balanced: {n} of {payments}.")],
        },
    })
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
