//! `allowable facts`: statements on 96372 in circulation beside the figures, the four injection codes by payer type, and what
//! the patient owes. Prints what `facts` found.

mod text;

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::cli::inputs::{Loaded, ProjectArgs};
use crate::domain::{Area, Code, Date, Locality, Money, State, Unreadable, Zip, parse_iso_date, round_cents};
use crate::facts::{
    Answer, Claim, Compared, Grounds, INJECTIONS, Question, Service, Share, Topic, Verdict, Where, YearRates, check,
    claims, compare, medicare_by_year, place, shares, tally, topics,
};
use crate::finding::{Error, Result};
use crate::price::Pricer;
use crate::project::PracticePlace;
use crate::{render, report};

/// Arguments of `allowable facts`.
#[derive(Debug, Args)]
pub(crate) struct FactsArgs {
    /// Hold the statements against this year; without one, the last that Medicare's schedule covers
    #[arg(long, value_name = "YEAR", conflicts_with = "date")]
    year: Option<i32>,
    /// Only statements on this code, and its comparison and patient's share
    #[arg(long, value_parser = read::<Code>)]
    code: Option<Code>,
    /// Only statements on this topic (rates, modifiers, places …)
    #[arg(long)]
    topic: Option<String>,
    /// Only this part
    #[arg(long, value_enum)]
    part: Option<Part>,
    /// ZIP code of the place of service; without a place, the nation before local indices
    #[arg(long, value_parser = read::<Zip>, conflicts_with_all = ["locality", "state"])]
    zip: Option<Zip>,
    /// Medicare locality, such as 15202-00
    #[arg(long, value_parser = read::<Locality>, conflicts_with = "state")]
    locality: Option<Locality>,
    /// State of service
    #[arg(long, value_parser = read::<State>)]
    state: Option<State>,
    /// Day of service, such as 2024-05-06
    #[arg(long, value_name = "DAY", value_parser = parse_iso_date)]
    date: Option<Date>,
    /// Flat copay of a plan, dollars
    #[arg(long, default_value = "20", value_parser = dollars)]
    copay: Money,
    /// Coinsurance of a plan, percent
    #[arg(long, default_value = "20", value_parser = percent)]
    coinsurance: Decimal,
    /// What is left of the deductible, dollars
    #[arg(long, default_value = "0", value_name = "DOLLARS", value_parser = dollars)]
    deductible_left: Money,
    /// What a plan allows for the injection, dollars, when its contract is not loaded
    #[arg(long, value_name = "DOLLARS", value_parser = dollars)]
    allowed: Option<Money>,
    /// Payer of the project that stands for commercial plans; without one, the contract with the middle rate
    #[arg(long)]
    payer: Option<String>,
    /// Drug given on the same day, one billing unit
    #[arg(long, default_value = "J3420", value_parser = read::<Code>)]
    drug: Code,
    /// Visit on the same day
    #[arg(long, default_value = "99213", value_parser = read::<Code>)]
    visit: Code,
    #[command(flatten)]
    project: ProjectArgs,
    /// Output format; CSV holds one part, the statements when none is named
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Statements with their verdicts
    Claims,
    /// 96372 to 96375 by payer type
    Comparison,
    /// What the patient owes
    Patient,
    /// Where each subject of a billing guide stands in this program
    Topics,
}

/// How to print it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For spreadsheets
    Csv,
    /// For programs
    Json,
}

/// Reads a value of the domain from the command line.
fn read<T: std::str::FromStr<Err = Unreadable>>(text: &str) -> std::result::Result<T, Unreadable> {
    text.parse()
}

fn dollars(text: &str) -> std::result::Result<Money, Unreadable> {
    const EXPECTED: Unreadable = Unreadable { expected: "dollars, such as 20 or 12.50" };
    let amount = Decimal::from_str_exact(text.trim()).map_err(|_| EXPECTED)?.normalize();
    let plain = !amount.is_sign_negative() && amount.scale() <= 2 && amount < Decimal::from(1_000_000_000);
    round_cents(amount).filter(|_| plain).ok_or(EXPECTED)
}

/// A percentage as a fraction.
fn percent(text: &str) -> std::result::Result<Decimal, Unreadable> {
    const EXPECTED: Unreadable = Unreadable { expected: "a percentage from 0 to 100, such as 20" };
    let percent = Decimal::from_str_exact(text.trim().trim_end_matches('%')).map_err(|_| EXPECTED)?;
    let within = !percent.is_sign_negative() && percent <= Decimal::ONE_HUNDRED;
    percent.checked_div(Decimal::ONE_HUNDRED).filter(|_| within).map(|fraction| fraction.normalize()).ok_or(EXPECTED)
}

/// A statement with its verdict.
#[derive(Debug, Serialize)]
struct Judged<'a> {
    id: &'a str,
    topic: &'a str,
    code: String,
    payers: &'a str,
    statement: &'a str,
    #[serde(flatten)]
    answer: Answer,
    stands_in: String,
}

/// Everything that is printed; a part that was not asked for is left out.
#[derive(Debug, Serialize)]
struct Facts<'a> {
    year: i32,
    date: String,
    place: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdicts: Option<Vec<(Verdict, usize)>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<Vec<Judged<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<Vec<Compared>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    medicare_by_year: Option<Vec<YearRates>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines_of_the_day: Option<Vec<Service>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<Vec<Share>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topics: Option<Vec<Topic>>,
}

pub(crate) fn run(args: &FactsArgs) -> Result<ExitCode> {
    let loaded = Loaded::open(&args.project)?;
    let reference = &loaded.reference;
    // The invented contracts of the embedded demo have no place beside real figures.
    let payers = if loaded.is_demo { &[][..] } else { &loaded.project.payers[..] };
    let day = day(args, &loaded)?;
    let area = area(args, &loaded, day)?;
    let grounds = Grounds::new(reference, payers, loaded.project.synthetic && !loaded.is_demo, day, area)?;
    let question = question(args, &loaded)?;
    let all_claims = claims()?;
    let chosen = choose(args, &all_claims)?;
    if args.format == Format::Csv {
        return csv(args, &grounds, &question, &chosen);
    }
    let wants = |part: Part| args.part.is_none_or(|only| only == part);
    let judged = || chosen.iter().map(|claim| judge(&grounds, claim)).collect::<Vec<_>>();
    let judged = wants(Part::Claims).then(judged);
    let injections: Vec<Code> = INJECTIONS.iter().filter_map(|code| code.parse().ok()).collect();
    let codes: Vec<Code> =
        injections.iter().copied().filter(|code| args.code.is_none_or(|only| only == *code)).collect();
    let of_topics = wants(Part::Topics).then(topics).transpose()?;
    let injection = codes.first().or(injections.first());
    let patient = injection.filter(|_| wants(Part::Patient)).map(|code| shares(&grounds, *code, &question));
    let (lines, shares) = patient.map_or((None, None), |(lines, shares)| (Some(lines), Some(shares)));
    let compares = wants(Part::Comparison) && !codes.is_empty();
    let facts = Facts {
        year: grounds.year(),
        date: day.to_string(),
        place: place(reference, area, day),
        verdicts: judged.as_ref().map(|judged| tally(judged.iter().map(|judged| &judged.answer)).to_vec()),
        claims: judged,
        comparison: compares.then(|| compare(&grounds, &codes)),
        medicare_by_year: compares.then(|| medicare_by_year(&grounds, &codes)),
        lines_of_the_day: lines,
        patient: shares,
        topics: of_topics.map(|topics| {
            let wanted = |topic: &Topic| args.topic.as_ref().is_none_or(|only| *only == topic.topic);
            topics.into_iter().filter(wanted).collect()
        }),
    };
    let out = match args.format {
        Format::Json => super::json(&facts)?,
        Format::Text | Format::Csv => text::text(&facts),
    };
    super::print_out(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// The day the figures are taken for.
fn day(args: &FactsArgs, loaded: &Loaded) -> Result<Date> {
    if let Some(day) = args.date {
        return Ok(day);
    }
    let last = Grounds::last_year(&loaded.reference);
    let year = args.year.or(last).unwrap_or_default();
    Grounds::day_of_year(&loaded.reference, year).ok_or_else(|| {
        let first = loaded.reference.medicare.releases().first().map(|period| period.from().format("%Y").to_string());
        Error::usage(format!("no Medicare schedule covers the year {year}")).help(format!(
            "there are the years {} to {}",
            first.unwrap_or_default(),
            last.unwrap_or_default()
        ))
    })
}

/// The place the figures are taken for: of the arguments, or the project's.
fn area(args: &FactsArgs, loaded: &Loaded, day: Date) -> Result<Area> {
    let (mut zip, mut locality, mut state) = (args.zip, args.locality, args.state);
    if zip.is_none() && locality.is_none() && state.is_none() && !loaded.is_demo {
        match loaded.project.place {
            Some(PracticePlace::Zip(place)) => zip = Some(place),
            Some(PracticePlace::Locality(place)) => locality = Some(place),
            Some(PracticePlace::State(place)) => state = Some(place),
            None => {}
        }
    }
    let pricer = Pricer::new(&loaded.reference, &[]);
    let (area, fallback) = pricer.area(day, locality, zip, state);
    if let Some(code) = fallback {
        super::say(&format!("warning[{code}]: {}", code.meaning()));
    }
    let medicare = &loaded.reference.medicare;
    let unknown = match area {
        Area::Nowhere => locality.map(|l| l.to_string()).or_else(|| zip.map(|z| z.to_string())),
        Area::State(state) => medicare.localities_of(state, day).is_empty().then(|| state.to_string()),
        Area::Locality(locality, _) => medicare.gpci(locality, day).is_none().then(|| locality.to_string()),
    };
    match unknown {
        Some(place) => Err(Error::usage(format!("Medicare has no locality for {place} on {day}"))
            .help("`allowable rates --code 96372` lists all localities")),
        None => Ok(area),
    }
}

fn question(args: &FactsArgs, loaded: &Loaded) -> Result<Question> {
    let payer = match args.payer.as_deref() {
        Some(name) => {
            let known = loaded.project.payer(name).filter(|_| !loaded.is_demo);
            let payer = known.ok_or_else(|| {
                Error::usage(format!("no payer \"{name}\" in the project")).help("payers stand in allowable.toml")
            })?;
            Some(payer.id.to_string())
        }
        None => None,
    };
    Ok(Question {
        drug: Some(args.drug),
        visit: Some(args.visit),
        copay: args.copay,
        coinsurance: args.coinsurance,
        deductible_left: args.deductible_left,
        allowed: args.allowed,
        payer,
    })
}

/// The statements on the code and topic that are asked for.
fn choose<'a>(args: &FactsArgs, claims: &'a [Claim]) -> Result<Vec<&'a Claim>> {
    if let Some(topic) = &args.topic {
        let mut known: Vec<String> = topics()?.into_iter().map(|topic| topic.topic).collect();
        known.sort_unstable();
        known.dedup();
        if !known.contains(topic) {
            return Err(Error::usage(format!("no topic \"{topic}\"")).help(format!("there are {}", known.join(", "))));
        }
    }
    if let Some(code) = args.code.filter(|code| claims.iter().all(|claim| claim.code != *code)) {
        let mut known: Vec<String> = claims.iter().map(|claim| claim.code.to_string()).collect();
        known.sort_unstable();
        known.dedup();
        return Err(
            Error::usage(format!("no statement on {code}")).help(format!("there are some on {}", known.join(", ")))
        );
    }
    let wanted = |claim: &&Claim| {
        args.code.is_none_or(|code| claim.code == code) && args.topic.as_ref().is_none_or(|topic| claim.topic == *topic)
    };
    Ok(claims.iter().filter(wanted).collect())
}

fn judge<'a>(grounds: &Grounds<'_>, claim: &'a Claim) -> Judged<'a> {
    Judged {
        id: &claim.id,
        topic: &claim.topic,
        code: claim.code.to_string(),
        payers: &claim.payers,
        statement: &claim.text,
        answer: check(grounds, claim),
        stands_in: claim.row.to_string(),
    }
}

/// One part as CSV, in the layout of the report's tables.
fn csv(args: &FactsArgs, grounds: &Grounds<'_>, question: &Question, chosen: &[&Claim]) -> Result<ExitCode> {
    let injections = INJECTIONS.iter().filter_map(|code| code.parse().ok());
    let codes: Vec<Code> = injections.filter(|code| args.code.is_none_or(|only| only == *code)).collect();
    let section = match args.part.unwrap_or(Part::Claims) {
        Part::Claims => Some(report::statements_section(grounds, chosen)),
        Part::Comparison => report::comparison_section(grounds, &codes),
        Part::Patient => codes.first().map(|code| report::patient_section(grounds, *code, question)),
        Part::Topics => Some(topics_section(args)?),
    };
    let Some(section) = section else {
        return Err(
            Error::usage("there is no such table for this code").help("the codes are 96372, 96373, 96374 and 96375")
        );
    };
    super::print_out(&String::from_utf8_lossy(&render::table_csv(&section.table, section.kind)?))?;
    Ok(ExitCode::SUCCESS)
}

fn topics_section(args: &FactsArgs) -> Result<report::Section> {
    let column = |name: &str, header: &str| report::Column::new(name, header, report::ColumnKind::Text);
    let wanted = |topic: &Topic| args.topic.as_ref().is_none_or(|only| *only == topic.topic);
    let rows = topics()?.into_iter().filter(wanted).map(|topic| {
        let (kind, place) = match topic.place {
            Where::Command(line) => ("command", line),
            Where::Section(name) => ("section", name),
        };
        vec![topic.topic.into(), topic.subject.into(), kind.into(), place.into()]
    });
    Ok(report::Section {
        id: "topics".to_owned(),
        title: "Where each subject stands".to_owned(),
        lead: String::new(),
        kind: report::DataKind::Own,
        chart: None,
        table: report::Table {
            columns: vec![
                column("topic", "Topic"),
                column("subject", "Subject"),
                column("kind", "Kind"),
                column("where", "Where"),
            ],
            rows: rows.collect(),
            total: None,
        },
        notes: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_command_that_a_topic_names_can_be_typed() {
        for topic in topics().unwrap() {
            if let Where::Command(line) = topic.place {
                let typed = Cli::try_parse_from(line.split_whitespace());
                assert!(typed.is_ok(), "{line}: {}", typed.unwrap_err());
            }
        }
    }

    #[test]
    fn amounts_and_percentages_of_the_command_line() {
        assert_eq!(dollars("12.5"), Ok(Money::from_cents(1250)));
        for bad in ["-1", "1.005", "x", "", "1e9", "99999999999999999999"] {
            assert!(dollars(bad).is_err(), "{bad}");
        }
        assert_eq!(percent("20%"), Ok(Decimal::new(2, 1)));
        for bad in ["-1", "101", "x"] {
            assert!(percent(bad).is_err(), "{bad}");
        }
    }
}
