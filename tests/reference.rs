//! The reference data through its public interface: what a biller would look up.

use allowable::domain::{Code, Date, Group, Locality, Modifiers, Pos, State, parse_iso_date};
use allowable::finding::FindingCode;
use allowable::reference::{AmountClass, DenialCategory, Parts, Query, Reference, UnitBasis, fee};
use rust_decimal::Decimal;

fn day(text: &str) -> Date {
    parse_iso_date(text).unwrap()
}

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

fn place(text: &str) -> Locality {
    text.parse().unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn reference() -> Reference {
    Reference::embedded().unwrap()
}

/// The fee outside a facility.
fn office_fee(reference: &Reference, procedure: &str, locality: &str, on: &str) -> String {
    let medicare = &reference.medicare;
    let rvu = medicare.rvu(code(procedure), day(on)).unwrap();
    let gpci = medicare.gpci(place(locality), day(on)).unwrap();
    let factor = medicare.conversion_factor(day(on), false).unwrap().value;
    let rvus = Parts { work: rvu.work, pe: rvu.pe(false), mp: rvu.mp };
    fee(rvus, Parts { work: gpci.work, pe: gpci.pe, mp: gpci.mp }, factor).unwrap().to_string()
}

#[test]
fn published_medicare_fees() {
    let reference = reference();
    // DOMAIN §1, published amounts.
    assert_eq!(office_fee(&reference, "96372", "15202-00", "2020-06-01"), "13.78");
    assert_eq!(office_fee(&reference, "96372", "07102-13", "2026-06-01"), "13.88");
    assert_eq!(office_fee(&reference, "96372", "01112-65", "2026-06-01"), "19.97");
}

#[test]
fn the_factor_of_2024_changes_on_9_march_and_that_of_2026_has_two_kinds() {
    let reference = reference();
    let factor = |on: &str, apm| reference.medicare.conversion_factor(day(on), apm).unwrap().value.to_string();
    assert_eq!(factor("2024-03-08", false), "32.7442");
    assert_eq!(factor("2024-03-09", false), "33.2875");
    assert_eq!(factor("2025-12-31", true), "32.3465");
    assert_eq!(factor("2026-01-01", false), "33.4009");
    assert_eq!(factor("2026-01-01", true), "33.5675");
    assert!(reference.medicare.conversion_factor(day("2027-01-01"), false).is_none());
}

#[test]
fn localities_by_year_and_state() {
    let medicare = reference().medicare;
    assert_eq!(medicare.localities_of("OH".parse().unwrap(), day("2023-01-01")), [place("15202-00")]);
    assert_eq!(medicare.localities_of("CA".parse().unwrap(), day("2023-12-31")).len(), 32);
    assert_eq!(medicare.localities_of("CA".parse().unwrap(), day("2024-01-01")).len(), 29);
    assert_eq!(medicare.localities(day("2026-07-01")).count(), 109);
    // San Mateo's locality ended with 2023.
    assert!(medicare.gpci(place("01112-06"), day("2023-12-31")).is_some());
    assert!(medicare.gpci(place("01112-06"), day("2024-01-01")).is_none());
}

#[test]
fn a_zip_code_tells_its_locality_its_state_and_whether_four_more_digits_are_needed() {
    let medicare = reference().medicare;
    let columbus = medicare.zip("43215".parse().unwrap()).unwrap();
    assert_eq!((columbus.locality, columbus.needs_plus4), (place("15202-00"), false));
    assert!(columbus.row.to_string().starts_with("datasets/medicare/zip_locality.csv.gz:"));
    assert!(medicare.zip("35958".parse().unwrap()).unwrap().needs_plus4);
    // Arlington, Virginia belongs to the locality of Washington, DC: never join on the state.
    let arlington = medicare.zip("22201".parse().unwrap()).unwrap();
    assert_eq!((arlington.locality, arlington.state.as_str()), (place("12202-01"), "VA"));
    assert_eq!(medicare.gpci(arlington.locality, day("2025-01-01")).unwrap().state.as_str(), "DC");
    // Missouri, which CMS writes as east (EM) and west (WM).
    assert_eq!(medicare.zip("63101".parse().unwrap()).unwrap().state.as_str(), "MO");
    assert!(medicare.zip("00000".parse().unwrap()).is_none());
}

#[test]
fn drug_limits_are_never_carried_into_another_quarter() {
    let medicare = reference().medicare;
    let b12 = medicare.asp(code("J3420"), day("2024-03-31")).unwrap();
    assert_eq!((b12.limit.to_string(), b12.dosage.as_str()), ("1.443".to_owned(), "1000 MCG"));
    assert_eq!(medicare.asp(code("J3420"), day("2024-04-01")).unwrap().limit.to_string(), "1.423");
    assert!(medicare.asp(code("J3420"), day("2023-12-31")).is_none());
    assert!(medicare.asp(code("J3420"), day("2026-04-01")).is_none());
    assert!(medicare.asp(code("J1030"), day("2024-04-01")).is_none(), "J1030 ended with March 2024");
    // Denosumab: the patient's share is below 20 %.
    assert_eq!(medicare.asp(code("J0897"), day("2025-07-01")).unwrap().coinsurance, decimal("0.17422"));
}

#[test]
fn what_the_hospital_bills_instead() {
    let medicare = reference().medicare;
    for (on, rate) in [("2024-06-01", "67.12"), ("2025-03-01", "71.17"), ("2025-12-31", "71.17")] {
        let opps = medicare.opps(code("96372"), day(on)).unwrap();
        assert_eq!((opps.status.as_str(), opps.apc.as_deref(), opps.rate), ("Q1", Some("5692"), Some(decimal(rate))));
    }
    assert!(medicare.opps(code("96372"), day("2026-01-01")).is_none());
}

#[test]
fn sequestration_by_day() {
    let medicare = reference().medicare;
    let cases = [
        ("2019-06-01", "0.02"),
        ("2020-04-30", "0.02"),
        ("2020-05-01", "0"),
        ("2022-03-31", "0"),
        ("2022-04-01", "0.01"),
        ("2022-06-30", "0.01"),
        ("2022-07-01", "0.02"),
        ("2026-12-31", "0.02"),
    ];
    for (on, rate) in cases {
        assert_eq!(medicare.sequestration(day(on)), decimal(rate), "{on}");
    }
}

#[test]
fn an_epoch_holds_no_change() {
    let mut reference = reference();
    assert_ne!(reference.epoch(day("2024-03-08")), reference.epoch(day("2024-03-09")));
    assert_eq!(reference.epoch(day("2024-03-09")), reference.epoch(day("2024-03-31")));
    assert_eq!(reference.epoch_start(reference.epoch(day("2024-03-20"))), day("2024-03-09"));
    let (before, after) = (day("2024-05-14"), day("2024-05-15"));
    assert_eq!(reference.epoch(before), reference.epoch(after));
    reference.add_boundary(after);
    assert_eq!(reference.epoch(before) + 1, reference.epoch(after));
    let mut start = day("2018-06-01");
    while start < day("2028-01-01") {
        let next = start.succ_opt().unwrap();
        if reference.epoch(start) == reference.epoch(next) {
            let medicare = &reference.medicare;
            let rates = |on| {
                (
                    medicare.rvu(code("99213"), on).map(|r| r.row.clone()),
                    medicare.gpci(place("15202-00"), on).map(|g| g.row.clone()),
                    medicare.conversion_factor(on, true).map(|f| f.row.clone()),
                    medicare.asp(code("J3420"), on).map(|a| a.row.clone()),
                    medicare.opps(code("96372"), on).map(|o| o.row.clone()),
                    medicare.sequestration(on),
                )
            };
            assert_eq!(rates(start), rates(next), "{start}");
        }
        start = next;
    }
}

const SCHEDULE: &str = "\
payer,area,code,modifier,setting,rate,unit_basis,effective_from,effective_to,source
,,96372,,,20.00,,2023-01-01,2024-06-30,exhibit A
,,96372,,,21.50,,2024-07-01,,exhibit B
,OH,96372,,,22.00,,2023-01-01,,
,15202-00,96372,,,23.00,,2025-01-01,2025-12-31,
,OH,96372,59,,18.00,,2023-01-01,,
,OH,96372,,facility,9.00,,2023-01-01,,
,OH,96372,,22,8.125,,2023-01-01,,
,,J3420,,,1.2345,per-line,2023-01-01,,
";

fn query(on: &str) -> Query {
    Query {
        code: code("96372"),
        modifiers: Modifiers::NONE,
        state: None,
        locality: None,
        pos: Pos::new(11),
        facility: false,
        day: day(on),
    }
}

#[test]
fn the_most_exact_row_of_a_schedule_is_taken_and_says_so() {
    let mut reference = reference();
    assert!(reference.add_schedule("com2", "com2.csv", SCHEDULE.as_bytes()).is_empty());
    let find = |q: &Query| {
        let found = reference.schedules.find("com2", q).unwrap();
        (found.rate.to_string(), found.matched, found.row.line)
    };
    let ohio: State = "OH".parse().unwrap();
    let anywhere = query("2024-06-30");
    assert_eq!(find(&anywhere), ("20.00".to_owned(), "any area, any modifier, any setting".to_owned(), 2));
    assert_eq!(find(&query("2024-07-01")).2, 3, "the day after the last day of the earlier row");
    let in_ohio = Query { state: Some(ohio), ..query("2024-06-30") };
    assert_eq!(find(&in_ohio), ("22.00".to_owned(), "area OH, any modifier, any setting".to_owned(), 4));
    let in_locality = Query { state: Some(ohio), locality: Some(place("15202-00")), ..query("2025-06-30") };
    assert_eq!(find(&in_locality).1, "locality 15202-00, any modifier, any setting");
    let day_after = Query { day: day("2026-01-01"), ..in_locality };
    assert_eq!(find(&day_after).1, "area OH, any modifier, any setting");
    let modified = Query { modifiers: "25,59".parse().unwrap(), ..in_ohio };
    assert_eq!(find(&modified).1, "area OH, modifier 59, any setting");
    let emergency = Query { pos: Pos::new(23), facility: true, ..in_ohio };
    assert_eq!(find(&emergency).1, "area OH, any modifier, facility");
    let outpatient = Query { pos: Pos::new(22), facility: true, ..in_ohio };
    assert_eq!(find(&outpatient), ("8.125".to_owned(), "area OH, any modifier, POS 22".to_owned(), 8));
    let passed = reference.schedules.passed_over("com2", &in_ohio);
    assert_eq!(passed.len(), 6, "{passed:#?}");
    assert_eq!(
        passed[0],
        "any area, any modifier, any setting: 20.00 (com2.csv:2): less exact, or replaced by a later row"
    );
    assert!(passed[1].ends_with("(com2.csv:3): not in force on the day"), "{passed:#?}");
    let drug = reference.schedules.find("com2", &Query { code: code("J3420"), ..anywhere }).unwrap();
    assert_eq!((drug.unit_basis, drug.rate), (UnitBasis::PerLine, decimal("1.2345")));
    assert!(!drug.names_place && reference.schedules.find("com3", &anywhere).is_none());
    assert!(reference.schedules.find("com2", &query("2022-12-31")).is_none());
}

fn findings(csv: &str) -> Vec<(FindingCode, u32, String)> {
    let found = reference().add_schedule("x", "x.csv", csv.as_bytes());
    found.into_iter().map(|f| (f.code, f.place.line.unwrap_or(0), f.found)).collect()
}

#[test]
fn overlaps_gaps_and_repeats_of_a_schedule_are_named_with_their_lines() {
    let head = "code,rate,effective_from,effective_to\n";
    let overlap = findings(&format!("{head}96372,20,2024-01-01,2024-12-31\n96372,21,2024-07-01,\n"));
    assert_eq!(overlap.len(), 1);
    assert_eq!((overlap[0].0, overlap[0].1), (FindingCode::ScheduleOverlap, 3));
    assert!(overlap[0].2.contains("line 2 also covers 2024-07-01 to 2024-12-31"), "{}", overlap[0].2);
    let gap = findings(&format!("{head}96372,20,2024-01-01,2024-06-30\n96372,21,2024-07-15,\n"));
    assert_eq!((gap[0].0, gap[0].1), (FindingCode::ScheduleGap, 3));
    assert!(gap[0].2.contains("2024-07-01 to 2024-07-14"), "{}", gap[0].2);
    let twice = findings(&format!("{head}96372,20,2024-01-01,\n96372,21,2024-01-01,\n"));
    assert_eq!((twice[0].0, twice[0].1), (FindingCode::DuplicateRate, 3));
    // A short row inside a long one leaves no gap behind it.
    let inside = findings(&format!(
        "{head}96372,20,2024-01-01,2024-12-31\n96372,21,2024-03-01,2024-03-31\n96372,22,2025-01-01,\n"
    ));
    assert_eq!(inside.iter().map(|f| f.0).collect::<Vec<_>>(), [FindingCode::ScheduleOverlap]);
}

#[test]
fn of_overlapping_rows_the_later_is_used() {
    let mut reference = reference();
    let csv = "code,rate,effective_from,effective_to\n96372,20,2024-01-01,\n96372,21,2024-01-01,\n96372,22,2024-07-01,2024-12-31\n";
    reference.add_schedule("x", "x.csv", csv.as_bytes());
    let rate = |on| reference.schedules.find("x", &query(on)).unwrap().rate.to_string();
    assert_eq!([rate("2024-06-30"), rate("2024-07-01"), rate("2025-01-01")], ["21", "22", "21"]);
}

#[test]
fn bad_rows_of_a_schedule_are_left_out_and_named() {
    let csv = "code,rate,effective_from,effective_to,area,setting,unit basis\n\
               9637,20,2024-01-01,,,,\n\
               96372,1x,2024-01-01,,,,\n\
               96372,-1,2024-01-01,,,,\n\
               96372,20,01/02/2024,,,,\n\
               96372,20,2024-02-01,2024-01-01,,,\n\
               96372,20,2024-01-01,,Ohio,,\n\
               96372,20,2024-01-01,,,somewhere,\n\
               96372,20,2024-01-01,,,,per-dose\n\
               96373,\"$1,020.50\",2024-01-01,,OH,Non-Facility,Per Unit\n";
    let found = findings(csv);
    assert!(found.iter().all(|f| f.0 == FindingCode::ScheduleRowBad));
    assert_eq!(found.iter().map(|f| f.1).collect::<Vec<_>>(), [2, 3, 4, 5, 6, 7, 8, 9]);
    let mut reference = reference();
    reference.add_schedule("x", "x.csv", csv.as_bytes());
    let good = Query { code: code("96373"), state: "OH".parse().ok(), ..query("2024-06-01") };
    assert_eq!(reference.schedules.find("x", &good).unwrap().rate, decimal("1020.50"));
    assert_eq!(
        findings("procedure,price\n1,2\n").iter().map(|f| f.0).collect::<Vec<_>>(),
        [FindingCode::MissingColumn; 2]
    );
}

#[test]
fn state_locality_and_place_may_stand_in_columns_of_their_own() {
    let mut reference = reference();
    let csv = "cpt,state,locality,pos,setting,fee,start\n\
               96372,OH,,,,20,2024-01-01\n\
               96372,OH,15202-00,,,21,2024-01-01\n\
               96372,OH,,22,facility,9,2024-01-01\n";
    assert!(reference.add_schedule("x", "x.csv", csv.as_bytes()).is_empty());
    let ohio = Query { state: "OH".parse().ok(), ..query("2024-06-01") };
    let rate = |q: &Query| reference.schedules.find("x", q).map(|found| found.rate.to_string());
    assert_eq!(rate(&ohio).as_deref(), Some("20"));
    assert_eq!(rate(&Query { locality: Some(place("15202-00")), ..ohio }).as_deref(), Some("21"));
    assert_eq!(rate(&Query { pos: Pos::new(22), facility: true, ..ohio }).as_deref(), Some("9"));
    assert_eq!(rate(&query("2024-06-01")), None);
    let doubtful = findings("code,fee,allowed,effective_from\n96372,20,30,2024-01-01\n");
    assert_eq!(doubtful.iter().map(|f| f.0).collect::<Vec<_>>(), [FindingCode::AmbiguousColumn]);
}

#[test]
fn a_file_with_several_payers_is_kept_by_payer() {
    let mut reference = reference();
    let csv =
        "payer,code,rate,effective_from\nAlpha,96372,20,2024-01-01\nBeta,96372,30,2024-01-01\n,96373,5,2024-01-01\n";
    let found = reference.add_schedule("fees", "fees.csv", csv.as_bytes());
    assert_eq!(found.len(), 1, "{found:?}");
    let rate = |name, procedure| {
        let q = Query { code: code(procedure), ..query("2024-06-01") };
        reference.schedules.find(name, &q).map(|found| found.rate.to_string())
    };
    assert_eq!(rate("fees:alpha", "96372").as_deref(), Some("20"));
    assert_eq!(rate("fees:beta", "96372").as_deref(), Some("30"));
    assert_eq!(rate("fees:beta", "96373").as_deref(), Some("5"));
    assert_eq!(rate("fees", "96372"), None, "which payer's rate it is must be said");
}

#[test]
fn adjustments_mean_what_a_biller_would_say() {
    let denials = reference().denials;
    let class = |group: Group, carc: &str, rarcs: &[&str]| {
        let rarcs: Vec<_> = rarcs.iter().map(|r| r.parse().unwrap()).collect();
        denials.classify(group, carc.parse().unwrap(), &rarcs)
    };
    assert!(!class(Group::Co, "45", &[]).is_denial);
    assert_eq!(class(Group::Co, "97", &[]).category, DenialCategory::Bundled);
    assert!(class(Group::Pr, "204", &[]).moved_to_patient);
    assert_eq!(class(Group::Co, "16", &["M119"]).category, DenialCategory::MissingNdc);
    assert_eq!(class(Group::Co, "253", &[]).amount_class, AmountClass::Sequestration);
    assert!(!class(Group::Co, "ZZZ9", &[]).known);
}

#[test]
fn every_mapped_reason_and_remark_was_an_active_code() {
    // The code list comes from the code owners; the map is ours.
    let codes: std::collections::BTreeMap<(String, String), String> =
        csv::Reader::from_path("datasets/denials/codes.csv")
            .unwrap()
            .into_records()
            .map(|r| r.unwrap())
            .map(|r| ((r[1].to_owned(), r[0].to_owned()), r[4].to_owned()))
            .collect();
    for record in csv::Reader::from_path("datasets/denials/categories.csv").unwrap().into_records() {
        let record = record.unwrap();
        for (kind, cell) in [("CARC", &record[1]), ("RARC", &record[2]), ("Group", &record[3])] {
            if !cell.is_empty() {
                assert_eq!(
                    codes.get(&(kind.to_owned(), cell.to_owned())).map(String::as_str),
                    Some(""),
                    "{kind} {cell}"
                );
            }
        }
    }
    assert!(reference().denials.knows("45".parse().unwrap()) && !reference().denials.knows("P7".parse().unwrap()));
}

proptest::proptest! {
    /// Whatever bytes a schedule holds, it is read or its rows are named; nothing panics.
    #[test]
    fn any_bytes_are_a_schedule_or_a_finding(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let mut reference = reference();
        let mut csv = b"code,rate,effective_from,effective_to,area,modifier,setting\n".to_vec();
        csv.extend(&bytes);
        reference.add_schedule("x", "x.csv", &bytes);
        reference.add_schedule("x", "x.csv", &csv);
        let _ = reference.schedules.find("x", &query("2024-06-01"));
    }

    /// Rows in any order give the same rates.
    #[test]
    fn the_order_of_the_rows_does_not_matter(seed in 0usize..40_320) {
        let (head, body) = SCHEDULE.split_once('\n').unwrap();
        let mut rows: Vec<&str> = body.lines().collect();
        let mut shuffled = vec![head];
        let mut seed = seed;
        while !rows.is_empty() {
            shuffled.push(rows.remove(seed % rows.len()));
            seed /= rows.len() + 1;
        }
        let (mut a, mut b) = (reference(), reference());
        a.add_schedule("x", "x.csv", SCHEDULE.as_bytes());
        assert!(b.add_schedule("x", "x.csv", shuffled.join("\n").as_bytes()).is_empty());
        for on in ["2023-06-01", "2024-07-01", "2025-06-30"] {
            for (state, locality, modifiers, pos) in
                [("", "", "", 11), ("OH", "", "", 22), ("OH", "15202-00", "59", 23), ("OH", "15202-00", "25", 11)]
            {
                let q = Query {
                    state: state.parse().ok(),
                    locality: locality.parse().ok(),
                    modifiers: modifiers.parse().unwrap(),
                    pos: Pos::new(pos),
                    facility: pos != 11,
                    ..query(on)
                };
                let rate = |r: &Reference| r.schedules.find("x", &q).map(|found| (found.rate, found.matched));
                assert_eq!(rate(&a), rate(&b));
            }
        }
    }
}

#[test]
fn the_state_volumes_ship_as_an_ordinary_input() {
    use allowable::table::schema::CLAIM_VOLUMES;
    for file in ["volumes_96372_state_2023", "volumes_96372_national"] {
        let mut reader = csv::Reader::from_path(format!("datasets/medicare/{file}.csv")).unwrap();
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), CLAIM_VOLUMES);
    }
    let embedded = allowable::reference::embedded_file("datasets/medicare/volumes_96372_state_2023.csv").unwrap();
    let mut reader = csv::Reader::from_reader(embedded);
    let paid: Decimal = reader.records().map(|r| r.unwrap()[10].parse::<Decimal>().unwrap()).sum();
    // The national file's 2023 row is 59,238,778.05: the states' sum differs only by suppressed rows and territories.
    assert!(paid <= decimal("59238778.05") && paid > decimal("59000000"), "{paid}");
}
