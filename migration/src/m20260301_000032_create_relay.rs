//! The way of a submission through the networks above, and what came back from there.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, text, text_null, timestamp_with_time_zone,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("relay")
                    .col(big_pk_auto("id"))
                    .col(big_integer("lower_id"))
                    .col(big_integer("lower_network_id"))
                    .col(big_integer("upper_id"))
                    .col(big_integer("upper_network_id"))
                    .col(text("to_level"))
                    .col(timestamp_with_time_zone("relayed_at"))
                    .foreign_key(&mut references("relay", "lower_id", "submission"))
                    .foreign_key(&mut references("relay", "lower_network_id", "network"))
                    .foreign_key(&mut references("relay", "upper_id", "submission"))
                    .foreign_key(&mut references("relay", "upper_network_id", "network"))
                    .to_owned(),
            )
            .await?;
        for (name, columns) in [
            ("uq_relay_lower_id_upper_network_id", &["lower_id", "upper_network_id"][..]),
            ("uq_relay_upper_id", &["upper_id"]),
        ] {
            manager.create_index(unique(name, "relay", columns)).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("echo")
                    .col(big_pk_auto("id"))
                    .col(big_integer("relay_id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("source_network_id"))
                    .col(big_integer_null("source_adoption_id"))
                    .col(big_integer_null("source_endorsement_id"))
                    .col(text_null("publication"))
                    .col(big_integer_null("adoption_id"))
                    .col(big_integer_null("endorsement_id"))
                    .col(timestamp_with_time_zone("told_at"))
                    .foreign_key(&mut references("echo", "relay_id", "relay"))
                    .foreign_key(&mut references("echo", "network_id", "network"))
                    .foreign_key(&mut references("echo", "source_network_id", "network"))
                    .foreign_key(&mut references("echo", "source_adoption_id", "adoption"))
                    .foreign_key(&mut references("echo", "source_endorsement_id", "endorsement"))
                    .foreign_key(&mut references("echo", "adoption_id", "adoption"))
                    .foreign_key(&mut references("echo", "endorsement_id", "endorsement"))
                    .to_owned(),
            )
            .await?;
        for (name, columns) in [
            ("uq_echo_relay_id_source_adoption_id", &["relay_id", "source_adoption_id"]),
            ("uq_echo_relay_id_source_endorsement_id", &["relay_id", "source_endorsement_id"]),
        ] {
            manager.create_index(unique(name, "echo", columns)).await?;
        }
        for (name, column) in [("ix_echo_adoption_id", "adoption_id"), ("ix_echo_endorsement_id", "endorsement_id")] {
            manager.create_index(Index::create().name(name).table("echo").col(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["echo", "relay"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn references(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_{column}")).from(table, column).to(to, "id").to_owned()
}

fn unique(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).unique().to_owned();
    for column in columns {
        index.col(*column);
    }
    index
}
