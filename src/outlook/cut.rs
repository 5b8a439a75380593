//! What was known on a day: everything that happened or was posted later is cut away before anything is judged.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{Date, Link, Remit};
use crate::ingest::{Cash, Intake};

/// The day from which an answer is known: that of its posting where the files tell one, never before the answer itself.
#[must_use]
pub fn known_on(remit: &Remit) -> Date {
    remit.posted_date.map_or(remit.remit_date, |posted| posted.max(remit.remit_date))
}

/// The last day that any service or answer mentions.
#[must_use]
pub fn last_day(intake: &Intake) -> Option<Date> {
    let services = intake.lines.iter().map(|l| l.service_date);
    services.chain(intake.remits.iter().map(known_on)).max()
}

/// The same inputs as they were known at the end of a day: services of later days and answers posted later are gone, and so
/// are lines that only a later answer told of, and counts of periods that were not over. Sums of files and findings, which speak
/// of whole files, are gone too. When a claim was billed the files do not tell: a service is taken as known from its day on.
#[must_use]
pub fn cut(intake: &Intake, as_of: Date) -> Intake {
    let (known, later): (Vec<&Remit>, Vec<&Remit>) = intake.remits.iter().partition(|r| known_on(r) <= as_of);
    let name = |r: &&Remit| (Arc::clone(&r.claim_id), r.line_number);
    let told: BTreeSet<(Arc<str>, u32)> = known.iter().map(name).collect();
    // Lines that were taken from a remittance are known from the first of their answers on.
    let untold: BTreeSet<(Arc<str>, u32)> =
        later.iter().filter(|r| r.link == Link::Supplied).map(name).filter(|name| !told.contains(name)).collect();
    let is_known = |line: &&crate::domain::ServiceLine| {
        line.service_date <= as_of && !untold.contains(&(Arc::clone(&line.claim_id), line.line_number))
    };
    Intake {
        files: intake.files.clone(),
        lines: intake.lines.iter().filter(is_known).cloned().collect(),
        remits: known.into_iter().cloned().collect(),
        volumes: intake.volumes.iter().filter(|v| v.period.last() <= as_of).cloned().collect(),
        cash: Cash::default(),
        ..Intake::default()
    }
}
