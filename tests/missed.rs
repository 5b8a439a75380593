//! Missed charges on hand-made claim days, each with its sum.
//!
//! Medicare in Ohio (15202-00), 2024: indices 1.000, 0.911, 1.033 (gpci.csv); factor 32.7442 to 8 March, 33.2875 from
//! 9 March (conversion_factors.csv); RVUs of work, office practice and malpractice (rvu.csv, RVU24A and RVU24AR):
//! 96372: 0.17 + 0.25 × 0.911 + 0.01 × 1.033 = 0.40808; × 32.7442 = 13.3623 → 13.36; × 33.2875 = 13.5840 → 13.58
//! 96374: 0.18 + 0.90 × 0.911 + 0.02 × 1.033 = 1.02056; × 33.2875 = 33.9719 → 33.97
//! 96375: 0.10 + 0.35 × 0.911 + 0.01 × 1.033 = 0.42918; × 33.2875 = 14.2863 → 14.29
//! 96365: 0.21 + 1.63 × 0.911 + 0.04 × 1.033 = 1.73625; × 33.2875 = 57.7954 → 57.80

use allowable::domain::{
    Code, Modifiers, Money, NdcQuantity, Payer, PayerKind, Period, ServiceLine, Source, Terms, Units, parse_iso_date,
};
use allowable::leakage::{Direction, Missed, MissedCharges, MissedKind, PassedOver, Worth, missed_charges};
use allowable::price::Pricer;
use allowable::reference::Reference;

/// A line of a claim: `C1 96372`, `C1 J3420 units=2 mod=JW charge=10.00`.
fn line(number: u32, day: &str, text: &str) -> ServiceLine {
    let mut words = text.split(' ');
    let (claim, code) = (words.next().unwrap(), words.next().unwrap());
    let mut line = ServiceLine {
        claim_id: claim.into(),
        line_number: number,
        service_date: parse_iso_date(day).unwrap(),
        payer: "MCR".into(),
        plan: None,
        state: None,
        zip: "43215".parse().ok(),
        locality: None,
        pos: "11".parse().ok(),
        code: code.parse::<Code>().unwrap(),
        modifiers: Modifiers::NONE,
        units: Units::ONE,
        charge: Money::from_cents(1_000_000),
        diagnosis: None,
        ndc: None,
        ndc_quantity: None,
        rendering_npi: Some("9000000011".into()),
        billing_npi: None,
        patient_key: None,
        control_number: None,
        source: Source::default(),
    };
    for word in words {
        let (key, value) = word.split_once('=').unwrap();
        match key {
            "units" => line.units = Units::from_decimal(value.parse().unwrap()).unwrap(),
            "mod" => line.modifiers = value.parse().unwrap(),
            "charge" => line.charge = Money::from_cents(value.replace('.', "").parse().unwrap()),
            "pos" => line.pos = Some(value.parse().unwrap()),
            "payer" => line.payer = value.into(),
            "npi" => line.rendering_npi = Some(value.into()),
            "patient" => line.patient_key = Some(value.parse().unwrap()),
            "ndc" => {
                let (quantity, unit) = value.split_at(value.len() - 2);
                let quantity = Units::from_decimal(quantity.parse().unwrap()).unwrap();
                line.ndc = Some("99999000001".into());
                line.ndc_quantity = Some(NdcQuantity { quantity, unit: unit.parse().unwrap() });
            }
            _ => panic!("{word}"),
        }
    }
    line
}

fn lines(day: &str, texts: &[&str]) -> Vec<ServiceLine> {
    (1..).zip(texts).map(|(number, text)| line(number, day, text)).collect()
}

/// Looks at lines under Medicare, a commercial payer at 60 % of the charge, one whose pharmacy sends the drugs, and Medicaid
/// by benchmark.
fn look_at(lines: &[ServiceLine]) -> MissedCharges {
    let reference = Reference::embedded().unwrap();
    let mut medicare = Payer::medicare();
    let always = Period::inclusive(parse_iso_date("2019-01-01").unwrap(), parse_iso_date("2026-12-31").unwrap());
    let with = |id: &str, kind, terms| Payer {
        id: id.into(),
        kind,
        terms: vec![(always.unwrap(), terms)],
        ..Payer::medicare()
    };
    let mut sends = with("SENDS", PayerKind::Commercial, Terms::Medicare);
    sends.sends_drugs = true;
    medicare.terms = vec![(always.unwrap(), Terms::Medicare)];
    let payers = [
        medicare,
        sends,
        with("SHARE", PayerKind::Commercial, Terms::PercentOfCharge { factor: "0.6".parse().unwrap() }),
        with("MCD", PayerKind::Medicaid, Terms::MedicaidBenchmark),
        with("COM", PayerKind::Commercial, Terms::Medicare),
    ];
    missed_charges(&Pricer::new(&reference, &payers), lines)
}

/// Lines of one day after the change of the factor.
fn look(texts: &[&str]) -> MissedCharges {
    look_at(&lines("2024-03-25", texts))
}

fn firm(cents: i64) -> Worth {
    Worth::Firm(Money::from_cents(cents))
}

fn up_to(cents: i64) -> Worth {
    Worth::UpTo(Money::from_cents(cents))
}

/// Kind, direction, line numbers, what instead, worth.
fn told(missed: &Missed) -> (MissedKind, Direction, Vec<u32>, String, Worth) {
    let instead = missed.instead.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    (missed.kind, missed.direction, missed.line_numbers.clone(), instead, missed.worth)
}

fn passed(missed: &MissedCharges) -> Vec<(PassedOver, i64)> {
    missed.passed_over.iter().map(|(why, n)| (*why, *n)).collect()
}

use Direction::{Over, Under};
use MissedKind::{
    DrugWithoutAdministration as NoGiving, InjectionOfVenousDrug as Venous, InjectionWithoutDrug as NoDrug,
    UnitsAgainstDosage as Dosage, UnitsAgainstHabit as Habit, VenousCodeForInjection as NotVenous,
};

#[test]
fn a_drug_that_nothing_gives_lacks_its_administration_at_the_rate_of_the_day() {
    for (day, cents) in [("2024-03-08", 1336), ("2024-03-09", 1358)] {
        let missed = look_at(&lines(day, &["C1 99213 mod=25", "C1 J3420"]));
        assert_eq!(
            missed.found.iter().map(told).collect::<Vec<_>>(),
            [(NoGiving, Under, vec![2], "96372".into(), firm(cents))]
        );
        let found = &missed.found[0];
        assert_eq!((&*found.claim, found.day.to_string(), found.whole_day), ("C1", day.to_owned(), false));
    }
}

#[test]
fn whatever_gives_a_drug_that_day_is_enough_but_a_vaccine_shot_is_not() {
    for gives in ["96372", "96374", "96365", "20610", "62323", "T1502", "96402"] {
        assert_eq!(look(&["C1 J1885", &format!("C1 {gives}")]), MissedCharges::default(), "{gives}");
    }
    for gives_not in ["90471", "95115", "36415", "99213", "80053"] {
        assert_eq!(look(&["C1 J3420", &format!("C1 {gives_not}")]).found.len(), 1, "{gives_not}");
    }
}

#[test]
fn claims_of_one_patient_and_day_are_seen_together_when_the_patient_is_told() {
    let of_patient = look(&["C1 J3420 patient=7", "C2 96372 patient=7"]);
    assert_eq!(of_patient, MissedCharges::default());
    // Two patients; and without patients, two claims.
    for texts in [["C1 J3420 patient=7", "C2 96372 patient=8"], ["C1 J3420", "C2 96372"]] {
        let missed = look(&texts);
        assert_eq!(missed.found.iter().map(|m| m.kind).collect::<Vec<_>>(), [NoGiving, NoDrug], "{texts:?}");
        assert_eq!(missed.found[0].whole_day, texts[0].contains("patient"));
    }
}

#[test]
fn what_would_not_be_paid_is_no_missed_charge() {
    for (texts, why) in [
        // The hospital bills the injection; telehealth pays none.
        (&["C1 J3420 pos=22"][..], PassedOver::NotPayable),
        (&["C1 J3420 pos=02"], PassedOver::NotPayable),
        (&["C1 96372 pos=22"], PassedOver::NotPayable),
        // 99211 and 96372 are never paid together; neither is 96372 beside 99231.
        (&["C1 99211", "C1 J3420"], PassedOver::NeverBeside),
        (&["C1 99231", "C1 J3420"], PassedOver::NeverBeside),
        (&["C1 J7307"], PassedOver::GivenByProcedure),
        (&["C1 J0135"], PassedOver::SelfAdministered),
        (&["C1 96372 payer=SENDS"], PassedOver::SentByPayer),
    ] {
        let missed = look(texts);
        assert_eq!((missed.found.len(), passed(&missed)), (0, vec![(why, 1)]), "{texts:?}");
    }
    // Other payers may pay for the injection of a drug that Medicare leaves to patients.
    assert_eq!(look(&["C1 J0135 payer=COM"]).found[0].worth, up_to(1358));
    // What was only thrown away, and what is swallowed or inhaled, was not injected.
    for text in ["C1 J3420 mod=JW", "C1 J8540", "C1 J7611"] {
        assert_eq!(look(&[text]), MissedCharges::default(), "{text}");
    }
}

#[test]
fn several_drugs_lack_several_administrations_the_later_ones_up_to() {
    // Two injections: the second drug may have been in the same syringe. Two lines of one drug are one injection.
    let missed = look(&["C1 J3420", "C1 J1885", "C1 J1885 mod=JZ"]);
    let told_all: Vec<_> = missed.found.iter().map(told).collect();
    assert_eq!(
        told_all,
        [
            (NoGiving, Under, vec![1], "96372".into(), firm(1358)),
            (NoGiving, Under, vec![2, 3], "96372".into(), up_to(1358)),
        ]
    );
    // Two pushes: one initial, one sequential.
    let missed = look(&["C1 J1740", "C1 J1756"]);
    let told_all: Vec<_> = missed.found.iter().map(told).collect();
    assert_eq!(
        told_all,
        [
            (NoGiving, Under, vec![1], "96374".into(), firm(3397)),
            (NoGiving, Under, vec![2], "96375".into(), up_to(1429)),
        ]
    );
}

#[test]
fn an_administration_is_worth_no_more_than_the_practice_charges_for_it() {
    // Lesser of the charge: 12.00 is the usual charge of a unit in that year; one dearer line does not change it.
    let mut all = lines("2024-05-06", &["A 96372 charge=12.00", "A J3420", "B 96372 units=2 charge=24.00", "B J3420"]);
    all.extend(lines("2024-05-06", &["D 96372 charge=90.00", "D J3420"]));
    all.extend(lines("2024-03-25", &["C J3420"]));
    assert_eq!(look_at(&all).found.iter().map(|m| m.worth).collect::<Vec<_>>(), [firm(1200)]);
    // A payer at 60 % of the charge: 0.6 × 12.00 = 7.20; without any charge of the practice nothing is known.
    all.pop();
    all.extend(lines("2024-03-25", &["C J3420 payer=SHARE"]));
    assert_eq!(look_at(&all).found.iter().map(|m| m.worth).collect::<Vec<_>>(), [firm(720)]);
    assert_eq!(look(&["C J3420 payer=SHARE"]).found[0].worth, Worth::Unknown("no-rate"));
}

#[test]
fn only_firm_money_is_added_up() {
    let mut all = lines("2024-03-25", &["A J3420", "B J3420", "D J3420 payer=NOBODY", "E J9999", "F J2919"]);
    all.extend(lines("2024-03-25", &["C J3420 payer=MCD"]));
    let missed = look_at(&all);
    let [sum] = missed.sums()[..] else { panic!("{:?}", missed.sums()) };
    assert_eq!((sum.kind, sum.direction, sum.findings, sum.lines), (NoGiving, Under, 6, 6));
    // A, B and F: three times 13.58. The payer of D and the route of E are not known; Ohio's Medicaid is only observed.
    assert_eq!((sum.money.cents(), sum.unknown, sum.up_to), (4074, 2, Money::ZERO));
    assert!(sum.benchmark > Money::ZERO);
    assert_eq!((missed.money(Under).cents(), missed.money(Over)), (4074, Money::ZERO));
    let unknown: Vec<Worth> = missed.found.iter().map(|m| m.worth).filter(|w| w.amount().is_none()).collect();
    assert_eq!(unknown, [Worth::Unknown("no-payer"), Worth::Unknown("route-not-known")]);
}

#[test]
fn an_injection_without_a_drug_is_counted_and_priced_only_by_the_habit_of_the_provider() {
    let missed = look(&["C1 96372", "C1 96372 mod=76", "C1 99213 mod=25"]);
    let told_all: Vec<_> = missed.found.iter().map(told).collect();
    assert_eq!(told_all, [(NoDrug, Under, vec![1, 2], String::new(), Worth::Unknown("drug-not-known"))]);
    // Vaccines and discarded drugs are products of another kind: something stands there.
    for product in ["90686", "J3420 mod=JW", "90384"] {
        assert_eq!(look(&["C1 96372", &format!("C1 {product}")]), MissedCharges::default(), "{product}");
    }
    // From eleven days with one drug on, of which four in five are of the same one. J3420 in the first quarter: 1.443 → 1.44.
    let days = |same: usize, other: usize| {
        let mut all = lines("2024-03-25", &["Z 96372"]);
        for i in 0..same {
            all.extend(lines("2024-03-24", &[&*format!("S{i} 96372"), &*format!("S{i} J3420")]));
        }
        for i in 0..other {
            all.extend(lines("2024-03-24", &[&*format!("O{i} 96372"), &*format!("O{i} J1885 units=2")]));
        }
        let missed = look_at(&all);
        assert_eq!(missed.found.len(), 1);
        missed.found[0].worth
    };
    let not_known = Worth::Unknown("drug-not-known");
    assert_eq!((days(10, 0), days(11, 0)), (not_known, up_to(144)));
    // 12 of 15 are four in five; 11 of 14 are 79 %.
    assert_eq!((days(12, 3), days(11, 3)), (up_to(144), not_known));
}

#[test]
fn the_code_must_fit_the_route() {
    let one = |texts: &[&str]| {
        let missed = look(texts);
        let [found] = &missed.found[..] else { panic!("{texts:?}: {:?}", missed.found) };
        told(found)
    };
    // Ibandronate goes into a vein only: 33.97 − 13.58 = 20.39 too little. Golimumab is infused: 57.80 − 13.58 = 44.22.
    assert_eq!(one(&["C1 96372", "C1 J1740 units=3"]), (Venous, Under, vec![1], "96374".into(), firm(2039)));
    assert_eq!(one(&["C1 96372", "C1 J1602 units=100"]), (Venous, Under, vec![1], "96365".into(), firm(4422)));
    // Vitamin B-12 never does: 33.97 − 13.58 too much; with a second push 33.97 + 14.29 − 13.58 = 34.68.
    assert_eq!(one(&["C1 96374", "C1 J3420"]), (NotVenous, Over, vec![1], "96372".into(), firm(2039)));
    assert_eq!(one(&["C1 96374", "C1 96375", "C1 J3420"]), (NotVenous, Over, vec![1, 2], "96372".into(), firm(3468)));
    for fits in [
        // Either route; a drug for each code; a joint; a drug that is not known.
        &["C1 96374", "C1 J1885"][..],
        &["C1 96372", "C1 J1885"],
        &["C1 96374", "C1 96372", "C1 J3420"],
        &["C1 96374", "C1 96372", "C1 J1740"],
        &["C1 96372", "C1 J1740", "C1 J3420"],
        &["C1 96374", "C1 20610", "C1 J3301"],
        &["C1 96374", "C1 J9999"],
    ] {
        assert_eq!(look(fits).found, [], "{fits:?}");
    }
    let missed = look(&["C1 96372 pos=22", "C1 J1740 pos=22"]);
    assert_eq!((missed.found.len(), passed(&missed)), (0, vec![(PassedOver::NotPayable, 1)]));
}

#[test]
fn units_follow_from_milligrams_and_the_billing_unit() {
    let one = |text: &str| {
        let missed = look(&["C1 96372", text]);
        missed
            .found
            .first()
            .map(|m| (m.kind, m.direction, m.units.map(|(a, b)| (a.to_string(), b.to_string())), m.worth))
    };
    let units = |billed: &str, right: &str| Some((billed.to_owned(), right.to_owned()));
    // Triamcinolone: 10 mg a unit, 0.946 in the first quarter. 40 mg are four.
    assert_eq!(one("C1 J3301 units=4 ndc=40ME"), None);
    // Milligrams billed as units: 40 × 0.946 = 37.84; 4 × 0.946 = 3.784 → 3.78; 34.06 too much.
    assert_eq!(one("C1 J3301 units=40 ndc=40ME"), Some((Dosage, Over, units("40", "4"), firm(3406))));
    // Vials billed as units: 0.946 → 0.95 against 3.78: 2.83 too little.
    assert_eq!(one("C1 J3301 units=1 ndc=40ME"), Some((Dosage, Under, units("1", "4"), firm(283))));
    // 1000 mcg of B-12 in 1 mL, and half a mL begins a unit.
    assert_eq!((one("C1 J3420 ndc=1ML"), one("C1 J3420 ndc=0.5ML")), (None, None));
    // 1.443 → 1.44 against 2.886 → 2.89: 1.45.
    assert_eq!(one("C1 J3420 ndc=1.5ML"), Some((Dosage, Under, units("1", "2"), firm(145))));
    // Without a quantity there is nothing to compare with.
    assert_eq!(one("C1 J3301 units=40"), None);
}

#[test]
fn units_against_the_usual_ratio_need_eleven_lines_of_which_four_in_five_agree() {
    // Ceftriaxone in vials: 250 mg a unit, 0.491 in the first quarter; the practice's vials hold 1 g, four units.
    let found = |usual: usize, odd: &[&str]| {
        let mut all = Vec::new();
        let right = ["J0696 units=4 ndc=1UN", "J0696 units=8 ndc=2UN"];
        for i in 0..usual {
            all.extend(lines("2024-03-25", &[&*format!("U{i} 96372"), &*format!("U{i} {}", right[i % 2])]));
        }
        for (i, odd) in odd.iter().enumerate() {
            all.extend(lines("2024-03-25", &[&*format!("X{i} 96372"), &*format!("X{i} {odd}")]));
        }
        look_at(&all).found.iter().map(|m| (m.kind, m.direction, m.worth)).collect::<Vec<_>>()
    };
    // 4 × 0.491 = 1.964 → 1.96 against 0.49: 1.47 too little; 16 × 0.491 = 7.856 → 7.86 against 1.96: 5.90 too much.
    let few = "J0696 units=1 ndc=1UN";
    let (under, over) = ((Habit, Under, firm(147)), (Habit, Over, firm(590)));
    assert_eq!(found(9, &[few, "J0696 units=16 ndc=1UN"]), [under, over]);
    // Ten lines are too few.
    assert_eq!(found(9, &[few]), []);
    assert_eq!(found(10, &[few]), [under]);
    // 12 of 15 are four in five, 11 of 14 are not.
    assert_eq!(found(12, &[few, few, few]), [under, under, under]);
    assert_eq!(found(11, &[few, few, few]), []);
    // Half a vial is two units; a little less still is, because a begun unit is a whole one.
    assert_eq!(found(20, &["J0696 units=2 ndc=0.5UN", "J0696 units=2 ndc=0.4UN"]), []);
}

#[test]
fn the_order_of_the_lines_changes_nothing() {
    let mut all = lines("2024-03-25", &["A J3420", "B 96372", "D 96374", "D J3420", "E J1740", "E J3420", "E J1756"]);
    all.extend(lines("2024-03-08", &["F J3301 units=40 ndc=40ME", "F 96372", "G 99211", "G J3420"]));
    let without_places = |mut missed: MissedCharges| {
        missed.found.iter_mut().for_each(|m| m.lines.clear());
        missed
    };
    let straight = without_places(look_at(&all));
    assert_eq!(straight.found.len(), 7);
    all.reverse();
    assert_eq!(without_places(look_at(&all)), straight);
}
