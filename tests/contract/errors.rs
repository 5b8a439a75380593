//! What is wrong with a contract file is told with file, line, column, the line itself, and what was probably meant.

use std::fs;

use tempfile::TempDir;

use crate::common::run;

const GOOD: &str = r#"[contract]
payer = "ACME"
kind = "commercial"

[[version]]
name = "base"
from = "2024-01-01"
to = "2024-12-31"

[[version.term]]
name = "injections"
codes = ["96372"]
pays = "per-unit"
amount = "18.00"

[[expect]]
code = "96372"
date = "2024-05-06"
amount = "18.00"
"#;

const PROJECT: &str = "title = \"t\"\n[[payer]]\nid = \"MCR\"\nkind = \"medicare\"\naliases = [\"Medicare B\"]\n";

/// Runs `contract test` on a project with this contract; what it says on standard error.
fn said(contract: &str, code: i32) -> (String, String) {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("contracts")).unwrap();
    fs::write(dir.path().join("allowable.toml"), PROJECT).unwrap();
    fs::write(dir.path().join("contracts/acme.toml"), contract).unwrap();
    let said = run(dir.path(), &["contract", "test"]).ends(code);
    (said.out, said.err)
}

#[test]
fn a_wrong_file_is_told_with_line_column_excerpt_and_hint() {
    // What is replaced by what, the line and column it is told at, and words of the message.
    let cases: [(&str, &str, u32, &str); 22] = [
        ("\"per-unit\"", "\"per-units\"", 13, "did you mean \"per-unit\"?"),
        ("\"per-unit\"", "\"free\"", 13, "expected one of \"medicare\", \"percent-of-medicare\", \"flat\""),
        ("amount = \"18.00\"\n\n", "\n", 10, "lacks `amount`"),
        ("[\"96372\"]", "[\"96372-9637\"]", 12, "expected a code, a range such as \"96372-96375\""),
        ("[\"96372\"]", "[\"injection\"]", 12, "did you mean \"injections\"?"),
        ("[\"96372\"]", "[\"96375-96372\"]", 12, "expected a code, a range"),
        ("codes = [\"96372\"]", "code = [\"96372\"]", 12, "did you mean `codes`?"),
        ("from = \"2024-01-01\"", "from = \"2024-02-30\"", 7, "expected a day"),
        ("to = \"2024-12-31\"", "to = \"2023-12-31\"", 5, "`to` lies before `from`"),
        ("[[version]]\nname", "[[versions]]\nname", 10, "expected tables written as [[version]]"),
        ("payer = \"ACME\"\n", "", 2, "lacks `payer`"),
        ("kind = \"commercial\"", "kind = \"comercial\"", 3, "did you mean \"commercial\"?"),
        (
            "amount = \"18.00\"\n\n[[",
            "amount = \"18.00\"\nfloor = \"20\"\ncap = \"19\"\n[[",
            10,
            "the floor 20 lies above the cap 19",
        ),
        (
            "pays = \"per-unit\"\namount = \"18.00\"",
            "pays = \"schedule\"\nschedule = \"x\"",
            10,
            "is not one of the [[schedule]] tables",
        ),
        (
            "pays = \"per-unit\"\namount = \"18.00\"",
            "pays = \"percent-of-medicare\"\npercent = \"0\"",
            10,
            "`percent` must lie above 0",
        ),
        ("amount = \"18.00\"\n\n", "amount = \"-3\"\n\n", 14, "expected a number"),
        (
            "date = \"2024-05-06\"\namount = \"18.00\"",
            "date = \"2024-05-06\"",
            16,
            "wants either `amount` or `outcome`",
        ),
        (
            "date = \"2024-05-06\"\namount = \"18.00\"",
            "date = \"2024-05-06\"\namount = \"18.005\"",
            16,
            "expected dollars and cents",
        ),
        ("to = \"2024-12-31\"", "[[version.escalator]]\nindex = \"CPI\"", 8, "is not one of the [[index]] tables"),
        ("to = \"2024-12-31\"", "[[version.escalator]]\nevery = \"month\"\npercent = 3", 8, "expected \"year\""),
        ("to = \"2024-12-31\"", "[[version.escalator]]\ndate = \"2024-01-01\"\npercent = 3", 8, "or on its first day"),
        ("name = \"base\"", "name = base", 6, "not valid TOML"),
    ];
    for (old, new, line, words) in cases {
        assert!(GOOD.contains(old), "{old}");
        let text = GOOD.replacen(old, new, 1);
        let (_, err) = said(&text, 1);
        assert!(err.contains(&format!("contracts/acme.toml:{line}: ")), "{new}: {err}");
        assert!(err.contains(words), "{new}: expected {words:?} in {err}");
        let excerpt = text.lines().nth(line as usize - 1).unwrap();
        assert!(err.contains(&format!("  {line} | {excerpt}\n")), "{new}: {err}");
        assert!(err.contains("^ column "), "{new}: {err}");
    }
}

#[test]
fn the_mark_stands_under_the_wrong_value() {
    let (_, err) = said(&GOOD.replace("\"per-unit\"", "\"per-units\""), 1);
    let lines: Vec<&str> = err.lines().collect();
    let at = lines.iter().position(|line| line.contains("13 | ")).unwrap();
    assert_eq!(lines[at].find("\"per-units\""), lines[at + 1].find('^'), "{err}");
}

#[test]
fn overlaps_and_strangers_are_refused() {
    let second = "\n[[version]]\nname = \"next\"\nfrom = \"2024-12-31\"\n[version.unlisted]\npays = \"medicare\"\n";
    let (_, err) = said(&GOOD.replace("\n[[expect]]", &format!("{second}\n[[expect]]")), 1);
    assert!(err.contains("version \"next\" overlaps version \"base\""), "{err}");
    let (_, err) = said(&GOOD.replace("payer = \"ACME\"\nkind = \"commercial\"", "payer = \"Medcare B\""), 1);
    assert!(err.contains("is not in the project") && err.contains("did you mean \"MCR\"?"), "{err}");
    let own = format!("{PROJECT}[[payer.terms]]\nbasis = \"medicare\"\nfrom = \"2024-06-01\"\n");
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("contracts")).unwrap();
    fs::write(dir.path().join("allowable.toml"), own).unwrap();
    fs::write(dir.path().join("contracts/m.toml"), GOOD.replace("\"ACME\"", "\"MCR\"")).unwrap();
    let err = run(dir.path(), &["contract", "test"]).ends(1).err;
    assert!(err.contains("payer \"MCR\" has terms already, 2024-06-01"), "{err}");
}

#[test]
fn a_failing_test_shows_the_sum_and_ends_with_3() {
    let wrong = GOOD.replace("date = \"2024-05-06\"\namount = \"18.00\"", "date = \"2024-05-06\"\namount = \"18.50\"");
    let (out, _) = said(&wrong, 3);
    assert!(out.contains("FAIL  96372 × 1 on 2024-05-06: wanted $18.50, got $18.00, −$0.50 off"), "{out}");
    assert!(out.contains("contracts/acme.toml:16") && out.contains("0 passed, 1 failed"), "{out}");
    assert!(
        out.contains("contract amount per unit: 18.00 (contract amount per unit, contracts/acme.toml:10)"),
        "{out}"
    );
    let (out, _) = said(GOOD, 0);
    assert!(out.ends_with("1 passed, 0 failed\n"), "{out}");
}

#[test]
fn no_bytes_make_the_reader_panic() {
    let dir = TempDir::new().unwrap();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % 1_000_003).unwrap()
    };
    let path = dir.path().join("x.toml");
    for _ in 0..400 {
        let mut bytes = GOOD.as_bytes().to_vec();
        for _ in 0..=next() % 4 {
            let at = next() % bytes.len();
            match next() % 3 {
                0 => bytes[at] = u8::try_from(next() % 256).unwrap(),
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"\"[]=-9.\n\xff"[next() % 8]),
            }
        }
        fs::write(&path, &bytes).unwrap();
        if let Ok(text) = std::str::from_utf8(&bytes) {
            let mut project = allowable::project::Project::parse(PROJECT, "allowable.toml").unwrap();
            // An error or a contract; never a panic.
            let _ = project.add_contract(text, "x.toml");
        }
    }
}
