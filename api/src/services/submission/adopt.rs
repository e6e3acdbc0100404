//! Adoption by the office's own publications, sending up, and adoption higher up.

use analytics::rulebook::Rulebook;
use chrono::NaiveDate;
use entity::appraisal::AppraisalDecision;
use entity::ids::{AdoptionId, IssueId, PublicationId, SendingUpId, SubmissionId};
use entity::issue::{self, IssueState};
use entity::submission::{self, SubmissionState};
use entity::{adoption, publication, sending_up};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};

use super::appraise::{self, Criteria};
use super::draft::{finish_with, rules};
use super::{apply, check_version, claim, find, moves, update};
use crate::auth::policy::Action;
use crate::error::{Code, Error, Result, on_unique};
use crate::services::write::{Begun, Command, Write};
use crate::services::{Ctx, ladder, local_day};

/// Longest note on where an adoption can be read.
pub const EVIDENCE_CHARACTERS: usize = 500;

/// Adopts a submission into an open issue of one of the office's own publications.
#[derive(Clone, Debug, Serialize)]
pub struct AdoptSubmission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which submission.
    pub submission: SubmissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// Into what.
    pub into: Placing,
}

/// Where in a publication a submission is adopted.
#[derive(Clone, Debug, Serialize)]
pub struct Placing {
    /// Which issue.
    pub issue: IssueId,
    /// Code of the class within the publication, if it has classes.
    pub class: Option<String>,
    /// What was judged.
    pub criteria: Criteria,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AdoptionOutcome {
    /// The submission.
    pub submission: SubmissionId,
    /// The adoption.
    pub adoption: AdoptionId,
}

impl Command for AdoptSubmission {
    fn name(&self) -> &'static str {
        "adoptSubmission"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Adopts. A publication adopts a submission once; the adoption counts on the day of its issue.
pub async fn adopt(ctx: &Ctx, command: AdoptSubmission) -> Result<AdoptionOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.submission).await?;
    let adoption = decide(ctx, &mut write, &row, command.expected_version, command.into).await?;
    conclude(write, &row, Action::AdoptSubmission, adoption).await
}

/// Adopts a submission that was found in the scope, and returns the adoption; the act remains to be put on record.
pub(super) async fn decide(
    ctx: &Ctx,
    write: &mut Write,
    row: &submission::Model,
    expected_version: i64,
    into: Placing,
) -> Result<AdoptionId> {
    let rules = rules(ctx, write.conn(), row).await?;
    moves::may(ctx.actor(), Action::AdoptSubmission, row, &rules)?;
    check_version(row, expected_version)?;
    let issue = ctx
        .scope()
        .issues()
        .filter(issue::Column::Id.eq(into.issue))
        .one(write.conn())
        .await?
        .ok_or_else(|| Error::not_found().at("issue"))?;
    let publication = find_publication(ctx, write.conn(), row, issue.publication_id, "issue").await?;
    if issue.state != IssueState::Open {
        return Err(Error::new(
            Code::WrongState,
            "the issue is approved; choose an open one",
            "该期已审定，请选择编辑中的一期",
        )
        .at("issue"));
    }
    check_own(&publication, true, "issue")?;
    check_day(issue.issued_on, row, issue.issued_on, "issue")?;
    check_class(&rules, &publication, into.class.as_deref())?;
    let adoption = Adopted {
        publication: publication.id,
        issue: Some(issue.id),
        class: into.class,
        via: None,
        on: issue.issued_on,
        evidence: None,
    };
    let judged = (ctx.actor().id(), ctx.now());
    appraise::store(write.conn(), row.id, AppraisalDecision::Adopted, into.criteria, judged).await?;
    store(ctx, write, row, adoption).await
}

/// Records that a publication which is not ours adopted a submission.
#[derive(Clone, Debug, Serialize)]
pub struct RecordAdoption {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which submission.
    pub submission: SubmissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// Which publication.
    pub publication: PublicationId,
    /// Code of the class within the publication, if it has classes.
    pub class: Option<String>,
    /// Local day of its issue.
    pub adopted_on: NaiveDate,
    /// Where it can be read.
    pub evidence: String,
}

impl Command for RecordAdoption {
    fn name(&self) -> &'static str {
        "recordAdoption"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Records an adoption higher up; if the submission had been sent up through an own publication, that is kept with it.
pub async fn record(ctx: &Ctx, command: RecordAdoption) -> Result<AdoptionOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.submission).await?;
    let rules = rules(ctx, write.conn(), &row).await?;
    moves::may(ctx.actor(), Action::RecordAdoption, &row, &rules)?;
    check_version(&row, command.expected_version)?;
    let publication = find_publication(ctx, write.conn(), &row, command.publication, "publication").await?;
    check_own(&publication, false, "publication")?;
    check_class(&rules, &publication, command.class.as_deref())?;
    let network = ctx.network(write.conn(), row.network_id).await?;
    check_day(command.adopted_on, &row, local_day(&network, ctx.now()), "adoptedOn")?;
    let evidence = check_evidence(&command.evidence)?;
    let sent = sending_up::Entity::find().filter(sending_up::Column::SubmissionId.eq(row.id)).all(write.conn()).await?;
    let via = sent.iter().filter(|sent| sent.sent_on <= command.adopted_on).min_by_key(|sent| (sent.sent_on, sent.id));
    let adoption = Adopted {
        publication: publication.id,
        issue: None,
        class: command.class,
        via: via.map(|sent| sent.publication_id),
        on: command.adopted_on,
        evidence: Some(evidence),
    };
    let adoption = store(ctx, &mut write, &row, adoption).await?;
    conclude(write, &row, Action::RecordAdoption, adoption).await
}

struct Adopted {
    publication: PublicationId,
    issue: Option<IssueId>,
    class: Option<String>,
    via: Option<PublicationId>,
    on: NaiveDate,
    evidence: Option<String>,
}

async fn store(ctx: &Ctx, write: &mut Write, row: &submission::Model, adopted: Adopted) -> Result<AdoptionId> {
    let now = ctx.now();
    let position = match adopted.issue {
        Some(issue) => last_position(write.conn(), issue).await? + 1,
        None => 0,
    };
    let adoption = adoption::ActiveModel {
        id: NotSet,
        network_id: Set(row.network_id),
        submission_id: Set(row.id),
        unit_id: Set(row.unit_id),
        publication_id: Set(adopted.publication),
        issue_id: Set(adopted.issue),
        position: Set(position),
        class: Set(adopted.class),
        via_publication_id: Set(adopted.via),
        adopted_on: Set(adopted.on),
        evidence: Set(adopted.evidence),
        recorded_by: Set(ctx.actor().id()),
        recorded_at: Set(now),
        revoked_at: Set(None),
        revoked_by: Set(None),
        revoked_because: Set(None),
    };
    let mut change = claim::ended(update(row))
        .col_expr(submission::Column::State, Expr::value(SubmissionState::Adopted))
        .col_expr(submission::Column::DecidedAt, Expr::value(now));
    if row.received_at.is_none() {
        change = change.col_expr(submission::Column::ReceivedAt, Expr::value(now));
    }
    apply(write.conn(), row.id, change).await?;
    let taken = || {
        Error::new(Code::AlreadyExists, "this publication has adopted the submission already", "该刊物已采用此条信息")
    };
    let id = adoption::Entity::insert(adoption)
        .exec(write.conn())
        .await
        .map_err(|error| on_unique(error, taken))?
        .last_insert_id;
    ladder::down::tell_adoption(ctx, write, id).await?;
    Ok(id)
}

async fn conclude(
    write: Write,
    row: &submission::Model,
    action: Action,
    adoption: AdoptionId,
) -> Result<AdoptionOutcome> {
    let outcome = AdoptionOutcome { submission: row.id, adoption };
    finish_with(write, row, action, SubmissionState::Adopted, &outcome).await?;
    Ok(outcome)
}

/// The last place in an issue that is taken; 0 in an empty one.
async fn last_position(conn: &impl ConnectionTrait, issue: IssueId) -> Result<i64> {
    let last: Option<Option<i64>> = adoption::Entity::find()
        .select_only()
        .column_as(adoption::Column::Position.max(), "last")
        .filter(adoption::Column::IssueId.eq(issue))
        .into_tuple()
        .one(conn)
        .await?;
    Ok(last.flatten().unwrap_or(0))
}

/// Sends a submission up to a higher level through one of the office's own publications.
#[derive(Clone, Debug, Serialize)]
pub struct SendUpSubmission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which submission.
    pub submission: SubmissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// Through which own publication.
    pub publication: PublicationId,
    /// Code of the level to which it goes.
    pub to_level: String,
    /// Local day.
    pub sent_on: NaiveDate,
    /// Code of its kind in the network above, if one of ours stands at that level; its own code if left out.
    pub kind_above: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendingUpOutcome {
    /// The submission.
    pub submission: SubmissionId,
    /// The sending-up.
    pub sending_up: SendingUpId,
}

impl Command for SendUpSubmission {
    fn name(&self) -> &'static str {
        "sendUpSubmission"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Sends a submission up: into the network above if one of ours stands at that level, otherwise on record only.
pub async fn send_up(ctx: &Ctx, command: SendUpSubmission) -> Result<SendingUpOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.submission).await?;
    let rules = rules(ctx, write.conn(), &row).await?;
    moves::may(ctx.actor(), Action::SendUpSubmission, &row, &rules)?;
    check_version(&row, command.expected_version)?;
    let publication = find_publication(ctx, write.conn(), &row, command.publication, "publication").await?;
    check_own(&publication, true, "publication")?;
    check_level(&rules, &command.to_level, "toLevel")?;
    let network = ctx.network(write.conn(), row.network_id).await?;
    check_day(command.sent_on, &row, local_day(&network, ctx.now()), "sentOn")?;
    apply(write.conn(), row.id, update(&row)).await?;
    let kind = command.kind_above.as_deref();
    ladder::up::send_above(ctx, &mut write, &row, &command.to_level, kind).await?;
    let sent = sending_up::ActiveModel {
        id: NotSet,
        network_id: Set(row.network_id),
        submission_id: Set(row.id),
        publication_id: Set(publication.id),
        to_level: Set(command.to_level),
        sent_on: Set(command.sent_on),
        recorded_by: Set(ctx.actor().id()),
        recorded_at: Set(ctx.now()),
    };
    let taken = || {
        Error::new(Code::AlreadyExists, "it was sent up there through this publication", "该信息已通过此刊物上报该级")
    };
    let id = sending_up::Entity::insert(sent)
        .exec(write.conn())
        .await
        .map_err(|error| on_unique(error, taken))?
        .last_insert_id;
    let outcome = SendingUpOutcome { submission: row.id, sending_up: id };
    finish_with(write, &row, Action::SendUpSubmission, row.state, &outcome).await?;
    Ok(outcome)
}

async fn find_publication(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    row: &submission::Model,
    id: PublicationId,
    field: &'static str,
) -> Result<publication::Model> {
    ctx.scope()
        .publications()
        .filter(publication::Column::Id.eq(id))
        .filter(publication::Column::NetworkId.eq(row.network_id))
        .one(conn)
        .await?
        .ok_or_else(|| Error::not_found().at(field))
}

fn check_own(publication: &publication::Model, own: bool, field: &'static str) -> Result<()> {
    if publication.own == own {
        return Ok(());
    }
    Err(if own {
        Error::invalid(
            field,
            "this publication is not the office's own; use recordAdoption",
            "该刊物非本办公室主办，请使用“登记采用”",
        )
    } else {
        Error::invalid(
            field,
            "this is the office's own publication; use adoptSubmission",
            "该刊物为本办公室主办，请使用“采用”",
        )
    })
}

/// The note on where an adoption can be read, or a refusal.
pub(in crate::services) fn check_evidence(evidence: &str) -> Result<String> {
    let evidence = evidence.trim();
    if (1..=EVIDENCE_CHARACTERS).contains(&evidence.chars().count()) {
        return Ok(evidence.to_owned());
    }
    Err(Error::invalid(
        "evidence",
        "say in 1 to 500 characters where the adoption can be read",
        "请用 1 至 500 个字写明采用依据（刊名、期号等）",
    ))
}

/// A publication with classes needs one of them, one without takes none.
pub(in crate::services) fn check_class(
    rules: &Rulebook,
    publication: &publication::Model,
    class: Option<&str>,
) -> Result<()> {
    let declared = rules.publications().iter().find(|declared| declared.id == publication.code);
    let classes = declared.map(|declared| declared.classes.as_slice()).unwrap_or_default();
    match class {
        Some(class) if classes.iter().any(|declared| declared.id == class) => Ok(()),
        None if classes.is_empty() => Ok(()),
        _ if classes.is_empty() => {
            Err(Error::invalid("class", "this publication has no classes; leave class out", "该刊物不分类别，请勿填写"))
        }
        _ => {
            let known: Vec<_> = classes.iter().map(|declared| format!("{} ({})", declared.id, declared.name)).collect();
            Err(Error::invalid(
                "class",
                format!("choose the class within the publication: {}", known.join(", ")),
                format!("请选择刊物内的类别：{}", known.join("、")),
            ))
        }
    }
}

/// Refuses a level that the rulebook does not declare.
pub(in crate::services) fn check_level(rules: &Rulebook, level: &str, field: &'static str) -> Result<()> {
    if rules.levels().iter().any(|declared| declared.id == level) {
        return Ok(());
    }
    let known: Vec<_> = rules.levels().iter().map(|declared| declared.id.as_str()).collect();
    Err(Error::invalid(
        field,
        format!("the rulebook has no such level; it has {}", known.join(", ")),
        format!("考评办法中没有该层级，可用层级：{}", known.join("、")),
    ))
}

/// Nothing can happen to a submission before it was handed in, nor after today.
pub(in crate::services) fn check_day(
    day: NaiveDate,
    row: &submission::Model,
    today: NaiveDate,
    field: &'static str,
) -> Result<()> {
    if day <= today && row.submitted_on.is_none_or(|submitted| day >= submitted) {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        "the day lies between the hand-in of the submission and today",
        "日期须在该信息报送之日与今日之间",
    ))
}
