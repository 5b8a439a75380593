//! Run-out against published triangles: every number that chainladder-python gives for Taylor and Ashe, RAA and Mack
//! 1997, and the figures of Mack's own papers.

use std::fs;

use allowable::forecast::Month;
use allowable::forecast::runout::{
    ChainLadder, Mack, Open, PaymentLag, Prior, SigmaRule, Tail, Triangle, bornhuetter_ferguson,
};
use proptest::prelude::*;
use serde_json::Value;

const ORACLE: &str = "tests/oracle/forecast/mack.json";

fn oracle() -> Value {
    serde_json::from_str(&fs::read_to_string(ORACLE).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap_or(0.0)).collect()
}

fn triangle(set: &Value) -> Triangle {
    let year = |v: &Value| Month::new(v.as_str().unwrap().parse().unwrap(), 1).unwrap();
    let origins = set["origin"].as_array().unwrap().iter().map(year).collect();
    let rows = set["triangle_cumulative"].as_array().unwrap();
    Triangle::from_cumulative(
        origins,
        rows.iter().map(|row| row.as_array().unwrap().iter().map(Value::as_f64).collect()).collect(),
    )
    .unwrap()
}

/// Equal to nine digits: far below the cent on millions.
fn same(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{what}: {found}, not {expected}");
}

fn same_all(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        same(*found, *expected, what);
    }
}

#[test]
fn every_number_of_the_reference_is_reproduced() {
    let oracle = oracle();
    let sets = oracle["data"].as_object().unwrap();
    assert_eq!(sets.keys().collect::<Vec<_>>(), ["genins", "raa", "mack_1997"]);
    for (name, set) in sets {
        for (rule, key) in [(SigmaRule::Mack, "sigma_mack"), (SigmaRule::LogLinear, "sigma_log-linear")] {
            let what = |number: &str| format!("{name} {key} {number}");
            let expected = &set[key];
            let mack = Mack::fit(&triangle(set), Tail::Closed, rule).unwrap().unwrap();
            let ladder = mack.ladder();

            // The reference ends its lists with the factor, the σ and the error of a tail that is not there.
            let mut factors: Vec<f64> = ladder.factors().iter().map(|f| f.value).collect();
            factors.extend([ladder.tail(), 1.0]);
            same_all(&factors, &numbers(&expected["ldf"]), &what("ldf"));
            same_all(&[mack.sigma(), &[0.0]].concat(), &numbers(&expected["sigma"]), &what("sigma"));
            same_all(&[mack.factor_std_err(), &[0.0]].concat(), &numbers(&expected["std_err_f"]), &what("std_err_f"));

            let by_origin = &expected["by_origin"];
            let projected = |value: fn(&allowable::forecast::runout::Projection) -> f64| -> Vec<f64> {
                ladder.projections().iter().map(value).collect()
            };
            same_all(&projected(|p| p.latest), &numbers(&by_origin["Latest"]), &what("Latest"));
            same_all(&projected(|p| p.outstanding().unwrap()), &numbers(&by_origin["IBNR"]), &what("IBNR"));
            same_all(&projected(|p| p.ultimate.unwrap()), &numbers(&by_origin["Ultimate"]), &what("Ultimate"));
            let errors: Vec<f64> = mack.origins().iter().map(|o| o.std_err).collect();
            same_all(&errors, &numbers(&by_origin["Mack Std Err"]), &what("Mack Std Err"));

            let totals = ladder.totals();
            same(totals.latest, expected["total_latest"].as_f64().unwrap(), &what("total_latest"));
            same(totals.outstanding(), expected["total_ibnr"].as_f64().unwrap(), &what("total_ibnr"));
            same(totals.ultimate, expected["total_ultimate"].as_f64().unwrap(), &what("total_ultimate"));
            same(mack.total().std_err, expected["total_mack_std_err"].as_f64().unwrap(), &what("total_mack_std_err"));
        }
    }
}

#[test]
fn the_figures_of_the_papers() {
    // Mack 1993, table for Taylor and Ashe: reserves in thousands 95, 470, 710, 985, 1,419, 2,178, 3,920, 4,279, 4,626,
    // in all 18,681; standard errors in percent 80, 26, 19, 27, 29, 26, 22, 23, 29, in all 13.
    let oracle = oracle();
    let mack = Mack::fit(&triangle(&oracle["data"]["genins"]), Tail::Closed, SigmaRule::Mack).unwrap().unwrap();
    let thousands: Vec<f64> = mack.origins().iter().skip(1).map(|o| (o.outstanding / 1000.0).round()).collect();
    assert_eq!(thousands, [95.0, 470.0, 710.0, 985.0, 1419.0, 2178.0, 3920.0, 4279.0, 4626.0]);
    let percent: Vec<f64> =
        mack.origins().iter().skip(1).map(|o| (100.0 * o.std_err / o.outstanding).round()).collect();
    assert_eq!(percent, [80.0, 26.0, 19.0, 27.0, 29.0, 26.0, 22.0, 23.0, 29.0]);
    assert_eq!((mack.total().outstanding / 1000.0).round(), 18_681.0);
    assert_eq!((100.0 * mack.total().std_err / mack.total().outstanding).round(), 13.0);
}

#[test]
fn payments_and_their_triangle_give_the_same_ladder() {
    // RAA's increments, given as single payments with the years taken as months, shuffled and each split in two.
    let oracle = oracle();
    let rows = triangle(&oracle["data"]["raa"]);
    let first = Month::new(2024, 1).unwrap();
    let mut payments = Vec::new();
    for (i, origin) in (0..10).map(|n| first.plus(n)).enumerate() {
        for (lag, j) in (0u32..).zip(0..rows.developments()) {
            if let Some(amount) = rows.incremental(i, j) {
                payments.extend([(origin, lag, amount + 1000.0), (origin, lag, -1000.0)]);
            }
        }
    }
    payments.reverse();
    let again = Triangle::from_payments(payments, first.plus(9), &[].into()).unwrap();
    let (one, other) =
        (ChainLadder::fit(&rows, Tail::Closed).unwrap(), ChainLadder::fit(&again, Tail::Closed).unwrap());
    same(other.totals().ultimate, one.totals().ultimate, "ultimate");
    assert_eq!(again.origins().len(), 10);
}

proptest! {
    /// Whatever the payments, reversals and gaps: nothing panics, what is spread adds up, and months stay in order.
    #[test]
    fn any_payments_run_out(
        payments in prop::collection::vec((0i32..14, 0u32..14, -50.0f64..200.0), 0..60),
        undelivered in prop::collection::btree_set(0i32..14, 0..3),
        as_of in 0i32..14,
        newest in 0usize..4,
        rule in prop::sample::select(vec![SigmaRule::Mack, SigmaRule::LogLinear]),
        tail in prop::sample::select(vec![Tail::Closed, Tail::Factor(1.03), Tail::Decaying]),
    ) {
        let first = Month::new(2024, 1).unwrap();
        let gaps = undelivered.iter().map(|n| first.plus(*n)).collect();
        let rows = payments.iter().map(|(origin, lag, amount)| (first.plus(*origin), *lag, *amount));
        let Ok(triangle) = Triangle::from_payments(rows, first.plus(as_of), &gaps) else { return Ok(()) };
        let Ok(Some(mack)) = Mack::fit(&triangle, tail, rule) else { return Ok(()) };
        let ladder = mack.ladder();
        prop_assert!(ladder.projections().is_sorted_by(|a, b| a.origin < b.origin));
        let sum: f64 = ladder.projections().iter().filter_map(|p| p.ultimate).sum();
        prop_assert!((sum - ladder.totals().ultimate).abs() <= 1e-9 * sum.abs().max(1.0));
        prop_assert!(mack.origins().iter().all(|o| o.process >= 0.0 && o.parameter >= 0.0 && o.std_err >= 0.0));

        let prior = |n: i32| Prior { origin: first.plus(n), expected: 100.0, std_err: 10.0 };
        let done = bornhuetter_ferguson(&mack, &(0..=as_of).map(prior).collect::<Vec<_>>(), newest);
        prop_assert_eq!(done.unknown(), 0);
        prop_assert!(done.std_err_at_most() >= 0.0);

        let lag = PaymentLag::with_intervals(&mack, 0.8);
        prop_assert!(lag.shares().iter().all(|s| s.interval.is_some_and(|(low, high)| low <= high)));
        let open: Vec<Open> = done
            .months
            .iter()
            .map(|m| Open { origin: m.origin, seen: Some(m.development), outstanding: m.outstanding().unwrap() })
            .collect();
        let spread = lag.spread(&open);
        let (out, placed) = (done.outstanding(), spread.months.iter().map(|m| m.amount).sum::<f64>() + spread.beyond);
        let size: f64 = spread.months.iter().map(|m| m.amount.abs()).sum::<f64>() + out.abs() + 1.0;
        prop_assert!((out - placed).abs() <= 1e-6 * size, "{} {}", out, placed);
    }
}
