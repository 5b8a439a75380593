//! The negotiation packet of one payer: who we are, its terms and rates beside Medicare and the practice's other payers, its
//! record, and what the ask, the fallback and the walk-away are worth. Of patients nothing; groups of few lines together.

mod ask;
mod basis;
mod rates;
mod record;
mod terms;
mod who;

use rust_decimal::Decimal;

use crate::domain::contract::Codes;
use crate::domain::{Code, Money, Payer, Period};
use crate::finding::{Error, Result};
use crate::leakage::Cohort;
use crate::project::Project;
use crate::reference::Reference;

use super::model::{Report, Section, Stat};
use super::run::Run;
use basis::Basis;

/// Fewer lines than this are not shown by themselves: they could be single patients.
pub(super) const FEW: usize = 11;

/// What is asked for, in percent of Medicare of the day of service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asks {
    /// The ask.
    pub ask: Decimal,
    /// What would do.
    pub fallback: Decimal,
    /// Below it the contract is not worth having; `None` when nobody has said so.
    pub walk_away: Option<Decimal>,
    /// The codes it is for; empty: all that Medicare prices.
    pub codes: Vec<Codes>,
}

impl Asks {
    /// Whether the ask is for a code.
    fn for_code(&self, code: Code) -> bool {
        self.codes.is_empty() || self.codes.iter().any(|codes| codes.holds(code))
    }
}

/// How far the services of the next year may be from those of the last: factors on its dollars.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// Of ten futures one is lower.
    pub low: Decimal,
    /// The mean.
    pub mean: Decimal,
    /// Of ten futures one is higher.
    pub high: Decimal,
}

/// What a packet is made from.
#[derive(Debug)]
pub struct PacketInput<'a> {
    /// The project.
    pub project: &'a Project,
    /// The reference.
    pub reference: &'a Reference,
    /// A report's run over the practice's files.
    pub run: &'a Run,
    /// The payer.
    pub payer: &'a Payer,
    /// The months that are told of.
    pub months: Period,
    /// What is asked for.
    pub asks: Asks,
    /// The forecast of the payer's services; or why there is none.
    pub spread: std::result::Result<Spread, String>,
    /// Whether the other payers are named. They are not unless somebody wants it: a packet may be handed over.
    pub name_others: bool,
}

/// What a payer's terms pay today in percent of Medicare, on its lines of these months that Medicare prices.
#[must_use]
pub fn percent_of_medicare(run: &Run, payer: &Payer, months: Period) -> Option<Decimal> {
    let (mut expected, mut medicare) = (Money::ZERO, Money::ZERO);
    for (line, judged) in run.lines.iter().zip(&run.judged) {
        let counts = line.payer == payer.id && months.contains(line.service_date) && judged.cohort == Cohort::Firm;
        if let Some(amount) = judged.medicare.filter(|_| counts) {
            expected += judged.money.gaps.expected;
            medicare += amount;
        }
    }
    expected.percent_of(medicare)
}

/// Makes the packet of a payer.
///
/// # Errors
/// When the payer has no line in the months, and when a sum does not balance.
pub fn packet(input: &PacketInput<'_>) -> Result<Report> {
    let basis = Basis::new(input)?;
    if basis.own.is_empty() {
        let (payer, months) = (&input.payer.name, input.months);
        return Err(Error::usage(format!("{payer} has no line of service in {months}"))
            .help("choose other months with --from and --to, or another payer"));
    }
    let kind = input.run.report.kind;
    let ask = ask::section(&basis)?;
    let finding = ask.title.clone();
    let mut sections: Vec<Section> = vec![ask, who::section(&basis)?, terms::section(&basis)];
    sections.push(rates::codes(&basis)?);
    sections.push(rates::payers(&basis)?);
    sections.push(record::section(&basis)?);
    sections.push(ask::grid(&basis)?);
    sections.push(ask::tornado(&basis)?);
    sections.push(rates::drift(&basis)?);
    let title = format!("{}: packet for {}", input.project.title, input.payer.name);
    let period = format!("{} to {}", input.months.from().format("%-d %B %Y"), input.months.last().format("%-d %B %Y"));
    let mut report = Report::of(&title, &period, input.run.report.as_of, kind, sections);
    report.period_slug = format!("{}_{}", input.months.from(), input.months.last());
    report.finding = finding;
    report.headline = headline(&basis)?;
    report.notes = notes(&basis);
    Ok(report)
}

fn headline(basis: &Basis<'_>) -> Result<Vec<Stat>> {
    let input = basis.input;
    let sums = basis.sums();
    let of = basis.own.len();
    let stat = |label: &str, value: String, text: String, accent: bool| Stat {
        label: label.to_owned(),
        value,
        basis: text,
        accent,
    };
    let current = basis.percent_of_medicare(&basis.own);
    let at_ask = basis.at(input.asks.ask)?;
    Ok(vec![
        stat("Expected today", sums.expected.pretty_dollars(), format!("under the terms in force, {of} lines"), false),
        stat(
            "Of Medicare today",
            current.map_or_else(|| "not known".to_owned(), |p| format!("{p}%")),
            "expected over Medicare's amount, lines that Medicare prices".to_owned(),
            false,
        ),
        stat(
            "The ask is worth",
            signed(at_ask.amount - sums.expected),
            format!("a year more at {}% of Medicare, on the services of these months", input.asks.ask.normalize()),
            true,
        ),
        stat(
            "Denied and underpaid",
            (sums.denied + sums.underpaid).pretty_dollars(),
            format!("of {} expected", sums.expected.pretty_dollars()),
            false,
        ),
    ])
}

fn notes(basis: &Basis<'_>) -> Vec<String> {
    let input = basis.input;
    let mut notes = vec![
        "Only lines whose expected amount is published or contracted are in the sums; they are those of the leakage report for the same months.".to_owned(),
        format!("No patient stands here; groups of fewer than {FEW} lines are shown together."),
    ];
    if !input.name_others {
        notes.push(
            "Other payers are not named: a packet may be handed over. --name-others names them for your own desk."
                .to_owned(),
        );
    }
    if input.project.contracts.iter().any(|c| c.payer == input.payer.id && c.inferred) {
        notes.push("The payer's terms are worked out from its payments, not signed: what it pays less than them is a question, not a debt.".to_owned());
    }
    notes
}

/// Dollars with their sign.
fn signed(amount: Money) -> String {
    if amount > Money::ZERO { format!("+{}", amount.pretty_dollars()) } else { amount.pretty_dollars() }
}
