//! An adoption and an endorsement can be revoked, and what that takes from closed periods is a line of its own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, date, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// One adoption of a submission by a publication that stands. Written out, because an index over some of the rows cannot be said
/// otherwise; both databases read it.
const ONE_THAT_STANDS: &str = "CREATE UNIQUE INDEX uq_adoption_submission_id_publication_id_standing \
     ON adoption (submission_id, publication_id) WHERE revoked_at IS NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["adoption", "endorsement"] {
            for column in [
                timestamp_with_time_zone_null("revoked_at"),
                big_integer_null("revoked_by"),
                text_null("revoked_because"),
            ] {
                manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
            }
        }
        manager
            .drop_index(Index::drop().name("uq_adoption_submission_id_publication_id").table("adoption").to_owned())
            .await?;
        manager.get_connection().execute_unprepared(ONE_THAT_STANDS).await?;
        manager
            .create_table(
                Table::create()
                    .table("reversal")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("unit_id"))
                    .col(big_integer("submission_id"))
                    .col(big_integer_null("adoption_id"))
                    .col(big_integer_null("endorsement_id"))
                    .col(text("line"))
                    .col(date("line_day"))
                    .col(big_integer("rulebook_id"))
                    .col(text("rule"))
                    .col(text("clause"))
                    .col(text("title"))
                    .col(big_integer("points"))
                    .col(big_integer("money"))
                    .col(date("counts_on"))
                    .col(big_integer("recorded_by"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_reversal_submission_id")
                            .from("reversal", "submission_id")
                            .to("submission", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_reversal_submission_id").table("reversal").col("submission_id").to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("reversal").to_owned()).await?;
        manager
            .drop_index(
                Index::drop().name("uq_adoption_submission_id_publication_id_standing").table("adoption").to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_adoption_submission_id_publication_id")
                    .table("adoption")
                    .col("submission_id")
                    .col("publication_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        for table in ["endorsement", "adoption"] {
            for column in ["revoked_because", "revoked_by", "revoked_at"] {
                manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
            }
        }
        Ok(())
    }
}
