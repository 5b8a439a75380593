//! Judges the claim days of a batch by the rules of payability; a line that falls is expected to bring nothing.
//!
//! A claim day is the rows of one claim that share payer and day of service. Words are numbers here, and what the rules
//! make of a word is worked out once: most lines are settled by a few ANDs (see [`Sieve`]).

use super::batch::{Batch, Row};
use super::cells;
use super::claims::{Apart, LONGEST_CLAIM, too_long};
use super::names::Names;
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

/// What is known of a payer.
struct Known {
    rules: PayerRules,
    bits: u64,
    /// The name, when that is all.
    stranger: Option<Box<str>>,
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

/// The judge of one worker.
pub(super) struct Days<'a> {
    rules: DayRules<'a>,
    sieve: Sieve<'a>,
    modifiers_told: bool,
    // By number of the word: what it is, and which rules it lets through.
    payers: Vec<Known>,
    codes: Vec<(Option<Code>, u64)>,
    modifiers: Vec<(Modifiers, u64)>,
    states: Vec<(Option<State>, u64)>,
    pos: [u64; 100],
    /// For pairs of codes the rules that are met by the second, inverted: 0 is "not worked out yet".
    pairs: Vec<u64>,
    /// By place of the rule: the lines that it lets fall, and whether it could not be asked of a line that stands.
    fallen: Vec<Tally>,
    not_asked: Vec<bool>,
    /// Lines that stand of which a rule could not be asked.
    lines_not_asked: u64,
    // Kept only to save allocations.
    order: Vec<u32>,
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
            payers: Vec::new(),
            codes: Vec::new(),
            modifiers: Vec::new(),
            states: Vec::new(),
            pos,
            pairs: vec![0; PAIRED * PAIRED],
            fallen: vec![Tally::default(); count],
            not_asked: vec![false; count],
            lines_not_asked: 0,
            order: Vec::new(),
            lines: Vec::new(),
            unasked: Vec::new(),
        }
    }

    /// Learns the words that are new since the last batch.
    fn learn(&mut self, names: &Names<'_>) {
        let Self { rules, sieve, .. } = self;
        self.payers.extend(names.payers.since(self.payers.len()).map(|text| {
            let known = (rules.payer_of)(text);
            // The first number is that of the blank cell, which no row has.
            let stranger = (known.is_none() && !text.is_empty()).then(|| text.into());
            let rules = sieve.payer(&known.unwrap_or_else(|| Payer::stranger(text.into())));
            Known { bits: rules.bits(), rules, stranger }
        }));
        self.codes.extend(names.codes.since(self.codes.len()).map(|text| {
            let code = text.parse().ok();
            (code, code.map_or(0, |code| sieve.alone(code)))
        }));
        self.modifiers.extend(names.modifiers.since(self.modifiers.len()).map(|text| {
            let modifiers = text.parse().unwrap_or(Modifiers::NONE);
            (modifiers, sieve.modifiers(&modifiers))
        }));
        self.states.extend(names.states.since(self.states.len()).map(|text| {
            let state = text.parse().ok();
            (state, sieve.state(state))
        }));
    }

    /// Judges all days of the batch.
    ///
    /// # Errors
    /// When a claim has more rows than any claim, or amounts do not fit.
    pub(super) fn judge(&mut self, batch: &Batch, names: &Names<'_>, priced: &mut [Priced]) -> Result<()> {
        let Some(claims) = &batch.claims else { return Ok(()) };
        self.learn(names);
        let mut begin = 0;
        for claim in claims.of_row.chunk_by(|a, b| a == b) {
            let end = begin + claim.len();
            match batch.rows.get(begin..end) {
                Some([row]) => {
                    let bits = self.bits(row) & self.codes[row.code as usize].1;
                    if bits != 0 {
                        self.lines.clear();
                        self.ask(bits, row, 0, std::slice::from_ref(row).iter(), &mut priced[begin])?;
                    }
                }
                _ => self.claim(batch, begin..end, priced)?,
            }
            begin = end;
        }
        Ok(())
    }

    /// The rules that payer, modifiers, place and state let through.
    fn bits(&self, row: &Row) -> u64 {
        self.modifiers[row.modifiers as usize].1
            & self.pos[usize::from(row.pos)]
            & self.payers[row.payer as usize].bits
            & self.states[row.state as usize].1
    }

    /// The rules that are met by another code of the day.
    fn beside(&mut self, code: u32, other: u32) -> u64 {
        let (at, other_at) = (code as usize, other as usize);
        let slot = (at < PAIRED && other_at < PAIRED).then(|| at * PAIRED + other_at);
        if let Some(known) = slot.map(|slot| self.pairs[slot]).filter(|known| *known != 0) {
            return !known;
        }
        let (Some(line), Some(other)) = (self.codes[at].0, self.codes[other_at].0) else { return 0 };
        let bits = self.sieve.beside(line, other);
        if let Some(slot) = slot {
            self.pairs[slot] = !bits;
        }
        bits
    }

    /// Judges the days of a claim of several rows.
    fn claim(&mut self, batch: &Batch, claim: std::ops::Range<usize>, priced: &mut [Priced]) -> Result<()> {
        if claim.len() > LONGEST_CLAIM {
            return Err(too_long());
        }
        let day = |i: &u32| (batch.rows[*i as usize].day, batch.rows[*i as usize].payer);
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        order.extend(claim.start as u32..claim.end as u32);
        // The sort is stable: within a day the lines keep the order of the file.
        if !order.is_sorted_by_key(day) {
            order.sort_by_key(day);
        }
        for members in order.chunk_by(|a, b| day(a) == day(b)) {
            self.day(batch, members, priced)?;
        }
        self.order = order;
        Ok(())
    }

    fn day(&mut self, batch: &Batch, members: &[u32], priced: &mut [Priced]) -> Result<()> {
        self.lines.clear();
        for (at, i) in members.iter().enumerate() {
            let row = &batch.rows[*i as usize];
            let let_through = self.bits(row);
            if let_through == 0 {
                continue;
            }
            let mut met = self.codes[row.code as usize].1;
            for other in members.iter().filter(|other| *other != i) {
                met |= self.beside(row.code, batch.rows[*other as usize].code);
            }
            if let_through & met != 0 {
                let rows = members.iter().map(|i| &batch.rows[*i as usize]);
                self.ask(let_through & met, row, at, rows, &mut priced[*i as usize])?;
            }
        }
        Ok(())
    }

    /// Asks the rules that are left. The lines of the day are written out when the first of them is in question.
    fn ask<'r>(
        &mut self,
        bits: u64,
        row: &Row,
        at: usize,
        day: impl Iterator<Item = &'r Row>,
        priced: &mut Priced,
    ) -> Result<()> {
        if self.lines.is_empty() {
            let Self { lines, codes, modifiers, states, modifiers_told, .. } = self;
            // Every row has a code, so none is left out and `at` stays right.
            let line = |row: &Row| {
                Some(DayLine {
                    code: codes[row.code as usize].0?,
                    modifiers: modifiers[row.modifiers as usize].0,
                    modifiers_told: *modifiers_told,
                    pos: Pos::new(row.pos),
                    state: states[row.state as usize].0,
                    units: Units::from_thousandths(row.units),
                    ndc: Told::NotTold,
                    diagnosis: Told::NotTold,
                })
            };
            lines.extend(day.filter_map(line));
        }
        let payer = &self.payers[row.payer as usize].rules;
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
        let strangers = workers.iter().flat_map(|days| &days.payers).filter_map(|known| known.stranger.clone());
        judged.strangers = strangers.collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        Ok((judged, finding))
    }
}
