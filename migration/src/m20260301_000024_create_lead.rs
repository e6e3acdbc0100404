//! Leads from the office's sections, and what became of them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn reference(column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_lead_{column}")).from("lead", column).to(to, "id").to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("lead")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer_null("unit_id"))
                    .col(text("section"))
                    .col(text("text"))
                    .col(text("state"))
                    .col(big_integer("recorded_by"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .col(big_integer_null("commission_id"))
                    .col(text_null("dismissed_because"))
                    .col(big_integer_null("screened_by"))
                    .col(timestamp_with_time_zone_null("screened_at"))
                    .col(big_integer("version"))
                    .foreign_key(&mut reference("network_id", "network"))
                    .foreign_key(&mut reference("unit_id", "unit"))
                    .foreign_key(&mut reference("recorded_by", "person"))
                    .foreign_key(&mut reference("commission_id", "commission"))
                    .foreign_key(&mut reference("screened_by", "person"))
                    .to_owned(),
            )
            .await?;
        for (name, columns) in [
            ("ix_lead_network_id_state_id", vec!["network_id", "state", "id"]),
            ("ix_lead_commission_id", vec!["commission_id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("lead");
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("lead").to_owned()).await
    }
}
