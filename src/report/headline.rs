//! The few numbers on top, each with what it is made of.

use crate::domain::Money;

use super::model::Stat;
use super::run::Totals;
use super::words::{count, share};

pub(super) fn stats(totals: &Totals, years: &str) -> Vec<Stat> {
    let firm = &totals.firm;
    let gaps = &firm.gaps;
    let stat = |label: &str, value: Money, basis: String, accent: bool| Stat {
        label: label.to_owned(),
        value: value.pretty_dollars(),
        basis,
        accent,
    };
    let unknown_share = share(totals.unknown.charge, totals.charge());
    vec![
        stat(
            "Leakage",
            firm.leakage(),
            format!(
                "{} of {} expected on {}, service dates {years}",
                share(firm.leakage(), gaps.expected),
                gaps.expected.pretty_dollars(),
                count(firm.lines, "line", "lines")
            ),
            true,
        ),
        stat(
            "Denied",
            gaps.denied,
            format!(
                "{}; {} still open",
                count(firm.denied_lines, "line", "lines"),
                (gaps.denied - firm.denied_lost).pretty_dollars()
            ),
            false,
        ),
        stat(
            "Underpaid",
            gaps.underpaid,
            format!(
                "{}; overpaid {} apart",
                count(firm.underpaid_lines, "line", "lines"),
                gaps.overpaid.pretty_dollars()
            ),
            false,
        ),
        stat(
            "Pending",
            gaps.pending,
            format!("expected of {} without an answer", count(firm.pending_lines, "line", "lines")),
            false,
        ),
        stat(
            "Not priced",
            totals.unknown.charge,
            format!(
                "charges of {}: {unknown_share} of all charges; not zero, not known",
                count(totals.unknown.lines, "line", "lines")
            ),
            false,
        ),
        stat(
            "Never payable",
            totals.not_payable.charge,
            format!("charges of {}: avoidable billing errors", count(totals.not_payable.lines, "line", "lines")),
            false,
        ),
    ]
}
