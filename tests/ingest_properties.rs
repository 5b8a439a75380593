//! What must hold of reading whatever the bytes are: no panic, rows and dollars add up, the order of rows does not matter,
//! and what is written is read back.

use std::borrow::Cow;

use allowable::domain::{Money, Remit, ServiceLine, Source};
use allowable::ingest::{Input, Intake, examine};
use allowable::project::Project;
use allowable::table::{frame, text};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const HEADER: &str = "claim_id,line_number,service_date,payer_id,pos,code,modifiers,units,charge";
const COLUMNS: usize = 9;
/// The column of the charge.
const CHARGE: usize = 8;

fn look(files: Vec<(&str, Vec<u8>)>) -> Intake {
    let input = |(name, bytes): (&str, Vec<u8>)| Input::Bytes { name: name.to_owned(), bytes: Cow::Owned(bytes) };
    let inputs: Vec<Input> = files.into_iter().map(input).collect();
    let intake = examine(&inputs, &Project::default(), &|_| ()).unwrap();
    for account in intake.files.iter().map(|f| &f.account).chain([&intake.account, &intake.remit_account]) {
        assert!(account.balances(), "{account:?}");
    }
    intake
}

/// A clean table of so many lines: three lines a claim, charges of 10.01, 10.02, …
fn table(n: u32) -> Vec<Vec<String>> {
    let row = |i: u32| {
        let (claim, line) = (1000 + i / 3, 1 + i % 3);
        let code = ["96372", "J3420", "99213"][(i % 3) as usize];
        let day = format!("2024-{:02}-{:02}", 1 + i % 12, 1 + i % 28);
        let charge = format!("10.{:02}", 1 + i % 99);
        [&*claim.to_string(), &line.to_string(), &day, "MCR", "11", code, "", "1", &charge].map(str::to_owned).to_vec()
    };
    (0..n).map(row).collect()
}

fn csv(rows: &[Vec<String>]) -> Vec<u8> {
    let lines = rows.iter().map(|cells| cells.join(","));
    std::iter::once(HEADER.to_owned()).chain(lines).map(|line| line + "\n").collect::<String>().into_bytes()
}

/// Lines without the place they were read from.
fn placeless(mut intake: Intake) -> (Vec<ServiceLine>, Vec<Remit>) {
    for line in &mut intake.lines {
        line.source = Source::default();
    }
    for remit in &mut intake.remits {
        remit.source = Source::default();
    }
    (intake.lines, intake.remits)
}

const REMITS: &str = "claim_id,line_number,payer_id,payer_rank,claim_status,remit_date,posted_date,code,modifiers,units,\
charge,paid,allowed,patient_responsibility,trace_number,adjustments\n\
C1,1,MCR,1,1,2024-03-30,2024-04-01,96372,59,1,40.00,11.02,13.78,2.76,EFT1,CO-45:26.22;PR-2:2.76\n\
C1,1,MCR,1,22,2024-05-30,,96372,59,1,-40.00,-11.02,,,EFT2,CO-45:-26.22;PR-2:-2.76\n\
C2,1,COM,2,4,2024-03-30,,J3420,,0.5,5.00,0.00,,,EFT1,CO-16(M119|N290):5.00x0.5\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, rng_seed: RngSeed::Fixed(96_372), ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        look(vec![("x.csv", bytes)]);
    }

    #[test]
    fn no_bytes_behind_a_good_header_make_a_reader_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        magic in proptest::sample::select(vec!["", "PAR1", "\u{1f}\u{8b}"]),
    ) {
        let header = [magic.as_bytes(), HEADER.as_bytes(), b"\n"].concat();
        look(vec![("x.csv", [header, bytes].concat())]);
    }

    #[test]
    fn characters_of_csv_in_any_order_add_up(text in "([,\"\n\r;0-9./$()A-Z -]|TOTAL|96372|2024-01-0[1-9]|MCR){0,200}") {
        look(vec![("x.csv", format!("{HEADER}\n{text}").into_bytes())]);
    }

    #[test]
    fn damaged_bytes_add_up(
        damage in proptest::collection::vec((0_usize..2000, any::<u8>(), 0_u8..3), 1..12),
    ) {
        let mut bytes = csv(&table(40));
        for (at, byte, how) in damage {
            let at = at % bytes.len();
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        look(vec![("claims.csv", bytes)]);
    }

    #[test]
    fn damaged_parquet_is_refused_or_adds_up(
        damage in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..8),
        cut in proptest::option::of(any::<usize>()),
    ) {
        let lines = look(vec![("claims.csv", csv(&table(40)))]).lines;
        let mut bytes = Vec::new();
        frame::write_parquet(&mut bytes, &mut frame::lines(&lines).unwrap()).unwrap();
        for (at, byte) in damage {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut % bytes.len());
        }
        look(vec![("x.parquet", bytes)]);
    }

    #[test]
    fn damaged_cells_lose_no_row_and_no_dollar(
        damage in proptest::collection::vec((0_usize..60, 0_usize..COLUMNS, "[a-zA-Z0-9 ./$-]{0,12}"), 0..20),
    ) {
        let clean = table(60);
        let mut rows = clean.clone();
        for (row, column, cell) in damage {
            // The charge stays: what must not be lost is counted by it.
            if column != CHARGE {
                rows[row][column] = cell;
            }
        }
        let intake = look(vec![("claims.csv", csv(&rows))]);
        // 60 rows; charges 10.01 + 10.02 + … + 10.60 = 600 + 18.30.
        prop_assert_eq!(intake.account.rows_read, 60);
        prop_assert_eq!(intake.account.charge_read, Money::from_cents(61_830));
        prop_assert_eq!(intake.account.rows_kept, intake.lines.len() as u64);
        prop_assert_eq!(intake.account.rows_quarantined, intake.quarantined.len() as u64);
        let kept: Money = intake.lines.iter().map(|l| l.charge).sum();
        prop_assert_eq!(kept, intake.account.charge_kept);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(
        order in Just((0..45_usize).collect::<Vec<_>>()).prop_shuffle(),
        repeats in proptest::collection::vec((0_usize..40, 0_usize..40), 0..6),
    ) {
        let mut rows = table(40);
        for (from, to) in repeats {
            // Some lines appear twice, some carry another line's number.
            let mut again = rows[from].clone();
            again[0] = rows[to][0].clone();
            rows.push(again);
        }
        rows.truncate(45);
        let shuffled: Vec<_> = order.iter().filter_map(|i| rows.get(*i).cloned()).collect();
        let (a, b) = (look(vec![("c.csv", csv(&rows))]), look(vec![("c.csv", csv(&shuffled))]));
        prop_assert_eq!(a.account, b.account);
        prop_assert_eq!(placeless(a), placeless(b));
    }
}

#[test]
fn tables_are_read_back_from_csv_and_parquet() {
    let claims = String::from_utf8(csv(&table(30))).unwrap();
    let with_drug = claims.lines().zip(0..).map(|(row, i)| match i {
        0 => format!("{row},ndc,ndc_quantity,ndc_unit\n"),
        3 => format!("{row},00517003125,0.125,ML\n"),
        _ => format!("{row},,,\n"),
    });
    let claims = with_drug.collect::<String>().into_bytes();
    let first = look(vec![("claims.csv", claims), ("remits.csv", REMITS.as_bytes().to_vec())]);
    assert_eq!((first.lines.len(), first.remits.len(), first.quarantined.len()), (30, 3, 0));
    assert_eq!(
        first.lines.iter().filter_map(|l| l.ndc_quantity).map(|q| q.to_string()).collect::<Vec<_>>(),
        ["0.125 ML"]
    );
    let (mut lines, mut remits) = (Vec::new(), Vec::new());
    text::write_lines(&mut lines, &first.lines).unwrap();
    text::write_remits(&mut remits, &first.remits).unwrap();
    let from_csv = look(vec![("lines.csv", lines), ("remits.csv", remits)]);
    let parquet = |mut table| {
        let mut bytes = Vec::new();
        frame::write_parquet(&mut bytes, &mut table).unwrap();
        bytes
    };
    let from_parquet = look(vec![
        ("lines.parquet", parquet(frame::lines(&first.lines).unwrap())),
        ("remits.parquet", parquet(frame::remits(&first.remits).unwrap())),
    ]);
    assert_eq!(from_parquet.files[0].format, "Parquet");
    // The adjustments as a table of their own.
    let apart = frame::remits(&first.remits).unwrap().drop("adjustments").unwrap();
    let from_tables = look(vec![
        ("lines.parquet", parquet(frame::lines(&first.lines).unwrap())),
        ("remits.parquet", parquet(apart)),
        ("adjustments.parquet", parquet(frame::adjustments(&first.remits).unwrap())),
    ]);
    let first = placeless(first);
    assert_eq!(placeless(from_csv), first);
    assert_eq!(placeless(from_parquet), first);
    assert_eq!(placeless(from_tables), first);
}

#[test]
fn floats_in_parquet_are_taken_only_when_they_are_cents() {
    use polars::prelude::*;
    let table = |charge: f64| {
        df! {
            "claim_id" => ["A"], "line_number" => [1_i64], "service_date" => ["2024-03-09"], "payer_id" => ["MCR"],
            "code" => ["96372"], "units" => [1.0], "pos" => ["11"], "charge" => [charge],
        }
        .unwrap()
    };
    let read = |charge: f64| {
        let mut bytes = Vec::new();
        frame::write_parquet(&mut bytes, &mut table(charge)).unwrap();
        look(vec![("x.parquet", bytes)])
    };
    assert_eq!(read(0.1 + 0.2).lines[0].charge, Money::from_cents(30));
    assert_eq!(read(1378.0 / 100.0).lines[0].charge, Money::from_cents(1378));
    assert_eq!(read(12.345).quarantined.len(), 1);
}

#[test]
fn volumes_are_read_and_read_back() {
    let csv = "period,payer_id,state,pos,code,units,charge,paid\n2023,MCR,OH,,96372,1200,,15000.00\n2023-04,MCR,,11,96372,3,120.00,\n";
    let first = look(vec![("v.csv", csv.as_bytes().to_vec())]);
    assert_eq!(first.volumes.len(), 2);
    let mut bytes = Vec::new();
    text::write_volumes(&mut bytes, &first.volumes).unwrap();
    let again = look(vec![("v.csv", bytes)]);
    let placeless = |intake: Intake| {
        let all = intake.volumes.into_iter().map(|v| allowable::domain::Volume { source: Source::default(), ..v });
        all.collect::<Vec<_>>()
    };
    assert_eq!(placeless(again), placeless(first));
}
