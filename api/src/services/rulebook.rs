//! Rulebook versions: checked, drafted by an editor, put into force by a chief editor from a day on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use analytics::rulebook::{Mistakes, Rulebook};
use chrono::NaiveDate;
use entity::ids::{NetworkId, RulebookVersionId};
use entity::publication;
use entity::rulebook_version::{self, RulebookState};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result};
use crate::services::audit::{self, Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day};

/// Rulebooks that were parsed; an active version never changes, so an entry stays true.
#[derive(Default)]
pub struct RulebookCache(Mutex<HashMap<RulebookVersionId, Arc<Rulebook>>>);

impl RulebookCache {
    /// The parsed text of an active version.
    pub fn parse(&self, version: &rulebook_version::Model) -> Result<Arc<Rulebook>> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = lock().get(&version.id) {
            return Ok(found.clone());
        }
        let parsed = Rulebook::parse(&version.title, &version.text)
            .map_err(|mistakes| Error::internal(anyhow::anyhow!("active rulebook {}: {mistakes}", version.id)))?;
        let parsed = Arc::new(parsed);
        lock().insert(version.id, parsed.clone());
        Ok(parsed)
    }
}

/// The versions that score, oldest first.
pub(crate) async fn active(conn: &impl ConnectionTrait, network: NetworkId) -> Result<Vec<rulebook_version::Model>> {
    Ok(rulebook_version::Entity::find()
        .filter(rulebook_version::Column::NetworkId.eq(network))
        .filter(rulebook_version::Column::State.eq(RulebookState::Active))
        .order_by_asc(rulebook_version::Column::EffectiveFrom)
        .order_by_asc(rulebook_version::Column::Number)
        .all(conn)
        .await?)
}

/// The version in force on `day`: the last one that had begun; the first one before any had.
pub(crate) async fn in_force(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    network: NetworkId,
    day: NaiveDate,
) -> Result<Arc<Rulebook>> {
    let versions = active(conn, network).await?;
    let version = versions.iter().rev().find(|version| version.effective_from <= day).or(versions.first());
    let version = version.ok_or_else(|| {
        Error::new(Code::WrongState, "the network has no rulebook in force yet", "该网络尚未启用考评办法")
    })?;
    ctx.state().rulebooks().parse(version)
}

/// Reads a rulebook and lists everything that is wrong with it.
pub fn check(text: &str) -> std::result::Result<Rulebook, Mistakes> {
    Rulebook::parse("rulebook.toml", text)
}

/// Refuses a rulebook with mistakes, listing them.
pub(crate) fn accept(text: &str) -> Result<Rulebook> {
    check(text).map_err(|mistakes| {
        let list: Vec<_> = mistakes
            .iter()
            .map(|mistake| serde_json::json!({ "line": mistake.line, "column": mistake.column, "message": mistake.message }))
            .collect();
        Error::new(
            Code::RulebookInvalid,
            format!("the rulebook has {} mistakes; validateRulebook explains each", list.len()),
            format!("考评办法文件有 {} 处错误，请用 validateRulebook 查看说明", list.len()),
        )
        .at("text")
        .with(serde_json::json!({ "mistakes": list }))
    })
}

/// Drafts the next version of a network's rulebook.
#[derive(Clone, Debug, Serialize)]
pub struct DraftRulebook {
    /// See [`Command`].
    pub idempotency_key: String,
    /// For which network.
    pub network: NetworkId,
    /// The rulebook, TOML.
    pub text: String,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RulebookOutcome {
    /// The version.
    pub rulebook: RulebookVersionId,
}

impl Command for DraftRulebook {
    fn name(&self) -> &'static str {
        "draftRulebook"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores a draft; it scores nothing until it is activated.
pub async fn draft(ctx: &Ctx, command: DraftRulebook) -> Result<RulebookOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    ctx.authorize(Action::DraftRulebook, Target::network(network.id))?;
    let rulebook = accept(&command.text)?;
    let row = new_version(write.conn(), network.id, &rulebook, command.text, ctx.now()).await?;
    let id = rulebook_version::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    write.in_network(network.id);
    write.did("DraftRulebook", ObjectKind::RulebookVersion, id.0);
    let outcome = RulebookOutcome { rulebook: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// A row for the next version of `network`, as a draft.
pub(crate) async fn new_version(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    rulebook: &Rulebook,
    text: String,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<rulebook_version::ActiveModel> {
    let last: Option<Option<i64>> = rulebook_version::Entity::find()
        .select_only()
        .column_as(rulebook_version::Column::Number.max(), "last")
        .filter(rulebook_version::Column::NetworkId.eq(network))
        .into_tuple()
        .one(conn)
        .await?;
    Ok(rulebook_version::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        number: Set(last.flatten().unwrap_or(0) + 1),
        state: Set(RulebookState::Draft),
        effective_from: Set(rulebook.effective_from()),
        title: Set(rulebook.title().to_owned()),
        sha256: Set(audit::hex(&Sha256::digest(&text))),
        text: Set(text),
        created_at: Set(now),
        activated_at: Set(None),
        version: Set(1),
    })
}

/// Puts a draft into force.
#[derive(Clone, Debug, Serialize)]
pub struct ActivateRulebook {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which draft.
    pub rulebook: RulebookVersionId,
    /// The version that was read.
    pub expected_version: i64,
}

impl Command for ActivateRulebook {
    fn name(&self) -> &'static str {
        "activateRulebook"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Activates a draft from its own `effective_from` on, which must lie after every active version's and not before today.
pub async fn activate(ctx: &Ctx, command: ActivateRulebook) -> Result<RulebookOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let draft = ctx
        .scope()
        .rulebook_versions()
        .filter(rulebook_version::Column::Id.eq(command.rulebook))
        .one(write.conn())
        .await?
        .ok_or_else(Error::not_found)?;
    ctx.authorize(Action::ActivateRulebook, Target::network(draft.network_id))?;
    if draft.state != RulebookState::Draft {
        return Err(Error::new(Code::WrongState, "this version is in force already", "该版本已启用"));
    }
    let rulebook = accept(&draft.text)?;
    let network = ctx.network(write.conn(), draft.network_id).await?;
    let earlier = active(write.conn(), network.id).await?;
    let too_early = earlier.last().is_some_and(|last| draft.effective_from <= last.effective_from)
        || (!earlier.is_empty() && draft.effective_from < local_day(&network, ctx.now()));
    if too_early {
        return Err(Error::invalid(
            "rulebook",
            "effective_from must lie after the last active version's and not before today: what was scored stays as it is",
            "施行日期须晚于现行版本且不得早于今日：已计分结果不得改变",
        ));
    }
    let updated = rulebook_version::Entity::update_many()
        .col_expr(rulebook_version::Column::State, Expr::value(RulebookState::Active))
        .col_expr(rulebook_version::Column::ActivatedAt, Expr::value(ctx.now()))
        .col_expr(rulebook_version::Column::Version, Expr::col(rulebook_version::Column::Version).add(1))
        .filter(rulebook_version::Column::Id.eq(draft.id))
        .filter(rulebook_version::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(draft.version));
    }
    declare_publications(write.conn(), network.id, &rulebook).await?;
    write.in_network(network.id);
    write.record(Entry::new("ActivateRulebook", ObjectKind::RulebookVersion, draft.id.0).moved("draft", "active"));
    let outcome = RulebookOutcome { rulebook: draft.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Makes or renames the rows of the publications that a rulebook names.
pub(crate) async fn declare_publications(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    rulebook: &Rulebook,
) -> Result<()> {
    let rows = rulebook.publications().iter().zip(1..).map(|(declared, position)| publication::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        code: Set(declared.id.clone()),
        name: Set(declared.name.clone()),
        level: Set(declared.level.clone()),
        own: Set(declared.own),
        position: Set(position),
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    publication::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([publication::Column::NetworkId, publication::Column::Code])
                .update_columns([
                    publication::Column::Name,
                    publication::Column::Level,
                    publication::Column::Own,
                    publication::Column::Position,
                ])
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    Ok(())
}
