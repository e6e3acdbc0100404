//! Composites (并稿): the office makes one submission of several units', and each unit keeps its share.
//!
//! The parts stay reported, each by its unit; what happens further happens to the composite. It is credited to all units whose
//! parts it has, with the shares that the editor gave.

use entity::ids::{PersonId, SubmissionId};
use entity::submission::{self, SubmissionState};
use entity::submission_author;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::Serialize;

use super::draft::{self, Content, WHOLE, characters, rules};
use super::{SubmissionOutcome, apply, check_version, claim, find, moves, state_name, update};
use crate::auth::policy::Action;
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command, Write};
use crate::services::{Ctx, local_day, search};

/// Most parts of one composite.
pub const PARTS: usize = 20;

/// Makes one submission of several.
#[derive(Clone, Debug, Serialize)]
pub struct MergeSubmissions {
    /// See [`Command`].
    pub idempotency_key: String,
    /// What it is made of. The unit of the first part leads.
    pub parts: Vec<Part>,
    /// What it says. Its writers are those of the parts.
    pub content: Content,
}

/// One part of a composite.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// Which submission.
    pub submission: SubmissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// Its share in millionths; none for an equal part.
    pub share: Option<i64>,
}

impl Command for MergeSubmissions {
    fn name(&self) -> &'static str {
        "mergeSubmissions"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Makes one submission of several units' submissions; it is with the office, as if it had been taken in.
pub async fn merge(ctx: &Ctx, command: MergeSubmissions) -> Result<SubmissionOutcome> {
    draft::refuse_confidential(&command.content)?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let shares = shares(&command.parts)?;
    let mut rows: Vec<submission::Model> = Vec::with_capacity(command.parts.len());
    for part in &command.parts {
        let row = find(ctx, write.conn(), part.submission).await.map_err(|error| error.at("parts.submission"))?;
        let rules = rules(ctx, write.conn(), &row).await?;
        moves::may(ctx.actor(), Action::MergeSubmissions, &row, &rules)?;
        check_version(&row, part.expected_version).map_err(|error| error.at("parts.expectedVersion"))?;
        let is_strange = rows.iter().any(|other| other.id == row.id || other.network_id != row.network_id);
        if is_strange || row.composite {
            return Err(Error::invalid(
                "parts.submission",
                "the parts are different submissions of units of one network, none of them a composite itself",
                "并稿的各条信息须为同一信息网络内各单位报送的不同信息，且本身不是并稿",
            ));
        }
        rows.push(row);
    }
    let Some(lead) = rows.first().cloned() else { return Err(too_few()) };
    let network = ctx.network(write.conn(), lead.network_id).await?;
    let lead_rules = rules(ctx, write.conn(), &lead).await?;
    draft::check_content(&command.content, &lead_rules, local_day(&network, ctx.now()))?;
    let composite = store(ctx, &write, &lead, &rows, command.content).await?;
    for (row, share) in rows.iter().zip(&shares) {
        let change = claim::ended(update(row))
            .col_expr(submission::Column::State, Expr::value(SubmissionState::Merged))
            .col_expr(submission::Column::MergedIntoId, Expr::value(composite))
            .col_expr(submission::Column::MergedShare, Expr::value(*share))
            .col_expr(submission::Column::ReceivedAt, Expr::value(row.received_at.unwrap_or_else(|| ctx.now())))
            .col_expr(submission::Column::DecidedAt, Expr::value(ctx.now()));
        apply(write.conn(), row.id, change).await?;
        let entry = Entry::new(Action::MergeSubmissions.name(), ObjectKind::Submission, row.id.0);
        let details = serde_json::json!({ "into": composite.0, "share": share });
        write.record(entry.moved(state_name(row.state), state_name(SubmissionState::Merged)).with(details));
    }
    store_writers(write.conn(), composite, &rows, &shares).await?;
    write.in_network(network.id);
    let parts: Vec<i64> = rows.iter().map(|row| row.id.0).collect();
    let made = Entry::new(Action::MergeSubmissions.name(), ObjectKind::Submission, composite.0);
    let to = Some(state_name(SubmissionState::Received).to_owned());
    write.record(Entry { to, ..made.with(serde_json::json!({ "parts": parts })) });
    let outcome = SubmissionOutcome { submission: composite };
    write.commit(&outcome).await?;
    Ok(outcome)
}

async fn store(
    ctx: &Ctx,
    write: &Write,
    lead: &submission::Model,
    rows: &[submission::Model],
    content: Content,
) -> Result<SubmissionId> {
    let now = ctx.now();
    let title = content.title.trim().to_owned();
    let composite = submission::ActiveModel {
        id: NotSet,
        network_id: Set(lead.network_id),
        unit_id: Set(lead.unit_id),
        kind: Set(content.kind),
        topic: Set(content.topic),
        title: Set(title.clone()),
        characters: Set(characters(&content.body)),
        body: Set(content.body.clone()),
        urgent: Set(content.urgent),
        assignment_id: Set(None),
        state: Set(SubmissionState::Received),
        contact: Set(content.contact.or_else(|| lead.contact.clone())),
        signatory_id: Set(lead.signatory_id),
        signed_at: Set(lead.signed_at),
        created_by: Set(ctx.actor().id()),
        created_at: Set(now),
        submitted_at: Set(Some(now)),
        submitted_on: Set(rows.iter().filter_map(|row| row.submitted_on).min()),
        received_at: Set(Some(now)),
        decided_at: Set(None),
        happened_on: Set(content.happened_on),
        due_on: Set(None),
        late_days: Set(None),
        important: Set(content.important),
        claimed_by: Set(None),
        claimed_at: Set(None),
        repeats_id: Set(None),
        composite: Set(true),
        merged_into_id: Set(None),
        merged_share: Set(None),
        version: Set(1),
        ..Default::default()
    };
    let id = submission::Entity::insert(composite).exec(write.conn()).await?.last_insert_id;
    search::put(write.conn(), id, &title, &content.body).await?;
    Ok(id)
}

/// The writers of the parts, each with their part of the part's share; whoever wrote several is named once.
async fn store_writers(
    conn: &impl ConnectionTrait,
    composite: SubmissionId,
    rows: &[submission::Model],
    shares: &[i64],
) -> Result<()> {
    let mut writers: Vec<(Option<PersonId>, String, i64)> = Vec::new();
    for (row, share) in rows.iter().zip(shares) {
        let of_part = submission_author::Entity::find()
            .filter(submission_author::Column::SubmissionId.eq(row.id))
            .order_by_asc(submission_author::Column::Position)
            .all(conn)
            .await?;
        for author in of_part {
            let part = author.share * share / WHOLE;
            let known = writers
                .iter_mut()
                .find(|(person, name, _)| *person == author.person_id && (person.is_some() || *name == author.name));
            match known {
                Some((_, _, sum)) => *sum += part,
                None => writers.push((author.person_id, author.name, part)),
            }
        }
    }
    // What does not divide goes to the first.
    let given: i64 = writers.iter().map(|(_, _, share)| share).sum();
    if let Some((_, _, share)) = writers.first_mut() {
        *share += WHOLE - given;
    }
    for (position, (person, name, share)) in (0_i64..).zip(writers) {
        let row = submission_author::ActiveModel {
            id: NotSet,
            submission_id: Set(composite),
            person_id: Set(person),
            name: Set(name),
            share: Set(share),
            position: Set(position),
        };
        submission_author::Entity::insert(row).exec_without_returning(conn).await?;
    }
    Ok(())
}

fn too_few() -> Error {
    Error::invalid("parts", "a composite has 2 to 20 parts", "并稿须由 2 至 20 条信息组成")
}

/// The share of each part: all are given and make the whole, or none is and the parts are equal.
fn shares(parts: &[Part]) -> Result<Vec<i64>> {
    if !(2..=PARTS).contains(&parts.len()) {
        return Err(too_few());
    }
    let given: Vec<i64> = parts.iter().filter_map(|part| part.share).collect();
    if given.is_empty() {
        return Ok(draft::equal_parts(parts.len()).collect());
    }
    if given.len() == parts.len() && given.iter().all(|share| *share > 0) && given.iter().sum::<i64>() == WHOLE {
        return Ok(given);
    }
    Err(Error::invalid(
        "parts.share",
        "give every part a share, adding up to 1, or give none for equal parts",
        "各条信息的份额须全部填写且合计为 1，或全部不填（平均分配）",
    ))
}
