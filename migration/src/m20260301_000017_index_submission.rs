//! What full-text search reads: folded texts, and an index of their terms that each database keeps in its own way.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("submission_text")
                    .col(big_integer("submission_id").primary_key().take())
                    .col(text("title"))
                    .col(text("body"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_submission_text_submission_id")
                            .from("submission_text", "submission_id")
                            .to("submission", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        for statement in index(manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE submission_fts").await?;
        manager.drop_table(Table::drop().table("submission_text").to_owned()).await
    }
}

/// Terms come cut and folded, so neither database shall cut or fold anything: the ASCII tokenizer splits at spaces only, and a
/// `tsvector` is made of an array. Texts are compared after the index has found them, so positions are not kept.
fn index(backend: DbBackend) -> &'static [&'static str] {
    match backend {
        DbBackend::Postgres => &[
            "CREATE TABLE submission_fts (submission_id bigint PRIMARY KEY REFERENCES submission (id), terms tsvector NOT NULL)",
            "CREATE INDEX ix_submission_fts_terms ON submission_fts USING gin (terms)",
        ],
        _ => &["CREATE VIRTUAL TABLE submission_fts USING \
             fts5(terms, content='', contentless_delete=1, detail=none, tokenize='ascii')"],
    }
}
