//! Appeals against lines of the ledger.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, date, date_null, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let key = |name: &str, column: &'static str, table: &'static str| {
            ForeignKey::create().name(name).from("appeal", column).to(table, "id").to_owned()
        };
        manager
            .create_table(
                Table::create()
                    .table("appeal")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("unit_id"))
                    .col(text("line"))
                    .col(date("line_day"))
                    .col(big_integer("rulebook_id"))
                    .col(text("rule"))
                    .col(text("clause"))
                    .col(text("title"))
                    .col(big_integer_null("submission_id"))
                    .col(big_integer("points"))
                    .col(big_integer("money"))
                    .col(text("reason"))
                    .col(text("state"))
                    .col(big_integer("raised_by"))
                    .col(timestamp_with_time_zone("raised_at"))
                    .col(big_integer_null("decided_by"))
                    .col(timestamp_with_time_zone_null("decided_at"))
                    .col(text_null("decision"))
                    .col(date_null("counts_on"))
                    .col(big_integer("version"))
                    .foreign_key(&mut key("fk_appeal_network_id", "network_id", "network"))
                    .foreign_key(&mut key("fk_appeal_unit_id", "unit_id", "unit"))
                    .foreign_key(&mut key("fk_appeal_rulebook_id", "rulebook_id", "rulebook_version"))
                    .foreign_key(&mut key("fk_appeal_submission_id", "submission_id", "submission"))
                    .foreign_key(&mut key("fk_appeal_raised_by", "raised_by", "person"))
                    .foreign_key(&mut key("fk_appeal_decided_by", "decided_by", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_appeal_network_id_line")
                    .table("appeal")
                    .col("network_id")
                    .col("line")
                    .unique()
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("appeal").to_owned()).await
    }
}
