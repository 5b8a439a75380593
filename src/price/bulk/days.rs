//! Judges the claim days of a batch by the rules of payability; a line that falls is expected to bring nothing.
//!
//! A claim day is the rows of one claim that share payer and day of service. Words are numbers here, and what the rules
//! make of a word is worked out once: most lines are settled by a few ANDs (see [`Sieve`]).

use super::batch::{Batch, Row};
use super::cells::{self, Day};
use super::claims::{Apart, LONGEST_CLAIM, too_long};
use super::names::{Names, Words};
use super::sums::{Outcome, Priced, too_large};
use crate::domain::{Code, Modifiers, Money, Payer, Pos, RuleId, State, Units};
use crate::finding::{Finding, FindingCode, Place, Result};
use crate::payability::{DayLine, PayerRules, Sieve, Told};
use crate::reference::Reference;

/// Rules of payability for bulk pricing.
#[derive(Clone, Copy)]
pub struct DayRules<'a> {
    /// Whose rules; those that are tested with a price (PC/TC, status) do not take part, since the schedule prices places.
    pub reference: &'a Reference,
    /// The payer that a cell names. Lines of others are judged by the rules for all payers.
    pub payer_of: &'a (dyn Fn(&str) -> Option<Payer> + Sync),
}

/// The lines that one rule lets fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fallen {
    /// The rule.
    pub rule: RuleId,
    /// How many lines.
    pub lines: u64,
    /// Their charges.
    pub billed: Money,
    /// What was allowed for them nevertheless.
    pub allowed: Money,
}

/// What the rules came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// The rules that let lines fall, those of most lines first. A line counts for the first rule that applies.
    pub fallen: Vec<Fallen>,
    /// Payers of whom nothing is known, by name: only the rules for all payers were asked.
    pub strangers: Vec<Box<str>>,
    /// Claims whose rows stand in several places of the file; each part was judged by itself.
    pub claims_apart: u64,
    /// Whether [`claims_apart`](Self::claims_apart) is counted; of many claims it is estimated from a share.
    pub claims_apart_counted: bool,
}

/// Numbers below this one have a table of pairs, others are worked out anew.
const PAIRED: usize = 512;

/// By the number of a word: what it is, and the bits of the rules that it lets through.
struct Known<T> {
    values: Vec<T>,
    bits: Vec<u64>,
}

impl<T> Known<T> {
    const fn new() -> Self {
        Self { values: Vec::new(), bits: Vec::new() }
    }

    /// Learns the words that are new since the last batch.
    fn learn(&mut self, words: &Words, mut know: impl FnMut(&str) -> (T, u64)) {
        for text in words.since(self.bits.len()) {
            let (value, bits) = know(text);
            self.values.push(value);
            self.bits.push(bits);
        }
    }

    fn value(&self, id: u32) -> &T {
        &self.values[id as usize]
    }

    fn bits(&self, id: u32) -> u64 {
        self.bits[id as usize]
    }
}

/// Lines, charges and allowed amounts in cents.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    lines: u64,
    billed: i64,
    allowed: i64,
}

impl Tally {
    fn add(&mut self, lines: u64, billed: i64, allowed: i64) -> Option<()> {
        self.lines += lines;
        self.billed = self.billed.checked_add(billed)?;
        self.allowed = self.allowed.checked_add(allowed)?;
        Some(())
    }
}

/// What rows of a claim share that are judged together.
const fn day(row: &Row) -> (Day, u32) {
    (row.day, row.payer)
}

/// Whether a day of the claim comes again after another.
fn comes_back(rows: &[Row]) -> bool {
    let begins = rows.windows(2).enumerate().filter(|(_, pair)| day(&pair[0]) != day(&pair[1]));
    begins.into_iter().any(|(i, pair)| rows[..i].iter().any(|row| day(row) == day(&pair[1])))
}

/// The judge of one worker.
pub(super) struct Days<'a> {
    rules: DayRules<'a>,
    sieve: Sieve<'a>,
    modifiers_told: bool,
    /// The rules of a payer; and its name, when that is all that is known.
    payers: Known<(PayerRules, Option<Box<str>>)>,
    /// The bits are those of the rules that look at no other line.
    codes: Known<Option<Code>>,
    modifiers: Known<Modifiers>,
    states: Known<Option<State>>,
    pos: [u64; 100],
    /// For pairs of codes the rules that are met by the second, inverted: 0 is "not worked out yet".
    pairs: Vec<u64>,
    /// By place of the rule: the lines that it lets fall, and whether it could not be asked of a line that stands.
    fallen: Vec<Tally>,
    not_asked: Vec<bool>,
    /// Lines that stand of which a rule could not be asked.
    lines_not_asked: u64,
    // Kept only to save allocations.
    lines: Vec<DayLine<'static>>,
    unasked: Vec<usize>,
}

impl<'a> Days<'a> {
    pub(super) fn new(rules: DayRules<'a>, modifiers_told: bool) -> Self {
        let sieve = Sieve::new(rules.reference);
        let count = rules.reference.rules.all().len();
        let pos = std::array::from_fn(|n| sieve.pos(u8::try_from(n).ok().and_then(Pos::new)));
        Self {
            rules,
            sieve,
            modifiers_told,
            payers: Known::new(),
            codes: Known::new(),
            modifiers: Known::new(),
            states: Known::new(),
            pos,
            pairs: vec![0; PAIRED * PAIRED],
            fallen: vec![Tally::default(); count],
            not_asked: vec![false; count],
            lines_not_asked: 0,
            lines: Vec::new(),
            unasked: Vec::new(),
        }
    }

    fn learn(&mut self, names: &Names<'_>) {
        let Self { rules, sieve, .. } = self;
        self.payers.learn(&names.payers, |text| {
            let known = (rules.payer_of)(text);
            // The first number is that of the blank cell, which no row has.
            let stranger = (known.is_none() && !text.is_empty()).then(|| text.into());
            let rules = sieve.payer(&known.unwrap_or_else(|| Payer::stranger(text.into())));
            let bits = rules.bits();
            ((rules, stranger), bits)
        });
        self.codes.learn(&names.codes, |text| {
            let code = text.parse().ok();
            (code, code.map_or(0, |code| sieve.alone(code)))
        });
        self.modifiers.learn(&names.modifiers, |text| {
            let modifiers = text.parse().unwrap_or(Modifiers::NONE);
            (modifiers, sieve.modifiers(&modifiers))
        });
        self.states.learn(&names.states, |text| {
            let state = text.parse().ok();
            (state, sieve.state(state))
        });
    }

    /// Judges all days of the batch.
    ///
    /// # Errors
    /// When a claim has more rows than any claim, or amounts do not fit.
    pub(super) fn judge(&mut self, batch: &Batch, names: &Names<'_>, mut priced: &mut [Priced]) -> Result<()> {
        let Some(claims) = &batch.claims else { return Ok(()) };
        self.learn(names);
        let mut rows = &batch.rows[..];
        for claim in claims.of_row.chunk_by(|a, b| a == b) {
            let (of_claim, others) = rows.split_at(claim.len());
            let (priced_of_claim, priced_others) = priced.split_at_mut(claim.len());
            self.claim(of_claim, priced_of_claim)?;
            (rows, priced) = (others, priced_others);
        }
        Ok(())
    }

    fn claim(&mut self, rows: &[Row], mut priced: &mut [Priced]) -> Result<()> {
        if rows.len() > LONGEST_CLAIM {
            return Err(too_long());
        }
        if comes_back(rows) {
            return self.mixed_days(rows, priced);
        }
        for of_day in rows.chunk_by(|a, b| day(a) == day(b)) {
            let (priced_of_day, others) = priced.split_at_mut(of_day.len());
            self.day(of_day, priced_of_day)?;
            priced = others;
        }
        Ok(())
    }

    /// Judges the days of a claim in which they do not stand one after the other.
    fn mixed_days(&mut self, rows: &[Row], priced: &mut [Priced]) -> Result<()> {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        // The sort is stable: within a day the lines keep the order of the file.
        order.sort_by_key(|i| day(&rows[*i]));
        for members in order.chunk_by(|a, b| day(&rows[*a]) == day(&rows[*b])) {
            let of_day: Vec<Row> = members.iter().map(|i| rows[*i]).collect();
            let mut judged: Vec<Priced> = members.iter().map(|i| priced[*i]).collect();
            self.day(&of_day, &mut judged)?;
            members.iter().zip(judged).for_each(|(i, judged)| priced[*i] = judged);
        }
        Ok(())
    }

    fn day(&mut self, rows: &[Row], priced: &mut [Priced]) -> Result<()> {
        self.lines.clear();
        for (at, row) in rows.iter().enumerate() {
            let mut met = self.codes.bits(row.code);
            for (_, other) in rows.iter().enumerate().filter(|(i, _)| *i != at) {
                met |= self.beside(row.code, other.code);
            }
            let let_through = self.modifiers.bits(row.modifiers)
                & self.pos[usize::from(row.pos)]
                & self.payers.bits(row.payer)
                & self.states.bits(row.state);
            if let_through & met != 0 {
                self.ask(let_through & met, rows, at, &mut priced[at])?;
            }
        }
        Ok(())
    }

    /// The rules that are met by another code of the day.
    fn beside(&mut self, code: u32, other: u32) -> u64 {
        let (at, other_at) = (code as usize, other as usize);
        let slot = (at < PAIRED && other_at < PAIRED).then(|| at * PAIRED + other_at);
        if let Some(known) = slot.map(|slot| self.pairs[slot]).filter(|known| *known != 0) {
            return !known;
        }
        let (Some(line), Some(other)) = (*self.codes.value(code), *self.codes.value(other)) else { return 0 };
        let bits = self.sieve.beside(line, other);
        if let Some(slot) = slot {
            self.pairs[slot] = !bits;
        }
        bits
    }

    /// Asks the rules that are left. The lines of the day are written out when the first of them is in question.
    fn ask(&mut self, bits: u64, rows: &[Row], at: usize, priced: &mut Priced) -> Result<()> {
        let row = &rows[at];
        if self.lines.is_empty() {
            let Self { lines, codes, modifiers, states, modifiers_told, .. } = self;
            // Every row has a code, so none is left out and `at` stays right.
            let line = |row: &Row| {
                Some(DayLine {
                    code: (*codes.value(row.code))?,
                    modifiers: *modifiers.value(row.modifiers),
                    modifiers_told: *modifiers_told,
                    pos: Pos::new(row.pos),
                    state: *states.value(row.state),
                    units: Units::from_thousandths(row.units),
                    ndc: Told::NotTold,
                    diagnosis: Told::NotTold,
                })
            };
            lines.extend(rows.iter().filter_map(line));
        }
        let payer = &self.payers.value(row.payer).0;
        match self.sieve.first(bits, payer, cells::date(row.day), &self.lines, at, &mut self.unasked) {
            Some(rule) => {
                priced.expected = Some(0);
                priced.outcome = Outcome::NotPayable;
                priced.rule = u16::try_from(rule).ok();
                self.fallen[rule].add(1, row.billed, row.allowed).ok_or_else(too_large)?;
            }
            None if self.unasked.is_empty() => {}
            None => {
                self.lines_not_asked += 1;
                self.unasked.iter().for_each(|rule| self.not_asked[*rule] = true);
            }
        }
        Ok(())
    }

    /// What all workers found; and the rules that could not be asked of lines that stand, with the number of these lines.
    ///
    /// # Errors
    /// When amounts do not fit.
    pub(super) fn total(workers: &[Self], claims: &Apart, file: &str) -> Result<(Judged, Option<Finding>)> {
        let mut judged = Judged::default();
        (judged.claims_apart, judged.claims_apart_counted) = claims.count();
        let mut not_asked = Vec::new();
        let rules = workers.first().map_or(&[][..], |days| days.rules.reference.rules.all());
        for (i, rule) in rules.iter().enumerate() {
            let mut sum = Tally::default();
            for days in workers {
                let Tally { lines, billed, allowed } = days.fallen[i];
                sum.add(lines, billed, allowed).ok_or_else(too_large)?;
            }
            if sum.lines > 0 {
                let (billed, allowed) = (Money::from_cents(sum.billed), Money::from_cents(sum.allowed));
                judged.fallen.push(Fallen { rule: rule.id, lines: sum.lines, billed, allowed });
            }
            if workers.iter().any(|days| days.not_asked[i]) {
                not_asked.push(rule.id.as_str());
            }
        }
        let lines_not_asked: u64 = workers.iter().map(|days| days.lines_not_asked).sum();
        let finding = (lines_not_asked > 0).then(|| {
            let found = format!("the file does not tell what these rules look at: {}", not_asked.join(", "));
            Finding::new(FindingCode::RulesNotAsked, Place::file(file), found).times(lines_not_asked)
        });
        // The sort is stable: rules of as many lines keep their order.
        judged.fallen.sort_by_key(|fallen| std::cmp::Reverse(fallen.lines));
        let strangers =
            workers.iter().flat_map(|days| &days.payers.values).filter_map(|(_, stranger)| stranger.clone());
        judged.strangers = strangers.collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        Ok((judged, finding))
    }
}
