//! The words of a forecast, for people who have not met them.

use crate::report::model::Definition;

pub(super) fn definitions() -> Vec<Definition> {
    let define = |term: &str, meaning: &str| Definition { term: term.to_owned(), meaning: meaning.to_owned() };
    vec![
        define(
            "Expected",
            "What lines to come should be allowed: the fee schedule or contract of the day of service, times the units, for the mix of the last twelve months. Lines without a price stand in no expected amount.",
        ),
        define(
            "Denied, underpaid",
            "What of it will be denied in the end, and allowed too little, in the proportions of each payer's history.",
        ),
        define(
            "Off benchmark",
            "Benchmark less allowed where the only yardstick is observed or estimated payments; negative where more is allowed.",
        ),
        define(
            "Allowed",
            "Expected − denied − underpaid + overpaid − off benchmark: of payers and patients together, by month of service.",
        ),
        define("Cash", "What payers pay, by month of posting; the patients' share is not in it."),
        define(
            "Range (80%)",
            "In 80 of 100 drawn futures the figure lies within it; one in ten is lower, one in ten higher. --level 50 or 95 shows others.",
        ),
        define(
            "Mean, median",
            "The mean of all drawn futures, of which sums are sums; the median is the future in the middle, which need not add up.",
        ),
        define("Completion", "The share of what will be paid on a month of service that is paid so far."),
        define("WAPE", "Σ |forecast − what came| ÷ Σ what came: how far off, in percent of the volume."),
        define(
            "Bias",
            "Σ (forecast − what came) ÷ Σ what came: positive where too much was forecast, negative where too little.",
        ),
        define(
            "MASE",
            "Mean absolute error ÷ that of taking each month of the history from the year before; below 1 is better than that.",
        ),
        define(
            "MSIS",
            "Width of the 95% range, plus 40 times what came out beyond it, ÷ the same scale: small is narrow and right.",
        ),
        define(
            "Growth a year",
            "The growth of a straight line through the history, per working day: what it adds a month, in percent of the level in the middle of the history, compounded over twelve months.",
        ),
        define(
            "Seasonal naive (year before)",
            "The forecast that every other must beat: the same month of the last known year.",
        ),
        define("Close", "A month that ended: its forecast at the end of the month before, and what came."),
        define("Origin", "The month at whose end a past forecast is made, with what was known then."),
        define(
            "Volume, mix, rate, denial, timing",
            "Steps from one forecast to another: more lines; other payers, places and codes; more expected per line; more allowed of it; and what cash does beyond allowed (other months, the patients' share).",
        ),
        define(
            "Same luck",
            "A scenario is drawn with the same random numbers as the forecast, so that the difference is that of the assumptions alone.",
        ),
    ]
}
