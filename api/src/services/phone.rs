//! Phone numbers: sealed in the database, shown with their middle hidden, whole only to whoever sends to them.
//!
//! A number is never part of an error, a log line, an audit row or a figure.

use chrono::{DateTime, Utc};
use entity::ids::PersonId;
use entity::{person, person_phone, unit};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
};
use serde::Serialize;

use crate::auth::policy::{Action, Target};
use crate::auth::seal::{SealKeys, Sealed};
use crate::error::{Error, Result};
use crate::services::audit::ObjectKind;
use crate::services::person::{PersonOutcome, find};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, unit as units};
use crate::state::AppState;

/// Rows per statement.
const CHUNK: usize = 1_000;

/// Gives a person's phone number, or takes it away.
#[derive(Clone, Debug, Serialize)]
pub struct SetPhone {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Whose.
    pub person: PersonId,
    /// The version of the person that was seen.
    pub expected_version: i64,
    /// The number; none takes it away.
    #[serde(skip)]
    pub phone: Option<String>,
    /// Stands for the number where the request is compared with its repetition.
    pub tag: String,
}

impl Command for SetPhone {
    fn name(&self) -> &'static str {
        "setPhone"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Gives or takes away a number. For a unit's own people, and for whoever administers accounts.
pub async fn set(ctx: &Ctx, mut command: SetPhone) -> Result<PersonOutcome> {
    let seals = ctx.state().seals();
    let phone = command.phone.as_deref().map(read).transpose()?;
    command.tag = phone.as_deref().map(|phone| seals.tag(phone)).unwrap_or_default();
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let person = find(ctx, write.conn(), command.person).await?;
    let unit = match person.unit_id {
        Some(id) => Some(units::find(ctx, write.conn(), id).await?),
        None => None,
    };
    ctx.authorize(Action::SetPhone, target(unit.as_ref()))?;
    let updated = person::Entity::update_many()
        .col_expr(person::Column::Version, Expr::col(person::Column::Version).add(1))
        .filter(person::Column::Id.eq(person.id))
        .filter(person::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(person.version));
    }
    match phone {
        Some(phone) => insert(write.conn(), vec![sealed(seals, person.id, &phone, ctx.now())?]).await?,
        None => {
            person_phone::Entity::delete_by_id(person.id).exec(write.conn()).await?;
        }
    }
    if let Some(unit) = unit {
        write.in_network(unit.network_id);
    }
    write.did("SetPhone", ObjectKind::Person, person.id.0);
    let outcome = PersonOutcome { person: person.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// A number that was read, sealed.
fn sealed(seals: &SealKeys, person: PersonId, phone: &str, now: DateTime<Utc>) -> Result<person_phone::ActiveModel> {
    let sealed = seals.seal(phone, &owner(person)).map_err(Error::internal)?;
    Ok(person_phone::ActiveModel {
        person_id: Set(person),
        algorithm: Set(sealed.algorithm),
        key_id: Set(sealed.key_id),
        sealed: Set(sealed.text),
        changed_at: Set(now),
    })
}

/// Writes sealed numbers in the place of those that were there.
async fn insert(conn: &impl ConnectionTrait, rows: Vec<person_phone::ActiveModel>) -> Result<()> {
    use person_phone::Column as C;

    let again =
        OnConflict::column(C::PersonId).update_columns([C::Algorithm, C::KeyId, C::Sealed, C::ChangedAt]).to_owned();
    person_phone::Entity::insert_many(rows).on_conflict(again).exec_without_returning(conn).await?;
    Ok(())
}

/// Keeps the numbers of many people at once, for whoever started the server.
pub async fn keep_all(state: &AppState, numbers: &[(PersonId, String)]) -> Result<()> {
    let (now, txn) = (state.clock().now(), state.database().begin().await?);
    for part in numbers.chunks(CHUNK) {
        let mut rows = Vec::with_capacity(part.len());
        for (person, phone) in part {
            rows.push(sealed(state.seals(), *person, &read(phone)?, now)?);
        }
        insert(&txn, rows).await?;
    }
    txn.commit().await?;
    Ok(())
}

/// The whole number, for whoever sends to it.
pub(crate) fn whole(seals: &SealKeys, row: &person_phone::Model) -> Result<String> {
    let sealed = Sealed { algorithm: row.algorithm.clone(), key_id: row.key_id.clone(), text: row.sealed.clone() };
    seals.open(&sealed, &owner(row.person_id)).map_err(Error::internal)
}

/// The number with its middle hidden, if the caller may see that much.
pub(crate) fn masked(ctx: &Ctx, unit: Option<&unit::Model>, row: &person_phone::Model) -> Result<Option<String>> {
    if ctx.authorize(Action::SeeMaskedPhone, target(unit)).is_err() {
        return Ok(None);
    }
    whole(ctx.state().seals(), row).map(|phone| Some(mask(&phone)))
}

fn target(unit: Option<&unit::Model>) -> Target {
    unit.map_or(Target::platform(), |unit| Target::unit(unit.network_id, unit.id))
}

fn owner(person: PersonId) -> String {
    format!("person {person}")
}

/// `13800000001` as `138****0001`.
fn mask(phone: &str) -> String {
    match (phone.get(..3), phone.get(phone.len().saturating_sub(4)..)) {
        (Some(head), Some(tail)) if phone.len() >= 11 => format!("{head}****{tail}"),
        _ => "****".to_owned(),
    }
}

/// Somebody else's text with the middle of every mobile number hidden: a gateway may name the number that it refuses.
pub(crate) fn hide(text: &str) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let (digits, after) = from.split_at(from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len()));
        hidden.push_str(before);
        match read(digits.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or(digits)) {
            Ok(phone) => hidden.push_str(&mask(&phone)),
            Err(_) => hidden.push_str(digits),
        }
        rest = after;
    }
    hidden.push_str(rest);
    hidden
}

/// A mobile number in the form in which it is kept: eleven digits.
pub(crate) fn read(text: &str) -> Result<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let digits = digits.strip_prefix("+86").unwrap_or(&digits);
    let good = digits.len() == 11
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.starts_with('1')
        && !matches!(digits.as_bytes()[1], b'0' | b'1' | b'2');
    if good {
        return Ok(digits.to_owned());
    }
    Err(Error::invalid(
        "phone",
        "a mobile number has eleven digits and begins with 13 to 19",
        "手机号码应为 11 位数字，以 13 至 19 开头",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_masked() {
        for (text, expected) in [
            ("13800000001", Some("138****0001")),
            ("+86 138-0000-0001", Some("138****0001")),
            ("199 1234 5678", Some("199****5678")),
            ("12800000001", None),
            ("1380000000", None),
            ("138000000011", None),
            ("１３８００００００００１", None),
            ("", None),
            ("+86", None),
        ] {
            assert_eq!(read(text).ok().map(|phone| mask(&phone)).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn numbers_in_other_peoples_words_are_hidden() {
        for (text, expected) in [
            ("号码13800000001停机", "号码138****0001停机"),
            ("to:8613800000001,+8613800000002", "to:138****0001,+138****0002"),
            ("err 13800000001", "err 138****0001"),
            ("id 138000000011, code 12800000001, 42", "id 138000000011, code 12800000001, 42"),
            ("余额不足", "余额不足"),
        ] {
            assert_eq!(hide(text), expected);
        }
    }

    #[test]
    fn a_refusal_does_not_repeat_the_number() {
        let error = read("13800000001x").unwrap_err();
        assert!(!format!("{error:?}").contains("0000"));
    }
}
