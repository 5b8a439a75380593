//! The lines to look at: answered, allowed, with a firm rate; by payer, code and setting, in the order of their days.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Code, Date, Money, ServiceLine};
use crate::leakage::{Cohort, JudgedLine};
use crate::price::{Key, PricedLines, Pricer};
use crate::reconcile::Standing;

use super::Settings;

/// What the finder reads beside the observations.
pub(super) struct View<'a> {
    pub(super) pricer: &'a Pricer<'a>,
    pub(super) lines: &'a [ServiceLine],
    pub(super) priced: &'a PricedLines,
}

impl View<'_> {
    /// The key of an observation.
    pub(super) fn key(&self, seen: &Seen) -> &Key {
        &self.priced.prices[seen.price as usize].key
    }

    /// Its line.
    pub(super) fn line(&self, seen: &Seen) -> &ServiceLine {
        &self.lines[seen.line as usize]
    }
}

/// One line, as far as its amounts tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// Index of the line.
    pub(super) line: u32,
    /// Index of its price.
    pub(super) price: u32,
    pub(super) day: Date,
    pub(super) expected: Money,
    pub(super) allowed: Money,
    /// Allowed something else than expected, beyond the payer's tolerance.
    pub(super) odd: bool,
}

/// Lines of one payer, code and setting.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) payer: Arc<str>,
    pub(super) code: Code,
    /// A facility; `None` where the place of service is not known.
    pub(super) facility: Option<bool>,
    /// By day, then in the order of the lines.
    pub(super) seen: Vec<Seen>,
}

/// Payer, code and setting.
type Of<'a> = (&'a Arc<str>, Code, Option<bool>);

/// The groups by payer, code and setting.
pub(super) fn groups(
    pricer: &Pricer<'_>,
    lines: &[ServiceLine],
    judged: &[JudgedLine],
    priced: &PricedLines,
    settings: &Settings,
) -> Vec<Group> {
    let mut groups: BTreeMap<Of<'_>, Vec<Seen>> = BTreeMap::new();
    let facility: Vec<Option<bool>> =
        priced.prices.iter().map(|price| pricer.is_facility(pricer.payer(&price.key.payer)?, price.key.pos?)).collect();
    for (i, (line, judged)) in (0u32..).zip(lines.iter().zip(judged)) {
        let allowed = judged.money.answers.allowed();
        let answered = matches!(judged.money.standing, Standing::Paid | Standing::Underpaid | Standing::Overpaid);
        let wanted = settings.payer.as_ref().is_none_or(|payer| *payer == line.payer)
            && settings.code.is_none_or(|code| code == line.code)
            && settings.days.is_none_or(|days| days.contains(line.service_date));
        let Some(expected) = judged.money.expected.amount() else { continue };
        if !wanted || !answered || judged.cohort != Cohort::Firm || allowed <= Money::ZERO {
            continue;
        }
        let price = priced.price_of[i as usize];
        let seen = Seen {
            line: i,
            price,
            day: line.service_date,
            expected,
            allowed,
            odd: judged.money.standing != Standing::Paid,
        };
        groups.entry((&line.payer, line.code, facility[price as usize])).or_default().push(seen);
    }
    groups
        .into_iter()
        .map(|((payer, code, facility), mut seen)| {
            seen.sort_by_key(|seen| (seen.day, seen.line));
            Group { payer: payer.clone(), code, facility, seen }
        })
        .collect()
}
