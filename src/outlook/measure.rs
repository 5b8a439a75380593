//! What is forecast, and what groups are made by.

use super::book::LeafKey;

/// What is forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Lines served, in hundredths of a line.
    Lines,
    /// Expected allowed amounts of lines with a price.
    Expected,
    /// Of it, denied in the end.
    Denied,
    /// Of it, allowed too little.
    Underpaid,
    /// Allowed too much, beyond expected.
    Overpaid,
    /// Benchmark less allowed, where there is only a benchmark (negative when more is allowed).
    OffBenchmark,
    /// Allowed: expected − denied − underpaid + overpaid − off benchmark.
    Net,
    /// What payers pay in the month, of this month's services and of earlier ones: the sum of the next three.
    Cash,
    /// Of cash, what is paid on services that are in the files: what was open on the day of the forecast.
    CashOfServed,
    /// Of cash, what is paid on services that are forecast.
    CashOfForecast,
    /// Of cash, what was posted by the day of the forecast in a month that had begun: known, and the same in every path.
    CashPosted,
}

impl Measure {
    /// Those that stand in every table, in its order: all but the parts of cash.
    pub const ALL: [Self; 8] = [
        Self::Lines,
        Self::Expected,
        Self::Denied,
        Self::Underpaid,
        Self::Overpaid,
        Self::OffBenchmark,
        Self::Net,
        Self::Cash,
    ];

    /// The kebab-case word of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Expected => "expected",
            Self::Denied => "denied",
            Self::Underpaid => "underpaid",
            Self::Overpaid => "overpaid",
            Self::OffBenchmark => "off-benchmark",
            Self::Net => "net",
            Self::Cash => "cash",
            Self::CashOfServed => "cash-of-served",
            Self::CashOfForecast => "cash-of-forecast",
            Self::CashPosted => "cash-posted",
        }
    }

    pub(super) const fn at(self) -> usize {
        self as usize
    }
}

/// How many measures there are: those of [`Measure::ALL`], then the parts of cash.
pub const MEASURES: usize = Measure::ALL.len() + 3;

/// What groups are made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dim {
    /// Payer.
    Payer,
    /// State of service.
    State,
    /// Place of service.
    Pos,
    /// Code family.
    Family,
}

impl Dim {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Payer, Self::State, Self::Pos, Self::Family];

    /// The word of the command line and of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payer => "payer",
            Self::State => "state",
            Self::Pos => "pos",
            Self::Family => "family",
        }
    }

    /// The value of a leaf; `unknown` where the files do not tell it.
    #[must_use]
    pub fn of(self, key: &LeafKey) -> String {
        let unknown = || "unknown".to_owned();
        match self {
            Self::Payer => key.payer.to_string(),
            Self::State => key.state.map_or_else(unknown, |s| s.as_str().to_owned()),
            Self::Pos => key.pos.map_or_else(unknown, |p| p.to_string()),
            Self::Family => key.family.as_str().to_owned(),
        }
    }
}
