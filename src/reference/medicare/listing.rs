//! Lists Medicare rates: every locality and period of a code, with the rows they were computed from. For people and programs
//! that want the schedule itself; lines are priced in `price`.

use rust_decimal::Decimal;

use crate::domain::{Basis, Code, Date, Locality, Period, RuleId, State};
use crate::reference::sheet::Row;

use super::{ConversionFactor, Gpci, Medicare, Parts, Rvu, fee};

/// Which rates to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct RateFilter {
    /// Only periods that have a day in common with this one.
    pub days: Option<Period>,
    /// Only this locality.
    pub locality: Option<Locality>,
    /// Only localities listed under this state.
    pub state: Option<State>,
    /// Only the facility (`true`) or the non-facility (`false`) setting.
    pub facility: Option<bool>,
    /// The conversion factor of qualifying participants in an advanced payment model.
    pub qualifying_apm: bool,
}

/// One rate and the days on which it holds.
#[derive(Debug, Clone)]
pub struct RateRow {
    /// The code.
    pub code: Code,
    /// The locality and the state it is listed under; `None` for drugs, whose limits are national.
    pub area: Option<(Locality, State)>,
    /// Facility or not; `None` for drugs.
    pub facility: Option<bool>,
    /// Dollars per unit, cents for fees and three decimals for drug limits; `None` when not payable in the setting.
    pub rate: Option<Decimal>,
    /// The rule that gave the rate, or why it is not payable.
    pub basis: &'static str,
    /// The days of the rate.
    pub period: Period,
    /// The rows it was computed from.
    pub sources: Vec<Row>,
}

/// Everything a fee of a period is computed from.
struct Inputs<'a> {
    period: Period,
    rvu: &'a Rvu,
    gpci: &'a Gpci,
    factor: &'a ConversionFactor,
}

impl Inputs<'_> {
    /// Whether nothing that the fee depends on differs, though the release may have another name.
    fn same(&self, other: &Self) -> bool {
        let values = |rvu: &Rvu| (rvu.work, rvu.nf_pe, rvu.fac_pe, rvu.mp, rvu.nf_na, rvu.fac_na, rvu.incident_to);
        self.period.until() == other.period.from()
            && values(self.rvu) == values(other.rvu)
            && self.rvu.status == other.rvu.status
            && self.gpci.row == other.gpci.row
            && self.factor.row == other.factor.row
    }
}

impl Medicare {
    /// The rates of a code: by locality, then by period, the non-facility setting first. Quarterly releases that change nothing
    /// are one period. Drugs have one row per quarter. Empty when Medicare sets no fee and no limit for the code.
    #[must_use]
    pub fn rates(&self, code: Code, filter: &RateFilter) -> Vec<RateRow> {
        let wanted = |period: Period| filter.days.is_none_or(|days| days.intersect(period).is_some());
        let mut rows = Vec::new();
        if filter.locality.is_none() && filter.state.is_none() {
            rows.extend(self.drug_rates(code).filter(|row| wanted(row.period)));
        }
        let mut localities: Vec<Locality> = Vec::new();
        for year in self.gpcis.years().filter_map(|year| Date::from_ymd_opt(year, 1, 1)) {
            let of_state =
                self.gpcis.all(year).filter(|(_, gpci)| filter.state.is_none_or(|state| gpci.state == state));
            localities.extend(of_state.map(|(locality, _)| locality));
        }
        localities.sort_unstable();
        localities.dedup();
        for locality in localities.into_iter().filter(|l| filter.locality.is_none_or(|only| only == *l)) {
            for inputs in self.inputs(code, locality, filter.qualifying_apm) {
                if !wanted(inputs.period) {
                    continue;
                }
                let settings = [false, true].into_iter().filter(|f| filter.facility.is_none_or(|only| only == *f));
                rows.extend(settings.map(|facility| fee_row(code, locality, facility, &inputs)));
            }
        }
        rows
    }

    /// The periods of a code in a locality within which no input of the fee changes.
    fn inputs(&self, code: Code, locality: Locality, qualifying_apm: bool) -> Vec<Inputs<'_>> {
        let mut periods: Vec<Inputs<'_>> = Vec::new();
        for release in self.releases() {
            for factor in self.factors.iter().filter(|f| f.qualifying_apm.is_none_or(|apm| apm == qualifying_apm)) {
                // A release never spans two calendar years, so the indices of its first day hold throughout.
                let Some(period) = release.intersect(factor.period) else { continue };
                let found = (self.rvu(code, period.from()), self.gpci(locality, period.from()));
                let (Some(rvu), Some(gpci)) = found else { continue };
                if !rvu.has_fee() {
                    continue;
                }
                let next = Inputs { period, rvu, gpci, factor };
                match periods.last_mut().filter(|last| last.same(&next)) {
                    Some(last) => {
                        last.period = Period::new(last.period.from(), next.period.until()).unwrap_or(last.period);
                    }
                    None => periods.push(next),
                }
            }
        }
        periods
    }

    /// The payment limits of a drug.
    fn drug_rates(&self, code: Code) -> impl Iterator<Item = RateRow> {
        self.asps.of(code).iter().map(move |asp| RateRow {
            code,
            area: None,
            facility: None,
            rate: Some(asp.limit),
            basis: Basis::MedicareAsp.as_str(),
            period: asp.period,
            sources: vec![asp.row.clone()],
        })
    }
}

/// The row of one locality, setting and period.
fn fee_row(code: Code, locality: Locality, facility: bool, inputs: &Inputs<'_>) -> RateRow {
    let Inputs { period, rvu, gpci, factor } = inputs;
    let rvus = Parts { work: rvu.work, pe: rvu.pe(facility), mp: rvu.mp };
    let indices = Parts { work: gpci.work, pe: gpci.pe, mp: gpci.mp };
    let rate = fee(rvus, indices, factor.value).filter(|_| rvu.payable_in(facility));
    let basis = if rate.is_some() {
        Basis::MedicarePfs.as_str()
    } else if facility {
        RuleId::FACILITY.as_str()
    } else {
        "not-in-this-setting"
    };
    RateRow {
        code,
        area: Some((locality, gpci.state)),
        facility: Some(facility),
        rate: rate.map(|fee| fee.dollars()),
        basis,
        period: *period,
        sources: vec![rvu.row.clone(), gpci.row.clone(), factor.row.clone()],
    }
}
