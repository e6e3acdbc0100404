//! How the office judged a submission by the screening criteria.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, boolean_null, text, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("appraisal")
                    .col(big_pk_auto("id"))
                    .col(big_integer("submission_id"))
                    .col(text("decision"))
                    .col(boolean_null("worth_spreading"))
                    .col(boolean_null("accurate"))
                    .col(boolean_null("timely"))
                    .col(boolean_null("targeted"))
                    .col(big_integer("appraised_by"))
                    .col(timestamp_with_time_zone("appraised_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_appraisal_submission_id")
                            .from("appraisal", "submission_id")
                            .to("submission", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_appraisal_appraised_by")
                            .from("appraisal", "appraised_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_appraisal_submission_id").table("appraisal").col("submission_id").to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("appraisal").to_owned()).await
    }
}
