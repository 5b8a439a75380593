//! For millions of lines: settles most of them without asking any rule.
//!
//! Each thing that a rule looks at (payer, modifiers, place, state, code, another code of the day) has bits, computed once
//! per distinct value: which rules it lets through. A line of which no bit is left after a few ANDs cannot fall; of the
//! others only the rules that are left are asked, by the same engine that the [`Judge`](super::Judge) uses. Bits may let too
//! much through, never too little, so the verdict is that of the judge.

use crate::domain::{Code, Date, Modifiers, Payer, Pos, State};
use crate::reference::{Check, CodeSet, Indicator, Reference, Rule};

use super::judge::{Answer, Case, DayLine, drugs, mue_as_asked};

/// Rules in one word of bits. With more rules than that, bit 0 stands for rules 0, 64, 128 …
const WORD: usize = u64::BITS as usize;

/// Asks the rules that let lines fall, in their order, and only those that can concern the line.
#[derive(Debug)]
pub struct Sieve<'a> {
    reference: &'a Reference,
    drugs: &'a CodeSet,
    /// The places in [`crate::reference::Rules::all`] of the rules that are asked here.
    asked: Vec<usize>,
}

/// The rules that hold for a payer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayerRules(Box<[u64]>);

impl PayerRules {
    /// The bits of all of them.
    #[must_use]
    pub fn bits(&self) -> u64 {
        self.0.iter().fold(0, |bits, word| bits | word)
    }
}

impl<'a> Sieve<'a> {
    /// A sieve of all rules that let lines fall, except those that are tested with the price.
    #[must_use]
    pub fn new(reference: &'a Reference) -> Self {
        let is_asked = |rule: &Rule| {
            rule.effect.falls() && !matches!(rule.check, Check::Facility | Check::Contract | Check::Status)
        };
        let all = reference.rules.all().iter().enumerate();
        let asked = all.filter(|(_, rule)| is_asked(rule)).map(|(i, _)| i).collect();
        Self { reference, drugs: drugs(reference), asked }
    }

    fn rules(&self) -> impl Iterator<Item = &'a Rule> {
        self.asked.iter().map(|i| &self.reference.rules.all()[*i])
    }

    fn bits(&self, lets_through: impl Fn(&Rule) -> bool) -> u64 {
        let passes = self.rules().enumerate().filter(|(_, rule)| lets_through(rule));
        passes.fold(0, |bits, (i, _)| bits | 1 << (i % WORD))
    }

    /// The rules that hold for a payer.
    #[must_use]
    pub fn payer(&self, payer: &Payer) -> PayerRules {
        let mut words = vec![0; self.asked.len().div_ceil(WORD)];
        for (i, _) in self.rules().enumerate().filter(|(_, rule)| rule.is_for(payer)) {
            words[i / WORD] |= 1 << (i % WORD);
        }
        PayerRules(words.into())
    }

    /// The bits of a line's modifiers.
    #[must_use]
    pub fn modifiers(&self, modifiers: &Modifiers) -> u64 {
        self.bits(|rule| rule.has.iter().all(|any| any.is_on(modifiers)) && !rule.lacks.is_on(modifiers))
    }

    /// The bits of a place of service.
    #[must_use]
    pub fn pos(&self, pos: Option<Pos>) -> u64 {
        self.bits(|rule| rule.pos.is_empty() || pos.is_some_and(|pos| rule.pos.contains(pos)))
    }

    /// The bits of a state of service.
    #[must_use]
    pub fn state(&self, state: Option<State>) -> u64 {
        self.bits(|rule| rule.states.is_empty() || state.is_some_and(|state| rule.states.contains(&state)))
    }

    /// The rules that can let a line with this code fall whatever else stands on the day.
    #[must_use]
    pub fn alone(&self, code: Code) -> u64 {
        self.bits(|rule| self.concerns(rule, code) && !self.needs_another(rule, code))
    }

    /// The rules that can let a line with this code fall because `other` stands on another line of the day.
    #[must_use]
    pub fn beside(&self, code: Code, other: Code) -> u64 {
        self.bits(|rule| self.concerns(rule, code) && self.is_met_by(rule, code, other))
    }

    fn concerns(&self, rule: &Rule, code: Code) -> bool {
        let mai = || mue_as_asked(&self.reference.edits, code).map(|(_, mai)| mai);
        (rule.codes.is_empty() || rule.codes.contains(code))
            && match rule.check {
                Check::UnitsLine => mai() == Some(1),
                // MAI 3 is for rules that ask for records; those let no line fall.
                Check::UnitsDay => mai() == Some(2),
                _ => true,
            }
    }

    fn needs_another(&self, rule: &Rule, code: Code) -> bool {
        match rule.check {
            Check::NcciNever
            | Check::NcciModifier
            | Check::NcciNeverRest
            | Check::NcciModifierRest
            | Check::OneInitial
            | Check::Repeated => true,
            Check::Line => !rule.beside.is_empty() || (!rule.only_drugs.is_empty() && !self.is_such_a_drug(rule, code)),
            Check::UnitsLine
            | Check::UnitsDay
            | Check::SeparatesNothing
            | Check::Facility
            | Check::Contract
            | Check::Status => false,
        }
    }

    fn is_met_by(&self, rule: &Rule, code: Code, other: Code) -> bool {
        // An edit that has ended lets too much through; the day is looked at when the rule is asked.
        let edit = |indicator| self.reference.edits.may_fall(other, code, indicator);
        let rest = |indicator| edit(indicator) && !self.reference.rules.speak_of(other, code, indicator);
        let is_asked = rule.beside.first().is_none_or(|set| set.contains(other));
        match rule.check {
            Check::NcciNever => is_asked && edit(Indicator::Never),
            Check::NcciModifier => is_asked && edit(Indicator::WithModifier),
            Check::NcciNeverRest => is_asked && rest(Indicator::Never),
            Check::NcciModifierRest => is_asked && rest(Indicator::WithModifier),
            Check::OneInitial => rule.codes.rank(other).is_some_and(|r| Some(r) <= rule.codes.rank(code)),
            Check::Repeated => code == other,
            Check::Line if rule.beside.is_empty() => !rule.only_drugs.is_empty() && self.is_such_a_drug(rule, other),
            Check::Line => is_asked,
            Check::UnitsLine
            | Check::UnitsDay
            | Check::SeparatesNothing
            | Check::Facility
            | Check::Contract
            | Check::Status => false,
        }
    }

    fn is_such_a_drug(&self, rule: &Rule, code: Code) -> bool {
        self.drugs.contains(code) && rule.only_drugs.contains(code)
    }

    /// The first rule that lets line `at` of a day fall, as its place in [`crate::reference::Rules::all`]. `bits` are those
    /// of the line's payer, modifiers, place and state, ANDed with those of [`alone`](Self::alone) and
    /// [`beside`](Self::beside) each other line, ORed.
    ///
    /// `not_asked` is emptied and, when no rule lets the line fall, gets those that could not be asked because the file does
    /// not tell what they look at.
    pub fn first(
        &self,
        bits: u64,
        payer: &PayerRules,
        day: Date,
        lines: &[DayLine<'_>],
        at: usize,
        not_asked: &mut Vec<usize>,
    ) -> Option<usize> {
        not_asked.clear();
        let line = lines.get(at)?;
        for (word, own) in payer.0.iter().enumerate() {
            let mut left = bits & own;
            while left != 0 {
                let index = self.asked[word * WORD + left.trailing_zeros() as usize];
                left &= left - 1;
                let rule = &self.reference.rules.all()[index];
                // A bit stands for several rules where there are more than bits.
                if !self.concerns(rule, line.code) {
                    continue;
                }
                let Reference { rules, edits, .. } = self.reference;
                let case = Case { rules, rule, edits, drugs: self.drugs, day, lines, at, line };
                match case.answer() {
                    Answer::Applies(_) => {
                        not_asked.clear();
                        return Some(index);
                    }
                    Answer::NotAsked => not_asked.push(index),
                    Answer::No => {}
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{PayerKind, Units, parse_iso_date};
    use crate::payability::{Judge, Told};

    /// The first rule by the sieve for each line, with the number of rules that could not be asked.
    fn sifted(reference: &Reference, payer: &Payer, day: Date, lines: &[DayLine<'_>]) -> Vec<(Option<usize>, usize)> {
        let sieve = Sieve::new(reference);
        let own = sieve.payer(payer);
        let one = |(at, line): (usize, &DayLine<'_>)| {
            let others = lines.iter().enumerate().filter(|(i, _)| *i != at);
            let met = others.fold(sieve.alone(line.code), |met, (_, l)| met | sieve.beside(line.code, l.code));
            let bits =
                met & own.bits() & sieve.modifiers(&line.modifiers) & sieve.pos(line.pos) & sieve.state(line.state);
            let mut not_asked = Vec::new();
            (sieve.first(bits, &own, day, lines, at, &mut not_asked), not_asked.len())
        };
        lines.iter().enumerate().map(one).collect()
    }

    /// The same by the judge.
    fn judged(reference: &Reference, payer: &Payer, day: Date, lines: &[DayLine<'_>]) -> Vec<(Option<usize>, usize)> {
        let (mut judge, mut hits) = (Judge::new(reference, |rule| rule.effect.falls()), Vec::new());
        judge.day(payer, 0, day, lines, &mut hits);
        let first = |at| hits.iter().find(|hit| hit.line == at).map(|hit| hit.rule);
        let not_asked = |at| judge.not_asked().iter().filter(|hit| hit.line == at).count();
        (0..lines.len()).map(|at| (first(at), if first(at).is_some() { 0 } else { not_asked(at) })).collect()
    }

    /// Codes of all kinds that the rules tell apart: the borders of their sets, and codes with limits of units.
    const CODES: &str = "96372 96372 96372 99213 99211 99284 99231 G0463 96360 96361 96365 96366 96367 96369 96370 96374 96375 \
                         96409 96411 96413 96415 90460 90461 90471 90472 90476 90378 20610 36591 95115 00400 J1071 J3420 \
                         J0696 J3145 J0135 J9217 Q2000 T1502 0543T 96379";

    fn a_line() -> impl Strategy<Value = DayLine<'static>> {
        let code = prop::sample::select(CODES.split_whitespace().collect::<Vec<_>>());
        let modifiers = prop::sample::select(vec!["", "", "25", "59", "XS", "25,59", "95", "JZ", "EP", "91", "LT"]);
        let pos = prop::sample::select(vec![0, 2, 10, 11, 11, 11, 20, 22, 31]);
        let state = prop::sample::select(vec!["", "OH", "AR", "GA"]);
        let ndc = prop::sample::select(vec![
            Told::NotTold,
            Told::Told(None),
            Told::Told(Some("1234")),
            Told::Told(Some("12345678901")),
        ]);
        let diagnosis = prop::sample::select(vec![Told::NotTold, Told::Told(None), Told::Told(Some("Z29.11"))]);
        (code, modifiers, pos, state, 500..12_000_i64, any::<bool>(), ndc, diagnosis).prop_map(
            |(code, modifiers, pos, state, units, told, ndc, diagnosis)| DayLine {
                code: code.parse().unwrap(),
                modifiers: modifiers.parse().unwrap(),
                modifiers_told: told,
                pos: Pos::new(pos),
                state: state.parse().ok(),
                units: Units::from_thousandths(units),
                ndc,
                diagnosis,
            },
        )
    }

    fn a_payer() -> impl Strategy<Value = Payer> {
        let kinds = [
            PayerKind::Medicare,
            PayerKind::MedicareAdvantage,
            PayerKind::Medicaid,
            PayerKind::MedicaidManaged,
            PayerKind::Commercial,
        ];
        let names = vec!["Somebody", "Anthem of the North", "Cigna", "BCBS MS"];
        (prop::sample::select(kinds.to_vec()), prop::sample::select(names)).prop_map(|(kind, name)| Payer {
            kind,
            name: name.into(),
            ..Payer::stranger("P".into())
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: prop::test_runner::RngSeed::Fixed(96_372), ..ProptestConfig::default() })]

        #[test]
        fn the_verdict_is_that_of_the_judge(
            lines in prop::collection::vec(a_line(), 1..6),
            payer in a_payer(),
            day in prop::sample::select(vec!["2018-06-01", "2021-12-31", "2023-08-01", "2024-05-06"]),
            more in prop::sample::select(vec![0, 30, 100]),
        ) {
            let mut reference = Reference::embedded().unwrap();
            if more > 0 {
                // More rules than bits, so that bits stand for several; each kind of test is among them.
                let checks = ["repeated", "separates-nothing", "units-line", "units-day", "one-initial", "line", "ncci-modifier-rest"];
                let codes = ["96372", "99213", "J0000-J9999", "96360-96379", "@initial"];
                let rule = |i: usize| {
                    let beside = if i.is_multiple_of(3) { "99213 96374" } else { "" };
                    let drugs = if i.is_multiple_of(4) { "J1071 J3420" } else { "" };
                    let pos = if i.is_multiple_of(5) { "11" } else { "22 31" };
                    let payers = if i.is_multiple_of(7) { "medicaid name:anthem" } else { "" };
                    let (check, codes) = (checks[i % 7], codes[i % 5]);
                    format!("own-{i},,{check},{codes},{beside},,{drugs},,,,{pos},{payers},,,,,,payable-with,5,,,\n")
                };
                let header = "id,title,check,codes,beside,without,only_drugs,has,lacks,modifier_on,pos,payers,states,ndc,\
                              diagnosis_lacks,from,until,effect,step,fix,source,strength\n".to_owned();
                let findings = reference.add_rules("own.csv", (header + &(0..more).map(rule).collect::<String>()).as_bytes());
                prop_assert!(findings.is_empty(), "{:?}", findings);
            }
            let day = parse_iso_date(day).unwrap();
            prop_assert_eq!(sifted(&reference, &payer, day, &lines), judged(&reference, &payer, day, &lines));
        }
    }
}
