//! What is asked in words: groups of `--by`, changes of `--scenario`.

use crate::cli::explain::payer_id;
use crate::cli::inputs::Loaded;
use crate::finding::{Error, Result};
use crate::outlook::{Adjust, Book, Dim};

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

/// `payer=COM2 rate=+5%`: factors by name; a payer's name may hold spaces when it is quoted by commas: `payer=Great Lakes, rate=+5%`.
pub(super) fn scenario(loaded: &Loaded, text: &str) -> Result<Adjust> {
    let wrong = |what: String| {
        Error::usage(format!("--scenario \"{text}\": {what}"))
            .help("write changes such as \"payer=COM2 rate=+5%\"; what can change is volume, rate and denial")
    };
    let mut adjust = Adjust { payer: None, volume: 1.0, rate: 1.0, denial: 1.0 };
    let parts: Vec<&str> =
        if text.contains(',') { text.split(',').collect() } else { text.split_whitespace().collect() };
    let mut changed = false;
    for part in parts.into_iter().map(str::trim).filter(|p| !p.is_empty()) {
        let Some((name, value)) = part.split_once('=') else { return Err(wrong(format!("\"{part}\" has no ="))) };
        let place = match name.trim() {
            "payer" => {
                adjust.payer = Some(payer_id(loaded, value.trim())?);
                continue;
            }
            "volume" => &mut adjust.volume,
            "rate" => &mut adjust.rate,
            "denial" => &mut adjust.denial,
            other => return Err(wrong(format!("\"{other}\" is none of payer, volume, rate and denial"))),
        };
        let percent = value.trim().strip_suffix('%').and_then(|v| v.trim().parse::<f64>().ok());
        let sound = percent.filter(|p| p.is_finite() && (-100.0..=1000.0).contains(p));
        *place = 1.0 + sound.ok_or_else(|| wrong(format!("\"{value}\" is no change in percent, such as +5%")))? / 100.0;
        changed = true;
    }
    if changed { Ok(adjust) } else { Err(wrong("nothing is changed".to_owned())) }
}
