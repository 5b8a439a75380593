//! A row in error refuses the whole file, a part of a file does not pass for the whole, and what is refused changes nothing.

use std::fs;
use std::path::Path;

use allowable::finding::FindingCode;
use tempfile::TempDir;

use super::cms::{self, NF_TOTAL, WORK, gpci, pprrvu24, rvu24a};
use super::{PROJECT, archive, codes, read};
use crate::common::{Said, run, tree};

/// A project with the release of January 2024 and its indices.
fn project() -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("allowable.toml"), PROJECT).unwrap();
    let zip = archive(&[("PPRRVU24_JAN.csv", pprrvu24(&rvu24a()).as_bytes()), ("GPCI2024.csv", gpci(2024).as_bytes())]);
    fs::write(dir.path().join("rvu24a.zip"), zip).unwrap();
    run(dir.path(), &["import", "medicare", "rvu24a.zip"]).ends(0);
    dir
}

fn import(dir: &Path, name: &str, text: &str, more: &[&str]) -> Said {
    fs::write(dir.join(name), text).unwrap();
    run(dir, &[&["import", "medicare", name], more].concat())
}

/// The rate of 96372 in an Ohio office on the first day of 2024.
fn rate(dir: &Path) -> String {
    let place = ["--locality", "15202-00", "--pos", "11", "--from", "2024-01-01", "--to", "2024-01-01"];
    let said = run(dir, &[&["rates", "--code", "96372", "--format", "csv"][..], &place].concat()).ends(0);
    said.out.lines().nth(1).map_or_else(String::new, |line| line.split(',').nth(8).unwrap().to_owned())
}

/// The cell of one code, otherwise.
fn with(code: &str, at: usize, cell: &str) -> String {
    let mut rows = rvu24a();
    for row in rows.iter_mut().filter(|row| row[0] == code) {
        row[at] = cell.to_owned();
    }
    pprrvu24(&rows)
}

#[test]
fn a_row_in_error_refuses_the_import_and_every_such_row_is_named() {
    let dir = project();
    // 0.17·1 + 0.24·0.911 + 0.01·1.033 = 0.39897 (RVU24A, Ohio 2024); · 32.7442 = 13.0640… → 13.06
    let before = (tree(&dir.path().join("reference")), rate(dir.path()));
    let mut rows = rvu24a();
    for row in rows.iter_mut().filter(|row| row[0] == "96372" || row[0] == "99213") {
        row[WORK] = "n/a".to_owned();
    }
    let said = import(dir.path(), "PPRRVU24_JAN.csv", &pprrvu24(&rows), &[]).ends(1);
    for code in ["96372", "99213"] {
        // Nine lines of titles and headers stand above the first row.
        let line = 10 + rows.iter().position(|row| row[0] == code).unwrap();
        let place = format!("PPRRVU24_JAN.csv:{line}, column \"work RVU\": error[import-row-bad]");
        assert!(said.err.contains(&place), "{place}: {}", said.err);
        assert!(said.err.contains(&format!("{code}: found \"n/a\"")), "{}", said.err);
    }
    assert!(said.err.contains("--partial"), "{}", said.err);
    assert_eq!((tree(&dir.path().join("reference")), rate(dir.path())), before);
    for bad in [with("96372", WORK, "-0.17"), with("96372", WORK, "0,17"), with("96372", 8, "NA")] {
        import(dir.path(), "PPRRVU24_JAN.csv", &bad, &[]).ends(1);
        assert_eq!(tree(&dir.path().join("reference")), before.0);
    }
    // A contradiction is as bad.
    let mut rows = rvu24a();
    let mut other = rows.iter().find(|row| row[0] == "96372").unwrap().clone();
    for at in [WORK, NF_TOTAL, cms::FAC_TOTAL] {
        other[at] = format!("1{}", other[at]);
    }
    // Work 0.17 → 10.17: both totals rise by ten.
    other[NF_TOTAL] = rows.iter().find(|row| row[0] == "96372").unwrap()[NF_TOTAL].replacen("0.", "10.", 1);
    other[cms::FAC_TOTAL] = rows.iter().find(|row| row[0] == "96372").unwrap()[cms::FAC_TOTAL].replacen("0.", "10.", 1);
    rows.push(other);
    let said = import(dir.path(), "PPRRVU24_JAN.csv", &pprrvu24(&rows), &[]).ends(1);
    assert!(said.err.contains("import-duplicate"), "{}", said.err);
    assert_eq!(tree(&dir.path().join("reference")), before.0);
}

#[test]
fn partial_takes_the_readable_rows_and_keeps_the_earlier_figures_of_the_others() {
    let dir = project();
    let before = rate(dir.path());
    let said = import(dir.path(), "PPRRVU24_JAN.csv", &with("96372", WORK, "n/a"), &["--partial"]).ends(0);
    assert!(said.out.contains("1 row of the file left out") && said.out.contains("1 earlier row kept"), "{}", said.out);
    assert_eq!(rate(dir.path()), before);
    let manifest = fs::read_to_string(dir.path().join("reference/MANIFEST.csv")).unwrap();
    assert!(manifest.contains("rows not read: 1, earlier rows kept: 1"), "{manifest}");
    // Without an earlier import the shipped figure stays.
    let other = TempDir::new().unwrap();
    fs::write(other.path().join("allowable.toml"), PROJECT).unwrap();
    import(other.path(), "PPRRVU24_JAN.csv", &with("96372", WORK, "n/a"), &["--partial"]).ends(0);
    assert_eq!(rate(other.path()), before);
    let bad = gpci(2024).replace("\"OHIO\",1.000,", "\"OHIO\",abc,");
    import(other.path(), "GPCI2024.csv", &bad, &[]).ends(1);
    import(other.path(), "GPCI2024.csv", &bad, &["--partial"]).ends(0);
    assert_eq!(rate(other.path()), before);
}

#[test]
fn a_part_of_a_table_does_not_take_the_place_of_the_whole() {
    let dir = project();
    let before = tree(&dir.path().join("reference"));
    let part: String = gpci(2024).lines().take(39).map(|line| format!("{line}\n")).collect();
    let said = import(dir.path(), "GPCI2024.csv", &part, &[]).ends(1);
    // 39 lines, two of them titles and header; 2024 has 109 localities.
    assert!(said.err.contains("import-shrinks") && said.err.contains("has 37 rows"), "{}", said.err);
    assert!(said.err.contains("the table of these days 109"), "{}", said.err);
    assert_eq!(tree(&dir.path().join("reference")), before);
    let said = import(dir.path(), "GPCI2024.csv", &part, &["--replace"]).ends(0);
    let row = said.out.lines().find(|line| line.trim_start().starts_with("medicare/gpci.csv")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>()[3..5], ["109", "37"], "{}", said.out);
    // Nor does a release of later days that is far smaller than the one before it.
    let april = pprrvu24(&rvu24a()[..10]).replace("January Release", "April Release");
    let said = import(dir.path(), "PPRRVU24_APR.csv", &april, &[]).ends(1);
    assert!(said.err.contains("RVU24B from 2024-04-01 has 10 rows, the table of these days 35"), "{}", said.err);
    // The shipped ZIP codes are a whole, too.
    let zips = super::zip5("OH", "43215", "1520200", '0') + &super::zip5("OH", "43201", "1520200", '0');
    let said = import(dir.path(), "ZIP5_OCT2025.txt", &zips, &[]).ends(1);
    assert!(said.err.contains("import-shrinks"), "{}", said.err);
}

/// A part of the edition of July 2025 with these pairs.
fn pairs(rows: &[(&str, &str)]) -> String {
    let mut text =
        "CPT only copyright 2024 American Medical Association.\t\t\t\t\t\t\nColumn1/Column2 Edits\t\t\t\t\t\t\n\
        Column 1\tColumn 2\t*=in existence prior to 1996\tEffective Date\tDeletion Date\tModifier\tPTP Edit Rationale\n"
            .to_owned();
    for (one, two) in rows {
        text += &format!("{one}\t{two}\t\t20100101\t*\t1\tStandards\n");
    }
    text
}

#[test]
fn parts_of_an_edition_of_pairs_are_laid_beside_each_other() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("allowable.toml"), PROJECT).unwrap();
    let table = || fs::read_to_string(dir.path().join("reference/ncci/ptp.csv")).unwrap().lines().count() - 1;
    let first = pairs(&[("00100", "96372"), ("00102", "96372"), ("00103", "96372")]);
    // The shipped table has 6,710 pairs.
    let said = import(dir.path(), "ccipra-v312r0-f1.txt", &first, &[]).ends(1);
    assert!(
        said.err.contains("import-shrinks") && said.err.contains("the parts f2, f3, f4 are not there"),
        "{}",
        said.err
    );
    import(dir.path(), "ccipra-v312r0-f1.txt", &first, &["--replace"]).ends(0);
    let second = pairs(&[("96372", "99211"), ("96372", "99213")]);
    let said = import(dir.path(), "ccipra-v312r0-f2.txt", &second, &[]).ends(0);
    assert!(said.err.contains("import-parts-missing") && said.err.contains("f3, f4 are not there"), "{}", said.err);
    assert_eq!(table(), 5);
    // Again, and nothing is lost.
    import(dir.path(), "ccipra-v312r0-f2.txt", &second, &[]).ends(0);
    assert_eq!(table(), 5);
    let manifest = fs::read_to_string(dir.path().join("reference/MANIFEST.csv")).unwrap();
    assert!(manifest.contains("ccipra-v312r0-f1.txt; ccipra-v312r0-f2.txt"), "{manifest}");
    // All of them together are a new whole.
    fs::write(dir.path().join("ccipra-v312r0-f3.txt"), pairs(&[("97000", "96372")])).unwrap();
    fs::write(dir.path().join("ccipra-v312r0-f4.txt"), pairs(&[("99281", "96372")])).unwrap();
    let names = ["f1", "f2", "f3", "f4"].map(|part| format!("ccipra-v312r0-{part}.txt"));
    let args: Vec<&str> = ["import", "medicare"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let said = run(dir.path(), &args).ends(0);
    assert!(!said.err.contains("parts-missing"), "{}", said.err);
    assert_eq!(table(), 7);
    // Another quarter, of which only one part is given.
    let said = import(dir.path(), "ccipra-v313r0-f2.txt", &second, &[]).ends(1);
    assert!(said.err.contains("import-shrinks"), "{}", said.err);
}

#[test]
fn rows_of_windows_files_have_the_lines_that_editors_show() {
    let text = with("96372", WORK, "n/a");
    let line = 1 + text.lines().position(|line| line.starts_with("96372,")).unwrap();
    for text in [text.clone(), text.replace('\n', "\r\n")] {
        let (_, findings) = read(&[("PPRRVU24_JAN.csv", text.as_bytes())]);
        assert_eq!(codes(&findings), [FindingCode::ImportRowBad]);
        assert_eq!(findings[0].place.line, u32::try_from(line).ok());
    }
}

#[test]
fn noise_of_spreadsheet_numbers_is_no_error() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip(gpci(2024).lines()) {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        let record = reader.records().next().unwrap().unwrap();
        for (column, cell) in (0..).zip(&record) {
            match cell.parse::<f64>() {
                // 0.1 + 0.2 is 0.30000000000000004 in a spreadsheet.
                Ok(number) if column > 3 => sheet.write_number(row, column, number + 1e-16 * 2.0).unwrap(),
                _ => sheet.write_string(row, column, cell).unwrap(),
            };
        }
    }
    let (from_book, findings) = read(&[("GPCI2024.xlsx", &book.save_to_buffer().unwrap())]);
    assert_eq!(codes(&findings), [], "{findings:#?}");
    let (from_text, _) = read(&[("GPCI2024.csv", gpci(2024).as_bytes())]);
    assert_eq!(from_book[0].rows, from_text[0].rows);
}

#[test]
fn a_short_row_of_the_zip_file_is_named_and_so_is_a_row_of_another_quarter() {
    let good = super::zip5("OH", "43215", "1520200", '0') + &super::zip5("OH", "43201", "1520200", '0');
    let short = format!("{}{}\n", good, &super::zip5("OH", "43202", "1520200", '0')[..40]);
    let (_, findings) = read(&[("ZIP5_OCT2025.txt", (good.repeat(10) + &short).as_bytes())]);
    let bad = findings.iter().find(|f| f.code == FindingCode::ImportRowBad).unwrap();
    // Twenty rows, two more, and the short one.
    assert_eq!((bad.place.line, bad.place.column.as_deref()), (Some(23), Some("quarter")));
    let mixed = good.clone() + &super::zip5("OH", "43202", "1520200", '0').replace("20254", "20261");
    let (releases, findings) = read(&[("ZIP5_OCT2025.txt", mixed.as_bytes())]);
    assert_eq!((releases.len(), codes(&findings)), (0, vec![FindingCode::ImportWrongYear]));
    assert_eq!(findings[0].place.line, Some(3));
}

#[test]
fn hints_are_about_imports() {
    let help = |name: &str, bytes: &[u8]| read(&[(name, bytes)]).1.into_iter().map(|f| f.help).collect::<String>();
    let zip = archive(&[("PPRRVU24_JAN.csv", pprrvu24(&rvu24a()).as_bytes()), ("notes.csv", b"a,b\n1,2\n")]);
    assert!(!help("rvu24a.zip", &zip).contains("remittance"));
    assert!(help("rvu24a.zip", &zip[..zip.len() / 2]).contains("nothing of it was read"));
    assert!(help("PPRRVU24_JAN.csv", b"\x7fELF\0\0\0\0").contains("CSV, XLSX"));
}
