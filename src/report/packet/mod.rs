//! The negotiation packet of one payer: who we are, its terms and rates beside Medicare and the practice's other payers, its
//! record, and what the ask, the fallback and the walk-away are worth. Of patients nothing; groups of few lines together.

mod ask;
mod basis;
mod drift;
mod rates;
mod record;
mod terms;
mod tornado;
mod who;

use rust_decimal::Decimal;

use crate::domain::contract::Codes;
use crate::domain::{Code, Money, Payer, PayerKind, Period};
use crate::finding::{Error, Result};
use crate::leakage::Cohort;
use crate::project::Project;
use crate::reference::Reference;

use super::model::{Report, Section, Stat};
use super::run::Run;
use super::words::count;
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

    /// `140% of Medicare for injections`.
    fn words(&self, percent: Decimal) -> String {
        let codes: Vec<String> = self.codes.iter().map(ToString::to_string).collect();
        let of = if codes.is_empty() { String::new() } else { format!(" for {}", codes.join(", ")) };
        format!("{}% of Medicare{of}", percent.normalize())
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
    /// What is asked for; `None`: nothing, because the rate is set by law ([`is_set_by_law`]).
    pub asks: Option<Asks>,
    /// The forecast of the payer's services; or why there is none.
    pub spread: std::result::Result<Spread, String>,
    /// Whether the other payers are named. They are not unless somebody wants it: a packet may be handed over.
    pub name_others: bool,
    /// The edition for the other side: without the fallback, the walk-away, what they are weighed with, and hints for one's own desk.
    pub hand_over: bool,
}

/// Fewest months that are scaled to a year: a shorter span tells no year.
pub const LEAST_MONTHS: i64 = 3;

/// Whether a payer's rate is set by law, so that there is nothing to ask of it: Medicare Part B and Medicaid fee for service.
#[must_use]
pub const fn is_set_by_law(payer: &Payer) -> bool {
    matches!(payer.kind, PayerKind::Medicare | PayerKind::Medicaid)
}

/// Whether a packet can be made of a payer's lines of these months.
///
/// # Errors
/// When the months are too few for a year, when the payer has no line in them or none whose rate is published or contracted, and
/// when it has so few that they could be single patients.
pub fn check_packet(run: &Run, payer: &Payer, months: Period) -> Result<()> {
    let found = basis::months_of(months);
    if found < LEAST_MONTHS {
        return Err(Error::usage(format!(
            "{} for a packet: fewer than {LEAST_MONTHS} months tell no year",
            count(found, "month of services is too little", "months of services are too few")
        ))
        .help("name more months with --from and --to, such as --from 2025-01 --to 2025-12"));
    }
    let mut of: [i64; 4] = [0; 4];
    for (line, judged) in run.lines.iter().zip(&run.judged) {
        if line.payer == payer.id && months.contains(line.service_date) {
            let at = match judged.cohort {
                Cohort::Firm => 0,
                Cohort::Benchmark => 1,
                Cohort::Unknown => 2,
                Cohort::NotPayable => 3,
            };
            of[at] += 1;
        }
    }
    let (name, [firm, benchmark, unknown, not_payable]) = (&payer.name, of);
    let others = "choose other months with --from and --to, or another payer";
    match (firm, benchmark + unknown + not_payable) {
        (0, 0) => Err(Error::usage(format!("{name} has no line of service in {months}")).help(others)),
        (0, all) => Err(Error::usage(format!(
            "{name} has {} of service in {months}, and none of them has a published or contracted rate: {benchmark} can only be \
             compared with a benchmark, {unknown} have no known rate, {not_payable} are not payable",
            count(all, "line", "lines")
        ))
        .help("give the payer its fee schedule or contract in allowable.toml; a packet rests on rates that are agreed or published")),
        (few, _) if few < i64::try_from(FEW).unwrap_or(i64::MAX) => Err(Error::usage(format!(
            "{name} has fewer than {FEW} lines with a published or contracted rate in {months}: they could be single patients"
        ))
        .help(others)),
        _ => Ok(()),
    }
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
/// As [`check_packet`], and when a sum does not balance.
pub fn packet(input: &PacketInput<'_>) -> Result<Report> {
    check_packet(input.run, input.payer, input.months)?;
    let basis = Basis::new(input)?;
    if let Some(asks) = input.asks.as_ref().filter(|asks| basis.at(asks.ask).priced == 0) {
        return Err(Error::usage(format!("{} prices none of the lines of {}", asks.words(asks.ask), input.payer.name))
            .help("ask for codes that Medicare prices"));
    }
    let kind = input.run.report.kind;
    let ask = input.asks.as_ref().map(|asks| ask::section(&basis, asks));
    let finding = ask.as_ref().map_or_else(|| by_law(input.payer), |ask| ask.title.clone());
    let mut sections: Vec<Section> = ask.into_iter().collect();
    sections.extend([who::section(&basis), terms::section(&basis), rates::codes(&basis), rates::payers(&basis)]);
    sections.push(record::section(&basis));
    if let Some(asks) = input.asks.as_ref().filter(|_| !input.hand_over) {
        sections.push(ask::grid(&basis, asks));
        sections.push(tornado::section(&basis, asks));
    }
    sections.push(drift::section(&basis));
    let title = format!("{}: packet for {}", input.project.title, input.payer.name);
    let period = format!("{} to {}", input.months.from().format("%-d %B %Y"), input.months.last().format("%-d %B %Y"));
    let mut report = Report::of(&title, &period, input.run.report.as_of, kind, sections);
    report.period_slug = format!("{}_{}", input.months.from(), input.months.last());
    report.finding = finding;
    report.headline = headline(&basis);
    report.notes = notes(&basis);
    Ok(report)
}

/// Said of a payer that nothing is asked of.
fn by_law(payer: &Payer) -> String {
    format!("The rate of {} is set by law: this packet asks for nothing", payer.name)
}

fn headline(basis: &Basis<'_>) -> Vec<Stat> {
    let input = basis.input;
    let sums = basis.sums();
    let stat = |label: &str, value: String, text: String, accent: bool| Stat {
        label: label.to_owned(),
        value,
        basis: text,
        accent,
    };
    let current = basis.percent_of_medicare(&basis.own);
    let mut stats = vec![
        stat(
            "Expected today",
            sums.expected.pretty_dollars(),
            format!("under the terms in force, {}", basis.span()),
            false,
        ),
        stat(
            "Of Medicare today",
            current.map_or_else(|| "not known".to_owned(), |p| format!("{p}%")),
            "expected over Medicare's amount, lines that Medicare prices".to_owned(),
            false,
        ),
    ];
    stats.extend(input.asks.as_ref().map(|asks| {
        stat(
            "The ask is worth",
            signed(basis.a_year(basis.at(asks.ask).amount - sums.expected)),
            format!("a year more at {}, from {}", asks.words(asks.ask), basis.span()),
            true,
        )
    }));
    stats.push(stat(
        "Denied and underpaid",
        (sums.denied + sums.underpaid).pretty_dollars(),
        format!("of {} expected, {}", sums.expected.pretty_dollars(), basis.span()),
        false,
    ));
    stats
}

fn notes(basis: &Basis<'_>) -> Vec<String> {
    let input = basis.input;
    let mut notes = vec![
        "Only lines whose expected amount is published or contracted are in the sums; they are those of the leakage report for the same months.".to_owned(),
        format!("No patient stands here; groups of fewer than {FEW} lines are shown together."),
    ];
    match (is_set_by_law(input.payer), &input.asks) {
        (true, None) if input.hand_over => {}
        (true, None) => notes.push(format!(
            "The rate of {} is set by law and not negotiated, so there is no ask; --ask works one out all the same.",
            input.payer.name
        )),
        (true, Some(_)) => notes.push(format!(
            "The rate of {} is set by law and not negotiated: the ask is a sum, not an offer.",
            input.payer.name
        )),
        (false, _) => {}
    }
    if input.hand_over {
        notes.push("Other payers are not named.".to_owned());
    } else {
        notes.push(
            "This edition is for your own desk. --hand-over writes the one for the payer: without fallback, walk-away, what \
             they are weighed with, and the payer's share in the practice."
                .to_owned(),
        );
        if !input.name_others {
            notes.push("Other payers are not named; --name-others names them.".to_owned());
        }
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
