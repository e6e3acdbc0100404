//! Saved queries: questions with a name, kept in versions and shared by role.
//!
//! Sharing a query shares the question only: whoever runs it gets the figures that they may read themselves.

use entity::ids::{NetworkId, SavedQueryId};
use entity::role_grant::Role;
use entity::{saved_query, saved_query_version};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{self, Action};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::analytics::{self, Question};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, score};

/// Longest name.
pub const NAME_CHARACTERS: usize = 80;

/// Saves a query, or a new version of one.
#[derive(Clone, Debug, Serialize)]
pub struct SaveQuery {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The query that is changed; a new one if left out.
    pub query: Option<SavedQueryId>,
    /// The version of the query that was seen.
    pub expected_version: Option<i64>,
    /// Its name.
    pub name: String,
    /// About which network.
    pub network: NetworkId,
    /// The question, as it was asked.
    pub question: serde_json::Value,
    /// The roles that it is shared with.
    pub shared_with: Vec<Role>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SaveOutcome {
    /// The query.
    pub query: SavedQueryId,
}

impl Command for SaveQuery {
    fn name(&self) -> &'static str {
        "saveQuery"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Saves a question that can be answered as it stands.
pub async fn save(ctx: &Ctx, mut command: SaveQuery, question: &Question) -> Result<SaveOutcome> {
    command.shared_with.sort_unstable();
    command.shared_with.dedup();
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    if !score::may_in(ctx, network.id, Action::SaveQuery) {
        return Err(Error::forbidden().under(policy::id(Action::SaveQuery)));
    }
    let name = command.name.trim().to_owned();
    if !(1..=NAME_CHARACTERS).contains(&name.chars().count()) {
        return Err(Error::invalid("name", "a name has 1 to 80 characters", "名称应为 1 至 80 个字"));
    }
    let shared_with = command.shared_with.iter().map(|role| saved_query::marked(*role)).collect::<String>();
    let (now, person) = (write.now(), ctx.actor().id());
    let taken = || {
        Error::new(
            Code::AlreadyExists,
            "you have a saved query of this name; choose another",
            "您已保存同名查询，请更换名称",
        )
        .at("name")
    };
    let (id, number) = match command.query {
        None => {
            let row = saved_query::ActiveModel {
                id: NotSet,
                network_id: Set(network.id),
                person_id: Set(person),
                name: Set(name.clone()),
                shared_with: Set(shared_with),
                version: Set(1),
                created_at: Set(now),
                changed_at: Set(now),
            };
            let inserted = saved_query::Entity::insert(row).exec(write.conn()).await;
            (inserted.map_err(|error| on_unique(error, taken))?.last_insert_id, 1)
        }
        Some(id) => {
            let known = ctx.scope().saved_queries().filter(saved_query::Column::Id.eq(id)).one(write.conn()).await?;
            let known = known.ok_or_else(|| Error::not_found().at("savedQuery"))?;
            if known.person_id != person {
                return Err(Error::new(
                    Code::Forbidden,
                    "only its owner changes a saved query; save it under a name of your own",
                    "只有保存人可以修改该查询，请另存为自己的查询",
                )
                .at("savedQuery"));
            }
            if known.network_id != network.id {
                return Err(Error::invalid(
                    "question",
                    "a saved query stays with its network",
                    "已保存的查询不能改为其他网络",
                ));
            }
            let updated = saved_query::Entity::update_many()
                .col_expr(saved_query::Column::Name, Expr::value(name.clone()))
                .col_expr(saved_query::Column::SharedWith, Expr::value(shared_with))
                .col_expr(saved_query::Column::Version, Expr::value(known.version + 1))
                .col_expr(saved_query::Column::ChangedAt, Expr::value(now))
                .filter(saved_query::Column::Id.eq(id))
                .filter(saved_query::Column::Version.eq(command.expected_version.unwrap_or_default()))
                .exec(write.conn())
                .await
                .map_err(|error| on_unique(error, taken))?;
            if updated.rows_affected == 0 {
                return Err(Error::version_conflict(known.version));
            }
            (id, known.version + 1)
        }
    };
    let version = saved_query_version::ActiveModel {
        saved_query_id: Set(id),
        number: Set(number),
        question: Set(question.text.to_string()),
        saved_by: Set(person),
        saved_at: Set(now),
    };
    saved_query_version::Entity::insert(version).exec_without_returning(write.conn()).await?;
    write.in_network(network.id);
    let details = serde_json::json!({
        "name": name, "version": number, "question": question.text, "sharedWith": command.shared_with,
    });
    write.record(Entry::new(Action::SaveQuery.name(), ObjectKind::SavedQuery, id.0).with(details));
    let outcome = SaveOutcome { query: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// A saved query that the actor may ask, in one of its versions; in the last one if none is named.
pub async fn find(
    ctx: &Ctx,
    id: SavedQueryId,
    number: Option<i64>,
) -> Result<(saved_query::Model, saved_query_version::Model)> {
    let query = ctx.scope().saved_queries().filter(saved_query::Column::Id.eq(id)).one(ctx.reader()).await?;
    let query = query.ok_or_else(|| Error::not_found().at("id"))?;
    let number = number.unwrap_or(query.version);
    let version = saved_query_version::Entity::find_by_id((id, number)).one(ctx.reader()).await?;
    Ok((query, version.ok_or_else(|| Error::not_found().at("version"))?))
}

/// Refuses a question that could not be answered today: what is saved can be asked.
pub async fn check(ctx: &Ctx, question: &Question) -> Result<()> {
    score::readable_network(ctx, question.network).await?;
    let asked = analytics::open(ctx, question.network, question.as_of).await?;
    asked.plan(&question.query).map(|_| ())
}
