//! Requests for particular reports, and who has to answer them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_pk_auto, date_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("commission")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(text("topic"))
                    .col(text("requirement"))
                    .col(text_null("origin"))
                    .col(timestamp_with_time_zone("due_at"))
                    .col(text("state"))
                    .col(big_integer("issued_by"))
                    .col(timestamp_with_time_zone("issued_at"))
                    .col(text_null("closed_because"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_commission_network_id")
                            .from("commission", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_commission_issued_by")
                            .from("commission", "issued_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_commission_network_id_state_id")
                    .table("commission")
                    .col("network_id")
                    .col("state")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("commission_assignment")
                    .col(big_pk_auto("id"))
                    .col(big_integer("commission_id"))
                    .col(big_integer("unit_id"))
                    .col(timestamp_with_time_zone("due_at"))
                    .col(text("state"))
                    .col(timestamp_with_time_zone_null("answered_at"))
                    .col(text_null("outcome"))
                    .col(date_null("decided_on"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_commission_assignment_commission_id")
                            .from("commission_assignment", "commission_id")
                            .to("commission", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_commission_assignment_unit_id")
                            .from("commission_assignment", "unit_id")
                            .to("unit", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uq_commission_assignment_commission_id_unit_id")
                    .table("commission_assignment")
                    .col("commission_id")
                    .col("unit_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_commission_assignment_unit_id_state")
                    .table("commission_assignment")
                    .col("unit_id")
                    .col("state")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["commission_assignment", "commission"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
