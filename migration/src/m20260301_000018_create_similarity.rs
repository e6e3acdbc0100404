//! Submissions that say nearly the same: the bands by which candidates are found, and the likenesses that were found.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("submission_band")
                    .col(big_integer("band"))
                    .col(big_integer("submission_id"))
                    .primary_key(Index::create().name("pk_submission_band").col("band").col("submission_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_submission_band_submission_id")
                            .from("submission_band", "submission_id")
                            .to("submission", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_submission_band_submission_id")
                    .table("submission_band")
                    .col("submission_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("similarity")
                    .col(big_pk_auto("id"))
                    .col(big_integer("submission_id"))
                    .col(big_integer("other_id"))
                    .col(big_integer("likeness"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_similarity_submission_id")
                            .from("similarity", "submission_id")
                            .to("submission", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_similarity_other_id")
                            .from("similarity", "other_id")
                            .to("submission", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_similarity_submission_id_other_id")
                    .table("similarity")
                    .col("submission_id")
                    .col("other_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("ix_similarity_other_id").table("similarity").col("other_id").to_owned())
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["similarity", "submission_band"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
