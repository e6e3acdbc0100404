//! Urgent events with their timed reports, and the incidents that follow from them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn to(table: &str, column: &str, target: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(Alias::new(table), Alias::new(column))
        .to(Alias::new(target), "id")
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("urgent_event")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("unit_id"))
                    .col(text("title"))
                    .col(text("place"))
                    .col(timestamp_with_time_zone("occurred_at"))
                    .col(timestamp_with_time_zone_null("ended_at"))
                    .col(text("state"))
                    .col(text_null("closed_because"))
                    .col(big_integer("opened_by"))
                    .col(timestamp_with_time_zone("opened_at"))
                    .col(big_integer("version"))
                    .foreign_key(&mut to("urgent_event", "network_id", "network"))
                    .foreign_key(&mut to("urgent_event", "unit_id", "unit"))
                    .foreign_key(&mut to("urgent_event", "opened_by", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_urgent_event_network_id_state")
                    .table("urgent_event")
                    .col("network_id")
                    .col("state")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("urgent_report")
                    .col(big_pk_auto("id"))
                    .col(big_integer("event_id"))
                    .col(text("stage"))
                    .col(big_integer_null("submission_id"))
                    .col(big_integer_null("head_submission_id"))
                    .col(text_null("text"))
                    .col(timestamp_with_time_zone_null("due_at"))
                    .col(timestamp_with_time_zone("reported_at"))
                    .col(big_integer_null("late_by"))
                    .col(big_integer("reported_by"))
                    .foreign_key(&mut to("urgent_report", "event_id", "urgent_event"))
                    .foreign_key(&mut to("urgent_report", "submission_id", "submission"))
                    .foreign_key(&mut to("urgent_report", "head_submission_id", "submission"))
                    .foreign_key(&mut to("urgent_report", "reported_by", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_urgent_report_event_id").table("urgent_report").col("event_id").to_owned(),
            )
            .await?;
        // An item reports one part of one event.
        manager
            .create_index(
                Index::create()
                    .name("uq_urgent_report_submission_id")
                    .table("urgent_report")
                    .col("submission_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        // SQLite adds one column at a time.
        for column in [
            big_integer_null("urgent_event_id"),
            text_null("urgent_stage"),
            timestamp_with_time_zone_null("urgent_due_at"),
        ] {
            manager.alter_table(Table::alter().table("incident").add_column(column).to_owned()).await?;
        }
        // One part that is late or missed is one incident, however often and by whomever that is found out.
        manager
            .create_index(
                Index::create()
                    .name("uq_incident_urgent_event_id_urgent_stage_urgent_due_at")
                    .table("incident")
                    .col("urgent_event_id")
                    .col("urgent_stage")
                    .col("urgent_due_at")
                    .unique()
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = "uq_incident_urgent_event_id_urgent_stage_urgent_due_at";
        manager.drop_index(Index::drop().name(index).table("incident").to_owned()).await?;
        for column in ["urgent_due_at", "urgent_stage", "urgent_event_id"] {
            manager.alter_table(Table::alter().table("incident").drop_column(column).to_owned()).await?;
        }
        for table in ["urgent_report", "urgent_event"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
