//! What the files of a report are called.

/// The names of a report's files, and what its workbook holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Files {
    /// The page.
    pub page: &'static str,
    /// The workbook.
    pub book: &'static str,
    /// Everything as JSON.
    pub data: &'static str,
    /// Whether the workbook shows the charts, on a sheet of their own.
    pub pictures: bool,
    /// A paper of few pages: printed close, without a list of contents, and of a chart's long table only the chart.
    pub brief: bool,
    /// Rows of a table that the page shows.
    pub rows: usize,
    /// A longer table is not on the page at all: it says where the table is. Else its first rows are shown.
    pub whole: bool,
    /// Beside a picture a table with more rows than this is left out on paper.
    pub printed: usize,
    /// The notes of the whole stand under the headline, not above it.
    pub notes_below: bool,
    /// Sections that are closed on the page until they are opened, and on paper are a title: what begins with one of these.
    pub folded: &'static [&'static str],
    /// How the page says what its figures are known as of: `Claims are judged as of`.
    pub as_of: &'static str,
}

impl Files {
    /// The leakage report.
    pub const LEAKAGE: Self = Self {
        page: "report.html",
        book: "leakage.xlsx",
        data: "report.json",
        pictures: false,
        brief: false,
        rows: 60,
        whole: false,
        printed: 10,
        notes_below: false,
        folded: &[],
        as_of: "Claims are judged as of",
    };

    /// A forecast.
    pub const FORECAST: Self = Self {
        page: "forecast.html",
        book: "forecast.xlsx",
        data: "forecast.json",
        pictures: true,
        brief: true,
        rows: 30,
        whole: true,
        printed: 14,
        notes_below: true,
        folded: &[
            "backtest-",
            "closes-expected",
            "completion-by-payer",
            "coverage",
            "growth",
            "lags",
            "notes",
            "payers",
            "scenario-by-",
            "season",
            "series",
        ],
        as_of: "Forecasts are made from what was known on",
    };

    /// A negotiation packet.
    pub const PACKET: Self = Self {
        page: "packet.html",
        book: "packet.xlsx",
        data: "packet.json",
        pictures: true,
        brief: true,
        rows: 60,
        whole: false,
        printed: 10,
        notes_below: false,
        folded: &[],
        as_of: "Claims are judged as of",
    };

    /// Scenarios.
    pub const MODEL: Self = Self {
        page: "model.html",
        book: "model.xlsx",
        data: "model.json",
        pictures: true,
        brief: false,
        rows: 60,
        whole: false,
        printed: 10,
        notes_below: false,
        folded: &[],
        as_of: "Claims are judged as of",
    };
}
