//! Claim days: the lines that payers judge together, of one patient, one practice and one day of service.

use std::sync::Arc;

use crate::domain::{Date, ServiceLine};

/// Who the lines are for, as far as the files tell: the patient, or at least the claim.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whose<'a> {
    Patient(u64),
    Claim(&'a Arc<str>),
}

type Day<'a> = (Date, &'a Arc<str>, Option<&'a Arc<str>>, Whose<'a>);

/// The lines of each claim day, as indices into `lines`, in the order of claim and line number.
///
/// Lines belong to one day when they share payer, billing NPI, day of service and patient key; without a patient key, the
/// claim: two claims for one patient are then not seen together. The order of the days is that of their first lines.
#[must_use]
pub fn days(lines: &[ServiceLine]) -> Vec<Vec<u32>> {
    let day = |i: u32| -> Day<'_> {
        let line = &lines[i as usize];
        let whose = line.patient_key.map_or(Whose::Claim(&line.claim_id), Whose::Patient);
        (line.service_date, &line.payer, line.billing_npi.as_ref(), whose)
    };
    let number = |i: u32| (&lines[i as usize].claim_id, lines[i as usize].line_number, i);
    let mut order: Vec<u32> = (0..u32::try_from(lines.len()).unwrap_or(u32::MAX)).collect();
    order.sort_unstable_by(|a, b| day(*a).cmp(&day(*b)).then_with(|| number(*a).cmp(&number(*b))));
    let mut days: Vec<Vec<u32>> = order.chunk_by(|a, b| day(*a) == day(*b)).map(<[u32]>::to_vec).collect();
    days.sort_unstable_by_key(|day| day.iter().min().copied());
    days
}
