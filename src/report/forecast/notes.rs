//! What the reader must know: little of it beside the answer, the rest at the end.

use std::collections::BTreeMap;

use super::ForecastPage;
use super::cells::{pretty, whole_lines};
use crate::outlook::Measure;
use crate::report::model::Section;

/// Payers named in a note about many of them.
const NAMED: usize = 3;

/// Months of a year.
const YEAR: usize = 12;

/// A payer is said to have stopped when so many lines would have been usual since.
const USUAL: u64 = 9;

/// Fewer payments of lines without a price are named where much cash rests on them.
const FEW: usize = 12;

/// With fewer months a season is hardly known.
const SEASON: usize = 24;

impl ForecastPage<'_> {
    /// What changes how the figures on top are to be read.
    pub(super) fn important(&self) -> Vec<String> {
        // What is not in the files comes first.
        let mut notes = self.stopped();
        notes.extend(self.book.notes.iter().cloned());
        notes.extend(self.lacking_ahead().filter(|_| self.outlook.knows(Measure::Cash)));
        if let Some(words) = self.unpriced_words() {
            let cash =
                if self.outlook.knows(Measure::Cash) { ", and in cash with what such lines were paid" } else { "" };
            notes.push(format!(
                "{words}: they stand in no expected amount{cash}. Terms or schedules of their payers in the project file price them."
            ));
        }
        notes.extend(self.events());
        notes.extend(self.events_left_out());
        notes.extend(self.began());
        notes.extend(self.few_unpriced());
        notes.extend(self.rates.begun.iter().cloned());
        match self.book.months().filter(|month| !self.book.missing.contains(month)).count() {
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

    /// Payers that had lines up to some month of the last year and none since, and what the forecast makes of them.
    fn stopped(&self) -> Vec<String> {
        let (book, outlook) = (self.book, self.outlook);
        let of_payer = |(at, payer): (usize, &crate::outlook::PayerBook)| {
            let mut lines = vec![0u64; book.months().count()];
            for leaf in book.leaves.iter().filter(|leaf| leaf.payer == at) {
                lines.iter_mut().zip(&leaf.months).for_each(|(sum, cell)| *sum += u64::from(cell.lines));
            }
            let last = lines.iter().rposition(|n| *n > 0)?;
            let year = &lines[last.saturating_sub(YEAR - 1)..=last];
            let (silent, sum) = (lines.len() - 1 - last, year.iter().sum::<u64>());
            // Chance leaves months without a line of which nine are usual once in e⁹, some 8,000.
            let usual = sum.saturating_mul(u64::try_from(silent).ok()?) / u64::try_from(year.len()).ok()?;
            if silent >= YEAR || usual < USUAL {
                return None;
            }
            let to_come: i64 = outlook
                .leaves
                .iter()
                .filter(|(key, _)| key.payer == payer.id)
                .flat_map(|(_, means)| means.iter().map(|m| m[Measure::Lines as usize]))
                .sum();
            let made = match to_come {
                ..50 => "it is forecast at nothing; where its claims are missing, add them".to_owned(),
                lines => format!(
                    "it goes on in the forecast with about {} lines in all; where it has ended, tell its end as an event (see README)",
                    whole_lines(lines)
                ),
            };
            Some(format!("No line of {} after {}: {made}.", payer.name, book.months().nth(last)?))
        };
        book.payers.iter().enumerate().filter_map(of_payer).collect()
    }

    /// Payers whose first line came when the files had begun, and less than a year ago: their forecast rests on few months, and what
    /// came before has nothing of them.
    fn began(&self) -> Option<String> {
        let months: Vec<_> = self.book.months().collect();
        let late = months.len().saturating_sub(YEAR).max(1);
        let named = self.outlook.stems.iter().filter(|stem| stem.payer.is_some()).filter_map(|stem| {
            let begun = stem.lines.iter().position(|lines| *lines > 0.0)?;
            (begun >= late).then(|| months.get(begun).map(|month| format!("{} ({month})", stem.name))).flatten()
        });
        let named: Vec<String> = named.collect();
        (!named.is_empty()).then(|| {
            format!(
                "New within the last year: {}. Such a payer's forecast rests on the months since, and stands in no earlier figure.",
                names_of(&named)
            )
        })
    }

    /// Events of the project file that the forecast leaves out, and of whom, where it is not of all.
    fn events_left_out(&self) -> Vec<String> {
        let mut of: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let stems = &self.outlook.stems;
        for stem in stems {
            for note in stem.notes.iter().filter(|note| note.contains("\" is left out of the forecast")) {
                of.entry(note).or_default().push(stem.name.clone());
            }
        }
        let whose = |names: Vec<String>| {
            if names.len() == stems.len() { String::new() } else { format!(" ({})", names_of(&names)) }
        };
        of.into_iter().map(|(note, names)| format!("{note}{}.", whose(names))).collect()
    }

    /// Payers whose lines without a price bring a good part of their cash, as a few such lines were paid: a month with one, or without
    /// any, comes out otherwise.
    fn few_unpriced(&self) -> Vec<String> {
        let of = |at: usize| -> Option<String> {
            let payer = &self.book.payers[at];
            let (mean, _) = payer.shares().paid_per_unpriced;
            let paid = payer.shares().unpriced_paid;
            let leaves = self.outlook.leaves.iter().zip(&self.rates.unpriced);
            let own = leaves.filter(|((key, _), _)| key.payer == payer.id);
            let sums = own.fold((0.0, 0), |(without, cash), ((_, months), share)| {
                let sum = |measure: Measure| months.iter().map(|m| m[measure as usize]).sum::<i64>();
                (without + sum(Measure::Lines) as f64 / 100.0 * share * mean, cash + sum(Measure::Cash))
            });
            let (without, cash) = (super::cells::whole_cents(sums.0)?, sums.1);
            (paid > 0 && paid < FEW && without * 10 >= cash && cash > 0).then(|| {
                format!(
                    "{}: about {} of its cash is for lines without a price, as {paid} such {} paid: most months bring none of it, and some much.",
                    payer.name,
                    pretty(without),
                    if paid == 1 { "line was" } else { "lines were" }
                )
            })
        };
        (0..self.book.payers.len()).filter_map(of).collect()
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
pub(super) fn names_of(names: &[String]) -> String {
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
