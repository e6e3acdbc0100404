//! Which days are asked about: periods by name, ranges, and periods relative to a day.

use chrono::{Datelike, NaiveDate};

use super::refusal::{Change, Reason, Refusal};
use crate::period::{Period, PeriodUnit, Span};
use crate::scoring::Versions;

/// Days, by name or relative to the day of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Given days.
    Span(Span),
    /// The last `count` periods; the one that is running counts as one of them if it is included.
    Last {
        /// How many.
        count: u32,
        /// Of which length.
        unit: PeriodUnit,
        /// Whether the running one belongs to them.
        include_current: bool,
    },
    /// From the beginning of the running period to today.
    ToDate(PeriodUnit),
    /// The assessment year that today belongs to, or the one so many years ago.
    AssessmentYear(u32),
}

impl From<Span> for Choice {
    fn from(span: Span) -> Self {
        Self::Span(span)
    }
}

impl From<Period> for Choice {
    fn from(period: Period) -> Self {
        Self::Span(period.span())
    }
}

/// The most periods that one question may ask about.
pub const MOST_PERIODS: u32 = 4_000;

impl Choice {
    /// The days meant, seen from `today`.
    pub fn resolve(self, today: NaiveDate, versions: &Versions) -> Result<Span, Refusal> {
        match self {
            Self::Span(span) if span.first <= span.last => Ok(span),
            Self::Span(_) => Err(Refusal::new(
                Reason::Period,
                "period",
                "the last day lies before the first",
                "结束日早于开始日",
                Change::Set("period", "from <= to"),
            )),
            Self::Last { count, unit, include_current } => {
                if count == 0 || count > MOST_PERIODS {
                    return Err(Refusal::new(
                        Reason::Range,
                        "period.last.count",
                        format!("ask for 1 to {MOST_PERIODS} periods"),
                        format!("时段数须为 1 至 {MOST_PERIODS}"),
                        Change::Set("period.last.count", "1"),
                    ));
                }
                let current = Period::containing(unit, today);
                let last = if include_current { current } else { current.previous() };
                let mut first = last;
                for _ in 1..count {
                    first = first.previous();
                }
                Ok(Span { first: first.first_day(), last: last.last_day() })
            }
            Self::ToDate(unit) => Ok(Span { first: Period::containing(unit, today).first_day(), last: today }),
            Self::AssessmentYear(ago) => {
                let mut year = versions.year_of(today);
                for _ in 0..ago.min(MOST_PERIODS) {
                    year = versions.year_of(year.first.pred_opt().unwrap_or(year.first));
                }
                Ok(year)
            }
        }
    }
}

/// One period of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodColumn {
    /// Its name: `2026-Q3`, or `day..day`.
    pub label: String,
    /// Its days, as far as they were asked about.
    pub span: Span,
    /// Whether it has not ended.
    pub partial: bool,
    /// The calendar period, if it is one.
    pub(crate) period: Option<Period>,
}

impl PeriodColumn {
    /// How many of its days have passed, if it has begun and has not ended.
    pub(crate) fn elapsed(&self, today: NaiveDate) -> Option<i64> {
        (self.partial && self.span.first <= today).then(|| (today - self.span.first).num_days() + 1)
    }
}

/// The periods that a span is split into; each is cut at the ends of the span. No span has more than [`MOST_PERIODS`] of them.
pub fn split(span: Span, split_by: Option<PeriodUnit>, today: NaiveDate) -> Vec<PeriodColumn> {
    let column = |period: Option<Period>, span: Span| PeriodColumn {
        label: period
            .filter(|period| period.span() == span)
            .map_or_else(|| span.to_string(), |period| period.to_string()),
        partial: span.last >= today,
        period,
        span,
    };
    match split_by {
        None => vec![column(whole(span), span)],
        Some(unit) => span
            .split(unit)
            .into_iter()
            .take(MOST_PERIODS as usize)
            .map(|period| {
                let cut = Span { first: period.first_day().max(span.first), last: period.last_day().min(span.last) };
                column(Some(period), cut)
            })
            .collect(),
    }
}

/// The calendar period that the span is, if it is one.
fn whole(span: Span) -> Option<Period> {
    PeriodUnit::ALL
        .into_iter()
        .rev()
        .map(|unit| Period::containing(unit, span.first))
        .find(|period| period.span() == span)
}

/// The days of `column`, moved back by so many of its own length.
pub(crate) fn before(column: &PeriodColumn, back: u32) -> Span {
    let Some(period) = column.period else {
        // Whole months go back by months, everything else by its number of days.
        let (first, last) = (column.span.first, column.span.last);
        let months = (last.year() - first.year()) * 12 + i32::try_from(last.month()).unwrap_or(0)
            - i32::try_from(first.month()).unwrap_or(0)
            + 1;
        let is_whole = first.day() == 1 && last == Period::containing(PeriodUnit::Month, last).last_day();
        if is_whole && let Ok(months) = u32::try_from(months) {
            let back = chrono::Months::new(months.saturating_mul(back));
            let next = last.succ_opt().unwrap_or(last);
            let moved =
                first.checked_sub_months(back).zip(next.checked_sub_months(back).and_then(|day| day.pred_opt()));
            return moved.map_or(column.span, |(first, last)| Span { first, last });
        }
        let days = ((last - first).num_days() + 1).saturating_mul(i64::from(back));
        let days = chrono::Days::new(u64::try_from(days).unwrap_or(0));
        let moved = first.checked_sub_days(days).zip(last.checked_sub_days(days));
        return moved.map_or(column.span, |(first, last)| Span { first, last });
    };
    let mut earlier = period;
    for _ in 0..back {
        earlier = earlier.previous();
    }
    cut_alike(column, period, earlier)
}

/// The same days a year earlier; `None` where there are none, as for a fifty-third week.
pub(crate) fn year_before(column: &PeriodColumn) -> Option<Span> {
    let back = chrono::Months::new(12);
    let Some(period) = column.period else {
        // The day before the first day of the next year's run, so that a February ends where it ends.
        let first = column.span.first.checked_sub_months(back)?;
        let last = column.span.last.succ_opt()?.checked_sub_months(back)?.pred_opt()?;
        return Some(Span { first, last });
    };
    let earlier = if period.unit() == PeriodUnit::Week {
        let week = period.first_day().iso_week();
        let first = NaiveDate::from_isoywd_opt(week.year() - 1, week.week(), chrono::Weekday::Mon)?;
        Period::containing(PeriodUnit::Week, first)
    } else {
        Period::containing(period.unit(), period.first_day().checked_sub_months(back)?)
    };
    Some(cut_alike(column, period, earlier))
}

/// The part of `earlier` that corresponds to what `column` is of `period`.
fn cut_alike(column: &PeriodColumn, period: Period, earlier: Period) -> Span {
    let (skipped, missing) =
        ((column.span.first - period.first_day()).num_days(), (period.last_day() - column.span.last).num_days());
    let days = |days: i64| chrono::Days::new(u64::try_from(days).unwrap_or(0));
    let first = earlier.first_day().checked_add_days(days(skipped)).unwrap_or(earlier.first_day());
    let last = if missing == 0 {
        earlier.last_day()
    } else {
        let length = (column.span.last - column.span.first).num_days();
        first.checked_add_days(days(length)).unwrap_or(earlier.last_day()).min(earlier.last_day())
    };
    Span { first, last }
}

/// The span, not longer than so many days.
pub(crate) fn at_most(span: Span, days: Option<i64>) -> Span {
    let Some(days) = days else { return span };
    let days = chrono::Days::new(u64::try_from(days.max(1) - 1).unwrap_or(0));
    let last = span.first.checked_add_days(days).unwrap_or(span.last);
    Span { first: span.first, last: last.min(span.last) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn one(text: &str) -> PeriodColumn {
        split(text.parse().unwrap(), None, day("2030-01-01")).remove(0)
    }

    #[test]
    fn periods_go_back_by_their_own_length() {
        for (text, back, expected) in [
            ("2026-Q1", 1, "2025-Q4"),
            ("2026-Q1", 4, "2025-Q1"),
            ("2026-01..2026-02", 1, "2025-11..2025-12"),
            ("2026-03-10..2026-03-19", 1, "2026-02-28..2026-03-09"),
        ] {
            assert_eq!(before(&one(text), back).to_string(), expected, "{text}");
        }
    }

    #[test]
    fn a_year_earlier_is_the_same_name() {
        for (text, expected) in [
            ("2026-02", "2025-02"),
            ("2025-02", "2024-02"),
            ("2026-W10", "2025-W10"),
            ("2026-01..2026-02", "2025-01..2025-02"),
        ] {
            assert_eq!(year_before(&one(text)).unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(year_before(&one("2020-W53")), None);
    }

    #[test]
    fn relative_periods_count_back_from_the_day_of_the_question() {
        let versions = Versions::default();
        let last = |count, unit, include_current| {
            Choice::Last { count, unit, include_current }.resolve(day("2026-05-15"), &versions).unwrap().to_string()
        };
        assert_eq!(last(1, PeriodUnit::Month, false), "2026-04");
        assert_eq!(last(3, PeriodUnit::Month, true), "2026-03..2026-05");
        assert_eq!(last(2, PeriodUnit::Quarter, false), "2025-Q4..2026-Q1");
        let year = Choice::ToDate(PeriodUnit::Year).resolve(day("2026-05-15"), &versions).unwrap();
        assert_eq!(year.to_string(), "2026-01-01..2026-05-15");
    }
}
