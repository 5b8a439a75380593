//! The engine: asks every rule of every line of a claim day. The rules are data ([`crate::reference::Rules`]).

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::lines::Ruled;
use crate::domain::{Code, Date, Modifiers, Payer, Pos, State, Units};
use crate::reference::{Check, Edits, Effect, Indicator, NdcTest, Reference, Rule, Rules};

/// Something that a file tells or does not tell: what it does not tell is not held against the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told<T> {
    /// The file has no such column.
    NotTold,
    /// It has, and this is what stands there.
    Told(T),
}

/// One line of a claim day, as far as the rules look at it.
#[derive(Debug, Clone, Copy)]
pub struct DayLine<'a> {
    /// What was done.
    pub code: Code,
    /// Its modifiers.
    pub modifiers: Modifiers,
    /// Whether the file tells modifiers at all.
    pub modifiers_told: bool,
    /// Place of service.
    pub pos: Option<Pos>,
    /// State of service.
    pub state: Option<State>,
    /// Units billed.
    pub units: Units,
    /// The NDC as billed; `None` inside: the cell is empty.
    pub ndc: Told<Option<&'a str>>,
    /// The diagnoses as billed.
    pub diagnosis: Told<Option<&'a str>>,
}

/// A rule that applies to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Which line of the day, from 0.
    pub line: usize,
    /// Which rule, in the order of [`Rules::all`].
    pub rule: usize,
    /// The other code of the day that makes it apply.
    pub other: Option<Code>,
}

/// Asks the rules; remembers which rules can concern a code of a payer at all, so that most lines are settled by one look.
#[derive(Debug)]
pub struct Judge<'a> {
    rules: &'a Rules,
    edits: &'a Edits,
    drugs: &'a crate::reference::CodeSet,
    wanted: fn(&Rule) -> bool,
    candidates: FxHashMap<(usize, Code), Box<[usize]>>,
    not_asked: Vec<Hit>,
}

/// The set of drugs, to which `only_drugs` refers.
pub(super) fn drugs(reference: &Reference) -> &crate::reference::CodeSet {
    static NONE: std::sync::OnceLock<crate::reference::CodeSet> = std::sync::OnceLock::new();
    reference.rules.set("drugs").unwrap_or_else(|| NONE.get_or_init(Default::default))
}

/// What a rule says of a line.
pub(super) enum Answer {
    /// It does not apply.
    No,
    /// It applies, for the sake of this other code of the day if any.
    Applies(Option<Code>),
    /// It would, but for something that the file does not tell.
    NotAsked,
}

impl DayLine<'_> {
    /// A line of which code, modifiers, place and state are known, and no more.
    #[must_use]
    pub const fn bare(code: Code, modifiers: Modifiers, pos: Option<Pos>, state: Option<State>) -> Self {
        let (ndc, diagnosis) = (Told::NotTold, Told::NotTold);
        Self { code, modifiers, modifiers_told: true, pos, state, units: Units::ONE, ndc, diagnosis }
    }
}

impl<'a> Judge<'a> {
    /// A judge of all rules that `wanted` accepts.
    #[must_use]
    pub fn new(reference: &'a Reference, wanted: fn(&Rule) -> bool) -> Self {
        Self {
            rules: &reference.rules,
            edits: &reference.edits,
            drugs: drugs(reference),
            wanted,
            candidates: FxHashMap::default(),
            not_asked: Vec::new(),
        }
    }

    /// Judges one day of one payer; `payer_index` is the same number for the same payer, always. Hits come in the order of
    /// the lines, and of the rules within a line. `hits` is emptied first.
    pub fn day(&mut self, payer: &Payer, payer_index: usize, day: Date, lines: &[DayLine<'_>], hits: &mut Vec<Hit>) {
        hits.clear();
        self.not_asked.clear();
        let (rules, edits, drugs, wanted) = (self.rules, self.edits, self.drugs, self.wanted);
        for (at, line) in lines.iter().enumerate() {
            let candidates = match self.candidates.entry((payer_index, line.code)) {
                Entry::Occupied(found) => found.into_mut(),
                Entry::Vacant(free) => {
                    let concerns = |rule: &Rule| {
                        (rule.codes.is_empty() || rule.codes.contains(line.code)) && rule.is_for(payer) && wanted(rule)
                    };
                    let all = rules.all().iter().enumerate();
                    free.insert(all.filter(|(_, rule)| concerns(rule)).map(|(i, _)| i).collect())
                }
            };
            for &index in &**candidates {
                let rule = &rules.all()[index];
                let case = Case { rules, rule, edits, drugs, day, lines, at, line };
                match case.answer() {
                    Answer::Applies(other) => hits.push(Hit { line: at, rule: index, other }),
                    Answer::NotAsked => self.not_asked.push(Hit { line: at, rule: index, other: None }),
                    Answer::No => {}
                }
            }
        }
    }

    /// The rules that could not be asked of lines of the last day, because the file does not tell what they look at.
    #[must_use]
    pub fn not_asked(&self) -> &[Hit] {
        &self.not_asked
    }
}

/// One rule asked of one line, whose code and payer it is about.
pub(super) struct Case<'c> {
    pub(super) rules: &'c Rules,
    pub(super) rule: &'c Rule,
    pub(super) edits: &'c Edits,
    pub(super) drugs: &'c crate::reference::CodeSet,
    pub(super) day: Date,
    pub(super) lines: &'c [DayLine<'c>],
    pub(super) at: usize,
    pub(super) line: &'c DayLine<'c>,
}

impl<'c> Case<'c> {
    pub(super) fn answer(&self) -> Answer {
        let (rule, line) = (self.rule, self.line);
        let holds = rule.period.contains(self.day)
            && (rule.pos.is_empty() || line.pos.is_some_and(|pos| rule.pos.contains(pos)))
            && (rule.states.is_empty() || line.state.is_some_and(|state| rule.states.contains(&state)))
            && rule.has.iter().all(|any| any.is_on(&line.modifiers))
            && (rule.without.is_empty() || !self.lines.iter().any(|l| rule.without.contains(l.code)));
        if !holds || rule.lacks.is_on(&line.modifiers) {
            return Answer::No;
        }
        let found = match rule.check {
            Check::Line => self.line_alone(),
            Check::NcciNever | Check::NcciNeverRest => self.pair(Indicator::Never).map(Some),
            Check::NcciModifier | Check::NcciModifierRest => self.pair(Indicator::WithModifier).map(Some),
            Check::UnitsLine => self.units_of_line(),
            Check::UnitsDay => self.units_of_day(),
            Check::OneInitial => self.second_initial(),
            Check::SeparatesNothing => self.separates_nothing().then_some(None),
            Check::Repeated => self.is_repeated().then_some(None),
            Check::Facility | Check::Contract | Check::Status => None,
        };
        match found {
            None => Answer::No,
            Some(_) if !self.is_told() => Answer::NotAsked,
            Some(other) => Answer::Applies(other),
        }
    }

    /// Whether the file tells all that the rule looks at.
    fn is_told(&self) -> bool {
        let (rule, line) = (self.rule, self.line);
        (rule.lacks.is_empty() || line.modifiers_told)
            && (rule.ndc.is_none() || line.ndc != Told::NotTold)
            && (rule.diagnosis_lacks.is_empty() || line.diagnosis != Told::NotTold)
    }

    fn others(&self) -> impl Iterator<Item = &'c DayLine<'c>> + use<'c> {
        let at = self.at;
        self.lines.iter().enumerate().filter(move |(i, _)| *i != at).map(|(_, line)| line)
    }

    fn line_alone(&self) -> Option<Option<Code>> {
        let (rule, line) = (self.rule, self.line);
        // The discarded part of a dose stands on a line of its own: its JW speaks for the part that was given.
        let helps = |other: &DayLine<'_>| other.code == line.code && rule.lacks_there.is_on(&other.modifiers);
        if !rule.lacks_there.is_empty() && self.others().any(helps) {
            return None;
        }
        let mut other = None;
        for set in &rule.beside {
            let found = self.others().find(|l| set.contains(l.code))?;
            other = other.or(Some(found.code));
        }
        if !rule.only_drugs.is_empty() {
            let mut drugs = self.lines.iter().filter(|l| self.drugs.contains(l.code)).peekable();
            other = other.or(drugs.peek().map(|l| l.code));
            if drugs.peek().is_none() || !drugs.all(|l| rule.only_drugs.contains(l.code)) {
                return None;
            }
        }
        let ndc_fits = match (rule.ndc, line.ndc) {
            (None, _) => true,
            (Some(_), Told::NotTold) => true,
            (Some(NdcTest::Missing), Told::Told(ndc)) => ndc.is_none(),
            (Some(NdcTest::Malformed), Told::Told(ndc)) => ndc.is_some_and(|ndc| !is_ndc(ndc)),
        };
        let diagnosis_fits = rule.diagnosis_lacks.is_empty()
            || match line.diagnosis {
                Told::NotTold => true,
                Told::Told(text) => !text.is_some_and(|text| {
                    let plain = text.replace('.', "");
                    let mut codes = plain.split(|c: char| !c.is_ascii_alphanumeric());
                    codes.any(|code| rule.diagnosis_lacks.iter().any(|wanted| code.starts_with(&**wanted)))
                }),
            };
        (ndc_fits && diagnosis_fits).then_some(other)
    }

    /// The column-1 code beside which the line falls.
    fn pair(&self, indicator: Indicator) -> Option<Code> {
        let rule = self.rule;
        let rest = matches!(rule.check, Check::NcciNeverRest | Check::NcciModifierRest);
        let joins = |other: &&DayLine<'_>| {
            let asked = rule.beside.first().is_none_or(|set| set.contains(other.code));
            asked
                && self.edits.falls(other.code, self.line.code, self.day) == Some(indicator)
                && !(rest && self.rules.speak_of(other.code, self.line.code, indicator))
                && !(indicator == Indicator::WithModifier && rule.lacks_there.is_on(&other.modifiers))
        };
        self.others().find(joins).map(|other| other.code)
    }

    fn units_of_line(&self) -> Option<Option<Code>> {
        let (most, mai) = mue_as_asked(self.edits, self.line.code)?;
        (mai == 1 && self.line.units > Units::whole(i64::from(most))).then_some(None)
    }

    /// MAI 2 is absolute, MAI 3 is lifted by records: the effect of the rule tells which of the two it is about.
    fn units_of_day(&self) -> Option<Option<Code>> {
        let (most, mai) = mue_as_asked(self.edits, self.line.code)?;
        let mine = if self.rule.effect == Effect::Records { 3 } else { 2 };
        let same = self.lines.iter().filter(|l| l.code == self.line.code);
        (mai == mine && same.map(|l| l.units).sum::<Units>() > Units::whole(i64::from(most))).then_some(None)
    }

    /// The set is written in the order in which the one initial service of a day is chosen.
    fn second_initial(&self) -> Option<Option<Code>> {
        let ranked = |(at, line): (usize, &DayLine<'_>)| Some((self.rule.codes.rank(line.code)?, at, line.code));
        let (_, at, code) = self.lines.iter().enumerate().filter_map(ranked).min()?;
        (self.rule.codes.contains(self.line.code) && at != self.at).then_some(Some(code))
    }

    fn separates_nothing(&self) -> bool {
        let joined = |other: &DayLine<'_>| {
            other.code == self.line.code || self.edits.pair_on(self.line.code, other.code, self.day).is_some()
        };
        !self.others().any(joined)
    }

    fn is_repeated(&self) -> bool {
        self.lines[..self.at].iter().any(|l| l.code == self.line.code)
    }
}

/// The MUE of a code and the MAI as rules ask for it: no records help where no unit at all is allowed.
pub(super) fn mue_as_asked(edits: &Edits, code: Code) -> Option<(u32, u8)> {
    let (most, mai) = edits.mue(code)?;
    Some((most, if most == 0 { 2 } else { mai }))
}

/// Eleven digits.
fn is_ndc(text: &str) -> bool {
    text.len() == 11 && text.bytes().all(|b| b.is_ascii_digit())
}

/// The rule that lets a line fall for itself alone, whatever else was done on the day: all that can be asked of volumes and
/// of cases given by hand.
#[must_use]
pub fn ruled_alone(reference: &Reference, payer: &Payer, day: Date, line: DayLine<'_>) -> Option<Ruled> {
    let mut hits = Vec::new();
    let alone = |rule: &Rule| rule.effect.falls() && rule.is_about_one_line();
    Judge::new(reference, alone).day(payer, 0, day, &[line], &mut hits);
    hits.first().map(|hit| Ruled { rule: reference.rules.all()[hit.rule].id, other: None })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// The rules that apply to the lines of an office day: for each its line, from 0.
    fn hits(reference: &Reference, units: &[i64]) -> Vec<(usize, String)> {
        let line = |units: &i64| DayLine {
            code: "96372".parse().unwrap(),
            modifiers: "76".parse().unwrap(),
            modifiers_told: true,
            pos: Pos::new(11),
            state: None,
            units: Units::whole(*units),
            ndc: Told::NotTold,
            diagnosis: Told::NotTold,
        };
        let lines: Vec<DayLine<'_>> = units.iter().map(line).collect();
        let day = crate::domain::parse_iso_date("2024-05-06").unwrap();
        let mut hits = Vec::new();
        let units_alone = |rule: &Rule| matches!(rule.check, Check::UnitsLine | Check::UnitsDay);
        Judge::new(reference, units_alone).day(&Payer::medicare(), 0, day, &lines, &mut hits);
        hits.iter().map(|hit| (hit.line, reference.rules.all()[hit.rule].id.to_string())).collect()
    }

    #[test]
    fn a_limit_is_of_the_line_or_of_the_day_by_its_indicator() {
        let mut reference = Reference::embedded().unwrap();
        let all = |rule: &str, lines: &[usize]| lines.iter().map(|at| (*at, rule.to_owned())).collect::<Vec<_>>();
        // As published: 4 of the day, with records above it.
        assert_eq!(hits(&reference, &[2, 2]), []);
        assert_eq!(hits(&reference, &[2, 3]), all("mue-day-records", &[0, 1]));
        // No code of the table has a limit of the line, so one is made up.
        let mut limit = |units, mai| {
            Arc::make_mut(&mut reference.edits).set_mue("96372".parse().unwrap(), units, mai);
            [hits(&reference, &[2, 2]), hits(&reference, &[2, 3])]
        };
        assert_eq!(limit(2, 1), [vec![], all("mue-line", &[1])]);
        assert_eq!(limit(4, 2), [vec![], all("mue-day-absolute", &[0, 1])]);
        assert_eq!(limit(0, 3), [all("mue-day-absolute", &[0, 1]), all("mue-day-absolute", &[0, 1])]);
    }
}
