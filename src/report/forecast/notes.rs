//! What the reader must know: little of it beside the answer, the rest at the end.

use std::collections::BTreeMap;

use super::ForecastPage;
use crate::report::model::Section;

/// Payers named in a note about many of them.
const NAMED: usize = 3;

/// With fewer months a season is hardly known.
const SEASON: usize = 24;

impl ForecastPage<'_> {
    /// What changes how the figures on top are to be read.
    pub(super) fn important(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(words) = self.unpriced_words() {
            notes.push(format!(
                "{words}: they stand in no expected amount, and in cash with what such lines were paid. Terms or schedules of their payers in the project file price them."
            ));
        }
        notes.extend(self.book.notes.iter().cloned());
        match self.book.months().count() {
            1 => notes
                .push("The history holds one whole month: no season, growth or scatter can be seen in it.".to_owned()),
            months if months < SEASON => notes
                .push(format!("The history holds {months} whole months: fewer than {SEASON} hardly show a season.")),
            _ => {}
        }
        if self.tests.is_none() {
            notes.push("Earlier forecasts were not tested (--no-backtest): ranges are those of the models alone, which tend to be too narrow.".to_owned());
        }
        notes
    }

    /// What holds for all sections; what concerns one stands there.
    pub(super) fn technical(&self) -> Section {
        let mut notes = vec![
            format!("Known as of {}: services after that day and answers posted after it were cut away first.", self.outlook.as_of),
            "When a claim was billed the files do not tell: services that were not billed yet on that day are not known to be missing.".to_owned(),
            "Every total is the sum of its parts to the cent, in every table and file. Amounts are rounded to cents in each drawn future, group and month: a change of 5% is 5% but for some cents.".to_owned(),
            "Ranges are quantiles of the drawn futures: those of a total are of the summed futures, and never the sum of its parts' ranges.".to_owned(),
            "Tables of a row per group and month are in the workbook and in tables/ beside this page; forecast.csv has every group, month and measure.".to_owned(),
        ];
        notes.extend(self.outlook.notes.iter().cloned());
        Section { notes, ..self.section("notes", "How the figures are made".to_owned(), "For those who check them.") }
    }

    /// Notes that begin with a payer's id, with its name instead; those that say the same of several payers are one.
    pub(super) fn grouped(&self, notes: &[String]) -> Vec<String> {
        let mut of_payers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut others = Vec::new();
        for note in notes {
            match note.split_once(": ").filter(|(id, _)| self.book.payers.iter().any(|p| *p.id == **id)) {
                Some((id, rest)) => of_payers.entry(rest).or_default().push(self.payer_name(id)),
                None => others.push(note.clone()),
            }
        }
        let mut all: Vec<String> =
            of_payers.into_iter().map(|(rest, names)| format!("{}: {rest}", names_of(&names))).collect();
        all.extend(others);
        all
    }
}

/// `A, B`; `A, B, C and 9 others`.
fn names_of(names: &[String]) -> String {
    match names.len() {
        n if n <= NAMED => names.join(", "),
        n if n == NAMED + 1 => format!("{} and one other", names[..NAMED].join(", ")),
        n => format!("{} and {} others", names[..NAMED].join(", "), n - NAMED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_payers_are_counted() {
        let names = |n: usize| (1..=n).map(|i| i.to_string()).collect::<Vec<_>>();
        assert_eq!((names_of(&names(1)).as_str(), names_of(&names(3)).as_str()), ("1", "1, 2, 3"));
        assert_eq!(names_of(&names(4)), "1, 2, 3 and one other");
        assert_eq!(names_of(&names(12)), "1, 2, 3 and 9 others");
    }
}
