//! Reconciliation against the reference; breaks and bands of the published Medicare series.

use std::fs;

use allowable::forecast::events::{Scale, band, largest_shift, shifts};
use allowable::forecast::reconcile::{Hierarchy, Method, Reconciler};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

#[test]
fn every_method_of_the_reference_is_reproduced() {
    let text = fs::read_to_string("tests/oracle/forecast/reconcile.json").unwrap();
    let oracle: Value = serde_json::from_str(&text).unwrap();
    let keys = ["A1", "A2", "B1", "B2"].map(|key| vec![key[..1].to_owned(), key[1..].to_owned()]);
    let hierarchy = Hierarchy::new(&keys, &[&[], &[0]]).unwrap();
    let summing: Vec<Vec<f64>> = oracle["S"].as_array().unwrap().iter().map(numbers).collect();
    assert_eq!(hierarchy.summing_matrix(), summing);
    let methods = [
        ("bottom_up", Method::BottomUp),
        ("ols", Method::Ols),
        ("wls_struct", Method::WlsStruct),
        ("wls_var", Method::WlsVar(numbers(&oracle["wls_var_W"]))),
    ];
    for (key, method) in methods {
        let found = Reconciler::new(&hierarchy, &method).unwrap().apply(&numbers(&oracle["base"])).unwrap().values;
        let expected = numbers(&oracle[key]);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-9, "{key}: {found}, not {expected}");
        }
        assert!((found[0] - found[3..].iter().sum::<f64>()).abs() < 1e-9, "{key}");
    }
}

/// Services and dollars paid by year from 2014 on.
fn medicare() -> (Vec<f64>, Vec<f64>) {
    let mut reader = csv::Reader::from_path("datasets/medicare/volumes_96372_national.csv").unwrap();
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|h| h == name).unwrap();
    let (period, units, paid) = (column("period"), column("units"), column("paid"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).take(10).collect();
    assert_eq!((&rows[0][period], &rows[9][period]), ("2014", "2023"));
    let of = |column: usize| rows.iter().map(|row| row[column].parse().unwrap()).collect();
    (of(units), of(paid))
}

#[test]
fn the_breaks_of_2018_and_2020_are_found_in_ten_yearly_values() {
    let (units, paid) = medicare();
    // ln 6,552,961/8,343,627 = −0.2416; the usual change 0.0054 with a median distance of 0.0239 from it.
    let volume = largest_shift(&units, Scale::Log).unwrap();
    assert_eq!(2014 + volume.at, 2020);
    assert!((volume.size + 0.2470).abs() < 1e-4 && (volume.t + 6.971).abs() < 1e-3 && volume.p < 0.01, "{volume:?}");
    assert_eq!(shifts(&units, Scale::Log, 0.01).len(), 1);

    // Dollars per service fall by 19 % in 2018, and again in the two years after. The logarithms of the nine changes (17.2931 to
    // 17.4723 is +0.0103, 17.3025 to 14.0352 is −0.2093) are 0.0103, −0.0141, 0.0044, −0.2093, −0.1906, −0.1593, 0.0278, −0.0099 and
    // −0.0233. The usual change is their median, −0.0141; the distances from it, by size, are 0, 0.0042, 0.0092, 0.0185, 0.0244,
    // 0.0420, 0.1452, 0.1765 and 0.1952, and their median is 0.0244. The largest is that of 2018: −0.2093 + 0.0141 = −0.1952, in units
    // of 1.4826 · 0.02443 = 0.03622 that is −5.389.
    let per_service: Vec<f64> = paid.iter().zip(&units).map(|(paid, units)| paid / units).collect();
    let payment = largest_shift(&per_service, Scale::Log).unwrap();
    assert_eq!(2014 + payment.at, 2018);
    assert!(
        (payment.size + 0.1952).abs() < 1e-4 && (payment.t + 5.389).abs() < 1e-3 && payment.p < 0.01,
        "{payment:?}"
    );
    let years: Vec<usize> = shifts(&per_service, Scale::Log, 0.05).iter().map(|s| 2014 + s.at).collect();
    assert_eq!(years, [2018, 2019, 2020]);
}

#[test]
fn ten_yearly_values_support_only_a_wide_band() {
    // Mean change ln(6,021,379/8,009,834)/9; spread of the changes about it 0.0846; Student's 2.306 with eight degrees
    // of freedom.
    let (units, _) = medicare();
    let next = band(&units, Scale::Log, 1, 0.95).unwrap();
    let millions = [next.low, next.middle, next.high].map(|v| (v / 1e4).round() / 100.0);
    assert_eq!(millions, [4.75, 5.83, 7.17]);
    assert!(next.rests_on_an_assumption() && next.to_string().starts_with("10 values support only a wide band"));
}
