//! What the patient owes for one 96372, alone and with a drug and a visit on the same day, by payer type and situation.
//!
//! Each line is rounded once, half away from zero: the patient's percentage is, and the rest is the payer's. Sequestration
//! cuts the payer's payment, never the patient's share; only a patient whom Medicare reimburses, because the practice did not
//! take assignment, bears it. What no table tells (Medicaid copays, a contract that is not loaded) is said, and is not zero.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::domain::{Area, Code, Money, Payer, PayerKind, round_cents};

use super::grounds::Grounds;
use super::verdict::Ground;
use super::words::dollars;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The drug on the same day, one billing unit.
    pub drug: Option<Code>,
    /// The visit on the same day.
    pub visit: Option<Code>,
    /// The flat copay of a plan.
    pub copay: Money,
    /// A coinsurance to show beside 10, 20 and 30 %, as a fraction.
    pub coinsurance: Decimal,
    /// What is left of the deductible; at zero the two ends are shown, all of it open and none.
    pub deductible_left: Money,
    /// What a plan allows for the injection, when its contract is not loaded.
    pub allowed: Option<Money>,
    /// The id of the payer that stands for commercial plans; without one, the contract with the middle rate.
    pub payer: Option<String>,
}

impl Default for Question {
    /// Vitamin B12 and an office visit of middling length, a copay of 20 dollars, a coinsurance of 20 %.
    fn default() -> Self {
        Self {
            drug: "J3420".parse().ok(),
            visit: "99213".parse().ok(),
            copay: Money::from_cents(2000),
            coinsurance: medicare_coinsurance(),
            deductible_left: Money::ZERO,
            allowed: None,
            payer: None,
        }
    }
}

/// Medicare's coinsurance: 20 %.
fn medicare_coinsurance() -> Decimal {
    Decimal::new(20, 2)
}

/// The non-participating fee: 95 % of the schedule.
fn non_participating() -> Decimal {
    Decimal::new(95, 2)
}

/// The most that may be charged without assignment: 115 % of the non-participating fee, 109.25 % of the schedule.
fn limiting_charge() -> Decimal {
    Decimal::new(10_925, 4)
}

/// How a payer and its patient share an allowed amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// First what is left of the deductible, then a fraction of the rest.
    Coinsurance {
        /// What is left of the deductible.
        deductible_left: Money,
        /// The patient's fraction of the rest.
        fraction: Decimal,
    },
    /// A flat amount, never more than what is allowed.
    Copay(Money),
}

/// One amount shared: `allowed = patient + other + paid + cut`, to the cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Split {
    /// The allowed amount (without assignment, the limiting charge).
    pub allowed: Money,
    /// What the patient owes.
    pub patient: Money,
    /// What another insurance owes, or Medicaid may owe, in the patient's place.
    pub other: Money,
    /// What the payer pays, after sequestration.
    pub paid: Money,
    /// What sequestration takes off; the practice bears it.
    pub cut: Money,
}

impl Split {
    fn plus(self, other: Self) -> Self {
        Self {
            allowed: self.allowed + other.allowed,
            patient: self.patient + other.patient,
            other: self.other + other.other,
            paid: self.paid + other.paid,
            cut: self.cut + other.cut,
        }
    }

    /// The same with the patient's share borne by somebody else.
    fn covered(self) -> Self {
        Self { patient: Money::ZERO, other: self.other + self.patient, ..self }
    }
}

/// Shares one allowed amount; `sequestration` is the fraction cut off the payer's payment. `None` when an amount does not fit.
#[must_use]
pub fn split(allowed: Money, terms: Terms, sequestration: Decimal) -> Option<Split> {
    let patient = match terms {
        Terms::Copay(copay) => copay.min(allowed),
        Terms::Coinsurance { deductible_left, fraction } => {
            let first = deductible_left.or_zero().min(allowed);
            first + round_cents((allowed - first).dollars().checked_mul(fraction)?)?
        }
    };
    let share = allowed - patient;
    let cut = round_cents(share.dollars().checked_mul(sequestration)?)?;
    Some(Split { allowed, patient, other: Money::ZERO, paid: share - cut, cut })
}

/// Without assignment: the practice charges the limit, Medicare reimburses the patient by the non-participating fee.
fn without_assignment(fee: Money, deductible_left: Money, sequestration: Decimal) -> Option<Split> {
    let allowed = round_cents(fee.dollars().checked_mul(limiting_charge())?)?;
    let approved = round_cents(fee.dollars().checked_mul(non_participating())?)?;
    let terms = Terms::Coinsurance { deductible_left, fraction: medicare_coinsurance() };
    let paid = split(approved, terms, sequestration)?.paid;
    Some(Split { allowed, patient: allowed - paid, other: Money::ZERO, paid, cut: Money::ZERO })
}

/// One line of the day with what is allowed for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// The code.
    pub code: String,
    /// What is allowed for one unit; `None` when it is not known.
    pub allowed: Option<Money>,
    /// The basis of the amount, or why there is none.
    pub basis: String,
    /// Medicare's coinsurance for the line, as a fraction: lower for some drugs.
    #[serde(skip)]
    coinsurance: Decimal,
    /// Whether it is a drug: those are always assigned.
    #[serde(skip)]
    is_drug: bool,
    /// Where it was read.
    pub sources: Vec<String>,
}

/// What the patient owes in one situation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The payer type, with the payer's name where it is one of the project.
    pub payer: String,
    /// `deductible met`.
    pub situation: String,
    /// The injection alone; `None` when it cannot be told.
    pub injection: Option<Split>,
    /// Injection, drug and visit together; `None` when one of them cannot be told.
    pub day: Option<Split>,
    /// The sum in words, or why there is none.
    pub how: String,
    /// What the allowed amount rests on.
    pub ground: Ground,
}

/// What the patient owes by payer type and situation, with the lines of the day under Medicare.
#[must_use]
pub fn shares(grounds: &Grounds<'_>, injection: Code, question: &Question) -> (Vec<Service>, Vec<Share>) {
    let codes: Vec<Code> = [Some(injection), question.drug, question.visit].into_iter().flatten().collect();
    let services: Vec<Service> = codes.iter().map(|code| medicare_service(grounds, *code)).collect();
    let mut shares = of_medicare(grounds, &services, question);
    shares.push(Share {
        payer: "Medicaid".to_owned(),
        situation: "any".to_owned(),
        injection: None,
        day: None,
        how: "nothing or a nominal copay that the state sets; no public table of them".to_owned(),
        ground: Ground::Nothing,
    });
    shares.extend(of_plan(grounds, &codes, question));
    (services, shares)
}

fn medicare_service(grounds: &Grounds<'_>, code: Code) -> Service {
    let asp = grounds.reference().medicare.asp(code, grounds.day());
    let (allowed, basis, sources) = match grounds.medicare_allows(code) {
        Ok((allowed, basis, sources)) => (Some(allowed), basis, sources),
        Err(why) => (None, why, Vec::new()),
    };
    let coinsurance = asp.map_or_else(medicare_coinsurance, |asp| asp.coinsurance);
    Service { code: code.to_string(), allowed, basis, coinsurance, is_drug: code.is_drug(), sources }
}

/// The day's lines shared one after the other: what is left of the deductible goes from line to line. The first line is the
/// injection; its own share is given apart. `None` for the day when a line is not known.
fn share_day(
    services: &[Service],
    mut left: Money,
    one: impl Fn(&Service, Money, Money) -> Option<Split>,
) -> (Option<Split>, Option<Split>) {
    let mut first = None;
    let mut day = Some(Split::default());
    for (i, service) in services.iter().enumerate() {
        let shared = service.allowed.and_then(|allowed| one(service, allowed, left));
        if let Some(allowed) = service.allowed {
            left = (left - left.min(allowed)).or_zero();
        }
        if i == 0 {
            first = shared;
        }
        day = day.zip(shared).map(|(sum, shared)| sum.plus(shared));
    }
    (first, day)
}

fn of_medicare(grounds: &Grounds<'_>, services: &[Service], question: &Question) -> Vec<Share> {
    let cut = grounds.reference().medicare.sequestration(grounds.day());
    // Of a state only a mean over its localities is known.
    let ground = if matches!(grounds.area(), Area::State(_)) { Ground::Estimated } else { Ground::Published };
    let share = |situation: &str, left: Money, how: String, one: &dyn Fn(&Service, Money, Money) -> Option<Split>| {
        let (injection, day) = share_day(services, left, one);
        let unknown = services.first().filter(|s| s.allowed.is_none()).map(|s| s.basis.clone());
        Share {
            payer: "Medicare".to_owned(),
            situation: situation.to_owned(),
            injection,
            day,
            how: unknown.unwrap_or(how),
            ground,
        }
    };
    let plain = |service: &Service, allowed: Money, left: Money| {
        split(allowed, Terms::Coinsurance { deductible_left: left, fraction: service.coinsurance }, cut)
    };
    let covered = |service: &Service, allowed: Money, left: Money| Some(plain(service, allowed, left)?.covered());
    let unassigned = |service: &Service, allowed: Money, left: Money| {
        if service.is_drug { plain(service, allowed, left) } else { without_assignment(allowed, left, cut) }
    };
    // More than any day can cost.
    let open = Money::from_cents(i64::MAX / 4);
    let met =
        services.first().and_then(|s| Some((s.allowed?, s.coinsurance))).map_or_else(String::new, |(fee, part)| {
            let product = (fee.dollars() * part).normalize();
            let percent = (part * Decimal::ONE_HUNDRED).normalize();
            let off = if cut.is_zero() {
                "no sequestration that day".to_owned()
            } else {
                format!("{}% sequestration comes off Medicare's part", (cut * Decimal::ONE_HUNDRED).normalize())
            };
            format!("{percent}% of {} is {product}, rounded once; {off}", fee.pretty())
        });
    let mut shares = vec![share("deductible met", Money::ZERO, met, &plain)];
    if question.deductible_left > Money::ZERO {
        let how = "the rest of the deductible first, then the coinsurance".to_owned();
        let situation = format!("{} of the deductible left", question.deductible_left.pretty());
        shares.push(share(&situation, question.deductible_left, how, &plain));
    }
    shares.push(share("deductible not met", open, "the whole allowed amount".to_owned(), &plain));
    let how = "the supplement pays the coinsurance (the deductible only in some plans)".to_owned();
    shares.push(share("with Medigap, deductible met", Money::ZERO, how, &covered));
    let how =
        "the practice may not bill the patient; the state may pay the coinsurance in full, in part or not".to_owned();
    shares.push(share("with Medicaid, qualified (QMB)", Money::ZERO, how, &covered));
    let how = "limiting charge 109.25% of the fee; Medicare reimburses the patient 80% of 95%, less sequestration; drugs are always assigned".to_owned();
    shares.push(share("non-participating, no assignment", Money::ZERO, how, &unassigned));
    shares
}

/// The contract that stands for commercial plans: the one asked for, or the one with the middle rate.
fn plan<'a>(grounds: &Grounds<'a>, injection: Code, question: &Question) -> Option<&'a Payer> {
    let payers = grounds.payers();
    if let Some(wanted) = &question.payer {
        return payers.iter().find(|payer| *payer.id == **wanted);
    }
    let commercial = payers.iter().filter(|payer| payer.kind == PayerKind::Commercial);
    let mut rates: Vec<(Money, &str, &Payer)> = commercial
        .filter_map(|payer| Some((grounds.by_contract(payer, injection).ok()?.0, &*payer.id, payer)))
        .collect();
    rates.sort_unstable_by_key(|(rate, id, _)| (*rate, *id));
    rates.get(rates.len().saturating_sub(1) / 2).map(|(_, _, payer)| *payer)
}

fn of_plan(grounds: &Grounds<'_>, codes: &[Code], question: &Question) -> Vec<Share> {
    let Some(injection) = codes.first() else { return Vec::new() };
    let plan = if question.allowed.is_some() { None } else { plan(grounds, *injection, question) };
    let of = |code: &Code| match (plan, question.allowed) {
        (_, Some(allowed)) if code == injection => Ok(allowed),
        (Some(payer), _) => grounds.by_contract(payer, *code).map(|(amount, _)| amount),
        _ => Err("no contract is loaded".to_owned()),
    };
    let service = |code: &Code| {
        let (allowed, basis) = match of(code) {
            Ok(amount) => (Some(amount), String::new()),
            Err(why) => (None, why),
        };
        let is_drug = code.is_drug();
        Service { code: code.to_string(), allowed, basis, coinsurance: Decimal::ZERO, is_drug, sources: Vec::new() }
    };
    let services: Vec<Service> = codes.iter().map(service).collect();
    let (name, ground) = match plan {
        Some(payer) if grounds.synthetic() => (format!("{} (invented)", payer.name), Ground::Synthetic),
        Some(payer) => (format!("{}: {}", payer.kind.label(), payer.name), Ground::Contract),
        None if question.allowed.is_some() => ("Commercial, as given".to_owned(), Ground::Contract),
        None => ("Commercial".to_owned(), Ground::Nothing),
    };
    if let Some(service) = services.first().filter(|service| service.allowed.is_none()) {
        let how = match plan {
            Some(_) => service.basis.clone(),
            None => {
                "what a plan allows is its contract's: give --allowed, or the contract in allowable.toml".to_owned()
            }
        };
        let situation = "any".to_owned();
        return vec![Share { payer: name, situation, injection: None, day: None, how, ground: Ground::Nothing }];
    }
    let share = |situation: String, left: Money, terms: &dyn Fn(Money) -> Terms, how: &str| {
        let (first, day) = match terms(left) {
            // One copay for the whole day, not one for each line.
            Terms::Copay(_) => {
                let all: Option<Money> = services.iter().map(|s| s.allowed).sum();
                let one = |allowed: Money| split(allowed, terms(left), Decimal::ZERO);
                (services.first().and_then(|s| s.allowed).and_then(one), all.and_then(one))
            }
            Terms::Coinsurance { .. } => {
                share_day(&services, left, |_, allowed, left| split(allowed, terms(left), Decimal::ZERO))
            }
        };
        Share { payer: name.clone(), situation, injection: first, day, how: how.to_owned(), ground }
    };
    let with = |fraction: Decimal| move |left: Money| Terms::Coinsurance { deductible_left: left, fraction };
    let open = Money::from_cents(i64::MAX / 4);
    let mut shares = vec![share(
        "deductible not met".to_owned(),
        open,
        &with(Decimal::ZERO),
        "the whole allowed amount, not the charge",
    )];
    if question.deductible_left > Money::ZERO {
        let situation = format!("{} of the deductible left", question.deductible_left.pretty());
        let how = format!("the rest of the deductible first, then {}%", percent(question.coinsurance));
        shares.push(share(situation, question.deductible_left, &with(question.coinsurance), &how));
    }
    let mut fractions = [10, 20, 30].map(|n| Decimal::new(n, 2)).to_vec();
    if !fractions.contains(&question.coinsurance) {
        fractions.push(question.coinsurance);
        fractions.sort_unstable();
    }
    for fraction in fractions {
        let situation = format!("coinsurance {}%", percent(fraction));
        shares.push(share(situation, Money::ZERO, &with(fraction), "of the allowed amount, each line rounded once"));
    }
    let copay = question.copay;
    let situation = format!("copay {}", dollars(copay.dollars()));
    shares.push(share(
        situation,
        Money::ZERO,
        &|_| Terms::Copay(copay),
        "the lesser of the copay and the allowed amount, once a day",
    ));
    shares
}

fn percent(fraction: Decimal) -> Decimal {
    (fraction * Decimal::ONE_HUNDRED).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(n: i64) -> Money {
        Money::from_cents(n)
    }

    fn of(allowed: i64, left: i64, percent: i64, cut: &str) -> [i64; 4] {
        let terms = Terms::Coinsurance { deductible_left: cents(left), fraction: Decimal::new(percent, 2) };
        let s = split(cents(allowed), terms, cut.parse().unwrap()).unwrap();
        assert_eq!(s.allowed, s.patient + s.other + s.paid + s.cut);
        [s.patient, s.other, s.paid, s.cut].map(Money::cents)
    }

    #[test]
    fn twenty_percent_is_rounded_once_and_sequestration_leaves_the_patient_alone() {
        // Ohio 2020: 13.78 × 0.20 = 2.756 → 2.76; Medicare's part 11.02; 2 % of it 0.2204 → 0.22; paid 10.80.
        assert_eq!(of(1378, 0, 20, "0.02"), [276, 0, 1080, 22]);
        assert_eq!(of(1378, 0, 20, "0"), [276, 0, 1102, 0]);
        // 1 %: 0.1102 → 0.11.
        assert_eq!(of(1378, 0, 20, "0.01"), [276, 0, 1091, 11]);
        // A half cent goes up: 12.625 is no amount, but 20 % of 0.13 is 0.026 → 0.03, and 10 % of 0.15 is 0.015 → 0.02.
        assert_eq!(of(15, 0, 10, "0"), [2, 0, 13, 0]);
    }

    #[test]
    fn the_deductible_comes_first() {
        // Not met: all 13.78. 5.00 left: 5.00 + 20 % of 8.78 = 5.00 + 1.756 → 6.76.
        assert_eq!(of(1378, 100_000, 20, "0.02"), [1378, 0, 0, 0]);
        assert_eq!(of(1378, 500, 20, "0"), [676, 0, 702, 0]);
        assert_eq!(of(1378, 1378, 20, "0"), [1378, 0, 0, 0]);
        assert_eq!(of(1378, -500, 20, "0"), [276, 0, 1102, 0], "a deductible below nothing is met");
    }

    #[test]
    fn a_copay_is_never_more_than_what_is_allowed() {
        let copay = |allowed| split(cents(allowed), Terms::Copay(cents(2000)), Decimal::ZERO).unwrap().patient.cents();
        assert_eq!((copay(1536), copay(2000), copay(2500)), (1536, 2000, 2000));
    }

    #[test]
    fn without_assignment_the_patient_bears_the_excess_and_the_sequestration() {
        // Ohio 2020 fee 13.78: limit 13.78 × 1.0925 = 15.05465 → 15.05; approved 13.78 × 0.95 = 13.091 → 13.09;
        // coinsurance 13.09 × 0.20 = 2.618 → 2.62, Medicare's part 10.47, 2 % of it 0.2094 → 0.21, reimbursed 10.26.
        let s = without_assignment(cents(1378), Money::ZERO, Decimal::new(2, 2)).unwrap();
        assert_eq!([s.allowed, s.patient, s.paid, s.cut].map(Money::cents), [1505, 479, 1026, 0]);
        // Deductible not met: all 15.05.
        let s = without_assignment(cents(1378), cents(100_000), Decimal::new(2, 2)).unwrap();
        assert_eq!([s.patient, s.paid].map(Money::cents), [1505, 0]);
    }

    #[test]
    fn the_deductible_goes_from_line_to_line() {
        let service = |cents_: Option<i64>| Service {
            code: String::new(),
            allowed: cents_.map(cents),
            basis: String::new(),
            coinsurance: Decimal::new(20, 2),
            is_drug: false,
            sources: Vec::new(),
        };
        let one = |s: &Service, allowed: Money, left: Money| {
            split(allowed, Terms::Coinsurance { deductible_left: left, fraction: s.coinsurance }, Decimal::ZERO)
        };
        // 20.00 left over 15.36 and 10.00: 15.36 whole, then 4.64 + 20 % of 5.36 = 1.072 → 1.07: together 21.07.
        let (first, day) = share_day(&[service(Some(1536)), service(Some(1000))], cents(2000), one);
        assert_eq!((first.unwrap().patient.cents(), day.unwrap().patient.cents()), (1536, 2107));
        // A line without an amount leaves the day unknown, never cheaper.
        let (first, day) = share_day(&[service(Some(1536)), service(None)], Money::ZERO, one);
        assert!(first.is_some() && day.is_none());
    }
}
