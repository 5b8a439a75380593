//! Lists Medicare rates: every locality and period of a code, with the rows they were computed from. For people and programs
//! that want the schedule itself; lines are priced in `price`.

use rust_decimal::Decimal;

use crate::domain::{Basis, Code, Date, Locality, Modifier, Period, RuleId, State};
use crate::reference::sheet::Row;

use super::{ConversionFactor, Gpci, Medicare, Parts, Rvu};

/// The basis of a rate outside a facility where the non-facility value is "NA": the facility's, if the contractor takes the
/// service there at all.
const FACILITY_RATE_FOR_NA: &str = "facility-rate-for-na";

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
    /// The part of the service (26, TC, 53); `None` is the whole.
    pub modifier: Option<Modifier>,
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

/// What does not depend on the place.
struct Values<'a> {
    period: Period,
    rvu: &'a Rvu,
    factor: &'a ConversionFactor,
}

impl Inputs<'_> {
    /// Whether nothing that the fee depends on differs, though the release may have another name.
    fn same(&self, other: &Self) -> bool {
        let values =
            |rvu: &Rvu| (rvu.work, rvu.nf_pe, rvu.fac_pe, rvu.mp, rvu.nf_na, rvu.fac_na, rvu.incident_to, rvu.cap);
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
        // What is known of a code before the place is asked, so that a long list does not ask it for every place again.
        let mut parts: Vec<Vec<Values<'_>>> = vec![self.values(code, None, filter)];
        parts.extend(self.rvus.parts_of(code).into_iter().map(|part| self.values(code, Some(part), filter)));
        if parts.iter().all(Vec::is_empty) {
            return rows;
        }
        for locality in self.places(filter) {
            for values in &parts {
                for inputs in self.inputs(values, locality) {
                    if !wanted(inputs.period) {
                        continue;
                    }
                    let settings = [false, true].into_iter().filter(|f| filter.facility.is_none_or(|only| only == *f));
                    rows.extend(settings.map(|facility| fee_row(code, locality, facility, &inputs)));
                }
            }
        }
        rows
    }

    /// The localities of all years that the filter lets pass, sorted.
    fn places(&self, filter: &RateFilter) -> Vec<Locality> {
        let mut localities: Vec<Locality> = Vec::new();
        for year in self.gpcis.years().filter_map(|year| Date::from_ymd_opt(year, 1, 1)) {
            let wanted = self.gpcis.all(year).filter(|(locality, gpci)| {
                filter.state.is_none_or(|state| gpci.state == state) && filter.locality.is_none_or(|l| l == *locality)
            });
            localities.extend(wanted.map(|(locality, _)| locality));
        }
        localities.sort_unstable();
        localities.dedup();
        localities
    }

    /// The periods of a code within which neither its values nor the factor change, by first day.
    fn values(&self, code: Code, part: Option<Modifier>, filter: &RateFilter) -> Vec<Values<'_>> {
        let mut values = Vec::new();
        for release in self.releases() {
            for factor in self.factors.iter().filter(|f| f.qualifying_apm.is_none_or(|a| a == filter.qualifying_apm)) {
                let Some(period) = release.intersect(factor.period) else { continue };
                let rvu = match part {
                    None => self.rvu(code, period.from()),
                    Some(part) => self.rvus.part_on(code, part, period.from()),
                };
                values.extend(rvu.filter(|rvu| rvu.has_fee()).map(|rvu| Values { period, rvu, factor }));
            }
        }
        values
    }

    /// The periods of a code in a locality within which no input of the fee changes.
    fn inputs<'a>(&'a self, values: &[Values<'a>], locality: Locality) -> Vec<Inputs<'a>> {
        let mut periods: Vec<Inputs<'_>> = Vec::new();
        for Values { period, rvu, factor } in values {
            // A release never spans two calendar years, so the indices of its first day hold throughout.
            let Some(gpci) = self.gpci(locality, period.from()) else { continue };
            let next = Inputs { period: *period, rvu, gpci, factor };
            match periods.last_mut().filter(|last| last.same(&next)) {
                Some(last) => {
                    last.period = Period::new(last.period.from(), next.period.until()).unwrap_or(last.period);
                }
                None => periods.push(next),
            }
        }
        periods
    }

    /// The payment limits of a drug.
    fn drug_rates(&self, code: Code) -> impl Iterator<Item = RateRow> {
        self.asps.of(code).iter().map(move |asp| RateRow {
            code,
            modifier: None,
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
    let indices = Parts { work: gpci.work, pe: gpci.pe, mp: gpci.mp };
    let rate = rvu.fee(indices, factor.value, facility).filter(|_| rvu.payable_in(facility));
    let basis = if rate.is_some() && !facility && rvu.nf_na {
        FACILITY_RATE_FOR_NA
    } else if rate.is_some() {
        Basis::MedicarePfs.as_str()
    } else if facility {
        RuleId::FACILITY.as_str()
    } else {
        "not-in-this-setting"
    };
    RateRow {
        code,
        modifier: rvu.modifier,
        area: Some((locality, gpci.state)),
        facility: Some(facility),
        rate: rate.map(|fee| fee.dollars()),
        basis,
        period: *period,
        sources: vec![rvu.row.clone(), gpci.row.clone(), factor.row.clone()],
    }
}
