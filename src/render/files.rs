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
        as_of: "Claims are judged as of",
    };

    /// A forecast.
    pub const FORECAST: Self = Self {
        page: "forecast.html",
        book: "forecast.xlsx",
        data: "forecast.json",
        pictures: true,
        brief: false,
        as_of: "Forecasts are made from what was known on",
    };

    /// A negotiation packet.
    pub const PACKET: Self = Self {
        page: "packet.html",
        book: "packet.xlsx",
        data: "packet.json",
        pictures: true,
        brief: true,
        as_of: "Claims are judged as of",
    };

    /// Scenarios.
    pub const MODEL: Self = Self {
        page: "model.html",
        book: "model.xlsx",
        data: "model.json",
        pictures: true,
        brief: false,
        as_of: "Claims are judged as of",
    };
}
