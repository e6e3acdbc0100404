//! Notices: runs, what is to be said to whom, and what became of it.

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
                    .table("notice_run")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("rule"))
                    .col(text("kind"))
                    .col(text("period"))
                    .col(text("state"))
                    .col(text_null("reason"))
                    .col(big_integer("template_version"))
                    .col(big_integer_null("circular_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(big_integer_null("approved_by"))
                    .col(timestamp_with_time_zone_null("approved_at"))
                    .col(timestamp_with_time_zone_null("released_at"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_notice_run_network_id")
                            .from("notice_run", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_notice_run_approved_by")
                            .from("notice_run", "approved_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_notice_run_network_id_rule_period")
                    .table("notice_run")
                    .col("network_id")
                    .col("rule")
                    .col("period")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("notice")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("run_id"))
                    .col(big_integer("recipient_id"))
                    .col(big_integer_null("unit_id"))
                    .col(text("channel"))
                    .col(text("template"))
                    .col(big_integer("template_version"))
                    .col(text("parameters"))
                    .col(text("text"))
                    .col(big_integer("segments"))
                    .col(text("state"))
                    .col(big_integer("round"))
                    .col(big_integer("attempt"))
                    .col(timestamp_with_time_zone_null("next_attempt_at"))
                    .col(text_null("leased_by"))
                    .col(timestamp_with_time_zone_null("lease_until"))
                    .col(big_integer("fence"))
                    .col(text("dedupe_key"))
                    .col(timestamp_with_time_zone_null("submitted_at"))
                    .col(timestamp_with_time_zone_null("delivered_at"))
                    .col(timestamp_with_time_zone_null("dead_at"))
                    .col(text_null("failure"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_notice_network_id")
                            .from("notice", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create().name("fk_notice_run_id").from("notice", "run_id").to("notice_run", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_notice_recipient_id")
                            .from("notice", "recipient_id")
                            .to("person", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create().name("fk_notice_unit_id").from("notice", "unit_id").to("unit", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_notice_run_id_recipient_id_channel_template_version")
                    .table("notice")
                    .col("run_id")
                    .col("recipient_id")
                    .col("channel")
                    .col("template_version")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("uq_notice_dedupe_key").table("notice").col("dedupe_key").unique().to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_notice_network_id_recipient_id_state")
                    .table("notice")
                    .col("network_id")
                    .col("recipient_id")
                    .col("state")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_notice_network_id_state")
                    .table("notice")
                    .col("network_id")
                    .col("state")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_notice_state_lease_until")
                    .table("notice")
                    .col("state")
                    .col("lease_until")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("notice_attempt")
                    .col(big_pk_auto("id"))
                    .col(big_integer("notice_id"))
                    .col(big_integer("round"))
                    .col(big_integer("number"))
                    .col(big_integer("event_id"))
                    .col(big_integer("fence"))
                    .col(text("leased_by"))
                    .col(timestamp_with_time_zone("leased_at"))
                    .col(timestamp_with_time_zone_null("decided_at"))
                    .col(text_null("outcome"))
                    .col(text_null("failure_class"))
                    .col(text_null("gateway_code"))
                    .col(text_null("gateway_text"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_notice_attempt_notice_id")
                            .from("notice_attempt", "notice_id")
                            .to("notice", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_notice_attempt_notice_id_round_number")
                    .table("notice_attempt")
                    .col("notice_id")
                    .col("round")
                    .col("number")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("gateway_message")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("gateway_id"))
                    .col(big_integer("notice_id"))
                    .col(big_integer("round"))
                    .col(big_integer_null("segment"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_gateway_message_network_id")
                            .from("gateway_message", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_gateway_message_notice_id")
                            .from("gateway_message", "notice_id")
                            .to("notice", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_gateway_message_network_id_gateway_id")
                    .table("gateway_message")
                    .col("network_id")
                    .col("gateway_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_gateway_message_notice_id")
                    .table("gateway_message")
                    .col("notice_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("notice_receipt")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("gateway_id"))
                    .col(big_integer("segment"))
                    .col(text("status"))
                    .col(text_null("gateway_code"))
                    .col(text_null("gateway_text"))
                    .col(big_integer_null("notice_id"))
                    .col(timestamp_with_time_zone("reported_at"))
                    .col(timestamp_with_time_zone("received_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_notice_receipt_network_id")
                            .from("notice_receipt", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_notice_receipt_notice_id")
                            .from("notice_receipt", "notice_id")
                            .to("notice", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_notice_receipt_network_id_gateway_id_segment_status")
                    .table("notice_receipt")
                    .col("network_id")
                    .col("gateway_id")
                    .col("segment")
                    .col("status")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_notice_receipt_notice_id").table("notice_receipt").col("notice_id").to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["notice_receipt", "gateway_message", "notice_attempt", "notice", "notice_run"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
