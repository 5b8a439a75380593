//! The rates that a payer may have applied, from the plainest to the most far-fetched, and the amounts that they give.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use crate::domain::{Area, Basis, Date, Locality, Modifiers, Money, Rate, State, Terms, Units, round_cents};
use crate::price::{Key, Limits, UnitPrice, Variant, extend, medicare_days, scaled};

use super::observe::{Group, Seen, View};

/// A rate that may have been applied in place of the agreed one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Candidate {
    /// Another rate of the same kernel, whatever the place.
    Rate(Variant),
    /// The rate of a locality for the services in a state.
    Locality {
        /// Where the services were given.
        of: State,
        /// Whose rate was applied.
        to: Locality,
    },
    /// A factor on the agreed rate.
    Share(Rate),
    /// The charge.
    Charge,
    /// The agreed rate without regard to the charge, where the lesser of the two is agreed.
    BeyondCharge,
    /// The agreed rate of one unit, whatever the units.
    OneUnit,
}

impl Candidate {
    /// How plain it is, 0 first: among explanations of the same lines the plainest is named first.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Rate(Variant::Escalations(_)) => 0,
            Self::Rate(Variant::TermsOf(_)) => 1,
            Self::Rate(Variant::MedicareOf(_)) => 2,
            Self::Rate(Variant::Setting(_)) => 3,
            Self::Locality { .. } | Self::Rate(Variant::Locality(_)) => 4,
            Self::Share(_) => 5,
            Self::Charge | Self::BeyondCharge => 6,
            Self::OneUnit => 7,
            Self::Rate(Variant::Percent(_)) => 8,
            Self::Rate(Variant::PercentOfMedicare(_)) => 9,
            Self::Rate(Variant::Modifiers(_)) => 10,
            Self::Rate(Variant::Code(_)) => 11,
        }
    }

    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Rate(Variant::Escalations(_)) => "missed-escalator",
            Self::Rate(Variant::TermsOf(_)) => "earlier-terms",
            Self::Rate(Variant::MedicareOf(_)) => "other-year",
            Self::Rate(Variant::Setting(true)) => "facility-rate",
            Self::Rate(Variant::Setting(false)) => "office-rate",
            Self::Locality { .. } | Self::Rate(Variant::Locality(_)) => "other-locality",
            Self::Share(_) => "share-of-rate",
            Self::Charge => "charge",
            Self::BeyondCharge => "beyond-charge",
            Self::OneUnit => "one-unit",
            Self::Rate(Variant::Percent(_)) => "other-percentage",
            Self::Rate(Variant::PercentOfMedicare(_)) => "percent-of-medicare",
            Self::Rate(Variant::Modifiers(_)) => "other-modifiers",
            Self::Rate(Variant::Code(_)) => "other-code",
        }
    }

    /// What is applied, in words: the end of "the payer applies …".
    #[must_use]
    pub fn words(&self) -> String {
        let percent = |factor: &Rate| (factor * Decimal::ONE_HUNDRED).normalize();
        match self {
            Self::Rate(Variant::Escalations(0)) => "the contract's amounts without any of its raises".to_owned(),
            Self::Rate(Variant::Escalations(1)) => "the contract's amounts with its first raise only".to_owned(),
            Self::Rate(Variant::Escalations(kept)) => {
                format!("the contract's amounts with its first {kept} raises only")
            }
            Self::Rate(Variant::TermsOf(day)) => format!("the rates that were agreed up to {day}"),
            Self::Rate(Variant::MedicareOf(day)) => format!("Medicare's schedule of {}", schedule_of(*day)),
            Self::Rate(Variant::Setting(true)) => "the rate of a facility".to_owned(),
            Self::Rate(Variant::Setting(false)) => "the rate of an office".to_owned(),
            Self::Locality { of, to } => format!("the rate of locality {to} to services in {of}"),
            Self::Rate(Variant::Locality(to)) => format!("the rate of locality {to}"),
            Self::Share(factor) => format!("{} % of the agreed rate", percent(factor)),
            Self::Charge => "the charge".to_owned(),
            Self::BeyondCharge => "the rate also where the charge is less".to_owned(),
            Self::OneUnit => "the rate of one unit, whatever the units".to_owned(),
            Self::Rate(Variant::Percent(factor)) => {
                format!("{} % of Medicare in place of the agreed percentage", percent(factor))
            }
            Self::Rate(Variant::PercentOfMedicare(factor)) => format!("{} % of Medicare of the day", percent(factor)),
            Self::Rate(Variant::Modifiers(modifiers)) if modifiers.is_empty() => {
                "the rate of the code without its modifiers".to_owned()
            }
            Self::Rate(Variant::Modifiers(modifiers)) => format!("the rate of the code with modifier {modifiers}"),
            Self::Rate(Variant::Code(code)) => format!("the rate of {code}"),
        }
    }
}

/// `2025`, `2024 up to 03-08`: the schedule whose last day this is.
fn schedule_of(day: Date) -> String {
    use chrono::Datelike;
    if (day.month(), day.day()) == (12, 31) {
        day.year().to_string()
    } else {
        format!("{} up to {}", day.year(), day.format("%-d %B"))
    }
}

/// Factors that payers put on rates: sequestration, non-participation, nurse practitioners, the payer's part, multiple services.
const SHARES: [i64; 6] = [98, 95, 85, 80, 75, 50];

/// How many intervals back a change of a schedule is looked for, and how many changes are taken.
const LOOK_BACK: usize = 24;
const CHANGES: usize = 4;

/// The plain candidates for the odd lines of a group.
pub(super) fn plain(view: &View<'_>, odd: &[Seen]) -> Vec<Candidate> {
    let mut out = BTreeSet::new();
    let medicare = &view.pricer.reference().medicare;
    for seen in distinct(odd) {
        let key = view.key(seen);
        if let Some(Terms::Contract(list)) = view.pricer.terms(key) {
            out.extend((0..list.escalations.len()).map(|kept| Candidate::Rate(Variant::Escalations(kept))));
        }
        out.extend(earlier(view, key).into_iter().map(|day| Candidate::Rate(Variant::TermsOf(day))));
        if view.pricer.at_par(key).is_some() {
            let days = medicare_days(view.pricer.reference()).into_iter();
            out.extend(days.map(|day| Candidate::Rate(Variant::MedicareOf(day))));
            // 50 % to 200 % by halves.
            out.extend(
                (100..=400).map(|halves| Candidate::Rate(Variant::Percent(Rate::new(halves * 5, 3).normalize()))),
            );
        }
        out.extend([true, false].map(|facility| Candidate::Rate(Variant::Setting(facility))));
        if let Area::Locality(_, of) = key.area {
            let near = medicare.localities_of(of, key.day).into_iter();
            out.extend(near.map(|to| Candidate::Locality { of, to }));
        }
    }
    out.extend(SHARES.map(|percent| Candidate::Share(Rate::new(percent, 2))));
    out.extend([Candidate::Charge, Candidate::BeyondCharge, Candidate::OneUnit]);
    by_rank(out)
}

/// The far-fetched candidates: other states' localities, percentages of Medicare where none is agreed, other modifiers and codes
/// of the payer's lines.
pub(super) fn far_fetched(view: &View<'_>, odd: &[Seen], of_payer: &[&Group]) -> Vec<Candidate> {
    let mut out = BTreeSet::new();
    let medicare = &view.pricer.reference().medicare;
    for seen in distinct(odd) {
        let key = view.key(seen);
        if let Area::Locality(_, of) = key.area
            && view.pricer.at_par(key).is_some()
        {
            let others = medicare.localities(key.day).filter(|(_, gpci)| gpci.state != of);
            out.extend(others.map(|(to, _)| Candidate::Locality { of, to }));
        }
        if view.pricer.at_par(key).is_none() {
            out.extend(
                (100..=400)
                    .map(|halves| Candidate::Rate(Variant::PercentOfMedicare(Rate::new(halves * 5, 3).normalize()))),
            );
        }
    }
    out.insert(Candidate::Rate(Variant::Modifiers(Modifiers::NONE)));
    for group in of_payer {
        out.insert(Candidate::Rate(Variant::Code(group.code)));
        let modifiers = distinct(&group.seen).map(|seen| view.key(seen).modifiers);
        out.extend(modifiers.map(|modifiers| Candidate::Rate(Variant::Modifiers(modifiers))));
    }
    by_rank(out)
}

fn by_rank(set: BTreeSet<Candidate>) -> Vec<Candidate> {
    let mut list: Vec<Candidate> = set.into_iter().collect();
    list.sort_by_key(Candidate::rank);
    list
}

/// One observation of each price.
fn distinct(seen: &[Seen]) -> impl Iterator<Item = &Seen> {
    let mut known = BTreeSet::new();
    seen.iter().filter(move |seen| known.insert(seen.price))
}

/// The last days of earlier rates of a key: of its payer's earlier terms, and of its schedule before each change. Raises of a
/// contract and Medicare's own years are candidates by themselves.
fn earlier(view: &View<'_>, key: &Key) -> Vec<Date> {
    let pricer = view.pricer;
    let Some(payer) = pricer.payer(&key.payer) else { return Vec::new() };
    let label = |terms: &Terms| match terms {
        Terms::Contract(list) => Some(list.label.clone()),
        _ => None,
    };
    let current = pricer.terms(key);
    let versions = payer.terms.iter().filter(|(period, terms)| {
        period.until() <= key.day && (label(terms).is_none() || label(terms) != current.and_then(label))
    });
    let mut days: Vec<Date> = versions.map(|(period, _)| period.last()).collect();
    if matches!(current, Some(Terms::Schedule { .. })) && pricer.at_par(key).is_none() {
        let reference = pricer.reference();
        let now = pricer.price(key).unit;
        let (mut unit, mut epoch, mut changes) = (now, reference.epoch(key.day), 0);
        for _ in 0..LOOK_BACK {
            let first = reference.epoch_start(epoch);
            let Some(before) = epoch.checked_sub(1) else { break };
            let earlier = pricer.price(&Key { day: reference.epoch_start(before), ..key.clone() }).unit;
            // What follows Medicare changes with it; that is no change of the schedule.
            if earlier != unit && by_schedule(&earlier) && changes < CHANGES {
                changes += 1;
                days.extend(first.pred_opt());
            }
            (unit, epoch) = (earlier, before);
        }
    }
    days
}

fn by_schedule(unit: &UnitPrice) -> bool {
    let (UnitPrice::PerUnit { basis, .. } | UnitPrice::PerLine { basis, .. }) = unit else { return false };
    matches!(basis, Basis::ContractSchedule | Basis::MedicaidSchedule)
}

/// The amounts that candidates give, with a memory: each price and candidate goes through the kernel once.
pub(super) struct Amounts<'a> {
    view: &'a View<'a>,
    units: FxHashMap<(u32, Candidate), Option<UnitPrice>>,
    par: FxHashMap<(u32, bool), Option<UnitPrice>>,
}

impl<'a> Amounts<'a> {
    pub(super) fn new(view: &'a View<'a>) -> Self {
        Self { view, units: FxHashMap::default(), par: FxHashMap::default() }
    }

    /// What a candidate gives for an observed line; `None` where it does not apply.
    pub(super) fn of(&mut self, candidate: &Candidate, seen: &Seen) -> Option<Money> {
        let line = self.view.line(seen);
        match candidate {
            Candidate::Charge => Some(line.charge),
            Candidate::Share(factor) => round_cents(seen.expected.dollars().checked_mul(*factor)?),
            Candidate::OneUnit => {
                let agreed = self.agreed(seen);
                extend(&agreed, Units::ONE, line.charge).amount()
            }
            _ => {
                let unit = self.unit(candidate, seen)?;
                extend(&unit, line.units, line.charge).amount()
            }
        }
    }

    /// The agreed unit price.
    pub(super) fn agreed(&self, seen: &Seen) -> UnitPrice {
        self.view.priced.prices[seen.price as usize].priced.unit
    }

    /// The unit price of a candidate that is a rate.
    pub(super) fn unit(&mut self, candidate: &Candidate, seen: &Seen) -> Option<UnitPrice> {
        let (view, price) = (self.view, seen.price);
        let key = view.key(seen);
        // Percentages are many: the rate at 100 % is asked for once.
        match candidate {
            Candidate::Rate(Variant::Percent(factor)) => {
                let par = *self.par.entry((price, false)).or_insert_with(|| view.pricer.at_par(key));
                return scaled(&par?, *factor);
            }
            Candidate::Rate(Variant::PercentOfMedicare(factor)) => {
                let one = Variant::PercentOfMedicare(Rate::ONE);
                let par = *self.par.entry((price, true)).or_insert_with(|| view.pricer.varied(key, &one));
                return scaled(&par?, *factor);
            }
            Candidate::Share(factor) => return scaled(&self.agreed(seen), *factor),
            Candidate::BeyondCharge => return unlimited(&self.agreed(seen)),
            Candidate::OneUnit => return Some(self.agreed(seen)),
            Candidate::Charge => return None,
            Candidate::Rate(_) | Candidate::Locality { .. } => {}
        }
        if let Some(unit) = self.units.get(&(price, candidate.clone())) {
            return *unit;
        }
        let unit = match candidate {
            Candidate::Rate(variant) => view.pricer.varied(key, variant),
            Candidate::Locality { of, to } => {
                (key.area.state() == Some(*of)).then(|| view.pricer.varied(key, &Variant::Locality(*to))).flatten()
            }
            _ => None,
        };
        self.units.insert((price, candidate.clone()), unit);
        unit
    }
}

/// A price that is no longer limited by the charge; `None` where it was not.
fn unlimited(unit: &UnitPrice) -> Option<UnitPrice> {
    match *unit {
        UnitPrice::PerUnit { rate, basis, lesser_of: true } => {
            Some(UnitPrice::PerUnit { rate, basis, lesser_of: false })
        }
        UnitPrice::PerLine { rate, basis, lesser_of: true } => {
            Some(UnitPrice::PerLine { rate, basis, lesser_of: false })
        }
        UnitPrice::Limited(limits) if limits.lesser_of => {
            Some(UnitPrice::Limited(Limits { lesser_of: false, ..limits }))
        }
        _ => None,
    }
}
