//! From chance to billed lines: which visits happen, where, for whom, and what is billed for them.

use std::sync::Arc;

use chrono::Datelike;

use super::calendar::{ServiceDays, date};
use super::dice::Dice;
use super::practice::{
    ADALIMUMAB, BILLING, DENOSUMAB, DIAGNOSES, DRUGS, Drug, KETOROLAC, PAYERS, PUSHED, PayerFacts, RENDERING, SITES,
    STRANGER, STRANGERS, Site, TRIAMCINOLONE, VISITS, VITAMIN, Visit, unit_charge,
};
use crate::domain::{Date, Modifiers, Money, PayerKind, Pos, RuleId, ServiceLine, Source, State, Units, Zip};
use crate::finding::{Error, Result};

/// One code of a visit, before it becomes a line.
#[derive(Debug, Clone, Copy)]
struct Item {
    code: &'static str,
    units: u32,
    modifiers: &'static str,
    ndc: &'static str,
    /// A drug, whatever its NDC.
    drug: bool,
    /// The rule of payability that lets the line fall, as it was billed.
    falls: Option<&'static str>,
}

impl Item {
    const fn falling(self, rule: &'static str) -> Self {
        Self { falls: Some(rule), ..self }
    }
}

/// A visit that will become a claim.
pub(super) struct Planned {
    pub(super) day: Date,
    pub(super) payer: &'static PayerFacts,
    site: &'static Site,
    pos: u8,
    items: Vec<Item>,
}

/// Plans visits until they have exactly this many lines, in the order of their days.
pub(super) fn plan(lines: u32, dice: &mut Dice) -> Vec<Planned> {
    let days = ServiceDays::new();
    let mut planned = Vec::new();
    let mut left = lines as usize;
    while left > 0 {
        let visit = draw(&days, dice);
        // A claim is never cut in two: what is wrong with a line may lie in another one.
        if visit.items.len() > left {
            continue;
        }
        left -= visit.items.len();
        planned.push(visit);
    }
    planned.sort_by_key(|visit: &Planned| visit.day);
    planned
}

fn draw(days: &ServiceDays, dice: &mut Dice) -> Planned {
    let day = days.draw(dice);
    let site = &SITES[dice.index(SITES.iter().map(|site| site.weight))];
    let payer = if dice.chance(STRANGERS) {
        &STRANGER
    } else {
        let served = |p: &PayerFacts| p.states.is_empty() || p.states.contains(&site.state);
        &PAYERS[dice.index(PAYERS.iter().map(|p| if served(p) { p.weight } else { 0 }))]
    };
    let visit = without_drug_where_none_is_billed(*dice.pick(VISITS), payer, day, dice);
    let pos = place_of_service(visit, dice);
    let mut items = items(visit, payer, day, dice);
    for item in &mut items {
        item.falls = item.falls.or_else(|| falls_at(item, payer, site, pos));
    }
    Planned { day, payer, site, pos, items }
}

/// The rule that lets a line fall for its place alone; that the facility bills incident-to services, the price knows.
fn falls_at(item: &Item, payer: &PayerFacts, site: &Site, pos: u8) -> Option<&'static str> {
    let administration = item.code.starts_with("963");
    match pos {
        2 if administration => Some("telehealth-place"),
        22 if item.drug && payer.kind == PayerKind::Medicare => Some("hospital-drug"),
        22 if administration && payer.kind == PayerKind::Medicaid && site.state == "OH" => {
            Some("ohio-hospital-injection")
        }
        _ => None,
    }
}

/// Where drugs come from. Before 2024 the practice bought few (Medicare's drug prices before 2024 are not in the reference
/// either); one payer and Texas Medicaid have specialty pharmacies send them.
fn without_drug_where_none_is_billed(visit: Visit, payer: &PayerFacts, day: Date, dice: &mut Dice) -> Visit {
    let by_medicare = matches!(payer.kind, PayerKind::Medicare | PayerKind::MedicareAdvantage) || payer.id == "COM5";
    let sent = matches!(payer.id, "COM1" | "MCD_TX");
    let bought = payer.kind == PayerKind::Medicare && day.year() >= 2024 && dice.chance(8500);
    let enforced = payer.kind == PayerKind::Medicare && day >= date(2023, 10, 1);
    let supplied = (sent || (by_medicare && day.year() < 2024)) && dice.chance(8500);
    match visit {
        Visit::InjectionAndDrug | Visit::TwoInjections if supplied => Visit::Injection,
        Visit::OfficeVisitInjectionAndDrug if supplied => Visit::OfficeVisitAndInjection,
        Visit::Injection if bought => Visit::InjectionAndDrug,
        // These mistakes are possible with some payers only.
        Visit::DrugWithoutJz if !enforced => Visit::InjectionAndDrug,
        Visit::DrugWithoutNdc if !payer.kind.is_medicaid() => Visit::InjectionAndDrug,
        Visit::SelfAdministered if payer.kind != PayerKind::Medicare => Visit::InjectionAndDrug,
        Visit::Denosumab if sent || day < date(2024, 1, 1) => Visit::Injection,
        other => other,
    }
}

fn place_of_service(visit: Visit, dice: &mut Dice) -> u8 {
    match visit {
        Visit::Injection | Visit::RepeatInjection => {
            *dice.pick(&[(810, 11), (90, 20), (45, 12), (35, 22), (14, 31), (6, 2)])
        }
        Visit::OfficeVisitAndInjection | Visit::NewPatientAndInjection => *dice.pick(&[(880, 11), (90, 20), (30, 22)]),
        Visit::Seen => *dice.pick(&[(780, 11), (70, 20), (40, 22), (110, 2)]),
        Visit::InjectionAndDrug | Visit::TwoInjections => *dice.pick(&[(890, 11), (80, 20), (30, 12)]),
        Visit::Push | Visit::PushAndInjection => *dice.pick(&[(850, 11), (110, 20), (40, 22)]),
        Visit::Joint => *dice.pick(&[(900, 11), (60, 20), (40, 22)]),
        _ => *dice.pick(&[(920, 11), (80, 20)]),
    }
}

fn items(visit: Visit, payer: &PayerFacts, day: Date, dice: &mut Dice) -> Vec<Item> {
    let bare = |code, units, modifiers| Item { code, units, modifiers, ndc: "", drug: false, falls: None };
    let mut items = Vec::with_capacity(3);
    let few = |dice: &mut Dice| *dice.pick(&[(945, 1), (20, 2), (30, 3), (5, 4)]);
    let seen = |dice: &mut Dice| *dice.pick(&[(50, "99213"), (38, "99214"), (8, "99212"), (4, "99215")]);
    let some = |dice: &mut Dice| drug(dice.pick(DRUGS), payer, day, dice);
    match visit {
        Visit::Injection => items.push(bare("96372", few(dice), "")),
        Visit::InjectionAndDrug => items.extend([bare("96372", few(dice), ""), some(dice)]),
        Visit::TwoInjections => items.extend([bare("96372", 2, ""), some(dice)]),
        Visit::RepeatInjection => items.extend([bare("96372", 1, ""), bare("96372", 1, "76")]),
        Visit::OfficeVisitAndInjection => items.extend([bare(seen(dice), 1, "25"), bare("96372", 1, "")]),
        Visit::OfficeVisitInjectionAndDrug => {
            items.extend([bare(seen(dice), 1, "25"), bare("96372", few(dice), ""), some(dice)]);
        }
        Visit::NewPatientAndInjection => {
            let code = *dice.pick(&[(55, "99203"), (30, "99204"), (15, "99202")]);
            items.extend([bare(code, 1, "25"), bare("96372", 1, "")]);
        }
        Visit::Seen => items.push(bare(seen(dice), 1, "")),
        Visit::SeenByNurse => items.push(bare("99211", 1, "")),
        Visit::Push => {
            items.extend([bare("96374", 1, ""), drug(dice.pick(PUSHED), payer, day, dice)]);
            if dice.chance(4500) {
                items.push(bare("96375", dice.between(1, 2), ""));
            }
        }
        Visit::PushAndInjection => {
            items.extend([bare("96374", 1, ""), bare("96372", 1, "59"), drug(dice.pick(PUSHED), payer, day, dice)]);
        }
        Visit::IntraArterial => items.push(bare("96373", 1, "")),
        Visit::Joint => items.extend([bare("20610", 1, ""), drug(&TRIAMCINOLONE, payer, day, dice)]),
        Visit::JointAndInjection => {
            items.extend([bare("20610", 1, ""), bare("96372", 1, "59"), drug(&TRIAMCINOLONE, payer, day, dice)]);
        }
        Visit::Denosumab => items.extend([bare("96372", 1, ""), drug(&DENOSUMAB, payer, day, dice)]),
        Visit::InjectionAndPanel => {
            items.extend([bare("96372", 1, ""), bare("80053", 1, ""), bare("85025", 1, "")]);
        }
        Visit::DrugAlone => items.push(some(dice)),
        Visit::PushOfVitamin => items.extend([bare("96374", 1, ""), drug(&VITAMIN, payer, day, dice)]),
        Visit::SeenWithout25 => {
            let visit = bare(seen(dice), 1, "").falling("ncci-office-visit");
            items.extend([visit, bare("96372", 1, ""), some(dice)]);
        }
        Visit::InjectionWith25 => {
            let visit = bare(seen(dice), 1, "").falling("ncci-office-visit");
            items.extend([visit, bare("96372", 1, "25").falling("modifier-25-on-injection"), some(dice)]);
        }
        Visit::NurseVisitAndInjection => {
            items.extend([bare("99211", 1, "").falling("ncci-99211"), bare("96372", 1, ""), some(dice)]);
        }
        Visit::SecondPushAlone => {
            let push = bare("96375", 1, "").falling("add-on-push-no-parent");
            items.extend([push, drug(dice.pick(PUSHED), payer, day, dice)]);
        }
        Visit::TwoFirstPushes => {
            let second = bare("96374", 1, "").falling("one-initial-service");
            items.extend([bare("96374", 1, ""), second, drug(dice.pick(PUSHED), payer, day, dice)]);
        }
        Visit::PushAndInjectionWithout59 => {
            let injection = bare("96372", 1, "").falling("ncci-infusion");
            items.extend([bare("96374", 1, ""), injection, drug(dice.pick(PUSHED), payer, day, dice)]);
        }
        Visit::JointAndInjectionWithout59 => {
            let injection = bare("96372", 1, "").falling("ncci-procedure");
            items.extend([bare("20610", 1, ""), injection, drug(&TRIAMCINOLONE, payer, day, dice)]);
        }
        Visit::AllergyAndInjection => {
            items.extend([bare("95115", 1, ""), bare("96372", 1, "").falling("ncci-allergy"), some(dice)]);
        }
        Visit::VaccineAsInjection => {
            items.extend([bare("96372", 1, "").falling("vaccine-as-injection"), bare("90686", 1, "")]);
        }
        Visit::DrugWithoutJz => {
            let bare_drug = Item { modifiers: "", ..drug(&KETOROLAC, payer, day, dice) };
            items.extend([bare("96372", 1, ""), bare_drug.falling("jw-jz-missing")]);
        }
        Visit::DrugWithoutNdc => {
            items.extend([bare("96372", 1, ""), Item { ndc: "", ..some(dice) }.falling("ndc-missing")]);
        }
        Visit::SelfAdministered => {
            let adalimumab = drug(&ADALIMUMAB, payer, day, dice).falling("self-administered-drug");
            items.extend([bare("96372", 1, "").falling("self-administered-injection"), adalimumab]);
        }
        Visit::InjectionByTelehealth => {
            items.extend([bare("96372", 1, "95").falling("telehealth-modifier"), some(dice)]);
        }
    }
    items
}

/// Medicare wants modifier JZ on single-dose containers since July 2023.
fn drug(drug: &Drug, payer: &PayerFacts, day: Date, dice: &mut Dice) -> Item {
    let medicare = matches!(payer.kind, PayerKind::Medicare | PayerKind::MedicareAdvantage);
    let nothing_wasted = drug.single_dose && medicare && day >= date(2023, 7, 1);
    let units = dice.between(drug.units.0, drug.units.1);
    Item {
        code: drug.code,
        units,
        modifiers: if nothing_wasted { "JZ" } else { "" },
        ndc: drug.ndc,
        drug: true,
        falls: None,
    }
}

/// A billed line, and the rule of payability that lets it fall as it was billed.
pub(super) struct Billed {
    pub(super) line: ServiceLine,
    pub(super) falls: Option<RuleId>,
}

/// Shared texts, so that a million lines do not carry a million copies.
pub(super) struct Desk {
    rendering: Vec<Arc<str>>,
    billing: Arc<str>,
    diagnoses: Vec<(u32, Arc<str>)>,
    names: rustc_hash::FxHashMap<&'static str, Arc<str>>,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self {
            rendering: RENDERING.iter().map(|npi| Arc::from(*npi)).collect(),
            billing: Arc::from(BILLING),
            diagnoses: DIAGNOSES.iter().map(|(weight, code)| (*weight, Arc::from(*code))).collect(),
            names: rustc_hash::FxHashMap::default(),
        }
    }

    /// The shared copy of a text.
    pub(super) fn shared(&mut self, text: &'static str) -> Arc<str> {
        self.names.entry(text).or_insert_with(|| Arc::from(text)).clone()
    }

    /// The lines of a visit, as claim number `number`.
    ///
    /// # Errors
    /// When the practice's own tables hold something that is not a code, state or ZIP: never with the shipped ones.
    pub(super) fn bill(&mut self, visit: &Planned, number: u32, dice: &mut Dice) -> Result<Vec<Billed>> {
        let wrong = |what: &str| Error::config(format!("the demo practice holds a bad {what}"));
        let claim_id: Arc<str> = Arc::from(format!("SYN-{number:07}"));
        let (payer, year) = (self.shared(visit.payer.id), visit.day.year());
        let state: State = visit.site.state.parse().map_err(|_| wrong("state"))?;
        let zip: Option<Zip> = match visit.site.zip {
            "" => None,
            zip => Some(zip.parse().map_err(|_| wrong("ZIP code"))?),
        };
        let rendering = self.rendering[dice.below(RENDERING.len() as u32) as usize].clone();
        let diagnosis = dice.pick(&self.diagnoses).clone();
        // A nurse practitioner's service under the own NPI: Medicare pays 85%.
        let by_np = visit.payer.kind == PayerKind::Medicare && dice.chance(250);
        // An old sliding-fee price, below what the one payer with a lesser-of clause on top of Medicare would allow.
        let cheap = visit.payer.id == "COM5" && dice.chance(400);
        let mut lines = Vec::with_capacity(visit.items.len());
        for (line_number, item) in (1..).zip(&visit.items) {
            let drug = item.drug;
            let mut modifiers: Modifiers = item.modifiers.parse().map_err(|_| wrong("modifier"))?;
            if by_np && !drug {
                modifiers.push("SA".parse().map_err(|_| wrong("modifier"))?);
            }
            let mut unit = unit_charge(item.code, year);
            if cheap && !drug {
                unit /= 3;
            }
            let falls = item.falls.map(str::parse).transpose().map_err(|_| wrong("rule"))?;
            let line = ServiceLine {
                claim_id: claim_id.clone(),
                line_number,
                service_date: visit.day,
                payer: payer.clone(),
                plan: None,
                state: Some(state),
                zip,
                locality: None,
                pos: Pos::new(visit.pos),
                code: item.code.parse().map_err(|_| wrong("code"))?,
                modifiers,
                units: Units::whole(i64::from(item.units)),
                charge: Money::from_cents(unit * i64::from(item.units)),
                diagnosis: Some(diagnosis.clone()),
                ndc: (!item.ndc.is_empty()).then(|| self.shared(item.ndc)),
                ndc_quantity: None,
                rendering_npi: Some(rendering.clone()),
                billing_npi: Some(self.billing.clone()),
                patient_key: None,
                control_number: None,
                source: Source::default(),
            };
            lines.push(Billed { line, falls });
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_has_exactly_the_lines_asked_for() {
        for lines in [1, 2, 777] {
            let plan = plan(lines, &mut Dice::new(11));
            assert_eq!(plan.iter().map(|v| v.items.len()).sum::<usize>(), lines as usize);
            assert!(plan.is_sorted_by_key(|v| v.day));
        }
    }

    #[test]
    fn about_three_fifths_of_the_lines_are_96372() {
        let plan = plan(20_000, &mut Dice::new(2));
        let injections = plan.iter().flat_map(|v| &v.items).filter(|i| i.code == "96372").count();
        assert!((11_000..=13_000).contains(&injections), "{injections}");
    }
}
