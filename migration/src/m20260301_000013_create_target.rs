//! Targets, and how large the tasks from above are.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, date, date_null, text, text_null, timestamp_with_time_zone,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A foreign key of the table, named after its column.
fn key(column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_target_{column}")).from("target", column).to(to, "id").to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("target")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text_null("task"))
                    .col(big_integer_null("unit_id"))
                    .col(text_null("category"))
                    .col(text_null("measure"))
                    .col(text_null("kind"))
                    .col(text_null("per"))
                    .col(text_null("follows"))
                    .col(big_integer("amount"))
                    .col(date("first_day"))
                    .col(date_null("last_day"))
                    .col(text("origin"))
                    .col(big_integer("set_by"))
                    .col(timestamp_with_time_zone("set_at"))
                    .foreign_key(&mut key("network_id", "network"))
                    .foreign_key(&mut key("unit_id", "unit"))
                    .foreign_key(&mut key("set_by", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_target_network_id_first_day")
                    .table("target")
                    .col("network_id")
                    .col("first_day")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("target").to_owned()).await
    }
}
