//! The worklist as a workbook to work in: filters, real numbers and days, a list of statuses, deadlines that show, totals that
//! are the report's.

use rust_xlsxwriter::{
    Color, ConditionalFormatCell, ConditionalFormatCellRule, ConditionalFormatFormula, ConditionalFormatText,
    ConditionalFormatTextRule, DataValidation, Format, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::workbook::{Looks, TOP, cut, excel_date, properties, table_sheet};
use super::worklist_tables::{self as tables, column};
use crate::finding::{Error, Result};
use crate::report::{DataKind, Table};
use crate::worklist::{By, Status, Worklist};

/// Days before a deadline from which it is marked.
const SOON: u64 = 14;

/// The workbook.
///
/// # Errors
/// When the workbook library refuses a sheet.
pub fn xlsx(worklist: &Worklist) -> Result<Vec<u8>> {
    build(worklist).map_err(|e| Error::output("the workbook could not be made").because(e))
}

fn build(worklist: &Worklist) -> std::result::Result<Vec<u8>, XlsxError> {
    let kind = tables::kind(worklist);
    let mut book = Workbook::new();
    book.set_properties(&properties(&worklist.title, "Worklist", kind, worklist.as_of));
    let looks = Looks::new();
    let lists = [
        ("Batches", By::Batch, tables::BATCHES),
        ("Claims", By::Claim, tables::CLAIMS),
        ("Lines", By::Line, tables::LINES),
    ];
    for (name, by, columns) in lists {
        let table = super::worklist::table(worklist, by);
        let sheet = book.add_worksheet().set_name(name)?;
        let title = format!("{}: {} to work", worklist.title, name.to_lowercase());
        table_sheet(sheet, &title, &lead(worklist, &worklist.cut(by)), &table, &looks)?;
        let (open, above) = (worklist.open(by), worklist.above(by));
        let last = TOP + u32::try_from(table.rows.len()).unwrap_or(0);
        if let Some(verdict) = column(columns, "verdict") {
            verdicts(sheet, verdict, last)?;
        }
        if let Some(deadline) = column(columns, "act_by") {
            deadlines(sheet, deadline, TOP + u32::try_from(open).unwrap_or(0), worklist)?;
        }
        cut_line(sheet, above, open, last, u16::try_from(table.columns.len()).unwrap_or(1))?;
        // Whoever scrolls to the right still sees which claim it is.
        if let Some(claim) = column(columns, "claim_id") {
            sheet.set_freeze_panes(TOP + 1, claim + 1)?;
        }
        if let (By::Line, Some(status)) = (by, column(columns, "status")) {
            statuses(sheet, status, last)?;
        }
        mark(sheet, kind);
    }
    let recovered = tables::recovered(worklist);
    let sheet = book.add_worksheet().set_name("Recovered")?;
    let text = "Lines of earlier worklists that later answers paid. The total is what is known; an amount is empty where the \
                state file does not tell what had been allowed before.";
    table_sheet(sheet, "Recovered since they were listed", &lead(worklist, text), &recovered, &looks)?;
    mark(sheet, kind);
    let sheet = book.add_worksheet().set_name("Read me")?;
    read_me(sheet, worklist, &looks)?;
    book.save_to_buffer()
}

fn lead(worklist: &Worklist, text: &str) -> String {
    format!("{text} As of {} ({}).", worklist.as_of, tables::kind(worklist).label())
}

fn mark(sheet: &mut Worksheet, kind: DataKind) {
    if kind == DataKind::Synthetic {
        sheet.set_tab_color("9AA5B1");
    }
}

/// What pays is green, what does not is grey; the words say the same.
fn verdicts(sheet: &mut Worksheet, column: u16, last: u32) -> std::result::Result<(), XlsxError> {
    let looks = [
        ("pays", Format::new().set_background_color("DDEFE3")),
        ("too few", Format::new().set_background_color("F4F5F7").set_font_color("52606D")),
        ("too small", Format::new().set_background_color("F4F5F7").set_font_color("52606D")),
        ("loses", Format::new().set_background_color("F4F5F7").set_font_color("52606D")),
    ];
    // "never pays" holds "pays", too: the first rule that fits decides.
    let never = ConditionalFormatText::new()
        .set_rule(ConditionalFormatTextRule::Contains("never".to_owned()))
        .set_format(Format::new().set_background_color("F4F5F7").set_font_color("52606D"))
        .set_stop_if_true(true);
    sheet.add_conditional_format(TOP + 1, column, last.max(TOP + 1), column, &never)?;
    for (word, look) in looks {
        let rule = ConditionalFormatText::new()
            .set_rule(ConditionalFormatTextRule::Contains(word.to_owned()))
            .set_format(look);
        sheet.add_conditional_format(TOP + 1, column, last.max(TOP + 1), column, &rule)?;
    }
    Ok(())
}

/// Open deadlines that have passed or are near, as of the worklist's day.
fn deadlines(sheet: &mut Worksheet, column: u16, last: u32, worklist: &Worklist) -> std::result::Result<(), XlsxError> {
    let today = excel_date(worklist.as_of);
    let soon = worklist.as_of.checked_add_days(chrono::Days::new(SOON)).and_then(excel_date);
    let (Some(today), Some(soon)) = (today, soon) else { return Ok(()) };
    if last <= TOP {
        return Ok(());
    }
    let rules = [
        (ConditionalFormatCellRule::LessThan(today.clone()), "F5C6C6"),
        (ConditionalFormatCellRule::Between(today, soon), "FBE3B5"),
    ];
    for (rule, colour) in rules {
        let look = Format::new().set_background_color(colour).set_bold();
        sheet.add_conditional_format(
            TOP + 1,
            column,
            last,
            column,
            &ConditionalFormatCell::new().set_rule(rule).set_format(look),
        )?;
    }
    Ok(())
}

/// A line under the last row that pays. It goes by the rank in the first column, so that sorting takes it along.
fn cut_line(
    sheet: &mut Worksheet,
    above: usize,
    open: usize,
    last: u32,
    columns: u16,
) -> std::result::Result<(), XlsxError> {
    if above == 0 || above >= open || last <= TOP {
        return Ok(());
    }
    let look = Format::new().set_border_bottom(FormatBorder::Thin).set_border_bottom_color(Color::RGB(0x00B4_2318));
    let rule = ConditionalFormatFormula::new().set_rule(format!("=$A{}={above}", TOP + 2).as_str()).set_format(look);
    sheet.add_conditional_format(TOP + 1, 0, last, columns.saturating_sub(1), &rule)?;
    Ok(())
}

/// The list of statuses in every row.
fn statuses(sheet: &mut Worksheet, column: u16, last: u32) -> std::result::Result<(), XlsxError> {
    if last <= TOP {
        return Ok(());
    }
    let words: Vec<&str> = Status::ALL.iter().map(|s| s.as_str()).collect();
    let list = DataValidation::new()
        .allow_list_strings(&words)?
        .set_error_title("Status")?
        .set_error_message("Choose one of the list.")?;
    sheet.add_data_validation(TOP + 1, column, last, column, &list)?;
    Ok(())
}

fn read_me(sheet: &mut Worksheet, worklist: &Worklist, looks: &Looks) -> std::result::Result<(), XlsxError> {
    let table: Table = tables::standing(worklist);
    let text = "Every denied and underpaid line of firm expectation is on the sheets once; the totals are those of the leakage report.";
    table_sheet(sheet, "Where the money stands", &lead(worklist, text), &table, looks)?;
    let mut row = TOP + 3 + u32::try_from(table.rows.len()).unwrap_or(0);
    let mut block = |sheet: &mut Worksheet, title: &str, lines: &[String]| -> std::result::Result<(), XlsxError> {
        if lines.is_empty() {
            return Ok(());
        }
        sheet.write_string_with_format(row, 0, title, &looks.label)?;
        row += 1;
        for line in lines {
            sheet.write_string_with_format(row, 0, cut(line), &looks.note)?;
            row += 1;
        }
        row += 1;
        Ok(())
    };
    block(sheet, "What the figures rest on that nobody stated", &worklist.assumptions)?;
    block(sheet, "How to read the sheets", &HOW.map(str::to_owned))
}

const HOW: [&str; 9] = [
    "Missing: expected less allowed, the patient's share included.",
    "Expected recovery: missing × chance, rounded once per line. Low and high: the same at either end of the chance's 80 % interval; empty where none is known.",
    "Chance: your own reworked lines of the payer and cause that were decided, pooled with all others so that few cases do not decide alone.",
    "Cost to work: one contact with its first line, and each further line of the same contact. Net: expected recovery less cost.",
    "A batch is the open lines of one payer, cause and fix. Lines that bring less than the cost of a further line are left out of it.",
    "Break-even lines: how many lines like these cover one contact. Empty: no number does.",
    "Act by: the end of the payer's appeal window after its last answer, or of its filing window when that ends first and a corrected claim is meant.",
    "Status, worked on and note of the sheet Lines: fill them in, save the sheet as CSV, and give it with --worked beside --state; or fill in the state file itself. A later worklist carries them over, and lines that later answers pay move to Recovered.",
    "Do not add patients' names to a note: notes go wherever the worklist goes.",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ColumnKind;

    #[test]
    fn every_list_has_its_rank_first_and_a_deadline() {
        for columns in [tables::BATCHES, tables::CLAIMS, tables::LINES] {
            assert_eq!(columns[0].0, "rank");
            assert_eq!(column(columns, "act_by").map(|i| columns[usize::from(i)].2), Some(ColumnKind::Date));
            assert!(column(columns, "verdict").is_some());
        }
    }
}
