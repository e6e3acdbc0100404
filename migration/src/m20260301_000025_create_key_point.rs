//! Key points of a week or a month, and the submissions that answer them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, date, text, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn reference(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_{column}")).from(table, column).to(to, "id").to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("key_point_list")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("period"))
                    .col(date("first_day"))
                    .col(date("last_day"))
                    .col(big_integer("published_by"))
                    .col(timestamp_with_time_zone("published_at"))
                    .col(big_integer("version"))
                    .foreign_key(&mut reference("key_point_list", "network_id", "network"))
                    .foreign_key(&mut reference("key_point_list", "published_by", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("key_point")
                    .col(big_pk_auto("id"))
                    .col(big_integer("list_id"))
                    .col(big_integer("position"))
                    .col(text("topic"))
                    .col(text("requirement"))
                    .foreign_key(&mut reference("key_point", "list_id", "key_point_list"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("key_point_answer")
                    .col(big_pk_auto("id"))
                    .col(big_integer("key_point_id"))
                    .col(big_integer("submission_id"))
                    .col(big_integer("unit_id"))
                    .col(timestamp_with_time_zone("linked_at"))
                    .foreign_key(&mut reference("key_point_answer", "key_point_id", "key_point"))
                    .foreign_key(&mut reference("key_point_answer", "submission_id", "submission"))
                    .foreign_key(&mut reference("key_point_answer", "unit_id", "unit"))
                    .to_owned(),
            )
            .await?;
        for (name, table, columns, unique) in [
            ("uq_key_point_list_network_id_period", "key_point_list", ["network_id", "period"], true),
            ("uq_key_point_list_id_position", "key_point", ["list_id", "position"], true),
            ("uq_key_point_answer", "key_point_answer", ["key_point_id", "submission_id"], true),
            ("ix_key_point_answer_submission_id", "key_point_answer", ["submission_id", "id"], false),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(column);
            }
            if unique {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["key_point_answer", "key_point", "key_point_list"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
