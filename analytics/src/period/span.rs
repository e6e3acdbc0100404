//! Runs of days that need not be one calendar period.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use super::{NotAPeriod, Period, PeriodUnit};

/// A run of days; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first day.
    pub first: NaiveDate,
    /// The last day. A span whose last day lies before its first holds no day at all.
    pub last: NaiveDate,
}

impl Span {
    /// From the first day of one period to the last day of another, which must not end earlier than the first begins.
    pub fn between(from: Period, to: Period) -> Option<Self> {
        let span = Self { first: from.first_day(), last: to.last_day() };
        (span.first <= span.last).then_some(span)
    }

    /// Whether the day belongs to the span.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }

    /// Whether any day belongs to both.
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// Every calendar period of the unit that shares a day with the span, in order.
    pub fn split(self, unit: PeriodUnit) -> Vec<Period> {
        let first = Period::containing(unit, self.first);
        std::iter::successors(Some(first), |period| Some(period.next()))
            .take_while(|period| period.first_day() <= self.last)
            .collect()
    }
}

impl From<Period> for Span {
    fn from(period: Period) -> Self {
        period.span()
    }
}

/// The shortest text that reads back as the same span: a period, `period..period`, or `day..day`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for unit in PeriodUnit::ALL.into_iter().rev() {
            let (from, to) = (Period::containing(unit, self.first), Period::containing(unit, self.last));
            if from.first_day() == self.first && to.last_day() == self.last {
                return if from == to { write!(f, "{from}") } else { write!(f, "{from}..{to}") };
            }
        }
        Ok(())
    }
}

impl FromStr for Span {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        let Some((from, to)) = text.split_once("..") else {
            return Ok(text.parse::<Period>()?.span());
        };
        Self::between(from.parse()?, to.parse()?).ok_or_else(|| NotAPeriod(text.chars().take(32).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(text: &str) -> Period {
        text.parse().unwrap()
    }

    #[test]
    fn spans_parse_split_and_print() {
        let span: Span = "2018-01..2018-02".parse().unwrap();
        assert_eq!(span, Span { first: day("2018-01-01"), last: day("2018-02-28") });
        assert_eq!(span.to_string(), "2018-01..2018-02");
        assert_eq!(span.split(PeriodUnit::Month), [period("2018-01"), period("2018-02")]);
        assert_eq!(span.split(PeriodUnit::Quarter), [period("2018-Q1")]);
        assert_eq!(span.split(PeriodUnit::Week).len(), 9);
        assert_eq!(period("2026-Q3").span().to_string(), "2026-Q3");
        assert_eq!("2026-03-05..2026-03-09".parse::<Span>().unwrap().to_string(), "2026-03-05..2026-03-09");
        assert!("2018-02..2018-01".parse::<Span>().is_err());
        assert!(span.contains(day("2018-02-28")) && !span.contains(day("2018-03-01")));
        assert!(span.overlaps(period("2018").span()) && !span.overlaps(period("2019").span()));
    }
}
