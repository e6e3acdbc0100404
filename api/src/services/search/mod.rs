//! Full-text search in Chinese over submissions: the index is kept by the writes that change a text, and asked by lists.
//!
//! Whoever may not read a text is not told what it contains: for them, titles alone are searched.

pub mod terms;

use std::fmt::Write as _;

use entity::ids::SubmissionId;
use entity::{submission, submission_text};
use sea_orm::sea_query::{Expr, OnConflict, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, DbBackend, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, Statement, Value,
};
use tracing::info;

use crate::auth::scope::Scope;
use crate::error::{Error, Result};
use crate::state::AppState;
use terms::{Part, fold};

/// Submissions that are indexed in one transaction when texts without an index are found.
const BATCH: u64 = 200;

/// Puts a text into the index, or replaces it there.
pub(crate) async fn put(conn: &impl ConnectionTrait, id: SubmissionId, title: &str, body: &str) -> Result<()> {
    let row = submission_text::ActiveModel { submission_id: Set(id), title: Set(fold(title)), body: Set(fold(body)) };
    let mut terms = terms::terms(row.title.as_ref());
    terms.append(&mut terms::terms(row.body.as_ref()));
    submission_text::Entity::insert(row)
        .on_conflict(
            OnConflict::column(submission_text::Column::SubmissionId)
                .update_columns([submission_text::Column::Title, submission_text::Column::Body])
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    let backend = conn.get_database_backend();
    if backend == DbBackend::Postgres {
        let sql = "INSERT INTO submission_fts (submission_id, terms) \
                   SELECT $1, array_to_tsvector(string_to_array($2, ' ')) \
                   ON CONFLICT (submission_id) DO UPDATE SET terms = EXCLUDED.terms";
        let values: [Value; 2] = [id.0.into(), spaced(&terms).into()];
        conn.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        return Ok(());
    }
    let delete = "DELETE FROM submission_fts WHERE rowid = ?";
    conn.execute_raw(Statement::from_sql_and_values(backend, delete, [Value::from(id.0)])).await?;
    let insert = "INSERT INTO submission_fts (rowid, terms) VALUES (?, ?)";
    let values: [Value; 2] = [id.0.into(), spaced(&terms).into()];
    conn.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
    Ok(())
}

fn spaced(terms: &std::collections::BTreeSet<String>) -> String {
    terms.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// Indexes the texts that have no index yet, such as those of a database from before there was one.
pub async fn catch_up(state: &AppState) -> anyhow::Result<()> {
    let mut indexed = 0;
    loop {
        let known =
            Query::select().column(submission_text::Column::SubmissionId).from(submission_text::Entity).to_owned();
        let txn = state.database().begin().await?;
        // Locked, so that nobody changes a text between its being read and its being indexed.
        let missing = submission::Entity::find()
            .filter(submission::Column::Id.not_in_subquery(known))
            .order_by_asc(submission::Column::Id)
            .limit(BATCH)
            .lock_exclusive()
            .all(&txn)
            .await?;
        if missing.is_empty() {
            break;
        }
        indexed += missing.len();
        for row in missing {
            put(&txn, row.id, &row.title, &row.body).await?;
        }
        txn.commit().await?;
    }
    if indexed > 0 {
        info!(submissions = indexed, "indexed texts for search");
    }
    Ok(())
}

/// Submissions that contain every part of `question`, in the title or, for those who may read it, in the text.
pub(crate) fn matching(scope: &Scope, backend: DbBackend, question: &str, field: &'static str) -> Result<Condition> {
    let parts = checked(question, field)?;
    let anywhere = containing(backend, &parts, true);
    let in_title = containing(backend, &parts, false);
    let readable = Condition::all().add(scope.readable()).add(submission::Column::Id.in_subquery(anywhere));
    Ok(Condition::any().add(submission::Column::Id.in_subquery(in_title)).add(readable))
}

/// Ids of submissions that contain every part of `question`, for lists whose texts are for everybody who sees them.
pub(crate) fn matching_kept(backend: DbBackend, question: &str, field: &'static str) -> Result<SelectStatement> {
    Ok(containing(backend, &checked(question, field)?, true))
}

fn checked(question: &str, field: &'static str) -> Result<Vec<Part>> {
    let parts = terms::parts(question);
    if parts.is_empty() || question.chars().count() > terms::QUERY_CHARACTERS {
        return Err(Error::invalid(
            field,
            "search for 1 to 100 characters, letters among them",
            "检索内容须为 1 至 100 个字，且包含文字",
        ));
    }
    Ok(parts)
}

/// Ids of submissions whose texts contain all parts: the index leads to candidates, the folded texts decide.
fn containing(backend: DbBackend, parts: &[Part], in_body: bool) -> SelectStatement {
    let mut select = submission_text::Entity::find()
        .select_only()
        .column(submission_text::Column::SubmissionId)
        .filter(candidates(backend, parts));
    for part in parts {
        let mut found = Condition::any().add(contains(backend, submission_text::Column::Title, &part.text));
        if in_body {
            found = found.add(contains(backend, submission_text::Column::Body, &part.text));
        }
        select = select.filter(found);
    }
    select.into_query()
}

fn contains(backend: DbBackend, column: submission_text::Column, text: &str) -> SimpleExpr {
    use sea_orm::IdenStatic as _;
    let name = column.as_str();
    match backend {
        DbBackend::Postgres => Expr::cust_with_values(format!(r#"strpos("submission_text"."{name}", $1) > 0"#), [text]),
        _ => Expr::cust_with_values(format!(r#"instr("submission_text"."{name}", ?) > 0"#), [text]),
    }
}

fn candidates(backend: DbBackend, parts: &[Part]) -> SimpleExpr {
    let mut query = String::new();
    for (term, begins) in parts.iter().flat_map(|part| {
        part.whole.iter().map(|term| (term, false)).chain(part.beginnings.iter().map(|term| (term, true)))
    }) {
        let (and, quote, prefix) = match backend {
            DbBackend::Postgres => (" & ", '\'', ":*"),
            _ => (" AND ", '"', "*"),
        };
        // Terms are letters and digits: nothing in them could end the quotes.
        let _ = write!(
            query,
            "{}{quote}{term}{quote}{}",
            if query.is_empty() { "" } else { and },
            if begins { prefix } else { "" }
        );
    }
    match backend {
        DbBackend::Postgres => Expr::cust_with_values(
            r#""submission_text"."submission_id" IN (SELECT submission_id FROM submission_fts WHERE terms @@ ($1)::tsquery)"#,
            [query],
        ),
        _ => Expr::cust_with_values(
            r#""submission_text"."submission_id" IN (SELECT rowid FROM submission_fts WHERE submission_fts MATCH ?)"#,
            [query],
        ),
    }
}
