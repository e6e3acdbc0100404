//! What the office keeps of an endorsement beside its words: who may read them, and what the unit did about it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, date_null, text_null, timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite changes one column at a time.
        for column in columns() {
            manager.alter_table(Table::alter().table("endorsement").add_column(column).to_owned()).await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("ix_endorsement_network_id_follow_up_due_on")
                    .table("endorsement")
                    .col("network_id")
                    .col("follow_up_due_on")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop().name("ix_endorsement_network_id_follow_up_due_on").table("endorsement").to_owned(),
            )
            .await?;
        for mut column in columns().into_iter().rev() {
            let name = column.take().get_column_name();
            manager.alter_table(Table::alter().table("endorsement").drop_column(name).to_owned()).await?;
        }
        Ok(())
    }
}

fn columns() -> Vec<ColumnDef> {
    vec![
        text_null("leader_rank"),
        boolean("confidential").default(false).take(),
        text_null("confidential_parts"),
        date_null("follow_up_due_on"),
        date_null("followed_up_on"),
        text_null("follow_up"),
        big_integer_null("follow_up_id"),
        big_integer_null("followed_up_by"),
        timestamp_with_time_zone_null("followed_up_at"),
        big_integer("version").default(1).take(),
    ]
}
