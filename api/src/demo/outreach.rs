//! What the office hears of and what it wants to read: leads of its sections, key points of the months.

use analytics::period::{Period, PeriodUnit};
use chrono::{DateTime, Datelike as _, Duration, Utc};
use entity::ids::{CommissionId, KeyPointAnswerId, KeyPointId, KeyPointListId, LeadId, PersonId};
use entity::lead::{self, LeadState};
use entity::{key_point, key_point_answer, key_point_list};
use sea_orm::ConnectionTrait;

use super::acts::Act;
use super::item::Item;
use super::rows::{fresh, insert, store};
use super::texts;
use super::world::World;
use crate::auth::policy::Action;
use crate::services::audit::{Entry, ObjectKind};

/// Sections of the office, with what they follow.
const SECTIONS: [(&str, &str); 4] =
    [("综合科", "重点工作"), ("经济科", "经济运行"), ("社会科", "民生保障"), ("农业科", "农业农村")];
/// Key points of a month.
const POINTS: usize = 3;
/// Of so many items of a month, one answers the first key point, one the second; nobody answers the third.
const ANSWERS: [usize; 2] = [40, 90];

/// A commission of the office's own, with what it is about.
pub(super) struct Asked {
    pub(super) id: CommissionId,
    pub(super) topic: String,
    pub(super) at: DateTime<Utc>,
}

/// The leads of the year: some became commissions, some were dismissed, the last waits.
pub(super) async fn leads(conn: &impl ConnectionTrait, world: &World, asked: &[Asked]) -> anyhow::Result<Vec<Act>> {
    let calendar = &world.calendar;
    let mut rows = Vec::new();
    for (place, asked) in asked.iter().enumerate() {
        let text = format!("建议围绕“{}”组织约稿，了解基层做法和困难。", asked.topic);
        let mut row = lead(world, SECTIONS[place % SECTIONS.len()].0, text, asked.at - Duration::days(1));
        row.commission_id = Some(asked.id);
        rows.push(screened(world, row, LeadState::Commissioned, asked.at));
    }
    for month in 1..=12 {
        let (section, matter) = SECTIONS[month as usize % SECTIONS.len()];
        let days = calendar.month(month);
        let Some((day, next)) = days.get(4).zip(days.get(5)) else { continue };
        let text = format!("{matter}方面近期有新情况，可否组织报送。");
        let mut row = lead(world, section, text, calendar.routine(*day, 9 * 60 + 20));
        row.dismissed_because = Some("已有专报反映，暂不约稿".to_owned());
        rows.push(screened(world, row, LeadState::Dismissed, calendar.routine(*next, 9 * 60 + 20)));
    }
    if let Some(day) = calendar.month(12).last() {
        let text = "多家企业反映年底资金周转紧张，建议约稿了解。".to_owned();
        rows.push(lead(world, SECTIONS[1].0, text, calendar.routine(*day, 10 * 60)));
    }
    let ids = insert::<lead::Entity, _>(conn, rows.iter().map(|row| fresh!(lead, row.clone())).collect()).await?;
    let mut acts = Vec::new();
    for (row, id) in rows.into_iter().zip(ids) {
        let entry = |action: Action| Entry::new(action.name(), ObjectKind::Lead, id.0);
        let brought = Entry { to: Some("new".to_owned()), ..entry(Action::CreateLead) };
        acts.push(Act::new(row.recorded_at, row.recorded_by, brought));
        if let (Some(at), Some(by)) = (row.screened_at, row.screened_by) {
            let to = if row.state == LeadState::Commissioned { "commissioned" } else { "dismissed" };
            let details = serde_json::json!({ "commission": row.commission_id });
            acts.push(Act::new(at, by, entry(Action::ScreenLead).moved("new", to).with(details)));
        }
    }
    Ok(acts)
}

fn lead(world: &World, section: &str, text: String, at: DateTime<Utc>) -> lead::Model {
    lead::Model {
        id: LeadId(0),
        network_id: world.network,
        unit_id: None,
        section: section.to_owned(),
        text,
        state: LeadState::New,
        recorded_by: world.desk.editor.id,
        recorded_at: at,
        commission_id: None,
        dismissed_because: None,
        screened_by: None,
        screened_at: None,
        version: 1,
    }
}

fn screened(world: &World, row: lead::Model, state: LeadState, at: DateTime<Utc>) -> lead::Model {
    lead::Model { state, screened_by: Some(world.desk.editor.id), screened_at: Some(at), version: 2, ..row }
}

/// The key points of each month, and the items that answer them.
pub(super) async fn key_points(conn: &impl ConnectionTrait, world: &World, items: &[Item]) -> anyhow::Result<Vec<Act>> {
    let editor = world.desk.editor.id;
    let lists: Vec<_> = (1..=12).filter_map(|month| list(world, month, editor)).collect();
    let rows = lists.iter().map(|row| fresh!(key_point_list, row.clone())).collect();
    let ids = insert::<key_point_list::Entity, _>(conn, rows).await?;
    let mut points = Vec::new();
    let mut acts = Vec::new();
    for (list, id) in lists.iter().zip(&ids) {
        let entry = Entry::new(Action::PublishKeyPoints.name(), ObjectKind::KeyPointList, id.0);
        let details = serde_json::json!({ "period": list.period, "points": POINTS });
        acts.push(Act::new(list.published_at, editor, entry.with(details)));
        let topics = texts::COMMISSIONED.iter().cycle().skip(list.first_day.month0() as usize);
        points.extend((1..).zip(topics.take(POINTS)).map(|(position, topic)| key_point::Model {
            id: KeyPointId(0),
            list_id: *id,
            position,
            topic: (*topic).to_owned(),
            requirement: format!("请报送{topic}，突出新情况、新问题。"),
        }));
    }
    let rows = points.iter().map(|row| fresh!(key_point, row.clone())).collect();
    let points = insert::<key_point::Entity, _>(conn, rows).await?;
    let mut answers = Vec::new();
    for (list, points) in lists.iter().zip(points.chunks(POINTS)) {
        let of_month =
            items.iter().filter(|item| world.calendar.day(item.row.created_at).month() == list.first_day.month());
        let of_month: Vec<_> = of_month.filter(|item| item.row.created_at > list.published_at).collect();
        for (point, every) in points.iter().zip(ANSWERS) {
            answers.extend(of_month.iter().skip(every / 2).step_by(every).map(|item| (*point, &item.row)));
        }
    }
    let entries = answers.iter().map(|(point, item)| {
        let entry = Entry::new(Action::AnswerKeyPoint.name(), ObjectKind::Submission, item.id.0);
        Act::new(item.created_at, item.created_by, entry.with(serde_json::json!({ "keyPoint": point })))
    });
    acts.extend(entries);
    let rows = answers.into_iter().map(|(point, item)| {
        let row = key_point_answer::Model {
            id: KeyPointAnswerId(0),
            key_point_id: point,
            submission_id: item.id,
            unit_id: item.unit_id,
            linked_at: item.created_at,
        };
        fresh!(key_point_answer, row)
    });
    store::<key_point_answer::Entity, _>(conn, rows.collect()).await?;
    Ok(acts)
}

fn list(world: &World, month: u32, editor: PersonId) -> Option<key_point_list::Model> {
    let day = world.calendar.month(month).first().copied()?;
    let period = Period::containing(PeriodUnit::Month, day);
    Some(key_point_list::Model {
        id: KeyPointListId(0),
        network_id: world.network,
        period: period.to_string(),
        first_day: period.first_day(),
        last_day: period.last_day(),
        published_by: editor,
        published_at: world.calendar.routine(day, 9 * 60 + 10),
        version: 1,
    })
}
