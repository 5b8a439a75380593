//! Columns that were swapped or moved so that every row still reads well: found out by what is known, and by what always holds.
//! And files that are genuine, which must pass.

use allowable::finding::{Finding, FindingCode};
use allowable::import::Kind;

use super::cms::{self, FAC_PE, FAC_TOTAL, MP, NF_PE, NF_TOTAL, OPPS_MP, OPPS_NF, Row, WORK, gpci, pprrvu24, rvu24a};
use super::{codes, read};

/// The columns of which the file is said to disagree; the file gives no table of this kind then.
fn refused(name: &str, text: &str, kind: Kind) -> Vec<String> {
    let (releases, findings) = read(&[(name, text.as_bytes())]);
    assert!(releases.iter().all(|release| release.kind != kind), "{name} was taken: {findings:#?}");
    let disagrees = |f: &&Finding| f.code == FindingCode::ImportDisagrees;
    findings.iter().filter(disagrees).filter_map(|f| f.place.column.clone()).collect()
}

fn swapped(rows: &[Row], pairs: &[(usize, usize)]) -> String {
    let mut rows = rows.to_vec();
    for row in &mut rows {
        pairs.iter().for_each(|(a, b)| row.swap(*a, *b));
    }
    pprrvu24(&rows)
}

#[test]
fn swapped_relative_values_are_found_out_though_their_totals_agree() {
    let name = "PPRRVU24_JAN.csv";
    let found = refused(name, &swapped(&rvu24a(), &[(WORK, MP)]), Kind::Rvu);
    assert!(found.contains(&"work RVU".to_owned()) && found.contains(&"MP RVU".to_owned()), "{found:?}");
    let found = refused(name, &swapped(&rvu24a(), &[(NF_PE, FAC_PE), (NF_TOTAL, FAC_TOTAL)]), Kind::Rvu);
    assert!(found.contains(&"facility PE RVU".to_owned()), "{found:?}");
    // The two figures are told: RVU24A has 20610 with work 0.79 and malpractice 0.13.
    let (_, findings) = read(&[(name, swapped(&rvu24a(), &[(WORK, MP)]).as_bytes())]);
    let text: String = findings.iter().map(|f| f.found.clone() + "\n").collect();
    assert!(text.contains("20610 0.13, known 0.79"), "{text}");
}

#[test]
fn what_always_holds_finds_out_codes_that_do_not_ship() {
    // Forty codes of 2027 with work 2.00, PE 1.50 outside and 0.80 inside, MP 0.15, and a cap of 1.20 with MP 0.10.
    let rows: Vec<Row> = (0..40)
        .map(|i| {
            let figures = ["2.00", "1.50", "0.80", "0.15"];
            let mut row = cms::row(&format!("2{i:04}"), figures, ["", ""], "0", "XXX", "33.4009");
            row[OPPS_NF] = "1.20".to_owned();
            row[OPPS_NF + 1] = "1.20".to_owned();
            row[OPPS_MP] = "0.10".to_owned();
            row
        })
        .collect();
    let of_2027 = |text: String| text.replace("2024 National", "2027 National");
    let (releases, findings) = read(&[("PPRRVU27_JAN.csv", of_2027(pprrvu24(&rows)).as_bytes())]);
    assert_eq!((releases.len(), codes(&findings)), (2, vec![]), "{findings:#?}");
    let refused = |pairs: &[(usize, usize)]| refused("PPRRVU27_JAN.csv", &of_2027(swapped(&rows, pairs)), Kind::Rvu);
    assert_eq!(refused(&[(WORK, MP)]), ["MP RVU"]);
    assert_eq!(refused(&[(NF_PE, FAC_PE), (NF_TOTAL, FAC_TOTAL)]), ["facility PE RVU"]);
    assert_eq!(refused(&[(OPPS_NF, OPPS_MP)]), ["OPPS MP"]);
}

#[test]
fn swapped_and_moved_indices_are_found_out() {
    let text = gpci(2024);
    let headers = text.replace("2024 PE GPCI,2024 MP GPCI", "2024 MP GPCI,2024 PE GPCI");
    assert_eq!(refused("GPCI2024.csv", &headers, Kind::Gpci)[..2], ["MP index", "PE index"]);
    // A year that does not ship.
    let later = headers.replace("2024", "2031");
    let (releases, findings) = read(&[("GPCI2031.csv", later.as_bytes())]);
    assert_eq!((releases.len(), codes(&findings)), (0, vec![FindingCode::ImportDisagrees]));
    // The rows have an index without the floor that the header lacks; the header ends in footnotes instead.
    let moved: String = text
        .lines()
        .map(|line| match line.rsplitn(4, ',').collect::<Vec<_>>()[..] {
            _ if line.contains("MP GPCI") => format!("{line},Footnotes\n"),
            [mp, pe, work, rest] if mp.starts_with(|c: char| c.is_ascii_digit()) => {
                format!("{rest},0.950,{work},{pe},{mp}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    for year in [2024, 2031] {
        let (releases, findings) =
            read(&[(&format!("GPCI{year}.csv"), moved.replace("2024", &year.to_string()).as_bytes())]);
        assert!(releases.is_empty() && codes(&findings).contains(&FindingCode::ImportDisagrees), "{findings:#?}");
    }
}

#[test]
fn genuine_files_pass() {
    for year in 2019..=2026 {
        let text = gpci(year);
        let (releases, findings) = read(&[(&format!("GPCI{year}.csv"), text.as_bytes())]);
        assert_eq!((releases.len(), codes(&findings)), (1, vec![]), "{year}");
        // The same figures for a year that does not ship.
        let later = text.replace(&year.to_string(), "2031");
        let (releases, findings) = read(&[("GPCI2031.csv", later.as_bytes())]);
        assert_eq!((releases.len(), codes(&findings)), (1, vec![]), "{year}");
    }
    // Without the floor under work, which has lapsed within years.
    let (releases, findings) = read(&[("GPCI2024.csv", gpci(2024).replace("\",1.000,", "\",0.965,").as_bytes())]);
    assert_eq!((releases.len(), codes(&findings)), (1, vec![]), "{findings:#?}");
    let (releases, findings) = read(&[("PPRRVU24_JAN.csv", pprrvu24(&rvu24a()).as_bytes())]);
    assert_eq!((releases.len(), codes(&findings)), (2, vec![]), "{findings:#?}");
    // A correction of three codes in the middle of the year: 0.10 more work, and so in both totals.
    let mut rows = rvu24a();
    for row in rows.iter_mut().filter(|row| row[WORK].ends_with('0') && row[WORK] != "0.00").take(3) {
        let add = |text: &str| {
            let cents = text.replace('.', "").parse::<u64>().unwrap() + 10;
            format!("{}.{:02}", cents / 100, cents % 100)
        };
        for at in [WORK, NF_TOTAL, FAC_TOTAL] {
            row[at] = add(&row[at]);
        }
    }
    let april = pprrvu24(&rows).replace("January Release", "April Release");
    let (releases, findings) = read(&[("PPRRVU24_APR.csv", april.as_bytes())]);
    assert_eq!(releases.len(), 2, "{findings:#?}");
}

const ASP_HEAD: &str = "Payment Allowance Limits for Medicare Part B Drugs,,,,,\n\
    \"Effective January 1, 2024 through March 31, 2024\",,,,,\n";
const ASP_NAME: &str = "section 508 version of January 2024 ASP Pricing File 121223.csv";

/// The shipped limits of January 2024 under this header.
fn asp(header: &str) -> String {
    let mut text = format!("{ASP_HEAD}{header}\n");
    for row in cms::shipped("medicare/asp_limits.csv").iter().filter(|row| row["quarter"] == "2024-01-01") {
        let [code, unit, limit, share] = ["code", "dosage_unit", "limit", "coinsurance_percent"].map(|c| &row[c]);
        text += &format!("{code},Name,{unit},{limit},{share},\n");
    }
    text
}

#[test]
fn moved_limits_of_drugs_are_found_out() {
    let good = "HCPCS Code,Short Description,HCPCS Code Dosage,Payment Limit,Co-insurance Percentage,Vaccine AWP%";
    let (releases, findings) = read(&[(ASP_NAME, asp(good).as_bytes())]);
    assert_eq!((releases.len(), codes(&findings)), (1, vec![]), "{findings:#?}");
    for bad in [
        "HCPCS Code,Short Description,HCPCS Code Dosage,Vaccine AWP%,Payment Limit,Co-insurance Percentage",
        "HCPCS Code,Short Description,HCPCS Code Dosage,Co-insurance Percentage,Payment Limit,Vaccine AWP%",
    ] {
        let (releases, findings) = read(&[(ASP_NAME, asp(bad).as_bytes())]);
        assert!(releases.is_empty(), "{findings:#?}");
        assert!(
            codes(&findings).iter().any(|c| matches!(c, FindingCode::ImportDisagrees | FindingCode::ImportShifted)),
            "{findings:#?}"
        );
    }
    // Shares as fractions are not taken as fractions of a percent, nor decimal commas as thousands.
    for (from, to) in [(",20.000,", ",0.2,"), (",20.000,", ",\"20,000\",")] {
        let (releases, findings) = read(&[(ASP_NAME, asp(good).replacen(from, to, 1).as_bytes())]);
        let rows = findings.iter().filter(|f| f.code == FindingCode::ImportRowBad).count();
        assert_eq!((rows, releases.len()), (1, 1), "{findings:#?}");
    }
}

#[test]
fn quarters_that_contradict_each_other_are_refused() {
    let good = "HCPCS Code,Short Description,HCPCS Code Dosage,Payment Limit,Co-insurance Percentage,Vaccine AWP%";
    let (releases, findings) = read(&[(&ASP_NAME.replace("January", "April"), asp(good).as_bytes())]);
    assert_eq!((releases.len(), codes(&findings)), (0, vec![FindingCode::ImportWrongYear]));
    let january = pprrvu24(&rvu24a());
    let (releases, findings) = read(&[("PPRRVU24_JUL.csv", january.as_bytes())]);
    assert_eq!((releases.len(), codes(&findings)), (0, vec![FindingCode::ImportWrongYear]));
    let zip = super::archive(&[("PPRRVU24.csv", january.as_bytes())]);
    let (releases, findings) = read(&[("rvu24c.zip", &zip)]);
    assert_eq!((releases.len(), codes(&findings)), (0, vec![FindingCode::ImportWrongYear]));
}
