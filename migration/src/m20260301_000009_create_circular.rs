//! Results of closed periods as they were published.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, date, text, text_null, timestamp_with_time_zone,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("circular")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("period"))
                    .col(date("first_day"))
                    .col(date("last_day"))
                    .col(text("kind"))
                    .col(big_integer("edition"))
                    .col(text("state"))
                    .col(text("sha256"))
                    .col(text("rows"))
                    .col(text("rulebooks"))
                    .col(big_integer("data_version"))
                    .col(big_integer_null("previous_id"))
                    .col(text("corrections"))
                    .col(text_null("diff"))
                    .col(text_null("reason"))
                    .col(big_integer("published_by"))
                    .col(timestamp_with_time_zone("published_at"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_circular_network_id")
                            .from("circular", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_circular_previous_id")
                            .from("circular", "previous_id")
                            .to("circular", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_circular_published_by")
                            .from("circular", "published_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_circular_network_id_period_edition")
                    .table("circular")
                    .col("network_id")
                    .col("period")
                    .col("edition")
                    .unique()
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("circular").to_owned()).await
    }
}
