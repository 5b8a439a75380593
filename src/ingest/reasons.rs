//! The adjustments of a row that tells charge, payment and reasons in columns, but no amount per reason.
//!
//! An 835 says how much each reason took off. A practice export says only `charge, allowed, paid, patient share` and lists
//! reasons. Amounts are given to reasons only as far as the row's own arithmetic supports it:
//! - deductible, coinsurance and copay columns are PR-1, PR-2 and PR-3; a patient share without its parts goes to the one
//!   PR reason the row lists, otherwise it stands in the remittance's patient responsibility alone;
//! - what another payer paid is OA-23;
//! - the contractual part is the contractual column, else charge − allowed (when something was allowed): CO-45;
//! - what then remains belongs to the first other reason; further reasons are kept with 0.00;
//! - a remainder that no reason explains is left open: the remittance does not balance, and that is said later.

use crate::domain::{Adjustment, Carc, Group, Money, Rarc};

use super::cells::Reason;

/// What a row tells of an answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) charge: Money,
    pub(super) paid: Money,
    pub(super) allowed: Option<Money>,
    pub(super) patient: Option<Money>,
    pub(super) deductible: Option<Money>,
    pub(super) coinsurance: Option<Money>,
    pub(super) copay: Option<Money>,
    pub(super) contractual: Option<Money>,
    pub(super) other_payers: Option<Money>,
    pub(super) reasons: Vec<Reason>,
    pub(super) rarcs: Vec<Rarc>,
}

impl Told {
    /// The patient's share, as stated or as the sum of its parts; nothing when the row does not tell it.
    pub(super) fn patient_share(&self) -> Option<Money> {
        let parts = [self.deductible, self.coinsurance, self.copay];
        self.patient.or_else(|| parts.iter().any(Option::is_some).then(|| parts.into_iter().flatten().sum()))
    }

    /// Whether nothing was paid or left to the patient, and a reason other than the contract is given.
    pub(super) fn is_denial(&self) -> bool {
        self.paid.is_zero()
            && self.patient_share().unwrap_or_default().is_zero()
            && self.allowed.unwrap_or_default().is_zero()
            && self.reasons.iter().any(|reason| kind(reason) == Kind::Other)
    }

    /// The adjustments, as far as the arithmetic supports them.
    pub(super) fn adjustments(&self) -> Vec<Adjustment> {
        let mut all = Vec::new();
        let mut push = |group, carc: &str, amount: Money| {
            if let Ok(carc) = carc.parse::<Carc>() {
                all.push(Adjustment { group, carc, rarcs: self.rarcs.clone(), amount, quantity: None });
            }
        };
        let parts = [("1", self.deductible), ("2", self.coinsurance), ("3", self.copay)];
        let split = parts.iter().any(|(_, amount)| amount.is_some_and(|a| !a.is_zero()));
        for (carc, amount) in parts {
            if let Some(amount) = amount.filter(|a| !a.is_zero()) {
                push(Group::Pr, carc, amount);
            }
        }
        let of_kind = |wanted| self.reasons.iter().filter(move |reason| kind(reason) == wanted);
        let others: Vec<&Reason> = of_kind(Kind::Other).collect();
        let mut patient = self.patient_share();
        if !split {
            let mut listed = of_kind(Kind::Patient);
            if let (Some(reason), None) = (listed.next(), listed.next()) {
                // Allowed − paid is the patient's share only where no other reason could have taken from it.
                let inferred = || self.allowed.map(|a| a - self.paid).filter(|a| *a > Money::ZERO && others.is_empty());
                patient = patient.or_else(inferred);
                push(Group::Pr, reason.1.as_str(), patient.unwrap_or_default());
            }
        }
        let other_payers = self.other_payers.filter(|a| *a > Money::ZERO).unwrap_or_default();
        if !other_payers.is_zero() {
            push(Group::Oa, "23", other_payers);
        }
        let patient = patient.unwrap_or_default();
        let open = (self.charge - self.paid - patient - other_payers).or_zero();
        let contractual = self.contractual_part(open, patient, &others);
        if !contractual.is_zero() {
            push(Group::Co, "45", contractual);
        }
        let mut rest = open - contractual;
        for (group, carc) in others {
            // Sequestration is 2 % of a payment: without the allowed amount its share of the remainder is not known.
            let unknown = carc.as_str() == "253" && self.allowed.is_none();
            let amount = if unknown { Money::ZERO } else { std::mem::take(&mut rest) };
            push(group.unwrap_or(Group::Co), carc.as_str(), amount);
        }
        all
    }

    /// How much of the open amount is contractual.
    fn contractual_part(&self, open: Money, patient: Money, others: &[&Reason]) -> Money {
        let fits = |amount: &Money| *amount > Money::ZERO && *amount <= open;
        if let Some(amount) = self.contractual.filter(fits) {
            return amount;
        }
        if let Some(allowed) = self.allowed.filter(|a| *a > Money::ZERO) {
            return Some(self.charge - allowed).filter(fits).unwrap_or_default();
        }
        // Neither is told. CO-45 explains the whole remainder where it is the only reason, and where the line was paid.
        let listed = self.reasons.iter().any(|reason| kind(reason) == Kind::Contract);
        let paid = !self.paid.is_zero() || !patient.is_zero();
        if listed && (others.is_empty() || paid) { open } else { Money::ZERO }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Deductible, coinsurance, copay.
    Patient,
    /// Charge above the contract.
    Contract,
    /// Everything else.
    Other,
}

fn kind((group, carc): &Reason) -> Kind {
    match (group, carc.as_str()) {
        (None | Some(Group::Pr), "1" | "2" | "3") => Kind::Patient,
        (None | Some(Group::Co), "45") => Kind::Contract,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::cells::reasons_cell;
    use super::*;

    fn told(charge: i64, allowed: Option<i64>, paid: i64, patient: Option<i64>, reasons: &str) -> Told {
        Told {
            charge: Money::from_cents(charge),
            paid: Money::from_cents(paid),
            allowed: allowed.map(Money::from_cents),
            patient: patient.map(Money::from_cents),
            reasons: reasons_cell(reasons).unwrap(),
            ..Told::default()
        }
    }

    fn text(told: &Told) -> String {
        let one = |a: &Adjustment| format!("{}-{}:{}", a.group, a.carc, a.amount);
        told.adjustments().iter().map(one).collect::<Vec<_>>().join(";")
    }

    #[test]
    fn a_paid_line_splits_into_contract_and_patient() {
        // 40.00 − 13.78 = 26.22 contractual; 13.78 = 11.02 paid + 2.76 coinsurance.
        let mut line = told(4000, Some(1378), 1102, None, "");
        line.coinsurance = Some(Money::from_cents(276));
        assert_eq!(text(&line), "PR-2:2.76;CO-45:26.22");
        assert_eq!(text(&told(4000, Some(1378), 1102, Some(276), "PR-2")), "PR-2:2.76;CO-45:26.22");
        assert_eq!(text(&told(4000, Some(1378), 1102, None, "PR2, CO45")), "PR-2:2.76;CO-45:26.22");
        // The parts of the patient's share are not told: it is not given a reason.
        assert_eq!(text(&told(4000, Some(1378), 1102, Some(276), "")), "CO-45:26.22");
    }

    #[test]
    fn a_denied_line_gives_all_to_its_reason() {
        assert_eq!(text(&told(4000, Some(0), 0, Some(0), "CO-97")), "CO-97:40.00");
        assert_eq!(text(&told(4000, None, 0, None, "CO-45;CO-16")), "CO-16:40.00");
        assert_eq!(text(&told(4000, None, 0, None, "16;97")), "CO-16:40.00;CO-97:0.00");
        assert!(told(4000, None, 0, None, "16").is_denial() && !told(4000, None, 0, None, "45").is_denial());
    }

    #[test]
    fn what_the_row_does_not_support_is_left_open() {
        // 40.00 − 10.00 paid: 30.00 stay unexplained, no reason is made up.
        assert_eq!(text(&told(4000, None, 1000, None, "")), "");
        // Allowed 13.78, paid 10.80 and 2.76 left to the patient: 0.22 are sequestration, because the row says so.
        assert_eq!(text(&told(4000, Some(1378), 1080, Some(276), "PR-2;CO-253")), "PR-2:2.76;CO-45:26.22;CO-253:0.22");
        assert_eq!(text(&told(4000, None, 1080, None, "253")), "CO-253:0.00");
    }
}
