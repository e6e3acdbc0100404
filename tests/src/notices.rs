//! Notices for cases about sending: people with numbers, and runs that are released to them.

use api::services::delivery::{self, NewNotice, NewRun};
use api::services::phone;
use api::state::AppState;
use entity::consumer;
use entity::ids::{NetworkId, NoticeRunId, PersonId};
use entity::notice::Channel;
use entity::person;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::json;

use crate::office::global;

/// People in one statement.
const BATCH: usize = 1_000;

/// The number of the recipient with this number in the case.
pub fn number(place: usize) -> String {
    format!("139{place:08}")
}

/// So many people with a number each: `13900000000`, `13900000001`, …
pub async fn recipients(state: &AppState, count: usize) -> Vec<PersonId> {
    let now = state.clock().now();
    let writer = state.database().writer();
    for start in (0..count).step_by(BATCH) {
        let rows = (start..count.min(start + BATCH)).map(|place| person::ActiveModel {
            id: NotSet,
            unit_id: Set(None),
            name: Set(format!("领导{place}")),
            login: Set(format!("recipient.{place:06}")),
            password_hash: Set(None),
            failed_logins: Set(0),
            locked_until: Set(None),
            disabled_at: Set(None),
            created_at: Set(now),
            version: Set(1),
        });
        person::Entity::insert_many(rows).exec_without_returning(writer).await.expect("the logins are free");
    }
    let rows = person::Entity::find()
        .filter(person::Column::Login.starts_with("recipient."))
        .order_by_asc(person::Column::Login)
        .all(writer)
        .await
        .expect("people can be read");
    let people: Vec<_> = rows.into_iter().map(|row| row.id).collect();
    let numbers: Vec<_> = people.iter().enumerate().map(|(place, id)| (*id, number(place))).collect();
    phone::keep_all(state, &numbers).await.expect("numbers can be sealed");
    people
}

/// Releases a run of one text message to each of these people; none when the period had one.
pub async fn release(state: &AppState, network: NetworkId, period: &str, to: &[PersonId]) -> Option<NoticeRunId> {
    let text = format!("【信息通报】{period}信息采用情况已公布，请登录平台查看。");
    release_text(state, network, period, to, &text).await
}

/// Releases a run with this text.
pub async fn release_text(
    state: &AppState,
    network: NetworkId,
    period: &str,
    to: &[PersonId],
    text: &str,
) -> Option<NoticeRunId> {
    let run = NewRun {
        network,
        rule: "quarterly".to_owned(),
        kind: "quarterly_result".to_owned(),
        period: period.to_owned(),
        template_version: 1,
    };
    let notices = to.iter().map(|recipient| NewNotice {
        run: NoticeRunId(0),
        recipient: *recipient,
        unit: None,
        units: Vec::new(),
        channel: Channel::Sms,
        template: "SMS_1".to_owned(),
        template_version: 1,
        parameters: json!({ "period": period }),
        text: text.to_owned(),
    });
    delivery::send_now(state, run, notices.collect()).await.expect("a run can be released")
}

/// The global id of a network's consumer.
pub async fn consumer(state: &AppState, network: NetworkId) -> String {
    let row = consumer::Entity::find()
        .filter(consumer::Column::NetworkId.eq(network))
        .one(state.database().reader())
        .await
        .expect("consumers can be read")
        .expect("every network has a consumer");
    global("Consumer", row.id.0)
}
