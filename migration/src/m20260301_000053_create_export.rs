//! Exports, and their files for as long as they are kept.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, blob, text, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let key = |column: &'static str, to: &'static str| {
            ForeignKey::create().name(format!("fk_export_{column}")).from("export", column).to(to, "id").to_owned()
        };
        manager
            .create_table(
                Table::create()
                    .table("export")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("person_id"))
                    .col(text("format"))
                    .col(text("question"))
                    .col(text("file_name"))
                    .col(big_integer("data_version"))
                    .col(big_integer("row_count"))
                    .col(big_integer("byte_count"))
                    .col(text("sha256"))
                    .col(text("digest"))
                    .col(text("manifest"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .foreign_key(&mut key("network_id", "network"))
                    .foreign_key(&mut key("person_id", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_export_person_id_network_id")
                    .table("export")
                    .col("person_id")
                    .col("network_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("export_file")
                    .col(big_integer("export_id").primary_key())
                    .col(blob("bytes"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_export_file_export_id")
                            .from("export_file", "export_id")
                            .to("export", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_export_file_expires_at").table("export_file").col("expires_at").to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("export_file").to_owned()).await?;
        manager.drop_table(Table::drop().table("export").to_owned()).await
    }
}
