//! Releases as CMS publishes them, made from the shipped figures: whole in their rows, and as long as a release of the family is.

use std::collections::BTreeMap;

/// The rows of a shipped table, by column.
pub(super) fn shipped(path: &str) -> Vec<BTreeMap<String, String>> {
    let path = format!("{}/datasets/{path}", env!("CARGO_MANIFEST_DIR"));
    csv::Reader::from_path(path).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

/// One row of a PPRRVU file, cell by cell.
pub(super) type Row = Vec<String>;

/// Where the figures stand in a row.
pub(super) const WORK: usize = 5;
pub(super) const NF_PE: usize = 6;
pub(super) const FAC_PE: usize = 8;
pub(super) const MP: usize = 10;
pub(super) const NF_TOTAL: usize = 11;
pub(super) const FAC_TOTAL: usize = 12;
pub(super) const OPPS_NF: usize = 28;
pub(super) const OPPS_MP: usize = 30;

/// A row as CMS writes it, with the totals added up in hundredths.
pub(super) fn row(code: &str, figures: [&str; 4], na: [&str; 2], pctc: &str, global: &str, factor: &str) -> Row {
    let cents = |text: &str| text.replace('.', "").parse::<u64>().unwrap();
    let total = |pe: usize| {
        let sum = cents(figures[0]) + cents(figures[pe]) + cents(figures[3]);
        format!("{}.{:02}", sum / 100, sum % 100)
    };
    let [work, nf, fac, mp] = figures;
    let mut cells = [code, "", "Short name", "A", "", work, nf, na[0], fac, na[1], mp].map(str::to_owned).to_vec();
    cells.extend([total(1), total(2)]);
    cells.extend([pctc, global, "0.00", "0.00", "0.00", "0", "0", "0", "0", "0", "", factor].map(str::to_owned));
    cells.extend(["09", "0", "99", "0.00", "0.00", "0.00"].map(str::to_owned));
    cells
}

/// The shipped codes of RVU24A, as rows of PPRRVU24_JAN.csv.
pub(super) fn rvu24a() -> Vec<Row> {
    let rows = shipped("medicare/rvu.csv").into_iter().filter(|row| row["release"] == "RVU24A");
    let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    rows.map(|r| {
        let figures = ["work", "nf_pe", "fac_pe", "mp"].map(|column| or(&r[column], "0.00"));
        let mut cells = row(
            &r["code"],
            figures.each_ref().map(String::as_str),
            [&r["nf_na"], &r["fac_na"]],
            &or(&r["pctc"], "0"),
            &or(&r["global"], "XXX"),
            "32.7442",
        );
        cells[3] = or(&r["status"], "A");
        cells
    })
    .collect()
}

/// The file with the header of January 2024.
pub(super) fn pprrvu24(rows: &[Row]) -> String {
    let mut text = super::PPRRVU_HEAD.replace("2025 National", "2024 National").replace("12/23/2024", "12/22/2023");
    for row in rows {
        text += &(row.join(",") + "\n");
    }
    text
}

/// The indices of a shipped year as CMS publishes them.
pub(super) fn gpci(year: i32) -> String {
    let mut text = format!(
        "ADDENDUM E. FINAL CY {year} GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE AND MEDICARE LOCALITY,,,,,,\n\
         Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,{year} PW GPCI (with 1.0 Floor),{year} PE GPCI,{year} MP GPCI\n"
    );
    for row in shipped("medicare/gpci.csv").iter().filter(|row| row["year"] == year.to_string()) {
        let (mac, number) = row["locality"].split_once('-').unwrap();
        let cells = [mac, &row["state"], number, &format!("\"{}\"", row["name"]), &row["work"], &row["pe"], &row["mp"]];
        text += &(cells.join(",") + "\n");
    }
    text
}
