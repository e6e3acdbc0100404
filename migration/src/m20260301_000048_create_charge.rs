//! Who in the office answers for which units: mayor, vice-mayors, secretaries-general.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_pk_auto, text, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn to(table: &str, column: &str, target: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(Alias::new(table), Alias::new(column))
        .to(Alias::new(target), "id")
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("charge")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("person_id"))
                    .col(text("post"))
                    .col(big_integer("changed_by"))
                    .col(timestamp_with_time_zone("changed_at"))
                    .col(timestamp_with_time_zone_null("ended_at"))
                    .col(big_integer("version"))
                    .foreign_key(&mut to("charge", "network_id", "network"))
                    .foreign_key(&mut to("charge", "person_id", "person"))
                    .foreign_key(&mut to("charge", "changed_by", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_charge_network_id_person_id_post")
                    .table("charge")
                    .col("network_id")
                    .col("person_id")
                    .col("post")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("charge_unit")
                    .col(big_pk_auto("id"))
                    .col(big_integer("charge_id"))
                    .col(big_integer("unit_id"))
                    .foreign_key(&mut to("charge_unit", "charge_id", "charge"))
                    .foreign_key(&mut to("charge_unit", "unit_id", "unit"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_charge_unit_charge_id_unit_id")
                    .table("charge_unit")
                    .col("charge_id")
                    .col("unit_id")
                    .unique()
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["charge_unit", "charge"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
