//! The models against R: `tests/oracle/forecast/r_forecast.jsonl` holds what R's package `forecast` (Hyndman and others)
//! gave on four classic monthly series (`series.csv`, from R's `datasets`), one line per series and model.

use std::collections::BTreeMap;
use std::fs;

use allowable::forecast::{
    AutoEts, Combination, Dotm, DotmParams, Draws, ErrorForm, Ets, EtsFit, Fitted, Form, Join, Joined, Model, Naive,
    NoFit, Params, Season, Seasonal, SeasonalNaive, Series, Theta, Trend,
};
use serde_json::Value;

const MONTHS: usize = 12;

/// The four series by name.
fn series() -> BTreeMap<String, Vec<f64>> {
    let text = fs::read_to_string("tests/oracle/forecast/series.csv").unwrap();
    let mut series: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        series.entry(cells[0].to_owned()).or_default().push(cells[4].parse().unwrap());
    }
    series
}

/// R's answers of one model, with their series.
fn answers(model: &str) -> Vec<(String, Vec<f64>, Value)> {
    let series = series();
    let text = fs::read_to_string("tests/oracle/forecast/r_forecast.jsonl").unwrap();
    let all = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
    let found: Vec<_> = all
        .filter(|v| v["model"] == model)
        .map(|v| (v["series"].as_str().unwrap().to_owned(), v))
        .map(|(name, v)| (name.clone(), series[&name].clone(), v))
        .collect();
    assert_eq!(found.len(), 4, "{model}");
    found
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().map(|v| v.as_f64().unwrap()).collect(),
        one => vec![one.as_f64().unwrap()],
    }
}

/// Largest difference, relative to the answer.
fn apart(ours: &[f64], theirs: &[f64]) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).map(|(a, b)| (a - b).abs() / b.abs()).fold(0.0, f64::max)
}

/// The same, relative to the mean size of the answers: ends of wide intervals may lie near zero.
fn apart_by_size(ours: &[f64], theirs: &[f64]) -> f64 {
    let size = theirs.iter().map(|v| v.abs()).sum::<f64>() / theirs.len() as f64;
    ours.iter().zip(theirs).map(|(a, b)| (a - b).abs() / size).fold(0.0, f64::max)
}

/// Means and intervals within a tolerance of R's.
fn assert_forecast(name: &str, fitted: &Fitted, answer: &Value, tolerance: f64) {
    assert_mean(name, fitted, answer, tolerance);
    assert_intervals(name, fitted, answer, tolerance, numbers(&answer["mean"]).len());
}

fn assert_mean(name: &str, fitted: &Fitted, answer: &Value, tolerance: f64) {
    let mean = numbers(&answer["mean"]);
    let off = apart(&fitted.mean(mean.len()), &mean);
    assert!(off < tolerance, "{name}: mean {off:e}");
}

/// Intervals of the first steps within a tolerance of R's.
fn assert_intervals(name: &str, fitted: &Fitted, answer: &Value, tolerance: f64, steps: usize) {
    for (level, low, high) in [(0.8, "lo80", "hi80"), (0.95, "lo95", "hi95")] {
        let (lows, highs): (Vec<f64>, Vec<f64>) = fitted.interval(steps, level).into_iter().unzip();
        let (low, high) = (&numbers(&answer[low])[..steps], &numbers(&answer[high])[..steps]);
        let off = apart_by_size(&lows, low).max(apart_by_size(&highs, high));
        assert!(off < tolerance, "{name}: {level} {off:e}");
    }
}

#[test]
fn naive_and_seasonal_naive_are_those_of_r() {
    for (name, y, answer) in answers("snaive") {
        assert_forecast(&name, &SeasonalNaive.fit(&y, MONTHS).unwrap(), &answer, 1e-9);
    }
    for (name, y, answer) in answers("naive") {
        assert_forecast(&name, &Naive.fit(&y, MONTHS).unwrap(), &answer, 1e-9);
    }
}

#[test]
fn theta_is_that_of_r() {
    for (name, y, answer) in answers("thetaf") {
        assert_forecast(&name, &Theta.fit(&y, MONTHS).unwrap(), &answer, 1e-3);
    }
}

#[test]
fn seasonal_figures_are_those_of_r() {
    for (model, joined) in
        [("decompose_additive", Joined::Additive), ("decompose_multiplicative", Joined::Multiplicative)]
    {
        for name in ["AirPassengers", "USAccDeaths"] {
            let y = &series()[name];
            let text = fs::read_to_string("tests/oracle/forecast/r_forecast.jsonl").unwrap();
            let line = text
                .lines()
                .map(|l| serde_json::from_str::<Value>(l).unwrap())
                .find(|v| v["model"] == model && v["series"] == name)
                .unwrap();
            let season = Seasonal::of(Series::new(y, MONTHS).unwrap(), joined).unwrap();
            assert!(apart(&season.figures, &numbers(&line["figure"])) < 1e-9, "{name} {model}");
        }
    }
}

/// A form from R's name of it, `ETS(M,Ad,M)`.
fn form(method: &str) -> Form {
    Form::all().find(|f| f.to_string() == method).unwrap()
}

/// The parameters R chose, with its initial states.
fn params(form: Form, answer: &Value) -> Params {
    let par = |name: &str, without: f64| answer["par"][name].as_f64().unwrap_or(without);
    let mut states = numbers(&answer["initstate"]).into_iter();
    let level = states.next().unwrap();
    let trend = if form.has_trend() { states.next().unwrap() } else { 0.0 };
    let seasons = states.collect();
    Params {
        alpha: par("alpha", 0.0),
        beta: par("beta", 0.0),
        gamma: par("gamma", 0.0),
        phi: par("phi", 1.0),
        level,
        trend,
        seasons,
    }
}

const ETS: [&str; 12] = [
    "ets_ANN", "ets_AAN", "ets_AANd", "ets_MAN", "ets_ANA", "ets_AAA", "ets_AAAd", "ets_MNM", "ets_MAM", "ets_MAMd",
    "ets_MNA", "ets_MAAd",
];

fn ets_answers() -> Vec<(String, Vec<f64>, Value, Form)> {
    let all = ETS.iter().flat_map(|model| answers(model));
    all.map(|(name, y, answer)| {
        let form = form(answer["method"].as_str().unwrap());
        (format!("{name} {form}"), y, answer, form)
    })
    .collect()
}

#[test]
fn likelihood_and_criteria_at_the_parameters_of_r_are_those_of_r() {
    for (name, y, answer, form) in ets_answers() {
        let fit = Ets::new(form).at(&y, MONTHS, &params(form, &answer)).unwrap();
        let figures =
            [("loglik", fit.loglik), ("aic", fit.aic), ("aicc", fit.aicc), ("bic", fit.bic), ("sigma2", fit.sigma2)];
        for (figure, ours) in figures {
            let theirs = answer[figure].as_f64().unwrap();
            // R's figures have ten digits: those above 1,000 are known to 5e-7.
            let within = if figure == "loglik" { 1e-6 } else { 1e-6_f64.max(1e-9 * theirs.abs()) };
            assert!((ours - theirs).abs() < within, "{name} {figure}: {ours} {theirs}");
        }
        let mut last = vec![fit.end.level];
        if form.has_trend() {
            last.push(fit.end.trend);
        }
        if form.has_season() {
            last.extend(fit.end.seasons());
        }
        assert!(apart_by_size(&last, &numbers(&answer["laststate"])) < 1e-8, "{name}: last state");
    }
}

/// R's formula for multiplied seasons leaves the first step of a damped trend undamped: it forecasts l + b (1 + φ + …) where
/// the model that it fitted expects l + b (φ + φ² + …). With b / φ and β / φ in place of b and β our formula gives R's figures;
/// with the parameters as they are it goes on as the model fitted the past.
fn as_r_forecasts(mut fit: EtsFit) -> EtsFit {
    if fit.form.is_damped() && fit.form.season == Season::Multiplicative {
        fit.end.trend /= fit.params.phi;
        fit.params.beta /= fit.params.phi;
    }
    fit
}

#[test]
fn forecasts_and_intervals_at_the_parameters_of_r_are_those_of_r() {
    for (name, y, answer, form) in ets_answers() {
        let fit = Ets::new(form).at(&y, MONTHS, &params(form, &answer)).unwrap();
        let fitted = as_r_forecasts(fit).into_fitted(&y, MONTHS);
        assert_mean(&name, &fitted, &answer, 1e-8);
        // Without a trend, R's formula lets an error of an added season come round one step early, after 11 months: its
        // intervals differ from there on.
        let early = !form.has_trend() && form.season == Season::Additive;
        assert_intervals(&name, &fitted, &answer, 1e-8, if early { MONTHS - 1 } else { 18 });
        assert_intervals(&name, &fitted, &answer, 2e-3, 18);
    }
}

#[test]
fn the_next_step_of_every_form_is_the_one_that_fitting_expects() {
    let y = &series()["AirPassengers"];
    for form in Form::all() {
        let Ok(fit) = Ets::new(form).estimate(&y[..60], MONTHS) else { panic!("{form}") };
        let longer = Ets::new(form).at(&y[..61], MONTHS, &fit.params).unwrap();
        let next = longer.expected[60];
        let mean = fit.into_fitted(&y[..60], MONTHS).mean(1)[0];
        assert!((mean - next).abs() < 1e-9 * next, "{form}: {mean} {next}");
    }
}

#[test]
fn estimated_forms_are_as_likely_as_those_of_r() {
    for (name, y, answer, form) in ets_answers() {
        let fit = Ets::new(form).estimate(&y, MONTHS).unwrap();
        let theirs = answer["aicc"].as_f64().unwrap();
        assert!(fit.aicc < theirs + 0.5, "{name}: {} against {theirs}", fit.aicc);
    }
}

#[test]
fn the_automatic_choice_is_as_likely_as_that_of_r() {
    for (name, y, answer) in answers("ets_ZZZ") {
        let fit = AutoEts.choose(&y, MONTHS).unwrap();
        let theirs = answer["aicc"].as_f64().unwrap();
        assert!(fit.aicc < theirs + 0.5, "{name}: {} {} against {theirs}", fit.form, fit.aicc);
    }
}

/// Answers of the Python package `statsforecast`, which follows the authors' R package `forecTheta`.
fn dotm_answers() -> Vec<(String, Vec<f64>, DotmParams, Vec<f64>)> {
    let series = series();
    let text = fs::read_to_string("tests/oracle/forecast/dotm.jsonl").unwrap();
    let all = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
    all.map(|v| {
        let name = v["series"].as_str().unwrap().to_owned();
        let number = |key: &str| v[key].as_f64().unwrap();
        // Its alpha ends a rounding error below its bound.
        let alpha = number("alpha").max(0.1);
        let params = DotmParams { level: number("level"), alpha, inverse_theta: 1.0 / number("theta") };
        (name.clone(), series[&name].clone(), params, numbers(&v["mean"]))
    })
    .collect()
}

#[test]
fn dynamic_theta_at_the_parameters_of_another_program_forecasts_the_same() {
    for (name, y, params, mean) in dotm_answers() {
        let fitted = Dotm.with_params(&y, MONTHS, params).unwrap();
        let off = apart(&fitted.mean(mean.len()), &mean);
        assert!(off < 1e-6, "{name}: {off:e}");
    }
}

#[test]
fn dynamic_theta_fits_no_worse_than_another_program() {
    for (name, y, params, _) in dotm_answers() {
        let season = Seasonal::of(Series::new(&y, MONTHS).unwrap(), Joined::Multiplicative).unwrap();
        // Errors without the season, from the fourth on: what the model minimises.
        let squares = |fitted: &Fitted| -> f64 {
            let errors = fitted.residuals().iter().enumerate().skip(3);
            errors.map(|(t, e)| (e / season.stretch(t)).powi(2)).sum()
        };
        let theirs = squares(&Dotm.with_params(&y, MONTHS, params).unwrap());
        let ours = squares(&Dotm.fit(&y, MONTHS).unwrap());
        assert!(ours <= theirs * (1.0 + 1e-6), "{name}: {ours} {theirs}");
    }
}

/// All models that forecast a season or do without.
fn models() -> Vec<Box<dyn Model>> {
    let ets = |error, trend, season| Box::new(Ets::new(Form { error, trend, season })) as Box<dyn Model>;
    vec![
        Box::new(Naive),
        Box::new(SeasonalNaive),
        Box::new(Theta),
        Box::new(Dotm),
        ets(ErrorForm::Additive, Trend::Damped, Season::Additive),
        ets(ErrorForm::Multiplicative, Trend::Additive, Season::Multiplicative),
        ets(ErrorForm::Multiplicative, Trend::None, Season::Additive),
        ets(ErrorForm::Additive, Trend::None, Season::Multiplicative),
        ets(ErrorForm::Multiplicative, Trend::MultiplicativeDamped, Season::None),
        Box::new(AutoEts),
        Box::new(Combination::usual()),
        Box::new(Combination::new(Join::Median, vec![Box::new(Theta), Box::new(Dotm), Box::new(SeasonalNaive)])),
    ]
}

/// Five years of months with a level of 100, growth, a season and noise; the same on every run.
fn practice() -> Vec<f64> {
    let mut draws = Draws::new(5);
    (0..60)
        .map(|t| {
            let season = [0.9, 0.85, 1.0, 1.02, 1.05, 0.98, 0.9, 0.95, 1.05, 1.15, 1.1, 1.05][t % 12];
            (100.0 + 0.5 * t as f64) * season * (1.0 + 0.1 * (draws.unit() - 0.5))
        })
        .collect()
}

#[test]
fn no_series_makes_a_model_panic_and_no_forecast_is_not_a_number() {
    let flat = |value: f64, n: usize| vec![value; n];
    let spike =
        |n: usize, at: usize| (0..n).map(|t| if t == at { 1e6 } else { 10.0 + (t % 3) as f64 }).collect::<Vec<_>>();
    let mut cases: Vec<Vec<f64>> = (0..=5).map(|n| practice()[..n].to_vec()).collect();
    cases.extend([1, 4, 5, 9, 13, 24, 36].map(|n| flat(7.0, n)));
    cases.extend([flat(0.0, 5), flat(0.0, 36), spike(40, 39), spike(40, 0), spike(40, 20)]);
    cases.push(practice().iter().map(|y| -y).collect());
    cases.push(practice().iter().enumerate().map(|(t, y)| if t % 4 == 0 { 0.0 } else { *y }).collect());
    cases.push((0..36).map(|t| f64::from(t % 2) * 1e-12).collect());
    cases.push((0..36).map(|t| 1e99 + 1e98 * f64::from(t % 5)).collect());
    cases.push((0..40).map(f64::from).collect());
    for y in cases {
        for model in models() {
            for period in [1, 4, 12] {
                let Ok(fitted) = model.fit(&y, period) else { continue };
                let mean = fitted.mean(14);
                let mut path = [0.0; 14];
                fitted.simulate(&mut Draws::new(1), &mut path);
                let ends = fitted.interval(14, 0.8);
                let finite = mean.iter().chain(&path).all(|v| v.is_finite());
                let ordered = ends.iter().all(|(low, high)| low <= high);
                assert!(finite && ordered, "{} {:?}: {mean:?} {path:?} {ends:?}", fitted.name(), &y[..y.len().min(6)]);
            }
        }
        // The usual model always has an answer.
        assert_eq!(Combination::usual().fit(&y, 12).is_err(), y.is_empty(), "{y:?}");
    }
}

#[test]
fn a_constant_stays_and_is_said_to_be_one() {
    for value in [7.0, 0.0, -3.0] {
        let fitted = Combination::usual().fit(&[value; 36], 12).unwrap();
        assert!(fitted.mean(6).iter().all(|m| (m - value).abs() < 1e-6 * (1.0 + value.abs())), "{:?}", fitted.mean(6));
        assert!(fitted.notes().iter().any(|n| n.contains("the same")), "{:?}", fitted.notes());
    }
}

#[test]
fn what_is_no_number_or_does_not_multiply_is_refused() {
    let mut y = practice();
    y[17] = f64::NAN;
    for model in models() {
        assert_eq!(model.fit(&y, 12).unwrap_err(), NoFit::NotFinite(17), "{}", model.name());
        assert_eq!(model.fit(&[], 12).unwrap_err(), NoFit::Empty, "{}", model.name());
        assert_eq!(model.fit(&[1.0, 2.0], 0).unwrap_err(), NoFit::Period(0), "{}", model.name());
    }
    y[17] = 0.0;
    let multiplied = Ets::new(Form { error: ErrorForm::Multiplicative, trend: Trend::None, season: Season::None });
    assert_eq!(multiplied.fit(&y, 12).unwrap_err(), NoFit::NotPositive(17));
    let seasonal = Ets::new(Form { error: ErrorForm::Additive, trend: Trend::None, season: Season::Additive });
    assert_eq!(seasonal.fit(&y, 1).unwrap_err(), NoFit::NoSeason);
    assert_eq!(seasonal.fit(&y[..23], 12).unwrap_err(), NoFit::TooShort { have: 23, need: 24 });
    // Only forms that add are left to choose from.
    assert!(!AutoEts.choose(&y, 12).unwrap().form.multiplies());
}

#[test]
fn two_runs_give_the_same_bits() {
    let y = practice();
    for model in models() {
        let bits = || {
            let fitted = model.fit(&y, 12).unwrap();
            let mut path = [0.0; 12];
            fitted.simulate(&mut Draws::new(3), &mut path);
            let ends = fitted.interval(3, 0.95).into_iter().flat_map(|(low, high)| [low, high]);
            fitted.mean(12).into_iter().chain(path).chain(ends).map(f64::to_bits).collect::<Vec<_>>()
        };
        assert_eq!(bits(), bits(), "{}", model.name());
    }
}

#[test]
fn the_unit_of_the_values_changes_nothing() {
    let y = practice();
    let cents: Vec<f64> = y.iter().map(|y| y * 1000.0).collect();
    for model in models() {
        let (one, thousand) = (model.fit(&y, 12).unwrap(), model.fit(&cents, 12).unwrap());
        let back: Vec<f64> = thousand.mean(12).iter().map(|m| m / 1000.0).collect();
        // Where the search ends depends on the last bits of the values, within its tolerance.
        assert!(apart(&back, &one.mean(12)) < 1e-4, "{}: {back:?} {:?}", model.name(), one.mean(12));
        assert_eq!(one.name(), thousand.name());
    }
}

#[test]
fn drawn_futures_have_the_mean_and_variance_of_the_formulas() {
    const PATHS: usize = 20_000;
    let y = practice();
    for model in models() {
        let fitted = model.fit(&y, 12).unwrap();
        let Some(variance) = fitted.variance(18) else { continue };
        let mean = fitted.mean(18);
        let (mut sums, mut squares, mut path) = ([0.0; 18], [0.0; 18], [0.0; 18]);
        let mut draws = Draws::new(11);
        for _ in 0..PATHS {
            fitted.simulate(&mut draws, &mut path);
            for i in 0..18 {
                sums[i] += path[i] - mean[i];
                squares[i] += (path[i] - mean[i]).powi(2);
            }
        }
        for i in 0..18 {
            let n = PATHS as f64;
            let (off, drawn) = (sums[i] / n, squares[i] / n);
            // Four standard errors of a mean; of a variance, whose relative standard error is about √(2/n) = 1 %, 5 %.
            assert!(off.abs() < 4.0 * (variance[i] / n).sqrt(), "{} step {i}: {off}", fitted.name());
            assert!((drawn / variance[i] - 1.0).abs() < 0.05, "{} step {i}: {drawn} {}", fitted.name(), variance[i]);
        }
    }
}

#[test]
fn a_combination_draws_futures_about_its_own_mean() {
    const PATHS: usize = 10_000;
    let fitted = Combination::usual().fit(&practice(), 12).unwrap();
    let (mean, mut sum, mut path) = (fitted.mean(12), [0.0; 12], [0.0; 12]);
    let mut draws = Draws::new(2);
    for _ in 0..PATHS {
        fitted.simulate(&mut draws, &mut path);
        sum.iter_mut().zip(path).for_each(|(s, p)| *s += p);
    }
    for i in 0..12 {
        assert!((sum[i] / PATHS as f64 / mean[i] - 1.0).abs() < 0.01, "step {i}");
    }
}
