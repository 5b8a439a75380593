//! Which files are read, which are passed over, what is given twice, and what is left alone when something fails.

use std::io::{Cursor, Write as _};
use std::process::Stdio;

use serde_json::{Value, json};

use super::{Desk, TWO, era, has, told};
use crate::common::{Said, names, program, tree};
use crate::x12_dirty::{CLAIMS, PLAIN, Style, TEXT, clean, equal, render, truth};

#[test]
fn the_same_payments_are_counted_once() {
    let desk = Desk::with(TEXT);
    desk.put("copy of era.835", TEXT);
    let other = render(clean(), Style { element: '|', component: '>', repetition: 'U', end: "\r\n" });
    desk.put("other.835", &other);
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("monday.835", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&other).unwrap();
    desk.put("week.zip", archive.finish().unwrap().into_inner());
    for (n, again) in [&["copy of era.835"][..], &["other.835"], &["week.zip"], &["other.835", "week.zip", "era.835"]]
        .into_iter()
        .enumerate()
    {
        let files = [&["era.835"], again].concat();
        let said = desk.json(&[&files[..], &["--out", "out"]].concat());
        assert_eq!(said["files"][0]["duplicate_transactions"], json!(0));
        for file in &said["files"].as_array().unwrap()[1..] {
            assert_eq!(file["duplicate_transactions"], json!(3), "case {n}");
            let told = told(file);
            assert_eq!(told.iter().filter(|t| t.starts_with("duplicate-payment")).count(), told.len(), "{told:?}");
            assert_eq!(
                file["findings"].as_array().unwrap().iter().map(|f| f["count"].as_u64().unwrap()).sum::<u64>(),
                3
            );
            assert!(file["findings"][0]["found"].as_str().unwrap().contains("era.835"));
        }
        let (lines, adjustments) = (desk.table("remit_lines"), desk.table("adjustments"));
        assert_eq!(json!(lines.0.height()), truth()["service_lines"], "case {n}");
        assert_eq!(json!(lines.sum("paid")), truth()["sum_clp04"]);
        assert!(lines.column("source_file").iter().all(|f| f == "era.835"));
        let last = adjustments.column("remit_row").iter().map(|t| t.parse::<usize>().unwrap()).max();
        assert!(last < Some(lines.0.height()));
    }
}

#[test]
fn the_sums_of_all_files_count_each_payment_once() {
    let desk = Desk::with(TEXT);
    desk.put("copy.835", TEXT);
    for out in [&["--out", "out"][..], &[]] {
        let said = desk.json(&[&["era.835", "copy.835"], out].concat());
        equal(&said["total"], &truth());
    }
}

#[test]
fn repeats_are_told_without_tables_too() {
    let desk = Desk::with(TEXT);
    desk.put("copy.835", TEXT);
    let said = desk.json(&["era.835", "copy.835"]);
    assert_eq!(said["files"][1]["duplicate_transactions"], json!(3));
    assert!(told(&said["files"][1])[0].starts_with("duplicate-payment"));
}

#[test]
fn another_payment_with_the_same_number_is_none_of_them() {
    // The same check number, day, payer and amount, but another claim number: 90 each.
    let desk = Desk::with(&era("90", TWO));
    desk.put("other.835", era("90", &TWO.replace("CLP*C2", "CLP*C3")));
    let said = desk.json(&["era.835", "other.835", "--out", "out"]);
    assert_eq!(said["files"][1]["duplicate_transactions"], json!(0));
    has(&said["total"], &json!({ "transactions": 2, "claims": 4, "bpr02_total": "180.00" }));
    let lines = desk.table("remit_lines");
    assert_eq!(lines.column("claim_id"), ["C1", "C1", "C2", "C1", "C1", "C3"]);
}

#[test]
fn threads_change_nothing() {
    let desk = Desk::new();
    for n in 0..6 {
        desk.put(&format!("era/{n}.835"), era("90", &TWO.replace("*C", &format!("*C{n}"))));
    }
    desk.put("era/9.835", TEXT);
    desk.put("era/a.835", era("90", &TWO.replace("*C", "*C3")));
    let go = |threads: &str| {
        let said = desk.run(&["era", "--threads", threads, "--format", "json", "--out", threads]).ends(0);
        (said.out, said.err, tree(&desk.path().join(threads)))
    };
    let one = go("1");
    assert_eq!(one.2.len(), 2);
    for threads in ["2", "3", "8"] {
        assert!(go(threads) == one, "{threads} threads");
    }
}

#[test]
fn a_file_that_cannot_be_read_leaves_the_old_tables() {
    let desk = Desk::with(&era("90", TWO));
    desk.tables(&["era.835"]);
    let old = tree(&desk.path().join("out"));
    desk.put("small.835", TEXT);
    desk.put("letter.pdf", "%PDF-1.7 a letter of the payer");
    for bad in ["nowhere.835", "letter.pdf"] {
        let said = desk.run(&["small.835", bad, "era.835", "--out", "out", "--format", "json"]).ends(1);
        let said = said.json();
        let files = said["files"].as_array().unwrap();
        assert_eq!(files.len(), 3);
        assert_eq!(files[1]["segments_read"], json!(0));
        assert_eq!(files[1]["findings"][0]["severity"], json!("error"));
        assert_eq!(files[1]["findings"][0]["place"]["file"], json!(bad));
        // The others are told.
        equal(&files[0], &truth());
        has(&files[2], &json!({ "sum_clp04": "100.00" }));
        assert_eq!(tree(&desk.path().join("out")), old);
    }
    // Nothing is begun where there was nothing.
    desk.run(&["era.835", "nowhere.835", "--out", "new"]).ends(1);
    assert_eq!(names(&desk.path().join("new")), Vec::<String>::new());
}

#[test]
fn findings_may_be_denied() {
    let desk = Desk::with(&era("90", TWO));
    desk.put("imbalance.835", era("91", TWO));
    desk.put("bad.835", era("90", &TWO.replace("*60*40*", "*60*4O*")));
    desk.put("mail.835", format!("Dear office,\n\n{}", era("90", TWO)));
    for (file, level, code) in [
        ("era.835", "note", 0),
        ("mail.835", "note", 3),
        ("mail.835", "warning", 0),
        ("imbalance.835", "warning", 3),
        ("imbalance.835", "error", 0),
        ("bad.835", "error", 3),
    ] {
        desk.run(&[file, "--deny", level]).ends(code);
    }
    desk.run(&["bad.835"]).ends(0);
    // A file that cannot be read is worse than anything denied.
    desk.run(&["bad.835", "nowhere.835", "--deny", "error"]).ends(1);
}

#[test]
fn folders_pass_over_what_is_no_remittance() {
    let desk = Desk::new();
    desk.put("mail/2026/small.835", TEXT);
    desk.put("mail/a/letter.pdf", "%PDF-1.7 a letter of the payer");
    desk.put("mail/list.csv", "claim,paid\nC1,5\n");
    desk.put("mail/.hidden.835", TEXT);
    desk.put("mail/empty.835", "");
    let said = desk.json(&["mail", "--out", "out"]);
    let files = said["files"].as_array().unwrap();
    let names: Vec<&str> = files.iter().map(|f| f["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["mail/2026/small.835", "mail/a/letter.pdf", "mail/empty.835", "mail/list.csv"]);
    equal(&files[0], &truth());
    for file in &files[1..] {
        assert_eq!(told(file), ["file-passed-over"]);
        assert_eq!(file["findings"][0]["severity"], json!("note"));
    }
    equal(&said["total"], &truth());
    assert_eq!(json!(desk.table("remit_lines").sum("paid")), truth()["sum_clp04"]);
}

#[test]
fn patterns_that_the_shell_left_alone() {
    let desk = Desk::new();
    desk.put("era/b.835", era("90", TWO));
    desk.put("era/a.835", era("90", &TWO.replace("*C", "*D")));
    desk.put("era/c.txt", "no remittance");
    let said = desk.json(&["era/*.835"]);
    let names: Vec<&Value> = said["files"].as_array().unwrap().iter().map(|f| &f["name"]).collect();
    assert_eq!(names, [&json!("era/a.835"), &json!("era/b.835")]);
    let said = desk.run(&["era/*.x12"]).ends(2);
    assert!(said.err.contains("era/*.x12"), "{}", said.err);
}

/// What is said of bytes given on standard input.
fn piped(desk: &Desk, bytes: &[u8]) -> Value {
    let args = ["remits", "-", "--format", "json"];
    let mut child = program(desk.path(), &args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    Said::from(child.wait_with_output().unwrap()).ends(0).json()["files"][0].clone()
}

#[test]
fn standard_input_plain_and_packed() {
    let desk = Desk::new();
    equal(&piped(&desk, TEXT.as_bytes()), &truth());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(TEXT.as_bytes()).unwrap();
    equal(&piped(&desk, &gzip.finish().unwrap()), &truth());
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("small.835", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&render(clean(), PLAIN)).unwrap();
    let file = piped(&desk, &archive.finish().unwrap().into_inner());
    equal(&file, &truth());
    assert_eq!(file["name"], json!("standard input/small.835"));
}

#[test]
fn claims_are_no_remittances() {
    let desk = Desk::new();
    desk.put("small.837", CLAIMS);
    let said = desk.json(&["small.837"]);
    assert_eq!(told(&said["files"][0]), ["set-not-read 3 ST01"]);
    has(&said["files"][0], &json!({ "transactions": 0, "claims": 0, "sum_clp03": "0.00" }));
}
