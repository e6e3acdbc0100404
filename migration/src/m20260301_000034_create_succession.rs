//! Units change: former names, and who stands in for whom after a merger, a split or a closure.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, boolean, date, text, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("unit_name")
                    .col(big_pk_auto("id"))
                    .col(big_integer("unit_id"))
                    .col(text("name"))
                    .col(date("first_day"))
                    .col(date("last_day"))
                    .foreign_key(&mut references("unit_name", "unit_id", "unit"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("succession")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("kind"))
                    .col(date("first_day"))
                    .col(big_integer("recorded_by"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .col(timestamp_with_time_zone_null("undone_at"))
                    .col(big_integer("version"))
                    .foreign_key(&mut references("succession", "network_id", "network"))
                    .foreign_key(&mut references("succession", "recorded_by", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("succession_link")
                    .col(big_pk_auto("id"))
                    .col(big_integer("succession_id"))
                    .col(big_integer("predecessor_id"))
                    .col(big_integer_null("successor_id"))
                    .col(boolean("heir"))
                    .col(boolean("founded"))
                    .foreign_key(&mut references("succession_link", "succession_id", "succession"))
                    .foreign_key(&mut references("succession_link", "predecessor_id", "unit"))
                    .foreign_key(&mut references("succession_link", "successor_id", "unit"))
                    .to_owned(),
            )
            .await?;
        for (table, column) in [
            ("unit_name", "unit_id"),
            ("succession", "network_id"),
            ("succession_link", "succession_id"),
            ("succession_link", "predecessor_id"),
            ("succession_link", "successor_id"),
        ] {
            let name = format!("ix_{table}_{column}");
            manager.create_index(Index::create().name(name).table(table).col(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["succession_link", "succession", "unit_name"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn references(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_{column}")).from(table, column).to(to, "id").to_owned()
}
