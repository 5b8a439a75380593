//! Bulk pricing: hand sums, ugly rows, and two properties: cutting the file changes nothing, and a join in Polars agrees.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use allowable::domain::{Money, Pos, round_cents};
use allowable::finding::{FindingCode, Severity};
use allowable::price::bulk::{self, Dimension, Facilities, Format, Job, Outcome, Outturn, RateBook};
use allowable::reference::Places;
use polars::prelude::{DataFrame, IntoLazy, JoinArgs, JoinType, NamedFrom, Series, col, lit};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rust_decimal::Decimal;

const HEADER: &str = "claim_id,line_number,service_date,payer_id,state,locality,pos,code,modifiers,units,billed_amount,\
                      allowed_amount,paid_amount,patient_amount,group_code,carc\n";

/// MCR is priced by locality, COM by state. 2023 ends on 8 March 2024; drugs have four decimals.
const FEES: &str = "payer_id,area,code,modifier,facility,effective_from,effective_to,rate
MCR,1520200,96372,,false,2023-01-01,2024-03-08,14.8600
MCR,1520200,96372,,false,2024-03-09,2024-12-31,15.3000
MCR,1520200,96372,59,false,2024-01-01,2024-12-31,14.1000
MCR,1520200,96372,,true,2024-01-01,2024-12-31,10.7000
MCR,1520200,J3420,,false,2024-01-01,2024-12-31,0.2749
COM,OH,96372,,false,2024-01-01,2024-12-31,12.345
COM,OH,J1100,,false,2024-01-01,2024-12-31,0.01
";

fn facilities() -> Facilities {
    let places = Places::load().unwrap();
    std::array::from_fn(|n| u8::try_from(n).ok().and_then(Pos::new).and_then(|pos| places.is_facility(pos)))
}

struct Files {
    dir: tempfile::TempDir,
}

impl Files {
    fn new(fees: &str, claims: &str) -> Self {
        let files = Self { dir: tempfile::tempdir().unwrap() };
        std::fs::write(files.path("fees.csv"), fees).unwrap();
        std::fs::write(files.path("claims.csv"), claims).unwrap();
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn price(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_allowable"));
        command.arg("price").arg(self.path("claims.csv")).arg("--fees").arg(self.path("fees.csv")).args(args);
        command.output().unwrap()
    }
}

struct Priced {
    outturn: Outturn,
    lines: String,
    quarantine: String,
}

/// Prices to CSV lines and, a second time, to groups; the totals of both are the same.
fn price(claims: &Path, book: &RateBook, by: &[Dimension], threads: usize, block: usize) -> Priced {
    let facilities = facilities();
    let (mut lines, mut quarantine) = (Vec::new(), Vec::new());
    let progress = |_| {};
    let mut job = Job {
        claims,
        book,
        facilities: &facilities,
        threads,
        block,
        progress: &progress,
        rules: None,
        quarantine: None,
    };
    job.quarantine = Some(&mut quarantine);
    let by_line = bulk::lines(job, Box::new(&mut lines), Format::Csv).unwrap();
    let job = Job {
        claims,
        book,
        facilities: &facilities,
        threads,
        block,
        progress: &progress,
        rules: None,
        quarantine: None,
    };
    let outturn = bulk::group(job, by).unwrap();
    assert_eq!((outturn.total, outturn.rows_read), (by_line.total, by_line.rows_read));
    assert_eq!(outturn.findings, by_line.findings);
    // The rows add up.
    let counted: u64 = Outcome::ALL.iter().map(|o| outturn.total.count(*o)).sum();
    assert_eq!(outturn.rows_read, counted + outturn.rows_quarantined);
    Priced { outturn, lines: String::from_utf8(lines).unwrap(), quarantine: String::from_utf8(quarantine).unwrap() }
}

fn price_text(fees: &str, claims: &str, by: &[Dimension]) -> Priced {
    let files = Files::new(fees, claims);
    let (book, findings) = RateBook::read(&files.path("fees.csv")).unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    price(&files.path("claims.csv"), &book, by, 1, 1 << 16)
}

/// rate, expected, variance and outcome of each line.
fn results(lines: &str) -> Vec<String> {
    lines
        .lines()
        .skip(1)
        .map(|l| l.rsplitn(5, ',').take(4).collect::<Vec<_>>())
        .map(|mut l| {
            l.reverse();
            l.join(",")
        })
        .collect()
}

#[test]
fn each_outcome_with_its_sum() {
    let claims = HEADER.to_owned()
        // 14.86 × 1, allowed 14.86
        + "A,1,2024-01-15,MCR,OH,1520200,11,96372,,1,50.00,14.86,11.89,2.97,,\n"
        // 10.70 in the hospital outpatient department (22), allowed 9.00: 1.70 under
        + "A,2,2024-01-15,MCR,OH,1520200,22,96372,,1,50.00,9.00,9.00,0.00,,\n"
        // 14.10 with exactly modifier 59, allowed 15.30: 1.20 over
        + "B,1,2024-04-01,MCR,OH,15202-00,11,96372,59,1,50.00,15.30,15.30,0.00,,\n"
        // 59 beside 25 is the base rate 15.30; nothing paid and a reason given: denied by 15.30
        + "B,2,2024-04-01,MCR,OH,1520200,11,96372,\"59,25\",1,50.00,0.00,0.00,0.00,CO,16\n"
        // a reason, but paid: not denied, 15.30 − 15.00 = 0.30 under
        + "B,3,2024-04-01,MCR,OH,1520200,11,96372,25,1,50.00,15.00,15.00,0.00,CO,45\n"
        // COM has no rate in Indiana
        + "C,1,2024-04-01,COM,IN,1520200,11,96372,,1,50.00,15.00,15.00,0.00,,\n"
        // no rate and denied: denied, without an amount
        + "C,2,2024-04-01,COM,IN,1520200,11,96372,,1,50.00,0.00,0.00,0.00,PR,204\n";
    let priced = price_text(FEES, &claims, &[Dimension::Payer, Dimension::Carc]);
    assert_eq!(
        results(&priced.lines),
        [
            "14.86,14.86,0.00,ok",
            "10.70,10.70,1.70,under",
            "14.10,14.10,-1.20,over",
            "15.30,15.30,15.30,denied",
            "15.30,15.30,0.30,under",
            ",,,norate",
            ",,,denied",
        ]
    );
    let total = priced.outturn.total;
    assert_eq!(Outcome::ALL.map(|o| total.count(o)), [2, 2, 1, 1, 1, 0]);
    // 14.86 + 10.70 + 14.10 + 15.30 + 15.30 = 70.26
    assert_eq!(total.expected(), Money::from_cents(7026));
    assert_eq!(
        [Outcome::Denied, Outcome::Under, Outcome::Over].map(|o| total.variance(o).cents()),
        [1530, 170 + 30, -120]
    );
    let files = Files::new(FEES, &claims);
    let run = files.price(&["--group", "payer_id,quarter,carc"]);
    assert_eq!(run.status.code(), Some(0));
    // Groups are sorted, lines without a reason first; v_over is below zero.
    assert_eq!(String::from_utf8(run.stdout).unwrap(), "\
payer_id,quarter,carc,n,units,billed_amount,allowed_amount,paid_amount,expected,n_denied,n_under,n_over,n_ok,n_norate,v_denied,v_under,v_over
COM,2024-Q2,,1,1,50.00,15.00,15.00,0.00,0,0,0,0,1,0.00,0.00,0.00
COM,2024-Q2,204,1,1,50.00,0.00,0.00,0.00,1,0,0,0,0,0.00,0.00,0.00
MCR,2024-Q1,,2,2,100.00,23.86,20.89,25.56,0,1,0,1,0,0.00,1.70,0.00
MCR,2024-Q2,,1,1,50.00,15.30,15.30,14.10,0,0,1,0,0,0.00,0.00,-1.20
MCR,2024-Q2,16,1,1,50.00,0.00,0.00,15.30,1,0,0,0,0,15.30,0.00,0.00
MCR,2024-Q2,45,1,1,50.00,15.00,15.00,15.30,0,1,0,0,0,0.00,0.30,0.00
");
}

#[test]
fn one_rounding_of_rate_times_units_half_up() {
    let claims = HEADER.to_owned()
        // 12.345 × 1 = 12.345 → 12.35; half to even would give 12.34
        + "A,1,2024-02-01,COM,OH,,11,96372,,1,50,12.35,12.35,0,,\n"
        // 12.345 × 3 = 37.035 → 37.04; rounding the rate first would give 37.05
        + "A,2,2024-02-01,COM,OH,,11,96372,,3,50,37.04,37.04,0,,\n"
        // 0.2749 × 12 = 3.2988 → 3.30
        + "A,3,2024-02-01,MCR,,1520200,11,J3420,,12,50,3.30,3.30,0,,\n"
        // 0.2749 × 0.5 = 0.13745 → 0.14
        + "A,4,2024-02-01,MCR,,1520200,11,J3420,,0.5,50,0.14,0.14,0,,\n"
        // 0.01 × 0.5 = 0.005 → 0.01; 0.01 × 0.499 = 0.00499 → 0.00
        + "A,5,2024-02-01,COM,OH,,11,J1100,,.5,50,0.01,0.01,0,,\n"
        + "A,6,2024-02-01,COM,OH,,11,J1100,,0.499,50,0.00,0.00,0,,\n";
    let priced = price_text(FEES, &claims, &[Dimension::Code]);
    assert_eq!(priced.outturn.total.count(Outcome::Ok), 6, "{}", priced.lines);
    // 1 + 3 + 12 + 0.5 + 0.5 + 0.499
    assert_eq!(priced.outturn.total.units().to_string(), "17.499");
}

#[test]
fn both_days_of_a_period_belong_to_it() {
    let line = |day: &str| format!("A,1,{day},MCR,OH,1520200,11,96372,,1,50.00,0.00,1.00,0.00,,\n");
    let days = ["2022-12-31", "2023-01-01", "2024-03-08", "2024-03-09", "2024-12-31", "2025-01-01"];
    let priced = price_text(FEES, &(HEADER.to_owned() + &days.map(line).concat()), &[Dimension::Year]);
    let rates: Vec<_> = results(&priced.lines).iter().map(|r| r.split(',').next().unwrap().to_owned()).collect();
    assert_eq!(rates, ["", "14.86", "14.86", "15.30", "15.30", ""]);
    let years: Vec<_> = priced.outturn.groups.iter().map(|(key, sums)| (key[0].as_deref(), sums.lines)).collect();
    assert_eq!(years, [(Some("2022"), 1), (Some("2023"), 1), (Some("2024"), 3), (Some("2025"), 1)]);
}

#[test]
fn line_breaks_in_quotes_and_of_windows_are_read_and_lines_are_counted() {
    let claims = (HEADER.to_owned()
        + "\"one\ntwo\",1,2024-01-15,MCR,OH,1520200,11,96372,,1,50.00,14.86,11.89,2.97,,\n"
        + "\n"
        + "\"with \"\"quotes\"\", and commas\",2,2024-01-15,MCR,OH,1520200,11,96372,,1,50.00,14.86,11.89,2.97,,\n"
        + "C,3,15/01/2024,MCR,OH,1520200,11,96372,,1,50.00,14.86,11.89,2.97,,")
        .replace('\n', "\r\n");
    let priced = price_text(FEES, &claims, &[Dimension::Payer]);
    assert_eq!(priced.outturn.total.count(Outcome::Ok), 2);
    // Header 1, first record 2–3, blank 4, second record 5, the bad date 6.
    assert_eq!(priced.quarantine, "line,column,code,found\n6,service_date,bad-date,\"\"\"15/01/2024\"\"\"\n");
    assert_eq!(priced.outturn.findings[0].place.line, Some(6));
    assert!(priced.lines.contains("\n\"with \"\"quotes\"\", and commas\",2,"), "{}", priced.lines);
    assert_eq!(priced.outturn.quarantined_billed, Money::from_cents(5000));
}

#[test]
fn bad_rows_are_quarantined_with_line_and_column_and_never_read_as_zero() {
    let good = [
        "A",
        "1",
        "2024-01-15",
        "MCR",
        "OH",
        "1520200",
        "11",
        "96372",
        "",
        "1",
        "50.00",
        "14.86",
        "11.89",
        "2.97",
        "",
        "",
    ];
    let cases = [
        (2, "2024-02-30", FindingCode::BadDate),
        (2, "", FindingCode::MissingValue),
        (2, "1924-01-01", FindingCode::ImplausibleDate),
        (3, "", FindingCode::MissingValue),
        (6, "1x", FindingCode::BadPos),
        (7, "9637", FindingCode::BadCode),
        (8, "5", FindingCode::BadModifier),
        (9, "1.0005", FindingCode::BadUnits),
        (9, "0", FindingCode::NonPositiveUnits),
        (10, "-50.00", FindingCode::NegativeCharge),
        (11, "14.865", FindingCode::BadMoney),
        (11, "", FindingCode::MissingValue),
        (12, "$11.89", FindingCode::BadMoney),
        (15, "CO-45", FindingCode::BadAdjustment),
    ];
    let mut claims = HEADER.to_owned();
    for (column, cell, _) in cases {
        let mut row = good;
        row[column] = cell;
        claims += &(row.join(",") + "\n");
    }
    claims += "A,1,2024-01-15\n";
    claims += &(good.join(",") + ",more\n");
    claims += &(good.join(",") + "\n");
    let priced = price_text(FEES, &claims, &[Dimension::Payer]);
    let columns: Vec<&str> = HEADER.trim_end().split(',').collect();
    let found: Vec<(String, String, String)> = priced
        .quarantine
        .lines()
        .skip(1)
        .map(|l| l.splitn(4, ',').map(str::to_owned).collect::<Vec<_>>())
        .map(|l| (l[0].clone(), l[1].clone(), l[2].clone()))
        .collect();
    let mut expected: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(i, (column, _, code))| ((i + 2).to_string(), columns[*column].to_owned(), code.to_string()))
        .collect();
    expected.push(("16".into(), String::new(), "row-too-short".into()));
    expected.push(("17".into(), String::new(), "row-too-long".into()));
    assert_eq!(found, expected);
    assert_eq!((priced.outturn.rows_read, priced.outturn.rows_quarantined, priced.outturn.total.lines), (17, 16, 1));
    // 13 rows have a readable charge of 50.00, one of −50.00; those of a wrong width have none that can be trusted.
    assert_eq!(priced.outturn.quarantined_billed, Money::from_cents(12 * 5000));
}

#[test]
fn findings_end_with_exit_3_only_where_they_are_denied() {
    let files = Files::new(FEES, &(HEADER.to_owned() + "A,1,x,MCR,OH,1520200,11,96372,,1,50.00,14.86,11.89,2.97,,\n"));
    assert_eq!(files.price(&["--group", "pos"]).status.code(), Some(0));
    let run = files.price(&["--group", "pos", "--deny", "error"]);
    assert_eq!(run.status.code(), Some(3));
    let told = String::from_utf8(run.stderr).unwrap();
    assert!(told.contains("claims.csv:2, column \"service_date\": error[bad-date]: \"x\""), "{told}");
    assert_eq!(files.price(&["--group", "planet"]).status.code(), Some(2));
}

#[test]
fn a_file_that_lacks_a_column_leaves_the_output_as_it_was() {
    let files = Files::new(FEES, "claim_id,code\nA,96372\n");
    let out = files.path("out.csv");
    std::fs::write(&out, "before").unwrap();
    let run = files.price(&["--group", "pos", "--out", out.to_str().unwrap()]);
    assert_eq!(run.status.code(), Some(1));
    assert!(String::from_utf8(run.stderr).unwrap().contains("no column service_date, payer_id, state, locality, pos"));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "before");
    assert_eq!(std::fs::read_dir(files.dir.path()).unwrap().count(), 3, "a part was left behind");
}

#[test]
fn overlapping_rows_of_a_schedule_name_both_and_never_double_a_line() {
    let fees = FEES.to_owned()
        + "COM,OH,96372,,false,2024-07-01,2025-06-30,13.00\nCOM,Ohio,96372,,false,2024-07-01,2025-06-30,13.00\n";
    let claims = HEADER.to_owned() + "A,1,2024-08-01,COM,OH,,11,96372,,1,50.00,13.00,13.00,0.00,,\n";
    let files = Files::new(&fees, &claims);
    let (book, findings) = RateBook::read(&files.path("fees.csv")).unwrap();
    let found: Vec<_> = findings.iter().map(|f| (f.code, f.place.line)).collect();
    assert_eq!(found, [(FindingCode::ScheduleRowBad, Some(10)), (FindingCode::ScheduleOverlap, Some(9))]);
    assert_eq!(findings[0].severity, Severity::Error);
    assert!(findings[1].found.contains("line 7"), "{}", findings[1].found);
    let priced = price(&files.path("claims.csv"), &book, &[Dimension::Payer], 2, 64);
    assert_eq!(results(&priced.lines), ["13.00,13.00,0.00,ok"]);
}

#[test]
fn parquet_in_and_out_agrees_with_csv() {
    let claims = HEADER.to_owned()
        + "A,1,2024-01-15,MCR,OH,1520200,11,96372,,1,50.00,14.86,11.89,2.97,,\n"
        + "B,2,2024-04-01,MCR,OH,1520200,11,96372,\"59,25\",1,50.00,0.00,0.00,0.00,CO,16\n"
        + "C,1,2024-04-01,COM,IN,1520200,,96372,,1.5,50.00,15.00,15.00,,,\n";
    let files = Files::new(FEES, &claims);
    let out = |name: &str| files.path(name).to_str().unwrap().to_owned();
    assert_eq!(files.price(&["--out", &out("lines.csv")]).status.code(), Some(0));
    assert_eq!(files.price(&["--out", &out("lines.parquet")]).status.code(), Some(0));
    // The priced lines carry all canonical columns, typed: they are an input again, and give the same lines.
    let again = |name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_allowable"));
        command.arg("price").arg(out(name)).arg("--fees").arg(out("fees.csv"));
        let run = command.output().unwrap();
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    };
    let expected = std::fs::read_to_string(out("lines.csv")).unwrap();
    assert_eq!(again("lines.parquet"), expected);
    assert_eq!(again("lines.csv"), expected);
}

#[test]
fn a_damaged_parquet_file_is_refused() {
    let line = "A,1,2024-01-15,MCR,OH,1520200,11,96372,,1,50.00,14.86,11.89,2.97,,\n";
    let files = Files::new(FEES, &(HEADER.to_owned() + &line.repeat(200)));
    let out = files.path("lines.parquet");
    assert_eq!(files.price(&["--out", out.to_str().unwrap()]).status.code(), Some(0));
    let bytes = std::fs::read(&out).unwrap();
    let (book, _) = RateBook::read(&files.path("fees.csv")).unwrap();
    let (facilities, progress) = (facilities(), |_| {});
    for end in [4, 5, 12, bytes.len() / 2, bytes.len() - 1] {
        let claims = files.path("cut.parquet");
        std::fs::write(&claims, &bytes[..end]).unwrap();
        let (threads, block, quarantine) = (1, 1 << 16, None);
        let job = Job {
            claims: &claims,
            book: &book,
            facilities: &facilities,
            threads,
            block,
            progress: &progress,
            rules: None,
            quarantine,
        };
        assert!(bulk::group(job, &[Dimension::Pos]).is_err(), "cut to {end} bytes");
    }
}

#[derive(Debug, Clone)]
struct Line {
    day: u32,
    payer: usize,
    state: usize,
    pos: &'static str,
    code: usize,
    modifiers: &'static str,
    units: i64,
    allowed: i64,
    denied: bool,
}

#[derive(Debug, Clone)]
struct Fee {
    payer: usize,
    area: usize,
    code: usize,
    modifier: &'static str,
    facility: bool,
    from: u32,
    days: u32,
    rate: i64,
}

const PAYERS: [&str; 3] = ["MCR", "COM", "a payer with a long name"];
const STATES: [&str; 3] = ["OH", "IN", "PA"];
const LOCALITIES: [&str; 3] = ["1520200", "0810200", "1250201"];
const CODES: [&str; 3] = ["96372", "J3420", "99213"];

fn a_line() -> impl Strategy<Value = Line> {
    let pos = prop::sample::select(vec!["11", "22", "19", "12", ""]);
    let modifiers = prop::sample::select(vec!["", "59", "25", "59,25"]);
    (0..400_u32, 0..3_usize, 0..3_usize, pos, 0..3_usize, modifiers, 1..20_000_i64, 0..40_00_i64, any::<bool>())
        .prop_map(|(day, payer, state, pos, code, modifiers, units, allowed, denied)| Line {
            day,
            payer,
            state,
            pos,
            code,
            modifiers,
            units,
            allowed,
            denied,
        })
}

fn a_fee() -> impl Strategy<Value = Fee> {
    let modifier = prop::sample::select(vec!["", "59"]);
    (0..3_usize, 0..3_usize, 0..3_usize, modifier, any::<bool>(), 0..300_u32, 0..200_u32, 0..30_000_000_i64).prop_map(
        |(payer, area, code, modifier, facility, from, days, rate)| Fee {
            payer,
            area,
            code,
            modifier,
            facility,
            from,
            days,
            rate,
        },
    )
}

fn date(day: u32) -> String {
    (chrono::NaiveDate::from_ymd_opt(2023, 6, 1).unwrap() + chrono::Duration::days(day.into())).to_string()
}

impl Line {
    fn csv(&self, n: usize) -> String {
        let (paid, carc) = if self.denied { (0, "16") } else { (self.allowed, "") };
        format!(
            "C{n},1,{},{},{},{},{},{},\"{}\",{}.{:03},99.00,{},{},0.00,,{carc}\n",
            date(self.day),
            PAYERS[self.payer],
            STATES[self.state],
            LOCALITIES[self.state],
            self.pos,
            CODES[self.code],
            self.modifiers,
            self.units / 1000,
            self.units % 1000,
            Money::from_cents(self.allowed),
            Money::from_cents(paid),
        )
    }

    fn facility(&self) -> Option<bool> {
        // Written from the CMS list: 19 and 22 are hospital outpatient departments, 11 the office, 12 the home.
        match self.pos {
            "19" | "22" => Some(true),
            "11" | "12" => Some(false),
            _ => None,
        }
    }
}

impl Fee {
    fn csv(&self) -> String {
        let area = if self.payer == 0 { LOCALITIES[self.area] } else { STATES[self.area] };
        format!(
            "{},{area},{},{},{},{},{},{}\n",
            PAYERS[self.payer],
            CODES[self.code],
            self.modifier,
            self.facility,
            date(self.from),
            date(self.from + self.days),
            Decimal::new(self.rate, 6),
        )
    }

    fn key(&self) -> String {
        format!("{}/{}/{}/{}/{}", self.payer, self.area, self.code, self.modifier, self.facility)
    }
}

/// Schedule rows without overlaps: of two that share a key and a day the earlier is kept.
fn without_overlaps(fees: Vec<Fee>) -> Vec<Fee> {
    let mut kept: Vec<Fee> = Vec::new();
    for fee in fees {
        let clash = |k: &Fee| k.key() == fee.key() && k.from <= fee.from + fee.days && fee.from <= k.from + k.days;
        if !kept.iter().any(clash) {
            kept.push(fee);
        }
    }
    kept
}

/// Lines, expected cents and outcomes by payer, by an equi-join in Polars with the days as a filter.
fn oracle(fees: &[Fee], lines: &[Line]) -> BTreeMap<String, (u64, Decimal, [u64; 6])> {
    // The book keeps a modifier apart when the schedule prices it anywhere.
    let knows_59 = fees.iter().any(|f| f.modifier == "59");
    let modifier = |l: &Line| if l.modifiers == "59" && knows_59 { "59" } else { "" };
    let key = |l: &Line| match l.facility() {
        Some(facility) => format!("{}/{}/{}/{}/{facility}", l.payer, l.state, l.code, modifier(l)),
        None => "none".to_owned(),
    };
    let left = DataFrame::new(
        lines.len(),
        vec![
            Series::new("line".into(), (0..lines.len() as i64).collect::<Vec<_>>()).into(),
            Series::new("key".into(), lines.iter().map(key).collect::<Vec<_>>()).into(),
            Series::new("day".into(), lines.iter().map(|l| i64::from(l.day)).collect::<Vec<_>>()).into(),
        ],
    );
    let right = DataFrame::new(
        fees.len(),
        vec![
            Series::new("key".into(), fees.iter().map(Fee::key).collect::<Vec<_>>()).into(),
            Series::new("from".into(), fees.iter().map(|f| i64::from(f.from)).collect::<Vec<_>>()).into(),
            Series::new("to".into(), fees.iter().map(|f| i64::from(f.from + f.days)).collect::<Vec<_>>()).into(),
            Series::new("rate".into(), fees.iter().map(|f| f.rate).collect::<Vec<_>>()).into(),
        ],
    );
    let joined = left
        .unwrap()
        .lazy()
        .join(right.unwrap().lazy(), [col("key")], [col("key")], JoinArgs::new(JoinType::Inner))
        .filter(col("from").lt_eq(col("day")).and(col("day").lt_eq(col("to"))).and(lit(true)))
        .collect()
        .unwrap();
    let column = |name: &str| joined.column(name).unwrap().i64().unwrap().into_no_null_iter().collect::<Vec<_>>();
    let rates: BTreeMap<i64, i64> = column("line").into_iter().zip(column("rate")).collect();
    let mut groups: BTreeMap<String, (u64, Decimal, [u64; 6])> = BTreeMap::new();
    for (i, line) in lines.iter().enumerate() {
        let group = groups.entry(PAYERS[line.payer].to_owned()).or_default();
        let rate = rates.get(&(i as i64)).map(|rate| Decimal::new(*rate, 6));
        let expected = rate.and_then(|rate| round_cents(rate * Decimal::new(line.units, 3)));
        let outcome = match expected {
            _ if line.denied => 0,
            None => 4,
            Some(expected) if expected.cents() > line.allowed => 1,
            Some(expected) if expected.cents() < line.allowed => 2,
            Some(_) => 3,
        };
        group.0 += 1;
        group.1 += expected.map_or(Decimal::ZERO, Money::dollars);
        group.2[outcome] += 1;
    }
    groups
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, rng_seed: RngSeed::Fixed(96_372), ..ProptestConfig::default() })]

    #[test]
    fn a_join_in_polars_finds_the_same(
        fees in prop::collection::vec(a_fee(), 1..60),
        lines in prop::collection::vec(a_line(), 1..120),
    ) {
        let fees = without_overlaps(fees);
        let header = FEES.lines().next().unwrap().to_owned() + "\n";
        let claims: String = lines.iter().enumerate().map(|(i, l)| l.csv(i)).collect();
        let files = Files::new(&(header + &fees.iter().map(Fee::csv).collect::<String>()), &(HEADER.to_owned() + &claims));
        let (book, findings) = RateBook::read(&files.path("fees.csv")).unwrap();
        prop_assert!(findings.is_empty());
        let priced = price(&files.path("claims.csv"), &book, &[Dimension::Payer], 2, 300);
        let found: BTreeMap<_, _> = priced.outturn.groups.iter().map(|(key, sums)| {
            let counts = Outcome::ALL.map(|o| sums.count(o));
            (key[0].as_deref().unwrap().to_owned(), (sums.lines, sums.expected().dollars(), counts))
        }).collect();
        prop_assert_eq!(found, oracle(&fees, &lines));
    }

    #[test]
    fn workers_and_blocks_change_nothing(
        lines in prop::collection::vec(a_line(), 0..80),
        bad in prop::collection::vec(0..80_usize, 0..5),
        threads in 1..5_usize,
        block in 1..2000_usize,
    ) {
        let mut claims = HEADER.to_owned();
        for (i, line) in lines.iter().enumerate() {
            claims += &if bad.contains(&i) { "A,\"1\n\",oops\n".to_owned() } else { line.csv(i) };
        }
        let files = Files::new(FEES, &claims);
        let (book, _) = RateBook::read(&files.path("fees.csv")).unwrap();
        let by = [Dimension::Month, Dimension::Quarter, Dimension::State, Dimension::Locality, Dimension::Code, Dimension::Pos];
        let path = files.path("claims.csv");
        let (one, many) = (price(&path, &book, &by, 1, 1 << 20), price(&path, &book, &by, threads, block));
        prop_assert_eq!(one.lines, many.lines);
        prop_assert_eq!(one.quarantine, many.quarantine);
        prop_assert_eq!(one.outturn.groups, many.outturn.groups);
        prop_assert_eq!(one.outturn.findings, many.outturn.findings);
    }
}
