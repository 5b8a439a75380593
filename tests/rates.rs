//! `allowable rates` against an independent computation: whole numbers only, from the raw tables, with a parser of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};

const CODES: &str = "96372,96373,96374,96375,99202,99203,99204,99205,99211,99212,99213,99214,99215,20610";

fn rates(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_allowable")).arg("rates").args(args).output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Cells of a line of CSV; quoted cells may hold commas.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

/// Rows of a CSV text by column name.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.lines();
    let header = cells(lines.next().unwrap());
    lines.map(|line| header.iter().cloned().zip(cells(line)).collect()).collect()
}

fn dataset(name: &str) -> Vec<BTreeMap<String, String>> {
    table(&std::fs::read_to_string(format!("datasets/medicare/{name}.csv")).unwrap())
}

/// A decimal number as a whole number of units of its last place: "0.17" with 2 places is 17.
fn scaled(text: &str, places: usize) -> i128 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    assert!(fraction.len() <= places, "{text} has more than {places} decimals");
    format!("{whole}{fraction:0<places$}").parse().unwrap()
}

/// Everything a fee is made of, as whole numbers: RVUs in hundredths, indices in thousandths, dollars in ten-thousandths.
#[derive(Debug, Clone, Copy)]
struct Sum {
    rvu: [i128; 3],
    gpci: [i128; 3],
    factor: i128,
}

impl Sum {
    /// Billionths of a dollar, exact.
    fn exact(&self) -> i128 {
        self.rvu.iter().zip(self.gpci).map(|(rvu, gpci)| rvu * gpci).sum::<i128>() * self.factor
    }

    /// Cents, half up.
    fn cents(&self) -> i128 {
        half_up(self.exact(), 10_000_000)
    }
}

fn half_up(n: i128, unit: i128) -> i128 {
    (n + unit / 2).div_euclid(unit)
}

/// The raw tables, read once more and by other means than the program's.
struct Oracle {
    rvu: BTreeMap<(String, String), Vec<BTreeMap<String, String>>>,
    gpci: BTreeMap<(String, String), [i128; 3]>,
    factors: Vec<(String, String, i128, String)>,
}

impl Oracle {
    fn read() -> Self {
        let mut rvu: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in dataset("rvu") {
            rvu.entry((row["year"].clone(), row["code"].clone())).or_default().push(row);
        }
        for releases in rvu.values_mut() {
            releases.sort_by(|a, b| a["effective_from"].cmp(&b["effective_from"]));
        }
        let gpci = dataset("gpci").into_iter().map(|row| {
            let indices = ["work", "pe", "mp"].map(|column| scaled(&row[column], 3));
            ((row["year"].clone(), row["locality"].clone()), indices)
        });
        let factors = dataset("conversion_factors").into_iter();
        Self {
            rvu,
            gpci: gpci.collect(),
            factors: factors
                .map(|r| (r["from"].clone(), r["to"].clone(), scaled(&r["factor"], 4), r["apm"].clone()))
                .collect(),
        }
    }

    /// The parts of the fee of a day (`2024-03-09`), and whether the line is payable in the setting.
    fn sum(&self, code: &str, locality: &str, day: &str, facility: bool) -> Option<(Sum, bool)> {
        let year = day[..4].to_owned();
        let gpci = *self.gpci.get(&(year.clone(), locality.to_owned()))?;
        let releases = self.rvu.get(&(year.clone(), code.to_owned()))?;
        let begun = releases.iter().rev().find(|row| row["effective_from"].as_str() <= day);
        let row = begun.unwrap_or(&releases[0]);
        let pe = if facility { "fac_pe" } else { "nf_pe" };
        let rvu = ["work", pe, "mp"].map(|column| scaled(&row[column], 2));
        let factor = self.factors.iter().find(|f| f.0.as_str() <= day && day <= f.1.as_str() && f.3 != "yes")?.2;
        // DOMAIN §1: PC/TC 5 and "NA" are not payable in a facility; the rows of 2019 carry no flags.
        let flagged = row["pctc"] == "5" || row["fac_na"] == "NA";
        let by_list = year == "2019" && matches!(code, "96372" | "96373" | "96374" | "96375");
        Some((Sum { rvu, gpci, factor }, !(facility && (flagged || by_list))))
    }

    fn localities(&self) -> BTreeSet<String> {
        self.gpci.keys().map(|(_, locality)| locality.clone()).collect()
    }
}

/// The first day of each quarter from 2019 to 2026, the last of each year, and the days around the change of 2024.
fn days() -> Vec<String> {
    let mut days = vec!["2024-03-08".to_owned(), "2024-03-09".to_owned()];
    for year in 2019..=2026 {
        days.extend([1, 4, 7, 10].map(|month| format!("{year}-{month:02}-01")));
        days.push(format!("{year}-12-31"));
    }
    days
}

fn dollars(cents: i128) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[test]
fn every_locality_year_and_setting_agrees_with_whole_number_arithmetic() {
    let oracle = Oracle::read();
    let output = text(&rates(&["--payer", "medicare", "--code", CODES, "--format", "csv"]));
    let mut rows: BTreeMap<(String, String, String), Vec<BTreeMap<String, String>>> = BTreeMap::new();
    for row in table(&output) {
        let locality = format!("{}-{}", row["mac"], row["locality"]);
        rows.entry((row["code"].clone(), locality, row["setting"].clone())).or_default().push(row);
    }
    let none = Vec::new();
    let (mut compared, mut not_payable) = (0, 0);
    for code in CODES.split(',') {
        for locality in oracle.localities() {
            for (facility, setting) in [(false, "nonfacility"), (true, "facility")] {
                let key = (code.to_owned(), locality.clone(), setting.to_owned());
                let listed = rows.get(&key).unwrap_or(&none);
                for day in days() {
                    let holds =
                        |row: &&BTreeMap<String, String>| row["effective_from"] <= day && day <= row["effective_to"];
                    let found: Vec<_> = listed.iter().filter(holds).collect();
                    let Some((sum, payable)) = oracle.sum(code, &locality, &day, facility) else {
                        assert!(found.is_empty(), "{key:?} {day}: a rate out of nothing");
                        continue;
                    };
                    assert_eq!(found.len(), 1, "{key:?} {day}");
                    let expected = if payable { dollars(sum.cents()) } else { String::new() };
                    assert_eq!(found[0]["rate"], expected, "{key:?} {day} {sum:?}");
                    assert_eq!(found[0]["payable"], payable.to_string(), "{key:?} {day}");
                    compared += usize::from(payable);
                    not_payable += usize::from(!payable);
                }
            }
        }
    }
    // 14 codes × about 110 localities × 42 days × 2 settings, less the facility rows of 96372–96375.
    assert!(compared > 100_000 && not_payable > 15_000, "{compared} compared, {not_payable} not payable");
}

#[test]
fn rounding_elsewhere_or_otherwise_gives_other_fees() {
    let oracle = Oracle::read();
    let (mut rows, mut by_component, mut truncated, mut adjusted_first) = (0, 0, 0, 0);
    for code in CODES.split(',') {
        for locality in oracle.localities() {
            for year in 2019..=2026 {
                let Some((sum, _)) = oracle.sum(code, &locality, &format!("{year}-07-01"), false) else { continue };
                let parts = sum.rvu.iter().zip(sum.gpci);
                rows += 1;
                let components: i128 =
                    parts.clone().map(|(rvu, gpci)| half_up(rvu * gpci * sum.factor, 10_000_000)).sum();
                by_component += usize::from(components != sum.cents());
                truncated += usize::from(sum.exact() / 10_000_000 != sum.cents());
                // The adjusted RVU rounded to two decimals before it meets the conversion factor.
                let adjusted = half_up(parts.map(|(rvu, gpci)| rvu * gpci).sum(), 1_000);
                adjusted_first += usize::from(half_up(adjusted * sum.factor, 10_000) != sum.cents());
            }
        }
    }
    // So a program that rounded in any of these ways would fail the test above in thousands of rows.
    assert!(rows > 12_000, "{rows}");
    for (how, different) in [("component", by_component), ("truncated", truncated), ("adjusted", adjusted_first)] {
        assert!(different > rows / 5, "{how}: only {different} of {rows} differ");
    }
}

#[test]
fn the_state_means_computed_elsewhere_are_reproduced() {
    // Means over the localities of 2023 of the fee before rounding, four decimals, computed outside this program together with
    // the state volumes.
    use allowable::reference::{Parts, Reference, unrounded_fee};
    use rust_decimal::Decimal;
    let medicare = Reference::embedded().unwrap().medicare;
    let day = "2023-07-01".parse().unwrap();
    let rvu = medicare.rvu("96372".parse().unwrap(), day).unwrap();
    let factor = medicare.conversion_factor(day, false).unwrap().value;
    let outside = table(&std::fs::read_to_string("tests/oracle/medicare_96372_state_2023.csv").unwrap());
    assert_eq!(outside.len(), 53);
    for row in outside {
        let localities = medicare.localities_of(row["state"].parse().unwrap(), day);
        assert_eq!(localities.len().to_string(), row["localities"], "{}", row["state"]);
        let fees: Vec<Decimal> = localities
            .iter()
            .map(|locality| {
                let gpci = medicare.gpci(*locality, day).unwrap();
                let indices = Parts { work: gpci.work, pe: gpci.pe, mp: gpci.mp };
                unrounded_fee(Parts { work: rvu.work, pe: rvu.nf_pe, mp: rvu.mp }, indices, factor).unwrap()
            })
            .collect();
        let mean = fees.iter().sum::<Decimal>() / Decimal::from(fees.len());
        let half = Decimal::new(51, 6);
        for (name, value) in
            [("mean", mean), ("min", *fees.iter().min().unwrap()), ("max", *fees.iter().max().unwrap())]
        {
            let expected: Decimal = row[name].parse().unwrap();
            assert!((value - expected).abs() <= half, "{} {name}: {value}, not {expected}", row["state"]);
        }
    }
}

#[test]
fn ohio_2020_is_the_published_fee_and_its_facility_row_is_not_payable() {
    let args = ["--payer", "medicare", "--code", "96372", "--from", "2020-01-01", "--to", "2020-12-31"];
    let output = text(&rates(&[&args[..], &["--locality", "15202-00", "--format", "csv"]].concat()));
    let expected = "\
payer,code,modifier,mac,locality,state,setting,payable,rate,effective_from,effective_to,basis,source
medicare,96372,,15202,00,OH,nonfacility,true,13.78,2020-01-01,2020-12-31,medicare-pfs,";
    assert!(output.starts_with(expected), "{output}");
    let facility = output.lines().nth(2).unwrap();
    let start = "medicare,96372,,15202,00,OH,facility,false,,2020-01-01,2020-12-31,facility-incident-to,";
    assert!(facility.starts_with(start), "{facility}");
    for file in ["rvu.csv:", "gpci.csv:225", "conversion_factors.csv:4"] {
        assert!(facility.contains(file), "{facility}");
    }
    assert_eq!(output.lines().count(), 3, "four quarterly releases that change nothing are one period");
}

#[test]
fn the_year_2024_has_its_two_periods() {
    let args = ["--code", "96372", "--from", "2024-01-01", "--to", "2024-12-31", "--zip", "43215", "--pos", "11"];
    let rows = table(&text(&rates(&[&args[..], &["--format", "csv"]].concat())));
    let periods: Vec<_> = rows.iter().map(|r| (r["effective_from"].as_str(), r["effective_to"].as_str())).collect();
    assert_eq!(periods, [("2024-01-01", "2024-03-08"), ("2024-03-09", "2024-12-31")]);
    // Ohio 2024: 0.17·1.000 + 0.25·0.911 + 0.01·1.033 = 0.40808; × 32.7442 = 13.3622…, × 33.2875 = 13.5839…
    assert_eq!((rows[0]["rate"].as_str(), rows[1]["rate"].as_str()), ("13.36", "13.58"));
}

#[test]
fn the_localities_of_2026_run_from_arkansas_to_san_jose() {
    // DOMAIN §1: 2026 from 13.88 (AR) to 19.97 (CA-65).
    let args = ["--code", "96372", "--from", "2026-01-01", "--pos", "11", "--format", "csv"];
    let rows = table(&text(&rates(&args)));
    assert_eq!(rows.len(), 109);
    let rate = |mac: &str, number: &str| {
        rows.iter().find(|r| r["mac"] == mac && r["locality"] == number).map(|r| r["rate"].clone()).unwrap()
    };
    assert_eq!((rate("07102", "13").as_str(), rate("01112", "65").as_str()), ("13.88", "19.97"));
    let cents = || rows.iter().map(|r| scaled(&r["rate"], 2));
    assert_eq!((cents().min(), cents().max()), (Some(1388), Some(1997)));
}

#[test]
fn visits_have_facility_rates_and_participants_in_payment_models_a_factor_of_their_own() {
    let base = ["--code", "99213", "--locality", "15202-00", "--from", "2026-01-01", "--format", "csv"];
    let plain = table(&text(&rates(&base)));
    let apm = table(&text(&rates(&[&base[..], &["--apm"]].concat())));
    assert!(plain.iter().all(|row| row["payable"] == "true") && plain.len() == 2);
    let oracle = Oracle::read();
    for (facility, (row, with_apm)) in [false, true].into_iter().zip(plain.iter().zip(&apm)) {
        let (sum, _) = oracle.sum("99213", "15202-00", "2026-07-01", facility).unwrap();
        assert_eq!(row["rate"], dollars(sum.cents()));
        assert_eq!(with_apm["rate"], dollars(Sum { factor: 335_675, ..sum }.cents()));
    }
    assert_ne!(plain[0]["rate"], plain[1]["rate"]);
}

#[test]
fn drugs_are_listed_by_quarter_and_nothing_is_made_up_between() {
    let rows = table(&text(&rates(&["--code", "J3420", "--format", "csv"])));
    assert_eq!(rows.len(), 9, "eight quarters of 2024 and 2025, and the first of 2026");
    assert_eq!((rows[0]["rate"].as_str(), rows[0]["basis"].as_str()), ("1.443", "medicare-asp"));
    let last = &rows[8];
    assert_eq!((last["effective_from"].as_str(), last["effective_to"].as_str()), ("2026-01-01", "2026-03-31"));
    let blood_draw = rates(&["--code", "36415", "--format", "csv"]);
    assert_eq!(text(&blood_draw).lines().count(), 1);
    assert!(String::from_utf8_lossy(&blood_draw.stderr).contains("36415 has no Medicare rate"));
}

#[test]
fn wrong_arguments_end_with_code_2_and_name_what_there_is() {
    let cases: [(&[&str], &str); 7] = [
        (&["--payer", "medicair"], "did you mean medicare?"),
        (&["--code", "96327"], "96372"),
        (&["--state", "OX"], "did you mean OH"),
        (&["--locality", "15202-01"], "15202-00"),
        (&["--zip", "00000"], "in no Medicare locality file"),
        (&["--from", "2024-02-01", "--to", "2024-01-01"], "--to lies before --from"),
        (&["--pos", "28"], "not assigned"),
    ];
    for (args, expected) in cases {
        let output = rates(args);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(errors.contains(expected), "{args:?}: {errors}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    let split = rates(&["--zip", "35958", "--from", "2025-01-01", "--to", "2025-12-31"]);
    assert!(split.status.success() && String::from_utf8_lossy(&split.stderr).contains("zip-needs-plus4"));
}

#[test]
fn json_and_files_hold_the_same_rates() {
    let args = ["--code", "96372", "--state", "OH", "--from", "2020-01-01", "--to", "2020-06-30"];
    let json = text(&rates(&[&args[..], &["--format", "json"]].concat()));
    let rows: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((rows[0]["rate"].as_str(), rows[0]["payable"].as_bool()), (Some("13.78"), Some(true)));
    assert!(rows[1]["rate"].is_null() && rows[1]["payable"] == false);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rates.csv");
    let csv = [&args[..], &["--format", "csv"]].concat();
    assert!(text(&rates(&[&csv[..], &["--out", path.to_str().unwrap()]].concat())).is_empty());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text(&rates(&csv)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the file");
    let nowhere = folder.path().join("no/such/folder.csv");
    let failed = rates(&[&csv[..], &["--out", nowhere.to_str().unwrap()]].concat());
    assert_eq!(failed.status.code(), Some(1));
}
