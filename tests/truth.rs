//! The demo's answer key, which the generator kept while it made the claims, against what the pipeline finds in its files.
//!
//! The pipeline reads the files (CSV, gzip) as any user's files; nothing but the files passes between the two.

use std::collections::BTreeMap;

use allowable::demo::{self, Tally};
use allowable::domain::Money;
use allowable::ingest::{Input, read};
use allowable::leakage::{Cohort, Group, MissedKind, missed_charges};
use allowable::price::Pricer;
use allowable::report::{Run, run};
use polars::prelude::{IntoLazy, ParquetReader, SerReader, col, lit};

/// Writes a practice of this many lines, reads it back, and runs the whole pipeline over it.
fn practice(lines: u32, seed: u64) -> (demo::Demo, Run) {
    let (project, reference) = demo::load().unwrap();
    let made = demo::generate(lines, seed, &reference, &project).unwrap();
    let dir = tempfile::tempdir().unwrap();
    demo::write(&made, dir.path(), false).unwrap();
    let inputs: Vec<Input> =
        project.inputs.iter().map(|name| dir.path().join(name)).filter(|path| path.exists()).map(Input::File).collect();
    let intake = read(&inputs, &project, &|_| ()).unwrap();
    let run = run(intake, &project, &reference).unwrap();
    (made, run)
}

fn by_payer(run: &Run, cohort: Cohort) -> BTreeMap<String, Group> {
    run.ledger.group(&["payer_id"], &[cohort]).unwrap().into_iter().map(|g| (g.keys[0].clone(), g)).collect()
}

fn lines(n: u64) -> i64 {
    i64::try_from(n).unwrap()
}

/// Lines and dollars by cause, as the pipeline found them for one payer.
fn causes(run: &Run, payer: &str, prefix: &str) -> BTreeMap<String, (i64, Money)> {
    let of_payer = col("payer_id").eq(lit(payer));
    let groups = run.ledger.group_where(&["cause"], &[Cohort::Firm], of_payer).unwrap();
    let mine = groups.into_iter().filter_map(|g| {
        let word = g.keys[0].strip_prefix(prefix)?.to_owned();
        let dollars = if prefix == "denied:" { g.gaps.denied } else { g.gaps.underpaid };
        Some((word, (g.lines, dollars)))
    });
    mine.collect()
}

fn told(tallies: &BTreeMap<&'static str, Tally>) -> BTreeMap<String, (i64, Money)> {
    tallies.iter().map(|(word, t)| ((*word).to_owned(), (lines(t.lines), t.dollars))).collect()
}

/// Lines, charges, denied lines and what would have been paid, by the rule that lets lines fall.
type Fallen = BTreeMap<String, (i64, Money, i64, Money)>;

fn fallen(run: &Run, payer: &str) -> Fallen {
    let groups = run.ledger.group_where(&["basis"], &[Cohort::NotPayable], col("payer_id").eq(lit(payer))).unwrap();
    groups.into_iter().map(|g| (g.keys[0].clone(), (g.lines, g.charge, g.denied_lines, g.otherwise))).collect()
}

fn told_fallen(want: &demo::NotPayableLines) -> Fallen {
    let of = |f: &demo::Fallen| (lines(f.lines), f.charge, lines(f.denied), f.would_have_paid);
    want.by_rule.iter().map(|(rule, fallen)| (rule.clone(), of(fallen))).collect()
}

/// Missed charges are found day by day, with the dollars of firm rates.
fn missed(made: &demo::Demo) {
    let (project, reference) = demo::load().unwrap();
    let pricer = Pricer::new(&reference, &project.payers);
    let found = missed_charges(&pricer, &made.lines);
    let sum = |kind: MissedKind| {
        let of_kind = found.sums().into_iter().filter(|s| s.kind == kind);
        of_kind.fold((0, Money::ZERO), |(n, money), s| (n + s.findings, money + s.money))
    };
    let told = |t: &demo::MissedTally| (lines(t.findings), t.dollars);
    let want = &made.truth.missed;
    assert_eq!(sum(MissedKind::DrugWithoutAdministration), told(&want.drug_without_administration));
    assert_eq!(sum(MissedKind::VenousCodeForInjection), told(&want.venous_code_for_injection));
    assert_eq!(sum(MissedKind::InjectionWithoutDrug).0, lines(want.injection_without_drug));
    for kind in [MissedKind::InjectionOfVenousDrug, MissedKind::UnitsAgainstDosage, MissedKind::UnitsAgainstHabit] {
        assert_eq!(sum(kind), (0, Money::ZERO), "{kind:?}: none was planted");
    }
}

fn agrees(lines_asked: u32, seed: u64) {
    let (made, run) = practice(lines_asked, seed);
    let truth = &made.truth;
    let (firm, not_payable) = (by_payer(&run, Cohort::Firm), by_payer(&run, Cohort::NotPayable));
    let (benchmark, unknown) = (by_payer(&run, Cohort::Benchmark), by_payer(&run, Cohort::Unknown));
    let none = Group::empty();
    for (payer, told_of) in &truth.payers {
        let payer: &str = payer;
        let found = firm.get(payer).unwrap_or(&none);
        let want = &told_of.firm;
        let gaps = &found.gaps;
        assert_eq!((found.lines, found.charge), (lines(want.lines), want.charge), "{payer}: firm lines");
        assert_eq!(gaps.expected, want.expected, "{payer}: expected");
        assert_eq!(gaps.paid, want.received.paid, "{payer}: paid");
        assert_eq!(gaps.patient, want.received.patient_share, "{payer}: patient share");
        assert_eq!(gaps.reductions, want.received.known_reductions, "{payer}: known reductions");
        assert_eq!(causes(&run, payer, "denied:"), told(&want.denied), "{payer}: denied by category");
        assert_eq!(causes(&run, payer, "underpaid:"), told(&want.underpaid), "{payer}: underpaid by cause");
        assert_eq!(
            (found.overpaid_lines, gaps.overpaid),
            (lines(want.overpaid.lines), want.overpaid.dollars),
            "{payer}: overpaid"
        );
        assert_eq!(
            (found.pending_lines, gaps.pending),
            (lines(want.pending.lines), want.pending.dollars),
            "{payer}: pending"
        );
        assert_eq!(
            (found.initially_denied, found.initially_denied_expected),
            (lines(want.initially_denied.lines), want.initially_denied.dollars),
            "{payer}: denied at first"
        );
        assert_eq!(found.recovered_lines, lines(want.recovered.lines), "{payer}: recovered");

        let found = not_payable.get(payer).unwrap_or(&none);
        let want = &told_of.not_payable;
        assert_eq!((found.lines, found.charge), (lines(want.lines), want.charge), "{payer}: not payable");
        assert_eq!(
            (found.denied_lines, found.pending_lines),
            (lines(want.denied), lines(want.pending)),
            "{payer}: of these"
        );
        assert_eq!(found.gaps.overpaid, want.overpaid.dollars, "{payer}: allowed by mistake");
        assert_eq!(fallen(&run, payer), told_fallen(want), "{payer}: billing errors by rule");
        assert_eq!(found.gaps.denied, Money::ZERO, "{payer}: a rightful denial is no leakage");

        for (found, want, what) in [
            (benchmark.get(payer).unwrap_or(&none), &told_of.benchmark, "benchmark"),
            (unknown.get(payer).unwrap_or(&none), &told_of.unknown, "unknown"),
        ] {
            assert_eq!((found.lines, found.charge), (lines(want.lines), want.charge), "{payer}: {what}");
            assert_eq!(found.gaps.paid, want.received.paid, "{payer}: {what} paid");
            assert_eq!(
                (found.denied_lines, found.pending_lines),
                (lines(want.denied), lines(want.pending)),
                "{payer}: {what}"
            );
        }
    }
    missed(&made);
    let told_lines: u64 = truth.payers.values().map(|p| p.lines).sum();
    assert_eq!(told_lines, u64::from(lines_asked), "the truth covers every line");
}

#[test]
fn the_pipeline_finds_the_truth_of_the_committed_demo() {
    agrees(demo::LINES, demo::SEED);
}

#[test]
fn and_of_other_practices() {
    for seed in [1, 2, 3] {
        agrees(3_000, seed);
    }
}

#[test]
fn what_is_not_known_is_null_in_the_priced_lines_never_zero() {
    let (made, run) = practice(3_000, 1);
    let truth = &made.truth;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("priced_lines.parquet");
    run.ledger.write_parquet(&run.lines, &run.priced, &path).unwrap();
    let frame = ParquetReader::new(std::fs::File::open(path).unwrap()).finish().unwrap();
    let nulls = |cohort: &str, column: &str| {
        let rows = frame.clone().lazy().filter(col("cohort").eq(lit(cohort))).collect().unwrap();
        (rows.height(), rows.column(column).unwrap().null_count())
    };
    let told: u64 = truth.payers.values().map(|p| p.unknown.lines).sum();
    assert!(told > 0, "the practice has lines that cannot be priced");
    for column in ["expected", "denied", "underpaid", "overpaid", "pending"] {
        let (rows, empty) = nulls("unknown", column);
        assert_eq!((rows as u64, empty), (told, rows), "{column}");
        assert_eq!(nulls("firm", column).1, 0, "{column}");
    }
    // Expected nothing is known of a line that is not payable: zero, not null. A band belongs to benchmarks alone.
    assert_eq!(nulls("not-payable", "expected").1, 0);
    assert_eq!(nulls("benchmark", "band_low").1, 0);
    let (firm, without) = nulls("firm", "band_low");
    assert_eq!(firm, without);
}
