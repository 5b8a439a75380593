//! All answers of all payers to one line, netted into one adjudication. Knows nothing of what was expected.

use crate::domain::{Adjustment, Carc, ClaimStatus, Date, Group, Link, Money, Rarc, Remit};
use crate::reference::{AmountClass, Class, DenialCategory, DenialMap};

use super::open::open;

/// The denial that explains why nothing was allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Denial {
    /// Category of the denial map.
    pub category: DenialCategory,
    /// Who bears it.
    pub group: Group,
    /// Why.
    pub carc: Carc,
    /// The remark that decided the category, or the first one.
    pub rarc: Option<Rarc>,
}

impl Denial {
    /// `CO-97`, `CO-16/M119`: the codes as one word.
    #[must_use]
    pub fn reason(&self) -> String {
        self.rarc.map_or_else(
            || format!("{}-{}", self.group, self.carc),
            |rarc| format!("{}-{}/{rarc}", self.group, self.carc),
        )
    }
}

/// What became of a line over all its answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjudication {
    /// Paid by all payers, reversals netted.
    pub paid: Money,
    /// The patient's share after the last payer.
    pub patient: Money,
    /// Reductions of the payment that the contract or the law foresees (sequestration, withhold, penalty).
    pub reductions: Money,
    /// The denial in force, when nothing is allowed.
    pub denial: Option<Denial>,
    /// The denial of the first answer, whatever came later.
    pub initial_denial: Option<Denial>,
    /// What the answers of the first day allowed, by the payer that answered first.
    pub first_allowed: Option<Money>,
    /// The payer that answered first answered again on a later day, beyond taking its answer back.
    pub reworked: bool,
    /// All answers were taken back and nothing has replaced them.
    pub reversed: bool,
    /// Day of the first answer.
    pub first_answer: Option<Date>,
    /// Day of the last answer.
    pub last_answer: Option<Date>,
    /// Day of the first answer that paid something.
    pub first_payment: Option<Date>,
    /// Day on which the practice posted that payment, when its files tell it.
    pub first_posting: Option<Date>,
    /// Number of answers.
    pub answers: u32,
    /// Some adjustment reason is not in the denial map.
    pub unknown_carc: Option<Carc>,
    /// How the answers were joined to the line: the least firm of their links.
    pub link: Option<Link>,
}

impl Adjudication {
    /// A line without any answer.
    pub const NONE: Self = Self {
        paid: Money::ZERO,
        patient: Money::ZERO,
        reductions: Money::ZERO,
        denial: None,
        initial_denial: None,
        first_allowed: None,
        reworked: false,
        reversed: false,
        first_answer: None,
        last_answer: None,
        first_payment: None,
        first_posting: None,
        answers: 0,
        unknown_carc: None,
        link: None,
    };

    /// The allowed amount: paid + patient share + known reductions (DOMAIN §5).
    #[must_use]
    pub fn allowed(&self) -> Money {
        self.paid + self.patient + self.reductions
    }
}

/// Amounts of one payer's answers to a line, reversals netted.
#[derive(Debug, Default, Clone, Copy)]
struct PayerTotals {
    charge: Money,
    paid: Money,
    patient: Money,
    reductions: Money,
}

/// Nets all answers to one line. The order of `remits` does not matter. `sequestration`: the payer takes 2 % off its
/// payments, which an export without reasons may show only as a difference.
#[must_use]
pub fn adjudicate(map: &DenialMap, remits: &[&Remit], sequestration: bool) -> Adjudication {
    let mut answers: Vec<&Remit> =
        remits.iter().copied().filter(|r| r.claim_status != ClaimStatus::Predetermination).collect();
    answers.sort_by(|a, b| order(a).cmp(&order(b)));
    let Some(first) = answers.first() else { return Adjudication::NONE };

    let payment = answers.iter().find(|r| r.paid > Money::ZERO && r.claim_status != ClaimStatus::Reversal);
    let mut out = Adjudication {
        first_answer: Some(first.remit_date),
        first_payment: payment.map(|r| r.remit_date),
        first_posting: payment.and_then(|r| r.posted_date),
        last_answer: answers.last().map(|r| r.remit_date),
        answers: u32::try_from(answers.len()).unwrap_or(u32::MAX),
        link: answers.iter().map(|r| r.link).max(),
        ..Adjudication::NONE
    };
    let mut totals: Vec<(u8, PayerTotals)> = Vec::new();
    for remit in &answers {
        let rank = remit.payer_rank.max(1);
        let at = totals.iter().position(|t| t.0 == rank).unwrap_or_else(|| {
            totals.push((rank, PayerTotals::default()));
            totals.len() - 1
        });
        let sum = &mut totals[at].1;
        sum.charge += remit.charge;
        sum.paid += remit.paid;
        let stated = open(map, remit, sequestration && rank == 1);
        sum.patient += stated.patient;
        sum.reductions += stated.sequestration;
        let unknown = |a: &&Adjustment| !map.classify(a.group, a.carc, &a.rarcs).known;
        out.unknown_carc = out.unknown_carc.or_else(|| remit.adjustments.iter().find(unknown).map(|a| a.carc));
        let (patient, reductions) = shares(map, remit);
        sum.patient += patient;
        sum.reductions += reductions;
    }
    totals.sort_by_key(|t| t.0);
    combine(&mut out, &totals);
    // Only what was taken back is open again: a denial in a file that repeats no charges sums to nothing, too.
    let taken_back = answers.iter().any(|r| r.claim_status == ClaimStatus::Reversal || r.charge < Money::ZERO);
    out.reversed = taken_back && totals.iter().all(|(_, t)| t.charge.is_zero() && t.paid.is_zero());
    if out.allowed().is_zero() {
        out.denial = live_denial(map, &answers);
    }
    out.initial_denial = initial_denial(map, &answers, sequestration);
    let (first_allowed, reworked) = first_round(map, &answers, sequestration);
    (out.first_allowed, out.reworked) = (first_allowed, reworked && !out.reversed);
    out
}

/// By day, payer and content: where a row stands in its file says nothing.
fn order(remit: &Remit) -> impl Ord + '_ {
    let adjustments: Vec<_> =
        remit.adjustments.iter().map(|a| (a.group, a.carc, &a.rarcs, a.amount, a.quantity)).collect();
    let reversal = remit.claim_status == ClaimStatus::Reversal;
    (remit.remit_date, remit.payer_rank, reversal, remit.charge, remit.paid, adjustments, remit.source)
}

/// The patient's share and the known reductions that the adjustments of one answer tell.
pub(super) fn shares(map: &DenialMap, remit: &Remit) -> (Money, Money) {
    let (mut patient, mut reductions) = (Money::ZERO, Money::ZERO);
    for adjustment in &remit.adjustments {
        let class = map.classify(adjustment.group, adjustment.carc, &adjustment.rarcs);
        match class.amount_class {
            AmountClass::PatientResp => patient += adjustment.amount,
            _ if is_known_reduction(&class) => reductions += adjustment.amount,
            _ => {}
        }
    }
    (patient, reductions)
}

/// Sequestration, withholds and penalties lower the payment, not the allowed amount.
fn is_known_reduction(class: &Class) -> bool {
    matches!(&*class.word, "sequestration" | "withhold" | "penalty")
}

/// The payers after the first pay out of the patient's share: what they pay lowers it, never below nothing.
fn combine(out: &mut Adjudication, totals: &[(u8, PayerTotals)]) {
    let mut responsible = PayerTotals::default();
    let mut later = Money::ZERO;
    for (_, payer) in totals {
        let allowed = payer.paid + payer.patient + payer.reductions;
        if (responsible.paid + responsible.patient + responsible.reductions).is_zero() && !allowed.is_zero() {
            responsible = *payer;
        } else {
            later += payer.paid;
            out.reductions += payer.reductions;
        }
    }
    out.paid = responsible.paid + later;
    out.patient = if responsible.patient > Money::ZERO {
        (responsible.patient - later - out.reductions).or_zero()
    } else {
        responsible.patient
    };
    out.reductions += responsible.reductions;
}

/// The largest denial that no reversal has taken back; of equal ones the first in the order of the codes.
fn live_denial(map: &DenialMap, answers: &[&Remit]) -> Option<Denial> {
    let mut net: Vec<(Denial, Money)> = Vec::new();
    for adjustment in answers.iter().flat_map(|r| &r.adjustments) {
        let Some(denial) = denial_of(map, adjustment) else { continue };
        match net.iter_mut().find(|(d, _)| *d == denial) {
            Some((_, amount)) => *amount += adjustment.amount,
            None => net.push((denial, adjustment.amount)),
        }
    }
    net.retain(|(_, amount)| *amount > Money::ZERO);
    net.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    net.first().map(|(denial, _)| *denial)
}

/// The denial of the first answer of the first payer, when that answer allowed nothing.
fn initial_denial(map: &DenialMap, answers: &[&Remit], sequestration: bool) -> Option<Denial> {
    let first = answers.iter().find(|r| r.claim_status != ClaimStatus::Reversal)?;
    let patient = shares(map, first).0 + open(map, first, sequestration).patient;
    let of = |a: &Adjustment| denial_of(map, a).map(|denial| (denial, a.amount));
    let mut denials: Vec<(Denial, Money)> = first.adjustments.iter().filter_map(of).collect();
    if !(first.paid + patient).is_zero() {
        return None;
    }
    denials.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    denials.first().map(|(denial, _)| *denial)
}

/// What the first payer's answers of the first day allowed together (a line that the payer split has several), and whether
/// that payer answered again later. The answers of other payers are no second look at the first one's.
fn first_round(map: &DenialMap, answers: &[&Remit], sequestration: bool) -> (Option<Money>, bool) {
    let Some(first) = answers.iter().find(|r| r.claim_status != ClaimStatus::Reversal) else { return (None, false) };
    let rank = first.payer_rank.max(1);
    let own = || answers.iter().filter(move |r| r.payer_rank.max(1) == rank);
    let allowed = |remit: &&&Remit| {
        let (patient, reductions) = shares(map, remit);
        let stated = open(map, remit, sequestration && rank == 1);
        remit.paid + patient + reductions + stated.patient + stated.sequestration
    };
    let of_day = own().filter(|r| r.remit_date == first.remit_date).map(|r| allowed(&r)).sum();
    let stands = |r: &&Remit| r.claim_status != ClaimStatus::Reversal && r.charge >= Money::ZERO;
    (Some(of_day), own().any(|r| r.remit_date > first.remit_date && stands(r)))
}

fn denial_of(map: &DenialMap, adjustment: &Adjustment) -> Option<Denial> {
    let class = map.classify(adjustment.group, adjustment.carc, &adjustment.rarcs);
    class.is_denial.then(|| Denial {
        category: class.category,
        group: adjustment.group,
        carc: adjustment.carc,
        rarc: class.remark.or_else(|| adjustment.rarcs.first().copied()),
    })
}
