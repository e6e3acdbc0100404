//! Incidents, and the upkeep of a unit's own information work.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, boolean, date, date_null, text, timestamp_with_time_zone,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    #[expect(clippy::too_many_lines, reason = "a list of tables reads best in one piece")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("incident")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("unit_id"))
                    .col(big_integer_null("submission_id"))
                    .col(text("kind"))
                    .col(text("evidence"))
                    .col(date("occurred_on"))
                    .col(big_integer("recorded_by"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_incident_network_id")
                            .from("incident", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create().name("fk_incident_unit_id").from("incident", "unit_id").to("unit", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_incident_submission_id")
                            .from("incident", "submission_id")
                            .to("submission", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_incident_recorded_by")
                            .from("incident", "recorded_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_incident_network_id_occurred_on")
                    .table("incident")
                    .col("network_id")
                    .col("occurred_on")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("training")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("unit_id"))
                    .col(text("kind"))
                    .col(text("title"))
                    .col(date("held_on"))
                    .col(big_integer("attendees"))
                    .col(boolean("planned"))
                    .col(boolean("completed"))
                    .col(boolean("on_time"))
                    .col(boolean("violation"))
                    .col(big_integer("recorded_by"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_training_network_id")
                            .from("training", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create().name("fk_training_unit_id").from("training", "unit_id").to("unit", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_training_recorded_by")
                            .from("training", "recorded_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_training_network_id_held_on")
                    .table("training")
                    .col("network_id")
                    .col("held_on")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("staffing")
                    .col(big_pk_auto("id"))
                    .col(big_integer("network_id"))
                    .col(big_integer("unit_id"))
                    .col(big_integer_null("person_id"))
                    .col(text("name"))
                    .col(text("duty"))
                    .col(date("first_day"))
                    .col(date_null("last_day"))
                    .col(big_integer("recorded_by"))
                    .col(timestamp_with_time_zone("recorded_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_staffing_network_id")
                            .from("staffing", "network_id")
                            .to("network", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create().name("fk_staffing_unit_id").from("staffing", "unit_id").to("unit", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_staffing_person_id")
                            .from("staffing", "person_id")
                            .to("person", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_staffing_recorded_by")
                            .from("staffing", "recorded_by")
                            .to("person", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("ix_staffing_network_id_unit_id")
                    .table("staffing")
                    .col("network_id")
                    .col("unit_id")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["staffing", "training", "incident"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
