//! When what is due: pure.

use analytics::period::{Period, PeriodUnit};
use analytics::rulebook::{NoticeRule, Schedule};
use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;

use super::calendar::{Calendar, moment};

/// A run that a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The period told of.
    pub period: Period,
    /// When.
    pub at: DateTime<Utc>,
}

/// Days between the end of a period and the last moment at which a rule can tell of it: sixty working days, with holidays.
const LONGEST_WAIT: u64 = 130;

/// When the result of a period is told by a rule; none if the rule does not go by periods.
pub fn due_at(rule: &NoticeRule, period: Period, calendar: &Calendar, zone: Tz) -> Option<DateTime<Utc>> {
    let Schedule::AfterClose { on, working_days, at } = rule.schedule else { return None };
    if period.unit() != on {
        return None;
    }
    let at = moment(calendar.working_day_after(period.last_day(), working_days), at, zone);
    Some(if rule.at_once { at } else { calendar.next_sending(at, zone) })
}

/// The runs that are due after `from` and no later than `until`, and the first one after that.
pub fn dues(
    rule: &NoticeRule,
    calendar: &Calendar,
    zone: Tz,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> (Vec<Due>, Option<DateTime<Utc>>) {
    let Schedule::AfterClose { on, .. } = rule.schedule else { return (Vec::new(), None) };
    let back = if on == PeriodUnit::Day { LONGEST_WAIT / 4 } else { LONGEST_WAIT };
    let first = from.with_timezone(&zone).date_naive();
    let mut period = Period::containing(on, first.checked_sub_days(Days::new(back)).unwrap_or(first)).previous();
    let mut found = Vec::new();
    loop {
        let Some(at) = due_at(rule, period, calendar, zone) else { return (found, None) };
        if at > until {
            return (found, Some(at));
        }
        if at > from {
            found.push(Due { period, at });
        }
        let next = period.next();
        if next == period {
            return (found, None);
        }
        period = next;
    }
}

/// How long before or after a deadline a rule tells of it: negative before it; none if the rule does not go by deadlines.
pub fn offset(rule: &NoticeRule) -> Option<TimeDelta> {
    match rule.schedule {
        Schedule::BeforeDue(before) => Some(-before),
        Schedule::AfterDue(after) => Some(after),
        Schedule::AfterClose { .. } | Schedule::AtEvent => None,
    }
}
