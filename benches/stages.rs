//! How long the stages take on the embedded demo: ingest, price, reconcile, render. `cargo bench`, or
//! `cargo bench -- price` for one of them.

use std::borrow::Cow;
use std::hint::black_box;

use allowable::demo;
use allowable::domain::Pos;
use allowable::finding::Findings;
use allowable::ingest::{self, Input, Intake};
use allowable::payability::{Ruled, Tells, judge_lines};
use allowable::price::bulk::{self, Dimension, Job, RateBook};
use allowable::price::{Pricer, price_lines};
use allowable::project::Project;
use allowable::reconcile::{adjudicate, link, reconcile};
use allowable::reference::{Places, Reference};
use allowable::{render, report};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

struct Practice {
    project: Project,
    reference: Reference,
}

impl Practice {
    fn load() -> Self {
        let (project, reference) = demo::load().expect("the embedded demo is well-formed");
        Self { project, reference }
    }

    fn inputs() -> Vec<Input> {
        let claims_and_remits = demo::embedded().into_iter().filter(|(name, _)| name.ends_with(".csv.gz"));
        claims_and_remits
            .map(|(name, bytes)| Input::Bytes { name: name.to_owned(), bytes: Cow::Borrowed(bytes) })
            .collect()
    }

    /// For each line the rule that lets it fall.
    fn falls(&self, intake: &Intake) -> Vec<Option<Ruled>> {
        let tells = Tells::of_files(&intake.files, &intake.lines);
        judge_lines(&self.reference, |id| self.project.payer_of_id(id).cloned(), &intake.lines, &tells).falls
    }

    fn read(&self) -> Intake {
        ingest::read(&Self::inputs(), &self.project, &|_| {}).expect("the embedded demo can be read")
    }
}

fn ingest(c: &mut Criterion) {
    let practice = Practice::load();
    let rows = practice.read().account.rows_read;
    let mut group = c.benchmark_group("ingest");
    group.throughput(Throughput::Elements(rows)).sample_size(20);
    group.bench_function("demo, gzip CSV", |b| b.iter(|| black_box(practice.read())));
    group.finish();
}

fn price(c: &mut Criterion) {
    let practice = Practice::load();
    let intake = practice.read();
    let pricer = Pricer::new(&practice.reference, &practice.project.payers);
    let falls = practice.falls(&intake);
    let mut group = c.benchmark_group("price");
    group.throughput(Throughput::Elements(intake.lines.len() as u64)).sample_size(20);
    group.bench_function("demo, rules over claim days", |b| b.iter(|| black_box(practice.falls(&intake))));
    group.bench_function("demo, distinct keys once", |b| {
        b.iter(|| price_lines(&pricer, black_box(&intake.lines), &falls, |_| String::new(), &mut Findings::default()));
    });
    group.finish();
    bulk_price(c);
}

/// 100,000 lines of CSV on disk, 360 groups.
fn bulk_price(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (fees, claims) = (dir.path().join("fees.csv"), dir.path().join("claims.csv"));
    let header = "payer_id,area,code,modifier,facility,effective_from,effective_to,rate\n";
    let rates = ["2023", "2024", "2025"].map(|year| format!("COM,OH,96372,,false,{year}-01-01,{year}-12-31,14.86\n"));
    std::fs::write(&fees, header.to_owned() + &rates.concat()).expect("the schedule is written");
    let mut lines = String::from(
        "service_date,payer_id,state,pos,code,modifiers,units,billed_amount,allowed_amount,paid_amount,carc\n",
    );
    for i in 0..100_000 {
        let (year, month, day) = (2023 + i % 3, 1 + i % 12, 1 + i % 28);
        let carc = if i % 10 == 0 { "16" } else { "" };
        lines += &format!("{year}-{month:02}-{day:02},COM,OH,11,96372,,1,50.00,14.86,{}.00,{carc}\n", i % 15);
    }
    std::fs::write(&claims, lines).expect("the lines are written");
    let (book, _) = RateBook::read(&fees).expect("the schedule can be read");
    let places = Places::load().expect("the embedded places");
    let facilities =
        std::array::from_fn(|n| u8::try_from(n).ok().and_then(Pos::new).and_then(|p| places.is_facility(p)));
    let mut group = c.benchmark_group("price");
    group.throughput(Throughput::Elements(100_000)).sample_size(20);
    for threads in [1, 2] {
        group.bench_function(format!("bulk CSV, {threads} workers"), |b| {
            b.iter(|| {
                let (progress, block) = (&|_| {}, bulk::DEFAULT_BLOCK);
                let job = Job {
                    claims: &claims,
                    book: &book,
                    facilities: &facilities,
                    threads,
                    block,
                    progress,
                    rules: None,
                    quarantine: None,
                };
                bulk::group(job, &[Dimension::Payer, Dimension::Month, Dimension::Carc])
            });
        });
    }
    group.finish();
}

fn reconcile_lines(c: &mut Criterion) {
    let practice = Practice::load();
    let intake = practice.read();
    let pricer = Pricer::new(&practice.reference, &practice.project.payers);
    let priced =
        price_lines(&pricer, &intake.lines, &practice.falls(&intake), |_| String::new(), &mut Findings::default())
            .expect("prices");
    let mut group = c.benchmark_group("reconcile");
    group.throughput(Throughput::Elements(intake.remits.len() as u64)).sample_size(20);
    group.bench_function("demo, all answers of all lines", |b| {
        b.iter(|| {
            let (linked, _) = link(&intake.lines, black_box(&intake.remits));
            for (expected, answers) in priced.expected.iter().zip(&linked) {
                let answers: Vec<_> = answers.iter().map(|i| &intake.remits[*i as usize]).collect();
                let answers = adjudicate(&practice.reference.denials, &answers, false);
                black_box(reconcile(*expected, answers, 0));
            }
        });
    });
    group.finish();
}

fn render_report(c: &mut Criterion) {
    let practice = Practice::load();
    let run = report::run(practice.read(), &practice.project, &practice.reference).expect("the demo reconciles");
    let mut group = c.benchmark_group("render");
    group.sample_size(10);
    group.bench_function("report.html", |b| b.iter(|| render::html(black_box(&run.report))));
    group.bench_function("leakage.xlsx", |b| b.iter(|| render::xlsx(black_box(&run.report))));
    let folder = || tempfile::tempdir().expect("a temporary folder");
    group.bench_function("all files, with charts as PNG", |b| {
        b.iter_batched(folder, |dir| render::write(&run.report, &dir.path().join("report")), BatchSize::PerIteration);
    });
    group.finish();
}

criterion_group!(stages, ingest, price, reconcile_lines, render_report);
criterion_main!(stages);
