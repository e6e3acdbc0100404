//! The working days of the demonstration's year, and moments on them.

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, NaiveTime, TimeZone as _, Utc, Weekday};
use chrono_tz::Tz;

/// The year that is filled.
pub(super) const YEAR: i32 = 2025;

/// Public holidays that fall from Monday to Friday, as first and last day (国务院办公厅关于2025年部分节假日安排的通知).
const HOLIDAYS: [((u32, u32), (u32, u32)); 6] =
    [((1, 1), (1, 1)), ((1, 28), (2, 4)), ((4, 4), (4, 6)), ((5, 1), (5, 5)), ((5, 31), (6, 2)), ((10, 1), (10, 8))];
/// Saturdays and Sundays that are worked instead, by the same notice.
const WORKED: [(u32, u32); 5] = [(1, 26), (2, 8), (4, 27), (9, 28), (10, 11)];

/// The working days of the year in one time zone.
pub(super) struct Calendar {
    zone: Tz,
    days: Vec<NaiveDate>,
}

impl Calendar {
    /// The calendar of a network.
    pub(super) fn new(zone: Tz) -> Self {
        let year = NaiveDate::from_yo_opt(YEAR, 1).into_iter().flat_map(|first| first.iter_days());
        let days = year.take_while(|day| day.year() == YEAR).filter(|day| is_worked(*day)).collect();
        Self { zone, days }
    }

    /// The working days of a month, 1 to 12.
    pub(super) fn month(&self, month: u32) -> &[NaiveDate] {
        let first = self.days.partition_point(|day| day.month() < month);
        let end = self.days.partition_point(|day| day.month() <= month);
        &self.days[first..end]
    }

    /// The working days that are `weekday`.
    pub(super) fn each(&self, weekday: Weekday) -> impl Iterator<Item = NaiveDate> {
        self.days.iter().copied().filter(move |day| day.weekday() == weekday)
    }

    /// The `count`-th working day after `day`; none when the year ends before.
    pub(super) fn later(&self, day: NaiveDate, count: usize) -> Option<NaiveDate> {
        let next = self.days.partition_point(|known| *known <= day);
        self.days.get((next + count).checked_sub(1)?).copied()
    }

    /// The local day of a moment.
    pub(super) fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// That many seconds after local midnight.
    pub(super) fn at(&self, day: NaiveDate, seconds: i64) -> DateTime<Utc> {
        let local = day.and_time(NaiveTime::MIN) + Duration::seconds(seconds);
        self.zone.from_local_datetime(&local).earliest().map_or(local.and_utc(), |at| at.with_timezone(&Utc))
    }

    /// When the office does on `day` what it does every day at about `minute` after midnight.
    pub(super) fn routine(&self, day: NaiveDate, minute: i64) -> DateTime<Utc> {
        let ordinal = i64::from(day.ordinal());
        self.at(day, minute * 60 + ordinal * 37 % 600)
    }

    /// The first such moment after `at`, among the `minutes` of the working days; none when the year ends before.
    pub(super) fn next_routine(&self, at: DateTime<Utc>, minutes: &[i64]) -> Option<DateTime<Utc>> {
        let from = self.days.partition_point(|day| *day < self.day(at));
        let moments = self.days[from..].iter().flat_map(|day| minutes.iter().map(|minute| self.routine(*day, *minute)));
        moments.take(minutes.len() * 3).find(|moment| *moment > at)
    }
}

fn is_worked(day: NaiveDate) -> bool {
    let date = (day.month(), day.day());
    if WORKED.contains(&date) {
        return true;
    }
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    !weekend && !HOLIDAYS.iter().any(|(first, last)| (*first..=*last).contains(&date))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_has_the_working_days_of_the_notice() {
        let calendar = Calendar::new(chrono_tz::Asia::Shanghai);
        assert_eq!(calendar.days.len(), 248);
        assert_eq!((1..=12).map(|month| calendar.month(month).len()).sum::<usize>(), 248);
    }

    #[test]
    fn a_routine_comes_after_the_moment_and_not_in_the_next_year() {
        let calendar = Calendar::new(chrono_tz::Asia::Shanghai);
        let eve = NaiveDate::from_ymd_opt(YEAR, 9, 30).unwrap();
        let evening = calendar.at(eve, 20 * 3_600);
        let next = calendar.next_routine(evening, &[550, 940]).unwrap();
        assert_eq!(calendar.day(next), NaiveDate::from_ymd_opt(YEAR, 10, 9).unwrap());
        let last = calendar.at(NaiveDate::from_ymd_opt(YEAR, 12, 31).unwrap(), 20 * 3_600);
        assert_eq!(calendar.next_routine(last, &[550]), None);
        assert_eq!(calendar.later(NaiveDate::from_ymd_opt(YEAR, 12, 30).unwrap(), 2), None);
    }
}
