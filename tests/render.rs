//! The renderers: what each file holds, that two runs agree byte by byte, that a failure leaves the old folder alone.

mod changes;
mod extreme;
mod fixture;
mod labels;
mod outlook;
pub(crate) mod sheet;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use allowable::finding::Error;
use allowable::render::{self, Files};
use allowable::report::{Cell, Chart, ColumnKind, DataKind, Report};

use changes::{empty_changes, extreme_changes, realistic_changes};
use extreme::{HOSTILE, empty_charts, extreme};
use fixture::practice;
use outlook::{extreme_charts, forecast};
use sheet::{Book, Value};

/// All files below a folder by their relative names.
fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(dir: &Path, root: &Path, out: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, out);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                out.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut out = BTreeMap::new();
    walk(dir, dir, &mut out);
    out
}

/// The extreme report, written once for all tests.
static EXTREME: LazyLock<(tempfile::TempDir, BTreeMap<String, Vec<u8>>)> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    render::write(&extreme(), &dir.path().join("out")).unwrap();
    let files = contents(&dir.path().join("out"));
    (dir, files)
});

fn text<'a>(files: &'a BTreeMap<String, Vec<u8>>, name: &str) -> &'a str {
    std::str::from_utf8(&files[name]).unwrap()
}

/// A report without charts: quick to write.
fn plain() -> Report {
    let mut report = practice();
    report.sections.truncate(1);
    report.sections[0].chart = None;
    report
}

#[test]
fn a_report_writes_every_file_and_two_runs_agree_byte_by_byte() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    let paths = render::write(&practice(), &one).unwrap();
    render::write(&practice(), &two).unwrap();
    let files = contents(&one);
    for name in ["report.html", "leakage.xlsx", "summary.csv", "findings.csv", "report.json", "tables/waterfall.csv"] {
        assert!(files.contains_key(name), "{name}");
        assert!(paths.contains(&one.join(name)), "{name}");
    }
    for section in practice().sections {
        let svg = text(&files, &format!("charts/{}.svg", section.id));
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{}", section.id);
        let png = &files[&format!("charts/{}.png", section.id)];
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n", "{}", section.id);
        // The header chunk: width and height as big-endian words at 16 and 20. SVG shows the same picture at half the size.
        let word = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        assert_eq!(word(16), 1600, "{}", section.id);
        assert!((300..3000).contains(&word(20)), "{}", section.id);
        assert!(svg.contains(&format!("viewBox=\"0 0 1600 {}\"", word(20))), "{}", section.id);
        assert!(png.len() < 800_000, "{} has {} bytes", section.id, png.len());
    }
    let other = contents(&two);
    assert_eq!(files.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, bytes) in &files {
        assert!(bytes == &other[name], "{name} differs between two runs");
    }
}

#[test]
fn every_chart_says_where_its_figures_come_from() {
    for section in practice().sections {
        let chart = section.chart.unwrap();
        for kind in [DataKind::Synthetic, DataKind::Own, DataKind::Published, DataKind::Observed, DataKind::Estimated] {
            let svg = render::svg(&chart, kind).unwrap();
            assert!(svg.contains(kind.label()), "{} does not say {}", section.id, kind.label());
            assert!(svg.contains("role=\"img\"") && svg.contains("aria-label=\""));
        }
    }
}

#[test]
fn an_empty_chart_says_so() {
    for (id, chart) in empty_charts().into_iter().chain(outlook::empty_charts()).chain(empty_changes()) {
        let svg = render::svg(&chart, DataKind::Own).unwrap();
        assert!(svg.contains("Nothing to show"), "{id}");
    }
}

#[test]
fn no_text_of_a_chart_leaves_the_picture() {
    let written = EXTREME.1.iter().filter(|(n, _)| n.ends_with(".svg"));
    let written = written.map(|(n, bytes)| (n.clone(), String::from_utf8(bytes.clone()).unwrap()));
    let changes = extreme_changes().into_iter().chain(realistic_changes());
    let drawn = extreme_charts().into_iter().chain(realistic()).chain(changes).map(|(n, c)| (n.to_owned(), svg(&c)));
    for (name, svg) in written.chain(drawn) {
        let svg = svg.as_str();
        let (texts, height) = (labels::read(svg), labels::height(svg));
        assert!(!texts.is_empty());
        for text in texts {
            let inside = text.left >= 0.0 && text.right <= 1600.0 && text.top >= 0.0 && text.bottom <= height;
            assert!(inside, "{name}: {text:?}");
        }
    }
}

fn svg(chart: &Chart) -> String {
    render::svg(chart, DataKind::Synthetic).unwrap()
}

/// The charts of the forecast.
fn realistic() -> Vec<(&'static str, Chart)> {
    let names = ["allowed", "injections", "hindcast", "coverage", "errors", "bridge"];
    names.into_iter().zip(forecast().sections.into_iter().filter_map(|s| s.chart)).collect()
}

#[test]
fn no_two_texts_of_a_realistic_chart_overlap() {
    let sections = practice().sections.into_iter().chain(forecast().sections);
    let charts = sections.map(|section| (section.id, section.chart.unwrap()));
    for (id, chart) in charts.chain(realistic_changes().into_iter().map(|(id, chart)| (id.to_owned(), chart))) {
        let texts = labels::read(&svg(&chart));
        for (i, a) in texts.iter().enumerate() {
            for b in &texts[..i] {
                let apart = a.left >= b.right || b.left >= a.right || a.top >= b.bottom || b.top >= a.bottom;
                assert!(apart, "{id}: {a:?} on {b:?}");
            }
        }
    }
}

#[test]
fn text_in_html_and_svg_is_escaped() {
    let html = text(&EXTREME.1, "report.html");
    assert!(html.contains(
        "=HYPERLINK(&quot;http://x&quot;,&quot;y&quot;)&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;"
    ));
    for (name, bytes) in EXTREME.1.iter().filter(|(n, _)| n.ends_with(".html") || n.ends_with(".svg")) {
        let markup = std::str::from_utf8(bytes).unwrap();
        assert!(!markup.contains("<script"), "{name}");
        assert!(!markup.contains('\u{1b}'), "{name}");
    }
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let html = render::html(&practice()).unwrap();
    let without_namespace = html.replace("http://www.w3.org/2000/svg", "");
    for reference in ["http://", "https://", "src=", "<script", "<link", "@import"] {
        assert!(!without_namespace.contains(reference), "{reference}");
    }
    // A figure and a table for each of the seven sections, each named for readers who cannot see them.
    assert_eq!(html.matches("<figure>").count(), 7);
    assert_eq!(html.matches("role=\"img\" aria-label=\"").count(), 7);
    assert!(html.contains("<th scope=\"col\" class=\"num\">Amount</th>"));
    assert!(html.contains("<th scope=\"row\">Denied</th><td class=\"num\">−$31,870.12</td>"));
    assert_eq!(html.matches("<main>").count(), 1);
    assert_eq!(html.matches("<h1>").count(), 1);
}

#[test]
fn a_table_wider_than_paper_is_turned_in_the_page_only() {
    // The fixture's payers × causes: twelve rows, eighteen columns.
    let html = render::html(&practice()).unwrap();
    assert!(html.contains("<th scope=\"col\" class=\"num\">Ohio Medicaid</th>"));
    assert!(html.contains("<th scope=\"row\">Timely filing</th>"));
    // A hash is shown by its beginning; the whole of it is there to copy.
    assert!(html.contains(
        "<code title=\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\">9f86d081884c…</code>"
    ));
    let csv = render::summary_csv(&practice()).unwrap();
    assert!(String::from_utf8(csv).unwrap().contains("by-payer,10,Ohio Medicaid,timely_filing,usd,"));
}

#[test]
fn a_long_table_says_where_the_rest_is() {
    let mut report = plain();
    let row = report.sections[0].table.rows[0].clone();
    report.sections[0].table.rows = vec![row; 61];
    let html = render::html(&report).unwrap();
    assert!(html.contains("1 more row in tables/waterfall.csv."));
    let csv = String::from_utf8(render::summary_csv(&report).unwrap()).unwrap();
    assert!(csv.contains("waterfall,61,Expected,amount,usd,401236.50,synthetic"));
}

#[test]
fn a_cell_of_the_workbook_is_a_number_a_date_or_words_and_never_a_formula() {
    for (name, report) in [("practice", practice()), ("extreme", extreme())] {
        let book = Book::open(&render::xlsx(&report).unwrap());
        assert!(!book.has_formulas(), "{name}");
        assert_eq!(book.sheets.len(), report.sections.len() + 4, "{name}");
        assert!(book.sheets.iter().all(|s| s.name.chars().count() <= 31), "{name}");
    }
    let book = Book::open(&render::xlsx(&practice()).unwrap());
    let waterfall = book.sheet("Waterfall");
    // Title and lead above; the header stands in row 4, denied is the fourth of the rows below it.
    assert_eq!(waterfall.cell("A4"), Some(Value::Text("Step".into())));
    assert_eq!(waterfall.cell("A8"), Some(Value::Text("Denied".into())));
    assert_eq!(waterfall.cell("B8"), Some(Value::Number("-31870.12".into())));
    assert_eq!(waterfall.format("B8"), "$#,##0.00;-$#,##0.00");
    // −7.9 % is stored as a fraction with a percent format.
    assert_eq!(waterfall.cell("C8"), Some(Value::Number("-0.079".into())));
    assert_eq!(waterfall.format("C8"), "0.0%");
    assert!(waterfall.xml.contains("<autoFilter ref=\"A4:C13\"/>"), "filters on the header");
    assert!(waterfall.xml.contains("state=\"frozen\""), "the header is frozen");
    // 1 January 2023 is day 44,927 of Excel's calendar.
    let monthly = book.sheet("Monthly");
    assert_eq!(monthly.cell("A5"), Some(Value::Number("44927".into())));
    assert_eq!(monthly.format("A5"), "yyyy-mm-dd");
    // An amount that is not known is an empty cell, not 0.
    assert_eq!(monthly.cell("D40"), None);

    let book = Book::open(&render::xlsx(&extreme()).unwrap());
    let hostile = Value::Text(HOSTILE.into());
    assert_eq!(book.sheet("Waterfall").cell("A5"), Some(hostile.clone()));
    assert_eq!(book.sheet("Waterfall").cell("A6"), Some(Value::Text("+1".into())));
    assert_eq!(book.sheet("Data findings").cell("E5"), Some(hostile));
}

#[test]
fn csv_text_cannot_run_in_a_spreadsheet() {
    for (name, bytes) in EXTREME.1.iter().filter(|(n, _)| n.ends_with(".csv")) {
        let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(bytes.as_slice());
        let headers = reader.headers().unwrap().clone();
        for record in reader.records() {
            for (cell, header) in record.unwrap().iter().zip(&headers) {
                let number = cell.parse::<f64>().is_ok();
                assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{name}, {header}: {cell}");
            }
        }
    }
    assert!(text(&EXTREME.1, "tables/waterfall.csv").contains("'+1,1234567890123.45,synthetic"));
    let findings = text(&EXTREME.1, "findings.csv");
    assert!(findings.starts_with("code,severity,file,line,column,found,expected,help,count\n"));
    assert!(findings.contains("'-1"));
}

#[test]
fn money_is_the_same_in_every_format() {
    let report = practice();
    let book = Book::open(&render::xlsx(&report).unwrap());
    let html = render::html(&report).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&render::json(&report).unwrap()).unwrap();
    let summary = String::from_utf8(render::summary_csv(&report).unwrap()).unwrap();
    let sheets = ["Waterfall", "Denials", "By payer", "Monthly", "Places"];
    for (s, name) in sheets.into_iter().enumerate() {
        let section = &report.sections[s];
        let table = &section.table;
        for (r, row) in table.rows.iter().chain(&table.total).enumerate() {
            for (c, cell) in row.iter().enumerate() {
                let Cell::Money(money) = cell else { continue };
                let place = format!("{}{}", char::from(b'A' + c as u8), r + 5);
                let Some(Value::Number(number)) = book.sheet(name).cell(&place) else { panic!("{name} {place}") };
                // The text of the number in the file, read as an exact decimal.
                let exact: rust_decimal::Decimal = number.parse().unwrap();
                assert_eq!(exact, money.dollars(), "{name} {place}");
                assert!(html.contains(&format!(">{}<", money.pretty())), "{name} {place}");
                let which = if r < table.rows.len() { (r + 1).to_string() } else { "total".into() };
                let column = &table.columns[c].name;
                let line = summary.lines().any(|l| {
                    l.starts_with(&format!("{},{which},", section.id))
                        && l.ends_with(&format!(",{column},usd,{money},synthetic"))
                });
                assert!(line, "{name} {place} in summary.csv");
                let table = &json["sections"][s]["table"];
                let row = if which == "total" { &table["total"] } else { &table["rows"][r] };
                assert_eq!(row[c].as_str(), Some(money.to_string().as_str()), "{name} {place} in report.json");
            }
        }
    }
}

#[test]
fn a_failed_run_leaves_the_old_folder_and_no_litter() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("reports").join("2023");
    render::write(&plain(), &out).unwrap();
    let before = contents(dir.path());

    let failed = render::write_with(&plain(), &out, |part| {
        fs::write(part.join("half.bin"), b"half").unwrap();
        Err(Error::output("the disk is full"))
    });
    assert_eq!(failed.unwrap_err().to_string(), "the disk is full");
    assert_eq!(contents(dir.path()), before);

    let mut twice = plain();
    twice.sections.push(twice.sections[0].clone());
    assert!(render::write(&twice, &out).is_err(), "two sections of one name would overwrite each other");
    assert_eq!(contents(dir.path()), before);

    let mut escaping = plain();
    escaping.sections[0].id = "../../evil".into();
    assert!(render::write(&escaping, &out).is_err());
    assert_eq!(contents(dir.path()), before);
}

#[test]
fn a_run_replaces_the_old_folder_as_a_whole_and_keeps_what_others_put_there() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("2023");
    let paths = render::write_with(&plain(), &out, |part| {
        fs::write(part.join("priced_lines.parquet"), b"PAR1").map_err(|e| Error::output("no").because(e))
    })
    .unwrap();
    assert!(paths.contains(&out.join("priced_lines.parquet")), "what the caller adds is returned with the rest");
    fs::write(out.join("my notes.txt"), "call Aetna").unwrap();
    render::write(&plain(), &out).unwrap();
    let files = contents(&out);
    assert!(
        !files.contains_key("priced_lines.parquet"),
        "a file of the old run that the new one does not write is gone"
    );
    assert_eq!(files["my notes.txt"], b"call Aetna");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside the folder");
}

#[test]
fn a_folder_that_is_not_ours_is_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.docx"), b"years of work").unwrap();
    let error = render::write(&plain(), dir.path()).unwrap_err();
    assert!(error.to_string().contains("holds files that no earlier report wrote"), "{error}");
    assert_eq!(contents(dir.path()).len(), 1);
    // An empty folder may be used.
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    render::write(&plain(), &empty).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn what_a_killed_run_left_is_cleared_and_an_old_folder_moved_aside_is_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("2023");
    // No process can have this number.
    let (part, old) = (dir.path().join(".2023.part-4999999"), dir.path().join(".2023.old-4999999"));
    fs::create_dir(&part).unwrap();
    fs::write(part.join("half.csv"), "a").unwrap();
    render::write(&plain(), &out).unwrap();
    assert!(!part.exists());
    // Killed between the two renames: the folder is only there under its other name.
    fs::rename(&out, &old).unwrap();
    let failed = render::write_with(&plain(), &out, |_| Err(Error::output("again")));
    assert!(failed.is_err());
    assert!(out.join("report.html").is_file() && !old.exists());
}

#[test]
fn json_keeps_the_order_of_the_types_and_never_writes_money_as_a_float() {
    let text = String::from_utf8(render::json(&practice()).unwrap()).unwrap();
    let at = |key: &str| text.find(&format!("\n  \"{key}\"")).unwrap_or_else(|| panic!("{key}"));
    let order = ["title", "period", "finding", "headline", "sections", "definitions", "sources", "findings", "version"];
    assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])));
    assert!(text.contains("\"-31870.12\"") && !text.contains("-31870.12,"));
}

#[test]
fn the_terminal_summary_fits_and_carries_no_control_signs() {
    for width in [60, 100] {
        let screen = render::terminal(&practice(), false, width);
        assert!(screen.lines().all(|l| l.chars().count() <= usize::from(width)), "{width}:\n{screen}");
        assert!(screen.contains("Leakage") && screen.contains("synthetic demo data"));
        assert!(screen.lines().count() <= if width == 100 { 50 } else { 70 }, "about one screen");
    }
    let screen = render::terminal(&extreme(), false, 80);
    assert!(!screen.contains('\u{1b}'));
    assert!(render::terminal(&practice(), true, 80).contains("\u{1b}[1;31m"));
}

#[test]
fn every_column_kind_has_a_unit_in_the_long_table() {
    let mut report = plain();
    report.sections = practice().sections;
    let csv = String::from_utf8(render::summary_csv(&report).unwrap()).unwrap();
    assert!(csv.starts_with("section,row,label,measure,unit,value,data_kind\n"));
    assert!(csv.contains("denials,total,Total,lines,count,"));
    assert!(csv.contains("monthly,1,2023-01-01,expected,usd,"));
    assert!(csv.contains("percent-of-medicare,2,Harbor Medicare Advantage,percent_of_medicare,percent,97.2,synthetic"));
    assert!(!csv.contains("Tri-State Medicaid MCO,percent_of_medicare"), "an empty cell is left out, not written as 0");
    assert!(report.sections.iter().flat_map(|s| &s.table.columns).any(|c| c.kind == ColumnKind::Date));
}

#[test]
fn a_forecast_is_a_folder_with_a_page_a_workbook_and_pictures_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    let report = forecast();
    render::write_files(&report, &Files::FORECAST, &one, |_| Ok(())).unwrap();
    render::write_files(&report, &Files::FORECAST, &two, |_| Ok(())).unwrap();
    let files = contents(&one);
    assert!(files == contents(&two), "two runs differ");
    for name in
        ["forecast.html", "forecast.xlsx", "forecast.json", "summary.csv", "charts/allowed.png", "charts/allowed.svg"]
    {
        assert!(files.contains_key(name), "{name}");
    }
    let html = text(&files, "forecast.html");
    assert_eq!(html.matches("<figure>").count(), 6);
    assert!(html.contains("forecast.xlsx, summary.csv, tables/ and forecast.json") && !html.contains("id=\"sources\""));
    let svg = text(&files, "charts/allowed.svg");
    // The text of a chart is text.
    for words in [
        "forecast begins",
        "Northstar PPO +4%",
        "50%, 80%, 95% ranges",
        "completed for what is still to come",
        "Dec 2026",
    ] {
        assert!(svg.contains(words), "{words}");
    }
    assert!(svg.contains("<polygon"), "the ranges are areas");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&files["forecast.xlsx"])).unwrap();
    let pictures = (0..zip.len()).filter(|i| zip.by_index(*i).unwrap().name().unwrap().ends_with(".png")).count();
    assert_eq!(pictures, 6);
    let book = Book::open(&files["forecast.xlsx"]);
    assert!(!book.has_formulas());
    assert_eq!(
        book.sheets.iter().map(|s| s.name.as_str()).take(3).collect::<Vec<_>>(),
        ["Summary", "Charts", "Allowed"]
    );
}

#[test]
fn an_estimate_is_the_same_to_the_cent_in_every_format() {
    let report = forecast();
    let section = &report.sections[0];
    let book = Book::open(&render::workbook_of(&report, &Files { pictures: false, ..Files::FORECAST }).unwrap());
    assert!(book.sheets.iter().all(|s| s.name != "Charts"));
    let (sheet, html) = (book.sheet("Allowed"), render::html_of(&report, &Files::LEAKAGE).unwrap());
    // The page of a forecast leaves a table of 48 rows to the files and says where it is.
    let page = render::html_of(&report, &Files::FORECAST).unwrap();
    assert!(page.contains("A table of 48 rows"), "the page of a forecast is short");
    // Header in row 4; 48 months from row 5; the total in row 53.
    let mut sum = rust_decimal::Decimal::ZERO;
    for row in 41..=52 {
        let Some(Value::Number(number)) = sheet.cell(&format!("D{row}")) else { panic!("D{row}") };
        sum += number.parse::<rust_decimal::Decimal>().unwrap();
    }
    let Some(Cell::Number(total)) = section.table.total.as_ref().map(|t| &t[3]) else { panic!("no total") };
    assert_eq!(sum, *total);
    assert_eq!(sheet.cell("D53"), Some(Value::Number(total.normalize().to_string())));
    assert_eq!(sheet.format("D53"), "$#,##0.00;-$#,##0.00");
    assert_eq!(sheet.cell("D40"), None, "a month without a forecast is not 0");
    assert_eq!(book.sheet("Injections").format("D41"), "#,##0.0");
    // January 2026: (92,000 + 350 × 36) × 1.08 × 1.04 × 1.06 = 104,600 × 1.190592 = 124,535.92.
    assert_eq!(sheet.cell("D41"), Some(Value::Number("124535.92".into())));
    assert!(html.contains("<td class=\"num\">$124,535.92</td>"));
    let csv = String::from_utf8(render::summary_csv(&report).unwrap()).unwrap();
    assert!(csv.contains("allowed,37,2026-01-01,forecast,usd,124535.92,synthetic"));
}

#[test]
fn the_end_of_a_fan_writes_the_forecast_and_its_80_percent_range() {
    let (_, chart) = realistic().remove(0);
    let texts: Vec<String> = labels::read(&svg(&chart)).into_iter().map(|t| t.text).collect();
    // December 2026 is month 47: (92,000 + 350 × 47) × 1.01 × 1.1024 = 108,450 × 1.113424 = 120,750.83; the range is
    // 210 × (20 + 11) = 6,510 below and 210 × 33 = 6,930 above: 114,240.83 to 127,680.83.
    assert!(texts.iter().any(|t| t == "$120,751"), "{texts:?}");
    assert!(texts.iter().any(|t| t == "80%: $114,241 to $127,681"), "{texts:?}");
}

/// Charts that no model should give are still drawn, in both formats.
#[test]
fn charts_of_estimates_take_any_values() {
    for (name, chart) in extreme_charts().into_iter().chain(extreme_changes()) {
        let drawn = svg(&chart);
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{name}");
        assert!(!drawn.contains("<script"), "{name}");
        assert_eq!(&render::png(&chart, DataKind::Own).unwrap()[..4], b"\x89PNG", "{name}");
    }
}

/// Not a test of anything: draws the fixtures into the folder named by `ALLOWABLE_PICTURES`, for looking at them.
#[test]
fn pictures_for_the_eye() {
    let Some(dir) = std::env::var_os("ALLOWABLE_PICTURES").map(PathBuf::from) else { return };
    render::write(&practice(), &dir.join("practice")).unwrap();
    render::write(&extreme(), &dir.join("extreme")).unwrap();
    render::write_files(&forecast(), &Files::FORECAST, &dir.join("forecast"), |part| {
        for (name, chart) in extreme_charts().into_iter().chain(extreme_changes()).chain(realistic_changes()) {
            fs::write(part.join(format!("{name}.png")), render::png(&chart, DataKind::Own)?).unwrap();
        }
        Ok(())
    })
    .unwrap();
    fs::write(dir.join("terminal.txt"), render::terminal(&practice(), false, 100)).unwrap();
}
