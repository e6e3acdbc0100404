//! The durable stream of notices: events, their numbers, who takes them, and what failures mean.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    #[expect(clippy::too_many_lines, reason = "a list of tables reads best in one piece")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("outbox_event")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("notice_id"))
                    .col(big_integer("recipient_id"))
                    .col(big_integer("round"))
                    .col(big_integer("attempt"))
                    .col(timestamp_with_time_zone("due_at"))
                    .col(big_integer_null("sequence"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("numbered_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_outbox_event_network_id")
                            .from("outbox_event", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_outbox_event_notice_id")
                            .from("outbox_event", "notice_id")
                            .to("notice", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_outbox_event_network_id_sequence")
                    .table("outbox_event")
                    .col("network_id")
                    .col("sequence")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_outbox_event_notice_id_round_attempt")
                    .table("outbox_event")
                    .col("notice_id")
                    .col("round")
                    .col("attempt")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_outbox_event_sequence_due_at")
                    .table("outbox_event")
                    .col("sequence")
                    .col("due_at")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("outbox_head")
                    .col(big_integer("network_id").primary_key())
                    .col(big_integer("tip"))
                    .col(big_integer("trimmed"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("consumer")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("name"))
                    .col(text("state"))
                    .col(text_null("paused_because"))
                    .col(timestamp_with_time_zone_null("paused_at"))
                    .col(big_integer("epoch"))
                    .col(timestamp_with_time_zone_null("connected_at"))
                    .col(timestamp_with_time_zone_null("last_lease_at"))
                    .col(timestamp_with_time_zone_null("last_ack_at"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_consumer_network_id")
                            .from("consumer", "network_id")
                            .to("network", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_consumer_network_id_name")
                    .table("consumer")
                    .col("network_id")
                    .col("name")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("failure_code")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("code"))
                    .col(text("class"))
                    .col(big_integer_null("changed_by"))
                    .col(timestamp_with_time_zone("changed_at"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_failure_code_network_id")
                            .from("failure_code", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_failure_code_changed_by")
                            .from("failure_code", "changed_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_failure_code_network_id_code")
                    .table("failure_code")
                    .col("network_id")
                    .col("code")
                    .unique()
                    .to_owned(),
            )
            .await?;
        // Networks that were founded before there were notices send them as well.
        manager
            .get_connection()
            .execute_unprepared(
                "INSERT INTO consumer (network_id, name, state, epoch, created_at, version) \
                 SELECT id, 'sms', 'active', 0, created_at, 1 FROM network",
            )
            .await?;
        manager
            .get_connection()
            .execute_unprepared("INSERT INTO outbox_head (network_id, tip, trimmed) SELECT id, 0, 0 FROM network")
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["failure_code", "consumer", "outbox_head", "outbox_event"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
