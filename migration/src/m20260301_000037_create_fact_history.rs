//! The facts of each object as each act left them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("fact_history")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("sequence"))
                    .col(text("object_kind"))
                    .col(big_integer("object_id"))
                    .col(text("facts"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_fact_history_network_id")
                            .from("fact_history", "network_id")
                            .to("network", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_fact_history_network_id_object_kind_sequence")
                    .table("fact_history")
                    .col("network_id")
                    .col("object_kind")
                    .col("sequence")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("fact_history").to_owned()).await
    }
}
