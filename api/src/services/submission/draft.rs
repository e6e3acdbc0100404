//! The unit's part: drafting, signing, handing in, taking back.

use analytics::rulebook::Rulebook;
use chrono::NaiveDate;
use entity::ids::{CommissionAssignmentId, KeyPointId, NetworkId, PersonId, SubmissionId, UnitId};
use entity::refusal::{self, RefusalCode};
use entity::submission::{self, SubmissionState};
use entity::{commission, commission_assignment, person, submission_author};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use super::circumstances::{self, Circumstances};
use super::{SubmissionOutcome, apply, check_version, claim, find, moves, similar, state_name, update};
use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day, rulebook, search};

/// Longest title.
pub const TITLE_CHARACTERS: usize = 100;
/// Longest text that is stored at all; a rulebook may ask for less.
pub const BODY_CHARACTERS: usize = 50_000;
/// Most writers of one submission.
pub const AUTHORS: usize = 20;
/// The sum of the writers' shares.
pub const WHOLE: i64 = 1_000_000;

/// A marking that makes a text confidential (涉密): `绝密`, `机密`, `秘密` followed by the star of a classification mark.
const CONFIDENTIAL_MARKS: [&str; 6] = ["绝密★", "机密★", "秘密★", "绝密☆", "机密☆", "秘密☆"];

/// One writer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Author {
    /// The writer's account, if they have one.
    pub person: Option<PersonId>,
    /// The writer's name; the account's name if empty.
    pub name: String,
    /// Share in millionths; none for an equal part.
    pub share: Option<i64>,
}

/// What a unit writes.
#[derive(Clone, Debug, Serialize)]
pub struct Content {
    /// Code of the kind.
    pub kind: String,
    /// Code of the topic.
    pub topic: Option<String>,
    /// Headline.
    pub title: String,
    /// The text.
    pub body: String,
    /// Whether it is urgent.
    pub urgent: bool,
    /// Who wrote it.
    pub authors: Vec<Author>,
    /// How to reach the writer.
    pub contact: Option<String>,
    /// Local day of the event that it reports.
    pub happened_on: Option<NaiveDate>,
    /// Whether it is important.
    pub important: bool,
}

/// Drafts a submission.
#[derive(Clone, Debug, Serialize)]
pub struct CreateSubmission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The network to which it will be handed in.
    pub network: NetworkId,
    /// The unit that reports.
    pub unit: UnitId,
    /// The commission's assignment that it answers.
    pub assignment: Option<CommissionAssignmentId>,
    /// The key point that it answers.
    pub key_point: Option<KeyPointId>,
    /// What it says.
    pub content: Content,
}

impl Command for CreateSubmission {
    fn name(&self) -> &'static str {
        "createSubmission"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores a draft.
pub async fn create(ctx: &Ctx, command: CreateSubmission) -> Result<SubmissionOutcome> {
    refuse_confidential(&command.content)?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    let unit = super::super::unit::find(ctx, write.conn(), command.unit).await?;
    ctx.authorize(Action::CreateSubmission, Target::unit(network.id, unit.id))?;
    let now = ctx.now();
    let today = local_day(&network, now);
    super::super::unit::check_members(write.conn(), network.id, &[unit.id], today, "unit").await?;
    let rules = rulebook::in_force(ctx, write.conn(), network.id, today).await?;
    check_content(&command.content, &rules, today)?;
    if let Some(assignment) = command.assignment {
        ctx.authorize(Action::AnswerCommission, Target::unit(network.id, unit.id))?;
        check_assignment(write.conn(), assignment, network.id, unit.id).await?;
    }
    let Content { kind, topic, title, body, urgent, authors, contact, happened_on, important } = command.content;
    let row = submission::ActiveModel {
        id: NotSet,
        network_id: Set(network.id),
        unit_id: Set(unit.id),
        kind: Set(kind),
        topic: Set(topic),
        title: Set(title.trim().to_owned()),
        characters: Set(characters(&body)),
        body: Set(body.clone()),
        urgent: Set(urgent),
        assignment_id: Set(command.assignment),
        state: Set(SubmissionState::Draft),
        contact: Set(contact),
        signatory_id: Set(None),
        signed_at: Set(None),
        created_by: Set(ctx.actor().id()),
        created_at: Set(now),
        submitted_at: Set(None),
        submitted_on: Set(None),
        received_at: Set(None),
        decided_at: Set(None),
        happened_on: Set(happened_on),
        due_on: Set(None),
        late_days: Set(None),
        important: Set(important),
        claimed_by: Set(None),
        claimed_at: Set(None),
        repeats_id: Set(None),
        composite: Set(false),
        merged_into_id: Set(None),
        merged_share: Set(None),
        owned_by_id: Set(None),
        version: Set(1),
    };
    let id = submission::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    store_authors(ctx, write.conn(), id, &authors).await?;
    if let Some(point) = command.key_point {
        ctx.authorize(Action::AnswerKeyPoint, Target::unit(network.id, unit.id))?;
        let item = find(ctx, write.conn(), id).await?;
        super::super::key_point::link(ctx, &mut write, point, &item).await?;
    }
    search::put(write.conn(), id, title.trim(), &body).await?;
    write.in_network(network.id);
    write
        .record(Entry { to: Some("draft".to_owned()), ..Entry::new("CreateSubmission", ObjectKind::Submission, id.0) });
    let outcome = SubmissionOutcome { submission: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Changes a submission that is still, or again, the unit's.
#[derive(Clone, Debug, Serialize)]
pub struct UpdateSubmission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which submission.
    pub submission: SubmissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// What it says from now on.
    pub content: Content,
}

impl Command for UpdateSubmission {
    fn name(&self) -> &'static str {
        "updateSubmission"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Replaces the content; a signature under the old one is void.
pub async fn revise(ctx: &Ctx, command: UpdateSubmission) -> Result<SubmissionOutcome> {
    refuse_confidential(&command.content)?;
    let write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.submission).await?;
    let rules = rules(ctx, write.conn(), &row).await?;
    moves::may(ctx.actor(), Action::UpdateSubmission, &row, &rules)?;
    check_version(&row, command.expected_version)?;
    let network = ctx.network(write.conn(), row.network_id).await?;
    check_content(&command.content, &rules, local_day(&network, ctx.now()))?;
    let Content { kind, topic, title, body, urgent, authors, contact, happened_on, important } = command.content;
    let change = update(&row)
        .col_expr(submission::Column::Kind, Expr::value(kind))
        .col_expr(submission::Column::Topic, Expr::value(topic))
        .col_expr(submission::Column::Title, Expr::value(title.trim()))
        .col_expr(submission::Column::Characters, Expr::value(characters(&body)))
        .col_expr(submission::Column::Body, Expr::value(body.as_str()))
        .col_expr(submission::Column::Urgent, Expr::value(urgent))
        .col_expr(submission::Column::Contact, Expr::value(contact))
        .col_expr(submission::Column::HappenedOn, Expr::value(happened_on))
        .col_expr(submission::Column::Important, Expr::value(important))
        .col_expr(submission::Column::State, Expr::value(SubmissionState::Draft))
        .col_expr(submission::Column::SignatoryId, Expr::value(None::<i64>))
        .col_expr(submission::Column::SignedAt, Expr::value(None::<chrono::DateTime<chrono::Utc>>));
    apply(write.conn(), row.id, change).await?;
    submission_author::Entity::delete_many()
        .filter(submission_author::Column::SubmissionId.eq(row.id))
        .exec(write.conn())
        .await?;
    store_authors(ctx, write.conn(), row.id, &authors).await?;
    search::put(write.conn(), row.id, title.trim(), &body).await?;
    finish(write, &row, Action::UpdateSubmission, SubmissionState::Draft).await
}

/// An act on a submission that needs nothing but the submission: signing, handing in, taking back, taking in, claiming.
#[derive(Clone, Debug, Serialize)]
pub struct Act {
    /// See [`Command`].
    pub idempotency_key: String,
    /// What is done.
    pub action: Action,
    /// Which submission.
    pub submission: SubmissionId,
    /// The version that was read.
    pub expected_version: i64,
}

impl Command for Act {
    fn name(&self) -> &'static str {
        self.action.name()
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Signs as the person whom the rulebook asks for, takes back what has not been decided, takes in, claims or releases.
pub async fn act(ctx: &Ctx, command: Act) -> Result<SubmissionOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let mut row = find(ctx, write.conn(), command.submission).await?;
    if command.action == Action::WithdrawSubmission {
        write.in_turn(row.network_id).await?;
        row = find(ctx, write.conn(), row.id).await?;
    }
    let rules = rules(ctx, write.conn(), &row).await?;
    moves::may(ctx.actor(), command.action, &row, &rules)?;
    check_version(&row, command.expected_version)?;
    let state = moves::after(command.action, row.state);
    let mut change = update(&row).col_expr(submission::Column::State, Expr::value(state));
    if state == SubmissionState::Signed {
        change = change
            .col_expr(submission::Column::SignatoryId, Expr::value(ctx.actor().id()))
            .col_expr(submission::Column::SignedAt, Expr::value(ctx.now()));
    }
    if state == SubmissionState::Received {
        change = change.col_expr(submission::Column::ReceivedAt, Expr::value(ctx.now()));
    }
    if command.action == Action::ClaimSubmission {
        change = change
            .col_expr(submission::Column::ClaimedBy, Expr::value(ctx.actor().id()))
            .col_expr(submission::Column::ClaimedAt, Expr::value(ctx.now()));
    }
    if command.action == Action::ReleaseSubmission {
        change = claim::ended(change);
    }
    apply(write.conn(), row.id, change).await?;
    if let (SubmissionState::Withdrawn, Some(assignment)) = (state, row.assignment_id) {
        super::super::commission::taken_back(write.conn(), assignment, row.id).await?;
    }
    if state == SubmissionState::Withdrawn {
        for other in similar::withdrawn(write.conn(), row.id).await? {
            write.did("RepetitionCleared", ObjectKind::Submission, other.id.0);
        }
    }
    finish(write, &row, command.action, state).await
}

/// What came of handing in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SubmitOutcome {
    /// The submission.
    pub submission: SubmissionId,
    /// Whether the office's receipt refused it.
    pub refused: bool,
}

/// Hands in. What lacks something required is refused at receipt, and the refusal stays on record.
pub async fn submit(ctx: &Ctx, command: Act) -> Result<SubmitOutcome> {
    let write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = find(ctx, write.conn(), command.submission).await?.network_id;
    write.in_turn(network).await?;
    let row = find(ctx, write.conn(), command.submission).await?;
    let rules = rules(ctx, write.conn(), &row).await?;
    moves::may(ctx.actor(), Action::SubmitSubmission, &row, &rules)?;
    check_version(&row, command.expected_version)?;
    let network = ctx.network(write.conn(), row.network_id).await?;
    let now = ctx.now();
    let missing = missing(write.conn(), &row, &rules).await?;
    let state = if missing.is_empty() { SubmissionState::Submitted } else { SubmissionState::Refused };
    let mut change = update(&row)
        .col_expr(submission::Column::State, Expr::value(state))
        .col_expr(submission::Column::SubmittedAt, Expr::value(now));
    if missing.is_empty() {
        let repeats = similar::look(write.conn(), &row).await?;
        // Figures are dated by the first hand-in that passed receipt, and so is lateness.
        let day = row.submitted_on.unwrap_or_else(|| local_day(&network, now));
        let due = circumstances::due_on(&rules, &row.kind, row.happened_on);
        change = change
            .col_expr(submission::Column::RepeatsId, Expr::value(repeats.map(|id| id.0)))
            .col_expr(submission::Column::SubmittedOn, Expr::value(day))
            .col_expr(submission::Column::DueOn, Expr::value(due))
            .col_expr(submission::Column::LateDays, Expr::value(due.map(|due| circumstances::late_days(due, day))));
    }
    apply(write.conn(), row.id, change).await?;
    for (code, field) in &missing {
        let refusal = refusal::ActiveModel {
            id: NotSet,
            submission_id: Set(row.id),
            code: Set(*code),
            field: Set((*field).to_owned()),
            refused_at: Set(now),
        };
        refusal::Entity::insert(refusal).exec_without_returning(write.conn()).await?;
    }
    if let (true, Some(assignment)) = (missing.is_empty(), row.assignment_id) {
        super::super::commission::answered(write.conn(), assignment, now).await?;
    }
    let outcome = SubmitOutcome { submission: row.id, refused: !missing.is_empty() };
    finish_with(write, &row, Action::SubmitSubmission, state, &outcome).await?;
    Ok(outcome)
}

/// Records a move and commits it.
pub(super) async fn finish(
    write: crate::services::write::Write,
    row: &submission::Model,
    action: Action,
    to: SubmissionState,
) -> Result<SubmissionOutcome> {
    let outcome = SubmissionOutcome { submission: row.id };
    finish_with(write, row, action, to, &outcome).await?;
    Ok(outcome)
}

/// Records a move and commits it with the outcome of its own.
pub(super) async fn finish_with<O: Serialize + Sync>(
    mut write: crate::services::write::Write,
    row: &submission::Model,
    action: Action,
    to: SubmissionState,
    outcome: &O,
) -> Result<()> {
    write.in_network(row.network_id);
    let entry = Entry::new(action.name(), ObjectKind::Submission, row.id.0);
    write.record(entry.moved(state_name(row.state), state_name(to)));
    write.commit(outcome).await
}

/// The rulebook that a submission lives by, and what else decides about it.
pub(crate) async fn rules(ctx: &Ctx, conn: &impl ConnectionTrait, row: &submission::Model) -> Result<Circumstances> {
    circumstances::of(ctx, conn, row).await
}

/// What receipt asks for and the submission lacks.
pub(in crate::services) async fn missing(
    conn: &impl ConnectionTrait,
    row: &submission::Model,
    rules: &Rulebook,
) -> Result<Vec<(RefusalCode, &'static str)>> {
    let asks = |what: &str| rules.receipt().requires.iter().any(|asked| asked == what);
    let mut missing = Vec::new();
    if asks("signatory") && row.signatory_id.is_none() {
        missing.push((RefusalCode::NoSignatory, "signatory"));
    }
    let writers = submission_author::Entity::find().filter(submission_author::Column::SubmissionId.eq(row.id));
    if asks("writer") && writers.one(conn).await?.is_none() {
        missing.push((RefusalCode::NoWriter, "authors"));
    }
    if asks("contact") && row.contact.as_deref().is_none_or(|contact| contact.trim().is_empty()) {
        missing.push((RefusalCode::NoContact, "contact"));
    }
    let kind = rules.kinds().iter().find(|kind| kind.id == row.kind);
    if kind.and_then(|kind| kind.max_characters).is_some_and(|limit| row.characters > limit) {
        missing.push((RefusalCode::TooLong, "body"));
    }
    if kind.is_some_and(|kind| kind.deadline.is_some()) && row.happened_on.is_none() {
        missing.push((RefusalCode::NoEventDay, "happenedOn"));
    }
    Ok(missing)
}

/// Length as people count it: every character but white space counts one.
pub fn characters(body: &str) -> i64 {
    i64::try_from(body.chars().filter(|c| !c.is_whitespace()).count()).unwrap_or(i64::MAX)
}

/// Material that is marked confidential is refused before anything of it is stored.
pub(super) fn refuse_confidential(content: &Content) -> Result<()> {
    refuse_confidential_text(&[&content.title, &content.body])
}

/// The same for any texts.
pub(crate) fn refuse_confidential_text(texts: &[&str]) -> Result<()> {
    let marked = |text: &str| {
        let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        CONFIDENTIAL_MARKS.iter().any(|mark| dense.contains(mark))
    };
    if texts.iter().any(|text| marked(text)) {
        return Err(Error::new(
            Code::Confidential,
            "the text carries a classification mark; confidential material does not belong here and was not stored",
            "内容带有密级标志。涉密信息不得在本系统报送，系统未保存任何内容，请通过保密渠道报送",
        ));
    }
    Ok(())
}

pub(super) fn check_content(content: &Content, rules: &Rulebook, today: NaiveDate) -> Result<()> {
    if content.happened_on.is_some_and(|day| day > today) {
        return Err(Error::invalid(
            "content.happenedOn",
            "an event that is reported has happened by today",
            "事件发生日期不得晚于今日",
        ));
    }
    if !rules.kinds().iter().any(|kind| kind.id == content.kind) {
        let known: Vec<_> = rules.kinds().iter().map(|kind| kind.id.as_str()).collect();
        return Err(Error::invalid(
            "content.kind",
            format!("the rulebook has no such kind; it has {}", known.join(", ")),
            format!("考评办法中没有该信息类型，可用类型：{}", known.join("、")),
        ));
    }
    if let Some(topic) = &content.topic
        && !rules.topics().iter().any(|declared| declared.id == *topic)
    {
        let known: Vec<_> = rules.topics().iter().map(|topic| topic.id.as_str()).collect();
        return Err(Error::invalid(
            "content.topic",
            format!("the rulebook has no such topic; it has {}", known.join(", ")),
            format!("考评办法中没有该主题，可用主题：{}", known.join("、")),
        ));
    }
    let title = content.title.trim().chars().count();
    if !(1..=TITLE_CHARACTERS).contains(&title) {
        return Err(Error::invalid("content.title", "a title has 1 to 100 characters", "标题须为 1 至 100 个字"));
    }
    let body = content.body.chars().count();
    if !(1..=BODY_CHARACTERS).contains(&body) {
        return Err(Error::invalid("content.body", "a text has 1 to 50,000 characters", "正文须为 1 至 50000 个字"));
    }
    if content.contact.as_ref().is_some_and(|contact| contact.chars().count() > 60) {
        return Err(Error::invalid(
            "content.contact",
            "a contact has at most 60 characters",
            "联系方式不得超过 60 个字",
        ));
    }
    check_shares(&content.authors)
}

fn check_shares(authors: &[Author]) -> Result<()> {
    if authors.len() > AUTHORS {
        return Err(Error::invalid("content.authors", "name at most 20 writers", "撰稿人不得超过 20 人"));
    }
    let given: Vec<i64> = authors.iter().filter_map(|author| author.share).collect();
    let complete = given.is_empty()
        || (given.len() == authors.len() && given.iter().all(|share| *share > 0) && given.iter().sum::<i64>() == WHOLE);
    if complete {
        return Ok(());
    }
    Err(Error::invalid(
        "content.authors",
        "give every writer a share, adding up to 1, or give none for equal parts",
        "撰稿人份额须全部填写且合计为 1，或全部不填（平均分配）",
    ))
}

async fn store_authors(ctx: &Ctx, conn: &impl ConnectionTrait, id: SubmissionId, authors: &[Author]) -> Result<()> {
    let parts = equal_parts(authors.len());
    for (position, (author, part)) in authors.iter().zip(parts).enumerate() {
        let account = match author.person {
            Some(person) => Some(find_person(ctx, conn, person).await?),
            None => None,
        };
        let name = if author.name.trim().is_empty() { account.as_ref().map(|row| row.name.clone()) } else { None };
        let name = name.unwrap_or_else(|| author.name.trim().to_owned());
        super::super::unit::check_name(&name, "content.authors.name")?;
        let row = submission_author::ActiveModel {
            id: NotSet,
            submission_id: Set(id),
            person_id: Set(account.map(|row| row.id)),
            name: Set(name),
            share: Set(author.share.unwrap_or(part)),
            position: Set(i64::try_from(position).unwrap_or(i64::MAX)),
        };
        submission_author::Entity::insert(row).exec_without_returning(conn).await?;
    }
    Ok(())
}

async fn find_person(ctx: &Ctx, conn: &impl ConnectionTrait, id: PersonId) -> Result<person::Model> {
    super::super::person::find(ctx, conn, id).await.map_err(|error| error.at("content.authors.person"))
}

/// The whole in `count` equal parts; the first ones take what does not divide.
pub(super) fn equal_parts(count: usize) -> impl Iterator<Item = i64> {
    let count = i64::try_from(count).unwrap_or(i64::MAX).max(1);
    (0..count).map(move |place| WHOLE / count + i64::from(place < WHOLE % count))
}

async fn check_assignment(
    conn: &impl ConnectionTrait,
    id: CommissionAssignmentId,
    network: NetworkId,
    unit: UnitId,
) -> Result<()> {
    let row = commission_assignment::Entity::find_by_id(id).one(conn).await?.filter(|row| row.unit_id == unit);
    let row = row.ok_or_else(|| Error::not_found().at("assignment"))?;
    let parent = commission::Entity::find_by_id(row.commission_id).one(conn).await?;
    if parent.is_some_and(|parent| parent.network_id == network) {
        Ok(())
    } else {
        Err(Error::not_found().at("assignment"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_parts_make_the_whole() {
        for count in 1..=AUTHORS {
            assert_eq!(equal_parts(count).sum::<i64>(), WHOLE);
            assert_eq!(equal_parts(count).count(), count);
        }
    }

    #[test]
    fn white_space_is_not_counted() {
        assert_eq!(characters("春耕 备耕\n有序推进。"), 9);
    }
}
