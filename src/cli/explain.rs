//! `allowable explain`: the whole sum behind one expected amount, for a line of the claims or for a case given by hand.

use std::fmt::Write;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use crate::cli::inputs::{Loaded, ProjectArgs};
use crate::domain::{
    Code, Date, Locality, Modifiers, Money, Payer, PayerKind, Pos, ServiceLine, State, Units, Zip, parse_iso_date,
};
use crate::finding::{Error, Result};
use crate::payability::{DayLine, Tells, judge_lines, ruled_alone};
use crate::price::{Explanation, Key, Op, Pricer, Step, further_lines};
use crate::reconcile::{adjudicate, link};

use super::report::Format;

/// Arguments of `allowable explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A claim line of the inputs, as CLAIM or CLAIM:LINE
    #[arg(value_name = "CLAIM[:LINE]", required_unless_present = "code", conflicts_with = "code")]
    claim: Option<String>,
    /// Explain this code instead of a claim line
    #[arg(long, requires = "date")]
    code: Option<String>,
    /// Day of service, such as 2024-05-06
    #[arg(long)]
    date: Option<String>,
    /// ZIP code of the place of service
    #[arg(long)]
    zip: Option<String>,
    /// Medicare locality, such as 15202-00
    #[arg(long)]
    locality: Option<String>,
    /// State of service
    #[arg(long)]
    state: Option<String>,
    /// Place of service
    #[arg(long, default_value = "11")]
    pos: String,
    /// Payer of the project (id, name or alias); without one, Medicare
    #[arg(long)]
    payer: Option<String>,
    /// Modifiers, such as 25,59
    #[arg(long, default_value = "")]
    modifiers: String,
    /// Units of service
    #[arg(long, default_value = "1")]
    units: String,
    /// Charge of the line, for terms that depend on it
    #[arg(long)]
    charge: Option<String>,
    #[command(flatten)]
    project: ProjectArgs,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(args: &ExplainArgs) -> Result<ExitCode> {
    let explanations = match &args.claim {
        Some(claim) => of_claim(args, claim)?,
        None => vec![by_hand(args)?],
    };
    let out = match args.format {
        Format::Json => super::json(&explanations)?,
        Format::Text => {
            explanations.iter().map(|e| text(&e.explanation, e.answers.as_deref())).collect::<Vec<_>>().join("\n")
        }
    };
    super::print_out(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// An explanation with, for a claim line, what its answers say.
#[derive(Debug, serde::Serialize)]
struct Explained {
    #[serde(flatten)]
    explanation: Explanation,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<String>,
}

fn of_claim(args: &ExplainArgs, claim: &str) -> Result<Vec<Explained>> {
    let (claim, number) = match claim.rsplit_once(':') {
        Some((claim, line)) if line.parse::<u32>().is_ok() => (claim, line.parse::<u32>().ok()),
        _ => (claim, None),
    };
    let loaded = Loaded::open(&args.project)?;
    let intake = loaded.read()?;
    let names: Vec<String> = intake.files.iter().map(|f| f.name.clone()).collect();
    let pricer = Pricer::new(&loaded.reference, &loaded.project.payers).with_npp_npis(loaded.project.npp_npis.clone());
    // The whole day of the patient takes part: a line may fall because of another one, even of another claim.
    let tells = Tells::of_files(&intake.files, &intake.lines);
    let mine: Vec<_> = intake.lines.iter().filter(|l| *l.claim_id == *claim).collect();
    let of_day = |l: &ServiceLine| {
        mine.iter().any(|m| {
            l.claim_id == m.claim_id
                || (l.patient_key.is_some() && l.patient_key == m.patient_key && l.service_date == m.service_date)
        })
    };
    let day: Vec<ServiceLine> = intake.lines.iter().filter(|l| of_day(l)).cloned().collect();
    let verdicts = judge_lines(&loaded.reference, |id| loaded.project.payer_of_id(id).cloned(), &day, &tells);
    let kept: Vec<u32> = (0u32..).zip(&day).filter(|(_, l)| *l.claim_id == *claim).map(|(i, _)| i).collect();
    let further = further_lines(&pricer, &day, &verdicts.falls);
    let further: Vec<bool> = kept.iter().map(|i| further.get(*i as usize).copied().unwrap_or(false)).collect();
    let verdicts = verdicts.of(&kept);
    let lines: Vec<_> = day.into_iter().filter(|l| *l.claim_id == *claim).collect();
    if lines.is_empty() {
        return Err(Error::usage(format!("no claim {claim} in {}", names.join(", ")))
            .help("give the claim number as it stands in the claim file"));
    }
    let (linked, _) = link(&lines, &intake.remits);
    let mut out = Vec::new();
    for (i, line) in lines.iter().enumerate().filter(|(_, l)| number.is_none_or(|n| n == l.line_number)) {
        let (mut key, area_fallback) = pricer.key(line, verdicts.falls[i]);
        key.further = further[i];
        // Any day of the interval gives the same price; this one is what messages should name.
        key.day = line.service_date;
        let mut priced = pricer.price(&key);
        priced.fallbacks.extend(area_fallback.filter(|_| priced.unit.depends_on_locality()));
        let explanation = Explanation::new(&pricer, &key, &priced, line.service_date, line.units, Some(line.charge));
        let answers: Vec<_> = linked[i].iter().map(|r| &intake.remits[*r as usize]).collect();
        let mut said = format!("claim {} line {}: ", line.claim_id, line.line_number);
        let found =
            adjudicate(&loaded.reference.denials, &answers, pricer.payer(&line.payer).is_some_and(|p| p.sequestration));
        if found.answers == 0 {
            said.push_str("no answer yet");
        } else {
            let _ = write!(
                said,
                "{} in {}: allowed {} = paid {} + patient {} + known reductions {}",
                if found.answers == 1 { "1 answer".to_owned() } else { format!("{} answers", found.answers) },
                found.last_answer.map_or_else(String::new, |d| d.format("%Y-%m").to_string()),
                found.allowed().pretty(),
                found.paid.pretty(),
                found.patient.pretty(),
                found.reductions.pretty()
            );
            if let Some(denial) = found.denial {
                let remark = denial.rarc.map_or_else(String::new, |r| format!(" with {r}"));
                let _ = write!(said, "; denied {}-{}{remark} ({})", denial.group, denial.carc, denial.category.label());
            }
        }
        out.push(Explained { explanation, answers: Some(said) });
    }
    if out.is_empty() {
        return Err(Error::usage(format!("claim {claim} has no line {}", number.unwrap_or_default())));
    }
    Ok(out)
}

fn by_hand(args: &ExplainArgs) -> Result<Explained> {
    let bad =
        |what: &str, text: &str, error: &dyn std::fmt::Display| Error::usage(format!("--{what} \"{text}\": {error}"));
    let code_text = args.code.as_deref().unwrap_or_default();
    let code: Code = code_text.parse().map_err(|e| bad("code", code_text, &e))?;
    let date_text = args.date.as_deref().unwrap_or_default();
    let day: Date = parse_iso_date(date_text).map_err(|e| bad("date", date_text, &e))?;
    let zip = args.zip.as_deref().map(|t| t.parse::<Zip>().map_err(|e| bad("zip", t, &e))).transpose()?;
    let locality =
        args.locality.as_deref().map(|t| t.parse::<Locality>().map_err(|e| bad("locality", t, &e))).transpose()?;
    let state = args.state.as_deref().map(|t| t.parse::<State>().map_err(|e| bad("state", t, &e))).transpose()?;
    let pos: Pos = args.pos.parse().map_err(|e| bad("pos", &args.pos, &e))?;
    let modifiers: Modifiers = args.modifiers.parse().map_err(|e| bad("modifiers", &args.modifiers, &e))?;
    let units = args.units.parse().ok().and_then(Units::from_decimal).ok_or_else(|| {
        Error::usage(format!("--units \"{}\": expected a number with at most three decimals", args.units))
    })?;
    let charge = args.charge.as_deref().map(money).transpose()?;
    let mut loaded = Loaded::open(&args.project)?;
    let payer = match args.payer.as_deref() {
        Some(name) => payer_id(&loaded, name)?,
        None => medicare(&mut loaded)?,
    };
    let pricer = Pricer::new(&loaded.reference, &loaded.project.payers);
    let (area, area_fallback) = pricer.area(day, locality, zip, state);
    // A line by itself: rules about other lines of the day are not asked.
    let line = DayLine { units, ..DayLine::bare(code, modifiers, Some(pos), area.state()) };
    let of_project = loaded.project.payer_of_id(&payer);
    let ruled = of_project.and_then(|payer| ruled_alone(&loaded.reference, payer, day, line));
    let npp = modifiers.has("SA");
    let key = Key { payer, day, area, code, modifiers, pos: Some(pos), npp, further: false, ruled };
    let mut priced = pricer.price(&key);
    priced.fallbacks.extend(area_fallback.filter(|_| priced.unit.depends_on_locality()));
    let explanation = Explanation::new(&pricer, &key, &priced, day, units, charge);
    Ok(Explained { explanation, answers: None })
}

/// The id of the payer of this id, name or alias.
pub(super) fn payer_id(loaded: &Loaded, name: &str) -> Result<Arc<str>> {
    loaded.project.payer(name).map(|p| p.id.clone()).ok_or_else(|| unknown_payer(loaded, name))
}

fn unknown_payer(loaded: &Loaded, name: &str) -> Error {
    let known: Vec<&str> = loaded.project.payers.iter().map(|p| &*p.id).collect();
    let error = Error::usage(format!("no payer \"{name}\" in the project; there are {}", known.join(", ")));
    match loaded.project.payer_like(name) {
        Some(like) => error.help(format!("did you mean {like}?")),
        None => error.help("add the payer to allowable.toml"),
    }
}

/// The project's Medicare, or Medicare by its public rules when the project has none.
fn medicare(loaded: &mut Loaded) -> Result<Arc<str>> {
    if let Some(payer) = loaded.project.payers.iter().find(|p| p.kind == PayerKind::Medicare) {
        return Ok(payer.id.clone());
    }
    let payer = Payer::medicare();
    let id = payer.id.clone();
    loaded.project.add_payer(payer).map_err(Error::config)?;
    Ok(id)
}

fn money(text: &str) -> Result<Money> {
    let parsed = text.parse().ok().and_then(crate::domain::round_cents);
    parsed.ok_or_else(|| Error::usage(format!("--charge \"{text}\": expected an amount such as 45.00")))
}

fn text(explanation: &Explanation, answers: Option<&str>) -> String {
    let e = explanation;
    let mut out = String::new();
    if let Some(answers) = answers {
        let _ = writeln!(out, "{answers}");
    }
    let place = e.locality.as_deref().or(e.state.as_deref()).unwrap_or("place not known");
    let modifiers = if e.modifiers.is_empty() { String::new() } else { format!("-{}", e.modifiers) };
    let _ = writeln!(
        out,
        "{}{modifiers} × {} on {} for {}, place of service {}, {place}",
        e.code,
        e.units,
        e.service_date,
        e.payer_name,
        e.pos.as_deref().unwrap_or("not told")
    );
    let _ = writeln!(out, "  {}", e.rule);
    let width = e.steps.iter().map(|s| s.what.chars().count()).max().unwrap_or(0);
    for step in &e.steps {
        let _ = writeln!(out, "    {:width$}  {}", step.what, sum(step));
    }
    let result = match e.expected {
        Some(amount) => format!("{} ({}, {})", amount.pretty(), e.basis, e.evidence.unwrap_or_default()),
        None => format!("{} ({})", e.outcome.replace('-', " "), e.basis),
    };
    let _ = writeln!(out, "  expected: {result}");
    if let Some(rule) = &e.payability {
        let _ = writeln!(out, "  rule: {} ({}), {}; fix: {}", rule.rule, rule.row, rule.effect, rule.fix);
        if let Some(amount) = rule.would_have_paid {
            let _ = writeln!(out, "  otherwise: {} ({})", amount.pretty(), rule.by);
        }
    }
    for passed in &e.passed_over {
        let _ = writeln!(out, "  passed over: {passed}");
    }
    for assumption in &e.assumptions {
        let _ = writeln!(out, "  assumed: {assumption}");
    }
    out
}

/// A figure as it was read, a result without superfluous zeros: at least two decimals.
fn tidy(value: rust_decimal::Decimal) -> String {
    let value = value.normalize();
    if value.scale() < 2 { format!("{value:.2}") } else { value.to_string() }
}

/// `0.17 (work RVU, datasets/medicare/rvu.csv:12) × 1.000 (…) = 0.17000`.
pub(super) fn sum(step: &Step) -> String {
    let operand = |o: &crate::price::Operand| match &o.source {
        Some(row) => format!("{} ({}, {row})", o.value, o.name),
        None => format!("{} ({})", tidy(o.value), o.name),
    };
    let join = |sign: &str| step.operands.iter().map(operand).collect::<Vec<_>>().join(sign);
    match step.op {
        Op::Take => join(""),
        Op::Multiply => format!("{} = {}", join(" × "), tidy(step.result)),
        Op::Add => format!("{} = {}", join(" + "), tidy(step.result)),
        Op::RoundToCents => {
            let before = step.operands.first().map(|o| o.value).unwrap_or_default();
            format!("{} → {:.2}", tidy(before), step.result)
        }
        Op::Least => format!("least of {} = {}", join(" and "), tidy(step.result)),
        Op::Most => format!("most of {} = {}", join(" and "), tidy(step.result)),
        Op::Divide => format!("{} = {}", join(" ÷ "), tidy(step.result)),
        Op::Mean => format!("mean of {} = {}", join(", "), tidy(step.result)),
    }
}
