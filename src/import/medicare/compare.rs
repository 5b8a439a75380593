//! Whether the figures of a release stand under their own headers: compared with those that ship, and by what has held in every
//! published file.
//!
//! A header and its figures can be swapped so that every row still reads well. Of whole columns it shows: the codes, localities
//! and drugs that ship with the program have figures that do not change within their days but for single corrections, and work
//! is more than malpractice in almost every row.

use rust_decimal::Decimal;

use crate::domain::{Code, Date, Locality};
use crate::finding::{Finding, FindingCode};
use crate::reference::Medicare;

use super::Sheet;

/// So many figures of a column may always differ: corrections in the middle of a year are of single codes.
const HANDFUL: usize = 5;

/// What was found of one column.
#[derive(Debug, Default)]
struct Column {
    name: &'static str,
    compared: usize,
    differing: usize,
    /// What the first differing row is about, its figure, and the figure that is known.
    first: Option<(String, String, String)>,
}

impl Column {
    const fn new(name: &'static str) -> Self {
        Self { name, compared: 0, differing: 0, first: None }
    }

    fn see(&mut self, about: &str, figure: &str, known: &str, same: bool) {
        self.compared += 1;
        if !same {
            self.differing += 1;
            self.first.get_or_insert_with(|| (about.to_owned(), figure.to_owned(), known.to_owned()));
        }
    }
}

/// Says which columns disagree in more than a tenth of what is known, and more than a handful; `false` when one does.
fn agree(sheet: &Sheet<'_>, columns: &[Column], handful: usize, findings: &mut Vec<Finding>) -> bool {
    let mut all = true;
    for column in columns.iter().filter(|c| c.differing > handful && c.differing * 10 > c.compared) {
        let Some((about, figure, known)) = &column.first else { continue };
        let found = format!(
            "{}: the column of {} has other figures than are known in {} of {} rows: {about} {figure}, known {known}",
            sheet.layout.what, column.name, column.differing, column.compared
        );
        let finding = sheet.finding(FindingCode::ImportDisagrees, found);
        findings.push(Finding { place: finding.place.clone().column(column.name), ..finding });
        all = false;
    }
    all
}

/// Says that a column breaks what holds in every published file.
fn broken(
    sheet: &Sheet<'_>,
    column: &str,
    rule: &str,
    breaking: usize,
    of: usize,
    findings: &mut Vec<Finding>,
) -> bool {
    // Single rows may be so.
    let broken = breaking > 2 && breaking * 2 > of;
    if broken {
        let found = format!("{}: {breaking} of {of} rows are against it: {rule}", sheet.layout.what);
        let finding = sheet.finding(FindingCode::ImportDisagrees, found);
        findings.push(Finding { place: finding.place.clone().column(column), ..finding });
    }
    broken
}

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap_or_default()
}

/// Columns of words that hold figures in most rows: the row is not the header's. In every table.
pub(super) fn words_are_words(sheet: &Sheet<'_>, findings: &mut Vec<Finding>) -> bool {
    let lines = &sheet.grid.lines[sheet.header.at + 1..];
    let wordy = |text: &str| ["description", "note", "footnote"].iter().any(|word| text.contains(word));
    let mut good = true;
    for (at, text) in sheet.header.unused.iter().filter(|(_, text)| wordy(text)) {
        let rows = lines.iter().filter(|line| line.filled() > 2).count();
        let figures = lines.iter().filter(|line| Decimal::from_str_exact(line.cell(*at)).is_ok()).count();
        good &= !broken(sheet, text, "words stand in this column, and no figures", figures, rows, findings);
    }
    good
}

/// Relative values from a day on. The cells of a row begin with code, modifier, status, work, non-facility PE, facility PE, MP.
pub(super) fn relative_values(
    sheet: &Sheet<'_>,
    known: &Medicare,
    day: Date,
    rows: &[Vec<String>],
    findings: &mut Vec<Finding>,
) -> bool {
    const FIGURES: [&str; 4] = ["work RVU", "non-facility PE RVU", "facility PE RVU", "MP RVU"];
    let mut columns = FIGURES.map(Column::new);
    let (mut more_mp, mut with_work) = (0, 0);
    let (mut dearer_in_facility, mut two_settings) = (0, 0);
    let (mut more_cap_mp, mut capped) = (0, 0);
    for row in rows {
        let cells: Vec<Decimal> = row[3..7].iter().map(|cell| decimal(cell)).collect();
        if row[1].is_empty()
            && let Some(rvu) = row[0].parse::<Code>().ok().and_then(|code| known.rvu(code, day))
        {
            let figures = [rvu.work, rvu.nf_pe, rvu.fac_pe, rvu.mp];
            for ((column, figure), own) in columns.iter_mut().zip(figures).zip(&cells) {
                column.see(&row[0], &own.to_string(), &figure.to_string(), figure == *own);
            }
        }
        if !cells[0].is_zero() && !cells[3].is_zero() {
            with_work += 1;
            more_mp += usize::from(cells[3] > cells[0]);
        }
        if cells[1] != cells[2] {
            two_settings += 1;
            dearer_in_facility += usize::from(cells[2] > cells[1]);
        }
        let (cap, cap_mp) = (decimal(&row[11]), decimal(&row[13]));
        if cap != cap_mp {
            capped += 1;
            more_cap_mp += usize::from(cap_mp > cap);
        }
    }
    let mut good = agree(sheet, &columns, HANDFUL, findings);
    good &=
        !broken(sheet, "MP RVU", "malpractice is less than work in almost every code", more_mp, with_work, findings);
    let rule = "practice expense outside a facility is the higher one";
    good &= !broken(sheet, "facility PE RVU", rule, dearer_in_facility, two_settings, findings);
    let rule = "malpractice is the smaller part of the outpatient cap";
    good &= !broken(sheet, "OPPS MP", rule, more_cap_mp, capped, findings);
    good
}

/// Indices of a year. The cells of a row: locality, state, name, work, PE, MP.
pub(super) fn indices(
    sheet: &Sheet<'_>,
    known: &Medicare,
    day: Date,
    rows: &[Vec<String>],
    findings: &mut Vec<Finding>,
) -> bool {
    let mut columns = ["work index", "PE index", "MP index"].map(Column::new);
    // How many localities lie a tenth or more from the nation.
    let mut far = [0_usize; 3];
    for row in rows {
        let cells: Vec<Decimal> = row[3..6].iter().map(|cell| decimal(cell)).collect();
        for (far, cell) in far.iter_mut().zip(&cells) {
            *far += usize::from((cell - Decimal::ONE).abs() >= Decimal::new(1, 1));
        }
        let Some(gpci) = row[0].parse::<Locality>().ok().and_then(|locality| known.gpci(locality, day)) else {
            continue;
        };
        for (at, figure) in [gpci.work, gpci.pe, gpci.mp].into_iter().enumerate() {
            // The floor of 1.0 under work has lapsed and come back within years.
            let floor = at == 0 && figure == Decimal::ONE && cells[0] < figure && cells[0] > Decimal::new(9, 1);
            columns[at].see(&row[0], &cells[at].to_string(), &figure.to_string(), figure == cells[at] || floor);
        }
    }
    let mut good = agree(sheet, &columns, HANDFUL, findings);
    // Work differs least from place to place, malpractice most: so in every year from 2019 to 2026.
    if rows.len() > 30 && !(far[0] < far[1] && far[1] < far[2]) {
        let found = format!(
            "{}: of {} localities the work index of {} lies a tenth or more from 1, the PE index of {}, the MP index of {}",
            sheet.layout.what,
            rows.len(),
            far[0],
            far[1],
            far[2]
        );
        let expected = "work to differ least from place to place, and malpractice most";
        findings.push(sheet.finding(FindingCode::ImportDisagrees, found).expected(expected));
        good = false;
    }
    good
}

/// Drug limits of a quarter. The cells of a row: code, dosage, limit, coinsurance.
pub(super) fn limits(
    sheet: &Sheet<'_>,
    known: &Medicare,
    day: Date,
    rows: &[(Code, Vec<String>)],
    findings: &mut Vec<Finding>,
) -> bool {
    let twenty = Decimal::from(20);
    let lines = &sheet.grid.lines[sheet.header.at + 1..];
    let blank = |at: usize| lines.iter().filter(|line| line.filled() > 2 && line.cell(at).is_empty()).count();
    let without_share = sheet.header.place(sheet.layout, "coinsurance").map_or(0, blank);
    let shares = rows.iter().filter(|(_, cells)| decimal(&cells[2]) != twenty).count();
    let like_shares = rows.iter().filter(|(_, cells)| decimal(&cells[1]) == twenty).count();
    let rule = "the patient's share is 20 % of almost every drug";
    let mut good = !broken(sheet, "coinsurance", rule, shares.max(without_share), rows.len(), findings);
    let rule = "limits are not 20.000, which is the patient's share";
    good &= !broken(sheet, "limit", rule, like_shares, rows.len(), findings);
    let mut columns = [Column::new("limit"), Column::new("coinsurance")];
    let (mut far, mut neighbours) = (0, 0);
    for (code, cells) in rows {
        let (limit, share) = (decimal(&cells[1]), decimal(&cells[2]) / Decimal::ONE_HUNDRED);
        if let Some(asp) = known.asp(*code, day) {
            let about = code.to_string();
            columns[0].see(&about, &limit.to_string(), &asp.limit.to_string(), asp.limit == limit);
            columns[1].see(
                &about,
                &cells[2],
                &(asp.coinsurance * Decimal::ONE_HUNDRED).to_string(),
                asp.coinsurance == share,
            );
        }
        // The quarter before, or the one after: limits do not leap.
        let beside = [day.checked_sub_months(chrono::Months::new(3)), day.checked_add_months(chrono::Months::new(3))];
        if let Some(asp) = beside.into_iter().flatten().find_map(|day| known.asp(*code, day)) {
            neighbours += 1;
            let three = Decimal::from(3);
            far += usize::from(limit > asp.limit * three || limit * three < asp.limit);
        }
    }
    // Few drugs ship: more than two of them, and more than a tenth.
    good &= agree(sheet, &columns, 2, findings);
    good &= !broken(sheet, "limit", "limits are near those of the neighbouring quarter", far, neighbours, findings);
    good
}
