//! The demo practice: deterministic, balanced, realistic, and its truth adds up.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;
use std::sync::OnceLock;

use allowable::demo::{self, Cohort, DENIALS, Demo, Ending, NOT_PAYABLE_DENIALS};
use allowable::domain::{ClaimStatus, Money, Remit, ServiceLine, Source};
use allowable::finding::Findings;
use allowable::ingest::{Input, read};
use allowable::leakage::{Cause, judge};
use allowable::payability::{Tells, judge_lines};
use allowable::price::{Pricer, price_lines};
use allowable::reconcile::{adjudicate, link, reconcile};
use allowable::reference::Reference;

/// The demo of the committed size and seed, made once for all tests.
fn made() -> &'static Demo {
    static MADE: OnceLock<Demo> = OnceLock::new();
    MADE.get_or_init(|| {
        let (project, reference) = demo::load().unwrap();
        demo::generate(demo::LINES, demo::SEED, &reference, &project).unwrap()
    })
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

#[test]
fn the_committed_files_are_what_the_generator_writes() {
    let dir = tempfile::tempdir().unwrap();
    let written = demo::write(made(), dir.path(), false).unwrap();
    for path in &written.files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let folder = if name.starts_with("volumes_") { "datasets/medicare" } else { "datasets/demo" };
        let committed = std::fs::read(Path::new(folder).join(name)).unwrap();
        let fresh = std::fs::read(path).unwrap();
        let same = if name.ends_with(".gz") { gunzip(&committed) == gunzip(&fresh) } else { committed == fresh };
        assert!(same, "{name} differs: run `allowable demo --out datasets/demo` and look at what changed");
        assert!(committed.len() < 1_500_000, "{name} is too large to commit");
    }
    for name in ["synthetic_claims.csv.gz", "synthetic_remits.csv.gz", "synthetic_truth.json", "allowable.toml"] {
        assert!(written.files.iter().any(|f| f.ends_with(name)), "{name}");
    }
}

#[test]
fn the_same_seed_gives_the_same_practice_and_another_seed_another() {
    let (project, reference) = demo::load().unwrap();
    let make = |seed| demo::generate(2000, seed, &reference, &project).unwrap();
    for lines in 1..40 {
        assert_eq!(demo::generate(lines, 3, &reference, &project).unwrap().lines.len(), lines as usize);
    }
    let (a, b, c) = (make(1), make(1), make(2));
    assert_eq!((&a.lines, &a.remits, &a.truth), (&b.lines, &b.remits, &b.truth));
    assert_ne!(a.lines, c.lines);
    assert_eq!(a.lines.len(), 2000);
}

#[test]
fn every_remittance_line_balances() {
    for remit in &made().remits {
        let adjusted: Money = remit.adjustments.iter().map(|a| a.amount).sum();
        assert_eq!(remit.charge - adjusted, remit.paid, "{remit:?}");
        assert!(!remit.adjustments.iter().any(|a| a.amount.is_zero()), "{remit:?}");
        let reversal = remit.claim_status == ClaimStatus::Reversal;
        assert_eq!(remit.charge.cents() < 0, reversal, "{remit:?}");
        assert!(reversal || remit.adjustments.iter().all(|a| a.amount.cents() > 0), "{remit:?}");
        assert!(remit.remit_date <= demo::as_of());
    }
}

#[test]
fn every_remittance_answers_a_billed_line_after_its_service() {
    let lines: BTreeMap<_, _> = made().lines.iter().map(|l| ((&*l.claim_id, l.line_number), l)).collect();
    assert_eq!(lines.len(), made().lines.len(), "claim and line are a key");
    for remit in &made().remits {
        let line = lines[&(&*remit.claim_id, remit.line_number)];
        assert!(remit.remit_date > line.service_date);
        assert_eq!(remit.charge.abs(), line.charge);
        assert_eq!((remit.code, remit.modifiers), (Some(line.code), line.modifiers));
        assert!(remit.payer_rank == 2 || remit.payer == line.payer);
    }
}

/// expected = paid + patient share + known reductions + denied + underpaid + pending − overpaid, for every payer.
#[test]
fn the_truth_adds_up_for_every_payer() {
    for (payer, truth) in &made().truth.payers {
        let firm = &truth.firm;
        let denied: Money = firm.denied.values().map(|t| t.dollars).sum();
        let underpaid: Money = firm.underpaid.values().map(|t| t.dollars).sum();
        let got = firm.received.paid + firm.received.patient_share + firm.received.known_reductions;
        assert_eq!(firm.expected, got + denied + underpaid + firm.pending.dollars - firm.overpaid.dollars, "{payer}");
        let not_payable = &truth.not_payable.received;
        let allowed = not_payable.paid + not_payable.patient_share + not_payable.known_reductions;
        assert_eq!(truth.not_payable.overpaid.dollars, allowed, "{payer}");
        let (benchmark, unknown) = (&truth.benchmark, &truth.unknown);
        let lines = firm.lines + truth.not_payable.lines + benchmark.lines + unknown.lines + truth.out_of_scope.lines;
        assert_eq!(truth.lines, lines, "{payer}");
        let charge = firm.charge + truth.not_payable.charge + benchmark.charge + unknown.charge;
        assert_eq!(truth.charge, charge + truth.out_of_scope.dollars, "{payer}");
    }
    let lines: u64 = made().truth.payers.values().map(|t| t.lines).sum();
    assert_eq!(lines, u64::from(demo::LINES));
    assert_eq!(made().truth.payers.len(), 13, "twelve payers and one that the project does not know");
}

/// The remittances themselves carry what the truth says was received: summed over the file without any pipeline.
#[test]
fn the_money_of_the_remittances_is_the_money_of_the_truth() {
    let mut paid: BTreeMap<(&str, u32), Money> = BTreeMap::new();
    for remit in &made().remits {
        *paid.entry((&remit.claim_id, remit.line_number)).or_default() += remit.paid;
    }
    for line in &made().truth.lines {
        let in_file = paid.get(&(&*line.claim_id, line.line_number)).copied().unwrap_or_default();
        assert_eq!(in_file, line.received.paid, "{line:?}");
    }
    let total: Money = made()
        .truth
        .payers
        .values()
        .map(|t| {
            t.firm.received.paid + t.not_payable.received.paid + t.benchmark.received.paid + t.unknown.received.paid
        })
        .sum();
    let out_of_scope = made().truth.lines.iter().filter(|l| l.cohort == Cohort::OutOfScope);
    let out_of_scope: Money = out_of_scope.map(|l| l.received.paid).sum();
    assert_eq!(paid.values().copied().sum::<Money>(), total + out_of_scope);
}

#[test]
fn denials_classify_as_the_generator_means_them() {
    let reference = Reference::embedded().unwrap();
    for (_, denial) in DENIALS.iter().chain(NOT_PAYABLE_DENIALS) {
        let rarcs: Vec<_> = (!denial.rarc.is_empty()).then(|| denial.rarc.parse().unwrap()).into_iter().collect();
        let class = reference.denials.classify(denial.group, denial.carc.parse().unwrap(), &rarcs);
        assert!(class.is_denial && class.known, "{denial:?}");
        assert_eq!(class.category.as_str(), denial.category, "{denial:?}");
    }
}

/// Benchmarks of initial denials (datasets/denials/benchmarks.csv), within three standard deviations of a sample.
#[test]
fn denial_rates_are_those_of_the_benchmarks() {
    let cases: [(&[&str], u64); 5] = [
        (&["MCR"], 84),
        (&["MA1", "MA2", "MA3"], 157),
        (&["COM1", "COM2", "COM3", "COM4", "COM5"], 139),
        (&["MCO1"], 151),
        (&["MCD_OH", "MCD_TX"], 167),
    ];
    for (payers, per_mille) in cases {
        let (mut denied, mut answered) = (0, 0);
        for truth in payers.iter().map(|payer| &made().truth.payers[*payer]) {
            let (firm, benchmark, unknown) = (&truth.firm, &truth.benchmark, &truth.unknown);
            denied += firm.initially_denied.lines + benchmark.initially_denied + unknown.initially_denied;
            answered += firm.lines + benchmark.lines + unknown.lines;
            answered -= firm.pending.lines + benchmark.pending + unknown.pending;
        }
        let found = denied * 1000 / answered;
        // (3 · standard deviation)² in per mille: 9 · p · (1000 − p) / n
        let off = found.abs_diff(per_mille);
        assert!(
            off * off <= 9 * per_mille * (1000 - per_mille) / answered + 1,
            "{payers:?}: {found}, meant {per_mille}"
        );
    }
}

#[test]
fn every_kind_of_trouble_occurs() {
    let truth = &made().truth;
    let mut causes = BTreeSet::new();
    let mut categories = BTreeSet::new();
    for line in &truth.lines {
        match line.ending {
            Ending::Underpaid(cause) => {
                causes.insert(cause);
            }
            Ending::Denied(category) => {
                categories.insert(category);
            }
            _ => {}
        }
    }
    assert_eq!(causes.into_iter().collect::<Vec<_>>(), demo::Cause::ALL);
    assert_eq!(categories.len(), 17, "{categories:?}");
    let remits = &made().remits;
    let some =
        |what: &str, is: &dyn Fn(&Remit) -> bool| assert!(remits.iter().filter(|r| is(r)).count() > 20, "{what}");
    let has = |r: &Remit, group: &str, carc: &str| {
        r.adjustments.iter().any(|a| a.group.as_str() == group && a.carc.as_str() == carc)
    };
    some("reversals", &|r| r.claim_status == ClaimStatus::Reversal);
    some("secondary payers", &|r| r.payer_rank == 2 && has(r, "OA", "23"));
    some("sequestration", &|r| has(r, "CO", "253"));
    some("deductible", &|r| has(r, "PR", "1"));
    some("coinsurance", &|r| has(r, "PR", "2"));
    some("copay", &|r| has(r, "PR", "3"));
    some("denial moved to the patient", &|r| has(r, "PR", "27") || has(r, "PR", "204") || has(r, "PR", "96"));
    for cohort in [Cohort::Firm, Cohort::NotPayable, Cohort::Benchmark, Cohort::Unknown, Cohort::OutOfScope] {
        assert!(truth.lines.iter().filter(|l| l.cohort == cohort).count() > 20, "{cohort:?}");
    }
    let lines = &made().lines;
    let some = |what: &str, is: &dyn Fn(&ServiceLine) -> bool| {
        assert!(lines.iter().filter(|l| is(l)).count() > 20, "{what}");
    };
    for modifier in ["25", "59", "76", "JZ", "SA"] {
        some(modifier, &|l| l.modifiers.has(modifier));
    }
    for pos in [11, 20, 22, 31, 12, 2] {
        some("place of service", &|l| l.pos.is_some_and(|p| p.number() == pos));
    }
    some("ZIP code that needs four more digits", &|l| l.zip.is_some_and(|zip| zip.five() == 91304));
    some("state only", &|l| l.zip.is_none() && l.state.is_some());
    let lesser = lines.iter().zip(&truth.lines).filter(|(l, t)| &*l.payer == "COM5" && t.expected == Some(l.charge));
    assert!(lesser.count() > 20, "the lesser of the charge and the rate");
    let pending = truth.lines.iter().filter(|l| l.ending == Ending::Pending).count();
    assert!((200..2500).contains(&pending), "{pending}");
    assert!(truth.lines.iter().any(|l| l.ending == Ending::Overpaid && l.cohort == Cohort::Firm));
    assert!(truth.lines.iter().any(|l| l.initially_denied && matches!(l.ending, Ending::Paid)));
}

/// An independent computation of Medicare's fee, from the published figures by the formula of DOMAIN §1: (work·GPCI +
/// PE·GPCI + MP·GPCI) · CF, rounded half up to cents; times units; the lesser of it and the charge. In whole numbers:
/// RVU (2 decimals) × GPCI (3) × CF (4) has nine decimals.
#[test]
fn every_medicare_injection_in_the_office_is_due_medicares_fee_of_its_locality() {
    let reference = Reference::embedded().unwrap();
    let scaled = |value: rust_decimal::Decimal, places: u32| -> i128 {
        let mut value = value;
        value.rescale(places);
        value.mantissa()
    };
    let mut checked = 0;
    for (line, truth) in made().lines.iter().zip(&made().truth.lines) {
        let office = line.pos.is_some_and(|pos| pos.number() == 11);
        if &*line.payer != "MCR"
            || line.code.as_str() != "96372"
            || !office
            || line.modifiers.has("SA")
            || truth.rule.is_some()
        {
            continue;
        }
        let Some(zip) = line.zip else { continue };
        let (medicare, day) = (&reference.medicare, line.service_date);
        let rvu = medicare.rvu(line.code, day).unwrap();
        let gpci = medicare.gpci(medicare.zip(zip).unwrap().locality, day).unwrap();
        let cf = medicare.conversion_factor(day, false).unwrap().value;
        let adjusted = scaled(rvu.work, 2) * scaled(gpci.work, 3)
            + scaled(rvu.nf_pe, 2) * scaled(gpci.pe, 3)
            + scaled(rvu.mp, 2) * scaled(gpci.mp, 3);
        let fee_cents = (adjusted * scaled(cf, 4) + 5_000_000) / 10_000_000;
        let units = i128::from(line.units.thousandths() / 1000);
        let due = i64::try_from(fee_cents * units).unwrap().min(line.charge.cents());
        assert_eq!(truth.expected, Some(Money::from_cents(due)), "{line:?}");
        checked += 1;
    }
    assert!(checked > 1000, "{checked}");
}

#[test]
fn medicare_pays_98_percent_of_what_is_left_after_the_patient() {
    for remit in made().remits.iter().filter(|r| &*r.payer == "MCR" && r.claim_status == ClaimStatus::Primary) {
        let of = |carc: &str| -> i64 {
            remit.adjustments.iter().filter(|a| a.carc.as_str() == carc).map(|a| a.amount.cents()).sum()
        };
        let program = remit.charge.cents() - of("45") - of("1") - of("2");
        let denied = remit.adjustments.iter().any(|a| !matches!(a.carc.as_str(), "45" | "1" | "2" | "253"));
        if !denied {
            assert_eq!(remit.paid.cents(), (program * 98 + 50) / 100, "{remit:?}");
        }
    }
}

#[test]
fn everything_says_that_it_is_synthetic() {
    let (project, _) = demo::load().unwrap();
    assert!(project.synthetic && project.title.contains("synthetic"));
    for (name, _) in demo::embedded() {
        assert!(name.starts_with("synthetic_") || name.starts_with("volumes_"), "{name}");
    }
    let line = &made().lines[0];
    assert!(line.claim_id.starts_with("SYN-"));
    for line in &made().lines {
        assert!(line.rendering_npi.as_ref().is_some_and(|npi| npi.starts_with('9')), "no real NPI begins with 9");
        assert!(line.ndc.as_ref().is_none_or(|ndc| ndc.starts_with("99999")));
    }
}

#[test]
fn what_the_project_names_is_embedded() {
    let (project, _) = demo::load().unwrap();
    let names: Vec<&str> = demo::embedded().into_iter().map(|(name, _)| name).collect();
    for input in &project.inputs {
        assert!(names.contains(&input.to_str().unwrap()), "{}", input.display());
    }
    for schedule in &project.schedules {
        assert!(names.contains(&schedule.path.as_str()), "{}", schedule.path);
    }
    assert!(demo::embedded().iter().all(|(name, bytes)| !bytes.is_empty() || name.is_empty()));
}

/// Line by line, on another practice: cohort, standing, cause or category, money and first answer are what was put in.
#[test]
fn judging_the_answers_finds_on_every_line_what_was_put_in() {
    let (project, reference) = demo::load().unwrap();
    let made = demo::generate(12_000, 7, &reference, &project).unwrap();
    let pricer = Pricer::new(&reference, &project.payers);
    let mut findings = Findings::default();
    let verdicts = judge_lines(&reference, |id| project.payer_of_id(id).cloned(), &made.lines, &[Tells::ALL]);
    let priced = price_lines(&pricer, &made.lines, &verdicts.falls, |_| "claims".into(), &mut findings).unwrap();
    let (linked, unlinked) = link(&made.lines, &made.remits);
    assert!(unlinked.is_empty());
    for (i, (line, truth)) in made.lines.iter().zip(&made.truth.lines).enumerate() {
        if truth.cohort == Cohort::OutOfScope {
            continue;
        }
        let remits: Vec<&Remit> = linked[i].iter().map(|r| &made.remits[*r as usize]).collect();
        let money = reconcile(priced.expected[i], adjudicate(&reference.denials, &remits, true), 0);
        let payer = project.payers.iter().find(|payer| payer.id == line.payer);
        let judged = judge(&pricer, line, priced.of(i), money, payer, demo::as_of());
        let why = match judged.cause {
            Some(Cause::Denied(category)) => category.as_str(),
            Some(Cause::Underpaid(cause)) => cause.as_str(),
            None => "",
        };
        let judges_causes = matches!(truth.cohort, Cohort::Firm | Cohort::Benchmark);
        let (answers, received) = (&judged.money.answers, &truth.received);
        let found = (judged.cohort.as_str(), judged.money.standing.as_str(), why, answers.initial_denial.is_some());
        let put_in = (truth.cohort.as_str(), truth.ending.as_str(), truth.ending.why(), truth.initially_denied);
        let put_in = if judges_causes { put_in } else { (put_in.0, put_in.1, "", put_in.3) };
        assert_eq!(found, put_in, "{line:?} {truth:?}");
        let money_found = (answers.paid, answers.patient, answers.reductions);
        assert_eq!(money_found, (received.paid, received.patient_share, received.known_reductions), "{line:?}");
        let expected = judged.money.expected.amount();
        assert_eq!(expected, truth.expected, "{line:?}");
    }
}

/// The committed files, read like anybody's files: every line and answer comes back, and the reader finds nothing wrong but
/// what was put in (a payer the project does not know, codes outside its scope).
#[test]
fn the_files_are_read_back_as_they_were_made() {
    let (project, _) = demo::load().unwrap();
    let inputs: Vec<Input> = demo::embedded()
        .into_iter()
        .filter(|(name, _)| project.inputs.iter().any(|input| input.to_str() == Some(name)))
        .map(|(name, bytes)| Input::Bytes { name: name.to_owned(), bytes: bytes.into() })
        .collect();
    let intake = read(&inputs, &project, &|_| ()).unwrap();
    let found: Vec<(&str, &str)> =
        intake.findings.iter().map(|finding| (finding.code.as_str(), finding.place.file.as_str())).collect();
    let stranger = "unknown-payer";
    assert_eq!(found, [(stranger, "synthetic_claims.csv.gz"), (stranger, "synthetic_remits.csv.gz")]);
    let in_scope = |code: &allowable::domain::Code| project.scope.as_ref().unwrap().contains(code);
    let mut lines = made().lines.clone();
    let mut read_lines = intake.lines;
    for line in &mut read_lines {
        line.source = Source::default();
    }
    let key = |l: &ServiceLine| (l.claim_id.clone(), l.line_number);
    lines.sort_by_key(key);
    read_lines.sort_by_key(key);
    assert!(lines == read_lines, "{:?} {:?}", lines[0], read_lines[0]);
    assert_eq!(intake.volumes.len(), 53);
    let mut remits: Vec<Remit> =
        made().remits.iter().filter(|r| r.code.as_ref().is_some_and(&in_scope)).cloned().collect();
    let mut read_remits = intake.remits;
    read_remits.sort_by_key(|r| r.source);
    for remit in &mut read_remits {
        remit.source = Source::default();
    }
    assert_eq!(remits.len(), read_remits.len());
    let order = |r: &Remit| (r.claim_id.clone(), r.line_number, r.remit_date, r.paid, r.charge);
    remits.sort_by_key(order);
    read_remits.sort_by_key(order);
    for (a, b) in remits.iter().zip(&read_remits) {
        assert_eq!(a, b);
    }
}
