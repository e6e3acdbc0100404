//! One owner per event (归口): a second report of it points to the owner's.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer_null;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(Table::alter().table("submission").add_column(big_integer_null("owned_by_id")).to_owned())
            .await?;
        manager
            .create_index(
                Index::create().name("ix_submission_owned_by_id").table("submission").col("owned_by_id").to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("ix_submission_owned_by_id").table("submission").to_owned()).await?;
        manager.alter_table(Table::alter().table("submission").drop_column("owned_by_id").to_owned()).await
    }
}
