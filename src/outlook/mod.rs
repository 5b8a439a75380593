//! What will come in: the forecast of a practice in money.
//!
//! ```text
//!  Intake ─cut→ known by a day ─book→ history by leaf ─volume→ paths of lines ─┐
//!  schedules, terms, dated changes ─rates→ expected per line, by month ────────┼─compose→ Outlook
//!  answers ─denial→ shares lost and won back ─ payments ─cash→ run-out, lag ───┘
//! ```
//! A leaf is payer × state × place of service × code family. What is drawn is drawn with a seed: every path rounds each leaf
//! to cents and adds, so that in every path, and so at every quantile, the parts are the total. What is not known on the
//! day of the forecast is cut away before anything is judged ([`cut`]).

mod absent;
mod backtest;
mod band;
mod book;
mod bridge;
mod cash;
mod causes;
mod chance;
mod compose;
mod count;
mod cut;
mod denial;
mod ends;
mod happened;
mod judged;
mod measure;
mod missing;
mod money_test;
mod plan;
mod rates;
mod rests_on;
mod score;
mod series_file;
mod series_forecast;
mod sheet;
mod short;
mod together;
mod volume;
mod workdays;
mod year_file;
mod yearly;

pub use absent::WithoutLine;
pub use backtest::{Backtest, backtest_volumes};
pub use band::{Band, CauseOutlook, GroupOutlook, Outlook};
pub use book::{Book, Cell, Family, Leaf, LeafKey, PayerBook};
pub use bridge::{Both, Bridge, Bridges, Level, Levels, bridge};
pub use cash::{CompletedMonth, PayerCash, cash};
pub use compose::{outlook, outlook_with};
pub use cut::{cut, known_findings, known_on, last_day};
pub use denial::{Ground, PayerShares};
pub use ends::{last_usual_day, lone_dates, spans};
pub use measure::{Dim, MEASURES, Measure};
pub use money_test::{Close, MoneyTest, PastPlan, TestedMoney, test_money};
pub use plan::{Adjust, Later, Plan};
pub use rates::{RateStep, Rates};
pub use rests_on::{Growth, PayerWait, RestsOn, SeasonIndex, rests_on};
pub use score::{LEVELS, Naive, Score, TestedGroup};
pub use series_file::{LongSeries, SeriesTable, read_series};
pub use series_forecast::{SeriesForecast, SeriesForecasts, StepForecast, forecast_series, series_csv, significant};
pub use together::Coherence;
pub use volume::{Stem, stems};
pub use workdays::{Places, Workdays};
pub use year_file::{YearTable, Years, read_years};
pub use yearly::{Break, NoYears, Yearly, of_years, yearly};

/// At most 40 characters of a cell, for errors.
fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}
