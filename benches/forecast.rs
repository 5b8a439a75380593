//! How long a forecast takes: the usual model on ten years of months. `cargo bench --bench forecast`.

use std::hint::black_box;

use allowable::forecast::{AutoEts, Combination, Dotm, Draws, Model};
use criterion::{Criterion, criterion_group, criterion_main};

/// Ten years of an invented practice: a level that drifts, a season, noise.
fn months(seed: u64) -> Vec<f64> {
    let mut draws = Draws::new(seed);
    let mut level = 400.0;
    (0..120)
        .map(|t| {
            level += 1.0 + 20.0 * (draws.unit() - 0.5);
            let season = 1.0 + 0.2 * (f64::from(t) * std::f64::consts::TAU / 12.0).sin();
            (level * season * (1.0 + 0.1 * (draws.unit() - 0.5))).round()
        })
        .collect()
}

fn forecast(c: &mut Criterion) {
    let series: Vec<Vec<f64>> = (0..8).map(months).collect();
    let mut group = c.benchmark_group("forecast of 120 months, 8 series");
    group.sample_size(10);
    let models: [Box<dyn Model>; 3] = [Box::new(AutoEts), Box::new(Dotm), Box::new(Combination::usual())];
    for model in models {
        group.bench_function(model.name(), |b| {
            b.iter(|| {
                let fits = series.iter().filter_map(|y| model.fit(black_box(y), 12).ok());
                fits.map(|fitted| fitted.mean(12).iter().sum::<f64>()).sum::<f64>()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, forecast);
criterion_main!(benches);
