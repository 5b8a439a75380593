//! Where files end: the last day that they tell of as a whole, the rows that lie far beyond it by themselves, and answers that
//! stop long before the services.
//!
//! One mistyped year would otherwise move a forecast by years. The rule: when more than [`GAP_DAYS`] days without any service
//! or answer follow a day, and less than one row in [`ROWS_PER_LONE`] lies beyond them (up to [`LONE_AT_MOST`] rows count as so
//! few wherever there are [`ENOUGH_ROWS`] rows), the files end on that day, and what lies beyond is lone. A practice that pauses
//! comes back with more rows than that. A day that the user names is obeyed, whatever lies before it.

use std::collections::BTreeMap;

use super::cut::known_on;
use crate::domain::{ClaimStatus, Date, ServiceLine, Source};
use crate::finding::{Error, Finding, FindingCode, Place};
use crate::forecast::Month;
use crate::ingest::Intake;

/// A longer time without a row parts lone rows from the others.
const GAP_DAYS: i64 = 60;

/// Lone rows are fewer than one in so many.
const ROWS_PER_LONE: usize = 1000;

/// So many rows are lone in small files, too.
const LONE_AT_MOST: usize = 3;

/// Fewer rows have no usual end.
const ENOUGH_ROWS: usize = 100;

/// The rows told of in a finding's words.
const TOLD: usize = 3;

/// The last of these days (with how many rows each has) behind which only lone rows lie; `None` without any.
fn usual_end(days: &BTreeMap<Date, usize>) -> Option<Date> {
    let all: usize = days.values().sum();
    let few = |rows: usize| all >= ENOUGH_ROWS && (rows <= LONE_AT_MOST || rows * ROWS_PER_LONE < all);
    let mut beyond = 0;
    let mut end = days.keys().next_back().copied()?;
    // From the end on, as long as what lies beyond is few: the earliest such gap ends the files.
    let mut later: Option<Date> = None;
    for (day, rows) in days.iter().rev() {
        if let Some(later) = later {
            if !few(beyond) {
                break;
            }
            if (later - *day).num_days() > GAP_DAYS {
                end = *day;
            }
        }
        beyond += rows;
        later = Some(*day);
    }
    Some(end)
}

/// The day as of which files are forecast when none is named: the last day that any service or answer mentions, but for lone
/// rows far beyond all others.
#[must_use]
pub fn last_usual_day(intake: &Intake) -> Option<Date> {
    let mut days: BTreeMap<Date, usize> = BTreeMap::new();
    let services = intake.lines.iter().map(|l| l.service_date);
    for day in services.chain(intake.remits.iter().map(known_on)) {
        *days.entry(day).or_default() += 1;
    }
    usual_end(&days)
}

/// The rows beyond a day, as findings: one for each file, at the first of them.
#[must_use]
pub fn lone_dates(intake: &Intake, end: Date) -> Vec<Finding> {
    let services = intake.lines.iter().map(|l| (l.source, l.service_date));
    let answers = intake.remits.iter().map(|r| (r.source, known_on(r)));
    let mut files: BTreeMap<u16, Vec<(u32, Date)>> = BTreeMap::new();
    for (Source { file, line }, day) in services.chain(answers).filter(|(_, day)| *day > end) {
        files.entry(file).or_default().push((line, day));
    }
    let finding = |(file, mut rows): (u16, Vec<(u32, Date)>)| {
        rows.sort_unstable();
        rows.dedup();
        let name = intake.files.get(usize::from(file)).map_or_else(String::new, |f| f.name.clone());
        let told: Vec<String> = rows.iter().take(TOLD).map(|(line, day)| format!("{day} in line {line}")).collect();
        let more = if rows.len() > TOLD { " and more" } else { "" };
        let place = rows.first().map_or_else(|| Place::file(&name), |(line, _)| Place::line(&name, *line));
        Finding::new(FindingCode::LoneDate, place, format!("{}{more}", told.join(", ")))
            .expected(format!("no day after {end}, on which all other rows end"))
            .times(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    };
    files.into_iter().map(finding).collect()
}

/// How far the answers of files go.
#[derive(Debug)]
pub(super) struct Answers {
    /// The last day with answers, the last of services, and the file and line of the last answer, where answers stop early.
    early: Option<(Date, Date, Place)>,
}

impl Answers {
    /// Looks at inputs that are cut to the day of the forecast. Answers stop early when the last services lie more than
    /// [`GAP_DAYS`] days after them, and more than payers were ever silent in the year before.
    pub(super) fn of(known: &Intake) -> Self {
        let real = || known.remits.iter().filter(|r| r.claim_status != ClaimStatus::Predetermination);
        let count = |days: &mut dyn Iterator<Item = Date>| {
            let mut counts: BTreeMap<Date, usize> = BTreeMap::new();
            days.for_each(|day| *counts.entry(day).or_default() += 1);
            counts
        };
        let postings = count(&mut real().map(known_on));
        let served = usual_end(&count(&mut known.lines.iter().map(|l| l.service_date)));
        let early = usual_end(&postings).zip(served).and_then(|(end, served)| {
            let year: Vec<Date> =
                postings.keys().copied().filter(|day| *day <= end && (end - *day).num_days() <= 365).collect();
            let silent = year.windows(2).map(|pair| (pair[1] - pair[0]).num_days()).max().unwrap_or(0);
            if (served - end).num_days() <= GAP_DAYS.max(silent) {
                return None;
            }
            let last = real().filter(|r| known_on(r) == end).map(|r| r.source).min_by_key(|s| (s.file, s.line))?;
            Some((end, served, place(known, last)))
        });
        Self { early }
    }

    /// The last day with answers, when they stop long before the services.
    pub(super) fn stop_early(&self) -> Option<Date> {
        self.early.as_ref().map(|(end, ..)| *end)
    }

    /// What is to be said of it.
    pub(super) fn finding(&self) -> Option<Finding> {
        let (end, served, place) = self.early.clone()?;
        Some(
            Finding::new(FindingCode::AnswersStopEarly, place, format!("the last answer of {end}"))
                .expected(format!("answers up to about {served}, the last day of services")),
        )
    }
}

fn place(intake: &Intake, source: Source) -> Place {
    let name = intake.files.get(usize::from(source.file)).map_or_else(String::new, |f| f.name.clone());
    if source.line == 0 { Place::file(name) } else { Place::line(name, source.line) }
}

/// The names of the files of inputs.
pub(super) struct Sources(Vec<String>);

impl Sources {
    pub(super) fn of(intake: &Intake) -> Self {
        Self(intake.files.iter().map(|f| f.name.clone()).collect())
    }

    /// The name of a file.
    pub(super) fn name(&self, file: u16) -> String {
        self.0.get(usize::from(file)).cloned().unwrap_or_default()
    }

    /// What is to be said of months without services, at the first service after them.
    pub(super) fn missing(&self, months: &[Month], lines: &[ServiceLine]) -> Option<Finding> {
        let first = months.first()?;
        let later = lines.iter().filter(|l| Month::of(l.service_date) > *first);
        let line = later.min_by_key(|l| (l.service_date, l.source.file, l.source.line))?;
        Some(
            Finding::new(
                FindingCode::ServicesMissing,
                Place::file(self.name(line.source.file)),
                format!("no services in {}", spans(months)),
            )
            .expected("services in every month between the first and the last")
            .times(u64::try_from(months.len()).unwrap_or(u64::MAX)),
        )
    }
}

/// `2024-01`, `2024-01 to 2024-03`, with commas between: months in order.
#[must_use]
pub fn spans(months: &[Month]) -> String {
    let runs = months.chunk_by(|a, b| a.plus(1) == *b).filter_map(|run| match run {
        [] => None,
        [one] => Some(one.to_string()),
        [first, .., last] => Some(format!("{first} to {last}")),
    });
    runs.collect::<Vec<_>>().join(", ")
}

/// Why nothing can be forecast of files without a line in scope.
pub(super) fn no_lines(known: &Intake, as_of: Date) -> Error {
    let (lines, answers) = (known.lines.len(), known.remits.len());
    match (lines, answers) {
        (0, 1..) => Error::input(format!("the files hold {answers} answers and no claim lines"))
            .help("a forecast is made of services: add the claim files of the same months"),
        (0, 0) => Error::input(format!("no line in scope was served up to {as_of}"))
            .help("give a later day with --as-of, or claims of earlier days"),
        _ => Error::input(format!("none of the {lines} lines served up to {as_of} has a code in scope"))
            .help("give a later day with --as-of, or name the codes in `scope` of the project file"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parse_iso_date;

    fn end(days: &[(&str, usize)]) -> String {
        let days = days.iter().map(|(day, rows)| (parse_iso_date(day).unwrap(), *rows)).collect();
        usual_end(&days).map_or_else(String::new, |day| day.to_string())
    }

    #[test]
    fn lone_rows_beyond_a_gap_do_not_end_the_files() {
        // 2 March is 61 days after 31 December 2025, 1 March 60.
        assert_eq!(end(&[("2025-12-30", 500), ("2025-12-31", 500), ("2026-03-02", 1)]), "2025-12-31");
        assert_eq!(end(&[("2025-12-31", 1000), ("2026-03-01", 1)]), "2026-03-01");
        // Several lone days, gap after gap; three rows of a hundred are few, four are not.
        assert_eq!(end(&[("2025-12-31", 98), ("2026-06-01", 1), ("2035-03-05", 1)]), "2025-12-31");
        assert_eq!(end(&[("2025-12-31", 97), ("2026-06-01", 3)]), "2025-12-31");
        assert_eq!(end(&[("2025-12-31", 996), ("2026-06-01", 4)]), "2026-06-01");
        // Four of 4,001 rows are less than one in a thousand, four of 4,000 are not.
        assert_eq!(end(&[("2025-12-31", 3997), ("2026-06-01", 4)]), "2025-12-31");
        assert_eq!(end(&[("2025-12-31", 3996), ("2026-06-01", 4)]), "2026-06-01");
        // Few rows have no usual end, and no rows none at all.
        assert_eq!(end(&[("2025-12-31", 98), ("2035-03-05", 1)]), "2035-03-05");
        assert_eq!(end(&[]), "");
    }

    #[test]
    fn months_side_by_side_are_told_as_one_span() {
        let month = |text: &str| Month::of(parse_iso_date(&format!("{text}-01")).unwrap());
        let of = |months: &[&str]| spans(&months.iter().map(|m| month(m)).collect::<Vec<_>>());
        assert_eq!(of(&["2023-11", "2023-12", "2024-01", "2024-03"]), "2023-11 to 2024-01, 2024-03");
        assert_eq!((of(&["2024-02"]).as_str(), of(&[]).as_str()), ("2024-02", ""));
    }
}
