//! Saved queries and their versions.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, text, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A foreign key of a table, named after its column.
fn key(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_{column}")).from(table, column).to(to, "id").to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("saved_query")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("person_id"))
                    .col(text("name"))
                    .col(text("shared_with"))
                    .col(big_integer("version"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("changed_at"))
                    .foreign_key(&mut key("saved_query", "network_id", "network"))
                    .foreign_key(&mut key("saved_query", "person_id", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ux_saved_query_network_id_person_id_name")
                    .table("saved_query")
                    .col("network_id")
                    .col("person_id")
                    .col("name")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("saved_query_version")
                    .col(big_integer("saved_query_id"))
                    .col(big_integer("number"))
                    .col(text("question"))
                    .col(big_integer("saved_by"))
                    .col(timestamp_with_time_zone("saved_at"))
                    .primary_key(Index::create().col("saved_query_id").col("number"))
                    .foreign_key(&mut key("saved_query_version", "saved_query_id", "saved_query"))
                    .foreign_key(&mut key("saved_query_version", "saved_by", "person"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("saved_query_version").to_owned()).await?;
        manager.drop_table(Table::drop().table("saved_query").to_owned()).await
    }
}
