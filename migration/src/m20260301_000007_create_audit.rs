//! Who did what, chained by hash; and the answers already given to repeated requests.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, text, text_null, timestamp_with_time_zone,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("audit")
                    .col(big_pk_auto("id"))
                    .col(big_integer("chain"))
                    .col(big_integer("sequence"))
                    .col(timestamp_with_time_zone("at"))
                    .col(big_integer_null("actor_id"))
                    .col(text("action"))
                    .col(text("object_kind"))
                    .col(big_integer("object_id"))
                    .col(text_null("from_state"))
                    .col(text_null("to_state"))
                    .col(text("details"))
                    .col(text("previous_hash"))
                    .col(text("hash"))
                    .foreign_key(
                        ForeignKey::create().name("fk_audit_actor_id").from("audit", "actor_id").to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_audit_chain_sequence")
                    .table("audit")
                    .col("chain")
                    .col("sequence")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_audit_object_kind_object_id")
                    .table("audit")
                    .col("object_kind")
                    .col("object_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("ix_audit_actor_id").table("audit").col("actor_id").to_owned())
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("audit_head")
                    .col(big_integer("chain"))
                    .col(big_integer("sequence"))
                    .col(text("hash"))
                    .primary_key(Index::create().col("chain"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("idempotency")
                    .col(big_integer("actor_id"))
                    .col(text("key"))
                    .col(text("operation"))
                    .col(text("request_hash"))
                    .col(text("outcome"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("actor_id").col("key"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_idempotency_actor_id")
                            .from("idempotency", "actor_id")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("ix_idempotency_created_at").table("idempotency").col("created_at").to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["idempotency", "audit_head", "audit"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
