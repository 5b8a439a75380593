//! What should have been allowed: cases a biller would recognise, each with its sum.

use allowable::domain::{
    Basis, Code, Date, Expected, LocalityRule, Modifiers, Money, Payer, PayerKind, Period, RuleId, Terms, Units,
    Unknown, UnlistedRule, YearRule, parse_iso_date,
};
use allowable::price::{Explanation, Key, Op, Pricer, extend};
use allowable::reference::Reference;
use rust_decimal::{Decimal, RoundingStrategy};

/// A case: code, day, ZIP code and place, with the payer's terms.
struct Case {
    payer: Payer,
    reference: Reference,
}

impl Case {
    fn new(kind: PayerKind, terms: Terms) -> Self {
        let days = Period::inclusive(day("2019-01-01"), day("2026-12-31")).unwrap();
        let payer = Payer { kind, terms: vec![(days, terms)], ..Payer::medicare() };
        Self { payer, reference: Reference::embedded().unwrap() }
    }

    fn medicare() -> Self {
        Self::new(PayerKind::Medicare, Terms::Medicare)
    }

    fn key(&self, code: &str, on: &str, locality: &str, pos: &str) -> Key {
        let payers = [self.payer.clone()];
        let pricer = Pricer::new(&self.reference, &payers);
        let state = locality.parse().ok();
        let (area, _) = pricer.area(day(on), locality.parse().ok(), None, state);
        Key {
            payer: self.payer.id.clone(),
            day: self.reference.epoch_start(self.reference.epoch(day(on))),
            area,
            code: code.parse().unwrap(),
            modifiers: Modifiers::NONE,
            pos: pos.parse().ok(),
            npp: false,
            further: false,
            ruled: None,
        }
    }

    fn expected(&self, key: &Key, units: i64, charge: i64) -> Expected {
        let payers = [self.payer.clone()];
        let priced = Pricer::new(&self.reference, &payers).price(key);
        extend(&priced.unit, Units::whole(units), Money::from_cents(charge))
    }

    fn explain(&self, key: &Key, on: &str, units: i64, charge: Option<i64>) -> Explanation {
        let payers = [self.payer.clone()];
        let pricer = Pricer::new(&self.reference, &payers);
        let priced = pricer.price(key);
        Explanation::new(&pricer, key, &priced, day(on), Units::whole(units), charge.map(Money::from_cents))
    }
}

fn day(text: &str) -> Date {
    parse_iso_date(text).unwrap()
}

fn payable(cents: i64, basis: Basis) -> Expected {
    Expected::Payable(Money::from_cents(cents), basis)
}

#[test]
fn the_published_fee_of_ohio_2020_times_units() {
    let case = Case::medicare();
    let key = case.key("96372", "2020-06-15", "15202-00", "11");
    // Published: 13.78; two units 27.56.
    assert_eq!(case.expected(&key, 1, 9_999), payable(1378, Basis::MedicarePfs));
    assert_eq!(case.expected(&key, 2, 9_999), payable(2756, Basis::MedicarePfs));
    // Lesser of the charge and the fee.
    assert_eq!(case.expected(&key, 1, 1_200), payable(1200, Basis::MedicarePfs));
}

#[test]
fn the_conversion_factor_changes_on_9_march_2024() {
    let case = Case::medicare();
    // Ohio 2024: 96372 has RVUs 0.17, 0.24, 0.01; see datasets/medicare/gpci.csv for 15202-00. The ratio of the two fees is
    // that of the factors, 33.2875 ÷ 32.7442, so the later fee is the larger one.
    let fee = |on: &str| case.expected(&case.key("96372", on, "15202-00", "11"), 1, 9_999).amount().unwrap();
    assert!(fee("2024-03-08") < fee("2024-03-09"));
    assert_eq!(fee("2024-01-01"), fee("2024-03-08"));
    assert_eq!(fee("2024-03-09"), fee("2024-12-31"));
}

#[test]
fn an_injection_in_a_hospital_is_not_payable_to_the_professional() {
    let case = Case::medicare();
    for pos in ["19", "21", "22", "23", "24", "31"] {
        let key = case.key("96372", "2024-05-06", "15202-00", pos);
        assert_eq!(case.expected(&key, 1, 4_500), Expected::NotPayable(RuleId::FACILITY), "{pos}");
    }
    // An office visit in the hospital has a facility fee, and urgent care pays like the office.
    assert!(
        case.expected(&case.key("99213", "2024-05-06", "15202-00", "22"), 1, 99_999).amount().unwrap() > Money::ZERO
    );
    let office = case.expected(&case.key("96372", "2024-05-06", "15202-00", "11"), 1, 9_999);
    assert_eq!(case.expected(&case.key("96372", "2024-05-06", "15202-00", "20"), 1, 9_999), office);
}

#[test]
fn a_payer_may_call_a_place_otherwise_than_medicare() {
    let mut case = Case::medicare();
    let nursing_home = case.key("96372", "2024-05-06", "15202-00", "32");
    assert!(matches!(case.expected(&nursing_home, 1, 4_500), Expected::Payable(..)));
    case.payer.pos_overrides = vec![("32".parse().unwrap(), true)];
    assert_eq!(case.expected(&nursing_home, 1, 4_500), Expected::NotPayable(RuleId::FACILITY));
}

#[test]
fn participation_and_npp_lower_the_fee_before_units() {
    let mut case = Case::medicare();
    let mut key = case.key("96372", "2020-06-15", "15202-00", "11");
    key.npp = true;
    // 13.78 × 0.85 = 11.713 → 11.71; two units 23.42.
    assert_eq!(case.expected(&key, 2, 9_999), payable(2342, Basis::MedicarePfs));
    key.npp = false;
    case.payer.participating = false;
    // 13.78 × 0.95 = 13.091 → 13.09.
    assert_eq!(case.expected(&key, 1, 9_999), payable(1309, Basis::MedicarePfs));
}

#[test]
fn a_percentage_of_medicare_is_rounded_once_after_the_units() {
    let terms = Terms::PercentOfMedicare {
        factor: "1.35".parse().unwrap(),
        year: YearRule::Fixed(2020),
        locality: LocalityRule::Own,
    };
    let mut case = Case::new(PayerKind::Commercial, terms);
    case.payer.lesser_of = false;
    let key = case.key("96372", "2024-05-06", "15202-00", "11");
    // 13.78 × 1.35 = 18.603 → 18.60; × 3 = 55.809 → 55.81 (rounding the unit first would give 55.80).
    assert_eq!(case.expected(&key, 1, 9_999), payable(1860, Basis::PercentOfMedicare));
    assert_eq!(case.expected(&key, 3, 9_999), payable(5581, Basis::PercentOfMedicare));
}

#[test]
fn a_drug_is_paid_by_the_limit_of_its_quarter_and_units_are_multiplied_before_rounding() {
    let case = Case::medicare();
    let key = case.key("J0696", "2024-02-01", "15202-00", "11");
    // First quarter 2024: 0.491 per 250 mg; four units 1.964 → 1.96.
    assert_eq!(case.expected(&key, 4, 9_999), payable(196, Basis::MedicareAsp));
    // No limit is on file for 2022: unknown, not zero.
    let key = case.key("J0696", "2022-02-01", "15202-00", "11");
    assert_eq!(case.expected(&key, 4, 9_999), Expected::Unknown(Unknown::NoRate));
}

#[test]
fn only_a_state_gives_a_mean_that_is_never_firm() {
    let case = Case::medicare();
    let mut key = case.key("96372", "2023-05-01", "15202-00", "11");
    // Florida has three localities; published mean of 2023 is 14.4547 (the modelled column of the public state file).
    key.area = allowable::domain::Area::State("FL".parse().unwrap());
    let Expected::Payable(amount, basis) = case.expected(&key, 10_000, 99_999_999) else { panic!("payable") };
    assert_eq!(basis, Basis::MedicareStateMean);
    assert!(!basis.evidence().is_firm());
    // The public file averages unrounded fees (14.4547); ours averages published ones, each within half a cent.
    assert!((amount.cents() - 14_454_700).abs() <= 5_000, "{amount}");
}

#[test]
fn the_five_levels_of_medicaid_are_tried_in_order() {
    let schedule = Terms::Schedule { schedule: "oh".into(), unlisted: UnlistedRule::Unknown };
    let mut case = Case::new(PayerKind::Medicaid, schedule);
    case.payer.lesser_of = false;
    let csv = "payer,area,code,modifier,setting or POS,rate,unit basis,effective_from,effective_to,source\n\
               ,OH,96372,,,11.25,per-unit,2023-01-01,2025-12-31,test\n";
    assert!(case.reference.add_schedule("oh", "oh.csv", csv.as_bytes()).is_empty());
    let key = |code: &str| case.key(code, "2024-05-06", "15202-00", "11");
    assert_eq!(case.expected(&key("96372"), 1, 9_999), payable(1125, Basis::MedicaidSchedule));
    // Not listed: observed if the state has enough claims, else Medicare × index; either is not firm.
    let Expected::Payable(_, basis) = case.expected(&key("96374"), 1, 99_999) else { panic!("a benchmark") };
    assert!(matches!(basis, Basis::MedicaidObserved | Basis::MedicaidEstimated) && !basis.evidence().is_firm());
    // A drug has neither.
    assert_eq!(case.expected(&key("J3420"), 1, 9_999), Expected::Unknown(Unknown::NoMedicaidRate));
    let contract = Case::new(PayerKind::MedicaidManaged, Terms::PercentOfCharge { factor: "0.3".parse().unwrap() });
    let key = contract.key("96372", "2024-05-06", "15202-00", "11");
    assert_eq!(contract.expected(&key, 1, 4_500), payable(1350, Basis::PercentOfCharge));
}

#[test]
fn an_unlisted_code_follows_the_rule_of_the_terms_and_says_so() {
    let csv = "payer,area,code,modifier,setting or POS,rate,unit basis,effective_from,effective_to,source\n\
               ,,96372,,,24.00,,2023-01-01,,test\n";
    let build = |unlisted| {
        let mut case = Case::new(PayerKind::Commercial, Terms::Schedule { schedule: "c".into(), unlisted });
        case.reference.add_schedule("c", "c.csv", csv.as_bytes());
        case
    };
    let case = build(UnlistedRule::PercentOfCharge("0.4".parse().unwrap()));
    let key = case.key("96374", "2024-05-06", "15202-00", "11");
    assert_eq!(case.expected(&key, 1, 10_000), payable(4000, Basis::PercentOfCharge));
    let explained = case.explain(&key, "2024-05-06", 1, Some(10_000));
    assert!(explained.passed_over[0].contains("lists no rate for 96374"), "{:?}", explained.passed_over);
    let case = build(UnlistedRule::Unknown);
    assert_eq!(case.expected(&key, 1, 10_000), Expected::Unknown(Unknown::NoRate));
}

/// Recomputes every step from its operands, in this test's own arithmetic, and follows the results to the amount.
fn recompute(explanation: &Explanation) -> Decimal {
    let mut results: Vec<Decimal> = Vec::new();
    for step in &explanation.steps {
        let values: Vec<Decimal> = step.operands.iter().map(|o| o.value).collect();
        for operand in step.operands.iter().filter(|o| o.source.is_none()) {
            let known = results.contains(&operand.value)
                || explanation.units.parse::<Decimal>().is_ok_and(|u| u == operand.value)
                || explanation.charge.is_some_and(|c| c.dollars() == operand.value)
                || operand.name.contains("factor")
                || operand.name.starts_with("fee in");
            assert!(known, "{} = {} comes from nowhere", operand.name, operand.value);
        }
        let result = match step.op {
            Op::Take => values[0],
            Op::Multiply => values.iter().fold(Decimal::ONE, |p, v| p * v),
            Op::Add => values.iter().sum(),
            Op::RoundToCents => values[0].round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero),
            Op::Least => values.iter().copied().min().unwrap(),
            Op::Most => values.iter().copied().max().unwrap(),
            Op::Divide => values[0] / values[1],
            Op::Mean => values.iter().sum::<Decimal>() / Decimal::from(values.len()),
        };
        assert_eq!(result, step.result, "{}", step.what);
        results.push(result);
    }
    *results.last().expect("a sum has steps")
}

#[test]
fn the_steps_of_an_explanation_recomputed_give_the_price() {
    let percent = Terms::PercentOfMedicare {
        factor: "1.28".parse().unwrap(),
        year: YearRule::Current,
        locality: LocalityRule::Own,
    };
    let cases = [
        (Case::medicare(), "96372", "published"),
        (Case::medicare(), "99213", "published"),
        (Case::medicare(), "J0696", "published"),
        (Case::new(PayerKind::Commercial, percent), "96372", "contract"),
        (Case::new(PayerKind::Medicaid, Terms::MedicaidBenchmark), "20610", "estimated"),
        (
            Case::new(PayerKind::Commercial, Terms::PercentOfCharge { factor: "0.62".parse().unwrap() }),
            "96372",
            "contract",
        ),
    ];
    for (case, code, evidence) in cases {
        let key = case.key(code, "2024-05-06", "15202-00", "11");
        for (units, charge) in [(1, Some(45_25)), (3, Some(99_999)), (1, Some(12_00))] {
            let explained = case.explain(&key, "2024-05-06", units, charge);
            assert_eq!(explained.evidence, Some(evidence), "{code}: {}", explained.rule);
            assert_eq!(Some(recompute(&explained)), explained.expected.map(Money::dollars), "{code}");
            assert_eq!(explained.expected, case.expected(&key, units, charge.unwrap()).amount());
        }
    }
}

#[test]
fn every_figure_of_a_medicare_sum_names_its_row() {
    let case = Case::medicare();
    let key = case.key("96372", "2024-05-06", "15202-00", "11");
    let explained = case.explain(&key, "2024-05-06", 1, None);
    let rows: Vec<String> = explained
        .steps
        .iter()
        .flat_map(|s| &s.operands)
        .filter_map(|o| o.source.as_ref())
        .map(ToString::to_string)
        .collect();
    assert_eq!(rows.len(), 7, "three RVUs, three indices and the conversion factor: {rows:?}");
    // Each row, looked up in the file itself, holds the figure.
    for operand in explained.steps.iter().flat_map(|s| &s.operands) {
        let Some(row) = &operand.source else { continue };
        let (file, line) = row.to_string().rsplit_once(':').map(|(f, l)| (f.to_owned(), l.to_owned())).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let cells = text.lines().nth(line.parse::<usize>().unwrap() - 1).unwrap();
        let holds = cells.split(',').any(|c| c.parse::<Decimal>().is_ok_and(|v| v == operand.value));
        assert!(holds, "{} = {} is not in {row}: {cells}", operand.name, operand.value);
    }
}

#[test]
fn a_not_payable_line_names_its_rule_and_has_no_sum() {
    let case = Case::medicare();
    let explained = case.explain(&case.key("96372", "2024-05-06", "15202-00", "22"), "2024-05-06", 1, Some(4_500));
    assert_eq!((explained.outcome, explained.basis.as_str()), ("not-payable", "facility-incident-to"));
    assert!(explained.rule.contains("datasets/medicare/rvu.csv:") && explained.steps.is_empty(), "{}", explained.rule);
}

#[test]
fn a_nurse_practitioners_own_npi_is_paid_eighty_five_percent() {
    let reference = Reference::embedded().unwrap();
    let payers = [Payer::medicare()];
    let pricer = Pricer::new(&reference, &payers).with_npp_npis(vec!["1234567893".into()]);
    let paid = |npi: Option<&str>| {
        let mut line = line(1, "96372");
        line.service_date = day("2020-06-15");
        line.rendering_npi = npi.map(Into::into);
        let priced = pricer.price(&pricer.key(&line, None).0);
        extend(&priced.unit, line.units, line.charge)
    };
    // Ohio 2020: 13.78, and 13.78 × 0.85 = 11.713 → 11.71.
    assert_eq!(paid(None), payable(1378, Basis::MedicarePfs));
    assert_eq!(paid(Some("1999999999")), payable(1378, Basis::MedicarePfs));
    assert_eq!(paid(Some("1234567893")), payable(1171, Basis::MedicarePfs));
}

#[test]
fn what_is_not_firm_has_a_band_and_what_is_firm_has_none() {
    let case = Case::new(PayerKind::Medicaid, Terms::MedicaidBenchmark);
    let payers = [case.payer.clone()];
    let pricer = Pricer::new(&case.reference, &payers);
    let band = |code: &str| {
        pricer.price(&case.key(code, "2024-05-06", "15202-00", "11")).line_band(Units::ONE, Money::from_cents(99_999))
    };
    // Observed: the quartiles of the state's row. Estimated: 45% either way of Medicare × index.
    let observed = case.reference.medicaid.observed("96372".parse().unwrap(), "OH".parse().unwrap()).unwrap();
    let (low, high) = band("96372").unwrap();
    assert_eq!(
        (low.dollars(), high.dollars()),
        (
            observed.p25.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero),
            observed.p75.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
        )
    );
    let expected = case.expected(&case.key("20610", "2024-05-06", "15202-00", "11"), 1, 99_999).amount().unwrap();
    let (low, high) = band("20610").unwrap();
    assert!(low < expected && expected < high);
    // 0.55 + 1.45 = 2: the middle of the band is the estimate, to a cent of rounding.
    assert!((low + high - expected - expected).abs() <= Money::from_cents(1));
    let medicare = Case::medicare();
    let payers = [medicare.payer.clone()];
    let priced =
        Pricer::new(&medicare.reference, &payers).price(&medicare.key("96372", "2024-05-06", "15202-00", "11"));
    assert_eq!(priced.line_band(Units::ONE, Money::from_cents(99_999)), None);
}

/// A line of one claim in Ohio.
fn line(number: u32, code: &str) -> allowable::domain::ServiceLine {
    allowable::domain::ServiceLine {
        claim_id: "C1".into(),
        line_number: number,
        service_date: day("2024-05-06"),
        payer: "MCR".into(),
        plan: None,
        state: None,
        zip: "43215".parse().ok(),
        locality: None,
        pos: "11".parse().ok(),
        code: code.parse::<Code>().unwrap(),
        modifiers: Modifiers::NONE,
        units: Units::ONE,
        charge: Money::from_cents(4_500),
        diagnosis: None,
        ndc: None,
        ndc_quantity: None,
        rendering_npi: None,
        billing_npi: None,
        patient_key: None,
        control_number: None,
        source: allowable::domain::Source::default(),
    }
}
