//! Reading a scenario file. Every error names the file, the line, the column, what was found and what was expected.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::lever::{
    BreakEven, DenialLever, DenialTo, FactorLever, Grid, Lines, Plan, RateAxis, RateLever, RateTo, Role, Scenario,
    Target, Tornado, TornadoBy, VolumeLever,
};
use crate::domain::contract::{Pays, Spot};
use crate::domain::{LocalityRule, Period, Rate, YearRule, round_cents};
use crate::finding::{Error, Place, Result};
use crate::price::{FactorValue, OtherFactor};
use crate::project::section::{Document, Section};
use crate::project::{Project, closest, codes};
use crate::reference::Row;

/// Most rates and most denial rates of a grid: what can still be read.
const MOST_STEPS: (usize, usize) = (40, 15);

/// What targets and tables call today.
const BASELINE: &str = "baseline";

/// Most years over which a growth is compounded.
const MOST_YEARS: u32 = 30;

impl Plan {
    /// The commented scenario file that `allowable model --example` prints; it runs on the demo practice.
    #[must_use]
    pub const fn example() -> &'static str {
        include_str!("example.toml")
    }

    /// Reads a scenario file's text; `place` is its path, for errors.
    ///
    /// # Errors
    /// When the text is not TOML, has an unknown key, names a payer that the project does not have, or holds a value that makes
    /// no sense, and when it asks nothing at all.
    pub fn parse(text: &str, place: &str, project: &Project) -> Result<Self> {
        if text.trim().is_empty() {
            return Err(Error::config("the scenario file is empty")
                .at(Place::file(place))
                .help("`allowable model --example` prints a commented one"));
        }
        let document = Document::new(text, place);
        let mut root = Section::new(&document, document.table()?, "the scenario file");
        let file = File { document: &document, name: place.into(), project };
        let title = root.text("title")?;
        let period = root.section("period")?.map(period).transpose()?;
        let mut scenarios: Vec<Scenario> = Vec::new();
        for section in root.sections("scenario")? {
            let offset = section.offset();
            let scenario = file.scenario(section)?;
            if scenario.name.eq_ignore_ascii_case(BASELINE) {
                return Err(document
                    .error(offset, format!("a scenario cannot be called \"{}\": that is today", scenario.name))
                    .help("give it another name"));
            }
            if scenarios.iter().any(|other| other.name == scenario.name) {
                return Err(document.error(offset, format!("two scenarios are called \"{}\"", scenario.name)));
            }
            scenarios.push(scenario);
        }
        let grid = root.section("grid")?.map(|section| file.grid(section)).transpose()?;
        let mut breakevens = Vec::new();
        for section in root.sections("breakeven")? {
            breakevens.push(file.breakeven(section, &scenarios)?);
        }
        let tornado = root.section("tornado")?;
        let asks_nothing = root
            .error("asks nothing: it has no [[scenario]], [grid], [[breakeven]] or [tornado]")
            .help("`allowable model --example` prints a commented file");
        let tornado = match tornado {
            Some(section) => Some(file.tornado(section)?),
            // Beside scenarios it comes unasked.
            None => Some(Tornado::default()).filter(|_| !scenarios.is_empty()),
        };
        root.finish()?;
        if scenarios.is_empty() && grid.is_none() && breakevens.is_empty() && tornado.is_none() {
            return Err(asks_nothing);
        }
        Ok(Self { title, period, scenarios, grid, breakevens, tornado })
    }
}

fn period(mut section: Section<'_, '_>) -> Result<Period> {
    let (from, to) = (section.required_date("from")?, section.required_date("to")?);
    let period = Period::inclusive(from, to).ok_or_else(|| section.error("`to` lies before `from`"))?;
    section.finish()?;
    Ok(period)
}

/// Where things stand, and whose payers are meant.
struct File<'a> {
    document: &'a Document<'a>,
    name: Arc<str>,
    project: &'a Project,
}

impl File<'_> {
    fn spot(&self, section: &Section<'_, '_>) -> Spot {
        Spot { file: self.name.clone(), line: self.document.line(section.offset()) }
    }

    fn lines(&self, section: &mut Section<'_, '_>) -> Result<Lines> {
        let payer = match section.text("payer")? {
            None => None,
            Some(name) => match self.project.payer(&name) {
                Some(payer) => Some(payer.id.clone()),
                None => {
                    let error = section.error(format!("payer: \"{name}\" is no payer of the project"));
                    let known: Vec<&str> = self.project.payers.iter().map(|payer| &*payer.id).collect();
                    return Err(match self.project.payer_like(&name) {
                        Some(like) => error.help(format!("did you mean \"{like}\"?")),
                        None => error.help(format!("the payers are {}", known.join(", "))),
                    });
                }
            },
        };
        let codes = codes(section, "codes")?;
        let mut pos = Vec::new();
        for (text, offset) in section.texts("pos")? {
            let place = text.parse().map_err(|e| section.error_at(offset, format!("pos: found \"{text}\", {e}")))?;
            pos.push(place);
        }
        Ok(Lines { payer, codes, pos })
    }

    fn scenario(&self, mut section: Section<'_, '_>) -> Result<Scenario> {
        let name = section.required("name")?;
        section.rename(format!("scenario \"{name}\""));
        let role = section.choice("kind", &Role::WORDS)?;
        let mut scenario = Scenario { name, role, ..Scenario::default() };
        for rate in section.sections_as("rate", "scenario.rate")? {
            scenario.rates.push(self.rate(rate)?);
        }
        for volume in section.sections_as("volume", "scenario.volume")? {
            scenario.volumes.push(self.volume(volume)?);
        }
        for denial in section.sections_as("denial", "scenario.denial")? {
            scenario.denials.push(self.denial(denial)?);
        }
        scenario.factor = section.section("conversion_factor")?.map(|factor| self.factor(factor)).transpose()?;
        section.finish()?;
        Ok(scenario)
    }

    fn rate(&self, mut section: Section<'_, '_>) -> Result<RateLever> {
        let spot = self.spot(&section);
        let lines = self.lines(&mut section)?;
        let lesser_of = section.flag("lesser_of")?;
        let mut to: Vec<(&str, RateTo)> = Vec::new();
        if let Some(change) = change(&mut section, "percent")? {
            to.push(("percent", RateTo::Times(change)));
        }
        let of_medicare = section.decimal("percent_of_medicare")?.map(share);
        let year = year(&mut section)?;
        match (of_medicare, year) {
            (Some(factor), year) => {
                let year = year.unwrap_or(YearRule::Current);
                let pays = Pays::PercentOfMedicare { factor, year, locality: LocalityRule::Own };
                to.push(("percent_of_medicare", RateTo::Pays(pays)));
            }
            (None, Some(year)) => to.push(("year", RateTo::Year(year))),
            (None, None) => {}
        }
        if let Some(rate) = section.decimal("flat")? {
            to.push(("flat", RateTo::Pays(Pays::Flat(rate))));
        }
        if let Some(rate) = section.decimal("per_unit")? {
            to.push(("per_unit", RateTo::Pays(Pays::PerUnit(rate))));
        }
        if let Some(percent) = section.decimal("percent_of_charge")? {
            to.push(("percent_of_charge", RateTo::Pays(Pays::PercentOfCharge(share(percent)))));
        }
        if section.flag("not_covered")? == Some(true) {
            to.push(("not_covered", RateTo::Pays(Pays::NotCovered)));
        }
        if let [(first, _), (second, _), ..] = to.as_slice() {
            return Err(section.error(format!("`{first}` and `{second}` exclude each other")));
        }
        let to = match (to.pop(), lesser_of) {
            (Some((_, to)), _) => to,
            (None, Some(_)) => RateTo::Kept,
            (None, None) => {
                return Err(section.error("changes nothing").help(
                    "give one of percent, percent_of_medicare, year, flat, per_unit, percent_of_charge, not_covered, lesser_of",
                ));
            }
        };
        section.finish()?;
        Ok(RateLever { lines, to, lesser_of, spot })
    }

    fn volume(&self, mut section: Section<'_, '_>) -> Result<VolumeLever> {
        let spot = self.spot(&section);
        let lines = self.lines(&mut section)?;
        let (percent, growth) = (change(&mut section, "percent")?, change(&mut section, "growth")?);
        let years = section.whole("years", MOST_YEARS)?;
        let factor = match (percent, growth, years) {
            (Some(factor), None, None) => factor,
            (None, Some(growth), years) => {
                let compounded = (1..=years.unwrap_or(1)).try_fold(Decimal::ONE, |all, _| all.checked_mul(growth));
                compounded
                    .filter(|factor| *factor <= Decimal::ONE_THOUSAND)
                    .ok_or_else(|| section.error("so much growth over so many years is more than a thousandfold"))?
            }
            (Some(_), Some(_), _) => return Err(section.error("`percent` and `growth` exclude each other")),
            (_, None, Some(_)) => return Err(section.error("`years` goes with `growth`, the change per year")),
            (None, None, None) => {
                return Err(section
                    .error("changes nothing")
                    .help("give percent = \"+10\", or growth = \"3\" and years = 2"));
            }
        };
        section.finish()?;
        Ok(VolumeLever { lines, factor, spot })
    }

    fn denial(&self, mut section: Section<'_, '_>) -> Result<DenialLever> {
        let spot = self.spot(&section);
        let lines = self.lines(&mut section)?;
        let rate = at_most_all(&mut section, "rate")?;
        let first = at_most_all(&mut section, "initial")?;
        let overturn = at_most_all(&mut section, "overturn")?;
        let percent = change(&mut section, "percent")?;
        let to = match (rate, percent, first, overturn) {
            (Some(rate), None, None, None) => DenialTo::Final(rate),
            (None, Some(times), None, None) => DenialTo::Times(times),
            (None, None, None, None) => {
                return Err(section.error("changes nothing").help(
                    "give rate (denied in the end), percent (a change of it), initial (denied at first) or overturn",
                ));
            }
            (Some(_), ..) => {
                return Err(section
                    .error("`rate` is what is denied in the end: nothing goes with it")
                    .help("with overturn, give initial = \"10\", the share denied at the first answer"));
            }
            (None, Some(_), Some(_), _) => return Err(section.error("`percent` and `initial` exclude each other")),
            (None, percent, share, overturn) => {
                DenialTo::First { share, times: percent.unwrap_or(Decimal::ONE), overturn }
            }
        };
        section.finish()?;
        Ok(DenialLever { lines, to, spot })
    }

    fn factor(&self, mut section: Section<'_, '_>) -> Result<FactorLever> {
        let spot = self.spot(&section);
        let from = section.date("from")?;
        let at = section.at("factor");
        let value = match (section.decimal("factor")?, change(&mut section, "percent")?) {
            (Some(dollars), None) if dollars > Decimal::ZERO && dollars <= Decimal::ONE_THOUSAND => {
                FactorValue::Dollars(dollars)
            }
            (Some(dollars), None) => {
                return Err(section
                    .error_at(at, format!("factor: found {dollars}, expected dollars per RVU, such as \"33.10\"")));
            }
            (None, Some(times)) => FactorValue::Times(times),
            (Some(_), Some(_)) => return Err(section.error("`factor` and `percent` exclude each other")),
            (None, None) => return Err(section.error("lacks `factor` (dollars per RVU) or `percent` (a change of it)")),
        };
        section.finish()?;
        let row = Row { file: spot.file, line: spot.line };
        Ok(FactorLever { from, factor: OtherFactor { value, on: from, row } })
    }

    fn grid(&self, mut section: Section<'_, '_>) -> Result<Grid> {
        let spot = self.spot(&section);
        let lines = self.lines(&mut section)?;
        let year = year(&mut section)?;
        let of_medicare = steps(&mut section, "percent_of_medicare", MOST_STEPS.0)?;
        let changes = steps(&mut section, "percent", MOST_STEPS.0)?;
        let denials = steps(&mut section, "denial", MOST_STEPS.1)?.unwrap_or_default();
        let (axis, rates) = match (of_medicare, changes, year) {
            (Some(rates), None, year) => (RateAxis::OfMedicare(year.unwrap_or(YearRule::Current)), rates),
            (None, Some(rates), None) => (RateAxis::Change, rates),
            (None, Some(_), Some(_)) => return Err(section.error("`year` goes with `percent_of_medicare`")),
            (Some(_), Some(_), _) => {
                return Err(section.error("`percent_of_medicare` and `percent` exclude each other"));
            }
            (None, None, _) => {
                return Err(section
                    .error("lacks its rates")
                    .help("give percent_of_medicare = { from = \"100\", to = \"160\", step = \"10\" }, or percent, changes of the present rates"));
            }
        };
        let lowest = if axis == RateAxis::Change { -Decimal::ONE_HUNDRED } else { Decimal::ZERO };
        if let Some(rate) = rates.iter().find(|rate| **rate < lowest) {
            return Err(section.error(format!("a rate of {rate} % is below {lowest} %")));
        }
        if let Some(rate) = denials.iter().find(|rate| !(Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(*rate)) {
            return Err(section.error(format!("denial: {rate} % is not from 0 to 100 %")));
        }
        section.finish()?;
        Ok(Grid { lines, axis, rates, denials, spot })
    }

    fn breakeven(&self, mut section: Section<'_, '_>, scenarios: &[Scenario]) -> Result<BreakEven> {
        let spot = self.spot(&section);
        let lines = self.lines(&mut section)?;
        let denial = at_most_all(&mut section, "denial")?;
        let percent = section.decimal("percent_of_medicare")?;
        let year = year(&mut section)?.unwrap_or(YearRule::Current);
        let target = match section.number_text("target")?.as_deref().map(str::trim) {
            None | Some(BASELINE) => Target::Baseline,
            Some(text) => match scenarios.iter().position(|scenario| scenario.name == text) {
                Some(at) => Target::Scenario(at),
                None => match Decimal::from_str_exact(text.trim_start_matches('$')).ok().and_then(round_cents) {
                    Some(amount) => Target::Amount(amount),
                    None => {
                        let error = section.error(format!(
                            "target: found \"{text}\", expected \"baseline\", the name of a scenario, or dollars"
                        ));
                        let names = scenarios.iter().map(|scenario| (scenario.name.as_str(), ()));
                        return Err(match closest(text, names.chain([(BASELINE, ())])) {
                            Some((meant, ())) => error.help(format!("did you mean \"{meant}\"?")),
                            None => error,
                        });
                    }
                },
            },
        };
        section.finish()?;
        Ok(BreakEven { lines, target, year, denial, percent, spot })
    }

    fn tornado(&self, mut section: Section<'_, '_>) -> Result<Tornado> {
        let default = Tornado::default();
        let lines = self.lines(&mut section)?;
        let by = section.choice(
            "by",
            &[("payer", TornadoBy::Payer), ("code", TornadoBy::Code), ("payer-code", TornadoBy::PayerCode)],
        )?;
        let mut size = |key: &'static str, default: Rate| -> Result<Rate> {
            let at = section.at(key);
            let size = section.decimal(key)?.unwrap_or(default);
            if size > Decimal::ONE_HUNDRED {
                return Err(section.error_at(at, format!("{key}: found {size}, expected a percentage from 0 to 100")));
            }
            Ok(size)
        };
        let all = size("change", default.rate)?;
        let (rate, volume) = (size("rate", all)?, size("volume", all)?);
        let (denial, factor) = (size("denial", all)?, size("conversion_factor", all)?);
        section.finish()?;
        Ok(Tornado { lines, by: by.unwrap_or(default.by), rate, volume, denial, factor })
    }
}

/// 140 % as 1.40.
fn share(percent: Decimal) -> Rate {
    (percent / Decimal::ONE_HUNDRED).normalize()
}

/// `"+5"`, `"-25"`, `"10%"` as a factor; from −100 (nothing is left) to 1,000.
fn change(section: &mut Section<'_, '_>, key: &'static str) -> Result<Option<Rate>> {
    let at = section.at(key);
    let Some(text) = section.number_text(key)? else { return Ok(None) };
    let number = percent(&text).filter(|p| *p >= -Decimal::ONE_HUNDRED && *p <= Decimal::ONE_THOUSAND);
    match number {
        Some(number) => Ok(Some((Decimal::ONE + number / Decimal::ONE_HUNDRED).normalize())),
        None => Err(section.error_at(
            at,
            format!(
                "{key}: found \"{text}\", expected a change in percent from -100 to 1000, such as \"+5\" or \"-2.5\""
            ),
        )),
    }
}

/// A number with its sign and perhaps a percent sign.
fn percent(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text.trim().trim_end_matches('%').trim().trim_start_matches('+')).ok()
}

/// A share from 0 to 100 %, as a factor.
fn at_most_all(section: &mut Section<'_, '_>, key: &'static str) -> Result<Option<Rate>> {
    let at = section.at(key);
    let Some(percent) = section.decimal(key)? else { return Ok(None) };
    if percent > Decimal::ONE_HUNDRED {
        return Err(section.error_at(at, format!("{key}: found {percent}, expected a percentage from 0 to 100")));
    }
    Ok(Some(share(percent)))
}

/// `year = "2026"` or `year = "current"`; `None` where it is not given.
fn year(section: &mut Section<'_, '_>) -> Result<Option<YearRule>> {
    let at = section.at("year");
    let Some(text) = section.number_text("year")? else { return Ok(None) };
    match text.trim() {
        "current" => Ok(Some(YearRule::Current)),
        text => match text.parse::<i32>() {
            Ok(year) if (2000..2100).contains(&year) => Ok(Some(YearRule::Fixed(year))),
            _ => Err(section
                .error_at(at, format!("year: found \"{text}\", expected \"current\" or a year, such as \"2026\""))),
        },
    }
}

/// `["100", "110"]` or `{ from = "100", to = "160", step = "10" }`, in order, each once.
fn steps(section: &mut Section<'_, '_>, key: &'static str, most: usize) -> Result<Option<Vec<Rate>>> {
    let mut out: Vec<Rate> = Vec::new();
    if section.is_table(key) {
        let Some(mut range) = section.section(key)? else { return Ok(None) };
        let mut number = |name: &'static str| -> Result<Decimal> {
            let text = range.number_text(name)?.ok_or_else(|| range.error(format!("lacks `{name}`")))?;
            let number = percent(&text).filter(|n| n.abs() <= Decimal::from(10_000));
            number.ok_or_else(|| range.error(format!("{name}: found \"{text}\", expected a percentage")))
        };
        let (from, to, step) = (number("from")?, number("to")?, number("step")?);
        if step <= Decimal::ZERO || to < from {
            return Err(range.error("expected `from` up to `to` by a `step` above 0"));
        }
        let mut at = from;
        while at <= to && out.len() <= most {
            out.push(at.normalize());
            at += step;
        }
        range.finish()?;
    } else {
        let texts = section.number_texts(key)?;
        if texts.is_empty() {
            return Ok(None);
        }
        for (text, offset) in texts {
            let number = percent(&text).filter(|n| n.abs() <= Decimal::from(10_000)).ok_or_else(|| {
                section.error_at(offset, format!("{key}: found \"{text}\", expected a percentage, such as \"140\""))
            })?;
            out.push(number.normalize());
        }
        out.sort();
        out.dedup();
    }
    if out.len() > most {
        return Err(section.error(format!("{key}: more than {most} steps cannot be read in one grid")));
    }
    Ok(Some(out))
}
