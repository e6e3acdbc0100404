//! What persons decide: judgements of units and items, quality coefficients of items.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, date, text, text_null, timestamp_with_time_zone,
};

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
                    .table("judgement")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("unit_id"))
                    .col(big_integer_null("submission_id"))
                    .col(text("kind"))
                    .col(text_null("origin"))
                    .col(big_integer("points"))
                    .col(text("evidence"))
                    .col(date("judged_on"))
                    .col(big_integer("decided_by"))
                    .col(timestamp_with_time_zone("decided_at"))
                    .foreign_key(&mut key("judgement", "network_id", "network"))
                    .foreign_key(&mut key("judgement", "unit_id", "unit"))
                    .foreign_key(&mut key("judgement", "submission_id", "submission"))
                    .foreign_key(&mut key("judgement", "decided_by", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_judgement_network_id_judged_on")
                    .table("judgement")
                    .col("network_id")
                    .col("judged_on")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("quality_coefficient")
                    .col(big_pk_auto("id"))
                    .col(big_integer("submission_id"))
                    .col(big_integer("coefficient"))
                    .col(text("reason"))
                    .col(big_integer("decided_by"))
                    .col(timestamp_with_time_zone("decided_at"))
                    .foreign_key(&mut key("quality_coefficient", "submission_id", "submission"))
                    .foreign_key(&mut key("quality_coefficient", "decided_by", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_quality_coefficient_submission_id")
                    .table("quality_coefficient")
                    .col("submission_id")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["quality_coefficient", "judgement"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
