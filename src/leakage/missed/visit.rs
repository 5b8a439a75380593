//! What stands on one claim day: drugs, what gives them, and the rest.

use crate::domain::{Code, ServiceLine};
use crate::reference::{Administers, Drugs};

/// A claim day with its lines by what they do; indices into the lines that are looked at.
#[derive(Debug)]
pub(in crate::leakage) struct Visit {
    /// All lines, in the order of claim and line.
    pub(in crate::leakage) all: Vec<u32>,
    /// Drugs by injection or infusion, without what was discarded (modifier JW).
    pub(in crate::leakage) drugs: Vec<u32>,
    /// Lines of 96372.
    pub(in crate::leakage) injections: Vec<u32>,
    /// Everything that gives a drug, 96372 included.
    pub(in crate::leakage) administrations: Vec<(u32, Administers)>,
    /// Something stands there that was put into the patient: a drug, even a discarded one, a vaccine or an allergen.
    pub(in crate::leakage) has_product: bool,
}

impl Visit {
    pub(in crate::leakage) fn new(drugs: &Drugs, lines: &[ServiceLine], day: Vec<u32>) -> Self {
        let mut visit = Self {
            all: Vec::new(),
            drugs: Vec::new(),
            injections: Vec::new(),
            administrations: Vec::new(),
            has_product: false,
        };
        for &i in &day {
            let line = &lines[i as usize];
            if Drugs::is_injectable(line.code) {
                visit.has_product = true;
                if !line.modifiers.has("JW") {
                    visit.drugs.push(i);
                }
            } else if is_vaccine_or_allergen(line.code) {
                visit.has_product = true;
            } else if let Some(how) = drugs.administers(line.code) {
                visit.administrations.push((i, how));
                if line.code.as_str() == "96372" {
                    visit.injections.push(i);
                }
            }
        }
        visit.all = day;
        visit
    }

    /// Whether there is anything to look at.
    pub(in crate::leakage) fn matters(&self) -> bool {
        !(self.drugs.is_empty() && self.administrations.is_empty())
    }

    /// Whether something of the day gives a drug in one of these ways.
    pub(in crate::leakage) fn has(&self, ways: &[Administers]) -> bool {
        self.administrations.iter().any(|(_, how)| ways.contains(how))
    }

    /// The distinct drugs, each with its first line, in the order of the lines.
    pub(in crate::leakage) fn distinct_drugs(&self, lines: &[ServiceLine]) -> Vec<(Code, u32)> {
        let mut distinct: Vec<(Code, u32)> = Vec::new();
        for &i in &self.drugs {
            let code = lines[i as usize].code;
            if !distinct.iter().any(|(known, _)| *known == code) {
                distinct.push((code, i));
            }
        }
        distinct
    }
}

/// Whether a code is something that is put into the patient.
pub(super) fn is_product(code: Code) -> bool {
    Drugs::is_injectable(code) || is_vaccine_or_allergen(code)
}

/// Vaccines, antibodies that are given like them, and allergen extracts: products with administrations of their own.
fn is_vaccine_or_allergen(code: Code) -> bool {
    matches!(code.as_str().parse::<u32>(), Ok(90380..=90382 | 90476..=90759 | 91300..=91322 | 95120..=95170))
}
