//! The library of excellent manuscripts (优稿库).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, date, text, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("library_item")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("submission_id"))
                    .col(text("comment"))
                    .col(date("added_on"))
                    .col(big_integer("added_by"))
                    .col(timestamp_with_time_zone("added_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_library_item_network_id")
                            .from("library_item", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_library_item_submission_id")
                            .from("library_item", "submission_id")
                            .to("submission", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_library_item_added_by")
                            .from("library_item", "added_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_library_item_submission_id")
                    .table("library_item")
                    .col("submission_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_library_item_network_id_id")
                    .table("library_item")
                    .col("network_id")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("library_item").to_owned()).await
    }
}
