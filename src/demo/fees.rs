//! What the generator asks of the price kernel: the due amount of a line, and the amounts that wrong payments would have.

use std::sync::Arc;

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use super::calendar::date;
use super::plants::Plant;
use super::truth::Cause;
use crate::domain::{
    Area, Code, Date, Expected, Modifiers, Money, Payer, Pos, RuleId, ServiceLine, Terms, Units, round_cents,
};
use crate::payability::Ruled;
use crate::price::{Key, Pricer, UnitPrice, Variant, extend, medicare_days, scaled};
use crate::reference::Reference;

/// A line's price: its key, unit price and expected amount.
#[derive(Debug, Clone)]
pub(super) struct Due {
    pub(super) key: Key,
    pub(super) unit: UnitPrice,
    pub(super) expected: Expected,
}

/// Prices with a memory: each distinct key goes through the kernel once.
pub(super) struct Fees<'a> {
    pricer: Pricer<'a>,
    units: FxHashMap<Key, UnitPrice>,
    coinsurance: FxHashMap<(Code, Date), Decimal>,
    scope: Option<&'a [Code]>,
}

impl<'a> Fees<'a> {
    pub(super) fn new(reference: &'a Reference, payers: &'a [Payer], scope: Option<&'a [Code]>) -> Self {
        let (units, coinsurance) = (FxHashMap::default(), FxHashMap::default());
        Self { pricer: Pricer::new(reference, payers), units, coinsurance, scope }
    }

    /// Whether the product prices this code at all.
    pub(super) fn in_scope(&self, code: Code) -> bool {
        self.scope.is_none_or(|scope| scope.contains(&code))
    }

    /// What the line should be allowed, when this rule lets it fall.
    pub(super) fn due(&mut self, line: &ServiceLine, falls: Option<RuleId>) -> Due {
        let (key, _) = self.pricer.key(line, falls.map(|rule| Ruled { rule, other: None }));
        let unit = self.unit(&key);
        let expected = extend(&unit, line.units, line.charge);
        Due { key, unit, expected }
    }

    fn unit(&mut self, key: &Key) -> UnitPrice {
        if let Some(unit) = self.units.get(key) {
            return *unit;
        }
        let unit = self.pricer.price(key).unit;
        self.units.insert(key.clone(), unit);
        unit
    }

    fn amount(&mut self, key: &Key, line: &ServiceLine) -> Option<Money> {
        match extend(&self.unit(key), line.units, line.charge) {
            Expected::Payable(amount, _) => Some(amount),
            _ => None,
        }
    }

    /// The price as if the service had been given in the office and no rule stood against it: what a payer pays by mistake.
    pub(super) fn in_office(&mut self, due: &Due, line: &ServiceLine) -> Option<Money> {
        self.amount(&Key { pos: Pos::new(11), ruled: None, ..due.key.clone() }, line)
    }

    /// What the line should be allowed if no rule of its day stood against it.
    pub(super) fn otherwise(&mut self, due: &Due, line: &ServiceLine) -> Expected {
        extend(&self.unit(&Key { ruled: None, ..due.key.clone() }), line.units, line.charge)
    }

    /// What one unit of another code should be allowed beside the line, at the practice's own charge.
    pub(super) fn beside(&mut self, line: &ServiceLine, code: Code, charge: Money) -> Expected {
        let other = ServiceLine { code, modifiers: Modifiers::NONE, units: Units::ONE, charge, ..line.clone() };
        let (key, _) = self.pricer.key(&other, None);
        extend(&self.unit(&key), Units::ONE, charge)
    }

    /// Whether the payer's pharmacy sends the drugs.
    pub(super) fn sends_drugs(&self, payer: &str) -> bool {
        self.pricer.payer(payer).is_some_and(|payer| payer.sends_drugs)
    }

    /// Medicare's coinsurance on a code as a fraction: 0.2 unless the drug file says otherwise.
    pub(super) fn medicare_coinsurance(&mut self, code: Code, day: Date) -> Decimal {
        if !code.is_drug() {
            return Decimal::new(2, 1);
        }
        let reference = self.pricer.reference();
        let found = || reference.medicare.asp(code, day).map_or(Decimal::new(2, 1), |asp| asp.coinsurance);
        *self.coinsurance.entry((code, day)).or_insert_with(found)
    }

    /// An amount below the due one that this cause, and no other, would give; the units that go with it.
    /// `odd` is a percentage for [`Cause::NoExplanation`].
    pub(super) fn short(
        &mut self,
        cause: Cause,
        due: &Due,
        line: &ServiceLine,
        expected: Money,
        odd: u32,
    ) -> Option<(Money, Units)> {
        // Below five dollars, the causes differ by less than a cent or two. Drug prices change every quarter: an old one is
        // no sign of an old schedule.
        if expected < Money::from_cents(500) || (cause == Cause::OldSchedule && line.code.is_drug()) {
            return None;
        }
        let candidates = self.candidates(due, line, expected);
        let (amount, units) = match cause {
            Cause::UnitsCut => {
                let whole = line.units.thousandths() / 1000;
                // Two thirds: half the units would look like half the rate.
                let kept = Units::whole((2 * whole + 2) / 3).min(Units::whole(whole - 1));
                (extend(&due.unit, kept, line.charge).amount()?, kept)
            }
            Cause::NoExplanation => (share(expected, odd)?, line.units),
            Cause::OtherLocality => {
                let lower = |c: &&(Cause, Money)| c.0 == cause && c.1 < expected;
                (candidates.iter().find(lower)?.1, line.units)
            }
            // The rate in force before the last change: the first of its kind in the list.
            other => (candidates.iter().find(|(cause, _)| *cause == other)?.1, line.units),
        };
        let unmistakable = !candidates.iter().any(|(other, a)| confused(cause, *other) && *a == amount);
        let below = Money::ZERO < amount && expected - amount >= Money::from_cents(2);
        (unmistakable && below && units > Units::default()).then_some((amount, units))
    }

    /// What a payer that applies a wrong rate allows for a line: an amount below the due one that no other cause would give.
    pub(super) fn applied(&mut self, plant: &Plant, due: &Due, line: &ServiceLine, expected: Money) -> Option<Money> {
        if expected < Money::from_cents(500) {
            return None;
        }
        let unit = self.pricer.varied(&due.key, &plant.variant()?)?;
        let amount = extend(&unit, line.units, line.charge).amount()?;
        let other = |c: &(Cause, Money)| confused(plant.cause, c.0) && c.1 == amount;
        let unmistakable = !self.candidates(due, line, expected).iter().any(other);
        (unmistakable && Money::ZERO < amount && expected - amount >= Money::from_cents(2)).then_some(amount)
    }

    /// Every amount that a diagnosis could take for one of the causes, the most telling of each cause first.
    fn candidates(&mut self, due: &Due, line: &ServiceLine, expected: Money) -> Vec<(Cause, Money)> {
        let mut found = Vec::new();
        for units in 1..line.units.thousandths() / 1000 {
            if let Expected::Payable(amount, _) = extend(&due.unit, Units::whole(units), line.charge) {
                found.push((Cause::UnitsCut, amount));
            }
        }
        for amount in self.earlier(due, line) {
            found.push((Cause::OldSchedule, amount));
        }
        found.extend(share(expected, 98).map(|amount| (Cause::SequestrationOnAllowed, amount)));
        found.extend(share(expected, 85).map(|amount| (Cause::NppReduction, amount)));
        found.extend(share(expected, 50).map(|amount| (Cause::MultipleServiceReduction, amount)));
        if let Area::Locality(own, state) = due.key.area {
            let others = self.pricer.reference().medicare.localities_of(state, due.key.day);
            for other in others.into_iter().filter(|other| *other != own) {
                let key = Key { area: Area::Locality(other, state), ..due.key.clone() };
                let amount = self.amount(&key, line).filter(|amount| *amount != expected);
                found.extend(amount.map(|amount| (Cause::OtherLocality, amount)));
            }
        }
        found.extend(self.varied(due, line));
        found
    }

    /// Amounts by what payers apply instead of the agreed rate for a stretch of days.
    fn varied(&self, due: &Due, line: &ServiceLine) -> Vec<(Cause, Money)> {
        let terms = self.pricer.terms(&due.key);
        let mut units: Vec<(Cause, Option<UnitPrice>)> = Vec::new();
        if let Some(Terms::Contract(list)) = terms {
            let kept = 0..list.escalations.len();
            units
                .extend(kept.map(|n| (Cause::MissedEscalator, self.pricer.varied(&due.key, &Variant::Escalations(n)))));
        }
        units.push((Cause::FacilityRate, self.pricer.varied(&due.key, &Variant::Setting(true))));
        if let Some(par) = self.pricer.at_par(&due.key) {
            let days = medicare_days(self.pricer.reference()).into_iter();
            units.extend(days.map(|day| (Cause::OtherYear, self.pricer.varied(&due.key, &Variant::MedicareOf(day)))));
            if terms != Some(&Terms::Medicare) {
                let fives = (20..=40).map(|fives| scaled(&par, Decimal::new(fives * 5, 2)));
                units.extend(fives.map(|unit| (Cause::OtherPercentage, unit)));
            }
        }
        let amount = |(cause, unit): (Cause, Option<UnitPrice>)| {
            Some((cause, extend(&unit?, line.units, line.charge).amount()?))
        };
        units.into_iter().filter_map(amount).collect()
    }

    /// The amounts at earlier prices, newest first: before the last change, and at every earlier change of the reference
    /// back to the start of the year before.
    fn earlier(&mut self, due: &Due, line: &ServiceLine) -> Vec<Money> {
        let reference = self.pricer.reference();
        let year_before = chrono::Datelike::year(&line.service_date) - 1;
        let (mut epoch, mut amounts) = (reference.epoch(due.key.day), Vec::new());
        while let Some(before) = epoch.checked_sub(1) {
            epoch = before;
            let day = reference.epoch_start(epoch);
            let key = Key { day, ..due.key.clone() };
            if self.unit(&key) != due.unit {
                amounts.extend(self.amount(&key, line));
            }
            if day < date(year_before, 1, 1) {
                break;
            }
        }
        amounts.dedup();
        amounts
    }

    /// Twice the units or 110% of the due amount, as long as the charge covers it.
    pub(super) fn over(&self, due: &Due, line: &ServiceLine, expected: Money, twice: bool) -> Option<Money> {
        let doubled = extend(&due.unit, line.units + line.units, line.charge).amount();
        let amount = if twice { doubled } else { share(expected, 110) }?;
        (amount > expected && amount <= line.charge).then_some(amount)
    }

    /// The shared id of a payer.
    pub(super) fn payer(&self, id: &str) -> Option<Arc<str>> {
        self.pricer.payer(id).map(|payer| payer.id.clone())
    }
}

/// Whether an amount of both causes could not be told for the first one. A rate before an escalation is an old one, too, and
/// an old Medicare rate that of another year: there the more exact cause is named.
fn confused(cause: Cause, other: Cause) -> bool {
    let named_first = [(Cause::MissedEscalator, Cause::OldSchedule), (Cause::OldSchedule, Cause::OtherYear)];
    other != cause && !named_first.contains(&(cause, other))
}

/// A whole percentage of an amount, rounded half away from zero.
pub(super) fn share(amount: Money, percent: u32) -> Option<Money> {
    round_cents(amount.dollars() * Decimal::new(i64::from(percent), 2))
}
