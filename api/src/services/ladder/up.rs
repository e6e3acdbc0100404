//! Sending up into a network of ours: the item becomes a submission of the unit that runs the network below.

use analytics::rulebook::Rulebook;
use entity::ids::{NetworkId, SubmissionId};
use entity::submission::{self, SubmissionState};
use entity::{network, relay, submission_author, unit};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};

use super::relays_from;
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::submission::{circumstances, draft};
use crate::services::write::Write;
use crate::services::{Ctx, local_day, network_row, rulebook, search, unit as units};

/// Hands `row` in to the network above if that stands at `to_level`, and returns what it became there. An item is handed in to a
/// network once, through however many publications it goes up.
pub(in crate::services) async fn send_above(
    ctx: &Ctx,
    write: &mut Write,
    row: &submission::Model,
    to_level: &str,
    kind_above: Option<&str>,
) -> Result<Option<SubmissionId>> {
    let below = network_row(write.conn(), row.network_id).await?;
    let owner = match (below.owner_id, &below.level_above) {
        (Some(owner), Some(level)) if level == to_level => unit::Entity::find_by_id(owner).one(write.conn()).await?,
        _ => None,
    };
    let Some(owner) = owner else {
        if kind_above.is_some() {
            return Err(Error::invalid(
                "kindAbove",
                "no network of ours stands at this level; leave the kind out",
                "该层级没有接入的信息网络，请勿填写上级信息类型",
            ));
        }
        return Ok(None);
    };
    let known = relays_from(write.conn(), row.id).await?;
    if let Some(known) = known.iter().find(|relay| relay.upper_network_id == owner.network_id) {
        return Ok(Some(known.upper_id));
    }
    let above = network_row(write.conn(), owner.network_id).await?;
    let upper = hand_in(ctx, write.conn(), row, &owner, &above, kind_above).await?;
    let step = relay::ActiveModel {
        id: NotSet,
        lower_id: Set(row.id),
        lower_network_id: Set(row.network_id),
        upper_id: Set(upper),
        upper_network_id: Set(above.id),
        to_level: Set(to_level.to_owned()),
        relayed_at: Set(ctx.now()),
    };
    relay::Entity::insert(step).exec_without_returning(write.conn()).await?;
    let entry = Entry::new("RelaySubmission", ObjectKind::Submission, upper.0);
    let details = serde_json::json!({ "fromNetwork": below.id, "fromSubmission": row.id });
    write.record_in(above.id, Entry { to: Some("submitted".to_owned()), ..entry.with(details) });
    Ok(Some(upper))
}

/// Stores the submission above. It has to pass the receipt there like any other.
async fn hand_in(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    row: &submission::Model,
    owner: &unit::Model,
    above: &network::Model,
    kind_above: Option<&str>,
) -> Result<SubmissionId> {
    let now = ctx.now();
    let today = local_day(above, now);
    units::check_members(conn, above.id, &[owner.id], today, "toLevel").await?;
    let rules = rulebook::in_force(ctx, conn, above.id, today).await?;
    let kind = kind_there(&rules, kind_above.unwrap_or(&row.kind))?;
    let due = circumstances::due_on(&rules, &kind, row.happened_on);
    let topic = row.topic.clone().filter(|topic| rules.topics().iter().any(|declared| declared.id == *topic));
    let stored = submission::ActiveModel {
        id: NotSet,
        network_id: Set(above.id),
        unit_id: Set(owner.id),
        kind: Set(kind),
        topic: Set(topic),
        title: Set(row.title.clone()),
        body: Set(row.body.clone()),
        characters: Set(row.characters),
        urgent: Set(row.urgent),
        assignment_id: Set(None),
        state: Set(SubmissionState::Submitted),
        contact: Set(row.contact.clone()),
        signatory_id: Set(row.signatory_id),
        signed_at: Set(row.signed_at),
        created_by: Set(ctx.actor().id()),
        created_at: Set(now),
        submitted_at: Set(Some(now)),
        submitted_on: Set(Some(today)),
        received_at: Set(None),
        decided_at: Set(None),
        happened_on: Set(row.happened_on),
        due_on: Set(due),
        late_days: Set(due.map(|due| circumstances::late_days(due, today))),
        important: Set(row.important),
        claimed_by: Set(None),
        claimed_at: Set(None),
        repeats_id: Set(None),
        composite: Set(false),
        merged_into_id: Set(None),
        merged_share: Set(None),
        owned_by_id: Set(None),
        version: Set(1),
    };
    let id = submission::Entity::insert(stored).exec(conn).await?.last_insert_id;
    copy_authors(conn, row.id, id).await?;
    search::put(conn, id, &row.title, &row.body).await?;
    check_receipt(conn, above.id, id, &rules).await?;
    Ok(id)
}

/// The kind under which the network above takes the item.
fn kind_there(rules: &Rulebook, kind: &str) -> Result<String> {
    if rules.kinds().iter().any(|declared| declared.id == kind) {
        return Ok(kind.to_owned());
    }
    let known: Vec<_> = rules.kinds().iter().map(|kind| format!("{} ({})", kind.id, kind.name)).collect();
    Err(Error::invalid(
        "kindAbove",
        format!("the network above has no kind {kind}; it has {}", known.join(", ")),
        format!("上级网络没有信息类型“{kind}”，可用类型：{}", known.join("、")),
    ))
}

/// The writers below are the writers above, with the same shares.
async fn copy_authors(conn: &impl ConnectionTrait, from: SubmissionId, to: SubmissionId) -> Result<()> {
    let authors = submission_author::Entity::find()
        .filter(submission_author::Column::SubmissionId.eq(from))
        .order_by_asc(submission_author::Column::Position)
        .all(conn)
        .await?;
    for author in authors {
        let row = submission_author::ActiveModel {
            id: NotSet,
            submission_id: Set(to),
            person_id: Set(author.person_id),
            name: Set(author.name),
            share: Set(author.share),
            position: Set(author.position),
        };
        submission_author::Entity::insert(row).exec_without_returning(conn).await?;
    }
    Ok(())
}

async fn check_receipt(
    conn: &impl ConnectionTrait,
    above: NetworkId,
    id: SubmissionId,
    rules: &Rulebook,
) -> Result<()> {
    let row = submission::Entity::find_by_id(id).one(conn).await?.ok_or_else(Error::not_found)?;
    let missing = draft::missing(conn, &row, rules).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let fields: Vec<_> = missing.iter().map(|(_, field)| *field).collect();
    let list = fields.join(", ");
    Err(Error::invalid(
        "submission",
        format!("the network above would refuse it at receipt; complete it before it is sent up: {list}"),
        format!("上级网络将不予接收，请先补充完整再上报：{list}"),
    )
    .with(serde_json::json!({ "network": above, "missing": fields })))
}
