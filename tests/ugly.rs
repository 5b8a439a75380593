//! Ugly files, as they come: for each, what `allowable check` says, where, and what to do. The files are made here, so that
//! each case shows its own trouble.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

const HEADER: &str = "Claim #,Line,DOS,Payer ID,CPT,Mod,Units,POS,ZIP,Charge\n";
const PROJECT: &str = "title = \"t\"\n[[payer]]\nid = \"MCR\"\nkind = \"medicare\"\nname = \"Medicare\"\n";

/// A folder with files and a project that knows the payer MCR.
struct Desk(TempDir);

/// What the program printed and how it ended.
struct Said {
    out: String,
    err: String,
    code: Option<i32>,
}

impl Desk {
    fn new() -> Self {
        let desk = Self(TempDir::new().unwrap());
        desk.put("allowable.toml", PROJECT);
        desk
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn run(&self, args: &[&str]) -> Said {
        let output =
            Command::new(env!("CARGO_BIN_EXE_allowable")).args(args).current_dir(self.0.path()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { out: text(output.stdout), err: text(output.stderr), code: output.status.code() }
    }

    /// Checks one file; the answer fits on a screen.
    fn check(&self, name: &str, bytes: impl AsRef<[u8]>) -> Said {
        self.put(name, bytes);
        let said = self.run(&["check", name]);
        assert!(said.out.lines().count() <= 40, "{}", said.out);
        said
    }
}

impl Said {
    #[track_caller]
    fn has(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(self.out.contains(word), "{word:?} is not in:\n{}{}", self.out, self.err);
        }
        self
    }

    #[track_caller]
    fn lacks(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(!self.out.contains(word) && !self.err.contains(word), "{word:?} is in:\n{}", self.out);
        }
        self
    }

    #[track_caller]
    fn ends(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        self
    }
}

/// A good row: claim, line, and the cell that the case is about.
fn row(claim: u32) -> String {
    format!("{claim},1,03/25/2024,MCR,96372,,1,11,43215,40.00\n")
}

fn rows(from: u32, to: u32) -> String {
    (from..=to).map(row).collect()
}

#[test]
fn a_clean_file_has_nothing_wrong() {
    let said = Desk::new().check("c.csv", format!("{HEADER}{}", rows(1, 3)));
    said.has(&[
        "c.csv: claim lines, 3 rows",
        "CSV, UTF-8, comma, header on line 1",
        "claim_id = \"Claim #\"",
        "charge $120.00",
        "rows      3 = 3 kept",
        "nothing wrong found",
    ])
    .ends(0);
}

#[test]
fn a_wrong_header_names_the_field_and_the_likely_column() {
    let text = format!("{HEADER}{}", row(1)).replace("Charge", "Chargge");
    Desk::new()
        .check("c.csv", text)
        .has(&[
            "c.csv:1, column \"charge\": error[missing-column]: no column for charge or unit_charge, which claim lines need",
            "help: is it \"Chargge\"? then write in allowable.toml: [columns.\"c.csv\"] charge = \"Chargge\"",
        ])
        .ends(1);
}

#[test]
fn no_header_at_all() {
    Desk::new()
        .check("c.csv", row(1))
        .has(&[
            "c.csv: not read",
            "c.csv: error[no-header]: none of the first rows names three known columns",
            "give the file a header row",
        ])
        .ends(1);
}

#[test]
fn a_bad_date_is_quarantined_with_its_place() {
    let desk = Desk::new();
    let text = format!("{HEADER}{}2,1,13/45/2024,MCR,96372,,1,11,43215,50.00\n{}", row(1), row(3));
    desk.check("c.csv", text)
        .has(&[
            "c.csv:3, column \"DOS\": error[bad-date]: \"13/45/2024\", expected a date, such as 2024-03-09 or 03/09/2024",
            "help: write dates as 2024-03-09 or 03/09/2024",
            "rows      3 = 2 kept + 1 quarantined",
            "charges   $130.00 = $80.00 kept + $50.00 quarantined",
        ])
        .ends(0);
    desk.run(&["check", "c.csv", "--quarantine", "q.csv", "--deny", "error"]).ends(3);
    let quarantine = fs::read_to_string(desk.0.path().join("q.csv")).unwrap();
    assert!(quarantine.contains("c.csv,3,DOS,bad-date,\"\"\"13/45/2024\"\", expected a date"), "{quarantine}");
}

#[test]
fn a_total_row_is_no_line_and_is_compared() {
    let text = format!("{HEADER}{}Grand Total,,,,,,,,,\"$1,200.00\"\n", rows(1, 3));
    Desk::new()
        .check("c.csv", text)
        .has(&[
            "rows      4 = 3 kept + 1 in total rows",
            "c.csv:5: note[total-row]",
            "c.csv:5, column \"Charge\": warning[control-total-differs]: the total row says $1,200.00, the rows add up to $120.00",
            "help: find the missing or doubled rows",
        ])
        .ends(0);
    let good = format!("{HEADER}{}Total,,,,,,,,,$120.00\n", rows(1, 3));
    Desk::new().check("c.csv", good).has(&["note[total-row]"]).lacks(&["control-total-differs"]);
}

#[test]
fn an_empty_file() {
    Desk::new().check("c.csv", "").has(&["c.csv: error[empty-file]: the file is empty", "export it again"]).ends(1);
    Desk::new().check("c.csv", HEADER).has(&["c.csv:1: error[empty-file]: a header and no rows"]).ends(0);
}

#[test]
fn binary_junk() {
    let said = Desk::new().check("c.csv", [0_u8, 159, 146, 150, 0, 1, 2, 3]);
    said.has(&["c.csv: error[binary-file]: the file holds NUL bytes: it is not text"]).ends(1);
}

#[test]
fn a_workbook_renamed_to_csv() {
    let said = Desk::new().check("claims.csv", b"PK\x03\x04\x14\x00[Content_Types].xml xl/workbook.xml\x00\x00");
    said.has(&[
        "claims.csv: error[binary-file]: this is an Excel workbook (.xlsx), not CSV",
        "help: open it in the spreadsheet program and save the sheet as \"CSV UTF-8\"",
    ])
    .ends(1);
}

#[test]
fn utf_16_with_tabs_as_excel_writes_unicode_text() {
    let text = format!("{HEADER}{}", rows(1, 2)).replace(',', "\t");
    let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    Desk::new().check("c.txt", bytes).has(&["CSV, UTF-16 LE, tab", "2 = 2 kept", "note[encoding-guessed]"]).ends(0);
}

#[test]
fn windows_1252_with_semicolons() {
    let text = format!("{HEADER}{}", row(1)).replace(',', ";").replace("Mod", "Gebühr").into_bytes();
    let bytes: Vec<u8> =
        String::from_utf8(text).unwrap().chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    Desk::new()
        .check("c.csv", bytes)
        .has(&["CSV, Windows-1252, semicolon", "not used  \"Gebühr\"", "1 = 1 kept"])
        .ends(0);
}

#[test]
fn a_title_above_the_header() {
    let text = format!("North Clinic,,,\nPrinted 3/31/2024\n\n{HEADER}{}", row(1));
    Desk::new()
        .check("c.csv", text)
        .has(&["header on line 4", "note[preamble-skipped]: 2 lines stand above the header on line 4", "1 = 1 kept"])
        .ends(0);
}

#[test]
fn two_columns_for_one_field_are_settled_by_the_project() {
    let desk = Desk::new();
    let text = format!("{HEADER}{}", row(1)).replace("Mod", "Billed Amount").replace("96372,,", "96372,41.00,");
    desk.check("c.csv", &text)
        .has(&[
            "error[ambiguous-column]: two columns claim the field charge: \"Billed Amount\" (column 6) and \"Charge\" (column 10)",
            "help: say which in allowable.toml: [columns.\"c.csv\"] charge = \"Billed Amount\"",
        ])
        .ends(1);
    desk.put("allowable.toml", format!("{PROJECT}[columns.\"c.csv\"]\ncharge = \"Billed Amount\"\n"));
    desk.check("c.csv", &text).has(&["charge = \"Billed Amount\"", "charge $41.00", "nothing wrong found"]).ends(0);
}

#[test]
fn claim_totals_repeated_on_every_line() {
    let claims: String = (1..=6)
        .flat_map(|c| ["96372", "J3420"].into_iter().zip(1..).map(move |(code, line)| (c, code, line)))
        .map(|(c, code, line)| format!("{c},{line},03/25/2024,MCR,{code},,1,11,43215,{c}45.00\n"))
        .collect();
    Desk::new()
        .check("c.csv", format!("{HEADER}{claims}"))
        .has(&[
            "c.csv:2, column \"Charge\": warning[repeated-claim-total]: 6 of 6 claims with several codes carry the same charge",
            "help: export line charges",
        ])
        .ends(0);
}

#[test]
fn repeated_rows_and_repeated_line_numbers() {
    let text = format!("{HEADER}{}{}1,1,03/25/2024,MCR,99213,,1,11,43215,99.00\n", row(1), row(1));
    Desk::new()
        .check("c.csv", text)
        .has(&[
            "c.csv:3: error[duplicate-row]: the same row as line 2",
            "c.csv:4: error[duplicate-line]: the same claim and line as line 2",
            "rows      3 = 1 kept + 2 duplicates",
            "charges   $179.00 = $40.00 kept + $139.00 duplicates",
        ])
        .ends(0);
}

#[test]
fn the_same_file_twice() {
    let desk = Desk::new();
    desk.put("a.csv", format!("{HEADER}{}", row(1)));
    desk.put("b.csv", format!("{HEADER}{}", row(1)));
    desk.run(&["check", "a.csv", "b.csv"])
        .has(&["b.csv: error[duplicate-file]: the same bytes as a.csv", "help: give each file once"]);
}

#[test]
fn an_unclosed_quote_costs_one_row() {
    let text = format!("{HEADER}{}2,1,03/25/2024,\"MCR,96372,,1,11,43215,40.00\n{}", row(1), rows(3, 5));
    Desk::new()
        .check("c.csv", text)
        .has(&[
            "c.csv:3: error[bad-row]: a quote is opened and never closed",
            "help: look for an unclosed quote",
            "rows      5 = 4 kept + 1 quarantined",
            "1 row left out: charge not known",
        ])
        .ends(0);
}

#[test]
fn short_and_long_rows() {
    let text = format!("{HEADER}{}2,1,03/25/2024,MCR\n3,1,03/25/2024,MCR,96372,,1,11,43215,1,200.00\n", row(1));
    Desk::new()
        .check("c.csv", text)
        .has(&[
            "c.csv:3: error[row-too-short]: 4 cells where the header has 10",
            "c.csv:4: error[row-too-long]: 11 cells where the header has 10",
            "help: look for an unquoted separator inside a cell",
            "3 = 1 kept + 2 quarantined",
        ])
        .ends(0);
}

#[test]
fn numbers_mangled_by_a_spreadsheet() {
    let text = format!("{HEADER}1.23457E+11,1,03/25/2024,MCR,96372,,1,11,43215,40.00\n{}", row(2));
    Desk::new()
        .check("c.csv", text)
        .has(&[
            "c.csv:2, column \"Claim #\": error[scientific-number]",
            "help: format the column as text before exporting",
        ])
        .lacks(&["1.23457"])
        .ends(0);
}

#[test]
fn a_compressed_file_that_breaks_off() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::none());
    gzip.write_all(format!("{HEADER}{}", rows(1, 2000)).as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    let desk = Desk::new();
    desk.check("whole.csv.gz", &whole).has(&["CSV, gzip, UTF-8", "2,000 = 2,000 kept", "nothing wrong found"]);
    desk.check("cut.csv.gz", &whole[..whole.len() / 2])
        .has(&[
            "cut.csv.gz: error[truncated-file]: the compressed file breaks off after",
            "help: get the file again",
            "error[bad-row]: the file breaks off in this row",
        ])
        .ends(0);
}

#[test]
fn day_first_dates_are_recognised_by_the_whole_column() {
    let day_first = |claim: u32, day: &str| row(claim).replace("03/25/2024", day);
    let text = format!("{HEADER}{}{}", day_first(1, "04/03/2024"), day_first(2, "25/03/2024"));
    Desk::new()
        .check("c.csv", text)
        .has(&["column \"DOS\": note[day-first-dates]", "2024-03-04 to 2024-03-25", "2 = 2 kept"])
        .lacks(&["bad-date"])
        .ends(0);
    let unclear = format!("{HEADER}{}{}", day_first(1, "04/03/2024"), day_first(2, "05/03/2024"));
    Desk::new().check("c.csv", unclear).has(&[
        "c.csv:2, column \"DOS\": warning[ambiguous-date]",
        "they were read month-first",
        "2024-04-03 to 2024-05-03",
    ]);
}

#[test]
fn patient_data_is_never_shown() {
    let header = HEADER.replace("ZIP", "Patient Name,Date of Birth,MRN");
    let good =
        |claim: u32, dos: &str| format!("{claim},1,{dos},MCR,96372,,1,11,\"Moe, Zelda\",1/2/1950,MRN777,40.00\n");
    // The second row is shifted: the name stands in the column of the date.
    let shifted = good(2, "Zelda Moe");
    let said = Desk::new().check("c.csv", format!("{header}{}{shifted}", good(1, "3/25/2024")));
    said.has(&["dropped   \"Patient Name\", \"Date of Birth\"", "error[bad-date]: words (9 characters)"])
        .lacks(&["Zelda", "Moe", "1950", "MRN777"]);
}

#[test]
fn money_that_cannot_be_read_is_not_zero() {
    let text = format!("{HEADER}{}{}", row(1).replace("40.00", "\"1.234,50\""), row(2).replace("40.00", ""));
    Desk::new()
        .check("c.csv", text)
        .has(&[
            "c.csv:2, column \"Charge\": error[bad-money]: \"1.234,50\", expected an amount with a decimal point",
            "help: write amounts as 1234.50; the row was quarantined, not read as 0",
            "error[missing-value]: the charge is blank",
            "2 = 0 kept + 2 quarantined",
        ])
        .ends(0);
}

#[test]
fn a_payer_that_is_not_in_the_project() {
    let text = format!("{HEADER}{}{}", row(1), row(2).replace("MCR", "Medicair"));
    Desk::new()
        .check("c.csv", text)
        .has(&[
            "c.csv:3, column \"Payer ID\": warning[unknown-payer]: not in allowable.toml: \"Medicair\"",
            "did you mean MCR? then add",
        ])
        .ends(0);
}

#[test]
fn the_mapping_is_saved_and_used_again() {
    let desk = Desk::new();
    desk.check("c.csv", format!("{HEADER}{}", row(1)));
    desk.run(&["check", "c.csv", "--save"]).ends(0);
    let saved = fs::read_to_string(desk.0.path().join("allowable.toml")).unwrap();
    assert!(saved.starts_with(PROJECT) && saved.contains("[columns.\"c.csv\"]\nclaim_id = \"Claim #\"\n"), "{saved}");
    desk.run(&["check", "c.csv"]).has(&["nothing wrong found"]).ends(0);
    // A column that the mapping names is gone.
    desk.check("c.csv", format!("{HEADER}{}", row(1)).replace("Charge", "Charges"))
        .has(&["maps charge to \"Charge\", which the file does not have", "did you mean \"Charges\"?"])
        .ends(1);
}

#[test]
fn init_writes_a_project_and_never_overwrites_one() {
    let desk = Desk::new();
    let said = desk.run(&["init"]).ends(1).err.clone();
    assert!(said.contains("the project file is there already") && said.contains("--force"), "{said}");
    assert_eq!(fs::read_to_string(desk.0.path().join("allowable.toml")).unwrap(), PROJECT);
    desk.put("c.csv", format!("{HEADER}{}", row(1)));
    desk.run(&["init", "c.csv", "--out", "new.toml"]).ends(0);
    let written = fs::read_to_string(desk.0.path().join("new.toml")).unwrap();
    assert!(written.contains("inputs = [\"c.csv\"]\n") && written.contains("charge = \"Charge\""), "{written}");
    desk.run(&["check", "--project", "new.toml"]).has(&["c.csv: claim lines, 1 row"]).ends(0);
}

#[test]
fn init_names_the_payers_of_the_files_as_stubs_to_fill_in() {
    let desk = Desk::new();
    let stranger = row(2).replace("MCR", "Acme \"Gold\" PPO");
    assert!(stranger.contains("Acme"), "{stranger}");
    desk.put(
        "c.csv",
        format!("{HEADER}{}{}", row(1), stranger.replace("Acme \"Gold\" PPO", "\"Acme \"\"Gold\"\" PPO\"")),
    );
    desk.run(&["init", "c.csv", "--out", "new.toml"]).ends(0);
    let written = fs::read_to_string(desk.0.path().join("new.toml")).unwrap();
    // The payer whose name holds quotes stands as a comment that is TOML once the # is taken away; MCR is known already.
    let stub: Vec<&str> = written.lines().skip_while(|l| !l.starts_with("# Payers found")).collect();
    assert!(stub.iter().any(|l| l.contains(r#"id = "Acme \"Gold\" PPO""#) && l.contains("1 line")), "{stub:?}");
    assert!(!stub.iter().any(|l| l.contains("MCR")), "{stub:?}");
}

#[test]
fn a_missing_file_and_no_file() {
    let desk = Desk::new();
    desk.run(&["check", "nowhere.csv"])
        .has(&["nowhere.csv: not read", "error[unopened-file]: No such file", "check the path"])
        .ends(1);
    assert!(desk.run(&["check"]).ends(2).err.contains("no file to check"));
}
