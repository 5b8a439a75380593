//! Checks of places of service, by the program's own pricing of each place.

use crate::domain::{Code, Money, Pos};
use crate::facts::claims::PlaceWord;
use crate::facts::grounds::{Grounds, PlacePay};
use crate::facts::verdict::{Answer, Verdict};
use crate::facts::words::{dollars, list};

use super::missing;

/// Every place of service with what it pays the professional.
fn all(grounds: &Grounds<'_>, code: Code) -> Vec<(Pos, PlacePay)> {
    (1..=99).filter_map(Pos::new).map(|pos| (pos, grounds.in_place(code, pos))).collect()
}

/// The distinct amounts that are paid anywhere, from the lowest up, and in how many places nothing is.
fn outcomes(grounds: &Grounds<'_>, code: Code) -> (Vec<(Money, usize)>, usize) {
    let places = all(grounds, code);
    let mut paid: Vec<Money> = places
        .iter()
        .filter_map(|(_, pay)| match pay {
            PlacePay::Pays(fee) => Some(*fee),
            _ => None,
        })
        .collect();
    paid.sort_unstable();
    let counts = paid.chunk_by(|a, b| a == b).map(|same| (same[0], same.len())).collect();
    let never = places.iter().filter(|(_, pay)| matches!(pay, PlacePay::Never(_))).count();
    (counts, never)
}

fn outcomes_said((paid, never): &(Vec<(Money, usize)>, usize)) -> String {
    let paid: Vec<String> = paid.iter().map(|(fee, places)| format!("{} in {places} places", fee.pretty())).collect();
    let paid = if paid.is_empty() { "nothing anywhere".to_owned() } else { list(&paid) };
    format!("Medicare pays the professional {paid}, nothing in {never}")
}

/// Whether the place makes a difference, and which.
pub(super) fn places_matter(grounds: &Grounds<'_>, code: Code) -> Answer {
    let found = outcomes(grounds, code);
    let verdict = match (found.0.len(), found.1) {
        (0, _) => return missing(format!("Medicare pays {code} in no place")),
        (1, 0) => Verdict::Disagrees,
        (1, _) => Verdict::AgreesInPart,
        _ => Verdict::Agrees,
    };
    let said = outcomes_said(&found);
    let rvu = grounds.reference().medicare.rvu(code, grounds.day());
    Answer::published(verdict, said)
        .right("only in one way: it is paid at one fee, or (in facilities, as telehealth) not payable at all")
        .cited(rvu.map(|rvu| &rvu.row))
}

/// What is said of places of service.
pub(super) fn place(grounds: &Grounds<'_>, code: Code, places: &[Pos], word: PlaceWord) -> Answer {
    let Some(office) = Pos::new(11).map(|pos| grounds.in_place(code, pos)) else { return missing("no office") };
    let PlacePay::Pays(office) = office else {
        return missing(format!("Medicare's office rate of {code} is not known"));
    };
    let pays: Vec<(Pos, PlacePay)> = places.iter().map(|pos| (*pos, grounds.in_place(code, *pos))).collect();
    if pays.iter().any(|(_, pay)| *pay == PlacePay::Unknown) {
        return missing("the place is not assigned");
    }
    let verdicts = pays.iter().map(|(pos, pay)| one(grounds, code, *pos, pay, office, word));
    let verdict = Verdict::over(verdicts);
    let mut found: Vec<String> = pays
        .iter()
        .map(|(pos, pay)| match pay {
            PlacePay::Pays(fee) if *fee == office => format!("{pos} pays the office rate, {}", fee.pretty()),
            PlacePay::Pays(fee) => format!("{pos} pays {}, the office {}", fee.pretty(), office.pretty()),
            _ => format!("{pos} pays the professional nothing (the office {})", office.pretty()),
        })
        .collect();
    let mut rows: Vec<String> =
        grounds.reference().medicare.rvu(code, grounds.day()).map(|rvu| rvu.row.to_string()).into_iter().collect();
    if matches!(word, PlaceWord::Packaged | PlaceWord::Lower)
        && let Some((said, row)) = hospital(grounds, code)
    {
        found.push(said);
        rows.push(row);
    }
    if word == PlaceWord::Highest {
        found.push(outcomes_said(&outcomes(grounds, code)));
    }
    if word == PlaceWord::Limited
        && let Some(pair) = home_visit(grounds, code)
    {
        found.push(format!("beside a home visit ({}) the injection falls", pair.0));
        rows.push(pair.1);
    }
    Answer::published(verdict, found.join("; ")).right(right(grounds, code, &pays, office, word)).cited(rows)
}

/// The home visit beside which the injection falls.
fn home_visit(grounds: &Grounds<'_>, code: Code) -> Option<(Code, String)> {
    let visit: Code = "99348".parse().ok()?;
    let pair = grounds.reference().edits.pair(code, visit).filter(|pair| pair.column2 == code)?;
    Some((visit, pair.row.to_string()))
}

/// What the hospital bills instead.
fn hospital(grounds: &Grounds<'_>, code: Code) -> Option<(String, String)> {
    let (opps, year) = grounds.hospital(code)?;
    let packaged = if opps.status == "Q1" { ", packaged with S, T and V services of the day" } else { "" };
    let rate = opps.rate.map_or_else(|| "no rate of its own".to_owned(), dollars);
    let said = format!("the hospital bills {rate} on its own claim (OPPS {year}, status {}{packaged})", opps.status);
    Some((said, opps.row.to_string()))
}

fn one(grounds: &Grounds<'_>, code: Code, pos: Pos, pay: &PlacePay, office: Money, word: PlaceWord) -> Verdict {
    let yes = |holds: bool| if holds { Verdict::Agrees } else { Verdict::Disagrees };
    let paid = match pay {
        PlacePay::Pays(fee) => Some(*fee),
        PlacePay::Never(_) | PlacePay::Unknown => None,
    };
    match word {
        PlaceWord::Highest => {
            let highest = outcomes(grounds, code).0.last().map(|(fee, _)| *fee);
            yes(paid.is_some() && paid == highest)
        }
        PlaceWord::Moderate => yes(paid.is_some_and(|fee| fee < office)),
        // Nothing is not less: it is not payable.
        PlaceWord::Lower => yes(paid.is_some_and(|fee| fee < office)),
        PlaceWord::Never => yes(paid.is_none()),
        PlaceWord::Packaged => {
            let packaged = grounds.hospital(code).is_some_and(|(opps, _)| matches!(opps.status.as_str(), "Q1" | "N"));
            yes(paid.is_none() && packaged)
        }
        // Frequently is too little where the professional is never paid.
        PlaceWord::Included => match (paid, grounds.reference().places.is_facility(pos)) {
            (None, Some(true)) => Verdict::AgreesInPart,
            _ => Verdict::Disagrees,
        },
        PlaceWord::Limited => match (paid, home_visit(grounds, code)) {
            (None, _) => Verdict::Disagrees,
            (Some(fee), _) if fee < office => Verdict::Agrees,
            (Some(_), Some(_)) => Verdict::AgreesInPart,
            (Some(_), None) => Verdict::Disagrees,
        },
    }
}

fn right(grounds: &Grounds<'_>, code: Code, pays: &[(Pos, PlacePay)], office: Money, word: PlaceWord) -> String {
    let nothing = pays.iter().any(|(_, pay)| matches!(pay, PlacePay::Never(_)));
    let rule = pays.iter().find_map(|(_, pay)| match pay {
        PlacePay::Never(rule) => Some(rule.as_str()),
        _ => None,
    });
    match word {
        PlaceWord::Lower if nothing => {
            let why = rule.map_or_else(String::new, |rule| format!(" ({rule})"));
            let rate = grounds.hospital(code).and_then(|(opps, _)| opps.rate).filter(|rate| *rate > office.dollars());
            let hospital = rate.map_or("", |_| "; what the hospital bills is more than the office fee");
            format!("not lower for the professional but not payable{why}{hospital}")
        }
        PlaceWord::Moderate | PlaceWord::Lower => "it pays like the office".to_owned(),
        PlaceWord::Highest => "another place pays more".to_owned(),
        PlaceWord::Packaged => "paid apart".to_owned(),
        PlaceWord::Included if nothing => {
            "not frequently but always: Medicare never pays the professional there".to_owned()
        }
        PlaceWord::Included | PlaceWord::Never => "it is paid".to_owned(),
        PlaceWord::Limited => "the fee itself is that of the office".to_owned(),
    }
}
