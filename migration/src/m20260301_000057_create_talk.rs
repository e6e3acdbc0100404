//! Talks with units that are behind.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, date_null, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let key = |column: &'static str, to: &'static str| {
            ForeignKey::create().name(format!("fk_talk_{column}")).from("talk", column).to(to, "id").to_owned()
        };
        manager
            .create_table(
                Table::create()
                    .table("talk")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("unit_id"))
                    .col(text("period"))
                    .col(big_integer("circular_id"))
                    .col(text("reasons"))
                    .col(text("state"))
                    .col(big_integer("called_by"))
                    .col(timestamp_with_time_zone("called_at"))
                    .col(date_null("held_on"))
                    .col(text_null("participants"))
                    .col(text_null("measures"))
                    .col(date_null("follow_up_due"))
                    .col(text_null("result"))
                    .col(big_integer_null("recorded_by"))
                    .col(timestamp_with_time_zone_null("recorded_at"))
                    .col(big_integer("version"))
                    .foreign_key(&mut key("network_id", "network"))
                    .foreign_key(&mut key("unit_id", "unit"))
                    .foreign_key(&mut key("circular_id", "circular"))
                    .foreign_key(&mut key("called_by", "person"))
                    .foreign_key(&mut key("recorded_by", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_talk_network_id_period_unit_id")
                    .table("talk")
                    .col("network_id")
                    .col("period")
                    .col("unit_id")
                    .unique()
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("talk").to_owned()).await
    }
}
