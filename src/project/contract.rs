//! Contract files, `contracts/*.toml`: who, dated versions, terms in order, escalators, and the tests of the file.
//!
//! Every error names the file, the line, the column, what was found and what was expected. Nothing is priced here.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::payer::{KINDS, days, end, factor, locality, pos_overrides, year};
use super::section::{Document, Section};
use super::{ScheduleSource, closest};
use crate::domain::contract::{
    Codes, Conditions, Contract, Escalation, Expect, ExpectArea, Family, ModifierFactor, Multiple, Pays, Provider,
    Spot, Term, TermArea, TermList, Version, Wanted,
};
use crate::domain::{
    Code, Date, LocalityRule, Modifier, Modifiers, Money, Payer, PayerKind, Period, Pos, Terms, Units, YearRule,
    round_cents,
};
use crate::finding::Result;

/// A contract file as read: the contract, and what it says about its payer.
#[derive(Debug)]
pub(super) struct ContractFile {
    pub(super) contract: Contract,
    /// Name and kind of a payer that the project file does not have.
    pub(super) name: Option<String>,
    pub(super) kind: Option<PayerKind>,
    pub(super) about: About,
}

/// What a contract says about its payer apart from rates; `None` leaves the project file's word.
#[derive(Debug)]
pub(super) struct About {
    aliases: Vec<Arc<str>>,
    lesser_of: Option<bool>,
    participating: Option<bool>,
    npp_factor: Option<Decimal>,
    sequestration: Option<bool>,
    pos_overrides: Vec<(Pos, bool)>,
    tolerance_cents: Option<u32>,
    appeal_days: Option<u16>,
    timely_filing_days: Option<u16>,
    sends_drugs: Option<bool>,
}

impl About {
    /// Writes what the contract says over what the project file says.
    pub(super) fn apply(self, payer: &mut Payer) {
        payer.aliases.extend(self.aliases);
        payer.lesser_of = self.lesser_of.unwrap_or(payer.lesser_of);
        payer.participating = self.participating.unwrap_or(payer.participating);
        payer.npp_factor = self.npp_factor.or(payer.npp_factor);
        payer.sequestration = self.sequestration.unwrap_or(payer.sequestration);
        payer.sends_drugs = self.sends_drugs.unwrap_or(payer.sends_drugs);
        if !self.pos_overrides.is_empty() {
            payer.pos_overrides = self.pos_overrides;
        }
        payer.tolerance_cents = self.tolerance_cents.map_or(payer.tolerance_cents, i64::from);
        if let Some(days) = self.appeal_days {
            (payer.appeal_days, payer.assumed.appeal) = (days, false);
        }
        if let Some(days) = self.timely_filing_days {
            (payer.timely_filing_days, payer.assumed.filing) = (days, false);
        }
    }
}

/// Where things stand, and what the terms of the file share.
struct File<'a> {
    document: &'a Document<'a>,
    name: Arc<str>,
    schedules: &'a [ScheduleSource],
    indices: Vec<Index>,
    lesser_of: bool,
}

/// A published index by which rates rise.
struct Index {
    name: String,
    /// Day from which a value holds, percent.
    values: Vec<(Date, Decimal)>,
}

/// Reads a contract file; `place` is how errors and citations call it; `lesser_of` is the word of the project file for a payer
/// of this name.
///
/// # Errors
/// When the text is not TOML, has an unknown key, lacks a key, or holds a value that makes no sense.
pub(super) fn contract(
    text: &str,
    place: &str,
    schedules: &[ScheduleSource],
    lesser_of: impl Fn(&str) -> Option<bool>,
) -> Result<ContractFile> {
    let document = Document::new(text, place);
    let table = document.table()?;
    let mut root = Section::new(&document, table, "the contract file");
    let mut head = root.section("contract")?.ok_or_else(|| {
        root.error("lacks the table [contract]")
            .help("begin with [contract] and payer = \"ID\"; `allowable contract init` writes an example")
    })?;
    let payer: Arc<str> = head.required("payer")?.into();
    let about = About {
        aliases: head.texts("aliases")?.into_iter().map(|(alias, _)| alias.into()).collect(),
        lesser_of: head.flag("lesser_of")?,
        participating: head.flag("participating")?,
        npp_factor: head.decimal("npp_factor")?,
        sequestration: head.flag("sequestration")?,
        pos_overrides: pos_overrides(&mut head)?,
        tolerance_cents: head.whole("tolerance_cents", 100_000)?,
        appeal_days: days(&mut head, "appeal_days")?,
        timely_filing_days: days(&mut head, "timely_filing_days")?,
        sends_drugs: head.flag("sends_drugs")?,
    };
    let (name, kind) = (head.text("name")?, head.choice("kind", KINDS)?);
    let product: Option<Arc<str>> = head.text("product")?.map(Into::into);
    let cited: Option<Arc<str>> = head.text("document")?.map(Into::into);
    let inferred = head.flag("inferred")?.unwrap_or(false);
    head.finish()?;
    let mut file = File {
        document: &document,
        name: place.into(),
        schedules,
        indices: Vec::new(),
        lesser_of: about.lesser_of.or_else(|| lesser_of(&payer)).unwrap_or(true),
    };
    for section in root.sections("index")? {
        let index = file.index(section)?;
        file.indices.push(index);
    }
    let label = product.clone().map_or_else(|| name.clone().unwrap_or_else(|| payer.to_string()), |p| p.to_string());
    let mut versions: Vec<Version> = Vec::new();
    for section in root.sections("version")? {
        let offset = section.offset();
        let version = file.version(section, &label)?;
        if let Some(other) = versions
            .iter()
            .find(|v| v.period.from() < version.period.until() && version.period.from() < v.period.until())
        {
            return Err(document
                .error(
                    offset,
                    format!("version \"{}\" overlaps version \"{}\" ({})", version.name, other.name, other.period),
                )
                .help("end the older one with `to`, the day before the newer one begins"));
        }
        versions.push(version);
    }
    if versions.is_empty() {
        return Err(root
            .error("has no [[version]]")
            .help("add [[version]] with from = \"2024-01-01\" and its [[version.term]] tables"));
    }
    versions.sort_by_key(|version| version.period);
    let mut expects = Vec::new();
    for section in root.sections("expect")? {
        expects.push(file.expect(section)?);
    }
    root.finish()?;
    let contract = Contract { file: file.name.clone(), payer, product, document: cited, inferred, versions, expects };
    Ok(ContractFile { contract, name, kind, about })
}

#[derive(Clone, Copy)]
enum PayWord {
    Medicare,
    PercentOfMedicare,
    Flat,
    PerUnit,
    PercentOfCharge,
    AspPlus,
    Schedule,
    NotCovered,
}

const PAYS: &[(&str, PayWord)] = &[
    ("medicare", PayWord::Medicare),
    ("percent-of-medicare", PayWord::PercentOfMedicare),
    ("flat", PayWord::Flat),
    ("per-unit", PayWord::PerUnit),
    ("percent-of-charge", PayWord::PercentOfCharge),
    ("asp-plus", PayWord::AspPlus),
    ("schedule", PayWord::Schedule),
    ("not-covered", PayWord::NotCovered),
];

impl File<'_> {
    fn spot(&self, offset: usize) -> Spot {
        Spot { file: self.name.clone(), line: self.document.line(offset) }
    }

    fn index(&self, mut section: Section<'_, '_>) -> Result<Index> {
        let name = section.required("name")?;
        section.rename(format!("index \"{name}\""));
        // Said for readers of the file; nothing hangs on it.
        section.text("source")?;
        let mut values = Vec::new();
        for mut value in section.sections("value")? {
            value.rename(format!("a value of index \"{name}\""));
            let date = value.required_date("date")?;
            let percent = signed_percent(&mut value)?;
            if values.iter().any(|(other, _)| *other == date) {
                return Err(value.error(format!("{date} has two values")));
            }
            values.push((date, percent));
            value.finish()?;
        }
        values.sort();
        section.finish()?;
        Ok(Index { name, values })
    }

    fn version(&self, mut section: Section<'_, '_>, label: &str) -> Result<Version> {
        let spot = self.spot(section.offset());
        let from = section.required_date("from")?;
        let name: Arc<str> = section.text("name")?.unwrap_or_else(|| format!("from {from}")).into();
        section.rename(format!("version \"{name}\""));
        let until = section.date("to")?.and_then(|day| day.succ_opt()).unwrap_or_else(end);
        let period = Period::new(from, until).ok_or_else(|| section.error("`to` lies before `from`"))?;
        let notice = section.date("notice")?;
        let renewal = section.text("renewal")?.map(Into::into);
        let cite = section.text("cite")?.map(Into::into);
        let mut terms: Vec<Term> = Vec::new();
        for term in section.sections("term")? {
            let number = terms.len() + 1;
            terms.push(self.term(term, &format!("term {number}"), true)?);
        }
        let unlisted =
            section.section("unlisted")?.map(|term| self.term(term, "codes not listed", false)).transpose()?;
        if terms.is_empty() && unlisted.is_none() {
            return Err(section.error("has no [[version.term]] and no [version.unlisted]"));
        }
        let mut adjustments: Vec<ModifierFactor> = Vec::new();
        for adjustment in section.sections("modifier")? {
            adjustments.push(self.modifier(adjustment)?);
        }
        let multiple = section.section("multiple")?.map(|multiple| self.multiple(multiple)).transpose()?;
        let mut escalations: Vec<Escalation> = Vec::new();
        for escalator in section.sections("escalator")? {
            escalations.extend(self.escalator(escalator, period)?);
        }
        section.finish()?;
        escalations.sort_by_key(|escalation| escalation.day);
        if let Some(pair) = escalations.windows(2).find(|pair| pair[0].day == pair[1].day) {
            let (day, line) = (pair[1].day, pair[1].spot.line);
            return Err(self.document.error_on_line(line, format!("version \"{name}\": two escalations on {day}")));
        }
        let list = TermList {
            label: format!("{label}, {name}").into(),
            terms,
            unlisted,
            adjustments,
            multiple,
            escalations: Vec::new(),
        };
        let stretches = stretches(period, &list, &escalations);
        Ok(Version { name, period, notice, renewal, cite, spot, stretches })
    }

    fn term(&self, mut section: Section<'_, '_>, name: &str, conditional: bool) -> Result<Term> {
        let spot = self.spot(section.offset());
        let name: Arc<str> = section.text("name")?.unwrap_or_else(|| name.to_owned()).into();
        section.rename(if conditional { format!("term \"{name}\"") } else { "unlisted".to_owned() });
        let when = if conditional { conditions(&mut section)? } else { Conditions::default() };
        let word = section.choice("pays", PAYS)?.ok_or_else(|| {
            let list = PAYS.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
            section.error("lacks `pays`").help(format!("pays is one of {list}"))
        })?;
        let pays = self.pays(word, &mut section)?;
        let own_amount = matches!(pays, Pays::Flat(_) | Pays::PerUnit(_));
        let term = Term {
            name,
            when,
            lesser_of: section.flag("lesser_of")?.unwrap_or(self.lesser_of),
            floor: section.decimal("floor")?,
            cap: section.decimal("cap")?,
            max_units: section.whole("max_units", 100_000)?,
            escalates: section.flag("escalates")?.unwrap_or(own_amount),
            cite: section.text("cite")?.map(Into::into),
            pays,
            spot,
        };
        if let (Some(floor), Some(cap)) = (term.floor, term.cap)
            && floor > cap
        {
            return Err(section.error(format!("the floor {floor} lies above the cap {cap}")));
        }
        section.finish()?;
        Ok(term)
    }

    fn pays(&self, word: PayWord, section: &mut Section<'_, '_>) -> Result<Pays> {
        let amount = |section: &mut Section<'_, '_>| -> Result<Decimal> {
            section.decimal("amount")?.ok_or_else(|| section.error("lacks `amount`").help("write amount = \"18.50\""))
        };
        Ok(match word {
            PayWord::Medicare => {
                Pays::PercentOfMedicare { factor: Decimal::ONE, year: YearRule::Current, locality: LocalityRule::Own }
            }
            PayWord::PercentOfMedicare => Pays::PercentOfMedicare {
                factor: percent(section)?,
                year: year(section)?,
                locality: locality(section)?,
            },
            PayWord::Flat => Pays::Flat(amount(section)?),
            PayWord::PerUnit => Pays::PerUnit(amount(section)?),
            PayWord::PercentOfCharge => Pays::PercentOfCharge(percent(section)?),
            PayWord::AspPlus => {
                let plus = signed_percent(section)?;
                Pays::Asp((Decimal::ONE + plus / Decimal::ONE_HUNDRED).normalize())
            }
            PayWord::Schedule => {
                let name = section.required("schedule")?;
                if !self.schedules.iter().any(|s| *s.name == *name) {
                    let error = section.error(format!("schedule \"{name}\" is not one of the [[schedule]] tables"));
                    return Err(match closest(&name, self.schedules.iter().map(|s| (&*s.name, ()))) {
                        Some((meant, ())) => error.help(format!("did you mean \"{meant}\"?")),
                        None => error.help("add [[schedule]] with this name and a path to the project file"),
                    });
                }
                Pays::Schedule(name.into())
            }
            PayWord::NotCovered => Pays::NotCovered,
        })
    }

    fn modifier(&self, mut section: Section<'_, '_>) -> Result<ModifierFactor> {
        let spot = self.spot(section.offset());
        let text = section.required("modifier")?;
        let modifier = text.parse().map_err(|e| section.error(format!("modifier: found \"{text}\", {e}")))?;
        let factor = percent_or_zero(&mut section)?;
        let codes = codes(&mut section, "codes")?;
        section.finish()?;
        Ok(ModifierFactor { modifier, factor, codes, spot })
    }

    fn multiple(&self, mut section: Section<'_, '_>) -> Result<Multiple> {
        let spot = self.spot(section.offset());
        let codes = codes(&mut section, "codes")?;
        if codes.is_empty() {
            return Err(section.error("lacks `codes`").help("write codes = [\"96372\"]"));
        }
        let percent = section.decimal("further")?.filter(|p| *p <= Decimal::ONE_HUNDRED).ok_or_else(|| {
            section
                .error("lacks `further`")
                .help("write further = \"50\": the percent that the second and every later service is paid")
        })?;
        section.finish()?;
        Ok(Multiple { codes, further: (percent / Decimal::ONE_HUNDRED).normalize(), spot })
    }

    /// The escalations that one table stands for: one on a day, one on every anniversary, or one per value of an index.
    fn escalator(&self, mut section: Section<'_, '_>, period: Period) -> Result<Vec<Escalation>> {
        const EXPECTED: &str =
            "write date = \"2025-01-01\" with percent, every = \"year\" with percent, or index = \"NAME\"";
        let spot = self.spot(section.offset());
        let (date, every, index) = (section.date("date")?, section.text("every")?, section.text("index")?);
        let within = |day: Date| day > period.from() && period.contains(day);
        let one = |day: Date, percent: Decimal, words: String| Escalation {
            day,
            factor: (Decimal::ONE + percent / Decimal::ONE_HUNDRED).normalize(),
            words: words.into(),
            spot: spot.clone(),
        };
        let out = match (date, every.as_deref(), &index) {
            (Some(day), None, None) => {
                let percent = signed_percent(&mut section)?;
                if !within(day) {
                    let version = format!("the version, which is in force {period}");
                    return Err(section.error(format!("date: {day} lies outside {version}, or on its first day")));
                }
                vec![one(day, percent, format!("{percent} % on {day}"))]
            }
            (None, Some("year"), None) => {
                let percent = signed_percent(&mut section)?;
                let first = section.date("first")?;
                let mut out = Vec::new();
                let start = first.unwrap_or_else(|| years_after(period.from(), 1));
                for years in 0..100 {
                    let day = years_after(start, years);
                    if day >= period.until() {
                        break;
                    }
                    if within(day) {
                        out.push(one(day, percent, format!("{percent} % on {day}, yearly")));
                    }
                }
                out
            }
            (None, None, Some(name)) => {
                let Some(index) = self.indices.iter().find(|index| index.name == *name) else {
                    let error = section.error(format!("index \"{name}\" is not one of the [[index]] tables"));
                    return Err(match closest(name, self.indices.iter().map(|index| (index.name.as_str(), ()))) {
                        Some((meant, ())) => error.help(format!("did you mean \"{meant}\"?")),
                        None => error.help("add [[index]] with name and [[index.value]] with date and percent"),
                    });
                };
                let (cap, floor) = (section.decimal("cap")?, section.decimal("floor")?);
                let values = index.values.iter().filter(|(day, _)| within(*day));
                values
                    .map(|(day, value)| {
                        let mut percent = *value;
                        let mut words = format!("{name} {value} % on {day}");
                        if let Some(cap) = cap.filter(|cap| percent > *cap) {
                            percent = cap;
                            words.push_str(&format!(", capped at {cap} %"));
                        }
                        if let Some(floor) = floor.filter(|floor| percent < *floor) {
                            percent = floor;
                            words.push_str(&format!(", at least {floor} %"));
                        }
                        one(*day, percent, words)
                    })
                    .collect()
            }
            (None, Some(other), None) => {
                return Err(section.error(format!("every: found \"{other}\", expected \"year\"")).help(EXPECTED));
            }
            _ => return Err(section.error("does not say when").help(EXPECTED)),
        };
        section.finish()?;
        Ok(out)
    }

    fn expect(&self, mut section: Section<'_, '_>) -> Result<Expect> {
        let spot = self.spot(section.offset());
        let name: Option<Arc<str>> = section.text("name")?.map(Into::into);
        section.rename(name.as_ref().map_or_else(|| "an [[expect]]".to_owned(), |name| format!("expect \"{name}\"")));
        let code = section.required("code")?;
        let code: Code = code.parse().map_err(|e| section.error(format!("code: found \"{code}\", {e}")))?;
        let day = section.required_date("date")?;
        let pos = section.text("pos")?.unwrap_or_else(|| "11".to_owned());
        let pos: Pos = pos.parse().map_err(|e| section.error(format!("pos: found \"{pos}\", {e}")))?;
        let area = match section.text("area")? {
            None => ExpectArea::Nowhere,
            Some(text) => expect_area(&text).ok_or_else(|| {
                section.error(format!(
                    "area: found \"{text}\", expected a state, a locality or a ZIP code: \"OH\", \"15202-00\", \"43215\""
                ))
            })?,
        };
        let modifiers = section.text("modifiers")?.unwrap_or_default();
        let modifiers: Modifiers =
            modifiers.parse().map_err(|e| section.error(format!("modifiers: found \"{modifiers}\", {e}")))?;
        let units = match section.decimal("units")? {
            None => Units::ONE,
            Some(units) => Units::from_decimal(units)
                .ok_or_else(|| section.error("units: expected a number with at most three decimals"))?,
        };
        let money = |section: &mut Section<'_, '_>, key: &'static str| -> Result<Option<Money>> {
            let Some(amount) = section.decimal(key)? else { return Ok(None) };
            if amount.normalize().scale() > 2 {
                return Err(section.error(format!("{key}: found {amount}, expected dollars and cents")));
            }
            Ok(round_cents(amount))
        };
        let charge = money(&mut section, "charge")?;
        let further = section.flag("further")?.unwrap_or(false);
        let amount = money(&mut section, "amount")?;
        let words = [("not-payable", Wanted::NotPayable), ("unknown", Wanted::Unknown)];
        let outcome = match (amount, section.choice("outcome", &words)?) {
            (Some(amount), None) => Wanted::Amount(amount),
            (None, Some(outcome)) => outcome,
            _ => {
                return Err(section
                    .error("wants either `amount` or `outcome`")
                    .help("write amount = \"19.29\", or outcome = \"not-payable\""));
            }
        };
        section.finish()?;
        Ok(Expect { name, code, day, pos, area, modifiers, units, charge, further, outcome, spot })
    }
}

/// The stretches of a version between its escalations.
fn stretches(period: Period, list: &TermList, escalations: &[Escalation]) -> Vec<(Period, Arc<TermList>)> {
    let mut starts = vec![period.from()];
    starts.extend(escalations.iter().map(|escalation| escalation.day));
    let mut out = Vec::with_capacity(starts.len());
    for (i, from) in starts.iter().enumerate() {
        let until = starts.get(i + 1).copied().unwrap_or(period.until());
        if let Some(stretch) = Period::new(*from, until) {
            let list = TermList { escalations: escalations[..i].to_vec(), ..list.clone() };
            out.push((stretch, Arc::new(list)));
        }
    }
    out
}

fn conditions(section: &mut Section<'_, '_>) -> Result<Conditions> {
    let modifier_list = |section: &mut Section<'_, '_>, key: &'static str| -> Result<Vec<Modifier>> {
        let texts = section.texts(key)?;
        let read = |(text, offset): &(String, usize)| {
            text.parse().map_err(|e| section.error_at(*offset, format!("{key}: found \"{text}\", {e}")))
        };
        texts.iter().map(read).collect()
    };
    let mut pos = Vec::new();
    for (text, offset) in section.texts("pos")? {
        pos.push(text.parse().map_err(|e| section.error_at(offset, format!("pos: found \"{text}\", {e}")))?);
    }
    let mut areas = Vec::new();
    for (text, offset) in section.texts("area")? {
        let state = text.parse().ok().map(TermArea::State);
        areas.push(state.or_else(|| text.parse().ok().map(TermArea::Locality)).ok_or_else(|| {
            section.error_at(
                offset,
                format!("area: found \"{text}\", expected a state or a locality: \"OH\", \"15202-00\""),
            )
        })?);
    }
    Ok(Conditions {
        codes: codes(section, "codes")?,
        not_codes: codes(section, "not_codes")?,
        modifiers: modifier_list(section, "modifiers")?,
        without: modifier_list(section, "without")?,
        pos,
        facility: section.choice("setting", &[("facility", true), ("office", false)])?,
        areas,
        provider: section.choice("provider", &[("npp", Provider::Npp), ("physician", Provider::Physician)])?,
    })
}

/// `codes = ["96372", "96373-96375", "drugs"]`.
pub(crate) fn codes(section: &mut Section<'_, '_>, key: &'static str) -> Result<Vec<Codes>> {
    let mut out = Vec::new();
    for (text, offset) in section.texts(key)? {
        match Codes::list(std::slice::from_ref(&text)) {
            Ok(codes) => out.extend(codes),
            Err(what) => {
                let error = section.error_at(offset, format!("{key}: {what}"));
                return Err(match closest(text.trim(), Family::WORDS.iter().map(|(word, _)| (*word, ()))) {
                    Some((meant, ())) => error.help(format!("did you mean \"{meant}\"?")),
                    None => error,
                });
            }
        }
    }
    Ok(out)
}

fn expect_area(text: &str) -> Option<ExpectArea> {
    let zip = || text.parse().ok().map(ExpectArea::Zip);
    let locality = || text.parse().ok().map(ExpectArea::Locality);
    text.parse().ok().map(ExpectArea::State).or_else(locality).or_else(zip)
}

/// `percent = "135"` as the factor 1.35; above 0.
fn percent(section: &mut Section<'_, '_>) -> Result<Decimal> {
    let percent = section.decimal("percent")?.ok_or_else(|| section.error("lacks `percent`"))?;
    factor(percent).ok_or_else(|| section.error("`percent` must lie above 0"))
}

/// `percent = "85"` as the factor 0.85; 0 is a factor, too: the line is paid nothing.
fn percent_or_zero(section: &mut Section<'_, '_>) -> Result<Decimal> {
    let percent = section.decimal("percent")?.ok_or_else(|| section.error("lacks `percent`"))?;
    Ok((percent / Decimal::ONE_HUNDRED).normalize())
}

/// A change in percent, which may be negative: `"3"`, `"-1.5"`; from −100 (not included) to 1,000.
fn signed_percent(section: &mut Section<'_, '_>) -> Result<Decimal> {
    let text = section.number_text("percent")?.ok_or_else(|| section.error("lacks `percent`"))?;
    let number = Decimal::from_str_exact(text.trim().trim_end_matches('%').trim().trim_start_matches('+')).ok();
    number.filter(|p| *p > -Decimal::ONE_HUNDRED && *p <= Decimal::ONE_THOUSAND).ok_or_else(|| {
        section.error(format!("percent: found \"{text}\", expected a change in percent, such as \"3\" or \"-1.5\""))
    })
}

/// The same day so many years later; of 29 February the 28th where there is none.
fn years_after(day: Date, years: u32) -> Date {
    day.checked_add_months(chrono::Months::new(12 * years)).unwrap_or(Date::MAX)
}

/// The terms of a payer's contracts, by day.
pub(super) fn terms(contract: &Contract) -> Vec<(Period, Terms)> {
    let stretches = contract.versions.iter().flat_map(|version| &version.stretches);
    stretches.map(|(period, list)| (*period, Terms::Contract(list.clone()))).collect()
}
