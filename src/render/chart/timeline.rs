//! Months along the x axis, and dated events above the plot. Draws no values.

use std::cmp::Ordering;

use chrono::Datelike as _;

use crate::domain::Date;
use crate::render::scene::{AXIS, Look, SMALL, SOFT, Scene, WIDTH};

/// Height of one row of event labels.
const EVENT_ROW: f64 = 28.0;
/// Width that a year or the name of a month needs.
const NAME: f64 = 60.0;

/// Months onto pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timeline<'a> {
    months: &'a [Date],
    left: f64,
    right: f64,
    pub(super) step: f64,
}

impl<'a> Timeline<'a> {
    pub(super) fn new(months: &'a [Date], (left, right): (f64, f64)) -> Self {
        Self { months, left, right, step: (right - left) / months.len().max(1) as f64 }
    }

    /// The middle of a month.
    pub(super) fn x(&self, month: usize) -> f64 {
        self.left + (month as f64 + 0.5) * self.step
    }

    /// Where a day lies.
    pub(super) fn day(&self, day: Date) -> Option<f64> {
        Some(self.left + month_position(self.months, day)? * self.step)
    }

    /// Ticks and names of months, with the years below.
    pub(super) fn axis(&self, scene: &mut Scene, base: f64) {
        let every = if self.step >= 56.0 {
            1
        } else if self.step >= 22.0 {
            3
        } else {
            12
        };
        let years = (NAME / (12.0 * self.step)).ceil().max(1.0) as i32;
        let look = Look::size(SMALL).color(SOFT).middle();
        let (mut year_from, mut named) = (0, f64::MIN);
        for (i, month) in self.months.iter().enumerate() {
            let x = self.x(i);
            if month.month0() % every == 0 {
                scene.line(vec![(x, base), (x, base + 8.0)], AXIS, 2);
                if every < 12 {
                    scene.text((x, base + 30.0), &month.format("%b").to_string(), look);
                }
            }
            let year_ends = self.months.get(i + 1).is_none_or(|next| next.year() != month.year());
            if year_ends {
                let middle = (self.x(year_from) + x) / 2.0;
                // Where years are narrow, some of them are named, and a part of a year is not.
                // A narrow year at the end is named where its name does not touch the one before it.
                let last_end = i + 1 == self.months.len() && year_from > 0;
                let apart = middle - named > NAME + 10.0;
                let wide = x - self.x(year_from) + self.step > NAME || (last_end && apart);
                // Beside the mark of the year's beginning, not on it.
                let middle =
                    if last_end { middle.max(self.x(year_from) - self.step / 2.0 + NAME / 2.0 + 6.0) } else { middle };
                if wide {
                    named = middle;
                }
                if (years == 1 && wide) || (years > 1 && month.year() % years == 0) {
                    scene.text((middle, base + 58.0), &month.year().to_string(), look);
                }
                if i + 1 < self.months.len() {
                    let edge = x + self.step / 2.0;
                    scene.line(vec![(edge, base + 38.0), (edge, base + 62.0)], AXIS, 2);
                }
                year_from = i + 1;
            }
        }
    }

    /// The events that lie on the axis; each label is in the first row where it touches no other one and the dashes below it cross
    /// none. Labels that end at their day come first, the last day on top: their dashes go down where no other one of them stands.
    /// Those that begin at their day follow in the order of the days.
    pub(super) fn events(&self, events: &[(Date, String)]) -> Vec<Event> {
        let look = Look::size(SMALL);
        let mut sorted: Vec<&(Date, String)> = events.iter().collect();
        sorted.sort();
        let place = |(day, label): &(Date, String)| {
            let x = self.day(*day).filter(|x| (self.left..=self.right).contains(x))?;
            let label = format!("{}: {label}", day.format("%-d %b %Y"));
            let label = look.shorten(&label, (self.right - self.left) * 0.6);
            let width = look.width(&label) + 24.0;
            let leftwards = x + width > WIDTH - 40.0;
            let span = if leftwards { (x - width, x) } else { (x, x + width) };
            Some((span, Event { x, row: 0, leftwards, label }))
        };
        let placed = sorted.into_iter().filter_map(place);
        let (mut leftwards, rightwards): (Vec<_>, Vec<_>) = placed.partition(|(_, event)| event.leftwards);
        leftwards.reverse();
        let mut spans: Vec<(f64, f64)> = Vec::new();
        let mut out: Vec<Event> = Vec::new();
        for (span, mut event) in leftwards.into_iter().chain(rightwards) {
            let stands = |row: usize| {
                out.iter().zip(&spans).all(|(other, of)| match other.row.cmp(&row) {
                    Ordering::Less => true,
                    Ordering::Equal => span.1 < of.0 || span.0 > of.1,
                    Ordering::Greater => event.x <= of.0 || event.x >= of.1,
                })
            };
            // Below all others it stands.
            event.row = (0..=out.len()).find(|row| stands(*row)).unwrap_or(out.len());
            spans.push(span);
            out.push(event);
        }
        out
    }
}

/// An event with the row that its label stands in.
pub(super) struct Event {
    x: f64,
    row: usize,
    leftwards: bool,
    label: String,
}

/// Height of the rows of labels.
pub(super) fn height(events: &[Event]) -> f64 {
    events.iter().map(|e| e.row + 1).max().unwrap_or(0) as f64 * EVENT_ROW
}

/// Draws the events, labels below `top`, lines down to `base`.
pub(super) fn draw(scene: &mut Scene, events: &[Event], top: f64, base: f64) {
    for event in events {
        scene.dashes((event.x, top + event.row as f64 * EVENT_ROW + 8.0), (event.x, base), AXIS, 2);
    }
    // Labels on top: the line of one event may cross the row of another.
    for event in events {
        let look = Look::size(SMALL).color(SOFT);
        let look = if event.leftwards { look.end() } else { look };
        let x = if event.leftwards { event.x - 8.0 } else { event.x + 8.0 };
        scene.label((x, top + event.row as f64 * EVENT_ROW + 22.0), &event.label, look);
    }
}

/// Where a day lies, counted in months from the first (with the part of its month).
fn month_position(months: &[Date], day: Date) -> Option<f64> {
    let first = months.first()?;
    let whole = (day.year() - first.year()) * 12 + day.month() as i32 - first.month() as i32;
    Some(f64::from(whole) + f64::from(day.day0()) / 31.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> Date {
        Date::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn a_day_lies_in_its_month() {
        let months = [day(2023, 11, 1), day(2023, 12, 1), day(2024, 1, 1)];
        assert_eq!(month_position(&months, day(2024, 1, 1)), Some(2.0));
        assert!(month_position(&months, day(2023, 10, 5)).unwrap() < 0.0);
        // Three months on 300 pixels: the third begins at 200, its middle is at 250.
        let line = Timeline::new(&months, (0.0, 300.0));
        assert_eq!(line.day(day(2024, 1, 1)), Some(200.0));
        assert_eq!(line.x(2), 250.0);
    }

    #[test]
    fn events_of_one_day_stand_in_rows_of_their_own_and_outside_ones_nowhere() {
        let months: Vec<Date> = (1..=12).map(|m| day(2024, m, 1)).collect();
        let line = Timeline::new(&months, (100.0, 1300.0));
        let events =
            [(day(2024, 3, 1), "b".to_owned()), (day(2024, 3, 1), "a".to_owned()), (day(2020, 1, 1), "c".to_owned())];
        let placed = line.events(&events);
        let rows: Vec<_> = placed.iter().map(|e| (e.row, e.label.as_str())).collect();
        assert_eq!(rows, [(0, "1 Mar 2024: a"), (1, "1 Mar 2024: b")]);
        assert_eq!(height(&placed), 56.0);
    }

    #[test]
    fn dashes_cross_no_label_that_stands_below() {
        let months: Vec<Date> = (1..=12).map(|m| day(2024, m, 1)).collect();
        let line = Timeline::new(&months, (100.0, 1500.0));
        // The long label of October has no room to its right and reaches back over March; so does that of November.
        let long = "a label as long as there is room for it between both ends of the axis and longer".to_owned();
        let events = [(day(2024, 5, 1), "a".to_owned()), (day(2024, 10, 1), long.clone()), (day(2024, 11, 1), long)];
        let placed = line.events(&events);
        let row = |start: &str| placed.iter().find(|e| e.label.starts_with(start)).unwrap().row;
        assert_eq!([row("1 Nov"), row("1 Oct"), row("1 May")], [0, 1, 2]);
    }
}
