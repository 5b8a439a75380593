//! The terms of a contract file: the first that fits a key pays; those before it, and why they do not fit, are told.

use rust_decimal::Decimal;

use crate::domain::contract::{Conditions, Pays, Provider, Spot, Term, TermArea, TermList};
use crate::domain::{Area, Basis, Code, Payer, Rate, RuleId, Unknown};
use crate::finding::FindingCode;
use crate::reference::Row;

use super::key::{Key, Pricer};
use super::step::{Op, Operand, Step};
use super::unit_price::{Limits, Per, Priced, UnitPrice};
use super::{contract, rules};

/// Published payment limits of drugs are 106 % of the average sales price (section 1847A of the Social Security Act).
const LIMIT_OF_ASP: Decimal = Decimal::from_parts(106, 0, 0, false, 2);

/// Prices a key by the first term that fits it.
pub(super) fn price(pricer: &Pricer<'_>, payer: &Payer, list: &TermList, key: &Key) -> Priced {
    let mut passed = other_codes(list, key.code);
    for (i, term) in list.terms.iter().enumerate() {
        let name = || format!("term {} \"{}\" ({})", i + 1, term.name, term.spot);
        if !of_code(&term.when, key.code) {
            continue;
        }
        if let Some(why) = unfit(pricer, payer, &term.when, key) {
            passed.push(format!("{}: {why}", name()));
            continue;
        }
        match by_term(pricer, payer, list, term, key) {
            Ok(mut priced) => {
                let rest = list.terms.iter().enumerate().skip(i + 1);
                for (j, later) in rest.filter(|(_, later)| unfit(pricer, payer, &later.when, key).is_none()) {
                    passed.push(format!(
                        "term {} \"{}\" ({}): fits too, but stands below",
                        j + 1,
                        later.name,
                        later.spot
                    ));
                }
                priced.rejected.splice(0..0, passed);
                return priced;
            }
            Err(why) => passed.push(format!("{}: {why}", name())),
        }
    }
    let mut priced = match &list.unlisted {
        None => {
            let rule =
                format!("{}: no term is for {} here, and there is none for codes not listed", list.label, key.code);
            Priced::unknown(Unknown::NoRate, rule)
        }
        Some(term) => match by_term(pricer, payer, list, term, key) {
            Ok(mut priced) => {
                priced.fallbacks.push(FindingCode::ContractUnlisted);
                priced
            }
            Err(why) => Priced::unknown(Unknown::NoRate, format!("{}: {why}", list.label)),
        },
    };
    priced.rejected.splice(0..0, passed);
    priced
}

/// Terms for other codes are named one by one as long as they are few.
const NAMED: usize = 5;

/// The terms that are for other codes.
fn other_codes(list: &TermList, code: Code) -> Vec<String> {
    let others: Vec<(usize, &Term)> =
        list.terms.iter().enumerate().filter(|(_, term)| !of_code(&term.when, code)).collect();
    if others.len() > NAMED {
        return vec![format!("{} terms are not for {code}", others.len())];
    }
    let words =
        |(i, term): (usize, &Term)| format!("term {} \"{}\" ({}): is not for {code}", i + 1, term.name, term.spot);
    others.into_iter().map(words).collect()
}

/// Whether a term is for a code.
fn of_code(when: &Conditions, code: Code) -> bool {
    (when.codes.is_empty() || when.codes.iter().any(|codes| codes.holds(code)))
        && !when.not_codes.iter().any(|codes| codes.holds(code))
}

/// Why a key is not what a term is for; `None` when it is.
fn unfit(pricer: &Pricer<'_>, payer: &Payer, when: &Conditions, key: &Key) -> Option<String> {
    if !of_code(when, key.code) {
        return Some(format!("is not for {}", key.code));
    }
    let on_line = |modifier: &crate::domain::Modifier| key.modifiers.iter().any(|m| m == *modifier);
    if let Some(missing) = when.modifiers.iter().find(|m| !on_line(m)) {
        return Some(format!("is for modifier {missing}"));
    }
    if let Some(present) = when.without.iter().find(|m| on_line(m)) {
        return Some(format!("is not for modifier {present}"));
    }
    if !when.pos.is_empty() && !key.pos.is_some_and(|pos| when.pos.contains(&pos)) {
        let list = when.pos.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Some(format!("is for place of service {list}"));
    }
    if let Some(facility) = when.facility
        && key.pos.and_then(|pos| pricer.is_facility(payer, pos)) != Some(facility)
    {
        return Some(format!("is for {}", if facility { "a facility" } else { "an office" }));
    }
    let in_area = |area: &TermArea| match (area, key.area) {
        (TermArea::State(state), area) => area.state() == Some(*state),
        (TermArea::Locality(wanted), Area::Locality(locality, _)) => *wanted == locality,
        (TermArea::Locality(_), _) => false,
    };
    if !when.areas.is_empty() && !when.areas.iter().any(in_area) {
        return Some("is for another area".to_owned());
    }
    match when.provider {
        Some(Provider::Npp) if !key.npp => Some("is for nurse practitioners and physician assistants".to_owned()),
        Some(Provider::Physician) if key.npp => Some("is for physicians".to_owned()),
        _ => None,
    }
}

fn row(spot: &Spot) -> Row {
    Row { file: spot.file.clone(), line: spot.line }
}

/// A step that can only fail by overflow.
fn step(what: &str, op: Op, operands: Vec<Operand>) -> Result<Step, Overflow> {
    Step::new(what, op, operands).ok_or(Overflow)
}

/// A sum does not fit.
struct Overflow;

/// What a term pays for a key; the error says why it goes on to the next term.
fn by_term(pricer: &Pricer<'_>, payer: &Payer, list: &TermList, term: &Term, key: &Key) -> Result<Priced, String> {
    let mut priced = base(pricer, payer, term, key)?;
    let fee = match priced.unit {
        UnitPrice::PerUnit { rate, basis, .. } => Some((Per::Unit, rate, basis)),
        UnitPrice::PerLine { rate, basis, .. } => Some((Per::Line, rate, basis)),
        UnitPrice::OfCharge { factor, basis } => Some((Per::Charge, factor, basis)),
        UnitPrice::Limited(_) | UnitPrice::NotPayable(_) | UnitPrice::Unknown(_) => None,
    };
    if let Some((per, rate, basis)) = fee {
        match adjusted(list, term, key, per, rate, basis, &mut priced) {
            Ok(unit) => priced.unit = unit,
            Err(Overflow) => {
                return Ok(Priced::unknown(Unknown::TooLarge, format!("{}: the rate does not fit", list.label)));
            }
        }
    }
    let cite = term.cite.as_ref().map_or_else(String::new, |cite| format!(", {cite}"));
    let of = if priced.rule.is_empty() { String::new() } else { format!("; {}", priced.rule) };
    priced.rule = format!("{}: {} ({}{cite}){of}", list.label, term.name, term.spot);
    Ok(priced)
}

/// The rate of a term before escalations, modifiers and limits.
fn base(pricer: &Pricer<'_>, payer: &Payer, term: &Term, key: &Key) -> Result<Priced, String> {
    let names_place = !term.when.pos.is_empty() || term.when.facility.is_some();
    if !names_place && !matches!(term.pays, Pays::NotCovered) && rules::facility_bills_it(pricer, payer, key) {
        let rule =
            format!("{}: incident-to in a facility, and the term names no place; the facility bills it", key.code);
        return Ok(Priced::not_payable(RuleId::FACILITY, rule));
    }
    let take = |unit: UnitPrice, what: &str, rate: Rate| Priced {
        unit,
        rule: String::new(),
        steps: Step::new(what, Op::Take, vec![Operand::read(what, rate, &row(&term.spot))]).into_iter().collect(),
        rejected: Vec::new(),
        fallbacks: Vec::new(),
        band: None,
    };
    let lesser_of = term.lesser_of;
    Ok(match &term.pays {
        Pays::PercentOfMedicare { factor, year, locality } => {
            contract::percent_of_medicare(pricer, payer, key, *factor, *year, *locality)
        }
        Pays::Flat(rate) => {
            let unit = UnitPrice::PerLine { rate: *rate, basis: Basis::ContractSchedule, lesser_of };
            take(unit, "contract amount per line", *rate)
        }
        Pays::PerUnit(rate) => {
            let unit = UnitPrice::PerUnit { rate: *rate, basis: Basis::ContractSchedule, lesser_of };
            take(unit, "contract amount per unit", *rate)
        }
        Pays::PercentOfCharge(factor) => Priced {
            steps: Vec::new(),
            rule: format!("{} % of the charge", (factor * Decimal::ONE_HUNDRED).normalize()),
            ..take(UnitPrice::OfCharge { factor: *factor, basis: Basis::PercentOfCharge }, "", Decimal::ZERO)
        },
        Pays::Asp(factor) => match asp(pricer, key.code, key, *factor, lesser_of) {
            Some(priced) => priced,
            None => return Err(format!("pays by ASP, and there is no payment limit of {} on {}", key.code, key.day)),
        },
        Pays::Schedule(name) => match contract::listed(pricer, payer, key, name) {
            Some(priced) => priced,
            None => return Err(format!("schedule {name} lists no rate for {} on {}", key.code, key.day)),
        },
        Pays::NotCovered => {
            Priced::not_payable(RuleId::CONTRACT, "the contract does not cover it; it is the patient's or written off")
        }
    })
}

/// ASP times a factor: the published limit over 1.06, which is how the limit is made.
fn asp(pricer: &Pricer<'_>, code: Code, key: &Key, factor: Rate, lesser_of: bool) -> Option<Priced> {
    let limit = pricer.reference().medicare.asp(code, key.day)?;
    let operands = vec![
        Operand::read(format!("payment limit per {}", limit.dosage), limit.limit, &limit.row),
        Operand::given("the limit is 106 % of ASP", LIMIT_OF_ASP),
    ];
    let asp = Step::new("average sales price", Op::Divide, operands)?;
    let times = vec![Operand::given("average sales price", asp.result), Operand::given("contract factor", factor)];
    let rate = Step::new("contract rate", Op::Multiply, times)?;
    Some(Priced {
        unit: UnitPrice::PerUnit { rate: rate.result, basis: Basis::ContractSchedule, lesser_of },
        rule: format!("ASP × {factor} in the quarter of {}", key.day),
        steps: vec![asp, rate],
        rejected: Vec::new(),
        fallbacks: Vec::new(),
        band: None,
    })
}

/// The rate after escalations, within floor and cap, then with the factors of modifiers and of a further service.
fn adjusted(
    list: &TermList,
    term: &Term,
    key: &Key,
    per: Per,
    rate: Rate,
    basis: Basis,
    priced: &mut Priced,
) -> Result<UnitPrice, Overflow> {
    let mut rate = rate;
    let mut apply =
        |what: &str, op: Op, name: &str, by: Rate, spot: &Spot, priced: &mut Priced| -> Result<Rate, Overflow> {
            let operands = vec![Operand::given("rate", rate), Operand::read(name, by, &row(spot))];
            let step = step(what, op, operands)?;
            rate = step.result;
            priced.steps.push(step);
            Ok(rate)
        };
    for escalation in list.escalations.iter().filter(|_| term.escalates) {
        apply("rate after escalation", Op::Multiply, &escalation.words, escalation.factor, &escalation.spot, priced)?;
    }
    // Of a share of the charge, floor and cap can only be applied to the line.
    if per != Per::Charge {
        for (bound, op, what) in
            [(term.floor, Op::Most, "not below the floor"), (term.cap, Op::Least, "not above the cap")]
        {
            if let Some(bound) = bound {
                apply(what, op, what, bound, &term.spot, priced)?;
            }
        }
    }
    for modifier in key.modifiers.iter() {
        let factor = list.adjustments.iter().find(|a| {
            a.modifier == modifier && (a.codes.is_empty() || a.codes.iter().any(|codes| codes.holds(key.code)))
        });
        if let Some(factor) = factor {
            let name = format!("modifier {modifier}");
            apply("rate with the modifier", Op::Multiply, &name, factor.factor, &factor.spot, priced)?;
        }
    }
    let multiple = list.multiple.as_ref().filter(|m| m.codes.iter().any(|codes| codes.holds(key.code)));
    if let Some(multiple) = multiple.filter(|_| key.further) {
        let what = "rate of a further service of the day";
        apply(what, Op::Multiply, "multiple services", multiple.further, &multiple.spot, priced)?;
    }
    priced.scale_band(rate);
    let lesser_of = term.lesser_of;
    let further = multiple.filter(|_| !key.further && per == Per::Unit).map(|m| m.further);
    let of_charge = per == Per::Charge && (term.floor.is_some() || term.cap.is_some());
    if further.is_some() || of_charge || (term.max_units.is_some() && per == Per::Unit) {
        let (floor, cap) = if per == Per::Charge { (term.floor, term.cap) } else { (None, None) };
        let max_units = term.max_units.filter(|_| per == Per::Unit);
        return Ok(UnitPrice::Limited(Limits { per, rate, basis, lesser_of, floor, cap, max_units, further }));
    }
    Ok(match per {
        Per::Unit => UnitPrice::PerUnit { rate, basis, lesser_of },
        Per::Line => UnitPrice::PerLine { rate, basis, lesser_of },
        Per::Charge => UnitPrice::OfCharge { factor: rate, basis },
    })
}
