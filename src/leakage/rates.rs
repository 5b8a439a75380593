//! Denials by payer, code, place, provider, month or reason: how many at first, how many in the end, what was recovered
//! between, and how often rework is won; shares of small groups are drawn towards the whole (see `shrink`).
//!
//! Lines that are never payable are left out: their denial is right. Lines without a price count in lines; their dollars are
//! not known and stand in no sum.

use polars::prelude::{DataType, Expr, NamedFrom, Series, col, lit};

use crate::domain::Date;
use crate::finding::Result;

use super::judge::Cohort;
use super::ledger::{Group, Ledger};
use super::shrink::{Chance, Pool};

/// What denials are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DenialsBy {
    /// Category of the denial map.
    Category,
    /// Payer.
    Payer,
    /// Procedure or drug code.
    Code,
    /// Place of service.
    Pos,
    /// Rendering provider, else the billing one.
    Provider,
    /// Month of the service.
    Month,
    /// Group, reason and remark.
    Carc,
    /// The billing step that could have stopped it.
    Step,
}

impl DenialsBy {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::Category, Self::Payer, Self::Code, Self::Pos, Self::Provider, Self::Month, Self::Carc, Self::Step];

    /// The word of the command line and of our files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Payer => "payer",
            Self::Code => "code",
            Self::Pos => "pos",
            Self::Provider => "provider",
            Self::Month => "month",
            Self::Carc => "carc",
            Self::Step => "step",
        }
    }

    /// Whether only denied lines have it: it says why, not whose.
    #[must_use]
    pub const fn is_reason(self) -> bool {
        matches!(self, Self::Category | Self::Carc | Self::Step)
    }

    /// The column of the ledger.
    const fn column(self) -> &'static str {
        match self {
            Self::Category => "denial_category",
            Self::Carc => "denial_reason",
            Self::Step => "denial_step",
            other => other.as_str(),
        }
    }

    /// Whether the groups have an order of their own.
    const fn is_ordered(self) -> bool {
        matches!(self, Self::Code | Self::Pos | Self::Month | Self::Step)
    }
}

/// Providers with fewer lines are put together: a rate of so few tells more of chance, or of a patient, than of the provider.
pub const SMALL_PROVIDER: i64 = 11;

/// Which lines are counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DenialFilter {
    /// Only this payer's lines, by its id.
    pub payer: Option<String>,
    /// Only services on or after this day.
    pub from: Option<Date>,
    /// Only services on or before this day.
    pub to: Option<Date>,
}

impl DenialFilter {
    fn expression(&self) -> Expr {
        let since = |day: Date| lit((day - Date::default()).num_days());
        let day = || col("service_date").cast(DataType::Int32).cast(DataType::Int64);
        let parts = [
            self.payer.as_ref().map(|id| col("payer_id").eq(lit(id.clone()))),
            self.from.map(|from| day().gt_eq(since(from))),
            self.to.map(|to| day().lt_eq(since(to))),
        ];
        parts.into_iter().flatten().fold(lit(true), Expr::and)
    }
}

/// One group of lines.
#[derive(Debug, Clone, PartialEq)]
pub struct DenialRow {
    /// The group; empty text where the lines do not tell it.
    pub key: String,
    /// How many small groups were put together in this row; 0 of an ordinary one.
    pub pooled: usize,
    /// Its sums. Of a reason only lines denied for it count, so that `answered` is theirs.
    pub group: Group,
    /// Lines with an answer: the group's own, or all of them when the group is a reason.
    pub answered: i64,
    /// Initial denials of answered lines. The shares of reasons are not drawn towards each other: they share one whole.
    pub initial: Chance,
    /// Won of decided denials.
    pub overturn: Chance,
}

/// Denials by something, and of all lines together.
#[derive(Debug, Clone, PartialEq)]
pub struct DenialRates {
    /// What the rows are.
    pub by: DenialsBy,
    /// The groups: those with an order of their own in it, others from the most initial denials down.
    pub rows: Vec<DenialRow>,
    /// All lines.
    pub total: DenialRow,
    /// Small groups that are too few even together: they stand in the total only.
    pub left_out: usize,
    /// Denied lines without a price: they count in lines, not in dollars.
    pub denied_without_price: i64,
    /// Lines that are never payable, left out.
    pub not_payable: i64,
}

const COUNTED: [Cohort; 3] = [Cohort::Firm, Cohort::Benchmark, Cohort::Unknown];

impl DenialRates {
    /// Counts.
    ///
    /// # Errors
    /// When the frame cannot be summed.
    pub fn of(ledger: &Ledger, by: DenialsBy, filter: &DenialFilter) -> Result<Self> {
        let one = |cohorts: &[Cohort], condition: Expr| -> Result<Group> {
            Ok(ledger.group_where(&[], cohorts, condition)?.pop().unwrap_or_else(Group::empty))
        };
        let lines = || filter.expression();
        let all = one(&COUNTED, lines())?;
        let column = by.column();
        let told = if by.is_reason() { lines().and(col(column).neq(lit(""))) } else { lines() };
        let groups = ledger.group_where(&[column], &COUNTED, told)?;
        let whole = |group: &Group| if by.is_reason() { all.answered } else { group.answered };
        let pools = Pools::learn(&groups, by, &all);

        let (small, large): (Vec<Group>, Vec<Group>) =
            groups.into_iter().partition(|g| by == DenialsBy::Provider && g.lines < SMALL_PROVIDER);
        let mut rows: Vec<DenialRow> = Vec::new();
        for group in large {
            let answered = whole(&group);
            rows.push(pools.row(group.keys.first().cloned().unwrap_or_default(), 0, group, answered));
        }
        if !by.is_ordered() {
            rows.sort_by(|a, b| {
                b.group.initially_denied.cmp(&a.group.initially_denied).then_with(|| a.key.cmp(&b.key))
            });
        }
        let mut left_out = small.len();
        if !small.is_empty() {
            let names: Vec<&str> = small.iter().filter_map(|g| g.keys.first()).map(String::as_str).collect();
            let among = lit(Series::new("small".into(), names)).implode(false);
            let together = one(&COUNTED, lines().and(col(column).is_in(among, false)))?;
            if together.lines >= SMALL_PROVIDER {
                let answered = together.answered;
                rows.push(pools.row(String::new(), small.len(), together, answered));
                left_out = 0;
            }
        }
        let answered = all.answered;
        let total = DenialRow { initial: pools.whole.overall(), ..pools.row(String::new(), 0, all, answered) };
        let total = DenialRow { overturn: pools.overturn.overall(), ..total };
        Ok(Self {
            by,
            rows,
            total,
            left_out,
            denied_without_price: one(&[Cohort::Unknown], lines())?.denied_lines,
            not_payable: one(&[Cohort::NotPayable], lines())?.lines,
        })
    }
}

/// What the groups tell of each other.
struct Pools {
    by: DenialsBy,
    /// Initial denials of all answered lines.
    whole: Pool,
    overturn: Pool,
}

impl Pools {
    fn learn(groups: &[Group], by: DenialsBy, all: &Group) -> Self {
        let initial: Vec<(u32, u32)> = if by.is_reason() {
            vec![(number(all.initially_denied), number(all.answered))]
        } else {
            groups.iter().map(|g| (number(g.initially_denied), number(g.answered))).collect()
        };
        let decided: Vec<(u32, u32)> =
            groups.iter().map(|g| (number(g.denials_won), number(g.denials_decided))).collect();
        Self { by, whole: Pool::learn(&initial), overturn: Pool::learn(&decided) }
    }

    fn row(&self, key: String, pooled: usize, group: Group, answered: i64) -> DenialRow {
        let (denied, of) = (number(group.initially_denied), number(answered));
        let initial =
            if self.by.is_reason() { Pool::learn(&[(denied, of)]).overall() } else { self.whole.group(denied, of) };
        let overturn = self.overturn.group(number(group.denials_won), number(group.denials_decided));
        DenialRow { key, pooled, group, answered, initial, overturn }
    }
}

/// A count of lines, of which there are never more than 4 billion.
fn number(lines: i64) -> u32 {
    u32::try_from(lines.max(0)).unwrap_or(u32::MAX)
}
