//! Rules of payability in bulk: hand sums, the same falls as the report's judge, and cuts that change nothing.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use allowable::domain::{Money, Payer};
use allowable::finding::FindingCode;
use allowable::ingest::{self, Input};
use allowable::payability::{Tells, judge_lines};
use allowable::price::bulk::{self, DayRules, Dimension, Format, Job, Outcome, Outturn, RateBook};
use allowable::project::Project;
use allowable::reference::Reference;
use polars::prelude::{Column, DataFrame, NamedFrom, ParquetWriter, Series};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::common::{Said, run};

const HEADER: &str = "claim_id,line_number,service_date,payer_id,state,locality,pos,code,modifiers,units,billed_amount,\
                      allowed_amount,paid_amount,patient_amount,group_code,carc";

const FEES: &str = "payer_id,area,code,modifier,facility,effective_from,effective_to,rate
MCR,1520200,96372,,false,2024-01-01,2024-12-31,15.00
MCR,1520200,99213,,false,2024-01-01,2024-12-31,90.00
MCR,1520200,J3420,,true,2024-01-01,2024-12-31,0.50
COM,OH,96372,,false,2024-01-01,2024-12-31,20.00
COM,OH,99213,,false,2024-01-01,2024-12-31,120.00
";

const PROJECT: &str = r#"
title = "Rules in bulk"
[[payer]]
id = "MCR"
name = "Medicare"
kind = "medicare"
[[payer]]
id = "MCD"
name = "State Medicaid"
kind = "medicaid"
[[payer]]
id = "COM"
name = "Anthem Blue"
kind = "commercial"
"#;

/// A line of claim, number, day of May 2024, payer, place, code, modifiers, allowed and reason. Charges are 200.00.
fn line(words: &str) -> String {
    let [claim, number, day, payer, pos, code, modifiers, allowed, carc] =
        words.split_whitespace().collect::<Vec<_>>()[..]
    else {
        panic!("{words}")
    };
    let [modifiers, carc] = [modifiers, carc].map(|word| if word == "-" { "" } else { word });
    let group = if carc.is_empty() { "" } else { "CO" };
    format!(
        "{claim},{number},2024-05-{day},{payer},OH,1520200,{pos},{code},{modifiers},1,200.00,{allowed},{allowed},0.00,{group},{carc}\n"
    )
}

fn file(lines: &[&str]) -> String {
    HEADER.to_owned() + "\n" + &lines.iter().map(|words| line(words)).collect::<String>()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(claims: &str) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::write(folder.path("fees.csv"), FEES).unwrap();
        fs::write(folder.path("claims.csv"), claims).unwrap();
        fs::write(folder.path("project.toml"), PROJECT).unwrap();
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn price(&self, args: &[&str]) -> Said {
        run(self.0.path(), &[&["price", "claims.csv", "--fees", "fees.csv", "--threads", "2"], args].concat())
    }
}

const HAND: [&str; 12] = [
    // The visit beside the injection falls without 25 (ncci-office-visit).
    "A 1 06 MCR 11 96372 - 15.00 -",
    "A 2 06 MCR 11 99213 - 90.00 -",
    // 25 stands on the injection: that line falls, although it is denied. The visit lacks 120 − 110.
    "B 1 06 COM 11 96372 25 0.00 4",
    "B 2 06 COM 11 99213 25 110.00 -",
    // Two days: nothing stands beside anything.
    "C 1 06 MCR 11 96372 - 15.00 -",
    "C 2 07 MCR 11 99213 - 90.00 -",
    // Telehealth. The schedule has no rate for the place, but nothing is expected of the line anyway.
    "D 1 06 COM 02 96372 - 20.00 -",
    // The first service is on the bill of another payer: it is no parent of this one.
    "E 1 06 MCR 11 96375 - 12.00 -",
    "E 2 06 COM 11 96374 - 30.00 -",
    // The first service cannot be read (May has no 32nd), so it does not take part.
    "F 1 32 MCR 11 96374 - 30.00 -",
    "F 2 06 MCR 11 96375 - 12.00 -",
    // The claim comes back: alone, the visit stands.
    "A 3 06 MCR 11 99213 - 90.00 -",
];

#[test]
fn lines_that_fall_are_expected_to_bring_nothing_and_say_why() {
    let folder = Folder::new(&file(&HAND));
    let said = folder.price(&["--rules"]).ends(0);
    let results: Vec<String> = said
        .out
        .lines()
        .map(|l| l.rsplitn(6, ',').take(5).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(
        results,
        [
            "rate,expected,variance,outcome,rule",
            "15.00,15.00,0.00,ok,",
            "90.00,0.00,-90.00,notpayable,ncci-office-visit",
            "20.00,0.00,0.00,notpayable,modifier-25-on-injection",
            "120.00,120.00,10.00,under,",
            "15.00,15.00,0.00,ok,",
            "90.00,90.00,0.00,ok,",
            ",0.00,-20.00,notpayable,telehealth-place",
            ",0.00,-12.00,notpayable,add-on-push-no-parent",
            ",,,norate,",
            ",0.00,-12.00,notpayable,add-on-push-no-parent",
            "90.00,90.00,0.00,ok,",
        ]
    );
    for said in [&said.err, &folder.price(&["--rules", "--group", "pos"]).ends(0).err] {
        let told: Vec<&str> = said.lines().map(str::trim_end).collect();
        let expected = [
            "rows read               12",
            "denied                   0",
            "under                    1  $10.00 from expected",
            "over                     0",
            "ok                       4",
            "norate                   1",
            // 90 + 0 + 20 + 12 + 12
            "notpayable               5  −$134.00 from expected",
            "quarantined              1  $200.00 billed",
            // 15 + 120 + 15 + 90 + 90; and 15 + 90 + 0 + 110 + 15 + 90 + 20 + 12 + 30 + 12 + 90
            "billed $2,200.00  expected $330.00  allowed $484.00  paid $484.00",
            "not payable, by the first rule that applies:",
            "  add-on-push-no-parent                     2  $400.00 billed; Subsequent push (96375) without its first service",
            "  telehealth-place                          1  $200.00 billed; Injection or infusion billed with a telehealth place of service",
            "  modifier-25-on-injection                  1  $200.00 billed; Modifier 25 on the injection instead of the visit",
            "  ncci-office-visit                         1  $200.00 billed; Office visit beside the injection without modifier 25",
            "note: nothing is known of payers COM, MCR: only the rules for all payers were asked (--project tells kinds)",
            "note: 1 claim stands in several places of the file; each part was judged by itself",
        ];
        // Before the table stands the bad date.
        assert!(told.ends_with(&expected), "{said}");
    }
}

#[test]
fn groups_count_them_apart_and_only_where_rules_were_asked() {
    let folder = Folder::new(&file(&HAND));
    let columns = "payer_id,n,units,billed_amount,allowed_amount,paid_amount,expected,n_denied,n_under,n_over,n_ok,n_norate,v_denied,v_under,v_over";
    // MCR: expected 15 + 15 + 90 + 90, allowed 15 + 90 + 15 + 90 + 12 + 12 + 90; three lines fall with 90 + 12 + 12.
    // COM: expected 120, allowed 0 + 110 + 20 + 30; two lines fall with 0 + 20, none is left as denied.
    let groups = format!(
        "{columns},n_notpayable,v_notpayable\n\
         COM,4,4,800.00,160.00,160.00,120.00,0,1,0,0,1,0.00,10.00,0.00,2,-20.00\n\
         MCR,7,7,1400.00,324.00,324.00,210.00,0,0,0,4,0,0.00,0.00,0.00,3,-114.00\n"
    );
    assert_eq!(folder.price(&["--rules", "--group", "payer_id"]).ends(0).out, groups);
    // Without rules: COM expects 20 + 120 and has a denial of 20; MCR expects 90 more.
    let without = format!(
        "{columns}\n\
         COM,4,4,800.00,160.00,160.00,140.00,1,1,0,0,2,20.00,10.00,0.00\n\
         MCR,7,7,1400.00,324.00,324.00,300.00,0,0,0,5,2,0.00,0.00,0.00\n"
    );
    let said = folder.price(&["--group", "payer_id"]).ends(0);
    assert_eq!(said.out, without);
    assert!(!said.err.contains("payable"), "{}", said.err);
    // Parquet out has the same columns, and lines written with rules are an input again.
    let out = ["--rules", "--out"];
    folder.price(&[&out[..], &["lines.parquet"]].concat()).ends(0);
    let again = ["price", "lines.parquet", "--fees", "fees.csv", "--rules", "--group", "payer_id"];
    assert_eq!(run(folder.0.path(), &again).ends(0).out, groups);
    let summary = folder.price(&["--rules", "--format", "json", "--out", "x.csv"]).ends(0).json();
    assert_eq!(summary["outcomes"]["notpayable"], serde_json::json!({ "lines": 5, "variance": "-134.00" }));
    assert_eq!(summary["rules"]["fallen"][0]["rule"], "add-on-push-no-parent");
    assert_eq!(summary["rules"]["fallen"][0]["lines"], 2);
    assert_eq!(summary["rules"]["fallen"][0]["allowed_amount"], "24.00");
    assert_eq!(summary["rules"]["payers_not_known"], serde_json::json!(["COM", "MCR"]));
    assert_eq!(
        (&summary["rules"]["claims_apart"], &summary["rules"]["claims_apart_counted"]),
        (&1.into(), &true.into())
    );
}

#[test]
fn a_project_tells_the_kinds_of_payers_and_rules_of_its_own() {
    let folder = Folder::new(&file(&[
        // Drugs in a hospital are the hospital's: a rule for Medicare alone.
        "A 1 06 MCR 22 J3420 - 0.50 -",
        // Medicaid pays drugs only with their NDC: this layout tells none, so the rules are not asked.
        "B 1 06 MCD 11 J3420 - 0.50 -",
        "C 1 06 MCD 11 J3420 - 0.50 -",
        // Anthem wants the drug beside the injection: a rule by the payer's name.
        "D 1 06 COM 11 96372 - 20.00 -",
        "E 1 06 MCR 12 99213 - 90.00 -",
    ]));
    let rules = |args: &[&str]| -> Vec<String> {
        let said = folder.price(&[&["--rules"], args].concat()).ends(0);
        said.out.lines().skip(1).map(|l| l.rsplit(',').next().unwrap().to_owned()).collect()
    };
    assert_eq!(rules(&[]), ["", "", "", "", ""]);
    assert_eq!(rules(&["--project", "project.toml"]), ["hospital-drug", "", "", "anthem-drug-line", ""]);
    let said = folder.price(&["--rules", "--project", "project.toml", "--group", "pos"]).ends(0).err;
    let not_asked = "claims.csv: note[rules-not-asked]: the file does not tell what these rules look at: ndc-missing, ndc-malformed (2 times)";
    assert!(said.contains(not_asked), "{said}");
    assert!(!said.contains("nothing is known of payers"), "{said}");
    fs::write(
        folder.path("own.csv"),
        "id,title,check,codes,beside,without,only_drugs,has,lacks,modifier_on,pos,payers,states,ndc,diagnosis_lacks,from,\
         until,effect,step,fix,source,strength\n\
         no-visits-at-home,,line,99213,,,,,,,12,,,,,,,not-payable,1,,,\n\
         hospital-drug,,line,,,,,,,,,,,,,,,off,1,,,\n",
    )
    .unwrap();
    fs::write(folder.path("project.toml"), format!("rules = [\"own.csv\"]\n{}", PROJECT.trim_start())).unwrap();
    assert_eq!(rules(&["--project", "project.toml"]), ["", "", "", "anthem-drug-line", "no-visits-at-home"]);
    // A project without rules would do nothing.
    folder.price(&["--project", "project.toml"]).ends(2);
}

#[test]
fn a_file_without_modifiers_is_not_blamed_for_them() {
    let claims = file(&["A 1 06 MCR 11 96372 - 15.00 -", "A 2 06 MCR 11 99213 - 90.00 -"]);
    let column = HEADER.split(',').position(|name| name == "modifiers").unwrap();
    let without = claims.lines().map(|line| {
        let mut cells: Vec<&str> = line.split(',').collect();
        cells.remove(column);
        cells.join(",") + "\n"
    });
    let said = Folder::new(&without.collect::<String>()).price(&["--rules", "--group", "pos"]).ends(0);
    assert!(said.err.contains("the file does not tell what these rules look at: ncci-office-visit\n"), "{}", said.err);
    assert!(said.err.contains("notpayable               0"), "{}", said.err);
}

#[test]
fn rules_need_claim_numbers() {
    let claims = file(&["- 1 06 MCR 11 96372 - 15.00 -"]).replace("\n-,", "\n ,");
    let folder = Folder::new(&claims);
    folder.price(&["--group", "pos"]).ends(0);
    let said = folder.price(&["--rules", "--group", "pos", "--deny", "error"]).ends(3);
    assert!(said.err.contains("claims.csv:2, column \"claim_id\": error[missing-value]: blank"), "{}", said.err);
    fs::write(folder.path("claims.csv"), claims.replace("claim_id", "number")).unwrap();
    folder.price(&["--group", "pos"]).ends(0);
    let said = folder.price(&["--rules", "--group", "pos"]).ends(1);
    assert!(said.err.contains("no column claim_id"), "{}", said.err);
    // One number on everything is no claim number.
    let rows = line("X 1 06 MCR 11 96372 - 15.00 -").repeat(5001);
    fs::write(folder.path("claims.csv"), format!("{HEADER}\n{rows}")).unwrap();
    let said = folder.price(&["--rules", "--group", "pos"]).ends(1);
    assert!(said.err.contains("a claim_id stands on more than 5000 rows"), "{}", said.err);
}

/// A row of a claim file; cells as they stand in it.
#[derive(Debug, Clone)]
struct Line {
    claim: String,
    number: usize,
    day: u32,
    payer: &'static str,
    state: &'static str,
    pos: &'static str,
    code: &'static str,
    modifiers: &'static str,
    units: u32,
    denied: bool,
}

impl Line {
    fn cells(&self) -> [String; 16] {
        let carc = if self.denied { "16" } else { "" };
        let (number, units) = (self.number.to_string(), self.units.to_string());
        let day = format!("2024-05-{:02}", self.day);
        let money = ["200.00", "20.00", if self.denied { "0.00" } else { "20.00" }, "0.00"];
        [
            &self.claim,
            &*number,
            &day,
            self.payer,
            self.state,
            "1520200",
            self.pos,
            self.code,
            self.modifiers,
            &units,
            money[0],
            money[1],
            money[2],
            money[3],
            "",
            carc,
        ]
        .map(str::to_owned)
    }

    fn csv(&self) -> String {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        writer.write_record(self.cells()).unwrap();
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }
}

/// Lines of claims in order. Most claims are of one day and payer, some of several.
fn claims(names: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<Line>> {
    let of = |words: &'static [&'static str]| prop::sample::select(words);
    let modifiers = of(&["", "", "", "25", "59", "25,59", "95", "JZ"]);
    let codes = of(&[
        "96372", "96372", "99213", "99211", "J3420", "J1071", "96375", "96374", "96413", "99284", "90471", "20610",
    ]);
    let line =
        (0..12_u32, 0..12_u32, codes, modifiers, of(&["11", "11", "11", "22", "02", ""]), 1..9_u32, any::<bool>());
    let claim = (
        of(names),
        of(&["MCR", "MCD", "COM", "a stranger"]),
        of(&["OH", "AR", "GA"]),
        1..4_u32,
        prop::collection::vec(line, 1..5),
    );
    prop::collection::vec(claim, 1..most).prop_map(|claims| {
        let lines =
            |(n, (name, payer, state, day, lines)): (usize, (&str, &'static str, &'static str, u32, Vec<_>))| {
                let claim = name.replace('#', &n.to_string());
                let of_line = move |(i, (days, payers, code, modifiers, pos, units, denied))| Line {
                    claim: claim.clone(),
                    number: i + 1,
                    day: if days == 0 { day + 1 } else { day },
                    payer: if payers == 0 { "MCD" } else { payer },
                    state,
                    pos,
                    code,
                    modifiers,
                    units,
                    denied,
                };
                lines.into_iter().enumerate().map(of_line).collect::<Vec<_>>()
            };
        claims.into_iter().enumerate().flat_map(lines).collect()
    })
}

struct Priced {
    outturn: Outturn,
    lines: String,
    quarantine: String,
}

impl Priced {
    /// The rule of each line by claim and line number.
    fn rules(&self) -> BTreeMap<(String, String), String> {
        let mut reader = csv::Reader::from_reader(self.lines.as_bytes());
        let last = reader.headers().unwrap().len() - 1;
        reader.records().map(|r| r.unwrap()).map(|r| ((r[0].into(), r[1].into()), r[last].into())).collect()
    }
}

fn price(claims: &Path, project: &Project, reference: &Reference, threads: usize, block: usize) -> Priced {
    let (book, _) = RateBook::read(&claims.with_file_name("fees.csv")).unwrap();
    let facilities = std::array::from_fn(|pos| Some(pos == 22));
    let payer_of = |name: &str| -> Option<Payer> { project.payer(name).cloned() };
    let (mut lines, mut quarantine) = (Vec::new(), Vec::new());
    let job = |quarantine| Job {
        claims,
        book: &book,
        facilities: &facilities,
        threads,
        block,
        progress: &|_| {},
        rules: Some(DayRules { reference, payer_of: &payer_of }),
        quarantine,
    };
    let by_line = bulk::lines(job(Some(&mut quarantine)), Box::new(&mut lines), Format::Csv).unwrap();
    let outturn = bulk::group(job(None), &[Dimension::Code, Dimension::Carc]).unwrap();
    assert_eq!((outturn.total, &outturn.rules), (by_line.total, &by_line.rules));
    let counted: u64 = Outcome::ALL.iter().map(|o| outturn.total.count(*o)).sum();
    assert_eq!(outturn.rows_read, counted + outturn.rows_quarantined);
    let fallen = &outturn.rules.as_ref().unwrap().fallen;
    assert_eq!(outturn.total.count(Outcome::NotPayable), fallen.iter().map(|f| f.lines).sum::<u64>());
    let allowed: Money = fallen.iter().map(|f| f.allowed).sum();
    assert_eq!(outturn.total.variance(Outcome::NotPayable), Money::ZERO - allowed);
    Priced { outturn, lines: String::from_utf8(lines).unwrap(), quarantine: String::from_utf8(quarantine).unwrap() }
}

/// All cells as text, in row groups of so many rows.
fn write_parquet(path: &Path, lines: &[Line], rows: usize) {
    let rows_of_cells: Vec<_> = lines.iter().map(Line::cells).collect();
    let column = |(i, name): (usize, &str)| -> Column {
        let cells: Vec<&str> = rows_of_cells.iter().map(|cells| &*cells[i]).collect();
        Series::new(name.into(), cells).into()
    };
    let columns = HEADER.split(',').enumerate().map(column).collect();
    let mut frame = DataFrame::new(lines.len(), columns).unwrap();
    let file = fs::File::create(path).unwrap();
    ParquetWriter::new(file).with_row_group_size(Some(rows)).finish(&mut frame).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, rng_seed: RngSeed::Fixed(96_372), ..ProptestConfig::default() })]

    #[test]
    fn the_same_lines_fall_as_in_the_report(lines in claims(&["C#"], 40), block in 1..3000_usize) {
        let csv = HEADER.to_owned() + "\n" + &lines.iter().map(Line::csv).collect::<String>();
        let folder = Folder::new(&csv);
        let project = Project::parse(PROJECT, "project.toml").unwrap();
        let reference = Reference::embedded().unwrap();
        let input = Input::Bytes { name: "claims.csv".into(), bytes: csv.into_bytes().into() };
        let intake = ingest::read(&[input], &project, &|_| ()).unwrap();
        prop_assert_eq!(intake.lines.len(), lines.len());
        let tells = Tells::of_files(&intake.files, &intake.lines);
        let verdicts = judge_lines(&reference, |id| project.payer_of_id(id).cloned(), &intake.lines, &tells);
        let expected: BTreeMap<_, _> = intake.lines.iter().zip(&verdicts.falls).map(|(line, falls)| {
            let rule = falls.map_or_else(String::new, |ruled| ruled.rule.to_string());
            ((line.claim_id.to_string(), line.line_number.to_string()), rule)
        }).collect();
        let priced = price(&folder.path("claims.csv"), &project, &reference, 2, block);
        prop_assert_eq!(priced.rules(), expected);
    }

    #[test]
    fn workers_blocks_row_groups_and_forms_of_text_change_nothing(
        lines in claims(&["C#", "C#", "claim\n#", "say \"#\", again", "C", "C# "], 40),
        bad in prop::collection::vec((0..100_usize, 0..3_usize), 0..4),
        threads in 1..5_usize,
        block in 1..3000_usize,
        rows in 1..30_usize,
        crlf in any::<bool>(),
    ) {
        let project = Project::parse(PROJECT, "project.toml").unwrap();
        let reference = Reference::embedded().unwrap();
        let mut csv = HEADER.to_owned() + "\n";
        for (i, line) in lines.iter().enumerate() {
            for (_, kind) in bad.iter().filter(|(at, _)| *at == i) {
                // Too short, of the claim or of none; or of another claim.
                csv += &[format!("{},oops\n", line.claim.replace(['"', '\n', ','], "")), "\"x\ny\"\n".into(), line.csv().replace("2024-05", "2024-15")][*kind];
            }
            csv += &line.csv();
        }
        if crlf {
            csv = csv.replace('\n', "\r\n");
        }
        let folder = Folder::new(&csv);
        let one = price(&folder.path("claims.csv"), &project, &reference, 1, 1 << 20);
        let same = |many: Priced| {
            prop_assert_eq!(&one.lines, &many.lines);
            prop_assert_eq!(&one.quarantine, &many.quarantine);
            prop_assert_eq!(&one.outturn.groups, &many.outturn.groups);
            prop_assert_eq!(&one.outturn.rules, &many.outturn.rules);
            let told = |findings: &[allowable::finding::Finding]| -> Vec<(FindingCode, String, u64)> {
                findings.iter().map(|f| (f.code, f.found.clone(), f.count)).collect()
            };
            prop_assert_eq!(told(&one.outturn.findings), told(&many.outturn.findings));
            Ok(())
        };
        same(price(&folder.path("claims.csv"), &project, &reference, threads, block))?;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(csv.as_bytes()).unwrap();
        fs::write(folder.path("claims.csv.gz"), gzip.finish().unwrap()).unwrap();
        same(price(&folder.path("claims.csv.gz"), &project, &reference, threads, block))?;
        if bad.is_empty() && !crlf {
            write_parquet(&folder.path("claims.parquet"), &lines, rows);
            same(price(&folder.path("claims.parquet"), &project, &reference, threads, block))?;
        }
    }
}
