//! Whether somebody on an open socket still is who they were when it was opened.
//!
//! One query per half second answers for all sockets, and none runs while there are no sockets: what is kept is
//! the short list of sessions and people that changed within the life of an access token.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use entity::ids::PersonId;
use entity::{person, refresh_token, role_grant};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use tokio::sync::Mutex;

use crate::auth::actor::Actor;
use crate::auth::token::ACCESS_LIFETIME;
use crate::state::AppState;

/// How old an answer may be.
const FRESH: Duration = Duration::milliseconds(500);

/// What changed lately.
#[derive(Default)]
pub struct Standing {
    known: Mutex<Option<(DateTime<Utc>, Arc<Changes>)>>,
}

#[derive(Default)]
struct Changes {
    ended: HashSet<String>,
    disabled: HashSet<PersonId>,
    /// When the roles of a person last changed.
    regranted: HashMap<PersonId, DateTime<Utc>>,
}

impl Standing {
    /// Whether the session has not ended, the account is open and the roles are those that the actor was loaded with.
    pub async fn holds(&self, state: &AppState, actor: &Actor, session: &str) -> bool {
        match self.changes(state).await {
            Ok(changes) => {
                !changes.ended.contains(session)
                    && !changes.disabled.contains(&actor.id())
                    && changes.regranted.get(&actor.id()).is_none_or(|at| *at <= actor.loaded_at())
            }
            Err(error) => {
                // Who cannot be checked is not let go on.
                tracing::error!(%error, "cannot check open sockets");
                false
            }
        }
    }

    async fn changes(&self, state: &AppState) -> Result<Arc<Changes>, DbErr> {
        let now = state.clock().now();
        let mut known = self.known.lock().await;
        if let Some((at, changes)) = known.as_ref()
            && now - *at < FRESH
        {
            return Ok(changes.clone());
        }
        let changes = Arc::new(read(state.database().reader(), now - ACCESS_LIFETIME * 2).await?);
        *known = Some((now, changes.clone()));
        Ok(changes)
    }
}

async fn read(conn: &impl ConnectionTrait, since: DateTime<Utc>) -> Result<Changes, DbErr> {
    let ended: Vec<String> = refresh_token::Entity::find()
        .select_only()
        .column(refresh_token::Column::Family)
        .filter(refresh_token::Column::RevokedAt.gte(since))
        .into_tuple()
        .all(conn)
        .await?;
    let disabled: Vec<PersonId> = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::DisabledAt.gte(since))
        .into_tuple()
        .all(conn)
        .await?;
    let grants = role_grant::Entity::find()
        .filter(
            Condition::any()
                .add(role_grant::Column::RevokedAt.gte(since))
                .add(role_grant::Column::GrantedAt.gte(since)),
        )
        .all(conn)
        .await?;
    let mut regranted: HashMap<PersonId, DateTime<Utc>> = HashMap::new();
    for row in grants {
        let at = row.revoked_at.unwrap_or(row.granted_at);
        regranted.entry(row.person_id).and_modify(|last| *last = at.max(*last)).or_insert(at);
    }
    Ok(Changes { ended: ended.into_iter().collect(), disabled: disabled.into_iter().collect(), regranted })
}
