//! Drugs and what gives them: one without the other, and codes that do not fit the drug's route.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Code, Expected, Modifier, Modifiers, Money, ServiceLine, Units};
use crate::reference::{Administers, Drug, Drugs, Indicator, Strength};

use super::desk::Desk;
use super::visit::Visit;
use super::{Direction, ENOUGH, Missed, MissedCharges, MissedKind, PassedOver, Worth};

const VENOUS: &[Administers] = &[Administers::Push, Administers::Infusion];

/// Looks at every visit; the drug that a provider nearly always injects tells what a missing one may have been.
pub(super) fn look(desk: &mut Desk<'_, '_>, lines: &[ServiceLine], visits: &[Visit], missed: &mut MissedCharges) {
    let habits = habits(&desk.pricer.reference().drugs, lines, visits);
    for visit in visits {
        match (visit.drugs.is_empty(), visit.administrations.is_empty()) {
            (false, true) => drug_alone(desk, lines, visit, missed),
            (true, false) if !visit.has_product && !visit.injections.is_empty() => {
                injection_alone(desk, lines, visit, &habits, missed);
            }
            (false, false) => routes(desk, lines, visit, missed),
            _ => {}
        }
    }
}

/// Drugs on a day on which nothing gives a drug: each drug lacks its usual administration.
///
/// Two drugs may have been drawn into one syringe: the second and further ones are worth "up to".
fn drug_alone(desk: &mut Desk<'_, '_>, lines: &[ServiceLine], visit: &Visit, missed: &mut MissedCharges) {
    let drugs = desk.pricer.reference().drugs.clone();
    let mut given: Vec<(Code, u32, Option<&Drug>)> = Vec::new();
    for (code, first) in visit.distinct_drugs(lines) {
        let drug = drugs.get(code);
        if drug.is_some_and(|drug| drug.administration.is_none()) {
            missed.pass_over(PassedOver::GivenByProcedure);
        } else if drug.is_some_and(|drug| drug.self_administered) && is_medicare(desk, &lines[first as usize]) {
            missed.pass_over(PassedOver::SelfAdministered);
        } else {
            given.push((code, first, drug));
        }
    }
    let codes = sequence(given.iter().map(|(_, _, drug)| drug.and_then(|drug| drug.administration)).collect(), &drugs);
    let mut drawn_up = false;
    for ((code, first, drug), administration) in given.into_iter().zip(codes) {
        let of_drug = |i: &&u32| lines[**i as usize].code == code;
        let concerned: Vec<u32> = visit.drugs.iter().filter(of_drug).copied().collect();
        let Some(mut found) = Missed::new(MissedKind::DrugWithoutAdministration, Direction::Under, lines, concerned)
        else {
            continue;
        };
        let Some(administration) = administration else {
            found.worth = Worth::Unknown("route-not-known");
            missed.found.push(found);
            continue;
        };
        if never_beside(desk, lines, visit, administration) {
            missed.pass_over(PassedOver::NeverBeside);
            continue;
        }
        let line = &lines[first as usize];
        let Some(worth) = Worth::of(desk.other(line, administration, npp(lines, visit), Units::ONE)) else {
            missed.pass_over(PassedOver::NotPayable);
            continue;
        };
        let sure = drug.is_some_and(|drug| drug.strength == Strength::High && !drug.self_administered) && !drawn_up;
        drawn_up = true;
        found.worth = if sure { worth } else { worth.at_most() };
        found.instead = vec![administration];
        missed.found.push(found);
    }
}

/// 96372 on a day without any drug: the drug was not billed, or others supplied it.
fn injection_alone(
    desk: &mut Desk<'_, '_>,
    lines: &[ServiceLine],
    visit: &Visit,
    habits: &Habits,
    missed: &mut MissedCharges,
) {
    let line = |i: &u32| &lines[*i as usize];
    let Some(first) = visit.injections.first().map(line) else { return };
    if desk.pricer.payer(&first.payer).is_some_and(|payer| payer.sends_drugs) {
        missed.pass_over(PassedOver::SentByPayer);
        return;
    }
    if visit.injections.iter().map(line).all(|line| matches!(desk.expected(line), Expected::NotPayable(_))) {
        missed.pass_over(PassedOver::NotPayable);
        return;
    }
    let kind = MissedKind::InjectionWithoutDrug;
    let Some(mut found) = Missed::new(kind, Direction::Under, lines, visit.injections.clone()) else { return };
    found.worth = Worth::Unknown("drug-not-known");
    if let Some((drug, units)) = habits.get(&first.rendering_npi).copied()
        && let Some(worth) = Worth::of(desk.other(first, drug, Modifiers::NONE, units))
    {
        found.instead = vec![drug];
        found.worth = worth.at_most();
    }
    missed.found.push(found);
}

/// Codes against the routes of the drugs: 96372 with drugs for a vein only, and a push or infusion with drugs that are never
/// given into a vein. Looked at only where all drugs of the day are known and nothing else of the day could have given them.
fn routes(desk: &mut Desk<'_, '_>, lines: &[ServiceLine], visit: &Visit, missed: &mut MissedCharges) {
    let reference = desk.pricer.reference();
    let distinct = visit.distinct_drugs(lines);
    let known: Option<Vec<&Drug>> = distinct.iter().map(|(code, _)| reference.drugs.get(*code)).collect();
    let Some(known) = known else { return };
    let others = [Administers::Procedure, Administers::IntraArterial];
    if visit.has(&others) {
        return;
    }
    let (kind, direction, concerned, instead) = if !visit.injections.is_empty()
        && !visit.has(VENOUS)
        && known.iter().all(|drug| drug.may_go_into_a_vein() && !drug.may_be_injected())
    {
        let codes = sequence(known.iter().map(|drug| drug.administration).collect(), &reference.drugs);
        (MissedKind::InjectionOfVenousDrug, Direction::Under, visit.injections.clone(), codes)
    } else if visit.has(VENOUS)
        && !visit.has(&[Administers::Injection])
        && known.iter().all(|drug| drug.may_be_injected() && !drug.may_go_into_a_vein())
    {
        let venous = visit.administrations.iter().map(|(i, _)| *i).collect();
        let codes = known.iter().map(|drug| drug.administration).collect();
        (MissedKind::VenousCodeForInjection, Direction::Over, venous, codes)
    } else {
        return;
    };
    let Some(mut found) = Missed::new(kind, direction, lines, concerned) else { return };
    let Some(first) = found.lines.first().map(|i| &lines[*i as usize]) else { return };
    let mut billed = Worth::Firm(Money::ZERO);
    for i in &found.lines {
        let Some(worth) = Worth::of(desk.expected(&lines[*i as usize])) else {
            missed.pass_over(PassedOver::NotPayable);
            return;
        };
        billed = billed.with(worth, |a, b| a + b);
    }
    let mut right = Worth::Firm(Money::ZERO);
    for code in instead {
        let worth = code.map(|code| Worth::of(desk.other(first, code, npp(lines, visit), Units::ONE)));
        let Some(worth) = worth.unwrap_or(Some(Worth::Unknown("route-not-known"))) else {
            missed.pass_over(PassedOver::NotPayable);
            return;
        };
        right = right.with(worth, |a, b| a + b);
        found.instead.extend(code);
    }
    let (more, less) = if direction == Direction::Under { (right, billed) } else { (billed, right) };
    let difference = more.with(less, |a, b| (a - b).or_zero());
    let sure = known.iter().all(|drug| drug.strength == Strength::High);
    found.worth = if sure { difference } else { difference.at_most() };
    missed.found.push(found);
}

/// The administrations of several drugs: one initial service into a vein, infusion before push; what follows is sequential.
fn sequence(codes: Vec<Option<Code>>, drugs: &Drugs) -> Vec<Option<Code>> {
    let rank = |code: &Option<Code>| match code.and_then(|code| drugs.administers(code)) {
        Some(Administers::Infusion) => 0,
        Some(Administers::Push) => 1,
        _ => 2,
    };
    let initial = codes.iter().enumerate().filter(|(_, code)| rank(code) < 2).min_by_key(|(_, code)| rank(code));
    let initial = initial.map(|(at, _)| at);
    let following = |code: Code| match code.as_str() {
        "96365" => "96367".parse().unwrap_or(code),
        "96374" => "96375".parse().unwrap_or(code),
        "96413" => "96417".parse().unwrap_or(code),
        "96360" => "96361".parse().unwrap_or(code),
        _ => code,
    };
    let follow = |(at, code): (usize, Option<Code>)| if Some(at) == initial { code } else { code.map(following) };
    codes.into_iter().enumerate().map(follow).collect()
}

/// Whether NCCI never pays the code beside another one of the day, whichever of the two falls.
fn never_beside(desk: &Desk<'_, '_>, lines: &[ServiceLine], visit: &Visit, code: Code) -> bool {
    let edits = &desk.pricer.reference().edits;
    let never = |column1, column2, day| edits.falls(column1, column2, day) == Some(Indicator::Never);
    visit
        .all
        .iter()
        .map(|i| &lines[*i as usize])
        .any(|other| never(other.code, code, other.service_date) || never(code, other.code, other.service_date))
}

/// Modifier SA, when another line of the day says that a nurse practitioner or physician assistant served.
fn npp(lines: &[ServiceLine], visit: &Visit) -> Modifiers {
    let mut modifiers = Modifiers::NONE;
    if visit.all.iter().any(|i| lines[*i as usize].modifiers.has("SA"))
        && let Some(sa) = Modifier::from_ascii(b"SA")
    {
        modifiers.push(sa);
    }
    modifiers
}

fn is_medicare(desk: &Desk<'_, '_>, line: &ServiceLine) -> bool {
    use crate::domain::PayerKind::{Medicare, MedicareAdvantage};
    desk.pricer.payer(&line.payer).is_some_and(|payer| matches!(payer.kind, Medicare | MedicareAdvantage))
}

/// By provider: the drug that is nearly always injected, with its usual units.
type Habits = BTreeMap<Option<Arc<str>>, (Code, Units)>;

/// How often each drug was injected, with its units.
type Counts = BTreeMap<(Code, Units), usize>;

/// Learned from visits with one drug and injections only, from [`ENOUGH`] of them on, where four in five are of one drug.
fn habits(drugs: &Drugs, lines: &[ServiceLine], visits: &[Visit]) -> Habits {
    let mut seen: BTreeMap<Option<Arc<str>>, Counts> = BTreeMap::new();
    for visit in visits {
        let [drug] = visit.drugs[..] else { continue };
        let only_injections = !visit.injections.is_empty() && visit.injections.len() == visit.administrations.len();
        let line = &lines[drug as usize];
        if only_injections && drugs.get(line.code).is_none_or(Drug::may_be_injected) {
            let of_provider = seen.entry(line.rendering_npi.clone()).or_default();
            *of_provider.entry((line.code, line.units)).or_default() += 1;
        }
    }
    let habit = |counts: Counts| {
        let all: usize = counts.values().sum();
        let mut by_drug: BTreeMap<Code, usize> = BTreeMap::new();
        counts.iter().for_each(|((code, _), count)| *by_drug.entry(*code).or_default() += count);
        let (code, count) = by_drug.into_iter().max_by_key(|(code, count)| (*count, std::cmp::Reverse(*code)))?;
        let usual = counts.into_iter().filter(|((drug, _), _)| *drug == code);
        let ((_, units), _) = usual.max_by_key(|((_, units), count)| (*count, std::cmp::Reverse(*units)))?;
        (all >= ENOUGH && nearly_always(count, all)).then_some((code, units))
    };
    seen.into_iter().filter_map(|(provider, counts)| Some((provider, habit(counts)?))).collect()
}

/// Four in five or more.
pub(super) const fn nearly_always(part: usize, whole: usize) -> bool {
    part * 5 >= whole * 4
}
