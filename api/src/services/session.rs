//! Signing in, staying signed in, signing out.
//!
//! A refresh token is used once and replaced; using a replaced one again ends every session that descends
//! from the same login, because somebody else may hold it. A short grace covers a client that repeats the
//! exchange because it never saw the answer.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use entity::ids::PersonId;
use entity::{person, refresh_token};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
};
use sha2::{Digest as _, Sha256};

use crate::auth::actor::{self, Actor};
use crate::error::{Code, Error, Result};
use crate::services::audit::{self, Entry, ObjectKind};
use crate::state::AppState;

/// How long a refresh token can be exchanged.
pub const REFRESH_LIFETIME: Duration = Duration::hours(12);
/// How long a used refresh token may be repeated by a client that lost the answer.
const GRACE: Duration = Duration::seconds(10);
/// Wrong passwords in a row that lock an account.
const FAILURES: i64 = 5;
/// How long it stays locked.
const LOCK: Duration = Duration::minutes(15);

/// The two tokens of a session.
#[derive(Clone, Debug)]
pub struct Session {
    /// The person who signed in.
    pub person: PersonId,
    /// JWT for the `Authorization` header.
    pub access_token: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Exchange it once for the next two.
    pub refresh_token: String,
}

/// Signs in with a password. An unknown login and a wrong password read the same and take the same time.
pub async fn login(state: &AppState, login: &str, password: String) -> Result<Session> {
    let person = person::Entity::find().filter(person::Column::Login.eq(login)).one(state.database().reader()).await?;
    let hash = person.as_ref().filter(|person| person.disabled_at.is_none()).and_then(|row| row.password_hash.clone());
    let right = state.passwords().verify(password, hash).await?;
    let now = state.clock().now();
    let Some(person) = person else {
        // On record like a wrong password, which also makes both take the same time.
        let txn = state.database().begin().await?;
        record(&txn, None, "LoginFailed", now).await?;
        txn.commit().await?;
        return Err(bad_credentials());
    };
    let txn = state.database().begin().await?;
    // The row was read before the password was verified, which takes long: other guesses may have come in between,
    // so the count and the lock are judged here, on the row that this update holds.
    let failures = if right { Expr::value(0) } else { Expr::col(person::Column::FailedLogins).add(1) };
    person::Entity::update_many()
        .col_expr(person::Column::FailedLogins, failures)
        .filter(person::Column::Id.eq(person.id))
        .filter(person::Column::LockedUntil.is_null().or(person::Column::LockedUntil.lte(now)))
        .exec(&txn)
        .await?;
    let person = person::Entity::find_by_id(person.id).one(&txn).await?.ok_or_else(bad_credentials)?;
    if let Some(until) = actor::locked_until(&person, now) {
        return Err(locked(until));
    }
    if !right {
        if person.failed_logins >= FAILURES {
            person::Entity::update_many()
                .col_expr(person::Column::FailedLogins, Expr::value(0))
                .col_expr(person::Column::LockedUntil, Expr::value(now + LOCK))
                .filter(person::Column::Id.eq(person.id))
                .exec(&txn)
                .await?;
        }
        record(&txn, Some(person.id), "LoginFailed", now).await?;
        txn.commit().await?;
        return Err(bad_credentials());
    }
    let session = open(state, &txn, person.id, &random()?).await?;
    record(&txn, Some(person.id), "Login", now).await?;
    txn.commit().await?;
    Ok(session)
}

/// Opens a session without a password: for the tokens that a demonstration prints.
pub async fn open_for(state: &AppState, person: PersonId) -> Result<Session> {
    let txn = state.database().begin().await?;
    let session = open(state, &txn, person, &random()?).await?;
    record(&txn, Some(person), "Login", state.clock().now()).await?;
    txn.commit().await?;
    Ok(session)
}

/// Exchanges a refresh token for the next two tokens.
pub async fn refresh(state: &AppState, token: &str) -> Result<Session> {
    let now = state.clock().now();
    let txn = state.database().begin().await?;
    let row = refresh_token::Entity::find()
        .filter(refresh_token::Column::TokenHash.eq(digest(token)))
        .one(&txn)
        .await?
        .filter(|row| row.revoked_at.is_none() && row.expires_at > now)
        .ok_or_else(Error::unauthenticated)?;
    if Actor::find(&txn, row.person_id, now).await?.is_none() {
        return Err(Error::unauthenticated());
    }
    let claimed = refresh_token::Entity::update_many()
        // The first use stays on record: repeating it does not prolong the grace.
        .col_expr(refresh_token::Column::UsedAt, Expr::col(refresh_token::Column::UsedAt).if_null(now))
        .filter(refresh_token::Column::Id.eq(row.id))
        .filter(refresh_token::Column::UsedAt.is_null().or(refresh_token::Column::UsedAt.gt(now - GRACE)))
        .exec(&txn)
        .await?;
    if claimed.rows_affected == 0 {
        revoke(&txn, &row.family, now).await?;
        record(&txn, Some(row.person_id), "RefreshTokenReused", now).await?;
        txn.commit().await?;
        return Err(Error::unauthenticated());
    }
    let session = open(state, &txn, row.person_id, &row.family).await?;
    txn.commit().await?;
    Ok(session)
}

/// Ends the session `family` at once: its access tokens are refused from the next request on.
pub async fn logout(state: &AppState, person: PersonId, family: &str) -> Result<()> {
    let now = state.clock().now();
    let txn = state.database().begin().await?;
    revoke(&txn, family, now).await?;
    record(&txn, Some(person), "Logout", now).await?;
    txn.commit().await?;
    Ok(())
}

async fn open(state: &AppState, txn: &impl ConnectionTrait, person: PersonId, family: &str) -> Result<Session> {
    let now = state.clock().now();
    let (access_token, expires_at) = state.keys().issue(person, family, now)?;
    let token = random()?;
    let row = refresh_token::ActiveModel {
        id: NotSet,
        person_id: Set(person),
        family: Set(family.to_owned()),
        token_hash: Set(digest(&token)),
        issued_at: Set(now),
        expires_at: Set(now + REFRESH_LIFETIME),
        used_at: Set(None),
        revoked_at: Set(None),
    };
    refresh_token::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(Session { person, access_token, expires_at, refresh_token: token })
}

async fn revoke(txn: &impl ConnectionTrait, family: &str, now: DateTime<Utc>) -> Result<()> {
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::RevokedAt, Expr::value(now))
        .filter(refresh_token::Column::Family.eq(family))
        .filter(refresh_token::Column::RevokedAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// Puts a sign-in or its end on record; nobody is named when the login was unknown.
async fn record(
    txn: &impl ConnectionTrait,
    person: Option<PersonId>,
    action: &'static str,
    now: DateTime<Utc>,
) -> Result<()> {
    let entry = Entry::new(action, ObjectKind::Person, person.map_or(0, |id| id.0));
    audit::append(txn, audit::PLATFORM, person, now, vec![entry]).await?;
    Ok(())
}

fn random() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal(anyhow::anyhow!("no randomness: {error}")))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

fn digest(token: &str) -> String {
    audit::hex(&Sha256::digest(token))
}

fn bad_credentials() -> Error {
    Error::new(Code::BadCredentials, "login or password is wrong", "账号或密码错误")
}

fn locked(until: DateTime<Utc>) -> Error {
    Error::new(
        Code::AccountLocked,
        "too many wrong passwords; the account opens again by itself",
        "密码错误次数过多，账号已临时锁定，请稍后再试",
    )
    .with(serde_json::json!({ "lockedUntil": until.to_rfc3339() }))
}
