//! What is asked in words: groups of `--by`, changes of `--scenario`.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::cli::inputs::Loaded;
use crate::finding::{Error, Result};
use crate::ingest::Intake;
use crate::outlook::{Adjust, Book, Dim};
use crate::project::{closest, normalised};

/// The dimensions of `--by`; none of them is said by `none`.
pub(super) fn dims(text: &str) -> Result<Vec<Dim>> {
    let mut dims = Vec::new();
    if text.trim().eq_ignore_ascii_case("none") {
        return Ok(dims);
    }
    for word in text.split(',').map(str::trim) {
        let Some(dim) = Dim::ALL.into_iter().find(|d| d.as_str().eq_ignore_ascii_case(word)) else {
            let error = Error::usage(format!(
                "--by \"{text}\": expected payer, state, pos or family, several of them, or none"
            ));
            return Err(match nearest(word) {
                Some(name) => error.help(format!("did you mean {name}?")),
                None => error,
            });
        };
        if dims.contains(&dim) {
            return Err(Error::usage(format!("--by \"{text}\": {} stands there twice", dim.as_str())));
        }
        dims.push(dim);
    }
    Ok(dims)
}

/// The dimension that a word comes nearest to, also by another name of it.
fn nearest(word: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 12] = [
        ("payer", "payer"),
        ("insurer", "payer"),
        ("plan", "payer"),
        ("state", "state"),
        ("pos", "pos"),
        ("place", "pos"),
        ("place-of-service", "pos"),
        ("site", "pos"),
        ("family", "family"),
        ("code", "family"),
        ("codes", "family"),
        ("procedure", "family"),
    ];
    let word = word.to_lowercase().replace([' ', '_'], "-");
    let distance = |name: &str| strsim::damerau_levenshtein(&word, name);
    let found = NAMES.iter().min_by_key(|(name, _)| distance(name))?;
    (distance(found.0) <= 2).then_some(found.1)
}

/// A change of assumptions in words: `Great Lakes Mutual: rate +5%, volume −10%`.
pub(super) fn changes(adjust: &Adjust, book: &Book) -> String {
    let percent = |factor: f64| {
        // As it was typed: a percent of few decimals.
        let percent = ((factor - 1.0) * 1e6).round() / 1e4;
        format!("{}{}%", if percent < 0.0 { "−" } else { "+" }, percent.abs())
    };
    let named = [("volume", adjust.volume), ("rate", adjust.rate), ("denial", adjust.denial)];
    let named: Vec<_> = named.into_iter().filter(|(_, factor)| *factor != 1.0).collect();
    let words = match named.as_slice() {
        [] => "no change".to_owned(),
        named => {
            named.iter().map(|(name, factor)| format!("{name} {}", percent(*factor))).collect::<Vec<_>>().join(", ")
        }
    };
    match &adjust.payer {
        Some(id) => {
            let name = book.payers.iter().find(|p| p.id == *id).map_or_else(|| id.to_string(), |p| p.name.clone());
            format!("{name}: {words}")
        }
        None => words,
    }
}

/// What `--scenario` can name.
const KEYS: [&str; 4] = ["payer", "volume", "rate", "denial"];

/// `payer=Great Lakes Mutual rate=+5%` as names and values: a value runs until the next name that is known.
///
/// # Errors
/// The part that has no `=`, or the name that is none of [`KEYS`], as a sentence.
fn pairs(text: &str) -> std::result::Result<Vec<(&'static str, &str)>, String> {
    let blank = |c: char| c.is_whitespace() || c == ',';
    // Every `=` with the word before it, which may stand apart from it.
    let mut found: Vec<(usize, usize, &str)> = Vec::new();
    for (at, _) in text.match_indices('=') {
        let before = text[..at].trim_end();
        let from = before.rfind(blank).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let from = from.max(found.last().map_or(0, |last| last.1));
        found.push((from, at + 1, before.get(from..).unwrap_or_default()));
    }
    let first = found.first().map_or(text.len(), |first| first.0);
    let lone = text[..first].trim_matches(blank);
    if !lone.is_empty() {
        return Err(format!("\"{lone}\" has no ="));
    }
    let ends = found.iter().skip(1).map(|next| next.0).chain([text.len()]);
    let mut pairs = Vec::new();
    for ((_, from, word), end) in found.iter().zip(ends) {
        let Some(key) = KEYS.into_iter().find(|key| key == word) else {
            return Err(format!("\"{word}\" is none of payer, volume, rate and denial"));
        };
        pairs.push((key, text.get(*from..end).unwrap_or_default().trim_matches(blank)));
    }
    Ok(pairs)
}

/// The factor of a change such as `+5%` or `−5%`.
///
/// # Errors
/// Why it is none, as a sentence.
fn factor(name: &str, value: &str) -> std::result::Result<f64, String> {
    let plain = value.replace('−', "-");
    let percent = plain.strip_suffix('%').and_then(|v| v.trim().parse::<f64>().ok()).filter(|p| p.is_finite());
    match percent {
        None => Err(format!("\"{value}\" is no change in percent, such as +5%")),
        Some(percent) if (-100.0..=1000.0).contains(&percent) => Ok(1.0 + percent / 100.0),
        Some(_) => Err(format!("{name}: {value} is out of range, which is from −100% (nothing is left) to +1000%")),
    }
}

/// `payer=COM2 rate=+5%`, `payer=Great Lakes Mutual, rate=+5%`: factors by name. A payer is one of the project, or one that the
/// lines of the files name.
pub(super) fn scenario(loaded: &Loaded, intake: &Intake, text: &str) -> Result<Adjust> {
    let wrong = |what: String| {
        Error::usage(format!("--scenario \"{text}\": {what}"))
            .help("write changes such as \"payer=COM2 rate=+5%\"; what can change is volume, rate and denial")
    };
    let mut adjust = Adjust { payer: None, volume: 1.0, rate: 1.0, denial: 1.0 };
    let mut seen = Vec::new();
    for (name, value) in pairs(text).map_err(wrong)? {
        if seen.contains(&name) {
            return Err(wrong(format!("{name} stands twice")));
        }
        seen.push(name);
        match name {
            "payer" => adjust.payer = Some(payer(loaded, intake, value)?),
            "volume" => adjust.volume = factor(name, value).map_err(wrong)?,
            "rate" => adjust.rate = factor(name, value).map_err(wrong)?,
            _ => adjust.denial = factor(name, value).map_err(wrong)?,
        }
    }
    if seen.iter().any(|name| *name != "payer") { Ok(adjust) } else { Err(wrong("nothing is changed".to_owned())) }
}

/// The id of a payer by any name that the project has for it, or as the lines of the files name it.
fn payer(loaded: &Loaded, intake: &Intake, name: &str) -> Result<Arc<str>> {
    if let Some(payer) = loaded.project.payer(name) {
        return Ok(Arc::clone(&payer.id));
    }
    let in_files: BTreeSet<&Arc<str>> = intake.lines.iter().map(|line| &line.payer).collect();
    let wanted = normalised(name);
    let found = in_files.iter().find(|id| !wanted.is_empty() && normalised(id) == wanted);
    if let Some(id) = found {
        return Ok(Arc::clone(id));
    }
    let known = loaded.project.payers.iter().map(|payer| &payer.id);
    let known: BTreeSet<&str> = known.chain(in_files).map(|id| &**id).collect();
    let list = known.iter().copied().collect::<Vec<_>>().join(", ");
    let error = Error::usage(format!("no payer \"{name}\" in the project or the files; there are {list}"));
    let names: Vec<(String, &str)> = known.iter().map(|id| (normalised(id), *id)).collect();
    let near = closest(&wanted, names.iter().map(|(name, id)| (name.as_str(), *id))).map(|(_, id)| id);
    Err(match loaded.project.payer_like(name).or(near) {
        Some(like) => error.help(format!("did you mean {like}?")),
        None => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_run_until_the_next_name() {
        let of = |text| pairs(text).unwrap();
        assert_eq!(of("payer=COM2 rate=+5%"), [("payer", "COM2"), ("rate", "+5%")]);
        assert_eq!(of("payer=Great Lakes Mutual rate=+5%"), [("payer", "Great Lakes Mutual"), ("rate", "+5%")]);
        assert_eq!(of("rate = +5 %, payer = First Rate Plan"), [("rate", "+5 %"), ("payer", "First Rate Plan")]);
        assert_eq!(of("volume=-5%,denial=+1%"), [("volume", "-5%"), ("denial", "+1%")]);
        assert!(of("").is_empty() && of(" , ").is_empty());
        let wrong = |text| pairs(text).unwrap_err();
        assert_eq!(wrong("Great Lakes rate=5%"), "\"Great Lakes\" has no =");
        assert_eq!(wrong("rate"), "\"rate\" has no =");
        assert_eq!(wrong("payer=COM2 rates=+5%"), "\"rates\" is none of payer, volume, rate and denial");
        assert_eq!(wrong("rate==5%"), "\"\" is none of payer, volume, rate and denial");
        assert_eq!(wrong("=5%"), "\"\" is none of payer, volume, rate and denial");
    }

    #[test]
    fn a_change_out_of_range_is_said_to_be_that() {
        assert_eq!(
            [factor("rate", "+5%"), factor("rate", "−50 %"), factor("rate", "-100%")],
            [Ok(1.05), Ok(0.5), Ok(0.0)]
        );
        for text in ["+2000%", "-101%", "1e9%"] {
            assert!(factor("denial", text).unwrap_err().contains("from −100% (nothing is left) to +1000%"), "{text}");
        }
        for text in ["5", "five%", "", "%", "nan%", "inf%"] {
            assert!(factor("rate", text).unwrap_err().contains("no change in percent"), "{text}");
        }
    }
}
