//! When notices are due, what is wrong with a draft, and what was read.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, text, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("notice_run", timestamp_with_time_zone_null("due_at")),
            ("notice_run", big_integer_null("drafted_by")),
            ("notice_run", text("gaps").default("[]").to_owned()),
            ("notice", text("units").default("[]").to_owned()),
            ("notice", timestamp_with_time_zone_null("read_at")),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("notice_watch")
                    .col(big_integer("network_id").primary_key())
                    .col(timestamp_with_time_zone("since"))
                    .col(timestamp_with_time_zone("looked_until"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_notice_watch_network_id")
                            .from("notice_watch", "network_id")
                            .to("network", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        // Networks that are there already are told nothing of what happened before.
        manager
            .get_connection()
            .execute_unprepared(
                "INSERT INTO notice_watch (network_id, since, looked_until) \
                 SELECT id, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM network",
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("notice_watch").to_owned()).await?;
        for (table, column) in [
            ("notice", "read_at"),
            ("notice", "units"),
            ("notice_run", "gaps"),
            ("notice_run", "drafted_by"),
            ("notice_run", "due_at"),
        ] {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
