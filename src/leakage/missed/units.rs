//! Units of drugs against their NDC quantity: by the billing unit of the drug, else by the ratio that the practice itself
//! bills nearly always.

use std::collections::BTreeMap;

use crate::domain::{Code, NdcQuantity, NdcUnit, ServiceLine, Units};
use crate::reference::Drugs;
use rust_decimal::Decimal;

use super::administration::nearly_always;
use super::desk::Desk;
use super::{Direction, ENOUGH, Missed, MissedCharges, MissedKind, PassedOver, Worth};

/// The package, what its quantity counts, and the code it is billed by.
type Package<'a> = (&'a str, NdcUnit, Code);

/// Units per quantity, as a fraction in lowest terms.
type Ratio = (i64, i64);

/// Looks at every drug line that tells its NDC and quantity.
pub(super) fn look(desk: &mut Desk<'_, '_>, lines: &[ServiceLine], missed: &mut MissedCharges) {
    let drugs = desk.pricer.reference().drugs.clone();
    let mut by_package: BTreeMap<Package<'_>, Vec<(u32, NdcQuantity)>> = BTreeMap::new();
    for (line, i) in lines.iter().zip(0_u32..) {
        let (Some(ndc), Some(quantity)) = (line.ndc.as_deref(), line.ndc_quantity) else { continue };
        if !Drugs::is_injectable(line.code) {
            continue;
        }
        match drugs.get(line.code).and_then(|drug| drug.billing_units(quantity.quantity, quantity.unit)) {
            Some(right) => compare(desk, lines, i, right, MissedKind::UnitsAgainstDosage, missed),
            None => by_package.entry((ndc, quantity.unit, line.code)).or_default().push((i, quantity)),
        }
    }
    for of_package in by_package.into_values() {
        let Some(usual) = usual_ratio(lines, &of_package) else { continue };
        for (i, quantity) in of_package {
            if let Some(right) = units_of(quantity, usual) {
                compare(desk, lines, i, right, MissedKind::UnitsAgainstHabit, missed);
            }
        }
    }
}

/// The ratio of four lines in five, from [`ENOUGH`] lines on.
fn usual_ratio(lines: &[ServiceLine], of_package: &[(u32, NdcQuantity)]) -> Option<Ratio> {
    let mut counts: BTreeMap<Ratio, usize> = BTreeMap::new();
    for (i, quantity) in of_package {
        let ratio = lowest(lines[*i as usize].units.thousandths(), quantity.quantity.thousandths());
        *counts.entry(ratio).or_default() += 1;
    }
    let (ratio, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (of_package.len() >= ENOUGH && nearly_always(count, of_package.len())).then_some(ratio)
}

/// A fraction in lowest terms; both are above 0.
fn lowest(above: i64, below: i64) -> Ratio {
    let (mut a, mut b) = (above, below);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let divisor = a.max(1);
    (above / divisor, below / divisor)
}

/// Units that fit a quantity by a ratio, a begun unit being a whole one.
fn units_of(quantity: NdcQuantity, (above, below): Ratio) -> Option<Units> {
    let exact = quantity.quantity.decimal().checked_mul(Decimal::from(above))?.checked_div(Decimal::from(below))?;
    Units::begun(exact)
}

/// A finding when a line's units are not the ones that fit.
fn compare(
    desk: &mut Desk<'_, '_>,
    lines: &[ServiceLine],
    i: u32,
    right: Units,
    kind: MissedKind,
    missed: &mut MissedCharges,
) {
    let line = &lines[i as usize];
    // Units billed in parts that the ratio explains exactly are rounded like the right ones.
    let billed = Units::begun(line.units.decimal()).unwrap_or(line.units);
    if billed == right {
        return;
    }
    let direction = if line.units < right { Direction::Under } else { Direction::Over };
    let worths = Worth::of(desk.expected(line)).zip(Worth::of(desk.with_units(line, right)));
    let Some((as_billed, as_right)) = worths else {
        missed.pass_over(PassedOver::NotPayable);
        return;
    };
    if let Some(mut found) = Missed::new(kind, direction, lines, vec![i]) {
        found.units = Some((line.units, right));
        found.worth = as_billed.with(as_right, |a, b| (a - b).abs());
        missed.found.push(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_in_lowest_terms() {
        // 4 units of 2 mL: 2 per mL; 1 unit of 0.5 mL as well.
        assert_eq!((lowest(4000, 2000), lowest(1000, 500)), ((2, 1), (2, 1)));
        assert_eq!(lowest(3000, 4500), (2, 3));
    }

    #[test]
    fn a_begun_unit_is_a_whole_one() {
        let quantity =
            |thousandths| NdcQuantity { quantity: Units::from_thousandths(thousandths), unit: NdcUnit::Millilitre };
        // A third of a unit per mL: 3 mL are one unit exactly, although a third has no end; 3.5 mL begin a second.
        assert_eq!(units_of(quantity(3000), (1, 3)), Some(Units::whole(1)));
        assert_eq!(units_of(quantity(3500), (1, 3)), Some(Units::whole(2)));
    }
}
