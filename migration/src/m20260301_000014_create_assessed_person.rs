//! Which member of a network stands for which person.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A foreign key of the table, named after its column.
fn key(column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_assessed_person_{column}"))
        .from("assessed_person", column)
        .to(to, "id")
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("assessed_person")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("unit_id"))
                    .col(big_integer("person_id"))
                    .col(big_integer("set_by"))
                    .col(timestamp_with_time_zone("set_at"))
                    .foreign_key(&mut key("network_id", "network"))
                    .foreign_key(&mut key("unit_id", "unit"))
                    .foreign_key(&mut key("person_id", "person"))
                    .foreign_key(&mut key("set_by", "person"))
                    .to_owned(),
            )
            .await?;
        for (name, other) in [
            ("uq_assessed_person_network_id_unit_id", "unit_id"),
            ("uq_assessed_person_network_id_person_id", "person_id"),
        ] {
            manager
                .create_index(
                    Index::create()
                        .name(name)
                        .table("assessed_person")
                        .col("network_id")
                        .col(other)
                        .unique()
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("assessed_person").to_owned()).await
    }
}
