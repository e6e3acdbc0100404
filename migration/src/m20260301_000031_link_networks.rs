//! Networks stand upon each other: an office is a unit of the network above it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column per statement, and only such as old rows can have.
        for column in [big_integer_null("owner_id"), text_null("level_above"), big_integer("version").default(1).take()]
        {
            manager.alter_table(Table::alter().table("network").add_column(column).to_owned()).await?;
        }
        manager
            .create_index(Index::create().name("ix_network_owner_id").table("network").col("owner_id").to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("ix_network_owner_id").table("network").to_owned()).await?;
        for column in ["version", "level_above", "owner_id"] {
            manager.alter_table(Table::alter().table("network").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
