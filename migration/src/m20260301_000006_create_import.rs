//! Figures taken over from published tables.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, date, text, text_null, timestamp_with_time_zone,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("import_batch")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("source"))
                    .col(text("sha256"))
                    .col(text("title"))
                    .col(big_integer("row_count"))
                    .col(big_integer("tally_count"))
                    .col(big_integer_null("imported_by"))
                    .col(timestamp_with_time_zone("imported_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_import_batch_network_id")
                            .from("import_batch", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_import_batch_imported_by")
                            .from("import_batch", "imported_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_import_batch_network_id_sha256")
                    .table("import_batch")
                    .col("network_id")
                    .col("sha256")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("tally")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("batch_id"))
                    .col(big_integer("unit_id"))
                    .col(text("event"))
                    .col(text_null("publication"))
                    .col(text_null("class"))
                    .col(text_null("kind"))
                    .col(text_null("level"))
                    .col(text_null("outcome"))
                    .col(big_integer("count"))
                    .col(date("dated_on"))
                    .col(text("cell"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_tally_network_id")
                            .from("tally", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_tally_batch_id")
                            .from("tally", "batch_id")
                            .to("import_batch", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create().name("fk_tally_unit_id").from("tally", "unit_id").to("unit", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_tally_network_id_dated_on")
                    .table("tally")
                    .col("network_id")
                    .col("dated_on")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_tally_batch_id_cell")
                    .table("tally")
                    .col("batch_id")
                    .col("cell")
                    .unique()
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["tally", "import_batch"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
