//! Calendar periods: days, ISO weeks, months, quarters, half-years and years, and spans of days.
//!
//! A period is a value: its text form (`2026-Q3`) is its identity, and both of its boundary days belong to it.
//! Days are local calendar days; turning an instant into a day is the caller's business, because only the
//! caller knows the network's time zone.

mod span;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

pub use span::Span;

/// The years that a period may lie in. Wide enough for every archive, narrow enough that day arithmetic cannot leave
/// the calendar.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2999;

/// The kinds of period, from the shortest to the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeriodUnit {
    /// One calendar day.
    Day,
    /// One ISO 8601 week, Monday to Sunday.
    Week,
    /// One calendar month.
    Month,
    /// Three calendar months, the first in January, April, July or October.
    Quarter,
    /// Six calendar months, the first in January or July.
    HalfYear,
    /// One calendar year.
    Year,
}

impl PeriodUnit {
    /// Every unit, from the shortest to the longest.
    pub const ALL: [Self; 6] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::HalfYear, Self::Year];

    /// The word that rulebooks use: `month`, `half_year`, ….
    pub fn code(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::HalfYear => "half_year",
            Self::Year => "year",
        }
    }

    /// The unit of that [`code`](Self::code), if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.code() == code)
    }

    /// Length in months; `None` for days and weeks, which no whole number of them fills.
    pub fn months(self) -> Option<u32> {
        match self {
            Self::Day | Self::Week => None,
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::HalfYear => Some(6),
            Self::Year => Some(12),
        }
    }
}

/// The text does not name a period or a span.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a period: write 2026, 2026-H1, 2026-Q3, 2026-07, 2026-W31 or 2026-07-15")]
pub struct NotAPeriod(pub String);

/// One calendar period.
///
/// Ordered by first day; of two periods that begin on the same day the longer comes first, so that a year stands
/// before its first quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    unit: PeriodUnit,
    first: NaiveDate,
}

impl Period {
    /// The period of this unit that the day belongs to.
    pub fn containing(unit: PeriodUnit, day: NaiveDate) -> Self {
        let first = match unit {
            PeriodUnit::Day => day,
            PeriodUnit::Week => day.week(Weekday::Mon).first_day(),
            PeriodUnit::Month | PeriodUnit::Quarter | PeriodUnit::HalfYear | PeriodUnit::Year => {
                let months = unit.months().unwrap_or(1);
                let begins = day.month0() - day.month0() % months;
                day.with_day(1).and_then(|day| day.with_month0(begins)).unwrap_or(day)
            }
        };
        Self { unit, first }
    }

    /// The kind of period.
    pub fn unit(self) -> PeriodUnit {
        self.unit
    }

    /// The first day that belongs to the period.
    pub fn first_day(self) -> NaiveDate {
        self.first
    }

    /// The last day that belongs to the period.
    pub fn last_day(self) -> NaiveDate {
        self.next().first.pred_opt().unwrap_or(self.first)
    }

    /// The days of the period.
    pub fn span(self) -> Span {
        Span { first: self.first_day(), last: self.last_day() }
    }

    /// The period of the same unit that ends on the day before this one begins.
    #[must_use]
    pub fn previous(self) -> Self {
        let first = match self.unit {
            PeriodUnit::Day => self.first.checked_sub_days(Days::new(1)),
            PeriodUnit::Week => self.first.checked_sub_days(Days::new(7)),
            unit => self.first.checked_sub_months(Months::new(unit.months().unwrap_or(1))),
        };
        Self { first: first.unwrap_or(self.first), ..self }
    }

    /// The period of the same unit that begins on the day after this one ends.
    #[must_use]
    pub fn next(self) -> Self {
        let first = match self.unit {
            PeriodUnit::Day => self.first.checked_add_days(Days::new(1)),
            PeriodUnit::Week => self.first.checked_add_days(Days::new(7)),
            unit => self.first.checked_add_months(Months::new(unit.months().unwrap_or(1))),
        };
        Self { first: first.unwrap_or(self.first), ..self }
    }
}

impl Ord for Period {
    fn cmp(&self, other: &Self) -> Ordering {
        self.first.cmp(&other.first).then(other.unit.cmp(&self.unit))
    }
}

impl PartialOrd for Period {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = self.first.year();
        match self.unit {
            PeriodUnit::Day => write!(f, "{}", self.first.format("%Y-%m-%d")),
            PeriodUnit::Week => {
                let week = self.first.iso_week();
                write!(f, "{:04}-W{:02}", week.year(), week.week())
            }
            PeriodUnit::Month => write!(f, "{year:04}-{:02}", self.first.month()),
            PeriodUnit::Quarter => write!(f, "{year:04}-Q{}", self.first.month0() / 3 + 1),
            PeriodUnit::HalfYear => write!(f, "{year:04}-H{}", self.first.month0() / 6 + 1),
            PeriodUnit::Year => write!(f, "{year:04}"),
        }
    }
}

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        parse(text).ok_or_else(|| NotAPeriod(text.chars().take(32).collect()))
    }
}

fn parse(text: &str) -> Option<Period> {
    let (year, rest) = match text.split_once('-') {
        Some((year, rest)) => (year, Some(rest)),
        None => (text, None),
    };
    let year = i32::try_from(digits(year, 4)?).ok().filter(|year| YEARS.contains(year))?;
    let Some(rest) = rest else {
        return starting(PeriodUnit::Year, year, 1);
    };
    match rest.as_bytes().first()? {
        b'Q' => starting(PeriodUnit::Quarter, year, digits(&rest[1..], 1)?.checked_mul(3)?.checked_sub(2)?),
        b'H' => starting(PeriodUnit::HalfYear, year, digits(&rest[1..], 1)?.checked_mul(6)?.checked_sub(5)?),
        b'W' => {
            let first = NaiveDate::from_isoywd_opt(year, digits(&rest[1..], 2)?, Weekday::Mon)?;
            Some(Period { unit: PeriodUnit::Week, first })
        }
        _ => match rest.split_once('-') {
            None => starting(PeriodUnit::Month, year, digits(rest, 2)?),
            Some((month, day)) => {
                let first = NaiveDate::from_ymd_opt(year, digits(month, 2)?, digits(day, 2)?)?;
                Some(Period { unit: PeriodUnit::Day, first })
            }
        },
    }
}

fn starting(unit: PeriodUnit, year: i32, month: u32) -> Option<Period> {
    Some(Period { unit, first: NaiveDate::from_ymd_opt(year, month, 1)? })
}

/// The number written with exactly that many ASCII digits.
fn digits(text: &str, length: usize) -> Option<u32> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
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
    fn every_form_reads_back_as_itself_and_has_its_boundaries() {
        for (text, first, last) in [
            ("2026", "2026-01-01", "2026-12-31"),
            ("2026-H1", "2026-01-01", "2026-06-30"),
            ("2026-H2", "2026-07-01", "2026-12-31"),
            ("2026-Q3", "2026-07-01", "2026-09-30"),
            ("2024-02", "2024-02-01", "2024-02-29"),
            ("2026-12", "2026-12-01", "2026-12-31"),
            ("2026-W31", "2026-07-27", "2026-08-02"),
            // The first week of 2026 begins in 2025, and 2020 has a fifty-third.
            ("2026-W01", "2025-12-29", "2026-01-04"),
            ("2020-W53", "2020-12-28", "2021-01-03"),
            ("2026-07-15", "2026-07-15", "2026-07-15"),
        ] {
            let period = period(text);
            assert_eq!((period.first_day(), period.last_day()), (day(first), day(last)), "{text}");
            assert_eq!(period.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for text in [
            "",
            "26",
            "2026-",
            "2026-Q0",
            "2026-Q5",
            "2026-H3",
            "2026-13",
            "2026-00",
            "2026-7",
            "2026-W00",
            "2026-W54",
            "2025-W53",
            "2026-02-29",
            "2026-07-15-1",
            "2026-q3",
            " 2026",
            "2026-Q",
            "+026",
            "1899",
            "3000",
            "2026-07..",
            "年",
        ] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn neighbours_touch_in_every_unit() {
        for text in ["2026", "2026-H1", "2026-Q1", "2026-01", "2026-W01", "2026-01-01", "2024-02", "2020-W53"] {
            let period = period(text);
            assert_eq!(period.next().first_day().pred_opt(), Some(period.last_day()), "{text}");
            assert_eq!(period.next().previous(), period, "{text}");
            assert_eq!(Period::containing(period.unit(), period.last_day()), period, "{text}");
            assert_eq!(Period::containing(period.unit(), period.first_day()), period, "{text}");
        }
    }

    #[test]
    fn periods_sort_by_day_and_the_longer_first() {
        let mut periods = ["2026-01-01", "2026-02", "2026-Q1", "2026", "2025-12"].map(period);
        periods.sort();
        assert_eq!(periods.map(|period| period.to_string()), ["2025-12", "2026", "2026-Q1", "2026-01-01", "2026-02"]);
    }
}
