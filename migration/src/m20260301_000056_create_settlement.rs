//! Settlements of awards, their lines, and decisions on ties.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, date, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(settlement()).await?;
        for (name, columns) in [
            ("uq_settlement_network_id_period_number", ["network_id", "period", "number"].as_slice()),
            ("uq_settlement_network_id_approval", &["network_id", "approval"]),
            ("uq_settlement_draft_of", &["draft_of"]),
        ] {
            let mut index = Index::create().name(name).table("settlement").unique().to_owned();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        manager.create_table(settlement_line()).await?;
        for column in ["settlement_id", "network_id"] {
            let name = format!("ix_settlement_line_{column}");
            let index = Index::create().name(&name).table("settlement_line").col(column).to_owned();
            manager.create_index(index).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("tie_decision")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("period"))
                    .col(text("award"))
                    .col(text("winners"))
                    .col(text("reason"))
                    .col(big_integer("decided_by"))
                    .col(timestamp_with_time_zone("decided_at"))
                    .foreign_key(&mut key("tie_decision", "network_id", "network"))
                    .foreign_key(&mut key("tie_decision", "decided_by", "person"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["tie_decision", "settlement_line", "settlement"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn key(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_{column}")).from(table, column).to(to, "id").to_owned()
}

fn settlement() -> TableCreateStatement {
    Table::create()
        .table("settlement")
        .col(big_pk_auto("id"))
        .col(big_integer("network_id"))
        .col(text("period"))
        .col(date("first_day"))
        .col(date("last_day"))
        .col(big_integer("number"))
        .col(text("kind"))
        .col(text("state"))
        .col(big_integer("circular_id"))
        .col(big_integer_null("reverses_id"))
        .col(big_integer("total"))
        .col(text_null("reason"))
        .col(big_integer("drafted_by"))
        .col(timestamp_with_time_zone("drafted_at"))
        .col(big_integer_null("approved_by"))
        .col(timestamp_with_time_zone_null("approved_at"))
        .col(big_integer_null("approval"))
        .col(text_null("draft_of"))
        .col(big_integer("version"))
        .foreign_key(&mut key("settlement", "network_id", "network"))
        .foreign_key(&mut key("settlement", "circular_id", "circular"))
        .foreign_key(&mut key("settlement", "reverses_id", "settlement"))
        .foreign_key(&mut key("settlement", "drafted_by", "person"))
        .foreign_key(&mut key("settlement", "approved_by", "person"))
        .to_owned()
}

fn settlement_line() -> TableCreateStatement {
    Table::create()
        .table("settlement_line")
        .col(big_pk_auto("id"))
        .col(big_integer("network_id"))
        .col(big_integer("settlement_id"))
        .col(big_integer("position"))
        .col(text("key"))
        .col(text("kind"))
        .col(text("award"))
        .col(big_integer("rulebook_id"))
        .col(text("clause"))
        .col(text("title"))
        .col(text_null("category"))
        .col(big_integer("unit_id"))
        .col(text("unit_name"))
        .col(big_integer_null("submission_id"))
        .col(big_integer_null("person_id"))
        .col(text_null("person_name"))
        .col(text_null("editor"))
        .col(big_integer_null("share"))
        .col(big_integer_null("rank"))
        .col(big_integer_null("points"))
        .col(date("day"))
        .col(big_integer("due"))
        .col(big_integer("paid_before"))
        .col(big_integer("amount"))
        .col(text("outcome"))
        .col(text_null("tie"))
        .col(text("reason"))
        .col(text("bars"))
        .foreign_key(&mut key("settlement_line", "network_id", "network"))
        .foreign_key(&mut key("settlement_line", "settlement_id", "settlement"))
        .foreign_key(&mut key("settlement_line", "rulebook_id", "rulebook_version"))
        .foreign_key(&mut key("settlement_line", "unit_id", "unit"))
        .foreign_key(&mut key("settlement_line", "submission_id", "submission"))
        .foreign_key(&mut key("settlement_line", "person_id", "person"))
        .to_owned()
}
