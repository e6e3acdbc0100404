//! Incidents have a life: proposed or recorded, then decided or dismissed. What was recorded before counts as it did.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, text, text_null, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: [&str; 6] = ["state", "points", "decided_by", "decided_at", "decided_because", "named_by"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [
            text("state").default("recorded").to_owned(),
            big_integer_null("points"),
            big_integer_null("decided_by"),
            timestamp_with_time_zone_null("decided_at"),
            text_null("decided_because"),
            text_null("named_by"),
        ] {
            manager.alter_table(Table::alter().table("incident").add_column(column).to_owned()).await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("ix_incident_network_id_state")
                    .table("incident")
                    .col("network_id")
                    .col("state")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("ix_incident_network_id_state").table("incident").to_owned()).await?;
        for column in COLUMNS.into_iter().rev() {
            manager.alter_table(Table::alter().table("incident").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
