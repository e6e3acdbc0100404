//! Working days and sending hours, as operators import them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, date, text_null, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("calendar_day")
                    .col(date("day").primary_key())
                    .col(boolean("working"))
                    .col(text_null("sends_from"))
                    .col(text_null("sends_until"))
                    .col(text_null("note"))
                    .col(timestamp_with_time_zone("imported_at"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("calendar_day").to_owned()).await
    }
}
