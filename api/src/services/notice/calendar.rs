//! Working days and sending hours: a table that operators import, and ordinary weeks where nobody has.
//!
//! The State Council announces each year's holidays, and the Saturdays and Sundays that are worked instead, in the autumn before. A year
//! without any imported day is taken as ordinary: Monday to Friday; whoever previews a notice is told so.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use entity::calendar_day as row;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::Ctx;
use crate::services::audit::{self, Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::state::AppState;

/// The largest file: several years of days.
const LONGEST: usize = 256 * 1024;
/// Rows per statement.
const CHUNK: usize = 500;
/// Days looked ahead for a working day or a sending hour; no calendar has a longer holiday.
const HORIZON: u64 = 400;

/// The hours of a day without an entry: nobody is woken.
fn ordinary_hours() -> (NaiveTime, NaiveTime) {
    let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    (at(8, 30), at(20, 0))
}

/// A day as it was imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entered {
    working: bool,
    hours: Option<(NaiveTime, NaiveTime)>,
}

/// The calendar.
#[derive(Clone, Debug, Default)]
pub struct Calendar(BTreeMap<NaiveDate, Entered>);

impl Calendar {
    /// Reads the table.
    pub async fn load(conn: &impl ConnectionTrait) -> Result<Self> {
        let rows = row::Entity::find().all(conn).await?;
        let entered = |row: row::Model| {
            let hours = row.sends_from.as_deref().and_then(time).zip(row.sends_until.as_deref().and_then(time));
            (row.day, Entered { working: row.working, hours })
        };
        Ok(Self(rows.into_iter().map(entered).collect()))
    }

    /// Whether somebody imported days of this year.
    pub fn knows(&self, year: i32) -> bool {
        let days = NaiveDate::from_ymd_opt(year, 1, 1).zip(NaiveDate::from_ymd_opt(year, 12, 31));
        days.is_some_and(|(first, last)| self.0.range(first..=last).next().is_some())
    }

    /// Whether offices work on a day.
    pub fn is_working(&self, day: NaiveDate) -> bool {
        match self.0.get(&day) {
            Some(entered) => entered.working,
            None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// The working day that comes so many working days after a day.
    pub fn working_day_after(&self, day: NaiveDate, count: u32) -> NaiveDate {
        let days = (1..=HORIZON).filter_map(|days| day.checked_add_days(Days::new(days)));
        let place = usize::try_from(count.saturating_sub(1)).unwrap_or(usize::MAX);
        days.filter(|day| self.is_working(*day)).nth(place).unwrap_or(day)
    }

    /// The first moment from `at` on at which text messages go out.
    pub fn next_sending(&self, at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let local = at.with_timezone(&zone);
        let today = local.date_naive();
        for days in 0..HORIZON {
            let Some(day) = today.checked_add_days(Days::new(days)) else { break };
            let Some((from, until)) = self.0.get(&day).map_or(Some(ordinary_hours()), |entered| entered.hours) else {
                continue;
            };
            if days > 0 || local.time() < from {
                return moment(day, from, zone);
            }
            if local.time() < until {
                return at;
            }
        }
        at
    }
}

/// A moment of a local day; where the clock is put forward, the first one after the gap.
pub(crate) fn moment(day: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let local = day.and_time(time);
    local.and_local_timezone(zone).earliest().map_or_else(|| local.and_utc(), |moment| moment.to_utc())
}

/// `08:30`.
fn time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| text.len() == 5)
}

/// Takes a calendar over.
#[derive(Clone, Debug, Serialize)]
pub struct ImportCalendar {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The days, as a file of comma-separated values.
    pub csv: String,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CalendarOutcome {
    /// How many days were taken over.
    pub days: i64,
    /// The years that they lie in.
    pub years: Vec<i32>,
}

impl Command for ImportCalendar {
    fn name(&self) -> &'static str {
        "importCalendar"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Takes a calendar over; days that are there already are replaced, others stay.
pub async fn import(ctx: &Ctx, command: ImportCalendar) -> Result<CalendarOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    ctx.authorize(Action::ImportCalendar, Target::platform())?;
    let days = read(&command.csv)?;
    let outcome = keep(write.conn(), &days, ctx.now()).await?;
    write.record(entry(&outcome));
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Takes a calendar over for the operator on the command line.
pub async fn take_over(state: &AppState, csv: &str) -> Result<CalendarOutcome> {
    let days = read(csv)?;
    let (now, txn) = (state.clock().now(), state.database().begin().await?);
    let outcome = keep(&txn, &days, now).await?;
    audit::append(&txn, audit::PLATFORM, None, now, vec![entry(&outcome)]).await?;
    txn.commit().await?;
    Ok(outcome)
}

fn entry(outcome: &CalendarOutcome) -> Entry {
    Entry::new(Action::ImportCalendar.name(), ObjectKind::Calendar, 0)
        .with(serde_json::json!({ "days": outcome.days, "years": outcome.years }))
}

async fn keep(conn: &impl ConnectionTrait, days: &[Day], now: DateTime<Utc>) -> Result<CalendarOutcome> {
    use row::Column as C;

    for part in days.chunks(CHUNK) {
        let rows = part.iter().map(|day| row::ActiveModel {
            day: Set(day.on),
            working: Set(day.working),
            sends_from: Set(day.hours.map(|(from, _)| from.format("%H:%M").to_string())),
            sends_until: Set(day.hours.map(|(_, until)| until.format("%H:%M").to_string())),
            note: Set(day.note.clone()),
            imported_at: Set(now),
        });
        let again = OnConflict::column(C::Day)
            .update_columns([C::Working, C::SendsFrom, C::SendsUntil, C::Note, C::ImportedAt])
            .to_owned();
        row::Entity::insert_many(rows).on_conflict(again).exec_without_returning(conn).await?;
    }
    let mut years: Vec<i32> = days.iter().map(|day| day.on.year()).collect();
    years.sort_unstable();
    years.dedup();
    Ok(CalendarOutcome { days: i64::try_from(days.len()).unwrap_or(i64::MAX), years })
}

/// One line of the file.
#[derive(Debug, PartialEq, Eq)]
struct Day {
    on: NaiveDate,
    working: bool,
    hours: Option<(NaiveTime, NaiveTime)>,
    note: Option<String>,
}

/// Reads `day,working,sends_from,sends_until,note`, a day in each line after the head.
fn read(csv: &str) -> Result<Vec<Day>> {
    let wrong = |line: usize, en: &str, zh: &str| {
        Error::invalid("csv", format!("line {line}: {en}"), format!("第 {line} 行：{zh}"))
    };
    if csv.len() > LONGEST {
        return Err(Error::invalid("csv", "a calendar has at most 256 KiB", "日历文件不得超过 256 KiB"));
    }
    let text = csv.strip_prefix('\u{feff}').unwrap_or(csv);
    let mut lines = text.lines().enumerate().map(|(place, line)| (place + 1, line.trim()));
    let head = lines.next().map(|(_, line)| line.replace(' ', ""));
    if head.as_deref() != Some("day,working,sends_from,sends_until,note") {
        return Err(wrong(
            1,
            "the head must be day,working,sends_from,sends_until,note",
            "表头应为 day,working,sends_from,sends_until,note",
        ));
    }
    let mut days: BTreeMap<NaiveDate, Day> = BTreeMap::new();
    for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
        let cells: Vec<&str> = line.splitn(5, ',').map(str::trim).collect();
        let [day, working, from, until, note] = cells[..] else {
            return Err(wrong(number, "five cells are needed", "应有五列"));
        };
        let day: NaiveDate =
            day.parse().map_err(|_| wrong(number, "the day must be written as 2026-10-01", "日期应写作 2026-10-01"))?;
        let working = match working {
            "yes" | "是" => true,
            "no" | "否" => false,
            _ => return Err(wrong(number, "working must be yes or no", "working 应为 yes 或 no（是或否）")),
        };
        let hours = if from.is_empty() && until.is_empty() {
            None
        } else {
            let hours = time(from).zip(time(until)).filter(|(from, until)| from < until);
            Some(hours.ok_or_else(|| {
                wrong(
                    number,
                    "sending hours must be written as 08:30 and 20:00, the earlier one first",
                    "发送时段应写作 08:30 与 20:00，且前者早于后者",
                )
            })?)
        };
        let note = (!note.is_empty()).then(|| note.chars().take(100).collect());
        if days.insert(day, Day { on: day, working, hours, note }).is_some() {
            return Err(wrong(number, "the day stands here twice", "该日期重复"));
        }
    }
    if days.is_empty() {
        return Err(wrong(2, "there are no days", "没有任何日期"));
    }
    Ok(days.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn calendar(csv: &str) -> Calendar {
        let days = read(csv).unwrap();
        Calendar(days.into_iter().map(|day| (day.on, Entered { working: day.working, hours: day.hours })).collect())
    }

    const OCTOBER: &str = "day,working,sends_from,sends_until,note\n\
        2026-10-01,no,,,国庆节\n2026-10-02,no,09:00,18:00,国庆节\n2026-10-10,yes,08:30,20:00,调休上班\n";

    #[test]
    fn working_days_are_counted_by_the_calendar() {
        let (ordinary, imported) = (Calendar::default(), calendar(OCTOBER));
        assert_eq!(ordinary.working_day_after(day("2026-09-30"), 1), day("2026-10-01"));
        assert_eq!(imported.working_day_after(day("2026-09-30"), 1), day("2026-10-05"));
        assert_eq!(imported.working_day_after(day("2026-10-09"), 1), day("2026-10-10"));
        assert_eq!(ordinary.working_day_after(day("2026-12-31"), 3), day("2027-01-05"));
        assert!(imported.knows(2026) && !imported.knows(2027) && !ordinary.knows(2026));
    }

    #[test]
    fn nobody_is_woken() {
        let calendar = calendar(OCTOBER);
        let next = |from: &str| calendar.next_sending(at(from), chrono_tz::Asia::Shanghai);
        assert_eq!(next("2026-09-30T09:00:00+08:00"), at("2026-09-30T09:00:00+08:00"));
        assert_eq!(next("2026-09-29T23:00:00+08:00"), at("2026-09-30T08:30:00+08:00"));
        // Nothing goes out on the day of the feast, and later on the day after.
        assert_eq!(next("2026-09-30T20:00:00+08:00"), at("2026-10-02T09:00:00+08:00"));
        assert_eq!(next("2026-10-02T03:00:00+08:00"), at("2026-10-02T09:00:00+08:00"));
    }

    #[test]
    fn a_file_that_is_wrong_is_told_by_its_line() {
        for (csv, said) in [
            ("", "line 1"),
            ("day,working\n", "line 1"),
            ("day,working,sends_from,sends_until,note\n", "no days"),
            ("day,working,sends_from,sends_until,note\n2026-02-30,no,,,x\n", "line 2"),
            ("day,working,sends_from,sends_until,note\n\n2026-02-03,maybe,,,x\n", "line 3"),
            ("day,working,sends_from,sends_until,note\n2026-02-03,no,9:00,18:00,x\n", "08:30"),
            ("day,working,sends_from,sends_until,note\n2026-02-03,no,18:00,09:00,x\n", "earlier"),
            ("day,working,sends_from,sends_until,note\n2026-02-03,no,,,x\n2026-02-03,no,,,x\n", "twice"),
        ] {
            let error = read(csv).unwrap_err();
            assert!(error.message.contains(said), "{csv:?}: {}", error.message);
        }
    }
}
