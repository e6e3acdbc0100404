//! What happened, for rules that tell of it: commissions and their deadlines, adoptions, instructions, incidents, prompts, and days.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use analytics::rulebook::{NoticeKind, NoticeRule, Subject, TITLE};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::commission::CommissionState;
use entity::ids::{CommissionAssignmentId, CommissionId, PublicationId, SubmissionId, UnitId};
use entity::incident::{IncidentKind, IncidentState};
use entity::screening::ScreeningDecision;
use entity::{
    adoption, commission, commission_assignment, endorsement, incident, prompt, publication, screening, submission,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _,
};

use super::calendar::moment;
use super::compose::{About, Values, short};
use super::schedule::offset;
use crate::error::Result;
use crate::services::commission::standing::AWAITED;
use crate::services::facts::Snapshot;
use crate::services::{local_day, time_zone};

/// The most titles that a day's text shows.
const TITLES: usize = 3;

/// Something that a rule tells of, once.
#[derive(Clone, Debug)]
pub(crate) struct Occasion {
    /// What the run happens once for.
    pub(crate) key: String,
    /// When it happened, or when its deadline makes it worth telling.
    pub(crate) at: DateTime<Utc>,
    /// What is said.
    pub(crate) about: About,
    /// The assignment that must still be unanswered when it is told.
    pub(crate) awaited: Option<(CommissionAssignmentId, DateTime<Utc>)>,
}

/// What happened between two moments, as far as the rule tells of it; and the next moment at which a deadline will make something
/// worth telling.
pub(crate) async fn between(
    conn: &impl ConnectionTrait,
    snapshot: &Snapshot,
    rule: &NoticeRule,
    span: Range<DateTime<Utc>>,
) -> Result<(Vec<Occasion>, Option<DateTime<Utc>>)> {
    let occasions = match rule.kind.subject() {
        Subject::Result | Subject::Day => Vec::new(),
        Subject::Commission => match offset(rule) {
            None => issued(conn, snapshot, span).await?,
            Some(offset) => return due(conn, snapshot, rule, offset, span).await,
        },
        Subject::Adoption => adopted(conn, snapshot, rule, span).await?,
        Subject::Endorsement => endorsed(conn, snapshot, rule, span).await?,
        Subject::Incident => late_reports(conn, snapshot, span).await?,
        Subject::Prompt => prompts(conn, snapshot, span).await?,
    };
    Ok((occasions, None))
}

/// The unit with its category of today; none for one that the network does not know.
fn about(snapshot: &Snapshot, unit: UnitId, day: NaiveDate, mut values: Values) -> Option<About> {
    let row = snapshot.facts.units().get(&unit.0)?;
    let holds = |first: NaiveDate, last: Option<NaiveDate>| first <= day && last.is_none_or(|last| day <= last);
    let category = row.memberships.iter().find(|membership| holds(membership.first, membership.last));
    values.insert("unit", row.name.clone());
    Some(About { unit, name: row.name.clone(), category: category.map(|category| category.category.clone()), values })
}

fn day_name(day: NaiveDate) -> String {
    super::results::name(analytics::period::Period::containing(analytics::period::PeriodUnit::Day, day))
}

/// `3月20日18:00`.
fn deadline(at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    format!("{}{}", day_name(local.date_naive()), local.format("%H:%M"))
}

/// `3天`, `5小时`; rounded up, so that nothing is told as no time at all.
fn length(time: TimeDelta) -> String {
    let minutes = time.num_minutes().max(0);
    match minutes {
        0..60 => format!("{minutes}分钟"),
        60..1_440 => format!("{}小时", (minutes + 59) / 60),
        _ => format!("{}天", (minutes + 1_439) / 1_440),
    }
}

/// The occasion of an assignment of a commission, told at `now`.
fn occasion(
    snapshot: &Snapshot,
    key: String,
    at: DateTime<Utc>,
    row: &commission_assignment::Model,
    commission: &commission::Model,
    now: DateTime<Utc>,
) -> Option<Occasion> {
    let zone = time_zone(&snapshot.network);
    let values = Values::from([
        ("title", short(&commission.topic, TITLE)),
        ("deadline", deadline(row.due_at, zone)),
        ("left", length(row.due_at - now)),
        ("overdue", length(now - row.due_at)),
    ]);
    let about = about(snapshot, row.unit_id, local_day(&snapshot.network, now), values)?;
    Some(Occasion { key, at, about, awaited: None })
}

async fn issued(conn: &impl ConnectionTrait, snapshot: &Snapshot, span: Range<DateTime<Utc>>) -> Result<Vec<Occasion>> {
    let commissions = commission::Entity::find()
        .filter(commission::Column::NetworkId.eq(snapshot.network.id))
        .filter(commission::Column::IssuedAt.gte(span.start))
        .filter(commission::Column::IssuedAt.lte(span.end))
        .all(conn)
        .await?;
    let rows = commission_assignment::Entity::find()
        .filter(commission_assignment::Column::CommissionId.is_in(commissions.iter().map(|row| row.id)))
        .order_by_asc(commission_assignment::Column::Id)
        .all(conn)
        .await?;
    let of: BTreeMap<CommissionId, &commission::Model> = commissions.iter().map(|row| (row.id, row)).collect();
    let occasions = rows.iter().filter_map(|row| {
        let commission = of.get(&row.commission_id)?;
        occasion(snapshot, format!("assignment {}", row.id), commission.issued_at, row, commission, span.end)
    });
    Ok(occasions.collect())
}

/// Assignments that nobody has answered and whose deadline in force makes them worth telling in the span. A later deadline is an
/// occasion of its own.
async fn due(
    conn: &impl ConnectionTrait,
    snapshot: &Snapshot,
    rule: &NoticeRule,
    offset: TimeDelta,
    span: Range<DateTime<Utc>>,
) -> Result<(Vec<Occasion>, Option<DateTime<Utc>>)> {
    use commission_assignment::Column as C;

    let open = commission::Entity::find()
        .filter(commission::Column::NetworkId.eq(snapshot.network.id))
        .filter(commission::Column::State.eq(CommissionState::Open));
    let awaited = commission_assignment::Entity::find()
        .filter(C::CommissionId.in_subquery(open.clone().select_only().column(commission::Column::Id).into_query()))
        .filter(C::State.is_in(AWAITED))
        .filter(C::DueAt.gte(span.start - offset))
        .order_by_asc(C::DueAt)
        .order_by_asc(C::Id);
    let rows = awaited.clone().filter(C::DueAt.lte(span.end - offset)).all(conn).await?;
    let next = awaited.filter(C::DueAt.gt(span.end - offset)).one(conn).await?.map(|row| row.due_at + offset);
    let commissions = open
        .filter(commission::Column::Id.is_in(rows.iter().map(|row| row.commission_id).collect::<BTreeSet<_>>()))
        .all(conn)
        .await?;
    let of: BTreeMap<CommissionId, &commission::Model> = commissions.iter().map(|row| (row.id, row)).collect();
    let mut occasions = Vec::new();
    for row in &rows {
        let Some(commission) = of.get(&row.commission_id) else { continue };
        // A commission that was given at shorter notice has no such reminder.
        let at = row.due_at + offset;
        if rule.kind == NoticeKind::CommissionReminder && at < commission.issued_at {
            continue;
        }
        let key = format!("assignment {} due {}", row.id, row.due_at.format("%Y-%m-%dT%H:%M:%SZ"));
        let found = occasion(snapshot, key, at, row, commission, span.end);
        occasions.extend(found.map(|found| Occasion { awaited: Some((row.id, row.due_at)), ..found }));
    }
    Ok((occasions, next))
}

/// Whether an assignment is still unanswered, under the same deadline.
pub(crate) async fn is_awaited(
    conn: &impl ConnectionTrait,
    assignment: CommissionAssignmentId,
    due_at: DateTime<Utc>,
) -> Result<bool> {
    let row = commission_assignment::Entity::find_by_id(assignment).one(conn).await?;
    Ok(row.is_some_and(|row| AWAITED.contains(&row.state) && row.due_at == due_at))
}

/// Titles by submission.
async fn titles(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = SubmissionId>,
) -> Result<BTreeMap<SubmissionId, submission::Model>> {
    let ids: BTreeSet<_> = ids.into_iter().collect();
    let rows = submission::Entity::find().filter(submission::Column::Id.is_in(ids)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

async fn publications(
    conn: &impl ConnectionTrait,
    snapshot: &Snapshot,
) -> Result<BTreeMap<PublicationId, publication::Model>> {
    let rows =
        publication::Entity::find().filter(publication::Column::NetworkId.eq(snapshot.network.id)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A level by its name in the rulebook.
fn level(snapshot: &Snapshot, day: NaiveDate, code: &str) -> String {
    let rulebook = super::rulebook(snapshot, day);
    let named = rulebook.and_then(|rulebook| rulebook.levels().iter().find(|level| level.id == code));
    short(named.map_or(code, |level| &level.name), 10)
}

fn told_of(rule: &NoticeRule, level: &str) -> bool {
    rule.levels.is_empty() || rule.levels.iter().any(|told| told == level)
}

async fn adopted(
    conn: &impl ConnectionTrait,
    snapshot: &Snapshot,
    rule: &NoticeRule,
    span: Range<DateTime<Utc>>,
) -> Result<Vec<Occasion>> {
    let publications = publications(conn, snapshot).await?;
    let told: Vec<_> =
        publications.values().filter(|publication| told_of(rule, &publication.level)).map(|row| row.id).collect();
    let rows = adoption::Entity::find()
        .filter(adoption::Column::NetworkId.eq(snapshot.network.id))
        .filter(adoption::Column::PublicationId.is_in(told))
        .filter(adoption::Column::RecordedAt.gte(span.start))
        .filter(adoption::Column::RecordedAt.lte(span.end))
        .order_by_asc(adoption::Column::Id)
        .all(conn)
        .await?;
    let titles = titles(conn, rows.iter().map(|row| row.submission_id)).await?;
    let occasions = rows.iter().filter_map(|row| {
        let publication = publications.get(&row.publication_id)?;
        let values = Values::from([
            ("title", short(&titles.get(&row.submission_id)?.title, TITLE)),
            ("publication", short(&publication.name, 20)),
            ("level", level(snapshot, row.adopted_on, &publication.level)),
            ("day", day_name(row.adopted_on)),
        ]);
        let about = about(snapshot, row.unit_id, row.adopted_on, values)?;
        Some(Occasion { key: format!("adoption {}", row.id), at: row.recorded_at, about, awaited: None })
    });
    Ok(occasions.collect())
}

async fn endorsed(
    conn: &impl ConnectionTrait,
    snapshot: &Snapshot,
    rule: &NoticeRule,
    span: Range<DateTime<Utc>>,
) -> Result<Vec<Occasion>> {
    let rows = endorsement::Entity::find()
        .filter(endorsement::Column::NetworkId.eq(snapshot.network.id))
        .filter(endorsement::Column::RecordedAt.gte(span.start))
        .filter(endorsement::Column::RecordedAt.lte(span.end))
        .order_by_asc(endorsement::Column::Id)
        .all(conn)
        .await?;
    let titles = titles(conn, rows.iter().map(|row| row.submission_id)).await?;
    let occasions = rows.iter().filter(|row| told_of(rule, &row.level)).filter_map(|row| {
        let submission = titles.get(&row.submission_id)?;
        let values = Values::from([
            ("title", short(&submission.title, TITLE)),
            ("level", level(snapshot, row.endorsed_on, &row.level)),
            ("day", day_name(row.endorsed_on)),
        ]);
        let about = about(snapshot, submission.unit_id, row.endorsed_on, values)?;
        Some(Occasion { key: format!("endorsement {}", row.id), at: row.recorded_at, about, awaited: None })
    });
    Ok(occasions.collect())
}

async fn late_reports(
    conn: &impl ConnectionTrait,
    snapshot: &Snapshot,
    span: Range<DateTime<Utc>>,
) -> Result<Vec<Occasion>> {
    let kinds = [IncidentKind::Late, IncidentKind::Missed, IncidentKind::Concealed, IncidentKind::Misreported];
    let rows = incident::Entity::find()
        .filter(incident::Column::NetworkId.eq(snapshot.network.id))
        .filter(incident::Column::Kind.is_in(kinds))
        .filter(incident::Column::State.ne(IncidentState::Dismissed))
        .filter(incident::Column::RecordedAt.gte(span.start))
        .filter(incident::Column::RecordedAt.lte(span.end))
        .order_by_asc(incident::Column::Id)
        .all(conn)
        .await?;
    let occasions = rows.iter().filter_map(|row| {
        let called = match row.kind {
            IncidentKind::Late => "迟报",
            IncidentKind::Missed => "漏报",
            IncidentKind::Concealed => "瞒报",
            IncidentKind::Misreported => "误报",
            IncidentKind::Untrue => return None,
        };
        let values = Values::from([("incident", called.to_owned()), ("day", day_name(row.occurred_on))]);
        let about = about(snapshot, row.unit_id, row.occurred_on, values)?;
        Some(Occasion { key: format!("incident {}", row.id), at: row.recorded_at, about, awaited: None })
    });
    Ok(occasions.collect())
}

async fn prompts(
    conn: &impl ConnectionTrait,
    snapshot: &Snapshot,
    span: Range<DateTime<Utc>>,
) -> Result<Vec<Occasion>> {
    let rows = prompt::Entity::find()
        .filter(prompt::Column::NetworkId.eq(snapshot.network.id))
        .filter(prompt::Column::PromptedAt.gte(span.start))
        .filter(prompt::Column::PromptedAt.lte(span.end))
        .order_by_asc(prompt::Column::Id)
        .all(conn)
        .await?;
    let occasions = rows.iter().filter_map(|row| {
        let values = Values::from([("words", short(&row.text, 500))]);
        let about = about(snapshot, row.unit_id, local_day(&snapshot.network, row.prompted_at), values)?;
        Some(Occasion { key: format!("prompt {}", row.id), at: row.prompted_at, about, awaited: None })
    });
    Ok(occasions.collect())
}

/// What was decided on a day, unit by unit; units of which nothing was decided are not in it. A rule about levels tells of adoptions
/// at these levels only.
pub(crate) async fn on_day(
    conn: &impl ConnectionTrait,
    snapshot: &Snapshot,
    rule: &NoticeRule,
    day: NaiveDate,
) -> Result<(Vec<About>, Values)> {
    let zone = time_zone(&snapshot.network);
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    let (from, to) = (moment(day, NaiveTime::MIN, zone), moment(next, NaiveTime::MIN, zone));
    let publications = publications(conn, snapshot).await?;
    let told: Vec<_> =
        publications.values().filter(|publication| told_of(rule, &publication.level)).map(|row| row.id).collect();
    let adoptions = adoption::Entity::find()
        .filter(adoption::Column::NetworkId.eq(snapshot.network.id))
        .filter(adoption::Column::PublicationId.is_in(told))
        .filter(adoption::Column::RecordedAt.gte(from))
        .filter(adoption::Column::RecordedAt.lt(to))
        .order_by_asc(adoption::Column::Id)
        .all(conn)
        .await?;
    let screenings = if rule.levels.is_empty() {
        screening::Entity::find()
            .filter(
                screening::Column::SubmissionId.in_subquery(
                    submission::Entity::find()
                        .select_only()
                        .column(submission::Column::Id)
                        .filter(submission::Column::NetworkId.eq(snapshot.network.id))
                        .into_query(),
                ),
            )
            .filter(screening::Column::DecidedAt.gte(from))
            .filter(screening::Column::DecidedAt.lt(to))
            .order_by_asc(screening::Column::Id)
            .all(conn)
            .await?
    } else {
        Vec::new()
    };
    let ids = adoptions.iter().map(|row| row.submission_id).chain(screenings.iter().map(|row| row.submission_id));
    let submissions = titles(conn, ids).await?;
    let mut days: BTreeMap<UnitId, Decided> = BTreeMap::new();
    for row in &adoptions {
        let decided = days.entry(row.unit_id).or_default();
        decided.adopted.extend(submissions.get(&row.submission_id).map(|submission| submission.title.clone()));
    }
    for row in &screenings {
        let Some(submission) = submissions.get(&row.submission_id) else { continue };
        let decided = days.entry(submission.unit_id).or_default();
        match row.decision {
            ScreeningDecision::Returned => decided.returned += 1,
            ScreeningDecision::Declined => decided.declined += 1,
            ScreeningDecision::Shortlisted => {}
        }
    }
    days.retain(|_, decided| !decided.adopted.is_empty() || decided.returned > 0 || decided.declined > 0);
    let abouts = days.into_iter().filter_map(|(unit, decided)| about(snapshot, unit, day, decided.values(day)));
    Ok((abouts.collect(), Values::from([("day", day_name(day))])))
}

/// What was decided on a unit's submissions in a day.
#[derive(Default)]
struct Decided {
    adopted: Vec<String>,
    returned: usize,
    declined: usize,
}

impl Decided {
    fn values(&self, day: NaiveDate) -> Values {
        let shown = self.adopted.iter().take(TITLES).map(|title| format!("《{}》", short(title, TITLE)));
        let mut titles = shown.collect::<String>();
        if self.adopted.len() > TITLES {
            titles.push('等');
        }
        Values::from([
            ("day", day_name(day)),
            ("adopted", self.adopted.len().to_string()),
            ("returned", self.returned.to_string()),
            ("declined", self.declined.to_string()),
            ("titles", titles),
        ])
    }
}
