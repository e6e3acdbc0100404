//! Periods that were closed, with their facts.

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
                    .table("closing")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("period"))
                    .col(date("first_day"))
                    .col(date("last_day"))
                    .col(big_integer("data_version"))
                    .col(big_integer("closed_by"))
                    .col(timestamp_with_time_zone("closed_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_closing_network_id")
                            .from("closing", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_closing_closed_by")
                            .from("closing", "closed_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_closing_network_id_last_day")
                    .table("closing")
                    .col("network_id")
                    .col("last_day")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("closing_fact")
                    .col(big_pk_auto("id"))
                    .col(big_integer("closing_id"))
                    .col(text("facts"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_closing_fact_closing_id")
                            .from("closing_fact", "closing_id")
                            .to("closing", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_closing_fact_closing_id").table("closing_fact").col("closing_id").to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["closing_fact", "closing"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
