//! Many rows at once.

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable as _,
    PrimaryKeyTrait,
};

/// SQLite takes 32,766 parameters in one statement, PostgreSQL 65,535.
const PARAMETERS: usize = 30_000;
/// Statements longer than this gain nothing, and take long to write out.
const ROWS: usize = 1_000;

/// Type of the ids of a table.
pub(super) type Id<E> = <<E as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

fn at_once<E: EntityTrait>() -> usize {
    (PARAMETERS / E::Column::iter().count().max(1)).clamp(1, ROWS)
}

/// Inserts rows whose ids the database gives, and returns the ids in the order of the rows.
pub(super) async fn insert<E, A>(conn: &impl ConnectionTrait, rows: Vec<A>) -> anyhow::Result<Vec<Id<E>>>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
    Id<E>: Ord,
{
    let mut ids = Vec::with_capacity(rows.len());
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let part: Vec<A> = rows.by_ref().take(at_once::<E>()).collect();
        let count = part.len();
        let mut given = E::insert_many(part).exec_with_returning_keys(conn).await?;
        anyhow::ensure!(given.len() == count, "the database gave {} ids for {count} rows", given.len());
        // Rows are stored, and numbered, in the order in which the statement lists them;
        // the order in which they are returned is nobody's promise.
        given.sort_unstable();
        ids.append(&mut given);
    }
    Ok(ids)
}

/// Inserts rows whose ids nobody needs.
pub(super) async fn store<E, A>(conn: &impl ConnectionTrait, rows: Vec<A>) -> anyhow::Result<()>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let part: Vec<A> = rows.by_ref().take(at_once::<E>()).collect();
        E::insert_many(part).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// A model as a row to insert, without the id.
macro_rules! fresh {
    ($entity:ident, $model:expr) => {{
        let mut row: entity::$entity::ActiveModel = $model.into();
        row.id = sea_orm::ActiveValue::NotSet;
        row
    }};
}
pub(super) use fresh;
