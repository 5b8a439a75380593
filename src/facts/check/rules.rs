//! Checks of coding rules: what falls beside what, units, modifiers, who bills, which drugs and denial reasons there are.

use rust_decimal::Decimal;

use crate::domain::{Code, Payer, round_cents};
use crate::facts::grounds::Grounds;
use crate::facts::verdict::{Answer, Ground, Verdict};
use crate::facts::words::{dollars, list, number};
use crate::reference::{DenialCategory, Indicator, Pair};

use super::missing;

/// The edition that stands for all days.
const EDITION: &str = "NCCI edition of 2024-07-01";
/// Its file.
const PAIRS: &str = "datasets/ncci/ptp.csv";

/// `with a modifier`, `never`.
const fn words(indicator: Indicator) -> &'static str {
    match indicator {
        Indicator::Never => "never, indicator 0",
        Indicator::WithModifier => "unless a modifier separates them, indicator 1",
        Indicator::NotApplicable => "edit not in force, indicator 9",
    }
}

/// Whether the physician schedule sets a fee for the code itself.
pub(super) fn paid_separately(grounds: &Grounds<'_>, code: Code) -> Answer {
    let Some(rvu) = grounds.reference().medicare.rvu(code, grounds.day()) else {
        return missing(format!("{code} is not in the schedule"));
    };
    let verdict = if rvu.payable_in(false) { Verdict::Agrees } else { Verdict::Disagrees };
    let status = rvu.status.map_or_else(|| "no status told".to_owned(), |status| format!("status {status}"));
    let fee = grounds.reference().medicare.national_fee(code, grounds.day(), false);
    let fee = fee.map_or_else(String::new, |(fee, _)| format!(", {} before local indices", fee.pretty()));
    let found = format!("{status} in {}{fee}", rvu.release);
    Answer::published(verdict, found).right("not paid for itself").cited([&rvu.row])
}

/// Whether drugs are paid beside the injection: no edit between them, a limit of their own, no fee in the physician schedule.
pub(super) fn drug_apart(grounds: &Grounds<'_>, code: Code, drugs: &[Code]) -> Answer {
    let reference = grounds.reference();
    let apart = |drug: &Code| {
        let no_fee = reference.medicare.rvu(*drug, grounds.day()).is_none_or(|rvu| !rvu.has_fee());
        no_fee && reference.edits.pair(code, *drug).is_none()
    };
    let limits: Vec<_> = drugs.iter().filter_map(|drug| Some((drug, grounds.drug(*drug)?))).collect();
    let holding = drugs.iter().filter(|drug| apart(drug)).count();
    let verdict = Verdict::of_counts(holding, drugs.len() - holding);
    let priced: Vec<String> = limits
        .iter()
        .map(|(drug, asp)| {
            format!("{drug} {} per {} (quarter of {})", dollars(asp.limit), asp.dosage, asp.period.from())
        })
        .collect();
    let limits_said =
        if priced.is_empty() { "no drug limits of the year are in the data".to_owned() } else { list(&priced) };
    let found = format!("no edit of the {EDITION} between {code} and the drug; limits: {limits_said}");
    Answer::published(verdict, found)
        .right("an edit stands between them")
        .cited(limits.iter().map(|(_, asp)| &asp.row))
        .or_no_row_of(PAIRS)
}

/// Whether the drug code has a limit with this billing unit. The name of the drug is not in the tables.
pub(super) fn drug(grounds: &Grounds<'_>, code: Code, unit: &str) -> Answer {
    let Some(asp) = grounds.drug(code) else {
        return missing(format!("no drug limit of {code} for {} in the data", grounds.year()));
    };
    let verdict = if asp.dosage.eq_ignore_ascii_case(unit) { Verdict::Agrees } else { Verdict::Disagrees };
    let found = format!("Medicare limit {} per {} (quarter of {})", dollars(asp.limit), asp.dosage, asp.period.from());
    Answer::published(verdict, found).right(format!("its billing unit is {}", asp.dosage)).cited([&asp.row])
}

/// Whether a use has codes of its own beside which this code falls.
pub(super) fn own_code(grounds: &Grounds<'_>, code: Code, others: &[Code], all: bool) -> Answer {
    let edits = &grounds.reference().edits;
    let pairs: Vec<&Pair> =
        others.iter().filter_map(|other| edits.pair(*other, code).filter(|pair| pair.column2 == code)).collect();
    let verdict = match (pairs.is_empty(), all && pairs.len() == others.len()) {
        (true, _) => Verdict::Agrees,
        (false, true) => Verdict::Disagrees,
        (false, false) => Verdict::AgreesInPart,
    };
    let parts: Vec<String> = pairs.iter().map(|pair| pair.column1.to_string()).collect();
    let found = match pairs.first() {
        None => format!(
            "no edit of the {EDITION} with {}",
            list(&others.iter().map(ToString::to_string).collect::<Vec<_>>())
        ),
        Some(pair) => format!("{EDITION}: {code} falls beside {} ({})", list(&parts), words(pair.indicator)),
    };
    let right = match (all, parts.len()) {
        (false, _) => format!("a part of them belongs to {}", list(&parts)),
        (true, 1) => format!("{} is the code for it", list(&parts)),
        (true, _) => format!("{} are the codes for it", list(&parts)),
    };
    Answer::published(verdict, found).right(right).cited(pairs.iter().map(|pair| &pair.row)).or_no_row_of(PAIRS)
}

/// Whether vaccines have codes of their own in a range, and only there.
pub(super) fn vaccines(grounds: &Grounds<'_>, code: Code, (first, last): (Code, Code), also: Code) -> Answer {
    let reference = grounds.reference();
    let known = reference.medicare.codes();
    let inside: Vec<_> = known
        .iter()
        .filter(|code| (first..=last).contains(code))
        .filter_map(|code| Some((*code, reference.medicare.national_fee(*code, grounds.day(), false)?)))
        .collect();
    if inside.is_empty() {
        return missing(format!("no code from {first} to {last} is in the data"));
    }
    let outside = reference.edits.mue_row(also).filter(|_| !(first..=last).contains(&also));
    let verdict = if outside.is_some() { Verdict::AgreesInPart } else { Verdict::Agrees };
    let fees: Vec<String> = inside.iter().map(|(code, (fee, _))| format!("{code} {}", fee.pretty())).collect();
    let pair = inside.iter().find_map(|(other, _)| reference.edits.pair(*other, code).filter(|p| p.column2 == code));
    let falls = pair.map_or_else(String::new, |pair| format!("; {code} falls beside {}", pair.column1));
    let found = format!("Medicare {}: {} before local indices{falls}", grounds.year(), list(&fees));
    let rows = inside.iter().flat_map(|(_, (_, rows))| rows.iter().copied().take(1));
    Answer::published(verdict, found)
        .right(format!("right that they are not 96372; but not all codes lie in the range: Medicare's own ({also} and its kin) do not"))
        .cited(rows.chain(pair.map(|pair| &pair.row)).chain(outside.map(|mue| &mue.row)))
}

/// Beside how many codes (of a range) this one falls.
pub(super) fn falls_beside(grounds: &Grounds<'_>, code: Code, range: Option<(Code, Code)>) -> Answer {
    let within = |pair: &&&Pair| {
        let plain = pair.column1.as_str().bytes().all(|b| b.is_ascii_digit());
        range.is_none_or(|(from, to)| plain && (from..=to).contains(&pair.column1))
    };
    let pairs = grounds.reference().edits.falls_beside(code);
    let pairs: Vec<&Pair> = pairs.iter().filter(within).copied().collect();
    let count = |indicator| pairs.iter().filter(|pair| pair.indicator == indicator).count() as u64;
    let verdict = if pairs.is_empty() { Verdict::Disagrees } else { Verdict::Agrees };
    let among = range.map_or_else(String::new, |(from, to)| format!(" from {from} to {to}"));
    let found = format!(
        "{EDITION}: {code} falls beside {} codes{among}, {} of them unless a modifier separates them, {} always",
        number(pairs.len() as u64),
        number(count(Indicator::WithModifier)),
        number(count(Indicator::Never))
    );
    let ends = [pairs.first(), pairs.last()].into_iter().flatten().map(|pair| &pair.row);
    Answer::published(verdict, found).right("it falls beside none of them").cited(ends).or_no_row_of(PAIRS)
}

/// Whether more than one unit a day is likely; whether another code adds to this one.
pub(super) fn units(grounds: &Grounds<'_>, code: Code, or: Option<Code>) -> Answer {
    let Some(mue) = grounds.reference().edits.mue_row(code) else { return missing(format!("no unit limit of {code}")) };
    let several = if mue.units > 1 { Verdict::Agrees } else { Verdict::Disagrees };
    let mut rows = vec![&mue.row];
    let adds = or.and_then(|or| grounds.reference().medicare.rvu(or, grounds.day())).filter(|rvu| rvu.add_on);
    let verdict = if adds.is_some() { Verdict::over([several, Verdict::Disagrees]) } else { several };
    rows.extend(adds.map(|rvu| &rvu.row));
    let limit = match mue.mai {
        1 => "units a line",
        2 => "units a day, absolute (MAI 2)",
        _ => "units a day; more only on appeal with records (MAI 3)",
    };
    let found = format!("most likely units: {} {limit}", mue.units);
    let right = match or {
        Some(or) if adds.is_some() => {
            format!("{or} adds to an intravenous service, never to {code}: only units are right")
        }
        _ => "one unit a day".to_owned(),
    };
    Answer::published(verdict, found).right(right).cited(rows)
}

/// Whether one unit a day is the most.
pub(super) fn one_a_day(grounds: &Grounds<'_>, code: Code) -> Answer {
    let Some(mue) = grounds.reference().edits.mue_row(code) else { return missing(format!("no unit limit of {code}")) };
    let verdict = if mue.units == 1 { Verdict::Agrees } else { Verdict::Disagrees };
    let found = format!("most likely units: {} a day (MAI {}): one first push a day", mue.units, mue.mai);
    Answer::published(verdict, found).right(format!("up to {} a day", mue.units)).cited([&mue.row])
}

/// Whether the code is an add-on.
pub(super) fn add_on(grounds: &Grounds<'_>, code: Code) -> Answer {
    let Some(rvu) = grounds.reference().medicare.rvu(code, grounds.day()).filter(|rvu| rvu.status.is_some()) else {
        return missing("the releases of the year do not tell");
    };
    let verdict = if rvu.add_on { Verdict::Agrees } else { Verdict::Disagrees };
    let period = if rvu.add_on { "ZZZ (add-on)" } else { "not ZZZ" };
    let found = format!("global period of {code} in {}: {period}", rvu.release);
    Answer::published(verdict, found).right("not an add-on").cited([&rvu.row])
}

/// Whether practitioners with an NPI of their own are paid for it, and how much.
pub(super) fn own_npi(grounds: &Grounds<'_>, code: Code) -> Answer {
    let Some((fee, rows)) = grounds.reference().medicare.national_fee(code, grounds.day(), false) else {
        return missing(format!("Medicare sets no fee for {code}"));
    };
    let factor = Payer::medicare().npp_factor;
    let reduced = factor.and_then(|factor| Some((factor, round_cents(fee.dollars().checked_mul(factor)?)?)));
    let under = reduced.map_or_else(String::new, |(factor, reduced)| {
        let percent = (factor * Decimal::ONE_HUNDRED).normalize();
        format!("; under a nurse practitioner's or assistant's own NPI {percent}%: {}", reduced.pretty())
    });
    let found =
        format!("Medicare {}: {} before local indices under a physician's NPI{under}", grounds.year(), fee.pretty());
    Answer::published(Verdict::Agrees, found).cited(rows)
}

/// Whether staff may bill it: an incident-to service is given by them and billed by the supervising practitioner.
pub(super) fn incident_to(grounds: &Grounds<'_>, code: Code) -> Answer {
    let Some(rvu) = grounds.reference().medicare.rvu(code, grounds.day()) else {
        return missing(format!("{code} is not in the schedule"));
    };
    let verdict = if rvu.incident_to { Verdict::Disagrees } else { Verdict::NotComparable };
    let found = format!(
        "PC/TC indicator of {code} in {}: {}",
        rvu.release,
        if rvu.incident_to { "5, incident to a physician's service" } else { "not 5" }
    );
    Answer::published(verdict, found)
        .right("they may give it; the supervising practitioner bills it under his or her own NPI")
        .cited([&rvu.row])
}

/// The edits between a code and the office visits.
fn visits<'a>(grounds: &Grounds<'a>, code: Code) -> Vec<(Code, &'a Pair)> {
    let all = ["99202", "99203", "99204", "99205", "99211", "99212", "99213", "99214", "99215"];
    let codes = all.iter().filter_map(|text| text.parse::<Code>().ok());
    codes.filter_map(|visit| Some((visit, grounds.reference().edits.pair(code, visit)?))).collect()
}

/// On which line modifiers belong: 25 on a visit that falls, 59 on the injection where that falls.
pub(super) fn modifier(grounds: &Grounds<'_>, code: Code, modifiers: &[String], on_injection: bool) -> Answer {
    let visits = visits(grounds, code);
    let falls = grounds.reference().edits.falls_beside(code);
    let by_modifier =
        || visits.iter().filter(|(visit, pair)| pair.column2 == *visit && pair.indicator == Indicator::WithModifier);
    // The visit of middling length is the one that readers know best.
    let visit = by_modifier().find(|(visit, _)| visit.as_str() == "99213").or_else(|| by_modifier().next());
    let own = falls.iter().filter(|pair| pair.indicator == Indicator::WithModifier).count();
    let right_place = |modifier: &str| match modifier {
        // 25 is a modifier of visits.
        "25" => !on_injection && visit.is_some(),
        _ => on_injection && own > 0,
    };
    let holding = modifiers.iter().filter(|modifier| right_place(modifier)).count();
    let verdict = Verdict::of_counts(holding, modifiers.len() - holding);
    let mut said = Vec::new();
    if let Some((visit, _)) = visit.filter(|_| modifiers.iter().any(|modifier| modifier == "25")) {
        said.push(format!("beside {visit} it is {visit} that falls unless it carries 25"));
    }
    if modifiers.iter().any(|modifier| modifier != "25") {
        let own = number(own as u64);
        said.push(format!("beside {own} other codes {code} falls unless it carries 59 or X{{EPSU}}"));
    }
    let found = format!("{EDITION}: {}", said.join("; "));
    let mut right = Vec::new();
    if modifiers.iter().any(|modifier| modifier == "25") && on_injection {
        right.push(format!("25 never goes on {code}: it goes on the visit"));
    }
    if modifiers.iter().any(|modifier| modifier != "25") && !on_injection {
        right.push(format!("59 goes on {code}, not on the visit"));
    }
    let on_visit = visit.filter(|_| modifiers.iter().any(|modifier| modifier == "25")).map(|(_, pair)| &pair.row);
    let on_own = falls.first().filter(|_| modifiers.iter().any(|modifier| modifier != "25")).map(|pair| &pair.row);
    Answer::published(verdict, found).right(right.join("; ")).cited(on_visit.into_iter().chain(on_own))
}

/// Whether a visit may be billed beside the injection, and on what condition.
pub(super) fn visit(grounds: &Grounds<'_>, code: Code, unrelated: bool) -> Answer {
    let visits = visits(grounds, code);
    let of =
        |indicator| visits.iter().filter(move |(visit, pair)| pair.column2 == *visit && pair.indicator == indicator);
    let (with, never) = (of(Indicator::WithModifier).count(), of(Indicator::Never).count());
    let names = |indicator| list(&of(indicator).map(|(visit, _)| visit.to_string()).collect::<Vec<_>>());
    let verdict = match (unrelated, with) {
        (true, 0) => Verdict::NotComparable,
        (true, _) => Verdict::Disagrees,
        (false, _) => Verdict::of_counts(with, never),
    };
    let found = format!(
        "{EDITION}: beside {code} a modifier separates {}; never {}",
        names(Indicator::WithModifier),
        if never == 0 { "none".to_owned() } else { names(Indicator::Never) }
    );
    let right = if unrelated {
        "significant and separately identifiable is enough, with modifier 25 on the visit".to_owned()
    } else {
        format!("with modifier 25 on the visit; {} never", names(Indicator::Never))
    };
    Answer::published(verdict, found).right(right).cited(visits.iter().map(|(_, pair)| &pair.row))
}

/// Whether codes may be billed beside the injection.
pub(super) fn beside(grounds: &Grounds<'_>, code: Code, others: &[Code]) -> Answer {
    let pairs: Vec<(Code, Option<&Pair>)> =
        others.iter().map(|other| (*other, grounds.reference().edits.pair(code, *other))).collect();
    let one = |pair: &Option<&Pair>| match pair.map(|pair| pair.indicator) {
        None | Some(Indicator::NotApplicable) => Verdict::Agrees,
        Some(Indicator::WithModifier) => Verdict::AgreesInPart,
        Some(Indicator::Never) => Verdict::Disagrees,
    };
    let verdict = Verdict::over(pairs.iter().map(|(_, pair)| one(pair)));
    let said = |(other, pair): &(Code, Option<&Pair>)| match pair {
        None => format!("{other} without an edit"),
        Some(pair) => format!("{other}: {} falls ({})", pair.column2, words(pair.indicator)),
    };
    let found = format!("{EDITION}: {}", pairs.iter().map(said).collect::<Vec<_>>().join("; "));
    let falling: Vec<String> =
        pairs.iter().filter(|(_, pair)| pair.is_some()).map(|(other, _)| other.to_string()).collect();
    let right = format!("not all: beside {} one of the two falls", list(&falling));
    Answer::published(verdict, found)
        .right(right)
        .cited(pairs.iter().filter_map(|(_, pair)| pair.map(|p| &p.row)))
        .or_no_row_of(PAIRS)
}

/// Whether payers have reasons for denials of these categories.
pub(super) fn denial_reasons(grounds: &Grounds<'_>, categories: &[DenialCategory]) -> Answer {
    let reasons: Vec<_> =
        categories.iter().map(|category| (*category, grounds.reference().denials.reasons(*category))).collect();
    let known = reasons.iter().filter(|(_, reasons)| !reasons.is_empty()).count();
    let verdict = Verdict::of_counts(known, reasons.len() - known);
    let said = |(category, reasons): &(DenialCategory, Vec<_>)| {
        let label = category.label().to_lowercase().replace("ndc", "NDC");
        let first: Option<&(crate::domain::Carc, Option<crate::domain::Rarc>, _)> = reasons.first();
        let example = first.map_or_else(String::new, |(carc, rarc, _): &(_, _, &crate::reference::Row)| {
            let remark = rarc.map_or_else(String::new, |rarc| format!(" with {rarc}"));
            format!(", as {carc}{remark}")
        });
        format!("{label} {}{example}", reasons.len())
    };
    let found = format!("adjustment codes by category: {}", reasons.iter().map(said).collect::<Vec<_>>().join("; "));
    let rows = reasons.iter().filter_map(|(_, reasons)| reasons.first().map(|(_, _, row)| *row));
    Answer::published(verdict, found).on(Ground::Published).right("some have no code").cited(rows)
}
