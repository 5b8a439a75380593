//! A gallery of findings: for every code the smallest input that provokes it, where it is said to be, and how much it
//! matters. A code without a case fails the test.

use std::collections::BTreeSet;
use std::io::Write as _;

use allowable::finding::{FindingCode, Severity};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::{common, import};

const PROJECT: &str = r#"
title = "t"
practice_place = "15202-00"
rules = ["rules.csv"]
[[payer]]
id = "MCR"
kind = "medicare"
name = "Medicare"
[[payer]]
id = "MCD"
kind = "medicaid"
name = "Medicaid"
[[payer.terms]]
from = "2020-01-01"
to = "2026-12-31"
basis = "medicaid-benchmark"
[[payer]]
id = "COM"
kind = "commercial"
name = "Commercial"
[[payer.terms]]
from = "2020-01-01"
to = "2026-12-31"
basis = "schedule"
schedule = "com"
unlisted = "unknown"
[[schedule]]
name = "com"
path = "com.csv"
kind = "contract"
"#;

const HEADER: &str = "Claim #,Line,DOS,Payer ID,CPT,Mod,Units,POS,ZIP,Charge";
const GOOD: &str = "1,1,03/25/2024,MCR,96372,,1,11,43215,40.00";
const REMIT: &str = "claim_id,line_number,payer_id,remit_date,code,charge,paid,allowed,adjustments";
const RATES: &str = "payer,area,code,modifier,setting,rate,unit_basis,effective_from,effective_to,source";

type Files = Vec<(&'static str, Vec<u8>)>;

/// A code, the files that provoke it, and where it must be: file, line, column.
struct Case(FindingCode, Files, (&'static str, Option<u32>, Option<&'static str>));

fn csv(header: &str, rows: &[&str]) -> Vec<u8> {
    let mut text = header.to_owned();
    for row in rows {
        text.push('\n');
        text.push_str(row);
    }
    text.push('\n');
    text.into_bytes()
}

/// Claim lines with these rows.
fn claims(rows: &[&str]) -> Files {
    vec![("c.csv", csv(HEADER, rows))]
}

/// A good row and one with the n-th cell replaced: the fault is on line 3.
fn cell(column: usize, value: &str) -> Files {
    let mut cells: Vec<&str> = GOOD.split(',').collect();
    cells[0] = "2";
    cells[column] = value;
    claims(&[GOOD, &cells.join(",")])
}

/// The good row with a changed header.
fn header(from: &str, to: &str) -> Files {
    vec![("c.csv", csv(&HEADER.replace(from, to), &[GOOD]))]
}

/// The good row and one remittance.
fn answered(remit: &str) -> Files {
    vec![("c.csv", csv(HEADER, &[GOOD])), ("r.csv", csv(REMIT, &[remit]))]
}

/// The good row and a schedule.
fn schedule(rows: &[&str]) -> Files {
    vec![("c.csv", csv(HEADER, &[GOOD])), ("com.csv", csv(RATES, rows))]
}

/// The good row and a table of one rule with this effect.
fn ruled(effect: &str) -> Files {
    let head = "id,title,check,codes,beside,without,only_drugs,has,lacks,modifier_on,pos,payers,states,ndc,diagnosis_lacks,\
                from,until,effect,step,fix,source,strength";
    let row = format!("ours,Ours,line,96372,,,,,,,,,,,,2024-01-01,,{effect},5,ask,our contract,ours");
    vec![("c.csv", csv(HEADER, &[GOOD])), ("rules.csv", csv(head, &[&row]))]
}

fn cut_gzip() -> Files {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::none());
    gzip.write_all(&csv(HEADER, &[GOOD].repeat(2000))).unwrap();
    let mut bytes = gzip.finish().unwrap();
    bytes.truncate(bytes.len() / 2);
    vec![("c.csv.gz", bytes)]
}

/// Five claims of two codes, each with its total on both lines.
fn claim_totals() -> Files {
    let rows: Vec<String> = (1..=5)
        .flat_map(|c| [(c, 1, "96372"), (c, 2, "J3420")])
        .map(|(claim, line, code)| format!("{claim},{line},03/25/2024,MCR,{code},,1,11,43215,{claim}45.00"))
        .collect();
    claims(&rows.iter().map(String::as_str).collect::<Vec<_>>())
}

const fn file(name: &'static str) -> (&'static str, Option<u32>, Option<&'static str>) {
    (name, None, None)
}

const fn at(line: u32) -> (&'static str, Option<u32>, Option<&'static str>) {
    ("c.csv", Some(line), None)
}

const fn of(line: u32, column: &'static str) -> (&'static str, Option<u32>, Option<&'static str>) {
    ("c.csv", Some(line), Some(column))
}

/// Trouble with whole files, headers and rows.
fn of_files() -> Vec<Case> {
    use FindingCode as F;
    let third = GOOD.replacen('1', "3", 1);
    let one = |bytes: &[u8]| vec![("c.csv", bytes.to_vec())];
    let latin = csv(&HEADER.replace("Mod", "Geb~hr"), &[GOOD]).into_iter().map(|b| if b == b'~' { 0xfc } else { b });
    vec![
        Case(F::UnopenedFile, Vec::new(), file("nowhere.csv")),
        Case(F::EmptyFile, one(b""), file("c.csv")),
        Case(F::BinaryFile, one(&[1, 0, 2, 0, 0, 3]), file("c.csv")),
        Case(F::TruncatedFile, cut_gzip(), file("c.csv.gz")),
        Case(F::NoHeader, one(&csv(GOOD, &[])), file("c.csv")),
        Case(F::PreambleSkipped, one(&csv("North Clinic", &[HEADER, GOOD])), at(1)),
        Case(F::EncodingGuessed, vec![("c.csv", latin.collect())], file("c.csv")),
        Case(F::UnmappedColumn, header("Mod", "Colour"), of(1, "Colour")),
        Case(F::AmbiguousColumn, header("Mod", "Billed Amount"), of(1, "Charge")),
        Case(F::MissingColumn, header("Charge", "Colour"), of(1, "charge")),
        Case(F::PatientColumnDropped, header("Mod", "Patient Name"), of(1, "Patient Name")),
        Case(F::RowTooShort, claims(&[GOOD, "2,1,03/25/2024"]), at(3)),
        Case(F::RowTooLong, claims(&[GOOD, "2,1,03/25/2024,MCR,96372,,1,11,43215,1,040.00"]), at(3)),
        Case(F::BadRow, claims(&[GOOD, "2,1,03/25/2024,\"MCR,96372,,1,11,43215,40.00", &third]), at(3)),
        Case(F::TotalRow, claims(&[GOOD, "Total,,,,,,,,,40.00"]), at(3)),
        Case(F::ControlTotalDiffers, claims(&[GOOD, "Total,,,,,,,,,41.00"]), of(3, "Charge")),
        Case(F::RepeatedClaimTotal, claim_totals(), of(2, "Charge")),
        Case(F::DuplicateRow, claims(&[GOOD, GOOD]), at(3)),
        Case(F::DuplicateLine, claims(&[GOOD, &GOOD.replace("40.00", "41.00")]), at(3)),
        Case(F::DuplicateFile, vec![("c.csv", csv(HEADER, &[GOOD])), ("d.csv", csv(HEADER, &[GOOD]))], file("d.csv")),
        Case(F::UnitChargeColumn, header("Charge", "Unit Charge"), of(1, "Unit Charge")),
    ]
}

/// Trouble with single cells.
fn of_cells() -> Vec<Case> {
    use FindingCode as F;
    let only = |dos: &str| claims(&[&GOOD.replace("03/25/2024", dos)]);
    let negated = |n: u32| format!("{n},1,2024-03-25,MCR,96372,1,11,43215,40.00,-11.02,2024-04-09");
    let negated = csv(
        "Claim #,Line,DOS,Payer ID,CPT,Units,POS,ZIP,Charge,Paid,Remit Date",
        &[&*negated(1), &*negated(2), &*negated(3)],
    );
    let drug = csv(&format!("{HEADER},NDC,NDC Qty,NDC Unit"), &[&format!("{GOOD},00517003125,0.5,MG")]);
    vec![
        Case(F::BadDate, cell(2, "13/45/2024"), of(3, "DOS")),
        Case(F::AmbiguousDate, only("03/04/2024"), of(2, "DOS")),
        Case(F::DayFirstDates, only("25/03/2024"), ("c.csv", None, Some("DOS"))),
        Case(F::ImplausibleDate, cell(2, "03/25/1924"), of(3, "DOS")),
        Case(F::BadMoney, cell(9, "4O.00"), of(3, "Charge")),
        Case(F::BadCode, cell(4, "9637"), of(3, "CPT")),
        Case(F::BadModifier, cell(5, "2!5"), of(3, "Mod")),
        Case(F::BadPos, cell(7, "100"), of(3, "POS")),
        Case(F::BadUnits, cell(6, "1.2345"), of(3, "Units")),
        Case(F::BadNdc, vec![("c.csv", drug)], of(2, "NDC Unit")),
        Case(F::BadNumber, cell(1, "x"), of(3, "Line")),
        Case(F::BadPlace, cell(8, "ABC"), of(3, "ZIP")),
        Case(F::MissingValue, cell(9, ""), of(3, "Charge")),
        Case(F::BlankUnits, cell(6, ""), of(3, "Units")),
        Case(F::NonPositiveUnits, cell(6, "0"), of(3, "Units")),
        Case(F::NegatedColumn, vec![("c.csv", negated)], ("c.csv", None, Some("Paid"))),
        Case(F::NegativeCharge, cell(9, "-40.00"), of(3, "Charge")),
        Case(F::ScientificNumber, cell(0, "1.2E+11"), of(3, "Claim #")),
        Case(
            F::BadAdjustment,
            vec![
                ("c.csv", csv(HEADER, &[GOOD])),
                ("r.csv", csv(&REMIT.replace("adjustments", "group_code"), &["1,1,MCR,2024-04-09,96372,40.00,0,0,ZZ"])),
            ],
            ("r.csv", Some(2), Some("group_code")),
        ),
    ]
}

/// Trouble between the files, with schedules, and with fallbacks of the price. Ohio's fee of March 2024 is 13.58.
fn of_joins() -> Vec<Case> {
    use FindingCode as F;
    let remit = ("r.csv", Some(2), None);
    let rate = |rate: &str, from: &str, to: &str| format!("COM,,96372,,,{rate},per unit,{from},{to},s");
    let from = |line| ("com.csv", Some(line), Some("effective_from"));
    let rates = |rows: [String; 2]| schedule(&[&rows[0], &rows[1]]);
    let dateless = csv(
        "Claim #,Line,DOS,Payer ID,CPT,Units,POS,ZIP,Charge,Paid",
        &["1,1,2024-03-25,MCR,96372,1,11,43215,40.00,13.58"],
    );
    let by_state =
        csv("Claim #,Line,DOS,Payer ID,CPT,Units,POS,State,Charge", &["1,1,2024-03-25,MCR,96372,1,11,CA,40.00"]);
    let without_modifiers = csv(
        "Claim #,Line,DOS,Payer ID,CPT,Units,POS,ZIP,Charge",
        &["1,1,2024-03-25,MCR,99213,1,11,43215,120.00", "1,2,2024-03-25,MCR,96372,1,11,43215,40.00"],
    );
    vec![
        Case(F::UnknownPayer, cell(3, "HMO9"), of(3, "Payer ID")),
        Case(F::RemitWithoutLine, answered("7,1,MCR,2024-04-09,96372,40.00,13.58,13.58,CO-45:26.42"), remit),
        Case(F::RemitBeforeService, answered("1,1,MCR,2024-03-09,96372,40.00,13.58,13.58,CO-45:26.42"), remit),
        Case(F::ChargeMismatch, answered("1,1,MCR,2024-04-09,96372,41.00,13.58,13.58,CO-45:27.42"), remit),
        // 40.00 − 26.00 = 14.00, not 13.58.
        Case(F::DoesNotBalance, answered("1,1,MCR,2024-04-09,96372,40.00,13.58,13.58,CO-45:26.00"), remit),
        // 10.86 + 2.72 patient = 13.58, not 14.00.
        Case(F::AllowedMismatch, answered("1,1,MCR,2024-04-09,96372,40.00,10.86,14.00,CO-45:26.42;PR-2:2.72"), remit),
        Case(F::DatelessAnswer, vec![("c.csv", dateless)], of(2, "remit_date")),
        Case(
            F::ScheduleOverlap,
            rates([rate("20.00", "2024-01-01", "2024-12-31"), rate("21.00", "2024-07-01", "2025-12-31")]),
            from(3),
        ),
        Case(
            F::ScheduleGap,
            rates([rate("20.00", "2024-01-01", "2024-06-30"), rate("21.00", "2024-08-01", "2025-12-31")]),
            from(3),
        ),
        Case(
            F::ScheduleRowBad,
            schedule(&[&rate("2x", "2024-01-01", "2024-12-31")]),
            ("com.csv", Some(2), Some("rate")),
        ),
        Case(F::ZeroRate, schedule(&[&rate("0.00", "2024-01-01", "2024-12-31")]), ("com.csv", Some(2), Some("rate"))),
        Case(
            F::DuplicateRate,
            rates([rate("20.00", "2024-01-01", "2024-12-31"), rate("21.00", "2024-01-01", "2024-12-31")]),
            from(3),
        ),
        Case(F::BadRule, ruled("sometimes"), ("rules.csv", Some(2), Some("effect"))),
        Case(F::RulesNotAsked, vec![("c.csv", without_modifiers)], at(2)),
        Case(F::ZipNeedsPlus4, cell(8, "01434"), at(3)),
        Case(F::ZipUnknown, cell(8, "00000"), at(3)),
        Case(F::StateMean, vec![("c.csv", by_state)], at(2)),
        Case(F::PosMissing, cell(7, ""), at(3)),
        Case(F::NotFirm, cell(3, "MCD"), at(3)),
        Case(
            F::UnknownCarc,
            answered("1,1,MCR,2024-04-09,96372,40.00,0.00,0.00,CO-999:40.00"),
            ("r.csv", Some(2), Some("carc")),
        ),
        Case(F::OutOfScopeCode, cell(4, "93000"), at(3)),
    ]
}

/// An interchange of one set around these segments: ISA is segment 1, GS 2, ST 3, the first of them 4.
fn edi(set: &str, segments: &[&str]) -> String {
    let isa =
        "ISA*00*          *00*          *ZZ*A              *ZZ*B              *240409*0800*^*00501*000000001*0*T*:";
    let count = segments.len() + 2;
    let (se, st) = (format!("SE*{count}*0001"), format!("ST*{set}*0001"));
    let mut all = vec![isa, "GS*HP*A*B*20240409*0800*1*X*005010X221A1", &st];
    all.extend(segments);
    all.extend([&*se, "GE*1*1", "IEA*1*000000001"]);
    all.iter().map(|s| format!("{s}~")).collect()
}

/// A claim of 40.00 of which 10.00 is paid and 30.00 contractual. CLP is segment 7, SVC 8, CAS 10, SE 11, IEA 13.
const PAID: [&str; 7] = [
    "BPR*I*10*C*ACH************20240409",
    "TRN*1*T1*1",
    "N1*PR*Medicare*XV*MCR",
    "CLP*1*1*40*10**MB*P1*11*1",
    "SVC*HC:96372*40*10**1",
    "DTM*472*20240325",
    "CAS*CO*45*30",
];

/// Two claims; their first lines are the segments 13 and 17.
fn billed(second_day: &str) -> Vec<u8> {
    let day = format!("DTP*472*D8*{second_day}");
    let head = ["BHT*0019*00*1*20240326*0800*CH", "HL*1**20*1", "NM1*85*2*C*****XX*1999999984", "N4*COLUMBUS*OH*43215"];
    let payer = ["HL*2*1*22*0", "SBR*P*18*******MB", "NM1*PR*2*Medicare*****PI*MCR"];
    let claim = ["CLM*1*40***11:B:1", "LX*1", "SV1*HC:96372*40*UN*1"];
    let first = [&claim[..], &["DTP*472*D8*20240325"]].concat();
    let second = [&claim[..], &[&*day]].concat();
    edi("837", &[&head[..], &payer, &first, &second].concat()).replace("X221A1", "X222A1").into_bytes()
}

fn of_x12() -> Vec<Case> {
    use FindingCode as F;
    let paid = edi("835", &PAID);
    let era = |text: String| vec![("r.835", text.into_bytes())];
    let with = |at: usize, segment: &'static str| {
        let mut segments = PAID;
        segments[at] = segment;
        era(edi("835", &segments))
    };
    let at = |line: u32, column: &'static str| ("r.835", Some(line), Some(column));
    let without_lines: Vec<&str> = PAID[..4].iter().chain(&PAID[6..]).copied().collect();
    // The line is paid 10.00, the claim 8.00: a copay of 2.00 was taken off the claim as a whole.
    let claim_level = [&PAID[..3], &["CLP*1*1*40*8**MB*P1*11*1", "CAS*PR*3*2"], &PAID[4..]].concat();
    let again = vec![("r.835", paid.clone().into_bytes()), ("s.835", paid.replace('*', "|").into_bytes())];
    let mut whole = era(edi("835", &without_lines));
    whole.push(("c.csv", csv(HEADER, &[GOOD])));
    vec![
        Case(F::MissingHeader, era(paid[paid.find("GS*").unwrap()..].to_owned()), at(1, "ISA")),
        Case(F::MissingTrailer, era(paid.replace("IEA*1*000000001~", "")), at(12, "IEA")),
        Case(F::CountDiffers, era(paid.replace("SE*9*", "SE*10*")), at(11, "SE01")),
        Case(F::ControlNumberDiffers, era(paid.replace("SE*9*0001", "SE*9*0002")), at(11, "SE02")),
        Case(F::BrokenSegment, era(paid[..paid.find("45*30").unwrap()].to_owned()), ("r.835", Some(10), None)),
        Case(F::NoiseSkipped, era(format!("Dear colleagues, see below.\n{paid}")), ("r.835", Some(1), None)),
        Case(F::SetNotRead, era(edi("277", &["BHT*0010*08*1*20240409"])), at(3, "ST01")),
        Case(F::PaymentDoesNotBalance, with(0, "BPR*I*11*C*ACH************20240409"), at(4, "BPR02")),
        Case(F::ClaimDoesNotBalance, with(3, "CLP*1*1*41*10**MB*P1*11*1"), at(7, "CLP04")),
        Case(F::PartOfACent, with(4, "SVC*HC:96372*40.005*10**1"), at(8, "SVC02")),
        Case(F::DuplicatePayment, again, ("s.835", Some(3), Some("TRN02"))),
        Case(F::PayerByKind, with(2, "N1*PR*Some contractor*XV*99"), ("r.835", None, Some("CLP06"))),
        Case(F::ClaimSentAgain, vec![("c.837", billed("20240325"))], ("c.837", Some(13), Some("CLM"))),
        Case(F::ClaimNumberReused, vec![("c.837", billed("20240328"))], ("c.837", Some(13), None)),
        Case(F::AnswerSplit, whole, ("r.835", Some(7), None)),
        Case(F::ClaimLevelAdjustment, era(edi("835", &claim_level)), at(7, "CAS")),
        Case(F::PracticePlaceUsed, era(paid.clone()), ("r.835", Some(8), None)),
        Case(F::FilePassedOver, vec![("LICENSE", Vec::new())], ("LICENSE", None, None)),
    ]
}

fn of_contracts() -> Vec<Case> {
    const CONTRACT: &str = r#"
[contract]
payer = "CTR"
kind = "commercial"
[[version]]
from = "2020-01-01"
[[version.term]]
codes = ["99213"]
pays = "medicare"
[version.unlisted]
pays = "percent-of-charge"
percent = "40"
"#;
    let line = csv(HEADER, &["1,1,03/25/2024,CTR,96372,,1,11,43215,40.00"]);
    vec![Case(
        FindingCode::ContractUnlisted,
        vec![("c.csv", line), ("ctr.toml", CONTRACT.into())],
        ("c.csv", Some(2), None),
    )]
}

/// A denied line, and what the state file says of it.
fn kept(rows: &[&str]) -> Files {
    let mut files = answered("1,1,MCR,2024-04-09,96372,40.00,0.00,0.00,CO-50:40.00");
    files.push(("state.csv", csv("claim_id,line_number,status", rows)));
    files
}

fn of_earlier_work() -> Vec<Case> {
    use FindingCode as F;
    vec![
        Case(F::WorkStateBad, kept(&["1,1,done"]), ("state.csv", Some(2), Some("status"))),
        Case(F::WorkStateTwice, kept(&["1,1,to do", "1,1,appealed"]), ("state.csv", Some(2), None)),
        Case(F::WorkStateUnknown, kept(&["7,1,appealed"]), ("state.csv", Some(2), None)),
        Case(F::WorkStateDiffers, kept(&["1,1,recovered"]), ("state.csv", Some(2), None)),
    ]
}

/// Releases of CMS, and folders of imported tables (those with a manifest).
fn of_imports() -> Vec<Case> {
    use FindingCode as F;
    let rvu = "PPRRVU25_JAN.csv";
    let release = |from: &str, to: &str| vec![(rvu, import::pprrvu().replacen(from, to, 1).into_bytes())];
    let row = |from: &str, to: &str| vec![(rvu, import::pprrvu().replace(from, to).into_bytes())];
    let all = import::pprrvu();
    let first = all.lines().nth(9).unwrap();
    let again =
        format!("{all}{}\n", first.replace("1.30,1.33,,0.55,,0.10,2.73,1.95", "1.31,1.33,,0.55,,0.10,2.74,1.96"));
    let dearer: Vec<String> = (0..9)
        .map(|i| {
            let line = first.replace("99213,", &format!("2000{i},"));
            // 1.30 + 0.55 + 0.10 = 1.95 outside, 2.73 inside.
            line.replace("1.30,1.33,,0.55,,0.10,2.73,1.95", "1.30,0.55,,1.33,,0.10,1.95,2.73") + "\n"
        })
        .collect();
    let pairs = b"Column 1\tColumn 2\tEffective Date\tDeletion Date\tModifier\n96372\t99213\t20090401\t*\t1\n".to_vec();
    let named = |line| (rvu, Some(line), None);
    let gpci = |from: &str, to: &str| import::GPCI.replace(from, to).into_bytes();
    let table =
        b"effective_from,year,release,code,mod,status,work,nf_pe,fac_pe,mp,nf_na,fac_na,pctc,global,opps_nf_pe,\
        opps_fac_pe,opps_mp\n2025-04-01,2025,RVU25B,27130,,A,1.00,1.00,1.00,1.00,,,0,090,0.00,0.00,0.00\n"
            .to_vec();
    let manifest = |sum: &str| {
        let header = "path,sha256,release,key,rows,released,source,source_sha256,note";
        csv(header, &[&format!("medicare/rvu.csv,{sum},RVU25B,2025-04-01,1,,x.csv,,")])
    };
    let sum = allowable::import::sha256(&table);
    let kept = |sum: &str| vec![("MANIFEST.csv", manifest(sum)), ("medicare/rvu.csv", table.clone())];
    let laid = ("reference/medicare/rvu.csv", None, None);
    vec![
        Case(F::ImportNotRecognised, vec![("x.csv", csv("a,b", &["1,2"]))], ("x.csv", None, None)),
        Case(F::ImportColumnMissing, release("WORK,", "WROK,"), (rvu, Some(9), Some("work RVU"))),
        Case(F::ImportColumnUnknown, release("MULT,", "MUTL,"), (rvu, Some(9), Some("MUTL PROC"))),
        // An index of 101.0 is none.
        Case(F::ImportShifted, vec![("GPCI2025.csv", gpci(",1.0", ",10"))], ("GPCI2025.csv", Some(3), None)),
        Case(F::ImportRowBad, row("99213,,", "9921,,"), (rvu, Some(10), Some("code"))),
        Case(F::ImportDuplicate, vec![(rvu, again.into_bytes())], (rvu, Some(23), Some("code"))),
        Case(F::ImportWrongYear, vec![("GPCI2024.csv", gpci("", ""))], ("GPCI2024.csv", Some(3), None)),
        Case(
            F::ImportUndated,
            vec![("x.csv", all.replace("2025 National", "National").into_bytes())],
            ("x.csv", Some(9), None),
        ),
        Case(F::ImportFactors, release("32.3465", "32.3466"), named(9)),
        Case(F::ImportFactorDiffers, row("32.3465", "33.0000"), named(9)),
        Case(
            F::ImportOverlap,
            vec![("GPCI2025.csv", gpci("", "")), ("b/GPCI2025.csv", gpci("0.917", "0.918"))],
            ("b/GPCI2025.csv", None, None),
        ),
        Case(F::ImportShrinks, vec![("GPCI2025.csv", gpci("", ""))], ("GPCI2025.csv", None, None)),
        Case(F::ImportPartsMissing, vec![("ccipra-v312r0-f1.txt", pairs)], ("ccipra-v312r0-f1.txt", None, None)),
        // An office costs less than a hospital in three codes of four: facility and office stand the wrong way round.
        Case(
            F::ImportDisagrees,
            vec![(rvu, format!("{all}{}", dearer.concat()).into_bytes())],
            (rvu, Some(9), Some("facility PE RVU")),
        ),
        Case(F::ImportReplaces, kept(&sum), laid),
        Case(F::ImportStretched, kept(&sum), laid),
        Case(F::ImportEdited, kept("0"), laid),
    ]
}

/// Four services a day on these days.
fn served(days: &[(u32, u32)]) -> Vec<u8> {
    let row = |(month, day): (u32, u32)| {
        (0..4).map(move |n| format!("{month}-{day}-{n},1,{month:02}/{day:02}/2024,MCR,96372,,1,11,43215,40.00"))
    };
    let rows: Vec<String> = days.iter().copied().flat_map(row).collect();
    csv(HEADER, &rows.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Every day up to the 28th of these months.
fn days_of(months: &[u32]) -> Vec<(u32, u32)> {
    months.iter().flat_map(|month| (1..=28).map(move |day| (*month, day))).collect()
}

/// Services of Medicare in some months, and of Medicaid in others.
fn of_two(medicare: &[u32], medicaid: &[u32]) -> Vec<u8> {
    let mut all = served(&days_of(medicare));
    let text = String::from_utf8(served(&days_of(medicaid))).unwrap();
    for row in text.lines().skip(1) {
        all.extend_from_slice(format!("d{}\n", row.replace(",MCR,", ",MCD,")).as_bytes());
    }
    all
}

fn of_forecasts() -> Vec<Case> {
    use FindingCode as F;
    // The header and 56 days of four rows stand before the row of December.
    let mut lone = served(&days_of(&[1, 2]));
    lone.extend_from_slice(b"9,1,12/05/2024,MCR,96372,,1,11,43215,40.00\n");
    // Answers of 9 January, services up to 28 April.
    let answer = "1-1-0,1,MCR,2024-01-09,96372,40.00,10.86,13.58,CO-45:26.42;PR-2:2.72";
    vec![
        Case(F::LoneDate, vec![("c.csv", lone)], at(226)),
        Case(F::ServicesMissing, vec![("c.csv", served(&days_of(&[1, 2, 4])))], file("c.csv")),
        Case(F::PayerMissing, vec![("c.csv", of_two(&[1, 2, 4, 5], &[1, 2, 3, 4, 5]))], file("c.csv")),
        Case(
            F::PayerUnanswered,
            vec![("c.csv", of_two(&[1, 2], &[1, 2])), ("r.csv", csv(REMIT, &[answer]))],
            file("c.csv"),
        ),
        Case(
            F::AnswersStopEarly,
            vec![("c.csv", served(&days_of(&[1, 2, 3, 4]))), ("r.csv", csv(REMIT, &[answer]))],
            ("r.csv", Some(2), None),
        ),
    ]
}

/// What a forecast says of these files.
fn of_forecast(files: &[(&str, &[u8])]) -> Vec<allowable::finding::Finding> {
    use allowable::{ingest, outlook, project::Project, reference::Reference};
    let project = Project::parse(PROJECT, "allowable.toml").unwrap();
    let reference = Reference::embedded().unwrap();
    let inputs: Vec<ingest::Input> = files
        .iter()
        .map(|(name, bytes)| ingest::Input::Bytes { name: (*name).into(), bytes: bytes.to_vec().into() })
        .collect();
    let intake = ingest::read(&inputs, &project, &|_| ()).unwrap();
    let day = outlook::last_usual_day(&intake).unwrap();
    let book = outlook::Book::new(&intake, &project, &reference, day).unwrap();
    book.findings.into_iter().chain(outlook::lone_dates(&intake, day)).collect()
}

/// What an import of these files says, or the use of tables that were imported.
fn of_import(files: &[(&str, &[u8])]) -> Vec<allowable::finding::Finding> {
    if files.iter().all(|(name, _)| *name != "MANIFEST.csv") {
        let (releases, mut findings) = import::read(files);
        findings.extend(allowable::import::merge(&releases, &|_| Ok(None), false).unwrap().findings);
        return findings;
    }
    let mut reference = allowable::reference::Reference::embedded().unwrap();
    let read = |path: &str| Ok(files.iter().find(|(name, _)| *name == path).map(|(_, bytes)| bytes.to_vec()));
    allowable::import::lay_over(&mut reference, "reference", &read).unwrap()
}

#[test]
fn every_finding_can_be_provoked_and_says_where_and_what_to_do() {
    let cases: Vec<Case> = of_files()
        .into_iter()
        .chain(of_cells())
        .chain(of_joins())
        .chain(of_x12())
        .chain(of_earlier_work())
        .chain(of_contracts())
        .chain(of_imports())
        .chain(of_forecasts())
        .collect();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for Case(code, files, (name, line, column)) in &cases {
        seen.insert(*code);
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
        let found = match code {
            FindingCode::LoneDate
            | FindingCode::AnswersStopEarly
            | FindingCode::ServicesMissing
            | FindingCode::PayerMissing
            | FindingCode::PayerUnanswered => of_forecast(&files),
            _ if code.as_str().starts_with("import-") => of_import(&files),
            _ => common::findings(PROJECT, &files),
        };
        let here = |f: &&allowable::finding::Finding| {
            f.code == *code && f.place.file == *name && f.place.line == *line && f.place.column.as_deref() == *column
        };
        match found.iter().find(here) {
            None => wrong.push(format!("{code} is not at {name} {line:?} {column:?}: {found:#?}")),
            Some(finding) => {
                // A value that a row does not need is left out with a warning; the row stays.
                let expected = code.severity();
                assert_eq!(finding.severity, expected, "{code}");
                assert!(!finding.help.is_empty() && finding.to_string().contains("\n  help: "), "{code}");
                assert!(finding.to_string().contains(&format!("{expected}[{code}]")), "{code}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let missing: Vec<&FindingCode> = FindingCode::ALL.iter().filter(|code| !seen.contains(code)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn a_good_row_has_no_finding() {
    assert_eq!(common::findings(PROJECT, &[("c.csv", &csv(HEADER, &[GOOD]))]), []);
    // 40.00 − 26.42 = 13.58 = 10.86 + 2.72.
    let good = "1,1,MCR,2024-04-09,96372,40.00,10.86,13.58,CO-45:26.42;PR-2:2.72";
    let files = [("c.csv", csv(HEADER, &[GOOD])), ("r.csv", csv(REMIT, &[good]))];
    assert_eq!(common::findings(PROJECT, &files.each_ref().map(|(n, b)| (*n, b.as_slice()))), []);
}

#[test]
fn severities_say_whether_something_was_lost() {
    // What leaves a row out is an error, what rests on an assumption a warning.
    for code in [FindingCode::BadMoney, FindingCode::RowTooShort, FindingCode::DuplicateRow, FindingCode::EmptyFile] {
        assert_eq!(code.severity(), Severity::Error);
    }
    for code in [FindingCode::BlankUnits, FindingCode::ZipNeedsPlus4, FindingCode::DoesNotBalance] {
        assert_eq!(code.severity(), Severity::Warning);
    }
}
