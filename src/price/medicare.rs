//! Medicare Part B: physician fee schedule and drug payment limits (DOMAIN §1).

use rust_decimal::Decimal;

use crate::domain::{Area, Basis, Date, Locality, Payer, RuleId, Unknown};
use crate::finding::FindingCode;
use crate::reference::{Gpci, Row, Rvu};

use super::key::{Key, Pricer};
use super::rules;
use super::step::{Op, Operand, Step};
use super::unit_price::{Priced, UnitPrice};

/// Medicare's own price for a key, with participation, NPP 85% and lesser-of as the payer's terms say.
pub(super) fn price(pricer: &Pricer<'_>, payer: &Payer, key: &Key) -> Priced {
    let mut priced = rate(pricer, payer, key, key.day, key.area);
    // Other payers may take a drug code that Medicare has replaced by another.
    let rvu = pricer.reference().medicare.rvu(key.code, key.day).filter(|_| key.code.is_drug());
    if let (UnitPrice::Unknown(Unknown::NoRate), Some(rvu)) = (priced.unit, rvu)
        && let Some(not_paid) = by_status(key, rvu)
    {
        return not_paid;
    }
    if let UnitPrice::PerUnit { rate, basis, .. } = priced.unit {
        let drug = basis == Basis::MedicareAsp;
        let mut rate = rate;
        if !payer.participating && !drug {
            // The non-participating fee is published, rounded to cents.
            rate =
                factor(&mut priced.steps, "non-participating fee", rate, "non-participating 95%", Decimal::new(95, 2));
        }
        if let Some(npp) = payer.npp_factor.filter(|_| key.npp && !drug) {
            rate = factor(&mut priced.steps, "fee under the NPP's own NPI", rate, "NPP factor", npp);
        }
        priced.scale_band(rate);
        priced.unit = UnitPrice::PerUnit { rate, basis, lesser_of: payer.lesser_of };
    }
    priced
}

/// A factor on a fee, rounded to cents as fees are published.
fn factor(steps: &mut Vec<Step>, what: &str, fee: Decimal, name: &str, by: Decimal) -> Decimal {
    let operands = vec![Operand::given("fee", fee), Operand::given(name, by)];
    let product = Step::new(format!("{what}, before rounding"), Op::Multiply, operands);
    let rounded = product.as_ref().and_then(|step| {
        Step::new(what, Op::RoundToCents, vec![Operand::given("amount before rounding", step.result)])
    });
    let result = rounded.as_ref().map_or(fee, |step| step.result);
    steps.extend(product);
    steps.extend(rounded);
    result
}

/// The bare Medicare rate of a code in an area on a day: what a percentage of Medicare refers to.
pub(super) fn rate(pricer: &Pricer<'_>, payer: &Payer, key: &Key, day: Date, area: Area) -> Priced {
    let medicare = &pricer.reference().medicare;
    if let Some(asp) = medicare.asp(key.code, day) {
        let take = Operand::read(format!("payment limit per {}", asp.dosage), asp.limit, &asp.row);
        return Priced {
            unit: UnitPrice::PerUnit { rate: asp.limit, basis: Basis::MedicareAsp, lesser_of: false },
            rule: format!("Medicare payment limit of {} in the quarter of {day}", key.code),
            steps: Step::new("drug payment limit", Op::Take, vec![take]).into_iter().collect(),
            rejected: Vec::new(),
            fallbacks: Vec::new(),
            band: None,
        };
    }
    if key.code.is_drug() {
        let rule = format!("no Medicare payment limit for {} in the quarter of {day}", key.code);
        return Priced::unknown(Unknown::NoRate, rule);
    }
    let day = pricer.schedule_day(day);
    let (rvu, without_row) = medicare.rvu_of_line(key.code, key.modifiers, day);
    let Some(rvu) = rvu else {
        let reason = if medicare.covers(day) { Unknown::NoRate } else { Unknown::NoScheduleThatDay };
        return Priced::unknown(reason, format!("{} is not in the physician schedule of {day}", key.code));
    };
    if let Some(not_paid) = by_status(key, rvu) {
        return not_paid;
    }
    if let Some(part) = without_row {
        // A discontinued service without a row is priced by the contractor; a part without a row does not exist.
        let reason = if part.as_str() == "53" { Unknown::CarrierPriced } else { Unknown::NoRate };
        let rule = format!("{} lists no row of {} with modifier {part} ({})", rvu.release, key.code, rvu.row);
        return Priced::unknown(reason, rule);
    }
    if !rvu.has_fee() {
        return without_fee(key, rvu);
    }
    let mut fallbacks = Vec::new();
    let facility = match key.pos {
        None => {
            fallbacks.push(FindingCode::PosMissing);
            false
        }
        Some(pos) => match pricer.is_facility(payer, pos) {
            Some(facility) => facility,
            None => return Priced::unknown(Unknown::NoPos, format!("place of service {pos} is not assigned")),
        },
    };
    if rules::facility_bills_it(pricer, payer, key) {
        let mut rule = format!("{}: {} ({})", key.code, facility_bills(rvu), rvu.row);
        let hospital_outpatient = key.pos.is_some_and(|pos| matches!(pos.number(), 19 | 22 | 23));
        if let Some(opps) = medicare.opps(key.code, day).filter(|_| hospital_outpatient) {
            let group = opps.apc.as_deref().map_or_else(String::new, |apc| format!(", APC {apc}"));
            let rate = opps.rate.map_or_else(String::new, |rate| format!(", ${rate:.2}"));
            rule.push_str(&format!("; hospital outpatient: OPPS status {}{group}{rate} ({})", opps.status, opps.row));
        }
        return Priced::not_payable(RuleId::FACILITY, rule);
    }
    if !rvu.payable_in(facility) {
        let rule = format!("{}: NA in a facility and outside one, no value applies ({})", key.code, rvu.row);
        return Priced::unknown(Unknown::NoRate, rule);
    }
    let mut priced = match area {
        Area::Locality(locality, _) => one_locality(pricer, rvu, locality, day, facility),
        Area::State(state) => {
            fallbacks.push(FindingCode::StateMean);
            state_mean(pricer, rvu, &medicare.localities_of(state, day), day, facility)
        }
        Area::Nowhere => Priced::unknown(Unknown::NoArea, "neither locality, ZIP code nor state is known"),
    };
    priced.fallbacks.extend(fallbacks);
    priced
}

/// Why the facility bills it, by the flags of the row.
fn facility_bills(rvu: &Rvu) -> &'static str {
    match rvu.pctc {
        _ if rvu.incident_to => "PC/TC 5, facility PE not applicable; the facility bills it",
        Some('1') if rvu.modifier.is_none() => {
            "PC/TC 1, facility PE not applicable to the whole test; the facility bills its technical part, the professional's own is the row of modifier 26"
        }
        Some('1') => "PC/TC 1, facility PE not applicable to the technical part; the facility bills it",
        Some('3') => "PC/TC 3, facility PE not applicable to a technical part alone; the facility bills it",
        Some('4') => {
            "PC/TC 4, facility PE not applicable to the whole test; the facility bills its technical part, the professional's own has a code of its own"
        }
        _ => "facility PE not applicable; the facility bills it",
    }
}

/// Not paid separately, by the status of the schedule: bundled (B, P), non-covered (N), not valid for Medicare (G, I),
/// deleted (D, F, H), for reporting only (M, Q).
fn by_status(key: &Key, rvu: &Rvu) -> Option<Priced> {
    let never = |status: &char| matches!(status, 'B' | 'D' | 'F' | 'G' | 'H' | 'I' | 'M' | 'N' | 'P' | 'Q');
    let status = rvu.status.filter(never)?;
    let rule = format!("{}: status {status}, not paid separately ({})", key.code, rvu.row);
    Some(Priced::not_payable(RuleId::STATUS, rule))
}

/// A code that may be paid, for which the schedule has no fee: never 0.
fn without_fee(key: &Key, rvu: &Rvu) -> Priced {
    let (reason, why) = match rvu.status {
        Some('C') => (Unknown::CarrierPriced, "status C, priced by the contractor"),
        Some('R') => (Unknown::CarrierPriced, "status R without relative values, priced by the contractor"),
        Some('J') => (Unknown::NoRate, "status J, anaesthesia is paid by time, not by this schedule"),
        Some('E' | 'X' | 'L') => (Unknown::NoRate, "excluded from the physician schedule; another schedule may pay it"),
        _ => (Unknown::NoRate, "no relative values"),
    };
    let rule = format!("{}: {why} ({})", key.code, rvu.row);
    Priced::unknown(reason, rule)
}

/// (work·GPCI + PE·GPCI + MP·GPCI) · CF, rounded once.
fn one_locality(pricer: &Pricer<'_>, rvu: &Rvu, locality: Locality, day: Date, facility: bool) -> Priced {
    let medicare = &pricer.reference().medicare;
    let Some(gpci) = medicare.gpci(locality, day) else {
        let rule = format!("locality {locality} is not in the schedule of {}", day.format("%Y"));
        return Priced::unknown(Unknown::NoLocalityThatYear, rule);
    };
    let Some((cf, cf_row)) = pricer.conversion_factor(day) else {
        return Priced::unknown(Unknown::NoScheduleThatDay, format!("no conversion factor on {day}"));
    };
    match formula(rvu, gpci, cf, cf_row, facility) {
        Some(steps) => Priced {
            unit: UnitPrice::PerUnit {
                rate: steps.last().map_or(Decimal::ZERO, |step| step.result),
                basis: Basis::MedicarePfs,
                lesser_of: false,
            },
            rule: format!(
                "Medicare physician schedule, {locality} {}, {}{}{}{}",
                gpci.name,
                if facility { "facility" } else { "non-facility" },
                if !facility && rvu.nf_na {
                    " (NA: rarely or never done there; the facility rate applies if the contractor takes it)"
                } else {
                    ""
                },
                rvu.modifier.map_or_else(String::new, |part| format!(", row of modifier {part}")),
                match rvu.status {
                    Some('T') => "; status T: only when nothing else is paid that day to the same provider",
                    Some('R') => "; status R: coverage is restricted",
                    _ => "",
                }
            ),
            steps,
            rejected: Vec::new(),
            fallbacks: Vec::new(),
            band: None,
        },
        None => Priced::unknown(Unknown::TooLarge, "the fee does not fit"),
    }
}

/// The steps of the formula; the last one is the fee.
fn formula(rvu: &Rvu, gpci: &Gpci, cf: Decimal, cf_row: &Row, facility: bool) -> Option<Vec<Step>> {
    let pe_name = if rvu.takes_facility_value(facility) { "facility PE RVU" } else { "non-facility PE RVU" };
    let pe = rvu.pe(facility);
    let part = |what: &str, name: &str, value: Decimal, index: &str, by: Decimal| {
        let operands = vec![Operand::read(name, value, &rvu.row), Operand::read(index, by, &gpci.row)];
        Step::new(what, Op::Multiply, operands)
    };
    let work = part("work part", "work RVU", rvu.work, "work GPCI", gpci.work)?;
    let practice = part("practice expense part", pe_name, pe, "PE GPCI", gpci.pe)?;
    let malpractice = part("malpractice part", "MP RVU", rvu.mp, "MP GPCI", gpci.mp)?;
    let parts = [&work, &practice, &malpractice].map(|s| Operand::given(s.what.clone(), s.result)).to_vec();
    let total = Step::new("adjusted relative value", Op::Add, parts)?;
    let operands =
        vec![Operand::given("adjusted relative value", total.result), Operand::read("conversion factor", cf, cf_row)];
    let product = Step::new("fee before rounding", Op::Multiply, operands)?;
    let before = vec![Operand::given("fee before rounding", product.result)];
    let fee = Step::new("Medicare fee", Op::RoundToCents, before)?;
    let fee_operand = Operand::given("Medicare fee", fee.result);
    let mut steps = vec![work.clone(), practice, malpractice, total, product, fee];
    let Some(cap) = rvu.cap else { return Some(steps) };
    // The technical part of imaging is never paid more than the hospital outpatient department gets (DRA §5102(b)).
    let practice = part(
        "practice expense part of the outpatient cap",
        "OPPS PE RVU",
        rvu.cap_pe(&cap, facility),
        "PE GPCI",
        gpci.pe,
    )?;
    let malpractice = part("malpractice part of the outpatient cap", "OPPS MP RVU", cap.mp, "MP GPCI", gpci.mp)?;
    let parts = [&work, &practice, &malpractice].map(|s| Operand::given(s.what.clone(), s.result)).to_vec();
    let total = Step::new("adjusted relative value of the cap", Op::Add, parts)?;
    let operands = vec![
        Operand::given("adjusted relative value of the cap", total.result),
        Operand::read("conversion factor", cf, cf_row),
    ];
    let product = Step::new("cap before rounding", Op::Multiply, operands)?;
    let before = vec![Operand::given("cap before rounding", product.result)];
    let capped = Step::new("outpatient cap", Op::RoundToCents, before)?;
    let both = vec![fee_operand, Operand::given("outpatient cap", capped.result)];
    let least = Step::new("lesser of the fee and the outpatient cap", Op::Least, both)?;
    steps.extend([practice, malpractice, total, product, capped, least]);
    Some(steps)
}

/// The mean of the published fees over the localities of a state: an estimate, because the locality is not known.
fn state_mean(pricer: &Pricer<'_>, rvu: &Rvu, localities: &[Locality], day: Date, facility: bool) -> Priced {
    let mut fees = Vec::new();
    for locality in localities {
        let one = one_locality(pricer, rvu, *locality, day, facility);
        let UnitPrice::PerUnit { rate, .. } = one.unit else { return one };
        let mut operand = Operand::given(format!("fee in {locality}"), rate);
        operand.source = pricer.reference().medicare.gpci(*locality, day).map(|gpci| gpci.row.clone());
        fees.push(operand);
    }
    let bounds = fees.iter().map(|f| f.value).min().zip(fees.iter().map(|f| f.value).max());
    match Step::new("mean of the localities' fees", Op::Mean, fees) {
        Some(step) => Priced {
            unit: UnitPrice::PerUnit { rate: step.result, basis: Basis::MedicareStateMean, lesser_of: false },
            rule: format!(
                "mean of Medicare fees over the {} localities of the state{}",
                localities.len(),
                if !facility && rvu.nf_na { "; non-facility NA, the facility rates" } else { "" }
            ),
            steps: vec![step],
            rejected: Vec::new(),
            fallbacks: Vec::new(),
            band: bounds,
        },
        None => Priced::unknown(Unknown::NoArea, "the state has no Medicare locality that day"),
    }
}
